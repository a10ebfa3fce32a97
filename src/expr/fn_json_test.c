// fn_json_test.c -- functions of JSON, and those of maps, formats, character sets and time units.
#include "expr/facts_in.h"
#include "expr/prog.h"

// clang-format off
static const Fact json_facts[] = {
    {"from_json('{\"a\":1,\"b\":\"x\"}', 'a INT, b STRING')", "{1, x}", "from_json({\"a\":1,\"b\":\"x\"}) struct<a:int,b:string>"},
    {"from_json('{\"a\":1}', 'struct<a:int,z:double>')", "{1, null}", NULL},
    {"from_json('{\"a\":1}', '{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}]}').a", "1", NULL},
    {"from_json('[1,2]', 'ARRAY<INT>')", "[1, 2]", NULL},
    {"from_json('{\"a\":1}', 'MAP<STRING,INT>')", "{a -> 1}", NULL},
    {"from_json('bad', 'a INT')", "{null}", NULL},
    {"from_json(null, 'a INT')", "NULL", NULL},
    {"from_json('{\"a\":\"x\",\"b\":2}', 'a INT, b INT')", "{null, 2}", NULL},
    {"from_json('bad', 'a INT, _corrupt_record STRING')", "{null, bad}", NULL},
    {"from_json('bad', 'a INT, c STRING', map('columnNameOfCorruptRecord','c'))", "{null, bad}", NULL},
    {"from_json('bad', 'a INT', map('mode','FAILFAST'))", "!MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", NULL},
    {"from_json('bad', 'a INT', map('mode','DROPMALFORMED'))", "!PARSE_MODE_UNSUPPORTED", NULL},
    {"from_json('{a:1}', 'a INT', map('allowUnquotedFieldNames','true')).a", "1", NULL},
    {"from_json('{\"t\":\"2024-01-01 10:00:00\"}', 't TIMESTAMP').t", "2024-01-01 10:00:00", NULL},
    {"from_json('{\"t\":\"2024-01-01 10:00:00\"}', 't TIMESTAMP', map('timeZone','Asia/Tokyo')).t", "2024-01-01 01:00:00", NULL},
    {"from_json('{\"t\":\"01/02/2024\"}', 't DATE', map('dateFormat','dd/MM/yyyy')).t", "2024-02-01", NULL},
    {"from_json('{}', 'INT')", "!DATATYPE_MISMATCH.INVALID_JSON_SCHEMA", NULL},
    {"from_json('{}', 'a INT, _corrupt_record INT')", "!INVALID_CORRUPT_RECORD_TYPE", NULL},
    {"from_json('{}', 'a INT', map('mode', 1))", "!INVALID_OPTIONS.NON_STRING_TYPE", NULL},
    {"from_json('{}', 'a INT', 'mode')", "!INVALID_OPTIONS.NON_MAP_FUNCTION", NULL},
    {"from_json('{}', 1)", "!INVALID_SCHEMA.NON_STRING_LITERAL", NULL},
    {"to_json(named_struct('a', 1, 'b', cast(null as int), 'c', 'x\"y'))", "{\"a\":1,\"c\":\"x\\\"y\"}", NULL},
    {"to_json(named_struct('b', cast(null as int)), map('ignoreNullFields','false'))", "{\"b\":null}", NULL},
    {"to_json(array(1, 2))", "[1,2]", "to_json(array(1, 2)) string"},
    {"to_json(map('k', timestamp'2024-01-01 10:00:00.5'))", "{\"k\":\"2024-01-01T10:00:00.500Z\"}", NULL},
    {"to_json(map('k', timestamp'2024-01-01 10:00:00'), map('timeZone','+02:00'))", "{\"k\":\"2024-01-01T12:00:00.000+02:00\"}", NULL},
    {"to_json(array(timestamp'2024-01-01 10:00:00.123456'), map('timestampFormat','yyyy-MM-dd HH:mm:ss.SSSSSS'))", "[\"2024-01-01 10:00:00.123456\"]", NULL},
    {"to_json(named_struct('d', date'2024-03-01', 't', timestamp'2024-01-01 10:00:00'), map('dateFormat','dd/MM/yyyy'))", "{\"d\":\"01/03/2024\",\"t\":\"2024-01-01T10:00:00.000Z\"}", NULL},
    {"schema_of_json('{\"a\":1,\"b\":[{\"c\":\"x\"}]}')", "STRUCT<a: BIGINT, b: ARRAY<STRUCT<c: STRING>>>", NULL},
    {"from_json('{\"a\":7}', schema_of_json('{\"a\":1}')).a", "7", NULL},
    {"to_json(1)", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", NULL},
    {"get_json_object('{\"a\":{\"b\":[1,2.50,\"x\"]}}', '$.a.b')", "[1,2.5,\"x\"]", "get_json_object({\"a\":{\"b\":[1,2.50,\"x\"]}}, $.a.b) string"},
    {"get_json_object('{\"a\":{\"b\":[1,2.50,\"x\"]}}', '$.a.b[2]')", "x", NULL},
    {"get_json_object('{\"a\":{\"b\":[1,2.50,\"x\"]}}', '$.a.b[3]')", "NULL", NULL},
    {"get_json_object('{\"a\":\"x\"}', '$[\\'a\\']')", "x", NULL},
    {"get_json_object('{\"a\":null}', '$.a')", "NULL", NULL},
    {"get_json_object('{\"a\":1', '$.a')", "NULL", NULL},
    {"get_json_object('{\"a\":1} tail', '$.a')", "1", NULL},
    {"get_json_object('{\"a\":1}', 'a')", "NULL", NULL},
    {"get_json_object('{\"a\":1}', '$')", "{\"a\":1}", NULL},
    {"get_json_object('[{\"b\":1},{\"b\":\"x\"},{}]', '$[*].b')", "[1,\"x\"]", NULL},
    {"get_json_object('[{\"b\":\"x\"}]', '$[*].b')", "\"x\"", NULL},
    {"get_json_object('[[1,2],[3]]', '$[*][*]')", "[1,2,3]", NULL},
    {"get_json_object('{\"z\":{\"q\":7}}', '$.*.q')", "7", NULL},
    {"json_array_length('[1,[2,3],null]')", "3", "json_array_length([1,[2,3],null]) int"},
    {"json_array_length('{}')", "NULL", NULL},
    {"json_array_length('[1')", "NULL", NULL},
    {"json_object_keys('{\"a\":1,\"b\":{\"c\":2}}')", "[a, b]", NULL},
    {"json_object_keys('{}')", "[]", NULL},
    {"json_object_keys('[]')", "NULL", NULL},
    // keys of maps
    {"to_json(map(named_struct('f', 1.0F, 'd', 1e10D, 'n', double('NaN'), 'i', float('Infinity')), 2))", "{\"[1.0,1.0E10,NaN,Infinity]\":2}", "to_json(map(named_struct(f, 1.0, d, 1.0E10, n, NaN, i, Infinity), 2)) string"},
    {"to_json(map(named_struct('dec', 1.20, 'big', cast(1.5 as decimal(38,10))), 2))", "{\"[1.20,1.5000000000]\":2}", "to_json(map(named_struct(dec, 1.20, big, CAST(1.5 AS DECIMAL(38,10))), 2)) string"},
    {"to_json(map(named_struct('dt', date'2020-01-01', 'ts', timestamp'2020-01-01 00:00:00.000001', 'ntz', timestamp_ntz'1960-01-01'), 2))", "{\"[18262,1577836800000001,-315619200000000]\":2}", "to_json(map(named_struct(dt, DATE '2020-01-01', ts, TIMESTAMP '2020-01-01 00:00:00.000001', ntz, TIMESTAMP_NTZ '1960-01-01 00:00:00'), 2)) string"},
    {"to_json(map(named_struct('b', true, 'y', 1Y, 'l', 1L, 'iv', interval 1 day, 'im', interval 13 month), 2))", "{\"[true,1,1,86400000000,13]\":2}", "to_json(map(named_struct(b, true, y, 1, l, 1, iv, INTERVAL '1' DAY, im, INTERVAL '13' MONTH), 2)) string"},
    {"to_json(map(named_struct('n', named_struct('q', cast(null as int), 'r', 'x'), 'a', array('p', null)), 2))", "{\"[[null,x],[p,null]]\":2}", "to_json(map(named_struct(n, named_struct(q, CAST(NULL AS INT), r, x), a, array(p, NULL)), 2)) string"},
    {"to_json(map(array(1, null), 2))", "{\"[1,null]\":2}", "to_json(map(array(1, NULL), 2)) string"},
    {"to_json(map(array('a\"b', 'c,d'), 2))", "{\"[a\\\"b,c,d]\":2}", "to_json(map(array(a\"b, c,d), 2)) string"},
    {"to_json(map(array(named_struct('a', 1)), 2))", "{\"[[1]]\":2}", "to_json(map(array(named_struct(a, 1)), 2)) string"},
    {"to_json(map(array(array(1), array(2,3)), 2))", "{\"[[1],[2,3]]\":2}", "to_json(map(array(array(1), array(2, 3)), 2)) string"},
    {"to_json(map(array(1.5D, 2), 2))", "{\"[1.5,2.0]\":2}", "to_json(map(array(1.5, 2), 2)) string"},
    {"to_json(map(array(true), 2))", "{\"[true]\":2}", "to_json(map(array(true), 2)) string"},
    {"to_json(map(array(date'2020-01-01'), 2))", "{\"[18262]\":2}", "to_json(map(array(DATE '2020-01-01'), 2)) string"},
    {"to_json(map(array(1.50), 2))", "{\"[1.50]\":2}", "to_json(map(array(1.50), 2)) string"},
    {"to_json(map(array(1Y, 2Y), 2))", "{\"[1,2]\":2}", "to_json(map(array(1, 2), 2)) string"},
    {"to_json(map(named_struct('a\"b', 'c\"d'), 2))", "{\"[c\\\"d]\":2}", "to_json(map(named_struct(a\"b, c\"d), 2)) string"},
    {"to_json(map(named_struct('a',1,'b','x'), 2))", "{\"[1,x]\":2}", "to_json(map(named_struct(a, 1, b, x), 2)) string"},
    {"to_json(map(named_struct('a',1,'b',null), 2, named_struct('a',null,'b',timestamp'2020-01-01'), 3))", "{\"[1,null]\":2,\"[null,1577836800000000]\":3}", "to_json(map(named_struct(a, 1, b, NULL), 2, named_struct(a, NULL, b, TIMESTAMP '2020-01-01 00:00:00'), 3)) string"},
    {"to_json(map(array(1,2), 3))", "{\"[1,2]\":3}", "to_json(map(array(1, 2), 3)) string"},
    {"to_json(map(1, 3))", "{\"1\":3}", "to_json(map(1, 3)) string"},
    {"to_json(map(timestamp'2020-01-01', 3, timestamp'2020-01-01 10:00:00.5', 4))", "{\"1577836800000000\":3,\"1577872800500000\":4}", "to_json(map(TIMESTAMP '2020-01-01 00:00:00', 3, TIMESTAMP '2020-01-01 10:00:00.5', 4)) string"},
    {"to_json(map(date'2020-01-01', 3))", "{\"18262\":3}", "to_json(map(DATE '2020-01-01', 3)) string"},
    {"to_json(map(1.50, 3))", "{\"1.50\":3}", "to_json(map(1.50, 3)) string"},
    {"to_json(map(1.5D, 3))", "{\"1.5\":3}", "to_json(map(1.5, 3)) string"},
    {"to_json(map(true, 3))", "{\"true\":3}", "to_json(map(true, 3)) string"},
    {"to_json(map(interval 1 day, 3))", "{\"86400000000\":3}", "to_json(map(INTERVAL '1' DAY, 3)) string"},
    {"to_json(map(interval 1 month, 3))", "{\"1\":3}", "to_json(map(INTERVAL '1' MONTH, 3)) string"},
    {"to_json(map(timestamp_ntz'2020-01-01', 3))", "{\"1577836800000000\":3}", "to_json(map(TIMESTAMP_NTZ '2020-01-01 00:00:00', 3)) string"},
    {"to_json(named_struct('m', map(named_struct('a',1,'b','x'), 2)))", "{\"m\":{\"[1,x]\":2}}", "to_json(named_struct(m, map(named_struct(a, 1, b, x), 2))) string"},
};

static const Fact map_facts[] = {
    {"map_from_arrays(array('a','b'), array(1, 2))", "{a -> 1, b -> 2}", "map_from_arrays(array(a, b), array(1, 2)) map<string,int>"},
    {"map_from_arrays(array('a','a'), array(1, 2))", "!DUPLICATED_MAP_KEY", NULL},
    {"map_from_arrays(array('a', null), array(1, 2))", "!NULL_MAP_KEY", NULL},
    {"map_from_entries(array(struct(1, 'a'), struct(2, 'b')))", "{1 -> a, 2 -> b}", NULL},
    {"map_entries(map(1, 'a'))", "[{1, a}]", "map_entries(map(1, a)) array<struct<key:int,value:string>>"},
    {"map_concat(map(1, 'a'), map(2, 'b'))", "{1 -> a, 2 -> b}", NULL},
    {"map_contains_key(map(1, 'a'), 1L)", "true", NULL},
    {"map_contains_key(map(1, 'a'), 2)", "false", NULL},
    {"str_to_map('a:1,b:2,c')", "{a -> 1, b -> 2, c -> null}", NULL},
    {"str_to_map('a=1&b=2', '&', '=')", "{a -> 1, b -> 2}", NULL},
    {"arrays_zip(array(1, 2), array('x'))", "[{1, x}, {2, null}]", "arrays_zip(array(1, 2), array(x)) array<struct<0:int,1:string>>"},
    {"array_insert(array(1, 2, 3), 1, 9)", "[9, 1, 2, 3]", NULL},
    {"array_insert(array(1, 2, 3), 5, 9)", "[1, 2, 3, null, 9]", NULL},
    {"array_insert(array(1, 2, 3), -1, 9)", "[1, 2, 3, 9]", NULL},
    {"array_insert(array(1, 2, 3), -5, 9)", "[9, null, 1, 2, 3]", NULL},
    {"array_insert(array(1, 2, 3), 0, 9)", "!INVALID_INDEX_OF_ZERO", NULL},
    {"array_size(array(1, 2))", "2", NULL},
    {"array_sort(array(3, 1, 2), (x, y) -> coalesce(y - x, size(array())))", "[3, 2, 1]", NULL},
    {"array_sort(array(3, null, 2))", "[2, 3, null]", "array_sort(array(3, NULL, 2)) array<int>"},
    {"array_sort(array(3, 1), (x, y) -> cast(null as int))", "!COMPARATOR_RETURNS_NULL", NULL},
    {"sequence(1, 5, 2)", "[1, 3, 5]", "sequence(1, 5, 2) array<int>"},
    {"sequence(3, 1)", "[3, 2, 1]", NULL},
    {"sequence(date'2024-01-30', date'2024-02-01')", "[2024-01-30, 2024-01-31, 2024-02-01]", NULL},
    {"sequence(date'2024-02-01', date'2024-01-31')", "[2024-02-01, 2024-01-31]", NULL},
    {"sequence(date'2024-01-31', date'2024-04-30', interval 1 month)", "[2024-01-31, 2024-02-29, 2024-03-31, 2024-04-30]", NULL},
    {"sequence(timestamp'2024-01-01 00:00:00', timestamp'2024-01-01 02:00:00', interval 1 hour)", "[2024-01-01 00:00:00, 2024-01-01 01:00:00, 2024-01-01 02:00:00]", NULL},
    {"sequence(date'2024-01-31', date'2024-04-30', 1)", "!DATATYPE_MISMATCH.SEQUENCE_WRONG_INPUT_TYPES", NULL},
};

static const Fact text_facts[] = {
    {"format_number(12332.123456, 4)", "12,332.1235", "format_number(12332.123456, 4) string"},
    {"format_number(1234567.891D, 2)", "1,234,567.89", NULL},
    {"format_number(2.5D, 0)", "2", NULL},
    {"format_number(3.5D, 0)", "4", NULL},
    {"format_number(-0.5D, 0)", "-0", NULL},
    {"format_number(1e20D, 1)", "100,000,000,000,000,000,000.0", NULL},
    {"format_number(12, 3)", "12.000", NULL},
    {"format_number(1, -1)", "NULL", NULL},
    {"format_number(double('NaN'), 2)", "NaN", NULL},
    {"format_string('%s:%05d|%.2f|%x|%-3s|%3s|%,d|%b|%%', 'a', 42, 2.345D, 255, 'l', 'r', 1234567, true)", "a:00042|2.35|ff|l  |  r|1,234,567|true|%", NULL},
    {"format_string('%2$s %1$s', 'a', 'b')", "b a", NULL},
    {"format_string('%d', cast(null as int))", "null", NULL},
    {"format_string('%d', 'x')", "!INVALID_PARAMETER_VALUE.FORMAT", NULL},
    {"format_string('%s')", "!INVALID_PARAMETER_VALUE.FORMAT", NULL},
    {"printf('%e', 12345.678D)", "1.234568e+04", "printf(%e, 12345.678) string"},
    {"url_encode('a b&c/d')", "a+b%26c%2Fd", NULL},
    {"url_decode('a%20b+c')", "a b c", NULL},
    {"url_decode('%2')", "!CANNOT_DECODE_URL", NULL},
    {"try_url_decode('%2')", "NULL", NULL},
    {"hex(encode('aé', 'UTF-16BE'))", "006100E9", NULL},
    {"decode(encode('aé', 'utf-16'), 'utf-16')", "aé", NULL},
    {"encode('é', 'US-ASCII')", "!MALFORMED_CHARACTER_CODING", NULL},
    {"encode('e', 'EBCDIC')", "!INVALID_PARAMETER_VALUE.CHARSET", NULL},
    {"decode(2, 1, 'one', 2, 'two', 'many')", "two", "decode(2, 1, one, 2, two, many) string"},
    {"decode(3, 1, 'one')", "NULL", NULL},
    {"decode(cast(null as int), 1, 'one', null, 'none')", "none", NULL},
    {"mask('AbCD123-@$#')", "XxXXnnn-@$#", NULL},
    {"mask('AbC1', 'Q', 'q', '0', '*')", "QqQ0", NULL},
    {"quote(\"it's\")", "'it\\'s'", NULL},
    {"luhn_check('79927398713')", "true", NULL},
    {"luhn_check('79927398714')", "false", NULL},
    {"to_binary('4142')", "AB", "to_binary(4142) binary"},
    {"to_binary('QUI=', 'base64')", "AB", NULL},
    {"to_binary('AB', 'UTF-8')", "AB", NULL},
    {"to_binary('xyz')", "!CONVERSION_INVALID_INPUT", NULL},
    {"try_to_binary('xyz')", "NULL", NULL},
    {"to_binary('41', 'oct')", "!DATATYPE_MISMATCH.INVALID_ARG_VALUE", NULL},
    {"is_valid_utf8('aé')", "true", NULL},
    {"is_valid_utf8(cast(x'61C0' as string))", "false", NULL},
    {"make_valid_utf8(cast(x'61C0' as string))", "a\xef\xbf\xbd", NULL},
    {"validate_utf8(cast(x'61C0' as string))", "!INVALID_UTF8_STRING", NULL},
    {"try_validate_utf8(cast(x'61C0' as string))", "NULL", NULL},
    {"convert_timezone('Europe/Brussels', 'America/Los_Angeles', timestamp_ntz'2021-12-06 00:00:00')", "2021-12-05 15:00:00", NULL},
    {"convert_timezone('Asia/Tokyo', timestamp_ntz'2021-12-06 00:00:00')", "2021-12-06 09:00:00", NULL},
    {"try_make_timestamp(2024, 2, 30, 1, 2, 3)", "NULL", NULL},
    {"try_make_timestamp(2024, 2, 29, 1, 2, 3.5)", "2024-02-29 01:02:03.5", NULL},
    {"parse_url('http://user:pw@spark.apache.org:80/path/a?query=1&k=v#ref', 'HOST')", "spark.apache.org", NULL},
    {"parse_url('http://user:pw@spark.apache.org:80/path/a?query=1&k=v#ref', 'USERINFO')", "user:pw", NULL},
    {"parse_url('http://user:pw@spark.apache.org:80/path/a?query=1&k=v#ref', 'AUTHORITY')", "user:pw@spark.apache.org:80", NULL},
    {"parse_url('http://user:pw@spark.apache.org:80/path/a?query=1&k=v#ref', 'PATH')", "/path/a", NULL},
    {"parse_url('http://user:pw@spark.apache.org:80/path/a?query=1&k=v#ref', 'FILE')", "/path/a?query=1&k=v", NULL},
    {"parse_url('http://user:pw@spark.apache.org:80/path/a?query=1&k=v#ref', 'QUERY')", "query=1&k=v", NULL},
    {"parse_url('http://user:pw@spark.apache.org:80/path/a?query=1&k=v#ref', 'QUERY', 'k')", "v", NULL},
    {"parse_url('http://spark.apache.org/?q=1', 'QUERY', 'k')", "NULL", NULL},
    {"parse_url('http://spark.apache.org/path', 'QUERY')", "NULL", NULL},
    {"parse_url('http://spark.apache.org', 'PROTOCOL')", "http", NULL},
    {"parse_url('http://spark.apache.org', 'PATH')", "", NULL},
    {"parse_url('http://spark.apache.org#x', 'REF')", "x", NULL},
    {"parse_url('http://a b/', 'HOST')", "!INVALID_URL", NULL},
    {"try_parse_url('http://a b/', 'HOST')", "NULL", NULL},
    {"parse_url('http://spark.apache.org', 'SOMETHING')", "NULL", NULL},
    {"hex(reverse(x'CAFE'))", "FECA", NULL},
    {"overlay(encode('Spark SQL', 'utf-8'), encode('_', 'utf-8'), 6)", "Spark_SQL", "overlay(encode(Spark SQL, utf-8), encode(_, utf-8), 6, -1) binary"},
    {"to_json(named_struct('b', 1), map('sortKeys', 'true'))", "!option sortKeys is not built yet", NULL},
    {"extract('MINUTE', interval '123 23:55:59.002001' day to second)", "55", "extract(MINUTE FROM INTERVAL '123 23:55:59.002001' DAY TO SECOND) tinyint"},
    {"date_part('MONTH', interval '2021-11' year to month)", "11", NULL},
    {"extract('days', interval '5 03:07' day to minute)", "5", NULL},
    {"extract('seconds', interval '5 03:07:30.001001' day to second)", "30.001001", NULL},
    {"extract('quarter', interval 5 months)", "!INVALID_EXTRACT_FIELD", NULL},
    {"width_bucket(5.3, 0.2, 10.6, 5)", "3", NULL},
    {"width_bucket(-2.1, 1.3, 3.4, 3)", "0", NULL},
    {"width_bucket(1, 2, 2, 3)", "NULL", NULL},
    {"raise_error('no')", "!USER_RAISED_EXCEPTION", NULL},
    {"assert_true(1 < 0)", "!USER_RAISED_EXCEPTION", NULL},
    {"assert_true(0 < 1)", "NULL", "assert_true((0 < 1), '(0 < 1)' is not true!) void"},
    {"timestampadd('MONTH', 1, timestamp'2024-01-31 10:00:00')", "2024-02-29 10:00:00", "timestampadd(MONTH, 1, TIMESTAMP '2024-01-31 10:00:00') timestamp"},
    {"timestampadd('MINUTE', -15, timestamp'2024-01-01 00:00:00')", "2023-12-31 23:45:00", NULL},
    {"timestampadd('FORTNIGHT', 1, timestamp'2024-01-31 10:00:00')", "!INVALID_PARAMETER_VALUE.DATETIME_UNIT", NULL},
    {"timestampdiff('MONTH', timestamp'2024-01-31 10:00:00', timestamp'2024-03-31 09:00:00')", "1", NULL},
    {"timestampdiff('MONTH', timestamp'2024-03-31 09:00:00', timestamp'2024-01-31 10:00:00')", "-1", NULL},
    {"timestampdiff('HOUR', timestamp'2024-01-01 00:00:00', timestamp'2024-01-01 01:59:59')", "1", NULL},
    {"from_utc_timestamp(timestamp'2024-01-01 00:00:00', 'Asia/Kolkata')", "2024-01-01 05:30:00", NULL},
    {"from_utc_timestamp(timestamp'1969-12-31 23:00:00', 'Asia/Kolkata')", "1970-01-01 04:30:00", NULL},
    {"from_utc_timestamp(timestamp'2600-07-31 23:00:00', 'Europe/Paris')", "2600-08-01 01:00:00", NULL},
};
// clang-format on

TEST(fn_json_facts)
{
    EvalCtx ctx = facts_ctx(a, true, NULL);
    FACTS(&ctx, json_facts);
}
TEST(fn_map_facts)
{
    EvalCtx ctx = facts_ctx(a, true, NULL);
    FACTS(&ctx, map_facts);
}
TEST(fn_format_facts)
{
    EvalCtx ctx = facts_ctx(a, true, NULL);
    FACTS(&ctx, text_facts);
}

// rand(0) and randn(0) begin as Spark's first partition does.
TEST(fn_random)
{
    EvalCtx ctx = facts_ctx(a, true, NULL);
    const char *const sql[] = {"RAND(0)", "RANDN(0)"};
    const double want[] = {0.7604953758285915, 1.6034991609278433};
    for (int32_t i = 0; i < COUNT(sql); i++) {
        Expr *e = NULL;
        Prog *p;
        Column out;
        CHECK_OK(facts_parse(&e, a, &ctx, str_z(sql[i]), NULL));
        CHECK(!expr_deterministic(e));
        CHECK_OK(prog_compile(&p, a, &e, 1, &ctx));
        CHECK_OK(prog_run(p, &(Batch){.rows = 2}, &out));
        CHECK_F64(COLUMN_DATA(&out, double)[0], want[i]);
        CHECK(COLUMN_DATA(&out, double)[1] < want[i] || COLUMN_DATA(&out, double)[1] > want[i]);
    }
}
