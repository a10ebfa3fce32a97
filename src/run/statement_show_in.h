// statement_show_in.h -- what the files of SHOW and DESCRIBE share.
#ifndef RUN_STATEMENT_SHOW_IN_H
#define RUN_STATEMENT_SHOW_IN_H
#include "lake/catalog.h"
#include "run/listing.h"
#include "run/statement_in.h"

typedef struct Show {
    const StatementArgs *args;
    Session *session;
    Arena *arena;
    const Statement *st;
    Listing list;
} Show;

// statement_describe.c
Status show_schema(Show *w, const Schema **schema); // of a query, a view or a table
Status show_create(Show *w);
Status show_properties(Show *w);
Status show_describe(Show *w);
// statement_show_table.c; no catalog: a temporary view.
Status show_information(const Show *w, const TableName *name, bool view, Str *text);
Options lake_all_properties(Arena *a, const LakeTable *t); // as SHOW TBLPROPERTIES has them
Str literal_text(Arena *a, const Expr *e);
#endif
