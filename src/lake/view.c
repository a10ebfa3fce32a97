// view.c -- a view's metadata file, by the Iceberg view specification, and where a catalog keeps
// it. What the specification has no place for are properties: the settings (as Spark names them)
// and the exact types of the columns, since Iceberg has fewer than Spark.
#include "lake/view.h"
#include "base/num.h"
#include "lake/catalog_in.h"
#include "lake/iceberg_in.h"
#include "os/clock.h"

enum { VERSIONS_MAX = 10 }; // that are remembered

static const Str conf_prefix = STR_INIT("view.sqlConfig."), key_comment = STR_INIT("comment"),
                 key_columns = STR_INIT("spark.query-column-names"),
                 key_schema = STR_INIT("kappa.schema"), key_created = STR_INIT("kappa.created-ms");

typedef struct Kept { // of versions or schemas: the id and the text as it was read
    int64_t id;
    Str json;
} Kept;
typedef struct ViewMeta {
    Str uuid, location;
    int64_t current;
    VEC(Kept) versions, log, schemas;
} ViewMeta;

static Status broken(Str where, const char *what)
{
    return fail(ERR_CORRUPT, STR_FMT ": view metadata without a sound %s", STR_ARG(where), what);
}

// ---- reading -----------------------------------------------------------------------------------

static void read_column_names(LakeView *v, Arena *a, Str list)
{
    Names names = {0};
    while (list.n) {
        Cut cut = str_cut(list, ',');
        vec_push(a, &names, cut.head);
        list = cut.tail;
    }
    if (names.n == v->schema->nfields) v->column = names.v;
}

static void read_properties(LakeView *v, Arena *a, const Doc *d, Str *columns, Str *schema)
{
    int64_t ms;
    for (int64_t i = 0; i < doc_count(d); i++) {
        Str key, value = str_copy(a, doc_text(doc_member(d, i, &key)));
        Option o = {str_copy(a, key), value};
        if (str_starts(key, conf_prefix)) {
            o.key = str_from(o.key, conf_prefix.n);
            vec_push(a, &v->conf, o);
        } else if (str_eq(key, key_comment)) {
            v->comment = value;
        } else if (str_eq(key, key_columns)) {
            *columns = value;
        } else if (str_eq(key, key_schema)) {
            *schema = value;
        } else if (str_eq(key, key_created)) {
            v->created_ms = num_parse_i64(value, &ms) ? ms : 0;
        } else {
            vec_push(a, &v->properties, o);
        }
    }
}

static const Doc *with_id(const Doc *list, const char *key, int64_t id)
{
    int64_t have;
    for (int64_t i = 0; i < doc_count(list); i++)
        if (doc_i64(doc_at(list, i), key, &have) && have == id) return doc_at(list, i);
    return NULL;
}

static Status read_version(LakeView *v, Arena *a, const Doc *version)
{
    const Doc *list = doc_get(version, "representations"),
              *ns = doc_get(version, "default-namespace");
    for (int64_t i = 0; i < doc_count(list) && !v->sql.n; i++) {
        const Doc *r = doc_at(list, i);
        if (str_ieq(doc_str(r, "dialect"), S("spark"))) v->sql = str_copy(a, doc_str(r, "sql"));
    }
    if (!v->sql.n)
        return fail(ERR_UNSUPPORTED, STR_FMT ": the view has no text in Spark's dialect",
                    STR_ARG(v->metadata));
    v->catalog = str_copy(a, doc_str(version, "default-catalog"));
    if (!v->catalog.n) v->catalog = v->name.catalog;
    Str *part = NEW(a, Str, doc_count(ns) + 1);
    for (int64_t i = 0; i < doc_count(ns); i++)
        part[v->nns++] = str_copy(a, doc_text(doc_at(ns, i)));
    v->ns = part;
    return DONE;
}

static Status read_view(LakeView *v, Arena *a, const Doc *root)
{
    int64_t id = 0;
    Str columns = {0}, exact = {0};
    IceSchema schema;
    const Doc *versions = doc_get(root, "versions");
    if (!doc_i64(root, "current-version-id", &id)) return broken(v->metadata, "current-version-id");
    const Doc *version = with_id(versions, "version-id", id);
    if (!version) return broken(v->metadata, "current version");
    TRY(read_version(v, a, version));
    v->location = str_copy(a, doc_str(root, "location"));
    read_properties(v, a, doc_get(root, "properties"), &columns, &exact);
    if (exact.n && !type_from_json(&v->schema, a, exact).code && v->schema->id == T_STRUCT) {
        read_column_names(v, a, columns);
        return DONE;
    }
    if (!doc_i64(version, "schema-id", &id)) return broken(v->metadata, "schema-id");
    const Doc *s = with_id(doc_get(root, "schemas"), "schema-id", id);
    if (!s) return broken(v->metadata, "schema");
    TRY(ice_schema_parse(&schema, a, s));
    v->schema = schema.type;
    read_column_names(v, a, columns);
    return DONE;
}

static Status locate(Catalog **cat, Str *metadata, Arena *a, Catalogs *c, const TableName *name)
{
    TRY(catalog_get(cat, c, name->catalog));
    const ViewStore *views = catalog_views(*cat);
    if (!views) return fail(ERR_NOT_FOUND, "the catalog holds no views");
    mutex_lock((*cat)->mutex);
    Status s = views->load(*cat, a, name, metadata);
    mutex_unlock((*cat)->mutex);
    return s;
}

Status view_load(LakeView *v, Arena *a, Catalogs *c, const TableName *name)
{
    Catalog *cat;
    Str json;
    const Doc *root;
    *v = (LakeView){.name = *name};
    TRY(locate(&cat, &v->metadata, a, c, name));
    TRY(store_load(&json, a, v->metadata));
    TRY(doc_parse(&root, a, json));
    return read_view(v, a, root);
}

// ---- writing -----------------------------------------------------------------------------------

#define READ_KEPT(to, a, list, key)                                                                \
    for (int64_t i_ = 0; i_ < doc_count(list); i_++) {                                             \
        Kept e_ = {.json = doc_dump(a, doc_at(list, i_))};                                         \
        if (doc_i64(doc_at(list, i_), key, &e_.id)) vec_push(a, to, e_);                           \
    }

static Status read_meta(ViewMeta *m, Arena *a, Str metadata)
{
    Str json;
    const Doc *root;
    TRY(store_load(&json, a, metadata));
    TRY(doc_parse(&root, a, json));
    m->uuid = str_copy(a, doc_str(root, "view-uuid"));
    m->location = str_copy(a, doc_str(root, "location"));
    if (!m->location.n || !doc_i64(root, "current-version-id", &m->current))
        return broken(metadata, "location");
    READ_KEPT(&m->versions, a, doc_get(root, "versions"), "version-id");
    READ_KEPT(&m->log, a, doc_get(root, "version-log"), "version-id");
    READ_KEPT(&m->schemas, a, doc_get(root, "schemas"), "schema-id");
    return DONE;
}

// What Iceberg has no type for is a string to others; key_schema says what it is.
static Status add_schema(ViewMeta *m, Arena *a, const Schema *schema)
{
    IceSchema s;
    int64_t last = 0, id = 0;
    Field *field = NEW(a, Field, schema->nfields);
    for (int64_t i = 0; i < m->schemas.n; i++) id = MAX(id, m->schemas.v[i].id + 1);
    for (int32_t i = 0; i < schema->nfields; i++) {
        field[i] = schema->field[i];
        const Type *one = type_struct(a, &field[i], 1);
        last = 0;
        if (ice_schema_new(&s, a, one, NULL, 0, &last).code) field[i].type = &type_string;
    }
    last = 0;
    TRY(ice_schema_new(&s, a, type_struct(a, field, schema->nfields), NULL, (int32_t)id, &last));
    Kept e = {id, s.json};
    vec_push(a, &m->schemas, e);
    return DONE;
}

static void put_version(Buf *b, const LakeView *v, int64_t id, int64_t schema, int64_t now)
{
    buf_fmt(b,
            "{\"version-id\":%lld,\"timestamp-ms\":%lld,\"schema-id\":%lld,\"summary\":"
            "{\"engine-name\":\"kappa\"},\"default-catalog\":",
            (long long)id, (long long)now, (long long)schema);
    buf_json(b, v->catalog);
    buf_put(b, S(",\"default-namespace\":["));
    for (int32_t i = 0; i < v->nns; i++) {
        if (i) buf_char(b, ',');
        buf_json(b, v->ns[i]);
    }
    buf_put(b, S("],\"representations\":[{\"type\":\"sql\",\"sql\":"));
    buf_json(b, v->sql);
    buf_put(b, S(",\"dialect\":\"spark\"}]}"));
}

static Status add_version(ViewMeta *m, Arena *a, const LakeView *v, int64_t now)
{
    TRY(add_schema(m, a, v->schema));
    for (int64_t i = 0; i < m->versions.n; i++) m->current = MAX(m->current, m->versions.v[i].id);
    m->current++;
    Buf b = buf_new(a);
    put_version(&b, v, m->current, m->schemas.v[m->schemas.n - 1].id, now);
    Kept version = {m->current, buf_str(&b)};
    Kept log = {m->current, str_fmt(a, "{\"timestamp-ms\":%lld,\"version-id\":%lld}",
                                    (long long)now, (long long)m->current)};
    vec_push(a, &m->versions, version);
    vec_push(a, &m->log, log);
    return DONE;
}

static void put_property(Buf *b, Str prefix, Str key, Str value)
{
    Arena *a = b->arena;
    if (b->p[b->n - 1] != '{') buf_char(b, ',');
    buf_json(b, str_cat(a, prefix, key));
    buf_char(b, ':');
    buf_json(b, value);
}

static Str column_names(Arena *a, const LakeView *v)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < v->schema->nfields; i++) {
        if (i) buf_char(&b, ',');
        buf_put(&b, v->column ? v->column[i] : v->schema->field[i].name);
    }
    return buf_str(&b);
}

static void put_properties(Buf *b, const LakeView *v, int64_t now)
{
    Buf schema = buf_new(b->arena);
    type_json(&schema, v->schema);
    buf_put(b, S("\"properties\":{"));
    for (int64_t i = 0; i < v->properties.n; i++)
        put_property(b, S(""), v->properties.v[i].key, v->properties.v[i].value);
    for (int64_t i = 0; i < v->conf.n; i++)
        put_property(b, conf_prefix, v->conf.v[i].key, v->conf.v[i].value);
    if (v->comment.n) put_property(b, S(""), key_comment, v->comment);
    put_property(b, S(""), key_columns, column_names(b->arena, v));
    put_property(b, S(""), key_schema, buf_str(&schema));
    put_property(b, S(""), key_created, str_fmt(b->arena, "%lld", (long long)now));
    buf_char(b, '}');
}

#define PUT_KEPT(b, key, list)                                                                     \
    do {                                                                                           \
        buf_fmt(b, ",\"%s\":[", key);                                                              \
        for (int64_t i_ = MAX((list)->n - VERSIONS_MAX, 0), first_ = i_; i_ < (list)->n; i_++) {   \
            if (i_ > first_) buf_char(b, ',');                                                     \
            buf_put(b, (list)->v[i_].json);                                                        \
        }                                                                                          \
        buf_char(b, ']');                                                                          \
    } while (0)

static Str meta_json(Arena *a, const ViewMeta *m, const LakeView *v, int64_t now)
{
    Buf b = buf_new(a);
    buf_put(&b, S("{\"view-uuid\":"));
    buf_json(&b, m->uuid);
    buf_put(&b, S(",\"format-version\":1,\"location\":"));
    buf_json(&b, m->location);
    buf_char(&b, ',');
    put_properties(&b, v, v->created_ms ? v->created_ms : now);
    PUT_KEPT(&b, "schemas", &m->schemas);
    buf_fmt(&b, ",\"current-version-id\":%lld", (long long)m->current);
    PUT_KEPT(&b, "versions", &m->versions);
    PUT_KEPT(&b, "version-log", &m->log);
    buf_char(&b, '}');
    return buf_str(&b);
}

static Status no_views(const TableName *name)
{
    return RAISE(MISSING_CATALOG_ABILITY_VIEWS, P("plugin", name->catalog));
}

static Status view_not_found(Arena *a, const TableName *name)
{
    return RAISE(VIEW_NOT_FOUND, P("relationName", table_name_text(a, name)));
}

static Status name_is_taken(Arena *a, const TableName *name)
{
    return RAISE(TABLE_OR_VIEW_ALREADY_EXISTS, P("relationName", table_name_text(a, name)));
}

static Status new_meta(ViewMeta *m, Arena *a, Catalog *cat, const TableName *name)
{
    bool exists;
    TRY(catalog_schema_exists(cat, name->ns, name->nns, &exists));
    if (!exists) {
        TableName schema = {name->catalog, name->ns, name->nns - 1, name->ns[name->nns - 1]};
        return RAISE(SCHEMA_NOT_FOUND, P("schemaName", table_name_text(a, &schema)));
    }
    Str path = cat->warehouse;
    for (int32_t i = 0; i < name->nns; i++) path = path_join(a, path, name->ns[i]);
    m->uuid = rand_uuid(a);
    m->location = store_uri(a, path_join(a, path, name->table));
    return DONE;
}

static Status save(Catalogs *c, Arena *a, const LakeView *v, ViewSave how)
{
    Catalog *cat;
    ViewMeta m = {0};
    Str old = {0}, file;
    LakeView before = {0};
    int64_t now = clock_now() / 1000;
    TRY(catalog_get(&cat, c, v->name.catalog));
    if (!catalog_views(cat)) return no_views(&v->name);
    if (how == VIEW_REPLACE) {
        Status s = view_load(&before, a, c, &v->name);
        if (s.code == ERR_NOT_FOUND) return view_not_found(a, &v->name);
        TRY(s);
        old = before.metadata;
        TRY(read_meta(&m, a, old));
    } else {
        TRY(new_meta(&m, a, cat, &v->name));
    }
    bool same = before.schema && str_eq(before.sql, v->sql) && type_eq(before.schema, v->schema) &&
                before.nns == v->nns;
    if (!same) TRY(add_version(&m, a, v, now));
    Writes w = writes_new(a, cat->kind->parallel_sync);
    Swap swap = {m.location, old, meta_json(a, &m, v, now)};
    mutex_lock(cat->mutex);
    Status s = catalog_views(cat)->swap(cat, &v->name, &swap, &w, &file);
    mutex_unlock(cat->mutex);
    if (s.code != ERR_CONFLICT || old.n) return s;
    writes_undo(&w);
    return name_is_taken(a, &v->name);
}

Status view_save(Catalogs *c, const LakeView *v, ViewSave how)
{
    Arena *a = arena_new(NULL);
    Status s = save(c, a, v, how);
    arena_free(a);
    return s;
}

// The files of a view that is gone stay: nobody reads them, and a reader may just have been told.
Status view_drop(Catalogs *c, const TableName *name)
{
    Arena *a = arena_new(NULL);
    Catalog *cat;
    Str metadata;
    Status s = locate(&cat, &metadata, a, c, name);
    if (!s.code) {
        mutex_lock(cat->mutex);
        s = catalog_views(cat)->drop(cat, name);
        mutex_unlock(cat->mutex);
    }
    if (s.code == ERR_NOT_FOUND && failure()->cond == COND_NONE) s = view_not_found(a, name);
    arena_free(a);
    return s;
}

Status view_rename(Catalogs *c, const TableName *from, const TableName *to)
{
    Arena *a = arena_new(NULL);
    Catalog *cat;
    Status s = catalog_get(&cat, c, from->catalog);
    if (!s.code && !catalog_views(cat)) s = no_views(from);
    if (!s.code) {
        mutex_lock(cat->mutex);
        s = catalog_views(cat)->rename(cat, from, to);
        mutex_unlock(cat->mutex);
        if (s.code == ERR_NOT_FOUND) s = view_not_found(a, from);
        if (s.code == ERR_CONFLICT) s = name_is_taken(a, to);
    }
    arena_free(a);
    return s;
}

Status catalog_list_views(Catalog *c, Arena *a, const Str *ns, int32_t n, Str **names,
                          int32_t *count)
{
    Names found = {0};
    Status s = DONE;
    if (catalog_views(c)) {
        mutex_lock(c->mutex);
        s = catalog_views(c)->list(c, a, (Namespace){ns, n}, &found);
        mutex_unlock(c->mutex);
    }
    *names = found.v;
    *count = (int32_t)found.n;
    return s;
}
