// num.h -- numbers as text, exactly as Java (hence Spark) reads and writes them.
#ifndef BASE_NUM_H
#define BASE_NUM_H
#include "base/base.h"

enum { NUM_TEXT_MAX = 64 };
bool num_parse_i64(Str s, int64_t *v); // [+-]digits and nothing else; false on overflow too
bool num_parse_u64_hex(Str s, uint64_t *v);
// Java's Double.parseDouble without its hexadecimal form; s is the number and nothing else.
bool num_parse_f64(Str s, double *v);
// Shortest digits that read back equal, in the form of Java's Double.toString: 5.0, 1.0E7, 1.0E-4,
// NaN, Infinity. out has NUM_TEXT_MAX bytes; returns the length.
int64_t num_format_f64(char *out, double v);
int64_t num_format_f32(char *out, float v);
int64_t num_format_i64(char *out, int64_t v);
// A decimal's text with all its digits: unscaled 12345, scale 2 -> 123.45.
int64_t num_format_decimal(char *out, Int128 unscaled, int32_t scale);
// [+-]digits[.digits][e[+-]digits] -> unscaled value at `scale`, rounded HALF_UP. False when s is
// no number or the value exceeds 38 digits.
bool num_parse_decimal(Str s, int32_t scale, Int128 *unscaled);
// The shortest digits of v: digits[0..*ndigits) with the point after position *point. v is finite,
// > 0.
void num_digits_f64(double v, char digits[20], int32_t *ndigits, int32_t *point);
Int128 num_pow10(int32_t n);     // 0 <= n <= 38
int32_t num_precision(Int128 v); // decimal digits, at least 1
#endif
