// user.c -- one program for the arguments of all calls.
#include "op/user.h"
#include "expr/prog.h"

typedef struct User {
    Op op;
    Prog *prog;
    Column *arg;
} User;

static Status user_open(Op *op)
{
    User *u = CONTAINER(op, User, op);
    const UserSpec *spec = op->spec;
    int32_t n = spec->calls.args->nfields;
    u->arg = NEW(op->arena, Column, n + 1);
    return prog_compile(&u->prog, op->arena, spec->arg, n, &op->ctx->eval);
}
static bool as_promised(const UserCalls *calls, const Batch *in, const Batch *made)
{
    bool same = made->rows == in->rows && made->cols == calls->n;
    for (int32_t i = 0; same && i < calls->n; i++)
        same = type_eq(made->col[i].type, calls->made->field[i].type);
    return same;
}
static Status user_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    User *u = CONTAINER(op, User, op);
    const UserSpec *spec = op->spec;
    const UserCalls *calls = &spec->calls;
    TRY(prog_run(u->prog, in, u->arg));
    Batch args = {.rows = in->rows, .cols = calls->args->nfields, .col = u->arg}, made = {0};
    TRY(spec->host->run(spec->host, op->scratch, calls, &args, op->ctx->stop, &made));
    if (!as_promised(calls, in, &made))
        return fail(ERR_CORRUPT,
                    "a user's function was asked for %d rows and answered %d of "
                    "another kind",
                    in->rows, made.rows);
    Column *col = NEW(op->scratch, Column, in->cols + made.cols);
    memcpy(col, in->col, (size_t)in->cols * sizeof *col);
    memcpy(col + in->cols, made.col, (size_t)made.cols * sizeof *col);
    return op_emit(op, &(Batch){.rows = in->rows, .cols = in->cols + made.cols, .col = col});
}
const OpKind op_user = {
    .name = "userFunctions", .size = sizeof(User), .open = user_open, .rows = user_rows};
