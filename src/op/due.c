// due.c -- buckets of equal width in order of time. When they become many their width doubles, so
// that a new one costs little to put between the others, whatever the times are.
#include "op/due.h"
#include "base/civil.h"

enum { BUCKETS_MAX = 4096, ENTRIES_MIN = 4 };
#define WIDTH_FIRST INT64_C(1000)

typedef struct DueEntry {
    Micros time;
    char *payload;
} DueEntry;
typedef struct Bucket {
    Micros from; // entries with time in [from, from + width)
    DueEntry *entry;
    int64_t n, cap;
} Bucket;
struct Due {
    Arena *arena;
    BlobPool *pool; // of the entries
    Bucket *bucket; // in order of time
    int64_t n, cap;
    Micros width;
    int64_t recent; // the bucket that was put into last
};

Due *due_new(Arena *owner)
{
    Arena *a = arena_new(owner);
    Due *d = NEW(a, Due, 1);
    *d = (Due){.arena = a, .pool = blob_pool_new(a), .width = WIDTH_FIRST};
    return d;
}
int64_t due_bytes(const Due *d) { return blob_pool_bytes(d->pool); }

static Micros bucket_start(const Due *d, Micros time) { return floor_time(time, d->width); }
static void bucket_put(Due *d, Bucket *b, const DueEntry *e, int64_t n)
{
    if (b->n + n > b->cap) {
        int64_t cap = MAX(MAX(b->cap * 2, b->n + n), ENTRIES_MIN);
        DueEntry *room =
            (DueEntry *)(void *)blob_pool_take(d->pool, cap * (int64_t)sizeof(DueEntry));
        if (b->n) memcpy(room, b->entry, (size_t)b->n * sizeof *room);
        if (b->cap) blob_pool_give(d->pool, (char *)b->entry, b->cap * (int64_t)sizeof *room);
        b->entry = room;
        b->cap = cap;
    }
    memcpy(b->entry + b->n, e, (size_t)n * sizeof *e);
    b->n += n;
}
static void bucket_free(Due *d, Bucket *b)
{
    if (b->cap) blob_pool_give(d->pool, (char *)b->entry, b->cap * (int64_t)sizeof(DueEntry));
    *b = (Bucket){0};
}
// Pairs of neighbours become one, until half of the buckets are left.
static void widen(Due *d)
{
    while (d->n > BUCKETS_MAX / 2 && d->width < INT64_MAX / 4) {
        int64_t n = 0;
        d->width *= 2;
        for (int64_t i = 0; i < d->n; i++) {
            Bucket *b = &d->bucket[i];
            Micros from = bucket_start(d, b->from);
            if (n && d->bucket[n - 1].from == from) {
                bucket_put(d, &d->bucket[n - 1], b->entry, b->n);
                bucket_free(d, b);
                continue;
            }
            b->from = from;
            d->bucket[n++] = *b;
        }
        d->n = n;
    }
    d->recent = 0;
}
static int64_t bucket_index(const Due *d, Micros from) // the first at `from` or later
{
    int64_t low = 0, high = d->n;
    while (low < high) {
        int64_t mid = (low + high) / 2;
        if (d->bucket[mid].from < from)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}
static Bucket *bucket_at(Due *d, Micros time)
{
    Micros from = bucket_start(d, time);
    if (d->recent < d->n && d->bucket[d->recent].from == from) return &d->bucket[d->recent];
    int64_t i = bucket_index(d, from);
    if (i == d->n || d->bucket[i].from != from) {
        if (d->n == BUCKETS_MAX) {
            widen(d);
            return bucket_at(d, time);
        }
        if (d->n == d->cap) {
            int64_t cap = MAX(d->cap * 2, 16), unit = (int64_t)sizeof(Bucket);
            d->bucket = arena_grow(d->arena, d->bucket, d->cap * unit, cap * unit, 8);
            d->cap = cap;
        }
        memmove(d->bucket + i + 1, d->bucket + i, (size_t)(d->n - i) * sizeof(Bucket));
        d->bucket[i] = (Bucket){.from = from};
        d->n++;
    }
    d->recent = i;
    return &d->bucket[i];
}
void due_put(Due *d, Micros time, char *payload)
{
    bucket_put(d, bucket_at(d, time), &(DueEntry){time, payload}, 1);
}
// Moves the entries that are due to the list, and keeps the others.
static int64_t bucket_take(Bucket *b, Micros upto, char **list)
{
    int64_t taken = 0, kept = 0;
    for (int64_t i = 0; i < b->n; i++)
        if (b->entry[i].time <= upto)
            list[taken++] = b->entry[i].payload;
        else
            b->entry[kept++] = b->entry[i];
    b->n = kept;
    return taken;
}
TableRows due_take(Due *d, Micros upto, Arena *a)
{
    int64_t begun = 0, most = 0, gone = 0;
    while (begun < d->n && d->bucket[begun].from <= upto) most += d->bucket[begun++].n;
    TableRows rows = {NEW_RAW(a, char *, most), 0};
    for (int64_t i = 0; i < begun; i++) {
        rows.n += bucket_take(&d->bucket[i], upto, rows.payload + rows.n);
        if (d->bucket[i].n) break; // the last one that had begun
        bucket_free(d, &d->bucket[i]);
        gone++;
    }
    d->n -= gone;
    if (gone && d->n) memmove(d->bucket, d->bucket + gone, (size_t)d->n * sizeof(Bucket));
    d->recent = 0;
    return rows;
}
