// explain.h -- the text of EXPLAIN and DataFrame.explain.
#ifndef PLAN_EXPLAIN_H
#define PLAN_EXPLAIN_H
#include "plan/stage.h"

typedef enum ExplainMode {
    EXPLAIN_SIMPLE,    // the physical plan
    EXPLAIN_EXTENDED,  // all four plans
    EXPLAIN_FORMATTED, // the physical plan's tree with numbers, then each operator
    EXPLAIN_COST,      // the optimised plan with what is known of sizes, and the physical one
    EXPLAIN_CODEGEN,   // the code that is generated: none
} ExplainMode;
bool explain_mode(ExplainMode *mode, Str word); // of EXPLAIN and of DataFrame.explain; "" is simple
// parsed: the plan as it was parsed, a copy made before planning (rel_copy).
void explain(Buf *b, const Rel *parsed, const Plan *p, ExplainMode mode);
// explain_forms.c
void explain_formatted(Buf *b, Str physical);
void explain_cost(Buf *b, const Rel *optimized);
#endif
