// connect_stat.c -- df.stat, describe and summary, samples: aggregates and filters.
#include "plan/connect_rel_in.h"

static Expr *number(Arena *a, double v) { return expr_literal(a, &type_double, &(Datum){.f = v}); }

static Expr *text(Arena *a, Str s) { return expr_literal(a, &type_string, &(Datum){.s = s}); }

static Expr *list_call(Arena *a, Str name, const Exprs *arg)
{
    Expr *e = expr_call(a, name, 0);
    e->arg = arg->v;
    e->nargs = (int32_t)arg->n;
    return e;
}

static Rel *node(Arena *a, RelKind kind, Rel *input, const Exprs *expr)
{
    Rel *r = rel_new(a, kind, (Origin){0}, input);
    r->expr = expr->v;
    r->nexprs = (int32_t)expr->n;
    return r;
}

// -- describe and summary

typedef struct SummaryShape {
    Shape shape;
    const Str *statistic;
    Str *column; // no columns: all that are numbers or texts
    int32_t nstatistics, ncolumns;
} SummaryShape;

static Status percentile(Arena *a, Str statistic, Expr *of, Expr **e)
{
    double percent;
    Str digits = str_sub(statistic, 0, statistic.n - 1);
    if (!num_parse_f64(digits, &percent) || !(percent >= 0 && percent <= 100))
        return fail(ERR_INVALID, "Percentiles must be in the range [0, 100]: " STR_FMT,
                    STR_ARG(statistic));
    *e = expr_call(a, S("percentile_approx"), 2, of, number(a, percent / 100));
    return DONE;
}

static Status statistic_of(Arena *a, Str name, Expr *of, Expr **e)
{
    Expr *value = of->type->id == T_STRING ? expr_cast(a, of, &type_double, CAST_TRY) : of;
    if (str_ends(name, S("%"))) return percentile(a, name, value, e);
    if (str_ieq(name, S("count")) || str_ieq(name, S("min")) || str_ieq(name, S("max")) ||
        str_ieq(name, S("approx_count_distinct"))) {
        *e = expr_call(a, str_lower(a, name), 1, of);
    } else if (str_ieq(name, S("count_distinct"))) {
        *e = expr_call(a, S("count"), 1, of);
        (*e)->distinct = true;
    } else if (str_ieq(name, S("mean")) || str_ieq(name, S("stddev"))) {
        *e = expr_call(a, str_lower(a, name), 1, value);
    } else {
        return fail(ERR_INVALID, STR_FMT " is not a recognised statistic", STR_ARG(name));
    }
    return DONE;
}

// The columns of numbers and texts, in the order they were named in.
static Status summary_columns(const SummaryShape *s, Arena *a, const Rel *input, Exprs *column)
{
    for (int32_t k = 0; k < MAX(s->ncolumns, 1); k++) {
        bool there = !s->ncolumns;
        for (int64_t i = 0; i < input->out.n; i++) {
            const Field *f = &input->out.v[i].field;
            if (s->ncolumns && !str_ieq(s->column[k], f->name)) continue;
            there = true;
            if (type_is_numeric(f->type) || f->type->id == T_STRING)
                vec_push(a, column, attr_expr(a, &input->out.v[i], (Origin){0}));
        }
        if (!there)
            return RAISE(UNRESOLVED_COLUMN_WITHOUT_SUGGESTION, P("objectName", s->column[k]));
    }
    return DONE;
}

// One row with a column for each statistic of each column, which is then written as rows.
static Status make_summary(const Shape *shape, Arena *a, Rel *input, Rel **r)
{
    const SummaryShape *s = (const SummaryShape *)shape;
    Exprs aggregate = {0}, row = {0}, item = {0}, column = {0};
    TRY(summary_columns(s, a, input, &column));
    for (int32_t k = 0; k < s->nstatistics; k++) {
        Exprs cell = {0};
        vec_push(a, &cell, text(a, S("summary")));
        vec_push(a, &cell, text(a, s->statistic[k]));
        cell.v[cell.n - 1]->nullable = true; // as all columns of the answer
        for (int64_t i = 0; i < column.n; i++) {
            Expr *e = NULL;
            TRY(statistic_of(a, s->statistic[k], expr_copy(a, column.v[i]), &e));
            Str name = str_fmt(a, "s_%lld", (long long)aggregate.n);
            e = expr_alias(a, expr_cast(a, e, &type_string, CAST_SQL), name);
            vec_push(a, &aggregate, e);
            vec_push(a, &cell, text(a, column.v[i]->name));
            vec_push(a, &cell, expr_name(a, name));
        }
        vec_push(a, &row, list_call(a, S("named_struct"), &cell));
    }
    if (!aggregate.n) vec_push(a, &aggregate, expr_call(a, S("count"), 1, number(a, 1)));
    Rel *agg = node(a, REL_AGGREGATE, input, &aggregate);
    vec_push(a, &item, expr_call(a, S("inline"), 1, list_call(a, S("array"), &row)));
    *r = node(a, REL_PROJECT, agg, &item);
    return DONE;
}

static Status summary(Connect *c, const Proto *m, SummaryShape *s, Rel **r)
{
    Rel *input;
    s->shape = (Shape){S("Summary"), make_summary};
    TRY(connect_rel_of(c, m, 1, &input));
    *r = connect_node(c, REL_SHAPED, input, NULL);
    (*r)->shape = &s->shape;
    return DONE;
}

Status connect_summary(Connect *c, const Proto *m, Rel **r)
{
    static const Str usual[] = {STR_INIT("count"), STR_INIT("mean"), STR_INIT("stddev"),
                                STR_INIT("min"),   STR_INIT("25%"),  STR_INIT("50%"),
                                STR_INIT("75%"),   STR_INIT("max")};
    SummaryShape *s = NEW(c->a, SummaryShape, 1);
    Str *list;
    connect_strings(c->a, m, 2, &list, &s->nstatistics);
    s->statistic = list;
    if (!s->nstatistics) {
        s->statistic = usual;
        s->nstatistics = COUNT(usual);
    }
    return summary(c, m, s, r);
}

Status connect_describe(Connect *c, const Proto *m, Rel **r)
{
    static const Str usual[] = {STR_INIT("count"), STR_INIT("mean"), STR_INIT("stddev"),
                                STR_INIT("min"), STR_INIT("max")};
    SummaryShape *s = NEW(c->a, SummaryShape, 1);
    connect_columns(c->a, m, 2, &s->column, &s->ncolumns);
    s->statistic = usual;
    s->nstatistics = COUNT(usual);
    return summary(c, m, s, r);
}

// -- one number of two columns

static Status of_two(Connect *c, const Proto *m, Str function, Str name, Rel **r)
{
    Exprs item = {0};
    Rel *input;
    TRY(connect_rel_of(c, m, 1, &input));
    Expr *of[2];
    for (uint32_t i = 0; i < 2; i++) { // Spark counts NULL as 0 here
        Expr *value = expr_cast(c->a, expr_name(c->a, proto_str(m, 2 + i)), &type_double, CAST_SQL);
        of[i] = expr_call(c->a, S("coalesce"), 2, value, number(c->a, 0));
    }
    Expr *e = expr_call(c->a, function, 2, of[0], of[1]);
    vec_push(c->a, &item, expr_alias(c->a, e, name));
    *r = connect_node(c, REL_AGGREGATE, input, &item);
    return DONE;
}

Status connect_cov(Connect *c, const Proto *m, Rel **r)
{
    return of_two(c, m, S("covar_samp"), S("cov"), r);
}

Status connect_corr(Connect *c, const Proto *m, Rel **r)
{
    Str method = proto_str(m, 4);
    if (method.n && !str_ieq(method, S("pearson")))
        return connect_unbuilt("a correlation other than Pearson's", "compute it by hand");
    return of_two(c, m, S("corr"), S("corr"), r);
}

// -- approxQuantile

// freqItems: for each column an array of values that may be in more than a share of the rows.
Status connect_frequent(Connect *c, const Proto *m, Rel **r)
{
    Exprs item = {0};
    Rel *input;
    double share = proto_has(m, 3) ? proto_double(m, 3) : 0.01;
    TRY(connect_rel_of(c, m, 1, &input));
    if (!(share >= 1e-4 && share <= 1))
        return fail(ERR_INVALID, "requirement failed: Support must be in [1e-4, 1], but got %g.",
                    share);
    for (ProtoEach e = proto_each(m, 2); proto_more(&e);) {
        Expr *name = expr_name(c->a, e.field.bytes);
        Expr *size = expr_literal(c->a, &type_int, &(Datum){.i = (int64_t)(1 / share)});
        Expr *of = expr_call(c->a, S("__freq_items"), 2, name, size);
        vec_push(c->a, &item, expr_alias(c->a, of, str_cat(c->a, e.field.bytes, S("_freqItems"))));
    }
    *r = connect_node(c, REL_AGGREGATE, input, &item);
    return DONE;
}

Status connect_quantile(Connect *c, const Proto *m, Rel **r)
{
    enum { ACCURACY_MAX = 1000000 };
    Exprs probability = {0}, of = {0}, item = {0};
    Rel *input;
    double error = proto_double(m, 4);
    TRY(connect_rel_of(c, m, 1, &input));
    Reader in = reader_of(proto_str(m, 3)); // packed doubles
    while (reader_left(&in) >= 8) {
        uint64_t bits = reader_u64le(&in);
        double p;
        memcpy(&p, &bits, sizeof p);
        vec_push(c->a, &probability, number(c->a, p));
    }
    if (!(error >= 0 && error <= 1))
        return fail(ERR_INVALID, "the relative error of approxQuantile lies from 0 to 1");
    int64_t accuracy = error * ACCURACY_MAX < 1 ? ACCURACY_MAX : (int64_t)(1 / error);
    for (ProtoEach e = proto_each(m, 2); proto_more(&e);) {
        Expr *value = expr_cast(c->a, expr_name(c->a, e.field.bytes), &type_double, CAST_SQL);
        Expr *all = list_call(c->a, S("array"), &probability);
        Expr *most = expr_literal(c->a, &type_int, &(Datum){.i = accuracy});
        vec_push(c->a, &of, expr_call(c->a, S("percentile_approx"), 3, value, all, most));
    }
    vec_push(c->a, &item, expr_alias(c->a, list_call(c->a, S("array"), &of), S("approx_quantile")));
    *r = connect_node(c, REL_AGGREGATE, input, &item);
    return DONE;
}

// -- samples: rows whose random number is low

static Expr *random_of(Connect *c, const Proto *m, uint32_t no)
{
    if (!proto_has(m, no)) return expr_call(c->a, S("rand"), 0);
    return expr_call(c->a, S("rand"), 1,
                     expr_literal(c->a, &type_bigint, &(Datum){.i = proto_int(m, no)}));
}

static Status check_fraction(Connect *c, double fraction, bool again)
{
    double slack = 1e-6; // as much as rounding may do
    if (fraction >= -slack && (again || fraction <= 1 + slack)) return DONE;
    char text[40];
    Str shown = {text, num_format_f64(text, fraction)};
    return RAISE(SAMPLING_FRACTION, P("fraction", str_copy(c->a, shown)),
                 P("where", again ? S("nonnegative with replacement")
                                  : S("on interval [0, 1] without replacement")));
}

// Rows in an order of their own, whatever order they come in: parts of randomSplit share none.
static Status make_ordered(const Shape *shape, Arena *a, Rel *input, Rel **r)
{
    Exprs key = {0};
    (void)shape;
    for (int64_t i = 0; i < input->out.n; i++) {
        if (!type_is_orderable(input->out.v[i].field.type)) continue;
        Expr *by = expr_new(a, E_SORT, (Origin){0});
        by->arg = NEW(a, Expr *, 1);
        by->nargs = 1;
        by->arg[0] = attr_expr(a, &input->out.v[i], (Origin){0});
        vec_push(a, &key, by);
    }
    *r = input;
    if (!key.n) return DONE;
    *r = node(a, REL_SORT, input, &key);
    (*r)->global = true;
    return DONE;
}

static Rel *in_order(Connect *c, Rel *input)
{
    static const Shape ordered = {STR_INIT("Ordered"), make_ordered};
    Rel *r = connect_node(c, REL_SHAPED, input, NULL);
    r->shape = &ordered;
    return r;
}

Status connect_sample(Connect *c, const Proto *m, Rel **r)
{
    Exprs condition = {0};
    Rel *input;
    double from = proto_double(m, 2), to = proto_double(m, 3);
    TRY(check_fraction(c, to - from, proto_bool(m, 4)));
    if (proto_bool(m, 4)) return connect_unbuilt("a sample with replacement", "sample without");
    TRY(connect_rel_of(c, m, 1, &input));
    if (proto_bool(m, 6)) input = in_order(c, input);
    Expr *random = random_of(c, m, 5), *one = expr_literal(c->a, &type_int, &(Datum){.i = 1});
    if (from > 0) // asked once: another rand() would have numbers of its own
        random = expr_call(c->a, S("width_bucket"), 4, random, number(c->a, from), number(c->a, to),
                           one);
    vec_push(c->a, &condition,
             from > 0 ? expr_call(c->a, S("="), 2, random, expr_copy(c->a, one))
                      : expr_call(c->a, S("<"), 2, random, number(c->a, to)));
    *r = connect_node(c, REL_FILTER, input, &condition);
    return DONE;
}

Status connect_sample_by(Connect *c, const Proto *m, Rel **r)
{
    Exprs arg = {0}, condition = {0};
    Expr *column;
    Rel *input;
    TRY(connect_rel_of(c, m, 1, &input));
    TRY(connect_expr_of(c, m, 2, &column));
    for (ProtoEach e = proto_each(m, 3); proto_more(&e);) {
        Proto one;
        Expr *stratum;
        TRY(proto_item(m, &e, &one));
        TRY(connect_literal_of(c, &one, 1, &stratum));
        if (!stratum) return connect_unset("StatSampleBy.Fraction.stratum", 0);
        vec_push(c->a, &arg, expr_call(c->a, S("<=>"), 2, expr_copy(c->a, column), stratum));
        vec_push(c->a, &arg, number(c->a, proto_double(&one, 2)));
    }
    vec_push(c->a, &arg, number(c->a, 0));
    Expr *fraction = arg.n > 1 ? list_call(c->a, S("case"), &arg) : arg.v[0];
    vec_push(c->a, &condition, expr_call(c->a, S("<"), 2, random_of(c, m, 5), fraction));
    *r = connect_node(c, REL_FILTER, input, &condition);
    return DONE;
}
