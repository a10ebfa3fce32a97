// epoch_log.h -- EpochLog, the records of a query's epochs in its checkpoint folder. Appending a
// record and its fdatasync is the instant an epoch has happened.
//
// The folder holds:   metadata           {"id": the query's}, as Spark's checkpoints have it
//                     epochs-<n>.log     a head, then the records from epoch n on
//                     committed          the newest epoch whose sinks were committed; not synced
//                     state-<n>-<x>.*    what of the state was too big for a record
// A file of records begins with an image of the state, so recovery reads the newest file only, and
// older ones go. A torn tail is cut; a broken record before a sound one is rot, and is refused.
#ifndef RUN_EPOCH_LOG_H
#define RUN_EPOCH_LOG_H
#include "run/record.h"
#include "state/state.h"

typedef struct EpochLog EpochLog;
typedef struct StateSource {                // where the log gets an epoch's state from
    void (*delta)(void *ctx, StateOut *to); // writes nothing when nothing changed
    void (*image)(void *ctx, StateOut *to); // writes nothing when there is no state
    void *ctx;
} StateSource;
typedef struct EpochLogLimits { // 0: the usual
    int64_t inline_bytes;       // a state bigger than this goes to a file of its own
    int64_t image_bytes; // an image is due when deltas have grown to this and to the last image
    int64_t records;     // ... or after so many records
} EpochLogLimits;

// Opens or makes the folder and takes its lock (ERR_CONFLICT when another run has it). `head` is
// what a new log will begin with; of one that exists, id and incarnation are written back into it.
Status epoch_log_open(EpochLog **l, Arena *a, Str dir, QueryHead *head,
                      const EpochLogLimits *limits);
const QueryHead *epoch_log_head(const EpochLog *l);   // as found; NULL in a new folder
Str epoch_log_incarnation(const EpochLog *l);         // of the output
const EpochRecord *epoch_log_last(const EpochLog *l); // NULL: no epoch yet; until the next append
bool epoch_log_committed(const EpochLog *l);          // ... and its sinks are known to be committed
int64_t epoch_log_cut(const EpochLog *l);             // bytes of torn tail cut off by open
// Gives back the state as of the last record: an image, then deltas, in order. Once, after open.
Status epoch_log_restore(EpochLog *l, Status (*apply)(void *ctx, Str bytes), void *ctx);
// Makes r durable, the state first; sets r->previous and r->state. When it fails the epoch has not
// happened, unless a restart finds that it has.
Status epoch_log_append(EpochLog *l, EpochRecord *r, const StateSource *state);
Status epoch_log_mark(EpochLog *l, int64_t n); // the sinks of epoch n are committed
Status epoch_log_collect(EpochLog *l);         // removes what no epoch needs any more
#endif
