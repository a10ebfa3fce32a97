// cast.h -- which types become which: Spark's ANSI coercion (AnsiTypeCoercion) and store
// assignment.
#ifndef EXPR_CAST_H
#define EXPR_CAST_H
#include "expr/expr.h"

// The type both can be brought to without loss by precedence, or NULL.
const Type *common_type(Arena *a, const Type *x, const Type *y);
bool cast_allowed(const Type *from, const Type *to, CastMode mode, bool ansi);
// Wraps *e so that it is of type t, or leaves it when it is already. No check.
void coerce(Arena *a, Expr **e, const Type *t);
// The same for the columns of INSERT: storeAssignmentPolicy ANSI; refused casts raise
// INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST for `table` and `column`.
Status coerce_store(Arena *a, Expr **e, const Type *t, Str table, Str column);
#endif
