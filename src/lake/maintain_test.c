// maintain_test.c -- a table that a stream writes to every second for hours: the files that it has,
// and what a commit costs, stay bounded. The clock and the disk are simulated.
#include "base/civil.h"
#include "lake/fixture_test.h"
#include "lake/maintain.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/sim.h"

typedef struct Stream { // one query into one table
    Arena *arena;
    Catalogs *c;
    TableName name;
    const TableShape *shape;
    TableAppend *append;
    TableCommitter *committer;
    Batch rows;
} Stream;

enum { EPOCH_ROWS = 4 };

static Stream open_stream(Arena *a, const char *table)
{
    Stream s = {.arena = a};
    LakeTable *t;
    s.c = fixture_catalogs(a, S("/tmp/wh"));
    s.name = fixture_name(a, "dir", table);
    fixture_table(a, s.c, &s.name, false);
    CHECK_OK(table_load(&t, arena_new(a), s.c, &s.name));
    CHECK_OK(table_shape_new(&s.shape, a, t, lake_table_schema(t), NULL));
    CHECK_OK(table_committer_open(&s.committer, a, s.c, &s.name));
    s.append = table_append_new(a, s.shape);
    s.rows = fixture_rows(a, 0, EPOCH_ROWS);
    return s;
}

static Status run_epoch(Stream *s, int64_t epoch)
{
    Arena *a = arena_new(NULL);
    Buf receipt = buf_new(a);
    CommitInfo info = fixture_info(epoch);
    TablePart *p = table_part_new(a, s->shape);
    bool done;
    for (int32_t i = 0; i < EPOCH_ROWS; i++)
        COLUMN_DATA(&s->rows.col[0], int64_t)[i] = epoch * EPOCH_ROWS + i;
    TRY(table_part_add(p, &s->rows));
    table_part_seal(p);
    TRY(table_append_take(s->append, epoch, p));
    TRY(table_append_finish(s->append, &receipt));
    TRY(table_commit(s->committer, &info, buf_str(&receipt), &done));
    if (table_maintain_due(s->c, &s->name)) TRY(table_maintain(s->c, &s->name, NULL));
    arena_free(a);
    return done ? DONE : fail(ERR_CORRUPT, "epoch %lld was not committed", (long long)epoch);
}

typedef struct Size {
    int64_t files, bytes;
} Size;

static void measure(Arena *a, Str dir, Size *size)
{
    Entries list = {0};
    CHECK_OK(dir_list(&list, a, dir));
    for (int64_t i = 0; i < list.n; i++) {
        if (list.v[i].kind == ENTRY_DIR)
            measure(a, path_join(a, dir, list.v[i].name), size);
        else
            size->files++, size->bytes += list.v[i].bytes;
    }
}

static Size size_now(void)
{
    Size size = {0};
    Arena *a = arena_new(NULL);
    measure(a, S("/tmp/wh"), &size);
    arena_free(a);
    return size;
}

void fixture_seconds(Arena *a, int64_t epochs)
{
    enum { WINDOW = 200, FILES_MAX = 400, CALLS_MAX = 150 };
    Sim *sim = sim_new(a, 11, NULL);
    Arena *own = arena_new(a);
    Found f;
    sim_enter(sim);
    Stream s = open_stream(own, "t");
    int64_t bytes = 0, ops = 0;
    for (int64_t e = 0; e < epochs; e++) {
        if (e % WINDOW == 0) ops = sim_ops(sim);
        CHECK_OK(run_epoch(&s, e));
        sim_advance(sim, MICROS_PER_SECOND);
        if (e % WINDOW < WINDOW - 1) continue;
        Size size = size_now();
        CHECK(sim_ops(sim) - ops < WINDOW * CALLS_MAX); // calls to the disk, maintenance's too
        CHECK(size.files < FILES_MAX);
        if (e < 2 * WINDOW) bytes = size.bytes;
        // A restart between whiles, after which the simulated disk forgets removed files.
        CHECK_OK(dir_sync(S("/tmp/wh/demo/t/data")));
        CHECK_OK(dir_sync(S("/tmp/wh/demo/t/metadata")));
        sim_crash(sim);
        CHECK(size.bytes < 2 * bytes + e * EPOCH_ROWS * 40); // metadata alike, and the rows
    }
    CHECK_OK(fixture_count(s.c, &s.name, NULL, &f));
    CHECK_I64(f.rows, epochs * EPOCH_ROWS);
    CHECK_I64(f.sum, f.rows * (f.rows - 1) / 2);
    CHECK(f.files < 50 && f.manifests < 20);
    arena_free(own);
    sim_leave();
}

TEST(lake_seconds) { fixture_seconds(a, 800); }

TEST(lake_maintenance_off)
{
    Sim *sim = sim_new(a, 12, NULL);
    Arena *own = arena_new(a);
    Found f;
    sim_enter(sim);
    Catalogs *c = fixture_catalogs(own, S("/tmp/wh"));
    TableName name = fixture_name(own, "dir", "off");
    TableDef def = {.schema =
                        fixture_schema(own, "id BIGINT, kind STRING, ts TIMESTAMP, v DOUBLE")};
    Catalog *cat = NULL;
    bool done;
    vec_push(own, &def.properties, ((Option){S("kappa.maintain"), S("false")}));
    CHECK_OK(catalog_get(&cat, c, name.catalog));
    CHECK_OK(catalog_create_schema(cat, name.ns, 1, true, (Str){0}));
    CHECK_OK(table_create(c, &name, &def, false, false));
    for (int64_t e = 0; e < 20; e++) {
        CHECK_OK(fixture_epoch(c, &name, (Rows){e, e, 1}, &done));
        CHECK_OK(table_maintain(c, &name, NULL));
    }
    CHECK_OK(fixture_count(c, &name, NULL, &f));
    CHECK(f.rows == 20 && f.files == 20);
    arena_free(own);
    sim_leave();
}
