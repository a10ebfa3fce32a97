// grpc_test.c -- facts of gRPC's text forms.
#include "base/test.h"
#include "wire/grpc.h"

TEST(grpc_timeouts)
{
    static const struct {
        Str text;
        bool ok;
        Micros t;
    } facts[] = {{STR_INIT("100m"), true, 100000},
                 {STR_INIT("5S"), true, 5000000},
                 {STR_INIT("1M"), true, 60000000},
                 {STR_INIT("1500n"), true, 1},
                 {STR_INIT("99999999H"), true, INT64_MAX / 1000},
                 {STR_INIT(""), false, 0},
                 {STR_INIT("S"), false, 0},
                 {STR_INIT("12"), false, 0},
                 {STR_INIT("-1S"), false, 0},
                 {STR_INIT("123456789S"), false, 0}};
    for (int64_t i = 0; i < COUNT(facts); i++) {
        Micros t = 0;
        CHECK(grpc_timeout(&t, facts[i].text) == facts[i].ok);
        CHECK_I64(t, facts[i].t);
    }
}
TEST(grpc_texts)
{
    Buf b = buf_new(a);
    grpc_percent(&b, S("a b%\n\xC3\xA4"));
    CHECK_STR(buf_str(&b), S("a b%25%0A%C3%A4"));
    static const Str bytes[] = {STR_INIT(""), STR_INIT("f"), STR_INIT("fo"), STR_INIT("foo")};
    static const Str texts[] = {STR_INIT(""), STR_INIT("Zg"), STR_INIT("Zm8"), STR_INIT("Zm9v")};
    for (int64_t i = 0; i < COUNT(bytes); i++) {
        buf_clear(&b);
        grpc_base64(&b, bytes[i]);
        CHECK_STR(buf_str(&b), texts[i]);
    }
    CHECK_STR(grpc_clip(S("a\xC3\xA4"), 2), S("a"));
    CHECK_STR(grpc_clip(S("a\xC3\xA4"), 3), S("a\xC3\xA4"));
}
TEST(grpc_frames)
{
    bool compressed = true;
    Str message = {0}, rest = {0};
    CHECK(!grpc_message(S("\0\0\0\0"), &compressed, &message, &rest));
    CHECK(!grpc_message(S("\0\0\0\0\3ab"), &compressed, &message, &rest));
    CHECK(grpc_message(S("\0\0\0\0\2abc"), &compressed, &message, &rest));
    CHECK(!compressed);
    CHECK_STR(message, S("ab"));
    CHECK_STR(rest, S("c"));
    char prefix[GRPC_PREFIX];
    grpc_prefix(prefix, 0x010203);
    CHECK_STR(str_of(prefix, GRPC_PREFIX), S("\0\0\1\2\3"));
}
TEST(grpc_ways_back)
{
    static const Str plain[] = {STR_INIT(""), STR_INIT("f"), STR_INIT("fo"), STR_INIT("foo"),
                                STR_INIT("100 %\n\xC3\xA4\0")};
    for (int64_t i = 0; i < COUNT(plain); i++) {
        Buf there = buf_new(a), back = buf_new(a);
        grpc_base64(&there, plain[i]);
        CHECK(grpc_unbase64(&back, buf_str(&there)));
        CHECK_STR(buf_str(&back), plain[i]);
        buf_clear(&there);
        buf_clear(&back);
        grpc_percent(&there, plain[i]);
        grpc_unpercent(&back, buf_str(&there));
        CHECK_STR(buf_str(&back), plain[i]);
    }
    Buf b = buf_new(a);
    grpc_unpercent(&b, S("%zz%4%41%"));
    CHECK_STR(buf_str(&b), S("%zz%4A%"));
    buf_clear(&b);
    CHECK(grpc_unbase64(&b, S("Zg==")));
    CHECK_STR(buf_str(&b), S("f"));
    CHECK(!grpc_unbase64(&b, S("Zg-_")));
    CHECK(!grpc_unbase64(&b, S("Z")));
    CHECK_I64(grpc_length(S("\0\0\1\0")), 0);
    CHECK_I64(grpc_length(S("\0\0\1\0\0")), 65536);
}
TEST(grpc_status_back)
{
    static const GrpcPair told[] = {{STR_INIT("reason"), STR_INIT("X")},
                                    {STR_INIT("errorClass"), STR_INIT("A.B")},
                                    {STR_INIT("sqlState"), {0}},
                                    {STR_INIT("errorId"), STR_INIT("7")}};
    Buf b = buf_new(a);
    Str message = {0};
    Options meta = {0};
    grpc_status(&b, GRPC_INTERNAL, S("text"), told, COUNT(told));
    CHECK_OK(grpc_status_read(buf_str(&b), a, &message, &meta));
    CHECK_STR(message, S("text"));
    CHECK_I64(meta.n, 2);
    CHECK_STR(*options_get(&meta, S("errorClass")), S("A.B"));
    CHECK_STR(*options_get(&meta, S("errorId")), S("7"));
    CHECK_FAILS(grpc_status_read(S("\x1a\x7f"), a, &message, &meta), ERR_CORRUPT);
}
