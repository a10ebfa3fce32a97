// kept.c -- marks of plans, found by the text of the plan and a hash of the rows it holds.
#include "plan/kept.h"
#include "base/hash.h"
#include "fmt/arrow_write.h"

const KeptLevel kept_usual = {.disk = true, .memory = true, .deserialized = true, .replication = 1};

static void hash_rows(Buf *b, Arena *a, const Rel *r)
{
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) hash_rows(b, a, r->input[i]);
    if (r->kind != REL_LOCAL || !r->nrows) return;
    ArrowWriter *w = arrow_writer_new(a, r->schema, S("UTC"));
    Buf bytes = buf_new(a);
    for (int32_t i = 0; i < r->nrows; i++) arrow_writer_add(w, &r->rows[i]);
    arrow_writer_take(w, &bytes);
    buf_fmt(b, "%llx\n", (unsigned long long)hash_bytes(buf_str(&bytes)));
}

Str kept_semantics(Arena *a, const Rel *rel)
{
    Buf printed = buf_new(a), plain = buf_new(a);
    Map seen = map_new(a);
    rel_print(&printed, rel);
    for (int64_t i = 0; i < printed.n;) { // ids of columns are counted from the plan's own first
        int64_t to = i + 1;
        while (printed.p[i] == '#' && to < printed.n && printed.p[to] >= '0' &&
               printed.p[to] <= '9')
            to++;
        Str piece = str_sub(buf_str(&printed), i, to - i);
        i = to;
        if (piece.n < 2) {
            buf_put(&plain, piece);
            continue;
        }
        int64_t *nth = map_get(&seen, piece);
        if (!nth) {
            nth = NEW(a, int64_t, 1);
            *nth = seen.n;
            map_set(&seen, piece, nth);
        }
        buf_fmt(&plain, "#%lld", (long long)*nth);
    }
    hash_rows(&plain, a, rel);
    return buf_str(&plain);
}

void kept_mark(Session *s, const Rel *rel, const KeptLevel *level)
{
    Str key = kept_semantics(s->arena, rel);
    if (map_get(&s->kept, key)) return; // as in Spark: the first one stays
    KeptLevel *mine = NEW(s->arena, KeptLevel, 1);
    *mine = *level;
    map_set(&s->kept, key, mine);
}

void kept_unmark(Session *s, const Rel *rel)
{
    Arena *a = arena_new(NULL);
    map_remove(&s->kept, kept_semantics(a, rel));
    arena_free(a);
}

void kept_clear(Session *s) { s->kept = map_new(s->arena); }

const KeptLevel *kept_level(const Session *s, Arena *a, const Rel *rel)
{
    return map_get(&s->kept, kept_semantics(a, rel));
}
