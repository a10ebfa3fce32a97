// kafka_produce.c -- Produce: appends at once, answers when the log says that it is durable.
#include "base/civil.h"
#include "serve/kafka_door_in.h"

enum { KAFKA_REQUEST_TIMED_OUT = 7, ZSTD_SINCE = 7 };

typedef struct Produce {
    ProduceRequest q;
    Appended *done; // one a partition, in order
} Produce;

static KafkaError check_records(const ProducePartition *p, int32_t version)
{
    RecordsHead h;
    if (records_head(&h, p->records).code) return KAFKA_CORRUPT_MESSAGE;
    if (h.bytes != p->records.n) return KAFKA_INVALID_RECORD; // one batch and nothing else
    bool zstd = (h.attributes & RECORDS_CODEC) == RECORDS_ZSTD;
    return zstd && version < ZSTD_SINCE ? KAFKA_UNSUPPORTED_COMPRESSION_TYPE : KAFKA_NONE;
}

static void append_one(KafkaDoor *d, Call *c, Str topic, ProducePartition *p, Appended *done)
{
    p->base_offset = p->append_time = p->start_offset = -1;
    Topic *t = topic_find(d->log, topic);
    Partition *part = t ? topic_partition(t, p->index) : NULL;
    p->error = part ? check_records(p, c->head.version) : KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
    if (p->error) return;
    Status s = partition_append(part, (char *)p->records.p, p->records.n, done);
    p->error = s.code && !done->error ? kafka_error_of(s) : done->error;
    if (p->error) {
        door_say(d, c->conn, "produce to " STR_FMT "-%d refused: %s", STR_ARG(topic), p->index,
                 fail_text());
        return;
    }
    p->base_offset = done->base;
    p->append_time = done->time_ms;
    p->start_offset = partition_start(part);
    if (partition_end(part) < done->next) call_wait(d, c, part);
}

static void answer(KafkaDoor *d, Call *c)
{
    Produce *s = c->state;
    produce_write(&c->out, &s->q);
    call_done(d, c);
}

// Still waiting? A partition that failed meanwhile is answered so.
static bool waits(KafkaDoor *d, Call *c, bool expired)
{
    Produce *s = c->state;
    bool more = false;
    int64_t at = 0;
    for (int32_t i = 0; i < s->q.ntopics; i++)
        for (int32_t k = 0; k < s->q.topic[i].nparts; k++, at++) {
            ProducePartition *p = &s->q.topic[i].part[k];
            Topic *t = p->error ? NULL : topic_find(d->log, s->q.topic[i].name);
            Partition *part = t ? topic_partition(t, p->index) : NULL;
            if (p->error || (part && partition_end(part) >= s->done[at].next)) continue;
            if (!part)
                p->error = KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
            else if (partition_state(part).failed)
                p->error = KAFKA_KAFKA_STORAGE_ERROR;
            else if (expired)
                p->error = (KafkaError)KAFKA_REQUEST_TIMED_OUT;
            else
                more = true;
            if (p->error) p->base_offset = -1;
        }
    return more;
}

static void resume(KafkaDoor *d, Call *c, bool expired)
{
    if (!waits(d, c, expired)) answer(d, c);
}

static void answer_silent(KafkaDoor *d, Call *c)
{
    Produce *s = c->state;
    for (int32_t i = 0; i < s->q.ntopics; i++)
        for (int32_t k = 0; k < s->q.topic[i].nparts; k++)
            if (s->q.topic[i].part[k].error) { // the client sees it by the closed connection
                call_refuse(d, c);
                return;
            }
    c->silent = true;
    call_done(d, c);
}

static int64_t count_parts(const ProduceRequest *q)
{
    int64_t n = 0;
    for (int32_t i = 0; i < q->ntopics; i++) n += q->topic[i].nparts;
    return n;
}

Status handle_produce(KafkaDoor *d, Call *c)
{
    if (c->head.version < 3)
        return fail(ERR_UNSUPPORTED, "records of formats 0 and 1 are not taken; Produce 3 is");
    Produce *s = c->state = NEW(c->arena, Produce, 1);
    TRY(produce_read(&s->q, &c->in));
    s->done = NEW(c->arena, Appended, count_parts(&s->q));
    KafkaError all = s->q.acks < -1 || s->q.acks > 1 ? KAFKA_INVALID_REQUIRED_ACKS
                     : s->q.transactional_id.n       ? KAFKA_INVALID_TXN_STATE
                                                     : KAFKA_NONE;
    int64_t at = 0;
    for (int32_t i = 0; i < s->q.ntopics; i++)
        for (int32_t k = 0; k < s->q.topic[i].nparts; k++, at++) {
            ProducePartition *p = &s->q.topic[i].part[k];
            if (!all)
                append_one(d, c, s->q.topic[i].name, p, &s->done[at]);
            else
                *p = (ProducePartition){p->index, p->records, all, -1, -1, -1};
        }
    if (s->q.acks == 0) {
        answer_silent(d, c);
    } else if (!c->waits || !waits(d, c, false)) {
        answer(d, c);
    } else {
        c->resume = resume;
        int64_t wait_ns = MAX(s->q.timeout_ms, 1000) * MICROS_PER_MS * 1000;
        call_wait_until(d, c, door_now() + wait_ns);
    }
    return DONE;
}
