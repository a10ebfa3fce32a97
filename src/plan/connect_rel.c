// connect_rel.c -- spark.connect.Relation: the nodes of one or two inputs. Those of a subject of
// their own are in connect_source.c, _group.c, _shape.c, _show.c, _catalog.c.
#include "plan/connect_rel_in.h"

Status connect_unset(const char *what, uint32_t member)
{
    if (!member) return RAISE(CONNECT_ONE_OF_NOT_SET, P("fullName", str_z(what)));
    char no[16];
    Str text = str_of(no, num_format_i64(no, member));
    return RAISE(CONNECT_ONE_OF_NOT_SUPPORTED, P("fullName", str_z(what)), P("field", text));
}

Status connect_unbuilt(const char *feature, const char *instead)
{
    return RAISE(UNSUPPORTED_FEATURE, P("feature", str_z(feature)), P("needs", str_z(instead)));
}

Status connect_need(const Proto *m, uint32_t no, Proto *sub, const char *what)
{
    TRY(proto_sub(m, no, sub));
    return sub->present ? DONE : connect_unset(what, 0);
}

void connect_strings(Arena *a, const Proto *m, uint32_t no, Str **list, int32_t *n)
{
    VEC(Str) all = {0};
    for (ProtoEach e = proto_each(m, no); proto_more(&e);) vec_push(a, &all, e.field.bytes);
    *list = all.v;
    *n = (int32_t)all.n;
}

void connect_columns(Arena *a, const Proto *m, uint32_t no, Str **list, int32_t *n)
{
    connect_strings(a, m, no, list, n);
    for (int32_t i = 0; i < *n; i++) {
        Str s = (*list)[i];
        bool quoted = s.n > 2 && s.p[0] == '`' && s.p[s.n - 1] == '`';
        if (quoted && str_find_char(str_sub(s, 1, s.n - 2), '`') < 0)
            (*list)[i] = str_sub(s, 1, s.n - 2);
    }
}

Status connect_options(Arena *a, const Proto *m, uint32_t no, Options *to)
{
    for (ProtoEach e = proto_each(m, no); proto_more(&e);) {
        Proto one;
        TRY(proto_item(m, &e, &one));
        Option o = {proto_str(&one, 1), proto_str(&one, 2)};
        vec_push(a, to, o);
    }
    return DONE;
}

Rel *connect_node(Connect *c, RelKind kind, Rel *input, const Exprs *expr)
{
    Rel *r = rel_new(c->a, kind, (Origin){0}, input);
    if (expr) {
        r->expr = expr->v;
        r->nexprs = (int32_t)expr->n;
    }
    return r;
}

// A node over the relation in field 1 with the expressions of field `no`.
static Status over_input(Connect *c, const Proto *m, RelKind kind, uint32_t no, Rel **r)
{
    Exprs expr = {0};
    Rel *input;
    TRY(connect_rel_of(c, m, 1, &input));
    if (no) TRY(connect_exprs(c, m, no, &expr));
    *r = connect_node(c, kind, input, &expr);
    return DONE;
}

static Status read_project(Connect *c, const Proto *m, Rel **r)
{
    return proto_has(m, 1) ? over_input(c, m, REL_PROJECT, 3, r) : connect_project_alone(c, m, r);
}

Status connect_project_alone(Connect *c, const Proto *m, Rel **r)
{
    Exprs expr = {0};
    TRY(connect_exprs(c, m, 3, &expr));
    *r = connect_node(c, REL_PROJECT, connect_node(c, REL_ONE_ROW, NULL, NULL), &expr);
    return DONE;
}

static Status read_filter(Connect *c, const Proto *m, Rel **r)
{
    Proto condition;
    TRY(connect_need(m, 2, &condition, "Filter.condition"));
    return over_input(c, m, REL_FILTER, 2, r);
}

static Status join_kind(int64_t type, JoinKind *kind)
{
    static const JoinKind kinds[] = {0,          JOIN_INNER,     JOIN_FULL,      JOIN_LEFT,
                                     JOIN_RIGHT, JOIN_LEFT_ANTI, JOIN_LEFT_SEMI, JOIN_CROSS};
    if (type < 1 || type >= COUNT(kinds)) return connect_unset("Join.join_type", (uint32_t)type);
    *kind = kinds[type];
    return DONE;
}

static Status read_join(Connect *c, const Proto *m, Rel **r)
{
    Exprs on = {0};
    Rel *left, *right;
    TRY(connect_rel_of(c, m, 1, &left));
    TRY(connect_rel_of(c, m, 2, &right));
    TRY(connect_exprs(c, m, 3, &on));
    Rel *join = *r = connect_node(c, REL_JOIN, left, &on);
    join->input[1] = right;
    connect_strings(c->a, m, 5, &join->using_column, &join->nusing);
    if (on.n && join->nusing)
        return fail(ERR_INVALID, "a join has a condition or columns in common, not both");
    return join_kind(proto_int(m, 4), &join->join);
}

static Status read_lateral_join(Connect *c, const Proto *m, Rel **r)
{
    Exprs on = {0};
    Rel *left, *right;
    TRY(connect_rel_of(c, m, 1, &left));
    TRY(connect_rel_of(c, m, 2, &right));
    TRY(connect_exprs(c, m, 3, &on));
    Rel *join = *r = connect_node(c, REL_JOIN, left, &on);
    join->input[1] = right;
    join->lateral = true;
    return join_kind(proto_int(m, 4), &join->join);
}

static Status read_set_op(Connect *c, const Proto *m, Rel **r)
{
    static const SetOpKind kinds[] = {0, SET_INTERSECT, SET_UNION, SET_EXCEPT};
    Rel *left, *right;
    int64_t type = proto_int(m, 3);
    TRY(connect_rel_of(c, m, 1, &left));
    TRY(connect_rel_of(c, m, 2, &right));
    if (type < 1 || type >= COUNT(kinds))
        return connect_unset("SetOperation.set_op_type", (uint32_t)type);
    *r = connect_node(c, REL_SET_OP, left, NULL);
    (*r)->input[1] = right;
    (*r)->set_op = kinds[type];
    (*r)->all = proto_bool(m, 4);
    (*r)->by_name = proto_bool(m, 5);
    (*r)->allow_missing = proto_bool(m, 6);
    return DONE;
}

static Status read_sort(Connect *c, const Proto *m, Rel **r)
{
    Exprs order = {0};
    Rel *input;
    TRY(connect_rel_of(c, m, 1, &input));
    TRY(connect_sort_orders(c, m, 2, &order));
    *r = connect_node(c, REL_SORT, input, &order);
    (*r)->global = true; // a sort within partitions: there is one
    return DONE;
}

static Status read_count(Connect *c, const Proto *m, RelKind kind, Rel **r)
{
    Rel *input;
    Exprs n = {0};
    TRY(connect_rel_of(c, m, 1, &input));
    Expr *e = expr_literal(c->a, &type_int, &(Datum){.i = (int32_t)proto_int(m, 2)});
    vec_push(c->a, &n, e);
    *r = connect_node(c, kind, input, &n);
    return DONE;
}

static Status read_limit(Connect *c, const Proto *m, Rel **r)
{
    return read_count(c, m, REL_LIMIT, r);
}

static Status read_offset(Connect *c, const Proto *m, Rel **r)
{
    return read_count(c, m, REL_OFFSET, r);
}

static Status read_deduplicate(Connect *c, const Proto *m, Rel **r)
{
    Rel *input;
    TRY(connect_rel_of(c, m, 1, &input));
    *r = connect_node(c, REL_DEDUPLICATE, input, NULL);
    connect_strings(c->a, m, 2, &(*r)->name, &(*r)->nnames);
    (*r)->all_columns = proto_bool(m, 3);
    (*r)->within_watermark = proto_bool(m, 4);
    return DONE;
}

static Status read_alias(Connect *c, const Proto *m, Rel **r)
{
    Rel *input;
    TRY(connect_rel_of(c, m, 1, &input));
    *r = connect_node(c, REL_SUBQUERY_ALIAS, input, NULL);
    (*r)->name = NEW(c->a, Str, 1);
    (*r)->name[0] = proto_str(m, 2);
    (*r)->nnames = 1;
    return DONE;
}

static Status read_repartition(Connect *c, const Proto *m, Rel **r)
{
    return over_input(c, m, REL_REPARTITION, 0, r);
}

static Status read_repartition_by(Connect *c, const Proto *m, Rel **r)
{
    Exprs by = {0};
    TRY(over_input(c, m, REL_REPARTITION, 0, r));
    TRY(connect_exprs(c, m, 2, &by));
    VEC(Expr *) group = {0};
    for (int64_t i = 0; i < by.n; i++) {
        Expr *key = by.v[i]->kind == E_SORT ? by.v[i]->arg[0] : by.v[i];
        vec_push(c->a, &group, key);
    }
    (*r)->group = group.v;
    (*r)->ngroup = (int32_t)group.n;
    return DONE;
}

static Status read_to_df(Connect *c, const Proto *m, Rel **r)
{
    TRY(over_input(c, m, REL_SUBQUERY_ALIAS, 0, r));
    connect_strings(c->a, m, 2, &(*r)->column_alias, &(*r)->ncolumn_alias);
    return DONE;
}

static Status read_with_columns(Connect *c, const Proto *m, Rel **r)
{
    Exprs item = {0};
    Rel *input;
    TRY(connect_rel_of(c, m, 1, &input));
    for (ProtoEach e = proto_each(m, 2); proto_more(&e);) {
        Proto one;
        Expr *alias;
        TRY(proto_item(m, &e, &one));
        TRY(connect_alias(c, &one, &alias));
        vec_push(c->a, &item, alias);
    }
    *r = connect_node(c, REL_WITH_COLUMNS, input, &item);
    return DONE;
}

static Status read_drop(Connect *c, const Proto *m, Rel **r)
{
    TRY(over_input(c, m, REL_DROP, 2, r));
    connect_strings(c->a, m, 3, &(*r)->name, &(*r)->nnames);
    return DONE;
}

static Status read_hint(Connect *c, const Proto *m, Rel **r)
{
    TRY(over_input(c, m, REL_HINT, 3, r));
    (*r)->name = NEW(c->a, Str, 1);
    (*r)->name[0] = proto_str(m, 2);
    (*r)->nnames = 1;
    return DONE;
}

static Status read_to_schema(Connect *c, const Proto *m, Rel **r)
{
    Proto schema;
    const Type *t;
    TRY(connect_need(m, 2, &schema, "ToSchema.schema"));
    TRY(connect_type_read(&t, c->a, &schema));
    TRY(over_input(c, m, REL_TO_SCHEMA, 0, r));
    if (t->id != T_STRUCT) return fail(ERR_INVALID, "the schema of to() is a struct");
    (*r)->schema = t;
    return DONE;
}

static Status read_watermark(Connect *c, const Proto *m, Rel **r)
{
    Exprs column = {0};
    Rel *input = NULL;
    int64_t months = 0;
    Str delay = proto_str(m, 3);
    TRY(connect_rel_of(c, m, 1, &input));
    Expr *e = expr_name(c->a, proto_str(m, 2));
    vec_push(c->a, &column, e);
    *r = connect_node(c, REL_WITH_WATERMARK, input, &column);
    Status s = duration_parse(delay, &months, &(*r)->delay);
    if (s.code) return RAISE(CANNOT_PARSE_INTERVAL, P("intervalString", delay));
    (*r)->delay += months * 31 * 86400 * (Micros)1000000; // as Spark counts a month
    return DONE;
}

static Status read_observe(Connect *c, const Proto *m, Rel **r)
{
    Exprs metrics = {0};
    Rel *input = NULL;
    TRY(connect_rel_of(c, m, 1, &input));
    TRY(connect_exprs(c, m, 3, &metrics));
    *r = connect_node(c, REL_OBSERVE, input, &metrics);
    (*r)->name = NEW(c->a, Str, 1);
    (*r)->name[0] = proto_str(m, 2);
    (*r)->nnames = 1;
    return DONE;
}

typedef Status (*ReadRel)(Connect *c, const Proto *m, Rel **r);
static const ReadRel readers[] = {
    [2] = connect_read,
    [3] = read_project,
    [4] = read_filter,
    [5] = read_join,
    [6] = read_set_op,
    [7] = read_sort,
    [8] = read_limit,
    [9] = connect_aggregate,
    [10] = connect_sql,
    [11] = connect_local,
    [12] = connect_sample,
    [13] = read_offset,
    [14] = read_deduplicate,
    [15] = connect_range,
    [16] = read_alias,
    [17] = read_repartition,
    [18] = read_to_df,
    [19] = connect_rename,
    [20] = connect_show,
    [21] = read_drop,
    [22] = connect_tail,
    [23] = read_with_columns,
    [24] = read_hint,
    [25] = connect_unpivot,
    [26] = read_to_schema,
    [27] = read_repartition_by,
    [33] = read_watermark,
    [35] = connect_html,
    [36] = connect_cached_local,
    [37] = connect_cached_remote,
    [41] = connect_with_relations,
    [42] = connect_transpose,
    [43] = connect_table_function,
    [44] = read_lateral_join,
    [45] = connect_chunked_local,
    [90] = connect_na_fill,
    [91] = connect_na_drop,
    [92] = connect_na_replace,
    [29] = read_observe,
    [100] = connect_summary,
    [101] = connect_crosstab,
    [102] = connect_describe,
    [103] = connect_cov,
    [104] = connect_corr,
    [105] = connect_quantile,
    [106] = connect_frequent,
    [107] = connect_sample_by,
    [200] = connect_catalog,
};
// What is known by number and not built: its name, and the way round it.
static const struct {
    uint32_t no;
    const char *feature, *instead;
} unbuilt[] = {
    {30, "parsing a column of JSON or CSV", "use from_json or from_csv"},
    {28, "mapInPandas and mapInArrow", "use built-in functions or foreachBatch"},
    {31, "a Python function of a group", "use built-in functions or foreachBatch"},
    {32, "a Python function of two groups", "use built-in functions or foreachBatch"},
    {34, "applyInPandasWithState", "use windows and aggregates, or foreachBatch"},
    {38, "a Python table function", "use explode and its kin"},
    {39, "an as-of join", "join with a range condition and take the nearest"},
    {40, "a data source in Python", "use one of kappa's formats"},
    {300, "Spark ML", "use the rows elsewhere"},
    {998, "an extension of the protocol", "use SQL"},
};

static Status read_member(Connect *c, uint32_t no, const Proto *m, Rel **r)
{
    if (no < COUNT(readers) && readers[no]) return readers[no](c, m, r);
    for (int64_t i = 0; i < COUNT(unbuilt); i++)
        if (unbuilt[i].no == no) return connect_unbuilt(unbuilt[i].feature, unbuilt[i].instead);
    return connect_unset("Relation", no);
}

Status connect_rel(Connect *c, const Proto *m, Rel **r)
{
    enum { COMMON = 1 };
    Proto common, one;
    uint32_t no = proto_member(m, COMMON);
    TRY(proto_sub(m, COMMON, &common));
    TRY(proto_sub(m, no, &one));
    *r = NULL;
    TRY(read_member(c, no, &one, r));
    must(*r);
    int32_t id = connect_plan_id(&common, 2);
    if (id && (*r)->plan_id && (*r)->plan_id != id)
        *r = connect_node(c, REL_SUBQUERY_ALIAS, *r, NULL); // a node more: both are names
    if (id) (*r)->plan_id = id;
    return DONE;
}

Status connect_rel_of(Connect *c, const Proto *m, uint32_t no, Rel **r)
{
    Proto sub;
    TRY(connect_need(m, no, &sub, "Relation"));
    return connect_rel(c, &sub, r);
}
