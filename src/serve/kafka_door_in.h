// kafka_door_in.h -- what the files of the Kafka door share. All of it belongs to the door's
// thread.
#ifndef SERVE_KAFKA_DOOR_IN_H
#define SERVE_KAFKA_DOOR_IN_H
#include "base/map.h"
#include "os/net.h"
#include "os/thread.h"
#include "serve/kafka_door.h"
#include "serve/timers.h"
#include "wire/kafka_data.h"
#include "wire/kafka_group.h"

enum {
    CALLS_MAX = 64,              // of one connection, unanswered
    CALL_BYTES_MAX = 4 << 20,    // of a request that carries no records
    ANSWER_BYTES_MAX = 32 << 20, // of a fetch, its first batch apart
    PART_WAIT_BUCKETS = 4096,
    NODE_ID = 1,
};
typedef struct Conn Conn;
typedef struct Call Call;
typedef struct Groups Groups;

typedef struct PartWait { // a call waits for this partition
    Partition *p;
    Call *call;
    struct PartWait *next, **link; // in its bucket
    struct PartWait *more;         // of the same call
} PartWait;
struct Call { // a request and its answer; lives until the answer is sent
    Call *next;
    Conn *conn;
    Arena *arena;
    char *frame;
    int64_t bytes; // held: the frame and what the answer takes
    KafkaHead head;
    KafkaIn in;
    KafkaOut out;
    Buf answer;
    VEC(Str) piece; // what is sent, the first with the answer's length
    int64_t sent;   // of piece.v[0..]
    int32_t sent_pieces;
    bool done, silent, refused; // refused: the connection ends after it
    // while it waits
    Timer timer;
    PartWait *waits;
    int64_t ticket; // of committed offsets, 0: none
    void (*resume)(KafkaDoor *d, Call *c, bool expired);
    void (*abandon)(KafkaDoor *d, Call *c); // its connection is gone; may be NULL
    void *state;                            // the handler's own
};
struct Conn {
    KafkaDoor *door;
    Conn *next, *prev;
    Arena *arena;
    Socket *socket;
    Str peer;
    KafkaBroker broker; // as this client is told of us
    char *in;
    int64_t in_n;
    Call *filling; // its frame is not whole yet
    int64_t filled;
    Call *first, *last; // in the order of their requests
    int32_t ncalls;
    int64_t held;
    bool marked, broken, paused, want_write;
    bool known; // has sent a request that parses
};
struct KafkaDoor {
    Arena *arena;
    Log *log;
    KafkaDoorOptions options;
    Socket *listener, *listener6;
    Str address;
    KafkaBroker broker; // host empty: what each client connected to
    Poll *poll;
    Thread *thread;
    Shared64 stop;
    Watch *watch;
    Timers timers;
    Conn *conns;
    Conn **marked; // to be flushed, connections_max of them
    int32_t nmarked;
    bool starved; // somebody was paused for want of memory
    PartWait *waits[PART_WAIT_BUCKETS];
    Call **offset_waits; // calls with tickets
    int32_t noffset_waits, offset_waits_cap;
    Groups *groups;
    Shared64 nconns, accepted, turned_away, requests, bytes_in, bytes_out, held;
    bool closed;
};

// -- kafka_door.c
void door_say(KafkaDoor *d, const Conn *c, const char *fmt, ...) PRINTF(3, 4);
int64_t door_now(void); // ns

// -- kafka_conn.c
void conn_accept(KafkaDoor *d, Socket *listener);
void conn_ready(KafkaDoor *d, Conn *c, const Ready *r);
void conn_flush_marked(KafkaDoor *d);
void conn_end(KafkaDoor *d, Conn *c);

// -- kafka_call.c
// The answer is in c->answer and c->piece: it goes out when those before it have.
void call_done(KafkaDoor *d, Call *c);
void call_refuse(KafkaDoor *d, Call *c); // no answer: the connection ends
void call_piece(Call *c, Str bytes);     // after what was written so far; lives in c->arena
void call_free(KafkaDoor *d, Call *c);
// c->resume is asked when the partition moves, the offsets' ticket is durable, or time is over.
void call_wait(KafkaDoor *d, Call *c, Partition *p);
void call_wait_until(KafkaDoor *d, Call *c, int64_t at_ns);
void call_wait_offsets(KafkaDoor *d, Call *c, int64_t ticket);
void call_stop_waiting(KafkaDoor *d, Call *c);
void calls_moved(KafkaDoor *d, Partition *p);
void calls_offsets(KafkaDoor *d);
void call_dispatch(KafkaDoor *d, Call *c); // reads its head and calls its handler
KafkaError kafka_error_of(Status s);       // of a failure of the log

// -- the handlers: kafka_produce.c, kafka_fetch.c, kafka_metadata.c, kafka_topics.c,
// kafka_configs.c, kafka_groups.c, kafka_group_calls.c. A failure is a request that does not parse.
#define X(name, noun, key, min, max, flex) Status handle_##noun(KafkaDoor *d, Call *c);
KAFKA_APIS(X)
#undef X
bool fetch_parked(const Call *c); // and may be answered early
void fetch_hurry(KafkaDoor *d, Call *c);
Groups *groups_new(KafkaDoor *d);
void groups_end(Groups *gs);
#endif
