// window_call.c -- the calls that need no folding: numbers by place, and values of other rows.
#include "op/window_in.h"

static void number_rows(Window *w, const WindowCall *c, int32_t *v)
{
    if (c->fn != WINDOW_ROW_NUMBER) window_peers(w);
    for (int64_t k = 0; k < w->start.n; k++) {
        Partition p = window_partition(w, k);
        for (int32_t i = p.from, dense = 0; i < p.to; i++) {
            bool first = c->fn != WINDOW_ROW_NUMBER && w->peer.from[i] == i;
            dense += first;
            v[i] = c->fn == WINDOW_ROW_NUMBER ? i - p.from + 1
                   : c->fn == WINDOW_RANK     ? w->peer.from[i] - p.from + 1
                                              : dense;
        }
    }
}

static void share_rows(Window *w, const WindowCall *c, double *v)
{
    window_peers(w);
    for (int64_t k = 0; k < w->start.n; k++) {
        Partition p = window_partition(w, k);
        int32_t n = p.to - p.from;
        for (int32_t i = p.from; i < p.to; i++) {
            if (c->fn == WINDOW_CUME_DIST)
                v[i] = (double)(w->peer.to[i] - p.from) / (double)n;
            else
                v[i] = n > 1 ? (double)(w->peer.from[i] - p.from) / (double)(n - 1) : 0;
        }
    }
}

// The first n % buckets of them have one row more.
static void tile_rows(const Window *w, const WindowCall *c, int32_t *v)
{
    for (int64_t k = 0; k < w->start.n; k++) {
        Partition p = window_partition(w, k);
        int64_t size = (p.to - p.from) / c->n, more = (p.to - p.from) % c->n;
        for (int32_t i = p.from; i < p.to; i++) {
            int64_t at = i - p.from, big = more * (size + 1);
            v[i] = (int32_t)(at < big ? at / (size + 1) : more + (at - big) / size) + 1;
        }
    }
}

// The rows whose value is not NULL, in order, and how many there are before each row.
typedef struct NotNulls {
    int32_t *row, *before;
} NotNulls;
static NotNulls not_nulls(Window *w, const Column *c)
{
    NotNulls nn = {NEW(w->work, int32_t, w->n + 1), NEW(w->work, int32_t, w->n + 1)};
    int32_t n = 0;
    for (int32_t i = 0; i < w->n; i++) {
        nn.before[i] = n;
        if (!column_null(c, i)) nn.row[n++] = i;
    }
    nn.before[w->n] = n;
    return nn;
}

enum { NO_ROW = -1 };

static void shift_rows(Window *w, const WindowCall *c, const Column *value, int32_t *row)
{
    bool skip = c->ignore_nulls && c->n;
    NotNulls nn = skip ? not_nulls(w, value) : (NotNulls){0};
    for (int64_t k = 0; k < w->start.n; k++) {
        Partition p = window_partition(w, k);
        for (int32_t i = p.from; i < p.to; i++) {
            int64_t at = i + c->n;
            bool there = at >= p.from && at < p.to;
            if (skip) { // the n-th after this row, or before it
                at = c->n > 0 ? nn.before[i + 1] + c->n - 1 : nn.before[i] + c->n;
                there = at >= nn.before[p.from] && at < nn.before[p.to];
                at = there ? nn.row[at] : 0;
            }
            row[i] = there ? (int32_t)at : NO_ROW;
        }
    }
}

static void nth_rows(Window *w, const WindowCall *c, const WindowSlots *s, int32_t *row)
{
    WindowFrame f = window_frame(w, c, s);
    NotNulls nn = c->ignore_nulls ? not_nulls(w, &w->whole[s->value]) : (NotNulls){0};
    for (int32_t i = 0; i < w->n; i++) {
        int64_t from = f.from[i], to = f.to[i];
        if (c->ignore_nulls) {
            from = nn.before[from];
            to = nn.before[to];
        }
        int64_t at = c->n > 0 ? from + c->n - 1 : to + c->n;
        row[i] = NO_ROW;
        if (at >= from && at < to) row[i] = c->ignore_nulls ? nn.row[at] : (int32_t)at;
    }
}

static void pick_rows(Window *w, const Column *value, const Column *otherwise, const int32_t *row,
                      Column *out)
{
    Builder *b = builder_new(w->work, value->type);
    for (int32_t i = 0; i < w->n; i++) {
        if (row[i] != NO_ROW)
            builder_rows(b, value, &row[i], 1);
        else if (otherwise)
            builder_rows(b, otherwise, &i, 1);
        else
            builder_null(b);
    }
    *out = builder_column(b);
}

Status window_call(Window *w, const WindowCall *c, int32_t at, Column *out)
{
    const WindowSlots *s = &w->slots[at];
    const Column *value = s->value < 0 ? NULL : &w->whole[s->value];
    int32_t *row = NULL;
    bool picks = c->fn == WINDOW_SHIFT || c->fn == WINDOW_NTH;
    must(value || !picks);
    if (picks)
        row = NEW(w->work, int32_t, w->n);
    else if (c->fn != WINDOW_AGG)
        *out = column_new(w->work, c->type, w->n);
    switch (c->fn) {
    case WINDOW_ROW_NUMBER:
    case WINDOW_RANK:
    case WINDOW_DENSE_RANK: number_rows(w, c, out->data); return DONE;
    case WINDOW_PERCENT_RANK:
    case WINDOW_CUME_DIST: share_rows(w, c, out->data); return DONE;
    case WINDOW_NTILE: tile_rows(w, c, out->data); return DONE;
    case WINDOW_SHIFT: shift_rows(w, c, value, row); break;
    case WINDOW_NTH: nth_rows(w, c, s, row); break;
    case WINDOW_AGG: return window_fold(w, c, s, out);
    }
    pick_rows(w, value, s->otherwise < 0 ? NULL : &w->whole[s->otherwise], row, out);
    return DONE;
}
