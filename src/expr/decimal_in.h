// decimal_in.h -- arithmetic of decimals: exact, then rounded HALF_UP to the result's scale. An
// intermediate result may need 256 bits.
#ifndef EXPR_DECIMAL_IN_H
#define EXPR_DECIMAL_IN_H
#include "base/num.h"
#include "expr/fn.h"

typedef struct Wide { // an integer of 256 bits without its sign
    Uint128 hi, lo;
    bool negative;
} Wide;

static inline bool decimal_fits(Int128 v, int32_t precision)
{
    Int128 bound = num_pow10(precision);
    return v > -bound && v < bound;
}
// v at scale `from` -> at scale `to`, HALF_UP; false when that has more than 38 digits.
bool decimal_rescale(Int128 v, int32_t from, int32_t to, Int128 *out);
typedef enum Rounding { ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_CEILING, ROUND_FLOOR } Rounding;
// Drops `digits` digits (0..76) of v.
Int128 decimal_drop(Int128 v, int32_t digits, Rounding how);

// x op y with the scales given, at scale `to`; false when the result has more than 38 digits. The
// divisor is not 0.
typedef struct DecimalOp {
    int32_t sx, sy, to; // scales of the operands and of the result
} DecimalOp;
bool decimal_sum(const DecimalOp *op, Int128 x, Int128 y, Int128 *out);
bool decimal_product(const DecimalOp *op, Int128 x, Int128 y, Int128 *out);
bool decimal_quotient(const DecimalOp *op, Int128 x, Int128 y, Int128 *out);
bool decimal_remainder(const DecimalOp *op, Int128 x, Int128 y, Int128 *out);
int32_t decimal_cmp(Int128 x, int32_t sx, Int128 y, int32_t sy);
double decimal_f64(Int128 v, int32_t scale);

// A result that its type cannot hold: NUMERIC_VALUE_OUT_OF_RANGE, or NULL when raise is false.
Status decimal_overflow(const KernelCall *k, int32_t row, bool raise, Str text, const Type *t);
Str decimal_str(Arena *a, Int128 v, int32_t scale);
#endif
