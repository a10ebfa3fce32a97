// connect_shape.c -- DataFrame verbs that their input's columns decide: written out as projections,
// filters and aggregates once the analyser knows the columns (REL_SHAPED).
#include "plan/connect_rel_in.h"

typedef struct NaShape { // also of renames: from name[i] to new_name[i]
    Shape shape;
    Str *name, *new_name;
    Exprs from, to;
    int32_t nnames;
    int64_t least; // values that are there; -1: all
} NaShape;

static Expr *call1(Arena *a, Str name, Expr *x) { return expr_call(a, name, 1, x); }
static Expr *call2(Arena *a, Str name, Expr *x, Expr *y) { return expr_call(a, name, 2, x, y); }
static Expr *int_of(Arena *a, int64_t v) { return expr_literal(a, &type_int, &(Datum){.i = v}); }

static Rel *node(Arena *a, RelKind kind, Rel *input, const Exprs *expr)
{
    Rel *r = rel_new(a, kind, (Origin){0}, input);
    r->expr = expr->v;
    r->nexprs = (int32_t)expr->n;
    return r;
}

static Expr *column(Arena *a, const Rel *input, int64_t i)
{
    return attr_expr(a, &input->out.v[i], (Origin){0});
}

static bool is_fraction(const Type *t) { return t->id == T_DOUBLE || t->id == T_FLOAT; }

// Where the column is named: -1 not at all, and with no names every one is, as the first.
static int32_t place_of(const NaShape *s, Str column)
{
    for (int32_t i = 0; i < s->nnames; i++)
        if (str_ieq(s->name[i], column)) return i;
    return s->nnames ? -1 : 0;
}

// Each name must be a column.
static Status check_names(const NaShape *s, const Rel *input)
{
    for (int32_t k = 0; k < s->nnames; k++) {
        bool there = false;
        for (int64_t i = 0; i < input->out.n && !there; i++)
            there = str_ieq(input->out.v[i].field.name, s->name[k]);
        if (!there) return RAISE(UNRESOLVED_COLUMN_WITHOUT_SUGGESTION, P("objectName", s->name[k]));
    }
    return DONE;
}

static bool fits(const Type *value, const Type *column)
{
    if (type_is_numeric(value)) return type_is_numeric(column);
    return value->id == column->id;
}

// NaN counts as missing.
static Expr *value_or_null(Arena *a, Expr *e)
{
    if (!is_fraction(e->type)) return e;
    return call2(a, S("nanvl"), e, expr_literal(a, e->type, &(Datum){.null = true}));
}

static Status make_fill(const Shape *shape, Arena *a, Rel *input, Rel **r)
{
    const NaShape *s = (const NaShape *)shape;
    Exprs item = {0};
    TRY(check_names(s, input));
    for (int64_t i = 0; i < input->out.n; i++) {
        const Field *f = &input->out.v[i].field;
        Expr *e = column(a, input, i);
        int32_t at = place_of(s, f->name);
        Expr *value = at < 0 ? NULL : s->from.v[s->from.n == 1 ? 0 : at];
        if (value && (s->from.n > 1 || fits(value->type, f->type))) {
            Expr *cast = expr_cast(a, expr_copy(a, value), f->type, CAST_SQL);
            e = expr_alias(a, call2(a, S("coalesce"), value_or_null(a, e), cast), f->name);
        }
        vec_push(a, &item, e);
    }
    *r = node(a, REL_PROJECT, input, &item);
    return DONE;
}

static Expr *sum_of(Arena *a, const Exprs *e, int64_t from, int64_t to)
{
    if (to - from == 1) return e->v[from];
    int64_t middle = from + (to - from) / 2;
    return call2(a, S("+"), sum_of(a, e, from, middle), sum_of(a, e, middle, to));
}

static Status make_drop(const Shape *shape, Arena *a, Rel *input, Rel **r)
{
    const NaShape *s = (const NaShape *)shape;
    Exprs there = {0}, condition = {0};
    TRY(check_names(s, input));
    for (int64_t i = 0; i < input->out.n; i++) {
        Expr *e = column(a, input, i);
        if (place_of(s, e->name) < 0) continue;
        e = call1(a, S("isnotnull"), value_or_null(a, e));
        vec_push(a, &there, expr_call(a, S("case"), 3, e, int_of(a, 1), int_of(a, 0)));
    }
    *r = input;
    if (!there.n) return DONE;
    Expr *least = int_of(a, s->least < 0 ? there.n : s->least);
    vec_push(a, &condition, call2(a, S(">="), sum_of(a, &there, 0, there.n), least));
    *r = node(a, REL_FILTER, input, &condition);
    return DONE;
}

static Status make_replace(const Shape *shape, Arena *a, Rel *input, Rel **r)
{
    const NaShape *s = (const NaShape *)shape;
    Exprs item = {0};
    TRY(check_names(s, input));
    for (int64_t i = 0; i < input->out.n; i++) {
        const Field *f = &input->out.v[i].field;
        Exprs arg = {0};
        for (int64_t k = 0; k < s->from.n && place_of(s, f->name) >= 0; k++) {
            bool null = s->from.v[k]->value.null;
            if (!null && !fits(s->from.v[k]->type, f->type)) continue;
            Expr *from = expr_cast(a, expr_copy(a, s->from.v[k]), f->type, CAST_TRY);
            Expr *to = expr_cast(a, expr_copy(a, s->to.v[k]), f->type, CAST_SQL);
            vec_push(a, &arg, call2(a, S("="), column(a, input, i), from));
            vec_push(a, &arg, to);
        }
        Expr *e = column(a, input, i);
        if (arg.n) {
            vec_push(a, &arg, e);
            e = call1(a, S("case"), e);
            e->arg = arg.v;
            e->nargs = (int32_t)arg.n;
            e = expr_alias(a, e, f->name);
        }
        vec_push(a, &item, e);
    }
    *r = node(a, REL_PROJECT, input, &item);
    return DONE;
}

static Status make_rename(const Shape *shape, Arena *a, Rel *input, Rel **r)
{
    const NaShape *s = (const NaShape *)shape;
    Exprs item = {0};
    for (int64_t i = 0; i < input->out.n; i++) {
        Expr *e = column(a, input, i);
        Str name = e->name;
        for (int32_t k = 0; k < s->nnames; k++) // one after the other
            if (str_ieq(s->name[k], name)) name = s->new_name[k];
        if (!str_eq(name, e->name)) e = expr_alias(a, e, name);
        vec_push(a, &item, e);
    }
    *r = node(a, REL_PROJECT, input, &item);
    return DONE;
}

static Status shaped(Connect *c, const Proto *m, const Shape *shape, Rel **r)
{
    Rel *input;
    TRY(connect_rel_of(c, m, 1, &input));
    *r = connect_node(c, REL_SHAPED, input, NULL);
    (*r)->shape = shape;
    return DONE;
}

static NaShape *na_shape(Connect *c, const Proto *m, const char *name, MakeShape make)
{
    NaShape *s = NEW(c->a, NaShape, 1);
    s->shape = (Shape){str_z(name), make};
    connect_columns(c->a, m, 2, &s->name, &s->nnames);
    return s;
}

Status connect_na_fill(Connect *c, const Proto *m, Rel **r)
{
    NaShape *s = na_shape(c, m, "FillNA", make_fill);
    for (ProtoEach e = proto_each(m, 3); proto_more(&e);) {
        Proto one;
        Expr *value;
        TRY(proto_item(m, &e, &one));
        TRY(connect_literal(c, &one, &value));
        vec_push(c->a, &s->from, value);
    }
    if (!s->from.n || (s->from.n > 1 && s->from.n != s->nnames))
        return fail(ERR_INVALID, "fillna has a value, or one for each of its columns");
    return shaped(c, m, &s->shape, r);
}

Rel *connect_filled(Connect *c, Rel *input, Expr *value)
{
    NaShape *s = NEW(c->a, NaShape, 1);
    s->shape = (Shape){S("FillNA"), make_fill};
    vec_push(c->a, &s->from, value);
    Rel *r = connect_node(c, REL_SHAPED, input, NULL);
    r->shape = &s->shape;
    return r;
}

Status connect_na_drop(Connect *c, const Proto *m, Rel **r)
{
    NaShape *s = na_shape(c, m, "DropNA", make_drop);
    s->least = proto_int_or(m, 3, -1);
    return shaped(c, m, &s->shape, r);
}

Status connect_na_replace(Connect *c, const Proto *m, Rel **r)
{
    NaShape *s = na_shape(c, m, "ReplaceNA", make_replace);
    for (ProtoEach e = proto_each(m, 3); proto_more(&e);) {
        Proto one;
        Expr *from, *to;
        TRY(proto_item(m, &e, &one));
        TRY(connect_literal_of(c, &one, 1, &from));
        TRY(connect_literal_of(c, &one, 2, &to));
        if (!from || !to) return connect_unset("NAReplace.Replacement", 0);
        vec_push(c->a, &s->from, from);
        vec_push(c->a, &s->to, to);
    }
    return shaped(c, m, &s->shape, r);
}

// A map of names, or a list of pairs from 4.0 on.
Status connect_rename(Connect *c, const Proto *m, Rel **r)
{
    NaShape *s = NEW(c->a, NaShape, 1);
    uint32_t no = proto_has(m, 3) ? 3 : 2;
    s->shape = (Shape){S("WithColumnsRenamed"), make_rename};
    s->name = NEW(c->a, Str, proto_count(m, no));
    s->new_name = NEW(c->a, Str, proto_count(m, no));
    for (ProtoEach e = proto_each(m, no); proto_more(&e);) {
        Proto one;
        TRY(proto_item(m, &e, &one));
        s->name[s->nnames] = proto_str(&one, 1);
        s->new_name[s->nnames++] = proto_str(&one, 2);
    }
    return shaped(c, m, &s->shape, r);
}

typedef struct TurnShape { // unpivot
    Shape shape;
    Exprs id, value;
    bool all; // that is no id
    Str variable, into;
} TurnShape;

static bool is_id(const TurnShape *s, Str column)
{
    for (int64_t i = 0; i < s->id.n; i++) {
        const Expr *e = s->id.v[i];
        if (e->kind == E_NAME && str_ieq(e->part[e->nparts - 1], column)) return true;
    }
    return false;
}

static Status make_unpivot(const Shape *shape, Arena *a, Rel *input, Rel **r)
{
    const TurnShape *s = (const TurnShape *)shape;
    Exprs item = {0}, turned = {0};
    for (int64_t i = 0; i < s->id.n; i++) vec_push(a, &item, expr_copy(a, s->id.v[i]));
    for (int64_t i = 0; i < s->value.n; i++) vec_push(a, &turned, expr_copy(a, s->value.v[i]));
    for (int64_t i = 0; s->all && i < input->out.n; i++)
        if (!is_id(s, input->out.v[i].field.name))
            vec_push(a, &turned, expr_name(a, input->out.v[i].field.name));
    Exprs name = {0};
    for (int64_t i = 0; i < turned.n; i++) { // an id may be turned too: columns of their own
        Str own = str_fmt(a, "__turned_%lld", (long long)i);
        vec_push(a, &item, expr_alias(a, turned.v[i], own));
        vec_push(a, &name, expr_alias(a, expr_name(a, own), expr_output_name(a, turned.v[i])));
    }
    Rel *u = node(a, REL_UNPIVOT, node(a, REL_PROJECT, input, &item), &(Exprs){0});
    u->group = name.v;
    u->ngroup = (int32_t)name.n;
    u->all = true; // rows of NULL too
    u->name = NEW(a, Str, 2);
    u->name[u->nnames++] = s->into;
    u->name[u->nnames++] = s->variable;
    *r = u;
    return name.n ? DONE : RAISE(UNPIVOT_REQUIRES_VALUE_COLUMNS);
}

Status connect_unpivot(Connect *c, const Proto *m, Rel **r)
{
    Proto values;
    TurnShape *s = NEW(c->a, TurnShape, 1);
    s->shape = (Shape){S("Unpivot"), make_unpivot};
    s->variable = proto_str(m, 4);
    s->into = proto_str(m, 5);
    TRY(connect_exprs(c, m, 2, &s->id));
    TRY(proto_sub(m, 3, &values));
    s->all = !values.present;
    TRY(connect_exprs(c, &values, 1, &s->value));
    for (int64_t i = 0; i < s->value.n; i++)
        if (s->value.v[i]->kind == E_SUBQUERY && s->value.v[i]->sub != SUB_SCALAR)
            return RAISE(UNSUPPORTED_IN_EXISTS_SUBQUERY, P("treeNode", S("Expand")));
    return shaped(c, m, &s->shape, r);
}
