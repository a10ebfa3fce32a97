// tracker.h -- Tracker, how the watermark moves (semantics W6): each node's greatest event time
// less its delay, joined over the nodes by the policy, never back. All in milliseconds.
#ifndef RUN_TRACKER_H
#define RUN_TRACKER_H
#include "op/watermark.h"

typedef enum WatermarkPolicy { POLICY_MIN, POLICY_MAX } WatermarkPolicy;
typedef struct Tracker {
    WatermarkPolicy policy;
    int64_t *node;       // each node's value, once seen
    const Micros *delay; // of each node
    const int32_t *same; // of each node: the one it shares its value with, itself or an earlier one
    bool *seen;
    int32_t n;
    int64_t watermark; // the global value: only this one outlives the run (W6b)
} Tracker;

// "min" or "max" in any case; ERR_INVALID else.
Status policy_parse(WatermarkPolicy *p, Str text);
Str policy_name(WatermarkPolicy p);
// same NULL: each node has its own value.
Tracker tracker_new(Arena *a, WatermarkPolicy policy, const Micros *delay, const int32_t *same,
                    int32_t n);
// Takes what an epoch saw, one entry a node, and moves the watermark.
void tracker_move(Tracker *t, const WatermarkStats *seen);
#endif
