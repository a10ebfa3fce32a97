// prog.h -- Prog, expressions compiled to a flat list of kernel calls over columns. One instance
// belongs to one operator instance: it holds the registers. Equal subtrees run once.
#ifndef EXPR_PROG_H
#define EXPR_PROG_H
#include "expr/eval.h"
#include "expr/expr.h"

typedef struct Prog Prog;

// Compiles resolved expressions whose attributes are E_COLUMN. ctx is borrowed for the life of p
// and read at each run (its batch_time changes from epoch to epoch).
Status prog_compile(Prog **p, Arena *a, Expr *const *e, int32_t n, const EvalCtx *ctx);
// out[0..n) are valid until the next run or the end of `in`, whichever is first: strings may point
// into the input. Errors of rows raise Spark's condition with the expression's place.
Status prog_run(Prog *p, const Batch *in, Column *out);
// keep[i] = 1 where the boolean expression e (the only one of p) is true.
Status prog_filter(Prog *p, const Batch *in, uint8_t *keep);
// The value of a foldable expression.
Status expr_fold(Arena *a, const Expr *e, const EvalCtx *ctx, Datum *v);
#endif
