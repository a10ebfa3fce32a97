// iceberg_source.c -- Iceberg tables as sources. A batch read takes the files of one snapshot that
// its conditions leave; the static side of a stream's join is the latest one in each epoch. A
// stream reads what each snapshot appended: an offset is Iceberg's own,
// {"version":1,"snapshot_id":..,"position":..,"scan_all_files":..}, the snapshot and how many of
// its files lie before. Where the oldest snapshots have expired, a new stream begins with all rows
// of the oldest that is left. Snapshots that only rewrote rows are passed over.
#include "base/civil.h"
#include "base/num.h"
#include "conn/iceberg.h"
#include "conn/list.h"
#include "fmt/doc.h"
#include "lake/history.h"

typedef struct IcebergSourceOptions {
    Str snapshot, time, branch, tag, from_time, file;
    int64_t files_max, rows_max;
    bool skip_deletes, skip_overwrites;
} IcebergSourceOptions;
typedef struct IcebergSource {
    Source base;
    Catalogs *catalogs;
    TableName name;
    IcebergSourceOptions options;
    const LakeTable *table;
    Arena *home, *arena; // arena: of a table that was loaded since
    TableHistory history;
    const Prune *prune;
    int32_t nprune;
    bool streaming, again; // again: a batch read of the latest snapshot, each time anew
} IcebergSource;
typedef struct Spot {           // an offset
    int64_t snapshot, position; // snapshot SPOT_NONE: before the first
    bool all;                   // the snapshot's whole table, not what it added
} Spot;
#define SPOT_NONE INT64_C(-1)
typedef struct Piece { // of a lane
    const TableScan *scan;
    FileSpan span;
} Piece;

#define OPTION(key, type, field, dflt, help, min)                                                  \
    {                                                                                              \
        STR_INIT(key), type, offsetof(IcebergSourceOptions, field), STR_INIT(dflt), help, min, 0,  \
            NULL                                                                                   \
    }
static const OptSpec source_options[] = {
    OPTION("snapshot-id", OPT_STR, snapshot, "", "batch: the snapshot to read", 0),
    OPTION("as-of-timestamp", OPT_STR, time, "", "batch: milliseconds; the snapshot then", 0),
    OPTION("branch", OPT_STR, branch, "", "batch: the branch to read", 0),
    OPTION("tag", OPT_STR, tag, "", "batch: the tag to read", 0),
    OPTION("data-file", OPT_STR, file, "", "batch: only this file of the snapshot, by its path", 0),
    OPTION("stream-from-timestamp", OPT_STR, from_time, "",
           "stream: milliseconds; begins after older snapshots", 0),
    OPTION("streaming-max-files-per-micro-batch", OPT_I64, files_max, "9223372036854775807",
           "files of an epoch at most", 1),
    OPTION("streaming-max-rows-per-micro-batch", OPT_I64, rows_max, "9223372036854775807",
           "rows of an epoch, to the end of a file", 1),
    OPTION("streaming-skip-delete-snapshots", OPT_BOOL, skip_deletes, "false",
           "pass over snapshots that deleted rows", 0),
    OPTION("streaming-skip-overwrite-snapshots", OPT_BOOL, skip_overwrites, "false",
           "pass over snapshots that replaced rows", 0),
};

static Status number_option(Str key, Str text, int64_t *v)
{
    if (num_parse_i64(str_trim(text), v)) return DONE;
    return fail(ERR_INVALID, "option " STR_FMT ": " STR_FMT " is no number", STR_ARG(key),
                STR_ARG(text));
}

static Status travel(IcebergSource *s, Arena *a, LakeTable *t)
{
    const IcebergSourceOptions *o = &s->options;
    Travel to = {.snapshot = o->snapshot, .branch = o->branch, .tag = o->tag};
    if (o->time.n) TRY(travel_millis(&to, o->time));
    TRY(table_travel(&t, a, t, &to));
    s->table = t;
    return DONE;
}

static bool names_snapshot(const IcebergSourceOptions *o)
{
    return o->snapshot.n || o->time.n || o->branch.n || o->tag.n || o->file.n;
}

static Status iceberg_open(Source *source, Arena *a, const SourceArgs *args)
{
    IcebergSource *s = CONTAINER(source, IcebergSource, base);
    TRY(options_parse(&s->options, source_options, COUNT(source_options), args->options,
                      connector_option, args->warn));
    s->catalogs = args->catalogs;
    s->table = args->table;
    s->prune = args->prune;
    s->nprune = args->nprune;
    s->streaming = args->streaming;
    s->again = args->again && !names_snapshot(&s->options);
    s->home = a;
    if (s->table) {
        s->name = *lake_table_name(s->table);
    } else {
        LakeTable *t = NULL;
        TRY(iceberg_name(&s->name, a, s->catalogs, (Str){0}, args->path));
        TRY(table_load(&t, a, s->catalogs, &s->name));
        s->table = t;
        if (!args->streaming) TRY(travel(s, a, t));
    }
    TRY(table_history(&s->history, a, s->table));
    source->schema = lake_table_schema(s->table);
    source->description = str_fmt(a, "iceberg " STR_FMT, STR_ARG(lake_table_location(s->table)));
    return DONE;
}

// ---- offsets -----------------------------------------------------------------------------------

static Str spot_text(Arena *a, Spot s)
{
    return str_fmt(a,
                   "{\"version\":1,\"snapshot_id\":%lld,\"position\":%lld,\"scan_all_files\":%s}",
                   (long long)s.snapshot, (long long)s.position, s.all ? "true" : "false");
}

static Status spot_read(Spot *s, Str text)
{
    const Doc *d;
    int64_t version = 0;
    Arena *a = arena_new(NULL);
    Status st = doc_parse(&d, a, text);
    bool good = !st.code && doc_i64(d, "version", &version) && version == 1 &&
                doc_i64(d, "snapshot_id", &s->snapshot) && doc_i64(d, "position", &s->position) &&
                s->position >= 0;
    if (good) s->all = doc_bool(d, "scan_all_files");
    if (!good) st = fail(ERR_CORRUPT, STR_FMT " is no offset of an Iceberg table", STR_ARG(text));
    arena_free(a);
    return st;
}

// Where in the history a spot is; -1: before all of it.
static Status step_of(const IcebergSource *s, Spot spot, int64_t *i)
{
    for (*i = s->history.n - 1; *i >= 0; --*i)
        if (s->history.v[*i].snapshot == spot.snapshot) return DONE;
    if (spot.snapshot == SPOT_NONE) return DONE;
    return fail(ERR_NOT_FOUND,
                STR_FMT ": snapshot %lld, where the stream stands, has expired or was rolled back; "
                        "only a new checkpoint can go on",
                STR_ARG(lake_table_location(s->table)), (long long)spot.snapshot);
}

static Status iceberg_start(Source *source, Arena *a, Str *offset)
{
    const IcebergSource *s = CONTAINER(source, IcebergSource, base);
    Spot spot = {SPOT_NONE, 0, false};
    int64_t from = INT64_MIN, i = 0;
    if (s->options.from_time.n)
        TRY(number_option(S("stream-from-timestamp"), s->options.from_time, &from));
    while (i < s->history.n && s->history.v[i].timestamp_ms < from) i++;
    if (s->streaming && i == s->history.n && i > 0)
        spot = (Spot){s->history.v[i - 1].snapshot, s->history.v[i - 1].files, false};
    else if (s->streaming && i < s->history.n)
        spot = (Spot){s->history.v[i].snapshot, 0, i == 0 && !s->history.whole};
    *offset = spot_text(a, spot);
    return DONE;
}

// ---- what an epoch takes -----------------------------------------------------------------------

// To what the catalog says now. Lanes of epochs before are not read any more.
static Status refresh(IcebergSource *s)
{
    bool changed;
    LakeTable *t = NULL;
    TRY(lake_table_changed(s->table, &changed));
    if (!changed) return DONE;
    Arena *a = arena_new(s->home);
    TRY(table_load(&t, a, s->catalogs, &s->name));
    TRY(table_with_columns_of(&t, a, t, s->table));
    TableHistory h;
    TRY(table_history(&h, a, t));
    if (s->arena) arena_free(s->arena);
    s->arena = a;
    s->table = t;
    s->history = h;
    return DONE;
}

// Whether a stream reads what the step added. Rewritten rows were read when they came.
static Status step_counts(const IcebergSource *s, const TableStep *step, bool *counts)
{
    *counts = step->kind == STEP_APPEND;
    switch (step->kind) {
    case STEP_APPEND:
    case STEP_REPLACE: return DONE;
    case STEP_DELETE:
        if (s->options.skip_deletes) return DONE;
        return fail(ERR_UNSUPPORTED,
                    STR_FMT ": snapshot %lld deleted rows, which a stream cannot take back; the "
                            "option streaming-skip-delete-snapshots passes over it",
                    STR_ARG(lake_table_location(s->table)), (long long)step->snapshot);
    case STEP_OVERWRITE:
        if (s->options.skip_overwrites) return DONE;
        return fail(ERR_UNSUPPORTED,
                    STR_FMT ": snapshot %lld replaced rows, which a stream cannot take back; the "
                            "option streaming-skip-overwrite-snapshots passes over it",
                    STR_ARG(lake_table_location(s->table)), (long long)step->snapshot);
    }
    must_failed("StepKind", __FILE__, __LINE__);
}

static Status scan_step(const IcebergSource *s, Arena *a, const TableStep *step, bool all,
                        TableScan **scan)
{
    LakeTable *at = NULL;
    if (!all) return table_scan_added(scan, a, s->table, step->snapshot);
    TRY(table_at_snapshot(&at, a, s->table, step->snapshot));
    TRY(table_with_columns_of(&at, a, at, s->table));
    return table_scan_new(scan, a, at, NULL, 0);
}

// Moves `to` over files of one step while the limits last; *full: they did not.
static Status take_files(const IcebergSource *s, const TableStep *step, Spot *to, int64_t *files,
                         int64_t *rows)
{
    TableScan *scan = NULL;
    int64_t n;
    Arena *a = arena_new(NULL);
    Status st = scan_step(s, a, step, to->all, &scan);
    const ScanFile *file = st.code ? NULL : table_scan_files(scan, &n);
    for (; !st.code && to->position<n && * files> 0 && *rows > 0; to->position++) {
        --*files;
        *rows -= file[to->position].rows;
    }
    if (!st.code && to->position < n) *files = 0;
    arena_free(a);
    return st;
}

static Status advance(const IcebergSource *s, Spot from, const Admission *adm, Spot *to)
{
    int64_t i, files = s->options.files_max, rows = s->options.rows_max, end = s->history.n - 1;
    Spot cap = {SPOT_NONE, INT64_MAX, false};
    bool counts = false;
    if (adm->all) files = rows = INT64_MAX;
    TRY(step_of(s, from, &i));
    if (adm->cap.n) {
        TRY(spot_read(&cap, adm->cap));
        TRY(step_of(s, cap, &end));
    }
    *to = from;
    for (i = MAX(i, 0); i <= end && files > 0 && rows > 0; i++) {
        const TableStep *step = &s->history.v[i];
        if (to->snapshot != step->snapshot)
            *to = (Spot){step->snapshot, 0, i == 0 && !s->history.whole};
        if (!to->all) TRY(step_counts(s, step, &counts));
        if (to->all || counts) TRY(take_files(s, step, to, &files, &rows));
        if (i == end && to->position > cap.position) to->position = cap.position;
    }
    return DONE;
}

static Status iceberg_latest(Source *source, Arena *a, Str from, const Admission *adm, Str *to,
                             Str *latest)
{
    IcebergSource *s = CONTAINER(source, IcebergSource, base);
    Spot at = {0}, spot = {0};
    TRY(spot_read(&at, from));
    if (!s->streaming) { // one epoch over all of it
        *to = *latest = spot_text(a, (Spot){at.snapshot, 1, true});
        return DONE;
    }
    TRY(refresh(s));
    TRY(advance(s, at, adm, &spot));
    *to = spot_text(a, spot);
    int64_t n = s->history.n;
    *latest =
        n ? spot_text(a, (Spot){s->history.v[n - 1].snapshot, s->history.v[n - 1].files, false})
          : *to;
    return DONE;
}

// ---- lanes -------------------------------------------------------------------------------------

// A file is cut where row groups begin, so that lanes hold about LANE_ROWS rows.
static void cut_file(Arena *a, const TableScan *scan, int64_t i, Lanes *lanes)
{
    int64_t n;
    const ScanFile *f = &table_scan_files(scan, &n)[i];
    int64_t groups = MAX(f->nsplit, 1), lane = MAX(1, MIN(groups, f->rows / LANE_ROWS));
    for (int64_t k = 0; k < lane; k++) {
        int64_t first = groups * k / lane, end = groups * (k + 1) / lane;
        Piece *p = NEW(a, Piece, 1);
        p->scan = scan;
        p->span = (FileSpan){i, k ? f->split[first] : 0, INT64_MAX};
        if (k + 1 < lane) p->span.to = f->split[end];
        vec_push(a, lanes, ((Lane){(int32_t)i, k, k + 1, f->rows / lane, p}));
    }
}

static Status iceberg_lanes(Source *source, Arena *a, Str from, Str to, Lanes *lanes)
{
    IcebergSource *s = CONTAINER(source, IcebergSource, base);
    TableScan *scan = NULL;
    Spot at = {0}, upto = {0};
    int64_t i, end, n;
    if (s->again) TRY(refresh(s));
    if (!s->streaming) {
        TRY(table_scan_new(&scan, a, s->table, s->prune, s->nprune));
        table_scan_files(scan, &n);
        for (i = 0; i < n; i++)
            if (!s->options.file.n || str_eq(s->options.file, table_scan_files(scan, &n)[i].path))
                cut_file(a, scan, i, lanes);
        return DONE;
    }
    TRY(spot_read(&at, from));
    TRY(spot_read(&upto, to));
    TRY(step_of(s, at, &i));
    TRY(step_of(s, upto, &end));
    for (i = MAX(i, 0); i <= end; i++) {
        const TableStep *step = &s->history.v[i];
        bool here = at.snapshot == step->snapshot, last = i == end, counts = false;
        bool all = here ? at.all : last && upto.all;
        if (!all) TRY(step_counts(s, step, &counts));
        if (!all && !counts) continue;
        TRY(scan_step(s, a, step, all, &scan));
        table_scan_files(scan, &n);
        for (int64_t k = here ? at.position : 0; k < (last ? MIN(n, upto.position) : n); k++)
            cut_file(a, scan, k, lanes);
    }
    return DONE;
}

static Status iceberg_read(Source *source, const Lane *lane, Arena *scratch, Out *out)
{
    const Piece *p = lane->more;
    FileScan *f = NULL;
    Batch b;
    int64_t left = source->limit >= 0 ? source->limit : INT64_MAX;
    TRY(file_scan_new(&f, scratch, p->scan, p->span, source->needed));
    for (;;) {
        TRY(file_scan_next(f, &b));
        if (!b.rows || left <= 0) return DONE;
        left -= b.rows;
        TRY(out_put(out, &b));
    }
}

const SourceKind source_iceberg = {
    .name = STR_INIT("iceberg"),
    .size = sizeof(IcebergSource),
    .opts = source_options,
    .nopts = COUNT(source_options),
    .streams = true,
    .batches = true,
    .doc = "a table of a catalog, by name",
    .open = iceberg_open,
    .start = iceberg_start,
    .latest = iceberg_latest,
    .lanes = iceberg_lanes,
    .read = iceberg_read,
};
