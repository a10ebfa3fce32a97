// statement_like.c -- CREATE TABLE t LIKE u: the columns and partitions of another table, or of a
// view, and none of its rows. Its properties stay with it, as Spark has it.
#include "run/names.h"
#include "run/statement_files.h"
#include "run/statement_in.h"

static Transform transform_of(const PartitionField *f, const Schema *schema)
{
    static const char *const names[] = {
        [TR_IDENTITY] = "identity", [TR_YEAR] = "years", [TR_MONTH] = "months",
        [TR_DAY] = "days",          [TR_HOUR] = "hours", [TR_BUCKET] = "bucket",
        [TR_TRUNCATE] = "truncate", [TR_VOID] = "void"};
    return (Transform){
        .name = str_z(names[f->transform]), .column = schema->field[f->source].name, .arg = f->arg};
}

// Of a table of files: its format and its options too, unless USING says another.
static void like_files(Statement *made, Arena *a, const FileTable *from)
{
    Transform *t = NEW(a, Transform, from->npartition + 1);
    for (int32_t i = 0; i < from->npartition; i++)
        t[i] = (Transform){.name = S("identity"), .column = from->partition[i]};
    made->partition = t;
    made->npartition = from->npartition;
    if (made->format.n) return;
    made->format = from->format;
    made->options = from->options;
}

static void like_table(Statement *made, Arena *a, const LakeTable *from)
{
    int32_t n = 0;
    const PartitionField *f = lake_table_partition(from, &n);
    Transform *t = NEW(a, Transform, n + 1);
    for (int32_t i = 0; i < n; i++) t[i] = transform_of(&f[i], lake_table_schema(from));
    made->partition = t;
    made->npartition = n;
}

Status statement_like(const StatementArgs *args, Arena *a, const Statement *st, Statement **made)
{
    Session *s = args->session;
    Rel *rel = rel_new(a, REL_UNRESOLVED_TABLE, st->rel->at, NULL);
    rel->name = st->target;
    rel->nnames = st->ntarget;
    TRY(analyse(s, a, &rel));
    *made = NEW(a, Statement, 1);
    **made = *st;
    (*made)->rel = NULL;
    (*made)->columns = rel_schema(a, rel);
    const Statement source = {.name = st->target, .nnames = st->ntarget};
    FileTable files;
    LakeTable *lake = NULL;
    TableName name;
    bool found = false;
    bool temporary = st->ntarget == 1 && session_view(s, st->target[0]);
    if (!temporary) TRY(find_file_table(args, a, &source, &files, &found));
    if (!temporary) TRY(name_complete(s, a, st->target, st->ntarget, &name));
    bool table =
        !temporary && !found && s->catalogs && !table_load(&lake, a, s->catalogs, &name).code;
    if (!temporary && found) like_files(*made, a, &files);
    if (table)
        like_table(*made, a, lake);
    else
        (*made)->columns = type_nullable(a, (*made)->columns);
    return DONE;
}
