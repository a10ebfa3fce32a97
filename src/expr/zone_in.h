// zone_in.h -- zones as they stand inside texts of times.
#ifndef EXPR_ZONE_IN_H
#define EXPR_ZONE_IN_H
#include "expr/eval.h"

// "Z", "+05:30", "UTC+1", "GMT": micros to add to an instant.
bool zone_fixed_parse(Str name, int64_t *micros);
// Any zone, regions included; false: there is none of that name. Slow for regions.
bool zone_local_to_utc(Str name, Micros local, Micros *utc_time);
#endif
