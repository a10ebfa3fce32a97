// control.c -- the server's side: one thread reads requests and notices callers that leave; a call
// runs on a thread of its own and writes its frames itself.
#include "serve/control.h"
#include "base/civil.h"
#include "base/num.h"
#include "fmt/doc.h"
#include "os/clock.h"
#include "os/net.h"

enum { CALLERS_MAX = 64, REQUEST_MAX = 128 << 20, READ_BYTES = 64 << 10, READY_MAX = 64 };
#define LOOK_AGAIN (200 * MICROS_PER_MS) // at a caller that reads too slowly

typedef struct Caller Caller;
struct Caller {
    ControlCall call; // its arena is the call's thread's
    Control *control;
    Caller *next;
    Arena *arena;
    Socket *socket;
    Buf in;
    Mutex *lock; // of writing
    Thread *thread;
    Shared64 gone, done;
    bool deaf; // nothing more is heard from it
};
struct Control {
    Arena *arena;
    Socket *listener;
    Poll *poll;
    Thread *thread;
    Shared64 closing, hurry, running;
    Caller *callers; // of the thread
    int32_t ncallers;
    int (*run)(void *ctx, ControlCall *call);
    void *ctx;
    bool closed;
};

// ---- frames ------------------------------------------------------------------------------------

static Status write_all(Caller *c, Str data)
{
    while (data.n) {
        int64_t sent = 0;
        TRY(socket_write(c->socket, &data, 1, &sent));
        data = str_from(data, sent);
        if (sent || socket_wait(c->socket, true, LOOK_AGAIN)) continue;
        if (shared_get(&c->gone) || shared_get(&c->control->hurry))
            return fail(ERR_IO, "the caller does not read its answer");
    }
    return DONE;
}
static Status put_frame(Caller *c, char kind, Str text)
{
    uint8_t n[4] = {(uint8_t)(text.n >> 24), (uint8_t)(text.n >> 16), (uint8_t)(text.n >> 8),
                    (uint8_t)text.n};
    char head[5] = {kind};
    memcpy(head + 1, n, sizeof n);
    mutex_lock(c->lock);
    Status s = shared_get(&c->gone) ? fail(ERR_IO, "the caller is gone") : DONE;
    if (!s.code) s = write_all(c, str_of(head, sizeof head));
    if (!s.code) s = write_all(c, text);
    if (s.code) shared_set(&c->gone, 1); // half a frame may be out: nothing fits behind it
    mutex_unlock(c->lock);
    return s;
}
Status control_put(ControlCall *call, ControlStream to, Str text)
{
    enum { FRAME_MAX = 1 << 20 };
    Caller *c = CONTAINER(call, Caller, call);
    while (text.n) {
        Str piece = str_sub(text, 0, MIN(text.n, FRAME_MAX));
        TRY(put_frame(c, (char)to, piece));
        text = str_from(text, piece.n);
    }
    return DONE;
}

// ---- a call ------------------------------------------------------------------------------------

static void caller_interrupt(Caller *c)
{
    shared_add(&c->call.interrupted, 1);
    shared_wake(&c->call.interrupted);
}
static Status request_parse(ControlRequest *r, Arena *a, Str line)
{
    const Doc *d = NULL;
    int64_t columns = 80;
    TRY(fail_in(doc_parse(&d, a, line), "a request at the control socket"));
    const Doc *args = doc_get(d, "args");
    Str *arg = NEW(a, Str, doc_count(args) + 1);
    for (int64_t i = 0; doc_is_array(args) && i < doc_count(args); i++) {
        if (!doc_is_str(doc_at(args, i))) break;
        arg[r->nargs++] = doc_text(doc_at(args, i));
    }
    if (!r->nargs || r->nargs != doc_count(args))
        return fail(ERR_INVALID, "a request at the control socket has no \"args\" of texts");
    doc_i64(d, "columns", &columns);
    r->arg = arg;
    r->text = doc_text(doc_get(d, "text"));
    r->terminal = doc_bool(d, "terminal");
    r->columns = (int32_t)MIN(MAX(columns, 1), 10000);
    return DONE;
}
static void call_thread(void *arg)
{
    Caller *c = arg;
    int code = 2; // usage
    c->call.arena = arena_new(NULL);
    Status s = request_parse(&c->call.request, c->call.arena, buf_str(&c->in));
    if (s.code)
        (void)control_put(&c->call, CONTROL_ERR, str_fmt(c->call.arena, "error: %s\n", fail_text()))
            .code;
    else
        code = c->control->run(c->control->ctx, &c->call);
    Str text = str_fmt(c->call.arena, "%d", code);
    s = put_frame(c, 'x', text);
    (void)s.code; // a caller that has gone asks for no answer
    arena_free(c->call.arena);
    shared_add(&c->control->running, -1);
    shared_set(&c->done, 1);
    poll_wake(c->control->poll);
}
static void caller_deaf(Caller *c)
{
    if (c->deaf) return;
    c->deaf = true;
    poll_remove(c->control->poll, c->socket);
}
static void caller_end(Caller *c)
{
    Control *t = c->control;
    Caller **at = &t->callers;
    while (*at != c) at = &(*at)->next;
    *at = c->next;
    t->ncallers--;
    if (c->thread) thread_join(c->thread);
    caller_deaf(c);
    arena_free(c->arena);
}
static void caller_left(Caller *c)
{
    if (!c->thread) {
        caller_end(c);
        return;
    }
    shared_set(&c->gone, 1);
    caller_interrupt(c);
    caller_deaf(c);
}
static void caller_ready(Caller *c)
{
    int64_t got = 0;
    bool end = false;
    char small[64];
    void *to = c->thread ? small : buf_room(&c->in, READ_BYTES);
    int64_t room = c->thread ? (int64_t)sizeof small : READ_BYTES;
    Status s = socket_read(c->socket, to, room, &got, &end);
    if (s.code || end) {
        caller_left(c);
        return;
    }
    if (c->thread) {
        if (got) caller_interrupt(c);
        return;
    }
    int64_t line = str_find_char(str_of(c->in.p + c->in.n, got), '\n');
    c->in.n += got;
    if (line < 0) {
        if (c->in.n > REQUEST_MAX) caller_left(c);
        return;
    }
    c->in.n -= got - line;
    shared_add(&c->control->running, 1);
    c->thread = thread_start(c->arena, "control-call", call_thread, c);
}

// ---- the thread --------------------------------------------------------------------------------

static void accept_callers(Control *t)
{
    for (;;) {
        Arena *a = arena_new(NULL);
        Socket *s = NULL;
        Status got = t->ncallers < CALLERS_MAX ? socket_accept(&s, a, t->listener) : DONE;
        if (got.code || !s) {
            if (got.code) clock_sleep(LOOK_AGAIN); // no more files may be opened: it is told again
            arena_free(a);
            return;
        }
        Caller *c = NEW(a, Caller, 1);
        *c = (Caller){.control = t, .arena = a, .socket = s, .next = t->callers};
        c->in = buf_new(a);
        c->lock = mutex_new(a);
        t->callers = c;
        t->ncallers++;
        poll_add(t->poll, s, c, false);
    }
}
static void end_done(Control *t)
{
    for (Caller *c = t->callers, *next; c; c = next) {
        next = c->next;
        if (shared_get(&c->done)) caller_end(c);
    }
}
static void turn(Control *t)
{
    Ready ready[READY_MAX];
    int32_t n = poll_wait(t->poll, ready, READY_MAX, -1);
    for (int32_t i = 0; i < n; i++) {
        if (ready[i].tag == t)
            accept_callers(t);
        else
            caller_ready(ready[i].tag);
    }
    end_done(t);
    // While there is no place, those who wait at the listener are not told of.
    if (t->ncallers == CALLERS_MAX)
        poll_pause(t->poll, t->listener, t, false);
    else
        poll_change(t->poll, t->listener, t, false);
}
static void run(void *arg)
{
    Control *t = arg;
    while (!shared_get(&t->closing)) turn(t);
    poll_remove(t->poll, t->listener);
    socket_close(t->listener);
    for (Caller *c = t->callers, *next; c; c = next) {
        next = c->next;
        if (!c->thread)
            caller_end(c);
        else if (shared_get(&t->hurry))
            caller_interrupt(c);
    }
    for (end_done(t); t->callers; end_done(t)) {
        Ready ready[READY_MAX];
        int32_t n = poll_wait(t->poll, ready, READY_MAX, -1);
        for (int32_t i = 0; i < n; i++) caller_ready(ready[i].tag);
    }
}
static void close_control(void *arg) { control_close(arg, true); }

Status control_open(Control **out, Arena *a, Str path, int (*fn)(void *ctx, ControlCall *call),
                    void *ctx)
{
    Control *t = NEW(a, Control, 1);
    *t = (Control){.arena = arena_new(NULL), .run = fn, .ctx = ctx};
    arena_defer(a, close_control, t);
    TRY(socket_listen(&t->listener, t->arena, str_fmt(t->arena, "unix:" STR_FMT, STR_ARG(path))));
    t->poll = poll_new(t->arena);
    poll_add(t->poll, t->listener, t, false);
    t->thread = thread_start(t->arena, "control", run, t);
    *out = t;
    return DONE;
}
void control_close(Control *t, bool hurry)
{
    if (t->closed) return;
    t->closed = true;
    shared_set(&t->hurry, hurry);
    shared_set(&t->closing, 1);
    if (t->thread) {
        poll_wake(t->poll);
        thread_join(t->thread);
    }
    arena_free(t->arena);
}
int64_t control_calls(const Control *t) { return shared_get(&t->running); }
