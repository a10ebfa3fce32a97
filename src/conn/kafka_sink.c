// kafka_sink.c -- the sink `kafka`, with Spark's columns (semantics K20, K21). Batches are made and
// compressed on the lanes' threads. Into topics of the embedded log: exactly once, by batches that
// carry a producer id and a sequence. To brokers elsewhere: at least once, as Spark's.
#include "base/civil.h"
#include "base/hash.h"
#include "conn/kafka_client.h"
#include "conn/kafka_options.h"
#include "conn/kafka_staged.h"
#include "conn/list.h"
#include "os/clock.h"

enum { BATCH_BYTES = 256 << 10 }; // before compression

typedef struct SinkOptions {
    Str topic;
    int32_t codec; // RecordsCodec
    bool headers;
} SinkOptions;
typedef struct KafkaSink {
    Sink base;
    SinkOptions opt;
    Log *log;
    KafkaClient *client;                           // of brokers elsewhere, else NULL
    int32_t key, value, topic, partition, headers; // columns, -1: there is none
    Staged *staged;
    bool begun; // an epoch
} KafkaSink;

typedef struct Batches {
    Str *v;
    int64_t n, cap;
} Batches;
typedef struct Target { // a partition that a part writes to
    Str name;
    Topic *topic;      // NULL: elsewhere
    int32_t partition; // -1: as the client chooses
    RecordsWriter writer;
    Batches sealed;
} Target;
typedef struct Targets {
    Target **v;
    int64_t n, cap;
} Targets;

#define AT(field) offsetof(SinkOptions, field)
static const OptSpec sink_specs[] = {
    {STR_INIT("topic"), OPT_STR, AT(topic), STR_INIT(""),
     "where all rows go; else the column topic says it", 0, 0, NULL},
    {STR_INIT("kafka.compression.type"), OPT_CHOICE, AT(codec), STR_INIT("lz4"),
     "of the batches: none, gzip, snappy, lz4 or zstd", 0, 0, "none|gzip|snappy|lz4|zstd"},
    {STR_INIT("includeHeaders"), OPT_BOOL, AT(headers), STR_INIT("false"),
     "changes nothing: the column headers is enough", 0, 0, NULL},
};

// ---- opening -----------------------------------------------------------------------------------

typedef struct Wanted {
    Str name;
    size_t at;
    const char *types;
    bool required;
} Wanted;

static bool type_fits(const Type *t, Str name)
{
    if (str_eq(name, S("partition"))) return t->id == T_INT;
    if (str_eq(name, S("topic"))) return t->id == T_STRING;
    if (!str_eq(name, S("headers"))) return t->id == T_STRING || t->id == T_BINARY;
    if (t->id != T_ARRAY || t->field[0].type->id != T_STRUCT) return false;
    const Type *pair = t->field[0].type;
    return pair->nfields == 2 && pair->field[0].type->id == T_STRING &&
           pair->field[1].type->id == T_BINARY;
}

static Status find_columns(KafkaSink *k, const Schema *schema)
{
    const Wanted wanted[] = {
        {S("value"), offsetof(KafkaSink, value), "STRING or BINARY", true},
        {S("key"), offsetof(KafkaSink, key), "STRING or BINARY", false},
        {S("topic"), offsetof(KafkaSink, topic), "STRING", !k->opt.topic.n},
        {S("partition"), offsetof(KafkaSink, partition), "INT", false},
        {S("headers"), offsetof(KafkaSink, headers), "ARRAY<STRUCT<key: STRING, value: BINARY>>",
         false},
    };
    for (int64_t i = 0; i < COUNT(wanted); i++) {
        const Wanted *w = &wanted[i];
        int32_t found = -1;
        for (int32_t c = 0; c < schema->nfields; c++)
            if (str_eq(schema->field[c].name, w->name)) found = c;
        if (found < 0 && w->required)
            return fail(ERR_INVALID, "the sink kafka needs a column " STR_FMT "%s",
                        STR_ARG(w->name),
                        str_eq(w->name, S("topic")) ? ", or the option topic" : "");
        if (found >= 0 && !type_fits(schema->field[found].type, w->name))
            return fail(ERR_INVALID, "the sink kafka needs column " STR_FMT " to be %s",
                        STR_ARG(w->name), w->types);
        memcpy((char *)k + w->at, &found, sizeof found);
    }
    if (k->opt.topic.n) k->topic = -1; // the option wins
    return DONE;
}

static Status sink_find_topic(KafkaSink *k, Str name, Topic **t)
{
    *t = topic_find(k->log, name);
    if (*t) return DONE;
    Status s = topic_create(t, k->log, name, -1, &(Options){0});
    if (s.code != ERR_CONFLICT) return s;
    *t = topic_find(k->log, name); // another lane made it
    return *t ? DONE : s;
}

static Status kafka_sink_open(Sink *s, Arena *a, const SinkArgs *args)
{
    KafkaSink *k = CONTAINER(s, KafkaSink, base);
    const Str *servers = options_get(args->options, S("kafka.bootstrap.servers"));
    TRY(options_parse(&k->opt, sink_specs, COUNT(sink_specs), args->options, kafka_client_option,
                      args->warn));
    k->opt.topic = str_copy(a, str_trim(k->opt.topic));
    TRY(find_columns(k, args->schema));
    k->log = args->log;
    if (!kafka_is_embedded(k->log, servers))
        TRY(kafka_client_open(&k->client, a, args->options, true, args->warn));
    if (k->opt.topic.n && !topic_name_ok(k->opt.topic))
        return fail(ERR_INVALID, "option topic: " STR_FMT " is no name of a topic",
                    STR_ARG(k->opt.topic));
    k->staged = staged_new(a, k->log);
    return DONE;
}

// ---- encoding, on the lanes' threads -----------------------------------------------------------

static Target *target_of(const KafkaSink *k, Part *p, Str name, Topic *t, int32_t partition)
{
    Targets *list = p->own;
    for (int64_t i = list->n - 1; i >= 0; i--)
        if (list->v[i]->partition == partition && str_eq(list->v[i]->name, name)) return list->v[i];
    Target *one = NEW(p->arena, Target, 1);
    *one = (Target){.name = str_copy(p->arena, name), .topic = t, .partition = partition};
    // What a client makes its own batches of is not compressed twice.
    records_begin(&one->writer, p->arena, k->client ? RECORDS_NONE : (RecordsCodec)k->opt.codec);
    vec_push(p->arena, list, one);
    return one;
}

static Status seal_target(Target *t, Arena *a)
{
    Str batch;
    TRY(records_end(&batch, &t->writer, (RecordsProducer){.id = -1}));
    if (batch.n) vec_push(a, &t->sealed, str_copy(a, batch));
    records_begin(&t->writer, a, t->writer.codec);
    return DONE;
}

static Str value_at(const Batch *b, int32_t col, int32_t row)
{
    if (col < 0 || column_null(&b->col[col], row)) return (Str){0};
    Str s = column_str(&b->col[col], row);
    return s.p ? s : S("");
}

// As Java's producer: the column, else by key, else one for many rows; which one depends on the
// rows alone, so a replay makes the same choice. -1: the client chooses.
static Status partition_at(KafkaSink *k, const Batch *b, int32_t row, Topic *t, int32_t *to)
{
    int32_t n = t ? topic_partitions(t) : INT32_MAX;
    Str key = value_at(b, k->key, row);
    *to = t ? 0 : -1;
    if (k->partition >= 0 && !column_null(&b->col[k->partition], row)) {
        *to = COLUMN_DATA(&b->col[k->partition], int32_t)[row];
        if (*to >= 0 && *to < n) return DONE;
        return fail(ERR_INVALID, "a row wants partition %d, which the topic has not", *to);
    }
    if (t && key.p)
        *to = partition_of_key(key, n);
    else if (t && n > 1)
        *to = (int32_t)(crc32c(0, value_at(b, k->value, 0)) % (uint32_t)n);
    return DONE;
}

static RecordHeader *headers_at(KafkaSink *k, const Batch *b, int32_t row, Arena *a, int64_t *n)
{
    *n = 0;
    if (k->headers < 0 || column_null(&b->col[k->headers], row)) return NULL;
    const Column *c = &b->col[k->headers], *pair = &c->kid[0];
    List list = COLUMN_DATA(c, List)[row];
    RecordHeader *h = NEW(a, RecordHeader, list.n);
    for (int32_t i = 0; i < list.n; i++) {
        const Column *key = &pair->kid[0], *value = &pair->kid[1];
        if (column_null(pair, list.at + i) || column_null(key, list.at + i)) continue;
        Str v = column_str(value, list.at + i);
        h[*n].key = column_str(key, list.at + i);
        if (!column_null(value, list.at + i)) h[*n].value = v.p ? v : S("");
        ++*n;
    }
    return h;
}

static Status kafka_sink_encode(Sink *s, Part *p, const Batch *b)
{
    KafkaSink *k = CONTAINER(s, KafkaSink, base);
    if (!p->own) p->own = NEW(p->arena, Targets, 1);
    int64_t now_ms = clock_now() / MICROS_PER_MS;
    Topic *topic = NULL;
    for (int32_t i = 0; i < b->rows; i++) {
        int32_t partition;
        Str name = k->topic < 0 ? k->opt.topic : value_at(b, k->topic, i);
        if (!name.p) return RAISE(KAFKA_NULL_TOPIC);
        bool same = topic && str_eq(topic_name(topic), name);
        if (!k->client && !same) TRY(sink_find_topic(k, name, &topic));
        TRY(fail_in(partition_at(k, b, i, topic, &partition), STR_FMT, STR_ARG(name)));
        Target *t = target_of(k, p, name, topic, partition);
        Record r = {.time_ms = now_ms};
        r.key = value_at(b, k->key, i);
        r.value = value_at(b, k->value, i);
        RecordHeader *h = headers_at(k, b, i, p->arena, &r.nheaders);
        records_add(&t->writer, &r, h);
        if (t->writer.body.n > BATCH_BYTES) TRY(seal_target(t, p->arena));
    }
    p->rows += b->rows;
    return DONE;
}

static Status kafka_sink_seal(Sink *s, Part *p)
{
    (void)s;
    Targets *list = p->own;
    for (int64_t i = 0; list && i < list->n; i++) TRY(seal_target(list->v[i], p->arena));
    return DONE;
}

// ---- the epoch ---------------------------------------------------------------------------------

static void begin(KafkaSink *k, const SinkEpoch *e)
{
    if (k->begun) return;
    Arena *a = arena_new(NULL);
    uint64_t who = xxh64(e->incarnation, xxh64(e->query_id, 0));
    staged_begin(k->staged,
                 str_fmt(a, STR_FMT "-" STR_FMT "-%lld", STR_ARG(e->query_id),
                         STR_ARG(e->incarnation), (long long)e->epoch),
                 PRODUCER_ENGINE | (int64_t)(who >> 2));
    arena_free(a);
    k->begun = true;
}

static Status kafka_sink_take(Sink *s, const SinkEpoch *e, Part *p)
{
    KafkaSink *k = CONTAINER(s, KafkaSink, base);
    Targets *list = p->own;
    begin(k, e);
    for (int64_t i = 0; list && i < list->n; i++) {
        const Target *t = list->v[i];
        for (int64_t b = 0; b < t->sealed.n; b++)
            TRY(t->topic ? staged_add(k->staged, t->topic, t->partition, t->sealed.v[b])
                         : staged_add_away(k->staged, t->name, t->partition, t->sealed.v[b]));
    }
    p->own = NULL;
    return DONE;
}

static Status kafka_sink_stage(Sink *s, const SinkEpoch *e, Buf *receipt)
{
    KafkaSink *k = CONTAINER(s, KafkaSink, base);
    begin(k, e);
    k->begun = false;
    return staged_end(k->staged, receipt);
}

typedef struct Sender { // of staged batches to brokers elsewhere
    StagedTaker base;
    KafkaClient *client;
} Sender;

static Status send_batch(StagedTaker *to, Str topic, int32_t partition, Str batch)
{
    KafkaClient *client = CONTAINER(to, Sender, base)->client;
    RecordsHead h;
    Record r;
    TRY(records_head(&h, batch));
    Records c = records_of(&h, str_from(batch, RECORDS_HEAD));
    while (records_next(&c, &r)) TRY(kafka_client_send(client, topic, partition, &r));
    return c.bad ? fail(ERR_CORRUPT, "a staged batch does not parse") : DONE;
}

static Status send_end(StagedTaker *to)
{
    return kafka_client_flush(CONTAINER(to, Sender, base)->client);
}

static Status kafka_sink_commit(Sink *s, const SinkEpoch *e, Str receipt)
{
    KafkaSink *k = CONTAINER(s, KafkaSink, base);
    (void)e;
    if (!k->client) return staged_commit(k->log, receipt);
    Sender to = {{send_batch, send_end}, k->client};
    return staged_deliver(k->log, receipt, &to.base);
}

static void kafka_sink_discard(Sink *s)
{
    KafkaSink *k = CONTAINER(s, KafkaSink, base);
    staged_drop(k->staged);
    k->begun = false;
}

const SinkKind sink_kafka = {
    .name = STR_INIT("kafka"),
    .size = sizeof(KafkaSink),
    .opts = sink_specs,
    .nopts = COUNT(sink_specs),
    .modes = SINK_APPEND | SINK_UPDATE | SINK_COMPLETE,
    .exactly_once = true,
    .doc = "topics of the embedded log; of Kafka brokers, there at least once",
    .open = kafka_sink_open,
    .encode = kafka_sink_encode,
    .seal = kafka_sink_seal,
    .take = kafka_sink_take,
    .stage = kafka_sink_stage,
    .commit = kafka_sink_commit,
    .discard = kafka_sink_discard,
};
