// file_in.h -- the file source in parts: which files there are (file_list.c), which were taken when
// (file_log.c), their lines (file_read.c), and the source (file.c). Private to conn/.
#ifndef CONN_FILE_IN_H
#define CONN_FILE_IN_H
#include "base/map.h"
#include "conn/list.h"
#include "fmt/json.h"

typedef struct FileEntry {
    Str path;
    int64_t bytes;
    int64_t modified_ms;
    int64_t batch; // in which it was taken
} FileEntry;
typedef struct FileEntries {
    FileEntry *v;
    int64_t n, cap;
} FileEntries;

// Files at path: it, or what is in it, or what a glob matches. Names that begin with . or _ are
// passed over. A path that does not exist holds nothing.
Status file_list(FileEntries *list, Arena *a, Str path, Str name_filter, bool recursive);
bool path_is_glob(Str path);
bool glob_match(Arena *scratch, Str pattern,
                Str name); // ? * [ab] [a-z] [^a] {ab,cd} and \ before one

// What was taken: a file a batch under `dir` (empty: in memory only), every tenth with all before.
typedef struct FileLog {
    Arena *arena;
    Str dir;
    FileEntries entry; // in order of batches
    int64_t last;      // batch, -1: none
} FileLog;
Status file_log_open(FileLog *l, Arena *a, Str dir);
Status file_log_add(FileLog *l, const FileEntry *entry, int64_t n); // as the next batch; durable

typedef enum FileFormat { FILE_JSON, FILE_TEXT } FileFormat;
typedef struct FileOptions {
    int64_t files_max, bytes_max, cached_max;
    Str max_age, discard_ratio, name_filter, line_sep, encoding, clean;
    bool latest_first, name_only, recursive, whole_text, multi_line, ignore_missing, ignore_corrupt;
} FileOptions;
typedef struct FileSource {
    Source base;
    FileFormat format;
    FileOptions opt;
    JsonOptions json;
    Str path;
    FileLog log;
    Map seen;           // by path, or name only: FileEntry *
    int64_t newest_ms;  // of the files seen
    int64_t age_max_ms; // files this much older than the newest are not taken
    FileEntries unread; // listed earlier and left for later
    Arena *listing;     // of unread
} FileSource;
// Calls fn with the lines that begin in a lane, some at a time; what holds them lives in a.
typedef Status FileLinesFn(void *ctx, const Str *line, int32_t n);
Status file_lines(const FileSource *s, const Lane *lane, Arena *a, FileLinesFn *fn, void *ctx);
Status file_read_lane(FileSource *s, const Lane *lane, Arena *scratch, Out *out);
#endif
