// file.h -- files and folders behind the wall. Everything that kappa keeps goes through these
// calls, so that a simulated disk can stand in their place and lose, tear or refuse what a real one
// may.
//
// Nothing is durable before file_sync has returned; a new, renamed or removed name is durable only
// after dir_sync of its folder. A failed sync is final for that file: what was not synced before
// must be taken as lost (the kernel drops such pages). All failures are ERR_IO with path and
// reason, save ERR_NOT_FOUND (no such file) and ERR_CONFLICT (it exists, or somebody holds the
// lock).
#ifndef OS_FILE_H
#define OS_FILE_H
#include "base/base.h"

typedef struct File File;
typedef enum FileMode {
    FILE_READ,   // must exist
    FILE_WRITE,  // read and write, made when absent
    FILE_CREATE, // read and write, must not exist
} FileMode;

// f lives in a and is closed with it; file_close does so earlier and may be called twice.
Status file_open(File **f, Arena *a, Str path, FileMode mode);
void file_close(File *f);
// Reads up to n bytes at `at`; *got < n only at the end of the file.
Status file_read(File *f, int64_t at, void *to, int64_t n, int64_t *got);
// Writes all of s at `at`; a full disk is ERR_IO with some prefix written.
Status file_write(File *f, int64_t at, Str s);
Status file_size(File *f, int64_t *bytes);
Status file_truncate(File *f, int64_t bytes);
Status file_preallocate(File *f,
                        int64_t bytes); // keeps the size; a hint, never fails for lack of support
Status file_sync(File *f);              // fdatasync
// An advisory lock for this process's lifetime of f; ERR_CONFLICT when another process has it.
Status file_lock(File *f);
Str file_path(const File *f);

// The whole of a file, at most `most` bytes, into a.
Status file_load(Str *content, Arena *a, Str path, int64_t most);
// Writes a file so that a crash leaves the old or the new one: temporary name, sync, rename,
// dir_sync.
Status file_replace(Str path, Str content);

typedef enum EntryKind { ENTRY_FILE, ENTRY_DIR, ENTRY_OTHER } EntryKind;
typedef struct Entry {
    Str name; // without the folder
    EntryKind kind;
    int64_t bytes;
    Micros modified;
} Entry;
typedef struct Entries { // sorted by name
    Entry *v;
    int64_t n, cap;
} Entries;
Status dir_list(Entries *list, Arena *a, Str path);
Status dir_make(Str path); // with its parents; fine when it exists
Status dir_sync(Str path);
Status dir_remove_all(Str path);      // the folder and what is in it; fine when absent
Status path_stat(Entry *e, Str path); // follows links; e->name stays empty
bool path_exists(Str path);
Status path_rename(Str from, Str to);               // replaces
Status path_link(Str from, Str to);                 // a second name; ERR_CONFLICT when `to` exists
Status path_remove(Str path);                       // a file; ERR_NOT_FOUND when absent
Status path_absolute(Str *out, Arena *a, Str path); // symbolic links resolved as far as it exists
Str path_join(Arena *a, Str dir, Str name);
Str path_dir(Str path); // the part before the last slash, "." if none
Str path_base(Str path);
// Bytes free for us on the file system that holds path.
Status path_free_bytes(Str path, int64_t *bytes);
#endif
