#include "log/records.h"
#include "base/hash.h"

enum { AT_LENGTH = 8, AT_EPOCH = 12, AT_MAGIC = 16, AT_CRC = 17, AT_ATTRIBUTES = 21 };
enum { AT_LAST_DELTA = 23, AT_MAX_TIME = 35, AT_PRODUCER = 43 };
enum { MAGIC = 2, RECORD_BYTES_MIN = 7 };

Status records_head(RecordsHead *h, Str bytes)
{
    Reader r = reader_of(bytes);
    *h = (RecordsHead){.base_offset = (int64_t)reader_u64be(&r)};
    h->bytes = (int64_t)(int32_t)reader_u32be(&r) + RECORDS_FRAME;
    h->leader_epoch = (int32_t)reader_u32be(&r);
    int32_t magic = reader_u8(&r);
    h->crc = reader_u32be(&r);
    h->attributes = reader_u16be(&r);
    h->last_delta = (int32_t)reader_u32be(&r);
    h->base_time = (int64_t)reader_u64be(&r);
    h->max_time = (int64_t)reader_u64be(&r);
    h->producer_id = (int64_t)reader_u64be(&r);
    h->producer_epoch = (int16_t)reader_u16be(&r);
    h->base_sequence = (int32_t)reader_u32be(&r);
    h->count = (int32_t)reader_u32be(&r);
    if (r.bad) return fail(ERR_CORRUPT, "a record batch ends within its head");
    if (magic != MAGIC) return fail(ERR_CORRUPT, "a record batch of format %d, not 2", magic);
    if (h->bytes < RECORDS_HEAD || h->bytes > RECORDS_BYTES_MAX)
        return fail(ERR_CORRUPT, "a record batch of %lld bytes", (long long)h->bytes);
    if (h->count < 0 || h->last_delta < 0 || h->base_offset < 0 ||
        h->base_offset > INT64_MAX - h->last_delta - 1)
        return fail(ERR_CORRUPT, "a record batch of %d records up to offset %lld + %d", h->count,
                    (long long)h->base_offset, h->last_delta);
    return DONE;
}

Status records_check(const RecordsHead *h, Str batch)
{
    must(batch.n == h->bytes);
    uint32_t crc = crc32c(0, str_from(batch, AT_ATTRIBUTES));
    if (crc == h->crc) return DONE;
    return fail(ERR_CORRUPT, "the batch at offset %lld has CRC %08x, its head says %08x",
                (long long)h->base_offset, crc, h->crc);
}

Status records_body_more(Str *body, Buf *room, const RecordsHead *h, Str batch)
{
    *body = str_from(batch, RECORDS_HEAD);
    int32_t codec = h->attributes & RECORDS_CODEC;
    if (codec == RECORDS_NONE) return DONE;
    if (codec > RECORDS_ZSTD) return fail(ERR_CORRUPT, "record batch of unknown codec %d", codec);
    int64_t before = room->n;
    Status s = records_unpack(room, (RecordsCodec)codec, *body);
    *body = s.code || room->n == before ? (Str){0} : str_from(buf_str(room), before);
    return s;
}

Status records_body(Str *body, Buf *room, const RecordsHead *h, Str batch)
{
    buf_clear(room);
    return records_body_more(body, room, h, batch);
}

static void put_be(char *to, uint64_t v, int32_t bytes)
{
    for (int32_t i = bytes - 1; i >= 0; i--, v >>= 8) to[i] = (char)(v & 255);
}

void records_place(char *batch, int64_t base_offset, int32_t leader_epoch)
{
    put_be(batch, (uint64_t)base_offset, 8);
    put_be(batch + AT_EPOCH, (uint32_t)leader_epoch, 4);
}

void records_stamp(char *batch, int64_t bytes, int64_t time_ms)
{
    batch[AT_ATTRIBUTES + 1] = (char)(batch[AT_ATTRIBUTES + 1] | RECORDS_APPEND_TIME);
    put_be(batch + AT_MAX_TIME, (uint64_t)time_ms, 8);
    put_be(batch + AT_CRC, crc32c(0, str_of(batch + AT_ATTRIBUTES, bytes - AT_ATTRIBUTES)), 4);
}

void records_sign(char *batch, int64_t bytes, RecordsProducer producer)
{
    put_be(batch + AT_PRODUCER, (uint64_t)producer.id, 8);
    put_be(batch + AT_PRODUCER + 8, (uint16_t)producer.epoch, 2);
    put_be(batch + AT_PRODUCER + 10, (uint32_t)producer.sequence, 4);
    put_be(batch + AT_CRC, crc32c(0, str_of(batch + AT_ATTRIBUTES, bytes - AT_ATTRIBUTES)), 4);
}

Records records_of(const RecordsHead *h, Str body)
{
    return (Records){
        .at = (const uint8_t *)body.p,
        .end = (const uint8_t *)body.p + body.n,
        .left = h->count,
        .base_offset = h->base_offset,
        .base_time = h->base_time,
        .append_time = h->attributes & RECORDS_APPEND_TIME,
        .max_time = h->max_time,
    };
}

int64_t records_varint_long(Records *c, const uint8_t *end)
{
    Reader r = {c->at, end, false};
    uint64_t u = reader_uvarint(&r);
    c->at = r.at;
    c->bad |= r.bad;
    return (int64_t)(u >> 1) ^ -(int64_t)(u & 1);
}

// The usual record has no key and lengths of one or two bytes: then all its varints up to the value
// lie in two words and are found by their last bytes, without a branch for each. False: not usual.
static inline bool usual_value(const uint8_t **at, const uint8_t *end, Str *value)
{
    uint64_t w, m;
    if (end - *at < 16) return false;
    memcpy(&w, *at, sizeof w);
    uint64_t two = w >> 7 & 1, n = (w & 127) | ((w >> 8 & 127) << 7 & -two);
    const uint8_t *record = *at + 1 + two, *over = record + (n >> 1);
    if ((two & w >> 15) | (n & 1) || over > end) return false;
    memcpy(&w, record + 1, sizeof w); // time, offset, key length, value length
    m = ~w & UINT64_C(0x8080808080808080);
    m &= m - 1;                 // the first end left is the offset's
    uint64_t key = m & (m - 1); // .. the key length's
    uint64_t last = key & (key - 1);
    if (!last) return false;
    int64_t key_at = (__builtin_ctzll(m) >> 3) + 1, end_at = __builtin_ctzll(last) >> 3;
    uint64_t bytes = (uint64_t)(end_at - key_at), v = w >> 8 * key_at;
    if ((v & 255) != 1 || bytes > 2) return false;
    n = (v >> 8 & 127) | ((v >> 16 & 127) << 7 & -(bytes >> 1));
    const uint8_t *p = record + end_at + 2;
    if (n & 1 || (int64_t)(n >> 1) >= over - p || p[n >> 1] > 127) return false; // headers follow
    *value = (Str){(const char *)p, (int64_t)(n >> 1)};
    *at = over;
    return true;
}

int32_t records_values(Records *c, Str *value, int32_t room, bool *nulls)
{
    int32_t n = 0;
    const uint8_t *at = c->at, *end = c->end;
    int64_t left = c->left;
    for (; n < room && left > 0; n++) {
        if (LIKELY(usual_value(&at, end, &value[n]))) {
            left--;
            continue;
        }
        Record r;
        c->at = at;
        c->left = left;
        if (!records_next(c, &r)) return n;
        at = c->at;
        left = c->left;
        value[n] = r.value;
        *nulls |= !r.value.p;
    }
    c->at = at;
    c->left = left;
    return n;
}

Status record_header(Reader *r, Str *key, Str *value)
{
    *key = reader_bytes(r, reader_varint(r));
    int64_t n = reader_varint(r);
    *value = n < 0 ? (Str){0} : reader_bytes(r, n);
    return r->bad ? fail(ERR_CORRUPT, "a record's headers break their form") : DONE;
}

static bool headers_valid(const Record *r)
{
    Reader in = reader_of(r->headers);
    if (r->nheaders < 0 || r->nheaders > r->headers.n) return false;
    for (int64_t i = 0; i < r->nheaders && !in.bad; i++) {
        reader_bytes(&in, reader_varint(&in));
        int64_t n = reader_varint(&in);
        if (n >= 0) reader_bytes(&in, n);
    }
    return !in.bad && in.at == in.end;
}

Status records_valid(const RecordsHead *h, Str body)
{
    Records c = records_of(h, body);
    Record r;
    int64_t n = 0;
    while (records_next(&c, &r)) {
        bool plain = r.nheaders == 0 && r.headers.n == 0;
        if (r.offset != records_plus(h->base_offset, n) || (!plain && !headers_valid(&r))) break;
        n++;
    }
    if (c.bad || n != h->count)
        return fail(ERR_CORRUPT, "record %lld of the batch breaks its form", (long long)n);
    if (c.at != c.end)
        return fail(ERR_CORRUPT, "%lld bytes follow the batch's last record",
                    (long long)(c.end - c.at));
    return DONE;
}

// -- writing

void records_begin(RecordsWriter *w, Arena *a, RecordsCodec codec)
{
    if (w->arena != a) *w = (RecordsWriter){.arena = a, .body = buf_new(a), .out = buf_new(a)};
    w->codec = codec;
    w->count = w->base_time = 0;
    w->max_time = -1;
    buf_clear(&w->body);
}

static int64_t varint_bytes(int64_t v)
{
    uint64_t u = ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
    int64_t n = 1;
    while (u >= 128) u >>= 7, n++;
    return n;
}

static int64_t str_bytes(Str s) { return s.p ? varint_bytes(s.n) + s.n : 1; }

static void put_str(Buf *b, Str s)
{
    buf_varint(b, s.p ? s.n : -1);
    buf_put(b, s);
}

void records_add(RecordsWriter *w, const Record *r, const RecordHeader *header)
{
    if (!w->count) w->base_time = w->max_time = r->time_ms;
    w->max_time = MAX(w->max_time, r->time_ms);
    int64_t delta = (int64_t)((uint64_t)r->time_ms - (uint64_t)w->base_time);
    int64_t bytes = 1 + varint_bytes(delta) + varint_bytes(w->count) + str_bytes(r->key) +
                    str_bytes(r->value) + varint_bytes(r->nheaders);
    for (int64_t i = 0; i < r->nheaders; i++)
        bytes += str_bytes(header[i].key) + str_bytes(header[i].value);
    Buf *b = &w->body;
    buf_varint(b, bytes);
    buf_u8(b, 0);
    buf_varint(b, delta);
    buf_varint(b, w->count++);
    put_str(b, r->key);
    put_str(b, r->value);
    buf_varint(b, r->nheaders);
    for (int64_t i = 0; i < r->nheaders; i++) {
        put_str(b, header[i].key);
        put_str(b, header[i].value);
    }
}

Status records_end(Str *batch, RecordsWriter *w, RecordsProducer producer)
{
    *batch = (Str){0};
    if (!w->count) return DONE;
    Buf *b = &w->out;
    buf_clear(b);
    buf_u64be(b, 0);
    buf_u32be(b, 0);
    buf_u32be(b, UINT32_MAX); // leader epoch -1: not known
    buf_u8(b, MAGIC);
    buf_u32be(b, 0);
    buf_u16be(b, (uint16_t)w->codec);
    buf_u32be(b, (uint32_t)(w->count - 1));
    buf_u64be(b, (uint64_t)w->base_time);
    buf_u64be(b, (uint64_t)w->max_time);
    buf_u64be(b, (uint64_t)producer.id);
    buf_u16be(b, (uint16_t)producer.epoch);
    buf_u32be(b, (uint32_t)producer.sequence);
    buf_u32be(b, (uint32_t)w->count);
    must(b->n == RECORDS_HEAD);
    if (w->codec == RECORDS_NONE)
        buf_put(b, buf_str(&w->body));
    else
        TRY(records_pack(b, w->codec, buf_str(&w->body)));
    put_be(b->p + AT_LENGTH, (uint64_t)(b->n - RECORDS_FRAME), 4);
    put_be(b->p + AT_CRC, crc32c(0, str_from(buf_str(b), AT_ATTRIBUTES)), 4);
    *batch = buf_str(b);
    return DONE;
}
_Static_assert(AT_LAST_DELTA == AT_ATTRIBUTES + 2, "the head's layout");
