// print_in.h -- what EXPLAIN's printers share.
#ifndef PLAN_PRINT_IN_H
#define PLAN_PRINT_IN_H
#include "base/buf.h"
#include "expr/agg.h"
#include "expr/fn.h"
#include "plan/rel.h"

void expr_print(Buf *b, const Expr *e);
void exprs_print(Buf *b, Expr *const *list, int32_t n);
void names_print(Buf *b, const Str *name, int32_t n, const char *between);
void rel_print_line(Buf *b, const Rel *r); // the tree in one line: Project ['a] (Filter 'b (..))
static inline Str fn_row_name(const Expr *e) { return e->fn->name; }
static inline Str agg_row_name(const Expr *e) { return e->agg->name; }
#endif
