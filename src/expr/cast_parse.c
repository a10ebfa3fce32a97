// cast_parse.c -- strings to everything else. A value that does not parse is CAST_INVALID_INPUT or
// NULL; a decimal that does not fit has a condition of its own.
#include "base/num.h"
#include "expr/cast_in.h"
#include "expr/decimal_in.h"
#include "expr/interval.h"
#include "expr/text_in.h"
#include "expr/time_in.h"
#include "expr/utf8_in.h"
#include <stdlib.h>

static bool blank(char c) { return (uint8_t)c <= ' ' || c == 0x7f; }

static Str trim_all(Str s)
{
    while (s.n && blank(s.p[0])) s = str_from(s, 1);
    while (s.n && blank(s.p[s.n - 1])) s.n--;
    return s;
}

static Status parse_failed(const KernelCall *k, int32_t row)
{
    Str s = column_str(k->in[0], row);
    const CastCall *c = k->bound;
    bool interval = c->to->id == T_INTERVAL_YM || c->to->id == T_INTERVAL_DT;
    if (interval && c->fault == FAULT_RAISE && kernel_live(k, row))
        return interval_unmatched(k->scratch, s, k->out->type);
    Datum v = {.s = s};
    Buf text = buf_new(k->scratch);
    literal_sql(&text, &type_string, &v);
    return cast_invalid(k, row, buf_str(&text));
}

// Without ANSI "1.5" is 1, and "." is 0: digits after a point are looked at and do not count.
static bool read_i64(Str s, bool ansi, int64_t *v)
{
    s = trim_all(s);
    int64_t point = ansi ? -1 : str_find_char(s, '.');
    if (point < 0) return num_parse_i64(s, v);
    for (int64_t i = point + 1; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    s.n = point;
    *v = 0;
    bool no_digits = !s.n || (s.n == 1 && (s.p[0] == '-' || s.p[0] == '+'));
    return no_digits || num_parse_i64(s, v);
}

bool text_read_f64(Str s, double *v)
{
    static const struct {
        Str text;
        double value;
    } special[] = {
        {S("inf"), __builtin_inf()},      {S("+inf"), __builtin_inf()},
        {S("infinity"), __builtin_inf()}, {S("+infinity"), __builtin_inf()},
        {S("-inf"), -__builtin_inf()},    {S("-infinity"), -__builtin_inf()},
        {S("nan"), __builtin_nan("")},
    };
    s = trim_all(s);
    if (num_parse_f64(s, v)) return true;
    for (int32_t i = 0; i < COUNT(special); i++)
        if (str_ieq(s, special[i].text)) {
            *v = special[i].value;
            return true;
        }
    return false;
}

// The nearest FLOAT of the text, which the nearest DOUBLE does not always round to.
bool text_read_f32(Str s, float *v)
{
    double wide;
    if (!text_read_f64(s, &wide)) return false;
    s = trim_all(s);
    char z[NUM_TEXT_MAX];
    *v = (float)wide;
    if (wide - wide != 0 || s.n >= (int64_t)sizeof z) return true;
    memcpy(z, s.p, (size_t)s.n);
    z[s.n] = 0;
    *v = strtof(z, NULL);
    return true;
}

static bool read_bool(Str s, bool *v)
{
    static const Str yes[] = {STR_INIT("t"), STR_INIT("true"), STR_INIT("y"), STR_INIT("yes"),
                              STR_INIT("1")};
    static const Str no[] = {STR_INIT("f"), STR_INIT("false"), STR_INIT("n"), STR_INIT("no"),
                             STR_INIT("0")};
    s = trim_all(s);
    for (int32_t i = 0; i < COUNT(yes); i++) {
        *v = str_ieq(s, yes[i]);
        if (*v || str_ieq(s, no[i])) return true;
    }
    return false;
}

// The rows that have a value, one after the other; READ gives whether row s makes a z[i].
#define PARSE_KERNEL(name, T, SETUP, READ)                                                         \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const Str *x = COLUMN_DATA(k->in[0], Str);                                                 \
        T *z = COLUMN_DATA(k->out, T);                                                             \
        const CastCall *c = k->bound;                                                              \
        (void)c;                                                                                   \
        SETUP;                                                                                     \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if (kernel_live(k, i) && UNLIKELY(!(READ))) TRY(parse_failed(k, i));                   \
        return DONE;                                                                               \
    }

#define READ_INT(T) read_i64(x[i], c->ansi, &v) && (z[i] = (T)v) == v
PARSE_KERNEL(parse_i8, int8_t, int64_t v, READ_INT(int8_t))
PARSE_KERNEL(parse_i16, int16_t, int64_t v, READ_INT(int16_t))
PARSE_KERNEL(parse_i32, int32_t, int64_t v, READ_INT(int32_t))
PARSE_KERNEL(parse_i64, int64_t, int64_t v, READ_INT(int64_t))
PARSE_KERNEL(parse_f64, double, , text_read_f64(x[i], &z[i]))
PARSE_KERNEL(parse_f32, float, , text_read_f32(x[i], &z[i]))
PARSE_KERNEL(parse_bool, uint8_t, bool v, read_bool(x[i], &v) && ((z[i] = v), true))
PARSE_KERNEL(parse_date, int32_t, , date_read(x[i], &z[i]))
PARSE_KERNEL(parse_time, int64_t, , time_of_day_read(x[i], &z[i]))
PARSE_KERNEL(parse_timestamp, Micros, TimeReader r = time_reader(k->ctx),
             time_read(&r, x[i], &z[i]))
PARSE_KERNEL(parse_ntz, Micros, TimeReader r = time_reader(k->ctx), time_read_ntz(&r, x[i], &z[i]))
PARSE_KERNEL(parse_ym, int32_t, , interval_ym_read(x[i], c->to, &z[i]))
PARSE_KERNEL(parse_dt, Micros, , interval_dt_read(x[i], c->to, &z[i]))
PARSE_KERNEL(parse_interval, Interval, , interval_read(x[i], &z[i]))

// Java's BigDecimal takes the decimal digits of every script: those of the basic plane, by the zero
// of each (Unicode 15, category Nd).
static int32_t digit_of(uint32_t cp)
{
    static const uint16_t zero[] = {0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66,
                                    0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20,
                                    0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
                                    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0,
                                    0xA9F0, 0xAA50, 0xABF0, 0xFF10};
    for (int32_t i = 0; i < COUNT(zero); i++)
        if (cp >= zero[i] && cp < zero[i] + 10u) return (int32_t)(cp - zero[i]);
    return -1;
}
static Str plain_digits(Arena *a, Str s)
{
    bool plain = true;
    for (int64_t i = 0; i < s.n; i++) plain &= (uint8_t)s.p[i] < 0x80;
    if (plain) return s;
    Buf b = buf_new(a);
    int64_t width;
    for (int64_t at = 0; at < s.n; at += width) {
        int32_t digit = digit_of(utf8_at(s, at, &width));
        if (digit >= 0)
            buf_char(&b, (char)('0' + digit));
        else
            buf_put(&b, str_sub(s, at, width));
    }
    return buf_str(&b);
}

static Status parse_decimal(const KernelCall *k)
{
    const Str *x = COLUMN_DATA(k->in[0], Str);
    Int128 *z = COLUMN_DATA(k->out, Int128);
    const CastCall *c = k->bound;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str s = plain_digits(k->scratch, trim_all(x[i]));
        double any;
        if (num_parse_decimal(s, c->to->scale, &z[i]) && decimal_fits(z[i], c->to->precision))
            continue;
        char last = s.n ? s.p[s.n - 1] : 'x';
        bool number = num_parse_f64(s, &any) && ((last >= '0' && last <= '9') || last == '.');
        if (number && any - any == 0)
            TRY(decimal_overflow(k, i, c->fault == FAULT_RAISE, s, c->to));
        else
            TRY(parse_failed(k, i));
    }
    return DONE;
}

// CHAR(n) and VARCHAR(n) of tables: blanks past the length go, anything else there is an error;
// CHAR is padded.
static Status parse_bounded(const KernelCall *k)
{
    const Str *x = COLUMN_DATA(k->in[0], Str);
    Str *z = COLUMN_DATA(k->out, Str);
    const CastCall *c = k->bound;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        z[i] = x[i];
        int64_t n = utf8_count(x[i]);
        while (n > c->to->length && z[i].n && z[i].p[z[i].n - 1] == ' ') z[i].n--, n--;
        if (n > c->to->length)
            return RAISE(EXCEED_LIMIT_LENGTH, P("limit", str_fmt(k->scratch, "%d", c->to->length)));
        if (!c->to->fixed || n == c->to->length) continue;
        int64_t pad = c->to->length - n;
        char *p = NEW_RAW(k->scratch, char, z[i].n + pad);
        if (z[i].n) memcpy(p, z[i].p, (size_t)z[i].n);
        memset(p + z[i].n, ' ', (size_t)pad);
        z[i] = str_of(p, z[i].n + pad);
    }
    return DONE;
}

Kernel cast_parse_kernel(const CastCall *c)
{
    switch (c->to->id) {
    case T_BOOLEAN: return parse_bool;
    case T_TINYINT: return parse_i8;
    case T_SMALLINT: return parse_i16;
    case T_INT: return parse_i32;
    case T_BIGINT: return parse_i64;
    case T_FLOAT: return parse_f32;
    case T_DOUBLE: return parse_f64;
    case T_DECIMAL: return parse_decimal;
    case T_STRING: return parse_bounded;
    case T_DATE: return parse_date;
    case T_TIME: return parse_time;
    case T_TIMESTAMP: return parse_timestamp;
    case T_TIMESTAMP_NTZ: return parse_ntz;
    case T_INTERVAL_YM: return parse_ym;
    case T_INTERVAL_DT: return parse_dt;
    case T_INTERVAL: return parse_interval;
    case T_VOID:
    case T_BINARY:
    case T_ARRAY:
    case T_MAP:
    case T_STRUCT: break;
    }
    return NULL;
}
