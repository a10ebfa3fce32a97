// fn_time.c -- fields of dates and times, cutting them down, and moving them. Times are those of
// the session's zone; TIMESTAMP_NTZ has none.
#include "base/num.h"
#include "expr/fn_in.h"
#include "expr/time_in.h"

static const Zone *zone_for(const KernelCall *k, const Type *t)
{
    return t->id == T_TIMESTAMP ? k->ctx->zone : zone_utc();
}

// Fields of a date, a value a row; YMD puts year, month and day where the expression finds them.
#define DATE_FIELD(name, expression)                                                               \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const int32_t *days = COLUMN_DATA(k->in[0], int32_t);                                      \
        int32_t *z = COLUMN_DATA(k->out, int32_t);                                                 \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            int64_t d = days[i], year;                                                             \
            int32_t month, day;                                                                    \
            civil_from_days(d, &year, &month, &day);                                               \
            z[i] = (int32_t)(expression);                                                          \
        }                                                                                          \
        return DONE;                                                                               \
    }

// The week of the year by ISO 8601 is that of the Thursday beside.
static int64_t thursday(int64_t days) { return days - civil_weekday(days) + 3; }
static int32_t iso_week(int64_t days) { return (civil_day_of_year(thursday(days)) - 1) / 7 + 1; }
static int64_t iso_year(int64_t days)
{
    int64_t year;
    int32_t month, day;
    civil_from_days(thursday(days), &year, &month, &day);
    return year;
}
DATE_FIELD(year_kernel, year)
DATE_FIELD(month_kernel, month)
DATE_FIELD(day_kernel, day)
DATE_FIELD(quarter_kernel, (month + 2) / 3)
DATE_FIELD(last_day_kernel, civil_to_days(year, month, civil_days_in_month(year, month)))
MAP1(weekday_kernel, int32_t, int32_t, civil_weekday(x[i]))
MAP1(dayofweek_kernel, int32_t, int32_t, (civil_weekday(x[i]) + 1) % 7 + 1)
MAP1(dayofyear_kernel, int32_t, int32_t, civil_day_of_year(x[i]))
MAP1(week_kernel, int32_t, int32_t, iso_week(x[i]))
MAP1(iso_year_kernel, int32_t, int32_t, iso_year(x[i]))

static Status name_of(const KernelCall *k, bool month)
{
    static const Str names[2][12] = {
        {STR_INIT("Mon"), STR_INIT("Tue"), STR_INIT("Wed"), STR_INIT("Thu"), STR_INIT("Fri"),
         STR_INIT("Sat"), STR_INIT("Sun")},
        {STR_INIT("Jan"), STR_INIT("Feb"), STR_INIT("Mar"), STR_INIT("Apr"), STR_INIT("May"),
         STR_INIT("Jun"), STR_INIT("Jul"), STR_INIT("Aug"), STR_INIT("Sep"), STR_INIT("Oct"),
         STR_INIT("Nov"), STR_INIT("Dec")}};
    for (int32_t i = 0; i < k->rows; i++) {
        int64_t year, days = COLUMN_DATA(k->in[0], int32_t)[i];
        int32_t m, d;
        civil_from_days(days, &year, &m, &d);
        COLUMN_DATA(k->out, Str)[i] = names[month][month ? m - 1 : civil_weekday(days)];
    }
    return DONE;
}
static Status dayname_kernel(const KernelCall *k) { return name_of(k, false); }
static Status monthname_kernel(const KernelCall *k) { return name_of(k, true); }

// Fields of the time of day.
#define CLOCK_FIELD(name, T, expression)                                                           \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const Micros *t = COLUMN_DATA(k->in[0], Micros);                                           \
        T *z = COLUMN_DATA(k->out, T);                                                             \
        const Zone *zone = zone_for(k, k->in[0]->type);                                            \
        bool time = k->in[0]->type->id == T_TIME; /* nanoseconds of the day */                     \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            int64_t of_day =                                                                       \
                time ? t[i] / 1000 : floor_mod(t[i] + zone_offset(zone, t[i]), MICROS_PER_DAY);    \
            z[i] = (T)(expression);                                                                \
        }                                                                                          \
        return DONE;                                                                               \
    }
CLOCK_FIELD(hour_kernel, int32_t, of_day / MICROS_PER_HOUR)
CLOCK_FIELD(minute_kernel, int32_t, of_day / MICROS_PER_MINUTE % 60)
CLOCK_FIELD(second_kernel, int32_t, of_day / MICROS_PER_SECOND % 60)
CLOCK_FIELD(fraction_kernel, Int128, of_day % MICROS_PER_MINUTE) // seconds as DECIMAL(8,6)

static Status analyse_fraction(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    call->type = type_decimal(a, 8, 6);
    return DONE;
}

// Cutting down. NO_UNIT: the text names none, and the result is NULL.
typedef enum Unit {
    NO_UNIT,
    MICROSECOND,
    MILLISECOND,
    SECOND,
    MINUTE,
    HOUR,
    DAY,
    WEEK,
    MONTH,
    QUARTER,
    YEAR
} Unit;

static Unit unit_of(Str s)
{
    static const struct {
        Str name;
        Unit unit;
    } names[] = {
        {STR_INIT("microsecond"), MICROSECOND},
        {STR_INIT("millisecond"), MILLISECOND},
        {STR_INIT("second"), SECOND},
        {STR_INIT("minute"), MINUTE},
        {STR_INIT("hour"), HOUR},
        {STR_INIT("day"), DAY},
        {STR_INIT("dd"), DAY},
        {STR_INIT("week"), WEEK},
        {STR_INIT("mon"), MONTH},
        {STR_INIT("month"), MONTH},
        {STR_INIT("mm"), MONTH},
        {STR_INIT("quarter"), QUARTER},
        {STR_INIT("year"), YEAR},
        {STR_INIT("yyyy"), YEAR},
        {STR_INIT("yy"), YEAR},
    };
    for (int32_t i = 0; i < COUNT(names); i++)
        if (str_ieq(s, names[i].name)) return names[i].unit;
    return NO_UNIT;
}

static int64_t cut_days(int64_t days, Unit unit)
{
    if (unit == WEEK) return days - civil_weekday(days);
    if (unit < MONTH) return days;
    int64_t year;
    int32_t month, day;
    civil_from_days(days, &year, &month, &day);
    if (unit == QUARTER) month = (month - 1) / 3 * 3 + 1;
    return civil_to_days(year, unit == YEAR ? 1 : month, 1);
}

static Micros cut(Micros t, Unit unit, const Zone *z)
{
    static const int64_t width[] = {[MICROSECOND] = 1,
                                    [MILLISECOND] = MICROS_PER_MS,
                                    [SECOND] = MICROS_PER_SECOND,
                                    [MINUTE] = MICROS_PER_MINUTE,
                                    [HOUR] = MICROS_PER_HOUR};
    if (unit < MINUTE) return t - floor_mod(t, width[unit]);
    int64_t offset = zone_offset(z, t);
    Micros local = t + offset;
    if (unit <= HOUR) return t - floor_mod(local, width[unit]);
    return zone_to_utc(z, cut_days(floor_div(local, MICROS_PER_DAY), unit) * MICROS_PER_DAY);
}

static Status date_trunc_kernel(const KernelCall *k)
{
    const Micros *t = COLUMN_DATA(k->in[1], Micros);
    const Zone *z = zone_for(k, k->in[1]->type);
    Str last = {NULL, -1};
    Unit unit = NO_UNIT;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str name = column_str(k->in[0], i);
        if (name.p != last.p || name.n != last.n) unit = unit_of(name);
        last = name;
        if (unit == NO_UNIT)
            k->out->valid[i] = 0;
        else
            COLUMN_DATA(k->out, Micros)[i] = cut(t[i], unit, z);
    }
    return DONE;
}

// trunc knows nothing finer than a week.
static Status trunc_kernel(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Unit unit = unit_of(column_str(k->in[1], i));
        int64_t days = COLUMN_DATA(k->in[0], int32_t)[i];
        k->out->valid[i] = unit >= WEEK;
        COLUMN_DATA(k->out, int32_t)[i] = (int32_t)cut_days(days, unit);
    }
    return DONE;
}

static int32_t wrapped(int64_t v) { return (int32_t)v; }
MAP2(date_add_kernel, int32_t, int32_t, wrapped((int64_t)x[i] + y[i]))
MAP2(date_sub_kernel, int32_t, int32_t, wrapped((int64_t)x[i] - y[i]))
MAP2(datediff_kernel, int32_t, int32_t, wrapped((int64_t)x[i] - y[i]))

// Without ANSI a constant text is the number written in it, NULL is 0, and anything else an error.
static Status days_of_text(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Datum v;
    TRY(fold_arg(a, call, 1, ctx, &v));
    int64_t days = 0;
    if (!v.null && (!num_parse_i64(str_trim(v.s), &days) || (int32_t)days != days))
        return RAISE(SECOND_FUNCTION_ARGUMENT_NOT_INTEGER, P("functionName", call->fn->name));
    call->arg[1] = int_literal(a, (int32_t)days);
    return DONE;
}

static Status analyse_date_add(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const Type *t = call->arg[1]->type;
    bool small = t->id == T_TINYINT || t->id == T_SMALLINT || t->id == T_INT;
    bool text = t->id == T_STRING;
    if (text && !ctx->ansi && expr_foldable(call->arg[1])) return days_of_text(a, call, ctx);
    if (!small && t->id != T_VOID && !(text && ctx->ansi))
        return wrong_type(a, call, 1, "(\"INT\" or \"SMALLINT\" or \"TINYINT\")");
    coerce(a, &call->arg[1], &type_int);
    return DONE;
}

static Status add_months_kernel(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        int64_t v =
            date_add_months(COLUMN_DATA(k->in[0], int32_t)[i], COLUMN_DATA(k->in[1], int32_t)[i]);
        COLUMN_DATA(k->out, int32_t)[i] = (int32_t)v;
        if ((int32_t)v != v)
            return RAISE(ARITHMETIC_OVERFLOW, P("message", S("integer overflow")),
                         P("alternative", S("")), P("config", S("\"spark.sql.ansi.enabled\"")));
    }
    return DONE;
}

static int32_t weekday_named(Str s)
{
    static const Str names[7][3] = {
        {STR_INIT("MO"), STR_INIT("MON"), STR_INIT("MONDAY")},
        {STR_INIT("TU"), STR_INIT("TUE"), STR_INIT("TUESDAY")},
        {STR_INIT("WE"), STR_INIT("WED"), STR_INIT("WEDNESDAY")},
        {STR_INIT("TH"), STR_INIT("THU"), STR_INIT("THURSDAY")},
        {STR_INIT("FR"), STR_INIT("FRI"), STR_INIT("FRIDAY")},
        {STR_INIT("SA"), STR_INIT("SAT"), STR_INIT("SATURDAY")},
        {STR_INIT("SU"), STR_INIT("SUN"), STR_INIT("SUNDAY")},
    };
    for (int32_t d = 0; d < 7; d++)
        for (int32_t n = 0; n < 3; n++)
            if (str_ieq(s, names[d][n])) return d;
    return -1;
}

static Status next_day_kernel(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        int32_t days = COLUMN_DATA(k->in[0], int32_t)[i];
        int32_t want = weekday_named(str_trim(column_str(k->in[1], i)));
        if (want < 0 && k->ctx->ansi)
            return RAISE(ILLEGAL_DAY_OF_WEEK, P("string", column_str(k->in[1], i)));
        k->out->valid[i] = want >= 0;
        COLUMN_DATA(k->out, int32_t)[i] = days + (want - civil_weekday(days) + 6) % 7 + 1;
    }
    return DONE;
}

// Whole months when both are the same day of the month or both its last; else 31 days make a month.
static double months_between(Micros x, Micros y, const Zone *z)
{
    Micros lx = x + zone_offset(z, x), ly = y + zone_offset(z, y);
    Civil cx = civil_of(lx), cy = civil_of(ly);
    double months = (double)((cx.year - cy.year) * 12 + cx.month - cy.month);
    bool last = cx.day == civil_days_in_month(cx.year, cx.month) &&
                cy.day == civil_days_in_month(cy.year, cy.month);
    if (cx.day == cy.day || last) return months;
    int64_t sx = floor_mod(lx, MICROS_PER_DAY) / MICROS_PER_SECOND;
    int64_t sy = floor_mod(ly, MICROS_PER_DAY) / MICROS_PER_SECOND;
    double seconds = (double)((cx.day - cy.day) * INT64_C(86400) + sx - sy);
    return months + seconds / (31.0 * 86400);
}

static double round_8(double v)
{
    double scaled = v * 1e8;
    return (scaled < 0 ? -(double)(int64_t)(-scaled + 0.5) : (double)(int64_t)(scaled + 0.5)) / 1e8;
}

static Status months_between_kernel(const KernelCall *k)
{
    const Micros *x = COLUMN_DATA(k->in[0], Micros), *y = COLUMN_DATA(k->in[1], Micros);
    const uint8_t *round_off = COLUMN_DATA(k->in[2], uint8_t);
    for (int32_t i = 0; i < k->rows; i++) {
        double v = months_between(x[i], y[i], k->ctx->zone);
        COLUMN_DATA(k->out, double)[i] = round_off[i] ? round_8(v) : v;
    }
    return DONE;
}
static Status analyse_months(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    default_arg(a, call, 3, expr_literal(a, &type_boolean, &(Datum){.i = 1}));
    return DONE;
}

// The batch's time, one for all its rows.
static Status now_kernel(const KernelCall *k)
{
    Micros t = k->ctx->batch_time, local = t + zone_offset(k->ctx->zone, t);
    k->out->valid = NULL;
    for (int32_t i = 0; i < k->rows; i++) {
        if (k->out->type->id == T_DATE)
            COLUMN_DATA(k->out, int32_t)[i] = (int32_t)floor_div(local, MICROS_PER_DAY);
        else
            COLUMN_DATA(k->out, Micros)[i] = k->out->type->id == T_TIMESTAMP ? t : local;
    }
    return DONE;
}

// extract(field FROM x), date_part('field', x): the function of that name.
// An interval has the fields that its type spans, anything else all that there are.
static bool has_part(const Type *from, Str fn)
{
    static const struct {
        Str fn;
        TypeId id;
        int32_t field;
    } row[] = {
        {STR_INIT("year"), T_INTERVAL_YM, YM_YEAR},
        {STR_INIT("month"), T_INTERVAL_YM, YM_MONTH},
        {STR_INIT("day"), T_INTERVAL_DT, DT_DAY},
        {STR_INIT("hour"), T_INTERVAL_DT, DT_HOUR},
        {STR_INIT("minute"), T_INTERVAL_DT, DT_MINUTE},
        {STR_INIT("second_with_fraction"), T_INTERVAL_DT, DT_SECOND},
    };
    if (from->id != T_INTERVAL_YM && from->id != T_INTERVAL_DT) return true;
    for (int64_t i = 0; i < COUNT(row); i++)
        if (row[i].id == from->id && str_eq(row[i].fn, fn))
            return from->first <= row[i].field && row[i].field <= from->last;
    return false;
}

static Status lower_part(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    static const struct {
        Str field, fn;
    } parts[] = {
        {STR_INIT("year"), STR_INIT("year")},
        {STR_INIT("y"), STR_INIT("year")},
        {STR_INIT("years"), STR_INIT("year")},
        {STR_INIT("yr"), STR_INIT("year")},
        {STR_INIT("yearofweek"), STR_INIT("year_of_week")},
        {STR_INIT("quarter"), STR_INIT("quarter")},
        {STR_INIT("qtr"), STR_INIT("quarter")},
        {STR_INIT("month"), STR_INIT("month")},
        {STR_INIT("mon"), STR_INIT("month")},
        {STR_INIT("mons"), STR_INIT("month")},
        {STR_INIT("months"), STR_INIT("month")},
        {STR_INIT("week"), STR_INIT("weekofyear")},
        {STR_INIT("w"), STR_INIT("weekofyear")},
        {STR_INIT("weeks"), STR_INIT("weekofyear")},
        {STR_INIT("day"), STR_INIT("day")},
        {STR_INIT("d"), STR_INIT("day")},
        {STR_INIT("days"), STR_INIT("day")},
        {STR_INIT("dayofweek"), STR_INIT("dayofweek")},
        {STR_INIT("dow"), STR_INIT("dayofweek")},
        {STR_INIT("dayofweek_iso"), STR_INIT("weekday_iso")},
        {STR_INIT("dow_iso"), STR_INIT("weekday_iso")},
        {STR_INIT("doy"), STR_INIT("dayofyear")},
        {STR_INIT("hour"), STR_INIT("hour")},
        {STR_INIT("h"), STR_INIT("hour")},
        {STR_INIT("hours"), STR_INIT("hour")},
        {STR_INIT("hr"), STR_INIT("hour")},
        {STR_INIT("hrs"), STR_INIT("hour")},
        {STR_INIT("minute"), STR_INIT("minute")},
        {STR_INIT("m"), STR_INIT("minute")},
        {STR_INIT("min"), STR_INIT("minute")},
        {STR_INIT("mins"), STR_INIT("minute")},
        {STR_INIT("minutes"), STR_INIT("minute")},
        {STR_INIT("second"), STR_INIT("second_with_fraction")},
        {STR_INIT("s"), STR_INIT("second_with_fraction")},
        {STR_INIT("sec"), STR_INIT("second_with_fraction")},
        {STR_INIT("seconds"), STR_INIT("second_with_fraction")},
        {STR_INIT("secs"), STR_INIT("second_with_fraction")},
    };
    Datum field;
    TRY(fold_arg(a, call, 0, ctx, &field));
    const Type *from = call->arg[1]->type;
    TypeId id = from->id;
    bool interval = id == T_INTERVAL || id == T_INTERVAL_YM || id == T_INTERVAL_DT;
    for (int32_t i = 0; i < COUNT(parts) && !field.null; i++) {
        if (!str_ieq(field.s, parts[i].field)) continue;
        Str fn = interval ? str_cat(a, S("interval_"), parts[i].fn) : parts[i].fn;
        if (fn_find(fn) && has_part(from, parts[i].fn))
            return fn_make(e, a, ctx, fn, &call->arg[1], 1);
    }
    return RAISE(INVALID_EXTRACT_FIELD, P("field", quoted_name(a, field.s)),
                 P("expr", quoted_sql(a, call->arg[1])));
}
static Status analyse_part(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Expr *e = call;
    TRY(lower_part(a, call, ctx, &e));
    call->type = e->type;
    return DONE;
}
static void sql_part(Buf *b, const Expr *e)
{
    bool is_extract = !str_eq(e->name, S("date_part"));
    buf_put(b, e->name);
    buf_char(b, '(');
    expr_sql(b, e->arg[0]);
    buf_put(b, is_extract ? S(" FROM ") : S(", "));
    expr_sql(b, e->arg[1]);
    buf_char(b, ')');
}
MAP1(iso_day_kernel, int32_t, int32_t, civil_weekday(x[i]) + 1)

static void sql_date_add(Buf *b, const Expr *e) { sql_as(b, e, "date_add"); }

// clang-format off
#define DATE_ROW(fn, kernel_, doc_) {.name = STR_INIT(fn), .signature = "date -> int", .kernel = kernel_, .doc = doc_}
#define CLOCK_ROW(fn, kernel_, doc_) {.name = STR_INIT(fn), .signature = "timestamp|timestamp_ntz|time -> int", .kernel = kernel_, .doc = doc_}
#define NOW_ROW(fn, type_, doc_) {.name = STR_INIT(fn), .signature = "-> " type_, .kernel = now_kernel, .flags = FN_BATCH_CONSTANT | FN_NOT_NULL | FN_OWN_NULLS, .doc = doc_}
#define ALIAS(fn, of, doc_) {.name = STR_INIT(fn), .signature = "= " of, .doc = doc_}
static const FnRow rows[] = {
    DATE_ROW("year", year_kernel, "the year"),
    DATE_ROW("month", month_kernel, "the month, from 1"),
    DATE_ROW("day", day_kernel, "the day of the month"),
    ALIAS("dayofmonth", "day", "the day of the month"),
    DATE_ROW("quarter", quarter_kernel, "the quarter, from 1"),
    DATE_ROW("weekday", weekday_kernel, "the day of the week, 0 Monday"),
    DATE_ROW("dayofweek", dayofweek_kernel, "the day of the week, 1 Sunday"),
    DATE_ROW("dayofyear", dayofyear_kernel, "the day of the year, from 1"),
    DATE_ROW("weekofyear", week_kernel, "the week by ISO 8601"),
    {.name = STR_INIT("year_of_week"), .signature = "date -> int", .kernel = iso_year_kernel, .flags = FN_INTERNAL},
    {.name = STR_INIT("weekday_iso"), .signature = "date -> int", .kernel = iso_day_kernel, .flags = FN_INTERNAL},
    {.name = STR_INIT("dayname"), .signature = "date -> string", .kernel = dayname_kernel, .doc = "Mon to Sun"},
    {.name = STR_INIT("monthname"), .signature = "date -> string", .kernel = monthname_kernel, .doc = "Jan to Dec"},
    CLOCK_ROW("hour", hour_kernel, "the hour"),
    CLOCK_ROW("minute", minute_kernel, "the minute"),
    CLOCK_ROW("second", second_kernel, "the second"),
    {.name = STR_INIT("second_with_fraction"), .signature = "timestamp|timestamp_ntz|time -> -", .kernel = fraction_kernel, .flags = FN_INTERNAL, .analyse = analyse_fraction},
    {.name = STR_INIT("extract"), .signature = "lit:string any -> -", .doc = "a field of a date or time", .analyse = analyse_part, .lower = lower_part, .sql = sql_part},
    ALIAS("date_part", "extract", "a field of a date or time"),
    ALIAS("datepart", "extract", "a field of a date or time"),
    {.name = STR_INIT("date_trunc"), .signature = "string timestamp -> timestamp", .kernel = date_trunc_kernel, .flags = FN_MAY_NULL, .doc = "a time cut down to a unit"},
    {.name = STR_INIT("trunc"), .signature = "date string -> date", .kernel = trunc_kernel, .flags = FN_MAY_NULL, .doc = "a date cut down to a week or more"},
    {.name = STR_INIT("date_add"), .signature = "date any -> date", .kernel = date_add_kernel, .doc = "days later", .analyse = analyse_date_add, .sql = sql_date_add},
    ALIAS("dateadd", "date_add", "days later"),
    {.name = STR_INIT("date_sub"), .signature = "date any -> date", .kernel = date_sub_kernel, .doc = "days earlier", .analyse = analyse_date_add},
    {.name = STR_INIT("datediff"), .signature = "date date -> int", .kernel = datediff_kernel, .doc = "days from the second to the first"},
    ALIAS("date_diff", "datediff", "days from the second to the first"),
    {.name = STR_INIT("add_months"), .signature = "date int -> date", .kernel = add_months_kernel, .flags = FN_RAISES, .doc = "months later, at most the last day"},
    {.name = STR_INIT("last_day"), .signature = "date -> date", .kernel = last_day_kernel, .doc = "the last day of the month"},
    {.name = STR_INIT("next_day"), .signature = "date string -> date", .kernel = next_day_kernel, .flags = FN_RAISES | FN_MAY_NULL, .doc = "the next day of that name"},
    {.name = STR_INIT("months_between"), .signature = "timestamp timestamp boolean? -> double", .kernel = months_between_kernel, .doc = "months from the second to the first", .analyse = analyse_months},
    NOW_ROW("current_timestamp", "timestamp", "the time of the batch"),
    NOW_ROW("now", "timestamp", "the time of the batch"),
    NOW_ROW("localtimestamp", "timestamp_ntz", "the time of the batch on the session's clock"),
    NOW_ROW("current_date", "date", "the day of the batch"),
    {.name = STR_INIT("curdate"), .signature = "-> date", .kernel = now_kernel, .flags = FN_BATCH_CONSTANT | FN_NOT_NULL | FN_OWN_NULLS, .doc = "the day of the batch", .pretty = "current_date"},
};
// clang-format on
FN_TABLE(fn_time, rows);
