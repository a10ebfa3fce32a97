// planner.c -- the road from a Rel to a Plan: analyse, check, optimise, lower.
#include "plan/session.h"

// Optimising and lowering change the tree; EXPLAIN and a second run want it as it was analysed.
static Status plan_rest(Session *s, Arena *a, const Rel *analysed, Mode mode, Plan **plan)
{
    Rel *rel = rel_copy(a, analysed);
    const Attrs shown = analysed->out;
    TRY(optimise(s, a, &rel));
    for (int64_t i = 0; i < shown.n; i++) rel->out.v[i].field.name = shown.v[i].field.name;
    TRY(lower(s, a, rel, mode, plan));
    (*plan)->logical = (Rel *)analysed;
    return DONE;
}

Status plan_batch(Session *s, Arena *a, Rel *rel, Plan **plan)
{
    TRY(analyse(s, a, &rel));
    TRY(check_batch(rel));
    return plan_rest(s, a, rel, MODE_COMPLETE, plan);
}

Status plan_stream(Session *s, Arena *a, Rel *rel, Mode mode, Plan **plan)
{
    TRY(analyse(s, a, &rel));
    TRY(check_stream(s, rel, mode));
    return plan_rest(s, a, rel, mode, plan);
}
