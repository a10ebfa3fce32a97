// sort_test.c -- order, NULLs, ties, and that a limit changes nothing but how many rows come.
#include "base/test.h"
#include "op/rig_in.h"
#include "op/sort.h"

static Expr *order(Arena *a, const Schema *s, int32_t column, bool descending, bool nulls_last)
{
    Expr *e = expr_new(a, E_SORT, (Origin){0});
    e->arg = NEW(a, Expr *, 1);
    e->arg[0] = rig_column(a, s, column);
    e->nargs = 1;
    e->descending = descending;
    e->nulls_last = nulls_last;
    return e;
}
TEST(sort_orders_every_kind_of_value)
{
    static const struct {
        Str type, rows;
        bool descending, nulls_last;
        Str want;
    } row[] = {
        {STR_INIT("INT"), STR_INIT("3|NULL|-1|2"), false, false, STR_INIT("NULL|-1|2|3")},
        {STR_INIT("INT"), STR_INIT("3|NULL|-1|2"), true, true, STR_INIT("3|2|-1|NULL")},
        {STR_INIT("INT"), STR_INIT("3|NULL|-1"), true, false, STR_INIT("NULL|3|-1")},
        {STR_INIT("INT"), STR_INIT("3|NULL|-1"), false, true, STR_INIT("-1|3|NULL")},
        {STR_INIT("BIGINT"), STR_INIT("-9223372036854775808|9223372036854775807|NULL|0"), false,
         false, STR_INIT("NULL|-9223372036854775808|0|9223372036854775807")},
        {STR_INIT("BIGINT"), STR_INIT("-9223372036854775808|9223372036854775807|NULL|0"), true,
         true, STR_INIT("9223372036854775807|0|-9223372036854775808|NULL")},
        {STR_INIT("DOUBLE"), STR_INIT("NaN|1.5|-2.5|NULL"), false, false,
         STR_INIT("NULL|-2.5|1.5|NaN")},
        {STR_INIT("DOUBLE"), STR_INIT("1.5|NaN|-2.5"), true, true, STR_INIT("NaN|1.5|-2.5")},
        {STR_INIT("STRING"), STR_INIT("b||abcdefghi|abcdefgha|NULL|a"), false, false,
         STR_INIT("NULL||a|abcdefgha|abcdefghi|b")},
        {STR_INIT("BOOLEAN"), STR_INIT("true|false|NULL"), true, true, STR_INIT("true|false|NULL")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        const Schema *s = rig_schema(a, str_cat(a, S("v "), row[i].type));
        Expr *by[] = {order(a, s, 0, row[i].descending, row[i].nulls_last)};
        SortSpec spec = {by, 1, -1};
        Rig *r = rig_new(a);
        Op *op = rig_op(r, &op_sort, &spec);
        rig_put(op, 0, s, row[i].rows);
        CHECK_OK(op_flush(op));
        CHECK_STR(rig_take(r), row[i].want);
    }
}
TEST(sort_by_two_keys_keeps_ties_as_they_came)
{
    const Schema *s = rig_schema(a, S("k STRING, v INT, n INT"));
    Expr *by[] = {order(a, s, 0, false, false), order(a, s, 1, true, true)};
    SortSpec spec = {by, 2, -1};
    Rig *r = rig_new(a);
    Op *op = rig_op(r, &op_sort, &spec);
    for (int32_t epoch = 0; epoch < 2; epoch++) { // nothing stays behind from one epoch to the next
        rig_put(op, 0, s, S("b,1,1|a,2,2|a,NULL,3"));
        rig_put(op, 0, s, S("a,2,4|a,5,5|b,1,6"));
        CHECK_OK(op_flush(op));
        CHECK_STR(rig_take(r), S("a,5,5|a,2,2|a,2,4|a,NULL,3|b,1,1|b,1,6"));
    }
    CHECK_OK(op_flush(op));
    CHECK_STR(rig_take(r), S(""));
}
static Str sorted(Arena *a, int64_t limit, int32_t rows)
{
    const Schema *s = rig_schema(a, S("v INT, n INT"));
    Expr *by[] = {order(a, s, 0, false, false)};
    SortSpec spec = {by, 1, limit};
    Rig *r = rig_new(a);
    Op *op = rig_op(r, &op_sort, &spec);
    uint64_t seed = 7;
    for (int32_t at = 0; at < rows; at += 500) {
        Buf b = buf_new(a);
        for (int32_t i = 0; i < 500; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
            buf_fmt(&b, "%s%d,%d", i ? "|" : "", (int)(seed >> 33) % 1000, at + i);
        }
        rig_put(op, 0, s, buf_str(&b));
    }
    CHECK_OK(op_flush(op));
    return rig_take(r);
}
TEST(sort_with_a_limit_is_the_head_of_the_whole)
{
    Str all = sorted(a, -1, 30000);
    for (int64_t limit = 0; limit <= 1500; limit = limit * 3 + 1) {
        Str some = sorted(a, limit, 30000);
        CHECK(str_starts(all, some));
        int64_t n = some.n > 0;
        for (int64_t i = 0; i < some.n; i++) n += some.p[i] == '|';
        CHECK_I64(n, limit);
    }
}
