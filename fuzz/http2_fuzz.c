// http2_fuzz.c -- any bytes behind a client's preface: whether they come at once or in pieces, the
// same calls are opened, with the same bytes, and the same answer is given.
#include "base/hash.h"
#include "wire/grpc.h"
#include "wire/http2.h"

typedef struct Seen {
    Http2 *http2;
    Arena *arena;
    Buf log; // what happened
    int32_t open;
} Seen;
typedef struct Call {
    int32_t stream;
    Buf in;
    int64_t sent;
} Call;

static void *open_call(void *ctx, int32_t stream, const Http2Head *head)
{
    Seen *s = ctx;
    Call *c = NEW(s->arena, Call, 1);
    *c = (Call){.stream = stream, .in = buf_new(s->arena)};
    buf_fmt(&s->log, "open %d " STR_FMT " %lld\n", stream, STR_ARG(head->path),
            (long long)head->fields.n);
    s->open++;
    Micros t;
    for (int64_t i = 0; i < head->fields.n; i++) (void)grpc_timeout(&t, head->fields.v[i].value);
    return c;
}
static void take(void *ctx, void *tag, Str bytes)
{
    (void)ctx;
    buf_put(&((Call *)tag)->in, bytes);
}
static void end_call(void *ctx, void *tag)
{
    static const Http2Field head[] = {{STR_INIT(":status"), STR_INIT("200")}};
    Seen *s = ctx;
    Call *c = tag;
    bool compressed;
    Str message = {0}, rest = {0};
    bool whole = grpc_message(buf_str(&c->in), &compressed, &message, &rest);
    must(!whole || message.n + rest.n + GRPC_PREFIX == c->in.n);
    buf_fmt(&s->log, "end %d %llx\n", c->stream, (unsigned long long)hash_bytes(buf_str(&c->in)));
    http2_answer(s->http2, c->stream, head, 1);
}
static void close_call(void *ctx, void *tag)
{
    Seen *s = ctx;
    buf_fmt(&s->log, "close %d\n", ((Call *)tag)->stream);
    must(--s->open >= 0);
}
static int64_t pull(void *ctx, void *tag, char *to, int64_t room, bool *end)
{
    static const Http2Field trailer[] = {{STR_INIT("grpc-status"), STR_INIT("0")}};
    Seen *s = ctx;
    Call *c = tag;
    int64_t n = MIN(room, c->in.n - c->sent);
    if (n) memcpy(to, c->in.p + c->sent, (size_t)n);
    c->sent += n;
    *end = c->sent == c->in.n;
    if (*end) http2_trailers(s->http2, c->stream, trailer, 1);
    return n;
}
static Str run(Arena *a, Str bytes, int64_t piece)
{
    static const Http2Events events = {open_call, take, end_call, close_call, pull};
    static const Http2Limits limits = {
        .streams = 8, .window = 1 << 16, .header_bytes = 2000, .resets = 20};
    Seen *s = NEW(a, Seen, 1);
    *s = (Seen){.arena = a, .log = buf_new(a)};
    s->http2 = http2_new(a, &events, s, &limits);
    Status st = http2_take(s->http2, http2_preface, 0);
    for (int64_t at = 0; at < bytes.n && !st.code; at += piece)
        st = http2_take(s->http2, str_sub(bytes, at, MIN(piece, bytes.n - at)), 0);
    buf_fmt(&s->log, "%s\n", code_name(st.code));
    Buf out = buf_new(a);
    (void)http2_give(s->http2, &out, 1 << 20);
    buf_fmt(&s->log, "out %llx\n", (unsigned long long)hash_bytes(buf_str(&out)));
    return buf_str(&s->log);
}
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *a = arena_new(NULL);
    Str bytes = str_of((const char *)data, (int64_t)size);
    must(str_eq(run(a, bytes, MAX(bytes.n, 1)), run(a, bytes, 7)));
    arena_free(a);
    return 0;
}
