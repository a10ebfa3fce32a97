// parser_group.c -- GROUP BY: expressions, and grouping sets as lists of indexes into them. ROLLUP
// and CUBE are written out as sets; several of them multiply, as the standard says.
#include "plan/parser_in.h"

enum { GROUPING_SETS_MAX = 4096, CUBE_MAX = 12 };

typedef VEC(int32_t) Set;
typedef VEC(Set) Sets;

static Status too_many(const Parser *p)
{
    return parser_error_at(p, p->at,
                           fail(ERR_LIMIT, "more than %d grouping sets", GROUPING_SETS_MAX));
}

static Set set_join(Arena *a, const Set *x, const Set *y)
{
    Set both = {0};
    for (int64_t i = 0; i < x->n; i++) vec_push(a, &both, x->v[i]);
    for (int64_t i = 0; i < y->n; i++) vec_push(a, &both, y->v[i]);
    return both;
}

static Status sets_multiply(Sets *to, Parser *p, const Sets *by)
{
    Sets all = {0};
    if (to->n * by->n > GROUPING_SETS_MAX) return too_many(p);
    for (int64_t i = 0; i < to->n; i++)
        for (int64_t j = 0; j < by->n; j++) {
            Set both = set_join(p->a, &to->v[i], &by->v[j]);
            vec_push(p->a, &all, both);
        }
    *to = all;
    return DONE;
}

// (a, b), () or a: the expressions join the list, the set names them.
static Status parse_group_set(Set *set, Exprs *group, Parser *p)
{
    bool list = parser_at(p, TK_LPAREN);
    if (list) { // (a) + 1 is an expression
        TokenKind after = p->first[p->at->match + 1].kind;
        list = after == TK_COMMA || after == TK_RPAREN;
    }
    if (!list) {
        vec_push(p->a, set, (int32_t)group->n);
        Expr *e;
        TRY(parse_expression(&e, p));
        vec_push(p->a, group, e);
        return DONE;
    }
    p->at++;
    if (parser_take(p, TK_RPAREN)) return DONE;
    int64_t before = group->n;
    TRY(parse_expressions(group, p));
    for (int64_t i = before; i < group->n; i++) vec_push(p->a, set, (int32_t)i);
    return parser_need(p, TK_RPAREN);
}

static Status parse_set_list(Sets *part, Exprs *group, Parser *p)
{
    TRY(parser_need(p, TK_LPAREN));
    do {
        Set set = {0};
        TRY(parse_group_set(&set, group, p));
        vec_push(p->a, part, set);
    } while (parser_take(p, TK_COMMA));
    return parser_need(p, TK_RPAREN);
}

static Status rollup(Sets *to, Parser *p, const Sets *part)
{
    for (int64_t n = part->n; n >= 0; n--) {
        Set set = {0};
        for (int64_t i = 0; i < n; i++) set = set_join(p->a, &set, &part->v[i]);
        vec_push(p->a, to, set);
    }
    return DONE;
}

static Status cube(Sets *to, Parser *p, const Sets *part)
{
    if (part->n > CUBE_MAX) return too_many(p);
    int64_t full = (INT64_C(1) << part->n) - 1;
    for (int64_t bits = full; bits >= 0; bits--) {
        Set set = {0};
        for (int64_t i = 0; i < part->n; i++)
            if (bits >> (part->n - 1 - i) & 1) set = set_join(p->a, &set, &part->v[i]);
        vec_push(p->a, to, set);
    }
    return DONE;
}

static Status parse_analytics(Sets *to, Exprs *group, Parser *p);

static bool at_analytics(const Parser *p)
{
    bool call =
        (parser_at_kw(p, KW_ROLLUP) || parser_at_kw(p, KW_CUBE)) && p->at[1].kind == TK_LPAREN;
    return call || (parser_at_kw(p, KW_GROUPING) && p->at[1].kw == KW_SETS);
}

static Status parse_grouping_sets(Sets *to, Exprs *group, Parser *p)
{
    int32_t saved;
    TRY(parser_enter(p, &saved));
    TRY(parser_need(p, TK_LPAREN));
    do {
        Set set = {0};
        if (at_analytics(p)) {
            TRY(parse_analytics(to, group, p));
            continue;
        }
        TRY(parse_group_set(&set, group, p));
        vec_push(p->a, to, set);
    } while (parser_take(p, TK_COMMA));
    parser_leave(p, saved);
    return parser_need(p, TK_RPAREN);
}

static Status parse_analytics(Sets *to, Exprs *group, Parser *p)
{
    const Token *from = p->at;
    p->at += from->kw == KW_GROUPING ? 2 : 1;
    if (from->kw == KW_GROUPING) return parse_grouping_sets(to, group, p);
    Sets part = {0};
    TRY(parse_set_list(&part, group, p));
    return from->kw == KW_ROLLUP ? rollup(to, p, &part) : cube(to, p, &part);
}

// GROUP BY a, b WITH ROLLUP, and Hive's GROUP BY a, b GROUPING SETS (..).
static Status parse_suffix(Sets *sets, Exprs *group, Parser *p, bool *is)
{
    bool with = parser_at_kw(p, KW_WITH) && (p->at[1].kw == KW_ROLLUP || p->at[1].kw == KW_CUBE);
    bool hive = parser_at_kw(p, KW_GROUPING) && p->at[1].kw == KW_SETS;
    *is = with || hive;
    if (!*is) return DONE;
    *sets = (Sets){0};
    if (hive) return parse_analytics(sets, group, p);
    Sets part = {0};
    for (int32_t i = 0; i < group->n; i++) {
        Set one = {0};
        vec_push(p->a, &one, i);
        vec_push(p->a, &part, one);
    }
    p->at += 2;
    return p->at[-1].kw == KW_ROLLUP ? rollup(sets, p, &part) : cube(sets, p, &part);
}

static void keep_sets(Rel *r, Arena *a, const Sets *sets)
{
    r->group_kind = GROUP_SETS;
    r->nsets = (int32_t)sets->n;
    r->sets = NEW(a, int32_t *, sets->n);
    for (int64_t i = 0; i < sets->n; i++) {
        Set *s = &sets->v[i];
        vec_push(a, s, -1);
        r->sets[i] = s->v;
    }
}

Status parse_group_by(Rel *r, Parser *p)
{
    Exprs group = {0};
    Sets sets = {0};
    vec_push(p->a, &sets, (Set){0});
    bool analytics = false;
    do {
        Sets part = {0};
        if (at_analytics(p)) {
            analytics = true;
            TRY(parse_analytics(&part, &group, p));
        } else {
            Set one = {0};
            vec_push(p->a, &one, (int32_t)group.n);
            Expr *e;
            TRY(parse_expression(&e, p));
            vec_push(p->a, &group, e);
            vec_push(p->a, &part, one);
        }
        TRY(sets_multiply(&sets, p, &part));
    } while (parser_take(p, TK_COMMA));
    bool suffix;
    TRY(parse_suffix(&sets, &group, p, &suffix));
    r->group = group.v;
    r->ngroup = (int32_t)group.n;
    if (analytics || suffix) keep_sets(r, p->a, &sets);
    return DONE;
}
