// fn_time_text.c -- times from texts and texts from times, by datetime patterns. A literal pattern
// is compiled with the expression, another when a row brings it.
#include "expr/fn_in.h"
#include "expr/pattern_in.h"
#include "expr/time_in.h"

typedef struct Compiled { // KernelCall.bound
    const Pattern *literal;
    PatternUse use;
    bool lenient; // NULL instead of an error
} Compiled;
typedef struct Current {
    const Pattern *pattern;
    Str source;
} Current;

static Status pattern_at(const KernelCall *k, int32_t i, Current *c)
{
    const Compiled *b = k->bound;
    if (b->literal) {
        c->pattern = b->literal;
        return DONE;
    }
    Str source = column_str(k->in[1], i);
    if (c->pattern && str_eq(source, c->source)) return DONE;
    c->source = source;
    return pattern_compile(&c->pattern, k->scratch, source, b->use);
}

static bool is_write(Str name)
{
    return str_eq(name, S("date_format")) || str_eq(name, S("from_unixtime"));
}

static Status bind_pattern(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    Compiled *c = NEW(a, Compiled, 1);
    const Expr *pattern = call->arg[1];
    c->use = is_write(call->fn->name) ? PATTERN_WRITE : PATTERN_READ;
    c->lenient = str_starts(call->fn->name, S("try_")) || !ctx->ansi;
    if (c->lenient) b->flags |= FN_MAY_NULL;
    b->data = c;
    if (pattern->kind != E_LITERAL || pattern->value.null) return DONE;
    return pattern_compile(&c->literal, a, pattern->value.s, c->use);
}

static Status cannot_parse(const KernelCall *k, int32_t i, const Pattern *p)
{
    const Compiled *b = k->bound;
    if (b->lenient) {
        k->out->valid[i] = 0;
        return DONE;
    }
    return RAISE(
        CANNOT_PARSE_TIMESTAMP,
        P("message", pattern_complaint(k->scratch, p, column_str(k->in[0], i))),
        P("func", k->out->type->id == T_DATE ? S("`try_to_date`") : S("`try_to_timestamp`")));
}

#define READING(name, T, statement)                                                                \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        Current c = {0};                                                                           \
        T *z = COLUMN_DATA(k->out, T);                                                             \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            Micros t = 0;                                                                          \
            if (!kernel_live(k, i)) continue;                                                      \
            TRY(pattern_at(k, i, &c));                                                             \
            if (!pattern_instant(c.pattern, column_str(k->in[0], i), k->ctx->zone, &t)) {          \
                TRY(cannot_parse(k, i, c.pattern));                                                \
                continue;                                                                          \
            }                                                                                      \
            z[i] = (T)(statement);                                                                 \
        }                                                                                          \
        return DONE;                                                                               \
    }
READING(read_timestamp, Micros, t)
READING(read_date, int32_t, floor_div(t + zone_offset(k->ctx->zone, t), MICROS_PER_DAY))
READING(read_seconds, int64_t, t / MICROS_PER_SECOND)

static Status read_ntz(const KernelCall *k)
{
    Current c = {0};
    for (int32_t i = 0; i < k->rows; i++) {
        PatternTime t;
        if (!kernel_live(k, i)) continue;
        TRY(pattern_at(k, i, &c));
        if (pattern_read(c.pattern, column_str(k->in[0], i), &t))
            COLUMN_DATA(k->out, Micros)[i] = t.local;
        else
            TRY(cannot_parse(k, i, c.pattern));
    }
    return DONE;
}

static Status write_times(const KernelCall *k, int64_t unit)
{
    Current c = {0};
    Buf b = buf_new(k->scratch);
    for (int32_t i = 0; i < k->rows; i++) {
        Micros t;
        if (!kernel_live(k, i)) continue;
        TRY(pattern_at(k, i, &c));
        if (__builtin_mul_overflow(COLUMN_DATA(k->in[0], Micros)[i], unit, &t))
            return RAISE(ARITHMETIC_OVERFLOW, P("message", S("long overflow")),
                         P("alternative", S("")), P("config", S("\"spark.sql.ansi.enabled\"")));
        buf_clear(&b);
        pattern_write(c.pattern, &b, t, k->ctx->zone);
        COLUMN_DATA(k->out, Str)[i] = str_copy(k->scratch, buf_str(&b));
    }
    return DONE;
}
static Status date_format(const KernelCall *k) { return write_times(k, 1); }
static Status from_unixtime(const KernelCall *k) { return write_times(k, MICROS_PER_SECOND); }

static const Type *target_of(Str name)
{
    if (str_ends(name, S("date"))) return &type_date;
    return str_ends(name, S("ntz")) ? &type_timestamp_ntz : &type_timestamp;
}

// Without a pattern these are casts.
static Status lower_to_time(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    Str name = call->fn->name;
    const Type *to = target_of(name);
    bool tries = str_starts(name, S("try_"));
    if (call->nargs == 1 || call->arg[0]->type->id != T_STRING) {
        *e = type_eq(call->arg[0]->type, to)
                 ? call->arg[0]
                 : expr_cast(a, call->arg[0], to, tries ? CAST_TRY : CAST_IMPLICIT);
        if (*e != call->arg[0]) (*e)->at = call->at;
        return DONE;
    }
    Str fn = to->id == T_DATE        ? (tries ? S("try_read_date") : S("read_date"))
             : to->id == T_TIMESTAMP ? (tries ? S("try_read_timestamp") : S("read_timestamp"))
                                     : S("read_timestamp_ntz");
    return fn_make(e, a, ctx, fn, call->arg, 2);
}

static Status analyse_to_time(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Str name = call->fn->name;
    Expr *e = call->arg[0];
    call->type = target_of(name);
    call->nullable = e->nullable || str_starts(name, S("try_")) || !ctx->ansi;
    if (call->nargs == 2) {
        const Type *t = e->type;
        if (t->id != T_STRING && t->id != T_DATE && t->id != T_TIMESTAMP &&
            t->id != T_TIMESTAMP_NTZ && t->id != T_VOID)
            return wrong_type(a, call, 0, "(\"STRING\" or \"DATE\" or \"TIMESTAMP\")");
        return DONE;
    }
    if (type_eq(e->type, call->type)) return DONE;
    return cast_resolve(a, expr_cast(a, e, call->type, CAST_IMPLICIT), ctx);
}

// unix_timestamp(x, pattern): texts by the pattern, times as they are, cut towards 0.
MAP1(seconds_toward_zero, Micros, int64_t, x[i] / MICROS_PER_SECOND)

static Status lower_unix(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    if (call->nargs == 0) {
        Expr *now;
        TRY(fn_make(&now, a, ctx, S("current_timestamp"), NULL, 0));
        return fn_make(e, a, ctx, S("seconds_of_timestamp"), &now, 1);
    }
    if (call->arg[0]->type->id == T_STRING)
        return fn_make(e, a, ctx, S("read_seconds"), call->arg, 2);
    Expr *t = call->arg[0];
    coerce(a, &t, &type_timestamp);
    return fn_make(e, a, ctx, S("seconds_of_timestamp"), &t, 1);
}
static Status analyse_unix(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    if (call->nargs == 0) {
        Expr *now;
        TRY(fn_make(&now, a, ctx, S("current_timestamp"), NULL, 0));
        push_arg(a, call, now);
    }
    default_arg(a, call, 2, string_literal(a, S("yyyy-MM-dd HH:mm:ss")));
    return DONE;
}

// clang-format off
#define TO_TIME(fn, doc_) {.name = STR_INIT(fn), .signature = "any string? -> -", .flags = FN_RAISES, .doc = doc_, .analyse = analyse_to_time, .lower = lower_to_time}
#define READ_ROW(fn, type_, kernel_) {.name = STR_INIT(fn), .signature = "string string -> " type_, .kernel = kernel_, .flags = FN_INTERNAL | FN_RAISES, .bind = bind_pattern}
static const FnRow rows[] = {
    TO_TIME("to_timestamp", "a time, by a pattern"),
    TO_TIME("to_timestamp_ltz", "a time, by a pattern"),
    TO_TIME("to_timestamp_ntz", "a time without a zone, by a pattern"),
    TO_TIME("try_to_timestamp", "a time, by a pattern; NULL for other texts"),
    TO_TIME("to_date", "a date, by a pattern"),
    TO_TIME("try_to_date", "a date, by a pattern; NULL for other texts"),
    READ_ROW("read_timestamp", "timestamp", read_timestamp),
    READ_ROW("try_read_timestamp", "timestamp", read_timestamp),
    READ_ROW("read_timestamp_ntz", "timestamp_ntz", read_ntz),
    READ_ROW("read_date", "date", read_date),
    READ_ROW("try_read_date", "date", read_date),
    READ_ROW("read_seconds", "bigint", read_seconds),
    {.name = STR_INIT("seconds_of_timestamp"), .signature = "timestamp -> bigint", .kernel = seconds_toward_zero, .flags = FN_INTERNAL},
    {.name = STR_INIT("unix_timestamp"), .signature = "string|date|timestamp|timestamp_ntz? string? -> bigint", .flags = FN_RAISES,
     .doc = "seconds since 1970", .analyse = analyse_unix, .lower = lower_unix},
    {.name = STR_INIT("to_unix_timestamp"), .signature = "string|date|timestamp|timestamp_ntz string? -> bigint", .flags = FN_RAISES,
     .doc = "seconds since 1970", .analyse = analyse_unix, .lower = lower_unix},
    {.name = STR_INIT("date_format"), .signature = "timestamp string -> string", .kernel = date_format, .flags = FN_RAISES,
     .doc = "a time as text, by a pattern", .bind = bind_pattern},
    {.name = STR_INIT("from_unixtime"), .signature = "bigint string? -> string", .kernel = from_unixtime, .flags = FN_RAISES,
     .doc = "the text of a time in seconds since 1970", .analyse = analyse_unix, .bind = bind_pattern},
};
// clang-format on
FN_TABLE(fn_time_text, rows);
