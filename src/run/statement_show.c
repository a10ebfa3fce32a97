// statement_show.c -- SHOW and DESCRIBE, with Spark's columns.
#include "expr/fn.h"
#include "run/listing.h"
#include "run/names.h"
#include "run/statement_files.h"
#include "run/statement_view.h"

typedef struct Show {
    const StatementArgs *args;
    Session *session;
    Arena *arena;
    const Statement *st;
    Listing list;
} Show;

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
static void list_views(Show *w)
{
    for (int64_t i = 0; i < w->session->views.n; i++) {
        Str name = w->session->views.entry[i].key;
        if (str_starts(name, S("global_temp."))) continue;
        if (like_pattern(w->st->pattern, name)) LISTING_ADD(&w->list, S(""), name, S("true"));
    }
}
static Status list_kept(Show *w, Catalog *c, const Str *ns, int32_t n)
{
    Str *name = NULL;
    int32_t count = 0;
    if (n) TRY(catalog_list_views(c, w->arena, ns, n, &name, &count));
    for (int32_t i = 0; i < count; i++)
        if (like_pattern(w->st->pattern, name[i]))
            LISTING_ADD(&w->list, dotted(w->arena, ns, n), name[i], S("false"));
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
    list_views(w);
    return DONE;
}
static Status show_tables(Show *w)
{
    Catalog *c = NULL;
    const Str *ns = NULL;
    Str *name = NULL;
    int32_t n = 0, count = 0;
    TRY(listing_new(&w->list, w->arena,
                    S("namespace STRING, tableName STRING, isTemporary BOOLEAN")));
    if (shows_global(w)) return list_global(w);
    TRY(show_namespace(w, &c, &ns, &n));
    if (n) TRY(catalog_list_tables(c, w->arena, ns, n, &name, &count));
    for (int32_t i = 0; i < count; i++)
        if (like_pattern(w->st->pattern, name[i]))
            LISTING_ADD(&w->list, dotted(w->arena, ns, n), name[i], S("false"));
    bool named = w->st->nnames && ns != w->st->name; // by its catalog
    Str catalog = named ? w->st->name[0] : w->session->catalog;
    Str space =
        str_fmt(w->arena, STR_FMT "." STR_FMT, STR_ARG(catalog), STR_ARG(dotted(w->arena, ns, n)));
    TRY(file_table_list(&name, &count, w->arena, w->session->file_tables, space));
    for (int32_t i = 0; i < count; i++)
        if (like_pattern(w->st->pattern, name[i]))
            LISTING_ADD(&w->list, dotted(w->arena, ns, n), name[i], S("false"));
    TRY(list_kept(w, c, ns, n));
    list_views(w);
    return DONE;
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
    TRY(list_kept(w, c, ns, n));
    list_views(w);
    return DONE;
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
    TRY(catalog_list_schemas(c, w->arena, ns, n, &name, &count));
    for (int32_t i = 0; i < count; i++)
        if (like_pattern(w->st->pattern, name[i])) LISTING_ADD(&w->list, name[i]);
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
    int64_t n = fn_list(w->arena, &row);
    for (int64_t i = 0; i < n; i++)
        if (like_pattern(w->st->pattern, row[i].name)) LISTING_ADD(&w->list, row[i].name);
    return DONE;
}
static Status load(Show *w, LakeTable **t, TableName *name)
{
    TRY(name_complete(w->session, w->arena, w->st->name, w->st->nnames, name));
    return table_load(t, w->arena, w->session->catalogs, name);
}
// The columns of what the statement names: a query, a view or a table.
static Status show_schema(Show *w, const Schema **schema)
{
    LakeTable *t = NULL;
    TableName name;
    if (w->st->rel) {
        Rel *copy = rel_copy(w->arena, w->st->rel);
        TRY(analyse(w->session, w->arena, &copy));
        *schema = rel_schema(w->arena, copy);
        return DONE;
    }
    const View *v = w->st->nnames == 1 ? session_view(w->session, w->st->name[0]) : NULL;
    if (v) {
        *schema = rel_schema(w->arena, v->rel);
        return DONE;
    }
    FileTable files;
    bool found;
    TRY(find_file_table(w->args, w->arena, w->st, &files, &found));
    if (found) {
        *schema = files.schema;
        return DONE;
    }
    LakeView kept;
    TRY(find_kept_view(w->session, w->arena, w->st, &kept, &found));
    if (found) {
        *schema = kept.schema;
        return DONE;
    }
    TRY(load(w, &t, &name));
    *schema = lake_table_schema(t);
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
static void put_transform(Buf *b, const PartitionField *f, const Schema *schema)
{
    static const char *const names[] = {
        [TR_IDENTITY] = "",         [TR_YEAR] = "years", [TR_MONTH] = "months",
        [TR_DAY] = "days",          [TR_HOUR] = "hours", [TR_BUCKET] = "bucket",
        [TR_TRUNCATE] = "truncate", [TR_VOID] = "void"};
    Str column = schema->field[f->source].name;
    bool arg = f->transform == TR_BUCKET || f->transform == TR_TRUNCATE;
    if (f->transform == TR_IDENTITY) {
        name_put_part(b, column);
        return;
    }
    buf_fmt(b, "%s(", names[f->transform]);
    if (arg) buf_fmt(b, "%d, ", f->arg);
    name_put_part(b, column);
    buf_char(b, ')');
}
// As Spark's session catalog describes its tables.
static void describe_files(Show *w, const FileTable *t)
{
    if (t->npartition) {
        LISTING_ADD(&w->list, S("# Partition Information"), S(""), S(""));
        LISTING_ADD(&w->list, S("# col_name"), S("data_type"), S("comment"));
    }
    for (int32_t i = 0; i < t->npartition; i++) {
        const Field *f = &t->schema->field[type_field(t->schema, t->partition[i])];
        LISTING_ADD(&w->list, f->name, type_name_str(w->arena, f->type),
                    f->comment.n ? f->comment : (Str){0});
    }
    if (!w->st->extended) return;
    LISTING_ADD(&w->list, S(""), S(""), S(""));
    LISTING_ADD(&w->list, S("# Detailed Table Information"), S(""), S(""));
    LISTING_ADD(&w->list, S("Name"), t->name, S(""));
    LISTING_ADD(&w->list, S("Type"), t->managed ? S("MANAGED") : S("EXTERNAL"), S(""));
    LISTING_ADD(&w->list, S("Location"), str_cat(w->arena, S("file:"), t->path), S(""));
    LISTING_ADD(&w->list, S("Provider"), t->format, S(""));
}
static Status describe(Show *w)
{
    const Schema *schema = NULL;
    LakeTable *t = NULL;
    TableName name;
    TRY(listing_new(&w->list, w->arena, S("col_name STRING, data_type STRING, comment STRING")));
    TRY(show_schema(w, &schema));
    for (int32_t i = 0; i < schema->nfields; i++) {
        const Field *f = &schema->field[i];
        LISTING_ADD(&w->list, f->name, type_name_str(w->arena, f->type),
                    f->comment.n ? f->comment : (Str){0});
    }
    bool view = w->st->nnames == 1 && session_view(w->session, w->st->name[0]);
    if (w->st->rel || view) return DONE;
    FileTable files;
    bool found;
    TRY(find_file_table(w->args, w->arena, w->st, &files, &found));
    if (found) {
        describe_files(w, &files);
        return DONE;
    }
    LakeView kept;
    TRY(find_kept_view(w->session, w->arena, w->st, &kept, &found));
    if (found) {
        if (w->st->extended) describe_view(w->arena, &kept, &w->list);
        return DONE;
    }
    TRY(load(w, &t, &name));
    int32_t n = 0;
    const PartitionField *part = lake_table_partition(t, &n);
    if (n) LISTING_ADD(&w->list, S("# Partitioning"), S(""), S(""));
    for (int32_t i = 0; i < n; i++) {
        Buf b = buf_new(w->arena);
        put_transform(&b, &part[i], schema);
        LISTING_ADD(&w->list, str_fmt(w->arena, "Part %d", i), buf_str(&b), S(""));
    }
    if (!w->st->extended) return DONE;
    LISTING_ADD(&w->list, S(""), S(""), S(""));
    LISTING_ADD(&w->list, S("# Detailed Table Information"), S(""), S(""));
    LISTING_ADD(&w->list, S("Name"), name_text(w->arena, &name), S(""));
    LISTING_ADD(&w->list, S("Location"), lake_table_location(t), S(""));
    LISTING_ADD(&w->list, S("Provider"), S("iceberg"), S(""));
    return DONE;
}
static Status show_properties(Show *w)
{
    LakeTable *t = NULL;
    TableName name;
    LakeView kept;
    bool view;
    TRY(listing_new(&w->list, w->arena, S("key STRING, value STRING")));
    TRY(find_kept_view(w->session, w->arena, w->st, &kept, &view));
    if (!view) TRY(load(w, &t, &name));
    const Options *o = view ? &kept.properties : lake_table_properties(t);
    for (int64_t i = 0; i < o->n; i++)
        if (!w->st->key.n || str_eq(w->st->key, o->v[i].key))
            LISTING_ADD(&w->list, o->v[i].key, o->v[i].value);
    return DONE;
}
static Status show_create(Show *w)
{
    LakeTable *t = NULL;
    TableName name;
    int32_t n = 0;
    TRY(listing_new(&w->list, w->arena, S("createtab_stmt STRING")));
    LakeView kept;
    bool view;
    TRY(find_kept_view(w->session, w->arena, w->st, &kept, &view));
    if (view) {
        LISTING_ADD(&w->list, view_sql(w->arena, &kept));
        return DONE;
    }
    TRY(load(w, &t, &name));
    const Schema *schema = lake_table_schema(t);
    Buf b = buf_new(w->arena);
    buf_fmt(&b, "CREATE TABLE " STR_FMT " (\n", STR_ARG(name_text(w->arena, &name)));
    for (int32_t i = 0; i < schema->nfields; i++) {
        const Field *f = &schema->field[i];
        buf_put(&b, S("  "));
        name_put_part(&b, f->name);
        buf_char(&b, ' ');
        type_sql(&b, f->type);
        if (!f->nullable) buf_put(&b, S(" NOT NULL"));
        buf_put(&b, i + 1 < schema->nfields ? S(",\n") : S(")\n"));
    }
    buf_put(&b, S("USING iceberg\n"));
    const PartitionField *part = lake_table_partition(t, &n);
    for (int32_t i = 0; i < n; i++) {
        buf_put(&b, i ? S(", ") : S("PARTITIONED BY ("));
        put_transform(&b, &part[i], schema);
    }
    if (n) buf_put(&b, S(")\n"));
    buf_fmt(&b, "LOCATION '" STR_FMT "'\n", STR_ARG(lake_table_location(t)));
    LISTING_ADD(&w->list, buf_str(&b));
    return DONE;
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
        {STMT_DESCRIBE, describe},
    };
    Show w = {.args = args, .session = args->session, .arena = a, .st = st};
    for (int64_t i = 0; i < COUNT(row); i++)
        if (row[i].kind == st->kind) TRY(row[i].fill(&w));
    return listing_answer(&w.list, to);
}
