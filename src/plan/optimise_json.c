// optimise_json.c -- from_json reads only the fields that are asked for. Not where the other fields
// show: FAILFAST fails for them, and a corrupt-record column names them.
#include "plan/optimise_in.h"

typedef struct JsonUse {
    const Expr *call;
    bool whole;
    uint8_t *field;
} JsonUse;
typedef struct JsonUses {
    Optimiser *o;
    VEC(JsonUse) v;
} JsonUses;

static bool prunable(const Expr *e)
{
    if (!expr_is_fn(e, S("from_json")) || e->type->id != T_STRUCT || e->nargs > 2) return false;
    return type_field(e->type, S("_corrupt_record")) == -1;
}

static JsonUse *use_of(JsonUses *u, const Expr *call)
{
    for (int64_t i = 0; i < u->v.n; i++)
        if (expr_eq(u->v.v[i].call, call)) return &u->v.v[i];
    JsonUse use = {.call = call, .field = NEW(u->o->a, uint8_t, call->type->nfields + 1)};
    vec_push(u->o->a, &u->v, use);
    return &u->v.v[u->v.n - 1];
}

static void collect(JsonUses *u, const Expr *e)
{
    if (e->kind == E_FIELD && prunable(e->arg[0])) {
        use_of(u, e->arg[0])->field[e->id] = 1;
        return;
    }
    if (prunable(e)) use_of(u, e)->whole = true;
    for (int32_t i = 0; i < e->nargs; i++) collect(u, e->arg[i]);
    if (e->filter) collect(u, e->filter);
}

static int32_t new_index(const JsonUse *u, int32_t field)
{
    int32_t n = 0;
    for (int32_t i = 0; i < field; i++) n += u->field[i];
    return n;
}

static Expr *pruned_call(Optimiser *o, const JsonUse *u)
{
    const Type *t = u->call->type;
    VEC(Field) kept = {0};
    for (int32_t i = 0; i < t->nfields; i++)
        if (u->field[i]) vec_push(o->a, &kept, t->field[i]);
    Expr *call = expr_copy(o->a, u->call);
    call->type = type_struct(o->a, kept.v, (int32_t)kept.n);
    Datum ddl = {.s = type_sql_str(o->a, call->type)};
    call->arg[1] = expr_literal(o->a, &type_string, &ddl);
    return call;
}

static Status replace(void *ctx, Expr **e)
{
    JsonUses *u = ctx;
    Expr *f = *e;
    if (f->kind != E_FIELD || !prunable(f->arg[0])) return DONE;
    for (int64_t i = 0; i < u->v.n; i++) {
        const JsonUse *use = &u->v.v[i];
        if (use->whole || !expr_eq(use->call, f->arg[0])) continue;
        f->arg[0] = pruned_call(u->o, use);
        f->id = new_index(use, f->id);
        return DONE;
    }
    return DONE;
}

static Status json_rel(Optimiser *o, Rel **r)
{
    JsonUses u = {.o = o};
    for (int32_t i = 0; i < (*r)->nexprs; i++) collect(&u, (*r)->expr[i]);
    for (int32_t i = 0; i < (*r)->ngroup; i++) collect(&u, (*r)->group[i]);
    for (int64_t i = 0; i < u.v.n; i++) u.v.v[i].call = expr_copy(o->a, u.v.v[i].call);
    return u.v.n ? rel_exprs_walk(*r, replace, &u) : DONE;
}

Status rule_json(Optimiser *o, Rel **r) { return each_rel(o, r, json_rel); }
