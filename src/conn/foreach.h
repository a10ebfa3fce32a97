// foreach.h -- the sink of foreach and foreachBatch: each epoch's rows go to a function. They lie
// in the epoch's receipt, so a function that did not come to its end gets the same rows under the
// same number after a restart, as many times as it takes: at least once.
#ifndef CONN_FOREACH_H
#define CONN_FOREACH_H
#include "conn/sink.h"

typedef struct ForeachEpoch {
    int64_t epoch;
    const Schema *schema;
    Str rows; // an Arrow stream
    bool (*stopping)(void *query);
    void *query; // stopping(query): the query is to end, the call should soon
} ForeachEpoch;
typedef struct ForeachBatch {
    // On the query's thread. ERR_CANCELLED when it gave up because the query is stopping.
    Status (*call)(void *to, const ForeachEpoch *e);
    void (*end)(void *to); // no more epochs in this run; may be called twice
    void *to;
    Str description; // of the sink, in progress
} ForeachBatch;
extern const SinkKind sink_foreach; // no format has its name: SinkArgs.foreach is what opens it
#endif
