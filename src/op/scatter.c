// scatter.c -- growing columns by shard.
#include "op/scatter.h"
#include "op/op.h"
#include "state/state.h"

typedef struct ShardRows {
    Builder **col; // made with the shard's first row
    int64_t rows;
    Batch *slice; // made when no more rows come
    int32_t nslices;
} ShardRows;
struct Scatter {
    Arena *arena, *slices;
    ShardRows *shard;
    int32_t shards, cols;
    int32_t *row; // BATCH_ROWS a shard
};

Scatter *scatter_new(Arena *a, int32_t shards)
{
    Scatter *s = NEW(a, Scatter, 1);
    must(shards > 0 && shards <= SCATTER_SHARDS_MAX && (shards & (shards - 1)) == 0);
    *s = (Scatter){.arena = a, .slices = arena_new(a), .shards = shards};
    s->shard = NEW(a, ShardRows, shards);
    s->row = NEW(a, int32_t, (int64_t)shards * BATCH_ROWS);
    return s;
}
void scatter_clear(Scatter *s)
{
    for (int32_t i = 0; i < s->shards; i++) {
        ShardRows *sh = &s->shard[i];
        for (int32_t c = 0; sh->rows && c < s->cols; c++) builder_clear(sh->col[c]);
        sh->rows = 0;
        sh->nslices = 0;
    }
    arena_clear(s->slices);
}
static void shard_take(Scatter *s, ShardRows *sh, const Batch *in, const int32_t *row, int32_t n)
{
    s->cols = in->cols;
    sh->rows += n;
    if (!sh->col) {
        sh->col = NEW(s->arena, Builder *, in->cols + 1);
        for (int32_t c = 0; c < in->cols; c++) sh->col[c] = builder_new(s->arena, in->col[c].type);
    }
    for (int32_t c = 0; c < in->cols; c++) {
        const Column *col = &in->col[c];
        if (column_here(col))
            builder_rows(sh->col[c], col, row, n);
        else
            for (int32_t i = 0; i < n; i++) builder_null(sh->col[c]);
    }
}
void scatter_rows(Scatter *s, const Batch *in, const uint64_t *hash)
{
    if (!hash) {
        shard_take(s, &s->shard[0], in, NULL, in->rows);
        return;
    }
    int32_t n[SCATTER_SHARDS_MAX] = {0};
    for (int32_t i = 0; i < in->rows; i++) {
        int32_t to = state_shard_of(hash[i], s->shards);
        s->row[to * BATCH_ROWS + n[to]++] = i;
    }
    for (int32_t i = 0; i < s->shards; i++)
        if (n[i]) shard_take(s, &s->shard[i], in, s->row + (int64_t)i * BATCH_ROWS, n[i]);
}
static void shard_slice(Scatter *s, ShardRows *sh)
{
    Batch all = {.rows = (int32_t)sh->rows, .cols = s->cols};
    all.col = NEW(s->slices, Column, s->cols + 1);
    for (int32_t c = 0; c < s->cols; c++) all.col[c] = builder_column(sh->col[c]);
    sh->nslices = (all.rows + BATCH_ROWS - 1) / BATCH_ROWS;
    sh->slice = NEW(s->slices, Batch, sh->nslices);
    for (int32_t i = 0; i < sh->nslices; i++) {
        int32_t at = i * BATCH_ROWS;
        sh->slice[i] = batch_slice(s->slices, &all, at, MIN(BATCH_ROWS, all.rows - at));
    }
}
void scatter_seal(Scatter *s)
{
    for (int32_t i = 0; i < s->shards; i++)
        if (s->shard[i].rows) shard_slice(s, &s->shard[i]);
}
int32_t scatter_batches(const Scatter *s, int32_t shard, const Batch **batch)
{
    *batch = s->shard[shard].slice;
    return s->shard[shard].nslices;
}
