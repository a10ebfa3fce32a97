// file.c -- the file source: files that appear in a folder are rows, in order of their age. What
// makes up an epoch is written to the log of files before the epoch runs; an epoch that was given
// up takes the same files again (semantics F1-F5).
#include "os/file.h"
#include "base/civil.h"
#include "base/num.h"
#include "conn/file_in.h"
#include "conn/offset.h"
#include <jansson.h>
#include <stdlib.h>

#define LANE_BYTES (INT64_C(8) << 20) // pieces of large files

#define AT(field) offsetof(FileOptions, field)
// clang-format off
const OptSpec file_option_specs[FILE_OPTIONS] = {
    {STR_INIT("maxFilesPerTrigger"), OPT_I64, AT(files_max), STR_INIT(""), "new files of an epoch, at most", 1, INT32_MAX, NULL},
    {STR_INIT("maxBytesPerTrigger"), OPT_I64, AT(bytes_max), STR_INIT(""), "bytes of an epoch's new files, one file at least", 1, 0, NULL},
    {STR_INIT("latestFirst"), OPT_BOOL, AT(latest_first), STR_INIT("false"), "the newest files first", 0, 0, NULL},
    {STR_INIT("fileNameOnly"), OPT_BOOL, AT(name_only), STR_INIT("false"), "files of one name are the same file, whatever the folder", 0, 0, NULL},
    {STR_INIT("maxFileAge"), OPT_STR, AT(max_age), STR_INIT("7d"), "files this much older than the newest seen are not taken", 0, 0, NULL},
    {STR_INIT("maxCachedFiles"), OPT_I64, AT(cached_max), STR_INIT("10000"), "listed files kept for the next epochs", 0, INT32_MAX, NULL},
    {STR_INIT("discardCachedInputRatio"), OPT_STR, AT(discard_ratio), STR_INIT("0.2"), "share of an epoch below which kept files are listed again instead", 0, 0, NULL},
    {STR_INIT("cleanSource"), OPT_CHOICE, AT(clean), STR_INIT("off"), "what happens to files that a stream has read", 0, 0, "off|archive|delete"},
    {STR_INIT("sourceArchiveDir"), OPT_STR, AT(archive), STR_INIT(""), "where archived files go, under their whole path", 0, 0, NULL},
    {STR_INIT("pathGlobFilter"), OPT_STR, AT(name_filter), STR_INIT(""), "glob that file names have to match", 0, 0, NULL},
    {STR_INIT("recursiveFileLookup"), OPT_BOOL, AT(recursive), STR_INIT("false"), "files in folders below too, and no partition columns", 0, 0, NULL},
    {STR_INIT("basePath"), OPT_STR, AT(base), STR_INIT(""), "folder below which k=v folders are partition columns", 0, 0, NULL},
    {STR_INIT("paths"), OPT_STR, 0, STR_INIT(""), "batch: a JSON array of paths", 0, 0, NULL},
    {STR_INIT("modifiedBefore"), OPT_STR, AT(before), STR_INIT(""), "batch: only files older than this, yyyy-MM-ddTHH:mm:ss", 0, 0, NULL},
    {STR_INIT("modifiedAfter"), OPT_STR, AT(after), STR_INIT(""), "batch: only files newer than this", 0, 0, NULL},
    {STR_INIT("lineSep"), OPT_STR, AT(line_sep), STR_INIT(""), "ends lines, instead of \\n, \\r\\n and \\r", 0, 0, NULL},
    {STR_INIT("encoding"), OPT_STR, AT(encoding), STR_INIT(""), "UTF-8", 0, 0, NULL},
    {STR_INIT("charset"), OPT_STR, AT(encoding), STR_INIT(""), "the same", 0, 0, NULL},
    {STR_INIT("wholetext"), OPT_BOOL, AT(whole_text), STR_INIT("false"), "text: a file is one row", 0, 0, NULL},
    {STR_INIT("multiLine"), OPT_BOOL, AT(multi_line), STR_INIT("false"), "JSON: a file is one record; CSV: quoted fields may span lines", 0, 0, NULL},
    {STR_INIT("mergeSchema"), OPT_BOOL, AT(merge), STR_INIT("false"), "Parquet: the columns of all files, not of the first", 0, 0, NULL},
    {STR_INIT("ignoreMissingFiles"), OPT_BOOL, AT(ignore_missing), STR_INIT("false"), "files that are gone are no error", 0, 0, NULL},
    {STR_INIT("ignoreCorruptFiles"), OPT_BOOL, AT(ignore_corrupt), STR_INIT("false"), "files that cannot be read are no error", 0, 0, NULL},
};
// clang-format on

// ---- options -----------------------------------------------------------------------------------

bool file_option(Str key)
{
    for (int64_t i = 0; i < FILE_OPTIONS; i++)
        if (str_ieq(file_option_specs[i].key, key)) return true;
    return connector_option(key);
}

static Status time_option(const FileSource *s, Str key, Str text, bool streaming, int64_t *ms)
{
    Datum v;
    if (text.n == 0) return DONE;
    if (streaming)
        return fail(ERR_INVALID, "option " STR_FMT " is for batch reads, not for streams",
                    STR_ARG(key));
    if (!s->cast.read(&s->cast, &type_timestamp, text, S("yyyy-MM-dd'T'HH:mm:ss"), &v))
        return fail(ERR_INVALID, "option " STR_FMT ": " STR_FMT " is no yyyy-MM-ddTHH:mm:ss",
                    STR_ARG(key), STR_ARG(text));
    *ms = v.i / 1000;
    return DONE;
}

static Status check_options(FileSource *s, bool streaming)
{
    const FileOptions *o = &s->opt;
    double ratio;
    Micros age;
    if (o->files_max && o->bytes_max)
        return fail(ERR_INVALID, "options maxFilesPerTrigger and maxBytesPerTrigger cannot both be "
                                 "set");
    if (!num_parse_f64(o->discard_ratio, &ratio) || !(ratio >= 0 && ratio <= 1))
        return fail(ERR_INVALID,
                    "option discardCachedInputRatio: " STR_FMT " is not between 0 and 1",
                    STR_ARG(o->discard_ratio));
    TRY(duration_java(S("maxFileAge"), o->max_age, MICROS_PER_MS, &age));
    s->age_max_ms = age / MICROS_PER_MS;
    if (o->latest_first && (o->files_max || o->bytes_max)) s->age_max_ms = INT64_MAX;
    s->find = (FileFind){.name_filter = o->name_filter, .recursive = o->recursive};
    TRY(time_option(s, S("modifiedAfter"), o->after, streaming, &s->find.after_ms));
    TRY(time_option(s, S("modifiedBefore"), o->before, streaming, &s->find.before_ms));
    Str e = o->encoding;
    if (e.n && !str_ieq(e, S("UTF-8")) && !str_ieq(e, S("UTF8")))
        return fail(ERR_UNSUPPORTED, "option encoding other than UTF-8 is not built yet");
    return streaming ? file_clean_check(s) : DONE;
}

// ---- paths -------------------------------------------------------------------------------------

Str path_local(Str path)
{
    if (str_starts(path, S("file:"))) path = str_from(path, 5);
    while (str_starts(path, S("//"))) path = str_from(path, 1);
    return path;
}

static Status nothing_at(Arena *a, Str path)
{
    return RAISE(PATH_NOT_FOUND, P("path", str_cat(a, S("file:"), path)));
}

static Status add_path(FileSource *s, Arena *a, Str path)
{
    path = path_local(path);
    if (str_find(path, S("://")) > 0)
        return fail(ERR_UNSUPPORTED, STR_FMT ": only files of this machine are read",
                    STR_ARG(path));
    bool glob = path_is_glob(path);
    Str absolute;
    TRY(path_absolute(&absolute, a, glob ? S(".") : path));
    if (glob)
        absolute = str_starts(path, S("/")) ? str_copy(a, path) : path_join(a, absolute, path);
    if (!glob && !path_exists(path)) return nothing_at(a, absolute);
    vec_push(a, &s->path, absolute);
    return DONE;
}

static void release(void *json) { json_decref(json); }

static Status add_paths(FileSource *s, Arena *a, Str json)
{
    json_t *list = json_loadb(json.p, (size_t)json.n, 0, NULL);
    if (list) arena_defer(a, release, list);
    if (!json_is_array(list))
        return fail(ERR_INVALID, "option paths: " STR_FMT " is no JSON array of paths",
                    STR_ARG(json));
    for (size_t i = 0; i < json_array_size(list); i++)
        TRY(add_path(s, a, str_z(json_string_value(json_array_get(list, i)))));
    return DONE;
}

static Status resolve_paths(FileSource *s, Arena *a, const SourceArgs *args)
{
    const Str *option = options_get(args->options, S("path"));
    const Str *many = options_get(args->options, S("paths"));
    Str path = args->path.n ? args->path : option ? *option : (Str){0};
    if (path.n) TRY(add_path(s, a, path));
    if (many) TRY(add_paths(s, a, *many));
    if (s->path.n == 0) return fail(ERR_INVALID, "a file source needs a path");
    if (args->streaming && s->path.n > 1)
        return fail(ERR_INVALID, "a stream of files has one path; a glob may stand for several");
    if (s->opt.base.n) TRY(path_absolute(&s->find.base, a, path_local(s->opt.base)));
    return DONE;
}

// ---- opening -----------------------------------------------------------------------------------

static void remember(FileSource *s, FileEntry *e)
{
    Str key = s->opt.name_only ? path_base(e->path) : e->path;
    map_set(&s->seen, key, e);
    s->newest_ms = MAX(s->newest_ms, e->modified_ms);
}

static Status no_schema(const FileSource *s, bool streaming)
{
    if (!streaming) return RAISE(UNABLE_TO_INFER_SCHEMA, P("format", s->format->name));
    return RAISE(STREAM_WITHOUT_SCHEMA, P("format", s->format->name));
}

static bool is_part(const FileSource *s, Str name)
{
    for (int32_t i = 0; i < s->nparts; i++)
        if (str_ieq(s->part[i].name, name)) return true;
    return false;
}

Status file_columns_once(Arena *a, const Schema *s)
{
    Map seen = map_new(a);
    for (int32_t i = 0; i < s->nfields; i++) {
        Str name = str_lower(a, s->field[i].name);
        if (map_get(&seen, name))
            return RAISE(COLUMN_ALREADY_EXISTS,
                         P("columnName", str_fmt(a, "`" STR_FMT "`", STR_ARG(name))));
        map_set(&seen, name, &seen);
    }
    return DONE;
}

// The files' columns, then the folders'.
static Status put_schema(FileSource *s, Arena *a, const Schema *of)
{
    Field *f = NEW(a, Field, of->nfields + s->nparts + 2);
    int32_t n = 0;
    of = type_nullable(a, of);
    for (int32_t i = 0; i < of->nfields; i++)
        if (!is_part(s, of->field[i].name)) f[n++] = of->field[i];
    for (int32_t i = 0; i < n; i++)
        if (s->format->takes && !s->format->takes(f[i].type))
            return RAISE(UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE,
                         P("columnName", str_fmt(a, "`" STR_FMT "`", STR_ARG(f[i].name))),
                         P("columnType", type_sql_str(a, f[i].type)), P("format", s->format->name));
    s->data = type_struct(a, f, n);
    TRY(file_columns_once(a, s->data));
    for (int32_t i = 0; i < s->nparts; i++) f[n++] = s->part[i];
    if (s->metadata) f[n++] = field_of(S("_metadata"), s->metadata, false);
    s->base.schema = type_struct(a, f, n);
    return DONE;
}

static Status find_schema(FileSource *s, Arena *a, const SourceArgs *args)
{
    Arena *files = arena_new(a);
    FileEntries list = {0};
    const Schema *of = args->known ? args->known : args->schema;
    if (args->known && args->metadata) of = type_struct(a, of->field, of->nfields - 1);
    for (int64_t i = 0; i < s->path.n; i++) {
        bool there;
        TRY(file_list(&list, &there, files, &s->find, s->path.v[i]));
        if (!there && !args->streaming) return nothing_at(a, s->path.v[i]);
    }
    TRY(file_parts_find(s, a, &list, of));
    if (!of && (!args->streaming || args->infer || s->format->fixed))
        TRY(s->format->infer(s, a, &list, &of));
    arena_free(files);
    if (!of) return no_schema(s, args->streaming);
    return put_schema(s, a, of);
}

static Status open_log(FileSource *s, Arena *a, Str dir)
{
    TRY(file_log_open(&s->log, a, dir));
    s->cleaned = s->log.last - 1;
    s->listing = arena_new(a);
    s->seen = map_new(a);
    for (int64_t i = 0; i < s->log.entry.n; i++) {
        FileEntry *e = NEW(a, FileEntry, 1), *in = &s->log.entry.v[i]; // the log's array grows
        in->root = path_is_glob(s->path.v[0]) ? path_dir(in->path).n : s->path.v[0].n;
        *e = *in;
        remember(s, e);
    }
    return DONE;
}

static int32_t least_column(const Expr *e)
{
    int32_t least = e->kind == E_COLUMN ? e->id : INT32_MAX;
    for (int32_t i = 0; i < e->nargs; i++) least = MIN(least, least_column(e->arg[i]));
    return least;
}

Status file_source_open(FileSource *s, Arena *a, const SourceArgs *args, const FileFormat *format)
{
    EvalCtx *eval = NEW(a, EvalCtx, 1);
    *eval = *args->eval;
    s->format = format;
    s->cast = eval_text_cast(eval);
    if (args->metadata) s->metadata = s->base.kind->metadata;
    s->prune = args->prune;
    s->nprune = args->nprune;
    TRY(options_parse(&s->opt, file_option_specs, FILE_OPTIONS, args->options, format->option,
                      args->warn));
    TRY(check_options(s, args->streaming));
    TRY(resolve_paths(s, a, args));
    const Str *zone = options_get(args->options, S("timeZone"));
    if (zone && zone->n) TRY(zone_open(&eval->zone, a, *zone));
    s->cast = eval_text_cast(eval);
    TRY(format->open(s, a, args));
    TRY(find_schema(s, a, args));
    s->eval = eval;
    for (int32_t i = 0; i < args->nfilter; i++)
        if (least_column(args->filter[i]) >= s->data->nfields)
            vec_push(a, &s->of_files, args->filter[i]);
    TRY(open_log(s, a, args->query_dir));
    s->base.description = str_fmt(a, "FileStreamSource[file:" STR_FMT "]", STR_ARG(s->path.v[0]));
    return DONE;
}

// ---- offsets -----------------------------------------------------------------------------------

static Str offset_of(Arena *a, int64_t batch)
{
    return str_fmt(a, "{\"logOffset\":%lld}", (long long)batch);
}

Status file_start(Source *s, Arena *a, Str *offset)
{
    (void)s;
    *offset = offset_of(a, -1);
    return DONE;
}

static int by_age(const void *x, const void *y)
{
    const FileEntry *a = x, *b = y;
    if (a->modified_ms != b->modified_ms) return a->modified_ms < b->modified_ms ? -1 : 1;
    return str_cmp(a->path, b->path);
}

static int by_youth(const void *x, const void *y)
{
    const FileEntry *a = x, *b = y;
    if (a->modified_ms != b->modified_ms) return a->modified_ms > b->modified_ms ? -1 : 1;
    return str_cmp(a->path, b->path);
}

static bool is_new(const FileSource *s, const FileEntry *e)
{
    if (e->modified_ms < s->newest_ms - s->age_max_ms) return false;
    return !map_get(&s->seen, s->opt.name_only ? path_base(e->path) : e->path);
}

// New files in the order in which they are to be taken; they live in s->listing.
static Status list_new(FileSource *s, FileEntries *fresh)
{
    FileEntries all = {0};
    arena_clear(s->listing);
    *fresh = s->unread = (FileEntries){0};
    bool there; // a stream waits for what is to come
    for (int64_t i = 0; i < s->path.n; i++)
        TRY(file_list(&all, &there, s->listing, &s->find, s->path.v[i]));
    if (all.n) qsort(all.v, (size_t)all.n, sizeof *all.v, s->opt.latest_first ? by_youth : by_age);
    for (int64_t i = 0; i < all.n; i++)
        if (is_new(s, &all.v[i])) vec_push(s->listing, fresh, all.v[i]);
    return DONE;
}

// How many of the files one epoch takes.
static int64_t admitted(const FileSource *s, const FileEntries *fresh)
{
    int64_t n = 0, bytes = 0;
    if (s->opt.files_max) return MIN(fresh->n, s->opt.files_max);
    if (!s->opt.bytes_max) return fresh->n;
    for (; n < fresh->n; n++) {
        bytes += fresh->v[n].bytes;
        if (n && bytes > s->opt.bytes_max) break;
    }
    return n;
}

// Keeps what was listed and not taken, unless it is too little to be worth it.
static void keep_unread(FileSource *s, const FileEntries *fresh, int64_t taken)
{
    double ratio, left = 0;
    FileEntries rest = {fresh->v + taken, fresh->n - taken, 0};
    must(num_parse_f64(s->opt.discard_ratio, &ratio));
    for (int64_t i = 0; i < rest.n; i++) left += s->opt.bytes_max ? (double)rest.v[i].bytes : 1;
    double most = (double)(s->opt.bytes_max ? s->opt.bytes_max : s->opt.files_max);
    bool keep = most > 0 && !s->opt.latest_first && left >= most * ratio;
    rest.n = keep ? MIN(rest.n, s->opt.cached_max) : 0;
    s->unread = rest;
}

static Status take_batch(FileSource *s, FileEntries *fresh)
{
    int64_t n = admitted(s, fresh), from = s->log.entry.n;
    if (n == 0) return DONE;
    TRY(file_log_add(&s->log, fresh->v, n));
    for (int64_t i = from; i < s->log.entry.n; i++) {
        FileEntry *e = NEW(s->base.arena, FileEntry, 1);
        *e = s->log.entry.v[i];
        remember(s, e);
    }
    keep_unread(s, fresh, n);
    *fresh = (FileEntries){fresh->v + n, fresh->n - n, 0};
    return DONE;
}

Status file_latest(Source *base, Arena *a, Str from, const Admission *adm, Str *to, Str *latest)
{
    FileSource *s = CONTAINER(base, FileSource, base);
    int64_t at, end, cap = INT64_MAX;
    TRY(offset_field(a, from, S("logOffset"), &at));
    if (adm->cap.n) TRY(offset_field(a, adm->cap, S("logOffset"), &cap));
    if (adm->cap.n == 0 && (adm->all || at >= s->log.last)) { // else there is a batch in waiting
        FileEntries fresh = s->unread;
        if (adm->all || fresh.n == 0) TRY(list_new(s, &fresh));
        do TRY(take_batch(s, &fresh));
        while (adm->all && fresh.n); // Once and AvailableNow: all, in the batches of the limits
    }
    end = MIN(adm->all ? s->log.last : at + 1, MIN(cap, s->log.last));
    *to = offset_of(a, MAX(at, end));
    *latest = offset_of(a, s->log.last);
    return DONE;
}

// ---- lanes -------------------------------------------------------------------------------------

bool file_is_packed(Str path)
{
    static const Str ends[] = {STR_INIT(".gz"),     STR_INIT(".bz2"), STR_INIT(".zst"),
                               STR_INIT(".snappy"), STR_INIT(".lz4"), STR_INIT(".deflate")};
    for (int64_t i = 0; i < COUNT(ends); i++)
        if (str_ends(path, ends[i])) return true;
    return false;
}

static Status cut_file(FileSource *s, Arena *a, const Lane *whole, Lanes *lanes)
{
    const FileEntry *e = whole->more;
    if (s->format->lanes) return s->format->lanes(s, a, whole, lanes);
    if (s->opt.whole_text || s->opt.multi_line || file_is_packed(e->path)) {
        vec_push(a, lanes, *whole);
        return DONE;
    }
    for (int64_t at = 0; at < whole->to; at += LANE_BYTES) {
        Lane piece = *whole;
        piece.from = at;
        piece.to = MIN(at + LANE_BYTES, whole->to);
        vec_push(a, lanes, piece);
    }
    return DONE;
}

static Status add_file(FileSource *s, Arena *a, const FileEntry *e, int32_t i, Lanes *lanes)
{
    FileEntry *copy = NEW(a, FileEntry, 1);
    Datum *v = NEW(a, Datum, s->nparts + 1);
    Entry now;
    *copy = *e;
    TRY(file_parts_of(s, a, e, v));
    if (!file_parts_keep(s, a, e, v)) return DONE;
    Status found = path_stat(&now, e->path);
    if (found.code == ERR_NOT_FOUND && s->opt.ignore_missing) return DONE;
    if (found.code == ERR_NOT_FOUND) return file_gone(a, e->path);
    TRY(found);
    copy->bytes = now.bytes;
    return cut_file(s, a, &(Lane){i, 0, now.bytes, -1, copy}, lanes);
}

Status file_lanes(Source *base, Arena *a, Str from, Str to, Lanes *lanes)
{
    FileSource *s = CONTAINER(base, FileSource, base);
    int64_t begin, end;
    TRY(offset_field(a, from, S("logOffset"), &begin));
    TRY(offset_field(a, to, S("logOffset"), &end));
    for (int64_t i = 0; i < s->log.entry.n; i++) {
        const FileEntry *e = &s->log.entry.v[i];
        if (e->batch > begin && e->batch <= end) TRY(add_file(s, a, e, (int32_t)i, lanes));
    }
    return DONE;
}

// ---- rows --------------------------------------------------------------------------------------

typedef struct FileOut { // adds what is the same in all rows of a file: partition columns,
                         // _metadata
    Out out;
    Out *to;
    const FileSource *source;
    Column *metadata; // NULL: nobody needs it
    int64_t row;      // place in the file of the next batch's first
    bool refused;     // what failed was not the read
    Batch all;
} FileOut;

static Status put_rows(Out *out, const Batch *b)
{
    FileOut *p = CONTAINER(out, FileOut, out);
    int32_t n = p->source->data->nfields;
    p->all.rows = b->rows;
    memcpy(p->all.col, b->col, (size_t)n * sizeof *b->col);
    for (int32_t i = n; i < p->all.cols; i++) p->all.col[i].rows = b->rows;
    if (p->metadata) file_metadata_at(p->metadata, p->row, b->rows);
    Status put = out_put(p->to, &p->all);
    p->refused = put.code != OK;
    return put;
}

void file_row_at(Out *out, int64_t row) { CONTAINER(out, FileOut, out)->row = row; }

static Status read_lane(FileSource *s, const Lane *lane, Arena *a, FileOut *out)
{
    int32_t n = s->data->nfields, all = s->base.schema->nfields;
    Datum *v = NEW(a, Datum, s->nparts + 1);
    out->all = (Batch){0, all, NEW(a, Column, all + 1)};
    TRY(file_parts_of(s, a, lane->more, v));
    for (int32_t i = 0; i < s->nparts; i++)
        out->all.col[n + i] = column_of_datum(a, s->part[i].type, &v[i], BATCH_ROWS);
    if (s->metadata && s->base.needed[all - 1]) {
        out->metadata = &out->all.col[all - 1];
        *out->metadata = file_metadata_of(a, s->metadata, lane->more);
    }
    return s->format->read(s, lane, a, &out->out);
}

// Spark wraps what fails in the bytes of a file, bad records too; a missing file and a column of
// another type have conditions of their own.
static Status cannot_read(Arena *a, const FileEntry *e, Status why)
{
    const Failure *f = failure();
    bool record =
        f->cond && str_starts(condition_of(f->cond)->name, S("MALFORMED_RECORD_IN_PARSING"));
    if (why.code != ERR_CORRUPT && !record) return why;
    Str text = str_copy(a, f->text);
    return fail_in(RAISE(FAILED_READ_FILE_NO_HINT, P("path", file_uri(a, e->path))), STR_FMT,
                   STR_ARG(text));
}

Status file_read_rows(Source *base, const Lane *lane, Arena *scratch, Out *to)
{
    FileSource *s = CONTAINER(base, FileSource, base);
    Arena *a = arena_new(scratch); // holds the file, which must not stay open
    FileOut out = {.out = {put_rows}, .to = to, .source = s};
    Status done = read_lane(s, lane, a, &out);
    bool forgiven = (done.code == ERR_NOT_FOUND && s->opt.ignore_missing) ||
                    (done.code == ERR_CORRUPT && s->opt.ignore_corrupt);
    if (done.code && !out.refused) done = forgiven ? DONE : cannot_read(a, lane->more, done);
    arena_free(a);
    return done;
}

void file_forget(Source *base, Str upto)
{
    FileSource *s = CONTAINER(base, FileSource, base);
    int64_t batch;
    if (s->opt.clean == CLEAN_OFF) return;
    Arena *scratch = arena_new(NULL);
    if (offset_field(scratch, upto, S("logOffset"), &batch).code == OK) file_clean_upto(s, batch);
    arena_free(scratch);
}
