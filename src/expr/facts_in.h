// facts_in.h -- for tests: an expression as SQL text and what Spark 4.1 answered. The texts are
// read by a parser of the tests' own, which knows expressions and nothing else.
#ifndef EXPR_FACTS_IN_H
#define EXPR_FACTS_IN_H
#include "base/test.h"
#include "expr/fn.h"

typedef struct Fact {
    const char *sql;
    const char *answer; // as CAST AS STRING prints it, "NULL", or "!CONDITION"
    const char *name;   // of the column and its type, "name type"; NULL: not looked at
} Fact;
EvalCtx facts_ctx(Arena *a, bool ansi, const char *zone);
// Runs each fact as a constant, and again with its literals as columns in which some rows are NULL.
void facts_check(Arena *a, const EvalCtx *ctx, const Fact *fact, int64_t n);
#define FACTS(ctx, facts) facts_check(a, (ctx), (facts), COUNT(facts))

// An expression of the text, resolved. cols: the batch's columns that names stand for.
Status facts_parse(Expr **e, Arena *a, const EvalCtx *ctx, Str sql, const Schema *cols);
// The text of row i, or NULL.
Str facts_text(Arena *a, const EvalCtx *ctx, const Column *c, int32_t row);
#endif
