// iceberg_compact.c -- merging small files. Files are classed by size, each class eight times the
// one below, and a class is merged when it holds enough files of one partition: a row is rewritten
// once a class, so the work for a table of n files grows as n log n and not as n squared.
#include "lake/append_in.h"
#include "lake/maintain_in.h"
#include "lake/scan.h"

enum { CLASS_BASE = 128 << 10, CLASSES = 8, MANIFESTS_MAX = 100 };

typedef struct SmallFile {
    IceFile file;
    Str partition;
    int64_t sequence;
    int32_t class;
    bool taken;
} SmallFile;
typedef VEC(SmallFile) SmallFiles;

static int32_t class_of(int64_t bytes)
{
    int32_t c = 0;
    for (int64_t most = CLASS_BASE; bytes >= most && c < CLASSES - 1; most *= 8) c++;
    return c;
}

static Str partition_text(Arena *a, const IceFile *f)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < f->npartition; i++) {
        buf_u8(&b, f->partition[i].p != NULL);
        buf_str_u32le(&b, f->partition[i]);
    }
    return buf_str(&b);
}

// The files that may be merged: small, of the current spec. A table with delete files is left
// alone.
static Status small_files(IceTable *t, Arena *a, int64_t target, SmallFiles *files)
{
    TRY(ice_table_manifests(t));
    for (int64_t i = 0; i < t->manifests.n; i++)
        if (t->manifests.v[i].content == 1 &&
            t->manifests.v[i].added_files + t->manifests.v[i].existing_files > 0)
            return DONE;
    for (int64_t i = 0; i < t->manifests.n; i++) {
        const IceManifest *m = &t->manifests.v[i];
        IceEntries live = {0};
        if (m->spec_id != t->meta->spec_id || m->added_files + m->existing_files == 0) continue;
        TRY(ice_manifest_read(&live, a, t->meta, m, false));
        for (int64_t k = 0; k < live.n; k++) {
            const IceEntry *e = &live.v[k];
            if (e->file.bytes >= target / 4 * 3 || !str_ieq(e->file.format, S("parquet"))) continue;
            SmallFile f = {e->file, partition_text(a, &e->file), e->sequence, .taken = false};
            f.class = class_of(e->file.bytes);
            vec_push(a, files, f);
        }
    }
    return DONE;
}

// Oldest first, so that merged rows stay in the order in which they were committed.
static void sort_by_age(SmallFiles *f)
{
    for (int64_t i = 1; i < f->n; i++) { // nearly sorted: manifests are listed newest first
        SmallFile x = f->v[i];
        int64_t k = i;
        for (; k > 0 && (f->v[k - 1].sequence > x.sequence ||
                         (f->v[k - 1].sequence == x.sequence &&
                          str_cmp(f->v[k - 1].file.path, x.file.path) > 0));
             k--)
            f->v[k] = f->v[k - 1];
        f->v[k] = x;
    }
}

// Takes the files that are to become one: of the first file's partition and class, up to the target
// size together. NULL when there are too few.
static SmallFiles take_bin(SmallFiles *all, Arena *a, int64_t first, int64_t fan, int64_t target)
{
    SmallFiles bin = {0};
    int64_t bytes = 0;
    for (int64_t i = first; i < all->n; i++) {
        SmallFile *f = &all->v[i];
        if (f->taken || f->class != all->v[first].class ||
            !str_eq(f->partition, all->v[first].partition))
            continue;
        if (bin.n >= fan && bytes + f->file.bytes > target) break;
        vec_push(a, &bin, *f);
        bytes += f->file.bytes;
        f->taken = true;
    }
    if (bin.n < fan) bin.n = 0;
    return bin;
}

static Status copy_rows(IceTable *t, Arena *a, const SmallFile *f, TablePart *part)
{
    ByteSource src;
    ParquetFile *file;
    ParquetScan *scan;
    Batch b;
    TRY(store_source(&src, a, f->file.path));
    TRY(parquet_open(&file, a, &src));
    ParquetWant want = {.schema = ice_schema(t->meta, t->meta->schema_id)->type};
    want.groups = parquet_groups(file);
    TRY(parquet_scan_new(&scan, a, file, &want));
    do {
        TRY(parquet_scan_next(scan, &b, NULL));
        if (b.rows) TRY(table_part_add(part, &b));
    } while (b.rows);
    return DONE;
}

static Status write_bin(IceTable *t, Arena *a, const SmallFiles *bin, const TableShape *shape,
                        IceFiles *out)
{
    TablePart *part = table_part_new(a, shape);
    TableAppend *ap = table_append_new(a, shape);
    for (int64_t i = 0; i < bin->n; i++) {
        Arena *own = arena_new(a);
        Status s = copy_rows(t, own, &bin->v[i], part);
        arena_free(own);
        TRY(s);
    }
    table_part_seal(part);
    Status s = table_append_take(ap, EPOCH_NONE, part);
    if (!s.code) s = append_files(ap, out);
    if (s.code) table_append_discard(ap);
    return s;
}

static Status replace(IceTable *t, Arena *a, const SmallFiles *bin, const IceFiles *out,
                      int64_t sequence)
{
    Paths paths = {0};
    bool done;
    for (int64_t i = 0; i < bin->n; i++) vec_push(a, &paths, bin->v[i].file.path);
    IceChange c = {.operation = S("replace"),
                   .added = out->v,
                   .nadded = out->n,
                   .sequence = sequence,
                   .removes = REMOVE_FILES,
                   .removed = paths.v,
                   .nremoved = paths.n,
                   .merge_manifests = true};
    vec_push(a, &c.summary, ((Option){S("engine-name"), S("kappa")}));
    Status s = ice_commit(t, &c, &done);
    if (s.code != ERR_NOT_FOUND && s.code != ERR_CONFLICT) return s;
    for (int64_t i = 0; i < out->n; i++) TRY(store_remove(a, out->v[i].path)); // overtaken: undo
    return DONE;
}

static Status merge_bin(IceTable *t, Arena *a, const SmallFiles *bin, MaintainReport *did)
{
    const TableShape *shape;
    IceFiles out = {0};
    int64_t sequence = t->meta->last_sequence; // deletes that come later still apply
    const LakeTable *table = lake_table_of(a, t);
    TRY(table_shape_new(&shape, a, table, lake_table_schema(table), NULL));
    TRY(write_bin(t, a, bin, shape, &out));
    TRY(replace(t, a, bin, &out, sequence));
    did->merged_files += bin->n;
    did->into_files += out.n;
    return DONE;
}

static Status merge_manifests(IceTable *t, Arena *a, MaintainReport *did)
{
    bool done;
    TRY(ice_table_manifests(t));
    int64_t before = t->manifests.n;
    if (before < MANIFESTS_MAX) return DONE;
    IceChange c = {.operation = S("replace"), .sequence = -1, .merge_manifests = true};
    vec_push(a, &c.summary, ((Option){S("engine-name"), S("kappa")}));
    TRY(ice_commit(t, &c, &done));
    did->merged_manifests += before - t->manifests.n;
    return DONE;
}

Status ice_compact(IceTable *t, Arena *a, MaintainReport *did)
{
    SmallFiles files = {0};
    int64_t fan = ice_property_i64(t->meta, S("kappa.compact.min-files"), 8);
    int64_t target = ice_property_i64(t->meta, S("write.target-file-size-bytes"), 128 << 20);
    if (fan > 1) TRY(small_files(t, a, target, &files));
    sort_by_age(&files);
    for (int64_t i = 0; i < files.n; i++) {
        if (files.v[i].taken) continue;
        Arena *own = arena_new(a);
        SmallFiles bin = take_bin(&files, own, i, fan, target);
        Status s = bin.n ? merge_bin(t, own, &bin, did) : DONE;
        arena_free(own);
        TRY(s);
    }
    return merge_manifests(t, a, did);
}
