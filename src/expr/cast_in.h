// cast_in.h -- how casts run, for the files of casts and the compiler of programs.
#ifndef EXPR_CAST_IN_H
#define EXPR_CAST_IN_H
#include "expr/cast.h"
#include "expr/fn.h"

typedef struct CastPair {
    const Type *from, *to;
    CastMode mode;
    Str column; // CAST_STORE: the table's column, for messages
} CastPair;
// What a cast does with a value that does not fit or does not parse.
typedef enum CastFault {
    FAULT_RAISE, // the condition, ANSI
    FAULT_NULL,  // NULL: try_cast, and what is not ANSI
    FAULT_WRAP,  // as Java's conversions: not ANSI, between numbers
} CastFault;
typedef struct CastCall { // KernelCall.bound of casts
    const Type *from, *to;
    CastFault fault;
    bool ansi;
    Str column;      // as in CastPair
    const void *own; // bound casts of the parts of nested types
} CastCall;

// Chooses the kernel of an allowed cast.
Status cast_bind(Arena *a, const CastPair *pair, const EvalCtx *ctx, Bound *b);
bool cast_raises(const Type *from, const Type *to, CastMode mode);

// Chosen by cast_bind among the families; NULL: not theirs.
Kernel cast_number_kernel(const CastCall *c);  // between numbers and booleans
Kernel cast_decimal_kernel(const CastCall *c); // from and to decimals
Kernel cast_parse_kernel(const CastCall *c);   // from strings
Kernel cast_print_kernel(const CastCall *c);   // to strings
Kernel cast_time_kernel(const CastCall *c);    // between times, dates, intervals and numbers
Kernel cast_nested_kernel(const CastCall *c);
Status cast_nested_bind(Arena *a, const CastPair *pair, const EvalCtx *ctx, CastCall *c);

// A row that cannot be cast: raises for one that matters, NULL otherwise. text: the value as it
// stands in messages.
Status cast_invalid(const KernelCall *k, int32_t row, Str text); // CAST_INVALID_INPUT
Status cast_overflow(const KernelCall *k, int32_t row);          // CAST_OVERFLOW
// Casts one column, for parts of nested values. active may be NULL.
Status cast_column(const Bound *b, const Column *in, const uint8_t *active, Column *out,
                   const KernelCall *outer);
#endif
