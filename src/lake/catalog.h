// catalog.h -- catalogs of tables, configured by Spark's and Iceberg's own keys
// (spark.sql.catalog.NAME, .type, .uri, .warehouse, ..). The default catalog `lake` is an Iceberg
// SQL catalog in SQLite under the data folder, which PyIceberg and Java's JdbcCatalog open
// unchanged (lakehouse 3.1).
#ifndef LAKE_CATALOG_H
#define LAKE_CATALOG_H
#include "base/options.h"
#include "col/column.h"

typedef struct Catalogs Catalogs;
typedef struct Catalog Catalog;
typedef struct TableName {
    Str catalog;
    Str *ns; // namespace in parts
    int32_t nns;
    Str table;
} TableName;
typedef enum TransformKind {
    TR_IDENTITY,
    TR_YEAR,
    TR_MONTH,
    TR_DAY,
    TR_HOUR,
    TR_BUCKET,
    TR_TRUNCATE,
    TR_VOID
} TransformKind;
typedef struct PartitionField {
    int32_t source; // index of a column of the schema
    TransformKind transform;
    int32_t arg; // buckets or width
    Str name;    // of the partition field; empty: by Iceberg's rule (ts_day)
} PartitionField;
typedef struct TableDef { // what CREATE TABLE asks for
    const Schema *schema;
    const PartitionField *partition;
    int32_t npartition;
    Options properties;
    Str location, comment;
} TableDef;

// Of a dotted name with Spark's backquotes: without a catalog that is configured it is in `lake`,
// without a namespace in `default`.
Status table_name_parse(TableName *name, Arena *a, Catalogs *c, Str text);

// The columns as a table will have them: SMALLINT as INT. ERR_UNSUPPORTED for what Iceberg has no
// type for.
Status table_schema_kept(const Schema **kept, Arena *a, const Schema *s);
Str table_name_text(Arena *a, const TableName *t); // `cat`.`ns`.`table`, as messages have it

// warehouse is an absolute folder; `lake` lies in <warehouse>/catalog.db. Lives in a
// and allocates there whenever a catalog is opened or set up: nobody else may use a meanwhile.
Status catalogs_open(Catalogs **c, Arena *a, Str warehouse);
// A setting spark.sql.catalog.* changed; catalogs open when first used.
void catalogs_configure(Catalogs *c, Str key, Str value);
// The same for a session, whose end is session's: catalogs are shared by name, so a value other
// than the one that a catalog was opened with, or that another session wants, is ERR_CONFLICT.
Status catalogs_configure_for(Catalogs *c, Arena *session, Str key, Str value);
Status catalog_get(Catalog **cat, Catalogs *c, Str name); // CATALOG_NOT_FOUND
void catalogs_list(Catalogs *c, Arena *a, Str **names, int32_t *n);

Status catalog_create_schema(Catalog *c, const Str *ns, int32_t n, bool if_not_exists, Str comment);
Status catalog_drop_schema(Catalog *c, const Str *ns, int32_t n, bool if_exists, bool cascade);
// What is kept of it; location is always there. SCHEMA_NOT_FOUND.
Status catalog_schema_options(Catalog *c, Arena *a, const Str *ns, int32_t n, Options *options);
Status catalog_schema_exists(Catalog *c, const Str *ns, int32_t n, bool *exists);
Status catalog_list_schemas(Catalog *c, Arena *a, const Str *ns, int32_t n, Str **names,
                            int32_t *count);
Status catalog_list_tables(Catalog *c, Arena *a, const Str *ns, int32_t n, Str **names,
                           int32_t *count);

typedef struct LakeTable LakeTable; // a table at one snapshot; immutable, lives in its arena
// TABLE_OR_VIEW_NOT_FOUND when absent.
Status table_load(LakeTable **t, Arena *a, Catalogs *c, const TableName *name);
Status table_create(Catalogs *c, const TableName *name, const TableDef *def, bool if_not_exists,
                    bool replace);
// What it was, in columns, partitions, properties and rows, before it was replaced.
Status table_put_back(Catalogs *c, const TableName *name, const LakeTable *before);
Status table_drop(Catalogs *c, const TableName *name, bool if_exists, bool purge);
Status table_truncate(Catalogs *c, const TableName *name);
const Schema *lake_table_schema(const LakeTable *t);
const TableName *lake_table_name(const LakeTable *t);
Str lake_table_location(const LakeTable *t);
const Options *lake_table_properties(const LakeTable *t);
Str lake_table_format(Arena *a, const LakeTable *t); // its version: 2
Str lake_table_order(Arena *a, const LakeTable *t);  // id DESC NULLS LAST, ..; empty: unsorted
typedef struct SortTerm {
    Str column; // at the top
    bool descending, nulls_last;
} SortTerm;
// Its columns; the number of the order, -1: unsorted, or by more than columns.
int32_t lake_table_sort(Arena *a, const LakeTable *t, SortTerm **terms, int32_t *n);
Str lake_table_identifiers(Arena *a, const LakeTable *t); // names: a,b; empty: none
// Bytes of its files and rows, as the current snapshot says. False: it does not.
bool lake_table_totals(const LakeTable *t, Str *bytes, Str *rows);
const PartitionField *lake_table_partition(const LakeTable *t, int32_t *n);
#endif
