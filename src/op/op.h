// op.h -- operators: rows in, rows out. A chain of them runs once per lane of a stage; an instance
// is single-threaded and lives as long as the query.
//
// A stage (plan/stage.h) is cut at exchanges. Before an exchange a chain runs once per lane of the
// source; after it once per shard of the state. At the end of a round (a bounded piece of an epoch)
// the last operator of every lane is handed, in lane order, to the first operator of every shard
// (merge); at the end of the epoch every stage flushes, upstream first. So results do not depend on
// the number of workers, and an operator never waits; but one that calls users' functions (user.h).
//
// Durable state is only in op->state; it has no other memory of past epochs. What an operator keeps
// within an epoch or a round it clears in flush or round.
#ifndef OP_OP_H
#define OP_OP_H
#include "col/out.h"
#include "expr/eval.h"
#include "os/thread.h"
#include "state/state.h"

typedef enum Mode { MODE_APPEND, MODE_UPDATE, MODE_COMPLETE } Mode;

typedef struct Op Op;
typedef struct EpochCtx { // of the running epoch; the same for all instances, read only
    int64_t epoch;
    Mode mode;
    bool last;            // a batch query's only epoch: whatever is held comes out
    EvalCtx eval;         // with the batch's time
    const Shared64 *stop; // not 0: the query is to end, waiting for others has no use. May be NULL
} EpochCtx;
typedef enum Again { // does a stateful operator want an epoch because the watermark moved (W15)?
    AGAIN_NEVER,
    AGAIN_UNLESS_COMPLETE,
    AGAIN_ALWAYS,
} Again;
typedef struct OpKind {
    const char *name;       // Spark's, for stateful operators as in progress: "stateStoreSave"
    size_t size;            // of the instance, Op first
    Status (*open)(Op *op); // compiles; op->spec and op->ctx are set. May be NULL
    Status (*rows)(Op *op, int32_t port, const Batch *in); // port: which input of a join or union
    Status (*round)(Op *op); // the round ends on a lane: prepare what merge will read. May be NULL
    // The shard `shard` of what the last operator of a lane holds. NULL: `from` is an exchange and
    // its batches go to rows.
    Status (*merge)(Op *op, int32_t port, Op *from, int32_t shard);
    Status (*flush)(
        Op *op); // the epoch ends: what the mode owes, what the watermark closed. May be NULL
    void (*close)(Op *op); // what the arena cannot free. May be NULL
    Again again;
    int64_t (*total)(Op *op); // of what it keeps, as Spark counts it; NULL: the rows of its state
    bool duplicates;          // its progress has the metric numDroppedDuplicateRows
    int32_t stores;           // state stores that Spark keeps for it in each partition; 0: one
} OpKind;
struct Op {
    const OpKind *kind;
    const void *spec; // what plan/lower.c made for it; each op's header says what
    const EpochCtx *ctx;
    Out *out;     // of the next operator, exchange or sink; NULL when nobody listens
    Out self;     // puts into port 0 of this operator
    State *state; // of a stateful operator; this instance's shard is op->shard
    int32_t shard, lane;
    Micros late, evict; // its watermarks in this epoch: rows at or before `late` are dropped,
                        // state at or before `evict` is closed (semantics W7, W8)
    Arena *arena;       // of the instance
    Arena *scratch;     // cleared by the run-time before each batch, round and flush call
    int64_t rows_in, rows_out, late_rows; // since the epoch began
    bool full;          // no row of this epoch will be of use any more: what feeds it may stop
    StateCounts counts; // the same, of a stateful operator; total and bytes are the run-time's
};
static inline Status op_emit(Op *op, const Batch *b)
{
    op->rows_out += b->rows;
    return op->out ? out_put(op->out, b) : DONE;
}
// Makes an instance; ctx and spec are borrowed for its life.
Status op_new(Op **op, Arena *a, const OpKind *kind, const void *spec, const EpochCtx *ctx);
// How the run-time calls an operator: with empty scratch, rows counted.
Status op_rows(Op *op, int32_t port, const Batch *b);
Status op_round(Op *op);
Status op_merge(Op *op, int32_t port, Op *from, int32_t shard);
Status op_flush(Op *op);
// Rows row[0..n) of the batch, without copying what strings point to; columns that are not there
// stay so. row NULL: the batch as it is.
Batch op_gather(Arena *a, const Batch *b, const int32_t *row, int32_t n);
static inline Table *op_table(Op *op) { return state_shard(op->state, op->shard); }
#endif
