// table.c -- tables by name: loading, making, replacing, emptying, dropping.
#include "base/reader.h"
#include "fmt/codec.h"
#include "lake/history.h"
#include "lake/table_in.h"
#include "os/clock.h"

struct LakeTable {
    IceTable table;
    const IceSnapshot *snapshot; // NULL: it has none
    PartitionField *partition;
    int32_t npartition;
};

Status table_not_found(const TableName *name)
{
    Arena *a = arena_new(NULL);
    Status s = RAISE(TABLE_OR_VIEW_NOT_FOUND, P("relationName", table_name_text(a, name)));
    arena_free(a);
    return s;
}

// Java packs metadata with gzip when a property asks for it (x.gz.metadata.json).
static Status load_json(Str *json, Arena *a, Str metadata)
{
    enum { GZIP_MIN = 18 }; // head and tail; the tail ends with the size
    TRY(store_load(json, a, metadata));
    if (json->n < GZIP_MIN || !str_starts(*json, S("\x1f\x8b"))) return DONE;
    Reader r = reader_of(str_from(*json, json->n - 4));
    Status s = codec_unpack(json, a, CODEC_GZIP, *json, reader_u32le(&r));
    return s.code ? fail_in(s, STR_FMT, STR_ARG(metadata)) : DONE;
}

static Status load(IceTable *t, Arena *a, Str metadata)
{
    Str json;
    Arena *scratch = arena_new(a);
    Status s = load_json(&json, scratch, metadata);
    if (!s.code) s = ice_meta_parse(&t->meta, a, json, metadata);
    arena_free(scratch);
    t->metadata = str_copy(a, metadata);
    return s;
}

Status ice_table_reload(IceTable *t)
{
    Arena *a = arena_new(t->home), *old = t->arena;
    IceTable next = *t;
    Str metadata;
    Status s = catalog_load(t->catalog, a, &t->name, &metadata);
    if (s.code == ERR_NOT_FOUND) s = table_not_found(&t->name);
    if (!s.code) s = load(&next, a, metadata);
    if (s.code) {
        arena_free(a);
        return s;
    }
    next.arena = a;
    next.commits = 0;
    next.manifests = (IceManifests){0};
    next.manifests_loaded = false;
    *t = next;
    if (old) arena_free(old);
    return DONE;
}

Status ice_table_refresh(IceTable *t)
{
    Str metadata;
    Arena *a = arena_new(t->home);
    Status s = catalog_load(t->catalog, a, &t->name, &metadata);
    bool same = !s.code && str_eq(metadata, t->metadata);
    if (s.code == ERR_NOT_FOUND) s = table_not_found(&t->name);
    arena_free(a);
    return s.code || same ? s : ice_table_reload(t);
}

static TableName name_copy(Arena *a, const TableName *n)
{
    TableName own = {str_copy(a, n->catalog), NEW(a, Str, n->nns + 1), n->nns,
                     str_copy(a, n->table)};
    for (int32_t i = 0; i < n->nns; i++) own.ns[i] = str_copy(a, n->ns[i]);
    return own;
}

Status ice_table_open(IceTable *t, Arena *a, Catalogs *c, const TableName *name)
{
    *t = (IceTable){.catalogs = c, .home = a, .name = name_copy(a, name)};
    TRY(catalog_get(&t->catalog, c, name->catalog));
    return ice_table_reload(t);
}

Status ice_table_manifests(IceTable *t)
{
    if (t->manifests_loaded) return DONE;
    const IceSnapshot *s = ice_snapshot(t->meta, t->meta->current);
    t->manifests = (IceManifests){0};
    if (s) TRY(ice_manifest_list_read(&t->manifests, t->arena, s->manifest_list));
    t->manifests_loaded = true;
    return DONE;
}

// The partition fields as SQL knows them: only those of the current schema's columns.
static void note_partition(LakeTable *t, Arena *a)
{
    const IceMeta *m = t->table.meta;
    const IceSpec *spec = ice_spec(m, m->spec_id);
    const Schema *s = ice_schema(m, m->schema_id)->type;
    t->partition = NEW(a, PartitionField, spec->nfields + 1);
    for (int32_t i = 0; i < spec->nfields; i++) {
        const IceSpecField *f = &spec->field[i];
        for (int32_t c = 0; c < s->nfields && f->known; c++)
            if (s->field[c].id == f->source_id)
                t->partition[t->npartition++] = (PartitionField){c, f->transform, f->arg, f->name};
    }
}

Status table_load(LakeTable **out, Arena *a, Catalogs *c, const TableName *name)
{
    LakeTable *t = NEW(a, LakeTable, 1);
    TRY(ice_table_open(&t->table, a, c, name));
    t->snapshot = ice_snapshot(t->table.meta, t->table.meta->current);
    if (t->snapshot) catalogs_pin(c, a, t->table.meta->uuid, t->snapshot->id);
    note_partition(t, a);
    *out = t;
    return DONE;
}

Status table_schema_kept(const Schema **kept, Arena *a, const Schema *s)
{
    int64_t ids = 0;
    return ice_type_new(kept, a, s, &ids);
}

const Schema *lake_table_schema(const LakeTable *t)
{
    return ice_schema(t->table.meta, t->table.meta->schema_id)->type;
}
const TableName *lake_table_name(const LakeTable *t) { return &t->table.name; }
Str lake_table_location(const LakeTable *t) { return t->table.meta->location; }
const Options *lake_table_properties(const LakeTable *t) { return &t->table.meta->properties; }
const PartitionField *lake_table_partition(const LakeTable *t, int32_t *n)
{
    *n = t->npartition;
    return t->partition;
}
LakeTable *lake_table_of(Arena *a, const IceTable *t)
{
    LakeTable *own = NEW(a, LakeTable, 1);
    own->table = *t;
    own->snapshot = ice_snapshot(t->meta, t->meta->current);
    note_partition(own, a);
    return own;
}
static LakeTable *under_schema(Arena *a, const LakeTable *t, int64_t schema)
{
    LakeTable *own = NEW(a, LakeTable, 1);
    IceMeta *meta = NEW(a, IceMeta, 1);
    *own = *t;
    *meta = *t->table.meta;
    meta->schema_id = schema;
    own->table.meta = meta;
    own->npartition = 0;
    note_partition(own, a);
    return own;
}
LakeTable *lake_table_as_of(Arena *a, const LakeTable *t, const IceSnapshot *s, bool then)
{
    const IceMeta *m = t->table.meta;
    bool known = then && s->schema_id >= 0 && ice_schema(m, s->schema_id);
    LakeTable *own = under_schema(a, t, known ? s->schema_id : m->schema_id);
    own->table.meta->current = s->id;
    own->snapshot = s;
    catalogs_pin(t->table.catalogs, a, m->uuid, s->id);
    return own;
}
Status table_with_columns_of(LakeTable **at, Arena *a, const LakeTable *t, const LakeTable *of)
{
    const IceMeta *was = of->table.meta, *now = t->table.meta;
    const IceSchema *s = ice_schema(now, was->schema_id);
    if (!s || !str_eq(was->uuid, now->uuid))
        return fail(ERR_INVALID,
                    STR_FMT " was replaced by another table while it was read; restart the query",
                    STR_ARG(now->location));
    *at = under_schema(a, t, s->id);
    return DONE;
}
Status lake_table_changed(const LakeTable *t, bool *changed)
{
    Str metadata;
    Arena *a = arena_new(NULL);
    Status s = catalog_load(t->table.catalog, a, &t->table.name, &metadata);
    if (s.code == ERR_NOT_FOUND) s = table_not_found(&t->table.name);
    *changed = !s.code && !str_eq(metadata, t->table.metadata);
    arena_free(a);
    return s;
}
int64_t lake_table_snapshot_id(const LakeTable *t)
{
    return t->snapshot ? t->snapshot->id : ICE_NONE;
}
const Catalog *lake_table_catalog(const LakeTable *t) { return t->table.catalog; }
const IceMeta *lake_table_meta(const LakeTable *t) { return t->table.meta; }
Str lake_table_metadata(const LakeTable *t) { return t->table.metadata; }
const IceSnapshot *lake_table_snapshot(const LakeTable *t) { return t->snapshot; }

// What a table of kappa's carries from the start: an engine that commits every second must not pile
// up metadata, whoever else writes it.
static const Option default_properties[] = {
    {STR_INIT("write.parquet.compression-codec"), STR_INIT("zstd")},
    {STR_INIT("write.metadata.delete-after-commit.enabled"), STR_INIT("true")},
    {STR_INIT("write.metadata.previous-versions-max"), STR_INIT("20")},
};

void ice_put_property(IceMeta *m, Arena *a, Str key, Str value)
{
    Option o = {str_copy(a, key), str_copy(a, value)};
    for (int64_t i = 0; i < m->properties.n; i++)
        if (str_eq(m->properties.v[i].key, key)) {
            m->properties.v[i] = o;
            return;
        }
    vec_push(a, &m->properties, o);
}

static void put_properties(IceMeta *m, Arena *a, const TableDef *def)
{
    for (int64_t i = 0; i < COUNT(default_properties); i++)
        ice_put_property(m, a, default_properties[i].key, default_properties[i].value);
    for (int64_t i = 0; i < def->properties.n; i++)
        ice_put_property(m, a, def->properties.v[i].key, def->properties.v[i].value);
    if (def->comment.n) ice_put_property(m, a, S("comment"), def->comment);
}

// What Iceberg's writers do when a property says so, and this one does not: key (or, ending in a
// dot, its beginning) and the value that asks for nothing.
static Status check_obeyed(Option o)
{
    static const struct {
        Str key, nothing;
    } row[] = {
        {STR_INIT("write.object-storage.enabled"), STR_INIT("false")},
        {STR_INIT("write.location-provider.impl"), {0}},
        {STR_INIT("write.metadata.path"), {0}},
        {STR_INIT("write.metadata.compression-codec"), STR_INIT("none")},
        {STR_INIT("write.parquet.bloom-filter-enabled.column."), STR_INIT("false")},
        {STR_INIT("write.wap.enabled"), STR_INIT("false")},
        {STR_INIT("write.spark.accept-any-schema"), STR_INIT("false")},
        {STR_INIT("encryption."), {0}},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        bool prefix = row[i].key.p[row[i].key.n - 1] == '.';
        bool is = prefix ? str_starts(o.key, row[i].key) : str_eq(o.key, row[i].key);
        if (is && !str_ieq(o.value, row[i].nothing))
            return RAISE(UNSUPPORTED_FEATURE, P("feature", o.key),
                         P("needs", S("a table without this property")));
    }
    return DONE;
}

Status table_check_properties(const Options *properties)
{
    for (int64_t i = 0; i < properties->n; i++) {
        Option o = properties->v[i];
        TRY(check_obeyed(o));
        if (str_eq(o.key, S("format-version")) && !str_eq(o.value, S("2")))
            return fail(ERR_UNSUPPORTED, "Iceberg format version " STR_FMT " is not written; 2 is",
                        STR_ARG(o.value));
        if (str_eq(o.key, S("write.format.default")) && !str_ieq(o.value, S("parquet")))
            return fail(ERR_UNSUPPORTED,
                        "data files of format " STR_FMT " are not written; parquet is",
                        STR_ARG(o.value));
    }
    return DONE;
}

static Status check_def(const TableDef *def)
{
    const Schema *s = def->schema;
    for (int32_t i = 0; i < s->nfields; i++)
        for (int32_t k = 0; k < i; k++)
            if (str_ieq(s->field[i].name, s->field[k].name))
                return RAISE(COLUMN_ALREADY_EXISTS, P("columnName", s->field[i].name));
    return table_check_properties(&def->properties);
}

static Status new_location(const Catalog *c, Arena *a, const TableName *name, const TableDef *def,
                           Str *location)
{
    Str path = c->warehouse;
    if (def->location.n) {
        TRY(store_path(&path, a, def->location));
    } else {
        for (int32_t i = 0; i <= name->nns; i++)
            path = path_join(a, path, i < name->nns ? name->ns[i] : name->table);
    }
    while (path.n > 1 && str_ends(path, S("/"))) path.n--;
    *location = store_uri(a, path);
    return DONE;
}

static Status meta_new(IceMeta *m, Arena *a, const Catalog *c, const TableName *name,
                       const TableDef *def)
{
    *m = (IceMeta){.format = 2, .last_partition_id = 999, .current = ICE_NONE};
    m->uuid = rand_uuid(a);
    m->last_updated_ms = clock_now() / 1000;
    m->sort_orders = S("[{\"order-id\":0,\"fields\":[]}]");
    m->statistics = m->partition_statistics = S("[]");
    IceSchema schema;
    IceSpec spec;
    TRY(new_location(c, a, name, def, &m->location));
    TRY(ice_schema_new(&schema, a, def->schema, NULL, 0, &m->last_column_id));
    TRY(ice_spec_new(&spec, a, schema.type, def, &m->last_partition_id));
    vec_push(a, &m->schemas, schema);
    vec_push(a, &m->specs, spec);
    put_properties(m, a, def);
    return DONE;
}

static Status already_exists(Arena *a, const TableName *name)
{
    // Spark names it without a catalog, but for its own.
    Str full = table_name_text(a, name), own = full;
    if (!str_eq(name->catalog, S("spark_catalog"))) own = str_from(full, name->catalog.n + 3);
    return RAISE(TABLE_OR_VIEW_ALREADY_EXISTS, P("relationName", own));
}

static Status create(Catalog *cat, Arena *a, const TableName *name, const TableDef *def)
{
    bool exists;
    IceMeta m;
    TRY(check_def(def));
    TRY(catalog_schema_exists(cat, name->ns, name->nns, &exists));
    if (!exists && name->nns == 1 && str_eq(name->ns[0], S("default"))) // always there in Spark
        TRY(catalog_create_schema(cat, name->ns, 1, exists = true, (Str){0}));
    if (!exists && cat->kind == &catalog_dir) // a folder comes with its first table
        TRY(catalog_create_schema(cat, name->ns, name->nns, exists = true, (Str){0}));
    if (!exists) {
        TableName schema = {name->catalog, name->ns, name->nns - 1, name->ns[name->nns - 1]};
        return RAISE(SCHEMA_NOT_FOUND, P("schemaName", table_name_text(a, &schema)));
    }
    TRY(meta_new(&m, a, cat, name, def));
    Buf json = buf_new(a);
    ice_meta_write(&json, &m);
    Writes w = writes_new(a, cat->kind->parallel_sync);
    Swap s = {m.location, {0}, buf_str(&json)};
    Str file;
    Status done = catalog_swap(cat, name, &s, &w, &file);
    if (done.code == ERR_CONFLICT) {
        writes_undo(&w);
        return already_exists(a, name);
    }
    return done;
}

typedef struct Replace {
    IceEdit edit;
    const TableDef *def;
} Replace;

static Status replace_edit(const IceEdit *e, Arena *a, IceMeta *m, bool *changed)
{
    const TableDef *def = ((const Replace *)e)->def;
    IceSchema schema;
    IceSpec spec;
    int32_t schema_id = 0, spec_id = 0;
    for (int64_t i = 0; i < m->schemas.n; i++) schema_id = MAX(schema_id, m->schemas.v[i].id + 1);
    for (int64_t i = 0; i < m->specs.n; i++) spec_id = MAX(spec_id, m->specs.v[i].id + 1);
    TRY(ice_schema_new(&schema, a, def->schema, ice_schema(m, m->schema_id)->type, schema_id,
                       &m->last_column_id));
    TRY(ice_spec_new(&spec, a, schema.type, def, &m->last_partition_id));
    spec.id = spec_id;
    spec.json =
        str_fmt(a, "{\"spec-id\":%d,\"fields\":" STR_FMT "}", spec_id, STR_ARG(spec.fields_json));
    vec_push(a, &m->schemas, schema);
    vec_push(a, &m->specs, spec);
    m->schema_id = schema_id;
    m->spec_id = spec_id;
    put_properties(m, a, def);
    m->current = ICE_NONE; // empty until the next commit; history stays
    for (int64_t i = 0; i < m->refs.n; i++)
        if (str_eq(m->refs.v[i].name, S("main"))) m->refs.v[i--] = m->refs.v[--m->refs.n];
    m->sort_order_id = 0;
    *changed = true;
    return DONE;
}

typedef struct PutBack {
    IceEdit edit;
    const IceMeta *was;
} PutBack;

static Status put_back_edit(const IceEdit *e, Arena *a, IceMeta *m, bool *changed)
{
    const IceMeta *was = ((const PutBack *)e)->was;
    if (!str_eq(was->uuid, m->uuid) || !ice_schema(m, was->schema_id))
        return fail(ERR_CONFLICT, STR_FMT " is another table by now", STR_ARG(m->location));
    m->schema_id = was->schema_id;
    m->spec_id = was->spec_id;
    m->sort_order_id = was->sort_order_id;
    m->properties = was->properties;
    if (was->current != ICE_NONE) ice_set_current(m, a, was->current);
    *changed = true;
    return DONE;
}

Status table_put_back(Catalogs *c, const TableName *name, const LakeTable *before)
{
    PutBack p = {{put_back_edit, NULL}, before->table.meta};
    return table_edit(c, name, &p.edit);
}

Status table_create(Catalogs *c, const TableName *name, const TableDef *def, bool if_not_exists,
                    bool replace)
{
    Arena *a = arena_new(NULL);
    Catalog *cat;
    Str metadata;
    Status s = catalog_get(&cat, c, name->catalog);
    if (!s.code) s = catalog_load(cat, a, name, &metadata);
    if (s.code == ERR_NOT_FOUND && failure()->cond == COND_NONE) {
        bool view = catalog_has_view(cat, a, name);
        if (!view)
            s = create(cat, a, name, def);
        else
            s = if_not_exists ? DONE : already_exists(a, name);
    } else if (!s.code && replace) {
        IceTable t;
        Replace r = {{replace_edit, NULL}, def};
        s = check_def(def);
        if (!s.code) s = ice_table_open(&t, a, c, name);
        if (!s.code) s = ice_edit(&t, &r.edit);
    } else if (!s.code && !if_not_exists) {
        s = already_exists(a, name);
    }
    arena_free(a);
    return s;
}

Status table_truncate(Catalogs *c, const TableName *name)
{
    Arena *a = arena_new(NULL);
    IceTable t;
    bool done;
    IceChange change = {.operation = S("delete"), .sequence = -1, .removes = REMOVE_ALL};
    Status s = ice_table_open(&t, a, c, name);
    if (!s.code && t.meta->current != ICE_NONE) s = ice_commit(&t, &change, &done);
    arena_free(a);
    return s;
}

// PURGE removes every file that some snapshot reaches. What cannot be removed stays: the table is
// gone from the catalog already.
static void purge(IceTable *t, Arena *a)
{
    Paths files = {0};
    Status s = ice_reachable(&files, a, t->meta, NULL);
    for (int64_t i = 0; i < files.n; i++) {
        Status gone = store_remove(a, files.v[i]);
        (void)gone.code;
    }
    for (int64_t i = 0; i < t->meta->metadata_log.n; i++) {
        Status gone = store_remove(a, t->meta->metadata_log.v[i].file);
        (void)gone.code;
    }
    Status gone = store_remove(a, t->metadata);
    (void)gone.code, (void)s.code;
}

Status table_drop(Catalogs *c, const TableName *name, bool if_exists, bool purge_files)
{
    Arena *a = arena_new(NULL);
    Catalog *cat;
    IceTable t;
    Status s = catalog_get(&cat, c, name->catalog), opened = DONE;
    if (!s.code && purge_files) opened = ice_table_open(&t, a, c, name);
    if (!s.code) {
        mutex_lock(cat->mutex);
        s = cat->kind->move(cat, name, NULL);
        mutex_unlock(cat->mutex);
        if (s.code == ERR_NOT_FOUND)
            s = if_exists ? DONE : table_not_found(name);
        else if (!s.code && purge_files && !opened.code)
            purge(&t, a);
    }
    arena_free(a);
    return s;
}
