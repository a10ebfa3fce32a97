// connect_link.c -- connections: bytes between a socket and its HTTP/2 session, through TLS when
// the door has a certificate. Nothing is ended in the middle of an event: a link is marked, and
// looked at when the turn is over.
#include "base/civil.h"
#include "serve/connect_in.h"

enum { IN_BYTES = 64 << 10, OUT_BYTES = 256 << 10 };
#define PREFACE_TIME (10 * MICROS_PER_SECOND * 1000)
static const Http2Limits limits = {
    .streams = 256, .window = 4 << 20, .header_bytes = 32 << 10, .resets = 1000};

void link_mark(Link *l)
{
    ConnectDoor *d = l->door;
    if (l->marked) return;
    l->marked = true;
    d->marked[d->nmarked++] = l;
}
static bool accept_one(ConnectDoor *d, Socket *listener)
{
    Arena *a = arena_new(NULL);
    Socket *s = NULL;
    Status st = socket_accept(&s, a, listener);
    if (st.code || !s) {
        arena_free(a);
        return false;
    }
    shared_add(&d->accepted, 1);
    Str peer = socket_peer(s, a);
    if (shared_get(&d->nlinks) >= d->options.connections_max) {
        shared_add(&d->turned_away, 1);
        connect_say(d, peer, "turned away: there are %d connections", d->options.connections_max);
        socket_close(s);
        arena_free(a);
        return true;
    }
    Link *l = NEW(a, Link, 1);
    *l = (Link){.door = d, .arena = a, .socket = s, .peer = peer, .next = d->links};
    l->opened_ns = connect_now();
    l->out = buf_new(a);
    l->plain = buf_new(a);
    l->http2 = http2_new(a, &rpc_events, l, &limits);
    if (l->next) l->next->prev = l;
    d->links = l;
    shared_add(&d->nlinks, 1);
    poll_add(d->poll, s, l, false);
    link_mark(l); // the settings go out
    return true;
}
void link_accept(ConnectDoor *d, Socket *listener)
{
    while (accept_one(d, listener)) {
    }
}
void link_end(Link *l)
{
    ConnectDoor *d = l->door;
    while (l->rpcs) rpc_gone(l->rpcs);
    poll_remove(d->poll, l->socket);
    socket_close(l->socket);
    if (l->next) l->next->prev = l->prev;
    if (l->prev)
        l->prev->next = l->next;
    else
        d->links = l->next;
    shared_add(&d->nlinks, -1);
    arena_free(l->arena);
}

// ---- in ----------------------------------------------------------------------------------------

static void send(Link *l, Str bytes)
{
    if (!l->tls)
        buf_put(&l->out, bytes);
    else if (tls_put(l->tls, bytes, &l->out).code)
        l->broken = true;
}
// What speaks something else is told where it is, in its own words when that is HTTP/1.
static bool speaks_http2(Link *l, Str bytes)
{
    for (int64_t i = 0; i < bytes.n && l->preface < http2_preface.n; i++, l->preface++) {
        if (bytes.p[i] == http2_preface.p[l->preface]) continue;
        Arena *a = arena_new(NULL);
        Str text = str_fmt(a,
                           "This is kappa's Spark Connect door: connect to it with PySpark,\n"
                           "  SPARK_REMOTE=" STR_FMT "\n",
                           STR_ARG(connect_url(l->door, a)));
        send(l, str_fmt(a,
                        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\n"
                        "content-length: %lld\r\nconnection: close\r\n\r\n" STR_FMT,
                        (long long)text.n, STR_ARG(text)));
        arena_free(a);
        l->closing = true;
        shared_add(&l->door->turned_away, 1);
        return false;
    }
    return true;
}
static void disconnect(Link *l, const char *why)
{
    shared_add(&l->door->turned_away, 1);
    connect_say(l->door, l->peer, "disconnected: %s", why);
    l->closing = true;
}
static void take_plain(Link *l, Str bytes)
{
    if (!bytes.n || !speaks_http2(l, bytes)) return;
    Status s = http2_take(l->http2, bytes, connect_now());
    if (s.code) disconnect(l, fail_text());
}
// The first byte tells TLS from all that a client may speak instead.
static void hear_first(Link *l, bool tls)
{
    l->heard = true;
    if (tls && l->door->tls) {
        l->tls = tls_accept(l->arena, l->door->tls);
    } else if (tls) {
        disconnect(l, "it speaks TLS, and this door has no certificate (--tls-cert, --tls-key)");
    } else if (l->door->tls) {
        l->in_clear = true; // its calls are refused, which a client understands
    }
}
static void take(Link *l, Str bytes)
{
    bool end = false;
    if (!l->heard) hear_first(l, bytes.p[0] == TLS_FIRST_BYTE);
    if (l->closing) return;
    if (!l->tls) {
        take_plain(l, bytes);
        return;
    }
    Status s = tls_take(l->tls, bytes, &l->plain, &l->out, &end);
    take_plain(l, buf_str(&l->plain));
    buf_clear(&l->plain);
    if (s.code) disconnect(l, fail_text());
    if (end) l->broken = true;
}
static void link_read(Link *l)
{
    char in[IN_BYTES];
    while (!l->closing && !l->broken) {
        bool end = false;
        int64_t got = 0;
        Status s = socket_read(l->socket, in, sizeof in, &got, &end);
        if (s.code || end) l->broken = true;
        if (s.code || end || !got) return;
        shared_add(&l->door->bytes_in, got);
        take(l, str_of(in, got));
        if (got < (int64_t)sizeof in) return;
    }
}

// ---- out ---------------------------------------------------------------------------------------

static bool write_out(Link *l) // true: all of it is gone
{
    while (l->out_sent < l->out.n) {
        int64_t sent = 0;
        Str piece = str_from(buf_str(&l->out), l->out_sent);
        Status s = socket_write(l->socket, &piece, 1, &sent);
        if (s.code) l->broken = true;
        if (s.code || !sent) return false;
        shared_add(&l->door->bytes_out, sent);
        l->out_sent += sent;
    }
    buf_clear(&l->out);
    l->out_sent = 0;
    return true;
}
static bool give(Link *l) // false: there is more
{
    if (!l->tls) return http2_give(l->http2, &l->out, OUT_BYTES);
    bool all = http2_give(l->http2, &l->plain, OUT_BYTES);
    send(l, buf_str(&l->plain));
    buf_clear(&l->plain);
    return all;
}
static void link_write(Link *l)
{
    bool all = false;
    while (!l->broken && !all) {
        if (!l->out.n && l->preface >= http2_preface.n) all = give(l);
        if (!l->out.n) break;
        if (!write_out(l)) break;
    }
    bool want = l->out.n > 0;
    if (!want && (l->closing || (l->preface >= http2_preface.n && http2_over(l->http2))))
        l->broken = true;
    if (want == l->want_write || l->broken) return;
    l->want_write = want;
    poll_change(l->door->poll, l->socket, l, want);
}
void link_ready(Link *l, const Ready *r)
{
    if (r->readable) link_read(l);
    if (r->closed && !r->readable) l->broken = true;
    link_mark(l);
}
void links_flush(ConnectDoor *d)
{
    while (d->nmarked) {
        Link *l = d->marked[--d->nmarked];
        l->marked = false;
        if (!l->broken) link_write(l);
        if (l->broken) link_end(l);
    }
}
void links_late(ConnectDoor *d)
{
    int64_t before = connect_now() - PREFACE_TIME;
    for (Link *l = d->links; l; l = l->next) {
        if (l->preface >= http2_preface.n || l->opened_ns > before) continue;
        shared_add(&d->turned_away, 1);
        connect_say(d, l->peer, "disconnected: it has not begun to speak");
        l->broken = true;
        link_mark(l);
    }
}
void links_goodbye(ConnectDoor *d)
{
    for (Link *l = d->links; l; l = l->next) {
        http2_goaway(l->http2);
        link_mark(l);
    }
}
