// lower_user.c -- REL_USER: the arguments of its calls, each once, and which call takes which.
#include "op/user.h"
#include "plan/lower_in.h"
#include "plan/optimise_in.h"

typedef struct Args {
    Lower *l;
    const Flow *f;
    VEC(Expr *) arg;
    VEC(Field) field;
} Args;

static Status arg_of(Args *s, const Expr *e, int32_t *at)
{
    Arena *a = s->l->a;
    Expr *bound = NULL;
    TRY(flow_bind(s->l, s->f, e, &bound));
    for (*at = 0; *at < s->arg.n; ++*at)
        if (expr_deterministic(bound) && expr_eq(s->arg.v[*at], bound)) return DONE;
    vec_push(a, &s->arg, bound);
    vec_push(a, &s->field, field_of(str_fmt(a, "_%d", *at), bound->type, bound->nullable));
    return DONE;
}
static Status call_of(Args *s, const Expr *e, UserCall *call)
{
    Arena *a = s->l->a;
    int32_t n = 0;
    const Expr *first = user_chain(e, &n);
    const UserFn **fn = NEW(a, const UserFn *, n);
    for (int32_t i = n - 1; i >= 0; i--) {
        fn[i] = e->user;
        if (i > 0) e = e->arg[0];
    }
    int32_t *arg = NEW(a, int32_t, first->nargs);
    for (int32_t i = 0; i < first->nargs; i++) TRY(arg_of(s, first->arg[i], &arg[i]));
    *call =
        (UserCall){.fn = fn, .nfns = n, .nargs = first->nargs, .arg = arg, .keyword = first->part};
    return DONE;
}
Status lower_user(Lower *l, const Rel *r, Flow *f)
{
    TRY(lower_rel(l, r->input[0], f));
    Args args = {.l = l, .f = f};
    UserCall *call = NEW(l->a, UserCall, r->nexprs);
    Field *made = NEW(l->a, Field, r->nexprs);
    UserSpec *spec = NEW(l->a, UserSpec, 1);
    for (int32_t i = 0; i < r->nexprs; i++) {
        const Attr *at = attrs_find(&r->out, r->expr[i]->id);
        must(at);
        made[i] = at->field;
        TRY(call_of(&args, r->expr[i]->arg[0], &call[i]));
    }
    for (int32_t i = 0; i < r->nexprs; i++) flow_add(l, f, &made[i], r->expr[i]->id);
    *spec = (UserSpec){.calls = {.call = call,
                                 .n = r->nexprs,
                                 .args = type_struct(l->a, args.field.v, (int32_t)args.field.n),
                                 .made = type_struct(l->a, made, r->nexprs)},
                       .arg = args.arg.v,
                       .host = l->session->users};
    must(spec->host);
    flow_op(l, f, &op_user, spec);
    return DONE;
}
