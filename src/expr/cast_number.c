// cast_number.c -- between booleans, integers and floating point. A loop converts all rows and
// notices whether any did not fit; only then are the rows looked at one by one.
#include "expr/cast_in.h"

// Did row i fit? Integers: there and back is the same. Floating point: as Java's exact casts, whose
// upper bound is compared as a double (so 2^63 is a BIGINT, the greatest).
#define FITS_INT(x, T, LO, HI) ((int64_t)(T)(x) == (int64_t)(x))
#define FITS_REAL(x, T, LO, HI)                                                                    \
    (__builtin_floor((double)(x)) <= (double)(HI) && __builtin_ceil((double)(x)) >= (double)(LO))
#define FITS_ALWAYS(x, T, LO, HI) ((void)(x), true)

// Java's conversion of floating point saturates and makes 0 of NaN; to less than an INT it goes by
// way of INT.
static int64_t java_i64(double x)
{
    if (x != x) return 0;
    if (x >= 9223372036854775808.0) return INT64_MAX;
    return x <= -9223372036854775808.0 ? INT64_MIN : (int64_t)x;
}
static int32_t java_i32(double x)
{
    if (x != x) return 0;
    if (x >= 2147483647.0) return INT32_MAX;
    return x <= -2147483648.0 ? INT32_MIN : (int32_t)x;
}
#define TO_PLAIN(x, T)    (T)(x)
#define TO_JAVA_I32(x, T) (T) java_i32((double)(x))
#define TO_JAVA_I64(x, T) java_i64((double)(x))
#define TO_BOOL(x, T)     (x) != 0

#define CAST_KERNEL(name, S, T, CONVERT, FITS, LO, HI)                                             \
    static Status name##_slow(const KernelCall *k)                                                 \
    {                                                                                              \
        const S *x = COLUMN_DATA(k->in[0], S);                                                     \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if (!(FITS(x[i], T, LO, HI))) TRY(cast_overflow(k, i));                                \
        return DONE;                                                                               \
    }                                                                                              \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const S *restrict x = COLUMN_DATA(k->in[0], S);                                            \
        T *restrict z = COLUMN_DATA(k->out, T);                                                    \
        int32_t bad = 0;                                                                           \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            z[i] = CONVERT(x[i], T);                                                               \
            bad |= !(FITS(x[i], T, LO, HI));                                                       \
        }                                                                                          \
        if (LIKELY(!bad) || ((const CastCall *)k->bound)->fault == FAULT_WRAP) return DONE;        \
        return name##_slow(k);                                                                     \
    }

#define FROM_EACH_INT(X, to, T, CONVERT, FITS, LO, HI)                                             \
    X(i8_##to, int8_t, T, CONVERT, FITS, LO, HI)                                                   \
    X(i16_##to, int16_t, T, CONVERT, FITS, LO, HI)                                                 \
    X(i32_##to, int32_t, T, CONVERT, FITS, LO, HI) X(i64_##to, int64_t, T, CONVERT, FITS, LO, HI)
#define FROM_REALS(X, to, T, CONVERT, FITS, LO, HI)                                                \
    X(f32_##to, float, T, CONVERT, FITS, LO, HI) X(f64_##to, double, T, CONVERT, FITS, LO, HI)
#define FROM_BOOL(X, to, T) X(bool_##to, uint8_t, T, TO_PLAIN, FITS_ALWAYS, 0, 0)

#define CASTS(X)                                                                                   \
    FROM_EACH_INT(X, bool, uint8_t, TO_BOOL, FITS_ALWAYS, 0, 0)                                    \
    FROM_REALS(X, bool, uint8_t, TO_BOOL, FITS_ALWAYS, 0, 0)                                       \
    FROM_BOOL(X, i8, int8_t)                                                                       \
    FROM_EACH_INT(X, i8, int8_t, TO_PLAIN, FITS_INT, 0, 0)                                         \
    FROM_REALS(X, i8, int8_t, TO_JAVA_I32, FITS_REAL, INT8_MIN, INT8_MAX)                          \
    FROM_BOOL(X, i16, int16_t)                                                                     \
    FROM_EACH_INT(X, i16, int16_t, TO_PLAIN, FITS_INT, 0, 0)                                       \
    FROM_REALS(X, i16, int16_t, TO_JAVA_I32, FITS_REAL, INT16_MIN, INT16_MAX)                      \
    FROM_BOOL(X, i32, int32_t)                                                                     \
    FROM_EACH_INT(X, i32, int32_t, TO_PLAIN, FITS_INT, 0, 0)                                       \
    FROM_REALS(X, i32, int32_t, TO_JAVA_I32, FITS_REAL, INT32_MIN, INT32_MAX)                      \
    FROM_BOOL(X, i64, int64_t)                                                                     \
    FROM_EACH_INT(X, i64, int64_t, TO_PLAIN, FITS_INT, 0, 0)                                       \
    FROM_REALS(X, i64, int64_t, TO_JAVA_I64, FITS_REAL, INT64_MIN, INT64_MAX)                      \
    FROM_BOOL(X, f32, float)                                                                       \
    FROM_EACH_INT(X, f32, float, TO_PLAIN, FITS_ALWAYS, 0, 0)                                      \
    FROM_REALS(X, f32, float, TO_PLAIN, FITS_ALWAYS, 0, 0)                                         \
    FROM_BOOL(X, f64, double)                                                                      \
    FROM_EACH_INT(X, f64, double, TO_PLAIN, FITS_ALWAYS, 0, 0)                                     \
    FROM_REALS(X, f64, double, TO_PLAIN, FITS_ALWAYS, 0, 0)
CASTS(CAST_KERNEL)

enum { KINDS = PHYS_F64 + 1 };
#define TO_ROW(to)                                                                                 \
    {                                                                                              \
        [PHYS_I8] = i8_##to, [PHYS_I16] = i16_##to, [PHYS_I32] = i32_##to, [PHYS_I64] = i64_##to,  \
        [PHYS_F32] = f32_##to, [PHYS_F64] = f64_##to                                               \
    }
#define TO_NUMBER_ROW(to)                                                                          \
    {                                                                                              \
        [PHYS_BOOL] = bool_##to, [PHYS_I8] = i8_##to, [PHYS_I16] = i16_##to,                       \
        [PHYS_I32] = i32_##to, [PHYS_I64] = i64_##to, [PHYS_F32] = f32_##to, [PHYS_F64] = f64_##to \
    }
static const Kernel kernels[KINDS][KINDS] = {
    [PHYS_BOOL] = TO_ROW(bool),      [PHYS_I8] = TO_NUMBER_ROW(i8),
    [PHYS_I16] = TO_NUMBER_ROW(i16), [PHYS_I32] = TO_NUMBER_ROW(i32),
    [PHYS_I64] = TO_NUMBER_ROW(i64), [PHYS_F32] = TO_NUMBER_ROW(f32),
    [PHYS_F64] = TO_NUMBER_ROW(f64),
};

// An integer as its bytes, the highest first.
static Status int_bytes(const KernelCall *k)
{
    const Column *in = k->in[0];
    static const uint8_t sizes[KINDS] = {
        [PHYS_I8] = 1, [PHYS_I16] = 2, [PHYS_I32] = 4, [PHYS_I64] = 8};
    int32_t size = sizes[type_phys(in->type)];
    char *to = NEW_RAW(k->scratch, char, (int64_t)size * k->rows + 1);
    const uint8_t *from = in->data;
    for (int32_t i = 0; i < k->rows; i++, from += size, to += size) {
        for (int32_t j = 0; j < size; j++) to[j] = (char)from[size - 1 - j];
        COLUMN_DATA(k->out, Str)[i] = str_of(to, size);
    }
    return DONE;
}

static bool plain(const Type *t)
{
    return t->id == T_BOOLEAN || (type_is_numeric(t) && t->id != T_DECIMAL);
}

Kernel cast_number_kernel(const CastCall *c)
{
    if (type_is_integral(c->from) && c->to->id == T_BINARY) return int_bytes;
    if (!plain(c->from) || !plain(c->to)) return NULL;
    return kernels[type_phys(c->to)][type_phys(c->from)];
}
