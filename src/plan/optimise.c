// optimise.c -- the rules in their order, and the two small ones: aliases go, constants are folded.
#include "expr/prog.h"
#include "plan/optimise_in.h"

Status each_rel(Optimiser *o, Rel **r, Status (*fn)(Optimiser *o, Rel **r))
{
    for (int32_t i = 0; i < 2; i++)
        if ((*r)->input[i]) TRY(each_rel(o, &(*r)->input[i], fn));
    return fn(o, r);
}

static Status walk_list(Expr **e, int32_t n, ExprFn fn, void *ctx)
{
    for (int32_t i = 0; i < n; i++) TRY(expr_walk(&e[i], fn, ctx));
    return DONE;
}

Status rel_exprs_walk(Rel *r, ExprFn fn, void *ctx)
{
    TRY(walk_list(r->expr, r->nexprs, fn, ctx));
    TRY(walk_list(r->group, r->ngroup, fn, ctx));
    for (int32_t i = 0; i < r->nprojections; i++)
        TRY(walk_list(r->projection[i], (int32_t)r->out.n, fn, ctx));
    return DONE;
}

typedef struct Substitution {
    Arena *a;
    const Rel *below;
} Substitution;

static Status substitute_node(void *ctx, Expr **e)
{
    const Substitution *s = ctx;
    if ((*e)->kind != E_ATTR) return DONE;
    for (int32_t i = 0; i < s->below->nexprs; i++) {
        const Expr *item = s->below->expr[i];
        if (item->kind != E_ALIAS || item->id != (*e)->id) continue;
        *e = expr_copy(s->a, item->arg[0]);
        return DONE;
    }
    return DONE;
}

void substitute(Arena *a, Expr **e, const Rel *below)
{
    Substitution s = {a, below};
    Status done = expr_walk(e, substitute_node, &s);
    must(done.code == OK);
}

bool exprs_deterministic(const Rel *project)
{
    for (int32_t i = 0; i < project->nexprs; i++)
        if (!expr_deterministic(project->expr[i])) return false;
    return true;
}

bool expr_cheap(const Expr *e)
{
    while (e->kind == E_FIELD || e->kind == E_CAST || e->kind == E_ALIAS) e = e->arg[0];
    return e->kind == E_ATTR || e->kind == E_LITERAL;
}

int64_t expr_size(const Expr *e)
{
    int64_t n = 1;
    for (int32_t i = 0; i < e->nargs; i++) n += expr_size(e->arg[i]);
    return n;
}

Rel *filter_above(Optimiser *o, Rel *input, const Conjuncts *e)
{
    if (!e->n) return input;
    Rel *f = rel_new(o->a, REL_FILTER, e->v[0]->at, input);
    f->expr = NEW(o->a, Expr *, 1);
    f->expr[0] = conjuncts_join(o->a, e->v, e->n);
    f->nexprs = 1;
    f->out = attrs_copy(o->a, &input->out);
    f->streaming = input->streaming;
    return f;
}

int32_t optimise_attr(Optimiser *o) { return o->s->next_attr++; }

static Status strip_alias(Optimiser *o, Rel **r)
{
    (void)o;
    while (*r && (*r)->kind == REL_SUBQUERY_ALIAS) *r = (*r)->input[0];
    return DONE;
}

static Status rule_aliases(Optimiser *o, Rel **r) { return each_rel(o, r, strip_alias); }

static Status fold(Optimiser *o, Expr **e, bool sure);

// The first condition is always evaluated; what it chooses among is not.
static bool always_evaluated(const Expr *e, int32_t arg)
{
    bool chooses = e->kind == E_FN && (e->fn->lazy == LAZY_WHEN || e->fn->lazy == LAZY_COALESCE);
    return !chooses || arg == 0;
}

static Status fold_list(Optimiser *o, Expr **e, int32_t n, bool sure)
{
    for (int32_t i = 0; i < n; i++) TRY(fold(o, &e[i], sure));
    return DONE;
}

// A constant that fails does so now, as in Spark, unless a row may never come to it.
static Status fold(Optimiser *o, Expr **e, bool sure)
{
    Expr *x = *e;
    for (int32_t i = 0; i < x->nargs; i++) {
        while (x->kind != E_ALIAS && x->arg[i]->kind == E_ALIAS) x->arg[i] = x->arg[i]->arg[0];
        TRY(fold(o, &x->arg[i], sure && always_evaluated(x, i)));
    }
    TRY(fold_list(o, x->order, x->norder, sure));
    if (x->filter) TRY(fold(o, &x->filter, sure));
    bool computes = x->kind == E_FN || x->kind == E_CAST || x->kind == E_FIELD;
    if (!computes || !expr_foldable(x) || x->type->nfields) return DONE;
    Datum v;
    Status s = expr_fold(o->a, x, o->ctx, &v);
    if (s.code) return sure ? fail_at(s, &x->at) : DONE;
    Expr *value = expr_literal(o->a, x->type, &v);
    value->at = x->at;
    *e = value;
    return DONE;
}

static bool is_literal(const Expr *e, bool v)
{
    return e->kind == E_LITERAL && e->type->id == T_BOOLEAN && !e->value.null && e->value.i == v;
}

// true AND x is x, false AND x is false; OR the other way round.
static Status simplify_node(void *ctx, Expr **e)
{
    (void)ctx;
    bool both = expr_is_fn(*e, S("and")), either = expr_is_fn(*e, S("or"));
    if (!both && !either) return DONE;
    Expr *x = (*e)->arg[0], *y = (*e)->arg[1];
    if (is_literal(x, either) || is_literal(y, either))
        *e = is_literal(x, either) ? x : y;
    else if (is_literal(x, both))
        *e = y;
    else if (is_literal(y, both))
        *e = x;
    return DONE;
}

// named_struct('a', x, 'b', y).b is y.
static Status field_node(void *ctx, Expr **e)
{
    (void)ctx;
    if ((*e)->kind != E_FIELD) return DONE;
    const Expr *s = (*e)->arg[0];
    int32_t id = (*e)->id;
    if (expr_is_fn(s, S("named_struct")) && s->nargs > 2 * id + 1)
        *e = s->arg[2 * id + 1];
    else if (expr_is_fn(s, S("struct")) && s->nargs > id)
        *e = s->arg[id];
    return DONE;
}

static Status fold_rel(Optimiser *o, Rel **r)
{
    TRY(rel_exprs_walk(*r, field_node, o));
    TRY(fold_list(o, (*r)->expr, (*r)->nexprs, true));
    TRY(fold_list(o, (*r)->group, (*r)->ngroup, true));
    TRY(rel_exprs_walk(*r, simplify_node, o));
    bool always = (*r)->kind == REL_FILTER && is_literal((*r)->expr[0], true);
    if (always) *r = (*r)->input[0];
    return DONE;
}

Status rule_fold(Optimiser *o, Rel **r) { return each_rel(o, r, fold_rel); }

// LIMIT of a projection: the projection of fewer rows, and the LIMIT meets an ORDER BY below.
static Status sink_limit(Optimiser *o, Rel **r)
{
    Rel *limit = *r, *p = limit->input[0];
    bool first = limit->kind == REL_LIMIT || limit->kind == REL_OFFSET;
    if (!first || !p || p->kind != REL_PROJECT) return DONE;
    limit->input[0] = p->input[0];
    limit->out = attrs_copy(o->a, &p->input[0]->out);
    p->input[0] = limit;
    *r = p;
    return sink_limit(o, &p->input[0]);
}

static Status rule_limits(Optimiser *o, Rel **r) { return each_rel(o, r, sink_limit); }

static bool empty(const Rel *r)
{
    for (; r && r->kind == REL_PROJECT; r = r->input[0])
        ;
    return r && r->kind == REL_FILTER && is_literal(r->expr[0], false);
}
// With spark.sql.crossJoin.enabled = false only CROSS JOIN pairs all rows: another join's condition
// has to name both of its sides.
static bool pairs_all(Optimiser *o, const Rel *j)
{
    bool keeps = j->join == JOIN_LEFT || j->join == JOIN_RIGHT || j->join == JOIN_FULL;
    if (j->kind != REL_JOIN || j->made || (j->join != JOIN_INNER && !keeps)) return false;
    Conjuncts on = {0};
    if (j->nexprs) conjuncts_of(&on, o->a, j->expr[0]);
    for (int64_t i = 0; i < on.n; i++)
        if (is_literal(on.v[i], false) ||
            (!only_from(on.v[i], &j->input[0]->out) && !only_from(on.v[i], &j->input[1]->out)))
            return false;
    return !empty(j->input[0]) && !empty(j->input[1]);
}
static Status refuse_product(Optimiser *o, Rel **r)
{
    if (!pairs_all(o, *r)) return DONE;
    static const Str kind[] = {[JOIN_INNER] = STR_INIT("INNER"),
                               [JOIN_LEFT] = STR_INIT("LEFT OUTER"),
                               [JOIN_RIGHT] = STR_INIT("RIGHT OUTER"),
                               [JOIN_FULL] = STR_INIT("FULL OUTER")};
    Buf side[2] = {buf_new(o->a), buf_new(o->a)};
    for (int32_t i = 0; i < 2; i++) rel_print(&side[i], (*r)->input[i]);
    Status s = RAISE(IMPLICIT_PRODUCT, P("joinType", kind[(*r)->join]),
                     P("leftPlan", buf_str(&side[0])), P("rightPlan", buf_str(&side[1])));
    return fail_at(s, &(*r)->at);
}
Status rule_products(Optimiser *o, Rel **r)
{
    if (conf_bool(o->s, S("spark.sql.crossJoin.enabled"))) return DONE;
    return each_rel(o, r, refuse_product);
}

static Status (*const rules[])(Optimiser *o, Rel **r) = {
    rule_subqueries, rule_aliases, rule_set_ops,  rule_distinct, rule_fold,     rule_filters,
    rule_products,   rule_semi,    rule_collapse, rule_structs,  rule_collapse, rule_fold,
    rule_limits,     rule_prune,   rule_json,     rule_scans,    rule_panes,    rule_users,
};

Status optimise(Session *s, Arena *a, Rel **rel)
{
    Optimiser o = {s, a, &s->eval};
    for (int64_t i = 0; i < COUNT(rules); i++) TRY(rules[i](&o, rel));
    return DONE;
}
