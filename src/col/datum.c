// datum.c -- one value apart from its column: literals, bounds, options.
#include "col/column.h"

Datum column_datum(Arena *a, const Column *c, int32_t row)
{
    Datum v = {.null = column_null(c, row)};
    if (v.null) return v;
#define ROW(T) COLUMN_DATA(c, T)[row]
    switch (type_phys(c->type)) {
    case PHYS_BOOL: v.i = ROW(uint8_t); return v;
    case PHYS_I8: v.i = (int64_t)ROW(int8_t); return v;
    case PHYS_I16: v.i = ROW(int16_t); return v;
    case PHYS_I32: v.i = ROW(int32_t); return v;
    case PHYS_I64: v.i = ROW(int64_t); return v;
    case PHYS_F32: v.f = (double)ROW(float); return v;
    case PHYS_F64: v.f = ROW(double); return v;
    case PHYS_I128: v.d = ROW(Int128); return v;
    case PHYS_STR: v.s = ROW(Str); return v;
    case PHYS_INTERVAL: v.interval = ROW(Interval); return v;
    case PHYS_LIST:
    case PHYS_STRUCT: {
        Column *one = NEW(a, Column, 1);
        *one = column_gather(a, c, &row, 1);
        v.nested = one;
        return v;
    }
    }
#undef ROW
    must_failed("Phys", __FILE__, __LINE__);
}

// Appends the elements of the one list in `from` to the kids of c.
static void append_list(Arena *a, Column *c, int32_t row, const Column *from)
{
    List list = COLUMN_DATA(from, List)[0];
    COLUMN_DATA(c, List)[row] = (List){c->kid[0].rows, list.n};
    for (int32_t f = 0; f < c->type->nfields; f++) {
        Builder *b = builder_new(a, c->kid[f].type);
        builder_rows(b, &c->kid[f], NULL, c->kid[f].rows);
        int32_t *at = NEW_RAW(a, int32_t, list.n);
        for (int32_t k = 0; k < list.n; k++) at[k] = list.at + k;
        builder_rows(b, &from->kid[f], at, list.n);
        c->kid[f] = builder_column(b);
    }
}

static void set_null(Arena *a, Column *c, int32_t row)
{
    column_own_valid(a, c)[row] = 0;
    if (c->data) {
        int64_t width = phys_bytes(type_phys(c->type));
        memset((char *)c->data + row * width, 0, (size_t)width);
    }
    if (c->type->id == T_STRUCT)
        for (int32_t f = 0; f < c->type->nfields; f++) set_null(a, &c->kid[f], row);
}

void column_set(Arena *a, Column *c, int32_t row, const Datum *v)
{
    if (v->null) {
        set_null(a, c, row);
        return;
    }
    if (c->valid) c->valid[row] = 1;
#define ROW(T) COLUMN_DATA(c, T)[row]
    switch (type_phys(c->type)) {
    case PHYS_BOOL: ROW(uint8_t) = v->i != 0; return;
    case PHYS_I8: ROW(int8_t) = (int8_t)v->i; return;
    case PHYS_I16: ROW(int16_t) = (int16_t)v->i; return;
    case PHYS_I32: ROW(int32_t) = (int32_t)v->i; return;
    case PHYS_I64: ROW(int64_t) = v->i; return;
    case PHYS_F32: ROW(float) = (float)v->f; return;
    case PHYS_F64: ROW(double) = v->f; return;
    case PHYS_I128: ROW(Int128) = v->d; return;
    case PHYS_STR: ROW(Str) = v->s; return;
    case PHYS_INTERVAL: ROW(Interval) = v->interval; return;
    case PHYS_LIST: append_list(a, c, row, v->nested); return;
    case PHYS_STRUCT:
        for (int32_t f = 0; f < c->type->nfields; f++) {
            Datum field = column_datum(a, &v->nested->kid[f], 0);
            column_set(a, &c->kid[f], row, &field);
        }
        return;
    }
#undef ROW
    must_failed("Phys", __FILE__, __LINE__);
}

Column column_of_datum(Arena *a, const Type *t, const Datum *v, int32_t rows)
{
    if (v->null) return column_null_of(a, t, rows);
    Column one = column_new(a, t, 1);
    column_set(a, &one, 0, v);
    return column_gather(a, &one, NEW(a, int32_t, rows), rows);
}
