// seal.c -- see seal.h.
#include "fmt/seal.h"
#include "base/hash.h"

static void digits(char *to, Str bytes, int64_t at)
{
    static const char hex[] = "0123456789abcdef";
    uint32_t crc = crc32c(crc32c(0, str_of(bytes.p, at)), str_from(bytes, at + SEAL_DIGITS));
    for (int32_t i = 0; i < SEAL_DIGITS; i++) to[i] = hex[crc >> (28 - 4 * i) & 15];
}

void seal_put(char *bytes, int64_t n, int64_t at)
{
    must(at >= 0 && at + SEAL_DIGITS <= n);
    digits(bytes + at, str_of(bytes, n), at);
}

bool seal_holds(Str bytes, Str said)
{
    char want[SEAL_DIGITS];
    if (said.n != SEAL_DIGITS) return false;
    must(said.p >= bytes.p && said.p + said.n <= bytes.p + bytes.n);
    digits(want, bytes, said.p - bytes.p);
    return str_eq(said, str_of(want, SEAL_DIGITS));
}
