// observe.c -- the first half of an aggregate without keys, beside the way of the rows.
#include "op/observe.h"
#include "op/agg_in.h"

typedef struct Observe {
    Op op;
    Op *fold; // op_agg_partial; nobody listens to it
    bool any; // it has rows that were not taken
} Observe;
struct ObserveSum {
    Arena *arena, *step;
    const ObserveSpec *spec;
    AggPlan *plan;
    Prog *item;
    BlobPool *blobs;
    char *payload;
};

static Status observe_open(Op *op)
{
    Observe *o = CONTAINER(op, Observe, op);
    const ObserveSpec *s = op->spec;
    return op_new(&o->fold, op->arena, &op_agg_partial, &s->agg, op->ctx);
}
static Status observe_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Observe *o = CONTAINER(op, Observe, op);
    o->any |= in->rows > 0;
    if (in->rows) TRY(op_rows(o->fold, 0, in));
    return op_emit(op, in);
}
const OpKind op_observe = {
    .name = "collectMetrics", .size = sizeof(Observe), .open = observe_open, .rows = observe_rows};

Status observe_sum_new(ObserveSum **out, Arena *a, const ObserveSpec *spec, const EvalCtx *ctx)
{
    ObserveSum *sum = NEW(a, ObserveSum, 1);
    sum->arena = a;
    sum->step = arena_new(a);
    sum->spec = spec;
    TRY(agg_plan(&sum->plan, a, spec->agg.agg, spec->agg.naggs, 0, ctx));
    TRY(prog_compile(&sum->item, a, spec->item, spec->made->nfields, ctx));
    sum->blobs = blob_pool_new(a);
    sum->payload = (char *)NEW(a, int64_t, sum->plan->payload_bytes / (int32_t)sizeof(int64_t) + 1);
    *out = sum;
    return DONE;
}
void observe_sum_clear(ObserveSum *sum)
{
    memset(sum->payload, 0, (size_t)sum->plan->payload_bytes);
    blob_pool_clear(sum->blobs);
}
Status observe_sum_take(ObserveSum *sum, Op *from)
{
    Observe *o = CONTAINER(from, Observe, op);
    must(from->kind == &op_observe);
    if (!o->any) return DONE;
    o->any = false;
    TRY(op_round(o->fold));
    const Table *table;
    TableRows seen = agg_partial_rows(o->fold, 0, &table);
    must(seen.n == 1);
    AggRows to = {.payload = &sum->payload, .n = 1, .blobs = sum->blobs};
    for (int32_t i = 0; i < sum->plan->n; i++)
        TRY(agg_merge(&sum->plan->call[i], &to, (const char *const *)seen.payload));
    return DONE;
}
Status observe_sum_tell(ObserveSum *sum, Observations *to)
{
    const ObserveSpec *spec = sum->spec;
    int32_t n = sum->plan->n, items = spec->made->nfields;
    arena_clear(sum->step);
    Batch values = {1, n, NEW(sum->step, Column, n + 1)};
    Batch row = {1, items, NEW(sum->step, Column, items + 1)};
    for (int32_t i = 0; i < n; i++) {
        const AggCall *c = &sum->plan->call[i];
        values.col[i] = column_new(sum->step, c->type, 1);
        TRY(agg_result(c, &sum->payload, 1, &values.col[i], sum->step));
    }
    TRY(prog_run(sum->item, &values, row.col));
    Observed o = {.name = str_copy(to->arena, spec->name),
                  .schema = type_copy(to->arena, spec->made),
                  .row = batch_copy(to->arena, &row)};
    vec_push(to->arena, &to->list, o);
    return DONE;
}
