// parser_call.c -- calls: f(a, DISTINCT b, ..) with FILTER, WITHIN GROUP, IGNORE NULLS and OVER;
// CASE; and the calls that have words inside (CAST(x AS t), EXTRACT(y FROM x), TRIM(BOTH x FROM y),
// ..).
#include "plan/parser_in.h"

static Status parse_frame_bound(FrameBound *bound, Parser *p)
{
    if (parser_take_kw(p, KW_UNBOUNDED)) {
        bool preceding = parser_take_kw(p, KW_PRECEDING);
        if (!preceding) TRY(parser_need_kw(p, KW_FOLLOWING));
        bound->kind = preceding ? BOUND_UNBOUNDED_PRECEDING : BOUND_UNBOUNDED_FOLLOWING;
        return DONE;
    }
    if (parser_take_kws(p, KW_CURRENT, KW_ROW)) {
        bound->kind = BOUND_CURRENT;
        return DONE;
    }
    TRY(parse_expression(&bound->by, p));
    bool preceding = parser_take_kw(p, KW_PRECEDING);
    if (!preceding) TRY(parser_need_kw(p, KW_FOLLOWING));
    bound->kind = preceding ? BOUND_PRECEDING : BOUND_FOLLOWING;
    return DONE;
}

static Status parse_frame(Over *over, Parser *p)
{
    if (!parser_at_kw(p, KW_ROWS) && !parser_at_kw(p, KW_RANGE)) return DONE;
    over->has_frame = true;
    over->rows = p->at++->kw == KW_ROWS;
    over->upper.kind = BOUND_CURRENT;
    if (!parser_take_kw(p, KW_BETWEEN)) return parse_frame_bound(&over->lower, p);
    TRY(parse_frame_bound(&over->lower, p));
    TRY(parser_need_kw(p, KW_AND));
    return parse_frame_bound(&over->upper, p);
}

static Status parse_partitions(Over *over, Parser *p)
{
    Exprs by = {0};
    TRY(parse_expressions(&by, p));
    over->partition = by.v;
    over->npartition = (int32_t)by.n;
    return DONE;
}

Status parse_window_spec(Over **out, Parser *p)
{
    const Token *from = p->at;
    Over *over = *out = NEW(p->a, Over, 1);
    if (!parser_at(p, TK_LPAREN)) return parse_identifier(&over->window_name, p);
    p->at++;
    bool name = parser_at(p, TK_WORD) || parser_at(p, TK_QUOTED);
    if (name && p->at[1].kind == TK_RPAREN) {
        TRY(parse_identifier(&over->window_name, p));
        return parser_need(p, TK_RPAREN);
    }
    if (parser_take_kws(p, KW_CLUSTER, KW_BY)) {
        TRY(parse_partitions(over, p));
    } else {
        bool partition =
            parser_take_kws(p, KW_PARTITION, KW_BY) || parser_take_kws(p, KW_DISTRIBUTE, KW_BY);
        if (partition) TRY(parse_partitions(over, p));
        if (parser_take_kws(p, KW_ORDER, KW_BY) || parser_take_kws(p, KW_SORT, KW_BY)) {
            Exprs order = {0};
            TRY(parse_sort_items(&order, p));
            over->order = order.v;
            over->norder = (int32_t)order.n;
        }
    }
    TRY(parse_frame(over, p));
    TRY(parser_need(p, TK_RPAREN));
    over->at = parser_place(p, from);
    return DONE;
}

static Status parse_over(Expr **e, Parser *p, const Token *from)
{
    if (!parser_take_kw(p, KW_OVER)) return DONE;
    Over *over;
    TRY(parse_window_spec(&over, p));
    Expr *w = expr_new(p->a, E_OVER, parser_place(p, from));
    w->arg = NEW(p->a, Expr *, 1);
    w->arg[0] = *e;
    w->nargs = 1;
    w->over = over;
    struct NamedOver wait = {over, from};
    if (over->window_name.n && !p->scope) return parser_no_window(&wait);
    if (over->window_name.n) vec_push(p->a, &p->scope->overs, wait);
    *e = w;
    return DONE;
}

static Status parse_nulls_option(Expr *call, Parser *p)
{
    bool ignore = parser_take_kws(p, KW_IGNORE, KW_NULLS);
    if (!ignore) parser_take_kws(p, KW_RESPECT, KW_NULLS);
    call->ignore_nulls |= ignore;
    return DONE;
}

// What may follow the closing parenthesis of a call.
static Status parse_call_rest(Expr **e, Parser *p, const Token *from)
{
    Expr *call = *e;
    if (parser_at_kw(p, KW_WITHIN) && p->at[1].kw == KW_GROUP && p->at[2].kind == TK_LPAREN) {
        p->at += 3;
        TRY(parser_need_kws(p, KW_ORDER, KW_BY));
        Exprs order = {0};
        TRY(parse_sort_items(&order, p));
        TRY(parser_need(p, TK_RPAREN));
        call->order = order.v;
        call->norder = (int32_t)order.n;
    }
    if (parser_at_kw(p, KW_FILTER) && p->at[1].kind == TK_LPAREN) {
        p->at += 2;
        TRY(parser_need_kw(p, KW_WHERE));
        TRY(parse_expression(&call->filter, p));
        TRY(parser_need(p, TK_RPAREN));
    }
    TRY(parse_nulls_option(call, p));
    call->at = parser_place(p, from);
    return parse_over(e, p, from);
}

static Status parse_argument(Expr **e, Parser *p)
{
    const Token *from = p->at;
    if (p->at[0].kind != TK_WORD || p->at[1].kind != TK_FAT_ARROW) return parse_expression(e, p);
    Str name;
    TRY(parse_identifier(&name, p));
    p->at++;
    Expr *value;
    TRY(parse_expression(&value, p));
    Expr *key = expr_literal(p->a, &type_string, &(Datum){.s = name});
    *e = parser_binary(p, from, S("=>"), key, value);
    return DONE;
}

static Status parse_arguments(Expr *call, Parser *p)
{
    TRY(parser_need(p, TK_LPAREN));
    if (parser_take(p, TK_RPAREN)) return DONE;
    call->distinct = parser_take_kw(p, KW_DISTINCT);
    if (!call->distinct && p->at[1].kind != TK_COMMA && p->at[1].kind != TK_RPAREN)
        parser_take_kw(p, KW_ALL);
    Exprs arg = {0};
    do {
        Expr *one;
        TRY(parse_argument(&one, p));
        vec_push(p->a, &arg, one);
    } while (parser_take(p, TK_COMMA));
    call->arg = arg.v;
    call->nargs = (int32_t)arg.n;
    TRY(parse_nulls_option(call, p)); // first(x IGNORE NULLS)
    return parser_need(p, TK_RPAREN);
}

Status parse_call(Expr **e, Parser *p)
{
    const Token *from = p->at;
    int32_t saved;
    TRY(parser_enter(p, &saved));
    Str name;
    TRY(parse_identifier(&name, p));
    *e = expr_new(p->a, E_CALL, (Origin){0});
    (*e)->name = str_lower(p->a, name);
    TRY(parse_arguments(*e, p));
    TRY(parse_call_rest(e, p, from));
    parser_leave(p, saved);
    return DONE;
}

// CASE [x] WHEN a THEN b .. [ELSE c] END is the call case(a, b, .., c); with x the conditions are
// x = a.
Status parse_case(Expr **e, Parser *p)
{
    const Token *from = p->at++;
    int32_t saved;
    TRY(parser_enter(p, &saved));
    Expr *value = NULL, *x;
    if (!parser_at_kw(p, KW_WHEN)) TRY(parse_expression(&value, p));
    Exprs arg = {0};
    while (parser_take_kw(p, KW_WHEN)) {
        const Token *when = p->at;
        TRY(parse_expression(&x, p));
        if (value) x = parser_binary(p, when, S("="), value, x);
        vec_push(p->a, &arg, x);
        TRY(parser_need_kw(p, KW_THEN));
        TRY(parse_expression(&x, p));
        vec_push(p->a, &arg, x);
    }
    if (!arg.n) return parser_need_kw(p, KW_WHEN);
    if (parser_take_kw(p, KW_ELSE)) {
        TRY(parse_expression(&x, p));
        vec_push(p->a, &arg, x);
    }
    TRY(parser_need_kw(p, KW_END));
    TRY(parser_grow(p));
    parser_leave(p, saved);
    *e = parser_call(p, from, S("case"), &arg);
    return DONE;
}

static Expr *string_literal(Parser *p, Str s)
{
    return expr_literal(p->a, &type_string, &(Datum){.s = s});
}

static Status special_cast(Expr **e, Parser *p, Exprs *arg)
{
    CastMode mode = p->at[-2].kw == KW_TRY_CAST ? CAST_TRY : CAST_SQL;
    (void)arg;
    Expr *x;
    TRY(parse_expression(&x, p));
    TRY(parser_need_kw(p, KW_AS));
    const Type *t;
    TRY(parse_type(&t, p));
    *e = expr_cast(p->a, x, t, mode);
    return DONE;
}

static Status special_extract(Expr **e, Parser *p, Exprs *arg)
{
    (void)e;
    Str field;
    if (parser_at(p, TK_STRING))
        TRY(parse_string(&field, p));
    else
        TRY(parse_identifier(&field, p));
    vec_push(p->a, arg, string_literal(p, field));
    TRY(parser_need_kw(p, KW_FROM));
    Expr *x;
    TRY(parse_value(&x, p));
    vec_push(p->a, arg, x);
    return DONE;
}

// The unit is a word and no text.
static Status refuse_unit(Parser *p, Exprs *arg)
{
    const Token *from = p->at - 2;
    Str text = token_value(p->a, p->at);
    TRY(parse_expressions(arg, p));
    TRY(parser_need(p, TK_RPAREN));
    Str name = str_lower(p->a, from->text);
    Origin at = parser_place(p, from);
    return fail_at(RAISE(INVALID_PARAMETER_VALUE_DATETIME_UNIT,
                         P("functionName", str_fmt(p->a, "`" STR_FMT "`", STR_ARG(name))),
                         P("parameter", S("`unit`")),
                         P("invalidValue", str_fmt(p->a, "'" STR_FMT "'", STR_ARG(text)))),
                   &at);
}

// f(unit, a, b): the unit is a word.
static Status special_unit(Expr **e, Parser *p, Exprs *arg)
{
    (void)e;
    Str unit;
    if (parser_at(p, TK_STRING)) return refuse_unit(p, arg);
    TRY(parse_identifier(&unit, p));
    vec_push(p->a, arg, string_literal(p, str_upper(p->a, unit)));
    TRY(parser_need(p, TK_COMMA));
    return parse_expressions(arg, p);
}

static Status special_position(Expr **e, Parser *p, Exprs *arg)
{
    (void)e;
    for (int32_t i = 0; i < 2; i++) {
        Expr *x;
        if (i) TRY(parser_need_kw(p, KW_IN));
        TRY(parse_value(&x, p));
        if (i && x->kind == E_CALL && str_eq(x->name, S("in"))) return parser_error(p);
        vec_push(p->a, arg, x);
    }
    return DONE;
}

static Status special_substring(Expr **e, Parser *p, Exprs *arg)
{
    (void)e;
    static const Keyword before[] = {KW_NONE, KW_FROM, KW_FOR};
    for (int32_t i = 0; i < 3; i++) {
        Expr *x;
        if (i == 2 && !parser_at_kw(p, KW_FOR)) break;
        if (i) TRY(parser_need_kw(p, before[i]));
        TRY(parse_value(&x, p));
        vec_push(p->a, arg, x);
    }
    return DONE;
}

static Status special_overlay(Expr **e, Parser *p, Exprs *arg)
{
    (void)e;
    static const Keyword before[] = {KW_NONE, KW_PLACING, KW_FROM, KW_FOR};
    for (int32_t i = 0; i < 4; i++) {
        Expr *x;
        if (i == 3 && !parser_at_kw(p, KW_FOR)) break;
        if (i) TRY(parser_need_kw(p, before[i]));
        TRY(parse_value(&x, p));
        vec_push(p->a, arg, x);
    }
    return DONE;
}

// TRIM([BOTH|LEADING|TRAILING] [characters] FROM x) is trim, ltrim or rtrim(x, characters).
static Status special_trim(Expr **e, Parser *p, Exprs *arg)
{
    bool leading = parser_take_kw(p, KW_LEADING);
    bool trailing = !leading && parser_take_kw(p, KW_TRAILING);
    if (!leading && !trailing) parser_take_kw(p, KW_BOTH);
    Expr *characters = NULL, *x;
    if (!parser_at_kw(p, KW_FROM)) TRY(parse_value(&characters, p));
    TRY(parser_need_kw(p, KW_FROM));
    TRY(parse_value(&x, p));
    if (characters) vec_push(p->a, arg, characters); // trim('x', a), as Spark's function has them
    vec_push(p->a, arg, x);
    *e = parser_call(p, p->at - 1, leading ? S("ltrim") : trailing ? S("rtrim") : S("trim"), arg);
    return DONE;
}

static Status special_struct(Expr **e, Parser *p, Exprs *arg)
{
    (void)e;
    return parser_at(p, TK_RPAREN) ? DONE : parse_named_list(arg, p);
}

static bool unit_word(Keyword kw)
{
    return kw == KW_YEAR || kw == KW_QUARTER || kw == KW_MONTH || kw == KW_WEEK || kw == KW_DAY ||
           kw == KW_HOUR || kw == KW_MINUTE || kw == KW_SECOND || kw == KW_MILLISECOND ||
           kw == KW_MICROSECOND;
}
// UNIT, x, y: with two arguments the first is a column of that name.
static bool unit_first(const Token *t)
{
    bool unit = unit_word(t->kw) || str_ieq(t->text, S("dayofyear"));
    bool text = t->kind == TK_STRING; // which is refused
    if ((!unit && !text) || t[1].kind != TK_COMMA) return false;
    t += 2;
    for (int32_t depth = 0; depth >= 0 && t->kind != TK_END; t++) {
        depth += (t->kind == TK_LPAREN) - (t->kind == TK_RPAREN);
        if (!depth && t->kind == TK_COMMA) return true;
    }
    return false;
}
static bool always(const Token *t) { return t->kind != TK_END; }
// Whether `word` stands between t and the parenthesis that closes the call, outside inner ones.
static bool holds_word(const Token *t, Keyword word)
{
    for (int32_t depth = 0; depth >= 0 && t->kind != TK_END; t++) {
        depth += (t->kind == TK_LPAREN) - (t->kind == TK_RPAREN);
        if (!depth && t->kw == word) return true;
    }
    return false;
}
static bool holds_from(const Token *t) { return holds_word(t, KW_FROM); }
static bool holds_in(const Token *t) { return holds_word(t, KW_IN); }
static bool holds_placing(const Token *t) { return holds_word(t, KW_PLACING); }

typedef struct SpecialRow {
    Keyword kw;
    Str name;                                         // of the call
    bool (*here)(const Token *first);                 // by the token after the parenthesis
    Status (*parse)(Expr **e, Parser *p, Exprs *arg); // sets *e, or fills arg
} SpecialRow;
static const SpecialRow special_rows[] = {
    {KW_CAST, STR_INIT("cast"), always, special_cast},
    {KW_TRY_CAST, STR_INIT("try_cast"), always, special_cast},
    {KW_EXTRACT, STR_INIT("extract"), holds_from, special_extract},
    {KW_TIMESTAMPADD, STR_INIT("timestampadd"), unit_first, special_unit},
    {KW_DATEADD, STR_INIT("timestampadd"), unit_first, special_unit},
    {KW_DATE_ADD, STR_INIT("timestampadd"), unit_first, special_unit},
    {KW_TIMESTAMPDIFF, STR_INIT("timestampdiff"), unit_first, special_unit},
    {KW_DATEDIFF, STR_INIT("timestampdiff"), unit_first, special_unit},
    {KW_DATE_DIFF, STR_INIT("timestampdiff"), unit_first, special_unit},
    {KW_TIMEDIFF, STR_INIT("timestampdiff"), unit_first, special_unit},
    {KW_POSITION, STR_INIT("locate"), holds_in, special_position},
    {KW_SUBSTR, STR_INIT("substring"), holds_from, special_substring},
    {KW_SUBSTRING, STR_INIT("substring"), holds_from, special_substring},
    {KW_OVERLAY, STR_INIT("overlay"), holds_placing, special_overlay},
    {KW_TRIM, STR_INIT("trim"), holds_from, special_trim},
    {KW_STRUCT, STR_INIT("struct"), always, special_struct},
};

static const SpecialRow *special_row(const Parser *p)
{
    if (p->at->kind != TK_WORD || p->at[1].kind != TK_LPAREN) return NULL;
    for (int64_t i = 0; i < COUNT(special_rows); i++)
        if (p->at->kw == special_rows[i].kw && special_rows[i].here(p->at + 2))
            return &special_rows[i];
    return NULL;
}

bool parser_at_special(const Parser *p) { return special_row(p) != NULL; }

Status parse_special(Expr **e, Parser *p)
{
    const Token *from = p->at;
    const SpecialRow *row = special_row(p);
    int32_t saved;
    TRY(parser_enter(p, &saved));
    p->at += 2;
    Exprs arg = {0};
    *e = NULL;
    TRY(row->parse(e, p, &arg));
    TRY(parser_need(p, TK_RPAREN));
    if (!*e) *e = parser_call(p, from, row->name, &arg);
    (*e)->at = parser_place(p, from);
    parser_leave(p, saved);
    return DONE;
}
