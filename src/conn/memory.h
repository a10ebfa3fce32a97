// memory.h -- rows handed over in memory: the source that tests feed. A batch is to it what a file
// is to the file source with maxFilesPerTrigger = 1: each epoch takes the next one that is there.
#ifndef CONN_MEMORY_H
#define CONN_MEMORY_H
#include "col/column.h"

typedef struct MemoryInput MemoryInput; // outlives the sources that read it; one thread adds
MemoryInput *memory_input_new(Arena *a, const Schema *s);
void memory_input_add(MemoryInput *in, const Batch *b); // a copy; not there yet; rows may be 0
void memory_input_show(MemoryInput *in, int64_t n);     // the next n batches have arrived
#endif
