// fn_misc.c -- functions that raise, that are random, and that tell where a row is; and histograms'
// buckets. A random function's state belongs to the program it runs in.
#include "base/hash.h"
#include "expr/fn_in.h"
#include <math.h>

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

// ---- chance ------------------------------------------------------------------------------------

typedef struct Random { // Spark's XORShiftRandom
    uint64_t state;
    double spare; // of a pair of Gaussians
    bool spared;
} Random;
typedef struct Chance { // KernelCall.bound: one program's, hence one thread's
    Random *random;
} Chance;

static uint32_t mix3(uint32_t h, uint32_t k)
{
    k *= 0xcc9e2d51U;
    k = (k << 15 | k >> 17) * 0x1b873593U;
    h ^= k;
    return (h << 13 | h >> 19) * 5 + 0xe6546b64U;
}
static uint32_t finish3(uint32_t h, uint32_t len)
{
    h ^= len;
    h = (h ^ h >> 16) * 0x85ebca6bU;
    h = (h ^ h >> 13) * 0xc2b2ae35U;
    return h ^ h >> 16;
}
// Scala's MurmurHash3.bytesHash of the seed as eight big-endian bytes, twice.
static uint64_t hash_seed(uint64_t seed)
{
    uint64_t bytes = __builtin_bswap64(seed);
    uint32_t lo = (uint32_t)bytes, hi = (uint32_t)(bytes >> 32);
    uint32_t low = finish3(mix3(mix3(0x3c074a61U, lo), hi), 8);
    uint32_t high = finish3(mix3(mix3(low, lo), hi), 8);
    return (uint64_t)high << 32 | low;
}

static uint64_t next_bits(Random *r, int32_t bits)
{
    uint64_t s = r->state;
    s ^= s << 21;
    s ^= s >> 35;
    s ^= s << 4;
    r->state = s;
    return s & ((UINT64_C(1) << bits) - 1);
}
static double next_double(Random *r)
{
    uint64_t high = next_bits(r, 26) << 27;
    return (double)(high + next_bits(r, 27)) * 0x1.0p-53;
}
static double next_gaussian(Random *r) // java.util.Random's polar method
{
    r->spared = !r->spared;
    if (!r->spared) return r->spare;
    double x, y, s;
    do {
        x = 2 * next_double(r) - 1;
        y = 2 * next_double(r) - 1;
        s = x * x + y * y;
    } while (s >= 1 || s == 0);
    double scale = sqrt(-2 * log(s) / s);
    r->spare = y * scale;
    return x * scale;
}

static Random *random_of(const KernelCall *k)
{
    k->out->valid = NULL;
    return ((const Chance *)k->bound)->random;
}
static Status rand_kernel(const KernelCall *k)
{
    Random *r = random_of(k);
    for (int32_t i = 0; i < k->rows; i++) COLUMN_DATA(k->out, double)[i] = next_double(r);
    return DONE;
}
static Status randn_kernel(const KernelCall *k)
{
    Random *r = random_of(k);
    for (int32_t i = 0; i < k->rows; i++) COLUMN_DATA(k->out, double)[i] = next_gaussian(r);
    return DONE;
}
static Status uuid_kernel(const KernelCall *k)
{
    enum { UUID_TEXT = 36 };
    Random *r = random_of(k);
    char *text = NEW_RAW(k->scratch, char, k->rows *UUID_TEXT + 1);
    for (int32_t i = 0; i < k->rows; i++, text += UUID_TEXT) {
        uint64_t high = next_bits(r, 32) << 32 | next_bits(r, 32);
        uint64_t low = next_bits(r, 32) << 32 | next_bits(r, 32);
        high = (high & ~UINT64_C(0xf000)) | 0x4000;             // version 4
        low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63; // variant 1
        Buf b = {.p = text, .cap = UUID_TEXT + 1, .arena = k->scratch};
        buf_fmt(&b, "%08x-%04x-%04x-%04x-%012llx", (uint32_t)(high >> 32),
                (uint32_t)(high >> 16 & 0xffff), (uint32_t)(high & 0xffff), (uint32_t)(low >> 48),
                (unsigned long long)(low & UINT64_C(0xffffffffffff)));
        COLUMN_DATA(k->out, Str)[i] = str_of(text, UUID_TEXT);
    }
    return DONE;
}

static Chance *chance_new(Arena *a)
{
    Chance *c = NEW(a, Chance, 1);
    c->random = NEW(a, Random, 1);
    return c;
}

// Without a seed: the query's, apart for each call in it.
static Status bind_random(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    Chance *chance = chance_new(a);
    Datum v = {.i = (int64_t)hash_mix(ctx->seed, (uint64_t)(uintptr_t)call)};
    if (call->nargs) TRY(fold_arg(a, call, 0, ctx, &v));
    chance->random->state = hash_seed(v.null ? 0 : (uint64_t)v.i);
    b->data = chance;
    return DONE;
}

static Status next_ids(const KernelCall *k)
{
    Random *r = random_of(k);
    for (int32_t i = 0; i < k->rows; i++) COLUMN_DATA(k->out, int64_t)[i] = (int64_t)r->state++;
    return DONE;
}
static Status bind_ids(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)call, (void)ctx;
    b->data = chance_new(a);
    return DONE;
}

static Status zero_i32(const KernelCall *k)
{
    k->out->valid = NULL;
    memset(k->out->data, 0, (size_t)k->rows * sizeof(int32_t));
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
    {.name = STR_INIT("rand"), .signature = "lit:bigint? -> double", .kernel = rand_kernel, .flags = CHANCE, .doc = "a number from 0 up to 1", .bind = bind_random},
    {.name = STR_INIT("random"), .signature = "lit:bigint? -> double", .kernel = rand_kernel, .flags = CHANCE, .doc = "a number from 0 up to 1", .bind = bind_random, .pretty = "rand"},
    {.name = STR_INIT("randn"), .signature = "lit:bigint? -> double", .kernel = randn_kernel, .flags = CHANCE, .doc = "a number of the standard normal distribution", .bind = bind_random},
    {.name = STR_INIT("uuid"), .signature = "lit:bigint? -> string", .kernel = uuid_kernel, .flags = CHANCE, .doc = "a random UUID", .bind = bind_random},
    {.name = STR_INIT("monotonically_increasing_id"), .signature = "-> bigint", .kernel = next_ids, .flags = CHANCE, .doc = "a number that grows from row to row", .bind = bind_ids},
    {.name = STR_INIT("spark_partition_id"), .signature = "-> int", .kernel = zero_i32, .flags = CHANCE, .doc = "the partition of the row", .pretty = "SPARK_PARTITION_ID"},
    {.name = STR_INIT("input_file_name"), .signature = "-> string", .kernel = constant_text, .flags = CHANCE, .doc = "the file of the row, empty here", .bind = bind_text},
    {.name = STR_INIT("version"), .signature = "-> string", .kernel = constant_text, .flags = FN_NOT_NULL | FN_OWN_NULLS, .doc = "the version of Spark that is spoken", .bind = bind_text},
    {.name = STR_INIT("width_bucket"), .signature = "double double double bigint -> bigint", .kernel = width_bucket_kernel, .flags = FN_MAY_NULL, .doc = "which of so many equal buckets the value falls into"},
};
// clang-format on
FN_TABLE(fn_misc, rows);
