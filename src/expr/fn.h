// fn.h -- functions as rows of tables, one table a family (expr/fn_<family>.c). A row is all there
// is to a function: both doors, coercion, errors, documentation and SHOW FUNCTIONS read it.
//
// Signature: argument classes parted by spaces, then "->" and the result, for example
//   "string int int? -> string"     "T T* -> T"     "timestamp lit:string -> struct"
// Classes: a type name of Spark; any; atomic; numeric; integral; fractional; decimal; orderable;
// interval (of any kind); T (all T's get their common type); array, map, struct (of anything);
// array<T>; several parted by | (the first that takes the argument); lit:<class> must be foldable
// (lit:any: its analyse refuses others).
// A class may end in ? (optional) or * (any number). The result is a type, T, array<T>, "=n" (the
// type of argument n from 0), or - (set by analyse). Arguments are cast implicitly by Spark's
// rules. A signature "= name" makes the row another name of that function.
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
// Row i matters and has all its inputs. What lies under other rows may be read, not followed.
static inline bool kernel_live(const KernelCall *c, int32_t i)
{
    return (!c->active || c->active[i]) && (!c->out->valid || c->out->valid[i]);
}

typedef enum FnFlags {
    FN_NULL_IN_NULL_OUT = 0, // the usual: the evaluator ANDs the inputs' valid into out->valid
    FN_OWN_NULLS = 1,        // the kernel reads and writes validity itself: out->valid has room for
                             // it, or is set NULL by the kernel
    FN_NOT_NULL = 2,         // the result is never NULL
    FN_MAY_NULL = 4,         // may be NULL though the inputs are not; out->valid is there to write
    FN_NONDETERMINISTIC = 8, // rand, uuid: never folded
    FN_BATCH_CONSTANT = 16,  // current_timestamp: one value a batch
    FN_INTERNAL = 32,        // made by the analyser, not callable by name
    FN_RAISES = 64,          // may raise for a row, so it runs only for the rows that need it
    FN_OVERFLOWS = 128,      // the same, unless the result is FLOAT or DOUBLE
    FN_ALIASES = 256,        // the result shares the memory of the inputs: out is overwritten
    FN_FIRST_ARG = 512,      // bound: only the first argument is an input, bind read the others
    FN_SAYS_NULL = 1024,     // a schema says that it may be NULL, which no row need be
} FnFlags;
typedef enum FnLazy { // functions whose later arguments run only for the rows that need them
    LAZY_NO,
    LAZY_WHEN,     // condition, value, condition, value, ..., value otherwise
    LAZY_COALESCE, // the first that is not NULL
    LAZY_AND,
    LAZY_OR,
} FnLazy;
typedef struct Bound { // what bind decides; starts as the row has it
    Kernel kernel;
    const void *data; // KernelCall.bound
    int32_t flags;
} Bound;
typedef struct FnRow {
    Str name;
    const char *signature;
    Kernel kernel; // NULL: chosen by bind, or there is a `lower`
    int32_t flags;
    FnLazy lazy;
    const char *doc; // one line: what it gives
    // Optional. Checks and completes a call whose arguments are resolved and cast by the signature;
    // may append default arguments; sets type and nullable.
    Status (*analyse)(Arena *a, Expr *call, const EvalCtx *ctx);
    // Optional. Chooses the kernel and prepares constants from the final arguments.
    Status (*bind)(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b);
    // Optional. The expression that runs instead; the call stays for its name and type.
    Status (*lower)(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e);
    // Optional. Writes the pretty text instead of name(arg, ...).
    void (*sql)(Buf *b, const Expr *call);
    const char *pretty; // Spark's spelling of the name in the pretty text, when not `name`
} FnRow;

// A parameter of some of Spark's conditions: where its manual is.
#define DOCROOT P("docroot", S("https://spark.apache.org/docs/latest"))

// The row of a scalar function by its name in lower case, or NULL.
const FnRow *fn_find(Str name);
// Every scalar function (fn) or aggregate (agg) in order of name, for docs and SHOW FUNCTIONS:
// aliases and internal ones included.
typedef struct FnEntry {
    const FnRow *fn;
    const struct AggRow *agg;
    Str name;
    const char *signature, *doc;
} FnEntry;
int64_t fn_list(Arena *a, const FnEntry **list);
// A name that Spark 4.1 has.
bool fn_known_to_spark(Str name);
Str fn_spark_names(void); // all of them, blanks between
bool fn_built(Str name);  // a function, an aggregate or a type called as one
// E_CALL with resolved arguments -> E_FN, E_AGG or E_CAST with type and implicit casts in place.
// UNRESOLVED_ROUTINE (with the nearest names), WRONG_NUM_ARGS or DATATYPE_MISMATCH with the place.
// Operators are called by their signs: + - * / % & | ^ ~ = <=> <> < <= > >= || and or not, and:
// case (condition, value, ..., else), between, in, like, rlike, is[not]null, div.
Status fn_resolve(Arena *a, Expr **call, const EvalCtx *ctx);
// E_EXTRACT with resolved arguments -> E_FIELD or the look-up of an array element or map value.
Status extract_resolve(Arena *a, Expr **e, const EvalCtx *ctx);
// WRONG_NUM_ARGS when a function of this name takes another number of arguments.
Status fn_check_count(Arena *a, const Expr *call);
// The variables of the lambda that stands as argument `arg` of a call whose other arguments before
// it are resolved: types and whether they may be NULL. A resolved lambda is E_LAMBDA with its body
// as arg[0], the body's type, and `id` the id of its first E_VAR; the others follow.
Status fn_lambda_vars(Arena *a, const Expr *call, int32_t arg, int32_t n, const EvalCtx *ctx,
                      Field *vars);
// A resolved call made by analysis itself, internal functions included.
Status fn_make(Expr **e, Arena *a, const EvalCtx *ctx, Str name, Expr *const *arg, int32_t n);
#endif
