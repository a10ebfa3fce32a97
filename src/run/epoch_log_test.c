// epoch_log_test.c -- the log under a simulated disk: whatever instant the power goes, a restart
// finds every epoch that was acknowledged, at most the one after it, and the state as of it.
#include "base/test.h"
#include "os/file.h"
#include "os/sim.h"
#include "run/epoch_log.h"

typedef struct Model { // a state whose deltas are "d<n>;", and whose image is all of them
    int64_t n, pad;    // pad: bytes more in each
    Buf restored;
} Model;
static void put_delta(Buf *to, int64_t n, int64_t pad)
{
    buf_fmt(to, "d%lld", (long long)n);
    buf_fill(to, '.', pad);
    buf_char(to, ';');
}
static void model_delta(void *ctx, StateOut *to)
{
    const Model *m = ctx;
    put_delta(&to->buf, m->n, m->pad);
}
static void model_image(void *ctx, StateOut *to)
{
    const Model *m = ctx;
    for (int64_t i = 0; i <= m->n; i++) {
        put_delta(&to->buf, i, m->pad);
        state_out_spill(to, 150);
    }
}
static Status model_apply(void *ctx, Str bytes)
{
    buf_put(&((Model *)ctx)->restored, bytes);
    return DONE;
}
static const EpochLogLimits tiny = {.inline_bytes = 40, .image_bytes = 100, .records = 5};

static Status append(EpochLog *l, Model *m, int64_t n)
{
    Str receipt = S("receipt");
    Span span = {S("1"), S("2")};
    m->n = n;
    EpochRecord r = {.n = n,
                     .watermark = n * 10,
                     .next = n * 10 + 5,
                     .source = &span,
                     .nsources = 1,
                     .receipt = &receipt,
                     .nreceipts = 1};
    TRY(epoch_log_append(l, &r, &(StateSource){model_delta, model_image, m}));
    TRY(epoch_log_mark(l, n));
    return epoch_log_collect(l);
}
static Status open_log(EpochLog **l, Arena *a)
{
    QueryHead head = {.policy = S("min"), .shards = 16};
    return epoch_log_open(l, a, S("/q"), &head, &tiny);
}
// Opens the log after a crash and checks that it holds epochs [0, acked) or one more, with their
// state; gives the next epoch.
static int64_t check_recovered(Arena *a, EpochLog **l, Model *m, int64_t acked)
{
    Model got = {.restored = buf_new(a)}, want = *m;
    *l = NULL;
    CHECK_OK(open_log(l, a));
    if (!*l) return -1;
    const EpochRecord *r = epoch_log_last(*l);
    int64_t n = r ? r->n + 1 : 0;
    CHECK(n == acked || n == acked + 1);
    CHECK_OK(epoch_log_restore(*l, model_apply, &got));
    Buf all = buf_new(a);
    want.n = n - 1;
    StateOut out = {.buf = all};
    model_image(&want, &out);
    all = out.buf;
    CHECK_STR(buf_str(&got.restored), buf_str(&all));
    if (r) CHECK_I64(r->next, r->n * 10 + 5);
    return n;
}
TEST(epoch_log_survives_a_crash_anywhere)
{
    SimFaults torn = {.torn_write = 500};
    for (int64_t crash = 1; crash < 160; crash++) {
        Arena *own = arena_new(a);
        Sim *sim = sim_new(own, (uint64_t)crash, &torn);
        Model m = {.pad = crash % 3 * 20};
        sim_enter(sim);
        torn.crash_at = crash;
        sim_faults(sim, &torn);
        torn.crash_at = 0;
        EpochLog *l = NULL;
        int64_t acked = 0;
        Status s = open_log(&l, own);
        while (!s.code && acked < 12) {
            s = append(l, &m, acked);
            if (!s.code) acked++;
        }
        sim_crash(sim);
        sim_faults(sim, &torn);
        int64_t next = check_recovered(own, &l, &m, acked);
        for (int64_t n = next; l && n < next + 8; n++) CHECK_OK(append(l, &m, n));
        sim_crash(sim);
        if (l) CHECK_I64(check_recovered(own, &l, &m, next + 8), next + 8);
        sim_leave();
        arena_free(own);
    }
}
TEST(epoch_log_survives_a_failure_of_each_operation)
{
    for (int64_t at = 1; at < 120; at++) {
        Arena *own = arena_new(a);
        Sim *sim = sim_new(own, (uint64_t)at, &(SimFaults){.fail_at = at});
        Model m = {.pad = 30};
        sim_enter(sim);
        EpochLog *l = NULL;
        int64_t acked = 0;
        Status s = open_log(&l, own);
        while (!s.code && acked < 12) {
            s = append(l, &m, acked);
            if (!s.code) acked++;
        }
        sim_crash(sim); // the query ends with its failure; the machine, say, with it
        check_recovered(own, &l, &m, acked);
        sim_leave();
        arena_free(own);
    }
}
TEST(epoch_log_tells_a_torn_tail_from_rot)
{
    Sim *sim = sim_new(a, 1, &(SimFaults){0});
    sim_enter(sim);
    EpochLog *l = NULL;
    Model m = {0};
    QueryHead head = {.policy = S("max")};
    CHECK_OK(epoch_log_open(&l, a, S("/q"), &head, NULL));
    for (int64_t n = 0; n < 4; n++) CHECK_OK(append(l, &m, n));
    Str id = head.query_id;
    Arena *own = arena_new(a);
    Entry e;
    Str file = S("/q/epochs-0000000000000000000.log");
    sim_crash(sim); // all was synced; it also lets go of the lock
    CHECK_OK(path_stat(&e, file));
    sim_corrupt(sim, file, e.bytes - 5, 1); // in the last record, which was committed
    CHECK_FAILS(epoch_log_open(&l, own, S("/q"), &head, NULL), ERR_CORRUPT);
    CHECK(str_find(str_z(fail_text()), S("epoch 3 was committed")) >= 0);
    sim_crash(sim);
    sim_corrupt(sim, file, e.bytes - 5, 1);
    sim_corrupt(sim, file, e.bytes / 2, 1); // in the middle
    CHECK_FAILS(epoch_log_open(&l, own, S("/q"), &head, NULL), ERR_CORRUPT);
    CHECK(str_find(str_z(fail_text()), S("rotted")) >= 0);
    sim_crash(sim);
    sim_corrupt(sim, file, e.bytes / 2, 1);
    QueryHead again = {.policy = S("max")};
    CHECK_OK(epoch_log_open(&l, own, S("/q"), &again, NULL));
    CHECK_STR(again.query_id, id);
    CHECK_STR(again.incarnation, head.incarnation);
    CHECK_STR(epoch_log_head(l)->policy, S("max"));
    CHECK(epoch_log_committed(l));
    EpochLog *second = NULL;
    CHECK_FAILS(epoch_log_open(&second, own, S("/q"), &again, NULL), ERR_CONFLICT);
    sim_leave();
}
