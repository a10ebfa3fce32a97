// table_slot.c -- where rows are found: open addressing with linear steps, eight slots a cache
// line. Searches run over a whole batch, so that in a large table the misses overlap.
#include "state/table_in.h"

enum {
    SLOTS_MIN = 1024,
    SLOTS_NEAR = 16384, // up to here an eighth is used at most, or less; past it four fifths, and
                        // slots and rows are fetched ahead
    AHEAD = 16,         // rows: more is no better on the machines measured, and 64 is worse
    TOMB = 1,           // a slot whose row was removed: no tag is 0
};

// The low bits of what is kept of a hash say where; the top ones are the tag (and which shard).
// Never 0.
static inline uint64_t tag_of(uint64_t hash) { return hash >> 48 | 1; }
static inline uint64_t slot_of(const Row *r) { return tag_of(r->word) << 48 | (uintptr_t)r; }
static inline Row *slot_row(uint64_t s) { return row_at(s & ROW_ADDRESS); }

static inline uint64_t slot_after(const Table *t, uint64_t at)
{
    return UNLIKELY(at + 1 == t->nslots) ? 0 : at + 1;
}

static int64_t slots_limit(int64_t slots) // how many may be used
{
    return slots <= SLOTS_NEAR / 4 ? slots / 16 : slots <= SLOTS_NEAR ? slots / 8 : slots * 4 / 5;
}

static int64_t slots_for(int64_t rows)
{
    int64_t slots = SLOTS_MIN;
    while (rows > slots_limit(slots)) slots *= 2;
    int64_t less = slots / 4 * 3; // so that large ones are half full at least
    return slots > 2 * SLOTS_NEAR && rows <= slots_limit(less) ? less : slots;
}

void slots_reset(Table *t, int64_t rows)
{
    int64_t slots = slots_for(rows);
    if (slots > t->slots_room) {
        if (t->slots) arena_free(t->slots);
        t->slots = arena_new(t->arena);
        t->slot = arena_alloc_raw(t->slots, sizeof *t->slot, 64, slots);
        t->slots_room = slots;
    }
    memset(t->slot, 0, (size_t)slots * sizeof *t->slot);
    t->nslots = (uint64_t)slots;
    t->tombs = 0;
    t->generation++;
}

void slots_rebuild(Table *t, int64_t live)
{
    enum { GROUP = 64 };
    t->live = live;
    slots_reset(t, t->live + t->live / 4 + 1); // removing and adding must not end here each time
    Row *group[GROUP];
    int64_t n = 0, left = t->live;
    for (int64_t i = 0; i < t->nslices; i++)
        for (Row *r = t->slice[i]->first; r; r = row_next(t, r)) {
            if (r->word & ROW_DEAD) continue;
            __builtin_prefetch(&t->slot[home_of(t, r->word)], 1);
            group[n++] = r;
            if (--left > 0 && n < GROUP) continue;
            for (int64_t k = 0; k < n; k++) {
                uint64_t at = home_of(t, group[k]->word);
                while (t->slot[at]) at = slot_after(t, at);
                t->slot[at] = slot_of(group[k]);
            }
            n = 0;
        }
}

// In a small table nearly every row stands where its hash says: what does not is left to
// slots_find_one.
static void find_near(Table *t)
{
    Probe *p = t->probe;
    const uint64_t *slot = t->slot, nslots = t->nslots;
    Row *nobody = t->nobody;
    for (int32_t i = 0, n = p->n; i < n; i++) {
        uint64_t s = slot[home_in(nslots, p->hash[i])];
        Row *r = s >> 48 == tag_of(p->hash[i]) ? slot_row(s) : nobody;
        p->row[i] = r;
        p->differs[i] = row_nulls(r) != p->nulls[i];
    }
}

// Slots are fetched a few rows ahead of the search, rows well ahead of their comparison.
static void find_far(Table *t)
{
    Probe *p = t->probe;
    const uint64_t *slot = t->slot, nslots = t->nslots;
    Row *nobody = t->nobody;
    int32_t n = p->n;
    for (int32_t i = 0; i < MIN(AHEAD, n); i++)
        __builtin_prefetch(&slot[home_in(nslots, p->hash[i])]);
    for (int32_t i = 0; i < n; i++) {
        if (i + AHEAD < n) __builtin_prefetch(&slot[home_in(nslots, p->hash[i + AHEAD])]);
        uint64_t at = home_in(nslots, p->hash[i]), tag = tag_of(p->hash[i]), s = slot[at];
        while (s && s >> 48 != tag) {
            at = UNLIKELY(at + 1 == nslots) ? 0 : at + 1;
            s = slot[at];
        }
        p->at[i] = (uint32_t)at;
        p->row[i] = s ? slot_row(s) : nobody;
        __builtin_prefetch(p->row[i]);
    }
    for (int32_t i = 0; i < n; i++) p->differs[i] = row_nulls(p->row[i]) != p->nulls[i];
}

void slots_find(Table *t)
{
    bool near = t->nslots <= SLOTS_NEAR;
    t->probe->generation = near ? -1 : t->generation;
    if (near)
        find_near(t);
    else
        find_far(t);
}

Row *slots_find_one(Table *t, int32_t i)
{
    Probe *p = t->probe;
    uint64_t tag = tag_of(p->hash[i]);
    uint64_t at = p->generation == t->generation ? p->at[i] : home_of(t, p->hash[i]);
    for (;; at = slot_after(t, at)) {
        uint64_t s = t->slot[at];
        p->at[i] = (uint32_t)at;
        if (s == 0) return NULL;
        if (s >> 48 == tag && probe_same(t, i, slot_row(s))) return slot_row(s);
    }
}

void slots_put(Table *t, Row *r, uint64_t at)
{
    t->slot[at] = slot_of(r);
    if (++t->live + t->tombs > slots_limit((int64_t)t->nslots)) slots_rebuild(t, t->live);
}

void slots_drop(Table *t, const Row *r)
{
    uint64_t at = home_of(t, r->word);
    while (slot_row(t->slot[at]) != r) at = slot_after(t, at);
    t->live--;
    if (t->slot[slot_after(t, at)]) {
        t->slot[at] = TOMB;
        t->tombs++;
        return;
    }
    // Nobody searches past here: this slot is free, and so are removed ones right before it.
    t->slot[at] = 0;
    while (t->slot[at = (at ? at : t->nslots) - 1] == TOMB) {
        t->slot[at] = 0;
        t->tombs--;
    }
}
