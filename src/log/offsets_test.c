// What was acknowledged to a group is there after a power cut at every call.
#include "base/test.h"
#include "log/log.h"
#include "log/offsets.h"
#include "os/sim.h"

static const LogOptions alone = {.alone = true};
#define DIR S("/tmp/log")

static Status commit_some(Arena *life, int64_t *acked)
{
    Log *log;
    TRY(log_open(&log, life, DIR, &alone));
    for (int64_t i = *acked + 1; i <= *acked + 5; i++) {
        int64_t ticket;
        GroupOffset v[2] = {{S("events"), 3, i, 0, S("meta"), 5}, {S("b"), 0, i * 2, -1, S(""), 6}};
        TRY(offsets_commit(log, S("g"), v, 2, &ticket));
        TRY(offsets_sync(log, ticket));
        bool yes = false;
        TRY(offsets_durable(log, ticket, &yes));
        must(yes);
    }
    *acked += 5;
    return DONE;
}

TEST(log_group_offsets_survive)
{
    for (int64_t at = 0; at < 60; at++) {
        Arena *world = arena_new(a), *life = arena_new(world);
        Sim *sim = sim_new(world, 40 + (uint64_t)at, NULL);
        sim_enter(sim);
        int64_t acked = 0;
        CHECK_OK(commit_some(life, &acked));
        sim_faults(sim, &(SimFaults){.torn_write = 500, .crash_at = at});
        if (at) CHECK(commit_some(life, &acked).code || acked == 10);
        arena_free(life);
        sim_crash(sim);
        life = arena_new(world);
        Log *log;
        CHECK_OK(log_open(&log, life, DIR, &alone));
        GroupOffset v = {.topic = S("events"), .partition = 3};
        CHECK(offsets_find(log, life, S("g"), &v));
        CHECK(v.offset >= acked && v.offset <= acked + 5);
        CHECK_STR(v.metadata, S("meta"));
        GroupOffset *list;
        CHECK_I64(offsets_list(log, life, S("g"), &list), 2);
        CHECK_I64(list[0].offset, v.offset * 2);
        Str *names;
        CHECK_I64(offsets_groups(log, life, &names), 1);
        int64_t ticket;
        CHECK_OK(offsets_forget(log, S("g"), list, 1, &ticket));
        CHECK_OK(offsets_sync(log, ticket));
        CHECK_I64(offsets_list(log, life, S("g"), &list), 1);
        arena_free(life);
        sim_leave();
        arena_free(world);
    }
}
