// table_in.h -- a table as its writers hold it: the newest metadata known, and how it is changed.
#ifndef LAKE_TABLE_IN_H
#define LAKE_TABLE_IN_H
#include "lake/catalog_in.h"
#include "lake/iceberg_in.h"

typedef struct IceTable { // one thread's
    Catalogs *catalogs;
    Catalog *catalog;
    TableName name;
    Arena *home;     // of this struct
    Arena *arena;    // of meta and manifests; renewed now and then, when it has grown
    int32_t commits; // since it was
    Str metadata;    // URI of the file that meta was read from or written to
    IceMeta *meta;
    IceManifests manifests; // of the current snapshot, when loaded
    bool manifests_loaded;
} IceTable;
// TABLE_OR_VIEW_NOT_FOUND when absent.
Status ice_table_open(IceTable *t, Arena *a, Catalogs *c, const TableName *name);
Status ice_table_refresh(IceTable *t); // to what the catalog says now
Status ice_table_reload(IceTable *t);  // the same, whatever is known, into a fresh arena
Status ice_table_manifests(IceTable *t);
Status table_not_found(const TableName *name);

typedef enum IceRemoves {
    REMOVE_NONE,
    REMOVE_ALL,        // complete mode, INSERT OVERWRITE, TRUNCATE
    REMOVE_PARTITIONS, // those of the files that are added
    REMOVE_FILES,      // the named ones, which must still be there
} IceRemoves;
typedef struct IceMark { // of a query's epoch, for idempotence
    Str query_id, incarnation;
    int64_t epoch;
} IceMark;
typedef struct IceChange {
    Str operation; // append, overwrite, delete, replace
    const IceFile *added;
    int64_t nadded;
    int64_t sequence; // of the added files' data, -1: the commit's own
    IceRemoves removes;
    const Str *removed; // REMOVE_FILES: paths
    int64_t nremoved;
    bool merge_manifests; // into as few as their size allows
    const IceMark *mark;  // NULL: none
    Options summary;      // more entries for it
} IceChange;
// Commits on top of whatever is current, as often as it takes. A mark that is in the ancestry
// already makes it do nothing; *done tells which. ERR_NOT_FOUND when named files are gone.
Status ice_commit(IceTable *t, const IceChange *c, bool *done);
// The same for metadata alone: `edit` changes a copy of the metadata, and may say that nothing is
// to be done.
typedef struct IceEdit {
    Status (*edit)(const struct IceEdit *e, Arena *a, IceMeta *m, bool *changed);
    const void *more;
} IceEdit;
Status ice_edit(IceTable *t, const IceEdit *e);

Status table_edit(Catalogs *c, const TableName *name, const IceEdit *e); // opens, edits
void ice_set_current(IceMeta *m, Arena *a, int64_t snapshot);            // main and the log too
void ice_put_property(IceMeta *m, Arena *a, Str key, Str value);
Status table_check_properties(const Options *o); // that kappa can write such a table

// Whether the mark's epoch, or a later one of the same query, is in the ancestry or among what
// expiry wrote down.
bool ice_marked(const IceMeta *m, const IceMark *mark);
Str ice_mark_property(Arena *a, Str query_id, Str incarnation); // under which expiry keeps it
extern const Str mark_query, mark_epoch, mark_incarnation;      // keys of a snapshot's summary
Str summary_get(const IceSnapshot *s, Str key);                 // p NULL when absent

// Every data and metadata file below the snapshots that `of` takes (NULL: all), the metadata files
// aside; each once.
Status ice_reachable(Paths *files, Arena *a, const IceMeta *m, bool (*of)(const IceSnapshot *s));

LakeTable *lake_table_of(Arena *a, const IceTable *t); // at its current snapshot, not pinned
// With the schema that the snapshot names (own) or the table's; pinned while a lives.
LakeTable *lake_table_as_of(Arena *a, const LakeTable *t, const IceSnapshot *s, bool own);
const Catalog *lake_table_catalog(const LakeTable *t);
const IceMeta *lake_table_meta(const LakeTable *t);
Str lake_table_metadata(const LakeTable *t);                // URI of its file
const IceSnapshot *lake_table_snapshot(const LakeTable *t); // NULL: empty, never written

// Counters by table for maintenance: commits since the last one. m: as committed.
void upkeep_note(Catalogs *c, const TableName *name, const IceMeta *m);
#endif
