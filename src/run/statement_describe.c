// statement_describe.c -- DESCRIBE, SHOW CREATE TABLE and SHOW TBLPROPERTIES: what is known of one
// table, view, schema or function, in Spark's words and order.
#include "expr/fn.h"
#include "lake/history.h"
#include "lake/inspect.h"
#include "run/names.h"
#include "run/statement_files.h"
#include "run/statement_show_in.h"
#include "run/statement_view.h"
#include <stdlib.h>

Str literal_text(Arena *a, const Expr *e)
{
    if (e->value.null) return S("__HIVE_DEFAULT_PARTITION__");
    return e->type->id == T_STRING ? e->value.s : str_fmt(a, "%lld", (long long)e->value.i);
}

static Status load(Show *w, LakeTable **t, TableName *name)
{
    TRY(name_complete(w->session, w->arena, w->st->name, w->st->nnames, name));
    return table_load(t, w->arena, w->session->catalogs, name);
}
// t.files and its kin
static bool is_metadata_table(const Statement *st)
{
    return st->nnames > 1 && inspect_known(st->name[st->nnames - 1]);
}
// The columns of what the statement names: a query, a view or a table.
Status show_schema(Show *w, const Schema **schema)
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
    if (is_metadata_table(w->st)) {
        Rel *r = rel_new(w->arena, REL_UNRESOLVED_TABLE, w->st->named, NULL);
        r->name = w->st->name;
        r->nnames = w->st->nnames;
        TRY(analyse(w->session, w->arena, &r));
        *schema = rel_schema(w->arena, r);
        return DONE;
    }
    TRY(load(w, &t, &name));
    *schema = lake_table_schema(t);
    return DONE;
}
static void describe_columns(Show *w, const FileTable *t, Str title, const Str *name, int32_t n)
{
    if (!n) return;
    LISTING_ADD(&w->list, title, S(""), S(""));
    LISTING_ADD(&w->list, S("# col_name"), S("data_type"), S("comment"));
    for (int32_t i = 0; i < n; i++) {
        int32_t k = type_field(t->schema, name[i]);
        if (k < 0) continue; // a field of a struct
        const Field *f = &t->schema->field[k];
        LISTING_ADD(&w->list, f->name, type_name_str(w->arena, f->type),
                    f->comment.n ? f->comment : (Str){0});
    }
}
// As Spark's session catalog describes its tables.
static void describe_files(Show *w, const FileTable *t)
{
    Str *clustering;
    int32_t n = file_table_clustering(&clustering, w->arena, &t->properties);
    describe_columns(w, t, S("# Partition Information"), t->partition, t->npartition);
    describe_columns(w, t, S("# Clustering Information"), clustering, n);
    if (!w->st->extended) return;
    LISTING_ADD(&w->list, S(""), S(""), S(""));
    LISTING_ADD(&w->list, S("# Detailed Table Information"), S(""), S(""));
    LISTING_ADD(&w->list, S("Name"), t->name, S(""));
    LISTING_ADD(&w->list, S("Type"), t->managed ? S("MANAGED") : S("EXTERNAL"), S(""));
    LISTING_ADD(&w->list, S("Location"), str_cat(w->arena, S("file:"), t->path), S(""));
    LISTING_ADD(&w->list, S("Provider"), t->format, S(""));
}

// ---- properties --------------------------------------------------------------------------------

static int by_key(const void *x, const void *y)
{
    return str_cmp(((const Option *)x)->key, ((const Option *)y)->key);
}

// Those that Iceberg's tables say of themselves among them, in order.
Options lake_all_properties(Arena *a, const LakeTable *t)
{
    Options all = {0};
    const Options *own = lake_table_properties(t);
    int64_t id = lake_table_snapshot_id(t);
    Str sorted = lake_table_order(a, t), ids = lake_table_identifiers(a, t);
    for (int64_t i = 0; i < own->n; i++)
        if (!str_eq(own->v[i].key, S("comment"))) vec_push(a, &all, own->v[i]);
    vec_push(a, &all, ((Option){S("format"), S("iceberg/parquet")}));
    vec_push(a, &all, ((Option){S("format-version"), lake_table_format(a, t)}));
    Str current = id < 0 ? S("none") : str_fmt(a, "%lld", (long long)id);
    vec_push(a, &all, ((Option){S("current-snapshot-id"), current}));
    if (sorted.n) vec_push(a, &all, ((Option){S("sort-order"), sorted}));
    if (ids.n) vec_push(a, &all, ((Option){S("identifier-fields"), ids}));
    qsort(all.v, (size_t)all.n, sizeof *all.v, by_key);
    return all;
}

static Str comment_of(const LakeTable *t)
{
    const Str *c = options_get(lake_table_properties(t), S("comment"));
    return c ? *c : (Str){0};
}

Status show_properties(Show *w)
{
    LakeTable *t = NULL;
    TableName name;
    LakeView kept;
    bool view, any = false;
    Str key = w->st->key;
    TRY(listing_new(&w->list, w->arena, S("key STRING, value STRING")));
    TRY(find_kept_view(w->session, w->arena, w->st, &kept, &view));
    if (!view) TRY(load(w, &t, &name));
    Options o = view ? kept.properties : lake_all_properties(w->arena, t);
    for (int64_t i = 0; i < o.n; i++) {
        if (key.n && !str_eq(key, o.v[i].key)) continue;
        LISTING_ADD(&w->list, o.v[i].key, o.v[i].value);
        any = true;
    }
    if (!key.n || any) return DONE;
    Str none = str_fmt(w->arena, "Table " STR_FMT " does not have property: " STR_FMT,
                       STR_ARG(name_text(w->arena, view ? &kept.name : &name)), STR_ARG(key));
    LISTING_ADD(&w->list, key, none);
    return DONE;
}

// ---- SHOW CREATE TABLE -------------------------------------------------------------------------

static void put_text(Buf *b, Str text) // 'it\'s'
{
    buf_char(b, '\'');
    for (int64_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'' || text.p[i] == '\\') buf_char(b, '\\');
        buf_char(b, text.p[i]);
    }
    buf_char(b, '\'');
}

static void put_columns(Buf *b, const Schema *schema)
{
    for (int32_t i = 0; i < schema->nfields; i++) {
        const Field *f = &schema->field[i];
        buf_put(b, S("  "));
        name_put_part(b, f->name);
        buf_char(b, ' ');
        type_sql(b, f->type);
        if (!f->nullable) buf_put(b, S(" NOT NULL"));
        if (f->comment.n) {
            buf_put(b, S(" COMMENT "));
            put_text(b, f->comment);
        }
        buf_put(b, i + 1 < schema->nfields ? S(",\n") : S(")\n"));
    }
}

Status show_create(Show *w)
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
    put_columns(&b, schema);
    buf_put(&b, S("USING iceberg\n"));
    const PartitionField *part = lake_table_partition(t, &n);
    for (int32_t i = 0; i < n; i++) {
        buf_put(&b, i ? S(", ") : S("PARTITIONED BY ("));
        name_put_transform(&b, &part[i], schema);
    }
    if (n) buf_put(&b, S(")\n"));
    if (comment_of(t).n) {
        buf_put(&b, S("COMMENT "));
        put_text(&b, comment_of(t));
        buf_char(&b, '\n');
    }
    buf_fmt(&b, "LOCATION '" STR_FMT "'\n", STR_ARG(lake_table_location(t)));
    Options o = lake_all_properties(w->arena, t);
    buf_put(&b, S("TBLPROPERTIES (\n"));
    for (int64_t i = 0; i < o.n; i++) {
        buf_put(&b, S("  "));
        put_text(&b, o.v[i].key);
        buf_put(&b, S(" = "));
        put_text(&b, o.v[i].value);
        buf_put(&b, i + 1 < o.n ? S(",\n") : S(")\n"));
    }
    LISTING_ADD(&w->list, buf_str(&b));
    return DONE;
}

// ---- DESCRIBE ----------------------------------------------------------------------------------

static Status column_missing(const Show *w, const Schema *schema)
{
    Str *names = NEW(w->arena, Str, schema->nfields + 1);
    Buf list = buf_new(w->arena);
    for (int32_t i = 0; i < schema->nfields; i++) names[i] = schema->field[i].name;
    for (int32_t i = 0; i < schema->nfields; i++) {
        if (i) buf_put(&list, S(", "));
        name_backticks(&list, names[i]);
    }
    return RAISE(UNRESOLVED_COLUMN_WITH_SUGGESTION,
                 P("objectName", space_quoted(w->arena, (Str){0}, w->st->column, w->st->ncolumns)),
                 P("proposal", buf_str(&list)));
}

// DESCRIBE t column
static Status describe_column(Show *w, const Schema *schema)
{
    const Field *f = NULL;
    const Type *in = schema;
    for (int32_t i = 0; i < w->st->ncolumns; i++) {
        int32_t k = in->id == T_STRUCT ? type_field(in, w->st->column[i]) : -1;
        if (k < 0) return column_missing(w, schema);
        f = &in->field[k];
        in = f->type;
    }
    must(f); // a column was named
    TRY(listing_new(&w->list, w->arena, S("info_name STRING, info_value STRING")));
    LISTING_ADD(&w->list, S("col_name"), f->name);
    LISTING_ADD(&w->list, S("data_type"), type_name_str(w->arena, f->type));
    LISTING_ADD(&w->list, S("comment"), f->comment.n ? f->comment : S("NULL"));
    return DONE;
}

static Status describe_schema(Show *w)
{
    Catalog *c = NULL;
    const Str *ns = NULL;
    int32_t n = 0;
    Options o;
    static const struct {
        const char *label;
        Str key;
    } row[] = {{"Comment", STR_INIT("comment")},
               {"Location", STR_INIT("location")},
               {"Owner", STR_INIT("owner")}};
    TRY(listing_new(&w->list, w->arena, S("info_name STRING, info_value STRING")));
    TRY(statement_schema(w->args, &c, w->st, &ns, &n));
    TRY(catalog_schema_options(c, w->arena, ns, n, &o));
    bool named = n < w->st->nnames;
    Str catalog = named ? w->st->name[0] : w->session->catalog;
    Buf text = buf_new(w->arena), more = buf_new(w->arena);
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_char(&text, '.');
        name_put_part(&text, ns[i]);
    }
    LISTING_ADD(&w->list, S("Catalog Name"), catalog);
    LISTING_ADD(&w->list, S("Namespace Name"), buf_str(&text));
    for (int64_t i = 0; i < COUNT(row); i++) {
        const Str *v = options_get(&o, row[i].key);
        if (v && v->n) LISTING_ADD(&w->list, str_z(row[i].label), *v);
    }
    for (int64_t i = 0; i < o.n; i++) {
        bool own = false;
        for (int64_t k = 0; k < COUNT(row); k++) own = own || str_eq(o.v[i].key, row[k].key);
        if (own) continue;
        buf_fmt(&more, "%s(" STR_FMT "," STR_FMT ")", more.n ? ", " : "(", STR_ARG(o.v[i].key),
                STR_ARG(o.v[i].value));
    }
    if (!w->st->extended || !more.n) return DONE;
    buf_char(&more, ')');
    LISTING_ADD(&w->list, S("Properties"), buf_str(&more));
    return DONE;
}

static Status describe_function(Show *w)
{
    const FnEntry *row = NULL;
    Str name = str_lower(w->arena, w->st->name[w->st->nnames - 1]), usage = {0}, call = {0};
    bool found = plan_has_function(name);
    TRY(listing_new(&w->list, w->arena, S("function_desc STRING")));
    if (map_get(&w->session->functions, name)) {
        LISTING_ADD(&w->list, str_cat(w->arena, S("Function: "), name));
        LISTING_ADD(&w->list, S("Class: org.apache.spark.sql.classic.UDFRegistration"));
        LISTING_ADD(&w->list, S("Usage: N/A."));
        if (!w->st->extended) return DONE;
        LISTING_ADD(&w->list,
                    str_fmt(w->arena, "Extended Usage:\n    No example/argument for " STR_FMT ".\n",
                            STR_ARG(name)));
        return DONE;
    }
    int64_t n = fn_list(w->arena, &row);
    for (int64_t i = 0; i < n; i++) {
        if (!str_eq(row[i].name, name)) continue;
        found = true;
        usage = str_z(row[i].doc);
        call = str_z(row[i].signature);
    }
    if (!found) {
        Session *s = w->session;
        Str path = str_fmt(w->arena, "[`system`.`builtin`, `system`.`session`, " STR_FMT "]",
                           STR_ARG(space_quoted(w->arena, s->catalog, s->ns, s->nns)));
        return RAISE(UNRESOLVED_ROUTINE,
                     P("routineName", space_quoted(w->arena, (Str){0}, w->st->name, w->st->nnames)),
                     P("searchPath", path));
    }
    Str none = S("a part of the query's plan");
    LISTING_ADD(&w->list, str_cat(w->arena, S("Function: "), name));
    LISTING_ADD(&w->list, S("Class: kappa"));
    LISTING_ADD(&w->list, str_fmt(w->arena, "Usage: " STR_FMT " - " STR_FMT, STR_ARG(name),
                                  STR_ARG(usage.n ? usage : none)));
    if (w->st->extended)
        LISTING_ADD(&w->list,
                    str_fmt(w->arena, "Extended Usage:\n    Arguments and result: " STR_FMT,
                            STR_ARG(call.n ? call : none)));
    return DONE;
}

static void put_partitioning(Show *w, const LakeTable *t, const Schema *schema)
{
    int32_t n = 0;
    bool columns = true;
    const PartitionField *part = lake_table_partition(t, &n);
    for (int32_t i = 0; i < n; i++) columns = columns && part[i].transform == TR_IDENTITY;
    if (n && columns) {
        LISTING_ADD(&w->list, S("# Partition Information"), S(""), S(""));
        LISTING_ADD(&w->list, S("# col_name"), S("data_type"), S("comment"));
    } else if (n) {
        LISTING_ADD(&w->list, S(""), S(""), S(""));
        LISTING_ADD(&w->list, S("# Partitioning"), S(""), S(""));
    }
    for (int32_t i = 0; i < n; i++) {
        const Field *f = &schema->field[part[i].source];
        Buf b = buf_new(w->arena);
        name_put_transform(&b, &part[i], schema);
        if (columns)
            LISTING_ADD(&w->list, f->name, type_name_str(w->arena, f->type),
                        f->comment.n ? f->comment : (Str){0});
        else
            LISTING_ADD(&w->list, str_fmt(w->arena, "Part %d", i), buf_str(&b), S(""));
    }
}

static void put_details(Show *w, const LakeTable *t, const TableName *name)
{
    Options o = lake_all_properties(w->arena, t);
    Buf all = buf_new(w->arena);
    buf_char(&all, '[');
    for (int64_t i = 0; i < o.n; i++)
        buf_fmt(&all, "%s" STR_FMT "=" STR_FMT, i ? "," : "", STR_ARG(o.v[i].key),
                STR_ARG(o.v[i].value));
    buf_char(&all, ']');
    LISTING_ADD(&w->list, S(""), S(""), S(""));
    LISTING_ADD(&w->list, S("# Detailed Table Information"), S(""), S(""));
    LISTING_ADD(&w->list, S("Name"), name_text(w->arena, name), S(""));
    LISTING_ADD(&w->list, S("Type"), S("MANAGED"), S(""));
    if (comment_of(t).n) LISTING_ADD(&w->list, S("Comment"), comment_of(t), S(""));
    LISTING_ADD(&w->list, S("Location"), lake_table_location(t), S(""));
    LISTING_ADD(&w->list, S("Provider"), S("iceberg"), S(""));
    LISTING_ADD(&w->list, S("Table Properties"), buf_str(&all), S(""));
    Str bytes, rows;
    if (lake_table_totals(t, &bytes, &rows))
        LISTING_ADD(
            &w->list, S("Statistics"),
            str_fmt(w->arena, STR_FMT " bytes, " STR_FMT " rows", STR_ARG(bytes), STR_ARG(rows)),
            (Str){0});
}

static Status refuse_forms(Show *w, bool lake)
{
    const Statement *st = w->st;
    bool json = str_eq(st->value, S("JSON"));
    if (json && !st->extended)
        return RAISE(DESCRIBE_JSON_NOT_EXTENDED, P("tableName", st->name[st->nnames - 1]));
    if (json && lake)
        return RAISE(NOT_SUPPORTED_COMMAND_FOR_V2_TABLE, P("cmd", S("DESCRIBE TABLE AS JSON")));
    if (json || st->npartition_values)
        return RAISE(UNSUPPORTED_FEATURE,
                     P("feature", json ? S("DESCRIBE .. AS JSON") : S("DESCRIBE .. PARTITION")),
                     P("needs", S("DESCRIBE EXTENDED of the table")));
    return DONE;
}

static Status describe_table(Show *w, const Schema *schema)
{
    LakeTable *t = NULL;
    TableName name;
    FileTable files;
    LakeView kept;
    bool found;
    TRY(find_file_table(w->args, w->arena, w->st, &files, &found));
    if (found) {
        TRY(refuse_forms(w, false));
        describe_files(w, &files);
        return DONE;
    }
    TRY(find_kept_view(w->session, w->arena, w->st, &kept, &found));
    if (found) {
        TRY(refuse_forms(w, false));
        if (w->st->extended) describe_view(w->arena, &kept, &w->list);
        return DONE;
    }
    TRY(refuse_forms(w, true));
    TRY(load(w, &t, &name));
    put_partitioning(w, t, schema);
    if (w->st->extended) put_details(w, t, &name);
    return DONE;
}

Status show_describe(Show *w)
{
    const Schema *schema = NULL;
    if (str_eq(w->st->key, S("function"))) return describe_function(w);
    if (str_eq(w->st->key, S("schema"))) return describe_schema(w);
    TRY(show_schema(w, &schema));
    if (w->st->ncolumns) return describe_column(w, schema);
    TRY(listing_new(&w->list, w->arena, S("col_name STRING, data_type STRING, comment STRING")));
    for (int32_t i = 0; i < schema->nfields; i++) {
        const Field *f = &schema->field[i];
        LISTING_ADD(&w->list, f->name, type_name_str(w->arena, f->type),
                    f->comment.n ? f->comment : (Str){0});
    }
    bool view = w->st->nnames == 1 && session_view(w->session, w->st->name[0]);
    bool bare = w->st->rel || view || is_metadata_table(w->st);
    return bare ? DONE : describe_table(w, schema);
}
