// protobuf.h -- protocol buffers' wire format. A message is read in place, by field number: opening
// it checks all its fields once, so that taking them cannot fail; what is not asked for is skipped.
// Unset scalars are zero and empty; where presence matters, ask proto_has. A field of another wire
// type than asked for is as if absent, the last of several counts, as protobuf says.
#ifndef WIRE_PROTOBUF_H
#define WIRE_PROTOBUF_H
#include "base/buf.h"
#include "base/reader.h"

enum { PROTO_DEPTH_MAX = 1024 }; // messages within messages, Spark's limit

typedef enum ProtoWire {
    PROTO_VARINT = 0, // int32, int64, uint32, uint64, bool, enums
    PROTO_64 = 1,     // double, fixed64
    PROTO_BYTES = 2,  // string, bytes, messages, map entries, packed numbers
    PROTO_32 = 5,     // float, fixed32
} ProtoWire;
typedef struct Proto { // a message whose own fields are whole
    Str bytes;
    const char *root; // where the outermost message starts: errors say their offset in it
    int32_t depth;
    bool present; // false: an absent field, with no fields of its own
} Proto;
typedef struct ProtoField {
    uint32_t no;
    ProtoWire wire;
    uint64_t number; // unless PROTO_BYTES
    Str bytes;       // a view of the message
} ProtoField;
typedef struct ProtoEach { // the occurrences of a repeated field
    Reader at;
    uint32_t no;
    ProtoField field;
} ProtoEach;

// The outermost message. Broken bytes are ERR_CORRUPT with their offset.
Status proto_open(Proto *m, Str bytes);
// A field that is a message; not present when it is absent. ERR_LIMIT when it lies too deep.
// sub may be m itself.
Status proto_sub(const Proto *m, uint32_t no, Proto *sub);
// The field as it stands; false when there is none.
bool proto_find(const Proto *m, uint32_t no, ProtoField *f);
// The member of a oneof that is set: the last field whose number is not `common`; 0 when none is.
uint32_t proto_member(const Proto *m, uint32_t common);
bool proto_has(const Proto *m, uint32_t no);
int64_t proto_int(const Proto *m, uint32_t no); // enums and bools too
int64_t proto_int_or(const Proto *m, uint32_t no, int64_t absent);
static inline bool proto_bool(const Proto *m, uint32_t no) { return proto_int(m, no) != 0; }
double proto_double(const Proto *m, uint32_t no);
float proto_float(const Proto *m, uint32_t no);
Str proto_str(const Proto *m, uint32_t no); // bytes too; p is NULL when absent
int64_t proto_count(const Proto *m, uint32_t no);

// for (ProtoEach e = proto_each(m, 3); proto_more(&e);) ... e.field.bytes, proto_item(...)
ProtoEach proto_each(const Proto *m, uint32_t no);
bool proto_more(ProtoEach *e);
Status proto_item(const Proto *m, const ProtoEach *e, Proto *sub); // the occurrence as a message
// One step through the fields of a message; false at its end, or when r is bad.
bool proto_next(Reader *r, ProtoField *f);

// Writing. A field is written even when zero, which readers take; leave out what shall be absent.
void proto_put_int(Buf *b, uint32_t no, int64_t v);
void proto_put_double(Buf *b, uint32_t no, double v);
void proto_put_float(Buf *b, uint32_t no, float v);
void proto_put_str(Buf *b, uint32_t no, Str s); // bytes and whole messages too
// The head of a field of n bytes, which the caller writes next.
void proto_put_head(Buf *b, uint32_t no, int64_t n);
// A nested message: what is written between begin and end is its content.
int64_t proto_begin(Buf *b, uint32_t no);
void proto_end(Buf *b, int64_t begun);
#endif
