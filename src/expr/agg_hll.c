// agg_hll.c -- approx_count_distinct: HyperLogLog++ with Spark's hash, registers and corrections,
// so that the answers are Spark's. One byte a register, in a blob that the first value makes.
#include "expr/agg_in.h"
#include "expr/hll_in.h"
#include <math.h>

typedef struct Hll { // AggCall.bound
    int32_t p, m;
} Hll;
typedef struct Registers {
    Blob blob;
} Registers;
enum { NEIGHBOURS = 6, P_MAX = 30, HASH_SEED = 42 };

static uint8_t *registers(const Hll *h, BlobPool *pool, Registers *b)
{
    if (!b->blob.n) memset(blob_append(pool, &b->blob, h->m), 0, (size_t)h->m);
    return (uint8_t *)b->blob.p;
}

static Status hll_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    const Hll *h = c->bound;
    uint64_t pad = UINT64_C(1) << (h->p - 1);
    for (int32_t i = 0; i < r->n; i++) {
        if ((r->keep && !r->keep[i]) || column_null(in[0], i)) continue;
        uint64_t x = spark_xxhash64(in[0], i, HASH_SEED);
        uint8_t rank = (uint8_t)(__builtin_clzll((x << h->p) | pad) + 1);
        uint8_t *m = registers(h, r->blobs, (Registers *)(void *)(r->payload[i] + c->at));
        uint8_t *at = &m[x >> (64 - h->p)];
        *at = MAX(*at, rank);
    }
    return DONE;
}

static Status hll_merge(const AggCall *c, const AggRows *r, const char *const *from)
{
    const Hll *h = c->bound;
    for (int32_t i = 0; i < r->n; i++) {
        const Registers *f = (const Registers *)(const void *)(from[i] + c->at);
        if (!f->blob.n) continue;
        uint8_t *to = registers(h, r->blobs, (Registers *)(void *)(r->payload[i] + c->at));
        const uint8_t *other = (const uint8_t *)f->blob.p;
        for (int32_t k = 0; k < h->m; k++) to[k] = MAX(to[k], other[k]);
    }
    return DONE;
}

// The mean bias of the six measured points nearest to e.
static double bias_at(int32_t p, double e)
{
    const HllRaw *t = &hll_raw[p - HLL_P_MIN];
    int64_t at = 0;
    while (at < t->n && t->v[at] < e) at++;
    int64_t low = MAX(at - NEIGHBOURS + 1, 0), high = MIN(low + NEIGHBOURS, t->n);
    for (; high < t->n; low++, high++) {
        double above = e - t->v[high], below = e - t->v[low];
        if (above * above >= below * below) break;
    }
    double sum = 0;
    for (int64_t i = low; i < high; i++) sum += hll_bias[p - HLL_P_MIN][i];
    return sum / (double)(high - low);
}

static double alpha_m2(const Hll *h)
{
    double m = h->m;
    double alpha = h->p == 4   ? 0.673
                   : h->p == 5 ? 0.697
                   : h->p == 6 ? 0.709
                               : 0.7213 / (1.0 + 1.079 / m);
    return alpha * m * m;
}

static double corrected(const Hll *h, double e)
{
    bool known = h->p <= HLL_P_TABLED && e < 5.0 * h->m;
    return known ? e - bias_at(h->p, e) : e;
}

// Up to here the number of empty registers is the better estimate.
static const double linear_upto[] = {10,   20,   40,    80,    220,   400,    900,   1800,
                                     3100, 6500, 15500, 20000, 50000, 120000, 350000};

static double estimate(const Hll *h, const uint8_t *registers)
{
    double inverse = 0, empty = 0, m = h->m;
    for (int32_t i = 0; i < h->m; i++) {
        inverse += 1.0 / (double)(UINT64_C(1) << registers[i]);
        empty += registers[i] == 0;
    }
    double e = alpha_m2(h) / inverse;
    if (empty == 0) return corrected(h, e);
    double linear = m * log(m / empty);
    bool few = h->p <= HLL_P_TABLED && linear <= linear_upto[h->p - HLL_P_MIN];
    return few || e <= 2.5 * m ? linear : corrected(h, e);
}

static Status hll_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    (void)a;
    out->valid = NULL;
    for (int32_t i = 0; i < n; i++) {
        const Registers *b = (const Registers *)(const void *)(payload[i] + c->at);
        double e = b->blob.n ? estimate(c->bound, (const uint8_t *)b->blob.p) : 0;
        COLUMN_DATA(out, int64_t)[i] = (int64_t)floor(e + 0.5);
    }
    return DONE;
}

static Status read_deviation(Arena *a, const Expr *call, const EvalCtx *ctx, Hll *h)
{
    Datum v = {.f = 0.05};
    if (call->nargs > 1) TRY(fold_arg(a, call, 1, ctx, &v));
    double p = v.null ? 0 : ceil(2.0 * log(1.106 / v.f) / log(2.0));
    if (!(p >= HLL_P_MIN && p <= P_MAX))
        return fail(ERR_INVALID,
                    "approx_count_distinct: a relative deviation of %g is outside "
                    "0.00004 to 0.39",
                    v.null ? 0 : v.f);
    h->p = (int32_t)p;
    h->m = 1 << h->p;
    return DONE;
}

static Status analyse_hll(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Hll h;
    TRY(read_deviation(a, call, ctx, &h));
    call->nullable = false;
    return DONE;
}
static Status bind_hll(Arena *a, const Expr *call, const EvalCtx *ctx, AggCall *c)
{
    Hll *h = NEW(a, Hll, 1);
    c->bound = h;
    c->nin = 1;
    return read_deviation(a, call, ctx, h);
}

static const AggRow rows[] = {
    {.name = STR_INIT("approx_count_distinct"),
     .signature = "any lit:double? -> bigint",
     .doc = "about how many different values there are",
     .bytes = sizeof(Registers),
     .nblobs = 1,
     .shown = 1,
     .any_order = true,
     .analyse = analyse_hll,
     .bind = bind_hll,
     .step = hll_step,
     .merge = hll_merge,
     .result = hll_result},
};
AGG_TABLE(agg_hll, rows);
