// exchange.c -- a Scatter by the hash of computed keys.
#include "op/exchange.h"
#include "expr/prog.h"
#include "op/scatter.h"

typedef struct Exchange {
    Op op;
    Prog *prog; // NULL: all rows go to shard 0
    Column *key;
    uint64_t *hash;
    Scatter *rows;
    bool sealed; // the round has ended: the next row begins another
} Exchange;

static Status exchange_open(Op *op)
{
    Exchange *x = CONTAINER(op, Exchange, op);
    const ExchangeSpec *s = op->spec;
    x->rows = scatter_new(op->arena, s->shards);
    x->hash = NEW(op->arena, uint64_t, BATCH_ROWS);
    x->key = NEW(op->arena, Column, s->nkeys + 1);
    if (s->nkeys == 0 || s->shards == 1) return DONE;
    return prog_compile(&x->prog, op->arena, s->key, s->nkeys, &op->ctx->eval);
}
static void exchange_reset(Exchange *x)
{
    scatter_clear(x->rows);
    x->sealed = false;
}
static Status exchange_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Exchange *x = CONTAINER(op, Exchange, op);
    const ExchangeSpec *s = op->spec;
    if (x->sealed) exchange_reset(x);
    op->rows_out += in->rows;
    if (x->prog) TRY(prog_run(x->prog, in, x->key));
    for (int32_t k = 0; x->prog && k < s->nkeys; k++)
        column_hash(&x->key[k], in->rows, x->hash, k == 0);
    scatter_rows(x->rows, in, x->prog ? x->hash : NULL);
    return DONE;
}
static Status exchange_round(Op *op)
{
    Exchange *x = CONTAINER(op, Exchange, op);
    if (x->sealed) exchange_reset(x); // no row came in this round
    scatter_seal(x->rows);
    x->sealed = true;
    return DONE;
}
int32_t exchange_batches(Op *op, int32_t s, const Batch **batch)
{
    Exchange *x = CONTAINER(op, Exchange, op);
    must(op->kind == &op_exchange && x->sealed);
    return scatter_batches(x->rows, s, batch);
}
const OpKind op_exchange = {.name = "exchange",
                            .size = sizeof(Exchange),
                            .open = exchange_open,
                            .rows = exchange_rows,
                            .round = exchange_round};
