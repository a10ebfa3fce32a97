// kafka_test.c -- the Kafka source on the embedded log: Spark's options and offsets, what an epoch
// takes, rows, and what happens when data are gone.
#include "base/civil.h"
#include "base/test.h"
#include "conn/kafka_in.h"
#include "conn/list.h"
#include "os/sim.h"

#define DIR S("/tmp/log")
static const LogOptions alone = {.alone = true};

static Log *new_log(Arena *a)
{
    SimFaults perfect = {0};
    Log *log;
    sim_enter(sim_new(a, 1, &perfect));
    CHECK_OK(log_open(&log, a, DIR, &alone));
    return log;
}

static Topic *new_topic(Log *log, Str name, int32_t partitions)
{
    Topic *t;
    CHECK_OK(topic_create(&t, log, name, partitions, &(Options){0}));
    return t;
}

// Records "v<first>".. with times 1,000,000 + 10 * i ms, in batches of `per`.
static void fill(Arena *a, Partition *p, int64_t first, int64_t n, int64_t per)
{
    RecordsWriter w = {0};
    for (int64_t at = first; at < first + n; at += per) {
        Str batch;
        Appended done;
        records_begin(&w, a, at % 3 ? RECORDS_LZ4 : RECORDS_NONE);
        for (int64_t i = at; i < MIN(at + per, first + n); i++) {
            Record r = {.time_ms = 1000000 + i * 10, .value = str_fmt(a, "v%lld", (long long)i)};
            records_add(&w, &r, NULL);
        }
        CHECK_OK(records_end(&batch, &w, (RecordsProducer){.id = -1}));
        CHECK_OK(partition_append(p, (char *)batch.p, batch.n, &done));
    }
    CHECK_OK(partition_sync(p, partition_written(p)));
}

typedef struct Opened {
    Source *s;
    Buf warn;
} Opened;

// options: "key=value;key=value"
static Status open_kafka(Opened *o, Arena *a, Log *log, Str options, bool streaming)
{
    Options *list = NEW(a, Options, 1);
    EvalCtx *eval = NEW(a, EvalCtx, 1);
    eval->zone = zone_utc();
    while (options.n) {
        Cut one = str_cut(options, ';'), c = str_cut(one.head, '=');
        vec_push(a, list, ((Option){c.head, c.tail}));
        options = one.tail;
    }
    o->warn = buf_new(a);
    SourceArgs args = {
        .options = list, .streaming = streaming, .log = log, .eval = eval, .warn = &o->warn};
    return source_open(&o->s, a, source_find(S("kafka")), &args);
}

typedef struct Rows {
    Out out;
    Buf text;
    int64_t n, batches;
} Rows;

static Status put_rows(Out *out, const Batch *b)
{
    Rows *r = CONTAINER(out, Rows, out);
    TextForm form = {.null_text = S("NULL")};
    for (int32_t i = 0; i < b->rows; i++) {
        for (int32_t k = 0; k < b->cols; k++) {
            if (k) buf_char(&r->text, '|');
            if (b->col[k].data)
                value_text(&r->text, &b->col[k], i, &form);
            else
                buf_char(&r->text, '-');
        }
        buf_char(&r->text, '\n');
    }
    r->n += b->rows;
    r->batches++;
    return DONE;
}

static Status read_span(Rows *r, Arena *a, Source *s, Str from, Str to)
{
    Lanes lanes = {0};
    *r = (Rows){.out = {put_rows}, .text = buf_new(a)};
    TRY(s->kind->lanes(s, a, from, to, &lanes));
    for (int64_t i = 0; i < lanes.n; i++) {
        Arena *scratch = arena_new(a);
        Status read = s->kind->read(s, &lanes.v[i], scratch, &r->out);
        arena_free(scratch);
        TRY(read);
    }
    return DONE;
}

static Str start_of(Arena *a, Source *s)
{
    Str at = {0};
    CHECK_OK(s->kind->start(s, a, &at));
    return at;
}

static Str end_of(Arena *a, Source *s, Str from)
{
    Str to = {0}, latest = {0};
    CHECK_OK(s->kind->latest(s, a, from, &(Admission){0}, &to, &latest));
    return to;
}

TEST(kafka_options_refused)
{
    static const struct {
        Str options;
        bool batch;
        Code code;
        Str why;
    } row[] = {
        {STR_INIT(""), false, ERR_INVALID, STR_INIT("subscribe, subscribePattern and assign")},
        {STR_INIT("subscribe=t;assign={}"), false, ERR_INVALID, STR_INIT("only one")},
        {STR_INIT("subscribe= , "), false, ERR_INVALID, STR_INIT("no topic")},
        {STR_INIT("subscribePattern=("), false, ERR_INVALID, STR_INIT("subscribePattern: (")},
        {STR_INIT("assign=[1]"), false, ERR_INVALID, STR_INIT("expected e.g.")},
        {STR_INIT("assign={\"t\":[0,0]}"), false, ERR_INVALID, STR_INIT("twice")},
        {STR_INIT("subscribe=t;startingOffsets=early"), false, ERR_INVALID,
         STR_INIT("startingOffsets")},
        {STR_INIT("subscribe=t;startingOffsets={\"t\":{\"x\":1}}"), false, ERR_INVALID,
         STR_INIT("startingOffsets")},
        {STR_INIT("subscribe=t;endingOffsets=latest"), false, ERR_INVALID, STR_INIT("no end")},
        {STR_INIT("subscribe=t;startingOffsets=latest"), true, ERR_INVALID, STR_INIT("batch")},
        {STR_INIT("subscribe=t;endingOffsets=earliest"), true, ERR_INVALID, STR_INIT("earliest")},
        {STR_INIT("subscribe=t;startingTimestamp=now"), false, ERR_INVALID,
         STR_INIT("startingTimestamp")},
        {STR_INIT("subscribe=t;kafka.auto.offset.reset=earliest"), false, ERR_INVALID,
         STR_INIT("not supported")},
        {STR_INIT("subscribe=t;maxOffsetsPerTrigger=many"), false, ERR_INVALID,
         STR_INIT("maxOffsetsPerTrigger")},
        {STR_INIT("subscribe=t;maxTriggerDelay=soon"), false, ERR_INVALID,
         STR_INIT("maxTriggerDelay")},
        {STR_INIT("subscribe=t;kafka.bootstrap.servers=far:9092;kafka.acks=many"), false,
         ERR_INVALID, STR_INIT("kafka.acks")},
    };
    Log *log = new_log(a);
    for (int64_t i = 0; i < COUNT(row); i++) {
        Opened o;
        CHECK_FAILS(open_kafka(&o, a, log, row[i].options, !row[i].batch), row[i].code);
        CHECK(str_find(str_z(fail_text()), row[i].why) >= 0);
    }
    Opened o;
    CHECK_OK(open_kafka(&o, a, log, S("Subscribe=t, u;kafka.group.id=g;minPartition=3"), true));
    CHECK_STR(o.s->description, S("KafkaV2[Subscribe[t, u]]"));
    CHECK(str_find(buf_str(&o.warn), S("minPartitions")) >= 0); // the nearest
    CHECK_FAILS(o.s->kind->start(o.s, a, &(Str){0}), ERR_NOT_FOUND);
    log_reachable(log, S("127.0.0.1:9092"));
    CHECK_OK(
        open_kafka(&o, a, log, S("subscribe=t;kafka.bootstrap.servers=x:1,localhost:9092"), true));
    CHECK(log_is_at(log, S("[::1]:9092")) && !log_is_at(log, S("localhost:9093,far:9092")));
    CHECK_FAILS(open_kafka(&o, a, NULL, S("subscribe=t"), true), ERR_INVALID);
}

TEST(kafka_offsets_are_sparks)
{
    KafkaOffsets o;
    CHECK_OK(kafka_offsets_parse(&o, a, S("x"), S("{\"b\":{\"10\":7,\"9\":-2},\"a\":{\"0\":1}}")));
    CHECK_I64(o.n, 3);
    CHECK_STR(kafka_offsets_text(a, &o), S("{\"a\":{\"0\":1},\"b\":{\"9\":-2,\"10\":7}}"));
    CHECK_STR(kafka_offsets_names(a, &o), S("a-0, b-9, b-10"));
    CHECK_OK(kafka_offsets_parse(&o, a, S("x"), S(" {\"a\" : {\"\\u0030\" : 1} } ")));
    CHECK_STR(kafka_offsets_text(a, &o), S("{\"a\":{\"0\":1}}"));
    CHECK_FAILS(kafka_offsets_parse(&o, a, S("x"), S("{\"a\":{\"0\":1}}}")), ERR_INVALID);
    CHECK_FAILS(kafka_offsets_parse(&o, a, S("x"), S("{\"a\":{\"0\":1,}}")), ERR_INVALID);
    CHECK_FAILS(kafka_offsets_parse(&o, a, S("x"), S("{\"a\":{\"0\":1")), ERR_INVALID);
    CHECK_OK(kafka_offsets_parse(&o, a, S("x"), S("{}")));
    CHECK_STR(kafka_offsets_text(a, &o), S("{}"));
    CHECK_FAILS(kafka_offsets_parse(&o, a, S("x"), S("{\"a\":{\"-1\":1}}")), ERR_INVALID);
    CHECK_FAILS(kafka_offsets_parse(&o, a, S("x"), S("{\"a\":{\"0\":\"1\"}}")), ERR_INVALID);
    CHECK_FAILS(kafka_offsets_parse(&o, a, S("x"), S("{\"a\":1}")), ERR_INVALID);
    CHECK_FAILS(kafka_offsets_parse(&o, a, S("x"), S("nothing")), ERR_INVALID);
}

TEST(kafka_limit_is_shared_by_size)
{
    static const struct {
        int64_t size[3], most, take[3];
    } row[] = {
        {{100, 50, 0}, 30, {20, 10, 0}}, {{100, 50, 0}, 150, {100, 50, 0}},
        {{1000, 1, 1}, 10, {9, 1, 1}}, // shares below one are rounded up
        {{3, 3, 3}, 1, {1, 1, 1}},       {{7, 0, 0}, 3, {3, 0, 0}},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        KafkaOffsets from = {0}, to = {0};
        for (int32_t p = 0; p < 3; p++) {
            vec_push(a, &from, ((KafkaSpot){S("t"), p, 5}));
            vec_push(a, &to, ((KafkaSpot){S("t"), p, 5 + row[i].size[p]}));
        }
        kafka_offsets_limit(&to, &from, row[i].most);
        for (int32_t p = 0; p < 3; p++) CHECK_I64(to.v[p].offset - 5, row[i].take[p]);
    }
}

TEST(kafka_reads_rows)
{
    Log *log = new_log(a);
    Partition *p = topic_partition(new_topic(log, S("t"), 1), 0);
    RecordsWriter w = {0};
    RecordHeader h[2] = {{S("h"), S("1")}, {S("n"), {0}}};
    Str batch;
    Appended done;
    records_begin(&w, a, RECORDS_NONE);
    records_add(&w, &(Record){.time_ms = 1, .key = S("k"), .value = S("x"), .nheaders = 2}, h);
    records_add(&w, &(Record){.time_ms = -1, .value = S("")}, NULL);
    records_add(&w, &(Record){.time_ms = 3, .key = S("")}, NULL); // a tombstone
    CHECK_OK(records_end(&batch, &w, (RecordsProducer){.id = -1}));
    CHECK_OK(partition_append(p, (char *)batch.p, batch.n, &done));
    CHECK_OK(partition_sync(p, 3));
    Opened o;
    Rows r;
    CHECK_OK(open_kafka(&o, a, log, S("subscribe=t;includeHeaders=true"), false));
    Str from = start_of(a, o.s), to = end_of(a, o.s, from);
    CHECK_STR(from, S("{\"t\":{\"0\":0}}"));
    CHECK_STR(to, S("{\"t\":{\"0\":3}}"));
    CHECK_OK(read_span(&r, a, o.s, from, to));
    CHECK_STR(buf_str(&r.text), S("k|x|t|0|0|1970-01-01 00:00:00.001|0|[{h, 1}, {n, NULL}]\n"
                                  "NULL||t|0|1|1969-12-31 23:59:59.999|0|NULL\n"
                                  "|NULL|t|0|2|1970-01-01 00:00:00.003|0|NULL\n"));
    memset(o.s->needed, 0, 8);
    o.s->needed[KAFKA_VALUE] = 1;
    CHECK_OK(read_span(&r, a, o.s, from, to));
    CHECK_STR(buf_str(&r.text), S("-|x|-|-|-|-|-|-\n-||-|-|-|-|-|-\n-|NULL|-|-|-|-|-|-\n"));
    o.s->needed[KAFKA_VALUE] = 0;
    o.s->needed[KAFKA_OFFSET] = 1;
    o.s->limit = 2;
    CHECK_OK(read_span(&r, a, o.s, from, to));
    CHECK_STR(buf_str(&r.text), S("-|-|-|-|0|-|-|-\n-|-|-|-|1|-|-|-\n"));
}

// Every range of a partition gives just its records, whatever the batches' bounds are.
TEST(kafka_reads_any_range)
{
    enum { N = 2500 };
    Log *log = new_log(a);
    Partition *p = topic_partition(new_topic(log, S("t"), 1), 0);
    fill(a, p, 0, 700, 7);
    fill(a, p, 700, N - 700, 400);
    Opened o;
    CHECK_OK(open_kafka(&o, a, log, S("assign={\"t\":[0]};startingOffsets=earliest"), true));
    for (int32_t only = 0; only < 2; only++) {
        if (only) memset(o.s->needed, 0, 7);
        o.s->needed[KAFKA_VALUE] = 1;
        for (int64_t from = 0; from < N; from += 331)
            for (int64_t to = from; to <= N; to += 677) {
                Rows r;
                Buf want = buf_new(a);
                Arena *sub = arena_new(a);
                Str b = str_fmt(sub, "{\"t\":{\"0\":%lld}}", (long long)from);
                Str e = str_fmt(sub, "{\"t\":{\"0\":%lld}}", (long long)to);
                CHECK_OK(read_span(&r, sub, o.s, b, e));
                CHECK_I64(r.n, to - from);
                for (int64_t i = from; only && i < to; i++)
                    buf_fmt(&want, "-|v%lld|-|-|-|-|-\n", (long long)i);
                if (only) CHECK(str_eq(buf_str(&r.text), buf_str(&want)));
                arena_free(sub);
            }
    }
}

TEST(kafka_admission)
{
    Log *log = new_log(a);
    Topic *t = new_topic(log, S("t"), 2);
    fill(a, topic_partition(t, 0), 0, 100, 10);
    fill(a, topic_partition(t, 1), 0, 50, 10);
    Opened o;
    Str to, latest, from;
    CHECK_OK(open_kafka(&o, a, log, S("subscribe=t"), true));
    CHECK_STR(start_of(a, o.s), S("{\"t\":{\"0\":100,\"1\":50}}"));
    CHECK_OK(open_kafka(&o, a, log,
                        S("subscribe=t;startingOffsets={\"t\":{\"0\":-2,\"1\":-1}};"
                          "maxOffsetsPerTrigger=30"),
                        true));
    from = start_of(a, o.s);
    CHECK_STR(from, S("{\"t\":{\"0\":0,\"1\":50}}"));
    CHECK_OK(o.s->kind->latest(o.s, a, from, &(Admission){0}, &to, &latest));
    CHECK_STR(to, S("{\"t\":{\"0\":30,\"1\":50}}"));
    CHECK_STR(latest, S("{\"t\":{\"0\":100,\"1\":50}}"));
    CHECK_OK(o.s->kind->latest(o.s, a, from, &(Admission){.all = true}, &to, &latest));
    CHECK_STR(to, latest);
    Admission capped = {.all = true, .cap = S("{\"t\":{\"0\":40,\"1\":50}}")};
    CHECK_OK(o.s->kind->latest(o.s, a, from, &capped, &to, &latest));
    CHECK_STR(to, S("{\"t\":{\"0\":40,\"1\":50}}"));
    CHECK_OK(o.s->kind->latest(o.s, a, latest, &(Admission){0}, &to, &latest));
    CHECK_STR(to, latest);
    Buf json = buf_new(a);
    o.s->kind->metrics(o.s, &json, from, latest);
    CHECK_STR(buf_str(&json), S("{\"avgOffsetsBehindLatest\":\"50.0\",\"maxOffsetsBehindLatest\":"
                                "\"100\",\"minOffsetsBehindLatest\":\"0\"}"));
    CHECK_OK(open_kafka(&o, a, log, S("subscribe=t;startingOffsets={\"t\":{\"0\":0}}"), true));
    CHECK_FAILS(o.s->kind->start(o.s, a, &from), ERR_INVALID);
    CHECK(failure()->cond == COND_KAFKA_START_OFFSET_DOES_NOT_MATCH_ASSIGNED);
}

TEST(kafka_times_and_ends)
{
    static const struct {
        Str options, from, to; // from empty: it fails
    } row[] = {
        {STR_INIT("startingTimestamp=1000505"), STR_INIT("{\"t\":{\"0\":51}}"),
         STR_INIT("{\"t\":{\"0\":100}}")},
        {STR_INIT("startingTimestamp=9000000"), STR_INIT(""), STR_INIT("")},
        {STR_INIT("startingTimestamp=9000000;startingOffsetsByTimestampStrategy=latest"),
         STR_INIT("{\"t\":{\"0\":100}}"), STR_INIT("{\"t\":{\"0\":100}}")},
        {STR_INIT("startingOffsetsByTimestamp={\"t\":{\"0\":1000100}};endingTimestamp=1000200"),
         STR_INIT("{\"t\":{\"0\":10}}"), STR_INIT("{\"t\":{\"0\":20}}")},
        {STR_INIT("endingOffsets={\"t\":{\"0\":7}}"), STR_INIT("{\"t\":{\"0\":0}}"),
         STR_INIT("{\"t\":{\"0\":7}}")},
        {STR_INIT("endingTimestamp=9000000"), STR_INIT("{\"t\":{\"0\":0}}"),
         STR_INIT("{\"t\":{\"0\":100}}")},
    };
    Log *log = new_log(a);
    fill(a, topic_partition(new_topic(log, S("t"), 1), 0), 0, 100, 10);
    for (int64_t i = 0; i < COUNT(row); i++) {
        Opened o;
        Str from;
        CHECK_OK(open_kafka(&o, a, log, str_cat(a, S("subscribe=t;"), row[i].options), false));
        Status s = o.s->kind->start(o.s, a, &from);
        CHECK((s.code != OK) == !row[i].from.n);
        if (s.code) continue;
        CHECK_STR(from, row[i].from);
        CHECK_STR(end_of(a, o.s, from), row[i].to);
    }
}

TEST(kafka_new_and_lost_partitions)
{
    Log *log = new_log(a);
    Topic *t = new_topic(log, S("app.t1"), 1);
    fill(a, topic_partition(t, 0), 0, 10, 5);
    new_topic(log, S("__own"), 1);
    Opened o, brave;
    Str to, latest;
    Rows r;
    CHECK_OK(open_kafka(&o, a, log, S("subscribePattern=t[0-9];startingOffsets=earliest"), true));
    CHECK_OK(open_kafka(&brave, a, log, S("subscribePattern=t[0-9];failOnDataLoss=false"), true));
    Str from = start_of(a, o.s);
    CHECK_STR(from, S("{\"app.t1\":{\"0\":0}}"));
    CHECK_OK(topic_grow(t, 2));
    fill(a, topic_partition(t, 1), 0, 4, 5);
    Topic *second = new_topic(log, S("t2"), 1);
    to = end_of(a, o.s, from);
    CHECK_STR(to, S("{\"app.t1\":{\"0\":10,\"1\":4},\"t2\":{\"0\":0}}"));
    CHECK_OK(read_span(&r, a, o.s, from, to));
    CHECK_I64(r.n, 14);
    CHECK_OK(topic_delete(second));
    CHECK_FAILS(o.s->kind->latest(o.s, a, to, &(Admission){0}, &from, &latest), ERR_CORRUPT);
    CHECK(failure()->cond == COND_KAFKA_DATA_LOSS_DELETED);
    CHECK_STR(end_of(a, brave.s, to), S("{\"app.t1\":{\"0\":10,\"1\":4}}"));
    CHECK(str_find(buf_str(&brave.warn), S("t2-0 are gone")) >= 0);
    Str ahead = S("{\"app.t1\":{\"0\":11,\"1\":4}}");
    CHECK_FAILS(o.s->kind->latest(o.s, a, ahead, &(Admission){0}, &to, &latest), ERR_CORRUPT);
    CHECK(failure()->cond == COND_KAFKA_DATA_LOSS_CHANGED);
    CHECK_FAILS(read_span(&r, a, o.s, S("{\"app.t1\":{\"0\":5}}"), ahead), ERR_CORRUPT);
    CHECK(failure()->cond == COND_KAFKA_DATA_LOSS_RANGE);
    CHECK_OK(read_span(&r, a, brave.s, S("{\"app.t1\":{\"0\":5,\"1\":4}}"), ahead));
    CHECK_I64(r.n, 5);
}

// A bit that turned on the disk since the append is found when it is read, by topic and offset.
TEST(kafka_names_rot)
{
    SimFaults perfect = {0};
    Sim *sim = sim_new(a, 1, &perfect);
    Log *log;
    Opened o;
    Rows r;
    sim_enter(sim);
    CHECK_OK(log_open(&log, a, DIR, &alone));
    fill(a, topic_partition(new_topic(log, S("t"), 1), 0), 0, 3000, 100);
    CHECK_OK(open_kafka(&o, a, log, S("subscribe=t;startingOffsets=earliest"), true));
    Str from = start_of(a, o.s), to = end_of(a, o.s, from);
    CHECK_OK(read_span(&r, a, o.s, from, to));
    sim_corrupt(sim, S("/tmp/log/topics/t/0/00000000000000000000.log"), RECORDS_HEAD + 900, 4);
    CHECK_FAILS(read_span(&r, a, o.s, from, to), ERR_CORRUPT);
    CHECK(str_find(str_z(fail_text()), S("t-0, the batch at offset 0")) >= 0);
    CHECK_I64(r.n, 0);
    CHECK_OK(read_span(&r, a, o.s, S("{\"t\":{\"0\":100}}"), to));
    CHECK_I64(r.n, 2900);
}
