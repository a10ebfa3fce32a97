// json_in.h -- what the three ways of reading a record share: the schema compiled to slots, and
// values on their way into columns. Private to fmt/.
#ifndef FMT_JSON_IN_H
#define FMT_JSON_IN_H
#include "base/map.h"
#include "fmt/json_lex.h"

// One type of the schema and the column that its values go to. The kids of a struct have its rows;
// those of an array or map are lists of elements that grow.
typedef struct JsonSlot JsonSlot;
struct JsonSlot {
    const Type *type;
    Phys phys;
    int32_t bytes; // of one value
    Str name;      // of the field
    int32_t nkids; // struct: its fields; array: 1; map: 2
    JsonSlot *kid;
    Map names;     // struct: kids by name
    bool unread;   // the corrupt-record column: no field of the text goes here
    uint64_t seen; // the object (see JsonReader.objects) in which this field was seen last
    // Of the running call:
    uint8_t *valid;
    void *data;
    int32_t rows, cap; // rows: of an element list, how many there are
};

// A value between text and column; only the exact way needs it for nested ones.
typedef struct JsonValue JsonValue;
struct JsonValue {
    Datum v;        // scalars; v.null for all
    int32_t n;      // array and map: elements
    JsonValue *kid; // struct: a value a field; array: elements; map: key, value, key, ..
};

// The date that was read last: the times of a stream share theirs for long.
typedef struct JsonDay {
    char text[10]; // yyyy-MM-dd
    int32_t days;
} JsonDay;

// The first value of a record that did not convert, when it is a text for a float or double: the
// one case that has a message of its own.
typedef struct JsonBlame {
    bool set, float_text;
    Str name, value;
    const Type *type;
} JsonBlame;

enum { JSON_TEMPLATES = 4 };
struct JsonReader {
    Arena *arena;
    const JsonOptions *opt;
    JsonSlot root; // of the schema; its rows are the answer's
    JsonSlot *corrupt;
    struct JsonTemplate *layout; // JSON_TEMPLATES of them, see json_template.c
    int32_t layouts, newest;     // how many; the one that matched last
    int32_t misses;              // since one was learnt
    JsonDay day;
    uint64_t objects; // counted while reading, so that a field seen twice in one is noticed
    Arena *scratch;   // of the running call
    bool exact_only;  // no quick way: what the others are measured by
    JsonLex lex;
    JsonBlame blame;
    JsonCounts counts;
};

typedef enum JsonGot {
    JSON_GOT,         // the value, which may be NULL
    JSON_GOT_PARTIAL, // a value of which some leaf is NULL because it was bad
    JSON_GOT_BAD,     // none
} JsonGot;

// json_slot.c
void json_slot_make(JsonSlot *s, Arena *a, const Type *t, Str name);
void json_slot_start(JsonSlot *s, Arena *scratch, int32_t rows);
void json_slot_null(JsonSlot *s, int32_t row);
void json_slot_put(JsonReader *r, JsonSlot *s, int32_t row, const JsonValue *v);
int32_t json_slot_grow(JsonReader *r, JsonSlot *s, int32_t n);  // elements: index of the first
void json_slot_datum(JsonSlot *s, int32_t row, const Datum *v); // of a scalar
Column json_slot_column(JsonSlot *s, Arena *scratch, int32_t rows);

// json_scalar.c: the text of a token as a value of t; false: it is none
bool json_scalar_number(const Type *t, Str digits, bool is_float, Datum *v);
bool json_scalar_string(JsonReader *r, const Type *t, Str s, Datum *v);

// json_time.c: s, which is not empty, as a date or time
bool json_time_iso(JsonDay *day, Str s, Micros *t, bool *zoned);    // zoned: a Z stood at its end
bool json_timestamp(JsonReader *r, const Type *t, Str s, Datum *v); // with zone and without
bool json_date(JsonReader *r, const Type *t, Str s, Datum *v);
bool json_cast(const JsonReader *r, const Type *t, Str s, Str pattern, Datum *v);

extern const double json_power10[16]; // exact
// json_plain.c: records and values that hold nothing odd
typedef struct JsonMark {  // a value as it stood in the text, for learning a layout
    JsonSlot *slot;        // NULL: nobody wants it
    const char *from, *to; // a struct that was opened: to NULL
    int32_t depth;         // objects around it
} JsonMark;
typedef struct JsonMarks {
    JsonMark *v;
    int64_t n, cap;
} JsonMarks;
typedef struct JsonPlain {
    JsonReader *r;
    const char *begin, *p, *end;
    int32_t depth;
    JsonMarks *marks; // NULL: nobody learns
} JsonPlain;
// Reads the value at x->p, which is not at the end, into row of s (NULL: passes it over). False:
// something is odd, and what was written means nothing.
bool json_plain_value(JsonPlain *x, JsonSlot *s, int32_t row);
bool json_plain_record(JsonReader *r, Str text, int32_t row, JsonMarks *marks);

// json_template.c
bool json_template_record(JsonReader *r, Str text, int32_t row);
void json_template_learn(JsonReader *r, Str text, const JsonMarks *marks);
bool json_template_wanted(JsonReader *r); // should the next record be learnt?

// json_exact.c: one record as Spark reads it. An array of objects in a source gives several rows,
// a text without a token none.
typedef struct JsonRecord {
    JsonGot got;
    int32_t rows; // NULL text of from_json and blank lines: 0
    JsonValue *v;
    bool array_root; // bad because an array stands where an object has to
} JsonRecord;
JsonRecord json_exact(JsonReader *r, Str text);
#endif
