// slt.c -- golden files as steps, and rows in the two forms that runs need.
#include "cli/slt.h"
#include "col/type.h"
#include <stdlib.h>

static const Str names[SLT_KINDS] = {
    [SLT_STREAM] = STR_INIT("stream"),   [SLT_TABLE] = STR_INIT("table"),
    [SLT_VIEW] = STR_INIT("view"),       [SLT_SET] = STR_INIT("set"),
    [SLT_QUERY] = STR_INIT("query"),     [SLT_BATCH] = STR_INIT("batch"),
    [SLT_FEED] = STR_INIT("feed"),       [SLT_EPOCH] = STR_INIT("epoch"),
    [SLT_EXPECT] = STR_INIT("expect"),   [SLT_METRIC] = STR_INIT("metric"),
    [SLT_RESTART] = STR_INIT("restart"), [SLT_CRASH] = STR_INIT("crash"),
    [SLT_ERROR] = STR_INIT("error"),     [SLT_MODES] = STR_INIT("modes"),
};

Str slt_word(Str *rest)
{
    Str s = str_trim(*rest);
    int64_t n = 0;
    while (n < s.n && s.p[n] != ' ') n++;
    *rest = str_trim(str_from(s, n));
    return str_sub(s, 0, n);
}
static int32_t directive(Str line) // its kind, -1: none
{
    Str word = slt_word(&line);
    for (int32_t i = 0; i < SLT_KINDS; i++)
        if (str_eq(word, names[i])) return i;
    return -1;
}
static Str without_comment(Str line)
{
    int64_t at = str_find(line, S(" #"));
    return str_trim(at < 0 ? line : str_sub(line, 0, at));
}
Status slt_parse(SltSteps *steps, Arena *a, Str text)
{
    Str head = {text.p, 0}; // comments and empty lines since the last step
    int32_t number = 0;
    while (text.n) {
        Str line = str_cut(text, '\n').head;
        int64_t whole = MIN(text.n, line.n + 1);
        int32_t kind = str_starts(line, S(" ")) ? -1 : directive(line);
        bool comment = str_starts(line, S("#"));
        number++;
        text = str_from(text, whole);
        if (kind >= 0) {
            SltStep s = {.kind = (SltKind)kind, .line = number};
            s.rest = without_comment(line);
            (void)slt_word(&s.rest);
            s.head = str_of(head.p, head.n + whole);
            s.text = str_of(text.p, 0);
            vec_push(a, steps, s);
            head = str_of(text.p, 0);
        } else if (comment || !str_trim(line).n) {
            head.n += whole;
        } else if (!steps->n) {
            return fail(ERR_INVALID, "line %d: a row before any directive", number);
        } else {
            SltStep *s = &steps->v[steps->n - 1];
            s->text.n = text.p - s->text.p;
            head = str_of(text.p, 0);
        }
    }
    return DONE;
}
// The next value of a row; *rest NULL afterwards when it was the last.
static Str next_value(Str *rest)
{
    int64_t at = str_find(*rest, S("  "));
    Str v = at < 0 ? *rest : str_sub(*rest, 0, at);
    *rest = at < 0 ? (Str){0} : str_trim(str_from(*rest, at));
    return str_trim(v);
}
static int line_cmp(const void *x, const void *y)
{
    return str_cmp(*(const Str *)x, *(const Str *)y);
}
Str slt_rows(Arena *a, Str text)
{
    VEC(Str) row = {0};
    while (text.n) {
        Cut cut = str_cut(text, '\n');
        Str rest = str_trim(cut.head);
        text = cut.tail;
        if (!rest.n || rest.p[0] == '#') continue;
        Buf b = buf_new(a);
        for (bool first = true; rest.n; first = false) {
            if (!first) buf_put(&b, S("  "));
            buf_put(&b, next_value(&rest));
        }
        vec_push(a, &row, buf_str(&b));
    }
    if (row.n) qsort(row.v, (size_t)row.n, sizeof *row.v, line_cmp);
    Buf all = buf_new(a);
    for (int64_t i = 0; i < row.n; i++) {
        buf_put(&all, row.v[i]);
        buf_char(&all, '\n');
    }
    return buf_str(&all);
}
static void put_value(Buf *b, const Type *t, Str value)
{
    bool raw = type_is_numeric(t) || t->id == T_BOOLEAN || t->id == T_ARRAY || t->id == T_MAP ||
               t->id == T_STRUCT;
    if (str_eq(value, S("NULL")))
        buf_put(b, S("null"));
    else if (raw)
        buf_put(b, value);
    else
        buf_json(b, value);
}
void slt_json(Buf *b, Arena *a, const Type *schema, Str row)
{
    (void)a;
    buf_char(b, '{');
    for (int32_t i = 0; i < schema->nfields && row.n; i++) {
        if (i) buf_char(b, ',');
        buf_json(b, schema->field[i].name);
        buf_char(b, ':');
        put_value(b, schema->field[i].type, next_value(&row));
    }
    buf_put(b, S("}\n"));
}
