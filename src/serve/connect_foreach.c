// connect_foreach.c -- the protocol of pyspark.sql.connect.streaming.worker.foreach_batch_worker:
// big-endian numbers, texts with their length before. We listen on a port of this machine; the
// worker proves by a secret in its environment that it is ours.
#include "serve/connect_foreach.h"
#include "base/civil.h"
#include "fmt/arrow_read.h"
#include "os/clock.h"
#include "os/proc.h"
#include "run/memory_table.h"

#define LOOK       (50 * MICROS_PER_MS)      // whether the worker lives and its query goes on
#define READY_MAX  (300 * MICROS_PER_SECOND) // Python starts and loads the function
#define ANSWER_MAX (60 * MICROS_PER_SECOND)  // of a message that has begun
#define GRACE      (2 * MICROS_PER_SECOND)   // for a function at work when its query is to end
// A worker that leaves in the middle of our message takes its answer with it, so what is often
// wrong is found before it connects, and told by its exit code. It goes when we are killed: its
// function may not work on while another run has begun the same batch again.
enum { EXIT_VERSION = 93, EXIT_NO_PYSPARK = 94 };
static const char boot[] =
    "import os, sys, runpy, threading, time, importlib.util as u\n"
    "if '%d.%d' % sys.version_info[:2] != sys.argv[1]: sys.exit(93)\n"
    "if not u.find_spec('pyspark'): sys.exit(94)\n"
    "def watch():\n"
    "    while os.getppid() == int(sys.argv[2]): time.sleep(0.5)\n"
    "    os._exit(1)\n"
    "threading.Thread(target=watch, daemon=True).start()\n"
    "from pyspark import worker\n"
    "read = worker.read_command\n"
    "def read_rows(*args):\n" // foreach: called with the rows of a batch, as of partition 0
    "    from pyspark.taskcontext import TaskContext\n"
    "    function, task = read(*args)[0], TaskContext._getOrCreate()\n"
    "    task._partitionId = 0\n"
    "    def each(df, epoch):\n"
    "        task._localProperties = {'streaming.sql.batchId': str(epoch)}\n"
    "        for _ in function(0, df.toLocalIterator()): pass\n"
    "    return each\n"
    "if sys.argv[3] == 'foreach': worker.read_command = read_rows\n"
    "runpy.run_module('pyspark.sql.connect.streaming.worker.foreach_batch_worker',\n"
    "                 run_name='__main__', alter_sys=True)\n";
enum { TEXT_BYTES_MAX = 16 << 20, SECRET_BYTES = 64, TRACEBACK_BYTES = 1200 };

typedef struct Worker {
    ForeachBatch batch;
    Client *client;
    Arena *arena; // of what ends with it: the process and the socket; NULL: it has ended
    Child *child;
    Socket *socket, *listener;
    Str python, version, secret;
    bool rows; // foreach
    Str name;  // of its memory table in the session
    MemoryTable *table;
    const Schema *schema;      // of the table
    const Shared64 *cancel;    // while it starts
    const ForeachEpoch *epoch; // being done; NULL: it starts
    int64_t give_up_ns;        // when the grace is over; 0: nobody asked to stop
} Worker;

// ---- bytes to and fro --------------------------------------------------------------------------

static bool asked_to_stop(const Worker *w)
{
    if (w->epoch) return w->epoch->stopping(w->epoch->query);
    return w->cancel && shared_get(w->cancel);
}
static Status worker_gone(Worker *w)
{
    int code = 0;
    for (int32_t i = 0; i < 20 && !child_ended(w->child, &code); i++) clock_sleep(LOOK);
    if (!child_ended(w->child, &code))
        return fail(ERR_IO, "the Python worker (" STR_FMT ") hung up", STR_ARG(w->python));
    if (code == EXIT_VERSION && !w->socket)
        return fail(ERR_INVALID, "it is not Python " STR_FMT ", which the client runs",
                    STR_ARG(w->version));
    if (code == EXIT_NO_PYSPARK && !w->socket)
        return fail(ERR_INVALID, "pyspark is not installed there");
    return fail(ERR_IO,
                "the Python worker (" STR_FMT ") ended with code %d; what it printed is in the "
                "server's output",
                STR_ARG(w->python), code);
}
// Waits for the worker's next bytes, while it lives and is wanted. A socket that has some wins.
static Status wait_for(Worker *w, Socket *s, int64_t until_ns)
{
    int code = 0;
    for (;;) {
        if (socket_wait(s, false, LOOK)) return DONE;
        if (child_ended(w->child, &code)) return socket_wait(s, false, 0) ? DONE : worker_gone(w);
        int64_t now = clock_mono_ns();
        if (until_ns && now > until_ns)
            return fail(ERR_IO, "the Python worker (" STR_FMT ") does not answer",
                        STR_ARG(w->python));
        if (!asked_to_stop(w)) continue;
        if (!w->give_up_ns) w->give_up_ns = now + (w->epoch ? GRACE * 1000 : 0);
        if (now >= w->give_up_ns) return fail(ERR_CANCELLED, "the query was stopped");
    }
}
static Status read_i32(Worker *w, int32_t *v, int64_t until_ns)
{
    uint8_t b[4];
    TRY(wait_for(w, w->socket, until_ns));
    if (socket_read_all(w->socket, b, 4, ANSWER_MAX).code) return worker_gone(w);
    *v = (int32_t)((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]);
    return DONE;
}
static Status read_text(Worker *w, Arena *a, Str *text)
{
    int32_t n = 0;
    TRY(read_i32(w, &n, clock_mono_ns() + ANSWER_MAX * 1000));
    if (n < 0 || n > TEXT_BYTES_MAX)
        return fail(ERR_CORRUPT, "the Python worker sent a text of %d bytes", n);
    char *bytes = NEW(a, char, n + 1);
    TRY(socket_read_all(w->socket, bytes, n, ANSWER_MAX));
    *text = str_of(bytes, n);
    return DONE;
}
static void put_text(Buf *b, Str s)
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
// What went wrong: the worker's traceback, or why there is no answer.
static Str reason_of(Worker *w, Arena *a, Status s, int32_t answer)
{
    Str text = {0};
    if (s.code) return str_copy(a, failure()->text);
    if (answer != -2) return str_fmt(a, "the Python worker answered %d", answer);
    if (read_text(w, a, &text).code) return str_copy(a, failure()->text);
    return short_traceback(a, text);
}

// ---- an epoch ----------------------------------------------------------------------------------

static bool same_columns(const Schema *a, const Schema *b)
{
    bool same = a->nfields == b->nfields;
    for (int32_t i = 0; same && i < a->nfields; i++)
        same = str_eq(a->field[i].name, b->field[i].name) &&
               type_eq(a->field[i].type, b->field[i].type);
    return same;
}
// The rows as a table of the session. A view that the function leaves behind reads the newest.
static Status fill_table(Worker *w, Arena *a, const ForeachEpoch *e)
{
    ArrowRows rows = {.schema = e->schema};
    TRY(arrow_read(&rows, a, e->rows));
    // Rows from before a restart are as the query was then.
    const Schema *schema = same_columns(rows.schema, e->schema) ? e->schema : rows.schema;
    if (!w->table || !type_eq(w->schema, schema)) {
        Session *s = w->client->session;
        mutex_lock(w->client->lock);
        w->table = memory_table_new(s->arena, schema);
        s->memory_schema = memory_table_schema;
        s->memory_rows = memory_table_rows;
        mutex_unlock(w->client->lock);
        w->schema = memory_table_schema(w->table);
    }
    Out *out = memory_table_out(w->table);
    for (int32_t i = 0; i < rows.n; i++) TRY(out_put(out, &rows.batch[i]));
    memory_table_commit(w->table, true);
    return DONE;
}
static CachedRel *show_table(Worker *w, Arena *a)
{
    CachedRel *kept = NEW(a, CachedRel, 1);
    Rel *rel = rel_new(a, REL_UNRESOLVED_TABLE, (Origin){0}, NULL);
    rel->name = &w->name;
    rel->nnames = 1;
    *kept = (CachedRel){.id = rand_uuid(a), .rel = rel};
    mutex_lock(w->client->lock);
    map_set(&w->client->session->memory, w->name, w->table);
    map_set(&w->client->cached, kept->id, kept);
    mutex_unlock(w->client->lock);
    return kept;
}
static void hide_table(Worker *w, const CachedRel *kept)
{
    mutex_lock(w->client->lock);
    map_remove(&w->client->cached, kept->id);
    map_remove(&w->client->session->memory, w->name);
    mutex_unlock(w->client->lock);
}
static Status ask(Worker *w, Arena *a, Str id, int64_t epoch)
{
    int32_t answer = 0;
    Buf b = buf_new(a);
    put_text(&b, id);
    buf_u64be(&b, (uint64_t)epoch);
    Status s = socket_write_all(w->socket, buf_str(&b), ANSWER_MAX);
    if (!s.code) s = read_i32(w, &answer, 0);
    if (s.code == ERR_CANCELLED || (!s.code && !answer)) return s;
    Str why = reason_of(w, a, s, answer);
    if (w->rows) return RAISE(FOREACH_USER_FUNCTION_ERROR, P("reason", why));
    return RAISE(FOREACH_BATCH_USER_FUNCTION_ERROR, P("reason", why));
}
static void worker_end(void *arg)
{
    Worker *w = arg;
    if (w->socket) socket_close(w->socket);
    if (w->arena) arena_free(w->arena); // waits for the process
    w->arena = NULL;
    w->socket = NULL;
}
static Status worker_call(void *arg, const ForeachEpoch *e)
{
    Worker *w = arg;
    Arena *a = arena_new(NULL);
    w->epoch = e;
    Status s = fill_table(w, a, e);
    if (!s.code) {
        CachedRel *kept = show_table(w, a);
        s = ask(w, a, kept->id, e->epoch);
        hide_table(w, kept);
    }
    arena_free(a);
    if (s.code) child_kill(w->child);
    return s;
}

// ---- its start ---------------------------------------------------------------------------------

static Str python_of(const Session *s, Arena *a)
{
    Str python = conf_get(s, S("spark.sql.execution.pyspark.python"));
    if (!python.n) python = conf_get(s, S("spark.pyspark.python"));
    if (!python.n) python = env_get(a, "PYSPARK_PYTHON");
    return python.n ? str_copy(a, python) : S("python3");
}
static Str url_part(Arena *a, Str s) // as clients read it: %-escaped
{
    Buf b = buf_new(a);
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            buf_char(&b, c);
        else
            buf_fmt(&b, "%%%02X", (uint8_t)c);
    }
    return buf_str(&b);
}
static Str url_of(const Client *c, Arena *a)
{
    Str address = c->door->address;
    bool here = str_starts(address, S("127.0.0.1:")) || str_starts(address, S("0.0.0.0:")) ||
                str_starts(address, S("[::]:")) || str_starts(address, S("[::1]:"));
    Buf b = buf_new(a);
    buf_put(&b, S("sc://"));
    if (here)
        buf_fmt(&b, "localhost:%d", connect_door_port(c->door));
    else
        buf_put(&b, address);
    buf_fmt(&b, "/;user_id=" STR_FMT, STR_ARG(url_part(a, c->user)));
    // A header of every call: the token would make some clients speak TLS to localhost.
    buf_fmt(&b, ";x-kappa-worker=" STR_FMT, STR_ARG(c->door->worker_secret));
    return buf_str(&b);
}
static Status spawn(Worker *w, Str version)
{
    Arena *a = w->arena;
    TRY(socket_listen(&w->listener, a, S("127.0.0.1:0")));
    w->secret = str_cat(a, rand_uuid(a), rand_uuid(a));
    Str argv[] = {w->python,
                  S("-c"),
                  str_z(boot),
                  version,
                  str_fmt(a, "%lld", (long long)proc_id()),
                  w->rows ? S("foreach") : S("foreachBatch")};
    Str env[] = {str_fmt(a, "PYTHON_WORKER_FACTORY_PORT=%d", socket_port(w->listener)),
                 str_cat(a, S("PYTHON_WORKER_FACTORY_SECRET="), w->secret),
                 str_cat(a, S("SPARK_CONNECT_LOCAL_URL="), url_of(w->client, a)),
                 S("SPARK_CONNECT_MODE_ENABLED=1"), S("PYTHONUNBUFFERED=1")};
    return child_start(&w->child, a, argv, COUNT(argv), env, COUNT(env));
}
// Somebody else who found the port is turned away.
static Status greet(Worker *w, int64_t until_ns)
{
    while (!w->socket) {
        Str secret = {0};
        TRY(wait_for(w, w->listener, until_ns));
        TRY(socket_accept(&w->socket, w->arena, w->listener));
        if (!w->socket) continue;
        Status s = read_text(w, w->arena, &secret);
        if (s.code == ERR_CANCELLED) return s;
        if (!s.code && str_eq(secret, w->secret)) break;
        socket_close(w->socket);
        w->socket = NULL;
    }
    socket_close(w->listener);
    return DONE;
}
static Status load(Worker *w, const ConnectPython *function)
{
    int64_t until = clock_mono_ns() + READY_MAX * 1000;
    int32_t pid, answer = 0;
    Buf b = buf_new(w->arena);
    TRY(spawn(w, function->version));
    TRY(greet(w, until));
    put_text(&b, S("ok"));
    put_text(&b, function->version);
    put_text(&b, w->client->id);
    put_text(&b, function->command);
    TRY(socket_write_all(w->socket, buf_str(&b), ANSWER_MAX));
    TRY(read_i32(w, &pid, until));
    TRY(read_i32(w, &answer, until));
    if (!answer) return DONE;
    return fail(ERR_INVALID, STR_FMT, STR_ARG(reason_of(w, w->arena, DONE, answer)));
}
static Status python_fails(const Worker *w, Arena *a, Status s)
{
    if (s.code == ERR_CANCELLED) return s;
    Str why = str_copy(a, failure()->text);
    return RAISE(STREAMING_PYTHON_RUNNER_INITIALIZATION_FAILURE, P("python", w->python),
                 P("msg", why));
}
Status foreach_start(const ForeachBatch **batch, Work *work, const ConnectPython *function)
{
    Client *c = work->client;
    if (c->door->options.no_python)
        return fail(ERR_UNSUPPORTED,
                    "%s: this server runs no Python (--no-python); write "
                    "to a table, to files or to Kafka",
                    function->rows ? "foreach" : "foreachBatch");
    Arena *a = work->arena;
    Worker *w = NEW(a, Worker, 1);
    *w = (Worker){
        .batch = {.call = worker_call,
                  .end = worker_end,
                  .to = w,
                  .description = function->rows ? S("ForeachWriterTable") : S("ForeachBatchSink")},
        .rows = function->rows,
        .client = c,
        .version = function->version,
        .arena = arena_new(NULL),
        .name = str_cat(a, S("foreachBatch-"), rand_uuid(a)),
        .cancel = work->cancel};
    arena_defer(a, worker_end, w);
    work_lock(work);
    w->python = python_of(c->session, a);
    work_unlock(work);
    Status s = load(w, function);
    w->cancel = NULL;
    if (s.code) return python_fails(w, a, s);
    *batch = &w->batch;
    return DONE;
}
