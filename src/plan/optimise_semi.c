// optimise_semi.c -- a left semi join of streams goes down, as Spark has it go: below a union into
// each branch, below a join to the side that its condition is about. The rows are the same; what is
// kept, and how long, is not, and shows in the figures of the state.
#include "plan/optimise_in.h"

static Status sink_semi(Optimiser *o, Rel **r);

static bool semi_of_streams(const Rel *r)
{
    return r->kind == REL_JOIN && r->join == JOIN_LEFT_SEMI && r->input[0]->streaming &&
           r->input[1]->streaming && r->nexprs;
}
// Whether going below these projections leads anywhere.
static bool worth_sinking(const Rel *r)
{
    while (r->kind == REL_PROJECT && exprs_deterministic(r)) r = r->input[0];
    return r->kind == REL_JOIN || (r->kind == REL_SET_OP && r->set_op == SET_UNION && r->all);
}
static Rel *semi_above(Optimiser *o, const Rel *j, Rel *left, Expr *on)
{
    Rel *semi = NEW(o->a, Rel, 1);
    *semi = *j;
    semi->expr = NEW(o->a, Expr *, 1);
    semi->expr[0] = on;
    semi->input[0] = left;
    semi->out = attrs_copy(o->a, &left->out);
    return semi;
}
static Status sink_project(Optimiser *o, Rel **r)
{
    Rel *j = *r, *p = j->input[0];
    Expr *on = expr_copy(o->a, j->expr[0]);
    substitute(o->a, &on, p);
    p->input[0] = semi_above(o, j, p->input[0], on);
    *r = p;
    return sink_semi(o, &p->input[0]);
}
static Status sink_union(Optimiser *o, Rel **r)
{
    Rel *j = *r, *u = j->input[0];
    for (int32_t k = 0; k < 2; k++) {
        Expr *on = expr_copy(o->a, j->expr[0]);
        TRY(expr_rename(&on, &u->out, &u->input[k]->out));
        u->input[k] = semi_above(o, j, u->input[k], on);
        if (k) u->input[k]->input[1] = rel_copy(o->a, j->input[1]);
        TRY(sink_semi(o, &u->input[k]));
    }
    *r = u;
    return DONE;
}
// Whether what the condition names of the left is all of one side of the join below.
static bool about(const Expr *e, const Attrs *side, const Attrs *right)
{
    if (e->kind == E_ATTR) return only_from(e, side) || only_from(e, right);
    for (int32_t i = 0; i < e->nargs; i++)
        if (!about(e->arg[i], side, right)) return false;
    return true;
}
static Status sink_join(Optimiser *o, Rel **r)
{
    Rel *j = *r, *below = j->input[0];
    bool inner = below->join == JOIN_INNER || below->join == JOIN_CROSS;
    for (int32_t k = 0; k < 2; k++) {
        bool passes = inner || below->join == (k ? JOIN_RIGHT : JOIN_LEFT);
        if (!passes || !about(j->expr[0], &below->input[k]->out, &j->input[1]->out)) continue;
        below->input[k] = semi_above(o, j, below->input[k], j->expr[0]);
        below->input[k]->streaming = true;
        *r = below;
        return sink_semi(o, &below->input[k]);
    }
    return DONE;
}
static Status sink_semi(Optimiser *o, Rel **r)
{
    if (!semi_of_streams(*r) || !worth_sinking((*r)->input[0])) return DONE;
    const Rel *left = (*r)->input[0];
    if (left->kind == REL_PROJECT) return sink_project(o, r);
    return left->kind == REL_JOIN ? sink_join(o, r) : sink_union(o, r);
}
Status rule_semi(Optimiser *o, Rel **r) { return each_rel(o, r, sink_semi); }
