// expr_print.c -- an expression as EXPLAIN shows it: 'name before analysis, name#id after it.
#include "expr/user_fn.h"
#include "plan/print_in.h"

static void print_list(Buf *b, Expr *const *list, int32_t n, const char *between)
{
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_fmt(b, "%s", between);
        expr_print(b, list[i]);
    }
}

void exprs_print(Buf *b, Expr *const *list, int32_t n)
{
    buf_char(b, '[');
    print_list(b, list, n, ", ");
    buf_char(b, ']');
}

void names_print(Buf *b, const Str *name, int32_t n, const char *between)
{
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_fmt(b, "%s", between);
        buf_put(b, name[i]);
    }
}

static void print_literal(Buf *b, const Expr *e)
{
    bool quoted = e->type->id == T_STRING && !e->value.null;
    if (quoted) buf_char(b, '\'');
    Column c = column_of_datum(b->arena, e->type, &e->value, 1);
    TextForm form = {.null_text = S("null"), .binary_hex = true};
    value_text(b, &c, 0, &form);
    if (quoted) buf_char(b, '\'');
}

static void print_bound(Buf *b, const FrameBound *bound)
{
    switch (bound->kind) {
    case BOUND_UNBOUNDED_PRECEDING: buf_put(b, S("unboundedpreceding")); return;
    case BOUND_UNBOUNDED_FOLLOWING: buf_put(b, S("unboundedfollowing")); return;
    case BOUND_CURRENT: buf_put(b, S("currentrow")); return;
    case BOUND_PRECEDING: buf_char(b, '-'); break;
    case BOUND_FOLLOWING: break;
    }
    expr_print(b, bound->by);
}

static void print_over(Buf *b, const Expr *e)
{
    const Over *o = e->over;
    expr_print(b, e->arg[0]);
    buf_put(b, S(" windowspecdefinition("));
    print_list(b, o->partition, o->npartition, ", ");
    if (o->npartition && o->norder) buf_put(b, S(", "));
    print_list(b, o->order, o->norder, ", ");
    if (o->has_frame) {
        buf_fmt(b, " specifiedwindowframe(%s, ", o->rows ? "RowFrame" : "RangeFrame");
        print_bound(b, &o->lower);
        buf_put(b, S(", "));
        print_bound(b, &o->upper);
        buf_char(b, ')');
    }
    buf_char(b, ')');
}

static bool infix(Str name)
{
    char c = name.n ? name.p[0] : 'a';
    bool sign = !(c >= 'a' && c <= 'z') && c != '_';
    return sign || str_eq(name, S("and")) || str_eq(name, S("or")) || str_eq(name, S("div"));
}

static void print_call(Buf *b, const Expr *e, Str name)
{
    if (e->nargs == 2 && infix(name)) {
        buf_char(b, '(');
        expr_print(b, e->arg[0]);
        buf_fmt(b, " " STR_FMT " ", STR_ARG(name));
        expr_print(b, e->arg[1]);
        buf_char(b, ')');
        return;
    }
    if (e->nparts > 1)
        names_print(b, e->part, e->nparts, ".");
    else
        buf_put(b, name);
    buf_char(b, '(');
    if (e->distinct) buf_put(b, S("distinct "));
    print_list(b, e->arg, e->nargs, ", ");
    if (e->ignore_nulls) buf_put(b, S(" ignore nulls"));
    buf_char(b, ')');
    if (e->norder) {
        buf_put(b, S(" within group "));
        exprs_print(b, e->order, e->norder);
    }
    if (e->filter) {
        buf_put(b, S(" FILTER (WHERE "));
        expr_print(b, e->filter);
        buf_char(b, ')');
    }
}

static void print_subquery(Buf *b, const Expr *e)
{
    static const char *const name[] = {
        [SUB_SCALAR] = "scalar-subquery", [SUB_EXISTS] = "exists", [SUB_IN] = "in-subquery"};
    if (e->negated) buf_put(b, S("NOT "));
    if (e->nargs) {
        exprs_print(b, e->arg, e->nargs);
        buf_char(b, ' ');
    }
    buf_fmt(b, "%s{", name[e->sub]);
    rel_print_line(b, e->plan);
    buf_char(b, '}');
}

static void print_alias(Buf *b, const Expr *e)
{
    expr_print(b, e->arg[0]);
    buf_put(b, S(" AS "));
    if (e->name.n)
        buf_put(b, e->name);
    else
        names_print(b, e->part, e->nparts, ", ");
    if (e->id) buf_fmt(b, "#%d", e->id);
}

static void print_cast(Buf *b, const Expr *e)
{
    if (e->name.n) { // a typed literal
        buf_fmt(b, STR_FMT " ", STR_ARG(e->name));
        expr_print(b, e->arg[0]);
        return;
    }
    buf_put(b, e->cast_mode == CAST_TRY ? S("try_cast(") : S("cast("));
    expr_print(b, e->arg[0]);
    buf_put(b, S(" as "));
    type_name(b, e->type);
    buf_char(b, ')');
}

static void print_star(Buf *b, const Expr *e)
{
    names_print(b, e->part, e->nparts, ".");
    buf_put(b, e->nparts ? S(".*") : S("*"));
    if (!e->nargs) return;
    buf_put(b, S(" except "));
    exprs_print(b, e->arg, e->nargs);
}

static void print_sort(Buf *b, const Expr *e)
{
    expr_print(b, e->arg[0]);
    buf_put(b, e->descending ? S(" DESC") : S(" ASC"));
    buf_put(b, e->nulls_last ? S(" NULLS LAST") : S(" NULLS FIRST"));
}

static void print_lambda(Buf *b, const Expr *e)
{
    buf_put(b, S("lambda("));
    names_print(b, e->part, e->nparts, ", ");
    buf_put(b, S(" -> "));
    expr_print(b, e->arg[0]);
    buf_char(b, ')');
}

void expr_print(Buf *b, const Expr *e)
{
    switch (e->kind) {
    case E_NAME:
        buf_char(b, '\'');
        names_print(b, e->part, e->nparts, ".");
        return;
    case E_STAR: print_star(b, e); return;
    case E_CALL: print_call(b, e, e->name); return;
    case E_FN: print_call(b, e, fn_row_name(e)); return;
    case E_AGG: print_call(b, e, agg_row_name(e)); return;
    case E_USER:
        print_call(b, e, e->user->name);
        buf_fmt(b, "#%d", e->id);
        return;
    case E_EXTRACT:
        expr_print(b, e->arg[0]);
        buf_char(b, '[');
        expr_print(b, e->arg[1]);
        buf_char(b, ']');
        return;
    case E_PARAM:
        if (e->name.n)
            buf_fmt(b, ":" STR_FMT, STR_ARG(e->name));
        else
            buf_fmt(b, "?%d", e->id);
        return;
    case E_LAMBDA: print_lambda(b, e); return;
    case E_SUBQUERY: print_subquery(b, e); return;
    case E_SORT: print_sort(b, e); return;
    case E_OVER: print_over(b, e); return;
    case E_LITERAL: print_literal(b, e); return;
    case E_ALIAS: print_alias(b, e); return;
    case E_CAST: print_cast(b, e); return;
    case E_ATTR:
    case E_COLUMN: buf_fmt(b, STR_FMT "#%d", STR_ARG(e->name), e->id); return;
    case E_VAR: buf_fmt(b, "lambda " STR_FMT "#%d", STR_ARG(e->name), e->id); return;
    case E_FIELD:
        expr_print(b, e->arg[0]);
        buf_fmt(b, "." STR_FMT, STR_ARG(e->name));
        return;
    }
}
