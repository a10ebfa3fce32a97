// explain.h -- the text of EXPLAIN and DataFrame.explain.
#ifndef PLAN_EXPLAIN_H
#define PLAN_EXPLAIN_H
#include "plan/stage.h"

// parsed: the plan as it was parsed, a copy made before planning (rel_copy); extended: all four
// plans and not only the physical one.
void explain(Buf *b, const Rel *parsed, const Plan *p, bool extended);
#endif
