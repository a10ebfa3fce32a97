// connect_foreach.c -- the protocol of pyspark.sql.connect.streaming.worker.foreach_batch_worker,
// and the table of the session that each batch's rows are in.
#include "serve/connect_foreach.h"
#include "base/civil.h"
#include "fmt/arrow_read.h"
#include "os/clock.h"
#include "run/memory_table.h"
#include "serve/python_worker.h"

#define GRACE (2 * MICROS_PER_SECOND) // for a function at work when its query is to end
static const char boot[] =
    "import runpy\n"
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

typedef struct Worker {
    ForeachBatch batch;
    Client *client;
    Arena *arena; // of what ends with it: the process and the socket; NULL: it has ended
    PythonWorker *python;
    PythonStop stop;
    bool rows; // foreach
    Str name;  // of its memory table in the session
    MemoryTable *table;
    const Schema *schema;      // of the table
    const Shared64 *cancel;    // while it starts
    const ForeachEpoch *epoch; // being done; NULL: it starts
} Worker;

static bool asked_to_stop(void *arg)
{
    const Worker *w = arg;
    if (w->epoch) return w->epoch->stopping(w->epoch->query);
    return w->cancel && shared_get(w->cancel);
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
    python_put_text(&b, id);
    buf_u64be(&b, (uint64_t)epoch);
    Status s = python_worker_send(w->python, buf_str(&b));
    if (!s.code) s = python_worker_i32(w->python, &answer, 0);
    if (s.code == ERR_CANCELLED || (!s.code && !answer)) return s;
    Str why = python_reason(w->python, a, s, answer);
    if (w->rows) return RAISE(FOREACH_USER_FUNCTION_ERROR, P("reason", why));
    return RAISE(FOREACH_BATCH_USER_FUNCTION_ERROR, P("reason", why));
}
static void worker_end(void *arg)
{
    Worker *w = arg;
    if (w->arena) arena_free(w->arena); // waits for the process
    w->arena = NULL;
}
static Status worker_call(void *arg, const ForeachEpoch *e)
{
    Worker *w = arg;
    Arena *a = arena_new(NULL);
    w->epoch = e;
    w->stop.grace = GRACE;
    python_worker_stop_by(w->python, &w->stop);
    Status s = fill_table(w, a, e);
    if (!s.code) {
        CachedRel *kept = show_table(w, a);
        s = ask(w, a, kept->id, e->epoch);
        hide_table(w, kept);
    }
    arena_free(a);
    if (s.code) python_worker_kill(w->python);
    return s;
}

// ---- its start ---------------------------------------------------------------------------------

static Str url_part(Arena *a, Str s) // as clients read it: %-escaped
{
    Buf b = buf_new(a);
    buf_percent(&b, s, S("-_.~"), false);
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
static Status load(Worker *w, const ConnectPython *function, Str program)
{
    Arena *a = w->arena;
    int64_t until = python_worker_ready_until();
    int32_t pid, answer = 0;
    Str *env = NEW(a, Str, 2);
    Buf b = buf_new(a);
    env[0] = str_cat(a, S("SPARK_CONNECT_LOCAL_URL="), url_of(w->client, a));
    env[1] = S("SPARK_CONNECT_MODE_ENABLED=1");
    PythonSpec spec = {.program = program,
                       .version = function->version,
                       .boot = str_z(boot),
                       .arg = w->rows ? S("foreach") : S("foreachBatch"),
                       .env = env,
                       .nenv = 2};
    TRY(python_worker_start(&w->python, a, &spec, &w->stop));
    python_put_text(&b, function->version);
    python_put_text(&b, w->client->id);
    python_put_text(&b, function->command);
    TRY(python_worker_send(w->python, buf_str(&b)));
    TRY(python_worker_i32(w->python, &pid, until));
    TRY(python_worker_i32(w->python, &answer, until));
    if (!answer) return DONE;
    return fail(ERR_INVALID, STR_FMT, STR_ARG(python_reason(w->python, a, DONE, answer)));
}
static Status python_fails(Arena *a, Str program, Status s)
{
    if (s.code == ERR_CANCELLED) return s;
    Str why = str_copy(a, failure()->text);
    return RAISE(STREAMING_PYTHON_RUNNER_INITIALIZATION_FAILURE, P("python", program),
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
        .stop = {.asked = asked_to_stop, .ctx = w},
        .arena = arena_new(NULL),
        .name = str_cat(a, S("foreachBatch-"), rand_uuid(a)),
        .cancel = work->cancel};
    arena_defer(a, worker_end, w);
    Str program = python_program(a, function->program);
    Status s = load(w, function, program);
    w->cancel = NULL;
    if (s.code) return python_fails(a, program, s);
    *batch = &w->batch;
    return DONE;
}
