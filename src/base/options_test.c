#include "base/options.h"
#include "base/test.h"

typedef struct Opts {
    Str name;
    int64_t bytes, any;
    Micros wait;
    bool on;
    int32_t mode;
} Opts;
static const OptSpec specs[] = {
    {STR_INIT("name"), OPT_STR, offsetof(Opts, name), STR_INIT("none"), "name", 0, 0, NULL},
    {STR_INIT("bytes"), OPT_BYTES, offsetof(Opts, bytes), STR_INIT("1m"), "bytes", 0, 0, NULL},
    {STR_INIT("any"), OPT_I64, offsetof(Opts, any), {0}, "from -5", -5, 0, NULL},
    {STR_INIT("wait"), OPT_DURATION, offsetof(Opts, wait), STR_INIT("10s"), "wait", 0, 0, NULL},
    {STR_INIT("on"), OPT_BOOL, offsetof(Opts, on), STR_INIT("true"), "on", 0, 0, NULL},
    {STR_INIT("mode"), OPT_CHOICE, offsetof(Opts, mode), STR_INIT("b"), "mode", 0, 0, "a|b|c"},
};

static Status parse(Opts *o, Str key, Str value)
{
    Options given = {.v = &(Option){key, value}, .n = 1};
    return options_parse(o, specs, COUNT(specs), &given, NULL, NULL);
}

TEST(options_have_defaults)
{
    Opts o = {.any = 77};
    CHECK_OK(options_parse(&o, specs, COUNT(specs), NULL, NULL, NULL));
    CHECK_STR(o.name, S("none"));
    CHECK(o.bytes == 1 << 20 && o.wait == 10000000 && o.on && o.mode == 1);
    CHECK_I64(o.any, 77); // no default: left as it is
}

TEST(option_values)
{
    static const struct {
        Str key, value;
        Code want;
        int64_t i64;
    } row[] = {
        {STR_INIT("bytes"), STR_INIT("0"), OK, 0},
        {STR_INIT("bytes"), STR_INIT("10"), OK, 10},
        {STR_INIT("bytes"), STR_INIT("10B"), OK, 10},
        {STR_INIT("bytes"), STR_INIT("3kb"), OK, 3 << 10},
        {STR_INIT("bytes"), STR_INIT("2T"), OK, INT64_C(2) << 40},
        {STR_INIT("bytes"), STR_INIT("9223372036854775807"), OK, INT64_MAX},
        {STR_INIT("bytes"), STR_INIT("9223372036854775807k"), ERR_INVALID, 0},
        {STR_INIT("bytes"), STR_INIT("-1"), ERR_INVALID, 0},
        {STR_INIT("bytes"), STR_INIT("k"), ERR_INVALID, 0},
        {STR_INIT("bytes"), STR_INIT("b"), ERR_INVALID, 0},
        {STR_INIT("bytes"), STR_INIT(""), ERR_INVALID, 0},
        {STR_INIT("bytes"), STR_INIT("1kk"), ERR_INVALID, 0},
        {STR_INIT("bytes"), STR_INIT("1\0"), ERR_INVALID, 0},
        {STR_INIT("any"), STR_INIT(" -5 "), OK, -5},
        {STR_INIT("any"), STR_INIT("-6"), ERR_INVALID, 0},
        {STR_INIT("any"), STR_INIT("9223372036854775807"), OK, INT64_MAX}, // max 0 is no bound
        {STR_INIT("any"), STR_INIT(""), ERR_INVALID, 0},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        Opts o = {0};
        CHECK_FAILS(parse(&o, row[i].key, row[i].value), row[i].want);
        if (row[i].want) CHECK(str_find(str_z(fail_text()), row[i].key) > 0); // says which
        if (row[i].want) continue;
        CHECK_I64(str_eq(row[i].key, S("any")) ? o.any : o.bytes, row[i].i64);
    }
    Opts o = {0};
    CHECK_OK(parse(&o, S("NAME"), S("x|y")));
    CHECK_STR(o.name, S("x|y"));
    CHECK(parse(&o, S("on"), S("FALSE")).code == OK && !o.on);
    CHECK(parse(&o, S("mode"), S("C")).code == OK && o.mode == 2);
    CHECK_FAILS(parse(&o, S("mode"), S("a|b")), ERR_INVALID);
    CHECK_FAILS(parse(&o, S("mode"), S("")), ERR_INVALID);
    CHECK_FAILS(parse(&o, S("wait"), S("soon")), ERR_INVALID);
    CHECK(str_find(str_z(fail_text()), S("wait")) > 0);
}

static bool others(Str key) { return str_starts(key, S("kafka.")); }
TEST(the_last_one_counts_and_strangers_pass)
{
    Options given = {0};
    vec_push(a, &given, ((Option){S("Any"), S("1")}));
    vec_push(a, &given, ((Option){S("kafka.nmae"), S("x")}));
    vec_push(a, &given, ((Option){S("entirely-else"), S("x")}));
    vec_push(a, &given, ((Option){S("aNY"), S("2")}));
    Opts o = {0};
    Buf warn = buf_new(a);
    CHECK_OK(options_parse(&o, specs, COUNT(specs), &given, others, &warn));
    CHECK_I64(o.any, 2);
    CHECK_STR(buf_str(&warn), S("unknown option 'entirely-else' has no effect\n"));
    CHECK_STR(*options_get(&given, S("any")), S("2"));
    CHECK(options_get(&given, S("bytes")) == NULL);
}

TEST(durations_have_bounds)
{
    static const struct {
        Str s;
        Code want;
        int64_t months;
        Micros micros;
    } row[] = {
        {STR_INIT("1 year 2 months 3 days"), OK, 14, INT64_C(259200000000)},
        {STR_INIT("INTERVAL '5' seconds"), ERR_INVALID, 0, 0},
        {STR_INIT("interval"), ERR_INVALID, 0, 0},
        {STR_INIT("interval   1s"), OK, 0, 1000000},
        {STR_INIT("-2 weeks +1 day"), OK, 0, INT64_C(-1123200000000)},
        {STR_INIT("5"), ERR_INVALID, 0, 0},
        {STR_INIT("5 parsecs"), ERR_INVALID, 0, 0},
        {STR_INIT("1 ss"), ERR_INVALID, 0, 0},
        {STR_INIT("- 1 s"), ERR_INVALID, 0, 0},
        {STR_INIT("1.5 s"), ERR_INVALID, 0, 0},
        {STR_INIT("9223372036854775807 us"), OK, 0, INT64_MAX},
        {STR_INIT("9223372036854775807 us 1 us"), ERR_INVALID, 0, 0},
        {STR_INIT("9223372036854775807 ms"), ERR_INVALID, 0, 0},
        {STR_INIT("9223372036854775807 years"), ERR_INVALID, 0, 0},
        {STR_INIT("9223372036854775807 months 1 month"), ERR_INVALID, 0, 0},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        int64_t months;
        Micros micros;
        CHECK_FAILS(duration_parse(row[i].s, &months, &micros), row[i].want);
        if (row[i].want) continue;
        CHECK_I64(months, row[i].months);
        CHECK_I64(micros, row[i].micros);
    }
}
