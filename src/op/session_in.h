// session_in.h -- what the parts of op_session share: session.c takes rows and emits,
// session_list.c knows how the sessions of a key lie in its row of the table.
//
// A row's payload is a SessionRow. Its list holds the key's sessions by their starts, each a
// record: the session's payload (head and buffers), then the bytes of its buffers' blobs. While a
// batch is worked on, the sessions that it may touch are copies in `work` with blobs in `pool`.
#ifndef OP_SESSION_IN_H
#define OP_SESSION_IN_H
#include "op/due.h"
#include "op/session.h"

typedef struct SessionHead { // begins a session's payload
    Micros start, end;
    int64_t epoch; // that this start came in
} SessionHead;
typedef struct SessionRow {
    Blob list;
    Micros queued; // the earliest entry of the index, INT64_MAX: none
    int32_t n;     // sessions; 0: the row is to be removed
    int32_t mark;  // while a batch is worked on: its run, from 1
} SessionRow;
static inline SessionHead *session_head(char *payload) { return (SessionHead *)(void *)payload; }
static inline SessionRow *session_row(char *payload) { return (SessionRow *)(void *)payload; }

typedef struct Open Open;
struct Open { // a session while a batch is worked on
    Open *next;
    Micros start, end;
    char *payload;
};
typedef struct Run { // a key that the batch touches
    SessionRow *row;
    char *at, *to;      // records not taken yet: those that rows may reach, in the list
    int64_t kept;       // bytes of the records before them,
    int32_t nkept;      // and how many they are
    Open *first, *last; // results, by start
} Run;

typedef struct Session {
    Op op;
    AggPlan *plan;
    int32_t *arg_at, *filter_at; // columns of the input; filter -1: none
    Table *own;                  // of a batch; NULL: the state
    Table *late;                 // groups that were late in this epoch; made with the first
    Due *due;                    // in append mode, under a watermark
    int64_t total;               // sessions stored, once they were counted
    bool counted;
    Builder **held; // the rows of the epoch, when they must be in order
    int64_t nheld;
    Arena *work; // of one batch of rows
    BlobPool *pool;
    char **payload;
    char **to; // of each row of the batch: the payload it belongs to
    uint8_t *keep, *is_new;
} Session;

static inline Table *session_table(Session *s) { return s->own ? s->own : op_table(&s->op); }
TableSpec session_table_spec(Arena *a, const SessionSpec *spec);

// session_list.c
// A record's bytes; the copy of a session in it, in `work`.
int64_t record_bytes(const AggPlan *plan, const char *record);
char *record_open(Session *s, const char *record);
static inline SessionHead record_head(const char *record)
{
    SessionHead h;
    memcpy(&h, record, sizeof h);
    return h;
}
Status row_check(const Session *s, const SessionRow *row); // of a row that was read from disk
Run run_of(Session *s, SessionRow *row, Micros from);      // rows of it begin at `from` or later
Status run_store(Session *s, Run *r);                      // its results become the list
// Puts rows into order of `time`: row[0..n), equal ones as they come. Gives whether they were.
bool order_by_time(Arena *a, const Micros *time, int32_t n, int32_t *row);
#endif
