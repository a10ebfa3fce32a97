// parser_in.h -- the parser's parts: recursive descent over tokens, a precedence climber for
// expressions. Every parse_* takes what it needs, leaves the parser after it, and fails with
// PARSE_SYNTAX_ERROR at the token that does not fit.
//
// Trees are at most PARSE_DEPTH_MAX high, so that everything behind the parser may recurse: each
// level says parser_enter and parser_leave, and a chain (a + b + c, t JOIN u JOIN v) grows by one
// at each link. AND and OR are balanced and may be as long as one likes.
#ifndef PLAN_PARSER_IN_H
#define PLAN_PARSER_IN_H
#include "base/map.h"
#include "plan/lexer_in.h"
#include "plan/statement.h"

enum { PARSE_DEPTH_MAX = 1024 };

typedef struct Scope { // of one query: its WINDOW clause and the OVER w that wait for it
    Map windows;       // Over *
    struct {
        struct NamedOver {
            Over *over;
            const Token *at;
        } * v;
        int64_t n, cap;
    } overs;
} Scope;
typedef struct Parser {
    Arena *a;
    Str text;            // all of it
    const Token *at;     // the next token
    const Token *first;  // of all; the last one is TK_END
    int32_t depth;       // levels open now
    int32_t height;      // of the highest tree since the enclosing parser_enter
    int32_t nparams;     // ? seen
    const SqlArgs *args; // of parameters; may be NULL
    Scope *scope;        // of the query being parsed, NULL outside
} Parser;
typedef VEC(Expr *) Exprs;
typedef VEC(Str) Names;

// parser.c: tokens, errors, names
Status parser_enter(Parser *p, int32_t *saved);
void parser_leave(Parser *p, int32_t saved);
Status parser_grow(Parser *p); // one link more of a chain
bool parser_at(const Parser *p, TokenKind kind);
bool parser_at_kw(const Parser *p, Keyword kw);
bool parser_next_kw(const Parser *p, int32_t ahead, Keyword kw);
bool parser_at_word(const Parser *p, const char *word); // a word that is no keyword of the grammar
bool parser_take(Parser *p, TokenKind kind);
bool parser_take_kw(Parser *p, Keyword kw);
bool parser_take_kws(Parser *p, Keyword first, Keyword second); // both or none
bool parser_take_word(Parser *p, const char *word);
Status parser_need(Parser *p, TokenKind kind);
Status parser_need_kw(Parser *p, Keyword kw);
Status parser_need_kws(Parser *p, Keyword first, Keyword second);
Status parser_error(const Parser *p); // at the next token
Status parser_error_at(const Parser *p, const Token *from, Status s);
Status parser_error_inside(const Parser *p, const Token *from,
                           Status s);                    // s: of a parser of the text at `from`
Origin parser_place(const Parser *p, const Token *from); // of the text from there to the last taken
Str parser_text(const Parser *p, const Token *from);     // the same text
bool parser_if_not_exists(Parser *p, Status *s);
Status parse_identifier(Str *name, Parser *p);
Status parse_parts(Str **part, int32_t *n, Parser *p); // a.b.c or IDENTIFIER('a.b')
Status parse_target(Statement *s, Parser *p);          // the name of what it is about
Status parse_partition(Statement *s, Parser *p);       // PARTITION (a = 1, b), when it is there
Status parse_identifiers(Str **name, int32_t *n, Parser *p); // (a, b)
Status parse_string(Str *value, Parser *p);                  // adjacent literals are one
Status parse_properties(Options *to, Parser *p);             // ('k' = 'v', a.b 1, ..)
bool parser_at_qualify(const Parser *p);                     // QUALIFY with its condition
bool parser_at_alias(const Parser *p);                       // an alias without AS may stand here
bool parser_at_query(const Parser *p); // SELECT, WITH, VALUES, .. or such in parentheses

// parser_expr.c, parser_call.c, parser_literal.c
Status parse_expression(Expr **e, Parser *p);
Status parse_value(Expr **e, Parser *p); // without AND, OR, NOT and predicates
Status parse_primary(Expr **e, Parser *p);
Status parse_named(Expr **e, Parser *p); // expr [AS name | AS (a, b)]
Status parse_expressions(Exprs *to, Parser *p);
Status parse_named_list(Exprs *to, Parser *p);
Status parse_sort_items(Exprs *to, Parser *p);
Status parse_call(Expr **e, Parser *p);  // at a word before (
bool parser_at_special(const Parser *p); // CAST(, EXTRACT(, ..: calls with words inside
Status parse_special(Expr **e, Parser *p);
Status parse_case(Expr **e, Parser *p);
Status parse_window_spec(Over **over, Parser *p);
Status parse_literal(Expr **e, Parser *p, bool *is); // is: false when there is none here
bool parser_at_interval(const Parser *p);            // INTERVAL with a value and a unit
Status parse_interval(Expr **e, Parser *p);
Status parse_interval_text(Expr **e, Parser *p, Str text, const Token *from);
Status parse_type(const Type **t, Parser *p);
Expr *parser_call(Parser *p, const Token *from, Str name, const Exprs *arg);
Expr *parser_unary(Parser *p, const Token *from, Str name, Expr *x);
Expr *parser_binary(Parser *p, const Token *from, Str name, Expr *x, Expr *y);

// parser_query.c, parser_relation.c, parser_group.c
Status parse_whole_query(Rel **r, Parser *p);
Status parser_no_window(const struct NamedOver *wait); // MISSING_WINDOW_SPECIFICATION
Status parse_from(Rel **r, Parser *p);                 // after FROM
Status parse_relation_primary(Rel **r, Parser *p);
Status parse_relation_rest(Rel **r, Parser *p, const Token *from); // joins, PIVOT, UNPIVOT
Status parse_lateral_views(Rel **r, Parser *p);
Status parse_sample(Rel **r, Parser *p);
Status parse_values(Rel **r, Parser *p); // at VALUES
Status parse_table_alias(Rel **r, Parser *p);
Status parse_group_by(Rel *r, Parser *p); // after GROUP BY
// parser_variable.c
Status parse_declare(Statement *s, Parser *p);
bool parser_at_set_variable(const Parser *p); // after SET
Status parse_set_variable(Statement *s, Parser *p);
Status parse_drop_variable(Statement *s, Parser *p);
Status parse_execute(Statement *s, Parser *p);
Status parse_assignments(Exprs *to, Parser *p); // a = x, b = y: E_ALIAS each

// parser_statement.c and its kin: one statement, up to its semicolon
Status parse_statement(Statement **s, Parser *p);
Status parse_create(Statement *s, Parser *p); // at CREATE or REPLACE
Status parse_drop(Statement *s, Parser *p);   // at DROP; the others too are at their first word
Status parse_alter(Statement *s, Parser *p);
Status parse_show(Statement *s, Parser *p);
Status parse_describe(Statement *s, Parser *p);
Status parse_set(Statement *s, Parser *p);
Status parse_insert(Statement *s, Parser *p);
Status parse_update(Statement *s, Parser *p);
Status parse_delete(Statement *s, Parser *p);
Status parse_merge(Statement *s, Parser *p);
bool parser_at_end(const Parser *p); // of the statement
bool parser_if_exists(Parser *p);
// [AS] query, its text kept too; needed: AS must stand there.
Status parse_as_query(Statement *s, Parser *p, bool needed);
Status parse_columns(Statement *s, Parser *p); // (a INT NOT NULL COMMENT 'x', ..)
Status parse_transform(Statement *s, Parser *p);
Status parse_with(Rel **with, Parser *p); // NULL when there is none
void parser_take_rest(Parser *p);         // to the end of the statement
#endif
