// fixture_test.h -- what the tests of lake/ share: a small table of four columns whose rows are
// known by their number, written by epochs and counted by scans.
#ifndef LAKE_FIXTURE_TEST_H
#define LAKE_FIXTURE_TEST_H
#include "base/test.h"
#include "lake/append.h"
#include "lake/scan.h"

// Catalogs with `lake` in <dir>/catalog.db and `dir`, folders alone, which a simulated disk can be.
Catalogs *fixture_catalogs(Arena *a, Str dir);
TableName fixture_name(Arena *a, const char *catalog, const char *table); // in the namespace demo
const Schema *fixture_schema(Arena *a, const char *ddl);
// By days(ts) when partitioned; row i has id = i, v = i / 4, and a ts i * 1000 seconds on.
void fixture_table(Arena *a, Catalogs *c, const TableName *name, bool partitioned);
#define FIXTURE_START_US INT64_C(1737108000000000)

Batch fixture_rows(Arena *a, int64_t from, int32_t n);
typedef struct Rows { // those numbered [from, from + n), as one epoch
    int64_t epoch, from, n;
} Rows;
Status fixture_stage(Catalogs *c, const TableName *name, Rows r, Buf *receipt);
CommitInfo fixture_info(int64_t epoch);
// Stages and commits on a committer of its own.
Status fixture_epoch(Catalogs *c, const TableName *name, Rows r, bool *done);

typedef struct Found {
    int64_t rows, sum, files, manifests; // sum of the ids
} Found;
Status fixture_count(Catalogs *c, const TableName *name, const Prune *p, Found *found);
// Commits batches of any schema, each as an epoch's single part, by one committer.
Status fixture_write(Catalogs *c, const TableName *name, const Batch *b, int64_t epoch);
// A stream of so many epochs, one a second, into a table with maintenance on: files and the cost of
// a commit stay bounded, every row is there.
void fixture_seconds(Arena *a, int64_t epochs);
#endif
