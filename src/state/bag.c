// bag.c -- adding, chaining and expiring rows.
#include "base/civil.h"
#include "state/bag_in.h"

enum { BLOCK_FIRST = 1024, BLOCK_LAST = 1 << 16, AHEAD = 32 };

Bag *bag_new(Arena *owner, const BagSpec *spec)
{
    Arena *a = arena_new(owner);
    Bag *b = NEW(a, Bag, 1);
    *b = (Bag){.arena = a, .spec = *spec, .expired = INT64_MIN, .batch = arena_new(a)};
    must(spec->nkeys > 0 && spec->slice > 0);
    TableSpec keys = {.key = spec->key,
                      .nkeys = spec->nkeys,
                      .time_key = -1,
                      .payload_bytes = sizeof(BagKey),
                      .removes = true};
    b->keys = table_new(a, &keys);
    b->pool = blob_pool_new(a);
    for (int32_t i = 0; i < BAG_SIDES; i++) b->form[i] = rowform_new(a, spec->side[i]);
    return b;
}
int64_t bag_count(const Bag *b) { return b->live; }
int64_t bag_bytes(const Bag *b)
{
    int64_t lists = b->slice.cap + b->added.cap + b->met.cap;
    return blob_pool_bytes(b->pool) + table_bytes(b->keys) + lists * 8;
}
void bag_keys(Bag *b, const Column *key, int32_t n, BagKey **to)
{
    table_upsert(b->keys, key, n, NULL, (char **)to, NULL);
}
static bool key_empty(const BagKey *k) { return !k->n[0] && !k->n[1]; }
static void list_give(Bag *b, BagKey *k, int32_t side)
{
    int64_t bytes = (int64_t)sizeof(BagEntry) * k->cap[side];
    if (bytes) blob_pool_give(b->pool, (char *)k->row[side], bytes);
    k->row[side] = NULL;
    k->cap[side] = 0;
}
// A key that was dropped says so, for it may stand in the list again.
enum { DROPPED = UINT32_MAX };
static void key_drop(Bag *b, BagKey *k)
{
    for (int32_t i = 0; i < BAG_SIDES; i++) list_give(b, k, i);
    k->cap[0] = DROPPED;
    table_remove(b->keys, (char *)k);
}
// A place in a key's list: behind those that expire no later.
static BagEntry *list_place(Bag *b, BagKey *k, int32_t side, Micros expiry)
{
    uint32_t n = k->n[side]++, at = n;
    if (n == k->cap[side]) {
        uint32_t cap = n ? n * 2 : 1;
        int64_t unit = (int64_t)sizeof(BagEntry);
        BagEntry *more = (BagEntry *)(void *)blob_pool_take(b->pool, unit * cap);
        if (n) memcpy(more, k->row[side], sizeof(BagEntry) * n);
        list_give(b, k, side);
        k->row[side] = more;
        k->cap[side] = cap;
    }
    BagEntry *v = k->row[side];
    if (n && v[n - 1].expiry > expiry) {
        k->n[side] = n; // what is there is searched
        at = expiry == BAG_FOREVER ? n : bag_from(k, side, expiry + 1);
        k->n[side] = n + 1;
        memmove(v + at + 1, v + at, sizeof *v * (n - at));
    }
    return &v[at];
}
void bag_release(Bag *b, BagKey *const *key, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (key_empty(key[i]) && key[i]->cap[0] != DROPPED) key_drop(b, key[i]);
}
// -- slices

// The first slice that starts at `from` or later.
static int64_t slice_index(const Bag *b, Micros from)
{
    int64_t low = 0, high = b->slice.n;
    while (low < high) {
        int64_t mid = (low + high) / 2;
        if (b->slice.v[mid]->from < from)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}
static Micros slice_start(const Bag *b, Micros expiry)
{
    return expiry == BAG_FOREVER ? expiry : floor_time(expiry, b->spec.slice);
}
static BagSlice *slice_at(Bag *b, Micros expiry)
{
    Micros from = slice_start(b, expiry);
    if (LIKELY(b->recent && b->recent->from == from)) return b->recent;
    int64_t i = slice_index(b, from);
    if (i == b->slice.n || b->slice.v[i]->from != from) {
        BagSlice *s = (BagSlice *)(void *)blob_pool_take(b->pool, (int64_t)sizeof *s);
        *s = (BagSlice){.from = from};
        vec_push(b->arena, &b->slice, s);
        for (int64_t k = b->slice.n - 1; k > i; k--) b->slice.v[k] = b->slice.v[k - 1];
        b->slice.v[i] = s;
    }
    return b->recent = b->slice.v[i];
}
static BagRow *slice_room(Bag *b, BagSlice *s, int64_t bytes)
{
    BagBlock *last = s->last;
    if (!last || last->bytes - last->used < bytes) {
        int64_t size = last ? MIN(last->bytes * 2, BLOCK_LAST) : BLOCK_FIRST;
        size = MAX(size, bytes);
        BagBlock *more = (BagBlock *)(void *)blob_pool_take(b->pool, size + (int64_t)sizeof *more);
        *more = (BagBlock){.bytes = size};
        if (last)
            last->next = more;
        else
            s->first = more;
        s->last = last = more;
    }
    last->used += bytes;
    return block_row(last, last->used - bytes);
}
BagRow *bag_append(Bag *b, int32_t side, BagKey *key, Micros expiry, int64_t bytes)
{
    BagSlice *s = slice_at(b, expiry);
    BagRow *r = slice_room(b, s, (int64_t)sizeof *r + bytes);
    *r = (BagRow){.key = (char *)key,
                  .seq = b->seq++,
                  .expiry = expiry,
                  .bytes = (uint32_t)bytes,
                  .side = (uint8_t)side};
    *list_place(b, key, side, expiry) = (BagEntry){expiry, r};
    s->live++;
    b->live++;
    return r;
}
void bag_add(Bag *b, const BagAdd *add)
{
    if (!add->n) return;
    int64_t bytes[BATCH_ROWS];
    char *to[BATCH_ROWS];
    arena_clear(b->batch);
    rowform_measure(b->form[add->side], b->batch, add->in, add->row, add->n, bytes);
    for (int32_t i = 0; i < add->n; i++) {
        int32_t row = add->row[i];
        BagRow *r = bag_append(b, add->side, add->key[row], add->expiry[row], bytes[i]);
        r->met = add->met[row];
        to[i] = bag_row_flat(r);
        vec_push(b->arena, &b->added, r);
    }
    rowform_write(b->form[add->side], add->in, add->row, add->n, to);
}
void bag_meet(Bag *b, BagRow *r)
{
    if (r->met) return;
    r->met = 1;
    if (r->seq < b->epoch_seq) vec_push(b->arena, &b->met, r);
}
Column bag_column(const Bag *b, Arena *a, int32_t side, int32_t c, BagRow *const *row, int32_t n)
{
    const char *flat[BATCH_ROWS];
    for (int32_t i = 0; i < n; i++) flat[i] = bag_row_flat(row[i]);
    return rowform_column(b->form[side], a, c, flat, n);
}
// -- going

static bool slice_due(const Bag *b, const BagSlice *s, Micros upto)
{
    Micros end;
    if (s->from == BAG_FOREVER) return false;
    return !__builtin_add_overflow(s->from, b->spec.slice - 1, &end) && end <= upto;
}
static int64_t slices_begun(const Bag *b, Micros upto) { return slice_index(b, upto + 1); }
static BagRow *row_after(BagRow *r) { return (BagRow *)(void *)((char *)r + bag_row_bytes(r)); }
#define EACH_ROW(s, r)                                                                             \
    for (BagBlock *blk_ = (s)->first; blk_; blk_ = blk_->next)                                     \
        for (BagRow *r = block_row(blk_, 0), *end_ = block_row(blk_, blk_->used); r < end_;        \
             r = row_after(r))

BagRows bag_due(const Bag *b, Micros upto, Arena *a)
{
    upto = MIN(upto, BAG_FOREVER - 1);
    int64_t begun = slices_begun(b, upto), most = 0;
    for (int64_t i = 0; i < begun; i++) most += b->slice.v[i]->live;
    BagRows rows = {NEW_RAW(a, BagRow *, most), 0};
    for (int64_t i = 0; i < begun; i++) EACH_ROW(b->slice.v[i], r)
    if (!r->gone && r->expiry <= upto) rows.row[rows.n++] = r;
    return rows;
}
BagRows bag_all(const Bag *b, Arena *a)
{
    BagRows rows = {NEW_RAW(a, BagRow *, b->live), 0};
    for (int64_t i = 0; i < b->slice.n; i++) EACH_ROW(b->slice.v[i], r)
    if (!r->gone) rows.row[rows.n++] = r;
    return rows;
}
static void list_expire(BagKey *k, int32_t side, Micros upto)
{
    uint32_t due = bag_from(k, side, upto + 1), n = k->n[side] - due;
    k->n[side] = n;
    memmove(k->row[side], k->row[side] + due, sizeof(BagEntry) * n);
}
// Takes what is due out of a key's lists, at the first of its rows. A key that is dropped keeps its
// number until another one is made.
static void key_expire(Bag *b, BagKey *k, Micros upto)
{
    if (k->pruned == b->expiries) return;
    k->pruned = b->expiries;
    for (int32_t i = 0; i < BAG_SIDES; i++)
        if (k->n[i]) list_expire(k, i, upto);
    if (key_empty(k)) key_drop(b, k);
}
static void forget_seq(Bag *b, const BagRow *r)
{
    if (!b->by_seq) return;
    int64_t seq = (int64_t)r->seq;
    Column key = {.type = &type_bigint, .data = &seq, .rows = 1};
    char *found = NULL;
    table_lookup(b->by_seq, &key, 1, NULL, &found);
    if (found) table_remove(b->by_seq, found);
}
static void rows_expire(Bag *b, BagSlice *s, BagRow *const *row, int32_t n, Micros upto)
{
    for (int32_t i = 0; i < n; i++) {
        forget_seq(b, row[i]);
        key_expire(b, (BagKey *)(void *)row[i]->key, upto);
        row[i]->gone = 1;
    }
    s->live -= n;
    b->live -= n;
}
static void slice_expire(Bag *b, BagSlice *s, Micros upto)
{
    BagRow *row[AHEAD]; // keys lie anywhere: they are asked for before they are looked at
    int32_t n = 0;
    EACH_ROW(s, r)
    {
        if (r->gone || r->expiry > upto) continue;
        __builtin_prefetch(r->key, 1);
        row[n++] = r;
        if (n < AHEAD) continue;
        rows_expire(b, s, row, n, upto);
        n = 0;
    }
    rows_expire(b, s, row, n, upto);
}
static void slice_free(Bag *b, BagSlice *s)
{
    for (BagBlock *k = s->first, *next; k; k = next) {
        next = k->next;
        blob_pool_give(b->pool, (char *)k, k->bytes + (int64_t)sizeof *k);
    }
    if (b->recent == s) b->recent = NULL;
    blob_pool_give(b->pool, (char *)s, (int64_t)sizeof *s);
}
// Rows that are about to go may not stay in the lists of the epoch.
static int64_t still_there(BagRow **row, int64_t n, Micros upto)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++)
        if (row[i]->expiry > upto) row[kept++] = row[i];
    return kept;
}
void bag_expire(Bag *b, Micros upto)
{
    upto = MIN(upto, BAG_FOREVER - 1);
    int64_t begun = slices_begun(b, upto), whole = 0, before = b->live;
    if (!begun) return;
    b->expiries++;
    b->added.n = still_there(b->added.v, b->added.n, upto);
    b->met.n = still_there(b->met.v, b->met.n, upto);
    for (int64_t i = 0; i < begun; i++) slice_expire(b, b->slice.v[i], upto);
    while (whole < begun && slice_due(b, b->slice.v[whole], upto))
        slice_free(b, b->slice.v[whole++]);
    for (int64_t i = whole; i < b->slice.n; i++) b->slice.v[i - whole] = b->slice.v[i];
    b->slice.n -= whole;
    if (b->live != before) b->expired = MAX(b->expired, upto);
}
void bag_settle(Bag *b)
{
    b->added.n = b->met.n = 0;
    b->epoch_seq = b->seq;
    b->expired = INT64_MIN;
}
void bag_epoch_begin(Bag *b)
{
    bag_settle(b);
    if (b->by_seq) arena_free(b->by_seq_arena);
    b->by_seq = NULL;
}
void bag_clear(Bag *b)
{
    for (int64_t i = 0; i < b->slice.n; i++) slice_free(b, b->slice.v[i]);
    table_clear(b->keys);
    b->slice.n = 0;
    b->live = 0;
    b->seq = 0;
    bag_epoch_begin(b);
}
