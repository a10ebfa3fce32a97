// parquet.h -- Parquet files, written and read by column.
//
// Writing has two halves, so that several threads may encode for one file: a RowGroup is built and
// compressed by one thread, and a ParquetWriter strings finished row groups together, in the order
// given, and closes with the footer. The bytes depend on the rows, their order and how they were
// divided into row groups, never on how the rows came in batches.
//
// A ParquetFile is an opened footer: immutable, shared by any number of ParquetScans, each of which
// reads some row groups on one thread.
#ifndef FMT_PARQUET_H
#define FMT_PARQUET_H
#include "base/options.h"
#include "fmt/codec.h"
#include "fmt/prune.h"

// Pages of data page v1, PLAIN or RLE_DICTIONARY, each with its CRC; statistics, page index.
typedef struct ParquetOptions {
    CodecId codec; // zstd
    int32_t level; // of the codec: 1
    int32_t page_rows;
    int64_t page_bytes, dictionary_bytes; // at most, before compression
    bool dictionary;
    const Option *meta; // the file's key-value metadata
    int64_t nmeta;
} ParquetOptions;
ParquetOptions parquet_options(void); // the defaults

// How a schema lies in a file. Field ids are written where the schema has them. ERR_UNSUPPORTED
// names a column of a type that Parquet has no room for. The schema must outlive the shape.
typedef struct ParquetShape ParquetShape;
Status parquet_shape_new(const ParquetShape **s, Arena *a, const Schema *schema);

typedef struct RowGroup RowGroup;
RowGroup *row_group_new(Arena *a, const ParquetShape *s, const ParquetOptions *o);
// Encodes the rows; keeps nothing of b. NOT_NULL_CONSTRAINT_VIOLATION for a NULL where the schema
// has none.
Status row_group_add(RowGroup *g, const Batch *b);
// No more rows: compresses what is left. Only then may it be written, any number of times.
void row_group_seal(RowGroup *g);
int64_t row_group_rows(const RowGroup *g);
int64_t row_group_bytes(const RowGroup *g); // a guess before sealing, compressed and exact after

typedef struct ParquetColumnStats { // of one leaf over the whole file, for table formats
    int32_t id;                     // field id
    int32_t column;                 // that it is part of
    const Type *type;
    bool repeated; // inside a list or map: no bounds
    bool counts_nans;
    int64_t bytes, values, nulls, nans; // values counts nulls
    Range range;
} ParquetColumnStats;

typedef struct ParquetWriter ParquetWriter;
// Starts a file; what has to be written is appended to out, here and below.
ParquetWriter *parquet_writer_new(Arena *a, const ParquetShape *s, const ParquetOptions *o,
                                  Buf *out);
void parquet_writer_add(ParquetWriter *w, const RowGroup *g, Buf *out); // keeps nothing of g
void parquet_writer_end(ParquetWriter *w, Buf *out);                    // index and footer
int64_t parquet_writer_bytes(const ParquetWriter *w);                   // so far
int64_t parquet_writer_rows(const ParquetWriter *w);
const int64_t *parquet_writer_groups(const ParquetWriter *w, int64_t *n); // where each starts
const ParquetColumnStats *parquet_writer_stats(const ParquetWriter *w, int32_t *n);

// Where bytes come from: a file, a piece of memory, later an object store.
typedef struct ByteSource ByteSource;
struct ByteSource {
    int64_t bytes;
    Str name; // for messages
    // Exactly n bytes at `at`, in a or anywhere that lives as long as the source.
    Status (*read)(const ByteSource *s, Arena *a, int64_t at, int64_t n, Str *out);
    const void *more;
};
ByteSource byte_source_of(Str bytes, Str name);

typedef struct ParquetFile ParquetFile;
Status parquet_open(ParquetFile **f, Arena *a, const ByteSource *src); // src must outlive it
// The columns as Spark reads them, all nullable; PARQUET_TYPE_ILLEGAL for one it does not.
Status parquet_schema(const ParquetFile *f, Arena *a, const Schema **s);
int64_t parquet_rows(const ParquetFile *f);
int32_t parquet_groups(const ParquetFile *f);
int64_t parquet_group_rows(const ParquetFile *f, int32_t group);
int64_t parquet_group_at(const ParquetFile *f, int32_t group); // first byte
Str parquet_meta(const ParquetFile *f, Str key);               // p NULL when absent

typedef struct ParquetWant {
    const Schema *schema;  // of the rows; a column is found by field id when both sides have ids,
                           // else by name, folding case; one that the file lacks is NULL
    const uint8_t *needed; // a byte a column: others get no data. NULL: all
    const Prune *prune;
    int32_t nprune;
    int32_t group, groups; // which row groups: [group, group + groups)
} ParquetWant;
typedef struct ParquetScan ParquetScan;
Status parquet_scan_new(ParquetScan **s, Arena *a, const ParquetFile *f, const ParquetWant *want);
// The next rows, valid until the next call; b->rows 0 at the end. *row, when not NULL, gets the
// position in the file of the first.
Status parquet_scan_next(ParquetScan *s, Batch *b, int64_t *row);
bool parquet_scan_has(const ParquetScan *s, int32_t column); // the file has such a column
int64_t parquet_scan_pages_skipped(const ParquetScan *s);    // for tests and metrics
#endif
