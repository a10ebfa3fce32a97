// connect_door_test.c -- the door as a client of another make sees it: heads, statuses, one
// message, what is refused. Plans and results are the real client's to check (test/connect).
#include "base/civil.h"
#include "base/test.h"
#include "fmt/codec.h"
#include "os/file.h"
#include "os/net.h"
#include "serve/connect_door.h"
#include "wire/grpc.h"
#include "wire/http2.h"
#include "wire/protobuf.h"
#include <nghttp2/nghttp2.h>

#define SERVICE "/spark.connect.SparkConnectService/"
#define SESSION "00112233-4455-6677-8899-aabbccddeeff"
typedef struct Caller {
    Arena *arena;
    Socket *socket;
    nghttp2_session *http2;
    Str status, grpc, text; // :status, grpc-status, grpc-message
    Buf answer;
    bool closed;
    Str request;
    int64_t sent;
} Caller;

static int got_header(nghttp2_session *s, const nghttp2_frame *f, nghttp2_rcbuf *name,
                      nghttp2_rcbuf *value, uint8_t flags, void *arg)
{
    Caller *c = arg;
    nghttp2_vec n = nghttp2_rcbuf_get_buf(name), v = nghttp2_rcbuf_get_buf(value);
    Str key = str_of((char *)n.base, (int64_t)n.len);
    Str text = str_copy(c->arena, str_of((char *)v.base, (int64_t)v.len));
    (void)s;
    (void)f;
    (void)flags;
    if (str_eq(key, S(":status"))) c->status = text;
    if (str_eq(key, S("grpc-status"))) c->grpc = text;
    if (str_eq(key, S("grpc-message"))) c->text = text;
    return 0;
}
static int got_data(nghttp2_session *s, uint8_t flags, int32_t id, const uint8_t *p, size_t n,
                    void *arg)
{
    (void)s;
    (void)flags;
    (void)id;
    buf_put(&((Caller *)arg)->answer, str_of((const char *)p, (int64_t)n));
    return 0;
}
static int got_close(nghttp2_session *s, int32_t id, uint32_t code, void *arg)
{
    (void)s;
    (void)id;
    (void)code;
    ((Caller *)arg)->closed = true;
    return 0;
}
#define SEND_ARGS                                                                                  \
    nghttp2_session *s, int32_t id, uint8_t *to, size_t room, uint32_t *flags,                     \
        nghttp2_data_source *source, void *arg
static ssize_t send_request(SEND_ARGS) // NOLINT(readability-function-size): nghttp2 has it so
{
    Caller *c = arg;
    int64_t n = MIN((int64_t)room, c->request.n - c->sent);
    (void)s;
    (void)id;
    (void)source;
    if (n) memcpy(to, c->request.p + c->sent, (size_t)n);
    c->sent += n;
    if (c->sent == c->request.n) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return n;
}
static void caller_open(Caller *c, Arena *a, Str address)
{
    nghttp2_session_callbacks *cb;
    *c = (Caller){.arena = a, .answer = buf_new(a)};
    CHECK_OK(socket_connect(&c->socket, a, address, MICROS_PER_SECOND));
    must(!nghttp2_session_callbacks_new(&cb));
    nghttp2_session_callbacks_set_on_header_callback2(cb, got_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, got_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(cb, got_close);
    must(!nghttp2_session_client_new(&c->http2, cb, c));
    nghttp2_session_callbacks_del(cb);
    must(!nghttp2_submit_settings(c->http2, NGHTTP2_FLAG_NONE, NULL, 0));
}
static void caller_end(Caller *c)
{
    nghttp2_session_del(c->http2);
    socket_close(c->socket);
}
static void talk(Caller *c)
{
    char in[4096];
    c->closed = false;
    for (int32_t turn = 0; turn < 1000 && !c->closed; turn++) {
        const uint8_t *p;
        for (ssize_t n; (n = nghttp2_session_mem_send(c->http2, &p)) > 0;)
            if (socket_write_all(c->socket, str_of((const char *)p, n), MICROS_PER_SECOND).code)
                return;
        int64_t got = 0;
        bool end = false;
        (void)socket_wait(c->socket, false, 5 * MICROS_PER_SECOND);
        if (socket_read(c->socket, in, sizeof in, &got, &end).code || end) return;
        must(nghttp2_session_mem_recv(c->http2, (const uint8_t *)in, (size_t)got) >= 0);
    }
}
static nghttp2_nv field(const char *name, const char *value)
{
    nghttp2_nv nv = {.namelen = strlen(name), .valuelen = strlen(value)};
    memcpy(&nv.name, &name, sizeof(void *)); // nghttp2 takes no const and changes nothing
    memcpy(&nv.value, &value, sizeof(void *));
    return nv;
}
typedef struct Head {
    const char *path, *type, *encoding, *authorization;
} Head;
static void call(Caller *c, const Head *h, Str frame)
{
    nghttp2_nv head[8];
    size_t n = 0;
    head[n++] = field(":method", "POST");
    head[n++] = field(":scheme", "http");
    head[n++] = field(":path", h->path);
    head[n++] = field(":authority", "x");
    head[n++] = field("content-type", h->type ? h->type : "application/grpc");
    if (h->encoding) head[n++] = field("grpc-encoding", h->encoding);
    if (h->authorization) head[n++] = field("authorization", h->authorization);
    nghttp2_data_provider body = {.read_callback = send_request};
    c->request = frame;
    c->sent = 0;
    buf_clear(&c->answer);
    c->status = c->grpc = c->text = (Str){0};
    CHECK(nghttp2_submit_request(c->http2, NULL, head, n, &body, NULL) > 0);
    talk(c);
}
static Str framed(Arena *a, Str message, bool packed)
{
    Buf b = buf_new(a);
    char prefix[GRPC_PREFIX];
    grpc_prefix(prefix, message.n);
    prefix[0] = packed;
    buf_put(&b, str_of(prefix, GRPC_PREFIX));
    buf_put(&b, message);
    return buf_str(&b);
}
static Str version_request(Arena *a, Str session)
{
    Buf b = buf_new(a);
    proto_put_str(&b, 1, session);
    proto_put_str(&b, 10, S("")); // spark_version
    return buf_str(&b);
}
static void check_version(Caller *c)
{
    bool compressed = true;
    Str message = {0}, rest = {0};
    Proto p = {0}, version = {0};
    CHECK_STR(c->grpc, S("0"));
    CHECK(grpc_message(buf_str(&c->answer), &compressed, &message, &rest));
    CHECK_OK(proto_open(&p, message));
    CHECK_OK(proto_sub(&p, 8, &version));
    CHECK_STR(proto_str(&version, 1), S("4.1.4"));
    CHECK_STR(proto_str(&p, 1), S(SESSION));
    CHECK_I64(proto_str(&p, 15).n, 36);
}
static Engine *engine_new(Arena *a)
{
    Engine *e = NULL;
    Str dir;
    must(!dir_temp(&dir, a).code);
    CHECK_OK(engine_open(&e, a, &(EngineOptions){.dir = dir, .command = S("test")}));
    return e;
}
static const Head analyze = {.path = SERVICE "AnalyzePlan"};

TEST(connect_door_answers)
{
    ConnectDoor *d = NULL;
    Caller c;
    CHECK_OK(connect_door_open(&d, a, engine_new(arena_new(a)), S("127.0.0.1:0"), NULL));
    caller_open(&c, a, connect_door_address(d));
    Str request = version_request(a, S(SESSION));
    call(&c, &analyze, framed(a, request, false));
    CHECK_STR(c.status, S("200"));
    check_version(&c);
    Packer *packer = packer_new(a, CODEC_GZIP, 1);
    Buf packed = buf_new(a);
    packer_pack(packer, request, &packed);
    Head gzip = analyze;
    gzip.encoding = "gzip";
    call(&c, &gzip, framed(a, buf_str(&packed), true));
    check_version(&c);
    CHECK_I64(connect_door_counts(d).sessions, 1);
    CHECK_I64(connect_door_counts(d).held_bytes, 0);
    caller_end(&c);
    connect_door_close(d);
}
TEST(connect_door_refuses)
{
    ConnectDoor *d = NULL;
    Caller c;
    ConnectDoorOptions how = {.message_bytes_max = 1000};
    CHECK_OK(connect_door_open(&d, a, engine_new(arena_new(a)), S("127.0.0.1:0"), &how));
    caller_open(&c, a, connect_door_address(d));
    Str request = version_request(a, S(SESSION)), whole = framed(a, request, false);
    static char much[2000];
    const struct {
        Head head;
        Str frame;
        const char *status, *grpc, *text;
    } facts[] = {
        {{.path = SERVICE "NoSuchCall"}, whole, "200", "12", "NoSuchCall"},
        {{.path = SERVICE "AnalyzePlan", .type = "text/html"}, whole, "415", "", ""},
        {{.path = SERVICE "AnalyzePlan", .encoding = "snappy"}, whole, "200", "12", "snappy"},
        {analyze, framed(a, request, true), "200", "13", "packed"},
        {analyze, framed(a, version_request(a, S("me")), false), "200", "13",
         "INVALID_HANDLE.FORMAT"},
        {analyze, framed(a, str_of(much, sizeof much), false), "200", "8", "2000 bytes"},
        {analyze, S("\0\0\0\0\2a"), "200", "13", "exactly one message"},
        {analyze, framed(a, S("\x0a\xff\xff\xff"), false), "200", "13", ""},
    };
    for (int64_t i = 0; i < COUNT(facts); i++) {
        call(&c, &facts[i].head, facts[i].frame);
        CHECK_STR(c.status, str_z(facts[i].status));
        CHECK_STR(c.grpc, str_z(facts[i].grpc));
        CHECK(str_find(c.text, str_z(facts[i].text)) >= 0);
    }
    call(&c, &analyze, whole); // the connection is as good as before
    check_version(&c);
    caller_end(&c);
    connect_door_close(d);
}
TEST(connect_door_wants_its_token)
{
    ConnectDoor *d = NULL;
    Caller c;
    ConnectDoorOptions how = {.token = S("abc")};
    Engine *e = engine_new(arena_new(a));
    CHECK_FAILS(connect_door_open(&d, arena_new(a), e, S("0.0.0.0:0"), NULL), ERR_INVALID);
    CHECK_FAILS(connect_door_open(&d, arena_new(a), e, S("0.0.0.0:0"), &how), ERR_INVALID);
    CHECK_OK(connect_door_open(&d, a, e, S("127.0.0.1:0"), &how));
    caller_open(&c, a, connect_door_address(d));
    Str whole = framed(a, version_request(a, S(SESSION)), false);
    static const char *const bad[] = {NULL, "Bearer abd", "Bearer ab", "abc"};
    Head h = analyze;
    for (int64_t i = 0; i < COUNT(bad); i++) {
        h.authorization = bad[i];
        call(&c, &h, whole);
        CHECK_STR(c.grpc, S("16"));
    }
    h.authorization = "Bearer abc";
    call(&c, &h, whole);
    check_version(&c);
    caller_end(&c);
    connect_door_close(d);
}
TEST(connect_door_tells_http1_where_it_is)
{
    ConnectDoor *d = NULL;
    Socket *s = NULL;
    char in[512] = {0};
    CHECK_OK(connect_door_open(&d, a, engine_new(arena_new(a)), S("127.0.0.1:0"), NULL));
    CHECK_OK(socket_connect(&s, a, connect_door_address(d), MICROS_PER_SECOND));
    CHECK_OK(socket_write_all(s, S("GET / HTTP/1.1\r\nhost: x\r\n\r\n"), MICROS_PER_SECOND));
    int64_t n = 0, got = 0;
    for (bool end = false; !end && n < (int64_t)sizeof in; n += got) {
        CHECK(socket_wait(s, false, 5 * MICROS_PER_SECOND));
        CHECK_OK(socket_read(s, in + n, (int64_t)sizeof in - n, &got, &end));
    }
    CHECK(str_starts(str_of(in, n), S("HTTP/1.1 400 ")));
    CHECK(str_find(str_of(in, n), S("SPARK_REMOTE=sc://127.0.0.1:")) > 0);
    socket_close(s);
    connect_door_close(d);
}
