// lower_over.c -- window functions: rows to shards by the partition's keys, sorted there by keys
// and order, then one operator that knows where partitions begin.
#include "expr/agg.h"
#include "expr/cast.h"
#include "expr/fn.h"
#include "expr/prog.h"
#include "op/sort.h"
#include "op/window.h"
#include "plan/lower_in.h"

typedef struct Overs { // of one node
    Lower *l;
    const Flow *f;
    const Over *over; // partition and order, the same for all
    WindowSpec *spec;
} Overs;

static const Expr *bare(const Expr *e) { return e->kind == E_ALIAS ? e->arg[0] : e; }

static Status number_of(const Overs *o, const Expr *e, int64_t *n)
{
    Datum v = {0};
    TRY(expr_fold(o->l->a, e, &o->l->session->eval, &v));
    *n = v.null ? 0 : v.i;
    return DONE;
}

// The order's key moved by the bound: what the keys of the frame's rows are compared with.
static Status moved_key(const Overs *o, const FrameBound *b, Expr **value)
{
    Arena *a = o->l->a;
    const EvalCtx *ctx = &o->l->session->eval;
    const Expr *order = o->spec->order[0];
    const Type *key = order->arg[0]->type;
    bool back = (b->kind == BOUND_PRECEDING) != order->descending;
    bool days = key->id == T_DATE && b->by->type->id == T_INT;
    Expr *side[2] = {expr_copy(a, order->arg[0]), expr_copy(a, b->by)}, *by = side[1];
    bool negated = back && type_is_numeric(by->type) && !days;
    if (negated) TRY(fn_make(&side[1], a, ctx, S("negative"), &by, 1));
    Str add = days ? S("date_add") : S("+"), subtract = days ? S("date_sub") : S("-");
    TRY(fn_make(value, a, ctx, back && !negated ? subtract : add, side, 2));
    if (type_eq((*value)->type, key)) return DONE;
    *value = expr_cast(a, *value, key, CAST_IMPLICIT); // a sum of decimals is wider
    return cast_resolve(a, *value, ctx);
}

static Status bound_of(const Overs *o, bool rows, const FrameBound *b, WindowBound *to)
{
    switch (b->kind) {
    case BOUND_UNBOUNDED_PRECEDING:
    case BOUND_UNBOUNDED_FOLLOWING: to->kind = WINDOW_UNBOUNDED; return DONE;
    case BOUND_CURRENT: to->kind = rows ? WINDOW_ROW : WINDOW_PEER; return DONE;
    case BOUND_PRECEDING:
    case BOUND_FOLLOWING: break;
    }
    to->kind = rows ? WINDOW_ROW : WINDOW_VALUE;
    if (!rows) return moved_key(o, b, &to->value);
    TRY(number_of(o, b->by, &to->rows));
    if (b->kind == BOUND_PRECEDING) to->rows = -to->rows;
    return DONE;
}

static Status pick_of(const Overs *o, const Expr *call, WindowCall *c)
{
    c->fn = WINDOW_NTH;
    c->ignore_nulls = call->ignore_nulls;
    return flow_bind(o->l, o->f, call->arg[0], &c->value);
}

static Status shift_of(const Overs *o, const Expr *call, WindowCall *c)
{
    TRY(pick_of(o, call, c));
    c->fn = WINDOW_SHIFT;
    TRY(number_of(o, call->arg[1], &c->n));
    if (str_eq(call->name, S("lag"))) c->n = -c->n;
    if (call->arg[2]->type->id == T_VOID) return DONE;
    return flow_bind(o->l, o->f, call->arg[2], &c->otherwise);
}

static const struct {
    const char *name;
    WindowFn fn;
} plain_rows[] = {
    {"row_number", WINDOW_ROW_NUMBER}, {"rank", WINDOW_RANK},
    {"dense_rank", WINDOW_DENSE_RANK}, {"percent_rank", WINDOW_PERCENT_RANK},
    {"cume_dist", WINDOW_CUME_DIST},   {"ntile", WINDOW_NTILE},
};

static Status function_of(const Overs *o, const Expr *call, WindowCall *c)
{
    for (int64_t i = 0; i < COUNT(plain_rows); i++)
        if (str_eq(call->name, str_z(plain_rows[i].name))) {
            c->fn = plain_rows[i].fn;
            return call->nargs ? number_of(o, call->arg[0], &c->n) : DONE;
        }
    if (!str_eq(call->name, S("nth_value"))) return shift_of(o, call, c);
    TRY(pick_of(o, call, c));
    return number_of(o, call->arg[1], &c->n);
}

static Status aggregate_of(const Overs *o, const Expr *agg, WindowCall *c)
{
    bool first = str_eq(agg->agg->name, S("first")), last = str_eq(agg->agg->name, S("last"));
    if (first || last) {
        c->n = first ? 1 : -1;
        return pick_of(o, agg, c);
    }
    c->fn = WINDOW_AGG;
    return flow_bind(o->l, o->f, agg, &c->agg);
}

static Status call_of(const Overs *o, const Expr *e, WindowCall *c)
{
    const Expr *call = e->arg[0];
    c->type = e->type;
    TRY(bound_of(o, e->over->rows, &e->over->lower, &c->lower));
    TRY(bound_of(o, e->over->rows, &e->over->upper, &c->upper));
    return call->kind == E_AGG ? aggregate_of(o, call, c) : function_of(o, call, c);
}

static Expr *ascending(Arena *a, Expr *key)
{
    Expr *e = expr_new(a, E_SORT, key->at);
    e->arg = NEW(a, Expr *, 1);
    e->arg[0] = key;
    e->nargs = 1;
    e->type = key->type;
    return e;
}

static void sort_partitions(Lower *l, Flow *f, const WindowSpec *w)
{
    int32_t n = w->npartition + w->norder;
    if (!n) return;
    Expr **key = NEW(l->a, Expr *, n);
    for (int32_t i = 0; i < w->npartition; i++) key[i] = ascending(l->a, w->partition[i]);
    for (int32_t i = 0; i < w->norder; i++) key[w->npartition + i] = w->order[i];
    SortSpec *sort = NEW(l->a, SortSpec, 1);
    *sort = (SortSpec){key, n, -1};
    flow_op(l, f, &op_sort, sort);
}

Status lower_window(Lower *l, const Rel *r, Flow *f)
{
    TRY(lower_rel(l, r->input[0], f));
    flow_shape(l, f, &r->input[0]->out);
    WindowSpec *spec = NEW(l->a, WindowSpec, 1);
    Overs o = {l, f, bare(r->expr[0])->over, spec};
    Expr **partition = NULL, **order = NULL;
    TRY(flow_bind_all(l, f, o.over->partition, o.over->npartition, &partition));
    TRY(flow_bind_all(l, f, o.over->order, o.over->norder, &order));
    WindowCall *call = NEW(l->a, WindowCall, r->nexprs);
    *spec = (WindowSpec){partition, order, call, o.over->npartition, o.over->norder, r->nexprs};
    for (int32_t i = 0; i < r->nexprs; i++) TRY(call_of(&o, bare(r->expr[i]), &call[i]));
    if (spec->npartition || !flow_single(f)) flow_exchange(l, f, partition, spec->npartition);
    sort_partitions(l, f, spec);
    for (int32_t i = 0; i < r->nexprs; i++) {
        const Attr *made = &r->out.v[r->input[0]->out.n + i];
        flow_add(l, f, &made->field, made->id);
    }
    flow_op(l, f, &op_window, spec);
    f->ordered = false;
    return DONE;
}
