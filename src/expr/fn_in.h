// fn_in.h -- what the families of functions share: their tables, checks of analysis, and the shapes
// of simple kernels.
#ifndef EXPR_FN_IN_H
#define EXPR_FN_IN_H
#include "base/options.h"
#include "expr/cast.h"
#include "expr/fn.h"
#include "expr/text_in.h"

typedef struct FnTable {
    const FnRow *row;
    int32_t n;
} FnTable;
#define FN_TABLE(name, rows) const FnTable name = {rows, (int32_t)(sizeof(rows) / sizeof(FnRow))}
extern const FnTable fn_arith, fn_compare, fn_logic, fn_cond, fn_interval, fn_struct, fn_lambda,
    fn_math, fn_round, fn_hash, fn_string, fn_text, fn_encode, fn_regex, fn_array, fn_time,
    fn_time_make, fn_time_text, fn_time_unit, fn_json, fn_map, fn_format, fn_number, fn_aes, fn_csv,
    fn_time_of_day, fn_url, fn_misc, fn_sequence, fn_parse_url, fn_random;

// Analysis.
Expr *int_literal(Arena *a, int32_t v);
Expr *string_literal(Arena *a, Str s);
void push_arg(Arena *a, Expr *call, Expr *arg);
// Appends defaults so that the call has n arguments.
void default_arg(Arena *a, Expr *call, int32_t n, Expr *value);
// The value of a literal or foldable argument.
Status fold_arg(Arena *a, const Expr *call, int32_t i, const EvalCtx *ctx, Datum *v);
bool any_nullable(const Expr *e);
// Brings the arguments from `from` on (every `step`th) to one type. DATA_DIFF_TYPES otherwise.
Status coerce_args(Arena *a, Expr *call, int32_t from, int32_t step, const EvalCtx *ctx);
// Argument i cast to t as a signature would; UNEXPECTED_INPUT_TYPE when that is no implicit cast.
Status coerce_arg(Arena *a, Expr *call, int32_t i, const Type *t);
// Both sides of an operator to one type, strings and decimals included, when the operator `accepts`
// it; a comparison accepts any, and says so with NULL. BINARY_OP_DIFF_TYPES otherwise.
typedef bool (*Accepts)(const Type *t);
Status coerce_sides(Arena *a, Expr *call, Accepts accepts, const EvalCtx *ctx);
Status diff_sides(Arena *a, const Expr *call);
Status diff_types(Arena *a, const Expr *call, const Expr *values);
Status wrong_type(Arena *a, const Expr *call, int32_t arg, const char *required);
Str quoted_name(Arena *a, Str name);                                // `abs`
uint64_t spark_xxhash64(const Column *c, int32_t i, uint64_t seed); // of one value
// The pretty text (a + b).
void sql_infix(Buf *b, const Expr *e);
// Of from_json, from_csv and the like. options_arg: those of argument i, map('key', 'value', ...),
// when it is there. ctx_of_zone: the session's settings, with another zone when one is named.
// schema_of_text: DDL of a type or of columns, or JSON of a type. sql_first: f(x) without the rest.
Status options_arg(Arena *a, const Expr *call, int32_t i, const EvalCtx *ctx, Options *o);
Status ctx_of_zone(Arena *a, const EvalCtx *ctx, Str time_zone, const EvalCtx **own);
Status schema_of_text(const Type **t, Arena *a, Str text);
void sql_first(Buf *b, const Expr *call);
void sql_as(Buf *b, const Expr *e, const char *name); // name(arg, ...)

// Kernels. A loop over all rows: what is under invalid rows may be computed with.
#define MAP1(name, S, T, expression)                                                               \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const S *restrict x = COLUMN_DATA(k->in[0], S);                                            \
        T *restrict z = COLUMN_DATA(k->out, T);                                                    \
        for (int32_t i = 0; i < k->rows; i++) z[i] = (T)(expression);                              \
        return DONE;                                                                               \
    }
#define MAP2(name, S, T, expression)                                                               \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const S *restrict x = COLUMN_DATA(k->in[0], S);                                            \
        const S *restrict y = COLUMN_DATA(k->in[1], S);                                            \
        T *restrict z = COLUMN_DATA(k->out, T);                                                    \
        for (int32_t i = 0; i < k->rows; i++) z[i] = (T)(expression);                              \
        return DONE;                                                                               \
    }
// A loop over the rows that have a value: what follows pointers, or fails.
#define EACH1(name, S, T, setup, statement)                                                        \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const S *x = COLUMN_DATA(k->in[0], S);                                                     \
        T *z = COLUMN_DATA(k->out, T);                                                             \
        setup;                                                                                     \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if (kernel_live(k, i)) statement;                                                      \
        return DONE;                                                                               \
    }
#define EACH2(name, S, S2, T, statement)                                                           \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const S *x = COLUMN_DATA(k->in[0], S);                                                     \
        const S2 *y = COLUMN_DATA(k->in[1], S2);                                                   \
        T *z = COLUMN_DATA(k->out, T);                                                             \
        for (int32_t i = 0; i < k->rows; i++)                                                      \
            if (kernel_live(k, i)) statement;                                                      \
        return DONE;                                                                               \
    }
#endif
