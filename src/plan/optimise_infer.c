// optimise_infer.c -- what a join's equalities say of the other side: from a = b and a condition on
// a follows the same of b. Spark filters the sides that a join does not keep by it, and of streams
// that shows: rows that are filtered are not stored, not late and move no watermark.
#include "plan/optimise_in.h"

enum { KNOWN_MAX = 64 };

static void know(Optimiser *o, Conjuncts *to, Expr *e)
{
    if (!expr_deterministic(e) || to->n == KNOWN_MAX) return;
    for (int64_t i = 0; i < to->n; i++)
        if (expr_eq(to->v[i], e)) return;
    vec_push(o->a, to, e);
}
static void know_condition(Optimiser *o, Conjuncts *to, const Rel *r)
{
    Conjuncts on = {0};
    if (r->nexprs) conjuncts_of(&on, o->a, r->expr[0]);
    for (int64_t i = 0; i < on.n; i++) know(o, to, on.v[i]);
}
typedef struct Swap {
    const Expr *from, *to;
} Swap;
static Status swap_node(void *ctx, Expr **e)
{
    const Swap *s = ctx;
    if ((*e)->kind != E_ATTR || (*e)->id != s->from->id) return DONE;
    Origin at = (*e)->at;
    **e = *s->to;
    (*e)->at = at;
    return DONE;
}
static Status swapped(Optimiser *o, Expr **to, const Expr *e, const Expr *from, const Expr *with)
{
    *to = expr_copy(o->a, e);
    (*to)->inferred = true;
    return expr_walk(to, swap_node, &(Swap){from, with});
}

static Status known_of(Optimiser *o, Conjuncts *to, const Rel *r);

// Of columns that pass a projection, by their own name or another.
static Status known_project(Optimiser *o, Conjuncts *to, const Rel *p)
{
    Conjuncts below = {0};
    TRY(known_of(o, &below, p->input[0]));
    for (int32_t i = 0; i < p->nexprs; i++) {
        const Expr *e = p->expr[i];
        if (e->kind != E_ALIAS || e->arg[0]->kind != E_ATTR) continue;
        Expr *name = attr_expr(o->a, &p->out.v[i], e->at);
        for (int64_t k = 0, n = below.n; k < n; k++) {
            if (!expr_mentions(below.v[k], e->arg[0]->id)) continue;
            Expr *renamed = NULL;
            TRY(swapped(o, &renamed, below.v[k], e->arg[0], name));
            know(o, &below, renamed);
        }
    }
    for (int64_t k = 0; k < below.n; k++)
        if (only_from(below.v[k], &p->out)) know(o, to, below.v[k]);
    return DONE;
}
static Status known_join(Optimiser *o, Conjuncts *to, const Rel *j)
{
    bool inner = j->join == JOIN_INNER || j->join == JOIN_CROSS, semi = j->join == JOIN_LEFT_SEMI;
    bool anti = j->join == JOIN_LEFT_ANTI;
    if (inner || semi) know_condition(o, to, j);
    if (inner || semi || anti || j->join == JOIN_LEFT) TRY(known_of(o, to, j->input[0]));
    if (inner || j->join == JOIN_RIGHT) TRY(known_of(o, to, j->input[1]));
    return DONE;
}
// What every row of r satisfies, as far as its filters and joins say so.
static Status known_of(Optimiser *o, Conjuncts *to, const Rel *r)
{
    if (r->kind == REL_PROJECT) return known_project(o, to, r);
    if (r->kind == REL_JOIN) return known_join(o, to, r);
    if (r->kind == REL_FILTER) know_condition(o, to, r);
    bool passes = r->kind == REL_FILTER || r->kind == REL_WITH_WATERMARK ||
                  r->kind == REL_TIME_WINDOW || r->kind == REL_SUBQUERY_ALIAS;
    return passes ? known_of(o, to, r->input[0]) : DONE;
}

static bool equates(const Expr *e)
{
    return expr_is_fn(e, S("=")) && e->arg[0]->kind == E_ATTR && e->arg[1]->kind == E_ATTR;
}
// From a = b: the same of b as of a. What names both sides tells nothing about one.
static Status know_more(Optimiser *o, Conjuncts *known, const Rel *j)
{
    const Attrs *l = &j->input[0]->out, *r = &j->input[1]->out;
    for (int64_t i = 0; i < known->n; i++) {
        const Expr *e = known->v[i];
        if (!equates(e)) continue;
        for (int64_t k = 0, n = known->n; k < n; k++) {
            if (!only_from(known->v[k], l) && !only_from(known->v[k], r)) continue;
            for (int32_t way = 0; way < 2; way++) {
                Expr *more = NULL;
                if (!expr_mentions(known->v[k], e->arg[way]->id) || equates(known->v[k])) continue;
                TRY(swapped(o, &more, known->v[k], e->arg[way], e->arg[!way]));
                know(o, known, more);
            }
        }
    }
    return DONE;
}
static bool constant(const Expr *e)
{
    static const Attrs none = {0};
    return only_from(e, &none);
}
Status infer_filters(Optimiser *o, const Rel *j, const Conjuncts *on, Conjuncts *side[2])
{
    Conjuncts known = {0}, had[2] = {0};
    for (int32_t i = 0; i < 2; i++) {
        TRY(known_of(o, &had[i], j->input[i]));
        for (int64_t k = 0; k < side[i]->n; k++) know(o, &had[i], side[i]->v[k]);
        for (int64_t k = 0; k < had[i].n; k++) know(o, &known, had[i].v[k]);
    }
    for (int64_t i = 0; i < on->n; i++) know(o, &known, on->v[i]);
    int64_t before = known.n;
    TRY(know_more(o, &known, j));
    for (int64_t k = before; k < known.n; k++)
        for (int32_t i = 0; i < 2; i++) {
            Conjuncts *to = side[i];
            bool own = only_from(known.v[k], &j->input[i]->out) && !constant(known.v[k]);
            bool kept = i ? join_keeps_right(j->join) : join_keeps_left(j->join);
            int64_t n = had[i].n;
            if (own && !kept) know(o, &had[i], known.v[k]);
            if (had[i].n > n) vec_push(o->a, to, known.v[k]);
        }
    return DONE;
}
