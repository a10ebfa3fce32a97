// http2_test.c -- a client made of nghttp2's other half speaks to Http2: heads, bodies that come
// and go in pieces, trailers, refusals, floods, and what is no HTTP/2.
#include "base/test.h"
#include "wire/http2.h"
#include <nghttp2/nghttp2.h>

typedef struct World {
    Arena *arena;
    Http2 *http2;
    nghttp2_session *client;
    // of the server
    Str path, method, te;
    Buf body;
    int32_t stream, opened, ended, closed, more;
    bool silent;
    // of the client
    Str status, trailer;
    Buf answer;
    int32_t closes;
    uint32_t goaway;
} World;

static void *open_stream(void *ctx, int32_t stream, const Http2Head *head)
{
    World *w = ctx;
    const Str *te = options_get(&head->fields, S("te"));
    w->stream = stream;
    w->opened++;
    w->path = str_copy(w->arena, head->path);
    w->method = str_copy(w->arena, head->method);
    if (te) w->te = str_copy(w->arena, *te);
    return w;
}
static void take_data(void *ctx, void *tag, Str bytes)
{
    must(ctx == tag);
    buf_put(&((World *)ctx)->body, bytes);
}
static void end_stream(void *ctx, void *tag)
{
    static const Http2Field head[] = {{STR_INIT(":status"), STR_INIT("200")}};
    World *w = ctx;
    (void)tag;
    w->ended++;
    http2_answer(w->http2, w->stream, head, 1);
}
static void close_stream(void *ctx, void *tag)
{
    (void)tag;
    ((World *)ctx)->closed++;
}
// Three bytes a turn, and at the second nothing yet.
static int64_t pull(void *ctx, void *tag, char *to, int64_t room, bool *end)
{
    static const Http2Field trailer[] = {{STR_INIT("grpc-status"), STR_INIT("0")}};
    World *w = ctx;
    (void)tag;
    (void)room;
    if (w->silent || ++w->more == 2) return 0;
    *end = w->more == 3;
    if (*end) http2_trailers(w->http2, w->stream, trailer, 1);
    for (int32_t i = 0; i < 3; i++) to[i] = "abc"[i];
    return 3;
}
static const Http2Events events = {open_stream, take_data, end_stream, close_stream, pull, NULL};

static int client_header(nghttp2_session *s, const nghttp2_frame *f, nghttp2_rcbuf *name,
                         nghttp2_rcbuf *value, uint8_t flags, void *arg)
{
    World *w = arg;
    nghttp2_vec n = nghttp2_rcbuf_get_buf(name), v = nghttp2_rcbuf_get_buf(value);
    (void)s;
    (void)f;
    (void)flags;
    Str text = str_copy(w->arena, str_of((char *)v.base, (int64_t)v.len));
    if (str_eq(str_of((char *)n.base, (int64_t)n.len), S(":status")))
        w->status = text;
    else
        w->trailer = text;
    return 0;
}
static int client_data(nghttp2_session *s, uint8_t flags, int32_t id, const uint8_t *p, size_t n,
                       void *arg)
{
    (void)s;
    (void)flags;
    (void)id;
    buf_put(&((World *)arg)->answer, str_of((const char *)p, (int64_t)n));
    return 0;
}
static int client_close(nghttp2_session *s, int32_t id, uint32_t code, void *arg)
{
    (void)s;
    (void)id;
    (void)code;
    ((World *)arg)->closes++;
    return 0;
}
static int client_frame(nghttp2_session *s, const nghttp2_frame *f, void *arg)
{
    (void)s;
    if (f->hd.type == NGHTTP2_GOAWAY) ((World *)arg)->goaway = f->goaway.error_code;
    return 0;
}
static World world_new(Arena *a)
{
    return (World){.arena = a, .body = buf_new(a), .answer = buf_new(a), .goaway = 99};
}
static void world_open(World *w, int32_t resets)
{
    static const Http2Limits limits = {.streams = 10, .window = 1 << 16, .header_bytes = 1000};
    Http2Limits l = limits;
    l.resets = resets;
    nghttp2_session_callbacks *cb;
    must(!nghttp2_session_callbacks_new(&cb));
    nghttp2_session_callbacks_set_on_header_callback2(cb, client_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, client_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(cb, client_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(cb, client_frame);
    must(!nghttp2_session_client_new(&w->client, cb, w));
    nghttp2_session_callbacks_del(cb);
    must(!nghttp2_submit_settings(w->client, NGHTTP2_FLAG_NONE, NULL, 0));
    w->http2 = http2_new(w->arena, &events, w, &l);
}
// Bytes go to and fro until both are silent; `piece` bytes at a time.
static Status talk(World *w, int64_t piece)
{
    for (bool moved = true; moved;) {
        moved = false;
        const uint8_t *p;
        for (ssize_t n; (n = nghttp2_session_mem_send(w->client, &p)) > 0; moved = true)
            for (int64_t at = 0; at < n; at += piece)
                TRY(http2_take(w->http2, str_of((const char *)p + at, MIN(piece, n - at)), 0));
        Buf out = buf_new(w->arena);
        (void)http2_give(w->http2, &out, 1 << 20);
        moved |= out.n > 0;
        if (out.n)
            must(nghttp2_session_mem_recv(w->client, (const uint8_t *)out.p, (size_t)out.n) >= 0);
    }
    return DONE;
}
// As nghttp2 declares it.
#define SEND_ARGS                                                                                  \
    nghttp2_session *s, int32_t id, uint8_t *to, size_t room, uint32_t *flags,                     \
        nghttp2_data_source *source, void *arg
static ssize_t send_body(SEND_ARGS) // NOLINT(readability-function-size): nghttp2 has it so
{
    (void)s;
    (void)id;
    (void)room;
    (void)arg;
    Str *body = source->ptr;
    memcpy(to, body->p, (size_t)body->n);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return body->n;
}
#define NV(n, v)                                                                                   \
    {                                                                                              \
        (uint8_t *)(n), (uint8_t *)(v), sizeof(n) - 1, sizeof(v) - 1, NGHTTP2_NV_FLAG_NONE         \
    }
static int32_t ask(World *w, Str *body)
{
    nghttp2_nv head[] = {NV(":method", "POST"), NV(":scheme", "http"), NV(":path", "/a.B/C"),
                         NV(":authority", "x"), NV("te", "trailers")};
    nghttp2_data_provider data = {.source.ptr = body, .read_callback = send_body};
    return nghttp2_submit_request(w->client, NULL, head, COUNT(head), body ? &data : NULL, NULL);
}
static void a_call(Arena *a, int64_t piece)
{
    World w = world_new(a);
    Str body = S("hello");
    world_open(&w, 100);
    CHECK(ask(&w, &body) > 0);
    CHECK_OK(talk(&w, piece));
    CHECK_STR(w.path, S("/a.B/C"));
    CHECK_STR(w.method, S("POST"));
    CHECK_STR(w.te, S("trailers"));
    CHECK_STR(buf_str(&w.body), body);
    CHECK_I64(w.ended, 1);
    CHECK_STR(buf_str(&w.answer), S("abc"));
    http2_more(w.http2, w.stream);
    CHECK_OK(talk(&w, piece));
    CHECK_STR(buf_str(&w.answer), S("abcabc"));
    CHECK_STR(w.status, S("200"));
    CHECK_STR(w.trailer, S("0"));
    CHECK_I64(w.closed, 1);
    CHECK_I64(w.closes, 1);
    CHECK(!http2_over(w.http2));
    http2_goaway(w.http2);
    CHECK_OK(talk(&w, piece));
    CHECK_I64(w.goaway, NGHTTP2_NO_ERROR);
    nghttp2_session_del(w.client);
}
TEST(http2_call)
{
    a_call(a, 1 << 20);
    a_call(a, 1);
}
TEST(http2_floods_and_noise)
{
    World w = world_new(a);
    w.silent = true;
    world_open(&w, 3);
    Status s = DONE;
    for (int32_t i = 0; i < 5 && !s.code; i++) {
        int32_t id = ask(&w, NULL);
        CHECK_OK(talk(&w, 1 << 20));
        must(!nghttp2_submit_rst_stream(w.client, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL));
        s = talk(&w, 1 << 20);
    }
    CHECK_FAILS(s, ERR_LIMIT);
    CHECK_I64(w.closed, w.opened);
    nghttp2_session_del(w.client);

    World v = world_new(a);
    world_open(&v, 3);
    CHECK_FAILS(http2_take(v.http2, S("GET / HTTP/1.1\r\n\r\nthis is no preface at all"), 0),
                ERR_INVALID);
    nghttp2_session_del(v.client);
}
TEST(http2_heads_too_long)
{
    World w = world_new(a);
    world_open(&w, 3);
    char text[2000];
    memset(text, 'x', sizeof text);
    nghttp2_nv head[] = {NV(":method", "POST"),
                         NV(":scheme", "http"),
                         NV(":path", "/"),
                         NV(":authority", "x"),
                         {(uint8_t *)"long", (uint8_t *)text, 4, sizeof text, 0}};
    CHECK(nghttp2_submit_request(w.client, NULL, head, COUNT(head), NULL, NULL) > 0);
    CHECK_OK(talk(&w, 1 << 20));
    CHECK_I64(w.opened, 0);
    CHECK_I64(w.closes, 1);
    nghttp2_session_del(w.client);
}
