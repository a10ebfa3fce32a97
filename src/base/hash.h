// hash.h -- hashes and checksums. hash_* are for tables in memory and may change between versions;
// crc32c and xxh64 are formats.
#ifndef BASE_HASH_H
#define BASE_HASH_H
#include "base/base.h"

uint64_t hash_bytes(Str s);
static inline uint64_t hash_u64(uint64_t v) // a bijection that spreads every bit to the top ones
{
    v ^= v >> 32;
    v *= UINT64_C(0xd6e8feb86659fd93);
    v ^= v >> 32;
    v *= UINT64_C(0xd6e8feb86659fd93);
    return v ^ v >> 32;
}
static inline uint64_t hash_mix(uint64_t h, uint64_t with)
{
    return hash_u64(h * UINT64_C(0x9e3779b97f4a7c15) + with);
}
uint64_t xxh64(Str s, uint64_t seed);
// CRC-32C (Castagnoli). Start with 0; crc32c(crc32c(0, a), b) is that of a followed by b.
uint32_t crc32c(uint32_t crc, Str s);
// CRC-32 of zlib and Parquet pages.
uint32_t crc32_ieee(uint32_t crc, Str s);
#endif
