// watermark.h -- observes event time (semantics W4): every row passes through unchanged and is
// counted, a NULL as time 0. The run-time takes what was seen after each round; it never travels
// with the rows.
#ifndef OP_WATERMARK_H
#define OP_WATERMARK_H
#include "op/op.h"

typedef struct WatermarkSpec {
    int32_t column; // TIMESTAMP, or a window struct: then its last field (the end) counts
    Micros delay;
} WatermarkSpec;
typedef struct WatermarkStats { // of event times
    int64_t count, max, min;    // milliseconds, floored; they mean something when count > 0
    Int128 sum;                 // microseconds
} WatermarkStats;
extern const OpKind op_watermark;

WatermarkStats watermark_take(Op *op); // what was seen since the last call
void watermark_add(WatermarkStats *to, const WatermarkStats *s);
int64_t watermark_avg(const WatermarkStats *s); // in milliseconds, truncated; count > 0
#endif
