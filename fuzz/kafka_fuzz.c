// kafka_fuzz.c -- every request decoder on any bytes: the first two choose key and version. Nothing
// is read past the end, views lie inside the frame, and what is made stays in proportion to it.
#include "wire/kafka_data.h"
#include "wire/kafka_group.h"

typedef struct Frame {
    Str bytes;
    int64_t views;
} Frame;

static void inside(Frame *f, Str s)
{
    if (!s.p) return;
    must(s.p >= f->bytes.p && s.n >= 0 && s.p + s.n <= f->bytes.p + f->bytes.n);
    f->views++;
}

#define TOPICS_INSIDE(f, q)                                                                        \
    for (int32_t i_ = 0; i_ < (q)->ntopics; i_++) inside((f), (q)->topic[i_].name)

static Status read_data(Frame *f, int32_t key, KafkaIn *in)
{
    ApiVersionsRequest versions;
    ProduceRequest produce;
    FetchRequest fetch;
    ListOffsetsRequest list;
    EpochRequest epoch;
    InitProducerIdRequest init;
    if (key == KAFKA_KEY_API_VERSIONS) {
        TRY(api_versions_read(&versions, in));
        inside(f, versions.software);
    } else if (key == KAFKA_KEY_PRODUCE) {
        TRY(produce_read(&produce, in));
        TOPICS_INSIDE(f, &produce);
        for (int32_t i = 0; i < produce.ntopics; i++)
            for (int32_t k = 0; k < produce.topic[i].nparts; k++)
                inside(f, produce.topic[i].part[k].records);
    } else if (key == KAFKA_KEY_FETCH) {
        TRY(fetch_read(&fetch, in));
        TOPICS_INSIDE(f, &fetch);
    } else if (key == KAFKA_KEY_LIST_OFFSETS) {
        TRY(list_offsets_read(&list, in));
        TOPICS_INSIDE(f, &list);
    } else if (key == KAFKA_KEY_OFFSET_FOR_LEADER_EPOCH) {
        TRY(offset_for_leader_epoch_read(&epoch, in));
        TOPICS_INSIDE(f, &epoch);
    } else if (key == KAFKA_KEY_INIT_PRODUCER_ID) {
        TRY(init_producer_id_read(&init, in));
        inside(f, init.transactional_id);
    }
    return DONE;
}

static Status read_admin(Frame *f, int32_t key, KafkaIn *in)
{
    MetadataRequest metadata;
    CreateTopicsRequest create;
    NamesRequest names = {0};
    ConfigsRequest configs = {0};
    if (key == KAFKA_KEY_METADATA) {
        TRY(metadata_read(&metadata, in));
        for (int32_t i = 0; i < metadata.ntopics; i++) inside(f, metadata.topic[i]);
    } else if (key == KAFKA_KEY_DESCRIBE_CLUSTER) {
        TRY(describe_cluster_read(in));
    } else if (key == KAFKA_KEY_CREATE_TOPICS) {
        TRY(create_topics_read(&create, in));
        for (int32_t i = 0; i < create.ntopics; i++)
            for (int64_t k = 0; k < create.topic[i].config.n; k++)
                inside(f, create.topic[i].config.v[k].value);
    } else if (key == KAFKA_KEY_DELETE_TOPICS) {
        TRY(delete_topics_read(&names, in));
    } else if (key == KAFKA_KEY_CREATE_PARTITIONS) {
        TRY(create_partitions_read(&names, in));
    } else if (key == KAFKA_KEY_DESCRIBE_CONFIGS) {
        TRY(describe_configs_read(&configs, in));
    } else if (key == KAFKA_KEY_ALTER_CONFIGS) {
        TRY(alter_configs_read(&configs, in));
    } else if (key == KAFKA_KEY_INCREMENTAL_ALTER_CONFIGS) {
        TRY(incremental_alter_configs_read(&configs, in));
    }
    for (int32_t i = 0; i < names.n; i++) inside(f, names.v[i].name);
    for (int32_t i = 0; i < configs.n; i++)
        for (int32_t k = 0; k < configs.resource[i].n; k++)
            inside(f, configs.resource[i].entry[k].key);
    return DONE;
}

static Status read_offsets(Frame *f, int32_t key, KafkaIn *in)
{
    OffsetsRequest q = {0};
    if (key == KAFKA_KEY_OFFSET_COMMIT) TRY(offset_commit_read(&q, in));
    if (key == KAFKA_KEY_OFFSET_FETCH) TRY(offset_fetch_read(&q, in));
    if (key == KAFKA_KEY_OFFSET_DELETE) TRY(offset_delete_read(&q, in));
    inside(f, q.group);
    TOPICS_INSIDE(f, &q);
    return DONE;
}

static Status read_group(Frame *f, int32_t key, KafkaIn *in)
{
    FindCoordinatorRequest find;
    JoinGroupRequest join;
    SyncGroupRequest sync;
    HeartbeatRequest beat;
    LeaveGroupRequest leave;
    NamesRequest names;
    ListGroupsRequest list;
    if (key == KAFKA_KEY_FIND_COORDINATOR) {
        TRY(find_coordinator_read(&find, in));
        for (int32_t i = 0; i < find.nkeys; i++) inside(f, find.key[i]);
    } else if (key == KAFKA_KEY_JOIN_GROUP) {
        TRY(join_group_read(&join, in));
        for (int32_t i = 0; i < join.nprotocols; i++) inside(f, join.protocol[i].metadata);
    } else if (key == KAFKA_KEY_SYNC_GROUP) {
        TRY(sync_group_read(&sync, in));
        for (int32_t i = 0; i < sync.nassignments; i++) inside(f, sync.assignment[i].assignment);
    } else if (key == KAFKA_KEY_HEARTBEAT) {
        TRY(heartbeat_read(&beat, in));
        inside(f, beat.member);
    } else if (key == KAFKA_KEY_LEAVE_GROUP) {
        TRY(leave_group_read(&leave, in));
        for (int32_t i = 0; i < leave.nmembers; i++) inside(f, leave.member[i].member);
    } else if (key == KAFKA_KEY_DESCRIBE_GROUPS) {
        TRY(describe_groups_read(&names, in));
    } else if (key == KAFKA_KEY_DELETE_GROUPS) {
        TRY(delete_groups_read(&names, in));
    } else if (key == KAFKA_KEY_LIST_GROUPS) {
        TRY(list_groups_read(&list, in));
        for (int32_t i = 0; i < list.nstates; i++) inside(f, list.state[i]);
    }
    return DONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    const KafkaApi *api = &kafka_apis[data[0] % kafka_napis];
    Arena *a = arena_new(NULL);
    Frame f = {.bytes = str_of((const char *)data + 2, (int64_t)size - 2)};
    KafkaIn in = {.r = reader_of(f.bytes), .arena = a};
    in.version = api->min + data[1] % (api->max - api->min + 1);
    in.flex = in.version >= api->flex;
    Status s[] = {read_data(&f, api->key, &in), DONE, DONE, DONE};
    if (!s[0].code) s[1] = read_admin(&f, api->key, &in);
    if (!s[1].code) s[2] = read_group(&f, api->key, &in);
    if (!s[2].code) s[3] = read_offsets(&f, api->key, &in);
    must(in.r.at <= in.r.end);
    must(arena_bytes(a) <= 8192 + 200 * (int64_t)size);
    // The head, on the same bytes.
    KafkaHead h;
    KafkaIn whole;
    if (!kafka_head_read(&h, &whole, a, f.bytes).code) inside(&f, h.client);
    arena_free(a);
    return 0;
}
