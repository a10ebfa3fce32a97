// analyse_recursion.c -- WITH RECURSIVE t AS (anchor UNION ALL step): both sides are plans of their
// own; the step reads the rows that the round before it made (a REL_LOCAL that is filled then,
// lower_recursion.c). A reference to t from outside is a REL_RECURSION.
#include "plan/analyse_in.h"

static bool names(const Rel *r, Str name);

typedef struct Finding {
    Str name;
    bool found;
} Finding;

static Status find_in_subquery(void *ctx, Expr **e)
{
    Finding *f = ctx;
    if ((*e)->kind == E_SUBQUERY) f->found |= names((*e)->plan, f->name);
    return DONE;
}

static bool exprs_name(Expr *const *e, int32_t n, Str name)
{
    Finding f = {name, false};
    for (int32_t i = 0; i < n; i++) {
        Expr *copy = (Expr *)e[i];
        Status s = expr_walk(&copy, find_in_subquery, &f);
        must(s.code == OK);
    }
    return f.found;
}

// Whether some table below is written so, before analysis; a WITH inside may hide it.
static bool names(const Rel *r, Str name)
{
    if (r->kind == REL_UNRESOLVED_TABLE && r->nnames == 1 && str_ieq(r->name[0], name)) return true;
    for (int32_t i = 0; i < r->nctes; i++) {
        if (names(r->cte[i].rel, name)) return true;
        if (str_ieq(r->cte[i].name, name)) return false;
    }
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i] && names(r->input[i], name)) return true;
    return exprs_name(r->expr, r->nexprs, name) || exprs_name(r->group, r->ngroup, name);
}

bool cte_recurs(const Cte *cte) { return cte->recursive && names(cte->rel, cte->name); }

static bool reads_round(const Rel *r, int64_t id)
{
    if (r->kind == REL_LOCAL && r->start == id) return true;
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i] && reads_round(r->input[i], id)) return true;
    return false;
}

// Where rows of the round before must not be wanted whole.
static Status check_places(const Rel *r, int64_t id)
{
    bool left = r->input[0] && reads_round(r->input[0], id);
    bool right = r->input[1] && reads_round(r->input[1], id);
    bool whole = r->kind == REL_AGGREGATE || r->kind == REL_WINDOW || r->kind == REL_SORT;
    if (whole && left) return RAISE(INVALID_RECURSIVE_REFERENCE_PLACE);
    if (r->kind == REL_JOIN) {
        bool all = r->join == JOIN_INNER || r->join == JOIN_CROSS;
        if ((right && !all && r->join != JOIN_RIGHT) ||
            (left && (r->join == JOIN_RIGHT || r->join == JOIN_FULL)))
            return RAISE(INVALID_RECURSIVE_REFERENCE_PLACE);
    }
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) TRY(check_places(r->input[i], id));
    return DONE;
}

// What the step reads: the anchor's columns under the names of the CTE.
static Rel *round_rows(Analyser *an, const CteScope *scope, const Rel *anchor, int64_t id)
{
    const Cte *cte = scope->cte;
    Field *field = NEW(an->a, Field, anchor->out.n + 1);
    for (int64_t i = 0; i < anchor->out.n; i++) {
        field[i] = anchor->out.v[i].field;
        field[i].nullable = true;
        if (i < cte->ncolumns) field[i].name = cte->column[i];
    }
    Rel *rows = rel_new(an->a, REL_LOCAL, anchor->at, NULL);
    rows->schema = type_struct(an->a, field, (int32_t)anchor->out.n);
    rows->start = id;
    return rows;
}

static Status step_types(Analyser *an, Rel **step, const Rel *anchor, const Rel *u)
{
    const Attrs *out = &(*step)->out;
    if (out->n != anchor->out.n)
        return fail_at(RAISE(NUM_COLUMNS_MISMATCH, P("operator", S("UNION")),
                             P("firstNumColumns", str_fmt(an->a, "%lld", (long long)anchor->out.n)),
                             P("invalidOrdinalNum", S("second")),
                             P("invalidNumColumns", str_fmt(an->a, "%lld", (long long)out->n))),
                       &u->at);
    Rel *cast = project_attrs(an, *step, out);
    for (int64_t i = 0; i < out->n; i++) {
        const Type *from = out->v[i].field.type, *to = anchor->out.v[i].field.type;
        const Type *both = common_type(an->a, to, from, an->ctx->ansi);
        if (!both || !type_eq(both, to))
            return RAISE(CANNOT_MERGE_INCOMPATIBLE_DATA_TYPE, P("left", quoted_type_of(an->a, to)),
                         P("right", quoted_type_of(an->a, from)));
        coerce(an->a, &cast->expr[i], to);
    }
    *step = cast;
    return outputs_of(an, cast);
}

// WITH inside the definition: *u becomes what is below it.
static const CteScope *definitions(Analyser *an, Rel **u, const CteScope *outer)
{
    const Rel *with = *u;
    CteScope *scope = NEW(an->a, CteScope, with->nctes + 1);
    for (int32_t i = 0; i < with->nctes; i++) {
        scope[i] = (CteScope){&with->cte[i], 1, outer};
        outer = &scope[i];
    }
    *u = with->input[0];
    return outer;
}

Status use_recursion(Analyser *an, Rel **r, const CteScope *scope)
{
    const Cte *cte = scope->cte;
    Rel *u = rel_copy(an->a, cte->rel), *node = rel_new(an->a, REL_RECURSION, (*r)->at, NULL);
    const CteScope *outer = scope->outer;
    if (u->kind == REL_WITH_CTE) outer = definitions(an, &u, outer);
    if (u->kind == REL_DISTINCT && u->input[0]->kind == REL_SET_OP)
        return fail_at(RAISE(UNION_NOT_SUPPORTED_IN_RECURSIVE_CTE), &cte->at);
    if (u->kind != REL_SET_OP || u->set_op != SET_UNION || names(u->input[0], cte->name))
        return RAISE(INVALID_RECURSIVE_CTE);
    const CteScope *saved = an->ctes;
    node->start = attr_new(an);
    node->end = cte->level;
    an->ctes = outer;
    TRY(analyse_rel(an, &u->input[0]));
    drop_hidden(an, &u->input[0]);
    Rel *anchor = u->input[0];
    Cte self = {.name = cte->name, .rel = round_rows(an, scope, anchor, node->start)};
    CteScope inside = {&self, 1, outer};
    an->ctes = &inside;
    TRY(analyse_rel(an, &u->input[1]));
    an->ctes = saved;
    drop_hidden(an, &u->input[1]);
    TRY(check_places(u->input[1], node->start));
    TRY(step_types(an, &u->input[1], anchor, u));
    node->cte = NEW(an->a, Cte, 2);
    node->cte[0] = (Cte){.name = S("anchor"), .rel = anchor};
    node->cte[1] = (Cte){.name = S("step"), .rel = u->input[1]};
    node->nctes = 2;
    node->schema = self.rel->schema;
    for (int64_t i = 0; i < anchor->out.n; i++) {
        Attr at = {.id = attr_new(an), .field = anchor->out.v[i].field};
        at.field.nullable = true;
        vec_push(an->a, &node->out, at);
    }
    *r = node;
    return DONE;
}
