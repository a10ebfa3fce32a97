// analyse_over.c -- f(..) OVER (..): the functions that mean something only there, the frame they
// get when none is written, which frames may be; and the nodes that compute them, one for each
// partition and order, in the order in which they stand in the text.
#include "expr/agg.h"
#include "expr/prog.h"
#include "plan/analyse_in.h"

// What a function says of its frame.
typedef enum FrameRule {
    FRAME_ROWS_SO_FAR, // this one and no other
    FRAME_PEERS_SO_FAR,
    FRAME_SHIFT, // the one row it reads
    FRAME_ANY,
} FrameRule;
typedef struct WindowRow { // the type is fixed, or that of the first argument
    const char *name;
    const Type *type;
    int32_t least, most;
    FrameRule frame;
} WindowRow;
static const WindowRow window_rows[] = {
    {"row_number", &type_int, 0, 0, FRAME_ROWS_SO_FAR},
    {"rank", &type_int, 0, 0, FRAME_ROWS_SO_FAR},
    {"dense_rank", &type_int, 0, 0, FRAME_ROWS_SO_FAR},
    {"ntile", &type_int, 0, 1, FRAME_ROWS_SO_FAR},
    {"percent_rank", &type_double, 0, 0, FRAME_ROWS_SO_FAR},
    {"cume_dist", &type_double, 0, 0, FRAME_PEERS_SO_FAR},
    {"lag", NULL, 1, 3, FRAME_SHIFT},
    {"lead", NULL, 1, 3, FRAME_SHIFT},
    {"nth_value", NULL, 2, 2, FRAME_ANY},
};

static const WindowRow *window_row(Str name)
{
    for (int64_t i = 0; i < COUNT(window_rows); i++)
        if (str_eq(name, str_z(window_rows[i].name))) return &window_rows[i];
    return NULL;
}

bool is_window_function(Str name) { return window_row(name) != NULL; }

static Expr *int_literal(Arena *a, int64_t v)
{
    return expr_literal(a, &type_int, &(Datum){.i = v});
}

static Status wrong_count(Analyser *an, const Expr *call, const WindowRow *row)
{
    Buf b = buf_new(an->a);
    if (row->least == row->most) buf_fmt(&b, "%d", row->least);
    for (int32_t i = row->least; i <= row->most && row->least != row->most; i++)
        buf_fmt(&b, "%s%d%s", i == row->least ? "[" : ", ", i, i == row->most ? "]" : "");
    return RAISE(
        WRONG_NUM_ARGS_WITHOUT_SUGGESTION, P("functionName", quoted_parts(an->a, &call->name, 1)),
        P("expectedNum", buf_str(&b)), P("actualNum", str_fmt(an->a, "%d", call->nargs)), DOCROOT);
}

// Argument `at` of a call whose name is an ordinal in words.
static Status need_type(Analyser *an, Expr *call, int32_t at, const Type *t)
{
    static const char *const ordinal[] = {"first", "second", "third"};
    Expr **e = &call->arg[at];
    if (type_eq((*e)->type, t)) return DONE;
    if (cast_allowed((*e)->type, t, CAST_IMPLICIT, an->ctx->ansi)) {
        coerce_at(an->a, e, t, (*e)->at);
        return DONE;
    }
    return RAISE(DATATYPE_MISMATCH_UNEXPECTED_INPUT_TYPE, P("sqlExpr", quoted_expr(an->a, call)),
                 P("paramIndex", str_z(ordinal[at])), P("requiredType", quoted_type_of(an->a, t)),
                 P("inputSql", quoted_expr(an->a, *e)),
                 P("inputType", quoted_type_of(an->a, (*e)->type)));
}

// A foldable INT, which becomes a literal.
static Status need_number(Analyser *an, Expr *call, int32_t at, const char *name, int64_t *v)
{
    Expr **e = &call->arg[at];
    if (!expr_foldable(*e))
        return RAISE(DATATYPE_MISMATCH_NON_FOLDABLE_INPUT, P("sqlExpr", quoted_expr(an->a, call)),
                     P("inputName", str_fmt(an->a, "`%s`", name)),
                     P("inputType", quoted_type_of(an->a, (*e)->type)),
                     P("inputExpr", quoted_expr(an->a, *e)));
    Datum d;
    TRY(expr_fold(an->a, *e, an->ctx, &d));
    *v = d.null ? 0 : d.i;
    return DONE;
}

static Status out_of_range(Analyser *an, const Expr *call, const char *name, int64_t v, Str most)
{
    return RAISE(DATATYPE_MISMATCH_VALUE_OUT_OF_RANGE, P("sqlExpr", quoted_expr(an->a, call)),
                 P("exprName", str_z(name)),
                 P("valueRange", str_fmt(an->a, "(0, " STR_FMT "]", STR_ARG(most))),
                 P("currentValue", str_fmt(an->a, "%lld", (long long)v)));
}

static Status check_ntile(Analyser *an, Expr *call)
{
    int64_t n = 0;
    TRY(need_number(an, call, 0, "buckets", &n));
    if (call->arg[0]->type->id != T_INT) return need_type(an, call, 0, &type_int);
    if (n <= 0) return out_of_range(an, call, "buckets", n, S("2147483647"));
    return DONE;
}

static Status check_nth(Analyser *an, Expr *call)
{
    int64_t n = 0;
    TRY(need_type(an, call, 1, &type_int));
    TRY(need_number(an, call, 1, "offset", &n));
    if (n <= 0) return out_of_range(an, call, "offset", n, S("9223372036854775807"));
    return DONE;
}

// lag(x) is lag(x, 1, NULL).
static Status check_shift(Analyser *an, Expr *call)
{
    Expr **arg = NEW(an->a, Expr *, 3);
    for (int32_t i = 0; i < call->nargs; i++) arg[i] = call->arg[i];
    if (call->nargs < 2) arg[1] = int_literal(an->a, 1);
    if (call->nargs < 3) arg[2] = expr_literal(an->a, &type_void, &(Datum){.null = true});
    call->arg = arg;
    call->nargs = 3;
    int64_t n = 0;
    TRY(need_type(an, call, 1, &type_int));
    TRY(need_number(an, call, 1, "offset", &n));
    if (arg[2]->type->id != T_VOID) TRY(need_type(an, call, 2, arg[0]->type));
    return DONE;
}

static Status resolve_window_call(Names *n, Expr *call, const WindowRow *row)
{
    Analyser *an = n->an;
    if (call->nargs < row->least || call->nargs > row->most) return wrong_count(an, call, row);
    TRY(resolve_arguments(n, call));
    if (row->most == 1 && !call->nargs) { // ntile() is ntile(1)
        call->arg = NEW(an->a, Expr *, 1);
        call->arg[call->nargs++] = int_literal(an->a, 1);
    }
    call->type = row->type ? row->type : call->arg[0]->type;
    call->nullable = !row->type;
    if (row->most == 1) return check_ntile(an, call);
    if (row->frame == FRAME_ANY) return check_nth(an, call);
    if (row->frame != FRAME_SHIFT) return DONE;
    TRY(check_shift(an, call));
    call->nullable = call->arg[0]->nullable || call->arg[2]->nullable;
    return DONE;
}

static void set_frame(Over *o, bool rows, FrameBound lower, FrameBound upper)
{
    o->has_frame = true;
    o->rows = rows;
    o->lower = lower;
    o->upper = upper;
}

static Status required_frame(Names *n, const Expr *e, const WindowRow *row)
{
    Over *o = e->over;
    Arena *a = n->an->a;
    bool rows = row->frame == FRAME_ROWS_SO_FAR;
    bool fits = o->rows == rows && o->lower.kind == BOUND_UNBOUNDED_PRECEDING &&
                o->upper.kind == BOUND_CURRENT;
    if (o->has_frame && !fits) {
        Str required = str_fmt(a, "specifiedwindowframe(%s, unboundedpreceding$(), currentrow$())",
                               rows ? "RowFrame" : "RangeFrame");
        return RAISE(WINDOW_FRAME_NOT_REQUIRED, P("wf", expr_sql_str(a, e)),
                     P("required", required));
    }
    set_frame(o, rows, (FrameBound){BOUND_UNBOUNDED_PRECEDING, NULL},
              (FrameBound){BOUND_CURRENT, NULL});
    return DONE;
}

// The frame that OVER has when none is written; it stands in the name of the column.
static Status default_frame(Names *n, Expr *e, const WindowRow *row)
{
    Over *o = e->over;
    Expr *call = e->arg[0];
    if (row && row->frame == FRAME_SHIFT) {
        if (o->has_frame) return RAISE(WINDOW_FRAME_NOT_TAKEN, P("prettyName", call->name));
        Datum v;
        TRY(expr_fold(n->an->a, call->arg[1], n->an->ctx, &v));
        int64_t by = v.null ? 0 : str_eq(call->name, S("lag")) ? -v.i : v.i;
        FrameBound at = {BOUND_FOLLOWING, int_literal(n->an->a, by)};
        set_frame(o, true, at, at);
        return DONE;
    }
    if (row && row->frame != FRAME_ANY) return required_frame(n, e, row);
    if (o->has_frame) return DONE;
    set_frame(o, !o->norder, (FrameBound){BOUND_UNBOUNDED_PRECEDING, NULL},
              (FrameBound){o->norder ? BOUND_CURRENT : BOUND_UNBOUNDED_FOLLOWING, NULL});
    return DONE;
}

static bool by_value(const FrameBound *b) { return b->by != NULL; }

static bool interval_type(TypeId id)
{
    return id == T_INTERVAL || id == T_INTERVAL_DT || id == T_INTERVAL_YM;
}

static Str frame_sql(Arena *a, const Over *o)
{
    Over frame = *o;
    Expr nothing = {.kind = E_NAME, .name = {0}};
    Expr *arg[1] = {&nothing};
    frame.npartition = frame.norder = 0;
    Expr over = {.kind = E_OVER, .arg = arg, .nargs = 1, .over = &frame};
    Str whole = expr_sql_str(a, &over); // " OVER (ROWS BETWEEN .. )"
    return str_fmt(a, "\"" STR_FMT "\"", STR_ARG(str_sub(whole, 7, whole.n - 8)));
}

// "(PARTITION BY .. ORDER BY .. frame)"
static Str spec_sql(Arena *a, const Over *o)
{
    Expr nothing = {.kind = E_NAME, .name = {0}};
    Expr *arg[1] = {&nothing};
    Expr over = {.kind = E_OVER, .arg = arg, .nargs = 1, .over = (Over *)o};
    Str whole = expr_sql_str(a, &over);
    return str_fmt(a, "\"" STR_FMT "\"", STR_ARG(str_sub(whole, 6, whole.n - 6)));
}

// The bound's value as Spark writes it: what precedes is negative.
static Str bound_text(Arena *a, const FrameBound *b)
{
    switch (b->kind) {
    case BOUND_UNBOUNDED_PRECEDING: return S("\"UNBOUNDED PRECEDING\"");
    case BOUND_UNBOUNDED_FOLLOWING: return S("\"UNBOUNDED FOLLOWING\"");
    case BOUND_CURRENT: return S("\"CURRENT ROW\"");
    case BOUND_PRECEDING: return str_fmt(a, "\"(- " STR_FMT ")\"", STR_ARG(expr_sql_str(a, b->by)));
    case BOUND_FOLLOWING: return quoted_expr(a, b->by);
    }
    must_failed("BOUND", __FILE__, __LINE__);
}

static Status check_bound(Analyser *an, const Over *o, const FrameBound *b, const char *location)
{
    if (!by_value(b)) return DONE;
    TypeId id = b->by->type->id;
    if (!expr_foldable(b->by))
        return RAISE(FRAME_WITHOUT_FOLDABLE, P("sqlExpr", frame_sql(an->a, o)),
                     P("location", str_z(location)), P("expression", quoted_expr(an->a, b->by)));
    bool fits = o->rows ? id == T_INT : type_is_numeric(b->by->type) || interval_type(id);
    if (fits) return DONE;
    return RAISE(FRAME_UNACCEPTED_TYPE, P("sqlExpr", frame_sql(an->a, o)),
                 P("location", str_z(location)), P("exprType", quoted_type_of(an->a, b->by->type)),
                 P("expectedType", o->rows ? S("\"INT\"")
                                           : S("(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or "
                                               "\"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")")));
}

// Its distance from the current row, what precedes negative.
static Status bound_value(Analyser *an, const FrameBound *b, Expr **e)
{
    *e = expr_copy(an->a, b->by);
    if (b->kind != BOUND_PRECEDING) return DONE;
    Expr *positive = *e;
    return fn_make(e, an->a, an->ctx, S("negative"), &positive, 1);
}

static Status check_order_of_bounds(Analyser *an, const Over *o)
{
    if (!by_value(&o->lower) || !by_value(&o->upper)) return DONE;
    const Type *l = o->lower.by->type, *u = o->upper.by->type;
    if (!type_eq(l, u))
        return RAISE(
            FRAME_DIFF_TYPES, P("sqlExpr", frame_sql(an->a, o)),
            P("lower", bound_text(an->a, &o->lower)), P("upper", bound_text(an->a, &o->upper)),
            P("lowerType", quoted_type_of(an->a, l)), P("upperType", quoted_type_of(an->a, u)));
    if (l->id == T_INTERVAL) return DONE;
    Expr *side[2], *greater;
    TRY(bound_value(an, &o->lower, &side[0]));
    TRY(bound_value(an, &o->upper, &side[1]));
    TRY(fn_make(&greater, an->a, an->ctx, S(">"), side, 2));
    Datum v;
    TRY(expr_fold(an->a, greater, an->ctx, &v));
    if (v.null || !v.i) return DONE;
    return RAISE(FRAME_WRONG_COMPARISON, P("sqlExpr", frame_sql(an->a, o)),
                 P("comparison", S("less than or equal")));
}

static bool shifts(Arena *a, const Type *key, const Type *by)
{
    bool time = key->id == T_TIMESTAMP || key->id == T_TIMESTAMP_NTZ;
    if (time && interval_type(by->id)) return true;
    if (key->id == T_DATE && (by->id == T_INT || by->id == T_INTERVAL_YM)) return true;
    if (key->id == T_DATE && by->id == T_INTERVAL_DT)
        return str_eq(type_sql_str(a, by), S("INTERVAL DAY"));
    return type_eq(key, by) || (type_is_numeric(key) && type_is_numeric(by));
}

static Str orders_text(Arena *a, const Over *o)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < o->norder; i++) {
        const Expr *key = o->order[i];
        Str sql = expr_sql_str(a, key);
        int64_t name = expr_sql_str(a, key->arg[0]).n;
        buf_fmt(&b, "%s" STR_FMT, i ? "," : "", STR_ARG(str_sub(sql, 0, name)));
        if (key->arg[0]->kind == E_ATTR) buf_fmt(&b, "#%d", key->arg[0]->id);
        buf_put(&b, str_sub(sql, name, sql.n - name));
    }
    return buf_str(&b);
}

static Status check_range(Analyser *an, const Over *o)
{
    Arena *a = an->a;
    bool whole =
        o->lower.kind == BOUND_UNBOUNDED_PRECEDING && o->upper.kind == BOUND_UNBOUNDED_FOLLOWING;
    if (o->rows || whole) return DONE;
    if (!o->norder) return RAISE(RANGE_FRAME_WITHOUT_ORDER, P("sqlExpr", spec_sql(a, o)));
    const Expr *by = o->lower.by ? o->lower.by : o->upper.by;
    if (!by) return DONE;
    if (o->norder > 1)
        return RAISE(RANGE_FRAME_MULTI_ORDER, P("sqlExpr", spec_sql(a, o)),
                     P("orderSpec", orders_text(a, o)));
    if (shifts(a, o->order[0]->type, by->type)) return DONE;
    return RAISE(RANGE_FRAME_INVALID_TYPE, P("sqlExpr", spec_sql(a, o)),
                 P("orderSpecType", quoted_type_of(a, o->order[0]->type)),
                 P("valueBoundaryType", quoted_type_of(a, by->type)));
}

static Status check_frame(Analyser *an, const Over *o)
{
    TRY(check_bound(an, o, &o->lower, "lower"));
    TRY(check_bound(an, o, &o->upper, "upper"));
    if (o->lower.kind == BOUND_UNBOUNDED_FOLLOWING || o->upper.kind == BOUND_UNBOUNDED_PRECEDING)
        return RAISE(FRAME_INVALID_BOUND, P("sqlExpr", frame_sql(an->a, o)),
                     P("lower", bound_text(an->a, &o->lower)),
                     P("upper", bound_text(an->a, &o->upper)));
    TRY(check_order_of_bounds(an, o));
    return check_range(an, o);
}

const Expr *over_in(const Expr *e)
{
    if (e->kind == E_OVER) return e;
    const Expr *found = NULL;
    for (int32_t i = 0; i < e->nargs && !found; i++) found = over_in(e->arg[i]);
    return found || !e->filter ? found : over_in(e->filter);
}

static const Expr *agg_in(const Expr *e)
{
    if (e->kind == E_AGG) return e;
    const Expr *found = NULL;
    for (int32_t i = 0; i < e->nargs && !found; i++) found = agg_in(e->arg[i]);
    return found;
}

Status no_aggregates(Analyser *an, const Expr *e)
{
    const Expr *agg = agg_in(e);
    if (!agg) return DONE;
    return fail_at(
        RAISE(UNSUPPORTED_EXPR_FOR_OPERATOR, P("invalidExprSqls", quoted_expr(an->a, agg))),
        &agg->at);
}

Status no_windows(Analyser *an, const Expr *e, const Origin *at)
{
    const Expr *over = over_in(e);
    if (!over) return DONE;
    Str all = quoted_expr(an->a, over);
    const Expr *agg = over->arg[0];
    if (agg->kind == E_AGG)
        all = str_cat(an->a, str_cat(an->a, all, S(", ")), quoted_expr(an->a, agg));
    return fail_at(RAISE(UNSUPPORTED_EXPR_FOR_OPERATOR, P("invalidExprSqls", all)), at);
}

static Status check_aggregate(Analyser *an, const Expr *e)
{
    const Expr *agg = e->arg[0];
    const Over *o = e->over;
    if (agg->filter) return RAISE(WINDOW_FUNCTION_FILTER);
    if (agg->distinct)
        return RAISE(DISTINCT_WINDOW_FUNCTION, P("windowExpr", quoted_expr(an->a, e)));
    static const Str whole_only[] = {STR_INIT("percentile_cont"), STR_INIT("percentile_disc"),
                                     STR_INIT("median")};
    bool whole = o->lower.kind == BOUND_UNBOUNDED_PRECEDING &&
                 o->upper.kind == BOUND_UNBOUNDED_FOLLOWING && o->rows && !o->norder;
    bool list =
        agg->norder && (str_eq(agg->name, S("listagg")) || str_eq(agg->name, S("string_agg")));
    for (int64_t i = 0; i < COUNT(whole_only); i++) list |= str_eq(agg->name, whole_only[i]);
    if (!list || whole) return DONE;
    return RAISE(WINDOW_SPEC_FOR_AGGREGATE, P("aggFunc", quoted_expr(an->a, agg)));
}

// A RANGE bound is of the order's type when it can be; times have intervals.
// Cast, "2 PRECEDING" is "(- 2) FOLLOWING" in names.
static Status bound_type(Analyser *an, FrameBound *b, const Type *order)
{
    bool time = order->id == T_DATE || order->id == T_TIMESTAMP || order->id == T_TIMESTAMP_NTZ;
    if (time || !b->by || type_eq(b->by->type, order) ||
        !cast_allowed(b->by->type, order, CAST_SQL, an->ctx->ansi))
        return DONE;
    if (b->kind == BOUND_PRECEDING && type_is_numeric(b->by->type)) {
        Expr *positive = b->by;
        TRY(fn_make(&b->by, an->a, an->ctx, S("negative"), &positive, 1));
        b->kind = BOUND_FOLLOWING;
    }
    coerce(an->a, &b->by, order);
    return DONE;
}

static Status resolve_spec(Names *n, Over *o)
{
    TRY(resolve_all(n, o->partition, o->npartition));
    TRY(resolve_all(n, o->order, o->norder));
    for (int32_t i = 0; i < o->npartition; i++) {
        const Expr *key = o->partition[i];
        if (!type_is_orderable(key->type) && key->type->id != T_VOID)
            return fail_at(RAISE(EXPRESSION_TYPE_IS_NOT_ORDERABLE,
                                 P("expr", quoted_expr(n->an->a, key)),
                                 P("exprType", quoted_type_of(n->an->a, key->type))),
                           &key->at);
    }
    for (int32_t i = 0; i < o->norder; i++) {
        const Expr *key = o->order[i];
        if (!type_is_orderable(key->type))
            return fail_at(RAISE(DATATYPE_MISMATCH_INVALID_ORDERING_TYPE,
                                 P("sqlExpr", quoted_expr(n->an->a, key)),
                                 P("functionName", S("`sortorder`")),
                                 P("dataType", quoted_type_of(n->an->a, key->type))),
                           &key->at);
    }
    if (o->lower.by) TRY(resolve(n, &o->lower.by));
    if (o->upper.by) TRY(resolve(n, &o->upper.by));
    if (o->rows || o->norder != 1) return DONE;
    TRY(bound_type(n->an, &o->lower, o->order[0]->type));
    return bound_type(n->an, &o->upper, o->order[0]->type);
}

Status resolve_over(Names *n, Expr *e)
{
    Over *o = e->over;
    Expr *call = e->arg[0];
    const WindowRow *row = call->kind == E_CALL ? window_row(call->name) : NULL;
    if (row)
        TRY(fail_at(resolve_window_call(n, call, row), &e->at));
    else if (call->kind == E_USER || is_user_function(n->an, call))
        TRY(resolve(n, &e->arg[0]));
    else if (call->kind == E_CALL)
        TRY(resolve_call_inside(n, &e->arg[0]));
    if (!row && e->arg[0]->kind != E_AGG)
        return fail_at(
            RAISE(UNSUPPORTED_EXPR_FOR_WINDOW, P("sqlExpr", quoted_expr(n->an->a, e->arg[0]))),
            &e->at);
    if (over_in(e->arg[0])) return unsupported(&e->at, "a window function inside another one");
    TRY(resolve_spec(n, o));
    if (row && !o->norder)
        return fail_at(
            RAISE(WINDOW_FUNCTION_WITHOUT_ORDER, P("wf", expr_sql_str(n->an->a, e->arg[0]))),
            &e->at);
    TRY(fail_at(default_frame(n, e, row), &e->at));
    TRY(fail_at(check_frame(n->an, o), origin_known(&o->at) ? &o->at : &e->at));
    if (!row) TRY(fail_at(check_aggregate(n->an, e), &e->at));
    e->type = e->arg[0]->type;
    e->nullable = e->arg[0]->nullable;
    return DONE;
}

typedef struct OverCall {
    Analyser *an;
    VEC(Rel *) node; // lowest first
    Rel *input;
    Str name; // of the item that is made of just this one
} OverCall;

static bool same_list(Expr *const *x, int32_t nx, Expr *const *y, int32_t ny)
{
    if (nx != ny) return false;
    for (int32_t i = 0; i < nx; i++)
        if (!expr_eq(x[i], y[i])) return false;
    return true;
}

static const Over *over_of(const Rel *window)
{
    const Expr *item = window->expr[0];
    return (item->kind == E_ALIAS ? item->arg[0] : item)->over;
}

static Rel *node_of(OverCall *c, const Over *o)
{
    for (int64_t i = 0; i < c->node.n; i++) {
        const Over *other = over_of(c->node.v[i]);
        if (same_list(o->partition, o->npartition, other->partition, other->npartition) &&
            same_list(o->order, o->norder, other->order, other->norder))
            return c->node.v[i];
    }
    Rel *node = rel_new(c->an->a, REL_WINDOW, c->input->at, NULL);
    vec_push(c->an->a, &c->node, node);
    return node;
}

static Status take_over(void *ctx, Expr **e)
{
    OverCall *c = ctx;
    if ((*e)->kind != E_OVER) return DONE;
    Attr attr;
    Expr *item = *e;
    if (c->name.n) item = expr_alias(c->an->a, item, c->name);
    Rel *node = node_of(c, (*e)->over);
    TRY(attr_of(c->an, &attr, &item));
    VEC(Expr *) all = {node->expr, node->nexprs, node->nexprs};
    vec_push(c->an->a, &all, item);
    node->expr = all.v;
    node->nexprs = (int32_t)all.n;
    vec_push(c->an->a, &node->out, attr);
    *e = attr_expr(c->an->a, &attr, (*e)->at);
    return DONE;
}

Status take_overs(Analyser *an, Rel *r)
{
    OverCall c = {.an = an, .input = r->input[0]};
    for (int32_t i = 0; i < r->nexprs; i++) {
        const Expr *item = r->expr[i];
        bool alone = item->kind == E_ALIAS && item->arg[0]->kind == E_OVER;
        c.name = alone ? item->name : (Str){0};
        TRY(expr_walk(&r->expr[i], take_over, &c));
    }
    for (int64_t i = 0; i < c.node.n; i++) {
        Rel *node = c.node.v[i], *below = r->input[0];
        Attrs made = node->out;
        node->input[0] = below;
        node->at = r->at;
        node->streaming = below->streaming;
        node->out = attrs_copy(an->a, &below->out);
        for (int64_t k = 0; k < made.n; k++) vec_push(an->a, &node->out, made.v[k]);
        r->input[0] = node;
    }
    return DONE;
}
