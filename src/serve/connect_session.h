// connect_session.h -- sessions of the Connect door (Client), their operations and the replies of
// these. Locks: connect_in.h.
#ifndef SERVE_CONNECT_SESSION_H
#define SERVE_CONNECT_SESSION_H
#include "plan/connect.h"
#include "serve/connect_in.h"

struct Reply { // a framed message, shared by an operation and the call that sends it
    Arena *arena;
    Buf bytes; // GRPC_PREFIX first
    char id[UUID_BYTES];
    Shared64 refs;
};
typedef struct CachedRel { // of checkpoint() and foreachBatch
    Str id;
    Rel *rel;
} CachedRel;
typedef enum OpState { // as GetStatus numbers them
    OP_UNKNOWN = 1,
    OP_RUNNING,
    OP_TERMINATING,
    OP_SUCCEEDED,
    OP_FAILED,
    OP_CANCELLED,
} OpState;
typedef struct Ended { // an operation that was
    char id[UUID_BYTES];
    OpState state;
} Ended;
typedef struct Streamed {
    Query *query;
    Str operation; // that started it
    VEC(Str) tags;
    bool forgotten; // by resetTerminated
    bool told;      // the listener, of its end
} Streamed;
struct Client { // a session, by user and session id
    ConnectDoor *door;
    Arena *arena;
    Str key, user, id, server_id, client_type;
    Session *session;
    struct PythonPool *python; // runs its functions; NULL: none runs
    Mutex *lock;               // of session and cached
    Arena *cached_arena;
    Map cached;        // CachedRel by id
    Map graphs;        // Graph by id, of pipelines; under lock
    Arena *blob_arena; // artifacts; under the door's lock
    Map blobs;         // Str by name
    int64_t blob_bytes;
    Map operations; // by id; under the door's lock
    ConnectError *errors[ERRORS_KEPT];
    int32_t nerrors, refs;
    Ended ended[ENDED_KEPT]; // under the door's lock
    int32_t nended;
    int64_t seen_ns;          // the last call
    int64_t stream_bytes_max; // settings: after so much a reattachable stream ends
    Micros stream_time_max;
    Client *origin; // whose clone it is: its views point into that one's memory
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
OpState operation_state(Operation *o);
// -- connect_execute.c
void operation_run(Job *j);
#endif
