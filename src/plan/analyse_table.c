// analyse_table.c -- leaves: CTEs, temporary views, memory tables, tables of catalogs, sources,
// VALUES and table functions. A view is copied at each use (analyse_fresh.c); a stream read twice
// through one view stays one source (semantics J17).
#include "conn/list.h"
#include "expr/prog.h"
#include "lake/file_table.h"
#include "plan/analyse_in.h"

static Attrs attrs_of_schema(Analyser *an, const Schema *s, const Attr *like)
{
    Attrs out = {0};
    for (int32_t i = 0; i < s->nfields; i++) {
        Attr at = like ? *like : (Attr){0};
        at.id = attr_new(an);
        at.field = s->field[i];
        vec_push(an->a, &out, at);
    }
    return out;
}

Attr table_qualifier(const TableName *name) // the last parts of a long namespace
{
    Attr at = {0};
    int32_t ns = MIN(name->nns, 2);
    at.qualifier[at.nqualifiers++] = name->catalog;
    for (int32_t i = name->nns - ns; i < name->nns; i++)
        at.qualifier[at.nqualifiers++] = name->ns[i];
    at.qualifier[at.nqualifiers++] = name->table;
    return at;
}

Status analyse_leaf(Analyser *an, Rel **r)
{
    Rel *leaf = *r;
    const Schema *s = leaf->kind == REL_READ ? leaf->read->schema : leaf->schema;
    if (!leaf->out.n) leaf->out = attrs_of_schema(an, s, NULL);
    return DONE;
}

static Rel *alias_above(Analyser *an, Rel *r, Str name, Origin at)
{
    Rel *alias = rel_above(an, REL_SUBQUERY_ALIAS, r);
    alias->at = at;
    alias->name = NEW(an->a, Str, 1);
    alias->name[0] = name;
    alias->nnames = 1;
    alias->of_view = true;
    return alias;
}

static const CteScope *find_cte(const Analyser *an, const Rel *t)
{
    for (const CteScope *c = an->ctes; c && t->nnames == 1; c = c->outer)
        if (str_ieq(c->cte->name, t->name[0])) return c;
    return NULL;
}

static Status use_cte(Analyser *an, Rel **r, const CteScope *scope)
{
    Rel *t = *r, *copy = t;
    const CteScope *saved = an->ctes;
    if (cte_recurs(scope->cte)) {
        TRY(use_recursion(an, &copy, scope));
    } else {
        copy = rel_copy(an->a, scope->cte->rel);
        an->ctes = scope->outer;
        TRY(analyse_rel(an, &copy));
    }
    an->ctes = saved;
    *r = alias_above(an, copy, scope->cte->name, t->at);
    (*r)->column_alias = scope->cte->column;
    (*r)->ncolumn_alias = scope->cte->ncolumns;
    return analyse_alias(an, r);
}

// STREAM v, where v is a source by CREATE VIEW .. USING: the same source, read as a stream.
static Status use_source_view(Analyser *an, Rel **r, const View *view)
{
    const Rel *leaf = view->rel;
    while (leaf->kind == REL_SUBQUERY_ALIAS) leaf = leaf->input[0];
    bool source = leaf->kind == REL_READ && leaf->read->kind == READ_SOURCE;
    const SourceKind *kind = source ? source_find(leaf->read->format) : NULL;
    if (!kind || !kind->streams)
        return fail_at(RAISE(NOT_A_STREAM, P("quoted", view->name)), &(*r)->at);
    Rel *copy;
    TRY(fresh_copy(an, leaf, view->name, &copy));
    copy->streaming = true;
    *r = alias_above(an, copy, view->name, (*r)->at);
    return analyse_alias(an, r);
}

static Status use_view(Analyser *an, Rel **r, const View *view)
{
    Rel *t = *r, *copy;
    if (t->is_streaming && !view->rel->streaming) return use_source_view(an, r, view);
    if (rel_height(view->rel) > REL_HEIGHT_MAX) return RAISE(FAILED_TO_PARSE_TOO_COMPLEX);
    TRY(view->parsed ? analyse_view(an, view, &copy)
                     : fresh_copy(an, view->rel, view->name, &copy));
    if (an->nodes > PLAN_NODES_MAX)
        return fail(ERR_LIMIT, "the query expands to more than %d plan nodes", PLAN_NODES_MAX);
    *r = alias_above(an, copy, view->name, t->at);
    return analyse_alias(an, r);
}

static Rel *read_rel(Analyser *an, const Rel *t, const ReadNode *node, bool streaming)
{
    Rel *r = rel_new(an->a, REL_READ, t->at, NULL);
    r->read = node;
    r->streaming = streaming;
    return r;
}

static Status use_memory(Analyser *an, Rel **r, void *table)
{
    ReadNode *node = NEW(an->a, ReadNode, 1);
    *node = (ReadNode){.kind = READ_MEMORY, .table = table, .name = (*r)->name[0]};
    node->schema = an->s->memory_schema(table);
    Attr like = {.qualifier = {(*r)->name[0]}, .nqualifiers = 1};
    *r = read_rel(an, *r, node, false);
    (*r)->out = attrs_of_schema(an, node->schema, &like);
    return DONE;
}

static Status no_travel(Analyser *an, const Rel *t) // files have no versions
{
    if (!t->time_travel && !options_get(&t->options, S("versionAsOf"))) return DONE;
    return fail_at(RAISE(UNSUPPORTED_FEATURE_TIME_TRAVEL,
                         P("relationId", quoted_parts(an->a, t->name, t->nnames))),
                   &t->at);
}

static bool names_format(Analyser *an, const Rel *t)
{
    return t->nnames == 2 &&
           (source_find(str_lower(an->a, t->name[0])) || connector_elsewhere(t->name[0]));
}

// json.`data/x`: files by their path, where no table has the name (Spark's ResolveSQLOnFile).
static Status use_files(Analyser *an, Rel **r)
{
    Rel *t = *r;
    if (!names_format(an, t))
        return fail_at(RAISE(TABLE_OR_VIEW_NOT_FOUND,
                             P("relationName", quoted_parts(an->a, t->name, t->nnames))),
                       &t->at);
    TRY(no_travel(an, t));
    const SourceKind *kind = source_find(str_lower(an->a, t->name[0]));
    if (kind && !kind->metadata)
        return fail_at(
            RAISE(UNSUPPORTED_DATASOURCE_FOR_DIRECT_QUERY, P("dataSourceType", t->name[0])),
            &t->at);
    if (!t->name[1].n)
        return fail_at(RAISE(INVALID_EMPTY_LOCATION, P("location", t->name[1])), &t->at);
    t->kind = REL_UNRESOLVED_SOURCE;
    t->format = t->name[0];
    t->path = t->name[1];
    return analyse_source(an, r);
}

// A table that is a folder of files: its source, under the table's name.
static Status use_file_table(Analyser *an, Rel **r, const TableName *name, const FileTable *files)
{
    Rel *t = *r;
    bool stream = t->is_streaming;
    TRY(no_travel(an, t));
    t->kind = REL_UNRESOLVED_SOURCE;
    t->format = files->format;
    t->path = files->path;
    t->schema = files->schema;
    for (int64_t i = 0; i < files->options.n; i++) {
        Option o = files->options.v[i];
        if (!options_get(&t->options, o.key)) vec_push(an->a, &t->options, o);
    }
    TRY(analyse_source(an, r));
    (*r)->streaming = stream;
    Attr like = table_qualifier(name);
    (*r)->out = attrs_of_schema(an, (*r)->read->schema, &like);
    return DONE;
}

static Status use_planned(Analyser *an, Rel **r, const Schema *schema, const TableName *name)
{
    Rel *local = rel_new(an->a, REL_LOCAL, (*r)->at, NULL);
    Attr like = table_qualifier(name);
    local->schema = schema;
    local->streaming = (*r)->is_streaming;
    local->out = attrs_of_schema(an, schema, &like);
    *r = local;
    return DONE;
}

static Status use_table(Analyser *an, Rel **r)
{
    Rel *t = *r;
    TableName name;
    LakeTable *table;
    FileTable files;
    TRY(name_complete(an->s, an->a, t->name, t->nnames, &name));
    const TableDef *planned =
        an->s->planned ? map_get(an->s->planned, table_name_text(an->a, &name)) : NULL;
    if (planned) return use_planned(an, r, planned->schema, &name);
    if (an->s->file_tables.n) {
        Status known =
            file_table_load(&files, an->a, an->s->file_tables, file_table_name(an->a, &name));
        if (known.code == OK) return use_file_table(an, r, &name, &files);
        if (known.code != ERR_NOT_FOUND) return known;
    }
    if (!an->s->catalogs) return use_files(an, r);
    Status s = table_load(&table, an->a, an->s->catalogs, &name);
    if (s.code == ERR_NOT_FOUND) {
        bool found;
        TRY(use_kept_view(an, r, &name, &found));
        if (!found) TRY(analyse_inspect(an, r, &found));
        return found ? DONE : use_files(an, r);
    }
    TRY(s);
    const LakeTable *now = table;
    TRY(analyse_travel(an, t, &table));
    ReadNode *node = NEW(an->a, ReadNode, 1);
    *node =
        (ReadNode){.kind = READ_TABLE, .table = table, .past = table != now, .options = t->options};
    node->schema = lake_table_schema(table);
    node->name = quoted_parts(an->a, t->name, t->nnames);
    node->id = an->s->next_read++;
    Attr like = table_qualifier(&name);
    *r = read_rel(an, t, node, t->is_streaming);
    (*r)->out = attrs_of_schema(an, node->schema, &like);
    return DONE;
}

Status analyse_table(Analyser *an, Rel **r)
{
    Rel *t = *r;
    const CteScope *cte = find_cte(an, t);
    if (cte) return use_cte(an, r, cte);
    bool global = t->nnames == 2 && str_ieq(t->name[0], S("global_temp"));
    bool hidden = an->kept && an->kept->hides;
    if (global && an->s->catalogs && !hidden) {
        bool found;
        TRY(use_global_view(an, r, t->name[1], &found));
        if (found) return DONE;
    }
    if ((t->nnames == 1 || global) && !hidden) {
        const View *view = session_view(an->s, session_view_key(an->a, t->name, t->nnames));
        if (view && an->use) view_uses(an->use, S("VIEW"), quoted_parts(an->a, t->name, t->nnames));
        if (view) return use_view(an, r, view);
        void *memory = map_get(&an->s->memory, t->name[t->nnames - 1]);
        if (memory) return use_memory(an, r, memory);
    }
    // catalogs refuse to be asked for such a name, each in its own way
    bool path = !t->name[t->nnames - 1].n || str_find_char(t->name[t->nnames - 1], '/') >= 0;
    return path && names_format(an, t) ? use_files(an, r) : use_table(an, r);
}

Status analyse_source(Analyser *an, Rel **r)
{
    Rel *t = *r;
    const SourceKind *kind = source_find(str_lower(an->a, t->format));
    if (!kind) return fail_at(connector_missing(an->a, t->format), &t->at);
    if (t->is_streaming && !kind->streams) // whether a batch may read it: check_stream.c
        return fail_at(RAISE(UNSUPPORTED_TABLE_OPERATION, P("tableName", t->format),
                             P("operation", S("micro-batch scan"))),
                       &t->at);
    ReadNode *node = NEW(an->a, ReadNode, 1);
    *node = (ReadNode){.kind = READ_SOURCE,
                       .format = kind->name,
                       .path = t->path,
                       .options = conf_options(an->s, an->a, kind->name, &t->options, false),
                       .given = t->schema,
                       .metadata = kind->metadata,
                       .name = kind->name};
    node->id = an->s->next_read++;
    SourceArgs args = {
        .options = &node->options,
        .schema = t->schema,
        .streaming = t->is_streaming || !kind->batches,
        .infer = str_ieq(conf_get(an->s, S("spark.sql.streaming.schemaInference")), S("true")),
        .path = t->path,
        .log = an->s->log,
        .eval = &an->s->eval,
        .warn = an->s->notices};
    Source *source;
    TRY(fail_at(source_open(&source, an->a, kind, &args), &t->at));
    node->schema = type_copy(an->a, source->schema);
    *r = read_rel(an, t, node, t->is_streaming);
    (*r)->out = attrs_of_schema(an, node->schema, NULL);
    return DONE;
}

static int32_t row_width(const Expr *row)
{
    return row->kind == E_CALL && str_eq(row->name, S("struct")) ? row->nargs : 1;
}

static Expr **row_cells(Rel *r, int32_t i)
{
    Expr *row = r->expr[i];
    return row->kind == E_CALL && str_eq(row->name, S("struct")) ? row->arg : &r->expr[i];
}

static bool needs_run(const Expr *e)
{
    // what Spark rewrites into an expression with names of its own: lambdas, x used twice
    static const Str rewritten[] = {STR_INIT("between"), STR_INIT("nullif"), STR_INIT("zeroifnull"),
                                    STR_INIT("elt")};
    bool random = e->kind == E_FN && e->fn->flags & FN_NONDETERMINISTIC;
    for (int64_t i = 0; i < COUNT(rewritten) && e->kind == E_FN; i++)
        random |= str_eq(e->fn->name, rewritten[i]);
    return random || e->kind == E_LAMBDA || e->kind == E_USER || e->kind == E_AGG ||
           e->kind == E_SUBQUERY || e->kind == E_OVER;
}

static Status row_types(Analyser *an, Rel *r, int32_t width, Field *field)
{
    Names none = {.an = an};
    for (int32_t k = 0; k < width; k++)
        field[k] = field_of(str_fmt(an->a, "col%d", k + 1), &type_void, false);
    for (int32_t i = 0; i < r->nexprs; i++) {
        if (row_width(r->expr[i]) != width)
            return fail_at(RAISE(INLINE_TABLE_NUM_COLUMNS_MISMATCH,
                                 P("expectedNumCols", str_fmt(an->a, "%d", width)),
                                 P("actualNumCols", str_fmt(an->a, "%d", row_width(r->expr[i]))),
                                 P("rowIndex", str_fmt(an->a, "%d", i))),
                           &r->at);
        for (int32_t k = 0; k < width; k++) {
            Expr **cell = &row_cells(r, i)[k];
            TRY(resolve(&none, cell));
            if (expr_any(*cell, needs_run))
                return fail_at(
                    RAISE(INLINE_TABLE_CANNOT_EVALUATE, P("expr", quoted_expr(an->a, *cell))),
                    &(*cell)->at);
            if ((*cell)->kind == E_ALIAS) *cell = (*cell)->arg[0];
            field[k].nullable |= (*cell)->nullable || (*cell)->type->id == T_VOID;
            field[k].type = common_type(an->a, field[k].type, (*cell)->type, an->ctx->ansi);
            if (!field[k].type)
                return fail_at(RAISE(INLINE_TABLE_INCOMPATIBLE_TYPES,
                                     P("colName", quoted_parts(an->a, &field[k].name, 1))),
                               &(*cell)->at);
        }
    }
    return DONE;
}

static Status cell_differs(Analyser *an, const Schema *s, int32_t k)
{
    return RAISE(INLINE_TABLE_INCOMPATIBLE_TYPES,
                 P("colName", quoted_parts(an->a, &s->field[k].name, 1)));
}

static Status row_values(Analyser *an, Rel *r, const Schema *schema, Builder **column)
{
    for (int32_t i = 0; i < r->nexprs; i++)
        for (int32_t k = 0; k < schema->nfields; k++) {
            Expr **cell = &row_cells(r, i)[k];
            Expr *own = *cell;
            Datum v, alone;
            if (own->kind != E_LITERAL && expr_fold(an->a, own, an->ctx, &alone).code)
                return fail_at(
                    RAISE(INLINE_TABLE_FAILED_EVALUATION, P("sqlExpr", quoted_expr(an->a, own))),
                    &r->at);
            coerce_at(an->a, cell, schema->field[k].type, own->at);
            Status s = DONE;
            v = (*cell)->value;
            if ((*cell)->kind != E_LITERAL) s = expr_fold(an->a, *cell, an->ctx, &v);
            if (s.code && *cell != own) s = cell_differs(an, schema, k);
            TRY(fail_at(s, &own->at));
            builder_datum(column[k], &v);
        }
    return DONE;
}

static void keep_batches(Analyser *an, Rel *r, Builder **column, int32_t rows)
{
    Batch all = {.rows = rows, .cols = r->schema->nfields};
    all.col = NEW(an->a, Column, all.cols);
    for (int32_t k = 0; k < all.cols; k++) all.col[k] = builder_column(column[k]);
    r->nrows = (rows + BATCH_ROWS - 1) / BATCH_ROWS;
    Batch *batch = NEW(an->a, Batch, r->nrows);
    for (int32_t i = 0; i < r->nrows; i++) {
        int32_t at = i * BATCH_ROWS;
        batch[i] = batch_slice(an->a, &all, at, MIN(rows - at, BATCH_ROWS));
    }
    r->rows = batch;
}

Status analyse_rows(Analyser *an, Rel **r)
{
    Rel *in = *r;
    int32_t width = row_width(in->expr[0]);
    Field *field = NEW(an->a, Field, width);
    TRY(row_types(an, in, width, field));
    Rel *local = rel_new(an->a, REL_LOCAL, in->at, NULL);
    local->schema = type_struct(an->a, field, width);
    Builder **column = NEW(an->a, Builder *, width);
    for (int32_t k = 0; k < width; k++) column[k] = builder_new(an->a, field[k].type);
    TRY(row_values(an, in, local->schema, column));
    keep_batches(an, local, column, in->nexprs);
    local->out = attrs_of_schema(an, local->schema, NULL);
    *r = local;
    return DONE;
}

// Argument i of n: range(end), range(start, end, step, slices).
static Status range_argument(Analyser *an, const Rel *range, int32_t i, int64_t *v)
{
    static const char *const name[] = {"start", "end", "step", "numSlices"};
    static const char *const ordinal[] = {"second", "first", "second", "third", "fourth"};
    bool only = range->nexprs == 1;
    Names none = {.an = an, .outer = an->outer};
    Datum d;
    Expr *e = range->expr[i];
    TRY(resolve(&none, &e));
    if (e->kind == E_SUBQUERY || !expr_foldable(e))
        return fail_at(RAISE(NON_FOLDABLE_ARGUMENT, P("funcName", S("`range`")),
                             P("paramName", str_fmt(an->a, "`%s`", name[only ? 1 : i])),
                             P("paramType", S("\"BIGINT\""))),
                       &range->at);
    if (!cast_allowed(e->type, &type_bigint, CAST_SQL, true) || e->type->id == T_VOID)
        return fail_at(RAISE(UNEXPECTED_INPUT_TYPE, P("functionName", S("`range`")),
                             P("paramIndex", str_z(ordinal[only ? 0 : i + 1])),
                             P("requiredType", S("\"BIGINT\"")),
                             P("inputSql", quoted_expr(an->a, e)),
                             P("inputType", quoted_type_of(an->a, e->type))),
                       &range->at);
    coerce_at(an->a, &e, &type_bigint, e->at);
    TRY(fail_at(expr_fold(an->a, e, an->ctx, &d), &e->at));
    if (d.null) return unsupported(&e->at, "NULL in range()");
    *v = d.i;
    return DONE;
}

static Status use_range(Analyser *an, Rel **r)
{
    Rel *t = *r;
    int64_t v[4] = {0, 0, 1, 0};
    if (t->nexprs < 1 || t->nexprs > 4)
        return fail_at(RAISE(WRONG_NUM_ARGS_WITHOUT_SUGGESTION, P("functionName", S("`range`")),
                             P("expectedNum", S("[1, 2, 3, 4]")),
                             P("actualNum", str_fmt(an->a, "%d", t->nexprs)), DOCROOT),
                       &t->at);
    for (int32_t i = 0; i < t->nexprs; i++) TRY(range_argument(an, t, i, &v[i]));
    Rel *range = rel_new(an->a, REL_RANGE, t->at, NULL);
    range->start = t->nexprs > 1 ? v[0] : 0;
    range->end = t->nexprs > 1 ? v[1] : v[0];
    range->step = t->nexprs > 2 ? v[2] : 1;
    if (!range->step) return unsupported(&t->at, "a step of 0 in range()");
    *r = range;
    return analyse_rel(an, r);
}

bool makes_table(Str function)
{
    return str_ieq(function, S("range")) || str_ieq(function, S("sql_keywords"));
}

Status analyse_function(Analyser *an, Rel **r)
{
    Rel *t = *r;
    if (str_ieq(t->name[0], S("range"))) return use_range(an, r);
    if (str_ieq(t->name[0], S("sql_keywords"))) return use_keywords(an, r);
    Expr *call = expr_call(an->a, str_lower(an->a, t->name[0]), 0);
    call->arg = t->expr;
    call->nargs = t->nexprs;
    call->at = t->at;
    Rel *g = rel_new(an->a, REL_GENERATE, t->at, rel_new(an->a, REL_ONE_ROW, t->at, NULL));
    g->expr = NEW(an->a, Expr *, 1);
    g->expr[0] = call;
    g->nexprs = 1;
    *r = g;
    return analyse_rel(an, r);
}
