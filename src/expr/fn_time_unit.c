// fn_time_unit.c -- timestampadd and timestampdiff: times moved by, and measured in, named units.
#include "expr/fn_in.h"
#include "expr/time_in.h"

typedef struct Unit {
    const char *name;
    int32_t months; // a unit of the calendar
    Micros micros;  // else; whole days keep the local time
} Unit;
static const Unit units[] = {
    {"MICROSECOND", 0, 1},
    {"MILLISECOND", 0, MICROS_PER_MS},
    {"SECOND", 0, MICROS_PER_SECOND},
    {"MINUTE", 0, MICROS_PER_MINUTE},
    {"HOUR", 0, MICROS_PER_HOUR},
    {"DAY", 0, MICROS_PER_DAY},
    {"DAYOFYEAR", 0, MICROS_PER_DAY},
    {"WEEK", 0, 7 * MICROS_PER_DAY},
    {"MONTH", 1, 0},
    {"QUARTER", 3, 0},
    {"YEAR", 12, 0},
};

static Status bind_unit(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    Datum v;
    TRY(fold_arg(a, call, 0, ctx, &v));
    for (int32_t i = 0; i < COUNT(units) && !v.null; i++)
        if (str_ieq(v.s, str_z(units[i].name))) {
            b->data = &units[i];
            return DONE;
        }
    return RAISE(INVALID_PARAMETER_VALUE_DATETIME_UNIT,
                 P("functionName", quoted_name(a, call->name)), P("parameter", S("`unit`")),
                 P("invalidValue", str_fmt(a, "'" STR_FMT "'", STR_ARG(v.s))));
}
static Status analyse_unit(Arena *a, Expr *call, const EvalCtx *ctx)
{
    if (str_eq(call->fn->name, S("timestampadd"))) call->type = call->arg[2]->type;
    return bind_unit(a, call, ctx, &(Bound){0});
}

static const Zone *zone_of(const KernelCall *k, const Column *c)
{
    return c->type->id == T_TIMESTAMP_NTZ ? zone_utc() : k->ctx->zone;
}

static bool move(const Unit *u, int64_t n, Micros t, const Zone *z, Micros *to)
{
    int64_t by;
    if (u->months) {
        if (__builtin_mul_overflow(n, u->months, &by) || by > 12 * 300000 || by < -12 * 300000)
            return false;
        *to = add_months(t, by, z);
        return true;
    }
    if (__builtin_mul_overflow(n, u->micros, &by) || __builtin_add_overflow(t, by, to))
        return false;
    if (u->micros >= MICROS_PER_DAY) *to = add_days(t, by / MICROS_PER_DAY, z);
    return true;
}

static Status timestampadd(const KernelCall *k)
{
    const Unit *u = k->bound;
    const int64_t *n = COLUMN_DATA(k->in[1], int64_t);
    const Micros *t = COLUMN_DATA(k->in[2], Micros);
    for (int32_t i = 0; i < k->rows; i++)
        if (kernel_live(k, i) &&
            !move(u, n[i], t[i], zone_of(k, k->in[2]), &COLUMN_DATA(k->out, Micros)[i]))
            return RAISE(DATETIME_OVERFLOW,
                         P("operation",
                           str_fmt(k->scratch, "add %lld %s to a time", (long long)n[i], u->name)));
    return DONE;
}

// Whole months between two local times: a month counts when its day and time of day are reached.
static int64_t months_between(Micros from, Micros to)
{
    Civil x = civil_of(from), y = civil_of(to);
    int64_t months = (y.year - x.year) * 12 + y.month - x.month;
    Micros tx = (x.day - 1) * MICROS_PER_DAY + floor_mod(from, MICROS_PER_DAY);
    Micros ty = (y.day - 1) * MICROS_PER_DAY + floor_mod(to, MICROS_PER_DAY);
    if (months > 0 && ty < tx) months--;
    if (months < 0 && ty > tx) months++;
    return months;
}

static Status timestampdiff(const KernelCall *k)
{
    const Unit *u = k->bound;
    const Micros *x = COLUMN_DATA(k->in[1], Micros), *y = COLUMN_DATA(k->in[2], Micros);
    const Zone *z = k->ctx->zone;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Micros from = x[i] + zone_offset(z, x[i]), to = y[i] + zone_offset(z, y[i]);
        COLUMN_DATA(k->out, int64_t)
        [i] = u->months ? months_between(from, to) / u->months : (to - from) / u->micros;
    }
    return DONE;
}

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("timestampadd"), .signature = "lit:string bigint timestamp|timestamp_ntz -> -", .kernel = timestampadd, .flags = FN_RAISES,
     .doc = "a time moved by a number of units", .analyse = analyse_unit, .bind = bind_unit},
    {.name = STR_INIT("timestampdiff"), .signature = "lit:string timestamp timestamp -> bigint", .kernel = timestampdiff,
     .doc = "whole units from one time to another", .analyse = analyse_unit, .bind = bind_unit},
};
// clang-format on
FN_TABLE(fn_time_unit, rows);
