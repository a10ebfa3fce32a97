// The door by its own protocol: a client of raw frames against a log in a temporary folder.
#include "base/civil.h"
#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/net.h"
#include "serve/kafka_door.h"
#include "wire/kafka_data.h"
#include "wire/kafka_group.h"

#define PATIENCE (10 * MICROS_PER_SECOND)

typedef struct House {
    Arena *arena;
    Str dir;
    Log *log;
    KafkaDoor *door;
} House;

static House house_new(Arena *a, const KafkaDoorOptions *o)
{
    House h = {.arena = a,
               .dir = str_fmt(a, "/tmp/kappa-door-test-" STR_FMT, STR_ARG(rand_uuid(a)))};
    CHECK_OK(log_open(&h.log, a, h.dir, NULL));
    CHECK_OK(kafka_door_open(&h.door, a, h.log, S("127.0.0.1:0"), o));
    return h;
}

static void house_end(House *h)
{
    kafka_door_close(h->door);
    log_close(h->log);
    CHECK_OK(dir_remove_all(h->dir));
}

typedef struct Client {
    Arena *arena;
    Socket *socket;
    int32_t correlation;
} Client;

static Client client_new(House *h)
{
    Client c = {.arena = h->arena};
    CHECK_OK(socket_connect(&c.socket, h->arena, kafka_door_address(h->door), PATIENCE));
    return c;
}

// Writes a request's head into b; its body follows.
static KafkaOut begin(Client *c, Buf *b, int32_t key, int32_t version)
{
    const KafkaApi *api = kafka_api(key);
    KafkaOut o = {b, version, api && version >= api->flex};
    buf_u32be(b, 0);
    out_i16(&o, key);
    out_i16(&o, version);
    out_i32(&o, ++c->correlation);
    buf_u16be(b, 4);
    buf_put(b, S("test"));
    out_tags(&o);
    return o;
}

static void send_frame(Client *c, Buf *b)
{
    for (int32_t i = 0; i < 4; i++) b->p[i] = (char)((b->n - 4) >> (24 - 8 * i));
    CHECK_OK(socket_write_all(c->socket, buf_str(b), PATIENCE));
}

// The next answer; its head is read off and checked. ok false: the connection ended.
static KafkaIn receive(Client *c, int32_t correlation, bool flex_head, bool *ok)
{
    char head[4];
    KafkaIn in = {.arena = c->arena};
    *ok = !socket_read_all(c->socket, head, 4, PATIENCE).code;
    if (!*ok) return in;
    Reader r = reader_of(str_of(head, 4));
    int64_t n = reader_u32be(&r);
    char *body = NEW_RAW(c->arena, char, n + 1);
    *ok = !socket_read_all(c->socket, body, n, PATIENCE).code;
    in.r = reader_of(str_of(body, *ok ? n : 0));
    CHECK_I64(in_i32(&in), correlation);
    in.flex = flex_head;
    in_tags(&in);
    return in;
}

static KafkaIn ask(Client *c, Buf *b, bool flex_head)
{
    bool ok;
    send_frame(c, b);
    KafkaIn in = receive(c, c->correlation, flex_head, &ok);
    CHECK(ok);
    return in;
}

static bool ended(Client *c) // by the other side
{
    char byte;
    return socket_read_all(c->socket, &byte, 1, PATIENCE).code == ERR_IO;
}

// -- requests

static Str batch_of(Arena *a, int64_t n, RecordsProducer producer)
{
    RecordsWriter w = {0};
    Str batch = {0};
    records_begin(&w, a, RECORDS_NONE);
    for (int64_t i = 0; i < n; i++)
        records_add(&w, &(Record){.time_ms = 1000 + i, .value = S("some value")}, NULL);
    CHECK_OK(records_end(&batch, &w, producer));
    return batch;
}

static Buf produce(Client *c, Str topic, int32_t acks, Str batch)
{
    Buf b = buf_new(c->arena);
    KafkaOut o = begin(c, &b, KAFKA_KEY_PRODUCE, 7);
    out_str(&o, (Str){0});
    out_i16(&o, acks);
    out_i32(&o, 5000);
    out_count(&o, 1);
    out_str(&o, topic);
    out_count(&o, 1);
    out_i32(&o, 0);
    out_bytes(&o, batch);
    return b;
}

static KafkaError produced(KafkaIn in, int64_t *base)
{
    in_count(&in, 1);
    in_str(&in);
    in_count(&in, 1);
    in_i32(&in);
    KafkaError e = (KafkaError)in_i16(&in);
    *base = in_i64(&in);
    CHECK(!in.r.bad);
    return e;
}

static Buf fetch(Client *c, Str topic, int64_t offset, int32_t wait_ms, int32_t bytes_max)
{
    Buf b = buf_new(c->arena);
    KafkaOut o = begin(c, &b, KAFKA_KEY_FETCH, 4);
    out_i32(&o, -1);
    out_i32(&o, wait_ms);
    out_i32(&o, 1);
    out_i32(&o, bytes_max);
    out_i8(&o, 0);
    out_count(&o, 1);
    out_str(&o, topic);
    out_count(&o, 1);
    out_i32(&o, 0);
    out_i64(&o, offset);
    out_i32(&o, bytes_max);
    return b;
}

static KafkaError fetched(KafkaIn in, Str *records)
{
    in_i32(&in);
    in_count(&in, 1);
    in_str(&in);
    in_count(&in, 1);
    in_i32(&in);
    KafkaError e = (KafkaError)in_i16(&in);
    in_i64(&in);
    in_i64(&in);
    in_count(&in, 1);
    *records = in_bytes(&in);
    CHECK(!in.r.bad && in.r.at == in.r.end);
    return e;
}

// -- tests

TEST(kafka_door_versions)
{
    House h = house_new(a, NULL);
    Client c = client_new(&h);
    Buf b = buf_new(a);
    begin(&c, &b, KAFKA_KEY_API_VERSIONS, 99);
    KafkaIn in = ask(&c, &b, false);
    CHECK_I64(in_i16(&in), KAFKA_UNSUPPORTED_VERSION); // in the form of version 0
    CHECK_I64(in_count(&in, 6), kafka_napis);
    buf_clear(&b);
    KafkaOut o = begin(&c, &b, KAFKA_KEY_API_VERSIONS, 3);
    out_str(&o, S("a client"));
    out_str(&o, S("1.0"));
    out_tags(&o);
    in = ask(&c, &b, false);
    CHECK_I64(in_i16(&in), 0);
    house_end(&h);
}

TEST(kafka_door_turns_garbage_away)
{
    static const Str garbage[] = {
        STR_INIT("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        STR_INIT("\0\0\0\3abc"),
        STR_INIT("\xff\xff\xff\xff"),
        STR_INIT("\0\0\0\x0a\x7f\xff\0\0\0\0\0\1\0\0"),     // no such request
        STR_INIT("\0\0\0\x0a\0\3\x7f\xff\0\0\0\1\0\0"),     // nor such a version
        STR_INIT("\0\0\0\x0a\0\3\0\1\0\0\0\1\0\x0f"),       // a head that ends early
        STR_INIT("\0\0\0\x0e\0\1\0\4\0\0\0\1\0\0\0\0\0\0"), // a fetch that ends early
        STR_INIT("\0\0\0\x0e\0\0\0\0\0\0\0\1\0\0\0\0\0\0"), // Produce 0
    };
    House h = house_new(a, NULL);
    for (int64_t i = 0; i < COUNT(garbage); i++) {
        Client c = client_new(&h);
        CHECK_OK(socket_write_all(c.socket, garbage[i], PATIENCE));
        CHECK(ended(&c));
    }
    CHECK_I64(kafka_door_counts(h.door).turned_away, COUNT(garbage));
    // Half a request, and away.
    Client c = client_new(&h);
    CHECK_OK(socket_write_all(c.socket, S("\0\0\1\0\0\3"), PATIENCE));
    socket_close(c.socket);
    c = client_new(&h);
    Buf b = buf_new(a);
    begin(&c, &b, KAFKA_KEY_API_VERSIONS, 0);
    ask(&c, &b, false);
    for (int32_t i = 0; i < 100 && kafka_door_counts(h.door).held_bytes; i++)
        clock_sleep(20 * MICROS_PER_MS); // the one that left is noticed when its turn comes
    CHECK_I64(kafka_door_counts(h.door).held_bytes, 0);
    house_end(&h);
}

TEST(kafka_door_limits_connections)
{
    House h = house_new(a, &(KafkaDoorOptions){.connections_max = 2});
    Client c[3];
    for (int32_t i = 0; i < 2; i++) {
        c[i] = client_new(&h);
        Buf b = buf_new(a);
        begin(&c[i], &b, KAFKA_KEY_API_VERSIONS, 0);
        ask(&c[i], &b, false);
    }
    c[2] = client_new(&h);
    CHECK(ended(&c[2]));
    CHECK_I64(kafka_door_counts(h.door).connections, 2);
    house_end(&h);
}

TEST(kafka_door_produce_and_fetch)
{
    House h = house_new(a, NULL);
    Client c = client_new(&h);
    Topic *t;
    CHECK_OK(topic_create(&t, h.log, S("events"), 1, NULL));
    int64_t base;
    Str batch = batch_of(a, 10, (RecordsProducer){-1, -1, -1}), records;
    Buf b = produce(&c, S("events"), -1, batch);
    CHECK_I64(produced(ask(&c, &b, false), &base), 0);
    CHECK_I64(base, 0);
    CHECK_I64(partition_end(topic_partition(t, 0)), 10); // durable when it is answered
    b = produce(&c, S("nothing"), -1, batch);
    CHECK_I64(produced(ask(&c, &b, false), &base), KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
    b = produce(&c, S("events"), 2, batch);
    CHECK_I64(produced(ask(&c, &b, false), &base), KAFKA_INVALID_REQUIRED_ACKS);
    Str two = str_cat(a, batch, batch);
    b = produce(&c, S("events"), 1, two);
    CHECK_I64(produced(ask(&c, &b, false), &base), KAFKA_INVALID_RECORD);
    // The same bytes come back, the log's twelve apart.
    b = fetch(&c, S("events"), 4, 0, 1 << 20);
    CHECK_I64(fetched(ask(&c, &b, false), &records), 0);
    CHECK_STR(str_from(records, 16), str_from(batch, 16));
    b = fetch(&c, S("events"), 4, 0, 1); // whatever the limit
    CHECK_I64(fetched(ask(&c, &b, false), &records), 0);
    CHECK_I64(records.n, batch.n);
    b = fetch(&c, S("events"), 11, 0, 1 << 20);
    CHECK_I64(fetched(ask(&c, &b, false), &records), KAFKA_OFFSET_OUT_OF_RANGE);
    b = fetch(&c, S("events"), 10, 0, 1 << 20);
    CHECK_I64(fetched(ask(&c, &b, false), &records), 0);
    CHECK_I64(records.n, 0);
    // acks=0 is not answered; what comes next is.
    b = produce(&c, S("events"), 0, batch);
    send_frame(&c, &b);
    b = fetch(&c, S("events"), 10, 5000, 1 << 20);
    CHECK_I64(fetched(ask(&c, &b, false), &records), 0);
    CHECK_I64(records.n, batch.n);
    // An error under acks=0 ends the connection.
    b = produce(&c, S("nothing"), 0, batch);
    send_frame(&c, &b);
    CHECK(ended(&c));
    house_end(&h);
}

TEST(kafka_door_idempotent_producer)
{
    House h = house_new(a, NULL);
    Client c = client_new(&h);
    Topic *t;
    CHECK_OK(topic_create(&t, h.log, S("events"), 1, NULL));
    Buf b = buf_new(a);
    KafkaOut o = begin(&c, &b, KAFKA_KEY_INIT_PRODUCER_ID, 1);
    out_str(&o, (Str){0});
    out_i32(&o, 60000);
    KafkaIn in = ask(&c, &b, false);
    in_i32(&in);
    CHECK_I64(in_i16(&in), 0);
    int64_t id = in_i64(&in), base;
    CHECK(id > 0);
    for (int32_t i = 0; i < 3; i++)
        for (int32_t again = 0; again < 2; again++) {
            b = produce(&c, S("events"), -1, batch_of(a, 5, (RecordsProducer){id, 0, i * 5}));
            CHECK_I64(produced(ask(&c, &b, false), &base), 0);
            CHECK_I64(base, i * 5);
        }
    b = produce(&c, S("events"), -1, batch_of(a, 5, (RecordsProducer){id, 0, 40}));
    CHECK_I64(produced(ask(&c, &b, false), &base), KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER);
    CHECK_I64(partition_end(topic_partition(t, 0)), 15);
    house_end(&h);
}

TEST(kafka_door_long_poll)
{
    House h = house_new(a, NULL);
    Client c = client_new(&h), other = client_new(&h);
    Topic *t;
    CHECK_OK(topic_create(&t, h.log, S("events"), 1, NULL));
    Str records;
    int64_t base;
    bool ok;
    // Data that comes wakes it.
    Buf b = fetch(&c, S("events"), 0, 8000, 1 << 20);
    int64_t began = clock_mono_ns();
    send_frame(&c, &b);
    clock_sleep(50 * MICROS_PER_MS);
    b = produce(&other, S("events"), 1, batch_of(a, 3, (RecordsProducer){-1, -1, -1}));
    CHECK_I64(produced(ask(&other, &b, false), &base), 0);
    CHECK_I64(fetched(receive(&c, c.correlation, false, &ok), &records), 0);
    CHECK(records.n > 0 && clock_mono_ns() - began < INT64_C(6000000000));
    // Time does.
    began = clock_mono_ns();
    b = fetch(&c, S("events"), 3, 100, 1 << 20);
    CHECK_I64(fetched(ask(&c, &b, false), &records), 0);
    CHECK(records.n == 0 && clock_mono_ns() - began >= 99000000);
    // So does the next request on the same connection, and the answers come in order.
    began = clock_mono_ns();
    b = fetch(&c, S("events"), 3, 8000, 1 << 20);
    send_frame(&c, &b);
    b = fetch(&c, S("events"), 0, 8000, 1 << 20);
    send_frame(&c, &b);
    CHECK_I64(fetched(receive(&c, c.correlation - 1, false, &ok), &records), 0);
    CHECK_I64(records.n, 0);
    CHECK_I64(fetched(receive(&c, c.correlation, false, &ok), &records), 0);
    CHECK(records.n > 0 && clock_mono_ns() - began < INT64_C(6000000000));
    // And the end of the topic.
    b = fetch(&c, S("events"), 3, 8000, 1 << 20);
    send_frame(&c, &b);
    clock_sleep(20 * MICROS_PER_MS);
    CHECK_OK(topic_delete(t));
    CHECK_I64(fetched(receive(&c, c.correlation, false, &ok), &records),
              KAFKA_UNKNOWN_TOPIC_OR_PARTITION);
    house_end(&h);
}

TEST(kafka_door_bounds_slow_readers)
{
    House h = house_new(a, &(KafkaDoorOptions){.request_bytes_max = 4 << 20});
    Client c = client_new(&h);
    Topic *t;
    CHECK_OK(topic_create(&t, h.log, S("events"), 1, NULL));
    Appended done;
    for (int32_t i = 0; i < 20; i++) {
        Str batch = batch_of(a, 40000, (RecordsProducer){-1, -1, -1});
        CHECK_OK(partition_append(topic_partition(t, 0), (char *)batch.p, batch.n, &done));
    }
    CHECK_OK(partition_sync(topic_partition(t, 0), done.next));
    // Forty answers of 2 MB are asked for and none is read.
    for (int32_t i = 0; i < 40; i++) {
        Buf b = fetch(&c, S("events"), 0, 0, 2 << 20);
        send_frame(&c, &b);
    }
    clock_sleep(300 * MICROS_PER_MS);
    CHECK(kafka_door_counts(h.door).held_bytes < 8 << 20);
    Str records;
    bool ok;
    for (int32_t i = 1; i <= 40; i++) {
        CHECK_I64(fetched(receive(&c, i, false, &ok), &records), 0);
        CHECK(ok && records.n > 1 << 20);
    }
    house_end(&h);
}

TEST(kafka_door_port_in_use)
{
    House h = house_new(a, NULL);
    KafkaDoor *second;
    CHECK_FAILS(kafka_door_open(&second, a, h.log, kafka_door_address(h.door), NULL), ERR_CONFLICT);
    CHECK(str_find(str_z(fail_text()), kafka_door_address(h.door)) >= 0);
    CHECK(log_is_at(h.log, str_fmt(a, "localhost:%d", kafka_door_port(h.door))));
    house_end(&h);
}
