#include "base/buf.h"
#include "base/num.h"
#include <stdio.h>

char *buf_room_slow(Buf *b, int64_t n)
{
    must(n >= 0 && b->arena);
    int64_t cap = MAX(MAX(b->cap * 2, b->n + n), 64);
    b->p = arena_grow(b->arena, b->p, b->cap, cap, 16);
    b->cap = cap;
    return b->p + b->n;
}

void buf_fill(Buf *b, char c, int64_t n)
{
    if (n > 0) memset(buf_take(b, n), c, (size_t)n);
}

void buf_fmt(Buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    must(n >= 0);
    vsnprintf(buf_room(b, n + 1), (size_t)n + 1, fmt, again);
    va_end(again);
    b->n += n;
}

void buf_i64(Buf *b, int64_t v) { b->n += num_format_i64(buf_room(b, NUM_TEXT_MAX), v); }

static void json_escape(Buf *b, uint8_t c)
{
    static const char hex[] = "0123456789ABCDEF"; // as Spark's to_json writes them
    const char *two = c == '"'    ? "\\\""
                      : c == '\\' ? "\\\\"
                      : c == '\n' ? "\\n"
                      : c == '\r' ? "\\r"
                      : c == '\t' ? "\\t"
                      : c == '\b' ? "\\b"
                      : c == '\f' ? "\\f"
                                  : NULL;
    if (two) {
        buf_put(b, str_of(two, 2));
        return;
    }
    buf_put(b, S("\\u00"));
    buf_char(b, hex[c >> 4]);
    buf_char(b, hex[c & 15]);
}

void buf_json_part(Buf *b, Str s)
{
    for (int64_t valid = 0; s.n; s = str_from(s, valid)) {
        valid = utf8_valid_to(s);
        int64_t from = 0;
        for (int64_t i = 0; i < valid; i++) {
            uint8_t c = (uint8_t)s.p[i];
            if (LIKELY(c >= 0x20 && c != '"' && c != '\\')) continue;
            buf_put(b, str_sub(s, from, i - from));
            json_escape(b, c);
            from = i + 1;
        }
        buf_put(b, str_sub(s, from, valid - from));
        if (valid == s.n) break;
        buf_put(b, S("\xef\xbf\xbd"));
        valid++;
    }
}

void buf_json(Buf *b, Str s)
{
    buf_char(b, '"');
    buf_json_part(b, s);
    buf_char(b, '"');
}

#define BUF_FIXED(name, T, swap)                                                                   \
    void buf_##name(Buf *b, T v)                                                                   \
    {                                                                                              \
        v = (T)swap(v);                                                                            \
        memcpy(buf_take(b, (int64_t)sizeof v), &v, sizeof v);                                      \
    }
BUF_FIXED(u8, uint8_t, )
BUF_FIXED(u16be, uint16_t, __builtin_bswap16)
BUF_FIXED(u32be, uint32_t, __builtin_bswap32)
BUF_FIXED(u64be, uint64_t, __builtin_bswap64)
BUF_FIXED(u32le, uint32_t, )
BUF_FIXED(u64le, uint64_t, )

void buf_uvarint(Buf *b, uint64_t v)
{
    for (; v > 127; v >>= 7) buf_u8(b, (uint8_t)(v | 128));
    buf_u8(b, (uint8_t)v);
}

void buf_varint(Buf *b, int64_t v) { buf_uvarint(b, (uint64_t)v << 1 ^ (uint64_t)(v >> 63)); }

void buf_str_u32le(Buf *b, Str s)
{
    must(s.n <= UINT32_MAX);
    buf_u32le(b, (uint32_t)s.n);
    buf_put(b, s);
}

void buf_percent(Buf *b, Str s, Str marks, bool high)
{
    for (int64_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i], folded = c | 0x20;
        bool plain = (c >= '0' && c <= '9') || (folded >= 'a' && folded <= 'z') ||
                     str_find_char(marks, s.p[i]) >= 0 || (high && c >= 0x80);
        if (plain)
            buf_char(b, s.p[i]);
        else
            buf_fmt(b, "%%%02X", c);
    }
}
