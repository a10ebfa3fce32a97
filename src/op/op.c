// op.c -- making operators, and the one way to call them: counted, with empty scratch.
#include "op/op.h"
#include "op/exchange.h"

static Status op_put(Out *out, const Batch *b) { return op_rows(CONTAINER(out, Op, self), 0, b); }
static void op_close(void *arg)
{
    Op *op = arg;
    op->kind->close(op);
}
Status op_new(Op **op, Arena *a, const OpKind *kind, const void *spec, const EpochCtx *ctx)
{
    Arena *own = arena_new(a);
    Op *o = arena_alloc(own, (int64_t)kind->size, (int64_t) _Alignof(max_align_t), 1);
    o->kind = kind;
    o->spec = spec;
    o->ctx = ctx;
    o->self.put = op_put;
    o->late = o->evict = INT64_MIN;
    o->arena = own;
    o->scratch = arena_new(own);
    if (kind->close) arena_defer(own, op_close, o);
    if (kind->open) TRY(kind->open(o));
    *op = o;
    return DONE;
}
Status op_rows(Op *op, int32_t port, const Batch *b)
{
    if (!b->rows) return DONE;
    must(b->rows <= BATCH_ROWS);
    arena_clear(op->scratch);
    op->rows_in += b->rows;
    return op->kind->rows(op, port, b);
}
Status op_round(Op *op)
{
    if (!op->kind->round) return DONE;
    arena_clear(op->scratch);
    return op->kind->round(op);
}
Status op_merge(Op *op, int32_t port, Op *from, int32_t shard)
{
    if (op->kind->merge) {
        arena_clear(op->scratch);
        return op->kind->merge(op, port, from, shard);
    }
    const Batch *b = NULL;
    int32_t n = exchange_batches(from, shard, &b);
    for (int32_t i = 0; i < n; i++) TRY(op_rows(op, port, &b[i]));
    return DONE;
}
Status op_flush(Op *op)
{
    if (!op->kind->flush) return DONE;
    arena_clear(op->scratch);
    return op->kind->flush(op);
}
Batch op_gather(Arena *a, const Batch *b, const int32_t *row, int32_t n)
{
    if (!row) return *b;
    Batch out = {.rows = n, .cols = b->cols, .col = NEW(a, Column, b->cols + 1)};
    for (int32_t i = 0; i < b->cols; i++) {
        const Column *c = &b->col[i];
        out.col[i] =
            column_here(c) ? column_gather(a, c, row, n) : (Column){.type = c->type, .rows = n};
    }
    return out;
}
