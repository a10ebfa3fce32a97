// statement.h -- what a SQL text says, statement by statement. A query is a Rel; everything else is
// a command. Parsing resolves no name and touches nothing outside the text.
#ifndef PLAN_STATEMENT_H
#define PLAN_STATEMENT_H
#include "plan/rel.h"

typedef enum StatementKind {
    STMT_QUERY, // rel
    STMT_SET,
    STMT_RESET, // key, value (both may be empty: show)
    STMT_USE,   // name (catalog and namespace), or catalog only
    STMT_CREATE_SCHEMA,
    STMT_DROP_SCHEMA,
    STMT_CREATE_TABLE, // columns, USING, PARTITIONED BY, AS rel
    STMT_CREATE_STREAMING_TABLE,
    STMT_CREATE_MATERIALIZED_VIEW,
    STMT_CREATE_VIEW, // temporary, USING format OPTIONS, or AS rel
    STMT_CREATE_FLOW, // name, target, rel
    STMT_CREATE_SINK, // extension: name, USING format, OPTIONS
    STMT_INSERT,      // name, columns or by_name, overwrite, rel
    STMT_DROP_TABLE,
    STMT_DROP_VIEW,
    STMT_TRUNCATE,
    STMT_ALTER_TABLE,
    STMT_MERGE,
    STMT_UPDATE,
    STMT_DELETE,
    STMT_CALL,
    STMT_SHOW_TABLES,
    STMT_SHOW_SCHEMAS,
    STMT_SHOW_CREATE_TABLE,
    STMT_SHOW_COLUMNS,
    STMT_SHOW_FUNCTIONS,
    STMT_SHOW_TBLPROPERTIES,
    STMT_SHOW_VIEWS,
    STMT_SHOW_CATALOGS,
    STMT_DESCRIBE, // name or rel; extended
    STMT_EXPLAIN,  // inner; mode in value
    STMT_CACHE,
    STMT_REFRESH,
} StatementKind;
typedef struct Transform { // of PARTITIONED BY
    Str name;              // identity, years, months, days, hours, bucket, truncate, void
    Str column;            // dotted for a nested field
    int32_t arg;           // of bucket and truncate
    Place at;
} Transform;
typedef struct Statement Statement;
struct Statement {
    StatementKind kind;
    Place at;  // the whole statement's text
    Str *name; // of the object, in parts
    int32_t nnames;
    Str *target; // CREATE FLOW
    int32_t ntarget;
    Rel *rel;
    const Schema *columns;
    Transform *partition;
    int32_t npartition;
    Str format, location, comment, pattern, key, value;
    Options options, properties;
    Str *column; // INSERT's list, SHOW COLUMNS
    int32_t ncolumns;
    Str view_text; // the text after AS, for SHOW CREATE and persisted views
    bool if_exists, replace, temporary, global, by_name, overwrite, extended, cascade, purge, once;
    Statement *inner; // EXPLAIN
};
typedef struct Statements {
    Statement **v;
    int64_t n, cap;
} Statements;

// All statements of a text, parted by semicolons. A mistake raises PARSE_SYNTAX_ERROR with line,
// column and fragment; `parsed` then holds those before it.
Status parse_statements(Statements *parsed, Arena *a, Str text);
Status parse_query(Rel **rel, Arena *a, Str text);
Status parse_expr(Expr **e, Arena *a, Str text); // one expression, for selectExpr and filters
Status parse_name(Str **part, int32_t *n, Arena *a, Str text); // a.b.`c d`
// Ends of statements in an unfinished text: how many bytes hold whole statements (for a shell).
int64_t parse_complete(Str text);
#endif
