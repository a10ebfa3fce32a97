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
    Statement *like = NULL;
    bool found;
    if (st->ntarget) {
        TRY(statement_like(args, a, st, &like));
        like->ntarget = 0;
        return create_table(args, a, like);
    }
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
    TRY(check_reserved(&def.properties));
    if (st->must_exist && table_load(&t, a, s->catalogs, &name).code == ERR_NOT_FOUND)
        return RAISE(TABLE_OR_VIEW_NOT_FOUND,
                     P("relationName", str_from(table_name_text(a, &name), name.catalog.n + 3)));
    if (st->rel) return create_filled(args, a, st, &name, &def);
    return table_create(s->catalogs, &name, &def, st->if_exists, st->replace);
}
static Status drop_table(const StatementArgs *args, Arena *a, const Statement *st)
{
    Session *s = args->session;
    TableName name;
    if (st->nnames == 1 && session_drop_view(s, st->name[0])) return DONE; // as Spark does
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
    TRY(name_complete(args->session, a, st->name, st->nnames, &name));
    if (st->npartition_values) return no_partitions(args, a, &name);
    if (found) return file_table_truncate(&files);
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
static Status drop_function(const StatementArgs *args, Arena *a, const Statement *st)
{
    Str name = st->name[st->nnames - 1];
    if (map_remove(&args->session->functions, name) || st->if_exists) return DONE;
    return RAISE(ROUTINE_NOT_FOUND, P("routineName", space_quoted(a, (Str){0}, &name, 1)));
}
static Status define(const StatementArgs *args, Arena *a, const Statement *st)
{
    if (st->kind == STMT_CREATE_SCHEMA) return create_schema(args, a, st);
    if (st->kind == STMT_DROP_SCHEMA) return drop_schema(args, st);
    if (st->kind == STMT_ALTER_SCHEMA) return alter_schema(args, a, st);
    if (st->kind == STMT_CREATE_TABLE) return create_table(args, a, st);
    if (st->kind == STMT_CREATE_VIEW) return create_view(args, a, st);
    if (st->kind == STMT_ALTER_VIEW) return alter_view(args, a, st);
    if (st->kind == STMT_INSERT) return insert_rows(args, a, st);
    if (st->kind == STMT_DROP_TABLE) return drop_table(args, a, st);
    if (st->kind == STMT_DROP_VIEW) return drop_view(args, a, st);
    if (st->kind == STMT_DROP_FUNCTION) return drop_function(args, a, st);
    if (st->kind == STMT_TRUNCATE) return truncate_table(args, a, st);
    if (st->kind == STMT_REPAIR) return repair_table(args, a, st);
    if (st->kind == STMT_ALTER_TABLE) return alter_table(args, a, st);
    if (st->kind == STMT_COMMENT) return comment_on(args, a, st);
    return RAISE(UNSUPPORTED_FEATURE, P("feature", statement_line(st)),
                 P("needs", S("there is no other way yet")));
}
Status statement_define(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
{
    TRY(define(args, a, st));
    return answer_nothing(to);
}
