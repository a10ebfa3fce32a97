// parquet_dict_in.h -- the dictionary of one column chunk while it is built: values to codes in
// order of first appearance. `plain` is the dictionary page's content.
#ifndef FMT_PARQUET_DICT_IN_H
#define FMT_PARQUET_DICT_IN_H
#include "base/buf.h"

typedef enum PqNative { // how values come to the writer
    PQ_N8,              // booleans
    PQ_N32,
    PQ_N64,
    PQ_NSTR,   // Str, stored with its length
    PQ_NFIXED, // Str, all of one length
} PqNative;
typedef struct DictEntry { // of a string
    uint64_t head, tail;   // of its bytes; up to 16 bytes they are all of it
    int64_t at;            // of the bytes in plain
    int64_t n;
} DictEntry;
typedef struct Dict {
    PqNative native;
    int64_t bytes_max; // of plain
    Arena *arena;
    uint32_t *slot; // code + 1, 0 when free
    int64_t nslots;
    int32_t shift; // of a hash, to its slot
    int32_t n;
    Buf plain;
    DictEntry *entry; // strings
    int64_t entries_cap;
} Dict;

Dict *dict_new(Arena *a, PqNative native, int64_t bytes_max);
// Codes of v[0..n); stops at a value that would make the dictionary too large. Returns how many.
int64_t dict_add(Dict *d, const void *v, int64_t n, uint32_t *codes);
Str dict_str(const Dict *d, uint32_t code);
int32_t native_bytes(PqNative n);
// Appends values in PLAIN form (booleans as they are, a byte each).
void plain_put(Buf *out, PqNative native, const void *v, int64_t n);
#endif
