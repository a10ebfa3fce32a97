#include "base/buf.h"
#include "base/hash.h"
#include "base/test.h"
#include "state/state_in.h"

typedef struct Payload {
    Blob first;
    int64_t count;
    Blob second;
} Payload;
static const int32_t blob_at[] = {offsetof(Payload, first), offsetof(Payload, second)};
static const Type *const key_type[] = {&type_timestamp, &type_string};
static const TableSpec plain = {.key = key_type,
                                .nkeys = 2,
                                .time_key = 0,
                                .slice = 10,
                                .payload_bytes = sizeof(Payload),
                                .blob_at = blob_at,
                                .nblobs = 2,
                                .removes = true};

static uint64_t seed = 1;
static uint64_t chance(uint64_t below) { return hash_u64(seed++) % below; }

static void upsert_some(State *s, Arena *a, int32_t n)
{
    Micros *time = NEW(a, Micros, n);
    Str *text = NEW(a, Str, n);
    uint8_t *valid = NEW(a, uint8_t, n), *keep = NEW(a, uint8_t, n);
    uint64_t *hash = NEW(a, uint64_t, n);
    char **payload = NEW(a, char *, n);
    for (int32_t i = 0; i < n; i++) {
        time[i] = (Micros)chance(50);
        text[i] = str_fmt(a, "key %0*d", (int)chance(3) * 10, (int)chance(20));
        valid[i] = chance(10) > 0;
    }
    Column key[] = {{.type = key_type[0], .valid = valid, .data = time, .rows = n},
                    {.type = key_type[1], .data = text, .rows = n}};
    column_hash(&key[0], n, hash, true);
    column_hash(&key[1], n, hash, false);
    for (int32_t shard = 0; shard < state_shards(s); shard++) {
        for (int32_t i = 0; i < n; i++) keep[i] = state_shard_of(hash[i], state_shards(s)) == shard;
        table_upsert(state_shard(s, shard), key, n, keep, payload, NULL);
        BlobPool *pool = table_blobs(state_shard(s, shard));
        for (int32_t i = 0; i < n; i++) {
            if (!keep[i]) continue;
            Payload *p = (Payload *)(void *)payload[i];
            p->count++;
            if (chance(2)) memset(blob_append(pool, &p->first, 3), 'x', 3);
            if (chance(5) == 0) blob_set(pool, &p->second, text[i]);
        }
    }
}

static void remove_some(State *s, Arena *a)
{
    for (int32_t shard = 0; shard < state_shards(s); shard++) {
        TableRows all = table_all(state_shard(s, shard), a);
        for (int64_t i = 0; i < all.n; i++)
            if (chance(8) == 0) table_remove(state_shard(s, shard), all.payload[i]);
    }
}

static void random_epoch(State *s, Arena *a)
{
    state_epoch_begin(s);
    for (uint64_t steps = chance(6); steps; steps--) {
        uint64_t what = chance(10);
        if (what < 5) upsert_some(s, a, (int32_t)chance(300) + 1);
        if (what == 5 || what == 6) remove_some(s, a);
        Micros upto = (Micros)chance(40) - 5;
        for (int32_t i = 0; what > 6 && i < state_shards(s); i++) {
            if (what == 9 && chance(20) == 0) table_clear(state_shard(s, i));
            if (what < 9 && chance(10)) (void)table_expire(state_shard(s, i), upto);
        }
    }
}

static Str image(State *s, Arena *a)
{
    Buf b = buf_new(a);
    state_image(s, &b);
    return buf_str(&b);
}

// A state that only reads deltas has the rows, in the order, of the one that wrote them: their
// images are the same bytes.
TEST(states_restart_from_image_and_deltas)
{
    static const int32_t shards[] = {1, 4, STATE_SHARDS};
    int64_t written = 0, empty = 0;
    for (int64_t k = 0; k < COUNT(shards); k++) {
        State *s = state_new(a, &plain, shards[k]), *from_deltas = state_new(a, &plain, shards[k]);
        for (int32_t epoch = 0; epoch < 60; epoch++) {
            Arena *scratch = arena_new(a);
            Buf delta = buf_new(scratch);
            random_epoch(s, scratch);
            state_delta(s, &delta);
            written += delta.n > 0;
            empty += delta.n == 0;
            if (delta.n) CHECK_OK(state_apply(from_deltas, buf_str(&delta)));
            Str want = image(s, scratch);
            CHECK(str_eq(image(from_deltas, scratch), want));
            if (epoch % 10 == 9) { // a restart: an image, then deltas
                from_deltas = state_new(a, &plain, shards[k]);
                CHECK_OK(state_apply(from_deltas, want));
                CHECK(str_eq(image(from_deltas, scratch), want));
                delta = buf_new(scratch);
                state_delta(from_deltas, &delta);
                CHECK_I64(delta.n, 0);
            }
            CHECK_I64(state_count(from_deltas), state_count(s));
            arena_free(scratch);
        }
        CHECK(state_bytes(s) > 0);
    }
    CHECK(written > 100 && empty > 5);
}

// The written bytes from `from` on are changed by fn and get a fitting sum: what is wrong then?
static Status apply_broken(State *to, Arena *a, Str bytes, int64_t at, char value)
{
    Str copy = str_copy(a, bytes);
    char *p = (char *)copy.p;
    p[at] = value;
    int64_t end = copy.n - STATE_CRC_BYTES;
    uint32_t crc = crc32c(0, str_sub(copy, 0, end));
    if (at < end) memcpy(p + end, &crc, sizeof crc);
    return state_apply(to, copy);
}

TEST(states_refuse_broken_bytes)
{
    State *s = state_new(a, &plain, 4), *to = state_new(a, &plain, 4);
    upsert_some(s, a, 40);
    Str good = image(s, a);
    for (int64_t n = 0; n < good.n; n++) { // torn
        Status status = state_apply(to, str_sub(good, 0, n));
        CHECK(status.code == ERR_CORRUPT);
    }
    for (int64_t at = 0; at < good.n; at++) { // rotten, with a sum that hides it: never a crash
        Status status = apply_broken(to, a, good, at, (char)~good.p[at]);
        if (status.code == OK) CHECK(state_count(to) <= 40);
    }
    CHECK_FAILS(apply_broken(to, a, good, 0, 'X'), ERR_CORRUPT);
    int64_t sum = good.n - STATE_CRC_BYTES, kind = STATE_KIND_AT;
    CHECK_FAILS(apply_broken(to, a, good, sum, (char)~good.p[sum]), ERR_CORRUPT);
    CHECK(strstr(fail_text(), "the sum") != NULL);
    CHECK_FAILS(apply_broken(to, a, good, kind, 3), ERR_CORRUPT);
    CHECK_FAILS(apply_broken(to, a, good, kind + 1, 7), ERR_INVALID); // shards
    CHECK_FAILS(apply_broken(to, a, good, kind + 2, 7), ERR_INVALID); // the hash check
    CHECK_OK(state_apply(to, good));
}
TEST(states_refuse_deltas_of_others)
{
    Buf delta = buf_new(a);
    State *s = state_new(a, &plain, 1), *to = state_new(a, &plain, 1);
    upsert_some(s, a, 40);
    state_epoch_begin(s);
    remove_some(s, a);
    state_delta(s, &delta);
    CHECK(delta.n > 0);
    CHECK_FAILS(state_apply(to, buf_str(&delta)), ERR_CORRUPT); // removes what is not there
}
TEST(states_of_another_shape_are_named)
{
    TableSpec other = plain;
    other.nkeys = 1;
    State *s = state_new(a, &plain, 2), *to = state_new(a, &other, 2);
    CHECK_FAILS(state_apply(to, image(s, a)), ERR_INVALID);
    CHECK(strstr(fail_text(), "keys (TIMESTAMP, STRING)") &&
          strstr(fail_text(), "keys (TIMESTAMP)"));
}
