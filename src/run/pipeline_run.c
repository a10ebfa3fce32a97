// pipeline_run.c -- flows as queries of the engine: one output after the other until all is read,
// or all at once for as long as somebody watches.
#include "os/clock.h"
#include "run/pipeline_in.h"

enum { LOOK_EVERY = 100 * 1000, WATCH_EVERY = 500 * 1000, COMPUTE_EVERY = 1000 * 1000 };

typedef struct Running { // a flow that runs
    struct Watching *all;
    const Flow *flow;
    Query *query;
} Running;
typedef struct Watching {
    Pipeline *p;
    const PipelineRun *how;
    Mutex *lock; // of tell, and of the two below
    int64_t epochs;
    Micros last_epoch;
    VEC(Running *) running;
} Watching;

static void heard(void *ctx, const Progress *progress)
{
    const Running *r = ctx;
    Watching *w = r->all;
    mutex_lock(w->lock);
    w->epochs++;
    w->last_epoch = clock_now();
    if (w->how->tell) w->how->tell(w->how->ctx, r->flow->name, progress, "epoch");
    mutex_unlock(w->lock);
}
static void say(Watching *w, const Flow *flow, const char *what)
{
    mutex_lock(w->lock);
    if (w->how->tell) w->how->tell(w->how->ctx, flow->name, NULL, what);
    mutex_unlock(w->lock);
}
static bool stopped(const Watching *w) { return w->how->stop && shared_get(w->how->stop); }

static Status start_flow(Watching *w, const Element *e, const Flow *f)
{
    QuerySpec spec;
    Running *r = NEW(w->p->arena, Running, 1);
    *r = (Running){w, f, NULL};
    TRY(pipeline_spec(w->p, e, f, &spec));
    if (!w->how->watch) spec.trigger = (Trigger){.kind = TRIGGER_AVAILABLE_NOW};
    spec.listen = heard;
    spec.listen_ctx = r;
    spec.print = w->how->print;
    spec.print_to = w->how->print_to;
    Status s = engine_start(&r->query, w->p->engine, w->p->session, &spec);
    if (s.code) return statement_fail(fail_in(s, "flow " STR_FMT, STR_ARG(f->name)), f->st);
    say(w, f, "started");
    vec_push(w->p->arena, &w->running, r);
    return DONE;
}
static Status start_flows(Watching *w, const Element *e)
{
    for (int64_t i = 0; i < e->flow.n; i++) TRY(start_flow(w, e, &e->flow.v[i]));
    return DONE;
}
static void stop_all(Watching *w)
{
    for (int64_t i = 0; i < w->running.n; i++) query_stop(w->running.v[i]->query);
    for (int64_t i = 0; i < w->running.n; i++) {
        say(w, w->running.v[i]->flow, "ended");
        engine_forget(w->p->engine, w->running.v[i]->query);
    }
    w->running.n = 0;
}
// One that was stopped by itself gives its checkpoint back at once: somebody may start it again.
static void let_go(Watching *w, int64_t i)
{
    say(w, w->running.v[i]->flow, "ended");
    engine_forget(w->p->engine, w->running.v[i]->query);
    w->running.n--;
    for (; i < w->running.n; i++) w->running.v[i] = w->running.v[i + 1];
}
// One flow that still runs, NULL when none does; fails as the first flow that failed.
static Status look(Watching *w, Query **alive)
{
    *alive = NULL;
    for (int64_t i = w->running.n - 1; i >= 0; i--) {
        const Running *r = w->running.v[i];
        const Failure *f = query_exception(r->query);
        if (f) return fail_in(failure_again(f), "flow " STR_FMT, STR_ARG(r->flow->name));
        if (query_active(r->query))
            *alive = r->query;
        else
            let_go(w, i);
    }
    return DONE;
}
// A little time, less when that flow ends; its failure is found by the next look.
static void wait_a_little(Query *q)
{
    bool ended = false;
    (void)query_await(q, LOOK_EVERY, &ended);
}
static Status wait_all(Watching *w)
{
    Query *alive = NULL;
    for (;;) {
        TRY(look(w, &alive));
        if (!alive || stopped(w)) return DONE;
        wait_a_little(alive);
    }
}
static Status compute(Watching *w, const Element *e)
{
    say(w, &e->flow.v[0], "started");
    Status s = pipeline_compute(w->p, e, w->how->stop);
    if (s.code) return stopped(w) ? DONE : s;
    say(w, &e->flow.v[0], "ended");
    return DONE;
}
static Status run_once(Watching *w)
{
    for (int64_t i = 0; i < w->p->order.n && !stopped(w); i++) {
        const Element *e = w->p->order.v[i];
        if (e->kind == ELEMENT_VIEW || e->left_out) continue;
        if (e->kind == ELEMENT_MATERIALIZED) {
            TRY(compute(w, e));
            continue;
        }
        TRY(start_flows(w, e));
        TRY(wait_all(w));
        stop_all(w);
    }
    return DONE;
}
static Status compute_all(Watching *w)
{
    for (int64_t i = 0; i < w->p->order.n; i++)
        if (w->p->order.v[i]->kind == ELEMENT_MATERIALIZED && !w->p->order.v[i]->left_out)
            TRY(pipeline_compute(w->p, w->p->order.v[i], NULL));
    return DONE;
}
static bool idle_enough(Watching *w, int64_t *epochs)
{
    mutex_lock(w->lock);
    Micros since = clock_now() - w->last_epoch;
    *epochs = w->epochs;
    mutex_unlock(w->lock);
    return w->how->until_idle && since >= w->how->until_idle;
}
// Seldom, as somebody may watch for days; whoever asks to stop is heard at once.
static void watch_a_little(const Watching *w)
{
    static const Shared64 never = {0};
    Micros most = w->how->until_idle ? LOOK_EVERY : WATCH_EVERY;
    (void)shared_wait(w->how->stop ? w->how->stop : &never, 0, most);
}
static Status run_watching(Watching *w)
{
    for (int64_t i = 0; i < w->p->order.n; i++) {
        const Element *e = w->p->order.v[i];
        bool streams = e->kind == ELEMENT_TABLE || e->kind == ELEMENT_SINK;
        if (streams && !e->left_out) TRY(start_flows(w, e));
    }
    Micros computed = clock_now();
    Query *alive = NULL;
    for (int64_t epochs = 0, seen = 0; !stopped(w);) {
        TRY(look(w, &alive));
        if (!alive || idle_enough(w, &epochs)) break;
        if (epochs != seen && clock_now() - computed >= COMPUTE_EVERY) {
            TRY(compute_all(w));
            seen = epochs;
            computed = clock_now();
        }
        watch_a_little(w);
    }
    stop_all(w);
    return compute_all(w);
}
Status pipeline_run(Pipeline *p, const PipelineRun *how)
{
    Arena *a = arena_new(p->arena);
    Watching w = {.p = p, .how = how, .lock = mutex_new(a), .last_epoch = clock_now()};
    TRY(pipeline_prepare(p));
    Status s = how->watch ? run_watching(&w) : run_once(&w);
    Failure *f = s.code ? failure_copy(p->arena, failure()) : NULL;
    stop_all(&w);
    arena_free(a);
    return f ? failure_again(f) : DONE;
}
