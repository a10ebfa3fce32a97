// fn_random.c -- functions of chance: Spark's generators, so that a seed gives Spark's values. A
// generator's state belongs to the program it runs in, hence to one thread.
#include "base/hash.h"
#include "expr/picks_in.h"
#include <math.h>
#include <stdlib.h>

typedef struct Random { // Spark's XORShiftRandom
    uint64_t state;
    double spare; // of a pair of Gaussians
    bool spared;
} Random;
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

// What shuffle() and uuid() draw from: MT19937, seeded with the two halves of a number.
enum { TWISTER = 624, TWISTER_STEP = 397 };
typedef struct Twister {
    uint32_t v[TWISTER];
    int32_t at;
} Twister;

static void twister_init(Twister *t, uint64_t seed)
{
    uint32_t key[2] = {(uint32_t)(seed >> 32), (uint32_t)seed}, *v = t->v;
    v[0] = 19650218;
    for (uint32_t i = 1; i < TWISTER; i++) v[i] = 1812433253U * (v[i - 1] ^ v[i - 1] >> 30) + i;
    uint32_t at = 1;
    for (uint32_t k = 0; k < 2 * TWISTER - 1; k++) {
        uint32_t before = v[at - 1] ^ v[at - 1] >> 30, half = k % 2;
        v[at] = k < TWISTER ? (v[at] ^ before * 1664525U) + key[half] + half
                            : (v[at] ^ before * 1566083941U) - at;
        if (++at == TWISTER) {
            v[0] = v[TWISTER - 1];
            at = 1;
        }
    }
    v[0] = UINT32_C(1) << 31;
    t->at = TWISTER;
}
static void twister_turn(Twister *t)
{
    uint32_t *v = t->v;
    for (int32_t i = 0; i < TWISTER; i++) {
        uint32_t y = (v[i] & 0x80000000U) | (v[(i + 1) % TWISTER] & 0x7fffffffU);
        v[i] = v[(i + TWISTER_STEP) % TWISTER] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfU : 0);
    }
    t->at = 0;
}
static uint32_t next_word(Twister *t)
{
    if (t->at == TWISTER) twister_turn(t);
    uint32_t y = t->v[t->at++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680U;
    y ^= y << 15 & 0xefc60000U;
    y ^= y >> 18;
    return y;
}
static int32_t next_31(Twister *t) { return (int32_t)(next_word(t) >> 1); }
static int32_t next_below(Twister *t, int32_t n)
{
    if ((n & -n) == n) return (int32_t)(((int64_t)n * next_31(t)) >> 31);
    int32_t bits, v;
    do {
        bits = next_31(t);
        v = bits % n;
    } while ((int64_t)bits - v + (n - 1) > INT32_MAX);
    return v;
}

// ---- kernels -----------------------------------------------------------------------------------

static Random *random_of(const KernelCall *k)
{
    k->out->valid = NULL;
    return (Random *)k->bound;
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
static uint64_t next_long(Twister *t)
{
    uint64_t high = next_word(t);
    return high << 32 | next_word(t);
}
static Status uuid_kernel(const KernelCall *k)
{
    enum { UUID_TEXT = 36 };
    Twister *t = (Twister *)k->bound;
    char *text = NEW_RAW(k->scratch, char, k->rows *UUID_TEXT + 1);
    k->out->valid = NULL;
    for (int32_t i = 0; i < k->rows; i++, text += UUID_TEXT) {
        uint64_t high = (next_long(t) & ~UINT64_C(0xf000)) | 0x4000;              // version 4
        uint64_t low = (next_long(t) & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63; // variant 1
        Buf b = {.p = text, .cap = UUID_TEXT + 1, .arena = k->scratch};
        buf_fmt(&b, "%08x-%04x-%04x-%04x-%012llx", (uint32_t)(high >> 32),
                (uint32_t)(high >> 16 & 0xffff), (uint32_t)(high & 0xffff), (uint32_t)(low >> 48),
                (unsigned long long)(low & UINT64_C(0xffffffffffff)));
        COLUMN_DATA(k->out, Str)[i] = str_of(text, UUID_TEXT);
    }
    return DONE;
}

typedef struct Letters { // of randstr
    Random random;
    int32_t n;
} Letters;
static Status randstr_kernel(const KernelCall *k)
{
    static const char pool[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    enum { POOL = sizeof pool - 1 };
    Letters *l = (Letters *)k->bound;
    k->out->valid = NULL;
    for (int32_t i = 0; i < k->rows; i++) {
        char *text = NEW_RAW(k->scratch, char, l->n + 1);
        for (int32_t c = 0; c < l->n; c++)
            text[c] = pool[abs((int32_t)next_bits(&l->random, 32) % POOL)];
        COLUMN_DATA(k->out, Str)[i] = str_of(text, l->n);
    }
    return DONE;
}

// Of each array a permutation, filled from its front while the places before are dealt anew.
static Status shuffle_kernel(const KernelCall *k)
{
    Twister *t = (Twister *)k->bound;
    const Column *x = &k->in[0]->kid[0];
    Picks p = picks_of(k, &x);
    for (int32_t i = 0; i < k->rows; i++) {
        List l = kernel_live(k, i) ? list_at(k->in[0], i) : (List){0};
        int32_t *order = NEW_RAW(k->scratch, int32_t, l.n + 1);
        for (int32_t e = 0; e < l.n; e++) {
            int32_t j = next_below(t, e + 1);
            if (j != e) order[e] = order[j];
            order[j] = e;
        }
        for (int32_t e = 0; e < l.n; e++) pick(&p, 0, l.at + order[e]);
        picks_end_row(&p, i);
    }
    picks_finish(&p);
    return DONE;
}

// ---- seeds -------------------------------------------------------------------------------------

static int32_t seed_place(const Expr *call) // which argument is the seed
{
    if (str_eq(call->fn->name, S("uniform"))) return 2;
    return str_eq(call->fn->name, S("randstr")) || str_eq(call->fn->name, S("shuffle"));
}
static Status must_fold(Arena *a, const Expr *call, int32_t i, const char *name, const char *type)
{
    if (expr_foldable(call->arg[i])) return DONE;
    return RAISE(DATATYPE_MISMATCH_NON_FOLDABLE_INPUT, P("sqlExpr", quoted_sql(a, call)),
                 P("inputName", quoted_name(a, str_z(name))), P("inputType", str_z(type)),
                 P("inputExpr", quoted_sql(a, call->arg[i])));
}
static Status analyse_seed(Arena *a, Expr *call, const EvalCtx *ctx)
{
    int32_t at = seed_place(call);
    if (call->nargs <= at) return DONE;
    const Type *t = call->arg[at]->type;
    bool takes = type_is_integral(t) || t->id == T_VOID;
    if (!takes && (ctx->ansi || (t->id != T_STRING && !type_is_numeric(t))))
        return wrong_type(a, call, at, "(\"INT\" or \"BIGINT\")");
    coerce(a, &call->arg[at], &type_bigint);
    return DONE;
}
static Status analyse_random(Arena *a, Expr *call, const EvalCtx *ctx)
{
    int32_t at = seed_place(call);
    if (call->nargs > at && !expr_foldable(call->arg[at]))
        return RAISE(SEED_EXPRESSION_IS_UNFOLDABLE, P("seedExpr", quoted_sql(a, call->arg[at])),
                     P("exprWithSeed", quoted_sql(a, call)));
    return analyse_seed(a, call, ctx);
}
static Status analyse_shuffle(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    call->type = call->arg[0]->type;
    call->nullable = call->arg[0]->nullable;
    if (call->nargs == 1) return DONE;
    Expr *seed = call->arg[1];
    const Type *t = seed->type;
    if (!expr_foldable(seed) || !(type_is_integral(t) || t->id == T_VOID))
        return RAISE(INVALID_PARAMETER_VALUE_LONG, P("parameter", S("`seed`")),
                     P("functionName", S("`shuffle`")), P("invalidValue", quoted_sql(a, seed)));
    coerce(a, &call->arg[1], &type_bigint);
    return DONE;
}
static void sql_uuid(Buf *b, const Expr *call)
{
    (void)call;
    buf_put(b, S("uuid()"));
}

// Without a seed: the query's, apart for each call in it.
static uint64_t own_seed(const Expr *call, const EvalCtx *ctx)
{
    return hash_mix(ctx->seed, (uint64_t)(uintptr_t)call);
}
static Status seed_of(uint64_t *seed, Arena *a, const Expr *call, const EvalCtx *ctx)
{
    Datum v = {.i = (int64_t)own_seed(call, ctx)};
    int32_t at = seed_place(call);
    if (call->nargs > at) TRY(fold_arg(a, call, at, ctx, &v));
    *seed = v.null ? 0 : (uint64_t)v.i;
    return DONE;
}
static Status bind_random(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    Random *r = NEW(a, Random, 1);
    uint64_t seed;
    TRY(seed_of(&seed, a, call, ctx));
    r->state = hash_seed(seed);
    b->data = r;
    return DONE;
}
// A NULL for a seed is none, here.
static Status bind_twister(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    int32_t at = seed_place(call);
    Datum v = {.null = true};
    if (call->nargs > at) TRY(fold_arg(a, call, at, ctx, &v));
    uint64_t seed = v.null ? own_seed(call, ctx) : (uint64_t)v.i;
    Twister *t = NEW(a, Twister, 1);
    twister_init(t, seed);
    b->data = t;
    if (at) b->flags |= FN_FIRST_ARG; // the array
    return DONE;
}

// ---- randstr, uniform --------------------------------------------------------------------------

static Status analyse_randstr(Arena *a, Expr *call, const EvalCtx *ctx)
{
    TRY(must_fold(a, call, 0, "length", "integer"));
    if (call->nargs > 1) TRY(must_fold(a, call, 1, "seed", "integer"));
    TRY(coerce_arg(a, call, 0, &type_int));
    return analyse_seed(a, call, ctx);
}
static Status bind_randstr(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    Letters *l = NEW(a, Letters, 1);
    uint64_t seed;
    Datum n;
    TRY(seed_of(&seed, a, call, ctx));
    TRY(fold_arg(a, call, 0, ctx, &n));
    l->random.state = hash_seed(seed);
    l->n = n.null ? 0 : (int32_t)n.i;
    b->data = l;
    if (l->n >= 0) return DONE;
    return RAISE(INVALID_PARAMETER_VALUE_LENGTH, P("functionName", quoted_name(a, call->name)),
                 P("parameter", S("`length`")), P("length", str_fmt(a, "%d", l->n)));
}

// Of two bounds: the wider integer; a fraction before an integer, a decimal only beside those.
static const Type *uniform_type(const Type *x, const Type *y)
{
    static const TypeId ids[] = {T_DOUBLE, T_FLOAT};
    if (x->id == T_VOID || y->id == T_VOID) return &type_double;
    for (int32_t i = 0; i < COUNT(ids); i++)
        if (x->id == ids[i] || y->id == ids[i]) return x->id == ids[i] ? x : y;
    if (x->id == T_DECIMAL && y->id == T_DECIMAL)
        return y->precision - y->scale >= x->precision - x->scale && y->scale >= x->scale ? y : x;
    if (x->id == T_DECIMAL || y->id == T_DECIMAL) return x->id == T_DECIMAL ? x : y;
    return x->id >= y->id ? x : y;
}
static Status analyse_uniform(Arena *a, Expr *call, const EvalCtx *ctx)
{
    static const char *const names[] = {"min", "max", "seed"};
    for (int32_t i = 0; i < 2; i++) {
        const Type *t = call->arg[i]->type;
        if (!type_is_numeric(t) && t->id != T_VOID) return wrong_type(a, call, i, "\"NUMERIC\"");
    }
    TRY(analyse_seed(a, call, ctx));
    for (int32_t i = 0; i < MIN(call->nargs, COUNT(names)); i++)
        TRY(must_fold(a, call, i, names[i], "integer or floating-point"));
    call->type = uniform_type(call->arg[0]->type, call->arg[1]->type);
    call->nullable = any_nullable(call);
    return DONE;
}
static Status lower_uniform(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    Expr *min = call->arg[0], *max = call->arg[1], *draw;
    coerce(a, &min, &type_double);
    coerce(a, &max, &type_double);
    TRY(fn_make(&draw, a, ctx, S("rand"), call->arg + 2, call->nargs - 2));
    TRY(fn_make(e, a, ctx, S("-"), (Expr *[]){max, min}, 2));
    TRY(fn_make(e, a, ctx, S("*"), (Expr *[]){*e, draw}, 2));
    TRY(fn_make(e, a, ctx, S("+"), (Expr *[]){min, *e}, 2));
    coerce(a, e, call->type);
    return DONE;
}

// clang-format off
#define CHANCE FN_NONDETERMINISTIC | FN_NOT_NULL | FN_OWN_NULLS
static const FnRow rows[] = {
    {.name = STR_INIT("rand"), .signature = "lit:any? -> double", .kernel = rand_kernel, .flags = CHANCE, .doc = "a number from 0 up to 1", .analyse = analyse_random, .bind = bind_random},
    {.name = STR_INIT("random"), .signature = "lit:any? -> double", .kernel = rand_kernel, .flags = CHANCE, .doc = "a number from 0 up to 1", .analyse = analyse_random, .bind = bind_random, .pretty = "rand"},
    {.name = STR_INIT("randn"), .signature = "lit:any? -> double", .kernel = randn_kernel, .flags = CHANCE, .doc = "a number of the standard normal distribution", .analyse = analyse_random, .bind = bind_random},
    {.name = STR_INIT("uuid"), .signature = "lit:any? -> string", .kernel = uuid_kernel, .flags = CHANCE, .doc = "a random UUID", .analyse = analyse_random, .bind = bind_twister, .sql = sql_uuid},
    {.name = STR_INIT("uniform"), .signature = "lit:any lit:any lit:any? -> -", .flags = FN_NONDETERMINISTIC | FN_MAY_NULL, .doc = "a number between two constants", .analyse = analyse_uniform, .lower = lower_uniform},
    {.name = STR_INIT("randstr"), .signature = "lit:any lit:any? -> string", .kernel = randstr_kernel, .flags = CHANCE, .doc = "so many digits and letters", .analyse = analyse_randstr, .bind = bind_randstr},
    {.name = STR_INIT("shuffle"), .signature = "array any? -> -", .kernel = shuffle_kernel, .flags = FN_NONDETERMINISTIC, .doc = "the elements in another order", .analyse = analyse_shuffle, .bind = bind_twister, .sql = sql_first},
};
// clang-format on
FN_TABLE(fn_random, rows);
