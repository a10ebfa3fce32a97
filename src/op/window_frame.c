// window_frame.c -- which rows a call sees from each row. Bounds move forward only, so one pass
// over a partition finds them all.
#include "op/window_in.h"

static bool same_order(const Window *w, int32_t i, int32_t j)
{
    const WindowSpec *s = w->op.spec;
    for (int32_t k = 0; k < s->norder; k++)
        if (!value_eq(&w->whole[s->npartition + k], i, &w->whole[s->npartition + k], j))
            return false;
    return true;
}

static WindowFrame frame_new(Window *w)
{
    return (WindowFrame){NEW(w->work, int32_t, w->n), NEW(w->work, int32_t, w->n)};
}

void window_peers(Window *w)
{
    if (w->peer.from) return;
    w->peer = frame_new(w);
    for (int64_t k = 0; k < w->start.n; k++) {
        Partition p = window_partition(w, k);
        for (int32_t i = p.from, end; i < p.to; i = end) {
            for (end = i + 1; end < p.to && same_order(w, i, end);) end++;
            for (int32_t j = i; j < end; j++) {
                w->peer.from[j] = i;
                w->peer.to[j] = end;
            }
        }
    }
}

static int32_t clamp_row(Partition p, int64_t row) { return (int32_t)MAX(p.from, MIN(p.to, row)); }

// The key of row j against the bound of row i, in the order's sense.
static int32_t bound_cmp(const Window *w, int32_t j, const Column *bound, int32_t i)
{
    const WindowSpec *s = w->op.spec;
    const Column *key = &w->whole[s->npartition];
    const Expr *order = s->order[0];
    bool nj = column_null(key, j), ni = column_null(bound, i);
    if (ni || nj) return ni == nj ? 0 : nj == order->nulls_last ? 1 : -1;
    int32_t d = value_cmp(key, j, bound, i);
    return order->descending ? -d : d;
}

// edge[i]: the first row whose key is not before the bound of row i, or beyond it (past).
static void value_edges(const Window *w, Partition p, const Column *bound, bool past, int32_t *edge)
{
    int32_t j = p.from;
    for (int32_t i = p.from; i < p.to; i++) {
        while (j < p.to && bound_cmp(w, j, bound, i) < (past ? 1 : 0)) j++;
        edge[i] = j;
    }
}

static void edges(Window *w, Partition p, const WindowBound *b, int32_t slot, bool past,
                  int32_t *edge)
{
    switch (b->kind) {
    case WINDOW_UNBOUNDED:
        for (int32_t i = p.from; i < p.to; i++) edge[i] = past ? p.to : p.from;
        return;
    case WINDOW_ROW:
        for (int32_t i = p.from; i < p.to; i++) edge[i] = clamp_row(p, i + b->rows + past);
        return;
    case WINDOW_PEER:
        for (int32_t i = p.from; i < p.to; i++) edge[i] = past ? w->peer.to[i] : w->peer.from[i];
        return;
    case WINDOW_VALUE: value_edges(w, p, &w->whole[slot], past, edge); return;
    }
}

WindowFrame window_frame(Window *w, const WindowCall *c, const WindowSlots *s)
{
    WindowFrame f = frame_new(w);
    if (c->lower.kind == WINDOW_PEER || c->upper.kind == WINDOW_PEER) window_peers(w);
    for (int64_t k = 0; k < w->start.n; k++) {
        Partition p = window_partition(w, k);
        edges(w, p, &c->lower, s->lower, false, f.from);
        edges(w, p, &c->upper, s->upper, true, f.to);
        for (int32_t i = p.from; i < p.to; i++) f.to[i] = MAX(f.to[i], f.from[i]);
    }
    return f;
}
