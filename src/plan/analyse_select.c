// analyse_select.c -- the clauses of one input: SELECT without groups, WHERE, ORDER BY, LIMIT,
// DISTINCT, aliases, and the DataFrame verbs that add or drop columns.
#include "expr/agg.h"
#include "expr/prog.h"
#include "plan/analyse_in.h"

// An aggregate that is called as such: not before OVER.
static bool calls_agg(const Expr *e)
{
    if (e->kind == E_CALL && agg_find(e->name)) return true;
    const Expr *over = e->kind == E_OVER ? e : NULL;
    const Expr *args = over ? over->arg[0] : e;
    for (int32_t i = 0; i < args->nargs; i++)
        if (calls_agg(args->arg[i])) return true;
    for (int32_t i = 0; over && i < over->over->npartition; i++)
        if (calls_agg(over->over->partition[i])) return true;
    for (int32_t i = 0; over && i < over->over->norder; i++)
        if (calls_agg(over->over->order[i])) return true;
    return e->kind == E_AGG;
}

// A select item becomes a column. What a name finds inside a column is named by its last part.
Status resolve_item(Names *n, Expr **e)
{
    const Expr *written = *e;
    Attr attr;
    TRY(resolve(n, e));
    bool part = written->kind == E_NAME && written->nparts > 1 && (*e)->kind == E_FN;
    if (part) *e = expr_alias(n->an->a, *e, written->part[written->nparts - 1]);
    return attr_of(n->an, &attr, e);
}

Status analyse_project(Analyser *an, Rel **r)
{
    Rel *p = *r;
    for (int32_t i = 0; i < p->nexprs; i++)
        if (calls_agg(p->expr[i])) {
            p->kind = REL_AGGREGATE;
            return analyse_aggregate(an, r);
        }
    Names n = {.an = an, .in = {&p->input[0]->out}, .outer = an->outer};
    Attrs made = {0}, before = attrs_copy(an->a, n.in[0]);
    n.in[0] = &before; // a star does not mean what is put in below
    TRY(expand_stars(&n, &p->expr, &p->nexprs));
    TRY(take_time_windows(&n, p, &made));
    TRY(take_generators(an, p));
    n.made = &made;
    for (int32_t i = 0; i < p->nexprs; i++) {
        n.item = p->expr;
        n.nitems = i;
        TRY(resolve_item(&n, &p->expr[i]));
    }
    TRY(take_overs(an, p));
    for (int32_t i = 0; i < p->nexprs; i++) TRY(no_calls(p->expr[i]));
    return outputs_of(an, p);
}

static void list_aggregates(Buf *b, const Expr *e)
{
    if (e->kind == E_AGG) {
        if (b->n) buf_put(b, S(", "));
        expr_sql(b, e);
        return;
    }
    for (int32_t i = 0; i < e->nargs; i++) list_aggregates(b, e->arg[i]);
}

static Str aggregates_text(Arena *a, const Expr *e)
{
    Buf b = buf_new(a);
    list_aggregates(&b, e);
    return buf_str(&b);
}

static Status filter_rows(Analyser *an, Rel **r)
{
    Rel *f = *r;
    Attrs made = {0}, shown = attrs_copy(an->a, &f->input[0]->out);
    Names n = {.an = an, .in = {&shown}, .made = &made, .outer = an->outer};
    if (f->qualify) {
        if (conf_bool(an->s, S("spark.kappa.strict"))) return unsupported(&f->at, "QUALIFY");
        session_notice(an->s, "QUALIFY filters by window functions: an extension");
    }
    TRY(take_time_windows(&n, f, &made));
    TRY(resolve_condition(&n, f->input[0], &f->expr[0]));
    if (over_in(f->expr[0]))
        return fail_at(RAISE(WINDOW_FUNCTION_IN_CLAUSE, P("clauseName", S("WHERE"))),
                       &f->expr[0]->at);
    if (has_agg(f->expr[0]))
        return fail_at(RAISE(INVALID_WHERE_CONDITION,
                             P("condition", quoted_expr(an->a, f->expr[0])),
                             P("expressionList", aggregates_text(an->a, f->expr[0]))),
                       &f->expr[0]->at);
    TRY(no_calls(f->expr[0]));
    TRY(need_boolean(an, f->expr[0], f));
    f->out = attrs_copy(an->a, &f->input[0]->out);
    if (f->out.n > shown.n) *r = project_attrs(an, f, &shown);
    return DONE;
}

// A DataFrame's filter of groups is their HAVING where it is nothing else.
static bool filters_groups(const Rel *f)
{
    return f->plan_id && f->input[0]->kind == REL_AGGREGATE && !f->input[0]->all_columns;
}

static Status filter_groups(Analyser *an, Rel **r)
{
    Rel *f = *r;
    Expr *written = expr_copy_whole(an->a, f->expr[0]);
    Names n = {.an = an, .in = {&f->input[0]->out}, .outer = an->outer};
    Status plain = resolve(&n, &f->expr[0]);
    const Failure *first = plain.code ? failure_copy(an->a, failure()) : NULL;
    f->having = plain.code || has_agg(f->expr[0]);
    f->expr[0] = written;
    if (!f->having) return filter_rows(an, r);
    Status having = analyse_having(an, r);
    return having.code && first ? failure_again(first) : having;
}

Status analyse_filter(Analyser *an, Rel **r)
{
    return filters_groups(*r) ? filter_groups(an, r) : filter_rows(an, r);
}

static Status order_ordinal(Analyser *an, const Attrs *out, Expr **by)
{
    int64_t at = (*by)->value.i;
    if (at < 1 || at > out->n)
        return fail_at(RAISE(ORDER_BY_POS_OUT_OF_RANGE,
                             P("index", str_fmt(an->a, "%lld", (long long)at)),
                             P("size", str_fmt(an->a, "%lld", (long long)out->n))),
                       &(*by)->at);
    *by = attr_expr(an->a, &out->v[at - 1], (*by)->at);
    return DONE;
}

static bool is_ordinal(const Analyser *an, const Expr *e, Str conf)
{
    bool integer = e->kind == E_LITERAL && !e->value.null && e->type->id == T_INT;
    return integer && conf_bool(an->s, conf);
}

// An aggregate is of the groups of this SELECT, and there are some.
static Status need_groups(Analyser *an, const Rel *r, const Expr *e)
{
    while (r->kind == REL_PROJECT || r->kind == REL_WINDOW ||
           (r->kind == REL_FILTER && (r->having || r->qualify)))
        r = r->input[0];
    return r->kind == REL_AGGREGATE ? DONE : no_aggregates(an, e);
}

static Status order_key(Analyser *an, Names *n, Rel *sort, Expr *key)
{
    if (is_ordinal(an, key->arg[0], S("spark.sql.orderByOrdinal")))
        TRY(order_ordinal(an, n->in[0], &key->arg[0]));
    n->of_sort = true;
    TRY(resolve_key(n, sort->input[0], &key->arg[0]));
    n->of_sort = false;
    TRY(no_windows(an, key->arg[0], &sort->at));
    TRY(need_groups(an, sort->input[0], key->arg[0]));
    key->type = key->arg[0]->type;
    if (!type_is_orderable(key->type))
        return fail_at(RAISE(DATATYPE_MISMATCH_INVALID_ORDERING_TYPE,
                             P("sqlExpr", quoted_expr(an->a, key)),
                             P("functionName", S("`sortorder`")),
                             P("dataType", quoted_type_of(an->a, key->type))),
                       &key->at);
    return expose_in(an, sort->input[0], &key->arg[0]);
}

// ORDER BY ALL: every column, when none is named so.
static Status order_by_all(Analyser *an, Names *n, Rel *sort)
{
    if (sort->nexprs != 1) return DONE;
    const Expr *key = sort->expr[0], *e = key->arg[0];
    if (e->kind != E_NAME || e->nparts != 1 || !str_ieq(e->part[0], S("all"))) return DONE;
    Expr *found;
    TRY(names_find(n, e, &found));
    if (found && !is_variable(found)) return DONE;
    const Attrs *out = &sort->input[0]->out;
    sort->expr = NEW(an->a, Expr *, out->n);
    sort->nexprs = (int32_t)out->n;
    for (int64_t i = 0; i < out->n; i++) {
        sort->expr[i] = expr_copy(an->a, key);
        sort->expr[i]->arg[0] = attr_expr(an->a, &out->v[i], e->at);
    }
    return DONE;
}

Status analyse_sort(Analyser *an, Rel **r)
{
    Rel *sort = *r;
    Attrs shown = attrs_copy(an->a, &sort->input[0]->out);
    Names n = {.an = an, .in = {&shown}, .outer = an->outer};
    n.last = columns_below(sort->input[0], &n.last_in_agg);
    TRY(order_by_all(an, &n, sort));
    an->above = &n;
    for (int32_t i = 0; i < sort->nexprs; i++) TRY(order_key(an, &n, sort, sort->expr[i]));
    an->above = NULL;
    sort->out = attrs_copy(an->a, &sort->input[0]->out);
    if (sort->out.n > shown.n) *r = project_attrs(an, sort, &shown);
    return DONE;
}

Status analyse_limit(Analyser *an, Rel **r)
{
    Rel *limit = *r;
    Names n = {.an = an, .in = {&limit->input[0]->out}, .outer = an->outer};
    const char *name = limit->kind == REL_OFFSET ? "offset" : "limit";
    TRY(resolve(&n, &limit->expr[0]));
    Expr *e = limit->expr[0];
    Datum v = {.null = true};
    if (expr_foldable(e) && e->type->id != T_INT && e->type->id != T_VOID)
        return fail_at(RAISE(LIMIT_DATA_TYPE, P("name", str_z(name)),
                             P("expr", quoted_expr(an->a, e)),
                             P("dataType", quoted_type_of(an->a, e->type))),
                       &e->at);
    if (!expr_foldable(e))
        return fail_at(RAISE(INVALID_LIMIT_EXPRESSION, P("name", str_z(name)),
                             P("expr", quoted_expr(an->a, e))),
                       &e->at);
    TRY(fail_at(expr_fold(an->a, e, an->ctx, &v), &e->at));
    Str quoted = quoted_expr(an->a, e);
    if (v.null)
        return fail_at(RAISE(NULL_LIMIT_EXPRESSION, P("name", str_z(name)), P("expr", quoted)),
                       &e->at);
    if (v.i < 0)
        return fail_at(RAISE(NEGATIVE_LIMIT_EXPRESSION, P("name", str_z(name)), P("expr", quoted),
                             P("v", str_fmt(an->a, "%lld", (long long)v.i))),
                       &e->at);
    limit->expr[0] = expr_literal(an->a, &type_bigint, &v);
    limit->out = attrs_copy(an->a, &limit->input[0]->out);
    return DONE;
}

// TABLESAMPLE: so many rows, or each row with a chance that Spark's generator decides.
Status analyse_sample(Analyser *an, Rel **r)
{
    Rel *sample = *r;
    if (sample->nexprs) {
        sample->kind = REL_LIMIT;
        return analyse_limit(an, r);
    }
    if (sample->input[0]->streaming)
        return fail_at(
            RAISE(STREAMING_UNSUPPORTED, P("msg", S("sampling a stream is not supported"))),
            &sample->at);
    Datum seed = {.i = sample->global ? sample->start : (int64_t)(an->ctx->seed % 1000)};
    Expr *arg[2] = {expr_literal(an->a, &type_bigint, &seed), NULL};
    TRY(fn_make(&arg[0], an->a, an->ctx, S("rand"), arg, 1));
    arg[1] = expr_literal(an->a, &type_double, &(Datum){.f = sample->fraction});
    Rel *f = rel_above(an, REL_FILTER, sample->input[0]);
    f->expr = NEW(an->a, Expr *, 1);
    f->nexprs = 1;
    TRY(fn_make(&f->expr[0], an->a, an->ctx, S("<"), arg, 2));
    *r = f;
    return DONE;
}

static bool has_map(const Type *t)
{
    bool has = t->id == T_MAP;
    for (int32_t i = 0; i < t->nfields; i++) has |= has_map(t->field[i].type);
    return has;
}
static Status refuse_map(const Analyser *an, const Rel *r, const Attr *at)
{
    return fail_at(RAISE(SET_OPERATION_ON_MAP_TYPE,
                         P("colName", quoted_parts(an->a, &at->field.name, 1)),
                         P("dataType", quoted_type_of(an->a, at->field.type))),
                   &r->at);
}
Status no_maps(Analyser *an, const Rel *r, const Attr *at)
{
    return type_is_orderable(at->field.type) ? DONE : refuse_map(an, r, at);
}

// SELECT DISTINCT is a grouping by all columns (semantics S16).
Status analyse_distinct(Analyser *an, Rel **r)
{
    Rel *agg = project_attrs(an, (*r)->input[0], &(*r)->input[0]->out);
    agg->kind = REL_AGGREGATE;
    agg->at = (*r)->at;
    agg->all_columns = true;
    agg->ngroup = agg->nexprs;
    agg->group = NEW(an->a, Expr *, agg->nexprs);
    for (int32_t i = 0; i < agg->nexprs; i++) {
        agg->group[i] = expr_copy(an->a, agg->expr[i]);
        TRY(no_maps(an, agg, &agg->out.v[i]));
    }
    *r = agg;
    return DONE;
}

static Status unknown_column(Analyser *an, const Rel *r, Str name)
{
    Buf b = buf_new(an->a);
    const Attrs *in = &r->input[0]->out;
    for (int64_t i = 0; i < in->n; i++)
        buf_fmt(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(in->v[i].field.name));
    return fail_at(RAISE(COLUMN_NAME_NOT_FOUND, P("colName", name), P("fieldNames", buf_str(&b))),
                   &r->at);
}

Status analyse_deduplicate(Analyser *an, Rel **r)
{
    Rel *d = *r;
    const Attrs *in = &d->input[0]->out;
    VEC(Expr *) key = {0};
    bool all = d->all_columns || !d->nnames;
    for (int64_t i = 0; i < in->n && all; i++)
        if (!in->v[i].hidden) vec_push(an->a, &key, attr_expr(an->a, &in->v[i], d->at));
    for (int32_t k = 0; k < d->nnames && !all; k++) {
        int64_t before = key.n;
        for (int64_t i = 0; i < in->n; i++)
            if (an_names_eq(an, in->v[i].field.name, d->name[k]))
                vec_push(an->a, &key, attr_expr(an->a, &in->v[i], d->at));
        if (key.n == before) return unknown_column(an, d, d->name[k]);
    }
    for (int64_t i = 0; i < in->n; i++)
        for (int64_t k = 0; k < key.n; k++)
            if (!d->within_watermark && key.v[k]->id == in->v[i].id && has_map(in->v[i].field.type))
                return refuse_map(an, d, &in->v[i]);
    d->expr = key.v;
    d->nexprs = (int32_t)key.n;
    d->out = attrs_copy(an->a, in);
    return DONE;
}

static bool makes_rows(Expr *e)
{
    return is_generator(named_by(e));
} // resolved with the select list

// name = x replaces the column of that name or adds one.
Status analyse_with_columns(Analyser *an, Rel **r)
{
    Rel *w = *r;
    const Attrs *in = &w->input[0]->out;
    Names n = {.an = an, .in = {in}, .outer = an->outer};
    VEC(Expr *) all = {0};
    for (int32_t k = 0; k < w->nexprs; k++)
        if (!makes_rows(w->expr[k])) TRY(resolve(&n, &w->expr[k]));
    for (int64_t i = 0; i < in->n; i++) {
        Expr *e = attr_expr(an->a, &in->v[i], w->at);
        for (int32_t k = 0; k < w->nexprs; k++)
            if (!in->v[i].hidden && an_names_eq(an, w->expr[k]->name, in->v[i].field.name))
                e = w->expr[k];
        vec_push(an->a, &all, e);
    }
    for (int32_t k = 0; k < w->nexprs; k++) {
        bool there = false;
        for (int64_t i = 0; i < all.n; i++) there |= all.v[i] == w->expr[k];
        if (!there) vec_push(an->a, &all, w->expr[k]);
    }
    w->kind = REL_PROJECT;
    w->expr = all.v;
    w->nexprs = (int32_t)all.n;
    TRY(analyse_project(an, r));
    for (int64_t i = 0; i < in->n && in->n <= (*r)->out.n; i++) { // df.c of a side of USING stays
        (*r)->out.v[i].hidden |= in->v[i].hidden;
        (*r)->out.v[i].metadata |= in->v[i].metadata;
    }
    return DONE;
}

static bool wider(const Type *from, const Type *to) // of numbers
{
    static const TypeId order[] = {T_TINYINT, T_SMALLINT, T_INT, T_BIGINT, T_FLOAT, T_DOUBLE};
    int32_t at[2] = {-1, -1};
    for (int32_t i = 0; i < COUNT(order); i++) {
        if (from->id == order[i]) at[0] = i;
        if (to->id == order[i]) at[1] = i;
    }
    if (to->id != T_DECIMAL) return at[0] >= 0 && at[0] <= at[1];
    static const int32_t digits[] = {3, 5, 10, 20};
    int32_t whole = from->id == T_DECIMAL    ? from->precision - from->scale
                    : at[0] < 0 || at[0] > 3 ? 99
                                             : digits[at[0]];
    int32_t scale = from->id == T_DECIMAL ? from->scale : 0;
    return to->precision - to->scale >= whole && to->scale >= scale;
}

// to(): what loses nothing, column by column and inside of them.
static Status check_fits(Arena *a, Str name, const Field *from, const Field *to)
{
    const Type *x = from->type, *y = to->type;
    if (from->nullable && !to->nullable) return RAISE(NULLABLE_COLUMN_OR_FIELD, P("name", name));
    bool text = y->id == T_STRING && !x->nfields;
    bool day = x->id == T_DATE && (y->id == T_TIMESTAMP || y->id == T_TIMESTAMP_NTZ);
    bool same = x->id == y->id && !x->nfields && x->id != T_DECIMAL;
    if (x->id == T_VOID || type_eq(x, y) || text || day || same || wider(x, y)) return DONE;
    if (x->id != y->id || !x->nfields)
        return RAISE(INVALID_COLUMN_OR_FIELD_DATA_TYPE, P("name", name),
                     P("type", quoted_type_of(a, x)), P("expectedType", quoted_type_of(a, y)));
    for (int32_t i = 0; i < y->nfields; i++)
        for (int32_t k = 0; k < x->nfields; k++)
            if (x->id != T_STRUCT ? i == k : str_ieq(x->field[k].name, y->field[i].name))
                TRY(check_fits(a, name, &x->field[k], &y->field[i]));
    return DONE;
}

Status analyse_drop(Analyser *an, Rel **r)
{
    Rel *d = *r;
    Attrs keep = {0};
    const Attrs *in = &d->input[0]->out;
    Names n = {.an = an, .in = {in}};
    for (int64_t i = 0; i < in->n; i++) {
        bool drop = false;
        for (int32_t k = 0; k < d->nnames; k++)
            drop |= an_names_eq(an, in->v[i].field.name, d->name[k]);
        for (int32_t k = 0; k < d->nexprs; k++) {
            Expr *found = NULL;
            const Expr *e = d->expr[k];
            Status s = e->kind == E_NAME ? names_find(&n, e, &found) : DONE;
            if (s.code && (!e->id || failure()->cond == COND_AMBIGUOUS_COLUMN_REFERENCE)) return s;
            if (s.code) found = NULL; // df.c that is not there any more: nothing to drop
            drop |= found && found->kind == E_ATTR && found->id == in->v[i].id;
        }
        if (!drop) vec_push(an->a, &keep, in->v[i]);
    }
    *r = project_attrs(an, d->input[0], &keep);
    return DONE;
}

// df.to(schema): columns by name, cast as INSERT would.
static int32_t columns_named(const Analyser *an, const Attrs *in, Str name)
{
    int32_t n = 0;
    for (int64_t i = 0; i < in->n; i++)
        n += !in->v[i].hidden && an_names_eq(an, in->v[i].field.name, name);
    return n;
}

Status analyse_to_schema(Analyser *an, Rel **r)
{
    Rel *t = *r;
    Names n = {.an = an, .in = {&t->input[0]->out}};
    t->kind = REL_PROJECT;
    t->nexprs = t->schema->nfields;
    t->expr = NEW(an->a, Expr *, t->nexprs);
    for (int32_t i = 0; i < t->nexprs; i++) {
        const Field *f = &t->schema->field[i];
        Expr *e = expr_name(an->a, f->name);
        int32_t there = columns_named(an, n.in[0], f->name);
        bool missing = !there && f->nullable;
        if (there > 1)
            return RAISE(AMBIGUOUS_COLUMN_OR_FIELD, P("name", quoted_parts(an->a, &f->name, 1)),
                         P("n", str_fmt(an->a, "%d", there)));
        if (missing) e = expr_literal(an->a, &type_void, &(Datum){.null = true});
        if (!missing) TRY(resolve(&n, &e));
        Field from = {.type = e->type, .nullable = e->nullable};
        TRY(check_fits(an->a, quoted_parts(an->a, &f->name, 1), &from, f));
        TRY(coerce_store(an->a, &e, f->type, S("to"), f->name));
        t->expr[i] = expr_alias(an->a, e, f->name);
    }
    return outputs_of(an, t);
}

Status analyse_alias(Analyser *an, Rel **r)
{
    Rel *alias = *r;
    drop_hidden(an, &alias->input[0]);
    alias->out = (Attrs){0};
    for (int64_t i = 0; i < alias->input[0]->out.n; i++) {
        Attr at = alias->input[0]->out.v[i];
        if (alias->nnames) { // else LATERAL's wrapper keeps what it has
            memset(at.qualifier, 0, sizeof at.qualifier);
            at.qualifier[0] = alias->name[alias->nnames - 1];
            at.nqualifiers = 1;
        }
        if (alias->out.n < alias->ncolumn_alias) at.field.name = alias->column_alias[alias->out.n];
        vec_push(an->a, &alias->out, at);
    }
    if (!alias->ncolumn_alias || alias->ncolumn_alias == alias->out.n) return DONE;
    if (alias->input[0]->kind == REL_LOCAL && alias->nnames)
        return fail_at(RAISE(INLINE_TABLE_NUM_COLUMNS_MISMATCH,
                             P("expectedNumCols", str_fmt(an->a, "%d", alias->ncolumn_alias)),
                             P("actualNumCols", str_fmt(an->a, "%lld", (long long)alias->out.n)),
                             P("rowIndex", S("0"))),
                       &alias->at);
    return fail_at(RAISE(ASSIGNMENT_ARITY_MISMATCH,
                         P("numTarget", str_fmt(an->a, "%d", alias->ncolumn_alias)),
                         P("numExpr", str_fmt(an->a, "%lld", (long long)alias->out.n))),
                   &alias->at);
}

static bool event_time_type(const Type *t)
{
    if (t->id == T_TIMESTAMP) return true;
    int32_t end = t->id == T_STRUCT ? type_field(t, S("end")) : -1;
    return end >= 0 && t->field[end].type->id == T_TIMESTAMP;
}

// The column named, or one more for an expression with a name (semantics D3).
static Status event_time_column(Analyser *an, Rel *w)
{
    Names n = {.an = an, .in = {&w->input[0]->out}, .outer = an->outer};
    Expr *e = w->expr[0];
    if (e->kind == E_ALIAS && e->nparts)
        return fail_at(RAISE(CANNOT_USE_MULTI_ALIASES_IN_WATERMARK_CLAUSE), &e->at);
    bool named = e->kind == E_ALIAS;
    TRY(resolve(&n, &e));
    if (e->kind == E_ATTR) {
        w->expr[0] = e;
        return DONE;
    }
    if (!named)
        return fail_at(
            RAISE(REQUIRES_EXPLICIT_NAME_IN_WATERMARK_CLAUSE, P("sqlExpr", quoted_expr(an->a, e))),
            &e->at);
    Rel *p = project_attrs(an, w->input[0], &w->input[0]->out);
    VEC(Expr *) item = {0}; // the new column comes first
    vec_push(an->a, &item, e);
    for (int32_t i = 0; i < p->nexprs; i++) vec_push(an->a, &item, p->expr[i]);
    p->expr = item.v;
    p->nexprs = (int32_t)item.n;
    TRY(outputs_of(an, p));
    w->input[0] = p;
    w->expr[0] = attr_expr(an->a, &p->out.v[0], e->at);
    return DONE;
}

Status analyse_watermark(Analyser *an, Rel **r)
{
    Rel *w = *r;
    TRY(event_time_column(an, w));
    Expr *e = w->expr[0];
    if (!event_time_type(e->type))
        return fail_at(RAISE(EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE,
                             P("eventName", quoted_parts(an->a, &e->name, 1)),
                             P("eventType", quoted_type_of(an->a, e->type))),
                       &w->at);
    if (e->type->id == T_STRUCT)
        return unsupported(&w->at, "a watermark on a window: Spark reads its bytes as a time");
    if (w->delay < 0)
        return fail_at(
            fail(ERR_INVALID, "requirement failed: the delay of a watermark is not negative"),
            &w->at);
    if (!w->streaming) { // of no effect on a batch (W3)
        *r = w->input[0];
        return DONE;
    }
    if (!w->mark) w->mark = an->s->next_read++;
    w->out = attrs_copy(an->a, &w->input[0]->out);
    for (int64_t i = 0; i < w->out.n; i++)
        w->out.v[i].field.watermark_delay = w->out.v[i].id == e->id ? w->delay : WATERMARK_NONE;
    return DONE;
}
