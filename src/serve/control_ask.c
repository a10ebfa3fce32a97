// control_ask.c -- the caller's side of the control socket.
#include "base/civil.h"
#include "base/num.h"
#include "os/net.h"
#include "serve/control.h"

#define CONNECT_TIME MICROS_PER_SECOND
#define SEND_TIME    (30 * MICROS_PER_SECOND)
#define LOOK_AGAIN   (50 * MICROS_PER_MS) // whether somebody wants it to stop
enum { HEAD_BYTES = 5, FRAME_MAX = 16 << 20, READ_BYTES = 64 << 10 };

static void put_request(Buf *b, const ControlRequest *r)
{
    buf_put(b, S("{\"args\":["));
    for (int32_t i = 0; i < r->nargs; i++) {
        if (i) buf_char(b, ',');
        buf_json(b, r->arg[i]);
    }
    buf_char(b, ']');
    if (r->text.p) {
        buf_put(b, S(",\"text\":"));
        buf_json(b, r->text);
    }
    buf_fmt(b, ",\"terminal\":%s,\"columns\":%d}\n", r->terminal ? "true" : "false", r->columns);
}
typedef struct Answer {
    Socket *socket;
    Buf in;
    int64_t at; // of `in`: what was read has been used up to here
    int64_t interrupts;
    const ControlTo *to;
} Answer;
static Status pass_interrupts(Answer *w)
{
    if (!w->to->interrupted || shared_get(w->to->interrupted) == w->interrupts) return DONE;
    w->interrupts = shared_get(w->to->interrupted);
    return socket_write_all(w->socket, S("\3"), SEND_TIME);
}
static Status server_left(void)
{
    return fail(ERR_IO, "the process that holds the data folder has gone");
}
// Waits until n more bytes are there.
static Status need(Answer *w, int64_t n)
{
    while (w->in.n - w->at < n) {
        int64_t got = 0;
        bool end = false;
        TRY(pass_interrupts(w));
        if (!socket_wait(w->socket, false, LOOK_AGAIN)) continue;
        if (w->at) memmove(w->in.p, w->in.p + w->at, (size_t)(w->in.n - w->at));
        w->in.n -= w->at;
        w->at = 0;
        TRY(socket_read(w->socket, buf_room(&w->in, READ_BYTES), READ_BYTES, &got, &end));
        if (end) return server_left();
        w->in.n += got;
    }
    return DONE;
}
static Status take_answer(Answer *w, int *code)
{
    for (;;) {
        TRY(need(w, HEAD_BYTES));
        const uint8_t *h = (const uint8_t *)w->in.p + w->at;
        char kind = (char)h[0];
        int64_t n = (int64_t)h[1] << 24 | (int64_t)h[2] << 16 | (int64_t)h[3] << 8 | h[4], exit = 0;
        if (n > FRAME_MAX) return fail(ERR_CORRUPT, "an answer from the control socket is damaged");
        w->at += HEAD_BYTES;
        TRY(need(w, n));
        Str text = str_of(w->in.p + w->at, n);
        w->at += n;
        if (kind == 'x' && num_parse_i64(text, &exit)) {
            *code = (int)exit;
            return DONE;
        }
        if (kind != CONTROL_OUT && kind != CONTROL_ERR)
            return fail(ERR_CORRUPT, "an answer from the control socket is damaged");
        TRY(w->to->put(w->to->ctx, (ControlStream)kind, text));
    }
}
Status control_ask(bool *there, int *code, Str path, const ControlRequest *what,
                   const ControlTo *to)
{
    Arena *a = arena_new(NULL);
    Buf line = buf_new(a);
    Answer w = {.in = buf_new(a), .to = to};
    Status s =
        socket_connect(&w.socket, a, str_fmt(a, "unix:" STR_FMT, STR_ARG(path)), CONNECT_TIME);
    *there = !s.code;
    if (*there && utf8_valid_to(what->text) != what->text.n) {
        s = fail(ERR_INVALID,
                 "byte %lld of what is to be sent to the process that holds the data "
                 "folder is no UTF-8",
                 (long long)utf8_valid_to(what->text));
    } else if (*there) {
        put_request(&line, what);
        s = socket_write_all(w.socket, buf_str(&line), SEND_TIME);
        if (!s.code) s = take_answer(&w, code);
    }
    arena_free(a);
    return *there ? s : DONE;
}
