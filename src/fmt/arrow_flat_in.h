// arrow_flat_in.h -- flatbuffers read in place: tables by slot, each access within bounds or the
// slot's default and `bad`.
#ifndef FMT_ARROW_FLAT_IN_H
#define FMT_ARROW_FLAT_IN_H
#include "base/base.h"

typedef struct Flat { // one buffer
    Str bytes;
    bool bad;
} Flat;
typedef struct FlatTable {
    Flat *in;
    int64_t at, vtable, slots; // at 0: no table, every slot is absent
} FlatTable;
typedef struct FlatList {
    Flat *in;
    int64_t at, n; // of the first element
} FlatList;

FlatTable flat_root(Flat *f);
int64_t flat_int(const FlatTable *t, int32_t slot, int32_t bytes, int64_t absent); // signed
FlatTable flat_table(const FlatTable *t, int32_t slot);
Str flat_str(const FlatTable *t, int32_t slot);
bool flat_has(const FlatTable *t, int32_t slot);
FlatList flat_list(const FlatTable *t, int32_t slot, int32_t element_bytes);
FlatTable flat_item(const FlatList *l, int64_t i); // of a list of tables
int64_t flat_i64(const FlatList *l, int32_t struct_bytes, int64_t i, int32_t at); // in a struct
#endif
