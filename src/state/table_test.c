#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/test.h"
#include "col/pack.h"
#include "state/table_in.h"
#include <math.h>
#include <stdlib.h>

// A table against a naive model: rows in a list, found by their packed key.
typedef struct Payload {
    int64_t id, count;
    Blob text;
} Payload;
static const int32_t blob_at[] = {offsetof(Payload, text)};

typedef struct ModelRow {
    Str key; // packed
    Micros time;
    int64_t id, count, text; // bytes of the blob
    bool dead, changed;
} ModelRow;
typedef struct Model {
    Arena *arena;
    const TableSpec *spec;
    Table *table;
    VEC(ModelRow) rows; // in order of insertion
    VEC(int64_t) changed;
    Map by_key; // id + 1
    uint64_t seed;
    int64_t domain;
} Model;

static uint64_t chance(Model *m, uint64_t below) { return hash_u64(m->seed++) % below; }

static int32_t random_count(Model *m) // now and then a whole batch, where there are many keys often
{
    return (int32_t)chance(m, chance(m, m->domain > 1000 ? 2 : 8) ? 150 : BATCH_ROWS) + 1;
}

static void random_key(Model *m, Builder *b, const Type *t)
{
    static const char text[] =
        "a rather long text of which keys are pieces, more than a hundred bytes "
        "long when all of it is taken, so that none is inline";
    static const double floats[] = {0.0, -0.0, NAN, -NAN, 1.5, INFINITY, -2, 3, 4, 5};
    if (chance(m, 10) == 0) {
        builder_null(b);
        return;
    }
    uint64_t v = chance(m, (uint64_t)m->domain);
    Datum d = {.i = (int64_t)v - 2};
    if (t->id == T_TIMESTAMP) d.i = ((int64_t)v % 40 - 5) * 7;
    if (t->id == T_BOOLEAN) d.i = (int64_t)v % 2;
    if (t->id == T_DOUBLE || t->id == T_FLOAT) d.f = floats[v % 10];
    if (t->id == T_DECIMAL) d.d = (Int128)((int64_t)v - 2) * ((Int128)1 << 70);
    if (t->id == T_INTERVAL)
        d.interval = (Interval){(int32_t)(v % 3), (int32_t)(v % 5), (int64_t)v};
    if (t->id == T_STRING)
        d.s = str_of(text + v % 7, (int64_t)(hash_u64(v) % 100)); // of 0 to 99 bytes
    if (t->id < T_ARRAY) {
        builder_datum(b, &d);
        return;
    }
    builder_start(b);
    for (uint64_t k = t->id == T_STRUCT ? 1 : v % 3; k; k--)
        for (int32_t f = 0; f < t->nfields; f++) random_key(m, builder_kid(b, f), t->field[f].type);
    builder_end(b);
}

static Column *random_keys(Model *m, Arena *a, int32_t n)
{
    Column *key = NEW(a, Column, m->spec->nkeys);
    for (int32_t k = 0; k < m->spec->nkeys; k++) {
        Builder *b = builder_new(a, m->spec->key[k]);
        for (int32_t i = 0; i < n; i++) random_key(m, b, m->spec->key[k]);
        key[k] = builder_column(b);
    }
    return key;
}

static Str packed_key(Arena *a, const TableSpec *spec, const Column *key, int32_t row)
{
    Buf b = buf_new(a);
    for (int32_t k = 0; k < spec->nkeys; k++) value_pack(&b, &key[k], row);
    return buf_str(&b);
}

static ModelRow *model_find(Model *m, Str key)
{
    int64_t *at = map_get(&m->by_key, key);
    return at && !m->rows.v[*at].dead ? &m->rows.v[*at] : NULL;
}

static ModelRow *model_upsert(Model *m, Str key, Micros time, bool *is_new)
{
    ModelRow *r = model_find(m, key);
    *is_new = !r;
    if (!r) {
        ModelRow fresh = {.key = str_copy(m->arena, key), .time = time, .id = m->rows.n};
        int64_t *at = NEW(m->arena, int64_t, 1);
        *at = m->rows.n;
        vec_push(m->arena, &m->rows, fresh);
        map_set(&m->by_key, fresh.key, at);
        r = &m->rows.v[*at];
    }
    if (!r->changed) vec_push(m->arena, &m->changed, r->id);
    r->changed = true;
    return r;
}

static Micros key_time(const Model *m, const Column *key, int32_t row)
{
    int32_t k = m->spec->time_key;
    return k < 0 || column_null(&key[k], row) ? INT64_MAX : column_i64(&key[k], row);
}

static void do_upsert(Model *m, Arena *a)
{
    int32_t n = random_count(m);
    Column *key = random_keys(m, a, n);
    uint8_t *keep = chance(m, 2) ? NEW(a, uint8_t, n) : NULL, *is_new = NEW(a, uint8_t, n);
    char **payload = NEW(a, char *, n);
    for (int32_t i = 0; keep && i < n; i++) keep[i] = chance(m, 3) > 0;
    table_upsert(m->table, key, n, keep, payload, is_new);
    for (int32_t i = 0; i < n; i++) {
        if (keep && !keep[i]) {
            CHECK(payload[i] == NULL && !is_new[i]);
            continue;
        }
        bool fresh;
        ModelRow *r = model_upsert(m, packed_key(a, m->spec, key, i), key_time(m, key, i), &fresh);
        Payload *p = (Payload *)(void *)payload[i];
        CHECK(fresh == is_new[i]);
        if (fresh) CHECK(p->id == 0 && p->count == 0 && p->text.p == NULL);
        if (fresh) p->id = r->id;
        CHECK_I64(p->id, r->id);
        p->count++;
        r->count++;
        if (chance(m, 4)) continue;
        memset(blob_append(table_blobs(m->table), &p->text, 5), (int)r->id, 5);
        r->text += 5;
    }
}

static void do_lookup(Model *m, Arena *a)
{
    int32_t n = random_count(m);
    Column *key = random_keys(m, a, n);
    char **payload = NEW(a, char *, n);
    table_lookup(m->table, key, n, NULL, payload);
    for (int32_t i = 0; i < n; i++) {
        ModelRow *r = model_find(m, packed_key(a, m->spec, key, i));
        CHECK((r != NULL) == (payload[i] != NULL));
        if (!r || !payload[i]) continue;
        const Payload *p = (const Payload *)(void *)payload[i];
        CHECK(p->id == r->id && p->count == r->count && p->text.n == r->text);
    }
}

static ModelRow *model_row(const Model *m, const char *payload)
{
    must(m->rows.v);
    return &m->rows.v[((const Payload *)(const void *)payload)->id];
}

static void do_remove(Model *m, Arena *a)
{
    if (!m->spec->removes) return;
    TableRows all = table_all(m->table, a);
    uint64_t one_in = chance(m, 3) ? 10 : 2;
    for (int64_t i = 0; i < all.n; i++) {
        if (chance(m, one_in)) continue;
        model_row(m, all.payload[i])->dead = true;
        table_remove(m->table, all.payload[i]);
    }
}

static void check_rows(Model *m, Arena *a, TableRows got, const int64_t *want, int64_t n)
{
    CHECK_I64(got.n, n);
    for (int64_t i = 0; i < MIN(got.n, n); i += BATCH_ROWS) {
        int32_t some = (int32_t)MIN(BATCH_ROWS, n - i);
        Column *key = NEW(a, Column, m->spec->nkeys);
        table_keys(m->table, got.payload + i, some, key, a);
        for (int32_t k = 0; k < some; k++) {
            const Payload *p = (const Payload *)(void *)got.payload[i + k];
            const ModelRow *r = &m->rows.v[want[i + k]];
            CHECK(p->id == r->id && p->count == r->count && p->text.n == r->text);
            CHECK(!p->text.p || p->text.n == 0 || p->text.p[0] == (char)r->id);
            CHECK(str_eq(packed_key(a, m->spec, key, k), r->key));
            CHECK_I64(table_time(m->table, got.payload[i + k]), r->time);
        }
    }
}

static Micros slice_of(const Model *m, const ModelRow *r)
{
    Micros width = m->spec->slice;
    if (width == 0 || r->time == INT64_MAX) return r->time;
    return r->time - (r->time % width + width) % width;
}

typedef struct Placed {
    Micros slice;
    int64_t id;
} Placed;
static int by_place(const void *x, const void *y)
{
    const Placed *a = x, *b = y;
    if (a->slice != b->slice) return a->slice < b->slice ? -1 : 1;
    return a->id < b->id ? -1 : 1;
}

// The living rows with time <= upto: slices in order of time, rows in order of insertion.
static int64_t model_due_of(Model *m, Micros upto, int64_t *id, bool changed)
{
    Arena *scratch = arena_new(NULL);
    Placed *row = NEW(scratch, Placed, m->rows.n + 1);
    int64_t n = 0;
    for (int64_t i = 0; i < m->rows.n; i++)
        if (!m->rows.v[i].dead && m->rows.v[i].time <= upto && (!changed || m->rows.v[i].changed))
            row[n++] = (Placed){slice_of(m, &m->rows.v[i]), i};
    qsort(row, (size_t)n, sizeof *row, by_place);
    for (int64_t i = 0; i < n; i++) id[i] = row[i].id;
    arena_free(scratch);
    return n;
}

static int64_t model_due(Model *m, Micros upto, int64_t *id)
{
    return model_due_of(m, upto, id, false);
}

static TableRows walked(const Table *t, Arena *a)
{
    TableRows rows = {NEW(a, char *, table_count(t) + BATCH_ROWS), 0};
    RowWalk w = table_walk(t, false);
    for (int32_t n = 0; (n = table_walk_next(&w, rows.payload + rows.n)) > 0;) rows.n += n;
    return rows;
}

static void check_all(Model *m, Arena *a)
{
    int64_t *id = NEW(a, int64_t, m->rows.n), n = model_due(m, INT64_MAX, id), changed = 0;
    CHECK_I64(table_count(m->table), n);
    check_rows(m, a, table_all(m->table, a), id, n);
    check_rows(m, a, walked(m->table, a), id, n);
    CHECK_I64(table_changed_count(m->table), table_changed(m->table, a).n);
    for (int64_t i = 0; i < m->changed.n; i++)
        if (!m->rows.v[m->changed.v[i]].dead) id[changed++] = m->changed.v[i];
    if (m->table->changed_many) changed = model_due_of(m, INT64_MAX, id, true);
    if (m->spec->track) check_rows(m, a, table_changed(m->table, a), id, changed);
    enum { SHARDS = 8 };
    TableRows list[SHARDS];
    int64_t split = 0;
    table_split(m->table, SHARDS, list, a);
    for (int32_t s = 0; s < SHARDS; s++) {
        for (int64_t i = 0; i < list[s].n; i++)
            CHECK(table_hash(m->table, list[s].payload[i]) >> 61 == (uint64_t)s);
        split += list[s].n;
    }
    CHECK_I64(split, n);
}

static void do_expire(Model *m, Arena *a)
{
    Micros upto = ((int64_t)chance(m, 40) - 5) * 7 - (int64_t)chance(m, 2);
    int64_t *id = NEW(a, int64_t, m->rows.n),
            n = m->spec->time_key < 0 ? 0 : model_due(m, upto, id);
    check_rows(m, a, table_due(m->table, upto, a), id, n);
    CHECK_I64(table_expire(m->table, upto), n);
    for (int64_t i = 0; i < n; i++) m->rows.v[id[i]].dead = true;
}

static void do_epoch(Model *m)
{
    table_epoch_begin(m->table);
    for (int64_t i = 0; i < m->changed.n; i++) m->rows.v[m->changed.v[i]].changed = false;
    m->changed.n = 0;
}

// The rows of another table with the same keys: partial groups that meet the final ones.
static void do_upsert_rows(Model *m, Arena *a)
{
    TableSpec spec = *m->spec;
    spec.payload_bytes = 8;
    spec.nblobs = 0;
    Table *from = table_new(a, &spec);
    int32_t n = random_count(m);
    Column *key = random_keys(m, a, n);
    char **payload = NEW(a, char *, n);
    table_upsert(from, key, n, NULL, payload, NULL);
    TableRows rows = table_all(from, a);
    char **to = NEW(a, char *, rows.n);
    uint8_t *is_new = NEW(a, uint8_t, rows.n);
    table_upsert_rows(m->table, from, rows.payload, rows.n, to, is_new);
    table_keys(from, rows.payload, (int32_t)rows.n, key, a);
    for (int32_t i = 0; i < rows.n; i++) {
        bool fresh;
        ModelRow *r = model_upsert(m, packed_key(a, m->spec, key, i), key_time(m, key, i), &fresh);
        Payload *p = (Payload *)(void *)to[i];
        CHECK(fresh == is_new[i]);
        if (fresh) p->id = r->id;
        CHECK_I64(p->id, r->id);
        p->count++;
        r->count++;
    }
}

static void do_clear(Model *m)
{
    table_clear(m->table);
    for (int64_t i = 0; i < m->rows.n; i++) m->rows.v[i].dead = true;
}

static void run_model(Arena *a, const char *const *type, int32_t nkeys, TableSpec spec,
                      uint64_t seed)
{
    const Type **key = NEW(a, const Type *, nkeys);
    for (int32_t k = 0; k < nkeys; k++) CHECK_OK(type_parse(&key[k], a, str_z(type[k])));
    spec.key = key;
    spec.nkeys = nkeys;
    spec.payload_bytes = sizeof(Payload);
    spec.blob_at = blob_at;
    spec.nblobs = 1;
    Model m = {.arena = a,
               .spec = &spec,
               .table = table_new(a, &spec),
               .by_key = map_new(a),
               .seed = seed * 1000,
               .domain = seed % 3 == 0   ? 5
                         : seed % 3 == 1 ? 400
                                         : 100000};
    for (int32_t round = 0; round < 60; round++) {
        Arena *scratch = arena_new(a);
        uint64_t what = chance(&m, 16);
        if (what < 6) do_upsert(&m, scratch);
        if (what == 6 || what == 7) do_upsert_rows(&m, scratch);
        if (what == 8 || what == 9) do_lookup(&m, scratch);
        if (what == 10 || what == 11) do_remove(&m, scratch);
        if (what == 12 || what == 13) do_expire(&m, scratch);
        if (what == 14) do_epoch(&m);
        if (what == 15 && chance(&m, 4) == 0) do_clear(&m);
        if (round % 4 == 3) check_all(&m, scratch);
        arena_free(scratch);
    }
    CHECK(table_bytes(m.table) > 0);
    CHECK(table_spec(m.table)->nkeys == nkeys);
}

static const char *const many[] = {"int", "string", "int",     "int",     "int",   "int",
                                   "int", "int",    "boolean", "boolean", "int",   "int",
                                   "int", "int",    "boolean", "tinyint", "double"};

static void run_all(Arena *a, bool track, bool removes)
{
    TableSpec none = {.time_key = -1, .track = track, .removes = removes}, first = none,
              wide = none;
    first.time_key = 0;
    wide.time_key = 1;
    wide.slice = 50;
    for (uint64_t seed = track ? 10 : 1; seed % 10 < 3; seed++) {
        run_model(a, (const char *const[]){"timestamp", "string"}, 2, first, seed);
        run_model(a, (const char *const[]){"bigint", "timestamp"}, 2, wide, seed);
        run_model(a, (const char *const[]){"string", "timestamp", "string"}, 3, wide, seed);
        run_model(a, (const char *const[]){"bigint"}, 1, none, seed);
        run_model(a, (const char *const[]){"double", "float", "decimal(38,2)"}, 3, none, seed);
        run_model(a, (const char *const[]){"struct<a:int,b:string>", "array<double>"}, 2, none,
                  seed);
        run_model(a, (const char *const[]){"date", "smallint", "interval", "boolean"}, 4, none,
                  seed);
        run_model(a, many, COUNT(many), none, seed);
        run_model(a, NULL, 0, none, seed);
    }
}
TEST(tables_keep_what_the_model_keeps) { run_all(a, false, false); }
TEST(tables_that_track_keep_it_too) { run_all(a, true, false); }
TEST(tables_of_linked_rows_keep_it_too)
{
    run_all(a, false, true);
    run_all(a, true, true);
}

// Rows come and go: neither slots nor memory may run out.
TEST(tables_reuse_what_removed_rows_leave)
{
    const Type *const key[] = {&type_bigint, &type_string};
    for (int32_t track = 0; track < 2; track++) {
        TableSpec spec = {.key = key,
                          .nkeys = 2,
                          .time_key = -1,
                          .payload_bytes = 8,
                          .track = track,
                          .removes = true};
        Table *t = table_new(a, &spec);
        int64_t id[BATCH_ROWS], most = 0;
        Str text[BATCH_ROWS];
        char *payload[BATCH_ROWS];
        for (int64_t round = 0; round < 200; round++) {
            Arena *scratch = arena_new(a);
            for (int64_t i = 0; i < BATCH_ROWS; i++) {
                id[i] = round * BATCH_ROWS + i;
                text[i] = str_fmt(scratch, "%0*d", (int)(i % 30), (int)i);
            }
            Column c[] = {{.type = key[0], .data = id, .rows = BATCH_ROWS},
                          {.type = key[1], .data = text, .rows = BATCH_ROWS}};
            table_upsert(t, c, BATCH_ROWS, NULL, payload, NULL);
            TableRows all = table_all(t, scratch);
            for (int64_t i = 0; all.n > 20 * BATCH_ROWS && i < BATCH_ROWS; i++)
                table_remove(t, all.payload[i]);
            table_epoch_begin(t);
            if (round == 40) most = table_bytes(t);
            arena_free(scratch);
        }
        CHECK_I64(table_count(t), 20 * BATCH_ROWS);
        CHECK(table_bytes(t) < most * 2);
    }
}
TEST(tables_of_one_key_are_small)
{
    enum { KEYS = 100000 };
    const Type *const key[] = {&type_bigint};
    TableSpec spec = {.key = key, .nkeys = 1, .time_key = -1, .payload_bytes = 16};
    Arena *mine = arena_new(a);
    Table *t = table_new(mine, &spec);
    int64_t id[BATCH_ROWS];
    char *payload[BATCH_ROWS];
    for (int64_t at = 0; at < KEYS; at += 1000) {
        for (int64_t i = 0; i < 1000; i++) id[i] = at + i;
        Column c = {.type = key[0], .data = id, .rows = 1000};
        table_upsert(t, &c, 1000, NULL, payload, NULL);
    }
    CHECK_I64(table_count(t), KEYS);
    CHECK(table_bytes(t) <= KEYS * 64);
}
