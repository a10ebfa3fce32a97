#include "wire/kafka_group.h"
#include "wire/kafka_wire_in.h"

// -- FindCoordinator

Status find_coordinator_read(FindCoordinatorRequest *q, KafkaIn *in)
{
    *q = (FindCoordinatorRequest){.nkeys = 1};
    if (in->version < 4) {
        q->key = NEW(in->arena, Str, 1);
        q->key[0] = in_str(in);
    }
    if (in->version >= 1) q->type = in_i8(in);
    if (in->version >= 4) {
        IN_ARRAY(in, q->key, q->nkeys, 1);
        for (int32_t i = 0; i < q->nkeys && !in->r.bad; i++) q->key[i] = in_str(in);
    }
    in_tags(in);
    return kafka_in_end(in, S("FindCoordinator"));
}

static void out_node(KafkaOut *o, const KafkaBroker *b, KafkaError error)
{
    out_i32(o, error ? -1 : b->id);
    out_str(o, error ? S("") : b->host);
    out_i32(o, error ? -1 : b->port);
}

void find_coordinator_write(KafkaOut *o, const FindCoordinatorRequest *q, const KafkaBroker *b,
                            KafkaError error, Str message)
{
    if (o->version >= 1) out_i32(o, 0);
    if (o->version < 4) {
        out_i16(o, error);
        if (o->version >= 1) out_str(o, message);
        out_node(o, b, error);
    } else {
        out_count(o, q->nkeys);
        for (int32_t i = 0; i < q->nkeys; i++) {
            out_str(o, q->key[i]);
            out_node(o, b, error);
            out_i16(o, error);
            out_str(o, message);
            out_tags(o);
        }
    }
    out_tags(o);
}

// -- membership

Status join_group_read(JoinGroupRequest *q, KafkaIn *in)
{
    *q = (JoinGroupRequest){0};
    q->group = in_str(in);
    q->session_ms = in_i32(in);
    q->rebalance_ms = in->version >= 1 ? in_i32(in) : q->session_ms;
    q->member = in_str(in);
    if (in->version >= 5) q->instance = in_str(in);
    q->type = in_str(in);
    IN_ARRAY(in, q->protocol, q->nprotocols, 2);
    for (int32_t i = 0; i < q->nprotocols && !in->r.bad; i++) {
        q->protocol[i].name = in_str(in);
        q->protocol[i].metadata = in_bytes(in);
        in_tags(in);
    }
    in_tags(in);
    return kafka_in_end(in, S("JoinGroup"));
}

void join_group_write(KafkaOut *o, const JoinGroupAnswer *s)
{
    if (o->version >= 2) out_i32(o, 0);
    out_i16(o, s->error);
    out_i32(o, s->generation);
    if (o->version >= 7) out_str(o, s->type);
    // null came with version 7
    out_str(o, s->protocol.p || o->version >= 7 ? s->protocol : S(""));
    out_str(o, s->leader.p ? s->leader : S(""));
    out_str(o, s->member.p ? s->member : S(""));
    out_count(o, s->nmembers);
    for (int32_t i = 0; i < s->nmembers; i++) {
        out_str(o, s->members[i].member);
        if (o->version >= 5) out_str(o, s->members[i].instance);
        out_bytes(o, s->members[i].metadata);
        out_tags(o);
    }
    out_tags(o);
}

Status sync_group_read(SyncGroupRequest *q, KafkaIn *in)
{
    *q = (SyncGroupRequest){0};
    q->group = in_str(in);
    q->generation = in_i32(in);
    q->member = in_str(in);
    if (in->version >= 3) q->instance = in_str(in);
    if (in->version >= 5) {
        q->type = in_str(in);
        q->protocol = in_str(in);
    }
    IN_ARRAY(in, q->assignment, q->nassignments, 2);
    for (int32_t i = 0; i < q->nassignments && !in->r.bad; i++) {
        q->assignment[i].member = in_str(in);
        q->assignment[i].assignment = in_bytes(in);
        in_tags(in);
    }
    in_tags(in);
    return kafka_in_end(in, S("SyncGroup"));
}

void sync_group_write(KafkaOut *o, KafkaError error, const GroupProtocol *chosen, Str assignment)
{
    if (o->version >= 1) out_i32(o, 0);
    out_i16(o, error);
    if (o->version >= 5) {
        out_str(o, chosen->metadata); // the protocol's type
        out_str(o, chosen->name);
    }
    out_bytes(o, assignment.p ? assignment : S(""));
    out_tags(o);
}

Status heartbeat_read(HeartbeatRequest *q, KafkaIn *in)
{
    *q = (HeartbeatRequest){0};
    q->group = in_str(in);
    q->generation = in_i32(in);
    q->member = in_str(in);
    if (in->version >= 3) q->instance = in_str(in);
    in_tags(in);
    return kafka_in_end(in, S("Heartbeat"));
}

void heartbeat_write(KafkaOut *o, KafkaError error)
{
    if (o->version >= 1) out_i32(o, 0);
    out_i16(o, error);
    out_tags(o);
}

Status leave_group_read(LeaveGroupRequest *q, KafkaIn *in)
{
    *q = (LeaveGroupRequest){0};
    q->group = in_str(in);
    if (in->version < 3) {
        q->nmembers = 1;
        q->member = NEW(in->arena, Leaving, 1);
        q->member[0].member = in_str(in);
    } else {
        IN_ARRAY(in, q->member, q->nmembers, 2);
        for (int32_t i = 0; i < q->nmembers && !in->r.bad; i++) {
            q->member[i].member = in_str(in);
            q->member[i].instance = in_str(in);
            in_tags(in);
        }
    }
    in_tags(in);
    return kafka_in_end(in, S("LeaveGroup"));
}

void leave_group_write(KafkaOut *o, const LeaveGroupRequest *q, KafkaError error)
{
    if (o->version >= 1) out_i32(o, 0);
    out_i16(o, o->version >= 3 || error ? error : q->nmembers ? q->member[0].error : 0);
    if (o->version >= 3) {
        out_count(o, q->nmembers);
        for (int32_t i = 0; i < q->nmembers; i++) {
            out_str(o, q->member[i].member);
            out_str(o, q->member[i].instance);
            out_i16(o, q->member[i].error);
            out_tags(o);
        }
    }
    out_tags(o);
}

// -- offsets

static void commit_part(KafkaIn *in, OffsetPartition *p)
{
    p->index = in_i32(in);
    p->offset = in_i64(in);
    p->leader_epoch = in->version >= 6 ? in_i32(in) : -1;
    if (in->version == 1) in_i64(in); // when
    p->metadata = in_str(in);
    in_tags(in);
}

Status offset_commit_read(OffsetsRequest *q, KafkaIn *in)
{
    *q = (OffsetsRequest){0};
    q->group = in_str(in);
    q->generation = in_i32(in);
    q->member = in_str(in);
    if (in->version >= 7) q->instance = in_str(in);
    if (in->version >= 2 && in->version <= 4) in_i64(in); // how long to keep them: for ever
    IN_TOPICS(in, q, 14, commit_part);
    in_tags(in);
    return kafka_in_end(in, S("OffsetCommit"));
}

static void part_error_write(KafkaOut *o, const OffsetPartition *p)
{
    out_i32(o, p->index);
    out_i16(o, p->error);
    out_tags(o);
}

void offset_commit_write(KafkaOut *o, const OffsetsRequest *q)
{
    if (o->version >= 3) out_i32(o, 0);
    OUT_TOPICS(o, q, part_error_write);
    out_tags(o);
}

static void index_part(KafkaIn *in, OffsetPartition *p) { p->index = in_i32(in); }

Status offset_fetch_read(OffsetsRequest *q, KafkaIn *in)
{
    *q = (OffsetsRequest){.generation = -1};
    q->group = in_str(in);
    KafkaIn peek = *in;
    q->all = in_count(&peek, 3) < 0 && in->version >= 2;
    IN_TOPICS(in, q, 4, index_part);
    if (in->version >= 7) in_bool(in); // stable ones only: without transactions all are
    in_tags(in);
    return kafka_in_end(in, S("OffsetFetch"));
}

static void fetched_write(KafkaOut *o, const OffsetPartition *p)
{
    out_i32(o, p->index);
    out_i64(o, p->offset);
    if (o->version >= 5) out_i32(o, p->leader_epoch);
    out_str(o, p->metadata.p ? p->metadata : S(""));
    out_i16(o, p->error);
    out_tags(o);
}

void offset_fetch_write(KafkaOut *o, const OffsetsRequest *q, KafkaError error)
{
    if (o->version >= 3) out_i32(o, 0);
    OUT_TOPICS(o, q, fetched_write);
    if (o->version >= 2) out_i16(o, error);
    out_tags(o);
}

static void delete_part(KafkaIn *in, OffsetPartition *p) { p->index = in_i32(in); }

Status offset_delete_read(OffsetsRequest *q, KafkaIn *in)
{
    *q = (OffsetsRequest){.generation = -1};
    q->group = in_str(in);
    IN_TOPICS(in, q, 4, delete_part);
    return kafka_in_end(in, S("OffsetDelete"));
}

void offset_delete_write(KafkaOut *o, const OffsetsRequest *q, KafkaError error)
{
    out_i16(o, error);
    out_i32(o, 0);
    OUT_TOPICS(o, q, part_error_write);
}

// -- looking at groups

static Status names_read(NamesRequest *q, KafkaIn *in, Str what)
{
    *q = (NamesRequest){0};
    IN_ARRAY(in, q->v, q->n, 1);
    for (int32_t i = 0; i < q->n && !in->r.bad; i++) q->v[i].name = in_str(in);
    bool describe = str_eq(what, S("DescribeGroups"));
    if (describe && in->version >= 3) in_bool(in); // permitted operations
    in_tags(in);
    return kafka_in_end(in, what);
}

Status describe_groups_read(NamesRequest *q, KafkaIn *in)
{
    return names_read(q, in, S("DescribeGroups"));
}
Status delete_groups_read(NamesRequest *q, KafkaIn *in)
{
    return names_read(q, in, S("DeleteGroups"));
}

static void out_member(KafkaOut *o, const GroupMember *m)
{
    out_str(o, m->member);
    if (o->version >= 4) out_str(o, m->instance);
    out_str(o, m->client);
    out_str(o, m->host);
    out_bytes(o, m->metadata.p ? m->metadata : S(""));
    out_bytes(o, m->assignment.p ? m->assignment : S(""));
    out_tags(o);
}

void describe_groups_write(KafkaOut *o, const GroupView *v, int32_t n)
{
    if (o->version >= 1) out_i32(o, 0);
    out_count(o, n);
    for (int32_t i = 0; i < n; i++) {
        out_i16(o, v[i].error);
        out_str(o, v[i].name);
        out_str(o, v[i].state);
        out_str(o, v[i].type);
        out_str(o, v[i].protocol);
        out_count(o, v[i].nmembers);
        for (int32_t k = 0; k < v[i].nmembers; k++) out_member(o, &v[i].member[k]);
        if (o->version >= 3) out_i32(o, INT32_MIN);
        out_tags(o);
    }
    out_tags(o);
}

Status list_groups_read(ListGroupsRequest *q, KafkaIn *in)
{
    *q = (ListGroupsRequest){0};
    if (in->version >= 4) {
        IN_ARRAY(in, q->state, q->nstates, 1);
        for (int32_t i = 0; i < q->nstates && !in->r.bad; i++) q->state[i] = in_str(in);
    }
    // librdkafka 2.0.2 sends version 3 and 4 without the fields that it means: read what is there.
    return kafka_in_end(in, S("ListGroups"));
}

void list_groups_write(KafkaOut *o, const GroupView *v, int32_t n)
{
    if (o->version >= 1) out_i32(o, 0);
    out_i16(o, KAFKA_NONE);
    out_count(o, n);
    for (int32_t i = 0; i < n; i++) {
        out_str(o, v[i].name);
        out_str(o, v[i].type);
        if (o->version >= 4) out_str(o, v[i].state);
        out_tags(o);
    }
    out_tags(o);
}

void delete_groups_write(KafkaOut *o, const NamesRequest *q)
{
    out_i32(o, 0);
    out_count(o, q->n);
    for (int32_t i = 0; i < q->n; i++) {
        out_str(o, q->v[i].name);
        out_i16(o, q->v[i].error);
        out_tags(o);
    }
    out_tags(o);
}
