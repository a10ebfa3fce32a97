// connect_door.c -- the door itself: its listeners, its thread, and what a turn of its loop does.
#include "serve/connect_door.h"
#include "base/civil.h"
#include "os/clock.h"
#include "serve/connect_session.h"
#include "serve/say.h"

enum { READY_MAX = 256 };
#define IDLE_LOOK (30 * MICROS_PER_SECOND)
#define GOODBYE   (MICROS_PER_SECOND * 1000) // nanoseconds

int64_t connect_now(void) { return clock_mono_ns(); }
void connect_say(ConnectDoor *d, Str peer, const char *fmt, ...)
{
    va_list ap;
    Sayer s = {d->options.say, d->options.say_to, "connect"};
    va_start(ap, fmt);
    sayer_say(&s, peer, fmt, ap);
    va_end(ap);
}
static void look_at_idle(Timer *t, void *to)
{
    ConnectDoor *d = to;
    clients_idle(d);
    links_late(d);
    timer_set(&d->timers, t, connect_now() + IDLE_LOOK * 1000);
}
static void turn(ConnectDoor *d)
{
    Ready ready[READY_MAX];
    Micros most = shared_get(&d->stop) ? 20 * MICROS_PER_MS : 10 * MICROS_PER_SECOND;
    int32_t n = poll_wait(d->poll, ready, READY_MAX, timers_wait(&d->timers, connect_now(), most));
    for (int32_t i = 0; i < n; i++) {
        if (ready[i].tag == &d->listener)
            link_accept(d, d->listener);
        else if (ready[i].tag == &d->listener6)
            link_accept(d, d->listener6);
        else
            link_ready(ready[i].tag, &ready[i]);
    }
    rpcs_done(d);
    operations_ready(d);
    timers_run(&d->timers, connect_now(), d);
    links_flush(d);
}
static void run(void *arg)
{
    ConnectDoor *d = arg;
    while (!shared_get(&d->stop)) turn(d);
    poll_remove(d->poll, d->listener);
    if (d->listener6) poll_remove(d->poll, d->listener6);
    links_goodbye(d);
    clients_end(d);
    // What was running tells its callers how it ended.
    int64_t until = connect_now() + GOODBYE;
    while (shared_get(&d->noperations) && connect_now() < until) turn(d);
    links_flush(d);
    while (d->links) link_end(d->links);
    crew_end(d);
    rpcs_done(d);
    operations_ready(d);
}
static void close_door(void *arg) { connect_door_close(arg); }

static Status listen_here(ConnectDoor *d, Str address)
{
    TRY(socket_listen(&d->listener, d->arena, address));
    d->address = socket_address(d->listener, d->arena);
    if (!address_is_loopback(d->address) && (!d->options.token.n || !d->tls))
        return fail(ERR_INVALID,
                    "the Spark Connect door at " STR_FMT
                    " would be open to other machines: it needs a token (--token-file, or "
                    "SPARK_CONNECT_AUTHENTICATE_TOKEN) and TLS (--tls-cert, --tls-key), or the "
                    "address 127.0.0.1",
                    STR_ARG(d->address));
    d->poll = poll_new(d->arena);
    poll_add(d->poll, d->listener, &d->listener, false);
    d->listener6 = socket_listen_v6(d->arena, d->listener);
    if (d->listener6) poll_add(d->poll, d->listener6, &d->listener6, false);
    return DONE;
}
static void set_defaults(ConnectDoorOptions *o)
{
    if (!o->connections_max) o->connections_max = 1000;
    if (!o->sessions_max) o->sessions_max = 10000;
    if (!o->threads_max) o->threads_max = 512;
    if (!o->message_bytes_max) o->message_bytes_max = 128 << 20;
    if (!o->memory_max) o->memory_max = 512 << 20;
    if (!o->session_idle) o->session_idle = 3600 * MICROS_PER_SECOND;
    if (!o->detached_max) o->detached_max = 300 * MICROS_PER_SECOND;
}
Status connect_door_open(ConnectDoor **out, Arena *a, Engine *e, Str address,
                         const ConnectDoorOptions *o)
{
    ConnectDoor *d = NEW(a, ConnectDoor, 1);
    d->arena = arena_new(NULL);
    d->thread_arena = arena_new(NULL);
    arena_defer(a, close_door, d);
    d->engine = e;
    if (o) d->options = *o;
    set_defaults(&d->options);
    d->options.token = str_copy(d->arena, d->options.token);
    d->worker_secret = str_cat(d->arena, rand_uuid(d->arena), rand_uuid(d->arena));
    d->timers.arena = d->arena;
    d->marked = NEW(d->arena, Link *, d->options.connections_max + 1);
    d->lock = mutex_new(d->arena);
    d->work = signal_new(d->arena, d->lock);
    clients_begin(d);
    if (o && o->certificates.n) TRY(tls_server_config(&d->tls, d->arena, o->certificates, o->key));
    TRY(listen_here(d, address));
    d->idle.fire = look_at_idle;
    timer_set(&d->timers, &d->idle, connect_now() + IDLE_LOOK * 1000);
    d->thread = thread_start(d->arena, "connect-door", run, d);
    *out = d;
    return DONE;
}
void connect_door_close(ConnectDoor *d)
{
    if (d->closed) return;
    d->closed = true;
    shared_set(&d->stop, 1);
    if (d->thread) {
        poll_wake(d->poll);
        thread_join(d->thread);
    } else {
        arena_free(d->thread_arena);
    }
    arena_free(d->arena);
}
bool connect_door_tls(const ConnectDoor *d) { return d->tls != NULL; }
Str connect_url(const ConnectDoor *d, Arena *a)
{
    return str_fmt(a, "sc://" STR_FMT "%s", STR_ARG(d->address), d->tls ? "/;use_ssl=true" : "");
}
Str connect_door_address(const ConnectDoor *d) { return d->address; }
int32_t connect_door_port(const ConnectDoor *d) { return socket_port(d->listener); }
ConnectDoorCounts connect_door_counts(ConnectDoor *d)
{
    return (ConnectDoorCounts){.connections = shared_get(&d->nlinks),
                               .sessions = shared_get(&d->nclients),
                               .operations = shared_get(&d->noperations),
                               .accepted = shared_get(&d->accepted),
                               .turned_away = shared_get(&d->turned_away),
                               .calls = shared_get(&d->calls),
                               .bytes_in = shared_get(&d->bytes_in),
                               .bytes_out = shared_get(&d->bytes_out),
                               .held_bytes = shared_get(&d->held)};
}
