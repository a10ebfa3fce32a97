// inspect_files.c -- metadata tables of files, manifests and partitions.
#include "base/civil.h"
#include "base/map.h"
#include "lake/inspect_in.h"
#include <stdlib.h>

typedef VEC(Field) Fields;

// A struct of every partition field that some specification has or had, by its id.
static void find_partition(Sheet *s)
{
    const IceMeta *m = s->meta;
    VEC(Field) all = {0};
    for (int64_t i = m->specs.n; i-- > 0;)
        for (int32_t k = 0; k < m->specs.v[i].nfields; k++) {
            const IceSpecField *f = &m->specs.v[i].field[k];
            bool known = !f->result;
            for (int64_t n = 0; n < all.n; n++) known = known || all.v[n].id == f->id;
            if (known) continue;
            Field one = field_of(f->name, f->result, true);
            one.id = f->id;
            vec_push(s->arena, &all, one);
        }
    if (all.n) s->partition = type_struct(s->arena, all.v, (int32_t)all.n);
}

// The column `partition` stands at `at` where the table has ever been partitioned.
static void add_partition(Sheet *s, int32_t at)
{
    if (!s->partition) return;
    Field *f = NEW(s->arena, Field, s->schema->nfields + 1);
    for (int32_t i = 0; i < s->schema->nfields; i++) f[i + (i >= at)] = s->schema->field[i];
    f[at] = field_of(S("partition"), s->partition, false);
    s->schema = type_struct(s->arena, f, s->schema->nfields + 1);
}

// The columns that have no columns, at any depth, by their dotted names.
static void find_leaves(Sheet *s, const Type *t, Str under, Fields *to)
{
    for (int32_t i = 0; i < t->nfields; i++) {
        const Field *f = &t->field[i];
        Str name = t->id == T_STRUCT  ? f->name
                   : t->id == T_ARRAY ? S("element")
                   : i                ? S("value")
                                      : S("key");
        if (under.n) name = str_fmt(s->arena, STR_FMT "." STR_FMT, STR_ARG(under), STR_ARG(name));
        if (f->type->nfields) {
            find_leaves(s, f->type, name, to);
            continue;
        }
        Field leaf = field_of(name, f->type, true);
        leaf.id = f->id;
        vec_push(s->arena, to, leaf);
    }
}

static int by_name(const void *x, const void *y)
{
    return str_cmp(((const Field *)x)->name, ((const Field *)y)->name);
}

static void add_metrics(Sheet *s)
{
    static const char *const count[] = {"column_size", "value_count", "null_value_count",
                                        "nan_value_count"};
    Fields leaf = {0};
    find_leaves(s, lake_table_schema(s->table), (Str){0}, &leaf);
    if (!leaf.n) return;
    qsort(leaf.v, (size_t)leaf.n, sizeof *leaf.v, by_name);
    for (int64_t i = 0; i < leaf.n; i++) {
        Field *part = NEW(s->arena, Field, 6);
        for (int64_t k = 0; k < COUNT(count); k++)
            part[k] = field_of(str_z(count[k]), &type_bigint, true);
        part[4] = field_of(S("lower_bound"), leaf.v[i].type, true);
        part[5] = field_of(S("upper_bound"), leaf.v[i].type, true);
        leaf.v[i].type = type_struct(s->arena, part, 6);
    }
    s->metrics = type_struct(s->arena, leaf.v, (int32_t)leaf.n);
    Field *f = NEW(s->arena, Field, s->schema->nfields + 1);
    memcpy(f, s->schema->field, (size_t)s->schema->nfields * sizeof *f);
    f[s->schema->nfields] = field_of(S("readable_metrics"), s->metrics, true);
    s->schema = type_struct(s->arena, f, s->schema->nfields + 1);
}

static void put_partition(Sheet *s, const IceFile *f)
{
    if (!s->partition) return;
    Builder *b = sheet_next(s);
    const IceSpec *spec = ice_spec(s->meta, f->spec_id);
    builder_start(b);
    for (int32_t i = 0; i < s->partition->nfields; i++) {
        Datum v = {.null = true};
        for (int32_t k = 0; spec && k < spec->nfields; k++)
            if (spec->field[k].id == s->partition->field[i].id && f->partition[k].p)
                v.null = !datum_from_bytes(&v, s->partition->field[i].type, f->partition[k]);
        builder_datum(builder_kid(b, i), &v);
    }
    builder_end(b);
}

static void put_counts(Sheet *s, const IceFile *f, size_t member)
{
    Builder *b = sheet_next(s);
    builder_start(b);
    for (int32_t i = 0; i < f->ncolumns; i++) {
        int64_t v = *(const int64_t *)((const char *)&f->column[i] + member);
        if (v < 0) continue;
        builder_datum(builder_kid(b, 0), &(Datum){.i = f->column[i].id});
        builder_datum(builder_kid(b, 1), &(Datum){.i = v});
    }
    builder_end(b);
}

static void put_bounds(Sheet *s, const IceFile *f, bool low)
{
    Builder *b = sheet_next(s);
    builder_start(b);
    for (int32_t i = 0; i < f->ncolumns; i++) {
        Str v = low ? f->column[i].lo : f->column[i].hi;
        if (!v.p) continue;
        builder_datum(builder_kid(b, 0), &(Datum){.i = f->column[i].id});
        builder_datum(builder_kid(b, 1), &(Datum){.s = v});
    }
    builder_end(b);
}

static void put_list(Sheet *s, const int64_t *v, int32_t n)
{
    Builder *b = sheet_next(s);
    if (!n) {
        builder_null(b);
        return;
    }
    builder_start(b);
    for (int32_t i = 0; i < n; i++) builder_datum(builder_kid(b, 0), &(Datum){.i = v[i]});
    builder_end(b);
}

static void put_count(Builder *b, int64_t v) { builder_datum(b, &(Datum){.i = v, .null = v < 0}); }

static void put_limit(Builder *b, const Type *t, Str bytes)
{
    Datum v = {.null = true};
    if (bytes.p) v.null = !datum_from_bytes(&v, t, bytes);
    builder_datum(b, &v);
}

static void put_metrics(Sheet *s, const IceFile *f)
{
    static const IceColumnStat unknown = {.bytes = -1, .values = -1, .nulls = -1, .nans = -1};
    Builder *all = sheet_next(s);
    builder_start(all);
    for (int32_t i = 0; i < s->metrics->nfields; i++) {
        Builder *one = builder_kid(all, i);
        const Type *t = s->metrics->field[i].type->field[4].type;
        const IceColumnStat *c = &unknown;
        for (int32_t k = 0; k < f->ncolumns; k++)
            if (f->column[k].id == s->metrics->field[i].id) c = &f->column[k];
        builder_start(one);
        put_count(builder_kid(one, 0), c->bytes);
        put_count(builder_kid(one, 1), c->values);
        put_count(builder_kid(one, 2), c->nulls);
        put_count(builder_kid(one, 3), c->nans);
        put_limit(builder_kid(one, 4), t, c->lo);
        put_limit(builder_kid(one, 5), t, c->hi);
        builder_end(one);
    }
    builder_end(all);
}

static void put_file(Sheet *s, const IceFile *f)
{
    put_i64(s, f->content);
    put_str(s, f->path);
    put_str(s, f->format);
    put_i64(s, f->spec_id);
    put_partition(s, f);
    put_i64(s, f->rows);
    put_i64(s, f->bytes);
    put_counts(s, f, offsetof(IceColumnStat, bytes));
    put_counts(s, f, offsetof(IceColumnStat, values));
    put_counts(s, f, offsetof(IceColumnStat, nulls));
    put_counts(s, f, offsetof(IceColumnStat, nans));
    put_bounds(s, f, true);
    put_bounds(s, f, false);
    put_str(s, f->key);
    put_list(s, f->split, f->nsplit);
    put_list(s, f->equality, f->nequality);
    put_known(s, f->sort_order, f->sort_order >= 0);
    put_known(s, 0, false); // of format version 3
    put_str(s, f->referenced);
    put_known(s, 0, false);
    put_known(s, 0, false);
    if (s->metrics) put_metrics(s, f);
}

// Manifests of the snapshot that is looked at or, for all_.., of every one that is kept, each once.
static Status manifests_of(Sheet *s, IceManifests *to)
{
    const IceSnapshot *p = lake_table_snapshot(s->table);
    Map seen = map_new(s->arena);
    if (!str_starts(s->what, S("all_")))
        return p ? ice_manifest_list_read(to, s->arena, p->manifest_list) : DONE;
    for (int64_t i = 0; i < s->meta->snapshots.n; i++) {
        IceManifests list = {0};
        TRY(ice_manifest_list_read(&list, s->arena, s->meta->snapshots.v[i].manifest_list));
        for (int64_t k = 0; k < list.n; k++) {
            if (map_get(&seen, list.v[k].path)) continue;
            map_set(&seen, list.v[k].path, s);
            vec_push(s->arena, to, list.v[k]);
        }
    }
    return DONE;
}

static const char file_columns[] =
    "content INT, file_path STRING NOT NULL, file_format STRING NOT NULL, spec_id INT, "
    "record_count BIGINT NOT NULL, file_size_in_bytes BIGINT NOT NULL, "
    "column_sizes MAP<INT, BIGINT>, value_counts MAP<INT, BIGINT>, "
    "null_value_counts MAP<INT, BIGINT>, nan_value_counts MAP<INT, BIGINT>, "
    "lower_bounds MAP<INT, BINARY>, upper_bounds MAP<INT, BINARY>, key_metadata BINARY, "
    "split_offsets ARRAY<BIGINT>, equality_ids ARRAY<INT>, sort_order_id INT, "
    "first_row_id BIGINT, referenced_data_file STRING, content_offset BIGINT, "
    "content_size_in_bytes BIGINT";

Status sheet_files(Sheet *s)
{
    IceManifests list = {0};
    bool data = !str_ends(s->what, S("delete_files")), gone = !str_ends(s->what, S("data_files"));
    TRY(sheet_columns(s, file_columns));
    find_partition(s);
    add_partition(s, 4);
    add_metrics(s);
    sheet_begin(s);
    TRY(manifests_of(s, &list));
    for (int64_t i = 0; i < list.n; i++) {
        IceEntries e = {0};
        if (list.v[i].content == 0 ? !data : !gone) continue;
        TRY(ice_manifest_read(&e, s->arena, s->meta, &list.v[i], false));
        for (int64_t k = 0; k < e.n; k++) put_file(s, &e.v[k].file);
    }
    return DONE;
}

// A row of entries; its file is a struct, filled as a row of files is.
static void put_entry(Sheet *s, const Schema *file, const IceEntry *e)
{
    put_i64(s, e->status);
    put_i64(s, e->snapshot);
    put_i64(s, e->sequence);
    put_i64(s, e->file_sequence);
    Builder *b = sheet_next(s);
    Sheet in = *s;
    in.schema = file;
    in.metrics = NULL;
    in.at = 0;
    in.col = NEW(s->arena, Builder *, file->nfields);
    for (int32_t i = 0; i < file->nfields; i++) in.col[i] = builder_kid(b, i);
    builder_start(b);
    put_file(&in, &e->file);
    builder_end(b);
    if (s->metrics) put_metrics(s, &e->file);
}

Status sheet_entries(Sheet *s)
{
    IceManifests list = {0};
    find_partition(s);
    TRY(sheet_columns(s, file_columns));
    add_partition(s, 4);
    const Schema *file = s->schema;
    Field f[] = {field_of(S("status"), &type_int, false),
                 field_of(S("snapshot_id"), &type_bigint, true),
                 field_of(S("sequence_number"), &type_bigint, true),
                 field_of(S("file_sequence_number"), &type_bigint, true),
                 field_of(S("data_file"), file, false)};
    s->schema = type_struct(s->arena, f, COUNT(f));
    add_metrics(s);
    sheet_begin(s);
    TRY(manifests_of(s, &list));
    for (int64_t i = 0; i < list.n; i++) {
        IceEntries e = {0};
        TRY(ice_manifest_read(&e, s->arena, s->meta, &list.v[i], true));
        for (int64_t k = 0; k < e.n; k++) put_entry(s, file, &e.v[k]);
    }
    return DONE;
}

static void put_bound(Builder *b, Arena *a, const IceSpecField *f, Str bytes)
{
    Str text = bytes.p && f->result ? transform_human(a, f, bytes) : (Str){0};
    builder_datum(b, &(Datum){.s = text, .null = !text.p});
}

static void put_summaries(Sheet *s, const IceManifest *m)
{
    Builder *b = sheet_next(s);
    const IceSpec *spec = ice_spec(s->meta, m->spec_id);
    builder_start(b);
    for (int32_t i = 0; spec && m->partition && i < MIN(m->npartition, spec->nfields); i++) {
        Builder *one = builder_kid(b, 0);
        const IceSummary *of = &m->partition[i];
        builder_start(one);
        builder_datum(builder_kid(one, 0), &(Datum){.i = of->null});
        builder_datum(builder_kid(one, 1), &(Datum){.i = of->nan});
        put_bound(builder_kid(one, 2), s->arena, &spec->field[i], of->lo);
        put_bound(builder_kid(one, 3), s->arena, &spec->field[i], of->hi);
        builder_end(one);
    }
    builder_end(b);
}

static void put_manifest(Sheet *s, const IceManifest *m)
{
    put_i64(s, m->content);
    put_str(s, m->path);
    put_i64(s, m->bytes);
    put_i64(s, m->spec_id);
    put_i64(s, m->snapshot);
    for (int32_t content = 0; content < 2; content++) {
        bool mine = m->content == content;
        put_i64(s, mine ? m->added_files : 0);
        put_i64(s, mine ? m->existing_files : 0);
        put_i64(s, mine ? m->deleted_files : 0);
    }
    put_summaries(s, m);
}

#define MANIFEST_COLUMNS                                                                           \
    "content INT NOT NULL, path STRING NOT NULL, length BIGINT NOT NULL, partition_spec_id "       \
    "INT NOT NULL, added_snapshot_id BIGINT NOT NULL, added_data_files_count INT NOT NULL, "       \
    "existing_data_files_count INT NOT NULL, deleted_data_files_count INT NOT NULL, "              \
    "added_delete_files_count INT NOT NULL, existing_delete_files_count INT NOT NULL, "            \
    "deleted_delete_files_count INT NOT NULL, partition_summaries "                                \
    "ARRAY<STRUCT<contains_null: BOOLEAN, contains_nan: BOOLEAN, lower_bound: STRING, "            \
    "upper_bound: STRING>> NOT NULL"

Status sheet_manifests(Sheet *s)
{
    IceManifests list = {0};
    TRY(sheet_columns(s, MANIFEST_COLUMNS));
    sheet_begin(s);
    TRY(manifests_of(s, &list));
    for (int64_t i = 0; i < list.n; i++) put_manifest(s, &list.v[i]);
    return DONE;
}

// all_manifests: a row for each snapshot that has it.
Status sheet_all_manifests(Sheet *s)
{
    TRY(sheet_columns(s, MANIFEST_COLUMNS
                      ", reference_snapshot_id BIGINT NOT NULL, key_metadata BINARY"));
    sheet_begin(s);
    for (int64_t i = 0; i < s->meta->snapshots.n; i++) {
        IceManifests list = {0};
        const IceSnapshot *p = &s->meta->snapshots.v[i];
        TRY(ice_manifest_list_read(&list, s->arena, p->manifest_list));
        for (int64_t k = 0; k < list.n; k++) {
            put_manifest(s, &list.v[k]);
            put_i64(s, p->id);
            put_str(s, (Str){0});
        }
    }
    return DONE;
}

// ---- partitions --------------------------------------------------------------------------------

typedef struct Part { // what lies in one partition
    IceFile file;     // one of its files
    int64_t rows[3], files[3], bytes;
    const IceSnapshot *last;
} Part;

static Str part_key(const Sheet *s, const IceFile *f)
{
    Buf b = buf_new(s->arena);
    buf_fmt(&b, "%d", f->spec_id);
    for (int32_t i = 0; i < f->npartition; i++)
        buf_fmt(&b, "|%lld:" STR_FMT, f->partition[i].p ? (long long)f->partition[i].n : -1LL,
                STR_ARG(f->partition[i]));
    return buf_str(&b);
}

static void note_entry(Sheet *s, Map *parts, const IceEntry *e)
{
    Str key = part_key(s, &e->file);
    Part *p = map_get(parts, key);
    if (!p) {
        p = NEW(s->arena, Part, 1);
        *p = (Part){.file = e->file};
        map_set(parts, key, p);
    }
    int32_t content = MIN(MAX(e->file.content, 0), 2);
    const IceSnapshot *by = ice_snapshot(s->meta, e->snapshot);
    p->rows[content] += e->file.rows;
    p->files[content]++;
    if (!content) p->bytes += e->file.bytes;
    if (by && (!p->last || p->last->timestamp_ms < by->timestamp_ms)) p->last = by;
}

static void put_part(Sheet *s, const Part *p)
{
    put_partition(s, &p->file);
    if (s->partition) put_i64(s, p->file.spec_id);
    put_i64(s, p->rows[0]);
    put_i64(s, p->files[0]);
    put_i64(s, p->bytes);
    for (int32_t i = 1; i < 3; i++) {
        put_i64(s, p->rows[i]);
        put_i64(s, p->files[i]);
    }
    put_known(s, p->last ? p->last->timestamp_ms * MICROS_PER_MS : 0, p->last);
    put_known(s, p->last ? p->last->id : 0, p->last);
}

Status sheet_partitions(Sheet *s)
{
    IceManifests list = {0};
    Map parts = map_new(s->arena);
    const IceSnapshot *at = lake_table_snapshot(s->table);
    find_partition(s);
#define COUNTS                                                                                     \
    "record_count BIGINT NOT NULL, file_count INT NOT NULL, total_data_file_size_in_bytes BIGINT " \
    "NOT NULL, position_delete_record_count BIGINT NOT NULL, position_delete_file_count INT NOT "  \
    "NULL, equality_delete_record_count BIGINT NOT NULL, equality_delete_file_count INT NOT "      \
    "NULL, last_updated_at TIMESTAMP, last_updated_snapshot_id BIGINT"
    TRY(sheet_columns(s, s->partition ? "spec_id INT NOT NULL, " COUNTS : COUNTS));
    add_partition(s, 0);
    sheet_begin(s);
    if (at) TRY(ice_manifest_list_read(&list, s->arena, at->manifest_list));
    for (int64_t i = 0; i < list.n; i++) {
        IceEntries e = {0};
        TRY(ice_manifest_read(&e, s->arena, s->meta, &list.v[i], false));
        for (int64_t k = 0; k < e.n; k++) note_entry(s, &parts, &e.v[k]);
    }
    for (int64_t i = 0; i < parts.n; i++) put_part(s, parts.entry[i].value);
    return DONE;
}
