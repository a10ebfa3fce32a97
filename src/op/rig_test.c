// rig_test.c -- the bench that the tests of operators stand on.
#include "base/num.h"
#include "base/test.h"
#include "expr/fn.h"
#include "op/rig_in.h"

static Status rig_emit(Out *out, const Batch *b)
{
    Rig *r = CONTAINER(out, Rig, out);
    TextForm form = {.null_text = S("NULL")};
    must(b->rows >= 1 && b->rows <= BATCH_ROWS);
    r->batches++;
    r->largest = MAX(r->largest, b->rows);
    for (int32_t i = 0; i < b->rows; i++) {
        if (r->text.n) buf_char(&r->text, '|');
        for (int32_t c = 0; c < b->cols; c++) {
            if (c) buf_char(&r->text, ',');
            if (column_null(&b->col[c], i))
                buf_put(&r->text, form.null_text);
            else
                value_text(&r->text, &b->col[c], i, &form);
        }
    }
    return DONE;
}
Rig *rig_new(Arena *a)
{
    Rig *r = NEW(a, Rig, 1);
    r->arena = a;
    r->out.put = rig_emit;
    r->text = buf_new(a);
    r->ctx.eval = (EvalCtx){.ansi = true, .zone = zone_utc()};
    return r;
}
const Schema *rig_schema(Arena *a, Str columns)
{
    const Schema *s = NULL;
    must(schema_parse(&s, a, columns).code == OK);
    return s;
}
static Datum value_of(const Type *t, Str text)
{
    Datum d = {.null = str_eq(text, S("NULL"))};
    if (d.null) return d;
    if (t->id == T_STRING)
        d.s = text;
    else if (t->id == T_DOUBLE)
        must(str_eq(text, S("NaN")) || num_parse_f64(text, &d.f));
    else if (t->id == T_BOOLEAN)
        d.i = str_eq(text, S("true"));
    else
        must(num_parse_i64(text, &d.i));
    if (t->id == T_DOUBLE && str_eq(text, S("NaN"))) d.f = __builtin_nan("");
    return d;
}
Batch rig_batch(Arena *a, const Schema *schema, Str rows)
{
    Builder **col = NEW(a, Builder *, schema->nfields);
    Batch b = {.cols = schema->nfields, .col = NEW(a, Column, schema->nfields)};
    for (int32_t c = 0; c < b.cols; c++) col[c] = builder_new(a, schema->field[c].type);
    for (Cut row = {.tail = rows, .ok = rows.n > 0}; row.ok; b.rows++) {
        row = str_cut(row.tail, '|');
        Str rest = row.head;
        for (int32_t c = 0; c < b.cols; c++) {
            Cut v = str_cut(rest, ',');
            Datum d = value_of(schema->field[c].type, v.head);
            builder_datum(col[c], &d);
            rest = v.tail;
        }
    }
    for (int32_t c = 0; c < b.cols; c++) b.col[c] = builder_column(col[c]);
    return b;
}
Expr *rig_column(Arena *a, const Schema *schema, int32_t i)
{
    return expr_column(a, i, &schema->field[i]);
}
Expr *rig_int(Arena *a, int64_t v) { return expr_literal(a, &type_int, &(Datum){.i = v}); }
Expr *rig_call(Arena *a, Str name, Expr *x, Expr *y)
{
    static const EvalCtx ctx = {.ansi = true};
    Expr *e = y ? expr_call(a, name, 2, x, y) : expr_call(a, name, 1, x);
    must(fn_resolve(a, &e, &ctx).code == OK);
    return e;
}
Op *rig_op(Rig *r, const OpKind *kind, const void *spec)
{
    Op *op = NULL;
    Status s = op_new(&op, r->arena, kind, spec, &r->ctx);
    CHECK_OK(s);
    op->out = &r->out;
    return op;
}
void rig_put(Op *op, int32_t port, const Schema *schema, Str rows)
{
    Arena *a = arena_new(NULL);
    Batch b = rig_batch(a, schema, rows);
    CHECK_OK(op_rows(op, port, &b));
    arena_free(a); // whoever kept a pointer into it is found by ASan
}
Str rig_take(Rig *r)
{
    Str s = str_copy(r->arena, buf_str(&r->text));
    buf_clear(&r->text);
    return s;
}
