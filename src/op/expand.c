// expand.c -- the projections of a batch are computed one after the other and woven into rows: all
// projections of the first row, then of the second. Columns are built without copying strings.
#include "op/expand.h"
#include "expr/prog.h"

typedef struct Expand {
    Op op;
    Prog **prog;
    Column **col; // a projection's columns
} Expand;

static Status expand_open(Op *op)
{
    Expand *x = CONTAINER(op, Expand, op);
    const ExpandSpec *s = op->spec;
    x->prog = NEW(op->arena, Prog *, s->nprojections);
    x->col = NEW(op->arena, Column *, s->nprojections);
    for (int32_t p = 0; p < s->nprojections; p++) {
        x->col[p] = NEW(op->arena, Column, s->n + 1);
        TRY(prog_compile(&x->prog[p], op->arena, s->projection[p], s->n, &op->ctx->eval));
    }
    return DONE;
}
// The lists of `from` point into one column each; they are laid end to end.
static Column kids_stack(Arena *a, const Column *from, int32_t n, int32_t kid)
{
    Builder *b = builder_new(a, from[0].kid[kid].type);
    for (int32_t p = 0; p < n; p++) builder_rows(b, &from[p].kid[kid], NULL, from[p].kid[kid].rows);
    return builder_column(b);
}
static Column weave(Arena *a, const Column *from, int32_t n, int32_t rows)
{
    const Type *t = from[0].type;
    Column out = {.type = t, .rows = n * rows};
    Phys phys = type_phys(t);
    int64_t size = phys_bytes(phys);
    char *data = size ? NEW_RAW(a, char, (int64_t)n *rows *MAX(size, 16)) : NULL;
    out.data = data;
    for (int32_t p = 0; p < n; p++) {
        if (from[p].valid && !out.valid) column_own_valid(a, &out);
        for (int32_t i = 0; size && i < rows; i++)
            memcpy(data + ((int64_t)i * n + p) * size, (const char *)from[p].data + i * size,
                   (size_t)size);
        for (int32_t i = 0; from[p].valid && i < rows; i++) out.valid[i * n + p] = from[p].valid[i];
    }
    if (phys == PHYS_LIST) {
        int32_t base = 0, nkids = t->id == T_MAP ? 2 : 1;
        out.kid = NEW(a, Column, nkids);
        for (int32_t k = 0; k < nkids; k++) out.kid[k] = kids_stack(a, from, n, k);
        for (int32_t p = 0; p < n; p++, base += from[p - 1].kid[0].rows)
            for (int32_t i = 0; i < rows; i++) COLUMN_DATA(&out, List)[i * n + p].at += base;
    }
    if (phys == PHYS_STRUCT) {
        out.kid = NEW(a, Column, t->nfields + 1);
        Column *kid = NEW(a, Column, n);
        for (int32_t f = 0; f < t->nfields; f++) {
            for (int32_t p = 0; p < n; p++) kid[p] = from[p].kid[f];
            out.kid[f] = weave(a, kid, n, rows);
        }
    }
    return out;
}
static Status expand_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Expand *x = CONTAINER(op, Expand, op);
    const ExpandSpec *s = op->spec;
    Arena *a = op->scratch;
    for (int32_t p = 0; p < s->nprojections; p++) TRY(prog_run(x->prog[p], in, x->col[p]));
    Batch all = {.rows = in->rows * s->nprojections, .cols = s->n};
    all.col = NEW(a, Column, s->n + 1);
    Column *from = NEW(a, Column, s->nprojections);
    for (int32_t c = 0; c < s->n; c++) {
        for (int32_t p = 0; p < s->nprojections; p++) from[p] = x->col[p][c];
        all.col[c] = weave(a, from, s->nprojections, in->rows);
    }
    for (int32_t at = 0; at < all.rows; at += BATCH_ROWS) {
        Batch out = batch_slice(a, &all, at, MIN(BATCH_ROWS, all.rows - at));
        TRY(op_emit(op, &out));
    }
    return DONE;
}
const OpKind op_expand = {
    .name = "expand", .size = sizeof(Expand), .open = expand_open, .rows = expand_rows};
