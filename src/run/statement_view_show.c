// statement_view_show.c -- what DESCRIBE EXTENDED and SHOW CREATE TABLE say of a view that a
// catalog keeps, in Spark's form.
#include "base/civil.h"
#include "expr/eval.h"
#include "run/names.h"
#include "run/statement_view.h"
#include <stdlib.h>

static Str dotted(Arena *a, const Str *part, int32_t n)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_char(&b, '.');
        name_put_part(&b, part[i]);
    }
    return buf_str(&b);
}
static Str query_columns(Arena *a, const LakeView *v)
{
    Buf b = buf_new(a);
    buf_char(&b, '[');
    for (int32_t i = 0; i < v->schema->nfields; i++) {
        if (i) buf_put(&b, S(", "));
        name_backticks(&b, v->column ? v->column[i] : v->schema->field[i].name);
    }
    buf_char(&b, ']');
    return buf_str(&b);
}
static Str properties(Arena *a, const LakeView *v)
{
    Buf b = buf_new(a);
    buf_char(&b, '[');
    for (int64_t i = 0; i < v->properties.n; i++)
        buf_fmt(&b, "%s" STR_FMT "=" STR_FMT, i ? ", " : "", STR_ARG(v->properties.v[i].key),
                STR_ARG(v->properties.v[i].value));
    buf_char(&b, ']');
    return buf_str(&b);
}
static Str made_at(Arena *a, const LakeView *v)
{
    char text[32];
    int64_t n = civil_format(text, v->created_ms * 1000);
    return str_copy(a, str_of(text, n));
}
void describe_view(Arena *a, const LakeView *v, Listing *l)
{
    Str space =
        str_fmt(a, STR_FMT "." STR_FMT, STR_ARG(v->catalog), STR_ARG(dotted(a, v->ns, v->nns)));
    LISTING_ADD(l, S(""), S(""), S(""));
    LISTING_ADD(l, S("# Detailed Table Information"), S(""), S(""));
    LISTING_ADD(l, S("Catalog"), v->name.catalog, S(""));
    LISTING_ADD(l, S("Database"), dotted(a, v->name.ns, v->name.nns), S(""));
    LISTING_ADD(l, S("Table"), v->name.table, S(""));
    LISTING_ADD(l, S("Created Time"), made_at(a, v), S(""));
    LISTING_ADD(l, S("Last Access"), S("UNKNOWN"), S(""));
    LISTING_ADD(l, S("Created By"), S("kappa"), S(""));
    LISTING_ADD(l, S("Type"), S("VIEW"), S(""));
    if (v->comment.n) LISTING_ADD(l, S("Comment"), v->comment, S(""));
    LISTING_ADD(l, S("View Text"), v->sql, S(""));
    LISTING_ADD(l, S("View Original Text"), v->sql, S(""));
    LISTING_ADD(l, S("View Schema Mode"), S("COMPENSATION"), S(""));
    LISTING_ADD(l, S("View Catalog and Namespace"), space, S(""));
    LISTING_ADD(l, S("View Query Output Columns"), query_columns(a, v), S(""));
    if (v->properties.n) LISTING_ADD(l, S("Table Properties"), properties(a, v), S(""));
}

static void put_quoted(Buf *b, Str text) // 'it\'s'
{
    buf_char(b, '\'');
    for (int64_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'' || text.p[i] == '\\') buf_char(b, '\\');
        buf_char(b, text.p[i]);
    }
    buf_char(b, '\'');
}
static int by_key(const void *x, const void *y)
{
    return str_cmp(((const Option *)x)->key, ((const Option *)y)->key);
}
static void put_properties(Buf *b, const LakeView *v)
{
    int64_t n = v->properties.n;
    Option *sorted = NEW(b->arena, Option, n + 1);
    for (int64_t i = 0; i < n; i++) sorted[i] = v->properties.v[i];
    qsort(sorted, (size_t)n, sizeof(Option), by_key);
    buf_put(b, S("TBLPROPERTIES (\n"));
    for (int64_t i = 0; i < n; i++) {
        buf_put(b, S("  "));
        put_quoted(b, sorted[i].key);
        buf_put(b, S(" = "));
        put_quoted(b, sorted[i].value);
        buf_put(b, i + 1 < n ? S(",\n") : S(")\n"));
    }
}
Str view_sql(Arena *a, const LakeView *v)
{
    Buf b = buf_new(a);
    int32_t n = v->schema->nfields;
    buf_fmt(&b, "CREATE VIEW " STR_FMT ".", STR_ARG(dotted(a, v->name.ns, v->name.nns)));
    name_put_part(&b, v->name.table);
    buf_put(&b, S(" (\n"));
    for (int32_t i = 0; i < n; i++) {
        const Field *f = &v->schema->field[i];
        buf_put(&b, S("  "));
        name_put_part(&b, f->name);
        if (f->comment.n) {
            buf_put(&b, S(" COMMENT "));
            put_quoted(&b, f->comment);
        }
        buf_put(&b, i + 1 < n ? S(",\n") : S(")\n"));
    }
    if (v->comment.n) {
        buf_put(&b, S("COMMENT "));
        put_quoted(&b, v->comment);
        buf_char(&b, '\n');
    }
    if (v->properties.n) put_properties(&b, v);
    buf_fmt(&b, "WITH SCHEMA COMPENSATION\nAS " STR_FMT "\n", STR_ARG(v->sql));
    return buf_str(&b);
}
