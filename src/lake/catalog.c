// catalog.c -- the catalogs of an engine: which there are, by Spark's and Iceberg's keys, and what
// is the same for every kind of them.
#include "lake/catalog_in.h"
#include "os/clock.h"

static void release(void *arg) { global_views_free(arg); }

Status catalogs_open(Catalogs **out, Arena *a, Str warehouse)
{
    Catalogs *c = NEW(a, Catalogs, 1);
    *c = (Catalogs){.arena = a, .mutex = mutex_new(a)};
    arena_defer(a, release, c);
    TRY(path_absolute(&c->warehouse, a, warehouse));
    *out = c;
    return DONE;
}

static const Str prefix = STR_INIT("spark.sql.catalog.");

static void put_conf(Catalogs *c, const Arena *session, Str key, Str value)
{
    CatalogConf *same = NULL;
    for (int64_t i = 0; i < c->conf.n; i++)
        if (str_eq(c->conf.v[i].key, key)) same = &c->conf.v[i];
    if (same && str_eq(same->value, value)) return; // whoever said it first keeps it
    CatalogConf one = {str_copy(c->arena, key), str_copy(c->arena, value), session};
    if (same)
        *same = one;
    else
        vec_push(c->arena, &c->conf, one);
}

void catalogs_configure(Catalogs *c, Str key, Str value)
{
    if (!str_starts(key, prefix)) return;
    mutex_lock(c->mutex);
    put_conf(c, NULL, str_from(key, prefix.n), value);
    mutex_unlock(c->mutex);
}

static bool is_open(const Catalogs *c, Str name)
{
    for (const Catalog *k = c->open; k; k = k->next)
        if (str_eq(k->name, name)) return true;
    return false;
}

// Settings that say which tables a catalog holds; others may differ.
static bool decides(Str key)
{
    static const Str keys[] = {STR_INIT("type"), STR_INIT("catalog-impl"), STR_INIT("warehouse"),
                               STR_INIT("uri")};
    for (int64_t i = 0; i < COUNT(keys); i++)
        if (str_eq(keys[i], key)) return true;
    return false;
}

typedef struct Owner { // of settings, until its session ends
    Catalogs *in;
    const Arena *session;
} Owner;

static void forget(void *arg)
{
    const Owner *o = arg;
    Catalogs *c = o->in;
    int64_t n = 0;
    mutex_lock(c->mutex);
    for (int64_t i = 0; i < c->conf.n; i++) {
        CatalogConf s = c->conf.v[i];
        bool mine = s.session == o->session, open = is_open(c, str_cut(s.key, '.').head);
        if (mine && !open) continue;
        if (mine) s.session = NULL;
        c->conf.v[n++] = s;
    }
    c->conf.n = n;
    mutex_unlock(c->mutex);
}

static Status check_conf(const Catalogs *c, const Arena *session, Str key, Str value)
{
    Cut name = str_cut(key, '.');
    const CatalogConf *now = NULL;
    bool open = is_open(c, name.head);
    for (int64_t i = 0; i < c->conf.n; i++)
        if (str_eq(c->conf.v[i].key, key)) now = &c->conf.v[i];
    if (!decides(name.tail) || (now && str_eq(now->value, value))) return DONE;
    if (!open && (!now || !now->session || now->session == session)) return DONE;
    return fail(ERR_CONFLICT,
                "catalog " STR_FMT " has " STR_FMT " = " STR_FMT
                " in this server already, and catalogs are shared by its sessions: configure "
                "another name for " STR_FMT,
                STR_ARG(name.head), STR_ARG(name.tail),
                STR_ARG(now ? now->value : S("its default")), STR_ARG(value));
}

Status catalogs_configure_for(Catalogs *c, Arena *session, Str key, Str value)
{
    bool known = false;
    if (!str_starts(key, prefix)) return DONE;
    key = str_from(key, prefix.n);
    mutex_lock(c->mutex);
    for (int64_t i = 0; i < c->conf.n; i++) known = known || c->conf.v[i].session == session;
    Status s = check_conf(c, session, key, value);
    if (!s.code) put_conf(c, session, key, value);
    mutex_unlock(c->mutex);
    if (s.code || known) return s;
    Owner *o = NEW(session, Owner, 1);
    *o = (Owner){c, session};
    arena_defer(session, forget, o);
    return DONE;
}

static Str conf_of(const Catalogs *c, Str catalog, Str key) // key empty: of the catalog itself
{
    for (int64_t i = c->conf.n; i-- > 0;) {
        Str k = c->conf.v[i].key;
        if (!str_starts(k, catalog)) continue;
        Str rest = str_from(k, catalog.n);
        if (key.n ? rest.n && rest.p[0] == '.' && str_eq(str_from(rest, 1), key) : !rest.n)
            return c->conf.v[i].value;
    }
    return (Str){0};
}

// Folders that are given as file:/x are paths like any other; s3a:// and the like are not.
static Status folder_of(Str *path, Arena *a, Str warehouse)
{
    if (str_find(warehouse, S(":")) >= 0) return store_path(path, a, warehouse);
    return path_absolute(path, a, warehouse);
}

static Status not_built(Str name, Str what)
{
    return fail(ERR_UNSUPPORTED,
                "catalog " STR_FMT ": a catalog of type " STR_FMT
                " is not built yet; there are jdbc and hadoop",
                STR_ARG(name), STR_ARG(what));
}

static Status kind_of(const Catalogs *c, Str name, const CatalogKind **kind)
{
    Str type = conf_of(c, name, S("type")), impl = conf_of(c, name, S("catalog-impl"));
    *kind = &catalog_sql;
    if (impl.n) {
        if (str_ends(impl, S(".JdbcCatalog"))) return DONE;
        *kind = &catalog_dir;
        return str_ends(impl, S(".HadoopCatalog")) ? DONE : not_built(name, impl);
    }
    if (!type.n || str_ieq(type, S("jdbc")) || str_ieq(type, S("sql"))) return DONE;
    *kind = &catalog_dir;
    return str_ieq(type, S("hadoop")) ? DONE : not_built(name, type);
}

// Opens under the lock of c: two sessions may ask for a catalog at once.
static Status open_locked(Catalogs *c, Str name, Catalog **out)
{
    bool dflt = str_eq(name, S("lake"));
    if (!dflt && !conf_of(c, name, (Str){0}).n && !conf_of(c, name, S("type")).n) {
        Str key = str_fmt(c->arena, "spark.sql.catalog." STR_FMT, STR_ARG(name));
        return RAISE(CATALOG_NOT_FOUND, P("catalogName", name), P("config", key));
    }
    Catalog *cat = NEW(c->arena, Catalog, 1);
    *cat = (Catalog){.arena = arena_new(c->arena), .name = str_copy(c->arena, name)};
    cat->mutex = mutex_new(c->arena);
    TRY(kind_of(c, name, &cat->kind));
    Str warehouse = conf_of(c, name, S("warehouse"));
    cat->warehouse = c->warehouse;
    if (warehouse.n)
        TRY(folder_of(&cat->warehouse, cat->arena, warehouse));
    else if (!dflt && cat->kind == &catalog_dir)
        return fail(ERR_INVALID, "catalog " STR_FMT " of type hadoop needs a warehouse",
                    STR_ARG(name));
    cat->uri = conf_of(c, name, S("uri"));
    TRY(cat->kind->open(cat));
    cat->next = c->open;
    c->open = cat;
    *out = cat;
    return DONE;
}

Status catalog_get(Catalog **cat, Catalogs *c, Str name)
{
    Status s = DONE;
    bool spark = str_eq(name, S("spark_catalog")); // what Spark calls the one it begins with
    mutex_lock(c->mutex);
    if (spark && !conf_of(c, name, (Str){0}).n) name = S("lake");
    *cat = NULL;
    for (Catalog *k = c->open; k; k = k->next)
        if (str_eq(k->name, name)) *cat = k;
    if (!*cat) s = open_locked(c, name, cat);
    mutex_unlock(c->mutex);
    return s;
}

void catalogs_list(Catalogs *c, Arena *a, Str **names, int32_t *n)
{
    Names list = {0};
    vec_push(a, &list, S("lake"));
    mutex_lock(c->mutex);
    for (int64_t i = 0; i < c->conf.n; i++) {
        Str name = str_cut(c->conf.v[i].key, '.').head;
        bool known = false;
        for (int64_t k = 0; k < list.n; k++) known = known || str_eq(list.v[k], name);
        if (!known) vec_push(a, &list, str_copy(a, name));
    }
    mutex_unlock(c->mutex);
    *names = list.v;
    *n = (int32_t)list.n;
}

// The next part of a dotted name: bare up to a dot, or in backquotes, doubled ones inside.
static Status name_part(Str *rest, Arena *a, Str *part)
{
    Buf b = buf_new(a);
    Str s = *rest;
    int64_t i = 0;
    bool quoted = str_starts(s, S("`"));
    if (quoted)
        for (i = 1; i < s.n && (s.p[i] != '`' || (i + 1 < s.n && s.p[i + 1] == '`')); i++) {
            i += s.p[i] == '`';
            buf_char(&b, s.p[i]);
        }
    else
        for (; i < s.n && s.p[i] != '.' && s.p[i] != '`'; i++) buf_char(&b, s.p[i]);
    if (quoted) i += i < s.n ? 1 : s.n + 1; // past what is there when it does not end
    if (!b.n || i > s.n || (i < s.n && (s.p[i] != '.' || i + 1 == s.n)))
        return fail(ERR_INVALID, "%.*s is no table's name", (int)s.n, s.p);
    *part = buf_str(&b);
    *rest = str_from(s, MIN(i + 1, s.n));
    return DONE;
}

Status table_name_parse(TableName *name, Arena *a, Catalogs *c, Str text)
{
    Names parts = {0};
    Str *known, part = {0};
    int32_t n;
    do {
        TRY(name_part(&text, a, &part));
        vec_push(a, &parts, part);
    } while (text.n);
    catalogs_list(c, a, &known, &n);
    *name = (TableName){.catalog = S("lake"), .table = parts.v[parts.n - 1]};
    bool first = false;
    for (int32_t i = 0; i < n && parts.n > 1; i++) first = first || str_eq(known[i], parts.v[0]);
    if (first) name->catalog = parts.v[0];
    name->ns = parts.v + first;
    name->nns = (int32_t)parts.n - first - 1;
    if (name->nns > 0) return DONE;
    name->ns = NEW(a, Str, 1);
    name->ns[0] = S("default");
    name->nns = 1;
    return DONE;
}

Str namespace_text(Arena *a, Namespace ns)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < ns.n; i++) {
        if (i) buf_char(&b, '.');
        buf_put(&b, ns.part[i]);
    }
    return buf_str(&b);
}

Str table_name_text(Arena *a, const TableName *t)
{
    Buf b = buf_new(a);
    name_backticks(&b, t->catalog);
    for (int32_t i = 0; i <= t->nns; i++) {
        buf_char(&b, '.');
        name_backticks(&b, i < t->nns ? t->ns[i] : t->table);
    }
    return buf_str(&b);
}

Str metadata_name(Arena *a, Str table_location, Str old)
{
    Str base = path_base(old), uuid = rand_uuid(a);
    int64_t number = -1;
    for (int64_t i = 0; i < base.n && base.p[i] >= '0' && base.p[i] <= '9' && number < 99999999;
         i++)
        number = MAX(number, 0) * 10 + base.p[i] - '0';
    return str_fmt(a, STR_FMT "/metadata/%05lld-" STR_FMT ".metadata.json", STR_ARG(table_location),
                   (long long)number + 1, STR_ARG(uuid));
}

static void unpin(void *arg)
{
    Pin *p = arg;
    mutex_lock(p->in->mutex);
    p->held = false;
    mutex_unlock(p->in->mutex);
}

void catalogs_pin(Catalogs *c, Arena *a, Str uuid, int64_t snapshot)
{
    mutex_lock(c->mutex);
    Pin *free = NULL;
    for (Pin *p = c->pins; p; p = p->next)
        if (!p->held && str_eq(p->uuid, uuid)) free = p;
    if (!free) {
        free = NEW(c->arena, Pin, 1);
        *free = (Pin){.uuid = str_copy(c->arena, uuid), .in = c, .next = c->pins};
        c->pins = free;
    }
    free->snapshot = snapshot;
    free->held = true;
    mutex_unlock(c->mutex);
    arena_defer(a, unpin, free);
}

bool catalogs_pinned(Catalogs *c, Str uuid, int64_t snapshot)
{
    bool held = false;
    mutex_lock(c->mutex);
    for (const Pin *p = c->pins; p; p = p->next)
        held = held || (p->held && p->snapshot == snapshot && str_eq(p->uuid, uuid));
    mutex_unlock(c->mutex);
    return held;
}

#define LOCKED(c, call)                                                                            \
    mutex_lock((c)->mutex);                                                                        \
    Status s_ = (call);                                                                            \
    mutex_unlock((c)->mutex);                                                                      \
    return s_

Status catalog_load(Catalog *c, Arena *a, const TableName *t, Str *metadata)
{
    LOCKED(c, c->kind->load(c, a, t, metadata));
}

Status catalog_swap(Catalog *c, const TableName *t, const Swap *s, Writes *w, Str *metadata)
{
    LOCKED(c, c->kind->swap(c, t, s, w, metadata));
}

static Str schema_name(Arena *a, const Catalog *c, Namespace ns)
{
    Buf b = buf_new(a);
    name_backticks(&b, c->name);
    for (int32_t i = 0; i < ns.n; i++) {
        buf_char(&b, '.');
        name_backticks(&b, ns.part[i]);
    }
    return buf_str(&b);
}

static Str schema_own_name(Arena *a, Namespace ns) // without the catalog's
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < ns.n; i++) {
        if (i) buf_char(&b, '.');
        name_backticks(&b, ns.part[i]);
    }
    return buf_str(&b);
}

static Status create_schema(Catalog *c, Arena *a, Namespace ns, bool if_not_exists, Str comment)
{
    bool exists;
    TRY(c->kind->schema_exists(c, ns, &exists));
    if (!exists) return c->kind->make_schema(c, ns, comment);
    if (if_not_exists) return DONE;
    return RAISE(SCHEMA_ALREADY_EXISTS, P("schemaName", schema_own_name(a, ns)));
}

Status catalog_create_schema(Catalog *c, const Str *ns, int32_t n, bool if_not_exists, Str comment)
{
    Arena *a = arena_new(NULL);
    mutex_lock(c->mutex);
    Status s = create_schema(c, a, (Namespace){ns, n}, if_not_exists, comment);
    mutex_unlock(c->mutex);
    arena_free(a);
    return s;
}

const ViewStore *catalog_views(const Catalog *c)
{
    return c->kind->views && c->kind->views->able(c) ? c->kind->views : NULL;
}

bool catalog_has_view(Catalog *c, Arena *a, const TableName *t)
{
    Str metadata;
    const ViewStore *views = catalog_views(c);
    if (!views) return false;
    mutex_lock(c->mutex);
    Status s = views->load(c, a, t, &metadata);
    mutex_unlock(c->mutex);
    return !s.code;
}

// CASCADE drops the tables below first, the schemas inside before their parent.
static Status drop_schema(Catalog *c, Arena *a, Namespace ns, bool cascade)
{
    Names tables = {0}, schemas = {0}, views = {0};
    TRY(c->kind->list(c, a, ns, true, &tables));
    TRY(c->kind->list(c, a, ns, false, &schemas));
    if (catalog_views(c)) TRY(catalog_views(c)->list(c, a, ns, &views));
    if (!cascade && (tables.n || schemas.n || views.n))
        return RAISE(SCHEMA_NOT_EMPTY, P("schemaName", schema_name(a, c, ns)));
    for (int64_t i = 0; i < tables.n; i++) {
        TableName t = {c->name, (Str *)ns.part, ns.n, tables.v[i]};
        TRY(c->kind->move(c, &t, NULL));
    }
    for (int64_t i = 0; i < views.n; i++) {
        TableName t = {c->name, (Str *)ns.part, ns.n, views.v[i]};
        TRY(catalog_views(c)->drop(c, &t));
    }
    for (int64_t i = 0; i < schemas.n; i++) {
        Str *part = NEW(a, Str, ns.n + 1);
        memcpy(part, ns.part, (size_t)ns.n * sizeof(Str));
        part[ns.n] = schemas.v[i];
        TRY(drop_schema(c, a, (Namespace){part, ns.n + 1}, true));
    }
    return c->kind->drop_schema(c, ns);
}

static Status drop_if_there(Catalog *c, Arena *a, Namespace ns, bool if_exists, bool cascade)
{
    bool exists;
    TRY(c->kind->schema_exists(c, ns, &exists));
    if (exists) return drop_schema(c, a, ns, cascade);
    return if_exists ? DONE : RAISE(SCHEMA_NOT_FOUND, P("schemaName", schema_name(a, c, ns)));
}

Status catalog_drop_schema(Catalog *c, const Str *ns, int32_t n, bool if_exists, bool cascade)
{
    Arena *a = arena_new(NULL);
    mutex_lock(c->mutex);
    Status s = drop_if_there(c, a, (Namespace){ns, n}, if_exists, cascade);
    mutex_unlock(c->mutex);
    arena_free(a);
    return s;
}

// Every catalog has a namespace `default`: Spark's sessions begin there.
static bool is_default(const Str *ns, int32_t n) { return n == 1 && str_eq(ns[0], S("default")); }

Status catalog_schema_exists(Catalog *c, const Str *ns, int32_t n, bool *exists)
{
    *exists = true;
    if (is_default(ns, n)) return DONE;
    LOCKED(c, c->kind->schema_exists(c, (Namespace){ns, n}, exists));
}

Status catalog_schema_options(Catalog *c, Arena *a, const Str *ns, int32_t n, Options *options)
{
    bool exists;
    Str place = c->warehouse;
    Status s = DONE;
    *options = (Options){0};
    TRY(catalog_schema_exists(c, ns, n, &exists));
    if (!exists)
        return RAISE(SCHEMA_NOT_FOUND, P("schemaName", schema_own_name(a, (Namespace){ns, n})));
    for (int32_t i = 0; i < n; i++) place = path_join(a, place, ns[i]);
    mutex_lock(c->mutex);
    if (c->kind->schemas) s = c->kind->schemas->options(c, a, (Namespace){ns, n}, options);
    mutex_unlock(c->mutex);
    if (!options_get(options, S("location")))
        vec_push(a, options, ((Option){S("location"), store_uri(a, place)}));
    return s;
}

static Status list(Catalog *c, Arena *a, Namespace ns, bool tables, Names *names)
{
    LOCKED(c, c->kind->list(c, a, ns, tables, names));
}

Status catalog_list_schemas(Catalog *c, Arena *a, const Str *ns, int32_t n, Str **names,
                            int32_t *count)
{
    Names found = {0};
    TRY(list(c, a, (Namespace){ns, n}, false, &found));
    bool named = n > 0;
    for (int64_t i = 0; i < found.n; i++) named |= str_eq(found.v[i], S("default"));
    Str first = S("default");
    if (!named) vec_push(a, &found, first);
    *names = found.v;
    *count = (int32_t)found.n;
    return DONE;
}

Status catalog_list_tables(Catalog *c, Arena *a, const Str *ns, int32_t n, Str **names,
                           int32_t *count)
{
    Names found = {0};
    TRY(list(c, a, (Namespace){ns, n}, true, &found));
    *names = found.v;
    *count = (int32_t)found.n;
    return DONE;
}
