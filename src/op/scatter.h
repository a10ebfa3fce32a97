// scatter.h -- Scatter, rows by shard: copied into one growing column a shard and column, handed
// out in batches. What ends a stage and keeps rows for the next one is built on it.
#ifndef OP_SCATTER_H
#define OP_SCATTER_H
#include "col/column.h"

typedef struct Scatter Scatter;
enum { SCATTER_SHARDS_MAX = 64 };

Scatter *scatter_new(Arena *a, int32_t shards); // a power of two
void scatter_clear(Scatter *s);                 // no rows, memory kept for reuse
// A row goes to the shard of its hash (the table's rule, state/state.h); hash NULL: all to shard 0.
void scatter_rows(Scatter *s, const Batch *in, const uint64_t *hash);
void scatter_seal(Scatter *s); // no more rows until scatter_clear
// What a shard has, in order of arrival; after scatter_seal.
int32_t scatter_batches(const Scatter *s, int32_t shard, const Batch **batch);
#endif
