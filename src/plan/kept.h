// kept.h -- df.cache(), persist() and CACHE TABLE: which plans of a session are marked and how.
// Nothing is held in memory for it, each run reads anew; the marks are what df.storageLevel and
// catalog.isCached tell.
#ifndef PLAN_KEPT_H
#define PLAN_KEPT_H
#include "plan/session.h"

typedef struct KeptLevel { // Spark's StorageLevel
    bool disk, memory, off_heap, deserialized;
    int32_t replication;
} KeptLevel;
extern const KeptLevel kept_usual; // MEMORY_AND_DISK_DESER

// What an analysed plan computes, whatever the ids of its columns: the same for the same.
Str kept_semantics(Arena *a, const Rel *rel);
void kept_mark(Session *s, const Rel *rel, const KeptLevel *level);
void kept_unmark(Session *s, const Rel *rel);
void kept_clear(Session *s);
const KeptLevel *kept_level(const Session *s, Arena *a, const Rel *rel); // NULL: not marked
#endif
