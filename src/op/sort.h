// sort.h -- ORDER BY: all rows of the epoch in a total order, equal ones as they came. With a limit
// it holds no more than it may have to emit.
#ifndef OP_SORT_H
#define OP_SORT_H
#include "expr/expr.h"
#include "op/op.h"

typedef struct SortSpec {
    Expr *const *order; // E_SORT over the input, bound
    int32_t n;
    int64_t limit; // only the first so many are wanted, an OFFSET included; -1: all
} SortSpec;
extern const OpKind op_sort;
#endif
