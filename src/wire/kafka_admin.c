#include "wire/kafka_admin.h"
#include "wire/kafka_wire_in.h"

// -- Metadata

Status metadata_read(MetadataRequest *q, KafkaIn *in)
{
    *q = (MetadataRequest){.auto_create = true};
    int32_t n = in_count(in, 2);
    q->all = in->version == 0 ? n <= 0 : n < 0;
    q->ntopics = MAX(0, n);
    q->topic = NEW(in->arena, Str, q->ntopics);
    for (int32_t i = 0; i < q->ntopics && !in->r.bad; i++) q->topic[i] = in_str(in);
    if (in->version >= 4) q->auto_create = in_bool(in);
    if (in->version >= 8) in_i16(in); // whether to list permitted operations
    return kafka_in_end(in, S("Metadata"));
}

static void out_broker(KafkaOut *o, const KafkaBroker *b, bool rack)
{
    out_i32(o, b->id);
    out_str(o, b->host);
    out_i32(o, b->port);
    if (rack) out_str(o, (Str){0});
    out_tags(o);
}

static void out_nodes(KafkaOut *o, int32_t id)
{
    out_count(o, 1);
    out_i32(o, id);
}

static void metadata_partition(KafkaOut *o, int32_t id, int32_t index, int32_t leader_epoch)
{
    out_i16(o, KAFKA_NONE);
    out_i32(o, index);
    out_i32(o, id);
    if (o->version >= 7) out_i32(o, leader_epoch);
    out_nodes(o, id);                     // replicas
    out_nodes(o, id);                     // those in sync
    if (o->version >= 5) out_count(o, 0); // those offline
}

void metadata_write(KafkaOut *o, const KafkaBroker *b, const MetadataTopic *t, int32_t n)
{
    if (o->version >= 3) out_i32(o, 0);
    out_count(o, 1);
    out_broker(o, b, o->version >= 1);
    if (o->version >= 2) out_str(o, b->cluster_id);
    if (o->version >= 1) out_i32(o, b->id); // controller
    out_count(o, n);
    for (int32_t i = 0; i < n; i++) {
        out_i16(o, t[i].error);
        out_str(o, t[i].name);
        if (o->version >= 1) out_bool(o, false); // internal
        out_count(o, t[i].nparts);
        for (int32_t k = 0; k < t[i].nparts; k++)
            metadata_partition(o, b->id, k, t[i].leader_epoch[k]);
        if (o->version >= 8) out_i32(o, INT32_MIN); // permitted operations: not asked
    }
    if (o->version >= 8) out_i32(o, INT32_MIN);
}

Status describe_cluster_read(KafkaIn *in)
{
    in_bool(in);
    if (in->version >= 1) in_i8(in); // brokers or controllers
    in_tags(in);
    return kafka_in_end(in, S("DescribeCluster"));
}

void describe_cluster_write(KafkaOut *o, const KafkaBroker *b)
{
    out_i32(o, 0);
    out_i16(o, KAFKA_NONE);
    out_str(o, (Str){0});
    if (o->version >= 1) out_i8(o, 1); // brokers
    out_str(o, b->cluster_id);
    out_i32(o, b->id);
    out_count(o, 1);
    out_broker(o, b, true);
    out_i32(o, INT32_MIN);
    out_tags(o);
}

// -- topics

static void create_topic(KafkaIn *in, CreateTopic *t)
{
    t->name = in_str(in);
    t->partitions = in_i32(in);
    t->replication = in_i16(in);
    int32_t n = in_count(in, 5);
    t->assigned = n > 0;
    if (n > 0) t->partitions = n;
    for (int32_t i = 0; i < n && !in->r.bad; i++) {
        in_i32(in);
        int32_t brokers = in_count(in, 4);
        for (int32_t k = 0; k < brokers; k++) in_i32(in);
        in_tags(in);
    }
    n = in_count(in, 2);
    for (int32_t i = 0; i < n && !in->r.bad; i++) {
        Option o;
        o.key = in_str(in);
        o.value = in_str(in);
        in_tags(in);
        vec_push(in->arena, &t->config, o);
    }
    in_tags(in);
}

Status create_topics_read(CreateTopicsRequest *q, KafkaIn *in)
{
    *q = (CreateTopicsRequest){0};
    IN_ARRAY(in, q->topic, q->ntopics, 9);
    for (int32_t i = 0; i < q->ntopics && !in->r.bad; i++) create_topic(in, &q->topic[i]);
    in_i32(in); // timeout: it is done at once
    if (in->version >= 1) q->validate_only = in_bool(in);
    in_tags(in);
    return kafka_in_end(in, S("CreateTopics"));
}

void create_topics_write(KafkaOut *o, const CreateTopicsRequest *q)
{
    if (o->version >= 2) out_i32(o, 0);
    out_count(o, q->ntopics);
    for (int32_t i = 0; i < q->ntopics; i++) {
        const CreateTopic *t = &q->topic[i];
        out_str(o, t->name);
        if (o->version >= 7) buf_put(o->b, str_of((const char *)t->id, sizeof t->id));
        out_i16(o, t->error);
        if (o->version >= 1) out_str(o, t->message);
        if (o->version >= 5) {
            out_i32(o, t->error ? -1 : t->partitions);
            out_i16(o, t->error ? -1 : 1);
            out_count(o, t->error ? -1 : 0); // its configuration: DescribeConfigs has it
        }
        out_tags(o);
    }
    out_tags(o);
}

Status delete_topics_read(NamesRequest *q, KafkaIn *in)
{
    *q = (NamesRequest){0};
    IN_ARRAY(in, q->v, q->n, 1);
    for (int32_t i = 0; i < q->n && !in->r.bad; i++) q->v[i].name = in_str(in);
    in_i32(in);
    in_tags(in);
    return kafka_in_end(in, S("DeleteTopics"));
}

void delete_topics_write(KafkaOut *o, const NamesRequest *q)
{
    if (o->version >= 1) out_i32(o, 0);
    out_count(o, q->n);
    for (int32_t i = 0; i < q->n; i++) {
        out_str(o, q->v[i].name);
        out_i16(o, q->v[i].error);
        if (o->version >= 5) out_str(o, q->v[i].message);
        out_tags(o);
    }
    out_tags(o);
}

Status create_partitions_read(NamesRequest *q, KafkaIn *in)
{
    *q = (NamesRequest){0};
    IN_ARRAY(in, q->v, q->n, 6);
    for (int32_t i = 0; i < q->n && !in->r.bad; i++) {
        q->v[i].name = in_str(in);
        q->v[i].count = in_i32(in);
        int32_t parts = in_count(in, 1);
        for (int32_t k = 0; k < parts && !in->r.bad; k++) {
            int32_t brokers = in_count(in, 4);
            for (int32_t m = 0; m < brokers; m++) in_i32(in);
            in_tags(in);
        }
        in_tags(in);
    }
    in_i32(in);
    q->validate_only = in_bool(in);
    in_tags(in);
    return kafka_in_end(in, S("CreatePartitions"));
}

void create_partitions_write(KafkaOut *o, const NamesRequest *q)
{
    out_i32(o, 0);
    out_count(o, q->n);
    for (int32_t i = 0; i < q->n; i++) {
        out_str(o, q->v[i].name);
        out_i16(o, q->v[i].error);
        out_str(o, q->v[i].message);
        out_tags(o);
    }
    out_tags(o);
}

// -- configurations

Status describe_configs_read(ConfigsRequest *q, KafkaIn *in)
{
    *q = (ConfigsRequest){0};
    IN_ARRAY(in, q->resource, q->n, 3);
    for (int32_t i = 0; i < q->n && !in->r.bad; i++) {
        ConfigResource *r = &q->resource[i];
        r->type = in_i8(in);
        r->name = in_str(in);
        int32_t keys = in_count(in, 1);
        r->all = keys < 0;
        r->n = MAX(0, keys);
        r->entry = NEW(in->arena, ConfigEntry, r->n);
        for (int32_t k = 0; k < r->n && !in->r.bad; k++) r->entry[k].key = in_str(in);
        in_tags(in);
    }
    if (in->version >= 1) q->synonyms = in_bool(in);
    if (in->version >= 3) q->documentation = in_bool(in);
    in_tags(in);
    return kafka_in_end(in, S("DescribeConfigs"));
}

static int32_t type_number(OptType t) // Kafka's
{
    enum { BOOLEAN = 1, STRING = 2, LONG = 5, LIST = 7 };
    return t == OPT_BOOL ? BOOLEAN : t == OPT_I64 || t == OPT_BYTES ? LONG : STRING;
}

static void out_synonyms(KafkaOut *o, const ConfigEntry *e, bool wanted)
{
    bool set = e->source != CONFIG_DEFAULT;
    out_count(o, wanted ? 1 + set : 0);
    if (wanted && set) {
        out_str(o, e->key);
        out_str(o, e->value);
        out_i8(o, e->source);
        out_tags(o);
    }
    if (!wanted) return;
    out_str(o, e->key);
    out_str(o, e->dflt);
    out_i8(o, CONFIG_DEFAULT);
    out_tags(o);
}

static void out_config(KafkaOut *o, const ConfigsRequest *q, const ConfigEntry *e)
{
    out_str(o, e->key);
    out_str(o, e->value);
    out_bool(o, e->read_only);
    if (o->version == 0)
        out_bool(o, e->source == CONFIG_DEFAULT);
    else
        out_i8(o, e->source);
    out_bool(o, false); // sensitive
    if (o->version >= 1) out_synonyms(o, e, q->synonyms);
    if (o->version >= 3) {
        out_i8(o, type_number(e->type));
        out_str(o, q->documentation ? str_z(e->help) : (Str){0});
    }
    out_tags(o);
}

void describe_configs_write(KafkaOut *o, const ConfigsRequest *q)
{
    out_i32(o, 0);
    out_count(o, q->n);
    for (int32_t i = 0; i < q->n; i++) {
        const ConfigResource *r = &q->resource[i];
        out_i16(o, r->error);
        out_str(o, r->message);
        out_i8(o, r->type);
        out_str(o, r->name);
        out_count(o, r->error ? 0 : r->n);
        for (int32_t k = 0; k < r->n && !r->error; k++) out_config(o, q, &r->entry[k]);
        out_tags(o);
    }
    out_tags(o);
}

static Status alter_read(ConfigsRequest *q, KafkaIn *in, bool ops)
{
    *q = (ConfigsRequest){0};
    IN_ARRAY(in, q->resource, q->n, 3);
    for (int32_t i = 0; i < q->n && !in->r.bad; i++) {
        ConfigResource *r = &q->resource[i];
        r->type = in_i8(in);
        r->name = in_str(in);
        IN_ARRAY(in, r->entry, r->n, 2);
        for (int32_t k = 0; k < r->n && !in->r.bad; k++) {
            r->entry[k].key = in_str(in);
            int32_t op = ops ? in_i8(in) : ALTER_SET;
            if (op < ALTER_SET || op > ALTER_SUBTRACT)
                in->r.bad = true;
            else
                r->entry[k].op = (AlterOp)op;
            r->entry[k].value = in_str(in);
            in_tags(in);
        }
        in_tags(in);
    }
    q->validate_only = in_bool(in);
    in_tags(in);
    return kafka_in_end(in, ops ? S("IncrementalAlterConfigs") : S("AlterConfigs"));
}

Status alter_configs_read(ConfigsRequest *q, KafkaIn *in) { return alter_read(q, in, false); }
Status incremental_alter_configs_read(ConfigsRequest *q, KafkaIn *in)
{
    return alter_read(q, in, true);
}

void alter_configs_write(KafkaOut *o, const ConfigsRequest *q)
{
    out_i32(o, 0);
    out_count(o, q->n);
    for (int32_t i = 0; i < q->n; i++) {
        out_i16(o, q->resource[i].error);
        out_str(o, q->resource[i].message);
        out_i8(o, q->resource[i].type);
        out_str(o, q->resource[i].name);
        out_tags(o);
    }
    out_tags(o);
}
