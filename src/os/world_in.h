// world_in.h -- what a world is: the tables of functions behind file.h and clock.h. There are two,
// the real one (file_posix.c, host_posix.c) and the simulated one (sim_*.c). A function here is one
// attempt at one thing and answers with 0 or an errno; loops, retries, texts and codes are made
// once, above, in file.c, so both worlds exercise them.
#ifndef OS_WORLD_IN_H
#define OS_WORLD_IN_H
#include "os/file.h"
#include "os/thread.h"

typedef struct FileKind {
    int (*read)(File *f, int64_t at, void *to, int64_t n,
                int64_t *got);                              // may be short; 0 is the end
    int (*write)(File *f, int64_t at, Str s, int64_t *put); // may be short
    int (*size)(File *f, int64_t *bytes);
    int (*truncate)(File *f, int64_t bytes);
    int (*preallocate)(File *f, int64_t bytes);
    int (*sync)(File *f);
    int (*lock)(File *f);
    void (*close)(File *f);
} FileKind;
struct File { // each world's own file begins with it
    const FileKind *kind;
    Str path;
    Shared64 broken; // errno of the sync that failed; nothing is written or synced after it
    bool closed;
};

typedef struct DiskKind { // names; paths are C strings
    int (*open)(File **f, Arena *a, const char *path, FileMode mode);
    int (*list)(Entries *list, Arena *a, const char *path); // in any order, without . and ..
    int (*stat)(Entry *e, const char *path);
    int (*make)(const char *path); // one folder; its parent exists
    int (*sync)(const char *path); // a folder's names
    int (*rename)(const char *from, const char *to);
    int (*link)(const char *from, const char *to);
    int (*remove)(const char *path, bool folder); // an empty folder, or anything else
} DiskKind;

typedef struct HostKind { // the machine around the disk
    Micros (*now)(void);
    int64_t (*mono_ns)(void);
    int64_t (*cpu_ns)(void);
    void (*sleep)(Micros t);
    void (*random)(void *to, int64_t n);
    Str (*zone)(Arena *a);
    int (*absolute)(Str *out, Arena *a, const char *path);
    int (*free_bytes)(const char *path, int64_t *bytes);
} HostKind;

typedef struct World {
    const DiskKind *disk;
    const HostKind *host;
} World;
extern const DiskKind disk_posix;
extern const World world_real;
const World *world_now(void); // the one this process lives in
void world_set(const World *w);

// The parts of `rest` on top of the folder `at`, "." and ".." taken by their text.
Str path_walk(Arena *a, Str at, Str rest);

// fail() with the code that err stands for: "cannot <what> <path>: <reason>".
Status errno_raise(int err, const char *what, Str path);
static inline Status errno_fail(int err, const char *what, Str path) // 0 is DONE
{
    if (!err) return DONE;
    Status s = errno_raise(err, what, path);
    must(s.code != OK); // so that a reader of one file, clang-analyzer for one, knows it
    return s;
}
#endif
