// query.h -- Query, a stream that runs: one thread that asks its trigger when, and runs an epoch
// (epoch.h). What others see of it (status, progress, its failure) is behind one lock.
#ifndef RUN_QUERY_H
#define RUN_QUERY_H
#include "conn/foreach.h"
#include "plan/session.h"
#include "run/epoch_log.h"
#include "run/memory_table.h"
#include "run/pool.h"
#include "run/progress.h"

typedef struct Query Query;
typedef enum TriggerKind {
    TRIGGER_EVERY, // processing time; every 0: as soon as there is data
    TRIGGER_ONCE,
    TRIGGER_AVAILABLE_NOW,
} TriggerKind;
typedef struct Trigger {
    TriggerKind kind;
    Micros every;
} Trigger;
typedef struct QueryHooks { // tests put sources and a sink of their own in place
    Status (*source)(void *ctx, Source **s, Arena *a, const ReadNode *r);
    const SinkKind *sink;
    Out *rows; // SinkArgs.rows of that sink
    void *ctx;
} QueryHooks;
typedef struct QueryEnv {                // what queries of an engine share
    Pool *pool;                          // NULL: queries run on their own threads only
    Str data_dir;                        // for what has no place of its own
    Status (*print)(void *to, Str text); // the console sink's
    void *print_to;
    int32_t batch_rows, small_epoch_rows; // graph.h
    EpochLogLimits log_limits;
    QueryHooks hooks;
    Str crash_at;       // tests: an epoch ends with ERR_CANCELLED at the point of this name
    bool wants_survive; // tests: a restart may begin with an epoch without data (against W16)
} QueryEnv;
typedef struct QuerySpec { // writeStream
    Str name;              // queryName, or empty
    Rel *rel;              // as parsed or decoded: it is analysed here
    Mode mode;
    Trigger trigger;
    Str format;                  // of the sink
    const ForeachBatch *foreach; // foreachBatch: takes the rows instead; NULL: none
    Str path, table;
    Options options;      // checkpointLocation among them
    const Str *partition; // partitionBy, of a sink of files
    int32_t npartition;
    Str home;               // where the checkpoint is when no option says so; empty: Spark's rules
    const TableDef *define; // how a missing `table` is made; NULL: by the query's schema
    void (*listen)(void *ctx, const Progress *p); // as query_listen; may be NULL
    void *listen_ctx;
    Status (*print)(void *to, Str text); // the console sink's; NULL: the engine's
    void *print_to;
    Arena
        *kept; // what all of this lies in: engine_start takes it over when it succeeds; may be NULL
} QuerySpec;
typedef struct QueryStatus { // semantics A3
    Str message;
    bool data_available, trigger_active;
} QueryStatus;

// Plans the query, opens sources, sink and checkpoint, and commits again what a crash left open.
// Nothing runs yet. The session must outlive the query. Lives in a.
Status query_open(Query **q, Arena *a, Session *s, const QueryEnv *env, const QuerySpec *spec);
Status query_start(Query *q); // on a thread of its own
// For a query that was not started: one trigger on this thread. *ran false: nothing to do.
Status query_step(Query *q, bool *ran);
// Asks the query to end after the running epoch, and waits for that.
void query_stop(Query *q);
void query_ask_to_stop(Query *q); // the same without waiting
// Waits for its end; negative: for ever. *ended false when the time ran out. Fails as the query
// did.
Status query_await(Query *q, Micros at_most, bool *ended);
// Waits until all that is there now has been processed and no epoch is pending. Fails as the query
// did.
Status query_process_available(Query *q);
void query_close(
    Query *q); // stops it, gives sources, sink and checkpoint back; a's end does it too

Str query_id(const Query *q);
Str query_run_id(const Query *q);
Str query_name(const Query *q);
bool query_active(Query *q);
const Plan *query_plan(const Query *q);
Str query_dir(const Query *q); // of its checkpoint
QueryStatus query_status(Query *q, Arena *a);
const Failure *query_exception(Query *q);  // NULL: none
MemoryTable *query_memory(const Query *q); // of a memory sink, else NULL
// Progress, the newest last, as JSON each; how many.
int32_t query_progress(Query *q, Arena *a, Str **json, bool offsets_as_text);
// Calls see with the newest progress, NULL when there is none yet; query_* may not be called there.
void query_see(Query *q, void (*see)(void *ctx, const Progress *last), void *ctx);
// Calls fn with each new progress, on the query's thread. Before query_start.
void query_listen(Query *q, void (*fn)(void *ctx, const Progress *p), void *ctx);
#endif
