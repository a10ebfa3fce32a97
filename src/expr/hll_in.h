// hll_in.h -- what HyperLogLog++ knows of its own error, by p - HLL_P_MIN.
#ifndef EXPR_HLL_IN_H
#define EXPR_HLL_IN_H
#include "base/base.h"

enum { HLL_P_MIN = 4, HLL_P_TABLED = 18 };
typedef struct HllRaw {
    const double *v; // ascending
    int64_t n;
} HllRaw;
extern const HllRaw hll_raw[];
extern const double *const hll_bias[]; // of each raw estimate
#endif
