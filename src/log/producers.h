// producers.h -- what a partition remembers of its idempotent producers: the last five batches of
// each, so that one sent again is answered and not written again. Private to the log.
#ifndef LOG_PRODUCERS_H
#define LOG_PRODUCERS_H
#include "base/map.h"
#include "log/log.h"

enum { PRODUCER_BATCHES = 5 }; // clients keep no more in flight
typedef struct ProducerBatch {
    int32_t first, last; // sequences
    int64_t base;        // offset of the first
} ProducerBatch;
typedef struct Producer {
    int64_t id;
    int32_t epoch, n;
    ProducerBatch batch[PRODUCER_BATCHES]; // newest last
    int64_t seen_ms;
} Producer;
typedef struct Producers {
    Arena *arena; // of the table, replaced when the expired go
    Map map;
} Producers;

void producers_init(Producers *ps); // until producers_end
void producers_end(Producers *ps);
const Producer *producers_find(const Producers *ps, int64_t id);
// Whether this batch may follow: done->error, or done->duplicate with its base.
void producers_check(const Producers *ps, const RecordsHead *h, Appended *done);
void producers_note(Producers *ps, const RecordsHead *h, int64_t base, int64_t now_ms);
void producers_expire(Producers *ps, int64_t before_ms); // engine producers stay
int32_t sequence_after(int32_t sequence, int64_t n);     // past 2^31 - 1 comes 0
void producers_save(const Producers *ps, Buf *b);
bool producers_load(Producers *ps, Reader *r);
#endif
