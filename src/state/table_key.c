// table_key.c -- keys in the form of key slots: made from columns or from rows of another table,
// compared column by column, stored in rows, and given back as columns.
#include "base/buf.h"
#include "base/reader.h"
#include "col/pack.h"
#include "state/table_in.h"

#define AT(r, at, T) (*(T *)(void *)((char *)(r) + (at)))

Row *row_nobody(Table *t) { return (Row *)(void *)NEW(t->arena, uint64_t, (t->row_bytes + 7) / 8); }

// -- strings in slots of 16 bytes: up to 15 bytes lie there, their count in the last one; of longer
// ones the slot has the address, and TEXT_LONG above the length.

#define TEXT_LONG (UINT64_C(0xff) << 56)
enum { TEXT_SHORT_MAX = 15 };

static inline bool text_long(Wide w) { return w.word[1] >= TEXT_LONG; }
static inline Wide text_slot(Str s)
{
    if (LIKELY(s.n <= TEXT_SHORT_MAX)) {
        StrHead h = str_head(s);
        return (Wide){{h.word[0], h.word[1] | (uint64_t)s.n << 56}};
    }
    return (Wide){{(uintptr_t)s.p, (uint64_t)s.n | TEXT_LONG}};
}
// What a slot says, as long as the slot stays where it is.
static inline Str text_str(const Wide *w)
{
    if (LIKELY(!text_long(*w))) return (Str){(const char *)w, (int64_t)(w->word[1] >> 56)};
    const char *p;
    memcpy(&p, w->word, sizeof p);
    return (Str){p, (int64_t)(w->word[1] & ~TEXT_LONG)};
}
static bool text_same(Wide x, Wide y) // neither has equal words
{
    if (x.word[1] != y.word[1] || !text_long(x)) return false;
    return str_eq(text_str(&x), text_str(&y));
}

static KeyKind kind_of(const Type *t)
{
    switch (type_phys(t)) {
    case PHYS_BOOL:
    case PHYS_I8:
    case PHYS_I16:
    case PHYS_I32:
    case PHYS_I64:
    case PHYS_F32:
    case PHYS_F64: return KEY_8;
    case PHYS_I128:
    case PHYS_INTERVAL: return KEY_16;
    case PHYS_STR:
    case PHYS_LIST:
    case PHYS_STRUCT: return KEY_STR;
    }
    must_failed("Phys", __FILE__, __LINE__);
}

void table_keys_layout(Table *t)
{
    int32_t n = t->spec.nkeys, words = n > ROW_NULLS_MAX ? (n + 63) / 64 : 0,
            at = (int32_t)sizeof(Row);
    t->linked = t->spec.removes;
    if (t->linked) at += (int32_t)sizeof(uint64_t);
    t->nslots_key = n + words;
    t->key = NEW(t->arena, KeySlot, t->nslots_key);
    for (int32_t k = 0; k < t->nslots_key; k++) {
        t->key[k] = (KeySlot){k < n ? kind_of(t->spec.key[k]) : KEY_8, at};
        at += t->key[k].kind == KEY_8 ? 8 : 16;
    }
    t->payload_at = at;
    t->row_bytes = at + t->spec.payload_bytes;
    t->time_at = t->spec.time_key >= 0 ? t->key[t->spec.time_key].at : 0;
}

// Values of KEY_8 as int64_t in `to`; of NULL rows 0.
static void widen(int64_t *to, const Column *c, int32_t n)
{
#define WIDEN(T)                                                                                   \
    for (int32_t i = 0; i < n; i++) to[i] = (int64_t)COLUMN_DATA(c, T)[i];                         \
    break
    switch (type_phys(c->type)) {
    case PHYS_BOOL: WIDEN(uint8_t);
    case PHYS_I8: WIDEN(int8_t);
    case PHYS_I16: WIDEN(int16_t);
    case PHYS_I32: WIDEN(int32_t);
    case PHYS_I64: WIDEN(int64_t);
#undef WIDEN
#define WIDEN(T)                                                                                   \
    for (int32_t i = 0; i < n; i++) {                                                              \
        double v = (double)COLUMN_DATA(c, T)[i] + 0.0; /* -0.0 becomes 0.0 */                      \
        memcpy(&to[i], &v, sizeof v);                                                              \
        if (v != v) to[i] = INT64_C(0x7ff8000000000000);                                           \
    }                                                                                              \
    break
    case PHYS_F32: WIDEN(float);
    case PHYS_F64: WIDEN(double);
#undef WIDEN
    case PHYS_I128:
    case PHYS_STR:
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: must_failed("a key of 8 bytes", __FILE__, __LINE__);
    }
    if (c->valid)
        for (int32_t i = 0; i < n; i++) to[i] &= -(int64_t)c->valid[i];
}

static void narrow(Column *c, int32_t i, int64_t v)
{
    double d;
    memcpy(&d, &v, sizeof d);
    switch (type_phys(c->type)) {
    case PHYS_BOOL:
    case PHYS_I8: COLUMN_DATA(c, int8_t)[i] = (int8_t)v; return;
    case PHYS_I16: COLUMN_DATA(c, int16_t)[i] = (int16_t)v; return;
    case PHYS_I32: COLUMN_DATA(c, int32_t)[i] = (int32_t)v; return;
    case PHYS_I64: COLUMN_DATA(c, int64_t)[i] = v; return;
    case PHYS_F32: COLUMN_DATA(c, float)[i] = (float)d; return;
    case PHYS_F64: COLUMN_DATA(c, double)[i] = d; return;
    case PHYS_I128:
    case PHYS_STR:
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: break;
    }
    must_failed("a key of 8 bytes", __FILE__, __LINE__);
}

static void pack_keys(Wide *slot, const Column *c, int32_t n, Arena *a)
{
    Buf b = buf_new(a);
    int64_t at = 0;
    Str to[BATCH_ROWS];
    for (int32_t i = 0; i < n; i++) {
        if (!column_null(c, i)) value_pack(&b, c, i);
        to[i] = (Str){NULL, b.n - at}; // the buffer may still move
        at = b.n;
    }
    at = 0;
    for (int32_t i = 0; i < n; i++) {
        slot[i] = text_slot(str_of(b.p + at, to[i].n));
        at += to[i].n;
    }
}

static const void *probe_column(Table *t, int32_t k, const Column *c, int32_t n)
{
    Phys p = type_phys(c->type);
    void *to = t->probe->scratch[k];
    if (t->key[k].kind == KEY_8) {
        if (p == PHYS_I64 && !c->valid) return c->data;
        widen(to, c, n);
    } else if (t->key[k].kind == KEY_16) {
        if (!c->valid) return c->data;
        for (int32_t i = 0; i < n; i++)
            ((Wide *)to)[i] = c->valid[i] ? COLUMN_DATA(c, Wide)[i] : (Wide){{0, 0}};
    } else if (p == PHYS_STR) {
        Wide *slot = to;
        for (int32_t i = 0; i < n; i++)
            slot[i] = text_slot(column_null(c, i) ? (Str){0} : COLUMN_DATA(c, Str)[i]);
    } else {
        pack_keys(to, c, n, t->probe->packed);
    }
    return to;
}

// Bits of NULL keys beyond those that the rows' flags hold: key slots of their own.
static void probe_null_words(Table *t, const Column *key, int32_t n)
{
    Probe *p = t->probe;
    for (int32_t k = t->spec.nkeys; k < t->nslots_key; k++) {
        memset(p->scratch[k], 0, (size_t)n * sizeof(uint64_t));
        p->key[k] = p->scratch[k];
    }
    for (int32_t k = 0; k < t->spec.nkeys; k++) {
        uint64_t *word = p->scratch[t->spec.nkeys + k / 64];
        for (int32_t i = 0; i < n; i++) word[i] |= (uint64_t)column_null(&key[k], i) << k % 64;
    }
}

void probe_columns(Table *t, const Column *key, int32_t n, const uint8_t *keep)
{
    Probe *p = t->probe;
    must(n >= 0 && n <= BATCH_ROWS);
    p->n = n;
    p->keep = keep;
    memset(p->nulls, 0, (size_t)n * sizeof *p->nulls);
    if (p->packed) arena_clear(p->packed);
    if (t->spec.nkeys == 0) memset(p->hash, 0, (size_t)n * sizeof *p->hash);
    for (int32_t k = 0; k < t->spec.nkeys; k++) {
        column_hash(&key[k], n, p->hash, k == 0);
        p->key[k] = probe_column(t, k, &key[k], n);
        if (!key[k].valid || t->spec.nkeys > ROW_NULLS_MAX) continue;
        for (int32_t i = 0; i < n; i++) p->nulls[i] |= (uint16_t)(!key[k].valid[i] << k);
    }
    for (int32_t i = 0; i < n; i++) p->hash[i] &= ROW_HASH;
    if (t->spec.nkeys > ROW_NULLS_MAX) probe_null_words(t, key, n);
}

enum { AHEAD = 16 };
void probe_rows(Table *t, const Table *from, char *const *payload, int32_t n)
{
    Probe *p = t->probe;
    must(n >= 0 && n <= BATCH_ROWS && from->nslots_key == t->nslots_key);
    p->n = n;
    p->keep = NULL;
    for (int32_t i = 0; i < n; i++) {
        // Rows of a shard lie all over the other table; nobody has looked at them lately.
        if (i + AHEAD < n) __builtin_prefetch(row_of(from, payload[i + AHEAD]));
        const Row *r = row_of(from, payload[i]);
        p->hash[i] = r->word & ROW_HASH;
        p->nulls[i] = row_nulls(r);
    }
    for (int32_t k = 0; k < t->nslots_key; k++) {
        int32_t at = from->key[k].at;
        must(from->key[k].kind == t->key[k].kind);
        p->key[k] = p->scratch[k];
        uint64_t *word = p->scratch[k];
        Wide *wide = p->scratch[k];
        if (t->key[k].kind == KEY_8)
            for (int32_t i = 0; i < n; i++) word[i] = AT(row_of(from, payload[i]), at, uint64_t);
        else
            for (int32_t i = 0; i < n; i++) wide[i] = AT(row_of(from, payload[i]), at, Wide);
    }
}

#define COMPARE(name, T, differ)                                                                   \
    static void compare_##name(uint8_t *restrict differs, Row *const *restrict row, int32_t at,    \
                               const T *restrict v, int32_t n)                                     \
    {                                                                                              \
        for (int32_t i = 0; i < n; i++) {                                                          \
            const T x = AT(row[i], at, T), y = v[i];                                               \
            differs[i] |= (differ);                                                                \
        }                                                                                          \
    }
COMPARE(8, uint64_t, x != y)
COMPARE(16, Wide, ((x.word[0] ^ y.word[0]) | (x.word[1] ^ y.word[1])) != 0)
COMPARE(str, Wide, ((x.word[0] ^ y.word[0]) | (x.word[1] ^ y.word[1])) != 0 && !text_same(x, y))
#undef COMPARE

void probe_compare(Table *t)
{
    Probe *p = t->probe;
    int32_t n = p->n;
    uint8_t *restrict differs = p->differs;
    Row *const *restrict row = p->row;
    for (int32_t k = 0; k < t->nslots_key; k++) {
        int32_t at = t->key[k].at;
        switch (t->key[k].kind) {
        case KEY_8: compare_8(differs, row, at, p->key[k], n); break;
        case KEY_16: compare_16(differs, row, at, p->key[k], n); break;
        case KEY_STR: compare_str(differs, row, at, p->key[k], n); break;
        }
    }
}

bool probe_same(const Table *t, int32_t i, const Row *r)
{
    const Probe *p = t->probe;
    if ((r->word & ROW_HASH) != p->hash[i] || row_nulls(r) != p->nulls[i]) return false;
    for (int32_t k = 0; k < t->nslots_key; k++) {
        int32_t at = t->key[k].at;
        bool same = false;
        switch (t->key[k].kind) {
        case KEY_8: same = AT(r, at, uint64_t) == ((const uint64_t *)p->key[k])[i]; break;
        case KEY_16:
            same = !memcmp(&AT(r, at, Wide), &((const Wide *)p->key[k])[i], sizeof(Wide));
            break;
        case KEY_STR: {
            Wide x = AT(r, at, Wide), y = ((const Wide *)p->key[k])[i];
            same = !memcmp(&x, &y, sizeof x) || text_same(x, y);
            break;
        }
        }
        if (!same) return false;
    }
    return true;
}

Micros probe_time(const Table *t, int32_t i)
{
    int32_t k = t->spec.time_key;
    if (k < 0 || t->probe->nulls[i] >> k & 1) return SLICE_NO_TIME;
    return ((const Micros *)t->probe->key[k])[i];
}

static Wide keep_text(Table *t, Wide w)
{
    if (!text_long(w)) return w;
    Str s = text_str(&w);
    char *p = blob_pool_take(t->pool, s.n);
    memcpy(p, s.p, (size_t)s.n);
    return text_slot((Str){p, s.n});
}

void row_store_keys(Table *t, Row *r, int32_t i)
{
    const Probe *p = t->probe;
    r->word = p->hash[i] | (uint64_t)p->nulls[i] << ROW_NULL_SHIFT;
    for (int32_t k = 0; k < t->nslots_key; k++) {
        int32_t at = t->key[k].at;
        switch (t->key[k].kind) {
        case KEY_8: AT(r, at, uint64_t) = ((const uint64_t *)p->key[k])[i]; break;
        case KEY_16: AT(r, at, Wide) = ((const Wide *)p->key[k])[i]; break;
        case KEY_STR: AT(r, at, Wide) = keep_text(t, ((const Wide *)p->key[k])[i]); break;
        }
    }
}

void row_free_keys(Table *t, Row *r)
{
    for (int32_t k = 0; k < t->nslots_key; k++) {
        if (t->key[k].kind != KEY_STR) continue;
        Wide *w = &AT(r, t->key[k].at, Wide);
        Str s = text_str(w);
        if (text_long(*w)) blob_pool_give(t->pool, (char *)s.p, s.n);
        *w = (Wide){{0, 0}};
    }
}

static bool row_null(const Table *t, const Row *r, int32_t k)
{
    if (t->spec.nkeys <= ROW_NULLS_MAX) return row_nulls(r) >> k & 1;
    return AT(r, t->key[t->spec.nkeys + k / 64].at, uint64_t) >> k % 64 & 1;
}

static Column nested_keys(const Table *t, char *const *payload, int32_t n, int32_t k, Arena *a)
{
    Builder *b = builder_new(a, t->spec.key[k]);
    for (int32_t i = 0; i < n; i++) {
        const Row *r = row_of(t, payload[i]);
        Reader bytes = reader_of(text_str(&AT(r, t->key[k].at, Wide)));
        if (row_null(t, r, k))
            builder_null(b);
        else
            must(value_unpack(&bytes, b));
    }
    return builder_column(b);
}

static Column key_column(const Table *t, char *const *payload, int32_t n, int32_t k, Arena *a)
{
    const Type *type = t->spec.key[k];
    if (type->id >= T_ARRAY) return nested_keys(t, payload, n, k, a);
    Column c = column_new(a, type, n);
    int32_t at = t->key[k].at;
    for (int32_t i = 0; i < n; i++) {
        const Row *r = row_of(t, payload[i]);
        if (row_null(t, r, k)) column_own_valid(a, &c)[i] = 0;
        switch (t->key[k].kind) {
        case KEY_8: narrow(&c, i, AT(r, at, int64_t)); break;
        case KEY_16: COLUMN_DATA(&c, Wide)[i] = AT(r, at, Wide); break;
        case KEY_STR: COLUMN_DATA(&c, Str)[i] = text_str(&AT(r, at, Wide)); break;
        }
    }
    return c;
}

void table_keys(const Table *t, char *const *payload, int32_t n, Column *key, Arena *a)
{
    for (int32_t k = 0; k < t->spec.nkeys; k++) key[k] = key_column(t, payload, n, k, a);
}

Micros row_time(const Table *t, const Row *r)
{
    if (t->spec.time_key < 0 || row_null(t, r, t->spec.time_key)) return SLICE_NO_TIME;
    return AT(r, t->time_at, Micros);
}
