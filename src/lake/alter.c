// alter.c -- a table's properties, place and name.
#include "lake/alter.h"
#include "lake/table_in.h"

Status table_edit(Catalogs *c, const TableName *name, const IceEdit *e)
{
    Arena *a = arena_new(NULL);
    IceTable t;
    Status s = ice_table_open(&t, a, c, name);
    if (!s.code) s = ice_edit(&t, e);
    arena_free(a);
    return s;
}

typedef struct Settings {
    IceEdit edit;
    const TableName *name;
    const Options *options;
    Str location;
    bool unset, if_exists;
} Settings;

static int64_t property_at(const IceMeta *m, Str key)
{
    for (int64_t i = 0; i < m->properties.n; i++)
        if (str_eq(m->properties.v[i].key, key)) return i;
    return -1;
}

static Status set_properties(const IceEdit *edit, Arena *a, IceMeta *m, bool *changed)
{
    const Settings *x = (const Settings *)edit;
    for (int64_t i = 0; i < x->options->n; i++)
        ice_put_property(m, a, x->options->v[i].key, x->options->v[i].value);
    *changed = x->options->n > 0;
    return DONE;
}

static Status unset_properties(const IceEdit *edit, Arena *a, IceMeta *m, bool *changed)
{
    const Settings *x = (const Settings *)edit;
    (void)a;
    for (int64_t i = 0; i < x->options->n; i++) {
        Str key = x->options->v[i].key;
        int64_t at = property_at(m, key);
        if (at < 0) continue; // with and without IF EXISTS, as Spark has it of Iceberg's
        m->properties.n--;
        memmove(&m->properties.v[at], &m->properties.v[at + 1],
                (size_t)(m->properties.n - at) * sizeof(Option));
        *changed = true;
    }
    return DONE;
}

Status table_set_properties(Catalogs *c, const TableName *name, const Options *set)
{
    Settings x = {.edit = {set_properties, NULL}, .options = set};
    TRY(table_check_properties(set));
    return table_edit(c, name, &x.edit);
}

Status table_unset_properties(Catalogs *c, const TableName *name, const Options *keys,
                              bool if_exists)
{
    Settings x = {.edit = {unset_properties, NULL},
                  .name = name,
                  .options = keys,
                  .unset = true,
                  .if_exists = if_exists};
    return table_edit(c, name, &x.edit);
}

static Status set_location(const IceEdit *edit, Arena *a, IceMeta *m, bool *changed)
{
    m->location = str_copy(a, ((const Settings *)edit)->location);
    *changed = true;
    return DONE;
}

Status table_set_location(Catalogs *c, const TableName *name, Str location)
{
    Arena *a = arena_new(NULL);
    Catalog *cat;
    Str path = {0};
    Status s = catalog_get(&cat, c, name->catalog);
    if (!s.code && !cat->kind->moves)
        s = fail(ERR_UNSUPPORTED, "a table of a catalog of folders stays where it is");
    if (!s.code) s = store_path(&path, a, location);
    while (path.n > 1 && str_ends(path, S("/"))) path.n--;
    Settings x = {.edit = {set_location, NULL}};
    if (!s.code) {
        x.location = store_uri(a, path);
        s = table_edit(c, name, &x.edit);
    }
    arena_free(a);
    return s;
}

static Status rename_in(Catalog *cat, Arena *a, const TableName *from, const TableName *to)
{
    bool exists;
    Str metadata;
    TRY(catalog_schema_exists(cat, to->ns, to->nns, &exists));
    if (!exists)
        return RAISE(SCHEMA_NOT_FOUND,
                     P("schemaName", namespace_text(a, (Namespace){to->ns, to->nns})));
    mutex_lock(cat->mutex);
    Status s = cat->kind->load(cat, a, to, &metadata), named = DONE;
    if (s.code == ERR_NOT_FOUND) named = cat->kind->move(cat, from, to);
    mutex_unlock(cat->mutex);
    if (!s.code)
        return RAISE(
            TABLE_OR_VIEW_ALREADY_EXISTS,
            P("relationName", str_fmt(a, STR_FMT "." STR_FMT,
                                      STR_ARG(namespace_text(a, (Namespace){to->ns, to->nns})),
                                      STR_ARG(to->table))));
    if (s.code != ERR_NOT_FOUND) return s;
    return named.code == ERR_NOT_FOUND ? table_not_found(from) : named;
}

Status table_rename(Catalogs *c, const TableName *from, const TableName *to)
{
    Arena *a = arena_new(NULL);
    Catalog *cat;
    Status s = catalog_get(&cat, c, from->catalog);
    if (!s.code) s = rename_in(cat, a, from, to);
    arena_free(a);
    return s;
}

static Status schema_not_found(const Str *ns, int32_t n)
{
    Arena *a = arena_new(NULL);
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_char(&b, '.');
        name_backticks(&b, ns[i]);
    }
    Status s = RAISE(SCHEMA_NOT_FOUND, P("schemaName", buf_str(&b)));
    arena_free(a);
    return s;
}

Status catalog_comment_schema(Catalog *c, const Str *ns, int32_t n, Str comment)
{
    bool exists;
    TRY(catalog_schema_exists(c, ns, n, &exists));
    if (!exists) return schema_not_found(ns, n);
    if (!c->kind->moves)
        return fail(ERR_UNSUPPORTED, "schemas of a catalog of folders have no comments");
    mutex_lock(c->mutex);
    Status s = c->kind->make_schema(c, (Namespace){ns, n}, comment);
    mutex_unlock(c->mutex);
    return s;
}

Status catalog_set_schema(Catalog *c, const Str *ns, int32_t n, const Options *set,
                          const Options *unset)
{
    bool exists;
    TRY(catalog_schema_exists(c, ns, n, &exists));
    if (!exists) return schema_not_found(ns, n);
    if (!c->kind->schemas)
        return fail(ERR_UNSUPPORTED, "schemas of a catalog of folders have no properties");
    mutex_lock(c->mutex);
    Status s = c->kind->schemas->set(c, (Namespace){ns, n}, set, unset);
    mutex_unlock(c->mutex);
    return s;
}
