// prog.c -- expressions to steps. Every subtree gets a register; equal subtrees under the same mask
// (or under none) share one. Arguments that may raise and stand where SQL evaluates them for some
// rows only are compiled under a mask: a register of 0/1 computed by the steps before them.
#include "expr/prog.h"
#include "base/hash.h"
#include "expr/cast_in.h"
#include "expr/expr_set.h"
#include "expr/lambda_in.h"
#include "expr/prog_in.h"

typedef struct Done { // a subtree that has a register
    const Expr *e;
    uint64_t hash;
    int32_t mask, reg;
    int32_t next; // in its bucket, or -1
} Done;
enum { BUCKETS_MIN = 64, NO_MASK = -1 };
typedef struct Compiler {
    Arena *a;
    const EvalCtx *ctx;
    VEC(Column) regs;
    VEC(Step) steps;
    VEC(int32_t) ins; // registers of the steps' inputs, one step after the other
    VEC(Input) inputs;
    VEC(Done) done;
    int32_t *bucket; // nbuckets, a power of two: the newest of done in each, or -1
    int64_t nbuckets;
    int32_t rows;    // room of a register
    int32_t chances; // functions compiled so far that give another value each time
} Compiler;

static Status compile(Compiler *c, const Expr *e, int32_t mask, int32_t *reg);

static int32_t find_done(const Compiler *c, const Expr *e, int32_t mask, uint64_t hash)
{
    for (int32_t i = c->bucket[hash & (uint64_t)(c->nbuckets - 1)]; i >= 0; i = c->done.v[i].next) {
        const Done *d = &c->done.v[i];
        if (d->hash == hash && (d->mask == NO_MASK || d->mask == mask) && expr_eq(d->e, e))
            return d->reg;
    }
    return -1;
}

static void chain(Compiler *c, int32_t i)
{
    Done *d = &c->done.v[i];
    int32_t *head = &c->bucket[d->hash & (uint64_t)(c->nbuckets - 1)];
    d->next = *head;
    *head = i;
}

static void make_buckets(Compiler *c, int64_t n)
{
    c->nbuckets = n;
    c->bucket = NEW(c->a, int32_t, n);
    for (int64_t i = 0; i < n; i++) c->bucket[i] = -1;
    for (int64_t i = 0; i < c->done.n; i++) chain(c, (int32_t)i);
}

static void add_done(Compiler *c, const Expr *e, int32_t mask, uint64_t hash, int32_t reg)
{
    vec_push(c->a, &c->done, ((Done){e, hash, mask, reg, -1}));
    if (c->done.n > c->nbuckets)
        make_buckets(c, 2 * c->nbuckets);
    else
        chain(c, (int32_t)c->done.n - 1);
}

static int32_t add_reg(Compiler *c, const Type *t)
{
    Column col = column_new(c->a, t, c->rows);
    // What a masked step leaves out is read and not used: it has to be something.
    if (col.data) memset(col.data, 0, (size_t)phys_bytes(type_phys(t)) * (size_t)c->rows);
    vec_push(c->a, &c->regs, col);
    return (int32_t)c->regs.n - 1;
}

static int32_t add_step(Compiler *c, const Step *s, const int32_t *in)
{
    for (int32_t i = 0; i < s->nin; i++) vec_push(c->a, &c->ins, in[i]);
    vec_push(c->a, &c->steps, *s);
    return s->out;
}

static int32_t add_mask(Compiler *c, Kernel kernel, int32_t cond, int32_t outer)
{
    Step s = {.kernel = kernel, .nin = 1 + (outer != NO_MASK), .flags = FN_OWN_NULLS};
    s.out = add_reg(c, &type_boolean);
    s.mask = NO_MASK;
    return add_step(c, &s, (int32_t[]){cond, outer});
}

static Status compile_input(Compiler *c, const Expr *e, int32_t *reg)
{
    Column col = {.type = e->type};
    vec_push(c->a, &c->regs, col);
    *reg = (int32_t)c->regs.n - 1;
    Input in = {*reg, e->id};
    vec_push(c->a, &c->inputs, in);
    return DONE;
}

static Status compile_literal(Compiler *c, const Expr *e, int32_t *reg)
{
    Column col = e->value.null ? column_null_of(c->a, e->type, c->rows)
                               : column_of_datum(c->a, e->type, &e->value, c->rows);
    vec_push(c->a, &c->regs, col);
    *reg = (int32_t)c->regs.n - 1;
    return DONE;
}

static Status compile_field(Compiler *c, const Expr *e, int32_t mask, int32_t *reg)
{
    int32_t in;
    TRY(compile(c, e->arg[0], mask, &in));
    int32_t *index = NEW(c->a, int32_t, 1);
    *index = e->id;
    Step s = {.kernel = field_kernel, .bound = index, .nin = 1, .at = e->at};
    s.flags = FN_OWN_NULLS | FN_ALIASES;
    s.mask = NO_MASK;
    s.out = add_reg(c, e->type);
    *reg = add_step(c, &s, &in);
    return DONE;
}

static Status compile_cast(Compiler *c, const Expr *e, int32_t mask, int32_t *reg)
{
    const Type *from = e->arg[0]->type;
    int32_t in;
    TRY(compile(c, e->arg[0], mask, &in));
    *reg = in;
    if (type_eq(from, e->type)) return DONE;
    Bound b = {0};
    TRY(cast_bind(c->a, &(CastPair){from, e->type, e->cast_mode, e->name}, c->ctx, &b));
    Step s = {.kernel = b.kernel, .bound = b.data, .nin = 1, .flags = b.flags, .at = e->at};
    s.mask = mask;
    s.out = add_reg(c, e->type);
    *reg = add_step(c, &s, &in);
    return DONE;
}

static bool raises(const Expr *e)
{
    if (e->kind == E_CAST) return cast_raises(e->arg[0]->type, e->type, e->cast_mode);
    if (e->kind != E_FN) return false;
    if (e->fn->flags & FN_OVERFLOWS) return e->type->id != T_DOUBLE && e->type->id != T_FLOAT;
    return (e->fn->flags & FN_RAISES) != 0;
}

// Work that is worth a mask although it cannot fail: what makes strings and lists.
static bool costs(const Expr *e)
{
    return (e->kind == E_FN || e->kind == E_CAST) && type_phys(e->type) >= PHYS_STR;
}

static bool wants_mask(const Expr *e) { return expr_any(e, raises) || expr_any(e, costs); }

static Status compile_under(Compiler *c, const Expr *e, int32_t mask, int32_t outer, int32_t *reg)
{
    return compile(c, e, wants_mask(e) ? mask : outer, reg);
}

static bool any_wants_mask(const Expr *e, int32_t from)
{
    for (int32_t i = from; i < e->nargs; i++)
        if (wants_mask(e->arg[i])) return true;
    return false;
}

static Status compile_when(Compiler *c, const Expr *e, int32_t mask, int32_t *in)
{
    int32_t rest = mask;
    for (int32_t i = 0; i + 1 < e->nargs; i += 2) {
        TRY(compile_under(c, e->arg[i], rest, mask, &in[i]));
        int32_t here = wants_mask(e->arg[i + 1]) ? add_mask(c, mask_true, in[i], rest) : mask;
        TRY(compile(c, e->arg[i + 1], here, &in[i + 1]));
        if (any_wants_mask(e, i + 2)) rest = add_mask(c, mask_not_true, in[i], rest);
    }
    if (e->nargs % 2) TRY(compile_under(c, e->arg[e->nargs - 1], rest, mask, &in[e->nargs - 1]));
    return DONE;
}

// COALESCE, AND, OR: each argument runs for the rows that the ones before left open.
static Status compile_chain(Compiler *c, const Expr *e, Kernel open, int32_t mask, int32_t *in)
{
    int32_t rest = mask;
    for (int32_t i = 0; i < e->nargs; i++) {
        TRY(compile_under(c, e->arg[i], rest, mask, &in[i]));
        if (any_wants_mask(e, i + 1)) rest = add_mask(c, open, in[i], rest);
    }
    return DONE;
}

static Status compile_args(Compiler *c, const Expr *e, int32_t n, int32_t mask, int32_t *in)
{
    switch (e->fn->lazy) {
    case LAZY_WHEN: return compile_when(c, e, mask, in);
    case LAZY_COALESCE: return compile_chain(c, e, mask_null, mask, in);
    case LAZY_AND: return compile_chain(c, e, mask_not_false, mask, in);
    case LAZY_OR: return compile_chain(c, e, mask_not_true, mask, in);
    case LAZY_NO: break;
    }
    for (int32_t i = 0; i < n; i++) TRY(compile(c, e->arg[i], mask, &in[i]));
    return DONE;
}

static Status compile_lambda(Compiler *c, const Expr *e, int32_t mask, int32_t *reg)
{
    LambdaCall *call;
    ExprList inputs;
    TRY(lambda_compile(c->a, e, c->ctx, &call, &inputs));
    int32_t *in = NEW(c->a, int32_t, inputs.n);
    for (int32_t i = 0; i < inputs.n; i++) TRY(compile(c, inputs.e[i], mask, &in[i]));
    Step s = {.kernel = e->fn->kernel,
              .bound = call,
              .nin = inputs.n,
              .flags = e->fn->flags,
              .mask = mask,
              .at = e->at};
    s.out = add_reg(c, e->type);
    *reg = add_step(c, &s, in);
    return DONE;
}

static Status compile_fn(Compiler *c, const Expr *e, int32_t mask, int32_t *reg)
{
    if (e->fn->lower) {
        Expr *instead;
        TRY(e->fn->lower(c->a, e, c->ctx, &instead));
        return compile(c, instead, mask, reg);
    }
    Bound b = {e->fn->kernel, NULL, e->fn->flags};
    if (has_lambda(e)) return compile_lambda(c, e, mask, reg);
    if (e->fn->bind) TRY(e->fn->bind(c->a, e, c->ctx, &b));
    must(b.kernel);
    int32_t nin = b.flags & FN_FIRST_ARG ? 1 : e->nargs;
    int32_t *in = NEW(c->a, int32_t, nin);
    TRY(compile_args(c, e, nin, mask, in));
    Step s = {.kernel = b.kernel, .bound = b.data, .nin = nin, .flags = b.flags, .at = e->at};
    s.mask = mask;
    s.out = add_reg(c, e->type);
    *reg = add_step(c, &s, in);
    return DONE;
}

static Status compile_kind(Compiler *c, const Expr *e, int32_t mask, int32_t *reg)
{
    switch (e->kind) {
    case E_LITERAL: return compile_literal(c, e, reg);
    case E_COLUMN: return compile_input(c, e, reg);
    case E_ALIAS: return compile(c, e->arg[0], mask, reg);
    case E_CAST: return compile_cast(c, e, mask, reg);
    case E_FIELD: return compile_field(c, e, mask, reg);
    case E_FN: return fail_at(compile_fn(c, e, mask, reg), &e->at);
    case E_USER: // the optimiser has not been here
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("a Python function in this place")),
                     P("needs", S("compute the column first")));
    case E_NAME:
    case E_STAR:
    case E_CALL:
    case E_EXTRACT:
    case E_PARAM:
    case E_LAMBDA:
    case E_SUBQUERY:
    case E_SORT:
    case E_OVER:
    case E_ATTR:
    case E_VAR:
    case E_AGG: break;
    }
    // The analyser refuses these where they may not stand. Should it ever miss one, a query fails
    // and the others go on.
    Str feature =
        str_fmt(c->a, "the expression " STR_FMT " where it stands", STR_ARG(expr_sql_str(c->a, e)));
    return fail_at(RAISE(UNSUPPORTED_FEATURE, P("feature", feature),
                         P("needs", S("compute it in a subquery first"))),
                   &e->at);
}

static bool unmasked(const Expr *e) { return e->kind == E_LITERAL || e->kind == E_COLUMN; }

static Status compile(Compiler *c, const Expr *e, int32_t mask, int32_t *reg)
{
    if (unmasked(e)) mask = NO_MASK;
    uint64_t hash = expr_hash(e);
    int32_t found = find_done(c, e, mask, hash);
    if (found >= 0) {
        *reg = found;
        return DONE;
    }
    *reg = -1;
    int32_t before = c->chances;
    TRY(compile_kind(c, e, mask, reg));
    c->chances += e->kind == E_FN && e->fn->flags & FN_NONDETERMINISTIC;
    if (c->chances == before) add_done(c, e, mask, hash, *reg);
    return DONE;
}

static void make_registers(Prog *p, Arena *a, const Compiler *c)
{
    p->nregs = (int32_t)c->regs.n;
    p->reg = c->regs.v;
    p->own = NEW(a, Column, p->nregs);
    for (int32_t i = 0; i < p->nregs; i++) p->own[i] = p->reg[i];
    p->valid = NEW(a, uint8_t *, p->nregs);
    p->nsteps = (int32_t)c->steps.n;
    p->step = c->steps.v;
    p->ninputs = (int32_t)c->inputs.n;
    p->input = c->inputs.v;
    const int32_t *in = c->ins.v;
    for (int32_t i = 0; i < p->nsteps; i++) {
        Step *s = &p->step[i];
        s->in = NEW(a, const Column *, s->nin);
        for (int32_t k = 0; k < s->nin; k++) s->in[k] = &p->reg[*in++];
        p->valid[s->out] = NEW(a, uint8_t, c->rows);
    }
}

Status prog_compile_rows(Prog **out, Arena *a, const ExprList *list, int32_t rows,
                         const EvalCtx *ctx)
{
    Compiler c = {.a = a, .ctx = ctx, .rows = rows};
    make_buckets(&c, BUCKETS_MIN);
    Prog *p = NEW(a, Prog, 1);
    p->ctx = ctx;
    p->rows = rows;
    p->scratch = arena_new(a);
    p->nout = list->n;
    p->out = NEW(a, int32_t, list->n);
    for (int32_t i = 0; i < list->n; i++) TRY(compile(&c, list->e[i], NO_MASK, &p->out[i]));
    make_registers(p, a, &c);
    *out = p;
    return DONE;
}

Status prog_compile(Prog **p, Arena *a, Expr *const *e, int32_t n, const EvalCtx *ctx)
{
    return prog_compile_rows(p, a, &(ExprList){e, n}, BATCH_ROWS, ctx);
}
