// analyse_pivot.c -- PIVOT and UNPIVOT, said with what there is: an aggregate of each value's rows,
// and each row once for each column that is turned into rows.
#include "expr/agg.h"
#include "expr/prog.h"
#include "plan/analyse_in.h"

typedef struct Filter { // of one pivot value
    Analyser *an;
    Expr *condition;
    bool found; // an aggregate
} Filter;

static Expr *call2(Analyser *an, Str name, Expr *x, Expr *y)
{
    Expr *e = expr_call(an->a, name, 2, x, y);
    e->at = x->at;
    return e;
}

static Status filter_agg(void *ctx, Expr **e)
{
    Filter *f = ctx;
    if ((*e)->kind != E_CALL || !agg_find((*e)->name)) return DONE;
    f->found = true;
    Expr *own = (*e)->filter, *cond = expr_copy(f->an->a, f->condition);
    (*e)->filter = own ? call2(f->an, S("and"), own, cond) : cond;
    return DONE;
}

// The column, or columns, equal to the value.
static Expr *pivot_condition(Analyser *an, const Rel *p, const Expr *value, const Type *const *type)
{
    bool row = value->kind == E_CALL && str_eq(value->name, S("struct")) && p->ngroup > 1;
    Expr *all = NULL;
    for (int32_t i = 0; i < p->ngroup; i++) {
        Expr *v =
            expr_cast(an->a, expr_copy(an->a, row ? value->arg[i] : value), type[i], CAST_SQL);
        v->at = v->arg[0]->at;
        Expr *eq = call2(an, S("<=>"), expr_copy(an->a, p->group[i]), v);
        all = all ? call2(an, S("and"), all, eq) : eq;
    }
    return all;
}

// A value without rows gives NULL, a count too.
static Status pivot_item(Analyser *an, const Expr *agg, Expr *condition, Expr **item)
{
    Filter f = {.an = an, .condition = condition};
    Expr *e = expr_copy(an->a, agg->kind == E_ALIAS ? agg->arg[0] : agg);
    TRY(expr_walk(&e, filter_agg, &f));
    if (!f.found)
        return fail_at(RAISE(PIVOT_WITHOUT_AGGREGATE, P("sqlExpr", quoted_expr(an->a, agg))),
                       &agg->at);
    Expr *rows = expr_call(an->a, S("count"), 1, expr_literal(an->a, &type_int, &(Datum){.i = 1}));
    rows->filter = expr_copy(an->a, condition);
    Expr *some = call2(an, S(">"), rows, expr_literal(an->a, &type_int, &(Datum){.i = 0}));
    *item = expr_call(an->a, S("case"), 2, some, e);
    (*item)->at = agg->at;
    return DONE;
}

// What a value of PIVOT names its columns: its alias, or what it says as text.
static Status value_text_of(Analyser *an, const Rel *p, const Expr *value, const Type *const *type,
                            Str *name)
{
    *name = value->kind == E_ALIAS ? value->name : S("null");
    Names n = {.an = an, .in = {&p->input[0]->out}, .outer = an->outer};
    Expr *e = expr_copy(an->a, value->kind == E_ALIAS ? value->arg[0] : value);
    Datum text;
    TRY(resolve(&n, &e));
    if (!expr_foldable(e))
        return fail_at(RAISE(NON_LITERAL_PIVOT_VALUES, P("expression", quoted_expr(an->a, e))),
                       &e->at);
    if (p->ngroup == 1 && !cast_allowed(e->type, type[0], CAST_SQL, an->ctx->ansi))
        return fail_at(RAISE(PIVOT_VALUE_DATA_TYPE_MISMATCH, P("value", expr_sql_str(an->a, e)),
                             P("valueType", type_name_str(an->a, e->type)),
                             P("pivotType", type_name_str(an->a, type[0]))),
                       &e->at);
    if (value->kind == E_ALIAS) return DONE;
    Expr *cast = expr_cast(an->a, e, &type_string, CAST_SQL);
    TRY(fail_at(cast_resolve(an->a, cast, an->ctx), &e->at));
    TRY(fn_make(&cast, an->a, an->ctx, S("make_valid_utf8"), (Expr *[]){cast}, 1)); // of BINARY
    TRY(fail_at(expr_fold(an->a, cast, an->ctx, &text), &e->at));
    if (!text.null) *name = text.s;
    return DONE;
}

// UNPIVOT joins the names of several columns.
static Str value_name(Analyser *an, const Expr *value)
{
    if (value->kind == E_ALIAS) return value->name;
    if (value->kind != E_CALL) return expr_sql_str(an->a, value);
    Buf b = buf_new(an->a);
    for (int32_t i = 0; i < value->nargs; i++) {
        if (i) buf_char(&b, '_');
        expr_sql(&b, value->arg[i]);
    }
    return buf_str(&b);
}

static bool names_column(const Analyser *an, const Expr *e, Str column)
{
    if (e->kind == E_NAME && an_names_eq(an, e->part[e->nparts - 1], column)) return true;
    for (int32_t i = 0; i < e->nargs; i++)
        if (names_column(an, e->arg[i], column)) return true;
    return e->filter && names_column(an, e->filter, column);
}

// The columns that neither the aggregates nor the pivot name are what is grouped by.
static void pivot_groups(Analyser *an, const Rel *p, Rel *agg)
{
    VEC(Expr *) group = {0};
    for (int64_t i = 0; i < p->input[0]->out.n; i++) {
        const Attr *at = &p->input[0]->out.v[i];
        bool used = at->hidden;
        for (int32_t k = 0; k < p->nexprs; k++)
            used |= names_column(an, p->expr[k], at->field.name);
        for (int32_t k = 0; k < p->ngroup; k++)
            used |= names_column(an, p->group[k], at->field.name);
        if (!used) vec_push(an->a, &group, attr_expr(an->a, at, p->at));
    }
    agg->group = group.v;
    agg->ngroup = (int32_t)group.n;
}

static Status pivot_types(Analyser *an, const Rel *p, const Type **type)
{
    Names n = {.an = an, .in = {&p->input[0]->out}, .outer = an->outer};
    for (int32_t i = 0; i < p->ngroup; i++) {
        Expr *column = expr_copy(an->a, p->group[i]);
        TRY(resolve(&n, &column));
        type[i] = column->type;
    }
    return DONE;
}

// The columns that agg gives: the keys, then those of each value.
static Status pivot_values(Analyser *an, const Rel *p, Rel *agg, Expr *const *key, int32_t nkeys)
{
    VEC(Expr *) item = {0};
    const Type **type = NEW(an->a, const Type *, p->ngroup);
    TRY(pivot_types(an, p, type));
    for (int32_t i = 0; i < nkeys; i++) vec_push(an->a, &item, key[i]);
    for (int32_t v = 0; v < p->nvalues; v++) {
        const Expr *value = p->value[v]->kind == E_ALIAS ? p->value[v]->arg[0] : p->value[v];
        Expr *condition = pivot_condition(an, p, value, type);
        Str shown;
        TRY(value_text_of(an, p, p->value[v], type, &shown));
        for (int32_t i = 0; i < p->nexprs; i++) {
            Expr *e = NULL;
            TRY(pivot_item(an, p->expr[i], condition, &e));
            Str name = shown, of = expr_output_name(an->a, p->expr[i]);
            if (p->nexprs > 1)
                name = str_fmt(an->a, STR_FMT "_" STR_FMT, STR_ARG(name), STR_ARG(of));
            vec_push(an->a, &item, expr_alias(an->a, e, name));
        }
    }
    agg->expr = item.v;
    agg->nexprs = (int32_t)item.n;
    return DONE;
}

Status analyse_pivot(Analyser *an, Rel **r)
{
    Rel *p = *r, *agg = rel_new(an->a, REL_AGGREGATE, p->at, p->input[0]);
    agg->streaming = p->streaming;
    pivot_groups(an, p, agg);
    TRY(pivot_values(an, p, agg, agg->group, agg->ngroup));
    *r = agg;
    return analyse_aggregate(an, r);
}

// groupBy(..).pivot(..).agg(..): the last of the groups is what is pivoted.
Status analyse_grouped_pivot(Analyser *an, Rel **r)
{
    Rel *p = *r, *agg = rel_new(an->a, REL_AGGREGATE, p->at, p->input[0]);
    int32_t nkeys = p->ngroup - 1;
    Rel by = *p;
    by.group = p->group + nkeys;
    by.ngroup = 1;
    agg->streaming = p->streaming;
    agg->ngroup = nkeys;
    agg->group = NEW(an->a, Expr *, nkeys);
    for (int32_t i = 0; i < nkeys; i++)
        agg->group[i] =
            expr_copy(an->a, p->group[i]->kind == E_ALIAS ? p->group[i]->arg[0] : p->group[i]);
    TRY(pivot_values(an, &by, agg, p->group, nkeys));
    *r = agg;
    return analyse_aggregate(an, r);
}

// One of the things turned into rows: the expressions of its value columns, and its name.
static Str turned_name(Analyser *an, const Expr *turned)
{
    if (turned->kind == E_ALIAS) return turned->name;
    return value_name(an, turned);
}

static Expr **turned_values(Expr **turned, int32_t *n)
{
    Expr **inner = (*turned)->kind == E_ALIAS ? (*turned)->arg : turned;
    bool set = (*inner)->kind == E_CALL && str_eq((*inner)->name, S("struct"));
    *n = set ? (*inner)->nargs : 1;
    return set ? (*inner)->arg : inner;
}

// The types that the k-th values have, each with the names that have it, at most three.
static Status types_differ(Analyser *an, Rel *u, Names *n, int32_t k)
{
    enum { NAMES_MAX = 3 };
    VEC(Str) types = {0};
    Str *of = NEW(an->a, Str, u->ngroup);
    for (int32_t g = 0; g < u->ngroup; g++) {
        int32_t count, t = 0;
        Expr **value = turned_values(&u->group[g], &count);
        if (k >= count || resolve_all(n, value, count).code) continue;
        of[g] = quoted_type_of(an->a, value[k]->type);
        while (t < types.n && !str_eq(types.v[t], of[g])) t++;
        if (t == types.n) vec_push(an->a, &types, of[g]);
    }
    for (int64_t t = 0; t < types.n; t++) {
        VEC(Str) names = {0};
        for (int32_t g = 0; g < u->ngroup; g++)
            if (str_eq(of[g], types.v[t])) {
                Str name = turned_name(an, u->group[g]);
                vec_push(an->a, &names, quoted_parts(an->a, &name, 1));
            }
        sorted_list(an->a, names.v, names.n);
        bool more = names.n > NAMES_MAX;
        Str list = sorted_list(an->a, names.v, MIN(names.n, NAMES_MAX));
        types.v[t] = str_fmt(an->a, STR_FMT " (" STR_FMT "%s)", STR_ARG(types.v[t]), STR_ARG(list),
                             more ? ", ..." : "");
    }
    return fail_at(
        RAISE(UNPIVOT_VALUE_DATA_TYPE_MISMATCH, P("types", sorted_list(an->a, types.v, types.n))),
        &u->at);
}

static Status value_types(Analyser *an, Rel *u, const Type **type)
{
    Names n = {.an = an, .in = {&u->input[0]->out}, .outer = an->outer};
    int32_t width = u->nnames - 1;
    for (int32_t k = 0; k < width; k++) type[k] = &type_void;
    for (int32_t g = 0; g < u->ngroup; g++) {
        int32_t count;
        Expr **value = turned_values(&u->group[g], &count);
        if (count != width)
            return fail_at(
                RAISE(UNPIVOT_VALUE_SIZE_MISMATCH, P("names", str_fmt(an->a, "%d", width))),
                &u->at);
        TRY(resolve_all(&n, value, count));
        for (int32_t k = 0; k < width; k++) {
            bool text = (type[k]->id == T_STRING) != (value[k]->type->id == T_STRING);
            bool known = type[k]->id != T_VOID && value[k]->type->id != T_VOID;
            type[k] = common_type(an->a, type[k], value[k]->type, an->ctx->ansi);
            if (!type[k] || (text && known)) return types_differ(an, u, &n, k);
        }
    }
    return DONE;
}

static bool is_turned(Rel *u, int32_t id)
{
    for (int32_t g = 0; g < u->ngroup; g++) {
        int32_t count;
        Expr **value = turned_values(&u->group[g], &count);
        for (int32_t k = 0; k < count; k++)
            if (value[k]->kind == E_ATTR && value[k]->id == id) return true;
    }
    return false;
}

static void unpivot_columns(Analyser *an, Rel *u, Rel *x, const Type *const *type)
{
    x->out = (Attrs){0};
    for (int64_t i = 0; i < u->input[0]->out.n; i++)
        if (!is_turned(u, u->input[0]->out.v[i].id))
            vec_push(an->a, &x->out, u->input[0]->out.v[i]);
    Attr name = {.id = attr_new(an),
                 .field = field_of(u->name[u->nnames - 1], &type_string, false)};
    vec_push(an->a, &x->out, name);
    for (int32_t k = 0; k < u->nnames - 1; k++) {
        bool nullable = false;
        for (int32_t g = 0, count; g < u->ngroup; g++)
            nullable |= turned_values(&u->group[g], &count)[k]->nullable;
        Attr value = {.id = attr_new(an), .field = field_of(u->name[k], type[k], nullable)};
        vec_push(an->a, &x->out, value);
    }
}

static Status drop_null_values(Analyser *an, Rel **r, int32_t width)
{
    Rel *x = *r, *f = rel_above(an, REL_FILTER, x);
    Expr **value = NEW(an->a, Expr *, width);
    for (int32_t k = 0; k < width; k++)
        value[k] = attr_expr(an->a, &x->out.v[x->out.n - width + k], x->at);
    Expr *any = width > 1 ? NULL : value[0];
    if (!any) TRY(fn_make(&any, an->a, an->ctx, S("coalesce"), value, width));
    f->expr = NEW(an->a, Expr *, 1);
    f->nexprs = 1;
    TRY(fn_make(&f->expr[0], an->a, an->ctx, S("isnotnull"), &any, 1));
    *r = f;
    return DONE;
}

Status analyse_unpivot(Analyser *an, Rel **r)
{
    Rel *u = *r, *x = rel_above(an, REL_EXPAND, u->input[0]);
    int32_t width = u->nnames - 1;
    const Type **type = NEW(an->a, const Type *, width);
    TRY(value_types(an, u, type));
    unpivot_columns(an, u, x, type);
    x->at = u->at;
    x->nprojections = u->ngroup;
    x->projection = NEW(an->a, Expr **, u->ngroup);
    for (int32_t g = 0; g < u->ngroup; g++) {
        VEC(Expr *) e = {0};
        int32_t count;
        Expr **value = turned_values(&u->group[g], &count);
        for (int64_t i = 0; i < x->out.n - 1 - width; i++)
            vec_push(an->a, &e, attr_expr(an->a, &x->out.v[i], u->at));
        Datum name = {.s = turned_name(an, u->group[g])};
        vec_push(an->a, &e, expr_literal(an->a, &type_string, &name));
        for (int32_t k = 0; k < width; k++) {
            Expr *v = expr_copy(an->a, value[k]);
            coerce_at(an->a, &v, type[k], v->at);
            vec_push(an->a, &e, v);
        }
        x->projection[g] = e.v;
    }
    *r = x;
    return u->all ? DONE : drop_null_values(an, r, width);
}
