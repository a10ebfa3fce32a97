// exchange.c -- one growing column a shard and output column; handed out in slices of a batch.
#include "op/exchange.h"
#include "expr/prog.h"

typedef struct ShardRows {
    Builder **col; // made with the shard's first row
    int64_t rows;
    Batch *slice; // made when the round ends
    int32_t nslices;
} ShardRows;
typedef struct Exchange {
    Op op;
    Prog *prog; // NULL: all rows go to shard 0
    Column *key;
    uint64_t *hash;
    int32_t *row; // BATCH_ROWS a shard
    int32_t cols;
    ShardRows *shard;
    Arena *slices;
    bool sealed; // the round has ended: the next row begins another
} Exchange;

int32_t shard_of_hash(uint64_t hash, int32_t shards)
{
    return shards == 1 ? 0 : (int32_t)(hash >> (64 - __builtin_ctz((uint32_t)shards)));
}
static Status exchange_open(Op *op)
{
    Exchange *x = CONTAINER(op, Exchange, op);
    const ExchangeSpec *s = op->spec;
    must(s->shards > 0 && (s->shards & (s->shards - 1)) == 0);
    x->shard = NEW(op->arena, ShardRows, s->shards);
    x->row = NEW(op->arena, int32_t, (int64_t)s->shards * BATCH_ROWS);
    x->hash = NEW(op->arena, uint64_t, BATCH_ROWS);
    x->key = NEW(op->arena, Column, s->nkeys + 1);
    x->slices = arena_new(op->arena);
    if (s->nkeys == 0 || s->shards == 1) return DONE;
    return prog_compile(&x->prog, op->arena, s->key, s->nkeys, &op->ctx->eval);
}
static void exchange_reset(Exchange *x)
{
    const ExchangeSpec *s = x->op.spec;
    for (int32_t i = 0; i < s->shards; i++) {
        ShardRows *sh = &x->shard[i];
        for (int32_t c = 0; sh->rows && c < x->cols; c++) builder_clear(sh->col[c]);
        sh->rows = 0;
        sh->nslices = 0;
    }
    arena_clear(x->slices);
    x->sealed = false;
}
static void shard_take(Exchange *x, ShardRows *sh, const Batch *in, const int32_t *row, int32_t n)
{
    x->cols = in->cols;
    sh->rows += n;
    if (!sh->col) {
        sh->col = NEW(x->op.arena, Builder *, in->cols + 1);
        for (int32_t c = 0; c < in->cols; c++)
            sh->col[c] = builder_new(x->op.arena, in->col[c].type);
    }
    for (int32_t c = 0; c < in->cols; c++) {
        const Column *col = &in->col[c];
        if (column_here(col))
            builder_rows(sh->col[c], col, row, n);
        else
            for (int32_t i = 0; i < n; i++) builder_null(sh->col[c]);
    }
}
static Status exchange_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Exchange *x = CONTAINER(op, Exchange, op);
    const ExchangeSpec *s = op->spec;
    if (x->sealed) exchange_reset(x);
    op->rows_out += in->rows;
    if (!x->prog) {
        shard_take(x, &x->shard[0], in, NULL, in->rows);
        return DONE;
    }
    TRY(prog_run(x->prog, in, x->key));
    for (int32_t k = 0; k < s->nkeys; k++) column_hash(&x->key[k], in->rows, x->hash, k == 0);
    int32_t n[64] = {0};
    must(s->shards <= COUNT(n));
    for (int32_t i = 0; i < in->rows; i++) {
        int32_t to = shard_of_hash(x->hash[i], s->shards);
        x->row[to * BATCH_ROWS + n[to]++] = i;
    }
    for (int32_t i = 0; i < s->shards; i++)
        if (n[i]) shard_take(x, &x->shard[i], in, x->row + (int64_t)i * BATCH_ROWS, n[i]);
    return DONE;
}
static void shard_slice(Exchange *x, ShardRows *sh)
{
    Batch all = {.rows = (int32_t)sh->rows, .cols = x->cols};
    all.col = NEW(x->slices, Column, x->cols + 1);
    for (int32_t c = 0; c < x->cols; c++) all.col[c] = builder_column(sh->col[c]);
    sh->nslices = (all.rows + BATCH_ROWS - 1) / BATCH_ROWS;
    sh->slice = NEW(x->slices, Batch, sh->nslices);
    for (int32_t i = 0; i < sh->nslices; i++) {
        int32_t at = i * BATCH_ROWS;
        sh->slice[i] = batch_slice(x->slices, &all, at, MIN(BATCH_ROWS, all.rows - at));
    }
}
static Status exchange_round(Op *op)
{
    Exchange *x = CONTAINER(op, Exchange, op);
    const ExchangeSpec *s = op->spec;
    if (x->sealed) exchange_reset(x); // no row came in this round
    for (int32_t i = 0; i < s->shards; i++)
        if (x->shard[i].rows) shard_slice(x, &x->shard[i]);
    x->sealed = true;
    return DONE;
}
int32_t exchange_batches(Op *op, int32_t s, const Batch **batch)
{
    Exchange *x = CONTAINER(op, Exchange, op);
    must(op->kind == &op_exchange && x->sealed);
    *batch = x->shard[s].slice;
    return x->shard[s].nslices;
}
const OpKind op_exchange = {.name = "exchange",
                            .size = sizeof(Exchange),
                            .open = exchange_open,
                            .rows = exchange_rows,
                            .round = exchange_round};
