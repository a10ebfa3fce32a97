#include "base/test.h"
#include "op/dedup.h"
#include "op/rig_in.h"

typedef struct DedupRig {
    Rig *rig;
    DedupSpec spec;
    State *state;
    Op *op;
    const Schema *schema;
} DedupRig;

static DedupRig *dedup_rig(Arena *a, bool within, bool timed)
{
    DedupRig *d = NEW(a, DedupRig, 1);
    d->rig = rig_new(a);
    d->schema = rig_schema(a, S("t TIMESTAMP, k STRING, v INT"));
    Expr **key = NEW(a, Expr *, 2);
    key[0] = rig_column(a, d->schema, 1);
    key[1] = rig_column(a, d->schema, 0);
    d->spec = (DedupSpec){.key = key,
                          .nkeys = timed ? 2 : 1,
                          .time_key = timed ? 1 : -1,
                          .time = key[1],
                          .delay = 10};
    TableSpec *table = NEW(a, TableSpec, 1);
    Str schema;
    dedup_state(table, &schema, a, &d->spec, within);
    CHECK_STR(schema, within ? S("string;expiresAtMicros bigint") : S("string, timestamp;"));
    d->state = state_new(a, table, 1);
    d->op = rig_op(d->rig, within ? &op_dedup_within : &op_dedup, &d->spec);
    d->op->state = d->state;
    return d;
}
static void epoch(DedupRig *d, Micros late, Micros evict, Str rows, Str want)
{
    state_epoch_begin(d->state);
    d->op->counts = (StateCounts){0};
    d->op->late = late;
    d->op->evict = evict;
    if (rows.n) rig_put(d->op, 0, d->schema, rows);
    CHECK_OK(op_flush(d->op));
    CHECK_STR(rig_take(d->rig), want);
}
static void counts(const DedupRig *d, int64_t total, int64_t removed, int64_t late, int64_t same)
{
    CHECK_I64(state_count(d->state), total);
    CHECK_I64(d->op->counts.removed, removed);
    CHECK_I64(d->op->counts.dropped_by_watermark, late);
    CHECK_I64(d->op->counts.dropped_duplicates, same);
}
TEST(dedup_by_event_time)
{
    DedupRig *d = dedup_rig(a, false, true);
    epoch(d, 0, 0, S("5,a,1|5,a,2|6,a,3|NULL,a,4|NULL,a,5"),
          S("1970-01-01 00:00:00.000005,a,1|1970-01-01 00:00:00.000006,a,3|NULL,a,4"));
    counts(d, 3, 0, 0, 2);
    epoch(d, 5, 6, S("5,a,9|6,a,9|7,a,9"), S("1970-01-01 00:00:00.000007,a,9"));
    counts(d, 2, 2, 1, 1); // a NULL time is never closed
}
TEST(dedup_within_remembers_for_a_while)
{
    DedupRig *d = dedup_rig(a, true, false);
    epoch(d, 0, 0, S("5,a,1|6,a,2|7,b,3"),
          S("1970-01-01 00:00:00.000005,a,1|1970-01-01 00:00:00.000007,b,3"));
    counts(d, 2, 0, 0, 1);
    // as after a restart
    Buf image = buf_new(a);
    state_image(d->state, &image);
    DedupRig *e = dedup_rig(a, true, false);
    CHECK_OK(state_apply(e->state, buf_str(&image)));
    epoch(e, 0, 14, S(""), S(""));
    counts(e, 2, 0, 0, 0);
    epoch(e, 14, 15, S("14,c,1|15,a,1|16,d,1"), S("1970-01-01 00:00:00.000016,d,1"));
    counts(e, 2, 1, 1, 1);
    epoch(e, 15, 17, S("16,a,1"), S("1970-01-01 00:00:00.000016,a,1"));
    counts(e, 2, 1, 0, 0);
}
