// peers_test.c -- tables of every type, every transform and every kind of commit, left in
// build/lake for other engines to read: test/peers/iceberg.sh does that.
#include "lake/fixture_test.h"
#include "lake/maintain.h"
#include "os/file.h"
#include <math.h>

static const char all_types[] =
    "id BIGINT NOT NULL, b BOOLEAN, i INT, l BIGINT, f FLOAT, d DOUBLE, d9 DECIMAL(9, 2), "
    "d18 DECIMAL(18, 4), d38 DECIMAL(38, 10), day DATE, ts TIMESTAMP, tz TIMESTAMP_NTZ, "
    "s STRING, bin BINARY, a ARRAY<STRING>, m MAP<STRING, BIGINT>, "
    "st STRUCT<x: INT, y: ARRAY<INT>>";

static Str text_of(Arena *a, int64_t i)
{
    static const Str odd[] = {STR_INIT(""), STR_INIT("caf\u00e9"), STR_INIT("\U0001F600 smile"),
                              STR_INIT("a long text that bounds cut after sixteen characters"),
                              STR_INIT("\uFFFF\uFFFF\uFFFF\uFFFF\uFFFF\uFFFF\uFFFF\uFFFF\uFFFF"
                                       "\uFFFF\uFFFF\uFFFF\uFFFF\uFFFF\uFFFF\uFFFF\uFFFF\uFFFF")};
    return i % 7 < COUNT(odd) ? odd[i % 7] : str_fmt(a, "text %lld", (long long)(i * 31 % 97));
}

static Datum value_of(Arena *a, const Type *t, int64_t i)
{
    static const double odd[] = {0.0, -0.0, 1.5, -1e300, 1e300, (double)INFINITY, (double)NAN};
    Datum d = {.i = (i * 7919 - 40000) % 1000};
    switch (type_phys(t)) {
    case PHYS_BOOL: d.i = i & 1; break;
    case PHYS_F32:
    case PHYS_F64:
        d.f = i % 50 < COUNT(odd) ? odd[i % 50] : (double)(i % 1000) / 8;
        if (t->id == T_FLOAT) d.f = (double)(float)d.f;
        break;
    case PHYS_I128: d.d = (Int128)(i % 2 ? -i : i) * i * 1000003; break;
    case PHYS_I64:
        if (t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ) d.i = i * INT64_C(7200000123) - 99;
        break;
    case PHYS_STR: d.s = text_of(a, i); break;
    case PHYS_I8:
    case PHYS_I16:
    case PHYS_I32:
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: break;
    }
    if (t->id == T_DECIMAL && t->precision < 19) d.d = (i * 7919 - 40000) % 100000;
    return d;
}

static void put_value(Arena *a, Builder *b, const Field *f, int64_t i)
{
    const Type *t = f->type;
    bool list = t->id == T_ARRAY || t->id == T_MAP;
    if (f->nullable && i % 5 == 3) {
        builder_null(b);
        return;
    }
    if (!list && t->id != T_STRUCT) {
        Datum d = value_of(a, t, i);
        builder_datum(b, &d);
        return;
    }
    builder_start(b);
    for (int64_t n = list ? i % 3 : 1; n > 0; n--)
        for (int32_t k = 0; k < t->nfields; k++) {
            Field of = t->field[k];
            if (list && k == 0 && t->id == T_MAP) of.nullable = false;
            put_value(a, builder_kid(b, k), &of, i + n);
        }
    builder_end(b);
}

// Rows of any schema; a first column `id` that cannot be NULL counts them.
static Batch made_rows(Arena *a, const Schema *s, int64_t from, int32_t n)
{
    Batch b = batch_new(a, s, 0);
    b.rows = n;
    for (int32_t c = 0; c < s->nfields; c++) {
        Builder *to = builder_new(a, s->field[c].type);
        for (int64_t i = from; i < from + n; i++) {
            Datum id = {.i = i};
            if (s->field[c].nullable)
                put_value(a, to, &s->field[c], i + c);
            else
                builder_datum(to, &id);
        }
        b.col[c] = builder_column(to);
    }
    return b;
}

static void write_rows(Catalogs *c, const TableName *name, const Schema *s, Rows r)
{
    Arena *a = arena_new(NULL);
    Batch b = made_rows(a, s, r.from, (int32_t)r.n);
    CHECK_OK(fixture_write(c, name, &b, r.epoch));
    arena_free(a);
}

static void new_table(Catalogs *c, const TableName *name, const TableDef *def)
{
    Catalog *cat;
    CHECK_OK(catalog_get(&cat, c, name->catalog));
    CHECK_OK(catalog_create_schema(cat, name->ns, name->nns, true, (Str){0}));
    CHECK_OK(table_create(c, name, def, false, true));
}

static void check_rows(Catalogs *c, const TableName *name, int64_t rows)
{
    Found f;
    CHECK_OK(fixture_count(c, name, NULL, &f));
    CHECK_I64(f.rows, rows);
    CHECK_I64(f.sum, rows * (rows - 1) / 2);
}

static void table_of_types(Arena *a, Catalogs *c)
{
    TableName name = fixture_name(a, "lake", "types");
    TableDef def = {.schema = fixture_schema(a, all_types), .comment = S("every type")};
    new_table(c, &name, &def);
    for (int64_t e = 0; e < 3; e++) write_rows(c, &name, def.schema, (Rows){e, e * 500, 500});
    write_rows(c, &name, def.schema, (Rows){3, 1500, 25000});
    check_rows(c, &name, 26500);
}

static void tables_of_transforms(Arena *a, Catalogs *c)
{
    static const struct {
        const char *table, *type;
        TransformKind kind;
        int32_t arg;
    } row[] = {
        {"by_s", "STRING", TR_IDENTITY, 0},
        {"by_b", "BOOLEAN", TR_IDENTITY, 0},
        {"by_decimal", "DECIMAL(9, 2)", TR_IDENTITY, 0},
        {"by_date", "DATE", TR_IDENTITY, 0},
        {"by_year", "TIMESTAMP", TR_YEAR, 0},
        {"by_year_date", "DATE", TR_YEAR, 0},
        {"by_month", "TIMESTAMP_NTZ", TR_MONTH, 0},
        {"by_month_date", "DATE", TR_MONTH, 0},
        {"by_day", "TIMESTAMP", TR_DAY, 0},
        {"by_hour", "TIMESTAMP", TR_HOUR, 0},
        {"by_bucket_int", "INT", TR_BUCKET, 5},
        {"by_bucket_long", "BIGINT", TR_BUCKET, 16},
        {"by_bucket_s", "STRING", TR_BUCKET, 4},
        {"by_bucket_bin", "BINARY", TR_BUCKET, 4},
        {"by_bucket_ts", "TIMESTAMP", TR_BUCKET, 4},
        {"by_bucket_date", "DATE", TR_BUCKET, 4},
        {"by_bucket_decimal", "DECIMAL(38, 10)", TR_BUCKET, 4},
        {"by_trunc_int", "INT", TR_TRUNCATE, 100},
        {"by_trunc_long", "BIGINT", TR_TRUNCATE, 100},
        {"by_trunc_s", "STRING", TR_TRUNCATE, 2},
        {"by_trunc_decimal", "DECIMAL(18, 4)", TR_TRUNCATE, 5000},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        TableName name = fixture_name(a, "lake", row[i].table);
        Str ddl = str_fmt(a, "id BIGINT NOT NULL, v %s", row[i].type);
        PartitionField p = {1, row[i].kind, row[i].arg, {0}};
        TableDef def = {fixture_schema(a, str_to_z(a, ddl)), &p, 1, {0}, {0}, {0}};
        new_table(c, &name, &def);
        write_rows(c, &name, def.schema, (Rows){0, 0, 60});
        write_rows(c, &name, def.schema, (Rows){1, 60, 30});
        check_rows(c, &name, 90);
    }
}

// What an overwrite, maintenance and a second specification leave.
static void tables_with_a_past(Arena *a, Catalogs *c)
{
    TableName merged = fixture_name(a, "lake", "merged"), days = fixture_name(a, "lake", "days");
    MaintainReport did;
    bool done;
    fixture_table(a, c, &merged, false);
    fixture_table(a, c, &days, true);
    for (int64_t e = 0; e < 20; e++) {
        CHECK_OK(fixture_epoch(c, &merged, (Rows){e, e * 50, 50}, &done));
        if (table_maintain_due(c, &merged)) CHECK_OK(table_maintain(c, &merged, &did));
    }
    check_rows(c, &merged, 1000);
    for (int64_t e = 0; e < 3; e++)
        CHECK_OK(fixture_epoch(c, &days, (Rows){e, e * 200, 200}, &done));
    check_rows(c, &days, 600);
}

TEST(lake_tables_for_peers)
{
    Str dir = S("build/lake"), warehouse;
    Arena *own = arena_new(a);
    Catalogs *c;
    CHECK_OK(dir_remove_all(dir));
    CHECK_OK(dir_make(dir));
    CHECK_OK(path_absolute(&warehouse, own, dir));
    CHECK_OK(catalogs_open(&c, own, warehouse));
    table_of_types(own, c);
    tables_of_transforms(own, c);
    tables_with_a_past(own, c);
    arena_free(own);
}
