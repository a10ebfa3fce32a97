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
    *d = (Dict){.native = native, .bytes_max = bytes_max, .arena = a, .nslots = SLOTS_MIN};
    d->slot = NEW(a, uint32_t, SLOTS_MIN);
    d->plain = buf_new(a);
    return d;
}

static inline uint64_t load(const char *p, size_t n)
{
    uint64_t v = 0;
    memcpy(&v, p, n);
    return v;
}

static inline DictEntry entry_of(Str s)
{
    DictEntry e = {.n = s.n};
    if (s.n >= 8) {
        e.head = load(s.p, 8);
        e.tail = load(s.p + s.n - 8, 8);
    } else if (s.n >= 4) {
        e.head = load(s.p, 4);
        e.tail = load(s.p + s.n - 4, 4);
    } else if (s.n > 0) {
        e.head = (uint8_t)s.p[0] | (uint64_t)(uint8_t)s.p[s.n / 2] << 8 |
                 (uint64_t)(uint8_t)s.p[s.n - 1] << 16;
    }
    return e;
}

static inline uint64_t entry_hash(const DictEntry *e, Str s)
{
    uint64_t h = e->n > 16 ? hash_bytes(s) : e->head ^ (e->tail << 29 | e->tail >> 35);
    return hash_mix((uint64_t)e->n, h);
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
    case PQ_N32: return hash_u64(((const uint32_t *)(const void *)d->plain.p)[code]);
    case PQ_N64: return hash_u64(((const uint64_t *)(const void *)d->plain.p)[code]);
    case PQ_NSTR:
    case PQ_NFIXED: return entry_hash(&d->entry[code], dict_str(d, code));
    case PQ_N8: break;
    }
    must_failed("a kind with dictionary", __FILE__, __LINE__);
}

static void dict_grow(Dict *d)
{
    d->nslots *= 4;
    d->slot = NEW(d->arena, uint32_t, d->nslots);
    for (uint32_t code = 0; code < (uint32_t)d->n; code++) {
        uint64_t i = code_hash(d, code);
        while (d->slot[i & (uint64_t)(d->nslots - 1)]) i++;
        d->slot[i & (uint64_t)(d->nslots - 1)] = code + 1;
    }
}

#define DICT_WORDS(X) X(32, uint32_t) X(64, uint64_t)
#define DICT_ADD(bits, T)                                                                          \
    static int64_t add_##bits(Dict *d, const T *v, int64_t n, uint32_t *codes)                     \
    {                                                                                              \
        for (int64_t k = 0; k < n; k++) {                                                          \
            uint64_t mask = (uint64_t)(d->nslots - 1), i = hash_u64(v[k]);                         \
            uint32_t at;                                                                           \
            while ((at = d->slot[i & mask]) &&                                                     \
                   ((const T *)(const void *)d->plain.p)[at - 1] != v[k])                          \
                i++;                                                                               \
            if (UNLIKELY(!at)) {                                                                   \
                if (d->plain.n + (int64_t)sizeof(T) > d->bytes_max) return k;                      \
                buf_put(&d->plain, str_of((const char *)&v[k], sizeof(T)));                        \
                d->slot[i & mask] = at = (uint32_t)++d->n;                                         \
                if (d->n * 2 > d->nslots) dict_grow(d);                                            \
            }                                                                                      \
            codes[k] = at - 1;                                                                     \
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
    for (int64_t k = 0; k < n; k++) {
        DictEntry e = entry_of(v[k]);
        uint64_t mask = (uint64_t)(d->nslots - 1), i = entry_hash(&e, v[k]);
        uint32_t at;
        while ((at = d->slot[i & mask]) && !entry_eq(d, &d->entry[at - 1], &e, v[k])) i++;
        if (UNLIKELY(!at)) {
            if (d->plain.n + v[k].n + 4 > d->bytes_max) return k;
            entry_push(d, &e, v[k]);
            d->slot[i & mask] = at = (uint32_t)d->n;
            if (d->n * 2 > d->nslots) dict_grow(d);
        }
        codes[k] = at - 1;
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
