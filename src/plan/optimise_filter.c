// optimise_filter.c -- conditions move down: through projections, below a watermark unless they
// name its column (semantics W5), into the sides of a join, below an aggregate when they are about
// its keys.
#include "plan/optimise_in.h"

static Status push(Optimiser *o, Rel **r, Conjuncts *e);

bool expr_mentions(const Expr *e, int32_t id)
{
    if (e->kind == E_ATTR) return e->id == id;
    for (int32_t i = 0; i < e->nargs; i++)
        if (expr_mentions(e->arg[i], id)) return true;
    return false;
}

static Status add_not_null(Optimiser *o, Conjuncts *to, const Expr *key)
{
    if (!key->nullable || key->kind != E_ATTR) return DONE;
    Expr *arg = expr_copy(o->a, key), *e;
    TRY(fn_make(&e, o->a, o->ctx, S("isnotnull"), &arg, 1));
    e->inferred = true;
    for (int64_t i = 0; i < to->n; i++)
        if (expr_eq(to->v[i], e)) return DONE;
    vec_push(o->a, to, e);
    return DONE;
}

static bool comparison(const Expr *e)
{
    static const Str names[] = {STR_INIT("="), STR_INIT("<"), STR_INIT("<="), STR_INIT(">"),
                                STR_INIT(">=")};
    for (int64_t i = 0; i < COUNT(names); i++)
        if (expr_is_fn(e, names[i])) return true;
    return false;
}

// NULL when any argument is, and known to be so to Spark (which does not say it of concat).
static bool strict(const Expr *e)
{
    if (e->kind == E_CAST || e->kind == E_FIELD) return true;
    return e->kind == E_FN && e->fn->lazy == LAZY_NO && !(e->fn->flags & FN_OWN_NULLS) &&
           !expr_is_fn(e, S("concat"));
}

// Columns of `side` that are not NULL when e is not.
static Status not_null_columns(Optimiser *o, Conjuncts *to, const Expr *e, const Attrs *side)
{
    if (e->kind == E_ATTR) return only_from(e, side) ? add_not_null(o, to, e) : DONE;
    for (int32_t i = 0; i < e->nargs && strict(e); i++)
        TRY(not_null_columns(o, to, e->arg[i], side));
    return DONE;
}

static Status push_inputs(Optimiser *o, Rel *r)
{
    for (int32_t i = 0; i < 2; i++) {
        Conjuncts none = {0};
        if (r->input[i]) TRY(push(o, &r->input[i], &none));
    }
    return DONE;
}

// Nothing passes this node.
static Status push_stop(Optimiser *o, Rel **r, Conjuncts *e)
{
    TRY(push_inputs(o, *r));
    *r = filter_above(o, *r, e);
    return DONE;
}

static Status push_filter(Optimiser *o, Rel **r, Conjuncts *e)
{
    Rel *f = *r;
    Conjuncts own = {0}, stay = {0};
    conjuncts_of(&own, o->a, f->expr[0]);
    for (int64_t i = 0; i < own.n; i++) {
        if (expr_deterministic(own.v[i]))
            vec_push(o->a, e, own.v[i]);
        else
            vec_push(o->a, &stay, own.v[i]);
    }
    *r = f->input[0];
    if (!stay.n) return push(o, r, e);
    TRY(push_stop(o, r, e));
    *r = filter_above(o, *r, &stay);
    return DONE;
}

static bool watermark_below(const Rel *r)
{
    while (r->kind == REL_PROJECT || r->kind == REL_FILTER || r->kind == REL_TIME_WINDOW)
        r = r->input[0];
    return r->kind == REL_WITH_WATERMARK;
}

// A condition on something dear to compute (from_json) stays above, where it is computed already;
// unless Spark's going below a watermark shows.
static bool worth_moving(const Rel *project, const Expr *e, bool watermark)
{
    if (watermark) return true;
    for (int32_t i = 0; i < project->nexprs; i++) {
        const Expr *item = project->expr[i];
        if (item->kind == E_ALIAS && expr_mentions(e, item->id) && !expr_cheap(item->arg[0]))
            return false;
    }
    return true;
}

static bool may_fail(const Expr *e)
{
    if (e->kind == E_CAST) return e->cast_mode != CAST_UP && e->cast_mode != CAST_TRY;
    return e->kind == E_FN && e->fn->flags & (FN_RAISES | FN_OVERFLOWS);
}
static bool mentioned(const Conjuncts *e, int32_t id)
{
    for (int64_t i = 0; i < e->n; i++)
        if (expr_mentions(e->v[i], id)) return true;
    return false;
}

// Conditions stay above p, but what else p computes may fail, and must not for the rows that they
// drop: what they are about is computed below them, the rest above.
static Rel *split_project(Optimiser *o, Rel *p, const Conjuncts *stay)
{
    bool fails = false;
    for (int32_t i = 0; i < p->nexprs; i++)
        fails |= !mentioned(stay, p->out.v[i].id) && expr_any(p->expr[i], may_fail);
    if (!fails) return filter_above(o, p, stay);
    Rel *first = rel_new(o->a, REL_PROJECT, p->at, p->input[0]);
    first->streaming = p->streaming;
    first->out = attrs_copy(o->a, &p->input[0]->out);
    VEC(Expr *) item = {0};
    for (int64_t i = 0; i < first->out.n; i++)
        vec_push(o->a, &item, attr_expr(o->a, &first->out.v[i], p->at));
    for (int32_t i = 0; i < p->nexprs; i++) {
        if (p->expr[i]->kind != E_ALIAS || !mentioned(stay, p->out.v[i].id)) continue;
        vec_push(o->a, &item, p->expr[i]);
        vec_push(o->a, &first->out, p->out.v[i]);
        p->expr[i] = attr_expr(o->a, &p->out.v[i], p->at);
    }
    first->expr = item.v;
    first->nexprs = (int32_t)item.n;
    p->input[0] = filter_above(o, first, stay);
    return p;
}

static Status push_project(Optimiser *o, Rel **r, Conjuncts *e)
{
    Rel *p = *r;
    if (!exprs_deterministic(p)) return push_stop(o, r, e);
    Conjuncts down = {0}, stay = {0};
    bool watermark = watermark_below(p->input[0]);
    for (int64_t i = 0; i < e->n; i++) {
        if (!worth_moving(p, e->v[i], watermark)) {
            vec_push(o->a, &stay, e->v[i]);
            continue;
        }
        Expr *moved = expr_copy(o->a, e->v[i]);
        substitute(o->a, &moved, p);
        vec_push(o->a, &down, moved);
    }
    TRY(push(o, &p->input[0], &down));
    *r = split_project(o, p, &stay);
    return DONE;
}

// Below a node that adds columns: what does not name them.
static Status push_past(Optimiser *o, Rel **r, Conjuncts *e,
                        bool (*names)(const Rel *, const Expr *))
{
    Rel *w = *r;
    Conjuncts down = {0}, stay = {0};
    for (int64_t i = 0; i < e->n; i++) {
        if (names(w, e->v[i]))
            vec_push(o->a, &stay, e->v[i]);
        else
            vec_push(o->a, &down, e->v[i]);
    }
    TRY(push(o, &w->input[0], &down));
    *r = filter_above(o, w, &stay);
    return DONE;
}

static bool names_event_time(const Rel *w, const Expr *e)
{
    return expr_mentions(e, w->expr[0]->id);
}
static bool names_made(const Rel *w, const Expr *e) { return !only_from(e, &w->input[0]->out); }
static bool names_none(const Rel *w, const Expr *e) { return (void)w, (void)e, false; }

static bool about_keys(const Rel *agg, const Expr *e)
{
    for (int32_t i = 0; i < agg->nexprs; i++) {
        const Expr *item = agg->expr[i];
        if (!expr_mentions(e, item->id)) continue;
        bool key = false;
        for (int32_t g = 0; g < agg->ngroup; g++)
            key |= expr_eq(agg->group[g], item->kind == E_ALIAS ? item->arg[0] : item);
        if (!key) return false;
    }
    return true;
}

static Status push_aggregate(Optimiser *o, Rel **r, Conjuncts *e)
{
    Rel *agg = *r;
    Conjuncts down = {0}, stay = {0};
    for (int64_t i = 0; i < e->n; i++) {
        if (!agg->ngroup || !about_keys(agg, e->v[i])) {
            vec_push(o->a, &stay, e->v[i]);
            continue;
        }
        Expr *moved = expr_copy(o->a, e->v[i]);
        substitute(o->a, &moved, agg);
        vec_push(o->a, &down, moved);
    }
    TRY(push(o, &agg->input[0], &down));
    *r = filter_above(o, agg, &stay);
    return DONE;
}

typedef struct Rename {
    const Attrs *from, *to;
} Rename;

static Status rename_node(void *ctx, Expr **e)
{
    const Rename *n = ctx;
    if ((*e)->kind != E_ATTR) return DONE;
    for (int64_t i = 0; i < n->from->n; i++)
        if (n->from->v[i].id == (*e)->id) {
            (*e)->id = n->to->v[i].id;
            return DONE;
        }
    return DONE;
}

Status expr_rename(Expr **e, const Attrs *from, const Attrs *to)
{
    Rename n = {from, to};
    return expr_walk(e, rename_node, &n);
}

static Status push_union(Optimiser *o, Rel **r, Conjuncts *e)
{
    Rel *u = *r;
    if (u->set_op != SET_UNION) return push_stop(o, r, e);
    for (int32_t k = 0; k < 2; k++) {
        Conjuncts side = {0};
        for (int64_t i = 0; i < e->n; i++) {
            Expr *moved = expr_copy(o->a, e->v[i]);
            TRY(expr_rename(&moved, &u->out, &u->input[k]->out));
            vec_push(o->a, &side, moved);
        }
        TRY(push(o, &u->input[k], &side));
    }
    return DONE;
}

// Which sides' rows a join keeps when they find no partner.
bool join_keeps_left(JoinKind k) { return k == JOIN_LEFT || k == JOIN_FULL || k == JOIN_LEFT_ANTI; }
bool join_keeps_right(JoinKind k) { return k == JOIN_RIGHT || k == JOIN_FULL; }

// A comparison that must hold lets no NULL through: Spark infers so for the sides that a join does
// not keep, and a row that is filtered there moves no watermark.
static Status infer_not_null(Optimiser *o, const Rel *j, const Conjuncts *on, Conjuncts *left,
                             Conjuncts *right)
{
    for (int64_t i = 0; i < on->n; i++) {
        if (!comparison(on->v[i])) continue;
        if (!join_keeps_left(j->join)) TRY(not_null_columns(o, left, on->v[i], &j->input[0]->out));
        if (!join_keeps_right(j->join))
            TRY(not_null_columns(o, right, on->v[i], &j->input[1]->out));
    }
    return DONE;
}

// Whether e is true of no row whose columns of `side` are all NULL.
static bool rejects_null(const Expr *e, const Attrs *side)
{
    if (e->kind == E_ATTR) return only_from(e, side);
    if (expr_is_fn(e, S("or")) && only_from(e, side))
        return rejects_null(e->arg[0], side) && rejects_null(e->arg[1], side);
    if (!strict(e) && !expr_is_fn(e, S("isnotnull"))) return false;
    for (int32_t i = 0; i < e->nargs; i++)
        if (rejects_null(e->arg[i], side)) return true;
    return false;
}
// An outer join whose NULLs the conditions above it throw away is none: those that were written, or
// the inferred ones too.
static JoinKind join_kind_left(const Rel *j, const Conjuncts *where, bool inferred)
{
    bool left = join_keeps_left(j->join), right = join_keeps_right(j->join);
    if (j->join != JOIN_LEFT && j->join != JOIN_RIGHT && j->join != JOIN_FULL) return j->join;
    for (int64_t i = 0; i < where->n; i++) {
        if (!expr_deterministic(where->v[i]) || (where->v[i]->inferred && !inferred)) continue;
        if (rejects_null(where->v[i], &j->input[1]->out)) left = false;
        if (rejects_null(where->v[i], &j->input[0]->out)) right = false;
    }
    return left && right ? JOIN_FULL : left ? JOIN_LEFT : right ? JOIN_RIGHT : JOIN_INNER;
}

static Status push_join(Optimiser *o, Rel **r, Conjuncts *e)
{
    Rel *j = *r;
    JoinKind written = join_kind_left(j, e, false);
    j->join = join_kind_left(j, e, true);
    const Attrs *l = &j->input[0]->out, *rt = &j->input[1]->out;
    Conjuncts on = {0}, left = {0}, right = {0}, stay = {0}, rest = {0};
    if (j->nexprs) conjuncts_of(&on, o->a, j->expr[0]);
    bool inner = j->join == JOIN_INNER || j->join == JOIN_CROSS;
    for (int64_t i = 0; i < e->n; i++) { // of WHERE
        Expr *x = e->v[i];
        if (only_from(x, l) && !join_keeps_right(j->join))
            vec_push(o->a, &left, x);
        else if (only_from(x, rt) && (inner || j->join == JOIN_RIGHT))
            vec_push(o->a, &right, x);
        else if (inner)
            vec_push(o->a, &on, x);
        else
            vec_push(o->a, &stay, x);
    }
    for (int64_t i = 0; i < on.n; i++) {
        Expr *x = on.v[i];
        bool pure = expr_deterministic(x);
        if (pure && only_from(x, l) && !join_keeps_left(j->join))
            vec_push(o->a, &left, x);
        else if (pure && only_from(x, rt) && !join_keeps_right(j->join))
            vec_push(o->a, &right, x);
        else
            vec_push(o->a, &rest, x);
    }
    JoinKind kind = j->join;
    j->join = written; // Spark infers once
    TRY(infer_not_null(o, j, &rest, &left, &right));
    if (j->streaming) TRY(infer_filters(o, j, &rest, (Conjuncts *[]){&left, &right}));
    j->join = kind;
    j->nexprs = rest.n > 0;
    j->expr = NEW(o->a, Expr *, 1);
    j->expr[0] = conjuncts_join(o->a, rest.v, rest.n);
    if (j->join == JOIN_CROSS && j->nexprs) j->join = JOIN_INNER;
    TRY(push(o, &j->input[0], &left));
    TRY(push(o, &j->input[1], &right));
    *r = filter_above(o, j, &stay);
    return DONE;
}

// What names the event time stays above. That its other columns are not NULL goes below all the
// same, as Spark has it: such rows move no watermark.
static Status push_watermark(Optimiser *o, Rel **r, Conjuncts *e)
{
    const Rel *w = *r;
    Attrs others = {0};
    for (int64_t i = 0; i < w->out.n; i++)
        if (w->out.v[i].id != w->expr[0]->id) vec_push(o->a, &others, w->out.v[i]);
    for (int64_t i = 0, n = e->n; i < n; i++)
        if (names_event_time(w, e->v[i])) TRY(not_null_columns(o, e, e->v[i], &others));
    return push_past(o, r, e, names_event_time);
}
static Status push_maker(Optimiser *o, Rel **r, Conjuncts *e)
{
    return push_past(o, r, e, names_made);
}
// window() leaves out rows without a time. Above a join of streams that shows in its state: Spark
// pushes the condition into the side that has the column.
static bool streams_join(const Rel *r)
{
    while (r->kind == REL_PROJECT || r->kind == REL_FILTER) r = r->input[0];
    return r->kind == REL_JOIN && r->input[0]->streaming && r->input[1]->streaming;
}
static Status push_window(Optimiser *o, Rel **r, Conjuncts *e)
{
    const Rel *w = *r;
    int64_t n = e->n;
    if (streams_join(w->input[0])) TRY(not_null_columns(o, e, w->expr[0], &w->input[0]->out));
    for (int64_t i = n; i < e->n; i++) e->v[i]->inferred = false; // window() itself says so
    return push_past(o, r, e, names_made);
}
static Status push_sort(Optimiser *o, Rel **r, Conjuncts *e)
{
    return push_past(o, r, e, names_none);
}

static const struct {
    RelKind kind;
    Status (*push)(Optimiser *o, Rel **r, Conjuncts *e);
} push_rows[] = {
    {REL_FILTER, push_filter},
    {REL_PROJECT, push_project},
    {REL_WITH_WATERMARK, push_watermark},
    {REL_TIME_WINDOW, push_window},
    {REL_SESSION_WINDOW, push_maker},
    {REL_GENERATE, push_maker},
    {REL_SORT, push_sort},
    {REL_AGGREGATE, push_aggregate},
    {REL_SET_OP, push_union},
    {REL_JOIN, push_join},
};

static Status push(Optimiser *o, Rel **r, Conjuncts *e)
{
    for (int64_t i = 0; i < COUNT(push_rows); i++)
        if ((*r)->kind == push_rows[i].kind) return push_rows[i].push(o, r, e);
    return push_stop(o, r, e);
}

Status rule_filters(Optimiser *o, Rel **r)
{
    Conjuncts none = {0};
    return push(o, r, &none);
}
