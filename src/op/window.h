// window.h -- functions OVER (PARTITION BY .. ORDER BY ..): every row comes out with a column more
// for each call. The rows come sorted by the partition's keys, then by the order (op_sort below);
// no partition is split between instances. One partition at a time lies in memory, and one that
// does not fit is an error.
#ifndef OP_WINDOW_H
#define OP_WINDOW_H
#include "expr/expr.h"
#include "op/op.h"

typedef enum WindowFn {
    WINDOW_ROW_NUMBER,
    WINDOW_RANK,
    WINDOW_DENSE_RANK,
    WINDOW_PERCENT_RANK,
    WINDOW_CUME_DIST,
    WINDOW_NTILE, // n buckets
    WINDOW_SHIFT, // lag and lead: `value` n rows on, `otherwise` where there is no such row
    WINDOW_NTH,   // `value` of the nth row of the frame; n < 0: counted from its end
    WINDOW_AGG,   // `agg` over the rows of the frame
} WindowFn;
typedef struct WindowBound {
    enum {
        WINDOW_UNBOUNDED,
        WINDOW_ROW,  // `rows` after the current one
        WINDOW_PEER, // the current row and its equals in the order
        WINDOW_VALUE // `value` compared with the order's only key
    } kind;
    int64_t rows;
    Expr *value;
} WindowBound;
typedef struct WindowCall {
    WindowFn fn;
    bool ignore_nulls;
    int64_t n;
    Expr *value, *otherwise; // otherwise NULL: NULL
    Expr *agg;               // E_AGG, bound
    WindowBound lower, upper;
    const Type *type;
} WindowCall;
enum { WINDOW_BYTES_MAX = 1 << 30 }; // of the rows held by one instance

typedef struct WindowSpec {
    Expr *const *partition;
    Expr *const *order; // E_SORT
    const WindowCall *call;
    int32_t npartition, norder, ncalls;
} WindowSpec;
extern const OpKind op_window;

// The rows of a frame as of row i: [from[i], to[i]), never shrinking on either side within a
// partition.
typedef struct WindowFrame {
    int32_t *from, *to;
} WindowFrame;
#endif
