// time_in.h -- times and dates as texts, and arithmetic of the calendar, for casts and functions.
#ifndef EXPR_TIME_IN_H
#define EXPR_TIME_IN_H
#include "base/civil.h"
#include "expr/eval.h"

// Reads texts one after the other; the text of the last date is kept, since most texts repeat it.
typedef struct TimeReader {
    const Zone *zone; // of texts that name none
    Micros now;       // "07:08" is a time of today
    uint64_t date_lo; // the first eight and the last eight bytes of the ten-byte date
    uint64_t date_hi; // whose midnight is `midnight`
    Micros midnight;  // local
    bool plain;       // the zone is a fixed offset:
    int64_t plain_offset;
} TimeReader;
TimeReader time_reader(const EvalCtx *ctx);
// As CAST reads them; false: it is none.
bool time_read(TimeReader *r, Str s, Micros *t);     // TIMESTAMP
bool time_read_ntz(TimeReader *r, Str s, Micros *t); // TIMESTAMP_NTZ: a zone is read and ignored
bool date_read(Str s, int32_t *days);
bool time_of_day_read(Str s, int64_t *nanos);

// False when the date does not exist or the result does not fit.
bool civil_exists(int64_t year, int32_t month, int32_t day);
bool civil_checked(const Civil *c, Micros *t);
Str civil_complaint(Arena *a, const Civil *c); // what Java says of a field that cannot be
Micros add_months(Micros t, int64_t months, const Zone *z); // the day is cut to the month's last
int64_t date_add_months(int64_t days, int64_t months);
Micros add_days(Micros t, int64_t days, const Zone *z); // at the same local time
#endif
