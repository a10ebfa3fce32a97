// kafka_door.c -- the door itself: its listeners, its thread, and what a turn of its loop does.
#include "serve/kafka_door.h"
#include "base/civil.h"
#include "os/clock.h"
#include "serve/kafka_door_in.h"
#include "serve/say.h"

enum { READY_MAX = 256, MOVED_MAX = 256 };

int64_t door_now(void) { return clock_mono_ns(); }

void door_say(KafkaDoor *d, const Conn *c, const char *fmt, ...)
{
    va_list ap;
    Sayer s = {d->options.say, d->options.say_to, "kafka"};
    va_start(ap, fmt);
    sayer_say(&s, c->peer, fmt, ap);
    va_end(ap);
}

static void take_moved(KafkaDoor *d)
{
    Partition *moved[MOVED_MAX];
    for (int32_t n; (n = watch_take(d->watch, moved, MOVED_MAX)) > 0;)
        for (int32_t i = 0; i < n; i++) calls_moved(d, moved[i]);
    calls_offsets(d);
}

static void turn(KafkaDoor *d)
{
    Ready ready[READY_MAX];
    Micros most = 10 * MICROS_PER_SECOND;
    int32_t n = poll_wait(d->poll, ready, READY_MAX, timers_wait(&d->timers, door_now(), most));
    for (int32_t i = 0; i < n; i++) {
        if (ready[i].tag == &d->listener)
            conn_accept(d, d->listener);
        else if (ready[i].tag == &d->listener6)
            conn_accept(d, d->listener6);
        else
            conn_ready(d, ready[i].tag, &ready[i]);
    }
    take_moved(d);
    timers_run(&d->timers, door_now(), d);
    conn_flush_marked(d);
}

static void run(void *arg)
{
    KafkaDoor *d = arg;
    while (!shared_get(&d->stop)) turn(d);
    while (d->conns) conn_end(d, d->conns);
}

static void wake(void *arg) { poll_wake(((KafkaDoor *)arg)->poll); }
static void close_door(void *arg) { kafka_door_close(arg); }

static void split_address(Str address, Str *host, int32_t *port)
{
    int64_t colon = str_rfind_char(address, ':');
    *host = colon < 0 ? address : str_sub(address, 0, colon);
    if (str_starts(*host, S("["))) *host = str_sub(*host, 1, MAX(0, host->n - 2));
    *port = 0;
    for (int64_t i = colon + 1; colon >= 0 && i < address.n; i++)
        if (address.p[i] >= '0' && address.p[i] <= '9') *port = *port * 10 + (address.p[i] - '0');
}

static Status open_door(KafkaDoor *d, Str address)
{
    TRY(socket_listen(&d->listener, d->arena, address));
    d->address = socket_address(d->listener, d->arena);
    d->poll = poll_new(d->arena);
    poll_add(d->poll, d->listener, &d->listener, false);
    d->listener6 = socket_listen_v6(d->arena, d->listener);
    if (d->listener6) poll_add(d->poll, d->listener6, &d->listener6, false);
    d->watch = log_watch(d->log, d->arena, wake, d);
    d->groups = groups_new(d);
    d->thread = thread_start(d->arena, "kafka-door", run, d);
    return DONE;
}

Status kafka_door_open(KafkaDoor **out, Arena *a, Log *log, Str address, const KafkaDoorOptions *o)
{
    KafkaDoor *d = NEW(a, KafkaDoor, 1);
    d->arena = arena_new(NULL);
    arena_defer(a, close_door, d);
    d->log = log;
    if (o) d->options = *o;
    if (!d->options.connections_max) d->options.connections_max = 1000;
    if (!d->options.request_bytes_max) d->options.request_bytes_max = 100 << 20;
    if (!d->options.memory_max) d->options.memory_max = 512 << 20;
    d->broker = (KafkaBroker){.id = NODE_ID, .cluster_id = log_cluster_id(log)};
    if (d->options.advertised.n)
        split_address(str_copy(d->arena, d->options.advertised), &d->broker.host, &d->broker.port);
    d->timers.arena = d->arena;
    d->marked = NEW(d->arena, Conn *, d->options.connections_max);
    TRY(open_door(d, address));
    log_reachable(log, d->address);
    if (d->options.advertised.n) log_reachable(log, d->options.advertised);
    *out = d;
    return DONE;
}

void kafka_door_close(KafkaDoor *d)
{
    if (d->closed) return;
    d->closed = true;
    shared_set(&d->stop, 1);
    if (d->thread) {
        poll_wake(d->poll);
        thread_join(d->thread);
    }
    if (d->groups) groups_end(d->groups);
    arena_free(d->arena);
}

Str kafka_door_address(const KafkaDoor *d) { return d->address; }
int32_t kafka_door_port(const KafkaDoor *d) { return socket_port(d->listener); }

KafkaDoorCounts kafka_door_counts(KafkaDoor *d)
{
    return (KafkaDoorCounts){
        .connections = shared_get(&d->nconns),
        .accepted = shared_get(&d->accepted),
        .turned_away = shared_get(&d->turned_away),
        .requests = shared_get(&d->requests),
        .bytes_in = shared_get(&d->bytes_in),
        .bytes_out = shared_get(&d->bytes_out),
        .held_bytes = shared_get(&d->held),
    };
}
