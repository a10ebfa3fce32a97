// splice.c -- see splice.h. Values of one word are copied by index; structs recurse into fields;
// lists become new lists over the elements that are used, in order.
#include "expr/splice.h"

static int32_t source(const Splice *s, int32_t i) { return s->which ? s->which[i] : 0; }
static int32_t row_of(const Splice *s, int32_t i) { return s->row ? s->row[i] : i; }

static bool null_at(const Splice *s, int32_t i)
{
    int32_t k = source(s, i);
    return k < 0 || column_null(s->src[k], row_of(s, i));
}

static void splice_valid(Arena *a, Column *out, const Splice *s)
{
    uint8_t *valid = column_own_valid(a, out);
    bool any = false;
    for (int32_t i = 0; i < out->rows; i++) {
        valid[i] = !null_at(s, i);
        any |= !valid[i];
    }
    if (!any) out->valid = NULL;
}

static void splice_values(Column *out, const Splice *s, int32_t bytes)
{
    char *to = out->data;
    for (int32_t i = 0; i < out->rows; i++, to += bytes) {
        int32_t k = source(s, i);
        if (k < 0)
            memset(to, 0, (size_t)bytes);
        else
            memcpy(to, (const char *)s->src[k]->data + (int64_t)row_of(s, i) * bytes,
                   (size_t)bytes);
    }
}

static int32_t count_sources(const Splice *s, int32_t n)
{
    int32_t most = 0;
    for (int32_t i = 0; i < n; i++) most = MAX(most, source(s, i));
    return most + 1;
}

static const Column **kids_of(Arena *a, const Splice *s, int32_t sources, int32_t kid)
{
    const Column **kids = NEW(a, const Column *, sources);
    for (int32_t k = 0; k < sources; k++)
        if (s->src[k] && s->src[k]->kid) kids[k] = &s->src[k]->kid[kid];
    return kids;
}

static void splice_fields(Arena *a, Column *out, const Splice *s)
{
    int32_t sources = count_sources(s, out->rows);
    for (int32_t f = 0; f < out->type->nfields; f++) {
        Splice part = {kids_of(a, s, sources, f), s->which, s->row};
        out->kid[f] = splice(a, out->type->field[f].type, &part, out->rows);
    }
}

static void splice_lists(Arena *a, Column *out, const Splice *s)
{
    List *list = COLUMN_DATA(out, List);
    int64_t elements = 0;
    for (int32_t i = 0; i < out->rows; i++)
        if (!null_at(s, i)) elements += COLUMN_DATA(s->src[source(s, i)], List)[row_of(s, i)].n;
    must(elements <= INT32_MAX);
    int32_t *which = NEW_RAW(a, int32_t, elements), *row = NEW_RAW(a, int32_t, elements);
    int32_t at = 0;
    for (int32_t i = 0; i < out->rows; i++) {
        List from = {0};
        if (!null_at(s, i)) from = COLUMN_DATA(s->src[source(s, i)], List)[row_of(s, i)];
        list[i] = (List){at, from.n};
        for (int32_t e = 0; e < from.n; e++, at++) {
            which[at] = source(s, i);
            row[at] = from.at + e;
        }
    }
    int32_t sources = count_sources(s, out->rows);
    for (int32_t f = 0; f < out->type->nfields; f++) {
        Splice part = {kids_of(a, s, sources, f), which, row};
        out->kid[f] = splice(a, out->type->field[f].type, &part, at);
    }
}

// All lists come from one column: its elements serve as they are.
static void share_lists(Column *out, const Splice *s)
{
    List *list = COLUMN_DATA(out, List);
    for (int32_t i = 0; i < out->rows; i++)
        list[i] = null_at(s, i) ? (List){0} : COLUMN_DATA(s->src[0], List)[row_of(s, i)];
    for (int32_t f = 0; f < out->type->nfields; f++) out->kid[f] = s->src[0]->kid[f];
}

Column splice(Arena *a, const Type *t, const Splice *s, int32_t n)
{
    Column out = column_new(a, t, n);
    if (!n) return out;
    splice_valid(a, &out, s);
    Phys p = type_phys(t);
    if (p == PHYS_STRUCT)
        splice_fields(a, &out, s);
    else if (p == PHYS_LIST && !s->which)
        share_lists(&out, s);
    else if (p == PHYS_LIST)
        splice_lists(a, &out, s);
    else
        splice_values(&out, s, phys_bytes(p));
    return out;
}
