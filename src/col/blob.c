// blob.c -- four size classes to every doubling, a free list each; new pieces are cut from chunks.
// What is freed is the first to be given out again, while it is still in the cache.
#include "col/blob.h"

enum {
    CLASSES = 2 + 4 * 28, // the last ones exceed 4 GiB, what a Blob can say
    CHUNK_FIRST = 4096,
    CHUNK_LAST = 1 << 20,
};

typedef struct Free {
    struct Free *next;
} Free;
typedef struct Chunk {
    char *p;
    int64_t size;
} Chunk;
struct BlobPool {
    Arena *arena;
    char *at, *end; // of the chunk that is being cut
    Free *free[CLASSES];
    VEC(Chunk) chunks;
    int64_t next;  // the chunk to cut after this one; those from it on are left from before a clear
    int64_t bytes; // in pieces that are out
};

BlobPool *blob_pool_new(Arena *a)
{
    BlobPool *p = NEW(a, BlobPool, 1);
    p->arena = a;
    return p;
}

int64_t blob_pool_bytes(const BlobPool *p) { return p->bytes; }

void blob_pool_clear(BlobPool *p)
{
    memset(p->free, 0, sizeof p->free);
    p->at = p->end = NULL;
    p->next = p->bytes = 0;
}

// 16, 24; then 32, 40, 48, 56; 64, 80, 96, 112; 128 ..
static int32_t class_of(int64_t n)
{
    if (n <= 32) return n <= 16 ? 0 : n <= 24 ? 1 : 2;
    int32_t shift = 61 - __builtin_clzll((uint64_t)(n - 1)); // the top bit and two more stay
    return 2 + (shift - 3) * 4 + (int32_t)((n - 1) >> shift) + 1 - 4;
}
static int64_t class_bytes(int32_t c)
{
    return c < 2 ? 16 + 8 * c : (int64_t)(4 + (c - 2) % 4) << ((c - 2) / 4 + 3);
}

static char *cut(BlobPool *p, int64_t n)
{
    if (LIKELY(p->end - p->at >= n)) {
        p->at += n;
        return p->at - n;
    }
    Chunk c = {0};
    while (p->next < p->chunks.n && c.size < n) c = p->chunks.v[p->next++];
    if (c.size < n) {
        c.size = MAX(n, CHUNK_FIRST << MIN(p->chunks.n, 8));
        c.size = MIN(c.size, MAX(n, CHUNK_LAST));
        c.p = arena_alloc_raw(p->arena, 1, 16, c.size);
        vec_push(p->arena, &p->chunks, c);
        p->next = p->chunks.n;
    }
    if (c.size - n > p->end - p->at) { // else what is left of the old one is worth more
        p->at = c.p + n;
        p->end = c.p + c.size;
    }
    return c.p;
}

char *blob_pool_take(BlobPool *p, int64_t n)
{
    int32_t c = class_of(n);
    must(n >= 0 && c < CLASSES);
    p->bytes += class_bytes(c);
    Free *f = p->free[c];
    if (!f) return cut(p, class_bytes(c));
    p->free[c] = f->next;
    return (char *)f;
}

void blob_pool_give(BlobPool *p, char *piece, int64_t n)
{
    int32_t c = class_of(n);
    Free *f = (Free *)(void *)piece;
    f->next = p->free[c];
    p->free[c] = f;
    p->bytes -= class_bytes(c);
}

void blob_reserve(BlobPool *p, Blob *b, int64_t cap)
{
    if (cap <= b->cap) return;
    must(cap <= BLOB_MAX);
    cap = MIN(class_bytes(class_of(cap)), BLOB_MAX);
    char *to = blob_pool_take(p, cap);
    if (b->n) memcpy(to, b->p, b->n);
    if (b->cap) blob_pool_give(p, b->p, b->cap);
    b->p = to;
    b->cap = (uint32_t)cap;
}

char *blob_append(BlobPool *p, Blob *b, int64_t n)
{
    must(n >= 0);
    int64_t need = b->n + n;
    if (need > b->cap) blob_reserve(p, b, MAX(need, MIN((int64_t)b->cap * 3 / 2, BLOB_MAX)));
    b->n = (uint32_t)need;
    return b->p + need - n;
}

void blob_set(BlobPool *p, Blob *b, Str content)
{
    if (content.n > b->cap) {
        blob_free(p, b);
        blob_reserve(p, b, content.n);
    }
    if (content.n) memmove(b->p, content.p, (size_t)content.n);
    b->n = (uint32_t)content.n;
}

void blob_free(BlobPool *p, Blob *b)
{
    if (b->cap) blob_pool_give(p, b->p, b->cap);
    *b = (Blob){0};
}
