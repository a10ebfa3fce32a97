// insert.c -- a projection around the query. The query's columns get names of ours first, since its
// own may repeat.
#include "run/insert.h"

static bool is_datetime(const Type *t)
{
    return t->id == T_DATE || t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ;
}
static bool is_atomic(const Type *t) { return t->id < T_ARRAY; }
// Spark's ANSI store assignment: what may be cast without being asked.
static bool assignable(const Type *from, const Type *to)
{
    if (type_eq(from, to) || from->id == T_VOID) return true;
    if (type_is_numeric(from) && type_is_numeric(to)) return true;
    if (is_atomic(from) && to->id == T_STRING) return true;
    if (is_datetime(from) && is_datetime(to)) return true;
    if (from->id != to->id) return false;
    if (from->id == T_INTERVAL_DT || from->id == T_INTERVAL_YM) return true;
    if (is_atomic(from) || from->nfields != to->nfields) return false;
    for (int32_t i = 0; i < from->nfields; i++)
        if (!assignable(from->field[i].type, to->field[i].type)) return false;
    return true;
}
static Str names_of(Arena *a, const Str *name, const Field *field, int32_t n)
{
    Buf b = buf_new(a);
    must(name || field || !n);
    for (int32_t i = 0; i < n; i++)
        buf_fmt(&b, "%s`" STR_FMT "`", i ? ", " : "", STR_ARG(name ? name[i] : field[i].name));
    return buf_str(&b);
}
static const FixedColumn *fixed_of(const InsertShape *shape, Str name)
{
    for (int32_t i = 0; i < shape->nfixed; i++)
        if (str_ieq(shape->fixed[i].name, name)) return &shape->fixed[i];
    return NULL;
}
// The data's columns as Spark counts them: with the fixed ones in the table's order.
static Schema with_fixed(Arena *a, const InsertShape *shape, const Schema *from)
{
    Schema all = *from;
    if (shape->ncolumns || !shape->nfixed) return all;
    Field *f = NEW(a, Field, from->nfields + shape->to->nfields + 1);
    int32_t n = 0, taken = 0;
    for (int32_t i = 0; i < shape->to->nfields; i++) {
        if (fixed_of(shape, shape->to->field[i].name))
            f[n++] = shape->to->field[i];
        else if (taken < from->nfields)
            f[n++] = from->field[taken++];
    }
    while (taken < from->nfields) f[n++] = from->field[taken++];
    all.field = f;
    all.nfields = n;
    return all;
}
static Status check_count(Arena *a, const InsertShape *shape, const Schema *query)
{
    Schema spliced = with_fixed(a, shape, query), *from = &spliced;
    int32_t want = shape->ncolumns ? shape->ncolumns : shape->to->nfields, n = from->nfields;
    Str data = names_of(a, NULL, from->field, n);
    Str table = names_of(a, shape->ncolumns ? shape->column : NULL, shape->to->field, want);
    if (n < want)
        return RAISE(INSERT_COLUMN_ARITY_MISMATCH_NOT_ENOUGH, P("tableName", shape->table),
                     P("tableColumns", table), P("dataColumns", data));
    if (n > want)
        return RAISE(INSERT_COLUMN_ARITY_MISMATCH_TOO_MANY, P("tableName", shape->table),
                     P("tableColumns", table), P("dataColumns", data));
    return DONE;
}
// Which column of the query goes to the table's column i; -1: none.
static int32_t source_of(const InsertShape *shape, const Schema *from, int32_t i)
{
    Str name = shape->to->field[i].name;
    if (shape->by_name) return type_field(from, name);
    if (!shape->ncolumns) {
        int32_t k = i;
        for (int32_t c = 0; c < i; c++) k -= fixed_of(shape, shape->to->field[c].name) != NULL;
        return fixed_of(shape, name) ? -1 : k;
    }
    for (int32_t k = 0; k < shape->ncolumns; k++)
        if (str_ieq(shape->column[k], name)) return k;
    return -1;
}
static Str type_quoted(Arena *a, const Type *t)
{
    return str_fmt(a, "\"" STR_FMT "\"", STR_ARG(type_sql_str(a, t)));
}
static Status check_list(Arena *a, const InsertShape *shape)
{
    for (int32_t k = 0; k < shape->ncolumns; k++) {
        const Str *name = &shape->column[k];
        Str quoted = names_of(a, name, NULL, 1);
        if (type_field(shape->to, *name) < 0)
            return RAISE(UNRESOLVED_COLUMN_WITH_SUGGESTION, P("objectName", quoted),
                         P("proposal", names_of(a, NULL, shape->to->field, shape->to->nfields)));
        for (int32_t i = 0; i < k; i++)
            if (str_ieq(shape->column[i], *name))
                return RAISE(COLUMN_ALREADY_EXISTS, P("columnName", quoted));
    }
    return DONE;
}
static Status check_names(Arena *a, const InsertShape *shape, const Schema *from)
{
    for (int32_t k = 0; k < from->nfields; k++) {
        const Str *name = &from->field[k].name;
        Str quoted = names_of(a, name, NULL, 1);
        if (type_field(shape->to, *name) < 0)
            return RAISE(INCOMPATIBLE_DATA_EXTRA_COLUMNS, P("tableName", shape->table),
                         P("extraColumns", quoted));
        for (int32_t i = 0; i < k; i++)
            if (str_ieq(from->field[i].name, *name))
                return RAISE(INCOMPATIBLE_DATA_AMBIGUOUS_COLUMN, P("tableName", shape->table),
                             P("colName", quoted));
    }
    return DONE;
}
static Str own_name(Arena *a, int32_t i) { return str_fmt(a, "__insert_%d", i); }
static Status put_column(Arena *a, const InsertShape *shape, const Schema *from, int32_t i,
                         Expr **e)
{
    const Field *f = &shape->to->field[i];
    int32_t k = source_of(shape, from, i);
    const FixedColumn *fixed = fixed_of(shape, f->name);
    Expr *value = NULL;
    if (k < 0 && fixed) {
        value = expr_cast(a, fixed->value, f->type, CAST_SQL);
    } else if (k >= 0) {
        const Type *t = from->field[k].type;
        if (!assignable(t, f->type))
            return RAISE(INCOMPATIBLE_DATA_CANNOT_SAFELY_CAST, P("tableName", shape->table),
                         P("colName", names_of(a, NULL, f, 1)), P("srcType", type_quoted(a, t)),
                         P("targetType", type_quoted(a, f->type)));
        value = expr_name(a, own_name(a, k));
    } else if (f->dflt.n) {
        TRY(parse_expr(&value, a, f->dflt));
    } else if (f->nullable) {
        Datum null = {.null = true};
        value = expr_literal(a, &type_void, &null);
    } else {
        return RAISE(INCOMPATIBLE_DATA_CANNOT_FIND_DATA, P("tableName", shape->table),
                     P("colName", names_of(a, NULL, f, 1)));
    }
    *e = expr_alias(a, expr_cast(a, value, f->type, CAST_STORE), f->name);
    return DONE;
}
Status insert_rel(Session *s, Arena *a, const InsertShape *shape, Rel **rel)
{
    Rel *copy = rel_copy(a, *rel);
    TRY(analyse(s, a, &copy));
    const Schema *from = rel_schema(a, copy);
    TRY(check_list(a, shape));
    TRY(shape->by_name ? check_names(a, shape, from) : check_count(a, shape, from));
    Rel *alias = rel_new(a, REL_SUBQUERY_ALIAS, (*rel)->at, *rel);
    alias->name = NEW(a, Str, 1);
    alias->name[0] = S("__insert");
    alias->nnames = 1;
    alias->column_alias = NEW(a, Str, from->nfields + 1);
    alias->ncolumn_alias = from->nfields;
    for (int32_t i = 0; i < from->nfields; i++) alias->column_alias[i] = own_name(a, i);
    Rel *project = rel_new(a, REL_PROJECT, (*rel)->at, alias);
    project->expr = NEW(a, Expr *, shape->to->nfields + 1);
    project->nexprs = shape->to->nfields;
    for (int32_t i = 0; i < project->nexprs; i++)
        TRY(put_column(a, shape, from, i, &project->expr[i]));
    *rel = project;
    return DONE;
}
