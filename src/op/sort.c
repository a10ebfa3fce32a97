// sort.c -- rows as growing columns; a list of (prefix, row) is merge-sorted. The prefix is the
// first key's value as an unsigned number in the wanted order, so that most comparisons touch
// nothing else. With a limit the rows are thinned to it whenever they have grown to twice that.
#include "op/sort.h"
#include "expr/prog.h"

enum { THIN_ROWS_MIN = 8192, RUN = 12 };

typedef struct Entry {
    uint64_t prefix;
    int32_t row;
} Entry;
typedef struct Sort {
    Op op;
    Prog *prog;
    Expr **key;
    Column *value;          // of a batch's keys
    Builder **col, **order; // rows and their keys
    Column *rows, *keys;    // the same, when they are sorted
    int32_t cols;           // -1: no row came yet
    int64_t n;
    Arena *epoch, *list;
} Sort;

static Status sort_open(Op *op)
{
    Sort *s = CONTAINER(op, Sort, op);
    const SortSpec *spec = op->spec;
    s->key = NEW(op->arena, Expr *, spec->n + 1);
    for (int32_t i = 0; i < spec->n; i++) s->key[i] = spec->order[i]->arg[0];
    s->value = NEW(op->arena, Column, spec->n + 1);
    s->keys = NEW(op->arena, Column, spec->n + 1);
    s->epoch = arena_new(op->arena);
    s->list = arena_new(op->arena);
    return prog_compile(&s->prog, op->arena, s->key, spec->n, &op->ctx->eval);
}
static uint64_t prefix_f64(double v)
{
    if (v != v) return UINT64_MAX;
    uint64_t u;
    v += 0.0; // -0.0 equals 0.0
    memcpy(&u, &v, sizeof u);
    return u >> 63 ? ~u : u | UINT64_C(1) << 63;
}
static uint64_t prefix_i64(int64_t v) { return (uint64_t)v ^ UINT64_C(1) << 63; }
static uint64_t prefix_i128(Int128 v)
{
    return prefix_i64(v > INT64_MAX ? INT64_MAX : v < INT64_MIN ? INT64_MIN : (int64_t)v);
}
static uint64_t prefix_str(Str s)
{
    uint64_t u = 0;
    memcpy(&u, s.p, (size_t)MIN(s.n, 8));
    return __builtin_bswap64(u);
}
static uint64_t prefix_value(const Column *c, int32_t i)
{
    switch (type_phys(c->type)) {
    case PHYS_BOOL: return COLUMN_DATA(c, uint8_t)[i];
    case PHYS_I8: return prefix_i64(COLUMN_DATA(c, int8_t)[i]);
    case PHYS_I16: return prefix_i64(COLUMN_DATA(c, int16_t)[i]);
    case PHYS_I32: return prefix_i64(COLUMN_DATA(c, int32_t)[i]);
    case PHYS_I64: return prefix_i64(COLUMN_DATA(c, int64_t)[i]);
    case PHYS_F32: return prefix_f64((double)COLUMN_DATA(c, float)[i]);
    case PHYS_F64: return prefix_f64(COLUMN_DATA(c, double)[i]);
    case PHYS_I128: return prefix_i128(COLUMN_DATA(c, Int128)[i]);
    case PHYS_STR: return column_str(c, i).n ? prefix_str(column_str(c, i)) : 0;
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: return 0;
    }
    must_failed("Phys", __FILE__, __LINE__);
}
// Order-preserving, not injective: equal prefixes are compared in full.
static uint64_t prefix_of(const Expr *order, const Column *c, int32_t i)
{
    if (column_null(c, i)) return order->nulls_last ? UINT64_MAX : 0;
    uint64_t u = prefix_value(c, i);
    if (order->descending) u = ~u;
    return MAX(1, MIN(u, UINT64_MAX - 1));
}
static int32_t key_cmp(const Expr *order, const Column *c, int32_t i, int32_t j)
{
    bool ni = column_null(c, i), nj = column_null(c, j);
    if (ni || nj) return ni == nj ? 0 : ni == order->nulls_last ? 1 : -1;
    int32_t d = value_cmp(c, i, c, j);
    return order->descending ? -d : d;
}
static bool entry_after(const Sort *s, const Entry *x, const Entry *y)
{
    const SortSpec *spec = s->op.spec;
    if (x->prefix != y->prefix) return x->prefix > y->prefix;
    for (int32_t k = 0; k < spec->n; k++) {
        int32_t d = key_cmp(spec->order[k], &s->keys[k], x->row, y->row);
        if (d) return d > 0;
    }
    return false; // the merge keeps the order of arrival
}
static void run_sort(const Sort *s, Entry *e, int64_t n)
{
    for (int64_t i = 1; i < n; i++) {
        Entry x = e[i];
        int64_t k = i;
        for (; k > 0 && entry_after(s, &e[k - 1], &x); k--) e[k] = e[k - 1];
        e[k] = x;
    }
}
static void runs_merge(const Sort *s, const Entry *from, Entry *to, int64_t mid, int64_t n)
{
    int64_t i = 0, j = mid;
    for (int64_t k = 0; k < n; k++)
        to[k] = j == n || (i < mid && !entry_after(s, &from[i], &from[j])) ? from[i++] : from[j++];
}
static Entry *entries_sort(const Sort *s, Entry *e, Entry *spare, int64_t n)
{
    for (int64_t at = 0; at < n; at += RUN) run_sort(s, e + at, MIN(RUN, n - at));
    for (int64_t width = RUN; width < n; width *= 2) {
        for (int64_t at = 0; at < n; at += 2 * width)
            runs_merge(s, e + at, spare + at, MIN(width, n - at), MIN(2 * width, n - at));
        Entry *done = spare;
        spare = e;
        e = done;
    }
    return e;
}
// All rows held, sorted; in s->list.
static Entry *sort_rows(Sort *s)
{
    const SortSpec *spec = s->op.spec;
    arena_clear(s->list);
    for (int32_t c = 0; c < s->cols; c++) s->rows[c] = builder_column(s->col[c]);
    for (int32_t k = 0; k < spec->n; k++) s->keys[k] = builder_column(s->order[k]);
    Entry *e = NEW(s->list, Entry, s->n), *spare = NEW(s->list, Entry, s->n);
    for (int32_t i = 0; i < (int32_t)s->n; i++) {
        e[i].row = i;
        e[i].prefix = spec->n ? prefix_of(spec->order[0], &s->keys[0], i) : 0;
    }
    return entries_sort(s, e, spare, s->n);
}
static Builder **builders_new(Arena *a, const Column *like, int32_t n)
{
    Builder **b = NEW(a, Builder *, n + 1);
    for (int32_t i = 0; i < n; i++) b[i] = builder_new(a, like[i].type);
    return b;
}
static void sort_begin(Sort *s, const Column *col, int32_t cols)
{
    const SortSpec *spec = s->op.spec;
    s->cols = cols;
    s->rows = NEW(s->epoch, Column, cols + 1);
    s->col = builders_new(s->epoch, col, cols);
    s->order = builders_new(s->epoch, s->value, spec->n);
}
static void sort_end(Sort *s)
{
    arena_clear(s->list);
    arena_clear(s->epoch);
    s->col = NULL;
    s->n = 0;
}
// Keeps the first `limit` rows only, in their order.
static void sort_thin(Sort *s)
{
    const SortSpec *spec = s->op.spec;
    const Entry *e = sort_rows(s);
    int32_t n = (int32_t)MIN(spec->limit, s->n), *row = NEW(s->list, int32_t, n + 1);
    for (int32_t i = 0; i < n; i++) row[i] = e[i].row;
    Column *rows = NEW(s->list, Column, s->cols + 1), *keys = NEW(s->list, Column, spec->n + 1);
    for (int32_t c = 0; c < s->cols; c++) rows[c] = column_copy(s->list, &s->rows[c], row, n);
    for (int32_t k = 0; k < spec->n; k++) keys[k] = column_copy(s->list, &s->keys[k], row, n);
    arena_clear(s->epoch);
    sort_begin(s, rows, s->cols);
    for (int32_t c = 0; c < s->cols; c++) builder_rows(s->col[c], &rows[c], NULL, n);
    for (int32_t k = 0; k < spec->n; k++) builder_rows(s->order[k], &keys[k], NULL, n);
    s->n = n;
}
static Status sort_take(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Sort *s = CONTAINER(op, Sort, op);
    const SortSpec *spec = op->spec;
    TRY(prog_run(s->prog, in, s->value));
    if (!s->col) sort_begin(s, in->col, in->cols);
    for (int32_t c = 0; c < s->cols; c++) builder_rows(s->col[c], &in->col[c], NULL, in->rows);
    for (int32_t k = 0; k < spec->n; k++) builder_rows(s->order[k], &s->value[k], NULL, in->rows);
    s->n += in->rows;
    if (s->n > INT32_MAX - BATCH_ROWS) return fail(ERR_LIMIT, "ORDER BY of more than 2^31 rows");
    if (spec->limit >= 0 && s->n >= 2 * spec->limit + THIN_ROWS_MIN) sort_thin(s);
    return DONE;
}
static Status sort_flush(Op *op)
{
    Sort *s = CONTAINER(op, Sort, op);
    const SortSpec *spec = op->spec;
    if (!s->col) return DONE;
    const Entry *e = sort_rows(s);
    int64_t n = spec->limit < 0 ? s->n : MIN(spec->limit, s->n);
    Batch all = {.rows = (int32_t)s->n, .cols = s->cols, .col = s->rows};
    for (int64_t at = 0; at < n; at += BATCH_ROWS) {
        int32_t row[BATCH_ROWS], some = (int32_t)MIN(BATCH_ROWS, n - at);
        for (int32_t i = 0; i < some; i++) row[i] = e[at + i].row;
        arena_clear(op->scratch);
        Batch out = op_gather(op->scratch, &all, row, some);
        TRY(op_emit(op, &out));
    }
    sort_end(s);
    return DONE;
}
const OpKind op_sort = {.name = "sort",
                        .size = sizeof(Sort),
                        .open = sort_open,
                        .rows = sort_take,
                        .flush = sort_flush};
