// agg_final.c -- the half of an aggregate that owns its shard of the state. Groups of the lanes are
// merged behind what is stored; a late group is counted once an epoch and dropped before the state
// is touched (semantics S5); in complete mode nothing is late and nothing is evicted (M21).
#include "op/agg_in.h"

typedef struct AggFinal {
    Op op;
    AggPlan *plan;
    AggProgram in;  // of rows that come ungrouped: its columns alone
    Table *own;     // the groups of an epoch of a batch; NULL: they are state
    Table *late;    // keys of the late groups of this epoch; made with the first one
    char **payload; // a batch's, of the state
    char **from;    // and of the lane
    uint8_t *is_new;
    Arena *chunk; // of one emitted batch
    bool closes;  // there is event time among the keys, and the mode heeds it
} AggFinal;

static Status agg_final_open(Op *op)
{
    AggFinal *f = CONTAINER(op, AggFinal, op);
    const AggSpec *s = op->spec;
    f->payload = NEW(op->arena, char *, BATCH_ROWS);
    f->from = NEW(op->arena, char *, BATCH_ROWS);
    f->is_new = NEW(op->arena, uint8_t, BATCH_ROWS);
    f->chunk = arena_new(op->arena);
    f->closes = s->time_key >= 0 && op->ctx->mode != MODE_COMPLETE;
    TRY(agg_plan(&f->plan, op->arena, s->agg, s->naggs, 0, &op->ctx->eval));
    (void)agg_columns(&f->in, op);
    if (!s->batch) return DONE;
    TableSpec *table = NEW(op->arena, TableSpec, 1);
    *table = agg_table(op->arena, s, f->plan);
    f->own = table_new(op->arena, table);
    return DONE;
}
static Table *groups(AggFinal *f) { return f->own ? f->own : op_table(&f->op); }
// Counts the groups that are late and were not seen to be so before in this epoch.
static void late_groups(AggFinal *f, const Table *from, char *const *row, int32_t n)
{
    const AggSpec *s = f->op.spec;
    if (!n) return;
    if (!f->late) {
        TableSpec *table = NEW(f->op.arena, TableSpec, 1);
        *table = agg_table(f->op.arena, s, f->plan);
        table->payload_bytes = 0;
        table->nblobs = 0;
        f->late = table_new(f->op.arena, table);
    }
    table_upsert_rows(f->late, from, row, n, f->payload, f->is_new);
    for (int32_t i = 0; i < n; i++) f->op.counts.dropped_by_watermark += f->is_new[i];
}
// Splits row[0..n) into those in time (to f->from, returns how many) and late ones.
static int32_t in_time(AggFinal *f, const Table *from, char *const *row, int32_t n)
{
    char *late[BATCH_ROWS];
    int32_t nlate = 0, kept = 0;
    for (int32_t i = 0; i < n; i++) {
        if (f->closes && table_time(from, row[i]) <= f->op.late)
            late[nlate++] = row[i];
        else
            f->from[kept++] = row[i];
    }
    late_groups(f, from, late, nlate);
    return kept;
}
static Status fold_batches(AggFinal *f, Op *from, int32_t shard)
{
    Table *state = groups(f);
    const Batch *b = NULL;
    int32_t n = agg_partial_batches(from, shard, &b);
    for (int32_t i = 0; i < n; i++) {
        AggRows to = {.payload = f->payload, .n = b[i].rows, .blobs = table_blobs(state)};
        f->op.rows_in += b[i].rows;
        table_upsert(state, b[i].col, b[i].rows, NULL, f->payload, NULL);
        f->in.col = b[i].col;
        TRY(agg_fold(&f->in, f->op.spec, f->plan, to));
    }
    return DONE;
}
static Status agg_final_merge(Op *op, int32_t port, Op *from, int32_t shard)
{
    (void)port;
    AggFinal *f = CONTAINER(op, AggFinal, op);
    const AggSpec *s = op->spec;
    Table *state = groups(f);
    const Table *lane = NULL;
    TableRows rows = agg_partial_rows(from, shard, &lane);
    op->rows_in += rows.n;
    for (int64_t at = 0; at < rows.n; at += BATCH_ROWS) {
        int32_t n = in_time(f, lane, rows.payload + at, (int32_t)MIN(BATCH_ROWS, rows.n - at));
        if (!n) continue;
        table_upsert_rows(state, lane, f->from, n, f->payload, NULL);
        AggRows to = {.payload = f->payload, .n = n, .blobs = table_blobs(state)};
        for (int32_t i = 0; i < s->naggs; i++)
            TRY(agg_merge(&f->plan->call[i], &to, (const char *const *)f->from));
    }
    return fold_batches(f, from, shard);
}
static Status agg_final_rows(Op *op, int32_t port, const Batch *in)
{
    (void)op, (void)port, (void)in;
    must_failed("an aggregate's second half takes groups, not rows", __FILE__, __LINE__);
}
static Status emit_groups(AggFinal *f, char *const *row, int32_t n)
{
    const AggSpec *s = f->op.spec;
    arena_clear(f->chunk);
    Batch out = {.rows = n, .cols = s->nkeys + s->naggs};
    out.col = NEW(f->chunk, Column, out.cols + 1);
    table_keys(groups(f), row, n, out.col, f->chunk);
    for (int32_t i = 0; i < s->naggs; i++) {
        const AggCall *c = &f->plan->call[i];
        out.col[s->nkeys + i] = column_new(f->chunk, c->type, n);
        TRY(agg_result(c, row, n, &out.col[s->nkeys + i], f->chunk));
    }
    return op_emit(&f->op, &out);
}
static Status emit_due(AggFinal *f)
{
    TableRows due = table_due(groups(f), f->op.evict, f->op.scratch);
    for (int64_t at = 0; at < due.n; at += BATCH_ROWS)
        TRY(emit_groups(f, due.payload + at, (int32_t)MIN(BATCH_ROWS, due.n - at)));
    return DONE;
}
static Status emit_walk(AggFinal *f, bool changed)
{
    RowWalk w = table_walk(groups(f), changed);
    for (int32_t n = 0; (n = table_walk_next(&w, f->payload)) > 0;)
        TRY(emit_groups(f, f->payload, n));
    return DONE;
}
static Status agg_final_flush(Op *op)
{
    AggFinal *f = CONTAINER(op, AggFinal, op);
    const AggSpec *s = op->spec;
    Table *t = groups(f);
    if (s->nkeys == 0) table_upsert(t, NULL, 1, NULL, f->payload, NULL); // M22: there without rows
    if (f->late) table_clear(f->late);
    if (f->own) {
        TRY(emit_walk(f, false));
        table_clear(t);
        return DONE;
    }
    if (op->ctx->last) return emit_walk(f, false);
    op->counts.updated += table_changed_count(t);
    switch (op->ctx->mode) {
    case MODE_COMPLETE: return emit_walk(f, false);
    case MODE_UPDATE: TRY(emit_walk(f, true)); break;
    case MODE_APPEND:
        if (f->closes) TRY(emit_due(f));
        break;
    }
    if (f->closes) op->counts.removed += table_expire(t, op->evict);
    return DONE;
}
const OpKind op_agg_final = {.name = "stateStoreSave",
                             .size = sizeof(AggFinal),
                             .open = agg_final_open,
                             .rows = agg_final_rows,
                             .merge = agg_final_merge,
                             .flush = agg_final_flush,
                             .again = AGAIN_UNLESS_COMPLETE};
