// iceberg_manifest_list.c -- the manifests of a snapshot, one Avro record each.
#include "fmt/avro.h"
#include "lake/iceberg_in.h"
#include "lake/store.h"

static const char list_schema[] =
    "{\"type\":\"record\",\"name\":\"manifest_file\",\"fields\":["
    "{\"name\":\"manifest_path\",\"type\":\"string\",\"field-id\":500},"
    "{\"name\":\"manifest_length\",\"type\":\"long\",\"field-id\":501},"
    "{\"name\":\"partition_spec_id\",\"type\":\"int\",\"field-id\":502},"
    "{\"name\":\"content\",\"type\":\"int\",\"field-id\":517},"
    "{\"name\":\"sequence_number\",\"type\":\"long\",\"field-id\":515},"
    "{\"name\":\"min_sequence_number\",\"type\":\"long\",\"field-id\":516},"
    "{\"name\":\"added_snapshot_id\",\"type\":\"long\",\"field-id\":503},"
    "{\"name\":\"added_files_count\",\"type\":\"int\",\"field-id\":504},"
    "{\"name\":\"existing_files_count\",\"type\":\"int\",\"field-id\":505},"
    "{\"name\":\"deleted_files_count\",\"type\":\"int\",\"field-id\":506},"
    "{\"name\":\"added_rows_count\",\"type\":\"long\",\"field-id\":512},"
    "{\"name\":\"existing_rows_count\",\"type\":\"long\",\"field-id\":513},"
    "{\"name\":\"deleted_rows_count\",\"type\":\"long\",\"field-id\":514},"
    "{\"name\":\"partitions\",\"type\":[\"null\",{\"type\":\"array\",\"items\":{\"type\":"
    "\"record\","
    "\"name\":\"r508\",\"fields\":["
    "{\"name\":\"contains_null\",\"type\":\"boolean\",\"field-id\":509},"
    "{\"name\":\"contains_nan\",\"type\":[\"null\",\"boolean\"],\"default\":null,\"field-id\":518},"
    "{\"name\":\"lower_bound\",\"type\":[\"null\",\"bytes\"],\"default\":null,\"field-id\":510},"
    "{\"name\":\"upper_bound\",\"type\":[\"null\",\"bytes\"],\"default\":null,\"field-id\":511}]},"
    "\"element-id\":508}],\"default\":null,\"field-id\":507},"
    "{\"name\":\"key_metadata\",\"type\":[\"null\",\"bytes\"],\"default\":null,\"field-id\":519}]}";

static void put_manifest(Buf *b, const IceManifest *m)
{
    avro_put_bytes(b, m->path);
    const int64_t number[] = {m->bytes,         m->spec_id,    m->content,       m->sequence,
                              m->min_sequence,  m->snapshot,   m->added_files,   m->existing_files,
                              m->deleted_files, m->added_rows, m->existing_rows, m->deleted_rows};
    for (int64_t i = 0; i < COUNT(number); i++) avro_put_long(b, number[i]);
    avro_put_long(b, m->partition != NULL);
    if (m->partition) {
        if (m->npartition) avro_put_long(b, m->npartition);
        for (int32_t i = 0; i < m->npartition; i++) {
            buf_u8(b, m->partition[i].null);
            avro_put_long(b, 1);
            buf_u8(b, m->partition[i].nan);
            avro_put_optional(b, m->partition[i].lo);
            avro_put_optional(b, m->partition[i].hi);
        }
        avro_put_long(b, 0);
    }
    avro_put_optional(b, m->key);
}

void ice_manifest_list_write(Buf *out, Arena *scratch, const IceSnapshot *s,
                             const IceManifests *list)
{
    Options kv = {0};
    AvroWriter w;
    Str parent = s->parent == ICE_NONE ? S("null") : str_fmt(scratch, "%lld", (long long)s->parent);
    vec_push(scratch, &kv,
             ((Option){S("snapshot-id"), str_fmt(scratch, "%lld", (long long)s->id)}));
    vec_push(scratch, &kv, ((Option){S("parent-snapshot-id"), parent}));
    vec_push(scratch, &kv,
             ((Option){S("sequence-number"), str_fmt(scratch, "%lld", (long long)s->sequence)}));
    vec_push(scratch, &kv, ((Option){S("format-version"), S("2")}));
    avro_writer_start(&w, scratch, out, str_of(list_schema, sizeof list_schema - 1), &kv);
    for (int64_t i = 0; i < list->n; i++) {
        put_manifest(&w.row, &list->v[i]);
        avro_row(&w);
    }
    avro_writer_end(&w);
}

static void read_summaries(IceManifest *m, Arena *a, const AvroValue *v)
{
    const AvroValue *list = avro_get(v, 507);
    if (!list || list->type->kind != AVRO_ARRAY || list->n > INT32_MAX) return;
    m->npartition = (int32_t)list->n;
    m->partition = NEW(a, IceSummary, list->n + 1);
    for (int32_t i = 0; i < m->npartition; i++) {
        const AvroValue *s = &list->item[i];
        m->partition[i] =
            (IceSummary){.null = avro_long(s, 509, 1) != 0, .nan = avro_long(s, 518, 1) != 0};
        m->partition[i].lo = avro_text(a, s, 510);
        m->partition[i].hi = avro_text(a, s, 511);
    }
}

static Status read_manifest(IceManifest *m, Arena *a, const AvroValue *v, Str uri)
{
    *m = (IceManifest){.path = avro_text(a, v, 500), .bytes = avro_long(v, 501, -1)};
    m->spec_id = (int32_t)avro_long(v, 502, 0);
    m->content = (int32_t)avro_long(v, 517, 0);
    m->sequence = avro_long(v, 515, 0);
    m->min_sequence = avro_long(v, 516, 0);
    m->snapshot = avro_long(v, 503, ICE_NONE);
    m->added_files = avro_long(v, 504, 1); // where a count is missing, some are assumed
    m->existing_files = avro_long(v, 505, 1);
    m->deleted_files = avro_long(v, 506, 1);
    m->added_rows = avro_long(v, 512, 0);
    m->existing_rows = avro_long(v, 513, 0);
    m->deleted_rows = avro_long(v, 514, 0);
    read_summaries(m, a, v);
    m->key = avro_text(a, v, 519);
    if (!m->path.n || m->bytes < 0)
        return fail(ERR_CORRUPT, STR_FMT ": a manifest without path or length", STR_ARG(uri));
    return DONE;
}

Status ice_manifest_list_read(IceManifests *list, Arena *a, Str uri)
{
    Arena *scratch = arena_new(a);
    Str bytes;
    AvroFile f;
    Status s = store_load(&bytes, scratch, uri);
    if (!s.code) s = avro_open(&f, scratch, bytes, uri);
    for (bool end = false; !s.code && !end;) {
        AvroValue v;
        IceManifest m;
        s = avro_next(&f, scratch, &v, &end);
        if (s.code || end) break;
        s = read_manifest(&m, a, &v, uri);
        if (!s.code) vec_push(a, list, m);
    }
    arena_free(scratch);
    return s;
}
