// catalog_in.h -- what a kind of catalog does: it keeps, for a table's name, where the current
// metadata file is, and moves that pointer from one file to the next by compare-and-swap.
#ifndef LAKE_CATALOG_IN_H
#define LAKE_CATALOG_IN_H
#include "lake/catalog.h"
#include "lake/store.h"
#include "os/thread.h"

typedef struct Names {
    Str *v;
    int64_t n, cap;
} Names;
typedef struct Namespace {
    const Str *part;
    int32_t n;
} Namespace;
typedef struct Swap {   // from one metadata file to the next
    Str table_location; // URI
    Str old;            // the metadata file that must be current; empty: the table must not exist
    Str json;           // of the new one
} Swap;
typedef struct ViewStore { // the same for views, whose names are the tables' too
    bool (*able)(const Catalog *c);
    Status (*load)(Catalog *c, Arena *a, const TableName *t, Str *metadata); // ERR_NOT_FOUND
    Status (*swap)(Catalog *c, const TableName *t, const Swap *s, Writes *w, Str *metadata);
    Status (*drop)(Catalog *c, const TableName *t); // ERR_NOT_FOUND
    // ERR_NOT_FOUND, ERR_CONFLICT when the name is taken
    Status (*rename)(Catalog *c, const TableName *from, const TableName *to);
    Status (*list)(Catalog *c, Arena *a, Namespace ns, Names *names);
} ViewStore;
typedef struct SchemaStore { // properties of a namespace, comment and location among them
    Status (*options)(Catalog *c, Arena *a, Namespace ns, Options *options);
    Status (*set)(Catalog *c, Namespace ns, const Options *set, const Options *unset);
} SchemaStore;
typedef struct CatalogKind {
    const char *name;
    const SchemaStore *schemas; // NULL: they have none
    const ViewStore *views;     // NULL: it holds none
    bool parallel_sync;
    bool moves;                 // tables can get another name or place, schemas another comment
    Status (*open)(Catalog *c); // opens or makes the store
    Status (*load)(Catalog *c, Arena *a, const TableName *t, Str *metadata); // ERR_NOT_FOUND
    // Makes w durable together with the new metadata file, then swaps. ERR_CONFLICT when the old
    // one is not current (any more); after ERR_IO the outcome may be unknown.
    Status (*swap)(Catalog *c, const TableName *t, const Swap *s, Writes *w, Str *metadata);
    // To another name, which is free and in a schema that is there (ERR_UNSUPPORTED when such a
    // catalog cannot); to NULL: out of the catalog. ERR_NOT_FOUND: there is no such table.
    Status (*move)(Catalog *c, const TableName *t, const TableName *to);
    // There is none, or there is and gets this comment.
    Status (*make_schema)(Catalog *c, Namespace ns, Str comment);
    Status (*drop_schema)(Catalog *c, Namespace ns); // there is nothing in it
    Status (*schema_exists)(Catalog *c, Namespace ns, bool *exists);
    Status (*list)(Catalog *c, Arena *a, Namespace ns, bool tables, Names *names);
} CatalogKind;
struct Catalog {
    const CatalogKind *kind;
    Arena *arena;
    Str name, warehouse; // warehouse: an absolute path
    Str uri;
    Mutex *mutex; // held during every call above
    void *own;
    Catalog *next;
};
extern const CatalogKind catalog_sql, catalog_dir;
Str namespace_text(Arena *a, Namespace ns); // a.b.c
// <stem>NNNNN-<uuid>.metadata.json beside `old`, one number up; empty old: number 0.
Str metadata_name(Arena *a, Str table_location, Str old);

// A table that somebody reads or writes at a snapshot: expiry leaves it alone meanwhile.
typedef struct Pin Pin;
struct Pin {
    Str uuid; // of the table
    int64_t snapshot;
    bool held;
    Catalogs *in;
    Pin *next;
};
typedef struct CatalogConf { // a setting; the last of a key holds
    Str key, value;          // key without spark.sql.catalog.
    const Arena *session;    // whose it is; NULL: everybody's
} CatalogConf;
struct Catalogs {
    Arena *arena;
    Mutex *mutex; // of what follows
    Str warehouse;
    VEC(CatalogConf) conf; // spark.sql.catalog.*
    Catalog *open;
    Pin *pins;
    struct GlobalView *globals; // lake/view_global.c
    struct Upkeep *upkeep;      // by table, for maintenance
};
void catalogs_pin(Catalogs *c, Arena *a, Str uuid, int64_t snapshot); // until a ends
bool catalogs_pinned(Catalogs *c, Str uuid, int64_t snapshot);
void global_views_free(Catalogs *c);
Status catalog_load(Catalog *c, Arena *a, const TableName *t, Str *metadata);
Status catalog_swap(Catalog *c, const TableName *t, const Swap *s, Writes *w, Str *metadata);
bool catalog_has_view(Catalog *c, Arena *a, const TableName *t);
const ViewStore *catalog_views(const Catalog *c); // NULL: it holds none
#endif
