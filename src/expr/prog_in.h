// prog_in.h -- what a program is made of; for prog.c, which compiles, and prog_run.c.
#ifndef EXPR_PROG_IN_H
#define EXPR_PROG_IN_H
#include "expr/fn.h"
#include "expr/prog.h"

typedef struct Step {
    Kernel kernel;
    const void *bound;
    const Column **in; // registers
    int32_t nin, flags;
    int32_t out, mask; // registers; mask -1: all rows
    Origin at;
} Step;
typedef struct Input { // a register that is a column of the batch
    int32_t reg, col;
} Input;
struct Prog {
    Arena *scratch; // emptied by each run
    int32_t rows;   // that a batch may have
    const EvalCtx *ctx;
    Column *reg;
    Column *own;     // registers as compiled: a kernel may put other memory into its register
    uint8_t **valid; // a register's own room for validity, NULL where it never needs any
    int32_t nregs;
    Step *step;
    int32_t nsteps;
    Input *input;
    int32_t ninputs;
    int32_t *out;
    int32_t nout;
};

typedef struct ExprList {
    Expr *const *e;
    int32_t n;
} ExprList;
// prog_compile for batches of at most `rows`.
Status prog_compile_rows(Prog **p, Arena *a, const ExprList *list, int32_t rows,
                         const EvalCtx *ctx);

// Kernels that stand between lazy arguments (fn_cond.c). Inputs: the column and, if the place is
// itself under a mask, that mask. Out: 1 where the rest still has to be looked at.
Status mask_true(const KernelCall *c);     // the condition holds
Status mask_not_true(const KernelCall *c); // it is false or NULL
Status mask_not_false(const KernelCall *c);
Status mask_null(const KernelCall *c);
// The fields of a struct column as a column (bound: the index).
Status field_kernel(const KernelCall *c);
#endif
