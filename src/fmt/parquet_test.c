#include "base/test.h"
#include "col/column.h"
#include "fmt/parquet.h"
#include <math.h>

typedef struct Rand {
    uint64_t s;
} Rand;
static uint64_t rnd(Rand *r)
{
    r->s ^= r->s << 13;
    r->s ^= r->s >> 7;
    return r->s ^= r->s << 17;
}
static int64_t below(Rand *r, int64_t n) { return (int64_t)(rnd(r) >> 1) % n; }

// How odd the values are: 0 few distinct, 1 all over the type.
static Datum random_datum(Rand *r, Arena *a, const Type *t, int32_t odd)
{
    Datum d = {0};
    int64_t any = odd ? (int64_t)rnd(r) : below(r, 7) - 3;
    static const double floats[] = {0.0, -0.0, 1.5, -2.25, 1e300, -1e300};
    switch (type_phys(t)) {
    case PHYS_BOOL: d.i = any & 1; break;
    case PHYS_I8: d.i = (any & 0xff) - 128; break;
    case PHYS_I16: d.i = (any & 0xffff) - 32768; break;
    case PHYS_I32: d.i = (int32_t)any; break;
    case PHYS_I64: d.i = t->id == T_TIME ? below(r, INT64_C(86400000000)) * 1000 : any; break;
    case PHYS_F32:
    case PHYS_F64:
        d.f = odd ? floats[below(r, 6)] : (double)any;
        if (odd && below(r, 9) == 0) d.f = (double)NAN;
        if (t->id == T_FLOAT) d.f = (double)(float)d.f;
        break;
    case PHYS_I128: {
        Int128 most = 1;
        for (int32_t i = 0; i < t->precision; i++) most *= 10;
        d.d = (Int128)((Uint128)rnd(r) << 64 | rnd(r)) % most;
        if (!odd) d.d = any % 10;
        break;
    }
    case PHYS_STR: {
        int64_t n = odd ? below(r, 90) : 5 + (any & 3);
        char *s = NEW(a, char, n + 1);
        for (int64_t i = 0; i < n; i++) s[i] = (char)(odd ? 'a' + below(r, 26) : 'k');
        d.s = str_of(s, n);
        break;
    }
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: break;
    }
    return d;
}

static void random_value(Rand *r, Arena *a, Builder *b, const Field *f, int32_t odd)
{
    const Type *t = f->type;
    if (f->nullable && below(r, 4) == 0) {
        builder_null(b);
        return;
    }
    if (t->id != T_ARRAY && t->id != T_MAP && t->id != T_STRUCT) {
        Datum d = random_datum(r, a, t, odd);
        builder_datum(b, &d);
        return;
    }
    builder_start(b);
    int64_t n = t->id == T_STRUCT ? 1 : below(r, t->id == T_MAP ? 2 : 4); // keys differ
    for (int64_t i = 0; i < n; i++)
        for (int32_t k = 0; k < t->nfields; k++)
            random_value(r, a, builder_kid(b, k), &t->field[k], odd);
    builder_end(b);
}

static Batch random_rows(Rand *r, Arena *a, const Schema *s, int32_t n, int32_t odd)
{
    Batch b = {n, s->nfields, NEW(a, Column, s->nfields)};
    for (int32_t c = 0; c < s->nfields; c++) {
        Builder *build = builder_new(a, s->field[c].type);
        for (int32_t i = 0; i < n; i++) random_value(r, a, build, &s->field[c], odd);
        b.col[c] = builder_column(build);
    }
    return b;
}

static const Schema *schema(Arena *a, const char *text)
{
    const Schema *s = NULL;
    CHECK_OK(schema_parse(&s, a, str_z(text)));
    return s;
}

// A file of the batch, its rows given in pieces of `step`, in row groups of `group` rows.
static Str file_of(Arena *a, const Schema *s, const Batch *b, const ParquetOptions *o, int32_t step,
                   int32_t group)
{
    const ParquetShape *shape;
    Buf out = buf_new(a);
    CHECK_OK(parquet_shape_new(&shape, a, s));
    ParquetWriter *w = parquet_writer_new(a, shape, o, &out);
    for (int32_t from = 0; from < b->rows; from += group) {
        RowGroup *g = row_group_new(a, shape, o);
        int32_t end = MIN(from + group, b->rows);
        for (int32_t at = from; at < end; at += step) {
            int32_t n = MIN(step, end - at), *row = NEW(a, int32_t, n);
            for (int32_t i = 0; i < n; i++) row[i] = at + i;
            Batch piece = batch_gather(a, b, row, n);
            CHECK_OK(row_group_add(g, &piece));
        }
        row_group_seal(g);
        parquet_writer_add(w, g, &out);
    }
    parquet_writer_end(w, &out);
    CHECK_I64(parquet_writer_bytes(w), out.n);
    CHECK_I64(parquet_writer_rows(w), b->rows);
    return buf_str(&out);
}

static int64_t differing(const Column *x, int32_t from, const Column *y, int32_t n)
{
    int64_t bad = 0;
    for (int32_t i = 0; i < n; i++) bad += !value_eq(x, from + i, y, i);
    return bad;
}

static ParquetFile *open_bytes(Arena *a, Str bytes)
{
    ParquetFile *f = NULL;
    ByteSource *src = NEW(a, ByteSource, 1);
    *src = byte_source_of(bytes, S("memory"));
    CHECK_OK(parquet_open(&f, a, src));
    return f;
}

static void check_rows(Arena *a, Str bytes, const Schema *s, const Batch *want)
{
    ParquetFile *f = open_bytes(a, bytes);
    ParquetScan *scan;
    ParquetWant w = {.schema = s, .groups = parquet_groups(f)};
    CHECK_OK(parquet_scan_new(&scan, a, f, &w));
    int32_t at = 0;
    for (;;) {
        Batch b;
        int64_t row = 0;
        Status st = parquet_scan_next(scan, &b, &row);
        CHECK_OK(st);
        if (st.code || !b.rows) break;
        CHECK_I64(row, at);
        CHECK(at + b.rows <= want->rows);
        for (int32_t c = 0; c < b.cols; c++) {
            int64_t bad = differing(&want->col[c], at, &b.col[c], b.rows);
            test_check(bad == 0, __FILE__, __LINE__, "column %d at row %d: %d differ", c, at,
                       (int)bad);
        }
        at += b.rows;
    }
    CHECK_I64(at, want->rows);
}

static const char every_type[] =
    "b BOOLEAN, i8 TINYINT, i16 SMALLINT, i INT, l BIGINT NOT NULL, f FLOAT, d DOUBLE, s STRING, "
    "bin BINARY, dt DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ, tm TIME, d9 DECIMAL(9,2), d18 "
    "DECIMAL(18,4), d28 DECIMAL(28,6) NOT NULL, d38 DECIMAL(38,18), a ARRAY<INT>, st STRUCT<x: "
    "INT, y: "
    "STRUCT<z: STRING, w: ARRAY<DOUBLE>>>, m MAP<STRING, ARRAY<STRUCT<p: BIGINT, q: STRING>>>, aa "
    "ARRAY<ARRAY<ARRAY<STRING>>>";

TEST(parquet_round_trip)
{
    static const CodecId codecs[] = {CODEC_NONE, CODEC_SNAPPY, CODEC_GZIP, CODEC_ZSTD,
                                     CODEC_LZ4_RAW};
    const Schema *s = schema(a, every_type);
    Rand r = {42};
    for (int32_t i = 0; i < 20; i++) {
        Arena *own = arena_new(a);
        ParquetOptions o = parquet_options();
        o.codec = codecs[i % COUNT(codecs)];
        o.dictionary = i % 3 != 0;
        if (i & 1) o.page_rows = 100, o.page_bytes = 1000, o.dictionary_bytes = 2000;
        int32_t rows = i == 0 ? 0 : i == 1 ? 1 : 1 + (int32_t)below(&r, 3000);
        Batch b = random_rows(&r, own, s, rows, i % 4 > 1);
        int32_t group = i % 5 == 0 ? 500 : 100000;
        Str bytes = file_of(own, s, &b, &o, 1024, group);
        check_rows(own, bytes, s, &b);
        if (rows < 1500)
            CHECK_STR(file_of(own, s, &b, &o, 7, group), bytes); // same rows, same bytes
        arena_free(own);
    }
}

TEST(parquet_all_null_and_empty)
{
    const Schema *s =
        schema(a, "i INT, s STRING, a ARRAY<STRING>, m MAP<INT, INT>, st STRUCT<x: INT>");
    Batch b = {3000, 5, NEW(a, Column, 5)};
    for (int32_t c = 0; c < 5; c++) b.col[c] = column_null_of(a, s->field[c].type, 3000);
    ParquetOptions o = parquet_options();
    check_rows(a, file_of(a, s, &b, &o, 1024, 100000), s, &b);
}

TEST(parquet_dictionary_when_it_pays)
{
    const Schema *s = schema(a, "few STRING NOT NULL, many BIGINT NOT NULL");
    Batch b = batch_new(a, s, 60000);
    for (int32_t i = 0; i < b.rows; i++) {
        COLUMN_DATA(&b.col[0], Str)[i] = i % 3 ? S("sensor-one") : S("sensor-two");
        COLUMN_DATA(&b.col[1], int64_t)[i] = (int64_t)i * 7919;
    }
    ParquetOptions o = parquet_options();
    o.codec = CODEC_NONE;
    Str bytes = file_of(a, s, &b, &o, 1000, 100000);
    CHECK(bytes.n < 60000 * 8 + 60000 / 4 + 2000); // a bit for each string, eight bytes a number
    check_rows(a, bytes, s, &b);
    o.dictionary = false;
    CHECK(file_of(a, s, &b, &o, 1000, 100000).n > 60000 * 22);
}

static int64_t scan_count(Arena *a, const ParquetFile *f, const Schema *s, const Prune *p,
                          int64_t *skipped)
{
    ParquetScan *scan;
    ParquetWant w = {.schema = s, .prune = p, .nprune = p ? 1 : 0, .groups = parquet_groups(f)};
    Batch b;
    int64_t rows = 0, pass = 0;
    CHECK_OK(parquet_scan_new(&scan, a, f, &w));
    do {
        CHECK_OK(parquet_scan_next(scan, &b, NULL));
        for (int32_t i = 0; p && i < b.rows; i++) {
            const Column *c = &b.col[p->column];
            if (column_null(c, i)) continue;
            Datum v = column_datum(a, c, i);
            int32_t cmp = datum_cmp(c->type, &v, p->value);
            pass += p->op == PRUNE_LT ? cmp < 0 : p->op == PRUNE_GE ? cmp >= 0 : cmp == 0;
        }
        rows += b.rows;
    } while (b.rows);
    *skipped = parquet_scan_pages_skipped(scan);
    return p ? pass : rows;
}

// What a pruned scan lets through, filtered, is what a filter over everything lets through.
TEST(parquet_pruning_loses_nothing)
{
    Rand r = {7};
    const Schema *s = schema(a, "l BIGINT, s STRING, d DOUBLE, dec DECIMAL(20,3), t TIMESTAMP");
    int32_t n = 20000;
    Batch b = random_rows(&r, a, s, n, 1);
    for (int32_t i = 0; i < n; i++) { // in order, so that pages differ
        COLUMN_DATA(&b.col[0], int64_t)[i] = i * 10;
        COLUMN_DATA(&b.col[1], Str)[i] = str_fmt(a, "k%05d", i);
        COLUMN_DATA(&b.col[4], int64_t)[i] = (int64_t)i * 1000000;
    }
    ParquetOptions o = parquet_options();
    o.page_rows = 500;
    ParquetFile *f = open_bytes(a, file_of(a, s, &b, &o, 1024, 7000));
    int64_t total_skipped = 0;
    for (int32_t k = 0; k < 200; k++) {
        Arena *own = arena_new(a);
        int32_t col = (int32_t)below(&r, 5), at = (int32_t)below(&r, n);
        static const PruneOp ops[] = {PRUNE_LT, PRUNE_GE, PRUNE_EQ};
        Datum v = column_datum(own, &b.col[col], at);
        Prune p = {col, ops[below(&r, 3)], &v, 1};
        if (v.null) continue;
        int64_t want = 0, skipped = 0;
        for (int32_t i = 0; i < n; i++) {
            if (column_null(&b.col[col], i)) continue;
            Datum x = column_datum(own, &b.col[col], i);
            int32_t cmp = datum_cmp(b.col[col].type, &x, &v);
            want += p.op == PRUNE_LT ? cmp < 0 : p.op == PRUNE_GE ? cmp >= 0 : cmp == 0;
        }
        CHECK_I64(scan_count(own, f, s, &p, &skipped), want);
        total_skipped += skipped;
        arena_free(own);
    }
    CHECK(total_skipped > 1000);
    Datum far = {.i = 5};
    Prune p = {0, PRUNE_LT, &far, 1};
    int64_t skipped = 0;
    CHECK_I64(scan_count(a, f, s, &p, &skipped), !column_null(&b.col[0], 0));
}

TEST(parquet_projects_and_evolves)
{
    Rand r = {3};
    Field w[] = {field_of(S("a"), &type_int, true), field_of(S("b"), &type_string, true),
                 field_of(S("c"), &type_float, true)};
    for (int32_t i = 0; i < 3; i++) w[i].id = i + 1;
    const Schema *s = type_struct(a, w, 3);
    Batch b = random_rows(&r, a, s, 2000, 0);
    ParquetOptions o = parquet_options();
    ParquetFile *f = open_bytes(a, file_of(a, s, &b, &o, 1024, 100000));
    Field v[] = {field_of(S("renamed"), &type_double, true), field_of(S("added"), &type_date, true),
                 field_of(S("A"), &type_bigint, true), field_of(S("b"), &type_string, true)};
    v[0].id = 3, v[1].id = 9, v[2].id = 1, v[3].id = 2;
    const Schema *now = type_struct(a, v, 4);
    uint8_t needed[] = {1, 1, 1, 0};
    ParquetWant want = {.schema = now, .needed = needed, .groups = 1};
    ParquetScan *scan;
    CHECK_OK(parquet_scan_new(&scan, a, f, &want));
    Batch got;
    CHECK_OK(parquet_scan_next(scan, &got, NULL));
    CHECK_I64(got.rows, 1024);
    CHECK(got.col[3].data == NULL);
    for (int32_t i = 0; i < got.rows; i++) {
        bool null = column_null(&b.col[0], i);
        CHECK(column_null(&got.col[1], i));
        if (null != column_null(&got.col[2], i) ||
            (!null && column_i64(&got.col[2], i) != COLUMN_DATA(&b.col[0], int32_t)[i]))
            test_check(false, __FILE__, __LINE__, "a promoted int at %d", i);
        if (!column_null(&b.col[2], i) &&
            COLUMN_DATA(&got.col[0], double)[i] != (double)COLUMN_DATA(&b.col[2], float)[i])
            test_check(false, __FILE__, __LINE__, "a promoted float at %d", i);
    }
    v[0].type = &type_date; // a float cannot be a date
    const Schema *wrong = type_struct(a, v, 4);
    want.schema = wrong;
    CHECK_FAILS(parquet_scan_new(&scan, a, f, &want), ERR_INVALID);
    const Schema *file_schema;
    CHECK_OK(parquet_schema(f, a, &file_schema));
    CHECK_STR(type_name_str(a, file_schema), S("struct<a:int,b:string,c:float>"));
    CHECK_I64(file_schema->field[2].id, 3);
}

TEST(parquet_stats_of_the_file)
{
    const Schema *s = schema(a, "d DOUBLE, s STRING, dec DECIMAL(5,2), t TIME, l ARRAY<INT>");
    Batch b = batch_new(a, s, 3);
    double d[] = {(double)NAN, -0.0, 0.0};
    memcpy(b.col[0].data, d, sizeof d);
    Str strs[] = {S("b"), S("a"), S("c")};
    memcpy(b.col[1].data, strs, sizeof strs);
    for (int32_t i = 0; i < 3; i++) {
        COLUMN_DATA(&b.col[2], Int128)[i] = i - 1;
        COLUMN_DATA(&b.col[3], int64_t)[i] = i * INT64_C(5000);
        COLUMN_DATA(&b.col[4], List)[i] = (List){0, 0};
    }
    column_own_valid(a, &b.col[1])[2] = 0;
    const ParquetShape *shape;
    CHECK_OK(parquet_shape_new(&shape, a, s));
    ParquetOptions o = parquet_options();
    Buf out = buf_new(a);
    ParquetWriter *w = parquet_writer_new(a, shape, &o, &out);
    RowGroup *g = row_group_new(a, shape, &o);
    CHECK_OK(row_group_add(g, &b));
    row_group_seal(g);
    parquet_writer_add(w, g, &out);
    parquet_writer_end(w, &out);
    int32_t n;
    const ParquetColumnStats *st = parquet_writer_stats(w, &n);
    CHECK_I64(n, 5);
    CHECK_I64(st[0].nans, 1);
    CHECK(st[0].range.bounds && st[0].range.lo.f == 0);
    CHECK_STR(st[1].range.hi.s, S("b"));
    CHECK_I64(st[1].nulls, 1);
    CHECK_I64((int64_t)st[2].range.lo.d, -1);
    CHECK_I64(st[3].range.hi.i, 10000);
    CHECK(st[4].repeated && !st[4].range.bounds);
    CHECK_I64(st[4].values, 3);
    int64_t groups;
    CHECK_I64(parquet_writer_groups(w, &groups)[0], 4);
    CHECK_I64(groups, 1);
}

TEST(parquet_refuses)
{
    const ParquetShape *shape;
    CHECK_FAILS(parquet_shape_new(&shape, a, schema(a, "i INTERVAL")), ERR_UNSUPPORTED);
    CHECK_FAILS(parquet_shape_new(&shape, a, schema(a, "v VOID")), ERR_UNSUPPORTED);
    const Schema *s = schema(a, "i INT NOT NULL, st STRUCT<x: INT NOT NULL>");
    CHECK_OK(parquet_shape_new(&shape, a, s));
    ParquetOptions o = parquet_options();
    RowGroup *g = row_group_new(a, shape, &o);
    Batch b = batch_new(a, s, 2);
    memset(b.col[0].data, 0, 8);
    memset(b.col[1].kid[0].data, 0, 8);
    column_own_valid(a, &b.col[1].kid[0])[1] = 0;
    CHECK_FAILS(row_group_add(g, &b), ERR_INVALID);
    CHECK(str_find(str_z(fail_text()), S("st")) >= 0);
    Str bad[] = {S(""), S("PAR1PAR1"), S("PAR1....\x04\x00\x00\x00PAR1"),
                 S("PAR1....\xff\xff\xff\xffPAR1"), S("PAR1....\x00\x00\x00\x00PARX")};
    for (int64_t i = 0; i < COUNT(bad); i++) {
        ByteSource src = byte_source_of(bad[i], S("bad"));
        ParquetFile *f;
        CHECK_FAILS(parquet_open(&f, a, &src), ERR_CORRUPT);
    }
}

// A flipped byte anywhere is an error or changes nothing that the checksums and counts cover; it
// never ends in a crash. Flips inside pages are always found.
TEST(parquet_flipped_bytes)
{
    Rand r = {11};
    const Schema *s = schema(a, "l BIGINT, s STRING, a ARRAY<STRUCT<x: INT, y: STRING>>");
    Batch b = random_rows(&r, a, s, 300, 1);
    ParquetOptions o = parquet_options();
    Str good = file_of(a, s, &b, &o, 100, 200);
    int64_t refused = 0;
    for (int64_t at = 0; at < good.n; at++) {
        Arena *own = arena_new(a);
        Str bytes = str_copy(own, good);
        ((char *)bytes.p)[at] ^= (char)(1 << below(&r, 8));
        ByteSource src = byte_source_of(bytes, S("flipped"));
        ParquetFile *f;
        ParquetScan *scan;
        Batch got = {0};
        Status st = parquet_open(&f, own, &src);
        ParquetWant want = {.schema = s};
        if (!st.code) want.groups = parquet_groups(f);
        if (!st.code) st = parquet_scan_new(&scan, own, f, &want);
        do {
            if (!st.code) st = parquet_scan_next(scan, &got, NULL);
        } while (!st.code && got.rows);
        refused += st.code != OK;
        arena_free(own);
    }
    CHECK(refused * 10 > good.n * 7);
}
