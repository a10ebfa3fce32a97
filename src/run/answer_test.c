// answer_test.c -- an Answer that is text.
#include "run/answer_test.h"
#include "base/test.h"

static Status heard_schema(Answer *answer, const Schema *s)
{
    Heard *h = CONTAINER(answer, Heard, answer);
    for (int32_t i = 0; h->names && i < s->nfields; i++)
        buf_fmt(&h->text, "%s" STR_FMT, i ? "," : "", STR_ARG(s->field[i].name));
    return DONE;
}
static Status heard_rows(Out *out, const Batch *b)
{
    Answer *answer = CONTAINER(out, Answer, rows);
    Heard *h = CONTAINER(answer, Heard, answer);
    for (int32_t i = 0; i < b->rows; i++)
        for (int32_t c = 0; c < b->cols; c++) {
            buf_char(&h->text, c ? ',' : '|');
            value_text(&h->text, &b->col[c], i, &(TextForm){.null_text = S("NULL")});
        }
    return DONE;
}
void heard_begin(Heard *h, Arena *a, bool names)
{
    *h = (Heard){.answer = {.schema = heard_schema, .rows = {heard_rows}},
                 .text = buf_new(a),
                 .names = names};
}
Str answer_text(Arena *a, Session *s, Str statements, bool names)
{
    Statements parsed = {0};
    QueryEnv env = {.data_dir = S("/nowhere")};
    StatementArgs args = {.session = s, .env = &env};
    Str last = S("nothing");
    CHECK_OK(parse_statements(&parsed, a, statements));
    for (int64_t i = 0; i < parsed.n; i++) {
        Heard h;
        heard_begin(&h, a, names);
        Status st = statement_run(&args, parsed.v[i], &h.answer);
        last = buf_str(&h.text);
        if (st.code)
            last = failure()->cond ? condition_of(failure()->cond)->name : str_z(fail_text());
    }
    return str_copy(a, last);
}
