// arrow_flat.c -- see arrow_flat_in.h. Offsets to tables, strings and lists only go forward, so
// what is followed ends.
#include "fmt/arrow_flat_in.h"

static uint64_t load(Flat *f, int64_t at, int32_t bytes)
{
    uint64_t v = 0;
    if (at < 0 || at > f->bytes.n - bytes) {
        f->bad = true;
        return 0;
    }
    memcpy(&v, f->bytes.p + at, (size_t)bytes);
    return v;
}

static FlatTable table_at(Flat *f, int64_t at)
{
    int64_t vtable = at - (int32_t)load(f, at, 4);
    int64_t bytes = (int64_t)load(f, vtable, 2);
    if (bytes < 4 || vtable < 0 || vtable > f->bytes.n - bytes) f->bad = true;
    return f->bad ? (FlatTable){.in = f} : (FlatTable){f, at, vtable, (bytes - 4) / 2};
}

FlatTable flat_root(Flat *f) { return table_at(f, (int64_t)load(f, 0, 4)); }

static int64_t slot_at(const FlatTable *t, int32_t slot)
{
    if (!t->at || slot >= t->slots) return 0;
    int64_t offset = (int64_t)load(t->in, t->vtable + 4 + (int64_t)slot * 2, 2);
    return offset ? t->at + offset : 0;
}

bool flat_has(const FlatTable *t, int32_t slot) { return slot_at(t, slot) != 0; }

int64_t flat_int(const FlatTable *t, int32_t slot, int32_t bytes, int64_t absent)
{
    int64_t at = slot_at(t, slot);
    if (!at) return absent;
    uint64_t v = load(t->in, at, bytes);
    int32_t unused = 64 - bytes * 8;
    return (int64_t)(v << unused) >> unused;
}

// Where the offset in a slot leads; 0 when it is absent or leads out.
static int64_t follow(const FlatTable *t, int32_t slot)
{
    int64_t at = slot_at(t, slot);
    if (!at) return 0;
    int64_t by = (int64_t)load(t->in, at, 4);
    if (!by || at + by > t->in->bytes.n) t->in->bad = true;
    return t->in->bad ? 0 : at + by;
}

FlatTable flat_table(const FlatTable *t, int32_t slot)
{
    int64_t at = follow(t, slot);
    return at ? table_at(t->in, at) : (FlatTable){.in = t->in};
}

FlatList flat_list(const FlatTable *t, int32_t slot, int32_t element_bytes)
{
    int64_t at = follow(t, slot);
    if (!at) return (FlatList){.in = t->in};
    int64_t n = (int64_t)load(t->in, at, 4);
    if (n > (t->in->bytes.n - at - 4) / element_bytes) t->in->bad = true;
    return t->in->bad ? (FlatList){.in = t->in} : (FlatList){t->in, at + 4, n};
}

Str flat_str(const FlatTable *t, int32_t slot)
{
    FlatList l = flat_list(t, slot, 1);
    return l.n ? str_sub(t->in->bytes, l.at, l.n) : (Str){0};
}

FlatTable flat_item(const FlatList *l, int64_t i)
{
    int64_t at = l->at + i * 4, by = (int64_t)load(l->in, at, 4);
    if (!by) l->in->bad = true;
    return l->in->bad ? (FlatTable){.in = l->in} : table_at(l->in, at + by);
}

int64_t flat_i64(const FlatList *l, int32_t struct_bytes, int64_t i, int32_t at)
{
    return (int64_t)load(l->in, l->at + i * struct_bytes + at, 8);
}
