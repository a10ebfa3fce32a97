// iceberg_snapshot.c -- snapshots: what they say of themselves, and finding an epoch in the
// ancestry.
#include "base/num.h"
#include "lake/snapshot_in.h"

const Str mark_query = STR_INIT("spark.sql.streaming.queryId");
const Str mark_epoch = STR_INIT("spark.sql.streaming.epochId");
const Str mark_incarnation = STR_INIT("kappa.incarnation");

Str summary_get(const IceSnapshot *s, Str key)
{
    for (int64_t i = 0; i < s->summary.n; i++)
        if (str_eq(s->summary.v[i].key, key)) return s->summary.v[i].value;
    return (Str){0};
}

Str ice_mark_property(Arena *a, Str query_id, Str incarnation)
{
    return str_fmt(a, "kappa.epoch." STR_FMT "." STR_FMT, STR_ARG(query_id), STR_ARG(incarnation));
}

bool ice_marked(const IceMeta *m, const IceMark *mark)
{
    int64_t epoch;
    const IceSnapshot *s = ice_snapshot(m, m->current);
    for (; s; s = s->parent == ICE_NONE ? NULL : ice_snapshot(m, s->parent)) {
        Str query = summary_get(s, mark_query), incarnation = summary_get(s, mark_incarnation);
        if (!query.p || !str_eq(query, mark->query_id)) continue;
        if (incarnation.p && !str_eq(incarnation, mark->incarnation)) continue;
        if (num_parse_i64(summary_get(s, mark_epoch), &epoch)) return mark->epoch <= epoch;
    }
    Arena *a = arena_new(NULL);
    Str kept = ice_property(m, ice_mark_property(a, mark->query_id, mark->incarnation));
    bool marked = kept.p && num_parse_i64(kept, &epoch) && mark->epoch <= epoch;
    arena_free(a);
    return marked;
}

static int64_t total_before(const IceSnapshot *parent, Str key)
{
    int64_t v = 0;
    Str text = parent ? summary_get(parent, key) : (Str){0};
    return text.p && num_parse_i64(text, &v) ? v : 0;
}

static void put(IceSnapshot *s, Arena *a, Str key, int64_t v)
{
    vec_push(a, &s->summary, ((Option){key, str_fmt(a, "%lld", (long long)v)}));
}

static void put_some(IceSnapshot *s, Arena *a, Str key, int64_t v)
{
    if (v) put(s, a, key, v);
}

void snapshot_summarise(IceSnapshot *s, Arena *a, const IceSnapshot *parent, const IceSums *d)
{
    put_some(s, a, S("added-data-files"), d->added_files);
    put_some(s, a, S("deleted-data-files"), d->removed_files);
    put_some(s, a, S("removed-delete-files"), d->removed_delete_files);
    put_some(s, a, S("added-records"), d->added_rows);
    put_some(s, a, S("deleted-records"), d->removed_rows);
    put_some(s, a, S("added-files-size"), d->added_bytes);
    put_some(s, a, S("removed-files-size"), d->removed_bytes);
    put_some(s, a, S("removed-position-deletes"), d->removed_position_deletes);
    put_some(s, a, S("removed-equality-deletes"), d->removed_equality_deletes);
    put(s, a, S("changed-partition-count"), d->partitions);
    const struct {
        Str key;
        int64_t by;
    } total[] = {
        {S("total-records"), d->added_rows - d->removed_rows},
        {S("total-files-size"), d->added_bytes - d->removed_bytes},
        {S("total-data-files"), d->added_files - d->removed_files},
        {S("total-delete-files"), -d->removed_delete_files},
        {S("total-position-deletes"), -d->removed_position_deletes},
        {S("total-equality-deletes"), -d->removed_equality_deletes},
    };
    for (int64_t i = 0; i < COUNT(total); i++)
        put(s, a, total[i].key, total_before(parent, total[i].key) + total[i].by);
}

void snapshot_json(IceSnapshot *s, Arena *a)
{
    Buf b = buf_new(a);
    buf_fmt(&b, "{\"sequence-number\":%lld,\"snapshot-id\":%lld", (long long)s->sequence,
            (long long)s->id);
    if (s->parent != ICE_NONE) buf_fmt(&b, ",\"parent-snapshot-id\":%lld", (long long)s->parent);
    buf_fmt(&b, ",\"timestamp-ms\":%lld,\"summary\":{\"operation\":", (long long)s->timestamp_ms);
    buf_json(&b, s->operation);
    for (int64_t i = 0; i < s->summary.n; i++) {
        buf_char(&b, ',');
        buf_json(&b, s->summary.v[i].key);
        buf_char(&b, ':');
        buf_json(&b, s->summary.v[i].value);
    }
    buf_put(&b, S("},\"manifest-list\":"));
    buf_json(&b, s->manifest_list);
    buf_fmt(&b, ",\"schema-id\":%d}", s->schema_id);
    s->json = buf_str(&b);
}
