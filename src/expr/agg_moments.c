// agg_moments.c -- variance, deviation, skewness, kurtosis, covariance, correlation, regression.
// The moments are updated and merged by the recurrences that Spark uses (Welford, Chan, Pebay), in
// its order of operations, so that doubles agree to the last bits.
#include "expr/agg_in.h"
#include <math.h>

typedef struct Moments {
    double n, avg, m2, m3, m4;
} Moments;

static void moments_add(Moments *b, double x)
{
    double n = b->n + 1, d = x - b->avg, dn = d / n, d2 = d * d, dn2 = dn * dn;
    double m2 = b->m2 + d * (d - dn);
    double m3 = b->m3 - 3 * dn * m2 + d * (d2 - dn2);
    double m4 = b->m4 - 4 * dn * m3 - 6 * dn2 * m2 + d * (d * d2 - dn * dn2);
    *b = (Moments){n, b->avg + dn, m2, m3, m4};
}

static void moments_merge(Moments *b, const Moments *f)
{
    double n1 = b->n, n2 = f->n, n = n1 + n2, d = f->avg - b->avg, dn = n == 0 ? 0 : d / n;
    double m2 = b->m2 + f->m2 + d * dn * n1 * n2;
    double m3 =
        b->m3 + f->m3 + dn * dn * d * n1 * n2 * (n1 - n2) + 3 * dn * (n1 * f->m2 - n2 * b->m2);
    double m4 = b->m4 + f->m4 + dn * dn * dn * d * n1 * n2 * (n1 * n1 - n1 * n2 + n2 * n2) +
                6 * dn * dn * (n1 * n1 * f->m2 + n2 * n2 * b->m2) +
                4 * dn * (n1 * f->m3 - n2 * b->m3);
    *b = (Moments){n, b->avg + dn * n2, m2, m3, m4};
}
AGG_STEP(moments_step, Moments, double, moments_add(b, x[i]))
AGG_MERGE(moments_fold, Moments, moments_merge(b, f))
AGG_RESULT(var_pop, Moments, double, b->n == 0, b->m2 / b->n)
AGG_RESULT(var_samp, Moments, double, b->n <= 1, b->m2 / (b->n - 1))
AGG_RESULT(stddev_pop, Moments, double, b->n == 0, sqrt(b->m2 / b->n))
AGG_RESULT(stddev_samp, Moments, double, b->n <= 1, sqrt(b->m2 / (b->n - 1)))
AGG_RESULT(skewness, Moments, double, b->n == 0 || b->m2 == 0,
           sqrt(b->n) * b->m3 / sqrt(b->m2 * b->m2 * b->m2))
AGG_RESULT(kurtosis, Moments, double, b->n == 0 || b->m2 == 0, b->n * b->m4 / (b->m2 * b->m2) - 3.0)

typedef struct Pairs {
    double n, x, y; // averages
    double c;       // co-moment
    double x2, y2;  // second moments
} Pairs;

static void pairs_add(Pairs *b, double x, double y)
{
    double n = b->n + 1, dx = x - b->x, dy = y - b->y;
    double xn = b->x + dx / n, yn = b->y + dy / n;
    *b = (Pairs){n, xn, yn, b->c + dx * (y - yn), b->x2 + dx * (x - xn), b->y2 + dy * (y - yn)};
}
static void pairs_merge(Pairs *b, const Pairs *f)
{
    double n1 = b->n, n2 = f->n, n = n1 + n2, dx = f->x - b->x, dy = f->y - b->y;
    double dxn = n == 0 ? 0 : dx / n, dyn = n == 0 ? 0 : dy / n;
    *b = (Pairs){n,
                 b->x + dxn * n2,
                 b->y + dyn * n2,
                 b->c + f->c + dx * dyn * n1 * n2,
                 b->x2 + f->x2 + dx * dxn * n1 * n2,
                 b->y2 + f->y2 + dy * dyn * n1 * n2};
}

static Status pairs_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    uint8_t room[BATCH_ROWS];
    const uint8_t *used = agg_used(c, r, in, room);
    const double *x = COLUMN_DATA(in[0], double), *y = COLUMN_DATA(in[1], double);
    AGG_LOOP(Pairs, used, pairs_add(b, x[i], y[i]));
    return DONE;
}
AGG_MERGE(pairs_fold, Pairs, pairs_merge(b, f))
AGG_RESULT(covar_pop, Pairs, double, b->n == 0, b->c / b->n)
AGG_RESULT(covar_samp, Pairs, double, b->n <= 1, b->c / (b->n - 1))
AGG_RESULT(corr, Pairs, double, b->n <= 1 || b->x2 == 0 || b->y2 == 0, b->c / sqrt(b->x2 * b->y2))
// Regression: the first argument is y, the dependent one; in the buffer it is called x.
AGG_RESULT(regr_count, Pairs, int64_t, false, b->n)
AGG_RESULT(regr_avgx, Pairs, double, b->n == 0, b->y)
AGG_RESULT(regr_avgy, Pairs, double, b->n == 0, b->x)
AGG_RESULT(regr_sxx, Pairs, double, b->n == 0, b->y2)
AGG_RESULT(regr_syy, Pairs, double, b->n == 0, b->x2)
AGG_RESULT(regr_sxy, Pairs, double, b->n == 0, b->c)
AGG_RESULT(regr_slope, Pairs, double, b->n <= 1 || b->y2 == 0, b->c / b->y2)
AGG_RESULT(regr_intercept, Pairs, double, b->n <= 1 || b->y2 == 0, b->x - b->c / b->y2 * b->y)
AGG_RESULT(regr_r2, Pairs, double, b->n <= 1 || b->y2 == 0,
           b->x2 == 0 ? 1.0 : b->c / sqrt(b->x2 * b->y2) * (b->c / sqrt(b->x2 * b->y2)))

static Status never_null(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    call->nullable = false;
    return DONE;
}

#define MOMENTS(fn, result_, doc_)                                                                 \
    {                                                                                              \
        .name = STR_INIT(fn), .signature = "double -> double", .doc = doc_,                        \
        .bytes = sizeof(Moments), .any_order = true, .step = moments_step, .merge = moments_fold,  \
        .result = result_                                                                          \
    }
#define PAIRS(fn, doc_)                                                                            \
    {                                                                                              \
        .name = STR_INIT(#fn), .signature = "double double -> double", .doc = doc_,                \
        .bytes = sizeof(Pairs), .any_order = true, .step = pairs_step, .merge = pairs_fold,        \
        .result = fn                                                                               \
    }
static const AggRow rows[] = {
    MOMENTS("var_pop", var_pop, "variance of the population"),
    MOMENTS("var_samp", var_samp, "variance of the sample"),
    MOMENTS("variance", var_samp, "variance of the sample"),
    MOMENTS("stddev_pop", stddev_pop, "standard deviation of the population"),
    MOMENTS("stddev_samp", stddev_samp, "standard deviation of the sample"),
    MOMENTS("stddev", stddev_samp, "standard deviation of the sample"),
    MOMENTS("std", stddev_samp, "standard deviation of the sample"),
    MOMENTS("skewness", skewness, "how lopsided the values lie"),
    MOMENTS("kurtosis", kurtosis, "how heavy the tails are, over those of a normal distribution"),
    PAIRS(covar_pop, "covariance of the population"),
    PAIRS(covar_samp, "covariance of the sample"),
    PAIRS(corr, "Pearson's correlation"),
    {.name = STR_INIT("regr_count"),
     .signature = "double double -> bigint",
     .doc = "rows where both arguments are there",
     .bytes = sizeof(Pairs),
     .analyse = never_null,
     .step = pairs_step,
     .merge = pairs_fold,
     .result = regr_count},
    PAIRS(regr_avgx, "average of the second argument where both are there"),
    PAIRS(regr_avgy, "average of the first argument where both are there"),
    PAIRS(regr_sxx, "sum of squares of the second argument about its average"),
    PAIRS(regr_syy, "sum of squares of the first argument about its average"),
    PAIRS(regr_sxy, "sum of products of both about their averages"),
    PAIRS(regr_slope, "slope of the line through the points (second, first)"),
    PAIRS(regr_intercept, "where the line through the points meets the axis"),
    PAIRS(regr_r2, "how much of the first argument the line explains"),
};
AGG_TABLE(agg_moments, rows);
