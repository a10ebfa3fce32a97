// analyse_view.c -- views of SQL: what the text says is analysed at each use, in the namespace and
// under the settings of the view's making. Its columns are those it was made with, whatever its
// tables have got since. From inside one that a catalog keeps nothing temporary is seen.
#include "lake/view.h"
#include "plan/analyse_in.h"

enum { NESTED_MAX = 100 };

typedef struct Where { // of a session: where names are looked up
    Str catalog;
    Str *ns;
    int32_t nns;
} Where;

static Where where_set(Session *s, Where to)
{
    Where was = {s->catalog, s->ns, s->nns};
    s->catalog = to.catalog;
    s->ns = to.ns;
    s->nns = to.nns;
    return was;
}

static Str text_of(Arena *a, const TableName *name)
{
    Str part[8];
    int32_t n = 0;
    if (name->catalog.n) part[n++] = name->catalog; // no temporary view's
    for (int32_t i = 0; i < MIN(name->nns, 6); i++) part[n++] = name->ns[i];
    part[n++] = name->table;
    return quoted_parts(a, part, n);
}

// The settings that decide what the text means.
static EvalCtx context_of(const Analyser *an, const LakeView *v)
{
    EvalCtx ctx = an->s->eval;
    const Str *ansi = options_get(&v->conf, S("spark.sql.ansi.enabled"));
    if (ansi) ctx.ansi = str_ieq(*ansi, S("true"));
    return ctx;
}

static Status schema_changed(Analyser *an, const LakeView *v, Str column)
{
    Arena *a = an->a;
    Str again = S("CREATE OR REPLACE TEMPORARY VIEW");
    if (v->sql.n)
        again = str_fmt(a, "CREATE OR REPLACE VIEW " STR_FMT " AS " STR_FMT,
                        STR_ARG(text_of(a, &v->name)), STR_ARG(v->sql));
    return RAISE(INCOMPATIBLE_VIEW_SCHEMA_CHANGE, P("viewName", text_of(a, &v->name)),
                 P("colName", column), P("expectedNum", S("1")), P("actualCols", S("[]")),
                 P("suggestion", again));
}

// The nth column of that name.
static const Attr *column_named(const Attrs *in, Str name, int32_t nth)
{
    for (int64_t i = 0; i < in->n; i++)
        if (!in->v[i].hidden && str_ieq(in->v[i].field.name, name) && !nth--) return &in->v[i];
    return NULL;
}

static Status view_column(Analyser *an, const LakeView *v, const Rel *query, int32_t i, Expr **e)
{
    const Field *f = &v->schema->field[i];
    int32_t nth = 0;
    Str name = v->column ? v->column[i] : f->name;
    for (int32_t k = 0; k < i && v->column; k++) nth += str_ieq(v->column[k], name);
    const Attr *at = column_named(&query->out, name, nth);
    if (!at) return schema_changed(an, v, name);
    *e = attr_expr(an->a, at, (Origin){0});
    if (!type_eq(at->field.type, f->type)) {
        bool kept = v->name.catalog.n; // WITH SCHEMA COMPENSATION
        if (kept ? !cast_allowed(at->field.type, f->type, CAST_STORE, true)
                 : !cast_widens(at->field.type, f->type))
            return RAISE(CANNOT_UP_CAST_DATATYPE, P("expression", f->name),
                         P("sourceType", quoted_type_of(an->a, at->field.type)),
                         P("targetType", quoted_type_of(an->a, f->type)),
                         P("details", S("the view was made with that type; make it anew")));
        coerce_at(an->a, e, f->type, (Origin){0});
    }
    *e = expr_alias(an->a, *e, f->name);
    return DONE;
}

// The query below, its columns named and typed as the view's.
static Status view_columns(Analyser *an, Rel **r, const LakeView *v, const Attr *qualifier)
{
    Rel *query = *r, *project = rel_above(an, REL_PROJECT, query);
    project->nexprs = v->schema->nfields;
    project->expr = NEW(an->a, Expr *, project->nexprs);
    for (int32_t i = 0; i < project->nexprs; i++)
        TRY(view_column(an, v, query, i, &project->expr[i]));
    TRY(outputs_of(an, project));
    for (int64_t i = 0; i < project->out.n; i++) {
        Attr *at = &project->out.v[i];
        memcpy(at->qualifier, qualifier->qualifier, sizeof at->qualifier);
        at->nqualifiers = qualifier->nqualifiers;
        at->field.comment = v->schema->field[i].comment;
    }
    *r = project;
    return DONE;
}

static Status analyse_inside(Analyser *an, Rel **r, const LakeView *v, bool hides)
{
    const EvalCtx ctx = context_of(an, v);
    KeptView scope = {.name = text_of(an->a, &v->name), .hides = hides, .outer = an->kept};
    Analyser inner = {.s = an->s,
                      .a = an->a,
                      .ctx = &ctx,
                      .exact = an->exact,
                      .nodes = an->nodes,
                      .kept = &scope,
                      .use = an->use};
    Where was = where_set(an->s, (Where){v->catalog, (Str *)v->ns, v->nns});
    Status s = analyse_rel(&inner, r);
    where_set(an->s, was);
    TRY(s);
    drop_hidden(&inner, r);
    an->nodes = inner.nodes;
    return DONE;
}

static Status nesting(Analyser *an, const LakeView *v)
{
    Str name = text_of(an->a, &v->name);
    int32_t depth = 1;
    for (const KeptView *k = an->kept; k; k = k->outer) depth++;
    if (an->use) vec_push(an->a, &an->use->kept, name);
    if (depth <= NESTED_MAX) return DONE;
    return RAISE(VIEW_EXCEED_MAX_NESTED_DEPTH, P("viewName", name),
                 P("maxNestedDepth", str_fmt(an->a, "%d", NESTED_MAX)));
}

static Status use_text(Analyser *an, Rel **r, const LakeView *v, bool hides, const Attr *qualifier)
{
    Rel *t = *r;
    if (t->time_travel) return unsupported(&t->at, "time travel in a view");
    TRY(nesting(an, v));
    TRY(parse_query(r, an->a, v->sql));
    TRY(analyse_inside(an, r, v, hides));
    if (t->is_streaming && !(*r)->streaming)
        return fail_at(RAISE(NOT_A_STREAM, P("quoted", v->name.table)), &t->at);
    return view_columns(an, r, v, qualifier);
}

static bool has_columns(const Rel *query, const Schema *s) // in order
{
    bool same = query->out.n == s->nfields;
    for (int32_t i = 0; i < s->nfields && same; i++) {
        const Field *f = &query->out.v[i].field;
        same = str_eq(f->name, s->field[i].name) && type_eq(f->type, s->field[i].type);
    }
    return same;
}

Status analyse_view(Analyser *an, const View *view, Rel **query)
{
    Attr none = {0};
    *query = rel_copy(an->a, view->parsed);
    TRY(nesting(an, view->made));
    TRY(analyse_inside(an, query, view->made, an->kept && an->kept->hides));
    if (has_columns(*query, view->made->schema)) return DONE;
    return view_columns(an, query, view->made, &none);
}

Status use_kept_view(Analyser *an, Rel **r, const TableName *name, bool *found)
{
    LakeView v;
    Status s = view_load(&v, an->a, an->s->catalogs, name);
    *found = s.code != ERR_NOT_FOUND;
    if (!*found) return DONE;
    TRY(s);
    Attr qualifier = table_qualifier(name);
    return use_text(an, r, &v, true, &qualifier);
}

Status use_global_view(Analyser *an, Rel **r, Str name, bool *found)
{
    LakeView v;
    *found = !global_view_load(&v, an->a, an->s->catalogs, name).code;
    if (!*found) return DONE;
    Attr qualifier = {.qualifier = {S("global_temp"), v.name.table}, .nqualifiers = 2};
    if (an->use) view_uses(an->use, S("VIEW"), quoted_parts(an->a, qualifier.qualifier, 2));
    return use_text(an, r, &v, an->kept && an->kept->hides, &qualifier);
}
