// agg_sum.c -- count, sum and avg. Sums of integers overflow as errors under ANSI: a loop gathers
// whether one did and speaks once a batch.
#include "expr/agg_in.h"
#include "expr/decimal_in.h"

typedef Int128 Int128At8 __attribute__((aligned(8))); // buffers are 8-aligned

typedef struct Count {
    int64_t n;
} Count;
AGG_STEP(count_step, Count, uint8_t, b->n++)
AGG_MERGE(count_merge, Count, b->n += f->n)
AGG_RESULT(count_result, Count, int64_t, false, b->n)

static Status analyse_count(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    call->nullable = false;
    return DONE;
}

// count_if(c): the rows where it is true.
AGG_STEP(count_if_step, Count, uint8_t, b->n += x[i])

typedef struct SumI64 {
    int64_t sum;
    int64_t seen;
} SumI64;
typedef struct SumF64 {
    double sum;
    int64_t n;
} SumF64;
typedef struct SumI128 {
    Int128At8 sum;
    int64_t n;
    int64_t overflow; // of what 38 digits hold: the sum is lost
} SumI128;

static bool is_interval(const Type *t) { return t->id == T_INTERVAL_DT || t->id == T_INTERVAL_YM; }

static Status sum_overflow(const AggCall *c)
{
    if (is_interval(c->in[0]))
        return RAISE(INTERVAL_ARITHMETIC_OVERFLOW, P("functionName", S("`try_add`")));
    return RAISE(ARITHMETIC_OVERFLOW, P("message", S("long overflow")),
                 P("alternative", S("; try_add gives NULL instead")),
                 P("config", S("\"spark.sql.ansi.enabled\"")));
}

enum { LENIENT = 0, STRICT = 1, TRYING = 2 }; // AggCall.choice: wrap, raise, NULL on overflow

#define SUM_INT(name, T)                                                                           \
    static Status sum_##name(const AggCall *c, const AggRows *r, const Column *const *in)          \
    {                                                                                              \
        uint8_t room[BATCH_ROWS];                                                                  \
        const uint8_t *used = agg_used(c, r, in, room);                                            \
        const T *x = COLUMN_DATA(in[0], T);                                                        \
        bool bad = false;                                                                          \
        AGG_LOOP(SumI64, used, {                                                                   \
            bad |= __builtin_add_overflow(b->sum, (int64_t)x[i], &b->sum);                         \
            b->seen = 1;                                                                           \
        });                                                                                        \
        return UNLIKELY(bad) && c->choice == STRICT ? sum_overflow(c) : DONE;                      \
    }
SUM_INT(i8, int8_t)
SUM_INT(i16, int16_t)
SUM_INT(i32, int32_t)
SUM_INT(i64, int64_t)

// try_sum: an overflow sticks.
AGG_STEP(try_sum_i64, SumI64, int64_t, {
    if (b->seen <= 1 && !__builtin_add_overflow(b->sum, x[i], &b->sum))
        b->seen = 1;
    else
        b->seen = 2;
})

static Status sum_int_merge(const AggCall *c, const AggRows *r, const char *const *from)
{
    bool bad = false;
    for (int32_t i = 0; i < r->n; i++) {
        SumI64 *b = (SumI64 *)(void *)(r->payload[i] + c->at);
        const SumI64 *f = (const SumI64 *)(const void *)(from[i] + c->at);
        bool over = __builtin_add_overflow(b->sum, f->sum, &b->sum);
        b->seen = over && c->choice == TRYING ? 2 : MAX(b->seen, f->seen);
        bad |= over;
    }
    return bad && c->choice == STRICT ? sum_overflow(c) : DONE;
}
AGG_RESULT(sum_int_values, SumI64, int64_t, b->seen != 1, b->sum)

// Intervals of months are half as wide as their sum.
static Status sum_int_result(const AggCall *c, char *const *payload, int32_t n, Column *out,
                             Arena *a)
{
    if (c->type->id != T_INTERVAL_YM) return sum_int_values(c, payload, n, out, a);
    uint8_t *valid = column_own_valid(a, out);
    for (int32_t i = 0; i < n; i++) {
        const SumI64 *b = (const SumI64 *)(const void *)(payload[i] + c->at);
        valid[i] = b->seen == 1;
        COLUMN_DATA(out, int32_t)[i] = (int32_t)b->sum;
        if (valid[i] && (int32_t)b->sum != b->sum) return sum_overflow(c);
    }
    return DONE;
}

#define SUM_REAL(name, T)                                                                          \
    AGG_STEP(sum_##name, SumF64, T, {                                                              \
        b->sum += (double)x[i];                                                                    \
        b->n++;                                                                                    \
    })
SUM_REAL(f32, float)
SUM_REAL(f64, double)
SUM_REAL(avg_i8, int8_t)
SUM_REAL(avg_i16, int16_t)
SUM_REAL(avg_i32, int32_t)
SUM_REAL(avg_i64, int64_t)
AGG_MERGE(sum_real_merge, SumF64, {
    b->sum += f->sum;
    b->n += f->n;
})
AGG_RESULT(sum_real_result, SumF64, double, b->n == 0, b->sum)
AGG_RESULT(avg_real_result, SumF64, double, b->n == 0, b->sum / (double)b->n)

AGG_STEP(sum_i128, SumI128, Int128, {
    b->overflow |= __builtin_add_overflow(b->sum, x[i], &b->sum);
    b->n++;
})
AGG_MERGE(sum_i128_merge, SumI128, {
    b->overflow |= f->overflow | __builtin_add_overflow(b->sum, f->sum, &b->sum);
    b->n += f->n;
})

static Status decimal_sum_overflow(const AggCall *c, uint8_t *valid)
{
    *valid = 0;
    if (c->choice != STRICT) return DONE;
    return RAISE(ARITHMETIC_OVERFLOW, P("message", S("Overflow in sum of decimals")),
                 P("alternative", S("; try_sum gives NULL instead")),
                 P("config", S("\"spark.sql.ansi.enabled\"")));
}

static Status sum_i128_result(const AggCall *c, char *const *payload, int32_t n, Column *out,
                              Arena *a)
{
    uint8_t *valid = column_own_valid(a, out);
    Int128 *z = COLUMN_DATA(out, Int128);
    for (int32_t i = 0; i < n; i++) {
        const SumI128 *b = (const SumI128 *)(const void *)(payload[i] + c->at);
        valid[i] = b->n > 0;
        z[i] = b->sum;
        if (b->overflow || !decimal_fits(b->sum, c->type->precision))
            TRY(decimal_sum_overflow(c, &valid[i]));
    }
    return DONE;
}

// The sum has ten digits more than its input; the quotient is rounded twice, as Spark's is: to the
// type of a division by a BIGINT, then to the result's.
static Status avg_i128_result(const AggCall *c, char *const *payload, int32_t n, Column *out,
                              Arena *a)
{
    uint8_t *valid = column_own_valid(a, out);
    Int128 *z = COLUMN_DATA(out, Int128);
    const Type *in = c->in[0];
    int32_t sum_digits = MIN(in->precision + 10, DECIMAL_PRECISION_MAX);
    int32_t scale = MAX(6, in->scale + 21);
    const Type *quotient = decimal_bounded(a, sum_digits - in->scale + scale, scale);
    DecimalOp op = {in->scale, 0, quotient->scale};
    for (int32_t i = 0; i < n; i++) {
        const SumI128 *b = (const SumI128 *)(const void *)(payload[i] + c->at);
        valid[i] = b->n > 0;
        z[i] = 0;
        if (!b->n) continue;
        Int128 q;
        bool ok = !b->overflow && decimal_fits(b->sum, sum_digits) &&
                  decimal_quotient(&op, b->sum, b->n, &q) &&
                  decimal_rescale(q, quotient->scale, c->type->scale, &z[i]) &&
                  decimal_fits(z[i], c->type->precision);
        if (!ok) TRY(decimal_sum_overflow(c, &valid[i]));
    }
    return DONE;
}

// The mean of intervals is rounded half away from zero.
AGG_STEP(avg_months, SumI128, int32_t, {
    b->sum += x[i];
    b->n++;
})
AGG_STEP(avg_micros, SumI128, int64_t, {
    b->sum += x[i];
    b->n++;
})
static Status avg_interval_result(const AggCall *c, char *const *payload, int32_t n, Column *out,
                                  Arena *a)
{
    uint8_t *valid = column_own_valid(a, out);
    bool months = c->type->id == T_INTERVAL_YM;
    for (int32_t i = 0; i < n; i++) {
        const SumI128 *b = (const SumI128 *)(const void *)(payload[i] + c->at);
        bool fits = months ? (int32_t)b->sum == b->sum : (int64_t)b->sum == b->sum;
        valid[i] = b->n > 0 && fits;
        if (!fits && c->choice != TRYING) return sum_overflow(c);
        if (!valid[i]) continue;
        int64_t sum = (int64_t)b->sum, mean = sum / b->n, rest = sum % b->n;
        if (2 * (Int128)(rest < 0 ? -rest : rest) >= b->n) mean += sum < 0 ? -1 : 1;
        if (months)
            COLUMN_DATA(out, int32_t)[i] = (int32_t)mean;
        else
            COLUMN_DATA(out, int64_t)[i] = mean;
    }
    return DONE;
}

// sum and avg are one row each; what they do is chosen by the type of the argument.
typedef Status (*Step)(const AggCall *c, const AggRows *r, const Column *const *in);

static Status sum_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    static const Step steps[] = {
        [PHYS_I8] = sum_i8,   [PHYS_I16] = sum_i16, [PHYS_I32] = sum_i32,  [PHYS_I64] = sum_i64,
        [PHYS_F32] = sum_f32, [PHYS_F64] = sum_f64, [PHYS_I128] = sum_i128};
    Phys p = type_phys(c->in[0]);
    if (c->choice == TRYING && p == PHYS_I64) return try_sum_i64(c, r, in);
    return steps[p](c, r, in);
}

static Status sum_merge(const AggCall *c, const AggRows *r, const char *const *from)
{
    Phys p = type_phys(c->in[0]);
    if (p == PHYS_I128) return sum_i128_merge(c, r, from);
    return p == PHYS_F32 || p == PHYS_F64 ? sum_real_merge(c, r, from) : sum_int_merge(c, r, from);
}

static Status sum_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    Phys p = type_phys(c->in[0]);
    if (p == PHYS_I128) return sum_i128_result(c, payload, n, out, a);
    if (p == PHYS_F32 || p == PHYS_F64) return sum_real_result(c, payload, n, out, a);
    return sum_int_result(c, payload, n, out, a);
}

static Status avg_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    static const Step steps[] = {
        [PHYS_I8] = sum_avg_i8,   [PHYS_I16] = sum_avg_i16, [PHYS_I32] = sum_avg_i32,
        [PHYS_I64] = sum_avg_i64, [PHYS_F32] = sum_f32,     [PHYS_F64] = sum_f64,
        [PHYS_I128] = sum_i128};
    if (c->in[0]->id == T_INTERVAL_YM) return avg_months(c, r, in);
    if (c->in[0]->id == T_INTERVAL_DT) return avg_micros(c, r, in);
    return steps[type_phys(c->in[0])](c, r, in);
}

static Status avg_merge(const AggCall *c, const AggRows *r, const char *const *from)
{
    bool wide = c->in[0]->id == T_DECIMAL || is_interval(c->in[0]);
    return wide ? sum_i128_merge(c, r, from) : sum_real_merge(c, r, from);
}

static Status avg_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    if (is_interval(c->in[0])) return avg_interval_result(c, payload, n, out, a);
    return c->in[0]->id == T_DECIMAL ? avg_i128_result(c, payload, n, out, a)
                                     : avg_real_result(c, payload, n, out, a);
}

static Status bind_sum(Arena *a, const Expr *call, const EvalCtx *ctx, AggCall *c)
{
    (void)a;
    c->choice = ctx->ansi ? STRICT : LENIENT;
    if (str_starts(call->agg->name, S("try_"))) c->choice = TRYING;
    bool interval = is_interval(c->in[0]);
    if (interval && c->choice == LENIENT) c->choice = STRICT;
    bool wide = c->in[0]->id == T_DECIMAL || (interval && call->agg->result == avg_result);
    c->bytes = wide ? (int32_t)sizeof(SumI128) : (int32_t)sizeof(SumI64);
    return DONE;
}

static Status analyse_sum(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[0]->type;
    if (t->id == T_VOID || t->id == T_TIMESTAMP) coerce(a, &call->arg[0], &type_double);
    if (t->id == T_INTERVAL) return wrong_type(a, call, 0, "\"NUMERIC\" or \"ANSI INTERVAL\"");
    if (type_is_integral(t))
        call->type = &type_bigint;
    else if (t->id == T_DECIMAL)
        call->type = type_decimal(a, MIN(t->precision + 10, DECIMAL_PRECISION_MAX), t->scale);
    else
        call->type = is_interval(t) ? t : &type_double;
    if (str_starts(call->agg->name, S("try_")) && type_is_integral(t))
        coerce(a, &call->arg[0], &type_bigint);
    return DONE;
}

static Status analyse_avg(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[0]->type;
    call->type = &type_double;
    if (t->id == T_VOID || t->id == T_TIMESTAMP) coerce(a, &call->arg[0], &type_double);
    if (t->id == T_INTERVAL) return wrong_type(a, call, 0, "\"NUMERIC\" or \"ANSI INTERVAL\"");
    if (t->id == T_INTERVAL_YM) call->type = &type_interval_ym;
    if (t->id == T_INTERVAL_DT) call->type = &type_interval_dt;
    if (t->id == T_DECIMAL)
        call->type = type_decimal(a, MIN(t->precision + 4, DECIMAL_PRECISION_MAX),
                                  MIN(t->scale + 4, DECIMAL_PRECISION_MAX));
    return DONE;
}

static const AggRow rows[] = {
    {.name = STR_INIT("count"),
     .signature = "any any* -> bigint",
     .doc = "rows in which no argument is NULL; count(*): all",
     .bytes = sizeof(Count),
     .analyse = analyse_count,
     .any_order = true,
     .step = count_step,
     .merge = count_merge,
     .result = count_result},
    {.name = STR_INIT("count_if"),
     .signature = "boolean -> bigint",
     .doc = "rows where the condition holds",
     .bytes = sizeof(Count),
     .analyse = analyse_count,
     .any_order = true,
     .step = count_if_step,
     .merge = count_merge,
     .result = count_result},
    {.name = STR_INIT("sum"),
     .signature = "numeric|interval|epoch -> -",
     .doc = "the sum",
     .analyse = analyse_sum,
     .bind = bind_sum,
     .any_order = true,
     .step = sum_step,
     .merge = sum_merge,
     .result = sum_result},
    {.name = STR_INIT("try_sum"),
     .signature = "numeric|interval|epoch -> -",
     .doc = "the sum, NULL on overflow",
     .analyse = analyse_sum,
     .bind = bind_sum,
     .any_order = true,
     .step = sum_step,
     .merge = sum_merge,
     .result = sum_result},
    {.name = STR_INIT("avg"),
     .signature = "numeric|interval|epoch -> -",
     .doc = "the mean",
     .analyse = analyse_avg,
     .bind = bind_sum,
     .any_order = true,
     .step = avg_step,
     .merge = avg_merge,
     .result = avg_result},
    {.name = STR_INIT("mean"), .signature = "= avg", .doc = "the mean"},
    {.name = STR_INIT("try_avg"),
     .signature = "numeric|interval|epoch -> -",
     .doc = "the mean, NULL on overflow",
     .analyse = analyse_avg,
     .bind = bind_sum,
     .any_order = true,
     .step = avg_step,
     .merge = avg_merge,
     .result = avg_result},
};
AGG_TABLE(agg_sum, rows);
