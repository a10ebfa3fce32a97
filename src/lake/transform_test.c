// transform_test.c -- partition transforms: the specification's values, texts of paths, and that a
// scan that skips by them still finds every row that passes.
#include "fmt/prune.h"
#include "lake/fixture_test.h"
#include "lake/iceberg_in.h"
#include "os/file.h"
#include "os/sim.h"

static Datum transformed(Arena *a, const Type *t, Datum v, TransformKind kind, int32_t arg)
{
    Column c = column_of_datum(a, t, &v, 1);
    Column r = transform_column(a, &c, kind, arg);
    return column_datum(a, &r, 0);
}

TEST(transform_hashes) // appendix B of the specification
{
    static const struct {
        Str bytes;
        int32_t hash;
    } row[] = {
        {STR_INIT("iceberg"), 1210000089},
        {STR_INIT("\x00\x01\x02\x03"), -188683207},
        {STR_INIT("\x22\0\0\0\0\0\0\0"), 2017239379},
        {STR_INIT("\x05\x8c"), -500754589}, // 14.20
        {STR_INIT("\xf7\x9c\x3e\x09\x67\x7c\x4b\xbd\xa4\x79\x3f\x34\x9c\xb7\x85\xe7"), 1488055340},
    };
    for (int64_t i = 0; i < COUNT(row); i++) CHECK_I64(murmur3(row[i].bytes), row[i].hash);
}

TEST(transform_values)
{
    static const struct {
        const char *type;
        int64_t value;
        TransformKind kind;
        int32_t arg;
        int64_t want;
    } row[] = {
        {"BIGINT", 34, TR_BUCKET, 1 << 30, 2017239379 & ((1 << 30) - 1)},
        {"INT", 34, TR_BUCKET, 16, 2017239379 % 16},
        {"DATE", 17486, TR_BUCKET, 1 << 30, (-653330422 & 0x7fffffff) & ((1 << 30) - 1)},
        {"TIMESTAMP", 1510871468000000, TR_BUCKET, 1 << 30,
         (-2047944441 & 0x7fffffff) & ((1 << 30) - 1)},
        {"TIMESTAMP_NTZ", 1510871468000001, TR_BUCKET, 1 << 30,
         (-1207196810 & 0x7fffffff) & ((1 << 30) - 1)},
        {"INT", 1, TR_TRUNCATE, 10, 0},
        {"INT", -1, TR_TRUNCATE, 10, -10},
        {"BIGINT", -11, TR_TRUNCATE, 10, -20},
        {"BIGINT", 29, TR_TRUNCATE, 10, 20},
        {"TIMESTAMP", -1, TR_DAY, 0, -1}, // down, not to zero
        {"TIMESTAMP", -1, TR_HOUR, 0, -1},
        {"TIMESTAMP", -1, TR_MONTH, 0, -1},
        {"TIMESTAMP", -1, TR_YEAR, 0, -1},
        {"TIMESTAMP", 1510871468000000, TR_HOUR, 0, 419686},
        {"TIMESTAMP", 1510871468000000, TR_DAY, 0, 17486},
        {"DATE", 17486, TR_MONTH, 0, 574},
        {"DATE", 17486, TR_YEAR, 0, 47},
        {"DATE", -1, TR_YEAR, 0, -1},
        {"DATE", 17486, TR_DAY, 0, 17486},
        {"BOOLEAN", 1, TR_IDENTITY, 0, 1},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        const Type *t =
            fixture_schema(a, str_to_z(a, str_fmt(a, "x %s", row[i].type)))->field[0].type;
        Datum v = {.i = row[i].value};
        CHECK_I64(transformed(a, t, v, row[i].kind, row[i].arg).i, row[i].want);
        v.null = true;
        CHECK(transformed(a, t, v, row[i].kind, row[i].arg).null);
    }
    Datum s = {.s = S("\u00e9t\u00e9 longer")}, d = {.d = 1065};
    CHECK_STR(transformed(a, &type_string, s, TR_TRUNCATE, 3).s, S("\u00e9t\u00e9"));
    const Type *dec = fixture_schema(a, "x DECIMAL(9, 2)")->field[0].type;
    CHECK_I64((int64_t)transformed(a, dec, d, TR_TRUNCATE, 50).d, 1050);
}

TEST(transform_texts)
{
    static const struct {
        Str text;
        bool known;
        TransformKind kind;
        int32_t arg;
    } row[] = {
        {STR_INIT("identity"), true, TR_IDENTITY, 0},
        {STR_INIT("day"), true, TR_DAY, 0},
        {STR_INIT("bucket[16]"), true, TR_BUCKET, 16},
        {STR_INIT("truncate[4]"), true, TR_TRUNCATE, 4},
        {STR_INIT("void"), true, TR_VOID, 0},
        {STR_INIT("bucket[0]"), false, TR_VOID, 0},
        {STR_INIT("bucket[x]"), false, TR_VOID, 0},
        {STR_INIT("zorder"), false, TR_VOID, 0},
        {STR_INIT("truncate[-1]"), false, TR_VOID, 0},
        {STR_INIT("bucket[99999999999]"), false, TR_VOID, 0},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        TransformKind kind;
        int32_t arg = 0;
        CHECK(transform_parse(row[i].text, &kind, &arg) == row[i].known);
        if (!row[i].known) continue;
        CHECK(kind == row[i].kind && arg == row[i].arg);
        CHECK_STR(transform_text(a, kind, arg), row[i].text);
    }
    CHECK_FAILS(transform_check(&type_double, TR_BUCKET, S("x")), ERR_INVALID);
    CHECK_FAILS(transform_check(&type_string, TR_DAY, S("x")), ERR_INVALID);
    CHECK_FAILS(transform_check(&type_timestamp, TR_TRUNCATE, S("x")), ERR_INVALID);
    CHECK_OK(transform_check(&type_timestamp, TR_HOUR, S("x")));
}

// ---- skipping ----------------------------------------------------------------------------------

static bool passes(const Type *t, const Prune *p, const Datum *v)
{
    int32_t c = v->null || !p->value ? 0 : datum_cmp(t, v, p->value);
    switch (p->op) {
    case PRUNE_EQ: return !v->null && c == 0;
    case PRUNE_LT: return !v->null && c < 0;
    case PRUNE_LE: return !v->null && c <= 0;
    case PRUNE_GT: return !v->null && c > 0;
    case PRUNE_GE: return !v->null && c >= 0;
    case PRUNE_IS_NULL: return v->null;
    case PRUNE_NOT_NULL: return !v->null;
    case PRUNE_IN:
        for (int32_t i = 0; i < p->nvalues; i++)
            if (!v->null && datum_cmp(t, v, &p->value[i]) == 0) return true;
        return false;
    }
    must_failed("PruneOp", __FILE__, __LINE__);
}

// Rows that pass p, of those that a scan with `skip` gives.
static int64_t passing(const LakeTable *t, const Prune *p, const Prune *skip, int64_t *skipped)
{
    Arena *a = arena_new(NULL);
    TableScan *s = NULL;
    const Type *type = lake_table_schema(t)->field[p->column].type;
    int64_t n, found = 0;
    CHECK_OK(table_scan_new(&s, a, t, skip, skip ? 1 : 0));
    table_scan_files(s, &n);
    *skipped += table_scan_counts(s).files_skipped + table_scan_counts(s).manifests_skipped;
    for (int64_t i = 0; i < n; i++) {
        FileScan *f = NULL;
        Batch b;
        CHECK_OK(file_scan_new(&f, a, s, (FileSpan){i, 0, INT64_MAX}, NULL));
        do {
            CHECK_OK(file_scan_next(f, &b));
            for (int32_t k = 0; k < b.rows; k++) {
                Datum v = column_datum(a, &b.col[p->column], k);
                found += passes(type, p, &v);
            }
        } while (b.rows);
    }
    arena_free(a);
    return found;
}

static Datum value_of(Arena *a, const Type *t, int64_t i)
{
    Datum v = {.null = i % 11 == 7};
    int64_t x = i * 37 % 200 - 60;
    switch (type_phys(t)) {
    case PHYS_BOOL: v.i = x & 1; break;
    case PHYS_I32: v.i = x * 9; break;
    case PHYS_I64: v.i = t->id == T_BIGINT ? x : x * INT64_C(5000000000) - 1; break;
    case PHYS_I128: v.d = x * 131; break;
    case PHYS_STR: v.s = str_fmt(a, "%c%lld", (int)('a' + (x + 60) % 5), (long long)x); break;
    case PHYS_I8:
    case PHYS_I16:
    case PHYS_F32:
    case PHYS_F64:
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: break;
    }
    return v;
}

static LakeTable *filled_table(Arena *a, Catalogs *c, const char *type, PartitionField p,
                               int32_t no)
{
    enum { EPOCHS = 3, EPOCH_ROWS = 60 };
    TableName name = fixture_name(a, "dir", str_to_z(a, str_fmt(a, "t%d", no)));
    TableDef def = {.schema = fixture_schema(a, str_to_z(a, str_fmt(a, "v %s", type)))};
    def.partition = &p;
    def.npartition = 1;
    LakeTable *t = NULL;
    Catalog *cat = NULL;
    CHECK_OK(catalog_get(&cat, c, name.catalog));
    CHECK_OK(catalog_create_schema(cat, name.ns, 1, true, (Str){0}));
    CHECK_OK(table_create(c, &name, &def, false, false));
    for (int64_t e = 0; e < EPOCHS; e++) {
        Builder *b = builder_new(a, def.schema->field[0].type);
        for (int64_t i = e * EPOCH_ROWS; i < (e + 1) * EPOCH_ROWS; i++) {
            Datum v = value_of(a, def.schema->field[0].type, i);
            builder_datum(b, &v);
        }
        Column col = builder_column(b);
        Batch rows = {EPOCH_ROWS, 1, &col};
        CHECK_OK(fixture_write(c, &name, &rows, e));
    }
    CHECK_OK(table_load(&t, a, c, &name));
    return t;
}

TEST(transform_skips_no_row)
{
    static const struct {
        const char *type;
        TransformKind kind;
        int32_t arg;
    } row[] = {
        {"STRING", TR_IDENTITY, 0},
        {"BOOLEAN", TR_IDENTITY, 0},
        {"INT", TR_BUCKET, 4},
        {"STRING", TR_BUCKET, 4},
        {"DECIMAL(20, 3)", TR_BUCKET, 4},
        {"INT", TR_TRUNCATE, 100},
        {"BIGINT", TR_TRUNCATE, 50},
        {"STRING", TR_TRUNCATE, 1},
        {"DECIMAL(9, 2)", TR_TRUNCATE, 5000},
        {"TIMESTAMP", TR_DAY, 0},
        {"TIMESTAMP", TR_HOUR, 0},
        {"TIMESTAMP_NTZ", TR_MONTH, 0},
        {"DATE", TR_YEAR, 0},
        {"DATE", TR_MONTH, 0},
        {"BINARY", TR_TRUNCATE, 1},
    };
    Sim *sim = sim_new(a, 21, NULL);
    Arena *own = arena_new(a);
    sim_enter(sim);
    Catalogs *c = fixture_catalogs(own, S("/tmp/wh"));
    for (int32_t i = 0; i < COUNT(row); i++) {
        LakeTable *t =
            filled_table(own, c, row[i].type, (PartitionField){0, row[i].kind, row[i].arg, {0}}, i);
        const Type *type = lake_table_schema(t)->field[0].type;
        int64_t skipped = 0, none = 0;
        for (PruneOp op = PRUNE_EQ; op <= PRUNE_IN; op++)
            for (int64_t k = 0; k < 6; k++) {
                Datum v[2] = {value_of(own, type, k * 16 + 1), value_of(own, type, k * 5 + 2)};
                if (v[0].null || v[1].null) continue;
                bool bare = op == PRUNE_IS_NULL || op == PRUNE_NOT_NULL;
                Prune p = {0, op, bare ? NULL : v, bare ? 0 : op == PRUNE_IN ? 2 : 1};
                CHECK_I64(passing(t, &p, &p, &skipped), passing(t, &p, NULL, &none));
            }
        CHECK(none == 0 && skipped > 0);
    }
    arena_free(own);
    sim_leave();
}
