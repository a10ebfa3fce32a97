// decimal.c -- the arithmetic of decimal_in.h. Operands of up to 38 digits at different scales need
// up to 76 digits between; where 128 bits do, they are used.
#include "expr/decimal_in.h"
#include "expr/text_in.h"

static Uint128 magnitude(Int128 v) { return v < 0 ? -(Uint128)v : (Uint128)v; }
static Int128 signed_of(Uint128 v, bool negative) { return (Int128)(negative ? -v : v); }

static Wide wide_mul(Uint128 x, Uint128 y)
{
    uint64_t x0 = (uint64_t)x, x1 = (uint64_t)(x >> 64), y0 = (uint64_t)y, y1 = (uint64_t)(y >> 64);
    Uint128 low = (Uint128)x0 * y0, mid1 = (Uint128)x0 * y1, mid2 = (Uint128)x1 * y0;
    Uint128 carry = (low >> 64) + (uint64_t)mid1 + (uint64_t)mid2;
    return (Wide){.lo = (carry << 64) | (uint64_t)low,
                  .hi = (Uint128)x1 * y1 + (mid1 >> 64) + (mid2 >> 64) + (carry >> 64)};
}

// Quotient and remainder by shifting: rare, and 256 rounds are under a microsecond.
static Wide wide_div(Wide x, Uint128 y, Uint128 *rest)
{
    Wide q = {.negative = x.negative};
    Uint128 r = 0;
    for (int32_t i = 255; i >= 0; i--) {
        bool carry = r >> 127;
        r = r << 1 | ((i >= 128 ? x.hi >> (i - 128) : x.lo >> i) & 1);
        if (!carry && r < y) continue;
        r -= y;
        if (i >= 128)
            q.hi |= (Uint128)1 << (i - 128);
        else
            q.lo |= (Uint128)1 << i;
    }
    *rest = r;
    return q;
}

static bool wide_fits(Wide w, Int128 *out)
{
    if (w.hi || w.lo >= (Uint128)num_pow10(38)) return false;
    *out = signed_of(w.lo, w.negative);
    return true;
}

// w / 10^digits, HALF_UP.
static bool wide_drop(Wide w, int32_t digits, Int128 *out)
{
    Uint128 rest = 0;
    while (digits > 38) { // what is dropped first cannot tip a half
        w = wide_div(w, (Uint128)num_pow10(digits - 38), &rest);
        digits = 38;
    }
    if (digits > 0) {
        Uint128 by = (Uint128)num_pow10(digits);
        w = wide_div(w, by, &rest);
        if (rest >= by - rest && !++w.lo) w.hi++;
    }
    return wide_fits(w, out);
}

Int128 decimal_drop(Int128 v, int32_t digits, Rounding how)
{
    if (digits <= 0) return v;
    if (digits > 38) return how == ROUND_CEILING ? v > 0 : how == ROUND_FLOOR ? -(v < 0) : 0;
    Uint128 by = (Uint128)num_pow10(digits), m = magnitude(v), q = m / by, rest = m % by;
    bool negative = v < 0;
    switch (how) {
    case ROUND_HALF_UP: q += rest >= by - rest; break;
    case ROUND_HALF_EVEN: q += rest > by - rest || (rest == by - rest && (q & 1)); break;
    case ROUND_CEILING: q += rest && !negative; break;
    case ROUND_FLOOR: q += rest && negative; break;
    }
    return signed_of(q, negative);
}

static bool scaled_up(Int128 v, int32_t digits, Int128 *out)
{
    if (digits > 38) return v == 0 ? (*out = 0, true) : false;
    return !__builtin_mul_overflow(v, num_pow10(digits), out);
}

bool decimal_rescale(Int128 v, int32_t from, int32_t to, Int128 *out)
{
    if (from >= to) {
        *out = decimal_drop(v, from - to, ROUND_HALF_UP);
        return true;
    }
    return scaled_up(v, to - from, out) && decimal_fits(*out, DECIMAL_PRECISION_MAX);
}

// x * 10^digits as 256 bits: 38 digits more is what scales can ask for.
static Wide wide_up(Int128 x, int32_t digits)
{
    Wide w = wide_mul(magnitude(x), (Uint128)num_pow10(MIN(digits, 38)));
    w.negative = x < 0;
    return w;
}

static Wide wide_sum(Wide x, Wide y)
{
    if (x.negative == y.negative) {
        Wide z = {x.hi + y.hi, x.lo + y.lo, x.negative};
        z.hi += z.lo < x.lo;
        return z;
    }
    bool swap = x.hi < y.hi || (x.hi == y.hi && x.lo < y.lo);
    Wide big = swap ? y : x, small = swap ? x : y;
    return (Wide){big.hi - small.hi - (big.lo < small.lo), big.lo - small.lo, big.negative};
}

bool decimal_sum(const DecimalOp *op, Int128 x, Int128 y, Int128 *out)
{
    int32_t scale = MAX(op->sx, op->sy);
    Int128 a, b, sum;
    if (scaled_up(x, scale - op->sx, &a) && scaled_up(y, scale - op->sy, &b) &&
        !__builtin_add_overflow(a, b, &sum))
        return decimal_rescale(sum, scale, op->to, out);
    Wide w = wide_sum(wide_up(x, scale - op->sx), wide_up(y, scale - op->sy));
    return scale >= op->to && wide_drop(w, scale - op->to, out);
}

bool decimal_product(const DecimalOp *op, Int128 x, Int128 y, Int128 *out)
{
    int32_t scale = op->sx + op->sy;
    Int128 z;
    if (!__builtin_mul_overflow(x, y, &z)) return decimal_rescale(z, scale, op->to, out);
    Wide w = wide_mul(magnitude(x), magnitude(y));
    w.negative = (x < 0) != (y < 0);
    return scale >= op->to && wide_drop(w, scale - op->to, out);
}

static void half_up(Uint128 rest, Uint128 by, Wide *q)
{
    if (rest >= by - rest && !++q->lo) q->hi++;
}

bool decimal_quotient(const DecimalOp *op, Int128 x, Int128 y, Int128 *out)
{
    // The quotient's digits at the result's scale: x * 10^up / y.
    int32_t up = op->to + op->sy - op->sx;
    must(y != 0);
    Uint128 by = magnitude(y), rest;
    bool negative = (x < 0) != (y < 0);
    Int128 scaled;
    if (up >= 0 && scaled_up(x, up, &scaled)) {
        Uint128 m = magnitude(scaled), q = m / by;
        rest = m % by;
        q += rest >= by - rest;
        *out = signed_of(q, negative);
        return q < (Uint128)num_pow10(38);
    }
    Wide q;
    if (up < 0) { // digits of x go: divide by y * 10^-up, in two steps when that is too much
        Int128 big;
        if (!scaled_up(signed_of(by, false), -up, &big)) return *out = 0, true;
        q = wide_div((Wide){.lo = magnitude(x)}, (Uint128)big, &rest);
        half_up(rest, (Uint128)big, &q);
    } else {
        if (up > 38) {
            Wide first = wide_up(x, up - 38);
            if (first.hi || first.lo >> 127) return false;
            x = (Int128)first.lo;
            up = 38;
        }
        q = wide_div(wide_up(x, up), by, &rest);
        half_up(rest, by, &q);
    }
    q.negative = negative;
    return wide_fits(q, out);
}

static Uint128 wide_mod(Wide w, Uint128 by)
{
    Uint128 rest;
    wide_div(w, by, &rest);
    return rest;
}

bool decimal_remainder(const DecimalOp *op, Int128 x, Int128 y, Int128 *out)
{
    int32_t scale = MAX(op->sx, op->sy);
    Int128 a, b;
    bool small = scaled_up(y, scale - op->sy, &b);
    must(y != 0 && (!small || b != 0));
    if (small && scaled_up(x, scale - op->sx, &a))
        return decimal_rescale(a % b, scale, op->to, out);
    // A divisor beyond 38 digits is greater than any dividend of its scale.
    Uint128 rest = small ? wide_mod(wide_up(x, scale - op->sx), magnitude(b)) : magnitude(x);
    return decimal_rescale(signed_of(rest, x < 0), scale, op->to, out);
}

int32_t decimal_cmp(Int128 x, int32_t sx, Int128 y, int32_t sy)
{
    int32_t scale = MAX(sx, sy);
    Wide a = wide_up(x, scale - sx), b = wide_up(y, scale - sy);
    if (a.negative != b.negative) return a.negative ? -1 : 1;
    int32_t c = a.hi != b.hi ? (a.hi > b.hi) - (a.hi < b.hi) : (a.lo > b.lo) - (a.lo < b.lo);
    return a.negative ? -c : c;
}

Str decimal_str(Arena *a, Int128 v, int32_t scale)
{
    char text[NUM_TEXT_MAX];
    return str_copy(a, str_of(text, num_format_decimal(text, v, scale)));
}

// Exact for values whose digits and power of ten are doubles; else by way of the text.
double decimal_f64(Int128 v, int32_t scale)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (magnitude(v) < (Uint128)1 << 53 && scale < COUNT(power))
        return (double)(int64_t)v / power[scale];
    char text[NUM_TEXT_MAX];
    double d = 0;
    bool ok = num_parse_f64(str_of(text, num_format_decimal(text, v, scale)), &d);
    must(ok);
    return d;
}

Status decimal_overflow(const KernelCall *k, int32_t row, bool raise, Str text, const Type *t)
{
    if (!raise || !kernel_live(k, row)) {
        k->out->valid[row] = 0;
        return DONE;
    }
    return RAISE(NUMERIC_VALUE_OUT_OF_RANGE, P("value", text),
                 P("precision", str_fmt(k->scratch, "%d", t->precision)),
                 P("scale", str_fmt(k->scratch, "%d", t->scale)),
                 P("config", S("\"spark.sql.ansi.enabled\"")));
}
