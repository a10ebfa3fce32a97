// join_keys.c -- a join's condition taken apart.
#include "base/civil.h"
#include "expr/fn.h"
#include "plan/join_in.h"
#include <math.h>

// A bound of the attribute's own type, or a literal of a narrower integer, which becomes that.
static bool bound_fits(const Expr *between, int32_t bound)
{
    const Type *t = between->arg[0]->type;
    const Expr *b = between->arg[bound];
    if (type_eq(t, b->type)) return true;
    return b->kind == E_LITERAL && type_is_integral(t) && type_is_integral(b->type) &&
           phys_bytes(type_phys(b->type)) <= phys_bytes(type_phys(t));
}

static Expr *compare(Arena *a, const Expr *between, Str name, int32_t bound)
{
    Expr *e = expr_copy(a, between);
    e->fn = fn_find(name);
    e->name = name;
    e->nargs = 2;
    e->arg[1] = e->arg[bound];
    e->arg[1]->type = e->arg[0]->type;
    return e;
}

void conjuncts_of(Conjuncts *to, Arena *a, Expr *e)
{
    if (expr_is_fn(e, S("and"))) {
        conjuncts_of(to, a, e->arg[0]);
        conjuncts_of(to, a, e->arg[1]);
    } else if (expr_is_fn(e, S("between")) && e->arg[0]->kind == E_ATTR && bound_fits(e, 1) &&
               bound_fits(e, 2)) {
        vec_push(a, to, compare(a, e, S(">="), 1));
        vec_push(a, to, compare(a, e, S("<="), 2));
    } else {
        vec_push(a, to, e);
    }
}

Expr *conjuncts_join(Arena *a, Expr *const *e, int64_t n)
{
    if (n < 2) return n ? e[0] : NULL;
    return expr_and(a, conjuncts_join(a, e, n / 2), conjuncts_join(a, e + n / 2, n - n / 2));
}

bool only_from(const Expr *e, const Attrs *in)
{
    if (e->kind == E_ATTR) {
        for (int64_t i = 0; i < in->n; i++)
            if (in->v[i].id == e->id) return true;
        return false;
    }
    for (int32_t i = 0; i < e->nargs; i++)
        if (!only_from(e->arg[i], in)) return false;
    return !e->filter || only_from(e->filter, in);
}

static bool is_attr(const Expr *e) { return e->kind == E_ATTR; }
static bool uses_columns(const Expr *e) { return expr_any(e, is_attr); }

static bool take_key(JoinKeys *to, Arena *a, const Rel *join, Expr *e)
{
    bool safe = expr_is_fn(e, S("<=>"));
    if (!safe && !expr_is_fn(e, S("="))) return false;
    const Attrs *l = &join->input[0]->out, *r = &join->input[1]->out;
    Expr *x = e->arg[0], *y = e->arg[1];
    if (!uses_columns(x) || !uses_columns(y) || !expr_deterministic(e)) return false;
    bool straight = only_from(x, l) && only_from(y, r),
         swapped = only_from(x, r) && only_from(y, l);
    if (!straight && !swapped) return false;
    vec_push(a, &to->left, straight ? x : y);
    vec_push(a, &to->right, straight ? y : x);
    vec_push(a, &to->null_safe, safe);
    return true;
}

void join_keys(JoinKeys *to, Arena *a, const Rel *join)
{
    *to = (JoinKeys){0};
    Conjuncts all = {0};
    if (join->nexprs) conjuncts_of(&all, a, join->expr[0]);
    for (int64_t i = 0; i < all.n; i++) {
        Expr *e = all.v[i];
        if (take_key(to, a, join, e)) continue;
        bool pure = expr_deterministic(e) && uses_columns(e);
        if (pure && only_from(e, &join->input[0]->out))
            vec_push(a, &to->left_only, e);
        else if (pure && only_from(e, &join->input[1]->out))
            vec_push(a, &to->right_only, e);
        else
            vec_push(a, &to->residual, e);
    }
}

static bool event_time(const Expr *e)
{
    return e->kind == E_ATTR && e->watermark_delay != WATERMARK_NONE;
}

int32_t join_time_key(const JoinKeys *keys)
{
    for (int32_t i = 0; i < keys->left.n; i++)
        if (event_time(keys->left.v[i])) return i;
    for (int32_t i = 0; i < keys->right.n; i++)
        if (event_time(keys->right.v[i])) return i;
    return -1;
}

// A comparison as a sum: this side's column, the other's time, constants, each with its sign.
typedef struct Sum {
    const Attrs *own, *other;
    int32_t own_sign, other_sign, nown, nother;
    Micros constant;
    bool bad, exact; // exact: of two event times, without casts
} Sum;

static void sum_attr(Sum *s, const Expr *e, int32_t sign)
{
    if (only_from(e, s->own)) {
        s->own_sign = sign;
        s->nown++;
        s->exact &= event_time(e) && e->type->id == T_TIMESTAMP;
    } else {
        s->other_sign = sign;
        s->nother++;
        s->exact &= e->type->id == T_TIMESTAMP;
        s->bad |= !event_time(e);
    }
}

static void sum_literal(Sum *s, const Expr *e, int32_t sign)
{
    const Type *t = e->type;
    double v = 0; // Spark adds in doubles too
    s->bad |= e->value.null;
    if (t->id == T_INTERVAL_DT)
        v = (double)e->value.i;
    else if (type_is_integral(t))
        v = (double)e->value.i * MICROS_PER_SECOND;
    else if (t->id == T_FLOAT || t->id == T_DOUBLE)
        v = e->value.f * MICROS_PER_SECOND;
    else if (t->id == T_INTERVAL && !e->value.interval.months)
        v = (double)e->value.interval.micros + (double)e->value.interval.days * MICROS_PER_DAY;
    else if (t->id == T_DECIMAL)
        v = (double)e->value.d / pow(10, t->scale) * MICROS_PER_SECOND;
    else
        s->bad = true; // of a TIMESTAMP literal Spark makes nothing either
    if (!(fabs(v) < 9e18 / 4)) s->bad = true;
    if (!s->bad) s->constant += sign * (Micros)v;
}

static bool is_sum(const Expr *e)
{
    static const Str names[] = {STR_INIT("+"), STR_INIT("-"), STR_INIT("time_add"),
                                STR_INIT("time_sub")};
    for (int64_t i = 0; i < COUNT(names) && e->nargs == 2; i++)
        if (expr_is_fn(e, names[i])) return true;
    return false;
}

static void sum_add(Sum *s, const Expr *e, int32_t sign)
{
    if (e->kind == E_ATTR) {
        sum_attr(s, e, sign);
    } else if (e->kind == E_LITERAL) {
        sum_literal(s, e, sign);
    } else if (e->kind == E_CAST && (e->type->id == T_TIMESTAMP || e->type->id == T_INTERVAL ||
                                     type_is_numeric(e->type))) {
        s->exact = false;
        sum_add(s, e->arg[0], sign);
    } else if (is_sum(e)) {
        bool minus = expr_is_fn(e, S("-")) || expr_is_fn(e, S("time_sub"));
        sum_add(s, e->arg[0], sign);
        sum_add(s, e->arg[1], minus ? -sign : sign);
    } else if (expr_is_fn(e, S("negative"))) {
        sum_add(s, e->arg[0], -sign);
    } else {
        s->bad = true;
    }
}

// less < more (or <=): usable when this side's column is on the greater side.
static void bound_from(StateBound *b, Sum s, const Expr *less, const Expr *more, bool strict)
{
    sum_add(&s, less, 1);
    sum_add(&s, more, -1);
    if (s.bad || s.nown != 1 || s.nother > 1 || s.own_sign != -1) return;
    if (!b->is) *b = (StateBound){true, BOUND_FREE, INT64_MAX, false};
    Micros offset = floor_div(s.constant, MICROS_PER_MS) * MICROS_PER_MS;
    offset -= strict ? 0 : MICROS_PER_MS;
    if (s.nother && s.other_sign > 0) {
        b->offset = MIN(b->offset, offset);
        b->times |= s.exact;
    } else {
        b->cap = MIN(b->cap, offset); // below it at most: a watermark that is subtracted grows
    }
}

static bool has_event_time(const Attrs *in)
{
    for (int64_t i = 0; i < in->n; i++)
        if (in->v[i].field.watermark_delay != WATERMARK_NONE) return true;
    return false;
}

StateBound join_bound(Arena *a, const Rel *join, int32_t side)
{
    StateBound b = {0};
    Conjuncts all = {0};
    Sum s = {.own = &join->input[side]->out, .other = &join->input[!side]->out, .exact = true};
    if (!has_event_time(s.other)) return b;
    if (join->nexprs) conjuncts_of(&all, a, join->expr[0]);
    for (int64_t i = 0; i < all.n; i++) {
        const Expr *e = all.v[i];
        bool lt = expr_is_fn(e, S("<")), le = expr_is_fn(e, S("<="));
        bool gt = expr_is_fn(e, S(">")), ge = expr_is_fn(e, S(">="));
        if (lt || le) bound_from(&b, s, e->arg[0], e->arg[1], lt);
        if (gt || ge) bound_from(&b, s, e->arg[1], e->arg[0], gt);
    }
    return b;
}
