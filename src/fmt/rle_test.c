#include "base/test.h"
#include "fmt/rle.h"

static uint32_t next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(*seed >> 33);
}

TEST(rle_round_trip)
{
    uint64_t seed = 7;
    static uint32_t v[5000], back[5000];
    for (int32_t width = 1; width <= 32; width++)
        for (int32_t shape = 0; shape < 4; shape++) {
            int32_t n = (int32_t)(next(&seed) % 5000);
            uint32_t mask = width == 32 ? UINT32_MAX : (1u << width) - 1;
            for (int32_t i = 0; i < n; i++) {
                bool same = i && (shape == 1 || (shape == 2 && next(&seed) % 20 != 0));
                v[i] = same ? v[i - 1] : (next(&seed) << 3 ^ next(&seed)) & mask;
            }
            Buf b = buf_new(a);
            rle_encode_u32(&b, v, n, width);
            Str bytes = str_copy(a, buf_str(&b)); // exactly as long, so that ASan sees the edge
            RleReader r = rle_reader(bytes, width);
            memset(back, 0xee, sizeof back);
            bool ok = true;
            for (int32_t at = 0; at < n;) { // in pieces of odd sizes
                int32_t some = 1 + (int32_t)(next(&seed) % 97), m = MIN(n - at, some);
                ok = ok && rle_read_u32(&r, back + at, m);
                at += m;
            }
            CHECK(ok && !memcmp(v, back, (size_t)n * sizeof *v));
        }
}

TEST(rle_is_small)
{
    uint8_t v[1000] = {0};
    Buf b = buf_new(a);
    rle_encode_u8(&b, v, 1000, 1);
    CHECK_I64(b.n, 3); // one run
    buf_clear(&b);
    for (int32_t i = 0; i < 1000; i++) v[i] = (uint8_t)(i & 1);
    rle_encode_u8(&b, v, 1000, 1);
    CHECK_I64(b.n, 2 + 125);
    buf_clear(&b);
    v[0] = 1;
    rle_encode_u8(&b, v, 1, 3);
    CHECK_STR(buf_str(&b), S("\x02\x01"));
}

TEST(rle_refuses)
{
    uint32_t to[64];
    static const struct {
        Str bytes;
        int32_t width, n;
        bool ok;
    } row[] = {
        {S("\x08\x05"), 3, 4, true},         // four fives
        {S("\x08\x05"), 3, 5, false},        // not five
        {S("\x03\x88\xc6\xfa"), 3, 8, true}, // the example of the format
        {S("\x03\x88\xc6"), 3, 8, true},     // a last group that is cut short
        {S(""), 0, 64, true},                // width 0
        {S(""), 1, 1, false},
        {S("\x00\x00"), 1, 1, false}, // a run of none
        {S("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), 5, 1, false},
        {S("\x02"), 9, 1, false}, // the value is missing
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        RleReader r = rle_reader(str_copy(a, row[i].bytes), row[i].width);
        test_check(rle_read_u32(&r, to, row[i].n) == row[i].ok, __FILE__, __LINE__, "row %d",
                   (int)i);
    }
    RleReader r = rle_reader(S("\x03\x88\xc6\xfa"), 3);
    CHECK(rle_read_u32(&r, to, 8));
    for (uint32_t i = 0; i < 8; i++) CHECK_I64(to[i], i);
}
