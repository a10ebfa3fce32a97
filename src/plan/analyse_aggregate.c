// analyse_aggregate.c -- GROUP BY and aggregates: what GROUP BY 1 and GROUP BY alias mean, time
// windows, that every column is grouped or aggregated, HAVING, and columns that ORDER BY and HAVING
// want besides the select list.
#include "expr/agg.h"
#include "plan/analyse_in.h"

static bool is_agg_call(const Expr *e)
{
    return e->kind == E_AGG || (e->kind == E_CALL && agg_find(e->name));
}

static Status group_ordinal(Analyser *an, Rel *agg, Expr **g)
{
    int64_t at = (*g)->value.i;
    if (at < 1 || at > agg->nexprs)
        return fail_at(RAISE(GROUP_BY_POS_OUT_OF_RANGE,
                             P("index", str_fmt(an->a, "%lld", (long long)at)),
                             P("size", str_fmt(an->a, "%d", agg->nexprs))),
                       &(*g)->at);
    Expr *item = agg->expr[at - 1];
    if (expr_any(item, is_agg_call))
        return fail_at(RAISE(GROUP_BY_POS_AGGREGATE,
                             P("index", str_fmt(an->a, "%lld", (long long)at)),
                             P("aggExpr", expr_sql_str(an->a, item))),
                       &(*g)->at);
    *g = expr_copy_whole(an->a, item->kind == E_ALIAS ? item->arg[0] : item);
    return DONE;
}

static Status group_alias(Names *n, Rel *agg, Expr **g)
{
    Expr *found, *name = *g;
    TRY(names_find(n, name, &found));
    if (found && found->kind != E_FN && !is_variable(found)) return DONE;
    for (int32_t i = 0; i < agg->nexprs && name->nparts == 1; i++) {
        Expr *item = agg->expr[i];
        if (item->kind != E_ALIAS || !an_names_eq(n->an, item->name, name->part[0])) continue;
        *g = expr_copy_whole(n->an->a, item->arg[0]);
        return DONE;
    }
    return DONE;
}

// GROUP BY ALL: the select items without aggregates.
static Status group_by_all(Names *n, Rel *agg, bool *is)
{
    if (agg->ngroup != 1 || agg->group_kind != GROUP_BY) return DONE;
    const Expr *all = agg->group[0];
    if (all->kind != E_NAME || all->nparts != 1 || !str_ieq(all->part[0], S("all"))) return DONE;
    Expr *found;
    TRY(names_find(n, all, &found));
    if (found && !is_variable(found)) return DONE;
    VEC(Expr *) group = {0};
    for (int32_t i = 0; i < agg->nexprs; i++) {
        Expr *item = agg->expr[i];
        if (expr_any(item, is_agg_call)) continue;
        vec_push(n->an->a, &group,
                 expr_copy_whole(n->an->a, item->kind == E_ALIAS ? item->arg[0] : item));
    }
    agg->group = group.v;
    agg->ngroup = (int32_t)group.n;
    *is = true;
    return DONE;
}

static Status group_items(Names *n, Rel *agg)
{
    Analyser *an = n->an;
    bool all = false;
    TRY(group_by_all(n, agg, &all));
    if (all) return DONE; // a number is no position here
    for (int32_t i = 0; i < agg->ngroup; i++) {
        Expr **g = &agg->group[i];
        if ((*g)->kind == E_ALIAS) *g = (*g)->arg[0];
        bool ordinal = (*g)->kind == E_LITERAL && !(*g)->value.null && (*g)->type->id == T_INT;
        if (ordinal && conf_bool(an->s, S("spark.sql.groupByOrdinal")))
            TRY(group_ordinal(an, agg, g));
        bool alias = (*g)->kind == E_NAME && conf_bool(an->s, S("spark.sql.groupByAliases"));
        if (alias) TRY(group_alias(n, agg, g));
    }
    return DONE;
}

static Status check_groups(Analyser *an, const Rel *agg)
{
    for (int32_t i = 0; i < agg->ngroup; i++) {
        const Expr *g = agg->group[i];
        TRY(no_windows(an, g, &agg->at));
        if (has_agg(g))
            return fail_at(RAISE(GROUP_BY_AGGREGATE, P("sqlExpr", expr_sql_str(an->a, g))), &g->at);
        if (!type_is_orderable(g->type) && g->type->id != T_MAP)
            return fail_at(RAISE(GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE,
                                 P("sqlExpr", quoted_expr(an->a, g)),
                                 P("dataType", type_sql_str(an->a, g->type))),
                           &g->at);
    }
    return DONE;
}

static bool commutes(const Expr *e)
{
    static const Str sign[] = {STR_INIT("+"),   STR_INIT("*"),   STR_INIT("="),
                               STR_INIT("<=>"), STR_INIT("and"), STR_INIT("or"),
                               STR_INIT("&"),   STR_INIT("|"),   STR_INIT("^")};
    for (int64_t i = 0; i < COUNT(sign) && e->nargs == 2; i++)
        if (str_eq(e->fn->name, sign[i])) return true;
    return false;
}

// The same whatever the order of what commutes: 1 + a and a + 1.
static bool same_value(const Expr *x, const Expr *y)
{
    if (expr_eq(x, y)) return true;
    bool both = x->kind == E_FN && y->kind == E_FN && x->fn == y->fn && x->nargs == y->nargs;
    if (!both) return false;
    bool straight = true;
    for (int32_t i = 0; i < x->nargs; i++) straight = straight && same_value(x->arg[i], y->arg[i]);
    return straight ||
           (commutes(x) && same_value(x->arg[0], y->arg[1]) && same_value(x->arg[1], y->arg[0]));
}

static int32_t group_index(const Rel *agg, const Expr *e)
{
    for (int32_t i = 0; i < agg->ngroup; i++)
        if (same_value(agg->group[i], e)) return i;
    return -1;
}

static Status not_grouped(Analyser *an, const Rel *agg, const Expr *e)
{
    if (!agg->ngroup) return fail_at(RAISE(MISSING_GROUP_BY), &agg->at);
    return fail_at(RAISE(MISSING_AGGREGATION, P("expression", quoted_expr(an->a, e)),
                         P("expressionAnyValue", str_fmt(an->a, "\"any_value(" STR_FMT ")\"",
                                                         STR_ARG(expr_sql_str(an->a, e))))),
                   &e->at);
}

Status check_grouped(Analyser *an, const Rel *agg, const Expr *e)
{
    if (e->kind == E_AGG || group_index(agg, e) >= 0 || e->outer) return DONE;
    if (e->kind == E_ATTR) return not_grouped(an, agg, e);
    if (e->kind == E_CALL)
        return fail_at(RAISE(UNSUPPORTED_GROUPING_EXPRESSION),
                       &e->at); // grouping() without sets
    for (int32_t i = 0; i < e->nargs; i++) TRY(check_grouped(an, agg, e->arg[i]));
    return DONE;
}

// A column of the aggregate that is `e`: one that is there, or one more.
static Status agg_column(Analyser *an, Rel *agg, Expr **e)
{
    int32_t group = (*e)->kind == E_AGG ? -1 : group_index(agg, *e);
    if (group >= 0) *e = agg->group[group];
    for (int32_t i = 0; i < agg->nexprs; i++)
        if (expr_eq(agg->expr[i], *e)) {
            *e = attr_expr(an->a, &agg->out.v[i], (*e)->at);
            return DONE;
        }
    Attr attr;
    Expr *item = expr_copy(an->a, *e);
    TRY(attr_of(an, &attr, &item));
    VEC(Expr *) all = {agg->expr, agg->nexprs, agg->nexprs};
    vec_push(an->a, &all, item);
    agg->expr = all.v;
    agg->nexprs = (int32_t)all.n;
    vec_push(an->a, &agg->out, attr);
    *e = attr_expr(an->a, &attr, (*e)->at);
    return DONE;
}

// HAVING sum(s), where s is an aggregate of the select list itself.
static Status check_below(const Rel *agg, const Expr *e)
{
    bool above = e->kind == E_ATTR && !e->outer && !attrs_find(&agg->input[0]->out, e->id);
    if (above) return fail_at(RAISE(NESTED_AGGREGATE_FUNCTION), &e->at);
    for (int32_t i = 0; i < e->nargs; i++) TRY(check_below(agg, e->arg[i]));
    return e->filter ? check_below(agg, e->filter) : DONE;
}

// In the clauses above, what is not grouped is no column at all.
static Status not_here(Analyser *an, const Rel *agg, const Expr *e)
{
    Str part[2] = {str_cut(e->at.text, '.').head, e->name};
    bool qualified = str_eq(str_cut(e->at.text, '.').tail, e->name);
    Expr name = {.kind = E_NAME, .part = part + !qualified, .nparts = 1 + qualified, .at = e->at};
    return an->above ? names_unresolved(an->above, &name) : not_grouped(an, agg, e);
}

static Status push_list(Analyser *an, Rel *agg, Expr **e, int32_t n)
{
    for (int32_t i = 0; i < n; i++) TRY(push_into_aggregate(an, agg, &e[i]));
    return DONE;
}

typedef struct Grouped {
    Analyser *an;
    Rel *agg;
} Grouped;

// A column of the aggregate's input that a subquery above the aggregate names.
static Status push_outer(void *ctx, Expr **e)
{
    const Grouped *g = ctx;
    Expr *x = *e;
    bool own = x->kind == E_ATTR && x->outer && attrs_find(&g->agg->input[0]->out, x->id);
    if (!own || attrs_find(&g->agg->out, x->id)) return DONE;
    Expr *column = expr_copy(g->an->a, x);
    column->outer = false;
    TRY(push_grouping(g->an, g->agg, &column));
    TRY(push_into_aggregate(g->an, g->agg, &column));
    x->id = column->id;
    return DONE;
}

static Status push_outers(Analyser *an, Rel *agg, Rel *plan)
{
    Grouped g = {an, agg};
    for (int32_t i = 0; i < plan->nexprs; i++) TRY(expr_walk(&plan->expr[i], push_outer, &g));
    for (int32_t i = 0; i < plan->ngroup; i++) TRY(expr_walk(&plan->group[i], push_outer, &g));
    for (int32_t i = 0; i < 2; i++)
        if (plan->input[i]) TRY(push_outers(an, agg, plan->input[i]));
    return DONE;
}

Status push_into_aggregate(Analyser *an, Rel *agg, Expr **e)
{
    Expr *x = *e;
    if (x->kind == E_ATTR && (x->outer || attrs_find(&agg->out, x->id))) return DONE;
    if (x->kind == E_AGG) TRY(check_below(agg, x));
    if (x->kind == E_AGG || group_index(agg, x) >= 0) return agg_column(an, agg, e);
    if (x->kind == E_ATTR) return not_here(an, agg, x);
    if (x->kind == E_CALL && !agg->nvalues) return no_calls(x);
    if (x->kind == E_OVER) {
        TRY(push_list(an, agg, x->over->partition, x->over->npartition));
        TRY(push_list(an, agg, x->over->order, x->over->norder));
        return push_list(an, agg, x->arg[0]->arg, x->arg[0]->nargs);
    }
    if (x->kind == E_SUBQUERY) TRY(push_outers(an, agg, x->plan));
    return push_list(an, agg, x->arg, x->nargs);
}

static bool over_groups(const Expr *e) { return e->kind == E_OVER || e->kind == E_SUBQUERY; }

// Window functions and subqueries run over the groups: they move into a projection above.
static Status split_overs(Analyser *an, Rel **r)
{
    Rel *agg = *r;
    bool any = false;
    for (int32_t i = 0; i < agg->nexprs; i++) any |= expr_any(agg->expr[i], over_groups);
    if (!any) return DONE;
    Rel *top = rel_above(an, REL_PROJECT, agg);
    top->of_groups = true;
    top->at = agg->at;
    top->expr = agg->expr;
    top->nexprs = agg->nexprs;
    agg->expr = NULL;
    agg->nexprs = 0;
    agg->out = (Attrs){0};
    for (int32_t i = 0; i < top->nexprs; i++) {
        Expr **item = &top->expr[i];
        bool plain = (*item)->kind == E_ATTR;
        TRY(push_into_aggregate(an, agg, plain ? item : &(*item)->arg[0]));
    }
    TRY(take_overs(an, top));
    TRY(outputs_of(an, top));
    *r = top;
    return DONE;
}

// What is a grouping expression but for the order of its parts is written as that.
static void as_grouped(Analyser *an, const Rel *agg, Expr **e)
{
    int32_t i = (*e)->kind == E_FN ? group_index(agg, *e) : -1;
    if (i >= 0) {
        if (!expr_eq(agg->group[i], *e)) *e = expr_copy(an->a, agg->group[i]);
        return;
    }
    for (int32_t k = 0; k < (*e)->nargs && (*e)->kind != E_AGG; k++)
        as_grouped(an, agg, &(*e)->arg[k]);
}

static Status resolve_items(Names *n, Rel *agg)
{
    for (int32_t i = 0; i < agg->nexprs; i++) {
        n->item = agg->expr;
        n->nitems = i;
        TRY(resolve_item(n, &agg->expr[i]));
        if (agg->expr[i]->kind == E_ALIAS) as_grouped(n->an, agg, &agg->expr[i]->arg[0]);
    }
    return DONE;
}

static Expr *generator_in(Expr *item)
{
    Expr *call = item->kind == E_ALIAS ? item->arg[0] : item;
    return is_generator(call) && call->nargs == 1 ? call : NULL;
}

static bool makes_rows(const Rel *agg)
{
    for (int32_t i = 0; i < agg->nexprs; i++)
        if (generator_in(agg->expr[i])) return true;
    return false;
}

// SELECT explode(collect_list(k)): the groups first, then rows from what they hold.
static Status generate_above(Analyser *an, Rel **r)
{
    Rel *agg = *r, *top = rel_new(an->a, REL_PROJECT, agg->at, agg);
    top->streaming = agg->streaming;
    top->nexprs = agg->nexprs;
    top->expr = NEW(an->a, Expr *, top->nexprs);
    for (int32_t i = 0; i < top->nexprs; i++) {
        Expr *call = generator_in(agg->expr[i]);
        if (!call) continue;
        top->expr[i] = agg->expr[i];
        agg->expr[i] = expr_alias(an->a, call->arg[0], str_fmt(an->a, "_gen_input_%d", i));
    }
    TRY(analyse_aggregate(an, &top->input[0]));
    for (int32_t i = 0; i < top->nexprs; i++) {
        Expr *column = attr_expr(an->a, &top->input[0]->out.v[i], agg->at);
        if (top->expr[i])
            generator_in(top->expr[i])->arg[0] = column;
        else
            top->expr[i] = column;
    }
    *r = top;
    return analyse_project(an, r);
}

Status analyse_aggregate(Analyser *an, Rel **r)
{
    Rel *agg = *r;
    if (agg->group_kind == GROUP_PIVOT) return analyse_grouped_pivot(an, r);
    Attrs made = {0}, before = attrs_copy(an->a, &agg->input[0]->out);
    Names n = {.an = an, .in = {&before}, .outer = an->outer};
    TRY(expand_stars(&n, &agg->expr, &agg->nexprs));
    if (makes_rows(agg)) return generate_above(an, r);
    TRY(group_items(&n, agg));
    TRY(take_time_windows(&n, agg, &made));
    n.made = &made;
    TRY(resolve_all(&n, agg->group, agg->ngroup));
    TRY(check_groups(an, agg));
    TRY(resolve_items(&n, agg));
    TRY(expand_grouping(an, agg));
    TRY(split_overs(an, r));
    if (*r != agg) return DONE;
    for (int32_t i = 0; i < agg->nexprs; i++) {
        const Expr *item = agg->expr[i];
        TRY(check_grouped(an, agg, item->kind == E_ALIAS ? item->arg[0] : item));
    }
    return outputs_of(an, agg);
}

Status analyse_having(Analyser *an, Rel **r)
{
    Rel *having = *r, **slot = &having->input[0];
    Attrs shown = attrs_copy(an->a, &having->input[0]->out);
    while ((*slot)->kind == REL_PROJECT || (*slot)->kind == REL_WINDOW ||
           (*slot)->kind == REL_GENERATE)
        slot = &(*slot)->input[0];
    Rel *agg = *slot, *top = having->input[0];
    must(agg->kind == REL_AGGREGATE);
    Names n = {.an = an, .in = {&shown}, .last = &agg->input[0]->out, .last_in_agg = true};
    n.outer = an->outer;
    n.grouped = agg;
    TRY(resolve(&n, &having->expr[0]));
    if (having->expr[0]->type->id != T_BOOLEAN) {
        having->expr[0] = expr_cast(an->a, having->expr[0], &type_boolean, CAST_SQL);
        having->expr[0]->at = having->expr[0]->arg[0]->at;
        TRY(fail_at(cast_resolve(an->a, having->expr[0], an->ctx), &having->at));
    }
    an->above = &n;
    TRY(push_grouping(an, agg, &having->expr[0]));
    TRY(push_into_aggregate(an, agg, &having->expr[0]));
    an->above = NULL;
    having->input[0] = agg;
    having->out = attrs_copy(an->a, &agg->out);
    *r = having;
    if (agg != top) { // below the window functions
        *slot = having;
        *r = top;
    } else if (agg->out.n > shown.n) {
        *r = project_attrs(an, having, &shown);
    }
    return DONE;
}
