// value_set.h -- a set of values inside a payload: what collect_set and mode keep. Each
// entry is the packed bytes of a value (col/pack.h) with how often it was seen; entries stay in the
// order in which they came. Past a few entries an index of offsets finds them.
#ifndef EXPR_VALUE_SET_H
#define EXPR_VALUE_SET_H
#include "base/reader.h"
#include "col/blob.h"

typedef struct ValueSet { // begins an aggregate's buffer: two blobs
    Blob entries;         // | times u64 | bytes u32 | packed value |, one after the other
    Blob index;           // slots of offset + 1 into entries, 0: free; a power of two of them
    int64_t n;
} ValueSet;
typedef struct ValueEntry {
    uint64_t times;
    Str value;
} ValueEntry;

void value_set_add(BlobPool *pool, ValueSet *s, Str packed, uint64_t times);
bool value_set_has(const ValueSet *s, Str packed);
void value_set_merge(BlobPool *pool, ValueSet *to, const ValueSet *from);
static inline Reader value_set_reader(const ValueSet *s)
{
    return reader_of(blob_str(&s->entries));
}
bool value_set_next(Reader *r, ValueEntry *e); // false at the end
#endif
