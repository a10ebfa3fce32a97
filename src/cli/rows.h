// rows.h -- a statement's rows, written as they come.
#ifndef CLI_ROWS_H
#define CLI_ROWS_H
#include "cli/cli.h"
#include "fmt/text_table.h"
#include "run/statement.h"

typedef enum RowsForm { ROWS_TABLE, ROWS_CSV, ROWS_JSON, ROWS_NDJSON, ROWS_MARKDOWN } RowsForm;
typedef struct RowsOut {
    Answer answer; // what the statement is given
    Arena *arena;
    Io *io;
    RowsForm form;
    int64_t most; // rows of a table
    const EvalCtx *eval;
    const Schema *schema;
    TextTable *table;
    Buf line;
    int64_t rows;
} RowsOut;
RowsOut rows_out(Arena *a, Io *io, RowsForm form, int64_t most, const EvalCtx *eval);
Status rows_end(RowsOut *r); // what stands after the last row
#endif
