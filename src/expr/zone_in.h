// zone_in.h -- zones as they stand inside texts of times.
#ifndef EXPR_ZONE_IN_H
#define EXPR_ZONE_IN_H
#include "expr/eval.h"

// "Z", "+05:30", "UTC+1", "GMT": micros to add to an instant.
bool zone_fixed_parse(Str name, int64_t *micros);
// Of the offset at t: summer's has names of its own. A fixed zone has none.
typedef enum ZoneSeason { ZONE_WINTER, ZONE_SUMMER, ZONE_ANY_SEASON } ZoneSeason;
ZoneSeason zone_season(const Zone *z, Micros t);
// The zone that a name stands for: "PST" is America/Los_Angeles, "EST" is -05:00.
Str zone_id(const Zone *z);

// "PDT", or full: "Pacific Daylight Time"; a zone that has no names is called by its id.
Str zone_text(const Zone *z, ZoneSeason season, bool full);

// -- zone_text.c: English names of regions, as Java has them
typedef struct ZoneNames {
    Str name[6]; // winter's short and full, summer's, those of no season
    Str zones;   // with these names, blanks between
} ZoneNames;
extern const ZoneNames zone_names[];    // UTC's first
const ZoneNames *zone_names_of(Str id); // NULL: it is none of Java's regions
// How long the longest id (all: Etc/GMT+3 and its like too), or name, at the beginning of text is,
// and whose; 0: none. Upper and lower case are the same.
int64_t zone_id_read(Str text, bool all, Str *id);
int64_t zone_name_read(Str text, bool full, Str *id);

// Any zone, regions included; false: there is none of that name. Slow for regions.
bool zone_local_to_utc(Str name, Micros local, Micros *utc_time);
#endif
