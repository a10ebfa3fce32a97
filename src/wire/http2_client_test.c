// http2_client_test.c -- the client's side of Http2 against the server's, both pure functions: a
// call there and back, trailers, a cancelled call, an answer that breaks off.
#include "base/test.h"
#include "wire/http2.h"

typedef struct Side {
    Http2 *http2;
    Arena *arena;
    // the client's
    Str out, status, trailer;
    int64_t sent;
    Buf in;
    int32_t heads, ended, closed;
    // the server's
    int32_t stream, opened;
    bool mute;
} Side;
typedef struct Pair {
    Side client, server;
} Pair;

static void *server_open(void *ctx, int32_t stream, const Http2Head *head)
{
    Side *s = ctx;
    s->stream = stream;
    s->opened++;
    s->status = str_copy(s->arena, head->path);
    return s;
}
static void take(void *ctx, void *tag, Str bytes)
{
    must(ctx == tag);
    buf_put(&((Side *)ctx)->in, bytes);
}
static void server_end(void *ctx, void *tag)
{
    static const Http2Field head[] = {{STR_INIT(":status"), STR_INIT("200")}};
    Side *s = ctx;
    (void)tag;
    s->ended++;
    if (!s->mute) http2_answer(s->http2, s->stream, head, 1);
}
static void client_end(void *ctx, void *tag)
{
    (void)tag;
    ((Side *)ctx)->ended++;
}
static void closed(void *ctx, void *tag)
{
    (void)tag;
    ((Side *)ctx)->closed++;
}
static int64_t server_pull(void *ctx, void *tag, char *to, int64_t room, bool *end)
{
    static const Http2Field trailer[] = {{STR_INIT("grpc-status"), STR_INIT("7")}};
    Side *s = ctx;
    (void)tag;
    must(room >= 4);
    for (int32_t i = 0; i < 4; i++) to[i] = "fine"[i];
    *end = true;
    http2_trailers(s->http2, s->stream, trailer, 1);
    return 4;
}
static int64_t client_pull(void *ctx, void *tag, char *to, int64_t room, bool *end)
{
    Side *s = ctx;
    int64_t n = MIN(MIN(room, 3), s->out.n - s->sent);
    (void)tag;
    memcpy(to, s->out.p + s->sent, (size_t)n);
    s->sent += n;
    *end = s->sent == s->out.n;
    return n;
}
static void client_head(void *ctx, void *tag, const Http2Head *head)
{
    Side *s = ctx;
    (void)tag;
    s->heads++;
    const Str *trailer = options_get(&head->fields, S("grpc-status"));
    if (head->status.n) s->status = str_copy(s->arena, head->status);
    if (trailer) s->trailer = str_copy(s->arena, *trailer);
}
static void pair_open(Pair *p, Arena *a)
{
    static const Http2Events server = {.open = server_open,
                                       .data = take,
                                       .end = server_end,
                                       .closed = closed,
                                       .pull = server_pull};
    static const Http2Events client = {.data = take,
                                       .end = client_end,
                                       .closed = closed,
                                       .pull = client_pull,
                                       .head = client_head};
    static const Http2Limits limits = {
        .streams = 4, .window = 1 << 16, .header_bytes = 1000, .resets = 10};
    Http2Limits ours = limits;
    ours.client = true;
    *p = (Pair){.client = {.arena = a, .in = buf_new(a), .out = S("a question")},
                .server = {.arena = a, .in = buf_new(a)}};
    p->server.http2 = http2_new(a, &server, &p->server, &limits);
    p->client.http2 = http2_new(a, &client, &p->client, &ours);
}
static bool carry(Side *from, Side *to, int64_t piece)
{
    Buf out = buf_new(from->arena);
    (void)http2_give(from->http2, &out, 1 << 20);
    for (int64_t at = 0; at < out.n; at += piece)
        CHECK_OK(http2_take(to->http2, str_sub(buf_str(&out), at, MIN(piece, out.n - at)), 0));
    return out.n > 0;
}
static void talk(Pair *p, int64_t piece)
{
    for (bool moved = true; moved;) {
        moved = carry(&p->client, &p->server, piece);
        moved |= carry(&p->server, &p->client, piece);
    }
}
static int32_t ask(Side *client)
{
    static const Http2Field head[] = {{STR_INIT(":method"), STR_INIT("POST")},
                                      {STR_INIT(":scheme"), STR_INIT("http")},
                                      {STR_INIT(":path"), STR_INIT("/a.B/C")},
                                      {STR_INIT(":authority"), STR_INIT("x")}};
    int32_t stream = 0;
    CHECK_OK(http2_ask(client->http2, client, head, COUNT(head), &stream));
    return stream;
}
TEST(http2_client_calls)
{
    static const int64_t pieces[] = {1 << 20, 1};
    for (int64_t i = 0; i < COUNT(pieces); i++) {
        Pair p;
        pair_open(&p, a);
        CHECK(ask(&p.client) > 0);
        talk(&p, pieces[i]);
        CHECK_STR(p.server.status, S("/a.B/C"));
        CHECK_STR(buf_str(&p.server.in), S("a question"));
        CHECK_I64(p.server.ended, 1);
        CHECK_STR(p.client.status, S("200"));
        CHECK_STR(buf_str(&p.client.in), S("fine"));
        CHECK_STR(p.client.trailer, S("7"));
        CHECK_I64(p.client.heads, 2);
        CHECK_I64(p.client.closed, 1);
        CHECK_I64(p.server.closed, 1);
    }
}
TEST(http2_client_cancels)
{
    Pair p;
    pair_open(&p, a);
    p.server.mute = true;
    int32_t stream = ask(&p.client);
    talk(&p, 1 << 20);
    CHECK_I64(p.client.closed, 0);
    http2_reset(p.client.http2, stream);
    talk(&p, 1 << 20);
    CHECK_I64(p.client.closed, 1);
    CHECK_I64(p.server.closed, 1);
    CHECK(!http2_over(p.client.http2));
    pair_open(&p, a);
    Buf out = buf_new(a);
    CHECK_OK(http2_take(p.client.http2, S("HTTP/1.1 400 Bad Request\r\n\r\n"), 0));
    (void)http2_give(p.client.http2, &out, 1 << 20);
    CHECK(http2_over(p.client.http2));
}
