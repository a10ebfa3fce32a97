// fn_interval.c -- times plus and minus intervals, differences of times, intervals times numbers.
// Spark replaces the operator by one of these while it analyses, which shows in the names of
// columns.
#include "expr/decimal_in.h"
#include "expr/interval.h"
#include "expr/time_fn_in.h"
#include "expr/time_in.h"
#include <math.h>

static bool is_stamp(const Type *t) { return t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ; }
static bool is_ym(const Type *t) { return t->id == T_INTERVAL_YM; }
static bool is_dt(const Type *t) { return t->id == T_INTERVAL_DT; }
static bool is_interval(const Type *t) { return is_ym(t) || is_dt(t) || t->id == T_INTERVAL; }
static bool is_days(const Type *t) { return is_dt(t) && t->first == DT_DAY && t->last == DT_DAY; }

static bool is_try(Str name) { return str_starts(name, S("try_")); }

static Status become(Arena *a, Expr *call, const EvalCtx *ctx, Str fn, Expr *const *arg)
{
    Expr *made;
    TRY(fn_make(&made, a, ctx, fn, arg, 2));
    made->at = call->at;
    *call = *made;
    return DONE;
}

// DATE +- INTERVAL DAY is a number of days; anything finer makes a timestamp of the date.
static Status date_shift(Arena *a, Expr *call, const EvalCtx *ctx, bool minus, Expr *const *arg)
{
    Expr *to[2] = {arg[0], arg[1]};
    if (!is_days(arg[1]->type)) {
        if (is_dt(arg[1]->type)) coerce(a, &to[0], &type_timestamp);
        return become(a, call, ctx, minus ? S("time_sub") : S("time_add"), to);
    }
    TRY(fn_make(&to[1], a, ctx, S("extractansiintervaldays"), &arg[1], 1));
    if (minus) {
        TRY(fn_make(&to[1], a, ctx, S("negative"), &to[1], 1));
        to[1]->name = S("-");
    }
    return become(a, call, ctx, S("date_add"), to);
}

static Status shift(Arena *a, Expr *call, const EvalCtx *ctx, bool minus, Expr *const *arg)
{
    const Type *t = arg[0]->type;
    if (t->id == T_DATE) return date_shift(a, call, ctx, minus, arg);
    Expr *to[2] = {arg[0], arg[1]};
    if (t->id == T_STRING && !is_ym(arg[1]->type)) {
        coerce(a, &to[0], &type_timestamp);
        TRY(become(a, call, ctx, minus ? S("time_sub") : S("time_add"), to));
        Expr *sum = NEW(a, Expr, 1);
        *sum = *call;
        *call = *expr_cast(a, sum, &type_string, CAST_IMPLICIT);
        return DONE;
    }
    if (t->id == T_VOID) coerce(a, &to[0], &type_timestamp);
    return become(a, call, ctx, minus ? S("time_sub") : S("time_add"), to);
}

static Status no_text(Arena *a, const Expr *call)
{
    for (int32_t i = 0; i < 2; i++)
        if (call->arg[i]->type->id == T_STRING)
            return wrong_type(a, call, i, "\"(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)\"");
    return DONE;
}

static Status difference(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const Type *x = call->arg[0]->type, *y = call->arg[1]->type;
    Expr *arg[2] = {call->arg[0], call->arg[1]};
    bool stamps = is_stamp(x) || is_stamp(y);
    for (int32_t i = 0; i < 2; i++)
        if (!is_stamp(arg[i]->type) && arg[i]->type->id != T_DATE && arg[i]->type->id != T_STRING &&
            arg[i]->type->id != T_VOID)
            return wrong_type(
                a, call, i, stamps ? "\"(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)\"" : "\"DATE\"");
    if (stamps && !ctx->ansi) TRY(no_text(a, call));
    if (stamps) {
        bool ntz = x->id == T_TIMESTAMP_NTZ && y->id == T_TIMESTAMP_NTZ;
        for (int32_t i = 0; i < 2; i++)
            coerce(a, &arg[i], ntz ? &type_timestamp_ntz : &type_timestamp);
        return become(a, call, ctx, S("subtract_timestamps"), arg);
    }
    if (!ctx->ansi && y->id == T_STRING) {
        coerce(a, &arg[1], &type_double);
        return become(a, call, ctx, S("date_sub"), arg);
    }
    for (int32_t i = 0; i < 2; i++) coerce(a, &arg[i], &type_date);
    return become(a, call, ctx, S("subtract_dates"), arg);
}

static Status times(Arena *a, Expr *call, const EvalCtx *ctx, bool divide, Expr *const *arg)
{
    Expr *to[2] = {arg[0], arg[1]};
    const Type *by = arg[1]->type;
    if (by->id == T_STRING || by->id == T_VOID || by->id == T_FLOAT)
        coerce(a, &to[1], &type_double);
    else if (type_is_integral(by))
        coerce(a, &to[1], &type_bigint);
    if (!type_is_numeric(to[1]->type)) {
        memcpy(call->arg, to, sizeof to);
        return wrong_type(a, call, 1, "\"NUMERIC\"");
    }
    return become(a, call, ctx, divide ? S("interval_div") : S("interval_mul"), to);
}

static Status same_kind(Arena *a, Expr *call, bool *mine)
{
    const Type *x = call->arg[0]->type, *y = call->arg[1]->type;
    if (x->id != y->id && x->id != T_VOID && y->id != T_VOID) return DONE;
    const Type *t = tightest_type(a, x, y, true);
    coerce(a, &call->arg[0], t);
    coerce(a, &call->arg[1], t);
    call->type = t;
    call->nullable = any_nullable(call);
    *mine = false;
    return DONE;
}

static char sign_of(Str name)
{
    static const struct {
        Str name;
        char sign;
    } tries[] = {{STR_INIT("try_add"), '+'},
                 {STR_INIT("try_subtract"), '-'},
                 {STR_INIT("try_multiply"), '*'},
                 {STR_INIT("try_divide"), '/'}};
    for (int32_t i = 0; i < COUNT(tries); i++)
        if (str_eq(name, tries[i].name)) return tries[i].sign;
    return name.n == 1 && strchr("+-*/", name.p[0]) ? name.p[0] : '?';
}

// A time plus NULL: the interval that is not there.
static Status plus_null(Arena *a, Expr *call, const EvalCtx *ctx, Expr *const *arg)
{
    Expr *to[2] = {arg[0], arg[1]};
    if (to[0]->type->id == T_DATE) coerce(a, &to[0], &type_timestamp);
    coerce(a, &to[1], &type_interval_dt);
    return become(a, call, ctx, S("time_add"), to);
}

// A date plus a text: the text becomes a date, and two dates have no sum; without ANSI it becomes
// a DOUBLE, which is no number of days.
static Status plus_text(Arena *a, Expr *call, const EvalCtx *ctx, Expr *const *arg)
{
    Expr *to[2] = {arg[0], arg[1]};
    if (!ctx->ansi)
        coerce(a, &to[arg[0]->type->id == T_STRING ? 0 : 1], &type_double);
    else
        for (int32_t i = 0; i < 2; i++) coerce(a, &to[i], &type_date);
    return become(a, call, ctx, S("date_add"), to);
}

static Status arith(Arena *a, Expr *call, const EvalCtx *ctx, bool *mine)
{
    char op = sign_of(call->fn->name);
    Expr *x = call->arg[0], *y = call->arg[1], *swapped[2] = {y, x};
    bool ix = is_interval(x->type), iy = is_interval(y->type);
    bool date = x->type->id == T_DATE || y->type->id == T_DATE;
    bool times_any = date || is_stamp(x->type) || is_stamp(y->type);
    if (op == '?' || (!ix && !iy && !times_any)) return DONE;
    if (op == '*' || op == '/') {
        if (!ix && (!iy || op == '/')) return DONE;
        *mine = false;
        TRY(times(a, call, ctx, op == '/', ix ? call->arg : swapped));
        *mine = call->type == NULL;
        return DONE;
    }
    bool same = x->type->id == y->type->id || x->type->id == T_VOID || y->type->id == T_VOID;
    if ((ix || x->type->id == T_VOID) && (iy || y->type->id == T_VOID) && !times_any && same)
        return same_kind(a, call, mine);
    if (!times_any && (is_ym(x->type) || is_ym(y->type)) && !is_dt(y->type)) return DONE;
    *mine = false;
    if (iy) return shift(a, call, ctx, op == '-', call->arg);
    if (ix && op == '+') return shift(a, call, ctx, false, swapped);
    if (op == '+' && y->type->id == T_VOID) return plus_null(a, call, ctx, call->arg);
    if (op == '+' && x->type->id == T_VOID) return plus_null(a, call, ctx, swapped);
    if (op == '-' && (is_stamp(x->type) || is_stamp(y->type) || y->type->id == T_DATE ||
                      y->type->id == T_STRING || y->type->id == T_VOID))
        return difference(a, call, ctx);
    bool text = x->type->id == T_STRING || y->type->id == T_STRING;
    if (op == '+' && date && text)
        return plus_text(a, call, ctx, ctx->ansi || x->type->id == T_DATE ? call->arg : swapped);
    if (x->type->id == T_DATE)
        return become(a, call, ctx, op == '-' ? S("date_sub") : S("date_add"), call->arg);
    if (y->type->id == T_DATE && op == '+') return become(a, call, ctx, S("date_add"), swapped);
    *mine = true;
    return DONE;
}

// try_add and the others: the same, made with kernels that give NULL instead of raising; the call
// stays for its name.
static Status lower_try(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    bool mine;
    Expr *inner = NEW(a, Expr, 1);
    *inner = *call;
    inner->fn = fn_find(call->name);
    inner->type = NULL;
    inner->arg = NEW(a, Expr *, 2);
    for (int32_t i = 0; i < 2; i++) inner->arg[i] = call->arg[i];
    TRY(arith(a, inner, ctx, &mine));
    Expr *shift = inner->kind == E_CAST ? inner->arg[0] : inner;
    shift->name = S("try_");
    *e = inner;
    return DONE;
}

Status time_arith(Arena *a, Expr *call, const EvalCtx *ctx, bool *mine)
{
    if (!is_try(call->fn->name)) return arith(a, call, ctx, mine);
    const FnRow *row = call->fn;
    Expr inner = *call;
    inner.arg = NEW(a, Expr *, 2);
    for (int32_t i = 0; i < 2; i++) inner.arg[i] = call->arg[i];
    TRY(arith(a, &inner, ctx, mine));
    if (*mine) return DONE;
    if (inner.fn == row && inner.kind == E_FN) { // of intervals of one kind
        *call = inner;
    } else {
        call->fn = fn_find(S("try_time"));
        call->type = inner.type;
    }
    call->nullable = true;
    return DONE;
}

static void sql_try(Buf *b, const Expr *e) { sql_as(b, e, str_to_z(b->arena, e->name)); }

Status interval_unary(Arena *a, Expr *call)
{
    (void)a;
    call->type = call->arg[0]->type;
    return DONE;
}

static Status too_far(const KernelCall *k)
{
    (void)k;
    return RAISE(DATETIME_OVERFLOW, P("operation", S("add the interval")));
}

// The call stands inside try_add or its like, which binds something: NULL instead.
static Status refused(const KernelCall *k, int32_t i, Status (*why)(const KernelCall *k))
{
    if (!k->bound) return why(k);
    k->out->valid[i] = 0;
    return DONE;
}
static Status with_micros(const KernelCall *k)
{
    (void)k;
    return RAISE(INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION);
}
static Status bind_shift(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    if (!is_try(call->name)) return DONE;
    b->data = call;
    b->flags |= FN_MAY_NULL;
    return DONE;
}

// Instants move by calendar days in their zone, then by what is less than a day.
static bool move(const Type *t, Micros *x, Interval by, const Zone *zone)
{
    const Zone *z = t->id == T_TIMESTAMP ? zone : zone_utc();
    if (by.months) *x = add_months(*x, by.months, z);
    if (by.days) *x = add_days(*x, by.days, z);
    return !__builtin_add_overflow(*x, by.micros, x);
}

Interval interval_at(const Column *c, int32_t i, int32_t sign)
{
    Interval v = {0};
    if (is_ym(c->type)) v.months = COLUMN_DATA(c, int32_t)[i];
    if (is_dt(c->type)) { // its days are of the calendar, those of INTERVAL only where it says so
        Micros micros = COLUMN_DATA(c, int64_t)[i];
        v.days = (int32_t)(micros / MICROS_PER_DAY);
        v.micros = micros % MICROS_PER_DAY;
    }
    if (c->type->id == T_INTERVAL) v = COLUMN_DATA(c, Interval)[i];
    return (Interval){v.months * sign, v.days * sign, v.micros * sign};
}

static Status move_dates(const KernelCall *k, int32_t sign)
{
    const int32_t *x = COLUMN_DATA(k->in[0], int32_t);
    int32_t *z = COLUMN_DATA(k->out, int32_t);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Interval by = interval_at(k->in[1], i, sign);
        if (by.micros) {
            Micros t = x[i] * MICROS_PER_DAY;
            if (k->ctx->ansi)
                TRY(refused(k, i, with_micros));
            else if (!move(&type_timestamp_ntz, &t, by, NULL))
                TRY(refused(k, i, too_far));
            z[i] = (int32_t)floor_div(t, MICROS_PER_DAY);
            continue;
        }
        int64_t days = (by.months ? date_add_months(x[i], by.months) : x[i]) + by.days;
        z[i] = (int32_t)days;
        if (z[i] != days) TRY(refused(k, i, too_far));
    }
    return DONE;
}

static Status move_times(const KernelCall *k, int32_t sign)
{
    const Type *t = k->in[0]->type;
    if (t->id == T_DATE) return move_dates(k, sign);
    const Micros *x = COLUMN_DATA(k->in[0], Micros);
    Micros *z = COLUMN_DATA(k->out, Micros);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        z[i] = x[i];
        if (!move(t, &z[i], interval_at(k->in[1], i, sign), k->ctx->zone))
            TRY(refused(k, i, too_far));
    }
    return DONE;
}
static Status time_add(const KernelCall *k) { return move_times(k, 1); }
static Status time_sub(const KernelCall *k) { return move_times(k, -1); }

static Status analyse_shift(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const Type *t = call->arg[0]->type;
    bool minus = str_eq(call->fn->name, S("time_sub"));
    if (!is_stamp(t) && t->id != T_DATE && minus) { // Spark says it so
        TRY(fn_make(&call->arg[1], a, ctx, S("negative"), &call->arg[1], 1));
        call->arg[1]->name = S("-");
        call->fn = fn_find(S("time_add"));
    }
    if (!is_stamp(t) && t->id != T_DATE)
        return wrong_type(a, call, 0, "\"(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)\"");
    call->type = t;
    return DONE;
}

// Differences are those of the clocks on the wall.
static Status subtract_timestamps(const KernelCall *k)
{
    const Micros *x = COLUMN_DATA(k->in[0], Micros), *y = COLUMN_DATA(k->in[1], Micros);
    Micros *z = COLUMN_DATA(k->out, Micros);
    const Zone *zone = k->in[0]->type->id == T_TIMESTAMP ? k->ctx->zone : zone_utc();
    for (int32_t i = 0; i < k->rows; i++)
        if (kernel_live(k, i) && __builtin_sub_overflow(x[i] + zone_offset(zone, x[i]),
                                                        y[i] + zone_offset(zone, y[i]), &z[i]))
            return too_far(k);
    return DONE;
}
EACH2(subtract_dates, int32_t, int32_t, Micros,
      z[i] = ((int64_t)x[i] - (int64_t)y[i]) * MICROS_PER_DAY)
MAP1(interval_days, Micros, int32_t, x[i] / MICROS_PER_DAY)

static Status analyse_dates(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    call->type = type_interval_of(a, T_INTERVAL_DT, DT_DAY, DT_DAY);
    return DONE;
}
static Status analyse_times(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    call->type = &type_interval_dt;
    return DONE;
}

MAP2(interval_plus_all, Interval, Interval,
     ((Interval){x[i].months + y[i].months, x[i].days + y[i].days, x[i].micros + y[i].micros}))
MAP2(interval_minus_all, Interval, Interval,
     ((Interval){x[i].months - y[i].months, x[i].days - y[i].days, x[i].micros - y[i].micros}))
MAP1(interval_negate_all, Interval, Interval, ((Interval){-x[i].months, -x[i].days, -x[i].micros}))
Status interval_plus(const KernelCall *k) { return interval_plus_all(k); }
Status interval_minus(const KernelCall *k) { return interval_minus_all(k); }
Status interval_negate(const KernelCall *k) { return interval_negate_all(k); }

typedef enum Factor { BY_INTEGER, BY_DECIMAL, BY_REAL } Factor;
typedef struct Scaling { // KernelCall.bound
    bool divide, lenient;
    Factor by;
    int32_t scale; // of the decimal
} Scaling;

// v times or over row i of the factor, rounded HALF_UP; false on overflow, *zero: division by zero.
static bool scaled(const Scaling *s, int64_t v, const Column *by, int32_t i, int64_t *out)
{
    Int128 result = 0;
    if (s->by == BY_REAL) {
        double f = COLUMN_DATA(by, double)[i];
        double r = s->divide ? (double)v / f : (double)v * f;
        r = r < 0 ? ceil(r - 0.5) : floor(r + 0.5);
        if (!(fabs(r) < 9.2e18)) return false;
        *out = (int64_t)r;
        return true;
    }
    Int128 factor = s->by == BY_DECIMAL ? COLUMN_DATA(by, Int128)[i] : COLUMN_DATA(by, int64_t)[i];
    DecimalOp op = {0, s->scale, 0};
    bool ok = s->divide ? decimal_quotient(&op, v, factor, &result)
                        : decimal_product(&op, v, factor, &result);
    *out = (int64_t)result;
    return ok && *out == result;
}

static bool zero_at(const Scaling *s, const Column *by, int32_t i)
{
    switch (s->by) {
    case BY_INTEGER: return COLUMN_DATA(by, int64_t)[i] == 0;
    case BY_DECIMAL: return COLUMN_DATA(by, Int128)[i] == 0;
    case BY_REAL: return COLUMN_DATA(by, double)[i] == 0;
    }
    must_failed("Factor", __FILE__, __LINE__);
}

static bool scale_one(const KernelCall *k, const Scaling *s, int32_t i)
{
    const Column *in = k->in[0];
    int64_t v, w;
    if (is_dt(in->type))
        return scaled(s, COLUMN_DATA(in, int64_t)[i], k->in[1], i,
                      &COLUMN_DATA(k->out, int64_t)[i]);
    if (is_ym(in->type)) {
        if (!scaled(s, COLUMN_DATA(in, int32_t)[i], k->in[1], i, &v)) return false;
        return (COLUMN_DATA(k->out, int32_t)[i] = (int32_t)v) == v;
    }
    Interval x = COLUMN_DATA(in, Interval)[i], *z = &COLUMN_DATA(k->out, Interval)[i];
    if (!scaled(s, x.months, k->in[1], i, &v) || !scaled(s, x.days, k->in[1], i, &w)) return false;
    *z = (Interval){(int32_t)v, (int32_t)w, 0};
    return z->months == v && z->days == w && scaled(s, x.micros, k->in[1], i, &z->micros);
}

static Status scale_interval(const KernelCall *k)
{
    const Scaling *s = k->bound;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        bool zero = s->divide && zero_at(s, k->in[1], i);
        if (!zero && scale_one(k, s, i)) continue;
        if (s->lenient) {
            k->out->valid[i] = 0;
            continue;
        }
        if (zero) return RAISE(INTERVAL_DIVIDED_BY_ZERO);
        return fail(ERR_INVALID, "overflow: the interval is too large"); // Java's, without a name
    }
    return DONE;
}

static Status bind_scale(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)ctx;
    Scaling *s = NEW(a, Scaling, 1);
    const Type *t = call->arg[1]->type;
    s->divide = str_eq(call->fn->name, S("interval_div"));
    s->lenient = is_try(call->name);
    if (s->lenient) b->flags |= FN_MAY_NULL;
    s->by = t->id == T_DECIMAL ? BY_DECIMAL : t->id == T_DOUBLE ? BY_REAL : BY_INTEGER;
    s->scale = t->id == T_DECIMAL ? t->scale : 0;
    b->data = s;
    return DONE;
}

static Status analyse_scale(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    const Type *t = call->arg[0]->type;
    call->type = is_ym(t) ? &type_interval_ym : is_dt(t) ? &type_interval_dt : t;
    return DONE;
}

static void sql_shift(Buf *b, const Expr *e)
{
    expr_sql(b, e->arg[0]);
    buf_put(b, str_ends(e->fn->name, S("sub")) ? S(" - ") : S(" + "));
    expr_sql(b, e->arg[1]);
}

static void sql_scale(Buf *b, const Expr *e)
{
    bool divide = str_ends(e->fn->name, S("div"));
    if (e->arg[0]->type->id == T_INTERVAL) {
        sql_as(b, e, divide ? "divide_interval" : "multiply_interval");
        return;
    }
    buf_char(b, '(');
    expr_sql(b, e->arg[0]);
    buf_put(b, divide ? S(" / ") : S(" * "));
    expr_sql(b, e->arg[1]);
    buf_char(b, ')');
}

// extract(field FROM interval), by the names that fn_time.c's fields have.
#define PART(name, T, value)                                                                       \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            if (!kernel_live(k, i)) continue;                                                      \
            Interval v = interval_at(k->in[0], i, 1);                                              \
            COLUMN_DATA(k->out, T)[i] = (T)(value);                                                \
        }                                                                                          \
        return DONE;                                                                               \
    }
PART(part_years, int32_t, v.months / 12)
PART(part_months, int8_t, v.months % 12)
PART(part_days, int32_t, v.days)
PART(part_hours, int8_t, v.micros % MICROS_PER_DAY / MICROS_PER_HOUR)
PART(part_minutes, int8_t, v.micros % MICROS_PER_HOUR / MICROS_PER_MINUTE)
PART(part_seconds, Int128, v.micros % MICROS_PER_MINUTE)

// clang-format off
#define PART_ROW(fn, type_, kernel_) {.name = STR_INIT("interval_" fn), .signature = "interval -> " type_, .kernel = kernel_, .flags = FN_INTERNAL}
static const FnRow rows[] = {
    PART_ROW("year", "int", part_years),
    PART_ROW("month", "tinyint", part_months),
    PART_ROW("day", "int", part_days),
    PART_ROW("hour", "tinyint", part_hours),
    PART_ROW("minute", "tinyint", part_minutes),
    PART_ROW("second_with_fraction", "decimal(8,6)", part_seconds),
    {.name = STR_INIT("try_time"), .signature = "any any -> -", .flags = FN_INTERNAL | FN_MAY_NULL,
     .lower = lower_try, .sql = sql_try},
    {.name = STR_INIT("time_add"), .signature = "any interval -> -", .kernel = time_add,
     .flags = FN_INTERNAL | FN_RAISES, .analyse = analyse_shift, .bind = bind_shift, .sql = sql_shift},
    {.name = STR_INIT("time_sub"), .signature = "any interval -> -", .kernel = time_sub,
     .flags = FN_INTERNAL | FN_RAISES, .analyse = analyse_shift, .bind = bind_shift, .sql = sql_shift},
    {.name = STR_INIT("subtract_timestamps"), .signature = "any any -> -", .pretty = "-",
     .kernel = subtract_timestamps, .flags = FN_INTERNAL | FN_RAISES, .analyse = analyse_times,
     .sql = sql_infix},
    {.name = STR_INIT("subtract_dates"), .signature = "date date -> -", .pretty = "-",
     .kernel = subtract_dates, .flags = FN_INTERNAL, .analyse = analyse_dates, .sql = sql_infix},
    {.name = STR_INIT("extractansiintervaldays"), .signature = "any -> int",
     .kernel = interval_days, .flags = FN_INTERNAL},
    {.name = STR_INIT("interval_mul"), .signature = "interval numeric -> -",
     .kernel = scale_interval, .flags = FN_INTERNAL | FN_RAISES, .analyse = analyse_scale,
     .bind = bind_scale, .sql = sql_scale},
    {.name = STR_INIT("interval_div"), .signature = "interval numeric -> -",
     .kernel = scale_interval, .flags = FN_INTERNAL | FN_RAISES, .analyse = analyse_scale,
     .bind = bind_scale, .sql = sql_scale},
};
// clang-format on
FN_TABLE(fn_interval, rows);
