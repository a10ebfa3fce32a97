// variable.c -- variables of a session, each in an arena of its own that goes with its value.
#include "plan/variable.h"

bool variable_name(Str *name, const Str *part, int32_t n)
{
    *name = part[n - 1];
    return n == 1 || (n == 2 && str_ieq(part[0], S("session"))) ||
           (n == 3 && str_ieq(part[0], S("system")) && str_ieq(part[1], S("session")));
}

const Variable *variable_find(const Session *s, const Str *part, int32_t n, int32_t *used)
{
    Str name;
    for (*used = MIN(n, 3); *used > 0; --*used) {
        const Variable *v = variable_name(&name, part, *used) ? map_get(&s->variables, name) : NULL;
        if (v) return v;
    }
    return NULL;
}

bool variable_drop(Session *s, Str name)
{
    Variable *v = map_remove(&s->variables, name);
    if (v) arena_free(v->arena);
    return v != NULL;
}

void variable_set(Session *s, Str name, const Column *value, Str dflt)
{
    Arena *a = arena_new(s->arena);
    Batch one = {.rows = 1, .cols = 1, .col = (Column *)value};
    Batch kept = batch_copy(a, &one);
    const Variable *old = map_get(&s->variables, name);
    Variable *v = NEW(a, Variable, 1);
    *v = (Variable){.name = str_lower(a, name), .type = kept.col[0].type, .arena = a};
    v->value = column_datum(a, &kept.col[0], 0);
    v->dflt = str_copy(a, dflt.p || !old ? dflt : old->dflt);
    variable_drop(s, name);
    map_set(&s->variables, v->name, v);
}

void variables_copy(Session *to, const Session *from)
{
    to->variables = map_new_fold(to->arena);
    for (int64_t i = 0; i < from->variables.n; i++) {
        const Variable *v = from->variables.entry[i].value;
        Column value = column_of_datum(to->arena, v->type, &v->value, 1);
        variable_set(to, v->name, &value, v->dflt);
    }
}

// As Spark writes a literal: 5L, 2.5D, 1.5BD.
static Str literal_sql(Arena *a, const Expr *e)
{
    if (e->value.null)
        return str_fmt(a, "CAST(NULL AS " STR_FMT ")",
                       STR_ARG(str_upper(a, type_name_str(a, e->type))));
    TypeId id = e->type->id;
    Str text = expr_sql_str(a, e);
    return id == T_BIGINT    ? str_cat(a, text, S("L"))
           : id == T_DOUBLE  ? str_cat(a, text, S("D"))
           : id == T_DECIMAL ? str_cat(a, text, S("BD"))
                             : text;
}

Expr *variable_expr(Arena *a, const Variable *v, Origin at)
{
    Column value_now = column_of_datum(a, v->type, &v->value, 1);
    Batch kept = batch_copy(a, &(Batch){.rows = 1, .cols = 1, .col = &value_now}); // outlives v
    Datum own = column_datum(a, &kept.col[0], 0);
    Expr *e = expr_literal(a, kept.col[0].type, &own);
    e->at = at;
    e->name = str_fmt(a, "variablereference(system.session." STR_FMT "=" STR_FMT ")",
                      STR_ARG(v->name), STR_ARG(literal_sql(a, e)));
    return e;
}
