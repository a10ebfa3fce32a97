#include "base/buf.h"
#include "base/civil.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/num.h"
#include "base/reader.h"
#include "base/test.h"
#include <math.h>

// An empty Str may have no pointer at all.
TEST(the_empty_string_goes_everywhere)
{
    Str none = {0};
    CHECK(str_eq(none, S("")) && str_ieq(none, S("")) && str_cmp(none, S("")) == 0);
    CHECK(str_cmp(none, S("a")) < 0 && str_starts(S("a"), none) && str_ends(none, none));
    CHECK(str_find(none, none) == 0 && str_find(none, S("a")) == -1);
    CHECK(str_find_char(none, 'a') == -1 && str_rfind_char(none, 'a') == -1);
    CHECK(str_from(none, 0).n == 0 && str_sub(none, 0, 0).n == 0 && !str_cut(none, ',').ok);
    CHECK(str_trim(none).n == 0 && str_lower(a, none).n == 0 && str_copy(a, none).p[0] == 0);
    CHECK_STR(str_cat(a, none, none), S(""));
    CHECK(utf8_count(none) == 0 && utf8_valid_to(none) == 0);
    CHECK(str_z(NULL).n == 0 && str_nearest(none, NULL, 0).n == 0);
    CHECK(hash_bytes(none) == hash_bytes(S("")) && xxh64(none, 1) == xxh64(S(""), 1));
    CHECK(crc32c(7, none) == 7 && crc32_ieee(0, none) == 0);
    Buf b = buf_new(a);
    buf_put(&b, none);
    buf_json(&b, none);
    CHECK_STR(buf_str(&b), S("\"\""));
    Reader r = reader_of(none);
    CHECK(reader_left(&r) == 0 && reader_bytes(&r, 0).n == 0 && !r.bad);
    CHECK(reader_u8(&r) == 0 && r.bad);
}

TEST(str_ends_and_last_places)
{
    CHECK(str_ends(S("a.tmp"), S(".tmp")) && !str_ends(S("tmp"), S(".tmp")));
    CHECK(str_starts(S("abc"), S("ab")) && !str_starts(S("ab"), S("abc")));
    CHECK_I64(str_rfind_char(S("a/b/c"), '/'), 3);
    CHECK_I64(str_rfind_char(S("abc"), '/'), -1);
    CHECK_I64(str_find(S("aaab"), S("aab")), 1);
    CHECK_I64(str_find(S("a\0b"), S("\0b")), 1);
    Cut c = str_cut(S("=a"), '=');
    CHECK(c.ok && c.head.n == 0);
    CHECK_STR(c.tail, S("a"));
    c = str_cut(S("a="), '=');
    CHECK(c.ok && c.tail.n == 0);
}

TEST(str_copies_and_cases)
{
    CHECK_STR(str_cat(a, S("ab"), S("cd")), S("abcd"));
    CHECK_I64(str_cat(a, S("ab"), S("cd")).p[4], 0);
    CHECK_STR(str_lower(a, S("AbZ@[`{\xc3\x84")), S("abz@[`{\xc3\x84"));
    CHECK_STR(str_upper(a, S("aBz@[`{\xc3\xa4")), S("ABZ@[`{\xc3\xa4"));
    CHECK(str_ieq(S("aBz"), S("AbZ")) && !str_ieq(S("@"), S("`")) && !str_ieq(S("a"), S("ab")));
    CHECK_STR(str_fmt(a, "%s-%0300d", "x", 7), str_fmt(a, "x-%0300d", 7));
    CHECK_I64(str_fmt(a, "%0300d", 7).n, 300);
    CHECK_STR(str_trim(S(" \t\n\v\f\r")), S(""));
    CHECK_STR(str_trim(S("\xa0x\0")), S("\xa0x\0")); // neither is ASCII white space
}

TEST(str_nearest_bounds)
{
    static const Str names[] = {STR_INIT("trigger"), STR_INIT("t"), STR_INIT("path")};
    char longer[100];
    memset(longer, 'x', sizeof longer);
    CHECK_STR(str_nearest(S("TRIGER"), names, COUNT(names)), S("trigger"));
    CHECK_STR(str_nearest(S("tirgger"), names, COUNT(names)), S("trigger")); // two letters swapped
    CHECK_STR(str_nearest(S("pth"), names, COUNT(names)), S("path"));
    CHECK_I64(str_nearest(str_of(longer, 100), names, COUNT(names)).n, 0);
}

TEST(utf8_encodes_what_it_accepts)
{
    static const struct {
        uint32_t cp;
        Str want;
    } row[] = {
        {0, STR_INIT("\0")},
        {0x7f, STR_INIT("\x7f")},
        {0x80, STR_INIT("\xc2\x80")},
        {0x7ff, STR_INIT("\xdf\xbf")},
        {0x800, STR_INIT("\xe0\xa0\x80")},
        {0xffff, STR_INIT("\xef\xbf\xbf")},
        {0x10000, STR_INIT("\xf0\x90\x80\x80")},
        {0x10ffff, STR_INIT("\xf4\x8f\xbf\xbf")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        char out[4];
        Str got = str_of(out, utf8_encode(out, row[i].cp));
        CHECK_STR(got, row[i].want);
        CHECK_I64(utf8_valid_to(got), got.n);
        CHECK_I64(utf8_count(got), 1);
        if (got.n > 1) CHECK_I64(utf8_valid_to(str_of(out, got.n - 1)), 0);
    }
    CHECK_I64(utf8_count(S("\x80\xc3\xe2\x82")), 4); // broken: each byte for itself
}

TEST(buf_writes_every_width)
{
    Buf b = buf_new(a);
    buf_u8(&b, 1);
    buf_u16be(&b, 0x0203);
    buf_u32be(&b, 0x04050607);
    buf_u64be(&b, 0x08090a0b0c0d0e0f);
    buf_u32le(&b, 0x13121110);
    buf_u64le(&b, 0x1b1a191817161514);
    for (int64_t i = 0; i < b.n; i++)
        if (b.p[i] != i + 1) CHECK_I64(b.p[i], i + 1);
    CHECK_I64(b.n, 27);
    Reader r = reader_of(buf_str(&b));
    CHECK(reader_u8(&r) == 1 && reader_u16be(&r) == 0x0203 && reader_u32be(&r) == 0x04050607);
    CHECK(reader_u64be(&r) == 0x08090a0b0c0d0e0f && reader_u32le(&r) == 0x13121110);
    CHECK(reader_u64le(&r) == 0x1b1a191817161514 && r.at == r.end && !r.bad);
    buf_clear(&b);
    buf_str_u32le(&b, S("abc"));
    buf_str_u32le(&b, S(""));
    r = reader_of(buf_str(&b));
    CHECK_STR(reader_str_u32le(&r), S("abc"));
    CHECK_STR(reader_str_u32le(&r), S(""));
    CHECK(!r.bad);
    r = reader_of(str_of(b.p, 6)); // the length says more than there is
    CHECK(reader_str_u32le(&r).n == 0 && r.bad);
}

TEST(buf_grows_and_takes_its_own_bytes)
{
    Buf b = buf_new(a);
    buf_i64(&b, INT64_MIN);
    CHECK_STR(buf_str(&b), S("-9223372036854775808"));
    for (int32_t i = 0; i < 12; i++) buf_put(&b, buf_str(&b)); // doubles, out of its own old piece
    CHECK_I64(b.n, 20 << 12);
    CHECK(!memcmp(b.p, b.p + (20 << 11), 20 << 11));
    buf_clear(&b);
    buf_fill(&b, 'x', 3);
    buf_fill(&b, 'y', 0);
    buf_fmt(&b, "%0100d", 5);
    CHECK(b.n == 103 && b.p[2] == 'x' && b.p[102] == '5');
}

TEST(varints_have_an_end)
{
    Reader r = reader_of(S("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    CHECK(reader_uvarint(&r) == UINT64_MAX && !r.bad);
    r = reader_of(S("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")); // an eleventh byte
    CHECK(reader_uvarint(&r) == 0 && r.bad);
    r = reader_of(S("abc"));
    CHECK(reader_take(&r, -1) == NULL && r.bad && reader_left(&r) == 0);
}

TEST(numbers_of_all_bases_and_names)
{
    uint64_t u = 0;
    CHECK(num_parse_u64_hex(S("fFfFffffFFFFffff"), &u) && u == UINT64_MAX);
    CHECK(num_parse_u64_hex(S("0a"), &u) && u == 10);
    CHECK(!num_parse_u64_hex(S(""), &u) && !num_parse_u64_hex(S("0x1"), &u));
    CHECK(!num_parse_u64_hex(S("00000000000000001"), &u));
    double d;
    CHECK(num_parse_f64(S("NaN"), &d) && isnan(d));
    CHECK(num_parse_f64(S("-Infinity"), &d) && isinf(d) && d < 0);
    CHECK(num_parse_f64(S("1."), &d) && d == 1 && num_parse_f64(S("1e400"), &d) && isinf(d));
    static const Str bad[] = {STR_INIT("1\0"), STR_INIT("nan"), STR_INIT("inf"), STR_INIT("d"),
                              STR_INIT("--1"), STR_INIT("1e+"), STR_INIT(""),    STR_INIT("1 "),
                              STR_INIT("+"),   STR_INIT("1dd"), STR_INIT(".e1")};
    for (int64_t i = 0; i < COUNT(bad); i++)
        test_check(!num_parse_f64(bad[i], &d), __FILE__, __LINE__, "'" STR_FMT "' is no number",
                   STR_ARG(bad[i]));
    Str wide = str_fmt(a, "0.%0200d", 1);
    CHECK(num_parse_f64(wide, &d) && d == 1e-200);
}

TEST(calendar_facts)
{
    static const struct {
        int64_t y;
        int32_t m, days;
    } row[] = {{2000, 2, 29}, {1900, 2, 28},  {2024, 2, 29},
               {2023, 2, 28}, {2023, 12, 31}, {-4, 2, 29}};
    for (int64_t i = 0; i < COUNT(row); i++)
        CHECK_I64(civil_days_in_month(row[i].y, row[i].m), row[i].days);
    CHECK_I64(civil_weekday(0), 3); // a Thursday
    CHECK_I64(civil_weekday(-4), 6);
    CHECK_I64(civil_day_of_year(civil_to_days(2024, 12, 31)), 366);
    CHECK_I64(civil_day_of_year(civil_to_days(1969, 1, 1)), 1);
    char out[40];
    CHECK_STR(str_of(out, civil_format_ms(out, -1)), S("1969-12-31T23:59:59.999Z"));
    CHECK_STR(str_of(out, civil_format_date(out, -719528)), S("0000-01-01"));
}

TEST(map_in_order_after_removals)
{
    Map m = map_new(a);
    int v;
    CHECK(map_get(&m, S("a")) == NULL && map_remove(&m, S("a")) == NULL);
    for (int32_t i = 0; i < 100; i++) map_set(&m, str_fmt(a, "%d", i), &v);
    for (int32_t i = 0; i < 100; i += 2) CHECK(map_remove(&m, str_fmt(a, "%d", i)) == &v);
    CHECK_I64(m.n, 50);
    for (int32_t i = 0; i < 50; i++) CHECK_STR(m.entry[i].key, str_fmt(a, "%d", 2 * i + 1));
    for (int32_t i = 0; i < 100; i++) CHECK((map_get(&m, str_fmt(a, "%d", i)) != NULL) == (i % 2));
    CHECK(map_remove(&m, S("0")) == NULL && map_get(&m, S("A")) == NULL);
}
