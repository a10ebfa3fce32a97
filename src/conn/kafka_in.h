// kafka_in.h -- what the files of the Kafka source and sink share: where topics are (the embedded
// log, or brokers elsewhere), and rows made of records.
#ifndef CONN_KAFKA_IN_H
#define CONN_KAFKA_IN_H
#include "conn/kafka_offsets.h"
#include "conn/source.h"
#include "log/log.h"

// ---- rows: key, value, topic, partition, offset, timestamp, timestampType, headers

enum {
    KAFKA_KEY,
    KAFKA_VALUE,
    KAFKA_TOPIC,
    KAFKA_PARTITION,
    KAFKA_OFFSET,
    KAFKA_TIMESTAMP,
    KAFKA_TIMESTAMP_TYPE,
    KAFKA_HEADERS,
};
const Schema *kafka_schema(Arena *a, bool headers);

typedef struct KafkaRows {
    Batch batch;
    Out *out;
    Arena *arena; // of the column arrays
    Str *key, *value;
    uint8_t *key_valid, *value_valid;
    int32_t *time_type;
    int64_t *offset;
    Micros *time;
    Builder *headers;
    bool only_value; // the hot path: no other column is needed
    bool key_nulls, value_nulls;
    int32_t n;
    int64_t rows, limit; // so many in all, no more than
} KafkaRows;
// Columns of s that are needed; `spot` says whose records they are.
void kafka_rows_begin(KafkaRows *r, Arena *a, const Source *s, const KafkaSpot *spot, Out *out);
// The records of a batch (its head and records_body) with offsets in [from, to). Their bytes must
// stay until the next kafka_rows_flush.
Status kafka_rows_batch(KafkaRows *r, const RecordsHead *h, Str body, int64_t from, int64_t to);
Status kafka_rows_add(KafkaRows *r, const Record *one, TimeType type); // the same for one record
Status kafka_rows_flush(KafkaRows *r);
static inline bool kafka_rows_full(const KafkaRows *r)
{
    return r->limit >= 0 && r->rows >= r->limit;
}

// ---- where topics are

typedef struct KafkaCluster KafkaCluster;
typedef struct KafkaNames {
    Str *v;
    int64_t n, cap;
} KafkaNames;
typedef struct KafkaSpan { // [from, to) of a partition
    KafkaSpot from;
    int64_t to;
    bool loss_fails; // failOnDataLoss
} KafkaSpan;
typedef struct KafkaClusterKind {
    Status (*topics)(KafkaCluster *c, Arena *a, KafkaNames *names);
    Status (*partitions)(KafkaCluster *c, Str topic, int32_t *n); // ERR_NOT_FOUND
    // The offsets that there are: [*start, *end).
    Status (*range)(KafkaCluster *c, const KafkaSpot *spot, int64_t *start, int64_t *end);
    // The first record at or after ms, -1 when there is none.
    Status (*at_time)(KafkaCluster *c, const KafkaSpot *spot, int64_t ms, int64_t *offset);
    // Where reading [from, upto) is best cut after about LANE_ROWS; the same on every call.
    Status (*cut)(KafkaCluster *c, const KafkaSpot *from, int64_t upto, int64_t *at);
    Status (*read)(KafkaCluster *c, const KafkaSpan *span, Arena *scratch, KafkaRows *rows);
} KafkaClusterKind;
struct KafkaCluster {
    const KafkaClusterKind *kind;
};
Status kafka_log_open(KafkaCluster **c, Arena *a, Log *log);
Status kafka_brokers_open(KafkaCluster **c, Arena *a, const Options *options, Buf *warn);
// "may be lost": raises the condition when loss fails the query, else DONE.
Status kafka_range_lost(const KafkaSpan *span, int64_t start, int64_t end);
// Options that begin with "kafka." are the client's.
bool kafka_client_option(Str key);
#endif
