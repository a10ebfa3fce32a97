// store.h -- where a table's files lie, by URI. Today that is the local disk (file:///..); object
// stores will stand behind the same calls. Everything under a table is written once under a name
// that was never used before, so writing means: create, fill, make durable.
#ifndef LAKE_STORE_H
#define LAKE_STORE_H
#include "fmt/parquet.h"
#include "os/file.h"

Status store_path(Str *path, Arena *a, Str uri); // of file:///x, file:/x or /x
Str store_uri(Arena *a, Str path);               // file:///x of an absolute path
Status store_load(Str *bytes, Arena *a, Str uri);
Status store_remove(Arena *scratch, Str uri);          // fine when absent
Status store_source(ByteSource *s, Arena *a, Str uri); // for random access

typedef struct WrittenFile {
    File *file;
} WrittenFile;
typedef VEC(WrittenFile) WrittenFiles;
typedef VEC(Str) Paths;
typedef struct Writes { // files that become durable together
    Arena *arena;
    WrittenFiles files;
    Paths dirs;    // that got new names
    Paths made;    // every file, for undoing
    bool parallel; // sync on several threads: one journal commit of the disk serves them all
    bool told;     // a catalog may know of them: undoing is no longer safe
} Writes;
Writes writes_new(Arena *a, bool parallel);
// Makes a file that must not exist, and its folders. The file may be written to until the sync.
Status writes_create(Writes *w, Str uri, File **f);
Status writes_put(Writes *w, Str uri, Str bytes); // create and fill
// All files and their names are durable; closes them. Done once.
Status writes_sync(Writes *w);
// Removes what was made, as far as that works: it is known that nothing refers to it.
void writes_undo(Writes *w);
#endif
