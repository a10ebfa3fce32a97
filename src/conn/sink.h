// sink.h -- sinks. An epoch's rows are staged (durable, unseen), the run-time appends the epoch
// record, and only then are they committed, from the receipt alone: harmless the second time. Where
// a target cannot do that (console, a webhook) the sink says so in its row.
//
// Rows reach a sink as Parts: what one lane made in one round. A sink that can encode in parallel
// does so in `encode` and `seal`, on the lane's thread; `take` gets sealed parts in lane order, on
// one thread, so that what it writes does not depend on the number of workers.
#ifndef CONN_SINK_H
#define CONN_SINK_H
#include "base/buf.h"
#include "base/options.h"
#include "col/out.h"
#include "expr/eval.h"

typedef struct Sink Sink;
typedef struct Part {
    Arena *arena; // cleared after take
    Batch *batch; // kinds without encode: copies of the rows, in order
    int64_t nbatches, cap;
    int64_t rows; // kinds with encode count them themselves
    void *own;    // kinds with encode: theirs
} Part;
typedef struct SinkEpoch { // which epoch, for receipts and for idempotent commits
    Str query_id;          // uuid of the query, the same over restarts
    int64_t epoch;
    Str incarnation; // uuid of this output: a replay into a new version has another
    bool complete;   // complete mode: the rows replace all earlier ones
    Str offsets;     // JSON of the epoch's end offsets, for summaries
    Micros watermark, batch_time;
} SinkEpoch;
typedef struct SinkReplace { // what of the rows that are there a batch write replaces
    bool partitions;         // those of the partitions that it writes to
    bool files;              // of a table: these data files; of a folder not to be said
    const Str *file;
    int64_t nfiles;
    const Str *fixed; // of a folder: the partitions with these values of the first columns
    int32_t nfixed;
} SinkReplace;
typedef enum SinkModes { SINK_APPEND = 1, SINK_UPDATE = 2, SINK_COMPLETE = 4 } SinkModes;

typedef struct SinkArgs {
    const Options *options;
    const Schema *schema;      // of the rows
    Str path;                  // start(path), or empty
    Str table;                 // toTable / STREAMING TABLE: full name, or empty
    struct Catalogs *catalogs; // for tables (lake/catalog.h)
    struct Log *log;
    const Str *partition; // partitionBy
    int32_t npartition;
    int32_t sort_order;         // of the table: rows come in it; 0: in none
    bool batch;                 // one write of rows that are there, not a stream's
    const SinkReplace *replace; // NULL: when the epoch is complete, all
    Str query_name;             // the memory sink's table
    Str query_id;
    const EvalCtx *eval;
    Out *rows; // the memory sink of a session puts rows here; NULL elsewhere
    Status (*print)(void *to, Str text); // the console sink prints here
    void *print_to;
    const struct ForeachBatch *foreach; // of foreachBatch (conn/foreach.h)
    bool (*stopping)(void *query);      // whether the query is to end
    void *query;
    Buf *warn;
} SinkArgs;
typedef struct SinkKind {
    Str name;
    size_t size; // of the instance, Sink first
    const OptSpec *opts;
    int64_t nopts;
    uint32_t modes;    // SinkModes it takes
    bool exactly_once; // commit is idempotent
    bool calls_out;    // commit runs code of others: after a restart too on the query's thread
    const char *doc;
    Status (*open)(Sink *s, Arena *a, const SinkArgs *args);
    Status (*encode)(Sink *s, Part *p, const Batch *b); // NULL: rows are kept as batches
    Status (*seal)(Sink *s, Part *p);                   // NULL: nothing to do
    Status (*take)(Sink *s, const SinkEpoch *e, Part *p);
    // Makes what was taken durable and writes to `receipt` all that commit needs.
    Status (*stage)(Sink *s, const SinkEpoch *e, Buf *receipt);
    Status (*commit)(Sink *s, const SinkEpoch *e, Str receipt);
    void (*discard)(Sink *s); // the epoch was given up before its record: forget what was taken
    void (*close)(Sink *s);
} SinkKind;
struct Sink {
    const SinkKind *kind;
    const Schema *schema;
    Str description; // as Spark's progress has it
    Arena *arena;
};
const SinkKind *sink_find(Str name); // by name, letters of either case; NULL when there is none
// The instance lives in a, which closes it.
Status sink_open(Sink **s, Arena *a, const SinkKind *kind, const SinkArgs *args);
#endif
