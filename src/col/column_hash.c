// column_hash.c -- hashes of whole columns, one loop a type. A short string is hashed here without
// a call: two overlapping loads and one wide multiplication (the idea of wyhash).
//
// The hashes decide in which shard a row of durable state stands: changing a function here makes
// the images of older versions unreadable (state/state.c checks a fingerprint).
#include "base/hash.h"
#include "col/column.h"

static const uint64_t raw_null = UINT64_C(0x6a09e667f3bcc909);

static inline uint64_t mul_fold(uint64_t a, uint64_t b)
{
    Uint128 m = (Uint128)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

// A hash grows by a step a value. Every bit of a value must reach the low bits, which say where in
// a table, and the top ones, which shard: raw_* spread it, the step spreads it again.
static inline uint64_t hash_step(uint64_t h, uint64_t raw)
{
    h = (h ^ raw) * UINT64_C(0xd6e8feb86659fd93);
    return h ^ h >> 29;
}

static inline uint64_t raw_i64(int64_t v)
{
    uint64_t h = (uint64_t)v * UINT64_C(0x9fb21c651e98df25);
    return h ^ h >> 32;
}
static inline uint64_t raw_i8(int8_t v) { return raw_i64(v); }
static inline uint64_t raw_i16(int16_t v) { return raw_i64(v); }
static inline uint64_t raw_i32(int32_t v) { return raw_i64(v); }
static inline uint64_t raw_bool(uint8_t v) { return raw_i64(v); }
static inline uint64_t raw_i128(Int128 v)
{
    return hash_step(raw_i64((int64_t)v), (uint64_t)((Uint128)v >> 64));
}
static inline uint64_t raw_interval(Interval v)
{
    uint64_t calendar = (uint64_t)(uint32_t)v.months << 32 | (uint32_t)v.days;
    return hash_step(raw_i64((int64_t)calendar), (uint64_t)v.micros);
}
static inline uint64_t raw_f64(double v)
{
    uint64_t bits = UINT64_C(0x7ff8000000000000); // every NaN
    v += 0.0;                                     // -0.0 becomes 0.0
    if (v == v) memcpy(&bits, &v, sizeof bits);
    return raw_i64((int64_t)bits);
}
static inline uint64_t raw_f32(float v) { return raw_f64((double)v); }

static inline uint64_t raw_str(Str s)
{
    if (UNLIKELY(s.n > 16)) return hash_bytes(s);
    StrHead h = str_head(s);
    return mul_fold(h.word[0] ^ UINT64_C(0x2d358dccaa6c78a5) ^ (uint64_t)s.n,
                    h.word[1] ^ UINT64_C(0x8bb84b93962eacc9));
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
    static void loop_##name(const T *v, const uint8_t *valid, int32_t n, uint64_t *out,            \
                            bool first)                                                            \
    {                                                                                              \
        if (first && !valid) {                                                                     \
            for (int32_t i = 0; i < n; i++) out[i] = hash_step(0, raw_##name(v[i]));               \
        } else if (!valid) {                                                                       \
            for (int32_t i = 0; i < n; i++) out[i] = hash_step(out[i], raw_##name(v[i]));          \
        } else {                                                                                   \
            for (int32_t i = 0; i < n; i++)                                                        \
                out[i] = hash_step(first ? 0 : out[i], valid[i] ? raw_##name(v[i]) : raw_null);    \
        }                                                                                          \
    }
HASH_LOOPS(HASH_LOOP)
#undef HASH_LOOP

static void hash_nested(const Column *c, int32_t at, int32_t n, uint64_t *out, Arena *scratch);

// Of the values at [at, at + n), folded into out unless they are the first.
static void hash_values(const Column *c, int32_t at, int32_t n, uint64_t *out, bool first)
{
    const uint8_t *valid = c->valid ? c->valid + at : NULL;
    switch (type_phys(c->type)) {
#define LOOP(PHYS, name, T)                                                                        \
    case PHYS: loop_##name(COLUMN_DATA(c, T) + at, valid, n, out, first); return
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
    case PHYS_LIST:
    case PHYS_STRUCT: break;
    }
    Arena *scratch = arena_new(NULL);
    uint64_t *h = NEW_RAW(scratch, uint64_t, n);
    hash_nested(c, at, n, h, scratch);
    for (int32_t i = 0; i < n; i++)
        out[i] = hash_step(first ? 0 : out[i], valid && !valid[i] ? raw_null : h[i]);
    arena_free(scratch);
}

// The entries of a map count in any order.
static uint64_t hash_list(const Column *c, List list, Arena *scratch)
{
    bool map = c->type->id == T_MAP;
    uint64_t h = (uint64_t)list.n;
    uint64_t *element = NEW_RAW(scratch, uint64_t, list.n);
    if (list.n == 0) return h;
    for (int32_t f = 0; f < c->type->nfields; f++)
        hash_values(&c->kid[f], list.at, list.n, element, f == 0);
    for (int32_t k = 0; k < list.n; k++) h = map ? h + element[k] : hash_step(h, element[k]);
    return raw_i64((int64_t)h);
}

static void hash_nested(const Column *c, int32_t at, int32_t n, uint64_t *out, Arena *scratch)
{
    for (int32_t i = 0; i < n; i++) {
        bool null = column_null(c, at + i);
        out[i] = c->type->id == T_STRUCT || null
                     ? (uint64_t)c->type->nfields
                     : hash_list(c, COLUMN_DATA(c, List)[at + i], scratch);
    }
    if (c->type->id != T_STRUCT) return;
    for (int32_t f = 0; f < c->type->nfields; f++) hash_values(&c->kid[f], at, n, out, false);
}

void column_hash(const Column *c, int32_t n, uint64_t *hash, bool first)
{
    if (n) hash_values(c, 0, n, hash, first);
}
