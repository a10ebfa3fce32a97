// decorrelate.c -- conditions of a subquery that name columns of the query around it move out, to
// become conditions of the join that the subquery turns into; the columns they compare come out
// with them.
#include "plan/optimise_in.h"

static bool is_outer(const Expr *e) { return e->kind == E_ATTR && e->outer; }

static bool exprs_correlated(Expr *const *e, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (expr_any(e[i], is_outer)) return true;
    return false;
}

bool correlated(const Rel *r)
{
    if (exprs_correlated(r->expr, r->nexprs) || exprs_correlated(r->group, r->ngroup)) return true;
    for (int32_t i = 0; i < r->nprojections; i++)
        if (exprs_correlated(r->projection[i], (int32_t)r->out.n)) return true;
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i] && correlated(r->input[i])) return true;
    return false;
}

Status not_correlated(const Rel *r)
{
    Status s = RAISE(UNSUPPORTED_FEATURE,
                     P("feature", S("a subquery that names the query around it in this way")),
                     P("needs", S("a join says the same")));
    return fail_at(s, &r->at);
}

// Lets r's output hold the inner columns that e names.
static void pass_columns(Optimiser *o, Rel *r, const Expr *e)
{
    if (e->kind == E_ATTR && !e->outer && !attrs_find(&r->out, e->id)) {
        const Attr *at = attrs_find(&r->input[0]->out, e->id);
        if (!at && r->input[1]) at = attrs_find(&r->input[1]->out, e->id);
        must(at != NULL);
        Attr hidden = *at;
        hidden.hidden = true;
        vec_push(o->a, &r->out, hidden);
        if (r->kind == REL_PROJECT) {
            VEC(Expr *) all = {r->expr, r->nexprs, r->nexprs};
            vec_push(o->a, &all, attr_expr(o->a, at, (Origin){0}));
            r->expr = all.v;
            r->nexprs = (int32_t)all.n;
        }
    }
    for (int32_t i = 0; i < e->nargs; i++) pass_columns(o, r, e->arg[i]);
}

// inner = outer: the inner side becomes one more key, so that there is a group for each outer
// value.
static Status pass_key(Optimiser *o, Rel *agg, Expr *e)
{
    bool eq = expr_is_fn(e, S("=")) || expr_is_fn(e, S("<=>"));
    int32_t side = eq && expr_any(e->arg[0], is_outer) ? 1 : 0;
    if (!eq || expr_any(e->arg[side], is_outer)) return not_correlated(agg);
    Expr *key = e->arg[side];
    Expr *item = key->kind == E_ATTR
                     ? expr_copy(o->a, key)
                     : attr_made(o->a, expr_copy(o->a, key), S("key"), optimise_attr(o));
    Attr at = {
        .id = item->id, .field = field_of(S("key"), key->type, key->nullable), .hidden = true};
    VEC(Expr *)
    group = {agg->group, agg->ngroup, agg->ngroup}, out = {agg->expr, agg->nexprs, agg->nexprs};
    vec_push(o->a, &group, key);
    vec_push(o->a, &out, item);
    agg->group = group.v, agg->ngroup = (int32_t)group.n;
    agg->expr = out.v, agg->nexprs = (int32_t)out.n;
    vec_push(o->a, &agg->out, at);
    e->arg[side] = attr_expr(o->a, &at, (Origin){0});
    return DONE;
}

static Status pull_filter(Optimiser *o, Rel **r, Conjuncts *pulled)
{
    Rel *f = *r;
    Conjuncts all = {0}, stay = {0};
    conjuncts_of(&all, o->a, f->expr[0]);
    for (int64_t i = 0; i < all.n; i++) {
        if (expr_any(all.v[i], is_outer))
            vec_push(o->a, pulled, expr_copy(o->a, all.v[i]));
        else
            vec_push(o->a, &stay, all.v[i]);
    }
    *r = filter_above(o, f->input[0], &stay);
    return DONE;
}

static Status pull_aggregate(Optimiser *o, Rel *agg, Conjuncts *pulled, int64_t from)
{
    if (exprs_correlated(agg->expr, agg->nexprs) || exprs_correlated(agg->group, agg->ngroup))
        return not_correlated(agg);
    for (int64_t i = from; i < pulled->n; i++) TRY(pass_key(o, agg, pulled->v[i]));
    return DONE;
}

static bool inner_column(const Expr *e) { return e->kind == E_ATTR && !e->outer; }

// inner = outer: its inner side can be a key of an aggregate above.
static bool is_key(const Expr *e)
{
    if (!expr_is_fn(e, S("=")) && !expr_is_fn(e, S("<=>"))) return false;
    int32_t side = expr_any(e->arg[0], is_outer) ? 1 : 0;
    return !expr_any(e->arg[side], is_outer) && !expr_any(e->arg[1 - side], inner_column);
}

static bool filter_pulls(Arena *a, const Rel *f, bool grouped)
{
    Conjuncts all = {0};
    conjuncts_of(&all, a, f->expr[0]);
    for (int64_t i = 0; i < all.n && grouped; i++)
        if (expr_any(all.v[i], is_outer) && !is_key(all.v[i])) return false;
    return true;
}

static bool pulls(Arena *a, const Rel *x, bool grouped, bool whole)
{
    if (!correlated(x)) return true;
    bool agg = x->kind == REL_AGGREGATE, filter = x->kind == REL_FILTER;
    bool inner_join = x->kind == REL_JOIN && (x->join == JOIN_INNER || x->join == JOIN_CROSS);
    bool passes =
        filter || x->kind == REL_PROJECT || x->kind == REL_SUBQUERY_ALIAS || agg || inner_join;
    if (!passes || (agg && !x->ngroup && !whole)) return false;
    if (filter && !filter_pulls(a, x, grouped)) return false;
    bool named = exprs_correlated(x->expr, x->nexprs) || exprs_correlated(x->group, x->ngroup);
    if (named && !filter) return false;
    whole &= x->kind == REL_PROJECT || x->kind == REL_SUBQUERY_ALIAS;
    for (int32_t i = 0; i < 2; i++)
        if (x->input[i] && !pulls(a, x->input[i], grouped || agg, whole)) return false;
    return true;
}

bool can_decorrelate(Arena *a, const Rel *r, bool whole) { return pulls(a, r, false, whole); }

Status decorrelate(Optimiser *o, Rel **r, Conjuncts *pulled)
{
    Rel *x = *r;
    if (!correlated(x)) return DONE;
    bool inner_join = x->kind == REL_JOIN && (x->join == JOIN_INNER || x->join == JOIN_CROSS);
    bool passes = x->kind == REL_FILTER || x->kind == REL_PROJECT ||
                  x->kind == REL_SUBQUERY_ALIAS || x->kind == REL_AGGREGATE || inner_join;
    if (!passes) return not_correlated(x);
    int64_t from = pulled->n;
    for (int32_t i = 0; i < 2; i++)
        if (x->input[i]) TRY(decorrelate(o, &x->input[i], pulled));
    if (x->kind == REL_AGGREGATE) return pull_aggregate(o, x, pulled, from);
    if (x->kind == REL_FILTER) {
        for (int64_t i = from; i < pulled->n; i++) pass_columns(o, x, pulled->v[i]);
        return pull_filter(o, r, pulled);
    }
    if (exprs_correlated(x->expr, x->nexprs)) return not_correlated(x);
    for (int64_t i = from; i < pulled->n; i++) pass_columns(o, x, pulled->v[i]);
    return DONE;
}

static Status make_inner(void *ctx, Expr **e)
{
    (void)ctx;
    if ((*e)->kind == E_ATTR) (*e)->outer = false;
    return DONE;
}

void outer_to_inner(Conjuncts *pulled)
{
    for (int64_t i = 0; i < pulled->n; i++) {
        Status s = expr_walk(&pulled->v[i], make_inner, NULL);
        must(s.code == OK);
    }
}
