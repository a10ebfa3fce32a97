// connect_door.h -- the Spark Connect door: gRPC over HTTP/2 on a thread of its own, for PySpark
// and other clients of Spark Connect 3.5 to 4.x. What a plan means is plan/connect.h's; sessions
// are the engine's.
//
// The thread never blocks: operations, analysis and settings run on a crew of threads, results wait
// in bounded buffers. A client of HTTP/1.1 is told where it is.
#ifndef SERVE_CONNECT_DOOR_H
#define SERVE_CONNECT_DOOR_H
#include "run/engine.h"

typedef struct ConnectDoor ConnectDoor;
typedef struct ConnectDoorOptions {  // zeros: the defaults
    Str token;                       // that callers have to bear; empty: none is asked for
    Str certificates, key;           // PEM: the door speaks TLS; empty: it does not
    int32_t connections_max;         // 1,000
    int32_t sessions_max;            // 10,000
    int32_t threads_max;             // operations at work; 512
    int64_t message_bytes_max;       // 128 MiB
    int64_t memory_max;              // of requests coming in; 512 MiB
    bool no_python;                  // functions of foreachBatch are refused
    Micros session_idle;             // how long a session lives without a call; an hour
    Micros detached_max;             // how long results wait for a client that went; 5 minutes
    void (*say)(void *to, Str line); // hears of peers that are turned away; may be NULL. On the
    void *say_to;                    // door's thread
} ConnectDoorOptions;

// Listens on address ("host:port", port 0: any free one). The engine must outlive the door. Lives
// in a, whose end closes it. ERR_CONFLICT when the address is in use; ERR_INVALID for an address
// that other machines reach without both a token and TLS, and for a certificate that does not do.
Status connect_door_open(ConnectDoor **d, Arena *a, Engine *e, Str address,
                         const ConnectDoorOptions *o);
void connect_door_close(ConnectDoor *d); // ends its threads, sessions and connections
Str connect_door_address(const ConnectDoor *d);
bool connect_door_tls(const ConnectDoor *d);
int32_t connect_door_port(const ConnectDoor *d);

typedef struct ConnectDoorCounts {
    int64_t connections, sessions, operations; // now
    int64_t accepted, turned_away, calls, bytes_in, bytes_out;
    int64_t held_bytes; // of requests coming in
} ConnectDoorCounts;
ConnectDoorCounts connect_door_counts(ConnectDoor *d); // from any thread
#endif
