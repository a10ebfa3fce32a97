// parser_query.c -- a query: WITH, set operations (INTERSECT before UNION and EXCEPT), SELECT with
// its clauses, ORDER BY .. LIMIT, pipes. The tree has one node a clause, as Spark's has before
// analysis.
#include "plan/parser_in.h"

static Rel *over_query(Parser *p, RelKind kind, const Token *from, Rel *input)
{
    return rel_new(p->a, kind, parser_place(p, from), input);
}

static void rel_exprs(Rel *r, const Exprs *e)
{
    r->expr = e->v;
    r->nexprs = (int32_t)e->n;
}

static Rel *rel_with(Parser *p, RelKind kind, const Token *from, Rel *input, Expr *e)
{
    Rel *r = over_query(p, kind, from, input);
    r->expr = NEW(p->a, Expr *, 1);
    r->expr[0] = e;
    r->nexprs = 1;
    return r;
}

static Status parse_windows(Parser *p)
{
    if (!parser_at_kw(p, KW_WINDOW) || p->at[2].kw != KW_AS) return DONE;
    const Token *from = p->at++;
    Str twice = {0};
    do {
        Str name;
        TRY(parse_identifier(&name, p));
        TRY(parser_need_kw(p, KW_AS));
        Over *over;
        TRY(parse_window_spec(&over, p));
        if (over->window_name.n) { // WINDOW a AS b
            Over *other = map_get(&p->scope->windows, over->window_name);
            if (other) over = other;
        }
        if (map_get(&p->scope->windows, name)) twice = name;
        map_set(&p->scope->windows, name, over);
    } while (parser_take(p, TK_COMMA));
    if (!twice.n) return DONE;
    Origin at = parser_place(p, from);
    Status s = RAISE(REPETITIVE_WINDOW_DEFINITION,
                     P("windowName", str_fmt(p->a, "`" STR_FMT "`", STR_ARG(twice))));
    return fail_at(s, &at);
}

static Status parse_hints(Rel **r, Parser *p)
{
    while (parser_take(p, TK_HINT_START)) {
        do {
            const Token *from = p->at;
            Rel *hint = over_query(p, REL_HINT, from, *r);
            hint->name = NEW(p->a, Str, 1);
            hint->nnames = 1;
            TRY(parse_identifier(&hint->name[0], p));
            if (parser_take(p, TK_LPAREN)) {
                Exprs arg = {0};
                TRY(parse_expressions(&arg, p));
                rel_exprs(hint, &arg);
                TRY(parser_need(p, TK_RPAREN));
            }
            *r = hint;
            parser_take(p, TK_COMMA);
        } while (!parser_at(p, TK_HINT_END) && !parser_at(p, TK_END));
        TRY(parser_need(p, TK_HINT_END));
    }
    return DONE;
}

typedef struct Select { // the clauses as they stand in the text
    Rel *hints;         // top hint, or NULL
    bool distinct;
    Exprs item;
    Rel *from;
    Expr *where, *having, *qualify;
    Rel *group; // REL_AGGREGATE without its input, or NULL
} Select;

static Status parse_select_list(Select *s, Parser *p)
{
    TRY(parser_need_kw(p, KW_SELECT));
    TRY(parse_hints(&s->hints, p));
    s->distinct = parser_take_kw(p, KW_DISTINCT);
    bool all = !s->distinct && parser_at_kw(p, KW_ALL) && p->at[1].kind != TK_COMMA &&
               p->at[1].kw != KW_FROM && !(p->at[1].kind == TK_END);
    if (all) p->at++;
    return parse_named_list(&s->item, p);
}

static const Str qualify_column = STR_INIT("__qualify");

static Status parse_qualify(Select *s, Parser *p)
{
    p->at++;
    TRY(parse_expression(&s->qualify, p));
    Expr *item = expr_alias(p->a, s->qualify, qualify_column);
    item->at = s->qualify->at;
    vec_push(p->a, &s->item, item);
    return DONE;
}

static Status parse_select_rest(Select *s, Parser *p)
{
    TRY(parse_lateral_views(&s->from, p));
    if (parser_take_kw(p, KW_WHERE)) TRY(parse_expression(&s->where, p));
    if (parser_take_kws(p, KW_GROUP, KW_BY)) {
        s->group = rel_new(p->a, REL_AGGREGATE, (Origin){0}, NULL);
        TRY(parse_group_by(s->group, p));
    }
    if (parser_take_kw(p, KW_HAVING)) TRY(parse_expression(&s->having, p));
    if (parser_at_qualify(p)) TRY(parse_qualify(s, p));
    TRY(parse_windows(p));
    return !s->qualify && parser_at_qualify(p) ? parse_qualify(s, p) : DONE;
}

// SELECT *, c AS it FROM .. is filtered by `it`, which goes then.
static Rel *qualified(Parser *p, const Token *from, Rel *r, Expr *condition)
{
    Expr *it = expr_new(p->a, E_NAME, condition->at);
    it->part = NEW(p->a, Str, 1);
    it->part[0] = qualify_column;
    it->nparts = 1;
    r = rel_with(p, REL_FILTER, from, r, it);
    r->qualify = true;
    r = over_query(p, REL_DROP, from, r);
    r->name = it->part;
    r->nnames = 1;
    return r;
}

static Rel *select_rel(Parser *p, const Token *from, Select *s)
{
    Rel *r = s->from;
    if (s->where) r = rel_with(p, REL_FILTER, from, r, s->where);
    Rel *select = s->group;
    if (!select) select = rel_new(p->a, s->having ? REL_AGGREGATE : REL_PROJECT, (Origin){0}, r);
    select->at = parser_place(p, from);
    select->input[0] = r;
    rel_exprs(select, &s->item);
    r = select;
    if (s->having) {
        r = rel_with(p, REL_FILTER, from, r, s->having);
        r->having = true;
    }
    if (s->qualify) r = qualified(p, from, r, s->qualify);
    if (s->distinct) r = over_query(p, REL_DISTINCT, from, r);
    Rel *lowest = s->hints;
    while (lowest && lowest->input[0]) lowest = lowest->input[0];
    if (lowest) lowest->input[0] = r;
    return s->hints ? s->hints : r;
}

static Status parse_select(Rel **r, Parser *p)
{
    const Token *from = p->at;
    Select s = {0};
    bool from_first = parser_take_kw(p, KW_FROM);
    if (from_first) TRY(parse_from(&s.from, p));
    if (from_first && !parser_at_kw(p, KW_SELECT)) { // FROM t |> ..
        *r = s.from;
        return DONE;
    }
    TRY(parse_select_list(&s, p));
    if (!from_first && parser_take_kw(p, KW_FROM)) TRY(parse_from(&s.from, p));
    if (!s.from) s.from = over_query(p, REL_ONE_ROW, from, NULL);
    TRY(parse_select_rest(&s, p));
    *r = select_rel(p, from, &s);
    return DONE;
}

static Status parse_query_primary(Rel **r, Parser *p)
{
    const Token *from = p->at;
    if (parser_at_kw(p, KW_SELECT) || parser_at_kw(p, KW_FROM)) return parse_select(r, p);
    if (parser_at_kw(p, KW_VALUES)) return parse_values(r, p);
    if (parser_take_kw(p, KW_TABLE)) {
        *r = over_query(p, REL_UNRESOLVED_TABLE, from, NULL);
        TRY(parse_parts(&(*r)->name, &(*r)->nnames, p));
        (*r)->at = parser_place(p, from);
        return DONE;
    }
    TRY(parser_need(p, TK_LPAREN));
    TRY(parse_whole_query(r, p));
    return parser_need(p, TK_RPAREN);
}

static bool set_op_here(const Parser *p, bool intersect, SetOpKind *op)
{
    *op = parser_at_kw(p, KW_UNION)       ? SET_UNION
          : parser_at_kw(p, KW_INTERSECT) ? SET_INTERSECT
                                          : SET_EXCEPT;
    bool minus = parser_at_kw(p, KW_EXCEPT) || parser_at_kw(p, KW_MINUS);
    return intersect ? *op == SET_INTERSECT : *op == SET_UNION || (*op == SET_EXCEPT && minus);
}

// After the word: [ALL | DISTINCT] and the right side.
static Status parse_set_right(Rel **r, Parser *p, const Token *from, SetOpKind op,
                              Status (*right)(Rel **r, Parser *p))
{
    bool all = parser_take_kw(p, KW_ALL);
    if (!all) parser_take_kw(p, KW_DISTINCT);
    Rel *other;
    TRY(right(&other, p));
    Rel *both = over_query(p, REL_SET_OP, from, *r);
    both->input[1] = other;
    both->set_op = op;
    both->all = all || op == SET_UNION;
    *r = all || op != SET_UNION ? both : over_query(p, REL_DISTINCT, from, both);
    return parser_grow(p);
}

static Status parse_intersects(Rel **r, Parser *p)
{
    const Token *from = p->at;
    TRY(parse_query_primary(r, p));
    for (SetOpKind op; set_op_here(p, true, &op);) {
        p->at++;
        TRY(parse_set_right(r, p, from, op, parse_query_primary));
    }
    return DONE;
}

static Status parse_set_ops(Rel **r, Parser *p)
{
    const Token *from = p->at;
    TRY(parse_intersects(r, p));
    for (SetOpKind op; set_op_here(p, false, &op);) {
        p->at++;
        TRY(parse_set_right(r, p, from, op, parse_intersects));
    }
    return DONE;
}

static Status parse_repartition(Rel **r, Parser *p, const Token *from)
{
    Exprs by = {0};
    TRY(parse_expressions(&by, p));
    *r = over_query(p, REL_REPARTITION, from, *r);
    (*r)->group = by.v;
    (*r)->ngroup = (int32_t)by.n;
    return DONE;
}

static Status parse_order(Rel **r, Parser *p, const Token *from, bool global)
{
    Exprs order = {0};
    TRY(parse_sort_items(&order, p));
    *r = over_query(p, REL_SORT, from, *r);
    (*r)->global = global;
    rel_exprs(*r, &order);
    return DONE;
}

static Status parse_limits(Rel **r, Parser *p, const Token *from)
{
    Expr *limit = NULL, *offset = NULL;
    if (parser_take_kw(p, KW_LIMIT) && !parser_take_kw(p, KW_ALL)) TRY(parse_expression(&limit, p));
    if (parser_take_kw(p, KW_OFFSET)) TRY(parse_expression(&offset, p));
    if (offset) *r = rel_with(p, REL_OFFSET, from, *r, offset);
    if (limit) *r = rel_with(p, REL_LIMIT, from, *r, limit);
    return DONE;
}

static Status parse_organization(Rel **r, Parser *p, const Token *from)
{
    if (parser_take_kws(p, KW_ORDER, KW_BY)) TRY(parse_order(r, p, from, true));
    if (parser_take_kws(p, KW_CLUSTER, KW_BY)) TRY(parse_repartition(r, p, from));
    if (parser_take_kws(p, KW_DISTRIBUTE, KW_BY)) TRY(parse_repartition(r, p, from));
    if (parser_take_kws(p, KW_SORT, KW_BY)) TRY(parse_order(r, p, from, false));
    TRY(parse_windows(p));
    return parse_limits(r, p, from);
}

// The steps after |>: a clause applied to what came before. Each begins at its own word.
static Status pipe_select(Rel **r, Parser *p)
{
    const Token *from = p->at;
    Select s = {.from = *r};
    TRY(parse_select_list(&s, p));
    TRY(parse_windows(p));
    *r = select_rel(p, from, &s);
    return DONE;
}

// WHERE and ORDER BY do not see what a SELECT before them left out.
static void pipe_boundary(Rel **r, Parser *p)
{
    RelKind kind = (*r)->kind;
    bool selects = kind == REL_PROJECT || kind == REL_SORT || kind == REL_LIMIT;
    if (selects || kind == REL_OFFSET) *r = over_query(p, REL_SUBQUERY_ALIAS, p->at, *r);
}

static Status pipe_where(Rel **r, Parser *p)
{
    pipe_boundary(r, p);
    const Token *from = p->at++;
    Expr *where;
    TRY(parse_expression(&where, p));
    *r = rel_with(p, REL_FILTER, from, *r, where);
    return DONE;
}

static Status pipe_extend(Rel **r, Parser *p)
{
    const Token *from = p->at++;
    Exprs item = {0};
    vec_push(p->a, &item, expr_new(p->a, E_STAR, parser_place(p, from)));
    TRY(parse_named_list(&item, p));
    *r = over_query(p, REL_PROJECT, from, *r);
    rel_exprs(*r, &item);
    return DONE;
}

static Status pipe_set(Rel **r, Parser *p)
{
    const Token *from = p->at++;
    Exprs item = {0};
    TRY(parse_assignments(&item, p));
    *r = over_query(p, REL_WITH_COLUMNS, from, *r);
    rel_exprs(*r, &item);
    return DONE;
}

static Status pipe_drop(Rel **r, Parser *p)
{
    const Token *from = p->at++;
    Exprs drop = {0};
    TRY(parse_expressions(&drop, p));
    *r = over_query(p, REL_DROP, from, *r);
    rel_exprs(*r, &drop);
    return DONE;
}

// AGGREGATE x, y GROUP BY k: the keys come first.
static Status pipe_aggregate(Rel **r, Parser *p)
{
    const Token *from = p->at++;
    Exprs item = {0}, all = {0};
    if (!parser_at_kw(p, KW_GROUP)) TRY(parse_named_list(&item, p));
    Rel *group = rel_new(p->a, REL_AGGREGATE, (Origin){0}, *r);
    if (parser_take_kws(p, KW_GROUP, KW_BY)) TRY(parse_group_by(group, p));
    for (int32_t i = 0; i < group->ngroup; i++) vec_push(p->a, &all, group->group[i]);
    for (int64_t i = 0; i < item.n; i++) vec_push(p->a, &all, item.v[i]);
    group->at = parser_place(p, from);
    rel_exprs(group, &all);
    *r = group;
    return DONE;
}

static Status pipe_set_op(Rel **r, Parser *p)
{
    const Token *from = p->at;
    SetOpKind op;
    if (!set_op_here(p, false, &op)) set_op_here(p, true, &op);
    p->at++;
    return parse_set_right(r, p, from, op, parse_query_primary);
}

static Status pipe_other(Rel **r, Parser *p)
{
    const Token *from = p->at;
    TRY(parse_relation_rest(r, p, from));
    if (p->at == from) pipe_boundary(r, p);
    TRY(parse_organization(r, p, from));
    return p->at == from ? parser_error(p) : DONE;
}

static const struct {
    Keyword kw;
    Status (*parse)(Rel **r, Parser *p);
} pipe_rows[] = {
    {KW_SELECT, pipe_select},    {KW_WHERE, pipe_where},         {KW_EXTEND, pipe_extend},
    {KW_SET, pipe_set},          {KW_DROP, pipe_drop},           {KW_AGGREGATE, pipe_aggregate},
    {KW_AS, parse_table_alias},  {KW_TABLESAMPLE, parse_sample}, {KW_UNION, pipe_set_op},
    {KW_INTERSECT, pipe_set_op}, {KW_EXCEPT, pipe_set_op},       {KW_MINUS, pipe_set_op},
};

static Status parse_pipe(Rel **r, Parser *p)
{
    for (int64_t i = 0; i < COUNT(pipe_rows); i++)
        if (parser_at_kw(p, pipe_rows[i].kw)) return pipe_rows[i].parse(r, p);
    return pipe_other(r, p);
}

static Status parse_pipes(Rel **r, Parser *p)
{
    while (parser_take(p, TK_ADVANCE)) {
        TRY(parse_pipe(r, p));
        TRY(parser_grow(p));
    }
    return DONE;
}

static Status parse_cte(Cte *cte, Parser *p)
{
    TRY(parse_identifier(&cte->name, p));
    if (parser_at(p, TK_LPAREN) && !(p->at[1].kw == KW_SELECT && p->at[2].kind != TK_COMMA))
        TRY(parse_identifiers(&cte->column, &cte->ncolumns, p));
    if (parser_take_kws(p, KW_MAX, KW_RECURSION)) {
        p->at++;
        Expr *level;
        TRY(parse_value(&level, p));
        if (level->kind != E_LITERAL || level->type->id != T_INT) return parser_error(p);
        cte->level = level->value.i;
        if (!cte->recursive)
            return RAISE(MAX_RECURSION_WITHOUT_RECURSIVE,
                         P("message", S("Cannot specify MAX RECURSION LEVEL when the CTE is not "
                                        "marked as RECURSIVE")));
    }
    parser_take_kw(p, KW_AS);
    TRY(parser_need(p, TK_LPAREN));
    TRY(parse_whole_query(&cte->rel, p));
    return parser_need(p, TK_RPAREN);
}

Status parse_with(Rel **with, Parser *p)
{
    const Token *from = p->at;
    *with = NULL;
    if (!parser_take_kw(p, KW_WITH)) return DONE;
    bool recursive = parser_take_kw(p, KW_RECURSIVE);
    VEC(Cte) ctes = {0};
    do {
        Cte cte = {.recursive = recursive};
        TRY(parse_cte(&cte, p));
        for (int64_t i = 0; i < ctes.n; i++)
            if (str_ieq(ctes.v[i].name, cte.name))
                return parser_error_at(
                    p, from,
                    RAISE(DUPLICATED_CTE_NAMES,
                          P("duplicateNames", str_fmt(p->a, "`" STR_FMT "`", STR_ARG(cte.name)))));
        vec_push(p->a, &ctes, cte);
    } while (parser_take(p, TK_COMMA));
    *with = over_query(p, REL_WITH_CTE, from, NULL);
    (*with)->cte = ctes.v;
    (*with)->nctes = (int32_t)ctes.n;
    return DONE;
}

Status parser_no_window(const struct NamedOver *wait)
{
    return RAISE(MISSING_WINDOW_SPECIFICATION, P("windowName", wait->over->window_name),
                 P("docroot", S("https://spark.apache.org/docs/latest")));
}

// Gives the OVER w of this query their windows.
static Status name_windows(Arena *a, const Scope *scope)
{
    for (int64_t i = 0; i < scope->overs.n; i++) {
        const struct NamedOver *wait = &scope->overs.v[i];
        const Over *def = map_get(&scope->windows, wait->over->window_name);
        if (!def) return parser_no_window(wait);
        Origin at = wait->over->at;
        Expr copy = {.kind = E_OVER, .over = (Over *)def};
        *wait->over = *expr_copy(a, &copy)->over; // each has its own to be resolved
        wait->over->at = at;
    }
    return DONE;
}

Status parse_whole_query(Rel **r, Parser *p)
{
    int32_t saved;
    TRY(parser_enter(p, &saved));
    Scope scope = {.windows = map_new_fold(p->a)}, *outer = p->scope;
    p->scope = &scope;
    Rel *with;
    const Token *begin = p->at;
    TRY(parse_with(&with, p));
    const Token *from = p->at;
    TRY(parse_set_ops(r, p));
    TRY(parse_organization(r, p, from));
    TRY(parse_pipes(r, p));
    TRY(name_windows(p->a, &scope));
    p->scope = outer;
    if (with) {
        with->at = parser_place(p, begin);
        with->input[0] = *r;
        *r = with;
    }
    parser_leave(p, saved);
    return DONE;
}
