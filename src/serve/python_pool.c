// python_pool.c -- our side of the talk with python_calls.c. A worker is told once what the calls
// of a node are, under a number made of their text, and then gets rows for that number.
#include "serve/python_pool.h"
#include "base/civil.h"
#include "base/hash.h"
#include "fmt/arrow_read.h"
#include "fmt/arrow_write.h"
#include "os/clock.h"
#include "serve/python_calls.h"
#include "serve/python_worker.h"

#define IDLE_MAX (50 * MICROS_PER_SECOND) // python_calls.c waits for 60
#define GRACE    MICROS_PER_SECOND // for a function at work when nobody wants its answer any more
enum { ANSWER_BYTES_MAX = 256 << 20, CALLS_KNOWN_MAX = 200 };
enum { SAY_CALLS = 1, SAY_ROWS = 2 };

typedef struct Runner Runner;
struct Runner { // a worker, of one thread while it is out of the pool
    Runner *next;
    Arena *arena; // of its own
    PythonWorker *python;
    Str program, version;
    PythonStop stop;
    const Shared64 *wanted_until; // not 0
    VEC(uint64_t) known;          // calls that it was told
    int64_t used_ns;
};
struct PythonPool {
    UserHost host;
    Mutex *lock; // of idle
    Runner *idle;
};

static bool asked_to_stop(void *arg)
{
    const Runner *r = arg;
    return r->wanted_until && shared_get(r->wanted_until);
}

// ---- workers -----------------------------------------------------------------------------------

static void runners_end(Runner *r)
{
    for (Runner *next; r; r = next) {
        next = r->next;
        arena_free(r->arena);
    }
}
// One that is idle, or NULL. Those that have been for long have ended by themselves.
static Runner *runner_take(PythonPool *p, const UserFn *f)
{
    Runner *found = NULL, *old = NULL;
    int64_t recent_ns = clock_mono_ns() - IDLE_MAX * 1000;
    mutex_lock(p->lock);
    for (Runner **at = &p->idle; *at;) {
        Runner *r = *at;
        bool late = r->used_ns < recent_ns;
        bool fits = str_eq(r->program, f->program) && str_eq(r->version, f->version);
        if (!late && (found || !fits)) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        r->next = late ? old : NULL;
        *(late ? &old : &found) = r;
    }
    mutex_unlock(p->lock);
    runners_end(old);
    return found;
}
static void runner_give(PythonPool *p, Runner *r)
{
    if (r->known.n > CALLS_KNOWN_MAX) { // what it has loaded stays with it
        arena_free(r->arena);
        return;
    }
    r->used_ns = clock_mono_ns();
    mutex_lock(p->lock);
    r->next = p->idle;
    p->idle = r;
    mutex_unlock(p->lock);
}
static Status runner_start(Runner **out, const UserFn *f, const Shared64 *stop)
{
    Arena *a = arena_new(NULL);
    Runner *r = NEW(a, Runner, 1);
    *r = (Runner){.arena = a,
                  .program = str_copy(a, f->program),
                  .version = str_copy(a, f->version),
                  .wanted_until = stop,
                  .stop = {.asked = asked_to_stop, .ctx = r, .grace = GRACE}};
    Str program = python_program(a, f->program);
    PythonSpec spec = {.program = program,
                       .version = r->version,
                       .boot = str_z(python_calls),
                       .arg = S("functions")};
    Status s = python_worker_start(&r->python, a, &spec, &r->stop);
    *out = r;
    if (!s.code) return DONE;
    if (s.code != ERR_CANCELLED) {
        Str why = str_copy(a, failure()->text);
        s = RAISE(PYTHON_WORKER_NOT_STARTED, P("name", f->name), P("python", program),
                  P("msg", why));
    }
    arena_free(a);
    return s;
}

// ---- a call ------------------------------------------------------------------------------------

static void put_i32(Buf *b, int32_t v) { buf_u32be(b, (uint32_t)v); }
static void put_arrow(Buf *b, const Schema *schema, const Batch *rows)
{
    ArrowWriter *w = arrow_writer_new(b->arena, schema, S("UTC"));
    if (rows) arrow_writer_add(w, rows);
    put_i32(b, (int32_t)arrow_writer_bytes(w));
    arrow_writer_take(w, b);
}
// Months are an int to Python, as in Spark: pyarrow has no word for them.
static const Schema *told_as(Arena *a, const Schema *args)
{
    Field *field = NEW(a, Field, args->nfields);
    for (int32_t i = 0; i < args->nfields; i++) {
        field[i] = args->field[i];
        if (field[i].type->id == T_INTERVAL_YM) field[i].type = &type_int;
    }
    return type_struct(a, field, args->nfields);
}
static Str text_of(Arena *a, const UserCalls *calls)
{
    Buf b = buf_new(a);
    put_arrow(&b, calls->made, NULL);
    put_i32(&b, calls->call[0].fn[0]->bytearrays);
    put_i32(&b, calls->n);
    for (int32_t i = 0; i < calls->n; i++) {
        const UserCall *c = &calls->call[i];
        put_i32(&b, c->nfns);
        for (int32_t k = 0; k < c->nfns; k++) python_put_text(&b, c->fn[k]->code);
        put_i32(&b, c->nargs);
        for (int32_t k = 0; k < c->nargs; k++) {
            put_i32(&b, c->arg[k]);
            python_put_text(&b, c->keyword[k]);
        }
    }
    return buf_str(&b);
}
static bool knows(const Runner *r, uint64_t key)
{
    for (int64_t i = 0; i < r->known.n; i++)
        if (r->known.v[i] == key) return true;
    return false;
}
static Status ask(Runner *r, Arena *a, const UserCalls *calls, const Batch *in)
{
    Buf b = buf_new(a);
    Str text = text_of(a, calls);
    uint64_t key = xxh64(text, 0);
    if (!knows(r, key)) {
        put_i32(&b, SAY_CALLS);
        buf_u64be(&b, key);
        buf_put(&b, text);
        vec_push(r->arena, &r->known, key);
    }
    put_i32(&b, SAY_ROWS);
    buf_u64be(&b, key);
    put_i32(&b, in->rows);
    if (in->cols)
        put_arrow(&b, told_as(a, calls->args), in);
    else
        put_i32(&b, 0);
    return python_worker_send(r->python, buf_str(&b));
}
static bool same_shape(const Type *x, const Type *y)
{
    bool same = x->id == y->id && x->nfields == y->nfields;
    if (same && x->id == T_DECIMAL) same = x->precision == y->precision && x->scale == y->scale;
    for (int32_t i = 0; same && i < x->nfields; i++)
        same = same_shape(x->field[i].type, y->field[i].type);
    return same;
}
static Status take_answer(Runner *r, Arena *a, const UserCalls *calls, Batch *made)
{
    Str stream = {0};
    ArrowRows rows = {0};
    TRY(python_worker_text(r->python, a, &stream, ANSWER_BYTES_MAX));
    TRY(arrow_read(&rows, a, stream));
    if (rows.n != 1 || !same_shape(rows.schema, calls->made))
        return fail(ERR_CORRUPT, "the Python worker answered other columns than it was asked for");
    *made = rows.batch[0];
    for (int32_t i = 0; i < calls->n; i++) made->col[i].type = calls->made->field[i].type;
    return DONE;
}
static Status pool_run(UserHost *h, Arena *a, const UserCalls *calls, const Batch *in,
                       const Shared64 *stop, Batch *made)
{
    PythonPool *p = CONTAINER(h, PythonPool, host);
    const UserFn *first = calls->call[0].fn[0];
    int32_t answer = 0;
    Runner *r = runner_take(p, first);
    if (!r) TRY(runner_start(&r, first, stop));
    r->wanted_until = stop;
    python_worker_stop_by(r->python, &r->stop);
    Status s = ask(r, a, calls, in);
    if (!s.code) s = python_worker_i32(r->python, &answer, 0);
    bool whole = !s.code;
    if (!s.code && !answer) {
        s = take_answer(r, a, calls, made);
        whole = !s.code;
    } else if (s.code != ERR_CANCELLED) {
        Str why = python_reason(r->python, a, s, answer);
        s = RAISE(PYTHON_FUNCTION_ERROR, P("traceback", why));
    }
    if (whole)
        runner_give(p, r);
    else
        arena_free(r->arena);
    return s;
}

// ---- the pool ----------------------------------------------------------------------------------

static void pool_close(void *arg) { runners_end(((PythonPool *)arg)->idle); }
PythonPool *python_pool_new(Arena *a)
{
    PythonPool *p = NEW(a, PythonPool, 1);
    *p = (PythonPool){.host = {.run = pool_run}, .lock = mutex_new(a)};
    arena_defer(a, pool_close, p);
    return p;
}
UserHost *python_pool_host(PythonPool *p) { return &p->host; }
