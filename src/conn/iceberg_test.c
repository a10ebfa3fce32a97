// iceberg_test.c -- the Iceberg sink and source against each other.
#include "base/test.h"
#include "conn/list.h"
#include "lake/alter.h"
#include "lake/history.h"
#include "os/file.h"

typedef struct World {
    Arena *a;
    Catalogs *catalogs;
    const Schema *schema;
    Sink *sink;
} World;

static World new_world(Arena *a)
{
    World w = {.a = a};
    Str dir, demo = S("demo");
    Catalog *lake = NULL;
    TableName name;
    PartitionField day = {2, TR_DAY, 0, {0}};
    CHECK_OK(dir_temp(&dir, a));
    CHECK_OK(catalogs_open(&w.catalogs, a, dir));
    CHECK_OK(schema_parse(&w.schema, a, S("id BIGINT, kind STRING, ts TIMESTAMP")));
    TableDef def = {.schema = w.schema, .partition = &day, .npartition = 1};
    CHECK_OK(catalog_get(&lake, w.catalogs, S("lake")));
    CHECK_OK(catalog_create_schema(lake, &demo, 1, true, (Str){0}));
    CHECK_OK(table_name_parse(&name, a, w.catalogs, S("lake.demo.t")));
    CHECK_OK(table_create(w.catalogs, &name, &def, false, false));
    return w;
}

static Status open_sink(World *w, Str table, Options o)
{
    SinkArgs args = {.options = &o, .schema = w->schema, .table = table, .catalogs = w->catalogs};
    return sink_open(&w->sink, w->a, sink_find(S("iceberg")), &args);
}

static Batch rows(Arena *a, const Schema *s, int64_t from, int32_t n)
{
    Batch b = batch_new(a, s, n);
    for (int32_t i = 0; i < n; i++) {
        COLUMN_DATA(&b.col[0], int64_t)[i] = from + i;
        COLUMN_DATA(&b.col[1], Str)[i] = (from + i) % 2 ? S("odd") : S("even");
        COLUMN_DATA(&b.col[2], int64_t)[i] = (from + i) / 100 * INT64_C(86400000000);
    }
    return b;
}

static SinkEpoch epoch_of(int64_t n)
{
    return (SinkEpoch){.query_id = S("11111111-2222-3333-4444-555555555555"),
                       .incarnation = S("99999999-2222-3333-4444-555555555555"),
                       .epoch = n,
                       .offsets = S("[\"1\"]")};
}

// Two lanes of n rows each.
static Status stage(World *w, const SinkEpoch *e, int64_t from, int32_t n, Buf *receipt)
{
    const SinkKind *k = w->sink->kind;
    Part part[2] = {{.arena = arena_new(w->a)}, {.arena = arena_new(w->a)}};
    for (int32_t i = 0; i < 2; i++) {
        Batch b = rows(w->a, w->schema, from + i * n, n);
        TRY(k->encode(w->sink, &part[i], &b));
        TRY(k->seal(w->sink, &part[i]));
        CHECK_I64(part[i].rows, n);
    }
    for (int32_t i = 0; i < 2; i++) TRY(k->take(w->sink, e, &part[i]));
    return k->stage(w->sink, e, receipt);
}

static Status write_epoch(World *w, SinkEpoch e, int64_t from, int32_t n)
{
    Buf receipt = buf_new(w->a);
    TRY(stage(w, &e, from, n, &receipt));
    TRY(w->sink->kind->commit(w->sink, &e, buf_str(&receipt)));
    return w->sink->kind->commit(w->sink, &e, buf_str(&receipt)); // harmless
}

typedef struct Counted {
    Out out;
    int64_t rows, sum;
    bool kinds; // some batch had the second column
} Counted;

static Status put_counted(Out *out, const Batch *b)
{
    Counted *c = CONTAINER(out, Counted, out);
    c->rows += b->rows;
    c->kinds = c->kinds || b->col[1].data;
    for (int32_t i = 0; i < b->rows; i++) c->sum += column_i64(&b->col[0], i);
    return DONE;
}

static Status read_span(World *w, Source *s, Str from, Str to, Counted *c)
{
    Lanes lanes = {0};
    *c = (Counted){.out = {put_counted}};
    TRY(s->kind->lanes(s, w->a, from, to, &lanes));
    for (int64_t i = 0; i < lanes.n; i++) {
        Arena *scratch = arena_new(w->a);
        TRY(s->kind->read(s, &lanes.v[i], scratch, &c->out));
        arena_free(scratch);
    }
    return DONE;
}

static Source *open_source(World *w, SourceArgs args, Str key, Str value)
{
    Source *s = NULL;
    Options o = {0};
    if (key.n) vec_push(w->a, &o, ((Option){key, value}));
    args.options = &o;
    args.catalogs = w->catalogs;
    args.path = S("demo.t");
    CHECK_OK(source_open(&s, w->a, source_find(S("iceberg")), &args));
    return s;
}

static void read_all(World *w, Source *s, Counted *c)
{
    Str from, to, latest;
    Admission all = {.all = true};
    CHECK_OK(s->kind->start(s, w->a, &from));
    CHECK_OK(s->kind->latest(s, w->a, from, &all, &to, &latest));
    CHECK_OK(read_span(w, s, from, to, c));
}

TEST(iceberg_sink_once)
{
    World w = new_world(a);
    Counted c;
    SinkEpoch e = epoch_of(2);
    Buf receipt = buf_new(a);
    CHECK_OK(open_sink(&w, S("lake.demo.t"), (Options){0}));
    CHECK_OK(write_epoch(&w, epoch_of(0), 0, 50));
    CHECK_OK(write_epoch(&w, epoch_of(1), 100, 50));
    read_all(&w, open_source(&w, (SourceArgs){0}, S(""), S("")), &c);
    CHECK(c.rows == 200 && c.sum == 199 * 100 && c.kinds);
    CHECK_OK(stage(&w, &e, 1000, 50, &receipt)); // given up: nothing of it is seen
    w.sink->kind->discard(w.sink);
    CHECK_OK(write_epoch(&w, epoch_of(2), 200, 50));
    CHECK_OK(open_sink(&w, S("`lake`.`demo`.`t`"), (Options){0})); // a restart commits again
    CHECK_OK(w.sink->kind->commit(w.sink, &e, buf_str(&receipt)));
    read_all(&w, open_source(&w, (SourceArgs){0}, S(""), S("")), &c);
    CHECK(c.rows == 300 && c.sum == 299 * 150);
    e = epoch_of(3);
    e.complete = true;
    CHECK_OK(write_epoch(&w, e, 0, 10));
    read_all(&w, open_source(&w, (SourceArgs){0}, S(""), S("")), &c);
    CHECK(c.rows == 20 && c.sum == 190);
}

// A stream writes and another reads while columns change: both go on with those they began with.
TEST(iceberg_streams_outlive_alter)
{
    World w = new_world(a);
    Counted c;
    TableName name;
    Str kind = S("kind"), id = S("id"), extra = S("extra");
    ColumnEdit edit[] = {
        {.kind = COLUMN_RENAME, .path = &kind, .npath = 1, .to = S("sort")},
        {.kind = COLUMN_ADD, .path = &extra, .npath = 1, .type = &type_int, .first = true},
        {.kind = COLUMN_MOVE, .path = &id, .npath = 1, .after = S("ts")},
    };
    CHECK_OK(open_sink(&w, S("lake.demo.t"), (Options){0}));
    CHECK_OK(write_epoch(&w, epoch_of(0), 0, 50));
    Source *stream = open_source(&w, (SourceArgs){.streaming = true}, S(""), S(""));
    CHECK_OK(table_name_parse(&name, a, w.catalogs, S("demo.t")));
    CHECK_OK(table_edit_columns(w.catalogs, &name, edit, COUNT(edit)));
    CHECK_OK(write_epoch(&w, epoch_of(1), 100, 50));
    read_all(&w, stream, &c);
    CHECK(c.rows == 200 && c.sum == 199 * 100 && c.kinds);
    Source *now = open_source(&w, (SourceArgs){0}, S(""), S(""));
    CHECK_I64(now->schema->nfields, 4);
    CHECK_STR(now->schema->field[1].name, S("sort"));
}

TEST(iceberg_sink_refuses)
{
    World w = new_world(a);
    Options o = {0};
    CHECK_FAILS(open_sink(&w, S("lake.demo.none"), o), ERR_NOT_FOUND);
    CHECK_FAILS(open_sink(&w, S("/a/path"), o), ERR_INVALID);
    CHECK_FAILS(open_sink(&w, S("lake..t"), o), ERR_INVALID);
    CHECK_FAILS(open_sink(&w, S("lake.`demo"), o), ERR_INVALID);
    CHECK_FAILS(open_sink(&w, S("lake.demo."), o), ERR_INVALID);
    vec_push(a, &o, ((Option){S("compression-codec"), S("lzo")}));
    CHECK_FAILS(open_sink(&w, S("lake.demo.t"), o), ERR_INVALID);
    CHECK_OK(schema_parse(&w.schema, a, S("id STRING, kind STRING, ts TIMESTAMP")));
    CHECK_FAILS(open_sink(&w, S("lake.demo.t"), (Options){0}), ERR_INVALID);
}

TEST(iceberg_source_reads_less)
{
    World w = new_world(a);
    Counted c;
    LakeTable *t = NULL;
    TableName name;
    TableHistory h;
    CHECK_OK(open_sink(&w, S("lake.demo.t"), (Options){0}));
    for (int64_t e = 0; e < 3; e++) CHECK_OK(write_epoch(&w, epoch_of(e), e * 100, 50));
    Datum day = {.i = INT64_C(86400000000)};
    Prune p = {2, PRUNE_EQ, &day, 1};
    Source *s = open_source(&w, (SourceArgs){.prune = &p, .nprune = 1}, S(""), S(""));
    s->needed[1] = 0;
    read_all(&w, s, &c);
    CHECK(c.rows == 100 && !c.kinds);
    CHECK_OK(table_name_parse(&name, a, w.catalogs, S("demo.t")));
    CHECK_OK(table_load(&t, a, w.catalogs, &name));
    CHECK_OK(table_history(&h, a, t));
    CHECK(h.n == 3 && h.whole && h.v[1].kind == STEP_APPEND && h.v[1].rows == 100);
    Str id = str_fmt(a, "%lld", (long long)h.v[1].snapshot);
    read_all(&w, open_source(&w, (SourceArgs){0}, S("snapshot-id"), id), &c);
    CHECK_I64(c.rows, 200);
    Str ms = str_fmt(a, "%lld", (long long)h.v[0].timestamp_ms);
    read_all(&w, open_source(&w, (SourceArgs){0}, S("as-of-timestamp"), ms), &c);
    CHECK_I64(c.rows, 100);
    Options o = {0};
    Source *none = NULL;
    vec_push(a, &o, ((Option){S("snapshot-id"), S("77")}));
    SourceArgs args = {.options = &o, .catalogs = w.catalogs, .path = S("demo.t")};
    CHECK_FAILS(source_open(&none, a, source_find(S("iceberg")), &args), ERR_NOT_FOUND);
}

TEST(iceberg_source_streams)
{
    World w = new_world(a);
    Counted c;
    Str from, to, latest, key = S("streaming-max-files-per-micro-batch");
    Admission adm = {0};
    Source *s = open_source(&w, (SourceArgs){.streaming = true}, key, S("1"));
    CHECK_OK(s->kind->start(s, a, &from));
    CHECK_OK(s->kind->latest(s, a, from, &adm, &to, &latest));
    CHECK_STR(to, from); // nothing yet
    CHECK_OK(open_sink(&w, S("lake.demo.t"), (Options){0}));
    CHECK_OK(write_epoch(&w, epoch_of(0), 50, 50)); // two days: two files
    CHECK_OK(write_epoch(&w, epoch_of(1), 200, 50));
    int64_t rows_read = 0, sum = 0, epochs = 0;
    for (bool more = true; more && epochs < 9; from = to) {
        CHECK_OK(s->kind->latest(s, a, from, &adm, &to, &latest));
        more = !str_eq(from, to);
        CHECK_OK(read_span(&w, s, from, to, &c));
        epochs += more;
        rows_read += c.rows;
        sum += c.sum;
    }
    CHECK_STR(to, latest);
    CHECK(epochs == 3 && rows_read == 200 && sum == (50 + 149) * 50 + (200 + 299) * 50);
    SinkEpoch e = epoch_of(2);
    e.complete = true;
    CHECK_OK(write_epoch(&w, e, 0, 10));
    CHECK_FAILS(s->kind->latest(s, a, from, &adm, &to, &latest), ERR_UNSUPPORTED);
    key = S("streaming-skip-overwrite-snapshots");
    s = open_source(&w, (SourceArgs){.streaming = true}, key, S("true"));
    adm.cap = from; // not past it
    CHECK_OK(s->kind->start(s, a, &from));
    CHECK_OK(s->kind->latest(s, a, from, &adm, &to, &latest));
    CHECK_STR(to, adm.cap);
    CHECK_OK(read_span(&w, s, from, to, &c));
    CHECK_I64(c.rows, 200);
    CHECK_FAILS(s->kind->latest(s, a, S("{}"), &adm, &to, &latest), ERR_CORRUPT);
    Str gone = S("{\"version\":1,\"snapshot_id\":5,\"position\":0,\"scan_all_files\":false}");
    CHECK_FAILS(s->kind->latest(s, a, gone, &adm, &to, &latest), ERR_NOT_FOUND);
}
