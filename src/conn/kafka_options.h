// kafka_options.h -- the options of the Kafka source, as Spark has them, and where they lead to.
#ifndef CONN_KAFKA_OPTIONS_H
#define CONN_KAFKA_OPTIONS_H
#include "conn/kafka_in.h"

typedef enum LimitKind {
    LIMIT_EARLIEST,
    LIMIT_LATEST,
    LIMIT_OFFSETS, // of each partition
    LIMIT_TIMES,   // of each partition
    LIMIT_TIME,
} LimitKind;
typedef struct KafkaLimit { // where reading begins, where a batch read ends
    LimitKind kind;
    KafkaOffsets spots; // milliseconds in place of offsets for LIMIT_TIMES
    int64_t ms;
} KafkaLimit;
typedef enum LateStart { LATE_START_ERROR, LATE_START_LATEST } LateStart;
typedef struct KafkaText { // options that are read further, as text
    Str subscribe, pattern, assign;
    Str start, start_time, start_times, end, end_time, end_times;
    Str max_trigger_delay;
} KafkaText;
typedef struct KafkaOptions {
    KafkaText text;
    KafkaNames topics; // one of these three is given
    Str pattern;
    KafkaOffsets assigned;
    void *regex; // of pattern
    KafkaLimit starting, ending;
    int32_t late_start;               // LateStart
    int64_t max_offsets, min_offsets; // 0: none
    Micros max_trigger_delay;
    bool fail_on_data_loss, include_headers;
    int64_t ignored; // what only changes how Spark's tasks are cut
    Str group_prefix;
} KafkaOptions;

enum { KAFKA_SPECS = 21 };
extern const OptSpec kafka_specs[KAFKA_SPECS];
Status kafka_options_parse(KafkaOptions *o, Arena *a, const SourceArgs *args);
Str kafka_description(Arena *a, const KafkaOptions *o); // KafkaV2[Subscribe[t1, t2]]
Status kafka_pattern_matches(const KafkaOptions *o, Str topic, bool *matches);
// The embedded log, or the brokers that kafka.bootstrap.servers names.
Status kafka_cluster_open(KafkaCluster **c, Arena *a, const SourceArgs *args);
bool kafka_is_embedded(Log *log, const Str *servers); // servers: the option, or NULL
#endif
