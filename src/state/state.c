// state.c -- the tables of an operator, and how their durable form is written (state_in.h).
#include "base/hash.h"
#include "col/pack.h"
#include "state/state_in.h"

// Another result means that the rows of an image stood in other shards.
uint64_t state_hash_check(void)
{
    int64_t number[] = {1, -7, INT64_C(1) << 40};
    Str text[] = {S("a"), S("eleven bytes"), S("a text of more than sixteen bytes")};
    uint64_t hash[3];
    Column c[] = {{.type = &type_bigint, .data = number, .rows = 3},
                  {.type = &type_string, .data = text, .rows = 3}};
    column_hash(&c[0], 3, hash, true);
    column_hash(&c[1], 3, hash, false);
    return hash_mix(hash_mix(hash[0], hash[1]), hash[2]);
}

static Str shape_text(Arena *a, const TableSpec *spec)
{
    Buf b = buf_new(a);
    buf_put(&b, S("keys ("));
    for (int32_t k = 0; k < spec->nkeys; k++) {
        if (k) buf_put(&b, S(", "));
        type_sql(&b, spec->key[k]);
    }
    buf_fmt(&b, "), time key %d in slices of %lld, payload %d, blobs at (", spec->time_key,
            (long long)spec->slice, spec->payload_bytes);
    for (int32_t i = 0; i < spec->nblobs; i++) buf_fmt(&b, i ? ", %d" : "%d", spec->blob_at[i]);
    buf_char(&b, ')');
    return buf_str(&b);
}

static State *state_make(Arena *a, int32_t shards)
{
    must(shards > 0 && shards <= 256 && !(shards & (shards - 1)));
    State *s = NEW(a, State, 1);
    *s = (State){.arena = a, .scratch = arena_new(a), .shards = shards};
    return s;
}

State *state_new(Arena *a, const TableSpec *spec, int32_t shards)
{
    State *s = state_make(a, shards);
    s->shard = NEW(a, Table *, shards);
    s->shape = shape_text(a, spec);
    TableSpec tracked = *spec;
    tracked.track = true;
    for (int32_t i = 0; i < shards; i++) s->shard[i] = table_new(a, &tracked);
    return s;
}

State *state_new_bags(Arena *a, const BagSpec *spec, int32_t shards)
{
    State *s = state_make(a, shards);
    Buf shape = buf_new(a);
    bag_shape(spec, &shape);
    s->shape = buf_str(&shape);
    s->bag = NEW(a, Bag *, shards);
    for (int32_t i = 0; i < shards; i++) s->bag[i] = bag_new(a, spec);
    return s;
}

int32_t state_shards(const State *s) { return s->shards; }
Table *state_shard(State *s, int32_t i) { return s->shard[i]; }
Bag *state_bag(State *s, int32_t i) { return s->bag[i]; }

void state_epoch_begin(State *s)
{
    for (int32_t i = 0; i < s->shards; i++)
        if (s->bag)
            bag_epoch_begin(s->bag[i]);
        else
            table_epoch_begin(s->shard[i]);
}

int64_t state_count(const State *s)
{
    int64_t n = 0;
    for (int32_t i = 0; i < s->shards; i++)
        n += s->bag ? bag_count(s->bag[i]) : table_count(s->shard[i]);
    return n;
}

int64_t state_bytes(const State *s)
{
    int64_t n = 0;
    for (int32_t i = 0; i < s->shards; i++)
        n += s->bag ? bag_bytes(s->bag[i]) : table_bytes(s->shard[i]);
    return n;
}

static void put_parts(Buf *to, const TableSpec *spec, const char *payload)
{
    uint64_t bits;
    memcpy(&bits, payload, sizeof bits);
    buf_put(to, str_of(payload, spec->part_at));
    for (; bits; bits &= bits - 1) {
        int64_t at = spec->part_at + (int64_t)__builtin_ctzll(bits) * spec->part_bytes;
        buf_put(to, str_of(payload + at, spec->part_bytes));
    }
}

static void put_payload(Buf *to, const TableSpec *spec, const char *payload)
{
    int32_t at = 0;
    if (spec->part_bytes) {
        put_parts(to, spec, payload);
        return;
    }
    for (int32_t i = 0; i < spec->nblobs; i++) {
        buf_put(to, str_of(payload + at, spec->blob_at[i] - at));
        at = spec->blob_at[i] + (int32_t)sizeof(Blob);
    }
    buf_put(to, str_of(payload + at, spec->payload_bytes - at));
    for (int32_t i = 0; i < spec->nblobs; i++) {
        Str blob = blob_str((const Blob *)(const void *)(payload + spec->blob_at[i]));
        buf_uvarint(to, (uint64_t)blob.n);
        buf_put(to, blob);
    }
}

static void put_batch(StateOut *out, const Table *t, char *const *row, int32_t n, bool payload)
{
    Buf *to = &out->buf;
    Arena *batch = arena_new(NULL);
    Column *key = NEW(batch, Column, t->spec.nkeys);
    table_keys(t, row, n, key, batch);
    for (int32_t i = 0; i < n; i++) {
        for (int32_t k = 0; k < t->spec.nkeys; k++) value_pack(to, &key[k], i);
        if (payload) put_payload(to, &t->spec, row[i]);
    }
    arena_free(batch);
    state_out_spill(out, STATE_SPILL);
}

static void put_op(Buf *to, StateOp op, int64_t n)
{
    buf_u8(to, (uint8_t)op);
    buf_uvarint(to, (uint64_t)n);
}

static void put_removed(StateOut *out, const Table *t, Arena *scratch)
{
    TableRows rows = table_removed(t, scratch);
    if (rows.n) put_op(&out->buf, OP_REMOVE, rows.n);
    for (int64_t at = 0; at < rows.n; at += BATCH_ROWS)
        put_batch(out, t, rows.payload + at, (int32_t)MIN(BATCH_ROWS, rows.n - at), false);
}

static void put_rows(StateOut *out, const Table *t, bool changed)
{
    char *payload[BATCH_ROWS];
    RowWalk w = table_walk(t, changed);
    int64_t all = changed ? table_changed_count(t) : table_count(t);
    if (all) put_op(&out->buf, OP_UPSERT, all);
    for (int32_t n = 0; (n = table_walk_next(&w, payload)) > 0;)
        put_batch(out, t, payload, n, true);
}

void state_out_spill(StateOut *out, int64_t least)
{
    if (!out->spill || out->buf.n < least) return;
    out->crc = crc32c(out->crc, str_from(buf_str(&out->buf), out->part));
    out->part = 0;
    out->spill(out);
}

static void begin(const State *s, StateOut *out, StateKind kind)
{
    Buf *to = &out->buf;
    out->part = to->n;
    out->crc = 0;
    buf_put(to, S("KST2"));
    buf_u8(to, (uint8_t)kind);
    buf_u8(to, (uint8_t)(s->shards - 1));
    buf_u64le(to, state_hash_check());
    buf_uvarint(to, (uint64_t)s->shape.n);
    buf_put(to, s->shape);
}

static void end(StateOut *out)
{
    buf_u8(&out->buf, OP_END);
    buf_u32le(&out->buf, crc32c(out->crc, str_from(buf_str(&out->buf), out->part)));
}

static void put_shard(Buf *to, int32_t i)
{
    buf_u8(to, OP_SHARD);
    buf_uvarint(to, (uint64_t)i);
}

static void put_image(State *s, StateOut *to, int32_t i)
{
    if (s->bag) {
        if (!bag_count(s->bag[i])) return;
        put_shard(&to->buf, i);
        bag_image(s->bag[i], to, s->scratch);
    } else {
        if (!table_count(s->shard[i])) return;
        put_shard(&to->buf, i);
        put_rows(to, s->shard[i], false);
    }
    arena_clear(s->scratch);
}

void state_write_image(State *s, StateOut *to)
{
    begin(s, to, KIND_IMAGE);
    for (int32_t i = 0; i < s->shards; i++) put_image(s, to, i);
    end(to);
}

static bool unchanged(const State *s, int32_t i)
{
    if (s->bag) return bag_unchanged(s->bag[i]);
    const Table *t = s->shard[i];
    return t->changed.n == 0 && t->removed.n == 0 && t->expired == INT64_MIN && !t->cleared;
}

static void put_delta(State *s, StateOut *to, const Table *t)
{
    if (t->cleared) buf_u8(&to->buf, OP_CLEAR);
    if (t->expired != INT64_MIN) {
        buf_u8(&to->buf, OP_EXPIRE);
        buf_u64le(&to->buf, (uint64_t)t->expired);
    }
    put_removed(to, t, s->scratch);
    put_rows(to, t, true);
}

void state_write_delta(State *s, StateOut *to)
{
    bool begun = false;
    for (int32_t i = 0; i < s->shards; i++) {
        if (unchanged(s, i)) continue;
        if (!begun) begin(s, to, KIND_DELTA);
        begun = true;
        put_shard(&to->buf, i);
        if (s->bag)
            bag_delta(s->bag[i], to, s->scratch);
        else
            put_delta(s, to, s->shard[i]);
        arena_clear(s->scratch);
    }
    if (begun) end(to);
}

static void at_once(State *s, Buf *to, void (*write)(State *s, StateOut *to))
{
    StateOut out = {.buf = *to};
    write(s, &out);
    *to = out.buf;
}
void state_delta(State *s, Buf *to) { at_once(s, to, state_write_delta); }
void state_image(State *s, Buf *to) { at_once(s, to, state_write_image); }
