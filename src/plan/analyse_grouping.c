// analyse_grouping.c -- GROUPING SETS, ROLLUP, CUBE: every row once a set, with the keys that are
// not in the set NULL and the set's bits in spark_grouping_id (1: not in it, the first key
// highest).
#include "plan/analyse_in.h"

static void rollup_sets(Analyser *an, Rel *agg) // of the DataFrame verbs, which give only the keys
{
    int32_t n = agg->ngroup;
    bool cube = agg->group_kind == GROUP_CUBE;
    agg->nsets = cube ? 1 << n : n + 1;
    agg->sets = NEW(an->a, int32_t *, agg->nsets);
    for (int32_t i = 0; i < agg->nsets; i++) {
        int32_t *set = agg->sets[i] = NEW(an->a, int32_t, n + 1), k = 0;
        int32_t without = cube ? i : (1 << i) - 1; // bits of keys left out, the last key lowest
        for (int32_t g = 0; g < n; g++)
            if (!(without >> (n - 1 - g) & 1)) set[k++] = g;
        set[k] = -1;
    }
    agg->group_kind = GROUP_SETS;
}

// GROUPING SETS ((a, b), (a)) names a twice: one key for both.
static void merge_keys(Analyser *an, Rel *agg)
{
    int32_t *to = NEW(an->a, int32_t, agg->ngroup + 1), n = 0;
    for (int32_t i = 0; i < agg->ngroup; i++) {
        to[i] = -1;
        for (int32_t k = 0; k < n && to[i] < 0; k++)
            if (expr_eq(agg->group[k], agg->group[i])) to[i] = k;
        if (to[i] >= 0) continue;
        to[i] = n;
        agg->group[n++] = agg->group[i];
    }
    agg->ngroup = n;
    for (int32_t i = 0; i < agg->nsets; i++)
        for (int32_t *k = agg->sets[i]; *k >= 0; k++) *k = to[*k];
}

static int64_t set_bits(const Rel *agg, int32_t i)
{
    int64_t bits = (INT64_C(1) << agg->ngroup) - 1;
    for (const int32_t *k = agg->sets[i]; *k >= 0; k++)
        bits &= ~(INT64_C(1) << (agg->ngroup - 1 - *k));
    return bits;
}

static bool same_sets(const Rel *agg)
{
    for (int32_t i = 0; i < agg->nsets; i++)
        for (int32_t k = 0; k < i; k++)
            if (set_bits(agg, i) == set_bits(agg, k)) return true;
    return false;
}

static Expr *null_of(Analyser *an, const Type *t)
{
    return expr_literal(an->a, t, &(Datum){.null = true});
}

static Expr *bigint_of(Analyser *an, int64_t v)
{
    return expr_literal(an->a, &type_bigint, &(Datum){.i = v});
}

static void expand_projection(Analyser *an, Rel *x, const Rel *agg, const Attrs *key, int32_t set)
{
    const Attrs *in = &x->input[0]->out;
    VEC(Expr *) e = {0};
    int64_t plain = in->n - key->n, bits = set_bits(agg, set);
    for (int64_t i = 0; i < plain; i++) vec_push(an->a, &e, attr_expr(an->a, &in->v[i], agg->at));
    for (int32_t g = 0; g < agg->ngroup; g++) {
        bool out = bits >> (agg->ngroup - 1 - g) & 1;
        const Attr *at = &key->v[g];
        vec_push(an->a, &e, out ? null_of(an, at->field.type) : attr_expr(an->a, at, agg->at));
    }
    vec_push(an->a, &e, bigint_of(an, bits));
    vec_push(an->a, &e, bigint_of(an, set));
    x->projection[set] = e.v;
}

static Attr hidden_attr(Analyser *an, Str name, const Type *t, bool nullable)
{
    return (Attr){.id = attr_new(an), .field = field_of(name, t, nullable), .hidden = true};
}

// The keys computed, then the rows multiplied. key: columns of the projection.
static Status expand_node(Analyser *an, Rel *agg, Rel **out)
{
    Rel *p = project_attrs(an, agg->input[0], &agg->input[0]->out);
    VEC(Expr *) item = {p->expr, p->nexprs, p->nexprs};
    for (int32_t g = 0; g < agg->ngroup; g++) {
        Str name = expr_output_name(an->a, agg->group[g]);
        vec_push(an->a, &item, expr_alias(an->a, expr_copy(an->a, agg->group[g]), name));
    }
    p->expr = item.v;
    p->nexprs = (int32_t)item.n;
    TRY(outputs_of(an, p));
    Rel *x = *out = rel_above(an, REL_EXPAND, p);
    Attrs key = {.v = p->out.v + p->out.n - agg->ngroup, .n = agg->ngroup};
    x->out.n -= agg->ngroup;
    for (int32_t g = 0; g < agg->ngroup; g++) {
        Attr at = hidden_attr(an, key.v[g].field.name, key.v[g].field.type, true);
        at.field.watermark_delay = key.v[g].field.watermark_delay;
        at.field.time_window = key.v[g].field.time_window;
        vec_push(an->a, &x->out, at);
    }
    vec_push(an->a, &x->out, hidden_attr(an, S("spark_grouping_id"), &type_bigint, false));
    vec_push(an->a, &x->out, hidden_attr(an, S("_gen_grouping_pos"), &type_bigint, false));
    x->nprojections = agg->nsets;
    x->projection = NEW(an->a, Expr **, agg->nsets);
    for (int32_t i = 0; i < agg->nsets; i++) expand_projection(an, x, agg, &key, i);
    return DONE;
}

typedef struct Replace {
    Analyser *an;
    Expr *const *written; // the keys
    int32_t n;
    const Attr *key, *id; // what they became
} Replace;

static bool is_key(const Replace *to, int32_t g, const Expr *e)
{
    return expr_eq(to->written[g], e) || (e->kind == E_ATTR && e->id == to->key[g].id);
}

static Str texts_of(Analyser *an, Expr *const *e, int32_t n)
{
    Buf b = buf_new(an->a);
    for (int32_t i = 0; i < n; i++)
        buf_fmt(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(expr_sql_str(an->a, e[i])));
    return buf_str(&b);
}

static Status grouping_bit(const Replace *to, Expr **e)
{
    Analyser *an = to->an;
    Expr *call = *e, *shifted;
    for (int32_t g = 0; g < to->n; g++) {
        if (!is_key(to, g, call->arg[0])) continue;
        int32_t by = to->n - 1 - g;
        Expr *shift[2] = {attr_expr(an->a, to->id, call->at),
                          expr_literal(an->a, &type_int, &(Datum){.i = by})};
        TRY(fn_make(&shifted, an->a, an->ctx, S("shiftright"), shift, 2));
        Expr *mask[2] = {shifted, bigint_of(an, 1)};
        TRY(fn_make(e, an->a, an->ctx, S("&"), mask, 2));
        *e = expr_cast(an->a, *e, &type_tinyint, CAST_IMPLICIT);
        return DONE;
    }
    return fail_at(RAISE(GROUPING_COLUMN_MISMATCH, P("grouping", quoted_expr(an->a, call->arg[0])),
                         P("groupingColumns", texts_of(an, to->written, to->n))),
                   &call->at);
}

// grouping_id(a, b) names all keys in their order, or none.
static Status grouping_number(const Replace *to, Expr **e)
{
    Analyser *an = to->an;
    bool same = !(*e)->nargs || (*e)->nargs == to->n;
    for (int32_t g = 0; g < (*e)->nargs && same; g++) same = is_key(to, g, (*e)->arg[g]);
    if (!same)
        return fail_at(RAISE(GROUPING_ID_COLUMN_MISMATCH,
                             P("groupingIdColumn", texts_of(an, (*e)->arg, (*e)->nargs)),
                             P("groupByColumns", texts_of(an, to->written, to->n))),
                       &(*e)->at);
    *e = attr_expr(an->a, to->id, (*e)->at);
    return DONE;
}

static Status replace_keys(const Replace *to, Expr **e)
{
    Expr *x = *e;
    if (x->kind == E_AGG) return DONE;
    if (x->kind == E_ALIAS) return replace_keys(to, &x->arg[0]);
    bool call = x->kind == E_CALL;
    if (call && str_eq(x->name, S("grouping"))) return grouping_bit(to, e);
    if (call && str_eq(x->name, S("grouping_id"))) return grouping_number(to, e);
    for (int32_t g = 0; g < to->n; g++)
        if (expr_eq(to->written[g], x)) {
            *e = attr_expr(to->an->a, &to->key[g], x->at);
            (*e)->name = x->kind == E_ATTR ? x->name : (*e)->name;
            return DONE;
        }
    for (int32_t i = 0; i < x->nargs; i++) TRY(replace_keys(to, &x->arg[i]));
    return DONE;
}

Status expand_grouping(Analyser *an, Rel *agg)
{
    if (agg->group_kind == GROUP_BY) return DONE;
    if (agg->ngroup > 12 && !agg->nsets)
        return unsupported(&agg->at, "CUBE or ROLLUP of more than 12 keys");
    if (!agg->nsets) rollup_sets(an, agg);
    merge_keys(an, agg);
    if (agg->ngroup > 62) return unsupported(&agg->at, "grouping sets of more than 62 keys");
    Rel *x;
    TRY(expand_node(an, agg, &x));
    const Attr *key = x->out.v + x->out.n - 2 - agg->ngroup, *id = x->out.v + x->out.n - 2;
    agg->value = agg->group; // as they were written, for HAVING and ORDER BY
    agg->nvalues = agg->ngroup;
    Replace to = {an, agg->value, agg->nvalues, key, id};
    for (int32_t i = 0; i < agg->nexprs; i++) TRY(replace_keys(&to, &agg->expr[i]));
    VEC(Expr *) group = {0};
    for (int32_t g = 0; g < agg->ngroup; g++)
        vec_push(an->a, &group, attr_expr(an->a, &key[g], agg->at));
    vec_push(an->a, &group, attr_expr(an->a, id, agg->at));
    if (same_sets(agg)) vec_push(an->a, &group, attr_expr(an->a, id + 1, agg->at));
    agg->group = group.v;
    agg->ngroup = (int32_t)group.n;
    agg->input[0] = x;
    agg->group_kind = GROUP_BY;
    return DONE;
}

Status push_grouping(Analyser *an, const Rel *agg, Expr **e)
{
    if (!agg->nvalues) return DONE;
    const Attrs *out = &agg->input[0]->out; // of the EXPAND
    const Attr *id = out->v + out->n - 2;
    Replace to = {an, agg->value, agg->nvalues, id - agg->nvalues, id};
    return replace_keys(&to, e);
}
