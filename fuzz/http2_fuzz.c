// http2_fuzz.c -- frames behind a client's preface, of which some are well made: whether they come
// at once or in pieces, the same calls are opened, with the same bytes, and the same answer is
// given.
#include "base/hash.h"
#include "base/reader.h"
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
// What the fuzzer chose, as frames: a byte says the kind, one the stream, one the flags, one how
// many of the bytes that follow are its body. Kind 0 goes over as it is.
static Str frames_of(Arena *a, Str choice)
{
    static const char head[] = "\x83\x86\x44\x01/\x41\x01x\x40\x02te\x08trailers";
    Buf b = buf_new(a);
    buf_put(&b, http2_preface);
    buf_put(&b, str_of("\0\0\0\4\0\0\0\0\0", 9)); // settings, which have to be first
    for (Reader r = reader_of(choice); r.at < r.end && !r.bad;) {
        uint8_t kind = reader_u8(&r) % 13, stream = reader_u8(&r), flags = reader_u8(&r);
        int64_t n = reader_u8(&r);
        Str body = reader_bytes(&r, MIN(n, (int64_t)(r.end - r.at)));
        if (kind == 12) body = str_of(head, sizeof head - 1); // of a call
        if (kind) {
            uint8_t type = kind == 12 ? 1 : kind - 1;
            const char frame[] = {
                0, (char)(body.n >> 8), (char)body.n, (char)type, (char)flags, 0, 0,
                0, (char)(stream % 16)};
            buf_put(&b, str_of(frame, sizeof frame));
        }
        buf_put(&b, body);
    }
    return buf_str(&b);
}
static Str run(Arena *a, Str bytes, int64_t piece)
{
    static const Http2Events events = {open_call, take, end_call, close_call, pull, NULL};
    static const Http2Limits limits = {
        .streams = 8, .window = 1 << 16, .header_bytes = 2000, .resets = 20};
    Seen *s = NEW(a, Seen, 1);
    *s = (Seen){.arena = a, .log = buf_new(a)};
    s->http2 = http2_new(a, &events, s, &limits);
    Status st = DONE;
    for (int64_t at = 0; at < bytes.n && !st.code; at += piece)
        st = http2_take(s->http2, str_sub(bytes, at, MIN(piece, bytes.n - at)), 0);
    buf_fmt(&s->log, "%s\n", code_name(st.code));
    Buf out = buf_new(a);
    (void)http2_give(s->http2, &out, 1 << 20);
    // What comes behind the peer's goodbye may be looked at or not.
    if (!http2_over(s->http2))
        buf_fmt(&s->log, "out %llx\n", (unsigned long long)hash_bytes(buf_str(&out)));
    return buf_str(&s->log);
}
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *a = arena_new(NULL);
    Str bytes = frames_of(a, str_of((const char *)data, (int64_t)size));
    must(str_eq(run(a, bytes, MAX(bytes.n, 1)), run(a, bytes, 7)));
    arena_free(a);
    return 0;
}
