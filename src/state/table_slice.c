// table_slice.c -- rows by time. A slice is a list of rows in order of insertion; its memory is
// blocks of the table's pool, all given back when its time has passed. Dead rows that are linked
// stay in the list until they are many, so that removing one costs no walk; others until their
// slice goes.
#include "base/civil.h"
#include "state/table_in.h"

enum { BLOCK_ROWS = 4, BLOCK_LAST = 1 << 16, DEAD_MIN = 64, AHEAD = 16 };

static Micros slice_start(const Table *t, Micros time)
{
    if (t->spec.slice == 0 || time == SLICE_NO_TIME) return time;
    return floor_time(time, t->spec.slice);
}

// Whether no row of the slice can be later than upto.
static bool slice_due(const Table *t, const Slice *s, Micros upto)
{
    Micros end;
    if (t->spec.slice == 0 || s->from == SLICE_NO_TIME) return s->from <= upto;
    return !__builtin_add_overflow(s->from, t->spec.slice - 1, &end) && end <= upto;
}

// The first slice that starts at `from` or later.
static int64_t slice_index(const Table *t, Micros from)
{
    int64_t low = 0, high = t->nslices;
    while (low < high) {
        int64_t mid = (low + high) / 2;
        if (t->slice[mid]->from < from)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static Slice *slice_at(Table *t, Micros time)
{
    Micros from = slice_start(t, time);
    if (LIKELY(t->recent && t->recent->from == from)) return t->recent;
    int64_t i = slice_index(t, from);
    if (i == t->nslices || t->slice[i]->from != from) {
        if (t->nslices == t->slices_cap) {
            int64_t cap = MAX(t->slices_cap * 2, 8), unit = (int64_t)sizeof(void *);
            t->slice = arena_grow(t->arena, t->slice, t->slices_cap * unit, cap * unit, 8);
            t->slices_cap = cap;
        }
        memmove(t->slice + i + 1, t->slice + i, (size_t)(t->nslices - i) * sizeof(void *));
        t->slice[i] = (Slice *)(void *)blob_pool_take(t->pool, (int64_t)sizeof(Slice));
        *t->slice[i] = (Slice){.from = from};
        t->nslices++;
    }
    t->recent = t->slice[i];
    return t->recent;
}

static void put_jump(const Slice *s, const void *to)
{
    *(Row *)(void *)s->at = (Row){(uintptr_t)to << ROW_ADDRESS_SHIFT | ROW_JUMP};
}

static void add_block(Table *t, Slice *s)
{
    int64_t bytes = MIN(s->blocks ? s->blocks->bytes * 2 : 0, BLOCK_LAST);
    int64_t least = BLOCK_ROWS * (int64_t)t->row_bytes + (int64_t)(sizeof(Block) + sizeof(Row));
    bytes = MAX(bytes, least);
    Block *b = (Block *)(void *)blob_pool_take(t->pool, bytes);
    must((uintptr_t)b + (uintptr_t)bytes <= ROW_ADDRESS);
    *b = (Block){.next = s->blocks, .bytes = bytes};
    if (!t->linked && s->blocks) put_jump(s, b + 1);
    s->blocks = b;
    s->at = (char *)(b + 1);
    s->end = (char *)b + bytes - sizeof(Row); // a jump finds room
}

static Row *row_room(Table *t, Slice *s)
{
    Row *r = s->spare;
    if (r) {
        s->spare = row_next(t, r);
        return r;
    }
    if (s->end - s->at < t->row_bytes) add_block(t, s);
    s->at += t->row_bytes;
    return (Row *)(void *)(s->at - t->row_bytes);
}

static void link_last(Slice *s, Row *r)
{
    *row_link(r) = 0;
    if (s->last) *row_link(s->last) = (uintptr_t)r;
    s->last = r;
}

Row *slice_add(Table *t, Micros time)
{
    Slice *s = slice_at(t, time);
    Row *r = row_room(t, s);
    *r = (Row){0};
    memset(row_payload(t, r), 0, (size_t)t->spec.payload_bytes);
    if (!s->first) s->first = r;
    if (t->linked)
        link_last(s, r);
    else
        put_jump(s, NULL);
    s->live++;
    return r;
}

void row_free(Table *t, Row *r)
{
    row_free_keys(t, r);
    for (int32_t i = 0; i < t->spec.nblobs; i++)
        blob_free(t->pool, (Blob *)(void *)(row_payload(t, r) + t->spec.blob_at[i]));
}

static void slice_sweep(Table *t, Slice *s)
{
    Row *next = s->first;
    t->dead -= s->dead;
    s->dead = 0;
    s->first = s->last = NULL;
    for (Row *r = next; r; r = next) {
        next = row_next(t, r);
        if (r->word & ROW_DEAD) {
            *row_link(r) = (uintptr_t)s->spare;
            s->spare = r;
        } else {
            if (!s->first) s->first = r;
            link_last(s, r);
        }
    }
}

void table_sweep(Table *t)
{
    for (int64_t i = 0; t->linked && i < t->nslices && t->dead > DEAD_MIN; i++)
        if (t->slice[i]->dead > t->slice[i]->live + DEAD_MIN) slice_sweep(t, t->slice[i]);
}

void slice_remove(Table *t, Row *r)
{
    Slice *s = t->slice[slice_index(t, slice_start(t, row_time(t, r)))];
    r->word |= ROW_DEAD;
    s->live--;
    s->dead++;
    t->dead++;
    if (!t->spec.track && s->dead > s->live + DEAD_MIN) slice_sweep(t, s);
}

// The rows of some slices that are due, into list.
static int64_t list_rows(const Table *t, int64_t slices, Micros upto, char **list)
{
    int64_t n = 0;
    for (int64_t i = 0; i < slices; i++) {
        const Slice *s = t->slice[i];
        bool all = t->spec.time_key < 0 || slice_due(t, s, upto);
        for (const Row *r = s->first; r; r = row_next(t, r)) {
            row_ahead(t, r);
            if (r->word & ROW_DEAD || (!all && row_time(t, r) > upto)) continue;
            list[n++] = row_payload(t, r);
        }
    }
    return n;
}

TableRows table_all(const Table *t, Arena *a)
{
    TableRows rows = {NEW_RAW(a, char *, t->live), 0};
    rows.n = list_rows(t, t->nslices, INT64_MAX, rows.payload);
    return rows;
}

static int64_t slices_begun(const Table *t, Micros upto)
{
    if (t->spec.time_key < 0) return 0;
    return upto == INT64_MAX ? slice_index(t, upto) : slice_index(t, upto + 1);
}

TableRows table_due(const Table *t, Micros upto, Arena *a)
{
    int64_t slices = slices_begun(t, upto);
    int64_t most = 0;
    for (int64_t i = 0; i < slices; i++) most += t->slice[i]->live;
    TableRows rows = {NEW_RAW(a, char *, most), 0};
    rows.n = list_rows(t, slices, upto, rows.payload);
    return rows;
}

void table_split(const Table *t, int32_t shards, TableRows *list, Arena *a)
{
    must(shards > 0 && !(shards & (shards - 1)));
    int32_t shift = 64 - __builtin_ctz((unsigned)shards);
    for (int32_t s = 0; s < shards; s++) list[s].n = 0;
    for (int32_t pass = 0; pass < 2; pass++) {
        for (int64_t i = 0; i < t->nslices; i++)
            for (const Row *r = t->slice[i]->first; r; r = row_next(t, r)) {
                row_ahead(t, r);
                if (r->word & ROW_DEAD) continue;
                TableRows *to = &list[shards == 1 ? 0 : r->word >> shift];
                if (pass) to->payload[to->n] = row_payload(t, r);
                to->n++;
            }
        if (pass) return;
        for (int32_t s = 0; s < shards; s++)
            list[s] = (TableRows){NEW_RAW(a, char *, list[s].n), 0};
    }
}

static bool rows_own_memory(const Table *t)
{
    for (int32_t k = 0; k < t->nslots_key; k++)
        if (t->key[k].kind == KEY_STR) return true;
    return t->spec.nblobs > 0;
}

// Takes the rows of a slice out of the slots, unless those are built anew anyway.
static void slice_drop_slots(Table *t, const Slice *s)
{
    const Row *ahead = s->first;
    for (int32_t i = 0; i < AHEAD && ahead; i++, ahead = row_next(t, ahead))
        __builtin_prefetch(&t->slot[home_of(t, ahead->word)], 1);
    for (const Row *r = s->first; r; r = row_next(t, r)) {
        if (ahead) {
            __builtin_prefetch(&t->slot[home_of(t, ahead->word)], 1);
            ahead = row_next(t, ahead);
        }
        if (!(r->word & ROW_DEAD)) slots_drop(t, r);
    }
}

static void slice_free(Table *t, Slice *s)
{
    for (Block *b = s->blocks, *next; b; b = next) {
        next = b->next;
        blob_pool_give(t->pool, (char *)b, b->bytes);
    }
    t->dead -= s->dead;
    if (t->recent == s) t->recent = NULL;
    blob_pool_give(t->pool, (char *)s, (int64_t)sizeof *s);
}

// Rows that are about to go may not stay in the lists of the epoch: that they go is said by
// `expired`.
static void forget_tracked(Table *t, Micros upto)
{
    int64_t n = 0;
    bool said = false;
    for (int64_t i = 0; i < t->removed.n; i++) {
        Row *r = t->removed.v[i];
        if (row_time(t, r) > upto) {
            t->removed.v[n++] = r;
            continue;
        }
        row_free(t, r);
        said = true;
    }
    t->removed.n = n;
    if (said) t->expired = MAX(t->expired, upto);
    if (t->changed_many) return; // the list is of no use
    n = 0;
    for (int64_t i = 0; i < t->changed.n; i++) {
        Row *r = t->changed.v[i];
        if (row_time(t, r) > upto) t->changed.v[n++] = r;
    }
    t->changed.n = n;
}

static int64_t expire_part(Table *t, Slice *s, Micros upto)
{
    int64_t n = 0;
    for (Row *r = s->first, *next; r; r = next) {
        next = row_next(t, r); // removing a row may sweep the list
        if (r->word & ROW_DEAD || row_time(t, r) > upto) continue;
        slots_drop(t, r);
        row_free(t, r);
        r->word |= ROW_DEAD;
        s->live--;
        s->dead++;
        t->dead++;
        n++;
    }
    if (t->linked && !t->spec.track && s->dead > s->live + DEAD_MIN) slice_sweep(t, s);
    return n;
}

int64_t table_expire(Table *t, Micros upto)
{
    int64_t begun = slices_begun(t, upto), whole = 0, n = 0;
    if (t->spec.track && begun) forget_tracked(t, upto);
    while (whole < begun && slice_due(t, t->slice[whole], upto)) n += t->slice[whole++]->live;
    bool rebuild = n > t->live / 2, own = rows_own_memory(t);
    for (int64_t i = 0; i < whole; i++) {
        Slice *s = t->slice[i];
        if (!rebuild) slice_drop_slots(t, s);
        for (Row *r = s->first; own && r; r = row_next(t, r)) row_free(t, r);
        slice_free(t, s);
    }
    t->nslices -= whole;
    if (t->nslices) memmove(t->slice, t->slice + whole, (size_t)t->nslices * sizeof(void *));
    if (rebuild) slots_rebuild(t, t->live - n);
    if (whole < begun) n += expire_part(t, t->slice[0], upto);
    if (n) t->expired = MAX(t->expired, upto);
    return n;
}

void table_remove(Table *t, char *payload)
{
    Row *r = row_of(t, payload);
    must(t->linked && !(r->word & ROW_DEAD));
    slots_drop(t, r);
    if (t->spec.track)
        vec_push(t->arena, &t->removed, r);
    else
        row_free(t, r);
    slice_remove(t, r);
}
