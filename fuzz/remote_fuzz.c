// remote_fuzz.c -- what a server of Spark Connect may send to our client: as a connection, whether
// the bytes come at once or in pieces the same is heard; as trailers and messages, anything gives a
// failure or an answer; base64 and percent are their own way back.
#include "base/hash.h"
#include "serve/remote.h"
#include "wire/grpc.h"
#include "wire/http2.h"

typedef struct Heard {
    Http2 *http2;
    Arena *arena;
    Buf log, in;
    bool sent;
} Heard;

static void on_head(void *ctx, void *tag, const Http2Head *head)
{
    Heard *h = ctx;
    must(ctx == tag);
    buf_fmt(&h->log, "head " STR_FMT " %lld\n", STR_ARG(head->status), (long long)head->fields.n);
    for (int64_t i = 0; i < head->fields.n; i++)
        buf_fmt(&h->log, "%llx ", (unsigned long long)hash_bytes(head->fields.v[i].value));
}
static void on_data(void *ctx, void *tag, Str bytes)
{
    must(ctx == tag);
    buf_put(&((Heard *)ctx)->in, bytes);
}
static void on_end(void *ctx, void *tag)
{
    (void)tag;
    buf_put(&((Heard *)ctx)->log, S("end\n"));
}
static void on_closed(void *ctx, void *tag)
{
    (void)tag;
    buf_put(&((Heard *)ctx)->log, S("closed\n"));
}
static int64_t on_pull(void *ctx, void *tag, char *to, int64_t room, bool *end)
{
    (void)ctx, (void)tag, (void)to, (void)room;
    *end = true;
    return 0;
}
static Str connection(Arena *a, Str bytes, int64_t piece)
{
    static const Http2Events events = {
        .data = on_data, .end = on_end, .closed = on_closed, .pull = on_pull, .head = on_head};
    static const Http2Limits limits = {
        .window = 1 << 16, .header_bytes = 2000, .resets = 20, .client = true};
    static const Http2Field head[] = {{STR_INIT(":method"), STR_INIT("POST")},
                                      {STR_INIT(":scheme"), STR_INIT("http")},
                                      {STR_INIT(":path"), STR_INIT("/a")},
                                      {STR_INIT(":authority"), STR_INIT("x")}};
    Heard *h = NEW(a, Heard, 1);
    Buf out = buf_new(a);
    int32_t stream = 0;
    *h = (Heard){.arena = a, .log = buf_new(a), .in = buf_new(a)};
    h->http2 = http2_new(a, &events, h, &limits);
    Status s = http2_ask(h->http2, h, head, COUNT(head), &stream);
    (void)http2_give(h->http2, &out, 1 << 20);
    for (int64_t at = 0; at < bytes.n && !s.code; at += piece)
        s = http2_take(h->http2, str_sub(bytes, at, MIN(piece, bytes.n - at)), 0);
    buf_clear(&out);
    (void)http2_give(h->http2, &out, 1 << 20);
    buf_fmt(&h->log, "%s in %llx out %llx\n", code_name(s.code),
            (unsigned long long)hash_bytes(buf_str(&h->in)),
            (unsigned long long)hash_bytes(buf_str(&out)));
    return buf_str(&h->log);
}
static void there_and_back(Arena *a, Str bytes)
{
    Buf text = buf_new(a), back = buf_new(a);
    grpc_base64(&text, bytes);
    must(grpc_unbase64(&back, buf_str(&text)) && str_eq(buf_str(&back), bytes));
    buf_clear(&text);
    buf_clear(&back);
    grpc_percent(&text, bytes);
    grpc_unpercent(&back, buf_str(&text));
    must(str_eq(buf_str(&back), bytes));
}
static void answers(Arena *a, Str bytes)
{
    Proto m;
    Str text;
    Micros at;
    Buf base64 = buf_new(a);
    RemoteError plain = {bytes, bytes, bytes};
    grpc_base64(&base64, bytes);
    RemoteError coded = {S("13"), bytes, buf_str(&base64)};
    must(remote_failed(&plain, bytes).code != OK);
    must(remote_failed(&coded, bytes).code != OK);
    (void)remote_error_id(&coded, a);
    if (proto_open(&m, bytes).code) return;
    (void)remote_event(&m, &at, &text);
    (void)remote_graph_id(&m, &text);
}
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *a = arena_new(NULL);
    Str bytes = str_of((const char *)data, (int64_t)size);
    must(str_eq(connection(a, bytes, MAX(bytes.n, 1)), connection(a, bytes, 7)));
    there_and_back(a, bytes);
    answers(a, bytes);
    arena_free(a);
    return 0;
}
