// file_posix.c -- files and names of the real world: one system call each, its errno as it comes.
// Locks are flock's: they belong to the open file, so a second opening is refused in this process
// as in any other, and the kernel drops them with the process.
#include "os/world_in.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct PosixFile {
    File file;
    int fd;
} PosixFile;

static int fd_of(File *f) { return CONTAINER(f, PosixFile, file)->fd; }
static int errno_of(int64_t result) { return result < 0 ? errno : 0; }

static int posix_read(File *f, int64_t at, void *to, int64_t n, int64_t *got)
{
    *got = pread(fd_of(f), to, (size_t)n, at);
    return errno_of(*got);
}

static int posix_write(File *f, int64_t at, Str s, int64_t *put)
{
    *put = pwrite(fd_of(f), s.p, (size_t)s.n, at);
    return errno_of(*put);
}

static int posix_size(File *f, int64_t *bytes)
{
    struct stat st;
    int err = errno_of(fstat(fd_of(f), &st));
    if (!err) *bytes = st.st_size;
    return err;
}

// Calls that a signal may interrupt before they did anything.
#define AGAIN(call)                                                                                \
    do {                                                                                           \
        int r_;                                                                                    \
        do r_ = (call);                                                                            \
        while (r_ < 0 && errno == EINTR);                                                          \
        return errno_of(r_);                                                                       \
    } while (0)

static int posix_truncate(File *f, int64_t bytes) { AGAIN(ftruncate(fd_of(f), bytes)); }
static int posix_preallocate(File *f, int64_t bytes)
{
    AGAIN(fallocate(fd_of(f), FALLOC_FL_KEEP_SIZE, 0, bytes));
}
static int posix_sync(File *f) { AGAIN(fdatasync(fd_of(f))); }
static int posix_lock(File *f) { AGAIN(flock(fd_of(f), LOCK_EX | LOCK_NB)); }
static void posix_close(File *f) { close(fd_of(f)); }

static const FileKind posix_file = {posix_read,        posix_write, posix_size, posix_truncate,
                                    posix_preallocate, posix_sync,  posix_lock, posix_close};

static int open_again(int *fd, const char *path, int flags)
{
    AGAIN(*fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666));
}

static int posix_open(File **f, Arena *a, const char *path, FileMode mode)
{
    static const int flags[] = {[FILE_READ] = O_RDONLY,
                                [FILE_WRITE] = O_RDWR | O_CREAT,
                                [FILE_CREATE] = O_RDWR | O_CREAT | O_EXCL};
    PosixFile *made = NEW(a, PosixFile, 1);
    made->file.kind = &posix_file;
    int err = open_again(&made->fd, path, flags[mode]);
    struct stat st; // a folder can be opened to be read, and only then refuses
    if (!err && mode == FILE_READ && fstat(made->fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(made->fd);
        err = EISDIR;
    }
    *f = &made->file;
    return err;
}

static void entry_fill(Entry *e, const struct stat *st)
{
    e->kind = S_ISREG(st->st_mode) ? ENTRY_FILE : S_ISDIR(st->st_mode) ? ENTRY_DIR : ENTRY_OTHER;
    e->bytes = st->st_size;
    e->modified = (Micros)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000;
}

static int posix_stat(Entry *e, const char *path)
{
    struct stat st;
    int err = errno_of(stat(path, &st));
    if (!err) entry_fill(e, &st);
    return err;
}

// What was removed since the folder was read is left out; a link to nothing is ENTRY_OTHER.
static int list_open(Entries *list, Arena *a, DIR *dir)
{
    for (struct dirent *d; errno = 0, (d = readdir(dir)) != NULL;) {
        if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, "..")) continue;
        struct stat st;
        if (fstatat(dirfd(dir), d->d_name, &st, 0) < 0 &&
            fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
            if (errno == ENOENT) continue;
            return errno;
        }
        Entry e = {.name = str_copy(a, str_z(d->d_name))};
        entry_fill(&e, &st);
        vec_push(a, list, e);
    }
    return errno;
}

static int posix_list(Entries *list, Arena *a, const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) return errno;
    int err = list_open(list, a, dir);
    closedir(dir);
    return err;
}

static int posix_make(const char *path) { return errno_of(mkdir(path, 0777)); }

static int fsync_again(int fd) { AGAIN(fsync(fd)); }
static int posix_sync_names(const char *path)
{
    int fd;
    int err = open_again(&fd, path, O_RDONLY | O_DIRECTORY);
    if (err) return err;
    err = fsync_again(fd);
    close(fd);
    return err == EINVAL ? 0 : err; // a file system that keeps no names back
}

static int posix_rename(const char *from, const char *to) { return errno_of(rename(from, to)); }
static int posix_link(const char *from, const char *to) { return errno_of(link(from, to)); }
static int posix_remove(const char *path, bool folder)
{
    return errno_of(folder ? rmdir(path) : unlink(path));
}

const DiskKind disk_posix = {posix_open,       posix_list,   posix_stat, posix_make,
                             posix_sync_names, posix_rename, posix_link, posix_remove};
