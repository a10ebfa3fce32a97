// expr.c -- making, walking and comparing expression trees. What a node means is known to the
// tables it points into (fn.h, agg.h); here only its shape is. Depth is bounded by the doors.
#include "expr/expr.h"
#include "expr/agg.h"
#include "expr/cast.h"
#include "expr/fn.h"
#include "expr/user_fn.h"

Expr *expr_new(Arena *a, ExprKind kind, Origin at)
{
    Expr *e = NEW(a, Expr, 1);
    e->kind = kind;
    e->at = at;
    e->watermark_delay = WATERMARK_NONE;
    return e;
}

static Expr *of_args(Arena *a, ExprKind kind, int32_t nargs, Expr **arg)
{
    Expr *e = expr_new(a, kind, nargs ? arg[0]->at : (Origin){0});
    e->nargs = nargs;
    e->arg = NEW(a, Expr *, nargs);
    for (int32_t i = 0; i < nargs; i++) e->arg[i] = arg[i];
    return e;
}

Expr *expr_literal(Arena *a, const Type *t, const Datum *v)
{
    Expr *e = expr_new(a, E_LITERAL, (Origin){0});
    e->type = t;
    e->value = *v;
    e->nullable = v->null;
    return e;
}

Expr *expr_name(Arena *a, Str name)
{
    Expr *e = expr_new(a, E_NAME, (Origin){0});
    e->nparts = 1;
    e->part = NEW(a, Str, 1);
    e->part[0] = name;
    return e;
}

Expr *expr_call(Arena *a, Str name, int32_t nargs, ...)
{
    va_list list;
    va_start(list, nargs);
    Expr **arg = NEW(a, Expr *, nargs);
    for (int32_t i = 0; i < nargs; i++) arg[i] = va_arg(list, Expr *);
    va_end(list);
    Expr *e = of_args(a, E_CALL, nargs, arg);
    e->name = name;
    return e;
}

Expr *expr_alias(Arena *a, Expr *e, Str name)
{
    Expr *alias = of_args(a, E_ALIAS, 1, &e);
    alias->name = name;
    alias->type = e->type;
    alias->nullable = e->nullable;
    alias->watermark_delay = e->watermark_delay;
    alias->time_window = e->time_window;
    return alias;
}

Expr *expr_cast(Arena *a, Expr *e, const Type *t, CastMode mode)
{
    Expr *cast = of_args(a, E_CAST, 1, &e);
    cast->type = t;
    cast->cast_mode = mode;
    cast->nullable = e->nullable || mode == CAST_TRY ||
                     (mode != CAST_STORE && e->type && cast_says_null(e->type, t));
    return cast;
}

Expr *expr_field_at(Arena *a, Expr *of, int32_t i)
{
    const Field *f = &of->type->field[i];
    Expr *e = of_args(a, E_FIELD, 1, &of);
    e->at = of->at;
    e->id = i;
    e->name = f->name;
    e->type = f->type;
    e->nullable = of->nullable || f->nullable;
    return e;
}
Expr *expr_column(Arena *a, int32_t id, const Field *f)
{
    Expr *e = expr_new(a, E_COLUMN, (Origin){0});
    e->id = id;
    e->name = f->name;
    e->type = f->type;
    e->nullable = f->nullable;
    e->watermark_delay = f->watermark_delay;
    e->time_window = f->time_window;
    return e;
}

Expr *expr_and(Arena *a, Expr *x, Expr *y)
{
    if (!x || !y) return x ? x : y;
    Expr *e = of_args(a, E_FN, 2, (Expr *[]){x, y});
    e->fn = fn_find(S("and"));
    e->name = S("and");
    e->type = &type_boolean;
    e->nullable = x->nullable || y->nullable;
    return e;
}

static Expr **copy_list(Arena *a, Expr *const *list, int32_t n)
{
    Expr **copy = NEW(a, Expr *, n);
    for (int32_t i = 0; i < n; i++) copy[i] = expr_copy(a, list[i]);
    return copy;
}

static Over *copy_over(Arena *a, const Over *o)
{
    Over *copy = NEW(a, Over, 1);
    *copy = *o;
    copy->partition = copy_list(a, o->partition, o->npartition);
    copy->order = copy_list(a, o->order, o->norder);
    if (o->lower.by) copy->lower.by = expr_copy(a, o->lower.by);
    if (o->upper.by) copy->upper.by = expr_copy(a, o->upper.by);
    return copy;
}

Expr *expr_copy(Arena *a, const Expr *e)
{
    Expr *copy = NEW(a, Expr, 1);
    *copy = *e;
    copy->arg = copy_list(a, e->arg, e->nargs);
    copy->order = copy_list(a, e->order, e->norder);
    if (e->filter) copy->filter = expr_copy(a, e->filter);
    if (e->over) copy->over = copy_over(a, e->over);
    if (e->nparts) {
        copy->part = NEW(a, Str, e->nparts);
        for (int32_t i = 0; i < e->nparts; i++) copy->part[i] = e->part[i];
    }
    return copy;
}

static Status walk_list(Expr **list, int32_t n, Status (*fn)(void *ctx, Expr **e), void *ctx)
{
    for (int32_t i = 0; i < n; i++) TRY(expr_walk(&list[i], fn, ctx));
    return DONE;
}

Status expr_walk(Expr **e, Status (*fn)(void *ctx, Expr **e), void *ctx)
{
    Expr *x = *e;
    TRY(walk_list(x->arg, x->nargs, fn, ctx));
    TRY(walk_list(x->order, x->norder, fn, ctx));
    if (x->filter) TRY(expr_walk(&x->filter, fn, ctx));
    if (x->over) {
        TRY(walk_list(x->over->partition, x->over->npartition, fn, ctx));
        TRY(walk_list(x->over->order, x->over->norder, fn, ctx));
        if (x->over->lower.by) TRY(expr_walk(&x->over->lower.by, fn, ctx));
        if (x->over->upper.by) TRY(expr_walk(&x->over->upper.by, fn, ctx));
    }
    return fn(ctx, e);
}

static bool any_of(Expr *const *list, int32_t n, bool (*test)(const Expr *e))
{
    for (int32_t i = 0; i < n; i++)
        if (expr_any(list[i], test)) return true;
    return false;
}

bool expr_any(const Expr *e, bool (*test)(const Expr *e))
{
    if (test(e) || any_of(e->arg, e->nargs, test) || any_of(e->order, e->norder, test)) return true;
    if (e->filter && expr_any(e->filter, test)) return true;
    const Over *o = e->over;
    if (!o) return false;
    return any_of(o->partition, o->npartition, test) || any_of(o->order, o->norder, test) ||
           (o->lower.by && expr_any(o->lower.by, test)) ||
           (o->upper.by && expr_any(o->upper.by, test));
}

typedef struct Around { // lambdas around both: their variables are equal by place
    const Expr *x, *y;
    const struct Around *outer;
} Around;
static bool same(const Expr *x, const Expr *y, const Around *b);

static bool same_variable(const Expr *x, const Expr *y, const Around *b)
{
    for (; b; b = b->outer)
        if (x->id >= b->x->id && x->id < b->x->id + b->x->nparts)
            return y->id - b->y->id == x->id - b->x->id;
    return x->id == y->id;
}

static bool eq_list(Expr *const *x, int32_t nx, Expr *const *y, int32_t ny, const Around *b)
{
    if (nx != ny) return false;
    for (int32_t i = 0; i < nx; i++)
        if (!same(x[i], y[i], b)) return false;
    return true;
}

static bool eq_names(const Expr *x, const Expr *y)
{
    if (x->kind == E_ATTR) return true; // the id says it all
    if (x->nparts != y->nparts) return false;
    for (int32_t i = 0; i < x->nparts; i++)
        if (!str_ieq(x->part[i], y->part[i])) return false;
    return true;
}

static bool eq_optional(const Expr *x, const Expr *y, const Around *b)
{
    return x && y ? same(x, y, b) : x == y;
}

static bool eq_over(const Over *x, const Over *y, const Around *b)
{
    if (!x || !y) return x == y;
    return str_ieq(x->window_name, y->window_name) && x->has_frame == y->has_frame &&
           x->rows == y->rows && x->lower.kind == y->lower.kind && x->upper.kind == y->upper.kind &&
           eq_optional(x->lower.by, y->lower.by, b) && eq_optional(x->upper.by, y->upper.by, b) &&
           eq_list(x->partition, x->npartition, y->partition, y->npartition, b) &&
           eq_list(x->order, x->norder, y->order, y->norder, b);
}

// Literals are equal as SQL texts are: 1 and 1.0 differ by type, NaN equals NaN.
static bool eq_literal(const Expr *x, const Expr *y)
{
    if (x->value.null || y->value.null) return x->value.null && y->value.null;
    switch (type_phys(x->type)) {
    case PHYS_BOOL:
    case PHYS_I8:
    case PHYS_I16:
    case PHYS_I32:
    case PHYS_I64:
    case PHYS_F32: // as bits: -0.0 is another literal than 0.0
    case PHYS_F64: return x->value.i == y->value.i;
    case PHYS_I128: return x->value.d == y->value.d;
    case PHYS_STR: return str_eq(x->value.s, y->value.s);
    case PHYS_INTERVAL:
        return x->value.interval.months == y->value.interval.months &&
               x->value.interval.days == y->value.interval.days &&
               x->value.interval.micros == y->value.interval.micros;
    case PHYS_LIST:
    case PHYS_STRUCT: return value_eq(x->value.nested, 0, y->value.nested, 0);
    }
    must_failed("Phys", __FILE__, __LINE__);
}

static const Expr *bare(const Expr *e)
{
    while (e->kind == E_ALIAS && e->nargs == 1) e = e->arg[0];
    return e;
}

// Subqueries of one SQL text that read alike.
static bool same_subquery(const Expr *x, const Expr *y)
{
    if (x->kind != E_SUBQUERY || x->plan == y->plan) return x->plan == y->plan;
    return x->at.line && y->at.line && str_eq(x->at.text, y->at.text);
}

static bool same(const Expr *x, const Expr *y, const Around *b)
{
    x = bare(x), y = bare(y);
    if (x == y && !b) return true;
    if (x->kind == E_LAMBDA && y->kind == E_LAMBDA && x->type && y->type)
        return x->nparts == y->nparts && same(x->arg[0], y->arg[0], &(Around){x, y, b});
    if (x->kind == E_VAR && y->kind == E_VAR) return same_variable(x, y, b);
    if (x->kind != y->kind || x->nargs != y->nargs || x->id != y->id || x->fn != y->fn ||
        x->agg != y->agg || !same_subquery(x, y) || x->sub != y->sub ||
        !user_fn_eq(x->user, y->user))
        return false;
    if ((x->type && y->type) ? !type_eq(x->type, y->type) : x->type != y->type) return false;
    if (x->kind == E_LITERAL) return eq_literal(x, y);
    if (x->kind == E_CAST && (x->cast_mode == CAST_TRY) != (y->cast_mode == CAST_TRY)) return false;
    if ((x->kind == E_CALL || x->kind == E_PARAM) && !str_ieq(x->name, y->name)) return false;
    return x->distinct == y->distinct && x->ignore_nulls == y->ignore_nulls &&
           x->negated == y->negated && x->descending == y->descending &&
           x->nulls_last == y->nulls_last && x->outer == y->outer && eq_names(x, y) &&
           eq_optional(x->filter, y->filter, b) && eq_over(x->over, y->over, b) &&
           eq_list(x->order, x->norder, y->order, y->norder, b) &&
           eq_list(x->arg, x->nargs, y->arg, y->nargs, b);
}

bool expr_eq(const Expr *x, const Expr *y) { return same(x, y, NULL); }

static bool varies(const Expr *e)
{
    if (e->kind == E_USER) return !e->user->deterministic;
    return e->kind == E_FN && e->fn->flags & (FN_NONDETERMINISTIC | FN_BATCH_CONSTANT);
}

bool expr_is_fn(const Expr *e, Str name) { return e->kind == E_FN && str_eq(e->fn->name, name); }
bool expr_deterministic(const Expr *e) { return !expr_any(e, varies); }

static bool is_user(const Expr *e) { return e->kind == E_USER; }

bool expr_has_user(const Expr *e) { return expr_any(e, is_user); }

static bool needs_rows(const Expr *e)
{
    switch (e->kind) {
    case E_LITERAL:
    case E_ALIAS:
    case E_CAST:
    case E_FIELD: return false;
    case E_FN: return varies(e);
    case E_NAME:
    case E_STAR:
    case E_CALL:
    case E_EXTRACT:
    case E_PARAM:
    case E_LAMBDA:
    case E_VAR:
    case E_SUBQUERY:
    case E_SORT:
    case E_OVER:
    case E_ATTR:
    case E_COLUMN:
    case E_USER:
    case E_AGG: return true;
    }
    must_failed("ExprKind", __FILE__, __LINE__);
}

bool expr_foldable(const Expr *e) { return !expr_any(e, needs_rows); }

static bool has_own_name(const Expr *e)
{
    return e->kind == E_ALIAS || e->kind == E_ATTR || e->kind == E_COLUMN || e->kind == E_NAME;
}

// Spark names a cast by what is cast when that has a name of its own.
Str expr_output_name(Arena *a, const Expr *e)
{
    switch (e->kind) {
    case E_ALIAS:
    case E_ATTR:
    case E_COLUMN: return e->name;
    case E_NAME: return e->part[e->nparts - 1];
    case E_FIELD:
        if (!e->extracted) return e->name;
        break;
    case E_CAST:
        if (has_own_name(e->arg[0])) return expr_output_name(a, e->arg[0]);
        break;
    case E_STAR:
    case E_CALL:
    case E_EXTRACT:
    case E_PARAM:
    case E_LAMBDA:
    case E_SUBQUERY:
    case E_SORT:
    case E_OVER:
    case E_LITERAL:
    case E_VAR:
    case E_FN:
    case E_USER:
    case E_AGG: break;
    }
    return expr_sql_str(a, e);
}

Field expr_field(Arena *a, const Expr *e)
{
    Field f = field_of(expr_output_name(a, e), e->type, e->nullable);
    f.watermark_delay = e->watermark_delay;
    f.time_window = e->time_window;
    return f;
}
