// fn_time_of_day.c -- TIME: from numbers and texts, cut down, the difference, and with a date a
// timestamp. A TIME is nanoseconds since midnight.
#include "base/num.h"
#include "expr/fn_in.h"
#include "expr/pattern_in.h"
#include "expr/prog.h"
#include "expr/time_fn_in.h"
#include "expr/time_in.h"

enum { NANOS = 1000 };

static Status out_of_range(const KernelCall *k, const char *field, int32_t last, int64_t value)
{
    return RAISE(
        DATETIME_FIELD_OUT_OF_BOUNDS_PLAIN,
        P("rangeMessage", str_fmt(k->scratch, "Invalid value for %s (valid values 0 - %d): %lld",
                                  field, last, (long long)value)));
}

static Status make_time(const KernelCall *k)
{
    static const struct {
        const char *name;
        int32_t last;
    } field[] = {{"HourOfDay", 23}, {"MinuteOfHour", 59}, {"SecondOfMinute", 59}};
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Int128 micros = COLUMN_DATA(k->in[2], Int128)[i]; // at scale 6
        int64_t v[] = {COLUMN_DATA(k->in[0], int32_t)[i], COLUMN_DATA(k->in[1], int32_t)[i],
                       (int64_t)(micros / MICROS_PER_SECOND)};
        for (int32_t f = 0; f < COUNT(v); f++)
            if (v[f] < 0 || v[f] > field[f].last || (f == 2 && micros < 0))
                return out_of_range(k, field[f].name, field[f].last, v[f]);
        COLUMN_DATA(k->out, int64_t)
        [i] = (v[0] * MICROS_PER_HOUR + v[1] * MICROS_PER_MINUTE + (int64_t)micros) * NANOS;
    }
    return DONE;
}
static Status analyse_make_time(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    return coerce_arg(a, call, 2, type_decimal(a, 16, 6));
}

// -- texts

typedef struct TimeText {
    const Pattern *pattern;
    bool lenient;
} TimeText;

static Status to_time(const KernelCall *k)
{
    const TimeText *t = k->bound;
    const Pattern *pattern = t->pattern;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str s = column_str(k->in[0], i);
        Datum v;
        if (k->nin > 1 && !t->pattern)
            TRY(pattern_compile(&pattern, k->scratch, column_str(k->in[1], i), PATTERN_READ));
        bool ok = pattern ? pattern_datum(pattern, &type_time, s, k->ctx->zone, &v)
                          : time_of_day_read(s, &v.i);
        k->out->valid[i] = ok;
        if (ok) {
            COLUMN_DATA(k->out, int64_t)[i] = v.i;
        } else if (!t->lenient) {
            Str with = k->nin > 1
                           ? str_fmt(k->scratch, "'" STR_FMT "'", STR_ARG(column_str(k->in[1], i)))
                           : S("");
            return RAISE(CANNOT_PARSE_TIME,
                         P("input", str_fmt(k->scratch, "'" STR_FMT "'", STR_ARG(s))),
                         P("format", with));
        }
    }
    return DONE;
}
static Status bind_to_time(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)ctx;
    TimeText *t = NEW(a, TimeText, 1);
    t->lenient = str_starts(call->name, S("try_"));
    b->data = t;
    b->flags |= FN_MAY_NULL;
    if (call->nargs < 2 || call->arg[1]->kind != E_LITERAL || call->arg[1]->value.null) return DONE;
    return pattern_compile(&t->pattern, a, call->arg[1]->value.s, PATTERN_READ);
}
static void sql_try_to_time(Buf *b, const Expr *e)
{
    buf_put(b, S("try_to_time("));
    sql_as(b, e, "to_time");
    buf_char(b, ')');
}

// -- units

static bool unit_nanos(Str unit, int64_t *nanos)
{
    static const struct {
        Str name;
        int64_t micros;
    } units[] = {{STR_INIT("hour"), MICROS_PER_HOUR},
                 {STR_INIT("minute"), MICROS_PER_MINUTE},
                 {STR_INIT("second"), MICROS_PER_SECOND},
                 {STR_INIT("millisecond"), MICROS_PER_MS},
                 {STR_INIT("microsecond"), 1}};
    for (int32_t i = 0; i < COUNT(units); i++) {
        if (!str_ieq(unit, units[i].name)) continue;
        *nanos = units[i].micros * NANOS;
        return true;
    }
    return false;
}

static Status by_unit(const KernelCall *k, const char *name)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        int64_t nanos = 0, x = column_i64(k->in[1], i);
        Str unit = column_str(k->in[0], i);
        if (!unit_nanos(unit, &nanos))
            return RAISE(INVALID_PARAMETER_VALUE_TIME_UNIT,
                         P("functionName", str_fmt(k->scratch, "`%s`", name)),
                         P("parameter", S("`unit`")),
                         P("invalidValue", str_fmt(k->scratch, "'" STR_FMT "'", STR_ARG(unit))));
        COLUMN_DATA(k->out, int64_t)
        [i] = k->nin == 2 ? x - x % nanos : (column_i64(k->in[2], i) - x) / nanos;
    }
    return DONE;
}
static Status time_trunc(const KernelCall *k) { return by_unit(k, "time_trunc"); }
static Status time_diff(const KernelCall *k) { return by_unit(k, "time_diff"); }

static Status current_time(const KernelCall *k)
{
    k->out->valid = NULL;
    int64_t scale = (int64_t)num_pow10(TIME_PRECISION_MAX - k->out->type->precision);
    Micros now = k->ctx->batch_time;
    for (int32_t i = 0; i < k->rows; i++) {
        int64_t of_day = floor_mod(now + zone_offset(k->ctx->zone, now), MICROS_PER_DAY);
        COLUMN_DATA(k->out, int64_t)[i] = (of_day - of_day % scale) * NANOS;
    }
    return DONE;
}
static Status analyse_current_time(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Datum v = {.i = TIME_PRECISION_MAX};
    if (call->nargs) TRY(fold_arg(a, call, 0, ctx, &v));
    call->type = type_time_of(a, (int32_t)MAX(0, MIN(v.i, TIME_PRECISION_MAX)));
    return DONE;
}

// -- with a date

// make_timestamp(date, time, zone).
static Status timestamp_of_parts(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Micros local = COLUMN_DATA(k->in[0], int32_t)[i] * MICROS_PER_DAY;
        if (k->nin > 1) local += column_i64(k->in[1], i) / NANOS;
        Micros *z = &COLUMN_DATA(k->out, Micros)[i];
        const Zone *zone = k->ctx->zone;
        *z = local;
        if (k->out->type->id == T_TIMESTAMP_NTZ) continue;
        if (k->nin > 2) TRY(zone_open(&zone, k->scratch, column_str(k->in[2], i)));
        *z = zone_to_utc(zone, local);
    }
    return DONE;
}

static Status need_exactly(Arena *a, Expr *call, int32_t i, const Type *t, const char *name)
{
    if (i >= call->nargs) return DONE;
    const Type *is = call->arg[i]->type;
    if (is->id != t->id && is->id != T_VOID) return wrong_type(a, call, i, name);
    coerce(a, &call->arg[i], t);
    return DONE;
}

Status analyse_date_and_time(Arena *a, Expr *call)
{
    TRY(need_exactly(a, call, 0, &type_date, "\"DATE\""));
    TRY(need_exactly(a, call, 1, &type_time, "\"TIME\""));
    if (call->nargs > 2) TRY(coerce_arg(a, call, 2, &type_string));
    call->nullable = any_nullable(call);
    return DONE;
}
Kernel date_and_time_kernel(void) { return timestamp_of_parts; }

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("make_time"), .signature = "int int any -> time", .kernel = make_time, .flags = FN_RAISES, .doc = "a time of day from hour, minute and second", .analyse = analyse_make_time},
    {.name = STR_INIT("to_time"), .signature = "string string? -> time", .kernel = to_time, .flags = FN_RAISES | FN_MAY_NULL, .doc = "a time of day, by a pattern", .bind = bind_to_time},
    {.name = STR_INIT("try_to_time"), .signature = "string string? -> time", .kernel = to_time, .flags = FN_MAY_NULL, .doc = "a time of day, by a pattern; NULL for other texts", .bind = bind_to_time, .sql = sql_try_to_time},
    {.name = STR_INIT("time_trunc"), .signature = "string time -> time", .kernel = time_trunc, .flags = FN_RAISES, .doc = "a time of day cut down to a unit"},
    {.name = STR_INIT("time_diff"), .signature = "string time time -> bigint", .kernel = time_diff, .flags = FN_RAISES, .doc = "whole units from the first time of day to the second"},
    {.name = STR_INIT("current_time"), .signature = "lit:int? -> -", .kernel = current_time, .flags = FN_BATCH_CONSTANT | FN_NOT_NULL | FN_OWN_NULLS, .doc = "the time of day of the batch", .analyse = analyse_current_time},
};
// clang-format on
FN_TABLE(fn_time_of_day, rows);
