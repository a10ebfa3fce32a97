#include "fmt/truncate.h"

static bool inside(Str s, int64_t at) { return (s.p[at] & 0xc0) == 0x80; } // of a code point

Str truncate_utf8(Str s, int64_t bytes)
{
    if (s.n <= bytes) return s;
    while (bytes > 0 && inside(s, bytes)) bytes--;
    return str_sub(s, 0, bytes);
}

Str truncate_chars(Str s, int64_t n)
{
    int64_t at = 0;
    for (; at < s.n && n > 0; n--)
        for (at++; at < s.n && inside(s, at);) at++;
    return str_sub(s, 0, at);
}

static uint32_t code_point(Str c) // of well-formed bytes
{
    uint8_t b = (uint8_t)c.p[0];
    if (c.n == 1) return b;
    uint32_t cp = b & (0xff >> (c.n + 1));
    for (int64_t i = 1; i < c.n; i++) cp = cp << 6 | ((uint8_t)c.p[i] & 0x3f);
    return cp;
}

Str truncate_up_utf8(Arena *a, Str prefix)
{
    if (utf8_valid_to(prefix) != prefix.n) return truncate_up(a, prefix);
    while (prefix.n > 0) {
        int64_t at = prefix.n - 1;
        while (at > 0 && inside(prefix, at)) at--;
        uint32_t cp = code_point(str_from(prefix, at));
        if (cp < 0x10ffff) {
            cp = cp == 0xd7ff ? 0xe000 : cp + 1; // surrogates are no characters
            char up[4];
            int64_t n = utf8_encode(up, cp);
            return str_cat(a, str_sub(prefix, 0, at), str_of(up, n));
        }
        prefix = str_sub(prefix, 0, at);
    }
    return (Str){0};
}

Str truncate_up(Arena *a, Str prefix)
{
    while (prefix.n > 0 && (uint8_t)prefix.p[prefix.n - 1] == 0xff) prefix.n--;
    if (!prefix.n) return (Str){0};
    Str up = str_copy(a, prefix);
    ((char *)up.p)[up.n - 1]++;
    return up;
}
