// fn.h -- functions as rows of tables, one table a family (expr/fn_<family>.c). A row is all there
// is to a function: both doors, coercion, errors, documentation and SHOW FUNCTIONS read it.
//
// Signature: argument classes parted by spaces, then "->" and the result, for example
//   "string int int? -> string"     "T T* -> T"     "timestamp lit:string -> struct"
// Classes: a type name of Spark; any; numeric; integral; orderable; T or U (all T's get their
// common type); array, map, struct (of anything); array<T>; map<T,U>; lit:<class> must be foldable.
// A class may end in ? (optional) or * (any number). The result is a type, T, U, or "=n" (the type
// of argument n), or is computed by `result`. Arguments are cast implicitly by Spark's ANSI rules.
#ifndef EXPR_FN_H
#define EXPR_FN_H
#include "expr/eval.h"
#include "expr/expr.h"

typedef struct KernelCall { // one step of a program over one batch
    const Column *const *in;
    int32_t nin, rows;
    Column *out; // data for `rows`; valid is NULL or the AND of the inputs (see flags)
    const uint8_t
        *active;       // NULL: all. A row that is not active must not raise; its result is unused
    Arena *scratch;    // for strings and lists of the result; lives as long as the result
    const void *bound; // what bind made, may be NULL
    const EvalCtx *ctx;
} KernelCall;
typedef Status (*Kernel)(const KernelCall *c);
static inline bool kernel_live(const KernelCall *c,
                               int32_t i) // row i matters and has all its inputs
{
    return (!c->active || c->active[i]) && (!c->out->valid || c->out->valid[i]);
}

typedef enum FnFlags {
    FN_NULL_IN_NULL_OUT = 0, // the usual: the evaluator ANDs the inputs' valid into out->valid
    FN_OWN_NULLS = 1,        // the kernel reads and writes validity itself (coalesce, isnull, and)
    FN_NOT_NULL = 2,         // the result is never NULL
    FN_MAY_NULL = 4,         // may be NULL though the inputs are not; out->valid is there to write
    FN_NONDETERMINISTIC = 8, // rand, uuid: never folded
    FN_BATCH_CONSTANT = 16,  // current_timestamp: one value a batch
    FN_LAZY = 32,            // CASE, IF, COALESCE, AND, OR: later arguments run only where needed
    FN_INTERNAL = 64,        // made by the analyser, not callable by name
} FnFlags;
typedef struct FnRow {
    Str name;
    const char *signature;
    Kernel kernel; // NULL: chosen by bind, or the row is an alias
    int32_t flags;
    const char *doc; // one line: what it gives
    // Optional. Checks and completes a call whose arguments are resolved (not yet cast); sets
    // call->type when the signature cannot. NULL: the signature decides.
    Status (*analyse)(Arena *a, Expr *call, const EvalCtx *ctx);
    // Optional. Chooses the kernel and prepares constants from the final, cast arguments.
    Status (*bind)(Arena *a, const Expr *call, const EvalCtx *ctx, Kernel *k, const void **bound);
    // Optional. Writes the pretty text instead of name(arg, ...).
    void (*sql)(Buf *b, const Expr *call);
} FnRow;

// The row of a scalar function by its name in lower case, or NULL.
const FnRow *fn_find(Str name);
// Every scalar function and aggregate in order of name, for docs and SHOW FUNCTIONS.
int64_t fn_list(const FnRow **rows, int64_t max);
// A name that Spark 4.1 has and kappa has not yet.
bool fn_known_to_spark(Str name);
// E_CALL with resolved arguments -> E_FN, E_AGG or E_CAST with type and implicit casts in place.
// UNRESOLVED_ROUTINE (with the nearest names), WRONG_NUM_ARGS or DATATYPE_MISMATCH with the place.
Status fn_resolve(Arena *a, Expr **call, const EvalCtx *ctx);
#endif
