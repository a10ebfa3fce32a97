// batch.h -- a query over what there is: the same graph as a stream's, with one epoch that is the
// last. Nothing is recorded.
#ifndef RUN_BATCH_H
#define RUN_BATCH_H
#include "os/thread.h"
#include "run/query.h"

typedef struct BatchArgs {
    Session *session;
    const QueryEnv *env;
    const Shared64 *cancel; // not 0: stop with ERR_CANCELLED. May be NULL
} BatchArgs;
// Lets plan_batch run what a plan needs rows of (WITH RECURSIVE); args NULL: not any more.
void batch_attach(Session *s, const BatchArgs *args);
// Runs a batch plan on this thread and the pool's, and puts its rows, in order, into `rows`.
Status batch_run(const BatchArgs *args, const Plan *plan, Out *rows);
// The same into a sink; `replace`: in place of what is there.
typedef struct BatchTarget {
    Str format, path, table;
    const Options *options;
    bool replace;
    const SinkReplace *only; // .. and not all that is there; NULL: all
    const Str *partition;    // partitionBy
    int32_t npartition;
    int32_t sort_order; // of the table: the plan's rows come in it; 0: in none
} BatchTarget;
Status batch_write(const BatchArgs *args, const Plan *plan, const BatchTarget *to);
// DataFrameWriter.save(path) in a file format: what becomes of what is there is `mode`'s.
typedef enum SaveMode { SAVE_APPEND, SAVE_OVERWRITE, SAVE_ERROR, SAVE_IGNORE } SaveMode;
Status batch_save(const BatchArgs *args, const Plan *plan, const BatchTarget *to, SaveMode mode);
#endif
