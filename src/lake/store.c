#include "lake/store.h"
#include "os/thread.h"

Status store_path(Str *path, Arena *a, Str uri)
{
    Str rest = uri;
    if (str_starts(uri, S("file:"))) rest = str_from(uri, 5);
    while (rest.n > 1 && str_starts(rest, S("//"))) rest = str_from(rest, 1);
    if (!str_starts(rest, S("/"))) {
        Cut c = str_cut(uri, ':');
        if (!c.ok) return fail(ERR_INVALID, STR_FMT " is no absolute path", STR_ARG(uri));
        return fail(ERR_UNSUPPORTED, STR_FMT ": storage of scheme " STR_FMT " is not built yet",
                    STR_ARG(uri), STR_ARG(c.head));
    }
    *path = str_copy(a, rest);
    return DONE;
}

Str store_uri(Arena *a, Str path) { return str_cat(a, S("file://"), path); }

enum { WHOLE_MAX = 1 << 30 }; // bytes of a metadata file

Status store_load(Str *bytes, Arena *a, Str uri)
{
    Str path;
    TRY(store_path(&path, a, uri));
    return file_load(bytes, a, path, WHOLE_MAX);
}

Status store_remove(Arena *scratch, Str uri)
{
    Str path;
    TRY(store_path(&path, scratch, uri));
    Status s = path_remove(path);
    return s.code == ERR_NOT_FOUND ? DONE : s; // somebody was faster, or a crash came between
}

static Status disk_read(const ByteSource *s, Arena *a, int64_t at, int64_t n, Str *out)
{
    char *to = NEW_RAW(a, char, n + 8);
    int64_t got;
    TRY(file_read((File *)s->more, at, to, n, &got));
    if (got < n)
        return fail(ERR_CORRUPT, STR_FMT ": shorter than it was when it was opened",
                    STR_ARG(s->name));
    *out = str_of(to, n);
    return DONE;
}

Status store_source(ByteSource *s, Arena *a, Str uri)
{
    Str path;
    File *f;
    TRY(store_path(&path, a, uri));
    TRY(file_open(&f, a, path, FILE_READ));
    *s = (ByteSource){0, path, disk_read, f};
    return file_size(f, &s->bytes);
}

Writes writes_new(Arena *a, bool parallel) { return (Writes){.arena = a, .parallel = parallel}; }

static void note_dir(Writes *w, Str dir)
{
    for (int64_t i = 0; i < w->dirs.n; i++)
        if (str_eq(w->dirs.v[i], dir)) return;
    vec_push(w->arena, &w->dirs, dir);
}

// Makes a folder; the folders that got a new name by that must be synced too.
static Status make_dir(Writes *w, Str dir)
{
    Str at = dir;
    while (!path_exists(at)) {
        at = path_dir(at);
        note_dir(w, at);
    }
    return dir_make(dir);
}

Status writes_create(Writes *w, Str uri, File **f)
{
    Str path = {0};
    TRY(store_path(&path, w->arena, uri));
    Str dir = path_dir(path);
    Status s = file_open(f, w->arena, path, FILE_CREATE);
    if (s.code == ERR_NOT_FOUND) { // its folder is new
        TRY(make_dir(w, dir));
        s = file_open(f, w->arena, path, FILE_CREATE);
    }
    if (s.code) return s;
    vec_push(w->arena, &w->files, (WrittenFile){*f});
    vec_push(w->arena, &w->made, path);
    note_dir(w, dir);
    return DONE;
}

Status writes_put(Writes *w, Str uri, Str bytes)
{
    File *f;
    TRY(writes_create(w, uri, &f));
    return file_write(f, 0, bytes);
}

typedef struct SyncJob {
    File *file; // or a folder
    Str dir;
    Arena *arena;
    Failure *failure;
} SyncJob;

static void sync_one(void *arg)
{
    SyncJob *j = arg;
    Status s = j->file ? file_sync(j->file) : dir_sync(j->dir);
    if (s.code) j->failure = failure_copy(j->arena, failure());
}

static Status sync_on_threads(Writes *w)
{
    Arena *a = arena_new(w->arena);
    int64_t n = w->files.n + w->dirs.n;
    SyncJob *job = NEW(a, SyncJob, n);
    Thread **thread = NEW(a, Thread *, n);
    for (int64_t i = 0; i < n; i++) {
        bool file = i < w->files.n;
        job[i] = (SyncJob){.arena = arena_new(a)};
        if (file)
            job[i].file = w->files.v[i].file;
        else
            job[i].dir = w->dirs.v[i - w->files.n];
        if (i + 1 < n)
            thread[i] = thread_start(a, "sync", sync_one, &job[i]);
        else
            sync_one(&job[i]);
    }
    Failure *failed = NULL;
    for (int64_t i = 0; i < n; i++) {
        if (thread[i]) thread_join(thread[i]);
        if (job[i].failure) failed = failure_copy(w->arena, job[i].failure);
    }
    arena_free(a);
    return failed ? failure_again(failed) : DONE;
}

Status writes_sync(Writes *w)
{
    if (w->parallel && w->files.n + w->dirs.n > 1) {
        TRY(sync_on_threads(w));
    } else {
        for (int64_t i = 0; i < w->files.n; i++) TRY(file_sync(w->files.v[i].file));
        for (int64_t i = 0; i < w->dirs.n; i++) TRY(dir_sync(w->dirs.v[i]));
    }
    for (int64_t i = 0; i < w->files.n; i++) file_close(w->files.v[i].file);
    w->files.n = w->dirs.n = 0;
    return DONE;
}

void writes_undo(Writes *w)
{
    for (int64_t i = 0; i < w->made.n; i++) {
        Status s = path_remove(w->made.v[i]);
        (void)s.code; // a file that stays is an orphan, and those are swept
    }
    w->made.n = 0;
}
