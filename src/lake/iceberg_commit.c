// iceberg_commit.c -- a commit: manifests for what is new, a manifest list, metadata that name it,
// then one compare-and-swap of the catalog's pointer. Lost races begin again on the new state; the
// manifests that were written stay good, since the numbers in them are inherited.
#include "base/civil.h"
#include "base/map.h"
#include "lake/snapshot_in.h"
#include "os/clock.h"

enum { TRIES = 30, MANIFEST_BYTES = 8 << 20, COMMITS_PER_ARENA = 64 };

typedef struct Attempt {
    IceTable *table;
    const IceChange *change;
    Arena *arena; // of this attempt
    Writes writes;
    Str uuid;
    int32_t manifests_made;
    IceSnapshot snapshot;
    IceManifests list;
    IceSums sums;
    Map removed;      // paths of REMOVE_FILES
    Paths partitions; // a key of each that changed
    int64_t found;    // of the files to remove
    IceEntries pool;  // entries that go into new manifests
} Attempt;

static Str partition_key(Arena *a, const IceFile *f)
{
    Buf b = buf_new(a);
    buf_u32le(&b, (uint32_t)f->spec_id);
    for (int32_t i = 0; i < f->npartition; i++) {
        buf_u8(&b, f->partition[i].p != NULL);
        buf_str_u32le(&b, f->partition[i]);
    }
    return buf_str(&b);
}

static bool path_in(const Paths *p, Str s)
{
    for (int64_t i = 0; i < p->n; i++)
        if (str_eq(p->v[i], s)) return true;
    return false;
}

static void note_partition(Attempt *t, const IceFile *f)
{
    Str key = partition_key(t->arena, f);
    if (!path_in(&t->partitions, key)) vec_push(t->arena, &t->partitions, key);
}

static Status manifest_put(Attempt *t, const IceSpec *spec, const IceEntry *entry, int64_t n)
{
    const IceMeta *meta = t->table->meta;
    Buf b = buf_new(t->arena);
    IceManifest m;
    ice_manifest_write(&b, &m, meta, spec, entry, n);
    m.path = str_fmt(t->arena, STR_FMT "/metadata/" STR_FMT "-m%d.avro", STR_ARG(meta->location),
                     STR_ARG(t->uuid), t->manifests_made++);
    m.snapshot = t->snapshot.id;
    m.sequence = t->snapshot.sequence;
    m.min_sequence = MIN(m.min_sequence, m.sequence);
    vec_push(t->arena, &t->list, m);
    return writes_put(&t->writes, m.path, buf_str(&b));
}

// The pool becomes manifests: one spec and one content each, of a bounded number of entries.
static Status pool_flush(Attempt *t)
{
    enum { ENTRIES_MAX = 20000 }; // about 8 MiB
    for (int64_t from = 0; from < t->pool.n;) {
        const IceEntry *e = &t->pool.v[from];
        int64_t n = 0;
        while (from + n < t->pool.n && n < ENTRIES_MAX && e[n].file.spec_id == e->file.spec_id &&
               (e[n].file.content != 0) == (e->file.content != 0))
            n++;
        TRY(manifest_put(t, ice_spec(t->table->meta, e->file.spec_id), e, n));
        from += n;
    }
    t->pool = (IceEntries){0};
    return DONE;
}

static void pool_add(Attempt *t, int64_t sequence)
{
    for (int64_t i = 0; i < t->change->nadded; i++) {
        const IceFile *f = &t->change->added[i];
        IceEntry e = {ICE_ADDED, t->snapshot.id, sequence, -1, *f};
        vec_push(t->arena, &t->pool, e);
        t->sums.added_files++;
        t->sums.added_rows += f->rows;
        t->sums.added_bytes += f->bytes;
        note_partition(t, f);
    }
}

static bool is_removed(Attempt *t, const IceFile *f)
{
    const IceChange *c = t->change;
    switch (c->removes) {
    case REMOVE_NONE: return false;
    case REMOVE_ALL: return true;
    case REMOVE_PARTITIONS: return path_in(&t->partitions, partition_key(t->arena, f));
    case REMOVE_FILES:
        if (!map_get(&t->removed, f->path)) return false;
        t->found++;
        return true;
    }
    must_failed("IceRemoves", __FILE__, __LINE__);
}

static void sum_removed(Attempt *t, const IceFile *f)
{
    t->sums.removed_bytes += f->bytes;
    if (f->content == 0) {
        t->sums.removed_files++;
        t->sums.removed_rows += f->rows;
    } else {
        t->sums.removed_delete_files++;
        *(f->content == 1 ? &t->sums.removed_position_deletes
                          : &t->sums.removed_equality_deletes) += f->rows;
    }
    if (t->change->removes != REMOVE_PARTITIONS) note_partition(t, f);
}

// Moves a manifest's entries to the pool, those that go as deleted ones; carries the manifest as it
// is when nothing in it changes.
static Status manifest_sift(Attempt *t, const IceManifest *m)
{
    IceEntries live = {0};
    int64_t gone = 0;
    TRY(ice_manifest_read(&live, t->arena, t->table->meta, m, false));
    for (int64_t i = 0; i < live.n; i++) {
        IceEntry *e = &live.v[i];
        bool removed = is_removed(t, &e->file);
        e->status = removed ? ICE_DELETED : ICE_EXISTING;
        if (removed) e->snapshot = t->snapshot.id;
        if (removed) sum_removed(t, &e->file);
        gone += removed;
    }
    if (!gone && !(t->change->merge_manifests && m->bytes < MANIFEST_BYTES)) {
        vec_push(t->arena, &t->list, *m);
        return DONE;
    }
    for (int64_t i = 0; i < live.n; i++) vec_push(t->arena, &t->pool, live.v[i]);
    return DONE;
}

static Status manifests_make(Attempt *t)
{
    const IceChange *c = t->change;
    const IceManifests *old = &t->table->manifests;
    bool sift = c->removes != REMOVE_NONE || c->merge_manifests;
    TRY(ice_table_manifests(t->table));
    pool_add(t, c->sequence);
    if (!sift) TRY(pool_flush(t)); // the new manifest stands first
    for (int64_t i = 0; i < old->n; i++) {
        const IceManifest *m = &old->v[i];
        if (m->added_files + m->existing_files == 0) continue; // of use to its own snapshot only
        if (!sift || (m->content == 1 && c->removes == REMOVE_FILES)) {
            vec_push(t->arena, &t->list, *m);
            continue;
        }
        TRY(manifest_sift(t, m));
    }
    TRY(pool_flush(t));
    if (c->removes == REMOVE_FILES && t->found != c->nremoved)
        return fail(ERR_NOT_FOUND, "files that were to be replaced are gone from the table");
    return DONE;
}

static int64_t snapshot_id_new(const IceMeta *m)
{
    int64_t id;
    do id = (int64_t)(rand_u64() & INT64_MAX);
    while (id == 0 || ice_snapshot(m, id));
    return id;
}

#define VEC_COPY(a, vec)                                                                           \
    do {                                                                                           \
        void *v_ = arena_alloc((a), (int64_t)sizeof *(vec)->v, 16, (vec)->n + 8);                  \
        if ((vec)->n) memcpy(v_, (vec)->v, (size_t)(vec)->n * sizeof *(vec)->v);                   \
        (vec)->v = v_;                                                                             \
        (vec)->cap = (vec)->n + 8;                                                                 \
    } while (0)

// A copy to change: its lists are its own, their elements shared.
static IceMeta *meta_copy(Arena *a, const IceMeta *m)
{
    IceMeta *copy = NEW(a, IceMeta, 1);
    *copy = *m;
    VEC_COPY(a, &copy->schemas);
    VEC_COPY(a, &copy->specs);
    VEC_COPY(a, &copy->properties);
    VEC_COPY(a, &copy->refs);
    VEC_COPY(a, &copy->snapshots);
    VEC_COPY(a, &copy->snapshot_log);
    VEC_COPY(a, &copy->metadata_log);
    return copy;
}

// Time never goes back in a table, whatever the clock does.
static int64_t time_after(const IceMeta *m)
{
    return MAX(clock_now() / 1000, m->last_updated_ms + 1);
}

static void main_ref(Arena *a, IceMeta *m, int64_t snapshot)
{
    IceRef ref = {S("main"), {0}, snapshot, true};
    ref.json = str_fmt(a, "{\"snapshot-id\":%lld,\"type\":\"branch\"}", (long long)snapshot);
    for (int64_t i = 0; i < m->refs.n; i++)
        if (str_eq(m->refs.v[i].name, ref.name)) {
            m->refs.v[i] = ref;
            return;
        }
    vec_push(a, &m->refs, ref);
}

void ice_set_current(IceMeta *m, Arena *a, int64_t snapshot)
{
    IceLog l = {time_after(m), snapshot, {0}};
    vec_push(a, &m->snapshot_log, l);
    m->current = snapshot;
    main_ref(a, m, snapshot);
}

// Notes the file that is being replaced; *dropped gets the entry that falls off, if any.
static void metadata_log(Arena *a, IceMeta *m, Str old, int64_t old_ms, Str *dropped)
{
    int64_t most = MAX(1, ice_property_i64(m, S("write.metadata.previous-versions-max"), 100));
    IceLog l = {.timestamp_ms = old_ms, .snapshot = ICE_NONE, .file = old};
    vec_push(a, &m->metadata_log, l);
    *dropped = (Str){0};
    while (m->metadata_log.n > most) {
        *dropped = m->metadata_log.v[0].file;
        m->metadata_log.v++;
        m->metadata_log.n--;
        m->metadata_log.cap--;
    }
}

// Swaps in new metadata and makes them the table's. The arena of `next` must be the table's.
static Status meta_swap(IceTable *t, IceMeta *next, Writes *w)
{
    Str dropped, file;
    metadata_log(t->arena, next, t->metadata, t->meta->last_updated_ms, &dropped);
    Buf json = buf_new(w->arena);
    ice_meta_write(&json, next);
    Swap s = {next->location, t->metadata, buf_str(&json)};
    TRY(catalog_swap(t->catalog, &t->name, &s, w, &file));
    t->metadata = str_copy(t->arena, file);
    t->meta = next;
    t->commits++;
    if (dropped.n &&
        ice_property_bool(next, S("write.metadata.delete-after-commit.enabled"), false)) {
        Status gone = store_remove(w->arena, dropped);
        (void)gone.code; // the commit stands; what stays behind is an orphan
    }
    return DONE;
}

static void snapshot_begin(Attempt *t)
{
    const IceMeta *m = t->table->meta;
    t->snapshot = (IceSnapshot){.id = snapshot_id_new(m),
                                .parent = m->current,
                                .sequence = m->last_sequence + 1,
                                .timestamp_ms = time_after(m),
                                .operation = t->change->operation,
                                .schema_id = (int32_t)m->schema_id};
}

// From the table's arena, where the snapshot will live.
static void snapshot_end(Attempt *t)
{
    Arena *a = t->table->arena;
    const IceMeta *m = t->table->meta;
    IceSnapshot *s = &t->snapshot;
    s->operation = str_copy(a, s->operation);
    s->manifest_list = str_fmt(a, STR_FMT "/metadata/snap-%lld-1-" STR_FMT ".avro",
                               STR_ARG(m->location), (long long)s->id, STR_ARG(t->uuid));
    for (int64_t i = 0; i < t->change->summary.n; i++) {
        Option o = t->change->summary.v[i];
        vec_push(a, &s->summary, ((Option){str_copy(a, o.key), str_copy(a, o.value)}));
    }
    const IceMark *mark = t->change->mark;
    if (mark) {
        Str epoch = str_fmt(a, "%lld", (long long)mark->epoch);
        vec_push(a, &s->summary, ((Option){mark_query, str_copy(a, mark->query_id)}));
        vec_push(a, &s->summary, ((Option){mark_epoch, epoch}));
        vec_push(a, &s->summary, ((Option){mark_incarnation, str_copy(a, mark->incarnation)}));
    }
    t->sums.partitions = t->partitions.n;
    snapshot_summarise(s, a, ice_snapshot(m, m->current), &t->sums);
    snapshot_json(s, a);
}

static Str str_keep(Arena *a, Str s) { return s.p ? str_copy(a, s) : s; }

// The manifests of the attempt, copied to where the table keeps them.
static IceManifests manifests_keep(Arena *a, const IceManifests *list)
{
    IceManifests kept = {0};
    for (int64_t i = 0; i < list->n; i++) {
        IceManifest m = list->v[i];
        m.path = str_copy(a, m.path);
        m.key = str_keep(a, m.key);
        const IceSummary *from = m.partition;
        if (from) m.partition = NEW(a, IceSummary, m.npartition + 1);
        for (int32_t k = 0; from && k < m.npartition; k++) {
            m.partition[k] = from[k];
            m.partition[k].lo = str_keep(a, from[k].lo);
            m.partition[k].hi = str_keep(a, from[k].hi);
        }
        vec_push(a, &kept, m);
    }
    return kept;
}

static Status attempt_swap(Attempt *t)
{
    IceTable *table = t->table;
    IceMeta *next = meta_copy(table->arena, table->meta);
    IceSnapshot *s = &t->snapshot;
    next->last_sequence = s->sequence;
    next->last_updated_ms = s->timestamp_ms;
    next->current = s->id;
    vec_push(table->arena, &next->snapshots, *s);
    IceLog l = {s->timestamp_ms, s->id, {0}};
    vec_push(table->arena, &next->snapshot_log, l);
    main_ref(table->arena, next, s->id);
    TRY(meta_swap(table, next, &t->writes));
    table->manifests = manifests_keep(table->arena, &t->list);
    return DONE;
}

static Status attempt_write(Attempt *t)
{
    TRY(manifests_make(t));
    snapshot_end(t);
    Buf list = buf_new(t->arena);
    ice_manifest_list_write(&list, t->arena, &t->snapshot, &t->list);
    TRY(writes_put(&t->writes, t->snapshot.manifest_list, buf_str(&list)));
    return attempt_swap(t);
}

// After a failed write or swap nobody knows whether the swap happened: what the catalog says now
// decides. Gives back the failure when it did not.
static Status reconcile(IceTable *t, int64_t snapshot)
{
    Arena *a = arena_new(NULL);
    Failure *f = failure_copy(a, failure());
    Status s = ice_table_refresh(t);
    if (s.code || !ice_snapshot(t->meta, snapshot)) s = failure_again(f);
    arena_free(a);
    return s;
}

static Status attempt(IceTable *table, const IceChange *c, Arena *a)
{
    Attempt t = {.table = table, .change = c, .arena = a};
    t.writes = writes_new(a, table->catalog->kind->parallel_sync);
    t.uuid = rand_uuid(a);
    t.removed = map_new(a);
    for (int64_t i = 0; i < c->nremoved; i++) map_set(&t.removed, c->removed[i], &t);
    snapshot_begin(&t);
    Status s = attempt_write(&t);
    bool known = s.code == ERR_CONFLICT || !t.writes.told;
    if (s.code && known) { // it did not happen for certain
        Failure *f = failure_copy(a, failure());
        writes_undo(&t.writes);
        return failure_again(f);
    }
    return s.code == ERR_IO ? reconcile(table, t.snapshot.id) : s;
}

static Status check_writable(const IceTable *t)
{
    if (t->meta->format == 2) return DONE;
    return fail(ERR_UNSUPPORTED, "tables of Iceberg format version 1 are read, not written");
}

static void back_off(int32_t tries)
{
    Micros most = MICROS_PER_MS << MIN(tries, 6);
    clock_sleep((Micros)(rand_u64() % (uint64_t)most));
}

Status ice_commit(IceTable *t, const IceChange *c, bool *done)
{
    Status s = DONE;
    *done = false;
    for (int32_t tries = 0; tries < TRIES; tries++) {
        if (tries > 0) back_off(tries);
        TRY(ice_table_refresh(t)); // cheaper than losing the race after the syncs
        TRY(check_writable(t));
        if (c->mark && ice_marked(t->meta, c->mark)) return DONE;
        Arena *a = arena_new(t->home);
        s = attempt(t, c, a);
        arena_free(a);
        if (s.code != ERR_CONFLICT) break;
    }
    if (s.code) return s;
    *done = true;
    upkeep_note(t->catalogs, &t->name, t->meta);
    return t->commits < COMMITS_PER_ARENA ? DONE : ice_table_reload(t);
}

static Status edit_once(IceTable *t, const IceEdit *e, Arena *a, bool *changed)
{
    IceMeta *next = meta_copy(t->arena, t->meta);
    *changed = false;
    TRY(e->edit(e, t->arena, next, changed));
    if (!*changed) return DONE;
    next->last_updated_ms = time_after(t->meta);
    Writes w = writes_new(a, t->catalog->kind->parallel_sync);
    bool same = next->current == t->meta->current;
    Status s = meta_swap(t, next, &w);
    if (s.code && (s.code == ERR_CONFLICT || !w.told)) {
        Failure *f = failure_copy(a, failure());
        writes_undo(&w);
        s = failure_again(f);
    }
    t->manifests_loaded = t->manifests_loaded && (s.code || same);
    return s;
}

Status ice_edit(IceTable *t, const IceEdit *e)
{
    Status s = DONE;
    for (int32_t tries = 0; tries < TRIES; tries++) {
        if (tries > 0) back_off(tries);
        TRY(ice_table_refresh(t));
        TRY(check_writable(t));
        bool changed;
        Arena *a = arena_new(t->home);
        s = edit_once(t, e, a, &changed);
        arena_free(a);
        if (s.code != ERR_CONFLICT) break;
    }
    return s;
}
