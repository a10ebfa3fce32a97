// connect_expr.c -- spark.connect.Expression as the SQL parser would have made it.
#include "plan/connect_in.h"

enum { // members of Expression
    EX_LITERAL = 1,
    EX_ATTRIBUTE,
    EX_FUNCTION,
    EX_STRING,
    EX_STAR,
    EX_ALIAS,
    EX_CAST,
    EX_REGEX,
    EX_SORT_ORDER,
    EX_LAMBDA,
    EX_WINDOW,
    EX_EXTRACT,
    EX_UPDATE_FIELDS,
    EX_VARIABLE,
    EX_USER_FUNCTION,
    EX_CALL,
    EX_NAMED_ARGUMENT,
    EX_COMMON,
    EX_MERGE_ACTION,
    EX_TYPED_AGGREGATE,
    EX_SUBQUERY,
    EX_SHUFFLE,
};

int32_t connect_plan_id(const Proto *m, uint32_t no)
{
    return proto_has(m, no) ? (int32_t)((uint32_t)proto_int(m, no) + 1) : 0;
}

static Expr *node(Connect *c, ExprKind kind, int32_t nargs)
{
    Expr *e = expr_new(c->a, kind, (Origin){0});
    e->arg = NEW(c->a, Expr *, nargs);
    e->nargs = nargs;
    return e;
}

static Status bad_name(Str text) { return RAISE(INVALID_ATTRIBUTE_NAME_SYNTAX, P("name", text)); }

// The parts of a.`b.c`.d: unlike in SQL, whatever stands between the dots is a name.
static Status name_parts(Arena *a, Str text, Str **part, int32_t *n)
{
    VEC(Str) parts = {0};
    for (int64_t at = 0; at <= text.n; at++) {
        Buf b = buf_new(a);
        bool quoted = at < text.n && text.p[at] == '`';
        for (at += quoted; at < text.n; at++) {
            bool tick = text.p[at] == '`';
            bool twice = quoted && tick && at + 1 < text.n && text.p[at + 1] == '`';
            if (quoted ? tick && !twice : text.p[at] == '.') break;
            if (tick && !quoted) return bad_name(text);
            at += twice;
            buf_char(&b, text.p[at]);
        }
        if (quoted && at++ >= text.n) return bad_name(text);
        if (at < text.n && text.p[at] != '.') return bad_name(text);
        if (!b.n && (text.n || quoted)) return bad_name(text);
        Str one = buf_str(&b);
        vec_push(a, &parts, one);
    }
    *part = parts.v;
    *n = (int32_t)parts.n;
    return DONE;
}

static Status read_attribute(Connect *c, const Proto *m, Expr **e)
{
    bool metadata = proto_bool(m, 3); // of whatever is below, not of one relation's columns
    *e = node(c, E_NAME, 0);
    (*e)->id = metadata ? 0 : connect_plan_id(m, 2);
    return name_parts(c->a, proto_str(m, 1), &(*e)->part, &(*e)->nparts);
}

static Status read_star(Connect *c, const Proto *m, Expr **e)
{
    Str target = proto_str(m, 1);
    *e = node(c, E_STAR, 0);
    (*e)->id = connect_plan_id(m, 2);
    if (!target.n) return DONE;
    if (!str_ends(target, S(".*"))) return bad_name(target);
    return name_parts(c->a, str_sub(target, 0, target.n - 2), &(*e)->part, &(*e)->nparts);
}

// colRegex: a pattern in backticks stands for the columns it matches, anything else is a name.
static Status read_regex(Connect *c, const Proto *m, Expr **e)
{
    Str text = proto_str(m, 1);
    int64_t dot = str_find(text, S(".`"));
    bool plain = text.n < 2 || text.p[text.n - 1] != '`' || (text.p[0] != '`' && dot < 0);
    if (plain) return read_attribute(c, m, e);
    Str pattern = text.p[0] == '`' ? text : str_from(text, dot + 1);
    *e = node(c, E_STAR, 0); // of whatever it stands in, also of df.colRegex
    (*e)->name = str_sub(pattern, 1, pattern.n - 2);
    if (pattern.n == text.n) return DONE;
    return name_parts(c->a, str_sub(text, 0, dot), &(*e)->part, &(*e)->nparts);
}

// Names that the client has for what SQL writes as a sign.
static Str call_name(Arena *a, Str name)
{
    static const struct {
        Str from, to;
    } rows[] = {
        {STR_INIT("=="), STR_INIT("=")},          {STR_INIT("!="), STR_INIT("<>")},
        {STR_INIT("!"), STR_INIT("not")},         {STR_INIT("when"), STR_INIT("case")},
        {STR_INIT("isNull"), STR_INIT("isnull")},
    };
    for (int64_t i = 0; i < COUNT(rows); i++)
        if (str_eq(rows[i].from, name)) return rows[i].to;
    return str_lower(a, name);
}

static Status read_function(Connect *c, const Proto *m, Expr **e)
{
    Exprs arg = {0};
    Str *part = NULL;
    int32_t nparts = 0;
    Str name = call_name(c->a, proto_str(m, 1));
    TRY(connect_exprs(c, m, 2, &arg));
    if (str_find_char(name, '.') >= 0 && name_parts(c->a, name, &part, &nparts).code == OK) {
        must(part && nparts > 0);
        name = part[nparts - 1];
    }
    *e = expr_call(c->a, name, 0);
    (*e)->arg = arg.v;
    (*e)->nargs = (int32_t)arg.n;
    (*e)->distinct = proto_bool(m, 3);
    if (arg.n == 3 && str_ieq(name, S("nth_value"))) { // SQL says it in words
        (*e)->ignore_nulls = arg.v[2]->kind == E_LITERAL && arg.v[2]->value.i;
        (*e)->nargs = 2;
    }
    return DONE;
}

Status connect_alias(Connect *c, const Proto *m, Expr **e)
{
    Expr *of;
    TRY(connect_expr_of(c, m, 1, &of));
    *e = expr_alias(c->a, of, S(""));
    connect_strings(c->a, m, 2, &(*e)->part, &(*e)->nparts);
    if (!(*e)->nparts) return connect_unset("Expression.Alias.name", 0);
    if ((*e)->nparts > 1) return DONE;
    (*e)->name = (*e)->part[0];
    (*e)->nparts = 0;
    (*e)->value.s = proto_str(m, 3);
    Field f = {0};
    return type_metadata_read(&f, c->a, (*e)->value.s);
}

static Status read_cast(Connect *c, const Proto *m, Expr **e)
{
    enum { EVAL_TRY = 3 };
    Expr *of;
    Proto type;
    const Type *t;
    TRY(connect_expr_of(c, m, 1, &of));
    TRY(proto_sub(m, 2, &type));
    TRY(type.present ? connect_type_read(&t, c->a, &type) : type_parse(&t, c->a, proto_str(m, 3)));
    *e = expr_cast(c->a, of, t, proto_int(m, 4) == EVAL_TRY ? CAST_TRY : CAST_SQL);
    return DONE;
}

Status connect_sort_order(Connect *c, const Proto *m, Expr **e)
{
    enum { DESCENDING = 2, NULLS_FIRST = 1, NULLS_LAST = 2 };
    *e = node(c, E_SORT, 1);
    (*e)->descending = proto_int(m, 2) == DESCENDING;
    (*e)->nulls_last =
        proto_int(m, 3) == NULLS_LAST || (proto_int(m, 3) != NULLS_FIRST && (*e)->descending);
    return connect_expr_of(c, m, 1, &(*e)->arg[0]);
}

Status connect_sort_orders(Connect *c, const Proto *m, uint32_t no, Exprs *list)
{
    for (ProtoEach e = proto_each(m, no); proto_more(&e);) {
        Proto one;
        Expr *x;
        TRY(proto_item(m, &e, &one));
        TRY(connect_sort_order(c, &one, &x));
        vec_push(c->a, list, x);
    }
    return DONE;
}

static Status read_variable(Connect *c, const Proto *m, Expr **e)
{
    *e = node(c, E_NAME, 0);
    connect_strings(c->a, m, 1, &(*e)->part, &(*e)->nparts);
    return (*e)->nparts ? DONE : connect_unset("Expression.UnresolvedNamedLambdaVariable", 0);
}

static Status read_lambda(Connect *c, const Proto *m, Expr **e)
{
    VEC(Str) name = {0};
    *e = node(c, E_LAMBDA, 1);
    for (ProtoEach each = proto_each(m, 2); proto_more(&each);) {
        Proto one;
        TRY(proto_item(m, &each, &one));
        Str variable = proto_str(&one, 1);
        vec_push(c->a, &name, variable);
    }
    (*e)->part = name.v;
    (*e)->nparts = (int32_t)name.n;
    return connect_expr_of(c, m, 1, &(*e)->arg[0]);
}

// A number below 0 is before the current row, as lag() has it.
static Status read_bound(Connect *c, const Proto *m, bool lower, FrameBound *bound)
{
    bool unbounded = proto_bool(m, 2);
    bound->kind = lower ? BOUND_UNBOUNDED_PRECEDING : BOUND_UNBOUNDED_FOLLOWING;
    if (unbounded) return DONE;
    bound->kind = BOUND_CURRENT;
    if (!proto_has(m, 3)) return DONE;
    TRY(connect_expr_of(c, m, 3, &bound->by));
    const Expr *by = bound->by;
    bool number = by->kind == E_LITERAL && !by->value.null;
    bool integer = number && type_phys(by->type) <= PHYS_I64;
    if (integer && by->value.i == 0) return DONE;
    bool narrow = integer && by->value.i == (int32_t)by->value.i; // as SQL writes it
    bound->kind = BOUND_FOLLOWING;                                // by less than 0: before
    if (narrow) bound->by = expr_literal(c->a, &type_int, &by->value);
    return DONE;
}

static Status read_window(Connect *c, const Proto *m, Expr **e)
{
    enum { FRAME_ROW = 1 };
    Over *over = NEW(c->a, Over, 1);
    Exprs partition = {0}, order = {0};
    Proto frame, lower, upper;
    *e = node(c, E_OVER, 1);
    (*e)->over = over;
    TRY(connect_expr_of(c, m, 1, &(*e)->arg[0]));
    TRY(connect_exprs(c, m, 2, &partition));
    TRY(connect_sort_orders(c, m, 3, &order));
    *over = (Over){.partition = partition.v,
                   .npartition = (int32_t)partition.n,
                   .order = order.v,
                   .norder = (int32_t)order.n};
    TRY(proto_sub(m, 4, &frame));
    if (!frame.present) return DONE;
    over->has_frame = true;
    over->rows = proto_int(&frame, 1) == FRAME_ROW;
    TRY(connect_need(&frame, 2, &lower, "Window.WindowFrame.lower"));
    TRY(connect_need(&frame, 3, &upper, "Window.WindowFrame.upper"));
    TRY(read_bound(c, &lower, true, &over->lower));
    return read_bound(c, &upper, false, &over->upper);
}

static Status read_extract(Connect *c, const Proto *m, Expr **e)
{
    *e = node(c, E_EXTRACT, 2);
    TRY(connect_expr_of(c, m, 1, &(*e)->arg[0]));
    return connect_expr_of(c, m, 2, &(*e)->arg[1]);
}

// withField and dropFields: a call the analyser knows, of a struct, the field's name and its value.
static Status read_update(Connect *c, const Proto *m, Expr **e)
{
    Expr *of, *value = NULL;
    Expr *name = expr_literal(c->a, &type_string, &(Datum){.s = proto_str(m, 2)});
    TRY(connect_expr_of(c, m, 1, &of));
    if (proto_has(m, 3)) TRY(connect_expr_of(c, m, 3, &value));
    *e = expr_call(c->a, value ? S("with_field") : S("drop_field"), value ? 3 : 2, of, name, value);
    return DONE;
}

static Status read_named_argument(Connect *c, const Proto *m, Expr **e)
{
    Expr *value, *key = expr_literal(c->a, &type_string, &(Datum){.s = proto_str(m, 1)});
    TRY(connect_expr_of(c, m, 2, &value));
    *e = expr_call(c->a, S("=>"), 2, key, value);
    return DONE;
}

static Status find_ref(Connect *c, int64_t plan_id, Rel **r)
{
    for (const ConnectRef *ref = c->refs; ref; ref = ref->next)
        if (ref->plan_id == plan_id) return connect_rel(c, &ref->relation, r);
    return fail(ERR_INVALID, "a subquery names the plan %lld, which did not come along",
                (long long)plan_id);
}

static Status read_subquery(Connect *c, const Proto *m, Expr **e)
{
    enum { SCALAR = 1, EXISTS, TABLE_ARG, IN };
    Exprs in = {0};
    Rel *plan = NULL;
    int64_t kind = proto_int(m, 2);
    if (kind == TABLE_ARG)
        return connect_unbuilt("a table as an argument of a function", "call it with columns");
    if (kind < SCALAR || kind > IN) return connect_unset("SubqueryExpression.subquery_type", 0);
    TRY(find_ref(c, proto_int(m, 1), &plan));
    TRY(connect_exprs(c, m, 4, &in));
    *e = node(c, E_SUBQUERY, 0);
    (*e)->sub = kind == SCALAR ? SUB_SCALAR : kind == EXISTS ? SUB_EXISTS : SUB_IN;
    (*e)->plan = plan;
    (*e)->arg = in.v;
    (*e)->nargs = (int32_t)in.n;
    return DONE;
}

static Status read_expr(Connect *c, const Proto *m, Expr **e)
{
    Proto one;
    uint32_t no = proto_member(m, EX_COMMON);
    TRY(proto_sub(m, no, &one));
    switch (no) {
    case EX_LITERAL: return connect_literal(c, &one, e);
    case EX_ATTRIBUTE: return read_attribute(c, &one, e);
    case EX_FUNCTION:
    case EX_CALL: return read_function(c, &one, e);
    case EX_STRING: return parse_expr(e, c->a, proto_str(&one, 1));
    case EX_STAR: return read_star(c, &one, e);
    case EX_ALIAS: return connect_alias(c, &one, e);
    case EX_CAST: return read_cast(c, &one, e);
    case EX_REGEX: return read_regex(c, &one, e);
    case EX_SORT_ORDER: return connect_sort_order(c, &one, e);
    case EX_LAMBDA: return read_lambda(c, &one, e);
    case EX_WINDOW: return read_window(c, &one, e);
    case EX_EXTRACT: return read_extract(c, &one, e);
    case EX_UPDATE_FIELDS: return read_update(c, &one, e);
    case EX_VARIABLE: return read_variable(c, &one, e);
    case EX_USER_FUNCTION: return connect_user_function(c, &one, e);
    case EX_NAMED_ARGUMENT: return read_named_argument(c, &one, e);
    case EX_MERGE_ACTION: return connect_unbuilt("MERGE INTO", "write the rows another way");
    case EX_TYPED_AGGREGATE:
        return connect_unbuilt("a typed aggregate of Scala", "use built-in functions");
    case EX_SUBQUERY: return read_subquery(c, &one, e);
    case EX_SHUFFLE:
        return connect_unbuilt("repartitionById", "leave the partitions to the engine");
    }
    return connect_unset("Expression", no);
}

// Where in Python the column was made: Expression.common.origin.python_origin.
static Status read_origin(const Proto *m, Origin *at)
{
    Proto common, origin, python;
    if (!proto_has(m, 18)) return DONE;
    TRY(proto_sub(m, 18, &common));
    if (!proto_has(&common, 1)) return DONE;
    TRY(proto_sub(&common, 1, &origin));
    if (!proto_has(&origin, 1)) return DONE;
    TRY(proto_sub(&origin, 1, &python));
    *at = (Origin){.text = proto_str(&python, 1), .all = proto_str(&python, 2)};
    return DONE;
}

Status connect_expr(Connect *c, const Proto *m, Expr **e)
{
    Origin at = {0};
    TRY(read_origin(m, &at));
    TRY(fail_at(read_expr(c, m, e), &at));
    if (*e && !origin_known(&(*e)->at)) (*e)->at = at;
    return DONE;
}

Status connect_expr_of(Connect *c, const Proto *m, uint32_t no, Expr **e)
{
    Proto sub;
    TRY(connect_need(m, no, &sub, "Expression"));
    return connect_expr(c, &sub, e);
}

Status connect_exprs(Connect *c, const Proto *m, uint32_t no, Exprs *list)
{
    for (ProtoEach each = proto_each(m, no); proto_more(&each);) {
        Proto one;
        Expr *e = NULL;
        TRY(proto_item(m, &each, &one));
        TRY(connect_expr(c, &one, &e));
        vec_push(c->a, list, e);
    }
    return DONE;
}
