// fn_compare.c -- = <=> < <= > >= between in. NaN equals NaN and is greater than any number;
// strings compare by bytes; structs and arrays part by part.
#include "base/hash.h"
#include "expr/fn_in.h"
#include "expr/prog.h"

#define LT_INT(x, y) ((x) < (y))
#define LE_INT(x, y) ((x) <= (y))
#define EQ_INT(x, y) ((x) == (y))
// NaN is above all: x < y holds when y is NaN and x is not.
#define LT_REAL(x, y) (((x) < (y)) | (((y) != (y)) & ((x) == (x))))
#define LE_REAL(x, y) (((x) <= (y)) | ((y) != (y)))
#define EQ_REAL(x, y) (((x) == (y)) | (((x) != (x)) & ((y) != (y))))

#define COMPARE(name, T, EQ, LT, LE)                                                               \
    MAP2(eq_##name, T, uint8_t, EQ(x[i], y[i]))                                                    \
    MAP2(ne_##name, T, uint8_t, !(EQ(x[i], y[i])))                                                 \
    MAP2(lt_##name, T, uint8_t, LT(x[i], y[i]))                                                    \
    MAP2(le_##name, T, uint8_t, LE(x[i], y[i]))                                                    \
    MAP2(gt_##name, T, uint8_t, LT(y[i], x[i]))                                                    \
    MAP2(ge_##name, T, uint8_t, LE(y[i], x[i]))
#define COMPARE_INT(name, T)  COMPARE(name, T, EQ_INT, LT_INT, LE_INT)
#define COMPARE_REAL(name, T) COMPARE(name, T, EQ_REAL, LT_REAL, LE_REAL)
COMPARE_INT(u8, uint8_t)
COMPARE_INT(i8, int8_t)
COMPARE_INT(i16, int16_t)
COMPARE_INT(i32, int32_t)
COMPARE_INT(i64, int64_t)
COMPARE_REAL(f32, float)
COMPARE_REAL(f64, double)
COMPARE_INT(i128, Int128)

#define COMPARE_STR(name, test)                                                                    \
    static Status name##_str(const KernelCall *k)                                                  \
    {                                                                                              \
        const Str *x = COLUMN_DATA(k->in[0], Str), *y = COLUMN_DATA(k->in[1], Str);                \
        uint8_t *z = COLUMN_DATA(k->out, uint8_t);                                                 \
        if (!k->active && !k->out->valid) {                                                        \
            for (int32_t i = 0; i < k->rows; i++) z[i] = test;                                     \
            return DONE;                                                                           \
        }                                                                                          \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if (kernel_live(k, i)) z[i] = test;                                                    \
        return DONE;                                                                               \
    }
COMPARE_STR(eq, str_eq(x[i], y[i]))
COMPARE_STR(ne, !str_eq(x[i], y[i]))
COMPARE_STR(lt, str_cmp(x[i], y[i]) < 0)
COMPARE_STR(le, str_cmp(x[i], y[i]) <= 0)
COMPARE_STR(gt, str_cmp(x[i], y[i]) > 0)
COMPARE_STR(ge, str_cmp(x[i], y[i]) >= 0)

#define COMPARE_ANY(name, test)                                                                    \
    static Status name##_any(const KernelCall *k)                                                  \
    {                                                                                              \
        const Column *x = k->in[0], *y = k->in[1];                                                 \
        uint8_t *z = COLUMN_DATA(k->out, uint8_t);                                                 \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if (kernel_live(k, i)) z[i] = test;                                                    \
        return DONE;                                                                               \
    }
COMPARE_ANY(eq, value_eq(x, i, y, i))
COMPARE_ANY(ne, !value_eq(x, i, y, i))
COMPARE_ANY(lt, value_cmp(x, i, y, i) < 0)
COMPARE_ANY(le, value_cmp(x, i, y, i) <= 0)
COMPARE_ANY(gt, value_cmp(x, i, y, i) > 0)
COMPARE_ANY(ge, value_cmp(x, i, y, i) >= 0)

#define KERNELS(op)                                                                                \
    {                                                                                              \
        [PHYS_BOOL] = op##_u8, [PHYS_I8] = op##_i8, [PHYS_I16] = op##_i16, [PHYS_I32] = op##_i32,  \
        [PHYS_I64] = op##_i64, [PHYS_F32] = op##_f32, [PHYS_F64] = op##_f64,                       \
        [PHYS_I128] = op##_i128, [PHYS_STR] = op##_str, [PHYS_INTERVAL] = op##_any,                \
        [PHYS_LIST] = op##_any, [PHYS_STRUCT] = op##_any                                           \
    }
static const struct {
    Str name;
    Kernel kernel[PHYS_STRUCT + 1];
} compare_ops[] = {
    {STR_INIT("="), KERNELS(eq)},  {STR_INIT("<>"), KERNELS(ne)}, {STR_INIT("<"), KERNELS(lt)},
    {STR_INIT("<="), KERNELS(le)}, {STR_INIT(">"), KERNELS(gt)},  {STR_INIT(">="), KERNELS(ge)},
};

static Status bind_compare(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    for (int32_t i = 0; i < COUNT(compare_ops); i++)
        if (str_eq(compare_ops[i].name, call->fn->name))
            b->kernel = compare_ops[i].kernel[type_phys(call->arg[0]->type)];
    return DONE;
}

static Status refuse_order(Arena *a, const Expr *call)
{
    return RAISE(DATATYPE_MISMATCH_INVALID_ORDERING_TYPE, P("sqlExpr", quoted_sql(a, call)),
                 P("functionName", quoted_name(a, call->fn->name)),
                 P("dataType", quoted_type(a, call->arg[0]->type)));
}

// b = 1 is b and b = 0 is NOT b; beside any other number TRUE is 1. Only without ANSI, and only
// where equality is asked.
static Status boolean_is(Arena *a, Expr *call, const EvalCtx *ctx, Expr *flag, int64_t value)
{
    Expr *is = flag, *there = NULL, *both[2];
    if (!value) TRY(fn_make(&is, a, ctx, S("not"), &flag, 1));
    if (str_eq(call->fn->name, S("<=>"))) {
        TRY(fn_make(&there, a, ctx, S("isnotnull"), &flag, 1));
        both[0] = there, both[1] = is;
        TRY(fn_make(&is, a, ctx, S("and"), both, 2));
    } else if (str_eq(call->fn->name, S("<>"))) {
        TRY(fn_make(&is, a, ctx, S("not"), &is, 1));
    }
    *call = *is;
    return DONE;
}
static bool is_numeral(const Expr *e, int64_t value)
{
    if (e->kind != E_LITERAL || e->value.null) return false;
    if (type_is_integral(e->type)) return e->value.i == value;
    if (e->type->id == T_DOUBLE || e->type->id == T_FLOAT) return e->value.f == (double)value;
    if (e->type->id != T_DECIMAL) return false;
    Int128 unit = value;
    for (int32_t i = 0; i < e->type->scale; i++) unit *= 10;
    return e->value.d == unit;
}
static Status boolean_and_number(Arena *a, Expr *call, const EvalCtx *ctx, bool *decided)
{
    bool order = !str_eq(call->fn->name, S("=")) && !str_eq(call->fn->name, S("<=>")) &&
                 !str_eq(call->fn->name, S("<>"));
    int32_t flag = call->arg[0]->type->id == T_BOOLEAN ? 0 : 1;
    Expr *number = call->arg[1 - flag];
    if (order || call->arg[flag]->type->id != T_BOOLEAN || !type_is_numeric(number->type))
        return DONE;
    *decided = is_numeral(number, 0) || is_numeral(number, 1);
    if (*decided) return boolean_is(a, call, ctx, call->arg[flag], is_numeral(number, 1));
    coerce(a, &call->arg[flag], number->type);
    return DONE;
}

static Status analyse_compare(Arena *a, Expr *call, const EvalCtx *ctx)
{
    bool decided = false;
    if (!ctx->ansi) TRY(boolean_and_number(a, call, ctx, &decided));
    if (decided) return DONE;
    if (!type_same_shape(call->arg[0]->type, call->arg[1]->type))
        TRY(coerce_sides(a, call, NULL, ctx));
    if (!type_is_orderable(call->arg[0]->type) && call->arg[0]->type->id != T_VOID)
        return refuse_order(a, call);
    return DONE;
}

// Never NULL: NULL is the same as NULL.
static Status null_safe_eq(const KernelCall *k)
{
    const Column *x = k->in[0], *y = k->in[1];
    KernelCall inner = *k;
    uint8_t *z = COLUMN_DATA(k->out, uint8_t);
    uint8_t *both = k->out->valid;
    for (int32_t i = 0; i < k->rows; i++) both[i] = !column_null(x, i) && !column_null(y, i);
    TRY(((Kernel)k->bound)(&inner));
    for (int32_t i = 0; i < k->rows; i++)
        z[i] = both[i] ? z[i] : column_null(x, i) && column_null(y, i);
    k->out->valid = NULL;
    return DONE;
}

static Status bind_null_safe(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    b->data = (const void *)compare_ops[0].kernel[type_phys(call->arg[0]->type)];
    return DONE;
}

static void sql_not_equal(Buf *b, const Expr *e)
{
    buf_put(b, S("(NOT ("));
    expr_sql(b, e->arg[0]);
    buf_put(b, S(" = "));
    expr_sql(b, e->arg[1]);
    buf_put(b, S("))"));
}

static Status lower_between(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    Expr *sides[2];
    TRY(fn_make(&sides[0], a, ctx, S(">="), (Expr *[]){call->arg[0], call->arg[1]}, 2));
    TRY(fn_make(&sides[1], a, ctx, S("<="), (Expr *[]){call->arg[0], call->arg[2]}, 2));
    return fn_make(e, a, ctx, S("and"), sides, 2);
}

// The arguments stay as they are, each comparison coerces its own; this finds what cannot be.
static Status analyse_between(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Expr *e;
    return lower_between(a, call, ctx, &e);
}

// IN. With literals only, the values stand in a table of hashes; else one comparison an element.
typedef struct InSet {
    const Column *values; // one column, row by row
    int32_t n, mask;
    int32_t *slot; // row + 1 of values, or 0
    bool has_null;
} InSet;

static uint64_t row_hash(const Column *c, int32_t i)
{
    switch (type_phys(c->type)) {
    case PHYS_BOOL: return COLUMN_DATA(c, uint8_t)[i];
    case PHYS_I8: return (uint64_t)COLUMN_DATA(c, int8_t)[i];
    case PHYS_I16: return (uint64_t)COLUMN_DATA(c, int16_t)[i];
    case PHYS_I32: return (uint64_t)COLUMN_DATA(c, int32_t)[i];
    case PHYS_I64: return (uint64_t)COLUMN_DATA(c, int64_t)[i];
    case PHYS_STR: return hash_bytes(COLUMN_DATA(c, Str)[i]);
    case PHYS_F32:
    case PHYS_F64:
    case PHYS_I128:
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: break;
    }
    return 0; // few values: a walk along the table
}

static bool in_set(const InSet *set, const Column *c, int32_t i)
{
    for (uint64_t at = hash_u64(row_hash(c, i));; at++) {
        int32_t row = set->slot[at & (uint64_t)set->mask];
        if (!row) return false;
        if (value_eq(set->values, row - 1, c, i)) return true;
    }
}

static Status in_literals(const KernelCall *k)
{
    const InSet *set = k->bound;
    uint8_t *z = COLUMN_DATA(k->out, uint8_t);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        z[i] = in_set(set, k->in[0], i);
        if (!z[i] && set->has_null) k->out->valid[i] = 0;
    }
    return DONE;
}

// A few values of one word: every row against every value, without branches.
#define IN_FEW(name, T)                                                                            \
    static Status in_few_##name(const KernelCall *k)                                               \
    {                                                                                              \
        const InSet *set = k->bound;                                                               \
        const T *restrict x = COLUMN_DATA(k->in[0], T);                                            \
        const T *restrict v = COLUMN_DATA(set->values, T);                                         \
        uint8_t *restrict z = COLUMN_DATA(k->out, uint8_t);                                        \
        memset(z, 0, (size_t)k->rows);                                                             \
        for (int32_t s = 0; s < set->n; s++)                                                       \
            for (int32_t i = 0; i < k->rows; i++) z[i] |= x[i] == v[s];                            \
        for (int32_t i = 0; set->has_null && i < k->rows; i++) k->out->valid[i] &= z[i];           \
        return DONE;                                                                               \
    }
IN_FEW(i32, int32_t)
IN_FEW(i64, int64_t)

static Status in_columns(const KernelCall *k)
{
    const Column *x = k->in[0];
    uint8_t *z = COLUMN_DATA(k->out, uint8_t), *valid = k->out->valid;
    for (int32_t i = 0; i < k->rows; i++) {
        bool null = column_null(x, i), found = false;
        for (int32_t c = 1; c < k->nin && !found; c++) {
            if (k->active && !k->active[i]) break;
            bool other_null = column_null(k->in[c], i);
            found = !null && !other_null && value_eq(x, i, k->in[c], i);
            null = null || other_null;
        }
        z[i] = found;
        valid[i] = found || !null;
    }
    return DONE;
}

static Status in_build(Arena *a, const Expr *call, const EvalCtx *ctx, InSet *set)
{
    const Type *t = call->arg[0]->type;
    Column *c = NEW(a, Column, 1);
    *c = column_new(a, t, call->nargs - 1);
    set->values = c;
    for (set->mask = 7; set->mask < call->nargs * 2; set->mask = set->mask * 2 + 1) {
    }
    set->slot = NEW(a, int32_t, set->mask + 1);
    for (int32_t i = 1; i < call->nargs; i++) {
        Datum v;
        TRY(fold_arg(a, call, i, ctx, &v));
        set->has_null |= v.null;
        if (v.null) continue;
        column_set(a, c, set->n++, &v);
        uint64_t at = hash_u64(row_hash(c, set->n - 1));
        while (set->slot[at & (uint64_t)set->mask]) at++;
        set->slot[at & (uint64_t)set->mask] = set->n;
    }
    return DONE;
}

static bool literal_list(const Expr *call)
{
    if (call->arg[0]->type->nfields) return false;
    for (int32_t i = 1; i < call->nargs; i++)
        if (!expr_foldable(call->arg[i])) return false;
    return true;
}

static Status bind_in(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    enum { FEW = 8 };
    if (!literal_list(call)) {
        b->kernel = in_columns;
        b->flags = FN_OWN_NULLS;
        return DONE;
    }
    InSet *set = NEW(a, InSet, 1);
    TRY(in_build(a, call, ctx, set));
    Phys p = type_phys(call->arg[0]->type);
    b->kernel = in_literals;
    if (set->n <= FEW && p == PHYS_I32) b->kernel = in_few_i32;
    if (set->n <= FEW && p == PHYS_I64) b->kernel = in_few_i64;
    b->data = set;
    b->flags = FN_MAY_NULL | FN_FIRST_ARG;
    return DONE;
}

static Status analyse_in(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const Type *t = &type_void;
    bool alike = true; // structs whose fields differ in their names only are compared as they are
    for (int32_t i = 1; i < call->nargs; i++)
        alike &= type_same_shape(call->arg[0]->type, call->arg[i]->type);
    for (int32_t i = 0; i < call->nargs && !alike; i++) {
        t = common_type(a, t, call->arg[i]->type, ctx->ansi);
        if (!t) return diff_types(a, call, call);
    }
    for (int32_t i = 0; i < call->nargs && !alike; i++) coerce(a, &call->arg[i], t);
    if (!type_is_orderable(call->arg[0]->type) && call->arg[0]->type->id != T_VOID)
        return refuse_order(a, call);
    call->nullable = any_nullable(call);
    return DONE;
}

static void sql_in(Buf *b, const Expr *e)
{
    buf_char(b, '(');
    expr_sql(b, e->arg[0]);
    buf_put(b, S(" IN ("));
    for (int32_t i = 1; i < e->nargs; i++) {
        if (i > 1) buf_put(b, S(", "));
        expr_sql(b, e->arg[i]);
    }
    buf_put(b, S("))"));
}

#define COMPARISON(sign, doc_)                                                                     \
    {                                                                                              \
        .name = STR_INIT(sign), .signature = "any any -> boolean", .doc = doc_,                    \
        .analyse = analyse_compare, .bind = bind_compare, .sql = sql_infix                         \
    }
static const FnRow rows[] = {
    COMPARISON("=", "both are equal"),
    {.name = STR_INIT("=="), .signature = "= =", .doc = "both are equal"},
    {.name = STR_INIT("<>"),
     .signature = "any any -> boolean",
     .doc = "they differ",
     .analyse = analyse_compare,
     .bind = bind_compare,
     .sql = sql_not_equal},
    {.name = STR_INIT("!="), .signature = "= <>", .doc = "they differ"},
    COMPARISON("<", "the first is less"),
    COMPARISON("<=", "the first is not greater"),
    COMPARISON(">", "the first is greater"),
    COMPARISON(">=", "the first is not less"),
    {.name = STR_INIT("<=>"),
     .signature = "any any -> boolean",
     .kernel = null_safe_eq,
     .flags = FN_OWN_NULLS | FN_NOT_NULL,
     .doc = "both are equal or both are NULL",
     .analyse = analyse_compare,
     .bind = bind_null_safe,
     .sql = sql_infix},
    {.name = STR_INIT("equal_null"),
     .signature = "= <=>",
     .doc = "both are equal or both are NULL"},
    {.name = STR_INIT("between"),
     .signature = "any any any -> boolean",
     .doc = "the first lies between the others",
     .analyse = analyse_between,
     .lower = lower_between},
    {.name = STR_INIT("in"),
     .signature = "any any any* -> boolean",
     .doc = "the first is one of the others",
     .analyse = analyse_in,
     .bind = bind_in,
     .sql = sql_in},
};
FN_TABLE(fn_compare, rows);
