// topic_writer.c -- records into a topic, wherever it is.
#include "cli/topic_writer.h"
#include "base/civil.h"
#include "cli/host.h"
#include "os/clock.h"

enum { BATCH_RECORDS = 500, BATCH_BYTES = 256 << 10 };

static Status open_client(TopicDoor *d, Cli *cli, Str servers)
{
    Options o = {0};
    vec_push(cli->arena, &o, ((Option){S("kafka.bootstrap.servers"), servers}));
    d->servers = servers;
    return kafka_client_open(&d->client, cli->arena, &o, true, NULL);
}

Status topic_door_open(TopicDoor *d, Cli *cli, Str bootstrap)
{
    Str server;
    *d = (TopicDoor){0};
    if (bootstrap.n) return open_client(d, cli, bootstrap);
    if (cli->host) {
        d->log = engine_log(cli->host->engine);
        return DONE;
    }
    Status s = log_open(&d->log, cli->arena, cli_log_dir(cli), &(LogOptions){0});
    if (s.code != ERR_CONFLICT) return s;
    Failure *held = failure_copy(cli->arena, failure());
    d->log = NULL;
    if (log_server(&server, cli->arena, cli_log_dir(cli)).code) return failure_again(held);
    return open_client(d, cli, server);
}

static Status make_topic(TopicWriter *w, int64_t partitions)
{
    int32_t n = partitions ? (int32_t)partitions : -1;
    if (w->door.client) {
        KafkaTopicRows rows; // of all: to ask for one would make it
        TRY(kafka_client_topics(w->door.client, w->arena, (Str){0}, &rows));
        for (int64_t i = 0; i < rows.n; i++)
            if (str_eq(rows.v[i].name, w->topic)) return DONE;
        return kafka_client_create(w->door.client, w->topic, n);
    }
    w->local = topic_find(w->door.log, w->topic);
    return w->local ? DONE : topic_create(&w->local, w->door.log, w->topic, n, NULL);
}

Status topic_writer_open(TopicWriter *w, Cli *cli, Str bootstrap, Str topic, int64_t partitions,
                         RecordsCodec codec)
{
    *w = (TopicWriter){
        .arena = cli->arena, .topic = topic, .batch = buf_new(cli->arena), .codec = codec};
    TRY(topic_door_open(&w->door, cli, bootstrap));
    TRY(make_topic(w, partitions));
    if (!w->local) return DONE;
    w->writer = NEW(w->arena, RecordsWriter, topic_partitions(w->local));
    for (int32_t i = 0; i < topic_partitions(w->local); i++)
        records_begin(&w->writer[i], w->arena, codec);
    return DONE;
}

static Status flush_partition(TopicWriter *w, int32_t i)
{
    Str batch;
    Appended done;
    TRY(records_end(&batch, &w->writer[i], (RecordsProducer){.id = -1}));
    if (batch.n == 0) return DONE;
    buf_clear(&w->batch);
    buf_put(&w->batch, batch); // a copy: the log writes offsets into it
    records_begin(&w->writer[i], w->arena, w->codec);
    return partition_append(topic_partition(w->local, i), w->batch.p, batch.n, &done);
}

Status topic_writer_put(TopicWriter *w, Str key, Str value)
{
    Record r = {.time_ms = clock_now() / MICROS_PER_MS, .key = key, .value = value};
    int64_t nth = w->records++;
    if (w->door.client) return kafka_client_send(w->door.client, w->topic, -1, &r);
    int32_t n = topic_partitions(w->local);
    int32_t to = key.p ? partition_of_key(key, n) : (int32_t)(nth % n);
    // A long record stands alone: others are not refused with it.
    if (w->writer[to].body.n + key.n + value.n > BATCH_BYTES) TRY(flush_partition(w, to));
    records_add(&w->writer[to], &r, NULL);
    bool full = w->writer[to].count >= BATCH_RECORDS || w->writer[to].body.n >= BATCH_BYTES;
    return full ? flush_partition(w, to) : DONE;
}

Status topic_writer_flush(TopicWriter *w)
{
    for (int32_t i = 0; w->local && i < topic_partitions(w->local); i++) TRY(flush_partition(w, i));
    return DONE;
}

Status topic_writer_sync(TopicWriter *w)
{
    if (w->door.client) return kafka_client_flush(w->door.client);
    TRY(topic_writer_flush(w));
    for (int32_t i = 0; i < topic_partitions(w->local); i++) {
        Partition *p = topic_partition(w->local, i);
        TRY(partition_sync(p, partition_written(p)));
    }
    return DONE;
}
