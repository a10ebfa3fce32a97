// time_texts.h -- dates and times as the datetime patterns of a writer's options have them: to_json
// and the sinks that write text turn such columns into texts first.
#ifndef EXPR_TIME_TEXTS_H
#define EXPR_TIME_TEXTS_H
#include "expr/eval.h"

typedef struct TimeTexts TimeTexts;
// Patterns of TIMESTAMP, TIMESTAMP_NTZ and DATE; an empty one leaves the column as it is, and *t is
// NULL when all are. Raises for letters that Spark refuses.
Status time_texts_new(const TimeTexts **t, Arena *a, Str timestamp, Str ntz, Str date);
// The type with STRING for all that has a pattern. t may be NULL.
const Type *time_texts_type(const TimeTexts *t, Arena *a, const Type *of);
// The column with its times written; all else is shared. `as` by time_texts_type.
Column time_texts_column(const TimeTexts *t, Arena *scratch, const Column *c, const Type *as,
                         const Zone *zone);
#endif
