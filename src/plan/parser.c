// parser.c -- what every part of the parser stands on: tokens, errors with their place, depth,
// names and property lists; and the doors: a text of statements, one query, one expression, one
// name.
#include "base/buf.h"
#include "plan/parser_in.h"

Status parser_enter(Parser *p, int32_t *saved)
{
    *saved = p->height;
    p->height = 0;
    p->depth++;
    if (p->depth <= PARSE_DEPTH_MAX) return DONE;
    return parser_error_at(p, p->at, RAISE(FAILED_TO_PARSE_TOO_COMPLEX));
}

void parser_leave(Parser *p, int32_t saved)
{
    p->depth--;
    p->height = MAX(saved, p->height + 1);
}

Status parser_grow(Parser *p)
{
    p->height++;
    if (p->height + p->depth <= PARSE_DEPTH_MAX) return DONE;
    return parser_error_at(p, p->at, RAISE(FAILED_TO_PARSE_TOO_COMPLEX));
}

bool parser_at(const Parser *p, TokenKind kind) { return p->at->kind == kind; }
bool parser_at_kw(const Parser *p, Keyword kw) { return p->at->kw == kw; }
bool parser_next_kw(const Parser *p, int32_t ahead, Keyword kw) { return p->at[ahead].kw == kw; }

bool parser_at_word(const Parser *p, const char *word)
{
    return p->at->kind == TK_WORD && str_ieq(p->at->text, str_z(word));
}

bool parser_take(Parser *p, TokenKind kind)
{
    bool is = p->at->kind == kind;
    p->at += is;
    return is;
}

bool parser_take_kw(Parser *p, Keyword kw)
{
    bool is = p->at->kw == kw;
    p->at += is;
    return is;
}

bool parser_take_kws(Parser *p, Keyword first, Keyword second)
{
    bool both = p->at[0].kw == first && p->at[1].kw == second;
    p->at += both ? 2 : 0;
    return both;
}

bool parser_take_word(Parser *p, const char *word)
{
    bool is = parser_at_word(p, word);
    p->at += is;
    return is;
}

// The keyword that the word at t, or an alias just before it, was probably meant to be.
static Str meant(const Parser *p, const Token *t)
{
    for (int32_t back = 0; back < 2 && t - back >= p->first; back++) {
        const Token *word = t - back;
        if (word->kind != TK_WORD || word->kw || word->text.n < 3) continue;
        Str near = keyword_nearest(word->text);
        if (near.n) return near;
    }
    return S("");
}

// a-b where only a name may stand: the words and hyphens without blanks between; else empty.
static Str hyphenated(const Parser *p, const Token *t)
{
    if (t->kind != TK_MINUS || t == p->first || t[-1].kind != TK_WORD) return S("");
    const char *end = t[-1].text.p + t[-1].text.n;
    for (; t->kind == TK_MINUS && t->text.p == end; t += 2) {
        if (t[1].kind != TK_WORD || t[1].text.p != t->text.p + 1) break;
        end = t[1].text.p + t[1].text.n;
    }
    const char *from = p->at[-1].text.p;
    return end > p->at->text.p ? str_of(from, end - from) : S("");
}

static Status error_with(const Parser *p, Str expected)
{
    const Token *t = p->at;
    Str name = hyphenated(p, t);
    if (name.n) return parser_error_at(p, t, RAISE(INVALID_IDENTIFIER, P("ident", name)));
    if (t->kind == TK_UNCLOSED_COMMENT)
        return parser_error_at(p, t, RAISE(UNCLOSED_BRACKETED_COMMENT));
    Str at =
        t->kind == TK_END ? S("end of input") : str_fmt(p->a, "'" STR_FMT "'", STR_ARG(t->text));
    Str word = meant(p, t);
    Str hint = S("");
    if (word.n)
        hint = str_fmt(p->a, ": did you mean " STR_FMT "?", STR_ARG(word));
    else if (expected.n)
        hint = str_fmt(p->a, ": missing " STR_FMT, STR_ARG(expected));
    return parser_error_at(p, t, RAISE(PARSE_SYNTAX_ERROR, P("error", at), P("hint", hint)));
}

Status parser_error(const Parser *p) { return error_with(p, S("")); }

Status parser_error_at(const Parser *p, const Token *from, Status s)
{
    return fail_at(s, &(Origin){from->line, from->column, from->text, p->text});
}

Status parser_error_inside(const Parser *p, const Token *from, Status s)
{
    if (!s.code) return s;
    Arena *a = arena_new(NULL);
    Failure *moved = failure_copy(a, failure());
    Origin at = {from->line + MAX(moved->line - 1, 0),
                 moved->column + (moved->line > 1 ? 0 : from->column), moved->fragment, p->text};
    moved->line = 0;
    moved->fragment = S("");
    s = fail_at(failure_again(moved), &at);
    arena_free(a);
    return s;
}

Status parser_need(Parser *p, TokenKind kind)
{
    if (parser_take(p, kind)) return DONE;
    Str name = kind == TK_LPAREN   ? S("'('")
               : kind == TK_RPAREN ? S("')'")
               : kind == TK_EQ     ? S("'='")
                                   : S("");
    return error_with(p, name);
}

Status parser_need_kw(Parser *p, Keyword kw)
{
    return parser_take_kw(p, kw) ? DONE : error_with(p, keyword_text(kw));
}

Status parser_need_kws(Parser *p, Keyword first, Keyword second)
{
    TRY(parser_need_kw(p, first));
    return parser_need_kw(p, second);
}

Str parser_text(const Parser *p, const Token *from)
{
    if (p->at == p->first || p->at <= from) return S("");
    const Token *last = p->at - 1;
    return str_of(from->text.p, last->text.p + last->text.n - from->text.p);
}

Origin parser_place(const Parser *p, const Token *from)
{
    return (Origin){from->line, from->column, parser_text(p, from), p->text};
}

bool parser_if_not_exists(Parser *p, Status *s)
{
    *s = DONE;
    if (!parser_at_kw(p, KW_IF) || p->at[1].kw != KW_NOT) return false;
    p->at += 2;
    *s = parser_need_kw(p, KW_EXISTS);
    return !s->code;
}

// IDENTIFIER(a constant string): what it says is a name.
static bool at_identifier_clause(const Parser *p)
{
    return parser_at_kw(p, KW_IDENTIFIER) && p->at[1].kind == TK_LPAREN;
}

static bool constant_string(Arena *a, const Expr *e, Str *text)
{
    if (e->kind == E_LITERAL && e->type->id == T_STRING && !e->value.null) {
        *text = e->value.s;
        return true;
    }
    bool joins = e->kind == E_CALL && (str_eq(e->name, S("||")) || str_eq(e->name, S("concat")));
    *text = S("");
    for (int32_t i = 0; joins && i < e->nargs; i++) {
        Str part;
        if (!constant_string(a, e->arg[i], &part)) return false;
        *text = str_cat(a, *text, part);
    }
    return joins;
}

static Status identifier_clause(Str **part, int32_t *n, Parser *p)
{
    const Token *from = p->at;
    p->at += 2;
    Expr *e;
    Str text;
    TRY(parse_expression(&e, p));
    TRY(parser_need(p, TK_RPAREN));
    if (constant_string(p->a, e, &text)) return parse_name(part, n, p->a, text);
    p->at = from;
    return parser_error(p);
}

Status parse_identifier(Str *name, Parser *p)
{
    if (at_identifier_clause(p) && p->at[2].kind == TK_STRING) {
        const Token *from = p->at;
        Str *part = NULL;
        int32_t n = 0;
        TRY(identifier_clause(&part, &n, p));
        if (n == 1) {
            *name = part[0];
            return DONE;
        }
        p->at = from;
        return parser_error(p);
    }
    if (!parser_at(p, TK_WORD) && !parser_at(p, TK_QUOTED)) return parser_error(p);
    *name = token_value(p->a, p->at);
    p->at++;
    return DONE;
}

static Status parse_dotted(Names *to, Parser *p)
{
    do {
        Str name = S("");
        TRY(parse_identifier(&name, p));
        vec_push(p->a, to, name);
    } while (parser_take(p, TK_DOT));
    return DONE;
}

Status parse_parts(Str **part, int32_t *n, Parser *p)
{
    Names to = {0};
    if (at_identifier_clause(p)) return identifier_clause(part, n, p);
    TRY(parse_dotted(&to, p));
    *part = to.v;
    *n = (int32_t)to.n;
    return DONE;
}

Status parse_identifiers(Str **name, int32_t *n, Parser *p)
{
    Names to = {0};
    TRY(parser_need(p, TK_LPAREN));
    do {
        Str one;
        TRY(parse_identifier(&one, p));
        vec_push(p->a, &to, one);
    } while (parser_take(p, TK_COMMA));
    *name = to.v;
    *n = (int32_t)to.n;
    return parser_need(p, TK_RPAREN);
}

static bool at_string(const Parser *p)
{
    return parser_at(p, TK_STRING) || parser_at(p, TK_RAW_STRING);
}

Status parse_string(Str *value, Parser *p)
{
    if (!at_string(p)) return parser_error(p);
    *value = token_value(p->a, p->at++);
    if (!at_string(p)) return DONE;
    Buf b = buf_new(p->a);
    buf_put(&b, *value);
    while (at_string(p)) buf_put(&b, token_value(p->a, p->at++));
    *value = buf_str(&b);
    return DONE;
}

static Status parse_property_key(Str *key, Parser *p)
{
    if (at_string(p)) return parse_string(key, p);
    Names part = {0};
    TRY(parse_dotted(&part, p));
    Buf b = buf_new(p->a);
    for (int64_t i = 0; i < part.n; i++) {
        if (i) buf_char(&b, '.');
        buf_put(&b, part.v[i]);
    }
    *key = buf_str(&b);
    return DONE;
}

static Status parse_property_value(Str *value, Parser *p)
{
    if (at_string(p)) return parse_string(value, p);
    const Token *from = p->at;
    parser_take(p, TK_MINUS);
    bool number = parser_at(p, TK_INTEGER) || parser_at(p, TK_DECIMAL);
    bool boolean = parser_at_kw(p, KW_TRUE) || parser_at_kw(p, KW_FALSE);
    if (!number && !boolean) return parser_error(p);
    p->at++;
    *value = boolean ? str_lower(p->a, parser_text(p, from)) : parser_text(p, from);
    return DONE;
}

Status parse_properties(Options *to, Parser *p)
{
    const Token *from = p->at;
    TRY(parser_need(p, TK_LPAREN));
    do {
        Option o = {.value = S("")};
        TRY(parse_property_key(&o.key, p));
        bool eq = parser_take(p, TK_EQ);
        if (eq || (!parser_at(p, TK_COMMA) && !parser_at(p, TK_RPAREN)))
            TRY(parse_property_value(&o.value, p));
        if (options_get(to, o.key))
            return parser_error_at(
                p, from,
                RAISE(DUPLICATE_KEY,
                      P("keyColumn", str_fmt(p->a, "`" STR_FMT "`", STR_ARG(o.key)))));
        vec_push(p->a, to, o);
    } while (parser_take(p, TK_COMMA));
    return parser_need(p, TK_RPAREN);
}

// Words that begin what comes after a select item or a table; where they could be an alias, the
// word after them decides (0: nothing else is needed).
static const struct {
    Keyword kw, then;
} clause_word[] = {
    {KW_FROM, 0},
    {KW_WHERE, 0},
    {KW_GROUP, KW_BY},
    {KW_HAVING, 0},
    {KW_ORDER, KW_BY},
    {KW_SORT, KW_BY},
    {KW_CLUSTER, KW_BY},
    {KW_DISTRIBUTE, KW_BY},
    {KW_LIMIT, 0},
    {KW_OFFSET, 0},
    {KW_WINDOW, 0},
    {KW_LATERAL, 0},
    {KW_UNION, 0},
    {KW_INTERSECT, 0},
    {KW_EXCEPT, 0},
    {KW_MINUS, 0},
    {KW_JOIN, 0},
    {KW_INNER, 0},
    {KW_CROSS, 0},
    {KW_LEFT, 0},
    {KW_RIGHT, 0},
    {KW_FULL, 0},
    {KW_NATURAL, 0},
    {KW_SEMI, 0},
    {KW_ANTI, 0},
    {KW_ON, 0},
    {KW_USING, 0},
    {KW_PIVOT, 0},
    {KW_UNPIVOT, 0},
    {KW_TABLESAMPLE, 0},
    {KW_DELAY, KW_OF},
    {KW_SELECT, 0},
    {KW_INSERT, KW_INTO},
    {KW_SET, 0},
    {KW_WHEN, 0},
    {KW_THEN, 0},
    {KW_ELSE, 0},
    {KW_END, 0},
    {KW_WITH, 0},
    {KW_FOR, 0},
    {KW_AND, 0},
    {KW_OR, 0},
    {KW_NOT, 0},
    {KW_IN, 0},
    {KW_IS, 0},
    {KW_BETWEEN, 0},
    {KW_LIKE, 0},
    {KW_ILIKE, 0},
    {KW_RLIKE, 0},
    {KW_COLLATE, 0},
    {KW_ASC, 0},
    {KW_DESC, 0},
    {KW_NULLS, 0},
    {KW_AS, 0},
    {KW_OVER, 0},
    {KW_VERSION, KW_AS},
    {KW_TIMESTAMP, KW_AS},
    {KW_SYSTEM_TIME, KW_AS},
    {KW_SYSTEM_VERSION, KW_AS},
    {KW_VALUES, 0},
};

// (a, b): names alone, as columns of an alias are.
static bool at_names(const Token *open)
{
    const Token *t = open + 1;
    while (t->kind == TK_WORD || t->kind == TK_QUOTED || t->kind == TK_COMMA) t++;
    return t->kind == TK_RPAREN;
}

// QUALIFY is no word of Spark's: it is an alias where no expression follows.
bool parser_at_qualify(const Parser *p)
{
    if (!parser_at_word(p, "QUALIFY")) return false;
    Parser next = *p;
    next.at++;
    TokenKind kind = next.at->kind;
    if (kind == TK_WORD) return next.at->kw != KW_AS && parser_at_alias(&next);
    if (kind == TK_LPAREN) return !at_names(next.at);
    return kind == TK_QUOTED || kind == TK_INTEGER || kind == TK_STRING || kind == TK_MINUS;
}

bool parser_at_alias(const Parser *p)
{
    if (parser_at(p, TK_QUOTED)) return true;
    if (!parser_at(p, TK_WORD) || parser_at_qualify(p)) return false;
    for (int64_t i = 0; i < COUNT(clause_word); i++)
        if (p->at->kw == clause_word[i].kw)
            return clause_word[i].then && p->at[1].kw != clause_word[i].then;
    return true;
}

static bool query_word(const Token *t)
{
    bool name_next = t[1].kind == TK_WORD || t[1].kind == TK_QUOTED;
    switch ((int)t->kw) {
    case KW_SELECT: return true;
    case KW_VALUES: return t[1].kind != TK_COMMA && t[1].kind != TK_RPAREN;
    case KW_WITH:
    case KW_FROM:
    case KW_TABLE: return name_next;
    }
    return false;
}

bool parser_at_query(const Parser *p)
{
    const Token *t = p->at;
    while (t->kind ==
           TK_LPAREN) { // (query) UNION .., or ((query)): what follows the inner one decides
        const Token *after = p->first + t->match + 1;
        if (t->match <= t - p->first) return false;
        bool more = after->kw == KW_UNION || after->kw == KW_INTERSECT || after->kw == KW_EXCEPT ||
                    after->kw == KW_MINUS || after->kw == KW_ORDER || after->kw == KW_LIMIT ||
                    after->kw == KW_OFFSET || after->kw == KW_SORT || after->kind == TK_ADVANCE;
        bool ends =
            after->kind == TK_RPAREN || after->kind == TK_END || after->kind == TK_SEMICOLON;
        if (!more && !ends) return false;
        t++;
    }
    return query_word(t);
}

bool parser_at_end(const Parser *p) { return parser_at(p, TK_END) || parser_at(p, TK_SEMICOLON); }

static Parser parser_of(Arena *a, Str text)
{
    Tokens tokens = {0};
    lex(&tokens, a, text);
    return (Parser){.a = a, .text = text, .at = tokens.v, .first = tokens.v};
}

Str statement_line(const Statement *s) { return str_cut(s->at.text, '\n').head; }

Status statement_fail(Status s, const Statement *st)
{
    return fail_at(s, &(Origin){st->at.line, st->at.column, statement_line(st), st->at.all});
}

Status parse_statements(Statements *parsed, Arena *a, Str text)
{
    return parse_statements_with(parsed, a, text, NULL);
}

Status parse_statements_with(Statements *parsed, Arena *a, Str text, const SqlArgs *args)
{
    Parser p = parser_of(a, text);
    p.args = args;
    *parsed = (Statements){0};
    for (;;) {
        while (parser_take(&p, TK_SEMICOLON)) continue;
        if (parser_at(&p, TK_END)) return DONE;
        Statement *s;
        TRY(parse_statement(&s, &p));
        if (!parser_at_end(&p)) return parser_error(&p);
        vec_push(a, parsed, s);
    }
}

static Status need_end(Parser *p)
{
    while (parser_take(p, TK_SEMICOLON)) continue;
    return parser_at(p, TK_END) ? DONE : parser_error(p);
}

Status parse_query(Rel **rel, Arena *a, Str text)
{
    Parser p = parser_of(a, text);
    if (parser_at(&p, TK_END)) return RAISE(PARSE_EMPTY_STATEMENT);
    TRY(parse_whole_query(rel, &p));
    return need_end(&p);
}

Status parse_expr(Expr **e, Arena *a, Str text)
{
    Parser p = parser_of(a, text);
    TRY(parse_named(e, &p));
    return parser_at(&p, TK_END) ? DONE : parser_error(&p);
}

Status parse_name(Str **part, int32_t *n, Arena *a, Str text)
{
    Parser p = parser_of(a, text);
    Names to = {0};
    TRY(parse_dotted(&to, &p));
    *part = to.v;
    *n = (int32_t)to.n;
    return parser_at(&p, TK_END) ? DONE : parser_error(&p);
}

int64_t parse_complete(Str text)
{
    Arena *a = arena_new(NULL);
    Tokens tokens = {0};
    lex(&tokens, a, text);
    int64_t complete = 0;
    for (int64_t i = 0; i < tokens.n; i++) {
        const Token *t = &tokens.v[i];
        if (t->kind == TK_BAD &&
            (t->text.p[0] == '\'' || t->text.p[0] == '"' || t->text.p[0] == '`'))
            break; // an open quote swallows the rest
        if (t->kind == TK_SEMICOLON) complete = t->text.p + 1 - text.p;
    }
    arena_free(a);
    return complete;
}
