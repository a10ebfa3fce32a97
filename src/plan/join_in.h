// join_in.h -- what a join's condition says: equal keys, what concerns one side only, the rest; and
// how far a range of times bounds the state of a side (semantics J1, J2, J4, J6, J7).
#ifndef PLAN_JOIN_IN_H
#define PLAN_JOIN_IN_H
#include "plan/rel.h"

typedef VEC(Expr *) Conjuncts;
void conjuncts_of(Conjuncts *to, Arena *a, Expr *e); // AND taken apart; BETWEEN as its two halves
Expr *conjuncts_join(Arena *a, Expr *const *e, int64_t n); // NULL when there are none
bool only_from(const Expr *e, const Attrs *in);            // every column of e is in `in`

typedef struct JoinKeys {
    Conjuncts left, right; // key by key, of equal types
    VEC(uint8_t) null_safe;
    Conjuncts left_only, right_only; // deterministic, over one side
    Conjuncts residual;
} JoinKeys;
void join_keys(JoinKeys *to, Arena *a, const Rel *join);
// A bare event-time column stands among the keys of either side (J6): its index, or -1.
int32_t join_time_key(const JoinKeys *keys);

// A side's rows are of no more use once their event time <= min(watermark + offset, cap). Spark
// solves each comparison of the condition for the one column of this side in it, of whatever type,
// so `v > 1` is a cap of one second (semantics J7); such a row stays in the state for ever.
typedef struct StateBound {
    bool is;
    Micros offset; // 0 or less than INT64_MAX when the watermark counts
    Micros cap;    // INT64_MAX: none
    bool times;    // every pair of rows, too: its time > the other's + offset
} StateBound;
#define BOUND_FREE INT64_MAX // an offset when only the cap counts
StateBound join_bound(Arena *a, const Rel *join, int32_t side);
#endif
