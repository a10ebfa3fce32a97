// interval.c -- texts of intervals: fields from the greatest to the smallest with fixed signs
// between (INTERVAL '1 02:03:04.5' DAY TO SECOND), or numbers with units (INTERVAL 1 DAY 2 HOURS).
#include "expr/interval.h"
#include "base/civil.h"

Str interval_field(const Type *t, int32_t field)
{
    static const Str ym[] = {STR_INIT("YEAR"), STR_INIT("MONTH")};
    static const Str dt[] = {STR_INIT("DAY"), STR_INIT("HOUR"), STR_INIT("MINUTE"),
                             STR_INIT("SECOND")};
    return t->id == T_INTERVAL_YM ? ym[field] : dt[field];
}

// `[+|-]d h:m`, `INTERVAL [+|-]'[+|-]d h:m' DAY TO MINUTE`
static Str form_of(Arena *a, const Type *t)
{
    static const char *const ym[] = {"y", "m"}, *const dt[] = {"d", "h", "m", "s.n"};
    Buf b = buf_new(a), form = buf_new(a);
    for (int32_t f = t->first; f <= t->last; f++) {
        bool months = t->id == T_INTERVAL_YM;
        if (f > t->first) buf_char(&form, months ? '-' : f == DT_HOUR ? ' ' : ':');
        buf_put(&form, str_z(months ? ym[f] : dt[f]));
    }
    buf_fmt(&b, "`[+|-]" STR_FMT "`, `INTERVAL [+|-]'[+|-]" STR_FMT "' ", STR_ARG(buf_str(&form)),
            STR_ARG(buf_str(&form)));
    buf_put(&b, str_from(type_sql_str(a, t), 9)); // without INTERVAL
    buf_char(&b, '`');
    return buf_str(&b);
}

Status interval_unmatched(Arena *a, Str text, const Type *t)
{
    Str form = form_of(a, t), name = type_name_str(a, t);
    if (t->id == T_INTERVAL_YM)
        return RAISE(INVALID_INTERVAL_FORMAT_UNMATCHED, P("input", text), P("typeName", name),
                     P("intervalStr", S("year-month")), P("supportedFormat", form));
    return RAISE(INVALID_INTERVAL_FORMAT_WITH_NOTICE, P("input", text), P("typeName", name),
                 P("intervalStr", S("day-time")), P("supportedFormat", form));
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool take_number(Str *s, int64_t *v)
{
    int64_t n = 0, sum = 0;
    while (n < s->n && is_digit(s->p[n]))
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, s->p[n++] - '0', &sum))
            return false;
    *s = str_from(*s, n);
    *v = sum;
    return n > 0;
}

// Digits after the point as micros; those past the sixth count for nothing.
static bool take_fraction(Str *s, Micros *micros)
{
    *micros = 0;
    if (!s->n || s->p[0] != '.') return true;
    int64_t n = 1, unit = 100000;
    for (; n < s->n && is_digit(s->p[n]); n++, unit /= 10) *micros += (s->p[n] - '0') * unit;
    *s = str_from(*s, n);
    return n <= 10;
}

static bool take_word(Str *s, Str word)
{
    if (s->n < word.n || !str_ieq(str_of(s->p, word.n), word)) return false;
    *s = str_trim(str_from(*s, word.n));
    return true;
}

static bool take_sign(Str *s, bool *minus)
{
    if (!s->n || (s->p[0] != '-' && s->p[0] != '+')) return false;
    *minus ^= s->p[0] == '-';
    *s = str_from(*s, 1);
    return true;
}

// INTERVAL [+-]'body' FIRST [TO LAST] -> body; a text that is a body already stays.
static bool unwrap(Str *s, const Type *t, bool *minus)
{
    *s = str_trim(*s);
    *minus = false;
    if (!take_word(s, S("interval"))) return true;
    take_sign(s, minus);
    *s = str_trim(*s);
    int64_t close = str_rfind_char(*s, '\'');
    if (!s->n || s->p[0] != '\'' || close < 1) return false;
    Str fields = str_trim(str_from(*s, close + 1));
    *s = str_sub(*s, 1, close - 1);
    if (!take_word(&fields, interval_field(t, t->first))) return false;
    if (t->first != t->last)
        if (!take_word(&fields, S("to")) || !take_word(&fields, interval_field(t, t->last)))
            return false;
    return fields.n == 0;
}

bool interval_ym_read(Str s, const Type *t, int32_t *months)
{
    bool minus;
    int64_t v[2] = {0};
    if (!unwrap(&s, t, &minus)) return false;
    take_sign(&s, &minus);
    for (int32_t f = t->first; f <= t->last; f++) {
        if (f > t->first) {
            if (!s.n || s.p[0] != '-') return false;
            s = str_from(s, 1);
        }
        if (!take_number(&s, &v[f])) return false;
    }
    if (s.n || (t->first < t->last && v[1] > 11) || v[0] > INT32_MAX / 12) return false;
    int64_t sum = v[0] * 12 + v[1];
    sum = minus ? -sum : sum;
    *months = (int32_t)sum;
    return *months == sum;
}

bool interval_dt_read(Str s, const Type *t, Micros *micros)
{
    static const int64_t unit[] = {MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE,
                                   MICROS_PER_SECOND};
    static const int64_t limit[] = {INT64_MAX, 23, 59, 59};
    bool minus;
    if (!unwrap(&s, t, &minus)) return false;
    take_sign(&s, &minus);
    Micros sum = 0, fraction = 0;
    for (int32_t f = t->first; f <= t->last; f++) {
        int64_t v;
        if (f > t->first) {
            if (!s.n || s.p[0] != (f == DT_HOUR ? ' ' : ':')) return false;
            s = str_from(s, 1);
        }
        if (!take_number(&s, &v) || (f > t->first && v > limit[f])) return false;
        if (__builtin_mul_overflow(v, unit[f], &v) || __builtin_add_overflow(sum, v, &sum))
            return false;
    }
    if (t->last == DT_SECOND && !take_fraction(&s, &fraction)) return false;
    if (s.n || __builtin_add_overflow(sum, fraction, &sum)) return false;
    *micros = minus ? -sum : sum;
    return true;
}

typedef struct Unit {
    Str name;
    int32_t months, days;
    Micros micros;
} Unit;

static const Unit *find_unit(Str name)
{
    static const Unit units[] = {
        {STR_INIT("year"), 12, 0, 0},
        {STR_INIT("month"), 1, 0, 0},
        {STR_INIT("week"), 0, 7, 0},
        {STR_INIT("day"), 0, 1, 0},
        {STR_INIT("hour"), 0, 0, MICROS_PER_HOUR},
        {STR_INIT("minute"), 0, 0, MICROS_PER_MINUTE},
        {STR_INIT("second"), 0, 0, MICROS_PER_SECOND},
        {STR_INIT("millisecond"), 0, 0, MICROS_PER_MS},
        {STR_INIT("microsecond"), 0, 0, 1},
    };
    if (name.n > 1 && (name.p[name.n - 1] | 0x20) == 's') name.n--;
    for (int32_t i = 0; i < COUNT(units); i++)
        if (str_ieq(name, units[i].name)) return &units[i];
    return NULL;
}

bool interval_add(Interval *v, Str number, Str unit_name)
{
    const Unit *unit = find_unit(unit_name);
    bool minus = false;
    int64_t n = 0, months, days, micros;
    Micros fraction;
    take_sign(&number, &minus);
    bool digits = take_number(&number, &n);
    if (!unit || (!digits && !(number.n > 1 && number.p[0] == '.'))) return false;
    if (!take_fraction(&number, &fraction) || number.n) return false;
    if (fraction && unit->micros != MICROS_PER_SECOND) return false;
    if (minus) n = -n, fraction = -fraction;
    if (__builtin_mul_overflow(n, unit->months, &months) ||
        __builtin_mul_overflow(n, unit->days, &days) ||
        __builtin_mul_overflow(n, unit->micros, &micros))
        return false;
    months += v->months;
    days += v->days;
    if (__builtin_add_overflow(micros, fraction, &micros) ||
        __builtin_add_overflow(micros, v->micros, &v->micros))
        return false;
    v->months = (int32_t)months;
    v->days = (int32_t)days;
    return v->months == months && v->days == days;
}

static Str take_until(Str *s, bool (*is_end)(char))
{
    int64_t n = 0;
    while (n < s->n && !is_end(s->p[n])) n++;
    Str head = str_of(s->p, n);
    *s = str_trim(str_from(*s, n));
    return head;
}
static bool is_blank(char c) { return (uint8_t)c <= ' '; }

bool interval_read(Str s, Interval *v)
{
    *v = (Interval){0};
    s = str_trim(s);
    take_word(&s, S("interval"));
    if (!s.n) return false;
    while (s.n) {
        bool minus = false, sign = take_sign(&s, &minus);
        s = str_trim(s);
        char text[64];
        Str number = take_until(&s, is_blank), unit = take_until(&s, is_blank);
        if (number.n + 1 > (int64_t)sizeof text ||
            (sign && number.n && !is_digit(number.p[0]) && number.p[0] != '.'))
            return false;
        text[0] = minus ? '-' : '+';
        memcpy(text + 1, number.p, (size_t)number.n);
        if (!interval_add(v, str_of(text, number.n + 1), unit)) return false;
    }
    return true;
}
