// bag_disk.c -- the durable form of a Bag, as operations of state_in.h:
//
//   EXPIRE  the rows with an expiry up to 8 bytes go
//   ROWS    uvarint n, then n times, those of one slice in order of arrival:
//           | seq uvarint | side and mark 1 | expiry 8 | key values | uvarint bytes, flat row |
//   MARKS   uvarint n, then n times the seq of a row that was met
#include "col/pack.h"
#include "state/bag_in.h"
#include "state/state_in.h"

enum { ROW_SIDE = 1, ROW_MET = 2 };

static void put_schema(Buf *to, const Schema *s)
{
    for (int32_t i = 0; i < s->nfields; i++) {
        if (i) buf_put(to, S(", "));
        type_sql(to, s->field[i].type);
    }
}
void bag_shape(const BagSpec *spec, Buf *to)
{
    buf_put(to, S("rows by keys ("));
    for (int32_t k = 0; k < spec->nkeys; k++) {
        if (k) buf_put(to, S(", "));
        type_sql(to, spec->key[k]);
    }
    for (int32_t i = 0; i < BAG_SIDES; i++) {
        buf_put(to, i ? S("), right (") : S("), left ("));
        put_schema(to, spec->side[i]);
    }
    buf_char(to, ')');
}
bool bag_unchanged(const Bag *b) { return !b->added.n && !b->met.n && b->expired == INT64_MIN; }
static void put_rows(const Bag *b, StateOut *out, BagRow *const *row, int64_t n, Arena *scratch)
{
    Buf *to = &out->buf;
    if (!n) return;
    buf_u8(to, OP_ROWS);
    buf_uvarint(to, (uint64_t)n);
    for (int64_t at = 0; at < n; at += BATCH_ROWS) {
        Arena *batch = arena_new(scratch);
        int32_t some = (int32_t)MIN(BATCH_ROWS, n - at);
        char *payload[BATCH_ROWS];
        Column *key = NEW(batch, Column, b->spec.nkeys);
        for (int32_t i = 0; i < some; i++) payload[i] = row[at + i]->key;
        table_keys(b->keys, payload, some, key, batch);
        for (int32_t i = 0; i < some; i++) {
            const BagRow *r = row[at + i];
            buf_uvarint(to, r->seq);
            buf_u8(to, (uint8_t)((r->side ? ROW_SIDE : 0) | (r->met ? ROW_MET : 0)));
            buf_u64le(to, (uint64_t)r->expiry);
            for (int32_t k = 0; k < b->spec.nkeys; k++) value_pack(to, &key[k], i);
            buf_uvarint(to, r->bytes);
            buf_put(to, str_of(bag_row_flat(r), r->bytes));
        }
        arena_free(batch);
        state_out_spill(out, STATE_SPILL);
    }
}
void bag_delta(const Bag *b, StateOut *out, Arena *scratch)
{
    Buf *to = &out->buf;
    if (b->expired != INT64_MIN) {
        buf_u8(to, OP_EXPIRE);
        buf_u64le(to, (uint64_t)b->expired);
    }
    put_rows(b, out, b->added.v, b->added.n, scratch);
    if (!b->met.n) return;
    buf_u8(to, OP_MARKS);
    buf_uvarint(to, (uint64_t)b->met.n);
    for (int64_t i = 0; i < b->met.n; i++) buf_uvarint(to, b->met.v[i]->seq);
}
void bag_image(const Bag *b, StateOut *to, Arena *scratch)
{
    BagRows all = bag_all(b, scratch);
    put_rows(b, to, all.row, all.n, scratch);
}
// -- reading back

typedef struct Stored { // a row as it was read: views of the bytes
    uint64_t seq;
    uint8_t flags;
    Micros expiry;
    Str flat;
} Stored;

static bool read_row(const Bag *b, Reader *r, Builder **key, Stored *s)
{
    s->seq = reader_uvarint(r);
    s->flags = reader_u8(r);
    s->expiry = (Micros)reader_u64le(r);
    for (int32_t k = 0; k < b->spec.nkeys; k++)
        if (!value_unpack(r, key[k])) return false;
    s->flat = reader_bytes(r, (int64_t)reader_uvarint(r));
    if (r->bad || s->flags > (ROW_SIDE | ROW_MET)) return false;
    return rowform_check(b->form[s->flags & ROW_SIDE], s->flat);
}
static void seq_note(Bag *b, BagRow *const *row, int64_t n)
{
    char *payload[BATCH_ROWS];
    int64_t seq[BATCH_ROWS];
    for (int64_t at = 0; at < n; at += BATCH_ROWS) {
        int32_t some = (int32_t)MIN(BATCH_ROWS, n - at);
        for (int32_t i = 0; i < some; i++) seq[i] = (int64_t)row[at + i]->seq;
        Column key = {.type = &type_bigint, .data = seq, .rows = some};
        table_upsert(b->by_seq, &key, some, NULL, payload, NULL);
        for (int32_t i = 0; i < some; i++) memcpy(payload[i], &row[at + i], sizeof(BagRow *));
    }
}
static bool store_rows(Bag *b, const Stored *s, int32_t n, const Column *key, int32_t shards,
                       int32_t shard)
{
    BagKey *to[BATCH_ROWS];
    BagRow *row[BATCH_ROWS];
    bag_keys(b, key, n, to);
    for (int32_t i = 0; i < n; i++) {
        if (state_shard_of(table_hash(b->keys, (char *)to[i]), shards) != shard) return false;
        row[i] = bag_append(b, s[i].flags & ROW_SIDE, to[i], s[i].expiry, s[i].flat.n);
        row[i]->seq = s[i].seq;
        b->seq = MAX(b->seq, s[i].seq + 1);
        row[i]->met = (s[i].flags & ROW_MET) != 0;
        if (s[i].flat.n) memcpy(bag_row_flat(row[i]), s[i].flat.p, (size_t)s[i].flat.n);
    }
    if (b->by_seq) seq_note(b, row, n);
    return true;
}
static bool read_batch(Bag *b, Reader *r, int32_t n, int32_t shards, int32_t shard)
{
    Arena *a = b->batch;
    arena_clear(a);
    Builder **key = NEW(a, Builder *, b->spec.nkeys);
    Column *col = NEW(a, Column, b->spec.nkeys);
    Stored *s = NEW(a, Stored, n);
    for (int32_t k = 0; k < b->spec.nkeys; k++) key[k] = builder_new(a, b->spec.key[k]);
    for (int32_t i = 0; i < n; i++)
        if (!read_row(b, r, key, &s[i])) return false;
    for (int32_t k = 0; k < b->spec.nkeys; k++) col[k] = builder_column(key[k]);
    return store_rows(b, s, n, col, shards, shard);
}
bool bag_read_rows(Bag *b, Reader *r, uint64_t n, int32_t shards, int32_t shard)
{
    for (uint64_t at = 0; at < n; at += BATCH_ROWS)
        if (!read_batch(b, r, (int32_t)MIN(BATCH_ROWS, n - at), shards, shard)) return false;
    return true;
}
bool bag_read_marks(Bag *b, Reader *r, uint64_t n)
{
    if (!b->by_seq) {
        static const Type *const seq_type[] = {&type_bigint};
        TableSpec spec = {
            .key = seq_type, .nkeys = 1, .time_key = -1, .payload_bytes = 8, .removes = true};
        b->by_seq_arena = arena_new(b->arena);
        b->by_seq = table_new(b->by_seq_arena, &spec);
        BagRows all = bag_all(b, b->by_seq_arena);
        seq_note(b, all.row, all.n);
    }
    for (uint64_t i = 0; i < n; i++) {
        int64_t seq = (int64_t)reader_uvarint(r);
        Column key = {.type = &type_bigint, .data = &seq, .rows = 1};
        char *found = NULL;
        table_lookup(b->by_seq, &key, 1, NULL, &found);
        if (r->bad || !found) return false;
        BagRow *row;
        memcpy(&row, found, sizeof(void *));
        row->met = 1;
    }
    return true;
}
