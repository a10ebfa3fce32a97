// prog_run.c -- running a program over one batch: a loop over its steps. Per step there is the AND
// of the inputs' validity, which is nothing when they have none, and one call.
#include "expr/prog_in.h"

// The rows that are valid in all inputs; room is written only when two of them have NULLs.
static uint8_t *and_valid(const Step *s, int32_t rows, uint8_t *room)
{
    uint8_t *all = NULL;
    for (int32_t k = 0; k < s->nin; k++) {
        const uint8_t *v = s->in[k]->valid;
        if (!v || v == all) continue;
        if (!all) {
            all = s->in[k]->valid;
            continue;
        }
        for (int32_t i = 0; i < rows; i++) room[i] = all[i] & v[i];
        all = room;
    }
    return all;
}

static void prepare_valid(const Step *s, Column *out, uint8_t *room)
{
    if (s->flags & FN_OWN_NULLS) {
        out->valid = room;
        return;
    }
    out->valid = and_valid(s, out->rows, room);
    if (!(s->flags & FN_MAY_NULL) || out->valid == room) return;
    if (out->valid)
        memcpy(room, out->valid, (size_t)out->rows);
    else
        memset(room, 1, (size_t)out->rows);
    out->valid = room;
}

// NULL stands for "all rows are valid", so that the kernels after this one take their fast form.
static void tidy_valid(Column *out)
{
    if (out->valid && !memchr(out->valid, 0, (size_t)out->rows)) out->valid = NULL;
}

static Status run_step(Prog *p, const Step *s, int32_t rows)
{
    Column *out = &p->reg[s->out];
    *out = p->own[s->out];
    out->rows = rows;
    KernelCall call = {
        .in = s->in,
        .nin = s->nin,
        .rows = rows,
        .out = out,
        .scratch = p->scratch,
        .bound = s->bound,
        .ctx = p->ctx,
    };
    if (s->mask >= 0) {
        const uint8_t *mask = COLUMN_DATA(&p->reg[s->mask], uint8_t);
        if (!memchr(mask, 1, (size_t)rows)) {
            out->valid = NULL;
            return DONE;
        }
        if (memchr(mask, 0, (size_t)rows)) call.active = mask;
    }
    prepare_valid(s, out, p->valid[s->out]);
    TRY(s->kernel(&call));
    if (s->flags & (FN_OWN_NULLS | FN_MAY_NULL)) tidy_valid(out);
    return DONE;
}

static Status run_steps(Prog *p, const Batch *in)
{
    arena_clear(p->scratch);
    for (int32_t i = 0; i < p->ninputs; i++) {
        must(in->col && p->input[i].col < in->cols);
        p->reg[p->input[i].reg] = in->col[p->input[i].col];
    }
    for (int32_t i = 0; i < p->nsteps; i++) {
        const Step *s = &p->step[i];
        Status failed = run_step(p, s, in->rows);
        if (UNLIKELY(failed.code)) return fail_at(failed, &s->at);
    }
    return DONE;
}

static Column result(const Prog *p, int32_t i, int32_t rows)
{
    Column c = p->reg[p->out[i]];
    c.rows = rows;
    return c;
}

Status prog_run(Prog *p, const Batch *in, Column *out)
{
    must(in->rows <= p->rows);
    TRY(run_steps(p, in));
    for (int32_t i = 0; i < p->nout; i++) out[i] = result(p, i, in->rows);
    return DONE;
}

Status prog_filter(Prog *p, const Batch *in, uint8_t *keep)
{
    must(p->nout == 1 && in->rows <= p->rows);
    TRY(run_steps(p, in));
    Column c = result(p, 0, in->rows);
    const uint8_t *v = COLUMN_DATA(&c, uint8_t);
    if (!c.valid)
        memcpy(keep, v, (size_t)in->rows);
    else
        for (int32_t i = 0; i < in->rows; i++) keep[i] = v[i] & c.valid[i];
    return DONE;
}

static Status fold(Arena *a, Arena *scratch, Expr *const *e, const EvalCtx *ctx, Datum *v)
{
    Prog *p;
    TRY(prog_compile_rows(&p, scratch, &(ExprList){e, 1}, 1, ctx));
    Column out;
    TRY(prog_run(p, &(Batch){.rows = 1}, &out));
    Column *keep = NEW(a, Column, 1);
    *keep = column_copy(a, &out, NULL, 1);
    *v = column_datum(a, keep, 0);
    return DONE;
}

Status expr_fold(Arena *a, const Expr *e, const EvalCtx *ctx, Datum *v)
{
    while (e->kind == E_ALIAS) e = e->arg[0];
    if (e->kind == E_LITERAL) {
        *v = e->value;
        return DONE;
    }
    Arena *scratch = arena_new(NULL);
    Expr *one = expr_copy(scratch, e);
    Status s = fold(a, scratch, &one, ctx, v);
    arena_free(scratch);
    return s;
}
