// analyse_missing.c -- columns that a node names and its input left out: what SELECT was made from,
// for ORDER BY and for a DataFrame's filter. They are handed up from where they are, and the node
// is followed by a projection without them (Spark: resolveExprsAndAddMissingAttrs).
#include "plan/analyse_in.h"

static bool outside(const Attrs *in, const Expr *e, int32_t *id)
{
    if (e->kind == E_ATTR && !e->outer && !attrs_find(in, e->id)) {
        *id = e->id;
        return true;
    }
    for (int32_t i = 0; i < e->nargs; i++)
        if (outside(in, e->arg[i], id)) return true;
    return false;
}

void project_attr(Analyser *an, Rel *project, const Attr *at)
{
    VEC(Expr *) all = {project->expr, project->nexprs, project->nexprs};
    Attr own = *at;
    vec_push(an->a, &all, attr_expr(an->a, at, project->at));
    project->expr = all.v;
    project->nexprs = (int32_t)all.n;
    vec_push(an->a, &project->out, own);
}

bool join_hides_right(const Rel *r)
{
    return r->kind == REL_JOIN && (r->join == JOIN_LEFT_SEMI || r->join == JOIN_LEFT_ANTI);
}

void take_columns(Analyser *an, Rel *r)
{
    Attrs all = {0};
    for (int32_t k = 0; k < (join_hides_right(r) ? 1 : 2) && r->input[k]; k++)
        for (int64_t i = 0; i < r->input[k]->out.n; i++) {
            Attr at = r->input[k]->out.v[i];
            const Attr *own = attrs_find(&r->out, at.id);
            bool outer = r->join == JOIN_FULL || r->join == (k ? JOIN_LEFT : JOIN_RIGHT);
            if (own) at = *own; // a watermark is the node's
            at.field.nullable |= r->kind == REL_JOIN && outer;
            vec_push(an->a, &all, at);
        }
    for (int64_t i = 0; i < r->out.n; i++)
        if (!attrs_find(&all, r->out.v[i].id)) vec_push(an->a, &all, r->out.v[i]);
    r->out = all;
}

// Whether e has a column that r itself makes.
static bool has_made(const Rel *r, const Expr *e)
{
    bool own = e->kind == E_ATTR && attrs_find(&r->out, e->id);
    if (own && !attrs_find(&r->input[0]->out, e->id)) return true;
    for (int32_t i = 0; i < e->nargs; i++)
        if (has_made(r, e->arg[i])) return true;
    return false;
}

static Status expose_below(Analyser *an, Rel *r, Expr **e)
{
    must(r->input[0]);
    if ((*e)->kind == E_AGG || !has_made(r, *e)) return expose_in(an, r->input[0], e);
    for (int32_t i = 0; i < (*e)->nargs; i++) TRY(expose_below(an, r, &(*e)->arg[i]));
    return DONE;
}

Status expose_in(Analyser *an, Rel *r, Expr **e)
{
    int32_t id;
    bool plain = !has_agg(*e) && !outside(&r->out, *e, &id) && !has_call(*e);
    if (plain) return DONE;
    if (r->kind == REL_AGGREGATE) {
        TRY(push_grouping(an, r, e));
        return push_into_aggregate(an, r, e);
    }
    if (r->kind != REL_PROJECT) { // HAVING's filter, windows: pass on what is below
        TRY(expose_below(an, r, e));
        take_columns(an, r);
        return DONE;
    }
    TRY(expose_below(an, r, e));
    while (outside(&r->out, *e, &id)) {
        const Attr *at = attrs_find(&r->input[0]->out, id);
        must(at != NULL); // names are looked up in this input only
        project_attr(an, r, at);
    }
    return DONE;
}

// The columns that ORDER BY may name besides those of its input: what SELECT was made from. With
// groups that is the aggregate's input, seen through HAVING and window functions.
const Attrs *columns_below(const Rel *r, bool *in_agg)
{
    const Rel *low = r->kind == REL_PROJECT ? r->input[0] : r;
    if (low->kind == REL_FILTER && low->qualify) return columns_below(low->input[0], in_agg);
    if (low->kind == REL_WINDOW && r->of_groups) return &low->out; // as Spark: what is computed
    while (low->kind == REL_WINDOW || (low->kind == REL_FILTER && low->having)) low = low->input[0];
    bool pipe =
        r->kind == REL_PROJECT && low == r->input[0] && !r->of_groups; // AGGREGATE |> SELECT
    *in_agg = low->kind == REL_AGGREGATE && !low->all_columns && !pipe;
    if (*in_agg) return &low->input[0]->out;
    return r->kind == REL_PROJECT ? &r->input[0]->out : NULL;
}

// ---- further below -----------------------------------------------------------------------------

// The columns of r's input can be handed up through r.
static bool hands_up(const Rel *r)
{
    static const RelKind kinds[] = {REL_PROJECT,        REL_FILTER, REL_SORT,     REL_LIMIT,
                                    REL_OFFSET,         REL_TAIL,   REL_GENERATE, REL_WINDOW,
                                    REL_WITH_WATERMARK, REL_SAMPLE, REL_OBSERVE,  REL_DEDUPLICATE};
    for (int64_t i = 0; i < COUNT(kinds); i++)
        if (r->kind == kinds[i]) return !r->of_groups;
    return false;
}

static bool same_name(const Analyser *an, const Attr *x, const Attr *y)
{
    bool same = an_names_eq(an, x->field.name, y->field.name) && x->nqualifiers == y->nqualifiers;
    for (int32_t i = 0; i < x->nqualifiers && same; i++)
        same = str_eq(x->qualifier[i], y->qualifier[i]);
    return same;
}

// The nearest of each name.
static void columns_under(const Analyser *an, const Rel *r, Attrs *to)
{
    for (; hands_up(r); r = r->input[0])
        for (int64_t i = 0, n = to->n; i < r->input[0]->out.n; i++) {
            const Attr *at = &r->input[0]->out.v[i];
            bool there = at->hidden;
            for (int64_t k = 0; k < n && !there; k++)
                there = at->id == to->v[k].id || same_name(an, at, &to->v[k]);
            if (!there) vec_push(an->a, to, *at);
        }
}

// Whether *e, which is `written` again, resolves with other columns in sight.
static bool resolves(Names n, const Expr *written, Expr **e)
{
    *e = expr_copy_whole(n.an->a, written);
    return resolve(&n, e).code == OK;
}

static bool resolves_under(const Names *n, const Rel *input, const Expr *written, Expr **e)
{
    Attrs under = {0};
    Names wide = *n;
    columns_under(n->an, input, &under);
    wide.last = &under;
    return under.n && resolves(wide, written, e);
}

Status resolve_condition(Names *n, Rel *input, Expr **e)
{
    if (!hands_up(input) || has_subquery(*e)) return resolve(n, e);
    const Expr *written = expr_copy_whole(n->an->a, *e);
    if (!resolve(n, e).code) return DONE;
    const Failure *first = failure_copy(n->an->a, failure());
    if (!resolves_under(n, input, written, e)) return failure_again(first);
    return expose_in(n->an, input, e);
}

// What the select list's columns do not answer (two of that name, no such field) those below may.
Status resolve_key(Names *n, const Rel *input, Expr **e)
{
    const Expr *written = expr_copy_whole(n->an->a, *e);
    if (!resolve(n, e).code) return DONE;
    const Failure *first = failure_copy(n->an->a, failure());
    Names below = *n;
    below.in[0] = n->last;
    below.last = NULL;
    if (n->last && resolves(below, written, e)) return DONE;
    if (!n->last_in_agg && resolves_under(n, input, written, e)) return DONE;
    return failure_again(first);
}
