// rel.h -- Rel, the one logical plan. Its nodes and names are those of Spark Connect's relations,
// since both doors make it: the SQL parser and the Connect decoder. The analyser gives every node
// its output attributes; the checker decides what may stream; the optimiser rewrites; lower makes
// stages.
//
// After analysis these kinds are left: READ, LOCAL, RANGE, ONE_ROW, PROJECT, FILTER, JOIN (with the
// condition in expr[0]; using and natural are gone), SET_OP (UNION ALL by position with equal
// types; the others as they are), SORT, LIMIT, OFFSET, AGGREGATE, WINDOW, TIME_WINDOW,
// SESSION_WINDOW, EXPAND, GENERATE, WITH_WATERMARK, DEDUPLICATE, SUBQUERY_ALIAS, SAMPLE. An
// E_SUBQUERY stays, its plan analysed, until the optimiser joins it. Every expression is resolved:
// columns are E_ATTR with the id of an attribute of the inputs' `out`. PROJECT and AGGREGATE give
// one attribute per expression: an E_ATTR passes its id on, an E_ALIAS has a new one in its `id`.
// window() in a grouping or select list became a TIME_WINDOW below and an E_ATTR with time_window
// set. The output of AGGREGATE is made of its group expressions, E_AGG and functions over them;
// HAVING and ORDER BY over hidden columns became FILTER and SORT with a PROJECT above.
#ifndef PLAN_REL_H
#define PLAN_REL_H
#include "base/options.h"
#include "expr/expr.h"
#include "op/join.h"

typedef enum RelKind {
    REL_UNRESOLVED_TABLE,  // name[]: table, view or CTE; options; is_streaming (STREAM t)
    REL_UNRESOLVED_SOURCE, // format, path, options, schema; is_streaming (readStream)
    REL_UNRESOLVED_ROWS,   // VALUES: expr[] are the rows, E_CALL struct when of several columns
    REL_READ,              // resolved leaf: a source or a table scan (read)
    REL_LOCAL,             // rows at hand: VALUES, createDataFrame, a memory table (rows)
    REL_RECURSION,         // cte[0] the anchor, cte[1] the step over REL_LOCAL `start`; end rounds
    REL_RANGE,             // range(start, end, step)
    REL_ONE_ROW,           // SELECT without FROM
    REL_TABLE_FUNCTION,    // name(expr...) in FROM
    REL_PROJECT,           // exprs
    REL_FILTER,            // expr[0]; from HAVING when having
    REL_JOIN,              // left, right, join
    REL_SET_OP,            // left, right, set_op
    REL_SORT,              // exprs are E_SORT; global
    REL_LIMIT,             // expr[0]
    REL_OFFSET,            // expr[0]
    REL_TAIL,
    REL_DISTINCT,       // SELECT DISTINCT: the analyser makes it an aggregate of all columns
    REL_AGGREGATE,      // group[], exprs are the output; grouping sets
    REL_WINDOW,         // exprs are E_OVER on top of the input's columns
    REL_TIME_WINDOW,    // expr[0] is the time: the input's columns, then `window`; each row once a
                        // window (duration, slide, start_time)
    REL_SESSION_WINDOW, // expr[0] is the time, expr[1] the gap: the input's columns, then
                        // `session_window` as each row has it before it is merged
    REL_USER,           // exprs are E_ALIAS of E_USER on top of the input's columns: the optimiser
                        // makes it
    REL_EXPAND,         // several projections of each row: grouping sets, unpivot
    REL_GENERATE,       // explode and its kin, LATERAL VIEW: expr[0], outer, column_alias
    REL_WITH_WATERMARK, // expr[0] (E_NAME or an E_ALIAS), delay
    REL_OBSERVE,        // name[0]; exprs are aggregates of its rows, told beside them
    REL_DEDUPLICATE,    // name[] or all_columns; within_watermark; analysed: expr[] are the keys
    REL_SUBQUERY_ALIAS, // name, column aliases
    REL_WITH_CTE,       // ctes[] in scope of input[0]
    REL_WITH_COLUMNS,   // expr[] are E_ALIAS: replaced or added
    REL_DROP,           // expr[] (E_NAME) or name[]
    REL_TO_SCHEMA,
    REL_UNPIVOT,     // group[] the columns turned (E_CALL struct for sets), name[] the new columns
    REL_PIVOT,       // expr[] aggregates, group[] the pivot columns, value[] their values
    REL_SAMPLE,      // fraction, or expr[0] rows
    REL_REPARTITION, // group[]
    REL_HINT,        // name[0], expr[]: ignored
    REL_SHAPED,      // a DataFrame verb that its input's columns decide: the analyser has `shape`
                     // write it out
} RelKind;
typedef enum SetOpKind { SET_UNION, SET_INTERSECT, SET_EXCEPT } SetOpKind;
typedef enum GroupKind {
    GROUP_BY,
    GROUP_ROLLUP,
    GROUP_CUBE,
    GROUP_SETS,
    GROUP_PIVOT, // DataFrame's: the last of group[] by value[]; exprs are the aggregates
} GroupKind;

typedef struct Rel Rel;
typedef struct Shape Shape;
// Makes nodes not yet analysed over `input`, which is, and stands in them once.
typedef Status (*MakeShape)(const Shape *s, Arena *a, Rel *input, Rel **r);
struct Shape { // the head of what a REL_SHAPED says
    Str name;
    MakeShape make;
};
typedef struct Attr { // a column of a node's output
    int32_t id;       // unique in the plan; the same column keeps its id on the way up
    Field field;
    Str qualifier[4]; // catalog, namespace, table; or the alias alone
    int32_t nqualifiers;
    bool hidden;   // named with its qualifier only and in no star: the other side of USING
    bool metadata; // hidden too, but found by its name alone where nothing else has it
} Attr;
typedef struct Attrs {
    Attr *v;
    int64_t n, cap;
} Attrs;
typedef struct Cte {
    Str name;
    Str *column;
    int32_t ncolumns;
    Rel *rel;
    bool recursive;
    Origin at;     // of the query that it is for
    int64_t level; // MAX RECURSION LEVEL; 0: none is said
} Cte;
struct Rel {
    RelKind kind;
    int32_t nexprs;
    Origin at;
    Rel *input[2];
    Attrs out;          // after analysis
    Expr **expr;        // nexprs
    Expr **group;       // REL_AGGREGATE; REL_REPARTITION
    Expr **value;       // REL_PIVOT; an analysed AGGREGATE: keys of grouping sets as written
    int32_t **sets;     // GROUP_SETS: indexes into group, ended by -1
    Expr ***projection; // REL_EXPAND: nprojections lists of an expression a column
    Str *name;          // table name parts, alias, columns of DEDUPLICATE, DROP, ...
    Str *column_alias;
    Str *using_column;
    Cte *cte;
    const struct ReadNode *read; // REL_READ
    const Schema *schema;        // REL_LOCAL, REL_TO_SCHEMA; REL_OBSERVE: of its metrics
    const Batch *rows;           // REL_LOCAL: nrows batches
    const Shape *shape;          // REL_SHAPED
    Str format, path;
    Options options;
    Micros delay;                       // REL_WITH_WATERMARK
    int32_t mark;                       // the same: its number, also in copies of a view
    Micros duration, slide, start_time; // REL_TIME_WINDOW
    int64_t start, end, step;           // REL_RANGE
    double fraction;                    // REL_SAMPLE
    int32_t plan_id; // of Connect's DataFrame, counted from 1, for E_NAMEs that say it; 0: none
    int32_t ngroup, nvalues, nsets, nprojections, nnames, ncolumn_alias, nusing, nctes, nrows;
    GroupKind group_kind;
    JoinKind join;
    SetOpKind set_op;
    bool streaming;              // some leaf below is a stream
    bool analysed;               // the root of a plan that analyse has seen
    bool natural, lateral, made; // made: a join that nobody wrote
    bool all, by_name, allow_missing;
    bool having, qualify, global, outer, within_watermark, all_columns, is_streaming;
    bool of_groups;         // REL_PROJECT: the select list of the aggregate below
    bool position, flatten; // REL_GENERATE: posexplode, inline
    bool of_view;           // REL_SUBQUERY_ALIAS: names do not reach below it
    bool panes;       // REL_TIME_WINDOW: rows get their pane; the aggregate above makes windows
    bool time_travel; // REL_UNRESOLVED_TABLE: expr[0] is the TIMESTAMP AS OF
};
typedef struct ReadNode { // where the rows of a REL_READ come from
    enum { READ_SOURCE, READ_TABLE, READ_MEMORY } kind;
    Str format; // of a source
    Str path;
    Options options;
    const Schema *given;  // what the user said of the columns, or NULL
    const Schema *schema; // all its columns
    const Type *metadata; // of the hidden column _metadata; NULL: the source has none
    bool with_metadata;   // it is the last of them
    const void *table;    // READ_TABLE: a LakeTable of lake/, pinned to a snapshot in a batch read
    bool past;            // ... that somebody asked for by time or version
    Str name;             // for EXPLAIN and progress
    int32_t id;           // of the relation: reads of one view's stream have the same
    int32_t source; // index among the plan's streaming sources, in plan order (checkpoint order)
    // filled by the optimiser
    uint8_t *needed; // a byte a column
    Expr **pushed;   // conjuncts over E_COLUMN that the scan may use to skip files and pages
    const struct Prune *prune; // some of them, as fmt/prune.h has them
    int32_t npushed, nprune;
} ReadNode;

enum { REL_HEIGHT_MAX = 4096 };
Rel *rel_new(Arena *a, RelKind kind, Origin at, Rel *input);
Rel *rel_copy(Arena *a, const Rel *r);          // deep; attributes keep their ids
Expr *expr_copy_whole(Arena *a, const Expr *e); // the plans of its subqueries too
Attrs attrs_copy(Arena *a, const Attrs *from);
Expr *attr_expr(Arena *a, const Attr *at, Origin place);  // the column as an expression
Expr *attr_made(Arena *a, Expr *x, Str name, int32_t id); // x as a new column, no event time
const Attr *attrs_find(const Attrs *in, int32_t id);      // NULL: not among them
int32_t rel_height(const Rel *r); // levels, at most REL_HEIGHT_MAX + 2 counted
const Schema *rel_schema(Arena *a, const Rel *r);
// Calls fn for each table, view or CTE that a parsed plan names, in subqueries and CTEs too.
void rel_tables(Rel *r, void (*fn)(void *ctx, const Rel *table), void *ctx);
// Whether attribute `id` of r is a session_window, on its way from its node unchanged.
bool rel_is_session(const Rel *r, int32_t id);
void rel_print(Buf *b, const Rel *r); // EXPLAIN's tree
#endif
