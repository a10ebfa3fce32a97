// Any bytes as a Parquet file: opening and reading end in rows or in an error. What is read can be
// written again, and reads back the same.
#include "base/base.h"
#include "fmt/parquet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BATCHES_MAX = 20 };

static Status write_back(Arena *a, const Schema *s, const Batch *b, Str *file)
{
    const ParquetShape *shape;
    ParquetOptions o = parquet_options();
    Buf out = buf_new(a);
    TRY(parquet_shape_new(&shape, a, s));
    ParquetWriter *w = parquet_writer_new(a, shape, &o, &out);
    RowGroup *g = row_group_new(a, shape, &o);
    TRY(row_group_add(g, b));
    row_group_seal(g);
    parquet_writer_add(w, g, &out);
    parquet_writer_end(w, &out);
    *file = buf_str(&out);
    return DONE;
}

static void compare(Arena *a, const Schema *s, const Batch *want, Str file)
{
    ByteSource src = byte_source_of(file, S("again"));
    ParquetFile *f;
    ParquetScan *scan;
    Batch got;
    ParquetWant w = {.schema = s, .groups = 1};
    must(!parquet_open(&f, a, &src).code);
    must(!parquet_scan_new(&scan, a, f, &w).code);
    must(!parquet_scan_next(scan, &got, NULL).code && got.rows == want->rows);
    for (int32_t c = 0; c < got.cols; c++)
        for (int32_t i = 0; i < got.rows; i++) must(value_eq(&want->col[c], i, &got.col[c], i));
}

static Status read_all(Arena *a, Str bytes)
{
    ByteSource src = byte_source_of(bytes, S("fuzz"));
    ParquetFile *f;
    ParquetScan *scan;
    const Schema *s;
    TRY(parquet_open(&f, a, &src));
    TRY(parquet_schema(f, a, &s));
    ParquetWant w = {.schema = s, .groups = parquet_groups(f)};
    TRY(parquet_scan_new(&scan, a, f, &w));
    for (int32_t i = 0; i < BATCHES_MAX; i++) {
        Batch b;
        Str again;
        TRY(parquet_scan_next(scan, &b, NULL));
        if (!b.rows) break;
        if (!write_back(a, s, &b, &again).code) compare(a, s, &b, again);
    }
    return DONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *a = arena_new(NULL);
    Status s = read_all(a, str_copy(a, str_of((const char *)data, (int64_t)size)));
    (void)s.code;
    arena_free(a);
    return 0;
}
