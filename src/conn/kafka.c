// kafka.c -- the source `kafka`, with Spark's options, offsets and rules (semantics K1 to K16). One
// epoch reads a contiguous range of each partition; lanes are cut from it by offsets alone.
//
// Topics of the embedded log are read in place. That is so when no kafka.bootstrap.servers are
// given, or those are the log's own door.
#include "conn/kafka_options.h"
#include "conn/list.h"
#include "conn/offset.h"
#include "os/clock.h"

typedef struct Kafka {
    Source base;
    KafkaOptions opt;
    KafkaCluster *cluster;
    bool streaming;
    Buf *warn;
    Micros last_trigger; // of minOffsetsPerTrigger's hold-back
} Kafka;

static Status kafka_open(Source *s, Arena *a, const SourceArgs *args)
{
    Kafka *k = CONTAINER(s, Kafka, base);
    k->streaming = args->streaming;
    k->warn = args->warn;
    const Str *servers = options_get(args->options, S("kafka.bootstrap.servers"));
    s->told_by = kafka_is_embedded(args->log, servers) ? args->log : NULL;
    if (args->schema)
        return fail(ERR_INVALID, "the source kafka has a schema of its own; give none");
    TRY(kafka_options_parse(&k->opt, a, args));
    s->schema = kafka_schema(a, k->opt.include_headers);
    s->description = kafka_description(a, &k->opt);
    return kafka_cluster_open(&k->cluster, a, args);
}

// ---- partitions --------------------------------------------------------------------------------

static Status add_topic(Kafka *k, Arena *a, KafkaOffsets *o, Str topic)
{
    int32_t n;
    TRY(k->cluster->kind->partitions(k->cluster, topic, &n));
    for (int32_t i = 0; i < n; i++) vec_push(a, o, ((KafkaSpot){str_copy(a, topic), i, 0}));
    return DONE;
}

static Status add_matching(Kafka *k, Arena *a, KafkaOffsets *o)
{
    KafkaNames names = {0};
    TRY(k->cluster->kind->topics(k->cluster, a, &names));
    for (int64_t i = 0; i < names.n; i++) {
        bool matches = !str_starts(names.v[i], S("__"));
        if (matches) TRY(kafka_pattern_matches(&k->opt, names.v[i], &matches));
        if (matches) TRY(add_topic(k, a, o, names.v[i]));
    }
    return DONE;
}

// All partitions of the subscription as they are now. Once a query runs, topics that are gone are
// only missing here: whether that is a failure, failOnDataLoss says.
static Status assigned(Kafka *k, Arena *a, bool running, KafkaOffsets *o)
{
    *o = (KafkaOffsets){0};
    if (k->opt.pattern.n) TRY(add_matching(k, a, o));
    for (int64_t i = 0; i < k->opt.topics.n; i++) {
        Status s = add_topic(k, a, o, k->opt.topics.v[i]);
        if (s.code && !(running && s.code == ERR_NOT_FOUND)) return s;
    }
    for (int64_t i = 0; i < k->opt.assigned.n; i++) vec_push(a, o, k->opt.assigned.v[i]);
    kafka_offsets_sort(o);
    return DONE;
}

typedef struct Ranges { // of the same partitions
    KafkaOffsets start, end;
} Ranges;

static Status ranges_now(Kafka *k, Arena *a, bool running, Ranges *r)
{
    KafkaOffsets list;
    *r = (Ranges){0};
    TRY(assigned(k, a, running, &list));
    for (int64_t i = 0; i < list.n; i++) {
        KafkaSpot start = list.v[i], end = list.v[i];
        Status s = k->cluster->kind->range(k->cluster, &list.v[i], &start.offset, &end.offset);
        if (running && s.code == ERR_NOT_FOUND) continue;
        TRY(s);
        vec_push(a, &r->start, start);
        vec_push(a, &r->end, end);
    }
    return DONE;
}

// ---- where to begin, where to end --------------------------------------------------------------

static Status check_same(Arena *a, const KafkaOffsets *given, const KafkaOffsets *there)
{
    bool same = given->n == there->n;
    for (int64_t i = 0; same && i < there->n; i++)
        same = kafka_offsets_find(given, &there->v[i]) != NULL;
    if (same) return DONE;
    return RAISE(KAFKA_START_OFFSET_DOES_NOT_MATCH_ASSIGNED,
                 P("specifiedPartitions", kafka_offsets_names(a, given)),
                 P("assignedPartitions", kafka_offsets_names(a, there)));
}

static Status offset_at_time(Kafka *k, const KafkaSpot *spot, int64_t ms, int64_t latest,
                             int64_t *offset)
{
    TRY(k->cluster->kind->at_time(k->cluster, spot, ms, offset));
    if (*offset >= 0) return DONE;
    *offset = latest;
    if (k->opt.late_start == LATE_START_LATEST) return DONE;
    return fail(ERR_INVALID, STR_FMT "-%d has no record at or after time stamp %lld",
                STR_ARG(spot->topic), spot->partition, (long long)ms);
}

static Status resolve(Kafka *k, Arena *a, const KafkaLimit *limit, const Ranges *r, bool ending,
                      KafkaOffsets *out)
{
    *out = (KafkaOffsets){0};
    bool listed = limit->kind == LIMIT_OFFSETS || limit->kind == LIMIT_TIMES;
    if (listed) TRY(check_same(a, &limit->spots, &r->end));
    for (int64_t i = 0; i < r->end.n; i++) {
        KafkaSpot spot = r->end.v[i];
        const KafkaSpot *given = listed ? kafka_offsets_find(&limit->spots, &spot) : NULL;
        int64_t start = r->start.v[i].offset, end = spot.offset;
        switch (limit->kind) {
        case LIMIT_EARLIEST: spot.offset = start; break;
        case LIMIT_LATEST: break;
        case LIMIT_OFFSETS:
            if (given->offset != OFFSET_LATEST)
                spot.offset = given->offset == OFFSET_EARLIEST ? start : given->offset;
            break;
        case LIMIT_TIME:
        case LIMIT_TIMES: {
            int64_t ms = given ? given->offset : limit->ms;
            if (ending) {
                TRY(k->cluster->kind->at_time(k->cluster, &spot, ms, &spot.offset));
                if (spot.offset < 0) spot.offset = end;
            } else {
                TRY(offset_at_time(k, &spot, ms, end, &spot.offset));
            }
        }
        }
        vec_push(a, out, spot);
    }
    return DONE;
}

static Status kafka_start(Source *s, Arena *a, Str *offset)
{
    Kafka *k = CONTAINER(s, Kafka, base);
    Ranges r;
    KafkaOffsets start;
    TRY(ranges_now(k, a, false, &r));
    TRY(resolve(k, a, &k->opt.starting, &r, false, &start));
    *offset = kafka_offsets_text(a, &start);
    return DONE;
}

// ---- admission ---------------------------------------------------------------------------------

// Data may be gone: fails the query, or only warns.
#define LOST(k, id, ...)                                                                           \
    do {                                                                                           \
        Status lost_ = RAISE(id, __VA_ARGS__);                                                     \
        if ((k)->opt.fail_on_data_loss) return lost_;                                              \
        if ((k)->warn) buf_fmt((k)->warn, "%s\n", fail_text());                                    \
    } while (0)

static Status check_begin(Kafka *k, Arena *a, KafkaOffsets *begin, const Ranges *r)
{
    KafkaOffsets gone = {0};
    for (int64_t i = 0; i < begin->n; i++)
        if (!kafka_offsets_find(&r->end, &begin->v[i])) vec_push(a, &gone, begin->v[i]);
    if (gone.n) LOST(k, KAFKA_DATA_LOSS_DELETED, P("partitions", kafka_offsets_names(a, &gone)));
    for (int64_t i = 0; i < r->end.n; i++) {
        const KafkaSpot *start = &r->start.v[i], *end = &r->end.v[i];
        const KafkaSpot *at = kafka_offsets_find(begin, end);
        if (at && at->offset > end->offset)
            LOST(k, KAFKA_DATA_LOSS_CHANGED, P("topicPartition", kafka_spot_name(a, end)),
                 P("prevOffset", str_fmt(a, "%lld", (long long)at->offset)),
                 P("newOffset", str_fmt(a, "%lld", (long long)end->offset)));
        if (at) continue;
        if (start->offset > 0)
            LOST(k, KAFKA_DATA_LOSS_ADDED, P("topicPartition", kafka_spot_name(a, end)),
                 P("startOffset", str_fmt(a, "%lld", (long long)start->offset)));
        vec_push(a, begin, *start);
        kafka_offsets_sort(begin);
    }
    return DONE;
}

static bool held_back(Kafka *k, const KafkaOffsets *from, const KafkaOffsets *to)
{
    if (!k->opt.min_offsets) return false;
    Micros now = clock_now();
    if (now - k->last_trigger < k->opt.max_trigger_delay &&
        kafka_offsets_between(from, to) < k->opt.min_offsets)
        return true;
    k->last_trigger = now;
    return false;
}

static Status cap_at(Arena *a, KafkaOffsets *to, Str cap)
{
    KafkaOffsets most;
    TRY(kafka_offsets_parse(&most, a, S("offset"), cap));
    for (int64_t i = 0; i < to->n; i++) {
        const KafkaSpot *c = kafka_offsets_find(&most, &to->v[i]);
        if (c) to->v[i].offset = MIN(to->v[i].offset, c->offset);
    }
    return DONE;
}

static Status kafka_latest(Source *s, Arena *a, Str from, const Admission *adm, Str *to,
                           Str *latest)
{
    Kafka *k = CONTAINER(s, Kafka, base);
    Ranges r;
    KafkaOffsets begin, end;
    TRY(kafka_offsets_parse(&begin, a, S("offset"), from));
    TRY(ranges_now(k, a, k->streaming, &r));
    if (k->streaming)
        end = r.end;
    else
        TRY(resolve(k, a, &k->opt.ending, &r, true, &end));
    *latest = kafka_offsets_text(a, &end);
    if (k->streaming) TRY(check_begin(k, a, &begin, &r));
    if (adm->cap.n) TRY(cap_at(a, &end, adm->cap));
    if (!adm->all && held_back(k, &begin, &end)) {
        *to = from;
        return DONE;
    }
    if (!adm->all && k->opt.max_offsets) kafka_offsets_limit(&end, &begin, k->opt.max_offsets);
    *to = kafka_offsets_text(a, &end);
    return DONE;
}

// ---- reading -----------------------------------------------------------------------------------

static Status add_lanes(Kafka *k, Arena *a, const KafkaSpot *from, int64_t to, Lanes *lanes)
{
    for (KafkaSpot at = *from; at.offset < to;) {
        int64_t upto;
        TRY(k->cluster->kind->cut(k->cluster, &at, to, &upto));
        KafkaSpan *span = NEW(a, KafkaSpan, 1);
        *span = (KafkaSpan){at, upto, k->opt.fail_on_data_loss};
        vec_push(a, lanes, ((Lane){at.partition, at.offset, upto, upto - at.offset, span}));
        at.offset = upto;
    }
    return DONE;
}

static Status kafka_lanes(Source *s, Arena *a, Str from, Str to, Lanes *lanes)
{
    Kafka *k = CONTAINER(s, Kafka, base);
    KafkaOffsets begin, end;
    TRY(kafka_offsets_parse(&begin, a, S("offset"), from));
    TRY(kafka_offsets_parse(&end, a, S("offset"), to));
    for (int64_t i = 0; i < end.n; i++) {
        KafkaSpot spot = end.v[i];
        const KafkaSpot *at = kafka_offsets_find(&begin, &spot);
        spot.offset = at ? at->offset : 0;
        if (!at) { // came since: from its beginning
            int64_t last;
            TRY(k->cluster->kind->range(k->cluster, &spot, &spot.offset, &last));
        }
        if (!k->streaming && spot.offset > end.v[i].offset)
            return RAISE(KAFKA_START_AFTER_END, P("topicPartition", kafka_spot_name(a, &spot)),
                         P("startOffset", str_fmt(a, "%lld", (long long)spot.offset)),
                         P("endOffset", str_fmt(a, "%lld", (long long)end.v[i].offset)));
        TRY(add_lanes(k, a, &spot, end.v[i].offset, lanes));
    }
    return DONE;
}

static Status kafka_read(Source *s, const Lane *lane, Arena *scratch, Out *out)
{
    Kafka *k = CONTAINER(s, Kafka, base);
    const KafkaSpan *span = lane->more;
    KafkaRows rows;
    kafka_rows_begin(&rows, scratch, s, &span->from, out);
    return k->cluster->kind->read(k->cluster, span, scratch, &rows);
}

Status kafka_range_lost(const KafkaSpan *span, int64_t start, int64_t end)
{
    if (!span->loss_fails) return DONE;
    Arena *a = arena_new(NULL);
    Status s = RAISE(KAFKA_DATA_LOSS_RANGE, P("topicPartition", kafka_spot_name(a, &span->from)),
                     P("startOffset", str_fmt(a, "%lld", (long long)span->from.offset)),
                     P("endOffset", str_fmt(a, "%lld", (long long)span->to)),
                     P("available", str_fmt(a, "[%lld, %lld)", (long long)start, (long long)end)));
    arena_free(a);
    return s;
}

// ---- progress ----------------------------------------------------------------------------------

static void kafka_metrics(Source *s, Buf *json, Str offset, Str latest)
{
    (void)s;
    Arena *a = arena_new(NULL);
    KafkaOffsets at, end;
    if (!kafka_offsets_parse(&at, a, S("offset"), offset).code &&
        !kafka_offsets_parse(&end, a, S("offset"), latest).code && end.n) {
        int64_t least = INT64_MAX, most = 0, sum = 0;
        for (int64_t i = 0; i < end.n; i++) {
            const KafkaSpot *here = kafka_offsets_find(&at, &end.v[i]);
            int64_t behind = MAX(end.v[i].offset - (here ? here->offset : 0), 0);
            least = MIN(least, behind);
            most = MAX(most, behind);
            sum += behind;
        }
        buf_fmt(json,
                "{\"avgOffsetsBehindLatest\":\"%.1f\",\"maxOffsetsBehindLatest\":\"%lld\","
                "\"minOffsetsBehindLatest\":\"%lld\"}",
                (double)sum / (double)end.n, (long long)most, (long long)least);
    }
    arena_free(a);
}

const SourceKind source_kafka = {
    .name = STR_INIT("kafka"),
    .size = sizeof(Kafka),
    .opts = kafka_specs,
    .nopts = KAFKA_SPECS,
    .streams = true,
    .batches = true,
    .doc = "topics of the embedded log, or of Kafka brokers",
    .open = kafka_open,
    .start = kafka_start,
    .latest = kafka_latest,
    .lanes = kafka_lanes,
    .read = kafka_read,
    .metrics = kafka_metrics,
};
