// exchange.h -- the end of a stage: rows are copied into one list a shard by the hash of their
// keys, and stay there until the next round begins. Which shard a key has is the table's rule
// (state/state.h), so that keyed state restored from disk finds its rows again.
#ifndef OP_EXCHANGE_H
#define OP_EXCHANGE_H
#include "expr/expr.h"
#include "op/op.h"

typedef struct ExchangeSpec {
    Expr *const *key; // over the input, bound; none: all rows go to shard 0
    int32_t nkeys;
    int32_t shards; // instances of the stage after it: STATE_SHARDS, or 1 for PAR_ONE
} ExchangeSpec;
extern const OpKind op_exchange;

// What shard s is owed, in order of arrival; valid until the exchange gets its next row.
int32_t exchange_batches(Op *op, int32_t s, const Batch **batch);
#endif
