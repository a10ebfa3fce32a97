// rel.c -- making and copying plan nodes.
#include "plan/rel.h"

Rel *rel_new(Arena *a, RelKind kind, Origin at, Rel *input)
{
    Rel *r = NEW(a, Rel, 1);
    r->kind = kind;
    r->at = at;
    r->input[0] = input;
    return r;
}

static Status copy_subquery(void *ctx, Expr **e)
{
    if ((*e)->kind == E_SUBQUERY) (*e)->plan = rel_copy(ctx, (*e)->plan);
    return DONE;
}

Expr *expr_copy_whole(Arena *a, const Expr *e)
{
    Expr *copy = expr_copy(a, e);
    Status s = expr_walk(&copy, copy_subquery, a);
    must(s.code == OK);
    return copy;
}

static Expr **copy_exprs(Arena *a, Expr *const *list, int32_t n)
{
    Expr **to = NEW(a, Expr *, n);
    for (int32_t i = 0; i < n; i++) to[i] = expr_copy_whole(a, list[i]);
    return to;
}

Attrs attrs_copy(Arena *a, const Attrs *from)
{
    Attrs to = {.v = NEW(a, Attr, from->n), .n = from->n, .cap = from->n};
    if (from->n) memcpy(to.v, from->v, (size_t)from->n * sizeof(Attr));
    return to;
}

static void copy_projections(Arena *a, Rel *to, const Rel *r)
{
    to->projection = NEW(a, Expr **, r->nprojections);
    for (int32_t i = 0; i < r->nprojections; i++)
        to->projection[i] = copy_exprs(a, r->projection[i], (int32_t)r->out.n);
}

Rel *rel_copy(Arena *a, const Rel *r)
{
    Rel *to = NEW(a, Rel, 1);
    *to = *r;
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) to->input[i] = rel_copy(a, r->input[i]);
    to->out = attrs_copy(a, &r->out);
    to->expr = copy_exprs(a, r->expr, r->nexprs);
    to->group = copy_exprs(a, r->group, r->ngroup);
    to->value = copy_exprs(a, r->value, r->nvalues);
    copy_projections(a, to, r);
    to->cte = NEW(a, Cte, r->nctes);
    for (int32_t i = 0; i < r->nctes; i++) {
        to->cte[i] = r->cte[i];
        to->cte[i].rel = rel_copy(a, r->cte[i].rel);
    }
    return to;
}

const Schema *rel_schema(Arena *a, const Rel *r)
{
    Field *field = NEW(a, Field, r->out.n);
    for (int64_t i = 0; i < r->out.n; i++) field[i] = r->out.v[i].field;
    return type_struct(a, field, (int32_t)r->out.n);
}

static int32_t height_of(const Rel *r, int32_t limit)
{
    int32_t most = 0;
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i] && limit > 0) most = MAX(most, height_of(r->input[i], limit - 1));
    return most + 1;
}

int32_t rel_height(const Rel *r) { return height_of(r, REL_HEIGHT_MAX + 1); }

Expr *attr_expr(Arena *a, const Attr *at, Origin place)
{
    Expr *e = expr_new(a, E_ATTR, place);
    e->id = at->id;
    e->name = at->field.name;
    e->type = at->field.type;
    e->nullable = at->field.nullable;
    e->watermark_delay = at->field.watermark_delay;
    e->time_window = at->field.time_window;
    return e;
}

Expr *attr_made(Arena *a, Expr *x, Str name, int32_t id)
{
    Expr *e = expr_alias(a, x, name);
    e->id = id;
    e->watermark_delay = WATERMARK_NONE;
    return e;
}

const Attr *attrs_find(const Attrs *in, int32_t id)
{
    for (int64_t i = 0; i < in->n; i++)
        if (in->v[i].id == id) return &in->v[i];
    return NULL;
}

static int32_t out_index(const Rel *r, int32_t id)
{
    for (int64_t i = 0; i < r->out.n; i++)
        if (r->out.v[i].id == id) return (int32_t)i;
    return -1;
}
// The session that an expression of r passes on.
static bool passes_session(const Rel *r, const Expr *e)
{
    while (e->kind == E_ALIAS && e->nargs == 1) e = e->arg[0];
    return e->kind == E_ATTR && rel_is_session(r->input[0], e->id);
}
bool rel_is_session(const Rel *r, int32_t id)
{
    int32_t at = out_index(r, id);
    if (r->kind == REL_SESSION_WINDOW && at == r->out.n - 1) return true;
    if (r->kind == REL_PROJECT || r->kind == REL_AGGREGATE)
        return at >= 0 && passes_session(r, r->expr[at]);
    if (r->kind == REL_EXPAND) {
        for (int32_t i = 0; at >= 0 && i < r->nprojections; i++)
            if (passes_session(r, r->projection[i][at])) return true;
        return false;
    }
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i] && rel_is_session(r->input[i], id)) return true;
    return false;
}

// ---- the tables of a parsed plan ---------------------------------------------------------------

typedef struct TableWalk {
    void (*fn)(void *ctx, const Rel *table);
    void *ctx;
} TableWalk;
static Status walk_subquery(void *ctx, Expr **e)
{
    const TableWalk *w = ctx;
    if ((*e)->kind == E_SUBQUERY) rel_tables((*e)->plan, w->fn, w->ctx);
    return DONE;
}
void rel_tables(Rel *r, void (*fn)(void *ctx, const Rel *table), void *ctx)
{
    TableWalk w = {fn, ctx};
    if (!r) return;
    if (r->kind == REL_UNRESOLVED_TABLE) fn(ctx, r);
    for (int32_t i = 0; i < r->nexprs; i++)
        must(expr_walk(&r->expr[i], walk_subquery, &w).code == OK);
    for (int32_t i = 0; i < r->ngroup; i++)
        must(expr_walk(&r->group[i], walk_subquery, &w).code == OK);
    for (int32_t i = 0; i < r->nctes; i++) rel_tables(r->cte[i].rel, fn, ctx);
    for (int32_t i = 0; i < 2; i++) rel_tables(r->input[i], fn, ctx);
}
