// bag_in.h -- the inside of a Bag, shared by bag.c and bag_disk.c. Keys stand in a Table of BagKey;
// rows lie one behind the other in the blocks of their slice, in order of arrival.
#ifndef STATE_BAG_IN_H
#define STATE_BAG_IN_H
#include "base/reader.h"
#include "col/rowform.h"
#include "state/bag.h"
#include "state/table.h"

typedef struct BagBlock BagBlock;
struct BagBlock {
    BagBlock *next; // the one that was filled after it
    int64_t bytes, used;
};
typedef struct BagSlice {
    Micros from;
    BagBlock *first, *last;
    int64_t live;
} BagSlice;
struct Bag {
    Arena *arena;
    BagSpec spec;
    Table *keys;
    BlobPool *pool; // of blocks
    RowForm *form[BAG_SIDES];
    VEC(BagSlice *) slice; // in order of time
    BagSlice *recent;
    int64_t live;
    uint64_t seq, epoch_seq; // of the next row; when the epoch began
    VEC(BagRow *) added, met;
    int64_t expiries; // calls so far
    Micros expired;   // the latest of this epoch, INT64_MIN: none
    Arena *batch;     // for the length of a call
    Table *by_seq;    // while a state is read back and marks were met: rows by seq
    Arena *by_seq_arena;
};
static inline char *bag_row_flat(const BagRow *r) { return (char *)(r + 1); }
static inline int64_t bag_row_bytes(const BagRow *r) { return (int64_t)sizeof *r + r->bytes; }
static inline BagRow *block_row(const BagBlock *b, int64_t at)
{
    return (BagRow *)(void *)((char *)(b + 1) + at);
}
// A row of a key with room for its flat bytes, last of its slice.
BagRow *bag_append(Bag *b, int32_t side, BagKey *key, Micros expiry, int64_t bytes);
void bag_clear(Bag *b);
void bag_settle(Bag *b);                 // nothing counts as changed; what reading back needs stays
BagRows bag_all(const Bag *b, Arena *a); // by slice, in order of arrival

// Reading back: the operations of state_in.h, each checked. False: the bytes are no such thing.
bool bag_read_rows(Bag *b, Reader *r, uint64_t n, int32_t shards, int32_t shard);
bool bag_read_marks(Bag *b, Reader *r, uint64_t n);
#endif
