// column_in.h -- what copies of columns share inside col/.
#ifndef COL_COLUMN_IN_H
#define COL_COLUMN_IN_H
#include "col/column.h"

// The strings s[0..n) move into a; those of invalid rows become empty.
// Values of `width` bytes, of the rows named (NULL: all), one behind the other.
void rows_take(void *out, const void *data, int64_t width, const int32_t *row, int32_t n);
void strings_own(Arena *a, Str *s, const uint8_t *valid, int32_t n);
// The elements that the lists point to, in order, as row numbers in scratch; the lists then count
// from `base` on, those of invalid rows are empty. Returns how many elements there are.
int32_t lists_unroll(List *list, const uint8_t *valid, int32_t n, int32_t base, int32_t **element,
                     Arena *scratch);
#endif
