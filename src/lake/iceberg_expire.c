// iceberg_expire.c -- forgetting snapshots. Which files go with them is worked out first, then the
// metadata are committed without them, and only then files are removed: a crash in between leaves
// orphans, never a snapshot that lacks its files.
#include "base/map.h"
#include "base/num.h"
#include "lake/maintain_in.h"
#include "os/clock.h"

enum { DAY_MS = 86400000, KEEP_MIN = 20, KEEP_MAX = 100, FOREIGN_MARK_DAYS = 5 };

typedef struct Expiry {
    IceEdit edit; // first: edits get it by this
    IceTable *table;
    Arena *arena;
    uint8_t *gone;  // a byte a snapshot, as the metadata list them
    bool *ancestor; // of the current one
    int64_t n;
    bool prefix; // what goes is the oldest part of one line: files that it deleted are nobody's
    Paths files; // to remove
    const ExpireOrder *order; // NULL: by the table's properties
    ExpireCounts counts;
} Expiry;

static bool has_mark_of_others(const IceSnapshot *s)
{
    return summary_get(s, mark_query).p && !summary_get(s, mark_incarnation).p;
}

// The newest snapshot of a query of another engine, which finds its place by it and nothing else.
static bool newest_of_query(const IceMeta *m, int64_t i)
{
    Str query = summary_get(&m->snapshots.v[i], mark_query);
    for (int64_t k = i + 1; k < m->snapshots.n; k++)
        if (str_eq(summary_get(&m->snapshots.v[k], mark_query), query)) return false;
    return true;
}

static void keep_line(Expiry *x, const IceMeta *m, int64_t id, bool *marks)
{
    for (const IceSnapshot *s = ice_snapshot(m, id); s;
         s = s->parent == ICE_NONE ? NULL : ice_snapshot(m, s->parent))
        marks[s - m->snapshots.v] = true;
    (void)x;
}

// Decides what goes.
static void choose(Expiry *x, const IceMeta *m, int64_t now_ms)
{
    Arena *a = x->arena;
    const ExpireOrder *order = x->order;
    int64_t age = ice_property_i64(m, S("history.expire.max-snapshot-age-ms"), DAY_MS);
    int64_t most = MAX(1, ice_property_i64(m, S("kappa.snapshots-max"), KEEP_MAX));
    int64_t least =
        MIN(most, ice_property_i64(m, S("history.expire.min-snapshots-to-keep"), KEEP_MIN));
    if (order) {
        least = order->retain_last;
        most = INT64_MAX;
    }
    bool *held = NEW(a, bool, m->snapshots.n + 1);
    x->n = m->snapshots.n;
    x->gone = NEW(a, uint8_t, x->n + 1);
    x->ancestor = NEW(a, bool, x->n + 1);
    keep_line(x, m, m->current, x->ancestor);
    for (int64_t i = 0; i < m->refs.n; i++)
        if (!str_eq(m->refs.v[i].name, S("main"))) keep_line(x, m, m->refs.v[i].snapshot, held);
    x->prefix = true;
    bool kept_before = false, pinned = false; // what is newer than a pin is a stream's way on
    for (int64_t i = 0; i < x->n; i++) {
        const IceSnapshot *s = &m->snapshots.v[i];
        int64_t newer = x->n - 1 - i;
        bool young = order ? s->timestamp_ms >= order->older_ms : now_ms - s->timestamp_ms < age;
        pinned = pinned || catalogs_pinned(x->table->catalogs, m->uuid, s->id);
        bool kept =
            s->id == m->current || newer < least || (young && newer < most) || held[i] || pinned;
        kept = kept || (!order && has_mark_of_others(s) && newest_of_query(m, i) &&
                        now_ms - s->timestamp_ms < INT64_C(1) * FOREIGN_MARK_DAYS * DAY_MS);
        x->gone[i] = !kept;
        if (!kept && (kept_before || !x->ancestor[i])) x->prefix = false;
        kept_before = kept_before || kept;
    }
}

static bool gone_id(const Expiry *x, const IceMeta *m, int64_t id)
{
    const IceSnapshot *s = ice_snapshot(m, id);
    return s && x->gone[s - m->snapshots.v];
}

// Data files that only expired snapshots knew: those they deleted, and those that a line of history
// which was given up had added.
static Status files_of(Expiry *x, const IceMeta *m, const IceManifest *man, Map *candidates)
{
    IceEntries e = {0};
    if (!gone_id(x, m, man->snapshot)) return DONE;
    TRY(ice_manifest_read(&e, x->arena, m, man, true));
    for (int64_t i = 0; i < e.n; i++) {
        const IceSnapshot *by = ice_snapshot(m, e.v[i].snapshot);
        if (!by || !x->gone[by - m->snapshots.v]) continue;
        bool lost = e.v[i].status == ICE_ADDED && !x->ancestor[by - m->snapshots.v];
        if (e.v[i].status == ICE_DELETED || lost)
            map_set(candidates, e.v[i].file.path, &e.v[i].file);
    }
    return DONE;
}

static Status spare_live(Expiry *x, const IceMeta *m, const Map *kept, Map *candidates)
{
    for (int64_t i = 0; i < kept->n; i++) {
        IceEntries e = {0};
        TRY(ice_manifest_read(&e, x->arena, m, kept->entry[i].value, false));
        for (int64_t k = 0; k < e.n; k++)
            if (map_get(candidates, e.v[k].file.path)) map_remove(candidates, e.v[k].file.path);
    }
    return DONE;
}

static Status manifests_of(Expiry *x, const IceMeta *m, bool gone, Map *into)
{
    for (int64_t i = 0; i < x->n; i++) {
        IceManifests list = {0};
        if ((x->gone[i] != 0) != gone) continue;
        TRY(ice_manifest_list_read(&list, x->arena, m->snapshots.v[i].manifest_list));
        for (int64_t k = 0; k < list.n; k++)
            if (!map_get(into, list.v[k].path)) map_set(into, list.v[k].path, &list.v[k]);
    }
    return DONE;
}

static Status find_files(Expiry *x, const IceMeta *m)
{
    Map kept = map_new(x->arena), lost = map_new(x->arena), candidates = map_new(x->arena);
    TRY(manifests_of(x, m, false, &kept));
    TRY(manifests_of(x, m, true, &lost));
    for (int64_t i = 0; i < lost.n; i++) {
        const IceManifest *man = lost.entry[i].value;
        if (man->deleted_files || !x->prefix) TRY(files_of(x, m, man, &candidates));
        if (map_get(&kept, man->path)) continue;
        vec_push(x->arena, &x->files, man->path);
        x->counts.manifests++;
    }
    if (!x->prefix) TRY(spare_live(x, m, &kept, &candidates));
    for (int64_t i = 0; i < candidates.n; i++) {
        const IceFile *f = candidates.entry[i].value;
        vec_push(x->arena, &x->files, candidates.entry[i].key);
        x->counts.files[MIN(MAX(f->content, 0), 2)]++;
    }
    for (int64_t i = 0; i < x->n; i++) {
        if (!x->gone[i]) continue;
        vec_push(x->arena, &x->files, m->snapshots.v[i].manifest_list);
        x->counts.manifest_lists++;
    }
    return DONE;
}

// A query's newest epoch outlives its snapshot as a property.
static void keep_marks(const Expiry *x, Arena *a, const IceMeta *old, IceMeta *m)
{
    for (int64_t i = 0; i < x->n; i++) {
        const IceSnapshot *s = &old->snapshots.v[i];
        Str query = summary_get(s, mark_query), inc = summary_get(s, mark_incarnation);
        if (!x->gone[i] || !x->ancestor[i] || !query.p || !inc.p) continue;
        bool newer = false;
        for (int64_t k = i + 1; k < x->n && !newer; k++)
            newer = x->ancestor[k] &&
                    str_eq(summary_get(&old->snapshots.v[k], mark_query), query) &&
                    str_eq(summary_get(&old->snapshots.v[k], mark_incarnation), inc) && !x->gone[k];
        if (newer) continue;
        Option o = {ice_mark_property(a, query, inc), summary_get(s, mark_epoch)};
        int64_t at = 0;
        while (at < m->properties.n && !str_eq(m->properties.v[at].key, o.key)) at++;
        if (at < m->properties.n)
            m->properties.v[at] = o;
        else
            vec_push(a, &m->properties, o);
    }
}

// Statistics of snapshots that go are dropped with them: they are only hints.
static Status drop_statistics(const Expiry *x, Arena *a, const IceMeta *old, Str *json)
{
    const Doc *list;
    Buf b = buf_new(a);
    if (json->n <= 2) return DONE;
    TRY(doc_parse(&list, x->arena, *json));
    buf_char(&b, '[');
    for (int64_t i = 0; i < doc_count(list); i++) {
        int64_t id = 0;
        const Doc *d = doc_at(list, i);
        if (doc_i64(d, "snapshot-id", &id) && gone_id(x, old, id)) continue;
        if (b.n > 1) buf_char(&b, ',');
        buf_put(&b, doc_dump(a, d));
    }
    buf_char(&b, ']');
    *json = buf_str(&b);
    return DONE;
}

static Status expire_edit(const IceEdit *e, Arena *a, IceMeta *m, bool *changed)
{
    Expiry *x = CONTAINER(e, Expiry, edit);
    const IceMeta *old = x->table->meta;
    x->files = (Paths){0};
    x->counts = (ExpireCounts){0};
    choose(x, old, clock_now() / 1000);
    for (int64_t i = 0; i < x->n; i++) *changed = *changed || x->gone[i];
    if (!*changed) return DONE;
    TRY(find_files(x, old));
    keep_marks(x, a, old, m);
    TRY(drop_statistics(x, a, old, &m->statistics));
    TRY(drop_statistics(x, a, old, &m->partition_statistics));
    m->snapshots.n = 0;
    for (int64_t i = 0; i < x->n; i++)
        if (!x->gone[i]) m->snapshots.v[m->snapshots.n++] = old->snapshots.v[i];
    int64_t n = 0; // the log is of use from the last gap on
    for (int64_t i = 0; i < m->snapshot_log.n; i++) {
        if (ice_snapshot(m, m->snapshot_log.v[i].snapshot))
            m->snapshot_log.v[n++] = m->snapshot_log.v[i];
        else
            n = 0;
    }
    m->snapshot_log.n = n;
    return DONE;
}

Status ice_expire(IceTable *t, Arena *a, MaintainReport *did)
{
    Expiry *x = NEW(a, Expiry, 1);
    *x = (Expiry){.edit = {expire_edit, NULL}, .table = t, .arena = a};
    int64_t before = t->meta->snapshots.n;
    TRY(ice_edit(t, &x->edit));
    for (int64_t i = 0; i < x->files.n; i++) TRY(store_remove(a, x->files.v[i]));
    did->expired_snapshots += MAX(0, before - t->meta->snapshots.n);
    did->removed_files += x->files.n;
    return DONE;
}

static Status expire_ordered(Catalogs *c, Arena *a, const TableName *name, const ExpireOrder *order,
                             ExpireCounts *did)
{
    IceTable t;
    Expiry *x = NEW(a, Expiry, 1);
    TRY(ice_table_open(&t, a, c, name));
    if (!ice_property_bool(t.meta, S("gc.enabled"), true))
        return fail(ERR_INVALID, "cannot expire snapshots: the table says gc.enabled = false");
    *x = (Expiry){.edit = {expire_edit, NULL}, .table = &t, .arena = a, .order = order};
    TRY(ice_edit(&t, &x->edit));
    for (int64_t i = 0; i < x->files.n; i++) TRY(store_remove(a, x->files.v[i]));
    *did = x->counts;
    return DONE;
}

Status lake_table_expire(Catalogs *c, const TableName *name, const ExpireOrder *order,
                         ExpireCounts *did)
{
    Arena *a = arena_new(NULL);
    *did = (ExpireCounts){0};
    Status s = expire_ordered(c, a, name, order, did);
    arena_free(a);
    return s;
}

Status ice_reachable(Paths *files, Arena *a, const IceMeta *m, bool (*of)(const IceSnapshot *s))
{
    Map seen = map_new(a);
    for (int64_t i = 0; i < m->snapshots.n; i++) {
        IceManifests list = {0};
        if (of && !of(&m->snapshots.v[i])) continue;
        map_set(&seen, m->snapshots.v[i].manifest_list, &seen);
        TRY(ice_manifest_list_read(&list, a, m->snapshots.v[i].manifest_list));
        for (int64_t k = 0; k < list.n; k++) {
            IceEntries e = {0};
            if (map_get(&seen, list.v[k].path)) continue;
            map_set(&seen, list.v[k].path, &seen);
            TRY(ice_manifest_read(&e, a, m, &list.v[k], true));
            for (int64_t j = 0; j < e.n; j++) map_set(&seen, e.v[j].file.path, &seen);
        }
    }
    for (int64_t i = 0; i < seen.n; i++) vec_push(a, files, seen.entry[i].key);
    return DONE;
}
