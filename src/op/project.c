// project.c -- one program per instance; its outputs are the batch that goes on.
#include "op/project.h"
#include "expr/prog.h"

typedef struct Project {
    Op op;
    Prog *prog;
    Column *col;
} Project;

static Status project_open(Op *op)
{
    Project *p = CONTAINER(op, Project, op);
    const ProjectSpec *spec = op->spec;
    p->col = NEW(op->arena, Column, spec->n);
    return prog_compile(&p->prog, op->arena, spec->expr, spec->n, &op->ctx->eval);
}
static Status project_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Project *p = CONTAINER(op, Project, op);
    const ProjectSpec *spec = op->spec;
    TRY(prog_run(p->prog, in, p->col));
    return op_emit(op, &(Batch){.rows = in->rows, .cols = spec->n, .col = p->col});
}
const OpKind op_project = {
    .name = "project", .size = sizeof(Project), .open = project_open, .rows = project_rows};
