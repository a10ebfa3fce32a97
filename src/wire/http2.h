// http2.h -- Http2, one side of one HTTP/2 connection (by nghttp2), as a pure function of bytes:
// what came in is given to http2_take, what has to go out is asked from http2_give.
//
// Events are called from http2_take and http2_give. A stream's tag is what `open` returned, or what
// http2_ask was given; after `closed` it is not used again.
#ifndef WIRE_HTTP2_H
#define WIRE_HTTP2_H
#include "base/buf.h"
#include "base/options.h"

typedef struct Http2 Http2;
typedef struct Http2Head { // of a request or an answer; views that live until the event returns
    Str method, path, authority, status;
    Options fields; // the others, names in lower case
} Http2Head;
typedef struct Http2Field {
    Str name, value;
} Http2Field;
typedef struct Http2Events {
    // The server's: NULL refuses the request.
    void *(*open)(void *ctx, int32_t stream, const Http2Head *head);
    void (*data)(void *ctx, void *tag, Str bytes);
    void (*end)(void *ctx, void *tag); // the peer has sent all
    void (*closed)(void *ctx, void *tag);
    // Writes up to room bytes of the body that we send. *end: it ends with them, an answer with the
    // trailers that http2_trailers is called for here. 0 without *end: nothing yet (http2_more).
    int64_t (*pull)(void *ctx, void *tag, char *to, int64_t room, bool *end);
    // The client's: the head of the answer (with a status), and after its body the trailers.
    void (*head)(void *ctx, void *tag, const Http2Head *head);
} Http2Events;
typedef struct Http2Limits {
    int32_t streams, window, header_bytes;
    int32_t resets; // streams that the peer may cancel at once; one more each 30 ms
    bool client;    // this is the client's side; `streams` then means nothing
} Http2Limits;

extern const Str http2_preface; // what a client of HTTP/2 begins with
Http2 *http2_new(Arena *a, const Http2Events *events, void *ctx, const Http2Limits *limits);
// ERR_INVALID when the peer breaks the protocol, ERR_LIMIT when it floods; what http2_give has then
// is worth sending (the reason). now_ns is of a clock that does not go back.
Status http2_take(Http2 *h, Str bytes, int64_t now_ns);
// Appends what can go out now, at most about `most` bytes. False: there is more.
bool http2_give(Http2 *h, Buf *out, int64_t most);
bool http2_over(const Http2 *h); // nothing will be read or written any more
void http2_goaway(Http2 *h);     // no new streams; those that run go on

// The head of an answer whose body comes from `pull`.
void http2_answer(Http2 *h, int32_t stream, const Http2Field *field, int32_t n);
void http2_more(Http2 *h, int32_t stream);
void http2_trailers(Http2 *h, int32_t stream, const Http2Field *field, int32_t n);
// An answer that is a head only.
void http2_answer_head(Http2 *h, int32_t stream, const Http2Field *field, int32_t n);
void http2_reset(Http2 *h, int32_t stream);
// The client's: a request whose body comes from `pull`; gives its stream. ERR_LIMIT when this
// connection takes no more.
Status http2_ask(Http2 *h, void *tag, const Http2Field *field, int32_t n, int32_t *stream);
#endif
