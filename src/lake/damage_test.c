// damage_test.c -- metadata, lists, manifests and data files that were cut short or whose bits
// turned: reading says which file it is, and never gives other rows.
#include "lake/fixture_test.h"
#include "os/file.h"
#include "os/sim.h"

enum { ROWS = 300 };

static void all_files(Arena *a, Str dir, Entries *files)
{
    Entries list = {0};
    CHECK_OK(dir_list(&list, a, dir));
    for (int64_t i = 0; i < list.n; i++) {
        Entry e = list.v[i];
        e.name = path_join(a, dir, e.name);
        if (e.kind == ENTRY_DIR)
            all_files(a, e.name, files);
        else if (!str_ends(e.name, S("version-hint.text")))
            vec_push(a, files, e);
    }
}

// Reads the table anew. A file of an older commit may be broken without harm.
static void check_read(Catalogs *c, const TableName *name, Str broken, bool *refused)
{
    Found f;
    Status s = fixture_count(c, name, NULL, &f);
    *refused = s.code != OK;
    if (s.code) { // whatever a broken file seems to ask for, it is named
        CHECK(s.code == ERR_CORRUPT || s.code == ERR_UNSUPPORTED);
        CHECK(str_find(failure()->text, path_base(broken)) >= 0);
    } else {
        CHECK_I64(f.rows, ROWS);
        CHECK_I64(f.sum, (int64_t)ROWS * (ROWS - 1) / 2);
    }
}

typedef struct Damaged {
    Arena *a;
    Sim *sim;
    Catalogs *c;
    TableName name;
    Entries files;
} Damaged;

static Damaged new_damaged(Arena *a, Arena *world)
{
    Damaged d = {.a = a, .sim = sim_new(world, 9, NULL)};
    bool done;
    sim_enter(d.sim);
    d.c = fixture_catalogs(a, S("/tmp/wh"));
    d.name = fixture_name(a, "dir", "t");
    fixture_table(a, d.c, &d.name, true);
    for (int64_t e = 0; e < 3; e++)
        CHECK_OK(fixture_epoch(d.c, &d.name, (Rows){e, e * 100, 100}, &done));
    all_files(a, S("/tmp/wh/demo/t"), &d.files);
    return d;
}

TEST(lake_cut_files)
{
    Arena *own = arena_new(a);
    Damaged d = new_damaged(own, a);
    int64_t refusals = 0;
    for (int64_t i = 0; i < d.files.n; i++) {
        Str path = d.files.v[i].name, bytes;
        bool newest = false;
        CHECK_OK(file_load(&bytes, own, path, 1 << 20));
        for (int64_t part = 0; part < 8; part++) {
            bool refused;
            CHECK_OK(file_replace(path, str_of(bytes.p, bytes.n * part / 8)));
            check_read(d.c, &d.name, path, &refused);
            newest = newest || refused;
        }
        CHECK_OK(file_replace(path, str_of(bytes.p, bytes.n - 1)));
        check_read(d.c, &d.name, path, &newest);
        CHECK_OK(path_remove(path));
        Found f;
        Status s = str_ends(path, S(".json")) ? DONE : fixture_count(d.c, &d.name, NULL, &f);
        CHECK(s.code == OK || s.code == ERR_NOT_FOUND || s.code == ERR_CORRUPT);
        CHECK_OK(file_replace(path, bytes));
        refusals += newest;
    }
    CHECK(refusals > 6); // newest metadata and list, three manifests, data files
    arena_free(own);
    sim_leave();
}

TEST(lake_turned_bits)
{
    Arena *own = arena_new(a);
    Damaged d = new_damaged(own, a);
    int64_t flips = 0, refusals = 0;
    uint64_t chance = 88172645463325252u;
    for (int64_t i = 0; i < d.files.n; i++) {
        for (int64_t k = 0; k < 40; k++, flips++) {
            bool refused;
            chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
            int64_t at = (int64_t)(chance >> 8) % d.files.v[i].bytes;
            uint8_t bit = (uint8_t)(1u << (chance & 7));
            sim_corrupt(d.sim, d.files.v[i].name, at, bit);
            check_read(d.c, &d.name, d.files.v[i].name, &refused);
            refusals += refused;
            sim_corrupt(d.sim, d.files.v[i].name, at, bit);
        }
    }
    CHECK(refusals > 100 && flips > refusals);
    arena_free(own);
    sim_leave();
}
