// record_test.c -- records and frames there and back; what is broken is told from what is cut.
#include "base/test.h"
#include "run/record.h"

static EpochRecord sample(Arena *a)
{
    EpochRecord r = {.n = 7,
                     .incarnation = S("inc"),
                     .previous = 99,
                     .batch_time = 1700000000000000,
                     .late = 5,
                     .watermark = 15,
                     .next = 25,
                     .nsources = 2,
                     .nreceipts = 1};
    r.source = NEW(a, Span, 2);
    r.source[0] = (Span){S("{\"a\":1}"), S("{\"a\":2}")};
    r.source[1] = (Span){{0}, S("9")};
    r.receipt = NEW(a, Str, 1);
    r.receipt[0] = S("receipt");
    r.state = (StateRef){.form = STATE_DELTA, .bytes = S("delta bytes")};
    return r;
}
TEST(record_there_and_back)
{
    EpochRecord r = sample(a), got;
    Buf b = buf_new(a);
    record_encode(&b, &r);
    CHECK_OK(record_decode(&got, a, buf_str(&b)));
    CHECK_I64(got.n, 7);
    CHECK_STR(got.incarnation, S("inc"));
    CHECK_I64(got.watermark, 15);
    CHECK_I64(got.next, 25);
    CHECK_I64(got.late, 5);
    CHECK_I64(got.nsources, 2);
    CHECK_STR(got.source[0].from, S("{\"a\":1}"));
    CHECK_STR(got.source[1].from, S(""));
    CHECK_STR(got.source[1].to, S("9"));
    CHECK_STR(got.receipt[0], S("receipt"));
    CHECK_STR(got.state.bytes, S("delta bytes"));
    for (int64_t n = 0; n < b.n; n++)
        CHECK_FAILS(record_decode(&got, a, str_of(b.p, n)), ERR_CORRUPT);
    buf_char(&b, 'x');
    CHECK_FAILS(record_decode(&got, a, buf_str(&b)), ERR_CORRUPT);
}
TEST(record_head_there_and_back)
{
    Str source[] = {S("Kafka[a]")};
    HeadOp op[] = {{S("stateStoreSave"), S("int;bigint")}, {S("dedupe"), S("string;")}};
    QueryHead h = {.query_id = S("id"),
                   .incarnation = S("inc"),
                   .policy = S("max"),
                   .shards = 16,
                   .source = source,
                   .nsources = 1,
                   .op = op,
                   .nops = 2};
    QueryHead got;
    Buf b = buf_new(a);
    head_encode(&b, &h);
    CHECK_OK(head_decode(&got, a, buf_str(&b)));
    CHECK_STR(got.policy, S("max"));
    CHECK_STR(got.source[0], S("Kafka[a]"));
    CHECK_STR(got.op[1].schema, S("string;"));
    for (int64_t n = 0; n < b.n; n++)
        CHECK_FAILS(head_decode(&got, a, str_of(b.p, n)), ERR_CORRUPT);
    b.p[0] = 9;
    CHECK_FAILS(head_decode(&got, a, buf_str(&b)), ERR_CORRUPT);
}
TEST(frame_every_flipped_byte_is_seen)
{
    Buf b = buf_new(a);
    FrameKind kind;
    Str payload;
    frame_put(&b, FRAME_RECORD, S("some payload"));
    CHECK_I64(frame_at(buf_str(&b), &kind, &payload), b.n);
    CHECK(kind == FRAME_RECORD);
    CHECK_STR(payload, S("some payload"));
    for (int64_t i = 0; i < b.n; i++) {
        b.p[i] ^= 1;
        CHECK_I64(frame_at(buf_str(&b), &kind, &payload), 0);
        b.p[i] ^= 1;
        CHECK_I64(frame_at(str_of(b.p, i), &kind, &payload), 0);
    }
    frame_put(&b, FRAME_RECORD, S("second"));
    b.p[20] ^= 4;
    CHECK_I64(frame_find(buf_str(&b), 1), FRAME_HEAD_BYTES + 12);
    CHECK_I64(frame_find(buf_str(&b), FRAME_HEAD_BYTES + 13), -1);
}
