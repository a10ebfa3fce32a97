// rel_print.c -- a plan as EXPLAIN shows it: a line a node, inputs below it.
#include "base/civil.h"
#include "plan/print_in.h"

static const char *const join_names[] = {
    [JOIN_INNER] = "Inner",        [JOIN_CROSS] = "Cross",    [JOIN_LEFT] = "LeftOuter",
    [JOIN_RIGHT] = "RightOuter",   [JOIN_FULL] = "FullOuter", [JOIN_LEFT_SEMI] = "LeftSemi",
    [JOIN_LEFT_ANTI] = "LeftAnti",
};

static void print_table(Buf *b, const Rel *r)
{
    buf_put(b, S("UnresolvedRelation ["));
    names_print(b, r->name, r->nnames, ", ");
    buf_put(b, S("], ["));
    for (int64_t i = 0; i < r->options.n; i++)
        buf_fmt(b, "%s" STR_FMT "=" STR_FMT, i ? ", " : "", STR_ARG(r->options.v[i].key),
                STR_ARG(r->options.v[i].value));
    buf_fmt(b, "], %s", r->is_streaming ? "true" : "false");
    if (!r->time_travel) return;
    buf_put(b, S(" AS OF "));
    expr_print(b, r->expr[0]);
}

static void print_attrs(Buf *b, const Attrs *out)
{
    buf_char(b, '[');
    for (int64_t i = 0; i < out->n; i++)
        buf_fmt(b, "%s" STR_FMT "#%d", i ? ", " : "", STR_ARG(out->v[i].field.name), out->v[i].id);
    buf_char(b, ']');
}

static void print_read(Buf *b, const Rel *r)
{
    const ReadNode *n = r->read;
    buf_fmt(b, "%s " STR_FMT, r->streaming ? "StreamingRelation" : "Relation",
            STR_ARG(n->name.n ? n->name : n->format));
    print_attrs(b, &r->out);
    if (n->needed) {
        buf_put(b, S(", needed "));
        for (int32_t i = 0, some = 0; i < n->schema->nfields; i++)
            if (n->needed[i])
                buf_fmt(b, "%s" STR_FMT, some++ ? ", " : "", STR_ARG(n->schema->field[i].name));
    }
    if (!n->npushed) return;
    buf_put(b, S(", pushed "));
    exprs_print(b, n->pushed, n->npushed);
}

static void print_sets(Buf *b, const Rel *r)
{
    buf_put(b, S(" sets "));
    for (int32_t i = 0; i < r->nsets; i++) {
        buf_char(b, '(');
        for (int32_t k = 0; r->sets[i][k] >= 0; k++)
            buf_fmt(b, "%s%d", k ? "," : "", r->sets[i][k]);
        buf_char(b, ')');
    }
}

static void print_aggregate(Buf *b, const Rel *r)
{
    buf_put(b, S("Aggregate "));
    exprs_print(b, r->group, r->ngroup);
    if (r->group_kind == GROUP_ROLLUP) buf_put(b, S(" rollup"));
    if (r->group_kind == GROUP_CUBE) buf_put(b, S(" cube"));
    if (r->group_kind == GROUP_SETS) print_sets(b, r);
    buf_put(b, S(", "));
    exprs_print(b, r->expr, r->nexprs);
}

static void print_join(Buf *b, const Rel *r)
{
    buf_fmt(b, "%sJoin %s%s", r->lateral ? "Lateral" : "", r->natural ? "Natural" : "",
            join_names[r->join]);
    if (r->nusing) {
        buf_put(b, S(", using ["));
        names_print(b, r->using_column, r->nusing, ", ");
        buf_char(b, ']');
    }
    if (!r->nexprs) return;
    buf_put(b, S(", "));
    expr_print(b, r->expr[0]);
}

static void print_set_op(Buf *b, const Rel *r)
{
    static const char *const name[] = {
        [SET_UNION] = "Union", [SET_INTERSECT] = "Intersect", [SET_EXCEPT] = "Except"};
    buf_fmt(b, "%s%s", name[r->set_op], r->set_op == SET_UNION ? "" : r->all ? " All" : "");
    if (r->by_name) buf_put(b, S(" by name"));
}

static void print_alias(Buf *b, const Rel *r)
{
    buf_put(b, S("SubqueryAlias"));
    if (r->nnames) buf_fmt(b, " " STR_FMT, STR_ARG(r->name[r->nnames - 1]));
    if (!r->ncolumn_alias) return;
    buf_char(b, '(');
    names_print(b, r->column_alias, r->ncolumn_alias, ", ");
    buf_char(b, ')');
}

static void print_named(Buf *b, const char *word, const Rel *r)
{
    buf_fmt(b, "%s ", word);
    names_print(b, r->name, r->nnames, ".");
    if (!r->nexprs) return;
    buf_char(b, ' ');
    exprs_print(b, r->expr, r->nexprs);
}

static void print_exprs(Buf *b, const char *word, const Rel *r)
{
    buf_fmt(b, "%s ", word);
    exprs_print(b, r->expr, r->nexprs);
}

static void print_delay(Buf *b, Micros delay)
{
    buf_fmt(b, ", %lld ms", (long long)(delay / MICROS_PER_MS));
}

static void print_first(Buf *b, const char *word, const Rel *r)
{
    buf_fmt(b, "%s ", word);
    expr_print(b, r->expr[0]);
}

static void print_window(Buf *b, const Rel *r)
{
    print_first(b, "TimeWindow", r);
    buf_fmt(b, ", %lld, %lld, %lld", (long long)r->duration, (long long)r->slide,
            (long long)r->start_time);
}

static void print_deduplicate(Buf *b, const Rel *r)
{
    buf_put(b, r->within_watermark ? S("DeduplicateWithinWatermark ") : S("Deduplicate "));
    if (r->nexprs)
        exprs_print(b, r->expr, r->nexprs);
    else if (r->all_columns)
        buf_put(b, S("[*]"));
    else
        names_print(b, r->name, r->nnames, ", ");
}

static void print_generate(Buf *b, const Rel *r)
{
    print_first(b, "Generate", r);
    buf_fmt(b, ", outer=%s, ", r->outer ? "true" : "false");
    names_print(b, r->name, r->nnames, ".");
    buf_put(b, S(", ["));
    names_print(b, r->column_alias, r->ncolumn_alias, ", ");
    buf_char(b, ']');
}

static void print_expand(Buf *b, const Rel *r)
{
    buf_put(b, S("Expand ["));
    for (int32_t i = 0; i < r->nprojections; i++) {
        if (i) buf_put(b, S(", "));
        exprs_print(b, r->projection[i], (int32_t)r->out.n);
    }
    buf_char(b, ']');
}

static void print_pivot(Buf *b, const Rel *r)
{
    print_exprs(b, "Pivot", r);
    buf_put(b, S(" for "));
    exprs_print(b, r->group, r->ngroup);
    buf_put(b, S(" in "));
    exprs_print(b, r->value, r->nvalues);
}

static void print_user(Buf *b, const Rel *r)
{
    buf_put(b, S("BatchEvalPython ["));
    for (int32_t i = 0; i < r->nexprs; i++) {
        if (i) buf_put(b, S(", "));
        expr_print(b, r->expr[i]->arg[0]);
    }
    buf_put(b, S("], ["));
    for (int32_t i = 0; i < r->nexprs; i++)
        buf_fmt(b, "%s" STR_FMT "#%d", i ? ", " : "", STR_ARG(r->expr[i]->name), r->expr[i]->id);
    buf_char(b, ']');
}

static void print_node(Buf *b, const Rel *r)
{
    switch (r->kind) {
    case REL_UNRESOLVED_TABLE: print_table(b, r); return;
    case REL_UNRESOLVED_SOURCE:
        buf_fmt(b, "UnresolvedDataSource " STR_FMT " " STR_FMT, STR_ARG(r->format),
                STR_ARG(r->path));
        return;
    case REL_UNRESOLVED_ROWS: print_exprs(b, "UnresolvedInlineTable", r); return;
    case REL_READ: print_read(b, r); return;
    case REL_LOCAL:
        buf_put(b, S("LocalRelation "));
        print_attrs(b, &r->out);
        return;
    case REL_RANGE:
        buf_fmt(b, "Range (%lld, %lld, step=%lld)", (long long)r->start, (long long)r->end,
                (long long)r->step);
        return;
    case REL_RECURSION: buf_put(b, S("UnionLoop")); return;
    case REL_ONE_ROW: buf_put(b, S("OneRowRelation")); return;
    case REL_TABLE_FUNCTION: print_named(b, "UnresolvedTableValuedFunction", r); return;
    case REL_PROJECT: print_exprs(b, "Project", r); return;
    case REL_FILTER: print_first(b, "Filter", r); return;
    case REL_JOIN: print_join(b, r); return;
    case REL_SET_OP: print_set_op(b, r); return;
    case REL_SORT: print_exprs(b, r->global ? "Sort" : "SortWithinPartitions", r); return;
    case REL_LIMIT: print_first(b, "GlobalLimit", r); return;
    case REL_OFFSET: print_first(b, "Offset", r); return;
    case REL_TAIL: print_first(b, "Tail", r); return;
    case REL_DISTINCT: buf_put(b, S("Distinct")); return;
    case REL_AGGREGATE: print_aggregate(b, r); return;
    case REL_WINDOW: print_exprs(b, "Window", r); return;
    case REL_TIME_WINDOW: print_window(b, r); return;
    case REL_USER: print_user(b, r); return;
    case REL_SESSION_WINDOW: print_exprs(b, "SessionWindow", r); return;
    case REL_EXPAND: print_expand(b, r); return;
    case REL_GENERATE: print_generate(b, r); return;
    case REL_WITH_WATERMARK:
        print_first(b, "EventTimeWatermark", r);
        print_delay(b, r->delay);
        return;
    case REL_OBSERVE:
        buf_fmt(b, "CollectMetrics " STR_FMT, STR_ARG(r->name[0]));
        print_exprs(b, ",", r);
        return;
    case REL_DEDUPLICATE: print_deduplicate(b, r); return;
    case REL_SUBQUERY_ALIAS: print_alias(b, r); return;
    case REL_WITH_CTE: buf_put(b, S("CTE")); return;
    case REL_WITH_COLUMNS: print_exprs(b, "WithColumns", r); return;
    case REL_DROP: print_named(b, "DataFrameDropColumns", r); return;
    case REL_TO_SCHEMA: buf_put(b, S("ToSchema")); return;
    case REL_UNPIVOT:
        print_named(b, "Unpivot", r);
        buf_char(b, ' ');
        exprs_print(b, r->group, r->ngroup);
        return;
    case REL_PIVOT: print_pivot(b, r); return;
    case REL_SAMPLE: buf_fmt(b, "Sample %g", r->fraction); return;
    case REL_REPARTITION:
        buf_put(b, S("RepartitionByExpression "));
        exprs_print(b, r->group, r->ngroup);
        return;
    case REL_HINT: print_named(b, "UnresolvedHint", r); return;
    case REL_SHAPED: buf_put(b, r->shape->name); return;
    }
}

static void print_inputs_line(Buf *b, const Rel *r)
{
    for (int32_t i = 0; i < 2; i++) {
        if (!r->input[i]) continue;
        buf_put(b, S(" ("));
        rel_print_line(b, r->input[i]);
        buf_char(b, ')');
    }
}

void rel_print_line(Buf *b, const Rel *r)
{
    print_node(b, r);
    for (int32_t i = 0; i < r->nctes; i++) {
        buf_fmt(b, " " STR_FMT "=(", STR_ARG(r->cte[i].name));
        rel_print_line(b, r->cte[i].rel);
        buf_char(b, ')');
    }
    print_inputs_line(b, r);
}

// margin: what stands before the lines of this subtree, "   " or ":  " a level.
static void print_tree(Buf *b, const Rel *r, Str margin, const char *branch)
{
    buf_put(b, margin);
    buf_fmt(b, "%s", branch);
    print_node(b, r);
    buf_char(b, '\n');
    Str below = margin;
    if (*branch) below = str_cat(b->arena, margin, *branch == ':' ? S(":  ") : S("   "));
    for (int32_t i = 0; i < r->nctes; i++) print_tree(b, r->cte[i].rel, below, ":- ");
    if (r->input[0]) print_tree(b, r->input[0], below, r->input[1] ? ":- " : "+- ");
    if (r->input[1]) print_tree(b, r->input[1], below, "+- ");
}

void rel_print(Buf *b, const Rel *r) { print_tree(b, r, S(""), ""); }
