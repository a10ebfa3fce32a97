// parquet_stat_in.h -- least and greatest values of pages and chunks, in the order that Parquet
// gives each physical type, and the bytes that stand for them in footers.
#ifndef FMT_PARQUET_STAT_IN_H
#define FMT_PARQUET_STAT_IN_H
#include "fmt/parquet_dict_in.h"
#include "fmt/parquet_shape_in.h"
#include "fmt/prune.h"

enum { PQ_BOUND_BYTES = 64 }; // that a written bound has at most

typedef struct PqStat { // values as they are stored: integers in i, decimals of PQ_FIXED in d
    bool any;
    Datum lo, hi; // strings are borrowed
    int64_t nans;
} PqStat;
void stat_fold(PqStat *s, const PqLeaf *leaf, PqNative native, const void *v, int64_t n);
void stat_merge(PqStat *s, const PqLeaf *leaf, const PqStat *with);
int32_t stat_cmp(const PqLeaf *leaf, const Datum *x, const Datum *y);
// The bytes of a bound, cut to PQ_BOUND_BYTES; *exact says whether they are the value itself.
Str stat_bytes(Arena *a, const PqLeaf *leaf, const Datum *v, bool upper, bool *exact);
// What a leaf stores as a value of its type, and a bound's bytes as that.
Datum stat_value(const PqLeaf *leaf, const Datum *stored);
bool stat_from_bytes(Datum *v, const PqLeaf *leaf, Str bytes);
Int128 int128_from_be(Str bytes); // two's complement, at most 16 bytes
void int128_to_be(char *to, int32_t n, Int128 v);
#endif
