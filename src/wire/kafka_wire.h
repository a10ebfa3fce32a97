// kafka_wire.h -- Kafka's protocol as bytes: the frame, the primitive types, and which requests
// there are. What a request says is in kafka_data.h, kafka_admin.h and kafka_group.h.
//
// A frame is length 4, then: key 2, version 2, correlation 4, client id (and, from a request's
// first flexible version on, tagged fields). Flexible versions write lengths as varints of length +
// 1 and end every struct with tagged fields. A null string or bytes is a Str with p NULL.
#ifndef WIRE_KAFKA_WIRE_H
#define WIRE_KAFKA_WIRE_H
#include "base/buf.h"
#include "base/reader.h"
#include "wire/kafka_error.h"

// X(NAME, noun, key, min, max, first flexible): what is advertised and answered. Minima stay low:
// librdkafka switches compression off when Produce does not reach down to 0, though 0 to 2 are
// refused when they come. Flexible versions are offered where clients need them.
#define KAFKA_APIS(X)                                                                              \
    X(PRODUCE, produce, 0, 0, 7, 9)                                                                \
    X(FETCH, fetch, 1, 4, 11, 12)                                                                  \
    X(LIST_OFFSETS, list_offsets, 2, 0, 7, 6)                                                      \
    X(METADATA, metadata, 3, 0, 8, 9)                                                              \
    X(OFFSET_COMMIT, offset_commit, 8, 1, 7, 8)                                                    \
    X(OFFSET_FETCH, offset_fetch, 9, 1, 7, 6)                                                      \
    X(FIND_COORDINATOR, find_coordinator, 10, 0, 4, 3)                                             \
    X(JOIN_GROUP, join_group, 11, 0, 7, 6)                                                         \
    X(HEARTBEAT, heartbeat, 12, 0, 4, 4)                                                           \
    X(LEAVE_GROUP, leave_group, 13, 0, 4, 4)                                                       \
    X(SYNC_GROUP, sync_group, 14, 0, 5, 4)                                                         \
    X(DESCRIBE_GROUPS, describe_groups, 15, 0, 5, 5)                                               \
    X(LIST_GROUPS, list_groups, 16, 0, 4, 3)                                                       \
    X(API_VERSIONS, api_versions, 18, 0, 3, 3)                                                     \
    X(CREATE_TOPICS, create_topics, 19, 0, 7, 5)                                                   \
    X(DELETE_TOPICS, delete_topics, 20, 0, 5, 4)                                                   \
    X(INIT_PRODUCER_ID, init_producer_id, 22, 0, 4, 2)                                             \
    X(OFFSET_FOR_LEADER_EPOCH, offset_for_leader_epoch, 23, 0, 4, 4)                               \
    X(DESCRIBE_CONFIGS, describe_configs, 32, 0, 4, 4)                                             \
    X(ALTER_CONFIGS, alter_configs, 33, 0, 2, 2)                                                   \
    X(CREATE_PARTITIONS, create_partitions, 37, 0, 3, 2)                                           \
    X(DELETE_GROUPS, delete_groups, 42, 0, 2, 2)                                                   \
    X(INCREMENTAL_ALTER_CONFIGS, incremental_alter_configs, 44, 0, 1, 1)                           \
    X(OFFSET_DELETE, offset_delete, 47, 0, 0, 99)                                                  \
    X(DESCRIBE_CLUSTER, describe_cluster, 60, 0, 1, 0)
typedef enum KafkaKey {
#define X(name, noun, key, min, max, flex) KAFKA_KEY_##name = (key),
    KAFKA_APIS(X)
#undef X
} KafkaKey;
typedef struct KafkaApi {
    int32_t key, min, max, flex;
    Str name;
} KafkaApi;
extern const KafkaApi kafka_apis[];
extern const int32_t kafka_napis;
const KafkaApi *kafka_api(int32_t key); // NULL: not answered here

typedef struct KafkaHead {
    int32_t key, version, correlation;
    Str client;
    const KafkaApi *api; // NULL when the key is unknown
    bool flex;
} KafkaHead;

enum { KAFKA_ARRAY_MAX = 100000 }; // elements of one array
typedef struct KafkaIn {           // a request, read; views into the frame and arrays in the arena
    Reader r;
    Arena *arena;
    int32_t version;
    bool flex;
} KafkaIn;
typedef struct KafkaOut {
    Buf *b;
    int32_t version;
    bool flex;
} KafkaOut;

// The head of a frame (without its length); in reads on from there. ERR_CORRUPT when it is none.
Status kafka_head_read(KafkaHead *h, KafkaIn *in, Arena *a, Str frame);
// What stands before an answer's body: correlation, and tagged fields in flexible versions.
void kafka_head_write(KafkaOut *o, const KafkaHead *h);
Status kafka_in_end(const KafkaIn *in, Str what); // ERR_CORRUPT when something could not be read

static inline int32_t in_i8(KafkaIn *in) { return ((int32_t)reader_u8(&in->r) ^ 128) - 128; }
static inline bool in_bool(KafkaIn *in) { return reader_u8(&in->r) != 0; }
static inline int16_t in_i16(KafkaIn *in) { return (int16_t)reader_u16be(&in->r); }
static inline int32_t in_i32(KafkaIn *in) { return (int32_t)reader_u32be(&in->r); }
static inline int64_t in_i64(KafkaIn *in) { return (int64_t)reader_u64be(&in->r); }
Str in_str(KafkaIn *in);
Str in_bytes(KafkaIn *in);
int32_t in_count(KafkaIn *in,
                 int32_t each); // of an array whose elements take `each` bytes; -1 null
void in_tags(KafkaIn *in);      // passes over them; nothing in classic versions

static inline void out_i8(KafkaOut *o, int32_t v) { buf_u8(o->b, (uint8_t)v); }
static inline void out_bool(KafkaOut *o, bool v) { buf_u8(o->b, v); }
static inline void out_i16(KafkaOut *o, int32_t v) { buf_u16be(o->b, (uint16_t)v); }
static inline void out_i32(KafkaOut *o, int32_t v) { buf_u32be(o->b, (uint32_t)v); }
static inline void out_i64(KafkaOut *o, int64_t v) { buf_u64be(o->b, (uint64_t)v); }
void out_str(KafkaOut *o, Str s);
void out_bytes(KafkaOut *o, Str s);
void out_count(KafkaOut *o, int32_t n); // -1: null
void out_tags(KafkaOut *o);             // none; nothing in classic versions
#endif
