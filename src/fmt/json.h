// json.h -- JSON text into columns by Spark's rules: from_json, and the records of a JSON source.
//
// A reader belongs to one thread and learns the layout of what it reads: records that repeat an
// earlier layout are parsed without looking at their keys. Whatever is odd is read again by an
// exact parser that behaves as Jackson under Spark does, malformed records included, so the answer
// never depends on the path taken. No byte outside the texts is read.
//
// Strings in the result are views into the texts, or lie in the arena when they had escapes. A
// reader converts every field of its schema: push a projection down by giving the pruned schema.
#ifndef FMT_JSON_H
#define FMT_JSON_H
#include "base/options.h"
#include "col/out.h"
#include "fmt/text_cast.h"

typedef enum JsonMode { JSON_PERMISSIVE, JSON_DROPMALFORMED, JSON_FAILFAST } JsonMode;

typedef struct JsonOptions {
    int32_t mode;       // JsonMode
    Str corrupt_column; // columnNameOfCorruptRecord: gets the text of bad records if in the schema
    Str time_zone;      // timeZone; the caller opens it for `cast`, empty: the session's
    Str timestamp_format, timestamp_ntz_format, date_format, time_format; // empty: as CAST reads
    Str locale;
    Str time_parser_fallback; // enableDateTimeParsingFallback: "true", "false", or empty for auto
    bool allow_comments, allow_unquoted_names, allow_single_quotes, allow_leading_zeros,
        allow_non_numeric, allow_any_escape, allow_control_chars;
    bool primitives_as_string, prefers_decimal, infer_timestamp, drop_null_fields; // of inference
    int64_t depth_max, number_max, string_max; // levels, characters of a number, of a string
    // Not the user's:
    bool no_day_numbers; // a text of digits is no DATE
    bool source;   // records of a data source: an array is its rows, a blank line none, bytes that
                   // are not UTF-8 make a bad record, STRING takes other values byte for byte
    TextCast cast; // read NULL: only ISO texts in UTC
} JsonOptions;

extern const OptSpec json_option_specs[];
extern const int64_t json_option_count;
// The options of from_json and of a JSON source from what the user wrote. Keys that `ignore`
// accepts (may be NULL) are somebody else's. `cast` and `source` are left for the caller to set.
Status json_options_parse(JsonOptions *o, const Options *opts, bool (*ignore)(Str key), Buf *warn);
bool json_option_known(Str key);

typedef struct JsonReader JsonReader;
// schema: a struct, array or map (a source: a struct), all levels nullable. Both are borrowed.
JsonReader *json_reader_new(Arena *a, const Type *schema, const JsonOptions *o);
// from_json: row i of *out is text[i]; valid NULL: no text is NULL. *out is made in scratch.
// FAILFAST raises MALFORMED_RECORD_IN_PARSING; any other mode than it and PERMISSIVE is the
// caller's to refuse.
Status json_read(JsonReader *r, const Str *text, const uint8_t *valid, int32_t n, Column *out,
                 Arena *scratch);
// A source's records: no row, one or (an array of objects) many each, put as batches of the
// schema's columns. scratch is the caller's to clear afterwards.
Status json_read_records(JsonReader *r, const Str *text, int64_t n, Arena *scratch, Out *out);

// What a JSON source without a schema is read as: the records of all its files, each of which may
// widen it. FAILFAST raises; DROPMALFORMED passes bad records over; else they add the column for
// corrupt records. a and o are borrowed.
typedef struct JsonInfer JsonInfer;
JsonInfer *json_infer_new(Arena *a, const JsonOptions *o);
Status json_infer_add(JsonInfer *i, Str text, Arena *scratch);
const Schema *json_infer_schema(const JsonInfer *i, Arena *a);
// schema_of_json: of one text. ERR_INVALID when it is malformed.
Status json_infer_type(const Type **t, Arena *a, const JsonOptions *o, Str text);

typedef struct JsonCounts { // since the reader was made
    int64_t records, by_template, by_schema, exact, bad;
} JsonCounts;
JsonCounts json_reader_counts(const JsonReader *r);
#endif
