// graph.c -- making instances: chains of operators linked to each other and to the sink; and what
// can be asked about an epoch after it ran.
#include "base/reader.h"
#include "run/graph_in.h"

static Status tail_put(Out *out, const Batch *b)
{
    Instance *i = CONTAINER(out, InstanceOut, out)->instance;
    Graph *g = i->stage->graph;
    Sink *sink = graph_sink(g);
    Part *p = &i->part;
    if (g->at_once) {
        g->rows_out += b->rows;
        g->taken_bytes += batch_bytes(b);
        return out_put(g->args.rows, b);
    }
    if (sink && sink->kind->encode) return sink->kind->encode(sink, p, b);
    p->rows += b->rows;
    if (p->nbatches == p->cap) {
        int64_t cap = p->cap ? p->cap * 2 : 16, size = (int64_t)sizeof(Batch);
        p->batch = arena_grow(p->arena, p->batch, p->cap * size, cap * size, _Alignof(Batch));
        p->cap = cap;
    }
    p->batch[p->nbatches++] = batch_copy(p->arena, b);
    return DONE;
}
static Status head_pass(Instance *i, const Batch *b)
{
    return i->stage->stage->nops ? op_rows(i->op[0], 0, b) : out_put(&i->tail.out, b);
}
static Status head_put(Out *out, const Batch *b)
{
    Instance *i = CONTAINER(out, InstanceOut, out)->instance;
    const GraphArgs *args = &i->stage->graph->args;
    i->rows += b->rows;
    if (args->cancel && shared_get(args->cancel)) return fail(ERR_CANCELLED, "stopped");
    int32_t most = args->batch_rows ? args->batch_rows : BATCH_ROWS;
    if (b->rows <= most) return head_pass(i, b);
    for (int32_t at = 0; at < b->rows; at += most) {
        Batch piece = batch_slice(i->scratch, b, at, MIN(most, b->rows - at));
        TRY(head_pass(i, &piece));
    }
    return DONE;
}
static Status instance_new(Instance **out, StageRun *s, int32_t at)
{
    Graph *g = s->graph;
    const Stage *stage = s->stage;
    Arena *a = arena_new(g->arena);
    Instance *i = NEW(a, Instance, 1);
    i->arena = a;
    i->scratch = arena_new(a);
    i->stage = s;
    i->head = (InstanceOut){{head_put}, i};
    i->tail = (InstanceOut){{tail_put}, i};
    i->part.arena = arena_new(a);
    i->op = NEW(a, Op *, stage->nops + 1);
    for (int32_t k = 0; k < stage->nops; k++) {
        TRY(op_new(&i->op[k], a, stage->op[k].kind, stage->op[k].spec, &g->ctx));
        Op *op = i->op[k];
        op->state = s->state[k];
        if (stage->parallel == PAR_LANES)
            op->lane = at;
        else
            op->shard = at;
        if (k) i->op[k - 1]->out = &op->self;
    }
    if (stage->to_sink && stage->nops) i->op[stage->nops - 1]->out = &i->tail.out;
    *out = i;
    return DONE;
}
Status instance_get(Instance **out, StageRun *s, int32_t i)
{
    must(i < s->ninstances);
    if (!s->instance[i]) TRY(instance_new(&s->instance[i], s, i));
    *out = s->instance[i];
    return DONE;
}
static void stage_link(Graph *g, int32_t at)
{
    StageRun *s = &g->stage[at];
    const Plan *plan = g->args.plan;
    for (int32_t d = 0; d < plan->nstages; d++)
        for (int32_t i = 0; i < plan->stage[d].ninputs; i++) {
            if (plan->stage[d].input[i].stage != at) continue;
            must(!s->to && d > at); // one consumer: a plan reads twice what it needs twice
            s->to = &g->stage[d];
            s->port = plan->stage[d].input[i].port;
        }
    must(s->to ? !s->stage->to_sink : s->stage->to_sink);
}
static bool observes(const Plan *plan, int32_t stage, int32_t op)
{
    for (int32_t i = 0; i < plan->nwatermarks; i++)
        if (plan->watermark[i].stage == stage && plan->watermark[i].op == op) return true;
    return false;
}
// What operator `op` of a stage sees of the query's watermark: the least of what its inputs have
// let through, each join on the way holding it back (semantics W9, J12).
static WatermarkView view_before(const Plan *plan, int32_t stage, int32_t op)
{
    const Stage *s = &plan->stage[stage];
    WatermarkView v = {0, INT64_MAX};
    if (op == 0) {
        for (int32_t i = 0; i < s->ninputs; i++) {
            int32_t from = s->input[i].stage;
            WatermarkView in = view_before(plan, from, plan->stage[from].nops);
            v.lag_ms = MAX(v.lag_ms, in.lag_ms);
            v.cap_ms = MIN(v.cap_ms, in.cap_ms);
        }
        return v;
    }
    if (observes(plan, stage, op - 1)) return v;
    v = view_before(plan, stage, op - 1);
    const WatermarkView *after = s->op[op - 1].after;
    if (!after) return v;
    if (v.cap_ms != INT64_MAX) v.cap_ms -= after->lag_ms;
    return (WatermarkView){v.lag_ms + after->lag_ms, MIN(v.cap_ms, after->cap_ms)};
}
static Status stage_open(Graph *g, int32_t at)
{
    static const int32_t instances[] = {
        [PAR_LANES] = ROUND_LANES, [PAR_SHARDS] = STATE_SHARDS, [PAR_ONE] = 1};
    StageRun *s = &g->stage[at];
    const Stage *stage = &g->args.plan->stage[at];
    s->graph = g;
    s->stage = stage;
    s->ninstances = instances[stage->parallel];
    s->instance = NEW(g->arena, Instance *, s->ninstances);
    s->state = NEW(g->arena, State *, stage->nops + 1);
    s->stream = -1;
    s->source = stage->read && g->args.fixed ? g->args.fixed[at] : NULL;
    for (int32_t i = 0; i < g->args.plan->nsources; i++)
        if (stage->read && stage->read == g->args.plan->source[i]) {
            s->stream = i;
            s->source = g->args.source[i];
        }
    must(!stage->read || s->source);
    s->view = NEW(g->arena, WatermarkView, stage->nops + 1);
    for (int32_t k = 0; k < stage->nops; k++) {
        const OpSpec *o = &stage->op[k];
        s->view[k] = view_before(g->args.plan, at, k);
        if (!o->stateful) continue;
        s->state[k] = o->bag ? state_new_bags(g->arena, o->bag, s->ninstances)
                             : state_new(g->arena, &o->table, s->ninstances);
    }
    stage_link(g, at);
    if (stage->parallel == PAR_LANES) return DONE;
    Instance *i = NULL;
    for (int32_t k = 0; k < s->ninstances; k++) TRY(instance_get(&i, s, k));
    return DONE;
}
// Stateful operators below `s`, the nearest to the sink first: the order of a plan's tree walked
// from its root, inputs by port.
static void collect_stateful(Graph *g, StageRun *s)
{
    const Stage *stage = s->stage;
    for (int32_t k = stage->nops - 1; k >= 0; k--) {
        if (!stage->op[k].stateful) continue;
        g->stateful_at[g->nstateful] = s;
        g->stateful[g->nstateful++] = (StatefulOp){.spec = &stage->op[k], .shards = s->ninstances};
    }
    for (int32_t port = 0, left = stage->ninputs; left > 0; port++)
        for (int32_t i = 0; i < stage->ninputs; i++) {
            if (stage->input[i].port != port) continue;
            left--;
            collect_stateful(g, &g->stage[stage->input[i].stage]);
        }
}
static Status open_observed(Graph *g)
{
    const Plan *plan = g->args.plan;
    g->observed = NEW(g->arena, ObserveSum *, plan->nobservations + 1);
    for (int32_t i = 0; i < plan->nobservations; i++) {
        const Observation *o = &plan->observation[i];
        ObserveSum **sum = &g->observed[o->node];
        g->nobserved = MAX(g->nobserved, o->node + 1);
        if (*sum) continue;
        TRY(observe_sum_new(sum, g->arena, plan->stage[o->stage].op[o->op].spec, &g->ctx.eval));
    }
    return DONE;
}
Status graph_open(Graph **out, Arena *a, const GraphArgs *args)
{
    const Plan *plan = args->plan;
    Graph *g = NEW(a, Graph, 1);
    g->arena = arena_new(a);
    g->epoch = arena_new(g->arena);
    g->args = *args;
    g->ctx = (EpochCtx){.mode = plan->mode,
                        .last = !plan->streaming,
                        .eval = *args->eval,
                        .stop = args->cancel ? args->cancel : args->ending};
    g->nstages = plan->nstages;
    g->stage = NEW(g->arena, StageRun, g->nstages);
    for (int32_t i = 0; i < g->nstages; i++) TRY(stage_open(g, i));
    int32_t nops = 0;
    for (int32_t i = 0; i < g->nstages; i++) nops += plan->stage[i].nops;
    g->stateful = NEW(g->arena, StatefulOp, nops + 1);
    g->stateful_at = NEW(g->arena, StageRun *, nops + 1);
    for (int32_t i = 0; i < g->nstages; i++)
        if (plan->stage[i].to_sink) collect_stateful(g, &g->stage[i]);
    for (int32_t i = 0; i < plan->nwatermarks; i++)
        g->nnodes = MAX(g->nnodes, plan->watermark[i].node + 1);
    g->seen = NEW(g->arena, WatermarkStats, g->nnodes + 1);
    TRY(open_observed(g));
    *out = g;
    return DONE;
}
// -- questions

int64_t graph_source_rows(const Graph *g, int32_t source)
{
    int64_t rows = 0;
    for (int32_t i = 0; i < g->nstages; i++) {
        const StageRun *s = &g->stage[i];
        bool counts = s->stream == source && !s->stage->again;
        for (int32_t k = 0; counts && k < s->used; k++) rows += s->instance[k]->rows;
    }
    return rows;
}
Status graph_observed(const Graph *g, Observations *to)
{
    for (int32_t i = 0; i < g->nobserved; i++) TRY(observe_sum_tell(g->observed[i], to));
    return DONE;
}
int64_t graph_rows_out(const Graph *g) { return g->rows_out; }
WatermarkStats graph_watermark(const Graph *g, int32_t node) { return g->seen[node]; }
static State *stateful_state(const Graph *g, int32_t i)
{
    const StageRun *s = g->stateful_at[i];
    return s->state[g->stateful[i].spec - s->stage->op];
}
static void counts_add(StateCounts *to, const StateCounts *c)
{
    to->updated += c->updated;
    to->removed += c->removed;
    to->dropped_by_watermark += c->dropped_by_watermark;
    to->dropped_duplicates += c->dropped_duplicates;
}
int32_t graph_stateful(Graph *g, StatefulOp **ops)
{
    for (int32_t i = 0; i < g->nstateful; i++) {
        StatefulOp *o = &g->stateful[i];
        const StageRun *s = g->stateful_at[i];
        o->counts = (StateCounts){.total = state_count(stateful_state(g, i)),
                                  .bytes = state_bytes(stateful_state(g, i))};
        if (o->spec->kind->total) o->counts.total = 0;
        for (int32_t k = 0; k < s->ninstances; k++) {
            Op *op = s->instance[k]->op[o->spec - s->stage->op];
            counts_add(&o->counts, &op->counts);
            if (op->kind->total) o->counts.total += op->kind->total(op);
        }
    }
    *ops = g->stateful;
    return g->nstateful;
}
bool graph_wants_epoch(const Graph *g, int64_t from, int64_t to)
{
    for (int32_t i = 0; i < g->nstateful; i++) {
        const OpSpec *o = g->stateful[i].spec;
        const StageRun *s = g->stateful_at[i];
        int32_t at = (int32_t)(o - s->stage->op);
        bool moved = op_watermark_ms(s, at, to) > op_watermark_ms(s, at, from);
        if (!o->watermark_in || o->settled || !moved) continue;
        switch (o->kind->again) {
        case AGAIN_NEVER: continue;
        case AGAIN_UNLESS_COMPLETE:
            if (g->ctx.mode == MODE_COMPLETE) continue;
            return true;
        case AGAIN_ALWAYS: return true;
        }
    }
    return false;
}
// Whether a watermark is observed in the first `nops` operators of a stage, or before it.
static bool has_watermark(const Plan *plan, int32_t stage, int32_t nops)
{
    for (int32_t i = 0; i < plan->nwatermarks; i++)
        if (plan->watermark[i].stage == stage && plan->watermark[i].op < nops) return true;
    const Stage *s = &plan->stage[stage];
    for (int32_t i = 0; i < s->ninputs; i++)
        if (has_watermark(plan, s->input[i].stage, INT32_MAX)) return true;
    return false;
}
bool graph_redefines_watermark(const Graph *g)
{
    const Plan *plan = g->args.plan;
    for (int32_t i = 0; i < plan->nwatermarks; i++)
        if (has_watermark(plan, plan->watermark[i].stage, plan->watermark[i].op)) return true;
    return false;
}
// -- state as bytes: | operator u32 | what state.h wrote |, for each that wrote any

static void state_put(Graph *g, StateOut *to, void (*write)(State *s, StateOut *to))
{
    for (int32_t i = 0; i < g->nstateful; i++) {
        buf_u32le(&to->buf, (uint32_t)i);
        to->part = -1;
        write(stateful_state(g, i), to);
        if (to->part < 0) to->buf.n -= 4; // it wrote nothing
    }
}
void graph_state_delta(void *graph, StateOut *to) { state_put(graph, to, state_write_delta); }
void graph_state_image(void *graph, StateOut *to) { state_put(graph, to, state_write_image); }
Status graph_state_apply(void *graph, Str bytes)
{
    Graph *g = graph;
    Reader r = reader_of(bytes);
    while (reader_left(&r)) {
        uint32_t i = reader_u32le(&r);
        if (r.bad || i >= (uint32_t)g->nstateful)
            return fail(ERR_CORRUPT, "the state of %lld bytes does not parse", (long long)bytes.n);
        TRY(state_read(stateful_state(g, (int32_t)i), &r));
    }
    return DONE;
}
