// kafka_error.h -- Kafka's error numbers, those that kappa answers. The log speaks them too: what a
// producer did wrong has a number there and nowhere else.
#ifndef WIRE_KAFKA_ERROR_H
#define WIRE_KAFKA_ERROR_H
#include "base/base.h"

// X(NAME, number)
#define KAFKA_ERRORS(X)                                                                            \
    X(UNKNOWN_SERVER_ERROR, -1)                                                                    \
    X(NONE, 0)                                                                                     \
    X(OFFSET_OUT_OF_RANGE, 1)                                                                      \
    X(CORRUPT_MESSAGE, 2)                                                                          \
    X(UNKNOWN_TOPIC_OR_PARTITION, 3)                                                               \
    X(MESSAGE_TOO_LARGE, 10)                                                                       \
    X(OFFSET_METADATA_TOO_LARGE, 12)                                                               \
    X(COORDINATOR_NOT_AVAILABLE, 15)                                                               \
    X(INVALID_TOPIC, 17)                                                                           \
    X(INVALID_REQUIRED_ACKS, 21)                                                                   \
    X(ILLEGAL_GENERATION, 22)                                                                      \
    X(INCONSISTENT_GROUP_PROTOCOL, 23)                                                             \
    X(INVALID_GROUP_ID, 24)                                                                        \
    X(UNKNOWN_MEMBER_ID, 25)                                                                       \
    X(INVALID_SESSION_TIMEOUT, 26)                                                                 \
    X(REBALANCE_IN_PROGRESS, 27)                                                                   \
    X(INVALID_TIMESTAMP, 32)                                                                       \
    X(UNSUPPORTED_VERSION, 35)                                                                     \
    X(TOPIC_ALREADY_EXISTS, 36)                                                                    \
    X(INVALID_PARTITIONS, 37)                                                                      \
    X(INVALID_REPLICATION_FACTOR, 38)                                                              \
    X(INVALID_REPLICA_ASSIGNMENT, 39)                                                              \
    X(INVALID_CONFIG, 40)                                                                          \
    X(INVALID_REQUEST, 42)                                                                         \
    X(UNSUPPORTED_FOR_MESSAGE_FORMAT, 43)                                                          \
    X(OUT_OF_ORDER_SEQUENCE_NUMBER, 45)                                                            \
    X(DUPLICATE_SEQUENCE_NUMBER, 46)                                                               \
    X(INVALID_PRODUCER_EPOCH, 47)                                                                  \
    X(INVALID_TXN_STATE, 48)                                                                       \
    X(TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 53)                                                   \
    X(SECURITY_DISABLED, 54)                                                                       \
    X(KAFKA_STORAGE_ERROR, 56)                                                                     \
    X(UNKNOWN_PRODUCER_ID, 59)                                                                     \
    X(NON_EMPTY_GROUP, 68)                                                                         \
    X(GROUP_ID_NOT_FOUND, 69)                                                                      \
    X(FETCH_SESSION_ID_NOT_FOUND, 70)                                                              \
    X(FENCED_LEADER_EPOCH, 74)                                                                     \
    X(UNKNOWN_LEADER_EPOCH, 75)                                                                    \
    X(UNSUPPORTED_COMPRESSION_TYPE, 76)                                                            \
    X(MEMBER_ID_REQUIRED, 79)                                                                      \
    X(FENCED_INSTANCE_ID, 82)                                                                      \
    X(INVALID_RECORD, 87)
typedef enum KafkaError {
#define X(name, number) KAFKA_##name = (number),
    KAFKA_ERRORS(X)
#undef X
} KafkaError;
#endif
