// flat.h -- a value of any type as flat bytes, for what aggregates keep between rows. Layout of a
// value: one byte 0 for NULL, else 1 and the content: fixed-width values as in memory; strings a
// length of 4 bytes and the text; structs their fields; arrays and maps a count of 4 bytes and the
// elements (a map's keys, then its values).
#ifndef EXPR_FLAT_H
#define EXPR_FLAT_H
#include "base/reader.h"
#include "col/blob.h"
#include "col/column.h"

int64_t flat_bytes(const Column *c, int32_t row);
char *flat_write(char *p, const Column *c, int32_t row); // returns the end
// The value at the reader as the next of b.
void flat_read(Reader *r, const Type *t, Builder *b);
// Appends the value to, or sets it as the whole of, a blob.
void flat_append(BlobPool *pool, Blob *blob, const Column *c, int32_t row);
void flat_set(BlobPool *pool, Blob *blob, const Column *c, int32_t row);
// The order of value_cmp, between a row and flat bytes; NULL is least.
int32_t flat_cmp(const Column *c, int32_t row, Reader *r);
// A column of n values, one from each reader's text; empty texts are NULL.
Column flat_column(Arena *a, const Type *t, const Str *text, int32_t n);
#endif
