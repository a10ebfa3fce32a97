// kafka_group_list.c -- groups seen from outside: listed, described, deleted, their offsets
// dropped. A group that has no members is there as long as it has committed offsets.
#include "serve/kafka_groups.h"

static bool has_offsets(KafkaDoor *d, Arena *a, Str group)
{
    GroupOffset *v;
    return offsets_list(d->log, a, group, &v) > 0;
}

static void describe_member(Call *c, const Group *g, const Member *m, GroupMember *to)
{
    *to = (GroupMember){.member = str_copy(c->arena, m->id),
                        .client = str_copy(c->arena, m->client),
                        .host = str_copy(c->arena, m->host)};
    if (m->instance.p) to->instance = str_copy(c->arena, m->instance);
    if (g->state != GROUP_STABLE) return;
    for (int32_t i = 0; i < m->nprotocols; i++)
        if (str_eq(m->protocol[i].name, g->protocol))
            to->metadata = str_copy(c->arena, m->protocol[i].metadata);
    to->assignment = str_copy(c->arena, m->assignment);
}

static GroupView describe(KafkaDoor *d, Call *c, Str name)
{
    GroupView v = {.name = name, .type = S(""), .protocol = S("")};
    const Group *g = group_find(d->groups, name);
    if (!g || !group_size(g)) {
        bool there = has_offsets(d, c->arena, name);
        v.state = there ? group_state_name(GROUP_EMPTY) : S("Dead");
        if (g) v.type = str_copy(c->arena, g->type);
        return v;
    }
    v.state = group_state_name(g->state);
    v.type = str_copy(c->arena, g->type);
    if (g->state == GROUP_STABLE) v.protocol = str_copy(c->arena, g->protocol);
    v.member = NEW(c->arena, GroupMember, group_size(g));
    for (const Member *m = g->members; m; m = m->next)
        if (!m->pending) describe_member(c, g, m, &v.member[v.nmembers++]);
    return v;
}

Status handle_describe_groups(KafkaDoor *d, Call *c)
{
    NamesRequest q;
    TRY(describe_groups_read(&q, &c->in));
    GroupView *v = NEW(c->arena, GroupView, q.n);
    for (int32_t i = 0; i < q.n; i++) v[i] = describe(d, c, q.v[i].name);
    describe_groups_write(&c->out, v, q.n);
    call_done(d, c);
    return DONE;
}

static bool in_states(const ListGroupsRequest *q, Str state)
{
    for (int32_t i = 0; i < q->nstates; i++)
        if (str_ieq(q->state[i], state)) return true;
    return q->nstates == 0;
}

Status handle_list_groups(KafkaDoor *d, Call *c)
{
    ListGroupsRequest q;
    TRY(list_groups_read(&q, &c->in));
    Str *name;
    int64_t with_offsets = offsets_groups(d->log, c->arena, &name), n = 0;
    const Map *live = &d->groups->map;
    GroupView *v = NEW(c->arena, GroupView, with_offsets + live->n);
    for (int64_t i = 0; i < with_offsets + live->n; i++) {
        Str one = i < with_offsets ? name[i] : live->entry[i - with_offsets].key;
        bool twice = false;
        for (int64_t k = 0; k < n && !twice; k++) twice = str_eq(v[k].name, one);
        if (twice) continue;
        v[n] = describe(d, c, one);
        n += !str_eq(v[n].state, S("Dead")) && in_states(&q, v[n].state);
    }
    list_groups_write(&c->out, v, (int32_t)n);
    call_done(d, c);
    return DONE;
}

typedef struct Forget { // answered when it is durable
    NamesRequest names;
    OffsetsRequest offsets;
    KafkaError error;
    int64_t ticket;
    void (*write)(Call *c);
} Forget;

static void write_groups(Call *c) { delete_groups_write(&c->out, &((Forget *)c->state)->names); }
static void write_offsets(Call *c)
{
    Forget *s = c->state;
    offset_delete_write(&c->out, &s->offsets, s->error);
}

static void resume(KafkaDoor *d, Call *c, bool expired)
{
    Forget *s = c->state;
    bool yes = s->ticket == 0;
    (void)expired;
    Status st = yes ? DONE : offsets_durable(d->log, s->ticket, &yes);
    if (!st.code && !yes) return;
    if (st.code) {
        s->error = KAFKA_COORDINATOR_NOT_AVAILABLE;
        for (int32_t i = 0; i < s->names.n; i++) s->names.v[i].error = s->error;
    }
    s->write(c);
    call_done(d, c);
}

static void wait_durable(KafkaDoor *d, Call *c)
{
    Forget *s = c->state;
    c->resume = resume;
    if (s->ticket) call_wait_offsets(d, c, s->ticket);
    resume(d, c, false);
}

Status handle_delete_groups(KafkaDoor *d, Call *c)
{
    Forget *s = c->state = NEW(c->arena, Forget, 1);
    TRY(delete_groups_read(&s->names, &c->in));
    s->write = write_groups;
    for (int32_t i = 0; i < s->names.n; i++) {
        NamedError *v = &s->names.v[i];
        Group *g = group_find(d->groups, v->name);
        bool offsets = has_offsets(d, c->arena, v->name);
        if (g && group_size(g))
            v->error = KAFKA_NON_EMPTY_GROUP;
        else if (!g && !offsets)
            v->error = KAFKA_GROUP_ID_NOT_FOUND;
        if (v->error) continue;
        if (g) group_forget(g);
        if (offsets && offsets_forget(d->log, v->name, NULL, 0, &s->ticket).code)
            v->error = KAFKA_COORDINATOR_NOT_AVAILABLE;
    }
    wait_durable(d, c);
    return DONE;
}

Status handle_offset_delete(KafkaDoor *d, Call *c)
{
    Forget *s = c->state = NEW(c->arena, Forget, 1);
    OffsetsRequest *q = &s->offsets;
    TRY(offset_delete_read(q, &c->in));
    s->write = write_offsets;
    const Group *g = group_find(d->groups, q->group);
    if (g && group_size(g))
        s->error = KAFKA_NON_EMPTY_GROUP;
    else if (!has_offsets(d, c->arena, q->group))
        s->error = KAFKA_GROUP_ID_NOT_FOUND;
    for (int32_t i = 0; i < q->ntopics && !s->error; i++)
        for (int32_t k = 0; k < q->topic[i].nparts; k++) {
            GroupOffset o = {.topic = q->topic[i].name, .partition = q->topic[i].part[k].index};
            if (offsets_forget(d->log, q->group, &o, 1, &s->ticket).code)
                q->topic[i].part[k].error = KAFKA_COORDINATOR_NOT_AVAILABLE;
        }
    wait_durable(d, c);
    return DONE;
}
