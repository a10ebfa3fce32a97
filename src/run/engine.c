// engine.c -- what an engine holds, and the lists of its sessions and queries under one lock.
#include "run/engine.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/proc.h"

typedef struct Holding Holding;
struct Holding { // a session or a query, in memory of its own
    Arena *arena;
    Session *session; // of a query: the one it was started in
    Query *query;     // NULL: this is a session
    Holding *next;
};
struct Engine {
    Arena *arena;
    Str dir;
    File *lock;
    Log *log;
    Catalogs *catalogs;
    QueryEnv env;
    Mutex *mutex;
    Holding *holdings;
};

static Status take_folder(Engine *e, Arena *a, const EngineOptions *o)
{
    Str path = path_join(a, e->dir, S("lock")), holder = {0};
    TRY(file_open(&e->lock, a, path, FILE_WRITE));
    Status s = file_lock(e->lock);
    if (s.code == ERR_CONFLICT) {
        Status read = file_load(&holder, a, path, 4096);
        return fail(ERR_CONFLICT, "the data folder " STR_FMT " is in use by " STR_FMT,
                    STR_ARG(e->dir),
                    STR_ARG(read.code || !holder.n ? S("another process") : str_trim(holder)));
    }
    TRY(s);
    Str us = str_fmt(a, "process %lld (" STR_FMT ")\n", (long long)proc_id(), STR_ARG(o->command));
    TRY(file_truncate(e->lock, 0));
    return file_write(e->lock, 0, us);
}
static void engine_close(void *arg)
{
    Engine *e = arg;
    for (Holding *h = e->holdings; h; h = h->next)
        if (h->query) query_stop(h->query);
    while (e->holdings) {
        Holding *h = e->holdings;
        e->holdings = h->next;
        arena_free(h->arena);
    }
}
Status engine_open(Engine **out, Arena *parent, const EngineOptions *o)
{
    Arena *a = arena_new(parent);
    Engine *e = NEW(a, Engine, 1);
    e->arena = a;
    e->mutex = mutex_new(a);
    LogOptions how = {.partitions = o->partitions};
    TRY(dir_make(o->dir));
    TRY(path_absolute(&e->dir, a, o->dir));
    TRY(take_folder(e, a, o));
    TRY(log_open(&e->log, a, path_join(a, e->dir, S("log")), &how));
    Arena *own = arena_new(a); // catalogs open when first used, on any thread
    TRY(catalogs_open(&e->catalogs, own, path_join(a, e->dir, S("warehouse"))));
    int32_t workers = o->workers < 0 ? cpu_count() - 1 : o->workers;
    e->env = (QueryEnv){.pool = pool_new(a, workers),
                        .data_dir = e->dir,
                        .print = o->print,
                        .print_to = o->print_to};
    arena_defer(a, engine_close, e); // first of all to run
    *out = e;
    return DONE;
}
Str engine_dir(const Engine *e) { return e->dir; }
Log *engine_log(const Engine *e) { return e->log; }
Catalogs *engine_catalogs(const Engine *e) { return e->catalogs; }
const QueryEnv *engine_env(const Engine *e) { return &e->env; }

static Holding *holding_new(void)
{
    Arena *a = arena_new(NULL);
    Holding *h = NEW(a, Holding, 1);
    h->arena = a;
    return h;
}
static void holding_add(Engine *e, Holding *h)
{
    mutex_lock(e->mutex);
    h->next = e->holdings;
    e->holdings = h;
    mutex_unlock(e->mutex);
}
// Takes out of the list the first holding that fits: this query, or else the session's next query,
// or the session itself when it has none left.
static Holding *holding_take(Engine *e, const Session *s, const Query *q)
{
    mutex_lock(e->mutex);
    Holding **found = NULL;
    for (Holding **at = &e->holdings; *at; at = &(*at)->next) {
        if (q ? (*at)->query != q : (*at)->session != s) continue;
        if (!found || (*at)->query) found = at;
    }
    Holding *h = found ? *found : NULL;
    if (h) *found = h->next;
    mutex_unlock(e->mutex);
    return h;
}
Session *engine_session(Engine *e)
{
    Holding *h = holding_new();
    h->session = session_new(h->arena, e->catalogs);
    h->session->log = e->log;
    h->session->file_tables = path_join(h->arena, e->dir, S("file_tables"));
    h->session->now = clock_now;
    holding_add(e, h);
    return h->session;
}
void engine_session_end(Engine *e, Session *s)
{
    for (Holding *h; (h = holding_take(e, s, NULL));) {
        if (h->query) query_close(h->query);
        arena_free(h->arena);
    }
}
static Status check_name(Engine *e, const Session *s, Str name)
{
    bool taken = false;
    mutex_lock(e->mutex);
    for (Holding *h = e->holdings; h && name.n; h = h->next)
        taken |= h->query && h->session == s && str_eq(query_name(h->query), name) &&
                 query_active(h->query);
    mutex_unlock(e->mutex);
    if (!taken) return DONE;
    return fail(ERR_CONFLICT,
                "there is an active query named " STR_FMT "; stop it or choose another name",
                STR_ARG(name));
}
static void free_kept(void *at)
{
    Arena **kept = at;
    if (*kept) arena_free(*kept);
}
Status engine_start(Query **out, Engine *e, Session *s, const QuerySpec *spec)
{
    TRY(check_name(e, s, spec->name));
    Holding *h = holding_new();
    h->session = s;
    Arena **plan = NEW(h->arena, Arena *, 1);
    arena_defer(h->arena, free_kept, plan); // after the query's own
    Status opened = query_open(&h->query, h->arena, s, &e->env, spec);
    if (!opened.code) opened = query_start(h->query);
    if (opened.code) {
        Arena *kept = arena_new(NULL); // closing may fail too, and would speak over it
        const Failure *f = failure_copy(kept, failure());
        arena_free(h->arena);
        opened = failure_again(f);
        arena_free(kept);
        return opened;
    }
    *out = h->query;
    *plan = spec->kept;
    holding_add(e, h);
    return DONE;
}
int32_t engine_queries(Engine *e, Arena *a, Query ***list)
{
    int32_t n = 0;
    mutex_lock(e->mutex);
    for (Holding *h = e->holdings; h; h = h->next) n += h->query != NULL;
    *list = NEW(a, Query *, n + 1);
    int32_t at = n; // the list is newest first
    for (Holding *h = e->holdings; h; h = h->next)
        if (h->query) (*list)[--at] = h->query;
    mutex_unlock(e->mutex);
    return n;
}
void engine_each(Engine *e, void (*fn)(void *ctx, Query *q), void *ctx)
{
    Arena *a = arena_new(NULL);
    VEC(Query *) list = {0};
    mutex_lock(e->mutex);
    for (Holding *h = e->holdings; h; h = h->next)
        if (h->query) vec_push(a, &list, h->query);
    while (list.n) fn(ctx, list.v[--list.n]); // the list is newest first
    mutex_unlock(e->mutex);
    arena_free(a);
}
Query *engine_find(Engine *e, Str id)
{
    Query *found = NULL;
    mutex_lock(e->mutex);
    for (Holding *h = e->holdings; h && !found; h = h->next)
        if (h->query && (str_eq(query_id(h->query), id) || str_eq(query_run_id(h->query), id)))
            found = h->query;
    mutex_unlock(e->mutex);
    return found;
}
void engine_forget(Engine *e, Query *q)
{
    Holding *h = holding_take(e, NULL, q);
    if (!h) return;
    query_close(q);
    arena_free(h->arena);
}
