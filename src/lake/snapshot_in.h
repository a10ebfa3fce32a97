// snapshot_in.h -- making a snapshot.
#ifndef LAKE_SNAPSHOT_IN_H
#define LAKE_SNAPSHOT_IN_H
#include "lake/table_in.h"

typedef struct IceSums { // what a commit changes
    int64_t added_files, added_rows, added_bytes;
    int64_t removed_files, removed_rows, removed_bytes;
    int64_t removed_delete_files, removed_position_deletes, removed_equality_deletes;
    int64_t partitions; // distinct ones
} IceSums;
// Adds the counts and the totals after the parent's to s->summary.
void snapshot_summarise(IceSnapshot *s, Arena *a, const IceSnapshot *parent, const IceSums *d);
void snapshot_json(IceSnapshot *s, Arena *a); // sets s->json from the rest
#endif
