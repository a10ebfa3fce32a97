// value_set.c -- see value_set.h.
#include "expr/value_set.h"
#include "base/hash.h"

enum { HEAD = 12, UNINDEXED_MAX = 8 };

bool value_set_next(Reader *r, ValueEntry *e)
{
    if (!reader_left(r)) return false;
    e->times = reader_u64le(r);
    e->value = reader_str_u32le(r);
    must(!r->bad);
    return true;
}

static ValueEntry entry_at(const ValueSet *s, int64_t at)
{
    Reader r = reader_of(str_from(blob_str(&s->entries), at));
    ValueEntry e;
    must(value_set_next(&r, &e));
    return e;
}

static uint32_t *slots(const ValueSet *s) { return (uint32_t *)(void *)s->index.p; }
static uint32_t nslots(const ValueSet *s) { return s->index.n / (uint32_t)sizeof(uint32_t); }

// The slot of the value, or the free one where it would go.
static uint32_t *find_slot(const ValueSet *s, Str value)
{
    uint32_t mask = nslots(s) - 1, i = (uint32_t)hash_bytes(value) & mask;
    for (;; i = (i + 1) & mask) {
        uint32_t *slot = &slots(s)[i];
        if (!*slot || str_eq(entry_at(s, *slot - 1).value, value)) return slot;
    }
}

static void reindex(BlobPool *pool, ValueSet *s)
{
    uint32_t n = nslots(s) ? 2 * nslots(s) : 4 * UNINDEXED_MAX;
    int64_t bytes = n * (int64_t)sizeof(uint32_t);
    blob_free(pool, &s->index);
    memset(blob_append(pool, &s->index, bytes), 0, (size_t)bytes);
    Reader r = value_set_reader(s);
    const uint8_t *begin = r.at;
    for (ValueEntry e;;) {
        uint32_t at = (uint32_t)(r.at - begin);
        if (!value_set_next(&r, &e)) return;
        *find_slot(s, e.value) = at + 1;
    }
}

static int64_t find(const ValueSet *s, Str value) // offset of its entry; -1: none
{
    if (s->n > UNINDEXED_MAX) return (int64_t)*find_slot(s, value) - 1;
    Reader r = value_set_reader(s);
    const uint8_t *begin = r.at;
    for (ValueEntry e;;) {
        int64_t at = r.at - begin;
        if (!value_set_next(&r, &e)) return -1;
        if (str_eq(e.value, value)) return at;
    }
}

bool value_set_has(const ValueSet *s, Str value) { return find(s, value) >= 0; }

void value_set_add(BlobPool *pool, ValueSet *s, Str value, uint64_t times)
{
    int64_t at = find(s, value);
    if (at >= 0) {
        times += entry_at(s, at).times;
        memcpy(s->entries.p + at, &times, sizeof times);
        return;
    }
    at = s->entries.n;
    uint32_t n = (uint32_t)value.n;
    char *p = blob_append(pool, &s->entries, HEAD + value.n);
    memcpy(p, &times, sizeof times);
    memcpy(p + sizeof times, &n, sizeof n);
    if (value.n) memcpy(p + HEAD, value.p, (size_t)value.n);
    s->n++;
    if (s->n <= UNINDEXED_MAX) return;
    if (2 * s->n > (int64_t)nslots(s))
        reindex(pool, s);
    else
        *find_slot(s, value) = (uint32_t)at + 1;
}

void value_set_merge(BlobPool *pool, ValueSet *to, const ValueSet *from)
{
    Reader r = value_set_reader(from);
    for (ValueEntry e; value_set_next(&r, &e);) value_set_add(pool, to, e.value, e.times);
}
