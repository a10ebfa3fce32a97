// connect_show.c -- relations that run the one below at once: show(), a notebook's table, tail().
#include "fmt/text_table.h"
#include "plan/connect_rel_in.h"

static Rel *limited(Connect *c, Rel *input, int64_t n)
{
    Exprs limit = {0};
    vec_push(c->a, &limit, expr_literal(c->a, &type_int, &(Datum){.i = MIN(MAX(n, 0), INT32_MAX)}));
    return connect_node(c, REL_LIMIT, input, &limit);
}

// A relation of one row with one text.
static Rel *text_rel(Connect *c, Str name, Str text)
{
    Field f = field_of(name, &type_string, false);
    Rel *r = connect_node(c, REL_LOCAL, NULL, NULL);
    r->schema = type_struct(c->a, &f, 1);
    Batch *b = NEW(c->a, Batch, 1);
    *b = batch_new(c->a, r->schema, 1);
    COLUMN_DATA(&b->col[0], Str)[0] = text;
    r->rows = b;
    r->nrows = 1;
    return r;
}

// The longest a client may ask for is what one array of Java's holds.
static int64_t shown_rows(const Proto *m) { return MIN(MAX(proto_int(m, 2), 0), INT32_MAX - 15); }

Status connect_show(Connect *c, const Proto *m, Rel **r)
{
    Rel *input;
    ConnectRows rows;
    int64_t n = shown_rows(m);
    TRY(connect_rel_of(c, m, 1, &input));
    TRY(connect_run(c, limited(c, input, n + 1), &rows));
    TextTableOptions o = {.rows = (int32_t)n,
                          .truncate = (int32_t)proto_int(m, 3),
                          .vertical = proto_bool(m, 4),
                          .form = eval_text_form(&c->env->session->eval)};
    TextTable *t = text_table_new(c->a, rows.schema, &o);
    for (int32_t i = 0; i < rows.n; i++) text_table_add(t, &rows.batch[i]);
    Buf b = buf_new(c->a);
    text_table_print(t, &b);
    *r = text_rel(c, S("show_string"), buf_str(&b));
    return DONE;
}

static void put_html(Buf *b, Str s)
{
    static const struct {
        char c;
        Str as;
    } rows[] = {{'&', STR_INIT("&amp;")},
                {'<', STR_INIT("&lt;")},
                {'>', STR_INIT("&gt;")},
                {'"', STR_INIT("&quot;")},
                {'\'', STR_INIT("&#39;")}};
    for (int64_t i = 0; i < s.n; i++) {
        Str as = str_sub(s, i, 1);
        for (int64_t k = 0; k < COUNT(rows); k++)
            if (rows[k].c == s.p[i]) as = rows[k].as;
        buf_put(b, as);
    }
}

static Str first_points(Str s, int64_t n) // code points
{
    int64_t at = 0;
    for (; at < s.n; at++)
        if (((uint8_t)s.p[at] & 0xc0) != 0x80 && n-- == 0) break;
    return str_sub(s, 0, at);
}

static void put_html_row(Connect *c, Buf *b, const Batch *batch, int32_t row, int64_t truncate)
{
    TextForm form = eval_text_form(&c->env->session->eval);
    form.null_text = S("NULL");
    form.binary_hex = true;
    buf_put(b, S("<tr>"));
    for (int32_t k = 0; k < batch->cols; k++) {
        Buf cell = buf_new(c->a);
        value_text(&cell, &batch->col[k], row, &form);
        Str s = buf_str(&cell);
        bool cut = truncate > 0 && utf8_count(s) > truncate;
        buf_put(b, S("<td>"));
        put_html(b, cut ? first_points(s, truncate > 3 ? truncate - 3 : truncate) : s);
        buf_put(b, cut && truncate > 3 ? S("...</td>") : S("</td>"));
    }
    buf_put(b, S("</tr>\n"));
}

Status connect_html(Connect *c, const Proto *m, Rel **r)
{
    Rel *input;
    ConnectRows rows;
    int64_t n = shown_rows(m), left = n;
    TRY(connect_rel_of(c, m, 1, &input));
    TRY(connect_run(c, limited(c, input, n + 1), &rows));
    Buf b = buf_new(c->a);
    buf_put(&b, S("<table border='1'>\n<tr>"));
    for (int32_t k = 0; k < rows.schema->nfields; k++) {
        buf_put(&b, S("<th>"));
        put_html(&b, rows.schema->field[k].name);
        buf_put(&b, S("</th>"));
    }
    buf_put(&b, S("</tr>\n"));
    bool more = false;
    for (int32_t i = 0; i < rows.n; i++)
        for (int32_t k = 0; k < rows.batch[i].rows; k++) {
            more |= left == 0;
            if (left) left--, put_html_row(c, &b, &rows.batch[i], k, proto_int(m, 3));
        }
    buf_put(&b, S("</table>\n"));
    if (more) buf_fmt(&b, "only showing top %lld row%s\n", (long long)n, n == 1 ? "" : "s");
    *r = text_rel(c, S("html_string"), buf_str(&b));
    return DONE;
}

Status connect_tail(Connect *c, const Proto *m, Rel **r)
{
    Rel *input;
    ConnectRows rows;
    int64_t n = MAX(proto_int(m, 2), 0);
    TRY(connect_rel_of(c, m, 1, &input));
    TRY(connect_run(c, input, &rows));
    VEC(Batch) kept = {0};
    for (int32_t i = rows.n - 1; i >= 0 && n > 0; i--) {
        int32_t take = (int32_t)MIN(n, rows.batch[i].rows);
        Batch part = batch_slice(c->a, &rows.batch[i], rows.batch[i].rows - take, take);
        vec_push(c->a, &kept, part);
        n -= take;
    }
    for (int64_t i = 0; i < kept.n / 2; i++) {
        Batch swap = kept.v[i];
        kept.v[i] = kept.v[kept.n - 1 - i];
        kept.v[kept.n - 1 - i] = swap;
    }
    *r = connect_node(c, REL_LOCAL, NULL, NULL);
    (*r)->schema = rows.schema;
    (*r)->rows = kept.v;
    (*r)->nrows = (int32_t)kept.n;
    return DONE;
}
