// arrow_write.h -- ArrowWriter, batches gathered into Arrow IPC streams: each stream is a schema,
// one record batch and the end marker, as Spark Connect sends results. Types are those of Spark's
// ArrowUtils: strings with 32-bit offsets, timestamps with the session's zone, maps as lists of
// `entries`.
#ifndef FMT_ARROW_WRITE_H
#define FMT_ARROW_WRITE_H
#include "base/buf.h"
#include "col/column.h"

typedef struct ArrowWriter ArrowWriter;
// zone: the name that timestamps carry, not empty.
ArrowWriter *arrow_writer_new(Arena *a, const Schema *s, Str zone);
void arrow_writer_add(ArrowWriter *w, const Batch *b); // copies
int64_t arrow_writer_rows(const ArrowWriter *w);
int64_t arrow_writer_held(const ArrowWriter *w);  // bytes gathered, without heads
int64_t arrow_writer_bytes(ArrowWriter *w);       // what arrow_writer_take will write
void arrow_writer_take(ArrowWriter *w, Buf *out); // the stream of what was added; starts anew
#endif
