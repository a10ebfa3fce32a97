// iceberg.c -- the sink into Iceberg tables. Lanes encode Parquet on their own threads; an epoch's
// files are durable when it is staged, and its commit is one snapshot that carries query and epoch,
// by which a second commit of the same epoch is recognised. Maintenance runs beside, on a thread of
// its own, when enough was committed.
#include "conn/iceberg.h"
#include "conn/list.h"
#include "lake/append.h"
#include "lake/maintain.h"
#include "os/thread.h"

typedef struct Keeper { // a run of maintenance
    Catalogs *catalogs;
    const TableName *name;
    Shared64 ended;
} Keeper;
typedef struct IcebergSink {
    Sink base;
    Catalogs *catalogs;
    TableName name;
    const TableShape *shape;
    TableAppend *append;
    TableCommitter *committer;
    const SinkReplace *replace;
    int32_t sort_order;
    Keeper keeper;
    Arena *keeping; // the thread's; NULL: none runs
} IcebergSink;
typedef struct IcebergSinkOptions {
    Str codec;
    int64_t target_bytes, level;
    bool fanout, check_nullability, check_ordering;
} IcebergSinkOptions;
#define OPTION(key, type, field, dflt, help)                                                       \
    {                                                                                              \
        STR_INIT(key), type, offsetof(IcebergSinkOptions, field), STR_INIT(dflt), help, 1, 0, NULL \
    }
static const OptSpec sink_options[] = {
    OPTION("target-file-size-bytes", OPT_I64, target_bytes, "134217728",
           "a file is closed at this size"),
    OPTION("compression-codec", OPT_STR, codec, "zstd", "zstd, snappy, lz4_raw, gzip or none"),
    OPTION("compression-level", OPT_I64, level, "1", "of the codec"),
    OPTION("fanout-enabled", OPT_BOOL, fanout, "true", "files of all partitions stay open: always"),
    OPTION("check-nullability", OPT_BOOL, check_nullability, "true", "always on"),
    OPTION("check-ordering", OPT_BOOL, check_ordering, "true", "columns are found by name"),
};

Status iceberg_name(TableName *name, Arena *a, Catalogs *c, Str table, Str path)
{
    Str text = table.n ? table : path;
    if (!text.n) return fail(ERR_INVALID, "which table? name it in toTable, load or start");
    if (str_find_char(text, '/') >= 0)
        return fail(ERR_INVALID, "Iceberg tables are found by name, and " STR_FMT " is a path",
                    STR_ARG(text));
    return table_name_parse(name, a, c, text);
}

static Status iceberg_open(Sink *sink, Arena *a, const SinkArgs *args)
{
    IcebergSink *s = CONTAINER(sink, IcebergSink, base);
    IcebergSinkOptions unused; // the shape reads them with the table's properties
    LakeTable *t = NULL;
    s->catalogs = args->catalogs;
    TRY(options_parse(&unused, sink_options, COUNT(sink_options), args->options, connector_option,
                      args->warn));
    TRY(iceberg_name(&s->name, a, s->catalogs, args->table, args->path));
    TRY(table_load(&t, arena_new(a), s->catalogs, &s->name));
    TRY(table_shape_new(&s->shape, a, t, sink->schema, args->options));
    TRY(table_committer_open(&s->committer, a, s->catalogs, &s->name));
    s->append = table_append_new(a, s->shape);
    s->replace = args->replace;
    s->sort_order = args->sort_order;
    s->keeper = (Keeper){.catalogs = s->catalogs, .name = &s->name};
    sink->description = str_fmt(a, "iceberg " STR_FMT, STR_ARG(args->table));
    return DONE;
}

static Status iceberg_encode(Sink *sink, Part *p, const Batch *b)
{
    const IcebergSink *s = CONTAINER(sink, IcebergSink, base);
    if (!p->own) p->own = table_part_new(p->arena, s->shape);
    p->rows += b->rows;
    return table_part_add(p->own, b);
}

static Status iceberg_seal(Sink *sink, Part *p)
{
    (void)sink;
    if (p->own) table_part_seal(p->own);
    return DONE;
}

static Status iceberg_take(Sink *sink, const SinkEpoch *e, Part *p)
{
    IcebergSink *s = CONTAINER(sink, IcebergSink, base);
    const TablePart *part = p->own;
    p->own = NULL;
    return part ? table_append_take(s->append, e->epoch, part) : DONE;
}

static Status iceberg_stage(Sink *sink, const SinkEpoch *e, Buf *receipt)
{
    (void)e;
    return table_append_finish(CONTAINER(sink, IcebergSink, base)->append, receipt);
}

static void keep(void *arg)
{
    Keeper *k = arg;
    // What maintenance could not do stays as it was and is tried again after the next commits; the
    // rows are in the table either way.
    Status s = table_maintain(k->catalogs, k->name, NULL);
    (void)s.code;
    shared_set(&k->ended, 1);
}

static void keeper_start(IcebergSink *s)
{
    if (s->keeping && !shared_get(&s->keeper.ended)) return;
    if (s->keeping) arena_free(s->keeping); // joins
    s->keeping = NULL;
    if (!table_maintain_due(s->catalogs, &s->name)) return;
    shared_set(&s->keeper.ended, 0);
    s->keeping = arena_new(s->base.arena);
    thread_start(s->keeping, "maintain", keep, &s->keeper);
}

static CommitMode commit_mode(const IcebergSink *s, const SinkEpoch *e)
{
    if (!e->complete) return COMMIT_APPEND;
    if (s->replace && s->replace->files) return COMMIT_OVERWRITE_FILES;
    return s->replace && s->replace->partitions ? COMMIT_OVERWRITE_PARTITIONS : COMMIT_OVERWRITE;
}

static Status iceberg_commit(Sink *sink, const SinkEpoch *e, Str receipt)
{
    IcebergSink *s = CONTAINER(sink, IcebergSink, base);
    CommitInfo info = {.mode = commit_mode(s, e),
                       // A batch write runs under one name for both: it has no second try to mark.
                       .query_id = str_eq(e->query_id, e->incarnation) ? S("") : e->query_id,
                       .incarnation = e->incarnation,
                       .epoch = e->epoch,
                       .offsets = e->offsets,
                       .watermark = e->watermark,
                       .has_watermark = e->watermark > 0,
                       .sort_order = s->sort_order};
    if (info.mode == COMMIT_OVERWRITE_FILES) {
        info.file = s->replace->file;
        info.nfiles = s->replace->nfiles;
    }
    bool done;
    TRY(table_commit(s->committer, &info, receipt, &done));
    keeper_start(s);
    return DONE;
}

static void iceberg_discard(Sink *sink)
{
    table_append_discard(CONTAINER(sink, IcebergSink, base)->append);
}

const SinkKind sink_iceberg = {
    .name = STR_INIT("iceberg"),
    .size = sizeof(IcebergSink),
    .opts = sink_options,
    .nopts = COUNT(sink_options),
    .modes = SINK_APPEND | SINK_COMPLETE,
    .exactly_once = true,
    .doc = "a table of a catalog, by name",
    .open = iceberg_open,
    .encode = iceberg_encode,
    .seal = iceberg_seal,
    .take = iceberg_take,
    .stage = iceberg_stage,
    .commit = iceberg_commit,
    .discard = iceberg_discard,
};
