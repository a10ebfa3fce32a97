// state_in.h -- the durable form of a State, which state.c writes and state_apply.c reads:
//
//   | "KST2" | kind 1 | shards - 1 1 | hash check 8 | shape: uvarint, text |
//   then operations: a byte, and
//   SHARD   uvarint, the shard that the following ones are for
//   CLEAR   every row goes
//   EXPIRE  the rows with a time up to 8 bytes go
//   REMOVE  uvarint n, then n keys
//   UPSERT  uvarint n, then n times: keys, payload, blobs
//   ROWS, MARKS  of a Bag (bag_disk.c)
//   END     crc32c of all before it 4
//
// Keys are packed values (col/pack.h); a payload is written without its Blobs, whose bytes follow
// with their count before them. Within a shard the operations stand in this order: what was there
// when the epoch began goes first, and what came or changed follows in the order it did.
#ifndef STATE_STATE_IN_H
#define STATE_STATE_IN_H
#include "state/bag_in.h"
#include "state/state.h"
#include "state/table_in.h"

typedef enum StateOp {
    OP_END,
    OP_SHARD,
    OP_CLEAR,
    OP_EXPIRE,
    OP_REMOVE,
    OP_UPSERT,
    OP_ROWS,
    OP_MARKS,
} StateOp;
typedef enum StateKind { KIND_IMAGE = 1, KIND_DELTA } StateKind;
enum { STATE_KIND_AT = 4, STATE_CRC_BYTES = 4, STATE_SPILL = 1 << 20 };

struct State {
    Arena *arena, *scratch;
    Table **shard; // or
    Bag **bag;     // one of the two
    int32_t shards;
    Str shape;
};
// Of the hashes of some keys: another result means that the rows of an image stood in other shards.
uint64_t state_hash_check(void);
#endif
