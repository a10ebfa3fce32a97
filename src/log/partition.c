// partition.c -- a partition's life and its appends: check, number, write, publish.
#include "base/civil.h"
#include "base/hash.h"
#include "log/log_in.h"
#include "os/clock.h"

Partition *partition_new(Topic *t, int32_t index)
{
    Arena *a = arena_new(NULL);
    Partition *p = NEW(a, Partition, 1);
    p->log = t->log;
    p->topic = t;
    p->index = index;
    p->number = shared_add(&t->log->numbers, 1);
    p->arena = a;
    p->dir = str_fmt(a, STR_FMT "/%d", STR_ARG(t->dir), index);
    p->append = mutex_new(a);
    p->lock = mutex_new(a);
    p->scratch = arena_new(NULL);
    p->unpacked = buf_new(p->scratch);
    p->config = t->values;
    p->roll_ms = INT64_MAX;
    producers_init(&p->producers);
    return p;
}

Topic *partition_topic(Partition *p) { return p->topic; }
int32_t partition_index(Partition *p) { return p->index; }
int64_t partition_start(Partition *p) { return shared_get(&p->start); }
int64_t partition_end(Partition *p) { return shared_get(&p->end); }
int64_t partition_written(Partition *p) { return shared_get(&p->written); }

int32_t partition_leader_epoch(Partition *p)
{
    mutex_lock(p->lock);
    int32_t epoch = partition_epoch(p);
    mutex_unlock(p->lock);
    return epoch;
}

void partition_fail(Partition *p, Status why, Str where)
{
    if (p->failed) return;
    p->failed = why.code;
    p->failure = where.n ? str_fmt(p->arena, STR_FMT ": %s", STR_ARG(where), fail_text())
                         : str_fmt(p->arena, "%s", fail_text());
    p->saved = false;
}

Status partition_usable(Partition *p)
{
    if (p->deleted)
        return fail(ERR_NOT_FOUND, "topic " STR_FMT " was deleted", STR_ARG(p->topic->name));
    if (p->failed) return fail(p->failed, STR_FMT, STR_ARG(p->failure));
    return DONE;
}

PartitionState partition_state(Partition *p)
{
    mutex_lock(p->lock);
    PartitionState s = {
        .start = shared_get(&p->start),
        .end = shared_get(&p->end),
        .written = shared_get(&p->written),
        .segments = p->segs.n,
        .leader_epoch = partition_epoch(p),
        .cut_bytes = p->cut_bytes,
        .failed = p->failed,
        .failure = p->failure,
    };
    for (int64_t i = 0; i < p->segs.n; i++) s.bytes += p->segs.v[i]->end.position;
    mutex_unlock(p->lock);
    return s;
}

bool partition_producer(Partition *p, int64_t id, int32_t *last_sequence, int64_t *last_offset)
{
    mutex_lock(p->append);
    const Producer *found = producers_find(&p->producers, id);
    if (found && found->n) {
        const ProducerBatch *b = &found->batch[found->n - 1];
        *last_sequence = b->last;
        *last_offset = b->base + ((b->last - b->first) & INT32_MAX);
    }
    mutex_unlock(p->append);
    return found && found->n;
}

// -- the state file: where recovery may start, and what it cannot learn from the segments
// | magic 8 | start 8 | segment base 8 | mark 32 | epochs 4, {epoch 4, offset 8} .. | producers |
// | crc 4 |

static const char state_magic[8] = "KAPPAST1";

Status partition_save(Partition *p)
{
    if (!p->made || p->failed) return DONE;
    const Segment *last = p->segs.n ? p->segs.v[p->segs.n - 1] : NULL;
    bool next = !last || last->sealed; // the next append begins a segment
    int64_t written = shared_get(&p->written);
    Mark mark = next ? (Mark){.offset = written} : last->end;
    arena_clear(p->scratch);
    p->unpacked = buf_new(p->scratch);
    Buf b = buf_new(p->scratch);
    buf_put(&b, str_of(state_magic, sizeof state_magic));
    buf_u64le(&b, (uint64_t)shared_get(&p->start));
    buf_u64le(&b, (uint64_t)(next ? written : last->base));
    buf_put(&b, str_of((const char *)&mark, sizeof mark));
    buf_u32le(&b, (uint32_t)p->epochs.n);
    for (int64_t i = 0; i < p->epochs.n; i++) {
        buf_u32le(&b, (uint32_t)p->epochs.v[i].epoch);
        buf_u64le(&b, (uint64_t)p->epochs.v[i].offset);
    }
    producers_save(&p->producers, &b);
    buf_u32le(&b, crc32c(0, buf_str(&b)));
    TRY(file_replace(path_join(p->scratch, p->dir, S("state")), buf_str(&b)));
    p->saved = true;
    return DONE;
}

// -- segments

static Status make_folder(Partition *p)
{
    if (p->made) return DONE;
    TRY(dir_make(p->dir));
    TRY(dir_sync(path_dir(p->dir)));
    p->made = true;
    return DONE;
}

static bool roll_due(const Partition *p, const Segment *last, int64_t n, int64_t now_ms)
{
    if (last->sealed) return true;
    return last->end.position &&
           (last->end.position + n > p->config.segment_bytes || now_ms >= p->roll_ms);
}

// Seals the last segment, then saves the state, then makes the next: a crash in between leaves
// nothing that recovery does not know how to read.
static Status roll(Partition *p, int64_t now_ms)
{
    Segment *last = p->segs.n ? p->segs.v[p->segs.n - 1] : NULL;
    if (last && !last->sealed) {
        TRY(segment_use(last));
        TRY(segment_seal(last));
        shared_set(&p->durable, last->end.offset);
        producers_expire(&p->producers, now_ms - MICROS_PER_DAY / MICROS_PER_MS);
        TRY(partition_save(p));
    }
    Segment *seg = segment_new(p->dir, shared_get(&p->written));
    Status s = segment_create(seg);
    if (!s.code) s = dir_sync(p->dir);
    if (s.code) {
        segment_drop(seg);
        return s;
    }
    vec_push(p->arena, &p->segs, seg);
    p->roll_ms =
        now_ms > INT64_MAX - p->config.segment_ms ? INT64_MAX : now_ms + p->config.segment_ms;
    return DONE;
}

static Status active_segment(Partition *p, int64_t n, int64_t now_ms, Segment **seg)
{
    TRY(make_folder(p));
    if (!p->segs.n || roll_due(p, p->segs.v[p->segs.n - 1], n, now_ms)) TRY(roll(p, now_ms));
    *seg = p->segs.v[p->segs.n - 1];
    return segment_use(*seg);
}

// -- checks before anything is written

static Status refuse(Appended *done, KafkaError error, Status why)
{
    done->error = error;
    return (Status){why.code == OK ? ERR_INVALID : why.code};
}

static Status check_time(const TopicConfig *c, const RecordsHead *h, int64_t now_ms, Appended *done)
{
    if (c->time_type == TIME_APPEND || h->max_time < 0) return DONE;
    bool late = c->time_before_max_ms < now_ms && h->base_time < now_ms - c->time_before_max_ms;
    bool early =
        c->time_after_max_ms < INT64_MAX - now_ms && h->max_time > now_ms + c->time_after_max_ms;
    if (!late && !early) return DONE;
    return refuse(done, KAFKA_INVALID_TIMESTAMP,
                  fail(ERR_INVALID, "a record's time lies too far from now"));
}

static Status check_content(Partition *p, const RecordsHead *h, Str batch, Appended *done)
{
    Status s = records_check(h, batch);
    if (s.code) return refuse(done, KAFKA_CORRUPT_MESSAGE, s);
    Str body;
    if (p->unpacked.cap > LOG_CHUNK * 16) { // one great batch should not keep its room
        arena_clear(p->scratch);
        p->unpacked = buf_new(p->scratch);
    }
    s = records_body(&body, &p->unpacked, h, batch);
    if (!s.code) s = records_valid(h, body);
    return s.code ? refuse(done, KAFKA_CORRUPT_MESSAGE, s) : DONE;
}

static Status check_batch(Partition *p, const RecordsHead *h, Str batch, Appended *done)
{
    if (h->bytes > p->config.max_message_bytes)
        return refuse(done, KAFKA_MESSAGE_TOO_LARGE,
                      fail(ERR_INVALID, "a batch of %lld bytes; max.message.bytes is %lld",
                           (long long)h->bytes, (long long)p->config.max_message_bytes));
    if (h->count < 1 || h->last_delta != h->count - 1)
        return refuse(done, KAFKA_INVALID_RECORD,
                      fail(ERR_INVALID, "a batch of %d records with last offset delta %d", h->count,
                           h->last_delta));
    if (h->attributes & (RECORDS_CONTROL | RECORDS_TRANSACTIONAL))
        return refuse(
            done, h->attributes & RECORDS_CONTROL ? KAFKA_INVALID_RECORD : KAFKA_INVALID_TXN_STATE,
            fail(ERR_INVALID, "a batch of a transaction; there are none here"));
    return check_content(p, h, batch, done);
}

// All batches, and that those of a producer follow each other. The first decides for all.
static Status check_all(Partition *p, Str batches, int64_t now_ms, Appended *done)
{
    RecordsHead first = {0}, last = {0};
    for (Str rest = batches; rest.n;) {
        RecordsHead h;
        Status s = records_head(&h, rest);
        if (!s.code && h.bytes > rest.n) s = fail(ERR_CORRUPT, "a batch goes past its frame");
        if (s.code) return refuse(done, KAFKA_CORRUPT_MESSAGE, s);
        TRY(check_batch(p, &h, str_of(rest.p, h.bytes), done));
        TRY(check_time(&p->config, &h, now_ms, done));
        bool follows = h.producer_id == last.producer_id &&
                       (h.producer_id < 0 ||
                        h.base_sequence == sequence_after(last.base_sequence, last.count));
        if (rest.p == batches.p)
            first = h;
        else if (!follows)
            return refuse(done, KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER,
                          fail(ERR_INVALID, "batches of one append do not follow each other"));
        last = h;
        rest = str_from(rest, h.bytes);
    }
    if (!batches.n)
        return refuse(done, KAFKA_INVALID_RECORD, fail(ERR_INVALID, "an append of nothing"));
    producers_check(&p->producers, &first, done);
    if (!done->error) return DONE;
    return fail(ERR_INVALID, "producer %lld, epoch %d, sequence %d: not what follows here",
                (long long)first.producer_id, first.producer_epoch, first.base_sequence);
}

// -- writing

static Status write_all(Partition *p, char *batches, int64_t n, int64_t now_ms)
{
    int32_t epoch = partition_epoch(p);
    Segment *seg;
    TRY(active_segment(p, n, now_ms, &seg));
    for (int64_t at = 0; at < n;) {
        RecordsHead h;
        TRY(records_head(&h, str_of(batches + at, n - at)));
        int64_t base = h.base_offset = seg->end.offset;
        records_place(batches + at, base, epoch);
        if (p->config.time_type == TIME_APPEND) {
            h.max_time = now_ms;
            records_stamp(batches + at, h.bytes, now_ms);
        }
        Status s = segment_write(seg, str_of(batches + at, h.bytes), &h);
        if (s.code) {
            // What was written of it must not stand behind the end.
            Status cut = file_truncate(seg->file, seg->end.position);
            if (cut.code) partition_fail(p, cut, seg->path);
            return s;
        }
        producers_note(&p->producers, &h, base, now_ms);
        shared_set(&p->written, seg->end.offset);
        at += h.bytes;
    }
    return DONE;
}

// The lock is held; true when there is more to read, which the caller tells once it has let go.
static bool publish(Partition *p, int64_t end)
{
    bool more = end > shared_get(&p->end);
    if (more) shared_set(&p->end, end);
    return more;
}

static Status append_checked(Partition *p, char *batches, int64_t n, Appended *done)
{
    int64_t now_ms = clock_now() / MICROS_PER_MS;
    TRY(check_all(p, str_of(batches, n), now_ms, done));
    if (done->duplicate) {
        done->next = shared_get(&p->written);
        return DONE;
    }
    done->base = shared_get(&p->written);
    if (p->config.time_type == TIME_APPEND) done->time_ms = now_ms;
    mutex_lock(p->lock);
    p->saved = false;
    Status s = partition_usable(p);
    if (!s.code) s = write_all(p, batches, n, now_ms);
    bool os = p->config.flush == FLUSH_OS;
    done->next = shared_get(&p->written);
    bool more = os && !s.code && publish(p, done->next);
    mutex_unlock(p->lock);
    if (s.code)
        done->error =
            s.code == ERR_NOT_FOUND ? KAFKA_UNKNOWN_TOPIC_OR_PARTITION : KAFKA_KAFKA_STORAGE_ERROR;
    if (s.code) return s;
    if (more) watch_tell(p->log, p);
    if (!os) committer_add(p->log->committer, p);
    return DONE;
}

Status partition_append(Partition *p, char *batches, int64_t n, Appended *done)
{
    *done = (Appended){.base = -1, .time_ms = -1};
    mutex_lock(p->append);
    Status s = append_checked(p, batches, n, done);
    mutex_unlock(p->append);
    return s;
}

// -- durability

// The last segment, referenced, and how far it is written.
static Segment *flush_begin(Partition *p, Mark *upto)
{
    mutex_lock(p->lock);
    Segment *seg = p->segs.n ? p->segs.v[p->segs.n - 1] : NULL;
    bool wanted = seg && seg->open && !seg->sealed && !p->deleted && !p->failed;
    if (wanted) {
        segment_ref(seg);
        *upto = seg->end;
    }
    mutex_unlock(p->lock);
    return wanted ? seg : NULL;
}

// What there is to read once `durable` is: a sealed segment was synced when it was sealed.
static Status flush_nothing(Partition *p)
{
    mutex_lock(p->lock);
    Status s = p->deleted ? DONE : partition_usable(p);
    bool more = !s.code && !p->deleted && publish(p, shared_get(&p->durable));
    mutex_unlock(p->lock);
    if (more) watch_tell(p->log, p);
    return s;
}

Status partition_flush(Partition *p)
{
    Mark upto;
    Segment *seg = flush_begin(p, &upto);
    if (!seg) return flush_nothing(p);
    Status s = file_sync(seg->file);
    mutex_lock(p->lock);
    if (!s.code && !seg->dropped && !seg->sealed) s = segment_keep(seg, upto);
    if (s.code) {
        partition_fail(p, s, (Str){0});
    } else {
        shared_set(&p->durable, MAX(upto.offset, shared_get(&p->durable)));
        publish(p, upto.offset);
    }
    segment_unref(seg);
    mutex_unlock(p->lock);
    watch_tell(p->log, p); // of a failure too
    return s;
}

typedef struct Wait {
    Partition *p;
    int64_t next;
} Wait;

// A roll makes durable what only the next flush publishes: synced is what may be read too.
static bool synced(Partition *p, int64_t next)
{
    return shared_get(&p->durable) >= next && shared_get(&p->end) >= next;
}

static bool wait_over(void *arg)
{
    Wait *w = arg;
    if (synced(w->p, w->next)) return true;
    mutex_lock(w->p->lock);
    bool over = w->p->failed || w->p->deleted;
    mutex_unlock(w->p->lock);
    return over;
}

Status partition_sync(Partition *p, int64_t next)
{
    if (synced(p, next)) return DONE;
    if (p->log->alone) {
        TRY(partition_flush(p));
    } else {
        committer_add(p->log->committer, p);
        committer_wait(p->log->committer, wait_over, &(Wait){p, next});
    }
    if (synced(p, next)) return DONE;
    mutex_lock(p->lock);
    Status s = partition_usable(p);
    mutex_unlock(p->lock);
    return s.code ? s : fail(ERR_INVALID, "offset %lld was not written", (long long)next);
}

// -- the end

void partition_drop(Partition *p)
{
    mutex_lock(p->append);
    mutex_lock(p->lock);
    p->deleted = true;
    for (int64_t i = 0; i < p->segs.n; i++) segment_drop(p->segs.v[i]);
    p->segs.n = 0;
    producers_end(&p->producers);
    mutex_unlock(p->lock);
    mutex_unlock(p->append);
    watch_tell(p->log, p);
}

void partition_close(Partition *p)
{
    for (int64_t i = 0; i < p->segs.n; i++) segment_drop(p->segs.v[i]);
    p->segs.n = 0;
    producers_end(&p->producers);
    arena_free(p->scratch);
    arena_free(p->arena);
}
