// expr_set.h -- ExprSet, expressions without equal ones, in order of insertion; finding one does
// not look at all. What equal means is expr_eq's.
#ifndef EXPR_EXPR_SET_H
#define EXPR_EXPR_SET_H
#include "expr/expr.h"

typedef struct ExprSet { // {0} is empty
    const Expr **v;
    int64_t n, cap;
    int32_t *slot; // open addressing: index into v + 1, or 0
    int64_t nslots;
} ExprSet;
uint64_t expr_hash(const Expr *e);                      // equal expressions have equal ones
int64_t expr_set_find(const ExprSet *s, const Expr *e); // -1: absent
// The index of e, or of the one that was there; e is borrowed.
int64_t expr_set_add(ExprSet *s, Arena *a, const Expr *e);
#endif
