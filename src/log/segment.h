// segment.h -- one file of record batches and its index beside it. Private to the log.
//
// <base>.log  batches and nothing else.
// <base>.idx  | magic 8 | version 4 | 0 4 | id 16 | base 8 | 0 20 | crc 4 | durable mark 32, twice
// |
//             | marks 32 .. |   little endian
// A Mark says where the walk over the batches stood at a batch boundary: a mark a batch, or one
// every 4 KiB where batches are small. Which boundaries get one follows from the batches alone.
// Marks are written only when an fsync of the log file has covered them, so each one proves that
// all before it was durable; the two durable marks take turns and say so to the batch.
#ifndef LOG_SEGMENT_H
#define LOG_SEGMENT_H
#include "log/records.h"
#include "os/file.h"

typedef struct Mark {
    int64_t offset, position; // of the batch that begins here
    int64_t max_time;         // of all before it; INT64_MIN at the start
    uint32_t chain;           // CRC-32C over id, base and the heads of all before it
    uint32_t sum;             // of this mark, in the file only
} Mark;
_Static_assert(sizeof(Mark) == 32, "on-disk layout");
enum { MARK_SPACING = 4096, MARK_BLOCK = 64 << 10, MARKS_NEAR = 1 << 20 };
enum { INDEX_HEAD = 64, INDEX_MARKS = INDEX_HEAD + 2 * (int)sizeof(Mark) };

// All fields are under the partition's lock; whoever reads a file without it holds a reference.
typedef struct Segment {
    Arena *arena;
    Str path, index_path;
    int64_t base;
    Mark end;        // written so far; of an unopened sealed one only offset and position are known
    Mark durable;    // what the index file says
    bool sealed;     // takes no more
    bool dropped;    // out of the log; freed with the last reference
    int32_t refs;    // readers and the committer
    int64_t used_ns; // when last opened or read
    int64_t room_end; // preallocated up to here
    Arena *open;      // what follows lives here while the files are open, else NULL
    File *file, *index;
    uint8_t id[16];
    Arena *marked;   // of marks
    VEC(Mark) marks; // marks.v[0] is the start
    int64_t kept;    // of marks, how many are in the index file
    int64_t thinned; // of those in the file, how many memory does without
    int64_t turns;   // durable marks written
} Segment;

Segment *segment_new(Str dir, int64_t base);
Status segment_create(Segment *seg); // its files, empty; the folder is not synced
// Opens the files and reads the index. Walks from its last mark to seg->end, whose offset must come
// out. Costs nothing when open.
Status segment_use(Segment *seg);
Status segment_load(Segment *seg); // the first half: files open, marks as the index file has them
void segment_idle(Segment *seg);   // closes the files when nobody reads
void segment_ref(Segment *seg);
void segment_unref(Segment *seg);
void segment_drop(Segment *seg); // out of the log: freed now or with its last reader
const Mark *segment_mark(const Segment *seg, int64_t offset); // the last at or before offset
// The first mark at or after offset that begins a block of MARK_BLOCK bytes; the end when there is
// none. The same whether marks were thinned or not.
int64_t segment_block(const Segment *seg, int64_t offset);
// Memory keeps all marks near the end and one a block elsewhere. No walk may follow.
void segment_thin(Segment *seg);
Status segment_write(Segment *seg, Str batch, const RecordsHead *h);
Status segment_keep(Segment *seg, Mark durable); // an fsync has covered all up to `durable`
Status segment_seal(Segment *seg);               // makes all durable, index too

// A walk over whole batches, from a mark on.
typedef struct Walk {
    Segment *seg;
    Mark at;        // where the next one begins
    int64_t limit;  // of the file
    bool sums;      // check CRCs
    Buf buf;        // the file from buf_at on
    int64_t buf_at; // position
    RecordsHead head;
    Str batch; // until the next step
} Walk;
Walk walk_new(Segment *seg, Arena *a, Mark from, int64_t limit);
// ERR_CORRUPT when what begins at w->at is no batch of this place; w->at stays there.
Status walk_next(Walk *w, bool *more);
void segment_note(Segment *seg, Mark at); // makes `at` the end, and a mark if one is due
Mark mark_after(Mark m, const RecordsHead *h, Str batch);
#endif
