// json_lex.h -- JSON text as a stream of tokens, exact to the byte on what Spark's tokenizer
// (Jackson) accepts, refuses, and where it stands after an error: a caller may go on after one, as
// Spark does, and finds the tokens that Spark finds. It is the slow and certain way to read JSON.
#ifndef FMT_JSON_LEX_H
#define FMT_JSON_LEX_H
#include "base/buf.h"
#include "fmt/json.h"

typedef enum JsonToken {
    JSON_NONE, // before the first and after the last
    JSON_NAME, // of a field; its value is the next token
    JSON_STRING,
    JSON_INT,
    JSON_FLOAT, // NaN and the infinities too
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
} JsonToken;

typedef enum JsonWithin { JSON_IN_ROOT, JSON_IN_OBJECT, JSON_IN_ARRAY } JsonWithin;
typedef struct JsonLevel { // an open object or array
    JsonWithin within;
    int64_t index; // of the entry that was begun last, from -1
    Str name;      // of the field that was begun last
} JsonLevel;
typedef struct JsonLex {
    const char *at, *end;
    const JsonOptions *opt;
    Arena *arena;
    JsonToken token;
    const char *token_at; // where a number, literal or opening bracket begins
    JsonToken value;      // of the current name, read ahead with it
    const char *value_at;
    bool pending; // the string at `at` is not read yet
    Str string;   // decoded, of a string; the digits of a number
    bool halves;  // strings keep the halves of surrogate pairs apart, for copying
    Buf buf;
    VEC(JsonLevel) level; // level.v[0] is the root
} JsonLex;

// Begins to read text, which must be UTF-8 unless opt->source is set. Decoded strings and the
// levels live in a.
void json_lex_start(JsonLex *l, Arena *a, Str text, const JsonOptions *opt);
// All that read return false where Jackson throws; what may be done then is next or skip.
bool json_lex_next(JsonLex *l);          // sets l->token
bool json_lex_skip(JsonLex *l);          // to the end of the object or array that begins here
bool json_lex_string(JsonLex *l);        // of a string token: l->string becomes its text
Str json_lex_name(const JsonLex *l);     // of the field that the token is or belongs to
bool json_lex_copy(JsonLex *l, Buf *to); // the value at the token, written without white space

// A string from behind its opening quote, when l stands there; *s is a view or lives in the arena.
bool json_lex_quoted(JsonLex *l, char quote, Str *s);

// Bytes that are not UTF-8 replaced by U+FFFD as Java's decoder does.
Str json_utf8_repair(Arena *a, Str text);
#endif
