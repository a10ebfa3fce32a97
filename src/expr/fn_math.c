// fn_math.c -- mathematics on doubles, rounding, and bits of integers.
#include "expr/fn_in.h"
#include <math.h>

#define LOG2_E   1.4426950408889634
#define PI_VALUE 3.141592653589793

// Java's cbrt is that of fdlibm to the last bit: a third of the exponent, a rational function of
// how far off that is, cut to 20 bits and rounded up, and one step of Newton's.
static double cube_root(double x)
{
    enum { WORD = 32, THIRD = 715094163, THIRD_TINY = 696219795 };
    if (x == 0 || x - x != 0) return x;
    double size = fabs(x), scale = size < 2.2250738585072014e-308 ? 0x1p54 : 1;
    double t = size * scale;
    int64_t bits;
    memcpy(&bits, &t, sizeof bits);
    bits = ((bits >> WORD) / 3 + (scale > 1 ? THIRD_TINY : THIRD)) << WORD;
    memcpy(&t, &bits, sizeof t);
    double off = 19.0 / 35 + t * t / size * t;
    t *= 5.0 / 14 + 45.0 / 28 / (off + 99.0 / 70 - 864.0 / 1225 / off);
    memcpy(&bits, &t, sizeof bits);
    bits = ((bits >> WORD) + 1) << WORD;
    memcpy(&t, &bits, sizeof t);
    double rest = size / (t * t);
    t += t * ((rest - t) / (t + t + rest));
    return x < 0 ? -t : t;
}

// As Java has it: infinite where the square is.
static double java_asinh(double x) { return x == -INFINITY ? x : log(x + sqrt(x * x + 1)); }

// Functions of one double that always have a value.
#define UNARY(X)                                                                                   \
    X(sqrt, sqrt(x[i]))                                                                            \
    X(cbrt, cube_root(x[i]))                                                                       \
    X(exp, exp(x[i]))                                                                              \
    X(expm1, expm1(x[i]))                                                                          \
    X(sin, sin(x[i]))                                                                              \
    X(cos, cos(x[i]))                                                                              \
    X(tan, tan(x[i]))                                                                              \
    X(asin, asin(x[i]))                                                                            \
    X(acos, acos(x[i]))                                                                            \
    X(atan, atan(x[i]))                                                                            \
    X(sinh, sinh(x[i]))                                                                            \
    X(cosh, cosh(x[i]))                                                                            \
    X(tanh, tanh(x[i]))                                                                            \
    X(asinh, java_asinh(x[i]))                                                                     \
    X(acosh, log(x[i] + sqrt(x[i] * x[i] - 1)))                                                    \
    X(atanh, atanh(x[i]))                                                                          \
    X(cot, 1 / tan(x[i]))                                                                          \
    X(sec, 1 / cos(x[i]))                                                                          \
    X(csc, 1 / sin(x[i]))                                                                          \
    X(rint, rint(x[i]))                                                                            \
    X(degrees, x[i] * (180 / PI_VALUE))                                                            \
    X(radians, x[i] / 180 * PI_VALUE)
#define UNARY_KERNEL(name, value) MAP1(name##_kernel, double, double, value)
UNARY(UNARY_KERNEL)
#define SIGN(type)                                                                                 \
    MAP1(sign_of_##type, type, double, x[i] > 0 ? 1.0 : x[i] < 0 ? -1.0 : (double)x[i])
SIGN(double)
SIGN(int32_t)
SIGN(int64_t)
static Status sign_kernel(const KernelCall *k) // of intervals, too
{
    TypeId id = k->in[0]->type->id;
    if (id == T_INTERVAL_YM) return sign_of_int32_t(k);
    return id == T_INTERVAL_DT ? sign_of_int64_t(k) : sign_of_double(k);
}
MAP2(pow_kernel, double, double, y[i] != y[i] ? y[i] : pow(x[i], y[i])) // 1 to the NaN, too
MAP2(atan2_kernel, double, double, atan2(x[i] + 0.0, y[i] + 0.0))
MAP2(hypot_kernel, double, double, hypot(x[i], y[i]))

// Logarithms are NULL where there is none.
#define LOGARITHM(name, least, value)                                                              \
    static Status name##_kernel(const KernelCall *k)                                               \
    {                                                                                              \
        const double *x = COLUMN_DATA(k->in[0], double);                                           \
        double *z = COLUMN_DATA(k->out, double);                                                   \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            z[i] = value;                                                                          \
            k->out->valid[i] &= !(x[i] <= (least));                                                \
        }                                                                                          \
        return DONE;                                                                               \
    }
LOGARITHM(ln, 0.0, log(x[i]))
LOGARITHM(log10, 0.0, log10(x[i]))
LOGARITHM(log2, 0.0, log(x[i]) / log(2))
LOGARITHM(log1p, -1.0, log1p(x[i]))

static Status log_kernel(const KernelCall *k)
{
    const double *base = COLUMN_DATA(k->in[0], double), *x = COLUMN_DATA(k->in[1], double);
    double *z = COLUMN_DATA(k->out, double);
    for (int32_t i = 0; i < k->rows; i++) {
        z[i] = log(x[i]) / log(base[i]);
        k->out->valid[i] &= !(x[i] <= 0 || base[i] <= 0);
    }
    return DONE;
}

// log(x) is log(e, x).
static Status analyse_log(Arena *a, Expr *call, const EvalCtx *ctx)
{
    if (call->nargs == 2) return DONE;
    Expr *base;
    TRY(fn_make(&base, a, ctx, S("e"), NULL, 0));
    push_arg(a, call, call->arg[0]);
    call->arg[0] = base;
    return DONE;
}

static Status constant(const KernelCall *k)
{
    double *z = COLUMN_DATA(k->out, double);
    for (int32_t i = 0; i < k->rows; i++) z[i] = *(const double *)k->bound;
    return DONE;
}
static Status bind_constant(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    static const double pi_value = PI_VALUE, e_value = 2.718281828459045;
    b->data = str_eq(call->fn->name, S("pi")) ? &pi_value : &e_value;
    return DONE;
}

static Status factorial(const KernelCall *k)
{
    const int32_t *x = COLUMN_DATA(k->in[0], int32_t);
    int64_t *z = COLUMN_DATA(k->out, int64_t);
    for (int32_t i = 0; i < k->rows; i++) {
        bool fits = x[i] >= 0 && x[i] <= 20;
        z[i] = 1;
        for (int32_t f = 2; fits && f <= x[i]; f++) z[i] *= f;
        k->out->valid[i] &= fits;
    }
    return DONE;
}

#define BITS(name, T)                                                                              \
    MAP2(and_##name, T, T, x[i] & y[i])                                                            \
    MAP2(or_##name, T, T, x[i] | y[i])                                                             \
    MAP2(xor_##name, T, T, x[i] ^ y[i])                                                            \
    MAP1(not_##name, T, T, ~x[i])                                                                  \
    MAP1(count_##name, T, int32_t, __builtin_popcountll((uint64_t)(int64_t)x[i]))
BITS(i8, int8_t)
BITS(i16, int16_t)
BITS(i32, int32_t)
BITS(i64, int64_t)
MAP1(count_u8, uint8_t, int32_t, x[i] != 0)

static Status bind_bits(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    static const Kernel kernels[][PHYS_I64 + 1] = {{NULL, and_i8, and_i16, and_i32, and_i64},
                                                   {NULL, or_i8, or_i16, or_i32, or_i64},
                                                   {NULL, xor_i8, xor_i16, xor_i32, xor_i64},
                                                   {NULL, not_i8, not_i16, not_i32, not_i64}};
    static const Kernel counts[] = {count_u8, count_i8, count_i16, count_i32, count_i64};
    Phys p = type_phys(call->arg[0]->type);
    const char *at = strchr("&|^~", call->fn->name.p[0]);
    b->kernel = at ? kernels[at - "&|^~"][p] : counts[p];
    return DONE;
}

static Status analyse_bits(Arena *a, Expr *call, const EvalCtx *ctx)
{
    if (call->nargs == 2) TRY(coerce_sides(a, call, type_is_integral, ctx));
    const Type *t = call->arg[0]->type;
    if (t->id == T_VOID) t = &type_int;
    for (int32_t i = 0; i < call->nargs; i++) coerce(a, &call->arg[i], t);
    call->type = t;
    if (type_is_integral(t)) return DONE;
    return RAISE(DATATYPE_MISMATCH_BINARY_OP_WRONG_TYPE, P("sqlExpr", quoted_sql(a, call)),
                 P("inputType", S("\"INTEGRAL\"")), P("actualDataType", quoted_type(a, t)));
}

static void sql_not_bits(Buf *b, const Expr *e)
{
    buf_char(b, '~');
    expr_sql(b, e->arg[0]);
}

// Java counts shifts modulo the width.
#define SHIFTS(name, T, U, bits)                                                                   \
    EACH2(left_##name, T, int32_t, T, z[i] = (T)((U)x[i] << (y[i] & (bits - 1))))                  \
    EACH2(right_##name, T, int32_t, T, z[i] = (T)(x[i] >> (y[i] & (bits - 1))))                    \
    EACH2(right_unsigned_##name, T, int32_t, T, z[i] = (T)((U)x[i] >> (y[i] & (bits - 1))))
SHIFTS(i32, int32_t, uint32_t, 32)
SHIFTS(i64, int64_t, uint64_t, 64)

static Status bind_shift(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    bool wide = call->type->id == T_BIGINT;
    Str name = call->fn->name;
    if (str_eq(name, S("shiftleft")) || str_eq(name, S("<<")))
        b->kernel = wide ? left_i64 : left_i32;
    else if (str_eq(name, S("shiftright")) || str_eq(name, S(">>")))
        b->kernel = wide ? right_i64 : right_i32;
    else
        b->kernel = wide ? right_unsigned_i64 : right_unsigned_i32;
    return DONE;
}

static Status get_bit(const KernelCall *k)
{
    const int64_t *x = COLUMN_DATA(k->in[0], int64_t);
    const int32_t *at = COLUMN_DATA(k->in[1], int32_t);
    int8_t *z = COLUMN_DATA(k->out, int8_t);
    int32_t bits = *(const int32_t *)k->bound;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        if (at[i] < 0 || at[i] >= bits)
            return RAISE(INVALID_PARAMETER_VALUE_BIT_POSITION_RANGE,
                         P("functionName", S("`getbit`")), P("parameter", S("`pos`")),
                         P("lower", S("0")), P("upper", str_fmt(k->scratch, "%d", bits)),
                         P("invalidValue", str_fmt(k->scratch, "%d", at[i])));
        z[i] = (int8_t)(x[i] >> at[i] & 1);
    }
    return DONE;
}
static Status analyse_get_bit(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    // The width of what was given bounds the position.
    call->arg[0] = expr_cast(a, call->arg[0], &type_bigint, CAST_IMPLICIT);
    return DONE;
}
static Status bind_get_bit(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)ctx;
    int32_t *bits = NEW(a, int32_t, 1);
    const Expr *x = call->arg[0];
    *bits = x->kind == E_CAST ? 8 * phys_bytes(type_phys(x->arg[0]->type)) : 64;
    b->data = bits;
    return DONE;
}

// typeof(x)
static Status type_text(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) COLUMN_DATA(k->out, Str)[i] = *(const Str *)k->bound;
    k->out->valid = NULL;
    return DONE;
}
static Status bind_typeof(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)ctx;
    Str *name = NEW(a, Str, 1);
    *name = type_name_str(a, call->arg[0]->type);
    b->data = name;
    return DONE;
}

// clang-format off
#define ROW_1(fn, doc_, pretty_) \
    {.name = STR_INIT(#fn), .signature = "double -> double", .kernel = fn##_kernel, .flags = FN_SAYS_NULL, .doc = doc_, .pretty = pretty_}
#define ROW_LOG(fn, doc_, pretty_) \
    {.name = STR_INIT(#fn), .signature = "double -> double", .kernel = fn##_kernel, .flags = FN_MAY_NULL, .doc = doc_, .pretty = pretty_}
#define ROW_BITS(sign, doc_) \
    {.name = STR_INIT(sign), .signature = "any any -> -", .doc = doc_, .analyse = analyse_bits, .bind = bind_bits, .sql = sql_infix}
#define ROW_SHIFT(fn, doc_) \
    {.name = STR_INIT(fn), .signature = "int|bigint int -> =0", .doc = doc_, .bind = bind_shift}
#define ROW_SHIFT_SIGN(sign, doc_) \
    {.name = STR_INIT(sign), .signature = "int|bigint int -> =0", .doc = doc_, .bind = bind_shift, .sql = sql_infix}
static const FnRow rows[] = {
    ROW_1(sqrt, "the square root", "SQRT"),
    ROW_1(cbrt, "the cube root", "CBRT"),
    ROW_1(exp, "e to the power of x", "EXP"),
    ROW_1(expm1, "e to the power of x, less 1", "EXPM1"),
    ROW_1(sin, "the sine", "SIN"),
    ROW_1(cos, "the cosine", "COS"),
    ROW_1(tan, "the tangent", "TAN"),
    ROW_1(asin, "the arc sine", "ASIN"),
    ROW_1(acos, "the arc cosine", "ACOS"),
    ROW_1(atan, "the arc tangent", "ATAN"),
    ROW_1(sinh, "the hyperbolic sine", "SINH"),
    ROW_1(cosh, "the hyperbolic cosine", "COSH"),
    ROW_1(tanh, "the hyperbolic tangent", "TANH"),
    ROW_1(asinh, "the inverse hyperbolic sine", "ASINH"),
    ROW_1(acosh, "the inverse hyperbolic cosine", "ACOSH"),
    ROW_1(atanh, "the inverse hyperbolic tangent", "ATANH"),
    ROW_1(cot, "the cotangent", "COT"),
    ROW_1(sec, "the secant", "SEC"),
    ROW_1(csc, "the cosecant", "CSC"),
    ROW_1(rint, "the nearest whole number, the even one of two", NULL),
    ROW_1(degrees, "radians to degrees", "DEGREES"),
    ROW_1(radians, "degrees to radians", "RADIANS"),
    {.name = STR_INIT("sign"), .signature = "double|interval -> double", .kernel = sign_kernel, .flags = FN_SAYS_NULL, .doc = "-1, 0 or 1"},
    {.name = STR_INIT("signum"), .signature = "double|interval -> double", .kernel = sign_kernel, .flags = FN_SAYS_NULL, .doc = "-1, 0 or 1", .pretty = "SIGNUM"},
    {.name = STR_INIT("pow"), .signature = "double double -> double", .kernel = pow_kernel, .doc = "the first to the power of the second"},
    {.name = STR_INIT("power"), .signature = "double double -> double", .kernel = pow_kernel, .doc = "the first to the power of the second", .pretty = "POWER"},
    {.name = STR_INIT("atan2"), .signature = "double double -> double", .kernel = atan2_kernel, .doc = "the angle of a point given as y, x", .pretty = "ATAN2"},
    {.name = STR_INIT("hypot"), .signature = "double double -> double", .kernel = hypot_kernel, .doc = "the length of the diagonal", .pretty = "HYPOT"},
    ROW_LOG(ln, "the natural logarithm, NULL below 0", NULL),
    ROW_LOG(log10, "the logarithm to base 10", "LOG10"),
    ROW_LOG(log2, "the logarithm to base 2", "LOG2"),
    ROW_LOG(log1p, "the natural logarithm of 1 + x", "LOG1P"),
    {.name = STR_INIT("log"), .signature = "double double? -> double", .kernel = log_kernel, .flags = FN_MAY_NULL,
     .doc = "the logarithm of the second to the base of the first, or of the first to base e", .analyse = analyse_log, .pretty = "LOG"},
    {.name = STR_INIT("pi"), .signature = "-> double", .kernel = constant, .flags = FN_NOT_NULL, .doc = "3.14159...", .bind = bind_constant, .pretty = "PI"},
    {.name = STR_INIT("e"), .signature = "-> double", .kernel = constant, .flags = FN_NOT_NULL, .doc = "2.71828...", .bind = bind_constant, .pretty = "E"},
    {.name = STR_INIT("factorial"), .signature = "int -> bigint", .kernel = factorial, .flags = FN_MAY_NULL, .doc = "1 * 2 * ... * n, NULL past 20"},
    ROW_BITS("&", "bits that both have"),
    ROW_BITS("|", "bits that one of them has"),
    ROW_BITS("^", "bits that one of them has and not the other"),
    {.name = STR_INIT("~"), .signature = "integral -> -", .doc = "the other bits", .analyse = analyse_bits, .bind = bind_bits, .sql = sql_not_bits},
    {.name = STR_INIT("bit_count"), .signature = "integral|boolean! -> int", .doc = "how many bits are 1", .bind = bind_bits},
    ROW_SHIFT_SIGN("<<", "the bits moved to the left"),
    ROW_SHIFT_SIGN(">>", "the bits moved to the right, with the sign"),
    ROW_SHIFT_SIGN(">>>", "the bits moved to the right"),
    ROW_SHIFT("shiftleft", "the bits moved to the left"),
    ROW_SHIFT("shiftright", "the bits moved to the right, with the sign"),
    ROW_SHIFT("shiftrightunsigned", "the bits moved to the right"),
    {.name = STR_INIT("getbit"), .signature = "integral int -> tinyint", .kernel = get_bit, .flags = FN_RAISES, .doc = "the bit at a position",
     .analyse = analyse_get_bit, .bind = bind_get_bit},
    {.name = STR_INIT("bit_get"), .signature = "= getbit", .doc = "the bit at a position"},
    {.name = STR_INIT("typeof"), .signature = "any -> string", .kernel = type_text, .flags = FN_OWN_NULLS | FN_NOT_NULL, .doc = "the name of the type", .bind = bind_typeof},
};
// clang-format on
FN_TABLE(fn_math, rows);
