// fn_sequence.c -- sequence: integers, dates and times from one to another by a step.
#include "expr/fn_in.h"
#include "expr/time_fn_in.h"
#include "expr/time_in.h"

enum { SEQUENCE_MAX = 1 << 28 };
typedef struct Values {
    int64_t *v;
    int64_t n, cap;
} Values;

static Status bad_bounds(void)
{
    return fail(ERR_INVALID, "requirement failed: the boundaries of a sequence are not on the way "
                             "of its step");
}
static Status check_room(const Values *v, Int128 more)
{
    if (v->n + more <= SEQUENCE_MAX) return DONE;
    return fail(ERR_LIMIT, "sequence: more than %d elements", SEQUENCE_MAX);
}

static Status spread(const KernelCall *k, Values *v, int64_t from, int64_t to, int64_t step)
{
    bool wrong = (step == 0 && from != to) || (step > 0 && from > to) || (step < 0 && from < to);
    if (wrong) return bad_bounds();
    Int128 n = step ? ((Int128)to - from) / step + 1 : 1;
    TRY(check_room(v, n));
    for (int64_t e = 0; e < (int64_t)n; e++) vec_push(k->scratch, v, from + e * step);
    return DONE;
}

static Status each_row(const KernelCall *k, const Type *t,
                       Status (*row)(const KernelCall *k, int32_t i, Values *v))
{
    Values v = {0};
    for (int32_t i = 0; i < k->rows; i++) {
        int32_t start = (int32_t)v.n;
        if (kernel_live(k, i)) TRY(row(k, i, &v));
        COLUMN_DATA(k->out, List)[i] = (List){start, (int32_t)v.n - start};
    }
    k->out->kid[0] = (Column){.type = t, .data = v.v, .rows = (int32_t)v.n};
    return DONE;
}

static Status integers_row(const KernelCall *k, int32_t i, Values *v)
{
    int64_t from = column_i64(k->in[0], i), to = column_i64(k->in[1], i);
    int64_t step = k->nin > 2 ? column_i64(k->in[2], i) : from <= to ? 1 : -1;
    return spread(k, v, from, to, step);
}
static Status sequence_integers(const KernelCall *k)
{
    return each_row(k, &type_bigint, integers_row);
}

// The i-th time of the sequence is start + i * step, in the calendar of the session's zone.
static Status times_row(const KernelCall *k, int32_t i, Values *v)
{
    Micros from = column_i64(k->in[0], i), to = column_i64(k->in[1], i);
    Interval step = interval_at(k->in[2], i, 1);
    const Zone *z = k->in[0]->type->id == T_TIMESTAMP ? k->ctx->zone : zone_utc();
    if (k->nin > 3 && from > to) step.days = -step.days; // the step is the default one
    if (!step.months && !step.days) return spread(k, v, from, to, step.micros);
    int64_t way = step.months * 28 * MICROS_PER_DAY + step.days * MICROS_PER_DAY + step.micros;
    if (way == 0 || (way > 0 ? from > to : from < to)) return bad_bounds();
    for (int32_t e = 0;; e++) {
        Micros t = add_months(from, (int64_t)e * step.months, z);
        t = add_days(t, (int64_t)e * step.days, z) + e * step.micros;
        if (way > 0 ? t > to : t < to) return DONE;
        TRY(check_room(v, 1));
        vec_push(k->scratch, v, t);
    }
}
static Status sequence_times(const KernelCall *k) { return each_row(k, k->in[0]->type, times_row); }

static Status analyse_times(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    call->type = type_array(a, call->arg[0]->type, false);
    return DONE;
}

static bool is_interval(const Type *t)
{
    return t->id == T_INTERVAL || t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT;
}

static Status refuse_sequence(Arena *a, const Expr *call)
{
    return RAISE(DATATYPE_MISMATCH_SEQUENCE_WRONG_INPUT_TYPES, P("sqlExpr", quoted_sql(a, call)),
                 P("functionName", S("`sequence`")),
                 P("startType", S("(\"TIMESTAMP\" or \"TIMESTAMP_NTZ\" or \"DATE\")")),
                 P("stepType",
                   S("(\"INTERVAL\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")")),
                 P("otherStartType", S("\"INTEGRAL\"")));
}

static Status analyse_sequence(Arena *a, Expr *call, const EvalCtx *ctx)
{
    int32_t alike = call->nargs > 2 && !is_interval(call->arg[2]->type) ? 3 : 2;
    const Type *t = &type_void;
    for (int32_t i = 0; i < alike && t; i++) t = common_type(a, t, call->arg[i]->type, ctx->ansi);
    if (!t) return refuse_sequence(a, call);
    for (int32_t i = 0; i < alike; i++) coerce(a, &call->arg[i], t);
    bool time = t->id == T_DATE || t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ;
    if (!type_is_integral(t) && !time) return refuse_sequence(a, call);
    call->type = type_array(a, t, false);
    if (call->nargs < 3) return DONE;
    const Type *step = call->arg[2]->type;
    if (time ? !is_interval(step) : !type_is_integral(step)) return refuse_sequence(a, call);
    return DONE;
}

static Expr *day_step(Arena *a)
{
    return expr_literal(a, &type_interval, &(Datum){.interval = {.days = 1}});
}

static Status lower_times(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    Expr *arg[4] = {call->arg[0], call->arg[1]};
    bool dates = arg[0]->type->id == T_DATE, dflt = call->nargs < 3;
    arg[2] = dflt ? day_step(a) : call->arg[2];
    arg[3] = int_literal(a, 1);
    for (int32_t i = 0; i < 2 && dates; i++) coerce(a, &arg[i], &type_timestamp_ntz);
    TRY(fn_make(e, a, ctx, S("sequence_times"), arg, dflt ? 4 : 3));
    coerce(a, e, call->type);
    return DONE;
}

static Status lower_sequence(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    if (!type_is_integral(call->arg[0]->type)) return lower_times(a, call, ctx, e);
    Expr *arg[3];
    for (int32_t i = 0; i < call->nargs; i++) {
        arg[i] = call->arg[i];
        coerce(a, &arg[i], &type_bigint);
    }
    TRY(fn_make(e, a, ctx, S("sequence_integers"), arg, call->nargs));
    coerce(a, e, call->type);
    return DONE;
}

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("sequence"), .signature = "any any any? -> -", .flags = FN_RAISES, .doc = "integers, dates or times from one to another, by a step",
     .analyse = analyse_sequence, .lower = lower_sequence},
    {.name = STR_INIT("sequence_integers"), .signature = "bigint bigint bigint? -> array<bigint>", .kernel = sequence_integers, .flags = FN_RAISES | FN_INTERNAL},
    {.name = STR_INIT("sequence_times"), .signature = "any any interval any? -> -", .kernel = sequence_times, .flags = FN_RAISES | FN_INTERNAL, .analyse = analyse_times},
};
// clang-format on
FN_TABLE(fn_sequence, rows);
