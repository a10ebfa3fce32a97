// parser_statement.c -- statements by their first words; the small ones are here, SHOW and SET too.
#include "base/civil.h"
#include "plan/parser_in.h"

bool parser_if_exists(Parser *p) { return parser_take_kws(p, KW_IF, KW_EXISTS); }

void parser_take_rest(Parser *p)
{
    while (!parser_at_end(p)) p->at++;
}

static Status parse_rel(Statement *s, Parser *p) { return parse_whole_query(&s->rel, p); }
Status parse_target(Statement *s, Parser *p)
{
    const Token *from = p->at;
    TRY(parse_parts(&s->name, &s->nnames, p));
    s->named = parser_place(p, from);
    return DONE;
}

static Status parse_other(Statement *s, Parser *p)
{
    const Token *from = p->at;
    s->kind = STMT_OTHER;
    p->at++;
    if (parser_at(p, TK_WORD)) p->at++;
    s->value = str_upper(p->a, parser_text(p, from));
    parser_take_rest(p);
    return DONE;
}

static Status parse_select_statement(Statement *s, Parser *p)
{
    s->kind = STMT_QUERY;
    return parse_rel(s, p);
}

// WITH .. before INSERT and its kin: what follows the last definition decides.
static bool dml_after_with(const Parser *p)
{
    const Token *t = p->at + 1;
    t += t->kw == KW_RECURSIVE;
    for (;;) {
        while (t->kind != TK_LPAREN && t->kind != TK_END && t->kind != TK_SEMICOLON) t++;
        if (t->kind != TK_LPAREN) return false;
        t = p->first + t->match + 1;
        if (t->kw == KW_AS) t++;
        if (t->kind == TK_LPAREN) t = p->first + t->match + 1;
        if (t->kind != TK_COMMA) break;
        t++;
    }
    return t->kw == KW_INSERT || t->kw == KW_UPDATE || t->kw == KW_DELETE || t->kw == KW_MERGE;
}

static Status parse_with_statement(Statement *s, Parser *p)
{
    if (!dml_after_with(p)) return parse_select_statement(s, p);
    Rel *with;
    TRY(parse_with(&with, p));
    Keyword kw = p->at->kw;
    TRY(kw == KW_INSERT   ? parse_insert(s, p)
        : kw == KW_UPDATE ? parse_update(s, p)
        : kw == KW_DELETE ? parse_delete(s, p)
                          : parse_merge(s, p));
    if (!s->rel) return DONE;
    with->input[0] = s->rel;
    s->rel = with;
    return DONE;
}

static Status parse_use(Statement *s, Parser *p)
{
    s->kind = STMT_USE;
    p->at++;
    bool kind = parser_at_kw(p, KW_NAMESPACE) || parser_at_kw(p, KW_SCHEMA) ||
                parser_at_kw(p, KW_DATABASE) || parser_at_kw(p, KW_CATALOG);
    if (kind && p->at[1].kind != TK_DOT && p->at[1].kind != TK_END && p->at[1].kind != TK_SEMICOLON)
        s->key = p->at++->kw == KW_CATALOG ? S("catalog") : S("namespace");
    return parse_target(s, p);
}

// +10:00 or +15:40:32
static Status zone_of_interval(Statement *s, Parser *p)
{
    Expr *e;
    TRY(parse_interval(&e, p));
    int64_t micros = e->type->id == T_INTERVAL_DT ? e->value.i : INT64_MAX;
    int64_t seconds = micros / MICROS_PER_SECOND, size = seconds < 0 ? -seconds : seconds;
    static const int64_t unit[] = {MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE,
                                   MICROS_PER_SECOND};
    bool whole = micros % MICROS_PER_SECOND == 0;
    if (size > 18 * 3600 || !whole)
        return RAISE(
            INVALID_INTERVAL_FORMAT_ZONE,
            P("input",
              str_fmt(p->a, "%lld", (long long)(whole ? micros / unit[e->type->first] : seconds))));
    s->value = str_fmt(p->a, "%c%02d:%02d", seconds < 0 ? '-' : '+', (int)(size / 3600),
                       (int)(size / 60 % 60));
    if (size % 60) s->value = str_fmt(p->a, STR_FMT ":%02d", STR_ARG(s->value), (int)(size % 60));
    return DONE;
}

// SET TIME ZONE 'name' | LOCAL | INTERVAL ...
static Status parse_time_zone(Statement *s, Parser *p)
{
    const Token *from = p->at - 1;
    p->at += 2;
    s->key = S("spark.sql.session.timeZone");
    s->overwrite = true;
    Status got = DONE;
    if (parser_at(p, TK_STRING))
        TRY(parse_string(&s->value, p));
    else if (parser_at_interval(p))
        got = zone_of_interval(s, p);
    else if (parser_take_kw(p, KW_LOCAL))
        s->value = S("UTC"); // of every machine that kappa runs on
    else
        got = RAISE(SET_TIME_ZONE_VALUE);
    if (!got.code && !parser_at_end(p)) got = RAISE(SET_TIME_ZONE_VALUE);
    if (got.code) parser_take_rest(p);
    Origin at = parser_place(p, from);
    return fail_at(got, &at);
}

// The value of SET is text, up to the end of the statement.
Status parse_set(Statement *s, Parser *p)
{
    s->kind = STMT_SET;
    p->at++;
    if (parser_at_end(p)) return DONE;
    if (parser_take_kw(p, KW_CATALOG)) {
        s->kind = STMT_USE;
        s->key = S("catalog");
        s->nnames = 1;
        s->name = NEW(p->a, Str, 1);
        return parser_at(p, TK_STRING) ? parse_string(&s->name[0], p)
                                       : parse_identifier(&s->name[0], p);
    }
    if (parser_at_set_variable(p)) return parse_set_variable(s, p);
    const Token *from = p->at;
    if (parser_at_kw(p, KW_TIME) && p->at[1].kw == KW_ZONE) return parse_time_zone(s, p);
    bool quoted = parser_at(p, TK_QUOTED);
    parser_take_rest(p);
    Cut cut = str_cut(parser_text(p, from), '=');
    s->key = quoted ? token_value(p->a, from) : str_trim(cut.head);
    s->value = str_trim(cut.tail);
    s->overwrite = cut.ok;
    s->extended = str_eq(s->key, S("-v"));
    if (s->extended) s->key = S("");
    bool backquoted = s->value.n > 1 && s->value.p[0] == '`' && str_ends(s->value, S("`"));
    if (backquoted) s->value = str_sub(s->value, 1, s->value.n - 2);
    return DONE;
}

static Status parse_reset(Statement *s, Parser *p)
{
    s->kind = STMT_RESET;
    const Token *from = ++p->at;
    if (parser_at_end(p)) return DONE;
    parser_take_rest(p);
    s->key = from->kind == TK_QUOTED ? token_value(p->a, from) : parser_text(p, from);
    return DONE;
}

static Status parse_explain(Statement *s, Parser *p)
{
    static const Keyword modes[] = {KW_LOGICAL, KW_FORMATTED, KW_EXTENDED, KW_CODEGEN, KW_COST};
    s->kind = STMT_EXPLAIN;
    if (p->at[1].kw == KW_LOGICAL)
        return parser_error_at(
            p, p->at, RAISE(INVALID_STATEMENT_OR_CLAUSE, P("operation", S("EXPLAIN LOGICAL"))));
    p->at++;
    for (int64_t i = 0; i < COUNT(modes); i++)
        if (parser_at_kw(p, modes[i])) {
            s->value = keyword_text(modes[i]);
            p->at++;
            break;
        }
    int32_t saved;
    TRY(parser_enter(p, &saved));
    TRY(parse_statement(&s->inner, p));
    parser_leave(p, saved);
    return DONE;
}

static Status parse_truncate(Statement *s, Parser *p)
{
    s->kind = STMT_TRUNCATE;
    p->at++;
    TRY(parser_need_kw(p, KW_TABLE));
    TRY(parse_target(s, p));
    return parse_partition(s, p);
}

static Status parse_cache(Statement *s, Parser *p)
{
    s->kind = STMT_CACHE;
    s->once = p->at++->kw == KW_UNCACHE;
    if (p->at[-1].kw == KW_CLEAR) return parser_need_kw(p, KW_CACHE);
    parser_take_kw(p, KW_LAZY);
    TRY(parser_need_kw(p, KW_TABLE));
    s->if_exists = parser_if_exists(p);
    TRY(parse_target(s, p));
    if (parser_take_kw(p, KW_OPTIONS)) TRY(parse_properties(&s->options, p));
    parser_take_kw(p, KW_AS);
    if (parser_at_end(p)) return DONE;
    const Token *from = p->at;
    TRY(parse_rel(s, p));
    s->view_text = parser_text(p, from);
    return DONE;
}

static Status parse_refresh(Statement *s, Parser *p)
{
    s->kind = STMT_REFRESH;
    p->at++;
    if (parser_take_kw(p, KW_TABLE)) return parse_target(s, p);
    const Token *from = p->at;
    parser_take_rest(p);
    s->value = parser_text(p, from);
    return DONE;
}

// MSCK REPAIR TABLE t [ADD|DROP|SYNC PARTITIONS]
static Status parse_repair(Statement *s, Parser *p)
{
    s->kind = STMT_REPAIR;
    parser_take_kw(p, KW_MSCK);
    TRY(parser_need_kw(p, KW_REPAIR));
    TRY(parser_need_kw(p, KW_TABLE));
    TRY(parse_target(s, p));
    if (!parser_take_kw(p, KW_ADD) && !parser_take_kw(p, KW_DROP) && !parser_take_kw(p, KW_SYNC))
        return DONE;
    return parser_need_kw(p, KW_PARTITIONS);
}

static Status parse_procedure_call(Statement *s, Parser *p)
{
    s->kind = STMT_CALL;
    p->at++;
    const Token *from = p->at;
    Expr *call;
    TRY(parse_primary(&call, p));
    if (call->kind != E_CALL) {
        p->at = from;
        return parser_error(p);
    }
    s->name = call->nparts ? call->part : NEW(p->a, Str, 1);
    s->nnames = MAX(call->nparts, 1);
    if (!call->nparts) s->name[0] = call->name;
    s->expr = call->arg;
    s->nexprs = call->nargs;
    return DONE;
}

static Status parse_comment(Statement *s, Parser *p)
{
    s->kind = STMT_COMMENT;
    p->at++;
    TRY(parser_need_kw(p, KW_ON));
    bool schema =
        parser_at_kw(p, KW_SCHEMA) || parser_at_kw(p, KW_DATABASE) || parser_at_kw(p, KW_NAMESPACE);
    if (schema) s->key = S("schema");
    if (schema)
        p->at++;
    else
        TRY(parser_need_kw(p, KW_TABLE));
    TRY(parse_target(s, p));
    TRY(parser_need_kw(p, KW_IS));
    return parser_take_kw(p, KW_NULL) ? DONE : parse_string(&s->comment, p);
}

static Status parse_in_namespace(Statement *s, Parser *p)
{
    if (parser_take_kw(p, KW_FROM) || parser_take_kw(p, KW_IN)) TRY(parse_target(s, p));
    bool like = parser_take_kw(p, KW_LIKE);
    if (like && !parser_at(p, TK_STRING)) return parse_identifier(&s->pattern, p); // functions
    return like || parser_at(p, TK_STRING) ? parse_string(&s->pattern, p) : DONE;
}

static Status show_columns(Statement *s, Parser *p)
{
    if (!parser_take_kw(p, KW_FROM)) TRY(parser_need_kw(p, KW_IN));
    TRY(parse_target(s, p));
    if (parser_take_kw(p, KW_FROM) || parser_take_kw(p, KW_IN)) {
        Str *ns;
        int32_t n;
        TRY(parse_parts(&ns, &n, p));
        Names all = {0};
        for (int32_t i = 0; i < n; i++) vec_push(p->a, &all, ns[i]);
        vec_push(p->a, &all, s->name[s->nnames - 1]);
        s->name = all.v;
        s->nnames = (int32_t)all.n;
    }
    return DONE;
}

static Status show_properties(Statement *s, Parser *p)
{
    TRY(parse_target(s, p));
    if (!parser_take(p, TK_LPAREN)) return DONE;
    if (parser_at(p, TK_STRING)) {
        TRY(parse_string(&s->key, p));
    } else {
        const Token *from = p->at;
        while (!parser_at(p, TK_RPAREN) && !parser_at_end(p)) p->at++;
        s->key = parser_text(p, from);
    }
    return parser_need(p, TK_RPAREN);
}

static Status show_create(Statement *s, Parser *p)
{
    TRY(parser_need_kw(p, KW_TABLE));
    TRY(parse_target(s, p));
    if (!parser_take_kws(p, KW_AS, KW_SERDE)) return DONE;
    s->kind = STMT_NOT_OF_V2;
    s->value = S("SHOW CREATE TABLE AS SERDE");
    return DONE;
}

static Status show_partitions(Statement *s, Parser *p)
{
    TRY(parse_target(s, p));
    return parse_partition(s, p);
}

static Status show_procedures(Statement *s, Parser *p)
{
    return parser_take_kw(p, KW_FROM) || parser_take_kw(p, KW_IN) ? parse_target(s, p) : DONE;
}

static Status show_current(Statement *s, Parser *p)
{
    (void)s;
    p->at++; // NAMESPACE, SCHEMA, DATABASE
    return DONE;
}

static const struct {
    Keyword kw;
    StatementKind kind;
    Status (*parse)(Statement *s, Parser *p);
} show_rows[] = {
    {KW_TABLES, STMT_SHOW_TABLES, parse_in_namespace},
    {KW_SCHEMAS, STMT_SHOW_SCHEMAS, parse_in_namespace},
    {KW_DATABASES, STMT_SHOW_SCHEMAS, parse_in_namespace},
    {KW_NAMESPACES, STMT_SHOW_SCHEMAS, parse_in_namespace},
    {KW_VIEWS, STMT_SHOW_VIEWS, parse_in_namespace},
    {KW_CATALOGS, STMT_SHOW_CATALOGS, parse_in_namespace},
    {KW_FUNCTIONS, STMT_SHOW_FUNCTIONS, parse_in_namespace},
    {KW_COLUMNS, STMT_SHOW_COLUMNS, show_columns},
    {KW_TBLPROPERTIES, STMT_SHOW_TBLPROPERTIES, show_properties},
    {KW_CREATE, STMT_SHOW_CREATE_TABLE, show_create},
    {KW_CURRENT, STMT_SHOW_CURRENT_NAMESPACE, show_current},
    {KW_PARTITIONS, STMT_SHOW_PARTITIONS, show_partitions},
    {KW_PROCEDURES, STMT_SHOW_PROCEDURES, show_procedures},
};

Status parse_show(Statement *s, Parser *p)
{
    p->at++;
    if (p->at[1].kw == KW_FUNCTIONS) s->key = str_lower(p->a, p->at++->text); // USER, SYSTEM, ALL
    for (int64_t i = 0; i < COUNT(show_rows); i++) {
        if (!parser_take_kw(p, show_rows[i].kw)) continue;
        s->kind = show_rows[i].kind;
        return show_rows[i].parse(s, p);
    }
    if (!parser_take_kws(p, KW_TABLE, KW_EXTENDED)) return parser_error(p);
    s->kind = STMT_SHOW_TABLES;
    s->extended = true;
    if (parser_take_kw(p, KW_FROM) || parser_take_kw(p, KW_IN)) TRY(parse_target(s, p));
    TRY(parser_need_kw(p, KW_LIKE));
    TRY(parse_string(&s->pattern, p));
    return parse_partition(s, p);
}

// ANALYZE TABLE t .., LOAD DATA .. INTO TABLE t ..: all that is said of
// them is whose they are not.
static Status parse_analyze(Statement *s, Parser *p)
{
    if (p->at[1].kw != KW_TABLE) return parse_other(s, p);
    p->at += 2;
    s->kind = STMT_NOT_OF_V2;
    s->value = S("ANALYZE TABLE");
    TRY(parse_target(s, p));
    TRY(parse_partition(s, p));
    if (!parser_take_word(p, "COMPUTE") || !parser_take_word(p, "STATISTICS"))
        return parser_error(p);
    parser_take_rest(p);
    return DONE;
}

static Status parse_load(Statement *s, Parser *p)
{
    while (!parser_at_end(p) && p->at->kw != KW_INTO) p->at++;
    s->kind = STMT_NOT_OF_V2;
    s->value = S("LOAD DATA");
    TRY(parser_need_kw(p, KW_INTO));
    TRY(parser_need_kw(p, KW_TABLE));
    TRY(parse_target(s, p));
    return parse_partition(s, p);
}

Status parse_describe(Statement *s, Parser *p)
{
    s->kind = STMT_DESCRIBE;
    p->at++;
    bool query = parser_take_kw(p, KW_QUERY);
    bool table = parser_at_kw(p, KW_TABLE); // a query by itself, but not here
    if (query || (!table && parser_at_query(p))) return parse_rel(s, p);
    if (parser_take_kw(p, KW_FUNCTION))
        s->key = S("function");
    else if (parser_take_kw(p, KW_SCHEMA) || parser_take_kw(p, KW_DATABASE) ||
             parser_take_kw(p, KW_NAMESPACE))
        s->key = S("schema");
    else
        parser_take_kw(p, KW_TABLE);
    s->extended = parser_take_kw(p, KW_EXTENDED) || parser_take_kw(p, KW_FORMATTED);
    if (str_eq(s->key, S("function")) && !parser_at(p, TK_WORD) && !parser_at(p, TK_QUOTED)) {
        s->name = NEW(p->a, Str, 1); // an operator
        s->nnames = 1;
        s->name[0] = token_value(p->a, p->at++);
        return DONE;
    }
    TRY(parse_target(s, p));
    TRY(parse_partition(s, p));
    if (parser_take_kws(p, KW_AS, KW_JSON)) s->value = S("JSON");
    if (!parser_at(p, TK_WORD) && !parser_at(p, TK_QUOTED)) return DONE;
    return parse_parts(&s->column, &s->ncolumns, p);
}

static const struct {
    Keyword kw;
    Status (*parse)(Statement *s, Parser *p);
} statement_rows[] = {
    {KW_SELECT, parse_select_statement},
    {KW_FROM, parse_select_statement},
    {KW_VALUES, parse_select_statement},
    {KW_TABLE, parse_select_statement},
    {KW_WITH, parse_with_statement},
    {KW_CREATE, parse_create},
    {KW_REPLACE, parse_create},
    {KW_DROP, parse_drop},
    {KW_ALTER, parse_alter},
    {KW_INSERT, parse_insert},
    {KW_UPDATE, parse_update},
    {KW_DELETE, parse_delete},
    {KW_MERGE, parse_merge},
    {KW_CALL, parse_procedure_call},
    {KW_USE, parse_use},
    {KW_SET, parse_set},
    {KW_RESET, parse_reset},
    {KW_SHOW, parse_show},
    {KW_DESCRIBE, parse_describe},
    {KW_DESC, parse_describe},
    {KW_EXPLAIN, parse_explain},
    {KW_TRUNCATE, parse_truncate},
    {KW_CACHE, parse_cache},
    {KW_UNCACHE, parse_cache},
    {KW_CLEAR, parse_cache},
    {KW_REFRESH, parse_refresh},
    {KW_COMMENT, parse_comment},
    {KW_ANALYZE, parse_analyze},
    {KW_LOAD, parse_load},
    {KW_MSCK, parse_repair},
    {KW_REPAIR, parse_repair},
    {KW_DECLARE, parse_declare},
    {KW_EXECUTE, parse_execute},
    {KW_OPTIMIZE, parse_other},
    {KW_VACUUM, parse_other},
    {KW_ADD, parse_other},
    {KW_LIST, parse_other},
};

Status parse_statement(Statement **out, Parser *p)
{
    const Token *from = p->at;
    Statement *s = *out = NEW(p->a, Statement, 1);
    Status (*parse)(Statement *, Parser *) = NULL;
    if (parser_at(p, TK_LPAREN) && parser_at_query(p)) parse = parse_select_statement;
    for (int64_t i = 0; i < COUNT(statement_rows) && !parse; i++)
        if (parser_at_kw(p, statement_rows[i].kw)) parse = statement_rows[i].parse;
    if (!parse) return parser_error(p);
    TRY(parse(s, p));
    s->at = parser_place(p, from);
    return DONE;
}
