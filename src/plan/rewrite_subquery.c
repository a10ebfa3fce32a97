// rewrite_subquery.c -- subqueries become joins: IN and EXISTS among the conditions of WHERE semi
// and anti joins; a scalar one anywhere, and LATERAL, a join with the row that it is for each outer
// row.
#include "expr/agg.h"
#include "plan/optimise_in.h"

static Status unsupported(const Expr *e, const char *feature)
{
    Status s = RAISE(UNSUPPORTED_FEATURE, P("feature", str_z(feature)),
                     P("needs", S("a join says the same")));
    return e->at.line ? fail_at(s, e->at.line, e->at.column, e->at.text) : s;
}

static Status make(Optimiser *o, Expr **e, Str name, Expr *x, Expr *y)
{
    Expr *arg[2] = {x, y};
    return fn_make(e, o->a, o->ctx, name, arg, y ? 2 : 1);
}

// Equal, or for NOT IN: equal or unknown.
static Status in_condition(Optimiser *o, const Expr *sub, const Rel *plan, bool negated, Expr **on)
{
    *on = NULL;
    for (int32_t i = 0; i < sub->nargs; i++) {
        Expr *eq, *unknown;
        TRY(make(o, &eq, S("="), sub->arg[i], attr_expr(o->a, &plan->out.v[i], (Place){0})));
        if (negated) {
            TRY(make(o, &unknown, S("isnull"), expr_copy(o->a, eq), NULL));
            TRY(make(o, &eq, S("or"), eq, unknown));
        }
        *on = expr_and(o->a, *on, eq);
    }
    return DONE;
}

static Status join_with(Optimiser *o, Rel **input, const Expr *sub, bool negated)
{
    Rel *plan = sub->plan;
    Conjuncts on = {0};
    TRY(rule_subqueries(o, &plan));
    TRY(decorrelate(o, &plan, &on));
    outer_to_inner(&on);
    Rel *j = rel_new(o->a, REL_JOIN, sub->at, *input);
    j->input[1] = plan;
    j->join = negated ? JOIN_LEFT_ANTI : JOIN_LEFT_SEMI;
    j->out = attrs_copy(o->a, &(*input)->out);
    j->streaming = (*input)->streaming || plan->streaming;
    j->expr = NEW(o->a, Expr *, 1);
    TRY(in_condition(o, sub, plan, negated, &j->expr[0]));
    j->expr[0] = expr_and(o->a, j->expr[0], conjuncts_join(o->a, on.v, on.n));
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
    bool limit = r->kind == REL_LIMIT && r->expr[0]->value.i <= 1 && !correlated(r);
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
    for (int64_t i = 0; i < p->out.n; i++) p->expr[i] = attr_expr(o->a, &p->out.v[i], (Place){0});
    Expr *one = expr_literal(o->a, &type_boolean, &(Datum){.i = 1});
    Expr *alias = expr_alias(o->a, one, S("there"));
    alias->id = optimise_attr(o);
    alias->type = &type_boolean;
    alias->watermark_delay = WATERMARK_NONE;
    p->expr[p->out.n] = alias;
    *flag = (Attr){.id = alias->id, .field = field_of(S("there"), &type_boolean, true)};
    vec_push(o->a, &p->out, *flag);
    *plan = p;
}

// A left join with the rows that belong to each row of *input. value[i]: column i of the plan.
static Status join_rows(Optimiser *o, Rel **input, Rel *plan, Expr **value)
{
    int64_t n = plan->out.n;
    Conjuncts on = {0};
    bool apart = correlated(plan);
    Expr **empty = NEW(o->a, Expr *, n + 1);
    Attr flag;
    if (apart) TRY(empty_values(o, plan, empty));
    TRY(rule_subqueries(o, &plan));
    TRY(decorrelate(o, &plan, &on));
    outer_to_inner(&on);
    if (apart) add_flag(o, &plan, &flag);
    Rel *j = rel_new(o->a, REL_JOIN, plan->at, *input);
    j->input[1] = plan;
    j->join = JOIN_LEFT;
    j->streaming = (*input)->streaming || plan->streaming;
    j->expr = NEW(o->a, Expr *, 1);
    j->expr[0] = conjuncts_join(o->a, on.v, on.n);
    j->nexprs = on.n > 0;
    j->out = attrs_copy(o->a, &(*input)->out);
    for (int64_t i = 0; i < plan->out.n; i++) {
        Attr at = plan->out.v[i];
        at.field.nullable = true;
        vec_push(o->a, &j->out, at);
        if (i < n) value[i] = attr_expr(o->a, &at, (Place){0});
    }
    *input = j;
    for (int64_t i = 0; i < n && apart; i++) {
        Expr *arg[3] = {attr_expr(o->a, &flag, (Place){0}), value[i], empty[i]};
        bool null = empty[i]->kind == E_LITERAL && empty[i]->value.null;
        if (!null) TRY(fn_make(&value[i], o->a, o->ctx, S("if"), arg, 3));
    }
    return DONE;
}

typedef struct Scalars {
    Optimiser *o;
    Rel **input;
} Scalars;

static Status join_scalar(void *ctx, Expr **e)
{
    Scalars *s = ctx;
    Expr *sub = *e;
    if (sub->kind != E_SUBQUERY) return DONE;
    if (sub->sub != SUB_SCALAR)
        return unsupported(sub, "IN or EXISTS inside OR, CASE or a select list");
    Rel *plan = sub->plan;
    if (!one_row(plan))
        return unsupported(sub, "a scalar subquery that is no aggregate and has no LIMIT 1");
    Expr **value = NEW(s->o->a, Expr *, plan->out.n);
    TRY(join_rows(s->o, s->input, plan, value));
    *e = value[0];
    return DONE;
}

// JOIN LATERAL (a query that names the left): its conditions are the join's; an aggregate without
// groups has a row for every left row.
static Status join_lateral(Optimiser *o, Rel **r)
{
    Rel *j = *r, *plan = j->input[1];
    if (!one_row(plan)) {
        Conjuncts on = {0};
        TRY(decorrelate(o, &j->input[1], &on));
        outer_to_inner(&on);
        Expr *all = conjuncts_join(o->a, on.v, on.n), *own = j->nexprs ? j->expr[0] : NULL;
        j->expr = NEW(o->a, Expr *, 1);
        j->expr[0] = expr_and(o->a, all, own);
        j->nexprs = j->expr[0] != NULL;
        if (j->join == JOIN_CROSS) j->join = JOIN_INNER;
        return DONE;
    }
    bool always = !j->nexprs || (j->expr[0]->kind == E_LITERAL && j->expr[0]->value.i);
    if (!always) return unsupported(j->expr[0], "a condition on LATERAL");
    Rel *p = rel_new(o->a, REL_PROJECT, j->at, j->input[0]);
    Expr **value = NEW(o->a, Expr *, plan->out.n);
    int64_t left = j->input[0]->out.n, right = plan->out.n;
    Attrs out = j->out;
    TRY(join_rows(o, &p->input[0], plan, value));
    p->streaming = j->streaming;
    p->out = out;
    p->nexprs = (int32_t)(left + right);
    p->expr = NEW(o->a, Expr *, p->nexprs);
    for (int64_t i = 0; i < left; i++) p->expr[i] = attr_expr(o->a, &out.v[i], (Place){0});
    for (int64_t i = 0; i < right; i++) {
        p->expr[left + i] = expr_alias(o->a, value[i], out.v[left + i].field.name);
        p->expr[left + i]->id = out.v[left + i].id;
        p->expr[left + i]->type = value[i]->type;
        p->expr[left + i]->nullable = true;
        p->expr[left + i]->watermark_delay = WATERMARK_NONE;
    }
    *r = p;
    return DONE;
}

static bool negation(const Expr *e)
{
    return expr_is_fn(e, S("not")) && e->arg[0]->kind == E_SUBQUERY;
}

static Status filter_subqueries(Optimiser *o, Rel **r)
{
    Rel *f = *r;
    Conjuncts all = {0}, stay = {0};
    conjuncts_of(&all, o->a, f->expr[0]);
    for (int64_t i = 0; i < all.n; i++) {
        Expr *e = all.v[i];
        bool negated = negation(e);
        Expr *sub = negated ? e->arg[0] : e;
        bool joins = sub->kind == E_SUBQUERY && sub->sub != SUB_SCALAR;
        if (joins)
            TRY(join_with(o, &f->input[0], sub, negated != sub->negated));
        else
            vec_push(o->a, &stay, e);
    }
    *r = filter_above(o, f->input[0], &stay);
    return DONE;
}

static bool is_subquery(const Expr *e) { return e->kind == E_SUBQUERY; }

static bool has_subqueries(const Rel *r)
{
    for (int32_t i = 0; i < r->nexprs; i++)
        if (expr_any(r->expr[i], is_subquery)) return true;
    for (int32_t i = 0; i < r->ngroup; i++)
        if (expr_any(r->group[i], is_subquery)) return true;
    return false;
}

static Status subquery_rel(Optimiser *o, Rel **r)
{
    if ((*r)->kind == REL_JOIN && correlated((*r)->input[1])) return join_lateral(o, r);
    if (!has_subqueries(*r)) return DONE;
    if ((*r)->kind == REL_FILTER) TRY(filter_subqueries(o, r));
    if (!has_subqueries(*r)) return DONE;
    if ((*r)->kind == REL_JOIN) return unsupported((*r)->expr[0], "a subquery in a join condition");
    Scalars s = {o, &(*r)->input[0]};
    return rel_exprs_walk(*r, join_scalar, &s);
}

Status rule_subqueries(Optimiser *o, Rel **r) { return each_rel(o, r, subquery_rel); }
