#include "base/test.h"
#include "fmt/avro.h"
#include "fmt/codec.h"

static const char schema_text[] =
    "{\"type\":\"record\",\"name\":\"r\",\"fields\":["
    "{\"name\":\"n\",\"type\":\"long\",\"field-id\":7},"
    "{\"name\":\"s\",\"type\":[\"null\",\"string\"],\"default\":null,\"field-id\":8},"
    "{\"name\":\"l\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"kv\","
    "\"fields\":[{\"name\":\"key\",\"type\":\"int\",\"field-id\":20},{\"name\":\"value\",\"type\":"
    "\"bytes\",\"field-id\":21}]},\"logicalType\":\"map\"},\"field-id\":9},"
    "{\"name\":\"again\",\"type\":[\"null\",\"kv\"],\"field-id\":10},"
    "{\"name\":\"f\",\"type\":{\"type\":\"fixed\",\"name\":\"f4\",\"size\":4},\"field-id\":11},"
    "{\"name\":\"d\",\"type\":\"double\",\"field-id\":12},"
    "{\"name\":\"m\",\"type\":{\"type\":\"map\",\"values\":\"boolean\"},\"field-id\":13}]}";

static void put_row(Buf *b, int64_t i)
{
    double d = (double)i / 2;
    avro_put_long(b, i);
    avro_put_long(b, i % 2);
    if (i % 2) avro_put_bytes(b, S("text"));
    if (i % 3) {
        avro_put_long(b, i % 3);
        for (int64_t k = 0; k < i % 3; k++) {
            avro_put_long(b, k);
            avro_put_bytes(b, S("v"));
        }
    }
    avro_put_long(b, 0);
    avro_put_long(b, 1);
    avro_put_long(b, -5);
    avro_put_bytes(b, S(""));
    buf_put(b, S("abcd"));
    buf_put(b, str_of((char *)&d, 8));
    avro_put_long(b, -1); // a block with its size said
    avro_put_long(b, 3);
    avro_put_bytes(b, S("k"));
    buf_u8(b, 1);
    avro_put_long(b, 0);
}

static Str sample(Arena *a, int64_t rows)
{
    Buf out = buf_new(a);
    AvroWriter w;
    Options meta = {0};
    vec_push(a, &meta, ((Option){S("format-version"), S("2")}));
    avro_writer_start(&w, a, &out, str_z(schema_text), &meta);
    for (int64_t i = 0; i < rows; i++) {
        put_row(&w.row, i);
        avro_row(&w);
    }
    avro_writer_end(&w);
    return buf_str(&out);
}

TEST(avro_round_trip)
{
    AvroFile f;
    enum { ROWS = 5000 };
    CHECK_OK(avro_open(&f, a, sample(a, ROWS), S("mem")));
    CHECK_STR(*options_get(&f.meta, S("format-version")), S("2"));
    bool end = false;
    int64_t bad = 0;
    for (int64_t i = 0; i < ROWS; i++) {
        AvroValue v;
        CHECK_OK(avro_next(&f, a, &v, &end));
        const AvroValue *s = avro_get(&v, 8), *l = avro_get(&v, 9);
        bad += end || avro_get(&v, 7)->i != i || (s != NULL) != (i % 2) || l->n != i % 3;
        bad += avro_get(avro_get(&v, 10), 20)->i != -5 || avro_get(&v, 12)->f != (double)i / 2;
        bad += !str_eq(avro_get(&v, 11)->s, S("abcd")) || avro_get(&v, 13)->item[1].i != 1;
        bad += l->n && !str_eq(avro_get(&l->item[0], 21)->s, S("v"));
        bad += avro_get(&v, 99) != NULL;
    }
    CHECK_I64(bad, 0);
    AvroValue v;
    CHECK_OK(avro_next(&f, a, &v, &end));
    CHECK(end);
}

TEST(avro_refuses)
{
    Str good = sample(a, 20);
    AvroFile f;
    CHECK_FAILS(avro_open(&f, a, S("Obj"), S("x")), ERR_CORRUPT);
    CHECK_FAILS(avro_open(&f, a, S("PAR1"), S("x")), ERR_CORRUPT);
    for (int64_t cut = 4; cut < good.n; cut++) { // cut anywhere it is refused, or ends early
        Str bytes = str_copy(a, str_sub(good, 0, cut));
        Status s = avro_open(&f, a, bytes, S("cut"));
        bool end = false;
        AvroValue v;
        int64_t rows = 0;
        while (!s.code && !end) s = avro_next(&f, a, &v, &end), rows += !s.code && !end;
        CHECK(s.code == ERR_CORRUPT || rows == 0);
    }
    static const char *const bad[] = {"",
                                      "7",
                                      "\"nope\"",
                                      "{\"type\":\"fixed\",\"name\":\"x\"}",
                                      "{\"type\":\"array\"}",
                                      "[\"int\",{}]",
                                      "{\"type\":\"record\""};
    const AvroType *t;
    for (int64_t i = 0; i < COUNT(bad); i++)
        CHECK_FAILS(avro_schema(&t, a, str_z(bad[i])), ERR_CORRUPT);
}

TEST(codec_names)
{
    CodecId id;
    CHECK(codec_parse(S("ZSTD"), &id) && id == CODEC_ZSTD);
    CHECK(codec_parse(S("uncompressed"), &id) && id == CODEC_NONE);
    CHECK(codec_parse(S("lz4"), &id) && id == CODEC_LZ4_RAW);
    CHECK(!codec_parse(S("brotli"), &id));
    Str raw;
    CHECK_FAILS(codec_unpack(&raw, a, CODEC_BROTLI, S("x"), 1), ERR_UNSUPPORTED);
    CHECK_FAILS(codec_unpack(&raw, a, CODEC_ZSTD, S("x"), 1), ERR_CORRUPT);
    CHECK_FAILS(codec_unpack(&raw, a, CODEC_NONE, S("xy"), 1), ERR_CORRUPT);
}
