// statement_files.c -- CREATE TABLE .. USING parquet and the like, and rows into them.
#include "run/statement_files.h"
#include "conn/list.h"
#include "os/file.h"
#include "run/batch.h"
#include "run/insert.h"
#include "run/names.h"
#include "run/statement_in.h"

bool is_file_format(Str format)
{
    static const Str names[] = {STR_INIT("parquet"), STR_INIT("csv"), STR_INIT("json"),
                                STR_INIT("text")};
    for (int64_t i = 0; i < COUNT(names); i++)
        if (str_ieq(names[i], format)) return true;
    return false;
}

Status find_file_table(const StatementArgs *args, Arena *a, const Statement *st, FileTable *t,
                       bool *found)
{
    TableName name;
    *found = false;
    if (!args->session->file_tables.n || !st->nnames) return DONE;
    TRY(name_complete(args->session, a, st->name, st->nnames, &name));
    Status s = file_table_load(t, a, args->session->file_tables, file_table_name(a, &name));
    *found = !s.code;
    return s.code == ERR_NOT_FOUND ? DONE : s;
}

static Status write_rows(const StatementArgs *args, Arena *a, const FileTable *t, Rel *rel,
                         bool replace, const SinkReplace *only)
{
    Plan *plan = NULL;
    TRY(plan_batch(args->session, a, rel, &plan));
    BatchArgs batch = {.session = args->session, .env = args->env, .cancel = args->cancel};
    BatchTarget to = {.format = t->format,
                      .path = t->path,
                      .options = &t->options,
                      .replace = replace,
                      .only = only,
                      .partition = t->partition,
                      .npartition = t->npartition};
    return batch_write(&batch, plan, &to);
}

Status insert_directory(const StatementArgs *args, Arena *a, const Statement *st)
{
    Plan *plan = NULL;
    if (!st->location.n) return fail(ERR_INVALID, "INSERT OVERWRITE DIRECTORY needs a path");
    TRY(plan_batch(args->session, a, rel_copy(a, st->rel), &plan));
    BatchArgs batch = {.session = args->session, .env = args->env, .cancel = args->cancel};
    BatchTarget to = {.format = st->format, .path = st->location, .options = &st->options};
    return batch_save(&batch, plan, &to, SAVE_OVERWRITE);
}

static Str quoted_table(Arena *a, Str dotted) // of a name that is kept as a.b.c
{
    Buf b = buf_new(a);
    for (Str rest = dotted; rest.n;) {
        Cut c = str_cut(rest, '.');
        if (b.n) buf_char(&b, '.');
        name_backticks(&b, c.head);
        rest = c.tail;
    }
    return buf_str(&b);
}

static int32_t partition_at(const FileTable *t, Str name)
{
    for (int32_t i = 0; i < t->npartition; i++)
        if (str_ieq(t->partition[i], name)) return i;
    return -1;
}

static Status fixed_columns(Arena *a, const Statement *st, const FileTable *t, InsertShape *shape)
{
    FixedColumn *fixed = NEW(a, FixedColumn, st->npartition_values + 1);
    shape->fixed = fixed;
    for (int32_t i = 0; i < st->npartition_values; i++) {
        const PartitionValue *v = &st->partition_value[i];
        if (partition_at(t, v->name) < 0)
            return RAISE(PARTITIONS_NOT_FOUND,
                         P("partitionList", space_quoted(a, (Str){0}, &v->name, 1)),
                         P("tableName", quoted_table(a, t->name)));
        if (v->value) fixed[shape->nfixed++] = (FixedColumn){v->name, v->value};
    }
    if (!st->if_exists || !shape->nfixed) return DONE;
    return RAISE(INSERT_PARTITION_SPEC_IF_NOT_EXISTS, P("tableName", quoted_table(a, t->name)));
}

// What OVERWRITE .. PARTITION (a = 1, b) empties: the folder of the values, as folders spell them.
static Status fixed_values(const StatementArgs *args, Arena *a, const Statement *st,
                           const FileTable *t, const InsertShape *shape, SinkReplace *only)
{
    Str *value = NEW(a, Str, shape->nfixed + 1);
    only->fixed = value;
    if (!st->overwrite) return DONE;
    for (int32_t i = 0; i < shape->nfixed; i++) {
        int32_t at = partition_at(t, shape->fixed[i].name);
        if (at >= shape->nfixed)
            return RAISE(
                UNSUPPORTED_FEATURE,
                P("feature", S("OVERWRITE of a partition within others of a table of files")),
                P("needs", S("values of the first partition columns")));
        const Type *type = t->schema->field[type_field(t->schema, t->partition[at])].type;
        Expr *e = expr_cast(a, expr_copy_whole(a, shape->fixed[i].value), type, CAST_SQL);
        TRY(constant_text(args, a, expr_cast(a, e, &type_string, CAST_SQL), &type_string,
                          &value[at]));
    }
    only->nfixed = shape->nfixed;
    return DONE;
}

Status insert_file_table(const StatementArgs *args, Arena *a, const Statement *st,
                         const FileTable *t)
{
    Rel *rel = st->rel;
    SinkReplace only = {0};
    InsertShape shape = {.table = quoted_table(a, t->name),
                         .to = t->schema,
                         .column = st->column,
                         .ncolumns = st->ncolumns,
                         .by_name = st->by_name};
    if (st->where)
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("REPLACE WHERE of a table of files")),
                     P("needs", S("an Iceberg table, or PARTITION (..)")));
    TRY(fixed_columns(a, st, t, &shape));
    TRY(fixed_values(args, a, st, t, &shape, &only));
    TRY(insert_rel(args->session, a, &shape, &rel));
    Str mode = conf_get(args->session, S("spark.sql.sources.partitionOverwriteMode"));
    only.partitions = shape.nfixed < t->npartition && (st->dynamic || str_ieq(mode, S("dynamic")));
    if (only.partitions) only.nfixed = 0;
    bool all = !only.partitions && !only.nfixed;
    return write_rows(args, a, t, rel, st->overwrite, all ? NULL : &only);
}

// ---- CREATE TABLE ------------------------------------------------------------------------------

static Status refuse(const char *what)
{
    return RAISE(UNSUPPORTED_FEATURE, P("feature", str_z(what)),
                 P("needs", S("an Iceberg table, or the table without it")));
}

static Status read_partition(FileTable *t, Arena *a, const Statement *st)
{
    Str *name = NEW(a, Str, st->npartition + 1);
    for (int32_t i = 0; i < st->npartition; i++) {
        if (!str_ieq(st->partition[i].name, S("identity")))
            return refuse("a partition transform of a table of files");
        name[i] = st->partition[i].column;
    }
    t->partition = name;
    t->npartition = st->npartition;
    return DONE;
}

static bool is_partition(const FileTable *t, Str name)
{
    for (int32_t i = 0; i < t->npartition; i++)
        if (str_ieq(t->partition[i], name)) return true;
    return false;
}

// Partition columns go to the end, in their own order, as Spark has them.
static Status order_columns(FileTable *t, Arena *a, const Schema *of)
{
    Field *f = NEW(a, Field, of->nfields + 1);
    int32_t n = 0;
    for (int32_t i = 0; i < of->nfields; i++)
        if (!is_partition(t, of->field[i].name)) f[n++] = of->field[i];
    for (int32_t i = 0; i < t->npartition; i++) {
        int32_t k = type_field(of, t->partition[i]);
        if (k < 0)
            return RAISE(PARTITION_COLUMN_NOT_FOUND_IN_SCHEMA, P("column", t->partition[i]),
                         P("schema", type_name_str(a, of)));
        f[n++] = of->field[k];
    }
    if (n > 0 && n == t->npartition) return RAISE(ALL_PARTITION_COLUMNS_NOT_ALLOWED);
    t->schema = type_nullable(a, type_struct(a, f, n));
    return DONE;
}

static Status find_columns(const StatementArgs *args, Arena *a, const Statement *st, FileTable *t)
{
    if (st->columns) return order_columns(t, a, st->columns);
    Rel *rel = st->rel ? rel_copy(a, st->rel) : rel_new(a, REL_UNRESOLVED_SOURCE, st->at, NULL);
    if (!st->rel) { // what lies there says them
        rel->format = t->format;
        rel->path = t->path;
        rel->options = t->options;
    }
    TRY(analyse(args->session, a, &rel));
    return order_columns(t, a, rel_schema(a, rel));
}

static Status check_clustering(Arena *a, const FileTable *t)
{
    Str *column;
    int32_t n = file_table_clustering(&column, a, &t->properties);
    for (int32_t i = 0; i < n; i++)
        if (type_field(t->schema, str_cut(column[i], '.').head) < 0)
            return RAISE(PARTITION_COLUMN_NOT_FOUND_IN_SCHEMA, P("column", column[i]),
                         P("schema", type_name_str(a, t->schema)));
    return DONE;
}

static Status find_place(const StatementArgs *args, Arena *a, const Statement *st, FileTable *t)
{
    const Str *option = options_get(&st->options, S("path"));
    Str place = st->location.n ? st->location : option ? *option : (Str){0};
    if (str_starts(place, S("file:"))) place = str_from(place, 5);
    while (str_starts(place, S("//"))) place = str_from(place, 1);
    t->managed = !place.n;
    if (!place.n)
        place = str_fmt(a, STR_FMT "/data/" STR_FMT, STR_ARG(args->session->file_tables),
                        STR_ARG(str_lower(a, t->name)));
    return path_absolute(&t->path, a, place);
}

static Status exists(Arena *a, const FileTable *t)
{
    return RAISE(TABLE_OR_VIEW_ALREADY_EXISTS,
                 P("relationName", str_fmt(a, "`" STR_FMT "`", STR_ARG(t->name))));
}

Status create_file_table(const StatementArgs *args, Arena *a, const Statement *st)
{
    TableName name;
    FileTable t = {.format = str_lower(a, st->format),
                   .comment = st->comment,
                   .properties = st->properties},
              old;
    Str dir = args->session->file_tables;
    if (!dir.n) return refuse("a table of files without a data folder");
    if (st->replace) return refuse("CREATE OR REPLACE of a table of files");
    if (st->columns && st->rel) return refuse("CREATE TABLE (columns) AS SELECT");
    if (str_starts(st->value, S("CLUSTERED"))) return refuse("CLUSTERED BY");
    for (int32_t i = 0; st->columns && i < st->columns->nfields; i++)
        if (st->columns->field[i].dflt.n) return refuse("a column's DEFAULT in a table of files");
    TRY(name_complete(args->session, a, st->name, st->nnames, &name));
    t.name = file_table_name(a, &name);
    LakeTable *lake = NULL;
    bool there = file_table_load(&old, a, dir, t.name).code == OK ||
                 (args->session->catalogs &&
                  table_load(&lake, a, args->session->catalogs, &name).code == OK);
    if (there) return st->if_exists ? DONE : exists(a, &t);
    for (int64_t i = 0; i < st->options.n; i++)
        if (!str_ieq(st->options.v[i].key, S("path"))) vec_push(a, &t.options, st->options.v[i]);
    TRY(read_partition(&t, a, st));
    TRY(find_place(args, a, st, &t));
    TRY(find_columns(args, a, st, &t));
    TRY(check_clustering(a, &t));
    if (!st->rel) return file_table_create(dir, &t);
    InsertShape shape = {.table = t.name, .to = t.schema, .by_name = t.npartition > 0};
    Rel *rel = st->rel;
    TRY(insert_rel(args->session, a, &shape, &rel));
    TRY(write_rows(args, a, &t, rel, true, NULL)); // first: a query that fails leaves no table
    return file_table_create(dir, &t);
}
