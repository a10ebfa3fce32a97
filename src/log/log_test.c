// The log on a perfect disk, on one that fails at the n-th call, and through power cuts at every
// call: what was acknowledged is there, whole and in order, and rot is refused by name.
#include "base/civil.h"
#include "base/test.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/sim.h"
#include "os/thread.h"

static const LogOptions alone = {.alone = true};
static const RecordsProducer nobody = {-1, -1, -1};
#define DIR S("/tmp/log")

static char *batch_at(Arena *a, int64_t first, int64_t n, RecordsProducer producer, Str *batch)
{
    RecordsWriter w = {0};
    records_begin(&w, a, first % 3 ? RECORDS_NONE : RECORDS_LZ4);
    for (int64_t i = first; i < first + n; i++) {
        Record r = {.time_ms = 1000000 + i * 10};
        r.value = str_fmt(a, "value %lld", (long long)i);
        records_add(&w, &r, NULL);
    }
    CHECK_OK(records_end(batch, &w, producer));
    return (char *)batch->p;
}

static Status put(Arena *a, Partition *p, int64_t first, int64_t n, Appended *done)
{
    Str batch;
    char *bytes = batch_at(a, first, n, nobody, &batch);
    return partition_append(p, bytes, batch.n, done);
}

// Reads [from, end) and counts the records whose value is not that of their offset.
static int64_t read_all(Arena *a, Partition *p, int64_t from, int64_t *wrong)
{
    int64_t room = 4096, seen = 0;
    char *to = NEW(a, char, room);
    *wrong = 0;
    for (LogRead r = {.offset = from, .upto = INT64_MAX, .to = to, .room = room};;
         r.offset = r.next, r.upto = INT64_MAX) {
        Status s = partition_read(p, &r);
        CHECK_OK(s);
        if (s.code) return seen;
        if (r.need) {
            r.next = r.offset;
            r.room = r.need;
            r.to = NEW(a, char, r.need);
            continue;
        }
        if (!r.batches.n) return seen;
        for (Str rest = r.batches; rest.n;) {
            RecordsHead h;
            Buf unpacked = buf_new(a);
            Str body;
            if (records_head(&h, rest).code || records_check(&h, str_of(rest.p, h.bytes)).code ||
                records_body(&body, &unpacked, &h, str_of(rest.p, h.bytes)).code) {
                ++*wrong;
                return seen;
            }
            Records c = records_of(&h, body);
            for (Record one; records_next(&c, &one);) {
                if (one.offset < from) continue;
                Str want = str_fmt(a, "value %lld", (long long)one.offset);
                *wrong += !str_eq(one.value, want) || one.offset != from + seen;
                seen++;
            }
            rest = str_from(rest, h.bytes);
        }
    }
}

static void check_content(Arena *a, Partition *p, int64_t from, int64_t end)
{
    int64_t wrong;
    CHECK_I64(read_all(a, p, from, &wrong), end - from);
    CHECK_I64(wrong, 0);
}

static Partition *open_topic(Log **log, Arena *a, Str name, const Options *config)
{
    Topic *t = topic_find(*log, name);
    (void)a;
    if (!t) CHECK_OK(topic_create(&t, *log, name, 1, config));
    return topic_partition(t, 0);
}

TEST(log_append_read_reopen)
{
    sim_enter(sim_new(a, 1, NULL));
    for (int64_t run = 0; run < 4; run++) {
        Arena *life = arena_new(a);
        Log *log;
        CHECK_OK(log_open(&log, life, DIR, &alone));
        Partition *p = open_topic(&log, life, S("events"), NULL);
        CHECK_I64(partition_end(p), run * 1000);
        for (int64_t i = 0; i < 1000; i += 10) {
            Appended done;
            CHECK_OK(put(life, p, run * 1000 + i, 10, &done));
            CHECK(done.base == run * 1000 + i && done.next == done.base + 10 && !done.error);
        }
        CHECK_I64(partition_written(p), run * 1000 + 1000);
        CHECK_I64(partition_end(p), run * 1000); // nothing was synced
        CHECK_OK(partition_sync(p, partition_written(p)));
        check_content(life, p, 0, run * 1000 + 1000);
        check_content(life, p, run * 777 + 5, run * 1000 + 1000);
        LogRead r = {.offset = run * 1000 + 1001, .to = NEW(life, char, 100), .room = 100};
        CHECK_FAILS(partition_read(p, &r), ERR_NOT_FOUND);
        int64_t batches, records;
        CHECK_OK(partition_verify(p, &batches, &records));
        CHECK_I64(records, run * 1000 + 1000);
        arena_free(life);
    }
    sim_leave();
}

static Options small_segments(Arena *a)
{
    Options o = {0};
    Option one = {S("segment.bytes"), S("6000")};
    vec_push(a, &o, one);
    return o;
}

TEST(log_times_are_exact)
{
    sim_enter(sim_new(a, 1, NULL));
    Log *log;
    CHECK_OK(log_open(&log, a, DIR, &alone));
    Options small = small_segments(a);
    Partition *p = open_topic(&log, a, S("events"), &small);
    Appended done;
    for (int64_t i = 0; i < 3000; i += 25) CHECK_OK(put(a, p, i, 25, &done));
    CHECK_OK(log_commit(log));
    CHECK(partition_state(p).segments > 5);
    static const struct {
        int64_t ms, offset, time_ms;
    } row[] = {
        {0, 0, 1000000},
        {1000000, 0, 1000000},
        {1000001, 1, 1000010},
        {1000000 + 17770, 1777, 1017770},
        {1000000 + 17765, 1777, 1017770},
        {1000000 + 29990, 2999, 1029990},
        {1000000 + 29991, -1, -1},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        int64_t offset, time_ms;
        CHECK_OK(partition_at_time(p, row[i].ms, &offset, &time_ms));
        CHECK_I64(offset, row[i].offset);
        CHECK_I64(time_ms, row[i].time_ms);
    }
    int64_t offset, time_ms;
    CHECK_OK(partition_newest(p, &offset, &time_ms));
    CHECK_I64(offset, 2999);
    sim_leave();
    log_close(log);
}

// Cuts follow from the batches alone: the same after a restart, and when the index is lost.
TEST(log_cuts_are_stable)
{
    sim_enter(sim_new(a, 1, NULL));
    Options small = small_segments(a);
    int64_t cut[2][100], n[2] = {0};
    for (int32_t run = 0; run < 2; run++) {
        Arena *life = arena_new(a);
        Log *log;
        CHECK_OK(log_open(&log, life, DIR, &alone));
        Partition *p = open_topic(&log, life, S("events"), &small);
        Appended done;
        for (int64_t i = 0; !run && i < 5000; i += 7) CHECK_OK(put(life, p, i, 7, &done));
        CHECK_OK(log_commit(log));
        check_content(life, p, 0, 5005);
        for (int64_t at = 0; at < 5005;) {
            CHECK_OK(partition_cut(p, at, 5005, 100, &at));
            cut[run][n[run]++] = at;
        }
        arena_free(life);
        Entries list;
        CHECK_OK(dir_list(&list, a, S("/tmp/log/topics/events/0")));
        for (int64_t i = 0; i < list.n; i++)
            if (str_ends(list.v[i].name, S(".idx")))
                CHECK_OK(path_remove(path_join(a, S("/tmp/log/topics/events/0"), list.v[i].name)));
    }
    CHECK(n[0] > 10 && n[0] == n[1]);
    for (int64_t i = 0; i < n[0]; i++) CHECK_I64(cut[1][i], cut[0][i]);
    sim_leave();
}

TEST(log_what_a_roll_made_durable_is_readable_after_its_sync)
{
    SimFaults perfect = {0};
    sim_enter(sim_new(a, 1, &perfect));
    Log *log;
    CHECK_OK(log_open(&log, a, DIR, &alone));
    Options small = small_segments(a);
    Partition *p = open_topic(&log, a, S("events"), &small);
    Appended first, done;
    CHECK_OK(put(a, p, 0, 100, &first));
    do CHECK_OK(put(a, p, partition_written(p), 100, &done));
    while (partition_state(p).segments < 2);
    CHECK_OK(partition_sync(p, first.next));
    CHECK(partition_end(p) >= first.next);
    sim_leave();
}

// A long segment is opened with fewer marks than its file has: cuts, reads and what is appended
// afterwards must not show it. The last run finds the index gone, and a walk has to find all.
TEST(log_reopens_with_few_marks)
{
    enum { BATCHES = 300, RECORDS = 500, FIRST = BATCHES * RECORDS };
    sim_enter(sim_new(a, 1, NULL));
    int64_t cut[FIRST / 1000 + 1], cuts = 0;
    for (int64_t run = 0; run < 4; run++) {
        Arena *life = arena_new(a);
        Log *log;
        Appended done;
        CHECK_OK(log_open(&log, life, DIR, &alone));
        Partition *p = open_topic(&log, life, S("events"), NULL);
        for (int64_t i = 0; i < (run ? 20 : BATCHES); i++)
            CHECK_OK(put(life, p, partition_written(p), RECORDS, &done));
        CHECK_OK(log_commit(log));
        for (int64_t at = 0, i = 0; at < FIRST; i++) {
            CHECK_OK(partition_cut(p, at, FIRST, 1000, &at));
            CHECK(at % RECORDS == 0 && i < COUNT(cut));
            if (!run) cut[cuts++] = at;
            CHECK_I64(at, cut[i]);
        }
        int64_t end = FIRST + run * 20 * RECORDS, batches, records;
        check_content(life, p, 0, end);
        for (int64_t at = 1; at < end; at += 40009) check_content(life, p, at, end);
        CHECK_OK(partition_verify(p, &batches, &records));
        CHECK_I64(records, end);
        arena_free(life);
        Str index = S("/tmp/log/topics/events/0/00000000000000000000.idx");
        if (run == 2) CHECK_OK(path_remove(index));
    }
    CHECK(cuts > 20 && cuts < FIRST / 1000);
    sim_leave();
}

// -- faults

typedef struct Story { // what a run was told
    int64_t acked[2];  // per topic: offsets below are durable
    bool made[2];
} Story;
static const Str topic_names[2] = {STR_INIT("a"), STR_INIT("b")};

// Opens, appends in three groups to two topics with small segments, closes. Stops at the first
// failure.
static Status tell(Arena *life, Story *story, int64_t groups)
{
    Log *log;
    Options small = small_segments(life);
    TRY(log_open(&log, life, DIR, &alone));
    Topic *t[2];
    for (int32_t k = 0; k < 2; k++) {
        t[k] = topic_find(log, topic_names[k]);
        if (!t[k]) TRY(topic_create(&t[k], log, topic_names[k], 1, &small));
        story->made[k] = true;
    }
    for (int64_t g = 0; g < groups; g++) {
        int64_t next[2];
        for (int32_t k = 0; k < 2; k++) {
            Partition *p = topic_partition(t[k], 0);
            for (int64_t i = 0; i < 4; i++) {
                Appended done;
                TRY(put(life, p, partition_written(p), 60, &done));
                next[k] = done.next;
            }
        }
        for (int32_t k = 0; k < 2; k++) {
            TRY(partition_sync(topic_partition(t[k], 0), next[k]));
            story->acked[k] = next[k];
        }
    }
    log_close(log);
    return DONE;
}

// Also makes what it saw the new promise: it was readable, so it must stay.
static void check_story(Arena *life, Story *story)
{
    Log *log;
    CHECK_OK(log_open(&log, life, DIR, &alone));
    for (int32_t k = 0; k < 2; k++) {
        Topic *t = topic_find(log, topic_names[k]);
        CHECK(t || !story->made[k]);
        if (!t) continue;
        Partition *p = topic_partition(t, 0);
        PartitionState s = partition_state(p);
        CHECK_STR(s.failure, (Str){0});
        CHECK(s.end >= story->acked[k] && s.end % 60 == 0);
        check_content(life, p, 0, s.end);
        int64_t batches, records;
        CHECK_OK(partition_verify(p, &batches, &records));
        Appended done;
        CHECK_OK(put(life, p, s.end, 60, &done));
        CHECK_OK(partition_sync(p, done.next));
        check_content(life, p, 0, s.end + 60);
        story->acked[k] = s.end + 60;
        story->made[k] = true;
    }
}

// What the process does from here on does not reach the disk.
static void die(Sim *sim, Arena *life, bool cut)
{
    sim_faults(sim, &(SimFaults){.torn_write = 500, .crash_at = 1});
    arena_free(life);
    if (cut)
        sim_crash(sim);
    else
        sim_kill(sim);
    sim_faults(sim, &(SimFaults){0});
}

static void power_cuts(Arena *a, uint64_t seed, bool cut, bool fresh)
{
    for (int64_t at = 1;; at++) {
        Arena *world = arena_new(a);
        Sim *sim = sim_new(world, seed + (uint64_t)at, NULL);
        sim_enter(sim);
        Story story = {0};
        Arena *life = arena_new(world);
        if (!fresh) CHECK_OK(tell(life, &story, 1));
        arena_free(life);
        sim_faults(sim, &(SimFaults){.torn_write = 500, .crash_at = at});
        life = arena_new(world);
        Status s = tell(life, &story, 3);
        bool over = !s.code && !sim_crashed(sim); // crash_at lay past the end
        if (!over)
            die(sim, life, cut);
        else
            arena_free(life);
        sim_faults(sim, &(SimFaults){0});
        for (int32_t again = 0; again < 3; again++) {
            life = arena_new(world);
            check_story(life, &story);
            die(sim, life, true);
        }
        sim_leave();
        arena_free(world);
        if (over) return;
        CHECK(at < 3000);
    }
}

TEST(log_survives_a_power_cut_at_every_call)
{
    power_cuts(a, 100, true, false);
    power_cuts(a, 4000, true, true);
}
TEST(log_survives_a_kill_at_every_call) { power_cuts(a, 7000, false, false); }

TEST(log_survives_a_failure_at_every_call)
{
    for (int64_t at = 1;; at++) {
        Arena *world = arena_new(a);
        Sim *sim = sim_new(world, 900 + (uint64_t)at, NULL);
        sim_enter(sim);
        sim_faults(sim, &(SimFaults){.fail_at = at});
        Story story = {0};
        Arena *life = arena_new(world);
        Status s = tell(life, &story, 3);
        arena_free(life);
        bool over = !s.code && sim_ops(sim) < at;
        sim_faults(sim, &(SimFaults){0});
        sim_crash(sim);
        life = arena_new(world);
        check_story(life, &story);
        arena_free(life);
        sim_leave();
        arena_free(world);
        if (over || at > 2000) {
            CHECK(over);
            return;
        }
    }
}

static Str newest_segment(Arena *a)
{
    Entries list;
    Str last = {0};
    CHECK_OK(dir_list(&list, a, S("/tmp/log/topics/a/0")));
    for (int64_t i = 0; i < list.n; i++)
        if (str_ends(list.v[i].name, S(".log"))) last = list.v[i].name;
    return path_join(a, S("/tmp/log/topics/a/0"), last);
}

TEST(log_refuses_rot_by_name)
{
    // A byte of each batch of a sealed and of the last segment, found by what is read or verified.
    for (int64_t at = 20; at < 4000; at += 331) {
        Arena *world = arena_new(a);
        Sim *sim = sim_new(world, 5, NULL);
        sim_enter(sim);
        Story story = {0};
        Arena *life = arena_new(world);
        CHECK_OK(tell(life, &story, 3));
        Log *log;
        CHECK_OK(log_open(&log, life, DIR, &alone));
        Partition *p = topic_partition(topic_find(log, S("a")), 0);
        int64_t end = partition_end(p);
        arena_free(life);
        Entry e;
        Str last = newest_segment(world);
        CHECK_OK(path_stat(&e, last));
        sim_corrupt(sim, last, at % e.bytes, 0x10);
        // The state file vouches for all of it: only the walk of an unclean start looks.
        CHECK_OK(path_remove(S("/tmp/log/topics/a/0/state")));
        life = arena_new(world);
        CHECK_OK(log_open(&log, life, DIR, &alone));
        p = topic_partition(topic_find(log, S("a")), 0);
        PartitionState s = partition_state(p);
        CHECK_I64(s.failed, ERR_CORRUPT);
        CHECK(str_find(s.failure, last) >= 0 && str_find(s.failure, S("offsets ")) >= 0);
        CHECK_I64(s.end, end); // nothing was cut
        Appended done;
        CHECK_FAILS(put(life, p, end, 1, &done), ERR_CORRUPT);
        CHECK_I64(done.error, KAFKA_KAFKA_STORAGE_ERROR);
        int64_t batches, records;
        CHECK_FAILS(partition_verify(p, &batches, &records), ERR_CORRUPT);
        check_content(life, topic_partition(topic_find(log, S("b")), 0), 0, story.acked[1]);
        arena_free(life);
        sim_leave();
        arena_free(world);
    }
}

TEST(log_refuses_a_newest_segment_that_lost_its_end)
{
    // What was acknowledged is gone: its offsets are not given away again, wherever the cut is.
    int64_t bytes = 1;
    for (int64_t cut = 0; cut < bytes; cut += 29) {
        Arena *world = arena_new(a);
        Sim *sim = sim_new(world, 5, NULL);
        sim_enter(sim);
        Story story = {0};
        Arena *life = arena_new(world);
        CHECK_OK(tell(life, &story, 3));
        arena_free(life);
        Entry e;
        File *f;
        Str last = newest_segment(world);
        CHECK_OK(path_stat(&e, last));
        bytes = e.bytes;
        CHECK_OK(file_open(&f, world, last, FILE_WRITE));
        CHECK_OK(file_truncate(f, cut));
        file_close(f);
        Log *log;
        Appended done;
        life = arena_new(world);
        CHECK_OK(log_open(&log, life, DIR, &alone));
        Partition *p = topic_partition(topic_find(log, S("a")), 0);
        CHECK(str_find(partition_state(p).failure, last) >= 0);
        CHECK_FAILS(put(life, p, partition_end(p), 1, &done), ERR_CORRUPT);
        arena_free(life);
        sim_leave();
        arena_free(world);
    }
    CHECK(bytes > 100);
}

// -- producers

static Status put_as(Arena *a, Partition *p, RecordsProducer producer, int64_t n, Appended *done)
{
    Str batch;
    char *bytes = batch_at(a, partition_written(p), n, producer, &batch);
    return partition_append(p, bytes, batch.n, done);
}

TEST(log_producers_are_deduplicated)
{
    sim_enter(sim_new(a, 1, NULL));
    static const struct {
        int64_t id;
        int32_t epoch, sequence, n;
        KafkaError error;
        bool duplicate;
        int64_t base;
    } row[] = {
        {7, 0, 5, 10, 0, false, 0},             // an unknown producer may begin anywhere
        {7, 0, 15, 10, 0, false, 10},           //
        {7, 0, 5, 10, 0, true, 0},              // sent again
        {7, 0, 15, 10, 0, true, 10},            //
        {7, 0, 15, 9, 45, false, -1},           // another batch under the same sequence
        {7, 0, 26, 1, 45, false, -1},           // one is missing
        {7, 0, 25, 1, 0, false, 20},            //
        {8, 0, 0, 1, 0, false, 21},             //
        {7, 1, 3, 1, 45, false, -1},            // a new epoch begins at 0
        {7, 1, 0, 4, 0, false, 22},             //
        {7, 0, 26, 1, 47, false, -1},           // an old epoch
        {9, 0, INT32_MAX - 1, 4, 0, false, 26}, // wraps: next is 2
        {9, 0, 2, 3, 0, false, 30},             //
        {9, 0, INT32_MAX - 1, 4, 0, true, 26},
        {10, 0, -1, 1, 87, false, -1}, // an id without a sequence
    };
    for (int32_t run = 0; run < 2; run++) {
        Arena *life = arena_new(a);
        Log *log;
        CHECK_OK(log_open(&log, life, DIR, &alone));
        Partition *p = open_topic(&log, life, S("events"), NULL);
        for (int64_t i = 0; i < COUNT(row); i++) {
            if (run && !row[i].error && i < COUNT(row) - 3) continue; // out of the window by then
            if (run && row[i].error == KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER) continue;
            Appended done;
            RecordsProducer who = {row[i].id, row[i].epoch, row[i].sequence};
            Status s = put_as(life, p, who, row[i].n, &done);
            CHECK_I64(s.code, row[i].error ? ERR_INVALID : OK);
            CHECK_I64(done.error, row[i].error);
            CHECK_I64(done.duplicate, row[i].duplicate || (run && !row[i].error));
            CHECK_I64(done.base, row[i].base);
        }
        arena_free(life);
    }
    sim_leave();
}

// An engine's producer may repeat any number of batches, after a kill too.
TEST(log_engine_producers_survive)
{
    Sim *sim = sim_new(a, 3, NULL);
    sim_enter(sim);
    for (int32_t run = 0; run < 3; run++) {
        Arena *life = arena_new(a);
        Log *log;
        CHECK_OK(log_open(&log, life, DIR, &alone));
        Partition *p = open_topic(&log, life, S("out"), NULL);
        int32_t sequence = -1;
        int64_t offset = -1;
        bool known = partition_producer(p, PRODUCER_ENGINE + 5, &sequence, &offset);
        CHECK(known == (run > 0));
        if (run) CHECK(sequence == 199 && offset == 199);
        for (int32_t i = 0; i < 20; i++) {
            Appended done;
            CHECK_OK(put_as(life, p, (RecordsProducer){PRODUCER_ENGINE + 5, 0, i * 10}, 10, &done));
            CHECK_I64(done.duplicate, run > 0);
        }
        CHECK_OK(log_commit(log));
        CHECK_I64(partition_end(p), 200);
        if (run == 0)
            die(sim, life, false); // no clean close: recovered from the heads
        else
            arena_free(life);
    }
    sim_leave();
}

// -- topics, groups, retention

TEST(log_topics_live)
{
    sim_enter(sim_new(a, 1, NULL));
    Arena *life = arena_new(a);
    Log *log;
    CHECK_OK(log_open(&log, life, DIR, &alone));
    Topic *t, *other, **list;
    Options config = small_segments(life), wrong = {0};
    CHECK_OK(topic_create(&t, log, S("b"), 3, &config));
    CHECK_OK(topic_create(&other, log, S("a"), -1, NULL));
    CHECK_FAILS(topic_create(&other, log, S("b"), 1, NULL), ERR_CONFLICT);
    CHECK_FAILS(topic_create(&other, log, S(".."), 1, NULL), ERR_INVALID);
    CHECK_FAILS(topic_create(&other, log, S("x/y"), 1, NULL), ERR_INVALID);
    CHECK_FAILS(topic_create(&other, log, S("x"), 0, NULL), ERR_INVALID);
    Option bad = {S("retention.mss"), S("1")};
    vec_push(life, &wrong, bad);
    CHECK_FAILS(topic_create(&other, log, S("x"), 1, &wrong), ERR_INVALID);
    CHECK(str_find(str_z(fail_text()), S("'retention.ms'")) >= 0);
    wrong.v[0] = (Option){S("cleanup.policy"), S("shred")};
    CHECK_FAILS(topic_create(&other, log, S("x"), 1, &wrong), ERR_INVALID);
    CHECK_I64(log_topics(log, life, &list), 2);
    CHECK_STR(topic_name(list[0]), S("a"));
    CHECK_I64(topic_config(t).segment_bytes, 6000);
    CHECK_I64(topic_config(t).retention_ms, -1);
    CHECK_OK(topic_grow(t, 5));
    CHECK_FAILS(topic_grow(t, 5), ERR_INVALID);
    Options change = {0};
    vec_push(life, &change, ((Option){S("retention.ms"), S("5000")}));
    vec_push(life, &change, ((Option){S("segment.bytes"), S("")}));
    CHECK_OK(topic_configure(t, &change, false));
    Appended done;
    CHECK_OK(put(life, topic_partition(t, 4), 0, 3, &done));
    arena_free(life);

    life = arena_new(a);
    CHECK_OK(log_open(&log, life, DIR, &alone));
    t = topic_find(log, S("b"));
    CHECK(t && topic_partitions(t) == 5);
    CHECK_I64(topic_config(t).retention_ms, 5000);
    CHECK_I64(topic_config(t).segment_bytes, 256 << 20);
    CHECK_I64(partition_end(topic_partition(t, 4)), 3);
    Partition *p = topic_partition(t, 4);
    CHECK_OK(topic_delete(t));
    CHECK_FAILS(topic_delete(t), ERR_NOT_FOUND);
    CHECK_FAILS(put(life, p, 3, 1, &done), ERR_NOT_FOUND);
    CHECK_I64(done.error, KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
    CHECK(!path_exists(S("/tmp/log/topics/b")));
    CHECK_OK(topic_create(&t, log, S("b"), 1, NULL));
    CHECK_I64(partition_end(topic_partition(t, 0)), 0);
    ConfigRow *rows;
    CHECK(topic_config_rows(t, life, &rows) > 20);
    arena_free(life);
    sim_leave();
}

TEST(log_retention)
{
    Sim *sim = sim_new(a, 1, NULL);
    sim_enter(sim);
    Arena *life = arena_new(a);
    Log *log;
    CHECK_OK(log_open(&log, life, DIR, &alone));
    Options config = small_segments(life), change = {0};
    Partition *p = open_topic(&log, life, S("events"), &config);
    Appended done;
    for (int64_t i = 0; i < 6000; i += 60) CHECK_OK(put(life, p, i, 60, &done));
    CHECK_OK(log_commit(log));
    CHECK_OK(log_tick(log));
    CHECK_I64(partition_start(p), 0); // for ever, unless asked
    vec_push(a, &change, ((Option){S("retention.bytes"), S("20000")}));
    CHECK_OK(topic_configure(partition_topic(p), &change, false));
    CHECK_OK(log_tick(log));
    int64_t start = partition_start(p);
    PartitionState s = partition_state(p);
    CHECK(start > 0 && s.bytes >= 20000 && s.bytes < 27000);
    check_content(life, p, start, 6000);
    arena_free(life);
    life = arena_new(a);
    CHECK_OK(log_open(&log, life, DIR, &alone));
    p = open_topic(&log, life, S("events"), NULL);
    CHECK_I64(partition_start(p), start);
    CHECK_I64(partition_end(p), 6000);
    LogRead r = {.offset = start - 1, .to = NEW(life, char, 100), .room = 100};
    CHECK_FAILS(partition_read(p, &r), ERR_NOT_FOUND);
    // By time: the records are of 1970, so all but the last segment may go.
    change.v[0] = (Option){S("retention.ms"), S("3600000")};
    CHECK_OK(topic_configure(partition_topic(p), &change, false));
    CHECK_OK(log_tick(log));
    CHECK_I64(partition_state(p).segments, 1);
    check_content(life, p, partition_start(p), 6000);
    arena_free(life);
    sim_leave();
}

TEST(log_limits)
{
    sim_enter(sim_new(a, 1, NULL));
    Log *log;
    CHECK_OK(log_open(&log, a, DIR, &alone));
    Options config = {0};
    vec_push(a, &config, ((Option){S("max.message.bytes"), S("500")}));
    vec_push(a, &config, ((Option){S("message.timestamp.type"), S("LogAppendTime")}));
    Partition *p = open_topic(&log, a, S("events"), &config);
    Appended done;
    CHECK_FAILS(put(a, p, 0, 100, &done), ERR_INVALID);
    CHECK_I64(done.error, KAFKA_MESSAGE_TOO_LARGE);
    CHECK_OK(put(a, p, 0, 3, &done));
    CHECK(done.time_ms > 0);
    Str batch;
    char *bytes = batch_at(a, 4, 3, nobody, &batch);
    bytes[RECORDS_HEAD + 4] ^= 1;
    CHECK_FAILS(partition_append(p, bytes, batch.n, &done), ERR_CORRUPT);
    CHECK_I64(done.error, KAFKA_CORRUPT_MESSAGE);
    CHECK_OK(log_commit(log));
    check_content(a, p, 0, 3);
    int64_t offset, time_ms, id, more;
    CHECK_OK(partition_at_time(p, 2000000, &offset, &time_ms)); // their time is the log's
    CHECK_I64(offset, 0);
    CHECK_OK(log_producer_id(log, &id));
    CHECK_OK(log_producer_id(log, &more));
    CHECK(more == id + 1 && id > 0);
    log_close(log);
    CHECK_OK(log_open(&log, a, DIR, &alone));
    CHECK_OK(log_producer_id(log, &id));
    CHECK(id > more);
    sim_leave();
    log_close(log);
}

// -- threads, on the real disk

typedef struct Racer {
    Partition *p;
    int64_t id;
    Status status;
} Racer;

static void race(void *arg)
{
    Racer *r = arg;
    Arena *a = arena_new(NULL);
    for (int32_t i = 0; i < 100 && !r->status.code; i++) {
        Appended done;
        RecordsWriter w = {0};
        Str batch;
        records_begin(&w, a, RECORDS_LZ4);
        for (int32_t k = 0; k < 5; k++)
            records_add(&w, &(Record){.time_ms = k, .value = S("value")}, NULL);
        r->status = records_end(&batch, &w, (RecordsProducer){r->id, 0, i * 5});
        if (!r->status.code) r->status = partition_append(r->p, w.out.p, batch.n, &done);
        if (!r->status.code) r->status = partition_sync(r->p, done.next);
        if (!r->status.code && partition_end(r->p) < done.next)
            r->status = fail(ERR_INVALID, "not readable after its sync");
    }
    arena_free(a);
}

static void raise_flag(void *arg) { shared_add(arg, 1); }

TEST(log_threads_share_the_sync)
{
    Str dir = str_fmt(a, "/tmp/kappa-log-test-%s", rand_uuid(a).p);
    Log *log;
    CHECK_OK(log_open(&log, a, dir, NULL));
    Shared64 woken = {0};
    Watch *w = log_watch(log, a, raise_flag, &woken);
    Partition *p = open_topic(&log, a, S("events"), NULL);
    Racer r[4];
    Arena *threads = arena_new(a);
    for (int32_t i = 0; i < 4; i++) {
        r[i] = (Racer){p, i, DONE};
        thread_start(threads, "race", race, &r[i]);
    }
    arena_free(threads);
    for (int32_t i = 0; i < 4; i++) CHECK_OK(r[i].status);
    CHECK_I64(partition_end(p), 2000);
    Partition *moved[2];
    CHECK(watch_take(w, moved, 2) == 1 && moved[0] == p && shared_get(&woken) > 0);
    CHECK_I64(watch_take(w, moved, 2), 0);
    int64_t batches, records;
    CHECK_OK(partition_verify(p, &batches, &records));
    CHECK_I64(records, 2000);
    log_close(log);
    CHECK_OK(dir_remove_all(dir));
}

TEST(log_has_one_owner)
{
    SimFaults perfect = {0};
    sim_enter(sim_new(a, 1, &perfect));
    Log *log, *second;
    Str server;
    CHECK_OK(log_open(&log, a, DIR, &alone));
    CHECK_FAILS(log_open(&second, a, DIR, &alone), ERR_CONFLICT);
    CHECK(str_find(str_z(fail_text()), DIR) >= 0);
    CHECK_FAILS(log_server(&server, a, DIR), ERR_NOT_FOUND);
    log_reachable(log, S("127.0.0.1:7"));
    CHECK_OK(log_server(&server, a, DIR));
    CHECK_STR(server, S("127.0.0.1:7"));
    log_close(log);
    CHECK_FAILS(log_server(&server, a, DIR), ERR_NOT_FOUND);
    CHECK_OK(log_open(&second, a, DIR, &alone));
}
