// prune.h -- simple conditions on columns that let a scan skip files, row groups and pages whose
// statistics exclude every row. Skipping is only ever a saving: rows that do not meet a condition
// may still come, and whoever asked filters them.
#ifndef FMT_PRUNE_H
#define FMT_PRUNE_H
#include "col/column.h"

typedef enum PruneOp {
    PRUNE_EQ,
    PRUNE_LT,
    PRUNE_LE,
    PRUNE_GT,
    PRUNE_GE,
    PRUNE_IS_NULL,
    PRUNE_NOT_NULL,
    PRUNE_IN, // one of several values
} PruneOp;
typedef struct Prune { // one conjunct
    int32_t column;    // of the schema that the scan was asked for
    PruneOp op;
    const Datum *value; // of the column's type; IN: nvalues of them
    int32_t nvalues;
} Prune;

typedef struct Range { // what is known of the values of one column in one file, group or page
    bool bounds;       // lo and hi hold: no value (NaN aside) lies outside
    Datum lo, hi;
    int64_t nulls, values; // nulls -1: unknown; values counts nulls too
    bool nans_possible;    // float and double: NaN is greater than hi
} Range;

bool prune_keeps(const Prune *p, const Type *t, const Range *r); // some row may pass
// Compares two values of an orderable atomic type as Spark does; neither is NULL.
int32_t datum_cmp(const Type *t, const Datum *x, const Datum *y);
// The single-value form of Iceberg and of PLAIN statistics (little-endian numbers, big-endian
// decimals, bare bytes) as a value of type t. False when the bytes are no such value. A narrower
// number, as left behind by a promoted type, is widened.
bool datum_from_bytes(Datum *v, const Type *t, Str bytes);
void datum_to_bytes(Buf *out, const Type *t, const Datum *v); // Iceberg's form
int32_t decimal_bytes(int32_t precision); // that hold every decimal of the precision
#endif
