// records.h -- Kafka's record batch, version 2: what producers send, segments hold and consumers
// get, the same bytes in all three places.
//
// | base offset 8 | length 4 | leader epoch 4 | magic 1 | crc 4 | attributes 2 | last delta 4 |
// | base time 8 | max time 8 | producer id 8 | epoch 2 | sequence 4 | count 4 | records ..
// All big endian. length counts what follows it; crc is CRC-32C of all from attributes on, so base
// offset and leader epoch, which the log writes, lie outside it. The records may be compressed as
// one block. A record: varints {length, -, time delta, offset delta, key, value, headers}.
#ifndef LOG_RECORDS_H
#define LOG_RECORDS_H
#include "base/buf.h"
#include "base/reader.h"
#include "wire/kafka_error.h"

enum {
    RECORDS_HEAD = 61,            // bytes before the records
    RECORDS_FRAME = 12,           // base offset and length: enough to know where the next one is
    RECORDS_BYTES_MAX = 128 << 20 // of a batch, and of its records when decompressed
};
typedef enum RecordsCodec {
    RECORDS_NONE,
    RECORDS_GZIP,
    RECORDS_SNAPPY,
    RECORDS_LZ4,
    RECORDS_ZSTD
} RecordsCodec;
enum {
    RECORDS_CODEC = 7, // bits of the attributes
    RECORDS_APPEND_TIME = 8,
    RECORDS_TRANSACTIONAL = 16,
    RECORDS_CONTROL = 32,
};
typedef struct RecordsHead {
    int64_t base_offset, bytes; // of the whole batch, frame included
    int32_t leader_epoch;
    uint32_t crc;
    int32_t attributes, last_delta, count;
    int64_t base_time, max_time;
    int64_t producer_id; // -1: none
    int32_t producer_epoch, base_sequence;
} RecordsHead;

// Reads the head of the batch at the start of `bytes`. ERR_CORRUPT when it is none (magic, length,
// count); bytes may end after the head.
Status records_head(RecordsHead *h, Str bytes);
Status records_check(const RecordsHead *h, Str batch); // its CRC
// The records themselves, decompressed into *room when they are compressed (grown as needed).
Status records_body(Str *body, Buf *room, const RecordsHead *h, Str batch);
// The same after what *room holds already. When it grows, earlier bodies stay readable where they
// are, until its arena ends.
Status records_body_more(Str *body, Buf *room, const RecordsHead *h, Str batch);
void records_place(char *batch, int64_t base_offset, int32_t leader_epoch); // the log's 12 bytes
void records_stamp(char *batch, int64_t bytes, int64_t time_ms); // as appended at; sums anew

typedef struct Record {
    int64_t offset, time_ms;
    Str key, value; // p NULL: null
    Str headers;    // nheaders of them, undecoded
    int64_t nheaders;
} Record;
typedef struct Records { // a cursor over the records of one batch
    const uint8_t *at, *end;
    int64_t left, base_offset, base_time;
    bool append_time, bad;
    int64_t max_time;
} Records;
Records records_of(const RecordsHead *h, Str body);
Status record_header(Reader *r, Str *key, Str *value); // the next of Record.headers
Status records_valid(const RecordsHead *h, Str body);  // every record is well formed, deltas 0..n-1

int64_t records_varint_long(Records *c, const uint8_t *end); // of three bytes and more, or broken
static inline int64_t records_varint(Records *c, const uint8_t *end)
{
    const uint8_t *p = c->at;
    uint32_t u;
    if (LIKELY(p < end && *p < 128)) {
        u = *p;
        c->at = p + 1;
    } else if (LIKELY(end - p >= 2 && p[1] < 128)) {
        u = (*p & 127u) | (uint32_t)p[1] << 7;
        c->at = p + 2;
    } else {
        return records_varint_long(c, end);
    }
    return (int32_t)(u >> 1) ^ -(int32_t)(u & 1);
}
static inline Str records_bytes(Records *c, const uint8_t *end)
{
    int64_t n = records_varint(c, end);
    if (n < 0) return (Str){0};
    if (UNLIKELY(n > end - c->at)) {
        c->bad = true;
        return (Str){0};
    }
    c->at += n;
    return (Str){(const char *)c->at - n, n};
}
// A stranger's deltas may reach past the range; they wrap, and records_valid refuses such offsets.
static inline int64_t records_plus(int64_t base, int64_t delta)
{
    return (int64_t)((uint64_t)base + (uint64_t)delta);
}
// The next record, false after the last or at a malformed one (c->bad). Fields that the caller does
// not look at cost next to nothing once this is inlined.
static inline bool records_next(Records *c, Record *r)
{
    if (c->left <= 0) return false;
    c->left--;
    int64_t n = records_varint(c, c->end);
    if (UNLIKELY(c->bad || n < 1 || n > c->end - c->at)) {
        c->bad = true;
        return false;
    }
    const uint8_t *end = c->at + n;
    c->at++; // attributes, unused
    int64_t time = records_plus(c->base_time, records_varint(c, end));
    r->time_ms = c->append_time ? c->max_time : time;
    r->offset = records_plus(c->base_offset, records_varint(c, end));
    r->key = records_bytes(c, end);
    r->value = records_bytes(c, end);
    r->nheaders = records_varint(c, end);
    r->headers = (Str){(const char *)c->at, end - c->at};
    c->at = end;
    return !c->bad;
}

// The values alone of up to `room` records, several times as fast; *nulls is set when one is null
// (p NULL). Returns how many; fewer than room at the batch's end or when c->bad.
int32_t records_values(Records *c, Str *value, int32_t room, bool *nulls);

// -- writing a batch

typedef struct RecordsWriter {
    Arena *arena;
    RecordsCodec codec;
    Buf body, out;
    int64_t count, base_time, max_time;
} RecordsWriter;
typedef struct RecordsProducer {
    int64_t id; // -1: none
    int32_t epoch, sequence;
} RecordsProducer;
typedef struct RecordHeader {
    Str key, value; // value.p NULL: null
} RecordHeader;
void records_sign(char *batch, int64_t bytes, RecordsProducer producer); // whose it is; sums anew
void records_begin(RecordsWriter *w, Arena *a, RecordsCodec codec); // empty; may be called again
void records_add(RecordsWriter *w, const Record *r, const RecordHeader *header); // offset: as added
// The batch, base offset 0, until the next records_begin. Empty when nothing was added.
Status records_end(Str *batch, RecordsWriter *w, RecordsProducer producer);

// -- records_codec.c: one block

// Appends what `block` holds to out, at most RECORDS_BYTES_MAX bytes in all. ERR_CORRUPT.
Status records_unpack(Buf *out, RecordsCodec codec, Str block);
Status records_pack(Buf *out, RecordsCodec codec, Str raw);
Str records_codec_name(RecordsCodec codec); // "none", "gzip", ..
#endif
