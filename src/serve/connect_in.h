// connect_in.h -- what the files of the Connect door share: the door, connections (Link), calls
// (Rpc). Sessions and operations are in connect_session.h.
//
// Threads: links and calls belong to the door's thread. An operation runs on a thread of the crew,
// which puts replies; the call that is attached takes them on the door's thread. Locks are taken in
// this order: Client.lock (of the Session, may be held for long and never by the door's thread),
// ConnectDoor.lock, Operation.lock.
#ifndef SERVE_CONNECT_IN_H
#define SERVE_CONNECT_IN_H
#include "base/map.h"
#include "os/net.h"
#include "os/thread.h"
#include "plan/connect.h"
#include "serve/connect_door.h"
#include "serve/connect_error.h"
#include "serve/timers.h"
#include "wire/http2.h"
#include "wire/tls.h"

enum { UUID_BYTES = 36, TOMBSTONES = 1000, ERRORS_KEPT = 20, ENDED_KEPT = 50 };
typedef struct Link Link;
typedef struct Rpc Rpc;
typedef struct Client Client;
typedef struct Operation Operation;
typedef struct Reply Reply;

typedef struct Job Job;
struct Job { // for the crew
    Job *next;
    void (*run)(Job *j);
};
typedef struct ClientAsk { // who calls; `observed` p NULL: did not say
    Str id, user, client_type, observed;
} ClientAsk;
typedef struct Method {
    Str name;
    uint32_t type_no, observed_no; // fields of the request: client_type, the observed session id
    bool any_session;              // fine without a session: r->client may be NULL
    Status (*run)(Rpc *r, Str request, Buf *answer);  // on the crew
    Status (*here)(Rpc *r, Str request, Buf *answer); // on the door's thread
    Status (*attach)(Rpc *r, Str request);            // leaves r->op set, or fails
    Status (*message)(Rpc *r, Str request); // each of many; then `here`, without a request
} Method;
struct Rpc {
    Rpc *next, *prev; // of its link
    ConnectDoor *door;
    Link *link; // NULL: its stream is gone
    Arena *arena;
    const Method *method;
    int32_t stream, refs;
    Buf in;           // in an arena of its own, which an operation may take over
    int64_t taken;    // bytes of `in` that messages have taken
    Str request;      // the message
    bool whole;       // all of the request is there
    bool begun, done; // the answer; done: what is in `now` is the last, then the trailers
    bool gzip, cut;
    Reply *now;               // being sent
    Reply *answer;            // of a unary call
    int64_t sent, sent_bytes; // of `now`; of all
    ConnectError *error;
    ClientAsk ask;
    Client *client; // while its method runs
    Operation *op;  // attached to
    int64_t cursor; // the next of its replies
    Timer deadline, cut_timer;
    void *state; // the method's own
    Job job;
    Rpc *next_done;
};
struct Link {
    ConnectDoor *door;
    Link *next, *prev;
    Arena *arena;
    Socket *socket;
    Str peer;
    Http2 *http2;
    Rpc *rpcs;
    Tls *tls;  // NULL: bytes go as they are
    Buf plain; // between it and the protocol, for the length of a call
    Buf out;   // as it goes over the wire
    int64_t out_sent, preface, opened_ns;
    bool marked, broken, want_write, closing;
    bool heard;    // its first byte has come
    bool in_clear; // at a door that speaks TLS: for workers of our own only
};
struct ConnectDoor {
    Arena *arena, *thread_arena;
    Engine *engine;
    ConnectDoorOptions options;
    TlsConfig *tls;    // NULL: the door speaks none
    Str worker_secret; // what functions of foreachBatch bear, as the header x-kappa-worker
    Socket *listener, *listener6;
    Str address;
    Poll *poll;
    Thread *thread;
    Shared64 stop;
    Timers timers;
    Timer idle;
    Link *links;
    Link **marked; // connections_max of them
    int32_t nmarked;
    Mutex *lock; // of all below
    Signal *work;
    Job *first_job, *last_job;
    int32_t idle_threads, nthreads, njobs;
    bool ending;
    Map clients; // by "user/session"
    Map tombs;   // ids of sessions that ended
    Arena *tomb_arena;
    Rpc *done_rpcs;
    Operation *ready;
    Shared64 nlinks, nclients, noperations, accepted, turned_away, calls, bytes_in, bytes_out, held;
    bool closed;
};

// -- connect_door.c
int64_t connect_now(void);
Str connect_url(const ConnectDoor *d, Arena *a); // "sc://127.0.0.1:15002"
void connect_say(ConnectDoor *d, Str peer, const char *fmt, ...) PRINTF(3, 4);
// -- connect_crew.c
bool crew_submit(ConnectDoor *d, Job *j); // false: too much is at work
void crew_end(ConnectDoor *d);
// -- connect_link.c
void link_accept(ConnectDoor *d, Socket *listener);
void link_ready(Link *l, const Ready *r);
void link_mark(Link *l);
void link_end(Link *l);
void links_flush(ConnectDoor *d);
void links_late(ConnectDoor *d);    // ends those that have not begun to speak in time
void links_goodbye(ConnectDoor *d); // tells all to make no new calls
// -- connect_rpc.c
extern const Http2Events rpc_events; // their ctx is a Link
void rpc_gone(Rpc *r);
void rpc_more(Rpc *r);           // it may have something to send
void rpc_fail(Rpc *r, Status s); // ends it with this thread's failure
void rpc_detach(Rpc *r);
void rpc_cut_after(Rpc *r, Micros t); // a stream that is reattachable ends then
void rpcs_done(ConnectDoor *d);       // what the crew has finished
const Method *method_find(Str path);  // connect_methods.c
// -- connect_methods.c, connect_artifacts.c, connect_config.c, connect_analyze.c,
// connect_status.c
void put_session(const Rpc *r, Buf *b, uint32_t id_no, uint32_t server_no);
Status artifacts_message(Rpc *r, Str request);
Status artifacts_end(Rpc *r, Str request, Buf *answer);
Status artifacts_status(Rpc *r, Str request, Buf *answer);
Status connect_config(Rpc *r, Str request, Buf *answer);
Status connect_analyze(Rpc *r, Str request, Buf *answer);
Status connect_status(Rpc *r, Str request, Buf *answer);
Status connect_clone(Rpc *r, Str request, Buf *answer);
#endif
