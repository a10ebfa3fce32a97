// analyse_fresh.c -- the plan of a temporary view at each use: a copy with columns of its own, that
// reads its tables as they are now.
#include "lake/history.h"
#include "plan/analyse_in.h"

typedef struct Fresh {
    Analyser *an;
    Str view;
    int32_t *id; // by old id; 0: none yet
    int32_t n;
} Fresh;

static int32_t fresh_id(Fresh *f, int32_t old)
{
    if (old <= 0 || old >= f->n) return old;
    if (!f->id[old]) f->id[old] = attr_new(f->an);
    return f->id[old];
}

// The first column that is not there, or not of that type, any more; -1: none.
static int32_t lost_column(const Schema *was, const Schema *is)
{
    for (int32_t i = 0; i < was->nfields; i++) {
        int32_t k = type_field(is, was->field[i].name);
        if (k < 0 || !type_eq(is->field[k].type, was->field[i].type)) return i;
    }
    return -1;
}

static Status changed(const Fresh *f, const Schema *was, const Schema *is)
{
    Str first = was->field[MAX(lost_column(was, is), 0)].name;
    return RAISE(INCOMPATIBLE_VIEW_SCHEMA_CHANGE,
                 P("viewName", quoted_parts(f->an->a, &f->view, 1)), P("colName", first),
                 P("expectedNum", S("1")), P("actualCols", S("[]")),
                 P("suggestion", S("CREATE OR REPLACE TEMPORARY VIEW")));
}

// The table's latest snapshot, under the columns that the view was made with.
static Status read_now(const Fresh *f, Rel *r)
{
    Arena *a = f->an->a;
    const LakeTable *then = r->read->table;
    LakeTable *now;
    Status s = table_load(&now, a, f->an->s->catalogs, lake_table_name(then));
    if (s.code == ERR_NOT_FOUND)
        return RAISE(TABLE_OR_VIEW_NOT_FOUND, P("relationName", r->read->name));
    TRY(s);
    const Schema *was = lake_table_schema(then), *is = lake_table_schema(now);
    if (lost_column(was, is) >= 0) return changed(f, was, is);
    bool other = table_with_columns_of(&now, a, now, then).code != OK; // table of that name
    if (other && !type_eq(was, is)) return changed(f, was, is);
    ReadNode *node = NEW(a, ReadNode, 1);
    *node = *r->read;
    node->table = now;
    r->read = node;
    return DONE;
}

static Status fresh_rel(Fresh *f, Rel *r);

static Status fresh_node(void *ctx, Expr **e)
{
    Fresh *f = ctx;
    Expr *x = *e;
    if (x->kind == E_ATTR || x->kind == E_ALIAS) x->id = fresh_id(f, x->id);
    return x->kind == E_SUBQUERY ? fresh_rel(f, x->plan) : DONE;
}

static Status fresh_list(Fresh *f, Expr **e, int32_t n)
{
    for (int32_t i = 0; i < n; i++) TRY(expr_walk(&e[i], fresh_node, f));
    return DONE;
}

static Status fresh_rel(Fresh *f, Rel *r)
{
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) TRY(fresh_rel(f, r->input[i]));
    f->an->nodes++;
    TRY(fresh_list(f, r->expr, r->nexprs));
    TRY(fresh_list(f, r->group, r->ngroup));
    TRY(fresh_list(f, r->value, r->nvalues));
    for (int32_t i = 0; i < r->nprojections; i++)
        TRY(fresh_list(f, r->projection[i], (int32_t)r->out.n));
    for (int64_t i = 0; i < r->out.n; i++) r->out.v[i].id = fresh_id(f, r->out.v[i].id);
    bool table = f->an->s->catalogs && r->kind == REL_READ && r->read->kind == READ_TABLE;
    return table && !r->read->past ? read_now(f, r) : DONE;
}

Status fresh_copy(Analyser *an, const Rel *r, Str view, Rel **copy)
{
    *copy = rel_copy(an->a, r);
    Fresh f = {.an = an, .view = view, .n = an->s->next_attr};
    f.id = NEW(an->a, int32_t, f.n);
    return fresh_rel(&f, *copy);
}
