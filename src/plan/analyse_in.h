// analyse_in.h -- the analyser's parts. One pass, inputs first: a node's inputs are analysed, then
// its expressions are resolved against their columns, then its own columns (out) are known. Each
// part may put nodes below or above the node it has in hand, through the Rel ** it is given.
#ifndef PLAN_ANALYSE_IN_H
#define PLAN_ANALYSE_IN_H
#include "expr/cast.h"
#include "expr/fn.h"
#include "plan/session.h"

typedef struct CteScope { // definitions that may be named here
    const Cte *cte;
    int32_t n;
    const struct CteScope *outer;
} CteScope;
typedef struct Names Names;
typedef struct Planned { // the columns of an analysed relation with a plan id
    int32_t id, depth;
    Attrs out;
} Planned;
typedef struct KeptView { // of a catalog, whose text is being analysed
    Str name;
    bool hides; // what is temporary
    const struct KeptView *outer;
} KeptView;
typedef struct Analyser {
    Session *s;
    Arena *a;
    const EvalCtx *ctx;
    bool exact; // names differ by case
    const CteScope *ctes;
    Names *outer; // of the enclosing query, for correlated subqueries; NULL outside
    Names *above; // of HAVING or ORDER BY above an aggregate; NULL in the aggregate itself
    struct {
        Planned *v;
        int64_t n, cap;
    } planned; // relations that names may mean by their plan id
    const KeptView *kept;
    ViewUse *use; // what is named goes there; may be NULL
    int32_t depth;
    int64_t nodes; // made so far: a bound on what views and CTEs expand to
} Analyser;
enum { PLAN_NODES_MAX = 200000 };

typedef struct Lambda { // variables in scope
    const Expr *lambda;
    const Field *var; // their types
    const struct Lambda *outer;
} Lambda;
struct Names { // what names mean at one place of the plan
    Analyser *an;
    const Attrs *in[2]; // columns of the inputs
    const Attrs *made;  // columns made for this node: a name means them when nothing else fits
    const Attrs *last;  // and these after that: the input of the node below, for ORDER BY
    const Rel *grouped; // HAVING: columns that it groups by come before its output
    bool of_sort;       // keys of ORDER BY: a name that means several columns means none
    bool last_in_agg;   // arguments of aggregates look there first
    bool in_agg;        // inside an aggregate
    Expr *const *item;  // select items so far: lateral aliases
    int64_t nitems;
    const Lambda *lambda;
    Names *outer;
};

// analyse.c
Status analyse_rel(Analyser *an, Rel **r);
int32_t attr_new(Analyser *an); // a fresh id
// Makes *e an output column: an attribute or an alias with an id; *attr says what it is.
Status attr_of(Analyser *an, Attr *attr, Expr **e);
Status outputs_of(Analyser *an, Rel *r);                // r->out from r->expr
Rel *rel_above(Analyser *an, RelKind kind, Rel *input); // out and streaming as the input's
Rel *project_attrs(Analyser *an, Rel *input, const Attrs *attrs); // just these columns
void drop_hidden(Analyser *an, Rel **r);
bool an_names_eq(const Analyser *an, Str x, Str y);
Str list_of(Arena *a, const Str *name, int32_t n); // a, b
bool has_agg(const Expr *e);
bool has_subquery(const Expr *e);
Status unsupported(const Origin *at, const char *feature);
Status analyse_leaf(Analyser *an, Rel **r);
bool has_call(const Expr *e);
Status no_calls(const Expr *e); // grouping() where nothing is grouped by sets

// analyse_name.c, analyse_expr.c
Status names_find(Names *n, const Expr *name, Expr **found); // NULL when there is none
bool is_variable(const Expr *e); // a variable of the session: found last, after aliases and ALL
Status names_unresolved(Names *n, const Expr *name);
Status resolve(Names *n, Expr **e);
Status resolve_all(Names *n, Expr **e, int32_t count);
Status resolve_item(Names *n, Expr **e);
Status resolve_arguments(Names *n, Expr *call);
Status resolve_call_inside(Names *n, Expr **e); // the call is allowed where it stands
Status no_maps(Analyser *an, const Rel *r, const Attr *at);
Status expand_stars(Names *n, Expr ***e, int32_t *count);
Status window_time_of(Names *n, Expr **e, Expr *window);
// analyse_user.c: E_USER, or an E_CALL by the name of a function of the session.
bool is_user_function(const Analyser *an, const Expr *call);
Status resolve_user(Names *n, Expr **e);
bool is_update(const Expr *call); // withField, dropFields (analyse_update.c)
Status resolve_update(Names *n, Expr **e);
Status need_boolean(Analyser *an, const Expr *e, const Rel *filter);
Str quoted_expr(Arena *a, const Expr *e); // "(a + 1)" in Spark's double quotes
Str quoted_type_of(Arena *a, const Type *t);
Str quoted_parts(Arena *a, const Str *part, int32_t n); // `a`.`b`

// analyse_table.c
Status analyse_table(Analyser *an, Rel **r);
Status analyse_source(Analyser *an, Rel **r);
Status analyse_rows(Analyser *an, Rel **r);
Status analyse_function(Analyser *an, Rel **r);
// analyse_fresh.c: the plan of this temporary view for one more use. TABLE_OR_VIEW_NOT_FOUND,
// INCOMPATIBLE_VIEW_SCHEMA_CHANGE when its tables are not what they were.
Status fresh_copy(Analyser *an, const Rel *r, Str view, Rel **copy);
Status use_keywords(Analyser *an, Rel **r); // analyse_keywords.c
bool makes_table(Str function);             // not of rows beside it: range, sql_keywords
Attr table_qualifier(const TableName *name);
// analyse_metadata.c: columns that are there when named. Before r is analysed, its inputs are.
void show_metadata(Analyser *an, Rel *r);
Status use_input_files(Analyser *an, Rel **r); // input_file_name() and its kin, of an analysed plan
// analyse_missing.c
const Attrs *columns_below(const Rel *r, bool *in_agg); // what a SELECT was made from, or NULL
void project_attr(Analyser *an, Rel *project, const Attr *at); // one column of its input more
bool join_hides_right(const Rel *r);                           // semi and anti joins
// Of a node whose columns are its inputs' and then what it makes: takes those its inputs got since.
void take_columns(Analyser *an, Rel *r);
// Makes *e computable over r's columns, adding columns that r's output left out.
Status expose_in(Analyser *an, Rel *r, Expr **e);
// Of a FILTER, of a SORT: they may name what lies below `input`, whose columns grow by it then.
Status resolve_condition(Names *n, Rel *input, Expr **e);
Status resolve_key(Names *n, const Rel *input, Expr **e);
// analyse_view.c
Status analyse_view(Analyser *an, const View *view, Rel **query); // of SQL, as it means now
Status use_kept_view(Analyser *an, Rel **r, const TableName *name, bool *found);
Status use_global_view(Analyser *an, Rel **r, Str name, bool *found);

// analyse_travel.c: the table at the snapshot that SQL or the reader's options ask for; takes these
// options away.
struct LakeTable;
Status analyse_inspect(Analyser *an, Rel **r, bool *found); // analyse_inspect.c: t.snapshots, ..
Status analyse_travel(Analyser *an, Rel *t, struct LakeTable **table);

// analyse_select.c, analyse_aggregate.c, analyse_window.c, ..: one a clause
Status analyse_project(Analyser *an, Rel **r);
Status analyse_filter(Analyser *an, Rel **r);
Status analyse_sort(Analyser *an, Rel **r);
Status analyse_limit(Analyser *an, Rel **r);
Status analyse_sample(Analyser *an, Rel **r);
Status analyse_distinct(Analyser *an, Rel **r);
Status analyse_deduplicate(Analyser *an, Rel **r);
Status analyse_with_columns(Analyser *an, Rel **r);
Status analyse_drop(Analyser *an, Rel **r);
Status analyse_to_schema(Analyser *an, Rel **r);
Status analyse_alias(Analyser *an, Rel **r);
Status analyse_watermark(Analyser *an, Rel **r);
Status analyse_observe(Analyser *an, Rel **r);
Status analyse_join(Analyser *an, Rel **r);
Status analyse_set_op(Analyser *an, Rel **r);
Status analyse_generate(Analyser *an, Rel **r);
Status analyse_aggregate(Analyser *an, Rel **r);
Status analyse_having(Analyser *an, Rel **r);
Status analyse_pivot(Analyser *an, Rel **r);
Status analyse_grouped_pivot(Analyser *an, Rel **r); // an AGGREGATE of GROUP_PIVOT
Status analyse_unpivot(Analyser *an, Rel **r);
// Takes the generator (explode, ..) out of the select list into a node below.
Status take_generators(Analyser *an, Rel *r);
bool is_generator(const Expr *e);
Str sorted_list(Arena *a, Str *text, int64_t n); // sorts them; with commas
Str all_columns(const Names *n);                 // that are in sight, by name, quoted
Expr *named_by(Expr *item);                      // what a select item without its names is
// Takes window() and session_window() out of r's expressions into a node below; adds the column
// they make to `made`.
Status take_time_windows(Names *n, Rel *r, Attrs *made);
// analyse_recursion.c
bool cte_recurs(const Cte *cte); // WITH RECURSIVE, and it names itself
Status use_recursion(Analyser *an, Rel **r, const CteScope *scope);
// analyse_over.c
bool is_window_function(Str name); // row_number, lag, ..: of no use without OVER
Status resolve_over(Names *n, Expr *e);
Status no_aggregates(Analyser *an, const Expr *e); // UNSUPPORTED_EXPR_FOR_OPERATOR; no_windows too
const Expr *over_in(const Expr *e);                // the first window function in it, or NULL
Status no_windows(Analyser *an, const Expr *e, const Origin *at); // of the operator
// Takes OVER out of r's expressions into REL_WINDOW nodes below, one a partition and order.
Status take_overs(Analyser *an, Rel *r);
// Writes grouping sets out as REL_EXPAND below; the select list is resolved.
Status expand_grouping(Analyser *an, Rel *agg);
// Above the aggregate agg: replaces aggregates and grouping expressions in *e by columns of agg,
// adding hidden ones when needed.
// The same for the keys of grouping sets as they were written, and grouping() over them.
Status push_grouping(Analyser *an, const Rel *agg, Expr **e);
Status push_into_aggregate(Analyser *an, Rel *agg, Expr **e);
Status check_grouped(Analyser *an, const Rel *agg, const Expr *e);
#endif
