// json_infer_test.c -- the schemas that Spark 4.1 found.
#include "base/test.h"
#include "fmt/json.h"

// A reader of times that knows one.
static bool read_time(const TextCast *c, const Type *t, Str text, Str pattern, Datum *v)
{
    (void)c, (void)pattern, (void)v;
    return t->id == T_TIMESTAMP && str_eq(text, S("2024-01-01T00:00:00"));
}

static JsonOptions options_of(Arena *a, Str text) // "key=value"
{
    JsonOptions o = {0};
    Cut c = str_cut(text, '=');
    Option one = {c.head, c.tail};
    Options given = {&one, text.n > 0, 1};
    (void)a;
    CHECK_OK(json_options_parse(&o, &given, NULL, NULL));
    o.cast.read = read_time;
    return o;
}

TEST(json_infer_schemas)
{
    static const struct {
        Str lines, options, want;
    } row[] = {
        // clang-format off
        {STR_INIT("{\"b\":1,\"a\":\"x\"}\n{\"a\":\"y\",\"c\":true}"), STR_INIT(""), STR_INIT("struct<a:string,b:bigint,c:boolean>")},
        {STR_INIT("{\"a\":1}\n{\"a\":1.5}"), STR_INIT(""), STR_INIT("struct<a:double>")},
        {STR_INIT("{\"a\":1}\n{\"a\":\"x\"}"), STR_INIT(""), STR_INIT("struct<a:string>")},
        {STR_INIT("{\"a\":null}\n{\"a\":[]}"), STR_INIT(""), STR_INIT("struct<a:array<string>>")},
        {STR_INIT("{\"a\":[1,null,2.5]}\n{\"a\":[]}"), STR_INIT(""), STR_INIT("struct<a:array<double>>")},
        {STR_INIT("{\"a\":{\"x\":1}}\n{\"a\":{\"y\":\"q\",\"x\":null}}"), STR_INIT(""), STR_INIT("struct<a:struct<x:bigint,y:string>>")},
        {STR_INIT("{\"a\":{}}"), STR_INIT(""), STR_INIT("struct<>")},
        {STR_INIT("{\"a\":{},\"b\":1}"), STR_INIT(""), STR_INIT("struct<b:bigint>")},
        {STR_INIT("{\"a\":{\"x\":1}}\n{\"a\":5}"), STR_INIT(""), STR_INIT("struct<a:string>")},
        {STR_INIT("{\"a\":123456789012345678901234567890}\n{\"a\":1}"), STR_INIT(""), STR_INIT("struct<a:decimal(30,0)>")},
        {STR_INIT("{\"a\":12345678901234567890123456789012345678901234567890}"), STR_INIT(""), STR_INIT("struct<a:double>")},
        {STR_INIT("{\"a\":\"1.50\",\"b\":\"x\",\"c\":\"0.001\"}"), STR_INIT("prefersDecimal=true"), STR_INIT("struct<a:decimal(3,2),b:string,c:string>")},
        {STR_INIT("{\"a\":1,\"b\":true,\"c\":\"x\",\"d\":1.5}"), STR_INIT("primitivesAsString=true"), STR_INIT("struct<a:string,b:string,c:string,d:string>")},
        {STR_INIT("{\"a\":\"2024-01-01T00:00:00\",\"b\":\"x\"}"), STR_INIT("inferTimestamp=true"), STR_INIT("struct<a:timestamp,b:string>")},
        {STR_INIT("{\"a\":null,\"b\":1,\"c\":[null],\"d\":{\"e\":null}}"), STR_INIT("dropFieldIfAllNull=true"), STR_INIT("struct<b:bigint>")},
        {STR_INIT("{\"a\":1}\noops"), STR_INIT(""), STR_INIT("struct<_corrupt_record:string,a:bigint>")},
        {STR_INIT("{\"a\":1}\n5"), STR_INIT(""), STR_INIT("struct<_corrupt_record:string,a:bigint>")},
        {STR_INIT("{\"a\":1}\n[{\"b\":2},{\"c\":3}]"), STR_INIT(""), STR_INIT("struct<a:bigint,b:bigint,c:bigint>")},
        {STR_INIT("{\"a\":1}\noops"), STR_INIT("mode=DROPMALFORMED"), STR_INIT("struct<a:bigint>")},
        {STR_INIT("\n  \n{\"a\":1}"), STR_INIT(""), STR_INIT("struct<a:bigint>")},
        {STR_INIT("{\"a\":\"\"}\n{\"a\":1}"), STR_INIT(""), STR_INIT("struct<a:bigint>")},
        {STR_INIT("[]"), STR_INIT(""), STR_INIT("struct<>")},
        {STR_INIT("{\"\":1,\"a\":2}"), STR_INIT(""), STR_INIT("struct<a:bigint>")},
        {STR_INIT("{\"A\":1,\"b\":2,\"Z\":3}"), STR_INIT(""), STR_INIT("struct<A:bigint,Z:bigint,b:bigint>")},
        {STR_INIT("{\"a\":9223372036854775808,\"b\":1}\n{\"a\":1.5}"), STR_INIT(""), STR_INIT("struct<a:double,b:bigint>")},
        {STR_INIT("{\"a\":[{\"x\":1},{\"y\":2}]}"), STR_INIT(""), STR_INIT("struct<a:array<struct<x:bigint,y:bigint>>>")},
        {STR_INIT("{\"a\":1.0}\n{\"a\":12345678901234567890123}"), STR_INIT(""), STR_INIT("struct<a:double>")},
        // clang-format on
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        JsonOptions o = options_of(a, row[i].options);
        o.source = true;
        JsonInfer *infer = json_infer_new(a, &o);
        for (Cut c = str_cut(row[i].lines, '\n');; c = str_cut(c.tail, '\n')) {
            Arena *scratch = arena_new(a);
            CHECK_OK(json_infer_add(infer, c.head, scratch));
            arena_free(scratch);
            if (!c.ok) break;
        }
        CHECK_STR(type_name_str(a, json_infer_schema(infer, a)), row[i].want);
    }
    JsonOptions o = options_of(a, S("mode=FAILFAST"));
    JsonInfer *infer = json_infer_new(a, &o);
    CHECK_OK(json_infer_add(infer, S("{\"a\":1}"), a));
    CHECK_FAILS(json_infer_add(infer, S("{\"a\":"), a), ERR_INVALID);
}

TEST(json_infer_one_text)
{
    static const struct {
        Str text, want;
    } row[] = {
        // clang-format off
        {STR_INIT("{\"a\":1,\"b\":\"x\"}"), STR_INIT("STRUCT<a: BIGINT, b: STRING>")},
        {STR_INIT("[{\"a\":1},{\"b\":2.5}]"), STR_INIT("ARRAY<STRUCT<a: BIGINT, b: DOUBLE>>")},
        {STR_INIT("[]"), STR_INIT("ARRAY<STRING>")},
        {STR_INIT("{}"), STR_INIT("STRUCT<>")},
        {STR_INIT("5"), STR_INIT("BIGINT")},
        {STR_INIT("\"x\""), STR_INIT("STRING")},
        {STR_INIT("null"), STR_INIT("STRING")},
        {STR_INIT("[1,\"x\"]"), STR_INIT("ARRAY<STRING>")},
        {STR_INIT("[{}]"), STR_INIT("ARRAY<STRUCT<>>")},
        {STR_INIT("{\"a\":{\"b\":[1]}}"), STR_INIT("STRUCT<a: STRUCT<b: ARRAY<BIGINT>>>")},
        {STR_INIT("[[1],[2.5]]"), STR_INIT("ARRAY<ARRAY<DOUBLE>>")},
        // clang-format on
    };
    JsonOptions o = options_of(a, (Str){0});
    const Type *t;
    for (int64_t i = 0; i < COUNT(row); i++) {
        CHECK_OK(json_infer_type(&t, a, &o, row[i].text));
        CHECK_STR(type_sql_str(a, t), row[i].want);
    }
    CHECK_FAILS(json_infer_type(&t, a, &o, S("{\"a\"}")), ERR_INVALID);
}
