// connect_source.c -- relations without inputs: tables, data sources, SQL texts, ranges, and what
// the session keeps.
#include "plan/connect_rel_in.h"

static Status read_table(Connect *c, const Proto *m, bool streaming, Rel **r)
{
    *r = connect_node(c, REL_UNRESOLVED_TABLE, NULL, NULL);
    (*r)->is_streaming = streaming;
    TRY(parse_name(&(*r)->name, &(*r)->nnames, c->a, proto_str(m, 1)));
    return connect_options(c->a, m, 2, &(*r)->options);
}

// A schema is DDL, or JSON where DDL fails; an empty one is none.
Status connect_schema(Arena *a, Str text, const Schema **schema)
{
    *schema = NULL;
    Str trimmed = str_trim(text);
    if (!trimmed.n) return DONE;
    if (trimmed.p[0] != '{') return schema_parse(schema, a, trimmed);
    TRY(type_from_json(schema, a, trimmed));
    return (*schema)->id == T_STRUCT ? DONE : fail(ERR_INVALID, "a schema is a struct");
}

static Status source_of(Connect *c, const Proto *m, bool streaming, Rel **r)
{
    Rel *source = *r = connect_node(c, REL_UNRESOLVED_SOURCE, NULL, NULL);
    source->is_streaming = streaming;
    source->format = proto_str(m, 1);
    if (!source->format.n)
        source->format = conf_get(c->env->session, S("spark.sql.sources.default"));
    TRY(connect_options(c->a, m, 3, &source->options));
    const Str *path = options_get(&source->options, S("path"));
    if (path) source->path = *path;
    return connect_schema(c->a, proto_str(m, 2), &source->schema);
}

// Several paths are read as one after the other.
static Status read_source(Connect *c, const Proto *m, bool streaming, Rel **r)
{
    Rel *source, *all = NULL;
    if (proto_has(m, 5)) return connect_unbuilt("a source read by predicates", "filter the rows");
    for (ProtoEach e = proto_each(m, 4); proto_more(&e);) {
        TRY(source_of(c, m, streaming, &source));
        source->path = e.field.bytes;
        if (all) {
            Rel *both = connect_node(c, REL_SET_OP, all, NULL);
            both->input[1] = source;
            both->all = true;
            all = both;
        } else {
            all = source;
        }
    }
    if (!all) TRY(source_of(c, m, streaming, &all));
    *r = all;
    return DONE;
}

Status connect_read(Connect *c, const Proto *m, Rel **r)
{
    Proto table, source;
    bool streaming = proto_bool(m, 3);
    TRY(proto_sub(m, 1, &table));
    TRY(proto_sub(m, 2, &source));
    if (table.present) return read_table(c, &table, streaming, r);
    if (source.present) return read_source(c, &source, streaming, r);
    return connect_unset("Read.read_type", proto_member(m, 3));
}

static Status named_arguments(Connect *c, const Proto *m, uint32_t no, bool literal, SqlArgs *args)
{
    VEC(Str) name = {0};
    Exprs value = {0};
    for (ProtoEach each = proto_each(m, no); proto_more(&each);) {
        Proto entry, of;
        Expr *e;
        TRY(proto_item(m, &each, &entry));
        TRY(connect_need(&entry, 2, &of, "SQL.args"));
        TRY(literal ? connect_literal(c, &of, &e) : connect_expr(c, &of, &e));
        Str key = proto_str(&entry, 1);
        vec_push(c->a, &name, key);
        vec_push(c->a, &value, e);
    }
    if (!name.n) return DONE;
    args->name = name.v;
    args->named = value.v;
    args->nnamed = (int32_t)name.n;
    return DONE;
}

static Status arguments_of(Connect *c, const Proto *m, SqlArgs *args)
{
    Exprs positional = {0};
    TRY(named_arguments(c, m, 2, true, args));
    TRY(named_arguments(c, m, 4, false, args));
    for (ProtoEach each = proto_each(m, 3); proto_more(&each);) {
        Proto one;
        Expr *e;
        TRY(proto_item(m, &each, &one));
        TRY(connect_literal(c, &one, &e));
        vec_push(c->a, &positional, e);
    }
    TRY(connect_exprs(c, m, 5, &positional));
    args->positional = positional.v;
    args->npositional = (int32_t)positional.n;
    return DONE;
}

Status connect_sql_statement(Connect *c, const Proto *m, Statement **st)
{
    Statements all = {0};
    SqlArgs args = {0};
    Str text = conf_substitute(c->env->session, c->a, proto_str(m, 1));
    TRY(arguments_of(c, m, &args));
    TRY(parse_statements_with(&all, c->a, text, &args));
    if (!all.n) return RAISE(PARSE_EMPTY_STATEMENT);
    if (all.n > 1)
        return connect_unbuilt("a text of several statements", "call spark.sql for each");
    *st = all.v[0];
    return DONE;
}

Status connect_sql(Connect *c, const Proto *m, Rel **r)
{
    Statement *st = NULL;
    TRY(connect_sql_statement(c, m, &st));
    must(st);
    if (st->kind != STMT_QUERY)
        return fail(ERR_INVALID, "a relation of SQL text is a query, and this is a command");
    *r = st->rel;
    return DONE;
}

Status connect_range(Connect *c, const Proto *m, Rel **r)
{
    *r = connect_node(c, REL_RANGE, NULL, NULL);
    (*r)->start = proto_int(m, 1);
    (*r)->end = proto_int(m, 2);
    (*r)->step = proto_int_or(m, 3, 1);
    return (*r)->step ? DONE : fail(ERR_INVALID, "a range has a step other than 0");
}

Status connect_table_function(Connect *c, const Proto *m, Rel **r)
{
    Exprs arg = {0};
    TRY(connect_exprs(c, m, 2, &arg));
    *r = connect_node(c, REL_TABLE_FUNCTION, NULL, &arg);
    (*r)->name = NEW(c->a, Str, 1);
    (*r)->name[0] = str_lower(c->a, proto_str(m, 1));
    (*r)->nnames = 1;
    return DONE;
}

Status connect_cached_remote(Connect *c, const Proto *m, Rel **r)
{
    Str id = proto_str(m, 1);
    if (c->env->cached) return c->env->cached(c->env->ctx, c->a, id, r);
    return fail(ERR_NOT_FOUND, "no relation is kept as " STR_FMT, STR_ARG(id));
}

// What came along: subqueries name it by plan id, SQL texts by its alias.
static Status read_references(Connect *in, const Proto *m, Rel *scope)
{
    enum { COMMON = 1, ALIAS = 16 };
    VEC(Cte) cte = {0};
    for (ProtoEach each = proto_each(m, 2); proto_more(&each);) {
        Proto one, common, alias;
        ConnectRef *ref = NEW(in->a, ConnectRef, 1);
        TRY(proto_item(m, &each, &one));
        TRY(proto_sub(&one, COMMON, &common));
        TRY(proto_sub(&one, ALIAS, &alias));
        *ref = (ConnectRef){proto_int_or(&common, 2, -1), one, in->refs};
        in->refs = ref;
        if (!alias.present) continue;
        Cte named = {.name = proto_str(&alias, 2)};
        TRY(connect_rel(in, &one, &named.rel));
        vec_push(in->a, &cte, named);
    }
    scope->cte = cte.v;
    scope->nctes = (int32_t)cte.n;
    return DONE;
}

Status connect_in_scope(Connect *c, const Proto *m, Rel **r)
{
    Connect in = *c;
    Rel *scope = connect_node(c, REL_WITH_CTE, *r, NULL);
    TRY(read_references(&in, m, scope));
    *r = scope;
    return DONE;
}

Status connect_with_relations(Connect *c, const Proto *m, Rel **r)
{
    Connect in = *c;
    Rel *scope = *r = connect_node(c, REL_WITH_CTE, NULL, NULL);
    TRY(read_references(&in, m, scope));
    return connect_rel_of(&in, m, 1, &scope->input[0]);
}
