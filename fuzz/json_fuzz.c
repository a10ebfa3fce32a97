// json_fuzz.c -- whatever the text, a reader that may take the quick ways (and has learnt layouts
// from the records before) answers as one that reads every record exactly. The first byte chooses
// schema and kind of reader; records are separated by line feeds.
#include "fmt/json_in.h"
#include <stdlib.h>

static const char *const schemas[] = {
    "a INT, s STRING, d DOUBLE, b BOOLEAN, o STRUCT<x:DOUBLE,y:STRING,z:STRUCT<a:INT>>",
    "a BIGINT, l ARRAY<INT>, m MAP<STRING,STRING>, ll ARRAY<ARRAY<STRING>>, _corrupt_record STRING",
    "t TINYINT, f FLOAT, c DECIMAL(10,2), x BINARY, ts TIMESTAMP, d DATE, s STRING",
    "l ARRAY<STRUCT<a:INT,s:STRING,l:ARRAY<INT>>>, m MAP<STRING,STRUCT<a:INT>>, s STRING",
};

typedef struct Lines {
    Str v[256];
    int32_t n;
} Lines;
typedef struct Answer {
    Out out;
    const Type *type;
    Buf text;
} Answer;

static Lines lines_of(Arena *a, Str text) // each a piece of memory of its own, so that edges show
{
    Lines l = {.n = 0};
    while (l.n < COUNT(l.v)) {
        Cut c = str_cut(text, '\n');
        char *copy = NEW_RAW(a, char, c.head.n);
        if (c.head.n) memcpy(copy, c.head.p, (size_t)c.head.n);
        l.v[l.n++] = str_of(copy, c.head.n);
        if (!c.ok) break;
        text = c.tail;
    }
    return l;
}

static void put_rows(Answer *x, const Column *c)
{
    TextForm form = {.null_text = S("null")};
    for (int32_t i = 0; i < c->rows; i++) {
        if (column_null(c, i))
            buf_put(&x->text, S("NULL"));
        else
            value_text(&x->text, c, i, &form);
        buf_char(&x->text, '\n');
    }
}

static Status collect(Out *out, const Batch *b)
{
    Answer *x = CONTAINER(out, Answer, out);
    Column c = {.type = x->type, .kid = b->col, .rows = b->rows};
    put_rows(x, &c);
    return DONE;
}

static Str answer(Arena *a, const Type *t, const JsonOptions *o, const Lines *l, bool exact)
{
    Answer x = {{collect}, t, buf_new(a)};
    JsonReader *r = json_reader_new(a, t, o);
    r->exact_only = exact;
    Column c;
    Status s = o->source ? json_read_records(r, l->v, l->n, a, &x.out)
                         : json_read(r, l->v, NULL, l->n, &c, a);
    if (s.code)
        buf_put(&x.text, str_z(fail_text()));
    else if (!o->source)
        put_rows(&x, &c);
    return buf_str(&x.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    Arena *a = arena_new(NULL);
    const Type *t;
    JsonOptions o = {0};
    must(!schema_parse(&t, a, str_z(schemas[data[0] % COUNT(schemas)])).code);
    Option mode = {S("mode"), data[0] & 32 ? S("FAILFAST") : S("PERMISSIVE")};
    Options given = {&mode, 1, 1};
    must(!json_options_parse(&o, &given, NULL, NULL).code);
    o.cast.utc = true;
    o.source = data[0] & 64;
    o.allow_comments = o.allow_unquoted_names = o.allow_any_escape = data[0] & 128;
    Lines l = lines_of(a, str_of((const char *)data + 1, (int64_t)size - 1));
    must(str_eq(answer(a, t, &o, &l, false), answer(a, t, &o, &l, true)));
    arena_free(a);
    return 0;
}
