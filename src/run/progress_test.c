// progress_test.c -- the JSON of progress, field by field as Spark prints it.
#include "base/test.h"
#include "run/progress.h"
#include <math.h>

TEST(rate_has_one_decimal_half_up)
{
    static const struct {
        double rate;
        Str want;
    } row[] = {
        {0, STR_INIT("0.0")},
        {0.04, STR_INIT("0.0")},
        {0.05, STR_INIT("0.1")},
        {5, STR_INIT("5.0")},
        {1234.56, STR_INIT("1234.6")},
        {3e7, STR_INIT("30000000.0")},
        {1e9, STR_INIT("1000000000.0")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        Buf b = buf_new(a);
        rate_json(&b, row[i].rate);
        CHECK_STR(buf_str(&b), row[i].want);
    }
}
static Progress sample(void)
{
    Progress p = {.id = S("i"),
                  .run_id = S("r"),
                  .timestamp = 1736899200123456,
                  .batch_id = 3,
                  .rows = 6,
                  .in_per_second = NAN,
                  .out_per_second = 12.34,
                  .ms = {[PHASE_GET_BATCH] = -1, [PHASE_TRIGGER_EXECUTION] = 500},
                  .sink = S("Console"),
                  .sink_rows = -1};
    p.ms[PHASE_COMMIT_OFFSETS] = p.ms[PHASE_QUERY_PLANNING] = p.ms[PHASE_WAL_COMMIT] = -1;
    return p;
}
TEST(progress_of_a_stateless_query)
{
    Progress p = sample();
    SourceProgress s = {.description = S("F"),
                        .end = S("{\"a\":1}"),
                        .latest = S("7"),
                        .rows = 6,
                        .in_per_second = NAN,
                        .out_per_second = 12};
    p.source = &s;
    p.nsources = 1;
    Buf b = buf_new(a);
    progress_json(&b, &p, false);
    CHECK_STR(
        buf_str(&b),
        S("{\"id\":\"i\",\"runId\":\"r\",\"name\":null,\"timestamp\":\"2025-01-15T00:00:00.123Z\","
          "\"batchId\":3,\"batchDuration\":500,\"numInputRows\":6,"
          "\"processedRowsPerSecond\":12.3,\"durationMs\":{\"addBatch\":0,\"latestOffset\":0,"
          "\"triggerExecution\":500},\"stateOperators\":[],\"sources\":[{\"description\":\"F\","
          "\"startOffset\":null,\"endOffset\":{\"a\":1},\"latestOffset\":7,\"numInputRows\":6,"
          "\"inputRowsPerSecond\":0.0,\"processedRowsPerSecond\":12.0}],"
          "\"sink\":{\"description\":\"Console\",\"numOutputRows\":-1}}"));
    buf_clear(&b);
    p.name = S("q");
    progress_json(&b, &p, true);
    CHECK(str_find(buf_str(&b), S("\"name\":\"q\"")) > 0);
    CHECK(str_find(buf_str(&b), S("\"endOffset\":\"{\\\"a\\\":1}\"")) > 0);
}
TEST(progress_of_a_stateful_query)
{
    Progress p = sample();
    OpProgress op = {.name = S("dedupe"),
                     .counts = {.total = 4,
                                .updated = 2,
                                .removed = 1,
                                .dropped_by_watermark = 3,
                                .dropped_duplicates = 5,
                                .bytes = 100},
                     .shards = 16,
                     .stores = 64,
                     .duplicates = true};
    p.op = &op;
    p.nops = 1;
    p.event_time = true;
    p.watermark = 5000;
    p.seen = (WatermarkStats){.count = 2, .max = 15000, .min = 10000, .sum = 25001000};
    Buf b = buf_new(a);
    progress_json(&b, &p, false);
    CHECK(
        str_find(buf_str(&b), S("\"eventTime\":{\"avg\":\"1970-01-01T00:00:12.500Z\",\"max\":"
                                "\"1970-01-01T00:00:15.000Z\",\"min\":\"1970-01-01T00:00:10.000Z\","
                                "\"watermark\":\"1970-01-01T00:00:05.000Z\"}")) > 0);
    CHECK(str_find(buf_str(&b),
                   S("{\"operatorName\":\"dedupe\",\"numRowsTotal\":4,\"numRowsUpdated\":2,"
                     "\"allUpdatesTimeMs\":0,\"numRowsRemoved\":1,\"allRemovalsTimeMs\":0,"
                     "\"commitTimeMs\":0,\"memoryUsedBytes\":100,\"numRowsDroppedByWatermark\":3,"
                     "\"numShufflePartitions\":16,\"numStateStoreInstances\":64,"
                     "\"customMetrics\":{\"loadedMapCacheHitCount\":0,"
                     "\"loadedMapCacheMissCount\":0,\"numDroppedDuplicateRows\":5,"
                     "\"stateOnCurrentVersionSizeBytes\":100}}")) > 0);
    p.seen.count = 0;
    buf_clear(&b);
    progress_json(&b, &p, false);
    CHECK(str_find(buf_str(&b), S("\"eventTime\":{\"watermark\":")) > 0);
}
