// remote.h -- Remote, the client's end of a Spark Connect server elsewhere: one connection, one
// session of its own, commands sent and answers heard one after the other. For one thread.
//
// Nothing waits for ever: a server of which nothing is heard for `patience`, though it is asked
// meanwhile how it is, ends the call with ERR_IO; so does one that closes the connection. What the
// server fails with is this thread's failure, in the server's words.
#ifndef SERVE_REMOTE_H
#define SERVE_REMOTE_H
#include "base/buf.h"
#include "base/options.h"
#include "os/thread.h"
#include "wire/protobuf.h"

enum { REMOTE_PORT = 15002 };
typedef struct RemoteAddress { // sc://host:port/;key=value;...
    Str at;                    // host:port
    Str token, user, session, agent;
    Options fields; // its other parameters: headers of every call
    bool tls;       // use_ssl, or a token that leaves this machine
} RemoteAddress;
// Everything in it lives in a. ERR_INVALID names what is wrong.
Status remote_address(RemoteAddress *to, Arena *a, Str url);

typedef struct Remote Remote;
typedef struct RemoteOptions {
    Micros patience;
    const Shared64 *stop; // not 0: what runs is interrupted, ERR_CANCELLED. May be NULL
} RemoteOptions;
// Connects and asks the server's version. Lives in a; closed by remote_close, or when a ends.
Status remote_open(Remote **r, Arena *a, Str url, const RemoteOptions *o);
Str remote_version(const Remote *r); // "4.1.1"
Str remote_at(const Remote *r);      // host:port
// Runs a Command (its bytes). `hear` gets each ExecutePlanResponse; NULL: nobody cares.
typedef Status (*RemoteHear)(void *ctx, const Proto *response);
Status remote_execute(Remote *r, Str command, RemoteHear hear, void *ctx);
// Ends the session, and all that it runs.
void remote_close(Remote *r);

// -- remote_error.c
typedef struct RemoteError { // how a call ended, as its trailers say
    Str status, message, details;
} RemoteError;
// Its errorId, for FetchErrorDetails; empty: none.
Str remote_error_id(const RemoteError *e, Arena *a);
// Makes it this thread's failure. more: a FetchErrorDetailsResponse, may be empty.
Status remote_failed(const RemoteError *e, Str more);

// -- remote_plan.c: commands as bytes. graph: the dataflow graph's id.
typedef struct RemoteGraph {
    Str catalog, database; // empty: the server's
    Options conf;
} RemoteGraph;
typedef struct RemoteRun {
    Str graph, storage;
    const Str *refresh, *full_refresh;
    int32_t nrefresh, nfull_refresh;
    bool full_refresh_all, dry;
} RemoteRun;
typedef struct RemoteFlow {
    Str graph, name, target;
    const Options *conf;
    Str query;          // of SQL; empty: it reads a source
    Str format, schema; // the source; schema is DDL text or empty
    const Options *options;
    bool streaming;
} RemoteFlow;
Str remote_plan_sql(Arena *a, Str text);
Str remote_plan_graph(Arena *a, const RemoteGraph *g);
Str remote_plan_elements(Arena *a, Str graph, Str file, Str text);
Str remote_plan_view(Arena *a, Str graph, Str name);
Str remote_plan_sink(Arena *a, Str graph, Str name, Str format, const Options *options);
Str remote_plan_flow(Arena *a, const RemoteFlow *f);
Str remote_plan_run(Arena *a, const RemoteRun *run);
// Of a response: the id of the graph that was made; an event of a run. False: it has none.
bool remote_graph_id(const Proto *response, Str *id);
bool remote_event(const Proto *response, Micros *at, Str *message);
#endif
