// record.c -- the bytes of records and heads: little-endian, strings by length, a version first.
#include "run/record.h"
#include "base/hash.h"
#include "base/reader.h"

enum { RECORD_VERSION = 1, HEAD_VERSION = 1 };
#define FRAME_MAGIC UINT32_C(0x3152504b) // "KPR1"

static void put_state(Buf *b, const StateRef *s)
{
    buf_u8(b, (uint8_t)s->form);
    if (s->form == STATE_NONE) return;
    buf_str_u32le(b, s->file);
    buf_u64le(b, (uint64_t)s->file_bytes);
    buf_u32le(b, s->file_crc);
    buf_str_u32le(b, s->bytes);
}
void record_encode(Buf *b, const EpochRecord *r)
{
    buf_u8(b, RECORD_VERSION);
    buf_u64le(b, (uint64_t)r->n);
    buf_str_u32le(b, r->incarnation);
    buf_u64le(b, r->previous);
    buf_u64le(b, (uint64_t)r->batch_time);
    buf_u64le(b, (uint64_t)r->late);
    buf_u64le(b, (uint64_t)r->watermark);
    buf_u64le(b, (uint64_t)r->next);
    buf_u32le(b, (uint32_t)r->nsources);
    for (int32_t i = 0; i < r->nsources; i++) {
        buf_str_u32le(b, r->source[i].from);
        buf_str_u32le(b, r->source[i].to);
    }
    buf_u32le(b, (uint32_t)r->nreceipts);
    for (int32_t i = 0; i < r->nreceipts; i++) buf_str_u32le(b, r->receipt[i]);
    put_state(b, &r->state);
}
static int32_t take_count(Reader *r, int64_t each) // of things of at least `each` bytes
{
    uint32_t n = reader_u32le(r);
    if ((int64_t)n * each > reader_left(r)) r->bad = true;
    return r->bad ? 0 : (int32_t)n;
}
static StateRef take_state(Reader *r)
{
    StateRef s = {0};
    uint8_t form = reader_u8(r);
    if (form > STATE_IMAGE) r->bad = true;
    if (r->bad || form == STATE_NONE) return s;
    s.form = (StateForm)form;
    s.file = reader_str_u32le(r);
    s.file_bytes = (int64_t)reader_u64le(r);
    s.file_crc = reader_u32le(r);
    s.bytes = reader_str_u32le(r);
    return s;
}
Status record_decode(EpochRecord *rec, Arena *a, Str bytes)
{
    Reader r = reader_of(bytes);
    uint8_t version = reader_u8(&r);
    if (!r.bad && version != RECORD_VERSION)
        return fail(ERR_CORRUPT, "an epoch record of version %d; this program reads %d", version,
                    RECORD_VERSION);
    *rec = (EpochRecord){.n = (int64_t)reader_u64le(&r)};
    rec->incarnation = reader_str_u32le(&r);
    rec->previous = reader_u64le(&r);
    rec->batch_time = (Micros)reader_u64le(&r);
    rec->late = (int64_t)reader_u64le(&r);
    rec->watermark = (int64_t)reader_u64le(&r);
    rec->next = (int64_t)reader_u64le(&r);
    rec->nsources = take_count(&r, 8);
    rec->source = NEW(a, Span, rec->nsources);
    for (int32_t i = 0; i < rec->nsources; i++) {
        rec->source[i].from = reader_str_u32le(&r);
        rec->source[i].to = reader_str_u32le(&r);
    }
    rec->nreceipts = take_count(&r, 4);
    rec->receipt = NEW(a, Str, rec->nreceipts);
    for (int32_t i = 0; i < rec->nreceipts; i++) rec->receipt[i] = reader_str_u32le(&r);
    rec->state = take_state(&r);
    if (r.bad || r.at != r.end || rec->n < 0)
        return fail(ERR_CORRUPT, "an epoch record of %lld bytes does not parse",
                    (long long)bytes.n);
    return DONE;
}
void head_encode(Buf *b, const QueryHead *h)
{
    buf_u8(b, HEAD_VERSION);
    buf_str_u32le(b, h->query_id);
    buf_str_u32le(b, h->incarnation);
    buf_str_u32le(b, h->policy);
    buf_u32le(b, (uint32_t)h->shards);
    buf_u32le(b, (uint32_t)h->nsources);
    for (int32_t i = 0; i < h->nsources; i++) buf_str_u32le(b, h->source[i]);
    buf_u32le(b, (uint32_t)h->nops);
    for (int32_t i = 0; i < h->nops; i++) {
        buf_str_u32le(b, h->op[i].name);
        buf_str_u32le(b, h->op[i].schema);
    }
}
Status head_decode(QueryHead *h, Arena *a, Str bytes)
{
    Reader r = reader_of(bytes);
    uint8_t version = reader_u8(&r);
    if (!r.bad && version != HEAD_VERSION)
        return fail(ERR_CORRUPT, "a checkpoint of version %d; this program reads %d", version,
                    HEAD_VERSION);
    *h = (QueryHead){.query_id = reader_str_u32le(&r)};
    h->incarnation = reader_str_u32le(&r);
    h->policy = reader_str_u32le(&r);
    h->shards = (int32_t)reader_u32le(&r);
    h->nsources = take_count(&r, 4);
    h->source = NEW(a, Str, h->nsources);
    for (int32_t i = 0; i < h->nsources; i++) h->source[i] = reader_str_u32le(&r);
    h->nops = take_count(&r, 8);
    h->op = NEW(a, HeadOp, h->nops);
    for (int32_t i = 0; i < h->nops; i++) {
        h->op[i].name = reader_str_u32le(&r);
        h->op[i].schema = reader_str_u32le(&r);
    }
    if (r.bad || r.at != r.end)
        return fail(ERR_CORRUPT, "a checkpoint's head of %lld bytes does not parse",
                    (long long)bytes.n);
    return DONE;
}
static uint32_t frame_crc(uint8_t kind, uint32_t length, Str payload)
{
    char head[5] = {(char)kind};
    memcpy(head + 1, &length, sizeof length);
    return crc32c(crc32c(0, str_of(head, sizeof head)), payload);
}
void frame_put(Buf *b, FrameKind kind, Str payload)
{
    must(payload.n <= FRAME_BYTES_MAX);
    buf_u32le(b, FRAME_MAGIC);
    buf_u8(b, (uint8_t)kind);
    buf_u32le(b, (uint32_t)payload.n);
    buf_u32le(b, frame_crc((uint8_t)kind, (uint32_t)payload.n, payload));
    buf_put(b, payload);
}
int64_t frame_at(Str s, FrameKind *kind, Str *payload)
{
    Reader r = reader_of(s);
    uint32_t magic = reader_u32le(&r);
    uint8_t k = reader_u8(&r);
    uint32_t length = reader_u32le(&r), crc = reader_u32le(&r);
    if (r.bad || magic != FRAME_MAGIC || length > FRAME_BYTES_MAX) return 0;
    *payload = reader_bytes(&r, length);
    if (r.bad || frame_crc(k, length, *payload) != crc) return 0;
    if (k != FRAME_HEAD && k != FRAME_RECORD) return 0;
    *kind = (FrameKind)k;
    return FRAME_HEAD_BYTES + payload->n;
}
int64_t frame_find(Str s, int64_t from)
{
    FrameKind kind;
    Str payload;
    uint32_t magic = FRAME_MAGIC;
    Str mark = str_of((const char *)&magic, sizeof magic);
    for (int64_t at = from; at < s.n; at++) {
        int64_t skip = str_find(str_from(s, at), mark);
        if (skip < 0) return -1;
        at += skip;
        if (frame_at(str_from(s, at), &kind, &payload)) return at;
    }
    return -1;
}
