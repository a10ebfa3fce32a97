// list.h -- the connectors. Adding one is its file and a word here.
#ifndef CONN_LIST_H
#define CONN_LIST_H
#include "conn/sink.h"
#include "conn/source.h"

#define SOURCES(X)                                                                                 \
    X(rate)                                                                                        \
    X(rate_micro_batch)                                                                            \
    X(json) X(csv) X(text) X(parquet) X(memory) X(kafka) X(iceberg) X(range) X(socket)
#define SINKS(X)          X(console) X(kafka) X(memory) X(iceberg) X(noop) X(json) X(csv) X(text) X(parquet)
#define DECLARE_SOURCE(n) extern const SourceKind source_##n;
#define DECLARE_SINK(n)   extern const SinkKind sink_##n;
SOURCES(DECLARE_SOURCE)
SINKS(DECLARE_SINK)
#undef DECLARE_SOURCE
#undef DECLARE_SINK
// That there is no source, or sink, of that name: one of Spark's that is not built is
// UNSUPPORTED_FEATURE, any other DATA_SOURCE_NOT_FOUND with the nearest.
Status connector_missing(Arena *a, Str name);
bool connector_elsewhere(Str name); // Spark has it, and it is not built here
// Options of every reader and writer, which the session has read: path, checkpointLocation, ...
bool connector_option(Str key);
// All of them, for `kappa docs` and for messages that name the nearest.
const SourceKind *const *source_kinds(int64_t *n);
const SinkKind *const *sink_kinds(int64_t *n);
#endif
