// column.h -- rows by column: at most BATCH_ROWS of them, borrowed for the length of a call.
// Whoever keeps rows copies them (batch_copy). Nothing here is reference counted.
//
// Validity, booleans and masks have one form: a byte per row, 0 or 1. (Bits would be an eighth of
// 1,024 bytes and cost a shift per row; every kernel that reads a mask reads it as it writes one.)
// Data under an invalid row are initialised but mean nothing.
#ifndef COL_COLUMN_H
#define COL_COLUMN_H
#include "col/type.h"

enum { BATCH_ROWS = 1024 };

typedef struct Column Column;
struct Column {
    const Type *type;
    uint8_t *valid; // NULL: all rows are
    void *data;     // Phys of the type, one a row; NULL for a struct
    Column
        *kid; // struct: a column a field, of the same rows; array: the elements; map: keys, values
    int32_t rows; // of this column (the elements of a list may be more than BATCH_ROWS)
};
typedef struct Batch {
    int32_t rows, cols;
    Column *col;
} Batch;

#define COLUMN_DATA(c, T) ((T *)(c)->data)
static inline bool column_null(const Column *c, int32_t row) { return c->valid && !c->valid[row]; }
static inline Str column_str(const Column *c, int32_t row) { return ((const Str *)c->data)[row]; }
static inline int64_t column_i64(const Column *c, int32_t row)
{
    return ((const int64_t *)c->data)[row];
}

// A column with room for `rows`, kids included (lists with no elements yet), data uninitialised,
// valid NULL.
Column column_new(Arena *a, const Type *t, int32_t rows);
uint8_t *column_own_valid(Arena *a, Column *c); // makes valid non-NULL, all 1 at first; returns it
Column column_null_of(Arena *a, const Type *t, int32_t rows); // every row NULL
// A deep copy of rows row[0..n) (row NULL: the first n), bytes of strings included.
Column column_copy(Arena *a, const Column *c, const int32_t *row, int32_t n);
// The same without copying what strings and lists point to.
Column column_gather(Arena *a, const Column *c, const int32_t *row, int32_t n);
Batch batch_new(Arena *a, const Schema *s, int32_t rows);
Batch batch_copy(Arena *a, const Batch *b); // deep, types included: nothing of b is needed any more
Batch batch_gather(Arena *a, const Batch *b, const int32_t *row, int32_t n);
Batch batch_slice(Arena *a, const Batch *b, int32_t at,
                  int32_t n); // shares all; at most BATCH_ROWS
// Indexes of the rows where keep is 1, into row (room for n); returns how many. No branches.
int32_t mask_rows(const uint8_t *keep, int32_t n, int32_t *row);
int64_t batch_bytes(const Batch *b); // roughly, for budgets

// One value of any type, for literals, bounds and options.
typedef struct Datum {
    bool null;
    union {
        int64_t i; // boolean, integers, date, times, year-month and day-time intervals
        double f;  // float, double
        Int128 d;  // decimal
        Str s;     // string, binary
        Interval interval;
        const Column *nested; // array, map, struct: a column of one row
    };
} Datum;
Datum column_datum(Arena *a, const Column *c, int32_t row);        // strings are borrowed
void column_set(Arena *a, Column *c, int32_t row, const Datum *v); // c made by column_new
Column column_of_datum(Arena *a, const Type *t, const Datum *v, int32_t rows); // the value repeated

// Whether the column holds data: a source leaves out what nobody asked for.
static inline bool column_here(const Column *c)
{
    return c->data || (c->type->id == T_STRUCT && c->kid);
}
// A total order as ORDER BY has it, both values not NULL: NaN is greatest and equal to itself, -0.0
// equals 0.0, strings by bytes, structs and arrays element by element with NULL first.
int32_t value_cmp(const Column *x, int32_t i, const Column *y, int32_t j);
bool value_eq(const Column *x, int32_t i, const Column *y, int32_t j); // NULL equals NULL
// Folds each row's value into hash[i]; equal values (value_eq) hash alike.
void column_hash(const Column *c, int32_t n, uint64_t *hash, bool first);

// A column that grows: how sources, sorts and joins collect rows one value or one batch at a time.
typedef struct Builder Builder;
Builder *builder_new(Arena *a, const Type *t);
void builder_null(Builder *b);
void builder_datum(Builder *b, const Datum *v);                                // strings are copied
void builder_rows(Builder *b, const Column *c, const int32_t *row, int32_t n); // copies
int32_t builder_count(const Builder *b);
const Type *builder_type(const Builder *b);
void builder_start(Builder *b); // a struct, array or map value begins; its kids are next
Builder *builder_kid(Builder *b, int32_t i);
void builder_end(Builder *b);      // ... and is complete: a list takes what its kids got since
Column builder_column(Builder *b); // what was built so far; shares memory until the next write
void builder_clear(Builder *b);    // empty, the memory of the arena stays

// Text of a value as Dataset.show and cast print it.
typedef struct TextForm {
    Str null_text;    // "NULL" for show, "null" inside a cast
    const char *zone; // for timestamps; NULL: UTC
    int64_t (*zone_offset)(const void *zone_rules, Micros t); // added to t; NULL: UTC
    const void *zone_rules;
    bool binary_hex;       // [01 FF], as show has it; else the bytes
    bool decimal_exponent; // 1E-8 for tiny decimals, as a cast without ANSI; JSON has it always
    bool json_drop_null;   // no fields that are NULL, to_json's default
    bool json_row;         // times to the second, YYYY-MM-DD hh:mm:ss, as Row.json
    bool json_millis;      // times with three digits, to_json's default, instead of six
} TextForm;
void value_text(Buf *b, const Column *c, int32_t row, const TextForm *form);
// JSON of a value or row as to_json prints it: compact, RFC 3339 times with six digits.
void value_json(Buf *b, const Column *c, int32_t row, const TextForm *form);
#endif
