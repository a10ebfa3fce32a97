// op_test.c -- operators of a chain: each is given rows as text and must give rows as text.
#include "base/test.h"
#include "op/exchange.h"
#include "op/expand.h"
#include "op/filter.h"
#include "op/generate.h"
#include "op/limit.h"
#include "op/project.h"
#include "op/rig_in.h"
#include "op/union.h"
#include "op/watermark.h"
#include "op/windows.h"

TEST(project_computes_and_passes_on)
{
    const Schema *s = rig_schema(a, S("a INT, b STRING"));
    Rig *r = rig_new(a);
    Expr *e[] = {rig_column(a, s, 1), rig_call(a, S("+"), rig_column(a, s, 0), rig_int(a, 10))};
    ProjectSpec spec = {e, 2};
    Op *op = rig_op(r, &op_project, &spec);
    rig_put(op, 0, s, S("1,x|NULL,y"));
    CHECK_STR(rig_take(r), S("x,11|y,NULL"));
    CHECK_I64(op->rows_in, 2);
    CHECK_I64(op->rows_out, 2);
    Batch bad = rig_batch(a, s, S("2147483647,z"));
    CHECK_FAILS(op_rows(op, 0, &bad), ERR_INVALID);
}
TEST(filter_keeps_what_is_true)
{
    const Schema *s = rig_schema(a, S("a INT, b STRING"));
    Rig *r = rig_new(a);
    FilterSpec spec = {.predicate = rig_call(a, S(">"), rig_column(a, s, 0), rig_int(a, 1))};
    Op *op = rig_op(r, &op_filter, &spec);
    rig_put(op, 0, s, S("1,x|2,y|NULL,z|3,w"));
    CHECK_STR(rig_take(r), S("2,y|3,w"));
    rig_put(op, 0, s, S("0,x"));
    CHECK_STR(rig_take(r), S(""));
    rig_put(op, 0, s, S("7,x|8,y"));
    CHECK_STR(rig_take(r), S("7,x|8,y"));
}
TEST(filter_moves_only_what_is_needed)
{
    const Schema *s = rig_schema(a, S("a INT, b STRING, c INT"));
    Rig *r = rig_new(a);
    static const uint8_t needed[] = {0, 1, 1};
    FilterSpec spec = {.predicate = rig_call(a, S(">"), rig_column(a, s, 0), rig_int(a, 1)),
                       .needed = needed};
    Op *op = rig_op(r, &op_filter, &spec);
    Expr *e[] = {rig_column(a, s, 1)};
    ProjectSpec after = {e, 1};
    Op *next = rig_op(r, &op_project, &after);
    op->out = &next->self;
    Batch b = rig_batch(a, s, S("1,x,1|2,y,2"));
    b.col[2] = (Column){.type = &type_int, .rows = 2}; // a source left it out
    CHECK_OK(op_rows(op, 0, &b));
    CHECK_STR(rig_take(r), S("y"));
}
TEST(union_takes_any_port)
{
    const Schema *s = rig_schema(a, S("a INT"));
    Rig *r = rig_new(a);
    Op *op = rig_op(r, &op_union, NULL);
    rig_put(op, 0, s, S("1"));
    rig_put(op, 3, s, S("2"));
    CHECK_STR(rig_take(r), S("1|2"));
}
TEST(watermark_counts_null_as_zero_in_floored_ms)
{
    const Schema *s = rig_schema(a, S("t TIMESTAMP, v INT"));
    Rig *r = rig_new(a);
    WatermarkSpec spec = {.column = 0};
    Op *op = rig_op(r, &op_watermark, &spec);
    rig_put(op, 0, s, S("5000999,1|NULL,2|-1,3"));
    WatermarkStats w = watermark_take(op);
    CHECK_I64(w.count, 3);
    CHECK_I64(w.max, 5000);
    CHECK_I64(w.min, -1);
    CHECK_I64(watermark_avg(&w), 1666);
    CHECK_I64(watermark_take(op).count, 0);
    CHECK(str_starts(rig_take(r), S("1970-01-01 00:00:05.000999,1|NULL,2|")));
    WatermarkStats sum = {0}, other = {.count = 1, .max = 7, .min = 7, .sum = 7};
    watermark_add(&sum, &other);
    watermark_add(&sum, &(WatermarkStats){0});
    watermark_add(&sum, &w);
    CHECK_I64(sum.count, 4);
    CHECK_I64(sum.min, -1);
}
static Op *windows_op(Rig *r, const Schema *s, Micros duration, Micros slide, Micros start)
{
    WindowsSpec *spec = NEW(r->arena, WindowsSpec, 1);
    *spec = (WindowsSpec){.time = rig_column(r->arena, s, 0),
                          .duration = duration * 60000000,
                          .slide = slide * 60000000,
                          .start = start * 60000000};
    spec->window = rig_schema(r->arena, S("start TIMESTAMP, end TIMESTAMP"));
    return rig_op(r, &op_windows, spec);
}
TEST(windows_reference_values) // semantics T12
{
    static const struct {
        Micros duration, slide, start;
        Str want;
    } row[] = {
        {10, 10, 0, STR_INIT("12:00-12:10")},
        {10, 5, 0, STR_INIT("12:05-12:15 12:00-12:10")},
        {12, 5, 0, STR_INIT("12:05-12:17 12:00-12:12")},
        {12, 5, 2, STR_INIT("12:07-12:19 12:02-12:14 11:57-12:09")},
        {1440, 1440, 0, STR_INIT("00:00-00:00")},
    };
    const Schema *s = rig_schema(a, S("t TIMESTAMP"));
    for (int64_t i = 0; i < COUNT(row); i++) {
        Rig *r = rig_new(a);
        Op *op = windows_op(r, s, row[i].duration, row[i].slide, row[i].start);
        rig_put(op, 0, s, S("1737115650000000|NULL")); // 2025-01-17 12:07:30
        Buf got = buf_new(a);
        for (Cut c = {.tail = rig_take(r), .ok = true}; c.ok;) {
            c = str_cut(c.tail, '|'); // time,{yyyy-mm-dd hh:mm:ss, yyyy-mm-dd hh:mm:ss}
            int64_t at = str_find_char(c.head, '{');
            if (got.n) buf_char(&got, ' ');
            buf_put(&got, str_sub(c.head, at + 12, 5));
            buf_char(&got, '-');
            buf_put(&got, str_sub(c.head, at + 33, 5));
        }
        CHECK_STR(buf_str(&got), row[i].want);
    }
}
TEST(windows_fill_more_than_a_batch)
{
    const Schema *s = rig_schema(a, S("t TIMESTAMP"));
    Rig *r = rig_new(a);
    Op *op = windows_op(r, s, 60, 1, 0);
    Buf rows = buf_new(a);
    for (int i = 0; i < 500; i++) buf_fmt(&rows, "%s%d", i ? "|" : "", i * 1000000);
    rig_put(op, 0, s, buf_str(&rows));
    CHECK_I64(op->rows_out, 500 * 60);
    CHECK_I64(r->largest, BATCH_ROWS);
}
TEST(expand_weaves_projections)
{
    const Schema *s = rig_schema(a, S("a INT, b STRING, l ARRAY<INT>"));
    Rig *r = rig_new(a);
    Datum null = {.null = true};
    Expr *p0[] = {rig_column(a, s, 0), rig_column(a, s, 1), rig_column(a, s, 2)};
    Expr *p1[] = {expr_literal(a, &type_int, &null), rig_column(a, s, 1), rig_column(a, s, 2)};
    Expr *const *const projection[] = {p0, p1};
    ExpandSpec spec = {projection, 2, 3};
    Op *op = rig_op(r, &op_expand, &spec);
    Batch b = rig_batch(a, rig_schema(a, S("a INT, b STRING")), S("1,x|2,NULL"));
    Builder *list = builder_new(a, s->field[2].type);
    for (int64_t row = 0; row < 2; row++) {
        builder_start(list);
        for (int64_t i = 0; i <= row; i++)
            builder_datum(builder_kid(list, 0), &(Datum){.i = i + row});
        builder_end(list);
    }
    Column col[] = {b.col[0], b.col[1], builder_column(list)};
    CHECK_OK(op_rows(op, 0, &(Batch){.rows = 2, .cols = 3, .col = col}));
    CHECK_STR(rig_take(r), S("1,x,[0]|NULL,x,[0]|2,NULL,[1, 2]|NULL,NULL,[1, 2]"));
}
TEST(generate_explodes)
{
    const Schema *s = rig_schema(a, S("a INT, l ARRAY<INT>"));
    Builder *list = builder_new(a, s->field[1].type);
    builder_start(list);
    builder_datum(builder_kid(list, 0), &(Datum){.i = 7});
    builder_null(builder_kid(list, 0));
    builder_end(list);
    builder_null(list);
    builder_start(list);
    builder_end(list);
    Batch b = rig_batch(a, rig_schema(a, S("a INT")), S("1|2|3"));
    Column col[] = {b.col[0], builder_column(list)};
    GenerateSpec spec = {.list = rig_column(a, s, 1),
                         .out = rig_schema(a, S("a INT, l ARRAY<INT>, col INT"))};
    Rig *r = rig_new(a);
    CHECK_OK(
        op_rows(rig_op(r, &op_generate, &spec), 0, &(Batch){.rows = 3, .cols = 2, .col = col}));
    CHECK_STR(rig_take(r), S("1,[7, NULL],7|1,[7, NULL],NULL"));
    GenerateSpec outer = {.list = spec.list,
                          .outer = true,
                          .position = true,
                          .out = rig_schema(a, S("a INT, l ARRAY<INT>, pos INT, col INT"))};
    CHECK_OK(
        op_rows(rig_op(r, &op_generate, &outer), 0, &(Batch){.rows = 3, .cols = 2, .col = col}));
    CHECK_STR(rig_take(r), S("1,[7, NULL],0,7|1,[7, NULL],1,NULL|2,NULL,NULL,NULL|3,[],NULL,NULL"));
}
TEST(exchange_keeps_keys_together_and_rows_in_order)
{
    const Schema *s = rig_schema(a, S("k INT, v INT"));
    Rig *r = rig_new(a);
    Expr *key[] = {rig_column(a, s, 0)};
    ExchangeSpec spec = {key, 1, STATE_SHARDS};
    Op *op = rig_op(r, &op_exchange, &spec);
    for (int32_t round = 0; round < 3; round++) {
        int64_t rows = 0, shard_of[10], last[10];
        for (int32_t i = 0; i < 10; i++) shard_of[i] = last[i] = -1;
        for (int32_t b = 0; b < 5; b++) {
            Buf text = buf_new(a);
            for (int32_t i = 0; i < 700; i++)
                buf_fmt(&text, "%s%d,%d", i ? "|" : "", i % 10, b * 700 + i);
            rig_put(op, 0, s, buf_str(&text));
        }
        CHECK_OK(op_round(op));
        for (int32_t sh = 0; sh < STATE_SHARDS; sh++) {
            const Batch *b = NULL;
            int32_t n = exchange_batches(op, sh, &b);
            for (int32_t i = 0; i < n; i++)
                for (int32_t k = 0; k < b[i].rows; k++, rows++) {
                    int32_t at = COLUMN_DATA(&b[i].col[0], int32_t)[k];
                    int64_t v = COLUMN_DATA(&b[i].col[1], int32_t)[k];
                    CHECK(shard_of[at] < 0 || shard_of[at] == sh);
                    CHECK(v > last[at]);
                    shard_of[at] = sh;
                    last[at] = v;
                }
        }
        CHECK_I64(rows, 3500);
    }
    CHECK_OK(op_round(op)); // a round without rows
    const Batch *b = NULL;
    for (int32_t sh = 0; sh < STATE_SHARDS; sh++) CHECK_I64(exchange_batches(op, sh, &b), 0);
}
TEST(limit_and_offset_by_epoch)
{
    const Schema *s = rig_schema(a, S("v INT"));
    Rig *r = rig_new(a);
    LimitSpec spec = {.limit = 3, .offset = 2};
    Op *op = rig_op(r, &op_limit, &spec);
    for (int32_t epoch = 0; epoch < 2; epoch++) {
        rig_put(op, 0, s, S("1|2|3"));
        CHECK(!op->full);
        rig_put(op, 0, s, S("4|5|6"));
        CHECK(op->full);
        rig_put(op, 0, s, S("7"));
        CHECK_OK(op_flush(op));
        CHECK_STR(rig_take(r), S("3|4|5"));
    }
    LimitSpec all = {.limit = -1, .offset = 1};
    op = rig_op(r, &op_limit, &all);
    rig_put(op, 0, s, S("1|2"));
    CHECK_STR(rig_take(r), S("2"));
    CHECK(!op->full);
}
TEST(global_limit_is_of_the_stream)
{
    const Schema *s = rig_schema(a, S("v INT"));
    Rig *r = rig_new(a);
    LimitSpec spec = {.limit = 4};
    TableSpec table;
    Str schema;
    limit_state(&table, &schema);
    static const Str feed[] = {STR_INIT("1|2|3"), STR_INIT("4|5"), STR_INIT("6")};
    static const Str want[] = {STR_INIT("1|2|3"), STR_INIT("4"), STR_INIT("")};
    static const int64_t updated[] = {1, 1, 0};
    State *state = state_new(a, &table, 1);
    for (int32_t epoch = 0; epoch < 3; epoch++) {
        Op *op = rig_op(r, &op_global_limit, &spec); // as if after a restart
        op->state = state;
        state_epoch_begin(state);
        rig_put(op, 0, s, feed[epoch]);
        CHECK_OK(op_flush(op));
        CHECK_STR(rig_take(r), want[epoch]);
        CHECK_I64(op->counts.updated, updated[epoch]);
        CHECK_I64(state_count(state), 1);
    }
}
