// query.c -- a query's thread, and what others may ask of it meanwhile.
#include "log/log.h"
#include "os/clock.h"
#include "run/query_in.h"

void query_say(Query *q, const char *message)
{
    mutex_lock(q->lock);
    q->message = str_z(message);
    mutex_unlock(q->lock);
}
bool query_stopping(Query *q)
{
    mutex_lock(q->lock);
    bool stopping = q->stopping;
    mutex_unlock(q->lock);
    return stopping;
}
void query_keep(Query *q, Progress *p)
{
    mutex_lock(q->lock);
    q->kept[q->nkept++] = p;
    Progress *old = q->nkept == PROGRESS_KEPT ? q->kept[0] : NULL; // A18: one less than the limit
    if (old) q->nkept--;
    for (int32_t i = 0; old && i < q->nkept; i++) q->kept[i] = q->kept[i + 1];
    mutex_unlock(q->lock);
    if (old) arena_free(old->arena);
    if (q->listen) q->listen(q->listen_ctx, p);
}
static void query_fail(Query *q)
{
    Failure *f = failure_copy(q->arena, failure());
    mutex_lock(q->lock);
    q->failure = f;
    q->cause = f->text;
    if (f->cond && condition_of(f->cond)->sqlstate.n)
        q->cause = str_fmt(q->arena, STR_FMT " SQLSTATE: " STR_FMT, STR_ARG(f->text),
                           STR_ARG(condition_of(f->cond)->sqlstate));
    q->message = str_fmt(q->arena, "Terminated with exception: " STR_FMT, STR_ARG(f->text));
    mutex_unlock(q->lock);
}
static void query_thread(void *arg)
{
    Query *q = arg;
    mutex_lock(q->lock);
    mutex_unlock(q->lock);
    Status s = trigger_loop(q);
    bool given_up = s.code == ERR_CANCELLED && query_stopping(q); // by a sink that calls out
    if (s.code && !given_up)
        query_fail(q);
    else
        query_say(q, "Stopped");
    arena_free(q->parts); // a restart from the same checkpoint may begin
    q->parts = NULL;
    mutex_lock(q->lock);
    q->ended = true;
    q->trigger_active = q->data_available = false;
    signal_all(q->changed);
    mutex_unlock(q->lock);
}
static void ask_to_stop(void *arg)
{
    Query *q = arg;
    mutex_lock(q->lock);
    q->stopping = true;
    shared_set(&q->ending, 1);
    signal_all(q->changed);
    mutex_unlock(q->lock);
}
static void hear_news(void *arg)
{
    Query *q = arg;
    mutex_lock(q->lock);
    q->news = true;
    signal_all(q->changed);
    mutex_unlock(q->lock);
}
static void watch_sources(Query *q)
{
    q->told = true;
    for (int32_t i = 0; i < q->plan->nsources; i++) {
        Log *log = q->source[i]->told_by;
        q->told &= log != NULL;
        if (log) log_watch(log, q->parts, hear_news, q);
    }
}
void query_ask_to_stop(Query *q) { ask_to_stop(q); }
Status query_start(Query *q)
{
    must(!q->started);
    if (q->trigger.kind == TRIGGER_EVERY && !q->trigger.every) watch_sources(q);
    q->started = true;
    mutex_lock(q->lock); // the thread begins with it: the arena is ours until then
    q->thread = thread_start(q->arena, "query", query_thread, q);
    arena_defer(q->arena, ask_to_stop, q); // before the thread is joined
    mutex_unlock(q->lock);
    return DONE;
}
Status query_step(Query *q, bool *ran)
{
    must(!q->started);
    return trigger_once(q, ran);
}
void query_stop(Query *q)
{
    ask_to_stop(q);
    if (q->thread) thread_join(q->thread);
}
// How the query failed, as awaitTermination raises it (A4).
static Status failed(Query *q)
{
    return RAISE(STREAM_FAILED, P("id", q->id), P("runId", q->run_id), P("message", q->cause));
}
Status query_await(Query *q, Micros at_most, bool *ended)
{
    int64_t until = clock_mono_ns() + at_most * 1000;
    mutex_lock(q->lock);
    while (q->started && !q->ended) {
        int64_t left = (until - clock_mono_ns()) / 1000;
        if (at_most < 0)
            signal_wait(q->changed);
        else if (left <= 0 || !signal_wait_for(q->changed, left))
            break;
    }
    *ended = q->ended;
    mutex_unlock(q->lock);
    return *ended && q->failure ? failed(q) : DONE;
}
Status query_process_available(Query *q)
{
    mutex_lock(q->lock);
    int64_t ticket = ++q->idle_wanted;
    signal_all(q->changed);
    while (!q->ended && q->idle_seen < ticket) signal_wait(q->changed);
    bool bad = q->failure != NULL;
    mutex_unlock(q->lock);
    return bad ? failed(q) : DONE;
}
void query_close(Query *q)
{
    if (q->closed) return;
    q->closed = true;
    arena_free(q->arena);
}
Str query_id(const Query *q) { return q->id; }
Str query_run_id(const Query *q) { return q->run_id; }
Str query_name(const Query *q) { return q->name; }
Str query_dir(const Query *q) { return q->dir; }
const Plan *query_plan(const Query *q) { return q->plan; }
MemoryTable *query_memory(const Query *q) { return q->memory; }
bool query_active(Query *q)
{
    mutex_lock(q->lock);
    bool active = q->started && !q->ended;
    mutex_unlock(q->lock);
    return active;
}
QueryStatus query_status(Query *q, Arena *a)
{
    mutex_lock(q->lock);
    QueryStatus s = {str_copy(a, q->message), q->data_available, q->trigger_active};
    mutex_unlock(q->lock);
    return s;
}
const Failure *query_exception(Query *q)
{
    mutex_lock(q->lock);
    const Failure *f = q->failure;
    mutex_unlock(q->lock);
    return f;
}
int32_t query_progress(Query *q, Arena *a, Str **json, bool offsets_as_text)
{
    mutex_lock(q->lock);
    int32_t n = q->nkept;
    *json = NEW(a, Str, n + 1);
    for (int32_t i = 0; i < n; i++) {
        Buf b = buf_new(a);
        progress_json(&b, q->kept[i], offsets_as_text);
        (*json)[i] = buf_str(&b);
    }
    mutex_unlock(q->lock);
    return n;
}
void query_see(Query *q, void (*see)(void *ctx, const Progress *last), void *ctx)
{
    mutex_lock(q->lock);
    see(ctx, q->nkept ? q->kept[q->nkept - 1] : NULL);
    mutex_unlock(q->lock);
}
void query_listen(Query *q, void (*fn)(void *ctx, const Progress *p), void *ctx)
{
    must(!q->started);
    q->listen = fn;
    q->listen_ctx = ctx;
}
