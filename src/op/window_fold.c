// window_fold.c -- aggregates over frames. While the frame only grows, rows are folded in as they
// enter it; when a row leaves, the frame is folded anew from its first row. That is what Spark
// does, and so sums of doubles agree with it to the bit.
#include "op/window_in.h"

Status window_folds(Window *w)
{
    const WindowSpec *s = w->op.spec;
    VEC(Expr *) agg = {0};
    for (int32_t i = 0; i < s->ncalls; i++)
        if (s->call[i].agg) {
            w->slots[i].fold = (int32_t)agg.n;
            vec_push(w->op.arena, &agg, s->call[i].agg);
        }
    TRY(agg_plan(&w->plan, w->op.arena, agg.v, (int32_t)agg.n, 0, &w->op.ctx->eval));
    w->payload = NEW(w->op.arena, char, w->plan->payload_bytes + 1);
    w->blobs = blob_pool_new(w->op.arena);
    return DONE;
}

static void fold_begin(Window *w)
{
    memset(w->payload, 0, (size_t)w->plan->payload_bytes);
    blob_pool_clear(w->blobs);
}

// Rows [from, to) of the arguments into the payload.
static Status fold_rows(Window *w, const AggCall *c, const Batch *args, int32_t from, int32_t to)
{
    char *payload[BATCH_ROWS];
    const Column *in[AGG_ARGS_MAX];
    for (int32_t i = 0, n = MIN(BATCH_ROWS, to - from); i < n; i++) payload[i] = w->payload;
    for (int32_t at = from; at < to; at += BATCH_ROWS) {
        arena_clear(w->step);
        int32_t n = MIN(BATCH_ROWS, to - at);
        Batch some = batch_slice(w->step, args, at, n);
        for (int32_t k = 0; k < args->cols; k++) in[k] = &some.col[k];
        AggRows r = {.payload = payload, .n = n, .blobs = w->blobs};
        TRY(agg_step(c, &r, in));
    }
    return DONE;
}

static Status fold_result(Window *w, const AggCall *c, Builder *b)
{
    arena_clear(w->step);
    Column one = column_new(w->step, c->type, 1);
    TRY(agg_result(c, &w->payload, 1, &one, w->step));
    builder_rows(b, &one, NULL, 1);
    return DONE;
}

Status window_fold(Window *w, const WindowCall *call, const WindowSlots *s, Column *out)
{
    const AggCall *c = &w->plan->call[s->fold];
    must(call->agg->nargs <= AGG_ARGS_MAX);
    Batch args = {.rows = w->n, .cols = call->agg->nargs, .col = w->whole + s->arg};
    WindowFrame f = window_frame(w, call, s);
    Builder *b = builder_new(w->work, call->type); // one a run of equal frames
    int32_t from = -1, to = -1, *run = NEW(w->work, int32_t, w->n);
    for (int32_t i = 0; i < w->n; i++) {
        if (f.from[i] != from || f.to[i] != to) {
            if (f.from[i] != from || f.to[i] < to) {
                fold_begin(w);
                from = to = f.from[i];
            }
            TRY(fold_rows(w, c, &args, to, f.to[i]));
            to = f.to[i];
            TRY(fold_result(w, c, b));
        }
        run[i] = builder_count(b) - 1;
    }
    Column results = builder_column(b);
    *out = results.rows == w->n ? results : column_gather(w->work, &results, run, w->n);
    return DONE;
}
