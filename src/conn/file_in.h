// file_in.h -- the file source in parts: which files there are (file_list.c), what their folders
// say (file_part.c), which were taken when (file_log.c), what their bytes mean (a FileFormat each:
// file_json.c, ..), and the source (file.c). Private to conn/.
#ifndef CONN_FILE_IN_H
#define CONN_FILE_IN_H
#include "base/map.h"
#include "conn/list.h"
#include "fmt/csv.h"
#include "fmt/json.h"
#include "fmt/prune.h"

typedef struct FileEntry {
    Str path;
    int64_t bytes;
    int64_t modified_ms;
    int64_t batch; // in which it was taken
    int64_t root;  // bytes of the path; k=v folders behind them are partition columns
} FileEntry;
typedef struct FileEntries {
    FileEntry *v;
    int64_t n, cap;
} FileEntries;

// ---- which files -------------------------------------------------------------------------------

typedef struct FileFind { // what counts
    Str base;             // basePath: partition folders lie below it; empty: below each path
    Str name_filter;
    bool recursive;
    int64_t after_ms, before_ms; // modified; 0: any time
} FileFind;
// Files at path: it, or what is in it, or what a glob matches. Names that begin with . or _ are
// passed over. A path that does not exist holds nothing and is not *there.
Status file_list(FileEntries *list, bool *there, Arena *a, const FileFind *find, Str path);
bool path_is_glob(Str path);
bool glob_match(Arena *scratch, Str pattern,
                Str name); // ? * [ab] [a-z] [^a] {ab,cd} and \ before one
Str path_local(Str path);  // without file: before it

// What a file sink's log says, at `dir`/_spark_metadata (sink_log.c).
#define SINK_LOG "_spark_metadata"
Status sink_log_files(FileEntries *list, Arena *a, Str dir);
Status sink_log_last(int64_t *batch, Arena *a, Str dir); // -1: none
Status sink_log_add(Arena *scratch, Str dir, int64_t batch, const FileEntry *file, int64_t n);

// ---- what was taken ----------------------------------------------------------------------------

// A file a batch under `dir` (empty: in memory only), every tenth with all before.
typedef struct FileLog {
    Arena *arena;
    Str dir;
    FileEntries entry; // in order of batches
    int64_t last;      // batch, -1: none
} FileLog;
Status file_log_open(FileLog *l, Arena *a, Str dir);
Status file_log_add(FileLog *l, const FileEntry *entry, int64_t n); // as the next batch; durable

// ---- the source --------------------------------------------------------------------------------

typedef struct FileSource FileSource;
typedef struct FileFormat { // what differs between formats
    Str name;               // in messages
    bool (*option)(Str key);
    Status (*open)(FileSource *s, Arena *a, const SourceArgs *args); // its own options
    bool fixed;                                                      // infer looks at no file
    // The schema of files; it stays NULL when they say none.
    Status (*infer)(FileSource *s, Arena *a, const FileEntries *files, const Schema **schema);
    bool (*takes)(const Type *t); // a column of this type; NULL: any
    // How a file is cut; NULL: by bytes, anywhere.
    Status (*lanes)(const FileSource *s, Arena *a, const Lane *whole, Lanes *lanes);
    // Puts batches of all columns of s->data, those not needed without data.
    Status (*read)(FileSource *s, const Lane *lane, Arena *a, Out *out);
} FileFormat;
typedef struct FileOptions {
    int64_t files_max, bytes_max, cached_max;
    int32_t clean; // FileClean
    Str max_age, discard_ratio, name_filter, line_sep, encoding, archive, before, after, base;
    bool latest_first, name_only, recursive, whole_text, multi_line, ignore_missing, ignore_corrupt,
        merge;
} FileOptions;
typedef enum FileClean { CLEAN_OFF, CLEAN_ARCHIVE, CLEAN_DELETE } FileClean;
typedef struct FilePaths {
    Str *v;
    int64_t n, cap;
} FilePaths;
struct FileSource {
    Source base;
    const FileFormat *format;
    FileOptions opt;
    FileFind find;
    JsonOptions json;
    CsvOptions csv;
    TextCast cast;
    const EvalCtx *eval;
    const Prune *prune;
    int32_t nprune;
    VEC(Expr *) of_files; // conditions that name no column of the files' rows
    FilePaths path;
    const Schema *data; // columns that the files hold; base.schema has the partition columns after
    const Field *part;  // partition columns
    int32_t nparts;
    const Type *metadata; // of the column _metadata behind those; NULL: nobody asked for it
    FileLog log;
    Map seen;           // by path, or name only: FileEntry *
    int64_t newest_ms;  // of the files seen
    int64_t age_max_ms; // files this much older than the newest are not taken
    int64_t cleaned;    // batches up to it were cleaned up
    FileEntries unread; // listed earlier and left for later
    Arena *listing;     // of unread
};
Status file_source_open(FileSource *s, Arena *a, const SourceArgs *args, const FileFormat *format);
bool file_option(Str key); // one that every format has

// Refuses a read of nothing but the column of bad records: what is not read is not found bad.
Status file_check_corrupt(const FileSource *s, Str corrupt);
Str file_unescape(Arena *a, Str s); // %3D to =
Str file_uri(Arena *a, Str path);   // file:///a%20b, as Spark names files in errors
Status file_gone(Arena *a, Str path);
// file_metadata.c: the column _metadata, with row_index where the format counts rows.
extern const Type file_metadata, file_row_metadata;
// Of BATCH_ROWS rows of the file; row_index is for file_metadata_at to fill.
Column file_metadata_of(Arena *a, const Type *t, const FileEntry *e);
void file_row_at(Out *out, int64_t row);                     // by formats that count rows
void file_metadata_at(Column *c, int64_t row, int32_t rows); // the first row's place in the file
// file_part.c: partition columns from folders, their types from all values; `given` wins.
Status file_parts_find(FileSource *s, Arena *a, const FileEntries *files, const Schema *given);
Status file_parts_of(const FileSource *s, Arena *a, const FileEntry *e, Datum *v);
// No condition on partition columns and _metadata excludes the file.
bool file_parts_keep(const FileSource *s, Arena *a, const FileEntry *e, const Datum *v);

// file_clean.c: what cleanSource asks for, of batches that no epoch will ask for again.
Status file_clean_check(const FileSource *s);
void file_clean_upto(FileSource *s, int64_t batch);

// file_read.c. The whole text of a file, unpacked; its lines that begin in a lane, some at a time.
// What holds them lives in a.
Status file_text(const FileEntry *e, Arena *a, Str *text);
typedef Status FileLinesFn(void *ctx, const Str *line, int32_t n);
Status file_lines(const FileSource *s, const Lane *lane, Arena *a, FileLinesFn *fn, void *ctx);
bool file_is_packed(Str path); // .gz and the like: read as a whole

#define FILE_SOURCE(kind, meta, text)                                                              \
    const SourceKind source_##kind = {                                                             \
        .name = STR_INIT(#kind),                                                                   \
        .size = sizeof(FileSource),                                                                \
        .opts = file_option_specs,                                                                 \
        .nopts = FILE_OPTIONS,                                                                     \
        .streams = true,                                                                           \
        .batches = true,                                                                           \
        .doc = text,                                                                               \
        .metadata = meta,                                                                          \
        .open = kind##_source_open,                                                                \
        .start = file_start,                                                                       \
        .latest = file_latest,                                                                     \
        .lanes = file_lanes,                                                                       \
        .read = file_read_rows,                                                                    \
        .forget = file_forget,                                                                     \
    }
enum { FILE_OPTIONS = 23 };
extern const OptSpec file_option_specs[FILE_OPTIONS];
Status file_start(Source *s, Arena *a, Str *offset);
Status file_latest(Source *s, Arena *a, Str from, const Admission *adm, Str *to, Str *latest);
Status file_lanes(Source *s, Arena *a, Str from, Str to, Lanes *lanes);
Status file_read_rows(Source *s, const Lane *lane, Arena *scratch, Out *out);
void file_forget(Source *s, Str upto);
// COLUMN_ALREADY_EXISTS for names that differ in case at most. A stream's sink writes such rows, as
// Spark's does; nobody reads them by name.
Status file_columns_once(Arena *a, const Schema *s);
#endif
