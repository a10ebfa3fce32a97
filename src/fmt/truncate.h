// truncate.h -- bounds of text and bytes, cut short: a lower bound may simply be cut, an upper
// bound must be raised in its last place that can be.
#ifndef FMT_TRUNCATE_H
#define FMT_TRUNCATE_H
#include "base/base.h"

Str truncate_utf8(Str s, int64_t bytes); // at most so many bytes, whole code points
Str truncate_chars(Str s, int64_t n);    // the first n code points
// The least text or bytes of the same length or less that is above every text that starts with
// `prefix`; empty when there is none.
Str truncate_up_utf8(Arena *a, Str prefix);
Str truncate_up(Arena *a, Str prefix);
#endif
