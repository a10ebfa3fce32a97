// memory_table.h -- MemoryTable, what a memory sink fills and a session reads as a view of its
// query's name. A query's thread writes it while others read.
#ifndef RUN_MEMORY_TABLE_H
#define RUN_MEMORY_TABLE_H
#include "col/out.h"

typedef struct MemoryTable MemoryTable;
MemoryTable *memory_table_new(Arena *a, const Schema *schema);
// Where the sink of an epoch puts its rows: they are seen from memory_table_commit on, all at once,
// behind the earlier ones or, when `replace`, in their place.
Out *memory_table_out(MemoryTable *t);
void memory_table_commit(MemoryTable *t, bool replace);
const Schema *memory_table_schema(void *table); // as Session's hooks want them
Status memory_table_rows(void *table, Arena *a, Batch **rows, int32_t *n); // copies
#endif
