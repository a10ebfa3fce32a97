// stream_join.h -- the join of two streams (semantics 4.5): rows of both sides are kept until the
// watermark says that no partner can come any more. All rows of the left input come before those
// of the right one (port 0 has ended when port 1 begins), so each pair is found once: an old right
// row with a new left one in the left pass, every left row with a new right one in the right pass.
// When the epoch ends, kept rows whose time is over go; of an outer side those that met nobody come
// out with NULLs.
//
// Emits the left columns, then the right ones (semi: the left only). Both inputs come through
// exchanges on the keys.
#ifndef OP_STREAM_JOIN_H
#define OP_STREAM_JOIN_H
#include "expr/expr.h"
#include "op/join.h"

#define LAG_NONE INT64_MIN
typedef struct StreamJoinSide {
    Expr *const *key; // over the side's columns, bound
    Expr *filter;     // what the condition asks of this side alone (J4); NULL: nothing
    const Schema *schema;
    int32_t time; // event-time column: rows at or before the late watermark are dropped; -1: none
    // Kept rows go when `expires` <= watermark - lag and <= cap: a key (J6) or a column (J7) that
    // is a TIMESTAMP or a window, whose end counts. -1: they stay for ever.
    int32_t expires;
    bool expires_key; // index of a key, else of a column
    Micros lag, cap;  // lag in whole milliseconds; LAG_NONE: the watermark does not count
    bool near;        // and a partner's time, too, is greater than this side's less lag
} StreamJoinSide;
typedef struct StreamJoinSpec {
    JoinKind kind; // inner, left, right, full, left semi
    StreamJoinSide side[2];
    int32_t nkeys;
    const uint8_t *null_safe; // a byte a key: NULL matches NULL
    Expr *residual;           // of both sides: over the left columns, then the right ones; or NULL
} StreamJoinSpec;
extern const OpKind op_stream_join;

// What plan/lower.c puts into the OpSpec: the state's shape, and its text for a restart.
void stream_join_state(BagSpec *bag, Str *schema, Arena *a, const StreamJoinSpec *spec);
#endif
