// connect_group.c -- spark.connect.Aggregate: groups, rollup, cube, grouping sets and pivots. What
// comes out is the grouping expressions, then the aggregates.
#include "plan/connect_rel_in.h"

enum { KIND_GROUP_BY = 1, KIND_ROLLUP, KIND_CUBE, KIND_PIVOT, KIND_SETS };

static Expr *without_alias(Expr *e)
{
    while (e->kind == E_ALIAS && e->nparts <= 1) e = e->arg[0];
    return e;
}

static int32_t group_index(Connect *c, Exprs *group, Expr *e)
{
    for (int64_t i = 0; i < group->n; i++)
        if (expr_eq(group->v[i], e)) return (int32_t)i;
    vec_push(c->a, group, e);
    return (int32_t)group->n - 1;
}

static Status read_sets(Connect *c, const Proto *m, Exprs *group, Rel *agg)
{
    agg->nsets = (int32_t)proto_count(m, 6);
    agg->sets = NEW(c->a, int32_t *, agg->nsets);
    int32_t k = 0;
    for (ProtoEach each = proto_each(m, 6); proto_more(&each); k++) {
        Proto set;
        Exprs of = {0};
        TRY(proto_item(m, &each, &set));
        TRY(connect_exprs(c, &set, 1, &of));
        agg->sets[k] = NEW(c->a, int32_t, of.n + 1);
        for (int64_t i = 0; i < of.n; i++)
            agg->sets[k][i] = group_index(c, group, without_alias(of.v[i]));
        agg->sets[k][of.n] = -1;
    }
    agg->group_kind = GROUP_SETS;
    return DONE;
}

Status connect_pivot_values(Connect *c, Rel *input, Expr *column, Rel *agg)
{
    enum { PIVOT_VALUES_MAX = 10000 }; // spark.sql.pivotMaxValues
    Exprs item = {0}, key = {0}, most = {0};
    ConnectRows rows;
    vec_push(c->a, &item, expr_alias(c->a, expr_copy(c->a, column), S("value")));
    Rel *values = connect_node(c, REL_DISTINCT,
                               connect_node(c, REL_PROJECT, rel_copy(c->a, input), &item), NULL);
    Expr *by = expr_new(c->a, E_SORT, (Origin){0});
    by->arg = NEW(c->a, Expr *, 1);
    by->nargs = 1;
    by->arg[0] = expr_name(c->a, S("value"));
    vec_push(c->a, &key, by);
    Rel *sorted = connect_node(c, REL_SORT, values, &key);
    sorted->global = true;
    vec_push(c->a, &most, expr_literal(c->a, &type_int, &(Datum){.i = PIVOT_VALUES_MAX + 1}));
    TRY(connect_run(c, connect_node(c, REL_LIMIT, sorted, &most), &rows));
    VEC(Expr *) value = {0};
    for (int32_t b = 0; b < rows.n; b++)
        for (int32_t i = 0; i < rows.batch[b].rows; i++) {
            Datum v = column_datum(c->a, &rows.batch[b].col[0], i);
            vec_push(c->a, &value, expr_literal(c->a, rows.schema->field[0].type, &v));
        }
    if (value.n > PIVOT_VALUES_MAX)
        return fail(ERR_LIMIT, "a pivot makes a column of each of more than %d values",
                    PIVOT_VALUES_MAX);
    agg->value = value.v;
    agg->nvalues = (int32_t)value.n;
    return DONE;
}

static Status read_pivot(Connect *c, const Proto *m, Exprs *group, Rel *agg)
{
    Proto pivot;
    Expr *column;
    VEC(Expr *) value = {0};
    TRY(connect_need(m, 5, &pivot, "Aggregate.pivot"));
    TRY(connect_expr_of(c, &pivot, 1, &column));
    vec_push(c->a, group, column);
    for (ProtoEach each = proto_each(&pivot, 2); proto_more(&each);) {
        Proto one;
        Expr *e;
        TRY(proto_item(&pivot, &each, &one));
        TRY(connect_literal(c, &one, &e));
        vec_push(c->a, &value, e);
    }
    agg->group_kind = GROUP_PIVOT;
    agg->value = value.v;
    agg->nvalues = (int32_t)value.n;
    return value.n ? DONE : connect_pivot_values(c, agg->input[0], column, agg);
}

static void set_output(Connect *c, Rel *agg, const Exprs *written, const Exprs *aggregates)
{
    Exprs out = {0};
    bool pivot = agg->group_kind == GROUP_PIVOT; // has its groups only once
    for (int64_t i = 0; i < written->n && !pivot; i++)
        vec_push(c->a, &out, expr_copy(c->a, written->v[i]));
    for (int64_t i = 0; i < aggregates->n; i++) vec_push(c->a, &out, aggregates->v[i]);
    agg->expr = out.v;
    agg->nexprs = (int32_t)out.n;
}

Status connect_aggregate(Connect *c, const Proto *m, Rel **r)
{
    Exprs written = {0}, group = {0}, aggregates = {0};
    Rel *input;
    int64_t kind = proto_int(m, 2);
    if (kind < KIND_GROUP_BY || kind > KIND_SETS)
        return connect_unset("Aggregate.group_type", (uint32_t)kind);
    TRY(connect_rel_of(c, m, 1, &input));
    TRY(connect_exprs(c, m, 3, &written));
    TRY(connect_exprs(c, m, 4, &aggregates));
    Rel *agg = *r = connect_node(c, REL_AGGREGATE, input, NULL);
    for (int64_t i = 0; i < written.n; i++) {
        Expr *key = kind == KIND_PIVOT ? written.v[i] : without_alias(written.v[i]);
        vec_push(c->a, &group, key);
    }
    switch (kind) {
    case KIND_GROUP_BY: agg->group_kind = GROUP_BY; break;
    case KIND_ROLLUP: agg->group_kind = GROUP_ROLLUP; break;
    case KIND_CUBE: agg->group_kind = GROUP_CUBE; break;
    case KIND_PIVOT: TRY(read_pivot(c, m, &group, agg)); break;
    case KIND_SETS: TRY(read_sets(c, m, &group, agg)); break;
    }
    set_output(c, agg, &written, &aggregates);
    agg->group = group.v;
    agg->ngroup = (int32_t)group.n;
    return DONE;
}
