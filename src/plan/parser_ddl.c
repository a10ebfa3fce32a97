// parser_ddl.c -- CREATE, DROP: schemas, tables, streaming tables, materialized views, views,
// flows, sinks; with columns, partition transforms and clauses in any order.
#include "base/num.h"
#include "plan/parser_in.h"

static Status parse_if_not_exists(Statement *s, Parser *p)
{
    Status st;
    s->if_exists = parser_if_not_exists(p, &st);
    return st;
}

// The text of an expression that is kept as text (DEFAULT).
static Status parse_expr_text(Str *text, Parser *p)
{
    const Token *from = p->at;
    Expr *e;
    TRY(parse_value(&e, p));
    *text = parser_text(p, from);
    return DONE;
}

static bool at_constraint(const Parser *p)
{
    bool table = parser_at_kw(p, KW_PRIMARY) || parser_at_kw(p, KW_FOREIGN);
    return (table && p->at[1].kw == KW_KEY) ||
           (parser_at_kw(p, KW_CONSTRAINT) && p->at[1].kind == TK_WORD) ||
           ((parser_at_kw(p, KW_CHECK) || parser_at_kw(p, KW_UNIQUE)) &&
            p->at[1].kind == TK_LPAREN);
}

static Status parse_constraint(Statement *s, Parser *p)
{
    const Token *from = p->at;
    while (!parser_at(p, TK_COMMA) && !parser_at(p, TK_RPAREN) && !parser_at_end(p)) {
        if (parser_at(p, TK_LPAREN)) p->at = p->first + p->at->match;
        if (!parser_at_end(p)) p->at++;
    }
    if (!s->constraint.n) s->constraint = parser_text(p, from);
    return DONE;
}

static Status option_twice(const Parser *p, const Token *at, const Field *f, const char *option)
{
    return parser_error_at(p, at,
                           RAISE(CREATE_TABLE_COLUMN_DESCRIPTOR_DUPLICATE, P("columnName", f->name),
                                 P("optionName", str_z(option))));
}

static Status parse_column_option(Statement *s, Field *f, Parser *p, bool *any)
{
    const Token *from = p->at;
    *any = true;
    if (parser_take_kws(p, KW_NOT, KW_NULL)) {
        if (!f->nullable) return option_twice(p, from, f, "NOT NULL");
        f->nullable = false;
        return DONE;
    }
    if (parser_take_kw(p, KW_COMMENT)) {
        if (f->comment.p) return option_twice(p, from, f, "COMMENT");
        return parse_string(&f->comment, p);
    }
    if (parser_take_kw(p, KW_DEFAULT)) {
        if (f->dflt.n) return option_twice(p, from, f, "DEFAULT");
        return parse_expr_text(&f->dflt, p);
    }
    bool inline_key = parser_at_kw(p, KW_PRIMARY) || parser_at_kw(p, KW_REFERENCES) ||
                      parser_at_kw(p, KW_UNIQUE) || parser_at_kw(p, KW_GENERATED);
    if (at_constraint(p) || inline_key) return parse_constraint(s, p);
    *any = false;
    return DONE;
}

static Status parse_column(Field *f, Statement *s, Parser *p)
{
    *f = (Field){.nullable = true, .watermark_delay = WATERMARK_NONE};
    TRY(parse_identifier(&f->name, p));
    parser_take(p, TK_COLON);
    TRY(parse_type(&f->type, p));
    for (bool any = true; any;) TRY(parse_column_option(s, f, p, &any));
    return DONE;
}

static Status keep_columns(Statement *s, Parser *p, const Field *f, int64_t n)
{
    VEC(Field) all = {0};
    for (int32_t i = 0; s->columns && i < s->columns->nfields; i++)
        vec_push(p->a, &all, s->columns->field[i]);
    for (int64_t i = 0; i < n; i++) vec_push(p->a, &all, f[i]);
    s->columns = type_struct(p->a, all.v, (int32_t)all.n);
    return DONE;
}

Status parse_columns(Statement *s, Parser *p)
{
    VEC(Field) fields = {0};
    TRY(parser_need(p, TK_LPAREN));
    do {
        Field f;
        if (at_constraint(p)) {
            TRY(parse_constraint(s, p));
            continue;
        }
        TRY(parse_column(&f, s, p));
        vec_push(p->a, &fields, f);
    } while (parser_take(p, TK_COMMA));
    TRY(parser_need(p, TK_RPAREN));
    return keep_columns(s, p, fields.v, fields.n);
}

static Status transform_argument(Transform *t, Parser *p)
{
    if (parser_at(p, TK_INTEGER)) {
        int64_t v;
        if (!num_parse_i64(p->at->text, &v) || v > INT32_MAX) return parser_error(p);
        p->at++;
        t->arg = (int32_t)v;
        return DONE;
    }
    const Token *from = p->at;
    Str *part;
    int32_t n;
    if (t->column.n) return parser_error(p); // of several columns
    TRY(parse_parts(&part, &n, p));
    t->column = n == 1 ? part[0] : parser_text(p, from);
    return DONE;
}

Status parse_transform(Statement *s, Parser *p)
{
    const Token *from = p->at;
    Transform t = {.name = S("identity")};
    bool name = parser_at(p, TK_WORD) || parser_at(p, TK_QUOTED);
    bool typed = name && p->at[1].kind == TK_WORD && p->at[1].kw != KW_AS && p->at[1].kw != KW_WITH;
    if (typed) { // Hive's form: a column of its own
        Field f;
        TRY(parse_column(&f, s, p));
        TRY(keep_columns(s, p, &f, 1));
        t.column = f.name;
    } else if (name && p->at[1].kind == TK_LPAREN) {
        t.name = str_lower(p->a, p->at->text);
        p->at += 2;
        do TRY(transform_argument(&t, p));
        while (parser_take(p, TK_COMMA));
        TRY(parser_need(p, TK_RPAREN));
    } else {
        TRY(transform_argument(&t, p));
    }
    t.at = parser_place(p, from);
    VEC(Transform) all = {s->partition, s->npartition, s->npartition};
    vec_push(p->a, &all, t);
    s->partition = all.v;
    s->npartition = (int32_t)all.n;
    return DONE;
}

static Status clause_partitioned(Statement *s, Parser *p)
{
    TRY(parser_need_kw(p, KW_BY));
    TRY(parser_need(p, TK_LPAREN));
    do TRY(parse_transform(s, p));
    while (parser_take(p, TK_COMMA));
    return parser_need(p, TK_RPAREN);
}

void clustering_property(Options *to, Arena *a, const Str *column, int32_t n)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) {
        buf_put(&b, i ? S(",[") : S("[["));
        buf_json(&b, column[i]);
        buf_char(&b, ']');
    }
    buf_char(&b, ']');
    Option o = {S("clusteringColumns"), buf_str(&b)};
    vec_push(a, to, o);
}
// CLUSTER BY (a, b) is a property; CLUSTERED BY (a) INTO n BUCKETS stays text for what wants it.
static Status clause_cluster(Statement *s, Parser *p)
{
    const Token *from = p->at - 1;
    TRY(parser_need_kw(p, KW_BY));
    Str *column;
    int32_t n;
    TRY(parse_identifiers(&column, &n, p));
    if (from->kw == KW_CLUSTERED) {
        if (parser_take_kws(p, KW_SORTED, KW_BY)) p->at = p->first + p->at->match + 1;
        TRY(parser_need_kw(p, KW_INTO));
        TRY(parser_need(p, TK_INTEGER));
        TRY(parser_need_kw(p, KW_BUCKETS));
    }
    if (from->kw == KW_CLUSTER) clustering_property(&s->properties, p->a, column, n);
    s->value = parser_text(p, from);
    return DONE;
}

static Status clause_options(Statement *s, Parser *p) { return parse_properties(&s->options, p); }
static Status clause_properties(Statement *s, Parser *p)
{
    return parse_properties(&s->properties, p);
}
static Status clause_location(Statement *s, Parser *p) { return parse_string(&s->location, p); }
static Status clause_comment(Statement *s, Parser *p) { return parse_string(&s->comment, p); }

static Status clause_using(Statement *s, Parser *p)
{
    const Token *from = p->at;
    Str *part;
    int32_t n;
    TRY(parse_parts(&part, &n, p));
    s->format = n == 1 ? str_lower(p->a, part[0]) : parser_text(p, from);
    return DONE;
}

static Status parse_clauses(Statement *s, Parser *p)
{
    static const struct {
        Keyword kw;
        Status (*parse)(Statement *s, Parser *p);
    } row[] = {
        {KW_USING, clause_using},
        {KW_OPTIONS, clause_options},
        {KW_PARTITIONED, clause_partitioned},
        {KW_CLUSTER, clause_cluster},
        {KW_CLUSTERED, clause_cluster},
        {KW_LOCATION, clause_location},
        {KW_COMMENT, clause_comment},
        {KW_TBLPROPERTIES, clause_properties},
    };
    uint32_t seen = 0;
    for (int64_t i = 0; i < COUNT(row); i++) {
        const Token *from = p->at;
        if (!parser_take_kw(p, row[i].kw)) continue;
        Str name = str_upper(p->a, from->text);
        if (row[i].kw == KW_PARTITIONED || row[i].kw == KW_CLUSTERED || row[i].kw == KW_CLUSTER)
            name = str_cat(p->a, name, S(" BY"));
        if (seen >> i & 1 && row[i].kw == KW_USING) { // Spark's grammar has one place for it
            p->at = from;
            return parser_error(p);
        }
        if (seen >> i & 1)
            return parser_error_at(p, from, RAISE(DUPLICATE_CLAUSES, P("clauseName", name)));
        seen |= 1u << i;
        TRY(row[i].parse(s, p));
        i = -1; // any order
    }
    return DONE;
}

Status parse_as_query(Statement *s, Parser *p, bool needed)
{
    bool as = parser_take_kw(p, KW_AS);
    if (!as && needed) return parser_need_kw(p, KW_AS);
    if (!as && !parser_at_query(p)) return DONE;
    const Token *from = p->at;
    TRY(parse_whole_query(&s->rel, p));
    s->view_text = parser_text(p, from);
    return DONE;
}

// CREATE TABLE t LIKE u [USING ..] [LOCATION ..] [TBLPROPERTIES ..]: u is in target[] and rel
static Status parse_like(Statement *s, Parser *p)
{
    const Token *from = p->at;
    TRY(parse_parts(&s->target, &s->ntarget, p));
    s->rel = rel_new(p->a, REL_UNRESOLVED_TABLE, parser_place(p, from), NULL);
    s->rel->name = s->target;
    s->rel->nnames = s->ntarget;
    for (;;) {
        if (parser_take_kw(p, KW_USING))
            TRY(clause_using(s, p));
        else if (parser_take_kw(p, KW_LOCATION))
            TRY(clause_location(s, p));
        else if (parser_take_kw(p, KW_TBLPROPERTIES))
            TRY(clause_properties(s, p));
        else
            return DONE;
    }
}

static Status create_table(Statement *s, Parser *p)
{
    TRY(parse_if_not_exists(s, p));
    if (s->if_exists && s->replace) return parser_error(p);
    TRY(parse_target(s, p));
    if (!s->replace && parser_take_kw(p, KW_LIKE)) return parse_like(s, p);
    if (parser_at(p, TK_LPAREN) && !parser_at_query(p)) TRY(parse_columns(s, p));
    TRY(parse_clauses(s, p));
    return parse_as_query(s, p, false);
}

static Status create_schema(Statement *s, Parser *p)
{
    TRY(parse_if_not_exists(s, p));
    TRY(parse_target(s, p));
    for (;;) {
        if (parser_at_kw(p, KW_COMMENT) && s->comment.p)
            return parser_error_at(p, p->at,
                                   RAISE(DUPLICATE_CLAUSES, P("clauseName", S("COMMENT"))));
        if (parser_take_kw(p, KW_COMMENT))
            TRY(parse_string(&s->comment, p));
        else if (parser_take_kw(p, KW_LOCATION))
            TRY(parse_string(&s->location, p));
        else if (parser_take_kws(p, KW_WITH, KW_DBPROPERTIES) ||
                 parser_take_kws(p, KW_WITH, KW_PROPERTIES))
            TRY(parse_properties(&s->properties, p));
        else
            return DONE;
    }
}

static Status parse_view_columns(Statement *s, Parser *p)
{
    Names column = {0}, comments = {0};
    TRY(parser_need(p, TK_LPAREN));
    do {
        Str name, comment = {0};
        TRY(parse_identifier(&name, p));
        if (parser_take_kw(p, KW_COMMENT)) TRY(parse_string(&comment, p));
        vec_push(p->a, &column, name);
        vec_push(p->a, &comments, comment);
    } while (parser_take(p, TK_COMMA));
    s->column = column.v;
    s->column_comment = comments.v;
    s->ncolumns = (int32_t)column.n;
    return parser_need(p, TK_RPAREN);
}

// CREATE TEMPORARY VIEW v (a INT, ..) USING format has columns with types.
// How a view follows its tables: as COMPENSATION says, and by the other words not yet.
static Status parse_schema_mode(Parser *p)
{
    if (!parser_take_kws(p, KW_WITH, KW_SCHEMA) || parser_take_kw(p, KW_COMPENSATION)) return DONE;
    Str word = p->at->text;
    if (!parser_at_kw(p, KW_TYPE) && !parser_at_kw(p, KW_EVOLUTION) && !str_ieq(word, S("BINDING")))
        return parser_error(p);
    Status s =
        RAISE(UNSUPPORTED_FEATURE, P("feature", str_cat(p->a, S("a view WITH SCHEMA "), word)),
              P("needs", S("WITH SCHEMA COMPENSATION, or make the view anew")));
    return parser_error_at(p, p->at, s);
}
static Status create_view(Statement *s, Parser *p)
{
    const Token *from = p->at;
    TRY(parse_if_not_exists(s, p));
    if (s->if_exists && (s->replace || s->temporary)) {
        const char *what = s->replace ? "CREATE OR REPLACE VIEW ... IF NOT EXISTS"
                                      : "CREATE TEMPORARY VIEW ... IF NOT EXISTS";
        return parser_error_at(p, from,
                               RAISE(INVALID_STATEMENT_OR_CLAUSE, P("operation", str_z(what))));
    }
    TRY(parse_target(s, p));
    bool names =
        p->at[2].kind == TK_COMMA || p->at[2].kind == TK_RPAREN || p->at[2].kw == KW_COMMENT;
    if (parser_at(p, TK_LPAREN)) TRY(names ? parse_view_columns(s, p) : parse_columns(s, p));
    if (parser_take_kw(p, KW_USING)) {
        if (!s->temporary) {
            p->at--;
            return parser_error(p);
        }
        TRY(clause_using(s, p));
        return parser_take_kw(p, KW_OPTIONS) ? parse_properties(&s->options, p) : DONE;
    }
    TRY(parse_clauses(s, p));
    TRY(parse_schema_mode(p));
    return parse_as_query(s, p, true);
}

static Status create_flow(Statement *s, Parser *p)
{
    TRY(parse_target(s, p));
    if (parser_take_kw(p, KW_COMMENT)) TRY(parse_string(&s->comment, p));
    TRY(parser_need_kw(p, KW_AS));
    TRY(parser_need_kws(p, KW_INSERT, KW_INTO));
    s->once = parser_take_word(p, "ONCE");
    parser_take_kw(p, KW_TABLE);
    TRY(parse_parts(&s->target, &s->ntarget, p));
    TRY(parser_need_kws(p, KW_BY, KW_NAME));
    s->by_name = true;
    const Token *from = p->at;
    TRY(parse_whole_query(&s->rel, p));
    s->view_text = parser_text(p, from);
    return DONE;
}

static Status create_sink(Statement *s, Parser *p)
{
    TRY(parse_if_not_exists(s, p));
    TRY(parse_target(s, p));
    TRY(parser_need_kw(p, KW_USING));
    TRY(clause_using(s, p));
    for (;;) {
        if (parser_take_kw(p, KW_OPTIONS))
            TRY(parse_properties(&s->options, p));
        else if (parser_take_kw(p, KW_COMMENT))
            TRY(parse_string(&s->comment, p));
        else
            return DONE;
    }
}

typedef struct CreateRow {
    Keyword kw, then;
    StatementKind kind;
    bool temporary; // the word TEMPORARY may stand before it
    Status (*parse)(Statement *s, Parser *p);
} CreateRow;
static const CreateRow create_rows[] = {
    {KW_TABLE, KW_NONE, STMT_CREATE_TABLE, false, create_table},
    {KW_EXTERNAL, KW_TABLE, STMT_CREATE_TABLE, false, create_table},
    {KW_STREAMING, KW_TABLE, STMT_CREATE_STREAMING_TABLE, false, create_table},
    {KW_MATERIALIZED, KW_VIEW, STMT_CREATE_MATERIALIZED_VIEW, false, create_table},
    {KW_VIEW, KW_NONE, STMT_CREATE_VIEW, true, create_view},
    {KW_SCHEMA, KW_NONE, STMT_CREATE_SCHEMA, false, create_schema},
    {KW_DATABASE, KW_NONE, STMT_CREATE_SCHEMA, false, create_schema},
    {KW_NAMESPACE, KW_NONE, STMT_CREATE_SCHEMA, false, create_schema},
    {KW_FLOW, KW_NONE, STMT_CREATE_FLOW, false, create_flow},
    {KW_SINK, KW_NONE, STMT_CREATE_SINK, false, create_sink},
};

Status parse_create(Statement *s, Parser *p)
{
    s->must_exist = p->at->kw == KW_REPLACE;
    s->replace = p->at++->kw == KW_REPLACE || parser_take_kws(p, KW_OR, KW_REPLACE);
    s->global = parser_take_kw(p, KW_GLOBAL);
    s->temporary = parser_take_kw(p, KW_TEMPORARY) || parser_take_kw(p, KW_TEMP);
    for (int64_t i = 0; i < COUNT(create_rows); i++) {
        const CreateRow *r = &create_rows[i];
        if (!parser_at_kw(p, r->kw) || (r->then && p->at[1].kw != r->then)) continue;
        if ((s->temporary || s->global) && !r->temporary) return parser_error(p);
        p->at += r->then ? 2 : 1;
        s->kind = r->kind;
        return r->parse(s, p);
    }
    bool known =
        parser_at_kw(p, KW_FUNCTION) || parser_at_kw(p, KW_INDEX) || parser_at_kw(p, KW_ROLE);
    if (!known) return parser_error(p);
    s->kind = STMT_OTHER;
    s->value = str_cat(p->a, S("CREATE "), keyword_text(p->at->kw));
    parser_take_rest(p);
    return DONE;
}

Status parse_drop(Statement *s, Parser *p)
{
    p->at++;
    bool temporary = parser_take_kw(p, KW_TEMPORARY) || parser_take_kw(p, KW_TEMP);
    if (temporary && (parser_at_kw(p, KW_VARIABLE) || parser_at_kw(p, KW_VAR)))
        return parse_drop_variable(s, p);
    if (temporary && parser_take_kw(p, KW_FUNCTION)) {
        s->kind = STMT_DROP_FUNCTION;
        s->if_exists = parser_if_exists(p);
        return parse_target(s, p);
    }
    bool table = parser_take_kw(p, KW_TABLE), view = !table && parser_take_kw(p, KW_VIEW);
    bool schema =
        parser_at_kw(p, KW_SCHEMA) || parser_at_kw(p, KW_DATABASE) || parser_at_kw(p, KW_NAMESPACE);
    if (temporary || (!table && !view && !schema)) {
        bool known =
            parser_at_kw(p, KW_FUNCTION) || parser_at_kw(p, KW_INDEX) || parser_at_kw(p, KW_ROLE);
        if (!known) return parser_error(p);
        s->kind = STMT_OTHER;
        s->value = str_cat(p->a, S("DROP "), keyword_text(p->at->kw));
        parser_take_rest(p);
        return DONE;
    }
    p->at += schema;
    s->kind = table ? STMT_DROP_TABLE : view ? STMT_DROP_VIEW : STMT_DROP_SCHEMA;
    s->if_exists = parser_if_exists(p);
    TRY(parse_target(s, p));
    if (table) s->purge = parser_take_kw(p, KW_PURGE);
    if (schema && !parser_take_kw(p, KW_RESTRICT)) s->cascade = parser_take_kw(p, KW_CASCADE);
    return DONE;
}
