// protobuf_fuzz.c -- messages from outside. What opens is written again field by field, taking
// every field of bytes for a message where it opens as one; it reads back equal, field by field.
#include "wire/protobuf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void field_write(Buf *b, const ProtoField *f)
{
    double d;
    float s;
    uint32_t half = (uint32_t)f->number;
    switch (f->wire) {
    case PROTO_VARINT: proto_put_int(b, f->no, (int64_t)f->number); return;
    case PROTO_64:
        memcpy(&d, &f->number, sizeof d);
        proto_put_double(b, f->no, d);
        return;
    case PROTO_32:
        memcpy(&s, &half, sizeof s);
        proto_put_float(b, f->no, s);
        return;
    case PROTO_BYTES: break;
    }
    int64_t begun = proto_begin(b, f->no);
    buf_put(b, f->bytes);
    proto_end(b, begun);
}

static void message_walk(Arena *a, const Proto *m)
{
    Buf b = buf_new(a);
    Reader r = reader_of(m->bytes);
    ProtoField f, g;
    while (proto_next(&r, &f)) {
        field_write(&b, &f);
        must(proto_has(m, f.no) && proto_find(m, f.no, &g));
        Proto sub;
        if (f.wire == PROTO_BYTES && proto_sub(m, f.no, &sub).code == OK) {
            must(sub.present);
            if (m->depth < 20) message_walk(a, &sub);
        }
    }
    must(!r.bad && r.at == r.end);
    Reader was = reader_of(m->bytes), is = reader_of(buf_str(&b));
    while (proto_next(&was, &f)) {
        must(proto_next(&is, &g));
        must(f.no == g.no && f.wire == g.wire && f.number == g.number && str_eq(f.bytes, g.bytes));
    }
    must(!proto_next(&is, &g) && !is.bad);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 4096) return 0;
    Arena *a = arena_new(NULL);
    Proto m;
    if (proto_open(&m, (Str){(const char *)data, (int64_t)size}).code == OK) message_walk(a, &m);
    arena_free(a);
    return 0;
}
