// fn_arith.c -- + - * / % div, their try_ forms, negation and abs. One loop a type computes all
// rows and gathers in one word whether any overflowed; rows are looked at only if so.
#include "expr/decimal_in.h"
#include "expr/fn_in.h"
#include "expr/time_fn_in.h"
#include <math.h>
#include <stdio.h>

typedef enum ArithOp { ADD, SUB, MUL, DIV, REM, PMOD, IDIV, NEG, ABS } ArithOp;
typedef enum Overflow { RAISE_IT, MAKE_NULL, WRAP } Overflow;
typedef struct Arith { // KernelCall.bound
    ArithOp op;
    Overflow overflow;
    const char *symbol, *try_name; // for messages
    DecimalOp decimal;
    int32_t precision;
    bool never; // a decimal sum that cannot overflow
} Arith;

static const struct {
    Str name;
    Arith arith;
} ops[] = {
    {STR_INIT("+"), {ADD, RAISE_IT, "+", "try_add", {0}, 0, false}},
    {STR_INIT("try_add"), {ADD, MAKE_NULL, "+", "try_add", {0}, 0, false}},
    {STR_INIT("-"), {SUB, RAISE_IT, "-", "try_subtract", {0}, 0, false}},
    {STR_INIT("try_subtract"), {SUB, MAKE_NULL, "-", "try_subtract", {0}, 0, false}},
    {STR_INIT("*"), {MUL, RAISE_IT, "*", "try_multiply", {0}, 0, false}},
    {STR_INIT("try_multiply"), {MUL, MAKE_NULL, "*", "try_multiply", {0}, 0, false}},
    {STR_INIT("/"), {DIV, RAISE_IT, "/", "try_divide", {0}, 0, false}},
    {STR_INIT("try_divide"), {DIV, MAKE_NULL, "/", "try_divide", {0}, 0, false}},
    {STR_INIT("%"), {REM, RAISE_IT, "%", "try_mod", {0}, 0, false}},
    {STR_INIT("try_mod"), {REM, MAKE_NULL, "%", "try_mod", {0}, 0, false}},
    {STR_INIT("pmod"), {PMOD, RAISE_IT, "pmod", "try_mod", {0}, 0, false}},
    {STR_INIT("div"), {IDIV, RAISE_IT, "div", "try_divide", {0}, 0, false}},
    {STR_INIT("negative"), {NEG, RAISE_IT, "-", "", {0}, 0, false}},
    {STR_INIT("abs"), {ABS, RAISE_IT, "abs", "", {0}, 0, false}},
};

static const Arith *arith_of(const FnRow *row)
{
    for (int32_t i = 0; i < COUNT(ops); i++)
        if (str_eq(ops[i].name, row->name)) return &ops[i].arith;
    must_failed("an arithmetic function", __FILE__, __LINE__);
}

static const char *java_name(const Type *t)
{
    static const char *const names[] = {
        [PHYS_I8] = "byte", [PHYS_I16] = "short", [PHYS_I32] = "integer", [PHYS_I64] = "long"};
    return names[type_phys(t)];
}

static Status raise_overflow(const KernelCall *k, const char *what)
{
    const Arith *r = k->bound;
    TypeId t = k->out->type->id;
    if ((t == T_INTERVAL_YM || t == T_INTERVAL_DT) && !r->try_name[0])
        return RAISE(INTERVAL_OVERFLOWS);
    if (t == T_INTERVAL_YM || t == T_INTERVAL_DT)
        return RAISE(INTERVAL_ARITHMETIC_OVERFLOW,
                     P("functionName", str_fmt(k->scratch, "`%s`", r->try_name)));
    Str hint = r->try_name[0]
                   ? str_fmt(k->scratch, " Use '%s' to tolerate overflow and return NULL instead.",
                             r->try_name)
                   : (Str){0};
    return RAISE(ARITHMETIC_OVERFLOW, P("message", str_z(what)), P("alternative", hint),
                 P("config", S("\"spark.sql.ansi.enabled\"")));
}

static Status small_overflow(const KernelCall *k, int64_t x, int64_t y)
{
    const Arith *r = k->bound;
    return RAISE(BINARY_ARITHMETIC_OVERFLOW, P("value1", str_fmt(k->scratch, "%dS", (int)x)),
                 P("symbol", str_z(r->symbol)), P("value2", str_fmt(k->scratch, "%dS", (int)y)),
                 P("functionName", str_fmt(k->scratch, "`%s`", r->try_name)));
}

static int64_t int_at(const Column *c, int32_t i)
{
    Phys p = type_phys(c->type);
    if (p == PHYS_I8) return COLUMN_DATA(c, int8_t)[i];
    if (p == PHYS_I16) return COLUMN_DATA(c, int16_t)[i];
    return p == PHYS_I32 ? COLUMN_DATA(c, int32_t)[i] : COLUMN_DATA(c, int64_t)[i];
}

// Row i overflowed.
static Status overflowed(const KernelCall *k, int32_t i)
{
    const Arith *r = k->bound;
    if (r->overflow == MAKE_NULL) {
        k->out->valid[i] = 0;
        return DONE;
    }
    if (!kernel_live(k, i)) return DONE;
    const Type *t = k->out->type;
    if (k->nin == 2 && (t->id == T_TINYINT || t->id == T_SMALLINT))
        return small_overflow(k, int_at(k->in[0], i), int_at(k->in[1], i));
    if (r->op == IDIV) return raise_overflow(k, "Overflow in integral divide");
    char what[32];
    snprintf(what, sizeof what, "%s overflow", java_name(t));
    return raise_overflow(k, str_to_z(k->scratch, str_z(what)));
}

// The sign bit of BAD tells that row i overflowed.
#define BAD_ADD(x, y, r) ((x ^ r) & (y ^ r))
#define BAD_SUB(x, y, r) ((x ^ y) & (x ^ r))
#define SUM(T, U, x, y)  ((T)((U)x + (U)y))
#define DIFF(T, U, x, y) ((T)((U)x - (U)y))
#define CHECKED(name, T, U, OP, BAD)                                                               \
    static Status name##_slow(const KernelCall *k)                                                 \
    {                                                                                              \
        const T *x = COLUMN_DATA(k->in[0], T), *y = COLUMN_DATA(k->in[1], T);                      \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if ((T)BAD(x[i], y[i], OP(T, U, x[i], y[i])) < 0) TRY(overflowed(k, i));               \
        return DONE;                                                                               \
    }                                                                                              \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const T *restrict x = COLUMN_DATA(k->in[0], T);                                            \
        const T *restrict y = COLUMN_DATA(k->in[1], T);                                            \
        T *restrict z = COLUMN_DATA(k->out, T);                                                    \
        T bad = 0;                                                                                 \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            T r = OP(T, U, x[i], y[i]);                                                            \
            z[i] = r;                                                                              \
            bad |= (T)BAD(x[i], y[i], r);                                                          \
        }                                                                                          \
        if (LIKELY(bad >= 0) || ((const Arith *)k->bound)->overflow == WRAP) return DONE;          \
        return name##_slow(k);                                                                     \
    }
CHECKED(add_i8, int8_t, uint8_t, SUM, BAD_ADD)
CHECKED(add_i16, int16_t, uint16_t, SUM, BAD_ADD)
CHECKED(add_i32, int32_t, uint32_t, SUM, BAD_ADD)
CHECKED(add_i64, int64_t, uint64_t, SUM, BAD_ADD)
CHECKED(sub_i8, int8_t, uint8_t, DIFF, BAD_SUB)
CHECKED(sub_i16, int16_t, uint16_t, DIFF, BAD_SUB)
CHECKED(sub_i32, int32_t, uint32_t, DIFF, BAD_SUB)
CHECKED(sub_i64, int64_t, uint64_t, DIFF, BAD_SUB)

// Products are computed in twice the width, BIGINT's by the processor's flag.
#define PRODUCT(T, W, x, y)    ((T)((W)x * (W)y))
#define BAD_I8(x, y, r)        (-((int16_t)x * (int16_t)y != r))
#define BAD_I16(x, y, r)       (-((int32_t)x * (int32_t)y != r))
#define BAD_I32(x, y, r)       (-((int64_t)x * (int64_t)y != r))
#define PRODUCT_64(T, U, x, y) ((T)((U)x * (U)y))
#define BAD_I64(x, y, r)       (-(int64_t)__builtin_mul_overflow_p(x, y, (int64_t)0))
CHECKED(mul_i8, int8_t, int16_t, PRODUCT, BAD_I8)
CHECKED(mul_i16, int16_t, int32_t, PRODUCT, BAD_I16)
CHECKED(mul_i32, int32_t, int64_t, PRODUCT, BAD_I32)

MAP2(add_f32, float, float, x[i] + y[i])
MAP2(add_f64, double, double, x[i] + y[i])
MAP2(sub_f32, float, float, x[i] - y[i])
MAP2(sub_f64, double, double, x[i] - y[i])
MAP2(mul_f32, float, float, x[i] * y[i])
MAP2(mul_f64, double, double, x[i] * y[i])

static Status mul_i64(const KernelCall *k)
{
    const int64_t *x = COLUMN_DATA(k->in[0], int64_t), *y = COLUMN_DATA(k->in[1], int64_t);
    int64_t *z = COLUMN_DATA(k->out, int64_t), r;
    bool wraps = ((const Arith *)k->bound)->overflow == WRAP;
    for (int32_t i = 0; i < k->rows; i++) {
        bool bad = __builtin_mul_overflow(x[i], y[i], &r);
        z[i] = r;
        if (UNLIKELY(bad) && !wraps) TRY(overflowed(k, i));
    }
    return DONE;
}

static Status by_zero(const KernelCall *k, int32_t i)
{
    const Arith *r = k->bound;
    if (r->overflow != RAISE_IT) {
        k->out->valid[i] = 0;
        return DONE;
    }
    if (!kernel_live(k, i)) return DONE;
    if (r->op == REM || r->op == PMOD)
        return RAISE(REMAINDER_BY_ZERO, P("config", S("\"spark.sql.ansi.enabled\"")));
    return RAISE(DIVIDE_BY_ZERO, P("config", S("\"spark.sql.ansi.enabled\"")));
}

#define DIVIDING(name, T, COMPUTE)                                                                 \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const T *x = COLUMN_DATA(k->in[0], T), *y = COLUMN_DATA(k->in[1], T);                      \
        T *z = COLUMN_DATA(k->out, T);                                                             \
        int32_t zero = 0;                                                                          \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            zero |= y[i] == 0;                                                                     \
            z[i] = COMPUTE;                                                                        \
        }                                                                                          \
        for (int32_t i = 0; zero && i < k->rows; i++)                                              \
            if (y[i] == 0) TRY(by_zero(k, i));                                                     \
        return DONE;                                                                               \
    }
// The divisors 0 and -1 are kept from the processor.
#define REM_INT(T, x, y)  ((T)((y) == 0 || (y) == -1 ? 0 : (x) % (y)))
#define MOD_INT(T, x, y)  pmod_i64(x, y)
#define REM_REAL(T, x, y) ((T)fmod((double)(x), (double)(y)))
static int64_t pmod_i64(int64_t x, int64_t y)
{
    if (y == 0 || y == -1) return 0;
    int64_t r = x % y;
    return r < 0 ? (int64_t)((uint64_t)r + (uint64_t)y) % y : r;
}
static double pmod_f64(double x, double y)
{
    double r = fmod(x, y);
    return r < 0 ? fmod(r + y, y) : r;
}
DIVIDING(div_f64, double, x[i] / y[i])
DIVIDING(rem_i8, int8_t, REM_INT(int8_t, x[i], y[i]))
DIVIDING(rem_i16, int16_t, REM_INT(int16_t, x[i], y[i]))
DIVIDING(rem_i32, int32_t, REM_INT(int32_t, x[i], y[i]))
DIVIDING(rem_i64, int64_t, REM_INT(int64_t, x[i], y[i]))
DIVIDING(rem_f32, float, REM_REAL(float, x[i], y[i]))
DIVIDING(rem_f64, double, REM_REAL(double, x[i], y[i]))
DIVIDING(pmod_i8, int8_t, (int8_t)pmod_i64(x[i], y[i]))
DIVIDING(pmod_i16, int16_t, (int16_t)pmod_i64(x[i], y[i]))
DIVIDING(pmod_i32, int32_t, (int32_t)pmod_i64(x[i], y[i]))
DIVIDING(pmod_long, int64_t, pmod_i64(x[i], y[i]))
DIVIDING(pmod_float, float, (float)pmod_f64((double)x[i], (double)y[i]))
DIVIDING(pmod_double, double, pmod_f64(x[i], y[i]))

static Status idiv_i64(const KernelCall *k)
{
    const int64_t *x = COLUMN_DATA(k->in[0], int64_t), *y = COLUMN_DATA(k->in[1], int64_t);
    int64_t *z = COLUMN_DATA(k->out, int64_t);
    for (int32_t i = 0; i < k->rows; i++) {
        if (UNLIKELY(y[i] == 0)) {
            TRY(by_zero(k, i));
        } else if (UNLIKELY(y[i] == -1)) {
            z[i] = (int64_t)(0 - (uint64_t)x[i]);
            if (x[i] == INT64_MIN && ((const Arith *)k->bound)->overflow == RAISE_IT)
                TRY(overflowed(k, i));
        } else {
            z[i] = x[i] / y[i];
        }
    }
    return DONE;
}

#define NEGATION(name, T, U)                                                                       \
    static Status neg_##name(const KernelCall *k)                                                  \
    {                                                                                              \
        const T *x = COLUMN_DATA(k->in[0], T);                                                     \
        T *z = COLUMN_DATA(k->out, T);                                                             \
        bool is_abs = ((const Arith *)k->bound)->op == ABS;                                        \
        bool wraps = ((const Arith *)k->bound)->overflow == WRAP;                                  \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            z[i] = is_abs && x[i] >= 0 ? x[i] : (T)(0 - (U)x[i]);                                  \
            if (UNLIKELY(z[i] == x[i] && x[i] < 0) && !wraps) TRY(overflowed(k, i));               \
        }                                                                                          \
        return DONE;                                                                               \
    }
NEGATION(i8, int8_t, uint8_t)
NEGATION(i16, int16_t, uint16_t)
NEGATION(i32, int32_t, uint32_t)
NEGATION(i64, int64_t, uint64_t)
MAP1(neg_f32, float, float, -x[i])
MAP1(neg_f64, double, double, -x[i])
MAP1(abs_f32, float, float, fabsf(x[i]))
MAP1(abs_f64, double, double, fabs(x[i]))
MAP1(neg_i128, Int128, Int128, -x[i])
MAP1(abs_i128, Int128, Int128, x[i] < 0 ? -x[i] : x[i])

static bool decimal_op(const Arith *r, Int128 x, Int128 y, Int128 *z)
{
    switch (r->op) {
    case ADD: return decimal_sum(&r->decimal, x, y, z);
    case SUB: return decimal_sum(&r->decimal, x, -y, z);
    case MUL: return decimal_product(&r->decimal, x, y, z);
    case DIV: return decimal_quotient(&r->decimal, x, y, z);
    case REM: return decimal_remainder(&r->decimal, x, y, z);
    case PMOD: {
        if (!decimal_remainder(&r->decimal, x, y, z)) return false;
        if (*z >= 0) return true;
        DecimalOp again = {r->decimal.to, r->decimal.sy, r->decimal.to};
        DecimalOp plus = {r->decimal.to, r->decimal.sy, MAX(r->decimal.to, r->decimal.sy)};
        Int128 sum;
        if (!decimal_sum(&plus, *z, y, &sum)) return false;
        again.sx = plus.to;
        return decimal_remainder(&again, sum, y, z);
    }
    case IDIV:
    case NEG:
    case ABS: break;
    }
    must_failed("ArithOp", __FILE__, __LINE__);
}

static Status decimal_kernel(const KernelCall *k)
{
    const Int128 *x = COLUMN_DATA(k->in[0], Int128), *y = COLUMN_DATA(k->in[1], Int128);
    Int128 *z = COLUMN_DATA(k->out, Int128);
    const Arith *r = k->bound;
    if (r->never) {
        Int128 sign = r->op == SUB ? -1 : 1;
        for (int32_t i = 0; i < k->rows; i++) z[i] = x[i] + sign * y[i];
        return DONE;
    }
    bool divides = r->op == DIV || r->op == REM || r->op == PMOD;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        if (divides && y[i] == 0) {
            TRY(by_zero(k, i));
            continue;
        }
        if (LIKELY(decimal_op(r, x[i], y[i], &z[i]) && decimal_fits(z[i], r->precision))) continue;
        Str text = str_fmt(k->scratch, STR_FMT " %s " STR_FMT,
                           STR_ARG(decimal_str(k->scratch, x[i], r->decimal.sx)), r->symbol,
                           STR_ARG(decimal_str(k->scratch, y[i], r->decimal.sy)));
        TRY(decimal_overflow(k, i, r->overflow == RAISE_IT, text, k->out->type));
    }
    return DONE;
}

static Status decimal_idiv(const KernelCall *k)
{
    const Int128 *x = COLUMN_DATA(k->in[0], Int128), *y = COLUMN_DATA(k->in[1], Int128);
    int64_t *z = COLUMN_DATA(k->out, int64_t);
    const Arith *r = k->bound;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        if (y[i] == 0) {
            TRY(by_zero(k, i));
            continue;
        }
        // x - x % y divides without a rest.
        DecimalOp rest = {r->decimal.sx, r->decimal.sy, MAX(r->decimal.sx, r->decimal.sy)};
        DecimalOp minus = {r->decimal.sx, rest.to, rest.to}, whole = {rest.to, r->decimal.sy, 0};
        Int128 v = 0;
        bool fits = decimal_remainder(&rest, x[i], y[i], &v) && decimal_sum(&minus, x[i], -v, &v) &&
                    decimal_quotient(&whole, v, y[i], &v);
        z[i] = fits ? (int64_t)v : 0; // what is more than a BIGINT wraps, as in Spark
    }
    return DONE;
}

static Kernel kernel_of(ArithOp op, Phys p)
{
    static const Kernel kernels[][PHYS_F64 + 1] = {
        [ADD] = {NULL, add_i8, add_i16, add_i32, add_i64, add_f32, add_f64},
        [SUB] = {NULL, sub_i8, sub_i16, sub_i32, sub_i64, sub_f32, sub_f64},
        [MUL] = {NULL, mul_i8, mul_i16, mul_i32, mul_i64, mul_f32, mul_f64},
        [DIV] = {NULL, NULL, NULL, NULL, NULL, NULL, div_f64},
        [REM] = {NULL, rem_i8, rem_i16, rem_i32, rem_i64, rem_f32, rem_f64},
        [PMOD] = {NULL, pmod_i8, pmod_i16, pmod_i32, pmod_long, pmod_float, pmod_double},
        [IDIV] = {NULL, NULL, NULL, NULL, idiv_i64, NULL, NULL},
        [NEG] = {NULL, neg_i8, neg_i16, neg_i32, neg_i64, neg_f32, neg_f64},
        [ABS] = {NULL, neg_i8, neg_i16, neg_i32, neg_i64, abs_f32, abs_f64},
    };
    if (p == PHYS_INTERVAL)
        return op == ADD ? interval_plus : op == SUB ? interval_minus : interval_negate;
    if (p == PHYS_I128) return op == NEG ? neg_i128 : op == ABS ? abs_i128 : decimal_kernel;
    return kernels[op][p];
}

static Status bind_arith(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    const Arith *row = arith_of(call->fn);
    Arith *r = NEW(a, Arith, 1);
    *r = *row;
    bool divides = r->op == DIV || r->op == REM || r->op == PMOD || r->op == IDIV;
    bool decimal = call->arg[0]->type->id == T_DECIMAL;
    TypeId t = call->arg[0]->type->id;
    bool interval = (t == T_INTERVAL_YM || t == T_INTERVAL_DT) && r->op != IDIV; // never wraps
    if (!ctx->ansi && !interval && r->overflow == RAISE_IT)
        r->overflow = divides || decimal ? MAKE_NULL : WRAP;
    if (r->overflow == MAKE_NULL || decimal) b->flags |= FN_MAY_NULL;
    b->data = r;
    b->kernel = kernel_of(r->op, type_phys(call->arg[0]->type));
    if (!decimal) return DONE;
    const Type *x = call->arg[0]->type, *y = call->arg[call->nargs - 1]->type;
    r->decimal = (DecimalOp){x->scale, y->scale, call->type->scale};
    r->precision = call->type->precision;
    int32_t whole = MAX(x->precision - x->scale, y->precision - y->scale);
    r->never = (r->op == ADD || r->op == SUB) && x->scale == y->scale &&
               x->scale == call->type->scale && call->type->precision - call->type->scale > whole;
    if (r->op == IDIV) b->kernel = decimal_idiv;
    return DONE;
}

// Without loss of precision the scale is kept, and what has more than 38 digits overflows.
static const Type *decimal_kept(Arena *a, ArithOp op, const Type *x, const Type *y)
{
    int32_t most = DECIMAL_PRECISION_MAX, scale = MAX(x->scale, y->scale);
    int32_t whole = MAX(x->precision - x->scale, y->precision - y->scale) + 1;
    if (op == MUL) {
        scale = x->scale + y->scale;
        whole = x->precision + y->precision + 1 - scale;
    } else if (op == DIV) {
        whole = MIN(most, x->precision - x->scale + y->scale);
        scale = MIN(most, MAX(6, x->scale + y->precision + 1));
        int32_t over = whole + scale - most;
        if (over > 0) scale -= over / 2 + 1, whole = most - scale;
    } else if (op == REM || op == PMOD) {
        whole = MIN(x->precision - x->scale, y->precision - y->scale);
    }
    return type_decimal(a, MIN(most, whole + scale), MIN(most, scale));
}

static const Type *decimal_result(Arena *a, ArithOp op, const Type *x, const Type *y, bool keep)
{
    if (keep && op != IDIV && op != NEG && op != ABS) return decimal_kept(a, op, x, y);
    int32_t p1 = x->precision, s1 = x->scale, p2 = y->precision, s2 = y->scale;
    int32_t scale = MAX(s1, s2), whole = MAX(p1 - s1, p2 - s2);
    switch (op) {
    case ADD:
    case SUB: return decimal_bounded(a, whole + scale + 1, scale);
    case MUL: return decimal_bounded(a, p1 + p2 + 1, s1 + s2);
    case DIV: scale = MAX(6, s1 + p2 + 1); return decimal_bounded(a, p1 - s1 + s2 + scale, scale);
    case REM:
    case PMOD: return decimal_bounded(a, MIN(p1 - s1, p2 - s2) + scale, scale);
    case IDIV: return &type_bigint;
    case NEG:
    case ABS: break;
    }
    return x;
}

#define NUMBER_OR_INTERVAL                                                                         \
    "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")"

#define DIVIDED                                                                                    \
    "(\"BIGINT\" or \"DECIMAL\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")"

static Status refuse_types(Arena *a, const Expr *call, ArithOp op)
{
    static const char *const takes[] = {
        [ADD] = NUMBER_OR_INTERVAL,
        [SUB] = NUMBER_OR_INTERVAL,
        [DIV] = "(\"DOUBLE\" or \"DECIMAL\")",
        [IDIV] = DIVIDED,
    };
    bool known = op < COUNT(takes) && takes[op];
    const Type *x = call->arg[0]->type, *y = call->arg[1]->type;
    if (!type_eq(x, y)) return diff_sides(a, call);
    return RAISE(DATATYPE_MISMATCH_BINARY_OP_WRONG_TYPE, P("sqlExpr", quoted_sql(a, call)),
                 P("inputType", known ? str_z(takes[op]) : S("\"NUMERIC\"")),
                 P("actualDataType", quoted_type(a, call->arg[0]->type)));
}

static bool takes_div(const Type *t) { return type_is_integral(t) || t->id == T_DECIMAL; }
static void whole_sides(Arena *a, Expr *call)
{
    if (call->arg[0]->type->id == T_DECIMAL || call->arg[1]->type->id == T_DECIMAL) return;
    for (int32_t i = 0; i < 2; i++)
        if (type_is_integral(call->arg[i]->type)) coerce(a, &call->arg[i], &type_bigint);
}

// How often an interval fits into another: months by months, microseconds by microseconds.
static bool divides_intervals(Arena *a, Expr *call)
{
    TypeId x = call->arg[0]->type->id, y = call->arg[1]->type->id;
    if (x != y || (x != T_INTERVAL_YM && x != T_INTERVAL_DT)) return false;
    for (int32_t i = 0; i < 2; i++) {
        if (x == T_INTERVAL_YM) {
            coerce(a, &call->arg[i], type_interval_of(a, x, YM_MONTH, YM_MONTH));
            coerce(a, &call->arg[i], &type_bigint);
        } else {
            coerce(a, &call->arg[i], &type_interval_dt);
        }
    }
    call->type = &type_bigint;
    call->nullable = true;
    return true;
}

static Status analyse_binary(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const Arith *r = arith_of(call->fn);
    bool mine = true;
    TRY(time_arith(a, call, ctx, &mine));
    if (!mine || (r->op == IDIV && divides_intervals(a, call))) return DONE;
    if (r->op == IDIV) whole_sides(a, call);
    TRY(coerce_sides(a, call, r->op == IDIV ? takes_div : type_is_numeric, ctx));
    const Type *t = call->arg[0]->type;
    if (t->id == T_VOID) t = &type_double;
    if (!type_is_numeric(t) || (r->op == IDIV && !takes_div(t)))
        return refuse_types(a, call, r->op);
    if (t->id == T_DECIMAL) {
        call->type = decimal_result(a, r->op, t, call->arg[1]->type, ctx->keep_scale);
    } else {
        if (r->op == DIV) t = &type_double;
        if (r->op == IDIV) t = &type_bigint;
        call->type = t;
    }
    if (t->id != T_DECIMAL) coerce(a, &call->arg[0], t), coerce(a, &call->arg[1], t);
    bool divides = r->op == DIV || r->op == REM || r->op == PMOD || r->op == IDIV;
    call->nullable = any_nullable(call) || r->overflow == MAKE_NULL || divides || // as its schema
                     (t->id == T_DECIMAL && !ctx->ansi);
    return DONE;
}

static Status analyse_unary(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[0]->type;
    bool interval = t->id == T_INTERVAL || t->id == T_INTERVAL_DT || t->id == T_INTERVAL_YM;
    if (interval) return interval_unary(a, call);
    if (!type_is_numeric(t)) {
        const Type *to = t->id == T_STRING || t->id == T_VOID ? &type_double : NULL;
        if (!to) return wrong_type(a, call, 0, NUMBER_OR_INTERVAL);
        coerce(a, &call->arg[0], to);
    }
    call->type = call->arg[0]->type;
    return DONE;
}

static Status analyse_minus(Arena *a, Expr *call, const EvalCtx *ctx)
{
    if (call->nargs == 2) return analyse_binary(a, call, ctx);
    call->fn = fn_find(S("negative"));
    return analyse_unary(a, call, ctx);
}

static void sql_negative(Buf *b, const Expr *e)
{
    if (str_eq(e->name, S("negative"))) {
        sql_as(b, e, "negative");
        return;
    }
    buf_put(b, str_eq(e->fn->name, S("negative")) ? S("(- ") : S("(+ "));
    expr_sql(b, e->arg[0]);
    buf_char(b, ')');
}

static Status analyse_plus(Arena *a, Expr *call, const EvalCtx *ctx)
{
    if (call->nargs == 2) return analyse_binary(a, call, ctx);
    call->fn = fn_find(S("positive"));
    return analyse_unary(a, call, ctx);
}

static Status lower_positive(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    (void)a, (void)ctx;
    *e = call->arg[0];
    return DONE;
}

#define ARITH(fn, doc_)                                                                            \
    {                                                                                              \
        .name = STR_INIT(fn), .signature = "any any -> -", .flags = FN_OVERFLOWS, .doc = doc_,     \
        .analyse = analyse_binary, .bind = bind_arith, .sql = sql_infix                            \
    }
#define DIVIDES(fn, doc_)                                                                          \
    {                                                                                              \
        .name = STR_INIT(fn), .signature = "any any -> -", .flags = FN_RAISES, .doc = doc_,        \
        .analyse = analyse_binary, .bind = bind_arith, .sql = sql_infix                            \
    }
#define TRIES(fn, doc_)                                                                            \
    {                                                                                              \
        .name = STR_INIT(fn), .signature = "any any -> -", .flags = FN_MAY_NULL, .doc = doc_,      \
        .analyse = analyse_binary, .bind = bind_arith                                              \
    }
static const FnRow rows[] = {
    {.name = STR_INIT("+"),
     .signature = "any any? -> -",
     .flags = FN_OVERFLOWS,
     .doc = "the sum",
     .analyse = analyse_plus,
     .bind = bind_arith,
     .sql = sql_infix},
    {.name = STR_INIT("-"),
     .signature = "any any? -> -",
     .flags = FN_OVERFLOWS,
     .doc = "the difference, or the number with the other sign",
     .analyse = analyse_minus,
     .bind = bind_arith,
     .sql = sql_infix},
    ARITH("*", "the product"),
    DIVIDES("/", "the quotient, of integers as a double"),
    DIVIDES("%", "the rest of the division, with the sign of the first"),
    {.name = STR_INIT("mod"), .signature = "= %", .doc = "the rest of the division"},
    DIVIDES("div", "the whole part of the quotient"),
    {.name = STR_INIT("pmod"),
     .signature = "any any -> -",
     .flags = FN_RAISES,
     .doc = "the rest of the division, not negative",
     .analyse = analyse_binary,
     .bind = bind_arith},
    TRIES("try_add", "the sum, NULL on overflow"),
    TRIES("try_subtract", "the difference, NULL on overflow"),
    TRIES("try_multiply", "the product, NULL on overflow"),
    TRIES("try_divide", "the quotient, NULL when the divisor is 0"),
    TRIES("try_mod", "the rest of the division, NULL when the divisor is 0"),
    {.name = STR_INIT("negative"),
     .signature = "any -> -",
     .flags = FN_OVERFLOWS,
     .doc = "the number with the other sign",
     .analyse = analyse_unary,
     .bind = bind_arith,
     .sql = sql_negative},
    {.name = STR_INIT("positive"),
     .signature = "any -> -",
     .doc = "the number itself",
     .analyse = analyse_unary,
     .lower = lower_positive,
     .sql = sql_negative},
    {.name = STR_INIT("abs"),
     .signature = "any -> -",
     .flags = FN_OVERFLOWS,
     .doc = "the number without its sign",
     .analyse = analyse_unary,
     .bind = bind_arith},
};
FN_TABLE(fn_arith, rows);
