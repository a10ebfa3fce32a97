// crash_test.c -- an epoch's commit, and maintenance, cut off at every single call to the disk:
// the table is readable at each instant, and after the restart every row is there once.
#include "lake/fixture_test.h"
#include "lake/maintain.h"
#include "os/file.h"
#include "os/sim.h"
#include "os/thread.h"

enum { FIRST = 20, MORE = 30 };
#define HOME S("/tmp/wh")

typedef struct Life { // of a process
    Arena *arena;
    Catalogs *c;
    TableName name;
} Life;

static Life start(Arena *a)
{
    Life l = {.arena = arena_new(a)};
    l.c = fixture_catalogs(l.arena, HOME);
    l.name = fixture_name(l.arena, "dir", "t");
    return l;
}

static Sim *new_world(Arena *a, uint64_t seed, bool partitioned)
{
    Sim *sim = sim_new(a, seed, NULL);
    bool done;
    sim_enter(sim);
    Life l = start(a);
    fixture_table(l.arena, l.c, &l.name, partitioned);
    CHECK_OK(fixture_epoch(l.c, &l.name, (Rows){0, 0, FIRST}, &done));
    arena_free(l.arena);
    return sim;
}

// The run-time's part: a receipt that was recorded is what the restart commits again.
typedef struct Recorded {
    Buf receipt;
    bool staged;
} Recorded;

static Status write_more(Life *l, Recorded *r)
{
    TableCommitter *w;
    CommitInfo info = fixture_info(1);
    bool done;
    if (!r->staged) {
        buf_clear(&r->receipt);
        TRY(fixture_stage(l->c, &l->name, (Rows){1, FIRST, MORE}, &r->receipt));
        r->staged = true;
    }
    TRY(table_committer_open(&w, l->arena, l->c, &l->name));
    return table_commit(w, &info, buf_str(&r->receipt), &done);
}

static void check_rows(Life *l, int64_t least, int64_t most)
{
    Found f;
    CHECK_OK(fixture_count(l->c, &l->name, NULL, &f));
    CHECK(f.rows == least || f.rows == most);
    CHECK_I64(f.sum, f.rows * (f.rows - 1) / 2);
}

typedef enum Accident { POWER_CUT, KILL, FAILED_CALL } Accident;

// False when the epoch ended before its n-th call to the disk.
static bool one_accident(Arena *a, Accident what, int64_t n)
{
    Sim *sim = new_world(a, (uint64_t)(100 * n + what), true);
    Recorded r = {.receipt = buf_new(a)};
    Life l = start(a);
    SimFaults faults = {0};
    if (what == FAILED_CALL)
        faults.fail_at = n;
    else
        faults.crash_at = n;
    int64_t before = sim_ops(sim);
    sim_faults(sim, &faults);
    Status s = write_more(&l, &r);
    bool hit = sim_ops(sim) - before >= n;
    CHECK(hit || s.code == OK);
    arena_free(l.arena);
    sim_faults(sim, &(SimFaults){0});
    if (what == POWER_CUT) sim_crash(sim);
    if (what == KILL) sim_kill(sim);
    l = start(a);
    check_rows(&l, FIRST, FIRST + MORE);
    CHECK_OK(write_more(&l, &r));
    check_rows(&l, FIRST + MORE, FIRST + MORE);
    int64_t swept;
    CHECK_OK(lake_table_sweep(l.c, &l.name, 0, &swept)); // what the accident left, and only that
    check_rows(&l, FIRST + MORE, FIRST + MORE);
    arena_free(l.arena);
    sim_leave();
    return hit;
}

TEST(lake_commit_cut_anywhere)
{
    for (Accident what = POWER_CUT; what <= FAILED_CALL; what++) {
        bool hit = true;
        int64_t n = 0;
        while (hit) {
            Arena *own = arena_new(a);
            hit = one_accident(own, what, ++n);
            arena_free(own);
        }
        CHECK(n > 20);
    }
}

static bool cut_maintenance(Arena *a, Accident what, int64_t n)
{
    Sim *sim = new_world(a, (uint64_t)(7 * n + what), false);
    Life l = start(a);
    bool done;
    Found f;
    for (int64_t e = 1; e < 10; e++)
        CHECK_OK(fixture_epoch(l.c, &l.name, (Rows){e, e * FIRST, FIRST}, &done));
    SimFaults faults = {.crash_at = n};
    int64_t before = sim_ops(sim);
    CHECK(table_maintain_due(l.c, &l.name));
    sim_faults(sim, &faults);
    Status s = table_maintain(l.c, &l.name, NULL);
    bool hit = sim_ops(sim) - before >= n;
    CHECK(hit || s.code == OK);
    arena_free(l.arena);
    sim_faults(sim, &(SimFaults){0});
    if (what == POWER_CUT)
        sim_crash(sim);
    else
        sim_kill(sim);
    l = start(a);
    check_rows(&l, 10 * FIRST, 10 * FIRST);
    CHECK_OK(fixture_epoch(l.c, &l.name, (Rows){10, 10 * FIRST, FIRST}, &done));
    for (int64_t e = 11; e < 20; e++) // of other queries' rows: none, but commits
        CHECK_OK(fixture_epoch(l.c, &l.name, (Rows){e, e * FIRST, FIRST}, &done));
    CHECK_OK(table_maintain(l.c, &l.name, NULL));
    check_rows(&l, 20 * FIRST, 20 * FIRST);
    CHECK_OK(fixture_count(l.c, &l.name, NULL, &f));
    CHECK(f.files < 12);
    arena_free(l.arena);
    sim_leave();
    return hit;
}

TEST(lake_maintenance_cut_anywhere)
{
    bool hit = true;
    for (int64_t n = 1; hit; n += 3) { // every third call, each kind by turns
        Arena *own = arena_new(a);
        hit = cut_maintenance(own, n % 2 ? POWER_CUT : KILL, n);
        arena_free(own);
    }
}

TEST(lake_full_disk)
{
    Sim *sim = new_world(a, 4, true);
    Recorded r = {.receipt = buf_new(a)};
    int64_t failures = 0;
    bool written = false;
    for (int64_t bytes = 8 << 10; !written && bytes < 1 << 20; bytes += 512) {
        Life l = start(a);
        sim_faults(sim, &(SimFaults){.disk_bytes_max = bytes});
        Status s = write_more(&l, &r);
        if (s.code) CHECK_I64(s.code, ERR_IO);
        failures += s.code != OK;
        sim_faults(sim, &(SimFaults){0});
        check_rows(&l, FIRST, FIRST + MORE);
        written = s.code == OK;
        int64_t swept; // what a discarded epoch would have removed
        if (!r.staged) CHECK_OK(lake_table_sweep(l.c, &l.name, 0, &swept));
        arena_free(l.arena);
    }
    CHECK(failures > 3 && written);
    Life l = start(a);
    check_rows(&l, FIRST + MORE, FIRST + MORE);
    arena_free(l.arena);
    sim_leave();
}

// ---- two writers of one table ------------------------------------------------------------------

enum { RACE_COMMITS = 12 };
typedef struct Racer {
    Catalogs *c;
    const TableName *name;
    Str query;
    int64_t from;
    Arena *arena;
    Thread *thread;
    Status s;
} Racer;

static Status race(Racer *r)
{
    TableCommitter *w;
    TRY(table_committer_open(&w, r->arena, r->c, r->name));
    for (int64_t e = 0; e < RACE_COMMITS; e++) {
        Buf receipt = buf_new(r->arena);
        CommitInfo info = fixture_info(e);
        bool done = false;
        info.query_id = r->query;
        TRY(fixture_stage(r->c, r->name, (Rows){e, r->from + e * 10, 10}, &receipt));
        TRY(table_commit(w, &info, buf_str(&receipt), &done));
        if (!done) return fail(ERR_CORRUPT, "epoch %d was taken for committed", (int)e);
    }
    return DONE;
}

static void racer(void *arg)
{
    Racer *r = arg;
    r->s = race(r);
}

TEST(lake_writers_race)
{
    Str dir;
    Arena *own = arena_new(a);
    Found f;
    CHECK_OK(dir_temp(&dir, own));
    Catalogs *one = fixture_catalogs(own, dir), *two = fixture_catalogs(own, dir);
    TableName name = fixture_name(own, "lake", "t");
    Catalog *opened = NULL;
    fixture_table(own, one, &name, false);
    CHECK_OK(catalog_get(&opened, two, S("lake"))); // what is lazy in `own` is done before threads
    Racer r[] = {{one, &name, S("q1"), 0, arena_new(own), NULL, DONE},
                 {two, &name, S("q2"), RACE_COMMITS * 10, arena_new(own), NULL, DONE}};
    for (int32_t i = 0; i < 2; i++) r[i].thread = thread_start(a, "race", racer, &r[i]);
    for (int32_t i = 0; i < 2; i++) thread_join(r[i].thread);
    for (int32_t i = 0; i < 2; i++) CHECK_I64(r[i].s.code, OK);
    CHECK_OK(fixture_count(one, &name, NULL, &f));
    CHECK_I64(f.rows, 2 * RACE_COMMITS * 10);
    CHECK_I64(f.sum, f.rows * (f.rows - 1) / 2);
    arena_free(own);
}
