// num.c -- the shortest digits are found by asking for 1, 2, .. 17 digits until they read back
// equal (starting at 15, which most values pass; shorter ones end in zeros that are dropped): the
// same digits as the newer JDKs print, without a table of powers. Integers beyond what their type
// holds exactly are written as Java 17 writes them.
#include "base/num.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool num_parse_i64(Str s, int64_t *v)
{
    bool neg = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+')) s = str_from(s, 1);
    if (s.n == 0) return false;
    int64_t x = 0;
    for (int64_t i = 0; i < s.n; i++) {
        int32_t d = s.p[i] - '0';
        if (d < 0 || d > 9) return false;
        // Counted downwards, since the least number has no positive twin.
        if (__builtin_mul_overflow(x, 10, &x) || __builtin_sub_overflow(x, d, &x)) return false;
    }
    if (!neg && x == INT64_MIN) return false;
    *v = neg ? x : -x;
    return true;
}

bool num_parse_u64_hex(Str s, uint64_t *v)
{
    if (s.n == 0 || s.n > 16) return false;
    uint64_t x = 0;
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        int32_t d = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (d < 0) return false;
        x = x << 4 | (uint64_t)d;
    }
    *v = x;
    return true;
}

static bool f64_grammar(Str s) // digits[.digits][e[+-]digits], at least one digit before e
{
    int64_t i = 0, digits = 0;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) digits++;
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) digits++;
    if (digits == 0) return false;
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        if (i < s.n && (s.p[i] == '+' || s.p[i] == '-')) i++;
        if (i == s.n) return false;
        for (; i < s.n; i++)
            if (s.p[i] < '0' || s.p[i] > '9') return false;
    }
    return i == s.n;
}

bool num_parse_f64(Str s, double *v)
{
    bool neg = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+')) s = str_from(s, 1);
    double x;
    if (str_eq(s, S("NaN")))
        x = NAN;
    else if (str_eq(s, S("Infinity")))
        x = INFINITY;
    else {
        char last = s.n ? (char)(s.p[s.n - 1] | 32) : 0;
        if (last == 'd' || last == 'f') s.n--;
        if (!f64_grammar(s)) return false;
        char small[64], *z = s.n < (int64_t)sizeof small ? small : malloc((size_t)s.n + 1);
        must(z != NULL);
        memcpy(z, s.p, (size_t)s.n);
        z[s.n] = 0;
        x = strtod(z, NULL);
        if (z != small) free(z);
    }
    *v = neg ? -x : x;
    return true;
}

// "d.ddde+xx" of snprintf -> digits without trailing zeros, and how many stand before the point.
static void take_digits(const char *text, char digits[20], int32_t *ndigits, int32_t *point)
{
    int32_t n = 0;
    for (; *text && *text != 'e'; text++)
        if (*text != '.') digits[n++] = *text;
    *point = atoi(text + 1) + 1; // NOLINT: our own text
    while (n > 1 && digits[n - 1] == '0') n--;
    must(n > 0);
    *ndigits = n;
}

// A value of at most 15 digits, as nearly all are: no other text so short reads back to it. The
// division by a power of ten that is exact rounds as reading does.
static bool short_digits(double v, char digits[20], int32_t *ndigits, int32_t *point)
{
    double power = 1;
    for (int32_t scale = 0; scale <= 15 && v * power < 1e15; scale++, power *= 10) {
        uint64_t u = (uint64_t)(v * power + 0.5);
        if ((double)u / power != v) continue;
        if (u >= UINT64_C(1000000000000000)) return false;
        int32_t n = (int32_t)num_format_i64(digits, (int64_t)u);
        *point = n - scale;
        while (n > 1 && digits[n - 1] == '0') n--;
        *ndigits = n;
        return true;
    }
    return false;
}

// An integer that its type holds with gaps, below 2^63: Java 17, which Spark runs on, drops as many
// digits as are surely beyond the type's `bits`, and may so keep one more than needed.
static bool wide_integer(double v, int32_t bits, char digits[20], int32_t *ndigits, int32_t *point)
{
    if (v < ldexp(1, bits) || v >= 0x1p63) return false;
    int32_t spare = ilogb(v) - bits - 1, dropped = 0;
    uint64_t u = (uint64_t)v, unit = 1;
    for (; spare > 1 && unit * 10 <= UINT64_C(1) << spare; unit *= 10) dropped++;
    u = u / unit + (dropped && u % unit >= unit / 2);
    int32_t n = (int32_t)num_format_i64(digits, (int64_t)u);
    *point = n + dropped;
    while (n > 1 && digits[n - 1] == '0') n--;
    *ndigits = n;
    return true;
}

void num_digits_f64(double v, char digits[20], int32_t *ndigits, int32_t *point)
{
    must(v > 0 && isfinite(v));
    if (short_digits(v, digits, ndigits, point)) return;
    if (wide_integer(v, DBL_MANT_DIG, digits, ndigits, point)) return;
    char text[40];
    for (int32_t p = v < DBL_MIN ? 1 : 14; p <= 16; p++) { // subnormals have fewer digits
        snprintf(text, sizeof text, "%.*e", p, v);
        if (p == 16 || strtod(text, NULL) == v) break;
    }
    take_digits(text, digits, ndigits, point);
}

static void digits_f32(float v, char digits[20], int32_t *ndigits, int32_t *point)
{
    if (wide_integer((double)v, FLT_MANT_DIG, digits, ndigits, point)) return;
    char text[40];
    for (int32_t p = v < FLT_MIN ? 1 : 5; p <= 8; p++) {
        snprintf(text, sizeof text, "%.*e", p, (double)v);
        if (p == 8 || strtof(text, NULL) == v) break;
    }
    take_digits(text, digits, ndigits, point);
}

static int64_t java_form(char *out, const char *digits, int32_t n, int32_t point)
{
    char *p = out;
    if (point > -3 && point <= 7) { // 1e-3 <= v < 1e7: decimal form
        if (point <= 0) *p++ = '0';
        for (int32_t i = 0; i < point; i++) *p++ = (char)(i < n ? digits[i] : '0');
        *p++ = '.';
        for (int32_t i = point; i < 0; i++) *p++ = '0';
        for (int32_t i = MAX(point, 0); i < n; i++) *p++ = digits[i];
        if (p[-1] == '.') *p++ = '0';
        return p - out;
    }
    *p++ = digits[0];
    *p++ = '.';
    for (int32_t i = 1; i < n; i++) *p++ = digits[i];
    if (n == 1) *p++ = '0';
    *p++ = 'E';
    return p - out + num_format_i64(p, point - 1);
}

static int64_t special(char *out, double v)
{
    Str text = isnan(v) ? S("NaN") : v == 0 ? S("0.0") : S("Infinity");
    char *p = out;
    if (!isnan(v) && signbit(v)) *p++ = '-';
    memcpy(p, text.p, (size_t)text.n);
    return p - out + text.n;
}

int64_t num_format_f64(char *out, double v)
{
    if (v == 0 || !isfinite(v)) return special(out, v);
    char digits[20], *p = out;
    int32_t n, point;
    if (v < 0) *p++ = '-';
    num_digits_f64(fabs(v), digits, &n, &point);
    return p - out + java_form(p, digits, n, point);
}

int64_t num_format_f32(char *out, float v)
{
    if (v == 0 || !isfinite(v)) return special(out, (double)v);
    char digits[20], *p = out;
    int32_t n, point;
    if (v < 0) *p++ = '-';
    digits_f32(fabsf(v), digits, &n, &point);
    return p - out + java_form(p, digits, n, point);
}

int64_t num_format_i64(char *out, int64_t v)
{
    char back[20], *p = out;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    int32_t n = 0;
    do back[n++] = (char)('0' + u % 10);
    while (u /= 10);
    if (v < 0) *p++ = '-';
    while (n) *p++ = back[--n];
    return p - out;
}

Int128 num_pow10(int32_t n)
{
    must(n >= 0 && n <= 38);
    Int128 v = 1;
    while (n-- > 0) v *= 10;
    return v;
}

int32_t num_precision(Int128 v)
{
    Uint128 u = v < 0 ? 0 - (Uint128)v : (Uint128)v;
    int32_t n = 1;
    while (u >= 10) u /= 10, n++;
    return n;
}

int64_t num_format_decimal(char *out, Int128 unscaled, int32_t scale)
{
    char back[48];
    Uint128 u = unscaled < 0 ? 0 - (Uint128)unscaled : (Uint128)unscaled;
    int32_t n = 0;
    do back[n++] = (char)('0' + (int32_t)(u % 10));
    while (u /= 10);
    while (n <= scale) back[n++] = '0';
    char *p = out;
    if (unscaled < 0) *p++ = '-';
    while (n) {
        *p++ = back[--n];
        if (n == scale && n > 0) *p++ = '.';
    }
    return p - out;
}

// Appends one digit to *v; beyond 38 digits says so.
static bool push_digit(Int128 *v, int32_t d)
{
    if (*v > (num_pow10(38) - 1 - d) / 10) return false;
    *v = *v * 10 + d;
    return true;
}

bool num_parse_decimal(Str s, int32_t scale, Int128 *unscaled)
{
    bool neg = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+')) s = str_from(s, 1);
    int64_t exp_at = str_find_char(s, 'e') < 0 ? str_find_char(s, 'E') : str_find_char(s, 'e');
    int64_t exponent = 0;
    if (!f64_grammar(s)) return false;
    if (exp_at >= 0 && !num_parse_i64(str_from(s, exp_at + 1), &exponent)) return false;
    Str mantissa = exp_at >= 0 ? str_of(s.p, exp_at) : s;
    int64_t dot = str_find_char(mantissa, '.');
    int64_t after = dot < 0 ? 0 : mantissa.n - dot - 1;
    // `keep` more digits of the text are taken, then zeros are added; the next digit rounds.
    if (exponent > 1000 || exponent < -1000) exponent = exponent > 0 ? 1000 : -1000;
    int64_t keep = (dot < 0 ? mantissa.n : mantissa.n - 1) - after + exponent + scale;
    Int128 v = 0;
    bool round_up = false;
    for (int64_t i = 0; i < mantissa.n; i++) {
        if (mantissa.p[i] == '.') continue;
        int32_t d = mantissa.p[i] - '0';
        if (keep <= 0) {
            round_up = keep == 0 && d >= 5;
            break;
        }
        if (!push_digit(&v, d)) return false;
        keep--;
    }
    for (; keep > 0; keep--)
        if (v && !push_digit(&v, 0)) return false;
    v += round_up;
    if (num_precision(v) > 38) return false;
    *unscaled = neg ? -v : v;
    return true;
}
