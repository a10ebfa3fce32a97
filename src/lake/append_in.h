// append_in.h -- shared by the files that write rows.
#ifndef LAKE_APPEND_IN_H
#define LAKE_APPEND_IN_H
#include "base/map.h"
#include "fmt/parquet.h"
#include "lake/append.h"
#include "lake/table_in.h"

#define EPOCH_NONE INT64_C(-1) // of files that no epoch made

typedef enum StatMode { STAT_NONE, STAT_COUNTS, STAT_TRUNCATE, STAT_FULL } StatMode;
typedef struct ColumnMode { // how much of a column's values a manifest keeps
    StatMode mode;
    int32_t chars; // STAT_TRUNCATE
} ColumnMode;
struct TableShape {
    Arena *arena;
    const IceSchema *schema;
    const IceSpec *spec;
    const ParquetShape *parquet;
    ParquetOptions options;
    ColumnMode *modes; // by top-level column
    Str data;          // URI of the folder
    int64_t target_bytes, group_bytes;
    bool parallel; // syncs
    int32_t *from; // table column -> row column, -1: NULL
    int32_t nfrom;
    int32_t *source; // partition field -> table column
};
typedef struct SealedGroup {
    RowGroup *rows;
} SealedGroup;
typedef VEC(SealedGroup) SealedGroups;
typedef struct PartGroup { // of one partition
    Str key;               // the values together
    Str *value;            // of each field of the spec, in its bytes
    RowGroup *open;
    SealedGroups sealed;
} PartGroup;
typedef VEC(PartGroup) PartGroups;
struct TablePart {
    Arena *arena, *scratch;
    const TableShape *shape;
    PartGroups groups; // in the order in which their first rows came
    Map by_key;        // a group's index by its key
};

// A file's statistics as a manifest keeps them, by the table's modes.
void stats_of_file(IceFile *f, Arena *a, const TableShape *s, const ParquetWriter *w);
ColumnMode stats_mode(const IceMeta *m, Str column, int32_t index);
// The files that were taken, durable, without a receipt: valid until the next take.
Status append_files(TableAppend *ap, IceFiles *files);
void receipt_write(Buf *b, const IceFiles *files);
Status receipt_read(IceFiles *files, Arena *a, Str receipt);
#endif
