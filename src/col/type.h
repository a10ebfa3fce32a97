// type.h -- Spark's data types. A Type is immutable and shared; atomic types are constants, the
// others live in an arena. Two types are equal when type_eq says so, never by pointer.
#ifndef COL_TYPE_H
#define COL_TYPE_H
#include "base/base.h"
#include "base/buf.h"

// The closed set. How a value of each lies in memory is its Phys.
typedef enum TypeId {
    T_VOID, // the type of NULL
    T_BOOLEAN,
    T_TINYINT,
    T_SMALLINT,
    T_INT,
    T_BIGINT,
    T_FLOAT,
    T_DOUBLE,
    T_DECIMAL, // precision 1..38, scale 0..precision
    T_STRING,  // UTF-8; length > 0: VARCHAR(length), fixed: CHAR(length)
    T_BINARY,
    T_DATE,          // days since 1970-01-01
    T_TIME,          // nanoseconds since midnight, precision 0..TIME_PRECISION_MAX
    T_TIMESTAMP,     // Micros, an instant
    T_TIMESTAMP_NTZ, // microseconds of a clock on the wall
    T_INTERVAL_YM,   // months; fields first..last of YEAR, MONTH
    T_INTERVAL_DT,   // microseconds; fields first..last of DAY, HOUR, MINUTE, SECOND
    T_INTERVAL,      // calendar: months, days, microseconds apart
    T_ARRAY,
    T_MAP,
    T_STRUCT,
} TypeId;
enum {
    TYPE_IDS = T_STRUCT + 1,
    DECIMAL_PRECISION_MAX = 38,
    TIME_PRECISION_MAX = 6,
    TYPE_DEPTH_MAX = 1024
};
enum { YM_YEAR, YM_MONTH };                     // fields of T_INTERVAL_YM
enum { DT_DAY, DT_HOUR, DT_MINUTE, DT_SECOND }; // and of T_INTERVAL_DT

typedef enum Phys { // what one value is in Column.data
    PHYS_BOOL,      // uint8_t, 0 or 1: boolean, and a placeholder for void
    PHYS_I8,
    PHYS_I16,
    PHYS_I32,
    PHYS_I64,
    PHYS_F32,
    PHYS_F64,
    PHYS_I128,     // decimal, unscaled
    PHYS_STR,      // Str: string and binary
    PHYS_INTERVAL, // Interval
    PHYS_LIST,     // List: array and map; elements in kid[0] (and kid[1] for a map's values)
    PHYS_STRUCT,   // nothing: the fields are kid[0..]
} Phys;
typedef struct Interval {
    int32_t months, days;
    Micros micros;
} Interval;
typedef struct List { // elements [at, at + n) of the kids
    int32_t at, n;
} List;

typedef struct Type Type;
typedef struct Field {
    Str name;
    const Type *type;
    Str comment;
    Str metadata;           // what a user keeps with it: the members of a JSON object, "k":v,...
    Str dflt;               // DEFAULT expression as text, empty when none
    Micros watermark_delay; // of an event-time column, else WATERMARK_NONE (spark.watermarkDelayMs)
    int32_t id;             // Iceberg's field id, 0 when it has none
    bool nullable;
    bool time_window; // made by window() or session_window(): window_time() takes it
} Field;
#define WATERMARK_NONE INT64_MIN
struct Type {
    TypeId id;
    int16_t precision, scale; // decimal; precision of time
    int16_t first, last;      // fields of an interval
    int32_t length;           // VARCHAR and CHAR, else 0
    bool fixed;               // CHAR
    const struct Udt *udt;    // a user-defined type that is stored as this one; NULL: none
    int32_t nfields;          // struct: its fields; array: 1 (element); map: 2 (key, value)
    const Field *field;
};
typedef Type Schema; // a struct type whose fields are columns

extern const Type type_void, type_boolean, type_tinyint, type_smallint, type_int, type_bigint,
    type_float, type_double, type_string, type_binary, type_date, type_time, type_timestamp,
    type_timestamp_ntz, type_interval_ym, type_interval_dt, type_interval;
const Type *type_decimal(Arena *a, int32_t precision, int32_t scale);
const Type *type_time_of(Arena *a, int32_t precision);
const Type *type_char(Arena *a, int32_t length, bool fixed); // CHAR when fixed, else VARCHAR
const Type *type_interval_of(Arena *a, TypeId id, int32_t first, int32_t last);
const Type *type_array(Arena *a, const Type *element, bool contains_null);
const Type *type_map(Arena *a, const Type *key, const Type *value, bool contains_null);
typedef struct Udt { // classes of a user-defined type, by name; empty: it has none there
    Str jvm, python, python_code;
} Udt;
const Type *type_udt(Arena *a, const Type *sql, const Udt *udt);
bool type_stored_alike(const Type *x, const Type *y); // equal but for user-defined types
bool type_same_udt(const Type *x, const Type *y);     // of these two themselves; both none, too
const Type *type_struct(Arena *a, const Field *field, int32_t n); // the fields are copied
Field field_of(Str name, const Type *type, bool nullable);        // nothing else set
const Type *type_copy(Arena *a, const Type *t);                   // deep, names included
const Type *type_nullable(Arena *a, const Type *t); // the same with every level nullable

// Both in one, as Spark's StructType.merge: the fields of x, then those that only y has, at every
// level; decimals of one scale take the wider. CANNOT_MERGE_INCOMPATIBLE_DATA_TYPE,
// CANNOT_MERGE_DECIMAL_SCALE.
Status type_merge(const Type **both, Arena *a, const Type *x, const Type *y);

Phys type_phys(const Type *t);
int32_t phys_bytes(Phys p);                         // of one value; 0 for a struct
bool type_same_shape(const Type *x, const Type *y); // equal, but for names of fields
bool type_eq(const Type *x, const Type *y);         // without names' case, nullability, comments
bool type_is_numeric(const Type *t);
bool type_is_integral(const Type *t);
bool type_is_orderable(const Type *t);       // can be compared, sorted, grouped
int32_t type_field(const Type *t, Str name); // index by name, folding ASCII case; -1: none
                                             // -2: several
// Spark's texts: "bigint", "struct<a:int,b:string>" (type_name, as DESCRIBE and schemas print it);
// "BIGINT", "STRUCT<a: INT, b: STRING>" (type_sql, as messages print it).
void type_name(Buf *b, const Type *t);
void type_sql(Buf *b, const Type *t);
Str type_name_str(Arena *a, const Type *t);
Str type_sql_str(Arena *a, const Type *t);
void type_long_name(Buf *b, const Type *t); // "long", "integer", "array": as trees and JSON have it
// printSchema's tree, as DataFrame.printSchema prints it.
void type_tree(Buf *b, const Schema *s);
// Spark's JSON of a type (StructType.json), and back.
void type_json(Buf *b, const Type *t);
void type_metadata(Buf *b, const Field *f);              // the JSON object of a field's metadata
Status type_metadata_read(Field *f, Arena *a, Str json); // what of it a Field has; empty: none
Status type_from_json(const Type **t, Arena *a, Str json);
// One type in SQL: "DECIMAL(10,2)", "array<struct<a:int>>". Fails with Spark's conditions, line and
// column of the text in failure().
Status type_parse(const Type **t, Arena *a, Str text);
// A list of columns: "a INT, b STRING NOT NULL COMMENT 'x'" or a struct type: the struct.
Status schema_parse(const Schema **s, Arena *a, Str text);
bool name_needs_quotes(Str name);      // as an identifier in SQL
void name_backticks(Buf *b, Str name); // always in backticks, those in it doubled
void name_quoted(Buf *b, Str name);    // in backticks when it needs them
#endif
