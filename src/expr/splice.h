// splice.h -- columns made of rows of other columns: what CASE, array() and all functions on lists
// come down to.
#ifndef EXPR_SPLICE_H
#define EXPR_SPLICE_H
#include "col/column.h"

typedef struct Splice { // out row i is row row[i] of src[which[i]]; which[i] -1: NULL
    const Column *const *src;
    const int32_t *which; // NULL: all 0
    const int32_t *row;   // NULL: i itself
} Splice;
// Strings and list elements are shared, not copied, where a list's elements come from one source.
Column splice(Arena *a, const Type *t, const Splice *s, int32_t n);
#endif
