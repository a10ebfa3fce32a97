// hash.c -- CRC-32C runs three streams at once, since the instruction answers after three cycles
// and starts every cycle; the streams are joined by shifting two of them over a fixed distance.
#include "base/hash.h"
#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zlib.h>
#ifdef __SSE4_2__
#include <immintrin.h>
#endif

uint64_t hash_bytes(Str s) { return s.p ? XXH3_64bits(s.p, (size_t)s.n) : XXH3_64bits("", 0); }
uint64_t xxh64(Str s, uint64_t seed)
{
    return s.p ? XXH64(s.p, (size_t)s.n, seed) : XXH64("", 0, seed);
}
uint32_t crc32_ieee(uint32_t crc, Str s)
{
    for (int64_t at = 0; at < s.n; at += 1 << 30)
        crc = (uint32_t)crc32(crc, (const Bytef *)s.p + at, (uInt)MIN(s.n - at, 1 << 30));
    return crc;
}

enum { STREAM = 2048 };        // bytes of each of the three streams
static uint32_t shift[4][256]; // the CRC register after STREAM zero bytes, by byte of the register
static uint32_t step[256];     // the register after one byte

static uint32_t times(const uint32_t m[32], uint32_t v) // a 32 x 32 bit matrix times a vector
{
    uint32_t out = 0;
    for (int32_t i = 0; v; v >>= 1, i++)
        if (v & 1) out ^= m[i];
    return out;
}

__attribute__((constructor)) static void make_tables(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int32_t k = 0; k < 8; k++) c = c & 1 ? c >> 1 ^ 0x82f63b78u : c >> 1;
        step[i] = c;
    }
    uint32_t m[32], square[32];
    for (int32_t i = 0; i < 32; i++) m[i] = (1u << i) >> 8 ^ step[(1u << i) & 255]; // one zero byte
    for (int64_t bytes = 1; bytes < STREAM; bytes *= 2) {
        for (int32_t i = 0; i < 32; i++) square[i] = times(m, m[i]);
        memcpy(m, square, sizeof m);
    }
    for (int32_t k = 0; k < 4; k++)
        for (uint32_t i = 0; i < 256; i++) shift[k][i] = times(m, i << (8 * k));
}

#ifdef __SSE4_2__
static inline uint64_t load64(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint32_t shifted(uint64_t c)
{
    return shift[0][c & 255] ^ shift[1][c >> 8 & 255] ^ shift[2][c >> 16 & 255] ^
           shift[3][c >> 24 & 255];
}

uint32_t crc32c(uint32_t crc, Str s)
{
    uint64_t a = ~crc;
    const char *p = s.p;
    int64_t n = s.n;
    for (; n >= 3 * STREAM; n -= 3 * STREAM, p += 3 * STREAM) {
        uint64_t b = 0, c = 0;
        for (int32_t i = 0; i < STREAM; i += 8) {
            a = _mm_crc32_u64(a, load64(p + i));
            b = _mm_crc32_u64(b, load64(p + STREAM + i));
            c = _mm_crc32_u64(c, load64(p + 2 * STREAM + i));
        }
        a = shifted(a) ^ b;
        a = shifted(a) ^ c;
    }
    for (; n >= 8; n -= 8, p += 8) a = _mm_crc32_u64(a, load64(p));
    for (; n > 0; n--, p++) a = _mm_crc32_u8((uint32_t)a, (uint8_t)*p);
    return ~(uint32_t)a;
}
#else
uint32_t crc32c(uint32_t crc, Str s)
{
    crc = ~crc;
    for (int64_t i = 0; i < s.n; i++) crc = crc >> 8 ^ step[(crc ^ (uint8_t)s.p[i]) & 255];
    return ~crc;
}
#endif
