// fn_misc.c -- functions that raise, and that tell where a row is; and histograms' buckets.
#include "expr/fn_in.h"

// ---- raising -----------------------------------------------------------------------------------

static Status raise_error(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++)
        if (!k->active || k->active[i])
            return RAISE(
                USER_RAISED_EXCEPTION,
                P("errorMessage", column_null(k->in[0], i) ? S("null") : column_str(k->in[0], i)));
    memset(k->out->valid, 0, (size_t)k->rows);
    return DONE;
}
static Status assert_true(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        bool holds = !column_null(k->in[0], i) && COLUMN_DATA(k->in[0], uint8_t)[i];
        if (!holds && (!k->active || k->active[i]))
            return RAISE(
                USER_RAISED_EXCEPTION,
                P("errorMessage", column_null(k->in[1], i) ? S("null") : column_str(k->in[1], i)));
    }
    memset(k->out->valid, 0, (size_t)k->rows);
    return DONE;
}
static Status analyse_raise(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    call->type = &type_void;
    return DONE;
}
static Status analyse_assert(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Str text = str_fmt(a, "'" STR_FMT "' is not true!", STR_ARG(expr_sql_str(a, call->arg[0])));
    default_arg(a, call, 2, string_literal(a, text));
    return analyse_raise(a, call, ctx);
}

// ---- rows --------------------------------------------------------------------------------------

static Status next_ids(const KernelCall *k)
{
    int64_t *next = (int64_t *)k->bound; // one program's, hence one thread's
    k->out->valid = NULL;
    for (int32_t i = 0; i < k->rows; i++) COLUMN_DATA(k->out, int64_t)[i] = (*next)++;
    return DONE;
}
static Status bind_ids(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)call, (void)ctx;
    b->data = NEW(a, int64_t, 1);
    return DONE;
}

static Status zero_i32(const KernelCall *k)
{
    k->out->valid = NULL;
    memset(k->out->data, 0, (size_t)k->rows * sizeof(int32_t));
    return DONE;
}
static Status no_block(const KernelCall *k) // of rows of files the analyser reads the column
{
    k->out->valid = NULL;
    for (int32_t i = 0; i < k->rows; i++) COLUMN_DATA(k->out, int64_t)[i] = -1;
    return DONE;
}
static Status constant_text(const KernelCall *k)
{
    k->out->valid = NULL;
    for (int32_t i = 0; i < k->rows; i++) COLUMN_DATA(k->out, Str)[i] = *(const Str *)k->bound;
    return DONE;
}
static Status bind_text(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    static const Str version = STR_INIT("4.1.4"), none = STR_INIT("");
    (void)a, (void)ctx;
    b->data = str_eq(call->fn->name, S("version")) ? &version : &none;
    return DONE;
}

// The value of a scalar subquery that had so many rows.
static Status single_row(const KernelCall *k)
{
    const int64_t *rows = k->in[1]->data;
    for (int32_t i = 0; i < k->rows; i++)
        if (rows[i] > 1 && (!k->active || k->active[i]))
            return RAISE(SCALAR_SUBQUERY_TOO_MANY_ROWS);
    *k->out = *k->in[0];
    return DONE;
}
// ---- buckets -----------------------------------------------------------------------------------

static bool width_bucket(double v, double from, double to, int64_t n, int64_t *bucket)
{
    if (n <= 0 || n == INT64_MAX || v != v || from == to || from - from != 0 || to - to != 0)
        return false;
    double low = from < to ? from : to, high = from < to ? to : from;
    bool up = from < to;
    if (up ? v < low : v > high)
        *bucket = 0;
    else if (up ? v >= high : v <= low)
        *bucket = n + 1;
    else
        *bucket = (int64_t)((double)n * (up ? v - low : high - v) / (high - low)) + 1;
    return true;
}
static Status width_bucket_kernel(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++)
        if (kernel_live(k, i))
            k->out->valid[i] =
                width_bucket(COLUMN_DATA(k->in[0], double)[i], COLUMN_DATA(k->in[1], double)[i],
                             COLUMN_DATA(k->in[2], double)[i], COLUMN_DATA(k->in[3], int64_t)[i],
                             &COLUMN_DATA(k->out, int64_t)[i]);
    return DONE;
}

// clang-format off
#define CHANCE FN_NONDETERMINISTIC | FN_NOT_NULL | FN_OWN_NULLS
static const FnRow rows[] = {
    {.name = STR_INIT("raise_error"), .signature = "string -> -", .kernel = raise_error, .flags = FN_OWN_NULLS | FN_RAISES | FN_NONDETERMINISTIC, .doc = "an error with that message", .analyse = analyse_raise},
    {.name = STR_INIT("assert_true"), .signature = "boolean string? -> -", .kernel = assert_true, .flags = FN_OWN_NULLS | FN_RAISES | FN_NONDETERMINISTIC, .doc = "an error unless the condition holds", .analyse = analyse_assert},
    {.name = STR_INIT("single_row"), .signature = "any bigint -> =0", .kernel = single_row, .flags = FN_OWN_NULLS | FN_ALIASES | FN_RAISES | FN_INTERNAL, .doc = "the value, unless there are more rows"},
    {.name = STR_INIT("monotonically_increasing_id"), .signature = "-> bigint", .kernel = next_ids, .flags = CHANCE, .doc = "a number that grows from row to row", .bind = bind_ids},
    {.name = STR_INIT("spark_partition_id"), .signature = "-> int", .kernel = zero_i32, .flags = CHANCE, .doc = "the partition of the row", .pretty = "SPARK_PARTITION_ID"},
    {.name = STR_INIT("input_file_name"), .signature = "-> string", .kernel = constant_text, .flags = CHANCE, .doc = "the file of the row; empty where it is of none", .bind = bind_text},
    {.name = STR_INIT("input_file_block_start"), .signature = "-> bigint", .kernel = no_block, .flags = CHANCE, .doc = "where the row's block of its file begins; -1 where it is of none"},
    {.name = STR_INIT("input_file_block_length"), .signature = "-> bigint", .kernel = no_block, .flags = CHANCE, .doc = "the bytes of that block"},
    {.name = STR_INIT("version"), .signature = "-> string", .kernel = constant_text, .flags = FN_NOT_NULL | FN_OWN_NULLS, .doc = "the version of Spark that is spoken", .bind = bind_text},
    {.name = STR_INIT("width_bucket"), .signature = "double double double bigint -> bigint", .kernel = width_bucket_kernel, .flags = FN_MAY_NULL, .doc = "which of so many equal buckets the value falls into"},
};
// clang-format on
FN_TABLE(fn_misc, rows);
