// interval.h -- texts of intervals, for literals and casts.
#ifndef EXPR_INTERVAL_H
#define EXPR_INTERVAL_H
#include "col/column.h"

// What stands between the quotes of INTERVAL '...' DAY TO SECOND, or that whole literal as text,
// with the fields of type t. False: it has another form or does not fit.
bool interval_ym_read(Str s, const Type *t, int32_t *months);
bool interval_dt_read(Str s, const Type *t, Micros *micros);
// "1 year 2 days -3.5 seconds", INTERVAL may stand before.
bool interval_read(Str s, Interval *v);
// Adds n units (n may have a fraction for seconds) to v. Units: year[s] month[s] week[s] day[s]
// hour[s] minute[s] second[s] millisecond[s] microsecond[s].
bool interval_add(Interval *v, Str number, Str unit);
// Says that the text has not the form of type t.
Status interval_unmatched(Arena *a, Str text, const Type *t);
// The name of a field: "DAY".
Str interval_field(const Type *t, int32_t field);
#endif
