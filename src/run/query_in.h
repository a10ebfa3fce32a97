// query_in.h -- what a query is made of, for the files that open, run and show it.
#ifndef RUN_QUERY_IN_H
#define RUN_QUERY_IN_H
#include "run/graph.h"
#include "run/query.h"
#include "run/tracker.h"

struct Query {
    Arena *arena;
    QueryEnv env;
    // who it is
    Str id, run_id, name, dir;
    bool temporary; // its checkpoint goes with it
    Trigger trigger;
    EvalCtx eval;
    // what it runs
    Plan *plan;
    Graph *graph;
    Arena *parts;             // what it holds of the world, given back when its thread ends
    Source **source, **fixed; // streaming ones; per stage: batch ones
    Sink *sink;
    MemoryTable *memory;
    EpochLog *log;
    Tracker tracker;
    bool no_data_epochs; // spark.sql.streaming.noDataMicroBatches.enabled
    // where it stands
    Arena *epoch;            // cleared when one begins
    Arena *offsets[2];       // of `at`, in turn
    Str *at;                 // offset reached in each source
    Str *cap;                // AvailableNow: where each source ended at the start; NULL: no end
    int64_t next;            // epoch
    int64_t late;            // W(n-1), ms; W(n) is tracker.watermark
    bool wants;              // an operator of the last epoch wants one without data (W14)
    bool owes;               // the last epoch's commit, which waits for this query's thread
    bool ran_one;            // in this run
    int64_t last_trigger_ns; // when the previous trigger began
    // what others see, under lock
    Mutex *lock;
    Signal *changed;
    Thread *thread;
    Str message;
    bool told; // all sources tell when there is more, and then:
    bool news;
    Shared64 ending; // as stopping, for the operators
    bool data_available, trigger_active, stopping, started, ended, closed;
    int64_t idle_wanted, idle_seen; // process_available: tickets asked for and served
    Failure *failure;
    Str cause; // its text with its SQLSTATE, as Spark's messages end
    Progress *kept[PROGRESS_KEPT];
    int32_t nkept;
    void (*listen)(void *ctx, const Progress *p);
    void *listen_ctx;
};

// epoch.c
typedef struct EpochOrder { // what the trigger allows
    bool all;               // ignore rate limits
    bool no_data;           // an epoch without data may run
} EpochOrder;
// Runs the next epoch when there is reason for one.
Status epoch_run(Query *q, const EpochOrder *order, bool *ran);
// Brings the query to where its checkpoint says it was.
Status epoch_recover(Query *q);
// trigger.c: triggers until the query ends. Returns why.
Status trigger_loop(Query *q);
Status trigger_once(Query *q, bool *ran);
// query.c
void query_say(Query *q, const char *message); // status; NULL: as it was
void query_keep(Query *q, Progress *p);        // takes it
bool query_stopping(Query *q);
#endif
