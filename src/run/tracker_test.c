// tracker_test.c -- rules W6 and W6b as traces.
#include "base/test.h"
#include "run/tracker.h"

typedef struct Move {
    int64_t max[2]; // greatest event time seen by each node, -1: no rows
    int64_t want;
} Move;

static void check_trace(Arena *a, WatermarkPolicy policy, const Move *move, int32_t n)
{
    static const Micros delay[] = {10000000, 20000000};
    Tracker t = tracker_new(a, policy, delay, NULL, 2);
    for (int32_t i = 0; i < n; i++) {
        WatermarkStats seen[2] = {0};
        for (int32_t k = 0; k < 2; k++)
            if (move[i].max[k] != -1) seen[k] = (WatermarkStats){.count = 1, .max = move[i].max[k]};
        tracker_move(&t, seen);
        CHECK_I64(t.watermark, move[i].want);
    }
}
TEST(tracker_min_waits_for_the_slowest)
{
    static const Move m[] = {
        {{15000, -1}, 0},        // the second has seen nothing: 0
        {{-1, 15000}, 0},        // it has, but 15 s - 20 s lies before 0
        {{-1, 24000}, 4000},     // min(5, 4)
        {{-1, 90000}, 5000},     // held by the first
        {{40000, -1}, 30000},    // min(30, 70)
        {{12000, 12000}, 30000}, // never back
    };
    check_trace(a, POLICY_MIN, m, COUNT(m));
}
TEST(tracker_max_follows_the_fastest)
{
    static const Move m[] = {{{15000, -1}, 5000}, {{-1, 90000}, 70000}, {{85000, 30000}, 75000}};
    check_trace(a, POLICY_MAX, m, COUNT(m));
}
TEST(tracker_never_below_zero)
{
    static const Move m[] = {{{-50000, -90000}, 0}, {{-20000, -1}, 0}};
    check_trace(a, POLICY_MIN, m, COUNT(m));
    check_trace(a, POLICY_MAX, m, COUNT(m));
}
TEST(tracker_policy_names)
{
    WatermarkPolicy p = POLICY_MIN;
    CHECK_OK(policy_parse(&p, S("MAX")));
    CHECK(p == POLICY_MAX);
    CHECK_STR(policy_name(p), S("max"));
    CHECK_FAILS(policy_parse(&p, S("avg")), ERR_INVALID);
}
TEST(tracker_one_mark)
{
    static const Micros delay[] = {0, 0, 0};
    static const int32_t same[] = {0, 1, 0};
    Tracker t = tracker_new(a, POLICY_MIN, delay, same, 3);
    tracker_move(&t, (WatermarkStats[]){{.count = 1, .max = 5}, {.count = 1, .max = 20}, {0}});
    CHECK_I64(t.watermark, 5); // the third saw nothing, and is the first
    tracker_move(&t, (WatermarkStats[]){{0}, {0}, {.count = 1, .max = 9}});
    CHECK_I64(t.watermark, 9);
}
