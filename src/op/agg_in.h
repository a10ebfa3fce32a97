// agg_in.h -- what both halves of an aggregate know of its spec: the plan of its buffers, and the
// program that computes keys, arguments and filters of a batch.
#ifndef OP_AGG_IN_H
#define OP_AGG_IN_H
#include "expr/prog.h"
#include "op/aggregate.h"

typedef struct AggProgram {
    Prog *prog;
    Column *col;        // keys, then for each aggregate its arguments and its filter
    int32_t cols;       // so many
    int32_t *arg_at;    // of each aggregate: the first argument's column
    int32_t *filter_at; // or -1
    const Column **arg; // the arguments of the aggregate at hand
    uint8_t *keep;      // its filter as a mask
} AggProgram;
Status agg_program(AggProgram *p, Op *op);
Expr *const *agg_columns(AggProgram *p, Op *op); // all but prog; gives what it would compute
// Folds what the program made of n rows into their groups, which `to` names.
Status agg_fold(AggProgram *p, const AggSpec *s, const AggPlan *plan, AggRows to);

// Types of the keys, in a; the shape of a table of groups with this payload.
TableSpec agg_table(Arena *a, const AggSpec *s, const AggPlan *plan);

// What shard `shard` is owed by a partial half: payloads of rows of *table.
TableRows agg_partial_rows(Op *op, int32_t shard, const Table **table);
// And after those: rows that were not grouped, as the program's columns.
int32_t agg_partial_batches(Op *op, int32_t shard, const Batch **batch);

// With chunks: a row of the state holds `chunk` windows of its other keys, one `slide` after the
// other; its time is the end of the last. A group of a pane goes to one, two or more such rows.
typedef struct AggMove {
    char *row; // the pane's group, in the lane's table
    uint64_t hash;
    Micros time;     // of the row it goes to
    int32_t slot, n; // the windows there that hold the pane
} AggMove;
typedef struct AggMoves {
    const AggMove *v;
    int64_t n;
} AggMoves;
typedef struct AggChunk {    // payload of such a row; the windows' buffers follow
    uint64_t there, changed; // a bit a window: has had rows, and in this epoch
} AggChunk;
enum { AGG_CHUNK_MAX = 64 };
AggMoves agg_partial_moves(Op *op, int32_t shard, const Table **table);
TableSpec agg_chunk_table(Arena *a, const AggSpec *s, const AggPlan *plan);
#endif
