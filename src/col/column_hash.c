// column_hash.c -- hashes of whole columns, one loop a type. A short string is hashed here without
// a call: two overlapping loads and one wide multiplication (the idea of wyhash).
//
// The hashes decide in which shard a row of durable state stands: changing a function here makes
// the images of older versions unreadable (state/state.c checks a fingerprint).
#include "base/hash.h"
#include "col/column.h"

static const uint64_t hash_of_null = UINT64_C(0x6a09e667f3bcc909);

static inline uint64_t mul_fold(uint64_t a, uint64_t b)
{
    Uint128 m = (Uint128)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

#define LOAD(T, p)                                                                                 \
    ({                                                                                             \
        T load_;                                                                                   \
        memcpy(&load_, (p), sizeof load_);                                                         \
        load_;                                                                                     \
    })

static inline uint64_t hash_str(Str s)
{
    uint64_t a, b;
    if (LIKELY(s.n >= 8 && s.n <= 16)) {
        a = LOAD(uint64_t, s.p);
        b = LOAD(uint64_t, s.p + s.n - 8);
    } else if (s.n >= 4 && s.n < 8) {
        a = LOAD(uint32_t, s.p);
        b = LOAD(uint32_t, s.p + s.n - 4);
    } else if (s.n > 0 && s.n < 4) {
        a = (uint8_t)s.p[0];
        b = (uint64_t)(uint8_t)s.p[s.n / 2] << 8 | (uint8_t)s.p[s.n - 1];
    } else if (s.n == 0) {
        a = b = 0;
    } else {
        return hash_bytes(s);
    }
    return mul_fold(a ^ UINT64_C(0x2d358dccaa6c78a5) ^ (uint64_t)s.n,
                    b ^ UINT64_C(0x8bb84b93962eacc9));
}

static inline uint64_t hash_f64(double v)
{
    uint64_t bits = UINT64_C(0x7ff8000000000000); // every NaN
    v += 0.0;                                     // -0.0 becomes 0.0
    if (v == v) memcpy(&bits, &v, sizeof bits);
    return hash_u64(bits);
}
static inline uint64_t hash_f32(float v) { return hash_f64((double)v); }
static inline uint64_t hash_i8(int8_t v) { return hash_u64((uint64_t)v); }
static inline uint64_t hash_i16(int16_t v) { return hash_u64((uint64_t)v); }
static inline uint64_t hash_i32(int32_t v) { return hash_u64((uint64_t)v); }
static inline uint64_t hash_i64(int64_t v) { return hash_u64((uint64_t)v); }
static inline uint64_t hash_bool(uint8_t v) { return hash_u64(v); }
static inline uint64_t hash_i128(Int128 v)
{
    return hash_mix(hash_u64((uint64_t)v), (uint64_t)((Uint128)v >> 64));
}
static inline uint64_t hash_interval(Interval v)
{
    uint64_t calendar = (uint64_t)(uint32_t)v.months << 32 | (uint32_t)v.days;
    return hash_mix(hash_u64(calendar), (uint64_t)v.micros);
}

#define HASH_LOOPS(X)                                                                              \
    X(bool, uint8_t)                                                                               \
    X(i8, int8_t)                                                                                  \
    X(i16, int16_t)                                                                                \
    X(i32, int32_t)                                                                                \
    X(i64, int64_t)                                                                                \
    X(f32, float)                                                                                  \
    X(f64, double)                                                                                 \
    X(i128, Int128)                                                                                \
    X(interval, Interval)                                                                          \
    X(str, Str)
#define HASH_LOOP(name, T)                                                                         \
    static void loop_##name(const T *v, int32_t n, uint64_t *out)                                  \
    {                                                                                              \
        for (int32_t i = 0; i < n; i++) out[i] = hash_##name(v[i]);                                \
    }
HASH_LOOPS(HASH_LOOP)
#undef HASH_LOOP

// Of two hashes that are mixed well already.
static inline uint64_t hash_join(uint64_t x, uint64_t y)
{
    return x * UINT64_C(0x9e3779b97f4a7c15) + y;
}

static void hash_lists(const Column *c, int32_t at, int32_t n, uint64_t *out, Arena *scratch);

// Of the values at [at, at + n). scratch is for nested types and may be NULL for the others.
static void hash_values(const Column *c, int32_t at, int32_t n, uint64_t *out, Arena *scratch)
{
    switch (type_phys(c->type)) {
#define LOOP(PHYS, name, T)                                                                        \
    case PHYS: loop_##name(COLUMN_DATA(c, T) + at, n, out); break
        LOOP(PHYS_BOOL, bool, uint8_t);
        LOOP(PHYS_I8, i8, int8_t);
        LOOP(PHYS_I16, i16, int16_t);
        LOOP(PHYS_I32, i32, int32_t);
        LOOP(PHYS_I64, i64, int64_t);
        LOOP(PHYS_F32, f32, float);
        LOOP(PHYS_F64, f64, double);
        LOOP(PHYS_I128, i128, Int128);
        LOOP(PHYS_STR, str, Str);
        LOOP(PHYS_INTERVAL, interval, Interval);
#undef LOOP
    case PHYS_LIST: hash_lists(c, at, n, out, scratch); break;
    case PHYS_STRUCT: {
        uint64_t *field = NEW_RAW(scratch, uint64_t, n);
        for (int32_t i = 0; i < n; i++) out[i] = (uint64_t)c->type->nfields;
        for (int32_t f = 0; f < c->type->nfields; f++) {
            hash_values(&c->kid[f], at, n, field, scratch);
            for (int32_t i = 0; i < n; i++) out[i] = hash_join(out[i], field[i]);
        }
        break;
    }
    }
    if (c->valid)
        for (int32_t i = 0; i < n; i++) out[i] = c->valid[at + i] ? out[i] : hash_of_null;
}

// The entries of a map count in any order.
static void hash_lists(const Column *c, int32_t at, int32_t n, uint64_t *out, Arena *scratch)
{
    bool map = c->type->id == T_MAP;
    for (int32_t i = 0; i < n; i++) {
        List list = COLUMN_DATA(c, List)[at + i];
        if (column_null(c, at + i)) list = (List){0};
        uint64_t h = (uint64_t)list.n;
        uint64_t *key = NEW_RAW(scratch, uint64_t, list.n),
                 *value = NEW_RAW(scratch, uint64_t, list.n);
        hash_values(&c->kid[0], list.at, list.n, key, scratch);
        if (map) hash_values(&c->kid[1], list.at, list.n, value, scratch);
        for (int32_t k = 0; k < list.n; k++)
            h = map ? h + hash_u64(hash_join(key[k], value[k])) : hash_join(h, key[k]);
        out[i] = hash_u64(h);
    }
}

void column_hash(const Column *c, int32_t n, uint64_t *hash, bool first)
{
    bool nested = c->type->id >= T_ARRAY;
    if (first && !nested) {
        hash_values(c, 0, n, hash, NULL);
        return;
    }
    enum { BLOCK = 256 };
    uint64_t block[BLOCK];
    Arena *scratch = nested ? arena_new(NULL) : NULL;
    for (int32_t at = 0; at < n; at += BLOCK) {
        int32_t m = MIN(BLOCK, n - at);
        hash_values(c, at, m, block, scratch);
        for (int32_t i = 0; i < m; i++)
            hash[at + i] = first ? block[i] : hash_join(hash[at + i], block[i]);
        if (scratch) arena_clear(scratch);
    }
    arena_free(scratch);
}
