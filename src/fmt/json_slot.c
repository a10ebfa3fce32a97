// json_slot.c -- values into columns. A row may be written more than once (a record that turns out
// odd is read again); the last write counts, and elements that no list points to stay unseen.
#include "fmt/json_in.h"

void json_slot_make(JsonSlot *s, Arena *a, const Type *t, Str name)
{
    *s = (JsonSlot){.type = t, .name = name, .phys = type_phys(t), .nkids = t->nfields};
    s->bytes = phys_bytes(s->phys);
    s->kid = NEW(a, JsonSlot, t->nfields);
    s->names = map_new(a);
    for (int32_t i = 0; i < t->nfields; i++) {
        json_slot_make(&s->kid[i], a, t->field[i].type, t->field[i].name);
        if (t->id == T_STRUCT) map_set(&s->names, t->field[i].name, &s->kid[i]);
    }
}

static void make_empty(JsonSlot *s) // of a list's elements
{
    s->rows = s->cap = 0;
    if (s->phys == PHYS_STRUCT)
        for (int32_t i = 0; i < s->nkids; i++) make_empty(&s->kid[i]);
}

void json_slot_start(JsonSlot *s, Arena *scratch, int32_t rows)
{
    s->valid = NEW_RAW(scratch, uint8_t, rows);
    s->data = s->bytes ? arena_alloc_raw(scratch, s->bytes, _Alignof(max_align_t), rows) : NULL;
    s->rows = s->cap = rows;
    for (int32_t i = 0; i < s->nkids; i++) {
        if (s->phys == PHYS_STRUCT)
            json_slot_start(&s->kid[i], scratch, rows);
        else
            make_empty(&s->kid[i]);
    }
}

static void grow_to(Arena *a, JsonSlot *s, int32_t cap)
{
    int64_t old = s->cap;
    s->valid = arena_grow(a, old ? s->valid : NULL, old, cap, 1);
    if (s->bytes)
        s->data = arena_grow(a, old ? s->data : NULL, old * s->bytes, (int64_t)cap * s->bytes,
                             _Alignof(max_align_t));
    if (s->phys == PHYS_STRUCT)
        for (int32_t i = 0; i < s->nkids; i++) grow_to(a, &s->kid[i], cap);
    else if (old == 0)
        for (int32_t i = 0; i < s->nkids; i++) make_empty(&s->kid[i]);
    s->cap = cap;
}

int32_t json_slot_grow(JsonReader *r, JsonSlot *s, int32_t n)
{
    must(n >= 0 && n <= INT32_MAX - s->rows);
    int32_t at = s->rows;
    if (at + (int64_t)n > s->cap) {
        int64_t cap = MAX(MAX(INT64_C(2) * s->cap, at + (int64_t)n), 64);
        grow_to(r->scratch, s, (int32_t)MIN(cap, INT32_MAX));
    }
    s->rows += n;
    return at;
}

void json_slot_null(JsonSlot *s, int32_t row)
{
    s->valid[row] = 0;
    if (s->bytes) memset((char *)s->data + (int64_t)row * s->bytes, 0, (size_t)s->bytes);
    if (s->phys == PHYS_STRUCT)
        for (int32_t i = 0; i < s->nkids; i++) json_slot_null(&s->kid[i], row);
}

void json_slot_datum(JsonSlot *s, int32_t row, const Datum *v)
{
    s->valid[row] = 1;
    switch (s->phys) {
    case PHYS_BOOL: ((uint8_t *)s->data)[row] = v->i != 0; return;
    case PHYS_I8: ((int8_t *)s->data)[row] = (int8_t)v->i; return;
    case PHYS_I16: ((int16_t *)s->data)[row] = (int16_t)v->i; return;
    case PHYS_I32: ((int32_t *)s->data)[row] = (int32_t)v->i; return;
    case PHYS_I64: ((int64_t *)s->data)[row] = v->i; return;
    case PHYS_F32: ((float *)s->data)[row] = (float)v->f; return;
    case PHYS_F64: ((double *)s->data)[row] = v->f; return;
    case PHYS_I128: ((Int128 *)s->data)[row] = v->d; return;
    case PHYS_STR: ((Str *)s->data)[row] = v->s; return;
    case PHYS_INTERVAL: ((Interval *)s->data)[row] = v->interval; return;
    case PHYS_LIST:
    case PHYS_STRUCT: break;
    }
    must(false);
}

void json_slot_put(JsonReader *r, JsonSlot *s, int32_t row, const JsonValue *v)
{
    if (v->v.null) {
        json_slot_null(s, row);
        return;
    }
    if (s->phys == PHYS_STRUCT) {
        s->valid[row] = 1;
        for (int32_t i = 0; i < s->nkids; i++) json_slot_put(r, &s->kid[i], row, &v->kid[i]);
    } else if (s->phys == PHYS_LIST) {
        int32_t at = 0;
        for (int32_t k = 0; k < s->nkids; k++) {
            at = json_slot_grow(r, &s->kid[k], v->n);
            for (int32_t i = 0; i < v->n; i++)
                json_slot_put(r, &s->kid[k], at + i, &v->kid[i * s->nkids + k]);
        }
        s->valid[row] = 1;
        ((List *)s->data)[row] = (List){at, v->n};
    } else
        json_slot_datum(s, row, &v->v);
}

Column json_slot_column(JsonSlot *s, Arena *scratch, int32_t rows)
{
    Column c = {.type = s->type, .data = s->data, .rows = rows};
    if (rows && memchr(s->valid, 0, (size_t)rows)) c.valid = s->valid;
    c.kid = NEW(scratch, Column, s->nkids);
    for (int32_t i = 0; i < s->nkids; i++)
        c.kid[i] =
            json_slot_column(&s->kid[i], scratch, s->phys == PHYS_STRUCT ? rows : s->kid[i].rows);
    return c;
}
