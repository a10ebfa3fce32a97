// parser_dml.c -- INSERT, UPDATE, DELETE, MERGE.
#include "plan/parser_in.h"

Status parse_assignments(Exprs *to, Parser *p)
{
    do {
        const Token *from = p->at;
        Expr *e = expr_new(p->a, E_ALIAS, (Origin){0});
        TRY(parse_parts(&e->part, &e->nparts, p));
        e->name = e->part[e->nparts - 1];
        TRY(parser_need(p, TK_EQ));
        e->arg = NEW(p->a, Expr *, 1);
        e->nargs = 1;
        TRY(parse_expression(&e->arg[0], p));
        e->at = parser_place(p, from);
        vec_push(p->a, to, e);
    } while (parser_take(p, TK_COMMA));
    return DONE;
}

static Status parse_target_alias(Statement *s, Parser *p)
{
    TRY(parse_target(s, p));
    bool as = parser_take_kw(p, KW_AS);
    return as || parser_at_alias(p) ? parse_identifier(&s->alias, p) : DONE;
}

static Str backticked(Arena *a, Str name)
{
    Buf b = buf_new(a);
    name_backticks(&b, name);
    return buf_str(&b);
}

// PARTITION (a = 1, b)
Status parse_partition(Statement *s, Parser *p)
{
    VEC(PartitionValue) all = {0};
    const Token *from = p->at;
    if (!parser_take_kw(p, KW_PARTITION)) return DONE;
    TRY(parser_need(p, TK_LPAREN));
    do {
        PartitionValue one = {.value = NULL};
        TRY(parse_identifier(&one.name, p));
        if (parser_take(p, TK_EQ)) TRY(parse_value(&one.value, p));
        for (int64_t i = 0; i < all.n; i++)
            if (str_eq(all.v[i].name, one.name))
                return parser_error_at(
                    p, from, RAISE(DUPLICATE_KEY, P("keyColumn", backticked(p->a, one.name))));
        vec_push(p->a, &all, one);
    } while (parser_take(p, TK_COMMA));
    s->partition_value = all.v;
    s->npartition_values = (int32_t)all.n;
    return parser_need(p, TK_RPAREN);
}

static bool at_directory(const Parser *p)
{
    const Token *t = p->at;
    if (parser_at_kw(p, KW_LOCAL)) t++;
    if (t->kind != TK_WORD || !str_ieq(t->text, S("DIRECTORY"))) return false;
    return t[1].kind == TK_STRING || t[1].kw == KW_USING;
}

// INSERT OVERWRITE [LOCAL] DIRECTORY ['path'] USING format [OPTIONS (..)] query
static Status parse_directory(Statement *s, Parser *p)
{
    parser_take_kw(p, KW_LOCAL);
    p->at++;
    if (parser_at(p, TK_STRING)) s->location = token_value(p->a, p->at++);
    TRY(parser_need_kw(p, KW_USING));
    TRY(parse_identifier(&s->format, p));
    if (parser_take_kw(p, KW_OPTIONS)) TRY(parse_properties(&s->options, p));
    const Str *path = options_get(&s->options, S("path"));
    if (path && !s->location.n) s->location = *path;
    const Token *from = p->at;
    TRY(parse_whole_query(&s->rel, p));
    s->view_text = parser_text(p, from);
    return DONE;
}

Status parse_insert(Statement *s, Parser *p)
{
    s->kind = STMT_INSERT;
    p->at++;
    s->overwrite = parser_take_kw(p, KW_OVERWRITE);
    if (!s->overwrite) TRY(parser_need_kw(p, KW_INTO));
    if (s->overwrite && at_directory(p)) return parse_directory(s, p);
    parser_take_kw(p, KW_TABLE);
    TRY(parse_target(s, p));
    if (parser_at_kw(p, KW_WITH) && p->at[1].kind == TK_LPAREN) {
        p->at++;
        TRY(parse_properties(&s->options, p));
    }
    TRY(parse_partition(s, p));
    const Token *exists = p->at;
    Status st;
    s->if_exists = parser_if_not_exists(p, &st);
    TRY(st);
    if (s->if_exists && !s->overwrite)
        return parser_error_at(
            p, exists,
            RAISE(INVALID_STATEMENT_OR_CLAUSE, P("operation", S("INSERT INTO ... IF NOT EXISTS"))));
    if (parser_take_kws(p, KW_REPLACE, KW_WHERE)) {
        s->overwrite = true;
        TRY(parse_expression(&s->where, p));
    } else if (parser_take_kws(p, KW_BY, KW_NAME)) {
        s->by_name = true;
    } else if (parser_at(p, TK_LPAREN) && !parser_at_query(p)) {
        TRY(parse_identifiers(&s->column, &s->ncolumns, p));
    }
    const Token *from = p->at;
    TRY(parse_whole_query(&s->rel, p));
    s->view_text = parser_text(p, from);
    return DONE;
}

Status parse_update(Statement *s, Parser *p)
{
    s->kind = STMT_UPDATE;
    p->at++;
    TRY(parse_target_alias(s, p));
    TRY(parser_need_kw(p, KW_SET));
    Exprs set = {0};
    TRY(parse_assignments(&set, p));
    s->expr = set.v;
    s->nexprs = (int32_t)set.n;
    return parser_take_kw(p, KW_WHERE) ? parse_expression(&s->where, p) : DONE;
}

Status parse_delete(Statement *s, Parser *p)
{
    s->kind = STMT_DELETE;
    p->at++;
    TRY(parser_need_kw(p, KW_FROM));
    TRY(parse_target_alias(s, p));
    return parser_take_kw(p, KW_WHERE) ? parse_expression(&s->where, p) : DONE;
}

static Status merge_update(MergeClause *c, Parser *p)
{
    c->action = MERGE_UPDATE;
    TRY(parser_need_kw(p, KW_SET));
    c->star = parser_take(p, TK_STAR);
    if (c->star) return DONE;
    Exprs set = {0};
    TRY(parse_assignments(&set, p));
    c->set = set.v;
    c->nset = (int32_t)set.n;
    return DONE;
}

// INSERT (a, b) VALUES (x, y): kept as assignments.
static Status merge_insert(MergeClause *c, Parser *p)
{
    c->action = MERGE_INSERT;
    c->star = parser_take(p, TK_STAR);
    if (c->star) return DONE;
    Exprs set = {0}, value = {0};
    TRY(parser_need(p, TK_LPAREN));
    do {
        Expr *e = expr_new(p->a, E_ALIAS, parser_place(p, p->at));
        TRY(parse_parts(&e->part, &e->nparts, p));
        e->name = e->part[e->nparts - 1];
        vec_push(p->a, &set, e);
    } while (parser_take(p, TK_COMMA));
    TRY(parser_need(p, TK_RPAREN));
    TRY(parser_need_kw(p, KW_VALUES));
    TRY(parser_need(p, TK_LPAREN));
    TRY(parse_expressions(&value, p));
    if (value.n != set.n) return parser_error(p);
    for (int64_t i = 0; i < set.n; i++) {
        set.v[i]->arg = &value.v[i];
        set.v[i]->nargs = 1;
    }
    c->set = set.v;
    c->nset = (int32_t)set.n;
    return parser_need(p, TK_RPAREN);
}

static Status parse_merge_clause(MergeClause *c, Parser *p)
{
    bool matched = !parser_take_kw(p, KW_NOT) && !parser_take(p, TK_BANG);
    TRY(parser_need_kw(p, KW_MATCHED));
    bool by_source = !matched && parser_take_kws(p, KW_BY, KW_SOURCE);
    if (!matched && !by_source) parser_take_kws(p, KW_BY, KW_TARGET);
    c->when = matched ? WHEN_MATCHED : by_source ? WHEN_NOT_MATCHED_BY_SOURCE : WHEN_NOT_MATCHED;
    if (parser_take_kw(p, KW_AND)) TRY(parse_expression(&c->condition, p));
    TRY(parser_need_kw(p, KW_THEN));
    bool inserts = c->when == WHEN_NOT_MATCHED;
    if (inserts) {
        TRY(parser_need_kw(p, KW_INSERT));
        return merge_insert(c, p);
    }
    if (parser_take_kw(p, KW_DELETE)) {
        c->action = MERGE_DELETE;
        return DONE;
    }
    TRY(parser_need_kw(p, KW_UPDATE));
    return merge_update(c, p);
}

Status parse_merge(Statement *s, Parser *p)
{
    s->kind = STMT_MERGE;
    p->at++;
    if (parser_take_kws(p, KW_WITH, KW_SCHEMA)) TRY(parser_need_kw(p, KW_EVOLUTION));
    TRY(parser_need_kw(p, KW_INTO));
    TRY(parse_target_alias(s, p));
    TRY(parser_need_kw(p, KW_USING));
    TRY(parse_relation_primary(&s->rel, p));
    TRY(parser_need_kw(p, KW_ON));
    TRY(parse_expression(&s->where, p));
    VEC(MergeClause) clauses = {0};
    while (parser_take_kw(p, KW_WHEN)) {
        MergeClause c = {0};
        TRY(parse_merge_clause(&c, p));
        vec_push(p->a, &clauses, c);
    }
    if (!clauses.n) return parser_need_kw(p, KW_WHEN);
    s->clause = clauses.v;
    s->nclauses = (int32_t)clauses.n;
    return DONE;
}
