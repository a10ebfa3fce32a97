// fn_list_test.c -- every function and aggregate there is, called with arguments of all types in
// many mixes: it answers or raises, for constants, columns with NULLs, and no rows at all.
#include "expr/agg.h"
#include "expr/facts_in.h"
#include "expr/prog.h"

static const char *const samples[] = {
    "NULL",
    "7",
    "0",
    "-3L",
    "2.5",
    "1e300D",
    "double('NaN')",
    "true",
    "''",
    "'a,b'",
    "'2024-02-29 10:00:00'",
    "'yyyy-MM-dd'",
    "'[1, {\"a\": 2}]'",
    "'day'",
    "date'2024-02-29'",
    "timestamp'1969-12-31 23:59:59.5'",
    "timestamp_ntz'2024-01-01 00:00:00'",
    "interval 3 days",
    "interval 14 months",
    "x'00ff'",
    "array(1, NULL, 3)",
    "array('a', NULL)",
    "array(array(1))",
    "map('k', 1)",
    "named_struct('f', 1, 'g', 'x')",
};
enum { MIXES = 60, ARGS_MAX = 4 };

typedef struct Mixer {
    uint64_t state;
    EvalCtx ctx;
    const FnEntry *entry;
    Str text; // of the call, for messages
} Mixer;

static int64_t next(Mixer *m, int64_t below)
{
    m->state = m->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((m->state >> 33) % (uint64_t)below);
}

static Status literal_to_column(void *columns, Expr **e)
{
    struct {
        Arena *a;
        VEC(Column) v;
    } *c = columns;
    if ((*e)->kind != E_LITERAL) return DONE;
    Column col = column_of_datum(c->a, (*e)->type, &(*e)->value, 3);
    column_own_valid(c->a, &col)[1] = 0;
    if ((*e)->value.null) memset(col.valid, 0, 3);
    Field f = field_of(S("c"), (*e)->type, true);
    *e = expr_column(c->a, (int32_t)c->v.n, &f);
    vec_push(c->a, &c->v, col);
    return DONE;
}

static void run_rows(Arena *a, const Mixer *m, Expr *e)
{
    struct {
        Arena *a;
        VEC(Column) v;
    } columns = {.a = a};
    Prog *p;
    Column out;
    Expr *x = expr_copy(a, e);
    // Only the first argument becomes a column: others may have to be constants.
    bool constant = x->kind != E_FN || !x->nargs || str_starts(str_z(x->fn->signature), S("lit:"));
    if (constant) return;
    CHECK_OK(expr_walk(&x->arg[0], literal_to_column, &columns));
    for (int32_t rows = 3; rows >= 0; rows -= 3) {
        if (prog_compile(&p, a, &x, 1, &m->ctx).code) return;
        for (int64_t i = 0; i < columns.v.n; i++) columns.v.v[i].rows = rows;
        if (prog_run(p, &(Batch){rows, (int32_t)columns.v.n, columns.v.v}, &out).code) continue;
        for (int32_t i = 0; i < rows; i++) facts_text(a, &m->ctx, &out, i);
    }
}

static void run_agg(Arena *a, const Mixer *m, Expr *e)
{
    AggPlan *plan;
    Column arg[AGG_ARGS_MAX];
    const Column *in[AGG_ARGS_MAX];
    if (agg_plan(&plan, a, &e, 1, 0, &m->ctx).code) return;
    for (int32_t k = 0; k < e->nargs; k++) {
        Datum v;
        if (expr_fold(a, e->arg[k], &m->ctx, &v).code) return;
        arg[k] = column_of_datum(a, e->arg[k]->type, &v, 1);
        in[k] = &arg[k];
    }
    const AggCall *c = &plan->call[0];
    char *payload = (char *)NEW(a, int64_t, plan->payload_bytes / 8 + 1);
    char *other = (char *)NEW(a, int64_t, plan->payload_bytes / 8 + 1);
    const char *from = other;
    BlobPool *blobs = blob_pool_new(a);
    if (agg_step(c, &(AggRows){&payload, 1, NULL, blobs}, in).code) return;
    if (agg_step(c, &(AggRows){&other, 1, NULL, blobs}, in).code) return;
    if (agg_merge(c, &(AggRows){&payload, 1, NULL, blobs}, &from).code) return;
    Column out = column_new(a, c->type, 1);
    if (agg_result(c, &payload, 1, &out, a).code) return;
    facts_text(a, &m->ctx, &out, 0);
}

static void call_once(Arena *a, Mixer *m)
{
    Buf b = buf_new(a);
    buf_fmt(&b, STR_FMT "(", STR_ARG(m->entry->name));
    int64_t n = next(m, ARGS_MAX + 1);
    for (int64_t i = 0; i < n; i++)
        buf_fmt(&b, "%s%s", i ? ", " : "", samples[next(m, COUNT(samples))]);
    buf_char(&b, ')');
    m->text = buf_str(&b);
    Expr *e = NULL;
    if (facts_parse(&e, a, &m->ctx, m->text, NULL).code) return;
    CHECK(e->type != NULL && expr_output_name(a, e).n > 0);
    if (m->entry->agg) {
        if (e->kind == E_AGG) run_agg(a, m, e);
        return;
    }
    Datum v;
    if (expr_foldable(e) && expr_fold(a, e, &m->ctx, &v).code) CHECK(failure()->text.n > 0);
    run_rows(a, m, e);
}

static void call_all(Arena *a, bool ansi)
{
    Mixer m = {.state = 42 + ansi, .ctx = facts_ctx(a, ansi, "Europe/Paris")};
    const FnEntry *list;
    int64_t n = fn_list(a, &list);
    for (int64_t i = 0; i < n; i++) {
        m.entry = &list[i];
        bool word = list[i].name.p[0] >= 'a' && list[i].name.p[0] <= 'z';
        if (!word || (list[i].fn && list[i].fn->flags & FN_INTERNAL)) continue;
        for (int32_t k = 0; k < MIXES; k++) {
            Arena *one = arena_new(a);
            call_once(one, &m);
            arena_free(one);
        }
    }
}

TEST(fn_list_any_arguments)
{
    call_all(a, true);
    call_all(a, false);
}
