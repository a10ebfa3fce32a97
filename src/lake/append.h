// append.h -- writing rows to a table. Lanes encode rows into parts, each on its own thread; one
// thread takes the parts in order into data files. Finishing makes the files durable and gives a
// receipt; the commit is made from the receipt alone, as often as it takes, and happens once.
#ifndef LAKE_APPEND_H
#define LAKE_APPEND_H
#include "lake/catalog.h"

// What encoding needs to know of a table and of the rows that will come. Immutable.
typedef struct TableShape TableShape;
// Columns of the rows are found by name. INCOMPATIBLE_DATA_FOR_TABLE for a column that the table
// lacks, of another type (TINYINT and SMALLINT go where INT is), or missing where NULL cannot be.
// Options override the table's properties: target-file-size-bytes, compression-codec,
// compression-level.
Status table_shape_new(const TableShape **s, Arena *a, const LakeTable *t, const Schema *rows,
                       const Options *options);

typedef struct TablePart TablePart; // rows of a lane, encoded by partition
TablePart *table_part_new(Arena *a, const TableShape *s);
Status table_part_add(TablePart *p, const Batch *b); // keeps nothing of b
void table_part_seal(TablePart *p);

typedef struct TableAppend TableAppend; // files in the making
TableAppend *table_append_new(Arena *a, const TableShape *s);
// Files of an epoch are named <epoch>-<uuid>.
Status table_append_take(TableAppend *ap, int64_t epoch, const TablePart *sealed);
// Makes what was taken durable and appends the receipt; ready for the next epoch.
Status table_append_finish(TableAppend *ap, Buf *receipt);
void table_append_discard(TableAppend *ap); // removes what was taken and not finished

typedef enum CommitMode {
    COMMIT_APPEND,
    COMMIT_OVERWRITE,            // the rows replace all there were: complete mode, INSERT OVERWRITE
    COMMIT_OVERWRITE_PARTITIONS, // .. those of the partitions they fall into
    COMMIT_OVERWRITE_FILES,      // .. those of the named files, ERR_CONFLICT when one has gone
} CommitMode;
typedef struct CommitInfo {
    CommitMode mode;
    Str query_id; // empty: of no stream, the commit is not recognised a second time
    Str incarnation;
    int64_t epoch;
    Str offsets; // JSON; empty: not said
    Micros watermark;
    bool has_watermark;
    const Str *file; // COMMIT_OVERWRITE_FILES: paths
    int64_t nfiles;
    int32_t sort_order; // that the rows of each file are in; 0: none
} CommitInfo;
typedef struct TableCommitter TableCommitter; // keeps the table's metadata between commits
Status table_committer_open(TableCommitter **c, Arena *a, Catalogs *catalogs,
                            const TableName *name);
// An append of nothing commits nothing. *done is false when the epoch was committed before.
Status table_commit(TableCommitter *c, const CommitInfo *info, Str receipt, bool *done);
#endif
