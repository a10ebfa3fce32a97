// What a simulated crash may do, and what it may never do; and that the same seed does it again.
#include "base/buf.h"
#include "base/hash.h"
#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/sim.h"
#include "os/thread.h"

enum { SEEDS = 200 };

static File *opened(Arena *a, Str path, FileMode mode)
{
    File *f = NULL;
    CHECK_OK(file_open(&f, a, path, mode));
    return f;
}

static Str content_of(Arena *a, Str path)
{
    Str s = {0};
    return file_load(&s, a, path, 1 << 20).code == OK ? s : S("(none)");
}

// A file with durable content and a durable name.
static void put_durable(Arena *a, Str path, Str content)
{
    File *f = opened(a, path, FILE_WRITE);
    CHECK_OK(file_truncate(f, 0));
    CHECK_OK(file_write(f, 0, content));
    CHECK_OK(file_sync(f));
    CHECK_OK(dir_sync(path_dir(path)));
    file_close(f);
}

// Runs body in a world of its own for each seed.
typedef void (*Body)(Arena *a, Sim *s, int64_t *count);
static void each_seed(const SimFaults *faults, Body body, int64_t *count)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        Arena *a = arena_new(NULL);
        Sim *s = sim_new(a, seed, faults);
        sim_enter(s);
        body(a, s, count);
        arena_free(a); // leaves the world, too
    }
}
static int64_t count_seeds(const SimFaults *faults, Body body)
{
    int64_t count = 0;
    each_seed(faults, body, &count);
    return count;
}

// Replaces the file, with the crash at the n-th operation; false when it was not reached.
static bool replace_once(uint64_t seed, int64_t n, bool power_cut, int64_t *old)
{
    Arena *a = arena_new(NULL);
    SimFaults torn = {.torn_write = 500};
    Sim *s = sim_new(a, seed, &torn);
    sim_enter(s);
    Str before = str_fmt(a, "%0900d", 1), after = str_fmt(a, "%01500d", 2), path = S("/tmp/d/f");
    CHECK_OK(dir_make(S("/tmp/d")));
    put_durable(a, path, before);
    torn.crash_at = n;
    sim_faults(s, &torn);
    Status done = file_replace(path, after);
    bool reached = sim_crashed(s);
    CHECK(reached == (done.code != OK));
    if (reached) CHECK(!path_exists(path)); // nothing answers until it is started again
    if (power_cut)
        sim_crash(s);
    else
        sim_kill(s);
    Str now = content_of(a, path);
    CHECK(str_eq(now, before) || str_eq(now, after));
    if (!reached) CHECK_STR(now, after); // it said yes
    *old += str_eq(now, before);
    Entries list;
    CHECK_OK(dir_clean(S("/tmp/d")));
    CHECK_OK(dir_list(&list, a, S("/tmp/d")));
    CHECK_I64(list.n, 1);
    arena_free(a);
    return reached;
}

TEST(replace_is_atomic_at_every_operation)
{
    for (uint64_t seed = 0; seed < SEEDS / 2; seed++) {
        int64_t n = 1, old = 0;
        while (replace_once(seed, n, seed % 4 != 0, &old)) n++;
        CHECK(n > 5);               // open, write, sync, rename, dir_sync at the least
        CHECK(old > 0 && old <= n); // the first ones leave the old content
    }
}

static void new_name(Arena *a, Sim *s, int64_t *lost)
{
    File *f = opened(a, S("/tmp/f"), FILE_CREATE);
    CHECK_OK(file_write(f, 0, S("x")));
    CHECK_OK(file_sync(f));
    sim_crash(s);
    *lost += !path_exists(S("/tmp/f"));
}
static void new_name_synced(Arena *a, Sim *s, int64_t *lost)
{
    File *f = opened(a, S("/tmp/f"), FILE_CREATE);
    CHECK_OK(dir_sync(S("/tmp")));
    file_close(f);
    sim_crash(s);
    *lost += !path_exists(S("/tmp/f"));
}
static void removed_name(Arena *a, Sim *s, int64_t *lost)
{
    put_durable(a, S("/tmp/f"), S("x"));
    CHECK_OK(path_remove(S("/tmp/f")));
    sim_crash(s);
    *lost += path_exists(S("/tmp/f")); // the removal is what may be lost
}
static void made_folder(Arena *a, Sim *s, int64_t *lost)
{
    CHECK_OK(dir_make(S("/tmp/x/y/z")));
    put_durable(a, S("/tmp/x/y/z/f"), S("x"));
    sim_crash(s);
    *lost += !path_exists(S("/tmp/x/y/z/f"));
}
TEST(names_are_durable_when_their_folder_is_synced)
{
    int64_t lost = count_seeds(NULL, new_name);
    CHECK(lost > SEEDS / 4 && lost < SEEDS * 3 / 4);
    lost = count_seeds(NULL, removed_name);
    CHECK(lost > SEEDS / 4 && lost < SEEDS * 3 / 4);
    CHECK_I64(count_seeds(NULL, new_name_synced), 0);
    CHECK_I64(count_seeds(NULL, made_folder), 0);
    CHECK(count_seeds(&(SimFaults){.lost_sync = 200}, new_name_synced) > 0);
}

static void rename_across(Arena *a, Sim *s, int64_t *moved)
{
    CHECK_OK(dir_make(S("/tmp/x")));
    CHECK_OK(dir_make(S("/tmp/y")));
    put_durable(a, S("/tmp/x/f"), S("1"));
    CHECK_OK(path_rename(S("/tmp/x/f"), S("/tmp/y/g")));
    sim_crash(s);
    CHECK(path_exists(S("/tmp/x/f")) != path_exists(S("/tmp/y/g"))); // never both, never none
    *moved += path_exists(S("/tmp/y/g"));
}
// Syncing a folder brings the changes before it that it builds on, and no others.
static void rename_after_create(Arena *a, Sim *s, int64_t *others)
{
    CHECK_OK(dir_make(S("/tmp/x")));
    CHECK_OK(dir_make(S("/tmp/y")));
    File *f = opened(a, S("/tmp/x/f"), FILE_CREATE), *g = opened(a, S("/tmp/x/g"), FILE_CREATE);
    CHECK_OK(path_rename(S("/tmp/x/f"), S("/tmp/y/f")));
    CHECK_OK(dir_sync(S("/tmp/y")));
    file_close(f);
    file_close(g);
    sim_crash(s);
    CHECK(path_exists(S("/tmp/y/f")) && !path_exists(S("/tmp/x/f")));
    *others += path_exists(S("/tmp/x/g"));
}
TEST(renames_survive_whole)
{
    int64_t n = count_seeds(NULL, rename_across);
    CHECK(n > SEEDS / 4 && n < SEEDS * 3 / 4);
    n = count_seeds(NULL, rename_after_create);
    CHECK(n > SEEDS / 4 && n < SEEDS * 3 / 4);
}

// Three writes after a sync: counts in bits which of them survived, on seeds where any differ.
static void later_writes(Arena *a, Sim *s, int64_t *seen)
{
    put_durable(a, S("/tmp/f"), S("durable---------"));
    File *f = opened(a, S("/tmp/f"), FILE_WRITE);
    CHECK_OK(file_write(f, 7, S("one")));
    CHECK_OK(file_write(f, 10, S("two")));
    CHECK_OK(file_write(f, 13, S("six")));
    sim_crash(s);
    Str now = content_of(a, S("/tmp/f"));
    CHECK(str_starts(now, S("durable")) && now.n == 16);
    int64_t which = (now.p[7] == 'o') | (now.p[10] == 't') << 1 | (now.p[13] == 's') << 2;
    *seen |= INT64_C(1) << which;
    CHECK_FAILS(file_write(f, 0, S("x")), ERR_IO); // it was open when the power went
}
static void synced_writes(Arena *a, Sim *s, int64_t *lost)
{
    put_durable(a, S("/tmp/f"), S("durable"));
    File *f = opened(a, S("/tmp/f"), FILE_WRITE);
    CHECK_OK(file_write(f, 0, S("changed")));
    CHECK_OK(file_sync(f));
    CHECK_OK(file_write(f, 7, S(" more")));
    sim_crash(s);
    *lost += !str_starts(content_of(a, S("/tmp/f")), S("changed"));
}
TEST(unsynced_writes_survive_in_any_subset_and_synced_ones_stay)
{
    CHECK_I64(count_seeds(NULL, later_writes),
              255); // there is a seed for each of the eight subsets
    CHECK_I64(count_seeds(NULL, synced_writes), 0);
    CHECK(count_seeds(&(SimFaults){.lost_sync = 300}, synced_writes) > SEEDS / 20);
}

static void torn(Arena *a, Sim *s, int64_t *mixed)
{
    Str old = str_of(NEW(a, char, 4000), 4000), new = str_of(NEW(a, char, 4000), 4000);
    memset((char *)old.p, 'o', 4000);
    memset((char *)new.p, 'n', 4000);
    put_durable(a, S("/tmp/f"), old);
    CHECK_OK(file_write(opened(a, S("/tmp/f"), FILE_WRITE), 100, new));
    sim_crash(s);
    Str now = content_of(a, S("/tmp/f"));
    bool any_old = false, any_new = false;
    for (int64_t at = 100; at < now.n; at++) {
        bool edge = at == 100 || at % 512 == 0;
        if (!edge && at < 4000 && now.p[at] != now.p[at - 1]) CHECK(false) /* sectors are whole */;
        any_old |= now.p[at] == 'o';
        any_new |= now.p[at] == 'n';
    }
    CHECK(str_starts(now, str_of(old.p, 100)) && now.n >= 4000);
    *mixed += any_old && any_new;
}
TEST(torn_writes_break_at_sectors)
{
    CHECK_I64(count_seeds(NULL, torn), 0);
    CHECK(count_seeds(&(SimFaults){.torn_write = 1000}, torn) > SEEDS / 4);
}

static void failed_sync(Arena *a, Sim *s, int64_t *lost)
{
    put_durable(a, S("/tmp/f"), S("old"));
    File *f = opened(a, S("/tmp/f"), FILE_WRITE), *again;
    CHECK_OK(file_write(f, 0, S("new")));
    sim_faults(s, &(SimFaults){.fail_at = 1});
    CHECK_FAILS(file_sync(f), ERR_IO);
    CHECK_FAILS(file_sync(f), ERR_IO); // poisoned
    CHECK_FAILS(file_write(f, 0, S("new")), ERR_IO);
    CHECK(str_find(str_z(fail_text()), S("earlier sync")) > 0);
    CHECK_OK(file_open(&again, a, S("/tmp/f"), FILE_WRITE));
    CHECK_OK(file_sync(again)); // the trap: this says yes
    CHECK_STR(content_of(a, S("/tmp/f")), S("new"));
    sim_crash(s);
    *lost += str_eq(content_of(a, S("/tmp/f")), S("old"));
}
TEST(a_failed_sync_gives_up_the_data)
{
    int64_t lost = count_seeds(NULL, failed_sync);
    CHECK(lost > SEEDS / 4 && lost < SEEDS * 3 / 4);
}

TEST(kill_keeps_what_was_written_until_the_power_goes)
{
    int64_t lost = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        Arena *b = arena_new(a);
        Sim *s = sim_new(b, seed, NULL);
        sim_enter(s);
        put_durable(b, S("/tmp/f"), S("old"));
        File *f = opened(b, S("/tmp/f"), FILE_WRITE);
        CHECK_OK(file_lock(f));
        CHECK_OK(file_write(f, 0, S("new")));
        sim_kill(s);
        CHECK_STR(content_of(b, S("/tmp/f")), S("new"));
        CHECK_FAILS(file_lock(f), ERR_IO);
        f = opened(b, S("/tmp/f"), FILE_WRITE);
        CHECK_OK(file_lock(f)); // the dead hold no locks
        sim_crash(s);
        lost += str_eq(content_of(b, S("/tmp/f")), S("old"));
        arena_free(b);
    }
    CHECK(lost > 0 && lost < SEEDS);
}

// A little of everything, as luck has it; gives how much of it failed.
static int64_t work(Arena *a, int64_t rounds)
{
    int64_t failed = 0;
    for (int64_t i = 0; i < rounds; i++) {
        File *f;
        char got[600];
        int64_t n;
        memset(got, (int)clock_now(), sizeof got);
        Str path = str_fmt(a, "/tmp/w%d/f%d", (int)(rand_u64() % 3), (int)(rand_u64() % 4));
        Status s = dir_make(path_dir(path));
        if (!s.code) s = file_open(&f, a, path, FILE_WRITE);
        if (!s.code)
            s = file_write(f, (int64_t)(rand_u64() % 5000), str_of(got, (int64_t)sizeof got));
        if (!s.code) s = file_read(f, 0, got, (int64_t)sizeof got, &n);
        if (!s.code && rand_u64() % 2) s = file_sync(f);
        if (!s.code && rand_u64() % 2) s = dir_sync(path_dir(path));
        if (!s.code && rand_u64() % 4 == 0) s = path_rename(path, S("/tmp/moved"));
        if (!s.code && rand_u64() % 4 == 0) s = file_replace(path, rand_uuid(a));
        if (!s.code && rand_u64() % 8 == 0) s = path_remove(path);
        failed += s.code != OK;
    }
    return failed;
}

static uint64_t run_seed(uint64_t seed, const SimFaults *faults)
{
    Arena *a = arena_new(NULL);
    Sim *s = sim_new(a, seed, faults);
    sim_enter(s);
    int64_t failed = 0;
    for (int32_t life = 0; life < 4; life++) {
        failed += work(a, 30);
        if (rand_u64() % 3)
            sim_crash(s);
        else
            sim_kill(s);
    }
    uint64_t h = hash_mix(sim_hash(s), (uint64_t)(sim_ops(s) + failed));
    arena_free(a);
    return h;
}

static const SimFaults everything = {.write_error = 20,
                                     .sync_error = 20,
                                     .read_error = 20,
                                     .short_read = 200,
                                     .bit_flip = 50,
                                     .torn_write = 500,
                                     .stray_write = 30,
                                     .lost_sync = 50,
                                     .clock_jump = 100,
                                     .stall = 20};
TEST(the_same_seed_does_the_same)
{
    uint64_t before = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        uint64_t h = run_seed(seed, &everything);
        CHECK(h == run_seed(seed, &everything));
        CHECK(h != before && h != run_seed(seed, NULL));
        before = h;
    }
}

TEST(every_operation_can_fail)
{
    for (int64_t n = 1, failed = 1; failed; n++) {
        Arena *b = arena_new(a);
        Sim *s = sim_new(b, 5, &(SimFaults){.fail_at = n});
        sim_enter(s);
        Str path = S("/tmp/d/f"), got;
        Status done = dir_make(S("/tmp/d"));
        if (!done.code) done = file_replace(path, S("1"));
        if (!done.code) done = path_link(path, S("/tmp/d/g"));
        if (!done.code) done = path_remove(path);
        if (!done.code) done = file_load(&got, b, S("/tmp/d/g"), 10);
        if (!done.code) done = dir_remove_all(S("/tmp/d"));
        failed = sim_ops(s) >= n;
        sim_faults(s, &(SimFaults){0});
        CHECK(!sim_crashed(s));
        CHECK_I64(done.code, failed ? ERR_IO : OK);
        CHECK_OK(dir_remove_all(S("/tmp/d"))); // the fault is over
        CHECK(!failed || n < 40);
        CHECK(failed || n > 12);
        arena_free(b);
    }
}

static void read_errors(Arena *a, Sim *s, int64_t *struck)
{
    Str got;
    put_durable(a, S("/tmp/f"), S("x"));
    sim_faults(s, &(SimFaults){.read_error = 200});
    Status done = file_load(&got, a, S("/tmp/f"), 100);
    CHECK(done.code == OK || done.code == ERR_IO);
    *struck += done.code == ERR_IO;
}
static void short_moves(Arena *a, Sim *s, int64_t *steps)
{
    Str big = str_fmt(a, "%05000d", 7);
    put_durable(a, S("/tmp/f"), big);
    CHECK_STR(content_of(a, S("/tmp/f")), big);
    *steps += sim_ops(s);
}
static void flipped(Arena *a, Sim *s, int64_t *struck)
{
    put_durable(a, S("/tmp/f"), S("0123456789"));
    Str got = content_of(a, S("/tmp/f"));
    int64_t bits = 0;
    for (int64_t i = 0; i < got.n; i++)
        bits += __builtin_popcount((uint8_t)(got.p[i] ^ "0123456789"[i]));
    CHECK(bits <= 2); // one for each of two reads: the content and its end
    *struck += bits > 0;
    sim_faults(s, &(SimFaults){0});
    CHECK_STR(content_of(a, S("/tmp/f")), S("0123456789")); // the platter is as it was
}
static void stray(Arena *a, Sim *s, int64_t *struck)
{
    Str zeros = str_of(NEW(a, char, 5000), 5000);
    put_durable(a, S("/tmp/f"), zeros);
    File *f = opened(a, S("/tmp/f"), FILE_WRITE);
    sim_faults(s, &(SimFaults){.stray_write = 500});
    CHECK_OK(file_write(f, 1024, S("mark")));
    CHECK_OK(file_sync(f));
    CHECK_I64(str_find(content_of(a, S("/tmp/f")), S("mark")), 1024); // cached
    sim_crash(s);
    int64_t at = str_find(content_of(a, S("/tmp/f")), S("mark"));
    CHECK(at >= 0 && at % 512 == 0);
    *struck += at != 1024;
}
TEST(reading_fails_as_asked)
{
    CHECK(count_seeds(NULL, read_errors) > SEEDS / 8);
    int64_t plain = count_seeds(NULL, short_moves);
    CHECK(count_seeds(&(SimFaults){.short_read = 500}, short_moves) > plain + SEEDS);
    CHECK(count_seeds(&(SimFaults){.bit_flip = 500}, flipped) > SEEDS / 8);
    CHECK(count_seeds(NULL, stray) > SEEDS / 8);
}

TEST(rot_stays)
{
    Sim *s = sim_new(a, 1, NULL);
    sim_enter(s);
    put_durable(a, S("/tmp/f"), S("good"));
    sim_corrupt(s, S("/tmp/f"), 1, 2);
    CHECK_STR(content_of(a, S("/tmp/f")), S("gmod"));
    sim_crash(s);
    CHECK_STR(content_of(a, S("/tmp/f")), S("gmod"));
    sim_leave();
}

TEST(the_simulated_disk_fills)
{
    Sim *s = sim_new(a, 1, &(SimFaults){.disk_bytes_max = 1000});
    sim_enter(s);
    int64_t n;
    Str s600 = str_of(NEW(a, char, 600), 600);
    File *f = opened(a, S("/tmp/f"), FILE_WRITE), *g = opened(a, S("/tmp/g"), FILE_WRITE);
    CHECK_OK(file_write(f, 0, s600));
    CHECK_OK(file_write(f, 0, s600)); // in place
    CHECK_FAILS(file_write(g, 0, s600), ERR_IO);
    CHECK_STR(str_z(fail_text()), S("cannot write /tmp/g: no space left on the disk"));
    CHECK_OK(file_size(g, &n));
    CHECK_I64(n, 400); // a prefix
    CHECK_FAILS(file_truncate(g, 401), ERR_IO);
    CHECK_FAILS(file_preallocate(g, 401), ERR_IO);
    CHECK_OK(path_free_bytes(S("/tmp"), &n));
    CHECK_I64(n, 0);
    CHECK_OK(path_remove(S("/tmp/f")));
    CHECK_FAILS(file_write(g, 400, S("x")), ERR_IO); // f is still open
    file_close(f);
    CHECK_OK(file_write(g, 400, s600));
    sim_crash(s);
    CHECK_OK(path_free_bytes(S("/tmp"), &n));
    CHECK(n >= 0 && n <= 1000);
    sim_leave();
}

TEST(simulated_time_stands_until_it_is_moved)
{
    Sim *s = sim_new(a, 1, NULL);
    sim_enter(s);
    Micros wall = clock_now();
    int64_t mono = clock_mono_ns();
    CHECK_I64(clock_now() - wall, 2); // a microsecond for each look
    sim_advance(s, 5000000);
    clock_sleep(1000000);
    CHECK_I64(clock_now() - wall, 6000003);
    CHECK_I64(clock_mono_ns() - mono, INT64_C(6000003000));
    sim_faults(s, &(SimFaults){.clock_jump = 1000});
    bool back = false, ahead = false;
    mono = clock_mono_ns();
    for (int32_t i = 0; i < 50; i++) {
        Micros now = clock_now();
        int64_t now_ns = clock_mono_ns();
        back |= now < wall;
        ahead |= now > wall + 1000000;
        CHECK(now_ns > mono && now_ns < mono + 1000000000);
        wall = now;
        mono = now_ns;
    }
    CHECK(back && ahead);
    sim_faults(s, &(SimFaults){.stall = 1000});
    CHECK(!path_exists(S("/tmp/f")) && clock_mono_ns() - mono > 1000000);
    CHECK_STR(zone_of_system(a), S("UTC"));
    sim_leave();
    CHECK(clock_now() != wall);
}

// Whatever is done, what was synced last and not touched after is there after a crash.
static void promise(Arena *a, Sim *s, int64_t *kept)
{
    Str content[6] = {{0}}; // empty: nothing is promised
    for (int32_t i = 0; i < 60; i++) {
        int64_t k = (int64_t)(rand_u64() % 6);
        Str path = str_fmt(a, "/tmp/p%d", (int)k), text = rand_uuid(a);
        uint64_t how = rand_u64() % 4;
        File *f = opened(a, path, FILE_WRITE);
        content[k] = S("");
        CHECK_OK(file_truncate(f, 0));
        CHECK_OK(file_write(f, 0, text));
        if (how == 0) continue;
        CHECK_OK(file_sync(f));
        if (how == 1 && path_rename(path, S("/tmp/elsewhere")).code == OK) continue;
        CHECK_OK(dir_sync(S("/tmp")));
        content[k] = text;
    }
    sim_crash(s);
    for (int32_t k = 0; k < 6; k++) {
        if (content[k].n == 0) continue;
        CHECK_STR(content_of(a, str_fmt(a, "/tmp/p%d", (int)k)), content[k]);
        ++*kept;
    }
}
TEST(what_was_synced_is_kept)
{
    CHECK(count_seeds(&(SimFaults){.torn_write = 500, .short_read = 100, .stall = 10}, promise) >
          SEEDS);
}

typedef struct Writer {
    int32_t id;
    int64_t failed;
} Writer;
static void write_aside(void *arg)
{
    Writer *w = arg;
    Arena *a = arena_new(NULL);
    for (int32_t i = 0; i < 50; i++) {
        Str path = str_fmt(a, "/tmp/w%d", w->id), got;
        Status s = file_replace(path, rand_uuid(a));
        if (!s.code) s = file_load(&got, a, path, 100);
        w->failed += s.code != OK || clock_now() == 0;
    }
    arena_free(a);
}
TEST(threads_share_a_simulated_disk)
{
    Writer writers[3] = {{.id = 0}, {.id = 1}, {.id = 2}};
    sim_enter(sim_new(a, 3, &(SimFaults){.short_read = 100}));
    Arena *b = arena_new(a);
    for (int32_t i = 0; i < 3; i++) thread_start(b, "writer", write_aside, &writers[i]);
    arena_free(b);
    Entries list;
    CHECK_OK(dir_list(&list, a, S("/tmp")));
    CHECK_I64(list.n, 3);
    CHECK_I64(writers[0].failed + writers[1].failed + writers[2].failed, 0);
    sim_leave();
}
