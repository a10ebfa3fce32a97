// parser_relation.c -- FROM: tables, streams, subqueries, table functions, VALUES; their samples,
// watermarks and aliases; joins, PIVOT, UNPIVOT, LATERAL VIEW.
#include "base/civil.h"
#include "base/num.h"
#include "plan/parser_in.h"

static Rel *wrap(Parser *p, RelKind kind, const Token *from, Rel *input)
{
    return rel_new(p->a, kind, parser_place(p, from), input);
}

static void rel_expr(Rel *r, Arena *a, Expr *e)
{
    r->expr = NEW(a, Expr *, 1);
    r->expr[0] = e;
    r->nexprs = 1;
}

static bool fence(const Parser *p) // words that no bare table alias may be
{
    return parser_at_kw(p, KW_WATERMARK) && p->at[1].kind != TK_END && p->at[1].kind != TK_COMMA &&
           p->at[1].kind != TK_RPAREN && p->at[1].kind != TK_SEMICOLON;
}

Status parse_table_alias(Rel **r, Parser *p)
{
    const Token *from = p->at;
    bool as = parser_take_kw(p, KW_AS);
    if (!as && (!parser_at_alias(p) || fence(p))) return DONE;
    Rel *alias = rel_new(p->a, REL_SUBQUERY_ALIAS, (Origin){0}, *r);
    alias->name = NEW(p->a, Str, 1);
    alias->nnames = 1;
    TRY(parse_identifier(&alias->name[0], p));
    if (parser_at(p, TK_LPAREN))
        TRY(parse_identifiers(&alias->column_alias, &alias->ncolumn_alias, p));
    alias->at = parser_place(p, from);
    *r = alias;
    return DONE;
}

static Status parse_sample_size(Rel *r, Parser *p)
{
    const Token *sized = p->at + parser_at(p, TK_MINUS);
    bool number = sized->kind == TK_INTEGER || sized->kind == TK_DECIMAL;
    if (number && sized[1].kw == KW_PERCENT) {
        double percent;
        if (!num_parse_f64(sized->text, &percent)) return parser_error(p);
        r->fraction = (sized > p->at ? -percent : percent) / 100;
        p->at = sized + 2;
        return DONE;
    }
    if (parser_take_kw(p, KW_BUCKET)) {
        int64_t part, of;
        if (!num_parse_i64(p->at->text, &part) || p->at[1].kw != KW_OUT) return parser_error(p);
        p->at += 3;
        if (!num_parse_i64(p->at->text, &of) || of <= 0) return parser_error(p);
        p->at++;
        r->fraction = (double)part / (double)of;
        return DONE;
    }
    Expr *rows;
    TRY(parse_expression(&rows, p));
    TRY(parser_need_kw(p, KW_ROWS));
    rel_expr(r, p->a, rows);
    return DONE;
}

static Status no_fraction(Parser *p, const Token *from, double fraction)
{
    char text[40];
    Str shown = {text, num_format_f64(text, fraction)};
    Origin at = parser_place(p, from);
    Status s = RAISE(FRAME_BOUND_NOT_LITERAL,
                     P("msg", str_fmt(p->a,
                                      "Sampling fraction (" STR_FMT ") must be on interval "
                                      "[0, 1]",
                                      STR_ARG(shown))));
    return fail_at(s, &at);
}

Status parse_sample(Rel **r, Parser *p)
{
    const Token *from = p->at;
    if (!parser_take_kw(p, KW_TABLESAMPLE)) return DONE;
    *r = wrap(p, REL_SAMPLE, from, *r);
    TRY(parser_need(p, TK_LPAREN));
    TRY(parse_sample_size(*r, p));
    TRY(parser_need(p, TK_RPAREN));
    double slack = 1e-6; // as much as rounding may do
    if ((*r)->fraction < -slack || (*r)->fraction > 1 + slack)
        return no_fraction(p, from, (*r)->fraction);
    if (!parser_take_kw(p, KW_REPEATABLE)) return DONE;
    TRY(parser_need(p, TK_LPAREN));
    if (!num_parse_i64(p->at->text, &(*r)->start)) return parser_error(p);
    p->at++;
    (*r)->global = true; // with a seed
    return parser_need(p, TK_RPAREN);
}

static Status parse_watermark(Rel **r, Parser *p)
{
    const Token *from = p->at;
    if (!fence(p)) return DONE;
    p->at++;
    Rel *w = rel_new(p->a, REL_WITH_WATERMARK, (Origin){0}, *r);
    Expr *e, *delay;
    TRY(parse_named(&e, p));
    rel_expr(w, p->a, e);
    TRY(parser_need_kws(p, KW_DELAY, KW_OF));
    const Token *interval = p->at;
    bool is;
    TRY(parse_literal(&delay, p, &is));
    bool ym = is && delay->type->id == T_INTERVAL_YM, dt = is && delay->type->id == T_INTERVAL_DT;
    if (!ym && !dt) {
        p->at = interval;
        return parser_error(p);
    }
    w->delay = ym ? delay->value.i * 31 * MICROS_PER_DAY : delay->value.i; // as Spark counts months
    w->at = parser_place(p, from);
    *r = w;
    return DONE;
}

// What may stand behind a relation, in Spark's order: sample, watermark, alias.
static Status parse_behind(Rel **r, Parser *p)
{
    TRY(parse_sample(r, p));
    TRY(parse_watermark(r, p));
    return parse_table_alias(r, p);
}

static Status parse_options(Rel *r, Parser *p)
{
    if (!parser_at_kw(p, KW_WITH) || p->at[1].kind != TK_LPAREN) return DONE;
    p->at++;
    return parse_properties(&r->options, p);
}

static Status parse_temporal(Rel *t, Parser *p)
{
    const Token *kw = p->at + parser_at_kw(p, KW_FOR);
    bool version = kw->kw == KW_VERSION || kw->kw == KW_SYSTEM_VERSION;
    bool time = kw->kw == KW_TIMESTAMP || kw->kw == KW_SYSTEM_TIME;
    if ((!version && !time) || kw[1].kw != KW_AS || kw[2].kw != KW_OF) return DONE;
    p->at += kw - p->at + 3;
    if (time) {
        Expr *e;
        TRY(parse_value(&e, p));
        rel_expr(t, p->a, e);
        t->time_travel = true;
        return DONE;
    }
    Option o = {.key = S("versionAsOf"), .value = p->at->text};
    if (parser_at(p, TK_STRING))
        TRY(parse_string(&o.value, p));
    else
        TRY(parser_need(p, TK_INTEGER));
    vec_push(p->a, &t->options, o);
    return DONE;
}

static Status parse_table(Rel **r, Parser *p)
{
    const Token *from = p->at;
    Rel *t = rel_new(p->a, REL_UNRESOLVED_TABLE, (Origin){0}, NULL);
    TRY(parse_parts(&t->name, &t->nnames, p));
    t->at = parser_place(p, from);
    TRY(parse_temporal(t, p));
    TRY(parse_options(t, p));
    *r = t;
    return parse_behind(r, p);
}

static bool at_stream(const Parser *p)
{
    if (!parser_at_kw(p, KW_STREAM)) return false;
    Parser next = *p;
    next.at++;
    return parser_at(&next, TK_LPAREN) || (parser_at_alias(&next) && !fence(&next));
}

static Status parse_stream(Rel **r, Parser *p)
{
    const Token *from = p->at++;
    Rel *t = *r = rel_new(p->a, REL_UNRESOLVED_TABLE, (Origin){0}, NULL);
    t->is_streaming = true;
    bool paren = parser_take(p, TK_LPAREN);
    TRY(parse_parts(&t->name, &t->nnames, p));
    if (paren) TRY(parser_need(p, TK_RPAREN));
    t->at = parser_place(p, from);
    TRY(parse_options(t, p));
    return parse_behind(r, p);
}

static Status parse_table_function(Rel **r, Parser *p)
{
    const Token *from = p->at;
    Expr *call;
    TRY(parse_call(&call, p));
    *r = wrap(p, REL_TABLE_FUNCTION, from, NULL);
    (*r)->name = NEW(p->a, Str, 1);
    (*r)->name[0] = call->name;
    (*r)->nnames = 1;
    (*r)->expr = call->arg;
    (*r)->nexprs = call->nargs;
    return parse_behind(r, p);
}

Status parse_values(Rel **r, Parser *p)
{
    const Token *from = p->at;
    TRY(parser_need_kw(p, KW_VALUES));
    Exprs row = {0};
    TRY(parse_expressions(&row, p));
    *r = wrap(p, REL_UNRESOLVED_ROWS, from, NULL);
    (*r)->expr = row.v;
    (*r)->nexprs = (int32_t)row.n;
    return parse_table_alias(r, p);
}

static Status parse_relation(Rel **r, Parser *p);

static Status parse_in_parentheses(Rel **r, Parser *p)
{
    const Token *from = p->at++;
    bool query = parser_at_query(p);
    TRY(query ? parse_whole_query(r, p) : parse_relation(r, p));
    TRY(parser_need(p, TK_RPAREN));
    Rel *behind = *r;
    TRY(parse_behind(&behind, p));
    bool named = behind->kind == REL_SUBQUERY_ALIAS && behind != *r;
    *r = behind;
    if (!query || named) return DONE;
    *r = wrap(p, REL_SUBQUERY_ALIAS, from, behind); // hides the names inside
    (*r)->name = NEW(p->a, Str, 1);
    (*r)->name[0] = S("__auto_generated_subquery_name");
    (*r)->nnames = 1;
    return DONE;
}

Status parse_relation_primary(Rel **r, Parser *p)
{
    int32_t saved;
    TRY(parser_enter(p, &saved));
    bool clause = parser_at_kw(p, KW_IDENTIFIER) && p->at[1].kind == TK_LPAREN;
    if (parser_at(p, TK_LPAREN))
        TRY(parse_in_parentheses(r, p));
    else if (parser_at_kw(p, KW_VALUES) && p->at[1].kind != TK_DOT)
        TRY(parse_values(r, p));
    else if (at_stream(p))
        TRY(parse_stream(r, p));
    else if (parser_at(p, TK_WORD) && p->at[1].kind == TK_LPAREN && !clause)
        TRY(parse_table_function(r, p));
    else
        TRY(parse_table(r, p));
    parser_leave(p, saved);
    return DONE;
}

static bool join_here(Parser *p, JoinKind *kind, bool *natural)
{
    static const struct {
        Keyword kw, then;
        JoinKind kind;
    } row[] = {
        {KW_INNER, 0, JOIN_INNER},          {KW_CROSS, 0, JOIN_CROSS},
        {KW_LEFT, KW_SEMI, JOIN_LEFT_SEMI}, {KW_LEFT, KW_ANTI, JOIN_LEFT_ANTI},
        {KW_SEMI, 0, JOIN_LEFT_SEMI},       {KW_ANTI, 0, JOIN_LEFT_ANTI},
        {KW_LEFT, KW_OUTER, JOIN_LEFT},     {KW_LEFT, 0, JOIN_LEFT},
        {KW_RIGHT, KW_OUTER, JOIN_RIGHT},   {KW_RIGHT, 0, JOIN_RIGHT},
        {KW_FULL, KW_OUTER, JOIN_FULL},     {KW_FULL, 0, JOIN_FULL},
    };
    const Token *t = p->at;
    *natural = t->kw == KW_NATURAL;
    t += *natural;
    *kind = JOIN_INNER;
    for (int64_t i = 0; i < COUNT(row); i++) {
        if (t->kw != row[i].kw || (row[i].then && t[1].kw != row[i].then)) continue;
        *kind = row[i].kind;
        t += row[i].then ? 2 : 1;
        break;
    }
    if (t->kw != KW_JOIN) return false;
    p->at += t - p->at + 1;
    return true;
}

static Status parse_join(Rel **r, Parser *p, const Token *from, JoinKind kind, bool natural)
{
    Rel *join = rel_new(p->a, REL_JOIN, (Origin){0}, *r);
    join->join = kind;
    join->natural = natural;
    join->lateral = parser_take_kw(p, KW_LATERAL);
    if (natural && kind == JOIN_CROSS)
        return parser_error_at(p, from,
                               RAISE(INCOMPATIBLE_JOIN_TYPES, P("joinType1", S("NATURAL")),
                                     P("joinType2", S("CROSS"))));
    if (natural && (kind == JOIN_LEFT_SEMI || kind == JOIN_LEFT_ANTI))
        return fail(ERR_INVALID, "requirement failed: there is no such join that is NATURAL");
    TRY(parse_relation_primary(&join->input[1], p));
    if (!natural && parser_take_kw(p, KW_ON)) {
        Expr *on;
        TRY(parse_expression(&on, p));
        rel_expr(join, p->a, on);
    } else if (!natural && parser_take_kw(p, KW_USING)) {
        TRY(parse_identifiers(&join->using_column, &join->nusing, p));
    }
    join->at = parser_place(p, from);
    *r = join;
    return parser_grow(p);
}

static Status parse_pivot(Rel **r, Parser *p, const Token *from)
{
    Rel *pivot = rel_new(p->a, REL_PIVOT, (Origin){0}, *r);
    Exprs aggregate = {0}, column = {0}, value = {0};
    TRY(parser_need(p, TK_LPAREN));
    TRY(parse_named_list(&aggregate, p));
    TRY(parser_need_kw(p, KW_FOR));
    bool list = parser_take(p, TK_LPAREN);
    do {
        Str name;
        TRY(parse_identifier(&name, p));
        vec_push(p->a, &column, expr_name(p->a, name));
    } while (list && parser_take(p, TK_COMMA));
    if (list) TRY(parser_need(p, TK_RPAREN));
    TRY(parser_need_kw(p, KW_IN));
    TRY(parser_need(p, TK_LPAREN));
    TRY(parse_named_list(&value, p));
    TRY(parser_need(p, TK_RPAREN));
    TRY(parser_need(p, TK_RPAREN));
    pivot->expr = aggregate.v, pivot->nexprs = (int32_t)aggregate.n;
    pivot->group = column.v, pivot->ngroup = (int32_t)column.n;
    pivot->value = value.v, pivot->nvalues = (int32_t)value.n;
    pivot->at = parser_place(p, from);
    *r = pivot;
    return parse_table_alias(r, p);
}

// UNPIVOT [INCLUDE NULLS] (v FOR name IN (a AS x, b)), or ((v, w) FOR name IN ((a, b) AS x)).
static Status parse_unpivot(Rel **r, Parser *p, const Token *from)
{
    Rel *unpivot = rel_new(p->a, REL_UNPIVOT, (Origin){0}, *r);
    unpivot->all = parser_take_kws(p, KW_INCLUDE, KW_NULLS);
    if (!unpivot->all) parser_take_kws(p, KW_EXCLUDE, KW_NULLS);
    TRY(parser_need(p, TK_LPAREN));
    Names name = {0};
    bool list = parser_take(p, TK_LPAREN);
    Str one;
    do {
        TRY(parse_identifier(&one, p));
        vec_push(p->a, &name, one);
    } while (list && parser_take(p, TK_COMMA));
    if (list) TRY(parser_need(p, TK_RPAREN));
    TRY(parser_need_kw(p, KW_FOR));
    TRY(parse_identifier(&one, p)); // of the column of names: the last one
    vec_push(p->a, &name, one);
    TRY(parser_need_kw(p, KW_IN));
    TRY(parser_need(p, TK_LPAREN));
    Exprs column = {0};
    TRY(parse_named_list(&column, p));
    TRY(parser_need(p, TK_RPAREN));
    TRY(parser_need(p, TK_RPAREN));
    unpivot->name = name.v, unpivot->nnames = (int32_t)name.n;
    unpivot->group = column.v, unpivot->ngroup = (int32_t)column.n;
    unpivot->at = parser_place(p, from);
    *r = unpivot;
    return parse_table_alias(r, p);
}

Status parse_relation_rest(Rel **r, Parser *p, const Token *from)
{
    JoinKind kind;
    bool natural;
    for (;;) {
        const Token *at = p->at;
        if (join_here(p, &kind, &natural))
            TRY(parse_join(r, p, at, kind, natural));
        else if (parser_take_kw(p, KW_PIVOT))
            TRY(parse_pivot(r, p, from));
        else if (parser_take_kw(p, KW_UNPIVOT))
            TRY(parse_unpivot(r, p, from));
        else
            return DONE;
        TRY(parser_grow(p));
    }
}

static Status parse_relation(Rel **r, Parser *p)
{
    const Token *from = p->at;
    TRY(parse_relation_primary(r, p));
    return parse_relation_rest(r, p, from);
}

Status parse_lateral_views(Rel **r, Parser *p)
{
    while (parser_at_kw(p, KW_LATERAL) && p->at[1].kw == KW_VIEW) {
        const Token *from = p->at;
        p->at += 2;
        Rel *g = rel_new(p->a, REL_GENERATE, (Origin){0}, *r);
        g->outer = parser_take_kw(p, KW_OUTER);
        Expr *call;
        TRY(parse_call(&call, p));
        rel_expr(g, p->a, call);
        g->name = NEW(p->a, Str, 1);
        if (parser_at_alias(p)) {
            TRY(parse_identifier(&g->name[0], p));
            g->nnames = 1;
        }
        bool as = parser_take_kw(p, KW_AS);
        Names column = {0};
        while (as || parser_at_alias(p)) {
            Str one;
            TRY(parse_identifier(&one, p));
            vec_push(p->a, &column, one);
            as = parser_take(p, TK_COMMA);
            if (!as) break;
        }
        g->column_alias = column.v, g->ncolumn_alias = (int32_t)column.n;
        g->at = parser_place(p, from);
        *r = g;
        TRY(parser_grow(p));
    }
    return DONE;
}

Status parse_from(Rel **r, Parser *p)
{
    const Token *from = p->at;
    parser_take_kw(p, KW_LATERAL);
    TRY(parse_relation(r, p));
    while (parser_take(p, TK_COMMA)) {
        Rel *join = rel_new(p->a, REL_JOIN, (Origin){0}, *r);
        join->lateral = parser_take_kw(p, KW_LATERAL);
        TRY(parse_relation_primary(&join->input[1], p));
        join->at = parser_place(p, from);
        *r = join;
        TRY(parser_grow(p));
        TRY(parse_relation_rest(r, p,
                                from)); // a comma binds as JOIN does: all before it is its left
    }
    TRY(parse_lateral_views(r, p));
    return parse_relation_rest(r, p, from);
}
