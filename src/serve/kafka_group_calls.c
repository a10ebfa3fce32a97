// kafka_group_calls.c -- the requests of group members: who may do what in which state.
#include "base/civil.h"
#include "os/clock.h"
#include "serve/kafka_groups.h"

Status handle_find_coordinator(KafkaDoor *d, Call *c)
{
    FindCoordinatorRequest q;
    TRY(find_coordinator_read(&q, &c->in));
    bool transaction = q.type != COORDINATOR_OF_GROUP;
    KafkaError error = transaction ? KAFKA_TRANSACTIONAL_ID_AUTHORIZATION_FAILED : KAFKA_NONE;
    find_coordinator_write(&c->out, &q, &c->conn->broker, error,
                           transaction ? S("there are no transactions here") : (Str){0});
    call_done(d, c);
    return DONE;
}

// -- JoinGroup

static void refuse_join(KafkaDoor *d, Call *c, KafkaError error, Str member)
{
    JoinGroupAnswer s = {.error = error, .generation = -1, .member = member};
    join_group_write(&c->out, &s);
    call_done(d, c);
}

static KafkaError check_join(Groups *gs, const JoinGroupRequest *q)
{
    if (!q->group.n) return KAFKA_INVALID_GROUP_ID;
    if (q->session_ms < SESSION_MS_MIN || q->session_ms > SESSION_MS_MAX)
        return KAFKA_INVALID_SESSION_TIMEOUT;
    if (!q->type.n || !q->nprotocols) return KAFKA_INCONSISTENT_GROUP_PROTOCOL;
    const Group *g = group_find(gs, q->group);
    if (!g) return q->member.n ? KAFKA_UNKNOWN_MEMBER_ID : KAFKA_NONE;
    return KAFKA_NONE;
}

static void abandon(KafkaDoor *d, Call *c)
{
    (void)d;
    Member *m = c->state;
    if (m->join == c) m->join = NULL; // it stays a member until its session ends
    if (m->sync == c) m->sync = NULL;
}

static void park_join(Member *m, Call *c)
{
    Group *g = m->group;
    if (m->join) group_answer_join(m, m->join, KAFKA_UNKNOWN_MEMBER_ID); // an older try
    m->join = c;
    m->joined = true;
    m->pending = false;
    c->state = m;
    c->abandon = abandon;
    member_alive(m);
    if (g->state == GROUP_JOINING)
        group_try_complete(g);
    else
        group_rebalance(g);
}

// A known member comes again. Whoever says the same as before, and does not lead, may go on.
static void rejoin(Member *m, Call *c, const JoinGroupRequest *q)
{
    Group *g = m->group;
    bool same = member_same(m, q) && !m->pending;
    bool goes_on =
        same && (g->state == GROUP_SYNCING || (g->state == GROUP_STABLE && m != g->leader));
    member_says(m, q);
    if (goes_on) {
        member_alive(m);
        group_answer_join(m, c, KAFKA_NONE);
        return;
    }
    park_join(m, c);
}

// A static member comes back without its id: it takes its own place again under a new one.
static void replace(Member *old, Call *c, const JoinGroupRequest *q)
{
    Group *g = old->group;
    Member *m = member_new(g, c, q->instance);
    bool same = member_same(old, q), led = g->leader == old;
    member_says(m, q);
    if (old->join) group_answer_join(old, old->join, KAFKA_FENCED_INSTANCE_ID);
    if (old->sync) group_answer_sync(old, old->sync, KAFKA_FENCED_INSTANCE_ID);
    m->assignment = str_copy(m->given, old->assignment);
    GroupState state = g->state;
    g->state = GROUP_EMPTY; // the removal is no change of the group
    member_remove(old, KAFKA_FENCED_INSTANCE_ID);
    g->state = state;
    if (led) g->leader = m;
    if (same && state == GROUP_STABLE && !led) {
        member_alive(m);
        group_answer_join(m, c, KAFKA_NONE);
        return;
    }
    park_join(m, c);
}

static void join_new(Group *g, Call *c, const JoinGroupRequest *q)
{
    Member *m = member_new(g, c, q->instance);
    member_says(m, q);
    if (c->head.version >= 4 && !q->instance.p) {
        m->pending = true; // it comes again under this id
        member_alive(m);
        refuse_join(g->all->door, c, KAFKA_MEMBER_ID_REQUIRED, m->id);
        return;
    }
    park_join(m, c);
}

static void join(Groups *gs, Call *c, const JoinGroupRequest *q)
{
    KafkaDoor *d = gs->door;
    Group *g = group_make(gs, q->group);
    Member *m = q->member.n ? member_find(g, q->member) : NULL;
    Member *same = member_of_instance(g, q->instance);
    if (q->member.n && !m && !same) {
        refuse_join(d, c, KAFKA_UNKNOWN_MEMBER_ID, q->member);
    } else if (q->member.n && q->instance.p && m != same) {
        refuse_join(d, c, KAFKA_FENCED_INSTANCE_ID, q->member);
    } else if (!group_takes(g, q, m ? m : same)) {
        refuse_join(d, c, KAFKA_INCONSISTENT_GROUP_PROTOCOL, q->member);
    } else {
        if (!str_eq(g->type, q->type)) g->type = str_copy(g->arena, q->type); // it was empty
        if (m)
            rejoin(m, c, q);
        else if (same)
            replace(same, c, q);
        else
            join_new(g, c, q);
    }
}

Status handle_join_group(KafkaDoor *d, Call *c)
{
    JoinGroupRequest q;
    TRY(join_group_read(&q, &c->in));
    KafkaError error = check_join(d->groups, &q);
    if (error)
        refuse_join(d, c, error, q.member);
    else
        join(d->groups, c, &q);
    return DONE;
}

// -- SyncGroup, Heartbeat, LeaveGroup

static KafkaError check_member(Groups *gs, Str group, Str member, Str instance, int32_t generation)
{
    Group *g = group_find(gs, group);
    Member *m = g ? member_find(g, member) : NULL;
    const Member *same = g ? member_of_instance(g, instance) : NULL;
    if (same && same != m) return KAFKA_FENCED_INSTANCE_ID;
    if (!m || m->pending) return KAFKA_UNKNOWN_MEMBER_ID;
    return generation == g->generation ? KAFKA_NONE : KAFKA_ILLEGAL_GENERATION;
}

static void take_assignments(Group *g, const SyncGroupRequest *q)
{
    for (int32_t i = 0; i < q->nassignments; i++) {
        Member *m = member_find(g, q->assignment[i].member);
        if (m) m->assignment = str_copy(m->given, q->assignment[i].assignment);
    }
    g->state = GROUP_STABLE;
    for (Member *m = g->members; m; m = m->next)
        if (m->sync) group_answer_sync(m, m->sync, KAFKA_NONE);
}

static void sync_member(Member *m, Call *c, const SyncGroupRequest *q)
{
    Group *g = m->group;
    switch (g->state) {
    case GROUP_EMPTY: group_answer_sync(m, c, KAFKA_UNKNOWN_MEMBER_ID); return;
    case GROUP_JOINING: group_answer_sync(m, c, KAFKA_REBALANCE_IN_PROGRESS); return;
    case GROUP_STABLE: group_answer_sync(m, c, KAFKA_NONE); return;
    case GROUP_SYNCING:
        if (m->sync) group_answer_sync(m, m->sync, KAFKA_UNKNOWN_MEMBER_ID);
        m->sync = c;
        c->state = m;
        c->abandon = abandon;
        if (m == g->leader) take_assignments(g, q);
        return;
    }
}

Status handle_sync_group(KafkaDoor *d, Call *c)
{
    SyncGroupRequest q;
    TRY(sync_group_read(&q, &c->in));
    KafkaError error = check_member(d->groups, q.group, q.member, q.instance, q.generation);
    Group *g = group_find(d->groups, q.group);
    bool other = !error && ((q.type.p && !str_eq(q.type, g->type)) ||
                            (q.protocol.p && !str_eq(q.protocol, g->protocol)));
    if (other) error = KAFKA_INCONSISTENT_GROUP_PROTOCOL;
    if (error) {
        sync_group_write(&c->out, error, &(GroupProtocol){0}, (Str){0});
        call_done(d, c);
        return DONE;
    }
    Member *m = member_find(g, q.member);
    member_alive(m);
    sync_member(m, c, &q);
    return DONE;
}

Status handle_heartbeat(KafkaDoor *d, Call *c)
{
    HeartbeatRequest q;
    TRY(heartbeat_read(&q, &c->in));
    KafkaError error = check_member(d->groups, q.group, q.member, q.instance, q.generation);
    if (!error) {
        const Group *g = group_find(d->groups, q.group);
        member_alive(member_find(group_find(d->groups, q.group), q.member));
        if (g->state == GROUP_JOINING) error = KAFKA_REBALANCE_IN_PROGRESS;
    }
    heartbeat_write(&c->out, error);
    call_done(d, c);
    return DONE;
}

Status handle_leave_group(KafkaDoor *d, Call *c)
{
    LeaveGroupRequest q;
    TRY(leave_group_read(&q, &c->in));
    Group *g = group_find(d->groups, q.group);
    for (int32_t i = 0; i < q.nmembers; i++) {
        Leaving *l = &q.member[i];
        Member *m = g ? member_find(g, l->member) : NULL;
        if (g && !m && l->instance.p) m = member_of_instance(g, l->instance);
        l->error = m ? KAFKA_NONE : KAFKA_UNKNOWN_MEMBER_ID;
        if (m) member_remove(m, KAFKA_UNKNOWN_MEMBER_ID);
    }
    leave_group_write(&c->out, &q, KAFKA_NONE);
    call_done(d, c);
    return DONE;
}

// -- OffsetCommit, OffsetFetch, OffsetDelete

// A reader outside of groups commits under their names, too, while the group has no members.
static KafkaError check_commit(KafkaDoor *d, const OffsetsRequest *q)
{
    const Group *g = group_find(d->groups, q->group);
    bool members = g && group_size(g);
    if (q->generation < 0 && !q->member.n) return members ? KAFKA_UNKNOWN_MEMBER_ID : KAFKA_NONE;
    if (!members) return q->generation < 0 ? KAFKA_NONE : KAFKA_ILLEGAL_GENERATION;
    KafkaError error = check_member(d->groups, q->group, q->member, q->instance, q->generation);
    if (!error && g->state == GROUP_SYNCING) error = KAFKA_REBALANCE_IN_PROGRESS;
    if (!error) member_alive(member_find(group_find(d->groups, q->group), q->member));
    return error;
}

typedef struct Commit {
    OffsetsRequest q;
    int64_t ticket;
} Commit;

static void fail_commit(Commit *s, KafkaError error)
{
    for (int32_t i = 0; i < s->q.ntopics; i++)
        for (int32_t k = 0; k < s->q.topic[i].nparts; k++)
            if (!s->q.topic[i].part[k].error) s->q.topic[i].part[k].error = error;
}

static void resume_commit(KafkaDoor *d, Call *c, bool expired)
{
    Commit *s = c->state;
    bool yes = false;
    (void)expired;
    Status st = offsets_durable(d->log, s->ticket, &yes);
    if (!st.code && !yes) return;
    if (st.code) fail_commit(s, KAFKA_COORDINATOR_NOT_AVAILABLE);
    offset_commit_write(&c->out, &s->q);
    call_done(d, c);
}

static KafkaError check_offset(KafkaDoor *d, Str topic, const OffsetPartition *p)
{
    Topic *t = topic_find(d->log, topic);
    if (!t || !topic_partition(t, p->index)) return KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
    return p->metadata.n > METADATA_BYTES_MAX ? KAFKA_OFFSET_METADATA_TOO_LARGE : KAFKA_NONE;
}

static Status commit(KafkaDoor *d, Call *c, Commit *s)
{
    VEC(GroupOffset) all = {0};
    for (int32_t i = 0; i < s->q.ntopics; i++)
        for (int32_t k = 0; k < s->q.topic[i].nparts; k++) {
            OffsetPartition *p = &s->q.topic[i].part[k];
            p->error = check_offset(d, s->q.topic[i].name, p);
            GroupOffset o = {s->q.topic[i].name, p->index,    p->offset,
                             p->leader_epoch,    p->metadata, clock_now() / MICROS_PER_MS};
            if (!p->error) vec_push(c->arena, &all, o);
        }
    return all.n ? offsets_commit(d->log, s->q.group, all.v, all.n, &s->ticket) : DONE;
}

Status handle_offset_commit(KafkaDoor *d, Call *c)
{
    Commit *s = c->state = NEW(c->arena, Commit, 1);
    TRY(offset_commit_read(&s->q, &c->in));
    KafkaError error = s->q.group.n ? check_commit(d, &s->q) : KAFKA_INVALID_GROUP_ID;
    if (error) {
        fail_commit(s, error);
    } else if (commit(d, c, s).code) {
        door_say(d, c->conn, "commit refused: %s", fail_text());
        fail_commit(s, KAFKA_COORDINATOR_NOT_AVAILABLE);
        s->ticket = 0;
    }
    if (s->ticket) {
        c->resume = resume_commit;
        call_wait_offsets(d, c, s->ticket);
        resume_commit(d, c, false);
        return DONE;
    }
    offset_commit_write(&c->out, &s->q);
    call_done(d, c);
    return DONE;
}

static void all_offsets(KafkaDoor *d, Call *c, OffsetsRequest *q)
{
    GroupOffset *v;
    int64_t n = offsets_list(d->log, c->arena, q->group, &v);
    q->topic = NEW(c->arena, OffsetTopic, n);
    q->ntopics = 0;
    for (int64_t i = 0; i < n; i++) {
        OffsetTopic *t = q->ntopics ? &q->topic[q->ntopics - 1] : NULL;
        if (!t || !str_eq(t->name, v[i].topic)) {
            t = &q->topic[q->ntopics++];
            *t = (OffsetTopic){v[i].topic, NEW(c->arena, OffsetPartition, n - i), 0};
        }
        t->part[t->nparts++] = (OffsetPartition){v[i].partition, v[i].leader_epoch, v[i].offset,
                                                 v[i].metadata, KAFKA_NONE};
    }
}

static void some_offsets(KafkaDoor *d, Call *c, OffsetsRequest *q)
{
    for (int32_t i = 0; i < q->ntopics; i++)
        for (int32_t k = 0; k < q->topic[i].nparts; k++) {
            OffsetPartition *p = &q->topic[i].part[k];
            GroupOffset o = {.topic = q->topic[i].name, .partition = p->index};
            p->offset = p->leader_epoch = -1;
            if (!offsets_find(d->log, c->arena, q->group, &o)) continue;
            p->offset = o.offset;
            p->leader_epoch = o.leader_epoch;
            p->metadata = o.metadata;
        }
}

Status handle_offset_fetch(KafkaDoor *d, Call *c)
{
    OffsetsRequest q;
    TRY(offset_fetch_read(&q, &c->in));
    KafkaError error = offsets_usable(d->log).code ? KAFKA_COORDINATOR_NOT_AVAILABLE : KAFKA_NONE;
    if (error)
        q.ntopics = 0;
    else if (q.all)
        all_offsets(d, c, &q);
    else
        some_offsets(d, c, &q);
    offset_fetch_write(&c->out, &q, error);
    call_done(d, c);
    return DONE;
}
