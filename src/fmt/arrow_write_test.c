// arrow_write_test.c -- the frame of a stream, and what decides its size; that values come out as
// they went in is arrow_read's test and that of the real client (test/connect).
#include "base/test.h"
#include "fmt/arrow_write.h"
#include "fmt/flatbuffer.h"

static uint32_t u32_at(Str s, int64_t at)
{
    uint32_t v;
    memcpy(&v, s.p + at, 4);
    return v;
}
static Batch some_rows(Arena *a, const Schema *s, int32_t n)
{
    Batch b = batch_new(a, s, n);
    for (int32_t i = 0; i < n; i++) {
        COLUMN_DATA(&b.col[0], int64_t)[i] = i;
        COLUMN_DATA(&b.col[1], Str)[i] = i % 2 ? S("odd") : S("");
    }
    return b;
}
TEST(arrow_stream_frame)
{
    Field f[] = {field_of(S("n"), &type_bigint, false), field_of(S("s"), &type_string, true)};
    const Schema *s = type_struct(a, f, 2);
    ArrowWriter *w = arrow_writer_new(a, s, S("UTC"));
    for (int32_t round = 0; round < 2; round++) { // the second as the first
        Batch b = some_rows(a, s, 5);
        arrow_writer_add(w, &b);
        arrow_writer_add(w, &b);
        CHECK_I64(arrow_writer_rows(w), 10);
        int64_t bytes = arrow_writer_bytes(w);
        Buf out = buf_new(a);
        arrow_writer_take(w, &out);
        CHECK_I64(out.n, bytes);
        CHECK_I64(out.n % 8, 0);
        Str text = buf_str(&out);
        CHECK_I64(u32_at(text, 0), 0xFFFFFFFF);
        int64_t batch = 8 + u32_at(text, 4);
        CHECK_I64(batch % 8, 0);
        CHECK_I64(u32_at(text, batch), 0xFFFFFFFF);
        int64_t body = batch + 8 + u32_at(text, batch + 4);
        CHECK_I64(body % 8, 0);
        // No validity; 80 bytes of numbers; 11 offsets, padded; "odd" four times, padded.
        CHECK_I64(out.n - body, 80 + 48 + 16 + 8);
        int64_t nine;
        memcpy(&nine, text.p + body + 72, 8);
        CHECK_I64(nine, 4);
        CHECK_I64(u32_at(text, body + 80), 0);
        CHECK_I64(u32_at(text, body + 80 + 40), 12);
        CHECK_STR(str_sub(text, body + 128, 12), S("oddoddoddodd"));
        CHECK_I64(u32_at(text, out.n - 8), 0xFFFFFFFF);
        CHECK_I64(u32_at(text, out.n - 4), 0);
        CHECK_I64(arrow_writer_rows(w), 0);
        CHECK_I64(arrow_writer_held(w), 0);
    }
}
TEST(arrow_validity_begins_at_the_first_null)
{
    Field f[] = {field_of(S("b"), &type_boolean, true)};
    const Schema *s = type_struct(a, f, 1);
    ArrowWriter *w = arrow_writer_new(a, s, S("UTC"));
    Batch b = batch_new(a, s, 11);
    for (int32_t i = 0; i < 11; i++) COLUMN_DATA(&b.col[0], uint8_t)[i] = i % 3 == 0;
    arrow_writer_add(w, &b);
    column_own_valid(a, &b.col[0])[2] = 0;
    arrow_writer_add(w, &b);
    Buf out = buf_new(a);
    arrow_writer_take(w, &out);
    const uint8_t *body = (const uint8_t *)out.p + out.n - 8 - 16; // three bytes each, padded to 8
    CHECK_I64(body[0], 0xFF);
    CHECK_I64(body[1], 0xDF); // row 13
    CHECK_I64(body[2], 0x3F);
    uint32_t bits = 0;
    for (int32_t i = 0; i < 22; i++) bits |= (uint32_t)(i % 11 % 3 == 0) << i;
    CHECK_I64(body[8] | body[9] << 8 | body[10] << 16, bits);
}
TEST(flatbuffers_are_aligned)
{
    Buf b = buf_new(a);
    buf_fill(&b, 0, 8);
    (void)fbuf_str(&b, S("12345"));
    FbufTable t = fbuf_table(&b, (const uint8_t[]){1, 8, 0, 2, 4}, 5);
    CHECK_I64(t.at % 8, 0);
    CHECK_I64(t.slot[1] % 8, 0);
    CHECK_I64(t.slot[2], 0);
    CHECK_I64(t.slot[3] % 2, 0);
    CHECK_I64(t.slot[4] % 4, 0);
    int32_t back;
    uint16_t size, offset;
    memcpy(&back, b.p + t.at, 4);
    memcpy(&size, b.p + t.at - back, 2);
    memcpy(&offset, b.p + t.at - back + 4 + 2, 2);
    CHECK_I64(size, 4 + 2 * 5);
    CHECK_I64(t.at + offset, t.slot[1]);
    int64_t v = fbuf_vector(&b, 3, 8);
    CHECK_I64((v + 4) % 8, 0);
}
