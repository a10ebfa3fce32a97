// parquet_shred_in.h -- rows to levels and values: one column of a batch, however it nests, to the
// leaf writers below it.
#ifndef FMT_PARQUET_SHRED_IN_H
#define FMT_PARQUET_SHRED_IN_H
#include "col/column.h"
#include "fmt/parquet_leaf_in.h"

Status parquet_shred(const PqNode *node, const Column *c, int32_t rows, LeafWriter *leaves,
                     Arena *scratch);
#endif
