// picks_in.h -- how functions make lists: they pick elements from columns, one after the other, and
// a splice makes the new elements of the picks.
#ifndef EXPR_PICKS_IN_H
#define EXPR_PICKS_IN_H
#include "expr/fn_in.h"
#include "expr/splice.h"

typedef struct Picks {
    const KernelCall *k;
    const Column *const *src;
    VEC(int32_t) which, row; // which -1: NULL
    int32_t start;           // of the list being made
} Picks;
Picks picks_of(const KernelCall *k, const Column *const *src);
static inline void pick(Picks *p, int32_t which, int32_t row)
{
    vec_push(p->k->scratch, &p->which, which);
    vec_push(p->k->scratch, &p->row, row);
}
void picks_end_row(Picks *p, int32_t i); // the list of row i is complete
void picks_finish(Picks *p);             // the elements of an array
Column picks_column(Picks *p, const Type *t);
static inline List list_at(const Column *c, int32_t i) { return COLUMN_DATA(c, List)[i]; }
// The keys of one map: one that stood there before, or is NULL, is an error.
// map_keys.c: the keys of the maps in k->out, of its live rows: none is NULL, and each is there
// once or, by spark.sql.mapKeyDedupPolicy, has the value that came last.
Status settle_keys(const KernelCall *k, bool (*live)(const KernelCall *k, int32_t row));
// Functions of strings that take arrays too.
Status concat_arrays(const KernelCall *k);
Status reverse_arrays(const KernelCall *k);
#endif
