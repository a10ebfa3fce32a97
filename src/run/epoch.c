// epoch.c -- an epoch, from the choice of offsets to the commit of its sink. epoch_run is the
// protocol; whatever ends it before the record leaves no trace, whatever ends it after is finished
// by epoch_recover.
#include "base/civil.h"
#include "os/clock.h"
#include "os/proc.h"
#include "run/query_in.h"
#include <math.h>

typedef struct Epoch {
    Span *span;
    Str *latest;
    bool data;         // some source moved
    Micros batch_time; // whole milliseconds, as current_timestamp() has it
    int64_t watermark; // W(n)
    WatermarkStats *seen;
    SinkEpoch sink;
    Buf receipt;
    Progress *progress;
    int64_t mark_ns;  // when the running phase began
    int64_t begin_ns; // when the trigger began
} Epoch;

static void phase_end(Epoch *e, Phase phase)
{
    int64_t now = clock_mono_ns();
    e->progress->ms[phase] = MAX(0, e->progress->ms[phase]) + (now - e->mark_ns) / 1000000;
    e->mark_ns = now;
}
// A named instant at which tests end the process, or only the query.
static Status crash_point(Query *q, Str name)
{
    proc_crash_point(name.p);
    if (str_eq(q->env.crash_at, name))
        return fail(ERR_CANCELLED, "crash at " STR_FMT, STR_ARG(name));
    return DONE;
}
static void epoch_begin(Query *q, Epoch *e)
{
    Arena *a = arena_new(q->arena);
    arena_clear(q->epoch);
    *e = (Epoch){.begin_ns = clock_mono_ns()};
    e->mark_ns = e->begin_ns;
    e->progress = NEW(a, Progress, 1);
    *e->progress = (Progress){.arena = a, .timestamp = clock_now(), .sink_rows = -1};
    for (int32_t i = 0; i < PHASES; i++) e->progress->ms[i] = -1;
    e->watermark = q->tracker.watermark;
    e->batch_time = floor_div(e->progress->timestamp, MICROS_PER_MS) * MICROS_PER_MS;
}
static Status epoch_choose(Query *q, const EpochOrder *order, Epoch *e)
{
    int32_t n = q->plan->nsources;
    e->span = NEW(q->epoch, Span, n + 1);
    e->latest = NEW(q->epoch, Str, n + 1);
    for (int32_t i = 0; i < n; i++) {
        Source *s = q->source[i];
        Admission adm = {.all = order->all, .cap = q->cap ? q->cap[i] : (Str){0}};
        e->span[i].from = e->span[i].to = q->at[i];
        TRY(s->kind->latest(s, q->epoch, q->at[i], &adm, &e->span[i].to, &e->latest[i]));
        e->data |= !str_eq(e->span[i].to, q->at[i]) || (s->kind->at_once && q->next == 0);
    }
    phase_end(e, PHASE_LATEST_OFFSET);
    return DONE;
}
static bool epoch_due(const Query *q, const EpochOrder *order, const Epoch *e)
{
    return e->data || (order->no_data && q->no_data_epochs && q->wants);
}
static Str offsets_json(Arena *a, const Span *span, int32_t n)
{
    Buf b = buf_new(a);
    buf_char(&b, '[');
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_char(&b, ',');
        buf_put(&b, span[i].to.n ? span[i].to : S("null"));
    }
    buf_char(&b, ']');
    return buf_str(&b);
}
static SinkEpoch sink_epoch(Query *q, int64_t n, const Span *span, int64_t watermark, Micros time)
{
    return (SinkEpoch){.query_id = q->id,
                       .epoch = n,
                       .incarnation = epoch_log_incarnation(q->log),
                       .complete = q->plan->mode == MODE_COMPLETE,
                       .offsets = offsets_json(q->epoch, span, q->plan->nsources),
                       .watermark = watermark * MICROS_PER_MS,
                       .batch_time = time};
}
static Status epoch_observed(Query *q, Epoch *e)
{
    Observations seen = {.arena = q->epoch};
    TRY(graph_observed(q->graph, &seen));
    if (!seen.list.n) return DONE;
    Buf b = buf_new(e->progress->arena);
    TextForm form = eval_text_form(&q->eval);
    form.json_row = true;
    for (int64_t i = 0; i < seen.list.n; i++) {
        Observed *o = &seen.list.v[i];
        Column row = {.type = o->schema, .kid = o->row.col, .rows = 1};
        buf_char(&b, i ? ',' : '{');
        buf_json(&b, o->name);
        buf_char(&b, ':');
        value_json(&b, &row, 0, &form);
    }
    buf_char(&b, '}');
    e->progress->observed = buf_str(&b);
    return DONE;
}
static Status epoch_read(Query *q, Epoch *e)
{
    if (e->watermark > 0 && graph_redefines_watermark(q->graph))
        return RAISE(WATERMARK_REDEFINED, P("config", S("spark.sql.streaming.statefulOperator."
                                                        "allowMultiple")));
    GraphEpoch run = {.n = q->next,
                      .batch_time = e->batch_time,
                      .span = e->span,
                      .late = q->late,
                      .watermark = e->watermark,
                      .sink = &e->sink};
    TRY(graph_run(q->graph, &run));
    e->seen = NEW(q->epoch, WatermarkStats, q->tracker.n + 1);
    for (int32_t i = 0; i < q->tracker.n; i++) e->seen[i] = graph_watermark(q->graph, i);
    return epoch_observed(q, e);
}
static Status epoch_append(Query *q, Epoch *e)
{
    Str receipt = buf_str(&e->receipt);
    EpochRecord r = {.n = q->next,
                     .batch_time = e->batch_time,
                     .late = q->late,
                     .watermark = e->watermark,
                     .next = q->tracker.watermark,
                     .source = e->span,
                     .nsources = q->plan->nsources,
                     .receipt = &receipt,
                     .nreceipts = 1};
    StateSource state = {graph_state_delta, graph_state_image, q->graph};
    return epoch_log_append(q->log, &r, &state);
}
static Status sink_commit(Query *q, const SinkEpoch *e, Str receipt)
{
    TRY(q->sink->kind->commit(q->sink, e, receipt));
    if (q->memory) memory_table_commit(q->memory, e->complete);
    return DONE;
}
static void epoch_advance(Query *q, const Epoch *e)
{
    Arena *old = q->offsets[0];
    q->offsets[0] = q->offsets[1];
    q->offsets[1] = old;
    arena_clear(q->offsets[0]);
    for (int32_t i = 0; i < q->plan->nsources; i++)
        q->at[i] = str_copy(q->offsets[0], e->span[i].to);
    q->late = e->watermark;
    q->wants = graph_wants_epoch(q->graph, e->watermark, q->tracker.watermark);
    q->next++;
}
static Status epoch_forget(Query *q)
{
    for (int32_t i = 0; i < q->plan->nsources; i++) {
        Source *s = q->source[i];
        if (s->kind->forget) s->kind->forget(s, q->at[i]);
    }
    return epoch_log_collect(q->log);
}
// -- progress

static void progress_sources(Query *q, const Epoch *e, double seconds, double since)
{
    Progress *p = e->progress;
    Arena *a = p->arena;
    p->nsources = q->plan->nsources;
    p->source = NEW(a, SourceProgress, p->nsources + 1);
    for (int32_t i = 0; i < p->nsources; i++) {
        Source *s = q->source[i];
        SourceProgress *to = &p->source[i];
        Buf metrics = buf_new(a);
        int64_t rows = graph_source_rows(q->graph, i);
        if (s->kind->metrics) s->kind->metrics(s, &metrics, e->span[i].to, e->latest[i]);
        *to = (SourceProgress){.description = str_copy(a, s->description),
                               .start = str_copy(a, e->span[i].from),
                               .end = str_copy(a, e->span[i].to),
                               .latest = str_copy(a, e->latest[i]),
                               .metrics = buf_str(&metrics),
                               .rows = rows,
                               .in_per_second = (double)rows / since,
                               .out_per_second = (double)rows / seconds};
        p->rows += rows;
    }
}
static void progress_operators(Query *q, const Epoch *e)
{
    Progress *p = e->progress;
    StatefulOp *op = NULL;
    p->nops = graph_stateful(q->graph, &op);
    p->op = NEW(p->arena, OpProgress, p->nops + 1);
    for (int32_t i = 0; i < p->nops; i++)
        p->op[i] = (OpProgress){.name = str_z(op[i].spec->kind->name),
                                .counts = op[i].counts,
                                .shards = op[i].shards,
                                .stores = op[i].shards * MAX(1, op[i].spec->kind->stores),
                                .duplicates = op[i].spec->kind->duplicates};
    p->event_time = q->tracker.n > 0;
    p->watermark = e->watermark;
    for (int32_t i = q->tracker.n - 1; i >= 0; i--)
        if (e->seen[i].count) p->seen = e->seen[i]; // of the first node that saw any
}
static void epoch_tell(Query *q, Epoch *e)
{
    Progress *p = e->progress;
    int64_t end = clock_mono_ns();
    p->ms[PHASE_TRIGGER_EXECUTION] = (end - e->begin_ns) / 1000000;
    double seconds = (double)MAX(end - e->begin_ns, 1000000) / 1e9;
    double since = q->last_trigger_ns ? (double)(e->begin_ns - q->last_trigger_ns) / 1e9 : NAN;
    p->id = q->id;
    p->run_id = q->run_id;
    p->name = q->name;
    p->batch_id = q->next - 1;
    progress_sources(q, e, seconds, since);
    progress_operators(q, e);
    p->in_per_second = (double)p->rows / since;
    p->out_per_second = (double)p->rows / seconds;
    p->sink = str_copy(p->arena, q->sink->description);
    p->sink_rows = graph_rows_out(q->graph);
    q->last_trigger_ns = e->begin_ns;
    query_keep(q, p);
}
// -- the protocol

static Status epoch_steps(Query *q, Epoch *e)
{
    Sink *sink = q->sink;
    e->sink = sink_epoch(q, q->next, e->span, e->watermark, e->batch_time);
    e->receipt = buf_new(q->epoch);
    TRY(epoch_read(q, e)); // 2. read and run, 3. flush; the sink takes rows on the way
    TRY(crash_point(q, S("before-stage")));
    TRY(sink->kind->stage(sink, &e->sink, &e->receipt)); // 4. durable, unseen
    phase_end(e, PHASE_ADD_BATCH);
    tracker_move(&q->tracker, e->seen);
    TRY(crash_point(q, S("before-record")));
    return epoch_append(q, e); // 5. from here on the epoch has happened
}
static Status commit_again(Query *q) // what a crash left open
{
    const EpochRecord *r = epoch_log_last(q->log);
    arena_clear(q->epoch);
    SinkEpoch e = sink_epoch(q, r->n, r->source, r->watermark, r->batch_time);
    for (int32_t i = 0; i < r->nreceipts; i++) TRY(sink_commit(q, &e, r->receipt[i]));
    q->owes = false;
    return epoch_log_mark(q->log, r->n);
}
Status epoch_run(Query *q, const EpochOrder *order, bool *ran)
{
    Epoch e;
    *ran = false;
    if (q->owes) TRY(commit_again(q));
    epoch_begin(q, &e);
    Status s = epoch_choose(q, order, &e); // 1. offsets
    if (s.code || !epoch_due(q, order, &e)) {
        q->data_available = false;
        q->last_trigger_ns = e.begin_ns;
        arena_free(e.progress->arena);
        return s;
    }
    q->data_available = e.data;
    query_say(q, e.data ? "Processing new data" : "No new data but cleaning up state");
    s = epoch_steps(q, &e);
    if (s.code) {
        if (q->sink->kind->discard) q->sink->kind->discard(q->sink);
        return s;
    }
    phase_end(&e, PHASE_WAL_COMMIT);
    epoch_advance(q, &e);
    TRY(crash_point(q, S("after-record")));
    TRY(sink_commit(q, &e.sink, buf_str(&e.receipt))); // 6. seen
    TRY(crash_point(q, S("after-commit")));
    TRY(epoch_log_mark(q->log, e.sink.epoch)); // 7. not synced: a lost mark costs a second commit
    TRY(crash_point(q, S("after-mark")));
    TRY(epoch_forget(q)); // 8. garbage
    phase_end(&e, PHASE_COMMIT_OFFSETS);
    *ran = true;
    epoch_tell(q, &e);
    return DONE;
}
// -- after a restart

static Status check_sources(const Query *q, const EpochRecord *r)
{
    if (r->nsources == q->plan->nsources) return DONE;
    return fail(ERR_INVALID,
                "the checkpoint " STR_FMT " is of a query with %d sources, this one has %d",
                STR_ARG(q->dir), r->nsources, q->plan->nsources);
}
Status epoch_recover(Query *q)
{
    const EpochRecord *r = epoch_log_last(q->log);
    arena_clear(q->epoch);
    if (!r) {
        for (int32_t i = 0; i < q->plan->nsources; i++)
            TRY(q->source[i]->kind->start(q->source[i], q->offsets[0], &q->at[i]));
        return DONE;
    }
    TRY(check_sources(q, r));
    for (int32_t i = 0; i < r->nsources; i++) q->at[i] = str_copy(q->offsets[0], r->source[i].to);
    q->next = r->n + 1;
    q->late = r->watermark;
    q->tracker.watermark = MAX(r->watermark, r->next);
    TRY(epoch_log_restore(q->log, graph_state_apply, q->graph));
    if (q->env.wants_survive) q->wants = graph_wants_epoch(q->graph, r->watermark, r->next);
    q->owes = !epoch_log_committed(q->log);
    return q->owes && !q->sink->kind->calls_out ? commit_again(q) : DONE;
}
