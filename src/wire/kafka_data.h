// kafka_data.h -- the requests that move records: Produce, Fetch, ListOffsets, InitProducerId,
// OffsetForLeaderEpoch, and ApiVersions before them all.
#ifndef WIRE_KAFKA_DATA_H
#define WIRE_KAFKA_DATA_H
#include "wire/kafka_wire.h"

// -- ApiVersions

typedef struct ApiVersionsRequest {
    Str software, software_version; // from version 3
} ApiVersionsRequest;
Status api_versions_read(ApiVersionsRequest *q, KafkaIn *in);
void api_versions_write(KafkaOut *o, KafkaError error); // lists what kafka_apis has

// -- Produce

typedef struct ProducePartition {
    int32_t index;
    Str records; // bytes of the request
    // the answer
    KafkaError error;
    int64_t base_offset, append_time, start_offset;
} ProducePartition;
typedef struct ProduceTopic {
    Str name;
    ProducePartition *part;
    int32_t nparts;
} ProduceTopic;
typedef struct ProduceRequest {
    Str transactional_id;
    int32_t acks, timeout_ms;
    ProduceTopic *topic;
    int32_t ntopics;
} ProduceRequest;
Status produce_read(ProduceRequest *q, KafkaIn *in);
void produce_write(KafkaOut *o, const ProduceRequest *q);

// -- Fetch. The records of an answer go to the socket from where they were read; so its head, each
// partition's head and its end are written apart.

typedef struct FetchPartition {
    int32_t index, leader_epoch;
    int64_t offset;
    int32_t bytes_max;
    // the answer
    KafkaError error;
    int64_t high_watermark, start_offset;
    int64_t bytes; // of records that follow the partition's head
} FetchPartition;
typedef struct FetchTopic {
    Str name;
    FetchPartition *part;
    int32_t nparts;
} FetchTopic;
typedef struct FetchRequest {
    int32_t wait_ms, bytes_min, bytes_max;
    int32_t isolation;
    int32_t session_id, session_epoch;
    FetchTopic *topic;
    int32_t ntopics;
} FetchRequest;
Status fetch_read(FetchRequest *q, KafkaIn *in);
void fetch_write_head(KafkaOut *o, KafkaError error, int32_t ntopics);
void fetch_write_topic(KafkaOut *o, const FetchTopic *t);
void fetch_write_partition(KafkaOut *o, const FetchPartition *p); // p->bytes of records follow

// -- ListOffsets

enum { LIST_LATEST = -1, LIST_EARLIEST = -2, LIST_MAX_TIME = -3 };
typedef struct ListOffsetsPartition {
    int32_t index, leader_epoch;
    int64_t time; // milliseconds, or one of the above
    // the answer
    KafkaError error;
    int64_t found_time, offset;
    int32_t found_epoch;
} ListOffsetsPartition;
typedef struct ListOffsetsTopic {
    Str name;
    ListOffsetsPartition *part;
    int32_t nparts;
} ListOffsetsTopic;
typedef struct ListOffsetsRequest {
    int32_t isolation;
    ListOffsetsTopic *topic;
    int32_t ntopics;
} ListOffsetsRequest;
Status list_offsets_read(ListOffsetsRequest *q, KafkaIn *in);
void list_offsets_write(KafkaOut *o, const ListOffsetsRequest *q);

// -- OffsetForLeaderEpoch

typedef struct EpochPartition {
    int32_t index, current_epoch, epoch;
    // the answer
    KafkaError error;
    int32_t found_epoch;
    int64_t end_offset;
} EpochPartition;
typedef struct EpochTopic {
    Str name;
    EpochPartition *part;
    int32_t nparts;
} EpochTopic;
typedef struct EpochRequest {
    EpochTopic *topic;
    int32_t ntopics;
} EpochRequest;
Status offset_for_leader_epoch_read(EpochRequest *q, KafkaIn *in);
void offset_for_leader_epoch_write(KafkaOut *o, const EpochRequest *q);

// -- InitProducerId

typedef struct InitProducerIdRequest {
    Str transactional_id;
    int32_t timeout_ms, producer_epoch;
    int64_t producer_id; // -1: a new one
} InitProducerIdRequest;
Status init_producer_id_read(InitProducerIdRequest *q, KafkaIn *in);
void init_producer_id_write(KafkaOut *o, KafkaError error, int64_t id, int32_t epoch);
#endif
