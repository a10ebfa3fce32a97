// arrow_read.h -- rows from an Arrow IPC stream, as clients send those of createDataFrame. Every
// offset and length is checked before it is followed; strings stay views of the stream.
//
// Dictionaries and compressed bodies are refused, as are types that Spark has not.
#ifndef FMT_ARROW_READ_H
#define FMT_ARROW_READ_H
#include "col/column.h"

typedef struct ArrowRows {
    const Schema *schema;
    Batch *batch; // of at most BATCH_ROWS rows
    int32_t n;
} ArrowRows;
// Reads a whole stream: its schema and all its record batches. ERR_CORRUPT names what is wrong,
// ERR_UNSUPPORTED the type.
Status arrow_read(ArrowRows *rows, Arena *a, Str stream);
#endif
