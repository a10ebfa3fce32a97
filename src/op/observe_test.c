// observe_test.c -- rows pass, and what was seen of them adds up over instances and epochs.
#include "base/test.h"
#include "op/observe.h"
#include "op/rig_in.h"

static Str told(Arena *a, ObserveSum *sum)
{
    Observations seen = {.arena = a};
    Buf b = buf_new(a);
    CHECK_OK(observe_sum_tell(sum, &seen));
    CHECK_I64(seen.list.n, 1);
    const Observed *o = &seen.list.v[0];
    Column row = {.type = o->schema, .kid = o->row.col, .rows = 1};
    buf_put(&b, o->name);
    buf_char(&b, ' ');
    value_json(&b, &row, 0, &(TextForm){0});
    return buf_str(&b);
}

TEST(observe_adds_up)
{
    const Schema *s = rig_schema(a, S("k INT, v BIGINT"));
    Rig *rig = rig_new(a);
    Expr *agg[] = {rig_call(a, S("count"), rig_int(a, 1), NULL),
                   rig_call(a, S("sum"), rig_column(a, s, 1), NULL),
                   rig_call(a, S("collect_list"), rig_column(a, s, 0), NULL)};
    Field made[COUNT(agg) + 1], *f = made;
    Expr *item[COUNT(agg) + 1];
    for (int32_t i = 0; i < COUNT(agg); i++) {
        *f = field_of(str_fmt(a, "c%d", i), agg[i]->type, true);
        item[i] = expr_column(a, i, f++);
    }
    item[COUNT(agg)] = rig_call(a, S("+"), expr_copy(a, item[0]), expr_copy(a, item[1]));
    *f = field_of(S("both"), item[COUNT(agg)]->type, true);
    ObserveSpec spec = {.agg = {.agg = agg, .naggs = COUNT(agg), .time_key = -1, .shards = 1},
                        .name = S("o"),
                        .item = item,
                        .made = type_struct(a, made, COUNT(made))};
    Op *lane[2];
    ObserveSum *sum = NULL;
    for (int32_t i = 0; i < 2; i++) lane[i] = rig_op(rig, &op_observe, &spec);
    CHECK_OK(observe_sum_new(&sum, a, &spec, &rig->ctx.eval));

    CHECK_STR(told(a, sum), S("o {\"c0\":0,\"c1\":null,\"c2\":[],\"both\":null}"));
    rig_put(lane[0], 0, s, S("1,10|2,NULL"));
    rig_put(lane[1], 0, s, S("3,5"));
    CHECK_STR(rig_take(rig), S("1,10|2,NULL|3,5"));
    for (int32_t i = 0; i < 2; i++) CHECK_OK(observe_sum_take(sum, lane[i]));
    CHECK_STR(told(a, sum), S("o {\"c0\":3,\"c1\":15,\"c2\":[1,2,3],\"both\":18}"));

    observe_sum_clear(sum); // the next epoch
    for (int32_t i = 0; i < 2; i++) CHECK_OK(observe_sum_take(sum, lane[i]));
    CHECK_STR(told(a, sum), S("o {\"c0\":0,\"c1\":null,\"c2\":[],\"both\":null}"));
    rig_put(lane[1], 0, s, S("7,1"));
    for (int32_t i = 0; i < 2; i++) CHECK_OK(observe_sum_take(sum, lane[i]));
    CHECK_STR(told(a, sum), S("o {\"c0\":1,\"c1\":1,\"c2\":[7],\"both\":2}"));
}
