// The source and the sink `kafka` as clients of a door: librdkafka on one side, the log on the
// other.
#include "base/test.h"
#include "conn/list.h"
#include "os/file.h"
#include "serve/kafka_door.h"
#include <stdio.h>

enum { N = 3000 };

typedef struct Rows {
    Out out;
    int64_t n, wrong;
} Rows;

static Status count_rows(Out *out, const Batch *b)
{
    Rows *r = CONTAINER(out, Rows, out);
    for (int32_t i = 0; i < b->rows; i++) {
        char want[32];
        int64_t offset = column_i64(&b->col[4], i);
        Str value = column_str(&b->col[1], i);
        int n = snprintf(want, sizeof want, "v%lld", (long long)offset);
        r->wrong += !str_eq(value, str_of(want, n)) || !column_null(&b->col[0], i);
    }
    r->n += b->rows;
    return DONE;
}

static Status send_rows(Arena *a, Str servers, Str *receipt)
{
    const Field f[] = {field_of(S("value"), &type_string, true)};
    const Schema *schema = type_struct(a, f, 1);
    Options o = {0};
    Sink *s;
    SinkEpoch e = {.query_id = S("q"), .incarnation = S("i")};
    vec_push(a, &o, ((Option){S("kafka.bootstrap.servers"), servers}));
    vec_push(a, &o, ((Option){S("topic"), S("t")}));
    SinkArgs args = {.options = &o, .schema = schema};
    TRY(sink_open(&s, a, sink_find(S("kafka")), &args));
    Part part = {.arena = arena_new(a)};
    for (int32_t at = 0; at < N; at += 1000) {
        Batch b = batch_new(a, schema, 1000);
        for (int32_t i = 0; i < 1000; i++)
            COLUMN_DATA(&b.col[0], Str)[i] = str_fmt(a, "v%d", at + i);
        TRY(s->kind->encode(s, &part, &b));
    }
    TRY(s->kind->seal(s, &part));
    TRY(s->kind->take(s, &e, &part));
    Buf b = buf_new(a);
    TRY(s->kind->stage(s, &e, &b));
    *receipt = buf_str(&b);
    return s->kind->commit(s, &e, *receipt);
}

static int64_t read_rows(Arena *a, Source *s, Str from, Str to, int64_t *wrong)
{
    Rows r = {.out = {count_rows}};
    Lanes lanes = {0};
    CHECK_OK(s->kind->lanes(s, a, from, to, &lanes));
    for (int64_t i = 0; i < lanes.n; i++) CHECK_OK(s->kind->read(s, &lanes.v[i], a, &r.out));
    *wrong += r.wrong;
    return r.n;
}

TEST(kafka_client_of_a_door)
{
    if (test_skip_foreign_threads()) return;
    Str dir, servers, receipt, from, to, latest;
    Log *log;
    KafkaDoor *door;
    Source *s;
    CHECK_OK(dir_temp(&dir, a));
    CHECK_OK(log_open(&log, a, dir, NULL));
    CHECK_OK(kafka_door_open(&door, a, log, S("127.0.0.1:0"), NULL));
    servers = kafka_door_address(door);
    Arena *clients = arena_new(a);
    CHECK_OK(send_rows(clients, servers, &receipt));
    CHECK_I64(partition_end(topic_partition(topic_find(log, S("t")), 0)), N);
    Options o = {0};
    vec_push(a, &o, ((Option){S("kafka.bootstrap.servers"), servers}));
    vec_push(a, &o, ((Option){S("subscribePattern"), S("^t$")}));
    vec_push(a, &o, ((Option){S("startingOffsets"), S("earliest")}));
    SourceArgs args = {.options = &o, .streaming = true};
    CHECK_OK(source_open(&s, clients, source_find(S("kafka")), &args));
    CHECK_OK(s->kind->start(s, a, &from));
    CHECK_OK(s->kind->latest(s, a, from, &(Admission){0}, &to, &latest));
    CHECK_STR(from, S("{\"t\":{\"0\":0}}"));
    CHECK_STR(to, S("{\"t\":{\"0\":3000}}"));
    // On from where the last epoch ended, from anywhere, and less than was fetched.
    static const int64_t span[][2] = {{0, 1000}, {1000, 1001}, {1001, N}, {500, 700}, {0, N}};
    int64_t wrong = 0;
    for (int64_t i = 0; i < COUNT(span); i++) {
        Str begin = str_fmt(a, "{\"t\":{\"0\":%lld}}", (long long)span[i][0]);
        Str end = str_fmt(a, "{\"t\":{\"0\":%lld}}", (long long)span[i][1]);
        CHECK_I64(read_rows(a, s, begin, end, &wrong), span[i][1] - span[i][0]);
    }
    s->limit = 7;
    CHECK_I64(read_rows(a, s, from, to, &wrong), 7);
    CHECK_I64(wrong, 0);
    arena_clear(clients);
    CHECK_OK(source_open(&s, clients, source_find(S("kafka")), &args));
    CHECK_OK(topic_delete(topic_find(log, S("t"))));
    CHECK_FAILS(s->kind->latest(s, a, to, &(Admission){0}, &from, &latest), ERR_CORRUPT);
    CHECK(failure()->cond == COND_KAFKA_DATA_LOSS_DELETED);
    arena_free(clients);
    kafka_door_close(door);
    log_close(log);
}
