// column.c -- making, taking rows of, and copying columns. A loop here runs over values of one
// width; what a value means matters only where strings and lists point to more.
#include "col/column_in.h"

Column column_new(Arena *a, const Type *t, int32_t rows)
{
    Column c = {.type = t, .rows = rows};
    Phys p = type_phys(t);
    if (p != PHYS_STRUCT) c.data = arena_alloc_raw(a, phys_bytes(p), 16, rows);
    if (t->nfields) c.kid = NEW(a, Column, t->nfields);
    for (int32_t i = 0; i < t->nfields; i++)
        c.kid[i] = column_new(a, t->field[i].type, p == PHYS_STRUCT ? rows : 0);
    return c;
}

uint8_t *column_own_valid(Arena *a, Column *c)
{
    if (!c->valid) {
        c->valid = NEW_RAW(a, uint8_t, c->rows);
        memset(c->valid, 1, (size_t)c->rows);
    }
    return c->valid;
}

Column column_null_of(Arena *a, const Type *t, int32_t rows)
{
    Column c = column_new(a, t, rows);
    if (c.data) memset(c.data, 0, (size_t)(rows * (int64_t)phys_bytes(type_phys(t))));
    c.valid = NEW(a, uint8_t, rows);
    if (t->id == T_STRUCT)
        for (int32_t i = 0; i < t->nfields; i++)
            c.kid[i] = column_null_of(a, t->field[i].type, rows);
    return c;
}

typedef struct Wide { // a value of 16 bytes, whatever it is
    uint64_t word[2];
} Wide;

void rows_take(void *out, const void *data, int64_t width, const int32_t *row, int32_t n)
{
    if (!row) {
        if (n) memcpy(out, data, (size_t)(n * width));
        return;
    }
#define TAKE(T)                                                                                    \
    for (int32_t i = 0; i < n; i++) ((T *)out)[i] = ((const T *)data)[row[i]]
    if (width == 1)
        TAKE(uint8_t);
    else if (width == 2)
        TAKE(uint16_t);
    else if (width == 4)
        TAKE(uint32_t);
    else if (width == 8)
        TAKE(uint64_t);
    else
        TAKE(Wide);
#undef TAKE
}
static void *take_rows(Arena *a, const void *data, int64_t width, const int32_t *row, int32_t n)
{
    void *out = arena_alloc_raw(a, width, 16, n);
    rows_take(out, data, width, row, n);
    return out;
}

void strings_own(Arena *a, Str *s, const uint8_t *valid, int32_t n)
{
    int64_t bytes = 0;
    for (int32_t i = 0; i < n; i++) {
        if (valid && !valid[i]) s[i] = (Str){0};
        bytes += s[i].n;
    }
    char *to = NEW_RAW(a, char, bytes);
    for (int32_t i = 0; i < n; i++) {
        if (s[i].n) memcpy(to, s[i].p, (size_t)s[i].n);
        s[i].p = to;
        to += s[i].n;
    }
}

int32_t lists_unroll(List *list, const uint8_t *valid, int32_t n, int32_t base, int32_t **element,
                     Arena *scratch)
{
    int64_t total = 0;
    for (int32_t i = 0; i < n; i++) {
        if (valid && !valid[i]) list[i] = (List){0};
        total += list[i].n;
    }
    must(total <= INT32_MAX - base);
    int32_t *at = NEW_RAW(scratch, int32_t, total), k = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t first = k;
        for (int32_t j = 0; j < list[i].n; j++) at[k++] = list[i].at + j;
        list[i].at = base + first;
    }
    *element = at;
    return k;
}

static Column column_take(Arena *a, const Column *c, const int32_t *row, int32_t n, bool deep);

static void own_elements(Arena *a, Column *c, const Column *from)
{
    Arena *scratch = arena_new(NULL);
    int32_t *element, k = lists_unroll(c->data, c->valid, c->rows, 0, &element, scratch);
    for (int32_t i = 0; i < c->type->nfields; i++)
        c->kid[i] = column_take(a, &from->kid[i], element, k, true);
    arena_free(scratch);
}

static Column column_take(Arena *a, const Column *c, const int32_t *row, int32_t n, bool deep)
{
    Column out = {.type = c->type, .rows = n};
    Phys p = type_phys(c->type);
    if (c->valid) out.valid = take_rows(a, c->valid, 1, row, n);
    if (p != PHYS_STRUCT) out.data = take_rows(a, c->data, phys_bytes(p), row, n);
    if (p == PHYS_STR && deep) strings_own(a, out.data, out.valid, n);
    int32_t kids = c->type->nfields;
    if (kids == 0) return out;
    out.kid = NEW_RAW(a, Column, kids);
    if (p == PHYS_LIST && deep) {
        own_elements(a, &out, c);
        return out;
    }
    for (int32_t i = 0; i < kids; i++)
        out.kid[i] = p == PHYS_LIST ? c->kid[i] : column_take(a, &c->kid[i], row, n, deep);
    return out;
}

Column column_copy(Arena *a, const Column *c, const int32_t *row, int32_t n)
{
    return column_take(a, c, row, n, true);
}

Column column_gather(Arena *a, const Column *c, const int32_t *row, int32_t n)
{
    return column_take(a, c, row, n, false);
}

static Column column_slice(Arena *a, const Column *c, int32_t at, int32_t n)
{
    Column out = *c;
    Phys p = type_phys(c->type);
    out.rows = n;
    if (c->valid) out.valid = c->valid + at;
    if (!column_here(c)) return out; // nobody above needs it
    if (p != PHYS_STRUCT) {
        out.data = (char *)c->data + (int64_t)at * phys_bytes(p);
        return out;
    }
    out.kid = NEW_RAW(a, Column, c->type->nfields);
    for (int32_t i = 0; i < c->type->nfields; i++) out.kid[i] = column_slice(a, &c->kid[i], at, n);
    return out;
}

Batch batch_new(Arena *a, const Schema *s, int32_t rows)
{
    Batch b = {.rows = rows, .cols = s->nfields, .col = NEW_RAW(a, Column, s->nfields)};
    for (int32_t i = 0; i < b.cols; i++) b.col[i] = column_new(a, s->field[i].type, rows);
    return b;
}

static Batch batch_take(Arena *a, const Batch *b, const int32_t *row, int32_t n, bool deep)
{
    Batch out = {.rows = n, .cols = b->cols, .col = NEW_RAW(a, Column, b->cols)};
    for (int32_t i = 0; i < b->cols; i++) out.col[i] = column_take(a, &b->col[i], row, n, deep);
    return out;
}

static void set_type(Column *c, const Type *t)
{
    c->type = t;
    for (int32_t i = 0; i < t->nfields; i++) set_type(&c->kid[i], t->field[i].type);
}
Batch batch_copy(Arena *a, const Batch *b)
{
    Batch copy = batch_take(a, b, NULL, b->rows, true);
    for (int32_t i = 0; i < b->cols; i++) set_type(&copy.col[i], type_copy(a, b->col[i].type));
    return copy;
}

Batch batch_gather(Arena *a, const Batch *b, const int32_t *row, int32_t n)
{
    return batch_take(a, b, row, n, false);
}

Batch batch_slice(Arena *a, const Batch *b, int32_t at, int32_t n)
{
    must(at >= 0 && n >= 0 && n <= BATCH_ROWS && at + n <= b->rows);
    Batch out = {.rows = n, .cols = b->cols, .col = NEW_RAW(a, Column, b->cols)};
    for (int32_t i = 0; i < b->cols; i++) out.col[i] = column_slice(a, &b->col[i], at, n);
    return out;
}

int32_t mask_rows(const uint8_t *keep, int32_t n, int32_t *row)
{
    int32_t k = 0;
    for (int32_t i = 0; i < n; i++) {
        row[k] = i; // overwritten by the next one unless it counts
        k += keep[i];
    }
    return k;
}

static int64_t column_bytes(const Column *c)
{
    int64_t bytes = c->rows * (int64_t)(phys_bytes(type_phys(c->type)) + (c->valid != NULL));
    if (type_phys(c->type) == PHYS_STR)
        for (int32_t i = 0; i < c->rows; i++)
            if (!column_null(c, i)) bytes += column_str(c, i).n;
    for (int32_t i = 0; i < c->type->nfields; i++) bytes += column_bytes(&c->kid[i]);
    return bytes;
}

int64_t batch_bytes(const Batch *b)
{
    int64_t bytes = 0;
    for (int32_t i = 0; i < b->cols; i++) bytes += column_bytes(&b->col[i]);
    return bytes;
}
