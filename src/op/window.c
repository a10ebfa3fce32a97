// window.c -- rows are held until their partition is whole, several small partitions together; then
// every call makes its column over all of them (window_frame.c knows frames, window_fold.c
// aggregates) and the rows go on in the order in which they came.
#include "op/window_in.h"

static int32_t take_expr(WindowExprs *all, Arena *a, Expr *e)
{
    if (!e) return -1;
    vec_push(a, all, e);
    return (int32_t)all->n - 1;
}

static void call_exprs(WindowExprs *all, Arena *a, const WindowCall *c, WindowSlots *s)
{
    s->value = take_expr(all, a, c->value);
    s->otherwise = take_expr(all, a, c->otherwise);
    s->lower = take_expr(all, a, c->lower.value);
    s->upper = take_expr(all, a, c->upper.value);
    s->arg = (int32_t)all->n;
    for (int32_t i = 0; c->agg && i < c->agg->nargs; i++) take_expr(all, a, c->agg->arg[i]);
}

static Status window_open(Op *op)
{
    Window *w = CONTAINER(op, Window, op);
    const WindowSpec *s = op->spec;
    Arena *a = op->arena;
    WindowExprs all = {0};
    for (int32_t i = 0; i < s->npartition; i++) take_expr(&all, a, s->partition[i]);
    for (int32_t i = 0; i < s->norder; i++) take_expr(&all, a, s->order[i]->arg[0]);
    w->slots = NEW(a, WindowSlots, s->ncalls + 1);
    for (int32_t i = 0; i < s->ncalls; i++) call_exprs(&all, a, &s->call[i], &w->slots[i]);
    w->nvalues = (int32_t)all.n;
    w->value = NEW(a, Column, all.n + 1);
    w->held = arena_new(a);
    w->work = arena_new(a);
    w->step = arena_new(a);
    TRY(window_folds(w));
    return prog_compile(&w->prog, a, all.v, w->nvalues, &op->ctx->eval);
}

static void hold_nothing(Window *w)
{
    arena_clear(w->held);
    w->rows = w->values = NULL;
    w->start = (__typeof__(w->start)){0};
    w->n = 0;
    w->bytes = 0;
}

static void hold(Window *w, const Batch *in, int32_t from, int32_t n)
{
    if (!n) return;
    if (!w->rows) {
        w->cols = in->cols;
        w->rows = NEW(w->held, Builder *, in->cols + 1);
        w->values = NEW(w->held, Builder *, w->nvalues + 1);
        for (int32_t c = 0; c < in->cols; c++) w->rows[c] = builder_new(w->held, in->col[c].type);
        for (int32_t c = 0; c < w->nvalues; c++)
            w->values[c] = builder_new(w->held, w->value[c].type);
    }
    int32_t row[BATCH_ROWS];
    for (int32_t i = 0; i < n; i++) row[i] = from + i;
    for (int32_t c = 0; c < in->cols; c++) builder_rows(w->rows[c], &in->col[c], row, n);
    for (int32_t c = 0; c < w->nvalues; c++) builder_rows(w->values[c], &w->value[c], row, n);
    w->n += n;
}

// Whether row i of the batch's values is of another partition than row j of `before`.
static bool other_partition(const Window *w, const Column *before, int32_t j, int32_t i)
{
    const WindowSpec *s = w->op.spec;
    for (int32_t k = 0; k < s->npartition; k++)
        if (!value_eq(&before[k], j, &w->value[k], i)) return true;
    return false;
}

static bool begins(Window *w, int32_t i)
{
    if (i) return other_partition(w, w->value, i - 1, i);
    if (!w->n) return true;
    const WindowSpec *s = w->op.spec;
    Column *before = NEW(w->op.scratch, Column, s->npartition + 1);
    for (int32_t k = 0; k < s->npartition; k++) before[k] = builder_column(w->values[k]);
    return other_partition(w, before, w->n - 1, 0);
}

static Status emit_held(Window *w, const Batch *all)
{
    for (int32_t at = 0; at < w->n; at += BATCH_ROWS) {
        arena_clear(w->op.scratch);
        Batch out = batch_slice(w->op.scratch, all, at, MIN(BATCH_ROWS, w->n - at));
        TRY(op_emit(&w->op, &out));
    }
    return DONE;
}

// All that is held is whole partitions: the calls are computed, the rows go on.
static Status window_compute(Window *w)
{
    const WindowSpec *s = w->op.spec;
    if (!w->n) return DONE;
    arena_clear(w->work);
    Batch all = {.rows = w->n, .cols = w->cols + s->ncalls};
    all.col = NEW(w->work, Column, all.cols);
    for (int32_t c = 0; c < w->cols; c++) all.col[c] = builder_column(w->rows[c]);
    w->whole = NEW(w->work, Column, w->nvalues + 1);
    for (int32_t c = 0; c < w->nvalues; c++) w->whole[c] = builder_column(w->values[c]);
    w->peer = (WindowFrame){0};
    for (int32_t c = 0; c < s->ncalls; c++)
        TRY(window_call(w, &s->call[c], c, &all.col[w->cols + c]));
    TRY(emit_held(w, &all));
    hold_nothing(w);
    return DONE;
}

static Status window_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Window *w = CONTAINER(op, Window, op);
    TRY(prog_run(w->prog, in, w->value));
    int32_t last = -1;
    for (int32_t i = 0; i < in->rows; i++)
        if (begins(w, i)) {
            vec_push(w->held, &w->start, w->n + i);
            last = i;
        }
    int32_t from = 0;
    if (last >= 0 && w->n + last >= BATCH_ROWS) { // what came before the last start is whole
        hold(w, in, 0, last);
        w->start.n--;
        TRY(window_compute(w));
        vec_push(w->held, &w->start, 0);
        from = last;
    }
    hold(w, in, from, in->rows - from);
    w->bytes += batch_bytes(in);
    if (w->bytes <= WINDOW_BYTES_MAX && w->n <= INT32_MAX / 2) return DONE;
    return fail(ERR_LIMIT,
                "a partition of a window function holds more than %d MB: PARTITION BY something "
                "finer, or aggregate first",
                WINDOW_BYTES_MAX >> 20);
}

static Status window_flush(Op *op) { return window_compute(CONTAINER(op, Window, op)); }

const OpKind op_window = {.name = "window",
                          .size = sizeof(Window),
                          .open = window_open,
                          .rows = window_rows,
                          .flush = window_flush};
