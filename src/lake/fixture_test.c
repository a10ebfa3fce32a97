// fixture_test.c -- rows that tests of lake/ write and read.
#include "lake/fixture_test.h"

const Schema *fixture_schema(Arena *a, const char *text)
{
    const Schema *s = NULL;
    CHECK_OK(schema_parse(&s, a, str_z(text)));
    return s;
}

Catalogs *fixture_catalogs(Arena *a, Str dir)
{
    Catalogs *c = NULL;
    CHECK_OK(catalogs_open(&c, a, dir));
    catalogs_configure(c, S("spark.sql.catalog.dir"), S("org.apache.iceberg.spark.SparkCatalog"));
    catalogs_configure(c, S("spark.sql.catalog.dir.type"), S("hadoop"));
    catalogs_configure(c, S("spark.sql.catalog.dir.warehouse"), dir);
    return c;
}

TableName fixture_name(Arena *a, const char *catalog, const char *table)
{
    Str *ns = NEW(a, Str, 1);
    ns[0] = S("demo");
    return (TableName){str_z(catalog), ns, 1, str_z(table)};
}

static const char columns[] = "id BIGINT NOT NULL, kind STRING, ts TIMESTAMP, v DOUBLE";

void fixture_table(Arena *a, Catalogs *c, const TableName *name, bool partitioned)
{
    Catalog *cat;
    TableDef def = {.schema = fixture_schema(a, columns)};
    PartitionField day = {2, TR_DAY, 0, {0}};
    if (partitioned) def.partition = &day, def.npartition = 1;
    CHECK_OK(catalog_get(&cat, c, name->catalog));
    CHECK_OK(catalog_create_schema(cat, name->ns, name->nns, true, (Str){0}));
    CHECK_OK(table_create(c, name, &def, false, false));
}

Batch fixture_rows(Arena *a, int64_t from, int32_t n)
{
    const Schema *s = fixture_schema(a, columns);
    Batch b = batch_new(a, s, n);
    static const Str kinds[] = {STR_INIT("view"), STR_INIT("click"), STR_INIT("buy")};
    for (int32_t i = 0; i < n; i++) {
        int64_t id = from + i;
        COLUMN_DATA(&b.col[0], int64_t)[i] = id;
        COLUMN_DATA(&b.col[1], Str)[i] = kinds[id % 3];
        COLUMN_DATA(&b.col[2], int64_t)[i] = FIXTURE_START_US + id * INT64_C(1000000000);
        COLUMN_DATA(&b.col[3], double)[i] = (double)id / 4;
    }
    return b;
}

static Status stage_in(Arena *own, Catalogs *c, const TableName *name, Rows r, Buf *receipt)
{
    LakeTable *t;
    const TableShape *shape;
    TRY(table_load(&t, own, c, name));
    TRY(table_shape_new(&shape, own, t, lake_table_schema(t), NULL));
    TableAppend *ap = table_append_new(own, shape);
    for (int64_t at = 0; at < r.n; at += BATCH_ROWS) {
        TablePart *p = table_part_new(own, shape);
        Batch b = fixture_rows(own, r.from + at, (int32_t)MIN(r.n - at, BATCH_ROWS));
        TRY(table_part_add(p, &b));
        table_part_seal(p);
        TRY(table_append_take(ap, r.epoch, p));
    }
    return table_append_finish(ap, receipt);
}

Status fixture_stage(Catalogs *c, const TableName *name, Rows r, Buf *receipt)
{
    Arena *own = arena_new(NULL);
    Status s = stage_in(own, c, name, r, receipt);
    arena_free(own);
    return s;
}

CommitInfo fixture_info(int64_t epoch)
{
    return (CommitInfo){.query_id = S("11111111-2222-3333-4444-555555555555"),
                        .incarnation = S("99999999-2222-3333-4444-555555555555"),
                        .epoch = epoch,
                        .offsets = S("{\"0\":1}")};
}

static Status count_in(Arena *own, Catalogs *c, const TableName *name, const Prune *p, Found *found)
{
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
    return DONE;
}

Status fixture_count(Catalogs *c, const TableName *name, const Prune *p, Found *found)
{
    Arena *own = arena_new(NULL);
    Status s = count_in(own, c, name, p, found);
    arena_free(own);
    return s;
}

Status fixture_epoch(Catalogs *c, const TableName *name, Rows r, bool *done)
{
    Arena *a = arena_new(NULL);
    Buf receipt = buf_new(a);
    TableCommitter *w;
    CommitInfo info = fixture_info(r.epoch);
    Status s = fixture_stage(c, name, r, &receipt);
    if (!s.code) s = table_committer_open(&w, a, c, name);
    if (!s.code) s = table_commit(w, &info, buf_str(&receipt), done);
    arena_free(a);
    return s;
}

Status fixture_write(Catalogs *c, const TableName *name, const Batch *b, int64_t epoch)
{
    Arena *a = arena_new(NULL);
    Buf receipt = buf_new(a);
    LakeTable *t;
    TableCommitter *w;
    const TableShape *shape;
    bool done;
    CommitInfo info = fixture_info(epoch);
    TRY(table_load(&t, a, c, name));
    TRY(table_shape_new(&shape, a, t, lake_table_schema(t), NULL));
    TableAppend *ap = table_append_new(a, shape);
    TablePart *p = table_part_new(a, shape);
    TRY(table_part_add(p, b));
    table_part_seal(p);
    TRY(table_append_take(ap, epoch, p));
    TRY(table_append_finish(ap, &receipt));
    TRY(table_committer_open(&w, a, c, name));
    TRY(table_commit(w, &info, buf_str(&receipt), &done));
    arena_free(a);
    return DONE;
}
