// expr.h -- Expr, one tree for expressions from the parser to the program. The SQL parser and the
// Connect decoder make the unresolved kinds; the analyser (plan/) replaces them by resolved ones,
// with types; lowering binds attributes to columns; expr/prog.h compiles what is left.
#ifndef EXPR_EXPR_H
#define EXPR_EXPR_H
#include "col/column.h"

typedef enum ExprKind {
    // as written
    E_NAME,     // part[]: a, t.a, cat.db.t.a.field
    E_STAR,     // * or part[].*; arg[] of EXCEPT are names
    E_CALL,     // name(arg...), with distinct, ignore_nulls, filter, order, window
    E_EXTRACT,  // arg[0][arg[1]]: a field, array element or map value
    E_PARAM,    // :name or ?
    E_LAMBDA,   // name[] -> arg[0]
    E_SUBQUERY, // scalar, EXISTS or IN (plan); arg[] are the values left of IN
    E_SORT,     // arg[0] ASC|DESC NULLS FIRST|LAST
    E_OVER,     // arg[0] OVER (partition, order, frame): see Over
    // both
    E_LITERAL, // value of type
    E_ALIAS,   // arg[0] AS name (or AS (a, b): part[])
    E_CAST,    // arg[0] to type, by cast_mode
    E_USER,    // user applied to arg[], part[i] the keyword of arg[i] or empty; type NULL until
               // resolved. The optimiser moves it into a node of its own (REL_USER)
    // resolved
    E_ATTR,   // attribute `id` of a plan node's output; outer: of the enclosing query
    E_COLUMN, // column `id` of the batch: what E_ATTR becomes when it is lowered
    E_VAR,    // lambda variable `id`
    E_FIELD,  // field `id` of the struct arg[0]
    E_FN,     // fn applied to arg[]
    E_AGG,    // agg applied to arg[], with distinct, filter, order
} ExprKind;
typedef enum CastMode {
    CAST_SQL,      // CAST: errors under ANSI, else NULL
    CAST_TRY,      // try_cast: NULL
    CAST_STORE,    // store assignment into a table: overflow is an error
    CAST_UP,       // implicit, widening only, never fails; not shown in names
    CAST_IMPLICIT, // made by coercion; evaluated as CAST_SQL, not shown in names
} CastMode;
typedef enum SubqueryKind { SUB_SCALAR, SUB_EXISTS, SUB_IN } SubqueryKind;

typedef struct Expr Expr;
typedef struct FrameBound {
    enum {
        BOUND_UNBOUNDED_PRECEDING,
        BOUND_PRECEDING,
        BOUND_CURRENT,
        BOUND_FOLLOWING,
        BOUND_UNBOUNDED_FOLLOWING
    } kind;
    Expr *by;
} FrameBound;
typedef struct Over {
    Str window_name; // OVER w
    Expr **partition, **order;
    int32_t npartition, norder;
    bool has_frame, rows; // else RANGE
    FrameBound lower, upper;
    Origin at; // of the specification
} Over;
struct Expr {
    ExprKind kind;
    int32_t nargs;
    Expr **arg;
    const Type *type; // NULL until resolved
    Origin at;
    // by kind
    Datum value; // E_LITERAL; E_ALIAS: value.s its metadata as JSON, p NULL: what it names has it
    Str name;    // E_LITERAL: its pretty text when that needs a zone; E_CALL (lower case), E_ALIAS,
                 // E_PARAM, E_ATTR, E_COLUMN, E_VAR, E_FIELD
    Str *part;   // E_NAME, E_STAR, E_ALIAS of several, E_LAMBDA's variables; E_SUBQUERY: the outer
                 // columns it names
    const struct FnRow *fn;    // E_FN
    const struct AggRow *agg;  // E_AGG
    const struct UserFn *user; // E_USER
    Expr *filter;              // calls: FILTER (WHERE ...)
    Expr **order;              // calls: WITHIN GROUP or ORDER BY inside
    Over *over;                // E_OVER
    void *plan;                // E_SUBQUERY: a Rel of plan/
    Micros watermark_delay;    // E_ATTR, E_COLUMN: event time; WATERMARK_NONE else
    int32_t id; // E_ATTR, E_COLUMN, E_VAR, E_FIELD; E_LAMBDA: of its first variable; E_NAME and
                // E_STAR: Rel.plan_id of the relation whose column it is, 0: of any
    int32_t nparts, norder;
    CastMode cast_mode;                   // E_CAST
    SubqueryKind sub;                     // E_SUBQUERY
    bool nullable;                        // of all resolved kinds
    bool distinct, ignore_nulls, negated; // calls; negated: NOT IN, NOT EXISTS
    bool outer;                           // E_ATTR
    bool extracted;              // E_FIELD: written s['f'] or (s).f, hence named s.f and not f
    bool tuple;                  // calls: struct written (a, b), hence shown as named_struct
    Str each;                    // calls: written LIKE ANY ('a%', 'b'), hence shown as likeany(x)
    bool time_window;            // E_ATTR, E_COLUMN: made by window()
    bool inferred;               // a condition that nobody wrote: the optimiser found it
    bool descending, nulls_last; // E_SORT
};

Expr *expr_new(Arena *a, ExprKind kind, Origin at);
Expr *expr_literal(Arena *a, const Type *t, const Datum *v);
Expr *expr_name(Arena *a, Str name);
Expr *expr_call(Arena *a, Str name, int32_t nargs, ...); // E_CALL of Expr *
Expr *expr_alias(Arena *a, Expr *e, Str name);
Expr *expr_cast(Arena *a, Expr *e, const Type *t, CastMode mode);
Expr *expr_column(Arena *a, int32_t id, const Field *f);
Expr *expr_field_at(Arena *a, Expr *of, int32_t i); // E_FIELD: field i of a struct
Expr *expr_and(Arena *a, Expr *x, Expr *y);         // resolved; either may be NULL
Expr *expr_copy(Arena *a, const Expr *e);           // deep; plans of subqueries are shared
// Calls fn on every Expr* of the tree below and including *e, kids first; fn may replace *e.
Status expr_walk(Expr **e, Status (*fn)(void *ctx, Expr **e), void *ctx);
bool expr_any(const Expr *e, bool (*test)(const Expr *e)); // some node of the tree passes
bool expr_eq(const Expr *x,
             const Expr *y); // same tree after resolution, names' case and aliases aside
bool expr_is_fn(const Expr *e, Str name); // E_FN of that name
bool expr_deterministic(const Expr *e);   // no rand(), uuid(), current_timestamp()
bool expr_has_user(const Expr *e);        // E_USER somewhere in it
bool expr_foldable(const Expr *e);        // literals and deterministic functions of them
// Spark's pretty text, which names unaliased columns: count(1), avg(x), (a + b), window.
void expr_sql(Buf *b, const Expr *e);
Str expr_sql_str(Arena *a, const Expr *e);
// The name an output column gets: of an alias, attribute or field its name, else the pretty text.
Str expr_output_name(Arena *a, const Expr *e);
Field expr_field(Arena *a, const Expr *e); // as a column of a schema
#endif
