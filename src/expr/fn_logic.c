// fn_logic.c -- and, or, not and the tests for NULL and NaN: three-valued logic on bytes, no
// branches.
#include "expr/fn_in.h"
#include <math.h>

// FALSE and anything is FALSE, TRUE or anything is TRUE, even beside NULL. What lies under an
// invalid row, or a row the mask left out, may be any byte.
#define JUNCTION(name, decides)                                                                    \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const uint8_t *x = COLUMN_DATA(k->in[0], uint8_t), *y = COLUMN_DATA(k->in[1], uint8_t);    \
        const uint8_t *vx = k->in[0]->valid, *vy = k->in[1]->valid;                                \
        uint8_t *z = COLUMN_DATA(k->out, uint8_t), *valid = k->out->valid;                         \
        if (!vx && !vy) {                                                                          \
            for (int32_t i = 0; i < k->rows; i++) z[i] = decides ? x[i] | y[i] : x[i] & y[i];      \
            k->out->valid = NULL;                                                                  \
            return DONE;                                                                           \
        }                                                                                          \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            uint8_t here = vx ? vx[i] : 1, there = vy ? vy[i] : 1;                                 \
            uint8_t dx = here & (x[i] == decides), dy = there & (y[i] == decides);                 \
            z[i] = decides ? dx | dy : !(dx | dy);                                                 \
            valid[i] = (here & there) | dx | dy;                                                   \
        }                                                                                          \
        return DONE;                                                                               \
    }
JUNCTION(and_kernel, 0)
JUNCTION(or_kernel, 1)
MAP1(not_kernel, uint8_t, uint8_t, !x[i])

static Status is_null(const KernelCall *k)
{
    uint8_t *z = COLUMN_DATA(k->out, uint8_t);
    const uint8_t *valid = k->in[0]->valid;
    k->out->valid = NULL;
    if (!valid)
        memset(z, 0, (size_t)k->rows);
    else
        for (int32_t i = 0; i < k->rows; i++) z[i] = !valid[i];
    return DONE;
}

static Status is_not_null(const KernelCall *k)
{
    uint8_t *z = COLUMN_DATA(k->out, uint8_t);
    const uint8_t *valid = k->in[0]->valid;
    k->out->valid = NULL;
    if (!valid)
        memset(z, 1, (size_t)k->rows);
    else
        memcpy(z, valid, (size_t)k->rows);
    return DONE;
}

// Spark's isnan(NULL) is false.
#define IS_NAN(name, T)                                                                            \
    static Status is_nan_##name(const KernelCall *k)                                               \
    {                                                                                              \
        const T *x = COLUMN_DATA(k->in[0], T);                                                     \
        const uint8_t *valid = k->in[0]->valid;                                                    \
        uint8_t *z = COLUMN_DATA(k->out, uint8_t);                                                 \
        k->out->valid = NULL;                                                                      \
        for (int32_t i = 0; i < k->rows; i++) z[i] = (x[i] != x[i]) & (valid ? valid[i] : 1);      \
        return DONE;                                                                               \
    }
IS_NAN(f32, float)
IS_NAN(f64, double)

static Status bind_is_nan(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    b->kernel = call->arg[0]->type->id == T_FLOAT ? is_nan_f32 : is_nan_f64;
    return DONE;
}

// NULL is BOOLEAN; without ANSI a text is no condition.
static Status coerce_junction(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const Type *x = call->arg[0]->type, *y = call->arg[1]->type;
    bool texts = x->id == T_STRING || y->id == T_STRING;
    if (texts && !ctx->ansi && !type_eq(x, y)) return diff_sides(a, call);
    const Type *both = x->id == T_VOID ? y : y->id == T_VOID ? x : NULL;
    if (both && both->id == T_VOID) both = &type_boolean;
    if (texts && !both) both = common_type(a, x, y, true);
    for (int32_t i = 0; i < 2 && both; i++) coerce(a, &call->arg[i], both);
    x = call->arg[0]->type;
    if (!type_eq(x, call->arg[1]->type)) return diff_sides(a, call);
    if (x->id == T_BOOLEAN) return DONE;
    return RAISE(DATATYPE_MISMATCH_BINARY_OP_WRONG_TYPE, P("sqlExpr", quoted_sql(a, call)),
                 P("inputType", S("\"BOOLEAN\"")), P("actualDataType", quoted_type(a, x)));
}

// `and` and `or` of several arguments are nested, as the text shows them.
static Status analyse_junction(Arena *a, Expr *call, const EvalCtx *ctx)
{
    if (call->nargs == 2) TRY(coerce_junction(a, call, ctx));
    while (call->nargs > 2) {
        Expr *inner;
        TRY(fn_make(&inner, a, ctx, call->fn->name, call->arg, 2));
        Expr **list = NEW(a, Expr *, call->nargs - 1);
        list[0] = inner;
        for (int32_t i = 2; i < call->nargs; i++) list[i - 1] = call->arg[i];
        call->arg = list;
        call->nargs--;
    }
    call->nullable = any_nullable(call);
    return DONE;
}

static void sql_not(Buf *b, const Expr *e)
{
    buf_put(b, S("(NOT "));
    expr_sql(b, e->arg[0]);
    buf_char(b, ')');
}

static void sql_is_null(Buf *b, const Expr *e)
{
    buf_char(b, '(');
    expr_sql(b, e->arg[0]);
    buf_put(b, str_eq(e->fn->name, S("isnull")) ? S(" IS NULL)") : S(" IS NOT NULL)"));
}

static const FnRow rows[] = {
    {.name = STR_INIT("and"),
     .signature = "any any any* -> boolean",
     .kernel = and_kernel,
     .flags = FN_OWN_NULLS,
     .doc = "both hold",
     .analyse = analyse_junction,
     .sql = sql_infix,
     .pretty = "AND",
     .lazy = LAZY_AND},
    {.name = STR_INIT("or"),
     .signature = "any any any* -> boolean",
     .kernel = or_kernel,
     .flags = FN_OWN_NULLS,
     .doc = "one of them holds",
     .analyse = analyse_junction,
     .sql = sql_infix,
     .pretty = "OR",
     .lazy = LAZY_OR},
    {.name = STR_INIT("not"),
     .signature = "boolean -> boolean",
     .kernel = not_kernel,
     .doc = "it does not hold",
     .sql = sql_not},
    {.name = STR_INIT("!"), .signature = "= not", .doc = "it does not hold"},
    {.name = STR_INIT("isnull"),
     .signature = "any -> boolean",
     .kernel = is_null,
     .flags = FN_OWN_NULLS | FN_NOT_NULL,
     .doc = "it is NULL",
     .sql = sql_is_null},
    {.name = STR_INIT("isnotnull"),
     .signature = "any -> boolean",
     .kernel = is_not_null,
     .flags = FN_OWN_NULLS | FN_NOT_NULL,
     .doc = "it is not NULL",
     .sql = sql_is_null},
    {.name = STR_INIT("isnan"),
     .signature = "double|float -> boolean",
     .flags = FN_OWN_NULLS | FN_NOT_NULL,
     .doc = "it is NaN",
     .bind = bind_is_nan},
};
FN_TABLE(fn_logic, rows);
