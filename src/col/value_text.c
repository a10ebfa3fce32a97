// value_text.c -- values as Spark prints them: Dataset.show and CAST AS STRING differ only in the
// word for NULL and in binary.
#include "base/civil.h"
#include "base/num.h"
#include "col/value_text_in.h"

enum { TIME_TEXT_MAX = 64 };

int64_t value_offset(const TextForm *form, Micros t)
{
    return form->zone_offset ? form->zone_offset(form->zone_rules, t) : 0;
}

Micros value_local(const TextForm *form, Micros t)
{
    Micros local;
    return __builtin_add_overflow(t, value_offset(form, t), &local) ? t : local;
}

void decimal_text(Buf *b, Int128 v, int32_t scale, bool exponent)
{
    char text[NUM_TEXT_MAX];
    int32_t digits = num_precision(v);
    if (!exponent || scale == 0 || digits - 1 - scale >= -6) {
        buf_put(b, str_of(text, num_format_decimal(text, v, scale)));
        return;
    }
    // Java's BigDecimal.toString: one digit before the point, the rest after it.
    Str plain = str_of(text, num_format_decimal(text, v, 0));
    int32_t sign = plain.p[0] == '-';
    buf_put(b, str_sub(plain, 0, sign + 1));
    if (plain.n > sign + 1) buf_char(b, '.');
    buf_put(b, str_from(plain, sign + 1));
    buf_fmt(b, "E%d", digits - 1 - scale);
}

// Seconds with two digits before the point, and as many after it as there are.
static void put_seconds(Buf *b, int64_t micros)
{
    buf_fmt(b, "%02d", (int)(micros / MICROS_PER_SECOND));
    int64_t fraction = micros % MICROS_PER_SECOND;
    if (fraction == 0) return;
    buf_fmt(b, ".%06d", (int)fraction);
    while (b->p[b->n - 1] == '0') b->n--;
}

static void put_time_of_day(Buf *b, int64_t nanos)
{
    int64_t micros = nanos / 1000;
    buf_fmt(b, "%02d:%02d:", (int)(micros / MICROS_PER_HOUR),
            (int)(micros / MICROS_PER_MINUTE % 60));
    put_seconds(b, micros % MICROS_PER_MINUTE);
}

static void put_type_words(Buf *b, const Type *t) // DAY TO SECOND
{
    int64_t at = b->n;
    type_sql(b, t);
    memmove(b->p + at, b->p + at + 9, (size_t)(b->n - at - 9)); // without INTERVAL and its blank
    b->n -= 9;
}

static void put_year_month(Buf *b, const Type *t, int32_t months)
{
    uint32_t m = months < 0 ? -(uint32_t)months : (uint32_t)months;
    buf_put(b, months < 0 ? S("INTERVAL '-") : S("INTERVAL '"));
    if (t->first == YM_MONTH)
        buf_fmt(b, "%u", m);
    else if (t->last == YM_YEAR)
        buf_fmt(b, "%u", m / 12);
    else
        buf_fmt(b, "%u-%u", m / 12, m % 12);
    buf_put(b, S("' "));
    put_type_words(b, t);
}

static void put_day_time(Buf *b, const Type *t, Micros v)
{
    static const uint64_t unit[] = {(uint64_t)MICROS_PER_DAY, (uint64_t)MICROS_PER_HOUR,
                                    (uint64_t)MICROS_PER_MINUTE};
    uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
    buf_put(b, v < 0 ? S("INTERVAL '-") : S("INTERVAL '"));
    for (int32_t f = t->first; f <= t->last; f++) {
        if (f > t->first) buf_char(b, f == DT_HOUR ? ' ' : ':');
        if (f == DT_SECOND) {
            put_seconds(b, (int64_t)rest);
            break;
        }
        buf_fmt(b, f == DT_DAY ? "%llu" : "%02llu", (unsigned long long)(rest / unit[f]));
        rest %= unit[f];
    }
    buf_put(b, S("' "));
    put_type_words(b, t);
}

static void put_part(Buf *b, int64_t start, int64_t n, const char *unit)
{
    if (n) buf_fmt(b, "%s%lld %s", b->n > start ? " " : "", (long long)n, unit);
}

static void put_calendar(Buf *b, Interval v)
{
    int64_t start = b->n, seconds = v.micros % MICROS_PER_MINUTE;
    put_part(b, start, v.months / 12, "years");
    put_part(b, start, v.months % 12, "months");
    put_part(b, start, v.days, "days");
    put_part(b, start, v.micros / MICROS_PER_HOUR, "hours");
    put_part(b, start, v.micros / MICROS_PER_MINUTE % 60, "minutes");
    if (seconds == 0) {
        if (b->n == start) buf_put(b, S("0 seconds"));
        return;
    }
    char text[NUM_TEXT_MAX];
    int32_t scale = 6;
    for (; seconds % 10 == 0 && scale > 0; scale--) seconds /= 10;
    if (b->n > start) buf_char(b, ' ');
    buf_put(b, str_of(text, num_format_decimal(text, seconds, scale)));
    buf_put(b, S(" seconds"));
}

void interval_text(Buf *b, const Column *c, int32_t row)
{
    if (c->type->id == T_INTERVAL_YM)
        put_year_month(b, c->type, COLUMN_DATA(c, int32_t)[row]);
    else if (c->type->id == T_INTERVAL_DT)
        put_day_time(b, c->type, COLUMN_DATA(c, int64_t)[row]);
    else
        put_calendar(b, COLUMN_DATA(c, Interval)[row]);
}

static void put_hex(Buf *b, Str s)
{
    buf_char(b, '[');
    for (int64_t i = 0; i < s.n; i++) buf_fmt(b, i ? " %02X" : "%02X", (uint8_t)s.p[i]);
    buf_char(b, ']');
}

static void put_value(Buf *b, const Column *c, int32_t row, const TextForm *form)
{
    if (column_null(c, row))
        buf_put(b, form->null_text);
    else
        value_text(b, c, row, form);
}

static void put_list(Buf *b, const Column *c, int32_t row, const TextForm *form)
{
    List list = COLUMN_DATA(c, List)[row];
    bool map = c->type->id == T_MAP;
    buf_char(b, map ? '{' : '[');
    for (int32_t k = 0; k < list.n; k++) {
        if (k) buf_put(b, S(", "));
        put_value(b, &c->kid[0], list.at + k, form);
        if (!map) continue;
        buf_put(b, S(" -> "));
        put_value(b, &c->kid[1], list.at + k, form);
    }
    buf_char(b, map ? '}' : ']');
}

static void put_struct(Buf *b, const Column *c, int32_t row, const TextForm *form)
{
    buf_char(b, '{');
    for (int32_t f = 0; f < c->type->nfields; f++) {
        if (f) buf_put(b, S(", "));
        put_value(b, &c->kid[f], row, form);
    }
    buf_char(b, '}');
}

void number_text(Buf *b, const Column *c, int32_t row)
{
    char text[NUM_TEXT_MAX];
    int64_t v = 0;
    switch (type_phys(c->type)) {
    case PHYS_I8: v = (int64_t)COLUMN_DATA(c, int8_t)[row]; break;
    case PHYS_I16: v = COLUMN_DATA(c, int16_t)[row]; break;
    case PHYS_I32: v = COLUMN_DATA(c, int32_t)[row]; break;
    case PHYS_I64: v = COLUMN_DATA(c, int64_t)[row]; break;
    case PHYS_F32:
        buf_put(b, str_of(text, num_format_f32(text, COLUMN_DATA(c, float)[row])));
        return;
    case PHYS_F64:
        buf_put(b, str_of(text, num_format_f64(text, COLUMN_DATA(c, double)[row])));
        return;
    case PHYS_BOOL: buf_put(b, COLUMN_DATA(c, uint8_t)[row] ? S("true") : S("false")); return;
    case PHYS_I128:
    case PHYS_STR:
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: must_failed("a number", __FILE__, __LINE__);
    }
    buf_i64(b, v);
}

void value_text(Buf *b, const Column *c, int32_t row, const TextForm *form)
{
    if (column_null(c, row)) {
        buf_put(b, form->null_text);
        return;
    }
    switch (c->type->id) {
    case T_VOID: buf_put(b, form->null_text); return;
    case T_BOOLEAN:
    case T_TINYINT:
    case T_SMALLINT:
    case T_INT:
    case T_BIGINT:
    case T_FLOAT:
    case T_DOUBLE: number_text(b, c, row); return;
    case T_DECIMAL:
        decimal_text(b, COLUMN_DATA(c, Int128)[row], c->type->scale, form->decimal_exponent);
        return;
    case T_STRING: buf_put(b, column_str(c, row)); return;
    case T_BINARY:
        if (form->binary_hex)
            put_hex(b, column_str(c, row));
        else
            buf_put(b, column_str(c, row));
        return;
    case T_DATE:
        b->n += civil_format_date(buf_room(b, TIME_TEXT_MAX), COLUMN_DATA(c, int32_t)[row]);
        return;
    case T_TIME: put_time_of_day(b, column_i64(c, row)); return;
    case T_TIMESTAMP:
        b->n += civil_format(buf_room(b, TIME_TEXT_MAX), value_local(form, column_i64(c, row)));
        return;
    case T_TIMESTAMP_NTZ:
        b->n += civil_format(buf_room(b, TIME_TEXT_MAX), column_i64(c, row));
        return;
    case T_INTERVAL_YM:
    case T_INTERVAL_DT:
    case T_INTERVAL: interval_text(b, c, row); return;
    case T_ARRAY:
    case T_MAP: put_list(b, c, row, form); return;
    case T_STRUCT: put_struct(b, c, row, form); return;
    }
    must_failed("TypeId", __FILE__, __LINE__);
}
