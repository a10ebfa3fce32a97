// engine.h -- Engine, one data folder and all that runs on it: log, catalogs, workers, sessions and
// queries. One process owns a folder at a time.
//
// The folder holds:   lock        who has it     log/         topics
//                     warehouse/  the tables of the catalog `lake`
//                     queries/    checkpoints that have no place of their own
#ifndef RUN_ENGINE_H
#define RUN_ENGINE_H
#include "run/batch.h"
#include "run/query.h"

typedef struct Engine Engine;
typedef struct EngineOptions {
    Str dir;                             // made when absent
    Str command;                         // what this process is, for whoever finds the folder taken
    int32_t workers;                     // -1: one a core, less the caller's
    int32_t partitions;                  // of a topic made without saying how many; 0: 1
    Status (*print)(void *to, Str text); // where console sinks print
    void *print_to;
} EngineOptions;
// ERR_CONFLICT names the process that has the folder. Lives in a; a's end stops all queries.
Status engine_open(Engine **e, Arena *a, const EngineOptions *o);
Str engine_dir(const Engine *e);
struct Log *engine_log(const Engine *e);
Catalogs *engine_catalogs(const Engine *e);
const QueryEnv *engine_env(const Engine *e);

// Any thread may call these.
Session *engine_session(Engine *e);
void engine_session_end(Engine *e, Session *s); // stops its queries first
// query_open and query_start. CONCURRENT_QUERY or ERR_CONFLICT for a name that is active.
Status engine_start(Query **q, Engine *e, Session *s, const QuerySpec *spec);
// Queries of this engine that were started, ended ones included until they are forgotten.
int32_t engine_queries(Engine *e, Arena *a, Query ***list);
Query *engine_find(Engine *e, Str id); // by id or run id; NULL: none
// Calls fn with each of them, the oldest first, while none can be forgotten: fn may not call the
// engine.
void engine_each(Engine *e, void (*fn)(void *ctx, Query *q), void *ctx);
void engine_forget(Engine *e, Query *q); // closes it
#endif
