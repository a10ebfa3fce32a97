// state_apply.c -- reads what state.c wrote. Bytes may be anything: each count is checked against
// what is left, each key unpacked with care, and each row must stand in the shard of its hash.
#include "base/hash.h"
#include "base/reader.h"
#include "col/pack.h"
#include "state/state_in.h"

typedef struct Apply {
    State *state;
    Reader r;
    const uint8_t *start;
    StateKind kind;
    int32_t shard; // the one at hand, -1 before the first
    Table *table;  // it, or
    Bag *bag;
    Arena *batch; // lives for BATCH_ROWS rows
} Apply;

static Status corrupt(const Apply *a, const char *what)
{
    return fail(ERR_CORRUPT, "state at offset %lld: %s", (long long)(a->r.at - a->start), what);
}

static Status read_head(Apply *a)
{
    Reader *r = &a->r;
    Str magic = reader_bytes(r, 4);
    if (r->bad || !str_eq(magic, S("KST2"))) return corrupt(a, "not a state of this version");
    a->kind = (StateKind)reader_u8(r);
    int32_t shards = reader_u8(r) + 1;
    uint64_t check = reader_u64le(r);
    Str shape = reader_bytes(r, (int64_t)reader_uvarint(r));
    if (r->bad || (a->kind != KIND_IMAGE && a->kind != KIND_DELTA)) return corrupt(a, "bad header");
    if (!str_eq(shape, a->state->shape))
        return fail(ERR_INVALID,
                    "this state is of another operator: it has " STR_FMT "; wanted is " STR_FMT,
                    STR_ARG(shape), STR_ARG(a->state->shape));
    if (shards != a->state->shards)
        return fail(ERR_INVALID, "this state has %d shards; wanted are %d", shards,
                    a->state->shards);
    if (check != state_hash_check())
        return fail(ERR_INVALID, "this state was written by a version that places keys otherwise");
    return DONE;
}

// The payload without its blobs, then the blobs: views of the bytes that are read.
typedef struct Content {
    Str *piece; // nblobs + 1; of a payload in parts: the head, and all that are there
    Str *blob;
} Content;

static uint64_t part_bits(Str head)
{
    Reader r = reader_of(head);
    return reader_u64le(&r);
}

static Content read_parts(Apply *a)
{
    const TableSpec *spec = &a->table->spec;
    Content c = {NEW(a->batch, Str, 2), NULL};
    c.piece[0] = reader_bytes(&a->r, spec->part_at);
    if (a->r.bad) return c;
    int32_t most = (spec->payload_bytes - spec->part_at) / spec->part_bytes;
    uint64_t bits = part_bits(c.piece[0]);
    a->r.bad |= most < 64 && bits >> most;
    c.piece[1] = reader_bytes(&a->r, (int64_t)__builtin_popcountll(bits) * spec->part_bytes);
    return c;
}

static void store_parts(Table *t, char *payload, const Content *c)
{
    const char *from = c->piece[1].p;
    memset(payload, 0, (size_t)t->spec.payload_bytes);
    memcpy(payload, c->piece[0].p, (size_t)c->piece[0].n);
    for (uint64_t bits = part_bits(c->piece[0]); bits; bits &= bits - 1) {
        int64_t at = t->spec.part_at + (int64_t)__builtin_ctzll(bits) * t->spec.part_bytes;
        memcpy(payload + at, from, (size_t)t->spec.part_bytes);
        from += t->spec.part_bytes;
    }
}

static Content read_content(Apply *a)
{
    const TableSpec *spec = &a->table->spec;
    if (spec->part_bytes) return read_parts(a);
    Content c = {NEW(a->batch, Str, spec->nblobs + 1), NEW(a->batch, Str, spec->nblobs)};
    int32_t at = 0;
    for (int32_t i = 0; i <= spec->nblobs; i++) {
        int32_t to = i < spec->nblobs ? spec->blob_at[i] : spec->payload_bytes;
        c.piece[i] = reader_bytes(&a->r, to - at);
        at = to + (int32_t)sizeof(Blob);
    }
    for (int32_t i = 0; i < spec->nblobs; i++) {
        c.blob[i] = reader_bytes(&a->r, (int64_t)reader_uvarint(&a->r));
        a->r.bad |= c.blob[i].n > BLOB_MAX;
    }
    return c;
}

static void store_content(Table *t, char *payload, const Content *c)
{
    int32_t at = 0;
    if (t->spec.part_bytes) {
        store_parts(t, payload, c);
        return;
    }
    for (int32_t i = 0; i <= t->spec.nblobs; i++) {
        if (c->piece[i].n) memcpy(payload + at, c->piece[i].p, (size_t)c->piece[i].n);
        at += (int32_t)c->piece[i].n + (int32_t)sizeof(Blob);
    }
    for (int32_t i = 0; i < t->spec.nblobs; i++)
        blob_set(t->pool, (Blob *)(void *)(payload + t->spec.blob_at[i]), c->blob[i]);
}

static Status apply_removes(Apply *a, const Column *key, int32_t n)
{
    char **payload = NEW(a->batch, char *, n);
    if (!a->table->spec.removes) return corrupt(a, "rows of this operator are not removed");
    table_lookup(a->table, key, n, NULL, payload);
    for (int32_t i = 0; i < n; i++) {
        if (!payload[i] || row_of(a->table, payload[i])->word & ROW_DEAD)
            return corrupt(a, "a row before it is removed and was not there");
        table_remove(a->table, payload[i]);
    }
    return DONE;
}

static Status apply_upserts(Apply *a, const Column *key, const Content *content, int32_t n)
{
    char **payload = NEW(a->batch, char *, n);
    uint8_t *is_new = NEW(a->batch, uint8_t, n);
    table_upsert(a->table, key, n, NULL, payload, is_new);
    for (int32_t i = 0; i < n; i++) {
        if (state_shard_of(table_hash(a->table, payload[i]), a->state->shards) != a->shard)
            return corrupt(a, "a row before it stands in the wrong shard");
        if (a->kind == KIND_IMAGE && !is_new[i])
            return corrupt(a, "a row before it is there twice");
        store_content(a->table, payload[i], &content[i]);
    }
    return DONE;
}

static Status apply_rows(Apply *a, StateOp op, int32_t n)
{
    int32_t nkeys = a->table->spec.nkeys;
    Builder **b = NEW(a->batch, Builder *, nkeys);
    Column *key = NEW(a->batch, Column, nkeys);
    Content *content = NEW(a->batch, Content, n);
    for (int32_t k = 0; k < nkeys; k++) b[k] = builder_new(a->batch, a->table->spec.key[k]);
    for (int32_t i = 0; i < n; i++) {
        for (int32_t k = 0; k < nkeys; k++)
            if (!value_unpack(&a->r, b[k])) return corrupt(a, "this is no key");
        if (op == OP_UPSERT) content[i] = read_content(a);
        if (a->r.bad) return corrupt(a, "a row breaks off");
    }
    for (int32_t k = 0; k < nkeys; k++) key[k] = builder_column(b[k]);
    return op == OP_REMOVE ? apply_removes(a, key, n) : apply_upserts(a, key, content, n);
}

static Status apply_batches(Apply *a, StateOp op)
{
    uint64_t n = reader_uvarint(&a->r);
    // Without keys and payload a row is no byte, and there can be one.
    if (a->r.bad || n > MAX((uint64_t)reader_left(&a->r), 1)) return corrupt(a, "a wild count");
    for (uint64_t at = 0; at < n; at += BATCH_ROWS) {
        TRY(apply_rows(a, op, (int32_t)MIN(BATCH_ROWS, n - at)));
        arena_clear(a->batch);
    }
    return DONE;
}

static Status apply_shard(Apply *a)
{
    uint64_t i = reader_uvarint(&a->r);
    if (a->r.bad || i >= (uint64_t)a->state->shards) return corrupt(a, "there is no such shard");
    a->shard = (int32_t)i;
    if (a->state->bag)
        a->bag = a->state->bag[i];
    else
        a->table = a->state->shard[i];
    return DONE;
}

static Status apply_expire(Apply *a)
{
    Micros upto = (Micros)reader_u64le(&a->r);
    if (a->r.bad) return corrupt(a, "it breaks off");
    if (a->bag)
        bag_expire(a->bag, upto);
    else
        (void)table_expire(a->table, upto);
    return DONE;
}

static Status apply_bag(Apply *a, StateOp op)
{
    uint64_t n = reader_uvarint(&a->r);
    if (a->r.bad || n > (uint64_t)reader_left(&a->r)) return corrupt(a, "a wild count");
    bool ok = op == OP_ROWS ? bag_read_rows(a->bag, &a->r, n, a->state->shards, a->shard)
                            : bag_read_marks(a->bag, &a->r, n);
    return ok ? DONE : corrupt(a, "a stored row before it is none, or in the wrong place");
}

static Status apply_op(Apply *a, StateOp op)
{
    if (op == OP_SHARD) return apply_shard(a);
    if (a->shard < 0) return corrupt(a, "an operation before any shard");
    switch (op) {
    case OP_CLEAR:
        if (a->bag) break;
        table_clear(a->table);
        return DONE;
    case OP_EXPIRE: return apply_expire(a);
    case OP_REMOVE:
    case OP_UPSERT:
        if (a->bag) break;
        return apply_batches(a, op);
    case OP_ROWS:
    case OP_MARKS:
        if (!a->bag) break;
        return apply_bag(a, op);
    case OP_SHARD:
    case OP_END: break;
    }
    return corrupt(a, "there is no such operation");
}

static Status apply_all(Apply *a)
{
    TRY(read_head(a));
    for (int32_t i = 0; a->kind == KIND_IMAGE && i < a->state->shards; i++)
        if (a->state->bag)
            bag_clear(a->state->bag[i]);
        else
            table_clear(a->state->shard[i]);
    for (;;) {
        uint8_t op = reader_u8(&a->r);
        if (a->r.bad) return corrupt(a, "it ends without its end mark");
        if (op == OP_END) break;
        TRY(apply_op(a, (StateOp)op));
    }
    uint32_t crc = crc32c(0, str_of((const char *)a->start, a->r.at - a->start));
    if (reader_u32le(&a->r) != crc || a->r.bad)
        return corrupt(a, "the sum over the bytes before it is wrong");
    return DONE;
}

// What is read counts as there before, so nothing is tracked meanwhile.
static void track(State *s, bool on)
{
    for (int32_t i = 0; s->shard && i < s->shards; i++) s->shard[i]->spec.track = on;
}

// Nothing counts as changed. What helps to read the next piece stays until an epoch begins.
static void settle(State *s)
{
    for (int32_t i = 0; s->bag && i < s->shards; i++) bag_settle(s->bag[i]);
    if (!s->bag) state_epoch_begin(s);
}

Status state_read(State *s, Reader *r)
{
    Apply a = {.state = s, .r = *r, .batch = arena_new(s->scratch), .shard = -1};
    a.start = a.r.at;
    settle(s);
    track(s, false);
    Status status = apply_all(&a);
    track(s, true);
    settle(s);
    arena_clear(s->scratch);
    *r = a.r;
    return status;
}
Status state_apply(State *s, Str bytes)
{
    Reader r = reader_of(bytes);
    TRY(state_read(s, &r));
    if (!reader_left(&r)) return DONE;
    return fail(ERR_CORRUPT, "state of %lld bytes: there is more after its end mark",
                (long long)bytes.n);
}
