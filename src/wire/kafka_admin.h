// kafka_admin.h -- the requests about topics and the cluster: Metadata, DescribeCluster,
// CreateTopics, DeleteTopics, CreatePartitions, and those about configurations.
#ifndef WIRE_KAFKA_ADMIN_H
#define WIRE_KAFKA_ADMIN_H
#include "base/options.h"
#include "wire/kafka_wire.h"

typedef struct KafkaBroker { // the one there is
    int32_t id, port;
    Str host, cluster_id;
} KafkaBroker;

// -- Metadata

typedef struct MetadataRequest {
    Str *topic;
    int32_t ntopics;
    bool all, auto_create;
} MetadataRequest;
typedef struct MetadataTopic {
    Str name;
    KafkaError error;
    int32_t nparts, *leader_epoch; // one a partition
} MetadataTopic;
Status metadata_read(MetadataRequest *q, KafkaIn *in);
void metadata_write(KafkaOut *o, const KafkaBroker *b, const MetadataTopic *t, int32_t n);

Status describe_cluster_read(KafkaIn *in);
void describe_cluster_write(KafkaOut *o, const KafkaBroker *b);

// -- topics

typedef struct CreateTopic {
    Str name;
    int32_t partitions, replication; // -1: the broker's default
    bool assigned;                   // replicas were named, partition by partition
    Options config;
    // the answer
    KafkaError error;
    Str message;
    uint8_t id[16];
} CreateTopic;
typedef struct CreateTopicsRequest {
    CreateTopic *topic;
    int32_t ntopics;
    bool validate_only;
} CreateTopicsRequest;
Status create_topics_read(CreateTopicsRequest *q, KafkaIn *in);
void create_topics_write(KafkaOut *o, const CreateTopicsRequest *q);

typedef struct NamedError { // a name and how it went
    Str name;
    int32_t count;
    KafkaError error;
    Str message;
} NamedError;
typedef struct NamesRequest {
    NamedError *v;
    int32_t n;
    bool validate_only;
} NamesRequest;
Status delete_topics_read(NamesRequest *q, KafkaIn *in);
void delete_topics_write(KafkaOut *o, const NamesRequest *q);
Status create_partitions_read(NamesRequest *q, KafkaIn *in); // count: how many in all
void create_partitions_write(KafkaOut *o, const NamesRequest *q);

// -- configurations

typedef enum ResourceType { RESOURCE_TOPIC = 2, RESOURCE_BROKER = 4 } ResourceType;
typedef enum ConfigSource {
    CONFIG_OF_TOPIC = 1,
    CONFIG_STATIC = 4,
    CONFIG_DEFAULT = 5
} ConfigSource;
typedef enum AlterOp { ALTER_SET, ALTER_DELETE, ALTER_APPEND, ALTER_SUBTRACT } AlterOp;
typedef struct ConfigEntry {
    Str key, value;
    // of an answer
    Str dflt;
    OptType type;
    ConfigSource source;
    bool read_only;
    const char *help;
    // of a change
    AlterOp op;
} ConfigEntry;
typedef struct ConfigResource {
    int32_t type; // ResourceType or one that is not known here
    Str name;
    ConfigEntry *entry; // asked for (all when `all`), to change, or found
    int32_t n;
    bool all;
    // the answer
    KafkaError error;
    Str message;
} ConfigResource;
typedef struct ConfigsRequest {
    ConfigResource *resource;
    int32_t n;
    bool synonyms, documentation, validate_only;
} ConfigsRequest;
Status describe_configs_read(ConfigsRequest *q, KafkaIn *in);
void describe_configs_write(KafkaOut *o, const ConfigsRequest *q);
Status alter_configs_read(ConfigsRequest *q, KafkaIn *in); // replaces all: every op is ALTER_SET
Status incremental_alter_configs_read(ConfigsRequest *q, KafkaIn *in);
void alter_configs_write(KafkaOut *o, const ConfigsRequest *q); // of both
#endif
