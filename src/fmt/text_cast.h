// text_cast.h -- how a format asks for times and intervals: the grammar of Spark's casts, the
// session's zone and the letters of datetime patterns are known above (expr/), so the caller of a
// reader hands them down as one function.
#ifndef FMT_TEXT_CAST_H
#define FMT_TEXT_CAST_H
#include "col/column.h"

typedef struct TextCast TextCast;
struct TextCast {
    // Reads text as t (date, time, timestamps, intervals), by `pattern` when it is not empty, else
    // as CAST does; false: it is none. Never raises. May be called from several threads.
    bool (*read)(const TextCast *c, const Type *t, Str text, Str pattern, Datum *v);
    const void *ctx; // its own
    bool utc;        // the session's zone is UTC: plain ISO texts need no call
};
#endif
