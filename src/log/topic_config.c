// topic_config.c -- a topic's options under Kafka's names. Those of `obeyed` do what they say;
// those of `kept` are stored and shown, since on one node, with nothing compacted away, keeping
// everything as it came is within what they promise.
#include "log/log_in.h"

#define AT(field) offsetof(TopicConfig, field)
static const OptSpec obeyed[] = {
    {STR_INIT("retention.ms"), OPT_I64, AT(retention_ms), STR_INIT("-1"),
     "age of a segment's newest record "
     "past which it is deleted; -1: never",
     -1, 0, NULL},
    {STR_INIT("retention.bytes"), OPT_I64, AT(retention_bytes), STR_INIT("-1"),
     "size of a partition past which "
     "its oldest segments are deleted; -1: none",
     -1, 0, NULL},
    {STR_INIT("segment.bytes"), OPT_I64, AT(segment_bytes), STR_INIT("268435456"),
     "size of a segment file", 1024, INT32_MAX, NULL},
    {STR_INIT("segment.ms"), OPT_I64, AT(segment_ms), STR_INIT("604800000"),
     "age past which a segment is "
     "followed by a new one",
     1, 0, NULL},
    {STR_INIT("max.message.bytes"), OPT_I64, AT(max_message_bytes), STR_INIT("1048588"),
     "largest record batch", 0, RECORDS_BYTES_MAX, NULL},
    {STR_INIT("message.timestamp.type"), OPT_CHOICE, AT(time_type), STR_INIT("CreateTime"),
     "whose clock a "
     "record's time is: the producer's or the log's",
     0, 0, "CreateTime|LogAppendTime"},
    {STR_INIT("message.timestamp.before.max.ms"), OPT_I64, AT(time_before_max_ms),
     STR_INIT("9223372036854775807"), "how far before now a record's time may lie", 0, 0, NULL},
    {STR_INIT("message.timestamp.after.max.ms"), OPT_I64, AT(time_after_max_ms),
     STR_INIT("9223372036854775807"), "how far after now a record's time may lie", 0, 0, NULL},
    {STR_INIT("kappa.flush"), OPT_CHOICE, AT(flush), STR_INIT("group"),
     "group: acknowledged after an fsync; "
     "os: after the write, and a power cut may lose it",
     0, 0, "group|os"},
};

typedef struct Kept {
    Str key, dflt;
    OptType type;
    const char *choices, *help;
} Kept;
static const Kept kept[] = {
    {STR_INIT("cleanup.policy"), STR_INIT("delete"), OPT_CHOICE,
     "delete|compact|compact,delete|delete,compact", "compact: nothing is compacted away yet"},
    {STR_INIT("compression.type"), STR_INIT("producer"), OPT_CHOICE,
     "producer|uncompressed|gzip|snappy|lz4|zstd", "batches stay in the producer's codec"},
    {STR_INIT("delete.retention.ms"), STR_INIT("86400000"), OPT_I64, NULL, "of compaction"},
    {STR_INIT("file.delete.delay.ms"), STR_INIT("60000"), OPT_I64, NULL,
     "files go with their last reader"},
    {STR_INIT("flush.messages"), STR_INIT("9223372036854775807"), OPT_I64, NULL, "see kappa.flush"},
    {STR_INIT("flush.ms"), STR_INIT("9223372036854775807"), OPT_I64, NULL, "see kappa.flush"},
    {STR_INIT("index.interval.bytes"), STR_INIT("4096"), OPT_I64, NULL, "fixed"},
    {STR_INIT("max.compaction.lag.ms"), STR_INIT("9223372036854775807"), OPT_I64, NULL,
     "of compaction"},
    {STR_INIT("message.downconversion.enable"), STR_INIT("false"), OPT_BOOL, NULL,
     "no old formats"},
    {STR_INIT("message.format.version"), STR_INIT("3.0-IV1"), OPT_STR, NULL,
     "batches of format 2 only"},
    {STR_INIT("min.cleanable.dirty.ratio"), STR_INIT("0.5"), OPT_STR, NULL, "of compaction"},
    {STR_INIT("min.compaction.lag.ms"), STR_INIT("0"), OPT_I64, NULL, "of compaction"},
    {STR_INIT("min.insync.replicas"), STR_INIT("1"), OPT_I64, NULL, "there is one replica"},
    {STR_INIT("preallocate"), STR_INIT("false"), OPT_BOOL, NULL, "segments grow in steps"},
    {STR_INIT("segment.index.bytes"), STR_INIT("10485760"), OPT_I64, NULL,
     "an index grows as needed"},
    {STR_INIT("segment.jitter.ms"), STR_INIT("0"), OPT_I64, NULL, "none"},
    {STR_INIT("unclean.leader.election.enable"), STR_INIT("false"), OPT_BOOL, NULL,
     "there is one replica"},
    {STR_INIT("leader.replication.throttled.replicas"), STR_INIT(""), OPT_STR, NULL,
     "there is one replica"},
    {STR_INIT("follower.replication.throttled.replicas"), STR_INIT(""), OPT_STR, NULL,
     "there is one replica"},
};

static const OptSpec *obeyed_find(Str key)
{
    for (int64_t i = 0; i < COUNT(obeyed); i++)
        if (str_eq(obeyed[i].key, key)) return &obeyed[i];
    return NULL;
}

static const Kept *kept_find(Str key)
{
    for (int64_t i = 0; i < COUNT(kept); i++)
        if (str_eq(kept[i].key, key)) return &kept[i];
    return NULL;
}

static Status unknown(Str key)
{
    Str all[COUNT(obeyed) + COUNT(kept)];
    int64_t n = 0;
    for (int64_t i = 0; i < COUNT(obeyed); i++) all[n++] = obeyed[i].key;
    for (int64_t i = 0; i < COUNT(kept); i++) all[n++] = kept[i].key;
    Str near = str_nearest(key, all, n);
    return fail(ERR_INVALID, "a topic has no option '" STR_FMT "'%s" STR_FMT "%s", STR_ARG(key),
                near.n ? "; is '" : "", STR_ARG(near), near.n ? "' meant?" : "");
}

typedef struct Value { // somewhere for options_parse to put a kept option
    Str str;
    int64_t i64;
    bool yes;
    int32_t choice;
} Value;

static Status kept_check(const Kept *k, const Option *o)
{
    size_t at = k->type == OPT_I64    ? offsetof(Value, i64)
                : k->type == OPT_BOOL ? offsetof(Value, yes)
                : k->type == OPT_STR  ? offsetof(Value, str)
                                      : offsetof(Value, choice);
    OptSpec spec = {k->key, k->type, at, k->dflt, k->help, -1, 0, k->choices};
    Option copy = *o;
    Options one = {&copy, 1, 1};
    Value v;
    return options_parse(&v, &spec, 1, &one, NULL, NULL);
}

static bool is_kept(Str key) { return kept_find(key) != NULL; }

Status config_apply(TopicConfig *c, const Options *set)
{
    for (int64_t i = 0; i < set->n; i++) {
        const Kept *k = kept_find(set->v[i].key);
        if (k)
            TRY(kept_check(k, &set->v[i]));
        else if (!obeyed_find(set->v[i].key))
            return unknown(set->v[i].key);
    }
    return options_parse(c, obeyed, COUNT(obeyed), set, is_kept, NULL);
}

static void option_remove(Options *all, Str key)
{
    int64_t n = 0;
    for (int64_t i = 0; i < all->n; i++)
        if (!str_eq(all->v[i].key, key)) all->v[n++] = all->v[i];
    all->n = n;
}

Status config_merge(Options *all, Arena *a, const Options *changes)
{
    for (int64_t i = 0; i < changes->n; i++) {
        Str key = changes->v[i].key, value = changes->v[i].value;
        if (!obeyed_find(key) && !kept_find(key)) return unknown(key);
        option_remove(all, key);
        if (!value.n) continue;
        Option o = {str_copy(a, key), str_copy(a, value)};
        vec_push(a, all, o);
    }
    return DONE;
}

static ConfigRow row_of(const Topic *t, Arena *a, const ConfigRow *like)
{
    ConfigRow row = *like;
    const Str *set = options_get(&t->config, row.key);
    row.overridden = set != NULL;
    row.value = set ? str_copy(a, *set) : row.dflt;
    return row;
}

int32_t topic_config_rows(Topic *t, Arena *a, ConfigRow **rows)
{
    int32_t n = 0;
    *rows = NEW(a, ConfigRow, COUNT(obeyed) + COUNT(kept));
    mutex_lock(t->log->lock);
    for (int64_t i = 0; i < COUNT(obeyed); i++) {
        ConfigRow row = {.key = obeyed[i].key,
                         .dflt = obeyed[i].dflt,
                         .type = obeyed[i].type,
                         .help = obeyed[i].help};
        (*rows)[n++] = row_of(t, a, &row);
    }
    for (int64_t i = 0; i < COUNT(kept); i++) {
        ConfigRow row = {
            .key = kept[i].key, .dflt = kept[i].dflt, .type = kept[i].type, .help = kept[i].help};
        (*rows)[n++] = row_of(t, a, &row);
    }
    mutex_unlock(t->log->lock);
    return n;
}
