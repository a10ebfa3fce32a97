// insert.h -- a query's rows as a table takes them: matched to its columns, cast as store
// assignment allows (semantics D20).
#ifndef RUN_INSERT_H
#define RUN_INSERT_H
#include "plan/session.h"

typedef struct FixedColumn { // PARTITION (column = value)
    Str name;
    Expr *value;
} FixedColumn;
typedef struct InsertShape {
    Str table;         // for messages
    const Schema *to;  // the table's columns
    const Str *column; // INSERT INTO t (a, b): what the query's columns are, by position
    int32_t ncolumns;
    bool by_name;             // match the query's own names
    const FixedColumn *fixed; // columns that the query does not have
    int32_t nfixed;
} InsertShape;
// *rel, as parsed, becomes a query with exactly the table's columns. INSERT_COLUMN_ARITY_MISMATCH
// and INCOMPATIBLE_DATA_FOR_TABLE say what does not fit.
Status insert_rel(Session *s, Arena *a, const InsertShape *shape, Rel **rel);
#endif
