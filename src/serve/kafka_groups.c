// kafka_groups.c -- the states of a group and what leads from one to the next.
#include "serve/kafka_groups.h"
#include "base/civil.h"
#include "os/clock.h"

#define MS_NS INT64_C(1000000)
enum { GROUPS_SWEEP = 1024 };

Groups *groups_new(KafkaDoor *d)
{
    Arena *a = arena_new(NULL);
    Groups *gs = NEW(a, Groups, 1);
    *gs = (Groups){.door = d, .arena = a, .map = map_new(a), .sweep_at = GROUPS_SWEEP};
    return gs;
}

static void member_free(Member *m)
{
    timer_stop(&m->group->all->door->timers, &m->session);
    arena_free(m->said);
    arena_free(m->given);
    arena_free(m->arena);
}

static void group_free(Group *g)
{
    timer_stop(&g->all->door->timers, &g->rebalance);
    while (g->members) {
        Member *m = g->members;
        g->members = m->next;
        member_free(m);
    }
    arena_free(g->chosen);
    arena_free(g->arena);
}

void groups_end(Groups *gs)
{
    for (int64_t i = 0; i < gs->map.n; i++) group_free(gs->map.entry[i].value);
    arena_free(gs->arena);
}

Group *group_find(Groups *gs, Str name) { return map_get(&gs->map, name); }

static void rebalance_over(Timer *t, void *to);

// Groups without members say nothing that the log does not say.
static void forget_empty(Groups *gs)
{
    for (int64_t i = gs->map.n - 1; i >= 0; i--) group_forget(gs->map.entry[i].value);
}

Group *group_make(Groups *gs, Str name)
{
    Group *g = group_find(gs, name);
    if (g) return g;
    if (gs->map.n >= gs->sweep_at) {
        forget_empty(gs);
        gs->sweep_at = MAX(GROUPS_SWEEP, gs->map.n * 2);
    }
    Arena *a = arena_new(NULL);
    g = NEW(a, Group, 1);
    g->all = gs;
    g->arena = a;
    g->chosen = arena_new(NULL);
    g->name = str_copy(a, name);
    g->type = S("");
    g->rebalance.fire = rebalance_over;
    map_set(&gs->map, g->name, g);
    return g;
}

void group_forget(Group *g)
{
    if (g->members) return;
    map_remove(&g->all->map, g->name);
    group_free(g);
}

Str group_state_name(GroupState s)
{
    switch (s) {
    case GROUP_EMPTY: return S("Empty");
    case GROUP_JOINING: return S("PreparingRebalance");
    case GROUP_SYNCING: return S("CompletingRebalance");
    case GROUP_STABLE: return S("Stable");
    }
    must_failed("GroupState", __FILE__, __LINE__);
}

// -- members

Member *member_find(Group *g, Str id)
{
    for (Member *m = g->members; m; m = m->next)
        if (str_eq(m->id, id)) return m;
    return NULL;
}

Member *member_of_instance(Group *g, Str instance)
{
    for (Member *m = g->members; m; m = m->next)
        if (instance.p && m->instance.p && str_eq(m->instance, instance)) return m;
    return NULL;
}

int32_t group_size(const Group *g)
{
    int32_t n = 0;
    for (const Member *m = g->members; m; m = m->next) n += !m->pending;
    return n;
}

static void session_over(Timer *t, void *to)
{
    Member *m = CONTAINER(t, Member, session);
    (void)to;
    if (m->join)
        member_alive(m); // waits for us
    else
        member_remove(m, KAFKA_UNKNOWN_MEMBER_ID);
}

Member *member_new(Group *g, Call *c, Str instance)
{
    Arena *a = arena_new(NULL);
    Member *m = NEW(a, Member, 1);
    m->group = g;
    m->arena = a;
    m->said = arena_new(NULL);
    m->given = arena_new(NULL);
    m->client = str_copy(a, c->head.client);
    m->host = str_fmt(a, "/" STR_FMT, STR_ARG(str_cut(c->conn->peer, ':').head));
    if (instance.p) m->instance = str_copy(a, instance);
    Str stem = instance.p ? instance : m->client;
    m->id = str_fmt(a, STR_FMT "-" STR_FMT, STR_ARG(stem), STR_ARG(rand_uuid(a)));
    m->session.fire = session_over;
    Member **at = &g->members;
    while (*at) at = &(*at)->next;
    *at = m;
    return m;
}

void member_alive(Member *m)
{
    timer_set(&m->group->all->door->timers, &m->session, door_now() + m->session_ms * MS_NS);
}

bool member_same(const Member *m, const JoinGroupRequest *q)
{
    bool same = m->nprotocols == q->nprotocols;
    for (int32_t i = 0; i < q->nprotocols && same; i++)
        same = str_eq(m->protocol[i].name, q->protocol[i].name) &&
               str_eq(m->protocol[i].metadata, q->protocol[i].metadata);
    return same;
}

void member_says(Member *m, const JoinGroupRequest *q)
{
    arena_clear(m->said);
    m->session_ms = q->session_ms;
    m->rebalance_ms = q->rebalance_ms;
    m->nprotocols = q->nprotocols;
    m->protocol = NEW(m->said, GroupProtocol, q->nprotocols);
    for (int32_t i = 0; i < q->nprotocols; i++)
        m->protocol[i] = (GroupProtocol){str_copy(m->said, q->protocol[i].name),
                                         str_copy(m->said, q->protocol[i].metadata)};
}

static const GroupProtocol *said(const Member *m, Str protocol)
{
    for (int32_t i = 0; i < m->nprotocols; i++)
        if (str_eq(m->protocol[i].name, protocol)) return &m->protocol[i];
    return NULL;
}

static bool all_know(const Group *g, Str protocol, const Member *but)
{
    for (const Member *m = g->members; m; m = m->next)
        if (m != but && !m->pending && !said(m, protocol)) return false;
    return true;
}

bool group_takes(const Group *g, const JoinGroupRequest *q, const Member *but)
{
    if (group_size(g) && !str_eq(g->type, q->type)) return false;
    for (int32_t i = 0; i < q->nprotocols; i++)
        if (all_know(g, q->protocol[i].name, but)) return true;
    return false;
}

void member_remove(Member *m, KafkaError error)
{
    Group *g = m->group;
    if (m->join) group_answer_join(m, m->join, error);
    if (m->sync) group_answer_sync(m, m->sync, error);
    for (Member **at = &g->members; *at; at = &(*at)->next)
        if (*at == m) {
            *at = m->next;
            break;
        }
    bool counted = !m->pending;
    if (g->leader == m) g->leader = NULL;
    member_free(m);
    if (!g->members && g->state != GROUP_JOINING) {
        g->state = GROUP_EMPTY;
        g->generation++;
    } else if (counted && (g->state == GROUP_STABLE || g->state == GROUP_SYNCING)) {
        group_rebalance(g);
    } else if (g->state == GROUP_JOINING) {
        group_try_complete(g);
    }
}

// -- rebalancing

void group_answer_join(Member *m, Call *c, KafkaError error)
{
    Group *g = m->group;
    JoinGroupAnswer s = {.error = error, .generation = -1, .member = m->id};
    m->join = NULL;
    if (!error) {
        s.generation = g->generation;
        s.type = g->type;
        s.protocol = g->protocol;
        s.leader = g->leader->id;
    }
    if (!error && m == g->leader) {
        JoinedMember *v = NEW(c->arena, JoinedMember, group_size(g));
        for (const Member *one = g->members; one; one = one->next)
            if (!one->pending)
                v[s.nmembers++] =
                    (JoinedMember){one->id, one->instance, said(one, g->protocol)->metadata};
        s.members = v;
    }
    join_group_write(&c->out, &s);
    call_done(g->all->door, c);
}

void group_answer_sync(Member *m, Call *c, KafkaError error)
{
    Group *g = m->group;
    GroupProtocol chosen = {error ? (Str){0} : g->protocol, error ? (Str){0} : g->type};
    m->sync = NULL;
    sync_group_write(&c->out, error, &chosen, error ? (Str){0} : m->assignment);
    call_done(g->all->door, c);
}

void group_rebalance(Group *g)
{
    KafkaDoor *d = g->all->door;
    bool fresh = g->state == GROUP_EMPTY;
    int32_t most = 0;
    for (Member *m = g->members; m; m = m->next) {
        if (m->sync) group_answer_sync(m, m->sync, KAFKA_REBALANCE_IN_PROGRESS);
        most = MAX(most, m->rebalance_ms);
    }
    g->state = GROUP_JOINING;
    if (fresh) most = MIN(most, d->options.rebalance_delay_ms);
    g->gathering = fresh && most;
    timer_set(&d->timers, &g->rebalance, door_now() + most * MS_NS);
    group_try_complete(g);
}

// The protocol that most members like best among those that all know.
static Str vote(const Group *g)
{
    const GroupProtocol *best = NULL;
    int32_t best_votes = -1;
    const Member *first = g->members;
    while (first->pending) first = first->next;
    for (int32_t i = 0; i < first->nprotocols; i++) {
        const GroupProtocol *p = &first->protocol[i];
        if (!all_know(g, p->name, NULL)) continue;
        int32_t votes = 0;
        for (const Member *m = g->members; m; m = m->next)
            for (int32_t k = 0; k < m->nprotocols; k++)
                if (all_know(g, m->protocol[k].name, NULL)) {
                    votes += str_eq(m->protocol[k].name, p->name);
                    break;
                }
        if (votes > best_votes) {
            best = p;
            best_votes = votes;
        }
    }
    must(best); // group_takes lets nobody in who has none in common with the others
    return best->name;
}

static void drop_absent(Group *g)
{
    for (Member *m = g->members, *next; m; m = next) {
        next = m->next;
        if (m->joined || m->pending) continue;
        g->state = GROUP_EMPTY; // so that the removal starts nothing
        member_remove(m, KAFKA_UNKNOWN_MEMBER_ID);
    }
}

static void complete(Group *g)
{
    KafkaDoor *d = g->all->door;
    timer_stop(&d->timers, &g->rebalance);
    drop_absent(g);
    g->generation++;
    g->state = group_size(g) ? GROUP_SYNCING : GROUP_EMPTY;
    if (g->state == GROUP_EMPTY) return;
    arena_clear(g->chosen);
    g->protocol = str_copy(g->chosen, vote(g));
    for (Member *m = g->members; m && !g->leader; m = m->next)
        if (!m->pending) g->leader = m;
    for (Member *m = g->members; m; m = m->next) {
        if (m->pending) continue;
        m->joined = false;
        arena_clear(m->given);
        m->assignment = (Str){0};
        member_alive(m);
        if (m->join) group_answer_join(m, m->join, KAFKA_NONE);
    }
}

void group_try_complete(Group *g)
{
    if (g->state != GROUP_JOINING || g->gathering) return;
    for (const Member *m = g->members; m; m = m->next)
        if (!m->joined) return; // a pending one is waited for, too
    complete(g);
}

static void rebalance_over(Timer *t, void *to)
{
    Group *g = CONTAINER(t, Group, rebalance);
    (void)to;
    g->gathering = false;
    complete(g);
}
