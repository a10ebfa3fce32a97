// statement_show.c -- SHOW and DESCRIBE, with Spark's columns.
#include "expr/fn.h"
#include "os/file.h"
#include "run/listing.h"
#include "run/names.h"
#include "run/statement_files.h"
#include "run/statement_show_in.h"
#include "run/statement_view.h"

// The namespace a SHOW speaks of: its own, else the current one.
static Status show_namespace(Show *w, Catalog **c, const Str **ns, int32_t *n)
{
    Session *s = w->session;
    *ns = w->st->nnames ? w->st->name : s->ns;
    *n = w->st->nnames ? w->st->nnames : s->nns;
    if (w->st->nnames && catalog_get(c, s->catalogs, w->st->name[0]).code == OK) {
        (*ns)++;
        (*n)--;
        return DONE;
    }
    return catalog_get(c, s->catalogs, s->catalog);
}
static Str dotted(Arena *a, const Str *part, int32_t n)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_char(&b, '.');
        buf_put(&b, part[i]);
    }
    return buf_str(&b);
}
static Str *parts_copy(Arena *a, const Str *part, int32_t n)
{
    Str *copy = NEW(a, Str, n + 1);
    for (int32_t i = 0; i < n; i++) copy[i] = part[i];
    return copy;
}
// A row of SHOW TABLES and VIEWS; no catalog: a temporary view.
static Status add_table(Show *w, Str catalog, const Str *ns, int32_t n, Str name, bool view)
{
    if (!like_pattern(w->st->pattern, name)) return DONE;
    Str space = n ? dotted(w->arena, ns, n) : S(""), temporary = catalog.n ? S("false") : S("true"),
        text;
    if (!w->st->extended) {
        LISTING_ADD(&w->list, space, name, temporary);
        return DONE;
    }
    TableName whole = {.catalog = catalog, .nns = n, .table = name};
    whole.ns = parts_copy(w->arena, ns, n);
    TRY(show_information(w, &whole, view, &text));
    LISTING_ADD(&w->list, space, name, temporary, text);
    return DONE;
}
static Status list_views(Show *w)
{
    for (int64_t i = 0; i < w->session->views.n; i++) {
        Str name = w->session->views.entry[i].key;
        if (str_starts(name, S("global_temp."))) continue;
        TRY(add_table(w, (Str){0}, NULL, 0, name, true));
    }
    return DONE;
}
static Str catalog_named(const Show *w, const Str *ns) // where ns is
{
    return w->st->nnames && ns != w->st->name ? w->st->name[0] : w->session->catalog;
}
static Status list_kept(Show *w, Catalog *c, const Str *ns, int32_t n)
{
    Str *name = NULL;
    int32_t count = 0;
    if (n) TRY(catalog_list_views(c, w->arena, ns, n, &name, &count));
    for (int32_t i = 0; i < count; i++)
        TRY(add_table(w, catalog_named(w, ns), ns, n, name[i], true));
    return DONE;
}
// SHOW TABLES or VIEWS IN global_temp.
static bool shows_global(const Show *w)
{
    return w->st->nnames == 1 && str_ieq(w->st->name[0], S("global_temp")) && w->session->catalogs;
}
static Status list_global(Show *w)
{
    Str *name = NULL, space = S("global_temp");
    int32_t n = 0;
    global_view_list(w->session->catalogs, w->arena, &name, &n);
    for (int32_t i = 0; i < n; i++)
        if (like_pattern(w->st->pattern, name[i])) LISTING_ADD(&w->list, space, name[i], S("true"));
    for (int64_t i = 0; i < w->session->views.n; i++) {
        Str key = w->session->views.entry[i].key;
        if (!str_starts(key, S("global_temp."))) continue;
        Str own = str_from(key, space.n + 1);
        if (like_pattern(w->st->pattern, own)) LISTING_ADD(&w->list, space, own, S("true"));
    }
    return list_views(w);
}
// A namespace that nobody made, asked for by name.
static Status check_there(const Show *w, Catalog *c, const Str *ns, int32_t n)
{
    bool exists;
    if (!w->st->nnames || !n) return DONE;
    TRY(catalog_schema_exists(c, ns, n, &exists));
    return exists
               ? DONE
               : RAISE(SCHEMA_NOT_FOUND, P("schemaName", space_quoted(w->arena, (Str){0}, ns, n)));
}
// SHOW TABLE EXTENDED LIKE 't' PARTITION (..)
static Status show_no_partition(const Show *w, Str catalog, const Str *ns, int32_t n)
{
    TableName name = {.catalog = catalog, .nns = n, .table = w->st->pattern};
    FileTable files;
    name.ns = parts_copy(w->arena, ns, n);
    Str kept = file_table_name(w->arena, &name), dir = w->session->file_tables;
    if (dir.n && file_table_load(&files, w->arena, dir, kept).code == OK)
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("SHOW TABLE EXTENDED .. PARTITION")),
                     P("needs", S("SHOW PARTITIONS lists them")));
    return no_partitions(w->args, w->arena, &name);
}

static Status show_tables(Show *w)
{
    Catalog *c = NULL;
    const Str *ns = NULL;
    Str *name = NULL;
    int32_t n = 0, count = 0;
    TRY(listing_new(&w->list, w->arena,
                    w->st->extended
                        ? S("namespace STRING, tableName STRING, isTemporary BOOLEAN, "
                            "information STRING")
                        : S("namespace STRING, tableName STRING, isTemporary BOOLEAN")));
    if (shows_global(w) && w->st->extended)
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("SHOW TABLE EXTENDED of global views")),
                     P("needs", S("DESCRIBE EXTENDED of one")));
    if (shows_global(w)) return list_global(w);
    TRY(show_namespace(w, &c, &ns, &n));
    TRY(check_there(w, c, ns, n));
    Str catalog = catalog_named(w, ns);
    if (w->st->npartition_values) return show_no_partition(w, catalog, ns, n);
    if (n) TRY(catalog_list_tables(c, w->arena, ns, n, &name, &count));
    for (int32_t i = 0; i < count; i++) TRY(add_table(w, catalog, ns, n, name[i], false));
    Str space =
        str_fmt(w->arena, STR_FMT "." STR_FMT, STR_ARG(catalog), STR_ARG(dotted(w->arena, ns, n)));
    TRY(file_table_list(&name, &count, w->arena, w->session->file_tables, space));
    for (int32_t i = 0; i < count; i++) TRY(add_table(w, catalog, ns, n, name[i], false));
    TRY(list_kept(w, c, ns, n));
    return list_views(w);
}
static Status show_views(Show *w)
{
    Catalog *c = NULL;
    const Str *ns = NULL;
    int32_t n = 0;
    TRY(listing_new(&w->list, w->arena,
                    S("namespace STRING, viewName STRING, isTemporary BOOLEAN")));
    if (shows_global(w)) return list_global(w);
    TRY(show_namespace(w, &c, &ns, &n));
    TRY(check_there(w, c, ns, n));
    TRY(list_kept(w, c, ns, n));
    return list_views(w);
}
static Status show_schemas(Show *w)
{
    Catalog *c = NULL;
    const Str *ns = NULL;
    Str *name = NULL;
    int32_t n = 0, count = 0;
    TRY(listing_new(&w->list, w->arena, S("namespace STRING")));
    TRY(show_namespace(w, &c, &ns, &n));
    if (!w->st->nnames) n = 0;
    TRY(check_there(w, c, ns, n));
    TRY(catalog_list_schemas(c, w->arena, ns, n, &name, &count));
    for (int32_t i = 0; i < count; i++)
        if (like_pattern(w->st->pattern, name[i]))
            LISTING_ADD(&w->list, n ? str_fmt(w->arena, STR_FMT "." STR_FMT,
                                              STR_ARG(dotted(w->arena, ns, n)), STR_ARG(name[i]))
                                    : name[i]);
    return DONE;
}
static Status show_catalogs(Show *w)
{
    Str *name = NULL;
    int32_t n = 0;
    TRY(listing_new(&w->list, w->arena, S("catalog STRING")));
    catalogs_list(w->session->catalogs, w->arena, &name, &n);
    for (int32_t i = 0; i < n; i++)
        if (like_pattern(w->st->pattern, name[i])) LISTING_ADD(&w->list, name[i]);
    return DONE;
}
static Status show_functions(Show *w)
{
    const FnEntry *row = NULL;
    TRY(listing_new(&w->list, w->arena, S("function STRING")));
    const Map *own = &w->session->functions;
    for (int64_t i = 0; i < own->n && !str_eq(w->st->key, S("system")); i++)
        if (like_pattern(w->st->pattern, own->entry[i].key))
            LISTING_ADD(&w->list, own->entry[i].key);
    int64_t n = str_eq(w->st->key, S("user")) ? 0 : fn_list(w->arena, &row);
    for (int64_t i = 0; i < n; i++)
        if (like_pattern(w->st->pattern, row[i].name)) LISTING_ADD(&w->list, row[i].name);
    return DONE;
}
static Status show_columns(Show *w)
{
    const Schema *schema = NULL;
    TRY(listing_new(&w->list, w->arena, S("col_name STRING")));
    TRY(show_schema(w, &schema));
    for (int32_t i = 0; i < schema->nfields; i++) LISTING_ADD(&w->list, schema->field[i].name);
    return DONE;
}
// The folders of a table of files, each a partition: a=1/b=2.
static Status list_folders(Show *w, const FileTable *t, Str below, int32_t depth)
{
    Entries in = {0};
    Str from = below.n ? path_join(w->arena, t->path, below) : t->path;
    if (depth == t->npartition) {
        LISTING_ADD(&w->list, below);
        return DONE;
    }
    Status s = dir_list(&in, w->arena, from);
    if (s.code == ERR_NOT_FOUND) return DONE;
    TRY(s);
    for (int64_t i = 0; i < in.n; i++) {
        Cut part = str_cut(in.v[i].name, '=');
        bool named = in.v[i].kind == ENTRY_DIR && str_ieq(part.head, t->partition[depth]);
        for (int32_t k = 0; named && k < w->st->npartition_values; k++) {
            const PartitionValue *v = &w->st->partition_value[k];
            if (!str_ieq(v->name, part.head) || !v->value) continue;
            named =
                v->value->kind == E_LITERAL && str_eq(literal_text(w->arena, v->value), part.tail);
        }
        Str path = below.n ? path_join(w->arena, below, in.v[i].name) : in.v[i].name;
        if (named) TRY(list_folders(w, t, path, depth + 1));
    }
    return DONE;
}
static Status show_partitions(Show *w)
{
    FileTable files;
    TableName name;
    bool found;
    TRY(listing_new(&w->list, w->arena, S("partition STRING")));
    TRY(find_file_table(w->args, w->arena, w->st, &files, &found));
    TRY(name_complete(w->session, w->arena, w->st->name, w->st->nnames, &name));
    if (!found) return no_partitions(w->args, w->arena, &name);
    Str quoted = table_name_text(w->arena, &name);
    if (!files.npartition) return RAISE(PARTITION_SCHEMA_IS_EMPTY, P("name", quoted));
    for (int32_t i = 0; i < w->st->npartition_values; i++) {
        const PartitionValue *v = &w->st->partition_value[i];
        bool known = false;
        for (int32_t k = 0; k < files.npartition; k++)
            known = known || str_ieq(files.partition[k], v->name);
        if (!known)
            return RAISE(PARTITIONS_NOT_FOUND,
                         P("partitionList", space_quoted(w->arena, (Str){0}, &v->name, 1)),
                         P("tableName", quoted));
    }
    return list_folders(w, &files, (Str){0}, 0);
}
static Status show_procedures(Show *w)
{
    return listing_new(&w->list, w->arena,
                       S("catalog STRING, namespace ARRAY<STRING>, schema STRING, procedure_name "
                         "STRING"));
}
static Status show_current(Show *w)
{
    TRY(listing_new(&w->list, w->arena, S("catalog STRING, namespace STRING")));
    Session *s = w->session;
    LISTING_ADD(&w->list, s->catalog, dotted(w->arena, s->ns, s->nns));
    return DONE;
}
Status statement_show(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
{
    static const struct {
        StatementKind kind;
        Status (*fill)(Show *w);
    } row[] = {
        {STMT_SHOW_TABLES, show_tables},
        {STMT_SHOW_SCHEMAS, show_schemas},
        {STMT_SHOW_CREATE_TABLE, show_create},
        {STMT_SHOW_COLUMNS, show_columns},
        {STMT_SHOW_FUNCTIONS, show_functions},
        {STMT_SHOW_TBLPROPERTIES, show_properties},
        {STMT_SHOW_VIEWS, show_views},
        {STMT_SHOW_CATALOGS, show_catalogs},
        {STMT_SHOW_CURRENT_NAMESPACE, show_current},
        {STMT_SHOW_PARTITIONS, show_partitions},
        {STMT_SHOW_PROCEDURES, show_procedures},
        {STMT_DESCRIBE, show_describe},
    };
    Show w = {.args = args, .session = args->session, .arena = a, .st = st};
    for (int64_t i = 0; i < COUNT(row); i++)
        if (row[i].kind == st->kind) TRY(row[i].fill(&w));
    return listing_answer(&w.list, to);
}
