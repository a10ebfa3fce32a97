// csv_options.c -- the options of the CSV source and sink.
#include "fmt/csv.h"

#define AT(field) offsetof(CsvOptions, field)

// clang-format off
const OptSpec csv_option_specs[] = {
    {STR_INIT("sep"), OPT_STR, AT(sep), STR_INIT(","), "between fields; \\t and the like are read", 0, 0, NULL},
    {STR_INIT("delimiter"), OPT_STR, AT(sep), STR_INIT(""), "the same", 0, 0, NULL},
    {STR_INIT("quote"), OPT_STR, AT(quote), STR_INIT("\""), "around fields that hold separators; empty: none", 0, 0, NULL},
    {STR_INIT("escape"), OPT_STR, AT(escape), STR_INIT("\\"), "before a quote inside quotes", 0, 0, NULL},
    {STR_INIT("charToEscapeQuoteEscaping"), OPT_STR, AT(escape_escape), STR_INIT(""), "before an escape that is none", 0, 0, NULL},
    {STR_INIT("comment"), OPT_STR, AT(comment), STR_INIT(""), "lines that begin with it are passed over", 0, 0, NULL},
    {STR_INIT("header"), OPT_BOOL, AT(header), STR_INIT("false"), "the first line of a file names the columns", 0, 0, NULL},
    {STR_INIT("inferSchema"), OPT_BOOL, AT(infer), STR_INIT("false"), "find the types of the columns by reading all", 0, 0, NULL},
    {STR_INIT("preferDate"), OPT_BOOL, AT(prefer_date), STR_INIT("true"), "infer DATE for dates", 0, 0, NULL},
    {STR_INIT("samplingRatio"), OPT_STR, AT(sampling), STR_INIT("1.0"), "of inference, which looks at all rows", 0, 0, NULL},
    {STR_INIT("enforceSchema"), OPT_BOOL, AT(enforce), STR_INIT("true"), "names in headers are not compared with the schema", 0, 0, NULL},
    {STR_INIT("ignoreLeadingWhiteSpace"), OPT_BOOL, AT(trim_left), STR_INIT("false"), "trim fields; true when writing", 0, 0, NULL},
    {STR_INIT("ignoreTrailingWhiteSpace"), OPT_BOOL, AT(trim_right), STR_INIT("false"), "trim fields; true when writing", 0, 0, NULL},
    {STR_INIT("nullValue"), OPT_STR, AT(null_value), STR_INIT(""), "the text that stands for NULL", 0, 0, NULL},
    {STR_INIT("emptyValue"), OPT_STR, AT(empty_value), STR_INIT(""), "the text of a field of quotes alone; written: \"\"", 0, 0, NULL},
    {STR_INIT("nanValue"), OPT_STR, AT(nan_value), STR_INIT("NaN"), "not a number", 0, 0, NULL},
    {STR_INIT("positiveInf"), OPT_STR, AT(positive_inf), STR_INIT("Inf"), "infinity", 0, 0, NULL},
    {STR_INIT("negativeInf"), OPT_STR, AT(negative_inf), STR_INIT("-Inf"), "minus infinity", 0, 0, NULL},
    {STR_INIT("mode"), OPT_CHOICE, AT(mode), STR_INIT("PERMISSIVE"), "what becomes of bad records", 0, 0, "PERMISSIVE|DROPMALFORMED|FAILFAST"},
    {STR_INIT("columnNameOfCorruptRecord"), OPT_STR, AT(corrupt_column), STR_INIT("_corrupt_record"), "the STRING column that gets the text of a bad record", 0, 0, NULL},
    {STR_INIT("dateFormat"), OPT_STR, AT(date_format), STR_INIT(""), "datetime pattern of DATE", 0, 0, NULL},
    {STR_INIT("timestampFormat"), OPT_STR, AT(timestamp_format), STR_INIT(""), "datetime pattern of TIMESTAMP", 0, 0, NULL},
    {STR_INIT("timestampNTZFormat"), OPT_STR, AT(timestamp_ntz_format), STR_INIT(""), "datetime pattern of TIMESTAMP_NTZ", 0, 0, NULL},
    {STR_INIT("timeFormat"), OPT_STR, AT(time_format), STR_INIT(""), "datetime pattern of TIME", 0, 0, NULL},
    {STR_INIT("enableDateTimeParsingFallback"), OPT_STR, AT(time_parser_fallback), STR_INIT(""), "read times in the old forms too when the pattern fails", 0, 0, NULL},
    {STR_INIT("timeZone"), OPT_STR, AT(time_zone), STR_INIT(""), "zone of timestamps without one", 0, 0, NULL},
    {STR_INIT("multiLine"), OPT_BOOL, AT(multi_line), STR_INIT("false"), "a quoted field may span lines", 0, 0, NULL},
    {STR_INIT("lineSep"), OPT_STR, AT(line_sep), STR_INIT(""), "ends lines, instead of \\n, \\r\\n and \\r", 0, 0, NULL},
    {STR_INIT("maxColumns"), OPT_I64, AT(columns_max), STR_INIT("20480"), "fields of a record", 1, INT32_MAX, NULL},
    {STR_INIT("maxCharsPerColumn"), OPT_I64, AT(chars_max), STR_INIT("-1"), "characters of a field; -1: any", -1, INT32_MAX, NULL},
    {STR_INIT("unescapedQuoteHandling"), OPT_CHOICE, AT(unescaped), STR_INIT("STOP_AT_DELIMITER"), "what a quote without escape does", 0, 0, "STOP_AT_DELIMITER|BACK_TO_DELIMITER|STOP_AT_CLOSING_QUOTE|SKIP_VALUE|RAISE_ERROR"},
    {STR_INIT("quoteAll"), OPT_BOOL, AT(quote_all), STR_INIT("false"), "write all fields in quotes", 0, 0, NULL},
    {STR_INIT("escapeQuotes"), OPT_BOOL, AT(escape_quotes), STR_INIT("true"), "write fields that hold quotes in quotes", 0, 0, NULL},
    {STR_INIT("locale"), OPT_STR, AT(locale), STR_INIT("en-US"), "of decimals and datetime patterns", 0, 0, NULL},
};
// clang-format on
const int64_t csv_option_count = COUNT(csv_option_specs);

bool csv_option_known(Str key)
{
    for (int64_t i = 0; i < csv_option_count; i++)
        if (str_ieq(csv_option_specs[i].key, key)) return true;
    return false;
}

static Status one_character(Str key, Str value)
{
    if (utf8_count(value) <= 1 && value.n <= 1) return DONE;
    return fail(value.n > 1 && utf8_count(value) == 1 ? ERR_UNSUPPORTED : ERR_INVALID,
                "option " STR_FMT ": " STR_FMT " is not one ASCII character", STR_ARG(key),
                STR_ARG(value));
}

// \t, \\ and the like, as they are typed.
static Status unescape(Str *sep)
{
    static const struct {
        char letter;
        Str means;
    } row[] = {{'t', STR_INIT("\t")}, {'r', STR_INIT("\r")}, {'b', STR_INIT("\b")},
               {'f', STR_INIT("\f")}, {'"', STR_INIT("\"")}, {'\'', STR_INIT("'")},
               {'\\', STR_INIT("\\")}};
    Str s = *sep;
    if (s.n == 0) return fail(ERR_INVALID, "option sep: a separator cannot be empty");
    if (s.n == 1 && s.p[0] == '\\')
        return fail(ERR_INVALID, "option sep: a single backslash is no separator; write \\\\");
    if (s.p[0] != '\\') return DONE;
    for (int64_t i = 0; i < COUNT(row) && s.n == 2; i++)
        if (s.p[1] == row[i].letter) {
            *sep = row[i].means;
            return DONE;
        }
    return fail(ERR_INVALID, "option sep: " STR_FMT " is no known escape", STR_ARG(s));
}

Status csv_options_parse(CsvOptions *o, const Options *opts, bool (*ignore)(Str key), Buf *warn)
{
    TRY(options_parse(o, csv_option_specs, csv_option_count, opts, ignore, warn));
    const Str *left = options_get(opts, S("ignoreLeadingWhiteSpace"));
    const Str *right = options_get(opts, S("ignoreTrailingWhiteSpace"));
    const Str *quote = options_get(opts, S("quote")), *escape = options_get(opts, S("escape"));
    if (quote && quote->n == 0) o->quote = (Str){0};
    if (escape && escape->n == 0) o->escape = (Str){0};
    o->write_trim_left = left ? o->trim_left : true;
    o->write_trim_right = right ? o->trim_right : true;
    o->empty_given = options_get(opts, S("emptyValue")) != NULL;
    TRY(unescape(&o->sep));
    TRY(one_character(S("quote"), o->quote));
    TRY(one_character(S("escape"), o->escape));
    TRY(one_character(S("comment"), o->comment));
    TRY(one_character(S("charToEscapeQuoteEscaping"), o->escape_escape));
    if (o->unescaped != CSV_STOP_AT_DELIMITER)
        return fail(ERR_UNSUPPORTED,
                    "option unescapedQuoteHandling: only STOP_AT_DELIMITER is built");
    if (!str_ieq(o->locale, S("en-US")))
        return fail(ERR_UNSUPPORTED, "option locale: " STR_FMT " is not built, only en-US",
                    STR_ARG(o->locale));
    return DONE;
}

static bool same_name(Str x, Str y)
{
    while (x.n && x.p[0] == ' ') x = str_from(x, 1);
    while (x.n && x.p[x.n - 1] == ' ') x.n--;
    return str_ieq(x, y);
}

Status csv_header_check(const CsvOptions *o, const Schema *schema, const uint8_t *needed, Str line)
{
    Arena *scratch = arena_new(NULL);
    CsvRow row = {0};
    int64_t at = 0;
    int32_t k = 0;
    Status s = DONE;
    if (!csv_record(o, line, &at, &row, scratch)) row.n = 0;
    for (int32_t i = 0; i < schema->nfields; i++) {
        Str name = schema->field[i].name;
        if (str_ieq(name, o->corrupt_column)) continue;
        bool read = !needed || needed[i];
        if (!s.code && read && k < row.n && !same_name(row.token[k], name))
            s = fail(ERR_INVALID,
                     "CSV header does not conform to the schema: column %d is " STR_FMT
                     " in the header and " STR_FMT
                     " in the schema (enforceSchema = true goes by position)",
                     k + 1, STR_ARG(row.token[k]), STR_ARG(name));
        k++;
    }
    if (row.n != k)
        s = fail(ERR_INVALID,
                 "Number of column in CSV header is not equal to number of fields in the schema: "
                 "%d and %d",
                 row.n, k);
    arena_free(scratch);
    return s;
}
