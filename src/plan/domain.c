// domain.c -- a subquery that names columns of the query around it, as a plan of its own: it is
// computed for every distinct value that those columns have (the domain), and its rows carry the
// value they are for (tags), so that a join on tags gives each outer row its own. A node whose
// inputs name nothing outer is paired with the whole domain; the others pass tags on: an aggregate
// groups by them, a limit counts within them.
#include "expr/agg.h"
#include "plan/domain_in.h"

static bool is_outer(const Expr *e) { return e->kind == E_ATTR && e->outer; }

static bool computed(const Expr *e)
{
    return !is_outer(e) && e->kind != E_FN && e->kind != E_CAST && e->kind != E_FIELD &&
           e->kind != E_LITERAL;
}

// Computed from outer columns alone: a value of the domain.
static bool of_outer(const Expr *e)
{
    return expr_any(e, is_outer) && !expr_any(e, computed) && expr_deterministic(e) &&
           type_is_orderable(e->type);
}

static Status make_inner(void *ctx, Expr **e)
{
    (void)ctx;
    if ((*e)->kind == E_ATTR) (*e)->outer = false;
    return DONE;
}

// Calls fn for the largest parts of *e that are values of the domain.
typedef Status (*OuterFn)(void *ctx, Expr **e);
static Status outer_parts(Expr **e, OuterFn fn, void *ctx);

static Status outer_list(Expr **e, int32_t n, OuterFn fn, void *ctx)
{
    for (int32_t i = 0; i < n; i++) TRY(outer_parts(&e[i], fn, ctx));
    return DONE;
}

static Status outer_parts(Expr **e, OuterFn fn, void *ctx)
{
    Expr *x = *e;
    if (of_outer(x)) return fn(ctx, e);
    if (is_outer(x))
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("a map of the query around a subquery")),
                     P("needs", S("take what is wanted of it outside")));
    TRY(outer_list(x->arg, x->nargs, fn, ctx));
    TRY(outer_list(x->order, x->norder, fn, ctx));
    if (x->filter) TRY(outer_parts(&x->filter, fn, ctx));
    if (!x->over) return DONE;
    TRY(outer_list(x->over->partition, x->over->npartition, fn, ctx));
    return outer_list(x->over->order, x->over->norder, fn, ctx);
}

static Status outer_of_rel(Rel *r, OuterFn fn, void *ctx)
{
    TRY(outer_list(r->expr, r->nexprs, fn, ctx));
    TRY(outer_list(r->group, r->ngroup, fn, ctx));
    for (int32_t i = 0; i < r->nprojections; i++)
        TRY(outer_list(r->projection[i], (int32_t)r->out.n, fn, ctx));
    return DONE;
}

static int64_t value_index(const Domain *d, const Expr *e)
{
    for (int64_t i = 0; i < d->value.n; i++)
        if (expr_eq(d->value.v[i], e)) return i;
    return -1;
}

static Status collect_outer(void *ctx, Expr **e)
{
    Domain *d = ctx;
    if (value_index(d, *e) < 0) vec_push(d->o->a, &d->value, expr_copy(d->o->a, *e));
    return DONE;
}

static Status collect(Domain *d, Rel *r)
{
    TRY(outer_of_rel(r, collect_outer, d));
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) TRY(collect(d, r->input[i]));
    return DONE;
}

Status domain_of(Domain *d, Optimiser *o, const Rel *base, Rel *plan)
{
    *d = (Domain){.o = o, .base = base};
    return collect(d, plan);
}

// Value i over the columns of the outer query itself.
static Expr *outer_value(const Domain *d, int64_t i)
{
    Expr *e = expr_copy(d->o->a, d->value.v[i]);
    Status s = expr_walk(&e, make_inner, NULL);
    must(s.code == OK);
    return e;
}

static Expr *column(Domain *d, const Attr *at) { return attr_expr(d->o->a, at, (Origin){0}); }

static void push_expr(Domain *d, Expr ***list, int32_t *n, Expr *e)
{
    VEC(Expr *) all = {*list, *n, *n};
    vec_push(d->o->a, &all, e);
    *list = all.v;
    *n = (int32_t)all.n;
}

static Rel *above(Domain *d, RelKind kind, Rel *input)
{
    Rel *r = rel_new(d->o->a, kind, input->at, input);
    r->out = attrs_copy(d->o->a, &input->out);
    return r;
}

// The distinct values of the outer columns, under ids of their own.
static Rel *domain_rows(Domain *d, Attrs *tags)
{
    Arena *a = d->o->a;
    Rel *p = above(d, REL_PROJECT, rel_copy(a, d->base));
    Rel *agg = rel_new(a, REL_AGGREGATE, p->at, p);
    p->out = (Attrs){0};
    *tags = (Attrs){0};
    agg->all_columns = true;
    for (int64_t i = 0; i < d->value.n; i++) {
        Expr *e = outer_value(d, i);
        Attr at = {.id = optimise_attr(d->o), .field = field_of(S("tag"), e->type, e->nullable)};
        push_expr(d, &p->expr, &p->nexprs, attr_made(d->o->a, e, at.field.name, at.id));
        vec_push(a, &p->out, at);
        push_expr(d, &agg->group, &agg->ngroup, column(d, &at));
        push_expr(d, &agg->expr, &agg->nexprs, column(d, &at));
        vec_push(a, tags, at);
    }
    agg->out = attrs_copy(a, tags);
    return agg;
}

typedef struct Replace {
    Domain *d;
    const Attrs *tags;
} Replace;

static Status replace_outer(void *ctx, Expr **e)
{
    const Replace *r = ctx;
    int64_t i = value_index(r->d, *e);
    must(i >= 0);
    *e = attr_expr(r->d->o->a, &r->tags->v[i], (*e)->at);
    return DONE;
}

static Status replace(Domain *d, Rel *r, const Attrs *tags)
{
    return outer_of_rel(r, replace_outer, &(Replace){d, tags});
}

static void pass(Domain *d, Rel *r, const Attrs *tags)
{
    for (int64_t i = 0; i < tags->n; i++) vec_push(d->o->a, &r->out, tags->v[i]);
}

static void pass_exprs(Domain *d, Rel *r, const Attrs *tags)
{
    for (int64_t i = 0; i < tags->n; i++)
        push_expr(d, &r->expr, &r->nexprs, column(d, &tags->v[i]));
    pass(d, r, tags);
}

Status domain_match(Domain *d, const Attrs *tags, Expr **on)
{
    for (int64_t i = 0; i < tags->n; i++) {
        Expr *side[2] = {outer_value(d, i), column(d, &tags->v[i])}, *eq;
        TRY(fn_make(&eq, d->o->a, d->o->ctx, S("<=>"), side, 2));
        *on = expr_and(d->o->a, *on, eq);
    }
    return DONE;
}

static Status tags_equal(Domain *d, const Attrs *x, const Attrs *y, Expr **on)
{
    for (int64_t i = 0; i < x->n; i++) {
        Expr *side[2] = {column(d, &x->v[i]), column(d, &y->v[i])}, *eq;
        TRY(fn_make(&eq, d->o->a, d->o->ctx, S("<=>"), side, 2));
        *on = expr_and(d->o->a, *on, eq);
    }
    return DONE;
}

// -- nodes

static Status tag_all(Domain *d, Rel **r, Attrs *tags) // every value of the domain with every row
{
    Rel *rows = domain_rows(d, tags), *x = *r;
    if (x->kind == REL_ONE_ROW) {
        *r = rows;
        return DONE;
    }
    Rel *j = above(d, REL_JOIN, x);
    j->input[1] = rows;
    j->join = JOIN_INNER;
    j->made = true;
    pass(d, j, tags);
    *r = j;
    return DONE;
}

static Status tag_group(Domain *d, Rel *agg, const Attrs *tags)
{
    for (int64_t i = 0; i < tags->n; i++)
        push_expr(d, &agg->group, &agg->ngroup, column(d, &tags->v[i]));
    pass_exprs(d, agg, tags);
    return DONE;
}

// What an aggregate gives for no rows at all.
static Status fold_no_rows(void *ctx, Expr **e)
{
    const Domain *d = ctx;
    if ((*e)->kind != E_AGG) return DONE;
    Arena *a = d->o->a;
    AggPlan *plan;
    TRY(agg_plan(&plan, a, e, 1, 0, d->o->ctx));
    char *payload = NEW(a, char, plan->payload_bytes + 8);
    Column c = column_new(a, (*e)->type, 1);
    TRY(agg_result(&plan->call[0], &payload, 1, &c, a));
    Datum v = column_datum(a, &c, 0);
    *e = expr_literal(a, (*e)->type, &v);
    return DONE;
}

// An aggregate without groups has a row for every value of the domain, also where nothing matched.
static Status tag_whole(Domain *d, Rel **r, Attrs *tags)
{
    Arena *a = d->o->a;
    Rel *agg = *r, *p = above(d, REL_PROJECT, agg);
    Attrs inner = *tags, shown = agg->out;
    int32_t n = agg->nexprs, there = optimise_attr(d->o);
    Expr **empty = NEW(a, Expr *, n + 1), **value = NEW(a, Expr *, n + 1);
    agg->out = (Attrs){0};
    for (int32_t i = 0; i < n; i++) {
        Expr *item = agg->expr[i];
        must(item->kind == E_ALIAS);
        empty[i] = expr_copy(a, item->arg[0]);
        Attr at = shown.v[i];
        at.id = item->id = optimise_attr(d->o);
        vec_push(a, &agg->out, at);
        at.field.nullable = true;
        value[i] = column(d, &at);
    }
    TRY(replace(d, agg, &inner));
    TRY(tag_group(d, agg, &inner));
    Attr flag = {.id = there, .field = field_of(S("there"), &type_boolean, true)};
    Rel *flagged = above(d, REL_PROJECT, agg), *join = above(d, REL_JOIN, domain_rows(d, tags));
    flagged->out = (Attrs){0};
    pass_exprs(d, flagged, &agg->out);
    Expr *yes = expr_literal(a, &type_boolean, &(Datum){.i = 1});
    push_expr(d, &flagged->expr, &flagged->nexprs, attr_made(d->o->a, yes, flag.field.name, there));
    vec_push(a, &flagged->out, flag);
    join->input[1] = flagged;
    join->join = JOIN_LEFT;
    join->expr = NEW(a, Expr *, 1);
    join->nexprs = 1;
    TRY(tags_equal(d, tags, &inner, &join->expr[0]));
    pass(d, join, &flagged->out);
    p->input[0] = join;
    p->out = shown;
    for (int32_t i = 0; i < n; i++) {
        TRY(outer_parts(&empty[i], replace_outer, &(Replace){d, tags}));
        TRY(expr_walk(&empty[i], fold_no_rows, d));
        Expr *arg[3] = {column(d, &flag), value[i], empty[i]}, *e;
        TRY(fn_make(&e, a, d->o->ctx, S("if"), arg, 3));
        push_expr(d, &p->expr, &p->nexprs,
                  attr_made(d->o->a, e, shown.v[i].field.name, shown.v[i].id));
    }
    pass_exprs(d, p, tags);
    *r = p;
    return DONE;
}

static Status tag_aggregate(Domain *d, Rel **r, Attrs *tags)
{
    TRY(domain_tag(d, &(*r)->input[0], tags));
    if (!(*r)->ngroup) return tag_whole(d, r, tags);
    TRY(replace(d, *r, tags));
    return tag_group(d, *r, tags);
}

static void outer_side(Attrs *out, bool may_miss)
{
    for (int64_t i = 0; i < out->n; i++) out->v[i].field.nullable |= may_miss;
}

static Status join_conditions(Domain *d, Rel *j, const Attrs *x, const Attrs *y)
{
    Expr *on = j->nexprs ? j->expr[0] : NULL;
    TRY(tags_equal(d, x, y, &on));
    j->expr = NEW(d->o->a, Expr *, 1);
    j->expr[0] = on;
    j->nexprs = 1;
    if (j->join == JOIN_CROSS) j->join = JOIN_INNER;
    return DONE;
}

// A full join's tags are those of either side.
static Status full_tags(Domain *d, Rel **r, const Attrs *x, Attrs *tags, const Attrs *shown)
{
    Rel *p = above(d, REL_PROJECT, *r);
    p->out = (Attrs){0};
    pass_exprs(d, p, shown);
    for (int64_t i = 0; i < x->n; i++) {
        Expr *both[2] = {column(d, &x->v[i]), column(d, &tags->v[i])}, *e;
        TRY(fn_make(&e, d->o->a, d->o->ctx, S("coalesce"), both, 2));
        Attr at = x->v[i];
        at.id = optimise_attr(d->o);
        push_expr(d, &p->expr, &p->nexprs, attr_made(d->o->a, e, at.field.name, at.id));
        vec_push(d->o->a, &p->out, at);
        tags->v[i] = at;
    }
    *r = p;
    return DONE;
}

static Status tag_join(Domain *d, Rel **r, Attrs *tags)
{
    Rel *j = *r;
    bool half = j->join == JOIN_LEFT_SEMI || j->join == JOIN_LEFT_ANTI;
    bool inner = j->join == JOIN_INNER || j->join == JOIN_CROSS, full = j->join == JOIN_FULL;
    bool right_tags = correlated(j->input[1]), left_tags = correlated(j->input[0]);
    if (full || j->join == JOIN_RIGHT) right_tags = true;
    if (!inner || !right_tags) left_tags |= j->join != JOIN_RIGHT;
    Attrs side[2] = {{0}, {0}}, shown = attrs_copy(d->o->a, &j->out);
    if (left_tags) TRY(domain_tag(d, &j->input[0], &side[0]));
    if (right_tags) TRY(domain_tag(d, &j->input[1], &side[1]));
    *tags = left_tags && j->join != JOIN_RIGHT ? side[0] : side[1];
    TRY(replace(d, j, tags));
    if (left_tags && right_tags) TRY(join_conditions(d, j, &side[0], &side[1]));
    j->out = attrs_copy(d->o->a, &j->input[0]->out);
    outer_side(&j->out, full || j->join == JOIN_RIGHT);
    Attrs right = attrs_copy(d->o->a, &j->input[1]->out);
    outer_side(&right, full || j->join == JOIN_LEFT);
    if (!half) pass(d, j, &right);
    if (!full) return DONE;
    Attrs left = side[0];
    *tags = attrs_copy(d->o->a, &side[1]);
    return full_tags(d, r, &left, tags, &shown);
}

static Rel *shaped(Domain *d, Rel *input, const Attrs *shown, const Attrs *tags)
{
    Rel *p = above(d, REL_PROJECT, input);
    p->out = (Attrs){0};
    pass_exprs(d, p, shown);
    pass_exprs(d, p, tags);
    return p;
}

static Status tag_set_op(Domain *d, Rel **r, Attrs *tags)
{
    Rel *u = *r;
    for (int32_t i = 1; i >= 0; i--) {
        Attrs shown = attrs_copy(d->o->a, &u->input[i]->out);
        TRY(domain_tag(d, &u->input[i], tags));
        u->input[i] = shaped(d, u->input[i], &shown, tags);
    }
    pass(d, u, tags); // its columns have the ids of the left's
    return DONE;
}

static Expr *number_of(Domain *d, Expr *const *order, int32_t n, const Attrs *tags)
{
    Arena *a = d->o->a;
    Expr *call = expr_new(a, E_CALL, (Origin){0}), *over = expr_new(a, E_OVER, (Origin){0});
    call->name = S("row_number");
    call->type = over->type = &type_int;
    over->arg = NEW(a, Expr *, 1);
    over->arg[0] = call;
    over->nargs = 1;
    Over *o = over->over = NEW(a, Over, 1);
    *o = (Over){.order = (Expr **)order, .norder = n, .has_frame = true, .rows = true};
    o->upper.kind = BOUND_CURRENT;
    for (int64_t i = 0; i < tags->n; i++)
        push_expr(d, &o->partition, &o->npartition, column(d, &tags->v[i]));
    return over;
}

// The rows from..to of each value of the domain.
static Status tag_limit(Domain *d, Rel **r, Attrs *tags)
{
    int64_t limit = INT32_MAX, offset = 0;
    Rel *x = *r;
    if (x->kind == REL_LIMIT) {
        limit = x->expr[0]->value.i;
        x = x->input[0];
    }
    if (x->kind == REL_OFFSET) {
        offset = x->expr[0]->value.i;
        x = x->input[0];
    }
    if (x->kind == REL_PROJECT || x->kind == REL_SUBQUERY_ALIAS) { // the limit goes below it
        Rel *lowest = *r;
        while (lowest->input[0] != x) lowest = lowest->input[0];
        lowest->input[0] = x->input[0];
        for (Rel *l = *r; l != x->input[0]; l = l->input[0])
            l->out = attrs_copy(d->o->a, &x->input[0]->out);
        x->input[0] = *r;
        *r = x;
        return domain_tag(d, r, tags);
    }
    Rel *sort = x->kind == REL_SORT ? x : NULL, *input = sort ? sort->input[0] : x;
    TRY(domain_tag(d, &input, tags));
    if (sort) TRY(replace(d, sort, tags));
    Rel *w = above(d, REL_WINDOW, input);
    Attr at = {.id = optimise_attr(d->o), .field = field_of(S("at"), &type_int, false)};
    Expr *over = number_of(d, sort ? sort->expr : NULL, sort ? sort->nexprs : 0, tags);
    push_expr(d, &w->expr, &w->nexprs, attr_made(d->o->a, over, at.field.name, at.id));
    vec_push(d->o->a, &w->out, at);
    Conjuncts some = {0};
    int64_t bound[2] = {offset, MIN(INT32_MAX, offset + limit)};
    for (int32_t i = 0; i < 2; i++) {
        Expr *arg[2] = {column(d, &at), expr_literal(d->o->a, &type_int, &(Datum){.i = bound[i]})};
        Expr *e;
        TRY(fn_make(&e, d->o->a, d->o->ctx, i ? S("<=") : S(">"), arg, 2));
        vec_push(d->o->a, &some, e);
    }
    *r = filter_above(d->o, w, &some);
    return DONE;
}

static Status tag_maker(Domain *d, Rel *r, Attrs *tags) // its own columns come after the input's
{
    Attrs made = {0};
    for (int64_t i = r->input[0]->out.n; i < r->out.n; i++) vec_push(d->o->a, &made, r->out.v[i]);
    TRY(domain_tag(d, &r->input[0], tags));
    TRY(replace(d, r, tags));
    r->out = attrs_copy(d->o->a, &r->input[0]->out);
    pass(d, r, &made);
    for (int32_t i = 0; r->kind == REL_WINDOW && i < r->nexprs; i++) {
        Over *o = (r->expr[i]->kind == E_ALIAS ? r->expr[i]->arg[0] : r->expr[i])->over;
        for (int64_t k = 0; k < tags->n; k++)
            push_expr(d, &o->partition, &o->npartition, column(d, &tags->v[k]));
    }
    return DONE;
}

static Status tag_expand(Domain *d, Rel *r, Attrs *tags)
{
    TRY(domain_tag(d, &r->input[0], tags));
    TRY(replace(d, r, tags));
    for (int64_t i = 0; i < tags->n; i++) {
        for (int32_t k = 0; k < r->nprojections; k++) {
            int32_t n = (int32_t)r->out.n;
            push_expr(d, &r->projection[k], &n, column(d, &tags->v[i]));
        }
        tags->v[i].id = optimise_attr(d->o);
        vec_push(d->o->a, &r->out, tags->v[i]);
    }
    return DONE;
}

static Status tag_passing(Domain *d, Rel *r, Attrs *tags)
{
    TRY(domain_tag(d, &r->input[0], tags));
    TRY(replace(d, r, tags));
    if (r->kind == REL_PROJECT)
        pass_exprs(d, r, tags);
    else
        pass(d, r, tags);
    return DONE;
}

Status domain_tag(Domain *d, Rel **r, Attrs *tags)
{
    Rel *x = *r;
    if (!correlated(x)) return tag_all(d, r, tags);
    if (x->kind == REL_JOIN) return tag_join(d, r, tags);
    if (x->kind == REL_SET_OP) return tag_set_op(d, r, tags);
    if (x->kind == REL_LIMIT || x->kind == REL_OFFSET) return tag_limit(d, r, tags);
    if (x->kind == REL_WINDOW || x->kind == REL_GENERATE) return tag_maker(d, x, tags);
    if (x->kind == REL_EXPAND) return tag_expand(d, x, tags);
    if (x->kind == REL_AGGREGATE) return tag_aggregate(d, r, tags);
    bool passes = x->kind == REL_FILTER || x->kind == REL_PROJECT || x->kind == REL_SORT ||
                  x->kind == REL_SUBQUERY_ALIAS || x->kind == REL_HINT ||
                  x->kind == REL_REPARTITION;
    if (passes) return tag_passing(d, x, tags);
    return not_correlated(x);
}
