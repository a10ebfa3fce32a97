// kafka_client.c -- librdkafka's handle: its settings from Spark's options, sending, and topics.
#include "conn/kafka_client.h"
#include "base/civil.h"
#include "conn/kafka_in.h"
#include "os/clock.h"
#include "os/lib.h"
#include "os/thread.h"
#include <stdio.h>
#include <stdlib.h>

#define SYMBOL(name) {"rd_kafka_" #name, offsetof(KafkaCalls, name)},
static const LibSymbol symbols[] = {KAFKA_CALLS(SYMBOL)};
#undef SYMBOL

// ---- opening -----------------------------------------------------------------------------------

static void on_log(const rd_kafka_t *rk, int level, const char *fac, const char *text)
{
    (void)rk, (void)level, (void)fac, (void)text; // failures say what matters
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    KafkaClient *c = opaque;
    (void)rk, (void)code;
    snprintf(c->trouble, sizeof c->trouble, "%s", reason);
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    KafkaClient *c = opaque;
    (void)rk;
    if (m->err && !c->undelivered) c->undelivered = m->err;
}

static Status set(KafkaClient *c, rd_kafka_conf_t *conf, Str key, Str value, Buf *warn)
{
    char why[256];
    rd_kafka_conf_res_t r =
        c->call.conf_set(conf, str_to_z(c->arena, key), str_to_z(c->arena, value), why, sizeof why);
    if (r == RD_KAFKA_CONF_OK) return DONE;
    if (r == RD_KAFKA_CONF_INVALID)
        return fail(ERR_INVALID, "option kafka." STR_FMT ": %s", STR_ARG(key), why);
    if (warn)
        buf_fmt(warn, "option kafka." STR_FMT " has no meaning for this client\n", STR_ARG(key));
    return DONE;
}

// org.apache.kafka...PlainLoginModule required username="u" password="p";
static Str jaas_field(Str jaas, Str name)
{
    int64_t at = str_find(jaas, name);
    if (at < 0) return (Str){0};
    Str rest = str_from(jaas, at + name.n);
    Cut before = str_cut(rest, '"'), value = str_cut(before.tail, '"');
    return before.ok && value.ok ? value.head : (Str){0};
}

static Status set_jaas(KafkaClient *c, rd_kafka_conf_t *conf, Str jaas)
{
    Str user = jaas_field(jaas, S("username=")), password = jaas_field(jaas, S("password="));
    if (!user.p || !password.p)
        return fail(ERR_INVALID,
                    "option kafka.sasl.jaas.config: username=\"..\" and password=\"..\" expected");
    TRY(set(c, conf, S("sasl.username"), user, NULL));
    return set(c, conf, S("sasl.password"), password, NULL);
}

static Status set_defaults(KafkaClient *c, rd_kafka_conf_t *conf, bool producer)
{
    // A fast reader stalls with the library's own queue limits.
    static const struct {
        Str key, value;
        bool producer;
    } row[] = {
        {STR_INIT("enable.auto.commit"), STR_INIT("false"), false},
        {STR_INIT("enable.partition.eof"), STR_INIT("true"), false},
        {STR_INIT("auto.offset.reset"), STR_INIT("error"), false},
        {STR_INIT("isolation.level"), STR_INIT("read_uncommitted"), false},
        {STR_INIT("queued.min.messages"), STR_INIT("1000000"), false},
        {STR_INIT("topic.metadata.refresh.fast.interval.ms"), STR_INIT("20"), false},
        {STR_INIT("fetch.wait.max.ms"), STR_INIT("100"), false},
        {STR_INIT("enable.idempotence"), STR_INIT("true"), true},
        {STR_INIT("partitioner"), STR_INIT("murmur2_random"), true},
        {STR_INIT("topic.metadata.refresh.fast.interval.ms"), STR_INIT("20"), true},
        {STR_INIT("linger.ms"), STR_INIT("5"), true},
    };
    for (int64_t i = 0; i < COUNT(row); i++)
        if (row[i].producer == producer) TRY(set(c, conf, row[i].key, row[i].value, NULL));
    return DONE;
}

// A name of our own for each reader, as Spark has it; nothing is ever committed to it.
static Status set_group(KafkaClient *c, rd_kafka_conf_t *conf, const Options *options)
{
    const Str *prefix = options_get(options, S("groupIdPrefix"));
    Str head = prefix ? *prefix : S("spark-kafka-source");
    return set(c, conf, S("group.id"),
               str_fmt(c->arena, STR_FMT "-" STR_FMT, STR_ARG(head), STR_ARG(rand_uuid(c->arena))),
               NULL);
}

static Status set_options(KafkaClient *c, rd_kafka_conf_t *conf, const Options *options, Buf *warn)
{
    for (int64_t i = 0; i < options->n; i++) {
        Option o = options->v[i];
        if (o.key.n <= 6 || !str_ieq(str_of(o.key.p, 6), S("kafka."))) continue;
        Str key = str_lower(c->arena, str_from(o.key, 6));
        if (str_eq(key, S("sasl.jaas.config")))
            TRY(set_jaas(c, conf, o.value));
        else
            TRY(set(c, conf, key, o.value, warn));
    }
    return DONE;
}

// librdkafka 2.0 may wait for ever for a partition that was read and whose topic was then deleted.
// So the handle ends on a thread of its own, which is left behind when it does not come back.
enum { CLOSE_SECONDS = 5 };
typedef struct Closing {
    __typeof__(rd_kafka_destroy_flags) *destroy;
    rd_kafka_t *handle;
    Mutex *lock;
    Signal *ended;
    bool over;
} Closing;

static void run_close(void *arg)
{
    Closing *end = arg;
    end->destroy(end->handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    mutex_lock(end->lock);
    end->over = true;
    signal_all(end->ended);
    mutex_unlock(end->lock);
}

static void close_client(void *client)
{
    KafkaClient *c = client;
    if (!c->handle) return;
    Arena *own = arena_new(NULL);
    Closing *end = NEW(own, Closing, 1);
    *end = (Closing){.destroy = c->call.destroy_flags, .handle = c->handle};
    end->lock = mutex_new(own);
    end->ended = signal_new(own, end->lock);
    thread_start(own, "kafka-close", run_close, end);
    bool in_time = true;
    mutex_lock(end->lock);
    while (!end->over && in_time)
        in_time = signal_wait_for(end->ended, CLOSE_SECONDS * MICROS_PER_SECOND);
    bool over = end->over;
    mutex_unlock(end->lock);
    if (over) arena_free(own);
}

static Status configure(KafkaClient *c, rd_kafka_conf_t *conf, const Options *options,
                        bool producer, Buf *warn)
{
    c->call.conf_set_log_cb(conf, on_log);
    c->call.conf_set_error_cb(conf, on_error);
    c->call.conf_set_opaque(conf, c);
    if (producer) c->call.conf_set_dr_msg_cb(conf, on_delivery);
    TRY(set_defaults(c, conf, producer));
    if (!producer) TRY(set_group(c, conf, options));
    return set_options(c, conf, options, warn);
}

Status kafka_client_open(KafkaClient **out, Arena *a, const Options *options, bool producer,
                         Buf *warn)
{
    static const LibSpec spec = {"librdkafka", 1, 1, false, "librdkafka1", symbols, COUNT(symbols)};
    const Str *servers = options_get(options, S("kafka.bootstrap.servers"));
    char why[256];
    if (!servers)
        return fail(ERR_INVALID, "option kafka.bootstrap.servers must be given: there is no "
                                 "embedded log here");
    KafkaClient *c = NEW(a, KafkaClient, 1);
    c->arena = a;
    c->servers = str_copy(a, *servers);
    TRY(lib_open(&c->call, &spec));
    arena_defer(a, close_client, c);
    rd_kafka_conf_t *conf = c->call.conf_new();
    Status s = configure(c, conf, options, producer, warn);
    if (!s.code) {
        c->handle =
            c->call.new(producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, conf, why, sizeof why);
        if (c->handle) {
            *out = c;
            return DONE; // the handle owns conf now
        }
        s = fail(ERR_INVALID, "no Kafka client with these options: %s", why);
    }
    c->call.conf_destroy(conf);
    return s;
}

Status kafka_client_failed(KafkaClient *c, rd_kafka_resp_err_t e, const char *what)
{
    c->call.poll(c->handle, 0); // hears complaints
    bool gone = e == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
                e == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
                e == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    return fail(gone ? ERR_NOT_FOUND : ERR_IO, "%s, Kafka at " STR_FMT ": %s%s%s%s", what,
                STR_ARG(c->servers), c->call.err2str(e), c->trouble[0] ? " (" : "", c->trouble,
                c->trouble[0] ? ")" : "");
}

// ---- sending -----------------------------------------------------------------------------------

static rd_kafka_headers_t *headers_of(KafkaClient *c, const Record *r)
{
    rd_kafka_headers_t *h = r->nheaders ? c->call.headers_new((size_t)r->nheaders) : NULL;
    Reader in = reader_of(r->headers);
    for (int64_t i = 0; i < r->nheaders; i++) {
        Str key, value;
        if (record_header(&in, &key, &value).code) break;
        c->call.header_add(h, key.p, key.n, value.p, value.n);
    }
    return h;
}

Status kafka_client_send(KafkaClient *c, Str topic, int32_t partition, const Record *r)
{
    Arena *a = arena_new(NULL);
    char *name = str_to_z(a, topic);
    rd_kafka_headers_t *h = headers_of(c, r);
    rd_kafka_resp_err_t e;
    for (;;) {
        e = c->call.producev(c->handle, RD_KAFKA_V_TOPIC(name), RD_KAFKA_V_PARTITION(partition),
                             RD_KAFKA_V_KEY(r->key.p, (size_t)r->key.n),
                             RD_KAFKA_V_VALUE((void *)r->value.p, (size_t)r->value.n),
                             RD_KAFKA_V_TIMESTAMP(r->time_ms), RD_KAFKA_V_HEADERS(h),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        if (e != RD_KAFKA_RESP_ERR__QUEUE_FULL) break;
        c->call.poll(c->handle, 100);
    }
    if (e && h) c->call.headers_destroy(h);
    Status s = e ? kafka_client_failed(c, e, name) : DONE;
    arena_free(a);
    return s;
}

Status kafka_client_flush(KafkaClient *c)
{
    rd_kafka_resp_err_t e = c->call.flush(c->handle, 12 * KAFKA_WAIT_MS);
    if (!e) e = c->undelivered;
    c->undelivered = RD_KAFKA_RESP_ERR_NO_ERROR;
    return e ? kafka_client_failed(c, e, "records were not delivered") : DONE;
}

// ---- topics ------------------------------------------------------------------------------------

static int by_name(const void *x, const void *y)
{
    return str_cmp(((const KafkaTopicRow *)x)->name, ((const KafkaTopicRow *)y)->name);
}

Status kafka_client_topics(KafkaClient *c, Arena *a, Str only, KafkaTopicRows *rows)
{
    const struct rd_kafka_metadata *m;
    rd_kafka_topic_t *topic = NULL;
    if (only.n) topic = c->call.topic_new(c->handle, str_to_z(a, only), NULL);
    rd_kafka_resp_err_t e = c->call.metadata(c->handle, !only.n, topic, &m, KAFKA_WAIT_MS);
    if (topic) c->call.topic_destroy(topic);
    if (e) return kafka_client_failed(c, e, "no list of topics");
    *rows = (KafkaTopicRows){0};
    for (int32_t i = 0; i < m->topic_cnt; i++) {
        const rd_kafka_metadata_topic_t *t = &m->topics[i];
        if (t->err && !e) e = t->err;
        if (!t->err)
            vec_push(a, rows, ((KafkaTopicRow){str_copy(a, str_z(t->topic)), t->partition_cnt}));
    }
    c->call.metadata_destroy(m);
    if (only.n && !rows->n)
        return kafka_client_failed(c, e ? e : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
                                   str_to_z(a, str_cat(a, S("topic "), only)));
    if (rows->n > 1) qsort(rows->v, (size_t)rows->n, sizeof *rows->v, by_name);
    return DONE;
}

static Status topic_answer(KafkaClient *c, rd_kafka_queue_t *q, bool create)
{
    rd_kafka_event_t *ev = c->call.queue_poll(q, 3 * KAFKA_WAIT_MS);
    if (!ev) return kafka_client_failed(c, RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer");
    size_t n = 0;
    const rd_kafka_topic_result_t **all = NULL;
    rd_kafka_resp_err_t e = c->call.event_error(ev);
    const char *text = e ? c->call.event_error_string(ev) : NULL;
    if (!e && create)
        all = c->call.CreateTopics_result_topics(c->call.event_CreateTopics_result(ev), &n);
    else if (!e)
        all = c->call.DeleteTopics_result_topics(c->call.event_DeleteTopics_result(ev), &n);
    if (n) {
        e = c->call.topic_result_error(all[0]);
        text = c->call.topic_result_error_string(all[0]);
    }
    Code code = e == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS    ? ERR_CONFLICT
                : e == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ? ERR_NOT_FOUND
                                                               : ERR_INVALID;
    Status s = DONE;
    if (e) s = fail(code, "%s", text ? text : c->call.err2str(e));
    c->call.event_destroy(ev);
    return s;
}

Status kafka_client_create(KafkaClient *c, Str topic, int32_t partitions)
{
    char why[256];
    rd_kafka_NewTopic_t *t =
        c->call.NewTopic_new(str_to_z(c->arena, topic), partitions, -1, why, sizeof why);
    if (!t) return fail(ERR_INVALID, "topic " STR_FMT ": %s", STR_ARG(topic), why);
    rd_kafka_queue_t *q = c->call.queue_new(c->handle);
    c->call.CreateTopics(c->handle, &t, 1, NULL, q);
    Status s = topic_answer(c, q, true);
    c->call.queue_destroy(q);
    c->call.NewTopic_destroy(t);
    return s;
}

Status kafka_client_delete(KafkaClient *c, Str topic)
{
    rd_kafka_DeleteTopic_t *t = c->call.DeleteTopic_new(str_to_z(c->arena, topic));
    rd_kafka_queue_t *q = c->call.queue_new(c->handle);
    c->call.DeleteTopics(c->handle, &t, 1, NULL, q);
    Status s = topic_answer(c, q, false);
    c->call.queue_destroy(q);
    c->call.DeleteTopic_destroy(t);
    return s;
}
