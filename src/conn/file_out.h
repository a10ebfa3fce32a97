// file_out.h -- the file sink in parts: rows to the bytes of a format (file_rows.c), which files
// they go to (file_sink.c), and how a batch write becomes visible (file_save.c). Private to conn/.
#ifndef CONN_FILE_OUT_H
#define CONN_FILE_OUT_H
#include "base/map.h"
#include "conn/file_in.h"
#include "expr/time_texts.h"
#include "lake/store.h"

typedef struct FileSink FileSink;
typedef struct Chunk { // what one lane has for one partition
    Str dir;           // a=1/b=2, or empty
    Buf text;
    RowGroup *group; // of Parquet
    int64_t rows;
    Arena *arena;
} Chunk;
typedef struct OutFile { // one that is being written
    Str dir, path;       // path: where it will be
    File *file;
    int64_t bytes;
    ParquetWriter *parquet;
    Arena *arena;
} OutFile;
typedef struct FileForm { // what differs between formats
    Str name, ending;
    bool (*option)(Str key);
    Status (*open)(FileSink *s, Arena *a, const SinkArgs *args);
    bool (*takes)(const Type *t); // a column of this type; NULL: any
    // Encodes rows of the data columns, on a lane's thread.
    Status (*add)(const FileSink *s, Chunk *c, const Batch *b, Arena *scratch);
    void (*seal)(const FileSink *s, Chunk *c);
    void (*begin)(FileSink *s, OutFile *f, Buf *out); // appends what a file starts with
    void (*take)(FileSink *s, OutFile *f, const Chunk *c, Buf *out);
    void (*end)(FileSink *s, OutFile *f, Buf *out);
} FileForm;
typedef struct FileSinkOptions {
    Str compression, time_zone, overwrite_mode, line_sep, timestamp_format, ntz_format, date_format,
        encoding, partition_by;
    bool drop_null;
} FileSinkOptions;
struct FileSink {
    Sink base;
    const SinkReplace *replace; // NULL: all
    const FileForm *form;
    FileSinkOptions opt;
    CsvOptions csv;
    Str dir;
    bool batch;
    const int32_t *part; // columns that folders stand for
    int32_t nparts;
    const Schema *data;    // the others
    const int32_t *column; // where they are in the rows
    const EvalCtx *eval;
    const TimeTexts *times;
    const Type *texts; // of data, with times written
    const ParquetShape *shape;
    ParquetOptions parquet;
    CodecId codec; // of text files
    Str line_end;
    Arena *epoch;
    Writes writes;
    VEC(OutFile) open;
    Str staged; // the folder of a batch write's files until commit
    Str job;    // uuid in file names
    Buf bytes;
};
extern const FileForm file_form_json, file_form_csv, file_form_text, file_form_parquet;

// file_save.c. Moves a batch write's files from `staged` to their places.
typedef struct Save {
    Str dir, staged;
    bool replace, dynamic; // replace: what was there goes; dynamic: only in partitions written
    Str under;             // .. only below this folder of dir
    const Str *file;       // below both folders
    int64_t nfiles;
} Save;
Status file_save(Arena *scratch, const Save *s);
#endif
