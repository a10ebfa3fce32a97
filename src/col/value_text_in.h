// value_text_in.h -- the pieces of value_text that value_json writes too.
#ifndef COL_VALUE_TEXT_IN_H
#define COL_VALUE_TEXT_IN_H
#include "base/buf.h"
#include "col/column.h"

void number_text(Buf *b, const Column *c, int32_t row); // boolean, integers, float, double
void decimal_text(Buf *b, Int128 v, int32_t scale, bool exponent);
void interval_text(Buf *b, const Column *c, int32_t row);
int64_t value_offset(const TextForm *form, Micros t); // of the form's zone, in microseconds
Micros value_local(const TextForm *form, Micros t);   // what a clock in the form's zone shows
#endif
