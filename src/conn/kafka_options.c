// kafka_options.c -- reading the Kafka source's options, with Spark's rules about which of them may
// stand together (semantics K2 to K4).
#include "conn/kafka_options.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/civil.h"
#include "base/num.h"
#include "conn/list.h"
#include "conn/offset.h"
#include <pcre2.h>

#define AT(field) offsetof(KafkaOptions, field)
const OptSpec kafka_specs[KAFKA_SPECS] = {
    {STR_INIT("subscribe"), OPT_STR, AT(text.subscribe), STR_INIT(""), "topics, by commas", 0, 0,
     NULL},
    {STR_INIT("subscribePattern"), OPT_STR, AT(text.pattern), STR_INIT(""),
     "topics whose name has a match of this regular expression", 0, 0, NULL},
    {STR_INIT("assign"), OPT_STR, AT(text.assign), STR_INIT(""), "partitions: {\"topic\":[0,1]}", 0,
     0, NULL},
    {STR_INIT("startingOffsets"), OPT_STR, AT(text.start), STR_INIT(""),
     "earliest, latest or {\"topic\":{\"0\":23}}; a query's first start only (latest; earliest in "
     "a batch)",
     0, 0, NULL},
    {STR_INIT("startingTimestamp"), OPT_STR, AT(text.start_time), STR_INIT(""),
     "begin with the first record at or after these milliseconds", 0, 0, NULL},
    {STR_INIT("startingOffsetsByTimestamp"), OPT_STR, AT(text.start_times), STR_INIT(""),
     "the same by partition: {\"topic\":{\"0\":1000}}", 0, 0, NULL},
    {STR_INIT("endingOffsets"), OPT_STR, AT(text.end), STR_INIT(""),
     "of a batch: latest or {\"topic\":{\"0\":50}} (latest)", 0, 0, NULL},
    {STR_INIT("endingTimestamp"), OPT_STR, AT(text.end_time), STR_INIT(""),
     "of a batch: end before the first record at or after these milliseconds", 0, 0, NULL},
    {STR_INIT("endingOffsetsByTimestamp"), OPT_STR, AT(text.end_times), STR_INIT(""),
     "the same by partition", 0, 0, NULL},
    {STR_INIT("startingOffsetsByTimestampStrategy"), OPT_CHOICE, AT(late_start), STR_INIT("error"),
     "when no record is that late: error or latest", 0, 0, "error|latest"},
    {STR_INIT("failOnDataLoss"), OPT_BOOL, AT(fail_on_data_loss), STR_INIT("true"),
     "whether offsets that are gone end the query", 0, 0, NULL},
    {STR_INIT("includeHeaders"), OPT_BOOL, AT(include_headers), STR_INIT("false"),
     "whether rows have the column headers", 0, 0, NULL},
    {STR_INIT("maxOffsetsPerTrigger"), OPT_I64, AT(max_offsets), STR_INIT("0"),
     "records of an epoch, over all partitions", 0, 0, NULL},
    {STR_INIT("minOffsetsPerTrigger"), OPT_I64, AT(min_offsets), STR_INIT("0"),
     "an epoch waits for so many records, or for maxTriggerDelay", 0, 0, NULL},
    {STR_INIT("maxTriggerDelay"), OPT_STR, AT(text.max_trigger_delay), STR_INIT("15m"),
     "how long minOffsetsPerTrigger may hold an epoch back", 0, 0, NULL},
    {STR_INIT("minPartitions"), OPT_I64, AT(ignored), STR_INIT("0"),
     "changes nothing: kappa cuts partitions into pieces for its workers itself", 0, 0, NULL},
    {STR_INIT("maxRecordsPerPartition"), OPT_I64, AT(ignored), STR_INIT("0"),
     "changes nothing, as minPartitions", 0, 0, NULL},
    {STR_INIT("groupIdPrefix"), OPT_STR, AT(group_prefix), STR_INIT("spark-kafka-source"),
     "begins the name of the group that brokers see", 0, 0, NULL},
    {STR_INIT("kafkaConsumer.pollTimeoutMs"), OPT_I64, AT(ignored), STR_INIT("120000"),
     "changes nothing", 0, 0, NULL},
    {STR_INIT("fetchOffset.numRetries"), OPT_I64, AT(ignored), STR_INIT("3"), "changes nothing", 0,
     0, NULL},
    {STR_INIT("fetchOffset.retryIntervalMs"), OPT_I64, AT(ignored), STR_INIT("10"),
     "changes nothing", 0, 0, NULL},
};

bool kafka_client_option(Str key)
{
    return (key.n > 6 && str_ieq(str_of(key.p, 6), S("kafka."))) || connector_option(key);
}

static Status check_client(const Options *options)
{
    static const Str refused[] = {
        STR_INIT("kafka.auto.offset.reset"), STR_INIT("kafka.key.deserializer"),
        STR_INIT("kafka.value.deserializer"), STR_INIT("kafka.enable.auto.commit"),
        STR_INIT("kafka.interceptor.classes")};
    for (int64_t i = 0; i < COUNT(refused); i++)
        if (options_get(options, refused[i]))
            return fail(ERR_INVALID, "the option " STR_FMT " is not supported: the source decides",
                        STR_ARG(refused[i]));
    return DONE;
}

// ---- the subscription --------------------------------------------------------------------------

static void free_regex(void *regex) { pcre2_code_free(regex); }

static Status compile_pattern(KafkaOptions *o, Arena *a)
{
    int error;
    PCRE2_SIZE at;
    o->regex = pcre2_compile((PCRE2_SPTR)o->pattern.p, (PCRE2_SIZE)o->pattern.n,
                             PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &error, &at, NULL);
    if (o->regex) {
        arena_defer(a, free_regex, o->regex);
        return DONE;
    }
    PCRE2_UCHAR text[200];
    pcre2_get_error_message(error, text, sizeof text);
    return fail(ERR_INVALID, "option subscribePattern: " STR_FMT ", at character %lld: %s",
                STR_ARG(o->pattern), (long long)at, (const char *)text);
}

Status kafka_pattern_matches(const KafkaOptions *o, Str topic, bool *matches)
{
    pcre2_match_data *m = pcre2_match_data_create(1, NULL);
    int rc = pcre2_match(o->regex, (PCRE2_SPTR)topic.p, (PCRE2_SIZE)topic.n, 0, 0, m, NULL);
    pcre2_match_data_free(m);
    *matches = rc >= 0;
    if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH) return DONE;
    return fail(ERR_LIMIT, "option subscribePattern: " STR_FMT " cannot be decided on " STR_FMT,
                STR_ARG(o->pattern), STR_ARG(topic));
}

static Status parse_topics(KafkaOptions *o, Arena *a)
{
    for (Cut c = {.tail = o->text.subscribe, .ok = true}; c.ok;) {
        c = str_cut(c.tail, ',');
        Str name = str_trim(c.head);
        if (name.n) vec_push(a, &o->topics, str_copy(a, name));
    }
    if (o->topics.n) return DONE;
    return fail(ERR_INVALID, "option subscribe: no topic is named in '" STR_FMT "'",
                STR_ARG(o->text.subscribe));
}

static Status parse_subscription(KafkaOptions *o, Arena *a, const Options *options)
{
    static const Str keys[] = {STR_INIT("subscribe"), STR_INIT("subscribePattern"),
                               STR_INIT("assign")};
    int32_t given = 0;
    for (int64_t i = 0; i < COUNT(keys); i++) given += options_get(options, keys[i]) != NULL;
    if (given != 1)
        return fail(ERR_INVALID,
                    "%s one of the options subscribe, subscribePattern and assign "
                    "must be given for the source kafka",
                    given ? "only" : "");
    if (options_get(options, keys[0])) return parse_topics(o, a);
    if (options_get(options, keys[1])) {
        o->pattern = str_copy(a, str_trim(o->text.pattern));
        if (!o->pattern.n) return fail(ERR_INVALID, "option subscribePattern is empty");
        return compile_pattern(o, a);
    }
    TRY(kafka_partitions_parse(&o->assigned, a, S("option assign"), o->text.assign));
    return o->assigned.n ? DONE : fail(ERR_INVALID, "option assign: it names no partition");
}

// ---- from where to where -----------------------------------------------------------------------

typedef struct LimitText {
    Str which, time, times, offsets;
    LimitKind dflt;
} LimitText;

static Status parse_limit(KafkaLimit *l, Arena *a, const LimitText *t)
{
    *l = (KafkaLimit){.kind = t->dflt};
    Str text = str_trim(t->offsets);
    if (t->time.n) {
        l->kind = LIMIT_TIME;
        if (num_parse_i64(str_trim(t->time), &l->ms) && l->ms >= 0) return DONE;
        return fail(ERR_INVALID, "option " STR_FMT "Timestamp: " STR_FMT " is no time in ms",
                    STR_ARG(t->which), STR_ARG(t->time));
    }
    if (t->times.n) {
        l->kind = LIMIT_TIMES;
        return kafka_offsets_parse(
            &l->spots, a, str_fmt(a, "option " STR_FMT "OffsetsByTimestamp", STR_ARG(t->which)),
            t->times);
    }
    if (!text.n) return DONE;
    l->kind = LIMIT_OFFSETS;
    if (str_ieq(text, S("earliest"))) l->kind = LIMIT_EARLIEST;
    if (str_ieq(text, S("latest"))) l->kind = LIMIT_LATEST;
    if (l->kind != LIMIT_OFFSETS) return DONE;
    return kafka_offsets_parse(&l->spots, a,
                               str_fmt(a, "option " STR_FMT "Offsets", STR_ARG(t->which)), text);
}

static Status check_batch(const KafkaOptions *o)
{
    const KafkaLimit *start = &o->starting, *end = &o->ending;
    bool latest = start->kind == LIMIT_LATEST, earliest = end->kind == LIMIT_EARLIEST;
    for (int64_t i = 0; start->kind == LIMIT_OFFSETS && i < start->spots.n; i++)
        latest |= start->spots.v[i].offset == OFFSET_LATEST;
    for (int64_t i = 0; end->kind == LIMIT_OFFSETS && i < end->spots.n; i++)
        earliest |= end->spots.v[i].offset == OFFSET_EARLIEST;
    if (latest)
        return fail(ERR_INVALID, "option startingOffsets: a batch cannot begin at the latest");
    if (earliest) return fail(ERR_INVALID, "option endingOffsets: it cannot be the earliest");
    return DONE;
}

static Status parse_limits(KafkaOptions *o, Arena *a, bool streaming)
{
    const KafkaText *t = &o->text;
    LimitText start = {S("starting"), t->start_time, t->start_times, t->start,
                       streaming ? LIMIT_LATEST : LIMIT_EARLIEST};
    LimitText end = {S("ending"), t->end_time, t->end_times, t->end, LIMIT_LATEST};
    if (streaming && (t->end.n || t->end_time.n || t->end_times.n))
        return fail(ERR_INVALID, "a streaming query has no end: endingOffsets, endingTimestamp and "
                                 "endingOffsetsByTimestamp are for batches");
    TRY(parse_limit(&o->starting, a, &start));
    TRY(parse_limit(&o->ending, a, &end));
    return streaming ? DONE : check_batch(o);
}

Status kafka_options_parse(KafkaOptions *o, Arena *a, const SourceArgs *args)
{
    *o = (KafkaOptions){0};
    TRY(options_parse(o, kafka_specs, KAFKA_SPECS, args->options, kafka_client_option, args->warn));
    TRY(check_client(args->options));
    TRY(parse_subscription(o, a, args->options));
    TRY(duration_java(S("maxTriggerDelay"), o->text.max_trigger_delay, MICROS_PER_MS,
                      &o->max_trigger_delay));
    return parse_limits(o, a, args->streaming);
}

Str kafka_description(Arena *a, const KafkaOptions *o)
{
    Buf b = buf_new(a);
    if (o->pattern.n) {
        buf_fmt(&b, "KafkaV2[SubscribePattern[" STR_FMT, STR_ARG(o->pattern));
    } else if (o->topics.n) {
        buf_put(&b, S("KafkaV2[Subscribe["));
        for (int64_t i = 0; i < o->topics.n; i++)
            buf_fmt(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(o->topics.v[i]));
    } else {
        buf_fmt(&b, "KafkaV2[Assign[" STR_FMT, STR_ARG(kafka_offsets_names(a, &o->assigned)));
    }
    buf_put(&b, S("]]"));
    return buf_str(&b);
}

Status kafka_cluster_open(KafkaCluster **c, Arena *a, const SourceArgs *args)
{
    const Str *servers = options_get(args->options, S("kafka.bootstrap.servers"));
    if (kafka_is_embedded(args->log, servers)) return kafka_log_open(c, a, args->log);
    return kafka_brokers_open(c, a, args->options, args->warn);
}

bool kafka_is_embedded(Log *log, const Str *servers)
{
    return log && (!servers || !str_trim(*servers).n || log_is_at(log, *servers));
}
