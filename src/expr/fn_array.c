// fn_array.c -- functions of arrays without lambdas: which elements a result has is decided row by
// row, and one splice makes the column.
#include "expr/picks_in.h"
#include "expr/prog.h"

static const Column *elements_of(const KernelCall *k, int32_t c) { return &k->in[c]->kid[0]; }

Status concat_arrays(const KernelCall *k)
{
    const Column **src = NEW(k->scratch, const Column *, k->nin);
    for (int32_t c = 0; c < k->nin; c++) src[c] = elements_of(k, c);
    Picks p = picks_of(k, src);
    for (int32_t i = 0; i < k->rows; i++) {
        for (int32_t c = 0; kernel_live(k, i) && c < k->nin; c++) {
            List l = list_at(k->in[c], i);
            for (int32_t e = l.at; e < l.at + l.n; e++) pick(&p, c, e);
        }
        picks_end_row(&p, i);
    }
    picks_finish(&p);
    return DONE;
}

// One array in, an array of some of its elements out: picker picks from list l of row i.
typedef void (*Picker)(Picks *p, const Column *x, List l, int32_t i);
static Status pick_each(const KernelCall *k, Picker picker)
{
    const Column *x = elements_of(k, 0);
    Picks p = picks_of(k, &x);
    for (int32_t i = 0; i < k->rows; i++) {
        if (kernel_live(k, i)) picker(&p, x, list_at(k->in[0], i), i);
        picks_end_row(&p, i);
    }
    picks_finish(&p);
    return DONE;
}

static void pick_reversed(Picks *p, const Column *x, List l, int32_t i)
{
    (void)x, (void)i;
    for (int32_t e = l.at + l.n - 1; e >= l.at; e--) pick(p, 0, e);
}
Status reverse_arrays(const KernelCall *k) { return pick_each(k, pick_reversed); }

static bool seen_before(const Column *x, List l, int32_t e)
{
    for (int32_t f = l.at; f < e; f++)
        if (value_eq(x, f, x, e)) return true;
    return false;
}
static void pick_distinct(Picks *p, const Column *x, List l, int32_t i)
{
    (void)i;
    for (int32_t e = l.at; e < l.at + l.n; e++)
        if (!seen_before(x, l, e)) pick(p, 0, e);
}
static Status array_distinct(const KernelCall *k) { return pick_each(k, pick_distinct); }

static void pick_there(Picks *p, const Column *x, List l, int32_t i)
{
    (void)i;
    for (int32_t e = l.at; e < l.at + l.n; e++)
        if (!column_null(x, e)) pick(p, 0, e);
}
static Status array_compact(const KernelCall *k) { return pick_each(k, pick_there); }

static void pick_others(Picks *p, const Column *x, List l, int32_t i)
{
    const Column *not = p->k->in[1];
    for (int32_t e = l.at; e < l.at + l.n; e++)
        if (column_null(x, e) || !value_eq(x, e, not, i)) pick(p, 0, e);
}
static Status array_remove(const KernelCall *k) { return pick_each(k, pick_others); }

// Sorting. NULL stands first going up and last going down; array_sort puts it last always.
typedef struct Order {
    bool down, nulls_last;
} Order;

static bool stands_after(const Column *x, int32_t a, int32_t b, Order o)
{
    bool na = column_null(x, a), nb = column_null(x, b);
    if (na || nb) return o.nulls_last ? na && !nb : nb && !na;
    int32_t c = value_cmp(x, a, x, b);
    return o.down ? c < 0 : c > 0;
}

static void merge_sort(const Column *x, int32_t *v, int32_t *room, int32_t n, Order o)
{
    if (n < 2) return;
    int32_t half = n / 2, a = 0, b = half, at = 0;
    merge_sort(x, v, room, half, o);
    merge_sort(x, v + half, room, n - half, o);
    memcpy(room, v, (size_t)n * sizeof *v);
    while (a < half && b < n)
        v[at++] = stands_after(x, room[a], room[b], o) ? room[b++] : room[a++];
    while (a < half) v[at++] = room[a++];
    while (b < n) v[at++] = room[b++];
}

static void pick_sorted(Picks *p, const Column *x, List l, Order o)
{
    int32_t *v = NEW_RAW(p->k->scratch, int32_t, l.n), *room = NEW_RAW(p->k->scratch, int32_t, l.n);
    for (int32_t e = 0; e < l.n; e++) v[e] = l.at + e;
    merge_sort(x, v, room, l.n, o);
    for (int32_t e = 0; e < l.n; e++) pick(p, 0, v[e]);
}
static void pick_by_flag(Picks *p, const Column *x, List l, int32_t i)
{
    bool down = !COLUMN_DATA(p->k->in[1], uint8_t)[i];
    pick_sorted(p, x, l, (Order){down, down});
}
static Status sort_array(const KernelCall *k) { return pick_each(k, pick_by_flag); }

static void pick_upwards(Picks *p, const Column *x, List l, int32_t i)
{
    (void)i;
    pick_sorted(p, x, l, (Order){false, true});
}
static Status array_sort(const KernelCall *k) { return pick_each(k, pick_upwards); }

// slice(x, start, length): positions from 1, or from the end.
static Status slice(const KernelCall *k)
{
    const Column *x = elements_of(k, 0);
    const int32_t *start = COLUMN_DATA(k->in[1], int32_t), *n = COLUMN_DATA(k->in[2], int32_t);
    Picks p = picks_of(k, &x);
    for (int32_t i = 0; i < k->rows; i++) {
        if (kernel_live(k, i)) {
            List l = list_at(k->in[0], i);
            if (start[i] == 0)
                return RAISE(INVALID_PARAMETER_VALUE_START, P("parameter", S("`start`")),
                             P("functionName", S("`slice`")));
            if (n[i] < 0)
                return RAISE(INVALID_PARAMETER_VALUE_LENGTH, P("parameter", S("`length`")),
                             P("length", str_fmt(k->scratch, "%d", n[i])),
                             P("functionName", S("`slice`")));
            int64_t from = start[i] > 0 ? (int64_t)start[i] - 1 : (int64_t)l.n + start[i];
            for (int64_t e = from; from >= 0 && e < MIN(from + n[i], l.n); e++)
                pick(&p, 0, l.at + (int32_t)e);
        }
        picks_end_row(&p, i);
    }
    picks_finish(&p);
    return DONE;
}

// flatten: NULL when one of the arrays is.
static Status flatten(const KernelCall *k)
{
    const Column *lists = elements_of(k, 0), *x = &lists->kid[0];
    Picks p = picks_of(k, &x);
    for (int32_t i = 0; i < k->rows; i++) {
        if (kernel_live(k, i)) {
            List l = list_at(k->in[0], i);
            for (int32_t e = l.at; e < l.at + l.n; e++) {
                if (column_null(lists, e)) {
                    k->out->valid[i] = 0;
                    break;
                }
                List inner = list_at(lists, e);
                for (int32_t f = inner.at; f < inner.at + inner.n; f++) pick(&p, 0, f);
            }
        }
        picks_end_row(&p, i);
    }
    picks_finish(&p);
    return DONE;
}

static Status array_repeat(const KernelCall *k)
{
    enum { REPEATED_MAX = 1 << 26 }; // elements of a batch
    const Column *x = k->in[0];
    Picks p = picks_of(k, &x);
    for (int32_t i = 0; i < k->rows; i++) {
        k->out->valid[i] = !column_null(k->in[1], i);
        int32_t n = kernel_live(k, i) ? COLUMN_DATA(k->in[1], int32_t)[i] : 0;
        if (p.row.n + n > REPEATED_MAX)
            return fail(ERR_LIMIT, "array_repeat: an array of %d elements", n);
        for (; n > 0; n--) pick(&p, 0, i);
        picks_end_row(&p, i);
    }
    picks_finish(&p);
    return DONE;
}

// array_append and array_prepend: the element may be NULL.
static Status array_add(const KernelCall *k, bool front)
{
    const Column *src[] = {elements_of(k, 0), k->in[1]};
    Picks p = picks_of(k, src);
    for (int32_t i = 0; i < k->rows; i++) {
        k->out->valid[i] = !column_null(k->in[0], i);
        if (kernel_live(k, i)) {
            List l = list_at(k->in[0], i);
            if (front) pick(&p, 1, i);
            for (int32_t e = l.at; e < l.at + l.n; e++) pick(&p, 0, e);
            if (!front) pick(&p, 1, i);
        }
        picks_end_row(&p, i);
    }
    picks_finish(&p);
    return DONE;
}
static Status array_append(const KernelCall *k) { return array_add(k, false); }
static Status array_prepend(const KernelCall *k) { return array_add(k, true); }

// Sets of two arrays: union, intersect, except. NULL equals NULL.
typedef enum SetOp { SET_UNION, SET_INTERSECT, SET_EXCEPT } SetOp;

static bool holds(const Column *list, int32_t i, const Column *x, int32_t e)
{
    List l = list_at(list, i);
    for (int32_t f = l.at; f < l.at + l.n; f++)
        if (value_eq(&list->kid[0], f, x, e)) return true;
    return false;
}

static Status set_op(const KernelCall *k, SetOp op)
{
    const Column *src[] = {elements_of(k, 0), elements_of(k, 1)};
    Picks p = picks_of(k, src);
    for (int32_t i = 0; i < k->rows; i++) {
        for (int32_t c = 0; kernel_live(k, i) && c < (op == SET_UNION ? 2 : 1); c++) {
            List l = list_at(k->in[c], i);
            for (int32_t e = l.at; e < l.at + l.n; e++) {
                bool other = holds(k->in[!c], i, src[c], e);
                bool keep = op == SET_UNION ? !c || !other : other == (op == SET_INTERSECT);
                if (keep && !seen_before(src[c], l, e)) pick(&p, c, e);
            }
        }
        picks_end_row(&p, i);
    }
    picks_finish(&p);
    return DONE;
}
static Status array_union(const KernelCall *k) { return set_op(k, SET_UNION); }
static Status array_intersect(const KernelCall *k) { return set_op(k, SET_INTERSECT); }
static Status array_except(const KernelCall *k) { return set_op(k, SET_EXCEPT); }

// array_contains: NULL when it is not there and a NULL is.
static Status array_contains(const KernelCall *k)
{
    const Column *x = elements_of(k, 0);
    uint8_t *z = COLUMN_DATA(k->out, uint8_t);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        List l = list_at(k->in[0], i);
        bool null = false;
        z[i] = 0;
        for (int32_t e = l.at; e < l.at + l.n && !z[i]; e++) {
            null |= column_null(x, e);
            z[i] = !column_null(x, e) && value_eq(x, e, k->in[1], i);
        }
        if (!z[i] && null) k->out->valid[i] = 0;
    }
    return DONE;
}

static Status arrays_overlap(const KernelCall *k)
{
    const Column *x = elements_of(k, 0), *y = elements_of(k, 1);
    uint8_t *z = COLUMN_DATA(k->out, uint8_t);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        List a = list_at(k->in[0], i), b = list_at(k->in[1], i);
        bool null = false;
        z[i] = 0;
        for (int32_t e = a.at; e < a.at + a.n; e++) {
            null |= column_null(x, e);
            if (!column_null(x, e) && holds(k->in[1], i, x, e)) z[i] = 1;
        }
        for (int32_t e = b.at; e < b.at + b.n; e++) null |= column_null(y, e);
        if (!z[i] && null && a.n && b.n) k->out->valid[i] = 0;
    }
    return DONE;
}

static Status array_position(const KernelCall *k)
{
    const Column *x = elements_of(k, 0);
    int64_t *z = COLUMN_DATA(k->out, int64_t);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        List l = list_at(k->in[0], i);
        z[i] = 0;
        for (int32_t e = 0; e < l.n && !z[i]; e++)
            if (!column_null(x, l.at + e) && value_eq(x, l.at + e, k->in[1], i)) z[i] = e + 1;
    }
    return DONE;
}

static Status extreme(const KernelCall *k, int32_t sign)
{
    const Column *x = elements_of(k, 0);
    int32_t *which = NEW_RAW(k->scratch, int32_t, k->rows),
            *row = NEW(k->scratch, int32_t, k->rows);
    for (int32_t i = 0; i < k->rows; i++) {
        which[i] = -1;
        List l = kernel_live(k, i) ? list_at(k->in[0], i) : (List){0};
        for (int32_t e = l.at; e < l.at + l.n; e++) {
            if (column_null(x, e)) continue;
            if (which[i] < 0 || value_cmp(x, e, x, row[i]) * sign > 0) which[i] = 0, row[i] = e;
        }
    }
    *k->out = splice(k->scratch, k->out->type, &(Splice){&x, which, row}, k->rows);
    return DONE;
}
static Status array_max(const KernelCall *k) { return extreme(k, 1); }
static Status array_min(const KernelCall *k) { return extreme(k, -1); }

static Status array_join(const KernelCall *k)
{
    const Column *x = elements_of(k, 0);
    Buf b = buf_new(k->scratch);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        List l = list_at(k->in[0], i);
        bool first = true;
        buf_clear(&b);
        for (int32_t e = l.at; e < l.at + l.n; e++) {
            if (column_null(x, e) && k->nin < 3) continue;
            if (!first) buf_put(&b, column_str(k->in[1], i));
            first = false;
            buf_put(&b, column_null(x, e) ? column_str(k->in[2], i) : column_str(x, e));
        }
        COLUMN_DATA(k->out, Str)[i] = str_copy(k->scratch, buf_str(&b));
    }
    return DONE;
}

static Status same_type(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    call->type = call->arg[0]->type;
    return DONE;
}
static Status element_type(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    call->type = call->arg[0]->type->field[0].type;
    return DONE;
}
static Status analyse_sort(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    default_arg(a, call, 2, expr_literal(a, &type_boolean, &(Datum){.i = 1}));
    call->type = call->arg[0]->type;
    return DONE;
}
static Status analyse_flatten(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *inner = call->arg[0]->type->field[0].type;
    if (inner->id != T_ARRAY) return wrong_type(a, call, 0, "\"ARRAY<ARRAY>\"");
    call->type = inner;
    return DONE;
}
static Status analyse_repeat(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    call->type = type_array(a, call->arg[0]->type, call->arg[0]->nullable);
    call->nullable = call->arg[1]->nullable;
    return DONE;
}
static Status analyse_add(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[0]->type;
    call->type = type_array(a, t->field[0].type, t->field[0].nullable || call->arg[1]->nullable);
    call->nullable = call->arg[0]->nullable;
    return DONE;
}
// As Spark shows it: with the comparison that it takes for the one that is not given.
static void sql_sorted(Buf *b, const Expr *e)
{
#define IT "namedlambdavariable()"
    buf_put(b, S("array_sort("));
    expr_sql(b, e->arg[0]);
    buf_put(b, S(", lambdafunction((IF(((" IT " IS NULL) AND (" IT " IS NULL)), 0, (IF((" IT
                 " IS NULL), 1, (IF((" IT " IS NULL), -1, (IF((" IT " < " IT "), -1, (IF((" IT
                 " > " IT "), 1, 0)))))))))), " IT ", " IT "))"));
#undef IT
}

// clang-format off
#define ARRAY_ROW(fn, sig, kernel_, flags_, analyse_, doc_) \
    {.name = STR_INIT(#fn), .signature = sig, .kernel = kernel_, .flags = flags_, .doc = doc_, .analyse = analyse_}
static const FnRow rows[] = {
    ARRAY_ROW(array_contains, "array<T> T -> boolean", array_contains, FN_MAY_NULL, NULL, "the value is among the elements"),
    ARRAY_ROW(array_position, "array<T> T -> bigint", array_position, 0, NULL, "where the value stands first, from 1; 0: nowhere"),
    ARRAY_ROW(array_distinct, "array -> -", array_distinct, 0, same_type, "each element once"),
    ARRAY_ROW(array_compact, "array -> -", array_compact, 0, same_type, "without NULLs"),
    ARRAY_ROW(array_remove, "array<T> T -> -", array_remove, 0, same_type, "without a value"),
    ARRAY_ROW(array_append, "array<T> T -> -", array_append, FN_OWN_NULLS, analyse_add, "a value more at the end"),
    ARRAY_ROW(array_prepend, "array<T> T -> -", array_prepend, FN_OWN_NULLS, analyse_add, "a value more at the front"),
    ARRAY_ROW(array_union, "array<T> array<T> -> -", array_union, 0, same_type, "elements of one or the other, each once"),
    ARRAY_ROW(array_intersect, "array<T> array<T> -> -", array_intersect, 0, same_type, "elements of both, each once"),
    ARRAY_ROW(array_except, "array<T> array<T> -> -", array_except, 0, same_type, "elements of the first only, each once"),
    ARRAY_ROW(arrays_overlap, "array<T> array<T> -> boolean", arrays_overlap, FN_MAY_NULL, NULL, "they share an element"),
    ARRAY_ROW(array_max, "array -> -", array_max, FN_MAY_NULL, element_type, "the greatest element"),
    ARRAY_ROW(array_min, "array -> -", array_min, FN_MAY_NULL, element_type, "the least element"),
    ARRAY_ROW(array_join, "array<string> string string? -> string", array_join, 0, NULL, "the elements as one text"),
    ARRAY_ROW(array_repeat, "any int! -> -", array_repeat, FN_OWN_NULLS, analyse_repeat, "a value n times"),
    ARRAY_ROW(sort_array, "array boolean? -> -", sort_array, 0, analyse_sort, "sorted upwards, or downwards when the second is false"),
    {.name = STR_INIT("array_sort_upwards"), .signature = "array -> -", .kernel = array_sort, .flags = FN_INTERNAL, .analyse = same_type, .sql = sql_sorted},
    ARRAY_ROW(slice, "array int int -> -", slice, FN_RAISES, same_type, "the part from a position, of a length"),
    ARRAY_ROW(flatten, "array -> -", flatten, FN_MAY_NULL, analyse_flatten, "the elements of the arrays in an array"),
};
// clang-format on
FN_TABLE(fn_array, rows);
