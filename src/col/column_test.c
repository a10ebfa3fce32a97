#include "base/buf.h"
#include "base/hash.h"
#include "base/test.h"
#include "col/blob.h"
#include "col/column.h"
#include "col/pack.h"
#include <math.h>

static uint64_t chance(uint64_t *seed) { return hash_u64((*seed)++); }

static const char *const types[] = {
    "boolean",
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "float",
    "double",
    "decimal(38,3)",
    "string",
    "interval",
    "array<string>",
    "map<string,double>",
    "struct<a:int,b:string,c:array<struct<d:bigint>>>",
    "array<array<map<int,decimal(5,2)>>>",
    "struct<>",
    "void",
};

static void random_value(Builder *b, const Type *t, uint64_t *seed)
{
    if (t->id == T_VOID || chance(seed) % 8 == 0) {
        builder_null(b);
        return;
    }
    static const double floats[] = {0.0, -0.0, 1.5, NAN, -INFINITY};
    static const char bytes[] = "the quick brown fox jumps over the lazy dog, again and again";
    uint64_t v = chance(seed);
    Datum d = {.i = (int64_t)(v % 5)};
    if (t->id == T_FLOAT || t->id == T_DOUBLE) d.f = floats[v % 5];
    if (t->id == T_DECIMAL) d.d = (Int128)(v % 3) << (v % 90);
    if (t->id == T_STRING) d.s = str_of(bytes + v % 4, (int64_t)(v >> 8) % 40);
    if (t->id == T_INTERVAL)
        d.interval = (Interval){(int32_t)(v % 2), (int32_t)(v % 3), (int64_t)(v % 5)};
    if (t->id == T_BOOLEAN) d.i = (int64_t)(v % 2);
    if (t->id < T_ARRAY) {
        builder_datum(b, &d);
        return;
    }
    builder_start(b);
    uint64_t n = t->id == T_STRUCT ? 1 : v % 4;
    for (uint64_t k = 0; k < n; k++)
        for (int32_t f = 0; f < t->nfields; f++)
            random_value(builder_kid(b, f), t->field[f].type, seed);
    builder_end(b);
}

static const Type *type_of(Arena *a, const char *type)
{
    const Type *t;
    CHECK_OK(type_parse(&t, a, str_z(type)));
    return t;
}

static Column random_column(Arena *a, const Type *t, int32_t n, uint64_t seed)
{
    Builder *b = builder_new(a, t);
    for (int32_t i = 0; i < n; i++) random_value(b, t, &seed);
    CHECK_I64(builder_count(b), n);
    return builder_column(b);
}

static Str row_json(Arena *a, const Column *c, int32_t row)
{
    Buf b = buf_new(a);
    value_json(&b, c, row, &(TextForm){0});
    return buf_str(&b);
}

static void check_rows(Arena *a, const Column *got, const Column *want, const int32_t *row)
{
    for (int32_t i = 0; i < got->rows; i++) {
        int32_t at = row ? row[i] : i;
        CHECK_STR(row_json(a, got, i), row_json(a, want, at));
        CHECK(value_eq(got, i, want, at));
    }
}

enum { N = 60, TAKEN = 40 };
TEST(columns_are_copied_gathered_sliced)
{
    uint64_t seed = 1;
    int32_t row[TAKEN];
    for (int32_t i = 0; i < TAKEN; i++) row[i] = (int32_t)(chance(&seed) % N);
    for (int64_t i = 0; i < COUNT(types); i++) {
        Arena *gone = arena_new(a);
        const Type *t = type_of(a, types[i]);
        Column c = random_column(gone, t, N, 7 * (uint64_t)i);
        Column gathered = column_gather(a, &c, row, TAKEN);
        check_rows(a, &gathered, &c, row);
        Batch b = {.rows = N, .cols = 1, .col = &c};
        Batch slice = batch_slice(a, &b, 20, 30);
        for (int32_t k = 0; k < 30; k++) CHECK(value_eq(&slice.col[0], k, &c, k + 20));
        Column kept = random_column(a, t, N, 7 * (uint64_t)i);
        Column typed = random_column(gone, type_of(gone, types[i]), N, 7 * (uint64_t)i);
        Batch of_typed = {.rows = N, .cols = 1, .col = &typed};
        Column copy = column_copy(a, &c, row, TAKEN), whole = batch_copy(a, &of_typed).col[0];
        Column of_slice = column_copy(a, &slice.col[0], NULL, 30);
        CHECK(batch_bytes(&b) >= N * phys_bytes(type_phys(c.type)));
        arena_free(gone); // nothing of a copy points there
        check_rows(a, &copy, &kept, row);
        check_rows(a, &whole, &kept, NULL);
        CHECK(type_eq(whole.type, t));
        for (int32_t k = 0; k < 30; k++) CHECK(value_eq(&of_slice, k, &kept, k + 20));
    }
}
TEST(builders_take_rows_and_datums)
{
    for (int64_t i = 0; i < COUNT(types); i++) {
        Column c = random_column(a, type_of(a, types[i]), N, 9 * (uint64_t)i);
        Builder *b = builder_new(a, c.type);
        for (int32_t round = 0; round < 2; round++) {
            int32_t row[] = {3, 1, 1, 59};
            builder_rows(b, &c, NULL, 10);
            builder_rows(b, &c, row, COUNT(row));
            for (int32_t k = 0; k < N; k++) {
                Datum v = column_datum(a, &c, k);
                builder_datum(b, &v);
            }
            Column got = builder_column(b);
            CHECK_I64(got.rows, 14 + N);
            for (int32_t k = 0; k < 10; k++) CHECK(value_eq(&got, k, &c, k));
            for (int32_t k = 0; k < 4; k++) CHECK(value_eq(&got, 10 + k, &c, row[k]));
            for (int32_t k = 0; k < N; k++) CHECK(value_eq(&got, 14 + k, &c, k));
            builder_clear(b);
        }
    }
}
TEST(columns_are_set_row_by_row)
{
    for (int64_t i = 0; i < COUNT(types); i++) {
        Column c = random_column(a, type_of(a, types[i]), N, 5 * (uint64_t)i);
        Column got = column_new(a, c.type, N);
        for (int32_t k = N - 1; k >= 0; k--) {
            Datum v = column_datum(a, &c, k);
            column_set(a, &got, k, &v);
        }
        check_rows(a, &got, &c, NULL);
        Datum v = column_datum(a, &c, 5);
        Column same = column_of_datum(a, c.type, &v, 3);
        for (int32_t k = 0; k < 3; k++) CHECK(value_eq(&same, k, &c, 5));
        Column none = column_null_of(a, c.type, 4);
        for (int32_t k = 0; k < 4; k++) CHECK_STR(row_json(a, &none, k), S("null"));
    }
}
TEST(equal_values_hash_alike)
{
    for (int64_t i = 0; i < COUNT(types); i++) {
        Column c = random_column(a, type_of(a, types[i]), N, 3 * (uint64_t)i);
        uint64_t h[N], twice[N];
        int64_t differ = 0, apart = 0;
        column_hash(&c, N, h, true);
        memcpy(twice, h, sizeof h);
        column_hash(&c, N, twice, false);
        for (int32_t x = 0; x < N; x++)
            for (int32_t y = 0; y < N; y++) {
                bool eq = value_eq(&c, x, &c, y);
                if (eq) CHECK(h[x] == h[y] && twice[x] == twice[y]);
                differ += !eq;
                apart += h[x] != h[y];
                if (c.type->id == T_MAP || column_null(&c, x) || column_null(&c, y)) continue;
                if (strstr(types[i], "map<")) continue;
                int32_t cmp = value_cmp(&c, x, &c, y), back = value_cmp(&c, y, &c, x);
                CHECK((cmp == 0) == eq && (cmp > 0) == (back < 0));
            }
        CHECK_I64(apart, differ);
    }
}
static Str packed(Arena *a, const Column *c, int32_t row)
{
    Buf b = buf_new(a);
    value_pack(&b, c, row);
    return buf_str(&b);
}
TEST(values_are_packed_and_unpacked)
{
    for (int64_t i = 0; i < COUNT(types); i++) {
        Column c = random_column(a, type_of(a, types[i]), N, 11 * (uint64_t)i);
        Buf all = buf_new(a);
        for (int32_t k = 0; k < N; k++) value_pack(&all, &c, k);
        Reader r = reader_of(buf_str(&all));
        Builder *b = builder_new(a, c.type);
        for (int32_t k = 0; k < N; k++) CHECK(value_unpack(&r, b));
        CHECK_I64(reader_left(&r), 0);
        CHECK(!value_unpack(&r, b) && r.bad);
        Column again = builder_column(b);
        for (int32_t k = 0; k < N; k++) CHECK(value_eq(&again, k, &c, k));
        for (int32_t x = 0; x < N; x++)
            for (int32_t y = 0; y < N; y++)
                CHECK(str_eq(packed(a, &c, x), packed(a, &c, y)) == value_eq(&c, x, &c, y));
    }
}
TEST(unpacking_refuses)
{
    static const struct {
        const char *type;
        Str bytes;
    } row[] = {
        {"int", STR_INIT("")},
        {"int", STR_INIT("\x02")},
        {"int", STR_INIT("\x01\x01\x01\x01")},
        {"boolean", STR_INIT("\x01\x02")},
        {"void", STR_INIT("\x01\x00")},
        {"string", STR_INIT("\x01\x05hell")},
        {"array<int>", STR_INIT("\x01\xff\xff\xff\xff\x0f")},
        {"array<int>", STR_INIT("\x01\x02\x00")},
        {"map<int,int>", STR_INIT("\x01\x01\x00")},
        {"struct<a:int,b:int>", STR_INIT("\x01\x00")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        Reader r = reader_of(row[i].bytes);
        CHECK(!value_unpack(&r, builder_new(a, type_of(a, row[i].type))) && r.bad);
    }
}
TEST(maps_are_equal_in_any_order)
{
    Builder *b = builder_new(a, type_of(a, "map<string,int>"));
    static const struct {
        Str key[2];
        int32_t value[2];
    } row[] = {{{STR_INIT("a"), STR_INIT("b")}, {1, 2}},
               {{STR_INIT("b"), STR_INIT("a")}, {2, 1}},
               {{STR_INIT("a"), STR_INIT("b")}, {2, 1}}};
    for (int64_t i = 0; i < COUNT(row); i++) {
        builder_start(b);
        for (int32_t k = 0; k < 2; k++) {
            builder_datum(builder_kid(b, 0), &(Datum){.s = row[i].key[k]});
            builder_datum(builder_kid(b, 1), &(Datum){.i = row[i].value[k]});
        }
        builder_end(b);
    }
    Column c = builder_column(b);
    uint64_t h[3];
    column_hash(&c, 3, h, true);
    CHECK(value_eq(&c, 0, &c, 1) && h[0] == h[1]);
    CHECK(!value_eq(&c, 0, &c, 2) && h[0] != h[2]);
}
TEST(string_hashes_differ_by_every_byte)
{
    char bytes[100];
    for (int32_t i = 0; i < 100; i++) bytes[i] = (char)i;
    for (int64_t n = 0; n < 100; n++) {
        Str s[2] = {{bytes, n}, {bytes, n}};
        Column c = {.type = &type_string, .data = s, .rows = 2};
        uint64_t h[2];
        for (int64_t k = 0; k < n; k++) {
            char other[100];
            memcpy(other, bytes, sizeof other);
            other[k] ^= 1;
            s[1].p = other;
            column_hash(&c, 2, h, true);
            CHECK(h[0] != h[1]);
        }
        s[1] = str_of(bytes, n + 1);
        column_hash(&c, 2, h, true);
        CHECK(h[0] != h[1]);
    }
}
TEST(mask_rows_lists_the_kept)
{
    uint8_t keep[BATCH_ROWS];
    int32_t row[BATCH_ROWS], n = 0;
    for (int32_t i = 0; i < BATCH_ROWS; i++) keep[i] = i % 3 == 1;
    CHECK_I64(mask_rows(keep, BATCH_ROWS, row), 341);
    for (int32_t i = 0; i < BATCH_ROWS; i++)
        if (keep[i]) CHECK_I64(row[n++], i);
    CHECK_I64(mask_rows(keep, 0, row), 0);
}

// Random growth of many blobs against plain copies of what they should hold.
TEST(blobs_keep_their_content)
{
    enum { BLOBS = 50, MOST = 5000 };
    BlobPool *p = blob_pool_new(a);
    Blob *b = NEW(a, Blob, BLOBS);
    char *want = NEW(a, char, BLOBS *MOST);
    uint64_t seed = 3;
    for (int32_t step = 0; step < 4000; step++) {
        int64_t i = (int64_t)(chance(&seed) % BLOBS), n = (int64_t)(chance(&seed) % 90);
        char *w = want + i * MOST;
        if (b[i].n + n > MOST || chance(&seed) % 50 == 0) {
            blob_free(p, &b[i]);
            CHECK(b[i].p == NULL && b[i].n == 0);
        }
        for (int64_t k = 0; k < n; k++) w[b[i].n + k] = (char)chance(&seed);
        if (chance(&seed) % 3) {
            char *to = blob_append(p, &b[i], n);
            if (n) memcpy(to, w + b[i].n - n, (size_t)n);
        } else {
            blob_set(p, &b[i], str_of(w, b[i].n + n));
        }
        if (step % 64 == 0)
            for (int32_t k = 0; k < BLOBS; k++)
                CHECK(str_eq(blob_str(&b[k]), str_of(want + k * MOST, b[k].n)));
    }
    CHECK(blob_pool_bytes(p) > 0);
    for (int32_t k = 0; k < BLOBS; k++) blob_free(p, &b[k]);
    CHECK_I64(blob_pool_bytes(p), 0);
}
TEST(blob_pool_reuses)
{
    Arena *mine = arena_new(a);
    BlobPool *p = blob_pool_new(mine);
    int64_t after_first = 0;
    for (int32_t round = 0; round < 20; round++) {
        for (int64_t n = 0; n < 300000; n = n * 5 / 4 + 1) {
            char *piece = blob_pool_take(p, n);
            CHECK(((uintptr_t)piece & 7) == 0);
            memset(piece, round, (size_t)n);
            if (round % 2) blob_pool_give(p, piece, n);
        }
        if (round == 1) after_first = arena_bytes(mine);
        blob_pool_clear(p);
    }
    CHECK(arena_bytes(mine) <= after_first * 2);
}
