// partition_read.c -- reading a partition: whole batches by offset, and by time to the record.
// Files are opened under the lock, and read without it under a reference on the segment.
#include "log/log_in.h"

Segment *partition_segment(Partition *p, int64_t offset)
{
    int64_t low = 0, high = p->segs.n; // the segment lies in [low, high)
    while (high - low > 1) {
        int64_t mid = (low + high) / 2;
        if (p->segs.v[mid]->base <= offset)
            low = mid;
        else
            high = mid;
    }
    return p->segs.v[low];
}

typedef struct Place { // where reading begins; holds a reference on the segment
    Segment *seg;
    Mark from;
    int64_t limit; // of the file
} Place;

// Up to where a segment may be read. The lock is held.
static int64_t readable(Partition *p, const Segment *seg)
{
    bool all = seg->sealed || shared_get(&p->end) >= seg->end.offset;
    return all ? seg->end.position : seg->durable.position;
}

static Status place_begin(Partition *p, Segment *seg, Place *at)
{
    TRY(segment_use(seg));
    segment_ref(seg);
    *at = (Place){.seg = seg, .from = seg->marks.v[0], .limit = readable(p, seg)};
    return DONE;
}

static void place_end(Partition *p, Place *at)
{
    if (!at->seg) return;
    mutex_lock(p->lock);
    segment_unref(at->seg);
    mutex_unlock(p->lock);
    at->seg = NULL;
}

// -- by offset

static Status check_range(Partition *p, const LogRead *r)
{
    if (p->deleted)
        return fail(ERR_NOT_FOUND, "topic " STR_FMT " was deleted", STR_ARG(p->topic->name));
    int64_t start = shared_get(&p->start), end = shared_get(&p->end);
    if (r->offset >= start && r->offset <= end) return DONE;
    return fail(ERR_NOT_FOUND, "offset %lld of " STR_FMT "-%d: there are %lld to %lld",
                (long long)r->offset, STR_ARG(p->topic->name), p->index, (long long)start,
                (long long)end);
}

static Status read_begin(Partition *p, LogRead *r, Place *at)
{
    TRY(check_range(p, r));
    r->upto = MIN(r->upto, shared_get(&p->end));
    if (r->offset >= r->upto || !p->segs.n) return DONE;
    Segment *seg = partition_segment(p, r->offset);
    TRY(place_begin(p, seg, at));
    at->from = *segment_mark(seg, r->offset);
    return DONE;
}

// Passes over what ends before the offset wanted. *at: how far into `bytes` it begins.
static Status skip_to(const LogRead *r, Str bytes, Mark *from, int64_t *at)
{
    *at = 0;
    while (bytes.n - *at >= RECORDS_HEAD) {
        RecordsHead h;
        Str rest = str_from(bytes, *at);
        TRY(records_head(&h, rest));
        if (h.base_offset != from->offset)
            return fail(ERR_CORRUPT, "a batch of offset %lld", (long long)h.base_offset);
        if (h.base_offset + h.last_delta >= r->offset) return DONE;
        from->offset = h.base_offset + h.last_delta + 1;
        from->position += h.bytes;
        *at += h.bytes;
    }
    return DONE;
}

// The whole batches at the start of `bytes` that begin before r->upto.
static Status take_whole(LogRead *r, Str bytes)
{
    int64_t n = 0;
    r->next = r->offset;
    r->need = 0;
    while (bytes.n - n >= RECORDS_HEAD) {
        RecordsHead h;
        Status s = records_head(&h, str_from(bytes, n));
        bool follows = !s.code && (!n || h.base_offset == r->next);
        if (!follows && n) break; // what is broken is told when it comes first
        TRY(s);
        if (h.base_offset >= r->upto) break;
        if (h.bytes > bytes.n - n) {
            if (!n) r->need = h.bytes;
            break;
        }
        n += h.bytes;
        r->next = h.base_offset + h.last_delta + 1;
    }
    r->batches = str_of(bytes.p, n);
    return DONE;
}

static Status read_from(LogRead *r, Place *at)
{
    for (;;) {
        int64_t got, skipped;
        int64_t want = MIN(r->room, at->limit - at->from.position);
        TRY(file_read(at->seg->file, at->from.position, r->to, want, &got));
        TRY(skip_to(r, str_of(r->to, got), &at->from, &skipped));
        Str rest = skipped < got ? str_of(r->to + skipped, got - skipped) : (Str){0};
        TRY(take_whole(r, rest));
        if (r->batches.n || !skipped) break; // else the batch wanted is further on
        if (at->from.position >= at->limit) break;
    }
    if (!r->batches.n && !r->need && r->offset < r->upto)
        return fail(ERR_CORRUPT, "the file ends within a batch");
    return DONE;
}

Status partition_read(Partition *p, LogRead *r)
{
    must(r->room >= RECORDS_HEAD);
    r->batches = (Str){0};
    r->next = r->offset;
    r->need = 0;
    Place at = {0};
    mutex_lock(p->lock);
    Status s = read_begin(p, r, &at);
    mutex_unlock(p->lock);
    if (!at.seg) return s;
    s = read_from(r, &at);
    if (s.code)
        s = fail_in(s, STR_FMT " at offset %lld (byte %lld)", STR_ARG(at.seg->path),
                    (long long)at.from.offset, (long long)at.from.position);
    place_end(p, &at);
    return s;
}

int64_t partition_backlog(Partition *p, int64_t offset)
{
    int64_t bytes = 0;
    mutex_lock(p->lock);
    bool inside = offset >= shared_get(&p->start) && offset < shared_get(&p->end) && p->segs.n;
    for (int64_t i = p->segs.n - 1; inside && i >= 0; i--) {
        Segment *seg = p->segs.v[i];
        bytes += readable(p, seg);
        if (seg->base > offset) continue;
        // A file that cannot be opened says so when it is read.
        if (!segment_use(seg).code) bytes -= segment_mark(seg, offset)->position;
        break;
    }
    mutex_unlock(p->lock);
    return MAX(bytes, 0);
}

// -- by time

// The first record of a batch that `ms` admits: at or after it.
static Status record_at(Walk *w, Arena *a, int64_t ms, int64_t *offset, int64_t *time_ms)
{
    Buf room = buf_new(a);
    Str body;
    TRY(records_body(&body, &room, &w->head, w->batch));
    Records c = records_of(&w->head, body);
    Record r;
    while (*offset < 0 && records_next(&c, &r))
        if (r.time_ms >= ms) {
            *offset = r.offset;
            *time_ms = r.time_ms;
        }
    return DONE;
}

static Status scan_segment(Place *at, int64_t ms, int64_t *offset, int64_t *time_ms)
{
    Arena *a = arena_new(NULL);
    Walk w = walk_new(at->seg, a, at->from, at->limit);
    bool more = true;
    Status s = DONE;
    while (!s.code && more && *offset < 0) {
        s = walk_next(&w, &more);
        if (!s.code && more && w.head.max_time >= ms) s = record_at(&w, a, ms, offset, time_ms);
    }
    arena_free(a);
    return s;
}

static Status segment_time(Segment *seg, int64_t *max_time)
{
    if (seg->end.max_time == INT64_MIN && seg->end.offset > seg->base) TRY(segment_use(seg));
    *max_time = seg->end.max_time;
    return DONE;
}

// The first segment from *i on with a record at or after ms, and the last mark before that record.
static Status place_time(Partition *p, int64_t ms, int64_t *i, Place *at)
{
    for (; *i < p->segs.n; ++*i) {
        int64_t max_time;
        TRY(segment_time(p->segs.v[*i], &max_time));
        if (max_time < ms) continue;
        TRY(place_begin(p, p->segs.v[*i], at));
        for (int64_t low = 0, high = at->seg->marks.n; high - low > 1;) {
            int64_t mid = (low + high) / 2;
            if (at->seg->marks.v[mid].max_time < ms)
                low = mid;
            else
                high = mid;
            at->from = at->seg->marks.v[low];
        }
        return DONE;
    }
    return DONE;
}

Status partition_at_time(Partition *p, int64_t ms, int64_t *offset, int64_t *time_ms)
{
    *offset = *time_ms = -1;
    // A head may promise a later time than its records have: then the search goes on.
    for (int64_t i = 0;; i++) {
        Place at = {0};
        mutex_lock(p->lock);
        Status s = place_time(p, ms, &i, &at);
        mutex_unlock(p->lock);
        if (!at.seg) return s;
        s = scan_segment(&at, ms, offset, time_ms);
        place_end(p, &at);
        if (s.code || *offset >= 0) return s;
    }
}

Status partition_newest(Partition *p, int64_t *offset, int64_t *time_ms)
{
    int64_t newest = INT64_MIN, max_time;
    *offset = *time_ms = -1;
    Status s = DONE;
    mutex_lock(p->lock);
    for (int64_t i = 0; i < p->segs.n && !s.code; i++) {
        s = segment_time(p->segs.v[i], &max_time);
        if (!s.code) newest = MAX(newest, max_time);
    }
    mutex_unlock(p->lock);
    if (s.code || newest == INT64_MIN) return s;
    return partition_at_time(p, newest, offset, time_ms);
}

// -- cuts and epochs

static Status cut_at(Partition *p, int64_t target, int64_t to, int64_t *at)
{
    *at = to;
    if (!p->segs.n) return DONE;
    Segment *seg = partition_segment(p, target);
    TRY(segment_use(seg));
    *at = MIN(to, segment_block(seg, target));
    return DONE;
}

Status partition_cut(Partition *p, int64_t from, int64_t to, int64_t rows, int64_t *at)
{
    *at = to;
    if (to - from <= rows) return DONE;
    mutex_lock(p->lock);
    Status s = cut_at(p, from + rows, to, at);
    mutex_unlock(p->lock);
    return s;
}

void partition_epoch_end(Partition *p, int32_t epoch, int32_t *found, int64_t *end)
{
    mutex_lock(p->lock);
    int64_t i = 0; // epochs.v[0..i) are not later
    while (i < p->epochs.n && p->epochs.v[i].epoch <= epoch) i++;
    int32_t newest = partition_epoch(p);
    *found = epoch < 0 || epoch > newest ? -1 : i ? p->epochs.v[i - 1].epoch : 0;
    *end = *found < 0 ? -1 : i < p->epochs.n ? p->epochs.v[i].offset : shared_get(&p->end);
    mutex_unlock(p->lock);
}

Str partition_file(Partition *p, Arena *a, int64_t offset)
{
    mutex_lock(p->lock);
    Str file = str_copy(a, p->segs.n ? partition_segment(p, offset)->path : p->dir);
    mutex_unlock(p->lock);
    return file;
}

// -- verifying

static Status verify_segment(Place *at, int64_t *batches, int64_t *records)
{
    Arena *a = arena_new(NULL);
    Buf room = buf_new(a);
    Walk w = walk_new(at->seg, a, at->from, at->limit);
    w.sums = true;
    Status s = DONE;
    for (bool more = true; !s.code;) {
        s = walk_next(&w, &more);
        if (s.code || !more) break;
        Str body;
        s = records_body(&body, &room, &w.head, w.batch);
        if (!s.code) s = records_valid(&w.head, body);
        if (s.code)
            s = fail_in(s, STR_FMT ", the batch at offset %lld", STR_ARG(at->seg->path),
                        (long long)w.head.base_offset);
        ++*batches;
        *records += w.head.count;
    }
    if (!s.code && at->seg->sealed && w.at.chain != at->seg->end.chain)
        s = fail(ERR_CORRUPT, STR_FMT ": its batches are not those that its index sealed",
                 STR_ARG(at->seg->path));
    arena_free(a);
    return s;
}

Status partition_verify(Partition *p, int64_t *batches, int64_t *records)
{
    *batches = *records = 0;
    int64_t next = shared_get(&p->start);
    for (;;) {
        Place at = {0};
        mutex_lock(p->lock);
        Status s = p->deleted ? fail(ERR_NOT_FOUND, "the topic was deleted") : DONE;
        if (!s.code && next < shared_get(&p->end) && p->segs.n)
            s = place_begin(p, partition_segment(p, next), &at);
        mutex_unlock(p->lock);
        if (!at.seg) return s;
        next = at.seg->end.offset;
        s = verify_segment(&at, batches, records);
        place_end(p, &at);
        TRY(s);
    }
}
