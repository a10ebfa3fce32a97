// kafka_configs.c -- DescribeConfigs, AlterConfigs, IncrementalAlterConfigs. A topic's options are
// the log's; the broker's are shown, as tools expect, and cannot be changed.
#include "base/num.h"
#include "serve/kafka_door_in.h"

typedef struct BrokerRow {
    Str key, value;
    OptType type;
    const char *help;
} BrokerRow;

static int32_t broker_rows(KafkaDoor *d, Arena *a, BrokerRow **rows)
{
    Str yes = S("true"), no = S("false");
    const BrokerRow row[] = {
        {S("auto.create.topics.enable"), d->options.no_auto_create ? no : yes, OPT_BOOL,
         "whether asking for a topic makes it"},
        {S("broker.id"), str_fmt(a, "%d", NODE_ID), OPT_I64, "the only node's number"},
        {S("default.replication.factor"), S("1"), OPT_I64, "there is one node"},
        {S("delete.topic.enable"), yes, OPT_BOOL, "topics can be deleted"},
        {S("log.dirs"), log_dir(d->log), OPT_STR, "where the log lies"},
        {S("log.retention.ms"), S("-1"), OPT_I64, "for ever, unless a topic says otherwise"},
        {S("message.max.bytes"), S("1048588"), OPT_I64, "largest record batch"},
        {S("min.insync.replicas"), S("1"), OPT_I64, "there is one replica"},
        {S("num.partitions"), str_fmt(a, "%d", log_partitions(d->log)), OPT_I64,
         "of a topic that is made without saying how many"},
        {S("offsets.retention.minutes"), S("-1"), OPT_I64, "committed offsets stay"},
        {S("socket.request.max.bytes"), str_fmt(a, "%lld", (long long)d->options.request_bytes_max),
         OPT_I64, "largest request"},
    };
    *rows = NEW(a, BrokerRow, COUNT(row));
    for (int64_t i = 0; i < COUNT(row); i++) (*rows)[i] = row[i];
    return (int32_t)COUNT(row);
}

static bool wanted(const ConfigResource *r, Str key)
{
    for (int32_t i = 0; i < r->n; i++)
        if (str_eq(r->entry[i].key, key)) return true;
    return r->all;
}

static void describe_topic(KafkaDoor *d, Call *c, ConfigResource *r)
{
    Topic *t = topic_find(d->log, r->name);
    if (!t) {
        r->error = KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
        r->message = str_fmt(c->arena, "there is no topic " STR_FMT, STR_ARG(r->name));
        return;
    }
    ConfigRow *rows;
    int32_t n = topic_config_rows(t, c->arena, &rows), found = 0;
    ConfigEntry *e = NEW(c->arena, ConfigEntry, n);
    for (int32_t i = 0; i < n; i++) {
        if (!wanted(r, rows[i].key)) continue;
        e[found++] = (ConfigEntry){
            .key = rows[i].key,
            .value = rows[i].value,
            .dflt = rows[i].dflt,
            .type = rows[i].type,
            .source = rows[i].overridden ? CONFIG_OF_TOPIC : CONFIG_DEFAULT,
            .help = rows[i].help,
        };
    }
    r->entry = e;
    r->n = found;
}

static void describe_broker(KafkaDoor *d, Call *c, ConfigResource *r)
{
    int64_t id;
    if (r->name.n && (!num_parse_i64(r->name, &id) || id != NODE_ID)) {
        r->error = KAFKA_INVALID_REQUEST;
        r->message = str_fmt(c->arena, "there is no broker " STR_FMT, STR_ARG(r->name));
        return;
    }
    BrokerRow *rows;
    int32_t n = broker_rows(d, c->arena, &rows), found = 0;
    ConfigEntry *e = NEW(c->arena, ConfigEntry, n);
    for (int32_t i = 0; i < n; i++)
        if (wanted(r, rows[i].key))
            e[found++] = (ConfigEntry){.key = rows[i].key,
                                       .value = rows[i].value,
                                       .dflt = rows[i].value,
                                       .type = rows[i].type,
                                       .source = CONFIG_STATIC,
                                       .read_only = true,
                                       .help = rows[i].help};
    r->entry = e;
    r->n = found;
}

Status handle_describe_configs(KafkaDoor *d, Call *c)
{
    ConfigsRequest q;
    TRY(describe_configs_read(&q, &c->in));
    for (int32_t i = 0; i < q.n; i++) {
        ConfigResource *r = &q.resource[i];
        if (r->type == RESOURCE_TOPIC)
            describe_topic(d, c, r);
        else if (r->type == RESOURCE_BROKER)
            describe_broker(d, c, r);
        else
            r->n = 0; // loggers, client metrics: there are none
    }
    describe_configs_write(&c->out, &q);
    call_done(d, c);
    return DONE;
}

// -- changing

static Str current(const ConfigRow *rows, int32_t n, Str key)
{
    for (int32_t i = 0; i < n; i++)
        if (str_eq(rows[i].key, key)) return rows[i].value;
    return (Str){0};
}

// A list such as cleanup.policy, with the words of `words` added or taken out.
static Str list_change(Arena *a, Str list, Str words, bool add)
{
    Buf b = buf_new(a);
    for (Str rest = list; rest.n;) {
        Cut cut = str_cut(rest, ',');
        rest = cut.tail;
        bool named = false;
        for (Str more = words; more.n;) {
            Cut word = str_cut(more, ',');
            more = word.tail;
            named |= str_eq(word.head, cut.head);
        }
        if (named) continue;
        if (b.n) buf_char(&b, ',');
        buf_put(&b, cut.head);
    }
    if (add && b.n) buf_char(&b, ',');
    if (add) buf_put(&b, words);
    return buf_str(&b);
}

static Str new_value(Arena *a, const ConfigEntry *e, Str now)
{
    switch (e->op) {
    case ALTER_SET: return e->value;
    case ALTER_DELETE: return (Str){0};
    case ALTER_APPEND: return list_change(a, now, e->value, true);
    case ALTER_SUBTRACT: return list_change(a, now, e->value, false);
    }
    must_failed("AlterOp", __FILE__, __LINE__);
}

static Status alter_topic(KafkaDoor *d, Call *c, const ConfigResource *r, bool replace, bool dry)
{
    Topic *t = topic_find(d->log, r->name);
    if (!t) return fail(ERR_NOT_FOUND, "there is no topic " STR_FMT, STR_ARG(r->name));
    ConfigRow *rows;
    int32_t n = topic_config_rows(t, c->arena, &rows);
    Options changes = {0};
    for (int32_t i = 0; replace && i < n; i++) {
        Option back = {rows[i].key, (Str){0}};
        if (rows[i].overridden) vec_push(c->arena, &changes, back);
    }
    for (int32_t i = 0; i < r->n; i++) {
        Str now = current(rows, n, r->entry[i].key);
        Option set = {r->entry[i].key, new_value(c->arena, &r->entry[i], now)};
        vec_push(c->arena, &changes, set);
    }
    return topic_configure(t, &changes, dry);
}

static void alter(KafkaDoor *d, Call *c, ConfigsRequest *q, bool replace)
{
    for (int32_t i = 0; i < q->n; i++) {
        ConfigResource *r = &q->resource[i];
        Status s = r->type == RESOURCE_TOPIC
                       ? alter_topic(d, c, r, replace, q->validate_only)
                       : fail(ERR_INVALID, "only topics have options that can be changed");
        if (!s.code) continue;
        r->error = s.code == ERR_INVALID ? KAFKA_INVALID_CONFIG : kafka_error_of(s);
        r->message = str_fmt(c->arena, "%s", fail_text());
    }
    alter_configs_write(&c->out, q);
    call_done(d, c);
}

Status handle_alter_configs(KafkaDoor *d, Call *c)
{
    ConfigsRequest q;
    TRY(alter_configs_read(&q, &c->in));
    alter(d, c, &q, true);
    return DONE;
}

Status handle_incremental_alter_configs(KafkaDoor *d, Call *c)
{
    ConfigsRequest q;
    TRY(incremental_alter_configs_read(&q, &c->in));
    alter(d, c, &q, false);
    return DONE;
}
