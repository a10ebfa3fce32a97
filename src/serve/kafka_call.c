// kafka_call.c -- a request on its way: who handles it, what it waits for.
#include "base/hash.h"
#include "serve/kafka_door_in.h"

typedef struct Handler {
    int32_t key;
    Status (*handle)(KafkaDoor *d, Call *c);
} Handler;
static const Handler handlers[] = {
#define X(name, noun, key, min, max, flex) {key, handle_##noun},
    KAFKA_APIS(X)
#undef X
};

KafkaError kafka_error_of(Status s)
{
    switch (s.code) {
    case OK: return KAFKA_NONE;
    case ERR_NOT_FOUND: return KAFKA_UNKNOWN_TOPIC_OR_PARTITION;
    case ERR_CONFLICT: return KAFKA_TOPIC_ALREADY_EXISTS;
    case ERR_INVALID: return KAFKA_INVALID_REQUEST;
    case ERR_CORRUPT:
    case ERR_IO: return KAFKA_KAFKA_STORAGE_ERROR;
    case ERR_LIMIT:
    case ERR_UNSUPPORTED:
    case ERR_CANCELLED: return KAFKA_UNKNOWN_SERVER_ERROR;
    }
    must_failed("Code", __FILE__, __LINE__);
}

// -- the answer

void call_piece(Call *c, Str bytes)
{
    Str so_far = buf_str(&c->answer);
    if (so_far.n) {
        vec_push(c->arena, &c->piece, so_far);
        c->answer = buf_new(c->arena);
    }
    if (bytes.n) vec_push(c->arena, &c->piece, bytes);
}

static void answer_begin(Call *c)
{
    c->answer = buf_new(c->arena);
    c->out = (KafkaOut){&c->answer, c->head.version, c->head.flex};
    buf_u32be(&c->answer, 0); // the length, when it is known
    kafka_head_write(&c->out, &c->head);
}

void call_free(KafkaDoor *d, Call *c)
{
    call_stop_waiting(d, c);
    if (!c->done && c->abandon) c->abandon(d, c);
    c->conn->held -= c->bytes;
    shared_add(&d->held, -c->bytes);
    arena_free(c->arena);
}

// -- waiting

static PartWait **bucket(KafkaDoor *d, const Partition *p)
{
    return &d->waits[hash_u64((uint64_t)(uintptr_t)p) % PART_WAIT_BUCKETS];
}

void call_wait(KafkaDoor *d, Call *c, Partition *p)
{
    PartWait *w = NEW(c->arena, PartWait, 1);
    PartWait **at = bucket(d, p);
    *w = (PartWait){.p = p, .call = c, .next = *at, .link = at, .more = c->waits};
    if (w->next) w->next->link = &w->next;
    *at = w;
    c->waits = w;
}

static void time_over(Timer *t, void *to)
{
    Call *c = CONTAINER(t, Call, timer);
    c->resume(to, c, true);
}

void call_wait_until(KafkaDoor *d, Call *c, int64_t at_ns)
{
    c->timer.fire = time_over;
    timer_set(&d->timers, &c->timer, at_ns);
}

void call_wait_offsets(KafkaDoor *d, Call *c, int64_t ticket)
{
    if (d->noffset_waits == d->offset_waits_cap) {
        int32_t cap = MAX(64, d->offset_waits_cap * 2);
        Call **grown = NEW(d->arena, Call *, cap);
        for (int32_t i = 0; i < d->noffset_waits; i++) grown[i] = d->offset_waits[i];
        d->offset_waits = grown;
        d->offset_waits_cap = cap;
    }
    c->ticket = ticket;
    d->offset_waits[d->noffset_waits++] = c;
}

void call_stop_waiting(KafkaDoor *d, Call *c)
{
    timer_stop(&d->timers, &c->timer);
    for (PartWait *w = c->waits; w; w = w->more) {
        *w->link = w->next;
        if (w->next) w->next->link = w->link;
    }
    c->waits = NULL;
    if (!c->ticket) return;
    for (int32_t i = 0; i < d->noffset_waits; i++)
        if (d->offset_waits[i] == c) {
            d->offset_waits[i] = d->offset_waits[--d->noffset_waits];
            break;
        }
    c->ticket = 0;
}

void calls_moved(KafkaDoor *d, Partition *p)
{
    // Whoever is resumed may leave, with all its waits; nobody else does.
    PartWait *next;
    for (PartWait *w = *bucket(d, p); w; w = next) {
        next = w->next;
        while (next && next->call == w->call) next = next->next;
        if (w->p == p) w->call->resume(d, w->call, false);
    }
}

void calls_offsets(KafkaDoor *d)
{
    for (int32_t i = d->noffset_waits - 1; i >= 0; i--) {
        if (i >= d->noffset_waits) continue;
        Call *c = d->offset_waits[i];
        c->resume(d, c, false);
    }
}

// -- dispatch

// A version of ApiVersions that we do not know is answered in the oldest form, with what we know.
static void answer_versions_v0(KafkaDoor *d, Call *c)
{
    c->head.version = 0;
    c->head.flex = false;
    answer_begin(c);
    api_versions_write(&c->out, KAFKA_UNSUPPORTED_VERSION);
    call_done(d, c);
}

static void refuse(KafkaDoor *d, Call *c, const char *why)
{
    shared_add(&d->turned_away, 1);
    door_say(d, c->conn, "disconnected: %s (request %d, version %d)", why, c->head.key,
             c->head.version);
    call_refuse(d, c);
}

void call_dispatch(KafkaDoor *d, Call *c)
{
    Status s = kafka_head_read(&c->head, &c->in, c->arena, str_of(c->frame, c->bytes));
    const KafkaApi *api = c->head.api;
    if (s.code || !api) {
        refuse(d, c,
               s.code || !c->conn->known ? "no request of the Kafka protocol"
                                         : "a request that is not offered");
        return;
    }
    bool known = c->head.version >= api->min && c->head.version <= api->max;
    if (!known && api->key == KAFKA_KEY_API_VERSIONS) {
        answer_versions_v0(d, c);
        return;
    }
    if (!known) {
        refuse(d, c, "a request of a version that is not offered");
        return;
    }
    if (c->bytes > CALL_BYTES_MAX && api->key != KAFKA_KEY_PRODUCE) {
        refuse(d, c, "a request that is too large");
        return;
    }
    c->conn->known = true;
    answer_begin(c);
    for (int64_t i = 0; i < COUNT(handlers); i++)
        if (handlers[i].key == api->key) {
            s = handlers[i].handle(d, c);
            if (s.code) refuse(d, c, fail_text());
            return;
        }
    must_failed("a handler for each key", __FILE__, __LINE__);
}
