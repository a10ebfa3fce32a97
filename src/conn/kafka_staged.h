// kafka_staged.h -- what an epoch has for Kafka topics: record batches that are durable but in no
// partition yet. Few bytes go into the receipt itself, many into a file beside the log.
//
// For the embedded log each batch carries an engine's producer id and a sequence, so that
// committing it twice appends it once.
#ifndef CONN_KAFKA_STAGED_H
#define CONN_KAFKA_STAGED_H
#include "base/buf.h"
#include "log/log.h"

typedef struct Staged Staged;
Staged *staged_new(Arena *a, Log *log);
// An epoch begins: `name` is the file's, should one be needed; producer is whose batches they are.
void staged_begin(Staged *s, Str name, int64_t producer);
// Copies the batch, and signs it for the partition of the log, which is there.
Status staged_add(Staged *s, Topic *t, int32_t partition, Str batch);
Status staged_add_away(Staged *s, Str topic, int32_t partition, Str batch); // for brokers elsewhere
Status staged_end(Staged *s, Buf *receipt);                                 // all is durable
void staged_drop(Staged *s); // as if nothing was added; its file goes
// Appends what is not there yet; when it returns all of it is durable and the file is gone.
Status staged_commit(Log *log, Str receipt);
// Gives each batch to put, then calls end; then the file goes. The batches' bytes may be changed.
typedef struct StagedTaker StagedTaker;
struct StagedTaker {
    Status (*put)(StagedTaker *t, Str topic, int32_t partition, Str batch);
    Status (*end)(StagedTaker *t);
};
Status staged_deliver(Log *log, Str receipt, StagedTaker *to);
#endif
