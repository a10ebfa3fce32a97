// pack.c -- a value is a byte that says whether it is there, then its content: little-endian
// numbers of their own width, strings and lists with a count before them.
#include "col/pack.h"
#include <stdlib.h>

static uint64_t bits_f64(double v)
{
    uint64_t bits = UINT64_C(0x7ff8000000000000); // every NaN
    v += 0.0;                                     // -0.0 becomes 0.0
    if (v == v) memcpy(&bits, &v, sizeof bits);
    return bits;
}

static uint32_t bits_f32(float v)
{
    uint32_t bits = 0x7fc00000;
    v += 0.0f;
    if (v == v) memcpy(&bits, &v, sizeof bits);
    return bits;
}

static int entry_cmp(const void *x, const void *y)
{
    return str_cmp(*(const Str *)x, *(const Str *)y);
}

// Entries are packed one by one and then sorted: equal maps give equal bytes.
static void pack_map(Buf *to, const Column *c, List list)
{
    Arena *scratch = arena_new(NULL);
    Str *entry = NEW(scratch, Str, list.n);
    for (int32_t k = 0; k < list.n; k++) {
        Buf b = buf_new(scratch);
        value_pack(&b, &c->kid[0], list.at + k);
        value_pack(&b, &c->kid[1], list.at + k);
        entry[k] = buf_str(&b);
    }
    if (list.n) qsort(entry, (size_t)list.n, sizeof *entry, entry_cmp);
    for (int32_t k = 0; k < list.n; k++) buf_put(to, entry[k]);
    arena_free(scratch);
}

static void pack_list(Buf *to, const Column *c, List list)
{
    buf_uvarint(to, (uint64_t)list.n);
    if (c->type->id == T_MAP) {
        pack_map(to, c, list);
        return;
    }
    for (int32_t k = 0; k < list.n; k++) value_pack(to, &c->kid[0], list.at + k);
}

void value_pack(Buf *to, const Column *c, int32_t row)
{
    bool null = column_null(c, row);
    buf_u8(to, !null);
    if (null) return;
#define ROW(T) COLUMN_DATA(c, T)[row]
    switch (type_phys(c->type)) {
    case PHYS_BOOL:
    case PHYS_I8: buf_u8(to, ROW(uint8_t)); return;
    case PHYS_I16: {
        uint16_t v = ROW(uint16_t);
        memcpy(buf_take(to, 2), &v, 2);
        return;
    }
    case PHYS_I32: buf_u32le(to, ROW(uint32_t)); return;
    case PHYS_I64: buf_u64le(to, ROW(uint64_t)); return;
    case PHYS_F32: buf_u32le(to, bits_f32(ROW(float))); return;
    case PHYS_F64: buf_u64le(to, bits_f64(ROW(double))); return;
    case PHYS_I128:
        buf_u64le(to, (uint64_t)ROW(Int128));
        buf_u64le(to, (uint64_t)(ROW(Int128) >> 64));
        return;
    case PHYS_STR:
        buf_uvarint(to, (uint64_t)ROW(Str).n);
        buf_put(to, ROW(Str));
        return;
    case PHYS_INTERVAL:
        buf_u32le(to, (uint32_t)ROW(Interval).months);
        buf_u32le(to, (uint32_t)ROW(Interval).days);
        buf_u64le(to, (uint64_t)ROW(Interval).micros);
        return;
    case PHYS_LIST: pack_list(to, c, ROW(List)); return;
    case PHYS_STRUCT:
        for (int32_t f = 0; f < c->type->nfields; f++) value_pack(to, &c->kid[f], row);
        return;
    }
#undef ROW
    must_failed("Phys", __FILE__, __LINE__);
}

static bool unpack_list(Reader *r, Builder *b, const Type *t)
{
    uint64_t n = reader_uvarint(r);
    r->bad |= n > (uint64_t)reader_left(r); // an element is a byte at least
    if (r->bad) return false;
    builder_start(b);
    for (uint64_t k = 0; k < n; k++)
        for (int32_t f = 0; f < t->nfields; f++)
            if (!value_unpack(r, builder_kid(b, f))) return false;
    builder_end(b);
    return true;
}

static bool unpack_struct(Reader *r, Builder *b, const Type *t)
{
    builder_start(b);
    for (int32_t f = 0; f < t->nfields; f++)
        if (!value_unpack(r, builder_kid(b, f))) return false;
    builder_end(b);
    return true;
}

static void read_atom(Reader *r, const Type *t, Datum *v)
{
    uint64_t low;
    uint32_t word;
    float f;
    switch (type_phys(t)) {
    case PHYS_BOOL:
        v->i = reader_u8(r);
        r->bad |= v->i > 1 || t->id == T_VOID;
        return;
    case PHYS_I8: v->i = (int64_t)(int8_t)reader_u8(r); return;
    case PHYS_I16: v->i = (int16_t)reader_u16le(r); return;
    case PHYS_I32: v->i = (int32_t)reader_u32le(r); return;
    case PHYS_I64: v->i = (int64_t)reader_u64le(r); return;
    case PHYS_F32:
        word = reader_u32le(r);
        memcpy(&f, &word, sizeof f);
        v->f = (double)f;
        return;
    case PHYS_F64:
        low = reader_u64le(r);
        memcpy(&v->f, &low, sizeof v->f);
        return;
    case PHYS_I128:
        low = reader_u64le(r);
        v->d = (Int128)((Uint128)reader_u64le(r) << 64 | low);
        return;
    case PHYS_STR: v->s = reader_bytes(r, (int64_t)reader_uvarint(r)); return;
    case PHYS_INTERVAL:
        v->interval.months = (int32_t)reader_u32le(r);
        v->interval.days = (int32_t)reader_u32le(r);
        v->interval.micros = (int64_t)reader_u64le(r);
        return;
    case PHYS_LIST:
    case PHYS_STRUCT: must_failed("an atom", __FILE__, __LINE__);
    }
    must_failed("Phys", __FILE__, __LINE__);
}

bool value_unpack(Reader *r, Builder *b)
{
    const Type *t = builder_type(b);
    uint8_t there = reader_u8(r);
    r->bad |= there > 1;
    if (r->bad) return false;
    if (!there) {
        builder_null(b);
        return true;
    }
    if (t->id == T_STRUCT) return unpack_struct(r, b, t);
    if (t->id >= T_ARRAY) return unpack_list(r, b, t);
    Datum v = {0};
    read_atom(r, t, &v);
    if (!r->bad) builder_datum(b, &v);
    return !r->bad;
}
