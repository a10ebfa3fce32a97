// rowform.h -- whole rows as flat bytes: what a stored row of a stream is. Every column has a fixed
// place, so one column of many rows is read in one loop; strings follow the fixed part and are read
// in place. The bytes hold no pointers: they may be moved, written to a file and read again.
//
//   | 16-byte values | 8-byte ones | 4, 2, 1 | validity, a bit a column | strings, in order |
//
// A string's value is its offset in the row and its length, 4 bytes each; values of nested types
// are strings of packed bytes (col/pack.h). Rows are padded with zeros to a multiple of 8.
#ifndef COL_ROWFORM_H
#define COL_ROWFORM_H
#include "col/column.h"

typedef struct RowForm RowForm;

RowForm *rowform_new(Arena *a, const Schema *s);
// Rows row[0..n) of a batch (row NULL: the first n), in two steps: how many bytes each takes, and
// writing them to where the caller made room. What is packed lives in `a` between the two.
void rowform_measure(RowForm *f, Arena *a, const Batch *b, const int32_t *row, int32_t n,
                     int64_t *bytes);
void rowform_write(RowForm *f, const Batch *b, const int32_t *row, int32_t n, char *const *to);
// Column c of n flat rows, in a; strings point into the rows.
Column rowform_column(const RowForm *f, Arena *a, int32_t c, const char *const *row, int32_t n);
// Whether bytes from outside are a row: afterwards rowform_column may read it.
bool rowform_check(const RowForm *f, Str row);
#endif
