// table_in.h -- the inside of a Table, shared by the table_*.c files.
//
//   slots   8 bytes each: | tag 16 | row 48 |, 0 when free
//   row     | hash 48, flags and NULL keys 16 bits | key slots | payload |
//   slice   the rows of one span of time, in order of insertion, memory in blocks
//
// Rows lie one behind the other; behind the last of a block a word with ROW_JUMP says where the
// next block's first one is. Where rows are removed one by one, so that their memory is used again
// at once, each has a link to the next one instead, between hash and key slots.
//
// Key slots hold the key in one form a type: 8 bytes (numbers, widened; doubles with one NaN and
// one zero) or 16 (decimals, intervals; strings, and nested values packed: short ones themselves,
// of longer ones the address and length). A NULL key has a zero slot, so that keys are compared
// without a look at validity.
#ifndef STATE_TABLE_IN_H
#define STATE_TABLE_IN_H
#include "state/table.h"

typedef struct Row {
    uint64_t word; // the hash's top 48 bits; or, of a jump, an address; flags below
} Row;
#define ROW_HASH    (~UINT64_C(0xffff)) // what is kept of a hash
#define ROW_ADDRESS ((UINT64_C(1) << 48) - 1)
enum {
    ROW_DEAD = 1,    // removed; its memory may still be in the slice's list
    ROW_CHANGED = 2, // since the epoch began
    ROW_BORN = 4,    // did not exist when the epoch began
    ROW_JUMP = 8,    // no row
    ROW_NULL_SHIFT = 4,
    ROW_NULLS_MAX = 12,
    ROW_ADDRESS_SHIFT = 16,
};

typedef enum KeyKind { KEY_8, KEY_16, KEY_STR } KeyKind;
typedef struct KeySlot {
    KeyKind kind;
    int32_t at; // offset in the row
} KeySlot;
typedef struct Wide { // a slot of 16 bytes, 8-aligned
    uint64_t word[2];
} Wide;

typedef struct Block {
    struct Block *next;
    int64_t bytes;
} Block;
typedef struct Slice {
    Micros from; // rows with time in [from, from + width)
    Row *first;
    Row *last, *spare; // of linked ones: the list's end, rows to use again
    char *at, *end;    // room in the newest block
    Block *blocks;
    int64_t live, dead; // rows in the list
} Slice;
#define SLICE_NO_TIME INT64_MAX // where rows without a time stand: nothing is later

// The keys of the rows of one call in the form of key slots, and what became of each row.
typedef struct Probe {
    int32_t n;
    const uint8_t *keep;        // NULL: all
    uint64_t hash[BATCH_ROWS];  // as rows keep it
    uint16_t nulls[BATCH_ROWS]; // a bit a key, the first ROW_NULLS_MAX keys
    const void **key;           // per key slot: int64_t or Wide of each row
    void **scratch;             // per key slot: room for those that had to be made
    Arena *packed;              // bytes of nested keys
    // What slots_find and probe_compare answer: a row whose slot has the same tag, or t->nobody
    // when none was seen; whether its key differs; and where the search ended, as long as the table
    // is of `generation`.
    Row *row[BATCH_ROWS];
    uint8_t differs[BATCH_ROWS];
    uint32_t at[BATCH_ROWS];
    int64_t generation;
} Probe;

struct Table {
    Arena *arena;
    TableSpec spec;
    KeySlot *key; // nkeys of them, then those that hold NULL bits when there are many keys
    int32_t nslots_key;
    int32_t payload_at, row_bytes;
    bool linked;     // as spec.removes says
    int32_t time_at; // offset of the time key in a row
    BlobPool *pool;  // blobs, bytes of keys, blocks of rows

    uint64_t *slot;
    uint64_t nslots;
    int64_t slots_room; // how many the memory at `slot` could hold
    Arena *slots;       // theirs
    int64_t live, dead, tombs;
    int64_t generation; // of the slots: they move when it changes
    Row *nobody;        // stands for "no row": zeros

    Slice **slice; // in order of time
    int64_t nslices, slices_cap;
    Slice *recent; // the one that was added to last, or NULL

    VEC(Row *) changed;
    bool changed_many; // most of the rows: the list is not kept up, their flags say it
    VEC(Row *) removed;
    Micros expired; // the latest `upto` of this epoch, INT64_MIN when there was none
    bool cleared;

    Probe *probe;
};

static inline Row *row_of(const Table *t, const char *payload)
{
    return (Row *)(void *)(payload - t->payload_at);
}
static inline char *row_payload(const Table *t, const Row *r) { return (char *)r + t->payload_at; }
// On a walk over a slice: rows lie one behind the other, mostly.
static inline void row_ahead(const Table *t, const Row *r)
{
    enum { ROWS = 8 };
    __builtin_prefetch((const char *)r + (int64_t)ROWS * t->row_bytes);
}
static inline Row *row_at(uint64_t address)
{
    Row *r;
    memcpy(&r, &address, sizeof address);
    return r;
}
static inline uint64_t *row_link(Row *r) { return &r[1].word; }
static inline Row *row_next(const Table *t, const Row *r)
{
    if (t->linked) return row_at(r[1].word);
    const Row *next = (const Row *)(const void *)((const char *)r + t->row_bytes);
    return UNLIKELY(next->word & ROW_JUMP) ? row_at(next->word >> ROW_ADDRESS_SHIFT) : (Row *)next;
}
static inline uint16_t row_nulls(const Row *r) { return (uint16_t)r->word >> ROW_NULL_SHIFT; }

// table_key.c
void table_keys_layout(Table *t); // fills key, payload_at, row_bytes
void probe_columns(Table *t, const Column *key, int32_t n, const uint8_t *keep);
void probe_rows(Table *t, const Table *from, char *const *payload, int32_t n);
void probe_compare(Table *t); // what slots_find found: all key slots
Row *row_nobody(Table *t);    // what no search finds, safe to compare with
bool probe_same(const Table *t, int32_t i, const Row *r);
Micros probe_time(const Table *t, int32_t i); // SLICE_NO_TIME for NULL and for tables without time
void row_store_keys(Table *t, Row *r, int32_t i); // from the probe
void row_free_keys(Table *t, Row *r);             // gives back what the key slots point to

// table_slot.c
// Which slot a search begins at: 32 bits of what is kept of a hash, as a share of the slots.
static inline uint64_t home_in(uint64_t nslots, uint64_t hash)
{
    return (hash >> ROW_ADDRESS_SHIFT & UINT32_MAX) * nslots >> 32;
}
static inline uint64_t home_of(const Table *t, uint64_t hash) { return home_in(t->nslots, hash); }
void slots_reset(Table *t, int64_t rows); // empty, with room for so many
void slots_find(Table *t);                // for all rows of the probe; compares their NULLs
Row *slots_find_one(Table *t, int32_t i); // goes on where slots_find ended; NULL: none, and at[i]
                                          // is the free slot
void slots_put(Table *t, Row *r, uint64_t at); // may grow the table
void slots_drop(Table *t, const Row *r);
void slots_rebuild(Table *t, int64_t live); // from the slices, which hold so many rows

// table.c
TableRows table_removed(const Table *t, Arena *a); // those that the epoch's begin still saw

// table_slice.c
Row *slice_add(Table *t, Micros time); // a new row, last of its slice, payload zeroed
void slice_remove(Table *t, Row *r);   // marks it dead
void table_sweep(Table *t);            // memory of dead rows is used again, where it is much
void row_free(Table *t, Row *r);       // keys and blobs
Micros row_time(const Table *t, const Row *r); // SLICE_NO_TIME for NULL and for tables without time
#endif
