// names.c -- quoting, and the transforms of partitions.
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
void name_put_transform(Buf *b, const PartitionField *f, const Schema *schema)
{
    static const char *const names[] = {
        [TR_IDENTITY] = "",         [TR_YEAR] = "years", [TR_MONTH] = "months",
        [TR_DAY] = "days",          [TR_HOUR] = "hours", [TR_BUCKET] = "bucket",
        [TR_TRUNCATE] = "truncate", [TR_VOID] = "void"};
    Str column = schema->field[f->source].name;
    bool arg = f->transform == TR_BUCKET || f->transform == TR_TRUNCATE;
    if (f->transform == TR_IDENTITY) {
        name_put_part(b, column);
        return;
    }
    buf_fmt(b, "%s(", names[f->transform]);
    if (arg) buf_fmt(b, "%d, ", f->arg);
    name_put_part(b, column);
    buf_char(b, ')');
}
