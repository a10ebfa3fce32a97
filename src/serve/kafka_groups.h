// kafka_groups.h -- consumer groups, the classic protocol. A group lives in memory while it has
// members; what it committed lies in the log. Private to the Kafka door, on its thread.
//
//   Empty -> Joining (members gather) -> Syncing (the leader assigns) -> Stable -> Joining ..
#ifndef SERVE_KAFKA_GROUPS_H
#define SERVE_KAFKA_GROUPS_H
#include "log/offsets.h"
#include "serve/kafka_door_in.h"

enum { SESSION_MS_MIN = 6000, SESSION_MS_MAX = 1800000, METADATA_BYTES_MAX = 4096 };
typedef enum GroupState { GROUP_EMPTY, GROUP_JOINING, GROUP_SYNCING, GROUP_STABLE } GroupState;
typedef struct Group Group;
typedef struct Member Member;
struct Member {
    Member *next;
    Group *group;
    Arena *arena, *said; // said: what the newest join brought
    Str id, instance, client, host;
    int32_t session_ms, rebalance_ms;
    GroupProtocol *protocol;
    int32_t nprotocols;
    Arena *given; // of the assignment
    Str assignment;
    bool joined;       // has (re)joined for the next generation
    bool pending;      // was told its id and has not come back with it
    Call *join, *sync; // parked; NULL when the connection went away meanwhile
    Timer session;
};
struct Group {
    Groups *all;
    Arena *arena;
    Str name, type, protocol;
    Arena *chosen; // of protocol
    GroupState state;
    int32_t generation;
    Member *members; // in the order in which they came
    Member *leader;
    Timer rebalance;
    bool gathering; // the first generation waits for more members
};
struct Groups {
    KafkaDoor *door;
    Arena *arena;
    Map map; // name -> Group
    int64_t sweep_at;
};

Group *group_find(Groups *gs, Str name); // NULL when it has no members and no state
Group *group_make(Groups *gs, Str name);
Member *member_find(Group *g, Str id);
Member *member_of_instance(Group *g, Str instance);
Member *member_new(Group *g, Call *c, Str instance);
// Takes it out of the group and answers what it has parked with `error`; the group rebalances.
void member_remove(Member *m, KafkaError error);
void member_alive(Member *m);       // its session begins anew
int32_t group_size(const Group *g); // pending ones not counted
// The group needs a new generation; members learn of it by their heartbeats.
void group_rebalance(Group *g);
void group_try_complete(Group *g); // all have joined?
void group_forget(Group *g);       // when it is empty
bool group_takes(const Group *g, const JoinGroupRequest *q,
                 const Member *but);                          // a protocol for all
bool member_same(const Member *m, const JoinGroupRequest *q); // says what it said before
void member_says(Member *m, const JoinGroupRequest *q);
void group_answer_join(Member *m, Call *c, KafkaError error);
void group_answer_sync(Member *m, Call *c, KafkaError error);
Str group_state_name(GroupState s);
#endif
