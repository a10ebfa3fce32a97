// flatbuffer.c -- tables, strings and vectors, each aligned as readers check it.
#include "fmt/flatbuffer.h"

static void pad_to(Buf *b, int64_t unit, int64_t behind) // so that `behind` bytes on it is aligned
{
    while ((b->n + behind) % unit) buf_u8(b, 0);
}
void fbuf_set(Buf *b, int64_t at, int64_t v, int32_t bytes)
{
    memcpy(b->p + at, &v, (size_t)bytes); // little-endian, as this machine is
}
FbufTable fbuf_table(Buf *b, const uint8_t *size, int32_t n)
{
    FbufTable t = {0};
    int64_t offset[FBUF_SLOTS_MAX], end = 4;
    must(n <= FBUF_SLOTS_MAX);
    for (int32_t i = 0; i < n; i++) {
        if (size[i]) end = (end + size[i] - 1) / size[i] * size[i];
        offset[i] = size[i] ? end : 0;
        end += size[i];
    }
    int64_t table = 4 + 2 * n;
    pad_to(b, 8, table);
    t.at = b->n + table;
    buf_fill(b, 0, table + end);
    fbuf_set(b, t.at - table, table, 2);
    fbuf_set(b, t.at - table + 2, end, 2);
    for (int32_t i = 0; i < n; i++) {
        fbuf_set(b, t.at - table + 4 + 2 * i, offset[i], 2);
        t.slot[i] = offset[i] ? t.at + offset[i] : 0;
    }
    fbuf_set(b, t.at, table, 4);
    return t;
}
void fbuf_point(Buf *b, int64_t from, int64_t to) { fbuf_set(b, from, to - from, 4); }
int64_t fbuf_str(Buf *b, Str s)
{
    pad_to(b, 4, 0);
    int64_t at = b->n;
    buf_u32le(b, (uint32_t)s.n);
    buf_put(b, s);
    buf_u8(b, 0);
    return at;
}
int64_t fbuf_vector(Buf *b, int64_t n, int32_t align)
{
    pad_to(b, 4, 0);
    pad_to(b, align, 4);
    int64_t at = b->n;
    buf_u32le(b, (uint32_t)n);
    return at;
}
