// tracker.c -- the rules of Spark's WatermarkTracker: a node that has seen nothing counts as 0.
#include "run/tracker.h"
#include "base/civil.h"

static const Str policy_names[] = {[POLICY_MIN] = STR_INIT("min"), [POLICY_MAX] = STR_INIT("max")};

Status policy_parse(WatermarkPolicy *p, Str text)
{
    for (int32_t i = 0; i < COUNT(policy_names); i++) {
        if (!str_ieq(text, policy_names[i])) continue;
        *p = (WatermarkPolicy)i;
        return DONE;
    }
    return fail(ERR_INVALID,
                "spark.sql.streaming.multipleWatermarkPolicy is min or max, not '" STR_FMT "'",
                STR_ARG(text));
}
Str policy_name(WatermarkPolicy p) { return policy_names[p]; }
Tracker tracker_new(Arena *a, WatermarkPolicy policy, const Micros *delay, const int32_t *same,
                    int32_t n)
{
    return (Tracker){.policy = policy,
                     .node = NEW(a, int64_t, n + 1),
                     .delay = delay,
                     .same = same,
                     .seen = NEW(a, bool, n + 1),
                     .n = n};
}
void tracker_move(Tracker *t, const WatermarkStats *seen)
{
    if (!t->n) return;
    for (int32_t i = 0; i < t->n; i++) {
        if (!seen[i].count) continue;
        int64_t at = seen[i].max - floor_div(t->delay[i], MICROS_PER_MS);
        int32_t k = t->same ? t->same[i] : i;
        if (t->seen[k] && at <= t->node[k]) continue;
        t->seen[k] = true;
        t->node[k] = at;
    }
    int64_t joined = t->seen[0] ? t->node[0] : 0;
    for (int32_t i = 1; i < t->n; i++) {
        if (t->same && t->same[i] != i) continue;
        int64_t at = t->seen[i] ? t->node[i] : 0;
        joined = t->policy == POLICY_MIN ? MIN(joined, at) : MAX(joined, at);
    }
    t->watermark = MAX(t->watermark, joined);
}
