// aggregate.h -- grouping, in two halves with an exchange's place between them. agg_partial ends a
// chain: it folds a lane's rows into a table of its own. agg_final begins the next: it merges those
// groups, in lane order, into its shard of the state, stored buffer first (semantics S1, S2), and
// emits what the mode owes: append what the watermark closed, update every touched group, complete
// all (S5-S8, M19-M22). Both halves have the same spec.
//
// Where the first rows of a lane's round show that keys hardly repeat there, the rest are given to
// the shards as rows and folded there: the rows decide, so every run of the same lanes does so.
//
// agg_final emits the keys, then a column for each aggregate. HAVING and the select list are the
// operators after it. DISTINCT inside an aggregate is gone before it comes here.
//
// A window is grouped by its end, as a plain TIMESTAMP key (time_key), with the start beside it or
// computed again afterwards: then its state lies in slices of time and closes without a scan.
#ifndef OP_AGGREGATE_H
#define OP_AGGREGATE_H
#include "expr/agg.h"
#include "op/op.h"

typedef struct AggSpec {
    Expr *const *key; // over the input of agg_partial, bound
    int32_t nkeys;    // 0: one group, there even without rows; its stage is PAR_ONE
    Expr *const *agg; // E_AGG; arguments and filter over the input of agg_partial, bound
    int32_t naggs;
    int32_t time_key; // which key is event time under a watermark (TIMESTAMP), -1: none
    int32_t pane_key; // which key is the end of a pane; agg_partial makes of each of its groups the
    int32_t panes;    // groups of so many windows, `slide` apart, the pane's end the first one's
    Micros slide;
    int32_t chunk;  // windows in a row of op_agg_slide's state; 0: op_agg_final's, one each
    Micros slice;   // of the state (state/table.h): a window's slide, 0 when unknown
    int32_t shards; // instances of agg_final: STATE_SHARDS, or 1 without keys
    bool batch;     // of rows that are no stream: each epoch gives all of them anew, all groups
                    // come out, and there is no state
} AggSpec;
extern const OpKind op_agg_partial, op_agg_final, op_agg_slide;

// Whether the state holds several windows in a row, and how many (chunk): of aggregates over
// windows that overlap whose buffers have no blobs. Then op_agg_slide is the second half.
Status agg_chunk(AggSpec *spec, Arena *a, const EvalCtx *ctx);

// What plan/lower.c puts into the OpSpec of the second half: the state's shape, and its text for
// the comparison at a restart: types and nullability of the keys, ";", those of the aggregates.
Status agg_state(TableSpec *table, Str *schema, Arena *a, const AggSpec *spec, const EvalCtx *ctx);
void agg_shape(Buf *b, Expr *const *agg, const AggPlan *plan); // the part after ";"
#endif
