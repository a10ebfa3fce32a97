// session.h -- grouping by session_window (semantics T14-T22, 4.1): rows of one key whose
// [time, time + gap) overlap or touch are one group. Rows come by shard of their keys, and of each
// the columns are: the keys, the session's start and end as the row alone has it, then for every
// aggregate its arguments and its filter. Emitted are the keys, with struct<start, end> among them,
// then the aggregates.
//
// A row is late by its own end; what is stored is merged with rows in order of their starts, so a
// row between two sessions makes one of them. The state has a row a key, which holds the key's
// sessions: `total` of the kind says how many there are.
#ifndef OP_SESSION_H
#define OP_SESSION_H
#include "expr/agg.h"
#include "op/op.h"

typedef struct SessionSpec {
    const Type *const *key; // of the grouping, less the session
    int32_t nkeys;
    Expr *const *agg; // E_AGG; where their arguments and filters stand is said by order
    int32_t naggs;
    const Type *session; // struct<start, end>
    int32_t session_at;  // its place among the emitted keys
    bool timed;          // the sessions are event time under a watermark
    bool in_order;       // some aggregate minds the order of rows: all of an epoch are put in order
    bool batch;          // of rows that are no stream: no state, all come out when the epoch ends
} SessionSpec;
extern const OpKind op_session;

// What plan/lower_session.c puts into the OpSpec: the state's shape, and its text.
Status session_state(TableSpec *table, Str *schema, Arena *a, const SessionSpec *spec,
                     const EvalCtx *ctx);
#endif
