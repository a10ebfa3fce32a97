// analyse_observe.c -- DataFrame.observe(): aggregates of the rows that pass, and what may not be
// one.
#include "expr/fn.h"
#include "plan/analyse_in.h"

static Status check_below(Str metric, const Expr *e, bool in_agg)
{
    if (e->kind == E_OVER)
        return RAISE(INVALID_OBSERVED_METRICS_WINDOW_EXPRESSIONS_UNSUPPORTED, P("expr", metric));
    if (e->kind == E_FN && e->fn->flags & FN_NONDETERMINISTIC && !in_agg)
        return RAISE(INVALID_OBSERVED_METRICS_NON_AGGREGATE_FUNC_ARG_IS_NON_DETERMINISTIC,
                     P("expr", metric));
    if (e->kind == E_AGG && in_agg)
        return RAISE(INVALID_OBSERVED_METRICS_NESTED_AGGREGATES_UNSUPPORTED, P("expr", metric));
    if (e->kind == E_AGG && e->distinct)
        return RAISE(INVALID_OBSERVED_METRICS_AGGREGATE_EXPRESSION_WITH_DISTINCT_UNSUPPORTED,
                     P("expr", metric));
    if (e->kind == E_AGG && e->filter)
        return RAISE(INVALID_OBSERVED_METRICS_AGGREGATE_EXPRESSION_WITH_FILTER_UNSUPPORTED,
                     P("expr", metric));
    if (e->kind == E_ATTR && !in_agg)
        return RAISE(INVALID_OBSERVED_METRICS_NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE,
                     P("expr", metric));
    if (e->kind == E_SUBQUERY) return unsupported(&e->at, "a subquery in an observed metric");
    for (int32_t i = 0; i < e->nargs; i++)
        TRY(check_below(metric, e->arg[i], in_agg || e->kind == E_AGG));
    return DONE;
}
// As Spark has it in messages: a column, or what it computes AS its name.
static Str metric_text(Arena *a, const Expr *item)
{
    const Expr *e = item->kind == E_ALIAS ? item->arg[0] : item;
    if (e->kind == E_ATTR) return quoted_expr(a, e);
    return str_fmt(a, "\"" STR_FMT " AS `" STR_FMT "`\"", STR_ARG(expr_sql_str(a, e)),
                   STR_ARG(expr_output_name(a, item)));
}
static Status check_metric(Analyser *an, const Expr *item)
{
    const Expr *e = item->kind == E_ALIAS ? item->arg[0] : item;
    return fail_at(check_below(metric_text(an->a, item), e, false), &e->at);
}
static Status resolve_metric(Names *n, Expr **item)
{
    Arena *a = n->an->a;
    Expr *written = expr_copy(a, *item);
    Status s = resolve_item(n, item);
    if (!s.code || failure()->cond != COND_NESTED_AGGREGATE_FUNCTION) return s;
    return RAISE(INVALID_OBSERVED_METRICS_NESTED_AGGREGATES_UNSUPPORTED,
                 P("expr", metric_text(a, written)));
}
Status analyse_observe(Analyser *an, Rel **r)
{
    Rel *o = *r;
    Attrs before = attrs_copy(an->a, &o->input[0]->out);
    Names n = {.an = an, .in = {&before}, .outer = an->outer};
    if (!o->name[0].n)
        return RAISE(INVALID_OBSERVED_METRICS_MISSING_NAME, P("operator", S("CollectMetrics")));
    TRY(expand_stars(&n, &o->expr, &o->nexprs));
    for (int32_t i = 0; i < o->nexprs; i++) TRY(resolve_metric(&n, &o->expr[i]));
    TRY(outputs_of(an, o));
    Field *made = NEW(an->a, Field, o->nexprs + 1);
    for (int32_t i = 0; i < o->nexprs; i++) {
        TRY(check_metric(an, o->expr[i]));
        made[i] = o->out.v[i].field;
    }
    o->schema = type_struct(an->a, made, o->nexprs);
    o->out = before;
    return DONE;
}
