// progress.h -- Progress, what a query tells about an epoch, in Spark's words and numbers
// (semantics 8.2). Each holds its own memory.
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H
#include "op/watermark.h"
#include "state/state.h"

enum { PROGRESS_KEPT = 100 }; // spark.sql.streaming.numRecentProgressUpdates
typedef enum Phase {          // of a trigger, as durationMs lists them: sorted
    PHASE_ADD_BATCH,
    PHASE_COMMIT_OFFSETS,
    PHASE_GET_BATCH,
    PHASE_LATEST_OFFSET,
    PHASE_QUERY_PLANNING,
    PHASE_TRIGGER_EXECUTION,
    PHASE_WAL_COMMIT,
    PHASES,
} Phase;
typedef struct OpProgress {
    Str name;
    StateCounts counts;
    int32_t shards, stores; // stores: numStateStoreInstances
    bool duplicates;        // has the metric numDroppedDuplicateRows
} OpProgress;
typedef struct SourceProgress {
    Str description, start, end, latest; // offsets; empty: null
    Str metrics;                         // a JSON object, or empty
    int64_t rows;
    double in_per_second, out_per_second; // NaN: unknown
} SourceProgress;
typedef struct Progress {
    Arena *arena;
    Str id, run_id, name;
    Micros timestamp; // when the trigger began
    int64_t batch_id, rows;
    double in_per_second, out_per_second;
    int64_t ms[PHASES]; // -1: that phase was not reached
    bool event_time;    // the query has a watermark
    int64_t watermark;  // W(n), ms
    WatermarkStats seen;
    OpProgress *op;
    int32_t nops;
    SourceProgress *source;
    int32_t nsources;
    Str sink;
    int64_t sink_rows; // -1: unknown
    Str observed;      // a JSON object of what observe() saw; empty: nothing observes
} Progress;

// The JSON of listener events, with offsets as JSON values; or of lastProgress over Connect, where
// they are text (semantics A33).
void progress_json(Buf *b, const Progress *p, bool offsets_as_text);
// A rate as Spark prints it: one decimal, half up.
void rate_json(Buf *b, double rate);
#endif
