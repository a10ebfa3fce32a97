// statement_files.h -- statements about tables that are folders of files (lake/file_table.h).
#ifndef RUN_STATEMENT_FILES_H
#define RUN_STATEMENT_FILES_H
#include "lake/file_table.h"
#include "run/statement.h"

bool is_file_format(Str format); // a table USING it is a folder of files
// The table of files that a name means; *found false: there is none.
Status find_file_table(const StatementArgs *args, Arena *a, const Statement *st, FileTable *t,
                       bool *found);
Status create_file_table(const StatementArgs *args, Arena *a, const Statement *st);
Status insert_file_table(const StatementArgs *args, Arena *a, const Statement *st,
                         const FileTable *t);
Status alter_file_table(const StatementArgs *args, Arena *a, const Statement *st,
                        const FileTable *t);
// INSERT OVERWRITE DIRECTORY: a batch write without a table.
Status insert_directory(const StatementArgs *args, Arena *a, const Statement *st);
#endif
