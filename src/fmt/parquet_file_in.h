// parquet_file_in.h -- an opened file, for the files of the reader.
#ifndef FMT_PARQUET_FILE_IN_H
#define FMT_PARQUET_FILE_IN_H
#include "fmt/parquet.h"
#include "fmt/parquet_shape_in.h"

struct ParquetFile {
    const ByteSource *src;
    PqFooter footer;
    ParquetShape *shape;
    bool has_ids;  // some node carries a field id
    bool *ordered; // a flag a leaf: its min_value and max_value mean something
};
static inline const PqGroup *pq_group(const ParquetFile *f, int32_t g)
{
    return &((const PqGroup *)f->footer.groups.v)[g];
}
static inline const PqChunk *pq_chunk(const ParquetFile *f, int32_t g, int32_t leaf)
{
    return &((const PqChunk *)pq_group(f, g)->chunks.v)[leaf];
}
Status pq_broken(const ParquetFile *f, const char *what); // ERR_CORRUPT, with the file's name
#endif
