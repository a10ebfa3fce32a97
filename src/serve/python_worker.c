// python_worker.c -- numbers are big-endian, texts have their length before. We listen on a port of
// this machine that is closed when the worker has come.
#include "serve/python_worker.h"
#include "base/civil.h"
#include "os/clock.h"
#include "os/proc.h"

#define LOOK       (50 * MICROS_PER_MS)      // whether the worker lives and is wanted
#define READY_MAX  (300 * MICROS_PER_SECOND) // Python starts and loads functions
#define ANSWER_MAX (60 * MICROS_PER_SECOND)  // of a message that has begun
// A worker that leaves in the middle of our message takes its answer with it, so what is often
// wrong is found before it connects, and told by its exit code. It goes when we are killed: its
// function may not work on while another run has begun the same rows again.
enum { EXIT_VERSION = 93, EXIT_NO_PYSPARK = 94 };
static const char head[] = "import os, sys, threading, time, importlib.util as u\n"
                           "if '%d.%d' % sys.version_info[:2] != sys.argv[1]: sys.exit(93)\n"
                           "if not u.find_spec('pyspark'): sys.exit(94)\n"
                           "def watch():\n"
                           "    while os.getppid() == int(sys.argv[2]): time.sleep(0.5)\n"
                           "    os._exit(1)\n"
                           "threading.Thread(target=watch, daemon=True).start()\n";
enum {
    TRACEBACK_BYTES_MAX = 16 << 20,
    TRACEBACK_BYTES = 1200,
    SECRET_BYTES_MAX = 1 << 10,
    SIGNALS = 32
};

struct PythonWorker {
    Child *child;
    Socket *socket, *listener;
    PythonSpec spec;
    Str secret;
    const PythonStop *stop;
    int64_t give_up_ns; // when the grace is over; 0: nobody asked to stop
};

Str python_program(Arena *a, Str said)
{
    if (!said.n) said = env_get(a, "PYSPARK_PYTHON");
    return said.n ? str_copy(a, said) : S("python3");
}

// ---- bytes to and fro --------------------------------------------------------------------------

static Status worker_gone(PythonWorker *w)
{
    int code = 0;
    for (int32_t i = 0; i < 20 && !child_ended(w->child, &code); i++) clock_sleep(LOOK);
    if (!child_ended(w->child, &code))
        return fail(ERR_IO, "the Python worker (" STR_FMT ") hung up", STR_ARG(w->spec.program));
    if (code == EXIT_VERSION && !w->socket)
        return fail(ERR_INVALID, "it is not Python " STR_FMT ", which the client runs",
                    STR_ARG(w->spec.version));
    if (code == EXIT_NO_PYSPARK && !w->socket)
        return fail(ERR_INVALID, "pyspark is not installed there");
    if (code > 128 && code < 128 + SIGNALS)
        return fail(ERR_IO, "the Python worker (" STR_FMT ") was ended by signal %d%s",
                    STR_ARG(w->spec.program), code - 128,
                    code == 139 ? ": Segmentation fault" : "");
    return fail(ERR_IO,
                "the Python worker (" STR_FMT ") ended with code %d; what it printed is in the "
                "server's output",
                STR_ARG(w->spec.program), code);
}
// Waits for the worker's next bytes, while it lives and is wanted. A socket that has some wins.
static Status wait_for(PythonWorker *w, Socket *s, int64_t until_ns)
{
    int code = 0;
    for (;;) {
        if (socket_wait(s, false, LOOK)) return DONE;
        if (child_ended(w->child, &code)) return socket_wait(s, false, 0) ? DONE : worker_gone(w);
        int64_t now = clock_mono_ns();
        if (until_ns && now > until_ns)
            return fail(ERR_IO, "the Python worker (" STR_FMT ") does not answer",
                        STR_ARG(w->spec.program));
        if (!w->stop->asked(w->stop->ctx)) continue;
        if (!w->give_up_ns) w->give_up_ns = now + w->stop->grace * 1000;
        if (now >= w->give_up_ns) return fail(ERR_CANCELLED, "the query was stopped");
    }
}
void python_worker_stop_by(PythonWorker *w, const PythonStop *stop)
{
    w->stop = stop;
    w->give_up_ns = 0;
}
Status python_worker_send(PythonWorker *w, Str bytes)
{
    return socket_write_all(w->socket, bytes, ANSWER_MAX);
}
Status python_worker_i32(PythonWorker *w, int32_t *v, int64_t until_ns)
{
    uint8_t b[4];
    TRY(wait_for(w, w->socket, until_ns));
    if (socket_read_all(w->socket, b, 4, ANSWER_MAX).code) return worker_gone(w);
    *v = (int32_t)((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]);
    return DONE;
}
Status python_worker_text(PythonWorker *w, Arena *a, Str *text, int64_t most)
{
    int32_t n = 0;
    TRY(python_worker_i32(w, &n, clock_mono_ns() + ANSWER_MAX * 1000));
    if (n < 0 || n > most) return fail(ERR_CORRUPT, "the Python worker sent a text of %d bytes", n);
    char *bytes = NEW(a, char, n + 1);
    TRY(socket_read_all(w->socket, bytes, n, ANSWER_MAX));
    *text = str_of(bytes, n);
    return DONE;
}
int64_t python_worker_ready_until(void) { return clock_mono_ns() + READY_MAX * 1000; }
void python_worker_kill(PythonWorker *w) { child_kill(w->child); }
void python_put_text(Buf *b, Str s)
{
    buf_u32be(b, (uint32_t)s.n);
    buf_put(b, s);
}
// The end of a traceback says what happened; a failure's text has no room for more.
static Str short_traceback(Arena *a, Str text)
{
    text = str_trim(text);
    if (text.n <= TRACEBACK_BYTES) return text;
    Str tail = str_from(text, text.n - TRACEBACK_BYTES);
    int64_t line = str_find_char(tail, '\n');
    return str_cat(a, S("..."), line < 0 ? tail : str_from(tail, line));
}
Str python_reason(PythonWorker *w, Arena *a, Status s, int32_t answer)
{
    Str text = {0};
    if (s.code) return str_copy(a, failure()->text);
    if (answer != -2) return str_fmt(a, "the Python worker answered %d", answer);
    if (python_worker_text(w, a, &text, TRACEBACK_BYTES_MAX).code)
        return str_copy(a, failure()->text);
    return short_traceback(a, text);
}

// ---- its start ---------------------------------------------------------------------------------

static Status spawn(PythonWorker *w, Arena *a)
{
    TRY(socket_listen(&w->listener, a, S("127.0.0.1:0")));
    w->secret = str_cat(a, rand_uuid(a), rand_uuid(a));
    Str argv[] = {w->spec.program,
                  S("-c"),
                  str_cat(a, str_z(head), w->spec.boot),
                  w->spec.version,
                  str_fmt(a, "%lld", (long long)proc_id()),
                  w->spec.arg};
    Str *env = NEW(a, Str, w->spec.nenv + 3);
    int32_t n = 0;
    env[n++] = str_fmt(a, "PYTHON_WORKER_FACTORY_PORT=%d", socket_port(w->listener));
    env[n++] = str_cat(a, S("PYTHON_WORKER_FACTORY_SECRET="), w->secret);
    env[n++] = S("PYTHONUNBUFFERED=1");
    for (int32_t i = 0; i < w->spec.nenv; i++) env[n++] = w->spec.env[i];
    return child_start(&w->child, a, argv, COUNT(argv), env, n);
}
// Somebody else who found the port is turned away.
static Status greet(PythonWorker *w, Arena *a)
{
    int64_t until = python_worker_ready_until();
    while (!w->socket) {
        Str secret = {0};
        TRY(wait_for(w, w->listener, until));
        TRY(socket_accept(&w->socket, a, w->listener));
        if (!w->socket) continue;
        Status s = python_worker_text(w, a, &secret, SECRET_BYTES_MAX);
        if (s.code == ERR_CANCELLED) return s;
        if (!s.code && str_eq(secret, w->secret)) break;
        socket_close(w->socket);
        w->socket = NULL;
    }
    socket_close(w->listener);
    Buf b = buf_new(a);
    python_put_text(&b, S("ok"));
    return python_worker_send(w, buf_str(&b));
}
Status python_worker_start(PythonWorker **out, Arena *a, const PythonSpec *spec,
                           const PythonStop *stop)
{
    PythonWorker *w = NEW(a, PythonWorker, 1);
    *w = (PythonWorker){.spec = *spec, .stop = stop};
    TRY(spawn(w, a));
    TRY(greet(w, a));
    *out = w;
    return DONE;
}
