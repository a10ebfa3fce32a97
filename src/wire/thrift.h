// thrift.h -- Thrift's compact protocol, driven by tables: a struct is described once, field by
// field, and the description decodes and encodes it. Unknown fields are skipped on reading.
//
// In memory every integer and boolean is an int64_t that is THRIFT_NONE when the field is absent; a
// string is a Str with p NULL when absent; a nested struct is a pointer, NULL when absent; a struct
// without fields (the members of many unions) is an int64_t, 1 when it is there; a list is a
// ThriftList, v NULL when absent.
#ifndef WIRE_THRIFT_H
#define WIRE_THRIFT_H
#include "base/buf.h"
#include "base/reader.h"

#define THRIFT_NONE INT64_MIN

typedef enum ThriftKind {
    THRIFT_BOOL,
    THRIFT_I8,
    THRIFT_I16,
    THRIFT_I32,
    THRIFT_I64,
    THRIFT_STR,
    THRIFT_STRUCT, // of `sub`
    THRIFT_EMPTY,  // a struct whose content does not matter
    THRIFT_LIST_BOOL,
    THRIFT_LIST_I32,
    THRIFT_LIST_I64,
    THRIFT_LIST_STR,
    THRIFT_LIST_STRUCT, // of `sub`
} ThriftKind;
typedef struct ThriftList {
    void *v; // int64_t, Str or the struct
    int64_t n;
} ThriftList;
typedef struct ThriftSpec ThriftSpec;
typedef struct ThriftField {
    int16_t id; // ascending within a struct
    ThriftKind kind;
    size_t at; // offset in the struct
    const ThriftSpec *sub;
} ThriftField;
struct ThriftSpec {
    const char *name;
    const ThriftField *field;
    int32_t n;
    int32_t size; // of the struct in memory
};

void thrift_clear(const ThriftSpec *spec, void *into); // every field absent
// Decodes one struct at the reader into `into`; what it points to lives in a, strings are views of
// what is read. Sets r->bad when the bytes are no such struct, nest too deeply, or would need far
// more memory than they have bytes.
void thrift_decode(const ThriftSpec *spec, void *into, Arena *a, Reader *r);
void thrift_encode(const ThriftSpec *spec, const void *from, Buf *out);
#endif
