// project.h -- computes columns. Columns of the input that are only passed on cost nothing.
#ifndef OP_PROJECT_H
#define OP_PROJECT_H
#include "expr/expr.h"
#include "op/op.h"

typedef struct ProjectSpec {
    Expr *const *expr; // over the columns of the input, bound (E_COLUMN)
    int32_t n;
} ProjectSpec;
extern const OpKind op_project;
#endif
