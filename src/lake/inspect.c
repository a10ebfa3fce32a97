// inspect.c -- metadata tables. Each fills its columns from left to right, row by row.
#include "lake/inspect.h"
#include "base/civil.h"
#include "fmt/doc.h"
#include "lake/table_in.h"

typedef struct Sheet {
    Arena *arena;
    const LakeTable *table;
    const IceMeta *meta;
    Str what;
    const Schema *schema;
    const Type *partition; // NULL: never partitioned
    Builder **col;
    int32_t at, rows; // at: the next column of the row
} Sheet;

static Builder *next(Sheet *s)
{
    Builder *b = s->col[s->at++];
    bool last = s->at == s->schema->nfields;
    if (last) s->at = 0;
    s->rows += last;
    return b;
}
static void put_i64(Sheet *s, int64_t v) { builder_datum(next(s), &(Datum){.i = v}); }
static void put_known(Sheet *s, int64_t v, bool known)
{
    builder_datum(next(s), &(Datum){.i = v, .null = !known});
}
static void put_str(Sheet *s, Str v) { builder_datum(next(s), &(Datum){.s = v, .null = !v.p}); }
static void put_ms(Sheet *s, int64_t ms) { put_i64(s, ms * MICROS_PER_MS); }

static Status sheet_columns(Sheet *s, const char *ddl)
{
    TRY(schema_parse(&s->schema, s->arena, str_z(ddl)));
    return DONE;
}

static void sheet_begin(Sheet *s)
{
    s->col = NEW(s->arena, Builder *, s->schema->nfields);
    for (int32_t i = 0; i < s->schema->nfields; i++)
        s->col[i] = builder_new(s->arena, s->schema->field[i].type);
}

// ---- snapshots ---------------------------------------------------------------------------------

static Status snapshots(Sheet *s)
{
    TRY(sheet_columns(s, "committed_at TIMESTAMP NOT NULL, snapshot_id BIGINT NOT NULL, parent_id "
                         "BIGINT, operation STRING, manifest_list STRING, summary MAP<STRING, "
                         "STRING>"));
    sheet_begin(s);
    for (int64_t i = 0; i < s->meta->snapshots.n; i++) {
        const IceSnapshot *p = &s->meta->snapshots.v[i];
        put_ms(s, p->timestamp_ms);
        put_i64(s, p->id);
        put_known(s, p->parent, p->parent != ICE_NONE);
        put_str(s, p->operation);
        put_str(s, p->manifest_list);
        Builder *map = next(s);
        builder_start(map);
        for (int64_t k = 0; k < p->summary.n; k++) {
            builder_datum(builder_kid(map, 0), &(Datum){.s = p->summary.v[k].key});
            builder_datum(builder_kid(map, 1), &(Datum){.s = p->summary.v[k].value});
        }
        builder_end(map);
    }
    return DONE;
}

static bool is_ancestor(const IceMeta *m, int64_t id)
{
    const IceSnapshot *p = ice_snapshot(m, m->current);
    for (int64_t n = 0; p && n <= m->snapshots.n; n++) {
        if (p->id == id) return true;
        p = p->parent == ICE_NONE ? NULL : ice_snapshot(m, p->parent);
    }
    return false;
}

static Status history(Sheet *s)
{
    TRY(sheet_columns(s, "made_current_at TIMESTAMP NOT NULL, snapshot_id BIGINT NOT NULL, "
                         "parent_id BIGINT, is_current_ancestor BOOLEAN NOT NULL"));
    sheet_begin(s);
    for (int64_t i = 0; i < s->meta->snapshot_log.n; i++) {
        const IceLog *l = &s->meta->snapshot_log.v[i];
        const IceSnapshot *p = ice_snapshot(s->meta, l->snapshot);
        put_ms(s, l->timestamp_ms);
        put_i64(s, l->snapshot);
        put_known(s, p ? p->parent : 0, p && p->parent != ICE_NONE);
        put_i64(s, is_ancestor(s->meta, l->snapshot));
    }
    return DONE;
}

static Status refs(Sheet *s)
{
    static const char *const number[] = {"max-ref-age-ms", "min-snapshots-to-keep",
                                         "max-snapshot-age-ms"};
    TRY(sheet_columns(s, "name STRING NOT NULL, type STRING NOT NULL, snapshot_id BIGINT NOT NULL, "
                         "max_reference_age_in_ms BIGINT, min_snapshots_to_keep INT, "
                         "max_snapshot_age_in_ms BIGINT"));
    sheet_begin(s);
    for (int64_t i = 0; i < s->meta->refs.n; i++) {
        const IceRef *r = &s->meta->refs.v[i];
        const Doc *d;
        TRY(doc_parse(&d, s->arena, r->json));
        put_str(s, r->name);
        put_str(s, r->branch ? S("BRANCH") : S("TAG"));
        put_i64(s, r->snapshot);
        for (int64_t k = 0; k < COUNT(number); k++) {
            int64_t v = 0;
            bool known = doc_i64(d, number[k], &v);
            put_known(s, v, known);
        }
    }
    return DONE;
}

static void log_entry(Sheet *s, int64_t ms, Str file)
{
    const IceMeta *m = s->meta;
    const IceSnapshot *p = NULL;
    for (int64_t i = 0; i < m->snapshot_log.n; i++)
        if (m->snapshot_log.v[i].timestamp_ms <= ms)
            p = ice_snapshot(m, m->snapshot_log.v[i].snapshot);
    put_ms(s, ms);
    put_str(s, file);
    put_known(s, p ? p->id : 0, p);
    put_known(s, p ? p->schema_id : 0, p && p->schema_id >= 0);
    put_known(s, p ? p->sequence : 0, p);
}

static Status metadata_log(Sheet *s)
{
    TRY(sheet_columns(s, "timestamp TIMESTAMP NOT NULL, file STRING NOT NULL, latest_snapshot_id "
                         "BIGINT, latest_schema_id INT, latest_sequence_number BIGINT"));
    sheet_begin(s);
    for (int64_t i = 0; i < s->meta->metadata_log.n; i++)
        log_entry(s, s->meta->metadata_log.v[i].timestamp_ms, s->meta->metadata_log.v[i].file);
    log_entry(s, s->meta->last_updated_ms, lake_table_metadata(s->table));
    return DONE;
}

// ---- files and manifests -----------------------------------------------------------------------

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

static void put_partition(Sheet *s, const IceFile *f)
{
    if (!s->partition) return;
    Builder *b = next(s);
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
    Builder *b = next(s);
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
    Builder *b = next(s);
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
    Builder *b = next(s);
    if (!n) {
        builder_null(b);
        return;
    }
    builder_start(b);
    for (int32_t i = 0; i < n; i++) builder_datum(builder_kid(b, 0), &(Datum){.i = v[i]});
    builder_end(b);
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
}

static Status each_file(Sheet *s, void (*put)(Sheet *s, const IceFile *f))
{
    IceManifests list = {0};
    const IceSnapshot *p = lake_table_snapshot(s->table);
    bool data = !str_ieq(s->what, S("delete_files")), gone = !str_ieq(s->what, S("data_files"));
    if (p) TRY(ice_manifest_list_read(&list, s->arena, p->manifest_list));
    for (int64_t i = 0; i < list.n; i++) {
        IceEntries e = {0};
        if (list.v[i].content == 0 ? !data : !gone) continue;
        TRY(ice_manifest_read(&e, s->arena, s->meta, &list.v[i], false));
        for (int64_t k = 0; k < e.n; k++) put(s, &e.v[k].file);
    }
    return DONE;
}

static Status files(Sheet *s)
{
    TRY(sheet_columns(
        s, "content INT, file_path STRING NOT NULL, file_format STRING NOT NULL, spec_id INT, "
           "record_count BIGINT NOT NULL, file_size_in_bytes BIGINT NOT NULL, "
           "column_sizes MAP<INT, BIGINT>, value_counts MAP<INT, BIGINT>, "
           "null_value_counts MAP<INT, BIGINT>, nan_value_counts MAP<INT, BIGINT>, "
           "lower_bounds MAP<INT, BINARY>, upper_bounds MAP<INT, BINARY>, key_metadata BINARY, "
           "split_offsets ARRAY<BIGINT>, equality_ids ARRAY<INT>, sort_order_id INT"));
    find_partition(s);
    add_partition(s, 4);
    sheet_begin(s);
    return each_file(s, put_file);
}

static void put_bound(Builder *b, Arena *a, const IceSpecField *f, Str bytes)
{
    Str text = bytes.p && f->result ? transform_human(a, f, bytes) : (Str){0};
    builder_datum(b, &(Datum){.s = text, .null = !text.p});
}

static void put_summaries(Sheet *s, const IceManifest *m)
{
    Builder *b = next(s);
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

static Status manifests(Sheet *s)
{
    IceManifests list = {0};
    const IceSnapshot *p = lake_table_snapshot(s->table);
    TRY(sheet_columns(
        s, "content INT NOT NULL, path STRING NOT NULL, length BIGINT NOT NULL, partition_spec_id "
           "INT NOT NULL, added_snapshot_id BIGINT NOT NULL, added_data_files_count INT NOT NULL, "
           "existing_data_files_count INT NOT NULL, deleted_data_files_count INT NOT NULL, "
           "added_delete_files_count INT NOT NULL, existing_delete_files_count INT NOT NULL, "
           "deleted_delete_files_count INT NOT NULL, partition_summaries "
           "ARRAY<STRUCT<contains_null: BOOLEAN, contains_nan: BOOLEAN, lower_bound: STRING, "
           "upper_bound: STRING>> NOT NULL"));
    sheet_begin(s);
    if (p) TRY(ice_manifest_list_read(&list, s->arena, p->manifest_list));
    for (int64_t i = 0; i < list.n; i++) {
        const IceManifest *m = &list.v[i];
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
    return DONE;
}

static const struct {
    Str name;
    Status (*fill)(Sheet *s);
} tables[] = {
    {STR_INIT("snapshots"), snapshots}, {STR_INIT("history"), history},
    {STR_INIT("refs"), refs},           {STR_INIT("metadata_log_entries"), metadata_log},
    {STR_INIT("files"), files},         {STR_INIT("data_files"), files},
    {STR_INIT("delete_files"), files},  {STR_INIT("manifests"), manifests},
};

bool inspect_known(Str what)
{
    for (int64_t i = 0; i < COUNT(tables); i++)
        if (str_ieq(tables[i].name, what)) return true;
    return false;
}

Status table_inspect(const Schema **columns, Batch *rows, Arena *a, const LakeTable *t, Str what)
{
    Sheet s = {.arena = a, .table = t, .meta = lake_table_meta(t), .what = what};
    for (int64_t i = 0; i < COUNT(tables); i++)
        if (str_ieq(tables[i].name, what)) TRY(tables[i].fill(&s));
    *columns = s.schema;
    *rows = (Batch){.rows = s.rows, .cols = s.schema->nfields};
    rows->col = NEW(a, Column, rows->cols);
    for (int32_t i = 0; i < rows->cols; i++) rows->col[i] = builder_column(s.col[i]);
    return DONE;
}
