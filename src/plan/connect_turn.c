// connect_turn.c -- tables whose columns are values of the rows: crosstab and transpose; and the
// parts of randomSplit. What rows decide is found by running a query first, as in Spark.
#include "expr/cast.h"
#include "plan/connect_rel_in.h"

static Expr *text(Arena *a, Str s) { return expr_literal(a, &type_string, &(Datum){.s = s}); }

// -- crosstab: pairs counted, a row for each value of one column, a column for each of the other

static Expr *text_or_null(Arena *a, Str column, Str strip)
{
    Expr *value = expr_cast(a, expr_name(a, column), &type_string, CAST_SQL);
    if (strip.n) value = expr_call(a, S("replace"), 3, value, text(a, strip), text(a, S("")));
    return expr_call(a, S("coalesce"), 2, value, text(a, S("null")));
}

Status connect_crosstab(Connect *c, const Proto *m, Rel **r)
{
    Exprs group = {0}, count = {0};
    Rel *input;
    Str rows = proto_str(m, 2), columns = proto_str(m, 3);
    TRY(connect_rel_of(c, m, 1, &input));
    Str corner = str_fmt(c->a, STR_FMT "_" STR_FMT, STR_ARG(rows), STR_ARG(columns));
    vec_push(c->a, &group, expr_alias(c->a, text_or_null(c->a, rows, (Str){0}), corner));
    vec_push(c->a, &group, text_or_null(c->a, columns, S("`")));
    Expr *one = expr_literal(c->a, &type_int, &(Datum){.i = 1});
    vec_push(c->a, &count, expr_alias(c->a, expr_call(c->a, S("count"), 1, one), S("count")));
    Rel *agg = connect_node(c, REL_AGGREGATE, input, &count);
    agg->group_kind = GROUP_PIVOT;
    agg->group = group.v;
    agg->ngroup = (int32_t)group.n;
    TRY(connect_pivot_values(c, input, group.v[1], agg));
    *r = connect_filled(c, agg, expr_literal(c->a, &type_bigint, &(Datum){.i = 0}));
    return DONE;
}

// -- transpose

typedef struct TransposeShape {
    Shape shape;
    const Expr *index; // NULL: the first column
    bool ansi;
} TransposeShape;
static const Str key_name = STR_INIT("__index");

static Status bad_index(Str reason)
{
    return RAISE(TRANSPOSE_INVALID_INDEX_COLUMN, P("reason", reason));
}

static Status index_of(const TransposeShape *s, Arena *a, const Rel *input, int64_t *at)
{
    *at = 0;
    if (s->index) {
        const Expr *e = s->index;
        if (e->kind != E_NAME) return bad_index(S("Index column must be an atomic attribute"));
        Str name = e->part[e->nparts - 1];
        while (*at < input->out.n && !str_ieq(input->out.v[*at].field.name, name)) ++*at;
        if (*at == input->out.n)
            return RAISE(UNRESOLVED_COLUMN_WITHOUT_SUGGESTION, P("objectName", name));
    }
    const Type *t = input->out.v[*at].field.type;
    if (!t->nfields) return DONE;
    Buf why = buf_new(a);
    bool list = t->id == T_ARRAY && !t->field[0].type->nfields;
    buf_put(&why, S("Index column must be of atomic type, but found: "));
    if (list) { // as Scala prints types
        Buf name = buf_new(a);
        type_long_name(&name, t->field[0].type);
        Str element = buf_str(&name);
        buf_fmt(&why, "ArrayType(%c" STR_FMT "Type,%s)", element.p[0] - 32,
                STR_ARG(str_from(element, 1)), t->field[0].nullable ? "true" : "false");
    } else {
        type_sql(&why, t);
    }
    return bad_index(buf_str(&why));
}

static Str quoted(Arena *a, const Type *t)
{
    return str_fmt(a, "\"" STR_FMT "\"", STR_ARG(type_sql_str(a, t)));
}

// The index as text, not NULL, in order; then the other columns, all of one type.
static Status make_transposed(const Shape *shape, Arena *a, Rel *input, Rel **r)
{
    const TransposeShape *s = (const TransposeShape *)shape;
    int64_t at, n = input->out.n;
    const Type *t = n > 1 ? &type_void : &type_string;
    Expr **item = NEW(a, Expr *, n), **there = NEW(a, Expr *, 1);
    TRY(index_of(s, a, input, &at));
    for (int64_t i = 0; i < n; i++) {
        const Type *x = t, *y = input->out.v[i].field.type;
        if (i == at) continue;
        bool mixed =
            (x->id == T_STRING) != (y->id == T_STRING) && x->id != T_VOID && y->id != T_VOID;
        t = mixed ? NULL : common_type(a, x, y, s->ansi);
        if (!t)
            return RAISE(TRANSPOSE_NO_LEAST_COMMON_TYPE, P("dt1", quoted(a, x)),
                         P("dt2", quoted(a, y)));
    }
    for (int64_t i = 0, k = 1; i < n; i++) {
        Expr *e = attr_expr(a, &input->out.v[i], (Origin){0});
        Expr *as = expr_cast(a, e, i == at ? &type_string : t, CAST_SQL);
        if (i == at)
            item[0] = expr_alias(a, as, key_name);
        else
            item[k++] = expr_alias(a, as, input->out.v[i].field.name);
    }
    Rel *project = rel_new(a, REL_PROJECT, (Origin){0}, input);
    project->expr = item;
    project->nexprs = (int32_t)n;
    there[0] = expr_call(a, S("isnotnull"), 1, expr_name(a, key_name));
    *r = rel_new(a, REL_FILTER, (Origin){0}, project);
    (*r)->expr = there;
    (*r)->nexprs = 1;
    return DONE;
}

static Rel *first_rows(Connect *c, Rel *input, int64_t n)
{
    Exprs key = {0}, most = {0};
    Expr *by = expr_new(c->a, E_SORT, (Origin){0});
    by->arg = NEW(c->a, Expr *, 1);
    by->nargs = 1;
    by->arg[0] = expr_name(c->a, key_name);
    vec_push(c->a, &key, by);
    vec_push(c->a, &most, expr_literal(c->a, &type_int, &(Datum){.i = n}));
    Rel *sorted = connect_node(c, REL_SORT, input, &key);
    sorted->global = true;
    return connect_node(c, REL_LIMIT, sorted, &most);
}

// The rows turned: a row for each column but the first.
static Rel *turned(Connect *c, const ConnectRows *rows, int32_t count)
{
    Arena *a = c->a;
    int32_t width = rows->schema->nfields - 1, at = 1;
    const Type *t = width ? rows->schema->field[1].type : &type_string;
    Field *field = NEW(a, Field, count + 1);
    Builder **col = NEW(a, Builder *, count + 1);
    field[0] = field_of(S("key"), &type_string, false);
    col[0] = builder_new(a, &type_string);
    for (int32_t i = 0; i < width; i++)
        builder_datum(col[0], &(Datum){.s = rows->schema->field[i + 1].name});
    for (int32_t b = 0; b < rows->n; b++)
        for (int32_t row = 0; row < rows->batch[b].rows; row++, at++) {
            Datum name = column_datum(a, &rows->batch[b].col[0], row);
            field[at] = field_of(str_copy(a, name.s), t, true);
            col[at] = builder_new(a, t);
            for (int32_t i = 0; i < width; i++) {
                Datum v = column_datum(a, &rows->batch[b].col[i + 1], row);
                builder_datum(col[at], &v);
            }
        }
    Rel *local = connect_node(c, REL_LOCAL, NULL, NULL);
    Batch *batch = NEW(a, Batch, 1);
    *batch = (Batch){.rows = width, .cols = count + 1, .col = NEW(a, Column, count + 1)};
    for (int32_t i = 0; i <= count; i++) batch->col[i] = builder_column(col[i]);
    local->schema = type_struct(a, field, count + 1);
    local->rows = batch;
    local->nrows = width ? 1 : 0;
    return local;
}

Status connect_transpose(Connect *c, const Proto *m, Rel **r)
{
    Exprs index = {0};
    Rel *input;
    ConnectRows rows;
    Session *session = c->env->session;
    int64_t most = conf_int(session, S("spark.sql.transposeMaxValues")), count = 0;
    TransposeShape *s = NEW(c->a, TransposeShape, 1);
    TRY(connect_rel_of(c, m, 1, &input));
    TRY(connect_exprs(c, m, 2, &index));
    s->shape = (Shape){S("Transpose"), make_transposed};
    s->index = index.n ? index.v[0] : NULL;
    s->ansi = session->eval.ansi;
    Rel *shaped = connect_node(c, REL_SHAPED, input, NULL);
    shaped->shape = &s->shape;
    TRY(connect_run(c, first_rows(c, shaped, most + 1), &rows));
    for (int32_t b = 0; b < rows.n; b++) count += rows.batch[b].rows;
    if (count > most)
        return RAISE(TRANSPOSE_EXCEED_ROW_LIMIT,
                     P("maxValues", str_fmt(c->a, "%lld", (long long)most)),
                     P("config", S("spark.sql.transposeMaxValues")));
    *r = turned(c, &rows, (int32_t)count);
    return DONE;
}
