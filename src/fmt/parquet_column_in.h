// parquet_column_in.h -- from levels and native values to columns of the wanted type.
#ifndef FMT_PARQUET_COLUMN_IN_H
#define FMT_PARQUET_COLUMN_IN_H
#include "fmt/parquet_page_in.h"

typedef enum Conv { // from what a leaf stores to what is wanted
    CONV_NONE,
    CONV_I32_I8,
    CONV_I32_I16,
    CONV_I32_I64,
    CONV_U32_I64,
    CONV_F32_F64,
    CONV_I32_DECIMAL,
    CONV_I64_DECIMAL,
    CONV_U64_DECIMAL,
    CONV_BYTES_DECIMAL,
    CONV_MILLIS,      // to micros
    CONV_TIME_MILLIS, // to nanos
    CONV_TIME_MICROS,
    CONV_INT96,
    CONV_UUID, // 16 bytes to text
} Conv;
typedef struct ReadNode ReadNode;
struct ReadNode {
    const Type *type;   // wanted
    const PqNode *node; // NULL: the file has no such thing, all is NULL
    int32_t leaf;       // whose levels say where its values are
    Conv conv;          // of a leaf
    ReadNode *kid;
    int32_t nkids;
};
typedef struct LeafRun { // one leaf's part of a batch
    uint8_t *def, *rep;  // of n entries
    int64_t n;
    void *values; // native
    int64_t nvalues;
} LeafRun;

// Finds wanted fields in the file. Marks the leaves that will be read in used[].
Status read_node_make(ReadNode *rn, Arena *a, const ParquetFile *f, const Field *want,
                      const PqNode *above, uint8_t *used);
// A column that does not nest, straight from its leaf's pages.
Status read_flat(Column *out, Arena *a, const ReadNode *rn, LeafReader *l, int32_t rows);
// A leaf's levels and values for the next rows, and a column from the runs of its leaves.
Status read_run(LeafRun *run, Arena *a, LeafReader *l, int32_t rows);
Status read_nested(Column *out, Arena *a, const ReadNode *rn, const LeafRun *runs, int32_t rows);
#endif
