// optimise_panes.c -- sliding windows: a row stands in duration / slide of them and would be folded
// into each. Where the aggregate right above needs no more of the window than to group by it, and
// the order of rows means nothing to it, rows are folded into their pane (the slide's width) once
// and groups of panes become groups of windows when a lane's round ends (op/agg_partial.c).
#include "expr/agg.h"
#include "plan/optimise_in.h"

static bool any_mention(Expr *const *e, int32_t n, int32_t id)
{
    for (int32_t i = 0; i < n; i++)
        if (expr_mentions(e[i], id)) return true;
    return false;
}
// Is the attribute a column that nothing else is computed from?
static bool passed_on(const Rel *project, int32_t id)
{
    for (int32_t i = 0; i < project->nexprs; i++) {
        const Expr *e = project->expr[i];
        if (e->kind != E_ATTR && expr_mentions(e, id)) return false;
    }
    return true;
}
// The node that makes the window, when what lies between only hands it on.
static Rel *maker_of(Rel *r, int32_t id)
{
    for (; r->kind != REL_TIME_WINDOW; r = r->input[0]) {
        bool passes = (r->kind == REL_PROJECT && passed_on(r, id)) ||
                      (r->kind == REL_FILTER && !any_mention(r->expr, r->nexprs, id)) ||
                      r->kind == REL_SUBQUERY_ALIAS;
        if (!passes) return NULL;
    }
    return r->out.v[r->out.n - 1].id == id ? r : NULL;
}
// Every aggregate below e takes rows in any order and without the window.
static bool calls_fit(const Expr *e, int32_t id)
{
    if (e->kind == E_AGG) {
        if (e->distinct || e->norder || !e->agg->any_order) return false;
        return !any_mention(e->arg, e->nargs, id) && !(e->filter && expr_mentions(e->filter, id));
    }
    for (int32_t i = 0; i < e->nargs; i++)
        if (!calls_fit(e->arg[i], id)) return false;
    return true;
}
static bool slides(const Rel *r) { return r->slide < r->duration && r->duration % r->slide == 0; }
static Status panes_of(Optimiser *o, Rel **r)
{
    (void)o;
    const Rel *agg = *r;
    if (agg->kind != REL_AGGREGATE) return DONE;
    Rel *maker = NULL;
    for (int32_t i = 0; i < agg->ngroup; i++) {
        const Expr *e = agg->group[i];
        Rel *here = e->kind == E_ATTR ? maker_of(agg->input[0], e->id) : NULL;
        if (!here) continue;
        maker = here;
        int32_t used = 0;
        for (int32_t k = 0; k < agg->ngroup; k++) used += expr_mentions(agg->group[k], e->id);
        if (used != 1) return DONE;
        for (int32_t k = 0; k < agg->nexprs; k++)
            if (!calls_fit(agg->expr[k], e->id)) return DONE;
    }
    if (maker && slides(maker)) maker->panes = true;
    return DONE;
}
Status rule_panes(Optimiser *o, Rel **r) { return each_rel(o, r, panes_of); }
