// observe.h -- DataFrame.observe(): every row passes through unchanged and is folded into
// aggregates whose values are told beside the rows. The run-time sums up the instances at the end
// of the epoch; the aggregates begin anew with the next.
#ifndef OP_OBSERVE_H
#define OP_OBSERVE_H
#include "op/aggregate.h"

typedef struct ObserveSpec {
    AggSpec agg;        // first: the inner op_agg_partial has it for its spec. No keys, one shard
    Str name;           // of the observation
    Expr *const *item;  // the metrics, over a column for each of agg
    const Schema *made; // their names and types
} ObserveSpec;
extern const OpKind op_observe;

typedef struct Observed { // what an observation saw in an epoch
    Str name;
    const Schema *schema;
    Batch row; // one
} Observed;
typedef struct Observations {
    Arena *arena;
    VEC(Observed) list;
} Observations;

typedef struct ObserveSum ObserveSum;
Status observe_sum_new(ObserveSum **sum, Arena *a, const ObserveSpec *spec, const EvalCtx *ctx);
void observe_sum_clear(ObserveSum *sum);
Status observe_sum_take(ObserveSum *sum, Op *from); // what it saw since it was last asked
Status observe_sum_tell(ObserveSum *sum, Observations *to);
#endif
