// reader.h -- Reader, a cursor over bytes from outside. The first short or impossible read sets
// `bad` and makes all later ones zero, so a decoder reads all its fields in order and checks once.
#ifndef BASE_READER_H
#define BASE_READER_H
#include "base/base.h"

typedef struct Reader {
    const uint8_t *at, *end;
    bool bad;
} Reader;

static inline Reader reader_of(Str s)
{
    return (Reader){(const uint8_t *)s.p, (const uint8_t *)(s.n ? s.p + s.n : s.p), false};
}
static inline int64_t reader_left(const Reader *r) { return r->bad ? 0 : r->end - r->at; }
static inline const uint8_t *reader_take(Reader *r, int64_t n)
{
    if (UNLIKELY(r->bad || n < 0 || n > r->end - r->at)) {
        r->bad = true;
        return NULL;
    }
    r->at += n;
    return r->at - n;
}
#define READER_FIXED(name, T, swap)                                                                \
    static inline T reader_##name(Reader *r)                                                       \
    {                                                                                              \
        T v = 0;                                                                                   \
        const uint8_t *p = reader_take(r, (int64_t)sizeof(T));                                     \
        if (p) memcpy(&v, p, sizeof v);                                                            \
        return (T)swap(v);                                                                         \
    }
READER_FIXED(u8, uint8_t, )
READER_FIXED(u16be, uint16_t, __builtin_bswap16)
READER_FIXED(u32be, uint32_t, __builtin_bswap32)
READER_FIXED(u64be, uint64_t, __builtin_bswap64)
READER_FIXED(u16le, uint16_t, )
READER_FIXED(u32le, uint32_t, )
READER_FIXED(u64le, uint64_t, )
#undef READER_FIXED
uint64_t reader_uvarint(Reader *r); // LEB128, at most ten bytes
static inline int64_t reader_varint(Reader *r)
{
    uint64_t u = reader_uvarint(r);
    return (int64_t)(u >> 1) ^ -(int64_t)(u & 1);
}
static inline Str reader_bytes(Reader *r, int64_t n) // a view into what is read
{
    const uint8_t *p = reader_take(r, n);
    return p ? (Str){(const char *)p, n} : (Str){0};
}
static inline Str reader_str_u32le(Reader *r) { return reader_bytes(r, reader_u32le(r)); }
#endif
