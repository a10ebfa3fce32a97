// analyse_expr.c -- an expression, arguments first: names become columns, calls functions, texts of
// typed literals values. The function that takes a lambda says of which types its variables are.
#include "base/civil.h"
#include "expr/agg.h"
#include "expr/prog.h"
#include "expr/user_fn.h"
#include "plan/analyse_in.h"

Str quoted_expr(Arena *a, const Expr *e)
{
    return str_fmt(a, "\"" STR_FMT "\"", STR_ARG(expr_sql_str(a, e)));
}

Str quoted_type_of(Arena *a, const Type *t)
{
    return str_fmt(a, "\"" STR_FMT "\"", STR_ARG(type_sql_str(a, t)));
}

Status need_boolean(Analyser *an, const Expr *e, const Rel *filter)
{
    if (e->type->id == T_BOOLEAN) return DONE;
    return fail_at(RAISE(DATATYPE_MISMATCH_FILTER_NOT_BOOLEAN, P("sqlExpr", quoted_expr(an->a, e)),
                         P("filter", quoted_expr(an->a, e)),
                         P("type", quoted_type_of(an->a, e->type))),
                   &filter->at);
}

static Status resolve_name(Names *n, Expr **e)
{
    Expr *found;
    TRY(names_find(n, *e, &found));
    bool hive = (*e)->nparts == 1 && str_ieq((*e)->part[0], S("grouping__id"));
    if (!found && hive) { // Hive's name for grouping_id()
        Origin at = (*e)->at;
        Expr *call = expr_call(n->an->a, S("grouping_id"), 0);
        call->at = at;
        TRY(resolve(n, &call));
        *e = expr_alias(n->an->a, call, S("grouping__id"));
        (*e)->outer = true; // stands for its name
        (*e)->at = at;
        (*e)->type = call->type;
        (*e)->nullable = call->nullable;
        return DONE;
    }
    if (!found) return names_unresolved(n, *e);
    *e = found;
    return DONE;
}

// How the literal is printed: the pretty text knows no zone.
static Str timestamp_sql(Arena *a, Micros t, const EvalCtx *ctx)
{
    Buf b = buf_new(a);
    Column c = column_of_datum(a, &type_timestamp, &(Datum){.i = t}, 1);
    TextForm form = eval_text_form(ctx);
    buf_put(&b, S("TIMESTAMP '"));
    value_text(&b, &c, 0, &form);
    buf_char(&b, '\'');
    return buf_str(&b);
}

// DATE'today', TIMESTAMP'now' and their kin, as of the batch.
static bool special_time(Arena *a, const Expr *cast, const EvalCtx *ctx, Datum *v)
{
    static const struct {
        Str word;
        int32_t days;
    } rows[] = {{STR_INIT("yesterday"), -1}, {STR_INIT("today"), 0}, {STR_INIT("tomorrow"), 1}};
    TypeId id = cast->type->id;
    const Zone *zone = ctx->zone;
    Cut cut = str_cut(str_trim(cast->arg[0]->value.s), ' ');
    Str word = cut.head, named = str_trim(cut.tail); // TIMESTAMP'today UTC'
    if (named.n && (id != T_TIMESTAMP || zone_open(&zone, a, named).code)) return false;
    Micros now = ctx->batch_time, local = now + zone_offset(zone, now);
    int64_t day = floor_div(local, MICROS_PER_DAY);
    bool epoch = str_ieq(word, S("epoch")), is_now = str_ieq(word, S("now")), found = epoch;
    if (id != T_DATE && id != T_TIMESTAMP && id != T_TIMESTAMP_NTZ) return false;
    for (int64_t i = 0; i < COUNT(rows); i++) {
        if (!str_ieq(word, rows[i].word)) continue;
        day += rows[i].days;
        found = true;
    }
    if (epoch) day = 0;
    if (!found && !is_now) return false;
    local = is_now ? local : day * MICROS_PER_DAY;
    *v = (Datum){.i = id == T_DATE ? day : local};
    if (id == T_TIMESTAMP) v->i = is_now ? now : epoch ? 0 : zone_to_utc(zone, local);
    return true;
}

// DATE'2024-01-31' is read now, in the session's zone.
static Status resolve_typed_literal(Names *n, Expr **e)
{
    Expr *cast = *e;
    Datum v;
    Status s = cast_resolve(n->an->a, cast, n->an->ctx);
    if (!s.code && !special_time(n->an->a, cast, n->an->ctx, &v))
        s = expr_fold(n->an->a, cast, n->an->ctx, &v);
    if (s.code || v.null)
        return fail_at(
            RAISE(INVALID_TYPED_LITERAL,
                  P("valueType", str_fmt(n->an->a, "\"" STR_FMT "\"", STR_ARG(cast->name))),
                  P("value", str_fmt(n->an->a, "'" STR_FMT "'", STR_ARG(cast->arg[0]->value.s)))),
            &cast->at);
    *e = expr_literal(n->an->a, cast->type, &v);
    (*e)->at = cast->at;
    if (cast->type->id == T_TIMESTAMP) (*e)->name = timestamp_sql(n->an->a, v.i, n->an->ctx);
    return DONE;
}

static Status resolve_cast(Names *n, Expr **e)
{
    if ((*e)->name.n) return resolve_typed_literal(n, e);
    TRY(resolve(n, &(*e)->arg[0]));
    return fail_at(cast_resolve(n->an->a, *e, n->an->ctx), &(*e)->at);
}

static Status resolve_lambda(Names *n, const Expr *call, int32_t arg)
{
    Expr *lambda = call->arg[arg];
    TRY(fail_at(fn_check_count(n->an->a, call), &call->at));
    Field *var = NEW(n->an->a, Field, lambda->nparts);
    Status bad = fn_lambda_vars(n->an->a, call, arg, lambda->nparts, n->an->ctx, var);
    bool count = bad.code && failure()->cond == COND_LAMBDA_NUM_ARGS_MISMATCH;
    TRY(fail_at(bad, count ? &lambda->at : &call->at));
    Lambda scope = {lambda, var, n->lambda};
    lambda->id = n->an->s->next_attr;
    n->an->s->next_attr += lambda->nparts;
    Names inside = *n;
    inside.lambda = &scope;
    TRY(resolve(&inside, &lambda->arg[0]));
    lambda->type = lambda->arg[0]->type;
    lambda->nullable = lambda->arg[0]->nullable;
    return DONE;
}

Status resolve_arguments(Names *n, Expr *call)
{
    bool counts = call->nargs == 1 && call->arg[0]->kind == E_STAR && !call->arg[0]->nparts &&
                  !call->distinct && str_eq(call->name, S("count"));
    bool star = call->nargs == 1 && call->arg[0]->kind == E_STAR && call->arg[0]->nparts;
    if (star && !call->distinct && str_eq(call->name, S("count")))
        return fail_at(RAISE(COUNT_OF_STAR, P("targetString", list_of(n->an->a, call->arg[0]->part,
                                                                      call->arg[0]->nparts))),
                       &call->arg[0]->at);
    if (!counts) TRY(expand_stars(n, &call->arg, &call->nargs));
    for (int32_t i = 0; i < call->nargs && !counts; i++) {
        if (call->arg[i]->kind == E_LAMBDA)
            TRY(resolve_lambda(n, call, i));
        else
            TRY(resolve(n, &call->arg[i]));
    }
    TRY(resolve_all(n, call->order, call->norder));
    return call->filter ? resolve(n, &call->filter) : DONE;
}

static bool is_chance(const Expr *e) // what differs from call to call; errors do not
{
    if (e->kind == E_USER) return !e->user->deterministic;
    return e->kind == E_FN && e->fn->flags & FN_NONDETERMINISTIC && !(e->fn->flags & FN_RAISES);
}

static Status check_agg_filter(Names *n, const Expr *agg)
{
    const Expr *f = agg->filter;
    if (!f || agg->kind != E_AGG) return DONE;
    if (f->type->id != T_BOOLEAN)
        return fail_at(
            RAISE(AGGREGATE_FILTER_NOT_BOOLEAN, P("filterExpr", quoted_expr(n->an->a, f))),
            &agg->at);
    if (expr_any(f, is_chance))
        return fail_at(
            RAISE(AGGREGATE_FILTER_NON_DETERMINISTIC, P("filterExpr", quoted_expr(n->an->a, f))),
            &agg->at);
    const Expr *over = over_in(f);
    if (over)
        return fail_at(RAISE(AGGREGATE_FILTER_CONTAINS_WINDOW,
                             P("filterExpr", quoted_expr(n->an->a, f)),
                             P("windowExpr", quoted_expr(n->an->a, over))),
                       &agg->at);
    if (!has_agg(f)) return DONE;
    return fail_at(RAISE(AGGREGATE_FILTER_CONTAINS_AGGREGATE,
                         P("filterExpr", quoted_expr(n->an->a, f)),
                         P("aggExpr", quoted_expr(n->an->a, f))),
                   &agg->at);
}

static Status check_nested(Names *n, const Expr *agg)
{
    for (int32_t i = 0; i < agg->nargs && agg->kind == E_AGG; i++) {
        const Expr *arg = agg->arg[i];
        if (over_in(arg)) return fail_at(RAISE(WINDOW_IN_AGGREGATE), &arg->at);
        if (has_agg(arg)) return fail_at(RAISE(NESTED_AGGREGATE_FUNCTION), &arg->at);
        if (expr_any(arg, is_chance))
            return fail_at(RAISE(AGGREGATE_FUNCTION_WITH_NONDETERMINISTIC_EXPRESSION,
                                 P("sqlExpr", quoted_expr(n->an->a, agg))),
                           &agg->at);
    }
    return DONE;
}

static Status resolve_grouping(Names *n, Expr *call);

Status resolve_call_inside(Names *n, Expr **e)
{
    Expr *call = *e;
    Names inside = *n;
    bool agg = agg_find(call->name) != NULL;
    inside.in_agg |= agg;
    if (agg && n->last_in_agg) { // HAVING sum(v) means the column before the alias v
        inside.in[0] = n->last;
        inside.last = n->in[0];
    }
    TRY(resolve_arguments(&inside, call));
    TRY(fail_at(fn_resolve(n->an->a, e, n->an->ctx), &call->at));
    return check_agg_filter(n, *e);
}

static Status refuse_generator(Names *n, Expr *call)
{
    TRY(resolve_arguments(n, call));
    if (!n->item)
        return fail_at(RAISE(GENERATOR_OUTSIDE_SELECT, P("plan", quoted_expr(n->an->a, call))),
                       &call->at);
    return fail_at(
        RAISE(GENERATOR_NESTED_IN_EXPRESSIONS, P("expression", quoted_expr(n->an->a, call))),
        &call->at);
}

// The last instant of a window: its end less a microsecond (semantics T13).
Status window_time_of(Names *n, Expr **e, Expr *window)
{
    Arena *a = n->an->a;
    if (window->type->id != T_STRUCT)
        return fail_at(RAISE(DATATYPE_MISMATCH_UNEXPECTED_INPUT_TYPE,
                             P("sqlExpr", str_fmt(a, "\"window_time(" STR_FMT ")\"",
                                                  STR_ARG(expr_sql_str(a, window)))),
                             P("paramIndex", S("first")), P("requiredType", S("\"STRUCT\"")),
                             P("inputSql", quoted_expr(a, window)),
                             P("inputType", quoted_type_of(a, window->type))),
                       &window->at);
    if (window->kind != E_ATTR || !window->time_window)
        return fail_at(RAISE(WINDOW_TIME_ARGUMENT), &window->at);
    Expr *minus[2] = {expr_field_at(a, window, 1),
                      expr_literal(a, &type_interval_dt, &(Datum){.i = 1})};
    TRY(fn_make(e, a, n->an->ctx, S("-"), minus, 2));
    (*e)->name = S("window_time");
    return DONE;
}

static Status resolve_window_time(Names *n, Expr **e)
{
    Expr *call = *e;
    TRY(resolve_arguments(n, call));
    if (call->nargs != 1) return fail_at(RAISE(WINDOW_TIME_ARGUMENT), &call->at);
    Str name = str_fmt(n->an->a, "window_time(" STR_FMT ")",
                       STR_ARG(expr_sql_str(n->an->a, call->arg[0])));
    TRY(window_time_of(n, e, call->arg[0]));
    Expr *alias = expr_alias(n->an->a, *e, name);
    alias->outer = true; // stands for its name
    alias->at = call->at;
    alias->type = (*e)->type;
    alias->nullable = (*e)->nullable;
    *e = alias;
    return DONE;
}

static Status resolve_call(Names *n, Expr **e)
{
    Expr *call = *e;
    if (is_user_function(n->an, call)) return resolve_user(n, e);
    if (str_eq(call->name, S("window_time"))) return resolve_window_time(n, e);
    if (is_update(call)) return resolve_update(n, e);
    if (str_eq(call->name, S("grouping")) || str_eq(call->name, S("grouping_id")))
        return resolve_grouping(n, call);
    if (str_eq(call->name, S("=>")))
        return fail_at(
            RAISE(NAMED_PARAMETERS_NOT_SUPPORTED, P("functionName", call->arg[0]->value.s)),
            &call->at);
    if (str_eq(call->name, S("window")) || str_eq(call->name, S("session_window")))
        return unsupported(&call->at, "a time window in this place");
    if (is_generator(call)) return refuse_generator(n, call);
    if (is_window_function(call->name)) {
        TRY(resolve_arguments(n, call));
        return fail_at(
            RAISE(WINDOW_FUNCTION_WITHOUT_OVER, P("funcName", quoted_expr(n->an->a, call))),
            &call->at);
    }
    TRY(resolve_call_inside(n, e));
    return check_nested(n, *e);
}

static Status resolve_extract(Names *n, Expr **e)
{
    TRY(resolve_all(n, (*e)->arg, (*e)->nargs));
    Origin at = (*e)->at;
    return fail_at(extract_resolve(n->an->a, e, n->an->ctx), &at);
}

// grouping(k) and grouping_id() are columns of grouping sets (analyse_grouping.c).
static Status resolve_grouping(Names *n, Expr *call)
{
    bool one = str_eq(call->name, S("grouping"));
    if (one && call->nargs != 1)
        return fail_at(RAISE(WRONG_NUM_ARGS_WITHOUT_SUGGESTION, P("functionName", S("`grouping`")),
                             P("expectedNum", S("1")),
                             P("actualNum", str_fmt(n->an->a, "%d", call->nargs)), DOCROOT),
                       &call->at);
    TRY(resolve_arguments(n, call));
    call->type = one ? &type_tinyint : &type_bigint;
    call->nullable = false;
    return DONE;
}

static Status subquery_sides(Names *n, Expr *e)
{
    Rel *plan = e->plan;
    if (plan->out.n != e->nargs)
        return fail_at(RAISE(IN_SUBQUERY_LENGTH_MISMATCH, P("sqlExpr", quoted_expr(n->an->a, e)),
                             P("leftLength", str_fmt(n->an->a, "%d", e->nargs)),
                             P("rightLength", str_fmt(n->an->a, "%d", (int)plan->out.n))),
                       &e->at);
    Rel *cast = project_attrs(n->an, plan, &plan->out);
    for (int32_t i = 0; i < e->nargs; i++) {
        const Type *left = e->arg[i]->type, *right = plan->out.v[i].field.type;
        const Type *t = common_type(n->an->a, left, right, n->an->ctx->ansi);
        if (!t && type_same_shape(left, right)) t = left;
        if (!t)
            return fail_at(
                RAISE(IN_SUBQUERY_DATA_TYPE_MISMATCH, P("sqlExpr", quoted_expr(n->an->a, e))),
                &e->at);
        coerce_at(n->an->a, &e->arg[i], t, e->arg[i]->at);
        coerce_at(n->an->a, &cast->expr[i], t, cast->expr[i]->at);
    }
    TRY(outputs_of(n->an, cast));
    e->plan = cast;
    return DONE;
}

typedef struct Outers {
    Arena *a;
    VEC(Str) name;
} Outers;

static Status outer_name(void *ctx, Expr **e)
{
    Outers *o = ctx;
    if ((*e)->kind == E_ATTR && (*e)->outer) vec_push(o->a, &o->name, (*e)->name);
    return DONE;
}

static Status outer_names(Outers *o, Rel *r)
{
    for (int32_t i = 0; i < r->ngroup; i++) TRY(expr_walk(&r->group[i], outer_name, o));
    for (int32_t i = 0; i < r->nexprs; i++) TRY(expr_walk(&r->expr[i], outer_name, o));
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) TRY(outer_names(o, r->input[i]));
    return DONE;
}

static Status resolve_subquery(Names *n, Expr *e)
{
    Analyser *an = n->an;
    Names *outer = an->outer;
    Rel *plan = e->plan;
    TRY(resolve_all(n, e->arg, e->nargs));
    Names *above = an->above;
    an->outer = n;
    an->above = NULL;
    TRY(analyse_rel(an, &plan));
    drop_hidden(an, &plan);
    an->outer = outer;
    an->above = above;
    if (plan->streaming) return fail_at(RAISE(STREAMING_SUBQUERY), &e->at);
    Outers outers = {.a = an->a};
    TRY(outer_names(&outers, plan));
    e->part = outers.name.v;
    e->nparts = (int32_t)outers.name.n;
    e->plan = plan;
    e->nullable = e->sub != SUB_EXISTS;
    e->type = &type_boolean;
    if (e->sub == SUB_IN) return subquery_sides(n, e);
    if (e->sub == SUB_EXISTS) return DONE;
    if (plan->out.n != 1)
        return fail_at(
            RAISE(SCALAR_SUBQUERY_COLUMNS, P("number", str_fmt(an->a, "%d", (int)plan->out.n))),
            &e->at);
    e->type = plan->out.v[0].field.type;
    return DONE;
}

static Status resolve_wrapper(Names *n, Expr *e) // E_ALIAS, E_SORT
{
    TRY(resolve(n, &e->arg[0]));
    e->type = e->arg[0]->type;
    e->nullable = e->arg[0]->nullable;
    return DONE;
}

Status resolve(Names *n, Expr **e)
{
    Expr *x = *e;
    switch (x->kind) {
    case E_NAME: return resolve_name(n, e);
    case E_STAR:
        return fail_at(RAISE(INVALID_USAGE_OF_STAR_OR_REGEX, P("elem", S("'*'")),
                             P("prettyName", S("expression"))),
                       &x->at);
    case E_CALL: return x->type ? DONE : resolve_call(n, e);
    case E_EXTRACT: return resolve_extract(n, e);
    case E_PARAM:
        return fail_at(RAISE(UNBOUND_SQL_PARAMETER, P("name", x->name.n ? x->name : S("?"))),
                       &x->at);
    case E_LAMBDA: return unsupported(&x->at, "a lambda in this place");
    case E_SUBQUERY: return x->type ? DONE : resolve_subquery(n, x);
    case E_USER: return x->type ? DONE : resolve_user(n, e);
    case E_OVER: return x->type ? DONE : resolve_over(n, x);
    case E_CAST: return resolve_cast(n, e);
    case E_SORT:
    case E_ALIAS: return resolve_wrapper(n, x);
    case E_LITERAL:
    case E_ATTR:
    case E_COLUMN:
    case E_VAR:
    case E_FIELD:
    case E_FN:
    case E_AGG: return DONE;
    }
    must_failed("ExprKind", __FILE__, __LINE__);
}

Status resolve_all(Names *n, Expr **e, int32_t count)
{
    for (int32_t i = 0; i < count; i++) TRY(resolve(n, &e[i]));
    return DONE;
}
