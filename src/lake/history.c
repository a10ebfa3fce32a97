// history.c -- snapshots in order, and tables as of one of them.
#include "lake/history.h"
#include "base/num.h"
#include "lake/table_in.h"

static StepKind kind_of(const IceSnapshot *s)
{
    static const struct {
        Str operation;
        StepKind kind;
    } row[] = {{STR_INIT("append"), STEP_APPEND},
               {STR_INIT("replace"), STEP_REPLACE},
               {STR_INIT("delete"), STEP_DELETE}};
    for (int64_t i = 0; i < COUNT(row); i++)
        if (str_eq(s->operation, row[i].operation)) return row[i].kind;
    return STEP_OVERWRITE;
}

static int64_t summary_number(const IceSnapshot *s, Str key)
{
    int64_t v = 0;
    return num_parse_i64(summary_get(s, key), &v) ? v : 0;
}

Status table_history(TableHistory *h, Arena *a, const LakeTable *t)
{
    const IceMeta *m = lake_table_meta(t);
    const IceSnapshot *s = lake_table_snapshot(t);
    *h = (TableHistory){.whole = true};
    while (s) {
        TableStep step = {s->id, s->timestamp_ms, kind_of(s),
                          summary_number(s, S("added-data-files")),
                          summary_number(s, S("added-records"))};
        vec_push(a, h, step);
        if (h->n > m->snapshots.n)
            return fail(ERR_CORRUPT, STR_FMT ": its snapshots are each other's parents",
                        STR_ARG(m->location));
        h->whole = s->parent == ICE_NONE;
        s = h->whole ? NULL : ice_snapshot(m, s->parent);
    }
    for (int64_t i = 0; i < h->n / 2; i++) {
        TableStep swap = h->v[i];
        h->v[i] = h->v[h->n - 1 - i];
        h->v[h->n - 1 - i] = swap;
    }
    return DONE;
}

static Status no_snapshot(const LakeTable *t, Str what)
{
    Arena *a = arena_new(NULL);
    Status s = fail(ERR_NOT_FOUND, STR_FMT " has no snapshot " STR_FMT "; it may have expired",
                    STR_ARG(table_name_text(a, lake_table_name(t))), STR_ARG(what));
    arena_free(a);
    return s;
}

Status table_at_snapshot(LakeTable **at, Arena *a, const LakeTable *t, int64_t snapshot)
{
    const IceSnapshot *s = ice_snapshot(lake_table_meta(t), snapshot);
    if (!s) return no_snapshot(t, str_fmt(a, "%lld", (long long)snapshot));
    *at = lake_table_as_of(a, t, s);
    return DONE;
}

Status table_at_time(LakeTable **at, Arena *a, const LakeTable *t, Micros time)
{
    const IceMeta *m = lake_table_meta(t);
    int64_t found = ICE_NONE;
    for (int64_t i = 0; i < m->snapshot_log.n; i++)
        if (m->snapshot_log.v[i].timestamp_ms <= time / 1000) found = m->snapshot_log.v[i].snapshot;
    if (found == ICE_NONE) return no_snapshot(t, S("that old"));
    return table_at_snapshot(at, a, t, found);
}
