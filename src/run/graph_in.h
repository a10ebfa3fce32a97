// graph_in.h -- what graph.c makes and graph_run.c runs.
#ifndef RUN_GRAPH_IN_H
#define RUN_GRAPH_IN_H
#include "run/graph.h"

typedef struct Instance Instance;
typedef struct StageRun StageRun;
typedef struct InstanceOut { // one end of an instance
    Out out;
    Instance *instance;
} InstanceOut;
struct Instance { // a stage's chain of operators, for one lane or shard
    StageRun *stage;
    Arena *arena, *scratch; // scratch: of a source's read, and of cut batches
    Op **op;
    InstanceOut head; // where a source's rows enter: counted and cut
    InstanceOut tail; // where rows leave for the sink
    Part part;        // what the sink is owed
    int64_t rows;     // that entered from a source, in this epoch
    int64_t rounded;  // rows_in of the last operator when its last round ended
    bool ready;       // holds something to hand over
};
struct StageRun {
    Graph *graph;
    const Stage *stage;
    Instance **instance; // of lanes: made when first needed
    int32_t ninstances;  // that may exist
    StageRun *to;        // the stage it feeds; NULL: the sink
    int32_t port;        // of that stage
    Source *source;      // of a stage that reads
    int32_t stream;      // index of the streaming source, -1: a batch source
    State **state;       // a pointer per operator, NULL for a stateless one
    WatermarkView *view; // per operator: what it sees of the query's watermark
    Lanes lanes;         // of the running epoch
    int32_t used;        // instances that saw the running epoch
    bool ended;          // in the running epoch
};
struct Graph {
    Arena *arena, *epoch; // epoch: cleared when one begins
    GraphArgs args;
    EpochCtx ctx;
    StageRun *stage;
    int32_t nstages;
    StatefulOp *stateful;   // from the sink upwards
    StageRun **stateful_at; // their stages
    int32_t nstateful;
    ObserveSum **observed; // by node
    int32_t nobserved;
    WatermarkStats *seen; // by node
    int32_t nnodes;
    int64_t rows_out;
    int64_t taken_bytes; // of this round's rows for a caller
    bool at_once;        // they are given as they come: one lane runs, on this thread
    const SinkEpoch *sink_epoch;
    bool small; // the running epoch goes through one instance, on this thread
};

static inline Sink *graph_sink(const Graph *g) { return g->args.sink ? *g->args.sink : NULL; }
// The watermark that an operator sees when the query's is w (semantics W9).
static inline int64_t op_watermark_ms(const StageRun *s, int32_t op, int64_t w)
{
    const WatermarkView *v = &s->view[op];
    return MAX(0, MIN(w - v->lag_ms, v->cap_ms));
}
Status instance_get(Instance **out, StageRun *s, int32_t i); // made when it is not there
#endif
