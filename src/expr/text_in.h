// text_in.h -- texts that several files of this folder write: types and literals in messages and
// names.
#ifndef EXPR_TEXT_IN_H
#define EXPR_TEXT_IN_H
#include "expr/expr.h"

Str quoted_type(Arena *a, const Type *t); // "BIGINT" with the quotes, as messages have it
Str quoted_sql(Arena *a, const Expr *e);  // "(a + b)" likewise
// A literal as SQL: 1L, 'it\'s', DATE '2024-01-01', X'1F', NULL.
void literal_sql(Buf *b, const Type *t, const Datum *v);
// The same as column names have it: 1, it's, DATE '2024-01-01'.
void literal_pretty(Buf *b, const Type *t, const Datum *v);
// Numbers as Spark's casts read them, white space at the ends and inf and nan included.
bool text_read_f64(Str s, double *v);
bool text_read_f32(Str s, float *v);
#endif
