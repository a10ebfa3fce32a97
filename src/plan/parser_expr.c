// parser_expr.c -- expressions by precedence: OR, AND, NOT, predicates, comparison, |, ^, &,
// shifts, sums, products, signs, then what follows a primary (. [ :: COLLATE). Operators become
// calls under the names that Spark's function registry has for them.
#include "plan/parser_in.h"

typedef struct BinaryRow {
    TokenKind kind;
    Keyword kw;
    int32_t binds; // more binds tighter
    Str name;
} BinaryRow;
static const BinaryRow binary_rows[] = {
    {TK_EQ, KW_NONE, 1, STR_INIT("=")},
    {TK_NSEQ, KW_NONE, 1, STR_INIT("<=>")},
    {TK_NEQ, KW_NONE, 1, STR_INIT("!=")},
    {TK_LT, KW_NONE, 1, STR_INIT("<")},
    {TK_LTE, KW_NONE, 1, STR_INIT("<=")},
    {TK_GT, KW_NONE, 1, STR_INIT(">")},
    {TK_GTE, KW_NONE, 1, STR_INIT(">=")},
    {TK_PIPE, KW_NONE, 2, STR_INIT("|")},
    {TK_HAT, KW_NONE, 3, STR_INIT("^")},
    {TK_AMPERSAND, KW_NONE, 4, STR_INIT("&")},
    {TK_SHIFT_LEFT, KW_NONE, 5, STR_INIT("<<")},
    {TK_SHIFT_RIGHT, KW_NONE, 5, STR_INIT(">>")},
    {TK_SHIFT_RIGHT_UNSIGNED, KW_NONE, 5, STR_INIT(">>>")},
    {TK_PLUS, KW_NONE, 6, STR_INIT("+")},
    {TK_MINUS, KW_NONE, 6, STR_INIT("-")},
    {TK_CONCAT, KW_NONE, 6, STR_INIT("concat")},
    {TK_STAR, KW_NONE, 7, STR_INIT("*")},
    {TK_SLASH, KW_NONE, 7, STR_INIT("/")},
    {TK_PERCENT, KW_NONE, 7, STR_INIT("%")},
    {TK_WORD, KW_DIV, 7, STR_INIT("div")},
};

Expr *parser_call(Parser *p, const Token *from, Str name, const Exprs *arg)
{
    Expr *e = expr_new(p->a, E_CALL, parser_place(p, from));
    e->name = name;
    e->nargs = (int32_t)arg->n;
    e->arg = arg->v;
    return e;
}

static Expr *call_of(Parser *p, Origin at, Str name, Expr *x, Expr *y)
{
    Expr *e = expr_new(p->a, E_CALL, at);
    e->name = name;
    e->nargs = y ? 2 : 1;
    e->arg = NEW(p->a, Expr *, 2);
    e->arg[0] = x;
    e->arg[1] = y;
    return e;
}

Expr *parser_unary(Parser *p, const Token *from, Str name, Expr *x)
{
    return call_of(p, parser_place(p, from), name, x, NULL);
}

Expr *parser_binary(Parser *p, const Token *from, Str name, Expr *x, Expr *y)
{
    return call_of(p, parser_place(p, from), name, x, y);
}

static const BinaryRow *binary_row(const Parser *p)
{
    for (int64_t i = 0; i < COUNT(binary_rows); i++) {
        const BinaryRow *r = &binary_rows[i];
        if (p->at->kind == r->kind && (!r->kw || p->at->kw == r->kw)) return r;
    }
    return NULL;
}

static Status parse_postfix(Expr **e, Parser *p, const Token *from);

static Status parse_sign(Expr **e, Parser *p)
{
    static const struct {
        TokenKind kind;
        Str name;
    } sign[] = {{TK_MINUS, STR_INIT("-")}, {TK_PLUS, STR_INIT("+")}, {TK_TILDE, STR_INIT("~")}};
    bool is;
    const Token *from = p->at;
    TRY(parse_literal(e, p, &is)); // -5 is a literal
    if (is) return parse_postfix(e, p, from);
    for (int64_t i = 0; i < COUNT(sign); i++) {
        if (!parser_take(p, sign[i].kind)) continue;
        int32_t saved;
        TRY(parser_enter(p, &saved));
        Expr *x;
        TRY(parse_sign(&x, p));
        parser_leave(p, saved);
        *e = parser_unary(p, from, sign[i].name, x);
        return DONE;
    }
    return parse_primary(e, p);
}

// The rest of a value that begins with *e.
static Status parse_binary_rest(Expr **e, Parser *p, const Token *from, int32_t least)
{
    for (const BinaryRow *r; (r = binary_row(p)) && r->binds >= least;) {
        p->at++;
        const Token *right_from = p->at;
        Expr *right;
        TRY(parse_sign(&right, p));
        TRY(parse_binary_rest(&right, p, right_from, r->binds + 1));
        TRY(parser_grow(p));
        bool differ = r->kind == TK_NEQ;
        *e = parser_binary(p, from, differ ? S("=") : r->name, *e, right);
        if (differ) *e = parser_unary(p, from, S("not"), *e);
    }
    return DONE;
}

Status parse_value(Expr **e, Parser *p)
{
    int32_t saved = p->height; // no level of its own: whoever nests values has one
    p->height = 0;
    const Token *from = p->at;
    TRY(parse_sign(e, p));
    TRY(parse_binary_rest(e, p, from, 1));
    p->height = MAX(saved, p->height + 1);
    return DONE;
}

static bool query_after(const Parser *p, int32_t ahead)
{
    Parser q = *p;
    q.at += ahead;
    return parser_at_query(&q);
}

static Status parse_subquery(Expr **e, Parser *p, const Token *from, SubqueryKind kind)
{
    TRY(parser_need(p, TK_LPAREN));
    Rel *r;
    TRY(parse_whole_query(&r, p));
    TRY(parser_need(p, TK_RPAREN));
    *e = expr_new(p->a, E_SUBQUERY, parser_place(p, from));
    (*e)->sub = kind;
    (*e)->plan = r;
    return DONE;
}

static Status parse_in(Expr **e, Parser *p, const Token *from, bool negated)
{
    if (parser_at(p, TK_LPAREN) && query_after(p, 1)) {
        Expr *left = *e;
        TRY(parse_subquery(e, p, from, SUB_IN));
        bool row = left->kind == E_CALL && str_eq(left->name, S("struct"));
        (*e)->arg = row ? left->arg : NEW(p->a, Expr *, 1);
        (*e)->nargs = row ? left->nargs : 1;
        if (!row) (*e)->arg[0] = left;
        (*e)->negated = negated;
        return DONE;
    }
    Exprs arg = {0};
    vec_push(p->a, &arg, *e);
    TRY(parser_need(p, TK_LPAREN));
    TRY(parse_expressions(&arg, p));
    TRY(parser_need(p, TK_RPAREN));
    *e = parser_call(p, from, S("in"), &arg);
    if (negated) *e = parser_unary(p, from, S("not"), *e);
    return DONE;
}

// x LIKE ANY (p, ..), x NOT LIKE ALL (p, ..): one LIKE a pattern.
static Status parse_like_each(Expr **e, Parser *p, const Token *from, Str name, bool negated)
{
    bool literal = true, every = parser_at_kw(p, KW_ALL);
    Str join = every ? S("and") : S("or");
    p->at++;
    TRY(parser_need(p, TK_LPAREN));
    Exprs pattern = {0};
    TRY(parse_expressions(&pattern, p));
    TRY(parser_need(p, TK_RPAREN));
    Expr *all = NULL;
    for (int64_t i = 0; i < pattern.n; i++) {
        literal &= pattern.v[i]->kind == E_LITERAL;
        Expr *one = parser_binary(p, from, name, *e, pattern.v[i]);
        if (negated) one = parser_unary(p, from, S("not"), one);
        TRY(parser_grow(p));
        all = all ? parser_binary(p, from, join, all, one) : one;
    }
    *e = all;
    if (all && literal)
        all->each = str_fmt(p->a, "%slike%s", negated ? "not" : "", every ? "all" : "any");
    return DONE;
}

static Status parse_like(Expr **e, Parser *p, const Token *from, bool negated)
{
    Str name = str_lower(p->a, p->at[-1].text);
    bool each = parser_at_kw(p, KW_ANY) || parser_at_kw(p, KW_SOME) || parser_at_kw(p, KW_ALL);
    if (each && p->at[1].kind == TK_LPAREN) return parse_like_each(e, p, from, name, negated);
    Exprs arg = {0};
    vec_push(p->a, &arg, *e);
    Expr *pattern;
    TRY(parse_value(&pattern, p));
    vec_push(p->a, &arg, pattern);
    if (parser_take_kw(p, KW_ESCAPE)) {
        bool is;
        TRY(parse_literal(&pattern, p, &is));
        if (!is) return parser_error(p);
        vec_push(p->a, &arg, pattern);
    }
    *e = parser_call(p, from, name, &arg);
    if (negated) *e = parser_unary(p, from, S("not"), *e);
    return DONE;
}

static Status parse_between(Expr **e, Parser *p, const Token *from, bool negated)
{
    Exprs arg = {0};
    vec_push(p->a, &arg, *e);
    Expr *bound;
    TRY(parse_value(&bound, p));
    vec_push(p->a, &arg, bound);
    TRY(parser_need_kw(p, KW_AND));
    TRY(parse_value(&bound, p));
    vec_push(p->a, &arg, bound);
    *e = parser_call(p, from, S("between"), &arg);
    if (negated) *e = parser_unary(p, from, S("not"), *e);
    return DONE;
}

static Expr *boolean_literal(Parser *p, bool v)
{
    return expr_literal(p->a, &type_boolean, &(Datum){.i = v});
}

static Status parse_is(Expr **e, Parser *p, const Token *from)
{
    bool negated = parser_take_kw(p, KW_NOT) || parser_take(p, TK_BANG);
    if (parser_take_kw(p, KW_NULL)) {
        *e = parser_unary(p, from, negated ? S("isnotnull") : S("isnull"), *e);
        return DONE;
    }
    if (parser_take_kw(p, KW_UNKNOWN)) {
        *e = parser_unary(p, from, negated ? S("isnotnull") : S("isnull"),
                          expr_cast(p->a, *e, &type_boolean, CAST_IMPLICIT));
        return DONE;
    }
    Expr *right;
    bool truth = parser_at_kw(p, KW_TRUE);
    if (truth || parser_at_kw(p, KW_FALSE)) {
        p->at++;
        right = boolean_literal(p, truth);
    } else {
        TRY(parser_need_kws(p, KW_DISTINCT, KW_FROM));
        negated = !negated;
        TRY(parse_value(&right, p));
    }
    *e = parser_binary(p, from, S("<=>"), *e, right);
    if (negated) *e = parser_unary(p, from, S("not"), *e);
    return DONE;
}

static bool predicate_kw(Keyword kw)
{
    return kw == KW_BETWEEN || kw == KW_IN || kw == KW_LIKE || kw == KW_ILIKE || kw == KW_RLIKE ||
           kw == KW_REGEXP;
}

static Status parse_predicate(Expr **e, Parser *p)
{
    TRY(parse_value(e, p));
    const Token *op = p->at; // where Spark says that a predicate is
    if (parser_take_kw(p, KW_IS)) return parse_is(e, p, op);
    bool negated = (parser_at_kw(p, KW_NOT) || parser_at(p, TK_BANG)) && predicate_kw(p->at[1].kw);
    if (!negated && !predicate_kw(p->at->kw)) return DONE;
    p->at += negated;
    Keyword kw = p->at++->kw;
    TRY(parser_grow(p));
    TRY(parser_grow(p));
    if (kw == KW_BETWEEN) return parse_between(e, p, op, negated);
    if (kw == KW_IN) return parse_in(e, p, op, negated);
    if (kw == KW_LIKE || kw == KW_ILIKE) return parse_like(e, p, op, negated);
    Expr *pattern;
    TRY(parse_value(&pattern, p));
    *e = parser_binary(p, op, S("rlike"), *e, pattern);
    if (negated) *e = parser_unary(p, op, S("not"), *e);
    return DONE;
}

static Status parse_not(Expr **e, Parser *p)
{
    const Token *from = p->at;
    bool exists = parser_at_kw(p, KW_EXISTS) && p->at[1].kind == TK_LPAREN && query_after(p, 2);
    if (exists) {
        p->at++;
        return parse_subquery(e, p, from, SUB_EXISTS);
    }
    if (!parser_take_kw(p, KW_NOT) && !parser_take(p, TK_BANG)) return parse_predicate(e, p);
    int32_t saved;
    TRY(parser_enter(p, &saved));
    Expr *x;
    TRY(parse_not(&x, p));
    parser_leave(p, saved);
    *e = parser_unary(p, from, S("not"), x);
    return DONE;
}

static Origin place_join(Origin x, Origin y)
{
    if (x.text.n && y.text.n) x.text.n = y.text.p + y.text.n - x.text.p;
    return x;
}

// Spark's way of halving, so that printed parentheses agree.
static Expr *balance(Parser *p, Str name, Expr **v, int64_t lo, int64_t hi)
{
    if (lo == hi) return v[lo];
    int64_t mid = hi - lo == 1 ? lo : lo + (hi - lo) / 2;
    Expr *x = balance(p, name, v, lo, mid), *y = balance(p, name, v, mid + 1, hi);
    return call_of(p, place_join(x->at, y->at), name, x, y);
}

static Status parse_chain(Expr **e, Parser *p, Keyword kw)
{
    bool any = kw == KW_OR;
    Exprs part = {0};
    do {
        TRY(any ? parse_chain(e, p, KW_AND) : parse_not(e, p));
        if (!part.n && !parser_at_kw(p, kw)) return DONE;
        vec_push(p->a, &part, *e);
    } while (parser_take_kw(p, kw));
    for (int64_t n = 1; n < part.n; n *= 2) TRY(parser_grow(p));
    *e = balance(p, any ? S("or") : S("and"), part.v, 0, part.n - 1);
    return DONE;
}

Status parse_expression(Expr **e, Parser *p)
{
    int32_t saved;
    TRY(parser_enter(p, &saved));
    TRY(parse_chain(e, p, KW_OR));
    parser_leave(p, saved);
    return DONE;
}

Status parse_expressions(Exprs *to, Parser *p)
{
    do {
        Expr *e;
        TRY(parse_expression(&e, p));
        vec_push(p->a, to, e);
    } while (parser_take(p, TK_COMMA));
    return DONE;
}

Status parse_named(Expr **e, Parser *p)
{
    const Token *from = p->at;
    TRY(parse_expression(e, p));
    bool as = parser_take_kw(p, KW_AS);
    if (!as && !parser_at_alias(p)) return DONE;
    Expr *alias = expr_new(p->a, E_ALIAS, (Origin){0});
    alias->arg = NEW(p->a, Expr *, 1);
    alias->arg[0] = *e;
    alias->nargs = 1;
    if (as && parser_at(p, TK_LPAREN))
        TRY(parse_identifiers(&alias->part, &alias->nparts, p));
    else
        TRY(parse_identifier(&alias->name, p));
    alias->at = parser_place(p, from);
    *e = alias;
    return DONE;
}

Status parse_named_list(Exprs *to, Parser *p)
{
    do {
        Expr *e;
        TRY(parse_named(&e, p));
        vec_push(p->a, to, e);
    } while (parser_take(p, TK_COMMA));
    return DONE;
}

Status parse_sort_items(Exprs *to, Parser *p)
{
    do {
        const Token *from = p->at;
        Expr *by;
        TRY(parse_expression(&by, p));
        bool descending = parser_take_kw(p, KW_DESC);
        if (!descending) parser_take_kw(p, KW_ASC);
        bool nulls_last = descending;
        if (parser_take_kw(p, KW_NULLS)) {
            nulls_last = parser_take_kw(p, KW_LAST);
            if (!nulls_last) TRY(parser_need_kw(p, KW_FIRST));
        }
        Expr *e = expr_new(p->a, E_SORT, parser_place(p, from));
        e->arg = NEW(p->a, Expr *, 1);
        e->arg[0] = by;
        e->nargs = 1;
        e->descending = descending;
        e->nulls_last = nulls_last;
        vec_push(p->a, to, e);
    } while (parser_take(p, TK_COMMA));
    return DONE;
}

static Status parse_lambda(Expr **e, Parser *p, const Token *from)
{
    Expr *lambda = expr_new(p->a, E_LAMBDA, (Origin){0});
    if (parser_at(p, TK_LPAREN)) {
        TRY(parse_identifiers(&lambda->part, &lambda->nparts, p));
    } else {
        lambda->part = NEW(p->a, Str, 1);
        lambda->nparts = 1;
        TRY(parse_identifier(&lambda->part[0], p));
    }
    TRY(parser_need(p, TK_ARROW));
    lambda->arg = NEW(p->a, Expr *, 1);
    lambda->nargs = 1;
    TRY(parse_expression(&lambda->arg[0], p));
    lambda->at = parser_place(p, from);
    *e = lambda;
    return DONE;
}

static Status parse_parenthesis(Expr **e, Parser *p)
{
    const Token *from = p->at;
    if (p->first[from->match + 1].kind == TK_ARROW) return parse_lambda(e, p, from);
    if (query_after(p, 1)) return parse_subquery(e, p, from, SUB_SCALAR);
    p->at++;
    Exprs part = {0};
    TRY(parse_named_list(&part, p));
    TRY(parser_need(p, TK_RPAREN));
    *e = part.n > 1 ? parser_call(p, from, S("struct"), &part) : part.v[0];
    if (part.n > 1) (*e)->tuple = true;
    return (*e)->kind == E_ALIAS ? parser_error(p) : DONE;
}

static Status parse_star(Expr **e, Parser *p, const Token *from, const Names *part)
{
    TRY(parser_need(p, TK_STAR));
    *e = expr_new(p->a, E_STAR, parser_place(p, from));
    (*e)->part = part->v;
    (*e)->nparts = (int32_t)part->n;
    if (!parser_at_kw(p, KW_EXCEPT) || p->at[1].kind != TK_LPAREN || query_after(p, 1)) return DONE;
    p->at += 2;
    Exprs except = {0};
    do {
        const Token *name_from = p->at;
        Expr *name = expr_new(p->a, E_NAME, (Origin){0});
        TRY(parse_parts(&name->part, &name->nparts, p));
        name->at = parser_place(p, name_from);
        vec_push(p->a, &except, name);
    } while (parser_take(p, TK_COMMA));
    (*e)->arg = except.v;
    (*e)->nargs = (int32_t)except.n;
    return parser_need(p, TK_RPAREN);
}

// A name, t.*, or a call.
static Status parse_path(Expr **e, Parser *p)
{
    const Token *from = p->at;
    bool clause = parser_at_kw(p, KW_IDENTIFIER) && p->at[1].kind == TK_LPAREN;
    if (!clause && p->at[1].kind == TK_LPAREN) return parse_call(e, p);
    Names part = {0};
    if (clause) {
        int32_t n;
        TRY(parse_parts(&part.v, &n, p));
        part.n = part.cap = n;
    } else {
        Str name;
        TRY(parse_identifier(&name, p));
        vec_push(p->a, &part, name);
    }
    while (parser_at(p, TK_DOT)) {
        p->at++;
        if (parser_at(p, TK_STAR)) return parse_star(e, p, from, &part);
        Str name;
        TRY(parse_identifier(&name, p));
        vec_push(p->a, &part, name);
    }
    if (parser_at(p, TK_LPAREN)) {
        p->at--; // a.b.f(..): the call's own name is the last part
        TRY(parse_call(e, p));
        (*e)->at = parser_place(p, from);
    } else {
        *e = expr_new(p->a, E_NAME, parser_place(p, from));
    }
    (*e)->part = part.v;
    (*e)->nparts = (int32_t)part.n;
    return DONE;
}

static Expr *extract_of(Parser *p, const Token *from, Expr *base, Expr *key)
{
    Expr *e = parser_binary(p, from, S(""), base, key);
    e->kind = E_EXTRACT;
    return e;
}

static void name_push(Expr *e, Parser *p, const Token *from, Str field)
{
    Names part = {e->part, e->nparts, e->nparts};
    vec_push(p->a, &part, field);
    e->part = part.v;
    e->nparts = (int32_t)part.n;
    e->at = parser_place(p, from);
}

// What may follow a primary: .field, [index], ::type, COLLATE name, :path.
static Status parse_postfix(Expr **e, Parser *p, const Token *from)
{
    for (;;) {
        if (parser_at(p, TK_DOT) || parser_at(p, TK_COLON)) {
            bool path = p->at++->kind == TK_COLON;
            Str field;
            TRY(parse_identifier(&field, p));
            if ((*e)->kind == E_NAME && !path) { // (a).b is a.b
                name_push(*e, p, from, field);
                continue;
            }
            Expr *key = expr_literal(p->a, &type_string, &(Datum){.s = field});
            *e = path ? parser_binary(p, from, S("semi_structured_extract"), *e, key)
                      : extract_of(p, from, *e, key);
        } else if (parser_take(p, TK_LBRACKET)) {
            Expr *key;
            int32_t saved;
            TRY(parser_enter(p, &saved));
            TRY(parse_value(&key, p));
            TRY(parser_need(p, TK_RBRACKET));
            parser_leave(p, saved);
            *e = extract_of(p, from, *e, key);
        } else if (parser_take(p, TK_CAST)) {
            const Type *t;
            TRY(parse_type(&t, p));
            *e = expr_cast(p->a, *e, t, CAST_SQL);
            (*e)->at = parser_place(p, from);
        } else if (parser_take_kw(p, KW_COLLATE)) {
            Str name;
            TRY(parse_identifier(&name, p));
            *e = parser_binary(p, from, S("collate"), *e,
                               expr_literal(p->a, &type_string, &(Datum){.s = name}));
        } else {
            return DONE;
        }
        TRY(parser_grow(p));
    }
}

static Status parse_primary_start(Expr **e, Parser *p)
{
    bool is;
    TRY(parse_literal(e, p, &is));
    if (is) return DONE;
    const Token *from = p->at;
    if (parser_at(p, TK_LPAREN)) return parse_parenthesis(e, p);
    if (parser_at(p, TK_STAR)) return parse_star(e, p, from, &(Names){0});
    if (parser_at_kw(p, KW_CASE) && p->at[1].kind != TK_DOT && p->at[1].kind != TK_COMMA)
        return parse_case(e, p);
    if (!parser_at(p, TK_WORD) && !parser_at(p, TK_QUOTED)) return parser_error(p);
    if (p->at[1].kind == TK_ARROW) return parse_lambda(e, p, from);
    return parser_at_special(p) ? parse_special(e, p) : parse_path(e, p);
}

Status parse_primary(Expr **e, Parser *p)
{
    const Token *from = p->at;
    TRY(parse_primary_start(e, p));
    return parse_postfix(e, p, from);
}
