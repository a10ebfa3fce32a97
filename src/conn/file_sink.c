// file_sink.c -- files of JSON, CSV, text and Parquet in a folder, divided by partition columns.
// A stream's epoch counts once its files stand in _spark_metadata (sink_log.c), which its commit
// writes, a second time without effect; a batch write lies in a hidden folder until its commit.
#include "base/civil.h"
#include "conn/file_in.h"
#include "conn/file_out.h"
#include "os/clock.h"
#include <jansson.h>

#define AT(field) offsetof(FileSinkOptions, field)
// clang-format off
static const OptSpec sink_options[] = {
    {STR_INIT("compression"), OPT_STR, AT(compression), STR_INIT(""), "Parquet: snappy, zstd, gzip, lz4_raw, none; others: gzip, none", 0, 0, NULL},
    {STR_INIT("codec"), OPT_STR, AT(compression), STR_INIT(""), "the same", 0, 0, NULL},
    {STR_INIT("partitionOverwriteMode"), OPT_STR, AT(overwrite_mode), STR_INIT("static"), "batch, overwrite: dynamic replaces only the partitions that are written", 0, 0, NULL},
    {STR_INIT("partitionBy"), OPT_STR, AT(partition_by), STR_INIT(""), "columns that become folders, in SQL: a, b", 0, 0, NULL},
    {STR_INIT("lineSep"), OPT_STR, AT(line_sep), STR_INIT(""), "ends lines instead of \\n", 0, 0, NULL},
    {STR_INIT("timestampFormat"), OPT_STR, AT(timestamp_format), STR_INIT(""), "datetime pattern of TIMESTAMP", 0, 0, NULL},
    {STR_INIT("timestampNTZFormat"), OPT_STR, AT(ntz_format), STR_INIT(""), "datetime pattern of TIMESTAMP_NTZ", 0, 0, NULL},
    {STR_INIT("dateFormat"), OPT_STR, AT(date_format), STR_INIT(""), "datetime pattern of DATE", 0, 0, NULL},
    {STR_INIT("timeZone"), OPT_STR, AT(time_zone), STR_INIT(""), "zone that timestamps are written in", 0, 0, NULL},
    {STR_INIT("ignoreNullFields"), OPT_BOOL, AT(drop_null), STR_INIT("true"), "JSON: leave out fields that are NULL", 0, 0, NULL},
    {STR_INIT("encoding"), OPT_STR, AT(encoding), STR_INIT(""), "UTF-8", 0, 0, NULL},
    {STR_INIT("charset"), OPT_STR, AT(encoding), STR_INIT(""), "the same", 0, 0, NULL},
    {STR_INIT("maxRecordsPerFile"), OPT_UNBUILT, 0, STR_INIT(""), "rows of a file at most", 0, 0, NULL},
};
// clang-format on

// ---- opening -----------------------------------------------------------------------------------

static Status find_parts(FileSink *s, Arena *a, const SinkArgs *given)
{
    SinkArgs with = *given, *args = &with;
    VEC(Str) names = {0};
    for (Cut c = str_cut(s->opt.partition_by, ','); c.head.n; c = str_cut(c.tail, ','))
        vec_push(a, &names, str_trim(c.head));
    if (names.n) {
        with.partition = names.v;
        with.npartition = (int32_t)names.n;
    }
    const Schema *all = s->base.schema;
    int32_t *part = NEW(a, int32_t, args->npartition + 1);
    int32_t *column = NEW(a, int32_t, all->nfields + 1), n = 0;
    Field *data = NEW(a, Field, all->nfields + 1);
    for (int32_t i = 0; i < args->npartition; i++) {
        part[i] = type_field(all, args->partition[i]);
        if (part[i] < 0)
            return RAISE(PARTITION_COLUMN_NOT_FOUND_IN_SCHEMA, P("column", args->partition[i]),
                         P("schema", type_name_str(a, all)));
        if (all->field[part[i]].type->id >= T_ARRAY)
            return RAISE(INVALID_PARTITION_COLUMN_DATA_TYPE,
                         P("type", type_sql_str(a, all->field[part[i]].type)));
    }
    s->part = part;
    s->nparts = args->npartition;
    for (int32_t i = 0; i < all->nfields; i++) {
        bool folder = false;
        for (int32_t k = 0; k < s->nparts; k++) folder |= part[k] == i;
        if (folder) continue;
        data[n] = all->field[i];
        column[n++] = i;
    }
    if (n == 0 && s->nparts > 0) return RAISE(ALL_PARTITION_COLUMNS_NOT_ALLOWED);
    s->column = column;
    s->data = type_struct(a, data, n);
    return DONE;
}

static Status check_types(const FileSink *s, Arena *a)
{
    for (int32_t i = 0; i < s->data->nfields; i++) {
        const Field *f = &s->data->field[i];
        bool none = f->type->id == T_VOID && !str_eq(s->form->ending, S("json"));
        if (none || (s->form->takes && !s->form->takes(f->type)))
            return RAISE(UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE,
                         P("columnName", str_fmt(a, "`" STR_FMT "`", STR_ARG(f->name))),
                         P("columnType", type_sql_str(a, f->type)), P("format", s->form->name));
    }
    return DONE;
}

static Status find_dir(FileSink *s, Arena *a, const SinkArgs *args)
{
    const Str *option = options_get(args->options, S("path"));
    Str path = path_local(args->path.n ? args->path : option ? *option : (Str){0});
    if (path.n == 0)
        return fail(ERR_INVALID, "'path' is not specified: files need a path to be written to");
    if (str_find(path, S("://")) > 0)
        return fail(ERR_UNSUPPORTED, STR_FMT ": only files of this machine are written",
                    STR_ARG(path));
    return path_absolute(&s->dir, a, path);
}

static void begin(FileSink *s)
{
    arena_clear(s->epoch);
    s->writes = writes_new(s->epoch, true);
    s->open.v = NULL;
    s->open.n = s->open.cap = 0;
    s->bytes = buf_new(s->epoch);
    s->job = rand_uuid(s->epoch);
    s->staged = s->batch ? str_fmt(s->epoch, STR_FMT "/_temporary/" STR_FMT, STR_ARG(s->dir),
                                   STR_ARG(s->job))
                         : s->dir;
}

static Status sink_open_form(Sink *sink, Arena *a, const SinkArgs *args, const FileForm *form)
{
    FileSink *s = CONTAINER(sink, FileSink, base);
    EvalCtx *eval = NEW(a, EvalCtx, 1);
    *eval = *args->eval;
    s->form = form;
    s->batch = args->batch;
    s->replace = args->replace;
    TRY(options_parse(&s->opt, sink_options, COUNT(sink_options), args->options, form->option,
                      args->warn));
    if (s->opt.time_zone.n) TRY(zone_open(&eval->zone, a, s->opt.time_zone));
    s->eval = eval;
    TRY(find_dir(s, a, args));
    if (s->batch) TRY(file_columns_once(a, sink->schema));
    TRY(find_parts(s, a, args));
    TRY(check_types(s, a));
    TRY(form->open(s, a, args));
    s->epoch = arena_new(a);
    begin(s);
    sink->description = str_fmt(a, "FileSink[" STR_FMT "]", STR_ARG(s->dir));
    return DONE;
}

// ---- rows to partitions ------------------------------------------------------------------------

typedef struct Chunks { // of a Part
    Map by_dir;
    VEC(Chunk *) list;
    Arena *scratch;
} Chunks;

static void put_escaped(Buf *b, Str s) // as Hive and Spark name folders
{
    for (int64_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c < ' ' || c == 127 || strchr("\"#%'*/:=?\\{[]^", c))
            buf_fmt(b, "%%%02X", c);
        else
            buf_char(b, s.p[i]);
    }
}

// a=1/b=2 of the values that a write replaces all of; empty: there are none.
static Str fixed_folder(const FileSink *s, Arena *a)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; s->replace && i < MIN(s->replace->nfixed, s->nparts); i++) {
        Str value = s->replace->fixed[i];
        if (i) buf_char(&b, '/');
        put_escaped(&b, s->base.schema->field[s->part[i]].name);
        buf_char(&b, '=');
        if (value.n)
            put_escaped(&b, value);
        else
            buf_put(&b, S("__HIVE_DEFAULT_PARTITION__"));
    }
    return buf_str(&b);
}

static Str dir_of_row(const FileSink *s, Arena *scratch, const Batch *b, int32_t row)
{
    Buf dir = buf_new(scratch), value = buf_new(scratch);
    TextForm form = eval_text_form(s->eval);
    for (int32_t i = 0; i < s->nparts; i++) {
        const Column *c = &b->col[s->part[i]];
        buf_clear(&value);
        if (!column_null(c, row)) value_text(&value, c, row, &form);
        if (i) buf_char(&dir, '/');
        put_escaped(&dir, s->base.schema->field[s->part[i]].name);
        buf_char(&dir, '=');
        if (value.n)
            put_escaped(&dir, buf_str(&value));
        else
            buf_put(&dir, S("__HIVE_DEFAULT_PARTITION__"));
    }
    return buf_str(&dir);
}

static int32_t chunk_of(Chunks *c, Arena *a, Str dir)
{
    const int32_t *known = map_get(&c->by_dir, dir);
    if (known) return *known;
    Chunk *chunk = NEW(a, Chunk, 1);
    int32_t *at = NEW(a, int32_t, 1);
    *chunk = (Chunk){.dir = str_copy(a, dir), .text = buf_new(a), .arena = a};
    *at = (int32_t)c->list.n;
    map_set(&c->by_dir, chunk->dir, at);
    vec_push(a, &c->list, chunk);
    return *at;
}

static bool same_folder(const FileSink *s, const Batch *b, int32_t x, int32_t y)
{
    for (int32_t i = 0; i < s->nparts; i++)
        if (!value_eq(&b->col[s->part[i]], x, &b->col[s->part[i]], y)) return false;
    return true;
}

static Status add_rows(const FileSink *s, Chunks *c, int32_t chunk, const Batch *b)
{
    Batch data = {b->rows, s->data->nfields, NEW(c->scratch, Column, s->data->nfields + 1)};
    for (int32_t i = 0; i < data.cols; i++) data.col[i] = b->col[s->column[i]];
    must(c->list.v && chunk < c->list.n);
    c->list.v[chunk]->rows += b->rows;
    return s->form->add(s, c->list.v[chunk], &data, c->scratch);
}

static Status add_apart(const FileSink *s, Chunks *c, Arena *a, const Batch *b)
{
    int32_t *of = NEW(c->scratch, int32_t, b->rows), *row = NEW(c->scratch, int32_t, b->rows);
    for (int32_t i = 0; i < b->rows; i++)
        of[i] = i && same_folder(s, b, i - 1, i) ? of[i - 1]
                                                 : chunk_of(c, a, dir_of_row(s, c->scratch, b, i));
    for (int32_t k = 0; k < c->list.n; k++) {
        int32_t n = 0;
        for (int32_t i = 0; i < b->rows; i++)
            if (of[i] == k) row[n++] = i;
        if (n == 0) continue;
        Batch some = batch_gather(c->scratch, b, row, n);
        TRY(add_rows(s, c, k, &some));
    }
    return DONE;
}

static Status file_encode(Sink *sink, Part *p, const Batch *b)
{
    const FileSink *s = CONTAINER(sink, FileSink, base);
    Chunks *c = p->own;
    if (!c) {
        p->own = c = NEW(p->arena, Chunks, 1);
        *c = (Chunks){.by_dir = map_new(p->arena), .scratch = arena_new(p->arena)};
    }
    arena_clear(c->scratch);
    p->rows += b->rows;
    if (s->nparts == 0) return add_rows(s, c, chunk_of(c, p->arena, (Str){0}), b);
    return add_apart(s, c, p->arena, b);
}

static Status file_seal(Sink *sink, Part *p)
{
    const FileSink *s = CONTAINER(sink, FileSink, base);
    const Chunks *c = p->own;
    for (int64_t i = 0; c && i < c->list.n; i++) s->form->seal(s, c->list.v[i]);
    return DONE;
}

// ---- files -------------------------------------------------------------------------------------

static Str codec_ending(const FileSink *s, Arena *a)
{
    if (s->shape) {
        Str codec = codec_name(s->parquet.codec);
        if (s->parquet.codec == CODEC_NONE) return S(".parquet");
        if (s->parquet.codec == CODEC_GZIP) codec = S("gz");
        return str_fmt(a, "." STR_FMT ".parquet", STR_ARG(codec));
    }
    return str_fmt(a, "." STR_FMT "%s", STR_ARG(s->form->ending),
                   s->codec == CODEC_GZIP ? ".gz" : "");
}

static Status put(FileSink *s, OutFile *f)
{
    TRY(file_write(f->file, f->bytes, buf_str(&s->bytes)));
    f->bytes += s->bytes.n;
    buf_clear(&s->bytes);
    return DONE;
}

static Status file_of(FileSink *s, Str dir, OutFile **out)
{
    for (int64_t i = 0; i < s->open.n; i++)
        if (str_eq(s->open.v[i].dir, dir)) {
            *out = &s->open.v[i];
            return DONE;
        }
    OutFile f = {.dir = str_copy(s->epoch, dir), .arena = s->epoch};
    Str name = str_fmt(s->epoch, "part-00000-" STR_FMT "%sc000" STR_FMT, STR_ARG(s->job),
                       s->nparts ? "." : "-", STR_ARG(codec_ending(s, s->epoch)));
    f.path = dir.n ? path_join(s->epoch, f.dir, name) : name;
    TRY(writes_create(&s->writes, path_join(s->epoch, s->staged, f.path), &f.file));
    vec_push(s->epoch, &s->open, f);
    *out = &s->open.v[s->open.n - 1];
    buf_clear(&s->bytes);
    s->form->begin(s, *out, &s->bytes);
    return put(s, *out);
}

static Status file_take(Sink *sink, const SinkEpoch *e, Part *p)
{
    FileSink *s = CONTAINER(sink, FileSink, base);
    const Chunks *c = p->own;
    p->own = NULL;
    (void)e;
    for (int64_t i = 0; c && i < c->list.n; i++) {
        OutFile *f = NULL;
        if (c->list.v[i]->rows == 0) continue;
        TRY(file_of(s, c->list.v[i]->dir, &f));
        s->form->take(s, f, c->list.v[i], &s->bytes);
        TRY(put(s, f));
    }
    return DONE;
}

// ---- staging and commit ------------------------------------------------------------------------

static void put_text(Buf *b, const char *name, Str value)
{
    buf_fmt(b, "\"%s\":", name);
    buf_json(b, value);
    buf_char(b, ',');
}

static Status put_receipt(FileSink *s, const SinkEpoch *e, Buf *b)
{
    buf_char(b, '{');
    put_text(b, "dir", s->dir);
    put_text(b, "staged", s->batch ? s->staged : S(""));
    bool dynamic = s->replace && s->replace->partitions;
    Str mode = dynamic ? S("dynamic") : s->replace ? S("static") : s->opt.overwrite_mode;
    put_text(b, "mode", !e->complete ? S("append") : mode);
    put_text(b, "under", fixed_folder(s, b->arena));
    buf_put(b, S("\"files\":["));
    for (int64_t i = 0; i < s->open.n; i++) {
        const OutFile *f = &s->open.v[i];
        if (i) buf_char(b, ',');
        buf_char(b, '{');
        put_text(b, "path", f->path);
        buf_fmt(b, "\"size\":%lld,\"time\":%lld}", (long long)f->bytes,
                (long long)(clock_now() / MICROS_PER_MS));
    }
    buf_put(b, S("]}"));
    return DONE;
}

static Status file_stage(Sink *sink, const SinkEpoch *e, Buf *receipt)
{
    FileSink *s = CONTAINER(sink, FileSink, base);
    OutFile *f = NULL;
    // No rows: one file, as Spark writes it. Parquet's and CSV's header still tell the columns.
    if (s->batch && s->open.n == 0 && s->nparts == 0) TRY(file_of(s, (Str){0}, &f));
    for (int64_t i = 0; i < s->open.n; i++) {
        s->form->end(s, &s->open.v[i], &s->bytes);
        TRY(put(s, &s->open.v[i]));
    }
    TRY(writes_sync(&s->writes));
    TRY(put_receipt(s, e, receipt));
    begin(s);
    return DONE;
}

static void release(void *json) { json_decref(json); }

static Str member(json_t *o, const char *name)
{
    return str_z(json_string_value(json_object_get(o, name)));
}

static Status commit_batch(Arena *a, json_t *o, const json_t *files, Str mode)
{
    int64_t n = (int64_t)json_array_size(files);
    Str *file = NEW(a, Str, n + 1);
    for (int64_t i = 0; i < n; i++) file[i] = member(json_array_get(files, (size_t)i), "path");
    Save save = {.dir = member(o, "dir"),
                 .staged = member(o, "staged"),
                 .replace = !str_eq(mode, S("append")),
                 .dynamic = str_ieq(mode, S("dynamic")),
                 .under = member(o, "under"),
                 .file = file,
                 .nfiles = n};
    return file_save(a, &save);
}

static Status commit_receipt(Arena *a, const SinkEpoch *e, Str receipt)
{
    json_t *o = json_loadb(receipt.p, (size_t)receipt.n, 0, NULL);
    if (o) arena_defer(a, release, o);
    const json_t *files = json_object_get(o, "files");
    Str dir = member(o, "dir");
    if (!json_is_array(files) || dir.n == 0)
        return fail(ERR_CORRUPT, "the receipt of a file sink does not parse");
    if (member(o, "staged").n) return commit_batch(a, o, files, member(o, "mode"));
    int64_t n = (int64_t)json_array_size(files);
    FileEntry *entry = NEW(a, FileEntry, n + 1);
    for (int64_t i = 0; i < n; i++) {
        json_t *f = json_array_get(files, (size_t)i);
        entry[i] = (FileEntry){.path = path_join(a, dir, member(f, "path")),
                               .bytes = json_integer_value(json_object_get(f, "size")),
                               .modified_ms = json_integer_value(json_object_get(f, "time"))};
    }
    return sink_log_add(a, dir, e->epoch, entry, n);
}

static Status file_commit(Sink *sink, const SinkEpoch *e, Str receipt)
{
    (void)sink;
    Arena *a = arena_new(NULL);
    Status s = commit_receipt(a, e, receipt);
    arena_free(a);
    return s;
}

static void file_discard(Sink *sink)
{
    FileSink *s = CONTAINER(sink, FileSink, base);
    writes_undo(&s->writes);
    if (s->batch) {
        Status gone = dir_remove_all(s->staged);
        (void)gone.code; // hidden from readers, and nobody's
    }
    begin(s);
}

#define FILE_SINK(kind, text)                                                                      \
    static Status kind##_sink_open(Sink *s, Arena *a, const SinkArgs *args)                        \
    {                                                                                              \
        return sink_open_form(s, a, args, &file_form_##kind);                                      \
    }                                                                                              \
    const SinkKind sink_##kind = {                                                                 \
        .name = STR_INIT(#kind),                                                                   \
        .size = sizeof(FileSink),                                                                  \
        .opts = sink_options,                                                                      \
        .nopts = COUNT(sink_options),                                                              \
        .modes = SINK_APPEND,                                                                      \
        .exactly_once = true,                                                                      \
        .doc = text,                                                                               \
        .open = kind##_sink_open,                                                                  \
        .encode = file_encode,                                                                     \
        .seal = file_seal,                                                                         \
        .take = file_take,                                                                         \
        .stage = file_stage,                                                                       \
        .commit = file_commit,                                                                     \
        .discard = file_discard,                                                                   \
    }
FILE_SINK(json, "files of JSON in a folder, a record a line");
FILE_SINK(csv, "files of CSV in a folder");
FILE_SINK(text, "files of text in a folder, a row a line");
FILE_SINK(parquet, "files of Parquet in a folder");
