// graph_run.c -- an epoch: rounds of lanes, hand-overs at their ends, flushes. Every parallel step
// is a pool_for over instances that touch nothing of each other; all order is made between steps,
// on the calling thread.
#include "base/civil.h"
#include "run/graph_in.h"

static Pool *pool_of(const Graph *g) { return g->small ? NULL : g->args.pool; }

// The instance has no more rows for now: what it holds is made ready to be handed over.
static Status settle(Instance *i)
{
    const StageRun *s = i->stage;
    const Graph *g = s->graph;
    if (s->stage->to_sink) {
        i->ready = i->part.rows > 0;
        Sink *sink = graph_sink(g);
        return i->ready && sink && sink->kind->seal ? sink->kind->seal(sink, &i->part) : DONE;
    }
    Op *last = i->op[s->stage->nops - 1];
    i->ready = last->rows_in != i->rounded;
    if (!i->ready) return DONE;
    i->rounded = last->rows_in;
    return op_round(last);
}
static Status part_take(Graph *g, Part *p)
{
    g->rows_out += p->rows;
    Sink *sink = graph_sink(g);
    if (sink) TRY(sink->kind->take(sink, g->sink_epoch, p));
    for (int64_t k = 0; g->args.rows && k < p->nbatches; k++)
        TRY(out_put(g->args.rows, &p->batch[k]));
    Arena *a = p->arena;
    g->taken_bytes += arena_bytes(a);
    arena_clear(a);
    *p = (Part){.arena = a};
    return DONE;
}
static Status merge_task(void *ctx, int32_t shard)
{
    StageRun *from = ctx, *to = from->to;
    Instance *i = to->instance[shard];
    if (!to->stage->nops) return fail(ERR_UNSUPPORTED, "a stage without operators");
    for (int32_t k = 0; k < from->used; k++) {
        Instance *lane = from->instance[k];
        if (!lane->ready) continue;
        TRY(op_merge(i->op[0], from->port, lane->op[from->stage->nops - 1], shard));
    }
    return settle(i);
}
// Gives on what the stage's instances hold, in order: to the sink, or into the shards of the next
// stage and whatever that in turn lets through.
static Status hand_over(StageRun *s)
{
    Graph *g = s->graph;
    bool any = false;
    for (int32_t i = 0; i < s->used; i++) any |= s->instance[i]->ready;
    if (!any) return DONE;
    if (s->to) {
        s->to->used = s->to->ninstances;
        TRY(pool_for(pool_of(g), s->to->ninstances, merge_task, s));
    }
    for (int32_t i = 0; i < s->used; i++) {
        Instance *in = s->instance[i];
        if (in->ready && !s->to) TRY(part_take(g, &in->part));
        in->ready = false;
    }
    return s->to ? hand_over(s->to) : DONE;
}
// -- sources

enum { ROUND_BYTES = 32 << 20 };
typedef struct Round {
    StageRun *stage;
    int64_t first; // lane of instance 0
} Round;
// An operator of a batch wants no more rows. On a stream they are counted and move the watermark.
static bool instance_full(const Instance *i)
{
    const StageRun *s = i->stage;
    bool full = false;
    for (int32_t k = 0; k < s->stage->nops && s->graph->ctx.last; k++) full |= i->op[k]->full;
    return full;
}
static Status read_lane(StageRun *s, Instance *i, int64_t lane)
{
    if (instance_full(i)) return DONE;
    arena_clear(i->scratch);
    return s->source->kind->read(s->source, &s->lanes.v[lane], i->scratch, &i->head.out);
}
static Status lane_task(void *ctx, int32_t i)
{
    const Round *r = ctx;
    TRY(read_lane(r->stage, r->stage->instance[i], r->first + i));
    return settle(r->stage->instance[i]);
}
// As many lanes a round as keep the workers busy; each holds its groups until the round ends.
static int32_t round_lanes(const Graph *g)
{
    int32_t helpers = pool_of(g) ? pool_workers(pool_of(g)) : 0;
    return helpers ? MIN(ROUND_LANES, 4 * (helpers + 1)) : 1;
}
// Lanes of the next round of rows for a caller: those of a round are held until it ends.
static int32_t lanes_next(int32_t lanes, int64_t bytes)
{
    if (bytes > ROUND_BYTES) return MAX(1, lanes / 2);
    return bytes * 2 > ROUND_BYTES ? lanes : MIN(ROUND_LANES, lanes * 2);
}
static Status run_rounds(StageRun *s)
{
    Graph *g = s->graph;
    Instance *in = NULL;
    bool measured = !s->to && g->args.rows;
    int32_t lanes = measured ? 1 : round_lanes(g);
    for (int64_t at = 0, n; at < s->lanes.n; at += n) {
        Round round = {s, at};
        n = MIN(lanes, s->lanes.n - at);
        g->taken_bytes = 0;
        g->at_once = measured && n == 1;
        for (int32_t i = 0; i < n; i++) TRY(instance_get(&in, s, i));
        s->used = MAX(s->used, (int32_t)n);
        TRY(pool_for(g->at_once ? NULL : pool_of(g), (int32_t)n, lane_task, &round));
        TRY(hand_over(s));
        if (measured) lanes = lanes_next(lanes, g->taken_bytes);
    }
    return DONE;
}
static Status run_lanes(StageRun *s)
{
    Graph *g = s->graph;
    Instance *in = NULL;
    if (!g->small) {
        Status done = run_rounds(s);
        g->at_once = false;
        return done;
    }
    s->used = 1;
    TRY(instance_get(&in, s, 0));
    for (int64_t k = 0; k < s->lanes.n; k++) TRY(read_lane(s, in, k));
    TRY(settle(in));
    return hand_over(s);
}
static Status run_local(StageRun *s) // rows at hand
{
    Instance *in = NULL;
    s->used = 1;
    TRY(instance_get(&in, s, 0));
    for (int32_t i = 0; i < s->stage->nlocal; i++) {
        arena_clear(in->scratch);
        TRY(out_put(&in->head.out, &s->stage->local[i]));
    }
    TRY(settle(in));
    return hand_over(s);
}
// -- the end

static Status flush_task(void *ctx, int32_t i)
{
    const StageRun *s = ctx;
    Instance *in = s->instance[i];
    for (int32_t k = 0; k < s->stage->nops; k++) TRY(op_flush(in->op[k]));
    return settle(in);
}
// Runs the stage to its end, its inputs first: those that are wanted whole before the others.
static Status run_stage(StageRun *s)
{
    Graph *g = s->graph;
    if (s->ended) return DONE;
    s->ended = true;
    for (int32_t whole = 1; whole >= 0; whole--)
        for (int32_t i = 0; i < s->stage->ninputs; i++)
            if (s->stage->input[i].whole == whole)
                TRY(run_stage(&g->stage[s->stage->input[i].stage]));
    if (s->source)
        TRY(run_lanes(s));
    else if (!s->stage->ninputs)
        TRY(run_local(s));
    if (s->stage->parallel != PAR_LANES) s->used = s->ninstances;
    TRY(pool_for(pool_of(g), s->used, flush_task, s));
    return hand_over(s);
}
// -- the beginning

// The span of a stage's source in this epoch: a stream's was chosen, a batch source gives all.
static Status stage_lanes(StageRun *s, const GraphEpoch *e)
{
    Graph *g = s->graph;
    s->lanes = (Lanes){0};
    if (!s->source) return DONE;
    const SourceKind *kind = s->source->kind;
    if (s->stream >= 0) {
        const Span *span = &e->span[s->stream];
        if (str_eq(span->from, span->to)) return DONE;
        return kind->lanes(s->source, g->epoch, span->from, span->to, &s->lanes);
    }
    Str from = {0}, to = {0}, latest = {0};
    TRY(kind->start(s->source, g->epoch, &from));
    TRY(kind->latest(s->source, g->epoch, from, &(Admission){.all = true}, &to, &latest));
    return kind->lanes(s->source, g->epoch, from, to, &s->lanes);
}
static void instance_begin(Instance *i, int64_t late, int64_t watermark)
{
    const Stage *stage = i->stage->stage;
    i->rows = 0;
    i->rounded = 0;
    for (int32_t k = 0; k < stage->nops; k++) {
        Op *op = i->op[k];
        op->rows_in = op->rows_out = op->late_rows = 0;
        op->counts = (StateCounts){0};
        if (!stage->op[k].watermark_in) continue;
        op->late = op_watermark_ms(i->stage, k, late) * MICROS_PER_MS;
        op->evict = op_watermark_ms(i->stage, k, watermark) * MICROS_PER_MS;
    }
}
static void stage_begin(StageRun *s, const GraphEpoch *e)
{
    s->ended = false;
    s->used = 0;
    for (int32_t i = 0; i < s->ninstances; i++)
        if (s->instance[i]) instance_begin(s->instance[i], e->late, e->watermark);
    for (int32_t k = 0; k < s->stage->nops; k++)
        if (s->state[k]) state_epoch_begin(s->state[k]);
}
static Status epoch_begin(Graph *g, const GraphEpoch *e)
{
    int64_t rows = 0;
    int32_t few = g->args.small_epoch_rows ? g->args.small_epoch_rows : SMALL_EPOCH_ROWS;
    arena_clear(g->epoch);
    g->ctx.epoch = e->n;
    g->ctx.last = e->last;
    g->ctx.eval.batch_time = e->batch_time;
    g->sink_epoch = e->sink;
    g->rows_out = 0;
    g->small = true;
    for (int32_t i = 0; i < g->nstages; i++) {
        StageRun *s = &g->stage[i];
        stage_begin(s, e);
        TRY(stage_lanes(s, e));
        for (int64_t k = 0; k < s->lanes.n; k++) {
            g->small &= s->lanes.v[k].rows >= 0;
            rows += s->lanes.v[k].rows;
        }
        for (int32_t k = 0; k < s->stage->nlocal; k++) rows += s->stage->local[k].rows;
    }
    g->small &= rows < few;
    return DONE;
}
static void take_watermarks(Graph *g)
{
    const Plan *plan = g->args.plan;
    memset(g->seen, 0, sizeof *g->seen * (size_t)g->nnodes);
    for (int32_t i = 0; i < plan->nwatermarks; i++) {
        const Watermark *w = &plan->watermark[i];
        const StageRun *s = &g->stage[w->stage];
        for (int32_t k = 0; k < s->used; k++) {
            WatermarkStats seen = watermark_take(s->instance[k]->op[w->op]);
            watermark_add(&g->seen[w->node], &seen);
        }
    }
}
static Status take_observed(Graph *g)
{
    const Plan *plan = g->args.plan;
    for (int32_t i = 0; i < g->nobserved; i++) observe_sum_clear(g->observed[i]);
    for (int32_t i = 0; i < plan->nobservations; i++) {
        const Observation *o = &plan->observation[i];
        const StageRun *s = &g->stage[o->stage];
        for (int32_t k = 0; k < s->used; k++)
            TRY(observe_sum_take(g->observed[o->node], s->instance[k]->op[o->op]));
    }
    return DONE;
}
Status graph_run(Graph *g, const GraphEpoch *e)
{
    TRY(epoch_begin(g, e));
    for (int32_t i = 0; i < g->nstages; i++)
        if (g->stage[i].stage->to_sink) TRY(run_stage(&g->stage[i]));
    take_watermarks(g);
    return take_observed(g);
}
