// json_scalar.c -- the text of one token as a value of one type: no kind of token turns into
// another (semantics E36), so a number is none for a string column's neighbour and the reverse.
#include "base/civil.h"
#include "base/num.h"
#include "fmt/json_in.h"
#include <math.h>
#include <stdlib.h>

static bool integer(Str digits, int64_t min, int64_t max, Datum *v)
{
    return num_parse_i64(digits, &v->i) && v->i >= min && v->i <= max;
}

// A float is rounded once, from the text.
static bool float_of(Str digits, bool is_float, Datum *v)
{
    int64_t i;
    char z[1100];
    if (!is_float && num_parse_i64(digits, &i))
        v->f = (double)(float)i;
    else if (!num_parse_f64(digits, &v->f))
        return false;
    else if (isfinite(v->f) && digits.n < (int64_t)sizeof z) {
        memcpy(z, digits.p, (size_t)digits.n);
        z[digits.n] = 0;
        v->f = (double)strtof(z, NULL);
    }
    return true;
}

static bool decimal_of(const Type *t, Str s, Datum *v)
{
    return num_parse_decimal(s, t->scale, &v->d) && num_precision(v->d) <= t->precision;
}

bool json_scalar_number(const Type *t, Str digits, bool is_float, Datum *v)
{
    switch (t->id) {
    case T_TINYINT: // Jackson takes the bytes of others too, up to 255
        if (is_float || !integer(digits, INT8_MIN, UINT8_MAX, v)) return false;
        if (v->i > INT8_MAX) v->i -= 256;
        return true;
    case T_SMALLINT: return !is_float && integer(digits, INT16_MIN, INT16_MAX, v);
    case T_INT: return !is_float && integer(digits, INT32_MIN, INT32_MAX, v);
    case T_BIGINT: return !is_float && integer(digits, INT64_MIN, INT64_MAX, v);
    case T_TIMESTAMP: // seconds; Spark multiplies without looking
        if (is_float || !num_parse_i64(digits, &v->i)) return false;
        v->i = (int64_t)((uint64_t)v->i * (uint64_t)MICROS_PER_SECOND);
        return true;
    case T_FLOAT: return float_of(digits, is_float, v);
    case T_DOUBLE: // the integer -0 is 0, the number -0.0 is not
        if (!is_float && str_eq(digits, S("-0"))) digits = S("0");
        return num_parse_f64(digits, &v->f);
    case T_DECIMAL: return decimal_of(t, digits, v);
    case T_VOID:
    case T_BOOLEAN:
    case T_STRING:
    case T_BINARY:
    case T_DATE:
    case T_TIME:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_YM:
    case T_INTERVAL_DT:
    case T_INTERVAL:
    case T_ARRAY:
    case T_MAP:
    case T_STRUCT: break;
    }
    return false;
}

// ---- base64 ------------------------------------------------------------------------------------

static int32_t base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// Four characters to up to three bytes; 0 when they are no group.
static int32_t base64_group(const char *p, char out[3])
{
    int32_t pad = p[3] == '=' ? (p[2] == '=' ? 2 : 1) : 0;
    uint32_t bits = 0;
    for (int32_t i = 0; i < 4; i++) {
        int32_t d = i < 4 - pad ? base64_digit(p[i]) : 0;
        if (d < 0) return 0;
        bits = bits << 6 | (uint32_t)d;
    }
    for (int32_t i = 0; i < 3; i++) out[i] = (char)(bits >> (16 - 8 * i));
    return 3 - pad;
}

static bool binary_of(Arena *a, Str s, Datum *v) // white space between groups, padding required
{
    char *out = NEW_RAW(a, char, s.n / 4 * 3 + 3);
    int64_t n = 0;
    for (int64_t i = 0;; i += 4) {
        while (i < s.n && (uint8_t)s.p[i] <= ' ') i++;
        if (i == s.n) break;
        int32_t got = s.n - i >= 4 ? base64_group(s.p + i, out + n) : 0;
        if (got == 0) return false;
        n += got;
    }
    v->s = str_of(out, n);
    return true;
}

// ---- by type -----------------------------------------------------------------------------------

static bool named_float(const JsonOptions *o, Str s, Datum *v)
{
    bool minus = str_starts(s, S("-")), plus = str_starts(s, S("+"));
    Str name = str_from(s, minus || plus);
    v->f = str_eq(name, S("NaN")) && name.n == s.n ? NAN : minus ? -INFINITY : INFINITY;
    return o->allow_non_numeric && (isnan(v->f) || str_eq(name, S("Infinity")) ||
                                    (str_eq(name, S("INF")) && (minus || plus)));
}

static bool decimal_text(JsonReader *r, const Type *t, Str s, Datum *v) // 1,234.5
{
    Buf b = buf_new(r->scratch);
    for (int64_t i = 0; i < s.n; i++)
        if (s.p[i] != ',') buf_char(&b, s.p[i]);
    return decimal_of(t, buf_str(&b), v);
}

bool json_scalar_string(JsonReader *r, const Type *t, Str s, Datum *v)
{
    if (s.n == 0 && t->id != T_STRING && t->id != T_BINARY) return false;
    switch (t->id) {
    case T_STRING: v->s = s; return true;
    case T_BINARY: return binary_of(r->scratch, s, v);
    case T_FLOAT:
    case T_DOUBLE: return named_float(r->opt, s, v);
    case T_DECIMAL: return decimal_text(r, t, s, v);
    case T_DATE: return json_date(r, t, s, v);
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ: return json_timestamp(r, t, s, v);
    case T_TIME: return json_cast(r, t, s, r->opt->time_format, v);
    case T_INTERVAL_YM:
    case T_INTERVAL_DT: return json_cast(r, t, s, (Str){0}, v);
    case T_INTERVAL: // what is none is NULL, and no bad field
        v->null = !json_cast(r, t, s, (Str){0}, v);
        return true;
    case T_VOID:
    case T_BOOLEAN:
    case T_TINYINT:
    case T_SMALLINT:
    case T_INT:
    case T_BIGINT:
    case T_ARRAY:
    case T_MAP:
    case T_STRUCT: break;
    }
    return false;
}
