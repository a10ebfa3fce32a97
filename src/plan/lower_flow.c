// lower_flow.c -- stages and their columns while they grow. A projection that only renames, drops
// or reorders columns makes no operator: it changes names here, and the columns are brought into
// order once, where somebody copies rows or counts columns (exchange, union, sink).
#include "expr/prog.h"
#include "op/exchange.h"
#include "op/project.h"
#include "plan/join_in.h"
#include "plan/lower_in.h"

Draft *flow_stage(Lower *l, Flow *f, Parallel parallel)
{
    Draft *d = NEW(l->a, Draft, 1);
    d->stage.parallel = parallel;
    d->index = (int32_t)l->stage.n;
    vec_push(l->a, &l->stage, d);
    f->open.n = 0;
    vec_push(l->a, &f->open, d);
    return d;
}
OpSpec *flow_op(Lower *l, Flow *f, const OpKind *kind, const void *spec)
{
    OpSpec op = {.kind = kind, .spec = spec, .out = flow_schema(l, f)};
    OpSpec *last = NULL;
    for (int64_t i = 0; i < f->open.n; i++) {
        Draft *d = f->open.v[i];
        vec_push(l->a, &d->op, op);
        last = &d->op.v[d->op.n - 1];
    }
    return last;
}
static void set_named(Lower *l, Flow *f, Named named)
{
    for (int64_t i = 0; i < f->attr.n; i++)
        if (f->attr.v[i].id == named.id) {
            f->attr.v[i] = named;
            return;
        }
    vec_push(l->a, &f->attr, named);
}
void flow_name(Lower *l, Flow *f, int32_t id, int32_t column)
{
    set_named(l, f, (Named){id, column, NULL});
}
void flow_made(Lower *l, Flow *f, int32_t id, Expr *e)
{
    set_named(l, f, e->kind == E_COLUMN ? (Named){id, e->id, NULL} : (Named){id, -1, e});
}
const Named *flow_named(const Flow *f, int32_t id)
{
    for (int64_t i = 0; i < f->attr.n; i++)
        if (f->attr.v[i].id == id) return &f->attr.v[i];
    return NULL;
}
int32_t flow_find(const Flow *f, int32_t id)
{
    const Named *named = flow_named(f, id);
    return named ? named->column : -1;
}
void flow_add(Lower *l, Flow *f, const Field *column, int32_t id)
{
    vec_push(l->a, &f->column, *column);
    flow_name(l, f, id, (int32_t)f->column.n - 1);
}
void flow_columns(Lower *l, Flow *f, const Attrs *out)
{
    f->column.n = 0;
    f->attr.n = 0;
    for (int64_t i = 0; i < out->n; i++) {
        vec_push(l->a, &f->column, out->v[i].field);
        if (flow_find(f, out->v[i].id) < 0) flow_name(l, f, out->v[i].id, (int32_t)i);
    }
}
const Schema *flow_schema(const Lower *l, const Flow *f)
{
    return type_struct(l->a, f->column.v, (int32_t)f->column.n);
}

typedef struct Bind {
    const Lower *l;
    const Flow *f;
} Bind;
static Status bind_one(void *ctx, Expr **e)
{
    const Bind *b = ctx;
    Expr *x = *e;
    if (x->kind == E_ALIAS) *e = x->arg[0];
    if (x->kind == E_SUBQUERY)
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("a subquery in this place")),
                     P("needs", S("write it as a join")));
    if (x->kind == E_FIELD && expr_is_fn(x->arg[0], S("named_struct")))
        *e = x->arg[0]->arg[2 * x->id + 1]; // window.start: no struct is made
    if (x->kind != E_ATTR) return DONE;
    const Named *named = flow_named(b->f, x->id);
    if (!named || x->outer)
        return RAISE(UNSUPPORTED_FEATURE,
                     P("feature", S("a column of an outer query in this place")),
                     P("needs", S("write it as a join")));
    if (named->made) {
        *e = expr_copy(b->l->a, named->made);
    } else {
        x->kind = E_COLUMN;
        x->id = named->column;
    }
    return DONE;
}
Status flow_bind(const Lower *l, const Flow *f, const Expr *e, Expr **bound)
{
    *bound = expr_copy(l->a, e);
    return expr_walk(bound, bind_one, &(Bind){l, f});
}
Status flow_bind_all(const Lower *l, const Flow *f, Expr *const *e, int32_t n, Expr ***bound)
{
    *bound = NEW(l->a, Expr *, n + 1);
    for (int32_t i = 0; i < n; i++) TRY(flow_bind(l, f, e[i], &(*bound)[i]));
    return DONE;
}
Expr *flow_time(Arena *a, Expr *window)
{
    return window->type->id == T_STRUCT ? expr_field_at(a, window, 1) : window;
}
void flow_project(Lower *l, Flow *f, Expr *const *bound, const Attrs *out)
{
    ProjectSpec *spec = NEW(l->a, ProjectSpec, 1);
    *spec = (ProjectSpec){bound, (int32_t)out->n};
    flow_columns(l, f, out);
    flow_op(l, f, &op_project, spec);
}
void flow_shape(Lower *l, Flow *f, const Attrs *out)
{
    bool same = f->column.n == out->n;
    Expr **e = NEW(l->a, Expr *, out->n + 1);
    for (int64_t i = 0; i < out->n; i++) {
        const Named *named = flow_named(f, out->v[i].id);
        must(named);
        same &= named->column == i;
        e[i] = named->made ? expr_copy(l->a, named->made)
                           : expr_column(l->a, named->column, &f->column.v[named->column]);
    }
    if (same)
        flow_columns(l, f, out);
    else
        flow_project(l, f, e, out);
}
bool flow_single(const Flow *f)
{
    return f->open.n == 1 && f->open.v[0]->stage.parallel == PAR_ONE;
}
void stage_feed(Lower *l, Draft *to, const Flow *from, int32_t port, bool whole)
{
    for (int64_t i = 0; i < from->open.n; i++) {
        StageInput in = {.stage = from->open.v[i]->index, .port = port, .whole = whole};
        vec_push(l->a, &to->input, in);
    }
}
void flow_end(Lower *l, Flow *f, Expr *const *key, int32_t nkeys, int32_t shards)
{
    ExchangeSpec *spec = NEW(l->a, ExchangeSpec, 1);
    *spec = (ExchangeSpec){key, nkeys, shards};
    flow_op(l, f, &op_exchange, spec);
    f->ordered = false;
}
void flow_exchange(Lower *l, Flow *f, Expr *const *key, int32_t nkeys)
{
    Flow from = *f;
    flow_end(l, &from, key, nkeys, nkeys ? STATE_SHARDS : 1);
    f->open = (__typeof__(f->open)){0};
    f->ordered = false;
    stage_feed(l, flow_stage(l, f, nkeys ? PAR_SHARDS : PAR_ONE), &from, 0, false);
}
