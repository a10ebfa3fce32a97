// pack.h -- values as flat bytes: elements of a collected list in a Blob, nested keys of a table,
// rows on their way to a file. Two values of one type are equal (value_eq) exactly when their bytes
// are: NaN and zero have one form each, maps are sorted. The form does not say its type.
#ifndef COL_PACK_H
#define COL_PACK_H
#include "base/buf.h"
#include "base/reader.h"
#include "col/column.h"

void value_pack(Buf *to, const Column *c, int32_t row);
// Appends the next value of r to b. False, with r->bad set, when the bytes are no value of b's
// type; b is of no use then. Strings are copied.
bool value_unpack(Reader *r, Builder *b);
#endif
