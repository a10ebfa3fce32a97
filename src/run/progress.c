// progress.c -- the JSON of progress, fields in Spark's order. Empty maps and rates that are not
// finite are left out, save where PySpark's readers need them (A17).
#include "run/progress.h"
#include "base/civil.h"
#include "base/num.h"
#include <math.h>

static const Str phase_names[PHASES] = {
    [PHASE_ADD_BATCH] = STR_INIT("addBatch"),
    [PHASE_COMMIT_OFFSETS] = STR_INIT("commitOffsets"),
    [PHASE_GET_BATCH] = STR_INIT("getBatch"),
    [PHASE_LATEST_OFFSET] = STR_INIT("latestOffset"),
    [PHASE_QUERY_PLANNING] = STR_INIT("queryPlanning"),
    [PHASE_TRIGGER_EXECUTION] = STR_INIT("triggerExecution"),
    [PHASE_WAL_COMMIT] = STR_INIT("walCommit"),
};

static void key(Buf *b, Str name) // a comma unless an object or list just began
{
    char last = b->n ? b->p[b->n - 1] : '{';
    if (last != '{' && last != '[') buf_char(b, ',');
    buf_json(b, name);
    buf_char(b, ':');
}
static void key_str(Buf *b, Str name, Str value)
{
    key(b, name);
    buf_json(b, value);
}
static void key_i64(Buf *b, Str name, int64_t v)
{
    key(b, name);
    buf_i64(b, v);
}
static void key_time(Buf *b, Str name, int64_t ms)
{
    char text[40];
    int64_t n = civil_format_ms(text, ms * MICROS_PER_MS);
    key_str(b, name, str_of(text, n));
}
void rate_json(Buf *b, double rate)
{
    double tenths = floor(rate * 10 + 0.5);
    if (fabs(tenths) < 1e15) {
        buf_fmt(b, "%lld.%lld", (long long)(tenths / 10), (long long)fmod(tenths, 10));
        return;
    }
    buf_fmt(b, "%.1f", rate);
}
static void key_rate(Buf *b, Str name, double rate, bool needed)
{
    if (!isfinite(rate) && !needed) return;
    key(b, name);
    rate_json(b, isfinite(rate) ? rate : 0.0);
}
static void key_offset(Buf *b, Str name, Str offset, bool as_text)
{
    key(b, name);
    if (!offset.n)
        buf_put(b, S("null"));
    else if (as_text)
        buf_json(b, offset);
    else
        buf_put(b, offset);
}
static void put_op(Buf *b, const OpProgress *o)
{
    if (b->p[b->n - 1] != '[') buf_char(b, ',');
    buf_char(b, '{');
    key_str(b, S("operatorName"), o->name);
    key_i64(b, S("numRowsTotal"), o->counts.total);
    key_i64(b, S("numRowsUpdated"), o->counts.updated);
    key_i64(b, S("allUpdatesTimeMs"), 0);
    key_i64(b, S("numRowsRemoved"), o->counts.removed);
    key_i64(b, S("allRemovalsTimeMs"), 0);
    key_i64(b, S("commitTimeMs"), 0);
    key_i64(b, S("memoryUsedBytes"), o->counts.bytes);
    key_i64(b, S("numRowsDroppedByWatermark"), o->counts.dropped_by_watermark);
    key_i64(b, S("numShufflePartitions"), o->shards);
    key_i64(b, S("numStateStoreInstances"), o->stores);
    key(b, S("customMetrics")); // of Spark's own state store; all state is in memory here
    buf_char(b, '{');
    key_i64(b, S("loadedMapCacheHitCount"), 0);
    key_i64(b, S("loadedMapCacheMissCount"), 0);
    if (o->duplicates) key_i64(b, S("numDroppedDuplicateRows"), o->counts.dropped_duplicates);
    key_i64(b, S("stateOnCurrentVersionSizeBytes"), o->counts.bytes);
    buf_put(b, S("}}"));
}
static void put_source(Buf *b, const SourceProgress *s, bool as_text)
{
    if (b->p[b->n - 1] != '[') buf_char(b, ',');
    buf_char(b, '{');
    key_str(b, S("description"), s->description);
    key_offset(b, S("startOffset"), s->start, as_text);
    key_offset(b, S("endOffset"), s->end, as_text);
    key_offset(b, S("latestOffset"), s->latest, as_text);
    key_i64(b, S("numInputRows"), s->rows);
    key_rate(b, S("inputRowsPerSecond"), s->in_per_second, true);
    key_rate(b, S("processedRowsPerSecond"), s->out_per_second, true);
    if (s->metrics.n) {
        key(b, S("metrics"));
        buf_put(b, s->metrics);
    }
    buf_char(b, '}');
}
static void put_event_time(Buf *b, const Progress *p)
{
    key(b, S("eventTime"));
    buf_char(b, '{');
    if (p->seen.count) {
        key_time(b, S("avg"), watermark_avg(&p->seen));
        key_time(b, S("max"), p->seen.max);
        key_time(b, S("min"), p->seen.min);
    }
    key_time(b, S("watermark"), p->watermark);
    buf_char(b, '}');
}
void progress_json(Buf *b, const Progress *p, bool offsets_as_text)
{
    buf_char(b, '{');
    key_str(b, S("id"), p->id);
    key_str(b, S("runId"), p->run_id);
    key(b, S("name"));
    if (p->name.n)
        buf_json(b, p->name);
    else
        buf_put(b, S("null"));
    key_time(b, S("timestamp"), floor_div(p->timestamp, MICROS_PER_MS));
    key_i64(b, S("batchId"), p->batch_id);
    key_i64(b, S("batchDuration"), MAX(0, p->ms[PHASE_TRIGGER_EXECUTION]));
    key_i64(b, S("numInputRows"), p->rows);
    key_rate(b, S("inputRowsPerSecond"), p->in_per_second, false);
    key_rate(b, S("processedRowsPerSecond"), p->out_per_second, false);
    key(b, S("durationMs"));
    buf_char(b, '{');
    for (int32_t i = 0; i < PHASES; i++)
        if (p->ms[i] >= 0) key_i64(b, phase_names[i], p->ms[i]);
    buf_char(b, '}');
    if (p->event_time) put_event_time(b, p);
    key(b, S("stateOperators"));
    buf_char(b, '[');
    for (int32_t i = 0; i < p->nops; i++) put_op(b, &p->op[i]);
    buf_put(b, S("]"));
    key(b, S("sources"));
    buf_char(b, '[');
    for (int32_t i = 0; i < p->nsources; i++) put_source(b, &p->source[i], offsets_as_text);
    buf_put(b, S("]"));
    key(b, S("sink"));
    buf_char(b, '{');
    key_str(b, S("description"), p->sink);
    key_i64(b, S("numOutputRows"), p->sink_rows);
    buf_char(b, '}');
    if (p->observed.n) {
        key(b, S("observedMetrics"));
        buf_put(b, p->observed);
    }
    buf_char(b, '}');
}
