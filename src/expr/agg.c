// agg.c -- finding aggregates, and laying those of an operator out in one payload.
#include "expr/agg_in.h"

static const AggTable *const families[] = {&agg_sum,     &agg_minmax,     &agg_bool, &agg_collect,
                                           &agg_moments, &agg_percentile, &agg_hll,  &agg_frequent};

const AggRow *agg_row(int64_t i)
{
    for (int32_t f = 0; f < COUNT(families); f++) {
        if (i < families[f]->n) return &families[f]->row[i];
        i -= families[f]->n;
    }
    return NULL;
}

static const AggRow *find(Str name)
{
    const AggRow *row;
    for (int64_t i = 0; (row = agg_row(i)) != NULL; i++)
        if (str_eq(row->name, name)) return row;
    return NULL;
}

const AggRow *agg_find(Str name)
{
    const AggRow *row = find(name);
    return row && row->signature[0] == '=' ? find(str_z(row->signature + 2)) : row;
}

const uint8_t *agg_used(const AggCall *c, const AggRows *r, const Column *const *in, uint8_t *room)
{
    const uint8_t *all = r->keep;
    must(r->n <= BATCH_ROWS);
    for (int32_t k = 0; k < c->nin; k++) {
        const uint8_t *valid = in[k]->valid;
        if (!valid) continue;
        if (!all) {
            all = valid;
            continue;
        }
        for (int32_t i = 0; i < r->n; i++) room[i] = all[i] & valid[i];
        all = room;
    }
    return all;
}

static Status plan_call(Arena *a, const Expr *e, const EvalCtx *ctx, AggCall *c)
{
    while (e->kind == E_ALIAS) e = e->arg[0];
    must(e->kind == E_AGG && !e->distinct && e->nargs <= AGG_ARGS_MAX);
    c->row = e->agg;
    c->type = e->type;
    c->nin = e->nargs;
    for (int32_t i = 0; i < e->nargs; i++) c->in[i] = e->arg[i]->type;
    c->bytes = e->agg->bytes;
    c->nblobs = e->agg->nblobs;
    c->ignore_nulls = e->ignore_nulls;
    c->ansi = ctx->ansi;
    c->place = e->at;
    return e->agg->bind ? e->agg->bind(a, e, ctx, c) : DONE;
}

Status agg_plan(AggPlan **out, Arena *a, Expr *const *agg, int32_t n, int32_t head,
                const EvalCtx *ctx)
{
    AggPlan *p = NEW(a, AggPlan, 1);
    p->call = NEW(a, AggCall, n);
    p->n = n;
    int32_t at = (head + 7) / 8 * 8;
    for (int32_t i = 0; i < n; i++) {
        AggCall *c = &p->call[i];
        TRY(plan_call(a, agg[i], ctx, c));
        c->at = at;
        at += (c->bytes + 7) / 8 * 8;
        p->nblobs += c->nblobs;
    }
    p->payload_bytes = at;
    p->blob_at = NEW(a, int32_t, p->nblobs);
    for (int32_t i = 0, k = 0; i < n; i++)
        for (int32_t b = 0; b < p->call[i].nblobs; b++)
            p->blob_at[k++] = p->call[i].at + b * (int32_t)sizeof(Blob);
    *out = p;
    return DONE;
}

static Status placed(const AggCall *c, Status s)
{
    return LIKELY(s.code == OK) ? s : fail_at(s, &c->place);
}

Status agg_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    return placed(c, c->row->step(c, r, in));
}
Status agg_merge(const AggCall *c, const AggRows *r, const char *const *from)
{
    return placed(c, c->row->merge(c, r, from));
}
Status agg_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    out->rows = n;
    TRY(placed(c, c->row->result(c, payload, n, out, a)));
    if (out->valid && !memchr(out->valid, 0, (size_t)n)) out->valid = NULL;
    return DONE;
}
