// query_test.c -- queries from SQL text to rows: threads and triggers, what a restart may change,
// and the power going at every single operation on the disk.
#include "base/civil.h"
#include "base/test.h"
#include "fmt/arrow_read.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/sim.h"
#include "run/feed.h"
#include "run/statement.h"

typedef struct World {
    Arena *arena;
    Session *session;
    QueryEnv env;
    Map feeds;
    Feed feed;
    Catch *caught;
    QuerySpec spec;
    Sim *sim;
} World;

static World *world_new(Arena *a, Sim *sim)
{
    World *w = NEW(a, World, 1);
    w->arena = a;
    w->sim = sim;
    sim_enter(sim);
    w->session = session_new(a, NULL);
    w->caught = catch_new(a);
    w->feeds = map_new(a);
    w->env.data_dir = S("/data");
    feed_hooks(&w->env, w->caught, &w->feeds);
    w->feed.name = S("events");
    CHECK_OK(schema_parse(&w->feed.schema, a, S("t TIMESTAMP, k STRING, v INT")));
    map_set(&w->feeds, w->feed.name, &w->feed);
    CHECK_OK(conf_set(w->session, S("spark.sql.session.timeZone"), S("UTC")));
    CHECK_OK(feed_view(w->session, &w->feed, S("t"), S("10 seconds")));
    Option place = {S("checkpointLocation"), S("/q")};
    vec_push(a, &w->spec.options, place);
    w->spec.format = S("catch");
    return w;
}
// One more file: rows of (seconds, key, value).
static void feed_rows(World *w, const int32_t (*row)[3], int32_t n)
{
    Buf b = buf_new(w->arena);
    for (int32_t i = 0; i < n; i++)
        buf_fmt(&b, "{\"t\":\"1970-01-01T00:%02d:%02dZ\",\"k\":\"k%d\",\"v\":%d}\n", row[i][0] / 60,
                row[i][0] % 60, row[i][1], row[i][2]);
    vec_push(w->arena, &w->feed.file, buf_str(&b));
    shared_set(&w->feed.visible, w->feed.file.n);
}
static Status open_query(World *w, Arena *a, const char *sql, Mode mode, Query **q)
{
    QuerySpec spec = w->spec;
    spec.mode = mode;
    TRY(parse_query(&spec.rel, a, str_z(sql)));
    return query_open(q, a, w->session, &w->env, &spec);
}
static Str rows_of(const World *w)
{
    Buf b = buf_new(w->arena);
    for (int64_t i = 0; i < w->caught->epoch.n; i++) buf_put(&b, w->caught->epoch.v[i].texts);
    return buf_str(&b);
}
static const char *const counts =
    "SELECT window.end AS e, k, count(*) AS n, sum(v) AS v FROM events WHERE v > 0 "
    "GROUP BY window(t, '5 seconds'), k";

TEST(query_on_its_thread)
{
    World *w = world_new(a, sim_new(a, 1, &(SimFaults){0}));
    Query *q = NULL;
    w->spec.name = S("w");
    w->env.pool = pool_new(a, 2);
    CHECK_OK(open_query(w, arena_new(a), counts, MODE_APPEND, &q));
    CHECK(!query_active(q));
    CHECK_OK(query_start(q));
    CHECK(query_active(q));
    CHECK_OK(query_process_available(q)); // nothing yet
    static const int32_t rows[][3] = {{1, 1, 5}, {2, 1, 6}, {3, 2, -1}, {21, 2, 1}};
    feed_rows(w, rows, 4);
    CHECK_OK(query_process_available(q));
    CHECK_STR(rows_of(w), S("1970-01-01 00:00:05  k1  2  11\n"));
    Str *json = NULL;
    CHECK_I64(query_progress(q, a, &json, false), 2);
    CHECK(str_find(json[0], S("\"batchId\":0,")) > 0);
    CHECK(str_find(json[0], S("\"numInputRows\":4,")) > 0);
    CHECK(str_find(json[1], S("\"watermark\":\"1970-01-01T00:00:11.000Z\"")) > 0);
    CHECK(str_find(json[1], S("\"operatorName\":\"stateStoreSave\",\"numRowsTotal\":1,")) > 0);
    CHECK_STR(query_status(q, a).message, S("Waiting for data to arrive"));
    query_stop(q);
    bool ended = false;
    CHECK_OK(query_await(q, 0, &ended));
    CHECK(ended && !query_active(q));
    CHECK_STR(query_status(q, a).message, S("Stopped"));
    query_close(q);
    sim_leave();
}
TEST(query_fails_with_its_cause)
{
    World *w = world_new(a, sim_new(a, 1, &(SimFaults){0}));
    Query *q = NULL;
    CHECK_OK(open_query(w, arena_new(a), "SELECT 1 / (v - 7) AS x FROM events", MODE_APPEND, &q));
    CHECK_OK(query_start(q));
    static const int32_t good[][3] = {{1, 1, 5}}, bad[][3] = {{1, 1, 5}, {2, 1, 7}};
    feed_rows(w, good, 1);
    CHECK_OK(query_process_available(q));
    feed_rows(w, bad, 2);
    bool ended = false;
    CHECK_FAILS(query_await(q, -1, &ended), ERR_INVALID);
    CHECK(ended);
    CHECK(failure()->cond == COND_STREAM_FAILED);
    CHECK(query_exception(q)->cond == COND_DIVIDE_BY_ZERO);
    CHECK_FAILS(query_process_available(q), ERR_INVALID);
    CHECK(str_starts(query_status(q, a).message, S("Terminated with exception: ")));
    CHECK_STR(rows_of(w), S("-0.5\n")); // nothing of the epoch that failed
    query_close(q);
    sim_leave();
}
TEST(query_triggers_once_and_available_now)
{
    static const int32_t rows[][3] = {{1, 1, 5}};
    for (int32_t kind = TRIGGER_ONCE; kind <= TRIGGER_AVAILABLE_NOW; kind++) {
        World *w = world_new(arena_new(a), sim_new(a, 1, &(SimFaults){0}));
        Query *q = NULL;
        bool ended = false;
        for (int32_t i = 0; i < 3; i++) feed_rows(w, rows, 1);
        w->spec.trigger.kind = (TriggerKind)kind;
        CHECK_OK(open_query(w, arena_new(a), "SELECT v FROM events", MODE_APPEND, &q));
        CHECK_OK(query_start(q));
        CHECK_OK(query_await(q, -1, &ended));
        CHECK_STR(rows_of(w), S("5\n5\n5\n"));
        // Once takes all files at once; AvailableNow one an epoch, as the source's limit says.
        CHECK_I64(w->caught->epoch.n, kind == TRIGGER_ONCE ? 1 : 3);
        query_close(q);
        sim_leave();
    }
}
TEST(query_keeps_the_grid_of_its_trigger)
{
    static const int32_t rows[][3] = {{1, 1, 5}};
    Arena *own = arena_new(a);
    World *w = world_new(own, sim_new(a, 1, &(SimFaults){0}));
    sim_leave(); // real time
    Query *q = NULL;
    w->spec.trigger.every = 30 * MICROS_PER_MS;
    w->spec.options.n = 0;
    w->env.data_dir = S("build/test-data");
    CHECK_OK(open_query(w, arena_new(own), "SELECT v FROM events", MODE_APPEND, &q));
    for (int32_t i = 0; i < 4; i++) feed_rows(w, rows, 1);
    Micros began = clock_now();
    CHECK_OK(query_start(q));
    CHECK_OK(query_process_available(q));
    CHECK(clock_now() - began >= 90 * MICROS_PER_MS); // four epochs, three waits
    CHECK_I64(w->caught->epoch.n, 4);
    query_close(q);
    arena_free(own);
}
static void append_one(Arena *a, Partition *p, Str value)
{
    RecordsWriter rw = {0};
    Str batch;
    Appended done;
    records_begin(&rw, a, RECORDS_NONE);
    records_add(&rw, &(Record){.time_ms = 1, .value = value}, NULL);
    CHECK_OK(records_end(&batch, &rw, (RecordsProducer){.id = -1}));
    CHECK_OK(partition_append(p, (char *)batch.p, batch.n, &done));
    CHECK_OK(partition_sync(p, partition_written(p)));
}
// Nobody asks the query to look: the log's word has to reach it.
TEST(query_hears_of_records_in_the_log)
{
    Arena *own = arena_new(a);
    World *w = world_new(own, sim_new(a, 1, &(SimFaults){0}));
    Log *log = NULL;
    Topic *t = NULL;
    Query *q = NULL;
    Statements view = {0};
    CHECK_OK(log_open(&log, own, S("/log"), &(LogOptions){0}));
    CHECK_OK(topic_create(&t, log, S("t"), 2, &(Options){0}));
    w->session->log = log;
    w->env.hooks.source = NULL;
    CHECK_OK(parse_statements(&view, own,
                              S("CREATE TEMPORARY VIEW raw USING kafka OPTIONS (subscribe 't')")));
    CHECK_OK(statement_view(w->session, view.v[0]));
    CHECK_OK(open_query(w, arena_new(own), "SELECT CAST(value AS STRING) AS v FROM STREAM raw",
                        MODE_APPEND, &q));
    CHECK_OK(query_start(q));
    CHECK_OK(query_process_available(q));
    for (int32_t i = 0; i < 20; i++) {
        append_one(own, topic_partition(t, i % 2), S("x"));
        bool ended;
        Str *json;
        for (int32_t k = 0; k < 500 && query_progress(q, a, &json, false) <= i; k++)
            CHECK_OK(query_await(q, 10 * MICROS_PER_MS, &ended));
    }
    CHECK_I64(w->caught->epoch.n, 20);
    query_close(q);
    arena_free(own);
    sim_leave();
}
static const char counts_by_k[] = "SELECT k, count(*) AS n FROM events GROUP BY k";
static const char self_join[] = "SELECT a.k FROM events a JOIN events b ON a.k = b.k";
static const struct {
    const char *first, *second;
    Mode mode;
    CondId want;
} other_state[] = {
    {counts_by_k, counts_by_k, MODE_UPDATE, COND_NONE},
    {counts_by_k, "SELECT k, count(*) AS many FROM events WHERE v > 3 GROUP BY k", MODE_UPDATE,
     COND_NONE},
    {counts_by_k, "SELECT v, count(*) AS n FROM events GROUP BY v", MODE_UPDATE,
     COND_STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE},
    {counts_by_k, "SELECT k, max(v) AS n FROM events GROUP BY k", MODE_UPDATE,
     COND_STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE},
    {counts_by_k, "SELECT k, v FROM events", MODE_UPDATE,
     COND_STREAMING_STATEFUL_OPERATOR_NOT_MATCH},
    {self_join, "SELECT a.k AS x FROM events a JOIN events b ON b.k = a.k", MODE_APPEND, COND_NONE},
    {self_join, "SELECT a.v FROM events a JOIN events b ON a.v = b.v", MODE_APPEND,
     COND_STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE},
    {self_join, "SELECT a.k, b.v FROM events a JOIN events b ON a.k = b.k", MODE_APPEND,
     COND_STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE},
};
typedef struct Called { // what a function of foreachBatch saw; it fails `fails` times
    Buf seen;
    int32_t fails, ends;
} Called;
static Status called(void *to, const ForeachEpoch *e)
{
    Called *c = to;
    ArrowRows rows;
    Arena *a = arena_new(NULL);
    Status s = arrow_read(&rows, a, e->rows);
    int64_t n = 0;
    for (int32_t i = 0; !s.code && i < rows.n; i++) n += rows.batch[i].rows;
    arena_free(a);
    TRY(s);
    CHECK(!e->stopping(e->query));
    buf_fmt(&c->seen, "%lld:%lld ", (long long)e->epoch, (long long)n);
    return c->fails-- > 0 ? fail(ERR_IO, "not now") : DONE;
}
static void call_ends(void *to) { ((Called *)to)->ends++; }
TEST(query_calls_again_what_was_not_done)
{
    static const int32_t rows[][3] = {{1, 1, 1}, {2, 2, 2}};
    World *w = world_new(a, sim_new(a, 1, &(SimFaults){0}));
    Called c = {.seen = buf_new(a), .fails = 2};
    ForeachBatch batch = {.call = called, .end = call_ends, .to = &c};
    w->spec.foreach = &batch;
    feed_rows(w, rows, 2);
    for (int32_t i = 0; i < 3; i++) {
        Query *q = NULL;
        bool ran = true;
        CHECK_OK(open_query(w, arena_new(a), "SELECT k, v FROM events", MODE_APPEND, &q));
        CHECK_I64(c.ends, i); // opening calls nothing
        Status s = DONE;
        while (!s.code && ran) s = query_step(q, &ran);
        CHECK_FAILS(s, i < 2 ? ERR_IO : OK);
        query_close(q);
        // More rows do not join an epoch that has happened.
        if (!i) feed_rows(w, rows, 1);
    }
    CHECK_STR(buf_str(&c.seen), S("0:2 0:2 0:2 1:1 "));
    CHECK_I64(c.ends, 3);
    sim_leave();
}
TEST(query_restart_refuses_other_state)
{
    static const int32_t rows[][3] = {{1, 1, 5}, {2, 2, 3}};
    for (int64_t i = 0; i < COUNT(other_state); i++) {
        World *w = world_new(arena_new(a), sim_new(a, 1, &(SimFaults){0}));
        Query *q = NULL;
        bool ran = false;
        Mode mode = other_state[i].mode;
        feed_rows(w, rows, 2);
        CHECK_OK(open_query(w, arena_new(a), other_state[i].first, mode, &q));
        CHECK_OK(query_step(q, &ran));
        query_close(q);
        Status s = open_query(w, arena_new(a), other_state[i].second, mode, &q);
        CHECK_I64(s.code ? failure()->cond : COND_NONE, other_state[i].want);
        if (!s.code) query_close(q);
        sim_leave();
    }
}
TEST(query_checkpoint_belongs_to_one_run)
{
    World *w = world_new(a, sim_new(a, 1, &(SimFaults){0}));
    Query *q = NULL, *second = NULL;
    CHECK_OK(open_query(w, arena_new(a), counts, MODE_APPEND, &q));
    CHECK_FAILS(open_query(w, arena_new(a), counts, MODE_APPEND, &second), ERR_CONFLICT);
    CHECK(failure()->cond == COND_CONCURRENT_QUERY);
    Str id = str_copy(a, query_id(q)), run = str_copy(a, query_run_id(q));
    query_close(q);
    CHECK_OK(open_query(w, arena_new(a), counts, MODE_APPEND, &second));
    CHECK_STR(query_id(second), id);
    CHECK(!str_eq(query_run_id(second), run));
    query_close(second);
    sim_leave();
}
// -- the power goes

static const int32_t story[][4][3] = {
    {{1, 1, 5}, {2, 1, 6}, {3, 2, 1}, {4, 3, 2}},
    {{7, 1, 1}, {3, 1, 1}, {8, 2, -4}, {9, 9, 9}},
    {{21, 2, 1}, {2, 4, 4}, {22, 1, 1}, {23, 5, 2}},
    {{40, 1, 3}, {1, 1, 1}, {41, 2, 2}, {24, 5, 2}},
    {{70, 1, 3}, {61, 1, 1}, {75, 2, 2}, {69, 5, 2}},
};
// Runs the story to its end on this disk; whatever fails, the query is opened again.
static void tell_story(World *w, SimFaults *heal, int32_t *opened)
{
    bool ran = true;
    Query *q = NULL;
    Arena *own = arena_new(w->arena);
    while (ran) {
        Status s = DONE;
        if (!q) {
            s = open_query(w, own, counts, MODE_APPEND, &q);
            (*opened)++;
        }
        if (!s.code) s = query_step(q, &ran);
        if (!s.code) continue;
        ran = true;
        arena_free(own); // the process is gone,
        own = arena_new(w->arena);
        q = NULL;
        sim_crash(w->sim); // and the machine with it
        sim_faults(w->sim, heal);
        if (*opened > 3) return;
    }
    arena_free(own);
}
static Str told(Arena *a, SimFaults *faults, int64_t *ops, bool *differing)
{
    SimFaults heal = {.torn_write = faults->torn_write};
    Sim *sim = sim_new(a, 7, faults);
    World *w = world_new(a, sim);
    int32_t opened = 0;
    w->env.log_limits = (EpochLogLimits){.inline_bytes = 100, .image_bytes = 1, .records = 3};
    w->env.wants_survive = true;
    for (int64_t i = 0; i < COUNT(story); i++) feed_rows(w, story[i], 4);
    tell_story(w, &heal, &opened);
    CHECK(opened <= 2);
    *ops = sim_ops(sim);
    *differing = w->caught->differing;
    sim_leave();
    return rows_of(w);
}
TEST(query_survives_a_power_cut_anywhere)
{
    int64_t ops = 0, ignored = 0;
    bool differing = false;
    Str want = told(arena_new(a), &(SimFaults){0}, &ops, &differing);
    CHECK(ops > 50);
    // The fourth row came when its window was due and not yet late (semantics W22).
    CHECK(str_find(want, S("1970-01-01 00:00:05  k1  4  13\n")) >= 0);
    for (int64_t at = 1; at <= ops; at++) {
        Arena *own = arena_new(a);
        Str crash =
            told(own, &(SimFaults){.torn_write = 300, .crash_at = at}, &ignored, &differing);
        CHECK_STR(crash, want);
        CHECK(!differing);
        Str failing = told(own, &(SimFaults){.fail_at = at}, &ignored, &differing);
        CHECK_STR(failing, want);
        CHECK(!differing);
        arena_free(own);
    }
}
