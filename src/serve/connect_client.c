// connect_client.c -- sessions: found by user and id, made at their first call, ended by their
// client, by idleness or with the door. What is known of ended ones is their ids.
#include "base/civil.h"
#include "os/clock.h"
#include "plan/variable.h"
#include "serve/connect_session.h"
#include "serve/python_pool.h"

typedef struct Ending { // the end of a session's engine half, which waits for its queries
    Job job;
    Client *client;
} Ending;

void clients_begin(ConnectDoor *d)
{
    d->clients = map_new(d->arena);
    d->tomb_arena = arena_new(d->arena);
    d->tombs = map_new(d->tomb_arena);
}
bool is_uuid(Str s)
{
    if (s.n != UUID_BYTES) return false;
    for (int64_t i = 0; i < s.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex =
            (s.p[i] >= '0' && s.p[i] <= '9') || ((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'f');
        if (dash ? s.p[i] != '-' : !hex) return false;
    }
    return true;
}
static Str key_of(Arena *a, const ClientAsk *ask)
{
    return str_fmt(a, STR_FMT "/" STR_FMT, STR_ARG(ask->user), STR_ARG(ask->id));
}
static Client *client_new(ConnectDoor *d, const ClientAsk *ask)
{
    Arena *a = arena_new(NULL);
    Client *c = NEW(a, Client, 1);
    *c = (Client){.door = d,
                  .arena = a,
                  .user = str_copy(a, ask->user),
                  .id = str_copy(a, ask->id),
                  .server_id = rand_uuid(a),
                  .client_type = str_copy(a, ask->client_type),
                  .session = engine_session(d->engine),
                  .lock = mutex_new(a),
                  .cached_arena = arena_new(a),
                  .blob_arena = arena_new(a),
                  .streamed_arena = arena_new(a),
                  .refs = 1, // the door's
                  .stream_bytes_max = 1 << 30,
                  .stream_time_max = 120 * MICROS_PER_SECOND};
    c->cached = map_new(c->cached_arena);
    c->graphs = map_new(c->cached_arena);
    c->blobs = map_new(c->blob_arena);
    c->operations = map_new(a);
    if (!d->options.no_python) {
        c->python = python_pool_new(a);
        c->session->users = python_pool_host(c->python);
    }
    c->key = key_of(a, ask);
    map_set(&d->clients, c->key, c);
    shared_add(&d->nclients, 1);
    return c;
}
static Status find_locked(Client **c, ConnectDoor *d, const ClientAsk *ask, Str key)
{
    *c = map_get(&d->clients, key);
    if (!*c && map_get(&d->tombs, key))
        return ask->observed.p ? RAISE(INVALID_HANDLE_SESSION_CHANGED, P("handle", ask->id))
                               : RAISE(INVALID_HANDLE_SESSION_CLOSED, P("handle", ask->id));
    if (ask->observed.p && (!*c || !str_eq((*c)->server_id, ask->observed)))
        return RAISE(INVALID_HANDLE_SESSION_CHANGED, P("handle", ask->id));
    if (!*c && d->clients.n >= d->options.sessions_max)
        return fail(ERR_LIMIT, "there are %d sessions, which is the most", d->options.sessions_max);
    if (!*c) *c = client_new(d, ask);
    (*c)->refs++;
    (*c)->seen_ns = connect_now();
    return DONE;
}
Status client_find(Client **c, ConnectDoor *d, const ClientAsk *ask)
{
    if (!is_uuid(ask->id)) return RAISE(INVALID_HANDLE_FORMAT, P("handle", ask->id));
    Arena *a = arena_new(NULL);
    Str key = key_of(a, ask);
    mutex_lock(d->lock);
    Status s = find_locked(c, d, ask, key);
    if (s.code) *c = NULL;
    mutex_unlock(d->lock);
    arena_free(a);
    return s;
}
void client_look(Client **c, ConnectDoor *d, const ClientAsk *ask)
{
    Arena *a = arena_new(NULL);
    Str key = key_of(a, ask);
    mutex_lock(d->lock);
    *c = map_get(&d->clients, key);
    if (*c) {
        (*c)->refs++;
        (*c)->seen_ns = connect_now();
    }
    mutex_unlock(d->lock);
    arena_free(a);
}
void client_hold(Client *c)
{
    mutex_lock(c->door->lock);
    c->refs++;
    mutex_unlock(c->door->lock);
}
static void end_job(Job *j)
{
    Client *c = CONTAINER(j, Ending, job)->client;
    Client *origin = c->origin;
    engine_session_end(c->door->engine, c->session);
    for (int32_t i = 0; i < MIN(c->nerrors, ERRORS_KEPT); i++) connect_error_drop(c->errors[i]);
    arena_free(c->arena);
    if (origin) client_drop(origin);
}
void client_drop(Client *c)
{
    ConnectDoor *d = c->door;
    mutex_lock(d->lock);
    bool last = --c->refs == 0;
    mutex_unlock(d->lock);
    if (!last) return;
    Ending *e = NEW(c->arena, Ending, 1);
    *e = (Ending){.job = {.run = end_job}, .client = c};
    // At the door's end, and when all are at work, whoever drops it last does it.
    if (d->ending || !crew_submit(d, &e->job)) end_job(&e->job);
}
static void bury(ConnectDoor *d, Str key)
{
    if (d->tombs.n >= TOMBSTONES) { // half of them would do; all are old
        arena_clear(d->tomb_arena);
        d->tombs = map_new(d->tomb_arena);
    }
    map_set(&d->tombs, str_copy(d->tomb_arena, key), d);
}
// At once, though a clone may keep the session's memory.
static void stop_streams(Client *c)
{
    Arena *a = arena_new(NULL);
    VEC(Query *) query = {0};
    mutex_lock(c->door->lock);
    for (int64_t i = 0; i < c->streamed.n; i++) vec_push(a, &query, c->streamed.v[i]->query);
    mutex_unlock(c->door->lock);
    for (int64_t i = 0; i < query.n; i++) query_ask_to_stop(query.v[i]);
    arena_free(a);
}
void client_close(Client *c)
{
    ConnectDoor *d = c->door;
    mutex_lock(d->lock);
    bool first = !c->closed;
    c->closed = true;
    if (first) {
        map_remove(&d->clients, c->key);
        bury(d, c->key);
        shared_add(&d->nclients, -1);
    }
    mutex_unlock(d->lock);
    if (!first) return;
    for (Operation *o; (o = operation_any(c));) {
        operation_release(o);
        operation_drop(o);
    }
    stop_streams(c);
    client_drop(c);
}
static Client *next_idle(ConnectDoor *d, int64_t before_ns) // with a reference
{
    Client *found = NULL;
    mutex_lock(d->lock);
    for (int64_t i = 0; i < d->clients.n && !found; i++) {
        Client *c = d->clients.entry[i].value;
        if (c->seen_ns < before_ns && !c->operations.n) found = c;
    }
    if (found) found->refs++;
    mutex_unlock(d->lock);
    return found;
}
static void close_all(ConnectDoor *d, int64_t before_ns)
{
    for (Client *c; (c = next_idle(d, before_ns));) {
        client_close(c);
        client_drop(c);
    }
}
void clients_idle(ConnectDoor *d) { close_all(d, connect_now() - d->options.session_idle * 1000); }
void clients_end(ConnectDoor *d)
{
    for (;;) {
        mutex_lock(d->lock);
        Client *c = d->clients.n ? d->clients.entry[0].value : NULL;
        if (c) c->refs++;
        mutex_unlock(d->lock);
        if (!c) return;
        client_close(c);
        client_drop(c);
    }
}
void client_keep_error(Client *c, ConnectError *e)
{
    if (!c || !e->id.n) return;
    shared_add(&e->refs, 1);
    mutex_lock(c->door->lock);
    ConnectError **at = &c->errors[c->nerrors++ % ERRORS_KEPT], *old = *at;
    *at = e;
    mutex_unlock(c->door->lock);
    connect_error_drop(old);
}
ConnectError *client_error(Client *c, Str id)
{
    ConnectError *found = NULL;
    mutex_lock(c->door->lock);
    for (int32_t i = 0; i < ERRORS_KEPT && !found; i++)
        if (c->errors[i] && str_eq(c->errors[i]->id, id)) found = c->errors[i];
    if (found) shared_add(&found->refs, 1);
    mutex_unlock(c->door->lock);
    return found;
}
static Map fork_map(Arena *a, const Map *m)
{
    Map copy = {.arena = a, .fold = m->fold};
    for (int64_t i = 0; i < m->n; i++) map_set(&copy, m->entry[i].key, m->entry[i].value);
    return copy;
}
Session *session_fork(Arena *a, const Session *s)
{
    Session *f = NEW(a, Session, 1);
    *f = *s;
    f->arena = a;
    f->conf = fork_map(a, &s->conf);
    f->views = fork_map(a, &s->views);
    f->kept = fork_map(a, &s->kept);
    f->memory = fork_map(a, &s->memory);
    f->functions = fork_map(a, &s->functions);
    variables_copy(f, s);
    f->notices = NULL;
    return f;
}
