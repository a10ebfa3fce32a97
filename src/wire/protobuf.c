// protobuf.c -- see protobuf.h. Numbers above the 29 bits of a field number, group tags and lengths
// beyond the message are errors of the message that holds them.
#include "wire/protobuf.h"

enum { WIRE_BITS = 3, NO_MAX = (1 << 29) - 1 };

bool proto_next(Reader *r, ProtoField *f)
{
    if (r->bad || r->at == r->end) return false;
    uint64_t tag = reader_uvarint(r);
    *f = (ProtoField){.no = (uint32_t)(tag >> WIRE_BITS), .wire = (ProtoWire)(tag & 7)};
    if (tag >> WIRE_BITS == 0 || tag >> WIRE_BITS > NO_MAX) r->bad = true;
    switch (f->wire) {
    case PROTO_VARINT: f->number = reader_uvarint(r); break;
    case PROTO_64: f->number = reader_u64le(r); break;
    case PROTO_32: f->number = reader_u32le(r); break;
    case PROTO_BYTES: {
        uint64_t n = reader_uvarint(r);
        if (n > INT32_MAX) r->bad = true;
        f->bytes = reader_bytes(r, (int64_t)n);
        break;
    }
    default: r->bad = true; // groups, and what never was
    }
    return !r->bad;
}

static Status message_check(const Proto *m)
{
    if (m->depth > PROTO_DEPTH_MAX)
        return fail(ERR_LIMIT, "protobuf: messages nested deeper than %d", PROTO_DEPTH_MAX);
    Reader r = reader_of(m->bytes);
    ProtoField f;
    const uint8_t *at = r.at;
    while (proto_next(&r, &f)) at = r.at;
    if (!r.bad) return DONE;
    return fail(ERR_CORRUPT, "protobuf: broken field at offset %lld",
                (long long)((const char *)at - m->root));
}

Status proto_open(Proto *m, Str bytes)
{
    *m = (Proto){bytes, bytes.p, 0, true};
    return message_check(m);
}

static Status sub_open(const Proto *m, Str bytes, Proto *sub)
{
    *sub = (Proto){bytes, m->root, m->depth + 1, true};
    return message_check(sub);
}

static bool find_wire(const Proto *m, uint32_t no, ProtoWire wire, ProtoField *f)
{
    bool found = false;
    Reader r = reader_of(m->bytes);
    ProtoField at;
    while (proto_next(&r, &at)) {
        if (at.no != no || at.wire != wire) continue;
        *f = at;
        found = true;
    }
    return found;
}

bool proto_find(const Proto *m, uint32_t no, ProtoField *f)
{
    bool found = false;
    Reader r = reader_of(m->bytes);
    ProtoField at;
    while (proto_next(&r, &at)) {
        if (at.no != no) continue;
        *f = at;
        found = true;
    }
    return found;
}

Status proto_sub(const Proto *m, uint32_t no, Proto *sub)
{
    ProtoField f;
    if (find_wire(m, no, PROTO_BYTES, &f)) return sub_open(m, f.bytes, sub);
    *sub = (Proto){.root = m->root, .depth = m->depth + 1};
    return DONE;
}

uint32_t proto_member(const Proto *m, uint32_t common)
{
    uint32_t no = 0;
    Reader r = reader_of(m->bytes);
    ProtoField at;
    while (proto_next(&r, &at))
        if (at.no != common) no = at.no;
    return no;
}

bool proto_has(const Proto *m, uint32_t no)
{
    ProtoField f;
    return proto_find(m, no, &f);
}

int64_t proto_int_or(const Proto *m, uint32_t no, int64_t absent)
{
    ProtoField f;
    return find_wire(m, no, PROTO_VARINT, &f) ? (int64_t)f.number : absent;
}

int64_t proto_int(const Proto *m, uint32_t no) { return proto_int_or(m, no, 0); }

double proto_double(const Proto *m, uint32_t no)
{
    ProtoField f = {0};
    double d;
    if (!find_wire(m, no, PROTO_64, &f)) return 0;
    memcpy(&d, &f.number, sizeof d);
    return d;
}

float proto_float(const Proto *m, uint32_t no)
{
    ProtoField f = {0};
    float d;
    if (!find_wire(m, no, PROTO_32, &f)) return 0;
    uint32_t bits = (uint32_t)f.number;
    memcpy(&d, &bits, sizeof d);
    return d;
}

Str proto_str(const Proto *m, uint32_t no)
{
    ProtoField f;
    return find_wire(m, no, PROTO_BYTES, &f) ? f.bytes : (Str){0};
}

int64_t proto_count(const Proto *m, uint32_t no)
{
    int64_t n = 0;
    for (ProtoEach e = proto_each(m, no); proto_more(&e);) n++;
    return n;
}

ProtoEach proto_each(const Proto *m, uint32_t no)
{
    return (ProtoEach){.at = reader_of(m->bytes), .no = no};
}

bool proto_more(ProtoEach *e)
{
    while (proto_next(&e->at, &e->field))
        if (e->field.no == e->no && e->field.wire == PROTO_BYTES) return true;
    return false;
}

Status proto_item(const Proto *m, const ProtoEach *e, Proto *sub)
{
    return sub_open(m, e->field.bytes, sub);
}

static void put_tag(Buf *b, uint32_t no, ProtoWire wire)
{
    buf_uvarint(b, (uint64_t)no << WIRE_BITS | wire);
}

void proto_put_int(Buf *b, uint32_t no, int64_t v)
{
    put_tag(b, no, PROTO_VARINT);
    buf_uvarint(b, (uint64_t)v);
}

void proto_put_double(Buf *b, uint32_t no, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    put_tag(b, no, PROTO_64);
    buf_u64le(b, bits);
}

void proto_put_float(Buf *b, uint32_t no, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    put_tag(b, no, PROTO_32);
    buf_u32le(b, bits);
}

void proto_put_head(Buf *b, uint32_t no, int64_t n)
{
    put_tag(b, no, PROTO_BYTES);
    buf_uvarint(b, (uint64_t)n);
}

void proto_put_str(Buf *b, uint32_t no, Str s)
{
    proto_put_head(b, no, s.n);
    buf_put(b, s);
}

int64_t proto_begin(Buf *b, uint32_t no)
{
    put_tag(b, no, PROTO_BYTES);
    buf_char(b, 0); // room for the length of most messages
    return b->n;
}

void proto_end(Buf *b, int64_t begun)
{
    uint64_t n = (uint64_t)(b->n - begun);
    int64_t more = 0;
    for (uint64_t left = n >> 7; left; left >>= 7) more++;
    if (more) {
        buf_fill(b, 0, more);
        memmove(b->p + begun + more, b->p + begun, (size_t)n);
    }
    int64_t end = b->n;
    b->n = begun - 1;
    buf_uvarint(b, n);
    b->n = end;
}
