// bag_test.c -- rows by key and expiry; the written form, read back and spoilt.
#include "base/hash.h"
#include "base/test.h"
#include "state/state_in.h"

static uint64_t seed = 7;
static int64_t chance(int64_t below) { return (int64_t)(hash_u64(seed++) % (uint64_t)below); }
static const Type *const key_type[] = {&type_string};
static BagSpec some_spec(Arena *a)
{
    BagSpec spec = {.key = key_type, .nkeys = 1, .slice = 10};
    CHECK_OK(schema_parse(&spec.side[0], a, S("k STRING, n BIGINT, l ARRAY<INT>")));
    CHECK_OK(schema_parse(&spec.side[1], a, S("k STRING, d DOUBLE")));
    return spec;
}
static void add_one(Bag *b, Arena *a, const Schema *s, int32_t side, Micros expiry)
{
    Batch in = {.rows = 1, .cols = s->nfields, .col = NEW(a, Column, s->nfields)};
    BagKey *key;
    int32_t row = 0;
    uint8_t met = (uint8_t)chance(2);
    for (int32_t c = 0; c < s->nfields; c++) {
        Builder *col = builder_new(a, s->field[c].type);
        Datum d = {.i = chance(9)};
        if (c == 0) d.s = str_fmt(a, "key of some length %d", (int)chance(15));
        if (s->field[c].type->id == T_ARRAY)
            builder_null(col);
        else
            builder_datum(col, &d);
        in.col[c] = builder_column(col);
    }
    bag_keys(b, &in.col[0], 1, &key);
    BagAdd add = {side, &in, &row, 1, &key, &expiry, &met};
    bag_add(b, &add);
}
static Str image_of(State *s, Arena *a)
{
    Buf b = buf_new(a);
    state_image(s, &b);
    return buf_str(&b);
}
TEST(bag_finds_by_expiry)
{
    BagSpec spec = some_spec(a);
    Bag *b = bag_new(a, &spec);
    Str name = S("key of some length 0");
    Column k = {.type = &type_string, .data = &name, .rows = 1};
    BagKey *key;
    for (int32_t i = 0; i < 600; i++) {
        bag_keys(b, &k, 1, &key);
        add_one(b, a, spec.side[0], 0, chance(6) ? chance(40) : BAG_FOREVER);
    }
    for (uint32_t i = 1; i < key->n[0]; i++) {
        const BagEntry *x = &key->row[0][i - 1], *y = x + 1;
        CHECK(x->expiry < y->expiry || (x->expiry == y->expiry && x->row->seq < y->row->seq));
    }
    for (Micros from = 0; from < 45; from++) {
        uint32_t at = bag_from(key, 0, from), n = 0;
        while (n < key->n[0] && key->row[0][n].expiry < from) n++;
        CHECK_I64(at, n);
    }
}
TEST(bag_expires_and_comes_back)
{
    BagSpec spec = some_spec(a);
    State *s = state_new_bags(a, &spec, 1), *again = state_new_bags(a, &spec, 1);
    CHECK_OK(state_apply(again, image_of(s, a)));
    int64_t live = 0;
    for (Micros w = 0; w < 300; w += 1 + chance(25)) {
        Bag *b = state_bag(s, 0);
        state_epoch_begin(s);
        for (int64_t i = chance(20); i > 0; i--, live++) {
            int32_t side = (int32_t)chance(2);
            add_one(b, a, spec.side[side], side, chance(9) ? w + 1 + chance(60) : BAG_FOREVER);
        }
        BagRows due = bag_due(b, w, a);
        for (int64_t i = 0; i < due.n; i++) CHECK(due.row[i]->expiry <= w);
        live -= due.n;
        bag_expire(b, w);
        CHECK_I64(bag_count(b), live);
        CHECK_I64(bag_due(b, w, a).n, 0);
        Buf delta = buf_new(a);
        state_delta(s, &delta);
        if (delta.n) CHECK_OK(state_apply(again, buf_str(&delta)));
        CHECK_STR(image_of(again, a), image_of(s, a));
    }
    CHECK(live > 10);
}
TEST(bag_refuses_spoilt_bytes)
{
    BagSpec spec = some_spec(a);
    State *s = state_new_bags(a, &spec, 4);
    int64_t refused = 0;
    for (int32_t i = 0; i < 20; i++) add_one(state_bag(s, 0), a, spec.side[i % 2], i % 2, 10 * i);
    Str whole = image_of(s, a); // keys stand in shards that are not theirs: refused as it is
    CHECK_FAILS(state_apply(state_new_bags(a, &spec, 4), whole), ERR_CORRUPT);
    s = state_new_bags(a, &spec, 1);
    for (int32_t i = 0; i < 4; i++) add_one(state_bag(s, 0), a, spec.side[i % 2], i % 2, 10 * i);
    whole = image_of(s, a);
    int64_t sum = whole.n - STATE_CRC_BYTES;
    for (int64_t at = STATE_KIND_AT; at < sum; at++) {
        Arena *own = arena_new(a);
        Str bytes = str_copy(own, whole);
        char *p = (char *)bytes.p;
        p[at] = (char)(p[at] ^ (1 << chance(8)));
        uint32_t crc = crc32c(0, str_sub(bytes, 0, sum));
        memcpy(p + sum, &crc, sizeof crc);
        State *to = state_new_bags(own, &spec, 1);
        Status st = state_apply(to, bytes);
        refused += st.code != OK;
        if (!st.code) CHECK(image_of(to, own).n > 0);
        arena_free(own);
    }
    CHECK(refused > 20);
}
