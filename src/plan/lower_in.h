// lower_in.h -- what the parts of lowering share: the stages being made, and Flow, the rows that
// come out of a node: which open stages emit them and which column is which attribute.
//
// UNION ALL leaves several stages open: what follows is appended to each of them, up to the next
// exchange, where all of them feed one new stage.
#ifndef PLAN_LOWER_IN_H
#define PLAN_LOWER_IN_H
#include "plan/session.h"

typedef struct Draft { // a stage being made
    Stage stage;
    int32_t index;
    VEC(OpSpec) op;
    VEC(StageInput) input;
} Draft;
typedef struct Named { // attribute `id` is this column, or made of columns when asked for
    int32_t id, column;
    Expr *made; // over the columns; NULL: the column
} Named;
typedef struct Flow {
    VEC(Draft *) open; // stages that emit these rows, all with the same columns
    VEC(Field) column; // what they emit
    VEC(Named) attr;   // several attributes may be one column
    bool watermark;    // one is defined below
    bool ordered;      // the rows come as ORDER BY put them
} Flow;
typedef struct Lower {
    Session *session;
    Arena *a;
    Mode mode;
    bool streaming;     // the whole plan
    VEC(Draft *) stage; // upstream first
    VEC(Watermark) watermark;
    VEC(Observation) observation;
    VEC(const ReadNode *) source;
    int64_t wanted;       // rows of the recursion below a LIMIT; -1: all
    int32_t nodes;        // WITH_WATERMARK nodes so far
    int32_t observations; // OBSERVE nodes
} Lower;

Status lower_local(Lower *l, const Rel *r, const Batch *rows, int32_t n, Flow *f);
Status lower_recursion(Lower *l, const Rel *r, Flow *f);
Status lower_rel(Lower *l, const Rel *r, Flow *f);
Status lower_aggregate(Lower *l, const Rel *r, Flow *f);
Status lower_observe(Lower *l, const Rel *r, Flow *f);
Status lower_session_window(Lower *l, const Rel *r, Flow *f);
Status lower_dedup(Lower *l, const Rel *r, Flow *f);
Status lower_join(Lower *l, const Rel *r, Flow *f);
Status lower_sort(Lower *l, const Rel *r, int64_t limit, Flow *f);
Status lower_limit(Lower *l, const Rel *r, Flow *f);
Status lower_user(Lower *l, const Rel *r, Flow *f);
Status lower_window(Lower *l, const Rel *r, Flow *f);
Status lower_missing(const Rel *r, const char *feature); // ERR_UNSUPPORTED with the place

// lower_session.c: grouping by session_window.
typedef struct SessionGroup {
    Expr *const *key; // of the grouping, bound; key[session] is the session's struct
    int32_t nkeys, session;
    Expr *const *agg; // bound
    int32_t naggs;
    const Field *column; // what comes out: the keys, the aggregates
    int32_t ncolumns;
    bool streaming, timed; // timed: the session is event time
} SessionGroup;
Status session_stages(Lower *l, Flow *f, const SessionGroup *g);

// lower_flow.c
Draft *flow_stage(Lower *l, Flow *f, Parallel parallel); // a new stage, the only open one of f
// An operator at the end of every open stage; f's columns are what it emits.
OpSpec *flow_op(Lower *l, Flow *f, const OpKind *kind, const void *spec); // in the last of them
void flow_columns(Lower *l, Flow *f, const Attrs *out); // the columns are these now, in order
void flow_add(Lower *l, Flow *f, const Field *column, int32_t id); // one more
void flow_name(Lower *l, Flow *f, int32_t id, int32_t column);     // an attribute is this column
void flow_made(Lower *l, Flow *f, int32_t id, Expr *e);            // an attribute is this
const Named *flow_named(const Flow *f, int32_t id);                // NULL: there is none
int32_t flow_find(const Flow *f, int32_t id);                      // its column; -1: none is
const Schema *flow_schema(const Lower *l, const Flow *f);
// A copy of e over the flow's columns: every E_ATTR an E_COLUMN.
Status flow_bind(const Lower *l, const Flow *f, const Expr *e, Expr **bound);
Status flow_bind_all(const Lower *l, const Flow *f, Expr *const *e, int32_t n, Expr ***bound);
// The time that a bound expression says: a window's end, or itself.
Expr *flow_time(Arena *a, Expr *e);
// Expressions over the columns become the columns `out`.
void flow_project(Lower *l, Flow *f, Expr *const *bound, const Attrs *out);
void flow_shape(Lower *l, Flow *f, const Attrs *out); // projects unless the columns are just these
bool flow_single(const Flow *f);                      // one instance emits all the rows
// Ends the open stages with an exchange by keys (none: everything to one instance) and opens the
// stage that takes their rows.
void flow_exchange(Lower *l, Flow *f, Expr *const *key, int32_t nkeys);
void flow_end(Lower *l, Flow *f, Expr *const *key, int32_t nkeys, int32_t shards);
void stage_feed(Lower *l, Draft *to, const Flow *from, int32_t port, bool whole);

// lower_reuse.c: marks stages that do what another one does already.
void plan_reuse(Arena *a, Plan *p);

// lower_needed.c: which columns the chain reads, for its filters and its source.
void stage_needed(Arena *a, Stage *s, uint8_t *source);
#endif
