// parquet_leaf_in.h -- one column chunk while it is written: levels and values are gathered, and
// sealing divides them into pages and compresses them.
#ifndef FMT_PARQUET_LEAF_IN_H
#define FMT_PARQUET_LEAF_IN_H
#include "fmt/parquet.h"
#include "fmt/parquet_stat_in.h"

typedef struct PqWrittenPage {
    int64_t at, bytes; // in the chunk, header included
    int64_t first_row, nulls;
    bool all_null, all_nan;
    Str lo, hi; // as the column index has them
} PqWrittenPage;
typedef VEC(PqWrittenPage) PqWrittenPages;
typedef struct LeafWriter {
    const PqLeaf *leaf;
    PqNative native;
    Arena *arena;
    Dict *dict;      // NULL: not tried, or given up
    int64_t look_at; // count of values at which the dictionary is looked at again
    Buf codes;       // uint32_t a value, with a dictionary
    Buf plain;       // PLAIN values, without one; booleans a byte each
    Buf def, rep;    // a byte an entry; empty when the leaf has no such level
    int64_t values, entries, rows;
    // from sealing on
    Buf body; // the chunk: dictionary page, data pages
    PqWrittenPages pages;
    PqStat stat;
    int64_t raw_bytes;        // uncompressed, headers included
    int64_t dictionary_bytes; // of the dictionary page in body, 0: none
} LeafWriter;

void leaf_init(LeafWriter *l, Arena *a, const PqLeaf *leaf, const ParquetOptions *o);
// Values in native form, NULLs left out.
void leaf_add(LeafWriter *l, const void *v, int64_t n);
// Levels of n entries; NULL stands for all at the top and all 0.
void leaf_levels(LeafWriter *l, const uint8_t *def, const uint8_t *rep, int64_t n);
void leaf_seal(LeafWriter *l, const ParquetOptions *o, Packer *p);
PqNative pq_native(const PqLeaf *leaf);
#endif
