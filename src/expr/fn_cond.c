// fn_cond.c -- CASE, IF, COALESCE and their kin, and the masks that keep later arguments from
// running where they must not. The choice is made from the last argument to the first, each pass
// overwriting: no branches for values of one or two words.
#include "expr/fn_in.h"
#include "expr/prog_in.h"
#include "expr/splice.h"

// A mask: the rows of the outer mask (input 1, if any) for which `test` holds of input 0. Garbage
// under rows that the outer mask leaves out stays out.
#define MASK(name, test)                                                                           \
    Status name(const KernelCall *k)                                                               \
    {                                                                                              \
        const uint8_t *x = COLUMN_DATA(k->in[0], uint8_t), *valid = k->in[0]->valid;               \
        const uint8_t *outer = k->nin > 1 ? COLUMN_DATA(k->in[1], uint8_t) : NULL;                 \
        uint8_t *z = COLUMN_DATA(k->out, uint8_t);                                                 \
        k->out->valid = NULL;                                                                      \
        (void)x;                                                                                   \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            uint8_t v = valid ? valid[i] : 1;                                                      \
            z[i] = (test) & (outer ? outer[i] : 1);                                                \
        }                                                                                          \
        return DONE;                                                                               \
    }
MASK(mask_true, v &(x[i] == 1))
MASK(mask_not_true, !v | (x[i] != 1))
MASK(mask_not_false, !v | (x[i] != 0))
MASK(mask_null, !v)

Status field_kernel(const KernelCall *k)
{
    const Column *in = k->in[0], *field = &in->kid[*(const int32_t *)k->bound];
    Column *out = k->out;
    uint8_t *room = out->valid;
    const Type *t = out->type;
    *out = *field;
    out->type = t;
    out->rows = k->rows;
    if (!in->valid || !field->valid) {
        out->valid = in->valid ? in->valid : field->valid;
        return DONE;
    }
    for (int32_t i = 0; i < k->rows; i++) room[i] = in->valid[i] & field->valid[i];
    out->valid = room;
    return DONE;
}

// Which argument stands at each row. pick[i] is an index into in[], or -1 for NULL.
typedef struct Choice {
    const Column *when; // NULL: wherever the value is not NULL (COALESCE)
    const Column *value;
} Choice;

static bool chosen(const Choice *c, int32_t i)
{
    if (!c->when) return !column_null(c->value, i);
    return COLUMN_DATA(c->when, uint8_t)[i] == 1 && !column_null(c->when, i);
}

#define TAKE(name, T)                                                                              \
    static void take_##name(const Choice *c, Column *out)                                          \
    {                                                                                              \
        const T *v = COLUMN_DATA(c->value, T);                                                     \
        T *z = COLUMN_DATA(out, T);                                                                \
        const uint8_t *valid = c->value->valid;                                                    \
        if (c->when && !c->when->valid) {                                                          \
            const uint8_t *when = COLUMN_DATA(c->when, uint8_t);                                   \
            for (int32_t i = 0; i < out->rows; i++) z[i] = when[i] == 1 ? v[i] : z[i];             \
            if (!valid)                                                                            \
                for (int32_t i = 0; i < out->rows; i++) out->valid[i] |= when[i] == 1;             \
            else                                                                                   \
                for (int32_t i = 0; i < out->rows; i++)                                            \
                    out->valid[i] = when[i] == 1 ? valid[i] : out->valid[i];                       \
            return;                                                                                \
        }                                                                                          \
        for (int32_t i = 0; i < out->rows; i++) {                                                  \
            bool here = chosen(c, i);                                                              \
            z[i] = here ? v[i] : z[i];                                                             \
            out->valid[i] = here ? (valid ? valid[i] : 1) : out->valid[i];                         \
        }                                                                                          \
    }
typedef struct Pair64 {
    uint64_t a, b;
} Pair64;
TAKE(1, uint8_t)
TAKE(2, uint16_t)
TAKE(4, uint32_t)
TAKE(8, uint64_t)
TAKE(16, Pair64)

static void take(const Choice *c, Column *out, int32_t bytes)
{
    switch (bytes) {
    case 1: take_1(c, out); return;
    case 2: take_2(c, out); return;
    case 4: take_4(c, out); return;
    case 8: take_8(c, out); return;
    case 16: take_16(c, out); return;
    }
    must_failed("a size of values", __FILE__, __LINE__);
}

static void start_with(const Column *last, Column *out, int32_t bytes)
{
    if (!last) {
        memset(out->valid, 0, (size_t)out->rows);
        return;
    }
    memcpy(out->data, last->data, (size_t)out->rows * (size_t)bytes);
    if (last->valid)
        memcpy(out->valid, last->valid, (size_t)out->rows);
    else
        memset(out->valid, 1, (size_t)out->rows);
}

// Structs and lists: first which argument, then one splice.
static void choose_nested(const KernelCall *k, const Choice *choice, int32_t n, const Column *last)
{
    const Column **src = NEW(k->scratch, const Column *, n + 1);
    int32_t *which = NEW_RAW(k->scratch, int32_t, k->rows);
    for (int32_t c = 0; c < n; c++) src[c] = choice[c].value;
    src[n] = last;
    for (int32_t i = 0; i < k->rows; i++) {
        which[i] = last ? n : -1;
        if (k->active && !k->active[i]) which[i] = -1;
        for (int32_t c = n - 1; c >= 0 && (!k->active || k->active[i]); c--)
            if (chosen(&choice[c], i)) which[i] = c;
    }
    Column made = splice(k->scratch, k->out->type, &(Splice){src, which, NULL}, k->rows);
    *k->out = made;
}

static Status choose(const KernelCall *k, const Choice *choice, int32_t n, const Column *last)
{
    int32_t bytes = phys_bytes(type_phys(k->out->type));
    if (k->out->kid) {
        choose_nested(k, choice, n, last);
        return DONE;
    }
    start_with(last, k->out, bytes);
    for (int32_t c = n - 1; c >= 0; c--) take(&choice[c], k->out, bytes);
    return DONE;
}

static Status when_kernel(const KernelCall *k)
{
    int32_t n = k->nin / 2;
    Choice *choice = NEW(k->scratch, Choice, n);
    for (int32_t c = 0; c < n; c++) choice[c] = (Choice){k->in[2 * c], k->in[2 * c + 1]};
    return choose(k, choice, n, k->nin % 2 ? k->in[k->nin - 1] : NULL);
}

static Status coalesce_kernel(const KernelCall *k)
{
    Choice *choice = NEW(k->scratch, Choice, k->nin);
    for (int32_t c = 0; c < k->nin; c++) choice[c] = (Choice){NULL, k->in[c]};
    return choose(k, choice, k->nin - 1, k->in[k->nin - 1]);
}

// Values of CASE: every second argument from the second on, and an odd last one.
static Status analyse_when(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Expr values = *call;
    values.arg = NEW(a, Expr *, call->nargs);
    values.nargs = 0;
    for (int32_t i = 0; i < call->nargs; i++) {
        bool is_value = i % 2 || (i == call->nargs - 1 && call->nargs % 2);
        if (is_value) values.arg[values.nargs++] = call->arg[i];
        if (is_value) continue;
        const Type *t = call->arg[i]->type;
        bool null_if = t->id == T_VOID && str_eq(call->fn->name, S("if"));
        if (t->id != T_BOOLEAN && !null_if) return wrong_type(a, call, i, "\"BOOLEAN\"");
        coerce(a, &call->arg[i], &type_boolean);
    }
    const Type *t = &type_void;
    for (int32_t i = 0; i < values.nargs; i++) {
        t = common_type(a, t, values.arg[i]->type, ctx->ansi);
        if (!t) return diff_types(a, call, &values);
    }
    for (int32_t i = 0; i < values.nargs; i++) coerce(a, &values.arg[i], t);
    for (int32_t i = 0, v = 0; i < call->nargs; i++)
        if (i % 2 || (i == call->nargs - 1 && call->nargs % 2)) call->arg[i] = values.arg[v++];
    call->type = values.arg[0]->type;
    call->nullable = call->nargs % 2 == 0 || any_nullable(&values);
    return DONE;
}

static void sql_when(Buf *b, const Expr *e)
{
    buf_put(b, S("CASE"));
    for (int32_t i = 0; i + 1 < e->nargs; i += 2) {
        buf_put(b, S(" WHEN "));
        expr_sql(b, e->arg[i]);
        buf_put(b, S(" THEN "));
        expr_sql(b, e->arg[i + 1]);
    }
    if (e->nargs % 2) {
        buf_put(b, S(" ELSE "));
        expr_sql(b, e->arg[e->nargs - 1]);
    }
    buf_put(b, S(" END"));
}

static void sql_if(Buf *b, const Expr *e)
{
    buf_char(b, '(');
    sql_as(b, e, "IF");
    buf_char(b, ')');
}

static Status analyse_coalesce(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    call->nullable = true;
    for (int32_t i = 0; i < call->nargs; i++)
        if (!call->arg[i]->nullable) call->nullable = false;
    return DONE;
}

static Status when_not_null(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    Expr *arg[3] = {NULL, call->arg[1], call->arg[2]};
    TRY(fn_make(&arg[0], a, ctx, S("isnotnull"), call->arg, 1));
    return fn_make(e, a, ctx, S("when"), arg, 3);
}
static Status analyse_nvl2(Arena *a, Expr *call, const EvalCtx *ctx)
{
    TRY(coerce_args(a, call, 1, 1, ctx));
    call->type = call->arg[1]->type;
    call->nullable = call->arg[1]->nullable || call->arg[2]->nullable;
    return DONE;
}

static Status lower_nullif(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    Expr *null = expr_literal(a, call->arg[0]->type, &(Datum){.null = true});
    Expr *arg[3] = {NULL, null, call->arg[0]};
    TRY(fn_make(&arg[0], a, ctx, S("="), call->arg, 2));
    return fn_make(e, a, ctx, S("when"), arg, 3);
}
static Status analyse_nullif(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Expr *e;
    call->type = call->arg[0]->type;
    call->nullable = true;
    return lower_nullif(a, call, ctx, &e);
}

static Status lower_nullifzero(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    Expr *arg[2] = {call->arg[0], int_literal(a, 0)};
    return fn_make(e, a, ctx, S("nullif"), arg, 2);
}
static Status lower_zeroifnull(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    Expr *arg[2] = {call->arg[0], int_literal(a, 0)};
    return fn_make(e, a, ctx, S("coalesce"), arg, 2);
}
static Status analyse_zeroifnull(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Expr *e;
    TRY(lower_zeroifnull(a, call, ctx, &e));
    call->type = e->type;
    call->nullable = false;
    return DONE;
}

// nanvl(x, y): x, or y where x is NaN.
static Status lower_nanvl(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    Expr *arg[3] = {NULL, call->arg[1], call->arg[0]};
    TRY(fn_make(&arg[0], a, ctx, S("isnan"), call->arg, 1));
    return fn_make(e, a, ctx, S("when"), arg, 3);
}

// greatest and least pass over NULLs.
static Status extreme(const KernelCall *k, int32_t sign)
{
    const Column **src = NEW(k->scratch, const Column *, k->nin);
    int32_t *which = NEW_RAW(k->scratch, int32_t, k->rows);
    for (int32_t c = 0; c < k->nin; c++) src[c] = k->in[c];
    for (int32_t i = 0; i < k->rows; i++) {
        which[i] = -1;
        if (k->active && !k->active[i]) continue;
        for (int32_t c = 0; c < k->nin; c++) {
            if (column_null(src[c], i)) continue;
            if (which[i] < 0 || value_cmp(src[c], i, src[which[i]], i) * sign > 0) which[i] = c;
        }
    }
    *k->out = splice(k->scratch, k->out->type, &(Splice){src, which, NULL}, k->rows);
    return DONE;
}
static Status greatest(const KernelCall *k) { return extreme(k, 1); }
static Status least(const KernelCall *k) { return extreme(k, -1); }

static Status analyse_extreme(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const Type *t = &type_void; // strings are not read as numbers here
    for (int32_t i = 0; i < call->nargs; i++) {
        t = tightest_type(a, t, call->arg[i]->type, ctx->ansi);
        if (!t) return diff_types(a, call, call);
    }
    for (int32_t i = 0; i < call->nargs; i++) coerce(a, &call->arg[i], t);
    call->type = t;
    if (!type_is_orderable(call->type) && call->type->id != T_VOID)
        return RAISE(DATATYPE_MISMATCH_INVALID_ORDERING_TYPE, P("sqlExpr", quoted_sql(a, call)),
                     P("functionName", quoted_name(a, call->name)),
                     P("dataType", quoted_type(a, call->type)));
    return analyse_coalesce(a, call, ctx);
}

static const FnRow rows[] = {
    {.name = STR_INIT("when"),
     .signature = "any any any* -> -",
     .kernel = when_kernel,
     .flags = FN_OWN_NULLS,
     .doc = "the value after the first condition that holds",
     .analyse = analyse_when,
     .sql = sql_when,
     .lazy = LAZY_WHEN},
    {.name = STR_INIT("case"), .signature = "= when", .doc = "CASE WHEN ... THEN ... END"},
    {.name = STR_INIT("if"),
     .signature = "any any any -> -",
     .kernel = when_kernel,
     .flags = FN_OWN_NULLS,
     .doc = "the second if the first holds, else the third",
     .analyse = analyse_when,
     .sql = sql_if,
     .lazy = LAZY_WHEN},
    {.name = STR_INIT("coalesce"),
     .signature = "T T* -> T",
     .kernel = coalesce_kernel,
     .flags = FN_OWN_NULLS,
     .doc = "the first that is not NULL",
     .analyse = analyse_coalesce,
     .lazy = LAZY_COALESCE},
    {.name = STR_INIT("nvl"),
     .signature = "T T -> T",
     .kernel = coalesce_kernel,
     .flags = FN_OWN_NULLS,
     .doc = "the first, or the second when that is NULL",
     .analyse = analyse_coalesce,
     .lazy = LAZY_COALESCE},
    {.name = STR_INIT("ifnull"),
     .signature = "= nvl",
     .doc = "the first, or the second when that is NULL"},
    {.name = STR_INIT("nvl2"),
     .signature = "any any any -> -",
     .doc = "the second when the first is not NULL, else the third",
     .analyse = analyse_nvl2,
     .lower = when_not_null},
    {.name = STR_INIT("nullif"),
     .signature = "any any -> -",
     .doc = "NULL when both are equal, else the first",
     .analyse = analyse_nullif,
     .lower = lower_nullif},
    {.name = STR_INIT("nullifzero"),
     .signature = "any -> =0",
     .flags = FN_MAY_NULL,
     .doc = "NULL for 0, else the number",
     .lower = lower_nullifzero},
    {.name = STR_INIT("zeroifnull"),
     .signature = "any -> -",
     .doc = "0 for NULL, else the number",
     .analyse = analyse_zeroifnull,
     .lower = lower_zeroifnull},
    {.name = STR_INIT("nanvl"),
     .signature = "double|float double|float -> =0",
     .doc = "the first, or the second where that is NaN",
     .lower = lower_nanvl},
    {.name = STR_INIT("greatest"),
     .signature = "any any any* -> -",
     .kernel = greatest,
     .flags = FN_OWN_NULLS,
     .doc = "the greatest that is not NULL",
     .analyse = analyse_extreme},
    {.name = STR_INIT("least"),
     .signature = "any any any* -> -",
     .kernel = least,
     .flags = FN_OWN_NULLS,
     .doc = "the least that is not NULL",
     .analyse = analyse_extreme},
};
FN_TABLE(fn_cond, rows);
