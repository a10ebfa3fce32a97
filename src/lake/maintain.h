// maintain.h -- keeping a table small in files and cheap to commit to, however often it is written:
// small files are merged, manifests too, old snapshots expire with what only they reach, and what
// crashes left behind is swept. On by default, each part off by a property of the table:
//   kappa.maintain = false                         nothing at all
//   kappa.compact.min-files = 8, 0 is off          as many files of one size class are merged
//   kappa.snapshots-max = 100                      snapshots kept at most
//   history.expire.max-snapshot-age-ms = 86400000  .. and for how long
//   history.expire.min-snapshots-to-keep = 20      .. but never fewer
//   gc.enabled = false                             nothing expires, no file is removed
#ifndef LAKE_MAINTAIN_H
#define LAKE_MAINTAIN_H
#include "lake/catalog.h"

typedef struct MaintainReport {
    int64_t merged_files, into_files; // compaction
    int64_t expired_snapshots, removed_files, swept_files;
    int64_t merged_manifests;
} MaintainReport;
// Whether enough was committed by this engine since the last time: a look at a counter.
bool table_maintain_due(Catalogs *c, const TableName *name);
// Does what is due. To be called after commits, off their thread: it reads and writes files and
// commits on its own, and a commit made meanwhile is no conflict. `did` may be NULL.
Status table_maintain(Catalogs *c, const TableName *name, MaintainReport *did);
typedef struct ExpireOrder { // what CALL expire_snapshots says
    int64_t older_ms;        // snapshots made before go
    int64_t retain_last;     // .. but not so many of the newest
} ExpireOrder;
typedef struct ExpireCounts { // files that went
    int64_t files[3];         // of data, of deletes by position, of deletes by equality
    int64_t manifests, manifest_lists;
} ExpireCounts;
// Expires now, whatever the table's properties say of how long; what a branch, a tag or a reader
// holds stays.
Status lake_table_expire(Catalogs *c, const TableName *name, const ExpireOrder *order,
                         ExpireCounts *did);
// Removes files below the table that no snapshot reaches and that are older than `age`.
Status lake_table_sweep(Catalogs *c, const TableName *name, Micros age, int64_t *removed);
#endif
