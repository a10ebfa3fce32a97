// iceberg_in.h -- an Iceberg table's metadata in memory, format version 2 (1 is read). All of it is
// immutable once made; a commit makes new metadata that shares what did not change.
#ifndef LAKE_ICEBERG_IN_H
#define LAKE_ICEBERG_IN_H
#include "fmt/doc.h"
#include "fmt/prune.h"
#include "lake/catalog.h"

#define ICE_NONE INT64_C(-1) // no snapshot

typedef struct IceSchema {
    int32_t id;
    const Schema *type; // field ids in it
    Str unwritable;     // a column of a type that kappa reads but does not write; empty: none
    Str json;
} IceSchema;
typedef struct IceSpecField {
    int32_t source_id, id;
    Str name, transform_text;
    bool known; // the transform is one of ours
    TransformKind transform;
    int32_t arg;
    const Type *source, *result; // NULL when the source column is gone
} IceSpecField;
typedef struct IceSpec {
    int32_t id, nfields;
    IceSpecField *field;
    Str json; // the whole, {"spec-id":0,"fields":[..]}
    Str fields_json;
} IceSpec;
typedef struct IceSnapshot {
    int64_t id, parent; // parent ICE_NONE: the first
    int64_t sequence, timestamp_ms;
    Str operation;
    Options summary; // without the operation
    Str manifest_list;
    int32_t schema_id; // -1: not said
    Str json;
} IceSnapshot;
typedef struct IceRef {
    Str name, json;
    int64_t snapshot;
    bool branch; // else a tag
} IceRef;
typedef struct IceLog { // an entry of snapshot-log or metadata-log
    int64_t timestamp_ms, snapshot;
    Str file;
} IceLog;
typedef VEC(IceSnapshot) IceSnapshots;
typedef VEC(IceRef) IceRefs;
typedef VEC(IceLog) IceLogs;
typedef VEC(IceSchema) IceSchemas;
typedef VEC(IceSpec) IceSpecs;
typedef struct IceMeta {
    int64_t format, last_sequence, last_updated_ms, last_column_id, last_partition_id;
    int64_t schema_id, spec_id, sort_order_id, current; // current ICE_NONE: no snapshot
    Str uuid, location;
    IceSchemas schemas;
    IceSpecs specs;
    Options properties;
    IceRefs refs;
    IceSnapshots snapshots;
    IceLogs snapshot_log, metadata_log;
    Str sort_orders, statistics, partition_statistics; // JSON arrays
} IceMeta;
Status ice_meta_parse(IceMeta **m, Arena *a, Str json, Str where);
void ice_meta_write(Buf *out, const IceMeta *m);
const IceSchema *ice_schema(const IceMeta *m, int64_t id); // NULL when absent
const IceSpec *ice_spec(const IceMeta *m, int64_t id);
const IceSnapshot *ice_snapshot(const IceMeta *m, int64_t id);
const IceRef *ice_ref(const IceMeta *m, Str name);
Str ice_property(const IceMeta *m, Str key); // p NULL when absent
int64_t ice_property_i64(const IceMeta *m, Str key, int64_t dflt);
bool ice_property_bool(const IceMeta *m, Str key, bool dflt);
bool ice_sorts_by(Arena *a, const IceMeta *m,
                  int32_t id); // sort_order.c: its order has that column

// Schemas. ice_schema_new gives fresh ids from *last_id + 1 on (breadth first, as Java does) and
// Iceberg's types: TINYINT and SMALLINT become INT.
Status ice_schema_parse(IceSchema *s, Arena *a, const Doc *d);
// Columns that `before` (may be NULL) has by the same name keep their ids.
Status ice_schema_new(IceSchema *s, Arena *a, const Schema *from, const Schema *before, int32_t id,
                      int64_t *last_id);
// A new column's type, its fields with fresh ids; a schema of columns that have theirs.
Status ice_type_new(const Type **to, Arena *a, const Type *from, int64_t *last_id);
IceSchema ice_schema_of(Arena *a, const Schema *columns, int32_t id, Str identifiers_json);
const Field *ice_field(const Schema *s, int32_t id); // at any depth outside lists and maps
Status ice_spec_parse(IceSpec *s, Arena *a, const Doc *d, const IceMeta *m);
IceSpec ice_spec_of(Arena *a, const IceSpecField *field, int32_t n, int32_t id);
Status ice_spec_new(IceSpec *s, Arena *a, const Schema *schema, const TableDef *def,
                    int64_t *last_id);

typedef struct IceColumnStat {
    int32_t id;
    int64_t bytes, values, nulls, nans; // -1: not known
    Str lo, hi;                         // p NULL: no bound
} IceColumnStat;
typedef struct IceFile {         // a data or delete file
    int32_t content;             // 0 data, 1 position deletes, 2 equality deletes
    int32_t spec_id, sort_order; // sort_order -1: none
    Str path, format;
    Str *partition; // a value of each field of the spec, in its bytes; p NULL: null
    int32_t npartition;
    int64_t rows, bytes;
    IceColumnStat *column;
    int32_t ncolumns;
    int64_t *split; // where row groups start
    int64_t *equality;
    int32_t nsplit, nequality;
    Str key, referenced; // key_metadata, referenced_data_file; p NULL: none
} IceFile;
typedef enum IceStatus { ICE_EXISTING, ICE_ADDED, ICE_DELETED } IceStatus;
typedef struct IceEntry { // of a manifest
    IceStatus status;
    int64_t snapshot, sequence, file_sequence; // sequences -1: inherited from the commit
    IceFile file;
} IceEntry;
typedef VEC(IceEntry) IceEntries;
typedef VEC(IceFile) IceFiles;
typedef struct IceSummary { // of one partition field over a manifest
    bool null, nan;         // some value is
    Str lo, hi;             // p NULL: none
} IceSummary;
typedef struct IceManifest { // an entry of a manifest list
    Str path;
    int64_t bytes, sequence, min_sequence, snapshot;
    int32_t spec_id, content; // content 1: deletes
    int64_t added_files, existing_files, deleted_files, added_rows, existing_rows, deleted_rows;
    IceSummary *partition; // NULL: not said
    int32_t npartition;
    Str key;
} IceManifest;
typedef VEC(IceManifest) IceManifests;

// Encodes a manifest of entries, all of one spec and one content, and fills what a manifest list
// says of it (all but path). New entries leave their sequence numbers to be inherited.
void ice_manifest_write(Buf *out, IceManifest *m, const IceMeta *meta, const IceSpec *spec,
                        const IceEntry *entry, int64_t n);
// Entries with what they inherit filled in; deleted ones only when asked for.
Status ice_manifest_read(IceEntries *to, Arena *a, const IceMeta *meta, const IceManifest *m,
                         bool deleted_too);
void ice_manifest_list_write(Buf *out, Arena *scratch, const IceSnapshot *s,
                             const IceManifests *list);
Status ice_manifest_list_read(IceManifests *list, Arena *a, Str uri);

// Transforms.
bool transform_parse(Str text, TransformKind *kind, int32_t *arg);
Str transform_text(Arena *a, TransformKind kind, int32_t arg);
Status transform_check(const Type *source, TransformKind kind, Str column); // ERR_INVALID
const Type *transform_result(const Type *source, TransformKind kind);
Column transform_column(Arena *a, const Column *c, TransformKind kind, int32_t arg);
// A partition value as paths show it: 2025-01-31, 2025-01-31-17, null.
Str transform_human(Arena *a, const IceSpecField *f, Str bytes);
int32_t murmur3(Str bytes);
// What a condition on the source says of the transformed value. False when it says nothing.
bool transform_project(Prune *out, Arena *a, const Prune *p, const IceSpecField *f);
#endif
