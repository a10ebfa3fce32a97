// lambda.c -- see lambda_in.h.
#include "expr/lambda_in.h"
#include "expr/splice.h"

bool has_lambda(const Expr *call)
{
    for (int32_t i = 0; i < call->nargs; i++)
        if (call->arg[i]->kind == E_LAMBDA) return true;
    return false;
}

typedef struct Captures {
    Arena *a;
    Expr **column;
    int32_t n;
    const Expr *lambda; // whose variables are being bound
    bool bind;
} Captures;

static int32_t capture(Captures *c, Expr *column)
{
    for (int32_t i = 0; i < c->n; i++)
        if (c->column[i]->id == column->id) return i;
    Expr **more = NEW(c->a, Expr *, c->n + 1);
    for (int32_t i = 0; i < c->n; i++) more[i] = c->column[i];
    more[c->n] = column;
    c->column = more;
    return c->n++;
}

// First all columns are found, then columns and the lambda's own variables become columns of the
// body's batch. Variables of lambdas further in stay.
static Status capture_node(void *ctx, Expr **e)
{
    Captures *c = ctx;
    Expr *x = *e;
    if (x->kind == E_COLUMN && !c->bind) capture(c, x);
    if (!c->bind || (x->kind != E_COLUMN && x->kind != E_VAR)) return DONE;
    int32_t var = x->id - c->lambda->id;
    if (x->kind == E_VAR && (var < 0 || var >= c->lambda->nparts)) return DONE;
    Expr *column = NEW(c->a, Expr, 1);
    *column = *x;
    column->kind = E_COLUMN;
    column->id = x->kind == E_VAR ? c->n + var : capture(c, x);
    *e = column;
    return DONE;
}

static Status walk_lambdas(Captures *c, const Expr *call, Expr **body)
{
    for (int32_t i = 0, n = 0; i < call->nargs; i++) {
        if (call->arg[i]->kind != E_LAMBDA) continue;
        c->lambda = call->arg[i];
        if (!c->bind) body[n] = expr_copy(c->a, call->arg[i]->arg[0]);
        TRY(expr_walk(&body[n++], capture_node, c));
    }
    return DONE;
}

Status lambda_compile(Arena *a, const Expr *call, const EvalCtx *ctx, LambdaCall **out,
                      ExprList *inputs)
{
    Captures c = {.a = a};
    Expr *body[LAMBDAS_MAX];
    LambdaCall *l = NEW(a, LambdaCall, 1);
    TRY(walk_lambdas(&c, call, body));
    c.bind = true;
    TRY(walk_lambdas(&c, call, body));
    Expr **list = NEW(a, Expr *, call->nargs + c.n);
    for (int32_t i = 0; i < call->nargs; i++) {
        if (call->arg[i]->kind == E_LAMBDA) {
            must(l->n < LAMBDAS_MAX);
            l->lambda[l->n].nvars = call->arg[i]->nparts;
            TRY(prog_compile(&l->lambda[l->n].body, a, &body[l->n], 1, ctx));
            l->n++;
        } else {
            list[l->plain++] = call->arg[i];
        }
    }
    for (int32_t i = 0; i < c.n; i++) list[l->plain + i] = c.column[i];
    *inputs = (ExprList){list, l->plain + c.n};
    *out = l;
    return DONE;
}

static Column slice(const Column *c, int32_t at, int32_t n, Arena *a)
{
    Column copy = *c;
    return batch_slice(a, &(Batch){c->rows, 1, &copy}, at, n).col[0];
}

typedef struct Chunk {
    int32_t at, n;
} Chunk;
static Status run_chunk(const KernelCall *k, const Lambda *l, const int32_t *row,
                        const Column *vars, Chunk chunk, Column *out)
{
    const LambdaCall *call = k->bound;
    int32_t captures = k->nin - call->plain;
    Batch b = {chunk.n, captures + l->nvars, NEW(k->scratch, Column, captures + l->nvars)};
    for (int32_t i = 0; i < captures; i++)
        b.col[i] = column_gather(k->scratch, k->in[call->plain + i], row + chunk.at, chunk.n);
    for (int32_t i = 0; i < l->nvars; i++)
        b.col[captures + i] = slice(&vars[i], chunk.at, chunk.n, k->scratch);
    return prog_run(l->body, &b, out);
}

Status lambda_run(const KernelCall *k, const Lambda *l, const int32_t *row, const Column *vars,
                  int32_t n, Column *out)
{
    const Type *t = l->body->reg[l->body->out[0]].type;
    int32_t chunks = (n + BATCH_ROWS - 1) / BATCH_ROWS;
    const Column **part = NEW(k->scratch, const Column *, chunks);
    int32_t *which = NEW_RAW(k->scratch, int32_t, n), *at = NEW_RAW(k->scratch, int32_t, n);
    for (int32_t c = 0; c < chunks; c++) {
        int32_t start = c * BATCH_ROWS, rows = MIN(n - start, BATCH_ROWS);
        Column got, *copy = NEW(k->scratch, Column, 1);
        TRY(run_chunk(k, l, row, vars, (Chunk){start, rows}, &got));
        *copy = column_copy(k->scratch, &got, NULL, rows);
        part[c] = copy;
        for (int32_t i = 0; i < rows; i++) which[start + i] = c, at[start + i] = i;
    }
    *out = splice(k->scratch, t, &(Splice){part, which, at}, n);
    return DONE;
}
