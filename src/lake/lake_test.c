#include "lake/fixture_test.h"
#include "lake/maintain.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/sim.h"

static void round_trip(Arena *a, Catalogs *c, const TableName *name, bool partitioned)
{
    fixture_table(a, c, name, partitioned);
    TableCommitter *w;
    CHECK_OK(table_committer_open(&w, a, c, name));
    Found f;
    CHECK_OK(fixture_count(c, name, NULL, &f));
    CHECK_I64(f.rows, 0);
    for (int64_t epoch = 0; epoch < 3; epoch++) {
        Buf receipt = buf_new(a);
        bool done;
        CommitInfo info = fixture_info(epoch);
        CHECK_OK(fixture_stage(c, name, (Rows){epoch, epoch * 1000, 1000}, &receipt));
        CHECK_OK(table_commit(w, &info, buf_str(&receipt), &done));
        CHECK(done);
        CHECK_OK(table_commit(w, &info, buf_str(&receipt), &done)); // the second time is harmless
        CHECK(!done);
    }
    CHECK_OK(fixture_count(c, name, NULL, &f));
    CHECK_I64(f.rows, 3000);
    CHECK_I64(f.sum, 3000 * 2999 / 2);
    CHECK_I64(f.files, partitioned ? f.files : 3);
    Datum v = {.i = 2500};
    Prune p = {0, PRUNE_GE, &v, 1};
    CHECK_OK(fixture_count(c, name, &p, &f));
    CHECK(f.rows < 1500 && f.rows >= 500);
    Datum t = {.i = FIXTURE_START_US + INT64_C(2999) * 1000000000};
    p = (Prune){2, PRUNE_EQ, &t, 1};
    CHECK_OK(fixture_count(c, name, &p, &f));
    CHECK(f.files == 1 && f.rows >= 1);
    CommitInfo whole = fixture_info(7);
    whole.mode = COMMIT_OVERWRITE;
    Buf receipt = buf_new(a);
    bool done;
    CHECK_OK(fixture_stage(c, name, (Rows){7, 0, 10}, &receipt));
    CHECK_OK(table_commit(w, &whole, buf_str(&receipt), &done));
    CHECK_OK(fixture_count(c, name, NULL, &f));
    CHECK_I64(f.rows, 10);
    CHECK_OK(table_truncate(c, name));
    CHECK_OK(fixture_count(c, name, NULL, &f));
    CHECK_I64(f.rows, 0);
}

TEST(lake_directory_catalog)
{
    Sim *sim = sim_new(a, 5, NULL);
    sim_enter(sim);
    Arena *own = arena_new(a);
    Catalogs *c = fixture_catalogs(own, S("/tmp/wh"));
    TableName plain = fixture_name(own, "dir", "plain"), days = fixture_name(own, "dir", "days");
    round_trip(own, c, &plain, false);
    round_trip(own, c, &days, true);
    Catalog *cat;
    Str *names;
    int32_t n;
    CHECK_OK(catalog_get(&cat, c, S("dir")));
    CHECK_OK(catalog_list_tables(cat, own, plain.ns, 1, &names, &n));
    CHECK_I64(n, 2);
    CHECK_FAILS(catalog_drop_schema(cat, plain.ns, 1, false, false), ERR_CONFLICT);
    CHECK_OK(table_drop(c, &days, false, true));
    CHECK_FAILS(table_drop(c, &days, false, false), ERR_NOT_FOUND);
    CHECK_OK(table_drop(c, &days, true, false));
    CHECK_OK(catalog_drop_schema(cat, plain.ns, 1, false, true));
    LakeTable *t;
    CHECK_FAILS(table_load(&t, own, c, &plain), ERR_NOT_FOUND);
    arena_free(own);
    sim_leave();
}

TEST(lake_sql_catalog)
{
    Str dir = str_fmt(a, "/tmp/kappa-lake-test-%llx", (unsigned long long)rand_u64());
    Arena *own = arena_new(a);
    Catalogs *c;
    CHECK_OK(catalogs_open(&c, own, dir));
    TableName plain = fixture_name(own, "lake", "plain"), days = fixture_name(own, "lake", "days");
    round_trip(own, c, &plain, false);
    round_trip(own, c, &days, true);
    Catalog *cat;
    Str *names;
    int32_t n;
    bool exists;
    CHECK_OK(catalog_get(&cat, c, S("lake")));
    Str ns[] = {S("a"), S("b")};
    CHECK_OK(catalog_create_schema(cat, ns, 2, false, S("said")));
    CHECK_FAILS(catalog_create_schema(cat, ns, 2, false, (Str){0}), ERR_CONFLICT);
    CHECK_OK(catalog_schema_exists(cat, ns, 1, &exists));
    CHECK(exists);
    CHECK_OK(catalog_list_schemas(cat, own, NULL, 0, &names, &n));
    CHECK_I64(n, 3); // `default` is in every catalog
    CHECK_STR(names[0], S("a"));
    CHECK_OK(catalog_list_schemas(cat, own, ns, 1, &names, &n));
    CHECK(n == 1 && str_eq(names[0], S("b")));
    CHECK_OK(catalog_drop_schema(cat, ns, 2, false, false));
    CHECK_FAILS(catalog_drop_schema(cat, ns, 2, false, false), ERR_NOT_FOUND);
    TableDef def = {.schema = fixture_schema(own, "id BIGINT")};
    CHECK_FAILS(table_create(c, &plain, &def, false, false), ERR_CONFLICT);
    CHECK_OK(table_create(c, &plain, &def, true, false));
    TableName nowhere = {S("lake"), ns, 2, S("t")};
    CHECK_FAILS(table_create(c, &nowhere, &def, false, false), ERR_NOT_FOUND);
    CHECK_FAILS(catalog_get(&cat, c, S("other")), ERR_NOT_FOUND);
    catalogs_configure(c, S("spark.sql.catalog.nes.type"), S("nessie"));
    CHECK_FAILS(catalog_get(&cat, c, S("nes")), ERR_UNSUPPORTED);
    arena_free(own);
    CHECK(path_exists(path_join(a, dir, S("catalog.db"))));
    CHECK(!path_exists(path_join(a, dir, S("catalog.db-wal")))); // at rest it is one file
    CHECK_OK(dir_remove_all(dir));
}
