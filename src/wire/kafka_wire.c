#include "wire/kafka_wire.h"

const KafkaApi kafka_apis[] = {
#define X(name, noun, key, min, max, flex) {key, min, max, flex, STR_INIT(#noun)},
    KAFKA_APIS(X)
#undef X
};
const int32_t kafka_napis = (int32_t)(sizeof kafka_apis / sizeof kafka_apis[0]);

const KafkaApi *kafka_api(int32_t key)
{
    for (int32_t i = 0; i < kafka_napis; i++)
        if (kafka_apis[i].key == key) return &kafka_apis[i];
    return NULL;
}

Status kafka_head_read(KafkaHead *h, KafkaIn *in, Arena *a, Str frame)
{
    *in = (KafkaIn){.r = reader_of(frame), .arena = a};
    h->key = in_i16(in);
    h->version = in->version = in_i16(in);
    h->correlation = in_i32(in);
    h->client = in_str(in); // classic in every version
    h->api = kafka_api(h->key);
    // Of a version past ours only the head can be read; tagged fields came with the flexible ones.
    h->flex = in->flex = h->api && h->version >= h->api->flex;
    in_tags(in);
    return kafka_in_end(in, S("request head"));
}

void kafka_head_write(KafkaOut *o, const KafkaHead *h)
{
    out_i32(o, h->correlation);
    // An answer to ApiVersions is read before the client knows what is spoken: always classic.
    if (h->key != KAFKA_KEY_API_VERSIONS) out_tags(o);
}

Status kafka_in_end(const KafkaIn *in, Str what)
{
    // Bytes left over are passed by, as Kafka does: librdkafka 2.0.2 sends a stray field.
    if (!in->r.bad) return DONE;
    return fail(ERR_CORRUPT, "a " STR_FMT " of version %d breaks its form", STR_ARG(what),
                in->version);
}

static Str take(KafkaIn *in, int64_t n)
{
    if (n < 0) return (Str){0};
    return reader_bytes(&in->r, n);
}

static int64_t compact(KafkaIn *in) // a length, -1 for null
{
    uint64_t n = reader_uvarint(&in->r);
    if (n > (uint64_t)INT32_MAX) in->r.bad = true;
    return in->r.bad ? -1 : (int64_t)n - 1;
}

Str in_str(KafkaIn *in) { return take(in, in->flex ? compact(in) : in_i16(in)); }
Str in_bytes(KafkaIn *in) { return take(in, in->flex ? compact(in) : in_i32(in)); }

int32_t in_count(KafkaIn *in, int32_t each)
{
    int64_t n = in->flex ? compact(in) : in_i32(in);
    if (n < 0) return -1;
    if (n > KAFKA_ARRAY_MAX || n * each > reader_left(&in->r)) in->r.bad = true;
    return in->r.bad ? -1 : (int32_t)n;
}

void in_tags(KafkaIn *in)
{
    if (!in->flex) return;
    uint64_t n = reader_uvarint(&in->r);
    for (uint64_t i = 0; i < n && !in->r.bad; i++) {
        reader_uvarint(&in->r);
        reader_take(&in->r, (int64_t)reader_uvarint(&in->r));
    }
}

void out_str(KafkaOut *o, Str s)
{
    if (o->flex)
        buf_uvarint(o->b, s.p ? (uint64_t)s.n + 1 : 0);
    else
        buf_u16be(o->b, (uint16_t)(s.p ? s.n : -1));
    buf_put(o->b, s);
}

void out_bytes(KafkaOut *o, Str s)
{
    if (o->flex)
        buf_uvarint(o->b, s.p ? (uint64_t)s.n + 1 : 0);
    else
        buf_u32be(o->b, (uint32_t)(s.p ? s.n : -1));
    buf_put(o->b, s);
}

void out_count(KafkaOut *o, int32_t n)
{
    if (o->flex)
        buf_uvarint(o->b, (uint64_t)n + 1);
    else
        buf_u32be(o->b, (uint32_t)n);
}

void out_tags(KafkaOut *o)
{
    if (o->flex) buf_uvarint(o->b, 0);
}
