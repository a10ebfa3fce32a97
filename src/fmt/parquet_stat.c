#include "fmt/parquet_stat_in.h"
#include "fmt/truncate.h"
#include <math.h>

Int128 int128_from_be(Str bytes)
{
    Uint128 v = bytes.n && bytes.p[0] & 0x80 ? ~(Uint128)0 : 0;
    for (int64_t i = 0; i < bytes.n; i++) v = v << 8 | (uint8_t)bytes.p[i];
    return (Int128)v;
}

void int128_to_be(char *to, int32_t n, Int128 v)
{
    for (int32_t i = n; i-- > 0; v >>= 8) to[i] = (char)v;
}

static void stat_take(PqStat *s, const PqLeaf *leaf, const Datum *lo, const Datum *hi)
{
    if (!s->any || stat_cmp(leaf, lo, &s->lo) < 0) s->lo = *lo;
    if (!s->any || stat_cmp(leaf, hi, &s->hi) > 0) s->hi = *hi;
    s->any = true;
}

#define STAT_INTS(X) X(i8, uint8_t) X(i32, int32_t) X(i64, int64_t)
#define STAT_FOLD_INT(name, T)                                                                     \
    static void fold_##name(PqStat *s, const PqLeaf *leaf, const T *v, int64_t n)                  \
    {                                                                                              \
        T lo = v[0], hi = v[0];                                                                    \
        for (int64_t i = 1; i < n; i++) lo = v[i] < lo ? v[i] : lo, hi = v[i] > hi ? v[i] : hi;    \
        stat_take(s, leaf, &(Datum){.i = lo}, &(Datum){.i = hi});                                  \
    }
STAT_INTS(STAT_FOLD_INT)

// NaN fails every comparison, so it never becomes a bound.
#define STAT_FLOATS(X) X(f32, float) X(f64, double)
#define STAT_FOLD_FLOAT(name, T)                                                                   \
    static void fold_##name(PqStat *s, const PqLeaf *leaf, const T *v, int64_t n)                  \
    {                                                                                              \
        T lo = (T)INFINITY, hi = (T)-INFINITY;                                                     \
        int64_t nans = 0;                                                                          \
        for (int64_t i = 0; i < n; i++) {                                                          \
            lo = v[i] < lo ? v[i] : lo;                                                            \
            hi = v[i] > hi ? v[i] : hi;                                                            \
            nans += v[i] != v[i];                                                                  \
        }                                                                                          \
        s->nans += nans;                                                                           \
        if (nans < n) stat_take(s, leaf, &(Datum){.f = (double)lo}, &(Datum){.f = (double)hi});    \
    }
STAT_FLOATS(STAT_FOLD_FLOAT)

static void fold_strs(PqStat *s, const PqLeaf *leaf, const Str *v, int64_t n)
{
    Str lo = v[0], hi = v[0];
    for (int64_t i = 1; i < n; i++) {
        if (str_cmp(v[i], lo) < 0)
            lo = v[i];
        else if (str_cmp(v[i], hi) > 0)
            hi = v[i];
    }
    stat_take(s, leaf, &(Datum){.s = lo}, &(Datum){.s = hi});
}

static void fold_fixed(PqStat *s, const PqLeaf *leaf, const Str *v, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        Datum d = {.d = int128_from_be(v[i])};
        stat_take(s, leaf, &d, &d);
    }
}

void stat_fold(PqStat *s, const PqLeaf *leaf, PqNative native, const void *v, int64_t n)
{
    if (n == 0) return;
    switch (native) {
    case PQ_N8: fold_i8(s, leaf, v, n); break;
    case PQ_N32:
        if (leaf->phys == PQ_FLOAT)
            fold_f32(s, leaf, v, n);
        else
            fold_i32(s, leaf, v, n);
        break;
    case PQ_N64:
        if (leaf->phys == PQ_DOUBLE)
            fold_f64(s, leaf, v, n);
        else
            fold_i64(s, leaf, v, n);
        break;
    case PQ_NSTR: fold_strs(s, leaf, v, n); break;
    case PQ_NFIXED: fold_fixed(s, leaf, v, n); break;
    }
}

void stat_merge(PqStat *s, const PqLeaf *leaf, const PqStat *with)
{
    if (with->any) stat_take(s, leaf, &with->lo, &with->hi);
    s->nans += with->nans;
}

#define CMP(x, y) (((x) > (y)) - ((x) < (y)))
int32_t stat_cmp(const PqLeaf *leaf, const Datum *x, const Datum *y)
{
    switch (leaf->phys) {
    case PQ_BOOLEAN:
    case PQ_INT32:
    case PQ_INT64: return CMP(x->i, y->i);
    case PQ_FLOAT:
    case PQ_DOUBLE: return CMP(x->f, y->f);
    case PQ_BYTE_ARRAY: return str_cmp(x->s, y->s);
    case PQ_FIXED: return CMP(x->d, y->d);
    case PQ_INT96: break;
    }
    must_failed("a type with order", __FILE__, __LINE__);
}

Str stat_bytes(Arena *a, const PqLeaf *leaf, const Datum *v, bool upper, bool *exact)
{
    char *to = NEW(a, char, 16);
    *exact = true;
    switch (leaf->phys) {
    case PQ_BOOLEAN: to[0] = (char)v->i; return str_of(to, 1);
    case PQ_INT32: memcpy(to, &(int32_t){(int32_t)v->i}, 4); return str_of(to, 4);
    case PQ_INT64: memcpy(to, &v->i, 8); return str_of(to, 8);
    case PQ_FLOAT: { // a zero bound takes the sign that covers both zeros
        float f = v->f == 0 ? (upper ? 0.0f : -0.0f) : (float)v->f;
        memcpy(to, &f, 4);
        return str_of(to, 4);
    }
    case PQ_DOUBLE: {
        double f = v->f == 0 ? (upper ? 0.0 : -0.0) : v->f;
        memcpy(to, &f, 8);
        return str_of(to, 8);
    }
    case PQ_FIXED: int128_to_be(to, leaf->length, v->d); return str_of(to, leaf->length);
    case PQ_BYTE_ARRAY: {
        Str cut = leaf->type->id == T_STRING ? truncate_utf8(v->s, PQ_BOUND_BYTES)
                                             : str_sub(v->s, 0, MIN(v->s.n, PQ_BOUND_BYTES));
        *exact = cut.n == v->s.n;
        if (*exact || !upper) return str_copy(a, cut);
        Str up = leaf->type->id == T_STRING ? truncate_up_utf8(a, cut) : truncate_up(a, cut);
        *exact = up.n == 0;
        return up.n ? up : str_copy(a, v->s);
    }
    case PQ_INT96: break;
    }
    must_failed("a type with order", __FILE__, __LINE__);
}

Datum stat_value(const PqLeaf *leaf, const Datum *stored)
{
    Datum v = *stored;
    int64_t i = v.i;
    if (leaf->type->id == T_DECIMAL && leaf->phys != PQ_FIXED && leaf->phys != PQ_BYTE_ARRAY)
        v.d = i;
    if (leaf->type->id == T_TIME) v.i = i * (leaf->unit == PQ_MILLIS ? 1000000 : 1000);
    if (leaf->type->id == T_TIMESTAMP || leaf->type->id == T_TIMESTAMP_NTZ)
        v.i = leaf->unit == PQ_MILLIS ? i * 1000 : i;
    return v;
}

bool stat_from_bytes(Datum *v, const PqLeaf *leaf, Str bytes)
{
    *v = (Datum){0};
    float f;
    int32_t i;
    switch (leaf->phys) {
    case PQ_BOOLEAN: v->i = bytes.n ? bytes.p[0] & 1 : 0; return bytes.n == 1;
    case PQ_INT32:
        if (bytes.n != 4) return false;
        memcpy(&i, bytes.p, 4);
        v->i = i;
        return true;
    case PQ_INT64:
        if (bytes.n == 8) memcpy(&v->i, bytes.p, 8);
        return bytes.n == 8;
    case PQ_FLOAT:
        if (bytes.n != 4) return false;
        memcpy(&f, bytes.p, 4);
        v->f = (double)f;
        return f == f;
    case PQ_DOUBLE:
        if (bytes.n != 8) return false;
        memcpy(&v->f, bytes.p, 8);
        return v->f == v->f;
    case PQ_BYTE_ARRAY:
    case PQ_FIXED:
        if (leaf->type->id == T_DECIMAL) {
            if (bytes.n < 1 || bytes.n > 16) return false;
            v->d = int128_from_be(bytes);
            return true;
        }
        v->s = bytes;
        return true;
    case PQ_INT96: return false;
    }
    must_failed("PqType", __FILE__, __LINE__);
}
