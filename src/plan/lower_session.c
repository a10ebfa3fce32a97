// lower_session.c -- session_window: each row gets the session that it would be alone, and grouping
// by it merges them (op/session.h). Rows are made narrow before they go to the shard of their keys.
#include "expr/fn.h"
#include "op/filter.h"
#include "op/project.h"
#include "op/session.h"
#include "plan/join_in.h"
#include "plan/lower_in.h"

static Expr *string(Arena *a, Str s) { return expr_literal(a, &type_string, &(Datum){.s = s}); }

// The input's columns, with `e` as one more; gives it as a column. A column stays where it is.
static Expr *add_column(Lower *l, Flow *f, Expr *e, Str name)
{
    if (e->kind == E_COLUMN) return e;
    int32_t n = (int32_t)f->column.n;
    Expr **all = NEW(l->a, Expr *, n + 1);
    for (int32_t i = 0; i < n; i++) all[i] = expr_column(l->a, i, &f->column.v[i]);
    all[n] = e;
    ProjectSpec *spec = NEW(l->a, ProjectSpec, 1);
    *spec = (ProjectSpec){all, n + 1};
    Field field = field_of(name, e->type, e->nullable);
    vec_push(l->a, &f->column, field);
    flow_op(l, f, &op_project, spec);
    return expr_column(l->a, n, &field);
}
Status lower_session_window(Lower *l, const Rel *r, Flow *f)
{
    Arena *a = l->a;
    const EvalCtx *ctx = &l->session->eval;
    const Attr *window = &r->out.v[r->out.n - 1];
    const Field *part = window->field.type->field;
    TRY(lower_rel(l, r->input[0], f));
    Expr *time = NULL, *gap = NULL, *end = NULL, *some = NULL, *session = NULL;
    TRY(flow_bind(l, f, r->expr[0], &time));
    TRY(flow_bind(l, f, r->expr[1], &gap));
    time = add_column(l, f, time, S("start"));
    TRY(fn_make(&end, a, ctx, S("time_add"), (Expr *[]){expr_copy(a, time), gap}, 2));
    end = add_column(l, f, end, S("end"));
    TRY(fn_make(&some, a, ctx, S(">"), (Expr *[]){expr_copy(a, end), expr_copy(a, time)}, 2));
    FilterSpec *filter = NEW(a, FilterSpec, 1);
    filter->predicate = some;
    flow_op(l, f, &op_filter, filter);
    Expr *arg[4] = {string(a, part[0].name), time, string(a, part[1].name), end};
    TRY(fn_make(&session, a, ctx, S("named_struct"), arg, 4));
    session->type = window->field.type;
    flow_made(l, f, window->id, session);
    return DONE;
}

// -- grouping by it

static Expr *session_part(Arena *a, Expr *session, int32_t i)
{
    if (expr_is_fn(session, S("named_struct"))) return session->arg[2 * i + 1];
    return expr_field_at(a, session, i);
}
// Aggregates whose result depends on the order of rows.
static bool minds_order(const Expr *agg)
{
    static const Str names[] = {
        STR_INIT("first"),      STR_INIT("first_value"), STR_INIT("last"),
        STR_INIT("last_value"), STR_INIT("any_value"),   STR_INIT("collect_list"),
        STR_INIT("array_agg"),  STR_INIT("collect_set"), STR_INIT("max_by"),
        STR_INIT("min_by"),     STR_INIT("listagg"),     STR_INIT("string_agg"),
    };
    for (int64_t i = 0; i < COUNT(names); i++)
        if (str_eq(agg->agg->name, names[i])) return true;
    return false;
}
// The columns that op/session.h wants of the input: the keys but the session, and so on.
static void narrow(Lower *l, Flow *f, const SessionGroup *g)
{
    VEC(Expr *) e = {0};
    for (int32_t i = 0; i < g->nkeys; i++)
        if (i != g->session) vec_push(l->a, &e, g->key[i]);
    for (int32_t i = 0; i < 2; i++) vec_push(l->a, &e, session_part(l->a, g->key[g->session], i));
    for (int32_t i = 0; i < g->naggs; i++) {
        for (int32_t k = 0; k < g->agg[i]->nargs; k++) vec_push(l->a, &e, g->agg[i]->arg[k]);
        if (g->agg[i]->filter) vec_push(l->a, &e, g->agg[i]->filter);
    }
    ProjectSpec *spec = NEW(l->a, ProjectSpec, 1);
    *spec = (ProjectSpec){e.v, (int32_t)e.n};
    f->column.n = f->attr.n = 0;
    for (int64_t i = 0; i < e.n; i++) {
        Field field = expr_field(l->a, e.v[i]);
        vec_push(l->a, &f->column, field);
    }
    flow_op(l, f, &op_project, spec);
}
Status session_stages(Lower *l, Flow *f, const SessionGroup *g)
{
    SessionSpec *spec = NEW(l->a, SessionSpec, 1);
    int32_t nkeys = g->nkeys - 1;
    const Type **type = NEW(l->a, const Type *, nkeys + 1);
    Expr **key = NEW(l->a, Expr *, nkeys + 1);
    *spec = (SessionSpec){.key = type,
                          .nkeys = nkeys,
                          .agg = g->agg,
                          .naggs = g->naggs,
                          .session = g->key[g->session]->type,
                          .session_at = g->session,
                          .timed = g->timed,
                          .batch = !g->streaming};
    for (int32_t i = 0; i < g->naggs; i++) spec->in_order |= minds_order(g->agg[i]);
    narrow(l, f, g);
    for (int32_t i = 0; i < nkeys; i++) {
        type[i] = f->column.v[i].type;
        key[i] = expr_column(l->a, i, &f->column.v[i]);
    }
    flow_exchange(l, f, key, nkeys);
    f->column.n = 0;
    for (int32_t i = 0; i < g->ncolumns; i++) vec_push(l->a, &f->column, g->column[i]);
    OpSpec *op = flow_op(l, f, &op_session, spec);
    if (spec->batch) return DONE;
    op->stateful = true;
    op->watermark_in = f->watermark;
    return session_state(&op->table, &op->state_schema, l->a, spec, &l->session->eval);
}
