// file_parquet.c -- files of Parquet: their footers say the schema, their row groups are the lanes.
#include "conn/file_in.h"
#include "fmt/parquet.h"
#include "lake/store.h"

#define SMALL_BYTES  (INT64_C(16) << 20) // a smaller file is one lane, and opened only to be read
#define SPARK_SCHEMA S("org.apache.spark.sql.parquet.row.metadata")

typedef struct Piece { // of a large file, opened once for all its row groups
    FileEntry file;    // first: a lane's `more` is a FileEntry
    const ParquetFile *parquet;
} Piece;

static Status open_file(ParquetFile **f, Arena *a, Str path)
{
    ByteSource *src = NEW(a, ByteSource, 1);
    Status opened = store_source(src, a, path);
    if (opened.code == ERR_NOT_FOUND) return file_gone(a, path);
    TRY(opened);
    src->name = file_uri(a, path);
    return parquet_open(f, a, src);
}

static Status parquet_lanes(const FileSource *s, Arena *a, const Lane *whole, Lanes *lanes)
{
    const FileEntry *e = whole->more;
    Piece *piece = NEW(a, Piece, 1);
    ParquetFile *f = NULL;
    Lane lane = *whole;
    piece->file = *e;
    lane.more = piece;
    lane.from = 0;
    lane.to = INT32_MAX;
    if (e->bytes < SMALL_BYTES) {
        vec_push(a, lanes, lane);
        return DONE;
    }
    Status opened = open_file(&f, a, e->path);
    if (opened.code == ERR_CORRUPT && s->opt.ignore_corrupt) return DONE;
    TRY(opened);
    piece->parquet = f;
    for (int32_t g = 0; g < parquet_groups(f); g++) {
        lane.from = g;
        lane.to = g + 1;
        lane.rows = parquet_group_rows(f, g);
        vec_push(a, lanes, lane);
    }
    return DONE;
}

// Conditions on the columns that the files hold.
static const Prune *file_prunes(const FileSource *s, Arena *a, int32_t *n)
{
    Prune *p = NEW(a, Prune, s->nprune + 1);
    *n = 0;
    for (int32_t i = 0; i < s->nprune; i++)
        if (s->prune[i].column < s->data->nfields) p[(*n)++] = s->prune[i];
    return p;
}

static Status parquet_rows_of(FileSource *s, const Lane *lane, Arena *a, Out *out)
{
    const Piece *piece = lane->more;
    const ParquetFile *f = piece->parquet;
    ParquetFile *own = NULL;
    ParquetScan *scan = NULL;
    Batch b;
    int64_t row, left = s->base.limit >= 0 ? s->base.limit : INT64_MAX;
    if (!f) {
        TRY(open_file(&own, a, piece->file.path));
        f = own;
    }
    int32_t groups = parquet_groups(f), from = (int32_t)lane->from;
    ParquetWant want = {.schema = s->data, .needed = s->base.needed, .group = from};
    want.groups = (int32_t)MIN(lane->to, groups) - from;
    want.prune = file_prunes(s, a, &want.nprune);
    TRY(parquet_scan_new(&scan, a, f, &want));
    for (;;) {
        TRY(parquet_scan_next(scan, &b, &row));
        if (!b.rows || left <= 0) return DONE;
        left -= b.rows;
        file_row_at(out, row);
        TRY(out_put(out, &b));
    }
}

// ---- schema ------------------------------------------------------------------------------------

// What Spark wrote of its own types, else what the columns of the file say.
static Status schema_of(const ParquetFile *f, Arena *a, const Schema **schema)
{
    Str json = parquet_meta(f, SPARK_SCHEMA);
    const Type *t = NULL;
    if (json.p && type_from_json(&t, a, json).code == OK && t->id == T_STRUCT) {
        *schema = t;
        return DONE;
    }
    return parquet_schema(f, a, schema);
}

static Status merge(Arena *a, const Schema *x, const Schema *y, const Schema **both)
{
    if (type_merge(both, a, x, y).code == OK) return DONE;
    return RAISE(CANNOT_MERGE_SCHEMAS, P("left", type_sql_str(a, x)),
                 P("right", type_sql_str(a, y)));
}

static const FileEntry *first_by_name(const FileEntries *files)
{
    const FileEntry *e = files->n ? files->v : NULL;
    for (int64_t i = 1; i < files->n; i++)
        if (str_cmp(files->v[i].path, e->path) < 0) e = &files->v[i];
    return e;
}

static Status parquet_infer(FileSource *s, Arena *a, const FileEntries *files,
                            const Schema **schema)
{
    const FileEntry *first = first_by_name(files);
    for (int64_t i = 0; i < files->n; i++) {
        const FileEntry *e = s->opt.merge ? &files->v[i] : first;
        const Schema *one = NULL;
        ParquetFile *f = NULL;
        Arena *own = arena_new(a);
        Status done = open_file(&f, own, e->path);
        if (!done.code) done = schema_of(f, own, &one);
        if (!done.code && *schema)
            done = merge(a, *schema, type_copy(a, one), schema);
        else if (!done.code)
            *schema = type_copy(a, one);
        arena_free(own);
        if (done.code == ERR_CORRUPT && s->opt.ignore_corrupt) continue;
        TRY(done);
        if (!s->opt.merge) return DONE;
    }
    return DONE;
}

static Status parquet_set(FileSource *s, Arena *a, const SourceArgs *args)
{
    (void)s, (void)a, (void)args;
    return DONE;
}

static const FileFormat format = {.name = STR_INIT("Parquet"),
                                  .option = connector_option,
                                  .open = parquet_set,
                                  .infer = parquet_infer,
                                  .lanes = parquet_lanes,
                                  .read = parquet_rows_of};

static Status parquet_source_open(Source *base, Arena *a, const SourceArgs *args)
{
    return file_source_open(CONTAINER(base, FileSource, base), a, args, &format);
}

FILE_SOURCE(parquet, &file_row_metadata, "files of Parquet, as they appear in a folder");
