#include "base/buf.h"
#include "base/civil.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/num.h"
#include "base/options.h"
#include "base/reader.h"
#include "base/test.h"
#include <float.h>
#include <math.h>

static void count_up(void *arg) { ++*(int64_t *)arg; }

TEST(arena_frees_children_and_runs_disposers)
{
    int64_t ended = 0;
    Arena *top = arena_new(a), *kid = arena_new(top);
    arena_defer(top, count_up, &ended);
    arena_defer(kid, count_up, &ended);
    arena_clear(top);
    CHECK_I64(ended, 2);
    kid = arena_new(top);
    arena_defer(kid, count_up, &ended);
    arena_free(kid); // leaves its parent's list
    arena_free(top);
    CHECK_I64(ended, 3);
}
TEST(arena_zeroes_after_clear)
{
    Arena *b = arena_new(a);
    memset(NEW(b, char, 3000), 'x', 3000);
    arena_clear(b);
    char *p = NEW(b, char, 3000);
    for (int32_t i = 0; i < 3000; i++)
        if (p[i]) CHECK(false);
    CHECK(p[0] == 0);
}
TEST(vec_grows)
{
    VEC(int64_t) v = {0};
    for (int64_t i = 0; i < 1000; i++) vec_push(a, &v, i);
    CHECK_I64(v.n, 1000);
    CHECK_I64(v.v[999], 999);
}
TEST(str_cuts_and_finds)
{
    Cut c = str_cut(S("a=b=c"), '=');
    CHECK_STR(c.head, S("a"));
    CHECK_STR(c.tail, S("b=c"));
    CHECK(!str_cut(S("abc"), '=').ok);
    CHECK_STR(str_trim(S(" \t x y\n")), S("x y"));
    CHECK_I64(str_find(S("hello"), S("lo")), 3);
    CHECK_I64(str_find(S("hello"), S("lox")), -1);
    CHECK(str_cmp(S("a"), S("ab")) < 0 && str_cmp(S("\xff"), S("a")) > 0);
}
TEST(str_nearest_names_likely_slips_only)
{
    static const Str names[] = {STR_INIT("rowsPerSecond"), STR_INIT("rampUpTime"),
                                STR_INIT("numPartitions")};
    CHECK_STR(str_nearest(S("rowPerSecond"), names, COUNT(names)), S("rowsPerSecond"));
    CHECK_STR(str_nearest(S("numPartitoins"), names, COUNT(names)), S("numPartitions"));
    CHECK_I64(str_nearest(S("zzz"), names, COUNT(names)).n, 0);
}
TEST(utf8_knows_the_broken)
{
    static const struct {
        Str s;
        int64_t valid;
    } row[] = {
        {STR_INIT("plain ascii text"), 16}, {STR_INIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 9},
        {STR_INIT("a\xc0\x80"), 1},     // overlong
        {STR_INIT("a\xed\xa0\x80"), 1}, // surrogate
        {STR_INIT("a\xf4\x90\x80\x80"), 1}, {STR_INIT("a\xe2\x82"), 1},
    };
    for (int64_t i = 0; i < COUNT(row); i++) CHECK_I64(utf8_valid_to(row[i].s), row[i].valid);
    CHECK_I64(utf8_count(row[1].s), 3);
}
TEST(buf_json_escapes)
{
    Buf b = buf_new(a);
    buf_json(&b, S("a\"\\\n\x01\xff\xc3\xa9"));
    CHECK_STR(buf_str(&b), S("\"a\\\"\\\\\\n\\u0001\xef\xbf\xbd\xc3\xa9\""));
}
TEST(buf_percent_keeps_what_it_is_told_to)
{
    Buf b = buf_new(a);
    buf_percent(&b, S("aZ09-/ %\n\xc3\xa9"), S("-"), false);
    CHECK_STR(buf_str(&b), S("aZ09-%2F%20%25%0A%C3%A9"));
    b = buf_new(a);
    buf_percent(&b, S("a/ \xc3\xa9"), S("/"), true);
    CHECK_STR(buf_str(&b), S("a/%20\xc3\xa9"));
}
TEST(varints_round_trip)
{
    static const int64_t row[] = {0, -1, 1, 63, 64, -64, -65, INT32_MAX, INT64_MAX, INT64_MIN};
    for (int64_t i = 0; i < COUNT(row); i++) {
        Buf b = buf_new(a);
        buf_varint(&b, row[i]);
        Reader r = reader_of(buf_str(&b));
        CHECK_I64(reader_varint(&r), row[i]);
        CHECK(!r.bad && r.at == r.end);
        r = reader_of(str_of(b.p, b.n - 1));
        reader_varint(&r);
        CHECK(r.bad);
    }
}
TEST(reader_is_sticky)
{
    Reader r = reader_of(S("\x00\x01\x02"));
    CHECK_I64(reader_u16be(&r), 1);
    CHECK_I64(reader_u32be(&r), 0);
    CHECK(r.bad);
    CHECK_I64(reader_u8(&r), 0);
}
TEST(map_keeps_order_and_folds)
{
    Map m = map_new_fold(a);
    int v[3];
    map_set(&m, S("Alpha"), &v[0]);
    map_set(&m, S("beta"), &v[1]);
    map_set(&m, S("ALPHA"), &v[2]);
    CHECK_I64(m.n, 2);
    CHECK(map_get(&m, S("alpha")) == &v[2]);
    CHECK(map_remove(&m, S("alpha")) == &v[2] && !map_get(&m, S("alpha")));
    CHECK(map_get(&m, S("BETA")) == &v[1]);
}
TEST(map_holds_many)
{
    Map m = map_new(a);
    int64_t *v = NEW(a, int64_t, 5000);
    for (int64_t i = 0; i < 5000; i++) map_set(&m, str_fmt(a, "k%lld", (long long)i), &v[i]);
    for (int64_t i = 0; i < 5000; i++)
        if (map_get(&m, str_fmt(a, "k%lld", (long long)i)) != &v[i]) CHECK(false);
    CHECK_I64(m.n, 5000);
}
TEST(crc32c_known_and_any_length)
{
    CHECK_I64(crc32c(0, S("123456789")), 0xe3069283);
    char *p = NEW(a, char, 20000);
    for (int32_t i = 0; i < 20000; i++) p[i] = (char)(i * 31);
    static const int64_t cut[] = {0, 1, 7, 8, 6143, 6144, 6145, 12288, 19999};
    uint32_t whole = crc32c(0, str_of(p, 20000));
    for (int64_t i = 0; i < COUNT(cut); i++) {
        uint32_t c = crc32c(crc32c(0, str_of(p, cut[i])), str_of(p + cut[i], 20000 - cut[i]));
        CHECK_I64(c, whole);
    }
    CHECK_I64(crc32_ieee(0, S("123456789")), 0xcbf43926);
}
TEST(civil_both_ways)
{
    CHECK_I64(civil_to_days(1970, 1, 1), 0);
    CHECK_I64(civil_to_days(2000, 3, 1), 11017);
    for (int64_t d = -800000; d < 800000; d += 37) {
        int64_t y;
        int32_t m, day;
        civil_from_days(d, &y, &m, &day);
        if (civil_to_days(y, m, day) != d) CHECK_I64(civil_to_days(y, m, day), d);
    }
    Civil c = civil_of(-1);
    CHECK_I64(c.micro, 999999);
    CHECK_I64(civil_to_micros(&c), -1);
}
TEST(civil_prints_as_spark)
{
    static const struct {
        Micros t;
        Str want;
    } row[] = {
        {0, STR_INIT("1970-01-01 00:00:00")},
        {1500000, STR_INIT("1970-01-01 00:00:01.5")},
        {-1, STR_INIT("1969-12-31 23:59:59.999999")},
        {INT64_C(253402300800000000), STR_INIT("+10000-01-01 00:00:00")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        char out[40];
        CHECK_STR(str_of(out, civil_format(out, row[i].t)), row[i].want);
    }
}
TEST(doubles_print_as_java)
{
    static const struct {
        double v;
        Str want;
    } row[] = {
        {5, STR_INIT("5.0")},           {0.1, STR_INIT("0.1")},
        {1e7, STR_INIT("1.0E7")},       {1234567.5, STR_INIT("1234567.5")},
        {0.001, STR_INIT("0.001")},     {0.0001, STR_INIT("1.0E-4")},
        {-2.5e-7, STR_INIT("-2.5E-7")}, {1.0 / 3, STR_INIT("0.3333333333333333")},
        {2e23, STR_INIT("2.0E23")},     {DBL_MAX, STR_INIT("1.7976931348623157E308")},
        {5e-324, STR_INIT("4.9E-324")}, {-0.0, STR_INIT("-0.0")},
        {NAN, STR_INIT("NaN")},         {-INFINITY, STR_INIT("-Infinity")},
        {100, STR_INIT("100.0")},       {73.96732207, STR_INIT("73.96732207")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        char out[NUM_TEXT_MAX];
        CHECK_STR(str_of(out, num_format_f64(out, row[i].v)), row[i].want);
    }
    char out[NUM_TEXT_MAX];
    CHECK_STR(str_of(out, num_format_f32(out, 1.1f)), S("1.1"));
    CHECK_STR(str_of(out, num_format_f32(out, 3.4028235e38f)), S("3.4028235E38"));
}
TEST(numbers_parse)
{
    int64_t i;
    double d;
    CHECK(num_parse_i64(S("-9223372036854775808"), &i) && i == INT64_MIN);
    CHECK(!num_parse_i64(S("9223372036854775808"), &i));
    CHECK(!num_parse_i64(S(""), &i) && !num_parse_i64(S("1x"), &i) && !num_parse_i64(S("-"), &i));
    CHECK(num_parse_f64(S("1e3"), &d) && d == 1000);
    CHECK(num_parse_f64(S("-.5"), &d) && d == -0.5);
    CHECK(num_parse_f64(S("2.5d"), &d) && d == 2.5);
    CHECK(!num_parse_f64(S("1e"), &d) && !num_parse_f64(S("0x1p3"), &d) &&
          !num_parse_f64(S("."), &d));
}
TEST(decimals_round_half_up)
{
    static const struct {
        Str s;
        int32_t scale;
        Str want;
    } row[] = {
        {STR_INIT("2.675"), 2, STR_INIT("2.68")},  {STR_INIT("-2.665"), 2, STR_INIT("-2.67")},
        {STR_INIT("1e3"), 1, STR_INIT("1000.0")},  {STR_INIT("0.004"), 2, STR_INIT("0.00")},
        {STR_INIT("0.05"), 1, STR_INIT("0.1")},    {STR_INIT("12345e-3"), 2, STR_INIT("12.35")},
        {STR_INIT("0.0004"), 2, STR_INIT("0.00")}, {STR_INIT("9.995"), 2, STR_INIT("10.00")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        Int128 v = 0;
        char out[NUM_TEXT_MAX];
        CHECK(num_parse_decimal(row[i].s, row[i].scale, &v));
        CHECK_STR(str_of(out, num_format_decimal(out, v, row[i].scale)), row[i].want);
    }
    Int128 v;
    CHECK(!num_parse_decimal(S("1e39"), 0, &v));
    CHECK(!num_parse_decimal(S("99999999999999999999999999999999999999.5"), 0, &v));
}
TEST(durations)
{
    static const struct {
        Str s;
        Micros want;
    } row[] = {
        {STR_INIT("10 seconds"), 10000000},         {STR_INIT("1 minute 30 seconds"), 90000000},
        {STR_INIT("interval 2 hours"), 7200000000}, {STR_INIT("500ms"), 500000},
        {STR_INIT("1 DAY"), 86400000000},           {STR_INIT("-5 Minutes"), -300000000},
    };
    Micros t;
    for (int64_t i = 0; i < COUNT(row); i++) {
        CHECK_OK(duration_parse(row[i].s, NULL, &t));
        CHECK_I64(t, row[i].want);
    }
    CHECK_FAILS(duration_parse(S("1 month"), NULL, &t), ERR_INVALID);
    CHECK_FAILS(duration_parse(S("ten seconds"), NULL, &t), ERR_INVALID);
    CHECK_FAILS(duration_parse(S(""), NULL, &t), ERR_INVALID);
}

typedef struct Opts {
    int64_t rows, size;
    bool jitter;
    int32_t mode;
    Str name;
} Opts;
static const OptSpec specs[] = {
    {STR_INIT("rowsPerSecond"), OPT_I64, offsetof(Opts, rows), STR_INIT("1"), "rows", 1, 100, NULL},
    {STR_INIT("size"), OPT_BYTES, offsetof(Opts, size), STR_INIT("1k"), "bytes", 0, 0, NULL},
    {STR_INIT("jitter"), OPT_BOOL, offsetof(Opts, jitter), STR_INIT("false"), "spread", 0, 0, NULL},
    {STR_INIT("mode"), OPT_CHOICE, offsetof(Opts, mode), STR_INIT("append"), "mode", 0, 0,
     "append|update"},
    {STR_INIT("later"), OPT_UNBUILT, 0, {0}, "not yet", 0, 0, NULL},
};

TEST(options_parse_and_refuse)
{
    static const struct {
        Str key, value;
        Code want;
    } row[] = {
        {STR_INIT("rowsPerSecond"), STR_INIT("50"), OK},
        {STR_INIT("ROWSPERSECOND"), STR_INIT("12x"), ERR_INVALID},
        {STR_INIT("rowsPerSecond"), STR_INIT("101"), ERR_INVALID},
        {STR_INIT("size"), STR_INIT("2m"), OK},
        {STR_INIT("size"), STR_INIT("2q"), ERR_INVALID},
        {STR_INIT("jitter"), STR_INIT("yes"), ERR_INVALID},
        {STR_INIT("mode"), STR_INIT("Update"), OK},
        {STR_INIT("mode"), STR_INIT("both"), ERR_INVALID},
        {STR_INIT("later"), STR_INIT("1"), ERR_UNSUPPORTED},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        Opts o = {0};
        Options given = {.v = &(Option){row[i].key, row[i].value}, .n = 1};
        CHECK_FAILS(options_parse(&o, specs, COUNT(specs), &given, NULL, NULL), row[i].want);
    }
}
TEST(options_warn_with_the_nearest)
{
    Opts o = {0};
    Buf warn = buf_new(a);
    Options given = {.v = &(Option){S("rowPerSecond"), S("5")}, .n = 1};
    CHECK_OK(options_parse(&o, specs, COUNT(specs), &given, NULL, &warn));
    CHECK_STR(buf_str(&warn),
              S("unknown option 'rowPerSecond' has no effect; did you mean 'rowsPerSecond'?\n"));
    CHECK_I64(o.rows, 1);
    CHECK_I64(o.size, 1024);
}
TEST(status_keeps_conditions)
{
    Status s = RAISE(TABLE_OR_VIEW_NOT_FOUND, P("relationName", S("`lake`.`t`")));
    CHECK_I64(s.code, ERR_NOT_FOUND);
    CHECK_STR(str_z(fail_text()),
              S("[TABLE_OR_VIEW_NOT_FOUND] there is no table or view `lake`.`t`"));
    CHECK_FAILS(fail_at(s, &(Origin){3, 14, S("t"), {0}}), ERR_NOT_FOUND);
    Failure *kept = failure_copy(a, failure());
    CHECK_FAILS(fail(ERR_IO, "other"), ERR_IO);
    CHECK_FAILS(failure_again(kept), ERR_NOT_FOUND);
    CHECK_I64(failure()->line, 3);
    CHECK_STR(failure()->param[0].value, S("`lake`.`t`"));
    CHECK_STR(condition_of(failure()->cond)->sqlstate, S("42P01"));
    CHECK_FAILS(fail_in(failure_again(kept), "query %d", 7), ERR_NOT_FOUND);
    CHECK(str_starts(str_z(fail_text()), S("query 7: [TABLE")));
}
