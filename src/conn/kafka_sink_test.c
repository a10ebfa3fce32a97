// kafka_sink_test.c -- rows into topics of the embedded log: columns, partitions, and that an epoch
// arrives once, whatever is done twice or cut short.
#include "base/civil.h"
#include "base/test.h"
#include "conn/kafka_in.h"
#include "conn/list.h"
#include "os/file.h"
#include "os/sim.h"

#define DIR S("/tmp/log")
static const LogOptions alone = {.alone = true};

typedef struct World {
    Arena *a;
    Sim *sim;
    Arena *run; // of the log and the sink: one process's life
    Log *log;
    Sink *sink;
    const Schema *schema;
    Options options;
} World;

static Status start(World *w)
{
    if (w->run) arena_free(w->run);
    w->run = arena_new(w->a);
    TRY(log_open(&w->log, w->run, DIR, &alone));
    SinkArgs args = {.options = &w->options, .schema = w->schema, .log = w->log};
    return sink_open(&w->sink, w->run, sink_find(S("kafka")), &args);
}

static World new_world(Arena *a, const Schema *schema, Str topic)
{
    SimFaults perfect = {0};
    World w = {.a = a, .schema = schema, .sim = sim_new(a, 1, &perfect)};
    sim_enter(w.sim);
    if (topic.n) vec_push(a, &w.options, ((Option){S("topic"), topic}));
    return w;
}

static const Schema *schema_of(Arena *a, const char *text) // "key string, value string"
{
    Field f[8];
    int32_t n = 0;
    for (Cut c = {.tail = str_z(text), .ok = true}; c.ok;) {
        c = str_cut(c.tail, ',');
        Cut one = str_cut(str_trim(c.head), ' ');
        const Type *t = &type_string;
        if (str_eq(one.tail, S("int"))) t = &type_int;
        if (str_eq(one.tail, S("binary"))) t = &type_binary;
        f[n++] = field_of(one.head, t, true);
    }
    return type_struct(a, f, n);
}

static SinkEpoch epoch_of(int64_t n)
{
    return (SinkEpoch){.query_id = S("q"), .incarnation = S("i"), .epoch = n};
}

// Stages an epoch of n rows: values "e<epoch>-<i>" of `bytes` bytes or more, keys "k<i % 5>".
static Status stage(World *w, int64_t epoch, int32_t n, int64_t bytes, Str *receipt)
{
    Arena *a = arena_new(w->a);
    SinkEpoch e = epoch_of(epoch);
    Part part = {.arena = arena_new(a)};
    for (int32_t at = 0; at < n; at += BATCH_ROWS) {
        int32_t rows = MIN(BATCH_ROWS, n - at);
        Batch b = batch_new(a, w->schema, rows);
        for (int32_t i = 0; i < rows; i++) {
            Buf v = buf_new(a);
            buf_fmt(&v, "e%lld-%d ", (long long)epoch, at + i);
            buf_fill(&v, '.', MAX(0, bytes - v.n));
            COLUMN_DATA(&b.col[0], Str)[i] = str_fmt(a, "k%d", (at + i) % 5);
            COLUMN_DATA(&b.col[1], Str)[i] = buf_str(&v);
        }
        TRY(w->sink->kind->encode(w->sink, &part, &b));
    }
    TRY(w->sink->kind->seal(w->sink, &part));
    TRY(w->sink->kind->take(w->sink, &e, &part));
    Buf out = buf_new(w->a);
    TRY(w->sink->kind->stage(w->sink, &e, &out));
    *receipt = buf_str(&out);
    arena_free(a);
    return DONE;
}

static Status commit(World *w, int64_t epoch, Str receipt)
{
    SinkEpoch e = epoch_of(epoch);
    return w->sink->kind->commit(w->sink, &e, receipt);
}

static int64_t count_of(World *w, Str topic)
{
    Topic *t = topic_find(w->log, topic);
    int64_t sum = 0;
    for (int32_t i = 0; t && i < topic_partitions(t); i++)
        sum += partition_end(topic_partition(t, i));
    return sum;
}

// All values of a topic, by partition.
typedef struct Values {
    Out out;
    Buf text;
} Values;

static Status put_values(Out *out, const Batch *b)
{
    Values *v = CONTAINER(out, Values, out);
    for (int32_t i = 0; i < b->rows; i++) {
        Str s =
            column_null(&b->col[KAFKA_VALUE], i) ? S("NULL") : column_str(&b->col[KAFKA_VALUE], i);
        Str key = column_null(&b->col[KAFKA_KEY], i) ? S("-") : column_str(&b->col[KAFKA_KEY], i);
        buf_fmt(&v->text, "%d:" STR_FMT "=" STR_FMT "\n",
                COLUMN_DATA(&b->col[KAFKA_PARTITION], int32_t)[i], STR_ARG(key), STR_ARG(s));
    }
    return DONE;
}

static Str values_of(World *w, Str topic)
{
    Source *s;
    Options o = {0};
    Str from, to, latest;
    Lanes lanes = {0};
    Values v = {.out = {put_values}, .text = buf_new(w->a)};
    vec_push(w->a, &o, ((Option){S("subscribe"), topic}));
    SourceArgs args = {.options = &o, .log = w->log};
    CHECK_OK(source_open(&s, w->run, source_find(S("kafka")), &args));
    CHECK_OK(s->kind->start(s, w->a, &from));
    CHECK_OK(s->kind->latest(s, w->a, from, &(Admission){0}, &to, &latest));
    CHECK_OK(s->kind->lanes(s, w->a, from, to, &lanes));
    for (int64_t i = 0; i < lanes.n; i++) CHECK_OK(s->kind->read(s, &lanes.v[i], w->a, &v.out));
    return buf_str(&v.text);
}

TEST(kafka_partition_of_key)
{
    static const struct {
        Str key;
        int32_t partition; // of 1,000, as org.apache.kafka.common.utils.Utils.murmur2 has it
    } row[] = {
        {STR_INIT("21"), 340},
        {STR_INIT("foobar"), 166},
        {STR_INIT("abc"), 107},
        {STR_INIT("a-little-bit-long-string"), 112},
        {STR_INIT("a-little-bit-longer-string"), 819},
        {STR_INIT("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), 677},
    };
    for (int64_t i = 0; i < COUNT(row); i++)
        CHECK_I64(partition_of_key(row[i].key, 1000), row[i].partition);
}

TEST(kafka_sink_columns)
{
    static const struct {
        const char *schema;
        Str topic, why; // why empty: it is fine
    } row[] = {
        {"value string", STR_INIT("t"), STR_INIT("")},
        {"value binary, key binary", STR_INIT("t"), STR_INIT("")},
        {"value string, topic string, other int", STR_INIT(""), STR_INIT("")},
        {"value string", STR_INIT(""), STR_INIT("column topic, or the option")},
        {"Value string", STR_INIT("t"), STR_INIT("column value")},
        {"value int", STR_INIT("t"), STR_INIT("value to be STRING or BINARY")},
        {"value string, partition string", STR_INIT("t"), STR_INIT("partition to be INT")},
        {"value string, headers string", STR_INIT("t"), STR_INIT("headers to be ARRAY")},
        {"value string", STR_INIT("a/b"), STR_INIT("no name of a topic")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        Arena *sub = arena_new(a);
        World w = new_world(sub, schema_of(sub, row[i].schema), row[i].topic);
        Status s = start(&w);
        CHECK_I64(s.code, row[i].why.n ? ERR_INVALID : OK);
        if (s.code) CHECK(str_find(str_z(fail_text()), row[i].why) >= 0);
        arena_free(w.run);
        arena_free(sub);
    }
}

TEST(kafka_sink_deals_rows)
{
    World w = new_world(a, schema_of(a, "key string, value string, topic string, partition int"),
                        (Str){0});
    SinkEpoch e = epoch_of(0);
    Topic *t;
    Buf receipt = buf_new(a);
    CHECK_OK(start(&w));
    CHECK_OK(topic_create(&t, w.log, S("two"), 2, &(Options){0}));
    Batch b = batch_new(a, w.schema, 4);
    Str *key = b.col[0].data, *value = b.col[1].data, *topic = b.col[2].data;
    int32_t *partition = b.col[3].data;
    uint8_t *has_key = column_own_valid(a, &b.col[0]), *has_value = column_own_valid(a, &b.col[1]);
    uint8_t *chosen = column_own_valid(a, &b.col[3]);
    for (int32_t i = 0; i < 4; i++) {
        key[i] = S("foobar");
        value[i] = str_fmt(a, "v%d", i);
        topic[i] = i == 3 ? S("one") : S("two");
        partition[i] = 1;
        chosen[i] = i == 1;
    }
    has_key[3] = has_value[2] = 0;
    Part part = {.arena = arena_new(a)};
    CHECK_OK(w.sink->kind->encode(w.sink, &part, &b));
    CHECK_OK(w.sink->kind->seal(w.sink, &part));
    CHECK_OK(w.sink->kind->take(w.sink, &e, &part));
    CHECK_OK(w.sink->kind->stage(w.sink, &e, &receipt));
    CHECK_I64(count_of(&w, S("two")), 0); // unseen
    CHECK_OK(commit(&w, 0, buf_str(&receipt)));
    CHECK_STR(values_of(&w, S("two")), S("0:foobar=v0\n0:foobar=NULL\n1:foobar=v1\n"));
    CHECK_STR(values_of(&w, S("one")), S("0:-=v3\n")); // made by the sink
    chosen[0] = 1;
    partition[0] = 2;
    CHECK_FAILS(w.sink->kind->encode(w.sink, &part, &b), ERR_INVALID);
    uint8_t *named = column_own_valid(a, &b.col[2]);
    named[0] = 0;
    CHECK_FAILS(w.sink->kind->encode(w.sink, &part, &b), ERR_INVALID);
    CHECK(failure()->cond == COND_KAFKA_NULL_TOPIC);
}

TEST(kafka_sink_commits_once)
{
    World w = new_world(a, schema_of(a, "key string, value string"), S("t"));
    Str r[3], again;
    CHECK_OK(start(&w));
    CHECK_OK(stage(&w, 0, 100, 0, &r[0]));
    CHECK_OK(commit(&w, 0, r[0]));
    CHECK_OK(commit(&w, 0, r[0]));
    CHECK_I64(count_of(&w, S("t")), 100);
    CHECK_OK(stage(&w, 1, 50, 0, &again)); // given up before its record
    w.sink->kind->discard(w.sink);
    CHECK_OK(stage(&w, 1, 50, 0, &r[1]));
    sim_crash(w.sim); // the receipt is in the record, the commit was not
    CHECK_OK(start(&w));
    CHECK_OK(commit(&w, 1, r[1]));
    CHECK_OK(stage(&w, 2, 0, 0, &r[2])); // no rows
    CHECK_OK(commit(&w, 2, r[2]));
    sim_crash(w.sim);
    CHECK_OK(start(&w));
    CHECK_OK(commit(&w, 1, r[1]));
    CHECK_OK(commit(&w, 2, r[2]));
    CHECK_I64(count_of(&w, S("t")), 150);
    CHECK(str_starts(values_of(&w, S("t")), S("0:k0=e0-0 \n")));
    char *broken = str_to_z(a, r[1]);
    broken[r[1].n / 2] ^= 1;
    CHECK_FAILS(commit(&w, 1, str_of(broken, r[1].n)), ERR_CORRUPT);
    for (int64_t n = 1; n < r[1].n; n += 7)
        CHECK_FAILS(commit(&w, 1, str_of(r[1].p, n)), ERR_CORRUPT);
}

// An epoch too long for a receipt, with the power cut at every step of its commit.
TEST(kafka_sink_survives_power_cuts)
{
    SimFaults perfect = {0};
    for (int64_t at = 1;; at++) {
        Arena *sub = arena_new(a);
        World w = new_world(sub, schema_of(sub, "key string, value string"), S("t"));
        vec_push(sub, &w.options, ((Option){S("kafka.compression.type"), S("none")}));
        Str receipt;
        CHECK_OK(start(&w));
        CHECK_OK(stage(&w, 7, 1500, 1000, &receipt));
        CHECK(receipt.n < 200);
        SimFaults cut = {.crash_at = at};
        sim_faults(w.sim, &cut);
        Status s = commit(&w, 7, receipt);
        bool over = !sim_crashed(w.sim);
        sim_faults(w.sim, &perfect);
        if (over) CHECK_OK(s);
        sim_crash(w.sim);
        CHECK_OK(start(&w));
        CHECK_OK(commit(&w, 7, receipt));
        CHECK_I64(count_of(&w, S("t")), 1500);
        Entries left = {0};
        CHECK_OK(dir_list(&left, sub, S("/tmp/log/staged")));
        CHECK_I64(left.n, 0);
        arena_free(w.run);
        arena_free(sub);
        if (over) break;
    }
}
