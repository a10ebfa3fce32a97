// agg.h -- aggregates as rows of tables (expr/agg_<family>.c). An aggregate folds rows into a
// buffer of fixed size inside a state row's payload; what does not fit is a Blob there. Buffers are
// flat and merge in any grouping of the rows, in order, so partial results, panes and restarts need
// nothing more.
#ifndef EXPR_AGG_H
#define EXPR_AGG_H
#include "col/blob.h"
#include "expr/eval.h"
#include "expr/expr.h"

enum { AGG_ARGS_MAX = 4 };
typedef struct AggCall { // one aggregate of a query, prepared
    const struct AggRow *row;
    const Type *type;             // of the result
    const Type *in[AGG_ARGS_MAX]; // of the arguments
    int32_t nin;
    int32_t at;     // offset of its buffer in the payload, 8-aligned
    int32_t bytes;  // of the buffer; zeroed memory is its initial state
    int32_t nblobs; // blobs at the start of the buffer
    bool ignore_nulls, ansi;
    int32_t choice;    // the variant of the row's functions that bind chose
    const void *bound; // what bind made of literal arguments
    Origin place;
} AggCall;
typedef struct AggRows {  // where rows go
    char *const *payload; // one pointer a row: its group's payload
    int32_t n;            // at most BATCH_ROWS
    const uint8_t *keep;  // NULL: all; else rows with 0 are passed over (FILTER)
    BlobPool *blobs;
} AggRows;
typedef struct AggRow {
    Str name;
    const char *signature; // as in fn.h
    const char *doc;
    int32_t bytes, nblobs; // as in AggCall, unless bind changes them
    int32_t shown;         // arguments that stand in the name of a column; 0: all
    enum { NO_ORDER, MAY_ORDER, MUST_ORDER } order; // takes WITHIN GROUP (ORDER BY ...)
    bool any_order; // the result is the same in whatever order the rows come
    Status (*analyse)(Arena *a, Expr *call, const EvalCtx *ctx);
    Status (*bind)(Arena *a, const Expr *call, const EvalCtx *ctx, AggCall *c);
    Status (*step)(const AggCall *c, const AggRows *r, const Column *const *in);
    Status (*merge)(const AggCall *c, const AggRows *r, const char *const *from); // payloads
    Status (*result)(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a);
} AggRow;

const AggRow *agg_find(Str name); // aliases resolved

// The aggregates of one operator, laid out in one payload after `head` bytes of the operator's own.
typedef struct AggPlan {
    AggCall *call;
    int32_t n;
    int32_t payload_bytes;
    int32_t nblobs;
    int32_t *blob_at; // offsets of all blobs in the payload, ascending
} AggPlan;
// agg: E_AGG (aliases aside). FILTER is the operator's (AggRows.keep); DISTINCT is gone before.
Status agg_plan(AggPlan **p, Arena *a, Expr *const *agg, int32_t n, int32_t head,
                const EvalCtx *ctx);
// The three calls, with the place of the SQL text put to failures.
Status agg_step(const AggCall *c, const AggRows *r, const Column *const *in);
Status agg_merge(const AggCall *c, const AggRows *r, const char *const *from);
Status agg_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a);
#endif
