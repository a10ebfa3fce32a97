// arrow_read_in.h -- what arrow_schema.c finds and arrow_read.c follows.
#ifndef FMT_ARROW_READ_IN_H
#define FMT_ARROW_READ_IN_H
#include "col/column.h"
#include "fmt/arrow_flat_in.h"

typedef enum ArrowKind { // how the data of a column lie
    ARROW_NULL,
    ARROW_BOOL,
    ARROW_INT,          // integers and times: `bytes` wide, times mul, over div
    ARROW_FIXED,        // as in memory: floats, decimals
    ARROW_INTERVAL,     // days and milliseconds; months, days and nanoseconds
    ARROW_STRING,       // offsets of `bytes`, data
    ARROW_SIZED_STRING, // each of `size`
    ARROW_LIST,
    ARROW_SIZED_LIST,
    ARROW_MAP, // kid[0] is the struct of entries
    ARROW_STRUCT,
} ArrowKind;
typedef struct ArrowType ArrowType;
struct ArrowType {
    ArrowKind kind;
    const Type *type;
    int32_t bytes, size, nkids;
    bool is_unsigned;
    int64_t mul, div;
    ArrowType *kid;
};
typedef struct ArrowRead {
    Arena *arena;
    const Schema *schema; // NULL until it was read
    ArrowType root;
    int64_t rows_max;
    int32_t fields; // seen
    struct {
        Batch *v;
        int64_t n, cap;
    } batches;
} ArrowRead;
typedef struct ArrowBody { // of a record batch: the next node and buffer
    Arena *arena;
    Str body;
    FlatList nodes, buffers;
    int64_t node, buffer, rows_max;
} ArrowBody;

Status arrow_schema(ArrowRead *r, const FlatTable *t);
#endif
