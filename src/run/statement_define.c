// statement_define.c -- statements that change what there is: schemas, tables, views, rows.
#include "plan/statement_table.h"
#include "run/batch.h"
#include "run/insert.h"
#include "run/names.h"
#include "run/statement.h"
#include "run/statement_files.h"
#include "run/statement_in.h"
#include "run/statement_view.h"

// -- tables

static Status create_table(const StatementArgs *args, Arena *a, const Statement *st)
{
    Session *s = args->session;
    TableName name;
    TableDef def;
    LakeTable *t = NULL;
    const Schema *schema = NULL;
    FileTable files;
    bool found;
    if (is_file_format(st->format)) return create_file_table(args, a, st);
    TRY(find_file_table(args, a, st, &files, &found));
    if (found && st->if_exists) return DONE;
    if (found) return RAISE(TABLE_OR_VIEW_ALREADY_EXISTS, P("relationName", files.name));
    TRY(name_complete(s, a, st->name, st->nnames, &name));
    if (st->rel) {
        Rel *copy = rel_copy(a, st->rel);
        TRY(analyse(s, a, &copy));
        schema = type_nullable(a, rel_schema(a, copy));
    }
    if (st->rel && st->if_exists && table_load(&t, a, s->catalogs, &name).code == OK) return DONE;
    TRY(table_def(&def, a, st, schema));
    TRY(table_create(s->catalogs, &name, &def, st->if_exists, st->replace));
    if (!st->rel) return DONE;
    return fill_table(args, a, &name, def.schema, st->rel);
}
static Status drop_table(const StatementArgs *args, Arena *a, const Statement *st)
{
    Session *s = args->session;
    TableName name;
    if (st->nnames == 1 && session_view(s, st->name[0]))
        return RAISE(EXPECT_TABLE_NOT_VIEW, P("operation", S("DROP TABLE")),
                     P("viewName", st->name[0]));
    FileTable files;
    bool found;
    TRY(find_file_table(args, a, st, &files, &found));
    if (found) return file_table_drop(s->file_tables, &files);
    TRY(name_complete(s, a, st->name, st->nnames, &name));
    TRY(expect_no_view(s, a, &name, S("DROP TABLE")));
    return table_drop(s->catalogs, &name, st->if_exists, st->purge);
}
static Status truncate_table(const StatementArgs *args, Arena *a, const Statement *st)
{
    TableName name;
    FileTable files;
    bool found;
    TRY(find_file_table(args, a, st, &files, &found));
    if (found) return file_table_truncate(&files);
    TRY(name_complete(args->session, a, st->name, st->nnames, &name));
    return table_truncate(args->session->catalogs, &name);
}
// Folders of partitions are found whenever they are read: there is nothing to repair.
static Status repair_table(const StatementArgs *args, Arena *a, const Statement *st)
{
    TableName name;
    FileTable files;
    LakeTable *t = NULL;
    bool found;
    TRY(find_file_table(args, a, st, &files, &found));
    if (found && (files.npartition || !files.managed)) return DONE;
    TRY(name_complete(args->session, a, st->name, st->nnames, &name));
    if (found)
        return RAISE(NOT_A_PARTITIONED_TABLE, P("operation", S("MSCK REPAIR TABLE")),
                     P("tableIdentWithDB", table_name_text(a, &name)));
    TRY(expect_no_view(args->session, a, &name, S("MSCK REPAIR TABLE")));
    TRY(table_load(&t, a, args->session->catalogs, &name));
    return RAISE(NOT_SUPPORTED_COMMAND_FOR_V2_TABLE, P("cmd", S("MSCK REPAIR TABLE")));
}
// -- schemas

Status statement_schema(const StatementArgs *args, Catalog **c, const Statement *st, const Str **ns,
                        int32_t *n)
{
    Session *s = args->session;
    *ns = st->name;
    *n = st->nnames;
    bool named = st->nnames > 1 && catalog_get(c, s->catalogs, st->name[0]).code == OK;
    if (named) (*ns)++, (*n)--;
    TableName space = {
        .catalog = named ? *st->name : s->catalog, .ns = st->name + named, .nns = *n};
    TRY(name_settle(s, s->arena, &space));
    *ns = space.ns;
    return named ? DONE : catalog_get(c, s->catalogs, s->catalog);
}
static Status create_schema(const StatementArgs *args, const Statement *st)
{
    Catalog *c = NULL;
    const Str *ns = NULL;
    int32_t n = 0;
    TRY(statement_schema(args, &c, st, &ns, &n));
    return catalog_create_schema(c, ns, n, st->if_exists, st->comment);
}
static Status drop_schema(const StatementArgs *args, const Statement *st)
{
    Catalog *c = NULL;
    const Str *ns = NULL;
    int32_t n = 0;
    TRY(statement_schema(args, &c, st, &ns, &n));
    return catalog_drop_schema(c, ns, n, st->if_exists, st->cascade);
}
static Status define(const StatementArgs *args, Arena *a, const Statement *st)
{
    if (st->kind == STMT_CREATE_SCHEMA) return create_schema(args, st);
    if (st->kind == STMT_DROP_SCHEMA) return drop_schema(args, st);
    if (st->kind == STMT_CREATE_TABLE) return create_table(args, a, st);
    if (st->kind == STMT_CREATE_VIEW) return create_view(args, a, st);
    if (st->kind == STMT_ALTER_VIEW) return alter_view(args, a, st);
    if (st->kind == STMT_INSERT) return insert_rows(args, a, st);
    if (st->kind == STMT_DROP_TABLE) return drop_table(args, a, st);
    if (st->kind == STMT_DROP_VIEW) return drop_view(args, a, st);
    if (st->kind == STMT_TRUNCATE) return truncate_table(args, a, st);
    if (st->kind == STMT_REPAIR) return repair_table(args, a, st);
    if (st->kind == STMT_ALTER_TABLE) return alter_table(args, a, st);
    if (st->kind == STMT_COMMENT) return comment_on(args, a, st);
    return RAISE(UNSUPPORTED_FEATURE, P("feature", str_cut(st->at.text, '\n').head),
                 P("needs", S("there is no other way yet")));
}
Status statement_define(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
{
    TRY(define(args, a, st));
    return answer_nothing(to);
}
