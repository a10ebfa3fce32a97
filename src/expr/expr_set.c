// expr_set.c -- ExprSet, a hash table of borrowed expressions.
#include "expr/expr_set.h"
#include "base/hash.h"

uint64_t expr_hash(const Expr *e)
{
    while (e->kind == E_ALIAS) e = e->arg[0];
    bool bound = e->kind == E_LAMBDA || e->kind == E_VAR; // equal whatever their ids
    uint64_t h = hash_mix((uint64_t)e->kind, bound ? 0 : (uint64_t)e->id);
    h = hash_mix(h, (uint64_t)(uintptr_t)e->fn ^ (uint64_t)(uintptr_t)e->agg);
    if (e->kind == E_LITERAL && !e->value.null) {
        Phys p = type_phys(e->type);
        if (p <= PHYS_I64) h = hash_mix(h, (uint64_t)e->value.i);
        if (p == PHYS_STR) h = hash_mix(h, hash_bytes(e->value.s));
    }
    for (int32_t i = 0; i < e->nargs; i++) h = hash_mix(h, expr_hash(e->arg[i]));
    return h;
}

// The slot of e, or the empty one where it belongs.
static int64_t slot_of(const ExprSet *s, const Expr *e)
{
    int64_t i = (int64_t)(expr_hash(e) & (uint64_t)(s->nslots - 1));
    while (s->slot[i] && !expr_eq(s->v[s->slot[i] - 1], e)) i = (i + 1) & (s->nslots - 1);
    return i;
}

int64_t expr_set_find(const ExprSet *s, const Expr *e)
{
    return s->nslots ? s->slot[slot_of(s, e)] - 1 : -1;
}

static void grow(ExprSet *s, Arena *a)
{
    s->nslots = s->nslots ? 2 * s->nslots : 16;
    s->slot = NEW(a, int32_t, s->nslots);
    for (int64_t i = 0; i < s->n; i++) s->slot[slot_of(s, s->v[i])] = (int32_t)i + 1;
}

int64_t expr_set_add(ExprSet *s, Arena *a, const Expr *e)
{
    int64_t at = expr_set_find(s, e);
    if (at >= 0) return at;
    if (2 * (s->n + 1) > s->nslots) grow(s, a);
    vec_push(a, s, e);
    s->slot[slot_of(s, e)] = (int32_t)s->n;
    return s->n - 1;
}
