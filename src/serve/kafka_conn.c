// kafka_conn.c -- connections: frames in, answers out in the order of their requests. Nothing is
// ended in the middle of a handler: a connection is marked, and looked at when the turn is over.
#include "serve/kafka_door_in.h"

enum { IN_BYTES = 16 << 10, FRAME_MIN = 8, PIECES_MAX = 64 };

static void mark(Conn *c)
{
    KafkaDoor *d = c->door;
    if (c->marked) return;
    c->marked = true;
    d->marked[d->nmarked++] = c;
}

static void broker_address(KafkaDoor *d, Conn *c)
{
    c->broker = d->broker;
    if (c->broker.host.n) return;
    Str own = socket_address(c->socket, c->arena); // where this client found us
    int64_t colon = str_rfind_char(own, ':');
    Str host = colon < 0 ? own : str_sub(own, 0, colon);
    if (str_starts(host, S("["))) host = str_sub(host, 1, host.n - 2);
    c->broker.host = host;
    c->broker.port = socket_port(c->socket);
}

static bool accept_one(KafkaDoor *d, Socket *listener)
{
    Arena *a = arena_new(NULL);
    Socket *s = NULL;
    Status st = socket_accept(&s, a, listener);
    if (st.code || !s) { // ERR_LIMIT: no more files; it waits in the queue
        arena_free(a);
        return false;
    }
    shared_add(&d->accepted, 1);
    Conn *c = NEW(a, Conn, 1);
    c->door = d;
    c->arena = a;
    c->socket = s;
    c->peer = socket_peer(s, a);
    if (shared_get(&d->nconns) >= d->options.connections_max) {
        shared_add(&d->turned_away, 1);
        door_say(d, c, "turned away: there are %d connections", d->options.connections_max);
        socket_close(s);
        arena_free(a);
        return true;
    }
    c->in = NEW_RAW(a, char, IN_BYTES);
    broker_address(d, c);
    c->next = d->conns;
    if (c->next) c->next->prev = c;
    d->conns = c;
    shared_add(&d->nconns, 1);
    poll_add(d->poll, s, c, false);
    return true;
}

void conn_accept(KafkaDoor *d, Socket *listener)
{
    while (accept_one(d, listener)) {
    }
}

void conn_end(KafkaDoor *d, Conn *c)
{
    while (c->first) {
        Call *call = c->first;
        c->first = call->next;
        call_free(d, call);
    }
    if (c->filling) call_free(d, c->filling);
    poll_remove(d->poll, c->socket);
    socket_close(c->socket);
    if (c->next) c->next->prev = c->prev;
    if (c->prev)
        c->prev->next = c->next;
    else
        d->conns = c->next;
    shared_add(&d->nconns, -1);
    arena_free(c->arena);
}

// -- in

static Call *call_new(Conn *c, int64_t bytes)
{
    Arena *a = arena_new(NULL);
    Call *call = NEW(a, Call, 1);
    call->arena = a;
    call->conn = c;
    call->frame = NEW_RAW(a, char, bytes);
    call->bytes = bytes;
    c->held += bytes;
    shared_add(&c->door->held, bytes);
    return call;
}

static void dispatch(Conn *c, Call *call)
{
    // What is pipelined behind a waiting fetch should not wait with it.
    if (c->last && fetch_parked(c->last)) fetch_hurry(c->door, c->last);
    if (c->last)
        c->last->next = call;
    else
        c->first = call;
    c->last = call;
    c->ncalls++;
    shared_add(&c->door->requests, 1);
    call_dispatch(c->door, call);
}

static void turn_away(Conn *c, const char *why)
{
    shared_add(&c->door->turned_away, 1);
    door_say(c->door, c, "disconnected: %s", why);
    c->broken = true;
    mark(c);
}

static bool frame_length(Conn *c, int64_t at, int64_t *n)
{
    Reader r = reader_of(str_of(c->in + at, 4));
    *n = (int32_t)reader_u32be(&r);
    if (*n >= FRAME_MIN && *n <= c->door->options.request_bytes_max) return true;
    turn_away(c, c->known ? "a request of impossible length" : "this is not the Kafka protocol");
    return false;
}

static bool may_read(const Conn *c)
{
    const KafkaDoor *d = c->door;
    bool memory =
        c->held <= d->options.request_bytes_max && shared_get(&d->held) <= d->options.memory_max;
    return !c->broken && c->ncalls < CALLS_MAX && (memory || c->filling);
}

// As long as there is room for their answers; the rest waits where it is.
static void take_frames(Conn *c)
{
    int64_t at = 0, n;
    while (may_read(c) && !c->filling && c->in_n - at >= 4) {
        if (!frame_length(c, at, &n)) return;
        Call *call = call_new(c, n);
        int64_t there = MIN(n, c->in_n - at - 4);
        memcpy(call->frame, c->in + at + 4, (size_t)there);
        at += 4 + there;
        if (there < n) {
            c->filling = call;
            c->filled = there;
        } else {
            dispatch(c, call);
        }
    }
    memmove(c->in, c->in + at, (size_t)(c->in_n - at));
    c->in_n -= at;
}

static void conn_read(Conn *c)
{
    while (may_read(c)) {
        bool end = false;
        int64_t got = 0;
        char *to = c->filling ? c->filling->frame + c->filled : c->in + c->in_n;
        int64_t room = c->filling ? c->filling->bytes - c->filled : IN_BYTES - c->in_n;
        Status s = socket_read(c->socket, to, room, &got, &end);
        if (s.code || end) {
            c->broken = true;
            mark(c);
            return;
        }
        if (!got) return;
        shared_add(&c->door->bytes_in, got);
        if (!c->filling) {
            c->in_n += got;
            take_frames(c);
        } else if ((c->filled += got) == c->filling->bytes) {
            Call *call = c->filling;
            c->filling = NULL;
            dispatch(c, call);
        }
        if (got < room) return; // that was all there is
    }
}

// -- out

static void conn_poll(Conn *c)
{
    KafkaDoor *d = c->door;
    bool want_write = c->first && c->first->done, paused = !may_read(c);
    if (paused && !c->broken) d->starved = true;
    if (want_write == c->want_write && paused == c->paused) return;
    c->want_write = want_write;
    c->paused = paused;
    if (paused)
        poll_pause(d->poll, c->socket, c, want_write);
    else
        poll_change(d->poll, c->socket, c, want_write);
}

static void advance(Call *call, int64_t sent)
{
    while (sent > 0) {
        Str *p = &call->piece.v[call->sent_pieces];
        int64_t n = MIN(sent, p->n);
        *p = str_from(*p, n);
        sent -= n;
        if (!p->n) call->sent_pieces++;
    }
    while (call->sent_pieces < call->piece.n && !call->piece.v[call->sent_pieces].n)
        call->sent_pieces++;
}

// True when all of it is out.
static bool send_call(Conn *c, Call *call)
{
    while (!call->silent && call->sent_pieces < call->piece.n) {
        int64_t sent = 0;
        int32_t n = (int32_t)MIN(call->piece.n - call->sent_pieces, PIECES_MAX);
        Status s = socket_write(c->socket, call->piece.v + call->sent_pieces, n, &sent);
        if (s.code) c->broken = true;
        if (s.code || !sent) return false;
        shared_add(&c->door->bytes_out, sent);
        advance(call, sent);
    }
    return true;
}

static void conn_write(Conn *c)
{
    while (!c->broken && c->first && c->first->done) {
        Call *call = c->first;
        if (call->refused) c->broken = true;
        if (c->broken || !send_call(c, call)) return;
        c->first = call->next;
        if (!c->first) c->last = NULL;
        c->ncalls--;
        call_free(c->door, call);
    }
}

void conn_ready(KafkaDoor *d, Conn *c, const Ready *r)
{
    (void)d;
    if (r->readable) conn_read(c);
    if (r->closed && !r->readable) c->broken = true;
    mark(c);
}

static void feed_starved(KafkaDoor *d)
{
    if (!d->starved) return;
    d->starved = false;
    for (Conn *c = d->conns; c; c = c->next) conn_poll(c);
}

void conn_flush_marked(KafkaDoor *d)
{
    while (d->nmarked) {
        Conn *c = d->marked[--d->nmarked];
        c->marked = false;
        conn_write(c);
        take_frames(c);
        if (c->broken) {
            conn_end(d, c);
            continue;
        }
        conn_poll(c);
    }
    feed_starved(d);
}

void call_done(KafkaDoor *d, Call *c)
{
    call_stop_waiting(d, c);
    call_piece(c, (Str){0});
    int64_t n = -4;
    for (int64_t i = 0; i < c->piece.n; i++) n += c->piece.v[i].n;
    for (int32_t i = 0; i < 4; i++) ((char *)c->piece.v[0].p)[i] = (char)(n >> (24 - 8 * i));
    c->bytes += n;
    c->conn->held += n;
    shared_add(&d->held, n);
    c->done = true;
    mark(c->conn);
}

void call_refuse(KafkaDoor *d, Call *c)
{
    call_stop_waiting(d, c);
    c->done = c->refused = true;
    mark(c->conn);
}
