// table.h -- Table, rows by key: the one hash table of the engine. A lane's partial groups, a shard
// of a query's state, the build side of a join and a set of seen keys are all Tables.
//
// A row is one piece of memory: header, key values, payload. The payload is the user's: fixed size,
// zeroed at first, with Blobs at the declared offsets (col/blob.h). Rows never move while they
// live. When one key is event time, rows stand in slices of time, so that what a watermark closes
// is found and freed without a look at the rest. Iteration is in order of insertion within a slice,
// slices in order of time: results do not depend on hash order.
//
// Keys compare as GROUP BY does: NULL equals NULL, NaN equals NaN, -0.0 equals 0.0. Probes are
// batched and prefetch; a table belongs to one thread at a time.
#ifndef STATE_TABLE_H
#define STATE_TABLE_H
#include "col/blob.h"
#include "col/column.h"

typedef struct TableSpec {
    const Type *const *key; // types of the key columns; nested ones are compared by value
    int32_t nkeys;
    int32_t time_key;       // index of the key that is event time (TIMESTAMP), or -1
    Micros slice;           // width of a slice of time; 0: every time its own
    int32_t payload_bytes;  // multiple of 8, may be 0
    const int32_t *blob_at; // offsets of blobs in the payload
    int32_t nblobs;
    int32_t part_at;    // the payload from here on is up to 64 parts of so many bytes; its first
    int32_t part_bytes; // 8 say by bits which of them are written out. 0: there are none
    bool track;         // keep the lists of changed and removed rows that state.h writes out
    bool removes;       // table_remove will be called: 8 bytes a row more
} TableSpec;
typedef struct Table Table;
typedef struct TableRows { // payloads, as most calls take and give them
    char **payload;
    int64_t n;
} TableRows;

Table *table_new(Arena *a, const TableSpec *spec);
void table_clear(Table *t); // no rows, memory kept for reuse
int64_t table_count(const Table *t);
int64_t table_bytes(const Table *t);
BlobPool *table_blobs(Table *t);
const TableSpec *table_spec(const Table *t);

// Finds or adds the rows of n <= BATCH_ROWS keys (one column a key). keep NULL or 0/1 a row;
// payload[i] of a row that is passed over is NULL. is_new may be NULL. A found or new row counts as
// changed.
void table_upsert(Table *t, const Column *key, int32_t n, const uint8_t *keep, char **payload,
                  uint8_t *is_new);
// Finds only: payload[i] NULL when absent. Nothing counts as changed.
void table_lookup(Table *t, const Column *key, int32_t n, const uint8_t *keep, char **payload);
// The rows of another table with the same keys (payload pointers of `from`): how partial groups
// meet the final ones. Keys and their hashes are taken as they are.
void table_upsert_rows(Table *t, const Table *from, char *const *row, int64_t n, char **payload,
                       uint8_t *is_new);
// The same of rows whose time, which key `key` is, becomes time[i]; hash[i] is then that of the
// keys.
typedef struct TableMove {
    const Table *from;
    char *const *row;
    const Micros *time;
    const uint64_t *hash;
    int32_t key, n; // n <= BATCH_ROWS
} TableMove;
void table_upsert_moved(Table *t, const TableMove *move, char **payload);
void table_touch(Table *t, char *payload);  // counts as changed in this epoch
void table_remove(Table *t, char *payload); // of tables that say so (spec: removes)

// The keys of rows as columns, in a; strings point into the table.
void table_keys(const Table *t, char *const *payload, int32_t n, Column *key, Arena *a);
Micros table_time(const Table *t, const char *payload); // value of the time key; NULL: INT64_MAX
uint64_t table_hash(const Table *t, const char *payload);

// An epoch begins: the lists of changed and removed rows start anew (tables that track).
void table_epoch_begin(Table *t);
// All rows; those changed since table_epoch_begin, in order of first change or, when they are most
// of the rows, in that of all; those with time <= upto. The lists live in a and hold while the
// table is not changed.
TableRows table_all(const Table *t, Arena *a);
TableRows table_changed(const Table *t, Arena *a);
TableRows table_due(const Table *t, Micros upto, Arena *a);
// The rows of table_all, or of table_changed, in the same order and without a list of all of them:
// up to BATCH_ROWS at a time, 0 at the end. The table may not change meanwhile.
typedef struct RowWalk {
    const Table *t;
    bool changed;
    int64_t at;      // in the list of changed rows, or the slice at hand
    const void *row; // its next row
} RowWalk;
RowWalk table_walk(const Table *t, bool changed);
int32_t table_walk_next(RowWalk *w, char **payload);
int64_t table_changed_count(const Table *t);
// Removes what table_due(upto) lists and returns how many.
int64_t table_expire(Table *t, Micros upto);
// Splits all rows by hash into `shards` lists (a power of two), each in order: list[s]. In a.
void table_split(const Table *t, int32_t shards, TableRows *list, Arena *a);
#endif
