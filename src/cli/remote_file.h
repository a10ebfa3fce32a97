// remote_file.h -- RemoteFile, a pipeline's file parted by who understands what: what Spark's
// pipelines take stays SQL; what kappa adds (doc/pipelines.md) becomes views, sinks and flows of
// Spark Connect. A function of the text alone.
#ifndef CLI_REMOTE_FILE_H
#define CLI_REMOTE_FILE_H
#include "plan/statement.h"
#include "serve/remote.h"

typedef struct RemoteView { // over a source
    Str name;
    RemoteFlow from; // graph still empty
    const Statement *st;
    bool batch; // it is read as a table, too
} RemoteView;
typedef struct RemoteSink {
    Str name, format;
    Options options;
} RemoteSink;
typedef struct RemoteFile {
    Arena *arena;
    Str sql;     // for the graph, each statement at its line; empty: none
    Str storage; // where the file says that checkpoints go; may be empty
    Str kafka;   // bootstrap servers of sources and sinks that name none
    RemoteGraph graph;
    VEC(Str) first; // statements for before: schemas
    VEC(RemoteView) view;
    VEC(RemoteSink) sink;
    VEC(RemoteFlow) flow; // into sinks
    VEC(Str) output;
    Buf notices; // what will be another there, a line each
} RemoteFile;

// kafka: for what names no bootstrap.servers; may be empty.
Status remote_file(RemoteFile *f, Arena *a, Str text, Str kafka);
#endif
