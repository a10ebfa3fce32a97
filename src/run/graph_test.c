// graph_test.c -- the same offsets give the same rows in the same order: with any number of
// workers, any batch size, one instance or many. Sums of doubles would show another order.
#include "base/test.h"
#include "expr/fn.h"
#include "op/aggregate.h"
#include "op/exchange.h"
#include "op/join.h"
#include "op/sort.h"
#include "run/graph.h"
#include <stdio.h>

typedef struct Numbers { // rows (k INT, v DOUBLE) for offsets [from, to), 100 a lane
    Source source;
    int64_t fail_from; // lanes at or after this offset fail
} Numbers;

static int64_t number_of(Str s)
{
    int64_t n = 0;
    for (int64_t i = 0; i < s.n; i++) n = n * 10 + (s.p[i] - '0');
    return n;
}
static Status numbers_lanes(Source *s, Arena *a, Str from, Str to, Lanes *lanes)
{
    (void)s;
    for (int64_t at = number_of(from), end = number_of(to); at < end; at += 100) {
        Lane l = {.from = at, .to = MIN(at + 100, end), .rows = MIN(at + 100, end) - at};
        vec_push(a, lanes, l);
    }
    return DONE;
}
static Status numbers_read(Source *s, const Lane *lane, Arena *scratch, Out *out)
{
    if (lane->from >= CONTAINER(s, Numbers, source)->fail_from)
        return fail(ERR_IO, "lane at %lld", (long long)lane->from);
    Batch b = batch_new(scratch, s->schema, (int32_t)(lane->to - lane->from));
    for (int32_t i = 0; i < b.rows; i++) {
        int64_t n = lane->from + i;
        COLUMN_DATA(&b.col[0], int32_t)[i] = (int32_t)(n * 7919 % 23);
        COLUMN_DATA(&b.col[1], double)[i] = (double)(n % 97) * 0.1 + 1e9 / (double)(n + 1);
    }
    return out_put(out, &b);
}
static Status numbers_start(Source *s, Arena *a, Str *offset)
{
    (void)s;
    *offset = str_copy(a, S("0"));
    return DONE;
}
static Status numbers_latest(Source *s, Arena *a, Str from, const Admission *adm, Str *to,
                             Str *latest)
{
    (void)s, (void)from, (void)adm;
    *to = *latest = str_copy(a, S("500"));
    return DONE;
}
static const SourceKind numbers = {.name = STR_INIT("numbers"),
                                   .size = sizeof(Numbers),
                                   .start = numbers_start,
                                   .latest = numbers_latest,
                                   .lanes = numbers_lanes,
                                   .read = numbers_read};

typedef struct Bench {
    Arena *arena;
    Plan plan;
    Numbers source, fixed;
    const Schema *schema;
    EvalCtx eval;
    Out out;
    Buf text;
} Bench;
static Status bench_put(Out *out, const Batch *b)
{
    Bench *t = CONTAINER(out, Bench, out);
    for (int32_t i = 0; i < b->rows; i++)
        for (int32_t c = 0; c < b->cols; c++) {
            value_text(&t->text, &b->col[c], i, &(TextForm){.null_text = S("NULL")});
            buf_char(&t->text, c + 1 < b->cols ? ',' : '\n');
        }
    return DONE;
}
static Bench *bench_new(Arena *a, int32_t nstages)
{
    Bench *t = NEW(a, Bench, 1);
    t->arena = a;
    must(schema_parse(&t->schema, a, S("k INT, v DOUBLE")).code == OK);
    t->source =
        (Numbers){.source = {.kind = &numbers, .schema = t->schema}, .fail_from = INT64_MAX};
    t->fixed = t->source;
    t->eval = (EvalCtx){.ansi = true, .zone = zone_utc()};
    t->out.put = bench_put;
    t->text = buf_new(a);
    ReadNode *read = NEW(a, ReadNode, 1);
    const ReadNode **sources = NEW(a, const ReadNode *, 1);
    sources[0] = read;
    t->plan = (Plan){.stage = NEW(a, Stage, nstages),
                     .nstages = nstages,
                     .source = sources,
                     .nsources = 1,
                     .streaming = true,
                     .mode = MODE_UPDATE};
    t->plan.stage[0] = (Stage){.parallel = PAR_LANES, .read = read};
    return t;
}
static Expr *column(Bench *t, int32_t i) { return expr_column(t->arena, i, &t->schema->field[i]); }
static Expr **list(Bench *t, Expr *x)
{
    Expr **e = NEW(t->arena, Expr *, 1);
    e[0] = x;
    return e;
}
// SELECT k, sum(v) FROM numbers GROUP BY k
static Bench *bench_sum(Arena *a)
{
    Bench *t = bench_new(a, 2);
    AggSpec *spec = NEW(a, AggSpec, 1);
    Expr *sum = expr_call(a, S("sum"), 1, column(t, 1));
    must(fn_resolve(a, &sum, &t->eval).code == OK);
    *spec = (AggSpec){.key = list(t, column(t, 0)),
                      .nkeys = 1,
                      .agg = list(t, sum),
                      .naggs = 1,
                      .time_key = -1,
                      .shards = STATE_SHARDS};
    OpSpec *op = NEW(a, OpSpec, 2);
    op[0] = (OpSpec){.kind = &op_agg_partial, .spec = spec};
    op[1] = (OpSpec){.kind = &op_agg_final, .spec = spec, .stateful = true};
    CHECK_OK(agg_state(&op[1].table, &op[1].state_schema, a, spec, &t->eval));
    StageInput *in = NEW(a, StageInput, 1);
    t->plan.stage[0].op = op;
    t->plan.stage[0].nops = 1;
    t->plan.stage[1] = (Stage){.parallel = PAR_SHARDS,
                               .input = in,
                               .ninputs = 1,
                               .op = op + 1,
                               .nops = 1,
                               .to_sink = true};
    return t;
}
typedef struct How {
    Pool *pool;
    int32_t batch_rows, small;
} How;
static Status run(Bench *t, const How *how, Graph **g)
{
    Source *source[] = {&t->source.source}, *fixed[] = {NULL, &t->fixed.source, NULL};
    static const Span span[] = {{STR_INIT("0"), STR_INIT("5000")},
                                {STR_INIT("5000"), STR_INIT("5300")}};
    GraphArgs args = {.plan = &t->plan,
                      .eval = &t->eval,
                      .source = source,
                      .fixed = fixed,
                      .rows = &t->out,
                      .pool = how->pool,
                      .batch_rows = how->batch_rows,
                      .small_epoch_rows = how->small};
    buf_clear(&t->text);
    TRY(graph_open(g, t->arena, &args));
    for (int32_t i = 0; i < 2; i++) TRY(graph_run(*g, &(GraphEpoch){.n = i, .span = &span[i]}));
    return DONE;
}
static Str text_of(Bench *t, const How *how)
{
    Graph *g = NULL;
    CHECK_OK(run(t, how, &g));
    CHECK_I64(graph_source_rows(g, 0), 300);
    return str_copy(t->arena, buf_str(&t->text));
}
static void check_workers(Arena *a, Bench *t)
{
    Str want = text_of(t, &(How){NULL, 0, 1});
    CHECK(want.n > 100);
    for (int32_t workers = 1; workers <= 8; workers *= 2) {
        Arena *own = arena_new(a);
        Pool *pool = pool_new(own, workers);
        CHECK_STR(text_of(t, &(How){pool, 0, 1}), want);
        CHECK_STR(text_of(t, &(How){pool, 1, 1}), want);
        CHECK_STR(text_of(t, &(How){pool, 7, 1}), want);
        arena_free(own);
    }
    // One instance sums in another order, so it may differ in last bits: but always alike.
    Str inlined = text_of(t, &(How){NULL, 0, 1 << 20});
    Pool *pool = pool_new(a, 2);
    CHECK_STR(text_of(t, &(How){pool, 0, 1 << 20}), inlined);
    CHECK_STR(text_of(t, &(How){pool, 3, 1 << 20}), inlined);
}
TEST(graph_sums_do_not_depend_on_workers) { check_workers(a, bench_sum(a)); }
// SELECT * FROM numbers JOIN (500 batch numbers) USING (k) ORDER BY v: a build side that is wanted
// whole, then one instance.
static Bench *bench_join(Arena *a)
{
    Bench *t = bench_new(a, 4);
    ReadNode *fixed = NEW(a, ReadNode, 1);
    ExchangeSpec *by_key = NEW(a, ExchangeSpec, 1), *all = NEW(a, ExchangeSpec, 1);
    *by_key = (ExchangeSpec){list(t, column(t, 0)), 1, STATE_SHARDS};
    *all = (ExchangeSpec){NULL, 0, 1};
    JoinSpec *join = NEW(a, JoinSpec, 1);
    *join = (JoinSpec){.kind = JOIN_LEFT,
                       .left_key = by_key->key,
                       .right_key = by_key->key,
                       .nkeys = 1,
                       .left = t->schema,
                       .right = t->schema};
    Expr *by = expr_new(a, E_SORT, (Origin){0});
    by->arg = list(t, column(t, 1));
    by->nargs = 1;
    SortSpec *sort = NEW(a, SortSpec, 1);
    *sort = (SortSpec){list(t, by), 1, -1};
    OpSpec *op = NEW(a, OpSpec, 5);
    op[0] = op[1] = (OpSpec){.kind = &op_exchange, .spec = by_key};
    op[2] = (OpSpec){.kind = &op_join, .spec = join};
    op[3] = (OpSpec){.kind = &op_exchange, .spec = all};
    op[4] = (OpSpec){.kind = &op_sort, .spec = sort};
    StageInput *in = NEW(a, StageInput, 3);
    in[0] = (StageInput){.stage = 0, .port = JOIN_PORT_LEFT};
    in[1] = (StageInput){.stage = 1, .port = JOIN_PORT_RIGHT, .whole = true};
    in[2] = (StageInput){.stage = 2};
    Stage *st = t->plan.stage;
    st[0].op = op;
    st[0].nops = 1;
    st[1] = (Stage){.parallel = PAR_LANES, .read = fixed, .op = op + 1, .nops = 1};
    st[2] = (Stage){.parallel = PAR_SHARDS, .input = in, .ninputs = 2, .op = op + 2, .nops = 2};
    st[3] = (Stage){.parallel = PAR_ONE,
                    .input = in + 2,
                    .ninputs = 1,
                    .op = op + 4,
                    .nops = 1,
                    .to_sink = true};
    return t;
}
TEST(graph_joins_and_sorts_do_not_depend_on_workers)
{
    Bench *t = bench_join(a);
    check_workers(a, t);
    int64_t lines = 0;
    for (int64_t i = 0; i < t->text.n; i++) lines += t->text.p[i] == '\n';
    CHECK(lines > 5300); // every key of the stream meets some 21 of the batch
}
TEST(graph_reports_the_first_lane_that_failed)
{
    for (int32_t workers = 0; workers <= 4; workers += 2)
        for (int64_t from = 0; from < 3000; from += 700) {
            Bench *t = bench_sum(a);
            Graph *g = NULL;
            t->source.fail_from = from;
            CHECK_FAILS(run(t, &(How){pool_new(a, workers), 0, 1}, &g), ERR_IO);
            CHECK_STR(str_z(fail_text()), str_fmt(a, "lane at %lld", (long long)from));
        }
}
TEST(graph_state_outlives_it)
{
    Bench *t = bench_sum(a);
    Graph *g = NULL, *second = NULL;
    CHECK_OK(run(t, &(How){NULL, 0, 1}, &g));
    Buf image = buf_new(a);
    StateOut out = {.buf = image};
    graph_state_image(g, &out);
    image = out.buf;
    StatefulOp *op = NULL;
    CHECK_I64(graph_stateful(g, &op), 1);
    CHECK_I64(op->counts.total, 23);
    CHECK_I64(op->counts.updated, 23);
    Source *source[] = {&t->source.source};
    GraphArgs args = {.plan = &t->plan, .eval = &t->eval, .source = source, .rows = &t->out};
    CHECK_OK(graph_open(&second, a, &args));
    CHECK_OK(graph_state_apply(second, buf_str(&image)));
    const Span span = {S("5300"), S("5400")};
    Str text[2];
    Graph *both[] = {g, second};
    for (int32_t i = 0; i < 2; i++) {
        buf_clear(&t->text);
        CHECK_OK(graph_run(both[i], &(GraphEpoch){.n = 2, .span = &span}));
        text[i] = str_copy(a, buf_str(&t->text));
    }
    CHECK_STR(text[1], text[0]);
    CHECK_FAILS(graph_state_apply(second, str_of(image.p, image.n - 1)), ERR_CORRUPT);
    CHECK_FAILS(graph_state_apply(second, str_of(image.p, 11)), ERR_CORRUPT);
}
