// kafka_topics.c -- CreateTopics, DeleteTopics, CreatePartitions.
#include "serve/kafka_door_in.h"

static KafkaError create_error(Status s, const CreateTopic *t)
{
    if (s.code == ERR_CONFLICT) return KAFKA_TOPIC_ALREADY_EXISTS;
    if (s.code != ERR_INVALID) return KAFKA_UNKNOWN_SERVER_ERROR;
    if (!topic_name_ok(t->name)) return KAFKA_INVALID_TOPIC;
    bool count = t->partitions != -1 && (t->partitions < 1 || t->partitions > PARTITIONS_MAX);
    return count ? KAFKA_INVALID_PARTITIONS : KAFKA_INVALID_CONFIG;
}

static bool named_twice(const CreateTopicsRequest *q, int32_t i)
{
    for (int32_t k = 0; k < q->ntopics; k++)
        if (k != i && str_eq(q->topic[k].name, q->topic[i].name)) return true;
    return false;
}

static void create_one(KafkaDoor *d, Call *c, const CreateTopicsRequest *q, int32_t i)
{
    CreateTopic *t = &q->topic[i];
    Topic *made = NULL;
    if (named_twice(q, i)) {
        t->error = KAFKA_INVALID_REQUEST;
        t->message = S("the request names this topic twice");
        return;
    }
    if (t->replication == 0 || t->replication < -1) { // any other is taken for one: there is a node
        t->error = KAFKA_INVALID_REPLICATION_FACTOR;
        t->message = S("the replication factor is at least 1");
        return;
    }
    Status s = q->validate_only ? topic_check(d->log, t->name, t->partitions, &t->config)
                                : topic_create(&made, d->log, t->name, t->partitions, &t->config);
    if (s.code) {
        t->error = create_error(s, t);
        t->message = str_fmt(c->arena, "%s", fail_text());
        return;
    }
    if (t->partitions == -1) t->partitions = log_partitions(d->log);
    if (made) memcpy(t->id, topic_id(made), sizeof t->id);
}

Status handle_create_topics(KafkaDoor *d, Call *c)
{
    CreateTopicsRequest q;
    TRY(create_topics_read(&q, &c->in));
    for (int32_t i = 0; i < q.ntopics; i++) create_one(d, c, &q, i);
    create_topics_write(&c->out, &q);
    call_done(d, c);
    return DONE;
}

static void name_error(Call *c, NamedError *v, Status s)
{
    if (!s.code) return;
    v->error = s.code == ERR_INVALID ? KAFKA_INVALID_PARTITIONS : kafka_error_of(s);
    v->message = str_fmt(c->arena, "%s", fail_text());
}

static Status no_topic(Str name)
{
    return fail(ERR_NOT_FOUND, "there is no topic " STR_FMT, STR_ARG(name));
}

Status handle_delete_topics(KafkaDoor *d, Call *c)
{
    NamesRequest q;
    TRY(delete_topics_read(&q, &c->in));
    for (int32_t i = 0; i < q.n; i++) {
        Topic *t = topic_find(d->log, q.v[i].name);
        name_error(c, &q.v[i], t ? topic_delete(t) : no_topic(q.v[i].name));
    }
    delete_topics_write(&c->out, &q);
    call_done(d, c);
    return DONE;
}

static Status grow(Topic *t, int32_t count, bool validate_only)
{
    if (!validate_only) return topic_grow(t, count);
    if (count > topic_partitions(t) && count <= PARTITIONS_MAX) return DONE;
    return fail(ERR_INVALID, "the topic has %d partitions and cannot have %d", topic_partitions(t),
                count);
}

Status handle_create_partitions(KafkaDoor *d, Call *c)
{
    NamesRequest q;
    TRY(create_partitions_read(&q, &c->in));
    for (int32_t i = 0; i < q.n; i++) {
        Topic *t = topic_find(d->log, q.v[i].name);
        name_error(c, &q.v[i], t ? grow(t, q.v[i].count, q.validate_only) : no_topic(q.v[i].name));
    }
    create_partitions_write(&c->out, &q);
    call_done(d, c);
    return DONE;
}
