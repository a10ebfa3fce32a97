#include "base/str.h"
#include "base/arena.h"
#include <stdio.h>

Str str_z(const char *z) { return z ? (Str){z, (int64_t)strlen(z)} : (Str){0}; }

int str_cmp(Str a, Str b)
{
    int64_t n = MIN(a.n, b.n);
    int c = n ? memcmp(a.p, b.p, (size_t)n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static char upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 32) : c; }

bool str_ieq(Str a, Str b)
{
    if (a.n != b.n) return false;
    for (int64_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i])) return false;
    return true;
}

bool str_starts(Str s, Str prefix)
{
    return s.n >= prefix.n && str_eq(str_of(s.p, prefix.n), prefix);
}
bool str_ends(Str s, Str suffix)
{
    return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

int64_t str_find(Str s, Str what)
{
    if (what.n == 0) return 0;
    if (s.n < what.n) return -1;
    const char *p = memmem(s.p, (size_t)s.n, what.p, (size_t)what.n);
    return p ? p - s.p : -1;
}

int64_t str_find_char(Str s, char c)
{
    const char *p = s.n ? memchr(s.p, c, (size_t)s.n) : NULL;
    return p ? p - s.p : -1;
}

int64_t str_rfind_char(Str s, char c)
{
    const char *p = s.n ? memrchr(s.p, c, (size_t)s.n) : NULL;
    return p ? p - s.p : -1;
}

Cut str_cut(Str s, char at)
{
    int64_t i = str_find_char(s, at);
    if (i < 0) return (Cut){.head = s, .tail = str_of(s.p + s.n, 0)};
    return (Cut){str_of(s.p, i), str_from(s, i + 1), true};
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

Str str_trim(Str s)
{
    while (s.n && is_space(s.p[0])) s = str_from(s, 1);
    while (s.n && is_space(s.p[s.n - 1])) s.n--;
    return s;
}

Str str_copy(Arena *a, Str s) { return str_of(str_to_z(a, s), s.n); }

char *str_to_z(Arena *a, Str s)
{
    char *p = NEW_RAW(a, char, s.n + 1);
    if (s.n) memcpy(p, s.p, (size_t)s.n);
    p[s.n] = 0;
    return p;
}

Str str_cat(Arena *a, Str x, Str y)
{
    char *p = NEW_RAW(a, char, x.n + y.n + 1);
    if (x.n) memcpy(p, x.p, (size_t)x.n);
    if (y.n) memcpy(p + x.n, y.p, (size_t)y.n);
    p[x.n + y.n] = 0;
    return str_of(p, x.n + y.n);
}

Str str_lower(Arena *a, Str s)
{
    char *p = str_to_z(a, s);
    for (int64_t i = 0; i < s.n; i++) p[i] = lower(p[i]);
    return str_of(p, s.n);
}

Str str_upper(Arena *a, Str s)
{
    char *p = str_to_z(a, s);
    for (int64_t i = 0; i < s.n; i++) p[i] = upper(p[i]);
    return str_of(p, s.n);
}

Str str_fmt(Arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    must(n >= 0);
    char *p = NEW_RAW(a, char, n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return str_of(p, n);
}

// Bytes of the well-formed sequence at p, or 0. The ranges are those of the Unicode standard's
// table of well-formed byte sequences: no overlong forms, no surrogates, nothing past U+10FFFF.
static int64_t utf8_len(const uint8_t *p, int64_t left)
{
    uint8_t c = p[0];
    if (c < 0x80) return 1;
    int64_t n = c >= 0xc2 && c <= 0xdf   ? 2
                : c >= 0xe0 && c <= 0xef ? 3
                : c >= 0xf0 && c <= 0xf4 ? 4
                                         : 0;
    if (n == 0 || left < n) return 0;
    uint8_t lo = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    uint8_t hi = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < lo || p[1] > hi) return 0;
    for (int64_t i = 2; i < n; i++)
        if ((p[i] & 0xc0) != 0x80) return 0;
    return n;
}

int64_t utf8_count(Str s)
{
    const uint8_t *p = (const uint8_t *)s.p;
    int64_t count = 0;
    for (int64_t i = 0; i < s.n; count++) i += MAX(utf8_len(p + i, s.n - i), 1);
    return count;
}

int64_t utf8_valid_to(Str s)
{
    const uint8_t *p = (const uint8_t *)s.p;
    int64_t i = 0;
    while (i < s.n) {
        uint64_t w = 0;
        if (s.n - i >= 8 && (memcpy(&w, p + i, 8), !(w & UINT64_C(0x8080808080808080)))) {
            i += 8;
            continue;
        }
        int64_t n = utf8_len(p + i, s.n - i);
        if (n == 0) break;
        i += n;
    }
    return i;
}

int64_t utf8_encode(char out[4], uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    int64_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (int64_t i = n - 1; i > 0; i--, cp >>= 6) out[i] = (char)(0x80 | (cp & 0x3f));
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(lead[n] | cp);
    return n;
}

// Optimal string alignment distance, cut off at `limit`.
static int32_t distance(Str a, Str b, int32_t limit)
{
    enum { NAME_MAX_ = 64 };
    if (a.n > NAME_MAX_ || b.n > NAME_MAX_) return limit + 1;
    int32_t row[3][NAME_MAX_ + 1];
    for (int64_t j = 0; j <= b.n; j++) row[1][j] = (int32_t)j;
    memset(row[0], 0, sizeof row[0]);
    for (int64_t i = 1; i <= a.n; i++) {
        row[2][0] = (int32_t)i;
        for (int64_t j = 1; j <= b.n; j++) {
            bool same = lower(a.p[i - 1]) == lower(b.p[j - 1]);
            int32_t d = MIN(row[1][j - 1] + !same, MIN(row[1][j], row[2][j - 1]) + 1);
            bool swapped = i > 1 && j > 1 && lower(a.p[i - 1]) == lower(b.p[j - 2]) &&
                           lower(a.p[i - 2]) == lower(b.p[j - 1]);
            row[2][j] = swapped ? MIN(d, row[0][j - 2] + 1) : d;
        }
        memcpy(row[0], row[1], sizeof row[0]);
        memcpy(row[1], row[2], sizeof row[1]);
    }
    return row[1][b.n];
}

Str str_nearest(Str name, const Str *names, int64_t n)
{
    int32_t best = (int32_t)MIN(name.n / 3 + 1, 4) + 1;
    Str found = {0};
    for (int64_t i = 0; i < n; i++) {
        int32_t d = distance(name, names[i], best);
        if (d < best) {
            best = d;
            found = names[i];
        }
    }
    return found;
}
