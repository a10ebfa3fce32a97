// analyse_window.c -- window() and session_window() (semantics T1-T14): the call is taken out of
// the clause, a node below adds its column to every row, and the clause names that column.
#include "base/num.h"
#include "plan/analyse_in.h"

typedef struct WindowCall {
    Names *n;
    Rel *node; // REL_TIME_WINDOW or REL_SESSION_WINDOW made from the first call
    Attr column;
    Origin at;
} WindowCall;

static bool is_window_call(const Expr *e)
{
    return e->kind == E_CALL &&
           (str_eq(e->name, S("window")) || str_eq(e->name, S("session_window")));
}

// A literal: a text without months, or microseconds.
static Status window_length(Analyser *an, const Expr *e, Micros *v)
{
    if (e->kind != E_LITERAL || e->value.null) return fail_at(RAISE(WINDOW_NOT_LITERAL), &e->at);
    if (e->type->id == T_INT || e->type->id == T_BIGINT) {
        *v = e->value.i;
        return DONE;
    }
    if (e->type->id != T_STRING) return fail_at(RAISE(WINDOW_NOT_LITERAL), &e->at);
    int64_t months = 0;
    Status s = duration_parse(e->value.s, &months, v);
    if (s.code)
        s = RAISE(CANNOT_PARSE_INTERVAL,
                  P("intervalString", str_fmt(an->a, "'" STR_FMT "'", STR_ARG(e->value.s))));
    TRY(fail_at(s, &e->at));
    if (!months) return DONE;
    return fail_at(RAISE(WINDOW_WITH_MONTHS, P("interval", e->value.s)), &e->at);
}

typedef struct Bounds { // of one comparison among duration, slide and start
    const char *left, *right;
    Micros l, r;
    const char *sign;
} Bounds;

static Str window_sql(Analyser *an, const Rel *w)
{
    return str_fmt(an->a, "\"window(" STR_FMT ", %lld, %lld, %lld)\"",
                   STR_ARG(expr_sql_str(an->a, w->expr[0])), (long long)w->duration,
                   (long long)w->slide, (long long)w->start_time);
}

static Status out_of_bounds(Analyser *an, const Rel *w, Bounds b)
{
    return RAISE(DATATYPE_MISMATCH_PARAMETER_CONSTRAINT_VIOLATION, P("sqlExpr", window_sql(an, w)),
                 P("leftExprName", str_fmt(an->a, "`%s`", b.left)),
                 P("leftExprValue", str_fmt(an->a, "%lldL", (long long)b.l)),
                 P("constraint", str_z(b.sign)),
                 P("rightExprName", str_fmt(an->a, "`%s`", b.right)),
                 P("rightExprValue", str_fmt(an->a, "%lldL", (long long)b.r)));
}

static Status not_positive(Analyser *an, const Rel *w, const char *name, Micros v)
{
    return RAISE(DATATYPE_MISMATCH_VALUE_OUT_OF_RANGE, P("sqlExpr", window_sql(an, w)),
                 P("exprName", str_fmt(an->a, "`%s`", name)),
                 P("valueRange", S("(0, 9223372036854775807]")),
                 P("currentValue", str_fmt(an->a, "%lldL", (long long)v)));
}

static Status check_lengths(Analyser *an, const Rel *w)
{
    if (w->duration <= 0) return not_positive(an, w, "window_duration", w->duration);
    if (w->slide <= 0) return not_positive(an, w, "slide_duration", w->slide);
    if (w->slide > w->duration)
        return out_of_bounds(
            an, w, (Bounds){"slide_duration", "window_duration", w->slide, w->duration, "<="});
    Micros start = w->start_time < 0 ? -w->start_time : w->start_time;
    if (start >= w->slide)
        return out_of_bounds(an, w,
                             (Bounds){"abs(start_time)", "slide_duration", start, w->slide, "<"});
    return DONE;
}

// The time to be put into windows: a window stands for its last instant (T10).
static Status window_time(Names *n, Expr **e)
{
    Analyser *an = n->an;
    TRY(resolve(n, e));
    const Type *t = (*e)->type;
    if (t->id == T_STRUCT && (*e)->kind == E_ATTR && (*e)->time_window) {
        return window_time_of(n, e, *e);
    }
    if (t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ) return DONE;
    if (t->id != T_STRING && t->id != T_DATE && t->id != T_VOID)
        return fail_at(RAISE(DATATYPE_MISMATCH_UNEXPECTED_INPUT_TYPE,
                             P("sqlExpr", quoted_expr(an->a, *e)), P("paramIndex", S("first")),
                             P("requiredType", S("(\"TIMESTAMP\" or \"TIMESTAMP_NTZ\")")),
                             P("inputSql", quoted_expr(an->a, *e)),
                             P("inputType", quoted_type_of(an->a, t))),
                       &(*e)->at);
    coerce_at(an->a, e, &type_timestamp, (*e)->at);
    return DONE;
}

static Rel *window_node(Analyser *an, RelKind kind, const Expr *call, int32_t n)
{
    Rel *w = rel_new(an->a, kind, call->at, NULL);
    w->expr = NEW(an->a, Expr *, n);
    for (int32_t i = 0; i < n; i++) w->expr[i] = expr_copy(an->a, call->arg[i]);
    w->nexprs = n;
    return w;
}

static Status wrong_count(Analyser *an, const Expr *call, const char *expected)
{
    return RAISE(WRONG_NUM_ARGS_WITHOUT_SUGGESTION,
                 P("functionName", quoted_parts(an->a, &call->name, 1)),
                 P("expectedNum", str_z(expected)),
                 P("actualNum", str_fmt(an->a, "%d", call->nargs)), DOCROOT);
}

static Status fixed_window(Names *n, const Expr *call, Rel **w)
{
    Analyser *an = n->an;
    if (call->nargs < 2 || call->nargs > 4) return wrong_count(an, call, "[2, 3, 4]");
    *w = window_node(an, REL_TIME_WINDOW, call, 1);
    TRY(window_time(n, &(*w)->expr[0]));
    TRY(window_length(an, call->arg[1], &(*w)->duration));
    (*w)->slide = (*w)->duration;
    if (call->nargs > 2) TRY(window_length(an, call->arg[2], &(*w)->slide));
    if (call->nargs > 3) TRY(window_length(an, call->arg[3], &(*w)->start_time));
    return check_lengths(an, *w);
}

static Status session_window(Names *n, const Expr *call, Rel **w)
{
    Analyser *an = n->an;
    if (call->nargs != 2) return wrong_count(an, call, "2");
    *w = window_node(an, REL_SESSION_WINDOW, call, 2);
    TRY(window_time(n, &(*w)->expr[0]));
    Expr **gap = &(*w)->expr[1];
    TRY(resolve(n, gap));
    TypeId t = (*gap)->type->id;
    if (t != T_STRING && t != T_INTERVAL)
        return fail_at(RAISE(SESSION_GAP_TYPE, P("dt", quoted_type_of(an->a, (*gap)->type))),
                       &call->at);
    coerce_at(an->a, gap, &type_interval, (*gap)->at);
    return DONE;
}

static Attr window_column(Analyser *an, const Rel *w)
{
    const Expr *time = w->expr[0];
    Field part[2] = {field_of(S("start"), time->type, true), field_of(S("end"), time->type, true)};
    bool session = w->kind == REL_SESSION_WINDOW;
    Attr at = {.id = attr_new(an)};
    at.field =
        field_of(session ? S("session_window") : S("window"), type_struct(an->a, part, 2), false);
    at.field.time_window = true;
    Attr marked; // event time stays such when a bare column is put into windows (T6)
    Expr *bare = (Expr *)time;
    Status s = attr_of(an, &marked, &bare);
    must(s.code == OK);
    at.field.watermark_delay = marked.field.watermark_delay;
    return at;
}

static bool same_window(const Rel *x, const Rel *y)
{
    if (x->kind != y->kind || x->duration != y->duration || x->slide != y->slide ||
        x->start_time != y->start_time)
        return false;
    for (int32_t i = 0; i < x->nexprs; i++)
        if (!expr_eq(x->expr[i], y->expr[i])) return false;
    return true;
}

static Status take_window(void *ctx, Expr **e)
{
    WindowCall *c = ctx;
    if (!is_window_call(*e)) return DONE;
    Rel *w = NULL;
    bool fixed = str_eq((*e)->name, S("window"));
    TRY(fail_at(fixed ? fixed_window(c->n, *e, &w) : session_window(c->n, *e, &w), &(*e)->at));
    if (!c->node) {
        c->node = w;
        c->column = window_column(c->n->an, w);
    } else if (!same_window(c->node, w)) {
        return fail_at(RAISE(TWO_TIME_WINDOWS), &(*e)->at);
    }
    *e = attr_expr(c->n->an->a, &c->column, (*e)->at);
    return DONE;
}

Status take_time_windows(Names *n, Rel *r, Attrs *made)
{
    WindowCall c = {.n = n};
    for (int32_t i = 0; i < r->ngroup; i++) TRY(expr_walk(&r->group[i], take_window, &c));
    for (int32_t i = 0; i < r->nexprs; i++) TRY(expr_walk(&r->expr[i], take_window, &c));
    if (!c.node) return DONE;
    Rel *w = c.node;
    w->input[0] = r->input[0];
    w->streaming = r->streaming;
    w->out = attrs_copy(n->an->a, &r->input[0]->out);
    vec_push(n->an->a, &w->out, c.column);
    r->input[0] = w;
    vec_push(n->an->a, made, c.column);
    return DONE;
}
