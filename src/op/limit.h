// limit.h -- LIMIT and OFFSET: of each epoch's rows (batch, and complete mode above an aggregate),
// or of the whole stream (semantics S17), then with a counter in the state.
#ifndef OP_LIMIT_H
#define OP_LIMIT_H
#include "op/op.h"

typedef struct LimitSpec {
    int64_t limit;  // -1: none
    int64_t offset; // skipped first
} LimitSpec;
extern const OpKind op_limit;        // of the epoch
extern const OpKind op_global_limit; // of the stream, stateful; offset is 0

// The state of op_global_limit, for the OpSpec.
void limit_state(TableSpec *table, Str *schema);
#endif
