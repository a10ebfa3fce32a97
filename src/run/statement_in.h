// statement_in.h -- what the files of statements share.
#ifndef RUN_STATEMENT_IN_H
#define RUN_STATEMENT_IN_H
#include "run/statement.h"

// The schema that a statement names: in the catalog that it says, else in the current one.
Status statement_schema(const StatementArgs *args, Catalog **c, const Statement *st, const Str **ns,
                        int32_t *n);
// statement_schema.c
Status create_schema(const StatementArgs *args, Arena *a, const Statement *st);
Status drop_schema(const StatementArgs *args, const Statement *st);
Status alter_schema(const StatementArgs *args, Arena *a, const Statement *st);
// statement_like.c: CREATE TABLE .. LIKE as the CREATE TABLE that it stands for
Status statement_like(const StatementArgs *args, Arena *a, const Statement *st, Statement **made);
// statement_insert.c
Status insert_rows(const StatementArgs *args, Arena *a, const Statement *st);
// A table and its first rows, by position. The query sees the table that may be there already; one
// that fails leaves it as it was, or leaves none.
Status create_filled(const StatementArgs *args, Arena *a, const Statement *st,
                     const TableName *name, const TableDef *def);
// statement_call.c: a constant's value, of type STRING or a whole number, as text; p NULL: NULL.
Status constant_text(const StatementArgs *args, Arena *a, Expr *e, const Type *type, Str *text);
// statement_alter.c
Status check_reserved(const Options *properties); // UNSUPPORTED_FEATURE.SET_TABLE_PROPERTY
// What is asked of the partitions of a table that has them with its rows; or there is no table.
Status no_partitions(const StatementArgs *args, Arena *a, const TableName *name);
Status alter_table(const StatementArgs *args, Arena *a, const Statement *st);
Status call_procedure(const StatementArgs *args, Arena *a, const Statement *st, Answer *to);
Status comment_on(const StatementArgs *args, Arena *a, const Statement *st);
#endif
