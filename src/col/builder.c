// builder.c -- columns that grow. Arrays double in the arena; what they leave behind stays there
// until it ends, so a builder costs at most twice its rows.
#include "col/column_in.h"

struct Builder {
    Arena *arena;
    const Type *type;
    Phys phys;
    int32_t width; // bytes of a value
    int32_t n, cap;
    char *data;
    uint8_t *valid;      // NULL until the first NULL
    uint8_t *valid_room; // of cap bytes, kept over builder_clear
    Builder *kid;
    Column *kid_column; // what builder_column gives out
    int32_t at;         // of a list that has begun: its first element
};

enum { FIRST_ROWS = 16 };

static void builder_init(Builder *b, Arena *a, const Type *t)
{
    *b = (Builder){.arena = a, .type = t, .phys = type_phys(t), .width = phys_bytes(type_phys(t))};
    b->cap = FIRST_ROWS;
    if (b->width) b->data = arena_alloc_raw(a, b->width, 16, b->cap);
    if (t->nfields == 0) return;
    b->kid = NEW(a, Builder, t->nfields);
    b->kid_column = NEW(a, Column, t->nfields);
    for (int32_t i = 0; i < t->nfields; i++) builder_init(&b->kid[i], a, t->field[i].type);
}

Builder *builder_new(Arena *a, const Type *t)
{
    Builder *b = NEW(a, Builder, 1);
    builder_init(b, a, t);
    return b;
}

// Room for n rows more; they are counted at once, as valid ones. Returns where the first lies.
static char *builder_grow(Builder *b, int32_t n)
{
    must(n >= 0 && b->n <= INT32_MAX - n);
    if (b->n + n > b->cap) {
        int32_t cap = (int32_t)MIN(MAX((int64_t)b->cap * 2, b->n + n), INT32_MAX);
        if (b->width)
            b->data = arena_grow(b->arena, b->data, (int64_t)b->cap * b->width,
                                 (int64_t)cap * b->width, 16);
        if (b->valid) b->valid = arena_grow(b->arena, b->valid, b->cap, cap, 16);
        b->valid_room = b->valid;
        b->cap = cap;
    }
    if (b->valid && n) memset(b->valid + b->n, 1, (size_t)n);
    int32_t first = b->n;
    b->n += n;
    return b->width ? b->data + (int64_t)first * b->width : NULL;
}

static uint8_t *builder_own_valid(Builder *b)
{
    if (!b->valid) {
        if (!b->valid_room) b->valid_room = NEW_RAW(b->arena, uint8_t, b->cap);
        b->valid = b->valid_room;
        memset(b->valid, 1, (size_t)b->n);
    }
    return b->valid;
}

void builder_null(Builder *b)
{
    char *p = builder_grow(b, 1);
    if (p) memset(p, 0, (size_t)b->width);
    builder_own_valid(b)[b->n - 1] = 0;
    if (b->phys == PHYS_STRUCT)
        for (int32_t i = 0; i < b->type->nfields; i++) builder_null(&b->kid[i]);
}

static void copy_elements(Builder *b, List *list, const uint8_t *valid, const Column *from,
                          int32_t n)
{
    Arena *scratch = arena_new(NULL);
    int32_t *element, k = lists_unroll(list, valid, n, b->kid[0].n, &element, scratch);
    for (int32_t f = 0; f < b->type->nfields; f++)
        builder_rows(&b->kid[f], &from->kid[f], element, k);
    arena_free(scratch);
}

void builder_rows(Builder *b, const Column *c, const int32_t *row, int32_t n)
{
    if (n == 0) return;
    char *to = builder_grow(b, n);
    uint8_t *valid = NULL;
    if (c->valid) {
        valid = builder_own_valid(b) + b->n - n;
        for (int32_t i = 0; i < n; i++) valid[i] = c->valid[row ? row[i] : i];
    }
    if (to) rows_take(to, c->data, b->width, row, n);
    if (b->phys == PHYS_STR) strings_own(b->arena, (Str *)(void *)to, valid, n);
    if (b->phys == PHYS_LIST) copy_elements(b, (List *)(void *)to, valid, c, n);
    if (b->phys == PHYS_STRUCT)
        for (int32_t i = 0; i < b->type->nfields; i++) builder_rows(&b->kid[i], &c->kid[i], row, n);
}

void builder_datum(Builder *b, const Datum *v)
{
    if (v->null) {
        builder_null(b);
        return;
    }
    if (b->type->id >= T_ARRAY) {
        builder_rows(b, v->nested, NULL, 1);
        return;
    }
    char *p = builder_grow(b, 1);
    Column one = {.type = b->type, .data = p, .rows = 1};
    column_set(b->arena, &one, 0, v);
    if (b->phys == PHYS_STR) strings_own(b->arena, (Str *)(void *)p, NULL, 1);
}

int32_t builder_count(const Builder *b) { return b->n; }
const Type *builder_type(const Builder *b) { return b->type; }

void builder_start(Builder *b)
{
    must(b->phys == PHYS_LIST || b->phys == PHYS_STRUCT);
    b->at = b->phys == PHYS_LIST ? b->kid[0].n : b->n;
}

Builder *builder_kid(Builder *b, int32_t i)
{
    must(i >= 0 && i < b->type->nfields);
    return &b->kid[i];
}

void builder_end(Builder *b)
{
    char *p = builder_grow(b, 1);
    if (b->phys == PHYS_LIST) {
        List list = {b->at, b->kid[0].n - b->at};
        must(b->type->id == T_ARRAY || b->kid[0].n == b->kid[1].n);
        memcpy(p, &list, sizeof list);
        return;
    }
    for (int32_t i = 0; i < b->type->nfields; i++) must(b->kid[i].n == b->n);
}

Column builder_column(Builder *b)
{
    Column c = {.type = b->type, .valid = b->valid, .data = b->data, .rows = b->n};
    for (int32_t i = 0; i < b->type->nfields; i++) b->kid_column[i] = builder_column(&b->kid[i]);
    c.kid = b->kid_column;
    return c;
}

void builder_clear(Builder *b)
{
    b->n = 0;
    b->valid = NULL;
    for (int32_t i = 0; i < b->type->nfields; i++) builder_clear(&b->kid[i]);
}
