// json_options.c -- the options of from_json and of the JSON source.
#include "fmt/json.h"

#define AT(field) offsetof(JsonOptions, field)

// clang-format off
const OptSpec json_option_specs[] = {
    {STR_INIT("mode"), OPT_CHOICE, AT(mode), STR_INIT("PERMISSIVE"), "what becomes of bad records", 0, 0, "PERMISSIVE|DROPMALFORMED|FAILFAST"},
    {STR_INIT("columnNameOfCorruptRecord"), OPT_STR, AT(corrupt_column), STR_INIT("_corrupt_record"), "the STRING column that gets the text of a bad record", 0, 0, NULL},
    {STR_INIT("timeZone"), OPT_STR, AT(time_zone), STR_INIT(""), "zone of timestamps without one", 0, 0, NULL},
    {STR_INIT("timestampFormat"), OPT_STR, AT(timestamp_format), STR_INIT(""), "datetime pattern of TIMESTAMP", 0, 0, NULL},
    {STR_INIT("timestampNTZFormat"), OPT_STR, AT(timestamp_ntz_format), STR_INIT(""), "datetime pattern of TIMESTAMP_NTZ", 0, 0, NULL},
    {STR_INIT("dateFormat"), OPT_STR, AT(date_format), STR_INIT(""), "datetime pattern of DATE", 0, 0, NULL},
    {STR_INIT("timeFormat"), OPT_STR, AT(time_format), STR_INIT(""), "datetime pattern of TIME", 0, 0, NULL},
    {STR_INIT("enableDateTimeParsingFallback"), OPT_STR, AT(time_parser_fallback), STR_INIT(""), "read times in the old forms too when the pattern fails", 0, 0, NULL},
    {STR_INIT("allowComments"), OPT_BOOL, AT(allow_comments), STR_INIT("false"), "comments of C and C++", 0, 0, NULL},
    {STR_INIT("allowUnquotedFieldNames"), OPT_BOOL, AT(allow_unquoted_names), STR_INIT("false"), "{a: 1}", 0, 0, NULL},
    {STR_INIT("allowSingleQuotes"), OPT_BOOL, AT(allow_single_quotes), STR_INIT("true"), "{'a': 1}", 0, 0, NULL},
    {STR_INIT("allowNumericLeadingZeros"), OPT_BOOL, AT(allow_leading_zeros), STR_INIT("false"), "{\"a\": 01}", 0, 0, NULL},
    {STR_INIT("allowNonNumericNumbers"), OPT_BOOL, AT(allow_non_numeric), STR_INIT("true"), "NaN, Infinity, +INF, -INF", 0, 0, NULL},
    {STR_INIT("allowBackslashEscapingAnyCharacter"), OPT_BOOL, AT(allow_any_escape), STR_INIT("false"), "{\"a\": \"\\$\"}", 0, 0, NULL},
    {STR_INIT("allowUnquotedControlChars"), OPT_BOOL, AT(allow_control_chars), STR_INIT("false"), "tabs and the like inside strings", 0, 0, NULL},
    {STR_INIT("primitivesAsString"), OPT_BOOL, AT(primitives_as_string), STR_INIT("false"), "infer STRING for all primitive values", 0, 0, NULL},
    {STR_INIT("prefersDecimal"), OPT_BOOL, AT(prefers_decimal), STR_INIT("false"), "infer DECIMAL for numbers with a point", 0, 0, NULL},
    {STR_INIT("inferTimestamp"), OPT_BOOL, AT(infer_timestamp), STR_INIT("false"), "infer TIMESTAMP for strings that are times", 0, 0, NULL},
    {STR_INIT("dropFieldIfAllNull"), OPT_BOOL, AT(drop_null_fields), STR_INIT("false"), "infer no field of which all values are null", 0, 0, NULL},
    {STR_INIT("maxNestingDepth"), OPT_I64, AT(depth_max), STR_INIT("1000"), "objects and arrays inside each other", 0, 1024, NULL},
    {STR_INIT("maxNumLen"), OPT_I64, AT(number_max), STR_INIT("1000"), "digits of a number", 0, INT32_MAX, NULL},
    {STR_INIT("maxStringLen"), OPT_I64, AT(string_max), STR_INIT("20000000"), "characters of a string", 0, INT32_MAX, NULL},
    {STR_INIT("locale"), OPT_STR, AT(locale), STR_INIT("en-US"), "of decimal texts and datetime patterns", 0, 0, NULL},
};
// clang-format on
const int64_t json_option_count = COUNT(json_option_specs);

bool json_option_known(Str key)
{
    for (int64_t i = 0; i < json_option_count; i++)
        if (str_ieq(json_option_specs[i].key, key)) return true;
    return false;
}

Status json_options_parse(JsonOptions *o, const Options *opts, bool (*ignore)(Str key), Buf *warn)
{
    TRY(options_parse(o, json_option_specs, json_option_count, opts, ignore, warn));
    if (!str_ieq(o->locale, S("en-US")))
        return fail(ERR_UNSUPPORTED, "option locale: " STR_FMT " is not built, only en-US",
                    STR_ARG(o->locale));
    return DONE;
}
