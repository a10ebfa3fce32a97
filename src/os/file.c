// file.c -- files and folders over whichever world is current: the loops around short and
// interrupted calls, the texts of failures, and what is made of smaller steps. It holds one rule of
// its own: after a failed sync a file takes no more writes and no more syncs, for the system may
// have thrown away what it could not write, and would say yes the next time.
#include "os/file.h"
#include "base/buf.h"
#include "os/clock.h"
#include "os/proc.h"
#include "os/world_in.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

// A path as the system wants it. One with a NUL inside would name something else.
typedef struct PathZ {
    char z[PATH_MAX];
} PathZ;
static int path_to_z(PathZ *to, Str path)
{
    if (path.n >= PATH_MAX) return ENAMETOOLONG;
    if (str_find_char(path, 0) >= 0) return EINVAL;
    if (path.n) memcpy(to->z, path.p, (size_t)path.n);
    to->z[path.n] = 0;
    return 0;
}

static void close_deferred(void *f) { file_close(f); }

Status file_open(File **f, Arena *a, Str path, FileMode mode)
{
    PathZ z;
    File *made = NULL;
    int err = path_to_z(&z, path);
    if (!err) err = world_now()->disk->open(&made, a, z.z, mode);
    if (err) return errno_fail(err, mode == FILE_CREATE ? "create" : "open", path);
    arena_defer(a, close_deferred, made);
    made->path = str_copy(a, path);
    *f = made;
    return DONE;
}

void file_close(File *f)
{
    if (f->closed) return;
    f->closed = true;
    f->kind->close(f);
}

Str file_path(const File *f) { return f->path; }

static Status file_fail(File *f, int err, const char *what)
{
    return errno_fail(err, what, f->path);
}

// What a file whose sync failed answers from then on.
static Status file_usable(File *f)
{
    must(!f->closed);
    int64_t err = shared_get(&f->broken);
    if (!err) return DONE;
    return fail(ERR_IO, "cannot write " STR_FMT ": an earlier sync of it failed: %s",
                STR_ARG(f->path), errno_text((int)err));
}

Status file_read(File *f, int64_t at, void *to, int64_t n, int64_t *got)
{
    must(!f->closed && at >= 0 && n >= 0);
    *got = 0;
    while (*got < n) {
        int64_t step = 0;
        int err = f->kind->read(f, at + *got, (char *)to + *got, n - *got, &step);
        if (err == EINTR) continue;
        if (err) return file_fail(f, err, "read");
        if (step == 0) break;
        *got += step;
    }
    return DONE;
}

Status file_write(File *f, int64_t at, Str s)
{
    must(at >= 0);
    TRY(file_usable(f));
    while (s.n) {
        int64_t put = 0;
        int err = f->kind->write(f, at, s, &put);
        if (err == EINTR) continue;
        if (!err && put == 0) err = EIO; // a device that takes nothing and gives no reason
        if (err) return file_fail(f, err, "write");
        at += put;
        s = str_from(s, put);
    }
    return DONE;
}

Status file_size(File *f, int64_t *bytes)
{
    must(!f->closed);
    return file_fail(f, f->kind->size(f, bytes), "look at");
}

Status file_truncate(File *f, int64_t bytes)
{
    must(bytes >= 0);
    TRY(file_usable(f));
    return file_fail(f, f->kind->truncate(f, bytes), "cut");
}

Status file_preallocate(File *f, int64_t bytes)
{
    must(bytes >= 0);
    TRY(file_usable(f));
    if (bytes == 0) return DONE;
    int err = f->kind->preallocate(f, bytes);
    if (err == EOPNOTSUPP || err == ENOSYS || err == EINVAL) return DONE;
    return file_fail(f, err, "reserve space for");
}

Status file_sync(File *f)
{
    TRY(file_usable(f));
    int err = f->kind->sync(f);
    if (err) shared_set(&f->broken, err);
    return file_fail(f, err, "sync");
}

Status file_lock(File *f)
{
    must(!f->closed);
    int err = f->kind->lock(f);
    if (err == EWOULDBLOCK)
        return fail(ERR_CONFLICT, "cannot lock " STR_FMT ": somebody holds it", STR_ARG(f->path));
    return file_fail(f, err, "lock");
}

static Status load_into(Buf *to, Arena *tmp, Str path, int64_t most)
{
    File *f;
    int64_t size, got;
    TRY(file_open(&f, tmp, path, FILE_READ));
    TRY(file_size(f, &size));
    do { // the size is a guess: a file of /proc says 0, another may be growing
        int64_t want = MIN(MAX(size - to->n, 4096), most - to->n) + 1;
        TRY(file_read(f, to->n, buf_room(to, want), want, &got));
        to->n += got;
        if (to->n > most)
            return fail(ERR_LIMIT, "cannot read " STR_FMT ": it has more than %lld bytes",
                        STR_ARG(path), (long long)most);
        if (got < want) break;
    } while (true);
    return DONE;
}

Status file_load(Str *content, Arena *a, Str path, int64_t most)
{
    must(most >= 0 && most < INT64_MAX);
    Arena *tmp = arena_new(NULL);
    Buf b = buf_new(a);
    Status s = load_into(&b, tmp, path, most);
    arena_free(tmp);
    TRY(s);
    *buf_room(&b, 1) = 0; // not counted: for doors that want a C string
    *content = buf_str(&b);
    return DONE;
}

// Hidden, so that readers of a table's folder pass it over, and drawn by chance, so that two who
// replace one file at a time do not write into one temporary file.
#define TEMP_END ".tmp"
static Str temp_path(Arena *a, Str path)
{
    Str base = path_base(path);
    Str name = str_fmt(a, ".%.*s.%08x" TEMP_END, (int)MIN(base.n, 200), base.p,
                       (unsigned)(rand_u64() >> 32));
    return path_join(a, path_dir(path), name);
}

static Status write_temp(Arena *a, Str temp, Str content)
{
    File *f;
    TRY(file_open(&f, a, temp, FILE_CREATE));
    TRY(file_write(f, 0, content));
    TRY(file_sync(f));
    file_close(f);
    return DONE;
}

Status file_replace(Str path, Str content)
{
    Arena *tmp = arena_new(NULL);
    Str temp = temp_path(tmp, path);
    Status s = write_temp(tmp, temp, content);
    if (!s.code) s = path_rename(temp, path);
    if (s.code) (void)world_now()->disk->remove(str_to_z(tmp, temp), false); // the text stays s's
    if (!s.code) s = dir_sync(path_dir(path));
    arena_free(tmp);
    return s;
}

static bool is_temp(Str name)
{
    // ".x.01234567.tmp"
    if (name.n < 15 || name.p[0] != '.' || !str_ends(name, S(TEMP_END))) return false;
    Str hex = str_sub(name, name.n - 12, 8);
    for (int64_t i = 0; i < hex.n; i++)
        if (!strchr("0123456789abcdef", hex.p[i])) return false;
    return name.p[name.n - 13] == '.';
}

Status dir_clean(Str path)
{
    Arena *tmp = arena_new(NULL);
    Entries list;
    Status s = dir_list(&list, tmp, path);
    for (int64_t i = 0; !s.code && i < list.n; i++)
        if (list.v[i].kind == ENTRY_FILE && is_temp(list.v[i].name))
            s = path_remove(path_join(tmp, path, list.v[i].name));
    arena_free(tmp);
    return s;
}

static int by_name(const void *x, const void *y)
{
    return str_cmp(((const Entry *)x)->name, ((const Entry *)y)->name);
}

Status dir_list(Entries *list, Arena *a, Str path)
{
    *list = (Entries){0};
    PathZ z;
    int err = path_to_z(&z, path);
    if (!err) err = world_now()->disk->list(list, a, z.z);
    if (list->n) qsort(list->v, (size_t)list->n, sizeof(Entry), by_name);
    return errno_fail(err, "list", path);
}

// One folder and, when it is new, its name in its parent for good.
static int make_one(Str path)
{
    const DiskKind *disk = world_now()->disk;
    PathZ z;
    Entry e;
    int err = path_to_z(&z, path);
    if (!err) err = disk->make(z.z);
    if (err == EEXIST) return disk->stat(&e, z.z) == 0 && e.kind == ENTRY_DIR ? 0 : EEXIST;
    if (!err) err = path_to_z(&z, path_dir(path));
    return err ? err : disk->sync(z.z);
}

Status dir_make(Str path)
{
    int err = make_one(path);
    if (err == ENOENT && path.n) { // a parent is missing: from the root down
        err = 0;
        for (int64_t i = 1; i <= path.n && !err; i++)
            if (i == path.n || (path.p[i] == '/' && path.p[i - 1] != '/'))
                err = make_one(str_of(path.p, i));
    }
    return errno_fail(err, "make folder", path);
}

Status dir_sync(Str path)
{
    PathZ z;
    int err = path_to_z(&z, path);
    if (!err) err = world_now()->disk->sync(z.z);
    return errno_fail(err, "sync folder", path);
}

// Unlinks first and looks after: a link to a folder is removed and never followed. The depth is
// bounded by the longest path.
static int remove_tree(const DiskKind *disk, const char *z)
{
    int err = disk->remove(z, false);
    if (err == ENOENT) return 0;
    if (err != EISDIR && err != EPERM) return err;
    Arena *a = arena_new(NULL);
    Entries list = {0};
    err = disk->list(&list, a, z);
    for (int64_t i = 0; i < list.n && !err; i++)
        err = remove_tree(disk, str_to_z(a, path_join(a, str_z(z), list.v[i].name)));
    if (!err) err = disk->remove(z, true);
    arena_free(a);
    return err == ENOENT ? 0 : err;
}

Status dir_remove_all(Str path)
{
    PathZ z;
    int err = path_to_z(&z, path);
    if (!err) err = remove_tree(world_now()->disk, z.z);
    return errno_fail(err, "remove", path);
}

static void remove_temp_dir(void *z) { (void)remove_tree(world_real.disk, z); }

Status dir_temp(Str *path, Arena *a)
{
    bool real = world_now() == &world_real;
    Str under = real ? env_get(a, "TMPDIR") : S("");
    if (under.n == 0) under = S("/tmp");
    Str name = str_fmt(a, "kappa-%016llx", (unsigned long long)rand_u64());
    Str made = path_join(a, under, name);
    // Before it is made: a crash of this process aside, nothing may leave it behind. A simulated
    // one goes with its world.
    if (real) arena_defer(a, remove_temp_dir, str_to_z(a, made));
    TRY(dir_make(made));
    *path = made;
    return DONE;
}

static int stat_errno(Entry *e, Str path)
{
    *e = (Entry){0};
    PathZ z;
    int err = path_to_z(&z, path);
    return err ? err : world_now()->disk->stat(e, z.z);
}
Status path_stat(Entry *e, Str path) { return errno_fail(stat_errno(e, path), "look at", path); }

bool path_exists(Str path)
{
    Entry e;
    return stat_errno(&e, path) == 0;
}

// What rename and link share: two paths, and a text that names both.
static Status two_names(Str from, Str to, const char *what, int (*fn)(const char *, const char *))
{
    PathZ from_z, to_z;
    int err = path_to_z(&from_z, from);
    if (!err) err = path_to_z(&to_z, to);
    if (!err) err = fn(from_z.z, to_z.z);
    if (!err) return DONE;
    Arena *tmp = arena_new(NULL);
    Str both = str_fmt(tmp, STR_FMT " to " STR_FMT, STR_ARG(from), STR_ARG(to));
    Status s = errno_fail(err, what, both);
    arena_free(tmp);
    return s;
}
Status path_rename(Str from, Str to)
{
    return two_names(from, to, "rename", world_now()->disk->rename);
}
Status path_link(Str from, Str to) { return two_names(from, to, "link", world_now()->disk->link); }

Status path_remove(Str path)
{
    PathZ z;
    int err = path_to_z(&z, path);
    if (!err) err = world_now()->disk->remove(z.z, false);
    return errno_fail(err, "remove", path);
}

Status path_absolute(Str *out, Arena *a, Str path)
{
    PathZ z;
    int err = path_to_z(&z, path.n ? path : S("."));
    if (!err) err = world_now()->host->absolute(out, a, z.z);
    return errno_fail(err, "resolve", path);
}

Status path_free_bytes(Str path, int64_t *bytes)
{
    for (Str at = path;; at = path_dir(at)) {
        PathZ z;
        int err = path_to_z(&z, at);
        if (!err) err = world_now()->host->free_bytes(z.z, bytes);
        bool top = at.n <= 1 && at.n && (at.p[0] == '/' || at.p[0] == '.');
        if (err != ENOENT || top) return errno_fail(err, "look at the disk of", path);
    } // not made yet: its nearest parent that is
}
