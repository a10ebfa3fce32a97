// parser_variable.c -- DECLARE, SET VARIABLE, DROP TEMPORARY VARIABLE, EXECUTE IMMEDIATE.
#include "plan/parser_in.h"

static Status parse_targets(Exprs *to, Parser *p)
{
    do {
        const Token *from = p->at;
        Expr *e = expr_new(p->a, E_NAME, (Origin){0});
        TRY(parse_parts(&e->part, &e->nparts, p));
        e->at = parser_place(p, from);
        vec_push(p->a, to, e);
    } while (parser_take(p, TK_COMMA));
    return DONE;
}

static void take_variable_word(Parser *p)
{
    bool name = p->at[1].kind == TK_WORD || p->at[1].kind == TK_QUOTED;
    if (name && (parser_at_kw(p, KW_VARIABLE) || parser_at_kw(p, KW_VAR))) p->at++;
}

Status parse_declare(Statement *s, Parser *p)
{
    const Token *from = p->at++;
    Exprs names = {0};
    s->kind = STMT_DECLARE;
    s->replace = parser_take_kws(p, KW_OR, KW_REPLACE);
    take_variable_word(p);
    TRY(parse_targets(&names, p));
    s->expr = names.v;
    s->nexprs = (int32_t)names.n;
    if (!parser_at_end(p) && !parser_at_kw(p, KW_DEFAULT) && !parser_at(p, TK_EQ))
        TRY(parse_type(&s->alter.type, p));
    if (parser_take_kw(p, KW_DEFAULT) || parser_take(p, TK_EQ)) {
        const Token *value = p->at;
        TRY(parse_expression(&s->where, p));
        s->value = parser_text(p, value);
    }
    if (s->alter.type || s->where) return DONE;
    Origin at = parser_place(p, from);
    return fail_at(RAISE(VARIABLE_TYPE_OR_DEFAULT_REQUIRED), &at);
}

// SET VAR is followed by a name or ( when it is about a variable, else VAR is a setting's key.
bool parser_at_set_variable(const Parser *p)
{
    bool word = parser_at_kw(p, KW_VARIABLE) || parser_at_kw(p, KW_VAR);
    TokenKind next = p->at[1].kind;
    return word && (next == TK_WORD || next == TK_QUOTED || next == TK_LPAREN);
}

Status parse_set_variable(Statement *s, Parser *p)
{
    const Token *from = p->at - 1;
    Exprs list = {0};
    s->kind = STMT_SET_VARIABLE;
    p->at++;
    if (!parser_at(p, TK_LPAREN)) {
        TRY(parse_assignments(&list, p));
    } else {
        p->at++;
        if (parser_at(p, TK_RPAREN)) {
            parser_take_rest(p);
            Origin at = parser_place(p, from);
            return fail_at(RAISE(INVALID_SET_SYNTAX), &at);
        }
        TRY(parse_targets(&list, p));
        TRY(parser_need(p, TK_RPAREN));
        TRY(parser_need(p, TK_EQ));
        if (!parser_at(p, TK_LPAREN)) return parser_need(p, TK_LPAREN);
        TRY(parse_whole_query(&s->rel, p));
    }
    s->expr = list.v;
    s->nexprs = (int32_t)list.n;
    return DONE;
}

Status parse_drop_variable(Statement *s, Parser *p) // at VARIABLE or VAR
{
    s->kind = STMT_DROP_VARIABLE;
    p->at++;
    s->if_exists = parser_if_exists(p);
    return parse_parts(&s->name, &s->nnames, p);
}

Status parse_execute(Statement *s, Parser *p)
{
    Exprs into = {0}, args = {0};
    s->kind = STMT_EXECUTE;
    p->at++;
    TRY(parser_need_kw(p, KW_IMMEDIATE));
    TRY(parse_expression(&s->where, p));
    if (parser_take_kw(p, KW_INTO)) TRY(parse_targets(&into, p));
    if (parser_take_kw(p, KW_USING)) {
        // (a, b AS c): parentheses around the whole list
        bool all = parser_at(p, TK_LPAREN) && !parser_at_query(p);
        const Token *after = p->first + p->at->match + 1;
        all = all && (after->kind == TK_END || after->kind == TK_SEMICOLON);
        p->at += all;
        TRY(parse_named_list(&args, p));
        if (all) TRY(parser_need(p, TK_RPAREN));
    }
    s->into = into.v;
    s->ninto = (int32_t)into.n;
    s->expr = args.v;
    s->nexprs = (int32_t)args.n;
    return DONE;
}
