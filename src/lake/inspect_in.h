// inspect_in.h -- Sheet, a metadata table in the making: rows are filled column by column.
#ifndef LAKE_INSPECT_IN_H
#define LAKE_INSPECT_IN_H
#include "lake/inspect.h"
#include "lake/table_in.h"

typedef struct Sheet {
    Arena *arena;
    const LakeTable *table;
    const IceMeta *meta;
    Str what;
    const Schema *schema;
    const Type *partition; // NULL: never partitioned
    const Type *metrics;   // readable_metrics of files; NULL: not there
    Builder **col;
    int32_t at, rows; // at: the next column of the row
} Sheet;

Builder *sheet_next(Sheet *s); // the next column's
void put_i64(Sheet *s, int64_t v);
void put_known(Sheet *s, int64_t v, bool known); // else NULL
void put_str(Sheet *s, Str v);                   // p NULL: NULL
void put_ms(Sheet *s, int64_t ms);
Status sheet_columns(Sheet *s, const char *ddl);
void sheet_begin(Sheet *s); // its columns are said
// inspect_files.c
Status sheet_files(Sheet *s); // all, data or delete files, as s->what says; all_: of every snapshot
Status sheet_entries(Sheet *s); // also all_entries
Status sheet_manifests(Sheet *s);
Status sheet_all_manifests(Sheet *s);
Status sheet_partitions(Sheet *s);
#endif
