#include "wire/kafka_data.h"
#include "wire/kafka_wire_in.h"

// -- ApiVersions

Status api_versions_read(ApiVersionsRequest *q, KafkaIn *in)
{
    *q = (ApiVersionsRequest){0};
    if (in->version >= 3) {
        q->software = in_str(in);
        q->software_version = in_str(in);
        in_tags(in);
    }
    return kafka_in_end(in, S("ApiVersions"));
}

void api_versions_write(KafkaOut *o, KafkaError error)
{
    out_i16(o, error);
    out_count(o, kafka_napis);
    for (int32_t i = 0; i < kafka_napis; i++) {
        out_i16(o, kafka_apis[i].key);
        out_i16(o, kafka_apis[i].min);
        out_i16(o, kafka_apis[i].max);
        out_tags(o);
    }
    if (o->version >= 1) out_i32(o, 0); // throttle time
    out_tags(o);
}

// -- Produce

static void produce_part(KafkaIn *in, ProducePartition *p)
{
    p->index = in_i32(in);
    p->records = in_bytes(in);
    in_tags(in);
}

Status produce_read(ProduceRequest *q, KafkaIn *in)
{
    *q = (ProduceRequest){0};
    if (in->version >= 3) q->transactional_id = in_str(in);
    q->acks = in_i16(in);
    q->timeout_ms = in_i32(in);
    IN_TOPICS(in, q, 5, produce_part);
    in_tags(in);
    return kafka_in_end(in, S("Produce"));
}

static void produce_part_write(KafkaOut *o, const ProducePartition *p)
{
    out_i32(o, p->index);
    out_i16(o, p->error);
    out_i64(o, p->base_offset);
    if (o->version >= 2) out_i64(o, p->append_time);
    if (o->version >= 5) out_i64(o, p->start_offset);
    if (o->version >= 8) {
        out_count(o, 0); // errors of single records
        out_str(o, (Str){0});
    }
    out_tags(o);
}

void produce_write(KafkaOut *o, const ProduceRequest *q)
{
    OUT_TOPICS(o, q, produce_part_write);
    if (o->version >= 1) out_i32(o, 0);
    out_tags(o);
}

// -- Fetch

typedef struct Forgotten { // by a session; there are none here
    struct {
        Str name;
        int32_t *part;
        int32_t nparts;
    } * topic;
    int32_t ntopics;
} Forgotten;

static void forgotten_part(KafkaIn *in, int32_t *part) { *part = in_i32(in); }

static void fetch_part(KafkaIn *in, FetchPartition *p)
{
    p->index = in_i32(in);
    p->leader_epoch = in->version >= 9 ? in_i32(in) : -1;
    p->offset = in_i64(in);
    if (in->version >= 5) in_i64(in); // a follower's start offset
    p->bytes_max = in_i32(in);
}

Status fetch_read(FetchRequest *q, KafkaIn *in)
{
    *q = (FetchRequest){.bytes_max = INT32_MAX, .session_epoch = -1};
    Forgotten forgotten;
    in_i32(in); // replica
    q->wait_ms = in_i32(in);
    q->bytes_min = in_i32(in);
    if (in->version >= 3) q->bytes_max = in_i32(in);
    if (in->version >= 4) q->isolation = in_i8(in);
    if (in->version >= 7) {
        q->session_id = in_i32(in);
        q->session_epoch = in_i32(in);
    }
    IN_TOPICS(in, q, 16, fetch_part);
    if (in->version >= 7) IN_TOPICS(in, &forgotten, 4, forgotten_part);
    if (in->version >= 11) in_str(in); // rack
    return kafka_in_end(in, S("Fetch"));
}

void fetch_write_head(KafkaOut *o, KafkaError error, int32_t ntopics)
{
    must(!o->flex); // then tagged fields would follow the records
    out_i32(o, 0);
    if (o->version >= 7) {
        out_i16(o, error);
        out_i32(o, 0); // no session: the next fetch says all again
    }
    out_count(o, ntopics);
}

void fetch_write_topic(KafkaOut *o, const FetchTopic *t)
{
    out_str(o, t->name);
    out_count(o, t->nparts);
}

void fetch_write_partition(KafkaOut *o, const FetchPartition *p)
{
    out_i32(o, p->index);
    out_i16(o, p->error);
    out_i64(o, p->high_watermark);
    if (o->version >= 4) out_i64(o, p->high_watermark); // no transaction is open
    if (o->version >= 5) out_i64(o, p->start_offset);
    if (o->version >= 4) out_count(o, 0); // aborted transactions
    if (o->version >= 11) out_i32(o, -1); // a replica that would be nearer
    out_i32(o, (int32_t)p->bytes);
}

// -- ListOffsets

static void list_part(KafkaIn *in, ListOffsetsPartition *p)
{
    p->index = in_i32(in);
    p->leader_epoch = in->version >= 4 ? in_i32(in) : -1;
    p->time = in_i64(in);
    if (in->version == 0) in_i32(in); // how many offsets; one is given
    in_tags(in);
}

Status list_offsets_read(ListOffsetsRequest *q, KafkaIn *in)
{
    *q = (ListOffsetsRequest){0};
    in_i32(in); // replica
    if (in->version >= 2) q->isolation = in_i8(in);
    IN_TOPICS(in, q, 12, list_part);
    in_tags(in);
    return kafka_in_end(in, S("ListOffsets"));
}

static void list_part_write(KafkaOut *o, const ListOffsetsPartition *p)
{
    out_i32(o, p->index);
    out_i16(o, p->error);
    if (o->version == 0) {
        out_count(o, p->offset >= 0);
        if (p->offset >= 0) out_i64(o, p->offset);
        return;
    }
    out_i64(o, p->found_time);
    out_i64(o, p->offset);
    if (o->version >= 4) out_i32(o, p->found_epoch);
    out_tags(o);
}

void list_offsets_write(KafkaOut *o, const ListOffsetsRequest *q)
{
    if (o->version >= 2) out_i32(o, 0);
    OUT_TOPICS(o, q, list_part_write);
    out_tags(o);
}

// -- OffsetForLeaderEpoch

static void epoch_part(KafkaIn *in, EpochPartition *p)
{
    p->index = in_i32(in);
    p->current_epoch = in->version >= 2 ? in_i32(in) : -1;
    p->epoch = in_i32(in);
    in_tags(in);
}

Status offset_for_leader_epoch_read(EpochRequest *q, KafkaIn *in)
{
    *q = (EpochRequest){0};
    if (in->version >= 3) in_i32(in); // replica
    IN_TOPICS(in, q, 8, epoch_part);
    in_tags(in);
    return kafka_in_end(in, S("OffsetForLeaderEpoch"));
}

static void epoch_part_write(KafkaOut *o, const EpochPartition *p)
{
    out_i16(o, p->error);
    out_i32(o, p->index);
    if (o->version >= 1) out_i32(o, p->found_epoch);
    out_i64(o, p->end_offset);
    out_tags(o);
}

void offset_for_leader_epoch_write(KafkaOut *o, const EpochRequest *q)
{
    if (o->version >= 2) out_i32(o, 0);
    OUT_TOPICS(o, q, epoch_part_write);
    out_tags(o);
}

// -- InitProducerId

Status init_producer_id_read(InitProducerIdRequest *q, KafkaIn *in)
{
    *q = (InitProducerIdRequest){.producer_id = -1, .producer_epoch = -1};
    q->transactional_id = in_str(in);
    q->timeout_ms = in_i32(in);
    if (in->version >= 3) {
        q->producer_id = in_i64(in);
        q->producer_epoch = in_i16(in);
    }
    in_tags(in);
    return kafka_in_end(in, S("InitProducerId"));
}

void init_producer_id_write(KafkaOut *o, KafkaError error, int64_t id, int32_t epoch)
{
    out_i32(o, 0);
    out_i16(o, error);
    out_i64(o, id);
    out_i16(o, epoch);
    out_tags(o);
}
