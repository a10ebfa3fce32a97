// analyse_update.c -- withField and dropFields of DataFrame columns: a struct made anew from the
// fields of the old one, NULL where that is.
#include "plan/analyse_in.h"

static Expr *name_literal(Arena *a, Str name)
{
    return expr_literal(a, &type_string, &(Datum){.s = name});
}

static Status null_unless(Names *n, Expr *of, Expr **made)
{
    Arena *a = n->an->a;
    Expr *arg[3];
    if (!of->nullable) return DONE;
    TRY(fn_make(&arg[0], a, n->an->ctx, S("isnull"), &of, 1));
    arg[1] = expr_literal(a, (*made)->type, &(Datum){.null = true});
    arg[2] = *made;
    return fn_make(made, a, n->an->ctx, S("case"), arg, 3);
}

typedef struct Update { // value NULL: the field goes
    const Str *path;
    int32_t n;
    Expr *value;
} Update;

static Status update(Names *n, Expr *of, const Update *u, Expr **made);

static Status updated_field(Names *n, Expr *field, const Update *u, Expr **made)
{
    *made = u->value;
    Update inner = {u->path + 1, u->n - 1, u->value};
    return u->n > 1 ? update(n, field, &inner, made) : DONE;
}

static Status update(Names *n, Expr *of, const Update *u, Expr **made)
{
    Arena *a = n->an->a;
    VEC(Expr *) arg = {0};
    bool found = false;
    if (of->type->id != T_STRUCT)
        return RAISE(DATATYPE_MISMATCH_UNEXPECTED_INPUT_TYPE, P("sqlExpr", quoted_expr(a, of)),
                     P("paramIndex", S("first")), P("requiredType", S("\"STRUCT\"")),
                     P("inputSql", quoted_expr(a, of)),
                     P("inputType", quoted_type_of(a, of->type)));
    for (int32_t i = 0; i < of->type->nfields; i++) {
        Str name = of->type->field[i].name;
        Expr *e = expr_field_at(a, of, i);
        if (an_names_eq(n->an, name, u->path[0])) {
            found = true;
            name = u->path[0];
            TRY(updated_field(n, e, u, &e));
        }
        if (!e) continue;
        vec_push(a, &arg, name_literal(a, name));
        vec_push(a, &arg, e);
    }
    if (!found && u->n > 1)
        return RAISE(FIELD_NOT_FOUND, P("fieldName", quoted_parts(a, u->path, 1)),
                     P("fields", quoted_type_of(a, of->type)));
    if (!found && u->value) {
        vec_push(a, &arg, name_literal(a, u->path[0]));
        vec_push(a, &arg, u->value);
    }
    if (!arg.n) return RAISE(CANNOT_DROP_ALL_FIELDS, P("sqlExpr", quoted_expr(a, of)));
    TRY(fn_make(made, a, n->an->ctx, S("named_struct"), arg.v, (int32_t)arg.n));
    return null_unless(n, of, made);
}

// update_fields(s, WithField(1), dropfield()): calls on top of each other are one.
static Str shown_name(Arena *a, const Expr *of, const Expr *value)
{
    Str text = expr_sql_str(a, of);
    bool more = str_starts(text, S("update_fields(")) && of->kind == E_ALIAS;
    Str head =
        more ? str_sub(text, 0, text.n - 1) : str_fmt(a, "update_fields(" STR_FMT, STR_ARG(text));
    if (!value) return str_fmt(a, STR_FMT ", dropfield())", STR_ARG(head));
    return str_fmt(a, STR_FMT ", WithField(" STR_FMT "))", STR_ARG(head),
                   STR_ARG(expr_sql_str(a, value)));
}

bool is_update(const Expr *call)
{
    return str_eq(call->name, S("with_field")) || str_eq(call->name, S("drop_field"));
}

Status resolve_update(Names *n, Expr **e)
{
    Arena *a = n->an->a;
    Expr *call = *e, *made = NULL;
    Update u = {.value = NULL};
    VEC(Str) path = {0};
    for (Cut c = str_cut(call->arg[1]->value.s, '.');; c = str_cut(c.tail, '.')) {
        vec_push(a, &path, c.head);
        if (!c.ok) break;
    }
    TRY(resolve(n, &call->arg[0]));
    if (call->nargs > 2) TRY(resolve(n, &call->arg[2]));
    u = (Update){path.v, (int32_t)path.n, call->nargs > 2 ? call->arg[2] : NULL};
    Expr *of = call->arg[0];
    while (of->kind == E_ALIAS && of->outer) of = of->arg[0];
    TRY(update(n, of, &u, &made));
    Expr *alias = expr_alias(a, made, shown_name(a, call->arg[0], u.value));
    alias->outer = true; // stands for its name
    alias->at = call->at;
    *e = alias;
    return DONE;
}
