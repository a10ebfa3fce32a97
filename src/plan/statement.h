// statement.h -- what a SQL text says, statement by statement. A query is a Rel; everything else is
// a command. Parsing resolves no name and touches nothing outside the text.
#ifndef PLAN_STATEMENT_H
#define PLAN_STATEMENT_H
#include "plan/rel.h"

typedef enum StatementKind {
    STMT_QUERY, // rel
    STMT_SET,   // key, value; extended: SET -v; no key: show all; no value: show it
    STMT_RESET, // key, or all
    STMT_USE,   // name (catalog and namespace); key: "catalog" or "namespace" when it said so
    STMT_CREATE_SCHEMA,
    STMT_DROP_SCHEMA,
    STMT_CREATE_TABLE, // columns, USING, PARTITIONED BY, AS rel; LIKE: target, rel is it too
    STMT_CREATE_STREAMING_TABLE,
    STMT_CREATE_MATERIALIZED_VIEW,
    STMT_CREATE_VIEW, // temporary, USING format OPTIONS, or AS rel
    STMT_CREATE_FLOW, // name, target, rel
    STMT_CREATE_SINK, // extension: name, USING format, OPTIONS
    STMT_INSERT,      // name, columns or by_name, overwrite, rel
    STMT_DROP_TABLE,
    STMT_DROP_VIEW,
    STMT_DROP_FUNCTION, // TEMPORARY
    STMT_TRUNCATE,
    STMT_REPAIR,
    STMT_ALTER_TABLE, // alter
    STMT_ALTER_VIEW,  // alter: its query (rel, view_text), properties or name
    STMT_MERGE,       // name, alias, rel is the source, where is ON, clause[]
    STMT_UPDATE,      // name, alias, expr[] are assignments, where
    STMT_DELETE,      // name, alias, where
    STMT_CALL,        // name, expr[]: named arguments are calls of =>
    STMT_COMMENT,     // on a table or (key) schema: comment
    STMT_SHOW_TABLES,
    STMT_SHOW_SCHEMAS,
    STMT_SHOW_CREATE_TABLE,
    STMT_SHOW_COLUMNS,
    STMT_SHOW_FUNCTIONS,
    STMT_SHOW_TBLPROPERTIES,
    STMT_SHOW_VIEWS,
    STMT_SHOW_CATALOGS,
    STMT_SHOW_CURRENT_NAMESPACE,
    STMT_SHOW_PARTITIONS, // partition_value[]
    STMT_SHOW_PROCEDURES,
    STMT_ALTER_SCHEMA, // alter: properties or location
    STMT_NOT_OF_V2,    // what Spark has for tables of its own catalog only; value: what
    STMT_DESCRIBE,     // name (column[]) or rel; extended; key: "function", "schema" or empty
    STMT_EXPLAIN,      // inner; mode in value
    STMT_DECLARE, // expr[] are the names; alter.type, where is DEFAULT (text in value); replace
    STMT_SET_VARIABLE,  // expr[] are assignments, or (rel) the names that one row goes to
    STMT_DROP_VARIABLE, // name; if_exists
    STMT_EXECUTE,       // EXECUTE IMMEDIATE where INTO into[] USING expr[]
    STMT_CACHE,         // name, rel; once: UNCACHE; name empty: CLEAR CACHE
    STMT_REFRESH,
    STMT_OTHER, // Spark has it, kappa has not: its first words are in value
} StatementKind;
typedef struct Transform { // of PARTITIONED BY
    Str name;              // identity, years, months, days, hours, bucket, truncate, void
    Str column;            // dotted for a nested field
    int32_t arg;           // of bucket and truncate
    Origin at;
} Transform;
typedef struct PartitionValue { // of INSERT .. PARTITION (a = 1, b)
    Str name;
    Expr *value; // NULL: not said
} PartitionValue;
typedef enum AlterKind {
    ALTER_ADD_COLUMNS,   // columns, whose names are dotted; places
    ALTER_DROP_COLUMNS,  // column[], dotted as written
    ALTER_RENAME_COLUMN, // column[0], to
    ALTER_COLUMN,        // column[0]; type, comment, not_null or nullable, place
    ALTER_RENAME,        // target
    ALTER_SET_PROPERTIES,
    ALTER_UNSET_PROPERTIES,
    ALTER_LOCATION,          // location
    ALTER_ADD_PARTITION,     // Iceberg: partition[0]
    ALTER_DROP_PARTITION,    // partition[0]
    ALTER_REPLACE_PARTITION, // partition[0] by partition[1]
    ALTER_REF,               // Iceberg: ref, to is its name; once: IF NOT EXISTS
    ALTER_REPLACE_COLUMNS,   // columns
    ALTER_ORDER,             // Iceberg: WRITE ORDERED BY: sort_key[]; value: the distribution
    ALTER_IDENTIFIERS,       // Iceberg: SET or (ref.drop) DROP IDENTIFIER FIELDS column[]
    ALTER_PARTITIONS,        // ADD, DROP, RENAME PARTITION and the like
    ALTER_QUERY,             // of a view
    ALTER_OTHER,             // not built: value
} AlterKind;
typedef struct AlterPlace { // where a column goes
    Str after;
    bool first;
} AlterPlace;
typedef struct AlterRef { // of a branch or a tag: which snapshot, and how long it is kept
    bool branch, create, replace, drop;
    int64_t snapshot; // -1: the current one
    int64_t age_ms, keep, keep_ms;
} AlterRef;
typedef struct Alter {
    AlterKind kind;
    AlterRef ref;
    const Type *type;
    Str to;
    AlterPlace place;
    AlterPlace *places; // ADD COLUMNS: one a column
    bool not_null, nullable, has_comment;
} Alter;
typedef enum MergeWhen { WHEN_MATCHED, WHEN_NOT_MATCHED, WHEN_NOT_MATCHED_BY_SOURCE } MergeWhen;
typedef enum MergeAction { MERGE_UPDATE, MERGE_DELETE, MERGE_INSERT } MergeAction;
typedef struct MergeClause {
    MergeWhen when;
    MergeAction action;
    bool star;       // UPDATE SET *, INSERT *
    Expr *condition; // NULL: always
    Expr **set;      // assignments: E_ALIAS with the column in part[]; INSERT's too
    int32_t nset;
} MergeClause;
// Clustering columns, kept as the property that Spark keeps them in: [["a"],["b"]].
void clustering_property(Options *to, Arena *a, const Str *column, int32_t n);
typedef struct Statement Statement;
struct Statement {
    StatementKind kind;
    int32_t nnames;
    Origin at, named;    // the whole statement's text; the name's
    Str *name;           // of the object, in parts
    Str *target;         // CREATE FLOW, ALTER .. RENAME TO, CREATE TABLE .. LIKE
    Str *column;         // INSERT's list; of a view; of ALTER
    Str *column_comment; // of a view's columns
    Rel *rel;
    const Schema *columns;
    Transform *partition;
    Expr **expr; // UPDATE's assignments, CALL's arguments
    Expr **into; // EXECUTE: E_NAME
    Expr *where; // UPDATE, DELETE, INSERT .. REPLACE WHERE; MERGE's ON
    MergeClause *clause;
    Statement *inner; // EXPLAIN
    Str alias;        // of the target of UPDATE, DELETE, MERGE
    Str format, location, comment, pattern, key, value;
    Str constraint; // the first table constraint's text, empty when none
    Str view_text;  // the text after AS, for SHOW CREATE and persisted views
    Options options, properties;
    PartitionValue *partition_value; // PARTITION (a = 1, b)
    Alter alter;
    int32_t ninto, ntarget, ncolumns, npartition, nexprs, nclauses, npartition_values;
    bool if_exists, replace, temporary, global, by_name, overwrite, extended, cascade, purge, once;
    bool must_exist; // REPLACE TABLE without CREATE OR
    bool dynamic;    // INSERT: replaces the partitions it writes to, whatever the session says
};
typedef struct Statements {
    Statement **v;
    int64_t n, cap;
} Statements;

typedef struct SqlMarkers { // how many there are
    int32_t named, positional;
} SqlMarkers;
typedef struct SqlArgs { // what :name and ? of a text stand for; the tree gets copies
    const Str *name;
    Expr *const *named, *const *positional;
    int32_t nnamed, npositional;
    struct SqlMarkers *seen; // may be NULL
} SqlArgs;

// All statements of a text, parted by semicolons. A mistake raises PARSE_SYNTAX_ERROR with line,
// column and fragment; `parsed` then holds those before it.
Str statement_line(const Statement *s);               // the first of its text
Status statement_fail(Status s, const Statement *st); // says that the failure lies in that line
Status parse_statements(Statements *parsed, Arena *a, Str text);
Status parse_statements_with(Statements *parsed, Arena *a, Str text, const SqlArgs *args);
Status parse_query(Rel **rel, Arena *a, Str text);
Status parse_expr(Expr **e, Arena *a, Str text); // one expression, for selectExpr and filters
Status parse_name(Str **part, int32_t *n, Arena *a, Str text); // a.b.`c d`
// Ends of statements in an unfinished text: how many bytes hold whole statements (for a shell).
int64_t parse_complete(Str text);
#endif
