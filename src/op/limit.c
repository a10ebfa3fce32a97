// limit.c -- counting rows. The limit of a whole stream keeps its count as a state row.
#include "op/limit.h"

typedef struct Limit {
    Op op;
    int64_t seen; // in this epoch
} Limit;

// Passes on those of the batch's rows that stand at [from, to) of all; `at` is the batch's first.
static Status slice_emit(Op *op, const Batch *in, int64_t at, int64_t from, int64_t to)
{
    int64_t first = MAX(from - at, 0), end = MIN(to - at, in->rows);
    if (first >= end) return DONE;
    if (first == 0 && end == in->rows) return op_emit(op, in);
    Batch out = batch_slice(op->scratch, in, (int32_t)first, (int32_t)(end - first));
    return op_emit(op, &out);
}
static Status limit_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Limit *l = CONTAINER(op, Limit, op);
    const LimitSpec *s = op->spec;
    int64_t at = l->seen, to = INT64_MAX;
    if (s->limit >= 0 && s->limit <= INT64_MAX - s->offset) to = s->offset + s->limit;
    l->seen += in->rows;
    op->full = l->seen >= to;
    return slice_emit(op, in, at, s->offset, to);
}
static Status limit_flush(Op *op)
{
    CONTAINER(op, Limit, op)->seen = 0;
    op->full = false;
    return DONE;
}
const OpKind op_limit = {
    .name = "limit", .size = sizeof(Limit), .rows = limit_rows, .flush = limit_flush};

void limit_state(TableSpec *table, Str *schema)
{
    *table = (TableSpec){.time_key = -1, .payload_bytes = 8, .track = true};
    *schema = S(";bigint");
}
static Status global_limit_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    const LimitSpec *s = op->spec;
    char *payload = NULL;
    int64_t seen = 0;
    table_lookup(op_table(op), NULL, 1, NULL, &payload);
    if (payload) memcpy(&seen, payload, sizeof seen);
    op->full = seen + in->rows >= s->limit;
    if (seen >= s->limit) return DONE;
    table_upsert(op_table(op), NULL, 1, NULL, &payload, NULL);
    int64_t now = MIN(seen + in->rows, s->limit);
    memcpy(payload, &now, sizeof now);
    return slice_emit(op, in, seen, 0, s->limit);
}
static Status global_limit_flush(Op *op)
{
    op->full = false;
    op->counts.updated += table_changed_count(op_table(op));
    return DONE;
}
const OpKind op_global_limit = {.name = "globalLimit",
                                .size = sizeof(Op),
                                .rows = global_limit_rows,
                                .flush = global_limit_flush};
