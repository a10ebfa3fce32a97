// rows.c -- five ways to write rows.
#include "cli/rows.h"

static Status flush(RowsOut *r)
{
    Str text = buf_str(&r->line);
    TRY(text.n ? r->io->put(r->io, text) : DONE);
    buf_clear(&r->line);
    return DONE;
}
// A field of CSV: quoted when it must be (RFC 4180).
static void put_csv(Buf *b, Str v)
{
    bool quote = false;
    for (int64_t i = 0; i < v.n; i++)
        quote |= v.p[i] == ',' || v.p[i] == '"' || v.p[i] == '\n' || v.p[i] == '\r';
    if (!quote) {
        buf_put(b, v);
        return;
    }
    buf_char(b, '"');
    for (int64_t i = 0; i < v.n; i++) {
        if (v.p[i] == '"') buf_char(b, '"');
        buf_char(b, v.p[i]);
    }
    buf_char(b, '"');
}
static void put_markdown(Buf *b, Str v)
{
    for (int64_t i = 0; i < v.n; i++) {
        if (v.p[i] == '|' || v.p[i] == '\\') buf_char(b, '\\');
        buf_char(b, v.p[i] == '\n' ? ' ' : v.p[i]);
    }
}
static void put_field(RowsOut *r, int32_t column, Str v)
{
    if (r->form == ROWS_CSV) {
        if (column) buf_char(&r->line, ',');
        put_csv(&r->line, v);
        return;
    }
    buf_put(&r->line, S("| "));
    put_markdown(&r->line, v);
    buf_char(&r->line, ' ');
}
static Status rows_schema(Answer *answer, const Schema *schema)
{
    RowsOut *r = CONTAINER(answer, RowsOut, answer);
    r->schema = type_copy(r->arena, schema);
    if (!schema->nfields || r->form == ROWS_NDJSON) return DONE;
    if (r->form == ROWS_TABLE) {
        TextTableOptions o = {.rows = (int32_t)MIN(r->most, INT32_MAX),
                              .form = eval_text_form(r->eval)};
        r->table = text_table_new(r->arena, r->schema, &o);
        return DONE;
    }
    if (r->form == ROWS_JSON) {
        buf_char(&r->line, '[');
        return DONE;
    }
    for (int32_t i = 0; i < schema->nfields; i++) put_field(r, i, schema->field[i].name);
    if (r->form == ROWS_MARKDOWN) {
        buf_put(&r->line, S("|\n"));
        for (int32_t i = 0; i < schema->nfields; i++) buf_put(&r->line, S("|---"));
        buf_char(&r->line, '|');
    }
    buf_char(&r->line, '\n');
    return flush(r);
}
static void put_row(RowsOut *r, const Batch *b, int32_t row, const TextForm *form)
{
    if (r->form == ROWS_JSON || r->form == ROWS_NDJSON) {
        Column whole = {.type = r->schema, .kid = b->col, .rows = b->rows};
        if (r->form == ROWS_JSON && r->rows) buf_put(&r->line, S(",\n "));
        value_json(&r->line, &whole, row, form);
        if (r->form == ROWS_NDJSON) buf_char(&r->line, '\n');
        return;
    }
    Arena *a = arena_new(NULL);
    for (int32_t i = 0; i < b->cols; i++) {
        Buf text = buf_new(a);
        bool null = column_null(&b->col[i], row);
        if (!null) value_text(&text, &b->col[i], row, form);
        put_field(r, i, null && r->form == ROWS_MARKDOWN ? S("NULL") : buf_str(&text));
    }
    arena_free(a);
    buf_put(&r->line, r->form == ROWS_MARKDOWN ? S("|\n") : S("\n"));
}
static Status rows_put(Out *out, const Batch *b)
{
    Answer *answer = CONTAINER(out, Answer, rows);
    RowsOut *r = CONTAINER(answer, RowsOut, answer);
    if (r->table) {
        text_table_add(r->table, b);
        return DONE;
    }
    TextForm form = eval_text_form(r->eval);
    for (int32_t i = 0; i < b->rows; i++, r->rows++) put_row(r, b, i, &form);
    return flush(r);
}
RowsOut rows_out(Arena *a, Io *io, RowsForm form, int64_t most, const EvalCtx *eval)
{
    return (RowsOut){.answer = {.schema = rows_schema, .rows = {rows_put}},
                     .arena = a,
                     .io = io,
                     .form = form,
                     .most = most,
                     .eval = eval,
                     .line = buf_new(a)};
}
Status rows_end(RowsOut *r)
{
    if (r->table) text_table_print(r->table, &r->line);
    if (r->form == ROWS_JSON && r->schema && r->schema->nfields) buf_put(&r->line, S("]\n"));
    if (r->table && r->line.n && r->line.p[r->line.n - 1] != '\n') buf_char(&r->line, '\n');
    return flush(r);
}
