#include "fmt/delta.h"
#include "fmt/codec.h"

enum { BLOCK_MAX = 1 << 16, MINIS_MAX = 512 };

// `count` values of `width` bits (up to 64), lowest bits first, added to the running value.
static void unpack_deltas(int64_t *to, int64_t count, const uint8_t *p, int32_t width, uint64_t min,
                          uint64_t *last)
{
    Uint128 mask = ((Uint128)1 << width) - 1, acc = 0;
    int32_t have = 0;
    for (int64_t i = 0; i < count; i++) {
        for (; have < width; have += 8) acc |= (Uint128)*p++ << have;
        *last += min + (uint64_t)(acc & mask);
        acc >>= width;
        have -= width;
        to[i] = (int64_t)*last;
    }
}

bool delta_read(int64_t **out, int64_t *n, Arena *a, Reader *r, int64_t most)
{
    uint64_t block = reader_uvarint(r), minis = reader_uvarint(r), total = reader_uvarint(r);
    uint64_t last = (uint64_t)reader_varint(r);
    if (r->bad || block == 0 || block > BLOCK_MAX || block % 128 || minis == 0 ||
        minis > MINIS_MAX || block % minis || block / minis % 32 || total > (uint64_t)most)
        return false;
    int64_t *v = NEW_RAW(a, int64_t, (int64_t)total + 1), at = 0, want = (int64_t)total;
    if (want) v[at++] = (int64_t)last;
    int64_t per_mini = (int64_t)(block / minis);
    while (at < want) {
        uint64_t min = (uint64_t)reader_varint(r);
        const uint8_t *widths = reader_take(r, (int64_t)minis);
        for (uint64_t m = 0; m < minis && at < want && !r->bad; m++) {
            if (widths[m] > 64) return false;
            const uint8_t *p = reader_take(r, per_mini * widths[m] / 8);
            int64_t count = MIN(per_mini, want - at);
            if (p) unpack_deltas(v + at, count, p, widths[m], min, &last);
            at += count;
        }
        if (r->bad) return false;
    }
    *out = v;
    *n = want;
    return true;
}

static bool lengths_then_bytes(Str **v, int64_t *n, Arena *a, Reader *r, int64_t most)
{
    int64_t *len;
    if (!delta_read(&len, n, a, r, most)) return false;
    *v = NEW(a, Str, *n + 1);
    for (int64_t i = 0; i < *n; i++) (*v)[i] = reader_bytes(r, len[i]);
    return !r->bad;
}

bool delta_lengths_read(Str **v, int64_t *n, Arena *a, Str bytes, int64_t most)
{
    Reader r = reader_of(bytes);
    return lengths_then_bytes(v, n, a, &r, most);
}

bool delta_strs_read(Str **v, int64_t *n, Arena *a, Str bytes, int64_t most)
{
    Reader r = reader_of(bytes);
    int64_t *prefix, nsuffix, total = 0;
    Str *suffix;
    if (!delta_read(&prefix, n, a, &r, most) ||
        !lengths_then_bytes(&suffix, &nsuffix, a, &r, most) || nsuffix != *n)
        return false;
    Str last = {0};
    for (int64_t i = 0; i < *n; i++) { // each prefix is of the value before
        if (prefix[i] < 0 || prefix[i] > last.n) return false;
        total += prefix[i] + suffix[i].n;
        if (total > CODEC_RAW_MAX) return false;
        suffix[i] = prefix[i] ? str_cat(a, str_sub(last, 0, prefix[i]), suffix[i]) : suffix[i];
        last = suffix[i];
    }
    *v = suffix;
    return true;
}

char *byte_streams_join(Arena *a, Str bytes, int32_t width)
{
    int64_t n = bytes.n / width;
    char *v = NEW_RAW(a, char, n *width + 8);
    for (int32_t k = 0; k < width; k++)
        for (int64_t i = 0; i < n; i++) v[i * width + k] = bytes.p[k * n + i];
    return v;
}
