// kafka_brokers.c -- brokers elsewhere as the Kafka source's cluster. A partition is read by one
// feed, which goes on where the last epoch ended, so that what the library fetched ahead is used.
#include "base/civil.h"
#include "conn/kafka_client.h"
#include "conn/kafka_in.h"
#include "os/clock.h"
#include "os/thread.h"

enum { MESSAGES = 1024, POLL_MS = 500 };
#define PATIENCE_NS (INT64_C(120) * 1000000000)

typedef struct Feed { // of a partition; used by one lane at a time
    KafkaSpot spot;   // offset: where it stands, -1: not started
    rd_kafka_topic_t *topic;
    rd_kafka_message_t *message[MESSAGES]; // fetched, from `at` on not used yet
    int64_t at, n;
} Feed;
typedef struct Brokers {
    KafkaCluster base;
    KafkaClient *client;
    Arena *arena; // of the feeds, under lock
    Mutex *lock;
    VEC(Feed *) feeds;
} Brokers;

static Brokers *brokers_of(KafkaCluster *c) { return CONTAINER(c, Brokers, base); }

static Status brokers_topics(KafkaCluster *c, Arena *a, KafkaNames *names)
{
    KafkaTopicRows rows;
    TRY(kafka_client_topics(brokers_of(c)->client, a, (Str){0}, &rows));
    for (int64_t i = 0; i < rows.n; i++) vec_push(a, names, rows.v[i].name);
    return DONE;
}

static Status brokers_partitions(KafkaCluster *c, Str topic, int32_t *n)
{
    Arena *a = arena_new(NULL);
    KafkaTopicRows rows;
    Status s = kafka_client_topics(brokers_of(c)->client, a, topic, &rows);
    if (!s.code) *n = rows.v[0].partitions;
    arena_free(a);
    return s;
}

static Status brokers_range(KafkaCluster *c, const KafkaSpot *spot, int64_t *start, int64_t *end)
{
    KafkaClient *k = brokers_of(c)->client;
    Arena *a = arena_new(NULL);
    char *topic = str_to_z(a, spot->topic);
    rd_kafka_resp_err_t e = k->call.query_watermark_offsets(k->handle, topic, spot->partition,
                                                            start, end, KAFKA_WAIT_MS);
    Status s = e ? kafka_client_failed(k, e, str_to_z(a, kafka_spot_name(a, spot))) : DONE;
    arena_free(a);
    return s;
}

static Status brokers_at_time(KafkaCluster *c, const KafkaSpot *spot, int64_t ms, int64_t *offset)
{
    KafkaClient *k = brokers_of(c)->client;
    Arena *a = arena_new(NULL);
    rd_kafka_topic_partition_list_t *list = k->call.topic_partition_list_new(1);
    k->call.topic_partition_list_add(list, str_to_z(a, spot->topic), spot->partition)->offset = ms;
    rd_kafka_resp_err_t e = k->call.offsets_for_times(k->handle, list, KAFKA_WAIT_MS);
    if (!e) e = list->elems[0].err;
    *offset = list->elems[0].offset < 0 ? -1 : list->elems[0].offset;
    k->call.topic_partition_list_destroy(list);
    Status s = e ? kafka_client_failed(k, e, str_to_z(a, kafka_spot_name(a, spot))) : DONE;
    arena_free(a);
    return s;
}

static Status brokers_cut(KafkaCluster *c, const KafkaSpot *from, int64_t upto, int64_t *at)
{
    (void)c, (void)from;
    *at = upto; // one feed reads it in order
    return DONE;
}

// ---- feeds -------------------------------------------------------------------------------------

static void drop_messages(Brokers *b, Feed *f)
{
    while (f->at < f->n) b->client->call.message_destroy(f->message[f->at++]);
    f->at = f->n = 0;
}

static void feed_stop(Brokers *b, Feed *f)
{
    drop_messages(b, f);
    if (f->spot.offset >= 0) b->client->call.consume_stop(f->topic, f->spot.partition);
    f->spot.offset = -1;
}

static void close_feeds(void *brokers)
{
    Brokers *b = brokers;
    for (int64_t i = 0; i < b->feeds.n; i++) {
        feed_stop(b, b->feeds.v[i]);
        b->client->call.topic_destroy(b->feeds.v[i]->topic);
    }
    arena_free(b->arena);
}

static Feed *feed_of(Brokers *b, const KafkaSpot *spot)
{
    Feed *f = NULL;
    mutex_lock(b->lock);
    for (int64_t i = 0; i < b->feeds.n && !f; i++) {
        Feed *one = b->feeds.v[i];
        if (one->spot.partition == spot->partition && str_eq(one->spot.topic, spot->topic)) f = one;
    }
    if (!f) {
        f = NEW(b->arena, Feed, 1);
        f->spot = (KafkaSpot){str_copy(b->arena, spot->topic), spot->partition, -1};
        f->topic = b->client->call.topic_new(b->client->handle, f->spot.topic.p, NULL);
        vec_push(b->arena, &b->feeds, f);
    }
    mutex_unlock(b->lock);
    return f;
}

static Status feed_start(Brokers *b, Feed *f, int64_t offset)
{
    if (f->spot.offset == offset) return DONE;
    feed_stop(b, f);
    if (b->client->call.consume_start(f->topic, f->spot.partition, offset))
        return kafka_client_failed(b->client, b->client->call.last_error(), "cannot read");
    f->spot.offset = offset;
    return DONE;
}

// ---- reading -----------------------------------------------------------------------------------

typedef struct Reading {
    Brokers *b;
    Feed *feed;
    const KafkaSpan *span;
    KafkaRows *rows;
    Arena *scratch;                 // of headers
    VEC(rd_kafka_message_t *) used; // what rows still point into
} Reading;

static Status release(Reading *r)
{
    Status s = kafka_rows_flush(r->rows);
    for (int64_t i = 0; i < r->used.n; i++) r->b->client->call.message_destroy(r->used.v[i]);
    r->used.n = 0;
    return s;
}

static void take_headers(Reading *r, const rd_kafka_message_t *m, Record *one)
{
    const KafkaCalls *call = &r->b->client->call;
    rd_kafka_headers_t *h;
    const char *key;
    const void *value;
    size_t n;
    if (!r->rows->headers || call->message_headers(m, &h)) return;
    Buf b = buf_new(r->scratch);
    while (!call->header_get_all(h, (size_t)one->nheaders, &key, &value, &n)) {
        Str k = str_z(key);
        buf_varint(&b, k.n);
        buf_put(&b, k);
        buf_varint(&b, value ? (int64_t)n : -1);
        if (value) buf_put(&b, str_of(value, (int64_t)n));
        one->nheaders++;
    }
    one->headers = buf_str(&b);
}

static Status add_message(Reading *r, rd_kafka_message_t *m)
{
    rd_kafka_timestamp_type_t type;
    Record one = {.offset = m->offset};
    one.time_ms = r->b->client->call.message_timestamp(m, &type);
    if (m->key) one.key = str_of(m->key, (int64_t)m->key_len);
    if (m->payload) one.value = str_of(m->payload, (int64_t)m->len);
    take_headers(r, m, &one);
    TimeType t = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? TIME_APPEND
                 : type == RD_KAFKA_TIMESTAMP_CREATE_TIME   ? TIME_CREATE
                                                            : TIME_NONE;
    return kafka_rows_add(r->rows, &one, t);
}

// The range begins before what there still is.
static Status skip_lost(Reading *r)
{
    int64_t start, end;
    TRY(brokers_range(&r->b->base, &r->span->from, &start, &end));
    TRY(kafka_range_lost(r->span, start, end));
    feed_stop(r->b, r->feed);
    return feed_start(r->b, r->feed, MIN(start, r->span->to));
}

// Uses the message that comes next; *over when the span is done.
static Status take_message(Reading *r, bool *over)
{
    Feed *f = r->feed;
    rd_kafka_message_t *m = f->message[f->at];
    *over = m->offset >= r->span->to;
    if (!m->err && *over) return DONE; // stays for the next epoch
    f->at++;
    vec_push(r->scratch, &r->used, m);
    if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return DONE;
    *over = false;
    if (m->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
        m->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
        return skip_lost(r);
    if (m->err) return kafka_client_failed(r->b->client, m->err, "cannot read");
    f->spot.offset = m->offset + 1;
    *over = f->spot.offset >= r->span->to;
    return m->offset < r->span->from.offset ? DONE : add_message(r, m);
}

// Waits for the first: the library's call for many waits until all of them are there.
static void fetch(Brokers *b, Feed *f)
{
    int32_t p = f->spot.partition;
    f->at = f->n = 0;
    rd_kafka_message_t *first = b->client->call.consume(f->topic, p, POLL_MS);
    if (!first) return;
    f->message[0] = first;
    ssize_t n = b->client->call.consume_batch(f->topic, p, 0, f->message + 1, MESSAGES - 1);
    f->n = 1 + MAX(n, 0);
}

static Status read_messages(Reading *r)
{
    Feed *f = r->feed;
    int64_t heard = clock_mono_ns();
    TRY(feed_start(r->b, f, r->span->from.offset));
    for (bool over = f->spot.offset >= r->span->to; !over && !kafka_rows_full(r->rows);) {
        if (f->at < f->n) {
            TRY(take_message(r, &over));
            continue;
        }
        if (r->used.n) TRY(release(r));
        fetch(r->b, f);
        if (f->n) heard = clock_mono_ns();
        if (clock_mono_ns() - heard > PATIENCE_NS)
            return kafka_client_failed(r->b->client, RD_KAFKA_RESP_ERR__TIMED_OUT, "cannot read");
    }
    f->spot.offset = MAX(f->spot.offset, r->span->to); // gaps at its end are read too
    return DONE;
}

static Status brokers_read(KafkaCluster *c, const KafkaSpan *span, Arena *scratch, KafkaRows *rows)
{
    Brokers *b = brokers_of(c);
    Reading r = {.b = b, .feed = feed_of(b, &span->from), .span = span, .rows = rows};
    r.scratch = scratch;
    Status s = read_messages(&r);
    Failure *why = s.code ? failure_copy(scratch, failure()) : NULL;
    Status last = release(&r);
    if (!why) return last;
    feed_stop(b, r.feed);
    return failure_again(why);
}

static const KafkaClusterKind brokers_kind = {brokers_topics,  brokers_partitions, brokers_range,
                                              brokers_at_time, brokers_cut,        brokers_read};

Status kafka_brokers_open(KafkaCluster **c, Arena *a, const Options *options, Buf *warn)
{
    Brokers *b = NEW(a, Brokers, 1);
    b->base.kind = &brokers_kind;
    TRY(kafka_client_open(&b->client, a, options, false, warn));
    b->arena = arena_new(NULL); // close_feeds still needs it when a ends
    b->lock = mutex_new(a);
    arena_defer(a, close_feeds, b);
    *c = &b->base;
    return DONE;
}
