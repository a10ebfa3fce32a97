// rewrite_subquery.c -- subqueries become joins: IN and EXISTS among the conditions of WHERE semi
// and anti joins; a scalar one anywhere, and LATERAL, a join with the row that it is for each outer
// row.
#include "expr/agg.h"
#include "plan/domain_in.h"

static Status unsupported(const Expr *e, const char *feature)
{
    Status s = RAISE(UNSUPPORTED_FEATURE, P("feature", str_z(feature)),
                     P("needs", S("a join says the same")));
    return fail_at(s, &e->at);
}

static Status make(Optimiser *o, Expr **e, Str name, Expr *x, Expr *y)
{
    Expr *arg[2] = {x, y};
    return fn_make(e, o->a, o->ctx, name, arg, y ? 2 : 1);
}

// Equal, or for NOT IN: equal or unknown.
static Status in_condition(Optimiser *o, const Expr *sub, const Attrs *shown, bool negated,
                           Expr **on)
{
    *on = NULL;
    for (int32_t i = 0; i < sub->nargs; i++) {
        Expr *eq, *unknown;
        TRY(make(o, &eq, S("="), sub->arg[i], attr_expr(o->a, &shown->v[i], (Origin){0})));
        if (negated) {
            TRY(make(o, &unknown, S("isnull"), expr_copy(o->a, eq), NULL));
            TRY(make(o, &eq, S("or"), eq, unknown));
        }
        *on = expr_and(o->a, *on, eq);
    }
    return DONE;
}

// The rows of a correlated plan with the columns that say which outer row they are for, and the
// condition of a join with those. base: the outer rows.
static Status tagged(Optimiser *o, const Rel *base, Rel **plan, Expr **on)
{
    Domain d;
    Attrs tags;
    if (base->streaming || (*plan)->streaming) return not_correlated(*plan);
    TRY(domain_of(&d, o, base, *plan));
    TRY(domain_tag(&d, plan, &tags));
    return domain_match(&d, &tags, on);
}

static Status semi_join(Optimiser *o, Rel **input, const Expr *sub, bool negated)
{
    Rel *plan = sub->plan;
    Expr *match = NULL, *on;
    TRY(rule_subqueries(o, &plan));
    Attrs shown = attrs_copy(o->a, &plan->out);
    if (can_decorrelate(o->a, plan, false)) {
        Conjuncts pulled = {0};
        TRY(decorrelate(o, &plan, &pulled));
        outer_to_inner(&pulled);
        match = conjuncts_join(o->a, pulled.v, pulled.n);
    } else {
        TRY(tagged(o, *input, &plan, &match));
    }
    TRY(in_condition(o, sub, &shown, negated, &on));
    Rel *j = rel_new(o->a, REL_JOIN, sub->at, *input);
    j->input[1] = plan;
    j->join = negated ? JOIN_LEFT_ANTI : JOIN_LEFT_SEMI;
    j->out = attrs_copy(o->a, &(*input)->out);
    j->streaming = (*input)->streaming || plan->streaming;
    j->expr = NEW(o->a, Expr *, 1);
    j->expr[0] = expr_and(o->a, on, match);
    j->nexprs = j->expr[0] != NULL;
    *input = j;
    return DONE;
}

static const Rel *below_projections(const Rel *r)
{
    while (r->kind == REL_PROJECT || r->kind == REL_SUBQUERY_ALIAS) r = r->input[0];
    return r;
}

static bool one_row(const Rel *r)
{
    r = below_projections(r);
    bool limit = r->kind == REL_LIMIT && r->expr[0]->value.i <= 1;
    return limit || r->kind == REL_ONE_ROW || (r->kind == REL_AGGREGATE && !r->ngroup);
}

// What an aggregate without groups says of no rows.
static Status of_no_rows(void *ctx, Expr **e)
{
    Optimiser *o = ctx;
    if ((*e)->kind != E_AGG) return DONE;
    bool counts = str_starts((*e)->agg->name, S("count"));
    *e = expr_literal(o->a, (*e)->type, &(Datum){.null = !counts});
    return DONE;
}

// The columns of a one-row plan over no rows, as expressions without columns.
static Status empty_values(Optimiser *o, const Rel *r, Expr **value)
{
    if (r->kind == REL_SUBQUERY_ALIAS) return empty_values(o, r->input[0], value);
    Expr **below = NEW(o->a, Expr *, r->input[0] ? r->input[0]->out.n + 1 : 1);
    if (r->kind == REL_PROJECT) TRY(empty_values(o, r->input[0], below));
    for (int32_t i = 0; i < r->nexprs; i++) {
        Expr *e = expr_copy(o->a, r->expr[i]);
        if (e->kind == E_ALIAS) e = e->arg[0];
        if (r->kind == REL_AGGREGATE) TRY(expr_walk(&e, of_no_rows, o));
        for (int64_t k = 0; r->kind == REL_PROJECT && k < r->input[0]->out.n; k++) {
            Expr *alias = expr_alias(o->a, below[k], S(""));
            alias->id = r->input[0]->out.v[k].id;
            Rel one = {.expr = &alias, .nexprs = 1};
            substitute(o->a, &e, &one);
            if (e->kind == E_ATTR && e->id == alias->id) e = expr_copy(o->a, below[k]);
        }
        value[i] = e;
    }
    return DONE;
}

static void add_flag(Optimiser *o, Rel **plan, Attr *flag)
{
    Rel *p = rel_new(o->a, REL_PROJECT, (*plan)->at, *plan);
    p->out = attrs_copy(o->a, &(*plan)->out);
    p->streaming = (*plan)->streaming;
    p->expr = NEW(o->a, Expr *, p->out.n + 1);
    p->nexprs = (int32_t)p->out.n + 1;
    for (int64_t i = 0; i < p->out.n; i++) p->expr[i] = attr_expr(o->a, &p->out.v[i], (Origin){0});
    Expr *one = expr_literal(o->a, &type_boolean, &(Datum){.i = 1});
    Expr *alias = attr_made(o->a, one, S("there"), optimise_attr(o));
    p->expr[p->out.n] = alias;
    *flag = (Attr){.id = alias->id, .field = field_of(S("there"), &type_boolean, true)};
    vec_push(o->a, &p->out, *flag);
    *plan = p;
}

static Rel *left_join(Optimiser *o, Rel *input, Rel *plan, Expr *on)
{
    Rel *j = rel_new(o->a, REL_JOIN, plan->at, input);
    j->input[1] = plan;
    j->join = JOIN_LEFT;
    j->made = true;
    j->streaming = input->streaming || plan->streaming;
    j->expr = NEW(o->a, Expr *, 1);
    j->expr[0] = on;
    j->nexprs = on != NULL;
    j->out = attrs_copy(o->a, &input->out);
    for (int64_t i = 0; i < plan->out.n; i++) {
        Attr at = plan->out.v[i];
        at.field.nullable = true;
        vec_push(o->a, &j->out, at);
    }
    return j;
}

static void nullable_columns(Optimiser *o, const Attrs *shown, Expr **value)
{
    for (int64_t i = 0; i < shown->n; i++) {
        Attr at = shown->v[i];
        at.field.nullable = true;
        value[i] = attr_expr(o->a, &at, (Origin){0});
    }
}

// Conditions of an aggregate without groups move out; for rows that find no group the aggregate is
// that of no rows.
static Status join_rows(Optimiser *o, Rel **input, Rel *plan, Expr **value)
{
    Attrs shown = attrs_copy(o->a, &plan->out);
    Conjuncts on = {0};
    Expr **empty = NEW(o->a, Expr *, shown.n + 1);
    Attr flag;
    TRY(empty_values(o, plan, empty));
    TRY(decorrelate(o, &plan, &on));
    outer_to_inner(&on);
    add_flag(o, &plan, &flag);
    *input = left_join(o, *input, plan, conjuncts_join(o->a, on.v, on.n));
    nullable_columns(o, &shown, value);
    for (int64_t i = 0; i < shown.n; i++) {
        Expr *arg[3] = {attr_expr(o->a, &flag, (Origin){0}), value[i], empty[i]};
        bool null = empty[i]->kind == E_LITERAL && empty[i]->value.null;
        if (!null) TRY(fn_make(&value[i], o->a, o->ctx, S("if"), arg, 3));
    }
    return DONE;
}

// A left join with the rows that belong to each row of *input, at most one. base: *input before
// other subqueries were joined to it.
static Status join_one(Optimiser *o, Rel **input, const Rel *base, Rel *plan, Expr **value)
{
    bool agg = below_projections(plan)->kind == REL_AGGREGATE;
    if (correlated(plan) && agg && can_decorrelate(o->a, plan, true))
        return join_rows(o, input, plan, value);
    Attrs shown = attrs_copy(o->a, &plan->out);
    Expr *on = NULL;
    if (correlated(plan)) TRY(tagged(o, base, &plan, &on));
    *input = left_join(o, *input, plan, on);
    nullable_columns(o, &shown, value);
    return DONE;
}

static void add_item(Optimiser *o, Rel *r, Expr *item)
{
    VEC(Expr *) all = {r->expr, r->nexprs, r->nexprs};
    vec_push(o->a, &all, item);
    r->expr = all.v;
    r->nexprs = (int32_t)all.n;
    Attr at = {.id = item->id, .field = field_of(item->name, item->type, item->nullable)};
    vec_push(o->a, &r->out, at);
}

// Rows counted and one kept, a failure when there were more: the tags are the groups.
static Status fold_rows(Optimiser *o, Rel **plan, int64_t shown, Origin at)
{
    Rel *agg = rel_new(o->a, REL_AGGREGATE, (*plan)->at, *plan), *p;
    Expr *one, *count, *x = attr_expr(o->a, &(*plan)->out.v[0], (Origin){0});
    TRY(make(o, &one, S("first"), x, NULL));
    TRY(fn_make(&count, o->a, o->ctx, S("count"),
                &(Expr *){expr_literal(o->a, &type_int, &(Datum){.i = 1})}, 1));
    add_item(o, agg, attr_made(o->a, one, S("value"), optimise_attr(o)));
    add_item(o, agg, attr_made(o->a, count, S("rows"), optimise_attr(o)));
    agg->ngroup = (int32_t)((*plan)->out.n - shown);
    agg->group = NEW(o->a, Expr *, agg->ngroup + 1);
    for (int32_t i = 0; i < agg->ngroup; i++) {
        const Attr *tag = &(*plan)->out.v[shown + i];
        agg->group[i] = attr_expr(o->a, tag, (Origin){0});
        VEC(Expr *) all = {agg->expr, agg->nexprs, agg->nexprs};
        vec_push(o->a, &all, attr_expr(o->a, tag, (Origin){0}));
        agg->expr = all.v;
        agg->nexprs = (int32_t)all.n;
        vec_push(o->a, &agg->out, *tag);
    }
    p = rel_new(o->a, REL_PROJECT, agg->at, agg);
    Expr *checked;
    TRY(make(o, &checked, S("single_row"), attr_expr(o->a, &agg->out.v[0], (Origin){0}),
             attr_expr(o->a, &agg->out.v[1], (Origin){0})));
    checked->at = at;
    add_item(o, p, attr_made(o->a, checked, S("value"), optimise_attr(o)));
    p->expr[0]->id = (*plan)->out.v[0].id;
    p->out.v[0].id = (*plan)->out.v[0].id;
    for (int64_t i = 2; i < agg->out.n; i++) {
        VEC(Expr *) all = {p->expr, p->nexprs, p->nexprs};
        vec_push(o->a, &all, attr_expr(o->a, &agg->out.v[i], (Origin){0}));
        p->expr = all.v;
        p->nexprs = (int32_t)all.n;
        vec_push(o->a, &p->out, agg->out.v[i]);
    }
    *plan = p;
    return DONE;
}

// Only the tags, each once, and a column that is true.
static void keep_tags(Optimiser *o, Rel **plan, int64_t shown, Attr *flag)
{
    Rel *agg = rel_new(o->a, REL_AGGREGATE, (*plan)->at, *plan);
    agg->ngroup = agg->nexprs = (int32_t)((*plan)->out.n - shown);
    agg->group = NEW(o->a, Expr *, agg->ngroup + 1);
    agg->expr = NEW(o->a, Expr *, agg->ngroup + 1);
    agg->all_columns = true;
    for (int32_t i = 0; i < agg->ngroup; i++) {
        const Attr *tag = &(*plan)->out.v[shown + i];
        agg->group[i] = attr_expr(o->a, tag, (Origin){0});
        agg->expr[i] = attr_expr(o->a, tag, (Origin){0});
        vec_push(o->a, &agg->out, *tag);
    }
    *plan = agg;
    add_flag(o, plan, flag);
}

typedef struct Joined {
    Expr *sub, *value;
} Joined;
typedef struct Scalars {
    Optimiser *o;
    Rel **input;
    Rel *base;        // *input as it was
    VEC(Joined) done; // subqueries that are columns of *input already
} Scalars;

static Status inner_to_outer(void *ctx, Expr **e)
{
    (void)ctx;
    if ((*e)->kind == E_ATTR) (*e)->outer = true;
    return DONE;
}

// In the order [shown.., tags..], as pass_columns and tagging leave them only at the top.
static Rel *just(Optimiser *o, Rel *plan, const Attrs *shown, const Attrs *tags)
{
    Rel *p = rel_new(o->a, REL_PROJECT, plan->at, plan);
    const Attrs *part[2] = {shown, tags};
    VEC(Expr *) all = {0};
    for (int32_t k = 0; k < 2; k++)
        for (int64_t i = 0; i < part[k]->n; i++) {
            vec_push(o->a, &all, attr_expr(o->a, &part[k]->v[i], (Origin){0}));
            vec_push(o->a, &p->out, part[k]->v[i]);
        }
    p->expr = all.v;
    p->nexprs = (int32_t)all.n;
    return p;
}

// IN and EXISTS as a value: whether rows match, for each row of the input. As Spark has it, a value
// that is neither in the list nor not in it is FALSE.
static Status join_exists(Scalars *s, Expr **e)
{
    Optimiser *o = s->o;
    Expr *sub = *e, *on = NULL, *match = NULL;
    Rel *plan = sub->plan;
    TRY(rule_subqueries(o, &plan));
    for (int32_t i = 0; i < sub->nargs; i++) // the outer query's, the columns the subquery's own
        TRY(expr_walk(&sub->arg[i], inner_to_outer, NULL));
    TRY(in_condition(o, sub, &plan->out, sub->negated, &on));
    if (on) {
        Conjuncts all = {0};
        conjuncts_of(&all, o->a, on);
        plan = filter_above(o, plan, &all);
    }
    Domain d;
    Attrs tags = {0}, none = {0};
    if (s->base->streaming || plan->streaming) return not_correlated(plan);
    TRY(domain_of(&d, o, s->base, plan));
    Attr flag;
    if (d.value.n) {
        TRY(domain_tag(&d, &plan, &tags));
        TRY(domain_match(&d, &tags, &match));
        plan = just(o, plan, &none, &tags);
        keep_tags(o, &plan, 0, &flag);
    } else { // the same for all rows
        Rel *limit = rel_new(o->a, REL_LIMIT, plan->at, just(o, plan, &none, &none));
        limit->expr = NEW(o->a, Expr *, 1);
        limit->expr[0] = expr_literal(o->a, &type_bigint, &(Datum){.i = 1});
        limit->nexprs = 1;
        plan = limit;
        add_flag(o, &plan, &flag);
    }
    *s->input = left_join(o, *s->input, plan, match);
    flag.field.nullable = true;
    TRY(make(o, e, sub->negated ? S("isnull") : S("isnotnull"), attr_expr(o->a, &flag, (Origin){0}),
             NULL));
    return DONE;
}

static Status join_scalar(Scalars *s, Expr **e)
{
    Optimiser *o = s->o;
    Expr *sub = *e;
    Rel *plan = sub->plan;
    bool one = one_row(plan);
    TRY(rule_subqueries(o, &plan));
    Expr *value = NULL, *on = NULL;
    if (one) {
        Expr **values = NEW(o->a, Expr *, plan->out.n);
        TRY(join_one(o, s->input, s->base, plan, values));
        *e = values[0];
        return DONE;
    }
    Attrs shown = attrs_copy(o->a, &plan->out), tags = {0};
    if (s->base->streaming || plan->streaming) return not_correlated(plan);
    if (correlated(plan)) {
        Domain d;
        TRY(domain_of(&d, o, s->base, plan));
        TRY(domain_tag(&d, &plan, &tags));
        TRY(domain_match(&d, &tags, &on));
        plan = just(o, plan, &shown, &tags);
    }
    TRY(fold_rows(o, &plan, shown.n, sub->at));
    *s->input = left_join(o, *s->input, plan, on);
    nullable_columns(o, &(Attrs){.v = plan->out.v, .n = 1}, &value);
    *e = value;
    return DONE;
}

// GROUP BY (SELECT ..) and the same in the select list are one column.
static Status join_value(void *ctx, Expr **e)
{
    Scalars *s = ctx;
    if ((*e)->kind != E_SUBQUERY) return DONE;
    for (int64_t i = 0; i < s->done.n; i++)
        if (expr_eq(s->done.v[i].sub, *e)) {
            *e = expr_copy(s->o->a, s->done.v[i].value);
            return DONE;
        }
    Joined made = {expr_copy(s->o->a, *e), NULL};
    TRY((*e)->sub == SUB_SCALAR ? join_scalar(s, e) : join_exists(s, e));
    made.value = *e;
    vec_push(s->o->a, &s->done, made);
    return DONE;
}

// JOIN LATERAL (a query that names the left): its conditions are the join's.
static Status join_lateral(Optimiser *o, Rel **r)
{
    Rel *j = *r;
    Expr *own = j->nexprs ? j->expr[0] : NULL, *on = NULL;
    j->lateral = false;
    if (!correlated(j->input[1])) return DONE;
    if (can_decorrelate(o->a, j->input[1], false)) {
        Conjuncts pulled = {0};
        TRY(decorrelate(o, &j->input[1], &pulled));
        outer_to_inner(&pulled);
        on = conjuncts_join(o->a, pulled.v, pulled.n);
    } else {
        TRY(tagged(o, j->input[0], &j->input[1], &on));
    }
    j->expr = NEW(o->a, Expr *, 1);
    j->expr[0] = expr_and(o->a, on, own);
    j->nexprs = j->expr[0] != NULL;
    if (j->join == JOIN_CROSS) j->join = JOIN_INNER;
    return DONE;
}

static bool is_subquery(const Expr *e) { return e->kind == E_SUBQUERY; }

// NOT goes down to the subqueries through AND and OR, as it does in Spark before they are
// rewritten: NOT IN asks another question than IN.
static Status push_not(Optimiser *o, Expr **e, bool negated)
{
    Expr *x = *e;
    if (!expr_any(x, is_subquery) && !negated) return DONE;
    if (expr_is_fn(x, S("not"))) {
        *e = x->arg[0];
        return push_not(o, e, !negated);
    }
    bool both = expr_is_fn(x, S("and")), either = expr_is_fn(x, S("or"));
    if (both || either) {
        TRY(push_not(o, &x->arg[0], negated));
        TRY(push_not(o, &x->arg[1], negated));
        return negated ? make(o, e, both ? S("or") : S("and"), x->arg[0], x->arg[1]) : DONE;
    }
    if (!negated) return DONE;
    if (x->kind == E_SUBQUERY && x->sub != SUB_SCALAR) {
        x->negated = !x->negated;
        return DONE;
    }
    return make(o, e, S("not"), x, NULL);
}

static Status filter_subqueries(Optimiser *o, Rel **r)
{
    Rel *f = *r;
    Conjuncts all = {0}, stay = {0};
    TRY(push_not(o, &f->expr[0], false));
    conjuncts_of(&all, o->a, f->expr[0]);
    for (int64_t i = 0; i < all.n; i++) {
        Expr *e = all.v[i];
        if (e->kind == E_SUBQUERY && e->sub != SUB_SCALAR)
            TRY(semi_join(o, &f->input[0], e, e->negated));
        else
            vec_push(o->a, &stay, e);
    }
    *r = filter_above(o, f->input[0], &stay);
    return DONE;
}

static Status subqueries_of(Optimiser *o, Rel **r);

static bool has_subqueries(const Rel *r)
{
    for (int32_t i = 0; i < r->nexprs; i++)
        if (expr_any(r->expr[i], is_subquery)) return true;
    for (int32_t i = 0; i < r->ngroup; i++)
        if (expr_any(r->group[i], is_subquery)) return true;
    return false;
}

// The side of a join that all of a subquery's outer columns are of, or -1.
typedef struct Sides {
    const Rel *join;
    bool used[2];
} Sides;

static Status use_side(void *ctx, Expr **e)
{
    Sides *s = ctx;
    if ((*e)->kind != E_ATTR) return DONE;
    for (int32_t i = 0; i < 2; i++)
        s->used[i] |= attrs_find(&s->join->input[i]->out, (*e)->id) != NULL;
    return DONE;
}

static Status use_outer(void *ctx, Expr **e)
{
    return (*e)->kind == E_ATTR && (*e)->outer ? use_side(ctx, e) : DONE;
}

static Status plan_sides(Sides *s, Rel *plan)
{
    TRY(rel_exprs_walk(plan, use_outer, s));
    for (int32_t i = 0; i < 2; i++)
        if (plan->input[i]) TRY(plan_sides(s, plan->input[i]));
    return DONE;
}

typedef struct JoinSubs {
    Optimiser *o;
    Rel *join;
    Scalars side[2];
} JoinSubs;

static Status join_side(void *ctx, Expr **e)
{
    JoinSubs *j = ctx;
    if ((*e)->kind != E_SUBQUERY) return DONE;
    Sides s = {.join = j->join};
    for (int32_t i = 0; i < (*e)->nargs; i++) TRY(expr_walk(&(*e)->arg[i], use_side, &s));
    TRY(plan_sides(&s, (*e)->plan));
    if (s.used[0] && s.used[1])
        return unsupported(*e, "a subquery over both sides of an outer join in its condition");
    return join_value(&j->side[s.used[1]], e);
}

// Subqueries in the condition of a join: above it where that is the same, else each is a column of
// the side that it names.
static Status join_subqueries(Optimiser *o, Rel **r)
{
    Rel *j = *r;
    if (j->join == JOIN_INNER || j->join == JOIN_CROSS) {
        Conjuncts all = {0}, stay = {0}, above = {0};
        conjuncts_of(&all, o->a, j->expr[0]);
        for (int64_t i = 0; i < all.n; i++) {
            bool sub = expr_any(all.v[i], is_subquery);
            if (sub)
                vec_push(o->a, &above, all.v[i]);
            else
                vec_push(o->a, &stay, all.v[i]);
        }
        j->expr[0] = conjuncts_join(o->a, stay.v, stay.n);
        j->nexprs = stay.n > 0;
        *r = filter_above(o, j, &above);
        return subqueries_of(o, r);
    }
    JoinSubs s = {o, j, {{o, &j->input[0], j->input[0], {0}}, {o, &j->input[1], j->input[1], {0}}}};
    return rel_exprs_walk(j, join_side, &s);
}

// The columns that a node makes come after its input's, which may have grown.
static void made_last(Optimiser *o, Rel *r, int64_t before)
{
    bool maker = r->kind == REL_WINDOW || r->kind == REL_GENERATE || r->kind == REL_TIME_WINDOW ||
                 r->kind == REL_SESSION_WINDOW;
    if (!maker) return;
    Attrs made = {0};
    for (int64_t i = before; i < r->out.n; i++) vec_push(o->a, &made, r->out.v[i]);
    r->out = attrs_copy(o->a, &r->input[0]->out);
    for (int64_t i = 0; i < made.n; i++) vec_push(o->a, &r->out, made.v[i]);
}

// Nodes that show what their input has do not show the columns that subqueries became.
static void shown_only(Optimiser *o, Rel **r, const Attrs *shown)
{
    RelKind k = (*r)->kind;
    if (k == REL_PROJECT || k == REL_AGGREGATE || k == REL_EXPAND) return;
    *r = just(o, *r, shown, &(Attrs){0});
}

static Status subquery_rel(Optimiser *o, Rel **r)
{
    if ((*r)->kind == REL_JOIN && (*r)->lateral) TRY(join_lateral(o, r));
    if (!has_subqueries(*r)) return DONE;
    Attrs shown = attrs_copy(o->a, &(*r)->out);
    bool streaming = (*r)->streaming;
    TRY(subqueries_of(o, r));
    shown_only(o, r, &shown);
    (*r)->streaming = streaming;
    return DONE;
}

static Status subqueries_of(Optimiser *o, Rel **r)
{
    if ((*r)->kind == REL_JOIN) return join_subqueries(o, r);
    if ((*r)->kind == REL_FILTER) TRY(filter_subqueries(o, r));
    if (!has_subqueries(*r)) return DONE;
    for (int32_t i = 0; i < (*r)->nexprs; i++) {
        Expr **item = &(*r)->expr[i];
        TRY(push_not(o, (*item)->kind == E_ALIAS ? &(*item)->arg[0] : item, false));
    }
    int64_t before = (*r)->input[0] ? (*r)->input[0]->out.n : 0;
    Scalars s = {o, &(*r)->input[0], (*r)->input[0], {0}};
    TRY(rel_exprs_walk(*r, join_value, &s));
    made_last(o, *r, before);
    return DONE;
}

Status rule_subqueries(Optimiser *o, Rel **r) { return each_rel(o, r, subquery_rel); }
