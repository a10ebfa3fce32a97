// aggregate.c -- the spec of an aggregate, seen from both halves and from lowering.
#include "op/agg_in.h"

TableSpec agg_table(Arena *a, const AggSpec *s, const AggPlan *plan)
{
    const Type **key = NEW(a, const Type *, s->nkeys + 1);
    for (int32_t i = 0; i < s->nkeys; i++) key[i] = s->key[i]->type;
    return (TableSpec){.key = key,
                       .nkeys = s->nkeys,
                       .time_key = s->time_key,
                       .slice = s->slice,
                       .payload_bytes = plan->payload_bytes,
                       .blob_at = plan->blob_at,
                       .nblobs = plan->nblobs};
}
TableSpec agg_chunk_table(Arena *a, const AggSpec *s, const AggPlan *plan)
{
    TableSpec t = agg_table(a, s, plan);
    t.slice = t.time_key < 0 ? 0 : s->slide * s->chunk;
    t.payload_bytes = (int32_t)sizeof(AggChunk) + s->chunk * plan->payload_bytes;
    t.part_at = (int32_t)sizeof(AggChunk);
    t.part_bytes = plan->payload_bytes;
    return t;
}
// As many windows as hold a row, so that it meets two chunks at most; not so many of large ones
// that a key with few rows costs much.
Status agg_chunk(AggSpec *spec, Arena *a, const EvalCtx *ctx)
{
    enum { CHUNK_MIN = 8, CHUNK_BYTES = 4096 };
    AggPlan *plan = NULL;
    spec->chunk = 0;
    if (spec->panes < 2) return DONE;
    TRY(agg_plan(&plan, a, spec->agg, spec->naggs, 0, ctx));
    Micros all;
    if (plan->nblobs || __builtin_mul_overflow(spec->slide, AGG_CHUNK_MAX, &all)) return DONE;
    int32_t n = CHUNK_MIN;
    while (n < AGG_CHUNK_MAX && n < spec->panes && 2 * n * plan->payload_bytes <= CHUNK_BYTES)
        n *= 2;
    spec->chunk = n;
    return DONE;
}
Expr *const *agg_columns(AggProgram *p, Op *op)
{
    const AggSpec *s = op->spec;
    Arena *a = op->arena;
    VEC(Expr *) e = {0};
    int32_t most = 0;
    p->arg_at = NEW(a, int32_t, s->naggs + 1);
    p->filter_at = NEW(a, int32_t, s->naggs + 1);
    for (int32_t i = 0; i < s->nkeys; i++) vec_push(a, &e, s->key[i]);
    for (int32_t i = 0; i < s->naggs; i++) {
        const Expr *agg = s->agg[i];
        must(agg->kind == E_AGG && !agg->distinct);
        p->arg_at[i] = (int32_t)e.n;
        for (int32_t k = 0; k < agg->nargs; k++) vec_push(a, &e, agg->arg[k]);
        p->filter_at[i] = agg->filter ? (int32_t)e.n : -1;
        if (agg->filter) vec_push(a, &e, agg->filter);
        most = MAX(most, agg->nargs);
    }
    p->cols = (int32_t)e.n;
    p->col = NEW(a, Column, e.n + 1);
    p->arg = NEW(a, const Column *, most + 1);
    p->keep = NEW(a, uint8_t, BATCH_ROWS);
    return e.v;
}
Status agg_program(AggProgram *p, Op *op)
{
    Expr *const *e = agg_columns(p, op);
    return prog_compile(&p->prog, op->arena, e, p->cols, &op->ctx->eval);
}
static void filter_mask(uint8_t *keep, const Column *c, int32_t n)
{
    const uint8_t *v = COLUMN_DATA(c, uint8_t);
    for (int32_t i = 0; i < n; i++) keep[i] = v[i] & (c->valid ? c->valid[i] : 1);
}
Status agg_fold(AggProgram *p, const AggSpec *s, const AggPlan *plan, AggRows to)
{
    for (int32_t i = 0; i < s->naggs; i++) {
        for (int32_t k = 0; k < s->agg[i]->nargs; k++) p->arg[k] = &p->col[p->arg_at[i] + k];
        to.keep = p->filter_at[i] < 0 ? NULL : p->keep;
        if (to.keep) filter_mask(p->keep, &p->col[p->filter_at[i]], to.n);
        TRY(agg_step(&plan->call[i], &to, p->arg));
    }
    return DONE;
}
static void field_text(Buf *b, const Type *t, bool nullable)
{
    type_name(b, t);
    if (!nullable) buf_put(b, S(" not null"));
}
void agg_shape(Buf *b, Expr *const *agg, const AggPlan *plan)
{
    for (int32_t i = 0; i < plan->n; i++) {
        const AggCall *c = &plan->call[i];
        if (i) buf_put(b, S(", "));
        buf_put(b, c->row->name);
        buf_char(b, '(');
        for (int32_t k = 0; k < c->nin; k++) {
            if (k) buf_put(b, S(", "));
            type_name(b, c->in[k]);
        }
        buf_put(b, S(") "));
        field_text(b, c->type, agg[i]->nullable);
    }
}
Status agg_state(TableSpec *table, Str *schema, Arena *a, const AggSpec *spec, const EvalCtx *ctx)
{
    AggPlan *plan = NULL;
    TRY(agg_plan(&plan, a, spec->agg, spec->naggs, 0, ctx));
    *table = spec->chunk ? agg_chunk_table(a, spec, plan) : agg_table(a, spec, plan);
    table->track = true;
    Buf b = buf_new(a);
    for (int32_t i = 0; i < spec->nkeys; i++) {
        if (i) buf_put(&b, S(", "));
        field_text(&b, spec->key[i]->type, spec->key[i]->nullable);
    }
    buf_char(&b, ';');
    agg_shape(&b, spec->agg, plan);
    *schema = buf_str(&b);
    return DONE;
}
