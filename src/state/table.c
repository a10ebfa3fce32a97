// table.c -- the calls of table.h that find and add rows. A call works on a batch: all hashes, all
// slots, then key column after key column; only rows that are new or share a tag with another key
// are looked at one by one.
#include "state/table_in.h"

// Made when it is first needed: an empty shard of a small query should cost little.
static void probe_make(Table *t)
{
    if (t->probe) return;
    Probe *p = t->probe = NEW_RAW(t->arena, Probe, 1);
    bool nested = false;
    p->packed = NULL;
    p->key = NEW(t->arena, const void *, t->nslots_key);
    p->scratch = NEW(t->arena, void *, t->nslots_key);
    for (int32_t k = 0; k < t->nslots_key; k++) {
        p->scratch[k] = NEW_RAW(t->arena, Wide, BATCH_ROWS);
        nested |= k < t->spec.nkeys && t->spec.key[k]->id >= T_ARRAY;
    }
    if (nested) p->packed = arena_new(t->arena);
}

Table *table_new(Arena *owner, const TableSpec *spec)
{
    Arena *a = arena_new(owner); // the owner's other tables are worked on by other threads
    Table *t = NEW(a, Table, 1);
    t->arena = a;
    t->spec = *spec;
    must(spec->payload_bytes >= 0 && spec->payload_bytes % 8 == 0 && spec->slice >= 0);
    must(spec->time_key < spec->nkeys);
    must(!spec->part_bytes || (spec->part_at >= 8 && !spec->nblobs));
    const Type **key = NEW(a, const Type *, spec->nkeys);
    int32_t *blob_at = NEW(a, int32_t, spec->nblobs);
    for (int32_t k = 0; k < spec->nkeys; k++) key[k] = type_copy(a, spec->key[k]);
    for (int32_t i = 0; i < spec->nblobs; i++) blob_at[i] = spec->blob_at[i];
    t->spec.key = key;
    t->spec.blob_at = blob_at;
    must(spec->time_key < 0 || type_phys(key[spec->time_key]) == PHYS_I64);
    t->pool = blob_pool_new(a);
    table_keys_layout(t);
    t->nobody = row_nobody(t);
    slots_reset(t, 0);
    t->expired = INT64_MIN;
    return t;
}

void table_clear(Table *t)
{
    slots_reset(t, t->live); // shrinks or grows to what it was used for
    blob_pool_clear(t->pool);
    t->live = t->dead = t->nslices = t->changed.n = t->removed.n = 0;
    t->recent = NULL;
    t->changed_many = false;
    t->expired = INT64_MIN;
    t->cleared = true;
}

int64_t table_count(const Table *t) { return t->live; }
BlobPool *table_blobs(Table *t) { return t->pool; }
const TableSpec *table_spec(const Table *t) { return &t->spec; }
Micros table_time(const Table *t, const char *payload) { return row_time(t, row_of(t, payload)); }
uint64_t table_hash(const Table *t, const char *payload)
{
    return row_of(t, payload)->word & ROW_HASH;
}

int64_t table_bytes(const Table *t)
{
    int64_t lists = t->slices_cap + t->changed.cap + t->removed.cap;
    return blob_pool_bytes(t->pool) + ((int64_t)t->nslots + lists) * 8;
}

static inline void row_changed(Table *t, Row *r)
{
    enum { LIST_MIN = 4096, LIST_SHARE = 8 };
    if (LIKELY(r->word & ROW_CHANGED)) return;
    r->word |= ROW_CHANGED;
    if (t->changed_many) return;
    vec_push(t->arena, &t->changed, r);
    t->changed_many = t->changed.n > LIST_MIN && t->changed.n > t->live / LIST_SHARE;
}

void table_touch(Table *t, char *payload)
{
    if (t->spec.track) row_changed(t, row_of(t, payload));
}

// A row that slots_find did not settle: another key with the same tag came first, or it is new.
static Row *find_or_add(Table *t, int32_t i, uint8_t *is_new)
{
    Row *r = slots_find_one(t, i);
    if (r) return r;
    r = slice_add(t, probe_time(t, i));
    row_store_keys(t, r, i);
    if (t->spec.track) r->word |= ROW_BORN;
    slots_put(t, r, t->probe->at[i]);
    if (is_new) is_new[i] = 1;
    return r;
}

static void upsert(Table *t, char **payload, uint8_t *is_new)
{
    Probe *p = t->probe;
    slots_find(t);
    probe_compare(t);
    if (is_new) memset(is_new, 0, (size_t)p->n);
    const uint8_t *keep = p->keep;
    const Row *nobody = t->nobody;
    bool track = t->spec.track;
    for (int32_t i = 0, n = p->n, to_payload = t->payload_at; i < n; i++) {
        Row *r = p->row[i];
        if (keep && !keep[i]) {
            payload[i] = NULL;
            continue;
        }
        if (UNLIKELY(p->differs[i] || r == nobody)) r = find_or_add(t, i, is_new);
        if (track) row_changed(t, r);
        payload[i] = (char *)r + to_payload;
    }
}

void table_upsert(Table *t, const Column *key, int32_t n, const uint8_t *keep, char **payload,
                  uint8_t *is_new)
{
    probe_make(t);
    probe_columns(t, key, n, keep);
    upsert(t, payload, is_new);
}

void table_upsert_rows(Table *t, const Table *from, char *const *row, int64_t n, char **payload,
                       uint8_t *is_new)
{
    probe_make(t);
    for (int64_t at = 0; at < n; at += BATCH_ROWS) {
        probe_rows(t, from, row + at, (int32_t)MIN(n - at, BATCH_ROWS));
        upsert(t, payload + at, is_new ? is_new + at : NULL);
    }
}

void table_upsert_moved(Table *t, const TableMove *move, char **payload)
{
    probe_make(t);
    probe_rows(t, move->from, move->row, move->n);
    for (int32_t i = 0; i < move->n; i++) t->probe->hash[i] = move->hash[i] & ROW_HASH;
    t->probe->key[move->key] = move->time;
    upsert(t, payload, NULL);
}

void table_lookup(Table *t, const Column *key, int32_t n, const uint8_t *keep, char **payload)
{
    probe_make(t);
    Probe *p = t->probe;
    probe_columns(t, key, n, keep);
    slots_find(t);
    probe_compare(t);
    for (int32_t i = 0; i < n; i++) {
        Row *r = p->row[i];
        if (UNLIKELY(p->differs[i] || r == t->nobody)) r = slots_find_one(t, i);
        bool found = r && (!keep || keep[i]);
        payload[i] = found ? row_payload(t, r) : NULL;
    }
}

RowWalk table_walk(const Table *t, bool changed)
{
    return (RowWalk){t, changed, 0, !t->nslices ? NULL : t->slice[0]->first};
}

static int32_t walk_list(RowWalk *w, char **payload)
{
    const Table *t = w->t;
    int32_t n = 0;
    for (; w->at < t->changed.n && n < BATCH_ROWS; w->at++)
        if (!(t->changed.v[w->at]->word & ROW_DEAD))
            payload[n++] = row_payload(t, t->changed.v[w->at]);
    return n;
}

int32_t table_walk_next(RowWalk *w, char **payload)
{
    const Table *t = w->t;
    if (w->changed && !t->changed_many) return walk_list(w, payload);
    uint64_t want = w->changed ? ROW_CHANGED : 0;
    int32_t n = 0;
    while (w->at < t->nslices) {
        const Row *r = w->row;
        for (; r && n < BATCH_ROWS; r = row_next(t, r)) {
            row_ahead(t, r);
            if ((r->word & (want | ROW_DEAD)) == want) payload[n++] = row_payload(t, r);
        }
        w->row = r;
        if (r) return n;
        w->row = ++w->at < t->nslices ? t->slice[w->at]->first : NULL;
    }
    return n;
}

int64_t table_changed_count(const Table *t)
{
    char *payload[BATCH_ROWS];
    RowWalk w = table_walk(t, true);
    int64_t all = 0;
    for (int32_t n = 0; (n = table_walk_next(&w, payload)) > 0;) all += n;
    return all;
}

TableRows table_changed(const Table *t, Arena *a)
{
    RowWalk w = table_walk(t, true);
    int64_t most = t->changed_many ? t->live : t->changed.n;
    TableRows rows = {NEW_RAW(a, char *, most + BATCH_ROWS), 0};
    for (int32_t n = 0; (n = table_walk_next(&w, rows.payload + rows.n)) > 0;) rows.n += n;
    return rows;
}

TableRows table_removed(const Table *t, Arena *a)
{
    TableRows rows = {NEW_RAW(a, char *, t->removed.n), 0};
    for (int64_t i = 0; i < t->removed.n; i++)
        if (!(t->removed.v[i]->word & ROW_BORN))
            rows.payload[rows.n++] = row_payload(t, t->removed.v[i]);
    return rows;
}

void table_epoch_begin(Table *t)
{
    for (int64_t i = 0; !t->changed_many && i < t->changed.n; i++)
        t->changed.v[i]->word &= ~(uint64_t)(ROW_CHANGED | ROW_BORN);
    for (int64_t i = 0; t->changed_many && i < t->nslices; i++)
        for (Row *r = t->slice[i]->first; r; r = row_next(t, r)) {
            row_ahead(t, r);
            r->word &= ~(uint64_t)(ROW_CHANGED | ROW_BORN);
        }
    t->changed_many = false;
    for (int64_t i = 0; i < t->removed.n; i++) row_free(t, t->removed.v[i]);
    t->changed.n = t->removed.n = 0;
    t->expired = INT64_MIN;
    t->cleared = false;
    table_sweep(t);
}
