// kafka_client.h -- brokers elsewhere, through librdkafka, which is loaded when first needed. A
// client is a consumer or a producer; options are Spark's, "kafka." and the client's own name.
#ifndef CONN_KAFKA_CLIENT_H
#define CONN_KAFKA_CLIENT_H
#include "base/buf.h"
#include "base/options.h"
#include "log/records.h"
#include <librdkafka/rdkafka.h>

// clang-format off
#define KAFKA_CALLS(X) \
    X(conf_new) X(conf_destroy) X(conf_set) X(conf_set_log_cb) X(conf_set_error_cb) \
    X(conf_set_dr_msg_cb) X(conf_set_opaque) X(new) X(destroy) X(destroy_flags) X(err2str) \
    X(opaque) X(last_error) X(metadata) X(metadata_destroy) X(topic_new) X(topic_destroy) \
    X(query_watermark_offsets) X(offsets_for_times) X(topic_partition_list_new) \
    X(topic_partition_list_add) X(topic_partition_list_destroy) X(consume_start) \
    X(consume_stop) X(consume) X(consume_batch) X(message_destroy) X(message_timestamp) \
    X(message_headers) X(header_get_all) X(headers_new) X(headers_destroy) X(header_add) \
    X(producev) X(poll) X(flush) X(queue_new) X(queue_poll) X(queue_destroy) X(event_destroy) \
    X(event_error) X(event_error_string) X(NewTopic_new) X(NewTopic_destroy) X(CreateTopics) \
    X(event_CreateTopics_result) X(CreateTopics_result_topics) X(DeleteTopic_new) \
    X(DeleteTopic_destroy) X(DeleteTopics) X(event_DeleteTopics_result) \
    X(DeleteTopics_result_topics) X(topic_result_error) X(topic_result_error_string)
// clang-format on
#define KAFKA_CALL_FIELD(name) __typeof__(rd_kafka_##name) *name;
typedef struct KafkaCalls {
    KAFKA_CALLS(KAFKA_CALL_FIELD)
} KafkaCalls;
#undef KAFKA_CALL_FIELD

typedef struct KafkaClient {
    KafkaCalls call;
    rd_kafka_t *handle;
    Arena *arena;
    Str servers;
    char trouble[256];               // what the client last complained of
    rd_kafka_resp_err_t undelivered; // the first of a producer's records that did not arrive
} KafkaClient;
enum { KAFKA_WAIT_MS = 10000 }; // for an answer

// Lives in a. Does not connect yet; options without meaning for the client are warned of.
Status kafka_client_open(KafkaClient **c, Arena *a, const Options *options, bool producer,
                         Buf *warn);
// A failure with the brokers' names and what the client complained of. ERR_NOT_FOUND for topics
// and partitions that are not there, else ERR_IO.
Status kafka_client_failed(KafkaClient *c, rd_kafka_resp_err_t e, const char *what);

// Sends a record; partition -1: as Java's producer chooses. Errors may show in the flush only.
Status kafka_client_send(KafkaClient *c, Str topic, int32_t partition, const Record *r);
Status kafka_client_flush(KafkaClient *c); // all sent records have arrived

typedef struct KafkaTopicRow {
    Str name;
    int32_t partitions;
} KafkaTopicRow;
typedef struct KafkaTopicRows {
    KafkaTopicRow *v;
    int64_t n, cap;
} KafkaTopicRows;
// All topics, or one; in order of their names.
Status kafka_client_topics(KafkaClient *c, Arena *a, Str only, KafkaTopicRows *rows);
Status kafka_client_create(KafkaClient *c, Str topic,
                           int32_t partitions); // -1: the brokers' default
Status kafka_client_delete(KafkaClient *c, Str topic);
#endif
