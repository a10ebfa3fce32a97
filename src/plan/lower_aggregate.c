// lower_aggregate.c -- GROUP BY as two halves with an exchange's place between them. A window is
// grouped by its end alone and made again afterwards, so that its key is one plain TIMESTAMP and
// its state lies in slices of time. The select list is computed from keys and aggregates.
#include "base/civil.h"
#include "expr/expr_set.h"
#include "expr/fn.h"
#include "op/observe.h"
#include "plan/join_in.h"
#include "plan/lower_in.h"

typedef struct Grouping {
    Lower *l;
    const Rel *r;
    const Flow *in;
    ExprSet group;     // as the node has them, each once
    VEC(Expr *) value; // of each afterwards, over the columns of agg_final
    VEC(Expr *) key;   // of the spec
    ExprSet call;      // E_AGG as the node has them, each once
    VEC(Expr *) agg;   // of the spec
    VEC(Field) column; // of agg_final
    int32_t time_key;
    Micros slice;
    int32_t pane_key;
    const Rel *panes; // the window's node when rows come with their pane
    int32_t session;  // which key is a session, -1: none
    bool timed;       // it is event time
} Grouping;

static const Expr *bare(const Expr *e)
{
    while (e->kind == E_ALIAS && e->nargs == 1) e = e->arg[0];
    return e;
}
// The node that made the window which attribute id holds, when every row still has one.
static const Rel *window_node(const Rel *r, int32_t id)
{
    if (r->kind == REL_TIME_WINDOW && r->out.v[r->out.n - 1].id == id) return r;
    if (r->kind == REL_SET_OP || r->kind == REL_EXPAND) return NULL;
    if (r->kind == REL_JOIN && r->join != JOIN_INNER && r->join != JOIN_CROSS) return NULL;
    if (r->kind == REL_PROJECT || r->kind == REL_AGGREGATE)
        for (int32_t i = 0; i < r->nexprs; i++)
            if (r->out.v[i].id == id) {
                const Expr *e = bare(r->expr[i]);
                return e->kind == E_ATTR ? window_node(r->input[0], e->id) : NULL;
            }
    for (int32_t i = 0; i < 2; i++) {
        const Rel *found = r->input[i] ? window_node(r->input[i], id) : NULL;
        if (found) return found;
    }
    return NULL;
}
static Expr *key_column(Grouping *g, const Field *f)
{
    vec_push(g->l->a, &g->column, *f);
    return expr_column(g->l->a, (int32_t)g->column.n - 1, f);
}
static Expr *bigint(Arena *a, int64_t v) { return expr_literal(a, &type_bigint, &(Datum){.i = v}); }
static Expr *string(Arena *a, Str s) { return expr_literal(a, &type_string, &(Datum){.s = s}); }
// struct<start, end> from the column of ends: of all times, the start of the oldest window that
// ends with this one is as far before it as the window is long.
static Status window_again(Grouping *g, const Rel *node, const Expr *group, Expr *end,
                           Expr **window)
{
    Arena *a = g->l->a;
    const EvalCtx *ctx = &g->l->session->eval;
    Expr *arg[4] = {end, bigint(a, node->slide), bigint(a, node->start_time),
                    bigint(a, node->duration / node->slide)};
    Expr *part[4] = {string(a, group->type->field[0].name), NULL,
                     string(a, group->type->field[1].name), expr_copy(a, end)};
    TRY(fn_make(&part[1], a, ctx, S("window_start"), arg, 4));
    TRY(fn_make(window, a, ctx, S("named_struct"), part, 4));
    (*window)->type = group->type;
    return DONE;
}
static bool event_time(const Grouping *g, const Expr *e)
{
    return g->r->streaming && g->in->watermark && e->watermark_delay != WATERMARK_NONE;
}
// Of times that are no windows: what the delay spans lies in some dozens of slices, however many
// different times there are.
static Micros slice_of(const Expr *time)
{
    return MAX(time->watermark_delay / 64, MICROS_PER_SECOND);
}
static Status set_time_key(Grouping *g, Micros slice) // the last key is it
{
    if (g->time_key >= 0 || g->timed) return RAISE(MULTIPLE_EVENT_TIME_COLUMNS);
    g->time_key = (int32_t)g->key.n - 1;
    g->slice = slice;
    return DONE;
}
static Status add_window(Grouping *g, const Expr *e, Expr *bound)
{
    Arena *a = g->l->a;
    const Rel *node = e->kind == E_ATTR ? window_node(g->r->input[0], e->id) : NULL;
    Expr *end = flow_time(a, bound), *value = NULL;
    Field f = field_of(S("end"), end->type, end->nullable);
    f.watermark_delay = e->watermark_delay;
    bool timed = event_time(g, e);
    if (node) {
        vec_push(a, &g->key, end);
        Expr *column = key_column(g, &f);
        if (node->panes) g->panes = node, g->pane_key = (int32_t)g->key.n - 1;
        if (timed) TRY(set_time_key(g, node->slide));
        TRY(window_again(g, node, e, column, &value));
    } else {
        vec_push(a, &g->key, bound);
        Field whole = expr_field(a, e);
        value = key_column(g, &whole);
        if (timed) {
            vec_push(a, &g->key, end);
            key_column(g, &f);
            TRY(set_time_key(g, slice_of(e)));
        }
    }
    vec_push(a, &g->value, value);
    return DONE;
}
static Status add_session(Grouping *g, const Expr *e, Expr *bound)
{
    Field f = expr_field(g->l->a, e);
    vec_push(g->l->a, &g->key, bound);
    Expr *value = key_column(g, &f);
    vec_push(g->l->a, &g->value, value);
    g->session = (int32_t)g->key.n - 1;
    g->timed = event_time(g, e);
    return g->timed && g->time_key >= 0 ? RAISE(MULTIPLE_EVENT_TIME_COLUMNS) : DONE;
}
static Status add_group(Grouping *g, const Expr *e)
{
    Arena *a = g->l->a;
    e = bare(e);
    if (expr_set_find(&g->group, e) >= 0) return DONE;
    (void)expr_set_add(&g->group, a, e);
    Expr *bound = NULL;
    TRY(flow_bind(g->l, g->in, e, &bound));
    if (e->kind == E_ATTR && rel_is_session(g->r->input[0], e->id)) return add_session(g, e, bound);
    if (e->time_window && e->type->id == T_STRUCT && e->type->nfields == 2 &&
        e->type->field[1].type->id == T_TIMESTAMP)
        return add_window(g, e, bound);
    vec_push(a, &g->key, bound);
    if (event_time(g, e) && e->type->id == T_TIMESTAMP) TRY(set_time_key(g, slice_of(e)));
    Field f = expr_field(a, e);
    Expr *value = key_column(g, &f);
    vec_push(a, &g->value, value);
    return DONE;
}
static Status add_calls(Grouping *g, const Expr *e)
{
    Arena *a = g->l->a;
    if (e->kind != E_AGG) {
        if (expr_set_find(&g->group, e) >= 0) return DONE;
        for (int32_t i = 0; i < e->nargs; i++) TRY(add_calls(g, e->arg[i]));
        return DONE;
    }
    if (expr_set_find(&g->call, e) >= 0) return DONE;
    if (e->distinct) return lower_missing(g->r, "DISTINCT inside this aggregate");
    (void)expr_set_add(&g->call, a, e);
    Expr *bound = NULL;
    TRY(flow_bind(g->l, g->in, e, &bound));
    vec_push(a, &g->agg, bound);
    Field f = expr_field(a, e);
    vec_push(a, &g->column, f);
    return DONE;
}
// e over the columns of agg_final: the largest grouping expressions first.
static Expr *afterwards(const Grouping *g, const Expr *e)
{
    Arena *a = g->l->a;
    if (e->kind == E_ALIAS) return afterwards(g, e->arg[0]);
    int64_t group = expr_set_find(&g->group, e), call = expr_set_find(&g->call, e);
    if (group >= 0) return expr_copy(a, g->value.v[group]);
    if (call >= 0) {
        int32_t at = (int32_t)(g->key.n + call);
        return expr_column(a, at, &g->column.v[at]);
    }
    must(e->kind != E_ATTR && e->kind != E_AGG);
    Expr *copy = NEW(a, Expr, 1);
    *copy = *e;
    copy->arg = NEW(a, Expr *, e->nargs + 1);
    for (int32_t i = 0; i < e->nargs; i++) copy->arg[i] = afterwards(g, e->arg[i]);
    if (copy->kind == E_FIELD && expr_is_fn(copy->arg[0], S("named_struct")))
        return copy->arg[0]->arg[2 * copy->id + 1]; // window.start: no struct is made
    return copy;
}
static Status grouping_of(Grouping *g)
{
    const Rel *r = g->r;
    g->time_key = g->session = -1;
    for (int32_t i = 0; i < r->ngroup; i++) TRY(add_group(g, r->group[i]));
    for (int32_t i = 0; i < r->nexprs; i++) TRY(add_calls(g, r->expr[i]));
    return DONE;
}
static Status session_of(Grouping *g, Flow *f)
{
    SessionGroup s = {.key = g->key.v,
                      .nkeys = (int32_t)g->key.n,
                      .session = g->session,
                      .agg = g->agg.v,
                      .naggs = (int32_t)g->agg.n,
                      .column = g->column.v,
                      .ncolumns = (int32_t)g->column.n,
                      .streaming = g->r->streaming,
                      .timed = g->timed};
    return session_stages(g->l, f, &s);
}
// Both halves, with the exchange's place between them.
static Status aggregate_stages(Grouping *g, Flow *f)
{
    Lower *l = g->l;
    AggSpec *spec = NEW(l->a, AggSpec, 1);
    int32_t nkeys = (int32_t)g->key.n;
    *spec = (AggSpec){.key = g->key.v,
                      .nkeys = nkeys,
                      .agg = g->agg.v,
                      .naggs = (int32_t)g->agg.n,
                      .time_key = g->time_key,
                      .slice = g->slice,
                      .pane_key = g->pane_key,
                      .panes = g->panes ? (int32_t)(g->panes->duration / g->panes->slide) : 0,
                      .slide = g->panes ? g->panes->slide : 0,
                      .shards = nkeys ? STATE_SHARDS : 1,
                      .batch = !g->r->streaming};
    TRY(agg_chunk(spec, l->a, &l->session->eval));
    Flow from = *f;
    from.column.v = g->column.v; // what is handed over: groups
    from.column.n = from.column.cap = g->column.n;
    flow_op(l, &from, &op_agg_partial, spec);
    *f = (Flow){.watermark = from.watermark};
    stage_feed(l, flow_stage(l, f, nkeys ? PAR_SHARDS : PAR_ONE), &from, 0, false);
    for (int64_t i = 0; i < g->column.n; i++) vec_push(l->a, &f->column, g->column.v[i]);
    OpSpec *op = flow_op(l, f, spec->chunk ? &op_agg_slide : &op_agg_final, spec);
    if (spec->batch) return DONE;
    op->stateful = true;
    op->watermark_in = f->watermark;
    return agg_state(&op->table, &op->state_schema, l->a, spec, &l->session->eval);
}
Status lower_aggregate(Lower *l, const Rel *r, Flow *f)
{
    TRY(lower_rel(l, r->input[0], f));
    Grouping g = {.l = l, .r = r, .in = f};
    TRY(grouping_of(&g));
    TRY(g.session >= 0 ? session_of(&g, f) : aggregate_stages(&g, f));
    Expr **e = NEW(l->a, Expr *, r->nexprs + 1);
    bool names = true;
    for (int32_t i = 0; i < r->nexprs; i++) {
        e[i] = afterwards(&g, r->expr[i]);
        names &= e[i]->kind == E_COLUMN || expr_is_fn(e[i], S("named_struct"));
    }
    if (!names) {
        flow_project(l, f, e, &r->out);
        return DONE;
    }
    for (int32_t i = 0; i < r->nexprs; i++) flow_made(l, f, r->out.v[i].id, e[i]);
    return DONE;
}
Status lower_observe(Lower *l, const Rel *r, Flow *f)
{
    TRY(lower_rel(l, r->input[0], f));
    Grouping g = {.l = l, .r = r, .in = f};
    TRY(grouping_of(&g));
    ObserveSpec *spec = NEW(l->a, ObserveSpec, 1);
    Expr **item = NEW(l->a, Expr *, r->nexprs + 1);
    for (int32_t i = 0; i < r->nexprs; i++) item[i] = afterwards(&g, r->expr[i]);
    *spec = (ObserveSpec){.agg = {.agg = g.agg.v,
                                  .naggs = (int32_t)g.agg.n,
                                  .time_key = -1,
                                  .shards = 1,
                                  .batch = true},
                          .name = r->name[0],
                          .item = item,
                          .made = r->schema};
    flow_op(l, f, &op_observe, spec);
    for (int64_t i = 0; i < f->open.n; i++) {
        Draft *d = f->open.v[i];
        Observation o = {l->observations, d->index, (int32_t)d->op.n - 1};
        vec_push(l->a, &l->observation, o);
    }
    l->observations++;
    return DONE;
}
