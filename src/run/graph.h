// graph.h -- Graph, the instances of a plan's stages, and one epoch through them.
//
// The span of each source is cut into lanes by offsets alone. Up to ROUND_LANES of them run at
// once, one an instance; when all of a round have ended, what they hold is merged into the shards
// of the next stage in lane order; when a stage's inputs have ended it is flushed. With few rows
// one instance takes all lanes one after another on the calling thread. Which of the two it is
// depends on row counts only, so the same offsets give the same rows in the same order with any
// number of workers.
#ifndef RUN_GRAPH_H
#define RUN_GRAPH_H
#include "conn/sink.h"
#include "op/observe.h"
#include "op/watermark.h"
#include "os/thread.h"
#include "plan/stage.h"
#include "run/pool.h"
#include "run/record.h"

enum { ROUND_LANES = 16, SMALL_EPOCH_ROWS = 16384 };

typedef struct Graph Graph;
typedef struct GraphArgs {
    const Plan *plan;
    const EvalCtx *eval;    // of the session; the graph sets the batch's time in a copy
    Source *const *source;  // of plan->source[i]
    Source *const *fixed;   // per stage: of a stage that reads a batch source
    Sink *const *sink;      // where the rows go: a sink (opened before the first run),
    Out *rows;              // or the caller
    Pool *pool;             // NULL: everything on the calling thread
    const Shared64 *cancel; // not 0: stop as soon as may be, with ERR_CANCELLED
    const Shared64 *ending; // not 0: this is the last epoch; who waits for others may give up
    int32_t batch_rows, small_epoch_rows; // 0: the usual; tests shrink them
} GraphArgs;
typedef struct GraphEpoch {
    int64_t n;
    Micros batch_time;
    bool last;               // a batch query's only epoch
    const Span *span;        // of each streaming source
    int64_t late, watermark; // milliseconds: W(n-1), W(n)
    const SinkEpoch *sink;   // NULL without a sink
} GraphEpoch;
typedef struct StatefulOp { // one stateful operator, over all its shards
    const OpSpec *spec;
    StateCounts counts; // of the last epoch
    int32_t shards;
} StatefulOp;

// Lives in a. Programs are compiled here, so this may fail as an expression may.
Status graph_open(Graph **g, Arena *a, const GraphArgs *args);
// Runs one epoch up to the sink's take. After a failure the graph is good for nothing but its end.
Status graph_run(Graph *g, const GraphEpoch *e);
// What the last epoch was.
int64_t graph_source_rows(const Graph *g, int32_t source);
int64_t graph_rows_out(const Graph *g);
WatermarkStats graph_watermark(const Graph *g, int32_t node);
Status graph_observed(const Graph *g, Observations *to); // each node's, in order
// The stateful operators, from the sink upwards, as progress lists them.
int32_t graph_stateful(Graph *g, StatefulOp **ops);
// Whether some operator wants an epoch because the watermark moved so (semantics W15).
bool graph_wants_epoch(const Graph *g, int64_t from, int64_t to);
// Whether a watermark is defined above an operator that has one already (W12).
bool graph_redefines_watermark(const Graph *g);
// The state of all operators as one text of bytes, for the epoch log.
void graph_state_delta(void *graph, StateOut *to);
void graph_state_image(void *graph, StateOut *to);
Status graph_state_apply(void *graph, Str bytes);
#endif
