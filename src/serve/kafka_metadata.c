// kafka_metadata.c -- what a client asks before it does anything: versions, topics, the cluster,
// offsets, producer ids.
#include "serve/kafka_door_in.h"

Status handle_api_versions(KafkaDoor *d, Call *c)
{
    ApiVersionsRequest q;
    TRY(api_versions_read(&q, &c->in));
    api_versions_write(&c->out, KAFKA_NONE);
    call_done(d, c);
    return DONE;
}

// -- Metadata

static MetadataTopic describe(Call *c, Topic *t)
{
    MetadataTopic m = {.name = topic_name(t), .nparts = topic_partitions(t)};
    m.leader_epoch = NEW(c->arena, int32_t, m.nparts);
    for (int32_t i = 0; i < m.nparts; i++)
        m.leader_epoch[i] = partition_leader_epoch(topic_partition(t, i));
    return m;
}

static MetadataTopic look_up(KafkaDoor *d, Call *c, Str name, bool create)
{
    Topic *t = topic_find(d->log, name);
    if (t) return describe(c, t);
    MetadataTopic m = {.name = name.p ? name : S("")};
    m.error = topic_name_ok(name) ? KAFKA_UNKNOWN_TOPIC_OR_PARTITION : KAFKA_INVALID_TOPIC;
    if (m.error == KAFKA_INVALID_TOPIC || !create || d->options.no_auto_create) return m;
    Status s = topic_create(&t, d->log, name, -1, NULL);
    if (!s.code) return describe(c, t);
    door_say(d, c->conn, "topic " STR_FMT " was not made: %s", STR_ARG(name), fail_text());
    m.error = s.code == ERR_CONFLICT ? m.error : KAFKA_UNKNOWN_SERVER_ERROR;
    return m;
}

Status handle_metadata(KafkaDoor *d, Call *c)
{
    MetadataRequest q;
    TRY(metadata_read(&q, &c->in));
    Topic **all = NULL;
    int32_t n = q.all ? log_topics(d->log, c->arena, &all) : q.ntopics;
    MetadataTopic *m = NEW(c->arena, MetadataTopic, n);
    for (int32_t i = 0; i < n; i++)
        m[i] = all ? describe(c, all[i]) : look_up(d, c, q.topic[i], q.auto_create);
    metadata_write(&c->out, &c->conn->broker, m, n);
    call_done(d, c);
    return DONE;
}

Status handle_describe_cluster(KafkaDoor *d, Call *c)
{
    TRY(describe_cluster_read(&c->in));
    describe_cluster_write(&c->out, &c->conn->broker);
    call_done(d, c);
    return DONE;
}

// -- ListOffsets

static Partition *find(KafkaDoor *d, Str topic, int32_t index)
{
    Topic *t = topic_find(d->log, topic);
    return t ? topic_partition(t, index) : NULL;
}

static KafkaError check_epoch(Partition *part, int32_t epoch)
{
    if (!part) return KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
    int32_t ours = epoch >= 0 ? partition_leader_epoch(part) : epoch;
    return epoch < ours   ? KAFKA_FENCED_LEADER_EPOCH
           : epoch > ours ? KAFKA_UNKNOWN_LEADER_EPOCH
                          : KAFKA_NONE;
}

static KafkaError find_offset(Partition *part, ListOffsetsPartition *p)
{
    Status s = DONE;
    if (p->time == LIST_LATEST)
        p->offset = partition_end(part);
    else if (p->time == LIST_EARLIEST)
        p->offset = partition_start(part);
    else if (p->time == LIST_MAX_TIME)
        s = partition_newest(part, &p->offset, &p->found_time);
    else if (p->time >= 0)
        s = partition_at_time(part, p->time, &p->offset, &p->found_time);
    else
        return KAFKA_UNSUPPORTED_VERSION; // of tiered storage
    if (p->offset >= 0) p->found_epoch = partition_leader_epoch(part);
    return kafka_error_of(s);
}

Status handle_list_offsets(KafkaDoor *d, Call *c)
{
    ListOffsetsRequest q;
    TRY(list_offsets_read(&q, &c->in));
    for (int32_t i = 0; i < q.ntopics; i++)
        for (int32_t k = 0; k < q.topic[i].nparts; k++) {
            ListOffsetsPartition *p = &q.topic[i].part[k];
            Partition *part = find(d, q.topic[i].name, p->index);
            p->offset = p->found_time = p->found_epoch = -1;
            p->error = check_epoch(part, p->leader_epoch);
            if (!p->error) p->error = find_offset(part, p);
        }
    list_offsets_write(&c->out, &q);
    call_done(d, c);
    return DONE;
}

Status handle_offset_for_leader_epoch(KafkaDoor *d, Call *c)
{
    EpochRequest q;
    TRY(offset_for_leader_epoch_read(&q, &c->in));
    for (int32_t i = 0; i < q.ntopics; i++)
        for (int32_t k = 0; k < q.topic[i].nparts; k++) {
            EpochPartition *p = &q.topic[i].part[k];
            Partition *part = find(d, q.topic[i].name, p->index);
            p->found_epoch = -1;
            p->end_offset = -1;
            p->error = check_epoch(part, p->current_epoch);
            if (!p->error) partition_epoch_end(part, p->epoch, &p->found_epoch, &p->end_offset);
        }
    offset_for_leader_epoch_write(&c->out, &q);
    call_done(d, c);
    return DONE;
}

// -- InitProducerId

Status handle_init_producer_id(KafkaDoor *d, Call *c)
{
    InitProducerIdRequest q;
    TRY(init_producer_id_read(&q, &c->in));
    int64_t id = -1;
    KafkaError error = KAFKA_NONE;
    if (q.transactional_id.p) {
        // The one refusal that every client takes as final.
        error = KAFKA_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
        door_say(d, c->conn, "there are no transactions here (transactional.id " STR_FMT ")",
                 STR_ARG(q.transactional_id));
    } else {
        error = kafka_error_of(log_producer_id(d->log, &id));
    }
    init_producer_id_write(&c->out, error, id, error ? -1 : 0);
    call_done(d, c);
    return DONE;
}
