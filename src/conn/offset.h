// offset.h -- reading what sources write as offsets, and Java's way of writing durations.
#ifndef CONN_OFFSET_H
#define CONN_OFFSET_H
#include "base/base.h"

// The integer field `name` of a JSON object; ERR_CORRUPT when it is not there.
Status offset_field(Arena *a, Str json, Str name, int64_t *v);
// A plain integer; ERR_CORRUPT when it is none.
Status offset_number(Str text, int64_t *v);
// "90", "90s", "5m", "7d" (us, ms, s, m, min, h, d), a number alone counting in `unit`.
Status duration_java(Str option, Str text, Micros unit, Micros *v);
#endif
