// rel.h -- Rel, the one logical plan. Its nodes and names are those of Spark Connect's relations,
// since both doors make it: the SQL parser and the Connect decoder. The analyser gives every node
// its output attributes; the checker decides what may stream; the optimiser rewrites; lower makes
// stages.
#ifndef PLAN_REL_H
#define PLAN_REL_H
#include "base/options.h"
#include "expr/expr.h"
#include "op/join.h"

typedef enum RelKind {
    REL_UNRESOLVED_TABLE, // name[]: table, view or CTE; options; is_streaming (STREAM t)
    REL_READ,             // resolved leaf: a source or a table scan (read)
    REL_LOCAL,            // rows at hand: VALUES, createDataFrame, a memory table (local)
    REL_RANGE,            // range(start, end, step)
    REL_ONE_ROW,          // SELECT without FROM
    REL_TABLE_FUNCTION,   // name(args) in FROM
    REL_PROJECT,          // exprs
    REL_FILTER,           // expr[0]; from HAVING when having
    REL_JOIN,             // left, right, join
    REL_SET_OP,           // left, right, set_op
    REL_SORT,             // exprs are E_SORT; global
    REL_LIMIT,            // expr[0]
    REL_OFFSET,           // expr[0]
    REL_TAIL,
    REL_AGGREGATE,      // group[], exprs are the output; grouping sets
    REL_WINDOW,         // exprs are E_OVER on top of the input's columns
    REL_EXPAND,         // several projections of each row: sliding windows, grouping sets
    REL_GENERATE,       // explode and its kin, LATERAL VIEW
    REL_WITH_WATERMARK, // expr[0] (E_NAME or an E_ALIAS), delay
    REL_DEDUPLICATE,    // columns, all_columns, within_watermark
    REL_SUBQUERY_ALIAS, // name, column aliases
    REL_WITH_CTE,       // ctes[] in scope of input[0]
    REL_WITH_COLUMNS,
    REL_DROP,
    REL_TO_SCHEMA,
    REL_UNPIVOT,
    REL_PIVOT,
    REL_SAMPLE,
    REL_REPARTITION,
    REL_HINT, // ignored with a notice
} RelKind;
typedef enum SetOpKind { SET_UNION, SET_INTERSECT, SET_EXCEPT } SetOpKind;
typedef enum GroupKind { GROUP_BY, GROUP_ROLLUP, GROUP_CUBE, GROUP_SETS, GROUP_PIVOT } GroupKind;

typedef struct Rel Rel;
typedef struct Attr { // a column of a node's output
    int32_t id;       // unique in the plan; the same column keeps its id on the way up
    Field field;
    Str qualifier[4]; // catalog, database, table or alias; from the last
    int32_t nqualifiers;
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
} Cte;
struct Rel {
    RelKind kind;
    Place at;
    Rel *input[2];
    Attrs out;      // after analysis
    bool streaming; // some leaf below is a stream
    Expr **expr;
    int32_t nexprs;
    Expr **group; // REL_AGGREGATE; REL_REPARTITION
    int32_t ngroup;
    GroupKind group_kind;
    int32_t **sets; // GROUP_SETS: indexes into group, ended by -1
    int32_t nsets;
    JoinKind join;
    bool natural, lateral;
    Str *using_column;
    int32_t nusing;
    SetOpKind set_op;
    bool all, by_name, allow_missing;
    bool having, global, within_watermark, all_columns, is_streaming;
    Str *name; // table name parts, alias, columns of DEDUPLICATE, DROP, ...
    int32_t nnames;
    Str *column_alias;
    int32_t ncolumn_alias;
    Options options;
    Micros delay; // REL_WITH_WATERMARK
    int64_t start, end, step;
    double fraction;
    Cte *cte;
    int32_t nctes;
    const struct ReadNode *read; // REL_READ
    const Schema *schema;        // REL_LOCAL, REL_TO_SCHEMA
    const Batch *rows;           // REL_LOCAL: nrows batches
    int32_t nrows;
    Attrs *projection_out; // REL_EXPAND
    Expr ***projection;    // REL_EXPAND: nprojections lists of nexprs
    int32_t nprojections;
};
typedef struct ReadNode { // where the rows of a REL_READ come from
    enum { READ_SOURCE, READ_TABLE, READ_MEMORY } kind;
    Str format; // of a source
    Str path;
    Options options;
    const Schema *given;  // what the user said of the columns, or NULL
    const Schema *schema; // all its columns
    const void *table;    // READ_TABLE: a LakeTable of lake/, pinned to a snapshot in a batch read
    Str name;             // for EXPLAIN and progress
    int32_t source; // index among the plan's streaming sources, in plan order (checkpoint order)
    // filled by the optimiser
    uint8_t *needed; // a byte a column
    Expr **pushed;   // conjuncts over columns that the scan may use to skip files and pages
    int32_t npushed;
} ReadNode;

Rel *rel_new(Arena *a, RelKind kind, Place at, Rel *input);
Rel *rel_copy(Arena *a, const Rel *r); // deep; attributes keep their ids
const Schema *rel_schema(Arena *a, const Rel *r);
void rel_print(Buf *b, const Rel *r); // EXPLAIN's tree
#endif
