// avro.h -- Avro object container files. A schema is kept with the ids that Iceberg puts on fields
// (field-id, element-id), so values are found by id and not by name or place.
#ifndef FMT_AVRO_H
#define FMT_AVRO_H
#include "base/buf.h"
#include "base/options.h"
#include "base/reader.h"

typedef enum AvroKind {
    AVRO_NULL,
    AVRO_BOOLEAN,
    AVRO_INT,
    AVRO_LONG,
    AVRO_FLOAT,
    AVRO_DOUBLE,
    AVRO_BYTES,
    AVRO_STRING,
    AVRO_FIXED,
    AVRO_ENUM, // its values are the symbols' numbers
    AVRO_ARRAY,
    AVRO_MAP,
    AVRO_RECORD,
    AVRO_UNION,
} AvroKind;
typedef struct AvroType AvroType;
typedef struct AvroField {
    Str name;
    int32_t id; // 0: none
    const AvroType *type;
} AvroField;
struct AvroType {
    AvroKind kind;
    Str name;         // of a named type
    Str logical;      // logicalType
    int32_t size;     // of a fixed
    AvroField *field; // record: its fields; array, map: the element (for a map the value);
    int32_t nfields;  // union: its branches
};
Status avro_schema(const AvroType **t, Arena *a, Str json); // ERR_CORRUPT

typedef struct AvroValue AvroValue;
struct AvroValue { // of a union: the value of its branch
    const AvroType *type;
    union {
        int64_t i; // boolean, int, long, enum
        double f;
        Str s; // bytes, string, fixed: views of what was read
    };
    AvroValue *item; // record: its fields; array: elements; map: string keys and values by turns
    int64_t n;
};
// Decodes one value at the reader; sets r->bad when the bytes are no such value.
void avro_value(AvroValue *v, Arena *a, const AvroType *t, Reader *r);
// The field of a record with this id; NULL when the schema has none or the value is null.
const AvroValue *avro_get(const AvroValue *record, int32_t id);
// The same for numbers (int, long, boolean) and for text (string, bytes, fixed: copied to a, p NULL
// when there is none).
int64_t avro_long(const AvroValue *record, int32_t id, int64_t dflt);
Str avro_text(Arena *a, const AvroValue *record, int32_t id);

typedef struct AvroFile { // being read
    Str name;             // for messages
    const AvroType *type;
    Options meta;
    Reader r, block;
    int64_t left; // values of the block
    bool deflate;
    char sync[16];
    Arena *arena;
} AvroFile;
// bytes must outlive f. ERR_CORRUPT, or ERR_UNSUPPORTED for a codec other than null and deflate.
Status avro_open(AvroFile *f, Arena *a, Str bytes, Str name);
Status avro_next(AvroFile *f, Arena *a, AvroValue *v, bool *end);

typedef struct AvroWriter {
    Buf *out;
    Buf row; // what is encoded goes here; avro_row ends a value
    int64_t rows;
    int64_t start, seal; // in out: of the file, of its checksum
    char sync[16];
} AvroWriter;
// Starts a file whose metadata are the schema and the given ones.
void avro_writer_start(AvroWriter *w, Arena *a, Buf *out, Str schema, const Options *meta);
void avro_row(AvroWriter *w);
void avro_writer_end(AvroWriter *w);
static inline void avro_put_long(Buf *b, int64_t v) { buf_varint(b, v); }
static inline void avro_put_bytes(Buf *b, Str s)
{
    buf_varint(b, s.n);
    buf_put(b, s);
}
static inline void avro_put_optional(Buf *b, Str s) // of ["null", bytes or string]; p NULL: null
{
    buf_varint(b, s.p != NULL);
    if (s.p) avro_put_bytes(b, s);
}
#endif
