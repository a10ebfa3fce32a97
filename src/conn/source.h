// source.h -- sources: spans of offsets in, the same rows out, every time. A connector is one file
// and one word in conn/list.h.
//
// An offset is text, JSON by Spark's form for that source, and means "all before this". The
// run-time keeps offsets and compares them as bytes; only the source understands them.
#ifndef CONN_SOURCE_H
#define CONN_SOURCE_H
#include "base/buf.h"
#include "base/options.h"
#include "col/out.h"
#include "expr/eval.h"
#include "expr/expr.h"

typedef struct Source Source;
typedef struct Lane { // a piece of one epoch's span that one worker reads, in order of rows
    int32_t part;     // partition, file, ..: the source's own numbering
    int64_t from, to; // half open, the source's own unit
    int64_t rows;     // estimate, for balance; -1 unknown
    const void *more; // the source's own
} Lane;
typedef struct Lanes {
    Lane *v;
    int64_t n, cap;
} Lanes;
enum {
    LANE_ROWS = 65536
}; // what a lane should hold: lanes are cut by offsets, never by who is free

typedef struct SourceArgs {
    const Options *options;
    const Schema *schema; // given by the user, or NULL
    const Schema *known;  // what an earlier open of the same read found: saves looking again
    bool streaming;       // readStream; else all there is, once
    bool again;           // a batch read that a stream repeats, each time of what there is then
    bool metadata;        // rows end with the column _metadata, as `known` then does
    bool infer;      // spark.sql.streaming.schemaInference: a stream is read as what is there says
    Str path;        // load(path), or empty
    struct Log *log; // the embedded log, NULL when there is none
    struct Catalogs *catalogs;     // for tables (lake/catalog.h)
    const struct LakeTable *table; // the table, when the plan has resolved it; else `path` names it
    const struct Prune *prune;     // conditions by which a source may leave out rows (fmt/prune.h)
    int32_t nprune;
    Expr *const *filter; // conjuncts over E_COLUMN of the rows, of the same use
    int32_t nfilter;
    struct MemoryInput *memory; // what a memory source reads (conn/memory.h); NULL elsewhere
    Str query_dir;              // where a source may keep a log of its own; empty for a batch read
    const EvalCtx *eval;
    Buf *warn; // lines for the user
} SourceArgs;
typedef struct Admission { // how much an epoch may take
    bool all;              // ignore rate limits (Once, and finding AvailableNow's end)
    Str cap;               // AvailableNow: never past this offset; empty: no cap
} Admission;
typedef struct SourceKind {
    Str name;    // of format("..") and USING
    size_t size; // of the instance, Source first
    const OptSpec *opts;
    int64_t nopts;
    bool streams, batches; // which reads it offers
    bool at_once;          // a new query's first epoch waits for no row, as Spark's batch 0
    const char *doc;
    const Type *metadata; // of the hidden column _metadata; NULL: there is none
    // Parses options and sets s->schema, s->description. Lives in a.
    Status (*open)(Source *s, Arena *a, const SourceArgs *args);
    Status (*start)(Source *s, Arena *a, Str *offset); // where a new query begins
    // *to: the end of the next epoch (equal to `from`: nothing to do); *latest: all there is now.
    Status (*latest)(Source *s, Arena *a, Str from, const Admission *adm, Str *to, Str *latest);
    Status (*lanes)(Source *s, Arena *a, Str from, Str to, Lanes *lanes);
    // Emits the rows of a lane. Several threads read different lanes of one source at once. Only
    // the columns in s->needed hold data; the others are not there to read (Column.data NULL).
    Status (*read)(Source *s, const Lane *lane, Arena *scratch, Out *out);
    void (*forget)(Source *s, Str upto); // no epoch will ask before this. May be NULL
    void (*metrics)(Source *s, Buf *json, Str offset, Str latest); // progress: sources[].metrics
    void (*close)(Source *s);                                      // may be NULL
} SourceKind;
struct Source {
    const SourceKind *kind;
    const Schema *schema; // of the rows
    uint8_t *needed;      // a byte a column; set by the planner before the first read
    int64_t limit;        // a batch read may stop after so many rows, -1: all
    Str description;      // as Spark's progress has it: KafkaV2[Subscribe[events]]
    struct Log
        *told_by; // whose watches tell when there is more (log_watch); NULL: ask again and again
    Arena *arena;
};
const SourceKind *source_find(Str name); // by name, letters of either case; NULL when there is none
// The instance lives in a, which closes it. All columns are needed until the planner says
// otherwise.
Status source_open(Source **s, Arena *a, const SourceKind *kind, const SourceArgs *args);
#endif
