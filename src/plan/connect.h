// connect.h -- what a Spark Connect client says, in the planner's words: bytes of
// spark.connect.Plan become a Rel as the SQL parser makes one, a Statement, or one of the small
// structs below. Names are resolved by the analyser as everywhere else. Decoding changes nothing
// outside, but for the catalog calls that are commands (setCurrentDatabase, dropTempView, ..): as
// in Spark, decoding such a relation carries it out.
//
// Texts in the results may be views of the plan's bytes, which have to outlive them.
#ifndef PLAN_CONNECT_H
#define PLAN_CONNECT_H
#include "plan/session.h"
#include "wire/protobuf.h"

typedef struct ConnectRows { // a result at hand
    const Schema *schema;
    const Batch *batch;
    int32_t n; // batches
} ConnectRows;
typedef struct ConnectEnv { // what decoding needs of whoever has the session
    Session *session;
    // Runs a statement (a query: STMT_QUERY with rel, not yet analysed) to its end: for show(),
    // tail(), pivots without values, what catalog calls list. NULL: such plans are refused.
    Status (*run)(void *ctx, Arena *a, const Statement *st, ConnectRows *rows);
    // An uploaded artifact "cache/<hash>": CachedLocalRelation. ERR_NOT_FOUND when it is not there.
    Status (*blob)(void *ctx, Arena *a, Str hash, Str *bytes);
    // A copy of the relation kept under an id: CachedRemoteRelation. ERR_NOT_FOUND.
    Status (*cached)(void *ctx, Arena *a, Str id, Rel **rel);
    void *ctx;
} ConnectEnv;

typedef enum ConnectKind {
    CONNECT_QUERY, // rel: send its rows
    CONNECT_SQL,   // SqlCommand: statement. A query (STMT_QUERY) is analysed to find its errors,
                   // not run; the answer is `relation`, bytes of spark.connect.Relation. Anything
                   // else is run, the answer is a LocalRelation of its rows
    CONNECT_STATEMENT, // a write or view in the shape of a statement: run it, no rows are sent
    CONNECT_WRITE,     // df.write to files or a format without tables: write
    CONNECT_STREAM,    // writeStream.start(): stream
    CONNECT_STREAMING_QUERY,         // query
    CONNECT_STREAMING_QUERY_MANAGER, // manager
    CONNECT_LISTENER_ADD,            // the listener bus: this execution stays and tells events
    CONNECT_LISTENER_REMOVE,
    CONNECT_RESOURCES,  // spark.resources: an empty map
    CONNECT_CHECKPOINT, // checkpoint(), localCheckpoint(): keep `rel` under an id, answer the id
    CONNECT_FORGET,     // forget the relation kept under `id`
    CONNECT_PIPELINE,   // pipeline
    CONNECT_NOTHING,    // accepted, nothing to do (ML's clean cache at a client's exit)
} ConnectKind;

typedef enum ConnectMode { // of df.write; unset is the same as ERROR
    CONNECT_MODE_ERROR,
    CONNECT_MODE_APPEND,
    CONNECT_MODE_OVERWRITE,
    CONNECT_MODE_IGNORE,
} ConnectMode;
typedef struct ConnectWrite {
    Rel *rel;
    Str format; // empty: spark.sql.sources.default
    Str path;   // may be empty: the format needs none, or misses it
    Options options;
    ConnectMode mode;
    Str *partition;
    int32_t npartition;
} ConnectWrite;
typedef enum ConnectTriggerKind {
    CONNECT_TRIGGER_EVERY, // also when none was said: every 0
    CONNECT_TRIGGER_AVAILABLE_NOW,
    CONNECT_TRIGGER_ONCE,
    CONNECT_TRIGGER_CONTINUOUS, // every: the checkpoint interval
    CONNECT_TRIGGER_REAL_TIME,  // every: the batch duration
} ConnectTriggerKind;
typedef struct ConnectPython { // a pickled function; no bytes: none
    Str command, version;
    Str program; // the interpreter that the session's settings name; empty: none does
    int32_t eval_type;
    bool rows; // foreach: it is given the rows, not a DataFrame of them
} ConnectPython;
typedef struct ConnectStream {
    Rel *rel;
    Str format, name, path, table; // empty when not said; format empty: spark.sql.sources.default
    Options options;               // path is not taken out of them
    Options properties;            // of a table that toTable makes: clusterBy
    Str *partition;
    int32_t npartition;
    ConnectTriggerKind trigger;
    Micros every;
    Mode mode;
    ConnectPython foreach; // or foreachBatch
} ConnectStream;
typedef enum ConnectQueryCall {
    CONNECT_QUERY_STATUS,
    CONNECT_QUERY_LAST_PROGRESS,
    CONNECT_QUERY_RECENT_PROGRESS,
    CONNECT_QUERY_STOP,
    CONNECT_QUERY_PROCESS_ALL,
    CONNECT_QUERY_EXPLAIN, // extended
    CONNECT_QUERY_EXCEPTION,
    CONNECT_QUERY_AWAIT, // timeout
} ConnectQueryCall;
typedef struct ConnectQuery {
    ConnectQueryCall call;
    Str id, run_id;
    Micros timeout; // -1: none
    bool extended;
} ConnectQuery;
typedef enum ConnectManagerCall {
    CONNECT_MANAGER_ACTIVE,
    CONNECT_MANAGER_GET, // id
    CONNECT_MANAGER_AWAIT_ANY,
    CONNECT_MANAGER_RESET,
    CONNECT_MANAGER_ADD_LISTENER, // the old form, with a pickled listener: 3.5
    CONNECT_MANAGER_REMOVE_LISTENER,
    CONNECT_MANAGER_LIST_LISTENERS,
} ConnectManagerCall;
typedef struct ConnectManager {
    ConnectManagerCall call;
    Str id;
    Micros timeout; // -1: none
} ConnectManager;
typedef enum ConnectPipelineCall {
    CONNECT_GRAPH_CREATE, // catalog, database (empty: the session's), conf
    CONNECT_GRAPH_DROP,
    CONNECT_GRAPH_OUTPUT, // statements, as a file would have them
    CONNECT_GRAPH_FLOW,   // one STMT_CREATE_FLOW, conf; own: of the output of its name
    CONNECT_GRAPH_RUN,    // refresh, full_refresh (names, commas between), storage, ..
} ConnectPipelineCall;
typedef struct ConnectPipeline {
    ConnectPipelineCall call;
    Str graph, catalog, database, refresh, full_refresh, storage;
    Options conf;
    Statement **statement;
    int32_t nstatements;
    bool own, full_refresh_all, dry;
} ConnectPipeline;
typedef struct ConnectPlan {
    ConnectKind kind;
    Rel *rel;
    Statement *statement;
    Str relation, id;
    ConnectWrite write;
    ConnectStream stream;
    ConnectQuery query;
    ConnectManager manager;
    ConnectPipeline pipeline;
} ConnectPlan;

// What p holds points into the bytes and lies in a: whoever keeps a view or a query keeps both.
// Bytes of spark.connect.Plan, a compressed operation included. Errors are Spark's; what is not
// built is UNSUPPORTED_FEATURE with its name.
Status connect_plan(ConnectPlan *p, const ConnectEnv *env, Arena *a, Str plan);
// Bytes of spark.connect.Relation (AnalyzePlan.persist and its kin).
Status connect_relation(Rel **rel, const ConnectEnv *env, Arena *a, Str relation);

// spark.connect.DataType: the content of the message, for a caller that began the field.
void connect_type_write(Buf *b, const Type *t);
Status connect_type_read(const Type **t, Arena *a, const Proto *m);
// spark.connect.Expression.Literal of one value, likewise.
void connect_literal_write(Buf *b, const Type *t, const Datum *v);
#endif
