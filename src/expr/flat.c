// flat.c -- see flat.h.
#include "expr/flat.h"

static List list_at(const Column *c, int32_t row) { return COLUMN_DATA(c, List)[row]; }

int64_t flat_bytes(const Column *c, int32_t row)
{
    if (column_null(c, row)) return 1;
    Phys p = type_phys(c->type);
    int64_t n = 1;
    if (p == PHYS_STR) return n + 4 + column_str(c, row).n;
    if (p == PHYS_STRUCT) {
        for (int32_t f = 0; f < c->type->nfields; f++) n += flat_bytes(&c->kid[f], row);
        return n;
    }
    if (p != PHYS_LIST) return n + phys_bytes(p);
    List l = list_at(c, row);
    for (int32_t k = 0; k < c->type->nfields; k++)
        for (int32_t e = 0; e < l.n; e++) n += flat_bytes(&c->kid[k], l.at + e);
    return n + 4;
}

static char *put_u32(char *p, uint32_t v)
{
    memcpy(p, &v, sizeof v);
    return p + sizeof v;
}

char *flat_write(char *p, const Column *c, int32_t row)
{
    *p++ = !column_null(c, row);
    if (!p[-1]) return p;
    Phys phys = type_phys(c->type);
    if (phys == PHYS_STR) {
        Str s = column_str(c, row);
        p = put_u32(p, (uint32_t)s.n);
        if (s.n) memcpy(p, s.p, (size_t)s.n);
        return p + s.n;
    }
    if (phys == PHYS_STRUCT) {
        for (int32_t f = 0; f < c->type->nfields; f++) p = flat_write(p, &c->kid[f], row);
        return p;
    }
    if (phys != PHYS_LIST) {
        int32_t n = phys_bytes(phys);
        memcpy(p, (const char *)c->data + (int64_t)row * n, (size_t)n);
        return p + n;
    }
    List l = list_at(c, row);
    p = put_u32(p, (uint32_t)l.n);
    for (int32_t k = 0; k < c->type->nfields; k++)
        for (int32_t e = 0; e < l.n; e++) p = flat_write(p, &c->kid[k], l.at + e);
    return p;
}

static Column one_of(Reader *r, const Type *t, void *room)
{
    const uint8_t *at = reader_take(r, phys_bytes(type_phys(t)));
    must(at != NULL);
    memcpy(room, at, (size_t)phys_bytes(type_phys(t)));
    return (Column){.type = t, .data = room, .rows = 1};
}

static Datum fixed_datum(Reader *r, const Type *t)
{
    Int128 room;
    Column one = one_of(r, t, &room);
    return column_datum(NULL, &one, 0);
}

void flat_read(Reader *r, const Type *t, Builder *b)
{
    if (!reader_u8(r)) {
        builder_null(b);
        return;
    }
    Phys p = type_phys(t);
    if (p == PHYS_STR) {
        Datum v = {.s = reader_str_u32le(r)};
        builder_datum(b, &v);
        return;
    }
    if (p != PHYS_STRUCT && p != PHYS_LIST) {
        Datum v = fixed_datum(r, t);
        builder_datum(b, &v);
        return;
    }
    builder_start(b);
    uint32_t n = p == PHYS_STRUCT ? 1 : reader_u32le(r);
    for (int32_t k = 0; k < t->nfields; k++)
        for (uint32_t e = 0; e < n; e++) flat_read(r, t->field[k].type, builder_kid(b, k));
    builder_end(b);
}

void flat_append(BlobPool *pool, Blob *blob, const Column *c, int32_t row)
{
    int64_t n = flat_bytes(c, row);
    flat_write(blob_append(pool, blob, n), c, row);
}

void flat_set(BlobPool *pool, Blob *blob, const Column *c, int32_t row)
{
    blob->n = 0;
    flat_append(pool, blob, c, row);
}

static int32_t cmp_lists(const Column *c, List l, Reader *r)
{
    uint32_t n = reader_u32le(r);
    for (int32_t e = 0; e < l.n && e < (int32_t)n; e++) {
        int32_t order = flat_cmp(&c->kid[0], l.at + e, r);
        if (order) return order;
    }
    return l.n < (int32_t)n ? -1 : l.n > (int32_t)n;
}

int32_t flat_cmp(const Column *c, int32_t row, Reader *r)
{
    bool there = reader_u8(r), here = !column_null(c, row);
    if (!there || !here) return here - there;
    Phys p = type_phys(c->type);
    if (p == PHYS_STR) return str_cmp(column_str(c, row), reader_str_u32le(r));
    if (p == PHYS_LIST) return cmp_lists(c, list_at(c, row), r);
    if (p == PHYS_STRUCT) {
        int32_t order = 0;
        for (int32_t f = 0; f < c->type->nfields && !order; f++)
            order = flat_cmp(&c->kid[f], row, r);
        return order;
    }
    Int128 room;
    Column one = one_of(r, c->type, &room);
    return value_cmp(c, row, &one, 0);
}

Column flat_column(Arena *a, const Type *t, const Str *text, int32_t n)
{
    Builder *b = builder_new(a, t);
    for (int32_t i = 0; i < n; i++) {
        Reader r = reader_of(text[i]);
        if (text[i].n)
            flat_read(&r, t, b);
        else
            builder_null(b);
    }
    return builder_column(b);
}
