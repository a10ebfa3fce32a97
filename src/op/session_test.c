#include "base/num.h"
#include "base/test.h"
#include "expr/fn.h"
#include "op/rig_in.h"
#include "op/session_in.h"

TEST(session_order_by_time_is_stable)
{
    Micros time[1000];
    int32_t row[1000];
    uint32_t x = 1;
    for (int32_t i = 0; i < 1000; i++) {
        x = x * 1664525 + 1013904223;
        time[i] = x >> 24;
    }
    CHECK(!order_by_time(a, time, 1000, row));
    for (int32_t i = 1; i < 1000; i++) {
        CHECK(time[row[i - 1]] <= time[row[i]]);
        CHECK(time[row[i - 1]] < time[row[i]] || row[i - 1] < row[i]);
    }
    for (int32_t i = 0; i < 1000; i++) time[i] = i / 3;
    CHECK(order_by_time(a, time, 1000, row));
    CHECK_I64(row[999], 999);
}

typedef struct SessionRig {
    Rig *rig;
    SessionSpec spec;
    TableSpec *table;
    State *state;
    Op *op;
    const Schema *schema;
} SessionRig;

static void rig_open(SessionRig *r)
{
    r->state = state_new(r->rig->arena, r->table, 1);
    r->op = rig_op(r->rig, &op_session, &r->spec);
    r->op->state = r->state;
}
static SessionRig *session_rig(Arena *a, Mode mode, bool in_order)
{
    SessionRig *r = NEW(a, SessionRig, 1);
    r->rig = rig_new(a);
    r->rig->ctx.mode = mode;
    r->schema = rig_schema(a, S("k STRING, s TIMESTAMP, e TIMESTAMP, v STRING"));
    const Schema *session = rig_schema(a, S("start TIMESTAMP, end TIMESTAMP"));
    const Type **key = NEW(a, const Type *, 1);
    Expr **agg = NEW(a, Expr *, 1);
    key[0] = &type_string;
    agg[0] = rig_call(a, S("collect_list"), rig_column(a, r->schema, 3), NULL);
    r->spec = (SessionSpec){.key = key,
                            .nkeys = 1,
                            .agg = agg,
                            .naggs = 1,
                            .session = session,
                            .session_at = 1,
                            .timed = true,
                            .in_order = in_order};
    r->table = NEW(a, TableSpec, 1);
    Str text;
    CHECK_OK(session_state(r->table, &text, a, &r->spec, &r->rig->ctx.eval));
    CHECK(str_starts(text, S("string, session;collect_list(string")));
    rig_open(r);
    return r;
}
// A row a letter at a time with a gap of 10: "a5" is key a, time 5.
static Str epoch(SessionRig *r, Arena *a, Micros late, Micros evict, Str rows)
{
    Buf b = buf_new(a);
    for (Cut c = {.tail = rows, .ok = rows.n > 0}; c.ok;) {
        c = str_cut(c.tail, ' ');
        int64_t t = 0;
        must(num_parse_i64(str_from(c.head, 1), &t));
        buf_fmt(&b, "%s%c,%lld,%lld,%lld", b.n ? "|" : "", c.head.p[0], (long long)t,
                (long long)t + 10, (long long)t);
    }
    state_epoch_begin(r->state);
    r->rig->ctx.epoch++;
    r->op->counts = (StateCounts){0};
    r->op->late = late;
    r->op->evict = evict;
    if (b.n) rig_put(r->op, 0, r->schema, buf_str(&b));
    CHECK_OK(op_flush(r->op));
    return rig_take(r->rig);
}
static void counts(const SessionRig *r, int64_t total, int64_t updated, int64_t removed)
{
    CHECK_I64(r->op->kind->total(r->op), total);
    CHECK_I64(r->op->counts.updated, updated);
    CHECK_I64(r->op->counts.removed, removed);
}
static Str lists(Arena *a, Str out) // only key and list of each row
{
    Buf b = buf_new(a);
    for (Cut c = {.tail = out, .ok = out.n > 0}; c.ok;) {
        c = str_cut(c.tail, '|');
        int64_t at = str_find_char(c.head, '[');
        buf_fmt(&b, "%s%c" STR_FMT, b.n ? " " : "", c.head.p[0],
                STR_ARG(str_sub(c.head, at, c.head.n - at)));
    }
    return buf_str(&b);
}
TEST(session_merges_in_order_of_time)
{
    SessionRig *r = session_rig(a, MODE_APPEND, true);
    CHECK_STR(epoch(r, a, 0, 0, S("a40 a5 a2 b7 a70")), S(""));
    counts(r, 4, 4, 0);
    epoch(r, a, 0, 0, S("a15 a30 a25 a80")); // a: one from 2 to 50; 70 touches 80
    counts(r, 3, 2, 1);
    epoch(r, a, 0, 0, S("a60 a55 a50"));
    counts(r, 2, 1, 1);
    CHECK_STR(lists(a, epoch(r, a, 0, 90, S(""))),
              S("b[7] a[2, 5, 15, 25, 30, 40, 50, 55, 60, 70, 80]"));
    counts(r, 0, 0, 2);
}
TEST(session_of_many_open_at_once)
{
    SessionRig *r = session_rig(a, MODE_APPEND, false);
    CHECK_STR(epoch(r, a, 0, 0, S("a0 a100 a200 a300 a400 b100")), S(""));
    counts(r, 6, 6, 0);
    CHECK_STR(lists(a, epoch(r, a, 0, 210, S(""))), S("a[0] b[100] a[100] a[200]"));
    counts(r, 2, 0, 4);
    // as after a restart
    Buf image = buf_new(a);
    state_image(r->state, &image);
    rig_open(r);
    CHECK_OK(state_apply(r->state, buf_str(&image)));
    CHECK_STR(epoch(r, a, 210, 210, S("a405 a220 a200 b300")), S(""));
    CHECK_I64(r->op->counts.dropped_by_watermark, 1);
    counts(r, 4, 4, 0);
    CHECK_STR(lists(a, epoch(r, a, 210, 410, S("a310"))), S("a[220] b[300] a[300, 310]"));
    counts(r, 1, 3, 3);
    CHECK_STR(lists(a, epoch(r, a, 410, 415, S(""))), S("a[400, 405]"));
    counts(r, 0, 0, 1);
}
// Rows one at a time, in other batches, and with crashes between give what a simple merge gives.
TEST(session_agrees_with_sorting)
{
    uint32_t x = 7;
    for (int32_t round = 0; round < 40; round++) {
        SessionRig *r = session_rig(a, MODE_COMPLETE, true);
        bool at[400] = {0};
        for (int32_t e = 0; e < 5; e++) {
            Buf rows = buf_new(a);
            for (int32_t i = 0; i < 8; i++) {
                x = x * 1664525 + 1013904223;
                int32_t t = (int32_t)(x >> 16) % 400;
                if (at[t]) continue;
                at[t] = true;
                buf_fmt(&rows, rows.n ? " a%d" : "a%d", t);
            }
            Str got = epoch(r, a, INT64_MIN, 0, buf_str(&rows));
            int32_t sessions = 0, last = -100;
            for (int32_t t = 0; t < 400; t++) {
                if (!at[t]) continue;
                sessions += t > last + 10;
                last = t;
            }
            CHECK_I64(r->op->kind->total(r->op), sessions);
            int32_t values = 0;
            for (int64_t i = 0; i < got.n; i++) values += got.p[i] == '[';
            CHECK_I64(values, sessions);
            Buf image = buf_new(a);
            state_image(r->state, &image);
            if (e % 2) continue;
            rig_open(r);
            CHECK_OK(state_apply(r->state, buf_str(&image)));
        }
    }
}
TEST(session_list_that_does_not_parse)
{
    SessionRig *r = session_rig(a, MODE_APPEND, true);
    epoch(r, a, 0, 0, S("a0 a100 b5"));
    TableRows all;
    static const struct {
        int32_t n, bytes;
    } wrong[] = {{3, 0}, {1, 0}, {2, -8}, {0, 0}, {-1, 0}};
    for (int64_t i = 0; i < COUNT(wrong); i++) {
        Buf image = buf_new(a);
        state_image(r->state, &image);
        rig_open(r);
        CHECK_OK(state_apply(r->state, buf_str(&image)));
        all = table_all(state_shard(r->state, 0), a);
        SessionRow *row = session_row(all.payload[0]);
        SessionRow was = *row;
        row->n = wrong[i].n;
        row->list.n = (uint32_t)((int32_t)row->list.n + wrong[i].bytes);
        Status s = op_flush(r->op);
        CHECK(s.code == ERR_CORRUPT);
        *row = was;
    }
}
// Keys that come and go, and one that never rests: what is closed leaves nothing behind.
TEST(session_memory_is_bounded)
{
    SessionRig *r = session_rig(a, MODE_APPEND, false);
    Table *t = state_shard(r->state, 0);
    int64_t early = 0;
    for (int64_t e = 0; e < 400; e++) {
        Arena *own = arena_new(NULL);
        Buf rows = buf_new(own);
        for (int32_t i = 0; i < 200; i++) {
            int64_t at = e * 100 + i / 2;
            buf_fmt(&rows, "%skey %lld,%lld,%lld,v", i ? "|" : "", (long long)(e * 7 + i) % 1000,
                    (long long)at, (long long)at + 10);
        }
        buf_fmt(&rows, "|always,%lld,%lld,v", (long long)e * 100, (long long)e * 100 + 150);
        state_epoch_begin(r->state);
        r->op->late = (e - 2) * 100;
        r->op->evict = (e - 1) * 100;
        rig_put(r->op, 0, r->schema, buf_str(&rows));
        CHECK_OK(op_flush(r->op));
        (void)rig_take(r->rig);
        arena_free(own);
        if (e == 50) early = table_bytes(t);
    }
    CHECK(table_bytes(t) <= early * 3 / 2);
    CHECK(r->op->kind->total(r->op) < 700);
}
TEST(session_come_out_by_their_ends)
{
    SessionRig *r = session_rig(a, MODE_APPEND, false);
    Buf rows = buf_new(a);
    state_epoch_begin(r->state);
    for (int32_t i = 0; i < 900; i++) {
        int64_t at = i % 3 ? (int64_t)i * 48271 % 4000037 : 7; // a third ends together
        buf_fmt(&rows, "%skey %d,%lld,%lld,%lld", i ? "|" : "", i, (long long)at,
                (long long)at + 10, (long long)at);
    }
    r->op->late = 0;
    r->op->evict = 5000000;
    rig_put(r->op, 0, r->schema, buf_str(&rows));
    CHECK_OK(op_flush(r->op));
    int64_t last = 0, n = 0;
    for (Cut c = {.tail = rig_take(r->rig), .ok = true}; c.ok; n++) {
        c = str_cut(c.tail, '|');
        int64_t open = str_find_char(c.head, '['), close = str_find_char(c.head, ']'), at = -1;
        CHECK(num_parse_i64(str_sub(c.head, open + 1, close - open - 1), &at));
        CHECK(at >= last);
        last = at;
    }
    CHECK_I64(n, 900);
}
