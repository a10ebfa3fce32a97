// thrift.c -- the compact protocol: a field is (id delta << 4 | type), integers are zig-zag
// varints, a boolean lives in its field's type, a struct ends with a zero byte.
#include "wire/thrift.h"

enum { // wire types
    WIRE_STOP = 0,
    WIRE_TRUE = 1,
    WIRE_FALSE = 2,
    WIRE_I8 = 3,
    WIRE_I16 = 4,
    WIRE_I32 = 5,
    WIRE_I64 = 6,
    WIRE_DOUBLE = 7,
    WIRE_BINARY = 8,
    WIRE_LIST = 9,
    WIRE_SET = 10,
    WIRE_MAP = 11,
    WIRE_STRUCT = 12,
};
enum { DEPTH_MAX = 32, BYTES_PER_BYTE = 64, BYTES_SPARE = 1 << 16 };

typedef struct Decoder {
    Arena *arena;
    Reader *r;
    int64_t budget; // bytes of memory that what is left may still take
    int32_t depth;
} Decoder;

static uint8_t wire_of(ThriftKind kind)
{
    switch (kind) {
    case THRIFT_BOOL: return WIRE_TRUE;
    case THRIFT_I8: return WIRE_I8;
    case THRIFT_I16: return WIRE_I16;
    case THRIFT_I32: return WIRE_I32;
    case THRIFT_I64: return WIRE_I64;
    case THRIFT_STR: return WIRE_BINARY;
    case THRIFT_STRUCT:
    case THRIFT_EMPTY: return WIRE_STRUCT;
    case THRIFT_LIST_BOOL:
    case THRIFT_LIST_I32:
    case THRIFT_LIST_I64:
    case THRIFT_LIST_STR:
    case THRIFT_LIST_STRUCT: return WIRE_LIST;
    }
    must_failed("ThriftKind", __FILE__, __LINE__);
}

static ThriftKind element_kind(ThriftKind list)
{
    switch (list) {
    case THRIFT_LIST_BOOL: return THRIFT_BOOL;
    case THRIFT_LIST_I32: return THRIFT_I32;
    case THRIFT_LIST_I64: return THRIFT_I64;
    case THRIFT_LIST_STR: return THRIFT_STR;
    case THRIFT_LIST_STRUCT: return THRIFT_STRUCT;
    case THRIFT_BOOL:
    case THRIFT_I8:
    case THRIFT_I16:
    case THRIFT_I32:
    case THRIFT_I64:
    case THRIFT_STR:
    case THRIFT_STRUCT:
    case THRIFT_EMPTY: break;
    }
    must_failed("a list", __FILE__, __LINE__);
}

static int32_t element_size(const ThriftField *f)
{
    ThriftKind kind = element_kind(f->kind);
    return kind == THRIFT_STRUCT ? f->sub->size : kind == THRIFT_STR ? (int32_t)sizeof(Str) : 8;
}

void thrift_clear(const ThriftSpec *spec, void *into)
{
    memset(into, 0, (size_t)spec->size);
    for (int32_t i = 0; i < spec->n; i++)
        if (spec->field[i].kind <= THRIFT_I64)
            *(int64_t *)((char *)into + spec->field[i].at) = THRIFT_NONE;
}

static void skip_struct(Decoder *d);
static void skip(Decoder *d, uint8_t wire)
{
    Reader *r = d->r;
    if (++d->depth > DEPTH_MAX) r->bad = true;
    switch (wire) {
    case WIRE_TRUE:
    case WIRE_FALSE: break; // in a field: no bytes
    case WIRE_I8: reader_take(r, 1); break;
    case WIRE_I16:
    case WIRE_I32:
    case WIRE_I64: reader_varint(r); break;
    case WIRE_DOUBLE: reader_take(r, 8); break;
    case WIRE_BINARY: reader_bytes(r, (int64_t)reader_uvarint(r)); break;
    case WIRE_LIST:
    case WIRE_SET: {
        uint8_t head = reader_u8(r);
        uint64_t n = head >> 4 == 15 ? reader_uvarint(r) : head >> 4;
        uint8_t of = head & 15;
        if (of == WIRE_TRUE || of == WIRE_FALSE) of = WIRE_I8;
        for (uint64_t i = 0; i < n && !r->bad; i++) skip(d, of);
        break;
    }
    case WIRE_MAP: {
        uint64_t n = reader_uvarint(r);
        uint8_t kinds = n ? reader_u8(r) : 0;
        for (uint64_t i = 0; i < n && !r->bad; i++) {
            skip(d, kinds >> 4 <= WIRE_FALSE ? WIRE_I8 : kinds >> 4);
            skip(d, (kinds & 15) <= WIRE_FALSE ? WIRE_I8 : kinds & 15);
        }
        break;
    }
    case WIRE_STRUCT: skip_struct(d); break;
    default: r->bad = true;
    }
    d->depth--;
}

// The next field's id, or -1 at the end of the struct. *last is the id before.
static int32_t field_next(Decoder *d, int32_t *last, uint8_t *wire)
{
    uint8_t head = reader_u8(d->r);
    if (head == WIRE_STOP || d->r->bad) return -1;
    *wire = head & 15;
    int64_t id = head >> 4 ? *last + (head >> 4) : reader_varint(d->r);
    if (id < 0 || id > INT16_MAX) {
        d->r->bad = true;
        return -1;
    }
    return *last = (int32_t)id;
}

static void skip_struct(Decoder *d)
{
    uint8_t wire = 0;
    for (int32_t last = 0; field_next(d, &last, &wire) >= 0 && !d->r->bad;) skip(d, wire);
}

static void *decoder_alloc(Decoder *d, int64_t bytes)
{
    d->budget -= bytes;
    if (d->budget < 0) {
        d->r->bad = true;
        return NULL;
    }
    return arena_alloc(d->arena, bytes, _Alignof(max_align_t), 1);
}

static void decode_struct(Decoder *d, const ThriftSpec *spec, void *into);

// One value outside a field header: integers of any width are accepted where one is expected.
static void decode_value(Decoder *d, const ThriftField *f, ThriftKind kind, void *to)
{
    Reader *r = d->r;
    switch (kind) {
    case THRIFT_BOOL: *(int64_t *)to = reader_u8(r) == WIRE_TRUE; break;
    case THRIFT_I8: *(int64_t *)to = (int64_t)(reader_u8(r) ^ 0x80) - 0x80; break;
    case THRIFT_I16:
    case THRIFT_I32:
    case THRIFT_I64: *(int64_t *)to = reader_varint(r); break;
    case THRIFT_STR:
        *(Str *)to = reader_bytes(r, (int64_t)reader_uvarint(r));
        if (!r->bad && !((Str *)to)->p) *(Str *)to = S("");
        break;
    case THRIFT_STRUCT: decode_struct(d, f->sub, to); break;
    case THRIFT_EMPTY:
        skip(d, WIRE_STRUCT);
        *(int64_t *)to = 1;
        break;
    case THRIFT_LIST_BOOL:
    case THRIFT_LIST_I32:
    case THRIFT_LIST_I64:
    case THRIFT_LIST_STR:
    case THRIFT_LIST_STRUCT: r->bad = true;
    }
}

static void decode_list(Decoder *d, const ThriftField *f, ThriftList *to)
{
    uint8_t head = reader_u8(d->r);
    uint64_t n = head >> 4 == 15 ? reader_uvarint(d->r) : head >> 4;
    ThriftKind kind = element_kind(f->kind);
    uint8_t wire = head & 15 ? head & 15 : WIRE_I8, want = wire_of(kind);
    bool same = wire == want || (want == WIRE_TRUE && wire == WIRE_FALSE);
    int64_t size = element_size(f);
    // An element takes at least a byte, so a count beyond the bytes that are left is a lie.
    if ((n && !same) || n > (uint64_t)reader_left(d->r)) d->r->bad = true;
    if (d->r->bad) return;
    char *v = decoder_alloc(d, MAX((int64_t)n, 1) * size);
    for (uint64_t i = 0; i < n && !d->r->bad; i++) decode_value(d, f, kind, v + i * (uint64_t)size);
    if (!d->r->bad) *to = (ThriftList){v, (int64_t)n};
}

static void decode_field(Decoder *d, const ThriftField *f, uint8_t wire, void *to)
{
    uint8_t want = wire_of(f->kind);
    if (want == WIRE_TRUE) { // the value is in the type
        *(int64_t *)to = wire == WIRE_TRUE;
        d->r->bad |= wire != WIRE_TRUE && wire != WIRE_FALSE;
    } else if (want != wire && !(want == WIRE_LIST && wire == WIRE_SET)) {
        d->r->bad = true;
    } else if (want == WIRE_LIST) {
        decode_list(d, f, to);
    } else if (f->kind == THRIFT_STRUCT) {
        void *sub = decoder_alloc(d, f->sub->size);
        if (!sub) return;
        decode_struct(d, f->sub, sub);
        *(void **)to = sub;
    } else {
        decode_value(d, f, f->kind, to);
    }
}

static void decode_struct(Decoder *d, const ThriftSpec *spec, void *into)
{
    thrift_clear(spec, into);
    if (++d->depth > DEPTH_MAX) d->r->bad = true;
    uint8_t wire = 0;
    for (int32_t last = 0, id; !d->r->bad && (id = field_next(d, &last, &wire)) >= 0;) {
        const ThriftField *f = spec->field, *end = spec->field + spec->n;
        while (f < end && f->id < id) f++;
        if (f < end && f->id == id)
            decode_field(d, f, wire, (char *)into + f->at);
        else
            skip(d, wire);
    }
    d->depth--;
}

void thrift_decode(const ThriftSpec *spec, void *into, Arena *a, Reader *r)
{
    Decoder d = {a, r, reader_left(r) * BYTES_PER_BYTE + BYTES_SPARE, 0};
    decode_struct(&d, spec, into);
}

static void encode_value(const ThriftField *f, ThriftKind kind, const void *from, Buf *out)
{
    switch (kind) {
    case THRIFT_BOOL: buf_u8(out, *(const int64_t *)from ? WIRE_TRUE : WIRE_FALSE); break;
    case THRIFT_I8: buf_u8(out, (uint8_t) * (const int64_t *)from); break;
    case THRIFT_I16:
    case THRIFT_I32:
    case THRIFT_I64: buf_varint(out, *(const int64_t *)from); break;
    case THRIFT_STR:
        buf_uvarint(out, (uint64_t)((const Str *)from)->n);
        buf_put(out, *(const Str *)from);
        break;
    case THRIFT_STRUCT: thrift_encode(f->sub, from, out); break;
    case THRIFT_EMPTY: buf_u8(out, WIRE_STOP); break;
    case THRIFT_LIST_BOOL:
    case THRIFT_LIST_I32:
    case THRIFT_LIST_I64:
    case THRIFT_LIST_STR:
    case THRIFT_LIST_STRUCT: {
        const ThriftList *list = from;
        ThriftKind of = element_kind(kind);
        if (list->n < 15)
            buf_u8(out, (uint8_t)(list->n << 4 | wire_of(of)));
        else
            buf_u8(out, (uint8_t)(0xf0 | wire_of(of)));
        if (list->n >= 15) buf_uvarint(out, (uint64_t)list->n);
        int64_t size = element_size(f);
        for (int64_t i = 0; i < list->n; i++)
            encode_value(f, of, (const char *)list->v + i * size, out);
        break;
    }
    }
}

static bool field_present(const ThriftField *f, const void *from)
{
    switch (f->kind) {
    case THRIFT_BOOL:
    case THRIFT_I8:
    case THRIFT_I16:
    case THRIFT_I32:
    case THRIFT_I64: return *(const int64_t *)from != THRIFT_NONE;
    case THRIFT_EMPTY: return *(const int64_t *)from != 0;
    case THRIFT_STR: return ((const Str *)from)->p != NULL;
    case THRIFT_STRUCT: return *(void *const *)from != NULL;
    case THRIFT_LIST_BOOL:
    case THRIFT_LIST_I32:
    case THRIFT_LIST_I64:
    case THRIFT_LIST_STR:
    case THRIFT_LIST_STRUCT: return ((const ThriftList *)from)->v != NULL;
    }
    must_failed("ThriftKind", __FILE__, __LINE__);
}

void thrift_encode(const ThriftSpec *spec, const void *from, Buf *out)
{
    int32_t last = 0;
    for (int32_t i = 0; i < spec->n; i++) {
        const ThriftField *f = &spec->field[i];
        const void *v = (const char *)from + f->at;
        if (!field_present(f, v)) continue;
        uint8_t wire = wire_of(f->kind);
        if (f->kind == THRIFT_BOOL) wire = *(const int64_t *)v ? WIRE_TRUE : WIRE_FALSE;
        if (f->id - last <= 15) {
            buf_u8(out, (uint8_t)((f->id - last) << 4 | wire));
        } else {
            buf_u8(out, wire);
            buf_varint(out, f->id);
        }
        last = f->id;
        if (f->kind == THRIFT_STRUCT) v = *(void *const *)v;
        if (f->kind != THRIFT_BOOL) encode_value(f, f->kind, v, out);
    }
    buf_u8(out, WIRE_STOP);
}
