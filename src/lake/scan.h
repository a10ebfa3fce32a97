// scan.h -- reading a table at one snapshot: which files hold rows that a condition may let pass,
// and their rows. Manifests, files, row groups and pages are skipped by their bounds.
#ifndef LAKE_SCAN_H
#define LAKE_SCAN_H
#include "fmt/prune.h"
#include "lake/catalog.h"

typedef struct TableScan TableScan; // immutable once planned: any number of threads read from it
typedef struct ScanFile {
    Str path; // URI
    int64_t rows, bytes;
    const int64_t *split; // where its row groups start; nsplit 0 when that is not known
    int32_t nsplit;
} ScanFile;
typedef struct ScanCounts {
    int64_t manifests, manifests_skipped, files, files_skipped;
} ScanCounts;
// Conditions are over lake_table_schema(t)'s columns. The table must outlive the scan.
Status table_scan_new(TableScan **s, Arena *a, const LakeTable *t, const Prune *prune,
                      int32_t nprune);
const ScanFile *table_scan_files(const TableScan *s, int64_t *n);
ScanCounts table_scan_counts(const TableScan *s);

typedef struct FileScan FileScan; // of one thread
typedef struct FileSpan { // the row groups of a file that start in [from, to); 0, INT64_MAX: all
    int64_t file;         // index among table_scan_files
    int64_t from, to;
} FileSpan;
// needed: a byte a column, others get no data; NULL: all. Both live in a.
Status file_scan_new(FileScan **f, Arena *a, const TableScan *s, FileSpan span,
                     const uint8_t *needed);
// The next rows, valid until the next call; b->rows 0 at the end.
Status file_scan_next(FileScan *f, Batch *b);
#endif
