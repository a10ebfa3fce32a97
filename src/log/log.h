// log.h -- the durable event log: topics of partitions of record batches, on disk byte for byte as
// Kafka has them on the wire. One Log a data folder and process; whoever opens it holds the lock.
//
// All functions may be called from any thread. A Topic or Partition pointer stays good until the
// log is closed; once its topic is deleted, calls on it answer ERR_NOT_FOUND.
//
// Readers see what is below partition_end (Kafka's high watermark) and nothing else: under
// kappa.flush = group that is what an fsync has covered, under os what was written. An append is
// safe once partition_end has passed it. A failed fsync is final: the partition takes no more
// appends in this process. Rot (a broken batch below the durable position) is never cut off: the
// partition refuses appends and reads of that range, naming file and offsets.
#ifndef LOG_LOG_H
#define LOG_LOG_H
#include "base/options.h"
#include "log/records.h"

typedef struct Log Log;
typedef struct Topic Topic;
typedef struct Partition Partition;

typedef struct LogOptions {
    bool alone; // no threads of its own: the caller's log_commit and log_tick do the work, as a
                // simulated world needs it
    int32_t partitions; // of a topic made without saying how many; 0: 1
} LogOptions;
// Reads the folder (made when absent), cuts torn tails. Lives in a. A rotten partition does not
// keep the others from opening: see partition_state.
Status log_open(Log **log, Arena *a, Str dir, const LogOptions *options);
void log_close(Log *log);         // makes all durable; may be called twice, a's end does it too
Str log_dir(const Log *log);      // where it is
Str log_cluster_id(const Log *l); // 22 characters, made with the folder
int32_t log_partitions(Log *log); // of LogOptions
// Doors say where clients reach this log ("127.0.0.1:9092"), so that who names that address in a
// list of servers can be given the log itself. All names of this machine's loopback are one.
void log_reachable(Log *log, Str address);
bool log_is_at(Log *log, Str servers);
Status log_server(Str *address, Arena *a, Str dir); // of the process that has the folder open
Status log_commit(Log *log); // syncs all that was appended; the first failure
Status log_tick(Log *log);   // retention and idle files; threads do it every few seconds
Status log_producer_id(Log *log, int64_t *id); // never given out before

// -- topics

enum { TOPIC_NAME_MAX = 249, PARTITIONS_MAX = 10000 };
typedef enum FlushPolicy { FLUSH_GROUP, FLUSH_OS } FlushPolicy;
typedef enum TimeType {
    TIME_NONE = -1,
    TIME_CREATE,
    TIME_APPEND
} TimeType; // as Kafka numbers them
typedef struct TopicConfig {
    int64_t retention_ms, retention_bytes; // -1: for ever
    int64_t segment_bytes, segment_ms;
    int64_t max_message_bytes;
    int64_t time_before_max_ms, time_after_max_ms; // how far a record's time may be from now
    int32_t flush;                                 // FlushPolicy
    int32_t time_type;                             // TIME_CREATE or TIME_APPEND
} TopicConfig;
typedef struct ConfigRow { // a topic option as DescribeConfigs lists it
    Str key, value, dflt;
    OptType type;
    bool overridden; // set for this topic
    const char *help;
} ConfigRow;

bool topic_name_ok(Str name); // letters, digits, . _ -, at most 249, neither "." nor ".."
// partitions -1: the default. ERR_CONFLICT when it exists, ERR_INVALID for a bad name, count or
// option. The topic is durable and writable when this returns.
Status topic_create(Topic **t, Log *log, Str name, int32_t partitions, const Options *config);
Status topic_check(Log *log, Str name, int32_t partitions, const Options *config); // the same, dry
Status topic_delete(Topic *t);
Status topic_grow(Topic *t, int32_t partitions); // to so many; ERR_INVALID when not more
// Sets options (an empty value: back to the default) and leaves the others.
Status topic_configure(Topic *t, const Options *changes, bool dry_run);
Topic *topic_find(Log *log, Str name);                 // NULL when absent
int32_t log_topics(Log *log, Arena *a, Topic ***list); // sorted by name
Topic *topic_by_id(Log *log, const uint8_t id[16]);    // NULL when absent
Str topic_name(const Topic *t);
const uint8_t *topic_id(const Topic *t); // 16 bytes
int32_t topic_partitions(Topic *t);
Partition *topic_partition(Topic *t, int32_t index);   // NULL when there is none
int32_t partition_of_key(Str key, int32_t partitions); // as Java's producer deals keys out
TopicConfig topic_config(Topic *t);
int32_t topic_config_rows(Topic *t, Arena *a, ConfigRow **rows); // every option there is
bool topic_deleted(Topic *t);

// -- appending

typedef struct Appended {
    KafkaError error; // why not, in Kafka's numbers; 0 also for a duplicate
    bool duplicate;   // of a producer's earlier batch: `base` is that one's, nothing was written
    int64_t base;     // offset of the first record
    int64_t next;     // offset after the last: durable once partition_end >= next
    int64_t time_ms;  // log append time, -1 under create time
} Appended;
// Checks one or more whole batches, gives them offsets (written into `batches`: 12 bytes of each,
// and time and sum under LogAppendTime) and writes them. Returns before they are durable.
// ERR_INVALID with done->error set: nothing was written.
Status partition_append(Partition *p, char *batches, int64_t n, Appended *done);
// Waits until all below `next` is durable (under any policy) and may be read.
Status partition_sync(Partition *p, int64_t next);

// An engine's producer: ids at and above PRODUCER_ENGINE are derived from names, never expire, and
// survive restarts. False when the id has not written here (the next sequence then is 0).
#define PRODUCER_ENGINE (INT64_C(1) << 62)
bool partition_producer(Partition *p, int64_t id, int32_t *last_sequence, int64_t *last_offset);

// -- reading

int64_t partition_start(Partition *p);   // the earliest offset there is
int64_t partition_end(Partition *p);     // one past the last that may be read
int64_t partition_written(Partition *p); // one past the last written, durable or not
int32_t partition_leader_epoch(Partition *p);
// Bytes from about offset to the end that may be read, at least 0; up to 4 KiB too many.
int64_t partition_backlog(Partition *p, int64_t offset);
typedef struct LogRead {
    int64_t offset; // in: reading begins with the batch that holds it
    int64_t upto;   // in: no batch that begins at or after this; INT64_MAX: all there is
    char *to;       // in: room for the bytes
    int64_t room;
    Str batches;  // out: whole batches in `to`; empty at the end of the log
    int64_t next; // out: offset after the last of them
    int64_t need; // out: > room when the first batch alone does not fit (batches is empty then)
} LogRead;
enum { LOG_CHUNK = 256 << 10 }; // a good room
// ERR_NOT_FOUND when offset lies before the start or after the end. Sums are not checked here:
// records_check does.
Status partition_read(Partition *p, LogRead *r);
Str partition_file(Partition *p, Arena *a, int64_t offset); // that holds it, for messages
// The first record whose time is at or after ms, exact to the record; *offset -1 when none is.
Status partition_at_time(Partition *p, int64_t ms, int64_t *offset, int64_t *time_ms);
Status partition_newest(Partition *p, int64_t *offset, int64_t *time_ms); // greatest time; -1 empty
// Where [from, to) is cut into pieces of about `rows` records, at batch boundaries: the first
// boundary past from, `to` at the latest. A pure function of what the log holds.
Status partition_cut(Partition *p, int64_t from, int64_t to, int64_t rows, int64_t *at);
// The end of what leader epoch `epoch` wrote, and the epoch that is (Kafka's OffsetForLeaderEpoch).
void partition_epoch_end(Partition *p, int32_t epoch, int32_t *found, int64_t *end);

typedef struct PartitionState {
    int64_t start, end, written; // offsets
    int64_t bytes, segments;
    int32_t leader_epoch;
    int64_t cut_bytes; // torn tail cut off when this process opened it
    Code failed;       // OK, ERR_IO (fsync), ERR_CORRUPT (rot)
    Str failure;       // what and where; lives in the log
} PartitionState;
PartitionState partition_state(Partition *p);
Topic *partition_topic(Partition *p);
int32_t partition_index(Partition *p);
// Reads every batch below the end and checks sums, offsets and counts. ERR_CORRUPT names the first
// that is wrong.
Status partition_verify(Partition *p, int64_t *batches, int64_t *records);

// -- waiting

// Hears of partitions whose readable end (or whose topic) changed. wake(arg) runs on the thread
// that changed it, with locks held: it may only raise a flag, a Signal or a Poll. Lives in a.
typedef struct Watch Watch;
Watch *log_watch(Log *log, Arena *a, void (*wake)(void *arg), void *arg);
int32_t watch_take(Watch *w, Partition **p, int32_t n); // up to n that changed since
int64_t log_changes(Log *log);                          // counts topics made, deleted, grown
#endif
