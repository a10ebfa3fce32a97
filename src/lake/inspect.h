// inspect.h -- Iceberg's metadata tables: what a table knows of itself, as rows. snapshots,
// history, refs, metadata_log_entries, files (data_files, delete_files), entries, manifests,
// partitions; all_files, all_data_files, all_delete_files, all_entries, all_manifests.
#ifndef LAKE_INSPECT_H
#define LAKE_INSPECT_H
#include "lake/catalog.h"

bool inspect_known(Str what);
// All of it at once, with the columns that Iceberg gives it in Spark; what: as inspect_known says.
Status table_inspect(const Schema **columns, Batch *rows, Arena *a, const LakeTable *t, Str what);
#endif
