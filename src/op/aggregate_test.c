// aggregate_test.c -- both halves together, epoch by epoch: what each mode emits, what is late,
// what stays in state (semantics S5-S8, M19-M22, traces W20 and W22).
#include "base/test.h"
#include "op/agg_in.h"
#include "op/rig_in.h"

typedef struct Halves { // two lanes and one shard of each state
    Rig *rig;
    AggSpec spec;
    Op *lane[2], *final[STATE_SHARDS];
    State *state;
} Halves;

static Expr *agg(Arena *a, Str name, Expr *x)
{
    Expr *e = rig_call(a, name, x, NULL);
    must(e->kind == E_AGG);
    return e;
}
static void halves_open(Halves *h)
{
    for (int32_t i = 0; i < 2; i++) h->lane[i] = rig_op(h->rig, &op_agg_partial, &h->spec);
    for (int32_t i = 0; i < h->spec.shards; i++) {
        h->final[i] = rig_op(h->rig, &op_agg_final, &h->spec);
        h->final[i]->state = h->state;
        h->final[i]->shard = i;
    }
}
static Halves *halves_new(Arena *a, const Schema *s, Mode mode, bool keys, bool time)
{
    Halves *h = NEW(a, Halves, 1);
    h->rig = rig_new(a);
    h->rig->ctx.mode = mode;
    Expr **key = NEW(a, Expr *, 2), **aggs = NEW(a, Expr *, 2);
    key[0] = rig_column(a, s, 0);
    key[1] = rig_column(a, s, 1);
    aggs[0] = agg(a, S("count"), rig_int(a, 1));
    aggs[1] = agg(a, S("sum"), rig_column(a, s, 2));
    h->spec = (AggSpec){.key = key,
                        .nkeys = keys ? 2 : 0,
                        .agg = aggs,
                        .naggs = 2,
                        .time_key = time ? 0 : -1,
                        .shards = keys ? STATE_SHARDS : 1};
    TableSpec *table = NEW(a, TableSpec, 1);
    Str schema;
    CHECK_OK(agg_state(table, &schema, a, &h->spec, &h->rig->ctx.eval));
    h->state = state_new(a, table, h->spec.shards);
    halves_open(h);
    return h;
}
static void hand_over(Halves *h)
{
    for (int32_t i = 0; i < 2; i++) CHECK_OK(op_round(h->lane[i]));
    for (int32_t s = 0; s < h->spec.shards; s++)
        for (int32_t i = 0; i < 2; i++) CHECK_OK(op_merge(h->final[s], 0, h->lane[i], s));
}
static StateCounts flush(Halves *h)
{
    StateCounts sum = {.total = 0};
    for (int32_t s = 0; s < h->spec.shards; s++) {
        CHECK_OK(op_flush(h->final[s]));
        StateCounts *c = &h->final[s]->counts;
        sum.updated += c->updated;
        sum.removed += c->removed;
        sum.dropped_by_watermark += c->dropped_by_watermark;
        *c = (StateCounts){0};
    }
    sum.total = state_count(h->state);
    state_epoch_begin(h->state);
    return sum;
}
static void set_watermarks(Halves *h, Micros late, Micros evict)
{
    for (int32_t s = 0; s < h->spec.shards; s++) {
        h->final[s]->late = late;
        h->final[s]->evict = evict;
    }
}
static void check_counts(const StateCounts *c, int64_t total, int64_t updated, int64_t removed,
                         int64_t late)
{
    CHECK_I64(c->total, total);
    CHECK_I64(c->updated, updated);
    CHECK_I64(c->removed, removed);
    CHECK_I64(c->dropped_by_watermark, late);
}
static bool same_rows(Arena *a, Str got, Str want); // as sets

static bool holds(Str rows, Str row);
TEST(aggregate_append_emits_what_is_closed)
{
    const Schema *s = rig_schema(a, S("e TIMESTAMP, k STRING, v INT"));
    Halves *h = halves_new(a, s, MODE_APPEND, true, true);
    set_watermarks(h, 0, 0);
    rig_put(h->lane[0], 0, s, S("15000000,a,1|15000000,a,2|20000000,b,5"));
    rig_put(h->lane[1], 0, s, S("15000000,a,4|15000000,NULL,7"));
    hand_over(h);
    StateCounts c = flush(h);
    check_counts(&c, 3, 3, 0, 0);
    CHECK_STR(rig_take(h->rig), S(""));
    set_watermarks(h, 0, 15000000); // the end is inclusive
    c = flush(h);
    check_counts(&c, 1, 0, 2, 0);
    CHECK(same_rows(a, rig_take(h->rig),
                    S("1970-01-01 00:00:15,a,3,7|1970-01-01 00:00:15,NULL,1,7")));
    // late: three rows of two groups; and one that is not, and closes in the same epoch
    set_watermarks(h, 15000000, 20000000);
    rig_put(h->lane[0], 0, s, S("15000000,a,1|15000000,a,1|10000000,a,1|20000000,a,9"));
    rig_put(h->lane[1], 0, s, S("15000000,a,1"));
    hand_over(h);
    c = flush(h);
    check_counts(&c, 0, 1, 2, 2);
    CHECK(same_rows(a, rig_take(h->rig), S("1970-01-01 00:00:20,b,1,5|1970-01-01 00:00:20,a,1,9")));
}
TEST(aggregate_update_emits_what_was_touched)
{
    const Schema *s = rig_schema(a, S("e TIMESTAMP, k STRING, v INT"));
    Halves *h = halves_new(a, s, MODE_UPDATE, true, true);
    set_watermarks(h, 0, 0);
    rig_put(h->lane[0], 0, s, S("5000000,a,1|9000000,b,0"));
    hand_over(h);
    rig_put(h->lane[0], 0, s, S("5000000,a,1")); // a second round of the same epoch
    hand_over(h);
    StateCounts c = flush(h);
    check_counts(&c, 2, 2, 0, 0);
    CHECK(same_rows(a, rig_take(h->rig), S("1970-01-01 00:00:05,a,2,2|1970-01-01 00:00:09,b,1,0")));
    set_watermarks(h, 0, 5000000);
    rig_put(h->lane[0], 0, s, S("9000000,b,0"));
    hand_over(h);
    c = flush(h);
    check_counts(&c, 1, 1, 1, 0);
    CHECK_STR(rig_take(h->rig), S("1970-01-01 00:00:09,b,2,0"));
}
TEST(aggregate_complete_keeps_all)
{
    const Schema *s = rig_schema(a, S("e TIMESTAMP, k STRING, v INT"));
    Halves *h = halves_new(a, s, MODE_COMPLETE, true, true);
    set_watermarks(h, 90000000, 90000000);
    rig_put(h->lane[0], 0, s, S("5000000,a,1"));
    hand_over(h);
    StateCounts c = flush(h);
    check_counts(&c, 1, 1, 0, 0);
    rig_take(h->rig);
    rig_put(h->lane[1], 0, s, S("6000000,a,1"));
    hand_over(h);
    c = flush(h);
    check_counts(&c, 2, 1, 0, 0);
    CHECK(same_rows(a, rig_take(h->rig), S("1970-01-01 00:00:05,a,1,1|1970-01-01 00:00:06,a,1,1")));
}
TEST(aggregate_without_keys_has_a_row_always)
{
    const Schema *s = rig_schema(a, S("e TIMESTAMP, k STRING, v INT"));
    Halves *h = halves_new(a, s, MODE_UPDATE, false, false);
    StateCounts c = flush(h);
    check_counts(&c, 1, 1, 0, 0);
    CHECK_STR(rig_take(h->rig), S("0,NULL"));
    rig_put(h->lane[0], 0, s, S("1,a,5|2,b,NULL"));
    rig_put(h->lane[1], 0, s, S("1,a,2"));
    hand_over(h);
    c = flush(h);
    check_counts(&c, 1, 1, 0, 0);
    CHECK_STR(rig_take(h->rig), S("3,7"));
}
TEST(aggregate_last_epoch_gives_everything)
{
    const Schema *s = rig_schema(a, S("e TIMESTAMP, k STRING, v INT"));
    Halves *h = halves_new(a, s, MODE_APPEND, true, false);
    h->rig->ctx.last = true;
    rig_put(h->lane[0], 0, s, S("1,NULL,5|1,NULL,6|NULL,x,NULL"));
    hand_over(h);
    flush(h);
    CHECK(same_rows(a, rig_take(h->rig), S("1970-01-01 00:00:00.000001,NULL,2,11|NULL,x,1,NULL")));
}
// Keys that hardly repeat: after the first rows of a round they come to the shards ungrouped.
TEST(aggregate_hands_rows_on_where_keys_do_not_repeat)
{
    enum { BATCHES = 24, KEYS = 20000 };
    const Schema *s = rig_schema(a, S("e TIMESTAMP, k STRING, v INT"));
    Halves *h = halves_new(a, s, MODE_UPDATE, true, false);
    Batch b = batch_new(a, s, BATCH_ROWS);
    h->spec.agg[1]->filter = rig_call(a, S(">"), rig_column(a, s, 2), rig_int(a, 0));
    halves_open(h);
    for (int32_t round = 0; round < 2; round++) {
        for (int32_t at = 0; at < BATCHES * BATCH_ROWS; at++) {
            int32_t i = at % BATCH_ROWS, id = at % KEYS;
            COLUMN_DATA(&b.col[0], Micros)[i] = id;
            COLUMN_DATA(&b.col[1], Str)[i] = str_fmt(a, "%d", id);
            COLUMN_DATA(&b.col[2], int32_t)[i] = at < KEYS ? 1 : -1;
            if (i == BATCH_ROWS - 1) CHECK_OK(op_rows(h->lane[at / BATCH_ROWS % 2], 0, &b));
        }
        hand_over(h);
        const Batch *ungrouped = NULL;
        for (int32_t i = 0; i < 2; i++) CHECK(agg_partial_batches(h->lane[i], 3, &ungrouped) > 0);
        StateCounts c = flush(h);
        check_counts(&c, KEYS, KEYS, 0, 0);
    }
    Str rows = rig_take(h->rig);
    CHECK(holds(rows, S("1970-01-01 00:00:00.000007,7,4,2")));
    CHECK(holds(rows, S("1970-01-01 00:00:00.019999,19999,2,2")));
}
TEST(aggregate_state_schema)
{
    const Schema *s = rig_schema(a, S("e TIMESTAMP NOT NULL, k STRING, v INT"));
    Halves *h = halves_new(a, s, MODE_APPEND, true, true);
    TableSpec table;
    Str text;
    CHECK_OK(agg_state(&table, &text, a, &h->spec, &h->rig->ctx.eval));
    CHECK(str_starts(text, S("timestamp not null, string;count(")));
    CHECK_I64(table.nkeys, 2);
    CHECK(table.track);
}
static bool holds(Str rows, Str row)
{
    for (Cut c = {.tail = rows, .ok = true}; c.ok;) {
        c = str_cut(c.tail, '|');
        if (str_eq(c.head, row)) return true;
    }
    return false;
}
static bool same_rows(Arena *a, Str got, Str want)
{
    (void)a;
    bool same = got.n == want.n;
    for (Cut c = {.tail = want, .ok = true}; c.ok;) {
        c = str_cut(c.tail, '|');
        same &= holds(got, c.head);
    }
    if (!same) CHECK_STR(got, want);
    return same;
}
