// agg_percentile.c -- percentiles over all values of a group. percentile_approx is exact here, and
// Spark's is too until a group has some thousands of values: the answer is the value at the rank.
#include "expr/agg_in.h"
#include "expr/flat.h"
#include <math.h>
#include <stdlib.h>

typedef struct Percents { // AggCall.bound
    double *p;
    int32_t n;
    double error; // of percentile_approx: 1 / accuracy
    bool down;    // WITHIN GROUP (ORDER BY x DESC)
    bool list;    // the percents were an array, and so is the result
} Percents;

static Status out_of_range(Arena *a, const Expr *call, Str name, Str range, Str value)
{
    return RAISE(DATATYPE_MISMATCH_VALUE_OUT_OF_RANGE, P("sqlExpr", quoted_sql(a, call)),
                 P("exprName", name), P("valueRange", range), P("currentValue", value));
}

static Status check_percents(Arena *a, const Expr *call, const Percents *p)
{
    for (int32_t i = 0; i < p->n; i++)
        if (!(p->p[i] >= 0 && p->p[i] <= 1))
            return out_of_range(a, call, S("percentage"), S("[0.0, 1.0]"),
                                str_fmt(a, "%g", p->p[i]));
    return DONE;
}

// The second argument: a DOUBLE or an array of them, foldable.
static Status read_percents(Arena *a, const Expr *call, const EvalCtx *ctx, Percents *p)
{
    Datum v;
    const Type *t = call->arg[1]->type;
    TRY(fold_arg(a, call, 1, ctx, &v));
    p->list = t->id == T_ARRAY;
    if (v.null) return out_of_range(a, call, S("percentage"), S("[0.0, 1.0]"), S("null"));
    List l = p->list ? COLUMN_DATA(v.nested, List)[0] : (List){0, 1};
    p->n = l.n;
    p->p = NEW(a, double, l.n);
    for (int32_t i = 0; i < l.n; i++)
        p->p[i] = p->list ? COLUMN_DATA(&v.nested->kid[0], double)[l.at + i] : v.f;
    return check_percents(a, call, p);
}

static Status analyse_percents(Arena *a, Expr *call, const EvalCtx *ctx, const Type *of)
{
    Expr **arg = &call->arg[1];
    bool list = (*arg)->type->id == T_ARRAY;
    if (!expr_foldable(*arg))
        return RAISE(DATATYPE_MISMATCH_NON_FOLDABLE_INPUT, P("sqlExpr", quoted_sql(a, call)),
                     P("inputName", S("`percentage`")), P("inputType", S("\"DOUBLE\"")),
                     P("inputExpr", quoted_sql(a, *arg)));
    const Type *element = list ? (*arg)->type->field[0].type : (*arg)->type;
    bool text = !list && element->id == T_STRING;
    if (!type_is_numeric(element) && !text)
        return wrong_type(a, call, 1, "(\"DOUBLE\" or \"ARRAY\")");
    coerce(a, arg, list ? type_array(a, &type_double, false) : &type_double);
    call->type = list ? type_array(a, of, false) : of;
    return read_percents(a, call, ctx, &(Percents){0});
}

// ---- exact, between values by interpolation ----------------------------------------------------

static Status analyse_exact(Arena *a, Expr *call, const EvalCtx *ctx)
{
    coerce(a, &call->arg[0], &type_double);
    if (call->nargs > 2)
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("percentile with frequencies")),
                     P("needs", S("leave the third argument out")));
    default_arg(a, call, 3, expr_literal(a, &type_bigint, &(Datum){.i = 1})); // each counts once
    return analyse_percents(a, call, ctx, &type_double);
}
static Status bind_percents(Arena *a, const Expr *call, const EvalCtx *ctx, AggCall *c,
                            Percents **p)
{
    *p = NEW(a, Percents, 1);
    c->bound = *p;
    c->nin = 1;
    return read_percents(a, call, ctx, *p);
}
static Status bind_exact(Arena *a, const Expr *call, const EvalCtx *ctx, AggCall *c)
{
    Percents *p;
    return bind_percents(a, call, ctx, c, &p);
}

static Status analyse_median(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    coerce(a, &call->arg[0], &type_double);
    call->type = &type_double;
    return DONE;
}
static Status bind_median(Arena *a, const Expr *call, const EvalCtx *ctx, AggCall *c)
{
    (void)call, (void)ctx;
    Percents *p = NEW(a, Percents, 1);
    p->p = NEW(a, double, 1);
    p->p[0] = 0.5;
    p->n = 1;
    c->bound = p;
    return DONE;
}

static int in_order(const void *x, const void *y, void *column)
{
    return value_cmp(column, *(const int32_t *)x, column, *(const int32_t *)y);
}

// The values of a group in ascending order.
static Column sorted(Arena *a, const AggCall *c, const AggList *list)
{
    Builder *b = builder_new(a, c->in[0]);
    Reader r = reader_of(blob_str(&list->values));
    for (int64_t i = 0; i < list->n; i++) flat_read(&r, c->in[0], b);
    Column all = builder_column(b);
    int32_t *row = NEW_RAW(a, int32_t, all.rows);
    for (int32_t i = 0; i < all.rows; i++) row[i] = i;
    qsort_r(row, (size_t)all.rows, sizeof *row, in_order, &all);
    return column_gather(a, &all, row, all.rows);
}

static double between(const Column *values, double p)
{
    const double *v = COLUMN_DATA(values, double);
    double at = (values->rows - 1) * p, low = floor(at), high = ceil(at);
    double x = v[(int64_t)low], y = v[(int64_t)high];
    return low == high || x == y ? x : (high - at) * x + (at - low) * y;
}

// A column with a row a group, each of n values of `values` (n of them a group): lists, or plain.
static void shape(const Percents *p, const uint8_t *there, const Column *values, Column *out,
                  Arena *a)
{
    uint8_t *valid = column_own_valid(a, out);
    int32_t groups = out->rows;
    memcpy(valid, there, (size_t)groups);
    if (!p->list) {
        const Type *t = out->type;
        *out = *values;
        out->type = t;
        out->valid = valid;
        return;
    }
    out->kid[0] = *values;
    for (int32_t i = 0; i < groups; i++) COLUMN_DATA(out, List)[i] = (List){i * p->n, p->n};
}

static Status exact_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    const Percents *p = c->bound;
    uint8_t *there = NEW(a, uint8_t, n);
    Column values = column_new(a, &type_double, n * p->n);
    for (int32_t i = 0; i < n; i++) {
        const AggList *list = (const AggList *)(const void *)(payload[i] + c->at);
        Column of = sorted(a, c, list);
        there[i] = of.rows > 0;
        for (int32_t k = 0; k < p->n; k++)
            COLUMN_DATA(&values, double)[i * p->n + k] = of.rows ? between(&of, p->p[k]) : 0;
    }
    shape(p, there, &values, out, a);
    return DONE;
}

// ---- percentile_cont(p), percentile_disc(p) WITHIN GROUP (ORDER BY x)
// -----------------------------

// The value becomes the second argument, which the name does not show.
static Status analyse_within(Arena *a, Expr *call, const EvalCtx *ctx)
{
    if (call->norder != 1)
        return RAISE(WITHIN_GROUP_WRONG_ORDERINGS, P("funcName", quoted_name(a, call->name)),
                     P("expectedNum", S("1")), P("actualNum", str_fmt(a, "%d", call->norder)));
    push_arg(a, call, call->order[0]->arg[0]);
    if (!type_is_numeric(call->arg[1]->type) && call->arg[1]->type->id != T_VOID)
        return wrong_type(a, call, 1, "\"NUMERIC\"");
    coerce(a, &call->arg[1], &type_double);
    Expr turned = *call; // as percentile(x, p) has them
    Expr *arg[2] = {call->arg[1], call->arg[0]};
    turned.arg = arg;
    TRY(analyse_percents(a, &turned, ctx, &type_double));
    call->arg[0] = arg[1];
    call->type = turned.type;
    return DONE;
}

static Status bind_within(Arena *a, const Expr *call, const EvalCtx *ctx, AggCall *c)
{
    Percents *p;
    Expr turned = *call;
    Expr *arg[2] = {call->arg[1], call->arg[0]};
    turned.arg = arg;
    TRY(bind_percents(a, &turned, ctx, c, &p));
    c->in[0] = &type_double;
    p->down = call->order[0]->descending;
    for (int32_t i = 0; i < p->n && p->down && str_eq(c->row->name, S("percentile_cont")); i++)
        p->p[i] = 1 - p->p[i];
    return DONE;
}

static Status within_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    return agg_list_step(c, r, in + 1);
}

// The first value at which the share of the values up to it reaches p.
static Status disc_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    const Percents *p = c->bound;
    uint8_t *there = NEW(a, uint8_t, n);
    Column values = column_new(a, &type_double, n * p->n);
    for (int32_t i = 0; i < n; i++) {
        Column of = sorted(a, c, (const AggList *)(const void *)(payload[i] + c->at));
        there[i] = of.rows > 0;
        for (int32_t k = 0; k < p->n && of.rows; k++) {
            int32_t at = MAX((int32_t)ceil(p->p[k] * of.rows) - 1, 0);
            COLUMN_DATA(&values, double)
            [i * p->n + k] = COLUMN_DATA(&of, double)[p->down ? of.rows - 1 - at : at];
        }
    }
    shape(p, there, &values, out, a);
    return DONE;
}

// ---- the value at a rank -----------------------------------------------------------------------

static Status read_accuracy(Arena *a, const Expr *call, const EvalCtx *ctx, double *error)
{
    Datum v;
    TRY(fold_arg(a, call, 2, ctx, &v));
    if (v.null || v.i <= 0 || v.i > INT32_MAX)
        return out_of_range(a, call, S("accuracy"), S("(0, 2147483647]"),
                            v.null ? S("null") : str_fmt(a, "%lld", (long long)v.i));
    *error = 1.0 / (double)v.i;
    return DONE;
}

static Status analyse_ranked(Arena *a, Expr *call, const EvalCtx *ctx)
{
    double error;
    default_arg(a, call, 3, int_literal(a, 10000));
    TRY(analyse_percents(a, call, ctx, call->arg[0]->type));
    return read_accuracy(a, call, ctx, &error);
}
static Status bind_ranked(Arena *a, const Expr *call, const EvalCtx *ctx, AggCall *c)
{
    Percents *p;
    TRY(bind_percents(a, call, ctx, c, &p));
    return read_accuracy(a, call, ctx, &p->error);
}

static int64_t rank_of(const Percents *p, double percent, int64_t n)
{
    if (percent <= p->error) return 0;
    if (percent >= 1 - p->error) return n - 1;
    return MIN((int64_t)ceil(percent * (double)n), n) - 1;
}

static Status ranked_result(const AggCall *c, char *const *payload, int32_t n, Column *out,
                            Arena *a)
{
    const Percents *p = c->bound;
    uint8_t *there = NEW(a, uint8_t, n);
    Builder *found = builder_new(a, c->in[0]);
    for (int32_t i = 0; i < n; i++) {
        Column of = sorted(a, c, (const AggList *)(const void *)(payload[i] + c->at));
        there[i] = of.rows > 0;
        for (int32_t k = 0; k < p->n; k++) {
            int32_t row = of.rows ? (int32_t)rank_of(p, p->p[k], of.rows) : 0;
            if (of.rows)
                builder_rows(found, &of, &row, 1);
            else
                builder_null(found);
        }
    }
    Column values = builder_column(found);
    shape(p, there, &values, out, a);
    return DONE;
}

#define PERCENTILE(fn, sig, doc_, kind)                                                            \
    {                                                                                              \
        .name = STR_INIT(fn), .signature = sig, .doc = doc_, .bytes = sizeof(AggList),             \
        .nblobs = 1, .analyse = analyse_##kind, .step = agg_list_step, .merge = agg_list_merge
#define WITHIN(fn, doc_, result_)                                                                  \
    {                                                                                              \
        .name = STR_INIT(fn), .signature = "any -> -", .doc = doc_, .bytes = sizeof(AggList),      \
        .nblobs = 1, .shown = 1, .order = MUST_ORDER, .analyse = analyse_within,                   \
        .bind = bind_within, .step = within_step, .merge = agg_list_merge, .result = result_       \
    }
static const AggRow rows[] = {PERCENTILE("percentile", "numeric any any? -> -",
                                         "exact percentiles, interpolated", exact),
                              .bind = bind_exact, .result = exact_result},
                    PERCENTILE("median", "numeric -> -", "the value in the middle", median),
                    .bind = bind_median, .result = exact_result
}
,
    PERCENTILE("percentile_approx", "numeric|date|timestamp|timestamp_ntz any lit:integral? -> -",
               "the values at shares of the rows", ranked),
    .bind = bind_ranked, .result = ranked_result
}
, WITHIN("percentile_cont", "percentiles of the ordered values, interpolated", exact_result),
    WITHIN("percentile_disc", "percentiles of the ordered values, each one of them", disc_result),
    {.name = STR_INIT("approx_percentile"),
     .signature = "= percentile_approx",
     .doc = "the values at shares of the rows"},
}
;
AGG_TABLE(agg_percentile, rows);
