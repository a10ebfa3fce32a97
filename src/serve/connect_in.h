// connect_in.h -- what the files of the Connect door share: connections (Link), calls (Rpc),
// sessions (Client), operations and their replies.
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

enum { UUID_BYTES = 36, TOMBSTONES = 1000, ERRORS_KEPT = 20 };
typedef struct Link Link;
typedef struct Rpc Rpc;
typedef struct Client Client;
typedef struct Operation Operation;

typedef struct Job Job;
struct Job { // for the crew
    Job *next;
    void (*run)(Job *j);
};
typedef struct Reply { // a framed message, shared by an operation and the call that sends it
    Arena *arena;
    Buf bytes; // GRPC_PREFIX first
    char id[UUID_BYTES];
    Shared64 refs;
} Reply;
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
    Buf out;
    int64_t out_sent, preface;
    bool marked, broken, want_write, closing;
};
typedef struct CachedRel { // of checkpoint() and foreachBatch
    Str id;
    Rel *rel;
} CachedRel;
typedef struct Streamed {
    Query *query;
    bool forgotten; // by resetTerminated
    bool told;      // the listener, of its end
} Streamed;
struct Client { // a session, by user and session id
    ConnectDoor *door;
    Arena *arena;
    Str key, user, id, server_id, client_type;
    Session *session;
    Mutex *lock; // of session and cached
    Arena *cached_arena;
    Map cached; // CachedRel by id
    Arena *blob_arena; // artifacts; under the door's lock
    Map blobs;         // Str by name
    int64_t blob_bytes;
    Map operations; // by id; under the door's lock
    ConnectError *errors[ERRORS_KEPT];
    int32_t nerrors, refs;
    int64_t seen_ns;          // the last call
    int64_t stream_bytes_max; // settings: after so much a reattachable stream ends
    Micros stream_time_max;
    bool closed;
    Arena *streamed_arena;    // under the door's lock, as what follows
    VEC(Streamed *) streamed; // queries that it started
    Operation *listener;      // of the bus
};
struct Operation {
    Client *client;
    Arena *arena;
    Str id, plan;
    VEC(Str) tags;
    int32_t refs; // under the door's lock
    bool reattachable, released, queued;
    Rpc *rpc; // that sends; the door's thread's
    Timer abandon;
    Job job;
    Operation *next_ready;
    Shared64 cancel;
    Mutex *lock;
    Signal *room;
    Arena *replies_arena;
    VEC(Reply *) replies; // those that are kept: the first has the index `first`
    char last_released[UUID_BYTES];
    int64_t first, cursor; // cursor: copied from the attached call
    int64_t unsent, kept;  // bytes
    bool done;
    ConnectError *error;
};
struct ConnectDoor {
    Arena *arena, *thread_arena;
    Engine *engine;
    ConnectDoorOptions options;
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
// -- connect_rpc.c
extern const Http2Events rpc_events; // their ctx is a Link
void rpc_gone(Rpc *r);
void rpc_more(Rpc *r);           // it may have something to send
void rpc_fail(Rpc *r, Status s); // ends it with this thread's failure
void rpc_detach(Rpc *r);
void rpc_cut_after(Rpc *r, Micros t); // a stream that is reattachable ends then
void rpcs_done(ConnectDoor *d);       // what the crew has finished
const Method *method_find(Str path);  // connect_methods.c
// -- connect_client.c
// The session of a request, made when it is new, with a reference.
Status client_find(Client **c, ConnectDoor *d, const ClientAsk *ask);
// The same without making one: *c NULL when there is none.
void client_look(Client **c, ConnectDoor *d, const ClientAsk *ask);
bool is_uuid(Str s);
void client_hold(Client *c);
void client_keep_error(Client *c, ConnectError *e); // for FetchErrorDetails; c may be NULL
ConnectError *client_error(Client *c, Str id);      // with a reference; NULL: unknown
void client_drop(Client *c);
void client_close(Client *c); // no more calls; operations are cancelled, queries stopped
void clients_begin(ConnectDoor *d);
void clients_idle(ConnectDoor *d);
void clients_end(ConnectDoor *d);
// What a batch run needs of the session while others change it. The session's lock is held.
Session *session_fork(Arena *a, const Session *s);
// -- connect_operation.c
Operation *operation_new(Client *c, Arena *a, Str id, Str plan);
Operation *operation_find(Client *c, Str id); // with a reference
Operation *operation_any(Client *c);          // any of them, likewise
void operation_drop(Operation *o);
void operation_attach(Operation *o, Rpc *r, int64_t cursor);
// Index after the reply with this id; -1: not kept any more. An empty id: the first that is kept.
int64_t operation_after(Operation *o, Str response_id);
void operation_release_until(Operation *o, Str response_id);
void operation_release(Operation *o);
void operation_cancel(Operation *o);
Reply *reply_new(void);
void reply_drop(Reply *r);
Reply *operation_reply(const Operation *o); // begun: ids are in; the payload comes next
// Hands a reply over; waits while the client has too much to read. ERR_CANCELLED.
Status operation_put(Operation *o, Reply *r);
void operation_post(Operation *o, Reply *r); // the same without waiting
void operation_finish(Operation *o, Status s);
void operations_ready(ConnectDoor *d);
// The next reply from the cursor on, with a reference; NULL: none yet, or *over.
Reply *operation_next(Operation *o, int64_t *cursor, bool *over);
// -- connect_methods.c, connect_artifacts.c, connect_config.c, connect_analyze.c, connect_clone.c
void put_session(const Rpc *r, Buf *b, uint32_t id_no, uint32_t server_no);
Status artifacts_message(Rpc *r, Str request);
Status artifacts_end(Rpc *r, Str request, Buf *answer);
Status artifacts_status(Rpc *r, Str request, Buf *answer);
Status connect_config(Rpc *r, Str request, Buf *answer);
Status connect_analyze(Rpc *r, Str request, Buf *answer);
Status connect_clone(Rpc *r, Str request, Buf *answer);
// -- connect_execute.c
void operation_run(Job *j);
#endif
