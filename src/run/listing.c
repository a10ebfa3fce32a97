// listing.c -- small answers, built whole.
#include "run/listing.h"
#include "base/num.h"

Status listing_new(Listing *l, Arena *a, Str columns)
{
    *l = (Listing){.arena = a};
    TRY(schema_parse(&l->schema, a, columns));
    l->col = NEW(a, Builder *, l->schema->nfields + 1);
    for (int32_t i = 0; i < l->schema->nfields; i++)
        l->col[i] = builder_new(a, l->schema->field[i].type);
    return DONE;
}
void listing_add(Listing *l, const Str *value)
{
    for (int32_t i = 0; i < l->schema->nfields; i++) {
        Datum d = {.null = !value[i].p, .s = value[i]};
        bool flag = !d.null && l->schema->field[i].type->id == T_BOOLEAN;
        if (flag) d = (Datum){.i = str_eq(value[i], S("true"))};
        bool number = !d.null && l->schema->field[i].type->id == T_BIGINT;
        if (number) d.null = !num_parse_i64(value[i], &d.i);
        builder_datum(l->col[i], &d);
    }
    l->rows++;
}
Status listing_answer(Listing *l, Answer *to)
{
    TRY(to->schema(to, l->schema));
    Batch all = {.rows = l->rows, .cols = l->schema->nfields};
    all.col = NEW(l->arena, Column, all.cols + 1);
    for (int32_t i = 0; i < all.cols; i++) all.col[i] = builder_column(l->col[i]);
    for (int32_t at = 0; at < all.rows; at += BATCH_ROWS) {
        Batch b = batch_slice(l->arena, &all, at, MIN(BATCH_ROWS, all.rows - at));
        TRY(out_put(&to->rows, &b));
    }
    return DONE;
}
static char folded(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static bool like_one(Str pattern, Str name)
{
    int64_t p = 0, n = 0, star = -1, from = 0; // the last star, and where its match ends
    while (n < name.n) {
        bool is_star = p < pattern.n && pattern.p[p] == '*';
        if (is_star) {
            star = p++;
            from = n;
        } else if (p < pattern.n && folded(pattern.p[p]) == folded(name.p[n])) {
            p++;
            n++;
        } else if (star >= 0) {
            p = star + 1;
            n = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*') p++;
    return p == pattern.n;
}
bool like_pattern(Str pattern, Str name)
{
    if (!pattern.n) return true;
    for (Cut c = {.tail = pattern, .ok = true}; c.ok;) {
        c = str_cut(c.tail, '|');
        if (like_one(str_trim(c.head), name)) return true;
    }
    return false;
}
