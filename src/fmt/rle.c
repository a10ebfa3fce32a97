// rle.c -- runs of 16 and more equal values become a run length, everything between is packed.
#include "fmt/rle.h"

enum { GROUP = 8, RUN_MIN = 16 };

int32_t bits_for(uint64_t most) { return most ? 64 - __builtin_clzll(most) : 0; }

static inline void pack8(char *to, const uint32_t *v, int32_t width)
{
    if (width <= 16) { // both halves of the group fit 64 bits each
        uint64_t lo = 0, hi = 0;
        for (int32_t i = 0; i < 4; i++) lo |= (uint64_t)v[i] << i * width;
        for (int32_t i = 0; i < 4; i++) hi |= (uint64_t)v[4 + i] << i * width;
        Uint128 all = (Uint128)hi << 4 * width | lo;
        memcpy(to, &all, sizeof all);
        return;
    }
    Uint128 acc = 0;
    for (int32_t i = 0, have = 0; i < GROUP; i++) {
        acc |= (Uint128)v[i] << have;
        have += width;
        for (; have >= 32 || (i == GROUP - 1 && have > 0); have -= 32, acc >>= 32, to += 4)
            memcpy(to, &acc, 4);
    }
}

void bits_pack(Buf *out, const uint32_t *v, int64_t n, int32_t width)
{
    int64_t groups = (n + GROUP - 1) / GROUP;
    char *to = buf_room(out, groups * width + 16);
    int64_t g = 0;
    for (; (g + 1) * GROUP <= n; g++) pack8(to + g * width, v + g * GROUP, width);
    if (g < groups) {
        uint32_t last[GROUP] = {0};
        memcpy(last, v + g * GROUP, (size_t)(n - g * GROUP) * sizeof *v);
        pack8(to + g * width, last, width);
    }
    out->n += groups * width;
}

void rle_encode_run(Buf *out, uint32_t value, int64_t n, int32_t width)
{
    buf_uvarint(out, (uint64_t)n << 1);
    for (int32_t i = 0; i < width; i += 8) buf_u8(out, (uint8_t)(value >> i));
}

#define RLE_TYPES(X) X(u8, uint8_t) X(u32, uint32_t)
#define RLE_ENCODE(name, T)                                                                        \
    static void put_packed_##name(Buf *out, const T *v, int64_t n, int32_t width)                  \
    {                                                                                              \
        uint32_t wide[64 * GROUP];                                                                 \
        if (n) buf_uvarint(out, (uint64_t)((n + GROUP - 1) / GROUP) << 1 | 1);                     \
        for (int64_t at = 0; at < n; at += COUNT(wide)) {                                          \
            int64_t m = MIN(COUNT(wide), n - at);                                                  \
            for (int64_t i = 0; i < m; i++) wide[i] = v[at + i];                                   \
            bits_pack(out, wide, m, width);                                                        \
        }                                                                                          \
    }                                                                                              \
    void rle_encode_##name(Buf *out, const T *v, int64_t n, int32_t width)                         \
    {                                                                                              \
        int64_t from = 0, at = 0; /* [from, at) waits to be packed, whole groups */                \
        while (at < n) {                                                                           \
            int64_t end = at + 1;                                                                  \
            while (end < n && v[end] == v[at]) end++;                                              \
            if (end - at >= RUN_MIN || (from == at && end == n)) {                                 \
                put_packed_##name(out, v + from, at - from, width);                                \
                rle_encode_run(out, v[at], end - at, width);                                       \
                from = at = end;                                                                   \
            } else {                                                                               \
                at += GROUP;                                                                       \
            }                                                                                      \
        }                                                                                          \
        if (from < n) put_packed_##name(out, v + from, n - from, width);                           \
    }
RLE_TYPES(RLE_ENCODE)

RleReader rle_reader(Str bytes, int32_t width)
{
    return (RleReader){.r = reader_of(bytes), .width = width};
}

void bits_unpack8(const uint8_t *p, int64_t have, int32_t width, uint32_t to[8])
{
    uint8_t copy[32 + 8] = {0};
    if (have < width + 8) { // the loads below reach eight bytes past the last value's first
        memcpy(copy, p, (size_t)MIN(have, width));
        p = copy;
    }
    uint64_t mask = (UINT64_C(1) << width) - 1;
    for (int32_t i = 0; i < GROUP; i++) {
        uint64_t v;
        memcpy(&v, p + (i * width >> 3), sizeof v);
        to[i] = (uint32_t)(v >> (i * width & 7) & mask);
    }
}

static bool next_run(RleReader *d)
{
    if (d->width == 0 && reader_left(&d->r) == 0) { // nothing but zeros needs no bytes
        d->packed = false;
        d->value = 0;
        d->left = INT64_MAX;
        return true;
    }
    uint64_t head = reader_uvarint(&d->r);
    d->packed = head & 1;
    d->left = (int64_t)MIN(head >> 1, (uint64_t)INT32_MAX);
    d->value = 0;
    if (d->packed) {
        // The last group may be cut short by a writer that counts bytes instead of groups.
        int64_t groups =
            MIN(d->left, d->width ? (reader_left(&d->r) + d->width - 1) / d->width : d->left);
        d->left = groups * GROUP;
        d->group = d->r.at;
        d->in_group = 0;
        reader_take(&d->r, MIN(groups * d->width, reader_left(&d->r)));
    } else {
        const uint8_t *p = reader_take(&d->r, (d->width + 7) / 8);
        for (int32_t i = 0; p && i < d->width; i += 8) d->value |= (uint32_t)p[i / 8] << i;
    }
    return !d->r.bad;
}

#define RLE_DECODE(name, T)                                                                        \
    static void take_packed_##name(RleReader *d, T *to, int64_t n)                                 \
    {                                                                                              \
        uint32_t v[GROUP];                                                                         \
        for (int64_t i = 0; i < n;) {                                                              \
            int32_t m = (int32_t)MIN(n - i, GROUP - d->in_group);                                  \
            bits_unpack8(d->group, d->r.end - d->group, d->width, v);                              \
            for (int32_t k = 0; k < m; k++) to[i + k] = (T)v[d->in_group + k];                     \
            i += m;                                                                                \
            d->in_group += m;                                                                      \
            if (d->in_group == GROUP) d->in_group = 0, d->group += d->width;                       \
        }                                                                                          \
    }                                                                                              \
    bool rle_read_##name(RleReader *d, T *to, int64_t n)                                           \
    {                                                                                              \
        for (int64_t i = 0; i < n;) {                                                              \
            if (d->left == 0 && !next_run(d)) return false;                                        \
            if (d->left == 0) return false; /* a run of nothing: no writer makes one */            \
            int64_t m = MIN(n - i, d->left);                                                       \
            if (d->packed)                                                                         \
                take_packed_##name(d, to + i, m);                                                  \
            else                                                                                   \
                for (int64_t k = 0; k < m; k++) to[i + k] = (T)d->value;                           \
            i += m;                                                                                \
            d->left -= m;                                                                          \
        }                                                                                          \
        return true;                                                                               \
    }
RLE_TYPES(RLE_DECODE)
