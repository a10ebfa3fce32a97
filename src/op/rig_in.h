// rig_in.h -- for the tests of operators: batches from text, one operator on the bench, its output
// as text.
#ifndef OP_RIG_IN_H
#define OP_RIG_IN_H
#include "expr/expr.h"
#include "op/op.h"

typedef struct Rig {
    Arena *arena;
    EpochCtx ctx;
    Out out; // what the operator emits becomes text: values by ',', rows by '|'
    Buf text;
    int64_t batches, largest; // emitted
} Rig;
Rig *rig_new(Arena *a);
// "1,x|2,NULL": values by ',', rows by '|'; INT, BIGINT, DOUBLE, STRING, BOOLEAN, TIMESTAMP
// (micros).
Batch rig_batch(Arena *a, const Schema *schema, Str rows);
const Schema *rig_schema(Arena *a, Str columns);
Expr *rig_column(Arena *a, const Schema *schema, int32_t i);
Expr *rig_call(Arena *a, Str name, Expr *x, Expr *y); // resolved; y may be NULL
Expr *rig_int(Arena *a, int64_t v);
Op *rig_op(Rig *r, const OpKind *kind, const void *spec);
void rig_put(Op *op, int32_t port, const Schema *schema, Str rows);
Str rig_take(Rig *r); // what came out since the last call
#endif
