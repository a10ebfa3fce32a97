// history.c -- snapshots in order, and tables as of one of them.
#include "lake/history.h"
#include "base/civil.h"
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

static Status not_there(const LakeTable *t, const char *what, Str name)
{
    Arena *a = arena_new(NULL);
    Status s = fail(ERR_NOT_FOUND, STR_FMT ": cannot find %s " STR_FMT,
                    STR_ARG(table_name_text(a, lake_table_name(t))), what, STR_ARG(name));
    arena_free(a);
    return s;
}

Status table_at_snapshot(LakeTable **at, Arena *a, const LakeTable *t, int64_t snapshot)
{
    const IceSnapshot *s = ice_snapshot(lake_table_meta(t), snapshot);
    if (!s)
        return not_there(t, "a snapshot (it may have expired) with ID",
                         str_fmt(a, "%lld", (long long)snapshot));
    *at = lake_table_as_of(a, t, s, true);
    return DONE;
}

Status table_at_time(LakeTable **at, Arena *a, const LakeTable *t, Micros time)
{
    const IceMeta *m = lake_table_meta(t);
    int64_t found = ICE_NONE;
    for (int64_t i = 0; i < m->snapshot_log.n; i++)
        if (m->snapshot_log.v[i].timestamp_ms <= time / 1000) found = m->snapshot_log.v[i].snapshot;
    if (found == ICE_NONE)
        return not_there(t, "a snapshot older than", str_fmt(a, "%lld ms", (long long)time / 1000));
    return table_at_snapshot(at, a, t, found);
}

static Status at_ref(LakeTable **at, Arena *a, const LakeTable *t, const IceRef *r)
{
    const IceSnapshot *s = ice_snapshot(lake_table_meta(t), r->snapshot);
    if (!s) return not_there(t, "the snapshot of", r->name);
    *at = lake_table_as_of(a, t, s, !r->branch); // a branch has the table's columns
    return DONE;
}

static Status at_version(LakeTable **at, Arena *a, const LakeTable *t, Str version)
{
    int64_t id;
    if (num_parse_i64(version, &id)) return table_at_snapshot(at, a, t, id);
    const IceRef *r = ice_ref(lake_table_meta(t), version);
    return r ? at_ref(at, a, t, r)
             : not_there(t, "a matching snapshot ID or reference name for version", version);
}

static Status at_name(LakeTable **at, Arena *a, const LakeTable *t, const Travel *to)
{
    bool branch = to->branch.n > 0;
    Str name = branch ? to->branch : to->tag;
    const IceRef *r = ice_ref(lake_table_meta(t), name);
    if (!r || r->branch != branch) return not_there(t, branch ? "a branch" : "a tag", name);
    return at_ref(at, a, t, r);
}

static Status at_id(LakeTable **at, Arena *a, const LakeTable *t, Str text)
{
    int64_t id;
    if (num_parse_i64(str_trim(text), &id)) return table_at_snapshot(at, a, t, id);
    return fail(ERR_INVALID, "option snapshot-id: " STR_FMT " is no number", STR_ARG(text));
}

Status travel_millis(Travel *to, Str text)
{
    int64_t ms;
    if (!num_parse_i64(str_trim(text), &ms))
        return fail(ERR_INVALID, "option as-of-timestamp: " STR_FMT " is no number", STR_ARG(text));
    to->timed = true;
    to->time = ms * MICROS_PER_MS;
    return DONE;
}

Status table_travel(LakeTable **at, Arena *a, LakeTable *t, const Travel *to)
{
    int32_t n = (to->version.n > 0) + (to->snapshot.n > 0) + (to->branch.n > 0) + (to->tag.n > 0) +
                to->timed;
    *at = t;
    if (n > 1)
        return fail(ERR_INVALID,
                    "a table is read at one of versionAsOf, timestampAsOf, "
                    "snapshot-id, as-of-timestamp, branch and tag; here are %d",
                    n);
    if (to->version.n) return at_version(at, a, t, to->version);
    if (to->snapshot.n) return at_id(at, a, t, to->snapshot);
    if (to->branch.n || to->tag.n) return at_name(at, a, t, to);
    return to->timed ? table_at_time(at, a, t, to->time) : DONE;
}
