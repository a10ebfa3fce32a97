// lambda_in.h -- functions that take functions. A lambda's body is a program of its own over a
// batch of its captured columns and its variables; one row of that batch is one element.
#ifndef EXPR_LAMBDA_IN_H
#define EXPR_LAMBDA_IN_H
#include "expr/fn_in.h"
#include "expr/prog_in.h"

typedef struct Lambda {
    Prog *body;
    int32_t nvars;
} Lambda;
enum { LAMBDAS_MAX = 2, LAMBDA_VARS_MAX = 3 };
typedef struct LambdaCall { // KernelCall.bound of functions with lambdas
    Lambda lambda[LAMBDAS_MAX];
    int32_t n;
    int32_t plain; // inputs that are arguments; those after are captures
} LambdaCall;

bool has_lambda(const Expr *call);
// Compiles the lambdas of a call. inputs: the other arguments, then the columns that the lambdas
// capture.
Status lambda_compile(Arena *a, const Expr *call, const EvalCtx *ctx, LambdaCall **out,
                      ExprList *inputs);

// The body over n elements: element i belongs to row row[i] of the batch and has the values i of
// vars. The result lives in the scratch of k.
Status lambda_run(const KernelCall *k, const Lambda *l, const int32_t *row, const Column *vars,
                  int32_t n, Column *out);
#endif
