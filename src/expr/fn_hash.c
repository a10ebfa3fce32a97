// fn_hash.c -- hash (Murmur3), xxhash64, crc32, md5, sha: of values as Spark lays them out.
#include "base/hash.h"
#include "expr/decimal_in.h"
#include "expr/fn_in.h"
#include <openssl/evp.h>

enum { SEED = 42 };

static uint32_t rotl32(uint32_t v, int r) { return v << r | v >> (32 - r); }
static uint32_t murmur_block(uint32_t h, uint32_t k)
{
    k = rotl32(k * 0xcc9e2d51U, 15) * 0x1b873593U;
    return rotl32(h ^ k, 13) * 5 + 0xe6546b64U;
}
static uint32_t murmur_end(uint32_t h, uint32_t bytes)
{
    h ^= bytes;
    h = (h ^ h >> 16) * 0x85ebca6bU;
    h = (h ^ h >> 13) * 0xc2b2ae35U;
    return h ^ h >> 16;
}
// Spark gives every byte past the last whole word a block of its own.
static uint64_t murmur_bytes(Str s, uint64_t seed)
{
    uint32_t h = (uint32_t)seed;
    int64_t i = 0;
    for (; i + 4 <= s.n; i += 4) {
        uint32_t k;
        memcpy(&k, s.p + i, sizeof k);
        h = murmur_block(h, k);
    }
    for (; i < s.n; i++) h = murmur_block(h, (uint32_t)(int32_t)(signed char)s.p[i]);
    return murmur_end(h, (uint32_t)s.n);
}
static uint64_t xxh_bytes(Str s, uint64_t seed) { return xxh64(s, seed); }

typedef uint64_t (*HashBytes)(Str s, uint64_t seed);

static uint64_t hash_word(HashBytes f, const void *v, int64_t n, uint64_t seed)
{
    return f(str_of(v, n), seed);
}
static uint64_t hash_i32(HashBytes f, int32_t v, uint64_t seed)
{
    return hash_word(f, &v, sizeof v, seed);
}
static uint64_t hash_i64(HashBytes f, int64_t v, uint64_t seed)
{
    return hash_word(f, &v, sizeof v, seed);
}

// -0.0 hashes as 0.0, all NaNs alike.
static uint64_t hash_f64(HashBytes f, double v, uint64_t seed)
{
    int64_t bits = INT64_C(0x7ff8000000000000);
    v = v == 0 ? 0 : v;
    if (v == v) memcpy(&bits, &v, sizeof bits);
    return hash_i64(f, bits, seed);
}
static uint64_t hash_f32(HashBytes f, float v, uint64_t seed)
{
    int32_t bits = 0x7fc00000;
    v = v == 0 ? 0 : v;
    if (v == v) memcpy(&bits, &v, sizeof bits);
    return hash_i32(f, bits, seed);
}

// More than 18 digits: the bytes of Java's BigInteger, big-endian and as few as hold the sign.
static uint64_t hash_decimal(HashBytes f, const Type *t, Int128 v, uint64_t seed)
{
    if (t->precision <= 18) return hash_i64(f, (int64_t)v, seed);
    char bytes[16];
    for (int32_t i = 0; i < 16; i++) bytes[15 - i] = (char)(v >> (8 * i));
    int32_t from = 0;
    while (from < 15 && bytes[from] == (v < 0 ? (char)-1 : 0) &&
           ((bytes[from + 1] & 0x80) != 0) == (v < 0))
        from++;
    return f(str_of(bytes + from, 16 - from), seed);
}

static uint64_t hash_value(HashBytes f, const Column *c, int32_t i, uint64_t seed)
{
    if (column_null(c, i)) return seed;
    switch (type_phys(c->type)) {
    case PHYS_BOOL: return hash_i32(f, COLUMN_DATA(c, uint8_t)[i], seed);
    case PHYS_I8: return hash_i32(f, COLUMN_DATA(c, int8_t)[i], seed);
    case PHYS_I16: return hash_i32(f, COLUMN_DATA(c, int16_t)[i], seed);
    case PHYS_I32: return hash_i32(f, COLUMN_DATA(c, int32_t)[i], seed);
    case PHYS_I64: return hash_i64(f, COLUMN_DATA(c, int64_t)[i], seed);
    case PHYS_F32: return hash_f32(f, COLUMN_DATA(c, float)[i], seed);
    case PHYS_F64: return hash_f64(f, COLUMN_DATA(c, double)[i], seed);
    case PHYS_I128: return hash_decimal(f, c->type, COLUMN_DATA(c, Int128)[i], seed);
    case PHYS_STR: return f(column_str(c, i), seed);
    case PHYS_INTERVAL: {
        Interval v = COLUMN_DATA(c, Interval)[i];
        return hash_i32(f, v.months, hash_i32(f, v.days, hash_i64(f, v.micros, seed)));
    }
    case PHYS_STRUCT:
        for (int32_t k = 0; k < c->type->nfields; k++) seed = hash_value(f, &c->kid[k], i, seed);
        return seed;
    case PHYS_LIST: {
        List l = COLUMN_DATA(c, List)[i];
        for (int32_t e = l.at; e < l.at + l.n; e++)
            for (int32_t k = 0; k < c->type->nfields; k++)
                seed = hash_value(f, &c->kid[k], e, seed);
        return seed;
    }
    }
    must_failed("Phys", __FILE__, __LINE__);
}

uint64_t spark_xxhash64(const Column *c, int32_t i, uint64_t seed)
{
    return hash_value(xxh_bytes, c, i, seed);
}

static Status hash_kernel(const KernelCall *k)
{
    bool wide = k->out->type->id == T_BIGINT;
    HashBytes f = wide ? xxh_bytes : murmur_bytes;
    k->out->valid = NULL;
    for (int32_t i = 0; i < k->rows; i++) {
        if (k->active && !k->active[i]) continue;
        uint64_t h = SEED;
        for (int32_t c = 0; c < k->nin; c++) h = hash_value(f, k->in[c], i, h);
        if (wide)
            COLUMN_DATA(k->out, int64_t)[i] = (int64_t)h;
        else
            COLUMN_DATA(k->out, int32_t)[i] = (int32_t)h;
    }
    return DONE;
}

EACH1(crc32_kernel, Str, int64_t, , z[i] = (int64_t)crc32_ieee(0, x[i]))

static void hex_of(char *to, const uint8_t *from, uint32_t n)
{
    static const char digit[] = "0123456789abcdef";
    for (uint32_t i = 0; i < n; i++) {
        to[2 * i] = digit[from[i] >> 4];
        to[2 * i + 1] = digit[from[i] & 15];
    }
}

static Status digest_kernel(const KernelCall *k)
{
    const EVP_MD *md = k->bound;
    uint32_t bytes = (uint32_t)EVP_MD_get_size(md);
    char *p = NEW_RAW(k->scratch, char, (int64_t)k->rows *bytes * 2);
    for (int32_t i = 0; i < k->rows; i++) {
        uint8_t digest[EVP_MAX_MD_SIZE];
        if (!kernel_live(k, i)) continue;
        Str s = column_str(k->in[0], i);
        if (!EVP_Digest(s.p, (size_t)s.n, digest, NULL, md, NULL))
            return fail(ERR_UNSUPPORTED, "OpenSSL has no %s here", EVP_MD_get0_name(md));
        hex_of(p, digest, bytes);
        COLUMN_DATA(k->out, Str)[i] = str_of(p, bytes * 2);
        p += bytes * 2;
    }
    return DONE;
}

static void digest_free(void *md) { EVP_MD_free(md); }

static Status fetch_digest(Arena *a, const char *name, const void **out)
{
    EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);
    if (!md) return fail(ERR_UNSUPPORTED, "OpenSSL has no %s here", name);
    arena_defer(a, digest_free, md);
    *out = md;
    return DONE;
}

static Status bind_digest(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)ctx;
    return fetch_digest(a, str_eq(call->fn->name, S("md5")) ? "MD5" : "SHA1", &b->data);
}

// sha2(x, bits): nearly always with one width for all rows.
static Status sha2_kernel(const KernelCall *k)
{
    static const struct {
        int32_t bits;
        const char *name;
    } widths[] = {
        {0, "SHA256"}, {224, "SHA224"}, {256, "SHA256"}, {384, "SHA384"}, {512, "SHA512"}};
    const int32_t *bits = COLUMN_DATA(k->in[1], int32_t);
    uint8_t *active = NEW_RAW(k->scratch, uint8_t, k->rows),
            *known = NEW(k->scratch, uint8_t, k->rows);
    for (int32_t w = 0; w < COUNT(widths); w++) {
        bool any = false;
        for (int32_t i = 0; i < k->rows; i++) {
            active[i] = kernel_live(k, i) && bits[i] == widths[w].bits;
            known[i] |= active[i];
            any |= active[i];
        }
        if (!any) continue;
        KernelCall one = *k;
        one.active = active;
        Arena *digests = arena_new(NULL);
        Status s = fetch_digest(digests, widths[w].name, &one.bound);
        if (!s.code) s = digest_kernel(&one);
        arena_free(digests);
        TRY(s);
    }
    for (int32_t i = 0; i < k->rows; i++) k->out->valid[i] &= known[i];
    return DONE;
}

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("hash"), .signature = "any any* -> int", .kernel = hash_kernel, .flags = FN_OWN_NULLS | FN_NOT_NULL, .doc = "Murmur3 of the values"},
    {.name = STR_INIT("xxhash64"), .signature = "any any* -> bigint", .kernel = hash_kernel, .flags = FN_OWN_NULLS | FN_NOT_NULL, .doc = "xxHash64 of the values"},
    {.name = STR_INIT("crc32"), .signature = "binary -> bigint", .kernel = crc32_kernel, .doc = "CRC-32 of the bytes"},
    {.name = STR_INIT("md5"), .signature = "binary -> string", .kernel = digest_kernel, .doc = "MD5 as hexadecimal text", .bind = bind_digest},
    {.name = STR_INIT("sha1"), .signature = "binary -> string", .kernel = digest_kernel, .doc = "SHA-1 as hexadecimal text", .bind = bind_digest},
    {.name = STR_INIT("sha"), .signature = "= sha1", .doc = "SHA-1 as hexadecimal text"},
    {.name = STR_INIT("sha2"), .signature = "binary int -> string", .kernel = sha2_kernel, .flags = FN_MAY_NULL, .doc = "SHA-2 of 224, 256, 384 or 512 bits as hexadecimal text; 0 is 256"},
};
// clang-format on
FN_TABLE(fn_hash, rows);
