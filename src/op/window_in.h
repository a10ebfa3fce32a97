// window_in.h -- what the parts of the window operator share: the rows held, and where each call's
// expressions lie among the computed values.
#ifndef OP_WINDOW_IN_H
#define OP_WINDOW_IN_H
#include "expr/agg.h"
#include "expr/prog.h"
#include "op/window.h"

typedef VEC(Expr *) WindowExprs;
typedef struct WindowSlots { // columns of the values; -1: none
    int32_t value, otherwise, lower, upper;
    int32_t arg;  // the first argument of the aggregate
    int32_t fold; // its place in the plan of aggregates
} WindowSlots;
typedef struct Window {
    Op op;
    Prog *prog;    // partition keys, order keys, then what the calls need
    Column *value; // of a batch
    WindowSlots *slots;
    int32_t nvalues, cols, n; // n rows are held
    int64_t bytes;
    Builder **rows, **values; // held; NULL: no row yet
    VEC(int32_t) start;       // where partitions begin
    Column *whole;            // the values, when partitions are computed
    WindowFrame peer;         // equals in the order; from NULL: not known yet
    AggPlan *plan;            // of the aggregates among the calls
    BlobPool *blobs;
    char *payload;
    Arena *held, *work, *step; // of the rows; of one computation; of one fold
} Window;
typedef struct Partition { // rows [from, to) of those held
    int32_t from, to;
} Partition;
static inline Partition window_partition(const Window *w, int64_t i)
{
    return (Partition){w->start.v[i], i + 1 < w->start.n ? w->start.v[i + 1] : w->n};
}

// window_frame.c
void window_peers(Window *w); // makes w->peer
// The frame of call c for every row, in w->work.
WindowFrame window_frame(Window *w, const WindowCall *c, const WindowSlots *s);

// window_call.c: the column of the call number `at`, over all rows held.
Status window_call(Window *w, const WindowCall *c, int32_t at, Column *out);

// window_fold.c
Status window_folds(Window *w); // plans the aggregates
Status window_fold(Window *w, const WindowCall *c, const WindowSlots *s, Column *out);
#endif
