// fn_golden_test.c -- facts out of Spark 4.1.1's public SQL golden files (test/sqlgold):
// string-functions, postgreSQL/int8 and numeric, time, timestamp, timestamp-ntz, try_arithmetic,
// mapZipWith, higher-order-functions.
#include "expr/facts_in.h"

// clang-format off
static const Fact number_facts[] = {
    {"to_number('454', '000')", "454", "to_number(454, 000) decimal(3,0)"},
    {"to_number('454.2', '000.0')", "454.2", "to_number(454.2, 000.0) decimal(4,1)"},
    {"to_number('12,454', '00,000')", "12454", "to_number(12,454, 00,000) decimal(5,0)"},
    {"to_number('$78.12', '$00.00')", "78.12", "to_number($78.12, $00.00) decimal(4,2)"},
    {"to_number('-454', 'S000')", "-454", "to_number(-454, S000) decimal(3,0)"},
    {"to_number('12,454.8-', '00,000.9MI')", "-12454.8", "to_number(12,454.8-, 00,000.9MI) decimal(6,1)"},
    {"to_number('<00,454.8>', '00,000.9PR')", "-454.8", "to_number(<00,454.8>, 00,000.9PR) decimal(6,1)"},
    {"to_number('abc', '000')", "!INVALID_FORMAT.MISMATCH_INPUT", NULL},
    {"to_number('1', '')", "!INVALID_FORMAT.EMPTY", NULL},
    {"to_number('1', 'S')", "!INVALID_FORMAT.WRONG_NUM_DIGIT", NULL},
    {"to_number('1', '9$')", "!INVALID_FORMAT.CUR_MUST_BEFORE_DIGIT", NULL},
    {"to_number('1', '9,,9')", "!INVALID_FORMAT.CONT_THOUSANDS_SEPS", NULL},
    {"to_number('1', '9.9.9')", "!INVALID_FORMAT.WRONG_NUM_TOKEN", NULL},
    {"to_number('1', '9A')", "!INVALID_FORMAT.UNEXPECTED_TOKEN", NULL},
    {"try_to_number('abc', '000')", "NULL", "try_to_number(abc, 000) decimal(3,0)"},
    {"to_char(123L, '9G999G999')", "      123", "to_char(123, 9G999G999) string"},
    {"to_char(4567890123456789L, '9,999,999,999,999,999')", "4,567,890,123,456,789", "to_char(4567890123456789, 9,999,999,999,999,999) string"},
    {"to_char(-123L, '9999999999999999PR')", "             <123>", NULL},
    {"to_char(-123L, '9999999999999999S')", "             123-", NULL},
    {"to_char(456L, 'S9999999999999999')", "             +456", NULL},
    {"to_char(123L, 'MI9999999999999999')", "              123", NULL},
    {"to_char(123L, '0999999999999999')", "0000000000000123", NULL},
    {"to_varchar(123L, 'S0999999999999999')", "+0000000000000123", "to_char(123, S0999999999999999) string"},
    {"to_char(4.31, '9999999999999999.999999999999999')", "               4.310000000000000", NULL},
    {"to_char(date'2020-01-31', 'yyyy-MM')", "2020-01", "date_format(DATE '2020-01-31', yyyy-MM) string"},
    {"to_char(X'616263', 'hex')", "616263", "hex(X'616263') string"},
};
TEST(fn_golden_numbers)
{
    EvalCtx ctx = facts_ctx(a, true, "UTC");
    FACTS(&ctx, number_facts);
}

static const Fact time_facts[] = {
    {"make_time(1, 18, 19.87)", "01:18:19.87", NULL},
    {"make_time(1, 60, 19.87)", "!DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION", NULL},
    {"to_time('01:02:03')", "01:02:03", NULL},
    {"to_time('23-59-59.999999', 'HH-mm-ss.SSSSSS')", "23:59:59.999999", NULL},
    {"to_time('13-60', 'HH-mm')", "!CANNOT_PARSE_TIME", NULL},
    {"try_to_time('02-69', 'HH-mm')", "NULL", NULL},
    {"second(to_time('23-59-58.987654', 'HH-mm-ss.SSSSSS'))", "58", NULL},
    {"time_trunc('MILLISECOND', to_time('12:34:56.123456'))", "12:34:56.123", NULL},
    {"time_trunc('DAY', to_time('12:34:56'))", "!INVALID_PARAMETER_VALUE.TIME_UNIT", NULL},
    {"time_diff('MINUTE', to_time('01:02:03'), to_time('12:34:56'))", "692", NULL},
    {"make_timestamp(date'1970-01-01')", "1970-01-01 00:00:00", "make_timestamp(DATE '1970-01-01') timestamp"},
    {"make_timestamp(make_date(2021, 7, 11), make_time(6, 30, 45.678), 'CET')", "2021-07-10 21:30:45.678", NULL},
    {"make_timestamp_ntz(make_date(2021, 7, 11), make_time(6, 30, 45.678))", "2021-07-11 06:30:45.678", NULL},
    {"make_timestamp_ntz(2021, 7, 11, 6, 30, 45.678, 'CET')", "!WRONG_NUM_ARGS.WITHOUT_SUGGESTION", NULL},
    {"make_date(2000, 13, 1)", "!DATETIME_FIELD_OUT_OF_BOUNDS.WITH_SUGGESTION", NULL},
};
TEST(fn_golden_times)
{
    EvalCtx ctx = facts_ctx(a, true, "America/Los_Angeles");
    FACTS(&ctx, time_facts);
}

static const Fact try_facts[] = {
    {"try_add(date'2021-01-01', 1)", "2021-01-02", "try_add(DATE '2021-01-01', 1) date"},
    {"try_add(date'2021-01-01', interval 2 year)", "2023-01-01", NULL},
    {"try_add(interval 2 year, date'2021-01-01')", "2023-01-01", NULL},
    {"try_add(date'2021-01-01', interval 2 second)", "2021-01-01 00:00:02", NULL},
    {"try_add(interval 2147483647 month, interval 2 month)", "NULL", NULL},
    {"try_subtract(interval 2 year, interval 3 year)", "INTERVAL '-1' YEAR", NULL},
    {"try_divide(interval 2 year, 0)", "NULL", NULL},
    {"try_divide(interval 2 year, 2)", "INTERVAL '1-0' YEAR TO MONTH", NULL},
    {"try_multiply(interval 106751991 day, 2)", "NULL", NULL},
    {"map_zip_with(map('a', 1), map('a', 10), 100)", "{a -> 100}", NULL},
    {"map_zip_with(map('a', 1, 'b', 2), map('c', 3, 'b', 4), (k, x, y) -> coalesce(x, 0) * 10 + coalesce(y, 0))", "{a -> 10, b -> 24, c -> 3}", NULL},
    {"transform(array(1, 2, 3), 42)", "[42, 42, 42]", NULL},
    {"transform(array(1, 2), (a, b, c) -> a)", "!INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH", NULL},
    {"aggregate(array(), 0, x -> x)", "!INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH", NULL},
    {"map_filter(map(1, 'x'), x -> true)", "!INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH", NULL},
    {"transform_values(map('k', 1), (a, b, c) -> a)", "!INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH", NULL},
    {"forall('a', x -> x)", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", NULL},
    {"zip_with(array(1), 5, (x, y) -> x)", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", NULL},
    {"zip_with(array(1), NULL, (x, y) -> x)", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", NULL},
    {"array_position(array(array(1)), 2.5)", "!DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES", NULL},
    {"array_contains(array(array(1)), 2.5)", "!DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES", NULL},
    {"transform_keys(map('a', 1, 'b', 2), 42)", "!DUPLICATED_MAP_KEY", NULL},
    {"transform_keys(map('a', 1, 'b', 2), map('new', 'key'))", "!DATATYPE_MISMATCH.INVALID_MAP_KEY_TYPE", NULL},
};
static const Fact csv_facts[] = { // csv-functions
    {"from_csv('1, 3.14', 'a INT, f FLOAT')", "{1, 3.14}", "from_csv(1, 3.14) struct<a:int,f:float>"},
    {"from_csv('26/08/2015', 'time Timestamp', map('timestampFormat', 'dd/MM/yyyy'))", "{2015-08-26 00:00:00}", NULL},
    {"from_csv('1', 'Array<int>')", "!INVALID_SCHEMA.NON_STRUCT_TYPE", NULL},
    {"from_csv('1', 'a INT', map('mode', 1))", "!INVALID_OPTIONS.NON_STRING_TYPE", NULL},
    {"from_csv('', 'a INT, b STRING')", "{null, null}", NULL},
    {"schema_of_csv('1|abc', map('delimiter', '|'))", "STRUCT<_c0: INT, _c1: STRING>", "schema_of_csv(1|abc) string"},
    {"schema_of_csv(42)", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", NULL},
    {"to_csv(named_struct('a', 1, 'b', 2))", "1,2", "to_csv(named_struct(a, 1, b, 2)) string"},
    {"to_csv(named_struct('time', to_timestamp('2015-08-26', 'yyyy-MM-dd')), map('timestampFormat', 'dd/MM/yyyy'))", "26/08/2015", NULL},
};
TEST(fn_golden_csv)
{
    EvalCtx ctx = facts_ctx(a, true, "America/Los_Angeles");
    FACTS(&ctx, csv_facts);
}

static const Fact aes_facts[] = { // the examples of Spark's own documentation
    {"base64(aes_encrypt('Spark SQL', '1234567890abcdef', 'ECB', 'PKCS'))", "3lmwu+Mw0H3fi5NDvcu9lg==", NULL},
    {"base64(aes_encrypt('Spark', 'abcdefghijklmnop12345678ABCDEFGH', 'CBC', 'DEFAULT', unhex('00000000000000000000000000000000')))", "AAAAAAAAAAAAAAAAAAAAAPSd4mWyMZ5mhvjiAPQJnfg=", NULL},
    {"base64(aes_encrypt('Spark', 'abcdefghijklmnop12345678ABCDEFGH', 'GCM', 'DEFAULT', unhex('000000000000000000000000'), 'This is an AAD mixed into the input'))", "AAAAAAAAAAAAAAAAQiYi+sTLm7KD9UcZ2nlRdYDe/PX4", NULL},
    {"string(aes_decrypt(unhex('83F16B2AA704794132802D248E6BFD4E380078182D1544813898AC97E709B28A94'), '0000111122223333'))", "Spark", NULL},
    {"string(aes_decrypt(unbase64('2NYmDCjgXTbbxGA3/SnJEfFC/JQ7olk2VQWReIAAFKo='), '1234567890abcdef', 'CBC'))", "Apache Spark", NULL},
    {"string(aes_decrypt(unbase64('AAAAAAAAAAAAAAAAQiYi+sTLm7KD9UcZ2nlRdYDe/PX4'), 'abcdefghijklmnop12345678ABCDEFGH', 'GCM', 'DEFAULT', 'This is an AAD mixed into the input'))", "Spark", NULL},
    {"string(aes_decrypt(aes_encrypt('x', '0000111122223333'), '0000111122223333'))", "x", NULL},
    {"aes_decrypt(unhex('83F16B2AA704794132802D248E6BFD4E380078182D1544813898AC97E709B28A94'), '0000111122223334')", "!INVALID_PARAMETER_VALUE.AES_CRYPTO_ERROR", NULL},
    {"try_aes_decrypt(unhex('83F16B2AA704794132802D248E6BFD4E380078182D1544813898AC97E709B28A94'), '0000111122223334')", "NULL", NULL},
    {"aes_encrypt('x', '123')", "!INVALID_PARAMETER_VALUE.AES_KEY_LENGTH", NULL},
};
TEST(fn_golden_aes)
{
    EvalCtx ctx = facts_ctx(a, true, "UTC");
    FACTS(&ctx, aes_facts);
}

TEST(fn_golden_try)
{
    EvalCtx ctx = facts_ctx(a, true, "America/Los_Angeles");
    FACTS(&ctx, try_facts);
}
// clang-format on
