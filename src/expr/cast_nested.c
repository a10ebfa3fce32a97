// cast_nested.c -- casts of structs, arrays and maps: each part is cast as a column of its own. A
// part that fails under try_cast is NULL inside its value; the value stays.
#include "expr/cast_in.h"

typedef struct Parts { // CastCall.own: a bound cast for each kid, kernel NULL when it stays as it
                       // is
    Bound *of;
} Parts;

Status cast_nested_bind(Arena *a, const CastPair *pair, const EvalCtx *ctx, CastCall *c)
{
    Parts *parts = NEW(a, Parts, 1);
    parts->of = NEW(a, Bound, pair->from->nfields);
    for (int32_t i = 0; i < pair->from->nfields; i++) {
        CastPair part = {pair->from->field[i].type, pair->to->field[i].type, pair->mode,
                         pair->column};
        if (!type_eq(part.from, part.to)) TRY(cast_bind(a, &part, ctx, &parts->of[i]));
    }
    c->own = parts;
    return DONE;
}

Status cast_column(const Bound *b, const Column *in, const uint8_t *active, Column *out,
                   const KernelCall *outer)
{
    KernelCall k = {.in = &in,
                    .nin = 1,
                    .rows = in->rows,
                    .out = out,
                    .active = active,
                    .scratch = outer->scratch,
                    .bound = b->data,
                    .ctx = outer->ctx};
    out->rows = in->rows;
    out->valid = in->valid;
    if (b->flags & FN_MAY_NULL) {
        out->valid = NEW_RAW(outer->scratch, uint8_t, in->rows);
        if (in->valid)
            memcpy(out->valid, in->valid, (size_t)in->rows);
        else
            memset(out->valid, 1, (size_t)in->rows);
    }
    return b->kernel(&k);
}

static uint8_t *live_rows(const KernelCall *k)
{
    if (!k->active && !k->out->valid) return NULL;
    uint8_t *live = NEW_RAW(k->scratch, uint8_t, k->rows);
    for (int32_t i = 0; i < k->rows; i++) live[i] = kernel_live(k, i);
    return live;
}

// The elements that belong to rows which matter.
static uint8_t *live_elements(const KernelCall *k, int32_t elements)
{
    if (!k->active && !k->out->valid) return NULL;
    uint8_t *live = NEW(k->scratch, uint8_t, elements);
    const List *list = COLUMN_DATA(k->in[0], List);
    for (int32_t i = 0; i < k->rows; i++)
        if (kernel_live(k, i)) memset(live + list[i].at, 1, (size_t)list[i].n);
    return live;
}

static Status cast_kids(const KernelCall *k, const uint8_t *active)
{
    const Parts *parts = ((const CastCall *)k->bound)->own;
    const Column *in = k->in[0];
    Column *out = k->out;
    for (int32_t i = 0; i < in->type->nfields; i++) {
        if (!parts->of[i].kernel) {
            out->kid[i] = in->kid[i];
            continue;
        }
        out->kid[i] = column_new(k->scratch, out->type->field[i].type, in->kid[i].rows);
        TRY(cast_column(&parts->of[i], &in->kid[i], active, &out->kid[i], k));
    }
    return DONE;
}

static Status cast_struct(const KernelCall *k) { return cast_kids(k, live_rows(k)); }

static Status cast_list(const KernelCall *k)
{
    memcpy(k->out->data, k->in[0]->data, (size_t)k->rows * sizeof(List));
    return cast_kids(k, live_elements(k, k->in[0]->kid[0].rows));
}

Kernel cast_nested_kernel(const CastCall *c)
{
    return c->from->id == T_STRUCT ? cast_struct : cast_list;
}
