// cast_time.c -- between dates, times, intervals and numbers.
#include "expr/cast_in.h"
#include "expr/decimal_in.h"
#include "expr/text_in.h"
#include "expr/time_in.h"

// Row by row over the rows that have a value; FITS false: cast_overflow.
#define TIME_KERNEL(name, S, T, FITS)                                                              \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const S *x = COLUMN_DATA(k->in[0], S);                                                     \
        T *z = COLUMN_DATA(k->out, T);                                                             \
        const CastCall *c = k->bound;                                                              \
        const Zone *zone = k->ctx->zone;                                                           \
        (void)c, (void)zone;                                                                       \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if (kernel_live(k, i) && UNLIKELY(!(FITS))) TRY(cast_overflow(k, i));                  \
        return DONE;                                                                               \
    }
#define SET(v) ((z[i] = (v)), true)

static int32_t day_of(Micros t, const Zone *z)
{
    return (int32_t)floor_div(t + zone_offset(z, t), MICROS_PER_DAY);
}
static bool midnight(int32_t day, Micros *t)
{
    return !__builtin_mul_overflow(day, MICROS_PER_DAY, t);
}
TIME_KERNEL(timestamp_of_date, int32_t, Micros,
            midnight(x[i], &z[i]) && SET(zone_to_utc(zone, z[i])))
TIME_KERNEL(ntz_of_date, int32_t, Micros, midnight(x[i], &z[i]))
TIME_KERNEL(date_of_timestamp, Micros, int32_t, SET(day_of(x[i], zone)))
TIME_KERNEL(date_of_ntz, Micros, int32_t, SET((int32_t)floor_div(x[i], MICROS_PER_DAY)))
TIME_KERNEL(ntz_of_timestamp, Micros, Micros, SET(x[i] + zone_offset(zone, x[i])))
TIME_KERNEL(timestamp_of_ntz, Micros, Micros, SET(zone_to_utc(zone, x[i])))

// Numbers are seconds. Integers that are too large stop at the last instant there is.
static Micros micros_of_seconds(int64_t s)
{
    Micros t;
    if (!__builtin_mul_overflow(s, MICROS_PER_SECOND, &t)) return t;
    return s < 0 ? INT64_MIN : INT64_MAX;
}
TIME_KERNEL(timestamp_of_i8, int8_t, Micros, SET(micros_of_seconds(x[i])))
TIME_KERNEL(timestamp_of_i16, int16_t, Micros, SET(micros_of_seconds(x[i])))
TIME_KERNEL(timestamp_of_i32, int32_t, Micros, SET(micros_of_seconds(x[i])))
TIME_KERNEL(timestamp_of_i64, int64_t, Micros, SET(micros_of_seconds(x[i])))
TIME_KERNEL(timestamp_of_bool, uint8_t, Micros, SET(x[i]))

static Micros micros_of_decimal(Int128 v, int32_t scale)
{
    if (scale >= 6) return (Micros)(v / num_pow10(scale - 6));
    return (Micros)((Uint128)v * (Uint128)num_pow10(6 - scale));
}
TIME_KERNEL(timestamp_of_decimal, Int128, Micros, SET(micros_of_decimal(x[i], c->from->scale)))

static Status real_to_time(const KernelCall *k, int32_t row, double seconds, Micros *t)
{
    const CastCall *c = k->bound;
    double micros = seconds * (double)MICROS_PER_SECOND;
    bool fits = micros < 9223372036854775808.0 && micros >= -9223372036854775808.0;
    if (LIKELY(fits)) {
        *t = (Micros)micros;
        return DONE;
    }
    char text[NUM_TEXT_MAX];
    if (seconds - seconds != 0)
        return cast_invalid(k, row,
                            str_copy(k->scratch, str_of(text, num_format_f64(text, seconds))));
    *t = micros > 0 ? INT64_MAX : INT64_MIN;
    if (c->fault == FAULT_NULL && !c->ansi) return DONE;
    return cast_overflow(k, row);
}

#define REAL_TO_TIME(name, T)                                                                      \
    static Status timestamp_of_##name(const KernelCall *k)                                         \
    {                                                                                              \
        const T *x = COLUMN_DATA(k->in[0], T);                                                     \
        Micros *z = COLUMN_DATA(k->out, Micros);                                                   \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if (kernel_live(k, i)) TRY(real_to_time(k, i, (double)x[i], &z[i]));                   \
        return DONE;                                                                               \
    }
REAL_TO_TIME(f32, float)
REAL_TO_TIME(f64, double)

#define SECONDS floor_div(x[i], MICROS_PER_SECOND)
TIME_KERNEL(i8_of_timestamp, Micros, int8_t, (z[i] = (int8_t)SECONDS) == SECONDS)
TIME_KERNEL(i16_of_timestamp, Micros, int16_t, (z[i] = (int16_t)SECONDS) == SECONDS)
TIME_KERNEL(i32_of_timestamp, Micros, int32_t, (z[i] = (int32_t)SECONDS) == SECONDS)
TIME_KERNEL(i64_of_timestamp, Micros, int64_t, SET(SECONDS))
TIME_KERNEL(f32_of_timestamp, Micros, float, SET((float)((double)x[i] / 1e6)))
TIME_KERNEL(f64_of_timestamp, Micros, double, SET((double)x[i] / 1e6))
TIME_KERNEL(bool_of_timestamp, Micros, uint8_t, SET(x[i] != 0))

// Spark goes by way of the double.
static Status decimal_of_timestamp(const KernelCall *k)
{
    const Micros *x = COLUMN_DATA(k->in[0], Micros);
    Int128 *z = COLUMN_DATA(k->out, Int128);
    const CastCall *c = k->bound;
    char text[NUM_TEXT_MAX];
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str s = str_of(text, num_format_f64(text, (double)x[i] / 1e6));
        if (num_parse_decimal(s, c->to->scale, &z[i]) && decimal_fits(z[i], c->to->precision))
            continue;
        TRY(decimal_overflow(k, i, c->fault == FAULT_RAISE, str_copy(k->scratch, s), c->to));
    }
    return DONE;
}

// Intervals as numbers count in their last field.
static int64_t unit_of(const Type *t)
{
    static const int64_t day_time[] = {MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE,
                                       MICROS_PER_SECOND};
    if (t->id == T_INTERVAL_YM) return t->last == YM_YEAR ? 12 : 1;
    if (t->id == T_TIME) return INT64_C(1000000000);
    return day_time[t->last];
}
static int64_t interval_at(const Column *c, int32_t i)
{
    return c->type->id == T_INTERVAL_YM ? COLUMN_DATA(c, int32_t)[i] : COLUMN_DATA(c, int64_t)[i];
}
static bool set_interval(Column *c, int32_t i, Int128 v)
{
    if (c->type->id == T_INTERVAL_YM) return (COLUMN_DATA(c, int32_t)[i] = (int32_t)v) == v;
    return (COLUMN_DATA(c, int64_t)[i] = (int64_t)v) == v;
}

#define TO_NUMBER(name, T)                                                                         \
    static Status name##_of_interval(const KernelCall *k)                                          \
    {                                                                                              \
        T *z = COLUMN_DATA(k->out, T);                                                             \
        int64_t unit = unit_of(k->in[0]->type);                                                    \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            if (!kernel_live(k, i)) continue;                                                      \
            int64_t v = interval_at(k->in[0], i) / unit;                                           \
            if ((z[i] = (T)v) != v) TRY(cast_overflow(k, i));                                      \
        }                                                                                          \
        return DONE;                                                                               \
    }
TO_NUMBER(i8, int8_t)
TO_NUMBER(i16, int16_t)
TO_NUMBER(i32, int32_t)
TO_NUMBER(i64, int64_t)

static Status decimal_of_interval(const KernelCall *k)
{
    const CastCall *c = k->bound;
    Int128 *z = COLUMN_DATA(k->out, Int128);
    DecimalOp op = {0, 0, c->to->scale};
    int64_t unit = unit_of(c->from);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Int128 v = interval_at(k->in[0], i);
        if (!decimal_quotient(&op, v, unit, &z[i]) || !decimal_fits(z[i], c->to->precision))
            TRY(decimal_overflow(k, i, c->fault == FAULT_RAISE, decimal_str(k->scratch, v, 0),
                                 c->to));
    }
    return DONE;
}

#define OF_NUMBER(name, T)                                                                         \
    static Status interval_of_##name(const KernelCall *k)                                          \
    {                                                                                              \
        const T *x = COLUMN_DATA(k->in[0], T);                                                     \
        int64_t unit = unit_of(k->out->type);                                                      \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if (kernel_live(k, i) && !set_interval(k->out, i, (Int128)x[i] * unit))                \
                TRY(cast_overflow(k, i));                                                          \
        return DONE;                                                                               \
    }
OF_NUMBER(i8, int8_t)
OF_NUMBER(i16, int16_t)
OF_NUMBER(i32, int32_t)
OF_NUMBER(i64, int64_t)

static Status interval_of_decimal(const KernelCall *k)
{
    const Int128 *x = COLUMN_DATA(k->in[0], Int128);
    DecimalOp op = {k->in[0]->type->scale, 0, 0};
    int64_t unit = unit_of(k->out->type);
    for (int32_t i = 0; i < k->rows; i++) {
        Int128 v = 0;
        if (!kernel_live(k, i)) continue;
        bool fits = decimal_product(&op, x[i], unit, &v);
        if (!fits || !set_interval(k->out, i, v)) TRY(cast_overflow(k, i));
    }
    return DONE;
}

// What stands below the last field goes.
static Status interval_of_interval(const KernelCall *k)
{
    int64_t unit = unit_of(k->out->type);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        int64_t v = interval_at(k->in[0], i);
        set_interval(k->out, i, k->out->type->last == DT_SECOND ? v : v - v % unit);
    }
    return DONE;
}

// Digits that a TIME(n) has not are cut.
static Status time_of_time(const KernelCall *k)
{
    int64_t unit = 1;
    for (int32_t digits = k->out->type->precision; digits < 9; digits++) unit *= 10;
    for (int32_t i = 0; i < k->rows; i++) {
        int64_t v = COLUMN_DATA(k->in[0], int64_t)[i];
        COLUMN_DATA(k->out, int64_t)[i] = v - v % unit;
    }
    return DONE;
}

// Without ANSI a date may be cast to numbers, and is NULL.
static Status null_of_date(const KernelCall *k)
{
    memset(k->out->valid, 0, (size_t)k->rows);
    return DONE;
}

static Kernel to_timestamp(const CastCall *c)
{
    static const Kernel of[] = {
        [PHYS_BOOL] = timestamp_of_bool, [PHYS_I8] = timestamp_of_i8,
        [PHYS_I16] = timestamp_of_i16,   [PHYS_I32] = timestamp_of_i32,
        [PHYS_I64] = timestamp_of_i64,   [PHYS_F32] = timestamp_of_f32,
        [PHYS_F64] = timestamp_of_f64,   [PHYS_I128] = timestamp_of_decimal,
    };
    if (c->from->id == T_DATE) return timestamp_of_date;
    if (c->from->id == T_TIMESTAMP_NTZ) return timestamp_of_ntz;
    return of[type_phys(c->from)];
}

static Kernel of_timestamp(const CastCall *c)
{
    static const Kernel to[] = {
        [PHYS_BOOL] = bool_of_timestamp, [PHYS_I8] = i8_of_timestamp,
        [PHYS_I16] = i16_of_timestamp,   [PHYS_I32] = i32_of_timestamp,
        [PHYS_I64] = i64_of_timestamp,   [PHYS_F32] = f32_of_timestamp,
        [PHYS_F64] = f64_of_timestamp,   [PHYS_I128] = decimal_of_timestamp,
    };
    if (c->to->id == T_DATE) return date_of_timestamp;
    if (c->to->id == T_TIMESTAMP_NTZ) return ntz_of_timestamp;
    return to[type_phys(c->to)];
}

static bool is_interval(const Type *t)
{
    return t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT || t->id == T_TIME;
}

static Kernel of_interval(const CastCall *c)
{
    static const Kernel to[] = {
        [PHYS_I8] = i8_of_interval,        [PHYS_I16] = i16_of_interval,
        [PHYS_I32] = i32_of_interval,      [PHYS_I64] = i64_of_interval,
        [PHYS_I128] = decimal_of_interval,
    };
    return is_interval(c->to) ? interval_of_interval : to[type_phys(c->to)];
}

static Kernel to_interval(const CastCall *c)
{
    static const Kernel of[] = {
        [PHYS_I8] = interval_of_i8,        [PHYS_I16] = interval_of_i16,
        [PHYS_I32] = interval_of_i32,      [PHYS_I64] = interval_of_i64,
        [PHYS_I128] = interval_of_decimal,
    };
    return of[type_phys(c->from)];
}

Kernel cast_time_kernel(const CastCall *c)
{
    TypeId from = c->from->id, to = c->to->id;
    if (from == T_TIME && to == T_TIME) return time_of_time;
    if (is_interval(c->from)) return of_interval(c);
    if (is_interval(c->to)) return to_interval(c);
    if (to == T_TIMESTAMP) return to_timestamp(c);
    if (from == T_TIMESTAMP) return of_timestamp(c);
    if (from == T_TIMESTAMP_NTZ) return to == T_DATE ? date_of_ntz : NULL;
    if (from == T_DATE) return to == T_TIMESTAMP_NTZ ? ntz_of_date : null_of_date;
    return NULL;
}
