// http2.c -- nghttp2's callbacks turned into events, and the limits that it has not.
#include "wire/http2.h"
#include <nghttp2/nghttp2.h>

enum { FIELDS_MAX = 64, FRAME_BYTES = 256 << 10, RESET_NS = 30000000 };
typedef struct Opening { // a head that is coming in: of a request, an answer, trailers
    int32_t stream;
    int64_t bytes;
    Arena *arena;
    Http2Head head;
} Opening;
struct Http2 {
    nghttp2_session *session;
    Arena *arena;
    Http2Events events;
    void *ctx;
    Http2Limits limits;
    Opening opening;
    int64_t now_ns, refill_ns, resets; // resets that are left
    bool flooded;
};
typedef struct Stream { // nghttp2's user data of a stream
    void *tag;
    Arena *arena;
} Stream;

const Str http2_preface = STR_INIT(NGHTTP2_CLIENT_MAGIC);

static Stream *stream_of(Http2 *h, int32_t id)
{
    return nghttp2_session_get_stream_user_data(h->session, id);
}

// ---- in ----------------------------------------------------------------------------------------

static int on_begin_headers(nghttp2_session *s, const nghttp2_frame *f, void *arg)
{
    Http2 *h = arg;
    (void)s;
    if (f->hd.type != NGHTTP2_HEADERS) return 0;
    if (!h->limits.client && f->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    arena_clear(h->opening.arena);
    h->opening = (Opening){.stream = f->hd.stream_id, .arena = h->opening.arena};
    return 0;
}
static Str rcbuf_str(nghttp2_rcbuf *b)
{
    nghttp2_vec v = nghttp2_rcbuf_get_buf(b);
    return str_of((const char *)v.base, (int64_t)v.len);
}
static int on_header(nghttp2_session *s, const nghttp2_frame *f, nghttp2_rcbuf *name,
                     nghttp2_rcbuf *value, uint8_t flags, void *arg)
{
    Http2 *h = arg;
    Opening *o = &h->opening;
    (void)s;
    (void)flags;
    if (f->hd.stream_id != o->stream) return 0; // trailers of a request mean nothing here
    Str n = str_copy(o->arena, rcbuf_str(name)), v = str_copy(o->arena, rcbuf_str(value));
    o->bytes += n.n + v.n + 32;
    if (o->bytes > h->limits.header_bytes || o->head.fields.n >= FIELDS_MAX)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (str_eq(n, S(":method")))
        o->head.method = v;
    else if (str_eq(n, S(":path")))
        o->head.path = v;
    else if (str_eq(n, S(":authority")))
        o->head.authority = v;
    else if (str_eq(n, S(":status")))
        o->head.status = v;
    else
        vec_push(o->arena, &o->head.fields, ((Option){n, v}));
    return 0;
}
static Stream *stream_new(Http2 *h, void *tag)
{
    Arena *a = arena_new(h->arena);
    Stream *st = NEW(a, Stream, 1);
    *st = (Stream){.tag = tag, .arena = a};
    return st;
}
static void open_stream(Http2 *h, int32_t id)
{
    void *tag = h->events.open(h->ctx, id, &h->opening.head);
    if (!tag) return;
    Stream *st = stream_new(h, tag);
    if (nghttp2_session_set_stream_user_data(h->session, id, st)) {
        h->events.closed(h->ctx, tag); // it is gone already
        arena_free(st->arena);
    }
}
// A head is whole.
static void take_head(Http2 *h, int32_t id)
{
    const Stream *st = h->limits.client ? stream_of(h, id) : NULL;
    if (!h->limits.client)
        open_stream(h, id);
    else if (st)
        h->events.head(h->ctx, st->tag, &h->opening.head);
    h->opening.stream = 0;
}
static void count_reset(Http2 *h)
{
    int64_t more = (h->now_ns - h->refill_ns) / RESET_NS;
    if (more > 0) {
        h->resets = MIN(h->resets + more, h->limits.resets);
        h->refill_ns = h->now_ns;
    }
    if (--h->resets < 0) h->flooded = true;
}
static int on_frame(nghttp2_session *s, const nghttp2_frame *f, void *arg)
{
    Http2 *h = arg;
    (void)s;
    if (f->hd.type == NGHTTP2_RST_STREAM) count_reset(h);
    if (f->hd.type != NGHTTP2_HEADERS && f->hd.type != NGHTTP2_DATA) return 0;
    int32_t id = f->hd.stream_id;
    if (f->hd.type == NGHTTP2_HEADERS && id == h->opening.stream) take_head(h, id);
    Stream *st = stream_of(h, id);
    if (st && f->hd.flags & NGHTTP2_FLAG_END_STREAM) h->events.end(h->ctx, st->tag);
    return 0;
}
static int on_data(nghttp2_session *s, uint8_t flags, int32_t id, const uint8_t *p, size_t n,
                   void *arg)
{
    Http2 *h = arg;
    (void)s;
    (void)flags;
    Stream *st = stream_of(h, id);
    if (st) h->events.data(h->ctx, st->tag, str_of((const char *)p, (int64_t)n));
    return 0;
}
static int on_close(nghttp2_session *s, int32_t id, uint32_t code, void *arg)
{
    Http2 *h = arg;
    Stream *st = nghttp2_session_get_stream_user_data(s, id);
    (void)code;
    if (!st) return 0;
    nghttp2_session_set_stream_user_data(s, id, NULL);
    h->events.closed(h->ctx, st->tag);
    arena_free(st->arena);
    return 0;
}

// ---- out ---------------------------------------------------------------------------------------

// Parameters that nghttp2 declares.
#define PULL_ARGS                                                                                  \
    nghttp2_session *s, int32_t id, uint8_t *to, size_t room, uint32_t *flags,                     \
        nghttp2_data_source *source, void *arg
#define ROOM_ARGS                                                                                  \
    nghttp2_session *s, uint8_t type, int32_t id, int32_t connection, int32_t stream,              \
        uint32_t frame, void *arg

static ssize_t on_pull(PULL_ARGS) // NOLINT(readability-function-size): nghttp2 has it so
{
    Http2 *h = arg;
    Stream *st = nghttp2_session_get_stream_user_data(s, id);
    bool end = false;
    (void)source;
    if (!st) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    int64_t n = h->events.pull(h->ctx, st->tag, (char *)to, (int64_t)room, &end);
    if (end) *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (end && !h->limits.client) *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM; // trailers follow
    return n || end ? (ssize_t)n : NGHTTP2_ERR_DEFERRED;
}
static ssize_t frame_room(ROOM_ARGS) // NOLINT(readability-function-size): the same
{
    (void)s;
    (void)type;
    (void)id;
    (void)arg;
    return MIN(MIN(connection, stream), MIN((int32_t)frame, FRAME_BYTES));
}
static int32_t fields_nv(Arena *a, nghttp2_nv **out, const Http2Field *field, int32_t n)
{
    nghttp2_nv *nv = NEW(a, nghttp2_nv, n + 1);
    for (int32_t i = 0; i < n; i++) { // nghttp2 takes no const and changes nothing
        nv[i].namelen = (size_t)field[i].name.n;
        nv[i].valuelen = (size_t)field[i].value.n;
        memcpy(&nv[i].name, &field[i].name.p, sizeof(void *));
        memcpy(&nv[i].value, &field[i].value.p, sizeof(void *));
    }
    *out = nv;
    return n;
}
static void submit(Http2 *h, int32_t id, const Http2Field *field, int32_t n,
                   const nghttp2_data_provider *body)
{
    Arena *a = arena_new(NULL);
    nghttp2_nv *nv;
    fields_nv(a, &nv, field, n);
    if (nghttp2_submit_response(h->session, id, nv, (size_t)n, body)) http2_reset(h, id);
    arena_free(a);
}
void http2_answer(Http2 *h, int32_t id, const Http2Field *field, int32_t n)
{
    nghttp2_data_provider body = {.read_callback = on_pull};
    submit(h, id, field, n, &body);
}
void http2_answer_head(Http2 *h, int32_t id, const Http2Field *field, int32_t n)
{
    submit(h, id, field, n, NULL);
}
void http2_trailers(Http2 *h, int32_t id, const Http2Field *field, int32_t n)
{
    Arena *a = arena_new(NULL);
    nghttp2_nv *nv;
    fields_nv(a, &nv, field, n);
    if (nghttp2_submit_trailer(h->session, id, nv, (size_t)n)) http2_reset(h, id);
    arena_free(a);
}
Status http2_ask(Http2 *h, void *tag, const Http2Field *field, int32_t n, int32_t *stream)
{
    nghttp2_data_provider body = {.read_callback = on_pull};
    Stream *st = stream_new(h, tag);
    nghttp2_nv *nv;
    fields_nv(st->arena, &nv, field, n);
    *stream = nghttp2_submit_request(h->session, NULL, nv, (size_t)n, &body, st);
    if (*stream > 0) return DONE;
    arena_free(st->arena);
    return fail(ERR_LIMIT, "HTTP/2: %s", nghttp2_strerror(*stream));
}
void http2_more(Http2 *h, int32_t id)
{
    int told = nghttp2_session_resume_data(h->session, id);
    (void)told; // a stream that does not wait needs no telling
}
void http2_reset(Http2 *h, int32_t id)
{
    uint32_t why = h->limits.client ? NGHTTP2_CANCEL : NGHTTP2_NO_ERROR;
    int told = nghttp2_submit_rst_stream(h->session, NGHTTP2_FLAG_NONE, id, why);
    must(told != NGHTTP2_ERR_INVALID_ARGUMENT);
}
void http2_goaway(Http2 *h)
{
    int32_t last = nghttp2_session_get_last_proc_stream_id(h->session);
    int told =
        nghttp2_submit_goaway(h->session, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, NULL, 0);
    must(told != NGHTTP2_ERR_INVALID_ARGUMENT);
}

// ---- the connection ----------------------------------------------------------------------------

static void end_session(void *arg)
{
    Http2 *h = arg;
    nghttp2_session_del(h->session); // closes no stream: who owns the tags ends them
}
static void open_session(Http2 *h)
{
    nghttp2_session_callbacks *cb;
    nghttp2_option *option;
    must(!nghttp2_session_callbacks_new(&cb) && !nghttp2_option_new(&option));
    nghttp2_session_callbacks_set_on_begin_headers_callback(cb, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback2(cb, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_close);
    nghttp2_session_callbacks_set_data_source_read_length_callback(cb, frame_room);
    nghttp2_option_set_max_send_header_block_length(option, 64 << 10);
    nghttp2_option_set_no_closed_streams(option, 1);
    must(!(h->limits.client ? nghttp2_session_client_new2(&h->session, cb, h, option)
                            : nghttp2_session_server_new2(&h->session, cb, h, option)));
    nghttp2_session_callbacks_del(cb);
    nghttp2_option_del(option);
}
Http2 *http2_new(Arena *a, const Http2Events *events, void *ctx, const Http2Limits *limits)
{
    Http2 *h = NEW(a, Http2, 1);
    *h = (Http2){.arena = a, .events = *events, .ctx = ctx, .limits = *limits};
    h->resets = limits->resets;
    open_session(h);
    arena_defer(a, end_session, h);
    h->opening.arena = arena_new(a);
    nghttp2_settings_entry set[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits->client ? 0 : (uint32_t)limits->streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, (uint32_t)limits->window},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (uint32_t)limits->header_bytes},
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
    };
    must(!nghttp2_submit_settings(h->session, NGHTTP2_FLAG_NONE, set, COUNT(set)));
    must(!nghttp2_session_set_local_window_size(h->session, NGHTTP2_FLAG_NONE, 0,
                                                limits->window * 4));
    return h;
}
Status http2_take(Http2 *h, Str bytes, int64_t now_ns)
{
    h->now_ns = now_ns;
    ssize_t n = nghttp2_session_mem_recv(h->session, (const uint8_t *)bytes.p, (size_t)bytes.n);
    if (h->flooded) {
        int told = nghttp2_session_terminate_session(h->session, NGHTTP2_ENHANCE_YOUR_CALM);
        (void)told;
        return fail(ERR_LIMIT, "it cancels too many calls");
    }
    if (n == NGHTTP2_ERR_FLOODED) return fail(ERR_LIMIT, "it sends too many control frames");
    if (n < 0) return fail(ERR_INVALID, "HTTP/2: %s", nghttp2_strerror((int)n));
    return DONE;
}
bool http2_give(Http2 *h, Buf *out, int64_t most)
{
    while (out->n < most) {
        const uint8_t *p;
        ssize_t n = nghttp2_session_mem_send(h->session, &p);
        if (n <= 0) return true;
        buf_put(out, str_of((const char *)p, (int64_t)n));
    }
    return false;
}
bool http2_over(const Http2 *h)
{
    return !nghttp2_session_want_read(h->session) && !nghttp2_session_want_write(h->session);
}
