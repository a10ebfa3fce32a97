#include "log/producers.h"

void producers_init(Producers *ps)
{
    ps->arena = arena_new(NULL);
    ps->map = map_new(ps->arena);
}

void producers_end(Producers *ps)
{
    if (ps->arena) arena_free(ps->arena);
    *ps = (Producers){0};
}

static Str key_of(const int64_t *id) { return (Str){(const char *)id, sizeof *id}; }

const Producer *producers_find(const Producers *ps, int64_t id)
{
    return map_get(&ps->map, key_of(&id));
}

static Producer *producers_make(Producers *ps, int64_t id)
{
    Producer *p = map_get(&ps->map, key_of(&id));
    if (p) return p;
    p = NEW(ps->arena, Producer, 1);
    p->id = id;
    map_set(&ps->map, key_of(&p->id), p);
    return p;
}

int32_t sequence_after(int32_t sequence, int64_t n)
{
    return (int32_t)((sequence + n) & INT32_MAX);
}

// a after b, on the ring of 2^31 sequences
static bool sequence_later(int32_t a, int32_t b)
{
    uint32_t ahead = ((uint32_t)a - (uint32_t)b) & INT32_MAX;
    return ahead > 0 && ahead < 1u << 30;
}

static bool duplicate_of(const Producer *p, int32_t first, int32_t last, Appended *done)
{
    for (int32_t i = 0; i < p->n; i++)
        if (p->batch[i].first == first && p->batch[i].last == last) {
            done->duplicate = true;
            done->base = p->batch[i].base;
            return true;
        }
    // An engine's sink cuts the same batches again, however many: what is not later was there.
    if (p->id < PRODUCER_ENGINE || sequence_later(last, p->batch[p->n - 1].last)) return false;
    done->duplicate = true;
    return true;
}

void producers_check(const Producers *ps, const RecordsHead *h, Appended *done)
{
    if (h->producer_id < 0) return;
    if (h->base_sequence < 0 || h->producer_epoch < 0) {
        done->error = KAFKA_INVALID_RECORD;
        return;
    }
    const Producer *p = producers_find(ps, h->producer_id);
    if (!p || !p->n) return; // forgotten or new: any sequence may come first, as Kafka has it
    const ProducerBatch *last = &p->batch[p->n - 1];
    if (h->producer_epoch < p->epoch) {
        done->error = KAFKA_INVALID_PRODUCER_EPOCH;
    } else if (h->producer_epoch > p->epoch) {
        if (h->base_sequence) done->error = KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER;
    } else if (h->base_sequence != sequence_after(last->last, 1) &&
               !duplicate_of(p, h->base_sequence, sequence_after(h->base_sequence, h->last_delta),
                             done)) {
        done->error = KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER;
    }
}

void producers_note(Producers *ps, const RecordsHead *h, int64_t base, int64_t now_ms)
{
    if (h->producer_id < 0) return;
    Producer *p = producers_make(ps, h->producer_id);
    if (h->producer_epoch != p->epoch) p->n = 0;
    p->epoch = h->producer_epoch;
    p->seen_ms = now_ms;
    if (p->n == PRODUCER_BATCHES)
        memmove(p->batch, p->batch + 1, sizeof p->batch[0] * (size_t)--p->n);
    p->batch[p->n++] =
        (ProducerBatch){h->base_sequence, sequence_after(h->base_sequence, h->last_delta), base};
}

void producers_expire(Producers *ps, int64_t before_ms)
{
    int64_t old = 0;
    for (int64_t i = 0; i < ps->map.n; i++) {
        const Producer *p = ps->map.entry[i].value;
        old += p->id < PRODUCER_ENGINE && p->seen_ms < before_ms;
    }
    if (!old) return;
    Producers left;
    producers_init(&left);
    for (int64_t i = 0; i < ps->map.n; i++) {
        const Producer *p = ps->map.entry[i].value;
        if (p->id >= PRODUCER_ENGINE || p->seen_ms >= before_ms) *producers_make(&left, p->id) = *p;
    }
    producers_end(ps);
    *ps = left;
}

void producers_save(const Producers *ps, Buf *b)
{
    buf_u32le(b, (uint32_t)ps->map.n);
    for (int64_t i = 0; i < ps->map.n; i++) {
        const Producer *p = ps->map.entry[i].value;
        buf_u64le(b, (uint64_t)p->id);
        buf_u64le(b, (uint64_t)p->seen_ms);
        buf_u32le(b, (uint32_t)p->epoch);
        buf_u32le(b, (uint32_t)p->n);
        for (int32_t k = 0; k < p->n; k++) {
            buf_u32le(b, (uint32_t)p->batch[k].first);
            buf_u32le(b, (uint32_t)p->batch[k].last);
            buf_u64le(b, (uint64_t)p->batch[k].base);
        }
    }
}

bool producers_load(Producers *ps, Reader *r)
{
    uint32_t n = reader_u32le(r);
    for (uint32_t i = 0; i < n && !r->bad; i++) {
        Producer p = {0};
        p.id = (int64_t)reader_u64le(r);
        p.seen_ms = (int64_t)reader_u64le(r);
        p.epoch = (int32_t)reader_u32le(r);
        p.n = (int32_t)reader_u32le(r);
        if (p.n < 0 || p.n > PRODUCER_BATCHES) return false;
        for (int32_t k = 0; k < p.n; k++) {
            p.batch[k].first = (int32_t)reader_u32le(r);
            p.batch[k].last = (int32_t)reader_u32le(r);
            p.batch[k].base = (int64_t)reader_u64le(r);
        }
        if (!r->bad) *producers_make(ps, p.id) = p;
    }
    return !r->bad;
}
