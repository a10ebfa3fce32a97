// agg_slide_test.c -- op_agg_slide beside op_agg_final over the same panes: the same rows and
// counts in every epoch, whatever the mode, the widths, the late rows and the restarts.
#include "base/test.h"
#include "op/aggregate.h"
#include "op/rig_in.h"
#include <stdlib.h>

typedef struct Side { // one of the two second halves, with its first
    Rig *rig;
    AggSpec spec;
    Op *lane, *final[STATE_SHARDS];
    State *state;
    TableSpec table;
} Side;
typedef struct Shape {
    Mode mode;
    int32_t panes;
    Micros slide, start; // of the windows; start: where they begin
    bool timed;
} Shape;

static void side_open(Side *d) // anew, with the state as it is
{
    d->lane = rig_op(d->rig, &op_agg_partial, &d->spec);
    for (int32_t i = 0; i < STATE_SHARDS; i++) {
        d->final[i] = rig_op(d->rig, d->spec.chunk ? &op_agg_slide : &op_agg_final, &d->spec);
        d->final[i]->state = d->state;
        d->final[i]->shard = i;
    }
}
static void side_new(Side *d, Arena *a, const Schema *s, const Shape *shape, bool chunks)
{
    d->rig = rig_new(a);
    d->rig->ctx.mode = shape->mode;
    Expr **key = NEW(a, Expr *, 2), **aggs = NEW(a, Expr *, 2);
    for (int32_t i = 0; i < 2; i++) key[i] = rig_column(a, s, i);
    aggs[0] = rig_call(a, S("count"), rig_column(a, s, 2), NULL);
    aggs[1] = rig_call(a, S("max"), rig_column(a, s, 2), NULL);
    d->spec = (AggSpec){.key = key,
                        .nkeys = 2,
                        .agg = aggs,
                        .naggs = 2,
                        .time_key = shape->timed ? 0 : -1,
                        .panes = shape->panes,
                        .slide = shape->slide,
                        .slice = shape->timed ? shape->slide : 0,
                        .shards = STATE_SHARDS};
    if (chunks) {
        CHECK_OK(agg_chunk(&d->spec, a, &d->rig->ctx.eval));
        CHECK(d->spec.chunk > 0);
    }
    Str schema;
    CHECK_OK(agg_state(&d->table, &schema, a, &d->spec, &d->rig->ctx.eval));
    d->state = state_new(a, &d->table, STATE_SHARDS);
    side_open(d);
}
static void side_rows(Side *d, const Schema *s, Str rows)
{
    if (rows.n) rig_put(d->lane, 0, s, rows);
    CHECK_OK(op_round(d->lane));
    for (int32_t i = 0; i < STATE_SHARDS; i++) CHECK_OK(op_merge(d->final[i], 0, d->lane, i));
}
static StateCounts side_flush(Side *d)
{
    StateCounts sum = {.total = 0};
    for (int32_t i = 0; i < STATE_SHARDS; i++) {
        Op *op = d->final[i];
        CHECK_OK(op_flush(op));
        sum.updated += op->counts.updated;
        sum.removed += op->counts.removed;
        sum.dropped_by_watermark += op->counts.dropped_by_watermark;
        op->counts = (StateCounts){0};
        if (op->kind->total) sum.total += op->kind->total(op);
    }
    if (!d->final[0]->kind->total) sum.total = state_count(d->state);
    return sum;
}
static void side_late(Side *d, Micros late, Micros evict)
{
    for (int32_t i = 0; i < STATE_SHARDS; i++) {
        d->final[i]->late = late;
        d->final[i]->evict = evict;
    }
}
static void side_restart(Side *d, Buf *image) // from what was written so far
{
    Buf delta = buf_new(d->rig->arena);
    state_delta(d->state, &delta);
    d->state = state_new(d->rig->arena, &d->table, STATE_SHARDS);
    if (image->n) CHECK_OK(state_apply(d->state, buf_str(image)));
    if (delta.n) CHECK_OK(state_apply(d->state, buf_str(&delta)));
    buf_clear(image);
    state_image(d->state, image);
    side_open(d);
}
static int str_order(const void *x, const void *y)
{
    return str_cmp(*(const Str *)x, *(const Str *)y);
}
static Str sorted(Arena *a, Str rows)
{
    VEC(Str) v = {0};
    Buf b = buf_new(a);
    for (Cut c = {.tail = rows, .ok = rows.n > 0}; c.ok;) {
        c = str_cut(c.tail, '|');
        vec_push(a, &v, c.head);
    }
    if (v.n) qsort(v.v, (size_t)v.n, sizeof *v.v, str_order);
    for (int64_t i = 0; i < v.n; i++) {
        buf_put(&b, v.v[i]);
        buf_char(&b, '\n');
    }
    return buf_str(&b);
}
static uint32_t roll(uint64_t *seed, uint32_t n)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33) % n;
}
// Rows of the panes about `now`: the first window's end, a key, a value.
static Str some_rows(Arena *a, const Shape *s, uint64_t *seed, int64_t now)
{
    Buf b = buf_new(a);
    for (uint32_t i = 0, n = roll(seed, 30); i < n; i++) {
        long long time = (now - roll(seed, 3 * (uint32_t)s->panes) + 4) * s->slide + s->start;
        if (b.n) buf_char(&b, '|');
        buf_fmt(&b, "%lld,%c,%d", time, 'a' + roll(seed, 5), (int)roll(seed, 1000));
    }
    return buf_str(&b);
}
static void same_answers(Arena *a, const Shape *shape, uint64_t seed)
{
    const Schema *s = rig_schema(a, S("e TIMESTAMP, k STRING, v INT"));
    Side plain = {0}, chunks = {0};
    Buf written = buf_new(a);
    side_new(&plain, a, s, shape, false);
    side_new(&chunks, a, s, shape, true);
    int64_t now = -20;
    Micros late = 0, evict = 0;
    bool any = false;
    for (int32_t epoch = 0; epoch < 40; epoch++) {
        side_late(&plain, late, evict);
        side_late(&chunks, late, evict);
        for (uint32_t round = roll(&seed, 3); round > 0; round--) {
            Str rows = some_rows(a, shape, &seed, now);
            side_rows(&plain, s, rows);
            side_rows(&chunks, s, rows);
        }
        StateCounts x = side_flush(&plain), y = side_flush(&chunks);
        Str want = sorted(a, rig_take(plain.rig)), got = sorted(a, rig_take(chunks.rig));
        any |= want.n > 0;
        CHECK_STR(got, want);
        CHECK_I64(y.total, x.total);
        CHECK_I64(y.updated, x.updated);
        CHECK_I64(y.removed, x.removed);
        CHECK_I64(y.dropped_by_watermark, x.dropped_by_watermark);
        side_restart(&chunks, &written);
        state_epoch_begin(plain.state);
        state_epoch_begin(chunks.state);
        now += roll(&seed, 4);
        late = evict;
        Micros reached = (now - roll(&seed, 9)) * shape->slide - 1 + roll(&seed, 3);
        if (shape->timed) evict = MAX(evict, reached);
    }
    CHECK(any);
}
TEST(agg_slide_answers_as_a_row_a_window_does)
{
    static const Shape shape[] = {
        {MODE_APPEND, 10, 60000000, 0, true}, {MODE_APPEND, 3, 7, 2, true},
        {MODE_UPDATE, 10, 1000, 999, true},   {MODE_COMPLETE, 5, 1000, 0, true},
        {MODE_UPDATE, 12, 1000, 0, false},    {MODE_APPEND, 100, 1000000, 1, true},
        {MODE_APPEND, 64, 1, 0, true},        {MODE_COMPLETE, 70, 5, 0, false}};
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++)
        for (uint64_t seed = 1; seed <= 4; seed++) {
            Arena *one = arena_new(a);
            same_answers(one, &shape[i], seed * 7 + i);
            arena_free(one);
        }
}
TEST(agg_slide_is_not_for_blobs)
{
    const Schema *s = rig_schema(a, S("e TIMESTAMP, k STRING, v INT"));
    Rig *rig = rig_new(a);
    Expr *agg[] = {rig_call(a, S("max"), rig_column(a, s, 1), NULL)};
    AggSpec spec = {.agg = agg, .naggs = 1, .panes = 10, .slide = 1000};
    CHECK_OK(agg_chunk(&spec, a, &rig->ctx.eval));
    CHECK_I64(spec.chunk, 0);
    agg[0] = rig_call(a, S("max"), rig_column(a, s, 2), NULL);
    CHECK_OK(agg_chunk(&spec, a, &rig->ctx.eval));
    CHECK_I64(spec.chunk, 16);
    spec.panes = 0;
    CHECK_OK(agg_chunk(&spec, a, &rig->ctx.eval));
    CHECK_I64(spec.chunk, 0);
}
