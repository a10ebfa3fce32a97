// sink_log.c -- <folder>/_spark_metadata, by which a streaming file sink says which files count:
// "v1", then a line of JSON a file; batch n in the file n, every tenth is n.compact and holds all
// batches up to it (semantics O3). Spark reads it, and writes it for us.
#include "base/num.h"
#include "conn/file_in.h"
#include "os/file.h"
#include <jansson.h>

enum { COMPACT_EVERY = 10 };
#define LOG_BYTES_MAX (INT64_C(1) << 30)

static bool is_compact(int64_t batch) { return (batch + 1) % COMPACT_EVERY == 0; }

static Str batch_path(Arena *a, Str dir, int64_t batch, bool compact)
{
    return str_fmt(a, STR_FMT "/" SINK_LOG "/%lld%s", STR_ARG(dir), (long long)batch,
                   compact ? ".compact" : "");
}

// ---- reading -----------------------------------------------------------------------------------

static void release(void *json) { json_decref(json); }

static Status parse_line(FileEntries *list, Arena *a, Str file, Str line)
{
    json_t *o = json_loadb(line.p, (size_t)line.n, 0, NULL);
    if (o) arena_defer(a, release, o);
    json_t *path = json_object_get(o, "path"), *size = json_object_get(o, "size"),
           *time = json_object_get(o, "modificationTime"), *action = json_object_get(o, "action");
    if (!json_is_string(path) || !json_is_integer(size) || !json_is_integer(time))
        return fail(ERR_CORRUPT, STR_FMT ": no entry of a sink's log: " STR_FMT, STR_ARG(file),
                    STR_ARG(line));
    if (json_is_string(action) && str_eq(str_z(json_string_value(action)), S("delete")))
        return DONE;
    FileEntry e = {.path =
                       str_copy(a, file_unescape(a, path_local(str_z(json_string_value(path))))),
                   .bytes = json_integer_value(size),
                   .modified_ms = json_integer_value(time),
                   .batch = -1};
    vec_push(a, list, e);
    return DONE;
}

static Status load(FileEntries *list, Arena *a, Str path)
{
    Str text;
    TRY(file_load(&text, a, path, LOG_BYTES_MAX));
    Cut c = str_cut(text, '\n');
    if (!str_eq(c.head, S("v1")))
        return fail(ERR_CORRUPT, STR_FMT ": a sink's log of version v1 was expected",
                    STR_ARG(path));
    while (c.ok) {
        c = str_cut(c.tail, '\n');
        if (c.head.n) TRY(parse_line(list, a, path, c.head));
    }
    return DONE;
}

typedef struct Batches {
    int64_t last, compact; // -1: none
} Batches;

static Status find_batches(Batches *b, Arena *a, Str dir)
{
    Entries in = {0};
    int64_t n;
    *b = (Batches){-1, -1};
    Status s = dir_list(&in, a, path_join(a, dir, S(SINK_LOG)));
    if (s.code == ERR_NOT_FOUND) return DONE;
    TRY(s);
    for (int64_t i = 0; i < in.n; i++) {
        bool compact = str_ends(in.v[i].name, S(".compact"));
        if (!num_parse_i64(str_of(in.v[i].name.p, in.v[i].name.n - (compact ? 8 : 0)), &n))
            continue;
        b->last = MAX(b->last, n);
        if (compact) b->compact = MAX(b->compact, n);
    }
    return DONE;
}

static Status load_upto(FileEntries *list, Arena *a, Str dir, const Batches *b)
{
    if (b->compact >= 0) TRY(load(list, a, batch_path(a, dir, b->compact, true)));
    for (int64_t n = b->compact + 1; n <= b->last; n++) {
        Status s = load(list, a, batch_path(a, dir, n, false));
        if (s.code != ERR_NOT_FOUND) TRY(s); // a batch without rows may have no file
    }
    return DONE;
}

Status sink_log_files(FileEntries *list, Arena *a, Str dir)
{
    Batches b;
    TRY(find_batches(&b, a, dir));
    return load_upto(list, a, dir, &b);
}

Status sink_log_last(int64_t *batch, Arena *a, Str dir)
{
    Batches b;
    TRY(find_batches(&b, a, dir));
    *batch = b.last;
    return DONE;
}

// ---- writing -----------------------------------------------------------------------------------

static void put_entries(Buf *b, Arena *a, const FileEntry *e, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        buf_put(b, S("\n{\"path\":"));
        buf_json(b, file_uri(a, e[i].path));
        buf_fmt(b,
                ",\"size\":%lld,\"isDir\":false,\"modificationTime\":%lld,\"blockReplication\":1,"
                "\"blockSize\":33554432,\"action\":\"add\"}",
                (long long)e[i].bytes, (long long)e[i].modified_ms);
    }
}

static Status put_batch(Arena *a, Str dir, int64_t batch, const FileEntry *file, int64_t n)
{
    Batches b;
    FileEntries before = {0};
    Buf text = buf_new(a);
    TRY(find_batches(&b, a, dir));
    buf_put(&text, S("v1"));
    if (is_compact(batch)) TRY(load_upto(&before, a, dir, &b));
    put_entries(&text, a, before.v, before.n);
    put_entries(&text, a, file, n);
    return file_replace(batch_path(a, dir, batch, is_compact(batch)), buf_str(&text));
}

// Spark wants every batch since the last compact one: those before a folder that was made anew, or
// that wrote nothing, are put in empty.
Status sink_log_add(Arena *a, Str dir, int64_t batch, const FileEntry *file, int64_t n)
{
    Batches b;
    TRY(dir_make(path_join(a, dir, S(SINK_LOG))));
    TRY(find_batches(&b, a, dir));
    if (b.last >= batch) return DONE; // committed before
    for (int64_t gap = b.last + 1; gap < batch; gap++)
        if (gap >= batch - COMPACT_EVERY) TRY(put_batch(a, dir, gap, NULL, 0));
    return put_batch(a, dir, batch, file, n);
}
