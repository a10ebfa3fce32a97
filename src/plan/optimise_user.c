// optimise_user.c -- calls of users' functions go out of the expressions that hold them into a node
// below, which adds what they give as columns; equal calls of functions that say they are
// deterministic are one. They are made for every row that comes, also where CASE would not look.
#include "expr/user_fn.h"
#include "plan/optimise_in.h"

typedef void (*KidFn)(void *ctx, Expr **e);
static void each_of(Expr **e, int32_t n, KidFn fn, void *ctx)
{
    for (int32_t i = 0; i < n; i++) fn(ctx, &e[i]);
}
static void each_kid(Expr *x, KidFn fn, void *ctx)
{
    each_of(x->arg, x->nargs, fn, ctx);
    each_of(x->order, x->norder, fn, ctx);
    if (x->filter) fn(ctx, &x->filter);
    if (!x->over) return;
    each_of(x->over->partition, x->over->npartition, fn, ctx);
    each_of(x->over->order, x->over->norder, fn, ctx);
}
static void each_expr(Rel *r, KidFn fn, void *ctx)
{
    each_of(r->expr, r->nexprs, fn, ctx);
    each_of(r->group, r->ngroup, fn, ctx);
    for (int32_t i = 0; i < r->nprojections; i++)
        each_of(r->projection[i], (int32_t)r->out.n, fn, ctx);
}
static bool all_from(const Expr *e, const Attrs *in)
{
    if (e->kind == E_ATTR) return attrs_find(in, e->id) != NULL;
    for (int32_t i = 0; i < e->nargs; i++)
        if (!all_from(e->arg[i], in)) return false;
    return true;
}

const Expr *user_chain(const Expr *e, int32_t *n)
{
    *n = 1;
    while (e->nargs == 1 && e->arg[0]->kind == E_USER && !e->part[0].n) {
        e = e->arg[0];
        ++*n;
    }
    return e;
}
// Its arguments are at hand: one call of another function may stand for all of them.
static bool ready(const Expr *e)
{
    int32_t n = 0;
    const Expr *first = user_chain(e, &n);
    for (int32_t i = 0; i < first->nargs; i++)
        if (expr_has_user(first->arg[i])) return false;
    return true;
}

// ---- out of a node -----------------------------------------------------------------------------

typedef struct Calls { // those that one input can answer, and the columns that they become
    Optimiser *o;
    const Attrs *in;
    bool grouped; // of an aggregate: what it gives is what it groups by
    VEC(Expr *) call;
    VEC(Expr *) column;
} Calls;
static bool same_call(const Calls *c, const Expr *x, const Expr *y)
{
    return x == y || ((c->grouped || expr_deterministic(x)) && expr_eq(x, y));
}
static void collect(void *ctx, Expr **e)
{
    Calls *c = ctx;
    Expr *x = *e;
    if (x->kind != E_USER || !ready(x)) {
        each_kid(x, collect, c);
        return;
    }
    for (int64_t i = 0; i < c->call.n; i++)
        if (same_call(c, c->call.v[i], x)) return;
    if (all_from(x, c->in)) vec_push(c->o->a, &c->call, x);
}
static void replace(void *ctx, Expr **e)
{
    Calls *c = ctx;
    for (int64_t i = 0; i < c->call.n && (*e)->kind == E_USER; i++) {
        if (!same_call(c, c->call.v[i], *e)) continue;
        *e = expr_copy(c->o->a, c->column.v[i]);
        return;
    }
    each_kid(*e, replace, c);
}
static Rel *node_of(Calls *c, Rel *input)
{
    Arena *a = c->o->a;
    Rel *r = rel_new(a, REL_USER, input->at, input);
    r->streaming = input->streaming;
    r->out = attrs_copy(a, &input->out);
    r->nexprs = (int32_t)c->call.n;
    r->expr = NEW(a, Expr *, r->nexprs);
    for (int32_t i = 0; i < r->nexprs; i++) {
        Str name = str_fmt(a, "pythonUDF%d", i);
        Expr *alias = r->expr[i] = expr_alias(a, c->call.v[i], name);
        alias->id = optimise_attr(c->o);
        Attr made = {.id = alias->id, .field = field_of(name, alias->type, true)};
        vec_push(a, &r->out, made);
        Expr *column = attr_expr(a, &made, c->call.v[i]->at);
        vec_push(a, &c->column, column);
    }
    return r;
}
static bool names_its_own(const Rel *r)
{
    return r->kind == REL_PROJECT || r->kind == REL_AGGREGATE || r->kind == REL_EXPAND;
}
// The columns of a call come behind those of the input `k` that r passes on; which are not shown.
static void widen(Optimiser *o, Rel *r, int32_t k, int64_t before)
{
    bool one_side = r->kind == REL_JOIN && (r->join == JOIN_LEFT_SEMI || r->join == JOIN_LEFT_ANTI);
    if (names_its_own(r) || (k && one_side)) return;
    Attrs out = {0};
    const Attrs *in = &r->input[k]->out;
    int64_t at = r->kind == REL_JOIN ? r->out.n : before;
    for (int64_t i = 0; i < at; i++) vec_push(o->a, &out, r->out.v[i]);
    for (int64_t i = before; i < in->n; i++) vec_push(o->a, &out, in->v[i]);
    for (int64_t i = at; i < r->out.n; i++) vec_push(o->a, &out, r->out.v[i]);
    r->out = out;
}
static bool take_calls(Optimiser *o, Rel *r)
{
    bool any = false;
    for (int32_t k = 0; k < 2; k++) {
        if (!r->input[k] || r->kind == REL_USER) continue;
        Calls c = {.o = o, .in = &r->input[k]->out, .grouped = r->kind == REL_AGGREGATE};
        int64_t before = r->input[k]->out.n;
        each_expr(r, collect, &c);
        if (!c.call.n) continue;
        any = true;
        r->input[k] = node_of(&c, r->input[k]);
        each_expr(r, replace, &c);
        widen(o, r, k, before);
    }
    return any;
}

// ---- before that -------------------------------------------------------------------------------

// Conditions without calls come first: the functions see only rows that pass them.
static void filter_first(Optimiser *o, Rel *f)
{
    Conjuncts all = {0}, plain = {0}, calls = {0};
    conjuncts_of(&all, o->a, f->expr[0]);
    for (int64_t i = 0; i < all.n; i++) {
        if (expr_has_user(all.v[i]) || !expr_deterministic(all.v[i]))
            vec_push(o->a, &calls, all.v[i]);
        else
            vec_push(o->a, &plain, all.v[i]);
    }
    if (!plain.n || !calls.n) return;
    f->input[0] = filter_above(o, f->input[0], &plain);
    f->expr[0] = conjuncts_join(o->a, calls.v, calls.n);
}

typedef struct Items { // of an aggregate's output: what only it can compute
    Optimiser *o;
    const Rel *agg;
    bool calls; // some call stands over them
    VEC(Expr *) item;
} Items;
static bool of_aggregate(const Rel *agg, const Expr *e)
{
    bool own = e->kind == E_AGG;
    for (int32_t i = 0; i < agg->ngroup && !own; i++) own = expr_eq(agg->group[i], e);
    return own;
}
static void look(void *ctx, Expr **e)
{
    Items *s = ctx;
    if (of_aggregate(s->agg, *e)) return;
    s->calls |= (*e)->kind == E_USER;
    each_kid(*e, look, s);
}
static void split(void *ctx, Expr **e)
{
    Items *s = ctx;
    if (!of_aggregate(s->agg, *e)) {
        each_kid(*e, split, s);
        return;
    }
    Expr *item = NULL;
    for (int64_t i = 0; i < s->item.n && !item; i++)
        if (expr_eq(s->item.v[i], *e)) item = s->item.v[i];
    if (!item) {
        item = *e;
        if (item->kind == E_ALIAS) item = item->arg[0];
        if (item->kind != E_ATTR)
            item = attr_made(s->o->a, item, expr_output_name(s->o->a, item), optimise_attr(s->o));
        vec_push(s->o->a, &s->item, item);
    }
    Expr *column = expr_new(s->o->a, E_ATTR, (*e)->at);
    column->id = item->id;
    column->name = item->name;
    column->type = item->type;
    column->nullable = item->nullable;
    column->watermark_delay = item->watermark_delay;
    column->time_window = item->time_window;
    *e = column;
}
// f(sum(x)): the aggregate, and a projection of what it gives.
static void aggregate_first(Optimiser *o, Rel **r)
{
    Rel *agg = *r;
    Items s = {.o = o, .agg = agg};
    for (int32_t i = 0; i < agg->nexprs; i++) look(&s, &agg->expr[i]);
    if (!s.calls) return;
    Rel *p = rel_new(o->a, REL_PROJECT, agg->at, agg);
    *p = (Rel){.kind = REL_PROJECT,
               .at = agg->at,
               .input = {agg},
               .expr = agg->expr,
               .nexprs = agg->nexprs,
               .out = agg->out,
               .streaming = agg->streaming};
    for (int32_t i = 0; i < p->nexprs; i++) {
        Expr **e = &p->expr[i];
        split(&s, (*e)->kind == E_ALIAS ? &(*e)->arg[0] : e);
    }
    agg->expr = s.item.v;
    agg->nexprs = (int32_t)s.item.n;
    agg->out = (Attrs){0};
    for (int64_t i = 0; i < s.item.n; i++) {
        Attr at = {.id = s.item.v[i]->id, .field = expr_field(o->a, s.item.v[i])};
        vec_push(o->a, &agg->out, at);
    }
    *r = p;
}

static void of_both(void *ctx, Expr **e) // a call whose arguments come from both sides
{
    Items *s = ctx;
    const Rel *j = s->agg;
    if ((*e)->kind == E_USER)
        s->calls |= !all_from(*e, &j->input[0]->out) && !all_from(*e, &j->input[1]->out);
    each_kid(*e, of_both, s);
}
// An inner join's condition on both sides at once is one on what it gives.
static Status join_first(Optimiser *o, Rel **r)
{
    static const Str kind[] = {
        [JOIN_INNER] = STR_INIT("INNER"),        [JOIN_CROSS] = STR_INIT("CROSS"),
        [JOIN_LEFT] = STR_INIT("LEFT OUTER"),    [JOIN_RIGHT] = STR_INIT("RIGHT OUTER"),
        [JOIN_FULL] = STR_INIT("FULL OUTER"),    [JOIN_LEFT_SEMI] = STR_INIT("LEFT SEMI"),
        [JOIN_LEFT_ANTI] = STR_INIT("LEFT ANTI")};
    Rel *j = *r;
    Conjuncts all = {0}, stay = {0}, above = {0};
    if (!j->nexprs) return DONE;
    conjuncts_of(&all, o->a, j->expr[0]);
    for (int64_t i = 0; i < all.n; i++) {
        Items s = {.o = o, .agg = j};
        of_both(&s, &all.v[i]);
        if (s.calls)
            vec_push(o->a, &above, all.v[i]);
        else
            vec_push(o->a, &stay, all.v[i]);
    }
    if (!above.n) return DONE;
    if (j->join != JOIN_INNER && j->join != JOIN_CROSS)
        return fail_at(
            RAISE(UNSUPPORTED_FEATURE_PYTHON_UDF_IN_ON_CLAUSE, P("joinType", kind[j->join])),
            &j->at);
    j->nexprs = stay.n > 0;
    if (stay.n) j->expr[0] = conjuncts_join(o->a, stay.v, stay.n);
    *r = filter_above(o, j, &above);
    return rule_products(o, &j);
}

static Status take_all(Optimiser *o, Rel **r)
{
    bool any = false;
    Rel *node = *r;
    Attrs shown = attrs_copy(o->a, &node->out);
    while (take_calls(o, node)) any = true;
    if (any) *r = exactly(o, node, &shown);
    return DONE;
}
static void has_call(void *ctx, Expr **e)
{
    bool *any = ctx;
    *any |= expr_has_user(*e);
}
static Status users_of(Optimiser *o, Rel **r)
{
    bool any = false;
    each_expr(*r, has_call, &any);
    if (!any || (*r)->kind == REL_USER) return DONE;
    if ((*r)->kind == REL_FILTER) filter_first(o, *r);
    if ((*r)->kind == REL_AGGREGATE) aggregate_first(o, r);
    if ((*r)->kind == REL_JOIN) TRY(join_first(o, r));
    if ((*r)->kind == REL_PROJECT || (*r)->kind == REL_FILTER) // what was put below
        TRY(take_all(o, &(*r)->input[0]));
    return take_all(o, r);
}
Status rule_users(Optimiser *o, Rel **r) { return each_rel(o, r, users_of); }
