// out_test.c -- rows as text, and what the keeper of batches keeps.
#include "col/out_test.h"
#include "base/test.h"

static Status put_text(Out *out, const Batch *b)
{
    OutText *o = CONTAINER(out, OutText, out);
    TextForm form = {.null_text = S("NULL")};
    for (int32_t i = 0; i < b->rows; i++)
        for (int32_t k = 0; k < b->cols; k++) {
            if (b->col[k].data)
                value_text(&o->text, &b->col[k], i, &form);
            else
                buf_char(&o->text, '-');
            buf_char(&o->text, k + 1 < b->cols ? '|' : o->end);
        }
    return DONE;
}
OutText out_text(Arena *a, char end)
{
    return (OutText){.out = {put_text}, .text = buf_new(a), .end = end};
}
TEST(out_keeps_copies)
{
    OutKept kept = out_kept(a);
    OutText text = out_text(a, ';');
    int32_t number[2] = {1, 2};
    Column c = {.type = &type_int, .data = number, .rows = 2};
    Batch b = {.col = &c, .cols = 1, .rows = 2};
    CHECK_OK(out_put(&kept.out, &b));
    number[0] = 7;
    b.rows = c.rows = 0;
    CHECK_OK(out_put(&kept.out, &b)); // no rows: not told
    b.rows = c.rows = 2;
    CHECK_OK(out_put(&kept.out, &b));
    CHECK_I64(kept.batch.n, 2);
    for (int64_t i = 0; i < kept.batch.n; i++) CHECK_OK(out_put(&text.out, &kept.batch.v[i]));
    CHECK_STR(buf_str(&text.text), S("1;2;7;2;"));
}
