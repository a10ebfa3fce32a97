// eval.h -- what an expression may know besides its row: the session's settings and the batch's
// time.
#ifndef EXPR_EVAL_H
#define EXPR_EVAL_H
#include "col/column.h"
#include "fmt/text_cast.h"

// A time zone with rules. UTC and fixed offsets cost nothing; a region loads ICU when first used.
typedef struct Zone Zone;
Status zone_open(const Zone **z, Arena *a, Str name); // "UTC", "+05:30", "Europe/Paris", "PST"
const Zone *zone_utc(void);
bool zone_is_utc(const Zone *z);
bool zone_is_fixed(const Zone *z); // one offset at all times
Str zone_name(const Zone *z);
int64_t zone_offset(const Zone *z, Micros t); // micros to add to an instant for the local time
// Local time to instant: inside a gap moved forward by the gap, in an overlap the earlier offset.
Micros zone_to_utc(const Zone *z, Micros local);

typedef struct EvalCtx {
    bool ansi;           // spark.sql.ansi.enabled
    const Zone *zone;    // spark.sql.session.timeZone
    Micros batch_time;   // current_timestamp(): of the micro-batch, in milliseconds on a stream
    Str catalog, schema; // current_catalog(), current_schema()
    Str user;
    bool keep_scale; // spark.sql.decimalOperations.allowPrecisionLoss is off
    bool last_key;   // spark.sql.mapKeyDedupPolicy is LAST_WIN
    uint64_t seed;   // of rand() and uuid()
} EvalCtx;
TextForm eval_text_form(const EvalCtx *ctx); // for value_text and value_json
TextCast eval_text_cast(const EvalCtx *ctx); // for readers of formats; borrows ctx
#endif
