// agg_minmax.c -- min, max, first, last, any_value, max_by, min_by. Values of one or two words
// stand in the buffer, all others as flat bytes in a blob.
#include "expr/agg_in.h"
#include "expr/flat.h"

typedef struct Word { // a value of at most eight bytes
    union {
        int64_t i;
        double f;
    };
    int64_t state; // EMPTY, NULLED, SET
} Word;
typedef struct Flat { // any value
    Blob blob;
    int64_t state;
} Flat;
enum { EMPTY, NULLED, SET };
enum { IN_WORD, IN_BLOB }; // AggCall.choice

static bool fits_word(const Type *t) { return type_phys(t) <= PHYS_F64; }

static Status bind_value(Arena *a, const Expr *call, const EvalCtx *ctx, AggCall *c)
{
    (void)a, (void)call, (void)ctx;
    c->choice = fits_word(c->in[0]) ? IN_WORD : IN_BLOB;
    c->bytes = c->choice == IN_WORD ? (int32_t)sizeof(Word) : (int32_t)sizeof(Flat);
    c->nblobs = c->choice == IN_BLOB;
    return DONE;
}

#define KEEP(member, better)                                                                       \
    do {                                                                                           \
        if (!b->state || (better)) b->member = +x[i];                                              \
        b->state = SET;                                                                            \
    } while (0)
// NaN is greater than all.
#define LESS_REAL(v, w) ((v) < (w) || ((w) != (w) && (v) == (v)))
#define STEPS(name, T, member, LESS)                                                               \
    AGG_STEP(min_##name, Word, T, KEEP(member, LESS(x[i], b->member)))                             \
    AGG_STEP(max_##name, Word, T, KEEP(member, LESS(b->member, x[i])))
#define LESS_INT(v, w) ((v) < (w))
STEPS(bool, uint8_t, i, LESS_INT)
STEPS(i8, int8_t, i, LESS_INT)
STEPS(i16, int16_t, i, LESS_INT)
STEPS(i32, int32_t, i, LESS_INT)
STEPS(i64, int64_t, i, LESS_INT)
#define STEPS_REAL(name, T)                                                                        \
    AGG_STEP(min_##name, Word, T, {                                                                \
        double v = (double)x[i];                                                                   \
        if (!b->state || LESS_REAL(v, b->f)) b->f = v;                                             \
        b->state = SET;                                                                            \
    })                                                                                             \
    AGG_STEP(max_##name, Word, T, {                                                                \
        double v = (double)x[i];                                                                   \
        if (!b->state || LESS_REAL(b->f, v)) b->f = v;                                             \
        b->state = SET;                                                                            \
    })
STEPS_REAL(f32, float)
STEPS_REAL(f64, double)

typedef Status (*Step)(const AggCall *c, const AggRows *r, const Column *const *in);

static bool is_max(const AggCall *c) { return str_starts(c->row->name, S("max")); }

static bool better(const AggCall *c, const Flat *b, const Column *col, int32_t row)
{
    if (b->state != SET) return true;
    Reader r = reader_of(blob_str(&b->blob));
    int32_t order = flat_cmp(col, row, &r);
    return is_max(c) ? order > 0 : order < 0;
}

static Status extreme_flat(const AggCall *c, const AggRows *r, const Column *const *in)
{
    uint8_t room[BATCH_ROWS];
    const uint8_t *used = agg_used(c, r, in, room);
    AGG_LOOP(Flat, used, {
        if (better(c, b, in[0], i)) flat_set(r->blobs, &b->blob, in[0], i);
        b->state = SET;
    });
    return DONE;
}

static Status min_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    static const Step steps[] = {min_bool, min_i8, min_i16, min_i32, min_i64, min_f32, min_f64};
    return c->choice == IN_BLOB ? extreme_flat(c, r, in) : steps[type_phys(c->in[0])](c, r, in);
}
static Status max_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    static const Step steps[] = {max_bool, max_i8, max_i16, max_i32, max_i64, max_f32, max_f64};
    return c->choice == IN_BLOB ? extreme_flat(c, r, in) : steps[type_phys(c->in[0])](c, r, in);
}

static bool is_real(const Type *t) { return t->id == T_FLOAT || t->id == T_DOUBLE; }

static bool word_better(const AggCall *c, const Word *b, const Word *f)
{
    if (f->state != SET || b->state != SET) return f->state == SET;
    const Word *low = is_max(c) ? b : f, *high = is_max(c) ? f : b;
    return is_real(c->in[0]) ? LESS_REAL(low->f, high->f) : low->i < high->i;
}

static Column flat_one(Arena *a, const Type *t, const Blob *b)
{
    Str text = blob_str(b);
    return flat_column(a, t, &text, 1);
}

static Status extreme_merge(const AggCall *c, const AggRows *r, const char *const *from)
{
    Arena *scratch = c->choice == IN_BLOB ? arena_new(NULL) : NULL;
    for (int32_t i = 0; i < r->n; i++) {
        char *to = r->payload[i] + c->at;
        const char *f = from[i] + c->at;
        if (c->choice == IN_WORD) {
            if (word_better(c, (Word *)(void *)to, (const Word *)(const void *)f))
                memcpy(to, f, sizeof(Word));
            continue;
        }
        Flat *b = (Flat *)(void *)to;
        const Flat *other = (const Flat *)(const void *)f;
        if (other->state != SET) continue;
        Column col = flat_one(scratch, c->in[0], &other->blob);
        if (better(c, b, &col, 0)) blob_set(r->blobs, &b->blob, blob_str(&other->blob));
        b->state = SET;
        arena_clear(scratch);
    }
    if (scratch) arena_free(scratch);
    return DONE;
}

static void set_word(Column *out, int32_t i, const Word *w)
{
    switch (type_phys(out->type)) {
    case PHYS_BOOL: COLUMN_DATA(out, uint8_t)[i] = (uint8_t)w->i; return;
    case PHYS_I8: COLUMN_DATA(out, int8_t)[i] = (int8_t)w->i; return;
    case PHYS_I16: COLUMN_DATA(out, int16_t)[i] = (int16_t)w->i; return;
    case PHYS_I32: COLUMN_DATA(out, int32_t)[i] = (int32_t)w->i; return;
    case PHYS_I64: COLUMN_DATA(out, int64_t)[i] = w->i; return;
    case PHYS_F32: COLUMN_DATA(out, float)[i] = (float)w->f; return;
    case PHYS_F64: COLUMN_DATA(out, double)[i] = w->f; return;
    case PHYS_I128:
    case PHYS_STR:
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: break;
    }
    must_failed("a word", __FILE__, __LINE__);
}

// The flat values of blobs (the first of each buffer) as a column.
static void flat_results(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    Str *text = NEW(a, Str, n);
    for (int32_t i = 0; i < n; i++) {
        const Flat *b = (const Flat *)(const void *)(payload[i] + c->at);
        if (b->state == SET) text[i] = blob_str(&b->blob);
    }
    const Type *t = out->type;
    *out = flat_column(a, c->in[0], text, n);
    out->type = t;
}

static Status value_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    if (c->choice == IN_BLOB) {
        flat_results(c, payload, n, out, a);
        return DONE;
    }
    uint8_t *valid = column_own_valid(a, out);
    for (int32_t i = 0; i < n; i++) {
        const Word *w = (const Word *)(const void *)(payload[i] + c->at);
        valid[i] = w->state == SET;
        set_word(out, i, w);
    }
    return DONE;
}

// first, last: NULL counts as a value unless IGNORE NULLS.
static void word_of(const Column *in, int32_t i, Word *w)
{
    Datum v = column_datum(NULL, in, i);
    if (is_real(in->type))
        w->f = v.f;
    else
        w->i = v.i;
    w->state = v.null ? NULLED : SET;
}

static void flat_of(BlobPool *pool, const Column *in, int32_t i, Flat *f)
{
    f->state = column_null(in, i) ? NULLED : SET;
    if (f->state == SET) flat_set(pool, &f->blob, in, i);
}

static Status pick_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    bool last = str_starts(c->row->name, S("last"));
    for (int32_t i = 0; i < r->n; i++) {
        if ((r->keep && !r->keep[i]) || (c->ignore_nulls && column_null(in[0], i))) continue;
        char *to = r->payload[i] + c->at;
        Word *w = (Word *)(void *)to;
        Flat *f = (Flat *)(void *)to;
        if (c->choice == IN_WORD && (last || !w->state)) word_of(in[0], i, w);
        if (c->choice == IN_BLOB && (last || !f->state)) flat_of(r->blobs, in[0], i, f);
    }
    return DONE;
}

static Status pick_merge(const AggCall *c, const AggRows *r, const char *const *from)
{
    bool last = str_starts(c->row->name, S("last"));
    for (int32_t i = 0; i < r->n; i++) {
        char *to = r->payload[i] + c->at;
        const char *f = from[i] + c->at;
        if (c->choice == IN_WORD) {
            Word *b = (Word *)(void *)to;
            const Word *w = (const Word *)(const void *)f;
            if (w->state && (last || !b->state)) *b = *w;
            continue;
        }
        Flat *b = (Flat *)(void *)to;
        const Flat *w = (const Flat *)(const void *)f;
        if (!w->state || (!last && b->state)) continue;
        blob_set(r->blobs, &b->blob, blob_str(&w->blob));
        b->state = w->state;
    }
    return DONE;
}

// first(x, true) is first(x) IGNORE NULLS.
static Status analyse_pick(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Datum v = {0};
    if (call->nargs > 1) {
        TRY(fold_arg(a, call, 1, ctx, &v));
        call->ignore_nulls = !v.null && v.i;
        call->nargs = 1;
    }
    call->type = call->arg[0]->type;
    return DONE;
}

static Status analyse_extreme(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[call->nargs - 1]->type;
    if (!type_is_orderable(t) && t->id != T_VOID)
        return RAISE(DATATYPE_MISMATCH_INVALID_ORDERING_TYPE, P("sqlExpr", quoted_sql(a, call)),
                     P("functionName", quoted_name(a, call->name)),
                     P("dataType", quoted_type(a, t)));
    call->type = call->arg[0]->type;
    return DONE;
}

// max_by(x, y): x beside the greatest y. Two blobs: x, y.
typedef struct By {
    Blob x, y;
    int64_t state;
} By;

static bool by_better(const AggCall *c, const By *b, const Column *y, int32_t row)
{
    if (b->state != SET) return true;
    Reader r = reader_of(blob_str(&b->y));
    int32_t order = flat_cmp(y, row, &r);
    return is_max(c) ? order >= 0 : order <= 0; // of equals the later, as Spark
}

static Status by_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    for (int32_t i = 0; i < r->n; i++) {
        if ((r->keep && !r->keep[i]) || column_null(in[1], i)) continue;
        By *b = (By *)(void *)(r->payload[i] + c->at);
        if (!by_better(c, b, in[1], i)) continue;
        flat_set(r->blobs, &b->x, in[0], i);
        flat_set(r->blobs, &b->y, in[1], i);
        b->state = SET;
    }
    return DONE;
}

static Status by_merge(const AggCall *c, const AggRows *r, const char *const *from)
{
    Arena *scratch = arena_new(NULL);
    for (int32_t i = 0; i < r->n; i++) {
        By *b = (By *)(void *)(r->payload[i] + c->at);
        const By *f = (const By *)(const void *)(from[i] + c->at);
        if (f->state != SET) continue;
        Column y = flat_one(scratch, c->in[1], &f->y);
        if (by_better(c, b, &y, 0)) {
            blob_set(r->blobs, &b->x, blob_str(&f->x));
            blob_set(r->blobs, &b->y, blob_str(&f->y));
            b->state = SET;
        }
        arena_clear(scratch);
    }
    arena_free(scratch);
    return DONE;
}

static Status by_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    Str *text = NEW(a, Str, n);
    for (int32_t i = 0; i < n; i++)
        text[i] = blob_str(&((const By *)(const void *)(payload[i] + c->at))->x);
    const Type *t = out->type;
    *out = flat_column(a, c->in[0], text, n);
    out->type = t;
    return DONE;
}

#define EXTREME(fn, doc_, step_)                                                                   \
    {                                                                                              \
        .name = STR_INIT(fn), .signature = "any -> -", .doc = doc_, .analyse = analyse_extreme,    \
        .bind = bind_value, .any_order = true, .step = step_, .merge = extreme_merge,              \
        .result = value_result                                                                     \
    }
#define PICK(fn, doc_)                                                                             \
    {                                                                                              \
        .name = STR_INIT(fn), .signature = "any lit:boolean? -> -", .doc = doc_,                   \
        .analyse = analyse_pick, .bind = bind_value, .step = pick_step, .merge = pick_merge,       \
        .result = value_result                                                                     \
    }
#define BY(fn, doc_)                                                                               \
    {                                                                                              \
        .name = STR_INIT(fn), .signature = "any any -> -", .doc = doc_, .bytes = sizeof(By),       \
        .nblobs = 2, .analyse = analyse_extreme, .step = by_step, .merge = by_merge,               \
        .result = by_result                                                                        \
    }
static const AggRow rows[] = {
    EXTREME("min", "the least", min_step),
    EXTREME("max", "the greatest", max_step),
    PICK("first", "the first, NULL or not"),
    {.name = STR_INIT("first_value"), .signature = "= first", .doc = "the first, NULL or not"},
    PICK("last", "the last, NULL or not"),
    {.name = STR_INIT("last_value"), .signature = "= last", .doc = "the last, NULL or not"},
    {.name = STR_INIT("any_value"), .signature = "= first", .doc = "some value"},
    BY("max_by", "the first argument beside the greatest of the second"),
    BY("min_by", "the first argument beside the least of the second"),
};
AGG_TABLE(agg_minmax, rows);
