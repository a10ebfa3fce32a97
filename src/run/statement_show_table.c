// statement_show_table.c -- what SHOW TABLE EXTENDED tells of a table or a view in one text.
#include "lake/history.h"
#include "run/names.h"
#include "run/statement_files.h"
#include "run/statement_show_in.h"

static Str parts_text(Arena *a, const Str *part, int32_t n)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_put(&b, S(", "));
        buf_put(&b, part[i]);
    }
    return buf_str(&b);
}

static void put_line(Buf *b, const char *key, Str value)
{
    if (value.n) buf_fmt(b, "%s: " STR_FMT "\n", key, STR_ARG(value));
}

static void put_lake(const Show *w, Buf *b, const LakeTable *t)
{
    int32_t n = 0;
    const PartitionField *f = lake_table_partition(t, &n);
    Options o = lake_all_properties(w->arena, t);
    VEC(Str) column = {0};
    const Str *comment = options_get(lake_table_properties(t), S("comment"));
    if (comment) put_line(b, "Comment", *comment);
    put_line(b, "Location", lake_table_location(t));
    put_line(b, "Provider", S("iceberg"));
    put_line(b, "Table_type", S("EXTERNAL"));
    buf_put(b, S("Table Properties: ["));
    for (int64_t i = 0; i < o.n; i++)
        buf_fmt(b, "%s" STR_FMT "=" STR_FMT, i ? "," : "", STR_ARG(o.v[i].key),
                STR_ARG(o.v[i].value));
    buf_put(b, S("]\n"));
    for (int32_t i = 0; i < n; i++)
        vec_push(w->arena, &column, lake_table_schema(t)->field[f[i].source].name);
    if (n)
        buf_fmt(b, "Partition Columns: [" STR_FMT "]\n",
                STR_ARG(parts_text(w->arena, column.v, n)));
}

static void put_files(const Show *w, Buf *b, const FileTable *t)
{
    put_line(b, "Comment", t->comment);
    put_line(b, "Location", str_cat(w->arena, S("file:"), t->path));
    put_line(b, "Provider", t->format);
    if (t->npartition)
        buf_fmt(b, "Partition Columns: [" STR_FMT "]\n",
                STR_ARG(parts_text(w->arena, t->partition, t->npartition)));
}

Status show_information(const Show *w, const TableName *name, bool view, Str *text)
{
    Arena *a = w->arena;
    bool temporary = !name->catalog.n, found = false;
    int32_t n = 0;
    Str *part = NEW(a, Str, name->nns + 2);
    if (!temporary) part[n++] = name->catalog;
    for (int32_t i = 0; i < name->nns; i++) part[n++] = name->ns[i];
    part[n++] = name->table;
    const Statement one = {.name = part, .nnames = n};
    Show of = *w;
    const Schema *schema = NULL;
    FileTable files = {.managed = true};
    LakeTable *lake = NULL;
    of.st = &one;
    TRY(show_schema(&of, &schema));
    if (!view) TRY(find_file_table(w->args, a, &one, &files, &found));
    if (!view && !found) TRY(table_load(&lake, a, w->session->catalogs, name));
    Buf b = buf_new(a);
    put_line(&b, "Catalog", name->catalog);
    put_line(&b, "Namespace", parts_text(a, name->ns, name->nns));
    put_line(&b, "Table", name->table);
    put_line(&b, "Type", view ? S("VIEW") : files.managed ? S("MANAGED") : S("EXTERNAL"));
    if (found) put_files(w, &b, &files);
    if (lake) put_lake(w, &b, lake);
    buf_put(&b, S("Schema: "));
    type_tree(&b, schema);
    buf_char(&b, '\n');
    *text = buf_str(&b);
    return DONE;
}
