// Batches as kafka-python writes them (one a codec), batches of our own, and what is refused.
#include "base/hash.h"
#include "base/num.h"
#include "base/test.h"
#include "log/records.h"

static const struct {
    RecordsCodec codec;
    Str hex;
} vector[] = {
    {RECORDS_NONE,
     STR_INIT("0000000000000000000000890000000002dff5d39a0000000000020000018bcfe568000000018bcfe568"
              "7b00000000000012670003000000070000000334000000046b300e76616c75652d3004026802780a656d"
              "707479005e00f60102015076767676767676767676767676767676767676767676767676767676767676"
              "767676767676767676001800cf0f04046b320102026e01")},
    {RECORDS_GZIP,
     STR_INIT("0000000000000000000000780000000002d5683cbc0001000000020000018bcfe568000000018bcfe568"
              "7bffffffffffffffffffffffffffff000000031f8b0800aba0016b02ff3361606060c936e02b4bcc294d"
              "d5356061ca60aae04acd2d28a9648863f8c6c8c41850462460906038cfcfc2926dc4c8c494c70800d646"
              "420258000000")},
    {RECORDS_SNAPPY,
     STR_INIT("00000000000000000000007e000000000244f81b1a0002000000020000018bcfe568000000018bcfe568"
              "7bffffffffffffffffffffffffffff0000000382534e4150505900000000010000000100000039589034"
              "000000046b300e76616c75652d3004026802780a656d707479005e00f601020150767676920200340018"
              "00cf0f04046b320102026e01")},
    {RECORDS_LZ4,
     STR_INIT("00000000000000000000007f0000000002a989aaaa0003000000020000018bcfe568000000018bcfe568"
              "7bffffffffffffffffffffffffffff0000000304224d18684058000000000000002c37000000ff143400"
              "0000046b300e76616c75652d3004026802780a656d707479005e00f60102015076010014e0001800cf0f"
              "04046b320102026e0100000000")},
    {RECORDS_ZSTD,
     STR_INIT(
         "00000000000000000000007200000000022d908f840004000000020000018bcfe568000000018bcfe568"
         "7bffffffffffffffffffffffffffff0000000328b52ffd2058c50100140334000000046b300e76616c75"
         "652d3004026802780a656d707479005e00f60102015076001800cf0f04046b320102026e010100538227")},
};

static Str unhex(Arena *a, Str hex)
{
    Buf b = buf_new(a);
    for (int64_t i = 0; i + 1 < hex.n; i += 2) {
        uint64_t byte = 0;
        must(num_parse_u64_hex(str_sub(hex, i, 2), &byte));
        buf_u8(&b, (uint8_t)byte);
    }
    return buf_str(&b);
}

static void check_vector(Arena *a, RecordsCodec codec, Str batch)
{
    RecordsHead h;
    CHECK_OK(records_head(&h, batch));
    CHECK_I64(h.bytes, batch.n);
    CHECK_I64(h.attributes, codec);
    CHECK_I64(h.count, 3);
    CHECK_I64(h.producer_id, codec ? -1 : 4711);
    CHECK_I64(h.producer_epoch, codec ? -1 : 3);
    CHECK_I64(h.base_sequence, codec ? -1 : 7);
    CHECK_OK(records_check(&h, batch));
    Buf room = buf_new(a);
    Str body = {0}, key = {0}, value = {0};
    CHECK_OK(records_body(&body, &room, &h, batch));
    CHECK_OK(records_valid(&h, body));
    Records c = records_of(&h, body);
    Record r = {0};
    CHECK(records_next(&c, &r));
    CHECK_STR(r.key, S("k0"));
    CHECK_STR(r.value, S("value-0"));
    CHECK_I64(r.time_ms, 1700000000000);
    CHECK_I64(r.nheaders, 2);
    Reader in = reader_of(r.headers);
    CHECK_OK(record_header(&in, &key, &value));
    CHECK_STR(key, S("h"));
    CHECK_STR(value, S("x"));
    CHECK_OK(record_header(&in, &key, &value));
    CHECK_STR(key, S("empty"));
    CHECK(value.p && value.n == 0);
    CHECK(records_next(&c, &r));
    CHECK(!r.key.p);
    CHECK_I64(r.value.n, 40);
    CHECK_I64(r.offset, 1);
    CHECK(records_next(&c, &r));
    CHECK(!r.value.p);
    CHECK_I64(r.time_ms, 1699999999000);
    in = reader_of(r.headers);
    CHECK_OK(record_header(&in, &key, &value));
    CHECK(!value.p);
    CHECK(!records_next(&c, &r) && !c.bad);
}

TEST(records_of_kafka_python)
{
    for (int64_t i = 0; i < COUNT(vector); i++)
        check_vector(a, vector[i].codec, unhex(a, vector[i].hex));
}

// Every truncation and every flipped byte of a batch is refused, by its head, its sum or its form.
TEST(records_refuse_damage)
{
    for (int64_t i = 0; i < COUNT(vector); i++) {
        Str good = unhex(a, vector[i].hex);
        for (int64_t at = 0; at < good.n; at++) {
            char *bad = (char *)str_copy(a, good).p;
            bad[at] ^= 0x41;
            RecordsHead h;
            Status s = records_head(&h, str_of(bad, good.n));
            if (!s.code && h.bytes != good.n) continue; // the frame says that more must come
            if (!s.code) s = records_check(&h, str_of(bad, good.n));
            bool outside = at < 8 || (at >= 12 && at < 16); // what the log writes
            CHECK(outside || s.code == ERR_CORRUPT);
        }
    }
}

TEST(records_without_sums_never_read_past)
{
    for (int64_t i = 0; i < COUNT(vector); i++) {
        Str good = unhex(a, vector[i].hex);
        for (int64_t at = RECORDS_HEAD; at < good.n; at++)
            for (int32_t bit = 0; bit < 8; bit++) {
                char *bad = (char *)str_copy(a, good).p;
                bad[at] = (char)(bad[at] ^ 1 << bit);
                RecordsHead h;
                Buf room = buf_new(a);
                Str body;
                CHECK_OK(records_head(&h, str_of(bad, good.n)));
                if (records_body(&body, &room, &h, str_of(bad, good.n)).code) continue;
                if (records_valid(&h, body).code) continue;
                Records c = records_of(&h, body);
                Record r;
                int64_t n = 0;
                while (records_next(&c, &r)) n++;
                CHECK_I64(n, 3);
            }
    }
}

static Str batch_of(Arena *a, RecordsWriter *w, RecordsCodec codec, int64_t n)
{
    records_begin(w, a, codec);
    for (int64_t i = 0; i < n; i++) {
        Record r = {.time_ms = 1000 + (i * 7919) % 1000, .nheaders = i % 3};
        r.key = i % 5 ? str_fmt(a, "key-%lld", (long long)(i % 17)) : (Str){0};
        r.value = i % 7 ? str_fmt(a, "{\"n\":%lld,\"pad\":\"aaaaaaaaaaaaaaaaaa\"}", (long long)i)
                        : (Str){0};
        RecordHeader h[2] = {{S("a"), {0}}, {S("bb"), S("value")}};
        records_add(w, &r, h);
    }
    Str batch = {0};
    CHECK_OK(records_end(&batch, w, (RecordsProducer){12, 3, 77}));
    return batch;
}

TEST(records_round_trip)
{
    static const int64_t count[] = {1, 2, 100, 20000};
    RecordsWriter w = {0};
    for (int32_t codec = RECORDS_NONE; codec <= RECORDS_ZSTD; codec++)
        for (int64_t k = 0; k < COUNT(count); k++) {
            Str batch = batch_of(a, &w, (RecordsCodec)codec, count[k]), body;
            RecordsHead h;
            Buf room = buf_new(a);
            CHECK_OK(records_head(&h, batch));
            CHECK_OK(records_check(&h, batch));
            CHECK_OK(records_body(&body, &room, &h, batch));
            CHECK_OK(records_valid(&h, body));
            CHECK_I64(h.base_sequence, 77);
            Records c = records_of(&h, body);
            Record r;
            int64_t i = 0, newest = 0;
            for (; records_next(&c, &r); i++) {
                newest = MAX(newest, r.time_ms);
                CHECK(r.offset == i && r.time_ms == 1000 + (i * 7919) % 1000);
                CHECK(r.nheaders == i % 3 && !r.key.p == !(i % 5));
                CHECK(!r.value.p == !(i % 7));
            }
            CHECK_I64(i, count[k]);
            CHECK_I64(h.max_time, newest);
        }
}

TEST(records_place_and_stamp)
{
    RecordsWriter w = {0};
    Str batch = batch_of(a, &w, RECORDS_NONE, 3);
    char *p = (char *)batch.p;
    RecordsHead h;
    records_place(p, INT64_C(1) << 40, 9);
    CHECK_OK(records_head(&h, batch));
    CHECK_OK(records_check(&h, batch)); // outside the sum
    CHECK_I64(h.base_offset, INT64_C(1) << 40);
    CHECK_I64(h.leader_epoch, 9);
    records_stamp(p, batch.n, 424242);
    CHECK_OK(records_head(&h, batch));
    CHECK_OK(records_check(&h, batch));
    Records c = records_of(&h, str_from(batch, RECORDS_HEAD));
    Record r = {0};
    CHECK(records_next(&c, &r));
    CHECK_I64(r.time_ms, 424242);
    CHECK_I64(r.offset, INT64_C(1) << 40);
}

TEST(records_refuse_heads)
{
    static const struct {
        int32_t at;
        uint8_t byte;
    } row[] = {
        {16, 1},    // magic
        {16, 0},    //
        {8, 0x80},  // negative length
        {8, 0x7f},  // a length past all bounds
        {11, 10},   // shorter than a head
        {57, 0x80}, // negative count
        {23, 0xff}, // negative last delta
        {0, 0x80},  // negative offset
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        RecordsWriter w = {0};
        Str batch = batch_of(a, &w, RECORDS_NONE, 2);
        ((char *)batch.p)[row[i].at] = (char)row[i].byte;
        if (row[i].at == 11) memset((char *)batch.p + 8, 0, 3);
        RecordsHead h;
        CHECK_FAILS(records_head(&h, batch), ERR_CORRUPT);
    }
    RecordsHead h;
    CHECK_FAILS(records_head(&h, str_of("abc", 3)), ERR_CORRUPT);
}

TEST(records_codec_bounds)
{
    // What decompresses to more than a batch may hold is refused, not made.
    Buf big = buf_new(a);
    buf_fill(&big, 'a', RECORDS_BYTES_MAX + 1);
    for (int32_t codec = RECORDS_GZIP; codec <= RECORDS_ZSTD; codec++) {
        Buf packed = buf_new(a), out = buf_new(a);
        CHECK_OK(records_pack(&packed, (RecordsCodec)codec, buf_str(&big)));
        CHECK_FAILS(records_unpack(&out, (RecordsCodec)codec, buf_str(&packed)), ERR_CORRUPT);
        buf_clear(&out);
        CHECK_FAILS(
            records_unpack(&out, (RecordsCodec)codec, str_sub(buf_str(&packed), 0, packed.n / 2)),
            ERR_CORRUPT);
        buf_clear(&out);
        CHECK_FAILS(records_unpack(&out, (RecordsCodec)codec, (Str){0}), ERR_CORRUPT);
    }
    // Raw snappy, as librdkafka writes it.
    Buf out = buf_new(a);
    CHECK_OK(records_unpack(&out, RECORDS_SNAPPY, S("\x05\x10hello")));
    CHECK_STR(buf_str(&out), S("hello"));
}

TEST(records_values_alone)
{
    static const int64_t bytes[] = {-1, 0, 1, 62, 63, 64, 100, 8191, 8192, 20000};
    char *text = NEW(a, char, 20000);
    RecordsWriter w = {0};
    records_begin(&w, a, RECORDS_NONE);
    for (int64_t i = 0; i < 300; i++) {
        Record r = {.time_ms = (i % 7) * 1000003}; // deltas of one to five bytes
        int64_t n = bytes[i % COUNT(bytes)];
        if (n >= 0) r.value = str_of(text + i % 100, MIN(n, 19000));
        if (i % 3 == 0) r.key = str_of(text, i % 5);
        records_add(&w, &r, NULL);
    }
    Str batch, body, value[64];
    RecordsHead h;
    Buf room = buf_new(a);
    bool nulls = false;
    CHECK_OK(records_end(&batch, &w, (RecordsProducer){.id = -1}));
    CHECK_OK(records_head(&h, batch));
    CHECK_OK(records_body(&body, &room, &h, batch));
    Records plain = records_of(&h, body), fast = plain;
    for (int32_t n = 64; n == 64;) {
        n = records_values(&fast, value, 64, &nulls);
        for (int32_t i = 0; i < n; i++) {
            Record r;
            CHECK(records_next(&plain, &r));
            CHECK(r.value.p == value[i].p && r.value.n == value[i].n);
        }
    }
    CHECK(nulls && !fast.bad && fast.left == 0 && plain.left == 0);
    // Cut off within a record: what is whole comes, then it is bad.
    fast = records_of(&h, str_of(body.p, body.n / 2));
    while (records_values(&fast, value, 64, &nulls) == 64) {
    }
    CHECK(fast.bad);
}
