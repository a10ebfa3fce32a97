// recover.c -- opening a partition's folder. What the state file vouches for is taken as it is; the
// rest is walked, batch by batch with sums. The first broken batch decides: at or past the durable
// position the tail is torn and cut off; before it, or in a segment that has a follower, it is rot,
// and nothing is touched.
#include "base/civil.h"
#include "base/hash.h"
#include "base/num.h"
#include "log/log_in.h"
#include "os/clock.h"

enum { STATE_BYTES_MAX = 256 << 20 };
static const char state_magic[8] = "KAPPAST1";

typedef struct State {
    bool there;
    int64_t start, base; // base: of the segment that the mark lies in
    Mark mark;
} State;

static bool epochs_read(Partition *p, Reader *r)
{
    uint32_t n = reader_u32le(r);
    for (uint32_t i = 0; i < n && !r->bad; i++) {
        EpochStart e;
        e.epoch = (int32_t)reader_u32le(r);
        e.offset = (int64_t)reader_u64le(r);
        if (!r->bad) vec_push(p->arena, &p->epochs, e);
    }
    return !r->bad;
}

static bool state_read(Partition *p, Str file, State *st)
{
    if (file.n < 12) return false;
    Str body = str_of(file.p, file.n - 4);
    Reader sum = reader_of(str_from(file, body.n)), r = reader_of(body);
    if (reader_u32le(&sum) != crc32c(0, body)) return false;
    const uint8_t *magic = reader_take(&r, sizeof state_magic);
    if (memcmp(magic, state_magic, sizeof state_magic) != 0) return false;
    st->start = (int64_t)reader_u64le(&r);
    st->base = (int64_t)reader_u64le(&r);
    const uint8_t *mark = reader_take(&r, sizeof st->mark);
    if (!mark) return false;
    memcpy(&st->mark, mark, sizeof st->mark);
    return epochs_read(p, &r) && producers_load(&p->producers, &r) && r.at == r.end;
}

// A state file that is broken costs a walk over all segments, which say the same.
static Status state_load(Partition *p, State *st)
{
    *st = (State){0};
    Str file;
    Status s =
        file_load(&file, p->scratch, path_join(p->scratch, p->dir, S("state")), STATE_BYTES_MAX);
    if (s.code == ERR_NOT_FOUND) return DONE;
    TRY(s);
    st->there = state_read(p, file, st);
    if (st->there) return DONE;
    producers_end(&p->producers);
    producers_init(&p->producers);
    p->epochs.n = 0;
    *st = (State){0};
    return DONE;
}

// The segments of the folder, by base; sealed all, each ending where the next begins.
static Status segments_find(Partition *p)
{
    Entries list;
    Status s = dir_list(&list, p->scratch, p->dir);
    if (s.code == ERR_NOT_FOUND) return DONE;
    TRY(s);
    for (int64_t i = 0; i < list.n; i++) {
        Str name = list.v[i].name;
        int64_t base;
        if (str_starts(name, S("."))) TRY(dir_clean(p->dir));
        if (name.n != 24 || !str_ends(name, S(".log")) ||
            !num_parse_i64(str_sub(name, 0, 20), &base))
            continue;
        Segment *seg = segment_new(p->dir, base);
        seg->end.position = list.v[i].bytes;
        seg->sealed = true;
        if (p->segs.n) p->segs.v[p->segs.n - 1]->end.offset = base;
        vec_push(p->arena, &p->segs, seg);
    }
    return DONE;
}

static Status remove_files(Segment *seg)
{
    TRY(path_remove(seg->path));
    Status s = path_remove(seg->index_path);
    return s.code == ERR_NOT_FOUND ? DONE : s;
}

// Retention saves the new start first and then removes files: a crash may leave some.
static Status remove_old(Partition *p, int64_t start)
{
    int64_t n = 0;
    while (n + 1 < p->segs.n && p->segs.v[n + 1]->base <= start) {
        TRY(remove_files(p->segs.v[n]));
        segment_drop(p->segs.v[n++]);
    }
    if (!n) return DONE;
    memmove(p->segs.v, p->segs.v + n, sizeof(Segment *) * (size_t)(p->segs.n - n));
    p->segs.n -= n;
    return dir_sync(p->dir);
}

static void see_batch(Partition *p, const RecordsHead *h, int64_t now_ms)
{
    producers_note(&p->producers, h, h->base_offset, now_ms);
    if (h->leader_epoch > partition_epoch(p)) {
        EpochStart e = {h->leader_epoch, h->base_offset};
        vec_push(p->arena, &p->epochs, e);
    }
}

// Walks the segment from its last mark at or before `from`, noting marks; seg->end is where the
// good batches end. What lies before `from` was seen by the state file.
static Status walk_segment(Partition *p, Segment *seg, int64_t from, int64_t limit)
{
    while (seg->marks.n > 1 && seg->marks.v[seg->marks.n - 1].position > from) seg->marks.n--;
    seg->kept = MIN(seg->kept, seg->marks.n);
    seg->end = seg->marks.v[seg->marks.n - 1];
    int64_t now_ms = clock_now() / MICROS_PER_MS;
    Walk w = walk_new(seg, p->scratch, seg->end, limit);
    w.sums = true;
    for (bool more = true;;) {
        TRY(walk_next(&w, &more));
        if (!more) return DONE;
        if (w.at.position > from) see_batch(p, &w.head, now_ms);
        segment_note(seg, w.at);
    }
}

static void rotten(Partition *p, const Segment *seg, int64_t durable_offset)
{
    // The damage ends where the index knows of a batch again.
    int64_t to = durable_offset;
    for (int64_t i = seg->marks.n - 1; i >= 0 && seg->marks.v[i].offset > seg->end.offset; i--)
        to = seg->marks.v[i].offset;
    Status s = fail(ERR_CORRUPT,
                    STR_FMT " is damaged at byte %lld: offsets %lld to %lld cannot be read, and "
                            "the partition takes no more",
                    STR_ARG(seg->path), (long long)seg->end.position, (long long)seg->end.offset,
                    (long long)to - 1);
    partition_fail(p, s, (Str){0});
}

// A segment with a follower is durable as a whole.
static Status recover_sealed(Partition *p, Segment *seg, int64_t from)
{
    Mark end = seg->end;
    TRY(segment_load(seg));
    Status s = walk_segment(p, seg, from, end.position);
    bool whole = !s.code && seg->end.offset == end.offset;
    if (s.code && s.code != ERR_CORRUPT) return s;
    if (whole) return DONE;
    rotten(p, seg, end.offset);
    end.max_time = MAX(seg->end.max_time, seg->durable.max_time);
    seg->end = end;
    segment_idle(seg);
    return DONE;
}

static Status cut_tail(Partition *p, Segment *seg, int64_t size)
{
    if (seg->end.position < size) {
        p->cut_bytes = size - seg->end.position;
        TRY(file_truncate(seg->file, seg->end.position));
    }
    TRY(file_sync(seg->file)); // a killed process leaves batches that only the page cache holds
    TRY(segment_keep(seg, seg->end));
    segment_thin(seg);
    return DONE;
}

static Status recover_last(Partition *p, Segment *seg, int64_t from)
{
    int64_t size = seg->end.position;
    TRY(segment_load(seg));
    Mark durable = seg->durable;
    VEC(Mark) known = {0};
    for (int64_t i = 0; i < seg->marks.n; i++)
        if (seg->marks.v[i].position > from) vec_push(p->scratch, &known, seg->marks.v[i]);
    while (seg->marks.n > 1 && seg->marks.v[seg->marks.n - 1].position > size) seg->marks.n--;
    Status s = walk_segment(p, seg, from, size);
    if (s.code && s.code != ERR_CORRUPT) return s;
    if (seg->end.position >= durable.position) return cut_tail(p, seg, size);
    // Marks beyond the damage make the rest readable.
    Mark bad = seg->end;
    for (int64_t i = 0; i < known.n; i++)
        if (known.v[i].position > bad.position && known.v[i].position <= durable.position)
            vec_push(seg->marked, &seg->marks, known.v[i]);
    rotten(p, seg, durable.offset);
    seg->kept = seg->marks.n;
    seg->end = durable;
    return DONE;
}

static Status walk_from(Partition *p, const State *st)
{
    for (int64_t i = 0; i < p->segs.n; i++) {
        Segment *seg = p->segs.v[i];
        bool last = i == p->segs.n - 1;
        if (st->there && seg->base < st->base && !last) continue;
        int64_t from = st->there && seg->base == st->base ? st->mark.position : 0;
        if (last) {
            seg->sealed = false;
            TRY(recover_last(p, seg, from));
        } else {
            TRY(recover_sealed(p, seg, from));
        }
    }
    return DONE;
}

static void publish(Partition *p, int64_t start, int64_t end)
{
    shared_set(&p->start, start);
    shared_set(&p->written, end);
    shared_set(&p->durable, end);
    shared_set(&p->end, end);
}

// Batches of another leader epoch follow a tail that may have been cut.
static void begin_epoch(Partition *p, int64_t at)
{
    EpochStart e = {partition_epoch(p) + 1, at};
    vec_push(p->arena, &p->epochs, e);
}

static Status recover_unclean(Partition *p, const State *st)
{
    // A killed process may have left names that no sync has covered.
    TRY(dir_sync(p->dir));
    TRY(dir_sync(path_dir(p->dir)));
    TRY(walk_from(p, st));
    Segment *last = p->segs.v[p->segs.n - 1];
    publish(p, st->there ? st->start : p->segs.v[0]->base, last->end.offset);
    if (p->failed) return DONE;
    if (p->cut_bytes || p->config.flush == FLUSH_OS) begin_epoch(p, last->end.offset);
    return partition_save(p);
}

static Status recover_folder(Partition *p)
{
    State st;
    TRY(segments_find(p));
    TRY(state_load(p, &st));
    TRY(remove_old(p, st.start));
    p->saved = st.there;
    p->made = st.there || p->segs.n; // else the first append makes it, durably
    int64_t now_ms = clock_now() / MICROS_PER_MS;
    p->roll_ms =
        p->config.segment_ms < INT64_MAX - now_ms ? now_ms + p->config.segment_ms : INT64_MAX;
    Segment *last = p->segs.n ? p->segs.v[p->segs.n - 1] : NULL;
    if (!last || (st.there && st.base > last->base)) { // the next append begins a segment
        if (last) last->end.offset = st.base;
        publish(p, st.start, st.base);
        return DONE;
    }
    if (st.there && st.base == last->base && st.mark.position == last->end.position) {
        // A roll saves the state before it makes the file, whose name may not be durable yet.
        if (!st.mark.position) TRY(dir_sync(p->dir));
        last->end = st.mark;
        last->sealed = false;
        publish(p, st.start, st.mark.offset);
        return DONE;
    }
    return recover_unclean(p, &st);
}

Status partition_recover(Partition *p)
{
    Status s = recover_folder(p);
    arena_clear(p->scratch);
    p->unpacked = buf_new(p->scratch);
    if (s.code) partition_fail(p, s, p->dir); // this one only: the others open
    return DONE;
}
