#include "base/map.h"
#include "base/hash.h"

static uint64_t key_hash(const Map *m, Str key)
{
    if (!m->fold) return hash_bytes(key);
    uint64_t h = (uint64_t)key.n;
    for (int64_t i = 0; i < key.n; i++) {
        uint8_t c = (uint8_t)key.p[i];
        h = hash_mix(h, c >= 'A' && c <= 'Z' ? c + 32u : c);
    }
    return h;
}

// The slot that holds key, or the free one where it would go.
static int32_t *find(const Map *m, Str key)
{
    for (uint64_t i = key_hash(m, key);; i++) {
        int32_t *s = &m->slot[i & (uint64_t)(m->nslots - 1)];
        if (*s == 0) return s;
        Str k = m->entry[*s - 1].key;
        if (m->fold ? str_ieq(k, key) : str_eq(k, key)) return s;
    }
}

static void rehash(Map *m)
{
    if (m->nslots) memset(m->slot, 0, (size_t)m->nslots * sizeof *m->slot);
    for (int64_t i = 0; i < m->n; i++) *find(m, m->entry[i].key) = (int32_t)i + 1;
}

void *map_get(const Map *m, Str key)
{
    if (m->n == 0) return NULL;
    int32_t s = *find(m, key);
    return s ? m->entry[s - 1].value : NULL;
}

void map_set(Map *m, Str key, void *value)
{
    if (m->n * 2 >= m->nslots) {
        m->nslots = MAX(m->nslots * 2, 16);
        m->slot = NEW(m->arena, int32_t, m->nslots);
        rehash(m);
    }
    int32_t *s = find(m, key);
    if (*s) {
        m->entry[*s - 1].value = value;
        return;
    }
    if (m->n == m->cap) {
        int64_t cap = MAX(m->cap * 2, 8), unit = (int64_t)sizeof(MapEntry);
        m->entry = arena_grow(m->arena, m->entry, m->n * unit, cap * unit, 16);
        m->cap = cap;
    }
    m->entry[m->n++] = (MapEntry){key, value};
    *s = (int32_t)m->n;
}

void *map_remove(Map *m, Str key)
{
    if (m->n == 0) return NULL;
    int32_t s = *find(m, key);
    if (!s) return NULL;
    void *value = m->entry[s - 1].value;
    memmove(&m->entry[s - 1], &m->entry[s], (size_t)(m->n - s) * sizeof *m->entry);
    m->n--;
    rehash(m);
    return value;
}
