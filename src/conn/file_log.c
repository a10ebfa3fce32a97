// file_log.c -- which files a query has taken, in Spark's form: "v1", then a line of JSON a file.
// Batch n lies in the file n; every tenth is n.compact and holds all batches up to it, so that
// starting again reads ten files at most.
#include "base/num.h"
#include "conn/file_in.h"
#include "os/file.h"
#include <jansson.h>
#include <stdlib.h>

enum { COMPACT_EVERY = 10 };
#define LOG_BYTES_MAX (INT64_C(1) << 30)

static Str batch_path(const FileLog *l, Arena *a, int64_t batch)
{
    bool compact = batch % COMPACT_EVERY == COMPACT_EVERY - 1;
    return path_join(a, l->dir, str_fmt(a, "%lld%s", (long long)batch, compact ? ".compact" : ""));
}

// ---- reading -----------------------------------------------------------------------------------

static void release(void *json) { json_decref(json); }

static Status parse_line(FileLog *l, Arena *scratch, Str file, Str line)
{
    json_t *o = json_loadb(line.p, (size_t)line.n, 0, NULL);
    if (o) arena_defer(scratch, release, o);
    json_t *path = json_object_get(o, "path"), *time = json_object_get(o, "timestamp"),
           *batch = json_object_get(o, "batchId");
    if (!json_is_string(path) || !json_is_integer(time) || !json_is_integer(batch))
        return fail(ERR_CORRUPT, STR_FMT ": no entry of a file log: " STR_FMT, STR_ARG(file),
                    STR_ARG(line));
    Str name = str_of(json_string_value(path), (int64_t)json_string_length(path));
    FileEntry e = {.path = str_copy(l->arena, name),
                   .bytes = -1,
                   .modified_ms = json_integer_value(time),
                   .batch = json_integer_value(batch)};
    vec_push(l->arena, &l->entry, e);
    return DONE;
}

static Status load_batch(FileLog *l, int64_t batch)
{
    Arena *scratch = arena_new(l->arena);
    Str path = batch_path(l, scratch, batch), text;
    Status s = file_load(&text, scratch, path, LOG_BYTES_MAX);
    Cut c = {.head = {0}};
    if (!s.code) {
        c = str_cut(text, '\n');
        if (!str_eq(c.head, S("v1")))
            s = fail(ERR_CORRUPT, STR_FMT ": a file log of version v1 was expected", STR_ARG(path));
    }
    while (!s.code && c.ok) {
        c = str_cut(c.tail, '\n');
        if (c.head.n) s = parse_line(l, scratch, path, c.head);
    }
    arena_free(scratch);
    return s;
}

static int cmp_i64(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

Status file_log_open(FileLog *l, Arena *a, Str dir)
{
    *l = (FileLog){.arena = a, .dir = dir, .last = -1};
    if (dir.n == 0) return DONE;
    Entries in = {0};
    VEC(int64_t) batch = {0};
    TRY(dir_make(dir));
    TRY(dir_list(&in, a, dir));
    int64_t from = 0, n;
    for (int64_t i = 0; i < in.n; i++) {
        bool compact = str_ends(in.v[i].name, S(".compact"));
        Str digits = str_of(in.v[i].name.p, in.v[i].name.n - (compact ? 8 : 0));
        if (!num_parse_i64(digits, &n)) continue;
        if (compact) from = MAX(from, n);
        vec_push(a, &batch, n);
    }
    if (batch.n) qsort(batch.v, (size_t)batch.n, sizeof *batch.v, cmp_i64);
    for (int64_t i = 0; i < batch.n; i++) {
        if (batch.v[i] < from) continue;
        TRY(load_batch(l, batch.v[i]));
        l->last = batch.v[i];
    }
    return DONE;
}

// ---- writing -----------------------------------------------------------------------------------

static void put_entry(Buf *b, const FileEntry *e)
{
    buf_put(b, S("\n{\"path\":"));
    buf_json(b, e->path);
    buf_fmt(b, ",\"timestamp\":%lld,\"batchId\":%lld}", (long long)e->modified_ms,
            (long long)e->batch);
}

// What the compact file now holds too. A crash in between leaves them lying; they are not read.
static void remove_older(const FileLog *l, Arena *scratch, int64_t upto)
{
    for (int64_t n = upto - COMPACT_EVERY; n < upto; n++) {
        if (n < 0) continue;
        Status s = path_remove(batch_path(l, scratch, n));
        (void)s.code; // an old file too many does no harm
    }
}

Status file_log_add(FileLog *l, const FileEntry *entry, int64_t n)
{
    int64_t from = l->entry.n, batch = l->last + 1;
    for (int64_t i = 0; i < n; i++) {
        FileEntry e = entry[i];
        e.path = str_copy(l->arena, e.path);
        e.batch = batch;
        vec_push(l->arena, &l->entry, e);
    }
    if (l->dir.n) {
        Arena *scratch = arena_new(l->arena);
        bool compact = batch % COMPACT_EVERY == COMPACT_EVERY - 1;
        Buf b = buf_new(scratch);
        buf_put(&b, S("v1"));
        for (int64_t i = compact ? 0 : from; i < l->entry.n; i++) put_entry(&b, &l->entry.v[i]);
        Status s = file_replace(batch_path(l, scratch, batch), buf_str(&b));
        if (!s.code && compact) remove_older(l, scratch, batch);
        arena_free(scratch);
        if (s.code) {
            l->entry.n = from;
            return s;
        }
    }
    l->last = batch;
    return DONE;
}
