// cast.h -- which types become which: Spark's coercion (AnsiTypeCoercion, and TypeCoercion when
// spark.sql.ansi.enabled is false) and store assignment.
#ifndef EXPR_CAST_H
#define EXPR_CAST_H
#include "expr/eval.h"
#include "expr/expr.h"

// The type both can be brought to, as CASE, UNION, array() and IN do it, or NULL.
bool cast_says_null(const Type *from, const Type *to); // to a schema: no row need be NULL
const Type *common_type(Arena *a, const Type *x, const Type *y, bool ansi);
// The same without strings becoming other things: what operators do with numbers and times.
const Type *tightest_type(Arena *a, const Type *x, const Type *y, bool ansi);
bool cast_allowed(const Type *from, const Type *to, CastMode mode, bool ansi);
bool cast_widens(const Type *from, const Type *to);   // Spark's up-cast: no value is lost
bool store_allowed(const Type *from, const Type *to); // by storeAssignmentPolicy ANSI
// Checks an E_CAST whose argument is resolved and sets whether it may be NULL.
// DATATYPE_MISMATCH.CAST_* when Spark refuses it.
Status cast_resolve(Arena *a, Expr *cast, const EvalCtx *ctx);
// Wraps *e so that it is of type t, or leaves it when it is already. No check.
void coerce(Arena *a, Expr **e, const Type *t);
void coerce_at(Arena *a, Expr **e, const Type *t, Origin at); // where the cast is said to stand
// The same for the columns of INSERT: storeAssignmentPolicy ANSI; refused casts raise
// INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST for `table` and `column`.
Status coerce_store(Arena *a, Expr **e, const Type *t, Str table, Str column);

// Decimals: the type that holds all of an integral type, and results of more than 38 digits cut
// down as Spark does.
const Type *decimal_of(Arena *a, const Type *numeric);
const Type *decimal_bounded(Arena *a, int32_t precision, int32_t scale);
#endif
