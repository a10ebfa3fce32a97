// arena.c -- chunks in a list, the newest first; disposers in a list; children in a list. The
// newest piece can grow in place, which makes growing buffers cheap.
#include "base/arena.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct Defer {
    struct Defer *next;
    void (*fn)(void *);
    void *arg;
} Defer;
typedef struct Chunk {
    struct Chunk *next;
    int64_t size;
    _Alignas(16) char data[];
} Chunk;
struct Arena {
    char *at, *end;
    Chunk *chunks;
    Defer *defers;
    Arena *parent, *kids, *prev, *next; // prev and next among the parent's kids
    int64_t bytes, chunk_bytes;
};

#ifdef SANITIZED
enum { CHUNK_MIN = 0, CHUNK_MAX = 0 }; // every piece its own malloc, so ASan sees its edges
#else
enum { CHUNK_MIN = 4096, CHUNK_MAX = 1 << 20 };
#endif

_Noreturn static void out_of_memory(void)
{
    fputs("kappa: out of memory\n", stderr);
    abort();
}

Arena *arena_new(Arena *parent)
{
    Arena *a = calloc(1, sizeof *a);
    if (!a) out_of_memory();
    a->chunk_bytes = CHUNK_MIN;
    if (parent) {
        a->parent = parent;
        a->next = parent->kids;
        if (a->next) a->next->prev = a;
        parent->kids = a;
    }
    return a;
}

static void end_lifetimes(Arena *a)
{
    while (a->kids) {
        Arena *kid = a->kids;
        a->kids = kid->next;
        if (a->kids) a->kids->prev = NULL;
        kid->parent = kid->next = NULL;
        arena_free(kid);
    }
    // A disposer may register another one; the list is popped, not walked.
    while (a->defers) {
        Defer *d = a->defers;
        a->defers = d->next;
        d->fn(d->arg);
    }
}

static void free_chunks(Arena *a, const Chunk *keep)
{
    for (Chunk *c = a->chunks, *next; c; c = next) {
        next = c->next;
        if (c == keep) continue;
        a->bytes -= c->size;
        free(c);
    }
}

void arena_free(Arena *a)
{
    if (!a) return;
    end_lifetimes(a);
    free_chunks(a, NULL);
    if (a->prev)
        a->prev->next = a->next;
    else if (a->parent)
        a->parent->kids = a->next;
    if (a->next) a->next->prev = a->prev;
    free(a);
}

void arena_clear(Arena *a)
{
    end_lifetimes(a);
    Chunk *keep = CHUNK_MAX > 0 ? a->chunks : NULL; // the newest is the biggest, or nearly
    if (keep && keep->size > 4 * (int64_t)CHUNK_MAX) keep = NULL;
    free_chunks(a, keep);
    a->chunks = keep;
    a->at = a->end = NULL;
    if (!keep) return;
    keep->next = NULL;
    a->at = keep->data;
    a->end = keep->data + keep->size;
}

int64_t arena_bytes(const Arena *a) { return a->bytes; }

static void add_chunk(Arena *a, int64_t need)
{
    int64_t size = MAX(need, a->chunk_bytes);
    if (a->chunk_bytes < CHUNK_MAX) a->chunk_bytes *= 2;
    Chunk *c = malloc(sizeof *c + (size_t)size);
    if (!c) out_of_memory();
    *c = (Chunk){.next = a->chunks, .size = size};
    a->chunks = c;
    a->bytes += size;
    a->at = c->data;
    a->end = c->data + size;
}

void *arena_alloc_raw(Arena *a, int64_t size, int64_t align, int64_t count)
{
    must(size > 0 && count >= 0 && align > 0 && !(align & (align - 1)) && align <= 64);
    must(count <= INT64_MAX / 4 / size);
    int64_t bytes = size * count;
    int64_t pad = (int64_t)(-(uintptr_t)a->at & (uintptr_t)(align - 1));
    if (UNLIKELY(!a->at || a->end - a->at - pad < bytes)) {
        add_chunk(a, bytes + (align > 16 ? align : 0));
        pad = (int64_t)(-(uintptr_t)a->at & (uintptr_t)(align - 1));
    }
    char *p = a->at + pad;
    a->at = p + bytes;
    return p;
}

void *arena_alloc(Arena *a, int64_t size, int64_t align, int64_t count)
{
    return memset(arena_alloc_raw(a, size, align, count), 0, (size_t)(size * count));
}

void *arena_grow(Arena *a, void *old, int64_t old_bytes, int64_t new_bytes, int64_t align)
{
    must(new_bytes >= old_bytes);
    if (CHUNK_MAX > 0 && old && (char *)old + old_bytes == a->at &&
        a->end - a->at >= new_bytes - old_bytes) {
        a->at += new_bytes - old_bytes;
        return old;
    }
    char *p = arena_alloc_raw(a, 1, align, new_bytes);
    if (old) memcpy(p, old, (size_t)old_bytes);
    return p;
}

void arena_defer(Arena *a, void (*fn)(void *), void *arg)
{
    Defer *d = NEW(a, Defer, 1);
    *d = (Defer){.next = a->defers, .fn = fn, .arg = arg};
    a->defers = d;
}
