// record.h -- EpochRecord, what makes an epoch have happened, and QueryHead, what a query was when
// its records began; as bytes and back. Layouts are in doc/checkpoint.md.
#ifndef RUN_RECORD_H
#define RUN_RECORD_H
#include "base/buf.h"

typedef enum StateForm { STATE_NONE, STATE_DELTA, STATE_IMAGE } StateForm;
typedef struct StateRef { // the state an epoch left behind, or what changed in it
    StateForm form;
    Str bytes; // inline
    Str file;  // or a file beside the log, durable before the record is
    int64_t file_bytes;
    uint32_t file_crc;
} StateRef;
typedef struct Span {
    Str from, to; // offsets; `from` is empty at the very beginning of a source that has none
} Span;
typedef struct EpochRecord {
    int64_t n;
    Str incarnation;   // of the output: a replay into a new version has another
    uint64_t previous; // xxh64 of the record before, 0 for the first
    Micros batch_time;
    int64_t late, watermark, next; // milliseconds: W(n-1), W(n), W(n+1) (semantics W7, W8, W24)
    Span *source;
    int32_t nsources;
    Str *receipt; // of the sinks
    int32_t nreceipts;
    StateRef state;
} EpochRecord;

typedef struct HeadOp { // a stateful operator, for the comparison at a restart
    Str name, schema;
} HeadOp;
typedef struct QueryHead {
    Str query_id, incarnation;
    Str policy; // spark.sql.streaming.multipleWatermarkPolicy
    int32_t shards;
    Str *source; // descriptions
    int32_t nsources;
    HeadOp *op;
    int32_t nops;
} QueryHead;

void record_encode(Buf *b, const EpochRecord *r);
// Views into `bytes`; lists in a. ERR_CORRUPT when it is no record.
Status record_decode(EpochRecord *r, Arena *a, Str bytes);
void head_encode(Buf *b, const QueryHead *h);
Status head_decode(QueryHead *h, Arena *a, Str bytes);

// Frames: | magic 4 | kind 1 | length 4 | crc32c 4 of kind, length and payload | payload |
typedef enum FrameKind { FRAME_HEAD = 1, FRAME_RECORD = 2 } FrameKind;
enum { FRAME_HEAD_BYTES = 13, FRAME_BYTES_MAX = 1 << 30 };
void frame_put(Buf *b, FrameKind kind, Str payload);
// The frame at the start of s: its whole size, or 0 when there is no sound one.
int64_t frame_at(Str s, FrameKind *kind, Str *payload);
// Index of the first sound frame at or after `from`, -1 when there is none.
int64_t frame_find(Str s, int64_t from);
#endif
