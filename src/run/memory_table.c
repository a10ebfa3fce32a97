// memory_table.c -- two arenas: what is seen, and what an epoch is bringing. Replacing swaps them.
#include "run/memory_table.h"
#include "os/thread.h"

typedef struct Rows {
    Arena *arena;
    Batch *v;
    int64_t n, cap;
} Rows;
struct MemoryTable {
    Out out;
    Mutex *lock;
    const Schema *schema;
    Rows seen, coming;
};

static void rows_add(Rows *r, const Batch *b)
{
    Batch copy = batch_copy(r->arena, b);
    vec_push(r->arena, r, copy);
}
static void rows_clear(Rows *r)
{
    Arena *a = r->arena;
    arena_clear(a);
    *r = (Rows){.arena = a};
}
static Status memory_put(Out *out, const Batch *b)
{
    rows_add(&CONTAINER(out, MemoryTable, out)->coming, b);
    return DONE;
}
MemoryTable *memory_table_new(Arena *a, const Schema *schema)
{
    MemoryTable *t = NEW(a, MemoryTable, 1);
    t->out.put = memory_put;
    t->lock = mutex_new(a);
    t->schema = type_copy(a, schema);
    t->seen.arena = arena_new(a);
    t->coming.arena = arena_new(a);
    return t;
}
Out *memory_table_out(MemoryTable *t) { return &t->out; }
void memory_table_commit(MemoryTable *t, bool replace)
{
    mutex_lock(t->lock);
    if (replace) {
        Rows old = t->seen;
        t->seen = t->coming;
        t->coming = old;
    } else {
        for (int64_t i = 0; i < t->coming.n; i++) rows_add(&t->seen, &t->coming.v[i]);
    }
    mutex_unlock(t->lock);
    rows_clear(&t->coming);
}
const Schema *memory_table_schema(void *table) { return ((MemoryTable *)table)->schema; }
Status memory_table_rows(void *table, Arena *a, Batch **rows, int32_t *n)
{
    MemoryTable *t = table;
    mutex_lock(t->lock);
    *n = (int32_t)t->seen.n;
    *rows = NEW(a, Batch, t->seen.n);
    for (int64_t i = 0; i < t->seen.n; i++) (*rows)[i] = batch_copy(a, &t->seen.v[i]);
    mutex_unlock(t->lock);
    return DONE;
}
