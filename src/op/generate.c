// generate.c -- pairs (input row, element) a batch at a time; both sides are gathered.
#include "op/generate.h"
#include "expr/prog.h"

typedef struct Generate {
    Op op;
    Prog *prog;
    int32_t *row, *element, *pos; // element -1: the row of NULLs of an OUTER
    int32_t n;
} Generate;

static Status generate_open(Op *op)
{
    Generate *g = CONTAINER(op, Generate, op);
    const GenerateSpec *s = op->spec;
    g->row = NEW(op->arena, int32_t, BATCH_ROWS);
    g->element = NEW(op->arena, int32_t, BATCH_ROWS);
    g->pos = NEW(op->arena, int32_t, BATCH_ROWS);
    return prog_compile(&g->prog, op->arena, &s->list, 1, &op->ctx->eval);
}
// Elements by index, NULL where the index is -1.
static Column elements(Generate *g, const Column *kid, Arena *a)
{
    bool gaps = false;
    int32_t row[BATCH_ROWS];
    for (int32_t i = 0; i < g->n; i++) {
        gaps |= g->element[i] < 0;
        row[i] = MAX(g->element[i], 0);
    }
    if (!gaps) return column_gather(a, kid, row, g->n);
    if (!kid->rows) return column_null_of(a, kid->type, g->n);
    Column c = column_gather(a, kid, row, g->n);
    uint8_t *old = c.valid, *valid = NEW(a, uint8_t, g->n);
    for (int32_t i = 0; i < g->n; i++) valid[i] = g->element[i] >= 0 && (!old || old[i]);
    c.valid = valid;
    return c;
}
static void put_position(Generate *g, Column *c, Arena *a)
{
    *c = column_new(a, &type_int, g->n);
    for (int32_t i = 0; i < g->n; i++) {
        COLUMN_DATA(c, int32_t)[i] = g->pos[i];
        if (g->element[i] >= 0) continue;
        if (!c->valid) column_own_valid(a, c);
        c->valid[i] = 0;
    }
}
// The fields of struct elements as columns of their own; a NULL struct has NULL fields.
static int32_t put_fields(const Column *element, Column *to, Arena *a)
{
    int32_t n = element->type->nfields;
    for (int32_t f = 0; f < n; f++) {
        to[f] = element->kid[f];
        if (!element->valid) continue;
        uint8_t *valid = NEW(a, uint8_t, element->rows);
        for (int32_t i = 0; i < element->rows; i++)
            valid[i] = element->valid[i] & (to[f].valid ? to[f].valid[i] : 1);
        to[f].valid = valid;
    }
    return n;
}
static Status generate_emit(Generate *g, const Batch *in, const Column *list)
{
    const GenerateSpec *s = g->op.spec;
    Arena *a = g->op.scratch;
    Batch left = op_gather(a, in, g->row, g->n);
    Batch out = {.rows = g->n, .cols = in->cols, .col = NEW(a, Column, s->out->nfields + 1)};
    for (int32_t i = 0; i < in->cols; i++) out.col[i] = left.col[i];
    if (s->position) put_position(g, &out.col[out.cols++], a);
    for (int32_t k = 0; k < (list->type->id == T_MAP ? 2 : 1); k++) {
        Column e = elements(g, &list->kid[k], a);
        if (s->flatten)
            out.cols += put_fields(&e, out.col + out.cols, a);
        else
            out.col[out.cols++] = e;
    }
    must(out.cols == s->out->nfields);
    g->n = 0;
    return op_emit(&g->op, &out);
}
static Status generate_add(Generate *g, const Batch *in, const Column *list, int32_t row,
                           int32_t pos)
{
    if (g->n == BATCH_ROWS) TRY(generate_emit(g, in, list));
    g->row[g->n] = row;
    g->pos[g->n] = pos;
    g->element[g->n++] = pos < 0 ? -1 : COLUMN_DATA(list, List)[row].at + pos;
    return DONE;
}
static Status generate_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Generate *g = CONTAINER(op, Generate, op);
    const GenerateSpec *s = op->spec;
    Column list;
    TRY(prog_run(g->prog, in, &list));
    g->n = 0;
    for (int32_t i = 0; i < in->rows; i++) {
        int32_t n = column_null(&list, i) ? 0 : COLUMN_DATA(&list, List)[i].n;
        for (int32_t k = 0; k < n; k++) TRY(generate_add(g, in, &list, i, k));
        if (n == 0 && s->outer) TRY(generate_add(g, in, &list, i, -1));
    }
    return g->n ? generate_emit(g, in, &list) : DONE;
}
const OpKind op_generate = {
    .name = "generate", .size = sizeof(Generate), .open = generate_open, .rows = generate_rows};
