// out.h -- where an emitter puts its batches: the next operator, an exchange, a sink's part.
// Emission is by argument, so a chain of operators is a chain of calls and costs no queue.
#ifndef COL_OUT_H
#define COL_OUT_H
#include "col/column.h"

typedef struct Out Out;
struct Out {
    Status (*put)(Out *out, const Batch *b); // borrows b for the call; 1 <= b->rows <= BATCH_ROWS
};
static inline Status out_put(Out *out, const Batch *b) { return b->rows ? out->put(out, b) : DONE; }
typedef struct OutKept { // an Out that keeps copies of what it gets
    Out out;
    Arena *arena;
    VEC(Batch) batch;
} OutKept;
OutKept out_kept(Arena *a); // a's rows
#endif
