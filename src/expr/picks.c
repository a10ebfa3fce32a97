// picks.c -- see picks_in.h.
#include "expr/picks_in.h"

Picks picks_of(const KernelCall *k, const Column *const *src)
{
    return (Picks){.k = k, .src = src};
}

void picks_end_row(Picks *p, int32_t i)
{
    COLUMN_DATA(p->k->out, List)[i] = (List){p->start, (int32_t)p->which.n - p->start};
    p->start = (int32_t)p->which.n;
}

Column picks_column(Picks *p, const Type *t)
{
    Splice s = {p->src, p->which.v, p->row.v};
    return splice(p->k->scratch, t, &s, (int32_t)p->which.n);
}

void picks_finish(Picks *p) { p->k->out->kid[0] = picks_column(p, p->k->out->type->field[0].type); }
