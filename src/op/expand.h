// expand.h -- several projections of each row, row after row: grouping sets, unpivot.
#ifndef OP_EXPAND_H
#define OP_EXPAND_H
#include "expr/expr.h"
#include "op/op.h"

typedef struct ExpandSpec {
    Expr *const *const *projection; // each of n expressions over the input, bound; same types
    int32_t nprojections, n;
} ExpandSpec;
extern const OpKind op_expand;
#endif
