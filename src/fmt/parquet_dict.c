// parquet_dict.c -- open addressing over codes. Strings up to 16 bytes are compared as two words,
// which spares the call that comparing through memory would cost on every row.
#include "base/hash.h"
#include "fmt/parquet_dict_in.h"

enum { SLOTS_MIN = 256 };

int32_t native_bytes(PqNative n)
{
    switch (n) {
    case PQ_N8: return 1;
    case PQ_N32: return 4;
    case PQ_N64: return 8;
    case PQ_NSTR:
    case PQ_NFIXED: return sizeof(Str);
    }
    must_failed("PqNative", __FILE__, __LINE__);
}

Dict *dict_new(Arena *a, PqNative native, int64_t bytes_max)
{
    Dict *d = NEW(a, Dict, 1);
    *d = (Dict){
        .native = native, .bytes_max = bytes_max, .arena = a, .nslots = SLOTS_MIN, .shift = 56};
    d->slot = NEW(a, uint32_t, SLOTS_MIN);
    d->plain = buf_new(a);
    return d;
}

static inline uint64_t load4(const char *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

// Two words that, with the length, are all of a string of up to 16 bytes; of a longer one they are
// its ends. Lengths that vary between 4 and 16 cost no mispredicted branch.
static inline DictEntry entry_of(Str s)
{
    DictEntry e = {.n = s.n};
    const char *p = s.p;
    if (LIKELY(s.n >= 4 && s.n <= 16)) {
        int64_t step = s.n >> 3 << 2;
        e.head = load4(p) << 32 | load4(p + step);
        e.tail = load4(p + s.n - 4) << 32 | load4(p + s.n - 4 - step);
    } else if (s.n > 16) {
        memcpy(&e.head, p, 8);
        memcpy(&e.tail, p + s.n - 8, 8);
    } else if (s.n > 0) {
        e.head = (uint8_t)p[0] | (uint64_t)(uint8_t)p[s.n / 2] << 8 |
                 (uint64_t)(uint8_t)p[s.n - 1] << 16;
    }
    return e;
}

// The top bits are the good ones.
static inline uint64_t word_hash(uint64_t v) { return v * UINT64_C(0x9e3779b97f4a7c15); }

static inline uint64_t entry_hash(const DictEntry *e, Str s)
{
    if (e->n > 16) return word_hash(hash_bytes(s));
    Uint128 m = (Uint128)(e->head ^ UINT64_C(0xa0761d6478bd642f)) *
                (e->tail ^ (uint64_t)e->n ^ UINT64_C(0xe7037ed1a0b428db));
    return word_hash((uint64_t)m ^ (uint64_t)(m >> 64));
}

static inline bool entry_eq(const Dict *d, const DictEntry *x, const DictEntry *e, Str s)
{
    return x->n == e->n && x->head == e->head && x->tail == e->tail &&
           (e->n <= 16 || !memcmp(d->plain.p + x->at, s.p, (size_t)s.n));
}

Str dict_str(const Dict *d, uint32_t code)
{
    return (Str){d->plain.p + d->entry[code].at, d->entry[code].n};
}

static uint64_t code_hash(const Dict *d, uint32_t code)
{
    switch (d->native) {
    case PQ_N32: return word_hash(((const uint32_t *)(const void *)d->plain.p)[code]);
    case PQ_N64: return word_hash(((const uint64_t *)(const void *)d->plain.p)[code]);
    case PQ_NSTR:
    case PQ_NFIXED: return entry_hash(&d->entry[code], dict_str(d, code));
    case PQ_N8: break;
    }
    must_failed("a kind with dictionary", __FILE__, __LINE__);
}

static void dict_grow(Dict *d)
{
    d->nslots *= 4;
    d->shift -= 2;
    d->slot = NEW(d->arena, uint32_t, d->nslots);
    for (uint32_t code = 0; code < (uint32_t)d->n; code++) {
        uint64_t mask = (uint64_t)(d->nslots - 1), i = code_hash(d, code) >> d->shift;
        while (d->slot[i]) i = (i + 1) & mask;
        d->slot[i] = code + 1;
    }
}

#define DICT_WORDS(X) X(32, uint32_t) X(64, uint64_t)
#define DICT_ADD(bits, T)                                                                          \
    static int64_t add_##bits(Dict *d, const T *v, int64_t n, uint32_t *codes)                     \
    {                                                                                              \
        for (int64_t k = 0; k < n;) {                                                              \
            const uint32_t *slot = d->slot; /* in registers until something is new */              \
            const T *known = (const T *)(const void *)d->plain.p;                                  \
            uint64_t mask = (uint64_t)(d->nslots - 1), i = 0;                                      \
            int32_t shift = d->shift;                                                              \
            uint32_t at = 1;                                                                       \
            for (; k < n; codes[k++] = at - 1) {                                                   \
                i = word_hash(v[k]) >> shift;                                                      \
                while ((at = slot[i]) && known[at - 1] != v[k]) i = (i + 1) & mask;                \
                if (UNLIKELY(!at)) break;                                                          \
            }                                                                                      \
            if (k == n) break;                                                                     \
            if (d->plain.n + (int64_t)sizeof(T) > d->bytes_max) return k;                          \
            buf_put(&d->plain, str_of((const char *)&v[k], sizeof(T)));                            \
            d->slot[i] = (uint32_t)++d->n;                                                         \
            codes[k++] = (uint32_t)d->n - 1;                                                       \
            if (d->n * 2 > d->nslots) dict_grow(d);                                                \
        }                                                                                          \
        return n;                                                                                  \
    }
DICT_WORDS(DICT_ADD)

static void entry_push(Dict *d, DictEntry *e, Str s)
{
    if (d->n == d->entries_cap) {
        int64_t cap = d->entries_cap ? d->entries_cap * 2 : 64;
        d->entry = arena_grow(d->arena, d->entry, d->n * (int64_t)sizeof(DictEntry),
                              cap * (int64_t)sizeof(DictEntry), _Alignof(DictEntry));
        d->entries_cap = cap;
    }
    if (d->native == PQ_NSTR) buf_u32le(&d->plain, (uint32_t)s.n);
    e->at = d->plain.n;
    buf_put(&d->plain, s);
    d->entry[d->n++] = *e;
}

static int64_t add_strs(Dict *d, const Str *v, int64_t n, uint32_t *codes)
{
    for (int64_t k = 0; k < n;) {
        const uint32_t *slot = d->slot;
        const DictEntry *entry = d->entry;
        uint64_t mask = (uint64_t)(d->nslots - 1), i = 0;
        int32_t shift = d->shift;
        uint32_t at = 1;
        DictEntry e = {0};
        for (; k < n; codes[k++] = at - 1) {
            e = entry_of(v[k]);
            i = entry_hash(&e, v[k]) >> shift;
            while ((at = slot[i]) && !entry_eq(d, &entry[at - 1], &e, v[k])) i = (i + 1) & mask;
            if (UNLIKELY(!at)) break;
        }
        if (k == n) break;
        if (d->plain.n + v[k].n + 4 > d->bytes_max) return k;
        entry_push(d, &e, v[k]);
        d->slot[i] = (uint32_t)d->n;
        codes[k++] = (uint32_t)d->n - 1;
        if (d->n * 2 > d->nslots) dict_grow(d);
    }
    return n;
}

int64_t dict_add(Dict *d, const void *v, int64_t n, uint32_t *codes)
{
    if (d->native == PQ_N32) return add_32(d, v, n, codes);
    if (d->native == PQ_N64) return add_64(d, v, n, codes);
    return add_strs(d, v, n, codes);
}

void plain_put(Buf *out, PqNative native, const void *v, int64_t n)
{
    if (native != PQ_NSTR && native != PQ_NFIXED) {
        buf_put(out, str_of(v, n * native_bytes(native)));
        return;
    }
    const Str *s = v;
    for (int64_t i = 0; i < n; i++) {
        char *to = buf_room(out, s[i].n + 4);
        uint32_t len = (uint32_t)s[i].n;
        if (native == PQ_NSTR) {
            memcpy(to, &len, 4);
            to += 4;
        }
        if (len) memcpy(to, s[i].p, len);
        out->n += s[i].n + (native == PQ_NSTR ? 4 : 0);
    }
}
