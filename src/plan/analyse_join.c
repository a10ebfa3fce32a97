// analyse_join.c -- joins and set operations: what both sides' columns become.
#include "plan/analyse_in.h"

static void add_side(Analyser *an, Attrs *out, const Rel *side, bool nullable)
{
    for (int64_t i = 0; i < side->out.n; i++) {
        Attr at = side->out.v[i];
        at.field.nullable |= nullable;
        vec_push(an->a, out, at);
    }
}

static void join_outputs(Analyser *an, Rel *j)
{
    j->out = (Attrs){0};
    add_side(an, &j->out, j->input[0], j->join == JOIN_RIGHT || j->join == JOIN_FULL);
    if (!join_hides_right(j))
        add_side(an, &j->out, j->input[1], j->join == JOIN_LEFT || j->join == JOIN_FULL);
}

static Status join_condition(Analyser *an, Rel *j)
{
    if (!j->nexprs) return DONE;
    Names n = {.an = an, .in = {&j->input[0]->out, &j->input[1]->out}, .outer = an->outer};
    TRY(resolve(&n, &j->expr[0]));
    Expr *e = j->expr[0];
    TRY(no_windows(an, e, &j->at));
    TRY(no_aggregates(an, e));
    if (e->type->id != T_BOOLEAN)
        return fail_at(RAISE(JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE,
                             P("joinCondition", quoted_expr(an->a, e)),
                             P("conditionType", quoted_type_of(an->a, e->type))),
                       &j->at);
    coerce_at(an->a, &j->expr[0], &type_boolean, j->expr[0]->at);
    return DONE;
}

static const Attr *column_named(const Analyser *an, const Rel *side, Str name)
{
    for (int64_t i = 0; i < side->out.n; i++)
        if (!side->out.v[i].hidden && an_names_eq(an, side->out.v[i].field.name, name))
            return &side->out.v[i];
    return NULL;
}

// How often the first n columns of a side have a name.
static int64_t times_named(const Analyser *an, const Attrs *in, int64_t n, Str name)
{
    int64_t times = 0;
    for (int64_t i = 0; i < n; i++)
        times += !in->v[i].hidden && an_names_eq(an, in->v[i].field.name, name);
    return times;
}

// The names that both sides have, each as often as both have it.
static void natural_columns(Analyser *an, Rel *j)
{
    VEC(Str) name = {0};
    const Attrs *x = &j->input[0]->out, *y = &j->input[1]->out;
    for (int64_t i = 0; i < x->n; i++) {
        Str of = x->v[i].field.name;
        if (!x->v[i].hidden && times_named(an, x, i, of) < times_named(an, y, y->n, of))
            vec_push(an->a, &name, of);
    }
    j->using_column = name.v;
    j->nusing = (int32_t)name.n;
    j->natural = false;
}

static Status no_using_column(Analyser *an, const Rel *j, Str name, bool left)
{
    Names side = {.an = an, .in = {&j->input[left ? 0 : 1]->out}};
    return fail_at(
        RAISE(UNRESOLVED_USING_COLUMN_FOR_JOIN, P("colName", quoted_parts(an->a, &name, 1)),
              P("side", left ? S("left") : S("right")), P("suggestion", all_columns(&side))),
        &j->at);
}

// The column that stands for both sides in the result.
static Status using_column(Analyser *an, Rel *j, const Attr *x, const Attr *y, Expr **e)
{
    Expr *both[2] = {attr_expr(an->a, x, j->at), attr_expr(an->a, y, j->at)};
    *e = j->join == JOIN_RIGHT ? both[1] : both[0];
    if (j->join != JOIN_FULL) return DONE;
    TRY(fail_at(fn_make(e, an->a, an->ctx, S("coalesce"), both, 2), &j->at));
    (*e)->nullable = true; // as each of them is here
    *e = expr_alias(an->a, *e, x->field.name);
    return DONE;
}

// USING: the named columns once and first, then the others; the sides' own stay nameable by
// qualifier.
static Status join_using(Analyser *an, Rel **r)
{
    Rel *j = *r;
    VEC(Expr *) item = {0};
    VEC(int32_t) key = {0}; // of both sides
    Expr *on = NULL;
    for (int32_t i = 0; i < j->nusing; i++) {
        const Attr *x = column_named(an, j->input[0], j->using_column[i]);
        const Attr *y = column_named(an, j->input[1], j->using_column[i]);
        if (!x || !y) return no_using_column(an, j, j->using_column[i], !x);
        Expr *eq, *sides[2] = {attr_expr(an->a, x, j->at), attr_expr(an->a, y, j->at)};
        TRY(fail_at(fn_make(&eq, an->a, an->ctx, S("="), sides, 2), &j->at));
        on = on ? expr_and(an->a, on, eq) : eq;
        Expr *e;
        TRY(using_column(an, j, x, y, &e));
        vec_push(an->a, &item, e);
        vec_push(an->a, &key, x->id);
        vec_push(an->a, &key, y->id);
    }
    j->expr = NEW(an->a, Expr *, 1);
    j->expr[0] = on;
    j->nexprs = on != NULL;
    join_outputs(an, j);
    if (!on) return DONE;
    VEC(bool) hidden = {0};
    for (int64_t i = 0; i < item.n; i++) vec_push(an->a, &hidden, false);
    for (int64_t k = 0; k < key.n * j->out.n; k++) { // the sides' own keys, in the keys' order
        const Attr *own = &j->out.v[k % j->out.n];
        bool shown = key.v[k / j->out.n] != own->id;
        for (int64_t i = 0; i < item.n; i++) shown |= item.v[i]->id == own->id;
        if (shown) continue;
        vec_push(an->a, &item, attr_expr(an->a, own, j->at));
        vec_push(an->a, &hidden, true);
    }
    for (int64_t i = 0; i < j->out.n; i++) {
        bool once = false, shown = false;
        for (int64_t k = 0; k < key.n; k++) once |= key.v[k] == j->out.v[i].id;
        for (int32_t k = 0; k < j->nusing; k++) shown |= item.v[k]->id == j->out.v[i].id;
        if (shown || once) continue;
        vec_push(an->a, &item, attr_expr(an->a, &j->out.v[i], j->at));
        vec_push(an->a, &hidden, j->out.v[i].hidden);
    }
    Rel *p = rel_above(an, REL_PROJECT, j);
    p->expr = item.v;
    p->nexprs = (int32_t)item.n;
    TRY(outputs_of(an, p));
    for (int64_t i = 0; i < p->out.n; i++) p->out.v[i].hidden |= hidden.v[i];
    *r = p;
    return DONE;
}

// LATERAL f(left's columns): rows made from each row of the left.
static Status join_lateral(Analyser *an, Rel **r)
{
    Rel *j = *r, *right = j->input[1], *alias = NULL;
    if (right->kind == REL_SUBQUERY_ALIAS) {
        alias = right;
        right = right->input[0];
    }
    bool inner = j->join == JOIN_INNER || j->join == JOIN_CROSS || j->join == JOIN_LEFT;
    bool rows = right->kind == REL_TABLE_FUNCTION && !makes_table(right->name[0]);
    if (!rows || !inner || j->nexprs) {
        Names left = {.an = an, .in = {&j->input[0]->out}, .outer = an->outer}, *outer = an->outer;
        an->outer = &left;
        TRY(analyse_rel(an, &j->input[1]));
        an->outer = outer;
        j->lateral = false;
        j->streaming |= j->input[1]->streaming;
        TRY(analyse_join(an, r));
        j->lateral = true; // its right side may name the left: rewrite_subquery.c
        return DONE;
    }
    Expr *call = expr_call(an->a, right->name[0], 0);
    call->arg = right->expr;
    call->nargs = right->nexprs;
    call->at = right->at;
    Rel *g = rel_new(an->a, REL_GENERATE, j->at, j->input[0]);
    g->expr = NEW(an->a, Expr *, 1);
    g->expr[0] = call;
    g->nexprs = 1;
    g->outer = j->join == JOIN_LEFT;
    g->streaming = j->streaming;
    if (alias) {
        g->name = alias->name;
        g->nnames = 1;
        g->column_alias = alias->column_alias;
        g->ncolumn_alias = alias->ncolumn_alias;
    }
    *r = g;
    return analyse_generate(an, r);
}

Status analyse_join(Analyser *an, Rel **r)
{
    Rel *j = *r;
    if (j->lateral) return join_lateral(an, r);
    if (j->natural) natural_columns(an, j);
    if (j->nusing) return join_using(an, r);
    TRY(join_condition(an, j));
    join_outputs(an, j);
    return DONE;
}

static const char *set_op_name(const Rel *u)
{
    switch (u->set_op) {
    case SET_UNION: return "UNION";
    case SET_INTERSECT: return u->all ? "INTERSECT ALL" : "INTERSECT";
    case SET_EXCEPT: return u->all ? "EXCEPT ALL" : "EXCEPT";
    }
    must_failed("SetOpKind", __FILE__, __LINE__);
}

static Status unknown_set_column(Analyser *an, const Rel *u, const Rel *side, Str name)
{
    Buf b = buf_new(an->a);
    for (int64_t i = 0; i < side->out.n; i++) {
        if (i) buf_put(&b, S(", "));
        buf_put(&b, side->out.v[i].field.name);
    }
    return fail_at(RAISE(UNKNOWN_UNION_COLUMN, P("colName", name), P("fieldNames", buf_str(&b))),
                   &u->at);
}

// The right side's columns in the left's order, by name.
static Status match_by_name(Analyser *an, Rel *u)
{
    Rel *left = u->input[0], *right = u->input[1];
    Rel *p = rel_above(an, REL_PROJECT, right), *q = project_attrs(an, left, &left->out);
    VEC(Expr *) item = {0}, more = {q->expr, q->nexprs, q->nexprs};
    for (int64_t i = 0; i < left->out.n; i++) {
        const Attr *at = column_named(an, right, left->out.v[i].field.name);
        if (!at && !u->allow_missing)
            return unknown_set_column(an, u, right, left->out.v[i].field.name);
        Expr *e = at ? attr_expr(an->a, at, u->at)
                     : expr_alias(an->a, expr_literal(an->a, &type_void, &(Datum){.null = true}),
                                  left->out.v[i].field.name);
        vec_push(an->a, &item, e);
    }
    for (int64_t i = 0; i < right->out.n; i++) {
        const Attr *at = &right->out.v[i];
        if (column_named(an, left, at->field.name)) continue;
        if (!u->allow_missing) return unknown_set_column(an, u, left, at->field.name);
        vec_push(an->a, &item, attr_expr(an->a, at, u->at));
        vec_push(an->a, &more,
                 expr_alias(an->a, expr_literal(an->a, &type_void, &(Datum){.null = true}),
                            at->field.name));
    }
    p->expr = item.v, p->nexprs = (int32_t)item.n;
    q->expr = more.v, q->nexprs = (int32_t)more.n;
    TRY(outputs_of(an, p));
    TRY(outputs_of(an, q));
    u->input[0] = q;
    u->input[1] = p;
    return DONE;
}

static Status widths_differ(Analyser *an, const Rel *u)
{
    return fail_at(
        RAISE(NUM_COLUMNS_MISMATCH, P("operator", str_z(set_op_name(u))),
              P("firstNumColumns", str_fmt(an->a, "%lld", (long long)u->input[0]->out.n)),
              P("invalidOrdinalNum", S("second")),
              P("invalidNumColumns", str_fmt(an->a, "%lld", (long long)u->input[1]->out.n))),
        &u->at);
}

static Str ordinal(Arena *a, int64_t i)
{
    static const char *const word[] = {"first", "second",  "third",  "fourth", "fifth",
                                       "sixth", "seventh", "eighth", "ninth",  "tenth"};
    return i < COUNT(word) ? str_z(word[i]) : str_fmt(a, "%lldth", (long long)i + 1);
}

static Status types_differ(Analyser *an, const Rel *u, int64_t i)
{
    const Type *x = u->input[0]->out.v[i].field.type, *y = u->input[1]->out.v[i].field.type;
    return fail_at(RAISE(INCOMPATIBLE_COLUMN_TYPE, P("operator", str_z(set_op_name(u))),
                         P("columnOrdinalNumber", ordinal(an->a, i)),
                         P("tableOrdinalNumber", S("second")),
                         P("dataType1", quoted_type_of(an->a, y)),
                         P("dataType2", quoted_type_of(an->a, x)), P("hint", S(""))),
                   &u->at);
}

// y with the names of x's fields, where both have as many.
static const Type *renamed(Arena *a, const Type *x, const Type *y)
{
    if (x->id != y->id || !x->nfields || x->nfields != y->nfields) return y;
    Type *t = NEW(a, Type, 1);
    Field *f = NEW(a, Field, x->nfields);
    *t = *y;
    t->field = f;
    for (int32_t i = 0; i < x->nfields; i++) {
        f[i] = y->field[i];
        f[i].name = x->field[i].name;
        f[i].type = renamed(a, x->field[i].type, y->field[i].type);
    }
    return t;
}

// The type of a column of both sides. Structs whose fields differ in name only are the left's.
static const Type *set_type(Analyser *an, const Type *x, const Type *y)
{
    const Type *same = renamed(an->a, x, y);
    return common_type(an->a, x, type_eq(x, same) ? same : y, an->ctx->ansi);
}

// Casts a side's columns to the types, when some differ.
static Status widen(Analyser *an, Rel **side, const Type *const *type, Origin at)
{
    bool differ = false;
    const Attrs *out = &(*side)->out;
    for (int64_t i = 0; i < out->n; i++) differ |= !type_eq(out->v[i].field.type, type[i]);
    if (!differ) return DONE;
    Rel *p = project_attrs(an, *side, out);
    for (int64_t i = 0; i < out->n; i++) {
        Str name = out->v[i].field.name;
        bool same = type_eq(out->v[i].field.type, type[i]);
        coerce_at(an->a, &p->expr[i], type[i], at);
        if (!same) p->expr[i] = expr_alias(an->a, p->expr[i], name);
    }
    TRY(outputs_of(an, p));
    *side = p;
    return DONE;
}

Status analyse_set_op(Analyser *an, Rel **r)
{
    Rel *u = *r;
    if (u->by_name) TRY(match_by_name(an, u));
    const Attrs *x = &u->input[0]->out, *y = &u->input[1]->out;
    if (x->n != y->n) return widths_differ(an, u);
    const Type **type = NEW(an->a, const Type *, x->n);
    for (int64_t i = 0; i < x->n; i++) {
        type[i] = set_type(an, x->v[i].field.type, y->v[i].field.type);
        if (!type[i]) return types_differ(an, u, i);
    }
    TRY(widen(an, &u->input[0], type, u->at));
    TRY(widen(an, &u->input[1], type, u->at));
    u->out = attrs_copy(an->a, &u->input[0]->out);
    for (int64_t i = 0; i < u->out.n; i++) {
        Attr *at = &u->out.v[i];
        at->field.type = type[i];
        if (u->set_op == SET_UNION) at->field.nullable |= u->input[1]->out.v[i].field.nullable;
        at->nqualifiers = 0;
        if (u->set_op != SET_UNION) TRY(no_maps(an, u, at));
    }
    return DONE;
}
