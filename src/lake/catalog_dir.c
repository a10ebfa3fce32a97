// catalog_dir.c -- the Hadoop-style catalog: a folder is a namespace, a folder with metadata/ in it
// a table, and its metadata files are numbered v1, v2, .. The next number is taken by making a
// second name for a finished file, which fails when the number is taken: so the folder itself is
// the compare-and-swap. version-hint.text says where to begin looking; it may be behind.
#include "base/num.h"
#include "lake/catalog_in.h"
#include "os/clock.h"

static Status dir_open(Catalog *c)
{
    (void)c; // folders come with their first table
    return DONE;
}

static Status check_names(const Str *part, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (!part[i].n || part[i].p[0] == '.' || str_find_char(part[i], '/') >= 0)
            return fail(ERR_INVALID, STR_FMT " cannot be the name of a folder", STR_ARG(part[i]));
    return DONE;
}

static Status folder(const Catalog *c, Arena *a, Namespace ns, Str *path)
{
    TRY(check_names(ns.part, ns.n));
    *path = c->warehouse;
    for (int32_t i = 0; i < ns.n; i++) *path = path_join(a, *path, ns.part[i]);
    return DONE;
}

static Status metadata_folder(const Catalog *c, Arena *a, const TableName *t, Str *path)
{
    TRY(folder(c, a, (Namespace){t->ns, t->nns}, path));
    TRY(check_names(&t->table, 1));
    *path = path_join(a, path_join(a, *path, t->table), S("metadata"));
    return DONE;
}

static Str version_file(Arena *a, Str dir, int64_t version)
{
    return path_join(a, dir, str_fmt(a, "v%lld.metadata.json", (long long)version));
}

// The number of a metadata file by its name, 0 when it is none of ours.
static int64_t version_of(Str name)
{
    Str tail = S(".metadata.json");
    int64_t v = 0;
    if (!str_starts(name, S("v")) || !str_ends(name, tail)) return 0;
    return num_parse_i64(str_sub(name, 1, name.n - 1 - tail.n), &v) && v > 0 ? v : 0;
}

static Status latest(Arena *a, Str dir, int64_t *version)
{
    Str hint;
    *version = 0;
    Status s = file_load(&hint, a, path_join(a, dir, S("version-hint.text")), 64);
    if (s.code || !num_parse_i64(str_trim(hint), version) || *version < 1 ||
        !path_exists(version_file(a, dir, *version))) {
        Entries list = {0};
        *version = 0;
        s = dir_list(&list, a, dir);
        if (s.code == ERR_NOT_FOUND) return DONE;
        if (s.code) return s;
        for (int64_t i = 0; i < list.n; i++) *version = MAX(*version, version_of(list.v[i].name));
    }
    while (*version && path_exists(version_file(a, dir, *version + 1))) ++*version;
    return DONE;
}

static Status dir_load(Catalog *c, Arena *a, const TableName *t, Str *metadata)
{
    Str dir;
    int64_t version;
    TRY(metadata_folder(c, a, t, &dir));
    TRY(latest(a, dir, &version));
    if (!version) return fail(ERR_NOT_FOUND, "there is no table in " STR_FMT, STR_ARG(dir));
    *metadata = store_uri(a, version_file(a, dir, version));
    return DONE;
}

static Status publish(Arena *a, Str dir, Str temp, int64_t version)
{
    Status s = path_link(temp, version_file(a, dir, version));
    Status gone = path_remove(temp); // what stays after a crash is an orphan like any other
    if (s.code == ERR_CONFLICT)
        return fail(ERR_CONFLICT, "version %lld in " STR_FMT " was made by somebody else",
                    (long long)version, STR_ARG(dir));
    if (s.code || gone.code) return s.code ? s : gone;
    TRY(dir_sync(dir));
    Str crc = path_join(a, dir, S(".version-hint.text.crc")); // Java's, of what it wrote
    if (path_exists(crc)) TRY(path_remove(crc));
    return file_replace(path_join(a, dir, S("version-hint.text")),
                        str_fmt(a, "%lld", (long long)version));
}

static Status dir_swap(Catalog *c, const TableName *t, const Swap *s, Writes *w, Str *metadata)
{
    Arena *a = w->arena;
    Str dir;
    int64_t version = s->old.n ? version_of(path_base(s->old)) : 0, now;
    TRY(metadata_folder(c, a, t, &dir));
    TRY(latest(a, dir, &now));
    if (now != version)
        return fail(ERR_CONFLICT, STR_FMT " is at version %lld, not %lld", STR_ARG(dir),
                    (long long)now, (long long)version);
    Str uuid = rand_uuid(a);
    Str temp = path_join(a, dir, str_fmt(a, STR_FMT ".tmp", STR_ARG(uuid)));
    TRY(writes_put(w, store_uri(a, temp), s->json));
    TRY(writes_sync(w));
    w->told = true;
    TRY(publish(a, dir, temp, version + 1));
    *metadata = store_uri(a, version_file(a, dir, version + 1));
    return DONE;
}

// A table is gone when its metadata is: the data below are nobody's then.
static Status dir_move(Catalog *c, const TableName *t, const TableName *to)
{
    if (to) return fail(ERR_UNSUPPORTED, "a table of a catalog of folders cannot be renamed");
    Arena *a = arena_new(NULL);
    Str dir;
    Status s = metadata_folder(c, a, t, &dir);
    if (!s.code && !path_exists(dir))
        s = fail(ERR_NOT_FOUND, "there is no table in " STR_FMT, STR_ARG(dir));
    if (!s.code) s = dir_remove_all(path_dir(dir));
    arena_free(a);
    return s;
}

static Status dir_make_schema(Catalog *c, Namespace ns, Str comment)
{
    (void)comment; // there is no place for it
    Arena *a = arena_new(NULL);
    Str path;
    Status s = folder(c, a, ns, &path);
    if (!s.code) s = dir_make(path);
    if (!s.code) s = dir_sync(path_dir(path));
    arena_free(a);
    return s;
}

static Status dir_drop_schema(Catalog *c, Namespace ns)
{
    Arena *a = arena_new(NULL);
    Str path;
    Status s = folder(c, a, ns, &path);
    if (!s.code) s = dir_remove_all(path);
    arena_free(a);
    return s;
}

static Status dir_schema_exists(Catalog *c, Namespace ns, bool *exists)
{
    Arena *a = arena_new(NULL);
    Str path;
    Status s = folder(c, a, ns, &path);
    if (!s.code) *exists = path_exists(path) && !path_exists(path_join(a, path, S("metadata")));
    arena_free(a);
    return s;
}

static Status dir_names(Catalog *c, Arena *a, Namespace ns, bool tables, Names *names)
{
    Str path;
    Entries list = {0};
    TRY(folder(c, a, ns, &path));
    Status s = dir_list(&list, a, path);
    if (s.code == ERR_NOT_FOUND) return DONE;
    if (s.code) return s;
    for (int64_t i = 0; i < list.n; i++) {
        if (list.v[i].kind != ENTRY_DIR || list.v[i].name.p[0] == '.') continue;
        Str below = path_join(a, path_join(a, path, list.v[i].name), S("metadata"));
        if (path_exists(below) == tables) vec_push(a, names, list.v[i].name);
    }
    return DONE;
}

// -- views: a hidden file in the namespace's folder, which Java passes over (its catalog of this
// kind has no views): .NAME.vN.view.json. The numbers compare and swap as they do for tables.

#define VIEW_TAIL ".view.json"

static Str view_file(Arena *a, Str dir, Str name, int64_t version)
{
    return path_join(a, dir,
                     str_fmt(a, "." STR_FMT ".v%lld" VIEW_TAIL, STR_ARG(name), (long long)version));
}

// The view's name and version by its file's name; false: it is no view's.
static bool view_of(Str file, Str *name, int64_t *version)
{
    if (!str_starts(file, S(".")) || !str_ends(file, S(VIEW_TAIL))) return false;
    Str stem = str_sub(file, 1, file.n - 1 - S(VIEW_TAIL).n);
    int64_t dot = str_rfind_char(stem, '.');
    if (dot < 1 || dot + 1 >= stem.n || stem.p[dot + 1] != 'v') return false;
    *name = str_sub(stem, 0, dot);
    return num_parse_i64(str_from(stem, dot + 2), version) && *version > 0;
}

static Status view_latest(const Catalog *c, Arena *a, const TableName *t, Str *dir,
                          int64_t *version)
{
    Entries list = {0};
    Str name;
    int64_t v;
    *version = 0;
    TRY(folder(c, a, (Namespace){t->ns, t->nns}, dir));
    TRY(check_names(&t->table, 1));
    Status s = dir_list(&list, a, *dir);
    if (s.code == ERR_NOT_FOUND) return DONE;
    TRY(s);
    for (int64_t i = 0; i < list.n; i++)
        if (view_of(list.v[i].name, &name, &v) && str_eq(name, t->table))
            *version = MAX(*version, v);
    return DONE;
}

static Status no_view(const TableName *t)
{
    return fail(ERR_NOT_FOUND, "there is no view " STR_FMT, STR_ARG(t->table));
}

static bool views_able(const Catalog *c)
{
    (void)c;
    return true;
}

static Status view_load_dir(Catalog *c, Arena *a, const TableName *t, Str *metadata)
{
    Str dir;
    int64_t version;
    TRY(view_latest(c, a, t, &dir, &version));
    if (!version) return no_view(t);
    *metadata = store_uri(a, view_file(a, dir, t->table, version));
    return DONE;
}

static Status view_publish(Str dir, Str temp, Str file)
{
    Status s = path_link(temp, file), gone = path_remove(temp);
    if (s.code == ERR_CONFLICT)
        return fail(ERR_CONFLICT, STR_FMT " was made by somebody else", STR_ARG(file));
    TRY(s);
    TRY(gone);
    return dir_sync(dir);
}

static Status view_swap_dir(Catalog *c, const TableName *t, const Swap *s, Writes *w, Str *metadata)
{
    Arena *a = w->arena;
    Str dir, name, uuid = rand_uuid(a);
    int64_t version = 0, now;
    TRY(view_latest(c, a, t, &dir, &now));
    if (s->old.n && !view_of(path_base(s->old), &name, &version)) version = -1;
    if (now != version) return fail(ERR_CONFLICT, "the view was changed by somebody else");
    Str temp = path_join(a, dir, str_fmt(a, "." STR_FMT ".tmp", STR_ARG(uuid)));
    TRY(writes_put(w, store_uri(a, temp), s->json));
    TRY(writes_sync(w));
    w->told = true;
    TRY(view_publish(dir, temp, view_file(a, dir, t->table, version + 1)));
    *metadata = store_uri(a, view_file(a, dir, t->table, version + 1));
    return version ? path_remove(view_file(a, dir, t->table, version)) : DONE;
}

static Status remove_view(Catalog *c, Arena *a, const TableName *t)
{
    Str dir;
    int64_t version;
    TRY(view_latest(c, a, t, &dir, &version));
    return version ? path_remove(view_file(a, dir, t->table, version)) : no_view(t);
}

static Status view_drop_dir(Catalog *c, const TableName *t)
{
    Arena *a = arena_new(NULL);
    Status s = remove_view(c, a, t);
    arena_free(a);
    return s;
}

static Status move_view(Catalog *c, Arena *a, const TableName *from, const TableName *to)
{
    Str dir, to_dir, table;
    int64_t version, taken;
    TRY(view_latest(c, a, from, &dir, &version));
    if (!version) return no_view(from);
    TRY(view_latest(c, a, to, &to_dir, &taken));
    if (taken || !dir_load(c, a, to, &table).code)
        return fail(ERR_CONFLICT, "there is a table or view of that name");
    TRY(path_link(view_file(a, dir, from->table, version), view_file(a, to_dir, to->table, 1)));
    TRY(dir_sync(to_dir));
    return path_remove(view_file(a, dir, from->table, version));
}

static Status view_rename_dir(Catalog *c, const TableName *from, const TableName *to)
{
    Arena *a = arena_new(NULL);
    Status s = move_view(c, a, from, to);
    arena_free(a);
    return s;
}

static Status view_list_dir(Catalog *c, Arena *a, Namespace ns, Names *names)
{
    Str path, name;
    Entries list = {0};
    int64_t v;
    TRY(folder(c, a, ns, &path));
    Status s = dir_list(&list, a, path);
    if (s.code == ERR_NOT_FOUND) return DONE;
    TRY(s);
    for (int64_t i = 0; i < list.n; i++)
        if (view_of(list.v[i].name, &name, &v)) vec_push(a, names, name);
    return DONE;
}

static const ViewStore dir_views = {
    .able = views_able,
    .load = view_load_dir,
    .swap = view_swap_dir,
    .drop = view_drop_dir,
    .rename = view_rename_dir,
    .list = view_list_dir,
};
const CatalogKind catalog_dir = {
    .name = "hadoop",
    .views = &dir_views,
    .open = dir_open,
    .load = dir_load,
    .swap = dir_swap,
    .move = dir_move,
    .make_schema = dir_make_schema,
    .drop_schema = dir_drop_schema,
    .schema_exists = dir_schema_exists,
    .list = dir_names,
};
