// feed.h -- streams, tables and a sink that tests hold in their hands. A Feed is a stream of texts
// (files of JSON lines, or of lines); an epoch takes the next one, as Spark does with
// maxFilesPerTrigger = 1. A Catch is a sink that keeps an epoch's rows as JSON, commits from the
// receipt alone, and notices what is committed twice or with other rows.
#ifndef RUN_FEED_H
#define RUN_FEED_H
#include "os/thread.h"
#include "run/query.h"

typedef struct Feed {
    Str name;
    const Schema *schema;
    bool lines; // one STRING column: the lines as they are
    Options options;
    const EvalCtx *eval; // of the session, once it has a view
    VEC(Str) file;
    Shared64 visible;  // files that have arrived: a query on its own thread looks
    int32_t lane_rows; // rows of a lane, 0: a file is one lane
} Feed;
Status view_add(Session *s, Str name, Rel *rel); // a temporary view
Status feed_delay(Str text, Micros *delay);      // of withWatermark
// dropDuplicates of these columns (none: of all) above `from`.
Rel *feed_dedup(Arena *a, Rel *from, const Str *column, int32_t n, bool within_watermark);
// A view of this name over the feed, in the session; with a watermark when `column` is not empty.
Status feed_view(Session *s, Feed *f, Str column, Str delay);
// A view over rows at hand: JSON lines read as a JSON source reads them.
Status feed_table(Session *s, Str name, const Schema *schema, Str text);

typedef struct CaughtEpoch {
    int64_t epoch;
    Str rows;  // JSON lines
    Str texts; // the same as show() prints values, two spaces between columns
    int64_t n;
} CaughtEpoch;
typedef struct Catch {
    Out out; // what makes it reachable from SinkArgs
    Arena *arena;
    VEC(CaughtEpoch) epoch;
    int64_t again;  // commits of an epoch that was there already
    bool differing; // ... with other rows
} Catch;
Catch *catch_new(Arena *a);

// Puts feeds (by name, in `feeds`) and the catch in place of the sources and sinks of queries.
void feed_hooks(QueryEnv *env, Catch *c, Map *feeds);
#endif
