// pattern_in.h -- datetime patterns as Java's DateTimeFormatter reads and writes them, with Spark's
// restrictions (spark.sql.legacy.timeParserPolicy = CORRECTED).
#ifndef EXPR_PATTERN_IN_H
#define EXPR_PATTERN_IN_H
#include "base/buf.h"
#include "base/civil.h"
#include "expr/eval.h"

typedef struct Pattern Pattern;
typedef enum PatternUse { PATTERN_READ, PATTERN_WRITE } PatternUse;
// It lives in a. Raises for letters and counts that Spark refuses.
Status pattern_compile(const Pattern **p, Arena *a, Str text, PatternUse use);

// The local time and zone of a text; false when it does not fit, or names no time that exists.
typedef struct PatternTime {
    Micros local;
    bool has_offset; // local - offset is the instant
    int64_t offset;
    Str zone; // named in the text, else empty
} PatternTime;
bool pattern_read(const Pattern *p, Str text, PatternTime *t);
// What Java says of a text that it cannot read.
Str pattern_complaint(Arena *a, const Pattern *p, Str text);
// The instant of a text, in the session's zone when it names none.
bool pattern_instant(const Pattern *p, Str text, const Zone *zone, Micros *t);
void pattern_write(const Pattern *p, Buf *b, Micros t, const Zone *zone);
// For readers of formats: a date, time or timestamp by a pattern.
bool pattern_datum(const Pattern *p, const Type *t, Str text, const Zone *zone, Datum *v);
#endif
