// log_in.h -- what the files of log/ share. Locks are taken in this order: log->lock, a partition's
// `append`, the committer's, a partition's `lock`, the watches'.
#ifndef LOG_LOG_IN_H
#define LOG_LOG_IN_H
#include "base/map.h"
#include "log/log.h"
#include "log/offsets.h"
#include "log/producers.h"
#include "log/segment.h"
#include "os/thread.h"

typedef struct OffsetsLog OffsetsLog;
typedef struct Committer Committer;

typedef struct EpochStart { // leader epoch `epoch` wrote from here on
    int32_t epoch;
    int64_t offset;
} EpochStart;
struct Partition {
    Log *log;
    Topic *topic;
    int32_t index;
    Arena *arena; // under lock
    Str dir;
    Mutex *append; // one at a time checks and writes; holds the next four
    Producers producers;
    Arena *scratch;
    Buf unpacked;
    int64_t roll_ms; // when the active segment is too old

    Mutex *lock;         // all below but the Shared64
    VEC(Segment *) segs; // by base; the last takes appends unless sealed
    VEC(EpochStart) epochs;
    TopicConfig config;
    bool made;  // its folder exists
    bool saved; // the state file says what is
    bool deleted;
    Code failed;
    Str failure;
    int64_t cut_bytes;
    Shared64 start, written, durable, end;

    bool dirty; // under the committer's lock: in its queue
    Partition *next_dirty;
    int64_t number; // of all partitions that the log has seen, for the watches
};
static inline int32_t partition_epoch(const Partition *p)
{
    return p->epochs.n ? p->epochs.v[p->epochs.n - 1].epoch : 0;
}
struct Topic {
    Log *log;
    Arena *arena; // under the log's lock, as all below
    Str name, dir;
    uint8_t id[16];
    Options config; // what was set
    TopicConfig values;
    int32_t partitions;
    Partition **part;
    bool deleted;
};
struct Log {
    Arena *arena;
    Str dir;
    bool alone, closed;
    int32_t partitions;
    Str cluster_id;
    Mutex *lock;
    Map topics;        // name -> Topic
    VEC(Topic *) gone; // deleted: the pointers stay good
    VEC(Str) addresses;
    int64_t next_producer, producers_until;
    Shared64 changes;
    Mutex *watch_lock;
    Watch *watches;
    Shared64 numbers; // given to partitions
    Committer *committer;
    OffsetsLog *offsets;
};

// -- topic.c, topic_config.c
Status topics_load(Log *log);
Status config_apply(TopicConfig *c, const Options *set); // defaults, then what is set
Status config_merge(Options *all, Arena *a, const Options *changes);

// -- partition.c, recover.c
Partition *partition_new(Topic *t, int32_t index);
Status partition_recover(Partition *p); // reads its folder
void partition_drop(Partition *p);      // its topic is deleted
void partition_close(Partition *p);
Status partition_flush(Partition *p); // one fsync, then publishes
void partition_fail(Partition *p, Status why, Str where);
Status partition_usable(Partition *p);                    // lock held: deleted or failed?
Status partition_save(Partition *p);                      // append and lock held: the state file
Status partition_tidy(Partition *p);                      // retention, idle files
Segment *partition_segment(Partition *p, int64_t offset); // lock held: the one that holds it

// -- committer.c
Committer *committer_new(Log *log);
void committer_stop(Committer *c); // joins the thread
void committer_free(Committer *c);
void committer_add(Committer *c, Partition *p); // wants an fsync
void committer_add_offsets(Committer *c);
Status committer_sweep(Committer *c); // syncs all that wait; the first failure
void committer_wait(Committer *c, bool (*over)(void *arg),
                    void *arg); // until done, asked each sweep

// -- offsets.c
Status offsets_open(OffsetsLog **o, Log *log);
void offsets_close(OffsetsLog *o);
Status offsets_flush(OffsetsLog *o);

// -- watch.c
void watch_tell(Log *log, Partition *p); // p NULL: only wakes
#endif
