// utf8_in.h -- walking over characters the way Spark's UTF8String does: the first byte tells how
// many follow, and nothing is checked.
#ifndef EXPR_UTF8_IN_H
#define EXPR_UTF8_IN_H
#include "base/str.h"

static inline int64_t utf8_width(Str s,
                                 int64_t at) // bytes of the character at `at`, at most what is left
{
    uint8_t c = (uint8_t)s.p[at];
    int64_t n = c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;
    return MIN(n, s.n - at);
}
static inline int64_t utf8_skip(Str s, int64_t at,
                                int64_t chars) // the byte after `chars` characters
{
    while (chars-- > 0 && at < s.n) at += utf8_width(s, at);
    return at;
}
static inline int64_t utf8_chars(Str s)
{
    int64_t n = 0;
    for (int64_t at = 0; at < s.n; at += utf8_width(s, at)) n++;
    return n;
}
static inline bool is_ascii(Str s)
{
    uint8_t any = 0;
    for (int64_t i = 0; i < s.n; i++) any |= (uint8_t)s.p[i];
    return any < 0x80;
}
// The code point at `at`, and its width.
static inline uint32_t utf8_at(Str s, int64_t at, int64_t *width)
{
    *width = utf8_width(s, at);
    uint32_t c = (uint8_t)s.p[at];
    if (*width == 1) return c;
    c &= 0xffU >> (*width + 1);
    for (int64_t i = 1; i < *width; i++) c = c << 6 | ((uint8_t)s.p[at + i] & 0x3f);
    return c;
}
#endif
