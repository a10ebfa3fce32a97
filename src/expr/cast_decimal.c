// cast_decimal.c -- decimals to and from the other numbers.
#include "expr/cast_in.h"
#include "expr/decimal_in.h"

static Status no_room(const KernelCall *k, int32_t row, Int128 v, int32_t scale)
{
    const CastCall *c = k->bound;
    return decimal_overflow(k, row, c->fault == FAULT_RAISE, decimal_str(k->scratch, v, scale),
                            c->to);
}

static Status to_decimal(const KernelCall *k, int32_t row, Int128 v, int32_t scale)
{
    const Type *to = k->out->type;
    Int128 *z = &COLUMN_DATA(k->out, Int128)[row];
    if (LIKELY(decimal_rescale(v, scale, to->scale, z) && decimal_fits(*z, to->precision)))
        return DONE;
    return no_room(k, row, v, scale);
}

#define FROM_INT(name, T)                                                                          \
    static Status decimal_of_##name(const KernelCall *k)                                           \
    {                                                                                              \
        const T *x = COLUMN_DATA(k->in[0], T);                                                     \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if (kernel_live(k, i)) TRY(to_decimal(k, i, x[i], 0));                                 \
        return DONE;                                                                               \
    }
FROM_INT(bool, uint8_t)
FROM_INT(i8, int8_t)
FROM_INT(i16, int16_t)
FROM_INT(i32, int32_t)
FROM_INT(i64, int64_t)

static Status decimal_of_decimal(const KernelCall *k)
{
    const Int128 *x = COLUMN_DATA(k->in[0], Int128);
    int32_t scale = k->in[0]->type->scale;
    for (int32_t i = 0; i < k->rows; i++)
        if (kernel_live(k, i)) TRY(to_decimal(k, i, x[i], scale));
    return DONE;
}

// By way of the shortest text of the number, as Java's BigDecimal.valueOf has it. NaN and the
// infinities are NULL, even under ANSI.
static Status decimal_of_real(const KernelCall *k, int32_t row, double v, Str text)
{
    const CastCall *c = k->bound;
    Int128 *z = &COLUMN_DATA(k->out, Int128)[row];
    if (v - v != 0) {
        k->out->valid[row] = 0;
        return DONE;
    }
    if (num_parse_decimal(text, c->to->scale, z) && decimal_fits(*z, c->to->precision)) return DONE;
    Int128 digits;
    Str plain = num_parse_decimal(text, 0, &digits) ? decimal_str(k->scratch, digits, 0)
                                                    : str_copy(k->scratch, text);
    return decimal_overflow(k, row, c->fault == FAULT_RAISE, plain, c->to);
}

#define FROM_REAL(name, T)                                                                         \
    static Status decimal_of_##name(const KernelCall *k)                                           \
    {                                                                                              \
        const T *x = COLUMN_DATA(k->in[0], T);                                                     \
        char text[NUM_TEXT_MAX];                                                                   \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if (kernel_live(k, i))                                                                 \
                TRY(decimal_of_real(k, i, (double)x[i],                                            \
                                    str_of(text, num_format_##name(text, x[i]))));                 \
        return DONE;                                                                               \
    }
FROM_REAL(f32, float)
FROM_REAL(f64, double)

// Integers take the part before the point; without ANSI what is too large wraps, as Java's does.
#define TO_INT(name, T)                                                                            \
    static Status name##_of_decimal(const KernelCall *k)                                           \
    {                                                                                              \
        const Int128 *x = COLUMN_DATA(k->in[0], Int128);                                           \
        T *z = COLUMN_DATA(k->out, T);                                                             \
        Int128 by = num_pow10(k->in[0]->type->scale);                                              \
        bool wraps = ((const CastCall *)k->bound)->fault == FAULT_WRAP;                            \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            if (!kernel_live(k, i)) continue;                                                      \
            Int128 whole = x[i] / by;                                                              \
            z[i] = (T)whole;                                                                       \
            if (!wraps && UNLIKELY(z[i] != whole)) TRY(cast_overflow(k, i));                       \
        }                                                                                          \
        return DONE;                                                                               \
    }
TO_INT(i8, int8_t)
TO_INT(i16, int16_t)
TO_INT(i32, int32_t)
TO_INT(i64, int64_t)

#define TO_ANY(name, T, CONVERT)                                                                   \
    static Status name##_of_decimal(const KernelCall *k)                                           \
    {                                                                                              \
        const Int128 *x = COLUMN_DATA(k->in[0], Int128);                                           \
        T *z = COLUMN_DATA(k->out, T);                                                             \
        int32_t scale = k->in[0]->type->scale;                                                     \
        (void)scale;                                                                               \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if (kernel_live(k, i)) z[i] = CONVERT;                                                 \
        return DONE;                                                                               \
    }
TO_ANY(bool, uint8_t, x[i] != 0)
TO_ANY(f32, float, (float)decimal_f64(x[i], scale))
TO_ANY(f64, double, decimal_f64(x[i], scale))

Kernel cast_decimal_kernel(const CastCall *c)
{
    static const Kernel from[] = {
        [PHYS_BOOL] = decimal_of_bool, [PHYS_I8] = decimal_of_i8,
        [PHYS_I16] = decimal_of_i16,   [PHYS_I32] = decimal_of_i32,
        [PHYS_I64] = decimal_of_i64,   [PHYS_F32] = decimal_of_f32,
        [PHYS_F64] = decimal_of_f64,   [PHYS_I128] = decimal_of_decimal,
    };
    static const Kernel to[] = {
        [PHYS_BOOL] = bool_of_decimal, [PHYS_I8] = i8_of_decimal,   [PHYS_I16] = i16_of_decimal,
        [PHYS_I32] = i32_of_decimal,   [PHYS_I64] = i64_of_decimal, [PHYS_F32] = f32_of_decimal,
        [PHYS_F64] = f64_of_decimal,
    };
    if (c->to->id == T_DECIMAL) return from[type_phys(c->from)];
    return c->from->id == T_DECIMAL ? to[type_phys(c->to)] : NULL;
}
