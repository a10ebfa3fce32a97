// session_in.h -- what the parts of op_session share: session.c takes rows and emits,
// session_keys.c knows how the sessions of a key lie in the table.
//
// A session's payload is a head and the aggregates' buffers. The sessions of a key are the rows
// (keys, 0), (keys, 1), ... without gaps; the first says how many they are.
#ifndef OP_SESSION_IN_H
#define OP_SESSION_IN_H
#include "op/due.h"
#include "op/session.h"

typedef struct SessionHead {
    Micros start, end; // end SESSION_GONE: absorbed or closed, to be removed
    int32_t count;     // of the key's sessions, in the row of ordinal 0; 0 in the others
    int16_t mark;      // while a batch is worked on: its run, from 1; in the row of ordinal 0
    int16_t fresh;     // this start came in this epoch
} SessionHead;
#define SESSION_GONE INT64_MIN
static inline SessionHead *session_head(char *payload) { return (SessionHead *)(void *)payload; }

typedef struct Open Open;
struct Open { // a session while a batch is worked on
    Open *before;
    Micros start, end;
    char *payload; // of its row, or of a piece that becomes one
    bool stored, changed;
};
typedef struct Run { // a key that the batch touches
    char *first;     // its row of ordinal 0
    int32_t row;     // a row of the batch with this key
    int32_t nrows;   // of the table: by ordinal in `stored`
    char **stored;
    char **in_order;       // the sessions stored, by start
    int32_t nstored, next; // how many, and how many were taken
    Open *last;
} Run;
typedef struct Runs {
    const Column *key; // of the batch: the keys and a column of zeros
    int32_t nkeys;
    Run *v;
    int32_t n;
} Runs;

typedef struct Session {
    Op op;
    AggPlan *plan;
    int32_t *arg_at, *filter_at; // columns of the input; filter -1: none
    Table *own;                  // of a batch; NULL: the state
    Table *late;                 // groups that were late in this epoch; made with the first
    Due *due;                    // in append mode, under a watermark
    Builder **held;              // the rows of the epoch, when they must be in order
    int64_t nheld;
    Arena *work;  // of one batch of rows
    Column zeros; // ordinals
    char **payload;
    char **to; // of each row of the batch: the payload it belongs to
    uint8_t *keep, *is_new;
} Session;

static inline Table *session_table(Session *s) { return s->own ? s->own : op_table(&s->op); }
TableSpec session_table_spec(Arena *a, const SessionSpec *spec, const AggPlan *plan);

// session_keys.c
// Marks row[i]'s runs and loads what is stored of them; first[i] are rows of ordinal 0, NULL ones
// are passed over.
void runs_of(Session *s, Runs *runs, char *const *first, int32_t n);
// Makes the open sessions of each run the stored ones, and removes what is gone.
void runs_store(Session *s, Runs *runs);
// Puts rows into order of `time`: row[0..n), equal ones as they come. Gives whether they were.
bool order_by_time(Arena *a, const Micros *time, int32_t n, int32_t *row);
#endif
