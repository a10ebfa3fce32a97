// csv.h -- CSV by Spark's rules: lines (or a whole file, multiLine) into typed columns, the schema
// that a file would be read with, and rows back into lines.
//
// A record whose fields do not convert keeps those that do: mode decides what becomes of it. Tokens
// are views into the text unless an escape had to go.
#ifndef FMT_CSV_H
#define FMT_CSV_H
#include "base/options.h"
#include "col/out.h"
#include "fmt/text_cast.h"

typedef enum CsvMode { CSV_PERMISSIVE, CSV_DROPMALFORMED, CSV_FAILFAST } CsvMode;
typedef enum CsvUnescaped { // what an unescaped quote inside quotes does
    CSV_STOP_AT_DELIMITER,
    CSV_BACK_TO_DELIMITER,
    CSV_STOP_AT_CLOSING_QUOTE,
    CSV_SKIP_VALUE,
    CSV_RAISE_ERROR,
} CsvUnescaped;

typedef struct CsvOptions {
    int32_t mode, unescaped; // CsvMode, CsvUnescaped
    Str sep, line_sep;
    Str quote, escape, escape_escape, comment; // one character, or none
    Str null_value, empty_value, nan_value, positive_inf, negative_inf;
    Str corrupt_column, time_zone, locale, encoding;
    Str timestamp_format, timestamp_ntz_format, date_format, time_format;
    Str time_parser_fallback; // enableDateTimeParsingFallback
    Str sampling;
    bool header, infer, multi_line, trim_left, trim_right, prefer_date, enforce;
    bool write_trim_left, write_trim_right, quote_all, escape_quotes; // of writing
    bool empty_given;
    int64_t columns_max, chars_max;
    TextCast cast; // not the user's
} CsvOptions;
extern const OptSpec csv_option_specs[];
extern const int64_t csv_option_count;
// Of a reader or writer; `cast` is left for the caller to set.
Status csv_options_parse(CsvOptions *o, const Options *opts, bool (*ignore)(Str key), Buf *warn);
bool csv_option_known(Str key);

// ---- tokens ------------------------------------------------------------------------------------

typedef struct CsvRow {
    Str *token;
    int32_t n, cap;
    Str raw; // the record's text without its line end
} CsvRow;
// The record at *at, which moves behind it. False: no record is left. Blank lines and comments are
// passed over. Tokens that are not views lie in a; so does row->token, reused.
bool csv_record(const CsvOptions *o, Str text, int64_t *at, CsvRow *row, Arena *a);
bool csv_skips(const CsvOptions *o, Str line); // blank, or a comment

// ---- reading -----------------------------------------------------------------------------------

typedef struct CsvReader CsvReader;
// needed: a byte a column, NULL: all. Rows come with all columns of the schema, those not needed
// without data. All is borrowed.
CsvReader *csv_reader_new(Arena *a, const Schema *schema, const uint8_t *needed,
                          const CsvOptions *o);
// The records of lines, or of one text that holds many; scratch is the caller's to clear after it.
Status csv_read_lines(CsvReader *r, const Str *line, int64_t n, Arena *scratch, Out *out);
Status csv_read_text(CsvReader *r, Str text, Arena *scratch, Out *out);

typedef struct CsvInfer CsvInfer;
CsvInfer *csv_infer_new(Arena *a, const CsvOptions *o);      // both borrowed
void csv_infer_add(CsvInfer *i, const CsvRow *row);          // the first one names the columns
bool csv_infer_done(const CsvInfer *i);                      // no more rows are needed
const Schema *csv_infer_schema(const CsvInfer *i, Arena *a); // NULL: no record was seen

// enforceSchema = false: whether a file's first record names the columns of the schema (those
// needed) in their places.
Status csv_header_check(const CsvOptions *o, const Schema *schema, const uint8_t *needed, Str line);

// ---- writing -----------------------------------------------------------------------------------

// Appends a field; null: the value is NULL. Whoever calls puts separators and line ends.
void csv_put(const CsvOptions *o, Str text, bool null, Buf *out);
// The same for a value that is not nested; form.json_millis for timestamps.
void csv_put_value(const CsvOptions *o, const Column *c, int32_t row, const TextForm *form,
                   Buf *scratch, Buf *out);
#endif
