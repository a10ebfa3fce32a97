#include "log/segment.h"
#include "base/hash.h"
#include "os/clock.h"

enum { INDEX_VERSION = 1, INDEX_BYTES_MAX = 1 << 30, WALK_CHUNK = 256 << 10, MARKS_SPARE = 64 };
enum { ROOM_MIN = 64 << 10, ROOM_MAX = 32 << 20 }; // steps of preallocation
static const char index_magic[8] = "KAPPAIDX";

Segment *segment_new(Str dir, int64_t base)
{
    Arena *a = arena_new(NULL);
    Segment *seg = NEW(a, Segment, 1);
    seg->arena = a;
    seg->base = base;
    seg->path = path_join(a, dir, str_fmt(a, "%020lld.log", (long long)base));
    seg->index_path = path_join(a, dir, str_fmt(a, "%020lld.idx", (long long)base));
    seg->end = seg->durable = (Mark){.offset = base, .max_time = INT64_MIN};
    return seg;
}

void segment_ref(Segment *seg) { seg->refs++; }

static void free_unused(Segment *seg)
{
    if (!seg->dropped || seg->refs) return;
    if (seg->open) arena_free(seg->open);
    arena_free(seg->arena);
}

void segment_unref(Segment *seg)
{
    must(seg->refs > 0);
    seg->refs--;
    free_unused(seg);
}

void segment_drop(Segment *seg)
{
    seg->dropped = true;
    free_unused(seg);
}

void segment_idle(Segment *seg)
{
    if (!seg->open || seg->refs) return;
    arena_free(seg->open);
    seg->open = NULL;
    seg->file = seg->index = NULL;
    seg->room_end = 0;
}

// -- marks

static Mark mark_first(const Segment *seg)
{
    Mark m = {.offset = seg->base, .max_time = INT64_MIN};
    m.chain = crc32c(0, str_of((const char *)seg->id, sizeof seg->id));
    m.chain = crc32c(m.chain, str_of((const char *)&seg->base, sizeof seg->base));
    return m;
}

Mark mark_after(Mark m, const RecordsHead *h, Str batch)
{
    m.offset = h->base_offset + h->last_delta + 1;
    m.position += h->bytes;
    m.max_time = MAX(m.max_time, h->max_time);
    m.chain = crc32c(m.chain, str_of(batch.p, RECORDS_HEAD));
    return m;
}

static uint32_t mark_sum(const Segment *seg, const Mark *m)
{
    uint32_t id = crc32c(0, str_of((const char *)seg->id, sizeof seg->id));
    return crc32c(id, str_of((const char *)m, offsetof(Mark, sum)));
}

void segment_note(Segment *seg, Mark at)
{
    // The end is no batch's beginning yet: it becomes a mark when one is written there.
    const Mark *last = &seg->marks.v[seg->marks.n - 1];
    if (seg->end.position - last->position >= MARK_SPACING)
        vec_push(seg->marked, &seg->marks, seg->end);
    seg->end = at;
}

const Mark *segment_mark(const Segment *seg, int64_t offset)
{
    int64_t low = 0, high = seg->marks.n - 1; // v[low].offset <= offset
    while (low < high) {
        int64_t mid = (low + high + 1) / 2;
        if (seg->marks.v[mid].offset <= offset)
            low = mid;
        else
            high = mid - 1;
    }
    return &seg->marks.v[low];
}

static bool begins_block(const Mark *m) // not of the first
{
    return m->position / MARK_BLOCK != m[-1].position / MARK_BLOCK;
}

int64_t segment_block(const Segment *seg, int64_t offset)
{
    const Mark *m = segment_mark(seg, offset), *end = seg->marks.v + seg->marks.n;
    if (m->offset >= offset && m == seg->marks.v) return m->offset;
    while (m < end && (m->offset < offset || !begins_block(m))) m++;
    return m < end ? m->offset : seg->end.offset;
}

void segment_thin(Segment *seg)
{
    int64_t near = seg->end.position - MARKS_NEAR;
    if (near <= seg->marks.v[0].position) return;
    Arena *old = seg->marked;
    const Mark *m = seg->marks.v;
    int64_t n = seg->marks.n, kept = seg->kept;
    int64_t blocks = seg->end.position / MARK_BLOCK, dense = MARKS_NEAR / MARK_SPACING;
    seg->marked = arena_new(seg->open);
    seg->marks.n = 0;
    seg->marks.cap = MIN(n, blocks + dense) + MARKS_SPARE;
    seg->marks.v =
        NEW_RAW(seg->marked, Mark, seg->marks.cap); // no growing: it leaves as much again behind
    for (int64_t i = 0; i < n; i++)
        if (!i || i >= kept || m[i].position >= near || begins_block(&m[i]))
            vec_push(seg->marked, &seg->marks, m[i]);
    seg->kept -= n - seg->marks.n;
    seg->thinned += n - seg->marks.n;
    arena_free(old);
}

// -- the index file

static bool index_head_read(Segment *seg, Str head)
{
    Reader r = reader_of(head);
    const uint8_t *magic = reader_take(&r, sizeof index_magic);
    uint32_t version = reader_u32le(&r);
    reader_u32le(&r);
    const uint8_t *id = reader_take(&r, sizeof seg->id);
    int64_t base = (int64_t)reader_u64le(&r);
    if (r.bad || memcmp(magic, index_magic, sizeof index_magic) != 0 || version != INDEX_VERSION ||
        base != seg->base)
        return false;
    reader_take(&r, INDEX_HEAD - 4 - (r.at - (const uint8_t *)head.p));
    if (reader_u32le(&r) != crc32c(0, str_of(head.p, INDEX_HEAD - 4)) || r.bad) return false;
    memcpy(seg->id, id, sizeof seg->id);
    return true;
}

static Status index_head_write(Segment *seg)
{
    rand_bytes(seg->id, sizeof seg->id);
    Buf b = buf_new(seg->open);
    buf_put(&b, str_of(index_magic, sizeof index_magic));
    buf_u32le(&b, INDEX_VERSION);
    buf_u32le(&b, 0);
    buf_put(&b, str_of((const char *)seg->id, sizeof seg->id));
    buf_u64le(&b, (uint64_t)seg->base);
    buf_fill(&b, 0, INDEX_HEAD - 4 - b.n);
    buf_u32le(&b, crc32c(0, buf_str(&b)));
    buf_fill(&b, 0, INDEX_MARKS - b.n);
    TRY(file_truncate(seg->index, 0));
    return file_write(seg->index, 0, buf_str(&b));
}

static bool mark_read(const Segment *seg, Str file, int64_t at, Mark *m)
{
    if (at + (int64_t)sizeof *m > file.n) return false;
    memcpy(m, file.p + at, sizeof *m);
    return m->sum == mark_sum(seg, m) && m->offset >= seg->base && m->position >= 0;
}

static void index_marks_read(Segment *seg, Str file)
{
    Mark m;
    for (int32_t i = 0; i < 2; i++)
        if (mark_read(seg, file, INDEX_HEAD + i * (int64_t)sizeof m, &m) &&
            m.position > seg->durable.position) {
            seg->durable = m;
            seg->turns = i + 1;
        }
    const Mark *last = &seg->marks.v[0];
    for (int64_t at = INDEX_MARKS; mark_read(seg, file, at, &m); at += (int64_t)sizeof m) {
        if (m.position - last->position < MARK_SPACING || m.offset <= last->offset) break;
        vec_push(seg->marked, &seg->marks, m);
        last = &seg->marks.v[seg->marks.n - 1];
    }
}

// The file as it stands; one that is missing or whose head is broken is begun anew.
static Status index_load(Segment *seg)
{
    Arena *a = arena_new(seg->open);
    Str file = {0};
    Status s = file_load(&file, a, seg->index_path, INDEX_BYTES_MAX);
    if (s.code && s.code != ERR_NOT_FOUND) return s;
    TRY(file_open(&seg->index, seg->open, seg->index_path, FILE_WRITE));
    bool good = file.n >= INDEX_MARKS && index_head_read(seg, str_of(file.p, INDEX_HEAD));
    if (!good) TRY(index_head_write(seg));
    // A long log has many marks: no growing, which would leave as much again behind.
    seg->marks.n = 0;
    seg->marks.cap = MAX(file.n - INDEX_MARKS, 0) / (int64_t)sizeof(Mark) + MARKS_SPARE;
    seg->marked = arena_new(seg->open);
    seg->marks.v = NEW_RAW(seg->marked, Mark, seg->marks.cap);
    vec_push(seg->marked, &seg->marks, mark_first(seg));
    if (good) index_marks_read(seg, file);
    seg->kept = seg->marks.n;
    seg->thinned = 0;
    arena_free(a);
    return DONE;
}

Status segment_keep(Segment *seg, Mark durable)
{
    if (durable.position <= seg->durable.position) return DONE;
    int64_t n = seg->kept;
    while (n < seg->marks.n && seg->marks.v[n].position <= durable.position) {
        seg->marks.v[n].sum = mark_sum(seg, &seg->marks.v[n]);
        n++;
    }
    if (n > seg->kept) {
        Str bytes = {(const char *)&seg->marks.v[seg->kept],
                     (n - seg->kept) * (int64_t)sizeof(Mark)};
        // marks.v[0] is the start and stands in no file
        int64_t at = INDEX_MARKS + (seg->thinned + seg->kept - 1) * (int64_t)sizeof(Mark);
        TRY(file_write(seg->index, at, bytes));
        seg->kept = n;
    }
    durable.sum = mark_sum(seg, &durable);
    TRY(file_write(seg->index, INDEX_HEAD + (seg->turns++ & 1) * (int64_t)sizeof durable,
                   str_of((const char *)&durable, sizeof durable)));
    seg->durable = durable;
    return DONE;
}

// -- files

Status segment_create(Segment *seg)
{
    seg->open = arena_new(NULL);
    seg->used_ns = clock_mono_ns();
    // A file of this name can only be what a crash left of an earlier try: nothing in it counts.
    TRY(file_open(&seg->file, seg->open, seg->path, FILE_WRITE));
    TRY(file_truncate(seg->file, 0));
    TRY(file_open(&seg->index, seg->open, seg->index_path, FILE_WRITE));
    TRY(index_head_write(seg));
    seg->marked = arena_new(seg->open);
    seg->marks.n = seg->marks.cap = seg->thinned = 0;
    vec_push(seg->marked, &seg->marks, mark_first(seg));
    seg->end = seg->durable = seg->marks.v[0];
    seg->kept = 1;
    return DONE;
}

Status segment_load(Segment *seg)
{
    seg->open = arena_new(NULL);
    TRY(file_open(&seg->file, seg->open, seg->path, seg->sealed ? FILE_READ : FILE_WRITE));
    return index_load(seg);
}

// From the last mark that holds to `end`, which must come out.
static Status walk_to(Segment *seg, Mark end)
{
    while (seg->marks.n > 1 && seg->marks.v[seg->marks.n - 1].position > end.position)
        seg->marks.n--;
    seg->kept = MIN(seg->kept, seg->marks.n);
    seg->end = seg->marks.v[seg->marks.n - 1];
    Walk w = walk_new(seg, seg->open, seg->end, end.position);
    for (bool more = true;;) {
        TRY(walk_next(&w, &more));
        if (!more) break;
        segment_note(seg, w.at);
    }
    if (seg->end.offset != end.offset || seg->end.position != end.position)
        return fail(ERR_CORRUPT, STR_FMT " ends at offset %lld (byte %lld), not %lld (byte %lld)",
                    STR_ARG(seg->path), (long long)seg->end.offset, (long long)seg->end.position,
                    (long long)end.offset, (long long)end.position);
    return seg->sealed ? segment_keep(seg, seg->end) : DONE; // where the index was made anew
}

static Status load_and_walk(Segment *seg, Mark end)
{
    TRY(segment_load(seg));
    if (!seg->sealed || seg->durable.offset != end.offset || seg->durable.position != end.position)
        return walk_to(seg, end);
    seg->end = seg->durable; // its index was synced when it was sealed
    return DONE;
}

Status segment_use(Segment *seg)
{
    seg->used_ns = clock_mono_ns();
    if (seg->open) return DONE;
    Mark end = seg->end;
    Status s = load_and_walk(seg, end);
    if (!s.code) {
        segment_thin(seg);
        return DONE;
    }
    seg->end = end;
    segment_idle(seg);
    return s;
}

Status segment_write(Segment *seg, Str batch, const RecordsHead *h)
{
    int64_t end = seg->end.position + batch.n;
    if (end > seg->room_end) {
        seg->room_end = end + MAX(ROOM_MIN, MIN(end, ROOM_MAX));
        TRY(file_preallocate(seg->file, seg->room_end));
    }
    TRY(file_write(seg->file, seg->end.position, batch));
    segment_note(seg, mark_after(seg->end, h, batch));
    return DONE;
}

Status segment_seal(Segment *seg)
{
    TRY(file_truncate(seg->file, seg->end.position)); // gives back what was preallocated
    TRY(file_sync(seg->file));
    TRY(segment_keep(seg, seg->end));
    TRY(file_sync(seg->index));
    seg->sealed = true;
    return DONE;
}

// -- walking

Walk walk_new(Segment *seg, Arena *a, Mark from, int64_t limit)
{
    return (Walk){
        .seg = seg, .at = from, .limit = limit, .buf = buf_new(a), .buf_at = from.position};
}

// Makes the buffer hold n bytes from w->at on, if the file has them before the limit.
static Status walk_fill(Walk *w, int64_t n, Str *there)
{
    int64_t skip = w->at.position - w->buf_at;
    if (w->buf.n - skip < n && w->buf_at + w->buf.n < w->limit) {
        if (w->buf.n > skip) memmove(w->buf.p, w->buf.p + skip, (size_t)(w->buf.n - skip));
        w->buf.n -= skip;
        w->buf_at += skip;
        int64_t want = MIN(MAX(n, WALK_CHUNK), w->limit - w->buf_at) - w->buf.n, got;
        TRY(file_read(w->seg->file, w->buf_at + w->buf.n, buf_room(&w->buf, want), want, &got));
        w->buf.n += got;
        skip = 0;
    }
    *there = str_of(w->buf.p + skip, w->buf.n - skip);
    return DONE;
}

static Status walk_batch(Walk *w)
{
    Str there;
    TRY(walk_fill(w, RECORDS_HEAD, &there));
    TRY(records_head(&w->head, there));
    if (w->head.base_offset != w->at.offset)
        return fail(ERR_CORRUPT, "a batch of offset %lld", (long long)w->head.base_offset);
    TRY(walk_fill(w, w->head.bytes, &there));
    if (there.n < w->head.bytes) return fail(ERR_CORRUPT, "the batch goes past the end");
    w->batch = str_of(there.p, w->head.bytes);
    return w->sums ? records_check(&w->head, w->batch) : DONE;
}

Status walk_next(Walk *w, bool *more)
{
    *more = w->at.position < w->limit;
    if (!*more) return DONE;
    Status s = walk_batch(w);
    if (s.code) {
        return fail_in(s, STR_FMT " at offset %lld (byte %lld)", STR_ARG(w->seg->path),
                       (long long)w->at.offset, (long long)w->at.position);
    }
    w->at = mark_after(w->at, &w->head, w->batch);
    return DONE;
}
