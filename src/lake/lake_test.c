#include "base/test.h"
#include "lake/append.h"
#include "lake/maintain.h"
#include "lake/scan.h"
#include "lake/table_in.h"
#include "os/clock.h"
#include "os/sim.h"

static const Schema *schema(Arena *a, const char *text)
{
    const Schema *s = NULL;
    CHECK_OK(schema_parse(&s, a, str_z(text)));
    return s;
}

static Catalogs *dir_catalogs(Arena *a)
{
    Catalogs *c = NULL;
    CHECK_OK(catalogs_open(&c, a, S("/tmp/wh")));
    catalogs_configure(c, S("spark.sql.catalog.dir"), S("org.apache.iceberg.spark.SparkCatalog"));
    catalogs_configure(c, S("spark.sql.catalog.dir.type"), S("hadoop"));
    catalogs_configure(c, S("spark.sql.catalog.dir.warehouse"), S("/tmp/wh"));
    return c;
}

static TableName name_of(Arena *a, const char *catalog, const char *table)
{
    Str *ns = NEW(a, Str, 1);
    ns[0] = S("demo");
    return (TableName){str_z(catalog), ns, 1, str_z(table)};
}

static const char columns[] = "id BIGINT NOT NULL, kind STRING, ts TIMESTAMP, v DOUBLE";

static void make_table(Arena *a, Catalogs *c, const TableName *name, bool partitioned)
{
    Catalog *cat;
    TableDef def = {.schema = schema(a, columns)};
    PartitionField day = {2, TR_DAY, 0, {0}};
    if (partitioned) def.partition = &day, def.npartition = 1;
    CHECK_OK(catalog_get(&cat, c, name->catalog));
    CHECK_OK(catalog_create_schema(cat, name->ns, name->nns, true, (Str){0}));
    CHECK_OK(table_create(c, name, &def, false, false));
}

static Batch rows_of(Arena *a, int64_t from, int32_t n)
{
    const Schema *s = schema(a, columns);
    Batch b = batch_new(a, s, n);
    static const Str kinds[] = {STR_INIT("view"), STR_INIT("click"), STR_INIT("buy")};
    for (int32_t i = 0; i < n; i++) {
        int64_t id = from + i;
        COLUMN_DATA(&b.col[0], int64_t)[i] = id;
        COLUMN_DATA(&b.col[1], Str)[i] = kinds[id % 3];
        COLUMN_DATA(&b.col[2], int64_t)[i] = INT64_C(1737108000000000) + id * INT64_C(1000000000);
        COLUMN_DATA(&b.col[3], double)[i] = (double)id / 4;
    }
    return b;
}

typedef struct Rows {
    int64_t epoch, from, n;
} Rows;

// Rows [from, from + n) as the receipt of an epoch.
static Status stage(Catalogs *c, const TableName *name, Rows r, Buf *receipt)
{
    Arena *own = arena_new(receipt->arena);
    LakeTable *t;
    const TableShape *shape;
    TRY(table_load(&t, own, c, name));
    TRY(table_shape_new(&shape, own, t, lake_table_schema(t), NULL));
    TableAppend *ap = table_append_new(own, shape);
    for (int64_t at = 0; at < r.n; at += BATCH_ROWS) {
        TablePart *p = table_part_new(own, shape);
        Batch b = rows_of(own, r.from + at, (int32_t)MIN(r.n - at, BATCH_ROWS));
        TRY(table_part_add(p, &b));
        table_part_seal(p);
        TRY(table_append_take(ap, r.epoch, p));
    }
    TRY(table_append_finish(ap, receipt));
    arena_free(own);
    return DONE;
}

static CommitInfo epoch_info(int64_t epoch)
{
    return (CommitInfo){.query_id = S("11111111-2222-3333-4444-555555555555"),
                        .incarnation = S("99999999-2222-3333-4444-555555555555"),
                        .epoch = epoch,
                        .offsets = S("{\"0\":1}")};
}

typedef struct Found {
    int64_t rows, sum, files, manifests;
} Found;

static Status count(Arena *a, Catalogs *c, const TableName *name, const Prune *p, Found *found)
{
    Arena *own = arena_new(a);
    LakeTable *t;
    TableScan *s;
    int64_t n;
    *found = (Found){0};
    TRY(table_load(&t, own, c, name));
    TRY(table_scan_new(&s, own, t, p, p ? 1 : 0));
    table_scan_files(s, &n);
    for (int64_t i = 0; i < n; i++) {
        FileScan *f;
        Arena *file = arena_new(own);
        Batch b;
        TRY(file_scan_new(&f, file, s, (FileSpan){i, 0, INT64_MAX}, NULL));
        do {
            TRY(file_scan_next(f, &b));
            for (int32_t k = 0; k < b.rows; k++) found->sum += column_i64(&b.col[0], k);
            found->rows += b.rows;
        } while (b.rows);
        arena_free(file);
    }
    found->files = n;
    found->manifests = table_scan_counts(s).manifests;
    arena_free(own);
    return DONE;
}

static void round_trip(Arena *a, Catalogs *c, const TableName *name, bool partitioned)
{
    make_table(a, c, name, partitioned);
    TableCommitter *w;
    CHECK_OK(table_committer_open(&w, a, c, name));
    Found f;
    CHECK_OK(count(a, c, name, NULL, &f));
    CHECK_I64(f.rows, 0);
    for (int64_t epoch = 0; epoch < 3; epoch++) {
        Buf receipt = buf_new(a);
        bool done;
        CommitInfo info = epoch_info(epoch);
        CHECK_OK(stage(c, name, (Rows){epoch, epoch * 1000, 1000}, &receipt));
        CHECK_OK(table_commit(w, &info, buf_str(&receipt), &done));
        CHECK(done);
        CHECK_OK(table_commit(w, &info, buf_str(&receipt), &done)); // the second time is harmless
        CHECK(!done);
    }
    CHECK_OK(count(a, c, name, NULL, &f));
    CHECK_I64(f.rows, 3000);
    CHECK_I64(f.sum, 3000 * 2999 / 2);
    CHECK_I64(f.files, partitioned ? f.files : 3);
    Datum v = {.i = 2500};
    Prune p = {0, PRUNE_GE, &v, 1};
    CHECK_OK(count(a, c, name, &p, &f));
    CHECK(f.rows < 1500 && f.rows >= 500);
    Datum t = {.i = INT64_C(1737108000000000) + INT64_C(2999) * 1000000000};
    p = (Prune){2, PRUNE_EQ, &t, 1};
    CHECK_OK(count(a, c, name, &p, &f));
    CHECK(f.files == 1 && f.rows >= 1);
    CommitInfo whole = epoch_info(7);
    whole.mode = COMMIT_OVERWRITE;
    Buf receipt = buf_new(a);
    bool done;
    CHECK_OK(stage(c, name, (Rows){7, 0, 10}, &receipt));
    CHECK_OK(table_commit(w, &whole, buf_str(&receipt), &done));
    CHECK_OK(count(a, c, name, NULL, &f));
    CHECK_I64(f.rows, 10);
    CHECK_OK(table_truncate(c, name));
    CHECK_OK(count(a, c, name, NULL, &f));
    CHECK_I64(f.rows, 0);
}

TEST(lake_directory_catalog)
{
    Sim *sim = sim_new(a, 5, NULL);
    sim_enter(sim);
    Arena *own = arena_new(a);
    Catalogs *c = dir_catalogs(own);
    TableName plain = name_of(own, "dir", "plain"), days = name_of(own, "dir", "days");
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
    TableName plain = name_of(own, "lake", "plain"), days = name_of(own, "lake", "days");
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
    CHECK_I64(n, 2);
    CHECK_STR(names[0], S("a"));
    CHECK_OK(catalog_list_schemas(cat, own, ns, 1, &names, &n));
    CHECK(n == 1 && str_eq(names[0], S("b")));
    CHECK_OK(catalog_drop_schema(cat, ns, 2, false, false));
    CHECK_FAILS(catalog_drop_schema(cat, ns, 2, false, false), ERR_NOT_FOUND);
    TableDef def = {.schema = schema(own, columns)};
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
