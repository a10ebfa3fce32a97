// map.h -- Map, names to pointers in order of insertion: small tables of tables, options, columns.
// Not for rows: those are in state/.
#ifndef BASE_MAP_H
#define BASE_MAP_H
#include "base/base.h"

typedef struct MapEntry {
    Str key; // borrowed: must live as long as the map
    void *value;
} MapEntry;
typedef struct Map {
    Arena *arena;
    MapEntry *entry; // in order of insertion
    int64_t n, cap;
    int32_t *slot; // open addressing: index into entry + 1, or 0
    int64_t nslots;
    bool fold; // keys that differ in ASCII case only are equal
} Map;

static inline Map map_new(Arena *a) { return (Map){.arena = a}; }
static inline Map map_new_fold(Arena *a) { return (Map){.arena = a, .fold = true}; }
void *map_get(const Map *m, Str key);       // NULL when absent
void map_set(Map *m, Str key, void *value); // replaces the value, keeps the place
void *map_remove(Map *m, Str key);          // the old value or NULL; later entries move up
#endif
