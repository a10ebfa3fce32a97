// file.h -- files and folders behind the wall. Everything that kappa keeps goes through these
// calls, so that a simulated disk can stand in their place and lose, tear or refuse what a real one
// may.
//
// Nothing is durable before file_sync has returned; a new, renamed or removed name is durable only
// after dir_sync of its folder. A failed sync is final for that file: what was not synced before
// must be taken as lost (the kernel drops such pages and would say yes the next time), so this File
// refuses all further writes and syncs. All failures are ERR_IO with path and reason, save
// ERR_NOT_FOUND (no such file) and ERR_CONFLICT (it exists, or somebody holds the lock).
//
// One File may be read and written from several threads at a time. Links to files and folders are
// followed, except by what removes and renames.
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
// Reserves space, keeps the size; a hint: fails when there is no space, not for lack of support.
Status file_preallocate(File *f, int64_t bytes);
Status file_sync(File *f); // fdatasync: content and size
// An advisory lock until f is closed; ERR_CONFLICT when another File has it, in this process or in
// another one.
Status file_lock(File *f);
Str file_path(const File *f);

// The whole of a file into a, followed by a NUL that is not counted; ERR_LIMIT when it has more
// than `most` bytes.
Status file_load(Str *content, Arena *a, Str path, int64_t most);
// Writes a file so that a crash leaves the old or the new one: temporary name, sync, rename,
// dir_sync. When it fails the old one may still be there, or already the new one. A crash may
// leave a temporary ".<name>.<8 hex>.tmp" beside it; dir_clean removes those.
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
// With its parents; fine when it exists. What it made is durable when it returns; a folder that was
// there already may be a survivor of a crash whose name is not yet.
Status dir_make(Str path);
Status dir_sync(Str path);
Status dir_remove_all(Str path); // the folder or file and what is in it; fine when absent
Status dir_clean(Str path);      // what crashes of file_replace left in it; its owner calls this
// A fresh folder under $TMPDIR or /tmp, removed with what is in it when a ends: for tests and
// spills.
Status dir_temp(Str *path, Arena *a);
Status path_stat(Entry *e, Str path); // e->name stays empty
bool path_exists(Str path); // false also when it cannot be looked at: path_stat tells the two apart
Status path_rename(Str from, Str to);               // replaces
Status path_link(Str from, Str to);                 // a second name; ERR_CONFLICT when `to` exists
Status path_remove(Str path);                       // a file; ERR_NOT_FOUND when absent
Status path_absolute(Str *out, Arena *a, Str path); // symbolic links resolved as far as it exists
Str path_join(Arena *a, Str dir, Str name);
Str path_dir(Str path);  // what holds it: "a/b/" -> "a", "a" -> ".", "/a" -> "/"
Str path_base(Str path); // its own name: "a/b/" -> "b"
// Bytes free for us on the file system that holds path, or will when it is made.
Status path_free_bytes(Str path, int64_t *bytes);
// What the system means by an error number.
const char *errno_text(int err);
#endif
