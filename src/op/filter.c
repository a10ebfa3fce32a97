// filter.c -- a mask of the predicate, then the rows that it keeps, gathered. Columns that nobody
// reads afterwards are not moved, and a batch that passes whole is not copied.
#include "op/filter.h"
#include "expr/prog.h"

typedef struct Filter {
    Op op;
    Prog *prog;
    uint8_t *keep;
    int32_t *row;
} Filter;

static Status filter_open(Op *op)
{
    Filter *f = CONTAINER(op, Filter, op);
    const FilterSpec *spec = op->spec;
    f->keep = NEW(op->arena, uint8_t, BATCH_ROWS);
    f->row = NEW(op->arena, int32_t, BATCH_ROWS);
    return prog_compile(&f->prog, op->arena, &spec->predicate, 1, &op->ctx->eval);
}
static Status filter_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Filter *f = CONTAINER(op, Filter, op);
    const FilterSpec *spec = op->spec;
    TRY(prog_filter(f->prog, in, f->keep));
    int32_t n = mask_rows(f->keep, in->rows, f->row);
    if (n == in->rows) return op_emit(op, in);
    if (n == 0) return DONE;
    Batch out = {.rows = n, .cols = in->cols, .col = NEW(op->scratch, Column, in->cols)};
    for (int32_t i = 0; i < in->cols; i++) {
        const Column *c = &in->col[i];
        if ((spec->needed && !spec->needed[i]) || !column_here(c))
            out.col[i] = (Column){.type = c->type, .rows = n};
        else
            out.col[i] = column_gather(op->scratch, c, f->row, n);
    }
    return op_emit(op, &out);
}
const OpKind op_filter = {
    .name = "filter", .size = sizeof(Filter), .open = filter_open, .rows = filter_rows};
