// delta.h -- the encodings that newer Parquet writers use and kappa only reads. Each decodes the
// whole of a page's values at once.
#ifndef FMT_DELTA_H
#define FMT_DELTA_H
#include "base/reader.h"

enum { DELTA_VALUES_MAX = 1 << 26 };
// DELTA_BINARY_PACKED at the reader, which is left after it. False when the bytes are no such thing
// or hold more than `most` values.
bool delta_read(int64_t **v, int64_t *n, Arena *a, Reader *r, int64_t most);
bool delta_lengths_read(Str **v, int64_t *n, Arena *a, Str bytes, int64_t most); // .._LENGTH_..
bool delta_strs_read(Str **v, int64_t *n, Arena *a, Str bytes, int64_t most);    // DELTA_BYTE_ARRAY
// BYTE_STREAM_SPLIT of values of `width` bytes.
char *byte_streams_join(Arena *a, Str bytes, int32_t width);
#endif
