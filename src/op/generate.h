// generate.h -- explode and its kin: a row for each element of an array or entry of a map, LATERAL
// VIEW included. Emits the input's columns, then pos (when asked), then the element's columns.
#ifndef OP_GENERATE_H
#define OP_GENERATE_H
#include "expr/expr.h"
#include "op/op.h"

typedef struct GenerateSpec {
    Expr *list;      // array or map, over the input, bound
    bool outer;      // a NULL or empty list gives one row of NULLs
    bool position;   // posexplode: pos INT before the element
    bool flatten;    // inline: the element is a struct whose fields become columns
    const Type *out; // of all that is emitted
} GenerateSpec;
extern const OpKind op_generate;
#endif
