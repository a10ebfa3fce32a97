// inspect.c -- metadata tables. Each fills its columns from left to right, row by row.
#include "base/civil.h"
#include "fmt/doc.h"
#include "lake/inspect_in.h"

Builder *sheet_next(Sheet *s)
{
    Builder *b = s->col[s->at++];
    bool last = s->at == s->schema->nfields;
    if (last) s->at = 0;
    s->rows += last;
    return b;
}
void put_i64(Sheet *s, int64_t v) { builder_datum(sheet_next(s), &(Datum){.i = v}); }
void put_known(Sheet *s, int64_t v, bool known)
{
    builder_datum(sheet_next(s), &(Datum){.i = v, .null = !known});
}
void put_str(Sheet *s, Str v) { builder_datum(sheet_next(s), &(Datum){.s = v, .null = !v.p}); }
void put_ms(Sheet *s, int64_t ms) { put_i64(s, ms * MICROS_PER_MS); }

Status sheet_columns(Sheet *s, const char *ddl)
{
    TRY(schema_parse(&s->schema, s->arena, str_z(ddl)));
    return DONE;
}

void sheet_begin(Sheet *s)
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
        Builder *map = sheet_next(s);
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

static const struct {
    Str name;
    Status (*fill)(Sheet *s);
} tables[] = {
    {STR_INIT("snapshots"), snapshots},
    {STR_INIT("history"), history},
    {STR_INIT("refs"), refs},
    {STR_INIT("metadata_log_entries"), metadata_log},
    {STR_INIT("files"), sheet_files},
    {STR_INIT("data_files"), sheet_files},
    {STR_INIT("delete_files"), sheet_files},
    {STR_INIT("all_files"), sheet_files},
    {STR_INIT("all_data_files"), sheet_files},
    {STR_INIT("all_delete_files"), sheet_files},
    {STR_INIT("entries"), sheet_entries},
    {STR_INIT("all_entries"), sheet_entries},
    {STR_INIT("manifests"), sheet_manifests},
    {STR_INIT("all_manifests"), sheet_all_manifests},
    {STR_INIT("partitions"), sheet_partitions},
};

bool inspect_known(Str what)
{
    for (int64_t i = 0; i < COUNT(tables); i++)
        if (str_ieq(tables[i].name, what)) return true;
    return false;
}

Status table_inspect(const Schema **columns, Batch *rows, Arena *a, const LakeTable *t, Str what)
{
    Sheet s = {.arena = a, .table = t, .meta = lake_table_meta(t), .what = str_lower(a, what)};
    for (int64_t i = 0; i < COUNT(tables); i++)
        if (str_ieq(tables[i].name, what)) TRY(tables[i].fill(&s));
    *columns = s.schema;
    *rows = (Batch){.rows = s.rows, .cols = s.schema->nfields};
    rows->col = NEW(a, Column, rows->cols);
    for (int32_t i = 0; i < rows->cols; i++) rows->col[i] = builder_column(s.col[i]);
    return DONE;
}
