// agg_bool.c -- bool_and, bool_or and the bitwise sums of integers.
#include "expr/agg_in.h"

typedef struct Bits {
    int64_t v;
    int64_t seen;
} Bits;

#define BITS_STEP(name, T, op)                                                                     \
    AGG_STEP(name, Bits, T, {                                                                      \
        b->v = b->seen ? b->v op(int64_t) x[i] : (int64_t)x[i];                                    \
        b->seen = 1;                                                                               \
    })
#define BITS_STEPS(name, op)                                                                       \
    BITS_STEP(name##_bool, uint8_t, op)                                                            \
    BITS_STEP(name##_i8, int8_t, op)                                                               \
    BITS_STEP(name##_i16, int16_t, op)                                                             \
    BITS_STEP(name##_i32, int32_t, op)                                                             \
    BITS_STEP(name##_i64, int64_t, op)                                                             \
    AGG_MERGE(name##_merge, Bits, {                                                                \
        if (f->seen) b->v = b->seen ? b->v op f->v : f->v;                                         \
        b->seen |= f->seen;                                                                        \
    })                                                                                             \
    static Status name##_step(const AggCall *c, const AggRows *r, const Column *const *in)         \
    {                                                                                              \
        switch (phys_bytes(type_phys(c->in[0]))) {                                                 \
        case 1: return c->in[0]->id == T_BOOLEAN ? name##_bool(c, r, in) : name##_i8(c, r, in);    \
        case 2: return name##_i16(c, r, in);                                                       \
        case 4: return name##_i32(c, r, in);                                                       \
        }                                                                                          \
        return name##_i64(c, r, in);                                                               \
    }
BITS_STEPS(and, &)
BITS_STEPS(or, |)
BITS_STEPS(xor, ^)

static Status bits_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    for (int32_t i = 0; i < n; i++) {
        const Bits *b = (const Bits *)(const void *)(payload[i] + c->at);
        Datum v = {.null = b->seen != 1, .i = b->v};
        column_set(a, out, i, &v);
    }
    return DONE;
}

static Status analyse_bits(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    call->type = call->arg[0]->type;
    return DONE;
}

#define BITS(fn, sig, doc_, op)                                                                    \
    {                                                                                              \
        .name = STR_INIT(fn), .signature = sig, .doc = doc_, .bytes = sizeof(Bits),                \
        .any_order = true, .analyse = analyse_bits, .step = op##_step, .merge = op##_merge,        \
        .result = bits_result                                                                      \
    }
static const AggRow rows[] = {
    BITS("bool_and", "boolean -> -", "every value is true", and),
    {.name = STR_INIT("every"), .signature = "= bool_and", .doc = "every value is true"},
    BITS("bool_or", "boolean -> -", "some value is true", or),
    {.name = STR_INIT("some"), .signature = "= bool_or", .doc = "some value is true"},
    {.name = STR_INIT("any"), .signature = "= bool_or", .doc = "some value is true"},
    BITS("bit_and", "integral -> -", "all values joined by AND", and),
    BITS("bit_or", "integral -> -", "all values joined by OR", or),
    BITS("bit_xor", "integral -> -", "all values joined by XOR", xor),
};
AGG_TABLE(agg_bool, rows);
