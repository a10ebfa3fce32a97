// out.c -- an Out that keeps what it gets.
#include "col/out.h"

static Status keep(Out *out, const Batch *b)
{
    OutKept *k = CONTAINER(out, OutKept, out);
    vec_push(k->arena, &k->batch, batch_copy(k->arena, b));
    return DONE;
}
OutKept out_kept(Arena *a) { return (OutKept){.out = {keep}, .arena = a}; }
