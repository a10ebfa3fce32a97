// json_scan.h -- the two loops that touch every byte of a plain record: to the end of a string,
// and over the literal text between two values. Sixteen bytes at a time where the machine has the
// instructions; no byte outside [begin, end) is read.
#ifndef FMT_JSON_SCAN_H
#define FMT_JSON_SCAN_H
#include "base/base.h"

enum { JSON_LITERAL_PAD = 16 }; // bytes that may be read behind a literal

// The first of [p, end) that does not simply stand for itself in a string: quote, backslash,
// control character, or a byte that is not ASCII; end when there is none.
static inline const char *json_scan_plain(const char *p, const char *end)
{
    while (p < end && (uint8_t)*p >= ' ' && (uint8_t)*p < 0x80 && *p != '\\' && *p != '"') p++;
    return p;
}

#ifdef __SSE4_2__
#include <immintrin.h>

static inline uint32_t json_special16(__m128i v) // one bit a byte; signed: not ASCII is below blank
{
    __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(' '));
    __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(low, quote), slash));
}

// Less than 16 bytes are left: the last 16 are read and shifted down, zeros (control characters)
// come after them.
static inline const char *json_scan_tail(const char *p, const char *begin, const char *end)
{
    static const int8_t down[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    if (end - begin < 16 || p == end) return json_scan_plain(p, end);
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(end - 16));
    v = _mm_shuffle_epi8(v,
                         _mm_loadu_si128((const __m128i *)(const void *)(down + 16 - (end - p))));
    return p + __builtin_ctz(json_special16(v));
}

static inline const char *json_scan(const char *p, const char *begin, const char *end)
{
    while (LIKELY(end - p >= 16)) {
        uint32_t m = json_special16(_mm_loadu_si128((const __m128i *)(const void *)p));
        if (m) return p + __builtin_ctz(m);
        p += 16;
    }
    return json_scan_tail(p, begin, end);
}

static inline bool json_same16(const char *p, const char *q, uint32_t mask)
{
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i y = _mm_loadu_si128((const __m128i *)(const void *)q);
    return !(~(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y)) & mask);
}

// Does [p, end) start with the n bytes of a literal (which has its padding)? n < end - p.
static inline bool json_literal(const char *p, const char *end, const char *literal, int64_t n)
{
    if (n <= 16 && end - p >= 16) return json_same16(p, literal, (1u << n) - 1);
    if (n >= 16 && n <= 32)
        return json_same16(p, literal, 0xffff) && json_same16(p + n - 16, literal + n - 16, 0xffff);
    return !memcmp(p, literal, (size_t)n);
}
#else
static inline const char *json_scan(const char *p, const char *begin, const char *end)
{
    (void)begin;
    return json_scan_plain(p, end);
}
static inline bool json_literal(const char *p, const char *end, const char *literal, int64_t n)
{
    (void)end;
    return !memcmp(p, literal, (size_t)n);
}
#endif
#endif
