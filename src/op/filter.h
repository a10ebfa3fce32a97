// filter.h -- passes on the rows for which the predicate is true, compacted.
#ifndef OP_FILTER_H
#define OP_FILTER_H
#include "expr/expr.h"
#include "op/op.h"

typedef struct FilterSpec {
    Expr *predicate;       // boolean, over the columns of the input, bound
    const uint8_t *needed; // a byte a column: somebody after it reads it; the others are passed on
                           // without data. NULL: all are
} FilterSpec;
extern const OpKind op_filter;
#endif
