// optimise_in.h -- the optimiser's rules. Each is a function over the whole plan in optimise.c's
// table; none changes what a query answers, nor which rows a watermark sees beyond what Spark's own
// optimiser changes (semantics W5).
#ifndef PLAN_OPTIMISE_IN_H
#define PLAN_OPTIMISE_IN_H
#include "expr/cast.h"
#include "expr/fn.h"
#include "plan/join_in.h"
#include "plan/session.h"

typedef struct Optimiser {
    Session *s;
    Arena *a;
    const EvalCtx *ctx;
} Optimiser;

Status rule_subqueries(Optimiser *o, Rel **r); // IN, EXISTS and scalar subqueries become joins
Status rule_set_ops(Optimiser *o, Rel **r);    // INTERSECT and EXCEPT become joins and aggregates
Status rule_distinct(Optimiser *o, Rel **r);   // DISTINCT inside aggregates; batch deduplication
Status rule_fold(Optimiser *o, Rel **r);       // constants computed once
Status rule_filters(Optimiser *o, Rel **r);    // conditions as far down as they go
Status rule_products(Optimiser *o, Rel **r);   // crossJoin.enabled = false: refused
Status rule_semi(Optimiser *o, Rel **r);       // left semi joins of streams as far down
Status rule_collapse(Optimiser *o, Rel **r);   // a projection of a projection is one
Status rule_structs(Optimiser *o, Rel **r);    // a struct read by field becomes its fields
Status rule_prune(Optimiser *o, Rel **r);      // columns nobody reads
Status rule_json(Optimiser *o, Rel **r);       // fields of from_json nobody reads
Status rule_scans(Optimiser *o, Rel **r);      // conditions that a table scan may skip files by
Status rule_panes(Optimiser *o, Rel **r);      // sliding windows are folded by pane
Status rule_users(Optimiser *o, Rel **r);      // users' functions into nodes of their own

// optimise.c
Status each_rel(Optimiser *o, Rel **r, Status (*fn)(Optimiser *o, Rel **r)); // inputs first
typedef Status (*ExprFn)(void *ctx, Expr **e);
Status rel_exprs_walk(Rel *r, ExprFn fn, void *ctx); // every expression of this node, kids first
// Replaces columns that `below` (a projection or aggregate) makes by what makes them.
void substitute(Arena *a, Expr **e, const Rel *below);
bool exprs_deterministic(const Rel *project);
bool expr_cheap(const Expr *e); // columns, fields of them, literals, casts
int64_t expr_size(const Expr *e);
bool expr_mentions(const Expr *e, int32_t id);                   // the attribute of this id
Rel *filter_above(Optimiser *o, Rel *input, const Conjuncts *e); // input when there are none
int32_t optimise_attr(Optimiser *o);
// optimise_user.c: f(g(x)) is one call that goes through all functions; the innermost, and how
// many.
const Expr *user_chain(const Expr *e, int32_t *n);
Rel *exactly(Optimiser *o, Rel *r, const Attrs *attrs); // just these columns (optimise_project.c)
// optimise_filter.c: which sides' rows a join keeps when they find no partner.
Status expr_rename(Expr **e, const Attrs *from, const Attrs *to); // by place in the lists
bool join_keeps_left(JoinKind k);
bool join_keeps_right(JoinKind k);
// optimise_infer.c: adds to the conditions of both sides what the join's own ones (on) and those
// below it say of them through equal columns.
Status infer_filters(Optimiser *o, const Rel *j, const Conjuncts *on, Conjuncts *side[2]);
// decorrelate.c: conditions that name the outer query (E_ATTR with outer) out of a subquery's plan.
bool correlated(const Rel *r);
// Whether its conditions can move out; whole: it may be an aggregate without groups at its top.
bool can_decorrelate(Arena *a, const Rel *r, bool whole);
Status decorrelate(Optimiser *o, Rel **r, Conjuncts *pulled);
Status not_correlated(const Rel *r);    // refused: names the outer query in a way that is not built
void outer_to_inner(Conjuncts *pulled); // they stand in a join of the two now
#endif
