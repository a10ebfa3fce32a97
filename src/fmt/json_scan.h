// json_scan.h -- the loops that touch every byte of a plain record: to the end of a string, and
// over the literal text between two values. Sixteen bytes at a time where the machine has the
// instructions. No byte outside [begin, end) is read.
#ifndef FMT_JSON_SCAN_H
#define FMT_JSON_SCAN_H
#include "base/base.h"

// Text that has to stand before a value. Up to 32 bytes are two overlapping blocks under masks.
typedef struct JsonLiteral {
    char head[16], head_mask[16], last[16], last_mask[16];
    const char *text;
    int32_t n, last_at;
    int32_t need; // bytes of input for the quick way: the blocks, and one behind the text
} JsonLiteral;

static inline JsonLiteral json_literal_of(const char *text, int32_t n) // text is borrowed
{
    JsonLiteral l = {.text = text, .n = n, .last_at = MAX(n - 16, 0)};
    l.need = n > 32 ? INT32_MAX : MAX(n + 1, 16);
    memcpy(l.head, text, (size_t)MIN(n, 16));
    memset(l.head_mask, 0xff, (size_t)MIN(n, 16));
    if (n > 16) memcpy(l.last, text + n - 16, 16);
    if (n > 16) memset(l.last_mask, 0xff, 16);
    return l;
}

// Does l stand at p, with at least one byte behind it? The way for short rests and long literals.
static inline bool json_literal_slow(const JsonLiteral *l, const char *p, const char *end)
{
    return end - p > l->n && !memcmp(p, l->text, (size_t)l->n);
}

// The first of [p, end) that does not simply stand for itself in a string: quote, backslash,
// control character, or a byte that is not ASCII; end when there is none.
static inline const char *json_scan_slow(const char *p, const char *end)
{
    while (p < end && (uint8_t)*p >= ' ' && (uint8_t)*p < 0x80 && *p != '\\' && *p != '"') p++;
    return p;
}

#ifdef __SSE4_2__
#include <immintrin.h>

static inline __m128i json_load(const void *p) { return _mm_loadu_si128((const __m128i *)p); }

static inline uint32_t json_special16(const char *p) // one bit a byte
{
    __m128i v = json_load(p);
    __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(' ')); // signed: what is not ASCII is below it
    __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(low, quote), slash));
}

// Less than 16 bytes are left: the last 16 are looked at and those before p forgotten.
static inline const char *json_scan_tail(const char *p, const char *begin, const char *end)
{
    if (end - begin < 16) return json_scan_slow(p, end);
    uint32_t m = json_special16(end - 16) >> (16 - (end - p));
    return m ? p + __builtin_ctz(m) : end;
}

static inline const char *json_scan(const char *p, const char *begin, const char *end)
{
    for (; LIKELY(end - p >= 16); p += 16) {
        uint32_t m = json_special16(p);
        if (m) return p + __builtin_ctz(m);
    }
    return json_scan_tail(p, begin, end);
}

// Is [p, p + n) plain and p[n] a quote?
static inline bool json_quote_at(const char *p, const char *end, int32_t n)
{
    if (end - p <= MAX(n, 15) || p[n] != '"') return false;
    uint32_t m = json_special16(p);
    if (n < 16) return (m & ((2u << n) - 1)) == 1u << n;
    for (int32_t k = 16; k <= n - 16; k += 16) m |= json_special16(p + k);
    return !m && json_special16(p + n - 15) == 0x8000;
}

static inline bool json_literal_at(const JsonLiteral *l, const char *p, const char *end)
{
    if (UNLIKELY(end - p < l->need)) return json_literal_slow(l, p, end);
    __m128i x = _mm_xor_si128(json_load(p), json_load(l->head));
    __m128i y = _mm_xor_si128(json_load(p + l->last_at), json_load(l->last));
    x = _mm_and_si128(x, json_load(l->head_mask));
    y = _mm_and_si128(y, json_load(l->last_mask));
    x = _mm_or_si128(x, y);
    return _mm_testz_si128(x, x);
}
#else
static inline const char *json_scan(const char *p, const char *begin, const char *end)
{
    (void)begin;
    return json_scan_slow(p, end);
}
static inline bool json_quote_at(const char *p, const char *end, int32_t n)
{
    return end - p > n && p[n] == '"' && json_scan_slow(p, end) == p + n;
}
static inline bool json_literal_at(const JsonLiteral *l, const char *p, const char *end)
{
    return json_literal_slow(l, p, end);
}
#endif
#endif
