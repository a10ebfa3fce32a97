// names.c -- quoting.
#include "run/names.h"

static bool plain(Str part)
{
    bool digits = true;
    for (int64_t i = 0; i < part.n; i++) {
        char c = part.p[i];
        bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        bool digit = c >= '0' && c <= '9';
        if (!letter && !digit && c != '_') return false;
        digits &= digit;
    }
    return part.n && !digits;
}
void name_put_part(Buf *b, Str part)
{
    if (plain(part))
        buf_put(b, part);
    else
        name_backticks(b, part);
}
Str name_text(Arena *a, const TableName *name)
{
    Buf b = buf_new(a);
    name_put_part(&b, name->catalog);
    for (int32_t i = 0; i < name->nns; i++) {
        buf_char(&b, '.');
        name_put_part(&b, name->ns[i]);
    }
    buf_char(&b, '.');
    name_put_part(&b, name->table);
    return buf_str(&b);
}
Str space_quoted(Arena *a, Str catalog, const Str *part, int32_t n)
{
    Buf b = buf_new(a);
    if (catalog.n) name_backticks(&b, catalog);
    for (int32_t i = 0; i < n; i++) {
        if (i || catalog.n) buf_char(&b, '.');
        name_backticks(&b, part[i]);
    }
    return buf_str(&b);
}
