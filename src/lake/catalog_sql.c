// catalog_sql.c -- Iceberg's SQL (JDBC) catalog in a SQLite file, in the form in which PyIceberg
// and Java's JdbcCatalog keep it. While it is open the file keeps a write-ahead log: a commit then
// costs one sync of the disk where the rollback journal costs five; closing turns it back, so that
// a file at rest is one file.
#include "lake/catalog_in.h"
#include "os/file.h"
#include "os/proc.h"
#include <errno.h>
#include <sqlite3.h>

enum { BUSY_MS = 5000 };

typedef struct Db {
    sqlite3 *handle;
    bool typed; // iceberg_tables has the column iceberg_type: schema version 1
    Str path;
} Db;

static void db_close(void *arg)
{
    Db *db = arg;
    // Refused while somebody else has it open; then the log stays, which readers understand.
    sqlite3_exec(db->handle, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
    sqlite3_close_v2(db->handle);
}

static Status db_fail(const Db *db, int rc)
{
    const char *why = db->handle ? sqlite3_errmsg(db->handle) : "out of memory";
    if (rc == SQLITE_FULL) why = errno_text(ENOSPC); // said as every other full disk
    if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
        return fail(ERR_IO, "catalog " STR_FMT " is locked by another process", STR_ARG(db->path));
    return fail(rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB ? ERR_CORRUPT : ERR_IO,
                "catalog " STR_FMT ": %s", STR_ARG(db->path), why);
}

static Status db_exec(const Db *db, const char *sql)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? DONE : db_fail(db, rc);
}

static const char make_tables[] =
    "CREATE TABLE IF NOT EXISTS iceberg_tables ("
    "catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL, "
    "table_name VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000), "
    "previous_metadata_location VARCHAR(1000), iceberg_type VARCHAR(5), "
    "PRIMARY KEY (catalog_name, table_namespace, table_name));"
    "CREATE TABLE IF NOT EXISTS iceberg_namespace_properties ("
    "catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL, "
    "property_key VARCHAR(255) NOT NULL, property_value VARCHAR(1000) NOT NULL, "
    "PRIMARY KEY (catalog_name, namespace, property_key));";

// Runs a statement with text parameters; *found tells whether a row came, its first column in text.
static Status db_run(const Db *db, Arena *a, const char *sql, const Str *param, int32_t n,
                     Names *rows)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &st, NULL);
    for (int32_t i = 0; i < n && rc == SQLITE_OK; i++)
        rc = sqlite3_bind_text64(st, i + 1, param[i].n ? param[i].p : "",
                                 (sqlite3_uint64)param[i].n, SQLITE_STATIC, SQLITE_UTF8);
    if (rc == SQLITE_OK)
        while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
            const char *text = (const char *)sqlite3_column_text(st, 0);
            int64_t bytes = sqlite3_column_bytes(st, 0);
            if (rows) vec_push(a, rows, str_copy(a, str_of(text ? text : "", bytes)));
        }
    Status s = rc == SQLITE_DONE || rc == SQLITE_OK ? DONE : db_fail(db, rc);
    sqlite3_finalize(st);
    return s;
}

// jdbc:sqlite:/path (Java), sqlite:////path (SQLAlchemy), or a bare path.
static Status db_path(const Catalog *c, Str *path)
{
    Str uri = c->uri;
    if (!uri.n) {
        *path = path_join(c->arena, c->warehouse, S("catalog.db"));
        return DONE;
    }
    if (str_starts(uri, S("jdbc:"))) uri = str_from(uri, 5);
    if (str_starts(uri, S("sqlite:///")))
        uri = str_from(uri, 10);
    else if (str_starts(uri, S("sqlite:")))
        uri = str_from(uri, 7);
    if (str_find(uri, S(":")) >= 0)
        return fail(ERR_UNSUPPORTED,
                    "catalog " STR_FMT ": " STR_FMT
                    " is no SQLite file; other databases are not built",
                    STR_ARG(c->name), STR_ARG(c->uri));
    return path_absolute(path, c->arena, uri);
}

static Status sql_open(Catalog *c)
{
    Db *db = NEW(c->arena, Db, 1);
    arena_defer(c->arena, db_close, db);
    c->own = db;
    TRY(db_path(c, &db->path));
    TRY(dir_make(path_dir(db->path)));
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int rc = sqlite3_open_v2(str_to_z(c->arena, db->path), &db->handle, flags, NULL);
    if (rc != SQLITE_OK) return db_fail(db, rc);
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    TRY(db_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"));
    TRY(db_exec(db, make_tables));
    Names columns = {0};
    TRY(db_run(db, c->arena, "SELECT name FROM pragma_table_info('iceberg_tables')", NULL, 0,
               &columns));
    for (int64_t i = 0; i < columns.n; i++)
        db->typed = db->typed || str_eq(columns.v[i], S("iceberg_type"));
    return DONE;
}

#define THE_TABLE "catalog_name = ?1 AND table_namespace = ?2 AND table_name = ?3"
#define A_TABLE   " AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)"
#define A_VIEW    " AND iceberg_type = 'VIEW'"
#define LOCATION  "SELECT metadata_location FROM iceberg_tables WHERE " THE_TABLE

static const char *typed(const Db *db, const char *with, const char *without)
{
    return db->typed ? with : without;
}

static void key_of(const Catalog *c, Arena *a, const TableName *t, Str key[3])
{
    key[0] = c->name;
    key[1] = namespace_text(a, (Namespace){t->ns, t->nns});
    key[2] = t->table;
}

static Status no_such(const char *what, const Str key[3])
{
    return fail(ERR_NOT_FOUND, "there is no %s " STR_FMT "." STR_FMT, what, STR_ARG(key[1]),
                STR_ARG(key[2]));
}

static Status load_by(Catalog *c, Arena *a, const TableName *t, const char *sql, Str *metadata)
{
    Str key[3];
    Names rows = {0};
    key_of(c, a, t, key);
    TRY(db_run(c->own, a, sql, key, 3, &rows));
    if (!rows.n) return no_such("table or view", key);
    *metadata = rows.v[0];
    return DONE;
}

static Status sql_load(Catalog *c, Arena *a, const TableName *t, Str *metadata)
{
    return load_by(c, a, t, typed(c->own, LOCATION A_TABLE, LOCATION), metadata);
}

static Status view_load_sql(Catalog *c, Arena *a, const TableName *t, Str *metadata)
{
    return load_by(c, a, t, LOCATION A_VIEW, metadata);
}

#define INSERT_AS(type)                                                                            \
    "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location, "   \
    "previous_metadata_location, iceberg_type) VALUES (?1, ?2, ?3, ?4, NULL, '" type               \
    "') ON CONFLICT DO NOTHING"

static Status sql_insert(Db *db, Arena *a, const Str *param)
{
    const char *with = INSERT_AS("TABLE");
    const char *without = "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, "
                          "metadata_location, previous_metadata_location) "
                          "VALUES (?1, ?2, ?3, ?4, NULL) ON CONFLICT DO NOTHING";
    return db_run(db, a, typed(db, with, without), param, 4, NULL);
}

static Status sql_update(Db *db, Arena *a, const Str *param)
{
#define UPDATE_TABLE                                                                               \
    "UPDATE iceberg_tables SET metadata_location = ?4, previous_metadata_location = ?5 "           \
    "WHERE " THE_TABLE " AND metadata_location = ?5"
    return db_run(db, a, typed(db, UPDATE_TABLE A_TABLE, UPDATE_TABLE), param, 5, NULL);
}

static Status update_view(Db *db, Arena *a, const Str *param)
{
    return db_run(db, a, UPDATE_TABLE A_VIEW, param, 5, NULL);
}

static Status insert_view(Db *db, Arena *a, const Str *param)
{
    return db_run(db, a, INSERT_AS("VIEW"), param, 4, NULL);
}

typedef struct SwapBy {
    Status (*insert)(Db *db, Arena *a, const Str *param);
    Status (*update)(Db *db, Arena *a, const Str *param);
} SwapBy;

static Status swap_by(Catalog *c, const TableName *t, const Swap *s, const SwapBy *by, Writes *w,
                      Str *metadata)
{
    Db *db = c->own;
    Str param[5];
    key_of(c, w->arena, t, param);
    param[3] = metadata_name(w->arena, s->table_location, s->old);
    param[4] = s->old;
    TRY(writes_put(w, param[3], s->json));
    TRY(writes_sync(w));
    w->told = true;
    proc_crash_point("before-swap");
    TRY(s->old.n ? by->update(db, w->arena, param) : by->insert(db, w->arena, param));
    if (sqlite3_changes(db->handle) != 1)
        return fail(ERR_CONFLICT, "table " STR_FMT "." STR_FMT " was changed by somebody else",
                    STR_ARG(param[1]), STR_ARG(param[2]));
    *metadata = param[3];
    return DONE;
}

static Status sql_swap(Catalog *c, const TableName *t, const Swap *s, Writes *w, Str *metadata)
{
    return swap_by(c, t, s, &(SwapBy){sql_insert, sql_update}, w, metadata);
}

static Status view_swap_sql(Catalog *c, const TableName *t, const Swap *s, Writes *w, Str *metadata)
{
    return swap_by(c, t, s, &(SwapBy){insert_view, update_view}, w, metadata);
}

#define DELETE_TABLE "DELETE FROM iceberg_tables WHERE " THE_TABLE
static Status sql_move(Catalog *c, const TableName *t, const TableName *to)
{
#define RENAME_TABLE                                                                               \
    "UPDATE iceberg_tables SET table_namespace = ?4, table_name = ?5 WHERE " THE_TABLE
    Db *db = c->own;
    Arena *a = arena_new(NULL);
    Str key[5];
    key_of(c, a, t, key);
    const char *sql = typed(db, DELETE_TABLE A_TABLE, DELETE_TABLE);
    if (to) {
        key[3] = namespace_text(a, (Namespace){to->ns, to->nns});
        key[4] = to->table;
        sql = typed(db, RENAME_TABLE A_TABLE, RENAME_TABLE);
    }
    Status s = db_run(db, a, sql, key, to ? 5 : 3, NULL);
    if (!s.code && sqlite3_changes(db->handle) != 1) s = no_such("table", key);
    arena_free(a);
    return s;
}

static Status view_drop_sql(Catalog *c, const TableName *t)
{
    Db *db = c->own;
    Arena *a = arena_new(NULL);
    Str key[3];
    key_of(c, a, t, key);
    Status s = db_run(db, a, DELETE_TABLE A_VIEW, key, 3, NULL);
    if (!s.code && sqlite3_changes(db->handle) != 1) s = no_such("view", key);
    arena_free(a);
    return s;
}

// OR IGNORE: a name that is taken changes nothing.
static Status view_rename_sql(Catalog *c, const TableName *from, const TableName *to)
{
    Db *db = c->own;
    Arena *a = arena_new(NULL);
    Str key[5], metadata;
    key_of(c, a, from, key);
    key[3] = namespace_text(a, (Namespace){to->ns, to->nns});
    key[4] = to->table;
    Status s = view_load_sql(c, a, from, &metadata);
    if (!s.code)
        s = db_run(db, a,
                   "UPDATE OR IGNORE iceberg_tables SET table_namespace = ?4, table_name = ?5 "
                   "WHERE " THE_TABLE A_VIEW,
                   key, 5, NULL);
    if (!s.code && sqlite3_changes(db->handle) != 1)
        s = fail(ERR_CONFLICT, "there is a table or view of that name");
    arena_free(a);
    return s;
}

static Status sql_make_schema(Catalog *c, Namespace ns, Str comment)
{
    Arena *a = arena_new(NULL);
    Str param[4] = {c->name, namespace_text(a, ns), S("comment"), comment};
    const char *exists =
        "INSERT OR REPLACE INTO iceberg_namespace_properties VALUES (?1, ?2, 'exists', 'true')";
    const char *says =
        "INSERT OR REPLACE INTO iceberg_namespace_properties VALUES (?1, ?2, ?3, ?4)";
    Status s = db_run(c->own, a, exists, param, 2, NULL);
    if (!s.code && comment.n) s = db_run(c->own, a, says, param, 4, NULL);
    arena_free(a);
    return s;
}

static Status sql_schema_options(Catalog *c, Arena *a, Namespace ns, Options *options)
{
    Str param[2] = {c->name, namespace_text(a, ns)};
    Names keys = {0}, values = {0};
#define OF_SCHEMA                                                                                  \
    " FROM iceberg_namespace_properties WHERE catalog_name = ?1 AND namespace = ?2 AND "           \
    "property_key <> 'exists' ORDER BY property_key"
    TRY(db_run(c->own, a, "SELECT property_key" OF_SCHEMA, param, 2, &keys));
    TRY(db_run(c->own, a, "SELECT property_value" OF_SCHEMA, param, 2, &values));
    for (int64_t i = 0; i < MIN(keys.n, values.n); i++)
        vec_push(a, options, ((Option){keys.v[i], values.v[i]}));
    return DONE;
}

static Status sql_set_schema(Catalog *c, Namespace ns, const Options *set, const Options *unset)
{
    static const Options none = {0};
    Arena *a = arena_new(NULL);
    Str param[4] = {c->name, namespace_text(a, ns)};
    Status s = sql_make_schema(c, ns, (Str){0});
    for (int64_t i = 0; !s.code && i < (set ? set : &none)->n; i++) {
        param[2] = set->v[i].key;
        param[3] = set->v[i].value;
        s = db_run(c->own, a,
                   "INSERT OR REPLACE INTO iceberg_namespace_properties VALUES (?1, ?2, ?3, ?4)",
                   param, 4, NULL);
    }
    for (int64_t i = 0; !s.code && i < (unset ? unset : &none)->n; i++) {
        param[2] = unset->v[i].key;
        s = db_run(c->own, a,
                   "DELETE FROM iceberg_namespace_properties WHERE catalog_name = ?1 AND namespace "
                   "= ?2 AND property_key = ?3",
                   param, 3, NULL);
    }
    arena_free(a);
    return s;
}

static Status sql_drop_schema(Catalog *c, Namespace ns)
{
    Arena *a = arena_new(NULL);
    Str param[2] = {c->name, namespace_text(a, ns)};
    const char *sql = "DELETE FROM iceberg_namespace_properties WHERE catalog_name = ?1 AND "
                      "namespace = ?2";
    Status s = db_run(c->own, a, sql, param, 2, NULL);
    arena_free(a);
    return s;
}

// All namespaces that have a row of their own or a table in them.
static Status all_schemas(Catalog *c, Arena *a, Names *all)
{
    const char *sql = "SELECT namespace FROM iceberg_namespace_properties WHERE catalog_name = ?1 "
                      "UNION SELECT table_namespace FROM iceberg_tables WHERE catalog_name = ?1 "
                      "ORDER BY 1";
    return db_run(c->own, a, sql, &c->name, 1, all);
}

static Status sql_schema_exists(Catalog *c, Namespace ns, bool *exists)
{
    Arena *a = arena_new(NULL);
    Names all = {0};
    Str name = namespace_text(a, ns), below = str_cat(a, name, S("."));
    Status s = all_schemas(c, a, &all);
    *exists = ns.n == 0;
    for (int64_t i = 0; i < all.n; i++) // a.b makes a
        *exists = *exists || str_eq(all.v[i], name) || str_starts(all.v[i], below);
    arena_free(a);
    return s;
}

static bool views_able(const Catalog *c) { return ((const Db *)c->own)->typed; }

static Status view_list_sql(Catalog *c, Arena *a, Namespace ns, Names *names)
{
    Str param[2] = {c->name, namespace_text(a, ns)};
    return db_run(c->own, a,
                  "SELECT table_name FROM iceberg_tables WHERE catalog_name = ?1 AND "
                  "table_namespace = ?2" A_VIEW " ORDER BY 1",
                  param, 2, names);
}

static Status sql_list(Catalog *c, Arena *a, Namespace ns, bool tables, Names *names)
{
    Str param[2] = {c->name, namespace_text(a, ns)};
    if (tables) {
        const char *sql = "SELECT table_name FROM iceberg_tables WHERE catalog_name = ?1 AND "
                          "table_namespace = ?2 ORDER BY 1";
        const char *one = "SELECT table_name FROM iceberg_tables WHERE catalog_name = ?1 AND "
                          "table_namespace = ?2" A_TABLE " ORDER BY 1";
        return db_run(c->own, a, typed(c->own, one, sql), param, 2, names);
    }
    Names all = {0};
    Str below = ns.n ? str_cat(a, param[1], S(".")) : S("");
    TRY(all_schemas(c, a, &all));
    for (int64_t i = 0; i < all.n; i++) {
        if (!str_starts(all.v[i], below) || all.v[i].n == below.n) continue;
        Str name = str_cut(str_from(all.v[i], below.n), '.').head;
        if (!names->n || !str_eq(names->v[names->n - 1], name)) vec_push(a, names, name);
    }
    return DONE;
}

static const ViewStore sql_views = {
    .able = views_able,
    .load = view_load_sql,
    .swap = view_swap_sql,
    .drop = view_drop_sql,
    .rename = view_rename_sql,
    .list = view_list_sql,
};
static const SchemaStore schemas_sql = {sql_schema_options, sql_set_schema};

const CatalogKind catalog_sql = {
    .name = "jdbc",
    .views = &sql_views,
    .parallel_sync = true,
    .moves = true,
    .open = sql_open,
    .load = sql_load,
    .swap = sql_swap,
    .move = sql_move,
    .make_schema = sql_make_schema,
    .drop_schema = sql_drop_schema,
    .schemas = &schemas_sql,
    .schema_exists = sql_schema_exists,
    .list = sql_list,
};
