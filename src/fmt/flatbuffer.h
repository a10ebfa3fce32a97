// flatbuffer.h -- writing flat buffers, forwards: a table is laid out when it begins, and what it
// points to is written behind it. Positions are offsets in a Buf that starts at a multiple of 8.
#ifndef FMT_FLATBUFFER_H
#define FMT_FLATBUFFER_H
#include "base/buf.h"

enum { FBUF_SLOTS_MAX = 8 };
typedef struct FbufTable {
    int64_t at;                   // of the table itself
    int64_t slot[FBUF_SLOTS_MAX]; // of each field, 0: absent
} FbufTable;
// A table with fields of these sizes (1, 2, 4, 8 bytes; 4 for what points elsewhere; 0: absent),
// all zero.
FbufTable fbuf_table(Buf *b, const uint8_t *size, int32_t n);
void fbuf_set(Buf *b, int64_t at, int64_t v, int32_t bytes);
void fbuf_point(Buf *b, int64_t from, int64_t to); // to lies behind from
int64_t fbuf_str(Buf *b, Str s);
// A vector's head; elements of `align` bytes follow at once.
int64_t fbuf_vector(Buf *b, int64_t n, int32_t align);
#endif
