// pipeline.c -- reading a file: every statement is registered as an element or a flow.
#include "run/names.h"
#include "run/pipeline_in.h"
#include "run/statement.h"

static Status refuse(const Statement *st, const char *why)
{
    return statement_fail(RAISE(PIPELINE_SQL_GRAPH_ELEMENT_REGISTRATION_ERROR,
                                P("message", str_z(why)), P("offendingQuery", statement_line(st))),
                          st);
}
static Element *find(const Pipeline *p, Str name)
{
    for (int64_t i = 0; i < p->element.n; i++)
        if (str_ieq(p->element.v[i]->name, name)) return p->element.v[i];
    return NULL;
}
static Status add_element(Pipeline *p, ElementKind kind, Str name, const Statement *st)
{
    if (find(p, name))
        return statement_fail(RAISE(PIPELINE_DUPLICATE_IDENTIFIERS_OUTPUT, P("outputName", name)),
                              st);
    Element *e = NEW(p->arena, Element, 1);
    e->kind = kind;
    e->name = name;
    e->st = st;
    vec_push(p->arena, &p->element, e);
    return DONE;
}
static Status add_flow(Pipeline *p, Element *to, Str name, const Statement *st)
{
    for (int64_t i = 0; i < p->element.n; i++)
        for (int64_t k = 0; k < p->element.v[i]->flow.n; k++)
            if (str_eq(p->element.v[i]->flow.v[k].name, name))
                return statement_fail(
                    RAISE(PIPELINE_DUPLICATE_IDENTIFIERS_FLOW, P("flowName", name)), st);
    Flow f = {name, st};
    vec_push(p->arena, &to->flow, f);
    return DONE;
}
static Status full_name(Pipeline *p, TableName *table, Str *text, const Str *part, int32_t n)
{
    TRY(name_complete(p->session, p->arena, part, n, table));
    *text = name_text(p->arena, table);
    return DONE;
}
static Status add_table(Pipeline *p, ElementKind kind, const Statement *st)
{
    TableName table;
    Str name = {0};
    if (st->options.n || st->location.n)
        return refuse(st, "a pipeline's table has no OPTIONS and no LOCATION");
    TRY(full_name(p, &table, &name, st->name, st->nnames));
    TRY(add_element(p, kind, name, st));
    Element *e = p->element.v[p->element.n - 1];
    e->table = table;
    return st->rel ? add_flow(p, e, name, st) : DONE;
}
static Status no_columns(Answer *to, const Schema *s)
{
    (void)to, (void)s;
    return DONE;
}
static Status no_rows(Out *to, const Batch *b)
{
    (void)to, (void)b;
    return DONE;
}
static Status run_now(Pipeline *p, const Statement *st)
{
    Answer nobody = {.schema = no_columns, .rows = {no_rows}};
    StatementArgs args = {.session = p->session, .env = engine_env(p->engine)};
    return statement_run(&args, st, &nobody);
}
// A schema that a pipeline names is there from the first run on, whatever the statement says.
static Status add_schema(Pipeline *p, const Statement *st)
{
    Statement again = *st;
    again.if_exists = true;
    return run_now(p, &again);
}
static Status add_statement(Pipeline *p, const Statement *st)
{
    if (st->kind == STMT_CREATE_SCHEMA) return add_schema(p, st);
    if (st->kind == STMT_SET || st->kind == STMT_USE) return run_now(p, st);
    if (st->kind == STMT_CREATE_VIEW)
        return add_element(p, ELEMENT_VIEW, st->name[st->nnames - 1], st);
    if (st->kind == STMT_CREATE_STREAMING_TABLE) return add_table(p, ELEMENT_TABLE, st);
    if (st->kind == STMT_CREATE_MATERIALIZED_VIEW) return add_table(p, ELEMENT_MATERIALIZED, st);
    if (st->kind == STMT_CREATE_SINK)
        return add_element(p, ELEMENT_SINK, st->name[st->nnames - 1], st);
    if (st->kind == STMT_CREATE_FLOW) return DONE; // when all targets are known
    return refuse(st, "this statement cannot stand in a pipeline");
}
static Status add_named_flow(Pipeline *p, const Statement *st)
{
    TableName table;
    Str full = {0};
    if (st->nnames > 1)
        return statement_fail(
            RAISE(MULTIPART_FLOW_NAME_NOT_SUPPORTED,
                  P("flowName", str_fmt(p->arena, STR_FMT "." STR_FMT, STR_ARG(st->name[0]),
                                        STR_ARG(st->name[1])))),
            st);
    Element *to = st->ntarget == 1 ? find(p, st->target[0]) : NULL;
    if (!to) {
        TRY(full_name(p, &table, &full, st->target, st->ntarget));
        to = find(p, full);
    }
    if (!to || to->kind == ELEMENT_VIEW || to->kind == ELEMENT_MATERIALIZED)
        return refuse(st, "a flow goes into a streaming table or a sink of this file");
    return add_flow(p, to, st->name[st->nnames - 1], st);
}
static Status check_whole(const Pipeline *p)
{
    int64_t outputs = 0;
    for (int64_t i = 0; i < p->element.n; i++) {
        const Element *e = p->element.v[i];
        if (e->kind == ELEMENT_VIEW) continue;
        outputs++;
        if (!e->flow.n)
            return statement_fail(RAISE(PIPELINE_DATASET_WITHOUT_FLOW, P("identifier", e->name)),
                                  e->st);
    }
    return outputs ? DONE : RAISE(RUN_EMPTY_PIPELINE);
}
Status pipeline_open(Pipeline **out, Arena *a, Engine *engine, Session *s, Str text)
{
    Statements parsed = {0};
    TRY(parse_statements(&parsed, a, str_copy(a, text)));
    return pipeline_open_statements(out, a, engine, s, &parsed);
}
Status pipeline_open_statements(Pipeline **out, Arena *a, Engine *engine, Session *s,
                                const Statements *all)
{
    Pipeline *p = NEW(a, Pipeline, 1);
    p->arena = arena_new(a);
    p->engine = engine;
    p->session = s;
    for (int64_t i = 0; i < all->n; i++) TRY(add_statement(p, all->v[i]));
    for (int64_t i = 0; i < all->n; i++)
        if (all->v[i]->kind == STMT_CREATE_FLOW) TRY(add_named_flow(p, all->v[i]));
    TRY(check_whole(p));
    TRY(pipeline_link(p));
    *out = p;
    return pipeline_check(p);
}
static Status refresh(Element *e)
{
    const Str *value = options_get(&e->st->properties, RESET_ALLOWED);
    bool allowed = !value || str_ieq(*value, S("true"));
    if (!allowed && !str_ieq(*value, S("false")))
        return statement_fail(fail(ERR_INVALID,
                                   "the table property pipelines.reset.allowed is true or false, "
                                   "not '" STR_FMT "'",
                                   STR_ARG(*value)),
                              e->st);
    e->refresh = allowed;
    return DONE;
}
Status pipeline_refresh(Pipeline *p)
{
    for (int64_t i = 0; i < p->element.n; i++) TRY(refresh(p->element.v[i]));
    return DONE;
}
static Status selected(Pipeline *p, Str name, Element **e)
{
    TableName table;
    Str *part = NULL, full = {0};
    int32_t n = 0;
    *e = find(p, name);
    if (!*e) {
        TRY(parse_name(&part, &n, p->arena, name));
        TRY(full_name(p, &table, &full, part, n));
        *e = find(p, full);
    }
    if (*e && (*e)->kind != ELEMENT_VIEW) return DONE;
    return RAISE(TABLE_OR_VIEW_NOT_FOUND, P("relationName", name));
}
static Status select_names(Pipeline *p, Str names, bool full)
{
    Element *e = NULL;
    for (Cut c = {.tail = names, .ok = names.n > 0}; c.ok;) {
        c = str_cut(c.tail, ',');
        if (!str_trim(c.head).n) continue;
        TRY(selected(p, str_trim(c.head), &e));
        e->left_out = false;
        if (full) TRY(refresh(e));
    }
    return DONE;
}
Status pipeline_select(Pipeline *p, Str refresh, Str full)
{
    for (int64_t i = 0; i < p->element.n; i++) p->element.v[i]->left_out = refresh.n || full.n;
    TRY(select_names(p, refresh, false));
    return select_names(p, full, true);
}
int32_t pipeline_outputs(const Pipeline *p, Arena *a, Str **name)
{
    int32_t n = 0;
    *name = NEW(a, Str, p->order.n + 1);
    for (int64_t i = 0; i < p->order.n; i++)
        if (p->order.v[i]->kind != ELEMENT_VIEW) (*name)[n++] = p->order.v[i]->name;
    return n;
}
