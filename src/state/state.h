// state.h -- State, the keyed state of one operator: a Table a shard, or a Bag (state/bag.h) for a
// join of streams, and its durable form.
// Operators fold rows into tables and have no checkpoint code; the run-time takes a delta at each
// epoch and a full image now and then, and gives them back after a restart.
//
// The durable form is flat: per row an operation, key values, payload with blobs (numbers little-
// endian, payloads as they lie in memory). Deltas applied in order on a full image give the same
// rows in the same order. Sums protect both; the hash of keys is part of the form.
#ifndef STATE_STATE_H
#define STATE_STATE_H
#include "base/buf.h"
#include "base/reader.h"
#include "state/bag.h"
#include "state/table.h"

enum { STATE_SHARDS = 16 }; // recorded in the image; a key's shard is its hash's top bits

typedef struct State State;
typedef struct StateCounts { // Spark's figures of one epoch (progress: stateOperators[])
    int64_t total, updated, removed, dropped_by_watermark, dropped_duplicates;
    int64_t bytes;
} StateCounts;

State *state_new(Arena *a, const TableSpec *spec, int32_t shards);
State *state_new_bags(Arena *a, const BagSpec *spec, int32_t shards);
int32_t state_shards(const State *s);
Table *state_shard(State *s, int32_t i);
Bag *state_bag(State *s, int32_t i);
static inline int32_t state_shard_of(uint64_t hash, int32_t shards) // shards: a power of two
{
    return shards == 1 ? 0 : (int32_t)(hash >> (64 - __builtin_ctz((unsigned)shards)));
}
void state_epoch_begin(State *s); // forgets what changed before
// Where the durable form goes. It can be as big as the state: who takes it piece by piece gives
// `spill`, which is called now and then and empties buf.
struct StateOut {
    Buf buf;
    void (*spill)(StateOut *out); // NULL: buf grows
    int64_t part;                 // where the part at hand begins in buf,
    uint32_t crc;                 // and the sum of what was spilled of it
};
void state_out_spill(StateOut *out, int64_t least); // when buf holds as much
void state_write_delta(State *s, StateOut *to);     // what changed since; nothing when nothing did
void state_write_image(State *s, StateOut *to);     // everything
void state_delta(State *s, Buf *to);                // the same, at once
void state_image(State *s, Buf *to);
// Applies a delta, or puts an image in the place of all rows; then nothing counts as changed.
// ERR_CORRUPT names the offset, and the state is of no use then; ERR_INVALID when it belongs to an
// operator of another shape (other keys, other payload), with both shapes named.
Status state_apply(State *s, Str bytes);
Status state_read(State *s, Reader *r); // the same; r ends behind it, and may hold more
int64_t state_count(const State *s);
int64_t state_bytes(const State *s);
#endif
