// file_sink_test.c -- sinks of files on a simulated disk: what an epoch makes visible and when, a
// commit done twice, batch writes over what was there, folders of partitions.
#include "base/civil.h"
#include "base/test.h"
#include "col/out_test.h"
#include "conn/file_in.h"
#include "os/file.h"
#include "os/sim.h"

typedef struct World {
    Sim *sim;
    Arena *a;
    Sink *s;
    const Schema *schema;
    EvalCtx eval;
    Options options;
} World;

static World world(Arena *a)
{
    World w = {.sim = sim_new(a, 11, &(SimFaults){0}), .a = a};
    sim_enter(w.sim);
    CHECK_OK(dir_make(S("/out")));
    CHECK_OK(schema_parse(&w.schema, a, S("n INT, s STRING, t TIMESTAMP")));
    w.eval.zone = zone_utc();
    return w;
}

static Status open_sink(World *w, Str format, Str options, Str partition, bool batch)
{
    w->options = (Options){0};
    while (options.n) {
        Cut word = str_cut(options, ' '), c = str_cut(word.head, '=');
        vec_push(w->a, &w->options, ((Option){c.head, c.tail}));
        options = word.tail;
    }
    Str *part = NEW(w->a, Str, 1);
    *part = partition;
    SinkArgs args = {.options = &w->options,
                     .schema = w->schema,
                     .path = S("/out"),
                     .partition = part,
                     .npartition = partition.n > 0,
                     .batch = batch,
                     .eval = &w->eval};
    return sink_open(&w->s, w->a, sink_find(format), &args);
}

static void take(World *w, int64_t epoch, int32_t from, int32_t n)
{
    Part p = {.arena = arena_new(w->a)};
    sim_advance(w->sim, MICROS_PER_SECOND); // files are read in order of their age
    Batch b = batch_new(w->a, w->schema, n);
    for (int32_t i = 0; i < n; i++) {
        COLUMN_DATA(&b.col[0], int32_t)[i] = from + i;
        COLUMN_DATA(&b.col[1], Str)[i] = (from + i) % 2 ? S("a,b") : S("x/y");
        COLUMN_DATA(&b.col[2], Micros)[i] = (from + i) * MICROS_PER_SECOND;
    }
    b.col[1].valid = NEW(w->a, uint8_t, n);
    for (int32_t i = 0; i < n; i++) b.col[1].valid[i] = (from + i) % 3 != 2;
    CHECK_OK(w->s->kind->encode(w->s, &p, &b));
    CHECK_OK(w->s->kind->seal(w->s, &p));
    CHECK_OK(w->s->kind->take(w->s, &(SinkEpoch){.epoch = epoch}, &p));
}

static Str stage(World *w, int64_t epoch, bool complete)
{
    Buf receipt = buf_new(w->a);
    CHECK_OK(w->s->kind->stage(w->s, &(SinkEpoch){.epoch = epoch, .complete = complete}, &receipt));
    return buf_str(&receipt);
}

static void commit(World *w, int64_t epoch, Str receipt)
{
    CHECK_OK(w->s->kind->commit(w->s, &(SinkEpoch){.epoch = epoch}, receipt));
}

static Str read_back(World *w, Str format, Str schema)
{
    Source *s;
    Str to, all;
    Lanes lanes = {0};
    const Schema *t = NULL;
    if (schema.n) CHECK_OK(schema_parse(&t, w->a, schema));
    OutText r = out_text(w->a, ' ');
    SourceArgs args = {.options = &(Options){0}, .schema = t, .path = S("/out"), .eval = &w->eval};
    CHECK_OK(source_open(&s, w->a, source_find(format), &args));
    CHECK_OK(
        s->kind->latest(s, w->a, S("{\"logOffset\":-1}"), &(Admission){.all = true}, &to, &all));
    CHECK_OK(s->kind->lanes(s, w->a, S("{\"logOffset\":-1}"), to, &lanes));
    for (int64_t i = 0; i < lanes.n; i++) CHECK_OK(s->kind->read(s, &lanes.v[i], w->a, &r.out));
    return buf_str(&r.text);
}

TEST(file_sink_epochs)
{
    World w = world(a);
    CHECK_OK(open_sink(&w, S("json"), S(""), (Str){0}, false));
    take(&w, 0, 0, 2);
    Str first = stage(&w, 0, false);
    commit(&w, 0, first);
    CHECK_STR(read_back(&w, S("json"), S("n INT")), S("0 1 "));
    take(&w, 1, 2, 1); // an epoch that a crash gave up: its file is there and does not count
    stage(&w, 1, false);
    CHECK_STR(read_back(&w, S("json"), S("n INT")), S("0 1 "));
    take(&w, 1, 2, 1);
    w.s->kind->discard(w.s);
    take(&w, 1, 2, 1);
    Str second = stage(&w, 1, false);
    commit(&w, 1, second);
    commit(&w, 1, second);
    commit(&w, 0, first);
    CHECK_STR(read_back(&w, S("json"), S("n INT, s STRING")), S("0|x/y 1|a,b 2|NULL "));
    for (int64_t n = 2; n < 13; n++) {
        if (n != 5) take(&w, n, (int32_t)n + 1, 1);
        commit(&w, n, stage(&w, n, false));
    }
    CHECK_STR(read_back(&w, S("json"), S("n INT")), S("0 1 2 3 4 5 7 8 9 10 11 12 13 "));
    CHECK(path_exists(S("/out/_spark_metadata/9.compact")));
    CHECK(path_exists(S("/out/_spark_metadata/10")) && !path_exists(S("/out/_spark_metadata/9")));
    Str log;
    CHECK_OK(file_load(&log, a, S("/out/_spark_metadata/0"), 10000));
    CHECK(str_starts(log, S("v1\n{\"path\":\"file:///out/part-00000-")));
    CHECK(str_find(log, S(",\"isDir\":false,\"modificationTime\":")) > 0);
    CHECK(str_ends(log, S("\"blockReplication\":1,\"blockSize\":33554432,\"action\":\"add\"}")));
    CHECK_OK(file_load(&log, a, S("/out/_spark_metadata/5"), 10000));
    CHECK_STR(log, S("v1"));
    sim_leave();
}

TEST(file_sink_formats)
{
    static const struct {
        Str format, options, schema, want;
    } row[] = {
        {STR_INIT("csv"), STR_INIT(""), STR_INIT("n INT, s STRING, t STRING"),
         STR_INIT("1|a,b|1970-01-01T00:00:01.000Z 2|NULL|1970-01-01T00:00:02.000Z ")},
        {STR_INIT("csv"), STR_INIT("timestampFormat=ss compression=gzip"),
         STR_INIT("n INT, s STRING, t STRING"), STR_INIT("1|a,b|01 2|NULL|02 ")},
        {STR_INIT("json"), STR_INIT("compression=gzip timestampFormat=yyyy"),
         STR_INIT("t STRING, s STRING"), STR_INIT("1970|a,b 1970|NULL ")},
        {STR_INIT("parquet"), STR_INIT(""), STR_INIT(""),
         STR_INIT("1|a,b|1970-01-01 00:00:01 2|NULL|1970-01-01 00:00:02 ")},
        {STR_INIT("parquet"), STR_INIT("compression=gzip"), STR_INIT("s STRING"),
         STR_INIT("a,b NULL ")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        World w = world(a);
        CHECK_OK(open_sink(&w, row[i].format, row[i].options, (Str){0}, true));
        take(&w, 0, 1, 2);
        commit(&w, 0, stage(&w, 0, false));
        CHECK_STR(read_back(&w, row[i].format, row[i].schema), row[i].want);
        sim_leave();
    }
}

TEST(file_sink_saves)
{
    World w = world(a);
    CHECK_OK(open_sink(&w, S("parquet"), S(""), S("s"), true));
    take(&w, 0, 0, 4);
    Str receipt = stage(&w, 0, false);
    CHECK_STR(read_back(&w, S("text"), S("")), S("")); // nothing to see yet
    commit(&w, 0, receipt);
    CHECK(path_exists(S("/out/_SUCCESS")) && !path_exists(S("/out/_temporary")));
    CHECK(path_exists(S("/out/s=x%2Fy")) && path_exists(S("/out/s=__HIVE_DEFAULT_PARTITION__")));
    CHECK_STR(read_back(&w, S("parquet"), S("")),
              S("2|1970-01-01 00:00:02|NULL 1|1970-01-01 00:00:01|a,b 3|1970-01-01 00:00:03|a,b "
                "0|1970-01-01 00:00:00|x/y "));
    CHECK_OK(open_sink(&w, S("parquet"), S("partitionOverwriteMode=dynamic"), S("s"), true));
    take(&w, 0, 7, 1); // a,b
    commit(&w, 0, stage(&w, 0, true));
    CHECK_STR(read_back(&w, S("parquet"), S("n INT")), S("2|NULL 0|x/y 7|a,b "));
    CHECK_OK(open_sink(&w, S("parquet"), S(""), S(""), true));
    commit(&w, 0, stage(&w, 0, true)); // no rows: a file that says the columns
    CHECK_STR(read_back(&w, S("parquet"), S("")), S(""));
    CHECK_OK(open_sink(&w, S("csv"), S("header=true"), S(""), true));
    commit(&w, 0, stage(&w, 0, true));
    CHECK_STR(read_back(&w, S("text"), S("")), S("n,s,t "));
    CHECK_OK(dir_remove_all(S("/out")));
    CHECK_OK(open_sink(&w, S("json"), S(""), S(""), true));
    commit(&w, 0, stage(&w, 0, true));
    CHECK(path_exists(S("/out/_SUCCESS")));
    CHECK_STR(read_back(&w, S("text"), S("")), S(""));
    CHECK_OK(dir_remove_all(S("/out")));
    CHECK_OK(open_sink(&w, S("json"), S(""), S("s"), true));
    commit(&w, 0, stage(&w, 0, true));
    CHECK(path_exists(S("/out/_SUCCESS")));
    sim_leave();
}

TEST(file_sink_errors)
{
    static const struct {
        Str format, schema, options, partition;
        Code want;
    } row[] = {
        {STR_INIT("csv"), STR_INIT("a ARRAY<INT>"), STR_INIT(""), STR_INIT(""), ERR_INVALID},
        {STR_INIT("text"), STR_INIT("a INT"), STR_INIT(""), STR_INIT(""), ERR_INVALID},
        {STR_INIT("text"), STR_INIT("a STRING, b STRING"), STR_INIT(""), STR_INIT(""), ERR_INVALID},
        {STR_INIT("text"), STR_INIT("a STRING, b STRING"), STR_INIT(""), STR_INIT("b"), OK},
        {STR_INIT("json"), STR_INIT("a INT"), STR_INIT(""), STR_INIT("a"), ERR_INVALID},
        {STR_INIT("json"), STR_INIT("a INT"), STR_INIT(""), STR_INIT("b"), ERR_INVALID},
        {STR_INIT("json"), STR_INIT("a INT, b ARRAY<INT>"), STR_INIT(""), STR_INIT("b"),
         ERR_INVALID},
        {STR_INIT("json"), STR_INIT("a INT"), STR_INIT("compression=zstd"), STR_INIT(""),
         ERR_UNSUPPORTED},
        {STR_INIT("parquet"), STR_INIT("a INT"), STR_INIT("compression=best"), STR_INIT(""),
         ERR_INVALID},
        {STR_INIT("json"), STR_INIT("a INT"), STR_INIT("maxRecordsPerFile=5"), STR_INIT(""),
         ERR_UNSUPPORTED},
        {STR_INIT("json"), STR_INIT("a INT"), STR_INIT("dateFormat=bb"), STR_INIT(""), ERR_INVALID},
    };
    World w = world(a);
    for (int64_t i = 0; i < COUNT(row); i++) {
        CHECK_OK(schema_parse(&w.schema, a, row[i].schema));
        CHECK_I64(open_sink(&w, row[i].format, row[i].options, row[i].partition, false).code,
                  row[i].want);
    }
    sim_leave();
}
