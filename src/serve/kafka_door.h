// kafka_door.h -- the Kafka door: a broker's face on the embedded log, on a thread of its own. What
// it speaks is the table in wire/kafka_wire.h; transactions, security and fetch sessions it does
// not offer.
//
// Answers to acks=1 and acks=all leave after the group's fsync (unless the topic asks for less).
// Requests of one connection are answered in their order. A peer that sends what is no request is
// disconnected.
#ifndef SERVE_KAFKA_DOOR_H
#define SERVE_KAFKA_DOOR_H
#include "log/log.h"

typedef struct KafkaDoor KafkaDoor;
typedef struct KafkaDoorOptions { // zeros: the defaults
    Str advertised;               // host:port told to clients; else what each of them connected to
    bool no_auto_create;          // topics are made by CreateTopics only
    int32_t connections_max;      // 1,000
    int64_t request_bytes_max;    // 100 MiB
    int64_t memory_max;           // of all requests and answers in flight; 512 MiB
    int32_t rebalance_delay_ms;   // a new group waits so long for more members; 0
    void (*say)(void *to, Str line); // hears of peers that are turned away; may be NULL. On the
    void *say_to;                    // door's thread
} KafkaDoorOptions;

// Listens on address ("host:port", port 0: any free one). The log must outlive the door. Lives in
// a, whose end closes it. ERR_CONFLICT when the address is in use.
Status kafka_door_open(KafkaDoor **d, Arena *a, Log *log, Str address, const KafkaDoorOptions *o);
void kafka_door_close(KafkaDoor *d); // ends its thread and all connections; may be called twice
Str kafka_door_address(const KafkaDoor *d); // "127.0.0.1:9092"
int32_t kafka_door_port(const KafkaDoor *d);

typedef struct KafkaDoorCounts {
    int64_t connections; // open now
    int64_t accepted, turned_away;
    int64_t requests, bytes_in, bytes_out;
    int64_t held_bytes; // requests and answers in memory
} KafkaDoorCounts;
KafkaDoorCounts kafka_door_counts(KafkaDoor *d); // from any thread
#endif
