// registry.c -- connectors by name, and what is the same for all when one is opened.
#include "conn/list.h"

#define SOURCE_ROW(n) &source_##n,
#define SINK_ROW(n)   &sink_##n,
static const SourceKind *const sources[] = {SOURCES(SOURCE_ROW)};
static const SinkKind *const sinks[] = {SINKS(SINK_ROW)};

const SourceKind *const *source_kinds(int64_t *n)
{
    *n = COUNT(sources);
    return sources;
}

const SinkKind *const *sink_kinds(int64_t *n)
{
    *n = COUNT(sinks);
    return sinks;
}

// Spark's own formats also go by names of its packages and classes.
static Str short_name(Str name)
{
    static const Str package = STR_INIT("org.apache.spark.sql."),
                     old = STR_INIT("com.databricks.spark.");
    Str s = str_starts(name, package) ? str_from(name, package.n) : name;
    return str_starts(s, old) ? str_from(s, old.n) : s;
}

const SourceKind *source_find(Str name)
{
    name = short_name(name);
    for (int64_t i = 0; i < COUNT(sources); i++)
        if (str_ieq(sources[i]->name, name)) return sources[i];
    return NULL;
}

const SinkKind *sink_find(Str name)
{
    name = short_name(name);
    for (int64_t i = 0; i < COUNT(sinks); i++)
        if (str_ieq(sinks[i]->name, name)) return sinks[i];
    return NULL;
}

static const struct {
    Str name, instead;
} elsewhere[] = {
    {STR_INIT("orc"), STR_INIT("use parquet")},
    {STR_INIT("avro"), STR_INIT("use parquet, or from_json over the log")},
    {STR_INIT("delta"), STR_INIT("use iceberg")},
    {STR_INIT("xml"), STR_INIT("use json, or text")},
    {STR_INIT("jdbc"), STR_INIT("use a table of a catalog")},
    {STR_INIT("binaryFile"), STR_INIT("use text")},
    {STR_INIT("image"), STR_INIT("use a table of a catalog")},
    {STR_INIT("hive"), STR_INIT("use iceberg")},
};
static Str what_instead(Str name)
{
    for (int64_t i = 0; i < COUNT(elsewhere); i++)
        if (str_ieq(elsewhere[i].name, name)) return elsewhere[i].instead;
    return (Str){0};
}
bool connector_elsewhere(Str name) { return what_instead(short_name(name)).n > 0; }
Status connector_missing(Arena *a, Str name)
{
    Str known[32];
    int64_t n = 0;
    Str wanted = short_name(name);
    if (connector_elsewhere(name))
        return RAISE(UNSUPPORTED_FEATURE,
                     P("feature", str_fmt(a, "the data source " STR_FMT, STR_ARG(name))),
                     P("needs", what_instead(wanted)));
    for (int64_t i = 0; i < COUNT(sources); i++) known[n++] = sources[i]->name;
    for (int64_t i = 0; i < COUNT(sinks); i++) known[n++] = sinks[i]->name;
    Str near = str_nearest(wanted, known, n);
    bool one_way = str_ieq(near, wanted); // a source that is no sink, or the other way round
    Str hint =
        near.n && !one_way ? str_fmt(a, "; did you mean " STR_FMT "?", STR_ARG(near)) : S("");
    return RAISE(DATA_SOURCE_NOT_FOUND, P("provider", name), P("hint", hint));
}

bool connector_option(Str key)
{
    static const Str keys[] = {STR_INIT("path"), STR_INIT("checkpointLocation"),
                               STR_INIT("queryName"), STR_INIT("format"), STR_INIT("outputMode")};
    for (int64_t i = 0; i < COUNT(keys); i++)
        if (str_ieq(keys[i], key)) return true;
    return false;
}

static void close_source(void *source)
{
    Source *s = source;
    if (s->kind->close) s->kind->close(s);
}

static void close_sink(void *sink)
{
    Sink *s = sink;
    if (s->kind->close) s->kind->close(s);
}

Status source_open(Source **out, Arena *a, const SourceKind *kind, const SourceArgs *args)
{
    if (args->streaming ? !kind->streams : !kind->batches)
        return RAISE(UNSUPPORTED_TABLE_OPERATION,
                     P("tableName", str_fmt(a, "`" STR_FMT "`", STR_ARG(kind->name))),
                     P("operation", args->streaming ? S("either micro-batch or continuous scan")
                                                    : S("batch scan")));
    Source *s = arena_alloc(a, (int64_t)kind->size, _Alignof(max_align_t), 1);
    *s = (Source){.kind = kind, .limit = -1, .description = kind->name, .arena = a};
    arena_defer(a, close_source, s);
    TRY(kind->open(s, a, args));
    must(s->schema && s->schema->id == T_STRUCT);
    s->needed = NEW(a, uint8_t, s->schema->nfields + 1);
    memset(s->needed, 1, (size_t)s->schema->nfields);
    *out = s;
    return DONE;
}

Status sink_open(Sink **out, Arena *a, const SinkKind *kind, const SinkArgs *args)
{
    Sink *s = arena_alloc(a, (int64_t)kind->size, _Alignof(max_align_t), 1);
    *s = (Sink){.kind = kind, .schema = args->schema, .description = kind->name, .arena = a};
    arena_defer(a, close_sink, s);
    TRY(kind->open(s, a, args));
    *out = s;
    return DONE;
}
