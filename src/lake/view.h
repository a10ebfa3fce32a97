// view.h -- views that a catalog keeps: a query's text, where its names are looked up, the settings
// and the columns it had when it was made; as a file of Iceberg's view metadata (version 1). A SQL
// catalog holds views beside its tables, as Java's does; a folder (hadoop) holds them in hidden
// files, which are kappa's own: Java's catalog of that kind has none.
#ifndef LAKE_VIEW_H
#define LAKE_VIEW_H
#include "lake/catalog.h"

typedef struct LakeView {
    TableName name;
    Str sql;
    Str catalog;   // names in sql are looked up there
    const Str *ns; // and in this namespace of it
    int32_t nns;
    const Schema *schema; // its columns, with their comments
    const Str *column;    // what the query itself calls them, in order; NULL: the same
    Str comment;
    Options properties, conf; // conf: the settings that decide what sql means
    Str location, metadata;   // URIs; of a loaded one
    int64_t created_ms;
} LakeView;
typedef enum ViewSave {
    VIEW_CREATE,  // TABLE_OR_VIEW_ALREADY_EXISTS when there is anything of that name
    VIEW_REPLACE, // a new version of the one that is there; VIEW_NOT_FOUND
} ViewSave;
// ERR_NOT_FOUND without a condition when there is none, also in a catalog that holds no views.
Status view_load(LakeView *v, Arena *a, Catalogs *c, const TableName *name);
// MISSING_CATALOG_ABILITY.VIEWS when the catalog holds none.
Status view_save(Catalogs *c, const LakeView *v, ViewSave how);
Status view_drop(Catalogs *c, const TableName *name); // VIEW_NOT_FOUND
Status view_rename(Catalogs *c, const TableName *from, const TableName *to);
// Global temporary views: of all sessions of a process, as long as it lives; name.table names one.
Status global_view_load(LakeView *v, Arena *a, Catalogs *c, Str name); // ERR_NOT_FOUND
bool global_view_save(Catalogs *c, const LakeView *v, bool replace);   // false: it is there
bool global_view_drop(Catalogs *c, Str name);                          // false: it is not
void global_view_list(Catalogs *c, Arena *a, Str **names, int32_t *count);
Status catalog_list_views(Catalog *c, Arena *a, const Str *ns, int32_t n, Str **names,
                          int32_t *count);
#endif
