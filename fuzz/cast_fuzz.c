// cast_fuzz.c -- texts cast to every type. The first byte chooses the type and the rules. try_cast
// is NULL exactly where CAST raises; a value that was read is printed and read again, and is the
// same.
#include "expr/cast.h"
#include "expr/prog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const types[] = {
    "boolean",       "tinyint",  "smallint",
    "int",           "bigint",   "float",
    "double",        "date",     "timestamp",
    "timestamp_ntz", "binary",   "decimal(38,18)",
    "decimal(10,2)", "interval", "interval year to month",
    "time",          "string",   "interval day to second",
};

typedef struct Cast {
    Arena *a;
    const EvalCtx *ctx;
    const Type *from, *to;
    CastMode mode;
} Cast;

static bool run(const Cast *c, const Datum *v, Datum *got) // false: refused or raised
{
    Expr *e = expr_cast(c->a, expr_literal(c->a, c->from, v), c->to, c->mode);
    return cast_resolve(c->a, e, c->ctx).code == OK && expr_fold(c->a, e, c->ctx, got).code == OK;
}

static void check(Arena *a, const EvalCtx *ctx, const Type *t, Str text)
{
    Cast sql = {a, ctx, &type_string, t, CAST_SQL}, trying = {a, ctx, &type_string, t, CAST_TRY};
    Cast print = {a, ctx, t, &type_string, CAST_SQL};
    Datum in = {.s = text}, value, tried, printed, again;
    bool ok = run(&sql, &in, &value);
    if (run(&trying, &in, &tried)) must(!ctx->ansi || (ok && !value.null) == !tried.null);
    if (!ok || value.null || !run(&print, &value, &printed) || printed.null) return;
    must(run(&sql, &printed, &again));
    Column x = column_of_datum(a, t, &value, 1), y = column_of_datum(a, t, &again, 1);
    must(value_eq(&x, 0, &y, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    Arena *a = arena_new(NULL);
    EvalCtx ctx = {.ansi = data[0] < 128, .zone = zone_utc()};
    const Type *t;
    must(type_parse(&t, a, str_z(types[data[0] % COUNT(types)])).code == OK);
    check(a, &ctx, t, (Str){(const char *)data + 1, (int64_t)size - 1});
    arena_free(a);
    return 0;
}
