// file_table.h -- tables that are folders of files: CREATE TABLE .. USING parquet, csv, json, text.
// What is known of one is a file of JSON in a folder beside the catalogs; that file's name is the
// table's. Reading and writing them is the file connectors' (conn/).
#ifndef LAKE_FILE_TABLE_H
#define LAKE_FILE_TABLE_H
#include "base/options.h"
#include "col/type.h"
#include "lake/catalog.h"

typedef struct FileTable {
    Str name;             // catalog.schema.table
    Str format, path;     // absolute
    const Schema *schema; // partition columns last
    const Str *partition; // their names
    int32_t npartition;
    Options options, properties;
    Str comment;
    bool managed; // its files go when it is dropped
} FileTable;
Str file_table_name(Arena *a, const TableName *n); // what `name` below means
// ERR_NOT_FOUND when there is none; dir may be empty or absent.
Status file_table_load(FileTable *t, Arena *a, Str dir, Str name);
// A new one, durable; ERR_CONFLICT when there is one of the name.
Status file_table_create(Str dir, const FileTable *t);
// What is known of it changes: from now on it is `to`, under its own name or another that is free.
Status file_table_replace(Str dir, const FileTable *from, const FileTable *to);
Status file_table_drop(Str dir, const FileTable *t);
// The columns of CLUSTER BY, from its property; fields of structs are parted by dots.
int32_t file_table_clustering(Str **column, Arena *a, const Options *properties);
Status file_table_truncate(const FileTable *t);
// Names of the tables in `space` ("catalog.schema"), without it.
Status file_table_list(Str **name, int32_t *n, Arena *a, Str dir, Str space);
#endif
