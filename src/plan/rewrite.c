// rewrite.c -- what has no operator of its own, said with those there are: INTERSECT and EXCEPT,
// DISTINCT inside aggregates, deduplication of a batch.
#include "expr/agg.h"
#include "plan/optimise_in.h"

static Expr *attr_of(Optimiser *o, const Attr *at) { return attr_expr(o->a, at, (Origin){0}); }

// x AS name, as a column of its own; *attr tells which.
static Expr *column_of(Optimiser *o, Expr *x, Str name, Attr *attr)
{
    Expr *e = attr_made(o->a, x, name, optimise_attr(o));
    *attr = (Attr){.id = e->id, .field = field_of(name, x->type, x->nullable)};
    return e;
}

static Status make(Optimiser *o, Expr **e, Str name, Expr *x, Expr *y)
{
    Expr *arg[2] = {x, y};
    return fn_make(e, o->a, o->ctx, name, arg, y ? 2 : x ? 1 : 0);
}

static Rel *node_above(Optimiser *o, RelKind kind, Rel *input)
{
    Rel *r = rel_new(o->a, kind, input->at, input);
    r->out = attrs_copy(o->a, &input->out);
    r->streaming = input->streaming;
    return r;
}

static Rel *group_all(Optimiser *o, Rel *input)
{
    Rel *agg = node_above(o, REL_AGGREGATE, input);
    agg->all_columns = true;
    agg->nexprs = agg->ngroup = (int32_t)input->out.n;
    agg->expr = NEW(o->a, Expr *, agg->nexprs);
    agg->group = NEW(o->a, Expr *, agg->ngroup);
    for (int32_t i = 0; i < agg->ngroup; i++) {
        agg->expr[i] = attr_of(o, &input->out.v[i]);
        agg->group[i] = attr_of(o, &input->out.v[i]);
    }
    return agg;
}

// The rows of the left that the right has too (or has not), each once.
static Status set_op_join(Optimiser *o, Rel **r)
{
    Rel *u = *r, *join = node_above(o, REL_JOIN, u->input[0]);
    join->input[1] = u->input[1];
    join->join = u->set_op == SET_INTERSECT ? JOIN_LEFT_SEMI : JOIN_LEFT_ANTI;
    Expr *on = NULL;
    for (int64_t i = 0; i < u->out.n; i++) {
        Expr *eq;
        TRY(make(o, &eq, S("<=>"), attr_of(o, &u->input[0]->out.v[i]),
                 attr_of(o, &u->input[1]->out.v[i])));
        on = expr_and(o->a, on, eq);
    }
    join->expr = NEW(o->a, Expr *, 1);
    join->expr[0] = on;
    join->nexprs = on != NULL;
    *r = group_all(o, join);
    return DONE;
}

// A side with one more column: how its rows count.
static Status counted_side(Optimiser *o, Rel **side, int64_t left, int64_t right)
{
    Rel *p = node_above(o, REL_PROJECT, *side);
    VEC(Expr *) item = {0};
    for (int64_t i = 0; i < p->out.n; i++) vec_push(o->a, &item, attr_of(o, &p->out.v[i]));
    int64_t v[2] = {left, right};
    for (int32_t i = 0; i < 2; i++) {
        Attr at;
        Expr *one = expr_literal(o->a, &type_bigint, &(Datum){.i = v[i]});
        vec_push(o->a, &item, column_of(o, one, i ? S("right") : S("left"), &at));
        vec_push(o->a, &p->out, at);
    }
    p->expr = item.v;
    p->nexprs = (int32_t)item.n;
    *side = p;
    return DONE;
}

// INTERSECT ALL: each row as often as the side has it that has it less; EXCEPT ALL: as often as the
// left has it more.
static Status set_op_all(Optimiser *o, Rel **r)
{
    Rel *u = *r;
    Attrs shown = u->out;
    TRY(counted_side(o, &u->input[0], 1, 0));
    TRY(counted_side(o, &u->input[1], 0, 1));
    bool intersect = u->set_op == SET_INTERSECT;
    u->set_op = SET_UNION;
    u->out = attrs_copy(o->a, &u->input[0]->out);
    Attrs keys = {.v = u->out.v, .n = shown.n};
    Rel keyed = {.out = keys}, *agg = group_all(o, &keyed);
    agg->input[0] = u;
    agg->streaming = u->streaming;
    Expr *sum[2], *times;
    for (int32_t i = 0; i < 2; i++)
        TRY(make(o, &sum[i], S("sum"), attr_of(o, &u->out.v[shown.n + i]), NULL));
    TRY(make(o, &times, intersect ? S("least") : S("-"), sum[0], sum[1]));
    Attr n;
    VEC(Expr *) item = {agg->expr, agg->nexprs, agg->nexprs};
    vec_push(o->a, &item, column_of(o, times, S("times"), &n));
    agg->expr = item.v;
    agg->nexprs = (int32_t)item.n;
    vec_push(o->a, &agg->out, n);
    Rel *g = node_above(o, REL_GENERATE, agg);
    Expr *zero = expr_literal(o->a, &type_int, &(Datum){.i = 0});
    Expr *count = expr_cast(o->a, attr_of(o, &n), &type_int, CAST_IMPLICIT);
    g->expr = NEW(o->a, Expr *, 1);
    g->nexprs = 1;
    TRY(make(o, &g->expr[0], S("array_repeat"), zero, count));
    Attr copy = {.id = optimise_attr(o), .field = field_of(S("col"), &type_int, false)};
    vec_push(o->a, &g->out, copy);
    Rel *p = node_above(o, REL_PROJECT, g);
    p->out = shown;
    p->nexprs = (int32_t)shown.n;
    p->expr = NEW(o->a, Expr *, shown.n);
    for (int64_t i = 0; i < shown.n; i++) p->expr[i] = attr_of(o, &keys.v[i]);
    *r = p;
    return DONE;
}

static Status set_op_rel(Optimiser *o, Rel **r)
{
    if ((*r)->kind != REL_SET_OP || (*r)->set_op == SET_UNION) return DONE;
    return (*r)->all ? set_op_all(o, r) : set_op_join(o, r);
}

Status rule_set_ops(Optimiser *o, Rel **r) { return each_rel(o, r, set_op_rel); }

// dropDuplicates of a batch: the first row of each key.
static Status deduplicate_batch(Optimiser *o, Rel **r)
{
    Rel *d = *r, *agg = node_above(o, REL_AGGREGATE, d->input[0]);
    agg->group = d->expr;
    agg->ngroup = d->nexprs;
    agg->nexprs = (int32_t)agg->out.n;
    agg->expr = NEW(o->a, Expr *, agg->out.n);
    for (int32_t i = 0; i < agg->nexprs; i++) {
        Expr *x = agg->expr[i] = attr_of(o, &agg->out.v[i]), *first;
        bool key = false;
        for (int32_t k = 0; k < d->nexprs; k++) key |= d->expr[k]->id == x->id;
        if (key) continue;
        TRY(make(o, &first, S("first"), x, NULL));
        Attr at;
        agg->expr[i] = column_of(o, first, x->name, &at);
        agg->expr[i]->id = x->id; // under its old name to those above
    }
    *r = agg;
    return DONE;
}

// count(DISTINCT x) on a stream: the size of the set, exactly (an extension: Spark refuses it).
static Status count_by_set(void *ctx, Expr **e)
{
    Optimiser *o = ctx;
    Expr *agg = *e, *set, *x = agg->kind == E_AGG ? agg->arg[0] : NULL;
    if (agg->kind != E_AGG || !agg->distinct) return DONE;
    Expr *filter = agg->filter;
    for (int32_t i = 0; i < agg->nargs && agg->nargs > 1; i++) {
        Expr *there;
        TRY(make(o, &there, S("isnotnull"), agg->arg[i], NULL));
        filter = expr_and(o->a, filter, there);
    }
    if (agg->nargs > 1) TRY(fn_make(&x, o->a, o->ctx, S("struct"), agg->arg, agg->nargs));
    TRY(make(o, &set, S("collect_set"), x, NULL));
    set->filter = filter;
    TRY(make(o, e, S("size"), set, NULL));
    *e = expr_cast(o->a, *e, &type_bigint, CAST_IMPLICIT);
    session_notice(o->s, "count(DISTINCT ..) on a stream keeps every value: an extension");
    return DONE;
}

// The distinct aggregates of a batch. Every row is copied once for the plain aggregates (branch 0)
// and once for each list of distinct arguments; grouping by keys, arguments and branch makes the
// arguments distinct; grouping by the keys again folds them.
typedef struct DistinctList {
    Expr *const *arg;
    int32_t n;
    Attrs column;
} DistinctList;
typedef struct Split {
    Optimiser *o;
    Rel *agg;
    VEC(DistinctList) list;
    Attrs key, plain; // columns: of the keys, and of the plain aggregates' results
    VEC(Expr *) plain_agg;
    Attr branch;
} Split;

static bool same_list(const DistinctList *l, const Expr *agg)
{
    if (l->n != agg->nargs) return false;
    for (int32_t i = 0; i < l->n; i++)
        if (!expr_eq(l->arg[i], agg->arg[i])) return false;
    return true;
}

static int32_t list_index(const Split *s, const Expr *agg)
{
    for (int32_t i = 0; i < s->list.n; i++)
        if (same_list(&s->list.v[i], agg)) return i;
    return -1;
}

static Status split_node(void *ctx, Expr **e)
{
    Split *s = ctx;
    Expr *agg = *e;
    if (agg->kind != E_AGG) return DONE;
    if (!agg->distinct) {
        for (int64_t i = 0; i < s->plain_agg.n; i++)
            if (expr_eq(s->plain_agg.v[i], agg)) return DONE;
        vec_push(s->o->a, &s->plain_agg, agg);
        return DONE;
    }
    if (agg->filter) { // the filter comes before DISTINCT: what it drops is NULL, which none counts
        for (int32_t i = 0; i < agg->nargs; i++) {
            Expr *arg[3] = {agg->filter, agg->arg[i],
                            expr_literal(s->o->a, agg->arg[i]->type, &(Datum){.null = true})};
            TRY(fn_make(&agg->arg[i], s->o->a, s->o->ctx, S("if"), arg, 3));
        }
        agg->filter = NULL;
    }
    if (list_index(s, agg) >= 0) return DONE;
    DistinctList l = {.arg = agg->arg, .n = agg->nargs};
    for (int32_t i = 0; i < l.n; i++) {
        Attr at = {.id = optimise_attr(s->o),
                   .field = field_of(S("distinct"), l.arg[i]->type, true)};
        vec_push(s->o->a, &l.column, at);
    }
    vec_push(s->o->a, &s->list, l);
    return DONE;
}

static Expr *null_or(Split *s, Expr *e, bool is)
{
    return is ? e : expr_literal(s->o->a, e->type, &(Datum){.null = true});
}

static Rel *split_expand(Split *s)
{
    Optimiser *o = s->o;
    Rel *x = node_above(o, REL_EXPAND, s->agg->input[0]);
    int64_t inputs = x->out.n;
    for (int64_t i = 0; i < inputs; i++) x->out.v[i].field.nullable = true;
    for (int32_t i = 0; i < s->agg->ngroup; i++) {
        const Expr *g = s->agg->group[i];
        Attr at = {.id = optimise_attr(o),
                   .field = field_of(expr_output_name(o->a, g), g->type, g->nullable)};
        vec_push(o->a, &s->key, at);
        vec_push(o->a, &x->out, at);
    }
    for (int64_t l = 0; l < s->list.n; l++)
        for (int64_t i = 0; i < s->list.v[l].column.n; i++)
            vec_push(o->a, &x->out, s->list.v[l].column.v[i]);
    s->branch = (Attr){.id = optimise_attr(o), .field = field_of(S("branch"), &type_int, false)};
    vec_push(o->a, &x->out, s->branch);
    bool plain = s->plain_agg.n > 0;
    x->nprojections = (int32_t)s->list.n + plain;
    x->projection = NEW(o->a, Expr **, x->nprojections);
    for (int32_t b = 0; b < x->nprojections; b++) {
        int32_t branch = b + !plain; // 0: plain, else 1 + list
        VEC(Expr *) e = {0};
        for (int64_t i = 0; i < inputs; i++)
            vec_push(o->a, &e, null_or(s, attr_of(o, &x->out.v[i]), !branch));
        for (int32_t i = 0; i < s->agg->ngroup; i++)
            vec_push(o->a, &e, expr_copy(o->a, s->agg->group[i]));
        for (int32_t l = 0; l < s->list.n; l++)
            for (int32_t i = 0; i < s->list.v[l].n; i++)
                vec_push(o->a, &e,
                         null_or(s, expr_copy(o->a, s->list.v[l].arg[i]), branch == l + 1));
        vec_push(o->a, &e, expr_literal(o->a, &type_int, &(Datum){.i = branch}));
        x->projection[b] = e.v;
    }
    return x;
}

static Rel *split_inner(Split *s, Rel *x)
{
    Optimiser *o = s->o;
    Attrs by = {0};
    for (int64_t i = 0; i < s->key.n; i++) vec_push(o->a, &by, s->key.v[i]);
    for (int64_t l = 0; l < s->list.n; l++)
        for (int64_t i = 0; i < s->list.v[l].column.n; i++)
            vec_push(o->a, &by, s->list.v[l].column.v[i]);
    vec_push(o->a, &by, s->branch);
    Rel keyed = {.out = by}, *inner = group_all(o, &keyed);
    inner->input[0] = x;
    inner->at = s->agg->at;
    VEC(Expr *) item = {inner->expr, inner->nexprs, inner->nexprs};
    for (int64_t i = 0; i < s->plain_agg.n; i++) {
        Attr at;
        vec_push(o->a, &item, column_of(o, expr_copy(o->a, s->plain_agg.v[i]), S("plain"), &at));
        vec_push(o->a, &s->plain, at);
        vec_push(o->a, &inner->out, at);
    }
    inner->expr = item.v;
    inner->nexprs = (int32_t)item.n;
    return inner;
}

static Status in_branch(Split *s, Expr *agg, int32_t branch)
{
    Expr *number = expr_literal(s->o->a, &type_int, &(Datum){.i = branch});
    return make(s->o, &agg->filter, S("="), attr_of(s->o, &s->branch), number);
}

// count(a, b, ..) is count(1) of the rows where none is NULL.
static Status count_rows(Optimiser *o, Expr *agg)
{
    if (!str_eq(agg->agg->name, S("count"))) return DONE;
    for (int32_t i = 0; i < agg->nargs; i++) {
        Expr *there;
        TRY(make(o, &there, S("isnotnull"), agg->arg[i], NULL));
        agg->filter = expr_and(o->a, agg->filter, there);
    }
    agg->arg[0] = expr_literal(o->a, &type_int, &(Datum){.i = 1});
    agg->nargs = 1;
    return DONE;
}

static Status outer_agg(Split *s, Expr **e)
{
    Optimiser *o = s->o;
    Expr *agg = *e;
    if (agg->distinct) {
        int32_t l = list_index(s, agg);
        Expr *folded = expr_copy(o->a, agg);
        folded->distinct = false;
        for (int32_t i = 0; i < folded->nargs; i++) // what is constant may have to be read as such
            if (!expr_foldable(agg->arg[i])) folded->arg[i] = attr_of(o, &s->list.v[l].column.v[i]);
        *e = folded;
        TRY(in_branch(s, folded, l + 1));
        return folded->nargs > 1 ? count_rows(o, folded) : DONE;
    }
    for (int64_t i = 0; i < s->plain_agg.n; i++) {
        if (!expr_eq(s->plain_agg.v[i], agg)) continue;
        TRY(make(o, e, S("first"), attr_of(o, &s->plain.v[i]), NULL));
        TRY(in_branch(s, *e, 0));
        if (!str_starts(agg->agg->name, S("count"))) return DONE; // of no rows it is 0
        Expr *zero = expr_literal(o->a, &type_bigint, &(Datum){.i = 0});
        return make(o, e, S("coalesce"), *e, zero);
    }
    return DONE;
}

static Status outer_expr(Split *s, Expr **e)
{
    if ((*e)->kind == E_AGG) return outer_agg(s, e);
    for (int32_t i = 0; i < s->agg->ngroup; i++)
        if (expr_eq(s->agg->group[i], *e)) {
            *e = attr_of(s->o, &s->key.v[i]);
            return DONE;
        }
    for (int32_t i = 0; i < (*e)->nargs; i++) TRY(outer_expr(s, &(*e)->arg[i]));
    return DONE;
}

static Status distinct_batch(Optimiser *o, Rel *agg)
{
    Split s = {.o = o, .agg = agg};
    for (int32_t i = 0; i < agg->nexprs; i++) TRY(expr_walk(&agg->expr[i], split_node, &s));
    Rel *inner = split_inner(&s, split_expand(&s));
    for (int32_t i = 0; i < agg->nexprs; i++) {
        Expr **item = &agg->expr[i];
        if ((*item)->kind == E_ATTR) { // a key keeps the id that those above know
            int32_t id = (*item)->id;
            Expr *alias = expr_alias(o->a, *item, (*item)->name);
            alias->id = id;
            alias->type = (*item)->type;
            alias->nullable = (*item)->nullable;
            alias->watermark_delay = (*item)->watermark_delay;
            *item = alias;
        }
        TRY(outer_expr(&s, &(*item)->arg[0]));
    }
    for (int32_t i = 0; i < agg->ngroup; i++) agg->group[i] = attr_of(o, &s.key.v[i]);
    agg->input[0] = inner;
    return DONE;
}

static bool is_distinct(const Expr *e) { return e->kind == E_AGG && e->distinct; }

static Status distinct_rel(Optimiser *o, Rel **r)
{
    Rel *x = *r;
    if (x->kind == REL_DEDUPLICATE && !x->streaming) return deduplicate_batch(o, r);
    if (x->kind != REL_AGGREGATE) return DONE;
    bool any = false;
    for (int32_t i = 0; i < x->nexprs; i++) any |= expr_any(x->expr[i], is_distinct);
    if (!any) return DONE;
    if (!x->streaming) return distinct_batch(o, x);
    return rel_exprs_walk(x, count_by_set, o);
}

Status rule_distinct(Optimiser *o, Rel **r) { return each_rel(o, r, distinct_rel); }
