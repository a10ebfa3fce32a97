// window_test.c -- partitions that begin in the middle of a batch, at its edge, or span many;
// frames whose rows leave; and a partition that is too big.
#include "base/test.h"
#include "op/rig_in.h"
#include "op/window.h"

static Expr *ascending(Arena *a, const Schema *s, int32_t column)
{
    Expr *e = expr_new(a, E_SORT, (Origin){0});
    e->arg = NEW(a, Expr *, 1);
    e->arg[0] = rig_column(a, s, column);
    e->nargs = 1;
    return e;
}
static Op *window_op(Rig *r, const Schema *s, const WindowCall *call, int32_t n)
{
    Arena *a = r->arena;
    Expr **partition = NEW(a, Expr *, 1), **order = NEW(a, Expr *, 1);
    partition[0] = rig_column(a, s, 0);
    order[0] = ascending(a, s, 1);
    WindowSpec *w = NEW(a, WindowSpec, 1);
    *w = (WindowSpec){partition, order, call, 1, 1, n};
    return rig_op(r, &op_window, w);
}
TEST(window_numbers_rows_whatever_the_batches)
{
    Rig *r = rig_new(a);
    const Schema *s = rig_schema(a, S("k INT, v INT"));
    WindowCall call[2] = {{.fn = WINDOW_ROW_NUMBER, .type = &type_int},
                          {.fn = WINDOW_RANK, .type = &type_int}};
    Op *op = window_op(r, s, call, 2);
    rig_put(op, 0, s, S("1,1|1,1"));
    rig_put(op, 0, s, S("1,2|2,1"));
    rig_put(op, 0, s, S("3,7|3,8|3,8"));
    CHECK_OK(op_flush(op));
    CHECK_STR(rig_take(r), S("1,1,1,1|1,1,2,1|1,2,3,3|2,1,1,1|3,7,1,1|3,8,2,2|3,8,3,2"));
    CHECK_OK(op_flush(op));
    CHECK_STR(rig_take(r), S(""));
}
TEST(window_sums_over_frames_that_move)
{
    Rig *r = rig_new(a);
    const Schema *s = rig_schema(a, S("k INT, v BIGINT"));
    Expr *sum = rig_call(a, S("sum"), rig_column(a, s, 1), NULL);
    WindowBound back = {.kind = WINDOW_ROW, .rows = -1}, here = {.kind = WINDOW_ROW};
    WindowBound all = {.kind = WINDOW_UNBOUNDED}, peer = {.kind = WINDOW_PEER};
    WindowBound far = {.kind = WINDOW_ROW, .rows = 5};
    WindowCall call[4] = {
        {.fn = WINDOW_AGG, .agg = sum, .lower = back, .upper = here, .type = &type_bigint},
        {.fn = WINDOW_AGG, .agg = sum, .lower = all, .upper = peer, .type = &type_bigint},
        {.fn = WINDOW_AGG, .agg = sum, .lower = here, .upper = all, .type = &type_bigint},
        {.fn = WINDOW_AGG, .agg = sum, .lower = far, .upper = far, .type = &type_bigint},
    };
    Op *op = window_op(r, s, call, 4);
    rig_put(op, 0, s, S("1,1|1,2|1,2|1,4|2,9"));
    CHECK_OK(op_flush(op));
    CHECK_STR(rig_take(r), S("1,1,1,1,9,NULL|1,2,3,5,8,NULL|1,2,4,5,6,NULL|1,4,6,9,4,NULL|"
                             "2,9,9,9,9,NULL"));
}
TEST(window_gives_partitions_away_when_they_are_whole)
{
    Rig *r = rig_new(a);
    const Schema *s = rig_schema(a, S("k INT, v INT"));
    WindowCall call = {.fn = WINDOW_CUME_DIST, .type = &type_double};
    Op *op = window_op(r, s, &call, 1);
    Buf rows = buf_new(a);
    for (int32_t i = 0; i < 600; i++) buf_fmt(&rows, "%s%d,%d", i ? "|" : "", i / 100, i);
    rig_put(op, 0, s, buf_str(&rows));
    CHECK_I64(op->rows_out, 0);
    rig_put(op, 0, s, buf_str(&rows)); // all but the last hundred are whole now
    CHECK_I64(op->rows_out, 1100);
    CHECK(r->largest <= BATCH_ROWS);
    CHECK_OK(op_flush(op));
    CHECK_I64(op->rows_out, 1200);
}
