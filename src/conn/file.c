// file.c -- the file source: files that appear in a folder are rows, in order of their age. What
// makes up an epoch is written to the log of files before the epoch runs; an epoch that was given
// up takes the same files again (semantics F1-F5).
#include "os/file.h"
#include "base/civil.h"
#include "base/num.h"
#include "conn/file_in.h"
#include "conn/offset.h"
#include <stdlib.h>

#define LANE_BYTES (INT64_C(8) << 20) // pieces of large files

#define AT(field) offsetof(FileOptions, field)
// clang-format off
static const OptSpec specs[] = {
    {STR_INIT("maxFilesPerTrigger"), OPT_I64, AT(files_max), STR_INIT(""), "new files of an epoch, at most", 1, INT32_MAX, NULL},
    {STR_INIT("maxBytesPerTrigger"), OPT_I64, AT(bytes_max), STR_INIT(""), "bytes of an epoch's new files, one file at least", 1, 0, NULL},
    {STR_INIT("latestFirst"), OPT_BOOL, AT(latest_first), STR_INIT("false"), "the newest files first", 0, 0, NULL},
    {STR_INIT("fileNameOnly"), OPT_BOOL, AT(name_only), STR_INIT("false"), "files of one name are the same file, whatever the folder", 0, 0, NULL},
    {STR_INIT("maxFileAge"), OPT_STR, AT(max_age), STR_INIT("7d"), "files this much older than the newest seen are not taken", 0, 0, NULL},
    {STR_INIT("maxCachedFiles"), OPT_I64, AT(cached_max), STR_INIT("10000"), "listed files kept for the next epochs", 0, INT32_MAX, NULL},
    {STR_INIT("discardCachedInputRatio"), OPT_STR, AT(discard_ratio), STR_INIT("0.2"), "share of an epoch below which kept files are listed again instead", 0, 0, NULL},
    {STR_INIT("pathGlobFilter"), OPT_STR, AT(name_filter), STR_INIT(""), "glob that file names have to match", 0, 0, NULL},
    {STR_INIT("recursiveFileLookup"), OPT_BOOL, AT(recursive), STR_INIT("false"), "files in folders below too", 0, 0, NULL},
    {STR_INIT("lineSep"), OPT_STR, AT(line_sep), STR_INIT(""), "ends lines, instead of \\n, \\r\\n and \\r", 0, 0, NULL},
    {STR_INIT("encoding"), OPT_STR, AT(encoding), STR_INIT(""), "UTF-8", 0, 0, NULL},
    {STR_INIT("charset"), OPT_STR, AT(encoding), STR_INIT(""), "the same", 0, 0, NULL},
    {STR_INIT("cleanSource"), OPT_STR, AT(clean), STR_INIT("off"), "what happens to files that were read: off", 0, 0, NULL},
    {STR_INIT("wholetext"), OPT_BOOL, AT(whole_text), STR_INIT("false"), "a file is one row", 0, 0, NULL},
    {STR_INIT("multiLine"), OPT_BOOL, AT(multi_line), STR_INIT("false"), "a record may span lines", 0, 0, NULL},
    {STR_INIT("ignoreMissingFiles"), OPT_BOOL, AT(ignore_missing), STR_INIT("false"), "files that are gone are no error", 0, 0, NULL},
    {STR_INIT("ignoreCorruptFiles"), OPT_BOOL, AT(ignore_corrupt), STR_INIT("false"), "files that cannot be read are no error", 0, 0, NULL},
    {STR_INIT("sourceArchiveDir"), OPT_UNBUILT, 0, STR_INIT(""), "where files go that were read", 0, 0, NULL},
    {STR_INIT("modifiedBefore"), OPT_UNBUILT, 0, STR_INIT(""), "only files older than this", 0, 0, NULL},
    {STR_INIT("modifiedAfter"), OPT_UNBUILT, 0, STR_INIT(""), "only files newer than this", 0, 0, NULL},
};
// clang-format on

// ---- opening -----------------------------------------------------------------------------------

static bool own_option(Str key)
{
    for (int64_t i = 0; i < COUNT(specs); i++)
        if (str_ieq(specs[i].key, key)) return true;
    return connector_option(key);
}

static bool own_or_json_option(Str key) { return json_option_known(key) || connector_option(key); }

static Status unbuilt(bool asked, const char *option)
{
    return asked ? fail(ERR_UNSUPPORTED, "option %s is not built yet", option) : DONE;
}

static Status check_options(FileSource *s)
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
    TRY(unbuilt(!str_ieq(o->clean, S("off")), "cleanSource other than off"));
    TRY(unbuilt(o->whole_text, "wholetext"));
    TRY(unbuilt(o->multi_line, "multiLine"));
    TRY(unbuilt(o->ignore_missing, "ignoreMissingFiles"));
    TRY(unbuilt(o->ignore_corrupt, "ignoreCorruptFiles"));
    Str e = o->encoding;
    return unbuilt(e.n && !str_ieq(e, S("UTF-8")) && !str_ieq(e, S("UTF8")),
                   "encoding other than UTF-8");
}

static Status resolve_path(FileSource *s, Arena *a, const SourceArgs *args)
{
    const Str *option = options_get(args->options, S("path"));
    Str path = args->path.n ? args->path : option ? *option : (Str){0};
    if (path.n == 0) return fail(ERR_INVALID, "a file source needs a path");
    if (str_starts(path, S("file:"))) path = str_from(path, 5);
    while (str_starts(path, S("//"))) path = str_from(path, 1);
    if (str_find(path, S("://")) > 0)
        return fail(ERR_UNSUPPORTED, STR_FMT ": only files of this machine are read",
                    STR_ARG(path));
    if (!path_is_glob(path) && !path_exists(path))
        return RAISE(PATH_NOT_FOUND, P("path", str_cat(a, S("file:"), path)));
    Str folder = path_is_glob(path) ? S(".") : path, absolute;
    TRY(path_absolute(&absolute, a, folder));
    s->path = !path_is_glob(path)        ? absolute
              : str_starts(path, S("/")) ? str_copy(a, path)
                                         : path_join(a, absolute, path);
    return DONE;
}

static void remember(FileSource *s, FileEntry *e)
{
    Str key = s->opt.name_only ? path_base(e->path) : e->path;
    map_set(&s->seen, key, e);
    s->newest_ms = MAX(s->newest_ms, e->modified_ms);
}

static Status file_source_open(FileSource *s, Arena *a, const SourceArgs *args)
{
    TRY(options_parse(&s->opt, specs, COUNT(specs), args->options,
                      s->format == FILE_JSON ? own_or_json_option : connector_option, args->warn));
    TRY(check_options(s));
    TRY(resolve_path(s, a, args));
    TRY(file_log_open(&s->log, a, args->query_dir));
    s->listing = arena_new(a);
    s->seen = map_new(a);
    for (int64_t i = 0; i < s->log.entry.n; i++) {
        FileEntry *e = NEW(a, FileEntry, 1); // the log's own array grows
        *e = s->log.entry.v[i];
        remember(s, e);
    }
    s->base.description = str_fmt(a, "FileStreamSource[file:" STR_FMT "]", STR_ARG(s->path));
    return DONE;
}

typedef struct Inference {
    JsonInfer *infer;
    Arena *scratch;
} Inference;

static Status infer_lines(void *ctx, const Str *line, int32_t n)
{
    const Inference *i = ctx;
    for (int32_t k = 0; k < n; k++) {
        TRY(json_infer_add(i->infer, line[k], i->scratch));
        arena_clear(i->scratch);
    }
    return DONE;
}

// A batch read without a schema looks at all the files first.
static Status infer_schema(FileSource *s, Arena *a)
{
    Arena *files = arena_new(a);
    FileEntries list = {0};
    Inference i = {json_infer_new(files, &s->json), arena_new(files)};
    Status done = file_list(&list, files, s->path, s->opt.name_filter, s->opt.recursive);
    for (int64_t k = 0; k < list.n && !done.code; k++) {
        Lane lane = {.to = INT64_MAX, .more = &list.v[k]};
        Arena *one = arena_new(files);
        done = file_lines(s, &lane, one, infer_lines, &i);
        arena_free(one);
    }
    if (!done.code) s->base.schema = json_infer_schema(i.infer, a);
    arena_free(files);
    TRY(done);
    if (list.n == 0) return RAISE(UNABLE_TO_INFER_SCHEMA, P("format", S("JSON")));
    return DONE;
}

static Status json_open(Source *base, Arena *a, const SourceArgs *args)
{
    FileSource *s = CONTAINER(base, FileSource, base);
    s->format = FILE_JSON;
    TRY(file_source_open(s, a, args));
    TRY(json_options_parse(&s->json, args->options, own_option, NULL));
    s->json.source = true;
    EvalCtx *eval = NEW(a, EvalCtx, 1);
    *eval = *args->eval;
    if (s->json.time_zone.n) TRY(zone_open(&eval->zone, a, s->json.time_zone));
    s->json.cast = eval_text_cast(eval);
    if (!args->schema && !args->streaming) return infer_schema(s, a);
    if (!args->schema)
        return fail(ERR_INVALID,
                    "a stream of JSON files needs a schema: what new files hold cannot "
                    "be known from those that are there");
    base->schema = type_nullable(a, args->schema);
    return DONE;
}

static Status text_open(Source *base, Arena *a, const SourceArgs *args)
{
    FileSource *s = CONTAINER(base, FileSource, base);
    Field value = field_of(S("value"), &type_string, true);
    s->format = FILE_TEXT;
    TRY(file_source_open(s, a, args));
    base->schema = args->schema ? type_nullable(a, args->schema) : type_struct(a, &value, 1);
    if (base->schema->nfields != 1 || base->schema->field[0].type->id != T_STRING)
        return fail(ERR_INVALID, "text files have one column, and it is STRING");
    return DONE;
}

// ---- offsets -----------------------------------------------------------------------------------

static Str offset_of(Arena *a, int64_t batch)
{
    return str_fmt(a, "{\"logOffset\":%lld}", (long long)batch);
}

static Status file_start(Source *s, Arena *a, Str *offset)
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
    TRY(file_list(&all, s->listing, s->path, s->opt.name_filter, s->opt.recursive));
    qsort(all.v, (size_t)all.n, sizeof *all.v, s->opt.latest_first ? by_youth : by_age);
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

static Status file_latest(Source *base, Arena *a, Str from, const Admission *adm, Str *to,
                          Str *latest)
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

static bool is_compressed(Str path)
{
    static const Str ends[] = {STR_INIT(".gz"),     STR_INIT(".bz2"), STR_INIT(".zst"),
                               STR_INIT(".snappy"), STR_INIT(".lz4"), STR_INIT(".deflate")};
    for (int64_t i = 0; i < COUNT(ends); i++)
        if (str_ends(path, ends[i])) return true;
    return false;
}

static Status file_lanes(Source *base, Arena *a, Str from, Str to, Lanes *lanes)
{
    FileSource *s = CONTAINER(base, FileSource, base);
    int64_t begin, end;
    TRY(offset_field(a, from, S("logOffset"), &begin));
    TRY(offset_field(a, to, S("logOffset"), &end));
    for (int64_t i = 0; i < s->log.entry.n; i++) {
        const FileEntry *e = &s->log.entry.v[i];
        if (e->batch <= begin || e->batch > end) continue;
        if (is_compressed(e->path))
            return fail(ERR_UNSUPPORTED, STR_FMT ": compressed files are not built",
                        STR_ARG(e->path));
        FileEntry *copy = NEW(a, FileEntry, 1);
        Entry now;
        *copy = *e;
        Status found = path_stat(&now, e->path);
        if (found.code == ERR_NOT_FOUND)
            return RAISE(FAILED_READ_FILE_NOT_EXIST, P("path", e->path));
        TRY(found);
        for (int64_t at = 0; at < now.bytes; at += LANE_BYTES)
            vec_push(a, lanes, ((Lane){(int32_t)i, at, MIN(at + LANE_BYTES, now.bytes), -1, copy}));
    }
    return DONE;
}

static Status file_read_rows(Source *base, const Lane *lane, Arena *scratch, Out *out)
{
    return file_read_lane(CONTAINER(base, FileSource, base), lane, scratch, out);
}

#define FILE_SOURCE(kind, text)                                                                    \
    const SourceKind source_##kind = {                                                             \
        .name = STR_INIT(#kind),                                                                   \
        .size = sizeof(FileSource),                                                                \
        .opts = specs,                                                                             \
        .nopts = COUNT(specs),                                                                     \
        .streams = true,                                                                           \
        .batches = true,                                                                           \
        .doc = text,                                                                               \
        .open = kind##_open,                                                                       \
        .start = file_start,                                                                       \
        .latest = file_latest,                                                                     \
        .lanes = file_lanes,                                                                       \
        .read = file_read_rows,                                                                    \
    }
FILE_SOURCE(json, "files of JSON, a record a line, as they appear in a folder");
FILE_SOURCE(text, "files of text, a row a line, as they appear in a folder");
