// fn_csv.c -- functions of lines of CSV: from_csv by the reader of fmt/csv.h, to_csv,
// schema_of_csv.
#include "expr/fn_in.h"
#include "expr/prog.h"
#include "expr/splice.h"
#include "expr/time_texts.h"
#include "fmt/csv.h"

static Status options_of(Arena *a, const Expr *call, int32_t i, const EvalCtx *ctx, CsvOptions *o)
{
    Options given;
    TRY(options_arg(a, call, i, ctx, &given));
    TRY(csv_options_parse(o, &given, NULL, NULL));
    o->header = false; // a line is a record
    if (o->mode != CSV_DROPMALFORMED) return DONE;
    return RAISE(PARSE_MODE_UNSUPPORTED, P("funcName", quoted_name(a, call->name)),
                 P("mode", S("DROPMALFORMED")));
}

// ---- from_csv ----------------------------------------------------------------------------------

static Status analyse_from(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Datum v = {.null = true};
    const Type *t;
    Expr *schema = call->arg[1];
    if (schema->type->id == T_STRING && expr_foldable(schema)) TRY(fold_arg(a, call, 1, ctx, &v));
    if (v.null)
        return RAISE(INVALID_SCHEMA_NON_STRING_LITERAL, P("inputSchema", quoted_sql(a, schema)));
    TRY(schema_of_text(&t, a, v.s));
    if (t->id != T_STRUCT)
        return RAISE(INVALID_SCHEMA_NON_STRUCT_TYPE, P("inputSchema", quoted_sql(a, schema)),
                     P("dataType", quoted_type(a, t)));
    CsvOptions o = {0};
    TRY(options_of(a, call, 2, ctx, &o));
    call->type = type_nullable(a, t);
    call->nullable = true;
    return DONE;
}

typedef struct FromCsv { // KernelCall.bound: one program's, hence one thread's
    CsvReader *reader;
    const CsvOptions *options;
} FromCsv;

static Status bind_from(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    const EvalCtx *own;
    CsvOptions *o = NEW(a, CsvOptions, 1);
    TRY(options_of(a, call, 2, ctx, o));
    TRY(ctx_of_zone(a, ctx, o->time_zone, &own));
    o->cast = eval_text_cast(own);
    FromCsv *f = NEW(a, FromCsv, 1);
    *f = (FromCsv){csv_reader_new(a, call->type, NULL, o), o};
    b->data = f;
    b->flags |= FN_FIRST_ARG;
    return DONE;
}

typedef struct Collect { // records of lines, a row a line
    Out out;
    Builder **col;
} Collect;
static Status collect(Out *out, const Batch *b)
{
    Collect *c = CONTAINER(out, Collect, out);
    for (int32_t i = 0; i < b->cols; i++) builder_rows(c->col[i], &b->col[i], NULL, b->rows);
    return DONE;
}

// Lines that are blank or comments hold no record: all fields are NULL.
static Status from_csv(const KernelCall *k)
{
    const FromCsv *f = k->bound;
    const Type *t = k->out->type;
    Collect c = {.out = {collect}, .col = NEW(k->scratch, Builder *, t->nfields + 1)};
    Str *line = NEW_RAW(k->scratch, Str, k->rows);
    int32_t *which = NEW_RAW(k->scratch, int32_t, k->rows),
            *row = NEW(k->scratch, int32_t, k->rows);
    int32_t n = 0;
    for (int32_t i = 0; i < k->rows; i++) {
        bool there = (!k->active || k->active[i]) && !column_null(k->in[0], i);
        bool holds = there && !csv_skips(f->options, column_str(k->in[0], i));
        k->out->valid[i] = there;
        which[i] = holds ? 0 : -1;
        row[i] = holds ? n : 0;
        if (holds) line[n++] = column_str(k->in[0], i);
    }
    for (int32_t i = 0; i < t->nfields; i++) c.col[i] = builder_new(k->scratch, t->field[i].type);
    TRY(csv_read_lines(f->reader, line, n, k->scratch, &c.out));
    for (int32_t i = 0; i < t->nfields; i++) {
        Column got = builder_column(c.col[i]);
        const Column *src = &got;
        must(builder_count(c.col[i]) == n);
        k->out->kid[i] = splice(k->scratch, t->field[i].type, &(Splice){&src, which, row}, k->rows);
    }
    return DONE;
}

// ---- to_csv ------------------------------------------------------------------------------------

typedef struct ToCsv { // KernelCall.bound
    CsvOptions options;
    const EvalCtx *ctx;
    const TimeTexts *times;
    const Type *type;
} ToCsv;

static Status parse_to(Arena *a, const Expr *call, const EvalCtx *ctx, ToCsv *t)
{
    CsvOptions *o = &t->options;
    TRY(options_of(a, call, 1, ctx, o));
    TRY(ctx_of_zone(a, ctx, o->time_zone, &t->ctx));
    TRY(time_texts_new(&t->times, a, o->timestamp_format, o->timestamp_ntz_format, o->date_format));
    t->type = time_texts_type(t->times, a, call->arg[0]->type);
    return DONE;
}
static Status analyse_to(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const Type *t = call->arg[0]->type;
    if (t->id != T_STRUCT) return wrong_type(a, call, 0, "\"STRUCT\"");
    for (int32_t f = 0; f < t->nfields; f++)
        if (t->field[f].type->nfields)
            return RAISE(UNSUPPORTED_FEATURE, P("feature", S("to_csv() of nested values")),
                         P("needs", S("to_json() writes them")));
    return parse_to(a, call, ctx, &(ToCsv){0});
}
static Status bind_to(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    ToCsv *t = NEW(a, ToCsv, 1);
    b->data = t;
    b->flags |= FN_FIRST_ARG;
    return parse_to(a, call, ctx, t);
}
static Status to_csv(const KernelCall *k)
{
    const ToCsv *t = k->bound;
    TextForm form = eval_text_form(t->ctx);
    form.json_millis = true;
    Column in = *k->in[0];
    Buf field = buf_new(k->scratch);
    if (t->times) in = time_texts_column(t->times, k->scratch, k->in[0], t->type, t->ctx->zone);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Buf line = buf_new(k->scratch);
        for (int32_t f = 0; f < in.type->nfields; f++) {
            if (f) buf_put(&line, t->options.sep);
            csv_put_value(&t->options, &in.kid[f], i, &form, &field, &line);
        }
        COLUMN_DATA(k->out, Str)[i] = buf_str(&line);
    }
    return DONE;
}

// ---- schema_of_csv -----------------------------------------------------------------------------

static Status lower_schema(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    Datum v;
    CsvOptions *o = NEW(a, CsvOptions, 1);
    TRY(fold_arg(a, call, 0, ctx, &v));
    if (v.null)
        return RAISE(DATATYPE_MISMATCH_UNEXPECTED_NULL, P("sqlExpr", quoted_sql(a, call)),
                     P("exprName", S("csv")));
    TRY(options_of(a, call, 1, ctx, o));
    o->cast = eval_text_cast(ctx);
    o->infer = true;
    CsvRow row = {0};
    int64_t at = 0;
    CsvInfer *infer = csv_infer_new(a, o);
    if (csv_record(o, v.s, &at, &row, a)) csv_infer_add(infer, &row);
    const Schema *schema = csv_infer_schema(infer, a);
    *e = string_literal(a, schema ? type_sql_str(a, schema) : S("STRUCT<>"));
    return DONE;
}
static Status analyse_schema(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Expr *e;
    call->nullable = false;
    return lower_schema(a, call, ctx, &e);
}

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("from_csv"), .signature = "string any any? -> -", .kernel = from_csv, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "the struct that a line of CSV holds, by a schema", .analyse = analyse_from, .bind = bind_from, .sql = sql_first},
    {.name = STR_INIT("to_csv"), .signature = "any any? -> string", .kernel = to_csv, .doc = "a struct as a line of CSV",
     .analyse = analyse_to, .bind = bind_to, .sql = sql_first},
    {.name = STR_INIT("schema_of_csv"), .signature = "lit:text any? -> string", .doc = "the type of a line of CSV, for from_csv",
     .analyse = analyse_schema, .lower = lower_schema, .sql = sql_first},
};
// clang-format on
FN_TABLE(fn_csv, rows);
