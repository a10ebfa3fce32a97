#include "fmt/prune.h"
#include "base/num.h"
#include "fmt/parquet_stat_in.h"

#define CMP(x, y) (((x) > (y)) - ((x) < (y)))

static int32_t f64_cmp(double x, double y) // NaN is greatest and equal to itself
{
    bool nx = x != x, ny = y != y;
    return nx || ny ? nx - ny : CMP(x, y);
}

int32_t datum_cmp(const Type *t, const Datum *x, const Datum *y)
{
    switch (type_phys(t)) {
    case PHYS_BOOL:
    case PHYS_I8:
    case PHYS_I16:
    case PHYS_I32:
    case PHYS_I64: return CMP(x->i, y->i);
    case PHYS_F32:
    case PHYS_F64: return f64_cmp(x->f, y->f);
    case PHYS_I128: return CMP(x->d, y->d);
    case PHYS_STR: return str_cmp(x->s, y->s);
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: break;
    }
    must_failed("an orderable atomic type", __FILE__, __LINE__);
}

static bool is_nan(const Type *t, const Datum *v)
{
    return (t->id == T_FLOAT || t->id == T_DOUBLE) && v->f != v->f;
}

static bool may_equal(const Type *t, const Datum *v, const Range *r)
{
    if (v->null) return false;
    if (is_nan(t, v)) return r->nans_possible || !r->bounds;
    return !r->bounds || (datum_cmp(t, v, &r->lo) >= 0 && datum_cmp(t, v, &r->hi) <= 0);
}

bool prune_keeps(const Prune *p, const Type *t, const Range *r)
{
    if (p->op == PRUNE_IS_NULL) return r->nulls != 0;
    if (r->nulls == r->values) return false; // nothing but NULL meets no comparison
    const Datum *v = p->value;
    switch (p->op) {
    case PRUNE_IS_NULL:
    case PRUNE_NOT_NULL: return true;
    case PRUNE_EQ: return may_equal(t, v, r);
    case PRUNE_IN:
        for (int32_t i = 0; i < p->nvalues; i++)
            if (may_equal(t, &v[i], r)) return true;
        return false;
    case PRUNE_LT: return !v->null && (!r->bounds || datum_cmp(t, &r->lo, v) < 0);
    case PRUNE_LE: return !v->null && (!r->bounds || datum_cmp(t, &r->lo, v) <= 0 || is_nan(t, v));
    case PRUNE_GT:
        if (v->null || is_nan(t, v)) return false;
        return !r->bounds || r->nans_possible || datum_cmp(t, &r->hi, v) > 0;
    case PRUNE_GE:
        if (v->null) return false;
        return !r->bounds || r->nans_possible || datum_cmp(t, &r->hi, v) >= 0;
    }
    must_failed("PruneOp", __FILE__, __LINE__);
}

static bool int_from(int64_t *v, Str bytes) // 4 or 8 bytes, little-endian
{
    int32_t narrow;
    if (bytes.n == 8) memcpy(v, bytes.p, 8);
    if (bytes.n == 4) {
        memcpy(&narrow, bytes.p, 4);
        *v = narrow;
    }
    return bytes.n == 4 || bytes.n == 8;
}

static bool float_from(double *v, Str bytes)
{
    float narrow;
    if (bytes.n == 8) memcpy(v, bytes.p, 8);
    if (bytes.n == 4) {
        memcpy(&narrow, bytes.p, 4);
        *v = (double)narrow;
    }
    return bytes.n == 4 || bytes.n == 8;
}

bool datum_from_bytes(Datum *v, const Type *t, Str bytes)
{
    *v = (Datum){0};
    switch (type_phys(t)) {
    case PHYS_BOOL:
        if (bytes.n == 1) v->i = bytes.p[0] != 0;
        return bytes.n == 1;
    case PHYS_I8:
    case PHYS_I16:
    case PHYS_I32: return int_from(&v->i, bytes);
    case PHYS_I64:
        if (!int_from(&v->i, bytes)) return false;
        if (t->id == T_TIME) v->i *= 1000; // stored as microseconds
        return true;
    case PHYS_F32:
    case PHYS_F64: return float_from(&v->f, bytes);
    case PHYS_I128:
        if (bytes.n < 1 || bytes.n > 16) return false;
        v->d = int128_from_be(bytes);
        return true;
    case PHYS_STR: v->s = bytes; return true;
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: return false;
    }
    must_failed("Phys", __FILE__, __LINE__);
}

int32_t decimal_bytes(int32_t precision)
{
    Int128 most = num_pow10(precision) - 1;
    int32_t n = 1;
    while (n < 16 && most >> (8 * n - 1) != 0) n++;
    return n;
}

static int32_t int128_bytes(Int128 v) // of the shortest two's complement
{
    int32_t n = 1;
    while (n < 16 && v >> (8 * n - 1) != 0 && v >> (8 * n - 1) != -1) n++;
    return n;
}

void datum_to_bytes(Buf *out, const Type *t, const Datum *v)
{
    switch (type_phys(t)) {
    case PHYS_BOOL: buf_u8(out, v->i != 0); return;
    case PHYS_I8:
    case PHYS_I16:
    case PHYS_I32: buf_u32le(out, (uint32_t)v->i); return;
    case PHYS_I64: buf_u64le(out, (uint64_t)(t->id == T_TIME ? v->i / 1000 : v->i)); return;
    case PHYS_F32: {
        float f = (float)v->f;
        buf_put(out, str_of((const char *)&f, 4));
        return;
    }
    case PHYS_F64: buf_put(out, str_of((const char *)&v->f, 8)); return;
    case PHYS_I128: {
        int32_t n = int128_bytes(v->d);
        int128_to_be(buf_take(out, n), n, v->d);
        return;
    }
    case PHYS_STR: buf_put(out, v->s); return;
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: break;
    }
    must_failed("an atomic type", __FILE__, __LINE__);
}
