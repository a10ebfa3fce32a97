// file_table.c -- what is known of tables of files, a document each.
#include "lake/file_table.h"
#include "os/file.h"
#include <jansson.h>

enum { DOCUMENT_BYTES_MAX = 16 << 20 };

static Str document_path(Arena *a, Str dir, Str name)
{
    Buf b = buf_new(a);
    buf_percent(&b, name, S("_.-"), true); // a name may hold what a file's name may not
    buf_put(&b, S(".json"));
    return path_join(a, dir, str_lower(a, buf_str(&b)));
}

Str file_table_name(Arena *a, const TableName *n)
{
    Buf b = buf_new(a);
    buf_put(&b, n->catalog);
    for (int32_t i = 0; i < n->nns; i++) buf_fmt(&b, "." STR_FMT, STR_ARG(n->ns[i]));
    buf_fmt(&b, "." STR_FMT, STR_ARG(n->table));
    return buf_str(&b);
}

// ---- reading -----------------------------------------------------------------------------------

static void release(void *json) { json_decref(json); }

static Str member(Arena *a, const json_t *o, const char *name)
{
    return str_copy(a, str_z(json_string_value(json_object_get(o, name))));
}

static void read_options(Options *to, Arena *a, json_t *from)
{
    json_t *value;
    const char *key;
    json_object_foreach(from, key, value)
    {
        Option option = {str_copy(a, str_z(key)), str_copy(a, str_z(json_string_value(value)))};
        vec_push(a, to, option);
    }
}

static Str dotted(Arena *a, const json_t *parts)
{
    Buf b = buf_new(a);
    for (size_t i = 0; i < json_array_size(parts); i++)
        buf_fmt(&b, "%s%s", i ? "." : "", json_string_value(json_array_get(parts, i)));
    return buf_str(&b);
}
int32_t file_table_clustering(Str **column, Arena *a, const Options *properties)
{
    const Str *text = options_get(properties, S("clusteringColumns"));
    json_t *list = text ? json_loadb(text->p, (size_t)text->n, 0, NULL) : NULL;
    int32_t n = (int32_t)json_array_size(list);
    *column = NEW(a, Str, n + 1);
    for (int32_t i = 0; i < n; i++) (*column)[i] = dotted(a, json_array_get(list, (size_t)i));
    json_decref(list);
    return n;
}
static void read_lists(FileTable *t, Arena *a, const json_t *o)
{
    const json_t *parts = json_object_get(o, "partition");
    Str *part = NEW(a, Str, (int64_t)json_array_size(parts) + 1);
    for (size_t i = 0; i < json_array_size(parts); i++)
        part[t->npartition++] = str_copy(a, str_z(json_string_value(json_array_get(parts, i))));
    t->partition = part;
    read_options(&t->options, a, json_object_get(o, "options"));
    read_options(&t->properties, a, json_object_get(o, "properties"));
}

Status file_table_load(FileTable *t, Arena *a, Str dir, Str name)
{
    Str text, path = document_path(a, dir, name);
    if (!dir.n || !path_exists(path)) return fail(ERR_NOT_FOUND, "no table of files is named so");
    TRY(file_load(&text, a, path, DOCUMENT_BYTES_MAX));
    json_t *o = json_loadb(text.p, (size_t)text.n, 0, NULL);
    if (o) arena_defer(a, release, o);
    *t = (FileTable){.name = str_copy(a, name),
                     .format = member(a, o, "format"),
                     .path = member(a, o, "path"),
                     .comment = member(a, o, "comment"),
                     .managed = json_is_true(json_object_get(o, "managed"))};
    Str schema = member(a, o, "schema");
    if (!t->format.n || !t->path.n || type_from_json(&t->schema, a, schema).code)
        return fail(ERR_CORRUPT, STR_FMT ": this describes no table", STR_ARG(path));
    read_lists(t, a, o);
    return DONE;
}

Status file_table_list(Str **name, int32_t *n, Arena *a, Str dir, Str space)
{
    Entries in = {0};
    *n = 0;
    if (!dir.n || !path_exists(dir)) return DONE;
    TRY(dir_list(&in, a, dir));
    *name = NEW(a, Str, in.n + 1);
    Str head = str_lower(a, str_cat(a, space, S(".")));
    for (int64_t i = 0; i < in.n; i++) {
        Str file = in.v[i].name;
        if (!str_starts(file, head) || !str_ends(file, S(".json"))) continue;
        Str rest = str_sub(file, head.n, file.n - head.n - 5);
        if (rest.n && str_find_char(rest, '.') < 0) (*name)[(*n)++] = rest;
    }
    return DONE;
}

// ---- writing -----------------------------------------------------------------------------------

static void put_member(Buf *b, const char *name, Str value)
{
    buf_fmt(b, ",\n\"%s\":", name);
    buf_json(b, value);
}

static void put_options(Buf *b, const char *name, const Options *o)
{
    buf_fmt(b, ",\n\"%s\":{", name);
    for (int64_t i = 0; i < o->n; i++) {
        if (i) buf_char(b, ',');
        buf_json(b, o->v[i].key);
        buf_char(b, ':');
        buf_json(b, o->v[i].value);
    }
    buf_char(b, '}');
}

static Str document(Arena *a, const FileTable *t)
{
    Buf b = buf_new(a), schema = buf_new(a);
    type_json(&schema, t->schema);
    buf_fmt(&b, "{\"managed\":%s", t->managed ? "true" : "false");
    put_member(&b, "format", t->format);
    put_member(&b, "path", t->path);
    put_member(&b, "comment", t->comment);
    put_member(&b, "schema", buf_str(&schema));
    buf_put(&b, S(",\n\"partition\":["));
    for (int32_t i = 0; i < t->npartition; i++) {
        if (i) buf_char(&b, ',');
        buf_json(&b, t->partition[i]);
    }
    buf_char(&b, ']');
    put_options(&b, "options", &t->options);
    put_options(&b, "properties", &t->properties);
    buf_put(&b, S("}\n"));
    return buf_str(&b);
}

static Status create_in(Arena *a, Str dir, const FileTable *t)
{
    Str path = document_path(a, dir, t->name);
    if (path_exists(path)) return fail(ERR_CONFLICT, "there is a table of that name");
    TRY(dir_make(dir));
    TRY(file_replace(path, document(a, t)));
    return path_exists(t->path) ? DONE : dir_make(t->path);
}

Status file_table_create(Str dir, const FileTable *t)
{
    Arena *a = arena_new(NULL);
    Status s = create_in(a, dir, t);
    arena_free(a);
    return s;
}

Status file_table_replace(Str dir, const FileTable *from, const FileTable *to)
{
    Arena *a = arena_new(NULL);
    bool same = str_ieq(from->name, to->name);
    Status s = same ? file_replace(document_path(a, dir, to->name), document(a, to))
                    : create_in(a, dir, to);
    if (!s.code && !same) s = path_remove(document_path(a, dir, from->name));
    arena_free(a);
    return s;
}

Status file_table_drop(Str dir, const FileTable *t)
{
    Arena *a = arena_new(NULL);
    Status s = path_remove(document_path(a, dir, t->name));
    if (!s.code && t->managed) s = dir_remove_all(t->path);
    arena_free(a);
    return s;
}

Status file_table_truncate(const FileTable *t)
{
    TRY(dir_remove_all(t->path));
    return dir_make(t->path);
}
