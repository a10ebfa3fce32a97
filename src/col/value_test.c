#include "base/buf.h"
#include "base/civil.h"
#include "base/num.h"
#include "base/test.h"
#include "col/column.h"
#include <math.h>

static Column one(Arena *a, const char *type, Datum v)
{
    const Type *t;
    CHECK_OK(type_parse(&t, a, str_z(type)));
    Builder *b = builder_new(a, t);
    builder_datum(b, &v);
    return builder_column(b);
}

static const TextForm show = {.null_text = STR_INIT("NULL"), .binary_hex = true},
                      cast = {.null_text = STR_INIT("null")},
                      json_default = {.json_drop_null = true, .json_millis = true};

static Str text(Arena *a, const Column *c, const TextForm *form)
{
    Buf b = buf_new(a);
    value_text(&b, c, 0, form);
    return buf_str(&b);
}
static Str json(Arena *a, const Column *c, const TextForm *form)
{
    Buf b = buf_new(a);
    value_json(&b, c, 0, form);
    return buf_str(&b);
}

// What Spark 4.1.4 prints: CAST AS STRING, to_json with six digits.
typedef struct Printed {
    Datum v;
    const char *type, *text, *json;
} Printed;
#define I(n)                                                                                       \
    {                                                                                              \
        .i = INT64_C(n)                                                                            \
    }
#define D(n)                                                                                       \
    {                                                                                              \
        .d = (n)                                                                                   \
    }
#define F(n)                                                                                       \
    {                                                                                              \
        .f = (n)                                                                                   \
    }
#define M(m, d, us)                                                                                \
    {                                                                                              \
        .interval = {(m), (d), (us) }                                                              \
    }
#define SAME(s) s, "\"" s "\""
static void check_printed(Arena *a, const Printed *row, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        Column c = one(a, row[i].type, row[i].v);
        CHECK_STR(text(a, &c, &cast), str_z(row[i].text));
        CHECK_STR(json(a, &c, &cast), str_z(row[i].json));
    }
}
TEST(scalars_print_as_in_spark)
{
    static const Printed row[] = {
        {I(1), "boolean", "true", "true"},
        {I(-5), "tinyint", "-5", "-5"},
        {I(-32768), "smallint", "-32768", "-32768"},
        {I(9223372036854775807), "bigint", "9223372036854775807", "9223372036854775807"},
        {F(1.5), "float", "1.5", "1.5"},
        {F(16777216), "float", "1.6777216E7", "1.6777216E7"},
        {F(0.1f), "float", "0.1", "0.1"},
        {F(-0.0), "double", "-0.0", "-0.0"},
        {F(1e7), "double", "1.0E7", "1.0E7"},
        {F(1e-4), "double", "1.0E-4", "1.0E-4"},
        {F(NAN), "double", "NaN", "\"NaN\""},
        {F(-INFINITY), "double", "-Infinity", "\"-Infinity\""},
        {D(150), "decimal(10,2)", "1.50", "1.50"},
        {D(0), "decimal(38,18)", "0.000000000000000000", "0E-18"},
        {D(100000000), "decimal(38,18)", "0.000000000100000000", "1.00000000E-10"},
        {D(-1), "decimal(20,8)", "-0.00000001", "-1E-8"},
        {D(0), "decimal(10,8)", "0.00000000", "0E-8"},
        {D(1), "decimal(10,6)", "0.000001", "0.000001"},
        {D(-12), "decimal(10,7)", "-0.0000012", "-0.0000012"},
        {D(-2), "decimal(10,7)", "-0.0000002", "-2E-7"},
        {{.s = STR_INIT("a\"b\\c\n\t\x01/\xc3\xa9")},
         "string",
         "a\"b\\c\n\t\x01/\xc3\xa9",
         "\"a\\\"b\\\\c\\n\\t\\u0001/\xc3\xa9\""},
        {{.s = STR_INIT("\x01\xff\xa0")}, "binary", "\x01\xff\xa0", "\"Af+g\""},
        {{.s = STR_INIT("A")}, "binary", "A", "\"QQ==\""},
        {{.s = STR_INIT("AB")}, "binary", "AB", "\"QUI=\""},
        {{.s = STR_INIT("")}, "binary", "", "\"\""},
        {I(19724), "date", "2024-01-02", "\"2024-01-02\""},
        {I(-719162), "date", "0001-01-01", "\"0001-01-01\""},
        {I(3672225), "date", "+12024-03-18", "\"+12024-03-18\""},
        {I(1704164645123456), "timestamp", "2024-01-02 03:04:05.123456",
         "\"2024-01-02T03:04:05.123456Z\""},
        {I(1704164645100000), "timestamp", "2024-01-02 03:04:05.1",
         "\"2024-01-02T03:04:05.100000Z\""},
        {I(1704164645000000), "timestamp", "2024-01-02 03:04:05",
         "\"2024-01-02T03:04:05.000000Z\""},
        {I(-62135596800000000), "timestamp", "0001-01-01 00:00:00",
         "\"0001-01-01T00:00:00.000000Z\""},
        {I(1704164645120000), "timestamp_ntz", "2024-01-02 03:04:05.12",
         "\"2024-01-02T03:04:05.120000\""},
        {I(11045500000000), "time", "03:04:05.5", "\"03:04:05.5\""},
        {I(86399999999000), "time", "23:59:59.999999", "\"23:59:59.999999\""},
        {I(0), "time", "00:00:00", "\"00:00:00\""},
    };
    check_printed(a, row, COUNT(row));
}
TEST(intervals_print_as_in_spark)
{
    static const Printed row[] = {
        {I(14), "interval year to month", SAME("INTERVAL '1-2' YEAR TO MONTH")},
        {I(-14), "interval year to month", SAME("INTERVAL '-1-2' YEAR TO MONTH")},
        {I(60), "interval year", SAME("INTERVAL '5' YEAR")},
        {I(-14), "interval month", SAME("INTERVAL '-14' MONTH")},
        {I(-2147483648), "interval month", SAME("INTERVAL '-2147483648' MONTH")},
        {I(93784500000), "interval day to second", SAME("INTERVAL '1 02:03:04.5' DAY TO SECOND")},
        {I(-93784500000), "interval day to second", SAME("INTERVAL '-1 02:03:04.5' DAY TO SECOND")},
        {I(0), "interval day to second", SAME("INTERVAL '0 00:00:00' DAY TO SECOND")},
        {{.i = INT64_MIN},
         "interval day to second",
         SAME("INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND")},
        {I(-86400000000), "interval day", SAME("INTERVAL '-1' DAY")},
        {I(93600000000), "interval day to hour", SAME("INTERVAL '1 02' DAY TO HOUR")},
        {I(93780000000), "interval day to minute", SAME("INTERVAL '1 02:03' DAY TO MINUTE")},
        {I(7200000000), "interval hour", SAME("INTERVAL '02' HOUR")},
        {I(360000000000), "interval hour", SAME("INTERVAL '100' HOUR")},
        {I(7384000001), "interval hour to second",
         SAME("INTERVAL '02:03:04.000001' HOUR TO SECOND")},
        {I(184000000), "interval minute to second", SAME("INTERVAL '03:04' MINUTE TO SECOND")},
        {I(-500000), "interval second", SAME("INTERVAL '-00.5' SECOND")},
        {I(100000000), "interval second", SAME("INTERVAL '100' SECOND")},
        {M(14, 25, 18367500000), "interval",
         SAME("1 years 2 months 25 days 5 hours 6 minutes 7.5 seconds")},
        {M(-14, -4, -18367500000), "interval",
         SAME("-1 years -2 months -4 days -5 hours -6 minutes -7.5 seconds")},
        {M(0, 0, 0), "interval", SAME("0 seconds")},
        {M(0, 0, -500000), "interval", SAME("-0.5 seconds")},
        {M(1, 0, 93600000000), "interval", SAME("1 months 26 hours")},
        {M(0, 0, 120000001), "interval", SAME("2 minutes 0.000001 seconds")},
    };
    check_printed(a, row, COUNT(row));
}

TEST(values_print_by_form)
{
    Column bytes = one(a, "binary", (Datum){.s = S("\x01\xff\xa0")});
    CHECK_STR(text(a, &bytes, &show), S("[01 FF A0]"));
    Column null = one(a, "int", (Datum){.null = true});
    CHECK_STR(text(a, &null, &show), S("NULL"));
    CHECK_STR(text(a, &null, &cast), S("null"));
    CHECK_STR(json(a, &null, &cast), S("null"));
    Column tiny = one(a, "decimal(20,8)", (Datum){.d = -1});
    CHECK_STR(text(a, &tiny, &(TextForm){.decimal_exponent = true}), S("-1E-8"));
    Column t = one(a, "timestamp", (Datum){.i = 1704164645123456});
    CHECK_STR(json(a, &t, &json_default), S("\"2024-01-02T03:04:05.123Z\""));
}

static int64_t fixed_offset(const void *rules, Micros t)
{
    return t < 0 ? -12652 * MICROS_PER_SECOND : *(const int64_t *)rules;
}

TEST(timestamps_print_in_a_zone)
{
    int64_t kolkata = 19800 * MICROS_PER_SECOND;
    TextForm form = {.zone = "x", .zone_offset = fixed_offset, .zone_rules = &kolkata};
    Column t = one(a, "timestamp", (Datum){.i = 0});
    CHECK_STR(text(a, &t, &form), S("1970-01-01 05:30:00"));
    CHECK_STR(json(a, &t, &form), S("\"1970-01-01T05:30:00.000000+05:30\""));
    t = one(a, "timestamp", (Datum){.i = -2208976148000000});
    CHECK_STR(json(a, &t, &form), S("\"1900-01-01T00:00:00.000000-03:30\""));
    t = one(a, "timestamp_ntz", (Datum){.i = 0});
    CHECK_STR(text(a, &t, &form), S("1970-01-01 00:00:00"));
}

// {"x": 1, "y": null, "z": [1.5, null], "m": {"a": true}}
static Column nested(Arena *a)
{
    const Type *t;
    CHECK_OK(type_parse(&t, a, S("struct<x:int,y:string,z:array<double>,m:map<date,boolean>>")));
    Builder *b = builder_new(a, t);
    builder_start(b);
    builder_datum(builder_kid(b, 0), &(Datum){.i = 1});
    builder_null(builder_kid(b, 1));
    Builder *z = builder_kid(b, 2), *m = builder_kid(b, 3);
    builder_start(z);
    builder_datum(builder_kid(z, 0), &(Datum){.f = 1.5});
    builder_null(builder_kid(z, 0));
    builder_end(z);
    builder_start(m);
    builder_datum(builder_kid(m, 0), &(Datum){.i = 19724});
    builder_datum(builder_kid(m, 1), &(Datum){.i = 1});
    builder_end(m);
    builder_end(b);
    return builder_column(b);
}

TEST(nested_values_print_as_in_spark)
{
    Column c = nested(a);
    CHECK_STR(text(a, &c, &cast), S("{1, null, [1.5, null], {2024-01-02 -> true}}"));
    CHECK_STR(text(a, &c, &show), S("{1, NULL, [1.5, NULL], {2024-01-02 -> true}}"));
    CHECK_STR(json(a, &c, &cast),
              S("{\"x\":1,\"y\":null,\"z\":[1.5,null],\"m\":{\"19724\":true}}"));
    CHECK_STR(json(a, &c, &json_default), S("{\"x\":1,\"z\":[1.5,null],\"m\":{\"19724\":true}}"));
}

TEST(map_keys_print_raw)
{
    static const struct {
        Datum key;
        const char *type, *json;
    } row[] = {
        {I(1704164645000000), "map<timestamp,int>", "{\"1704164645000000\":null}"},
        {I(86400000000), "map<interval day,int>", "{\"86400000000\":null}"},
        {D(100000000), "map<decimal(38,18),int>", "{\"1.00000000E-10\":null}"},
        {F(1.5), "map<double,int>", "{\"1.5\":null}"},
        {I(1), "map<boolean,int>", "{\"true\":null}"},
        {M(12, 0, 0), "map<interval,int>", "{\"1 years\":null}"},
        {{.s = STR_INIT("\"")}, "map<string,int>", "{\"\\\"\":null}"},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        const Type *t;
        CHECK_OK(type_parse(&t, a, str_z(row[i].type)));
        Builder *b = builder_new(a, t);
        builder_start(b);
        builder_datum(builder_kid(b, 0), &row[i].key);
        builder_null(builder_kid(b, 1));
        builder_end(b);
        Column c = builder_column(b);
        CHECK_STR(json(a, &c, &cast), str_z(row[i].json));
    }
}

TEST(values_order_as_order_by)
{
    static const struct {
        Datum x, y;
        const char *type;
        int32_t cmp;
    } row[] = {
        {I(0), I(1), "boolean", -1},
        {I(-1), I(1), "tinyint", -1},
        {I(-1), I(1), "smallint", -1},
        {I(5), I(5), "int", 0},
        {{.i = INT64_MIN}, {.i = INT64_MAX}, "bigint", -1},
        {F(-0.0), F(0.0), "double", 0},
        {F(NAN), F(INFINITY), "double", 1},
        {F(NAN), F(-NAN), "double", 0},
        {F(-0.0), F(0.0), "float", 0},
        {F(1), F(NAN), "float", -1},
        {D(-5), D(3), "decimal(38,0)", -1},
        {{.s = STR_INIT("\xff")}, {.s = STR_INIT("a")}, "string", 1},
        {{.s = STR_INIT("a")}, {.s = STR_INIT("ab")}, "string", -1},
        {{.s = STR_INIT("")}, {.s = STR_INIT("")}, "binary", 0},
        {M(1, 0, 0), M(0, 40, 0), "interval", 1},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        Column x = one(a, row[i].type, row[i].x), y = one(a, row[i].type, row[i].y);
        int32_t cmp = value_cmp(&x, 0, &y, 0);
        CHECK_I64((cmp > 0) - (cmp < 0), row[i].cmp);
        cmp = value_cmp(&y, 0, &x, 0);
        CHECK_I64((cmp > 0) - (cmp < 0), -row[i].cmp);
        CHECK(value_eq(&x, 0, &y, 0) == (row[i].cmp == 0));
        uint64_t hx, hy;
        column_hash(&x, 1, &hx, true);
        column_hash(&y, 1, &hy, true);
        CHECK((hx == hy) == (row[i].cmp == 0));
    }
}
