// control_test.c -- calls through the control socket: answers, Ctrl-C, callers that leave, damage.
#include "base/test.h"
#include "os/file.h"
#include "os/net.h"
#include "serve/control.h"

enum { BIG = 3 << 20, MANY = 8 };

typedef struct Heard { // what a caller got
    Buf out, err;
    Shared64 stop;
    bool stop_at_once; // when the first words come
} Heard;
static Status hear(void *ctx, ControlStream to, Str text)
{
    Heard *h = ctx;
    buf_put(to == CONTROL_OUT ? &h->out : &h->err, text);
    if (h->stop_at_once) shared_set(&h->stop, 1);
    return DONE;
}
// What the server's commands are: each does one thing.
static int serve_call(void *ctx, ControlCall *call)
{
    const ControlRequest *r = &call->request;
    Shared64 *ended = ctx;
    int code = 0;
    Status s = DONE;
    if (str_eq(r->arg[0], S("echo"))) {
        for (int32_t i = 1; i < r->nargs && !s.code; i++)
            s = control_put(call, CONTROL_OUT, r->arg[i]);
        if (!s.code) s = control_put(call, CONTROL_ERR, r->text);
        code = r->columns;
    } else if (str_eq(r->arg[0], S("big"))) {
        char *p = NEW(call->arena, char, BIG);
        memset(p, 'x', BIG);
        s = control_put(call, CONTROL_OUT, str_of(p, BIG));
    } else if (str_eq(r->arg[0], S("wait"))) {
        s = control_put(call, CONTROL_OUT, S("waiting"));
        while (!shared_get(&call->interrupted)) (void)shared_wait(&call->interrupted, 0, -1);
        code = 130;
    }
    shared_add(ended, 1);
    shared_wake(ended);
    return s.code ? 1 : code;
}
static Status ask(Arena *a, Heard *h, int *code, Str path, const char *words, Str text)
{
    Str arg[8];
    bool there = false;
    ControlRequest what = {.arg = arg, .text = text, .columns = 99};
    for (Cut c = {.tail = str_z(words), .ok = true}; c.ok;) {
        c = str_cut(c.tail, ' ');
        arg[what.nargs++] = c.head;
    }
    h->out = buf_new(a);
    h->err = buf_new(a);
    ControlTo to = {hear, h, &h->stop};
    TRY(control_ask(&there, code, path, &what, &to));
    return there ? DONE : fail(ERR_NOT_FOUND, "nobody");
}
TEST(control_calls_are_answered)
{
    Str dir;
    Control *c;
    Shared64 ended = {0};
    Heard h = {0};
    int code = -1;
    CHECK_OK(dir_temp(&dir, a));
    Str path = path_join(a, dir, S("kappa.sock"));
    CHECK_FAILS(ask(a, &h, &code, path, "echo", (Str){0}), ERR_NOT_FOUND);
    CHECK_OK(control_open(&c, a, path, serve_call, &ended));
    CHECK_FAILS(control_open(&(Control *){NULL}, a, path, serve_call, &ended), ERR_CONFLICT);
    CHECK_OK(ask(a, &h, &code, path, "echo one \"\n\\ ü", S("SELECT 'ü\n'")));
    CHECK_STR(buf_str(&h.out), S("one\"\n\\ü"));
    CHECK_STR(buf_str(&h.err), S("SELECT 'ü\n'"));
    CHECK_I64(code, 99);
    CHECK_FAILS(ask(a, &h, &code, path, "echo", S("one\xff")), ERR_INVALID);
    CHECK_OK(ask(a, &h, &code, path, "big", (Str){0}));
    CHECK_I64(h.out.n, BIG);
    h.stop_at_once = true;
    CHECK_OK(ask(a, &h, &code, path, "wait", (Str){0}));
    CHECK_I64(code, 130);
    control_close(c, false);
    CHECK_I64(control_calls(c), 0);
    CHECK_FAILS(ask(a, &h, &code, path, "echo", (Str){0}), ERR_NOT_FOUND);
    CHECK_I64(shared_get(&ended), 3);
}
static Status say(Arena *a, Str path, const char *line, Socket **s)
{
    TRY(socket_connect(s, a, str_fmt(a, "unix:" STR_FMT, STR_ARG(path)), 1000000));
    return socket_write_all(*s, str_z(line), 1000000);
}
TEST(control_survives_bad_callers)
{
    static const struct {
        const char *line, *says;
    } row[] = {
        {"{\n", "a request at the control socket"}, {"[]\n", "no \"args\""},
        {"{\"args\":[]}\n", "no \"args\""},         {"{\"args\":[1]}\n", "no \"args\""},
        {"{\"args\":\"echo\"}\n", "no \"args\""},   {"\n", "a request at the control socket"},
    };
    Str dir;
    Control *c;
    Shared64 ended = {0};
    CHECK_OK(dir_temp(&dir, a));
    Str path = path_join(a, dir, S("s"));
    CHECK_OK(control_open(&c, a, path, serve_call, &ended));
    for (int64_t i = 0; i < COUNT(row); i++) {
        Socket *s;
        char answer[4096];
        int64_t n = 0;
        CHECK_OK(say(a, path, row[i].line, &s));
        for (bool end = false; !end && socket_wait(s, false, 5000000);) {
            int64_t got = 0;
            CHECK_OK(socket_read(s, answer + n, (int64_t)sizeof answer - n, &got, &end));
            n += got;
        }
        CHECK(str_find(str_of(answer, n), str_z(row[i].says)) > 0);
        CHECK(str_ends(str_of(answer, n), S("x\0\0\0\0012")));
    }
    Socket *s[MANY];
    for (int32_t i = 0; i < MANY; i++) // leave in the middle of a request, or of a call
        CHECK_OK(say(a, path, i % 2 ? "{\"args\":[\"wait\"]}\n" : "{\"args\":[\"wa", &s[i]));
    for (int32_t i = 0; i < MANY; i++) socket_close(s[i]);
    for (int64_t n; (n = shared_get(&ended)) < MANY / 2;) CHECK(shared_wait(&ended, n, 5000000));
    control_close(c, false);
}
TEST(control_in_a_hurry_interrupts)
{
    Str dir;
    Control *c;
    Socket *waits, *deaf;
    Shared64 ended = {0};
    char one;
    CHECK_OK(dir_temp(&dir, a));
    Str path = path_join(a, dir, S("s"));
    CHECK_OK(control_open(&c, a, path, serve_call, &ended));
    CHECK_OK(say(a, path, "{\"args\":[\"wait\"]}\n", &waits));
    CHECK_OK(say(a, path, "{\"args\":[\"big\"]}\n", &deaf)); // and never reads on
    CHECK_OK(socket_read_all(waits, &one, 1, 5000000));
    CHECK_OK(socket_read_all(deaf, &one, 1, 5000000));
    control_close(c, true);
    CHECK_I64(shared_get(&ended), 2);
}
