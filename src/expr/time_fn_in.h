// time_fn_in.h -- arithmetic with times and intervals, as + - * / find it.
#ifndef EXPR_TIME_FN_IN_H
#define EXPR_TIME_FN_IN_H
#include "expr/fn_in.h"

// A call of + - * / with a date, time or interval on a side becomes what Spark makes of it; *mine
// stays true when it is arithmetic of numbers (or of intervals of one kind).
Status time_arith(Arena *a, Expr *call, const EvalCtx *ctx, bool *mine);
Status interval_unary(Arena *a, Expr *call); // negative, abs
// make_timestamp(date, time, zone): the rest of its analysis, and how it runs.
Status analyse_date_and_time(Arena *a, Expr *call);
Kernel date_and_time_kernel(void);
// An interval of any kind, times 1 or -1. The days of INTERVAL DAY TO SECOND are the calendar's.
Interval interval_at(const Column *c, int32_t i, int32_t sign);
// Sums of calendar intervals, field by field.
Status interval_plus(const KernelCall *k);
Status interval_minus(const KernelCall *k);
Status interval_negate(const KernelCall *k);
#endif
