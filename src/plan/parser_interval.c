// parser_interval.c -- interval literals: INTERVAL 1 DAY 2 HOURS, INTERVAL '1 02:03:04' DAY TO
// SECOND, INTERVAL '3 days'. Years and months make a year-month interval, the rest a day-time one;
// its fields are those that were named. A day is 24 hours here.
#include "base/civil.h"
#include "base/num.h"
#include "expr/interval.h"
#include "plan/parser_in.h"

typedef struct UnitRow {
    Keyword one, many;
    int16_t field;                 // of the interval's type: YEAR 0, MONTH 1; DAY 0 .. SECOND 3
    int64_t months, micros, parts; // parts: so many make a microsecond (nanoseconds)
} UnitRow;
static const UnitRow unit_rows[] = {
    {KW_YEAR, KW_YEARS, 0, 12, 0, 1},
    {KW_MONTH, KW_MONTHS, 1, 1, 0, 1},
    {KW_WEEK, KW_WEEKS, 0, 0, 7 * MICROS_PER_DAY, 1},
    {KW_DAY, KW_DAYS, 0, 0, MICROS_PER_DAY, 1},
    {KW_HOUR, KW_HOURS, 1, 0, MICROS_PER_HOUR, 1},
    {KW_MINUTE, KW_MINUTES, 2, 0, MICROS_PER_MINUTE, 1},
    {KW_SECOND, KW_SECONDS, 3, 0, MICROS_PER_SECOND, 1},
    {KW_MILLISECOND, KW_MILLISECONDS, 3, 0, MICROS_PER_MS, 1},
    {KW_MICROSECOND, KW_MICROSECONDS, 3, 0, 1, 1},
    {KW_NANOSECOND, KW_NANOSECONDS, 3, 0, 1, 1000},
};
enum { FIELD_DAY = 0, FIELD_SECOND = 3 };

typedef struct Sum {
    int64_t months, micros;
    int16_t first, last; // fields seen
    bool any, year_month, day_time, over;
} Sum;

static const UnitRow *unit_of(const Token *t)
{
    for (int64_t i = 0; i < COUNT(unit_rows); i++)
        if (t->kw && (t->kw == unit_rows[i].one || t->kw == unit_rows[i].many))
            return &unit_rows[i];
    return NULL;
}

bool parser_at_interval(const Parser *p)
{
    if (!parser_at_kw(p, KW_INTERVAL)) return false;
    const Token *t = p->at + 1;
    t += t->kind == TK_MINUS || t->kind == TK_PLUS;
    bool value = t->kind == TK_INTEGER || t->kind == TK_DECIMAL || t->kind == TK_STRING;
    return value && unit_of(t + 1);
}

static Status bad_interval(const Parser *p, const Token *from, Str text)
{
    return parser_error_at(p, from, RAISE(INVALID_INTERVAL_FORMAT, P("input", text)));
}

// "12", "-3", "1.5": whole and billionths.
static bool split_value(Str s, int64_t *whole, int64_t *nanos, bool *negative)
{
    s = str_trim(s);
    *negative = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+')) s = str_from(s, 1);
    Cut c = str_cut(s, '.');
    *nanos = 0;
    if (!c.head.n && !c.tail.n) return false;
    if (c.head.n && (c.head.p[0] < '0' || c.head.p[0] > '9')) return false;
    *whole = 0;
    if (c.head.n && !num_parse_i64(c.head, whole)) return false;
    if (c.tail.n > 9) return false;
    int64_t scale = 1000000000;
    for (int64_t i = 0; i < c.tail.n; i++) {
        if (c.tail.p[i] < '0' || c.tail.p[i] > '9') return false;
        scale /= 10;
        *nanos += (c.tail.p[i] - '0') * scale;
    }
    return true;
}

static bool sum_add(Sum *sum, const UnitRow *u, Str value)
{
    int64_t whole, nanos, months, micros;
    bool negative;
    if (!split_value(value, &whole, &nanos, &negative)) return false;
    if (nanos && u->one != KW_SECOND) return false; // only seconds may have a fraction
    if (negative) whole = -whole, nanos = -nanos;
    bool over = __builtin_mul_overflow(whole, u->months, &months);
    over |= __builtin_mul_overflow(whole, u->micros, &micros);
    micros = micros / u->parts;
    over |= __builtin_add_overflow(micros, nanos / 1000, &micros);
    over |= __builtin_add_overflow(sum->months, months, &sum->months);
    over |= __builtin_add_overflow(sum->micros, micros, &sum->micros);
    bool ym = u->months != 0;
    sum->first = sum->any ? MIN(sum->first, u->field) : u->field;
    sum->last = sum->any ? MAX(sum->last, u->field) : u->field;
    sum->any = true;
    sum->year_month |= ym;
    sum->day_time |= !ym;
    sum->over |= over || sum->months < INT32_MIN || sum->months > INT32_MAX;
    return !sum->over;
}

static Expr *sum_literal(Parser *p, const Sum *sum)
{
    Type *t = NEW(p->a, Type, 1);
    *t = sum->year_month ? type_interval_ym : type_interval_dt;
    t->first = sum->first;
    t->last = sum->last;
    return expr_literal(p->a, t, &(Datum){.i = sum->year_month ? sum->months : sum->micros});
}

// A failure of what was read from here on.
static Status fail_from(Parser *p, const Token *from, Status s)
{
    Origin at = parser_place(p, from);
    return fail_at(s, &at);
}

// (value unit)+ up to what is neither.
static Status parse_units(Sum *sum, Parser *p)
{
    for (;;) {
        const Token *from = p->at;
        bool sign = parser_at(p, TK_MINUS) || parser_at(p, TK_PLUS);
        const Token *value = p->at + sign;
        const UnitRow *u = unit_of(value + 1);
        bool number = value->kind == TK_INTEGER || value->kind == TK_DECIMAL;
        if (!u || (!number && value->kind != TK_STRING)) return DONE;
        Str text = token_value(p->a, value);
        if (from->kind == TK_MINUS)
            text = str_starts(text, S("-")) ? str_from(text, 1) : str_cat(p->a, S("-"), text);
        p->at = value + 2;
        if (sum_add(sum, u, text)) continue;
        if (sum->over) return parser_error_at(p, from, RAISE(INTERVAL_OVERFLOWS));
        if (value->kind != TK_STRING) return bad_interval(p, from, parser_text(p, from));
        return fail_from(p, value, RAISE(INTERVAL_VALUE_NO_NUMBER, P("value", text)));
    }
}

// One field of 'D H:M:S': digits up to a separator.
static bool take_field(Str *rest, char separator, bool last, Str *field)
{
    Cut c = str_cut(*rest, separator);
    if (!last && !c.ok) return false;
    *field = last ? *rest : c.head;
    *rest = last ? S("") : str_trim(c.tail);
    return field->n && field->p[0] >= '0' && field->p[0] <= '9';
}

static bool sum_range(Sum *sum, Arena *a, Str text, const UnitRow *from, const UnitRow *to)
{
    static const int64_t below[] = {[1] = 24, [2] = 60, [3] = 60}; // of hours, minutes, seconds
    Str rest = str_trim(text);
    bool negative = rest.n && rest.p[0] == '-';
    if (rest.n && (rest.p[0] == '-' || rest.p[0] == '+')) rest = str_from(rest, 1);
    for (const UnitRow *u = from;; u++) {
        Str field;
        char separator = u->months ? '-' : u->field == FIELD_DAY ? ' ' : ':';
        if (!take_field(&rest, separator, u == to, &field)) return false;
        int64_t whole = 0, nanos;
        bool sign;
        if (!split_value(field, &whole, &nanos, &sign)) return false;
        if (u != from && !u->months && whole >= below[u->field]) return false;
        if (u != from && u->months && whole > 11) return false;
        if (!sum_add(sum, u, negative ? str_cat(a, S("-"), field) : field)) return false;
        if (u == to) return true;
    }
}

static Status refuse_range(Parser *p, const Token *value, const UnitRow *first, const UnitRow *last,
                           Str text, bool kind)
{
    if (!kind)
        return fail_from(p, value,
                         RAISE(INVALID_INTERVAL_FORMAT_FROM_TO, P("input", text),
                               P("from", str_lower(p->a, keyword_text(first->one))),
                               P("to", str_lower(p->a, keyword_text(last->one)))));
    Type t = first->months ? type_interval_ym : type_interval_dt;
    t.first = first->field;
    t.last = last->field;
    return fail_from(p, value, interval_unmatched(p->a, text, &t));
}

// Whether another interval follows at once.
static bool more_units(const Parser *p)
{
    bool number = parser_at(p, TK_INTEGER) || parser_at(p, TK_DECIMAL) || parser_at(p, TK_STRING);
    return number && unit_of(p->at + 1);
}

static Status parse_range(Expr **e, Parser *p, const Token *from)
{
    bool minus = parser_take(p, TK_MINUS);
    if (!minus) parser_take(p, TK_PLUS);
    const Token *value = p->at;
    Str written = token_value(p->a, value), text = written;
    const UnitRow *first = unit_of(value + 1), *last = unit_of(value + 3);
    p->at += 3;
    if (!last) return parser_error(p);
    p->at++;
    if (value->kind != TK_STRING) return fail_from(p, value, RAISE(INTERVAL_FROM_TO_VALUE));
    bool kind = !first->months == !last->months && first < last && last->one != KW_MILLISECOND &&
                last <= unit_of(&(Token){.kw = KW_SECOND}) && first->one != KW_WEEK;
    if (minus) text = str_starts(text, S("-")) ? str_from(text, 1) : str_cat(p->a, S("-"), text);
    Sum sum = {0};
    if (more_units(p)) {
        p->at += p->at[2].kw == KW_TO ? 4 : 2;
        return fail_from(p, from, RAISE(INTERVAL_FROM_TO_ONCE));
    }
    if (!kind || !sum_range(&sum, p->a, text, first, last))
        return sum.over && sum.year_month
                   ? parser_error_at(p, value,
                                     RAISE(INVALID_INTERVAL_FORMAT_PARSING, P("input", written),
                                           P("interval", S("year-month"))))
                   : refuse_range(p, value, first, last, written, kind);
    *e = sum_literal(p, &sum);
    (*e)->at = parser_place(p, from);
    return DONE;
}

Status parse_interval(Expr **e, Parser *p)
{
    const Token *from = p->at++;
    const Token *value = p->at + (parser_at(p, TK_MINUS) || parser_at(p, TK_PLUS));
    if (value[2].kw == KW_TO && unit_of(value + 3)) return parse_range(e, p, from);
    Sum sum = {0};
    TRY(parse_units(&sum, p));
    if (!sum.any) return parser_error(p);
    if (parser_at_kw(p, KW_TO) && unit_of(p->at + 1))
        return fail_from(p, from, RAISE(INTERVAL_FROM_TO_ONCE));
    Origin at = parser_place(p, from);
    if (sum.year_month && sum.day_time)
        return fail_at(RAISE(INTERVAL_MIXES_KINDS, P("literal", at.text)), &at);
    *e = sum_literal(p, &sum);
    (*e)->at = at;
    return DONE;
}

Status parse_interval_text(Expr **e, Parser *p, Str text, const Token *from)
{
    Tokens tokens = {0};
    lex(&tokens, p->a, text);
    Parser inner = {.a = p->a, .at = tokens.v, .first = tokens.v};
    parser_take_kw(&inner, KW_INTERVAL);
    Sum sum = {0};
    Status s = parse_units(&sum, &inner);
    if (s.code || !sum.any || !parser_at(&inner, TK_END)) return bad_interval(p, from, text);
    Origin at = parser_place(p, from);
    if (sum.year_month && sum.day_time)
        return fail_at(RAISE(INTERVAL_MIXES_KINDS, P("literal", at.text)), &at);
    *e = sum_literal(p, &sum);
    (*e)->at = at;
    return DONE;
}
