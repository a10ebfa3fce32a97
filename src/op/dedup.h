// dedup.h -- rows whose key was not seen before, passed on at once in every mode (semantics
// S10-S15). Two of them: op_dedup remembers keys until an event time among them is closed, or for
// ever; op_dedup_within remembers each until the time of its first row plus the watermark's delay.
// Rows come by shard of their keys; which of two equal ones comes first is the order of arrival.
#ifndef OP_DEDUP_H
#define OP_DEDUP_H
#include "expr/expr.h"
#include "op/op.h"

typedef struct DedupSpec {
    Expr *const *key; // over the input, bound
    int32_t nkeys;
    int32_t time_key; // which key is event time under a watermark (TIMESTAMP), -1: none
    Expr *time;       // event time of the input, TIMESTAMP: late rows are dropped; NULL: none
    Micros delay;     // of op_dedup_within
} DedupSpec;
extern const OpKind op_dedup, op_dedup_within;

// What plan/lower_dedup.c puts into the OpSpec: the state's shape, and its text for the comparison
// at a restart.
void dedup_state(TableSpec *table, Str *schema, Arena *a, const DedupSpec *spec, bool within);
#endif
