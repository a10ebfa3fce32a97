// fn_time_make.c -- dates, times and intervals from numbers, and numbers from them; other zones;
// windows.
#include "expr/decimal_in.h"
#include "expr/fn_in.h"
#include "expr/time_fn_in.h"
#include "expr/time_in.h"

// What Java says of a field that cannot be.
Str civil_complaint(Arena *a, const Civil *c)
{
    static const char *const months[] = {"JANUARY",   "FEBRUARY", "MARCH",    "APRIL",
                                         "MAY",       "JUNE",     "JULY",     "AUGUST",
                                         "SEPTEMBER", "OCTOBER",  "NOVEMBER", "DECEMBER"};
    const struct {
        const char *name, *range;
        int64_t value, first, last;
    } field[] = {
        {"Year", "-999999999 - 999999999", c->year, -999999999, 999999999},
        {"MonthOfYear", "1 - 12", c->month, 1, 12},
        {"DayOfMonth", "1 - 28/31", c->day, 1, 31},
        {"HourOfDay", "0 - 23", c->hour, 0, 23},
        {"MinuteOfHour", "0 - 59", c->minute, 0, 59},
        {"SecondOfMinute", "0 - 59", c->second, 0, 59},
    };
    for (int32_t i = 0; i < COUNT(field); i++) {
        if (i == 3 && !civil_exists(c->year, c->month, c->day))
            return c->month == 2 && c->day == 29
                       ? str_fmt(a, "Invalid date 'February 29' as '%lld' is not a leap year",
                                 (long long)c->year)
                       : str_fmt(a, "Invalid date '%s %d'", months[c->month - 1], (int)c->day);
        if (field[i].value < field[i].first || field[i].value > field[i].last)
            return str_fmt(a, "Invalid value for %s (valid values %s): %lld", field[i].name,
                           field[i].range, (long long)field[i].value);
    }
    return S("long overflow");
}

static Status out_of_range(const KernelCall *k, const Civil *c)
{
    return RAISE(DATETIME_FIELD_OUT_OF_BOUNDS, P("rangeMessage", civil_complaint(k->scratch, c)),
                 P("ansiConfig", S("\"spark.sql.ansi.enabled\"")));
}

static int32_t int_at(const KernelCall *k, int32_t c, int32_t i)
{
    return COLUMN_DATA(k->in[c], int32_t)[i];
}

static Status make_date(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        int32_t year = int_at(k, 0, i), month = int_at(k, 1, i), day = int_at(k, 2, i);
        bool exists = civil_exists(year, month, day) && year < 5000000 && year > -5000000;
        if (!exists && k->ctx->ansi)
            return out_of_range(k, &(Civil){.year = year, .month = month, .day = day});
        k->out->valid[i] = exists;
        if (exists) COLUMN_DATA(k->out, int32_t)[i] = (int32_t)civil_to_days(year, month, day);
    }
    return DONE;
}

static Str without_zeros(Str s)
{
    while (s.p[s.n - 1] == '0') s.n--;
    return s;
}

// 60 whole seconds are the next minute.
static Status make_one_time(const KernelCall *k, int32_t i)
{
    Int128 seconds = COLUMN_DATA(k->in[5], Int128)[i]; // at scale 6
    bool next_minute = seconds == 60 * MICROS_PER_SECOND;
    bool fraction = seconds > 60 * MICROS_PER_SECOND && seconds < 61 * MICROS_PER_SECOND;
    if (next_minute) seconds = 0;
    Civil c = {.year = int_at(k, 0, i),
               .month = int_at(k, 1, i),
               .day = int_at(k, 2, i),
               .hour = int_at(k, 3, i),
               .minute = int_at(k, 4, i),
               .second = (int32_t)(seconds / MICROS_PER_SECOND),
               .micro = (int32_t)(seconds % MICROS_PER_SECOND)};
    Micros local = 0, *z = &COLUMN_DATA(k->out, Micros)[i];
    bool exists = seconds >= 0 && civil_checked(&c, &local);
    bool strict = k->ctx->ansi && !k->bound; // try_make_timestamp has something bound
    if (fraction && strict)
        return RAISE(INVALID_FRACTION_OF_SECOND,
                     P("secAndMicros", without_zeros(decimal_str(k->scratch, seconds, 6))));
    if (!exists && strict) return out_of_range(k, &c);
    local += next_minute ? MICROS_PER_MINUTE : 0;
    *z = local;
    k->out->valid[i] = exists;
    if (k->out->type->id == T_TIMESTAMP_NTZ || !exists) return DONE;
    const Zone *zone = k->ctx->zone;
    if (k->nin > 6) TRY(zone_open(&zone, k->scratch, column_str(k->in[6], i)));
    *z = zone_to_utc(zone, local);
    return DONE;
}
static Status make_timestamp(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++)
        if (kernel_live(k, i)) TRY(make_one_time(k, i));
    return DONE;
}

static void default_ints(Arena *a, Expr *call, int32_t n)
{
    for (int32_t i = call->nargs; i < n; i++) push_arg(a, call, int_literal(a, 0));
}
static Status bind_timestamp(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    if (str_starts(call->fn->name, S("try_"))) b->data = call; // lenient
    if (call->arg[0]->type->id == T_DATE) b->kernel = date_and_time_kernel();
    return DONE;
}
static Expr *zero_seconds(Arena *a, const Type *t) { return expr_literal(a, t, &(Datum){.d = 0}); }

static Status analyse_seconds(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    Str name = call->fn->name;
    int32_t at = str_ends(name, S("make_interval"))    ? 6
                 : str_eq(name, S("make_dt_interval")) ? 3
                                                       : 5;
    const Type *t = type_decimal(a, at == 5 ? 16 : 18, 6);
    default_ints(a, call, at);
    if (call->nargs == at) push_arg(a, call, zero_seconds(a, t));
    return coerce_arg(a, call, at, t);
}

static void sql_try_timestamp(Buf *b, const Expr *e)
{
    bool wraps = e->nargs <= 3 && str_ends(e->name, S("ntz"));
    if (wraps) buf_put(b, S("try_make_timestamp_ntz("));
    sql_as(b, e, wraps ? "make_timestamp_ntz" : str_to_z(b->arena, e->name));
    if (wraps) buf_char(b, ')');
}

// From six or seven numbers, or from a date and a time.
static Status analyse_timestamp(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Str name = call->fn->name;
    bool ntz = str_ends(name, S("ntz")), ltz = str_ends(name, S("ltz"));
    bool allowed[] = {[1] = !ntz && !ltz, [2] = true, [3] = !ntz, [6] = true, [7] = !ntz};
    if (!allowed[call->nargs])
        return RAISE(WRONG_NUM_ARGS_WITHOUT_SUGGESTION, P("functionName", quoted_name(a, name)),
                     P("expectedNum", ntz   ? S("[2, 6]")
                                      : ltz ? S("[2, 3, 6, 7]")
                                            : S("[1, 2, 3, 6, 7]")),
                     P("actualNum", str_fmt(a, "%d", call->nargs)), DOCROOT);
    if (call->nargs <= 3) {
        if (ltz) call->name = S("make_timestamp");
        return analyse_date_and_time(a, call);
    }
    for (int32_t i = 0; i < 5; i++) TRY(coerce_arg(a, call, i, &type_int));
    if (call->nargs > 6) TRY(coerce_arg(a, call, 6, &type_string));
    return analyse_seconds(a, call, ctx);
}

static bool add_units(Micros *sum, int64_t n, int64_t unit)
{
    int64_t v;
    return !__builtin_mul_overflow(n, unit, &v) && !__builtin_add_overflow(*sum, v, sum);
}

static Status too_large(const KernelCall *k, int32_t i, Str message)
{
    k->out->valid[i] = 0;
    if (!k->ctx->ansi || k->bound) return DONE; // bound: try_make_interval
    return RAISE(ARITHMETIC_OVERFLOW, P("message", message), P("alternative", S("")),
                 P("config", S("\"spark.sql.ansi.enabled\"")));
}

static Status bind_lenient(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    b->data = call;
    return DONE;
}

static Status make_interval(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        int64_t months = int_at(k, 0, i) * INT64_C(12) + int_at(k, 1, i);
        int64_t days = int_at(k, 2, i) * INT64_C(7) + int_at(k, 3, i);
        Int128 seconds = COLUMN_DATA(k->in[6], Int128)[i];
        Micros micros = (Micros)seconds;
        bool fits = micros == seconds && add_units(&micros, int_at(k, 4, i), MICROS_PER_HOUR) &&
                    add_units(&micros, int_at(k, 5, i), MICROS_PER_MINUTE);
        Interval v = {(int32_t)months, (int32_t)days, micros};
        COLUMN_DATA(k->out, Interval)[i] = v;
        bool whole = v.months == months && v.days == days;
        if (!fits || !whole)
            TRY(too_large(k, i, whole ? S("long overflow") : S("integer overflow")));
    }
    return DONE;
}

static Status overflows(void) { return RAISE(INTERVAL_OVERFLOWS); }

static Status make_dt_interval(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Int128 seconds = COLUMN_DATA(k->in[3], Int128)[i];
        Micros *z = &COLUMN_DATA(k->out, Micros)[i];
        *z = (Micros)seconds;
        bool fits = *z == seconds && add_units(z, int_at(k, 0, i), MICROS_PER_DAY) &&
                    add_units(z, int_at(k, 1, i), MICROS_PER_HOUR) &&
                    add_units(z, int_at(k, 2, i), MICROS_PER_MINUTE);
        if (!fits) return overflows();
    }
    return DONE;
}

static Status make_ym_interval(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        int64_t months = int_at(k, 0, i) * INT64_C(12) + int_at(k, 1, i);
        COLUMN_DATA(k->out, int32_t)[i] = (int32_t)months;
        if ((int32_t)months != months) return overflows();
    }
    return DONE;
}
static Status analyse_ym(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    default_ints(a, call, 2);
    call->type = &type_interval_ym;
    return DONE;
}
static Status analyse_dt(Arena *a, Expr *call, const EvalCtx *ctx)
{
    call->type = &type_interval_dt;
    return analyse_seconds(a, call, ctx);
}

// Numbers since 1970.
#define FROM_EPOCH(name, unit)                                                                     \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const int64_t *x = COLUMN_DATA(k->in[0], int64_t);                                         \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if (kernel_live(k, i) &&                                                               \
                __builtin_mul_overflow(x[i], unit, &COLUMN_DATA(k->out, Micros)[i]))               \
                return RAISE(ARITHMETIC_OVERFLOW, P("message", S("long overflow")),                \
                             P("alternative", S("")),                                              \
                             P("config", S("\"spark.sql.ansi.enabled\"")));                        \
        return DONE;                                                                               \
    }
FROM_EPOCH(of_seconds, MICROS_PER_SECOND)
FROM_EPOCH(of_millis, MICROS_PER_MS)
FROM_EPOCH(of_micros, INT64_C(1))
MAP1(to_seconds, Micros, int64_t, floor_div(x[i], MICROS_PER_SECOND))
MAP1(to_millis, Micros, int64_t, floor_div(x[i], MICROS_PER_MS))
MAP1(to_micros, Micros, int64_t, x[i])
MAP1(same_i32, int32_t, int32_t, x[i])

// Seconds with a fraction go through the cast.
static Status lower_seconds(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    if (type_is_integral(call->arg[0]->type))
        return fn_make(e, a, ctx, S("timestamp_of_seconds"), call->arg, 1);
    *e = call->arg[0];
    coerce(a, e, &type_timestamp);
    return DONE;
}

// from_utc_timestamp(t, zone): t's clock in UTC, then the clock of zone, read in the session's
// zone.
static Status shift_zone(const KernelCall *k, bool from_utc)
{
    const Micros *t = COLUMN_DATA(k->in[0], Micros);
    const Zone *zone = k->bound;
    Str last = S("");
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        if (!k->bound && (!zone || !str_eq(column_str(k->in[1], i), last))) {
            last = column_str(k->in[1], i);
            TRY(zone_open(&zone, k->scratch, last));
        }
        COLUMN_DATA(k->out, Micros)
        [i] = from_utc ? t[i] + zone_offset(zone, t[i]) : zone_to_utc(zone, t[i]);
    }
    return DONE;
}
static Status bind_zone(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    Datum v;
    const Zone *zone;
    if (!expr_foldable(call->arg[1])) return DONE;
    TRY(fold_arg(a, call, 1, ctx, &v));
    if (v.null) return DONE;
    TRY(zone_open(&zone, a, v.s));
    b->data = zone;
    return DONE;
}
static Status from_utc(const KernelCall *k) { return shift_zone(k, true); }
static Status to_utc(const KernelCall *k) { return shift_zone(k, false); }

// convert_timezone([from,] to, local time): from is the session's zone when it is left out.
static Status convert_zone(const KernelCall *k)
{
    const Zone *from = NULL, *to = NULL;
    Str last_from = S(""), last_to = S("");
    const Micros *t = COLUMN_DATA(k->in[2], Micros);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str x = column_str(k->in[0], i), y = column_str(k->in[1], i);
        if (!from || !str_eq(x, last_from)) TRY(zone_open(&from, k->scratch, x));
        if (!to || !str_eq(y, last_to)) TRY(zone_open(&to, k->scratch, y));
        last_from = x;
        last_to = y;
        Micros instant = zone_to_utc(from, t[i]);
        COLUMN_DATA(k->out, Micros)[i] = instant + zone_offset(to, instant);
    }
    return DONE;
}
static Status analyse_convert(Arena *a, Expr *call, const EvalCtx *ctx)
{
    if (call->nargs == 2) {
        push_arg(a, call, call->arg[1]);
        call->arg[1] = call->arg[0];
        call->arg[0] = string_literal(a, zone_name(ctx->zone));
        TRY(coerce_arg(a, call, 2, &type_timestamp_ntz));
    }
    return coerce_arg(a, call, 1, &type_string);
}

static Status text_constant(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) COLUMN_DATA(k->out, Str)[i] = *(const Str *)k->bound;
    k->out->valid = NULL;
    return DONE;
}
static Status bind_session(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    Str *s = NEW(a, Str, 1);
    Str name = call->fn->name;
    *s = str_eq(name, S("current_timezone"))  ? zone_name(ctx->zone)
         : str_eq(name, S("current_catalog")) ? ctx->catalog
         : str_eq(name, S("current_schema")) || str_eq(name, S("current_database")) ? ctx->schema
                                                                                    : ctx->user;
    b->data = s;
    return DONE;
}

// The start of the i-th window that covers a time: t - mod(t - start, slide) - i * slide. The
// remainder is computed by multiplication, without branches: Granlund and Montgomery's division by
// a constant of 64 bits.
typedef struct Windows {        // KernelCall.bound
    uint64_t slide, magic, fix; // fix: what 2^63 leaves modulo slide, as a complement
    int32_t shift;
    int64_t start, back;
} Windows;

static Windows windows_of(int64_t slide, int64_t start, int64_t i)
{
    Windows w = {.slide = (uint64_t)slide, .start = start, .back = i * slide};
    int32_t bits = slide > 1 ? 64 - __builtin_clzll((uint64_t)slide - 1) : 1;
    Uint128 two = (Uint128)1 << bits;
    w.magic = (uint64_t)(((two - w.slide) << 64) / w.slide + 1);
    w.shift = bits - 1;
    w.fix = (w.slide - (UINT64_C(1) << 63) % w.slide) % w.slide;
    return w;
}

static inline uint64_t mod_slide(const Windows *w, int64_t x)
{
    uint64_t u = (uint64_t)x ^ UINT64_C(1) << 63; // in order, without a sign
    uint64_t high = (uint64_t)((Uint128)u * w->magic >> 64);
    uint64_t q = (((u - high) >> 1) + high) >> w->shift;
    uint64_t r = u - q * w->slide + w->fix;
    return r - (w->slide & -(uint64_t)(r >= w->slide));
}

static Status window_start(const KernelCall *k)
{
    const Micros *restrict t = COLUMN_DATA(k->in[0], Micros);
    Micros *restrict z = COLUMN_DATA(k->out, Micros);
    Windows w = *(const Windows *)k->bound;
    for (int32_t i = 0; i < k->rows; i++) {
        uint64_t r = mod_slide(&w, (int64_t)((uint64_t)t[i] - (uint64_t)w.start));
        z[i] = (Micros)((uint64_t)t[i] - r - (uint64_t)w.back);
    }
    return DONE;
}

static Status bind_window(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    Windows *w = NEW(a, Windows, 1);
    Datum v[3];
    for (int32_t i = 0; i < 3; i++) TRY(fold_arg(a, call, i + 1, ctx, &v[i]));
    must(v[0].i > 0);
    *w = windows_of(v[0].i, v[1].i, v[2].i);
    b->data = w;
    b->flags |= FN_FIRST_ARG;
    return DONE;
}

// The time of a window: the last instant inside.
static Status window_time(const KernelCall *k)
{
    const Column *end = &k->in[0]->kid[1];
    for (int32_t i = 0; i < k->rows; i++) {
        bool there = !column_null(k->in[0], i) && !column_null(end, i);
        k->out->valid[i] = there;
        if (there) COLUMN_DATA(k->out, Micros)[i] = COLUMN_DATA(end, Micros)[i] - 1;
    }
    return DONE;
}
static Status analyse_window_time(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[0]->type;
    bool window = t->id == T_STRUCT && t->nfields == 2 && t->field[1].type->id >= T_TIMESTAMP &&
                  t->field[1].type->id <= T_TIMESTAMP_NTZ;
    if (!window) return wrong_type(a, call, 0, "\"STRUCT<start: TIMESTAMP, end: TIMESTAMP>\"");
    call->type = t->field[1].type;
    return DONE;
}

// clang-format off
#define SESSION_ROW(fn, doc_) {.name = STR_INIT(fn), .signature = "-> string", .kernel = text_constant, .flags = FN_NOT_NULL | FN_OWN_NULLS, .doc = doc_, .bind = bind_session}
#define TIME_ROW(fn, type_) {.name = STR_INIT(fn), .signature = "any any? any? any? any? any? any? -> " type_, .kernel = make_timestamp, .flags = FN_RAISES | FN_MAY_NULL, \
     .doc = "a timestamp from year, month, day, hour, minute, second and a zone, or from a date, a time and a zone", .analyse = analyse_timestamp, .bind = bind_timestamp}
#define TRY_TIME_ROW(fn, type_) {.name = STR_INIT(fn), .signature = "any any? any? any? any? any? any? -> " type_, .kernel = make_timestamp, .flags = FN_RAISES | FN_MAY_NULL, \
     .doc = "a timestamp from its parts, NULL when there is none", .analyse = analyse_timestamp, .bind = bind_timestamp, .sql = sql_try_timestamp}
static const FnRow rows[] = {
    {.name = STR_INIT("make_date"), .signature = "int int int -> date", .kernel = make_date, .flags = FN_RAISES | FN_MAY_NULL, .doc = "a date from year, month and day"},
    TIME_ROW("make_timestamp", "timestamp"),
    TIME_ROW("make_timestamp_ltz", "timestamp"),
    TIME_ROW("make_timestamp_ntz", "timestamp_ntz"),
    TRY_TIME_ROW("try_make_timestamp", "timestamp"),
    TRY_TIME_ROW("try_make_timestamp_ltz", "timestamp"),
    TRY_TIME_ROW("try_make_timestamp_ntz", "timestamp_ntz"),
    {.name = STR_INIT("convert_timezone"), .signature = "string any timestamp_ntz? -> timestamp_ntz", .kernel = convert_zone, .flags = FN_RAISES,
     .doc = "a local time of one zone in another", .analyse = analyse_convert},
    {.name = STR_INIT("make_interval"), .signature = "int? int? int? int? int? int? any? -> interval", .kernel = make_interval, .flags = FN_RAISES | FN_MAY_NULL,
     .doc = "an interval from years, months, weeks, days, hours, minutes and seconds", .analyse = analyse_seconds},
    {.name = STR_INIT("try_make_interval"), .signature = "int int? int? int? int? int? any? -> interval", .kernel = make_interval, .flags = FN_MAY_NULL,
     .doc = "an interval as make_interval makes it, NULL when it has no room", .analyse = analyse_seconds, .bind = bind_lenient},
    {.name = STR_INIT("make_dt_interval"), .signature = "int? int? int? any? -> -", .kernel = make_dt_interval, .flags = FN_RAISES | FN_MAY_NULL,
     .doc = "an interval from days, hours, minutes and seconds", .analyse = analyse_dt},
    {.name = STR_INIT("make_ym_interval"), .signature = "int? int? -> -", .kernel = make_ym_interval, .flags = FN_RAISES | FN_MAY_NULL,
     .doc = "an interval from years and months", .analyse = analyse_ym},
    {.name = STR_INIT("timestamp_seconds"), .signature = "numeric! -> timestamp", .flags = FN_RAISES, .doc = "the time so many seconds after 1970", .lower = lower_seconds},
    {.name = STR_INIT("timestamp_of_seconds"), .signature = "bigint -> timestamp", .kernel = of_seconds, .flags = FN_RAISES | FN_INTERNAL},
    {.name = STR_INIT("timestamp_millis"), .signature = "bigint! -> timestamp", .kernel = of_millis, .flags = FN_RAISES, .doc = "the time so many milliseconds after 1970"},
    {.name = STR_INIT("timestamp_micros"), .signature = "bigint! -> timestamp", .kernel = of_micros, .doc = "the time so many microseconds after 1970"},
    {.name = STR_INIT("unix_seconds"), .signature = "timestamp -> bigint", .kernel = to_seconds, .doc = "seconds since 1970"},
    {.name = STR_INIT("unix_millis"), .signature = "timestamp -> bigint", .kernel = to_millis, .doc = "milliseconds since 1970"},
    {.name = STR_INIT("unix_micros"), .signature = "timestamp -> bigint", .kernel = to_micros, .doc = "microseconds since 1970"},
    {.name = STR_INIT("unix_date"), .signature = "date! -> int", .kernel = same_i32, .doc = "days since 1970"},
    {.name = STR_INIT("date_from_unix_date"), .signature = "int -> date", .kernel = same_i32, .doc = "the date so many days after 1970"},
    {.name = STR_INIT("from_utc_timestamp"), .signature = "timestamp string -> timestamp", .kernel = from_utc, .flags = FN_RAISES, .doc = "a time of UTC on a zone's clock", .bind = bind_zone},
    {.name = STR_INIT("to_utc_timestamp"), .signature = "timestamp string -> timestamp", .kernel = to_utc, .flags = FN_RAISES, .doc = "a time of a zone's clock in UTC", .bind = bind_zone},
    SESSION_ROW("current_timezone", "the session's time zone"),
    SESSION_ROW("current_catalog", "the current catalog"),
    SESSION_ROW("current_schema", "the current schema"),
    {.name = STR_INIT("current_database"), .signature = "-> string", .kernel = text_constant, .flags = FN_NOT_NULL | FN_OWN_NULLS, .doc = "the current schema", .bind = bind_session, .pretty = "current_schema"},
    SESSION_ROW("current_user", "who runs this"),
    SESSION_ROW("user", "who runs this"),
    SESSION_ROW("session_user", "who runs this"),
    {.name = STR_INIT("window_start"), .signature = "timestamp|timestamp_ntz lit:bigint lit:bigint lit:bigint -> =0", .kernel = window_start, .flags = FN_INTERNAL,
     .doc = "the start of the i-th window over a time: slide, start and i in microseconds and steps back", .bind = bind_window},
    {.name = STR_INIT("window_time"), .signature = "any -> -", .kernel = window_time, .flags = FN_OWN_NULLS, .doc = "the last instant of a window", .analyse = analyse_window_time},
};
// clang-format on
FN_TABLE(fn_time_make, rows);
