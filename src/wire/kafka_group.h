// kafka_group.h -- the requests of consumer groups, in the classic protocol: FindCoordinator,
// JoinGroup, SyncGroup, Heartbeat, LeaveGroup, offsets, and those that list and describe groups.
#ifndef WIRE_KAFKA_GROUP_H
#define WIRE_KAFKA_GROUP_H
#include "wire/kafka_admin.h"

// -- FindCoordinator

typedef struct FindCoordinatorRequest {
    Str *key; // several from version 4 on
    int32_t nkeys, type;
} FindCoordinatorRequest;
enum { COORDINATOR_OF_GROUP, COORDINATOR_OF_TRANSACTION };
Status find_coordinator_read(FindCoordinatorRequest *q, KafkaIn *in);
// One answer for all keys; b is read only when there is no error.
void find_coordinator_write(KafkaOut *o, const FindCoordinatorRequest *q, const KafkaBroker *b,
                            KafkaError error, Str message);

// -- membership

typedef struct GroupProtocol {
    Str name, metadata;
} GroupProtocol;
typedef struct JoinGroupRequest {
    Str group, member, instance, type;
    int32_t session_ms, rebalance_ms;
    GroupProtocol *protocol;
    int32_t nprotocols;
} JoinGroupRequest;
typedef struct JoinedMember {
    Str member, instance, metadata;
} JoinedMember;
typedef struct JoinGroupAnswer {
    KafkaError error;
    int32_t generation;
    Str type, protocol, leader, member;
    const JoinedMember *members; // for the leader
    int32_t nmembers;
} JoinGroupAnswer;
Status join_group_read(JoinGroupRequest *q, KafkaIn *in);
void join_group_write(KafkaOut *o, const JoinGroupAnswer *s);

typedef struct GroupAssignment {
    Str member, assignment;
} GroupAssignment;
typedef struct SyncGroupRequest {
    Str group, member, instance, type, protocol;
    int32_t generation;
    GroupAssignment *assignment;
    int32_t nassignments;
} SyncGroupRequest;
Status sync_group_read(SyncGroupRequest *q, KafkaIn *in);
void sync_group_write(KafkaOut *o, KafkaError error, const GroupProtocol *chosen, Str assignment);

typedef struct HeartbeatRequest {
    Str group, member, instance;
    int32_t generation;
} HeartbeatRequest;
Status heartbeat_read(HeartbeatRequest *q, KafkaIn *in);
void heartbeat_write(KafkaOut *o, KafkaError error);

typedef struct Leaving {
    Str member, instance;
    KafkaError error;
} Leaving;
typedef struct LeaveGroupRequest {
    Str group;
    Leaving *member;
    int32_t nmembers;
} LeaveGroupRequest;
Status leave_group_read(LeaveGroupRequest *q, KafkaIn *in);
void leave_group_write(KafkaOut *o, const LeaveGroupRequest *q, KafkaError error);

// -- offsets

typedef struct OffsetPartition {
    int32_t index, leader_epoch;
    int64_t offset;
    Str metadata;
    KafkaError error;
} OffsetPartition;
typedef struct OffsetTopic {
    Str name;
    OffsetPartition *part;
    int32_t nparts;
} OffsetTopic;
typedef struct OffsetsRequest { // of OffsetCommit, OffsetFetch and OffsetDelete
    Str group, member, instance;
    int32_t generation;
    OffsetTopic *topic;
    int32_t ntopics;
    bool all; // OffsetFetch: every partition that there is
} OffsetsRequest;
Status offset_commit_read(OffsetsRequest *q, KafkaIn *in);
void offset_commit_write(KafkaOut *o, const OffsetsRequest *q);
Status offset_fetch_read(OffsetsRequest *q, KafkaIn *in);
void offset_fetch_write(KafkaOut *o, const OffsetsRequest *q, KafkaError error);
Status offset_delete_read(OffsetsRequest *q, KafkaIn *in);
void offset_delete_write(KafkaOut *o, const OffsetsRequest *q, KafkaError error);

// -- looking at groups

typedef struct GroupMember {
    Str member, instance, client, host, metadata, assignment;
} GroupMember;
typedef struct GroupView {
    Str name, state, type, protocol;
    KafkaError error;
    GroupMember *member;
    int32_t nmembers;
} GroupView;
typedef struct ListGroupsRequest {
    Str *state; // from version 4 on: those in one of these states; none: all
    int32_t nstates;
} ListGroupsRequest;
Status describe_groups_read(NamesRequest *q, KafkaIn *in);
void describe_groups_write(KafkaOut *o, const GroupView *v, int32_t n);
Status list_groups_read(ListGroupsRequest *q, KafkaIn *in);
void list_groups_write(KafkaOut *o, const GroupView *v, int32_t n);
Status delete_groups_read(NamesRequest *q, KafkaIn *in);
void delete_groups_write(KafkaOut *o, const NamesRequest *q);
#endif
