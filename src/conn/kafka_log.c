// kafka_log.c -- the embedded log as the Kafka source's cluster: no sockets, no copies but the one
// from the page cache. Sums are checked here, so rot since the append is found.
#include "conn/kafka_in.h"

enum { BODY_ROOM = 192 << 10 }; // unpacked records held before rows are flushed: stays in cache

typedef struct LogCluster {
    KafkaCluster base;
    Log *log;
} LogCluster;

static Log *log_of(KafkaCluster *c) { return CONTAINER(c, LogCluster, base)->log; }

static Status cluster_topics(KafkaCluster *c, Arena *a, KafkaNames *names)
{
    Topic **list;
    int32_t n = log_topics(log_of(c), a, &list);
    for (int32_t i = 0; i < n; i++) vec_push(a, names, topic_name(list[i]));
    return DONE;
}

static Status find_topic(KafkaCluster *c, Str name, Topic **t)
{
    *t = topic_find(log_of(c), name);
    if (*t) return DONE;
    Arena *a = arena_new(NULL);
    Topic **list;
    int32_t n = log_topics(log_of(c), a, &list);
    Str *names = NEW(a, Str, n + 1);
    for (int32_t i = 0; i < n; i++) names[i] = topic_name(list[i]);
    Str near = str_nearest(name, names, n);
    Status s = fail(ERR_NOT_FOUND, "there is no topic " STR_FMT "%s" STR_FMT, STR_ARG(name),
                    near.n ? "; near it: " : "", STR_ARG(near));
    arena_free(a);
    return s;
}

static Status cluster_partitions(KafkaCluster *c, Str topic, int32_t *n)
{
    Topic *t;
    TRY(find_topic(c, topic, &t));
    *n = topic_partitions(t);
    return DONE;
}

static Status find_partition(KafkaCluster *c, const KafkaSpot *spot, Partition **p)
{
    Topic *t;
    TRY(find_topic(c, spot->topic, &t));
    *p = topic_partition(t, spot->partition);
    if (*p) return DONE;
    return fail(ERR_NOT_FOUND, "topic " STR_FMT " has no partition %d", STR_ARG(spot->topic),
                spot->partition);
}

static Status cluster_range(KafkaCluster *c, const KafkaSpot *spot, int64_t *start, int64_t *end)
{
    Partition *p;
    TRY(find_partition(c, spot, &p));
    *start = partition_start(p);
    *end = partition_end(p);
    return DONE;
}

static Status cluster_at_time(KafkaCluster *c, const KafkaSpot *spot, int64_t ms, int64_t *offset)
{
    Partition *p;
    int64_t time_ms;
    TRY(find_partition(c, spot, &p));
    return partition_at_time(p, ms, offset, &time_ms);
}

static Status cluster_cut(KafkaCluster *c, const KafkaSpot *from, int64_t upto, int64_t *at)
{
    Partition *p;
    TRY(find_partition(c, from, &p));
    return partition_cut(p, from->offset, upto, LANE_ROWS, at);
}

// ---- reading -----------------------------------------------------------------------------------

typedef struct Reading {
    Partition *log;
    const KafkaSpan *span;
    KafkaRows *rows;
    Buf bodies;          // unpacked records of several batches: what rows still point into
    int64_t first, last; // batches that rows not flushed yet are of, by their base offsets
} Reading;

// With the batches that rows which failed further down may be of.
static Status placed(const Reading *r, Status s)
{
    const KafkaSpot *at = &r->span->from;
    if (r->first == r->last)
        return fail_in(s, STR_FMT "-%d, the batch at offset %lld", STR_ARG(at->topic),
                       at->partition, (long long)r->first);
    return fail_in(s, STR_FMT "-%d, the batches at offsets %lld to %lld", STR_ARG(at->topic),
                   at->partition, (long long)r->first, (long long)r->last);
}

// With the file whose bytes are no sound batch.
static Status stored(const Reading *r, Status s)
{
    if (s.code != ERR_CORRUPT) return s;
    Arena *a = arena_new(NULL);
    Str file = partition_file(r->log, a, r->last);
    s = fail_in(s, STR_FMT, STR_ARG(file));
    arena_free(a);
    return s;
}

static Status read_batch(Reading *r, const RecordsHead *h, Str batch)
{
    if (h->attributes & RECORDS_CONTROL) return DONE;
    TRY(stored(r, records_check(h, batch)));
    Str body;
    Status s = records_body_more(&body, &r->bodies, h, batch);
    if (s.code) { // a big one may need all the room there is
        TRY(kafka_rows_flush(r->rows));
        s = records_body(&body, &r->bodies, h, batch);
    }
    TRY(s);
    TRY(kafka_rows_batch(r->rows, h, body, r->span->from.offset, r->span->to));
    if (r->bodies.n < BODY_ROOM) return DONE;
    TRY(kafka_rows_flush(r->rows));
    buf_clear(&r->bodies);
    return DONE;
}

static Status read_batches(Reading *r, Str batches)
{
    while (batches.n && !kafka_rows_full(r->rows)) {
        RecordsHead h;
        TRY(stored(r, records_head(&h, batches)));
        if (!r->rows->n) r->first = h.base_offset;
        r->last = h.base_offset;
        TRY(placed(r, read_batch(r, &h, str_of(batches.p, h.bytes))));
        batches = str_from(batches, h.bytes);
    }
    TRY(placed(r, kafka_rows_flush(r->rows))); // the next bytes take the place of these
    buf_clear(&r->bodies);
    return DONE;
}

static Status cluster_read(KafkaCluster *c, const KafkaSpan *span, Arena *scratch, KafkaRows *rows)
{
    Partition *p;
    TRY(find_partition(c, &span->from, &p));
    Reading reading = {.log = p, .span = span, .rows = rows, .bodies = buf_new(scratch)};
    int64_t start = partition_start(p), end = partition_end(p);
    if (start > span->from.offset || end < span->to) TRY(kafka_range_lost(span, start, end));
    LogRead r = {.offset = MAX(span->from.offset, start), .room = LOG_CHUNK};
    r.to = NEW_RAW(scratch, char, r.room);
    for (int64_t to = MIN(span->to, end); r.offset < to && !kafka_rows_full(rows);
         r.offset = r.next) {
        r.upto = to;
        TRY(partition_read(p, &r));
        if (r.need) {
            r.room = r.need;
            r.to = NEW_RAW(scratch, char, r.room);
            r.next = r.offset;
            continue;
        }
        if (!r.batches.n) break;
        TRY(read_batches(&reading, r.batches));
    }
    return kafka_rows_flush(rows);
}

static const KafkaClusterKind log_kind = {cluster_topics,  cluster_partitions, cluster_range,
                                          cluster_at_time, cluster_cut,        cluster_read};

Status kafka_log_open(KafkaCluster **c, Arena *a, Log *log)
{
    LogCluster *l = NEW(a, LogCluster, 1);
    *l = (LogCluster){{&log_kind}, log};
    *c = &l->base;
    return DONE;
}
