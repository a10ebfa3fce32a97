#include "base/buf.h"
#include "base/test.h"
#include "col/type.h"

static Str json_str(Arena *a, const Type *t)
{
    Buf b = buf_new(a);
    type_json(&b, t);
    return buf_str(&b);
}

// What Spark 4.1.4 answers for these texts: catalogString, sql, json.
TEST(type_texts_are_sparks)
{
    static const struct {
        const char *ddl, *name, *sql, *json;
    } row[] = {
        {"boolean", "boolean", "BOOLEAN", "\"boolean\""},
        {"byte", "tinyint", "TINYINT", "\"byte\""},
        {"SHORT", "smallint", "SMALLINT", "\"short\""},
        {"integer", "int", "INT", "\"integer\""},
        {"long", "bigint", "BIGINT", "\"long\""},
        {"real", "float", "FLOAT", "\"float\""},
        {"double", "double", "DOUBLE", "\"double\""},
        {"dec", "decimal(10,0)", "DECIMAL(10,0)", "\"decimal(10,0)\""},
        {"dec(5)", "decimal(5,0)", "DECIMAL(5,0)", "\"decimal(5,0)\""},
        {"numeric( 5 , 2 )", "decimal(5,2)", "DECIMAL(5,2)", "\"decimal(5,2)\""},
        {"decimal(0,0)", "decimal(0,0)", "DECIMAL(0,0)", "\"decimal(0,0)\""},
        {"date", "date", "DATE", "\"date\""},
        {"timestamp", "timestamp", "TIMESTAMP", "\"timestamp\""},
        {"timestamp_ltz", "timestamp", "TIMESTAMP", "\"timestamp\""},
        {"timestamp without time zone", "timestamp_ntz", "TIMESTAMP_NTZ", "\"timestamp_ntz\""},
        {"time", "time(6)", "TIME(6)", "\"time(6)\""},                      // ban-ok: the type
        {"time(3) without time zone", "time(3)", "TIME(3)", "\"time(3)\""}, // ban-ok: the type
        {"binary", "binary", "BINARY", "\"binary\""},
        {"void", "void", "VOID", "\"void\""},
        {"varchar(10)", "varchar(10)", "VARCHAR(10)", "\"varchar(10)\""},
        {"character(4)", "char(4)", "CHAR(4)", "\"char(4)\""},
        {"string collate utf8_binary", "string", "STRING", "\"string\""},
        {"interval", "interval", "INTERVAL", "\"interval\""},
        {"interval month", "interval month", "INTERVAL MONTH", "\"interval month\""},
        {"interval year to month", "interval year to month", "INTERVAL YEAR TO MONTH",
         "\"interval year to month\""},
        {"interval day to second", "interval day to second", "INTERVAL DAY TO SECOND",
         "\"interval day to second\""},
        {"INTERVAL HOUR to minute", "interval hour to minute", "INTERVAL HOUR TO MINUTE",
         "\"interval hour to minute\""},
        {"array<array<int>>", "array<array<int>>", "ARRAY<ARRAY<INT>>",
         "{\"type\":\"array\",\"elementType\":{\"type\":\"array\",\"elementType\":\"integer\","
         "\"containsNull\":true},\"containsNull\":true}"},
        {"map<string,int>", "map<string,int>", "MAP<STRING, INT>",
         "{\"type\":\"map\",\"keyType\":\"string\",\"valueType\":\"integer\","
         "\"valueContainsNull\":true}"},
        {"struct<>", "struct<>", "STRUCT<>", "{\"type\":\"struct\",\"fields\":[]}"},
        {"struct<a:int,b string NOT NULL COMMENT 'it\\'s'>", "struct<a:int,b:string>",
         "STRUCT<a: INT, b: STRING NOT NULL COMMENT 'it\\'s'>",
         "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,"
         "\"metadata\":{}},{\"name\":\"b\",\"type\":\"string\",\"nullable\":false,\"metadata\":{"
         "\"comment\":\"it's\"}}]}"},
        {"STRUCT<a\n:\nint /* x */ --y\n>", "struct<a:int>", "STRUCT<a: INT>",
         "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,"
         "\"metadata\":{}}]}"},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        const Type *t, *again;
        CHECK_OK(type_parse(&t, a, str_z(row[i].ddl)));
        CHECK_STR(type_name_str(a, t), str_z(row[i].name));
        CHECK_STR(type_sql_str(a, t), str_z(row[i].sql));
        CHECK_STR(json_str(a, t), str_z(row[i].json));
        CHECK_OK(type_from_json(&again, a, str_z(row[i].json)));
        CHECK_STR(json_str(a, again), str_z(row[i].json));
        CHECK_OK(type_parse(&again, a, str_z(row[i].sql)));
        CHECK(type_eq(t, again));
    }
}

TEST(schema_texts_are_sparks)
{
    static const struct {
        const char *ddl, *sql;
    } row[] = {
        {"a INT, b STRING", "STRUCT<a: INT, b: STRING>"},
        {"a INT NOT NULL, b STRING COMMENT \"x\"",
         "STRUCT<a: INT NOT NULL, b: STRING COMMENT 'x'>"},
        {"`a-b` INT", "STRUCT<`a-b`: INT>"},
        {"`x``y` int, 1a int, _z int, `\xc3\xa4` int, `9` int",
         "STRUCT<`x``y`: INT, `1a`: INT, _z: INT, `\xc3\xa4`: INT, `9`: INT>"},
        {"`` int", "STRUCT<``: INT>"},
        {"a INT COMMENT 'x' 'y'", "STRUCT<a: INT COMMENT 'xy'>"},
        {"a INT COMMENT r'x\\n'", "STRUCT<a: INT COMMENT 'x\\n'>"},
        {"a INT COMMENT 'a\\tb\\u00e9\\101\\q'", "STRUCT<a: INT COMMENT 'a\tb\xc3\xa9"
                                                 "Aq'>"},
        {"date int, int int, table INT, order STRING, struct int",
         "STRUCT<date: INT, int: INT, table: INT, order: STRING, struct: INT>"},
        {"struct<x int>", "STRUCT<x: INT>"},
        {"a struct<x int>", "STRUCT<a: STRUCT<x: INT>>"},
        {"A INT, a STRING", "STRUCT<A: INT, a: STRING>"},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        const Schema *s;
        CHECK_OK(schema_parse(&s, a, str_z(row[i].ddl)));
        CHECK_STR(type_sql_str(a, s), str_z(row[i].sql));
    }
}

TEST(type_parse_refuses_as_spark_does)
{
    static const struct {
        const char *ddl;
        CondId cond;
        int32_t column;
        const char *param; // the first one
    } row[] = {
        {"foo", COND_PARSE_DATATYPE, 0, "\"FOO\""},
        {"foo(3)", COND_PARSE_DATATYPE, 0, "\"FOO(3)\""},
        {"array", COND_INCOMPLETE_TYPE_DEFINITION_ARRAY, 0, "<INT>"},
        {"map", COND_INCOMPLETE_TYPE_DEFINITION_MAP, 0, ""},
        {"struct", COND_INCOMPLETE_TYPE_DEFINITION_STRUCT, 0, ""},
        {"varchar", COND_DATATYPE_MISSING_SIZE, 0, "\"VARCHAR\""},
        {"character", COND_DATATYPE_MISSING_SIZE, 0, "\"CHAR\""},
        {"decimal(39,2)", COND_DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION, 0, "39"},
        {"decimal(5,6)", COND_DECIMAL_SCALE_EXCEEDS_PRECISION, 0, "6"},
        {"decimal(5,-1)", COND_PARSE_SYNTAX_ERROR, 10, "'-'"},
        {"decimal(5,2", COND_PARSE_SYNTAX_ERROR, 11, "end of input"},
        {"decimal(a)", COND_PARSE_SYNTAX_ERROR, 8, "'a'"},
        {"decimal(99999999999)", COND_PARSE_SYNTAX_ERROR, 8, "'99999999999'"},
        {"time(7)", COND_UNSUPPORTED_TIME_PRECISION, 0, "7"}, // ban-ok: the type
        {"interval month to year", COND_PARSE_SYNTAX_ERROR, 15, "'to'"},
        {"interval day to day", COND_PARSE_SYNTAX_ERROR, 13, "'to'"},
        {"interval month to second", COND_PARSE_SYNTAX_ERROR, 15, "'to'"},
        {"", COND_PARSE_EMPTY_STATEMENT, 0, ""},
        {"  ", COND_PARSE_EMPTY_STATEMENT, 2, ""},
        {"INT)", COND_PARSE_SYNTAX_ERROR, 3, "')'"},
        {"INT COMMENT 'x'", COND_PARSE_SYNTAX_ERROR, 4, "'COMMENT'"},
        {"INTERVAL '1' DAY", COND_PARSE_SYNTAX_ERROR, 9, "''1''"},
        {"map<int>", COND_PARSE_SYNTAX_ERROR, 7, "'>'"},
        {"array<int not null>", COND_PARSE_SYNTAX_ERROR, 10, "'not'"},
        {"variant", COND_UNSUPPORTED_FEATURE, 0, "type VARIANT"},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        const Type *t;
        CHECK(type_parse(&t, a, str_z(row[i].ddl)).code != OK);
        test_check(failure()->cond == row[i].cond, __FILE__, __LINE__, "%s: %s", row[i].ddl,
                   fail_text());
        CHECK_I64(failure()->line, 1);
        CHECK_I64(failure()->column, row[i].column);
        CHECK_STR(failure()->nparams ? failure()->param[0].value : S(""), str_z(row[i].param));
    }
}

TEST(schema_parse_refuses)
{
    static const struct {
        const char *ddl;
        CondId cond;
        int32_t line, column;
    } row[] = {
        {"a INT,", COND_PARSE_SYNTAX_ERROR, 1, 6},
        {"a: INT", COND_PARSE_SYNTAX_ERROR, 1, 1},
        {"a\n INT NULL", COND_PARSE_SYNTAX_ERROR, 2, 5},
        {"a.b int", COND_PARSE_SYNTAX_ERROR, 1, 1},
        {"1 int", COND_PARSE_SYNTAX_ERROR, 1, 0},
        {"1e3 int", COND_PARSE_SYNTAX_ERROR, 1, 0},
        {"1l int", COND_PARSE_SYNTAX_ERROR, 1, 0},
        {"'a' int", COND_PARSE_SYNTAX_ERROR, 1, 0},
        {"a INT NOT", COND_PARSE_SYNTAX_ERROR, 1, 9},
        {"a INT COMMENT", COND_PARSE_SYNTAX_ERROR, 1, 13},
        {"a INT COMMENT 'x", COND_PARSE_SYNTAX_ERROR, 1, 14},
        {"`a INT", COND_PARSE_SYNTAX_ERROR, 1, 0},
        {"\xc3\xa9 INT", COND_INVALID_IDENTIFIER, 1, 0},
        {"\xc3\xa9 INT", COND_INVALID_IDENTIFIER, 1, 0},
        {"`\xc3\xa9` foo", COND_PARSE_DATATYPE, 1, 4}, // columns are characters
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        const Schema *s;
        CHECK(schema_parse(&s, a, str_z(row[i].ddl)).code != OK);
        test_check(failure()->cond == row[i].cond, __FILE__, __LINE__, "%s: %s", row[i].ddl,
                   fail_text());
        CHECK_I64(failure()->line, row[i].line);
        CHECK_I64(failure()->column, row[i].column);
    }
}

static Str nested_arrays(Arena *a, int32_t depth)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < depth; i++) buf_put(&b, S("array<"));
    buf_put(&b, S("int"));
    buf_fill(&b, '>', depth);
    return buf_str(&b);
}

TEST(type_depth_is_capped)
{
    const Type *t;
    CHECK_OK(type_parse(&t, a, nested_arrays(a, TYPE_DEPTH_MAX - 1)));
    CHECK_FAILS(type_parse(&t, a, nested_arrays(a, TYPE_DEPTH_MAX)), ERR_LIMIT);
    CHECK_FAILS(type_parse(&t, a, nested_arrays(a, 1000000)), ERR_LIMIT);
}

TEST(type_json_keeps_metadata)
{
    static const char text[] =
        "{\"type\":\"struct\",\"fields\":[{\"name\":\"t\",\"type\":\"timestamp\",\"nullable\":"
        "false,\"metadata\":{\"comment\":\"when \\\"it\\\" was\",\"spark.watermarkDelayMs\":10000}"
        "},{\"name\":\"w\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{"
        "\"k\":[1,{\"x\":null}],\"l\":\"\xc3\xa9\",\"CURRENT_DEFAULT\":\"1 + 1\","
        "\"spark.timeWindow\":true}}]}";
    const Type *t;
    CHECK_OK(type_from_json(&t, a, str_z(text)));
    CHECK_I64(t->field[0].watermark_delay, 10000000);
    CHECK(t->field[1].watermark_delay == WATERMARK_NONE && t->field[1].time_window);
    CHECK_STR(t->field[1].dflt, S("1 + 1"));
    CHECK_STR(t->field[1].metadata, S("\"k\":[1,{\"x\":null}],\"l\":\"\xc3\xa9\""));
    CHECK_STR(json_str(a, type_copy(a, t)), str_z(text));
}

TEST(type_json_keeps_udt)
{
    static const char text[] =
        "{\"type\":\"array\",\"elementType\":{\"type\":\"udt\",\"class\":\"c\",\"pyClass\":\"p\","
        "\"serializedClass\":\"s\",\"sqlType\":{\"type\":\"array\",\"elementType\":\"double\","
        "\"containsNull\":false}},\"containsNull\":true}";
    const Type *t;
    CHECK_OK(type_from_json(&t, a, str_z(text)));
    const Type *of = t->field[0].type, *plain = type_array(a, &type_double, false);
    CHECK_STR(json_str(a, type_copy(a, t)), str_z(text));
    CHECK(type_eq(t, type_copy(a, t)) && !type_eq(of, plain) && type_stored_alike(of, plain));
    CHECK(!type_eq(of, type_udt(a, plain, &(Udt){.python = STR_INIT("q")})));
}

TEST(type_from_json_refuses)
{
    static const struct {
        const char *json;
        Code want;
    } row[] = {
        {"\"null\"", OK},
        {"\"timestamp_ltz\"", OK},
        {"{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"long\"}]}", OK},
        {"\"foo\"", ERR_INVALID},
        {"\"array<int>\"", ERR_INVALID},
        {"\"variant\"", ERR_UNSUPPORTED},
        {"", ERR_INVALID},
        {"{", ERR_INVALID},
        {"5", ERR_INVALID},
        {"{}", ERR_INVALID},
        {"{\"type\":\"udt\"}", ERR_INVALID},
        {"{\"type\":\"array\"}", ERR_INVALID},
        {"{\"type\":\"map\",\"keyType\":\"string\"}", ERR_INVALID},
        {"{\"type\":\"struct\"}", ERR_INVALID},
        {"{\"type\":\"struct\",\"fields\":[5]}", ERR_INVALID},
        {"{\"type\":\"struct\",\"fields\":[{\"name\":\"a\"}]}", ERR_INVALID},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        const Type *t;
        CHECK_FAILS(type_from_json(&t, a, str_z(row[i].json)), row[i].want);
    }
    const Type *t;
    CHECK_FAILS(type_from_json(&t, a, S("\"foo\"")), ERR_INVALID);
    CHECK(failure()->cond == COND_INVALID_JSON_DATA_TYPE);
    CHECK_STR(failure()->param[0].value, S("foo"));
}

TEST(type_tree_is_printschemas)
{
    const Schema *s;
    Buf b = buf_new(a);
    CHECK_OK(schema_parse(&s, a,
                          S("a int not null, b array<struct<x:int,y:map<string,decimal(5,2)>>>, "
                            "c map<int,array<long>>, d struct<`q\nr`:byte>, e varchar(3), f "
                            "interval day, g void, h time(3), `j k` short"))); // ban-ok: the type
    type_tree(&b, s);
    CHECK_STR(buf_str(&b), S("root\n"
                             " |-- a: integer (nullable = false)\n"
                             " |-- b: array (nullable = true)\n"
                             " |    |-- element: struct (containsNull = true)\n"
                             " |    |    |-- x: integer (nullable = true)\n"
                             " |    |    |-- y: map (nullable = true)\n"
                             " |    |    |    |-- key: string\n"
                             " |    |    |    |-- value: decimal(5,2) (valueContainsNull = true)\n"
                             " |-- c: map (nullable = true)\n"
                             " |    |-- key: integer\n"
                             " |    |-- value: array (valueContainsNull = true)\n"
                             " |    |    |-- element: long (containsNull = true)\n"
                             " |-- d: struct (nullable = true)\n"
                             " |    |-- q\\nr: byte (nullable = true)\n"
                             " |-- e: varchar(3) (nullable = true)\n"
                             " |-- f: interval day (nullable = true)\n"
                             " |-- g: void (nullable = true)\n"
                             " |-- h: time(3) (nullable = true)\n" // ban-ok: the type
                             " |-- j k: short (nullable = true)\n"));
}

TEST(type_families_and_equality)
{
    const Type *x, *y;
    CHECK_OK(type_parse(&x, a, S("struct<a int not null comment 'c', B: array<int>>")));
    CHECK_OK(type_parse(&y, a, S("struct<A: int, b: array<int>>")));
    CHECK(type_eq(x, y) && type_eq(x, type_nullable(a, x)) && !x->field[0].nullable);
    CHECK(type_nullable(a, x)->field[0].nullable);
    CHECK(!type_eq(type_decimal(a, 5, 2), type_decimal(a, 5, 3)));
    CHECK(!type_eq(&type_string, type_char(a, 3, true)));
    CHECK(!type_eq(type_char(a, 3, false), type_char(a, 3, true)));
    CHECK_I64(type_field(x, S("A")), 0);
    CHECK_I64(type_field(x, S("c")), -1);
    CHECK_OK(schema_parse(&y, a, S("a int, A int")));
    CHECK_I64(type_field(y, S("a")), -2);
    CHECK(type_is_numeric(&type_float) && !type_is_integral(&type_float));
    CHECK(type_is_integral(&type_tinyint) && !type_is_numeric(&type_date));
    CHECK(type_is_orderable(x) && !type_is_orderable(&type_interval));
    CHECK(!type_is_orderable(type_array(a, type_map(a, &type_int, &type_int, true), true)));
    for (int32_t p = PHYS_BOOL; p <= PHYS_STRUCT; p++) CHECK(phys_bytes((Phys)p) <= 16);
    CHECK_I64(phys_bytes(type_phys(&type_interval)), 16);
}
