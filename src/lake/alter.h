// alter.h -- changes to a table that write no row: columns, partitioning, properties, names. Each
// call is one new metadata file, all of it or nothing. Old files are read by their field ids.
#ifndef LAKE_ALTER_H
#define LAKE_ALTER_H
#include "lake/catalog.h"

typedef enum ColumnEditKind {
    COLUMN_ADD,      // path: the parent's, then the new name; type, comment; first or after
    COLUMN_DROP,     // if_exists
    COLUMN_RENAME,   // to
    COLUMN_TYPE,     // type: the same or a wider one
    COLUMN_COMMENT,  // to
    COLUMN_OPTIONAL, // DROP NOT NULL
    COLUMN_REQUIRED, // SET NOT NULL: of a column that is so already
    COLUMN_MOVE,     // first or after
} ColumnEditKind;
typedef struct ColumnEdit {
    ColumnEditKind kind;
    int32_t npath;
    const Str *path; // through structs by name, `element`, `key` and `value`
    const Type *type;
    Str to, after;
    bool first, required, if_exists;
} ColumnEdit;
Status table_edit_columns(Catalogs *c, const TableName *name, const ColumnEdit *e, int32_t n);
// These columns, all of them new, are the table's: what was written before reads as NULL.
Status table_replace_columns(Catalogs *c, const TableName *name, const ColumnEdit *e, int32_t n);

// Columns, required ones at the top, that tell rows apart: these alone, or (drop) without these.
Status table_set_identifiers(Catalogs *c, const TableName *name, const Str *column, int32_t n,
                             bool drop);
// The order in which rows are written from now on. distribution: write.distribution-mode, empty:
// as it is.
Status table_set_order(Catalogs *c, const TableName *name, const SortTerm *term, int32_t n,
                       Str distribution);
// Rows come in the order they are written: no sort order.
Status table_set_unordered(Catalogs *c, const TableName *name, Str distribution, bool order_too);

Status table_set_properties(Catalogs *c, const TableName *name, const Options *set);
Status table_unset_properties(Catalogs *c, const TableName *name, const Options *keys,
                              bool if_exists);
Status table_set_location(Catalogs *c, const TableName *name, Str location);
// Within a catalog; one of folders cannot.
Status table_rename(Catalogs *c, const TableName *from, const TableName *to);

typedef struct PartitionTerm {
    Str column; // at the top; by_name: the partition field's own name
    TransformKind transform;
    int32_t arg;
    Str name; // of an added field; empty: Iceberg's
    bool by_name;
} PartitionTerm;
// Drops one field and adds another; either may be NULL.
Status table_edit_partition(Catalogs *c, const TableName *name, const PartitionTerm *drop,
                            const PartitionTerm *add);

typedef struct RefEdit { // of a branch or a tag
    Str name;
    int64_t snapshot;              // -1: the current one
    int64_t age_ms, keep, keep_ms; // 0: not said
    bool branch, create, replace, drop, if_exists, if_not_exists;
    bool back; // only to an ancestor
} RefEdit;
Status table_edit_ref(Catalogs *c, const TableName *name, const RefEdit *e);
// Makes a snapshot the table's current one; back: an ancestor only. *before: what it was, or -1.
Status table_set_current(Catalogs *c, const TableName *name, int64_t snapshot, bool back,
                         int64_t *before);
Status catalog_comment_schema(Catalog *c, const Str *ns, int32_t n, Str comment);
Status catalog_set_schema(Catalog *c, const Str *ns, int32_t n, const Options *set,
                          const Options *unset);
#endif
