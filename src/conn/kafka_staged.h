// kafka_staged.h -- what an epoch has for the embedded log: record batches that are durable but in
// no partition yet. Few bytes go into the receipt itself, many into a file beside the log.
//
// Each batch carries an engine's producer id and a sequence, so that committing it twice appends it
// once.
#ifndef CONN_KAFKA_STAGED_H
#define CONN_KAFKA_STAGED_H
#include "base/buf.h"
#include "log/log.h"

typedef struct Staged Staged;
Staged *staged_new(Arena *a, Log *log);
// An epoch begins: `name` is the file's, should one be needed; producer is whose batches they are.
void staged_begin(Staged *s, Str name, int64_t producer);
// Copies the batch. The topic and the partition are there.
Status staged_add(Staged *s, Topic *t, int32_t partition, Str batch);
Status staged_end(Staged *s, Buf *receipt); // all is durable
void staged_drop(Staged *s);                // as if nothing was added; its file goes
// Appends what is not there yet; when it returns all of it is durable and the file is gone.
Status staged_commit(Log *log, Str receipt);
#endif
