// connect_constants.c -- the floor of the Connect door: the same HTTP/2 and gRPC, and behind them
// answers that are known beforehand (bench/connect.py writes them). One thread, no sessions.
//
//   connect_constants DIR     prints its port; DIR/METHOD holds messages, a u32le length before
//   each
#include "base/reader.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/net.h"
#include "wire/grpc.h"
#include "wire/http2.h"
#include "wire/protobuf.h"
#include <stdio.h>

enum { METHODS = 7, READY = 64, SESSION_NO = 1, OPERATION_NO = 12, RESPONSE_NO = 13 };
typedef struct Method {
    const char *name;
    uint32_t server_no;
    Str constant;
} Method;
typedef struct Link {
    Arena *arena;
    Socket *socket;
    Http2 *http2;
    Buf out;
    const Method *method;
} Link;
typedef struct Call {
    Arena *arena;
    Link *link;
    const Method *method;
    int32_t stream;
    Buf in, out;
    int64_t sent;
} Call;
static Method methods[METHODS] = {
    {"ExecutePlan.root", 15, {0}}, {"ExecutePlan.command", 15, {0}},
    {"AnalyzePlan", 15, {0}},      {"Config", 4, {0}},
    {"ReleaseExecute", 3, {0}},    {"ReleaseSession", 2, {0}},
    {"Interrupt", 3, {0}},
};

static void *open_call(void *ctx, int32_t stream, const Http2Head *head)
{
    Arena *a = arena_new(NULL);
    Call *c = NEW(a, Call, 1);
    *c = (Call){.arena = a, .link = ctx, .stream = stream, .in = buf_new(a), .out = buf_new(a)};
    Str name = str_from(head->path, str_rfind_char(head->path, '/') + 1);
    for (int32_t i = 0; i < METHODS && !c->method; i++)
        if (str_starts(str_z(methods[i].name), name)) c->method = &methods[i];
    return c->method ? c : NULL;
}
static void take(void *ctx, void *tag, Str bytes)
{
    (void)ctx;
    buf_put(&((Call *)tag)->in, bytes);
}
static void answer(Call *c, Str request)
{
    Proto p, plan = {0};
    bool execute = c->method == &methods[0];
    must(!proto_open(&p, request).code && (!execute || !proto_sub(&p, 3, &plan).code));
    if (execute && proto_has(&plan, 2)) c->method = &methods[1];
    for (Reader r = reader_of(c->method->constant); r.at < r.end;) {
        Str constant = reader_str_u32le(&r);
        int64_t at = c->out.n;
        buf_fill(&c->out, 0, GRPC_PREFIX);
        proto_put_str(&c->out, SESSION_NO, proto_str(&p, 1));
        proto_put_str(&c->out, c->method->server_no, S("11111111-2222-3333-4444-555555555555"));
        if (execute) {
            proto_put_str(&c->out, OPERATION_NO, proto_str(&p, 6));
            proto_put_str(&c->out, RESPONSE_NO, rand_uuid(c->arena));
        }
        buf_put(&c->out, constant);
        grpc_prefix(c->out.p + at, c->out.n - at - GRPC_PREFIX);
    }
}
static void end_call(void *ctx, void *tag)
{
    static const Http2Field head[] = {
        {STR_INIT(":status"), STR_INIT("200")},
        {STR_INIT("content-type"), STR_INIT("application/grpc")},
    };
    Call *c = tag;
    bool packed;
    Str message, rest;
    must(grpc_message(buf_str(&c->in), &packed, &message, &rest));
    answer(c, message);
    http2_answer(((Link *)ctx)->http2, c->stream, head, (int32_t)COUNT(head));
}
static void close_call(void *ctx, void *tag)
{
    (void)ctx;
    arena_free(((Call *)tag)->arena);
}
static int64_t pull(void *ctx, void *tag, char *to, int64_t room, bool *end)
{
    static const Http2Field trailer[] = {{STR_INIT("grpc-status"), STR_INIT("0")}};
    Call *c = tag;
    int64_t n = MIN(room, c->out.n - c->sent);
    if (n) memcpy(to, c->out.p + c->sent, (size_t)n);
    c->sent += n;
    *end = c->sent == c->out.n;
    if (*end) http2_trailers(((Link *)ctx)->http2, c->stream, trailer, 1);
    return n;
}

static void link_open(Poll *poll, Socket *listener)
{
    static const Http2Events events = {open_call, take, end_call, close_call, pull};
    static const Http2Limits limits = {
        .streams = 256, .window = 4 << 20, .header_bytes = 32 << 10, .resets = 1000};
    Arena *a = arena_new(NULL);
    Socket *s = NULL;
    must(!socket_accept(&s, a, listener).code);
    if (!s) {
        arena_free(a);
        return;
    }
    Link *l = NEW(a, Link, 1);
    *l = (Link){.arena = a, .socket = s, .out = buf_new(a)};
    l->http2 = http2_new(a, &events, l, &limits);
    poll_add(poll, s, l, false);
}
static bool link_turn(Link *l) // false: it is over
{
    char in[65536];
    int64_t got = 0;
    bool end = false;
    if (socket_read(l->socket, in, sizeof in, &got, &end).code || end) return false;
    if (got && http2_take(l->http2, str_of(in, got), clock_mono_ns()).code) return false;
    buf_clear(&l->out);
    (void)http2_give(l->http2, &l->out, 1 << 24);
    return !l->out.n || !socket_write_all(l->socket, buf_str(&l->out), 1000000).code;
}
int main(int argc, char **argv)
{
    Arena *a = arena_new(NULL);
    Socket *listener;
    must(argc == 2);
    for (int32_t i = 0; i < METHODS; i++)
        must(!file_load(&methods[i].constant, a, str_fmt(a, "%s/%s", argv[1], methods[i].name),
                        1 << 20)
                  .code);
    must(!socket_listen(&listener, a, S("127.0.0.1:0")).code);
    printf("%d\n", socket_port(listener));
    fflush(stdout);
    Poll *poll = poll_new(a);
    poll_add(poll, listener, &listener, false);
    for (;;) {
        Ready ready[READY];
        int32_t n = poll_wait(poll, ready, READY, -1);
        for (int32_t i = 0; i < n; i++) {
            Link *l = ready[i].tag;
            if (ready[i].tag == &listener) {
                link_open(poll, listener);
            } else if (!link_turn(l)) {
                poll_remove(poll, l->socket);
                arena_free(l->arena);
            }
        }
    }
}
