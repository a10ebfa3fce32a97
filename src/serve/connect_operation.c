// connect_operation.c -- operations: what one thread produces and a call, or the next one after it,
// takes away. Replies are kept until their client releases them.
#include "base/civil.h"
#include "os/clock.h"
#include "serve/connect_session.h"
#include "wire/protobuf.h"

enum { UNSENT_MAX = 8 << 20, KEPT_MAX = 10 << 20 };

Reply *reply_new(void)
{
    Arena *a = arena_new(NULL);
    Reply *r = NEW(a, Reply, 1);
    *r = (Reply){.arena = a, .bytes = buf_new(a), .refs = {1}};
    return r;
}
void reply_drop(Reply *r)
{
    if (shared_add(&r->refs, -1) == 1) arena_free(r->arena);
}
Reply *operation_reply(const Operation *o)
{
    Reply *r = reply_new();
    Str id = rand_uuid(r->arena);
    memcpy(r->id, id.p, UUID_BYTES);
    buf_fill(&r->bytes, 0, GRPC_PREFIX);
    proto_put_str(&r->bytes, 1, o->client->id);
    proto_put_str(&r->bytes, 12, o->id);
    proto_put_str(&r->bytes, 13, id);
    proto_put_str(&r->bytes, 15, o->client->server_id);
    return r;
}

// ---- life --------------------------------------------------------------------------------------

static void on_abandon(Timer *t, void *to)
{
    (void)to;
    operation_release(CONTAINER(t, Operation, abandon));
}
Operation *operation_new(Client *c, Arena *a, Str id, Str plan)
{
    Operation *o = NEW(a, Operation, 1);
    *o = (Operation){.client = c, .arena = a, .plan = plan};
    o->id = id.n ? str_copy(a, id) : rand_uuid(a);
    o->lock = mutex_new(a);
    o->room = signal_new(a, o->lock);
    o->replies_arena = arena_new(a);
    o->abandon.fire = on_abandon;
    o->refs = 2; // the session's, the caller's
    mutex_lock(c->door->lock);
    c->refs++;
    map_set(&c->operations, o->id, o);
    mutex_unlock(c->door->lock);
    shared_add(&c->door->noperations, 1);
    return o;
}
static Operation *hold(Client *c, Str id, bool any)
{
    mutex_lock(c->door->lock);
    Operation *o =
        any ? (c->operations.n ? c->operations.entry[0].value : NULL) : map_get(&c->operations, id);
    if (o) o->refs++;
    mutex_unlock(c->door->lock);
    return o;
}
Operation *operation_find(Client *c, Str id) { return hold(c, id, false); }
Operation *operation_any(Client *c) { return hold(c, (Str){0}, true); }
void operation_drop(Operation *o)
{
    Client *c = o->client;
    mutex_lock(c->door->lock);
    bool last = --o->refs == 0;
    mutex_unlock(c->door->lock);
    if (!last) return;
    for (int64_t i = 0; i < o->replies.n; i++) reply_drop(o->replies.v[i]);
    connect_error_drop(o->error);
    shared_add(&c->door->noperations, -1);
    arena_free(o->arena);
    client_drop(c);
}
void operation_cancel(Operation *o)
{
    shared_set(&o->cancel, 1);
    shared_wake(&o->cancel);
    mutex_lock(o->lock);
    signal_all(o->room);
    mutex_unlock(o->lock);
}
OpState operation_state(Operation *o)
{
    mutex_lock(o->lock);
    bool cancelled = shared_get(&o->cancel);
    OpState s = cancelled ? OP_TERMINATING : OP_RUNNING;
    if (o->done) s = !o->error ? OP_SUCCEEDED : cancelled ? OP_CANCELLED : OP_FAILED;
    mutex_unlock(o->lock);
    return s;
}
static void remember(Client *c, Operation *o) // the door's lock is held
{
    Ended *e = &c->ended[c->nended++ % ENDED_KEPT];
    OpState s = operation_state(o);
    if (o->id.n == UUID_BYTES) memcpy(e->id, o->id.p, UUID_BYTES);
    e->state = s == OP_RUNNING || s == OP_TERMINATING ? OP_CANCELLED : s;
}
void operation_release(Operation *o)
{
    Client *c = o->client;
    timer_stop(&c->door->timers, &o->abandon);
    mutex_lock(c->door->lock);
    bool first = !o->released;
    o->released = true;
    if (first) remember(c, o);
    if (first) map_remove(&c->operations, o->id);
    mutex_unlock(c->door->lock);
    if (!first) return;
    operation_cancel(o);
    operation_drop(o);
}

// ---- the producer ------------------------------------------------------------------------------

static void tell_ready(Operation *o)
{
    ConnectDoor *d = o->client->door;
    mutex_lock(d->lock);
    bool tell = !o->queued;
    if (tell) {
        o->queued = true;
        o->refs++;
        o->next_ready = d->ready;
        d->ready = o;
    }
    mutex_unlock(d->lock);
    if (tell) poll_wake(d->poll);
}
// The producer may put it into the next list as soon as it is out of this one.
static Operation *unqueue(ConnectDoor *d, Operation *o)
{
    mutex_lock(d->lock);
    Operation *next = o->next_ready;
    o->queued = false;
    mutex_unlock(d->lock);
    return next;
}
void operations_ready(ConnectDoor *d)
{
    mutex_lock(d->lock);
    Operation *o = d->ready;
    d->ready = NULL;
    mutex_unlock(d->lock);
    for (Operation *next; o; o = next) {
        next = unqueue(d, o);
        if (o->rpc) rpc_more(o->rpc);
        operation_drop(o);
    }
}
static void keep(Operation *o, Reply *r)
{
    int64_t n = r->bytes.n;
    grpc_prefix(r->bytes.p, n - GRPC_PREFIX);
    vec_push(o->replies_arena, &o->replies, r);
    o->unsent += n;
    o->kept += n;
}
void operation_post(Operation *o, Reply *r)
{
    mutex_lock(o->lock);
    keep(o, r);
    mutex_unlock(o->lock);
    tell_ready(o);
}
Status operation_put(Operation *o, Reply *r)
{
    mutex_lock(o->lock);
    while (o->unsent > UNSENT_MAX && !shared_get(&o->cancel)) signal_wait(o->room);
    keep(o, r);
    mutex_unlock(o->lock);
    tell_ready(o);
    return shared_get(&o->cancel) ? RAISE(OPERATION_CANCELED) : DONE;
}
void operation_finish(Operation *o, Status s)
{
    if (!s.code && o->reattachable) {
        Reply *r = operation_reply(o);
        proto_put_str(&r->bytes, 14, S(""));
        operation_post(o, r);
    }
    if (s.code && shared_get(&o->cancel)) s = RAISE(OPERATION_CANCELED);
    ConnectError *e = s.code ? connect_error_new(s, GRPC_OK) : NULL;
    if (e) client_keep_error(o->client, e);
    mutex_lock(o->lock);
    o->error = e;
    o->done = true;
    mutex_unlock(o->lock);
    tell_ready(o);
}

// ---- the consumer, on the door's thread --------------------------------------------------------

static void forget_front(Operation *o, int64_t n) // the lock is held
{
    for (int64_t i = 0; i < n; i++) {
        o->kept -= o->replies.v[i]->bytes.n;
        reply_drop(o->replies.v[i]);
    }
    o->replies.n -= n;
    memmove(o->replies.v, o->replies.v + n, (size_t)o->replies.n * sizeof(void *));
    o->first += n;
}
Reply *operation_next(Operation *o, int64_t *cursor, bool *over)
{
    Reply *r = NULL;
    mutex_lock(o->lock);
    int64_t at = *cursor - o->first;
    if (at < o->replies.n) {
        r = o->replies.v[at];
        shared_add(&r->refs, 1);
        ++*cursor;
        if (*cursor > o->cursor) {
            o->cursor = *cursor;
            o->unsent -= r->bytes.n;
            signal_all(o->room);
        }
        // What was sent is kept for a while only, whether released or not.
        int64_t n = 0;
        for (int64_t sent = o->kept - o->unsent; n < at && sent > KEPT_MAX; n++)
            sent -= o->replies.v[n]->bytes.n;
        forget_front(o, o->reattachable ? n : at);
    } else {
        *over = o->done;
    }
    mutex_unlock(o->lock);
    return r;
}
int64_t operation_after(Operation *o, Str id)
{
    int64_t found = id.n ? -1 : o->first;
    mutex_lock(o->lock);
    for (int64_t i = 0; i < o->replies.n && found < 0; i++)
        if (str_eq(str_of(o->replies.v[i]->id, UUID_BYTES), id)) found = o->first + i + 1;
    if (found < 0 && str_eq(str_of(o->last_released, UUID_BYTES), id)) found = o->first;
    mutex_unlock(o->lock);
    return found;
}
void operation_release_until(Operation *o, Str id)
{
    int64_t after = operation_after(o, id);
    mutex_lock(o->lock);
    int64_t n = MIN(after, o->cursor) - o->first; // what was not sent is not released
    if (n > 0) {
        memcpy(o->last_released, o->replies.v[n - 1]->id, UUID_BYTES);
        forget_front(o, n);
    }
    mutex_unlock(o->lock);
}
void operation_attach(Operation *o, Rpc *r, int64_t cursor)
{
    ConnectDoor *d = o->client->door;
    if (o->rpc) rpc_fail(o->rpc, RAISE(INVALID_CURSOR_DISCONNECTED));
    timer_stop(&d->timers, &o->abandon);
    mutex_lock(d->lock);
    o->refs++;
    mutex_unlock(d->lock);
    o->rpc = r;
    r->op = o;
    r->cursor = cursor;
    if (o->reattachable) rpc_cut_after(r, o->client->stream_time_max);
    rpc_more(r);
}
void rpc_detach(Rpc *r)
{
    Operation *o = r->op;
    if (!o) return;
    ConnectDoor *d = r->door;
    r->op = NULL;
    o->rpc = NULL;
    if (!o->reattachable)
        operation_release(o);
    else if (!o->released)
        timer_set(&d->timers, &o->abandon, connect_now() + d->options.detached_max * 1000);
    operation_drop(o);
}
