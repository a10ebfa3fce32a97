// offsets.h -- what consumer groups have committed: kept in a log of its own beside the topics. A
// commit is safe once offsets_durable says so; the log's watches are told.
#ifndef LOG_OFFSETS_H
#define LOG_OFFSETS_H
#include "log/log.h"

typedef struct GroupOffset {
    Str topic;
    int32_t partition;
    int64_t offset;
    int32_t leader_epoch; // -1: not said
    Str metadata;         // the client's own, comes back as it was
    int64_t time_ms;      // of the commit
} GroupOffset;

// *ticket is what offsets_durable wants.
Status offsets_commit(Log *log, Str group, const GroupOffset *v, int64_t n, int64_t *ticket);
Status offsets_durable(Log *log, int64_t ticket, bool *yes); // fails once a sync has failed
Status offsets_usable(Log *log); // ERR_CORRUPT, ERR_IO: damaged; what came before is still served
Status offsets_sync(Log *log, int64_t ticket); // waits
// Found things are copied into a.
bool offsets_find(Log *log, Arena *a, Str group, GroupOffset *o);     // by o's topic and partition
int64_t offsets_list(Log *log, Arena *a, Str group, GroupOffset **v); // by topic and partition
int64_t offsets_groups(Log *log, Arena *a, Str **name);               // sorted
// Forgets a group, or some of its partitions (v not NULL).
Status offsets_forget(Log *log, Str group, const GroupOffset *v, int64_t n, int64_t *ticket);
#endif
