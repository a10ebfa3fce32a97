// expr_sql.c -- expressions as text, the way Spark names columns without an alias and quotes
// expressions in messages: no implicit casts, no qualifiers, strings without quotes.
#include "base/num.h"
#include "expr/agg.h"
#include "expr/fn.h"
#include "expr/interval.h"
#include "expr/text_in.h"
#include "expr/user_fn.h"

Str quoted_type(Arena *a, const Type *t)
{
    Buf b = buf_new(a);
    buf_char(&b, '"');
    type_sql(&b, t);
    buf_char(&b, '"');
    return buf_str(&b);
}

Str quoted_sql(Arena *a, const Expr *e)
{
    Buf b = buf_new(a);
    buf_char(&b, '"');
    expr_sql(&b, e);
    buf_char(&b, '"');
    return buf_str(&b);
}

static void plain_text(Buf *b, const Type *t, const Datum *v)
{
    Column c = column_of_datum(b->arena, t, v, 1);
    value_text(b, &c, 0, &(TextForm){.null_text = S("NULL"), .decimal_exponent = true});
}

static void around(Buf *b, const char *before, const Type *t, const Datum *v, const char *after)
{
    buf_put(b, str_z(before));
    plain_text(b, t, v);
    buf_put(b, str_z(after));
}

static void hex_text(Buf *b, Str s)
{
    buf_put(b, S("X'"));
    for (int64_t i = 0; i < s.n; i++) buf_fmt(b, "%02X", (uint8_t)s.p[i]);
    buf_char(b, '\'');
}

void literal_pretty(Buf *b, const Type *t, const Datum *v)
{
    if (v->null)
        buf_put(b, S("NULL"));
    else if (t->id == T_STRING)
        buf_put(b, v->s);
    else if (t->id == T_BINARY)
        hex_text(b, v->s);
    else if (t->id == T_DATE)
        around(b, "DATE '", t, v, "'");
    else if (t->id == T_TIMESTAMP)
        around(b, "TIMESTAMP '", t, v, "'");
    else if (t->id == T_TIMESTAMP_NTZ)
        around(b, "TIMESTAMP_NTZ '", t, v, "'");
    else if (t->id == T_TIME)
        around(b, "TIME '", t, v, "'");
    else if (t->id == T_INTERVAL)
        around(b, "INTERVAL '", t, v, "'");
    else
        plain_text(b, t, v);
}

static const char *suffix_of(const Type *t)
{
    switch (t->id) {
    case T_TINYINT: return "Y";
    case T_SMALLINT: return "S";
    case T_BIGINT: return "L";
    case T_DOUBLE: return "D";
    case T_DECIMAL: return "BD";
    case T_VOID:
    case T_BOOLEAN:
    case T_INT:
    case T_FLOAT:
    case T_STRING:
    case T_BINARY:
    case T_DATE:
    case T_TIME:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_YM:
    case T_INTERVAL_DT:
    case T_INTERVAL:
    case T_ARRAY:
    case T_MAP:
    case T_STRUCT: break;
    }
    return "";
}

void literal_sql(Buf *b, const Type *t, const Datum *v)
{
    bool real = t->id == T_FLOAT || t->id == T_DOUBLE;
    if (v->null || (real && v->f - v->f != 0)) {
        literal_pretty(b, t, v);
    } else if (t->id == T_STRING) {
        buf_char(b, '\'');
        for (int64_t i = 0; i < v->s.n; i++) {
            if (v->s.p[i] == '\'' || v->s.p[i] == '\\') buf_char(b, '\\');
            buf_char(b, v->s.p[i]);
        }
        buf_char(b, '\'');
    } else {
        literal_pretty(b, t, v);
        buf_put(b, str_z(suffix_of(t)));
    }
}

static void list_sql(Buf *b, Expr *const *e, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_put(b, S(", "));
        expr_sql(b, e[i]);
    }
}

static void parts_sql(Buf *b, const Expr *e)
{
    for (int32_t i = 0; i < e->nparts; i++) {
        if (i) buf_char(b, '.');
        buf_put(b, e->part[i]);
    }
}

static void sort_sql(Buf *b, const Expr *e)
{
    expr_sql(b, e->arg[0]);
    buf_put(b, e->descending ? S(" DESC") : S(" ASC"));
    buf_put(b, e->nulls_last ? S(" NULLS LAST") : S(" NULLS FIRST"));
}

// An operator of a lambda that is not resolved yet.
static void infix_sql(Buf *b, const Expr *e)
{
    buf_char(b, '(');
    expr_sql(b, e->arg[0]);
    buf_fmt(b, " " STR_FMT " ", STR_ARG(e->name));
    expr_sql(b, e->arg[1]);
    buf_char(b, ')');
}

// count(DISTINCT a, b) FILTER (WHERE c)
static void call_sql(Buf *b, const Expr *e, Str name)
{
    bool least = e->agg && e->nargs == 2 && e->arg[1]->kind == E_LITERAL && e->arg[1]->value.i &&
                 str_eq(e->agg->name, S("mode"));
    if (least) { // of equals
        buf_put(b, S("mode() WITHIN GROUP (ORDER BY "));
        expr_sql(b, e->arg[0]);
        buf_put(b, S(" DESC)"));
        return;
    }
    buf_put(b, name);
    buf_put(b, e->distinct ? S("(DISTINCT ") : S("("));
    int32_t hidden = e->agg && e->agg->shown ? MAX(e->nargs - e->agg->shown, 0) : 0;
    if (e->agg && e->agg->order == MAY_ORDER) hidden = e->norder; // they are arguments too
    list_sql(b, e->arg, e->nargs - hidden);
    buf_char(b, ')');
    if (e->norder) {
        buf_put(b, S(" WITHIN GROUP (ORDER BY "));
        if (e->agg && e->agg->order == MUST_ORDER) { // percentile_cont: no more than it says
            expr_sql(b, e->order[0]->arg[0]);
            if (e->order[0]->descending) buf_put(b, S(" DESC"));
        } else {
            list_sql(b, e->order, e->norder);
        }
        buf_char(b, ')');
    }
    if (e->filter) {
        buf_put(b, S(" FILTER (WHERE "));
        expr_sql(b, e->filter);
        buf_char(b, ')');
    }
}

static void bound_sql(Buf *b, const FrameBound *f)
{
    switch (f->kind) {
    case BOUND_UNBOUNDED_PRECEDING: buf_put(b, S("UNBOUNDED PRECEDING")); return;
    case BOUND_UNBOUNDED_FOLLOWING: buf_put(b, S("UNBOUNDED FOLLOWING")); return;
    case BOUND_CURRENT: buf_put(b, S("CURRENT ROW")); return;
    case BOUND_PRECEDING:
    case BOUND_FOLLOWING:
        expr_sql(b, f->by);
        buf_put(b, f->kind == BOUND_PRECEDING ? S(" PRECEDING") : S(" FOLLOWING"));
        return;
    }
}

// RANK() and its kin are in capitals.
static void over_call_sql(Buf *b, const Expr *call)
{
    int64_t start = b->n;
    expr_sql(b, call);
    bool rank = call->kind == E_CALL &&
                (str_eq(call->name, S("rank")) || str_eq(call->name, S("dense_rank")) ||
                 str_eq(call->name, S("percent_rank")));
    for (int64_t i = start; i < b->n && rank; i++)
        if (b->p[i] >= 'a' && b->p[i] <= 'z') b->p[i] = (char)(b->p[i] - 'a' + 'A');
    if (call->kind == E_CALL && call->ignore_nulls && str_eq(call->name, S("nth_value")))
        buf_put(b, S(" ignore nulls"));
}

static void over_sql(Buf *b, const Expr *e)
{
    const Over *o = e->over;
    over_call_sql(b, e->arg[0]);
    buf_put(b, S(" OVER ("));
    int64_t start = b->n;
    if (o->npartition) {
        buf_put(b, S("PARTITION BY "));
        list_sql(b, o->partition, o->npartition);
    }
    if (o->norder) {
        buf_put(b, b->n > start ? S(" ORDER BY ") : S("ORDER BY "));
        list_sql(b, o->order, o->norder);
    }
    if (o->has_frame) {
        if (b->n > start) buf_char(b, ' ');
        buf_put(b, o->rows ? S("ROWS BETWEEN ") : S("RANGE BETWEEN "));
        bound_sql(b, &o->lower);
        buf_put(b, S(" AND "));
        bound_sql(b, &o->upper);
    }
    buf_char(b, ')');
}

static void cast_sql(Buf *b, const Expr *e)
{
    // Spark forgets that casts between nested types were written.
    const Type *from = e->arg[0]->type; // NULL before it is resolved
    bool nested = from && e->type->nfields && from->nfields;
    if (nested || (e->cast_mode != CAST_SQL && e->cast_mode != CAST_TRY)) {
        expr_sql(b, e->arg[0]);
        return;
    }
    buf_put(b, e->cast_mode == CAST_TRY ? S("TRY_CAST(") : S("CAST("));
    expr_sql(b, e->arg[0]);
    buf_put(b, S(" AS "));
    type_sql(b, e->type);
    buf_char(b, ')');
}

// (a, b + 1): a struct whose fields have the columns' names.
static void tuple_sql(Buf *b, const Expr *e)
{
    buf_put(b, S("named_struct("));
    for (int32_t i = 0; i < e->nargs; i++) {
        buf_fmt(b, "%s" STR_FMT ", ", i ? ", " : "", STR_ARG(e->type->field[i].name));
        expr_sql(b, e->arg[i]->kind == E_ALIAS ? e->arg[i]->arg[0] : e->arg[i]);
    }
    buf_char(b, ')');
}

// x LIKE ANY ('a%', 'b'), which is OR of LIKE: its first leaf says what x is.
static void each_sql(Buf *b, const Expr *e)
{
    const Expr *like = e;
    while (!str_ends(like->name, S("like"))) like = like->arg[0];
    bool lower = str_eq(like->name, S("ilike"));
    buf_fmt(b, STR_FMT "(%s", STR_ARG(e->each), lower ? "lower(" : "");
    expr_sql(b, like->arg[0]);
    buf_put(b, lower ? S("))") : S(")"));
}

static void fn_sql(Buf *b, const Expr *e)
{
    if (e->each.n || (e->tuple && e->type)) {
        e->each.n ? each_sql(b, e) : tuple_sql(b, e);
        return;
    }
    if (e->fn->sql) {
        e->fn->sql(b, e);
        return;
    }
    bool own = str_eq(e->name, e->fn->name) && e->fn->pretty;
    call_sql(b, e, own ? str_z(e->fn->pretty) : e->name);
}

static void lambda_sql(Buf *b, const Expr *e)
{
    buf_put(b, S("lambdafunction("));
    expr_sql(b, e->arg[0]);
    for (int32_t i = 0; i < e->nparts; i++)
        if (e->type)
            buf_put(b, S(", namedlambdavariable()"));
        else
            buf_fmt(b, ", " STR_FMT, STR_ARG(e->part[i]));
    buf_char(b, ')');
}

// The columns before IN (SELECT ..).
static void sides_sql(Buf *b, const Expr *e)
{
    buf_put(b, S("named_struct("));
    for (int32_t i = 0; i < e->nargs; i++) {
        const Expr *x = e->arg[i];
        bool named = x->kind == E_ATTR || x->kind == E_COLUMN || x->kind == E_FIELD;
        if (i) buf_put(b, S(", "));
        if (named)
            buf_fmt(b, "'" STR_FMT "', ", STR_ARG(x->name));
        else
            buf_fmt(b, "'_%d', ", i);
        expr_sql(b, x);
    }
    buf_char(b, ')');
}

static void subquery_sql(Buf *b, const Expr *e)
{
    if (e->negated) buf_put(b, S("(NOT "));
    switch (e->sub) {
    case SUB_SCALAR: buf_put(b, S("scalarsubquery(")); break;
    case SUB_EXISTS: buf_put(b, S("exists(")); break;
    case SUB_IN:
        buf_char(b, '(');
        if (e->nargs > 1)
            sides_sql(b, e);
        else
            list_sql(b, e->arg, e->nargs);
        buf_put(b, S(" IN (listquery("));
        break;
    }
    for (int32_t i = 0; i < e->nparts; i++)
        buf_fmt(b, "%s" STR_FMT, i ? ", " : "", STR_ARG(e->part[i]));
    buf_put(b, e->sub == SUB_IN ? S(")))") : S(")"));
    if (e->negated) buf_char(b, ')');
}

static void user_sql(Buf *b, const Expr *e)
{
    buf_put(b, e->user->name);
    buf_char(b, '(');
    for (int32_t i = 0; i < e->nargs; i++) {
        if (i) buf_put(b, S(", "));
        if (i < e->nparts && e->part[i].n) buf_fmt(b, STR_FMT " => ", STR_ARG(e->part[i]));
        const Expr *arg = e->arg[i];
        bool cast =
            arg->kind == E_CAST && (arg->cast_mode == CAST_SQL || arg->cast_mode == CAST_TRY);
        if (!cast) {
            expr_sql(b, arg);
            continue;
        }
        buf_put(b, arg->cast_mode == CAST_TRY ? S("try_cast(") : S("cast(")); // as in plans
        expr_sql(b, arg->arg[0]);
        buf_put(b, S(" as "));
        type_name(b, arg->type);
        buf_char(b, ')');
    }
    buf_char(b, ')');
}

void expr_sql(Buf *b, const Expr *e)
{
    switch (e->kind) {
    case E_NAME: parts_sql(b, e); return;
    case E_STAR:
        parts_sql(b, e);
        buf_put(b, e->nparts ? S(".*") : S("*"));
        return;
    case E_CALL:
        if (e->fn) // being resolved
            fn_sql(b, e);
        else if (e->nargs == 2 && strchr("+-*/%<>=&|^", e->name.p[0]))
            infix_sql(b, e);
        else
            call_sql(b, e, e->name);
        return;
    case E_EXTRACT:
        expr_sql(b, e->arg[0]);
        buf_char(b, '[');
        expr_sql(b, e->arg[1]);
        buf_char(b, ']');
        return;
    case E_PARAM:
        buf_put(b, e->name.n ? S(":") : S("?"));
        buf_put(b, e->name);
        return;
    case E_LAMBDA: lambda_sql(b, e); return;
    case E_SUBQUERY: subquery_sql(b, e); return;
    case E_SORT: sort_sql(b, e); return;
    case E_OVER: over_sql(b, e); return;
    case E_LITERAL:
        if (e->name.n) // a timestamp in the session's zone
            buf_put(b, e->name);
        else
            literal_pretty(b, e->type, &e->value);
        return;
    case E_ALIAS:
        expr_sql(b, e->arg[0]);
        buf_put(b, S(" AS "));
        buf_put(b, e->name);
        return;
    case E_CAST: cast_sql(b, e); return;
    case E_ATTR:
    case E_COLUMN:
        if (e->outer) buf_put(b, S("outer("));
        for (int32_t i = 0; e->outer && i + 1 < e->nparts; i++) {
            buf_put(b, e->part[i]);
            buf_char(b, '.');
        }
        buf_put(b, e->name);
        if (e->outer) buf_char(b, ')');
        return;
    case E_VAR: buf_put(b, S("namedlambdavariable()")); return;
    case E_FIELD:
        expr_sql(b, e->arg[0]);
        buf_char(b, '.');
        buf_put(b, e->name);
        return;
    case E_FN: fn_sql(b, e); return;
    case E_AGG: call_sql(b, e, e->name); return;
    case E_USER: user_sql(b, e); return;
    }
    must_failed("ExprKind", __FILE__, __LINE__);
}

Str expr_sql_str(Arena *a, const Expr *e)
{
    Buf b = buf_new(a);
    expr_sql(&b, e);
    return buf_str(&b);
}
