// iceberg_meta.c -- the table metadata file, read and written with the keys in the order in which
// Java writes them. What kappa does not look into (sort orders, statistics) is kept as text.
#include "base/hash.h"
#include "base/num.h"
#include "lake/iceberg_in.h"

typedef struct MetaParser {
    Arena *arena;
    const Doc *root;
    IceMeta *m;
} MetaParser;

static Status broken(const char *what)
{
    return fail(ERR_CORRUPT, "Iceberg metadata without a sound %s", what);
}

static Status need_i64(const Doc *d, const char *key, int64_t *v)
{
    return doc_i64(d, key, v) ? DONE : broken(key);
}

static int64_t i64_or(const Doc *d, const char *key, int64_t dflt)
{
    int64_t v;
    return doc_i64(d, key, &v) ? v : dflt;
}

static Status parse_strings(MetaParser *p, const Doc *d, Options *to, const char *but, Str *other)
{
    for (int64_t i = 0; i < doc_count(d); i++) {
        Str key;
        const Doc *value = doc_member(d, i, &key);
        if (!doc_is_str(value)) return broken("text");
        Option o = {str_copy(p->arena, key), str_copy(p->arena, doc_text(value))};
        if (but && str_eq(key, str_z(but)))
            *other = o.value;
        else
            vec_push(p->arena, to, o);
    }
    return DONE;
}

static Status parse_schemas(MetaParser *p)
{
    const Doc *list = doc_get(p->root, "schemas");
    IceSchema s;
    if (!doc_is_array(list)) { // format version 1
        TRY(ice_schema_parse(&s, p->arena, doc_get(p->root, "schema")));
        vec_push(p->arena, &p->m->schemas, s);
    }
    for (int64_t i = 0; i < doc_count(list); i++) {
        TRY(ice_schema_parse(&s, p->arena, doc_at(list, i)));
        vec_push(p->arena, &p->m->schemas, s);
    }
    p->m->schema_id = i64_or(p->root, "current-schema-id", p->m->schemas.v[0].id);
    return ice_schema(p->m, p->m->schema_id) ? DONE : broken("current-schema-id");
}

static Status parse_specs(MetaParser *p)
{
    const Doc *list = doc_get(p->root, "partition-specs");
    for (int64_t i = 0; i < doc_count(list); i++) {
        IceSpec s;
        TRY(ice_spec_parse(&s, p->arena, doc_at(list, i), p->m));
        vec_push(p->arena, &p->m->specs, s);
    }
    p->m->spec_id = i64_or(p->root, "default-spec-id", 0);
    return ice_spec(p->m, p->m->spec_id) ? DONE : broken("default-spec-id");
}

static Status parse_snapshot(MetaParser *p, const Doc *d)
{
    IceSnapshot s = {.parent = i64_or(d, "parent-snapshot-id", ICE_NONE)};
    TRY(need_i64(d, "snapshot-id", &s.id));
    TRY(need_i64(d, "timestamp-ms", &s.timestamp_ms));
    s.sequence = i64_or(d, "sequence-number", 0);
    s.schema_id = (int32_t)i64_or(d, "schema-id", -1);
    s.manifest_list = str_copy(p->arena, doc_str(d, "manifest-list"));
    if (!s.manifest_list.n)
        return fail(ERR_UNSUPPORTED, "an Iceberg snapshot without a manifest list is not read");
    TRY(parse_strings(p, doc_get(d, "summary"), &s.summary, "operation", &s.operation));
    s.json = doc_dump(p->arena, d);
    vec_push(p->arena, &p->m->snapshots, s);
    return DONE;
}

static Status parse_logs(MetaParser *p, const char *key, IceLogs *to)
{
    const Doc *list = doc_get(p->root, key);
    for (int64_t i = 0; i < doc_count(list); i++) {
        const Doc *d = doc_at(list, i);
        IceLog l = {.snapshot = i64_or(d, "snapshot-id", ICE_NONE)};
        TRY(need_i64(d, "timestamp-ms", &l.timestamp_ms));
        l.file = str_copy(p->arena, doc_str(d, "metadata-file"));
        vec_push(p->arena, to, l);
    }
    return DONE;
}

static Status parse_snapshots(MetaParser *p)
{
    const Doc *list = doc_get(p->root, "snapshots"), *refs = doc_get(p->root, "refs");
    for (int64_t i = 0; i < doc_count(list); i++) TRY(parse_snapshot(p, doc_at(list, i)));
    p->m->current = i64_or(p->root, "current-snapshot-id", ICE_NONE);
    if (p->m->current != ICE_NONE && !ice_snapshot(p->m, p->m->current))
        return broken("current-snapshot-id");
    for (int64_t i = 0; i < doc_count(refs); i++) {
        Str name;
        const Doc *d = doc_member(refs, i, &name);
        IceRef r = {str_copy(p->arena, name), doc_dump(p->arena, d), ICE_NONE,
                    str_eq(doc_str(d, "type"), S("branch"))};
        TRY(need_i64(d, "snapshot-id", &r.snapshot));
        vec_push(p->arena, &p->m->refs, r);
    }
    TRY(parse_logs(p, "snapshot-log", &p->m->snapshot_log));
    return parse_logs(p, "metadata-log", &p->m->metadata_log);
}

static Str text_of(MetaParser *p, const char *key, Str dflt)
{
    const Doc *d = doc_get(p->root, key);
    return d ? doc_dump(p->arena, d) : dflt;
}

static Status parse_meta(MetaParser *p)
{
    IceMeta *m = p->m;
    TRY(need_i64(p->root, "format-version", &m->format));
    if (m->format != 1 && m->format != 2)
        return fail(ERR_UNSUPPORTED, "Iceberg format version %lld is not supported",
                    (long long)m->format);
    m->uuid = str_copy(p->arena, doc_str(p->root, "table-uuid"));
    m->location = str_copy(p->arena, doc_str(p->root, "location"));
    if (!m->location.n) return broken("location");
    while (m->location.n > 1 && str_ends(m->location, S("/"))) m->location.n--;
    m->last_sequence = i64_or(p->root, "last-sequence-number", 0);
    TRY(need_i64(p->root, "last-updated-ms", &m->last_updated_ms));
    TRY(need_i64(p->root, "last-column-id", &m->last_column_id));
    TRY(parse_schemas(p));
    TRY(parse_specs(p));
    m->last_partition_id = i64_or(p->root, "last-partition-id", 999);
    m->sort_order_id = i64_or(p->root, "default-sort-order-id", 0);
    m->sort_orders = text_of(p, "sort-orders", S("[{\"order-id\":0,\"fields\":[]}]"));
    m->statistics = text_of(p, "statistics", S("[]"));
    m->partition_statistics = text_of(p, "partition-statistics", S("[]"));
    TRY(parse_strings(p, doc_get(p->root, "properties"), &m->properties, NULL, NULL));
    return parse_snapshots(p);
}

// What kappa's metadata files say of their own bytes, as the last member; other writers drop it.
#define CRC_MEMBER "\"kappa-crc32c\":\""
enum { CRC_MEMBER_BYTES = sizeof CRC_MEMBER - 1, CRC_TAIL_BYTES = CRC_MEMBER_BYTES + 10 };

static void put_crc(Buf *b)
{
    buf_char(b, ',');
    buf_fmt(b, CRC_MEMBER "%08x\"}", crc32c(0, buf_str(b)));
}

static Status check_crc(Str json)
{
    if (json.n < CRC_TAIL_BYTES) return DONE;
    Str body = str_of(json.p, json.n - CRC_TAIL_BYTES), tail = str_from(json, body.n);
    if (!str_starts(tail, S(CRC_MEMBER))) return DONE;
    Arena *a = arena_new(NULL);
    Str want = str_fmt(a, CRC_MEMBER "%08x\"}", crc32c(0, body));
    Status s = str_eq(tail, want)
                   ? DONE
                   : fail(ERR_CORRUPT, "its bytes are not those that were written (checksum)");
    arena_free(a);
    return s;
}

Status ice_meta_parse(IceMeta **out, Arena *a, Str json, Str where)
{
    Arena *scratch = arena_new(a);
    MetaParser p = {.arena = a, .m = NEW(a, IceMeta, 1)};
    Status s = check_crc(json);
    if (!s.code) s = doc_parse(&p.root, scratch, json);
    if (!s.code) s = parse_meta(&p);
    arena_free(scratch);
    *out = p.m;
    return s.code ? fail_in(s, STR_FMT, STR_ARG(where)) : DONE;
}

static void put_i64(Buf *b, const char *key, int64_t v)
{
    buf_fmt(b, ",\"%s\":%lld", key, (long long)v);
}

static void put_text(Buf *b, const char *key, Str v)
{
    buf_fmt(b, ",\"%s\":", key);
    buf_json(b, v);
}

static void put_options(Buf *b, const Options *o)
{
    for (int64_t i = 0; i < o->n; i++) {
        if (i) buf_char(b, ',');
        buf_json(b, o->v[i].key);
        buf_char(b, ':');
        buf_json(b, o->v[i].value);
    }
}

#define PUT_JSONS(b, key_, vec)                                                                    \
    do {                                                                                           \
        buf_fmt((b), ",\"%s\":[", (key_));                                                         \
        for (int64_t i_ = 0; i_ < (vec)->n; i_++) {                                                \
            if (i_) buf_char((b), ',');                                                            \
            buf_put((b), (vec)->v[i_].json);                                                       \
        }                                                                                          \
        buf_char((b), ']');                                                                        \
    } while (0)

static void put_refs(Buf *b, const IceRefs *refs)
{
    buf_put(b, S(",\"refs\":{"));
    for (int64_t i = 0; i < refs->n; i++) {
        if (i) buf_char(b, ',');
        buf_json(b, refs->v[i].name);
        buf_char(b, ':');
        buf_put(b, refs->v[i].json);
    }
    buf_char(b, '}');
}

static void put_logs(Buf *b, const IceMeta *m)
{
    buf_put(b, S(",\"snapshot-log\":["));
    for (int64_t i = 0; i < m->snapshot_log.n; i++)
        buf_fmt(b, "%s{\"timestamp-ms\":%lld,\"snapshot-id\":%lld}", i ? "," : "",
                (long long)m->snapshot_log.v[i].timestamp_ms,
                (long long)m->snapshot_log.v[i].snapshot);
    buf_put(b, S("],\"metadata-log\":["));
    for (int64_t i = 0; i < m->metadata_log.n; i++) {
        buf_fmt(b, "%s{\"timestamp-ms\":%lld,\"metadata-file\":", i ? "," : "",
                (long long)m->metadata_log.v[i].timestamp_ms);
        buf_json(b, m->metadata_log.v[i].file);
        buf_char(b, '}');
    }
    buf_char(b, ']');
}

void ice_meta_write(Buf *b, const IceMeta *m)
{
    must(m->format == 2);
    buf_put(b, S("{\"format-version\":2"));
    put_text(b, "table-uuid", m->uuid);
    put_text(b, "location", m->location);
    put_i64(b, "last-sequence-number", m->last_sequence);
    put_i64(b, "last-updated-ms", m->last_updated_ms);
    put_i64(b, "last-column-id", m->last_column_id);
    put_i64(b, "current-schema-id", m->schema_id);
    PUT_JSONS(b, "schemas", &m->schemas);
    put_i64(b, "default-spec-id", m->spec_id);
    PUT_JSONS(b, "partition-specs", &m->specs);
    put_i64(b, "last-partition-id", m->last_partition_id);
    put_i64(b, "default-sort-order-id", m->sort_order_id);
    buf_put(b, S(",\"sort-orders\":"));
    buf_put(b, m->sort_orders);
    buf_put(b, S(",\"properties\":{"));
    put_options(b, &m->properties);
    buf_char(b, '}');
    put_i64(b, "current-snapshot-id", m->current);
    put_refs(b, &m->refs);
    PUT_JSONS(b, "snapshots", &m->snapshots);
    buf_put(b, S(",\"statistics\":"));
    buf_put(b, m->statistics);
    buf_put(b, S(",\"partition-statistics\":"));
    buf_put(b, m->partition_statistics);
    put_logs(b, m);
    put_crc(b);
}

#define FIND(name, T, vec, field)                                                                  \
    const T *name(const IceMeta *m, int64_t id)                                                    \
    {                                                                                              \
        for (int64_t i = m->vec.n; i-- > 0;) /* the newest is asked for most */                    \
            if (m->vec.v[i].field == id) return &m->vec.v[i];                                      \
        return NULL;                                                                               \
    }
FIND(ice_schema, IceSchema, schemas, id)
FIND(ice_spec, IceSpec, specs, id)
FIND(ice_snapshot, IceSnapshot, snapshots, id)

const IceRef *ice_ref(const IceMeta *m, Str name)
{
    for (int64_t i = 0; i < m->refs.n; i++)
        if (str_eq(m->refs.v[i].name, name)) return &m->refs.v[i];
    return NULL;
}

Str ice_property(const IceMeta *m, Str key)
{
    for (int64_t i = m->properties.n; i-- > 0;)
        if (str_eq(m->properties.v[i].key, key)) return m->properties.v[i].value;
    return (Str){0};
}

int64_t ice_property_i64(const IceMeta *m, Str key, int64_t dflt)
{
    int64_t v;
    Str text = ice_property(m, key);
    return text.p && num_parse_i64(text, &v) ? v : dflt;
}

bool ice_property_bool(const IceMeta *m, Str key, bool dflt)
{
    Str text = ice_property(m, key);
    return text.p ? str_ieq(text, S("true")) : dflt;
}
