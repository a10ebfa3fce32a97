// agg_test.c -- aggregates over eight rows, folded at once, row by row, and merged from parts of
// every size: the answer is one.
#include "base/num.h"
#include "expr/agg.h"
#include "expr/facts_in.h"
#include "expr/prog.h"
#include "fmt/json.h"

static const char *const rows[] = {
    "{\"i\":3,\"d\":1,\"s\":\"b\",\"b\":true,\"c\":1.25,\"t\":[1]}",
    "{\"i\":1,\"d\":2,\"s\":\"a\",\"b\":false,\"c\":2.50,\"t\":[2,3]}",
    "{\"d\":3,\"c\":null,\"t\":[1]}",
    "{\"i\":1,\"d\":4,\"s\":\"a\",\"b\":true,\"c\":-1.00}",
    "{\"i\":2,\"s\":\"c\",\"b\":true,\"c\":0.05,\"t\":[null]}",
    "{\"d\":5,\"s\":\"b\",\"c\":3.10}",
    "{\"i\":5,\"d\":6,\"s\":\"a\",\"b\":false,\"c\":99.99,\"t\":[]}",
    "{\"i\":3,\"d\":7,\"s\":\"\",\"b\":true}",
};

typedef struct AggFact {
    const char *sql, *answer;
    const char *empty; // over no rows
    const char *type;
} AggFact;
// clang-format off
static const AggFact facts[] = {
    {"count(*)", "8", "0", "count(1) bigint"},
    {"count(i)", "6", "0", "count(i) bigint"},
    {"count(i, s)", "6", "0", "count(i, s) bigint"},
    {"count_if(b)", "4", "0", "count_if(b) bigint"},
    {"sum(i)", "15", "NULL", "sum(i) bigint"},
    {"sum(d)", "28.0", "NULL", "sum(d) double"},
    {"sum(c)", "105.89", "NULL", "sum(c) decimal(15,2)"},
    {"avg(i)", "2.5", "NULL", "avg(i) double"},
    {"avg(c)", "17.648333", "NULL", "avg(c) decimal(9,6)"},
    {"min(s)", "", "NULL", "min(s) string"},
    {"max(s)", "c", "NULL", NULL},
    {"max(t)", "[2, 3]", "NULL", NULL},
    {"first(i)", "3", "NULL", "first(i) int"},
    {"last(s)", "", "NULL", NULL},
    {"last(c)", "NULL", "NULL", NULL},
    {"last(c, true)", "99.99", "NULL", NULL},
    {"first(t, true)", "[1]", "NULL", NULL},
    {"any_value(i)", "3", "NULL", "any_value(i) int"},
    {"max_by(s, i)", "a", "NULL", "max_by(s, i) string"},
    {"min_by(s, d)", "b", "NULL", NULL},
    {"bool_and(b)", "false", "NULL", "bool_and(b) boolean"},
    {"some(b)", "true", "NULL", "some(b) boolean"},
    {"bit_and(i)", "0", "NULL", NULL},
    {"bit_or(i)", "7", "NULL", NULL},
    {"bit_xor(i)", "7", "NULL", NULL},
    {"var_pop(d)", "4.0", "NULL", "var_pop(d) double"},
    {"var_samp(d)", "4.666666666666667", "NULL", NULL},
    {"variance(i)", "2.3", "NULL", "variance(i) double"},
    {"stddev_pop(d)", "2.0", "NULL", NULL},
    {"stddev(d)", "2.160246899469287", "NULL", "stddev(d) double"},
    {"std(d)", "2.160246899469287", "NULL", "std(d) double"},
    {"skewness(d)", "0.0", "NULL", NULL},
    {"kurtosis(d)", "-1.25", "NULL", NULL},
    {"covar_pop(d, d)", "4.0", "NULL", NULL},
    {"covar_samp(d, i)", "2.0", "NULL", NULL},
    {"corr(d, d)", "1.0", "NULL", "corr(d, d) double"},
    {"regr_count(d, i)", "5", "0", "regr_count(d, i) bigint"},
    {"regr_avgx(d, i)", "2.6", "NULL", NULL},
    {"regr_avgy(d, i)", "4.0", "NULL", NULL},
    {"regr_slope(d, d)", "1.0", "NULL", NULL},
    {"regr_intercept(d, d)", "0.0", "NULL", NULL},
    {"regr_r2(d, d)", "1.0", "NULL", NULL},
    {"collect_list(i)", "[3, 1, 1, 2, 5, 3]", "[]", "collect_list(i) array<int>"},
    {"array_agg(b)", "[true, false, true, true, false, true]", "[]", NULL},
    {"collect_list(t)", "[[1], [2, 3], [1], [null], []]", "[]", "collect_list(t) array<array<int>>"},
    {"collect_set(i)", "[3, 1, 2, 5]", "[]", "collect_set(i) array<int>"},
    {"collect_set(t)", "[[1], [2, 3], [null], []]", "[]", NULL},
    {"size(collect_set(map(1, i)))", "!DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE", NULL, NULL},
    {"__freq_items(i, 10)", "[3, 1, null, 2, 5]", "[]", NULL},
    {"mode(s)", "a", "NULL", "mode(s) string"},
    {"listagg(s, '-')", "b-a-a-c-b-a-", "NULL", "listagg(s, -) string"},
    {"listagg(s, '-') within group (order by d desc)", "-a-b-a-a-b-c", "NULL", NULL},
    {"listagg(s, '-') within group (order by s desc)", "c-b-b-a-a-a-", "NULL", "listagg(s, -) WITHIN GROUP (ORDER BY s DESC NULLS LAST) string"},
    {"percentile_cont(0.25) within group (order by i)", "1.25", "NULL", "percentile_cont(0.25) WITHIN GROUP (ORDER BY i) double"},
    {"percentile_cont(0.25) within group (order by i desc)", "3.0", "NULL", "percentile_cont(0.25) WITHIN GROUP (ORDER BY i DESC) double"},
    {"percentile_disc(0.5) within group (order by i)", "2.0", "NULL", NULL},
    {"percentile_disc(array(0.0, 0.5)) within group (order by i desc)", "[5.0, 3.0]", "NULL", NULL},
    {"percentile_cont(DISTINCT 0.5) within group (order by i)", "!INVALID_WITHIN_GROUP_EXPRESSION.DISTINCT_UNSUPPORTED", NULL, NULL},
    {"percentile_cont(0.5)", "!INVALID_WITHIN_GROUP_EXPRESSION.WITHIN_GROUP_MISSING", NULL, NULL},
    {"sum(i) within group (order by i)", "!INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", NULL, NULL},
    {"percentile(d, 0.5)", "4.0", "NULL", NULL},
    {"percentile(i, 0.5)", "2.5", "NULL", NULL},
    {"percentile(i, array(0.0, 1.0, 0.25))", "[1.0, 5.0, 1.25]", "NULL", NULL},
    {"percentile(i, 1.5)", "!DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE", NULL, NULL},
    {"percentile(i, d)", "!DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", NULL, NULL},
    {"median(i)", "2.5", "NULL", "median(i) double"},
    {"percentile_approx(i, 0.5)", "2", "NULL", "percentile_approx(i, 0.5, 10000) int"},
    {"percentile_approx(c, 0.5)", "1.25", "NULL", NULL},
    {"approx_percentile(i, array(0.1, 0.9))", "[1, 5]", "NULL", NULL},
    {"percentile_approx(i, 0.5, 0)", "!DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE", NULL, NULL},
    {"approx_count_distinct(i)", "4", "0", "approx_count_distinct(i) bigint"},
    {"approx_count_distinct(s, 0.01)", "4", "0", "approx_count_distinct(s) bigint"},
};
// clang-format on

typedef struct Rig {
    Arena *a;
    EvalCtx ctx;
    Batch in;
    const Schema *schema;
    BlobPool *blobs;
    AggPlan *plan;
    Column arg[AGG_ARGS_MAX];
} Rig;

typedef struct Rows {
    Out out;
    Arena *a;
    Batch b;
} Rows;
static Status keep_rows(Out *out, const Batch *b)
{
    Rows *to = (Rows *)out;
    to->b = batch_copy(to->a, b);
    return DONE;
}

static void rig_start(Rig *g, Arena *a)
{
    *g = (Rig){.a = a, .ctx = facts_ctx(a, true, NULL)};
    JsonOptions *o = NEW(a, JsonOptions, 1);
    Rows to = {.out.put = keep_rows, .a = a};
    Str text[COUNT(rows)];
    for (int32_t i = 0; i < COUNT(rows); i++) text[i] = str_z(rows[i]);
    CHECK_OK(schema_parse(&g->schema, a,
                          S("i INT, d DOUBLE, s STRING, b BOOLEAN, c DECIMAL(5,2), "
                            "t ARRAY<INT>")));
    CHECK_OK(json_options_parse(o, &(Options){0}, NULL, NULL));
    o->source = true;
    JsonReader *reader = json_reader_new(a, g->schema, o);
    CHECK_OK(json_read_records(reader, text, COUNT(rows), a, &to.out));
    g->in = to.b;
    g->blobs = blob_pool_new(a);
}

static char *payload_new(Rig *g)
{
    return (char *)NEW(g->a, int64_t, g->plan->payload_bytes / 8 + 1);
}

// Folds rows [from, to) into one payload.
static void fold(Rig *g, char *payload, int32_t from, int32_t to)
{
    char *all[BATCH_ROWS];
    Column part[AGG_ARGS_MAX];
    const Column *in[AGG_ARGS_MAX];
    const AggCall *c = &g->plan->call[0];
    if (from == to) return;
    for (int32_t i = 0; i < to - from; i++) all[i] = payload;
    for (int32_t k = 0; k < AGG_ARGS_MAX; k++) {
        Batch one = {COUNT(rows), 1, &g->arg[k]};
        if (!g->arg[k].type) continue;
        part[k] = batch_slice(g->a, &one, from, to - from).col[0];
        in[k] = &part[k];
    }
    CHECK_OK(agg_step(c, &(AggRows){all, to - from, NULL, g->blobs}, in));
}

static void merge(Rig *g, char *to, const char *from)
{
    CHECK_OK(agg_merge(&g->plan->call[0], &(AggRows){&to, 1, NULL, g->blobs}, &from));
}

static bool near(Str got, Str want)
{
    double x, y;
    if (str_eq(got, want)) return true;
    return num_parse_f64(got, &x) && num_parse_f64(want, &y) && x - y < 1e-9 && y - x < 1e-9;
}

static void check_result(Rig *g, const AggFact *f, char *payload, const char *want, const char *how)
{
    const AggCall *c = &g->plan->call[0];
    Column out = column_new(g->a, c->type, 1);
    CHECK_OK(agg_result(c, &payload, 1, &out, g->a));
    Str got = facts_text(g->a, &g->ctx, &out, 0);
    test_check(near(got, str_z(want)), __FILE__, __LINE__, "%s %s: got " STR_FMT ", want %s",
               f->sql, how, STR_ARG(got), want);
}

static void check_ways(Rig *g, const AggFact *f)
{
    char *once = payload_new(g), *single = payload_new(g), *merged = payload_new(g);
    check_result(g, f, once, f->empty, "of no rows");
    fold(g, once, 0, COUNT(rows));
    check_result(g, f, once, f->answer, "at once");
    for (int32_t i = 0; i < COUNT(rows); i++) {
        char *one = payload_new(g);
        fold(g, single, i, i + 1);
        fold(g, one, i, i + 1);
        merge(g, merged, one);
    }
    check_result(g, f, single, f->answer, "row by row");
    check_result(g, f, merged, f->answer, "merged row by row");
    for (int32_t cut = 0; cut <= COUNT(rows); cut++) {
        char *head = payload_new(g), *tail = payload_new(g);
        fold(g, head, 0, cut);
        fold(g, tail, cut, COUNT(rows));
        merge(g, head, tail);
        check_result(g, f, head, f->answer, "merged from two");
    }
}

static void check_fact(Rig *g, const AggFact *f)
{
    Expr *e = NULL;
    if (facts_parse(&e, g->a, &g->ctx, str_z(f->sql), g->schema).code) {
        const Failure *why = failure();
        Str name = why->cond ? condition_of(why->cond)->name : why->text;
        test_check(f->answer[0] == '!' && str_eq(name, str_z(f->answer + 1)), __FILE__, __LINE__,
                   "%s: " STR_FMT, f->sql, STR_ARG(name));
        return;
    }
    CHECK_OK(agg_plan(&g->plan, g->a, &e, 1, 0, &g->ctx));
    memset(g->arg, 0, sizeof g->arg);
    for (int32_t k = 0; k < e->nargs; k++) {
        Prog *p;
        CHECK_OK(prog_compile(&p, g->a, &e->arg[k], 1, &g->ctx));
        CHECK_OK(prog_run(p, &g->in, &g->arg[k]));
    }
    check_ways(g, f);
    if (!f->type) return;
    Str name = str_fmt(g->a, STR_FMT " " STR_FMT, STR_ARG(expr_output_name(g->a, e)),
                       STR_ARG(type_name_str(g->a, e->type)));
    test_check(str_eq(name, str_z(f->type)), __FILE__, __LINE__, "%s: named " STR_FMT, f->sql,
               STR_ARG(name));
}

TEST(agg_facts)
{
    Rig g;
    rig_start(&g, a);
    for (int32_t i = 0; i < COUNT(facts); i++) check_fact(&g, &facts[i]);
}

// Ten thousand values: indexes of sets grow, HyperLogLog leaves the range of counting.
TEST(agg_many_values)
{
    enum { BATCHES = 10 };
    static const struct {
        const char *sql;
        int64_t least, most;
    } many[] = {{"collect_set(v)", 10000, 10000}, {"approx_count_distinct(v)", 9000, 11000}};
    EvalCtx ctx = facts_ctx(a, true, NULL);
    const Schema *schema;
    CHECK_OK(schema_parse(&schema, a, S("v INT")));
    for (int32_t m = 0; m < COUNT(many); m++) {
        Rig g = {.a = a, .ctx = ctx, .blobs = blob_pool_new(a)};
        Expr *e = NULL;
        CHECK_OK(facts_parse(&e, a, &ctx, str_z(many[m].sql), schema));
        CHECK_OK(agg_plan(&g.plan, a, &e, 1, 0, &ctx));
        char *payload = payload_new(&g), *to[1000];
        for (int32_t b = 0; b < 2 * BATCHES; b++) { // each value twice
            Column v = column_new(a, &type_int, 1000);
            const Column *in = &v;
            for (int32_t i = 0; i < 1000; i++) {
                COLUMN_DATA(&v, int32_t)[i] = b % BATCHES * 1000 + i;
                to[i] = payload;
            }
            CHECK_OK(agg_step(&g.plan->call[0], &(AggRows){to, 1000, NULL, g.blobs}, &in));
        }
        Column out = column_new(a, g.plan->call[0].type, 1);
        CHECK_OK(agg_result(&g.plan->call[0], &payload, 1, &out, a));
        bool set = out.type->id == T_ARRAY;
        int64_t got = set ? COLUMN_DATA(&out, List)[0].n : COLUMN_DATA(&out, int64_t)[0];
        CHECK(got >= many[m].least && got <= many[m].most);
    }
}
