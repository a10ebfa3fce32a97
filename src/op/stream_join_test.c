// stream_join_test.c -- joins of streams against a model that keeps every row in a list and looks
// at every pair: random epochs, lateness, NULLs, batches, and restarts from the written state.
#include "base/civil.h"
#include "base/hash.h"
#include "base/test.h"
#include "op/rig_in.h"
#include "op/stream_join.h"
#include <stdlib.h>

enum { EPOCHS = 12, ROWS = 40, KEYS = 5, NONE = -1 };
typedef struct Given { // a row that came in; ms and k: NONE is NULL
    int64_t ms;
    int32_t id, k, v;
    bool met, stored;
} Given;
typedef struct Pair {
    int32_t left, right; // ids, NONE: NULLs
} Pair;
typedef struct Shape {
    JoinKind kind;
    bool residual, filter, null_safe, by_key, near;
    int64_t before, after; // right time is within [left - before, left + after] ms
} Shape;
typedef struct Model {
    Shape shape;
    VEC(Given) side[2];
    VEC(Pair) out;
    StateCounts counts;
    Arena *arena;
} Model;
typedef struct Bench { // the operator, its state as written, and what came out of it
    Arena *arena;
    EpochCtx ctx;
    StreamJoinSpec spec;
    BagSpec bag;
    Op *op;
    State *state;
    Out out;
    VEC(Str) written; // an image, then deltas
    VEC(Pair) got;
} Bench;
static uint64_t seed;
static int64_t chance(int64_t below) { return (int64_t)(hash_u64(seed++) % (uint64_t)below); }

// -- the model

static bool outer(JoinKind k, int32_t side)
{
    return k == JOIN_FULL || k == (side ? JOIN_RIGHT : JOIN_LEFT);
}
static bool pairs(const Shape *s, const Given *l, const Given *r)
{
    if (l->k != r->k || (l->k == NONE && !s->null_safe)) return false;
    if (s->by_key) return l->ms == r->ms && (l->ms != NONE || s->null_safe);
    if (l->ms == NONE || r->ms == NONE) return false;
    if (r->ms < l->ms - s->before || r->ms > l->ms + s->after) return false;
    return !s->residual || l->v < r->v;
}
static bool expired(const Shape *s, int32_t side, const Given *g, int64_t w)
{
    int64_t lag = s->by_key ? 0 : 1 + (side ? s->before : s->after);
    return g->ms != NONE && g->ms + lag <= w;
}
static void model_out(Model *m, const Given *l, const Given *r)
{
    Pair p = {l ? l->id : NONE, r ? r->id : NONE};
    if (m->shape.kind == JOIN_LEFT_SEMI) p.right = NONE;
    vec_push(m->arena, &m->out, p);
}
static void model_row(Model *m, int32_t side, Given g, int64_t late, int64_t w)
{
    const Shape *s = &m->shape;
    bool semi = s->kind == JOIN_LEFT_SEMI;
    if (g.ms != NONE && g.ms <= late) {
        m->counts.dropped_by_watermark++;
        return;
    }
    if (s->filter && side == 0 && g.v % 3 == 0) { // the left side's own condition fails
        if (outer(s->kind, side)) model_out(m, &g, NULL);
        return;
    }
    for (int64_t i = 0; i < m->side[!side].n; i++) {
        Given *x = &m->side[!side].v[i];
        Given *l = side ? x : &g, *r = side ? &g : x;
        if (!x->stored || !pairs(s, l, r)) continue;
        bool first = !l->met;
        l->met = r->met = true;
        if (!semi || first) model_out(m, l, r);
    }
    g.stored = side ? !expired(s, 1, &g, w) || (outer(s->kind, 1) && !g.met) : !(semi && g.met);
    if (g.stored) m->counts.updated++;
    vec_push(m->arena, &m->side[side], g);
}
static void model_evict(Model *m, int64_t w)
{
    for (int32_t side = 0; side < 2; side++)
        for (int64_t i = 0; i < m->side[side].n; i++) {
            Given *g = &m->side[side].v[i];
            if (!g->stored || !expired(&m->shape, side, g, w)) continue;
            g->stored = false;
            if (!outer(m->shape.kind, side)) m->counts.removed++;
            if (outer(m->shape.kind, side) && !g->met)
                model_out(m, side ? NULL : g, side ? g : NULL);
        }
}
static int64_t model_total(const Model *m)
{
    int64_t n = 0;
    for (int32_t side = 0; side < 2; side++)
        for (int64_t i = 0; i < m->side[side].n; i++) n += m->side[side].v[i].stored;
    return n;
}
// -- the operator

static Status bench_put(Out *out, const Batch *in)
{
    Bench *b = CONTAINER(out, Bench, out);
    bool half = b->spec.kind == JOIN_LEFT_SEMI;
    for (int32_t i = 0; i < in->rows; i++) {
        const Column *l = &in->col[0], *r = half ? NULL : &in->col[4];
        Pair p = {column_null(l, i) ? NONE : COLUMN_DATA(l, int32_t)[i],
                  !r || column_null(r, i) ? NONE : COLUMN_DATA(r, int32_t)[i]};
        vec_push(b->arena, &b->got, p);
    }
    return DONE;
}
static void bench_op(Bench *b)
{
    CHECK_OK(op_new(&b->op, b->arena, &op_stream_join, &b->spec, &b->ctx));
    b->op->out = &b->out;
    b->op->state = b->state;
}
static Expr *lit(Arena *a, int64_t v) { return rig_int(a, v); }
static void bench_spec(Bench *b, const Shape *s)
{
    Arena *a = b->arena;
    const Schema *side = rig_schema(a, S("id INT, k STRING, t TIMESTAMP, v INT"));
    Field field[8];
    for (int32_t i = 0; i < 8; i++) field[i] = side->field[i % 4];
    const Schema *both = type_struct(a, field, 8);
    uint8_t *safe = NEW(a, uint8_t, 2);
    safe[0] = safe[1] = s->null_safe;
    b->spec = (StreamJoinSpec){.kind = s->kind, .nkeys = s->by_key ? 2 : 1, .null_safe = safe};
    for (int32_t i = 0; i < 2; i++) {
        Expr **key = NEW(a, Expr *, 2);
        key[0] = rig_column(a, side, 1);
        key[1] = rig_column(a, side, 2);
        b->spec.side[i] = (StreamJoinSide){.key = key,
                                           .schema = side,
                                           .time = 2,
                                           .expires = s->by_key ? 1 : 2,
                                           .expires_key = s->by_key,
                                           .cap = INT64_MAX};
        int64_t lag = s->by_key ? 0 : 1 + (i ? s->before : s->after);
        b->spec.side[i].lag = lag * MICROS_PER_MS;
        b->spec.side[i].near = !s->by_key && s->near;
    }
    if (s->filter)
        b->spec.side[0].filter =
            rig_call(a, S("<>"), rig_call(a, S("%"), rig_column(a, side, 3), lit(a, 3)), lit(a, 0));
    if (s->by_key) return;
    Expr *lt = rig_call(a, S("unix_micros"), rig_column(a, both, 2), NULL);
    Expr *rt = rig_call(a, S("unix_micros"), rig_column(a, both, 6), NULL);
    Expr *d = rig_call(a, S("-"), rt, lt);
    Expr *low = expr_literal(a, &type_bigint, &(Datum){.i = -s->before * MICROS_PER_MS});
    Expr *high = expr_literal(a, &type_bigint, &(Datum){.i = s->after * MICROS_PER_MS});
    Expr *in = rig_call(a, S("and"), rig_call(a, S(">="), d, low), rig_call(a, S("<="), d, high));
    Expr *less = rig_call(a, S("<"), rig_column(a, both, 3), rig_column(a, both, 7));
    b->spec.residual = s->residual ? rig_call(a, S("and"), in, less) : in;
}
static void bench_rows(Bench *b, int32_t side, const Given *g, int32_t n)
{
    Arena *a = arena_new(NULL);
    Buf rows = buf_new(a);
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_char(&rows, '|');
        buf_fmt(&rows, "%d,", g[i].id);
        buf_fmt(&rows, g[i].k == NONE ? "NULL," : "key%d,", g[i].k);
        if (g[i].ms == NONE)
            buf_put(&rows, S("NULL"));
        else
            buf_i64(&rows, g[i].ms * MICROS_PER_MS);
        buf_fmt(&rows, ",%d", g[i].v);
    }
    if (n) rig_put(b->op, side, b->spec.side[side].schema, buf_str(&rows));
    arena_free(a);
}
static void bench_write(Bench *b)
{
    Buf bytes = buf_new(b->arena);
    if (!b->written.n || chance(5) == 0) {
        b->written.n = 0;
        state_image(b->state, &bytes);
    } else {
        state_delta(b->state, &bytes);
    }
    if (bytes.n) vec_push(b->arena, &b->written, buf_str(&bytes));
}
static void bench_restart(Bench *b)
{
    b->state = state_new_bags(b->arena, &b->bag, 1);
    for (int64_t i = 0; i < b->written.n; i++) CHECK_OK(state_apply(b->state, b->written.v[i]));
    bench_op(b);
}
// -- both

static int pair_cmp(const void *x, const void *y)
{
    const Pair *p = x, *q = y;
    if (p->left != q->left) return p->left < q->left ? -1 : 1;
    return p->right < q->right ? -1 : p->right > q->right;
}
static bool same_pairs(Pair *x, int64_t nx, Pair *y, int64_t ny)
{
    if (nx) qsort(x, (size_t)nx, sizeof *x, pair_cmp);
    if (ny) qsort(y, (size_t)ny, sizeof *y, pair_cmp);
    return nx == ny && (!nx || !memcmp(x, y, (size_t)nx * sizeof *x));
}
static int32_t some_rows(Given *g, int64_t now, int32_t *id)
{
    int32_t n = (int32_t)chance(ROWS);
    for (int32_t i = 0; i < n; i++) {
        g[i] = (Given){.id = (*id)++, .k = (int32_t)chance(KEYS + 1) - 1, .v = (int32_t)chance(20)};
        g[i].ms = chance(30) ? now + chance(200) - (chance(8) ? 0 : 300) : NONE;
        if (g[i].ms < 0) g[i].ms = 0;
    }
    return n;
}
static void run_epoch(Bench *b, Model *m, int64_t now, int64_t late, int64_t w)
{
    static int32_t id;
    Given g[ROWS];
    m->counts = (StateCounts){0};
    m->out.n = b->got.n = 0;
    b->op->late = late * MICROS_PER_MS;
    b->op->evict = w * MICROS_PER_MS;
    b->op->counts = (StateCounts){0};
    state_epoch_begin(b->state);
    for (int32_t side = 0; side < 2; side++) {
        int32_t n = some_rows(g, now, &id);
        for (int32_t i = 0; i < n; i++) model_row(m, side, g[i], late, w);
        for (int32_t at = 0, some; at < n; at += some) {
            some = 1 + (int32_t)chance(n - at);
            bench_rows(b, side, g + at, some);
        }
    }
    model_evict(m, w);
    CHECK_OK(op_flush(b->op));
    CHECK(same_pairs(b->got.v, b->got.n, m->out.v, m->out.n));
    CHECK_I64(b->op->counts.updated, m->counts.updated);
    CHECK_I64(b->op->counts.removed, m->counts.removed);
    CHECK_I64(b->op->counts.dropped_by_watermark, m->counts.dropped_by_watermark);
    CHECK_I64(state_count(b->state), model_total(m));
}
static void run_query(const Shape *s)
{
    Arena *a = arena_new(NULL);
    Bench b = {.arena = a, .out = {bench_put}};
    Model m = {.shape = *s, .arena = a};
    Str text;
    b.ctx.eval = (EvalCtx){.ansi = true, .zone = zone_utc()};
    bench_spec(&b, s);
    stream_join_state(&b.bag, &text, a, &b.spec);
    b.state = state_new_bags(a, &b.bag, 1);
    bench_op(&b);
    int64_t now = 0, w = 0, late = 0;
    for (int32_t e = 0; e < EPOCHS; e++) {
        run_epoch(&b, &m, now, late, w);
        bench_write(&b);
        if (chance(3) == 0) bench_restart(&b);
        late = w;
        now += chance(250);
        w = MAX(w, now - chance(150));
    }
    arena_free(a);
}
TEST(stream_join_model)
{
    static const JoinKind kind[] = {JOIN_INNER, JOIN_LEFT, JOIN_RIGHT, JOIN_FULL, JOIN_LEFT_SEMI};
    for (seed = 1; seed < 4000000; seed += 20011)
        for (int64_t k = 0; k < COUNT(kind); k++) {
            uint64_t start = seed;
            Shape s = {.kind = kind[k],
                       .residual = chance(2),
                       .filter = chance(3) == 0,
                       .null_safe = chance(3) == 0,
                       .by_key = chance(4) == 0,
                       .near = chance(3) > 0,
                       .before = chance(100),
                       .after = chance(200)};
            run_query(&s);
            seed = start + (uint64_t)k;
        }
}
