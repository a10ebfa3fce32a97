// connect_listen.c -- the bus of listeners: one execution of a session stays and is told what its
// queries do. Progress comes from the queries' threads; their ends are looked for.
#include "base/civil.h"
#include "serve/connect_stream.h"

enum { EVENT_PROGRESS = 1, EVENT_TERMINATED = 2, EVENTS_BYTES_MAX = 8 << 20 };
#define LOOK (20 * MICROS_PER_MS)

static Operation *listener_of(Client *c) // with a reference
{
    mutex_lock(c->door->lock);
    Operation *o = c->listener;
    if (o) o->refs++;
    mutex_unlock(c->door->lock);
    return o;
}
bool streams_have_listener(Client *c)
{
    Operation *o = listener_of(c);
    if (o) operation_drop(o);
    return o != NULL;
}
static void post_event(Operation *o, Str json, int32_t type)
{
    mutex_lock(o->lock);
    bool deaf = o->unsent > EVENTS_BYTES_MAX;
    mutex_unlock(o->lock);
    if (deaf) return; // a client that does not listen loses events, as the bus of Spark drops them
    Reply *r = operation_reply(o);
    int64_t result = proto_begin(&r->bytes, 16), event = proto_begin(&r->bytes, 1);
    proto_put_str(&r->bytes, 1, json);
    proto_put_int(&r->bytes, 2, type);
    proto_end(&r->bytes, event);
    proto_end(&r->bytes, result);
    operation_post(o, r);
}
void streams_heard(void *ctx, const Progress *p)
{
    Operation *o = listener_of(ctx);
    if (!o) return;
    Arena *a = arena_new(NULL);
    Buf json = buf_new(a);
    buf_put(&json, S("{\"progress\":"));
    progress_json(&json, p, false);
    buf_char(&json, '}');
    post_event(o, buf_str(&json), EVENT_PROGRESS);
    arena_free(a);
    operation_drop(o);
}
static void tell_end(Operation *o, Query *q)
{
    Arena *a = arena_new(NULL);
    Buf json = buf_new(a);
    const Failure *f = query_exception(q);
    buf_fmt(&json, "{\"id\":\"" STR_FMT "\",\"runId\":\"" STR_FMT "\",\"exception\":",
            STR_ARG(query_id(q)), STR_ARG(query_run_id(q)));
    if (f)
        buf_json(&json, f->text);
    else
        buf_put(&json, S("null"));
    buf_put(&json, S(",\"errorClassOnException\":"));
    if (f && f->cond)
        buf_json(&json, condition_of(f->cond)->name);
    else
        buf_put(&json, f ? S("\"STREAM_FAILED\"") : S("null"));
    buf_char(&json, '}');
    post_event(o, buf_str(&json), EVENT_TERMINATED);
    arena_free(a);
}
static Query *next_ended(Client *c, int64_t *at) // that no listener was told of
{
    Query *found = NULL;
    mutex_lock(c->door->lock);
    for (; *at < c->streamed.n && !found; ++*at) {
        Streamed *s = c->streamed.v[*at];
        if (s->told || query_active(s->query)) continue;
        s->told = true;
        found = s->query;
    }
    mutex_unlock(c->door->lock);
    return found;
}
static void look_for_ends(Operation *o, Client *c, bool tell)
{
    int64_t at = 0;
    for (Query *q; (q = next_ended(c, &at));)
        if (tell) tell_end(o, q);
}
void streams_tell_ends(Client *c)
{
    Operation *o = listener_of(c);
    if (!o) return;
    look_for_ends(o, c, true);
    operation_drop(o);
}
static Status take_bus(Client *c, Operation *o)
{
    mutex_lock(c->door->lock);
    bool taken = c->listener != NULL;
    if (!taken) c->listener = o;
    mutex_unlock(c->door->lock);
    if (taken) return fail(ERR_CONFLICT, "the session has a listener bus already");
    return DONE;
}
static void leave_bus(Client *c, Operation *o)
{
    mutex_lock(c->door->lock);
    if (c->listener == o) c->listener = NULL;
    mutex_unlock(c->door->lock);
}
static bool still_listens(Client *c, const Operation *o)
{
    mutex_lock(c->door->lock);
    bool is = c->listener == o;
    mutex_unlock(c->door->lock);
    return is && !shared_get(&o->cancel);
}
Status stream_listen(Operation *o, Work *w)
{
    Client *c = w->client;
    work_unlock(w);
    look_for_ends(o, c, false);
    TRY(take_bus(c, o));
    Reply *r = operation_reply(o);
    int64_t result = proto_begin(&r->bytes, 16);
    proto_put_int(&r->bytes, 2, 1);
    proto_end(&r->bytes, result);
    operation_post(o, r);
    while (still_listens(c, o)) {
        (void)shared_wait(&o->cancel, 0, LOOK);
        look_for_ends(o, c, true);
    }
    leave_bus(c, o);
    return DONE;
}
Status stream_unlisten(Work *w)
{
    work_unlock(w);
    mutex_lock(w->client->door->lock);
    w->client->listener = NULL;
    mutex_unlock(w->client->door->lock);
    return DONE;
}
