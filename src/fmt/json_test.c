// json_test.c -- what Spark 4.1 answered for each text (PERMISSIVE, session zone UTC), and that the
// quick ways through a record never answer otherwise than the exact one.
#include "base/test.h"
#include "fmt/json_in.h"

typedef struct Fact {
    Str text, want;
} Fact;

static JsonOptions options_of(Arena *a, Options given)
{
    JsonOptions o = {0};
    (void)a;
    CHECK_OK(json_options_parse(&o, &given, NULL, NULL));
    o.cast.utc = true;
    return o;
}

static const Type *root_of(Arena *a, Str schema)
{
    const Type *t = NULL;
    bool list = str_starts(schema, S("ARRAY<")) || str_starts(schema, S("MAP<"));
    CHECK_OK(list ? type_parse(&t, a, schema) : schema_parse(&t, a, schema));
    return t;
}

static Str row_text(Arena *a, const Column *c, int32_t row)
{
    Buf b = buf_new(a);
    TextForm form = {.null_text = S("null")};
    if (column_null(c, row)) return S("NULL");
    value_text(&b, c, row, &form);
    return buf_str(&b);
}

// Each fact alone, and all in one call (so that later rows meet learnt layouts).
static void check_facts(Arena *a, Str schema, const JsonOptions *o, const Fact *f, int64_t n)
{
    JsonReader *r = json_reader_new(a, root_of(a, schema), o);
    Str *text = NEW(a, Str, n);
    Column c;
    for (int64_t i = 0; i < n; i++) {
        text[i] = f[i].text;
        JsonReader *alone = json_reader_new(a, root_of(a, schema), o);
        CHECK_OK(json_read(alone, &text[i], NULL, 1, &c, a));
        CHECK_STR(row_text(a, &c, 0), f[i].want);
    }
    for (int32_t round = 0; round < 2; round++) {
        CHECK_OK(json_read(r, text, NULL, (int32_t)n, &c, a));
        for (int64_t i = 0; i < n; i++) CHECK_STR(row_text(a, &c, (int32_t)i), f[i].want);
    }
}

TEST(json_root_and_scalars)
{
    static const Fact fact[] = {
        // clang-format off
        {STR_INIT("{\"a\":1,\"s\":\"x\"}"), STR_INIT("{1, x}")},
        {STR_INIT("{\"s\":\"x\",\"a\":1}"), STR_INIT("{1, x}")},
        {STR_INIT(" {\"a\" : 1 , \"s\" : null } "), STR_INIT("{1, null}")},
        {STR_INIT("{\"a\":1} xyz"), STR_INIT("{1, null}")},
        {STR_INIT("{\"a\":1}}"), STR_INIT("{1, null}")},
        {STR_INIT("null"), STR_INIT("{null, null}")},
        {STR_INIT("5"), STR_INIT("{null, null}")},
        {STR_INIT("\"x\""), STR_INIT("{null, null}")},
        {STR_INIT("[]"), STR_INIT("{null, null}")},
        {STR_INIT("[{\"a\":1}]"), STR_INIT("{null, null}")},
        {STR_INIT(""), STR_INIT("NULL")},
        {STR_INIT("  "), STR_INIT("NULL")},
        {STR_INIT("not json"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":1"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":1,\"s\":tru}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":\"5\"}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":5.0}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":2147483648}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":-2147483648}"), STR_INIT("{-2147483648, null}")},
        {STR_INIT("{\"a\":1,\"a\":2}"), STR_INIT("{2, null}")},
        {STR_INIT("{\"a\":1,\"a\":\"x\"}"), STR_INIT("{1, null}")},
        {STR_INIT("{\"A\":1}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":{\"a\":9},\"s\":\"k\"}"), STR_INIT("{null, k}")},
        {STR_INIT("{\"a\":[1,2],\"s\":\"k\"}"), STR_INIT("{null, k}")},
        {STR_INIT("{\"s\":5}"), STR_INIT("{null, 5}")},
        {STR_INIT("{\"s\":-0}"), STR_INIT("{null, 0}")},
        {STR_INIT("{\"s\":1.50}"), STR_INIT("{null, 1.5}")},
        {STR_INIT("{\"s\":1e3}"), STR_INIT("{null, 1000.0}")},
        {STR_INIT("{\"s\":{\"k\": [1, 2.0, \"\\u00e9\"]}}"), STR_INIT("{null, {\"k\":[1,2.0,\"é\"]}}")},
        {STR_INIT("{\"s\":NaN}"), STR_INIT("{null, \"NaN\"}")},
        {STR_INIT("{\"s\":1e400}"), STR_INIT("{null, \"Infinity\"}")},
        {STR_INIT("{\"s\":\"\\ud83d\\ude00\"}"), STR_INIT("{null, 😀}")},
        {STR_INIT("{\"s\":\"\\ud83d\"}"), STR_INIT("{null, ?}")},
        {STR_INIT("{\"s\":[\"\\ud83d\\ude00\"]}"), STR_INIT("{null, [\"\\uD83D\\uDE00\"]}")},
        {STR_INIT("{\"s\":\"a\\qb\",\"a\":1}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"s\":\"\\q,\"a\":1}"), STR_INIT("{1, null}")},
        {STR_INIT("{\"s\":\"tab\there\"}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"zz\":\"\\q\",\"a\":1}"), STR_INIT("{null, null}")},
        {STR_INIT("{'a':1,'s':'it\\'s'}"), STR_INIT("{1, it's}")},
        {STR_INIT("{a:1}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":01}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":1,}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":+1}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":-}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":0x10}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":1}{\"a\":2}"), STR_INIT("{1, null}")},
        {STR_INIT("{\"a\":1 \"s\":\"x\"}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"\\u0061\":7}"), STR_INIT("{7, null}")},
        {STR_INIT("{\"a\":true}"), STR_INIT("{null, null}")},
        {STR_INIT("\xef\xbb\xbf{\"a\":1}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"zz\":[1,{\"q\":[]},\"]\"],\"a\":3}"), STR_INIT("{3, null}")},
        // clang-format on
    };
    JsonOptions o = options_of(a, (Options){0});
    check_facts(a, S("a INT, s STRING"), &o, fact, COUNT(fact));
}

TEST(json_nested_struct)
{
    static const Fact fact[] = {
        // clang-format off
        {STR_INIT("{\"o\":{\"x\":1.5,\"y\":\"q\"},\"a\":1}"), STR_INIT("{1, {1.5, q}}")},
        {STR_INIT("{\"o\":null,\"a\":1}"), STR_INIT("{1, null}")},
        {STR_INIT("{\"o\":5,\"a\":1}"), STR_INIT("{1, null}")},
        {STR_INIT("{\"o\":{\"x\":\"bad\",\"y\":\"kept\"},\"a\":1}"), STR_INIT("{1, {null, kept}}")},
        {STR_INIT("{\"o\":{\"x\":tru},\"a\":3}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"a\":3,\"o\":{\"x\":tru}}"), STR_INIT("{3, null}")},
        {STR_INIT("{\"o\":{\"x\":1 !,\"y\":\"k\"},\"a\":3}"), STR_INIT("{null, null}")},
        {STR_INIT("{\"o\":{\"x\":1},\"o\":{\"y\":\"z\"}}"), STR_INIT("{null, {null, z}}")},
        {STR_INIT("{\"o\":{\"x\":1},\"o\":5}"), STR_INIT("{null, {1.0, null}}")},
        {STR_INIT("{\"o\":{},\"a\":1}"), STR_INIT("{1, {null, null}}")},
        {STR_INIT("{\"o\":[],\"a\":1}"), STR_INIT("{1, null}")},
        // clang-format on
    };
    JsonOptions o = options_of(a, (Options){0});
    check_facts(a, S("a INT, o STRUCT<x:DOUBLE,y:STRING>"), &o, fact, COUNT(fact));
}

TEST(json_lists)
{
    static const Fact fact[] = {
        // clang-format off
        {STR_INIT("{\"l\":[1,2,3],\"a\":4}"), STR_INIT("{4, [1, 2, 3], null}")},
        {STR_INIT("{\"l\":[1,\"x\",3],\"a\":4}"), STR_INIT("{4, null, null}")},
        {STR_INIT("{\"l\":[1,null],\"a\":4}"), STR_INIT("{4, [1, null], null}")},
        {STR_INIT("{\"l\":[],\"a\":4}"), STR_INIT("{4, [], null}")},
        {STR_INIT("{\"l\":5,\"a\":4}"), STR_INIT("{4, null, null}")},
        {STR_INIT("{\"l\":[1,tru,2],\"a\":4}"), STR_INIT("{4, null, null}")},
        {STR_INIT("{\"l\":[1,{\"a\":9}],\"a\":4}"), STR_INIT("{4, null, null}")},
        {STR_INIT("{\"l\":[[1]],\"a\":4}"), STR_INIT("{4, null, null}")},
        {STR_INIT("{\"m\":{\"p\":1,\"q\":2},\"a\":4}"), STR_INIT("{4, null, {p -> 1, q -> 2}}")},
        {STR_INIT("{\"m\":{\"p\":\"x\",\"q\":2},\"a\":4}"), STR_INIT("{4, null, null}")},
        {STR_INIT("{\"m\":{\"p\":null},\"a\":4}"), STR_INIT("{4, null, {p -> null}}")},
        {STR_INIT("{\"m\":{\"p\":1,\"p\":2},\"a\":4}"), STR_INIT("{4, null, {p -> 1, p -> 2}}")},
        {STR_INIT("{\"m\":[],\"a\":4}"), STR_INIT("{4, null, null}")},
        {STR_INIT("{\"m\":{\"p\":1 ,,},\"a\":4}"), STR_INIT("{null, null, null}")},
        // clang-format on
    };
    JsonOptions o = options_of(a, (Options){0});
    check_facts(a, S("a INT, l ARRAY<INT>, m MAP<STRING,INT>"), &o, fact, COUNT(fact));
}

TEST(json_numbers)
{
    static const Fact fact[] = {
        // clang-format off
        {STR_INIT("{\"t\":127,\"s\":32767,\"b\":9223372036854775807,\"f\":1.5,\"d\":0.1}"), STR_INIT("{127, 32767, 9223372036854775807, 1.5, 0.1}")},
        {STR_INIT("{\"t\":128,\"s\":32768,\"b\":9223372036854775808,\"f\":1,\"d\":1}"), STR_INIT("{-128, null, null, 1.0, 1.0}")},
        {STR_INIT("{\"t\":255}"), STR_INIT("{-1, null, null, null, null}")},
        {STR_INIT("{\"t\":256}"), STR_INIT("{null, null, null, null, null}")},
        {STR_INIT("{\"t\":-129}"), STR_INIT("{null, null, null, null, null}")},
        {STR_INIT("{\"d\":1e400,\"f\":1e40}"), STR_INIT("{null, null, null, Infinity, Infinity}")},
        {STR_INIT("{\"d\":\"NaN\",\"f\":\"NaN\"}"), STR_INIT("{null, null, null, NaN, NaN}")},
        {STR_INIT("{\"d\":\"Infinity\",\"f\":\"-INF\"}"), STR_INIT("{null, null, null, -Infinity, Infinity}")},
        {STR_INIT("{\"d\":\"INF\",\"f\":\"+INF\"}"), STR_INIT("{null, null, null, Infinity, null}")},
        {STR_INIT("{\"d\":NaN,\"f\":-Infinity}"), STR_INIT("{null, null, null, -Infinity, NaN}")},
        {STR_INIT("{\"d\":\"1.5\",\"f\":\"1\"}"), STR_INIT("{null, null, null, null, null}")},
        {STR_INIT("{\"d\":-0,\"f\":-0.0}"), STR_INIT("{null, null, null, -0.0, 0.0}")},
        {STR_INIT("{\"d\":-0.0}"), STR_INIT("{null, null, null, null, -0.0}")},
        {STR_INIT("{\"d\":123456789012345678901234567890}"), STR_INIT("{null, null, null, null, 1.2345678901234568E29}")},
        {STR_INIT("{\"d\":0.1234567890123456789}"), STR_INIT("{null, null, null, null, 0.12345678901234568}")},
        {STR_INIT("{\"d\":true}"), STR_INIT("{null, null, null, null, null}")},
        {STR_INIT("{\"f\":16777217}"), STR_INIT("{null, null, null, 1.6777216E7, null}")},
        {STR_INIT("{\"f\":0.1}"), STR_INIT("{null, null, null, 0.1, null}")},
        // clang-format on
    };
    JsonOptions o = options_of(a, (Options){0});
    check_facts(a, S("t TINYINT, s SMALLINT, b BIGINT, f FLOAT, d DOUBLE"), &o, fact, COUNT(fact));
}

TEST(json_decimal_boolean_binary)
{
    static const Fact fact[] = {
        // clang-format off
        {STR_INIT("{\"c\":1.005,\"z\":true,\"x\":\"QUJD\"}"), STR_INIT("{1.01, true, ABC}")},
        {STR_INIT("{\"c\":\"7.1\",\"z\":\"true\",\"x\":\"QUI=\"}"), STR_INIT("{7.10, null, AB}")},
        {STR_INIT("{\"c\":99999.99,\"z\":1,\"x\":\"QQ\"}"), STR_INIT("{null, null, null}")},
        {STR_INIT("{\"c\":9999.995,\"x\":\"\"}"), STR_INIT("{null, null, }")},
        {STR_INIT("{\"c\":\"1,234.5\",\"x\":\"Q U J D\"}"), STR_INIT("{1234.50, null, null}")},
        {STR_INIT("{\"c\":\" 1\",\"x\":\" QUJD \"}"), STR_INIT("{null, null, ABC}")},
        {STR_INIT("{\"c\":\"\",\"z\":false}"), STR_INIT("{null, false, null}")},
        {STR_INIT("{\"c\":1e3}"), STR_INIT("{1000.00, null, null}")},
        {STR_INIT("{\"c\":-0.001}"), STR_INIT("{0.00, null, null}")},
        {STR_INIT("{\"c\":\"5.\",\"x\":\"QQ==QQ==\"}"), STR_INIT("{5.00, null, AA}")},
        {STR_INIT("{\"c\":true,\"x\":5}"), STR_INIT("{null, null, null}")},
        {STR_INIT("{\"x\":\"QUJD\\n\"}"), STR_INIT("{null, null, ABC}")},
        {STR_INIT("{\"x\":\"Q\\u0051==\"}"), STR_INIT("{null, null, A}")},
        // clang-format on
    };
    JsonOptions o = options_of(a, (Options){0});
    check_facts(a, S("c DECIMAL(6,2), z BOOLEAN, x BINARY"), &o, fact, COUNT(fact));
}

TEST(json_times)
{
    static const Fact fact[] = {
        // clang-format off
        {STR_INIT("{\"ts\":\"2024-01-01T00:00:00Z\",\"d\":\"2024-02-29\",\"n\":\"2024-01-01T10:00:00\"}"), STR_INIT("{2024-01-01 00:00:00, 2024-02-29, 2024-01-01 10:00:00}")},
        {STR_INIT("{\"ts\":\"2024-01-01 10:00:00.123456789\"}"), STR_INIT("{2024-01-01 10:00:00.123456, null, null}")},
        {STR_INIT("{\"ts\":1704067200,\"d\":\"2024-02-30\",\"n\":1}"), STR_INIT("{2024-01-01 00:00:00, null, null}")},
        {STR_INIT("{\"ts\":\"2024-01-01T24:00:00\"}"), STR_INIT("{null, null, null}")},
        {STR_INIT("{\"ts\":\"\"}"), STR_INIT("{null, null, null}")},
        {STR_INIT("{\"ts\":9223372036854775807}"), STR_INIT("{1969-12-31 23:59:59, null, null}")},
        // clang-format on
    };
    JsonOptions o = options_of(a, (Options){0});
    check_facts(a, S("ts TIMESTAMP, d DATE, n TIMESTAMP_NTZ"), &o, fact, COUNT(fact));
}

TEST(json_array_root)
{
    static const Fact fact[] = {
        // clang-format off
        {STR_INIT("[1,2]"), STR_INIT("[1, 2]")},
        {STR_INIT("[1,\"x\"]"), STR_INIT("NULL")},
        {STR_INIT("{\"a\":1}"), STR_INIT("NULL")},
        {STR_INIT("5"), STR_INIT("NULL")},
        {STR_INIT("null"), STR_INIT("NULL")},
        {STR_INIT(""), STR_INIT("NULL")},
        {STR_INIT("[1,null]"), STR_INIT("[1, null]")},
        {STR_INIT("["), STR_INIT("NULL")},
        // clang-format on
    };
    JsonOptions o = options_of(a, (Options){0});
    check_facts(a, S("ARRAY<INT>"), &o, fact, COUNT(fact));
}

TEST(json_array_of_struct_root)
{
    static const Fact fact[] = {
        // clang-format off
        {STR_INIT("[{\"a\":1},{\"a\":\"x\"}]"), STR_INIT("[{1}, {null}]")},
        {STR_INIT("{\"a\":1}"), STR_INIT("[{1}]")},
        {STR_INIT("{\"a\":\"x\"}"), STR_INIT("[{null}]")},
        {STR_INIT("[null]"), STR_INIT("[null]")},
        {STR_INIT("[1]"), STR_INIT("NULL")},
        {STR_INIT("{\"b\":1}"), STR_INIT("[{null}]")},
        // clang-format on
    };
    JsonOptions o = options_of(a, (Options){0});
    check_facts(a, S("ARRAY<STRUCT<a:INT>>"), &o, fact, COUNT(fact));
}

TEST(json_map_root)
{
    static const Fact fact[] = {
        // clang-format off
        {STR_INIT("{\"a\":1,\"b\":{\"c\": 2}}"), STR_INIT("{a -> 1, b -> {\"c\":2}}")},
        {STR_INIT("{\"a\":null}"), STR_INIT("{a -> null}")},
        {STR_INIT("[]"), STR_INIT("NULL")},
        {STR_INIT("{}"), STR_INIT("{}")},
        {STR_INIT("{\"a\":1"), STR_INIT("NULL")},
        {STR_INIT("{\"k\":1,\"k\":2}"), STR_INIT("{k -> 1, k -> 2}")},
        // clang-format on
    };
    JsonOptions o = options_of(a, (Options){0});
    check_facts(a, S("MAP<STRING,STRING>"), &o, fact, COUNT(fact));
}

TEST(json_corrupt_column)
{
    static const Fact fact[] = {
        {STR_INIT("{\"a\":1,\"s\":\"ok\"}"), STR_INIT("{1, ok, null}")},
        {STR_INIT(""), STR_INIT("NULL")},
        {STR_INIT("not json"), STR_INIT("{null, null, not json}")},
        {STR_INIT("[]"), STR_INIT("{null, null, []}")},
        {STR_INIT("null"), STR_INIT("{null, null, null}")}, // the text, not a NULL
        {STR_INIT("{\"a\":\"1\",\"s\":\"x\"}"), STR_INIT("{null, x, {\"a\":\"1\",\"s\":\"x\"}}")},
        {STR_INIT("{\"a\":1,\"_corrupt_record\":\"mine\"}"), STR_INIT("{1, null, null}")},
    };
    JsonOptions o = options_of(a, (Options){0});
    check_facts(a, S("a INT, s STRING, _corrupt_record STRING"), &o, fact, COUNT(fact));
    Column c;
    Str text = S("null");
    JsonReader *r = json_reader_new(a, root_of(a, S("a INT, _corrupt_record STRING")), &o);
    CHECK_OK(json_read(r, &text, NULL, 1, &c, a));
    CHECK(!column_null(&c.kid[1], 0));
    CHECK_I64(json_reader_counts(r).bad, 1);
}

TEST(json_failfast)
{
    static const struct {
        Str schema, text, condition, record;
    } row[] = {
        {STR_INIT("a INT"), STR_INIT("oops"),
         STR_INIT("MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION"), STR_INIT("[null]")},
        {STR_INIT("a INT, s STRING"), STR_INIT("{\"s\":\"x\",\"a\":1.5}"),
         STR_INIT("MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION"), STR_INIT("[null,x]")},
        {STR_INIT("a INT"), STR_INIT("[1]"),
         STR_INIT("MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_JSON_ARRAYS_AS_STRUCTS"),
         STR_INIT("[1]")},
        {STR_INIT("d DOUBLE"), STR_INIT("{\"d\":\"x\"}"),
         STR_INIT("MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_STRING_AS_DATATYPE"),
         STR_INIT("{\"d\":\"x\"}")},
    };
    Option failfast = {S("mode"), S("failfast")};
    JsonOptions o = options_of(a, (Options){&failfast, 1, 1});
    Column c;
    for (int64_t i = 0; i < COUNT(row); i++) {
        JsonReader *r = json_reader_new(a, root_of(a, row[i].schema), &o);
        CHECK_FAILS(json_read(r, &row[i].text, NULL, 1, &c, a), ERR_INVALID);
        CHECK_STR(condition_of(failure()->cond)->name, row[i].condition);
        CHECK_STR(failure()->param[0].value, row[i].record);
        CHECK_OK(json_read(r, &S("{}"), NULL, 1, &c, a));
    }
}

TEST(json_lexical_options)
{
    static const struct {
        Str key, value, text, want;
    } row[] = {
        {STR_INIT("allowUnquotedFieldNames"), STR_INIT("true"), STR_INIT("{a:8}"),
         STR_INIT("{8, null}")},
        {STR_INIT("allowSingleQuotes"), STR_INIT("false"), STR_INIT("{'a':8}"),
         STR_INIT("{null, null}")},
        {STR_INIT("allowNumericLeadingZeros"), STR_INIT("true"), STR_INIT("{\"a\":-007}"),
         STR_INIT("{-7, null}")},
        {STR_INIT("allowNonNumericNumbers"), STR_INIT("false"), STR_INIT("{\"s\":1,\"d\":NaN}"),
         STR_INIT("{null, null}")},
        {STR_INIT("allowBackslashEscapingAnyCharacter"), STR_INIT("true"),
         STR_INIT("{\"s\":\"\\$\"}"), STR_INIT("{null, $}")},
        {STR_INIT("allowUnquotedControlChars"), STR_INIT("true"), STR_INIT("{\"s\":\"a\tb\"}"),
         STR_INIT("{null, a\tb}")},
        {STR_INIT("allowComments"), STR_INIT("true"), STR_INIT("{/* x */\"a\":1 // y\n}"),
         STR_INIT("{1, null}")},
        {STR_INIT("allowComments"), STR_INIT("false"), STR_INIT("{/* x */\"a\":1}"),
         STR_INIT("{null, null}")},
        {STR_INIT("maxNestingDepth"), STR_INIT("2"), STR_INIT("{\"a\":1,\"z\":[[]]}"),
         STR_INIT("{null, null}")},
        {STR_INIT("maxNumLen"), STR_INIT("3"), STR_INIT("{\"s\":\"x\",\"a\":1234}"),
         STR_INIT("{null, null}")},
        {STR_INIT("maxStringLen"), STR_INIT("3"), STR_INIT("{\"a\":1,\"s\":\"abcd\"}"),
         STR_INIT("{1, null}")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        Option one = {row[i].key, row[i].value};
        JsonOptions o = options_of(a, (Options){&one, 1, 1});
        Fact f = {row[i].text, row[i].want};
        check_facts(a, S("a INT, s STRING"), &o, &f, 1);
    }
    JsonOptions o = {0};
    Option wrong[] = {{S("mode"), S("whatever")},
                      {S("allowComments"), S("maybe")},
                      {S("maxNestingDepth"), S("2000")},
                      {S("locale"), S("de-DE")}};
    for (int64_t i = 0; i < COUNT(wrong); i++) {
        Options given = {&wrong[i], 1, 1};
        CHECK(json_options_parse(&o, &given, NULL, NULL).code != OK);
    }
}

TEST(json_depth)
{
    // One level more than Jackson's thousand makes a bad record; what is skipped counts too.
    for (int32_t depth = 999; depth <= 1000; depth++) {
        Buf b = buf_new(a);
        buf_put(&b, S("{\"z\":"));
        buf_fill(&b, '[', depth);
        buf_fill(&b, ']', depth);
        buf_put(&b, S(",\"a\":1}"));
        Fact f = {buf_str(&b), depth < 1000 ? S("{1}") : S("{null}")};
        JsonOptions o = options_of(a, (Options){0});
        check_facts(a, S("a INT"), &o, &f, 1);
    }
}

// ---- sources -----------------------------------------------------------------------------------

typedef struct Collect {
    Out out;
    Arena *a;
    const Type *type;
    Buf text;
    int32_t batches, most;
} Collect;

static Status collect(Out *out, const Batch *b)
{
    Collect *c = CONTAINER(out, Collect, out);
    Column row = {.type = c->type, .kid = b->col, .rows = b->rows};
    for (int32_t i = 0; i < b->rows; i++) {
        buf_put(&c->text, row_text(c->a, &row, i));
        buf_char(&c->text, '\n');
    }
    c->batches++;
    c->most = MAX(c->most, b->rows);
    return DONE;
}

static Collect read_lines(Arena *a, Str schema, JsonOptions *o, const Str *line, int64_t n)
{
    o->source = true;
    Collect c = {{collect}, a, root_of(a, schema), buf_new(a), 0, 0};
    JsonReader *r = json_reader_new(a, c.type, o);
    CHECK_OK(json_read_records(r, line, n, a, &c.out));
    return c;
}

TEST(json_source_records)
{
    static const Str line[] = {
        STR_INIT("{\"a\":1,\"s\":{\"k\": [1, 2.0]}}"), // the bytes of s, blanks and all
        STR_INIT(""),
        STR_INIT("   "),
        STR_INIT("[]"),
        STR_INIT("[{\"a\":2},{\"a\":\"x\",\"s\":1.50}]"),
        STR_INIT("[{\"a\":3},null]"), // one bad element spoils all
        STR_INIT("oops"),
        STR_INIT("\xef\xbb\xbf{\"a\":4}"),
        STR_INIT("{\"a\":5,\"s\":\"\xff\"}"), // bytes that are no UTF-8
    };
    JsonOptions o = options_of(a, (Options){0});
    Collect c = read_lines(a, S("a INT, s STRING"), &o, line, COUNT(line));
    CHECK_STR(buf_str(&c.text), S("{1, {\"k\": [1, 2.0]}}\n{2, null}\n{null, 1.50}\n{null, null}\n"
                                  "{null, null}\n{4, null}\n{null, null}\n"));
    Option drop = {S("mode"), S("DROPMALFORMED")};
    o = options_of(a, (Options){&drop, 1, 1});
    c = read_lines(a, S("a INT, s STRING"), &o, line, COUNT(line));
    CHECK_STR(buf_str(&c.text), S("{1, {\"k\": [1, 2.0]}}\n{4, null}\n"));
}

TEST(json_source_batches)
{
    Buf b = buf_new(a); // one line of 3,000 rows, then 2,000 lines of one
    for (int32_t i = 0; i < 3000; i++) buf_fmt(&b, "%s{\"a\":%d}", i ? "," : "[", i);
    buf_char(&b, ']');
    Str *line = NEW(a, Str, 2001);
    line[0] = buf_str(&b);
    for (int32_t i = 1; i <= 2000; i++) line[i] = str_fmt(a, "{\"a\":%d}", 2999 + i);
    JsonOptions o = options_of(a, (Options){0});
    Collect c = read_lines(a, S("a INT"), &o, line, 2001);
    Buf want = buf_new(a);
    for (int32_t i = 0; i < 5000; i++) buf_fmt(&want, "{%d}\n", i);
    CHECK_STR(buf_str(&c.text), buf_str(&want));
    CHECK_I64(c.batches, 5);
    CHECK_I64(c.most, BATCH_ROWS);
}

// ---- paths -------------------------------------------------------------------------------------

TEST(json_learns_layouts)
{
    static const Fact fact[] = {
        {STR_INIT("{\"id\": \"e1\", \"n\": 10, \"o\": {\"x\": 1, \"z\": {}}, \"t\": \"a\"}"),
         STR_INIT("{a, 10, {1, null}, null}")},
        {STR_INIT("{\"id\": \"e22\", \"n\": -7, \"o\": {\"x\": 2, \"z\": {}}, \"t\": \"b\"}"),
         STR_INIT("{b, -7, {2, null}, null}")},
        // values of every kind stand where others stood
        {STR_INIT("{\"id\": 3, \"n\": null, \"o\": {\"x\": 3, \"z\": {}}, \"t\": \"\\u00e9\"}"),
         STR_INIT("{\xc3\xa9, null, {3, null}, null}")},
        {STR_INIT("{\"id\": [1,{}], \"n\": 0, \"o\": {\"x\": null, \"z\": {}}, \"t\": 12}"),
         STR_INIT("{12, 0, {null, null}, null}")},
        {STR_INIT(
             "{\"id\": {\"q\": 1}, \"n\": 2147483648, \"o\": {\"x\": 5, \"z\": {}}, \"t\": \"c\"}"),
         STR_INIT("{c, null, {5, null}, null}")},
        {STR_INIT("{\"id\": 1.5e3, \"n\": 1, \"o\": {\"x\": 5, \"z\": {}}, \"t\": \"\xc3\xa9\"} "),
         STR_INIT("{\xc3\xa9, 1, {5, null}, null}")},
        {STR_INIT("{\"id\": 01, \"n\": 1, \"o\": {\"x\": 5, \"z\": {}}, \"t\": \"d\"}"),
         STR_INIT("{null, null, null, null}")},
        {STR_INIT("{\"id\": \"\t\", \"n\": 1, \"o\": {\"x\": 5, \"z\": {}}, \"t\": \"d\"}"),
         STR_INIT("{null, null, null, null}")},
        {STR_INIT("{\"id\": \"e\", \"n\": 1, \"o\": null, \"t\": \"d\"}"),
         STR_INIT("{d, 1, null, null}")},
        {STR_INIT("{\"t\": \"first\", \"u\": \"x\"}"), STR_INIT("{first, null, null, x}")},
        {STR_INIT("{\"id\": \"e\", \"n\": 1, \"o\": {\"x\": 5, \"z\": {}}, \"t\": \"d\""),
         STR_INIT("{null, null, null, null}")},
    };
    static const Fact number[] = {
        {STR_INIT("{\"d\":1.25,\"b\":1,\"i\":1,\"ts\":\"1970-01-01T00:00:00\"}"),
         STR_INIT("{1.25, 1, 1, 1970-01-01 00:00:00}")},
        {STR_INIT("{\"d\":-0,\"b\":-0,\"i\":-0,\"ts\":\"1970-01-01T00:00:00.5Z\"}"),
         STR_INIT("{0.0, 0, 0, 1970-01-01 00:00:00.5}")},
        {STR_INIT("{\"d\":-0.0,\"b\":999999999999999999,\"i\":-2147483648,\"ts\":5}"),
         STR_INIT("{-0.0, 999999999999999999, -2147483648, 1970-01-01 00:00:05}")},
        {STR_INIT("{\"d\":0.1234567890123456,\"b\":9223372036854775807,\"i\":2147483648,\"ts\":"
                  "\"1970-01-01T00:00:00X\"}"),
         STR_INIT("{0.1234567890123456, 9223372036854775807, null, null}")},
        {STR_INIT("{\"d\":1e2,\"b\":9223372036854775808,\"i\":1.0,\"ts\":null}"),
         STR_INIT("{100.0, null, null, null}")},
        {STR_INIT("{\"d\":123456789012345.5,\"b\":1,\"i\":1,\"ts\":\"\"}"),
         STR_INIT("{1.234567890123455E14, 1, 1, null}")},
        {STR_INIT("{\"d\":00.5,\"b\":1,\"i\":1,\"ts\":null}"),
         STR_INIT("{null, null, null, null}")},
        {STR_INIT("{\"d\":5.,\"b\":1,\"i\":1,\"ts\":null}"), STR_INIT("{null, null, null, null}")},
        {STR_INIT("{\"d\":5,\"b\":1"), STR_INIT("{null, null, null, null}")},
    };
    Str schema = S("t STRING, n INT, o STRUCT<x:INT,y:STRING>, u STRING");
    JsonOptions o = options_of(a, (Options){0});
    check_facts(a, schema, &o, fact, COUNT(fact));
    check_facts(a, S("d DOUBLE, b BIGINT, i INT, ts TIMESTAMP"), &o, number, COUNT(number));
    JsonReader *r = json_reader_new(a, root_of(a, schema), &o);
    Str text[1000];
    for (int32_t i = 0; i < COUNT(text); i++) text[i] = fact[i % 4].text;
    Column c;
    CHECK_OK(json_read(r, text, NULL, (int32_t)COUNT(text), &c, a));
    JsonCounts n = json_reader_counts(r);
    CHECK_I64(n.records, COUNT(text));
    CHECK_I64(n.by_template + n.by_schema + n.exact, COUNT(text));
    CHECK_I64(n.by_schema, 1);
    CHECK_I64(n.exact, 0);
}

TEST(json_iso_times)
{
    static const struct {
        Str text;
        int64_t want; // -1: not of the plain form
        bool zoned;
    } row[] = {
        {STR_INIT("1970-01-02T00:00:01"), 86401000000, false},
        {STR_INIT("1970-01-01 23:59:59.123456"), 86399123456, false},
        {STR_INIT("1970-01-01T00:00:00.1Z"), 100000, true},
        {STR_INIT("1970-01-01T00:00:00.123456789"), 123456, false},
        {STR_INIT("1969-12-31T23:59:59.999999Z"), -1, true}, // the instant
        {STR_INIT("1970-01-01T00:00:00Z"), 0, true},
        {STR_INIT("2024-02-29T12:30:00"), 1709209800000000, false},
        {STR_INIT("2023-02-29T12:30:00"), -1, false},
        {STR_INIT("1970-01-01T24:00:00"), -1, false},
        {STR_INIT("1970-01-01T00:60:00"), -1, false},
        {STR_INIT("1970-01-01T00:00:60"), -1, false},
        {STR_INIT("1970-01-01T00:00:0a"), -1, false},
        {STR_INIT("1970-01-01T00-00:00"), -1, false},
        {STR_INIT("1970-01-01T00:00:00."), -1, false},
        {STR_INIT("1970-01-01T00:00:00.Z"), -1, false},
        {STR_INIT("1970-01-01T00:00:00X"), -1, false},
        {STR_INIT("1970-01-01T00:00:00.12345x"), -1, false},
        {STR_INIT("1970-01-01T00:00:00.1234567890"), -1, false},
        {STR_INIT("1970-01-01t00:00:00"), -1, false},
        {STR_INIT("1970-1-01T00:00:000"), -1, false},
        {STR_INIT("19700-01-01"), -1, false},
    };
    JsonDay day = {0};
    for (int64_t i = 0; i < COUNT(row); i++) {
        Micros t = 0;
        bool zoned = false, ok = json_time_iso(&day, row[i].text, &t, &zoned);
        CHECK(ok == (row[i].want != -1 || i == 4));
        if (ok) CHECK_I64(t, row[i].want);
        if (ok) CHECK(zoned == row[i].zoned);
    }
}

TEST(json_many_layouts)
{
    // More layouts than are kept: they are forgotten and learnt again, and the answers stay right.
    JsonOptions o = options_of(a, (Options){0});
    JsonReader *r = json_reader_new(a, root_of(a, S("a INT, b INT")), &o);
    for (int32_t round = 0; round < 400; round++) {
        Str text[9];
        Column c;
        for (int32_t i = 0; i < COUNT(text); i++)
            text[i] =
                str_fmt(a, "{\"k%d\":0,%*s\"a\":%d,\"b\":%d}", i, i + round / 100, "", i, round);
        CHECK_OK(json_read(r, text, NULL, (int32_t)COUNT(text), &c, a));
        bool same = true;
        for (int32_t i = 0; i < COUNT(text); i++)
            same &= COLUMN_DATA(&c.kid[0], int32_t)[i] == i &&
                    COLUMN_DATA(&c.kid[1], int32_t)[i] == round;
        CHECK(same);
    }
    CHECK(json_reader_counts(r).by_template > 0);
}

TEST(json_views_and_nulls)
{
    JsonOptions o = options_of(a, (Options){0});
    JsonReader *r =
        json_reader_new(a, root_of(a, S("s STRING, l ARRAY<STRUCT<q:INT,w:STRUCT<e:INT>>>")), &o);
    Str text[] = {S("{\"s\":\"view\",\"l\":[{\"q\":1},{\"w\":{\"e\":2}}]}"), S("never read"),
                  S("{\"s\":\"\\n\"}")};
    uint8_t valid[] = {1, 0, 1};
    Column c;
    CHECK_OK(json_read(r, text, valid, 3, &c, a));
    CHECK(column_str(&c.kid[0], 0).p == text[0].p + 6);
    CHECK_STR(row_text(a, &c, 0), S("{view, [{1, null}, {null, {2}}]}"));
    CHECK_STR(row_text(a, &c, 1), S("NULL"));
    CHECK(column_null(&c.kid[0], 1) && column_null(&c.kid[1], 1));
    CHECK_STR(row_text(a, &c, 2), S("{\n, null}"));
}

TEST(json_broken_utf8)
{
    static const Fact fact[] = {
        // Java replaces the longest beginning of a character by one U+FFFD
        {STR_INIT("a\xff\xff"), STR_INIT("a\xef\xbf\xbd\xef\xbf\xbd")},
        {STR_INIT("\xe6\x97"), STR_INIT("\xef\xbf\xbd")},
        {STR_INIT("\xe6\x97x"), STR_INIT("\xef\xbf\xbdx")},
        {STR_INIT("\xed\xa0\x80"), STR_INIT("\xef\xbf\xbd")},
        {STR_INIT("\xf0\x9f\x98"), STR_INIT("\xef\xbf\xbd")},
        {STR_INIT("\xf0\x80\x80"), STR_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")},
        {STR_INIT("\xc0\xaf"), STR_INIT("\xef\xbf\xbd\xef\xbf\xbd")},
        {STR_INIT("\xe0\x80\x80"), STR_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")},
        {STR_INIT("\xf4\x90\x80\x80"),
         STR_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")},
        {STR_INIT("ok \xc3\xa9"), STR_INIT("ok \xc3\xa9")},
    };
    for (int64_t i = 0; i < COUNT(fact); i++) {
        CHECK_STR(json_utf8_repair(a, fact[i].text), fact[i].want);
        Fact f = {str_fmt(a, "{\"s\":\"" STR_FMT "\"}", STR_ARG(fact[i].text)),
                  str_fmt(a, "{" STR_FMT "}", STR_ARG(fact[i].want))};
        JsonOptions o = options_of(a, (Options){0});
        check_facts(a, S("s STRING"), &o, &f, 1);
    }
}
