// windows.c -- arithmetic of semantics T2: plain 64-bit, wrapping as Java's, anchored at the epoch
// in UTC. A slide that divides the duration gives every row the same number of windows; else the
// oldest candidates that do not cover the time fall away (T7).
#include "op/windows.h"
#include "base/civil.h"
#include "expr/prog.h"

typedef struct Windows {
    Op op;
    Prog *prog;
    int32_t most;  // windows a row can have
    bool even;     // the slide divides the duration
    int32_t *row;  // of the output rows at hand: the input row,
    Micros *start; // and the window
    int32_t n;
} Windows;

static Status windows_open(Op *op)
{
    Windows *w = CONTAINER(op, Windows, op);
    const WindowsSpec *s = op->spec;
    must(s->slide > 0 && s->slide <= s->duration);
    Micros wide = s->panes ? s->slide : s->duration;
    w->most = (int32_t)((wide + s->slide - 1) / s->slide);
    w->even = s->duration % s->slide == 0;
    w->row = NEW(op->arena, int32_t, BATCH_ROWS);
    w->start = NEW(op->arena, Micros, BATCH_ROWS);
    return prog_compile(&w->prog, op->arena, &s->time, 1, &op->ctx->eval);
}
static Micros wrap_add(Micros a, Micros b) { return (Micros)((uint64_t)a + (uint64_t)b); }
static Micros window_last(const WindowsSpec *s, Micros t) // start of the newest window with t
{
    return wrap_add(t, -floor_mod(wrap_add(t, -s->start), s->slide));
}
static Status windows_emit(Windows *w, const Batch *in)
{
    const WindowsSpec *s = w->op.spec;
    Arena *a = w->op.scratch;
    Batch out = {.rows = w->n, .cols = in->cols + 1, .col = NEW(a, Column, in->cols + 1)};
    bool whole = w->n == in->rows && w->most == 1;
    for (int32_t i = 0; i < in->cols; i++) {
        const Column *c = &in->col[i];
        bool here = c->data || (c->type->id == T_STRUCT && c->kid);
        if (whole)
            out.col[i] = *c;
        else if (here)
            out.col[i] = column_gather(a, c, w->row, w->n);
        else
            out.col[i] = (Column){.type = c->type, .rows = w->n};
    }
    Column window = column_new(a, s->window, w->n);
    Micros *start = COLUMN_DATA(&window.kid[0], Micros), *end = COLUMN_DATA(&window.kid[1], Micros);
    for (int32_t i = 0; i < w->n; i++) {
        start[i] = w->start[i];
        end[i] = wrap_add(w->start[i], s->panes ? s->slide : s->duration);
    }
    out.col[in->cols] = window;
    w->n = 0;
    return op_emit(&w->op, &out);
}
static Status windows_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Windows *w = CONTAINER(op, Windows, op);
    const WindowsSpec *s = op->spec;
    Column time;
    TRY(prog_run(w->prog, in, &time));
    w->n = 0;
    Micros last = window_last(s, 0);
    for (int32_t i = 0; i < in->rows; i++) {
        if (column_null(&time, i)) continue;
        Micros t = column_i64(&time, i);
        // Most rows fall where the one before did; a division costs more than all the rest.
        if ((uint64_t)t - (uint64_t)last >= (uint64_t)s->slide) last = window_last(s, t);
        Micros start = last;
        for (int32_t k = 0; k < w->most; k++, start = wrap_add(start, -s->slide)) {
            if (!w->even && !(start <= t && t < wrap_add(start, s->duration))) continue;
            if (w->n == BATCH_ROWS) TRY(windows_emit(w, in));
            w->row[w->n] = i;
            w->start[w->n++] = start;
        }
    }
    return w->n ? windows_emit(w, in) : DONE;
}
const OpKind op_windows = {
    .name = "windows", .size = sizeof(Windows), .open = windows_open, .rows = windows_rows};
