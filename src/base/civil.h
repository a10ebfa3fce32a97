// civil.h -- the proleptic Gregorian calendar on 64-bit counts, and the ISO forms of times in UTC.
// Time zones with rules are in expr/; no function here asks what time it is.
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H
#include "base/base.h"

#define MICROS_PER_SECOND INT64_C(1000000)
#define MICROS_PER_MS     INT64_C(1000)
#define MICROS_PER_MINUTE (60 * MICROS_PER_SECOND)
#define MICROS_PER_HOUR   (60 * MICROS_PER_MINUTE)
#define MICROS_PER_DAY    (24 * MICROS_PER_HOUR)

typedef struct Civil { // a point of the calendar without a zone
    int64_t year;
    int32_t month, day; // from 1
    int32_t hour, minute, second;
    int32_t micro;
} Civil;

static inline int64_t floor_div(int64_t a, int64_t b) // b > 0
{
    int64_t q = a / b;
    return q - (a % b < 0);
}
static inline int64_t floor_mod(int64_t a, int64_t b) // b > 0; in [0, b)
{
    int64_t r = a % b;
    return r < 0 ? r + b : r;
}
// The largest multiple of width (> 0) that is not above t; INT64_MIN when it has no number.
static inline Micros floor_time(Micros t, Micros width)
{
    Micros from;
    return __builtin_sub_overflow(t, floor_mod(t, width), &from) ? INT64_MIN : from;
}
int64_t civil_to_days(int64_t year, int32_t month, int32_t day); // days since 1970-01-01
void civil_from_days(int64_t days, int64_t *year, int32_t *month, int32_t *day);
Civil civil_of(Micros t);
Micros civil_to_micros(const Civil *c);
int32_t civil_days_in_month(int64_t year, int32_t month);
int32_t civil_weekday(int64_t days);     // 0 Monday .. 6 Sunday
int32_t civil_day_of_year(int64_t days); // from 1
// Writes as Spark's cast does: yyyy-MM-dd HH:mm:ss[.ffffff without trailing zeros]. At most 40
// bytes; returns how many.
int64_t civil_format(char *out, Micros t);
int64_t civil_format_date(char *out, int64_t days);
// yyyy-MM-ddTHH:mm:ss.SSSZ, as progress objects have it.
int64_t civil_format_ms(char *out, Micros t);
#endif
