// iceberg_scan.c -- planning: the manifest list's summaries, then the manifests' entries, are held
// against the conditions, first by partition, then by column. Position deletes are applied when a
// file is read; equality deletes are refused.
#include "lake/history.h"
#include "lake/table_in.h"

typedef struct PlannedFile {
    IceFile file;
    int64_t sequence;
} PlannedFile;
typedef VEC(PlannedFile) PlannedFiles;
typedef VEC(ScanFile) ScanFiles;
struct TableScan {
    const LakeTable *table;
    const IceMeta *meta;
    const IceSchema *schema;
    const Prune *prune;
    int32_t nprune;
    Arena *arena;
    PlannedFiles data, deletes;
    ScanFiles files; // of data
    ScanCounts counts;
};

// Bounds of columns that Iceberg keeps in a form of its own (uuid) are not compared.
static bool prunable(const TableScan *s, const Prune *p)
{
    TypeId id = s->schema->type->field[p->column].type->id;
    return !s->schema->unwritable.n || (id != T_STRING && id != T_BINARY);
}

static bool bounds_of(Range *r, const Type *t, Str lo, Str hi)
{
    return lo.p && hi.p && datum_from_bytes(&r->lo, t, lo) && datum_from_bytes(&r->hi, t, hi);
}

// Whether a partition value in this range may belong to a row that passes p.
static bool partition_keeps(const TableScan *s, const Prune *p, const IceSpecField *f,
                            const Range *r)
{
    Prune q;
    if (f->source_id != s->schema->type->field[p->column].id) return true;
    if (!f->result || !prunable(s, p) || !transform_project(&q, s->arena, p, f)) return true;
    return prune_keeps(&q, f->result, r);
}

static bool manifest_keeps(const TableScan *s, const IceManifest *m)
{
    const IceSpec *spec = ice_spec(s->meta, m->spec_id);
    if (!m->partition || !spec || m->npartition != spec->nfields) return true;
    for (int32_t i = 0; i < spec->nfields; i++) {
        const IceSummary *sum = &m->partition[i];
        const IceSpecField *f = &spec->field[i];
        Range r = {.values = 1, .nulls = sum->null ? -1 : 0, .nans_possible = sum->nan};
        if (!f->result) continue;
        r.bounds = bounds_of(&r, f->result, sum->lo, sum->hi);
        if (!r.bounds && sum->null && !sum->nan) r.nulls = r.values; // nothing but NULL
        for (int32_t k = 0; k < s->nprune; k++)
            if (!partition_keeps(s, &s->prune[k], f, &r)) return false;
    }
    return true;
}

static bool tuple_keeps(const TableScan *s, const IceFile *file)
{
    const IceSpec *spec = ice_spec(s->meta, file->spec_id);
    for (int32_t i = 0; spec && i < spec->nfields; i++) {
        const IceSpecField *f = &spec->field[i];
        Str v = file->partition[i];
        Range r = {.values = 1, .nulls = v.p ? 0 : 1};
        if (!f->result) continue;
        r.bounds = bounds_of(&r, f->result, v, v);
        if (r.bounds && (f->result->id == T_FLOAT || f->result->id == T_DOUBLE))
            r.bounds = r.lo.f == r.lo.f; // NaN bounds nothing
        r.nans_possible = !r.bounds;
        for (int32_t k = 0; k < s->nprune; k++)
            if (!partition_keeps(s, &s->prune[k], f, &r)) return false;
    }
    return true;
}

static bool stats_keep(const TableScan *s, const IceFile *file)
{
    for (int32_t k = 0; k < s->nprune; k++) {
        const Prune *p = &s->prune[k];
        const Field *f = &s->schema->type->field[p->column];
        const IceColumnStat *c = NULL;
        for (int32_t i = 0; i < file->ncolumns && !c; i++)
            if (file->column[i].id == f->id) c = &file->column[i];
        if (!c || !prunable(s, p)) continue;
        Range r = {.values = c->values >= 0 ? c->values : file->rows, .nulls = c->nulls};
        r.nans_possible = (f->type->id == T_FLOAT || f->type->id == T_DOUBLE) && c->nans != 0;
        r.bounds = bounds_of(&r, f->type, c->lo, c->hi);
        if (!prune_keeps(p, f->type, &r)) return false;
    }
    return true;
}

static Status plan_entry(TableScan *s, const IceEntry *e)
{
    PlannedFile p = {e->file, e->sequence};
    if (e->file.content == 2)
        return fail(ERR_UNSUPPORTED, STR_FMT ": equality deletes are not read yet",
                    STR_ARG(e->file.path));
    if (e->file.content == 1) {
        vec_push(s->arena, &s->deletes, p);
        return DONE;
    }
    s->counts.files++;
    if (!tuple_keeps(s, &e->file) || !stats_keep(s, &e->file)) {
        s->counts.files_skipped++;
        return DONE;
    }
    if (!str_ieq(e->file.format, S("parquet")))
        return fail(ERR_UNSUPPORTED, STR_FMT ": data files of format " STR_FMT " are not read yet",
                    STR_ARG(e->file.path), STR_ARG(e->file.format));
    vec_push(s->arena, &s->data, p);
    ScanFile f = {e->file.path, e->file.rows, e->file.bytes, e->file.split, e->file.nsplit};
    vec_push(s->arena, &s->files, f);
    return DONE;
}

// added: only the files that came with the snapshot.
static Status plan(TableScan *s, const IceSnapshot *snapshot, bool added)
{
    IceManifests list = {0};
    TRY(ice_manifest_list_read(&list, s->arena, snapshot->manifest_list));
    for (int64_t i = 0; i < list.n; i++) {
        const IceManifest *m = &list.v[i];
        IceEntries entries = {0};
        if (m->added_files + m->existing_files == 0) continue;
        if (added && (m->snapshot != snapshot->id || m->content != 0)) continue;
        s->counts.manifests++;
        if (m->content == 0 && !manifest_keeps(s, m)) {
            s->counts.manifests_skipped++;
            continue;
        }
        TRY(ice_manifest_read(&entries, s->arena, s->meta, m, false));
        for (int64_t k = 0; k < entries.n; k++) {
            const IceEntry *e = &entries.v[k];
            if (added && (e->status != ICE_ADDED || e->snapshot != snapshot->id)) continue;
            TRY(plan_entry(s, e));
        }
    }
    return DONE;
}

static TableScan *scan_of(Arena *a, const LakeTable *t)
{
    TableScan *s = NEW(a, TableScan, 1);
    *s = (TableScan){.table = t, .meta = lake_table_meta(t), .arena = a};
    s->schema = ice_schema(s->meta, s->meta->schema_id);
    return s;
}

Status table_scan_new(TableScan **out, Arena *a, const LakeTable *t, const Prune *prune,
                      int32_t nprune)
{
    TableScan *s = scan_of(a, t);
    s->prune = prune;
    s->nprune = nprune;
    if (lake_table_snapshot(t)) TRY(plan(s, lake_table_snapshot(t), false));
    *out = s;
    return DONE;
}

Status table_scan_added(TableScan **out, Arena *a, const LakeTable *t, int64_t snapshot)
{
    TableScan *s = scan_of(a, t);
    const IceSnapshot *of = ice_snapshot(s->meta, snapshot);
    if (!of)
        return fail(ERR_NOT_FOUND, STR_FMT ": snapshot %lld has expired",
                    STR_ARG(s->meta->location), (long long)snapshot);
    TRY(plan(s, of, true));
    *out = s;
    return DONE;
}

const ScanFile *table_scan_files(const TableScan *s, int64_t *n)
{
    *n = s->files.n;
    return s->files.v;
}

ScanCounts table_scan_counts(const TableScan *s) { return s->counts; }

typedef struct Positions {
    int64_t *v;
    int64_t n, cap;
} Positions;
struct FileScan {
    Arena *arena, *batch_arena;
    const TableScan *scan;
    const uint8_t *needed;
    ByteSource source;
    ParquetFile *file;
    ParquetScan *rows;
    Positions deleted; // ascending
    Column *constant;  // of columns that the file lacks and its partition knows; type NULL: none
};

static bool same_partition(const IceFile *x, const IceFile *y)
{
    if (x->spec_id != y->spec_id || x->npartition != y->npartition) return false;
    for (int32_t i = 0; i < x->npartition; i++) {
        Str v = x->partition[i], w = y->partition[i];
        if (!v.p || !w.p ? v.p != w.p : !str_eq(v, w)) return false;
    }
    return true;
}

enum { DELETE_PATH_ID = 2147483546, DELETE_POS_ID = 2147483545 };

static Status open_parquet(ParquetFile **f, ByteSource *src, Arena *a, Str uri)
{
    TRY(store_source(src, a, uri));
    return parquet_open(f, a, src);
}

// The positions that a delete file takes from the data file.
static Status read_deletes(FileScan *f, Arena *a, Str delete_file, Str data_file)
{
    Field field[2] = {field_of(S("file_path"), &type_string, true),
                      field_of(S("pos"), &type_bigint, true)};
    field[0].id = DELETE_PATH_ID;
    field[1].id = DELETE_POS_ID;
    Datum path = {.s = data_file};
    Prune only = {0, PRUNE_EQ, &path, 1};
    ByteSource src;
    ParquetFile *file;
    ParquetScan *scan;
    Batch b;
    TRY(open_parquet(&file, &src, a, delete_file));
    ParquetWant want = {.schema = type_struct(a, field, 2), .prune = &only, .nprune = 1};
    want.groups = parquet_groups(file);
    TRY(parquet_scan_new(&scan, a, file, &want));
    do {
        TRY(parquet_scan_next(scan, &b, NULL));
        for (int32_t i = 0; i < b.rows; i++)
            if (!column_null(&b.col[0], i) && str_eq(column_str(&b.col[0], i), data_file))
                vec_push(f->arena, &f->deleted, column_i64(&b.col[1], i));
    } while (b.rows);
    return DONE;
}

static void sort_positions(Positions *p, Arena *a)
{
    int64_t *from = p->v, *to = NEW_RAW(a, int64_t, p->n + 1);
    for (int64_t width = 1; width < p->n; width *= 2) { // merge sort, from the bottom up
        for (int64_t at = 0; at < p->n; at += 2 * width) {
            int64_t mid = MIN(at + width, p->n), end = MIN(at + 2 * width, p->n);
            for (int64_t k = at, x = at, y = mid; k < end; k++)
                to[k] = x < mid && (y == end || from[x] <= from[y]) ? from[x++] : from[y++];
        }
        int64_t *swap = from;
        from = to;
        to = swap;
    }
    p->v = from;
}

static Status find_deletes(FileScan *f, const PlannedFile *data)
{
    const TableScan *s = f->scan;
    for (int64_t i = 0; i < s->deletes.n; i++) {
        const PlannedFile *d = &s->deletes.v[i];
        if (d->sequence < data->sequence || !same_partition(&d->file, &data->file)) continue;
        if (d->file.referenced.p && !str_eq(d->file.referenced, data->file.path)) continue;
        if (!str_ieq(d->file.format, S("parquet")))
            return fail(ERR_UNSUPPORTED,
                        STR_FMT ": delete files of format " STR_FMT " are not read yet",
                        STR_ARG(d->file.path), STR_ARG(d->file.format));
        TRY(read_deletes(f, f->arena, d->file.path, data->file.path));
    }
    sort_positions(&f->deleted, f->arena);
    return DONE;
}

// A column that the file lacks takes its value from an identity partition, if there is one.
static void find_constants(FileScan *f, const PlannedFile *data)
{
    const Schema *schema = f->scan->schema->type;
    const IceSpec *spec = ice_spec(f->scan->meta, data->file.spec_id);
    f->constant = NEW(f->arena, Column, schema->nfields + 1);
    for (int32_t c = 0; c < schema->nfields; c++) {
        if (parquet_scan_has(f->rows, c)) continue;
        for (int32_t i = 0; spec && i < spec->nfields; i++) {
            const IceSpecField *p = &spec->field[i];
            Datum v;
            if (p->source_id == schema->field[c].id && p->known && p->transform == TR_IDENTITY &&
                data->file.partition[i].p &&
                datum_from_bytes(&v, schema->field[c].type, data->file.partition[i]))
                f->constant[c] = column_of_datum(f->arena, schema->field[c].type, &v, BATCH_ROWS);
        }
    }
}

Status file_scan_new(FileScan **out, Arena *a, const TableScan *s, FileSpan span,
                     const uint8_t *needed)
{
    must(span.file >= 0 && span.file < s->files.n);
    const PlannedFile *data = &s->data.v[span.file];
    FileScan *f = NEW(a, FileScan, 1);
    *f = (FileScan){.arena = a, .batch_arena = arena_new(a), .scan = s, .needed = needed};
    TRY(open_parquet(&f->file, &f->source, a, data->file.path));
    if (parquet_rows(f->file) != data->file.rows)
        return fail(ERR_CORRUPT, STR_FMT ": has %lld rows where its manifest says %lld",
                    STR_ARG(data->file.path), (long long)parquet_rows(f->file),
                    (long long)data->file.rows);
    ParquetWant want = {.schema = s->schema->type, .needed = needed};
    want.prune = s->prune;
    want.nprune = s->schema->unwritable.n ? 0 : s->nprune;
    int32_t groups = parquet_groups(f->file);
    while (want.group < groups && parquet_group_at(f->file, want.group) < span.from) want.group++;
    while (want.group + want.groups < groups &&
           parquet_group_at(f->file, want.group + want.groups) < span.to)
        want.groups++;
    TRY(parquet_scan_new(&f->rows, a, f->file, &want));
    find_constants(f, data);
    TRY(find_deletes(f, data));
    *out = f;
    return DONE;
}

// Drops the rows at deleted positions from b, whose first row stands at `row` of the file.
static void drop_deleted(FileScan *f, Batch *b, int64_t row)
{
    const Positions *p = &f->deleted;
    int64_t lo = 0, hi = p->n; // the first position that is not before the batch
    while (lo < hi) {
        int64_t mid = lo + (hi - lo) / 2;
        if (p->v[mid] < row)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == p->n || p->v[lo] >= row + b->rows) return;
    int32_t *keep = NEW_RAW(f->batch_arena, int32_t, b->rows), n = 0;
    for (int32_t i = 0; i < b->rows; i++) {
        while (lo < p->n && p->v[lo] < row + i) lo++;
        if (lo == p->n || p->v[lo] != row + i) keep[n++] = i;
    }
    for (int32_t c = 0; c < b->cols; c++) {
        bool there = b->col[c].data || b->col[c].kid;
        if (there) b->col[c] = column_gather(f->batch_arena, &b->col[c], keep, n);
        b->col[c].rows = n;
    }
    b->rows = n;
}

Status file_scan_next(FileScan *f, Batch *b)
{
    int64_t row;
    do { // a batch of deleted rows only is not the end
        TRY(parquet_scan_next(f->rows, b, &row));
        if (!b->rows) return DONE;
        for (int32_t c = 0; c < b->cols; c++)
            if (f->constant[c].type && (!f->needed || f->needed[c])) {
                b->col[c] = f->constant[c];
                b->col[c].rows = b->rows;
            }
        arena_clear(f->batch_arena);
        drop_deleted(f, b, row);
    } while (!b->rows);
    return DONE;
}
