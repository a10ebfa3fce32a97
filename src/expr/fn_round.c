// fn_round.c -- round, bround, ceil, floor. Doubles are rounded as their shortest decimal text says
// (2.675 to 2.68), which is what Spark does and plain arithmetic does not.
#include "expr/decimal_in.h"
#include "expr/fn_in.h"
#include <math.h>

typedef struct Round { // KernelCall.bound
    Rounding how;
    int32_t digits; // after the point
    bool null;      // the number of digits is NULL
} Round;

static double round_digits(double x, const Round *r)
{
    char digit[20], text[NUM_TEXT_MAX];
    int32_t n, point;
    num_digits_f64(x, digit, &n, &point);
    int32_t keep = point + r->digits;
    if (keep >= n) return x;
    if (keep < 0) return 0;
    bool half = digit[keep] == '5' && keep + 1 == n, up = digit[keep] >= '5';
    if (half && r->how == ROUND_HALF_EVEN) up = keep > 0 && (digit[keep - 1] - '0') % 2;
    int64_t kept = 0;
    for (int32_t i = 0; i < keep; i++) kept = kept * 10 + digit[i] - '0';
    int64_t len = num_format_i64(text, kept + up);
    text[len++] = 'E';
    len += num_format_i64(text + len, -r->digits);
    double v = 0;
    bool ok = num_parse_f64(str_of(text, len), &v);
    must(ok);
    return v;
}

static double round_f64(double x, const Round *r)
{
    double size = fabs(x);
    // Whole numbers, NaN and the infinities have nothing to drop.
    if (!(size < 9.0e15) || (r->digits >= 0 && rint(x) == x)) return x + 0.0;
    if (size == 0) return 0;
    return copysign(round_digits(size, r), x) + 0.0; // a decimal has no -0
}
static float round_f32(float x, const Round *r)
{
    char text[NUM_TEXT_MAX];
    double v = (double)x;
    if (!(fabsf(x) < 1e15F)) return x;
    bool ok = num_parse_f64(str_of(text, num_format_f32(text, x)), &v);
    must(ok);
    return (float)round_f64(v, r);
}

static Status no_digits(const KernelCall *k)
{
    memset(k->out->valid, 0, (size_t)k->rows);
    return DONE;
}

EACH1(real_f64, double, double, const Round *r = k->bound, z[i] = round_f64(x[i], r))
EACH1(real_f32, float, float, const Round *r = k->bound, z[i] = round_f32(x[i], r))

static Status overflow(const KernelCall *k, int32_t i)
{
    if (!k->ctx->ansi || !kernel_live(k, i)) return DONE;
    return RAISE(ARITHMETIC_OVERFLOW, P("message", S("Overflow")), P("alternative", S("")),
                 P("config", S("\"spark.sql.ansi.enabled\"")));
}

// Digits before the point of an integer.
static Int128 round_int(int64_t x, const Round *r)
{
    int32_t drop = -r->digits;
    if (drop <= 0) return x;
    if (drop > 19) return 0;
    return decimal_drop(x, drop, r->how) * num_pow10(drop);
}
#define ROUND_INT(name, T)                                                                         \
    static Status int_##name(const KernelCall *k)                                                  \
    {                                                                                              \
        const T *x = COLUMN_DATA(k->in[0], T);                                                     \
        T *z = COLUMN_DATA(k->out, T);                                                             \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            Int128 v = round_int(x[i], k->bound);                                                  \
            z[i] = (T)v;                                                                           \
            if (z[i] != v) TRY(overflow(k, i));                                                    \
        }                                                                                          \
        return DONE;                                                                               \
    }
ROUND_INT(i8, int8_t)
ROUND_INT(i16, int16_t)
ROUND_INT(i32, int32_t)
ROUND_INT(i64, int64_t)

static Status round_decimal(const KernelCall *k)
{
    const Int128 *x = COLUMN_DATA(k->in[0], Int128);
    Int128 *z = COLUMN_DATA(k->out, Int128);
    const Round *r = k->bound;
    int32_t scale = k->in[0]->type->scale, to = k->out->type->scale;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        int32_t drop = scale - r->digits;
        Int128 v = decimal_drop(x[i], drop, r->how);
        if (drop > 0 && r->digits < 0) v *= num_pow10(MIN(-r->digits, 38));
        int32_t at = drop > 0 ? MAX(r->digits, 0) : scale;
        if (!decimal_rescale(v, at, to, &z[i]) || !decimal_fits(z[i], k->out->type->precision))
            TRY(decimal_overflow(k, i, k->ctx->ansi, decimal_str(k->scratch, x[i], scale),
                                 k->out->type));
    }
    return DONE;
}

// ceil and floor of doubles are BIGINT and stop at its ends, as Java's conversion does.
static int64_t whole(double x)
{
    if (x != x) return 0;
    if (x >= 9223372036854775808.0) return INT64_MAX;
    return x <= -9223372036854775808.0 ? INT64_MIN : (int64_t)x;
}
MAP1(ceil_f64, double, int64_t, whole(ceil(x[i])))
MAP1(floor_f64, double, int64_t, whole(floor(x[i])))
MAP1(same_i64, int64_t, int64_t, x[i])

static Rounding how_of(Str name)
{
    if (str_starts(name, S("ceil"))) return ROUND_CEILING;
    if (str_eq(name, S("floor"))) return ROUND_FLOOR;
    return str_eq(name, S("bround")) ? ROUND_HALF_EVEN : ROUND_HALF_UP;
}

static Status bind_round(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    static const Kernel kernels[] = {
        [PHYS_I8] = int_i8,         [PHYS_I16] = int_i16,  [PHYS_I32] = int_i32,
        [PHYS_I64] = int_i64,       [PHYS_F32] = real_f32, [PHYS_F64] = real_f64,
        [PHYS_I128] = round_decimal};
    Round *r = NEW(a, Round, 1);
    r->how = how_of(call->fn->name);
    b->data = r;
    Phys p = type_phys(call->arg[0]->type);
    if (p == PHYS_I128) b->flags |= FN_MAY_NULL;
    b->kernel = kernels[p];
    if (call->nargs == 1) {
        if (p == PHYS_F64) b->kernel = r->how == ROUND_CEILING ? ceil_f64 : floor_f64;
        if (p == PHYS_I64) b->kernel = same_i64;
        return DONE;
    }
    Datum digits;
    TRY(fold_arg(a, call, 1, ctx, &digits));
    r->digits = (int32_t)digits.i;
    if (digits.null) b->kernel = no_digits, b->flags |= FN_MAY_NULL;
    return DONE;
}

static const Type *rounded_decimal(Arena *a, const Type *t, int32_t digits)
{
    int32_t whole_digits = t->precision - t->scale + 1;
    if (digits < 0)
        return type_decimal(a, MIN(MAX(whole_digits, 1 - digits), DECIMAL_PRECISION_MAX), 0);
    int32_t scale = MIN(t->scale, digits);
    return type_decimal(a, MIN(whole_digits + scale, DECIMAL_PRECISION_MAX), scale);
}

static Status analyse_round(Arena *a, Expr *call, const EvalCtx *ctx)
{
    default_arg(a, call, 2, int_literal(a, 0));
    Datum digits;
    TRY(fold_arg(a, call, 1, ctx, &digits));
    const Type *t = call->arg[0]->type;
    if (t->id == T_VOID) coerce(a, &call->arg[0], &type_double), t = &type_double;
    call->type =
        t->id == T_DECIMAL ? rounded_decimal(a, t, digits.null ? 0 : (int32_t)digits.i) : t;
    call->nullable = true; // as its schema says
    return DONE;
}

// ceil(x, n) is of decimals; ceil(x) of decimals a decimal, of all else a BIGINT.
static Status analyse_ceil(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const Type *t = call->arg[0]->type;
    call->nullable = true; // as its schema says
    if (call->nargs == 2) {
        if (t->id == T_STRING || t->id == T_VOID) t = &type_double;
        coerce(a, &call->arg[0], t);
        coerce(a, &call->arg[0], decimal_of(a, t));
        return analyse_round(a, call, ctx);
    }
    if (t->id == T_DECIMAL) {
        call->type = t->scale ? decimal_bounded(a, t->precision - t->scale + 1, 0) : t;
        return DONE;
    }
    coerce(a, &call->arg[0], type_is_integral(t) ? &type_bigint : &type_double);
    call->type = &type_bigint;
    return DONE;
}

static void sql_ceil(Buf *b, const Expr *e)
{
    char name[16];
    Str s = e->name;
    bool upper = e->nargs == 1 && (str_eq(s, S("ceil")) || str_eq(s, S("floor")));
    for (int64_t i = 0; i < s.n && i < 15; i++) name[i] = (char)(upper ? s.p[i] - 32 : s.p[i]);
    name[MIN(s.n, 15)] = 0;
    sql_as(b, e, name);
}

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("round"), .signature = "numeric lit:int? -> -", .flags = FN_OVERFLOWS,
     .doc = "rounded to a number of digits, halves away from 0", .analyse = analyse_round, .bind = bind_round},
    {.name = STR_INIT("bround"), .signature = "numeric lit:int? -> -", .flags = FN_OVERFLOWS,
     .doc = "rounded to a number of digits, halves to the even digit", .analyse = analyse_round, .bind = bind_round},
    {.name = STR_INIT("ceil"), .signature = "numeric lit:int? -> -", .flags = FN_OVERFLOWS,
     .doc = "the least whole number that is not less", .analyse = analyse_ceil, .bind = bind_round, .sql = sql_ceil},
    {.name = STR_INIT("ceiling"), .signature = "= ceil", .doc = "the least whole number that is not less"},
    {.name = STR_INIT("floor"), .signature = "numeric lit:int? -> -", .flags = FN_OVERFLOWS,
     .doc = "the greatest whole number that is not greater", .analyse = analyse_ceil, .bind = bind_round, .sql = sql_ceil},
};
// clang-format on
FN_TABLE(fn_round, rows);
