// kafka_fetch.c -- Fetch: whole batches from where they lie, or a wait until there are enough.
#include "base/civil.h"
#include "serve/kafka_door_in.h"

enum { BLOCK_BYTES = 1 << 20 };

typedef struct Fetch {
    FetchRequest q;
    int64_t left;  // of the answer's bytes
    bool some;     // there is a batch in the answer
    bool answered; // an error or data: there is no point in waiting
} Fetch;

static Partition *find(KafkaDoor *d, const FetchTopic *t, const FetchPartition *p)
{
    Topic *topic = topic_find(d->log, t->name);
    return topic ? topic_partition(topic, p->index) : NULL;
}

static KafkaError check(Partition *part, FetchPartition *p)
{
    p->high_watermark = p->start_offset = -1;
    p->bytes = 0;
    if (!part) return KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
    p->high_watermark = partition_end(part);
    p->start_offset = partition_start(part);
    int32_t epoch = p->leader_epoch >= 0 ? partition_leader_epoch(part) : -1;
    if (p->leader_epoch < epoch) return KAFKA_FENCED_LEADER_EPOCH;
    if (p->leader_epoch > epoch) return KAFKA_UNKNOWN_LEADER_EPOCH;
    bool inside = p->offset >= p->start_offset && p->offset <= p->high_watermark;
    return inside ? KAFKA_NONE : KAFKA_OFFSET_OUT_OF_RANGE;
}

// One block from `offset` on. The first batch of the whole answer is given whatever its size.
static Status read_block(Call *c, Fetch *f, Partition *part, LogRead *r, int64_t most)
{
    int64_t there = partition_backlog(part, r->offset);
    r->room = MAX(MIN(MIN(there, most), BLOCK_BYTES), RECORDS_HEAD);
    r->to = NEW_RAW(c->arena, char, r->room);
    r->upto = INT64_MAX;
    TRY(partition_read(part, r));
    if (r->batches.n || !r->need || (f->some && r->need > most)) return DONE;
    r->room = r->need;
    r->to = NEW_RAW(c->arena, char, r->room);
    r->upto = INT64_MAX;
    return partition_read(part, r);
}

typedef struct Blocks {
    Str v[ANSWER_BYTES_MAX / BLOCK_BYTES * 2];
    int32_t n;
} Blocks;

static void read_partition(KafkaDoor *d, Call *c, Fetch *f, Partition *part, FetchPartition *p,
                           Blocks *blocks)
{
    blocks->n = 0;
    LogRead r = {.offset = p->offset};
    int64_t most = MIN(p->bytes_max, f->left);
    while (blocks->n < COUNT(blocks->v) && r.offset < p->high_watermark &&
           (most > p->bytes || !f->some)) {
        Status s = read_block(c, f, part, &r, most - p->bytes);
        if (s.code) {
            door_say(d, c->conn, "fetch: %s", fail_text());
            if (!p->bytes)
                p->error = s.code == ERR_NOT_FOUND ? KAFKA_OFFSET_OUT_OF_RANGE : kafka_error_of(s);
            break;
        }
        if (!r.batches.n) break;
        blocks->v[blocks->n++] = r.batches;
        p->bytes += r.batches.n;
        f->some = true;
        r.offset = r.next;
    }
    f->left = MAX(0, f->left - p->bytes);
}

static void answer(KafkaDoor *d, Call *c)
{
    Fetch *f = c->state;
    Blocks blocks;
    f->some = false;
    f->left = MIN(MAX(f->q.bytes_max, 0), ANSWER_BYTES_MAX);
    fetch_write_head(&c->out, KAFKA_NONE, f->q.ntopics);
    for (int32_t i = 0; i < f->q.ntopics; i++) {
        FetchTopic *t = &f->q.topic[i];
        fetch_write_topic(&c->out, t);
        for (int32_t k = 0; k < t->nparts; k++) {
            FetchPartition *p = &t->part[k];
            Partition *part = find(d, t, p);
            p->error = check(part, p);
            blocks.n = 0;
            if (!p->error) read_partition(d, c, f, part, p, &blocks);
            fetch_write_partition(&c->out, p);
            for (int32_t b = 0; b < blocks.n; b++) call_piece(c, blocks.v[b]);
        }
    }
    call_done(d, c);
}

// Whether there is enough to answer with; looks at sizes only.
static bool enough(KafkaDoor *d, const Fetch *f)
{
    int64_t bytes = 0;
    for (int32_t i = 0; i < f->q.ntopics; i++)
        for (int32_t k = 0; k < f->q.topic[i].nparts; k++) {
            FetchPartition *p = &f->q.topic[i].part[k];
            Partition *part = find(d, &f->q.topic[i], p);
            if (check(part, p)) return true;
            if (p->offset < p->high_watermark) bytes += MAX(1, partition_backlog(part, p->offset));
        }
    return bytes >= f->q.bytes_min;
}

static void resume(KafkaDoor *d, Call *c, bool expired)
{
    if (expired || enough(d, c->state)) answer(d, c);
}

bool fetch_parked(const Call *c) { return !c->done && c->resume == resume; }
void fetch_hurry(KafkaDoor *d, Call *c) { answer(d, c); }

Status handle_fetch(KafkaDoor *d, Call *c)
{
    Fetch *f = c->state = NEW(c->arena, Fetch, 1);
    TRY(fetch_read(&f->q, &c->in));
    if (f->q.session_id && f->q.session_epoch > 0) { // we never gave one out
        fetch_write_head(&c->out, KAFKA_FETCH_SESSION_ID_NOT_FOUND, 0);
        call_done(d, c);
        return DONE;
    }
    if (f->q.wait_ms <= 0 || enough(d, f)) {
        answer(d, c);
        return DONE;
    }
    c->resume = resume;
    for (int32_t i = 0; i < f->q.ntopics; i++)
        for (int32_t k = 0; k < f->q.topic[i].nparts; k++)
            call_wait(d, c, find(d, &f->q.topic[i], &f->q.topic[i].part[k]));
    call_wait_until(d, c, door_now() + f->q.wait_ms * MICROS_PER_MS * 1000);
    // What became readable between the look and the wait is told to nobody.
    if (enough(d, f)) answer(d, c);
    return DONE;
}
