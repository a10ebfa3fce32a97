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

// The text under a cast, and whether it ran.
static bool cast_of(Arena *a, const EvalCtx *ctx, const Type *from, const Datum *v, const Type *to,
                    CastMode mode, Datum *got)
{
    Expr *e = expr_cast(a, expr_literal(a, from, v), to, mode);
    if (cast_resolve(a, e, ctx).code) return false;
    return expr_fold(a, e, ctx, got).code == OK;
}

static void check(Arena *a, const EvalCtx *ctx, const Type *t, Str text)
{
    Datum in = {.s = text}, value, tried, printed, again;
    bool ok = cast_of(a, ctx, &type_string, &in, t, CAST_SQL, &value);
    if (cast_of(a, ctx, &type_string, &in, t, CAST_TRY, &tried))
        must(!ctx->ansi || (ok && !value.null) == !tried.null);
    if (!ok || value.null) return;
    if (!cast_of(a, ctx, t, &value, &type_string, CAST_SQL, &printed) || printed.null) return;
    must(cast_of(a, ctx, &type_string, &printed, t, CAST_SQL, &again));
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
