// kafka_offsets.h -- offsets of Kafka partitions and Spark's JSON of them: {"topic":{"0":23}}, each
// number the next offset to read.
#ifndef CONN_KAFKA_OFFSETS_H
#define CONN_KAFKA_OFFSETS_H
#include "base/base.h"

enum { OFFSET_LATEST = -1, OFFSET_EARLIEST = -2 }; // where a user may write them
typedef struct KafkaSpot {
    Str topic;
    int32_t partition;
    int64_t offset;
} KafkaSpot;
typedef struct KafkaOffsets { // sorted by topic and partition, none twice
    KafkaSpot *v;
    int64_t n, cap;
} KafkaOffsets;

// `what` names the option, or says "offset", in the failure's text. Texts are copied.
Status kafka_offsets_parse(KafkaOffsets *o, Arena *a, Str what, Str json);
// {"topic":[0,1]}: the same with no offsets.
Status kafka_partitions_parse(KafkaOffsets *o, Arena *a, Str what, Str json);
Str kafka_offsets_text(Arena *a, const KafkaOffsets *o); // topics and partitions in order
void kafka_offsets_sort(KafkaOffsets *o);
KafkaSpot *kafka_offsets_find(const KafkaOffsets *o, const KafkaSpot *spot); // NULL when absent
Str kafka_offsets_names(Arena *a, const KafkaOffsets *o);                    // "t-0, t-1"
Str kafka_spot_name(Arena *a, const KafkaSpot *spot);                        // "t-0"
// What an epoch of about `most` records takes of each partition: its share by size, as Spark
// rounds it. `to` then is the epoch's end.
void kafka_offsets_limit(KafkaOffsets *to, const KafkaOffsets *from, int64_t most);
int64_t kafka_offsets_between(const KafkaOffsets *from, const KafkaOffsets *to); // never below 0
#endif
