// analyse_user.c -- calls of users' functions: what they give is what was declared; arguments are
// as they are, by place or by keyword.
#include "base/hash.h"
#include "expr/user_fn.h"
#include "plan/analyse_in.h"

bool is_user_function(const Analyser *an, const Expr *call)
{
    return call->kind == E_CALL && map_get(&an->s->functions, call->name);
}

static bool is_named(const Expr *e) { return e->kind == E_CALL && str_eq(e->name, S("=>")); }

// Places first, as written; then keywords, each once.
static Status part_arguments(Names *n, Expr *call, Expr ***value, Str **keyword, int32_t *nnamed)
{
    Arena *a = n->an->a;
    Str routine = quoted_parts(a, &call->user->name, 1);
    int32_t all = call->nargs, places = 0;
    *value = NEW(a, Expr *, all + 1);
    *keyword = NEW(a, Str, all + 1);
    *nnamed = 0;
    for (int32_t i = 0; i < all; i++) {
        Expr *arg = call->arg[i];
        if (!is_named(arg)) {
            if (*nnamed)
                return fail_at(
                    RAISE(UNEXPECTED_POSITIONAL_ARGUMENT, P("routineName", routine),
                          P("parameterName", quoted_parts(a, &(*keyword)[*nnamed - 1], 1))),
                    &arg->at);
            call->arg[places++] = arg;
            continue;
        }
        Str name = arg->arg[0]->value.s;
        for (int32_t k = 0; k < *nnamed; k++)
            if (str_ieq((*keyword)[k], name))
                return fail_at(RAISE(DOUBLE_NAMED_ARGUMENT_REFERENCE, P("routineName", routine),
                                     P("parameterName", quoted_parts(a, &name, 1))),
                               &arg->at);
        (*value)[*nnamed] = arg->arg[1];
        (*keyword)[(*nnamed)++] = name;
    }
    call->nargs = places;
    return DONE;
}

static Status resolve_arguments_of(Names *n, Expr *call)
{
    Arena *a = n->an->a;
    Expr **value = NULL;
    Str *keyword = NULL;
    int32_t named = 0;
    TRY(part_arguments(n, call, &value, &keyword, &named));
    TRY(resolve_arguments(n, call));
    TRY(resolve_all(n, value, named));
    int32_t places = call->nargs;
    Expr **arg = NEW(a, Expr *, places + named);
    call->part = NEW(a, Str, places + named);
    for (int32_t i = 0; i < places; i++) arg[i] = call->arg[i];
    for (int32_t i = 0; i < named; i++) {
        arg[places + i] = value[i];
        call->part[places + i] = keyword[i];
    }
    call->arg = arg;
    call->nargs = call->nparts = places + named;
    return DONE;
}

Status resolve_user(Names *n, Expr **e)
{
    Expr *call = *e;
    Analyser *an = n->an;
    if (call->kind == E_CALL) {
        const UserFn *f = map_get(&an->s->functions, call->name);
        must(f);
        if (an->use) view_uses(an->use, S("FUNCTION"), f->name);
        if (call->distinct || call->filter || call->norder)
            return fail_at(RAISE(FUNCTION_WITH_UNSUPPORTED_SYNTAX,
                                 P("prettyName", S("`pythonudf`")),
                                 P("syntax", call->distinct ? S("DISTINCT") : S("FILTER CLAUSE"))),
                           &call->at);
        call->kind = E_USER;
        call->user = f;
    }
    if (!an->s->users)
        return RAISE(UNSUPPORTED_FEATURE,
                     P("feature", str_fmt(an->a,
                                          "the Python function " STR_FMT " where no Python "
                                          "may run",
                                          STR_ARG(call->user->name))),
                     P("needs", S("use built-in functions")));
    TRY(resolve_arguments_of(n, call));
    call->type = call->user->type;
    call->nullable = true;
    call->id = (int32_t)(hash_bytes(call->user->code) & INT32_MAX); // as it is shown
    if (!n->lambda) return DONE;
    return fail_at(RAISE(UNSUPPORTED_FEATURE_LAMBDA_FUNCTION_WITH_PYTHON_UDF,
                         P("funcName", quoted_expr(an->a, call))),
                   &call->at);
}
