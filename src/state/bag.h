// bag.h -- Bag, the rows of two sides by key, several a key: the state of a join of streams.
//
// A row is added and stays as it is, but for its mark `met`, until the watermark reaches its
// expiry; there is no other way for it to go. A key lists its rows by expiry, so that who knows the
// times that he looks for finds them without a look at the rest. Rows lie in slices of expiry,
// whose memory is given back as one. A row is flat bytes (col/rowform.h), so it is written to the
// checkpoint as it lies.
//
// A bag belongs to one thread at a time. Rows never move.
#ifndef STATE_BAG_H
#define STATE_BAG_H
#include "base/buf.h"
#include "col/column.h"

enum { BAG_SIDES = 2 };
#define BAG_FOREVER INT64_MAX // an expiry that no watermark reaches
typedef struct BagSpec {
    const Type *const *key;
    int32_t nkeys;
    const Schema *side[BAG_SIDES];
    Micros slice; // width of a slice of expiry; > 0
} BagSpec;
typedef struct BagRow {
    char *key;    // the BagKey it hangs on
    uint64_t seq; // order of arrival
    Micros expiry;
    uint32_t bytes; // of the flat row behind this header
    uint8_t side, met;
    uint8_t gone; // not 0: it is there no more
} BagRow;
_Static_assert(sizeof(BagRow) == 32, "the header of a stored row");
typedef struct BagEntry {
    Micros expiry;
    BagRow *row;
} BagEntry;
typedef struct BagKey { // its rows of each side by expiry, then order of arrival
    BagEntry *row[BAG_SIDES];
    uint32_t n[BAG_SIDES], cap[BAG_SIDES];
    int64_t pruned; // by which of the bag's expiries, last
} BagKey;
// The first row of a key and side with an expiry of `from` or later.
static inline uint32_t bag_from(const BagKey *k, int32_t side, Micros from)
{
    uint32_t low = 0, high = k->n[side];
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (k->row[side][mid].expiry < from)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}
typedef struct BagRows {
    BagRow **row;
    int64_t n;
} BagRows;
typedef struct Bag Bag;

Bag *bag_new(Arena *a, const BagSpec *spec);
int64_t bag_count(const Bag *b); // rows of both sides
int64_t bag_bytes(const Bag *b);
// The keys of n <= BATCH_ROWS rows, made where they are new. They are good until bag_release, which
// drops those that still have no row.
void bag_keys(Bag *b, const Column *key, int32_t n, BagKey **to);
void bag_release(Bag *b, BagKey *const *key, int32_t n);
// Adds rows row[0..n) of a batch to their keys; key, expiry and met are by row of the batch.
typedef struct BagAdd {
    int32_t side;
    const Batch *in;
    const int32_t *row;
    int32_t n;
    BagKey *const *key;
    const Micros *expiry;
    const uint8_t *met;
} BagAdd;
void bag_add(Bag *b, const BagAdd *add);
void bag_meet(Bag *b, BagRow *r); // sets its mark
// Column c of some rows of a side, in a; strings point into the bag.
Column bag_column(const Bag *b, Arena *a, int32_t side, int32_t c, BagRow *const *row, int32_t n);

// The rows with expiry <= upto by slice, in order of arrival; the list lives in a.
BagRows bag_due(const Bag *b, Micros upto, Arena *a);
void bag_expire(Bag *b, Micros upto); // they go
void bag_epoch_begin(Bag *b);         // forgets what changed before

// For state/state.c: the shape as text; what changed in the epoch, or everything; reading back.
void bag_shape(const BagSpec *spec, Buf *to);
bool bag_unchanged(const Bag *b);
typedef struct StateOut StateOut; // state.h
void bag_delta(const Bag *b, StateOut *to, Arena *scratch);
void bag_image(const Bag *b, StateOut *to, Arena *scratch);
#endif
