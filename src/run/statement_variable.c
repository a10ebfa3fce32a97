// statement_variable.c -- DECLARE, SET VARIABLE, DROP TEMPORARY VARIABLE, EXECUTE IMMEDIATE. Values
// come from a query of one row, whatever they are written as.
#include "run/statement_variable.h"
#include "expr/cast.h"
#include "plan/variable.h"
#include "run/batch.h"

enum { EXECUTE_DEPTH_MAX = 50 };

static Str quoted(Arena *a, const Str *part, int32_t n)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_char(&b, '.');
        name_backticks(&b, part[i]);
    }
    return buf_str(&b);
}
static Str full_name(Arena *a, Str name)
{
    Str part[] = {S("system"), S("session"), str_lower(a, name)};
    return quoted(a, part, 3);
}
static Status unresolved(Arena *a, const Str *part, int32_t n, const char *path)
{
    return RAISE(UNRESOLVED_VARIABLE, P("variableName", quoted(a, part, n)),
                 P("searchPath", str_z(path)));
}

// -- rows for variables

static Rel *values_of(Arena *a, Expr *const *value, int32_t n)
{
    Rel *one = rel_new(a, REL_ONE_ROW, (Origin){0}, NULL);
    Rel *project = rel_new(a, REL_PROJECT, (Origin){0}, one);
    project->nexprs = n;
    project->expr = NEW(a, Expr *, n);
    for (int32_t i = 0; i < n; i++)
        project->expr[i] = expr_alias(a, value[i], str_fmt(a, "v%d", i));
    return project;
}
// The row of an analysed relation, its columns cast to the types; none: all NULL.
static Status one_row(const StatementArgs *args, Arena *a, const Origin *at, Rel *rel,
                      const Type *const *type, Column *value)
{
    Session *s = args->session;
    Rel *project = rel_new(a, REL_PROJECT, (Origin){0}, rel);
    project->nexprs = (int32_t)rel->out.n;
    project->expr = NEW(a, Expr *, rel->out.n);
    project->streaming = rel->streaming;
    for (int32_t i = 0; i < project->nexprs; i++) {
        Expr *e = attr_expr(a, &rel->out.v[i], (Origin){0});
        if (type[i]) {
            if (!cast_allowed(e->type, type[i], CAST_SQL, s->eval.ansi))
                return RAISE(CANNOT_UP_CAST_DATATYPE, P("expression", rel->out.v[i].field.name),
                             P("sourceType", type_name_str(a, e->type)),
                             P("targetType", type_name_str(a, type[i])),
                             P("details", S("a variable keeps its type")));
            coerce_at(a, &e, type[i], *at);
        }
        project->expr[i] = expr_alias(a, e, rel->out.v[i].field.name);
    }
    Rel *limit = rel_new(a, REL_LIMIT, (Origin){0}, project);
    limit->expr = NEW(a, Expr *, 1);
    limit->nexprs = 1;
    limit->expr[0] = expr_literal(a, &type_int, &(Datum){.i = 2});
    Batch *batch = NULL;
    int32_t n = 0, rows = 0;
    TRY(s->run_rows(s, a, limit, &batch, &n));
    for (int32_t i = 0; i < n; i++) {
        for (int32_t c = 0; c < batch[i].cols && batch[i].rows; c++) value[c] = batch[i].col[c];
        rows += batch[i].rows;
    }
    if (rows > 1) return RAISE(ROW_SUBQUERY_TOO_MANY_ROWS);
    for (int32_t c = 0; c < project->nexprs && !rows; c++)
        value[c] = column_of_datum(a, type[c] ? type[c] : rel->out.v[c].field.type,
                                   &(Datum){.null = true}, 1);
    return DONE;
}

// -- DECLARE, DROP

static bool is_subquery(const Expr *e) { return e->kind == E_SUBQUERY; }

static Status check_names(const StatementArgs *args, Arena *a, const Statement *st)
{
    for (int32_t i = 0; i < st->nexprs; i++) {
        const Expr *e = st->expr[i];
        Str name, other;
        if (!variable_name(&name, e->part, e->nparts))
            return unresolved(a, e->part, e->nparts, "`system`.`session`");
        for (int32_t k = 0; k < i; k++)
            if (variable_name(&other, st->expr[k]->part, st->expr[k]->nparts) &&
                str_ieq(name, other))
                return RAISE(DUPLICATE_VARIABLE_NAME_INSIDE_DECLARE,
                             P("variableName", full_name(a, name)));
        if (!st->replace && map_get(&args->session->variables, name))
            return RAISE(VARIABLE_ALREADY_EXISTS, P("variableName", full_name(a, name)));
    }
    return DONE;
}
Status declare_variables(const StatementArgs *args, Arena *a, const Statement *st)
{
    Column value;
    const Expr *first = st->expr[0];
    TRY(check_names(args, a, st));
    if (!st->where) {
        value = column_of_datum(a, st->alter.type, &(Datum){.null = true}, 1);
    } else {
        Expr *dflt = expr_copy(a, st->where);
        if (expr_any(dflt, is_subquery))
            return RAISE(INVALID_DEFAULT_VALUE_SUBQUERY, P("statement", S("DECLARE VARIABLE")),
                         P("colName", full_name(a, first->part[first->nparts - 1])),
                         P("defaultValue", st->value));
        Rel *rel = values_of(a, &dflt, 1);
        TRY(analyse(args->session, a, &rel));
        TRY(one_row(args, a, &st->at, rel, &st->alter.type, &value));
    }
    for (int32_t i = 0; i < st->nexprs; i++) {
        const Expr *e = st->expr[i];
        variable_set(args->session, e->part[e->nparts - 1], &value, str_of("", 0));
        if (st->where) variable_set(args->session, e->part[e->nparts - 1], &value, st->value);
    }
    return DONE;
}
Status drop_variable(const StatementArgs *args, Arena *a, const Statement *st)
{
    Str name;
    if (!variable_name(&name, st->name, st->nnames))
        return unresolved(a, st->name, st->nnames, "`system`.`session`");
    if (variable_drop(args->session, name) || st->if_exists) return DONE;
    return RAISE(VARIABLE_NOT_FOUND, P("variableName", full_name(a, name)));
}

// -- SET

typedef struct Targets {
    const Variable **v;
    const Type **type;
    int32_t n;
} Targets;
// target[i] has the name in part[].
static Status targets_of(const StatementArgs *args, Arena *a, Expr *const *target, int32_t n,
                         Targets *t)
{
    int32_t used;
    *t = (Targets){NEW(a, const Variable *, n), NEW(a, const Type *, n), n};
    for (int32_t i = 0; i < n; i++) {
        const Expr *e = target[i];
        t->v[i] = variable_find(args->session, e->part, e->nparts, &used);
        if (!t->v[i] || used != e->nparts)
            return unresolved(a, e->part, e->nparts, "`SYSTEM`.`SESSION`");
        t->type[i] = t->v[i]->type;
        for (int32_t k = 0; k < i; k++)
            if (t->v[k] == t->v[i])
                return RAISE(DUPLICATE_ASSIGNMENTS, P("nameList", quoted(a, &t->v[i]->name, 1)));
    }
    return DONE;
}
static Status assign(const StatementArgs *args, Arena *a, const Statement *st, const Targets *t,
                     Rel *rel)
{
    Column *value = NEW(a, Column, t->n);
    TRY(analyse(args->session, a, &rel));
    if (rel->out.n != t->n)
        return RAISE(ASSIGNMENT_ARITY_MISMATCH, P("numTarget", str_fmt(a, "%d", t->n)),
                     P("numExpr", str_fmt(a, "%lld", (long long)rel->out.n)));
    TRY(one_row(args, a, &st->at, rel, t->type, value));
    for (int32_t i = 0; i < t->n; i++)
        variable_set(args->session, t->v[i]->name, &value[i], (Str){0});
    return DONE;
}
static bool says_default(const Expr *e)
{
    return e->kind == E_NAME && e->nparts == 1 && str_ieq(e->part[0], S("default"));
}
Status set_variables(const StatementArgs *args, Arena *a, const Statement *st)
{
    Targets t;
    TRY(targets_of(args, a, st->expr, st->nexprs, &t));
    if (st->rel) return assign(args, a, st, &t, rel_copy(a, st->rel));
    Expr **value = NEW(a, Expr *, t.n);
    for (int32_t i = 0; i < t.n; i++) {
        const Expr *e = st->expr[i]->arg[0];
        if (!says_default(e)) {
            if (expr_any(e, says_default)) return RAISE(DEFAULT_PLACEMENT_INVALID);
            value[i] = expr_copy(a, e);
            continue;
        }
        Str text = str_copy(a, t.v[i]->dflt);
        TRY(parse_expr(&value[i], a, text.n ? text : S("NULL")));
    }
    return assign(args, a, st, &t, values_of(a, value, t.n));
}
Status no_variable_key(const Session *s, Arena *a, Str key)
{
    Str *part;
    int32_t n, used;
    if (!s->variables.n || parse_name(&part, &n, a, key).code) return DONE;
    if (!variable_find(s, part, n, &used) || used != n) return DONE;
    return RAISE(SET_VARIABLE_USING_SET, P("variableName", quoted(a, part, n)));
}

// -- EXECUTE IMMEDIATE

static Status statement_text(const StatementArgs *args, Arena *a, const Statement *st, Str *text)
{
    Expr *e = expr_copy(a, st->where);
    const Type *any = NULL;
    Column value;
    Rel *rel = values_of(a, &e, 1);
    TRY(analyse(args->session, a, &rel));
    const Type *type = rel->out.v[0].field.type;
    if (type->id != T_STRING && type->id != T_VOID)
        return RAISE(INVALID_EXPR_TYPE_FOR_QUERY_EXECUTE_IMMEDIATE,
                     P("exprType", str_fmt(a, "\"" STR_FMT "\"",
                                           STR_ARG(str_upper(a, type_name_str(a, type))))));
    TRY(one_row(args, a, &st->at, rel, &any, &value));
    Datum v = column_datum(a, &value, 0);
    if (v.null)
        return RAISE(NULL_QUERY_STRING_EXECUTE_IMMEDIATE,
                     P("varName", st->where->kind == E_NAME
                                      ? quoted(a, st->where->part, st->where->nparts)
                                      : st->where->at.text));
    *text = str_copy(a, v.s);
    return DONE;
}
static Status check_arguments(Arena *a, const Statement *st)
{
    for (int32_t i = 0; i < st->nexprs; i++) {
        const Expr *e = st->expr[i], *value = e->kind == E_ALIAS ? e->arg[0] : e;
        if (expr_any(value, is_subquery))
            return fail_at(RAISE(UNSUPPORTED_EXPR_FOR_PARAMETER,
                                 P("invalidExprSql", S("\"scalarsubquery()\""))),
                           &value->at);
        for (int32_t k = 0; k < i && e->kind == E_ALIAS; k++)
            if (st->expr[k]->kind == E_ALIAS && str_ieq(st->expr[k]->name, e->name))
                return fail_at(RAISE(EXEC_IMMEDIATE_DUPLICATE_ARGUMENT_ALIASES,
                                     P("aliases", quoted(a, &e->name, 1))),
                               &e->at);
    }
    return DONE;
}
// The arguments as literals, with the names they have: AS, or a variable's own.
static Status arguments_of(const StatementArgs *args, Arena *a, const Statement *st, SqlArgs *to)
{
    int32_t n = st->nexprs;
    Expr **value = NEW(a, Expr *, n + 1);
    Column *column = NEW(a, Column, n + 1);
    Str *name = NEW(a, Str, n + 1);
    const Type **any = NEW(a, const Type *, n + 1);
    TRY(check_arguments(a, st));
    if (!n) return DONE;
    for (int32_t i = 0; i < n; i++) {
        const Expr *e = st->expr[i];
        value[i] = expr_copy(a, e->kind == E_ALIAS ? e->arg[0] : e);
        if (e->kind == E_ALIAS) name[i] = e->name.n ? e->name : e->part[0];
        if (e->kind == E_NAME) name[i] = e->part[e->nparts - 1];
    }
    Rel *rel = values_of(a, value, n);
    TRY(analyse(args->session, a, &rel));
    TRY(one_row(args, a, &st->at, rel, any, column));
    for (int32_t i = 0; i < n; i++) {
        Datum v = column_datum(a, &column[i], 0);
        value[i] = expr_literal(a, column[i].type, &v);
    }
    to->name = name;
    to->named = to->positional = value;
    to->nnamed = to->npositional = n;
    return DONE;
}
static Status check_markers(Arena *a, const Statement *st, const SqlArgs *with)
{
    if (with->seen->named && with->seen->positional)
        return RAISE(INVALID_QUERY_MIXED_QUERY_PARAMETERS);
    Buf b = buf_new(a);
    for (int32_t i = 0; i < with->nnamed && with->seen->named; i++) {
        if (with->name[i].n) continue;
        buf_fmt(&b, "%s\"" STR_FMT "\"", b.n ? ", " : "", STR_ARG(expr_sql_str(a, st->expr[i])));
    }
    return b.n ? RAISE(ALL_PARAMETERS_MUST_BE_NAMED, P("exprs", buf_str(&b))) : DONE;
}
static Status run_into(const StatementArgs *args, Arena *a, const Statement *st,
                       const Statement *query, Str text)
{
    Targets t;
    if (query->kind != STMT_QUERY)
        return RAISE(INVALID_STATEMENT_FOR_EXECUTE_INTO, P("sqlString", str_upper(a, text)));
    TRY(targets_of(args, a, st->into, st->ninto, &t));
    return assign(args, a, st, &t, query->rel);
}
Status execute_immediate(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
{
    Statements parsed = {0};
    SqlMarkers seen = {0};
    SqlArgs with = {.seen = &seen};
    Str text = {0};
    if (args->depth >= EXECUTE_DEPTH_MAX)
        return fail(ERR_LIMIT, "EXECUTE IMMEDIATE executes itself, %d deep", EXECUTE_DEPTH_MAX);
    TRY(statement_text(args, a, st, &text));
    TRY(arguments_of(args, a, st, &with));
    TRY(parse_statements_with(&parsed, a, text, &with));
    if (parsed.n != 1) return RAISE(PARSE_EMPTY_STATEMENT);
    TRY(check_markers(a, st, &with));
    if (st->ninto) {
        TRY(run_into(args, a, st, parsed.v[0], text));
        return answer_nothing(to);
    }
    if (statement_stays(parsed.v[0])) {
        Arena *home = args->session->arena;
        parsed = (Statements){0};
        TRY(arguments_of(args, home, st, &with));
        TRY(parse_statements_with(&parsed, home, str_copy(home, text), &with));
    }
    StatementArgs inner = *args;
    inner.depth++;
    return statement_inside(&inner, a, parsed.v[0], to);
}
