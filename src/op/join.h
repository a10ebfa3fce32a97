// join.h -- the hash join of batch rows (and of a stream with rows at hand): the build side whole,
// then the probe side row by row in order of arrival. Joins of two streams are stream_join.h.
//
// Emits the left columns, then the right ones (semi and anti: the left only). Both inputs come
// through exchanges on the keys, or all in one shard when there are none. The build side is
// StageInput.whole.
#ifndef OP_JOIN_H
#define OP_JOIN_H
#include "expr/expr.h"
#include "op/op.h"

typedef enum JoinKind {
    JOIN_INNER,
    JOIN_CROSS,
    JOIN_LEFT,
    JOIN_RIGHT,
    JOIN_FULL,
    JOIN_LEFT_SEMI,
    JOIN_LEFT_ANTI,
} JoinKind;
enum { JOIN_PORT_LEFT = 0, JOIN_PORT_RIGHT = 1 };

typedef struct JoinSpec {
    JoinKind kind;
    bool build_left; // else the right side is built; semi and anti build right
    Expr *const *left_key, *const *right_key; // over their side's columns, bound, of equal types
    int32_t nkeys;
    const uint8_t *null_safe; // a byte a key: NULL matches NULL (<=>); NULL: none does
    Expr *residual;           // over the left columns, then the right ones, bound; NULL: none
    const Schema *left, *right;
} JoinSpec;
extern const OpKind op_join;
#endif
