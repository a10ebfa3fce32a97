// stage.h -- the physical plan: stages of operators, cut at exchanges. It is data only; run/graph.c
// makes instances and runs them. A batch query is the same plan with one last epoch.
#ifndef PLAN_STAGE_H
#define PLAN_STAGE_H
#include "conn/source.h"
#include "op/op.h"
#include "plan/rel.h"

typedef struct WatermarkView { // a watermark w is seen as max(0, min(w - lag, cap))
    int64_t lag_ms, cap_ms;
} WatermarkView;
typedef struct OpSpec {
    const OpKind *kind;
    const void *spec;  // for op->spec
    const Schema *out; // of what it emits
    // stateful operators
    bool stateful;
    TableSpec table;      // shape of its state, or
    const BagSpec *bag;   // of a join of streams
    int32_t watermark_in; // 1: some input has a watermark; 0: it sees 0 and never evicts
    const WatermarkView
        *after;       // of the watermark before it, for what comes after it; NULL: the same
    bool settled;     // a moved watermark changes nothing in it, whatever its kind says
    Str state_schema; // keys, buffers: what a restart compares (STATE_STORE_*_NOT_COMPATIBLE)
} OpSpec;
typedef enum Parallel {
    PAR_LANES,  // one instance a lane of the source
    PAR_SHARDS, // one instance a shard of the state
    PAR_ONE,    // one instance: global sort, limit, aggregate without keys
} Parallel;
typedef struct StageInput {
    int32_t stage; // index of the upstream stage
    int32_t port;  // of this stage's first operator
    bool whole;    // the upstream must have ended before this stage gets its first row (a build)
} StageInput;
typedef struct Stage {
    Parallel parallel;
    const ReadNode *read; // PAR_LANES: the source
    const Batch *local;   // or rows at hand
    int32_t nlocal;
    StageInput *input; // of the others
    int32_t ninputs;
    OpSpec *op; // the chain; the last one is an exchange unless the stage feeds the sink
    int32_t nops;
    bool to_sink;
    bool again; // gives what another stage gives, whose work Spark uses twice: not counted as read
} Stage;
typedef struct Watermark { // where a WITH_WATERMARK node observes
    int32_t node;          // which node: above a union each branch observes for the same one
    int32_t mark;          // nodes of one mark are one to the tracker (W6)
    int32_t stage, op;     // the operator that observes it
    Micros delay;
    Str column;
} Watermark;
typedef struct Observation { // an operator of an OBSERVE node; a union below has several
    int32_t node, stage, op;
} Observation;
typedef struct Plan {
    Stage *stage; // upstream before downstream
    int32_t nstages;
    const Schema *schema;    // of the result
    const ReadNode **source; // the streaming sources, in checkpoint order
    int32_t nsources;
    Watermark *watermark;
    int32_t nwatermarks;
    Observation *observation; // in order of the nodes, those below first
    int32_t nobservations;
    bool streaming, ordered; // ordered: the rows come in ORDER BY's order
    Mode mode;
    Rel *logical, *optimized; // for EXPLAIN
} Plan;
// The stage and all before it, without a word of where it stands: equal texts, equal rows.
void stage_print(Buf *b, const Plan *p, int32_t stage);
void plan_print(Buf *b, const Plan *p); // EXPLAIN's physical part
#endif
