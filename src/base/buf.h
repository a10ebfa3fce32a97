// buf.h -- Buf, growing bytes in an arena: what formats and protocols are written into.
#ifndef BASE_BUF_H
#define BASE_BUF_H
#include "base/base.h"

typedef struct Buf {
    char *p;
    int64_t n, cap;
    Arena *arena; // where it grows; replaced pieces stay there until the arena ends
} Buf;

static inline Buf buf_new(Arena *a) { return (Buf){.arena = a}; }
static inline Str buf_str(const Buf *b) { return (Str){b->p, b->n}; } // until the next write
static inline void buf_clear(Buf *b) { b->n = 0; }
char *buf_room_slow(Buf *b, int64_t n);
static inline char *buf_room(Buf *b, int64_t n) // n writable bytes at the end, not yet counted
{
    return b->cap - b->n >= n ? b->p + b->n : buf_room_slow(b, n);
}
static inline char *buf_take(Buf *b, int64_t n) // n bytes at the end, counted, to be written now
{
    char *p = buf_room(b, n);
    b->n += n;
    return p;
}
static inline void buf_put(Buf *b, Str s)
{
    if (s.n) memcpy(buf_take(b, s.n), s.p, (size_t)s.n);
}
static inline void buf_char(Buf *b, char c) { *buf_take(b, 1) = c; }
void buf_fill(Buf *b, char c, int64_t n);
void buf_fmt(Buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_i64(Buf *b, int64_t v);   // decimal text
void buf_json(Buf *b, Str s);      // as a JSON string, quotes included; bad UTF-8 as U+FFFD
void buf_json_part(Buf *b, Str s); // the same without the quotes
// %XX of every byte but letters, digits and `marks`; `high` keeps those past US-ASCII too.
void buf_percent(Buf *b, Str s, Str marks, bool high);
// Binary, the byte order in the name.
void buf_u8(Buf *b, uint8_t v);
void buf_u16be(Buf *b, uint16_t v);
void buf_u32be(Buf *b, uint32_t v);
void buf_u64be(Buf *b, uint64_t v);
void buf_u32le(Buf *b, uint32_t v);
void buf_u64le(Buf *b, uint64_t v);
void buf_uvarint(Buf *b, uint64_t v); // LEB128
void buf_varint(Buf *b, int64_t v);   // zig-zag, then LEB128
void buf_str_u32le(Buf *b, Str s);    // length, then bytes
#endif
